//! Rules of ICMP and ICMPv6 errors: RFC 1122 3.2.2, RFC 4443 2.4, RFC 6633.
//!
//! When *not* to send an error is told by the error itself, since it quotes what it answers.

use core::net::SocketAddr;

use wireproof_reference::wire::{Icmpv4Message, Icmpv6Message, Ip, Packet, Protocol, Transport};

use super::findings::Findings;
use super::format::is_one_host;
use super::judgement::Break;
use super::registry::RuleId;
use super::segment::Observed;

/// RFC 1122 3.2.2: octets behind the quoted IP header.
const QUOTED: usize = 8;
/// RFC 4443 3.4: unrecognised option, which may answer a multicast.
const UNRECOGNISED_OPTION: u8 = 2;

/// An ICMP error.
struct IcmpError<'a> {
    quote: &'a [u8],
    is_v6: bool,
    is_source_quench: bool,
    /// RFC 4443 2.4(e.3): Packet Too Big and unrecognised options may answer a multicast.
    may_answer_groups: bool,
}

/// Looks at a packet of a host that is judged. In a capture every host is.
pub(super) fn observe(seen: &Observed<'_>, out: &mut Findings) {
    let Some(error) = error_of(seen.packet) else { return };
    if !seen.is_judged {
        return;
    }
    let mut decide = |rule, holds: bool, got: String, permitted: &str| {
        if holds {
            return out.held(rule);
        }
        let frames = vec![seen.number];
        out.broken(Break { rule, end: None, time: seen.time, frames, got, permitted: permitted.to_owned() });
    };
    // RFC 6633 2: hosts and routers alike.
    decide(RuleId::NoSourceQuench, !error.is_source_quench, "Source Quench".to_owned(), "none");
    let Ok(quoted) = Packet::parse_cut(error.quote) else { return };
    if seen.missing == 0 && !error.is_v6 {
        let behind = error.quote.len().saturating_sub(quoted.ip.header_len());
        let needed = QUOTED.min(quoted.ip.payload_len());
        let got = format!("{behind} octets behind the header that is quoted");
        decide(RuleId::QuoteLength, behind >= needed, got, "8 octets at least");
    }
    let answers_error = error_of(&quoted).is_some();
    decide(RuleId::NoErrorOfError, !answers_error, "an error that answers an error".to_owned(), "silence");
    let (from, to) = (quoted.ip.source(), quoted.ip.destination());
    let is_to_one = is_one_host(to) || error.may_answer_groups;
    let got = format!("an error that answers a datagram from {from} to {to}");
    decide(RuleId::NoErrorOfGroup, is_to_one && is_one_host(from), got, "silence");
    if let Ip::V4(ip) = &quoted.ip {
        let got = format!("an error that answers a fragment at {}", ip.fragment_offset);
        decide(RuleId::NoErrorOfFragment, ip.fragment_offset == 0, got, "silence but for the first fragment");
    }
}

/// The sender and the receiver of the segment that an error quotes.
pub(super) fn quoted_ends(packet: &Packet<'_>) -> Option<(SocketAddr, SocketAddr)> {
    let error = error_of(packet)?;
    let quoted = Packet::parse_cut(error.quote).ok()?;
    let octets = match &quoted.transport {
        Transport::Tcp(tcp) => {
            let (from, to) = (tcp.source_port, tcp.destination_port);
            return Some((
                SocketAddr::new(quoted.ip.source(), from),
                SocketAddr::new(quoted.ip.destination(), to),
            ));
        }
        Transport::Unreadable { protocol: Protocol::TCP, octets, .. } => *octets,
        _ => return None,
    };
    let ports = octets.first_chunk::<4>()?;
    let port = |at: usize| u16::from_be_bytes([ports[at], ports[at + 1]]);
    Some((SocketAddr::new(quoted.ip.source(), port(0)), SocketAddr::new(quoted.ip.destination(), port(2))))
}

/// The number that an error quotes.
pub(super) fn quoted_number(packet: &Packet<'_>) -> Option<u32> {
    let error = error_of(packet)?;
    let quoted = Packet::parse_cut(error.quote).ok()?;
    match &quoted.transport {
        Transport::Tcp(tcp) => Some(tcp.seq),
        Transport::Unreadable { protocol: Protocol::TCP, octets, .. } => {
            octets.get(4..8).and_then(|number| number.first_chunk()).map(|number| u32::from_be_bytes(*number))
        }
        _ => None,
    }
}

fn error_of<'a>(packet: &Packet<'a>) -> Option<IcmpError<'a>> {
    let v4 = |quote: &'a [u8], is_source_quench| IcmpError {
        quote,
        is_v6: false,
        is_source_quench,
        may_answer_groups: false,
    };
    let v6 = |quote: &'a [u8], may_answer_groups| IcmpError {
        quote,
        is_v6: true,
        is_source_quench: false,
        may_answer_groups,
    };
    match &packet.transport {
        Transport::Icmpv4(icmp) => match icmp.message {
            Icmpv4Message::DestinationUnreachable { quote, .. }
            | Icmpv4Message::Redirect { quote, .. }
            | Icmpv4Message::TimeExceeded { quote, .. }
            | Icmpv4Message::ParameterProblem { quote, .. } => Some(v4(quote.octets(), false)),
            Icmpv4Message::SourceQuench { quote, .. } => Some(v4(quote.octets(), true)),
            _ => None,
        },
        Transport::Icmpv6(icmp) => match icmp.message {
            Icmpv6Message::DestinationUnreachable { quote, .. }
            | Icmpv6Message::TimeExceeded { quote, .. } => Some(v6(quote.octets(), false)),
            Icmpv6Message::PacketTooBig { quote, .. } => Some(v6(quote.octets(), true)),
            Icmpv6Message::ParameterProblem { quote, .. } => {
                Some(v6(quote.octets(), icmp.code == UNRECOGNISED_OPTION))
            }
            _ => None,
        },
        _ => None,
    }
}
