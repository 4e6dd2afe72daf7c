//! What an end makes of ICMP errors about its connection: RFC 5927 4.1, RFC 9293 3.9.2.2, RFC 1191, RFC 8201.
//!
//! With a scenario's knowledge only: a capture does not tell which errors arrived.

use wireproof_reference::time::{Duration, Instant};
use wireproof_reference::wire::{Icmpv4Message, Icmpv6Message, Packet, Transport};

use super::case::{Late, Look};
use super::findings::Findings;
use super::follower::Connection;
use super::judgement::End;
use super::ranges::{at_or_before, before};
use super::registry::RuleId;

/// The least that a link carries whole (RFC 1122 3.3.3, RFC 8200 5): below it nobody has to go.
const LEAST_V4: u32 = 576;
const LEAST_V6: u32 = 1280;
/// RFC 5927 7.2: the error may wait until the segment was sent again in vain.
const PATIENCE: u8 = 2;

/// What an error says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It may pass (RFC 9293 3.9.2.2, MUST-56).
    Soft,
    /// The packet was larger than this.
    TooBig(u32),
    /// All else.
    Other,
}

/// An error about a segment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Notice {
    pub(super) kind: Kind,
    /// The number that it quotes.
    pub(super) seq: Option<u32>,
    pub(super) frame: u64,
    pub(super) time: Instant,
}

/// What an ICMP error says.
pub(super) fn kind_of(packet: &Packet<'_>) -> Kind {
    match &packet.transport {
        Transport::Icmpv4(icmp) => match (&icmp.message, icmp.code) {
            (Icmpv4Message::DestinationUnreachable { next_hop_mtu, .. }, 4)
                if u32::from(*next_hop_mtu) >= LEAST_V4 =>
            {
                Kind::TooBig((*next_hop_mtu).into())
            }
            (Icmpv4Message::DestinationUnreachable { .. }, 0 | 1 | 5)
            | (Icmpv4Message::TimeExceeded { .. }, _) => Kind::Soft,
            _ => Kind::Other,
        },
        Transport::Icmpv6(icmp) => match (&icmp.message, icmp.code) {
            (Icmpv6Message::PacketTooBig { mtu, .. }, _) if *mtu >= LEAST_V6 => Kind::TooBig(*mtu),
            (Icmpv6Message::DestinationUnreachable { .. }, 0 | 3)
            | (Icmpv6Message::TimeExceeded { .. }, _) => Kind::Soft,
            _ => Kind::Other,
        },
        _ => Kind::Other,
    }
}

/// What the family keeps of the end that is judged.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    /// The last error that quotes what is not under way, if no other came.
    outside: Option<u64>,
    has_other: bool,
    soft: Option<(Instant, u64)>,
    /// The smallest packet that the way carries, the frame, and how often more was sent again since.
    too_big: Option<(u32, u64, u8)>,
}

impl State {
    /// An error about a segment of `end` arrived.
    pub(super) fn arrived(&mut self, c: &Connection, end: End, notice: &Notice) {
        let own = c.half(end);
        let inside = notice.seq.zip(own.una.or(own.first).zip(own.next));
        // RFC 5927 4.1: SND.UNA =< SEG.SEQ < SND.NXT; SND.NXT itself is outside.
        let Some(is_inside) = inside
            .map(|(seq, (una, next))| at_or_before(una, seq) && before(seq, next))
            .filter(|_| c.is_exact)
        else {
            self.has_other = true;
            return;
        };
        if !is_inside {
            self.outside = Some(notice.frame);
            return;
        }
        self.has_other = true;
        match notice.kind {
            Kind::Soft => self.soft = Some((notice.time, notice.frame)),
            Kind::TooBig(mtu) if self.too_big.is_none_or(|(known, ..)| mtu < known) => {
                self.too_big = Some((mtu, notice.frame, 0));
            }
            Kind::TooBig(_) | Kind::Other => {}
        }
    }

    /// The end that is judged sends.
    pub(super) fn sent(&mut self, look: &Look<'_>, out: &mut Findings) {
        let (s, own, peer) = (look.s, look.own(), look.peer());
        if !look.c.is_exact || !s.is_judged {
            return;
        }
        if !s.flags.rst() && self.outside.is_some() && !self.has_other {
            out.held(RuleId::QuotedOutside);
        }
        if let Some((since, frame)) = self.soft.take() {
            let is_alone = peer.last.as_ref().is_some_and(|last| last.time < since)
                && s.time.since(since) <= look.at_once() + Duration::from_millis(1)
                && look.app.closed.is_none_or(|closed| closed < since)
                && !look.app.has_aborted
                && !look.app.is_dead
                && look.c.is_synchronised(s.from);
            if !s.flags.rst() || is_alone {
                out.decide(RuleId::SoftError, !s.flags.rst(), look.place(&[frame, s.number]), || {
                    ("a RST".to_owned(), "going on: the trouble may pass".to_owned())
                });
            }
        }
        self.size(look, own.is_old(s), out);
    }

    /// RFC 1191 3, RFC 8201 4: what is sent again fits the way.
    fn size(&mut self, look: &Look<'_>, is_again: bool, out: &mut Findings) {
        let s = look.s;
        let Some((mtu, frame, times)) = &mut self.too_big else { return };
        if s.len == 0 || s.may_be_cut || s.flags.syn() || !is_again {
            return;
        }
        let headers = if s.is_v6 { 60 } else { 40 };
        let len = s.len + u32::from(s.options.len) + headers;
        *times = if len > *mtu { times.saturating_add(1) } else { 0 };
        let (mtu, frame, times) = (*mtu, *frame, *times);
        if times == 0 || times > PATIENCE {
            out.decide(RuleId::PathMtu, times == 0, look.place(&[frame, s.number]), || {
                (format!("{len} octets, the {times}th time since the error"), format!("{mtu} at the most"))
            });
        }
    }

    /// The application was told that the connection failed.
    pub(super) fn told(&self, late: &Late<'_>, out: &mut Findings) {
        let Some(frame) = self.outside.filter(|_| !self.has_other && late.c.is_exact) else { return };
        if late.c.halves.iter().all(|half| half.reset.is_none()) {
            out.decide(RuleId::QuotedOutside, false, (late.end, late.now, &[frame]), || {
                (
                    "the connection given up".to_owned(),
                    "going on: the error quotes what is not under way".to_owned(),
                )
            });
        }
    }
}
