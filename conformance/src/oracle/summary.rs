//! A connection in figures, as people know them from tcptrace.

use std::collections::VecDeque;

use wireproof_reference::time::{Duration, Instant};

use super::follower::Connection;
use super::judgement::{End, EndSummary, Rtt, Summary};
use super::ranges::{at_or_before, before, distance};
use super::segment::{Segment, Sum};

/// How many octets' ends wait for their acknowledgment at once to be measured.
const MOST_SAMPLES: usize = 64;

#[derive(Clone, Debug, Default)]
struct Side {
    summary: EndSummary,
    /// Ends of segments sent once, and when.
    waiting: VecDeque<(u32, Instant)>,
    rtt_sum: Duration,
    is_closed: bool,
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
        let sums = &mut side.summary;
        sums.segments += 1;
        sums.pure_acks += u64::from(segment.is_pure_ack());
        sums.syns += u64::from(segment.flags.syn());
        sums.fins += u64::from(segment.flags.fin());
        sums.resets += u64::from(segment.flags.rst());
        sums.wrong_checksums += u64::from(segment.tcp_sum == Sum::Wrong || segment.ip_sum == Sum::Wrong);
        if segment.flags.rst() {
            return;
        }
        if segment.flags.syn() {
            sums.mss = segment.options.mss.or(sums.mss);
        } else if let Some(window) = connection.window(segment) {
            let (min, max) = sums.windows.unwrap_or((window, window));
            sums.windows = Some((min.min(window), max.max(window)));
            sums.zero_windows += u64::from(window == 0 && !side.is_closed);
            side.is_closed = window == 0;
        }
        side.sent(segment, own.next);
        if let Some(flight) =
            own.una.map(|una| distance(una, segment.end())).and_then(|by| u32::try_from(by).ok())
        {
            side.summary.max_flight = side.summary.max_flight.max(flight);
        }
        if let Some(ack) = segment.ack {
            self.sides[segment.from.other() as usize].acknowledged(ack, segment.time);
        }
    }

    /// All in all.
    pub(super) fn summary(&self, connection: &Connection, duration: Duration) -> Summary {
        let end = |end: End| {
            let Side { summary, rtt_sum, .. } = &self.sides[end as usize];
            let rtt = summary.rtt.map(|rtt| Rtt { avg: *rtt_sum / rtt.samples.max(1), ..rtt });
            EndSummary { rtt, ..*summary }
        };
        Summary {
            duration,
            ends: [end(End::A), end(End::B)],
            has_gaps: connection.has_gaps(),
            is_from_start: connection.half(End::A).isn().is_some(),
        }
    }
}

impl Side {
    fn sent(&mut self, segment: &Segment<'_>, next: Option<u32>) {
        let (len, seq) = (u64::from(segment.len), segment.first_octet());
        let sums = &mut self.summary;
        sums.octets += len;
        let known = next.map_or(0, |next| distance(seq, next).max(0)).unsigned_abs();
        let again = u64::from(known).min(len);
        sums.unique_octets += len - again;
        if segment.seg_len() == 0 {
            return;
        }
        if next.is_some_and(|next| before(segment.seq, next)) {
            sums.retransmissions += 1;
            sums.retransmitted_octets += again;
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
        self.rtt_sum += sample;
        let rtt = self.summary.rtt.get_or_insert(Rtt { min: sample, avg: sample, max: sample, samples: 0 });
        rtt.min = rtt.min.min(sample);
        rtt.max = rtt.max.max(sample);
        rtt.samples += 1;
    }
}
