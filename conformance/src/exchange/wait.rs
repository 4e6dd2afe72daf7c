//! Rows that let time pass without awaiting a segment: silence, and what the tester does at a time of its own.

use wireproof_reference::time::{Duration, Instant};

use super::Exchange;
use super::await_row::Limit;
use super::program::RowId;
use super::thread::{Mismatch, Poll, Progress, Thread};

impl Exchange<'_> {
    /// `---`: nothing comes for the row's time, on the row's connection or on all.
    pub(super) fn poll_silence(&mut self, thread: &mut Thread, id: RowId) -> Poll {
        let row = self.program.row(id);
        let only = match row.conn.is_some().then(|| self.connection_of(thread, id)).transpose() {
            Ok(only) => only,
            Err(mismatch) => return mismatch.into(),
        };
        let until = match self.waits_until(thread, id) {
            Ok(until) => until,
            Err(mismatch) => return mismatch.into(),
        };
        let is_begin = !matches!(thread.progress, Progress::Waiting(_));
        thread.progress = Progress::Waiting(until);
        if is_begin && let Some(mismatch) = self.left_over(thread, id, only) {
            return mismatch.into();
        }
        if let Some(mismatch) = self.broken_silence(thread, id, only) {
            return mismatch.into();
        }
        if self.session.now() < until {
            return Poll::Wait(until);
        }
        self.came_to_pass(thread, row, until, None);
        Poll::Moved
    }

    /// The first thing that breaks the silence; window updates and open `<--?` rows do not.
    fn broken_silence(&mut self, thread: &mut Thread, id: RowId, only: Option<usize>) -> Option<Mismatch> {
        let mut at = 0;
        while let Some(arrival) = thread.view.waiting.get(at).cloned() {
            let mut heard = (0..thread.view.connections.len()).filter(|connection| {
                only.is_none_or(|only| only == *connection)
                    && self.session.may_belong(&arrival, &thread.view.connections[*connection])
            });
            let heard: Vec<usize> = heard.by_ref().collect();
            if heard.is_empty() && only.is_some() {
                at += 1;
                continue;
            }
            if heard.iter().any(|own| self.passes(&mut thread.view, *own, at, Limit::WindowUpdates)) {
                continue;
            }
            let reference = self.reference(&thread.view, id).unwrap_or(thread.view.reference);
            let after = arrival.time.since(reference);
            let got = self.print(&thread.view, &arrival);
            let summary = format!("the device was not silent: it sent this after {after}");
            return Some(Mismatch { got, ..Mismatch::at(id, summary) });
        }
        None
    }

    /// What the tester or the application does: at once, or when its time has come. What the device sends before
    /// that and no open row takes is left over.
    pub(super) fn poll_act_in_time(&mut self, thread: &mut Thread, id: RowId) -> Poll {
        let until = match self.waits_until(thread, id) {
            Ok(until) => until,
            Err(mismatch) => return mismatch.into(),
        };
        let now = self.session.now();
        if !matches!(thread.progress, Progress::Waiting(_)) {
            thread.progress = Progress::Waiting(until);
            if until > now
                && let Some(mismatch) = self.left_over(thread, id, None)
            {
                return mismatch.into();
            }
        }
        if let Some(mismatch) = self.disturbed(thread, id, until) {
            return mismatch.into();
        }
        if now >= until { Poll::Act } else { Poll::Wait(until) }
    }

    /// What came in the time before the row does something, and what no row can take any more.
    fn disturbed(&mut self, thread: &mut Thread, id: RowId, until: Instant) -> Option<Mismatch> {
        let reference = self.reference(&thread.view, id).unwrap_or(thread.view.reference);
        // A row without a time acts at once, which takes a moment where time passes.
        let moment = match &self.program.row(id).time {
            None => self.session.timing().at_once,
            Some(_) => Duration::ZERO,
        };
        let mut at = 0;
        while let Some(arrival) = thread.view.waiting.get(at).cloned() {
            if arrival.time <= reference + moment || arrival.time >= until {
                at += 1;
                continue;
            }
            if self.passes_as_anyones(thread, at) {
                continue;
            }
            let after = arrival.time.since(reference);
            let got = self.print(&thread.view, &arrival);
            let summary = format!("the device sent this after {after}, and no row awaits it");
            return Some(Mismatch { got, ..Mismatch::at(id, summary) });
        }
        None
    }

    /// Until when a row waits that does something itself.
    fn waits_until(&self, thread: &Thread, id: RowId) -> Result<Instant, Box<Mismatch>> {
        if let Progress::Waiting(until) = thread.progress {
            return Ok(until);
        }
        let Some(time) = &self.program.row(id).time else {
            return Ok(self.session.now());
        };
        let span = self.session.timing().waited(&time.span, thread.view.interval);
        Ok((self.reference(&thread.view, id)? + span).max(self.session.now()))
    }

    /// The end of the ladder: what waits has to pass, unless a later step of the scenario may take it.
    pub(super) fn poll_end(&mut self, thread: &mut Thread) -> Poll {
        if !self.is_last {
            return Poll::Finished;
        }
        while let Some(arrival) = thread.view.waiting.front().cloned() {
            if self.passes_as_anyones(thread, 0) {
                continue;
            }
            let got = self.print(&thread.view, &arrival);
            let summary = "the device sent something that no row takes, after the last row".to_owned();
            return Mismatch { got, summary, done: thread.view.done, ..Mismatch::default() }.into();
        }
        Poll::Finished
    }
}
