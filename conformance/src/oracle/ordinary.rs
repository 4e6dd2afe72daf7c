//! Segments as nearly all come amid a connection: the next octets, the FIN or a further acknowledgment, nothing odd about
//! them.
//!
//! What every rule says of such a segment is known beforehand (the header prediction of RFC 1323 4.2.2 is the same
//! thought): each family tells whether the segment is what it expects, and if all agree, each takes it in a few steps.
//! If one does not, the segment goes the long way, where all rules look at it. Both ways end in the same state, which a
//! test holds against each other. Only captures are read so: with full knowledge every segment is worth a look.

use super::follower::{Connection, Half};
use super::judgement::End;
use super::ranges::{at_or_before, before};
use super::segment::{Arrival, Segment, Sum};
use wireproof_reference::wire::TcpFlags;

/// The flags that an ordinary segment may have: acknowledging, pushing, the end, and those of ECN.
const USUAL: TcpFlags = TcpFlags::ACK
    .with(TcpFlags::PSH)
    .with(TcpFlags::FIN)
    .with(TcpFlags::ECE)
    .with(TcpFlags::CWR)
    .with(TcpFlags::AE);

/// An MSS below this leaves congestion windows undecided.
const LEAST_MSS: u32 = 64;

/// What both SYNs agreed, by end, where that is beyond doubt.
#[derive(Clone, Copy, Debug)]
pub(super) struct Agreed {
    pub(super) shifts: [u8; 2],
    pub(super) has_timestamps: bool,
    pub(super) has_sack: bool,
    /// By which each end has to abide.
    pub(super) mss: [u32; 2],
    /// Whether the other end's SYN named it.
    pub(super) is_named: [bool; 2],
    pub(super) isn: [u32; 2],
}

impl Agreed {
    /// What the SYNs of a connection agreed; `None` if not both were seen, or they leave doubts.
    pub(super) fn of(c: &Connection) -> Option<Self> {
        let is_named =
            |end| c.half(end).syn_options().map(|options| options.mss.is_some()).unwrap_or_default();
        let mss = [c.mss_for(End::A)?, c.mss_for(End::B)?];
        let agreed = Self {
            shifts: [c.shift(End::A)?, c.shift(End::B)?],
            has_timestamps: c.has_timestamps()?,
            has_sack: c.has_sack()?,
            mss,
            is_named: [is_named(End::B), is_named(End::A)],
            isn: [c.half(End::A).isn()?, c.half(End::B).isn()?],
        };
        (!c.is_multipath() && mss.iter().all(|mss| *mss >= LEAST_MSS)).then_some(agreed)
    }
}

/// A segment that is ordinary as far as the connection before it tells.
#[derive(Clone, Copy)]
pub(super) struct Ordinary<'a> {
    pub(super) s: &'a Segment<'a>,
    /// The sender.
    pub(super) own: &'a Half,
    /// The other end.
    pub(super) peer: &'a Half,
    pub(super) agreed: &'a Agreed,
    pub(super) ack: u32,
    /// The window that it offers, scaled.
    pub(super) window: u32,
    /// Whether it acknowledges more than its sender did before.
    pub(super) has_moved: bool,
    /// The highest acknowledgment of its sender's numbers.
    pub(super) una: u32,
    /// The highest acknowledgment of the other end's.
    pub(super) peer_una: u32,
}

impl<'a> Ordinary<'a> {
    /// The segment, if it is ordinary.
    #[inline]
    pub(super) fn of(c: &'a Connection, s: &'a Segment<'a>) -> Option<Self> {
        let agreed = c.agreed.as_ref()?;
        let (own, peer) = (c.half(s.from), c.half(s.from.other()));
        let is_usual = USUAL.contains(s.flags)
            && s.options.are_usual
            && s.options.timestamps.is_some() == agreed.has_timestamps
            && s.tcp_sum != Sum::Wrong
            && s.ip_sum != Sum::Wrong
            && s.is_judged
            && s.arrival == Arrival::Unknown
            && !s.options.is_cut;
        let is_calm = !c.is_exact && !c.is_disturbed && !c.has_gaps() && own.is_calm() && !peer.is_reset();
        if !is_usual || !is_calm || own.fin.is_some() && s.seg_len() > 0 || own.next != Some(s.seq) {
            return None;
        }
        let (ack, (old, _), una) = (s.ack?, own.ack?, own.una?);
        let (peer_una, peer_next) = (peer.una?, peer.next?);
        let has_moved = before(old, ack);
        // What acknowledges nothing new and bears nothing may say much.
        let is_next = has_moved || old == ack && s.seg_len() > 0;
        if !is_next || !at_or_before(peer_una, ack) || !at_or_before(ack, peer_next) {
            return None;
        }
        let window = u32::from(s.window) << agreed.shifts[s.from as usize];
        let is_open = window > 0 && own.peer_window.is_some_and(|window| window > 0);
        is_open.then_some(Self { s, own, peer, agreed, ack, window, has_moved, una, peer_una })
    }

    /// The edge that it offers.
    pub(super) const fn edge(&self) -> u32 {
        self.ack.wrapping_add(self.window)
    }
}
