//! ICMP errors about segments of the device, as far as hooks want to know of them. Over IPv4 only.

use super::segment::Key;
use wireproof_reference::wire::{Frame, Icmpv4Message, Transport};

/// What an ICMP error says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It may pass (RFC 9293 3.9.2.2, MUST-56).
    Soft,
    /// It will not pass: there is no such port or protocol.
    Hard,
    /// The packet was too big for the way (RFC 1191 4).
    TooBig,
    /// Somebody on the way has too much to do (RFC 6633).
    Quench,
}

/// An ICMP error about a segment of the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Trouble {
    pub(super) kind: Kind,
    /// The number of the segment.
    pub(super) seq: u32,
}

impl Trouble {
    /// Reads a frame; `None` if it is no such error. Also the connection that it speaks of.
    pub(super) fn of(frame: &[u8]) -> Option<(Key, Self)> {
        let frame = Frame::parse(frame).ok()?;
        let Transport::Icmpv4(icmp) = frame.packet()?.transport else { return None };
        let kind = match (&icmp.message, icmp.code) {
            (Icmpv4Message::DestinationUnreachable { .. }, 0 | 1 | 5)
            | (Icmpv4Message::TimeExceeded { .. }, _) => Kind::Soft,
            (Icmpv4Message::DestinationUnreachable { .. }, 2 | 3) => Kind::Hard,
            (Icmpv4Message::DestinationUnreachable { .. }, 4) => Kind::TooBig,
            (Icmpv4Message::SourceQuench { .. }, _) => Kind::Quench,
            _ => return None,
        };
        let quoted = icmp.quoted()?.ok()?;
        // Eight octets are quoted at least: ports and number.
        let segment = icmp.message.quote()?.octets().get(quoted.ip.header_len()..)?.first_chunk::<8>()?;
        let [a, b, c, d, seq @ ..] = *segment;
        let (own, port) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
        let key = (own, quoted.ip.destination(), port);
        Some((key, Self { kind, seq: u32::from_be_bytes(seq) }))
    }
}
