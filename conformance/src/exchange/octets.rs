//! Rows of octets that the device sends in whatever segments it likes: `<==`.

use std::sync::Arc;

use wireproof_reference::time::Instant;

use super::Exchange;
use super::act::Outgoing;
use super::arrival::Arrival;
use super::await_row::Limit;
use super::compare::{Commit, compare_part};
use super::program::RowId;
use super::thread::{Mismatch, Poll, Progress, Thread};
use super::timing::Bounds;
use super::view::View;
use crate::notation::{Bits, Expression, Fate, OctetRange, Segment, Seq, Side};
use crate::report::Difference;
use crate::tester::Facts;

/// The most segments in which a row of octets may come; a device that needs more sends next to nothing in each.
pub(super) const MAX_PARTS: usize = 100_000;

/// What has come of a `<==` row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Receive {
    from: u32,
    to: u32,
    /// What has come, in order, apart from each other.
    parts: Vec<(u32, u32)>,
    needs_fin: bool,
    first: Option<Instant>,
    last: Option<Instant>,
    unacknowledged: u32,
    bounds: Bounds,
}

impl Receive {
    pub(super) fn is_complete(&self) -> bool {
        let all = self.from == self.to || self.parts == [(self.from, self.to)];
        all && !self.needs_fin
    }

    /// Whether the segment brings octets of the row that have not come: not before, not behind, not again.
    fn fits(&self, facts: &Facts) -> Result<(), Difference> {
        let (from, to) = (facts.first_octet(), facts.first_octet().wrapping_add(count(facts)));
        let within = |number| !Seq(self.from).is_after(Seq(number)) && !Seq(number).is_after(Seq(self.to));
        if !within(from) || !within(to) {
            return Err(differ("SEQ", "octets of the row", "octets outside of it"));
        }
        let again = self
            .parts
            .iter()
            .any(|(left, right)| Seq(from).is_before(Seq(*right)) && Seq(*left).is_before(Seq(to)));
        if again {
            return Err(differ("SEQ", "each octet once", "octets that came before in this row"));
        }
        let is_fin_alone = facts.is_fin() && self.needs_fin && to == self.to;
        if from == to && !is_fin_alone {
            return Err(differ("DATA", "octets", "none"));
        }
        Ok(())
    }

    fn add(&mut self, facts: &Facts, time: Instant) {
        let (from, to) = (facts.first_octet(), facts.first_octet().wrapping_add(count(facts)));
        if from != to {
            let at = self
                .parts
                .iter()
                .position(|(left, _)| Seq(from).is_before(Seq(*left)))
                .unwrap_or(self.parts.len());
            self.parts.insert(at, (from, to));
            self.parts.dedup_by(|behind, ahead| {
                let touches = ahead.1 == behind.0;
                if touches {
                    ahead.1 = behind.1;
                }
                touches
            });
        }
        if facts.is_fin() {
            self.needs_fin = false;
        }
        self.first.get_or_insert(time);
        self.last = Some(time);
        self.unacknowledged += 1;
    }

    fn missing(&self, view: &View, connection: usize) -> String {
        let number = |real: u32| view.connections[connection].symbolic(Side::Device, real);
        let mut next = self.from;
        let mut gaps = Vec::new();
        for (left, right) in self.parts.iter().copied().chain([(self.to, self.to)]) {
            if next != left {
                gaps.push(format!("{}..{}", number(next), number(left)));
            }
            next = right;
        }
        if self.needs_fin {
            gaps.push("the FIN".to_owned());
        }
        gaps.join(", ")
    }
}

fn differ(field: &str, expected: &str, got: &str) -> Difference {
    Difference { field: field.to_owned(), expected: expected.to_owned(), got: got.to_owned() }
}

fn count(facts: &Facts) -> u32 {
    u32::try_from(facts.payload.len()).unwrap_or(u32::MAX)
}

impl Exchange<'_> {
    /// `<==`: takes segments until all octets of the row have come.
    pub(super) fn poll_receive(
        &mut self,
        thread: &mut Thread,
        id: RowId,
        octets: &OctetRange,
        acked: bool,
    ) -> Poll {
        let connection = match self.connection_of(thread, id) {
            Ok(connection) => connection,
            Err(mismatch) => return mismatch.into(),
        };
        let mut receive = match &thread.progress {
            Progress::Receiving(receive) => receive.clone(),
            _ => match self.begin_receive(thread, id, octets) {
                Ok(receive) => receive,
                Err(mismatch) => return mismatch.into(),
            },
        };
        loop {
            if acked && receive.unacknowledged >= 2 {
                thread.progress = Progress::Receiving(receive);
                return Poll::Act;
            }
            if receive.is_complete() {
                if acked && receive.unacknowledged > 0 {
                    thread.progress = Progress::Receiving(receive);
                    return Poll::Act;
                }
                let time = receive.last.unwrap_or(thread.view.reference);
                let packet = self.last_taken.clone();
                self.came_to_pass(thread, self.program.row(id), time, packet.as_deref());
                thread.view.permits.retain(|permit| permit.connection != connection);
                return Poll::Moved;
            }
            let Some(at) = self.first_waiting(&thread.view, connection) else {
                return self.await_octets(thread, id, connection, receive, acked);
            };
            let arrival = thread.view.waiting[at].clone();
            let goes_on = self.octets_follow(thread, connection);
            match self.take_part(&mut thread.view, (connection, at), octets, &mut receive, goes_on) {
                Ok(()) => {
                    if let Some(mismatch) = self.untimely_part(id, thread, &arrival, &receive, octets) {
                        return mismatch.into();
                    }
                }
                Err(differences) => {
                    let limit = self.limit_of_octets(&mut thread.view, connection, octets);
                    if !self.passes(&mut thread.view, connection, at, limit) {
                        let got = self.print(&thread.view, &arrival);
                        let summary = format!(
                            "the device sent something else while {} were awaited",
                            receive.missing(&thread.view, connection)
                        );
                        let expected = octets.to_string();
                        return Mismatch { expected, got, differences, ..Mismatch::at(id, summary) }.into();
                    }
                }
            }
        }
    }

    /// What a `<==` row awaits, reckoned once.
    pub(super) fn begin_receive(
        &self,
        thread: &mut Thread,
        id: RowId,
        octets: &OctetRange,
    ) -> Result<Receive, Box<Mismatch>> {
        let connection = self.connection_of(thread, id)?;
        let bounds = self.bounds_of(thread, id, || self.session.timing().due_at_once())?;
        let seen = thread.view.connections[connection].seen.clone();
        let mut number = |expression: &Expression| {
            let number = thread.view.sequence(connection, Side::Device, expression, &seen);
            number.map_err(|why| Mismatch::of_the_ladder(id, why))
        };
        let needs_fin = octets.also.control.is_some_and(|control| control.present.contains(Bits::FIN));
        Ok(Receive {
            from: number(&octets.from)?,
            to: number(&octets.to)?,
            parts: Vec::new(),
            needs_fin,
            first: None,
            last: None,
            unacknowledged: 0,
            bounds,
        })
    }

    /// Takes what waits at that place, if it brings octets of the row. If another row of octets goes on where this one
    /// ends, a segment may cross the border: what is beyond it waits for that row.
    ///
    /// # Errors
    /// How it differs from what the row awaits.
    pub(super) fn take_part(
        &mut self,
        view: &mut View,
        (connection, at): (usize, usize),
        octets: &OctetRange,
        receive: &mut Receive,
        goes_on: bool,
    ) -> Result<(), Vec<Difference>> {
        let whole = view.waiting[at].clone();
        let cut = goes_on.then(|| whole.cut(receive.to)).flatten();
        let (arrival, rest) = match cut {
            Some((part, rest)) => (Arc::new(part), Some(Arc::new(rest))),
            None => (whole, None),
        };
        let Some(facts) = arrival.facts() else {
            return Err(vec![differ("segment", "a TCP segment", "something else")]);
        };
        if receive.parts.len() >= MAX_PARTS {
            return Err(vec![differ("segments", "fewer", "more than can be counted")]);
        }
        receive.fits(facts).map_err(|difference| vec![difference])?;
        let commit: Commit = compare_part(view, connection, &octets.also, &arrival)?;
        receive.add(facts, arrival.time);
        match rest {
            Some(rest) => view.waiting[at] = rest,
            None => drop(view.waiting.remove(at)),
        }
        self.take(view, connection, &arrival, commit, Fate::Arrives);
        self.last_taken = Some(arrival);
        Ok(())
    }

    /// How far pure ACKs may go while octets are awaited.
    pub(super) fn limit_of_octets(&self, view: &mut View, connection: usize, octets: &OctetRange) -> Limit {
        let message = crate::notation::Message::Tcp(octets.also.clone());
        self.limit_of(view, connection, &message)
    }

    /// The first segment has to come in the row's time, all others by its end; without a time, at once.
    fn untimely_part(
        &self,
        id: RowId,
        thread: &Thread,
        arrival: &Arrival,
        receive: &Receive,
        octets: &OctetRange,
    ) -> Option<Mismatch> {
        let bounds = match receive.first {
            Some(first) if first == arrival.time => receive.bounds,
            Some(_) | None => Bounds { from: Instant::ZERO, to: self.last_part_by(id, receive) },
        };
        let reference = self.reference(&thread.view, id).unwrap_or(thread.view.reference);
        let came = self.came(arrival.time, reference);
        if (bounds.from..=bounds.to).contains(&came) {
            return None;
        }
        let side = if came < bounds.from { "too early" } else { "too late" };
        let summary = format!(
            "octets came {side}: after {}, not within {}..{}",
            arrival.time.since(reference),
            bounds.from.since(reference),
            bounds.to.since(reference)
        );
        let got = self.print(&thread.view, arrival);
        Some(Mismatch { expected: octets.to_string(), got, ..Mismatch::at(id, summary) })
    }

    /// Until when the last octets have to be there: at the end of a time that is a range, else at once behind the
    /// ones before.
    fn last_part_by(&self, id: RowId, receive: &Receive) -> Instant {
        let is_range =
            self.program.row(id).time.as_ref().is_some_and(|time| super::timing::is_range(&time.span));
        match receive.last {
            Some(last) if !is_range => self.session.timing().due_at_once().after(last).to,
            Some(_) | None => receive.bounds.to,
        }
    }

    fn await_octets(
        &mut self,
        thread: &mut Thread,
        id: RowId,
        connection: usize,
        receive: Receive,
        acked: bool,
    ) -> Poll {
        if acked && receive.unacknowledged > 0 {
            thread.progress = Progress::Receiving(receive);
            return Poll::Act;
        }
        let until = self.last_part_by(id, &receive);
        if self.session.now() >= until {
            let missing = receive.missing(&thread.view, connection);
            let summary = if receive.first.is_none() {
                format!("the device did not send the octets {missing} in time")
            } else {
                format!("some octets came, but not {missing}")
            };
            let expected = super::await_row::action_text(self.program.row(id));
            return Mismatch { expected, ..Mismatch::at(id, summary) }.into();
        }
        let is_first = !matches!(thread.progress, Progress::Receiving(_));
        thread.progress = Progress::Receiving(receive);
        if is_first && let Some(mismatch) = self.left_over(thread, id, Some(connection)) {
            return mismatch.into();
        }
        Poll::Wait(until)
    }

    /// The tester acknowledges what has come of a `<== acked` row.
    pub(super) fn acknowledge(&mut self, thread: &mut Thread, id: RowId) -> Result<(), Box<Mismatch>> {
        let connection = self.connection_of(thread, id)?;
        if let Progress::Receiving(receive) = &mut thread.progress {
            receive.unacknowledged = 0;
        }
        self.send_segment(thread, id, connection, &Segment::default(), &Outgoing::default())?;
        Ok(())
    }
}

/// What a row took last, for its label.
pub(super) type LastTaken = Option<Arc<Arrival>>;
