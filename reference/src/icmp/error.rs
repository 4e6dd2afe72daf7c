//! ICMP errors out, and when never: RFC 1122 3.2.2, RFC 4443 2.4.

use crate::ip::address::{Addresses, Reach};
use crate::ip::{Arrival, Problem};
use crate::link::Cast;
use crate::wire::{Icmpv4, Icmpv4Message, Icmpv6, Icmpv6Message, Protocol, Span};
use core::net::IpAddr;

/// What an error of IPv4 quotes at most, so that it fits 576 octets: RFC 1812 4.3.2.3 asks for as much as possible.
pub const MAX_QUOTE_V4: usize = 576 - 20 - 8;
/// RFC 4443 2.4 (c): as much as fits the minimum MTU.
pub const MAX_QUOTE_V6: usize = 1280 - 40 - 8;

/// An error to be sent, its checksum still to be filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorMessage<'a> {
    /// To an IPv4 host.
    V4(Icmpv4<'a>),
    /// To an IPv6 host.
    V6(Icmpv6<'a>),
}

/// The error for `problem` with the packet `arrival`, `None` if a rule forbids to send it.
pub fn message<'a>(
    addresses: &Addresses,
    arrival: &Arrival<'a>,
    problem: Problem,
) -> Option<ErrorMessage<'a>> {
    if !may_answer(addresses, arrival, problem) {
        return None;
    }
    let quote = |most: usize| Span::new(&arrival.packet[..arrival.packet.len().min(most)]);
    match arrival.source {
        IpAddr::V4(_) => ipv4(problem, quote(MAX_QUOTE_V4)).map(ErrorMessage::V4),
        IpAddr::V6(_) => ipv6(problem, arrival.named_at, quote(MAX_QUOTE_V6)).map(ErrorMessage::V6),
    }
}

/// RFC 792.
fn ipv4(problem: Problem, quote: Span<'_>) -> Option<Icmpv4<'_>> {
    let code = match problem {
        Problem::Protocol => 2,
        Problem::Port => 3,
        Problem::SourceRoute => 5,
        Problem::Field { pointer } => {
            // The pointer has eight bits; a header has 60 octets at most.
            let pointer = u8::try_from(pointer).ok()?;
            return Some(Icmpv4::new(0, Icmpv4Message::ParameterProblem { pointer, unused: [0; 3], quote }));
        }
        Problem::NextHeader { .. } | Problem::Option { .. } => return None,
    };
    let message = Icmpv4Message::DestinationUnreachable { unused: 0, next_hop_mtu: 0, quote };
    Some(Icmpv4::new(code, message))
}

/// RFC 4443 3.
fn ipv6(problem: Problem, named_at: usize, quote: Span<'_>) -> Option<Icmpv6<'_>> {
    let (code, pointer) = match problem {
        Problem::Field { pointer } => (0, pointer),
        Problem::NextHeader { pointer } => (1, pointer),
        // IPv6 has no "protocol unreachable": it is a next header like any other (RFC 8200 4).
        Problem::Protocol => (1, named_at),
        Problem::Option { pointer, .. } => (2, pointer),
        Problem::Port => {
            return Some(Icmpv6::new(4, Icmpv6Message::DestinationUnreachable { unused: 0, quote }));
        }
        Problem::SourceRoute => return None,
    };
    // The place lies within a packet of at most 65,575 octets.
    let pointer = u32::try_from(pointer).ok()?;
    Some(Icmpv6::new(code, Icmpv6Message::ParameterProblem { pointer, quote }))
}

/// The rules that take precedence over all others.
fn may_answer(addresses: &Addresses, arrival: &Arrival<'_>, problem: Problem) -> bool {
    // RFC 4443 2.4 (e.3), second exception, and with it e.4 and e.5.
    let even_to_group = matches!(problem, Problem::Option { even_to_group: true, .. });
    // RFC 1122 3.2.2 and RFC 4443 2.4 (e.3), (e.4), (e.5). Fragments never come this far.
    let to_one = arrival.reach == Reach::Own && arrival.cast == Cast::Unicast;
    // RFC 1122 3.2.2, RFC 4443 2.4 (e.6): the source has to be a single host.
    let from_one = addresses.martian(arrival.source).is_none();
    (to_one || even_to_group) && from_one && !is_error(arrival)
}

/// RFC 1122 3.2.2, RFC 4443 2.4 (e.1) and (e.2): an error or a redirect. One that is cut short might be one.
fn is_error(arrival: &Arrival<'_>) -> bool {
    let kind = arrival.payload.first();
    match arrival.protocol {
        Protocol::ICMP => kind.is_none_or(|kind| matches!(kind, 3 | 4 | 5 | 11 | 12)),
        Protocol::ICMPV6 => kind.is_none_or(|kind| *kind < 128 || *kind == 137),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ip::address::Prefix;
    use crate::wire::MacAddr;
    use core::net::Ipv4Addr;

    fn ours() -> Addresses {
        Addresses {
            mac: MacAddr([2, 0, 0, 0, 0, 2]),
            ipv4: vec![Prefix { address: Ipv4Addr::new(192, 0, 2, 2), length: 24 }],
            ipv6: vec![Prefix { address: "2001:db8::2".parse().unwrap(), length: 64 }],
        }
    }

    const PACKET: [u8; 2000] = [7; 2000];

    fn arrival(source: &str, protocol: Protocol, payload: &'static [u8]) -> Arrival<'static> {
        let source: IpAddr = source.parse().unwrap();
        let destination = ours().source_for(source).unwrap();
        Arrival {
            source,
            destination,
            reach: Reach::Own,
            cast: Cast::Unicast,
            protocol,
            named_at: 48,
            hop_limit: 64,
            dscp: 0,
            return_route: None,
            payload,
            packet: &PACKET,
        }
    }

    /// The fixed part of the message on the wire without its checksum, and how much it quotes.
    fn told(source: &str, problem: Problem) -> Option<([u8; 2], [u8; 4], usize)> {
        let arrival = arrival(source, Protocol::UDP, &[]);
        let mut octets = [0; 1500];
        let len = match message(&ours(), &arrival, problem)? {
            ErrorMessage::V4(message) => message.emit(&mut octets).unwrap(),
            ErrorMessage::V6(message) => message.emit(&mut octets).unwrap(),
        };
        Some(([octets[0], octets[1]], [octets[4], octets[5], octets[6], octets[7]], len - 8))
    }

    const V4: &str = "192.0.2.1";
    const V6: &str = "2001:db8::1";

    #[test]
    fn each_problem_has_its_type_code_and_pointer() {
        let option = Problem::Option { pointer: 43, even_to_group: false };
        let cases = [
            (V4, Problem::Protocol, [3, 2], [0; 4], 548),
            (V4, Problem::Port, [3, 3], [0; 4], 548),
            (V4, Problem::SourceRoute, [3, 5], [0; 4], 548),
            (V4, Problem::Field { pointer: 21 }, [12, 0], [21, 0, 0, 0], 548),
            (V6, Problem::Protocol, [4, 1], [0, 0, 0, 48], 1232),
            (V6, Problem::Port, [1, 4], [0; 4], 1232),
            (V6, Problem::Field { pointer: 42 }, [4, 0], [0, 0, 0, 42], 1232),
            (V6, Problem::NextHeader { pointer: 300 }, [4, 1], [0, 0, 1, 44], 1232),
            (V6, option, [4, 2], [0, 0, 0, 43], 1232),
        ];
        for (source, problem, kind, rest, quoted) in cases {
            assert_eq!(told(source, problem), Some((kind, rest, quoted)), "{source} {problem:?}");
        }
    }

    #[test]
    fn no_error_answers_an_error() {
        let payloads: [(&str, Protocol, &'static [u8], bool); 8] = [
            (V4, Protocol::ICMP, &[3, 3], false),
            (V4, Protocol::ICMP, &[11, 0], false),
            (V4, Protocol::ICMP, &[], false),
            (V4, Protocol::ICMP, &[8, 0], true),
            (V6, Protocol::ICMPV6, &[1, 4], false),
            (V6, Protocol::ICMPV6, &[100, 0], false),
            (V6, Protocol::ICMPV6, &[137, 0], false),
            (V6, Protocol::ICMPV6, &[128, 0], true),
        ];
        for (source, protocol, payload, answered) in payloads {
            let arrival = arrival(source, protocol, payload);
            let problem = Problem::Field { pointer: 20 };
            assert_eq!(message(&ours(), &arrival, problem).is_some(), answered, "{protocol} {payload:?}");
        }
    }

    #[test]
    fn no_error_answers_what_was_sent_to_many_but_for_one_kind_of_option() {
        let exception = Problem::Option { pointer: 43, even_to_group: true };
        let rule = Problem::Option { pointer: 43, even_to_group: false };
        for (reach, cast) in
            [(Reach::Group, Cast::Multicast), (Reach::Group, Cast::Unicast), (Reach::Own, Cast::Broadcast)]
        {
            let arrival = Arrival { reach, cast, ..arrival(V6, Protocol::UDP, &[]) };
            assert!(message(&ours(), &arrival, rule).is_none());
            assert!(message(&ours(), &arrival, Problem::Port).is_none());
            assert!(message(&ours(), &arrival, exception).is_some());
        }
    }

    #[test]
    fn no_error_goes_to_nobody_or_to_many() {
        for source in ["0.0.0.0", "127.0.0.1", "192.0.2.255", "224.0.0.1", "240.0.0.1", "192.0.2.2"] {
            assert_eq!(told(source, Problem::Port), None, "{source}");
        }
        for source in ["::", "::1", "ff02::1", "2001:db8::2"] {
            assert_eq!(told(source, Problem::Port), None, "{source}");
        }
    }
}
