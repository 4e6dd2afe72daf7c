//! Rows that await a segment: `<--`, and what may pass while they wait.

use std::sync::Arc;

use wireproof_reference::time::Instant;

use super::Exchange;
use super::arrival::Arrival;
use super::compare::{Commit, compare};
use super::program::{Operation, RowId};
use super::thread::{Mismatch, Poll, Progress, Thread};
use super::timing::{Bounds, Within};
use super::view::{Mark, Permit, View};
use crate::notation::{Action, Bits, Fate, Message, Often, Row, Segment, Seq, Side, Value};

/// How far a pure ACK may move the acknowledgment number and still pass without a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Limit {
    /// Not at all: only window updates pass.
    WindowUpdates,
    /// Up to this number of the tester.
    UpTo(u32),
}

impl Exchange<'_> {
    /// `<--`: the first waiting segment of the connection has to be the one, but for those that may pass.
    pub(super) fn poll_expect(
        &mut self,
        thread: &mut Thread,
        id: RowId,
        message: &Message,
        fate: Fate,
    ) -> Poll {
        let program = self.program;
        let row = program.row(id);
        let connection = match self.connection_of(thread, id) {
            Ok(connection) => connection,
            Err(mismatch) => return mismatch.into(),
        };
        let bounds = match self.bounds_of(thread, id, || self.due(message)) {
            Ok(bounds) => bounds,
            Err(mismatch) => return mismatch.into(),
        };
        let limit = self.limit_of(&mut thread.view, connection, message);
        loop {
            let Some(at) = self.first_waiting(&thread.view, connection) else {
                return self.await_more(thread, id, connection, bounds, || message.to_string());
            };
            let arrival = thread.view.waiting[at].clone();
            match compare(&thread.view, connection, message, &arrival) {
                Ok(commit) => {
                    if let Some(mismatch) = self.untimely(id, &thread.view, message, &arrival, bounds) {
                        return mismatch.into();
                    }
                    thread.view.waiting.remove(at);
                    self.take(&mut thread.view, connection, &arrival, commit, fate);
                    self.came_to_pass(thread, row, arrival.time, Some(&arrival));
                    thread.view.permits.retain(|permit| permit.connection != connection);
                    return Poll::Moved;
                }
                Err(differences) => {
                    if self.passes(&mut thread.view, connection, at, limit) {
                        continue;
                    }
                    let got = self.print(&thread.view, &arrival);
                    let summary = "the device sent something else".to_owned();
                    let expected = message.to_string();
                    return Mismatch { expected, got, differences, ..Mismatch::at(id, summary) }.into();
                }
            }
        }
    }

    /// `<--?` and `<--*`: from now on it may come.
    pub(super) fn poll_permit(
        &mut self,
        thread: &mut Thread,
        id: RowId,
        message: &Message,
        often: Often,
    ) -> Poll {
        let connection = match self.connection_of(thread, id) {
            Ok(connection) => connection,
            Err(mismatch) => return mismatch.into(),
        };
        let label = self.program.row(id).label.clone();
        let repeats = often == Often::AnyNumber;
        thread.view.permits.push(Permit { connection, message: Arc::new(message.clone()), repeats, label });
        thread.advance();
        Poll::Moved
    }

    /// When the row's segment has to come, reckoned once.
    pub(super) fn bounds_of(
        &self,
        thread: &mut Thread,
        id: RowId,
        without_time: impl FnOnce() -> Within,
    ) -> Result<Bounds, Box<Mismatch>> {
        if let Progress::Awaiting(bounds) = thread.progress {
            return Ok(bounds);
        }
        let row = self.program.row(id);
        let within = match &row.time {
            Some(time) => self.session.timing().of_row(row).awaited(&time.span, thread.view.interval),
            None => without_time(),
        };
        Ok(within.after(self.reference(&thread.view, id)?))
    }

    /// The instant from which the row's time counts.
    pub(super) fn reference(&self, view: &View, id: RowId) -> Result<Instant, Box<Mismatch>> {
        match self.program.row(id).time.as_ref().and_then(|time| time.after.as_ref()) {
            None => Ok(view.reference),
            Some(label) => match view.marks.get(label) {
                Some(mark) => Ok(mark.time),
                None => Err(Mismatch::of_the_ladder(id, format!("no row labelled {label} has come to pass"))),
            },
        }
    }

    /// A pure ACK without a time may wait as long as a delayed one, anything else is due at once.
    pub(super) fn due(&self, message: &Message) -> Within {
        match message {
            Message::Tcp(segment) if is_pure_ack(segment) => self.session.timing().due_with_delayed_ack(),
            Message::Tcp(_) | Message::Icmp(_) => self.session.timing().due_at_once(),
        }
    }

    /// Nothing of the connection waits: wait on while there is time. What waits of others has to be accounted for
    /// before time passes.
    pub(super) fn await_more(
        &mut self,
        thread: &mut Thread,
        id: RowId,
        connection: usize,
        bounds: Bounds,
        expected: impl FnOnce() -> String,
    ) -> Poll {
        let now = self.session.now();
        if now >= bounds.to {
            let reference = self.reference(&thread.view, id).unwrap_or(thread.view.reference);
            let time = bounds.to.since(reference);
            let summary = if time == wireproof_reference::time::Duration::ZERO {
                "nothing came at once".to_owned()
            } else {
                format!("nothing came within {time}")
            };
            return Mismatch { expected: expected(), ..Mismatch::at(id, summary) }.into();
        }
        if !matches!(thread.progress, Progress::Awaiting(_)) {
            thread.progress = Progress::Awaiting(bounds);
            if let Some(mismatch) = self.left_over(thread, id, Some(connection)) {
                return mismatch.into();
            }
        }
        Poll::Wait(bounds.to)
    }

    /// The first waiting thing that may be the connection's.
    pub(super) fn first_waiting(&self, view: &View, connection: usize) -> Option<usize> {
        view.waiting
            .iter()
            .position(|arrival| self.session.may_belong(arrival, &view.connections[connection]))
    }

    /// Whether a segment that matches came in its time; if not, how it missed it.
    pub(super) fn untimely(
        &self,
        id: RowId,
        view: &View,
        message: &Message,
        arrival: &Arrival,
        bounds: Bounds,
    ) -> Option<Mismatch> {
        let reference = self.reference(view, id).unwrap_or(view.reference);
        let came = self.came(arrival.time, reference);
        let summary = if came < reference {
            let ahead = reference.since(arrival.time);
            format!("it came too early: {ahead} before the row that its time counts from")
        } else if came < bounds.from {
            let (came, from) = (arrival.time.since(reference), bounds.from.since(reference));
            format!("it came too early: after {came}, not before {from}")
        } else if arrival.time > bounds.to {
            let (came, to) = (arrival.time.since(reference), bounds.to.since(reference));
            format!("it came too late: after {came}, not within {to}")
        } else {
            return None;
        };
        let got = self.print(view, arrival);
        Some(Mismatch { expected: message.to_string(), got, ..Mismatch::at(id, summary) })
    }

    /// When something came, for a row whose time counts from `reference`. Where time passes, what comes at the same instant
    /// may come a moment earlier: no more than "at once" may take.
    pub(super) fn came(&self, time: Instant, reference: Instant) -> Instant {
        if time + self.session.timing().at_once < reference { time } else { time.max(reference) }
    }

    /// A row took it: what it says is learned, unless the wire lost it.
    pub(super) fn take(
        &mut self,
        view: &mut View,
        connection: usize,
        arrival: &Arrival,
        commit: Commit,
        fate: Fate,
    ) {
        let arrived = match fate {
            Fate::Arrives => true,
            Fate::Lost => {
                self.session.lose(arrival.number);
                false
            }
        };
        commit.apply(view, connection, arrival, arrived);
    }

    /// The row has come to pass at `time`: the next counts from there.
    pub(super) fn came_to_pass(
        &self,
        thread: &mut Thread,
        row: &Row,
        time: Instant,
        arrival: Option<&Arrival>,
    ) {
        let view = &mut thread.view;
        if let Some(spec) = row.time.as_ref().filter(|spec| row.awaits() && spec.is_measured()) {
            let after = spec.after.as_ref().and_then(|label| view.marks.get(label));
            view.interval = Some(time.since(after.map_or(view.reference, |mark| mark.time)));
        }
        if let Some(label) = &row.label {
            let packet = arrival.map(|arrival| arrival.packet.clone());
            view.marks.insert(label.clone(), Mark { time, packet });
        }
        view.reference = view.reference.max(time);
        view.done += 1;
        thread.advance();
    }

    /// Whether what waits at `at` may pass without a row: an open `<--?` takes it, or it is absorbed.
    pub(super) fn passes(&mut self, view: &mut View, connection: usize, at: usize, limit: Limit) -> bool {
        let arrival = view.waiting[at].clone();
        if self.is_permitted(view, connection, &arrival)
            || self.is_absorbed(view, connection, &arrival, limit)
        {
            view.waiting.remove(at);
            return true;
        }
        false
    }

    fn is_permitted(&mut self, view: &mut View, connection: usize, arrival: &Arrival) -> bool {
        for at in 0..view.permits.len() {
            let permit = view.permits[at].clone();
            if permit.connection != connection {
                continue;
            }
            let Ok(commit) = compare(view, connection, &permit.message, arrival) else { continue };
            self.take(view, connection, arrival, commit, Fate::Arrives);
            if let Some(label) = permit.label {
                view.marks.insert(label, Mark { time: arrival.time, packet: Some(arrival.packet.clone()) });
            }
            if !permit.repeats {
                view.permits.remove(at);
            }
            return true;
        }
        false
    }

    /// Window updates, and pure ACKs that move the number no further than `limit`.
    fn is_absorbed(&mut self, view: &mut View, connection: usize, arrival: &Arrival, limit: Limit) -> bool {
        let Some(facts) =
            arrival.facts().filter(|facts| facts.is_pure_ack() && !self.is_exact && arrival.flaw.is_none())
        else {
            return false;
        };
        let seen = &view.connections[connection].seen;
        let (Some(rcv_nxt), Some(edge), Some(snd_nxt)) = (seen.rcv_nxt, seen.last_edge, seen.snd_nxt) else {
            return false;
        };
        // RFC 9293 3.10.7.4: an acknowledgment bears SND.NXT; one that was pulled back by a time-out lies in between.
        let una = seen.snd_una.unwrap_or(snd_nxt);
        let in_order = !Seq(facts.seq).is_before(Seq(una)) && !Seq(snd_nxt).is_before(Seq(facts.seq));
        let new_edge = facts.ack.wrapping_add(seen.window(facts));
        let is_update = facts.ack == rcv_nxt && Seq(edge).is_before(Seq(new_edge));
        let moves = match limit {
            Limit::WindowUpdates => false,
            Limit::UpTo(limit) => {
                Seq(rcv_nxt).is_before(Seq(facts.ack)) && !Seq(limit).is_before(Seq(facts.ack))
            }
        };
        if in_order && (is_update || moves) {
            let commit = Commit::nothing(view, connection);
            self.take(view, connection, arrival, commit, Fate::Arrives);
            return true;
        }
        false
    }

    /// How far pure ACKs may go before this row: as far as its ACK says, or as the tester has sent.
    pub(super) fn limit_of(&self, view: &mut View, connection: usize, message: &Message) -> Limit {
        let ack = match message {
            Message::Tcp(segment) => segment.ack.as_ref(),
            Message::Icmp(_) => None,
        };
        self.limit_by(view, connection, ack)
    }

    fn limit_by(&self, view: &View, connection: usize, ack: Option<&Value>) -> Limit {
        let tester = &view.connections[connection];
        let sent = tester.sent.nxt.map_or(Limit::WindowUpdates, Limit::UpTo);
        let last = match ack {
            None | Some(Value::Any | Value::From(_)) => return sent,
            Some(Value::Exact(last) | Value::UpTo(last) | Value::Between(_, last)) => last,
        };
        view.look_up(connection, Side::Tester, last).map_or(Limit::WindowUpdates, Limit::UpTo)
    }

    /// How far pure ACKs of the connection may go at this place of the ladder: as the next row says that awaits
    /// something of it. None awaits anything, or silence comes first: not at all.
    pub(super) fn limit_ahead(&self, view: &View, connection: usize, mut at: usize) -> Limit {
        while let Some(operation) = self.program.operation(at) {
            match operation {
                Operation::Row(id) => {
                    if let Some(limit) = self.limit_of_row(view, connection, *id) {
                        return limit;
                    }
                    at += 1;
                }
                Operation::AnyOrder(rows) => {
                    let limits = rows.iter().filter_map(|id| self.limit_of_row(view, connection, *id));
                    if let Some(limit) = limits.reduce(further) {
                        return limit;
                    }
                    at += 1;
                }
                Operation::Fork { branches, .. } => {
                    let limits = branches.iter().map(|branch| self.limit_ahead(view, connection, *branch));
                    return limits.reduce(further).unwrap_or(Limit::WindowUpdates);
                }
                Operation::Jump(to) => at = *to,
                Operation::State(_) | Operation::Join { .. } => at += 1,
            }
        }
        Limit::WindowUpdates
    }

    /// Whether the next row that awaits something of the connection, no silence before it, is one of octets.
    pub(super) fn octets_follow(&self, thread: &Thread, connection: usize) -> bool {
        let own = thread.view.connections[connection].name.as_str();
        self.octets_from(thread.at + 1, own)
    }

    fn octets_from(&self, mut at: usize, own: &str) -> bool {
        let next = |id: RowId| {
            let row = self.program.row(id);
            let is_own = row.conn.as_deref().unwrap_or(super::DEFAULT_CONNECTION) == own;
            match &row.action {
                Action::Receive { .. } if is_own => Some(true),
                Action::Expect { .. } if is_own => Some(false),
                Action::Silence => Some(false),
                Action::Expect { .. }
                | Action::Receive { .. }
                | Action::Deliver { .. }
                | Action::Send { .. }
                | Action::Permit { .. }
                | Action::Call(_) => None,
            }
        };
        while let Some(operation) = self.program.operation(at) {
            match operation {
                Operation::Row(id) => match next(*id) {
                    Some(is_octets) => return is_octets,
                    None => at += 1,
                },
                Operation::AnyOrder(rows) => {
                    let awaited: Vec<bool> = rows.iter().filter_map(|id| next(*id)).collect();
                    if !awaited.is_empty() {
                        return awaited.contains(&true);
                    }
                    at += 1;
                }
                Operation::Fork { branches, .. } => {
                    return branches.iter().any(|branch| self.octets_from(*branch, own));
                }
                Operation::Jump(to) => at = *to,
                Operation::State(_) | Operation::Join { .. } => at += 1,
            }
        }
        false
    }

    fn limit_of_row(&self, view: &View, connection: usize, id: RowId) -> Option<Limit> {
        let row = self.program.row(id);
        let own = row.conn.as_deref();
        let is_own = own.unwrap_or(super::DEFAULT_CONNECTION) == view.connections[connection].name;
        match &row.action {
            Action::Expect { message: Message::Tcp(segment), .. } if is_own => {
                Some(self.limit_by(view, connection, segment.ack.as_ref()))
            }
            Action::Receive { octets, .. } if is_own => {
                Some(self.limit_by(view, connection, octets.also.ack.as_ref()))
            }
            Action::Deliver { .. } if is_own => Some(self.limit_by(view, connection, None)),
            Action::Silence if is_own || own.is_none() => Some(Limit::WindowUpdates),
            Action::Expect { .. }
            | Action::Receive { .. }
            | Action::Deliver { .. }
            | Action::Silence
            | Action::Send { .. }
            | Action::Permit { .. }
            | Action::Call(_) => None,
        }
    }

    /// What waits (of others than `own`) has to pass before time goes on; the first that does not is left over.
    pub(super) fn left_over(
        &mut self,
        thread: &mut Thread,
        id: RowId,
        own: Option<usize>,
    ) -> Option<Mismatch> {
        let mut at = 0;
        while let Some(arrival) = thread.view.waiting.get(at).cloned() {
            if own.is_some_and(|own| self.session.may_belong(&arrival, &thread.view.connections[own])) {
                at += 1;
                continue;
            }
            if self.passes_as_anyones(thread, at) {
                continue;
            }
            let got = self.print(&thread.view, &arrival);
            let summary = "the device sent something that no row takes, before this row".to_owned();
            return Some(Mismatch { got, ..Mismatch::at(id, summary) });
        }
        None
    }

    /// Whether what waits at `at` may pass as a segment of any connection that it may belong to.
    pub(super) fn passes_as_anyones(&mut self, thread: &mut Thread, at: usize) -> bool {
        let arrival = thread.view.waiting[at].clone();
        (0..thread.view.connections.len()).any(|connection| {
            let limit = self.limit_ahead(&thread.view, connection, thread.at);
            self.session.may_belong(&arrival, &thread.view.connections[connection])
                && self.passes(&mut thread.view, connection, at, limit)
        })
    }
}

fn further(one: Limit, other: Limit) -> Limit {
    match (one, other) {
        (Limit::UpTo(one), Limit::UpTo(other)) if Seq(one).is_before(Seq(other)) => Limit::UpTo(other),
        (Limit::UpTo(one), _) | (Limit::WindowUpdates, Limit::UpTo(one)) => Limit::UpTo(one),
        (Limit::WindowUpdates, Limit::WindowUpdates) => Limit::WindowUpdates,
    }
}

/// What a row awaits, as it is written.
pub(super) fn action_text(row: &Row) -> String {
    match &row.action {
        Action::Expect { message, .. } | Action::Send { message, .. } | Action::Permit { message, .. } => {
            message.to_string()
        }
        Action::Receive { octets, .. } | Action::Deliver { octets } => octets.to_string(),
        Action::Call(call) => call.to_string(),
        Action::Silence => String::new(),
    }
}

/// A row, as it is written but for its columns.
pub(super) fn row_text(row: &Row) -> String {
    let arrow = match &row.action {
        Action::Send { fate: Fate::Arrives, .. } => "-->",
        Action::Send { fate: Fate::Lost, .. } => "-->x",
        Action::Expect { fate: Fate::Arrives, .. } => "<--",
        Action::Expect { fate: Fate::Lost, .. } => "<--x",
        Action::Permit { often: Often::Once, .. } => "<--?",
        Action::Permit { often: Often::AnyNumber, .. } => "<--*",
        Action::Receive { .. } => "<==",
        Action::Deliver { .. } => "==>",
        Action::Silence => "---",
        Action::Call(_) => "call",
    };
    let time = row.time.as_ref().map(|time| format!("{time} ")).unwrap_or_default();
    format!("{time}{arrow} {}", action_text(row)).trim_end().to_owned()
}

/// Whether the row awaits an acknowledgment and nothing else.
pub(crate) fn is_pure_ack(segment: &Segment) -> bool {
    let Some(control) = segment.control else { return false };
    let others = Bits::SYN.with(Bits::FIN).with(Bits::RST).with(Bits::URG);
    control.present.contains(Bits::ACK) && control.present.0 & others.0 == 0 && segment.data.is_none()
}
