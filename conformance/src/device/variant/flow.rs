//! What a variant knows of one connection: the variables of RFC 9293 3.3.1 as the wire shows them, and a notebook.

use super::segment::{Segment, mss_of};
use crate::device::Errno;
use wireproof_reference::time::{Duration, Instant};
use wireproof_reference::wire::TcpFlags;

/// One connection as seen from between the stack and the wire. While a hook looks at a segment, these are the facts
/// *before* it.
#[derive(Clone, Debug, Default)]
pub(super) struct Flow {
    /// The present.
    pub(super) now: Instant,
    /// The device's initial number, once sent.
    pub(super) iss: Option<u32>,
    /// The peer's initial number, once acknowledged.
    pub(super) irs: Option<u32>,
    /// The oldest number that is not acknowledged.
    pub(super) una: u32,
    /// The number after the last that was sent.
    pub(super) nxt: u32,
    /// The peer's window, and the segment size that it asked for.
    pub(super) wnd: u32,
    pub(super) peer_mss: Option<u16>,
    /// What the device acknowledged last, and the window beside it.
    pub(super) rcv_nxt: u32,
    pub(super) rcv_wnd: u32,
    /// How often what stands at `una` was sent again.
    pub(super) repeats: u32,
    /// When `una` last moved, or something was first sent with nothing on the way.
    pub(super) since: Instant,
    /// Duplicate acknowledgments in a row (RFC 5681 2).
    pub(super) duplicates: u32,
    /// Whether the peer acknowledged the device's SYN.
    pub(super) is_open: bool,
    /// Whether the device, and the peer, have sent a FIN.
    pub(super) has_closed: bool,
    pub(super) peer_closed: bool,
    /// What hooks count and keep.
    pub(super) count: u32,
    pub(super) mark: u32,
    pub(super) kept: Vec<Segment>,
    /// What hooks want done besides.
    pub(super) wishes: Vec<Wish>,
}

/// What a hook wants done besides letting a segment pass.
#[derive(Clone, Debug)]
pub(super) enum Wish {
    /// This goes to the wire as well, after so long; if told so, only while its first number is unacknowledged.
    Send(Duration, Segment, Unless),
    /// The stack is given this as well after so long, as if it had come.
    Tell(Duration, Segment),
    /// The stack is given this reset after so long, and the application is told of another reason.
    End(Duration, Segment, Errno),
}

/// When a wish is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unless {
    Never,
    /// The segment has been acknowledged meanwhile.
    Acknowledged,
}

/// What becomes of the segment itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Pass,
    Drop,
    /// It waits for so long.
    Later(Duration),
    /// It is the end of the stack.
    Crash,
}

/// Whether `a` stands before `b` (RFC 9293 3.4).
pub(super) const fn before(a: u32, b: u32) -> bool {
    a.wrapping_sub(b).cast_signed() < 0
}

impl Flow {
    /// Sends this as well, right after what is being looked at.
    pub(super) fn send(&mut self, segment: Segment) {
        self.wishes.push(Wish::Send(Duration::ZERO, segment, Unless::Never));
    }

    /// Sends this as well, after a while.
    pub(super) fn send_later(&mut self, wait: Duration, segment: Segment, unless: Unless) {
        self.wishes.push(Wish::Send(wait, segment, unless));
    }

    /// Gives this to the stack as if it had come.
    pub(super) fn tell(&mut self, segment: Segment) {
        self.wishes.push(Wish::Tell(Duration::ZERO, segment));
    }

    /// Gives this to the stack after a while, as if it had come then.
    pub(super) fn tell_later(&mut self, wait: Duration, segment: Segment) {
        self.wishes.push(Wish::Tell(wait, segment));
    }

    /// Ends the connection after a while without a word to the peer; `like` is any segment that came, `why` what the
    /// application is told.
    pub(super) fn end(&mut self, wait: Duration, like: &Segment, why: Errno) {
        let mut reset = like.clone();
        reset.become_bare(self.rcv_nxt, 0, TcpFlags::RST);
        self.wishes.push(Wish::End(wait, reset, why));
    }

    /// Whether the device has sent this before.
    pub(super) fn is_repeat(&self, segment: &Segment) -> bool {
        self.iss.is_some() && segment.len() > 0 && before(segment.seq, self.nxt)
    }

    /// Whether anything is on the way.
    pub(super) fn is_in_flight(&self) -> bool {
        before(self.una, self.nxt)
    }

    /// Octets on the way.
    pub(super) const fn flight(&self) -> u32 {
        self.nxt.wrapping_sub(self.una)
    }

    /// Whether a number lies in the window that the device offers.
    pub(super) fn is_in_window(&self, seq: u32) -> bool {
        self.irs.is_some() && seq.wrapping_sub(self.rcv_nxt) < self.rcv_wnd
    }

    /// How far behind what the device expects a segment begins; negative if it begins with old octets.
    pub(super) const fn gap(&self, segment: &Segment) -> i32 {
        segment.seq.wrapping_sub(self.rcv_nxt).cast_signed()
    }

    /// Whether an acknowledgment is a duplicate (RFC 5681 2).
    pub(super) fn is_duplicate(&self, segment: &Segment) -> bool {
        segment.is_pure_ack()
            && self.is_in_flight()
            && segment.ack == self.una
            && u32::from(segment.window) == self.wnd
    }

    /// Whether a segment of the peer acknowledges something new.
    pub(super) fn is_progress(&self, segment: &Segment) -> bool {
        segment.flags.ack() && before(self.una, segment.ack) && !before(self.nxt, segment.ack)
    }

    /// Takes note of what the stack sends.
    pub(super) fn handle_sent(&mut self, segment: &Segment) {
        if segment.flags.rst() {
            return;
        }
        if segment.flags.syn() && self.iss != Some(segment.seq) {
            let (now, wishes) = (self.now, core::mem::take(&mut self.wishes));
            let (wnd, peer_mss) = (self.wnd, self.peer_mss);
            let (iss, una, nxt) = (Some(segment.seq), segment.seq, segment.seq);
            *self = Self { now, wishes, iss, una, nxt, since: now, wnd, peer_mss, ..Self::default() };
        }
        if segment.len() > 0 {
            if segment.seq == self.una && before(segment.seq, self.nxt) {
                self.repeats += 1;
            } else if !self.is_in_flight() {
                self.since = self.now;
            }
        }
        if before(self.nxt, segment.end()) {
            self.nxt = segment.end();
        }
        if segment.flags.ack() {
            self.irs.get_or_insert(segment.ack.wrapping_sub(1));
            (self.rcv_nxt, self.rcv_wnd) = (segment.ack, u32::from(segment.window));
        }
        self.has_closed |= segment.flags.fin();
    }

    /// Takes note of what came, as far as a right stack would believe it.
    pub(super) fn handle_received(&mut self, segment: &Segment) {
        if !segment.is_sound() || segment.flags.rst() {
            return;
        }
        if segment.flags.syn() {
            self.peer_mss = mss_of(segment).or(self.peer_mss);
            if !self.is_open {
                self.wnd = u32::from(segment.window);
            }
        }
        let is_late = self.irs.is_some() && self.is_open && self.gap(segment) < 0 && segment.len() == 0;
        if !segment.flags.ack() || self.iss.is_none() || is_late {
            return;
        }
        if self.is_progress(segment) {
            (self.una, self.repeats, self.duplicates) = (segment.ack, 0, 0);
            (self.is_open, self.since) = (true, self.now);
        } else if self.is_duplicate(segment) {
            self.duplicates += 1;
        }
        if segment.ack == self.una {
            self.wnd = u32::from(segment.window);
        }
        self.peer_closed |= segment.flags.fin() && self.gap(segment) <= 0;
    }
}
