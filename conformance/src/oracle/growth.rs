//! What a congestion window may allow beyond the initial window and the octets that were acknowledged.
//!
//! Windows may be counted in segments (RFC 5681 3.1), what arrived early is no longer under way (RFC 6675 4), and a
//! tail-loss probe may exceed the window by a segment (RFC 8985 7.3). All is taken as the most that can be meant.

use wireproof_reference::time::Duration;

use super::case::Look;
use super::follower::Half;
use super::ranges::{before, distance, later};
use super::segment::Segment;

/// No probe comes sooner behind what was sent last: it takes two round trips (RFC 8985 7.2).
const PAUSE: Duration = Duration::from_millis(1);

/// Of one sender.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Growth {
    /// Octets by which segments fell short that count as full ones.
    rounding: u32,
    /// Behind the last octet that was reported to have arrived early.
    sacked_to: Option<u32>,
}

impl Growth {
    /// The sender sends what is new.
    #[inline]
    pub(super) fn sent(&mut self, s: &Segment<'_>, own: &Half, mss: u32) {
        let limit =
            own.syn.as_ref().and_then(|syn| syn.options.mss).map_or(mss, |own| u32::from(own).min(mss));
        let full = limit.saturating_sub(s.options.len.into()).max(1);
        // A long one is cut into segments behind the observer.
        let rest = s.len % full;
        if rest > 0 {
            self.rounding = self.rounding.saturating_add(full - rest);
        }
    }

    /// The sender hears that `octets` more were acknowledged: by less than a segment, it may open by a whole one.
    pub(super) fn acknowledged(&mut self, octets: u32, mss: u32) {
        self.rounding = self.rounding.saturating_add(mss.saturating_sub(octets));
    }

    /// The sender hears what arrived early.
    pub(super) fn heard(&mut self, look: &Look<'_>, next: u32) {
        for (_, right) in look.s.options.blocks().iter().filter(|(_, right)| !before(next, *right)) {
            self.sacked_to = Some(self.sacked_to.map_or(*right, |old| later(old, *right)));
        }
    }

    /// So many octets more than acknowledged ones may be under way, behind `una`, when the segment is sent; with SACK, or
    /// if nobody knows, it may be a probe.
    #[inline]
    pub(super) fn allowance(
        &self,
        s: &Segment<'_>,
        own: &Half,
        (una, mss, may_probe): (u32, u32, bool),
    ) -> u32 {
        let early = self.sacked_to.map_or(0, |to| u32::try_from(distance(una, to)).unwrap_or(0));
        let paused = own.last.as_ref().is_some_and(|last| s.time.since(last.time) >= PAUSE);
        let probe = if paused && may_probe { mss } else { 0 };
        self.rounding.saturating_add(early).saturating_add(probe)
    }
}
