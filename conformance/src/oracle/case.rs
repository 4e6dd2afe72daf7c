//! One connection before the judge: its follower, the memory of each family of rules, what was found, figures.

use core::net::SocketAddr;

use wireproof_reference::time::{Duration, Instant};
use wireproof_reference::wire::Tcp;

use super::findings::Findings;
use super::follower::{Connection, Half};
use super::judge::{JudgeOptions, Succession};
use super::judgement::{ConnectionJudgement, End};
use super::segment::Segment;
use super::summary::Figures;
use super::trace::Deed;
use crate::device::Timing;

/// Frames captured twice come within this time of each other.
const TWICE: Duration = Duration::from_millis(10);

/// What a family is shown: a segment, and the connection before it.
#[derive(Clone, Copy)]
pub(super) struct Look<'a> {
    pub(super) c: &'a Connection,
    pub(super) s: &'a Segment<'a>,
    pub(super) timing: Option<Timing>,
    /// The application's calls are known to be this end's.
    pub(super) is_mapped: bool,
}

impl<'a> Look<'a> {
    /// The sender.
    pub(super) fn own(&self) -> &'a Half {
        self.c.half(self.s.from)
    }

    /// The other end.
    pub(super) fn peer(&self) -> &'a Half {
        self.c.half(self.s.from.other())
    }

    /// Where a break by the sender, shown by this segment and those before, is noted.
    pub(super) fn place<'f>(&self, frames: &'f [u64]) -> (End, Instant, &'f [u64]) {
        (self.s.from, self.s.time, frames)
    }
}

/// A connection that is followed.
#[derive(Debug)]
pub(super) struct Case {
    number: u64,
    ends: [SocketAddr; 2],
    first_frame: u64,
    start: Instant,
    connection: Connection,
    out: Findings,
    figures: Figures,
    timing: Option<Timing>,
    is_mapped: bool,
    /// A SYN amid the connection, which may begin another one.
    candidate: Option<Box<Segment<'static>>>,
    last: Instant,
}

impl Case {
    pub(super) fn new(
        number: u64,
        ends: [SocketAddr; 2],
        began: (u64, Instant),
        options: &JudgeOptions,
        is_torn: bool,
    ) -> Self {
        let mut connection = Connection::new(ends, options.is_scenario && !is_torn);
        connection.is_torn = is_torn;
        Self {
            number,
            ends,
            first_frame: began.0,
            start: began.1,
            connection,
            out: Findings::default(),
            figures: Figures::default(),
            timing: options.timing,
            is_mapped: false,
            candidate: None,
            last: began.1,
        }
    }

    /// When it was last heard of.
    pub(super) fn last(&self) -> Instant {
        self.last
    }

    /// Which end has this address.
    pub(super) fn end_of(&self, address: SocketAddr) -> End {
        if self.ends[0] == address { End::A } else { End::B }
    }

    /// From now on nobody knows for sure what arrived.
    pub(super) fn blur(&mut self) {
        self.connection.is_exact = false;
        self.connection.is_torn = true;
    }

    /// Whether a segment goes on with this connection.
    pub(super) fn succession(
        &self,
        tcp: &Tcp<'_>,
        source: SocketAddr,
        now: Instant,
        silence: Duration,
    ) -> Succession {
        let end = self.end_of(source);
        if !tcp.flags.syn() || tcp.flags.rst() {
            return Succession::Same;
        }
        let isn = self.connection.half(end).isn();
        if !tcp.flags.ack() {
            let is_another = isn.is_some_and(|isn| isn != tcp.seq)
                && (self.connection.is_over() || now.since(self.last) >= silence);
            return if is_another { Succession::Another } else { Succession::Same };
        }
        let answered = |syn: &&Box<Segment<'static>>| {
            syn.from == end.other() && syn.seq.wrapping_add(1) == tcp.ack && isn != Some(tcp.seq)
        };
        self.candidate
            .as_ref()
            .filter(answered)
            .map_or(Succession::Same, |syn| Succession::After(syn.clone()))
    }

    /// Looks at the next segment.
    pub(super) fn observe(&mut self, segment: &Segment<'_>) {
        if self.is_captured_twice(segment) {
            return;
        }
        self.last = segment.time;
        let is_fresh_syn = segment.flags.syn() && segment.ack.is_none();
        if is_fresh_syn && self.connection.half(segment.from).first.is_some_and(|first| first != segment.seq)
        {
            self.candidate = Some(Box::new(segment.bare()));
        }
        self.figures.observe(&self.connection, segment);
        self.connection.apply(segment);
    }

    /// The application at the end with the address `own` did something.
    pub(super) fn application(&mut self, _now: Instant, _own: SocketAddr, _deed: &Deed<'_>) {
        self.is_mapped = true;
    }

    /// The end of it, or of all packets.
    pub(super) fn finish(self, _end: Instant) -> ConnectionJudgement {
        let states = [self.connection.states(End::A), self.connection.states(End::B)];
        ConnectionJudgement {
            number: self.number,
            first_frame: self.first_frame,
            start: self.start,
            ends: self.ends,
            summary: self.figures.summary(&self.connection, self.last.since(self.start)),
            verdicts: self.out.verdicts(),
            states,
        }
    }

    /// A capture on several interfaces shows a frame several times.
    fn is_captured_twice(&self, segment: &Segment<'_>) -> bool {
        let Some(last) = &self.connection.half(segment.from).last else { return false };
        !self.connection.is_exact
            && segment.time.since(last.time) < TWICE
            && (segment.seq, segment.ack, segment.flags, segment.len, segment.window, segment.checksum)
                == (last.seq, last.ack, last.flags, last.len, last.window, last.checksum)
            && segment.identification == last.identification
            && segment.number > last.number
            && (segment.identification.is_some_and(|id| id != 0) || segment.seg_len() > 0)
    }
}
