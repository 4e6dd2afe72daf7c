//! Captures written by hand, octet by octet, and damaged ones.

use super::*;
use crate::capture::connection::{Connections, End};
use crate::capture::link::Content;

/// The draft's field order; `0x`-less hexadecimal, blanks for reading.
fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_digit(16).unwrap() as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// IPv4 and TCP without options or data: 192.0.2.1:1025 to 192.0.2.2:80, SEQ 7, SYN.
const SYN: &str =
    "45000028 00000000 40060000 c0000201 c0000202 0401 0050 00000007 00000000 5002 2000 0000 0000";
/// Its answer: SEQ 9, ACK 8, SYN and ACK.
const SYN_ACK: &str =
    "45000028 00000000 40060000 c0000202 c0000201 0050 0401 00000009 00000008 5012 1000 0000 0000";

fn records(octets: &[u8]) -> (Vec<Record>, Option<CaptureError>) {
    let mut records = Vec::new();
    let mut file = match CaptureFile::open(octets) {
        Ok(file) => file,
        Err(error) => return (records, Some(error)),
    };
    loop {
        match file.next_record() {
            Ok(Some(record)) => records.push(record),
            Ok(None) => return (records, None),
            Err(error) => {
                assert_eq!(file.next_record(), Ok(None), "behind an error there is nothing");
                return (records, Some(error));
            }
        }
    }
}

/// A pcap file of one packet, little-endian, at 1 s and 2 units.
fn pcap(magic: &str, link: u8, packet: &str) -> Vec<u8> {
    let packet = hex(packet);
    let length = packet.len() as u8;
    let mut file = hex(magic);
    file.extend(hex("0200 0400 00000000 00000000 ffff0000"));
    file.extend([link, 0, 0, 0]);
    file.extend(hex("01000000 02000000"));
    file.extend([length, 0, 0, 0, length, 0, 0, 0]);
    file.extend(packet);
    file
}

#[test]
fn pcap_tells_time_in_microseconds_or_nanoseconds_in_either_byte_order() {
    let (little, error) = records(&pcap("d4c3b2a1", 101, SYN));
    assert_eq!((little[0].time, little[0].link, error), (Some(1_000_002_000), 101, None));
    let (nano, _) = records(&pcap("4d3cb2a1", 101, SYN));
    assert_eq!(nano[0].time, Some(1_000_000_002));
    let big = hex(
        "a1b23c4d 0002 0004 00000000 00000000 0000ffff 000000e4 00000003 00000004 00000002 00000009 4500",
    );
    let (big, error) = records(&big);
    assert_eq!(error, None);
    assert_eq!(
        (big[0].time, big[0].link, big[0].octets.as_slice()),
        (Some(3_000_000_004), 228, [0x45, 0].as_slice())
    );
    assert_eq!((big[0].original_len, big[0].missing()), (9, 7));
}

#[test]
fn every_link_leads_to_the_same_segment() {
    let cases = [
        (1, "020000000002 020000000001 0800"),
        (1, "020000000002 020000000001 8100 0005 0800"),
        (1, "020000000002 020000000001 88a8 0005 8100 0006 9100 0007 0800"),
        (12, ""),
        (14, ""),
        (101, ""),
        (228, ""),
        // Linux cooked v1: packet type, ARPHRD, address length, address, protocol.
        (113, "0000 0001 0006 0200000000010000 0800"),
        // BSD loopback: the family in the byte order of who captured.
        (0, "02000000"),
        (0, "00000002"),
        (108, "00000002"),
    ];
    for (link, head) in cases {
        let (records, error) = records(&pcap("d4c3b2a1", link, &format!("{head}{SYN}")));
        assert_eq!(error, None, "{link}");
        assert_is_syn(&records[0]);
    }
    // Linux cooked v2: protocol, reserved, interface, ARPHRD, packet type, address length, address.
    let mut record =
        records(&pcap("d4c3b2a1", 0, &format!("0800 0000 00000001 0001 00 06 0200000000010000 {SYN}")))
            .0
            .remove(0);
    record.link = 276;
    assert_is_syn(&record);
}

fn assert_is_syn(record: &Record) {
    let mut scratch = Vec::new();
    match link::content(record, &mut scratch) {
        Content::Ip { packet, missing: 0, .. } => assert_eq!(packet.transport.seq(), Some(7)),
        other => panic!("link {}: {other:?}", record.link),
    }
}

#[test]
fn an_unknown_link_is_named_not_refused() {
    let (records, _) = records(&pcap("d4c3b2a1", 105, SYN));
    let mut scratch = Vec::new();
    assert!(
        matches!(link::content(&records[0], &mut scratch), Content::Other(name) if name.contains("802.11"))
    );
}

/// A big-endian section with two interfaces (Ethernet in microseconds, raw IP in 2^-10 s with an offset of 5 s), one
/// packet of either, and a simple packet of the first.
fn two_interfaces() -> Vec<u8> {
    hex("0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c
         00000001 00000014 0001 0000 00000000 00000014
         00000001 00000028 0065 0000 00000000 0009 0001 8a000000 000e 0008 0000000000000005 00000028
         0000dead 00000010 01020304 00000010
         00000006 00000024 00000000 00000000 000f4241 00000002 00000063 aabb0000 00000024
         00000006 00000034 00000001 00000000 00000200 00000001 00000001 45000000
         0002 0004 00000001 0001 0002 68690000 00000034
         00000003 00000014 00000003 01020300 00000014")
}

#[test]
fn pcapng_knows_several_interfaces_each_with_its_own_time() {
    let (records, error) = records(&two_interfaces());
    assert_eq!(error, None);
    let told: Vec<(u32, Option<i128>, usize, u32)> =
        records.iter().map(|r| (r.link, r.time, r.octets.len(), r.original_len)).collect();
    assert_eq!(records[1].comment, "hi");
    assert_eq!(told, [(1, Some(1_000_001_000), 2, 99), (101, Some(5_500_000_000), 1, 1), (1, None, 3, 3)]);
}

#[test]
fn what_stands_before_the_damage_is_read_and_the_damage_told_with_its_place() {
    let mut file = pcap("d4c3b2a1", 101, SYN);
    let whole = file.clone();
    file.extend(&whole[24..50]);
    let (found, error) = records(&file);
    let error = error.unwrap();
    assert_eq!((found.len(), error.offset), (1, 96));
    assert!(error.to_string().contains("40 octets of a packet, 10 are left"), "{error}");

    let mut file = two_interfaces();
    let length = file.len();
    file[length - 1] = 0x15;
    let (found, error) = records(&file);
    assert_eq!((found.len(), error.unwrap().offset), (2, length as u64 - 4));
}

#[test]
fn what_is_no_capture_is_told_at_its_first_octets() {
    for (octets, offset) in [(b"".as_slice(), 0), (b"GET / HTTP/1.1\r\n", 0), (b"\xd4\xc3\xb2\xa1\x01", 4)] {
        let (found, error) = records(octets);
        assert_eq!((found.len(), error.unwrap().offset), (0, offset));
    }
}

#[test]
fn a_length_that_no_record_has_is_damage_and_takes_no_memory() {
    let mut file = pcap("d4c3b2a1", 101, SYN);
    file[32..36].copy_from_slice(&[0xff; 4]);
    assert_eq!(records(&file).1.unwrap().offset, 32);
    let block = hex("0a0d0d0a fffffffc 1a2b3c4d 0001 0000");
    assert_eq!(records(&block).1.unwrap().found, "a block of 4294967292 octets");
}

#[test]
fn no_damage_panics() {
    for file in [pcap("d4c3b2a1", 1, &format!("020000000002 020000000001 0800 {SYN}")), two_interfaces()] {
        for length in 0..file.len() {
            let (found, _) = records(&file[..length]);
            look_at(&found);
        }
        for bit in 0..file.len() * 8 {
            let mut damaged = file.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            look_at(&records(&damaged).0);
        }
    }
}

fn look_at(records: &[Record]) {
    let mut connections = Connections::default();
    for record in records {
        let mut scratch = Vec::new();
        if let Content::Ip { packet, missing, .. } = link::content(record, &mut scratch) {
            connections.add(&packet, record, missing);
        }
    }
    for connection in connections.hand_out() {
        ladder::write(&mut std::io::sink(), &connection, false).unwrap();
    }
}

/// A record of which the packet is known already.
fn record(number: u64, time: Option<i128>) -> Record {
    Record { number, time, link: 101, fcs: 0, octets: Vec::new(), original_len: 0, comment: String::new() }
}

/// The connections of raw IP packets, one each 10 s.
fn connections(packets: &[&str]) -> Connections {
    let mut connections = Connections::default();
    for (index, packet) in packets.iter().enumerate() {
        let octets = hex(packet);
        let packet = wireproof_reference::wire::Packet::parse_cut(&octets).unwrap();
        let record = record(index as u64 + 1, Some(index as i128 * 10_000_000_000));
        assert!(connections.add(&packet, &record, packet.missing()));
    }
    connections
}

#[test]
fn numbers_count_from_the_initial_ones_and_the_initiator_stands_left() {
    let one = connections(&[SYN, SYN_ACK]).hand_out().remove(0);
    assert_eq!(one.ends().0.to_string(), "192.0.2.1:1025");
    let rows: Vec<(End, &str)> = one.rows.iter().map(|row| (row.from, row.segment.as_str())).collect();
    assert_eq!(
        rows,
        [(End::A, "<SEQ=100><CTL=SYN><WND=8192>"), (End::B, "<SEQ=300><ACK=101><CTL=SYN,ACK><WND=4096>")]
    );
    // The same the other way round: the answer was captured first.
    let one = connections(&[SYN_ACK, SYN]).hand_out().remove(0);
    assert_eq!(
        (one.ends().0.to_string().as_str(), one.rows[1].segment.as_str()),
        ("192.0.2.1:1025", rows[0].1)
    );
    assert!(one.bases().0.unwrap().from_syn);
}

#[test]
fn ports_used_again_are_another_connection_and_repetition_is_remarked() {
    let rst = SYN_ACK.replace("5012", "5014");
    let newer = SYN.replace("00000007", "00000077");
    let out = connections(&[SYN, SYN, &rst, &newer]).hand_out();
    assert_eq!(out.iter().map(|one| one.rows.len()).collect::<Vec<_>>(), [3, 1]);
    assert!(out[0].rows[1].remark.starts_with("again"), "{}", out[0].rows[1].remark);
}

#[test]
fn what_is_handed_out_is_not_kept_and_the_connection_goes_on() {
    let mut known = connections(&[SYN]);
    assert_eq!(known.hand_out().len(), 1);
    assert_eq!(known.hand_out().len(), 0);
    let octets = hex(SYN_ACK);
    known.add(&wireproof_reference::wire::Packet::parse(&octets).unwrap(), &record(2, None), 0);
    let again = known.hand_out();
    assert_eq!((again[0].number, again[0].segments, again[0].rows.len()), (1, 2, 1));
    assert!(again[0].rows[0].segment.starts_with("<SEQ=300><ACK=101>"));
}

#[test]
fn a_header_that_the_capture_cuts_in_its_options_is_read_as_far_as_it_goes() {
    // Data offset 10, an MSS option, then 4 of the 16 octets of options that are left; 8 octets of data by IP's length.
    let cut = "45000044 00000000 40060000 c0000201 c0000202 0401 0050 00000007 00000000 a002 2000 0000 0000 020405b4 0101080a";
    let one = connections(&[cut]).hand_out().remove(0);
    assert_eq!(one.rows[0].segment, "<SEQ=100><CTL=SYN><WND=8192><MSS=1460><OPT=080a><DATA=8>");
}
