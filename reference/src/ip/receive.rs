//! Packets in: RFC 1122 3.2.1 for IPv4, RFC 8200 for IPv6.
//!
//! The source route by which a packet came goes up, reversed, to whoever answers (RFC 1122 3.2.1.8 (c)).

use super::address::{Addresses, Martian, Reach};
use super::extension;
use super::{Arrival, Discard, Problem, Refusal};
use crate::link::Cast;
use crate::wire::{Ipv4, Ipv4Option, Ipv6, Protocol, SourceRoute};
use core::net::{IpAddr, Ipv6Addr};

/// Where an IPv4 header names its protocol.
const PROTOCOL_AT: usize = 9;

/// Checks the IPv4 packet at the start of `octets`.
///
/// # Errors
/// [`Discard`] if it is not to be taken.
pub fn ipv4<'a>(addresses: &Addresses, cast: Cast, octets: &'a [u8]) -> Result<Arrival<'a>, Discard> {
    let (header, payload) = Ipv4::parse(octets).map_err(Discard::Malformed)?;
    // RFC 1122 3.2.1.2, MUST.
    if !header.is_checksum_right() {
        return Err(Discard::Checksum);
    }
    let arrival = Arrival {
        source: IpAddr::V4(header.source),
        destination: IpAddr::V4(header.destination),
        reach: addresses.reach(IpAddr::V4(header.destination)),
        cast,
        protocol: header.protocol,
        named_at: PROTOCOL_AT,
        hop_limit: header.ttl,
        dscp: header.dscp,
        return_route: None,
        payload,
        packet: &octets[..header.wire_len() + payload.len()],
    };
    check_addresses(addresses, &arrival)?;
    // RFC 1122 3.2.1.4 asks for reassembly, which is not in here.
    if header.is_fragment() {
        return Err(Discard::Fragment);
    }
    Ok(arrival)
}

/// Checks the IPv6 packet at the start of `octets`, and walks through its extension headers.
///
/// # Errors
/// [`Discard`] if it is not to be taken.
pub fn ipv6<'a>(addresses: &Addresses, cast: Cast, octets: &'a [u8]) -> Result<Arrival<'a>, Discard> {
    let (header, payload) = Ipv6::parse(octets).map_err(Discard::Malformed)?;
    let packet = &octets[..header.wire_len() + payload.len()];
    let arrival = Arrival {
        source: IpAddr::V6(header.source),
        destination: IpAddr::V6(header.destination),
        reach: addresses.reach(IpAddr::V6(header.destination)),
        cast,
        protocol: header.next_header,
        named_at: 0,
        hop_limit: header.hop_limit,
        dscp: header.dscp,
        return_route: None,
        payload,
        packet,
    };
    check_addresses(addresses, &arrival)?;
    Ok(arrival)
}

/// Looks at the options or extension headers of a packet and gives it with what they tell and what stands behind them.
///
/// # Errors
/// [`Refusal`] if one of them says that it is not to be taken.
pub fn open<'a>(addresses: &Addresses, arrival: &Arrival<'a>) -> Result<Arrival<'a>, Refusal> {
    if arrival.source.is_ipv4() {
        let route = ipv4_options(arrival.packet)?;
        // No gateway has an address that is nobody's, everybody's or ours.
        let is_passable = |route: &SourceRoute| {
            route.gateways().iter().all(|gateway| addresses.martian(IpAddr::V4(*gateway)).is_none())
        };
        return Ok(Arrival { return_route: route.filter(is_passable), ..*arrival });
    }
    let extension::Upper { protocol, offset, named_at } = extension::walk(arrival.packet)?;
    // RFC 4291 2.5.2: `::` is a source only before a host knows its address; only discovery may hear it.
    if arrival.source == IpAddr::V6(Ipv6Addr::UNSPECIFIED) && protocol != Protocol::ICMPV6 {
        return Err(Refusal::Silent(Discard::Martian(Martian::Unspecified)));
    }
    Ok(Arrival { protocol, named_at, payload: &arrival.packet[offset..], ..*arrival })
}

/// RFC 1122 3.2.1.8: options that are not known are ignored. Gives the way back of a source route.
fn ipv4_options(packet: &[u8]) -> Result<Option<SourceRoute>, Refusal> {
    let (header, _) = Ipv4::parse(packet).map_err(|error| Refusal::Silent(Discard::Malformed(error)))?;
    for option in header.options.iter() {
        let route = match option {
            // RFC 1122 3.2.2.5, SHOULD: the place of the fault.
            Err(error) => {
                return Err(Refusal::Answer(Discard::BadOption, Problem::Field { pointer: error.offset }));
            }
            Ok(Ipv4Option::LooseSourceRoute(route) | Ipv4Option::StrictSourceRoute(route)) => route,
            Ok(
                Ipv4Option::EndOfList
                | Ipv4Option::NoOperation
                | Ipv4Option::RecordRoute(_)
                | Ipv4Option::Timestamp { .. }
                | Ipv4Option::RouterAlert(_)
                | Ipv4Option::Unknown { .. },
            ) => continue,
        };
        if !route.is_complete() {
            return Err(Refusal::Answer(Discard::SourceRoute, Problem::SourceRoute));
        }
    }
    Ok(header.options.return_route(header.source))
}

/// RFC 1122 3.2.1.3 and 3.3.6; RFC 9293 3.9.2.3 MUST-63.
fn check_addresses(addresses: &Addresses, arrival: &Arrival<'_>) -> Result<(), Discard> {
    match arrival.reach {
        Reach::Other => return Err(Discard::NotForUs),
        // RFC 1122 3.3.6, SHOULD: broadcast by the link alone.
        Reach::Own if arrival.cast != Cast::Unicast => return Err(Discard::LinkBroadcast),
        Reach::Own | Reach::Broadcast | Reach::Group => {}
    }
    match addresses.martian(arrival.source) {
        Some(Martian::Unspecified) if arrival.source == IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ok(()),
        Some(martian) => Err(Discard::Martian(martian)),
        None => Ok(()),
    }
}

#[cfg(test)]
#[path = "receive_tests.rs"]
mod tests;
