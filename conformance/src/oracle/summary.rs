//! A connection in figures, as people know them from tcptrace.

use std::collections::VecDeque;

use wireproof_reference::time::{Duration, Instant};

use super::follower::Connection;
use super::judgement::{End, EndSummary, Rtt, Summary};
use super::ordinary::Ordinary;
use super::ranges::{at_or_before, before, distance};
use super::segment::{Segment, Sum};

/// How many octets' ends wait for their acknowledgment at once to be measured.
const MOST_SAMPLES: usize = 64;

#[derive(Clone, Debug, Default)]
struct Side {
    octets: u64,
    /// Of them those that were seen before.
    again: u64,
    segments: u32,
    pure_acks: u32,
    retransmissions: u32,
    zero_windows: u32,
    wrong_checksums: u32,
    resets: u32,
    syns: u32,
    fins: u32,
    /// The smallest and the largest window.
    windows: Option<(u32, u32)>,
    max_flight: u32,
    mss: Option<u16>,
    is_closed: bool,
    /// The sum of all round-trip times, and the shortest and the longest.
    rtts: [Duration; 3],
    samples: u32,
    /// Ends of segments sent once, and when.
    waiting: VecDeque<(u32, Instant)>,
}

/// Counts a thing, as far as it can be counted.
fn count(counter: &mut u32, is_one: bool) {
    *counter = counter.saturating_add(u32::from(is_one));
}

/// Figures that grow.
#[derive(Clone, Debug, Default)]
pub(super) struct Figures {
    sides: [Side; 2],
}

impl Figures {
    /// Counts a segment; `connection` is as it was before it.
    pub(super) fn observe(&mut self, connection: &Connection, segment: &Segment<'_>) {
        let own = connection.half(segment.from);
        let side = &mut self.sides[segment.from as usize];
        count(&mut side.segments, true);
        count(&mut side.pure_acks, segment.is_pure_ack());
        count(&mut side.syns, segment.flags.syn());
        count(&mut side.fins, segment.flags.fin());
        count(&mut side.resets, segment.flags.rst());
        count(&mut side.wrong_checksums, segment.tcp_sum == Sum::Wrong || segment.ip_sum == Sum::Wrong);
        if segment.flags.rst() {
            return;
        }
        if segment.flags.syn() {
            side.mss = segment.options.mss.or(side.mss);
        } else if let Some(window) = connection.window(segment) {
            side.offered(window);
        }
        side.sent(segment, own.next);
        if let Some(flight) =
            own.una.map(|una| distance(una, segment.end())).and_then(|by| u32::try_from(by).ok())
        {
            side.max_flight = side.max_flight.max(flight);
        }
        if let Some(ack) = segment.ack {
            self.sides[segment.from.other() as usize].acknowledged(ack, segment.time);
        }
    }

    /// Reads a little of each part.
    pub(super) fn touch(&self) -> u64 {
        let of = |side: &Side| side.octets ^ side.rtts[0].as_nanos() ^ u64::from(side.samples);
        let [a, b] = &self.sides;
        of(a) ^ of(b)
    }

    /// Counts an ordinary segment, as [`Figures::observe`] does.
    #[inline]
    pub(super) fn take(&mut self, o: &Ordinary<'_>) {
        let (s, window) = (o.s, o.window);
        let side = &mut self.sides[s.from as usize];
        count(&mut side.segments, true);
        side.offered(window);
        count(&mut side.fins, s.flags.fin());
        if s.seg_len() == 0 {
            count(&mut side.pure_acks, true);
        } else {
            side.octets += u64::from(s.len);
            if side.waiting.len() < MOST_SAMPLES {
                side.waiting.push_back((s.end(), s.time));
            }
        }
        let flight = u32::try_from(distance(o.una, s.end())).unwrap_or(0);
        side.max_flight = side.max_flight.max(flight);
        self.sides[s.from.other() as usize].acknowledged(o.ack, s.time);
    }

    /// All in all.
    pub(super) fn summary(&self, connection: &Connection, duration: Duration) -> Summary {
        let end = |end: End| self.sides[end as usize].summary();
        Summary {
            duration,
            ends: [end(End::A), end(End::B)],
            has_gaps: connection.has_gaps(),
            is_from_start: connection.half(End::A).isn().is_some(),
        }
    }
}

impl Side {
    fn summary(&self) -> EndSummary {
        let [sum, min, max] = self.rtts;
        let samples = u64::from(self.samples);
        EndSummary {
            segments: self.segments.into(),
            pure_acks: self.pure_acks.into(),
            octets: self.octets,
            unique_octets: self.octets - self.again,
            retransmissions: self.retransmissions.into(),
            retransmitted_octets: self.again,
            resets: self.resets.into(),
            syns: self.syns.into(),
            fins: self.fins.into(),
            wrong_checksums: self.wrong_checksums.into(),
            windows: self.windows,
            zero_windows: self.zero_windows.into(),
            mss: self.mss,
            max_flight: self.max_flight,
            rtt: (samples > 0).then(|| Rtt { min, avg: sum / samples, max, samples }),
        }
    }

    fn offered(&mut self, window: u32) {
        let (min, max) = self.windows.unwrap_or((window, window));
        self.windows = Some((min.min(window), max.max(window)));
        count(&mut self.zero_windows, window == 0 && !self.is_closed);
        self.is_closed = window == 0;
    }

    fn sent(&mut self, segment: &Segment<'_>, next: Option<u32>) {
        let (len, seq) = (u64::from(segment.len), segment.first_octet());
        self.octets += len;
        let known = next.map_or(0, |next| distance(seq, next).max(0)).unsigned_abs();
        self.again += u64::from(known).min(len);
        if segment.seg_len() == 0 {
            return;
        }
        if next.is_some_and(|next| before(segment.seq, next)) {
            count(&mut self.retransmissions, true);
            // Karn: what was sent twice gives no sample.
            self.waiting.retain(|(end, _)| at_or_before(*end, segment.seq));
        } else if self.waiting.len() < MOST_SAMPLES {
            self.waiting.push_back((segment.end(), segment.time));
        }
    }

    fn acknowledged(&mut self, ack: u32, now: Instant) {
        let mut sample = None;
        while let Some((_, sent)) = self.waiting.front().copied().filter(|(end, _)| at_or_before(*end, ack)) {
            self.waiting.pop_front();
            sample = Some(now.since(sent));
        }
        let Some(sample) = sample else { return };
        let [sum, min, max] = &mut self.rtts;
        *sum += sample;
        *min = if self.samples == 0 { sample } else { sample.min(*min) };
        *max = sample.max(*max);
        count(&mut self.samples, true);
    }
}
