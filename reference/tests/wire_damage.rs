//! What parses is emitted again as it was, and what is damaged is told of and never panics.

mod wire_frames;

use wireproof_reference::wire::{Content, Fault, Frame, Icmpv4, Icmpv6, Ip, Packet, Transport};

/// Parses, re-emits, walks over all that can be walked over, and prints.
fn exercise(name: &str, octets: &[u8]) {
    if let Ok(frame) = Frame::parse(octets) {
        assert_eq!(frame.to_vec().as_deref(), Ok(octets), "{name}: the strict parse lost something");
        look_at(&frame);
    }
    if let Ok(frame) = Frame::parse_cut(octets) {
        assert_eq!(frame.to_vec().as_deref(), Ok(octets), "{name}: the lenient parse lost something");
        look_at(&frame);
    }
}

fn look_at(frame: &Frame<'_>) {
    let line = frame.to_string();
    assert!(!line.is_empty() && !line.contains('\n'), "not one line: {line}");
    assert!(frame.tree().to_string().lines().count() >= 2);
    let Content::Ip(packet) = &frame.content else { return };
    let _ = packet.checksums();
    if let Ip::V4(header) = &packet.ip {
        assert!(header.options.iter().count() <= 40);
    }
    if let Ip::V6(header) = &packet.ip {
        assert!(header.extensions().count() <= header.extensions.octets().len() / 8 + 1);
    }
    match &packet.transport {
        Transport::Tcp(tcp) => assert!(tcp.options.iter().count() <= 40),
        Transport::Icmpv4(icmp) => drop(icmp.quoted()),
        Transport::Icmpv6(icmp) => drop(icmp.quoted()),
        _ => {}
    }
    if let Ok(filled) = packet.filled() {
        // The checksum of a UDP datagram covers its length field, so every transport is right after filling in.
        assert!(filled.missing() == 0, "{packet}");
        assert!(filled.checksums().are_right(), "{packet}");
    }
}

#[test]
fn every_frame_written_by_hand_parses_and_is_emitted_again_as_it_was() {
    for (name, octets) in wire_frames::all() {
        let frame = Frame::parse(&octets).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(frame.to_vec().as_deref(), Ok(&octets[..]), "{name}");
        assert_eq!(frame.wire_len(), octets.len(), "{name}");
        assert_eq!(Frame::parse_cut(&octets), Ok(frame), "{name}: the lenient parse sees something else");
        exercise(name, &octets);
    }
}

#[test]
fn every_checksum_computed_apart_from_us_is_right() {
    for (name, octets) in wire_frames::all() {
        let frame = Frame::parse(&octets).unwrap_or_else(|error| panic!("{name}: {error}"));
        if let Some(packet) = frame.packet() {
            assert!(packet.checksums().are_right(), "{name}: {:?}", packet.checksums());
            assert_eq!(packet.missing(), 0, "{name}");
        }
    }
}

#[test]
fn filling_in_lengths_and_checksums_changes_nothing_in_a_frame_that_has_them() {
    for (name, octets) in wire_frames::all() {
        // Without a checksum, with a length less than its datagram, with lengths of zero: filled in, they differ.
        if name.contains("surplus") || name.contains("jumbo") {
            continue;
        }
        let frame = Frame::parse(&octets).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(frame.filled(), Ok(frame), "{name}");
    }
}

#[test]
fn a_frame_cut_anywhere_is_an_error_that_names_the_place_and_the_lenient_parse_keeps_what_is_there() {
    for (name, octets) in wire_frames::all() {
        for len in 0..octets.len() {
            let cut = &octets[..len];
            exercise(name, cut);
            if let Err(error) = Frame::parse(cut) {
                assert_eq!(error.fault, Fault::Truncated, "{name} cut to {len}: {error}");
                assert_eq!(error.offset + error.had, len, "{name} cut to {len}: {error}");
                assert!(error.needed > error.had, "{name} cut to {len}: {error}");
            }
            assert_eq!(Frame::parse_cut(cut).is_ok(), len >= header_len(&octets), "{name} cut to {len}");
        }
    }
}

/// Octets of the Ethernet header with its tags.
fn header_len(octets: &[u8]) -> usize {
    match octets[12..14] {
        [0x81, 0x00] => 18,
        [0x88, 0xa8] => 22,
        _ => 14,
    }
}

#[test]
fn a_packet_cut_within_its_payload_still_tells_its_lengths() {
    let octets = wire_frames::octets(wire_frames::tcp::DATA);
    let cut = Frame::parse_cut(&octets[..octets.len() - 3]).expect("the headers are there");
    let packet = cut.packet().expect("it is IP");
    assert_eq!(packet.missing(), 3);
    assert_eq!(packet.ip.payload_len(), 39);
    assert_eq!(packet.tcp().expect("it is TCP").payload, b"GET ");
    let error = Frame::parse(&octets[..octets.len() - 3]).expect_err("the strict parse wants it all");
    assert_eq!(error.to_string(), "IPv4 payload at octet 34: needs 39 octets, 36 are there");
}

#[test]
fn every_single_bit_flip_is_parsed_without_loss_or_refused() {
    for (name, octets) in wire_frames::all() {
        let mut flipped = octets.clone();
        for bit in 0..octets.len() * 8 {
            flipped[bit / 8] ^= 0x80 >> (bit % 8);
            exercise(name, &flipped);
            flipped[bit / 8] = octets[bit / 8];
        }
    }
}

#[test]
fn a_flipped_bit_under_a_checksum_makes_it_wrong() {
    for text in [wire_frames::tcp::DATA, wire_frames::ip::UDP, wire_frames::icmp::ECHO_REQUEST] {
        let octets = wire_frames::octets(text);
        let mut flipped = octets.clone();
        // From the transport header on: the IP header's lengths cannot be flipped without an error.
        for bit in 34 * 8..octets.len() * 8 {
            flipped[bit / 8] ^= 0x80 >> (bit % 8);
            if let Ok(frame) = Frame::parse(&flipped) {
                let right = frame.packet().is_some_and(|packet| packet.checksums().are_right());
                assert!(!right, "bit {bit} of {text}");
            }
            flipped[bit / 8] = octets[bit / 8];
        }
    }
}

#[test]
fn raw_ip_parses_as_it_does_within_a_frame() {
    for (name, octets) in wire_frames::all() {
        let frame = Frame::parse(&octets).unwrap_or_else(|error| panic!("{name}: {error}"));
        if let Some(packet) = frame.packet() {
            assert_eq!(Packet::parse(&octets[frame.ethernet.wire_len()..]).as_ref(), Ok(packet), "{name}");
        }
    }
}

#[test]
fn any_two_octets_may_begin_an_icmp_message() {
    for kind in 0..=255 {
        for len in 0..64 {
            let mut octets = vec![0xa5; len];
            if let Some(first) = octets.first_mut() {
                *first = kind;
            }
            let mut out = vec![0; len];
            if let Ok(icmp) = Icmpv4::parse(&octets) {
                assert_eq!((icmp.emit(&mut out), &out), (Ok(len), &octets), "ICMP type {kind}");
            }
            if let Ok(icmp) = Icmpv6::parse(&octets) {
                assert_eq!((icmp.emit(&mut out), &out), (Ok(len), &octets), "ICMPv6 type {kind}");
            }
        }
    }
}
