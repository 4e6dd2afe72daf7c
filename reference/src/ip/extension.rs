//! The extension headers of IPv6 at the destination, in the order in which they stand: RFC 8200 4.
//!
//! Refused: routing headers with segments left, of type 0 as of any other (RFC 5095 3), and fragments
//! (reassembly is not in here). An atomic fragment is a whole packet and is taken (RFC 6946 4).

use super::{Discard, Problem, Refusal};
use crate::wire::Protocol;

/// Extension headers of one packet; a chain beyond is dropped (RFC 8504 5.3 allows a limit).
pub const MAX_EXTENSION_HEADERS: usize = 16;
/// Octets of the fixed header.
pub const FIXED_LEN: usize = 40;
/// Where the fixed header says what follows it.
const FIRST_NEXT_HEADER_AT: usize = 6;

/// What stands behind the extension headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Upper {
    /// The protocol.
    pub protocol: Protocol,
    /// Where it begins, in octets from the start of the packet.
    pub offset: usize,
    /// Where the field stands that names it.
    pub named_at: usize,
}

/// Walks through the extension headers of `packet`, a whole IPv6 packet without what follows it in its frame.
///
/// # Errors
/// [`Refusal`] if one of them says that the packet is not to be taken.
pub fn walk(packet: &[u8]) -> Result<Upper, Refusal> {
    let mut upper = Upper {
        protocol: Protocol(octet(packet, FIRST_NEXT_HEADER_AT)?),
        offset: FIXED_LEN,
        named_at: FIRST_NEXT_HEADER_AT,
    };
    for _ in 0..=MAX_EXTENSION_HEADERS {
        match upper.protocol {
            // RFC 8200 4: in any place but the first, it is as unknown as any other value.
            Protocol::HOP_BY_HOP if upper.offset != FIXED_LEN => {
                let problem = Problem::NextHeader { pointer: upper.named_at };
                return Err(Refusal::Answer(Discard::HopByHopNotFirst, problem));
            }
            Protocol::HOP_BY_HOP | Protocol::DESTINATION_OPTIONS => {
                let len = length(packet, upper.offset)?;
                options(packet, upper.offset + 2, upper.offset + len)?;
                upper = upper.behind(packet, len)?;
            }
            Protocol::ROUTING => {
                let len = length(packet, upper.offset)?;
                // RFC 8200 4.4 with RFC 5095 3: no routing type is known here.
                if octet(packet, upper.offset + 3)? != 0 {
                    let problem = Problem::Field { pointer: upper.offset + 2 };
                    return Err(Refusal::Answer(Discard::RoutingHeader, problem));
                }
                upper = upper.behind(packet, len)?;
            }
            Protocol::FRAGMENT => {
                let field = [octet(packet, upper.offset + 2)?, octet(packet, upper.offset + 3)?];
                // RFC 6946 4: offset 0 and no more fragments; the two reserved bits between them are ignored.
                if u16::from_be_bytes(field) & 0xfff9 != 0 {
                    return Err(Refusal::Silent(Discard::Fragment));
                }
                upper = upper.behind(packet, 8)?;
            }
            // RFC 8200 4.7.
            Protocol::NO_NEXT_HEADER => return Err(Refusal::Silent(Discard::NoNextHeader)),
            _ => return Ok(upper),
        }
    }
    Err(Refusal::Silent(Discard::TooManyExtensionHeaders))
}

impl Upper {
    /// What stands behind an extension header of `len` octets.
    fn behind(self, packet: &[u8], len: usize) -> Result<Self, Refusal> {
        let offset = self.offset + len;
        let protocol = Protocol(octet(packet, self.offset)?);
        if offset > packet.len() {
            return Err(Refusal::Silent(Discard::Truncated));
        }
        Ok(Self { protocol, offset, named_at: self.offset })
    }
}

/// The length of the extension header at `offset`, which the packet holds whole.
fn length(packet: &[u8], offset: usize) -> Result<usize, Refusal> {
    let len = 8 * (usize::from(octet(packet, offset + 1)?) + 1);
    if packet.len() - offset < len {
        return Err(Refusal::Silent(Discard::Truncated));
    }
    Ok(len)
}

fn octet(packet: &[u8], offset: usize) -> Result<u8, Refusal> {
    packet.get(offset).copied().ok_or(Refusal::Silent(Discard::Truncated))
}

/// The options from `at` to `end`, RFC 8200 4.2: strictly in order, up to the first that forbids to go on.
fn options(packet: &[u8], mut at: usize, end: usize) -> Result<(), Refusal> {
    const PAD1: u8 = 0;
    const PADN: u8 = 1;
    while at < end {
        let kind = octet(packet, at)?;
        if kind == PAD1 {
            at += 1;
            continue;
        }
        let behind = at + 2 + usize::from(octet(packet, at + 1)?);
        if behind > end {
            return Err(Refusal::Silent(Discard::BadOption));
        }
        // The highest two bits say what to do with an option that is not known; beside padding, none is.
        match kind >> 6 {
            _ if kind == PADN => {}
            0b00 => {}
            0b01 => return Err(Refusal::Silent(Discard::UnknownOption)),
            action => {
                let problem = Problem::Option { pointer: at, even_to_group: action == 0b10 };
                return Err(Refusal::Answer(Discard::UnknownOption, problem));
            }
        }
        at = behind;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A packet with these octets behind a fixed header that names `first`.
    fn packet(first: u8, behind: &[u8]) -> Vec<u8> {
        let mut packet = vec![0; FIXED_LEN];
        packet[FIRST_NEXT_HEADER_AT] = first;
        packet.extend_from_slice(behind);
        packet
    }

    fn silent(discard: Discard) -> Result<Upper, Refusal> {
        Err(Refusal::Silent(discard))
    }

    #[test]
    fn without_extension_headers_the_upper_layer_follows_at_once() {
        let upper = Upper { protocol: Protocol::TCP, offset: 40, named_at: 6 };
        assert_eq!(walk(&packet(6, &[])), Ok(upper));
    }

    #[test]
    fn known_headers_are_walked_through_in_order() {
        let chain = [
            [60, 0, 1, 4, 0, 0, 0, 0], // hop-by-hop: PadN
            [43, 0, 0, 0, 0, 0, 5, 0], // destination options: Pad1 four times, router alert skipped by its bits
            [44, 0, 0, 0, 0, 0, 0, 0], // routing type 0, nothing left
            [6, 0, 0, 6, 0, 0, 0, 9],  // atomic fragment, reserved bits set
        ];
        let upper = Upper { protocol: Protocol::TCP, offset: 72, named_at: 64 };
        assert_eq!(walk(&packet(0, chain.as_flattened())), Ok(upper));
    }

    #[test]
    fn options_that_are_not_known_do_what_their_highest_bits_say() {
        let problem = |even_to_group| Problem::Option { pointer: 43, even_to_group };
        let cases = [
            (0x1e, Ok(Upper { protocol: Protocol::UDP, offset: 48, named_at: 40 })),
            (0x5e, silent(Discard::UnknownOption)),
            (0x9e, Err(Refusal::Answer(Discard::UnknownOption, problem(true)))),
            (0xde, Err(Refusal::Answer(Discard::UnknownOption, problem(false)))),
        ];
        for (kind, expected) in cases {
            assert_eq!(walk(&packet(60, &[17, 0, 0, kind, 3, 0, 0, 0])), expected, "{kind:#x}");
        }
    }

    #[test]
    fn a_routing_header_with_segments_left_is_refused_at_its_type() {
        let expected = Err(Refusal::Answer(Discard::RoutingHeader, Problem::Field { pointer: 42 }));
        for kind in [0, 2, 77] {
            assert_eq!(walk(&packet(43, &[6, 0, kind, 1, 0, 0, 0, 0])), expected);
        }
    }

    #[test]
    fn fragments_are_discarded_first_and_later_ones() {
        for field in [[0, 1], [0, 8], [5, 0xa8]] {
            let fragment = [6, 0, field[0], field[1], 0, 0, 0, 1];
            assert_eq!(walk(&packet(44, &fragment)), silent(Discard::Fragment));
        }
    }

    #[test]
    fn hop_by_hop_options_stand_first_or_are_refused_where_they_are_named() {
        let chain = [[0, 0, 1, 4, 0, 0, 0, 0], [6, 0, 1, 4, 0, 0, 0, 0]];
        let problem = Problem::NextHeader { pointer: 40 };
        let expected = Err(Refusal::Answer(Discard::HopByHopNotFirst, problem));
        assert_eq!(walk(&packet(60, chain.as_flattened())), expected);
    }

    #[test]
    fn chains_that_end_early_or_never_are_discarded() {
        assert_eq!(walk(&packet(60, &[6, 1, 1, 4, 0, 0, 0, 0])), silent(Discard::Truncated));
        assert_eq!(walk(&packet(60, &[6])), silent(Discard::Truncated));
        assert_eq!(walk(&packet(44, &[6, 0, 0, 0])), silent(Discard::Truncated));
        assert_eq!(walk(&packet(60, &[6, 0, 1, 5, 0, 0, 0, 0])), silent(Discard::BadOption));
        assert_eq!(walk(&packet(59, &[])), silent(Discard::NoNextHeader));
        let long = [60, 0, 1, 4, 0, 0, 0, 0].repeat(MAX_EXTENSION_HEADERS + 1);
        assert_eq!(walk(&packet(60, &long)), silent(Discard::TooManyExtensionHeaders));
    }
}
