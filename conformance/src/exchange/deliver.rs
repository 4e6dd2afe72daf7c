//! Rows of octets that the tester sends in segments of the device's MSS as the window allows: `==>`.
//!
//! An end that is written with the device's window means as far as the device lets: one that opens its window further
//! while it is filled (its buffer grows) moves the end along. Such a row is over when all that is offered was sent,
//! and an acknowledgment of it has offered no more, or none has come in the time of a delayed one. That acknowledgment
//! is left to the row that follows. A device whose right edge stays where it is sees no difference.

use wireproof_reference::time::Instant;

use super::Exchange;
use super::act::{Outgoing, small_window};
use super::await_row::Limit;
use super::octets::MAX_PARTS;
use super::program::RowId;
use super::thread::{Mismatch, Poll, Progress, Thread};
use super::view::View;
use crate::notation::{Expression, OctetRange, Seq, Side, Variable};

/// The MSS of a peer that named none (RFC 9293 3.7.1, MUST-15).
const DEFAULT_MSS_V4: u32 = 536;
/// The same over IPv6.
const DEFAULT_MSS_V6: u32 = 1220;
/// As many octets at most go into a window that opens further while it is filled: a third more than the 6 MB to which
/// a stack of our days lets a receive buffer grow.
const MAX_FILLED: u32 = 8 << 20;

/// How far a `==>` row has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Deliver {
    from: u32,
    next: u32,
    to: u32,
    /// Whether `to` moves with the right edge of the device's window.
    fills: bool,
    /// How many segments were sent.
    parts: usize,
    /// When the window last let something through, or opened.
    moved: Instant,
}

impl Exchange<'_> {
    /// `==>`: sends what the window allows, then waits for it to open.
    pub(super) fn poll_deliver(&mut self, thread: &mut Thread, id: RowId, octets: &OctetRange) -> Poll {
        let connection = match self.connection_of(thread, id) {
            Ok(connection) => connection,
            Err(mismatch) => return mismatch.into(),
        };
        let now = self.session.now();
        let mut deliver = match &thread.progress {
            Progress::Delivering(deliver) => deliver.clone(),
            Progress::Waiting(until) if now >= *until => {
                match self.begin_deliver(thread, id, connection, octets) {
                    Ok(deliver) => deliver,
                    Err(mismatch) => return mismatch.into(),
                }
            }
            _ => return self.poll_act_in_time(thread, id),
        };
        if let Err(mismatch) = self.follow_window(thread, id, connection, octets, &mut deliver) {
            return mismatch.into();
        }
        if deliver.next == deliver.to {
            let more_by = self.may_open_until(thread, connection, &deliver);
            thread.progress = Progress::Delivering(deliver);
            return more_by.map_or(Poll::Act, Poll::Wait);
        }
        if self.room(&thread.view, connection, &deliver) > 0 {
            thread.progress = Progress::Delivering(deliver);
            return Poll::Act;
        }
        self.await_window(thread, id, connection, deliver)
    }

    /// Takes acknowledgments while the window is shut.
    fn await_window(
        &mut self,
        thread: &mut Thread,
        id: RowId,
        connection: usize,
        mut deliver: Deliver,
    ) -> Poll {
        while let Some(at) = self.first_waiting(&thread.view, connection) {
            let arrival = thread.view.waiting[at].clone();
            let limit = limit_of_sent(&thread.view, connection);
            if !self.passes(&mut thread.view, connection, at, limit) {
                let got = self.print(&thread.view, &arrival);
                let summary =
                    "the device sent something else while the tester waited for its window".to_owned();
                return Mismatch { got, ..Mismatch::at(id, summary) }.into();
            }
            deliver.moved = arrival.time;
            if self.room(&thread.view, connection, &deliver) > 0 {
                thread.progress = Progress::Delivering(deliver);
                return Poll::Act;
            }
        }
        let until = self.session.timing().due_with_delayed_ack().after(deliver.moved).to;
        if self.session.now() >= until {
            let next = thread.view.connections[connection].symbolic(Side::Tester, deliver.next);
            let summary = format!("the device's window stayed shut at {next}");
            return Mismatch::at(id, summary).into();
        }
        thread.progress = Progress::Delivering(deliver);
        Poll::Wait(until)
    }

    fn begin_deliver(
        &self,
        thread: &mut Thread,
        id: RowId,
        connection: usize,
        octets: &OctetRange,
    ) -> Result<Deliver, Box<Mismatch>> {
        let seen = thread.view.peek(connection, self.session);
        let is_whole = octets.to.mentions(Variable::RcvWnd);
        if is_whole && let Some(lacking) = small_window(&seen) {
            return Err(Box::new(Mismatch { lacking: Some(lacking), ..Mismatch::at(id, "no room") }));
        }
        let mut number = |expression: &Expression| {
            let number = thread.view.sequence(connection, Side::Tester, expression, &seen);
            number.map_err(|why| Mismatch::of_the_ladder(id, why))
        };
        let (from, to) = (number(&octets.from)?, number(&octets.to)?);
        // An end behind the window waits for it to come so far, and would never be reached if it went ahead of it.
        let is_offered = seen.right_edge.is_some_and(|edge| !Seq(to).is_after(Seq(edge)));
        let fills = is_whole && is_offered;
        Ok(Deliver { from, next: from, to, fills, parts: 0, moved: self.session.now() })
    }

    /// Moves the end of the row along with the right edge. The acknowledgments that moved it are taken: what comes
    /// behind them is left to the row that follows.
    fn follow_window(
        &mut self,
        thread: &mut Thread,
        id: RowId,
        connection: usize,
        octets: &OctetRange,
        deliver: &mut Deliver,
    ) -> Result<(), Box<Mismatch>> {
        if !deliver.fills {
            return Ok(());
        }
        let seen = thread.view.peek(connection, self.session);
        let number = thread.view.sequence(connection, Side::Tester, &octets.to, &seen);
        let to = number.map_err(|why| Mismatch::of_the_ladder(id, why))?;
        if !Seq(to).is_after(Seq(deliver.to)) {
            return Ok(());
        }
        let filled = deliver.next.wrapping_sub(deliver.from);
        if filled >= MAX_FILLED || deliver.parts >= MAX_PARTS {
            let summary = format!(
                "the device opens its window further and further: it took {filled} octets in {} segments, and offers more; \
                 expected it shut after {MAX_FILLED} octets or {MAX_PARTS} segments",
                deliver.parts
            );
            return Err(Box::new(Mismatch::at(id, summary)));
        }
        deliver.to = to;
        let limit = limit_of_sent(&thread.view, connection);
        let is_behind = |view: &View| {
            let known = view.look_up(connection, Side::Tester, &octets.to);
            known.is_some_and(|known| Seq(known).is_before(Seq(to)))
        };
        while is_behind(&thread.view)
            && let Some(at) = self.first_waiting(&thread.view, connection)
        {
            let time = thread.view.waiting[at].time;
            if !self.passes(&mut thread.view, connection, at, limit) {
                // The row that follows tells of it.
                break;
            }
            deliver.moved = deliver.moved.max(time);
        }
        Ok(())
    }

    /// Until when an acknowledgment may open the window further, all that was offered being sent. None: all is
    /// acknowledged, the time is over, or something else has come, for which the rows that follow are.
    fn may_open_until(&self, thread: &Thread, connection: usize, deliver: &Deliver) -> Option<Instant> {
        let view = &thread.view;
        let until = self.session.timing().due_with_delayed_ack().after(deliver.moved).to;
        if !deliver.fills || self.session.now() >= until {
            return None;
        }
        let own = &view.connections[connection];
        let only_acks = view.waiting.iter().all(|arrival| {
            self.session.may_belong(arrival, own) && arrival.facts().is_some_and(|facts| facts.is_pure_ack())
        });
        let acknowledged = view.peek(connection, self.session).rcv_nxt?;
        (only_acks && Seq(acknowledged).is_before(Seq(deliver.next))).then_some(until)
    }

    /// How many octets may be sent now in one segment: of the device's MSS, or the rest, or what a window leaves
    /// that is all acknowledged.
    fn room(&self, view: &View, connection: usize, deliver: &Deliver) -> u32 {
        let tester = &view.connections[connection];
        let seen = view.peek(connection, self.session);
        let left = deliver.to.wrapping_sub(deliver.next);
        let (Some(edge), Some(acknowledged)) = (seen.right_edge, seen.rcv_nxt) else { return 0 };
        if !Seq(deliver.next).is_before(Seq(edge)) || !Seq(deliver.next).is_before(Seq(deliver.to)) {
            return 0;
        }
        let window = edge.wrapping_sub(deliver.next);
        let wanted = left.min(self.device_mss(tester.got.syn.mss));
        let is_idle = !Seq(acknowledged).is_before(Seq(deliver.next));
        if window >= wanted || is_idle { wanted.min(window) } else { 0 }
    }

    fn device_mss(&self, named: Option<u16>) -> u32 {
        let default = match self.session.version() {
            crate::report::IpVersion::Ipv4 => DEFAULT_MSS_V4,
            crate::report::IpVersion::Ipv6 => DEFAULT_MSS_V6,
        };
        named.map_or(default, |mss| u32::from(mss.max(1)))
    }

    /// Sends the next segment of a `==>` row, or ends it.
    pub(super) fn deliver(
        &mut self,
        thread: &mut Thread,
        id: RowId,
        octets: &OctetRange,
    ) -> Result<(), Box<Mismatch>> {
        let connection = self.connection_of(thread, id)?;
        let Progress::Delivering(deliver) = thread.progress.clone() else { return Ok(()) };
        if deliver.next == deliver.to {
            // When the last of them was sent: answers may have come since, where time passes.
            self.came_to_pass(thread, self.program.row(id), deliver.moved, None);
            return Ok(());
        }
        let room = self.room(&thread.view, connection, &deliver);
        let outgoing = Outgoing { seq: Some(deliver.next), count: Some(room) };
        self.send_segment(thread, id, connection, &octets.also, &outgoing)?;
        thread.progress = Progress::Delivering(Deliver {
            next: deliver.next.wrapping_add(room),
            parts: deliver.parts + 1,
            moved: self.session.now(),
            ..deliver
        });
        Ok(())
    }
}

/// As far as the tester has sent, pure ACKs pass while it sends.
fn limit_of_sent(view: &View, connection: usize) -> Limit {
    view.connections[connection].sent.nxt.map_or(Limit::WindowUpdates, Limit::UpTo)
}
