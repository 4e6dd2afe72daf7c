//! What is known of a connection: what each end sent, acknowledged, offered, agreed, and may have received.
//!
//! All is an *upper bound* of what an end can know: what was seen before may have reached it, also where the observer
//! sits between. With a scenario's knowledge ([`Connection::is_exact`]) it is what it knows.

use core::net::SocketAddr;

use wireproof_reference::time::{Duration, Instant};

use super::judgement::End;
use super::octets::Octets;
use super::ordinary::Agreed;
use super::ranges::{Ranges, at_or_before, before, distance, later};
use super::segment::{Arrival, Last, Segment, Sum, Syn, SynOptions};
use super::state::States;
use crate::device::TcpState;

/// So many octets beyond the last that were seen are not just a few frames that a capture lacks.
const FAR_AHEAD: i32 = 1 << 20;
/// RFC 7323 5.5: a timestamp remembered for longer than 24 days proves nothing.
const PAWS_IDLE: Duration = Duration::from_secs(24 * 86_400);
/// No segment is so old: it lies before any window.
const FAR_BEHIND: i32 = 1 << 28;

/// One end of a connection.
#[derive(Clone, Debug)]
pub(super) struct Half {
    pub(super) address: SocketAddr,
    /// Whether its deeds are judged.
    pub(super) is_judged: bool,
    /// Its SYN: number, options, frame.
    pub(super) syn: Option<Syn>,
    /// The first number that was seen of it, the SYN's or less than all.
    pub(super) first: Option<u32>,
    /// Behind the highest number that it sent.
    pub(super) next: Option<u32>,
    /// The number of its FIN, and the frame.
    pub(super) fin: Option<(u32, u64)>,
    /// The highest acknowledgment of its numbers that may have reached it.
    pub(super) una: Option<u32>,
    /// The window that may have reached it last, scaled, with the highest acknowledgment.
    pub(super) peer_window: Option<u32>,
    /// The furthest edge that was ever offered to it.
    pub(super) peer_edge: Option<u32>,
    /// The frame that offered it.
    pub(super) peer_edge_frame: u64,
    /// The highest acknowledgment that it sent, and the frame.
    pub(super) ack: Option<(u32, u64)>,
    /// The octets of the other end that may have reached it.
    pub(super) received: Ranges,
    /// The octets that it sent and that may be sent again.
    pub(super) octets: Octets,
    /// Octets that came in a segment that it has to drop whole: left and right edge, frame.
    pub(super) refused: Option<(u32, u32, u64)>,
    /// SND.WL1 and SND.WL2: numbers of the segment that told it of the window last, for sure.
    pub(super) window_told: Option<(u32, u32)>,
    /// The furthest edge that segments offered to it that others had overtaken, and the frame.
    pub(super) stale_edge: Option<(u32, u64)>,
    /// Its first RST.
    pub(super) reset: Option<(u64, Instant)>,
    /// Its last segment.
    pub(super) last: Option<Last>,
    /// The highest acknowledgment of its numbers that it accepted for sure.
    pub(super) sure_una: Option<u32>,
    /// The highest timestamp that it sent.
    pub(super) clock: Option<u32>,
    /// Whether its SYN came again with other options.
    pub(super) is_changing: bool,
    /// Whether octets of it were sent that nobody saw.
    pub(super) has_gap: bool,
    /// Whether one of its checksums was right.
    pub(super) has_right_sum: bool,
    /// Whether what it sent with a wrong checksum was taken for what it meant.
    has_wrong_sum: bool,
}

impl Half {
    fn new(address: SocketAddr) -> Self {
        Self {
            address,
            is_judged: false,
            syn: None,
            first: None,
            next: None,
            fin: None,
            una: None,
            peer_window: None,
            peer_edge: None,
            peer_edge_frame: 0,
            ack: None,
            received: Ranges::default(),
            octets: Octets::default(),
            refused: None,
            window_told: None,
            stale_edge: None,
            reset: None,
            last: None,
            sure_una: None,
            clock: None,
            is_changing: false,
            has_gap: false,
            has_right_sum: false,
            has_wrong_sum: false,
        }
    }

    /// Its initial sequence number, if its SYN was seen.
    pub(super) fn isn(&self) -> Option<u32> {
        self.syn.map(|syn| syn.seq)
    }

    /// The options of its SYN.
    pub(super) fn syn_options(&self) -> Option<SynOptions> {
        self.syn.filter(|_| !self.is_changing).map(|syn| syn.options)
    }

    /// How much of it is under way, as far as the observer can tell.
    pub(super) fn flight(&self) -> Option<u32> {
        let (next, una) = (self.next?, self.una?);
        u32::try_from(distance(una, next)).ok()
    }

    /// Whether nothing is in doubt that it did.
    pub(super) const fn is_calm(&self) -> bool {
        self.is_judged && !self.has_wrong_sum && self.reset.is_none()
    }

    /// Whether it has reset the connection.
    pub(super) const fn is_reset(&self) -> bool {
        self.reset.is_some()
    }

    /// Whether all octets of a segment of it were seen before.
    pub(super) fn is_old(&self, segment: &Segment<'_>) -> bool {
        self.next.is_some_and(|next| segment.seg_len() > 0 && at_or_before(segment.end(), next))
    }

    /// Whether the segment bears a number that was not seen before.
    pub(super) fn is_new(&self, segment: &Segment<'_>) -> bool {
        segment.seg_len() > 0 && self.next.is_none_or(|next| before(next, segment.end()))
    }
}

/// A connection as it was before the segment that is looked at.
#[derive(Clone, Debug)]
pub(super) struct Connection {
    pub(super) halves: [Half; 2],
    /// Whether it is known which frames arrived, and when.
    pub(super) is_exact: bool,
    /// Whether an ICMP error spoke of it, so that the device may have changed its mind about much.
    pub(super) is_disturbed: bool,
    /// Whether the trace has a hole of which nothing is known.
    pub(super) is_torn: bool,
    /// What both SYNs agreed, where that is beyond doubt.
    pub(super) agreed: Option<Agreed>,
}

impl Connection {
    pub(super) fn new(ends: [SocketAddr; 2], is_exact: bool) -> Self {
        Self { halves: ends.map(Half::new), is_exact, is_disturbed: false, is_torn: false, agreed: None }
    }

    pub(super) fn half(&self, end: End) -> &Half {
        &self.halves[end as usize]
    }

    fn half_mut(&mut self, end: End) -> &mut Half {
        &mut self.halves[end as usize]
    }

    /// By how many bits an end shifts the windows that it offers behind its SYN; `None` if a SYN was not seen.
    pub(super) fn shift(&self, end: End) -> Option<u8> {
        let own = self.half(end).syn_options()?;
        let other = self.half(end.other()).syn_options()?;
        Some(own.scale.and(other.scale).and(own.scale).unwrap_or(0).min(14))
    }

    /// The window that a segment offers, in octets (RFC 7323 2.2: that of a SYN is not scaled).
    pub(super) fn window(&self, segment: &Segment<'_>) -> Option<u32> {
        let shift = if segment.flags.syn() { 0 } else { self.shift(segment.from)? };
        Some(u32::from(segment.window) << shift)
    }

    /// Whether timestamps are agreed; `None` if a SYN was not seen.
    pub(super) fn has_timestamps(&self) -> Option<bool> {
        self.both(|options| options.has_timestamps)
    }

    /// Whether SACK is agreed; `None` if a SYN was not seen.
    pub(super) fn has_sack(&self) -> Option<bool> {
        self.both(|options| options.sack_permitted)
    }

    /// Whether the connection may carry one of several paths of a stream (RFC 8684 3.1): both asked for it.
    pub(super) fn is_multipath(&self) -> bool {
        self.halves.iter().all(|half| half.syn.is_some_and(|syn| syn.options.is_multipath))
    }

    fn both(&self, has: impl Fn(&SynOptions) -> bool) -> Option<bool> {
        let [a, b] = &self.halves;
        Some(has(&a.syn_options()?) && has(&b.syn_options()?))
    }

    /// The MSS by which an end has to abide: the peer's, or the default (RFC 9293 3.7.1); `None` if unknown.
    pub(super) fn mss_for(&self, end: End) -> Option<u32> {
        let syn = self.half(end.other()).syn.filter(|syn| !syn.options.is_cut)?;
        Some(syn.options.mss.map_or(if syn.is_v6 { 1220 } else { 536 }, u32::from))
    }

    /// Whether the receiver of a segment accepts it for sure: it arrived undamaged, within the window, acknowledging
    /// nothing impossible, with a timestamp that is not old (RFC 9293 3.10.7.4, RFC 7323 5.3).
    pub(super) fn is_accepted(&self, segment: &Segment<'_>) -> bool {
        if !self.is_exact || segment.arrival != Arrival::Arrived || segment.tcp_sum != Sum::Right {
            return false;
        }
        let receiver = self.half(segment.from.other());
        let (Some(edge), Some(ack), Some(next), Some((acked, _))) =
            (receiver.received.edge(), segment.ack, receiver.next, receiver.ack)
        else {
            return false;
        };
        let is_plain = !segment.flags.syn() && !segment.flags.rst() && !segment.options.is_signed;
        let is_timely = match self.has_timestamps() {
            Some(true) => segment.options.timestamps.is_some_and(|(value, _)| {
                self.half(segment.from).clock.is_none_or(|clock| at_or_before(clock, value))
            }),
            Some(false) => true,
            None => false,
        };
        let offered = self.half(segment.from).peer_edge;
        let is_next = segment.seq == edge && segment.seq == acked && segment.seg_len() == 0;
        let is_inside = is_next
            || at_or_before(edge, segment.seq) && offered.is_some_and(|offered| before(segment.seq, offered))
            || before(segment.seq, edge)
                && before(edge, segment.end())
                && offered.is_some_and(|offered| before(edge, offered));
        let is_old = receiver.una.is_some_and(|una| before(ack, una.wrapping_sub(0xffff)));
        is_plain && is_timely && is_inside && at_or_before(ack, next) && !is_old
    }

    /// Whether the receiver has to drop a segment with all its octets (RFC 9293 3.10.7.4, fifth; RFC 7323 5.3, R1).
    fn is_refused(&self, segment: &Segment<'_>) -> bool {
        let receiver = self.half(segment.from.other());
        let is_plain = !segment.flags.syn() && !segment.flags.rst() && !segment.options.is_signed;
        if !self.is_exact || !is_plain || segment.len == 0 || !self.is_synchronised(segment.from.other()) {
            return false;
        }
        let Some(ack) = segment.ack else { return true };
        let recent = receiver
            .last
            .as_ref()
            .filter(|last| last.ack.is_some() && segment.time.since(last.time) < PAWS_IDLE);
        let is_old = self.has_timestamps() == Some(true)
            && segment
                .options
                .timestamps
                .zip(recent.and_then(|last| last.echo))
                .is_some_and(|((value, _), recent)| before(value, recent));
        is_old || receiver.next.is_some_and(|next| before(next, ack))
    }

    /// Whether an end is past its handshake for sure: its SYN is acknowledged and it has sent more.
    pub(super) fn is_synchronised(&self, end: End) -> bool {
        let own = self.half(end);
        let is_acked = own.isn().is_some_and(|isn| own.sure_una.is_some_and(|una| before(isn, una)));
        is_acked && own.last.as_ref().is_some_and(|last| !last.flags.syn())
    }

    /// Whether an end's segments may lack some in this trace.
    pub(super) fn has_gaps(&self) -> bool {
        self.is_torn || self.halves.iter().any(|half| half.has_gap)
    }

    /// Whether the connection ended before the eyes of the observer.
    pub(super) fn is_over(&self) -> bool {
        let [a, b] = &self.halves;
        a.reset.is_some() || b.reset.is_some() || a.fin.is_some() && b.fin.is_some()
    }

    /// How much memory the octets take that may be sent again.
    pub(super) fn octets_room(&self) -> usize {
        self.halves.iter().map(|half| half.octets.room()).sum()
    }

    /// Octets sent so far are not compared with those that may be sent again.
    pub(super) fn forget_octets(&mut self) {
        self.halves.iter_mut().for_each(|half| half.octets.clear());
    }

    /// The states that an end may be in (RFC 9293 3.3.2).
    pub(super) fn states(&self, end: End) -> States {
        use TcpState as S;
        let (own, other) = (self.half(end), self.half(end.other()));
        if own.reset.is_some() {
            return States::of(&[S::Closed, S::Listen]);
        }
        let gone = if other.reset.is_some() { States::of(&[S::Closed, S::Listen]) } else { States::NONE };
        if own.first.is_none() {
            return States::of(&[S::Closed, S::Listen]).with(gone);
        }
        let syn_acked = own.isn().is_none_or(|isn| own.una.is_some_and(|una| before(isn, una)));
        let peer_syn = other.first.is_some();
        let acked = |number: u32| own.una.is_some_and(|una| before(number, una));
        let peer_fin = other.fin.is_some_and(|(fin, _)| own.ack.is_some_and(|(ack, _)| before(fin, ack)));
        let maybe_peer_fin = other.fin.is_some();
        let live = match (own.fin, peer_fin) {
            _ if !peer_syn => States::only(S::SynSent),
            _ if !syn_acked => States::of(&[S::SynSent, S::SynReceived]),
            (None, true) => States::only(S::CloseWait),
            (None, false) => States::of(&[S::SynReceived, S::Established]),
            (Some((fin, _)), true) if acked(fin) => {
                States::of(&[S::Closing, S::LastAck, S::TimeWait, S::Closed])
            }
            (Some(_), true) => States::of(&[S::Closing, S::LastAck]),
            (Some((fin, _)), false) if acked(fin) => States::of(&[S::FinWait1, S::FinWait2]),
            (Some(_), false) => States::only(S::FinWait1),
        };
        let further = match own.fin {
            None if maybe_peer_fin => States::only(S::CloseWait),
            Some(_) if maybe_peer_fin => States::of(&[S::Closing, S::TimeWait]),
            _ => States::NONE,
        };
        live.with(further).with(gone)
    }

    /// A segment of an end was captured that nobody can read.
    pub(super) fn lose(&mut self, end: End) {
        self.half_mut(end).has_gap = true;
    }

    /// Numbers far from all that was said: the capture lacks much, perhaps the SYNs of another connection.
    fn look_for_drift(&mut self, segment: &Segment<'_>) {
        let own = self.half(segment.from);
        let Some(next) = own.next.filter(|_| !segment.flags.syn() && !segment.flags.rst()) else { return };
        let ahead = distance(next, segment.seq);
        let is_offered = own.peer_edge.is_some_and(|edge| at_or_before(segment.seq, edge));
        if ahead > FAR_AHEAD && !is_offered || ahead < -FAR_BEHIND {
            self.is_torn = true;
            self.agreed = None;
            self.halves.iter_mut().for_each(|half| half.is_changing = true);
        }
    }

    /// Takes a segment in.
    pub(super) fn apply(&mut self, segment: &Segment<'_>) {
        let is_damaged = segment.tcp_sum == Sum::Wrong && self.is_exact;
        if !self.is_exact {
            self.look_for_drift(segment);
        }
        let window = self.window(segment);
        let is_accepted = self.is_accepted(segment);
        let is_exact = self.is_exact;
        let own = self.half_mut(segment.from);
        own.is_judged |= segment.is_judged;
        own.has_right_sum |= segment.tcp_sum == Sum::Right;
        own.has_wrong_sum |= segment.tcp_sum == Sum::Wrong;
        // Some right, some wrong: the wrong ones were damaged, and what they said may never have been meant.
        own.has_gap |= !is_exact && own.has_right_sum && own.has_wrong_sum;
        if is_damaged && !segment.is_judged {
            return;
        }
        if segment.flags.rst() {
            own.reset.get_or_insert((segment.number, segment.time));
            return;
        }
        self.apply_sent(segment);
        if segment.flags.syn() {
            self.agreed = Agreed::of(self);
        }
        if segment.arrival != Arrival::Lost {
            self.apply_received(segment, window, is_accepted);
        }
        if let Some(ack) =
            segment.ack.filter(|_| is_accepted || segment.flags.syn() && segment.arrival == Arrival::Arrived)
        {
            let peer = self.half_mut(segment.from.other());
            let is_possible = peer.next.is_some_and(|next| at_or_before(ack, next));
            if is_possible && peer.sure_una.is_none_or(|una| before(una, ack)) {
                peer.sure_una = Some(ack);
            }
        }
        if let Some((value, _)) = segment.options.timestamps {
            let own = self.half_mut(segment.from);
            own.clock = Some(own.clock.map_or(value, |clock| later(clock, value)));
        }
    }

    /// Reads a little of each part.
    pub(super) fn touch(&self) -> u64 {
        let of = |half: &Half| {
            half.peer_edge_frame
                ^ half.ack.map_or(0, |(_, frame)| frame)
                ^ half.last.as_ref().map_or(0, |last| last.number)
                ^ half.reset.map_or(0, |(frame, _)| frame)
                ^ u64::from(half.next.unwrap_or(0))
                ^ u64::from(half.received.edge().unwrap_or(0))
        };
        let [a, b] = &self.halves;
        of(a) ^ of(b) ^ self.agreed.map_or(0, |agreed| u64::from(agreed.shifts[0]))
    }

    /// Takes an ordinary segment in, which offers this window and acknowledges up to `ack`: the same as
    /// [`Connection::apply`] does.
    #[inline]
    pub(super) fn take(&mut self, segment: &Segment<'_>, ack: u32, window: u32) {
        let end = segment.end();
        let own = self.half_mut(segment.from);
        own.has_right_sum |= segment.tcp_sum == Sum::Right;
        if own.first.is_some_and(|first| before(segment.seq, first)) {
            own.first = Some(segment.seq);
        }
        own.next = Some(end);
        if segment.flags.fin() {
            own.fin = Some((end.wrapping_sub(1), segment.number));
        }
        own.octets.keep(segment.seq, segment.payload);
        if own.ack.is_none_or(|(old, _)| before(old, ack)) {
            own.ack = Some((ack, segment.number));
        }
        own.last = Some(Last::of(segment, false));
        if let Some((value, _)) = segment.options.timestamps {
            own.clock = Some(own.clock.map_or(value, |clock| later(clock, value)));
        }
        let peer = self.half_mut(segment.from.other());
        peer.received.add(segment.seq, end);
        peer.una = Some(ack);
        peer.octets.forget_before(ack.wrapping_sub(1));
        peer.peer_window = Some(window);
        let edge = ack.wrapping_add(window);
        if peer.peer_edge.is_none_or(|old| before(old, edge)) {
            peer.peer_edge = Some(edge);
            peer.peer_edge_frame = segment.number;
        }
    }

    /// What its sender has done.
    fn apply_sent(&mut self, segment: &Segment<'_>) {
        let is_exact = self.is_exact;
        let own = self.half_mut(segment.from);
        if segment.flags.syn() {
            let again = Syn::of(segment);
            let syn = own.syn.get_or_insert(again);
            let agreed =
                |options: &SynOptions| (options.scale, options.sack_permitted, options.has_timestamps);
            own.is_changing |= segment.options.is_cut;
            own.is_changing |= syn.seq == again.seq
                && syn.has_ack == again.has_ack
                && agreed(&syn.options) != agreed(&again.options);
        }
        let is_own_syn = own.isn().is_none_or(|isn| isn == segment.seq) || !segment.flags.syn();
        if is_own_syn {
            own.first =
                Some(own.first.map_or(segment.seq, |first| {
                    if before(segment.seq, first) { segment.seq } else { first }
                }));
            if own.next.is_some_and(|next| before(next, segment.seq)) {
                own.has_gap |= !is_exact && segment.seg_len() > 0;
            }
            own.next = Some(own.next.map_or(segment.end(), |next| later(next, segment.end())));
            if segment.flags.fin() && own.fin.is_none() {
                own.fin = Some((segment.end().wrapping_sub(1), segment.number));
            }
            if segment.tcp_sum != Sum::Wrong || is_exact {
                own.octets.keep(segment.first_octet(), segment.payload);
            }
        }
        if let Some(ack) = segment.ack {
            if own.ack.is_none_or(|(old, _)| before(old, ack)) {
                own.ack = Some((ack, segment.number));
            }
            let sent = self.half(segment.from.other()).next;
            if !is_exact && sent.is_none_or(|next| before(next, ack)) {
                let other = self.half_mut(segment.from.other());
                other.has_gap |= other.next.is_some();
                other.next.get_or_insert(ack);
                other.first.get_or_insert(ack);
            }
        }
        self.half_mut(segment.from).last = Some(Last::of(segment, is_exact));
    }

    /// What the other end may know now.
    fn apply_received(&mut self, segment: &Segment<'_>, window: Option<u32>, is_accepted: bool) {
        let sender_sent = self.half(segment.from.other()).next;
        let (is_refused, is_exact) = (self.is_refused(segment), self.is_exact);
        let peer = self.half_mut(segment.from.other());
        if segment.flags.syn() && peer.received.edge().is_none() {
            peer.received = Ranges::up_to(segment.seq);
        }
        if is_refused {
            peer.refused = Some((segment.seq, segment.end(), segment.number));
            return;
        }
        peer.received.add(segment.seq, segment.end());
        let Some(ack) = segment.ack else { return };
        // An acknowledgment of what was never sent is not believed (RFC 9293 3.10.7.4, fifth).
        if sender_sent.is_some_and(|next| before(next, ack)) {
            return;
        }
        let had_una = peer.una;
        let is_newest = peer.una.is_none_or(|una| at_or_before(una, ack));
        if is_newest {
            peer.una = Some(ack);
            peer.octets.forget_before(ack.wrapping_sub(1));
        }
        let Some(window) = window else { return };
        let edge = ack.wrapping_add(window);
        // RFC 9293 3.10.7.4, fifth: by SND.WL1 and SND.WL2. What acknowledges more is believed to be newer by some.
        let is_stale = is_exact
            && had_una.is_some_and(|una| at_or_before(ack, una))
            && peer.window_told.is_some_and(|(seq, told)| {
                before(segment.seq, seq) || segment.seq == seq && before(ack, told)
            });
        if is_stale {
            if peer.stale_edge.is_none_or(|(old, _)| before(old, edge)) {
                peer.stale_edge = Some((edge, segment.number));
            }
            return;
        }
        if is_newest && is_accepted {
            peer.window_told = Some((segment.seq, ack));
        }
        if is_newest {
            peer.peer_window = Some(window);
        }
        if peer.peer_edge.is_none_or(|old| before(old, edge)) {
            peer.peer_edge = Some(edge);
            peer.peer_edge_frame = segment.number;
        }
    }
}
