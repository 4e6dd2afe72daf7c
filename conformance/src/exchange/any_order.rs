//! `any order`: rows that come in whatever order the device likes.

use super::Exchange;
use super::await_row::action_text;
use super::compare::compare;
use super::program::RowId;
use super::thread::{Mismatch, Open, Poll, Progress, Thread};
use crate::notation::{Action, Message};
use crate::report::Difference;

impl Exchange<'_> {
    /// Takes whatever comes for one of the open rows, until none is open. The times of all count from the row before
    /// the block.
    pub(super) fn poll_any_order(&mut self, thread: &mut Thread, rows: &[RowId]) -> Poll {
        let mut open = match &thread.progress {
            Progress::AnyOrder(open) => open.clone(),
            _ => match self.begin_any_order(thread, rows) {
                Ok(open) => open,
                Err(mismatch) => return mismatch.into(),
            },
        };
        loop {
            if open.is_empty() {
                thread.advance();
                return Poll::Moved;
            }
            match self.take_open(thread, &mut open) {
                Ok(true) => {}
                Ok(false) => return self.await_open(thread, open),
                Err(mismatch) => return mismatch.into(),
            }
        }
    }

    fn begin_any_order(&mut self, thread: &mut Thread, rows: &[RowId]) -> Result<Vec<Open>, Box<Mismatch>> {
        let mut open = Vec::with_capacity(rows.len());
        for row in rows.iter().copied() {
            let (receive, bounds) = match &self.program.row(row).action {
                Action::Receive { octets, .. } => {
                    let bounds = self.bounds_of(thread, row, || self.session.timing().due_at_once())?;
                    (Some(self.begin_receive(thread, row, octets)?), bounds)
                }
                Action::Expect { message, .. } => (None, self.bounds_of(thread, row, || self.due(message))?),
                Action::Send { .. }
                | Action::Permit { .. }
                | Action::Deliver { .. }
                | Action::Silence
                | Action::Call(_) => {
                    return Err(Mismatch::of_the_ladder(row, "a row within `any order` that awaits nothing"));
                }
            };
            open.push(Open { row, bounds, receive });
        }
        Ok(open)
    }

    /// Takes the first waiting thing of any open row's connection. False: nothing waits.
    fn take_open(&mut self, thread: &mut Thread, open: &mut Vec<Open>) -> Result<bool, Box<Mismatch>> {
        let mut first = None;
        for each in open.iter() {
            let connection = self.connection_of(thread, each.row)?;
            let waiting = self.first_waiting(&thread.view, connection);
            first = first.into_iter().chain(waiting).min();
        }
        let Some(at) = first else { return Ok(false) };
        let arrival = thread.view.waiting[at].clone();
        let mut differences: Vec<Difference> = Vec::new();
        for index in 0..open.len() {
            let id = open[index].row;
            let connection = self.connection_of(thread, id)?;
            if !self.session.may_belong(&arrival, &thread.view.connections[connection]) {
                continue;
            }
            let goes_on = self.octets_follow(thread, connection)
                || open.iter().enumerate().any(|(other, each)| {
                    other != index
                        && each.receive.is_some()
                        && self.connection_of(thread, each.row).ok() == Some(connection)
                });
            match self.try_open(thread, (connection, at), &mut open[index], goes_on) {
                Ok(is_done) => {
                    if is_done {
                        let at = thread.at;
                        self.came_to_pass(thread, self.program.row(id), arrival.time, Some(&arrival));
                        // The block goes on: only its last row leads on.
                        thread.at = at;
                        thread.view.permits.retain(|permit| permit.connection != connection);
                        open.remove(index);
                    }
                    return Ok(true);
                }
                Err(own) if differences.is_empty() || own.len() < differences.len() => differences = own,
                Err(_) => {}
            }
        }
        if open.iter().any(|each| self.passes_for(thread, each, at)) {
            return Ok(true);
        }
        let expected: Vec<String> = open.iter().map(|each| action_text(self.program.row(each.row))).collect();
        let got = self.print(&thread.view, &arrival);
        let summary = "the device sent something that none of the rows still open takes".to_owned();
        let id = open.first().map_or(0, |each| each.row);
        Err(Box::new(Mismatch {
            expected: expected.join(" or "),
            got,
            differences,
            ..Mismatch::at(id, summary)
        }))
    }

    /// Whether the row takes what waits there: true if it is done with it.
    fn try_open(
        &mut self,
        thread: &mut Thread,
        (connection, at): (usize, usize),
        open: &mut Open,
        goes_on: bool,
    ) -> Result<bool, Vec<Difference>> {
        let row = self.program.row(open.row);
        match (&row.action, &mut open.receive) {
            (Action::Receive { octets, .. }, Some(receive)) => {
                self.take_part(&mut thread.view, (connection, at), octets, receive, goes_on)?;
                Ok(receive.is_complete())
            }
            (Action::Expect { message, fate }, _) => {
                let arrival = thread.view.waiting[at].clone();
                let commit = compare(&thread.view, connection, message, &arrival)?;
                if let Some(mismatch) = self.untimely(open.row, &thread.view, message, &arrival, open.bounds)
                {
                    let got = mismatch.summary;
                    return Err(vec![Difference {
                        field: "time".to_owned(),
                        expected: "in time".to_owned(),
                        got,
                    }]);
                }
                thread.view.waiting.remove(at);
                self.take(&mut thread.view, connection, &arrival, commit, *fate);
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    fn passes_for(&mut self, thread: &mut Thread, open: &Open, at: usize) -> bool {
        let Ok(connection) = self.connection_of(thread, open.row) else { return false };
        let arrival = thread.view.waiting[at].clone();
        if !self.session.may_belong(&arrival, &thread.view.connections[connection]) {
            return false;
        }
        let message = match &self.program.row(open.row).action {
            Action::Expect { message, .. } => message.clone(),
            Action::Receive { octets, .. } => Message::Tcp(octets.also.clone()),
            Action::Send { .. }
            | Action::Permit { .. }
            | Action::Deliver { .. }
            | Action::Silence
            | Action::Call(_) => {
                return false;
            }
        };
        let limit = self.limit_of(&mut thread.view, connection, &message);
        self.passes(&mut thread.view, connection, at, limit)
    }

    fn await_open(&mut self, thread: &mut Thread, open: Vec<Open>) -> Poll {
        let now = self.session.now();
        let Some(first) = open.iter().min_by_key(|each| each.bounds.to) else { return Poll::Moved };
        let (id, until) = (first.row, first.bounds.to);
        if now >= until {
            let late = open.iter().filter(|each| each.bounds.to <= now);
            let expected: Vec<String> = late.map(|each| action_text(self.program.row(each.row))).collect();
            let summary = "not all rows of the block came in time".to_owned();
            return Mismatch { expected: expected.join(" and "), ..Mismatch::at(id, summary) }.into();
        }
        let is_begin = !matches!(thread.progress, Progress::AnyOrder(_));
        thread.progress = Progress::AnyOrder(open);
        if is_begin && let Some(mismatch) = self.left_over(thread, id, None) {
            return mismatch.into();
        }
        Poll::Wait(until)
    }
}
