//! Packets as octets, written by hand after RFC 791 3.1 and RFC 8200 3; checksums added up by hand (RFC 1071).

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

/// 192.0.2.1 to 192.0.2.2, UDP, TTL 64, four octets of payload, and two octets of padding behind.
/// 4500 + 0018 + 0000 + 0000 + 4011 + c000 + 0201 + c000 + 0202 = 2092c, 092c + 2 = 092e; complement f6d1.
const PLAIN: [u8; 26] =
    [0x45, 0, 0, 24, 0, 0, 0, 0, 64, 17, 0xf6, 0xd1, 192, 0, 2, 1, 192, 0, 2, 2, 1, 2, 3, 4, 0, 0];

/// The same with other 16-bit words in its header, and the checksum right again (RFC 1624).
fn with(changes: &[(usize, u16)]) -> Vec<u8> {
    let mut packet = PLAIN.to_vec();
    for (at, word) in changes {
        packet[*at..at + 2].copy_from_slice(&word.to_be_bytes());
    }
    packet[10..12].fill(0);
    let header_len = usize::from(packet[0] & 0xf) * 4;
    let sum: u32 = packet[..header_len].chunks(2).map(|w| u32::from(w[0]) << 8 | u32::from(w[1])).sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    packet[10..12].copy_from_slice(&(!(folded as u16)).to_be_bytes());
    packet
}

fn taken(packet: &[u8]) -> Result<Protocol, Discard> {
    let arrival = ipv4(&ours(), Cast::Unicast, packet)?;
    open(&ours(), &arrival).map(|arrival| arrival.protocol).map_err(discard)
}

fn discard(refusal: Refusal) -> Discard {
    match refusal {
        Refusal::Silent(discard) | Refusal::Answer(discard, _) => discard,
    }
}

/// What the options of a packet are refused for.
fn refused(packet: &[u8]) -> Refusal {
    let arrival = ipv4(&ours(), Cast::Unicast, packet).unwrap();
    open(&ours(), &arrival).unwrap_err()
}

#[test]
fn a_whole_packet_is_taken_without_the_padding_of_its_frame() {
    let arrival = ipv4(&ours(), Cast::Unicast, &PLAIN).unwrap();
    assert_eq!(arrival.payload, [1, 2, 3, 4]);
    assert_eq!(arrival.packet, &PLAIN[..24]);
    assert_eq!(arrival.source, "192.0.2.1".parse::<IpAddr>().unwrap());
    assert_eq!((arrival.reach, arrival.protocol, arrival.hop_limit), (Reach::Own, Protocol::UDP, 64));
    assert_eq!(with(&[]), PLAIN, "the helper of these tests agrees with the sum done by hand");
}

#[test]
fn header_faults_are_discarded_silently() {
    let mut wrong = PLAIN;
    wrong[11] ^= 1;
    assert_eq!(taken(&wrong), Err(Discard::Checksum));
    for (what, packet) in [
        ("version 6", with(&[(0, 0x6500)])),
        ("header length 16", with(&[(0, 0x4400)])),
        ("total length beyond the frame", with(&[(2, 27)])),
        ("total length below the header", with(&[(2, 19)])),
    ] {
        let discard = ipv4(&ours(), Cast::Unicast, &packet).unwrap_err();
        assert!(matches!(discard, Discard::Malformed(_)), "{what}: {discard:?}");
    }
}

#[test]
fn packets_for_others_or_from_nobody_are_discarded() {
    assert_eq!(taken(&with(&[(18, 0x0203)])), Err(Discard::NotForUs));
    assert_eq!(taken(&with(&[(12, 0x7f00)])), Err(Discard::Martian(Martian::Loopback)));
    assert_eq!(taken(&with(&[(14, 0x02ff)])), Err(Discard::Martian(Martian::Broadcast)));
    assert_eq!(taken(&with(&[(14, 0x0202)])), Err(Discard::Martian(Martian::Own)));
    assert_eq!(taken(&with(&[(12, 0), (14, 0)])), Err(Discard::Martian(Martian::Unspecified)));
    assert_eq!(taken(&with(&[(18, 0x02ff)])), Ok(Protocol::UDP), "to the broadcast address of the link");
}

#[test]
fn a_packet_for_us_alone_in_a_frame_for_all_is_discarded() {
    for cast in [Cast::Broadcast, Cast::Multicast] {
        assert_eq!(ipv4(&ours(), cast, &PLAIN).unwrap_err(), Discard::LinkBroadcast);
    }
}

#[test]
fn fragments_are_discarded() {
    assert_eq!(taken(&with(&[(6, 0x2000)])), Err(Discard::Fragment));
    assert_eq!(taken(&with(&[(6, 0x0001)])), Err(Discard::Fragment));
    assert_eq!(taken(&with(&[(6, 0x4000)])), Ok(Protocol::UDP), "DF alone is no fragment");
    assert_eq!(taken(&with(&[(6, 0x8000)])), Ok(Protocol::UDP), "nor is the reserved flag");
}

/// IHL 6 makes the four octets behind the fixed header options.
fn options(octets: [u8; 4]) -> Vec<u8> {
    let [a, b, c, d] = octets;
    with(&[(0, 0x4600), (20, u16::from_be_bytes([a, b])), (22, u16::from_be_bytes([c, d]))])
}

#[test]
fn options_that_are_not_known_are_ignored() {
    for option in [[1, 1, 1, 0], [0x9e, 4, 0, 0], [7, 3, 4, 0], [0, 0xff, 0xff, 0xff]] {
        assert_eq!(taken(&options(option)), Ok(Protocol::UDP), "{option:?}");
    }
}

#[test]
fn an_option_without_a_possible_length_is_a_problem_at_that_place() {
    for (option, pointer) in [([0x9e, 0, 0, 0], 21), ([0x9e, 1, 0, 0], 21), ([1, 0x9e, 9, 0], 23)] {
        let Refusal::Answer(Discard::BadOption, problem) = refused(&options(option)) else {
            panic!("{option:?} is taken");
        };
        let Problem::Field { pointer: found } = problem else { panic!("{problem:?}") };
        assert!((20..=pointer).contains(&found), "{option:?}: {found}");
    }
}

#[test]
fn a_source_route_that_leads_on_is_refused_and_a_finished_one_ignored() {
    let mut packet = [PLAIN[..20].to_vec(), vec![131, 7, 4, 198, 51, 100, 1, 0], vec![1, 2, 3, 4]].concat();
    packet[0] = 0x47;
    packet[3] = 32;
    // 4700 for 4500, 0020 for 0018, and the options: 8307 + 04c6 + 3364 + 0100.
    let sum: u32 = 0x4700 + 0x20 + 0x4011 + 0xc000 + 0x201 + 0xc000 + 0x202 + 0x8307 + 0x4c6 + 0x3364 + 0x100;
    let folded = (sum & 0xffff) + (sum >> 16);
    packet[10..12].copy_from_slice(&(!(folded as u16)).to_be_bytes());
    assert_eq!(refused(&packet), Refusal::Answer(Discard::SourceRoute, Problem::SourceRoute));
    // Pointer 8 is behind the only address: 0004 more in the word that holds the pointer.
    packet[22] = 8;
    let folded = folded + 0x400;
    packet[10..12].copy_from_slice(&(!((folded & 0xffff) as u16 + (folded >> 16) as u16)).to_be_bytes());
    assert_eq!(taken(&packet), Ok(Protocol::UDP));
}

/// From `source` to `destination`, with destination options of eight octets (PadN) before the payload.
fn v6(source: &str, destination: &str, next: u8) -> Vec<u8> {
    let mut packet = vec![0x60, 0, 0, 0, 0, 12, 60, 64];
    for address in [source, destination] {
        packet.extend_from_slice(&address.parse::<Ipv6Addr>().unwrap().octets());
    }
    packet.extend_from_slice(&[next, 0, 1, 4, 0, 0, 0, 0, 1, 2, 3, 4, 0xee]);
    packet
}

#[test]
fn an_ipv6_packet_is_taken_behind_its_extension_headers() {
    let packet = v6("2001:db8::1", "2001:db8::2", 17);
    let arrival = open(&ours(), &ipv6(&ours(), Cast::Unicast, &packet).unwrap()).unwrap();
    assert_eq!(arrival.payload, [1, 2, 3, 4]);
    assert_eq!(arrival.packet.len(), 52);
    assert_eq!((arrival.protocol, arrival.named_at), (Protocol::UDP, 40));
}

#[test]
fn ipv6_packets_for_others_or_from_nobody_are_discarded() {
    let refused = |source, destination, next| -> Result<(), Discard> {
        let packet = v6(source, destination, next);
        let arrival = ipv6(&ours(), Cast::Unicast, &packet)?;
        open(&ours(), &arrival).map(|_| ()).map_err(discard)
    };
    assert_eq!(refused("2001:db8::1", "2001:db8::3", 6), Err(Discard::NotForUs));
    assert_eq!(refused("::1", "2001:db8::2", 6), Err(Discard::Martian(Martian::Loopback)));
    assert_eq!(refused("ff02::1", "2001:db8::2", 6), Err(Discard::Martian(Martian::Multicast)));
    assert_eq!(refused("2001:db8::2", "2001:db8::2", 6), Err(Discard::Martian(Martian::Own)));
    assert_eq!(refused("::", "2001:db8::2", 6), Err(Discard::Martian(Martian::Unspecified)));
    assert_eq!(refused("::", "ff02::1", 58), Ok(()), "only discovery may hear it");
}
