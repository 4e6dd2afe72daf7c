//! A frame on one line as tcpdump would print it, and as a tree.
//!
//! The lines were held against tcpdump 4.99: they are its own but for what it says about applications, what it does not
//! know (AccECN, the reserved bits) and where it says less (fragments, malformed options).

mod wire_frames;

use std::collections::BTreeMap;
use wireproof_reference::wire::{Frame, Packet};

/// Every frame written by hand, and its line.
const LINES: &[(&str, &str)] = &[
    ("ARP request, padded", "ARP, Request who-has 192.0.2.2 tell 192.0.2.1, length 46"),
    ("ARP reply", "ARP, Reply 192.0.2.2 is-at 02:00:00:00:00:02, length 28"),
    ("ARP for other hardware", "02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff, ethertype 0x0806, length 28"),
    ("IEEE 802.3 with LLC", "02:00:00:00:00:01 > 01:80:c2:00:00:00, 802.3, length 38"),
    ("unknown EtherType", "02:00:00:00:00:01 > 02:00:00:00:00:02, ethertype 0x88cc, length 9"),
    ("UDP over IPv4", "IP 192.0.2.1.1024 > 192.0.2.2.53: UDP, length 5"),
    ("UDP without checksum, with surplus", "IP 192.0.2.1.1024 > 192.0.2.2.53: UDP, length 2"),
    ("UDP in one VLAN", "vlan 100, p 5, IP 192.0.2.1.1024 > 192.0.2.2.53: UDP, length 5"),
    ("UDP in two VLANs", "vlan 7, p 0, vlan 4095, p 1, IP 192.0.2.1.1024 > 192.0.2.2.53: UDP, length 5"),
    (
        "IPv4 with all bits of the flags",
        "IP 192.0.2.1 > 192.0.2.2: protocol 253 fragment, id 65535, offset 65528+, length 4",
    ),
    ("IPv4 with options", "IP 192.0.2.1.1024 > 192.0.2.2.53: UDP, length 0"),
    ("IPv4 with a source route", "IP 192.0.2.1.1024 > 192.0.2.2.53: UDP, length 4"),
    ("IPv4, first fragment", "IP 192.0.2.1 > 192.0.2.2: UDP fragment, id 66, offset 0+, length 24"),
    ("IPv4, last fragment", "IP 192.0.2.1 > 192.0.2.2: UDP fragment, id 66, offset 24, length 4"),
    ("IPv4 with an unknown protocol", "IP 192.0.2.1 > 192.0.2.2: ip-proto-132, length 4"),
    ("UDP over IPv6", "IP6 2001:db8::1.1024 > 2001:db8::2.53: UDP, length 5"),
    ("IPv6 with hop-by-hop and destination options", "IP6 2001:db8::1.1024 > 2001:db8::2.53: UDP, length 5"),
    ("IPv6 with a routing header", "IP6 2001:db8::1.1024 > 2001:db8::2.53: UDP, length 5"),
    (
        "IPv6, last fragment",
        "IP6 2001:db8::1 > 2001:db8::2: destination options fragment, id 305419896, offset 1448, length 8",
    ),
    ("IPv6, atomic fragment", "IP6 2001:db8::1.1024 > 2001:db8::2.53: UDP, length 5"),
    ("IPv6, no next header", "IP6 2001:db8::1 > 2001:db8::2: ip-proto-59, length 0"),
    ("IPv6, jumbo payload", "IP6 2001:db8::1.1024 > 2001:db8::2.53: UDP, length 5"),
    ("ICMP echo request", "IP 192.0.2.1 > 192.0.2.2: ICMP echo request, id 4660, seq 2, length 12"),
    ("ICMP echo reply", "IP 192.0.2.2 > 192.0.2.1: ICMP echo reply, id 4660, seq 2, length 12"),
    ("ICMP port unreachable", "IP 192.0.2.2 > 192.0.2.1: ICMP 192.0.2.2 udp port 53 unreachable, length 36"),
    (
        "ICMP fragmentation needed",
        "IP 192.0.2.9 > 192.0.2.1: ICMP 192.0.2.2 unreachable - need to frag (mtu 1000), length 36",
    ),
    ("ICMP source quench", "IP 192.0.2.9 > 192.0.2.1: ICMP source quench, length 36"),
    ("ICMP redirect", "IP 192.0.2.9 > 192.0.2.1: ICMP redirect 198.51.100.1 to host 192.0.2.3, length 36"),
    ("ICMP time exceeded", "IP 192.0.2.9 > 192.0.2.1: ICMP time exceeded in-transit, length 36"),
    ("ICMP parameter problem", "IP 192.0.2.9 > 192.0.2.1: ICMP parameter problem - octet 20, length 36"),
    ("ICMP timestamp request", "IP 192.0.2.1 > 192.0.2.2: ICMP time stamp query id 4660 seq 2, length 20"),
    ("ICMP timestamp reply", "IP 192.0.2.2 > 192.0.2.1: ICMP time stamp reply id 4660 seq 2, length 20"),
    ("ICMP of an unknown type", "IP 192.0.2.1 > 192.0.2.2: ICMP type-#40, code 1, length 6"),
    ("ICMPv6 echo request", "IP6 2001:db8::1 > 2001:db8::2: ICMP6, echo request, id 4660, seq 2, length 12"),
    ("ICMPv6 echo reply", "IP6 2001:db8::2 > 2001:db8::1: ICMP6, echo reply, id 4660, seq 2, length 12"),
    (
        "ICMPv6 port unreachable",
        "IP6 2001:db8::2 > 2001:db8::1: ICMP6, destination unreachable, unreachable port, 2001:db8::2 udp port 53, length 61",
    ),
    ("ICMPv6 packet too big", "IP6 2001:db8::9 > 2001:db8::1: ICMP6, packet too big, mtu 1280, length 68"),
    (
        "ICMPv6 time exceeded",
        "IP6 2001:db8::9 > 2001:db8::1: ICMP6, time exceeded in-transit (reassembly), length 48",
    ),
    (
        "ICMPv6 parameter problem",
        "IP6 2001:db8::2 > 2001:db8::1: ICMP6, parameter problem, next header - octet 6, length 48",
    ),
    ("NDP router solicitation", "IP6 fe80::1 > ff02::2: ICMP6, router solicitation, length 16"),
    ("NDP router advertisement", "IP6 fe80::9 > ff02::1: ICMP6, router advertisement, length 72"),
    (
        "NDP neighbour solicitation",
        "IP6 2001:db8::1 > ff02::1:ff00:2: ICMP6, neighbor solicitation, who has 2001:db8::2, length 32",
    ),
    (
        "NDP neighbour advertisement",
        "IP6 2001:db8::2 > 2001:db8::1: ICMP6, neighbor advertisement, tgt is 2001:db8::2, length 32",
    ),
    ("NDP redirect", "IP6 fe80::9 > 2001:db8::1: ICMP6, redirect, 2001:db8:1::1 to fe80::3, length 96"),
    (
        "ICMPv6 of an unknown type behind a router alert",
        "IP6 fe80::2 > ff02::16: ICMP6, type-#143, length 28",
    ),
    (
        "SYN with usual options",
        "IP 192.0.2.1.1024 > 192.0.2.2.80: Flags [S], seq 100, win 65535, options [mss 1460,sackOK,TS val 10 ecr 0,nop,wscale 7], length 0",
    ),
    (
        "SYN with the MSS alone",
        "IP 192.0.2.1.1024 > 192.0.2.2.80: Flags [S], seq 100, win 65535, options [mss 1460], length 0",
    ),
    (
        "data with timestamps",
        "IP 192.0.2.1.1024 > 192.0.2.2.80: Flags [P.], seq 101:108, ack 301, win 512, options [nop,nop,TS val 11 ecr 20], length 7",
    ),
    (
        "RST in a padded frame",
        "IP 192.0.2.2.80 > 192.0.2.1.1024: Flags [R.], seq 0, ack 101, win 0, length 0",
    ),
    (
        "three SACK blocks beside timestamps",
        "IP 192.0.2.1.1024 > 192.0.2.2.80: Flags [.], ack 301, win 512, options [nop,nop,TS val 11 ecr 20,nop,nop,sack 3 {401:501}{601:701}{4294967040:16}], length 0",
    ),
    (
        "user timeout, Fast Open, MD5",
        "IP 192.0.2.1.1024 > 192.0.2.2.80: Flags [S.], seq 101, ack 301, win 512, options [uto 5 min,tfo cookie 0102030405060708,nop,nop,md5 0x000102030405060708090a0b0c0d0e0f,nop,eol], length 0",
    ),
    (
        "AO, MPTCP, AccECN 0",
        "IP 192.0.2.1.1024 > 192.0.2.2.80: Flags [.e], ack 301, win 512, options [tcp-ao keyid 61 rnextkeyid 84 mac 0x000102030405060708090a0b,mptcp 0x00810102030405060708,accecn e0b 1 ceb 2 e1b 16777214,nop], length 0",
    ),
    (
        "experimental Fast Open, AccECN 1, unknown, end of list",
        "IP 192.0.2.1.1024 > 192.0.2.2.80: Flags [.], ack 301, win 512, options [exp-tfo cookie 01020304,accecn e1b 7,unknown-253 0x1234abcd,unknown-6 0x01020304,eol], length 0",
    ),
    (
        "requests for Fast Open cookies",
        "IP 192.0.2.1.1024 > 192.0.2.2.80: Flags [S], seq 101, win 512, options [tfo cookiereq,exp-tfo cookiereq,accecn], length 0",
    ),
    (
        "lengths that the RFCs do not define",
        "IP 192.0.2.1.1024 > 192.0.2.2.80: Flags [S], seq 101, win 512, options [unknown-2 0x05,unknown-3,unknown-4 0x00,unknown-5,unknown-8 0x0000,unknown-34 0x010203,unknown-19 0x00,unknown-29 0x00,accecn padding 0x0000,unknown-5 0x00000000000000,nop,nop], length 0",
    ),
    (
        "all twelve bits",
        "IP 192.0.2.1.65535 > 192.0.2.2.1: Flags [FSRP.UEWer7], seq 4294967295, ack 2147483648, win 0, urg 4660, length 0",
    ),
    (
        "option of length 0",
        "IP 192.0.2.1.1024 > 192.0.2.2.80: Flags [.], ack 301, win 512, options [nop,[bad opt]], length 0",
    ),
    (
        "option of length 1",
        "IP 192.0.2.1.1024 > 192.0.2.2.80: Flags [.], ack 301, win 512, options [[bad opt]], length 0",
    ),
    (
        "option past the end",
        "IP 192.0.2.1.1024 > 192.0.2.2.80: Flags [.], seq 101:104, ack 301, win 512, options [nop,nop,[bad opt]], length 3",
    ),
    (
        "kind without length",
        "IP 192.0.2.1.1024 > 192.0.2.2.80: Flags [.], ack 301, win 512, options [nop,nop,nop,[bad opt]], length 0",
    ),
    (
        "SYN over IPv6",
        "IP6 2001:db8::1.1024 > 2001:db8::2.80: Flags [S], seq 100, win 65535, options [mss 1440], length 0",
    ),
    (
        "data over IPv6",
        "IP6 2001:db8::1.1024 > 2001:db8::2.80: Flags [P.], seq 101:104, ack 301, win 512, length 3",
    ),
];

/// Some of them as trees.
const TREES: &[(&str, &str)] = &[
    (
        "SYN with usual options",
        "
    0  Ethernet 02:00:00:00:00:01 > 02:00:00:00:00:02
   12    EtherType 0x0800
   14  IPv4 192.0.2.1 > 192.0.2.2
   14    version 4, header length 20
   15    DSCP 0, ECN 0
   16    total length 60
   18    identification 1
   20    fragment offset 0, DF
   22    time to live 64, protocol 6 TCP
   24    checksum 0xb6b7 right
   34  TCP 1024 > 80
   38    sequence number 100
   42    acknowledgment number 0
   46    header length 40, flags SYN
   48    window 65535
   50    checksum 0xbf3e right
   52    urgent pointer 0
   54    option mss 1460
   58    option sackOK
   60    option TS val 10 ecr 0
   70    option nop
   71    option wscale 7
",
    ),
    (
        "ICMP fragmentation needed",
        "
    0  Ethernet 02:00:00:00:00:09 > 02:00:00:00:00:01
   12    EtherType 0x0800
   14  IPv4 192.0.2.9 > 192.0.2.1
   14    version 4, header length 20
   15    DSCP 0, ECN 0
   16    total length 56
   18    identification 0
   20    fragment offset 0
   22    time to live 64, protocol 1 ICMP
   24    checksum 0xf6ba right
   34  ICMP type 3, code 4
   36    checksum 0xf45f right
   38    unused 0, next-hop MTU 1000
   42    quotes IP 192.0.2.1.1024 > 192.0.2.2.80: seq 100, [|tcp]
",
    ),
    (
        "IPv6 with hop-by-hop and destination options",
        "
    0  Ethernet 02:00:00:00:00:01 > 02:00:00:00:00:02
   12    EtherType 0x86dd
   14  IPv6 2001:db8::1 > 2001:db8::2
   14    version 6, DSCP 0, ECN 0, flow label 0x00000
   18    payload length 37
   20    next header 0 hop-by-hop, hop limit 1
   54    hop-by-hop options, then destination options
   56      router alert 0
   60      PadN, 0 octets
   62    destination options, then UDP
   64      option 195: 0xdeadbeef
   70      Pad1
   71      PadN, 4 octets
   77      Pad1
   78  UDP 1024 > 53
   82    length 13
   84    checksum 0x5c58 right
   86    data, 5 octets: 0x68656c6c6f
",
    ),
    (
        "NDP router advertisement",
        "
    0  Ethernet 02:00:00:00:00:09 > 33:33:00:00:00:01
   12    EtherType 0x86dd
   14  IPv6 fe80::9 > ff02::1
   14    version 6, DSCP 0, ECN 0, flow label 0x00000
   18    payload length 72
   20    next header 58 ICMPv6, hop limit 255
   54  ICMPv6 type 134, code 0
   56    checksum 0x9adb right
   58    hop limit 64, flags 0xc0, router for 1800 s
   62    reachable time 30000 ms, retransmission timer 1000 ms
   70      source link-layer address 02:00:00:00:00:09
   78      MTU 1500
   86      prefix 2001:db8::/64, flags 0xc0, valid 86400 s, preferred 14400 s
  118      option 14: 0x010203040506
",
    ),
    (
        "UDP in one VLAN",
        "
    0  Ethernet 02:00:00:00:00:01 > 02:00:00:00:00:02
   12    tag 0x8100, VLAN 100, priority 5, drop eligible
   16    EtherType 0x0800
   18  IPv4 192.0.2.1 > 192.0.2.2
   18    version 4, header length 20
   19    DSCP 0, ECN 0
   20    total length 33
   22    identification 4660
   24    fragment offset 0
   26    time to live 64, protocol 17 UDP
   28    checksum 0xe494 right
   38  UDP 1024 > 53
   42    length 13
   44    checksum 0x33c9 right
   46    data, 5 octets: 0x68656c6c6f
",
    ),
    (
        "ARP reply",
        "
    0  Ethernet 02:00:00:00:00:02 > 02:00:00:00:00:01
   12    EtherType 0x0806
   14  ARP
   14    IPv4 over Ethernet
   20    operation 2 reply
   22    sender 02:00:00:00:00:02 192.0.2.2
   32    target 02:00:00:00:00:01 192.0.2.1
",
    ),
    (
        "experimental Fast Open, AccECN 1, unknown, end of list",
        "
    0  Ethernet 02:00:00:00:00:01 > 02:00:00:00:00:02
   12    EtherType 0x0800
   14  IPv4 192.0.2.1 > 192.0.2.2
   14    version 4, header length 20
   15    DSCP 0, ECN 0
   16    total length 68
   18    identification 6
   20    fragment offset 0, DF
   22    time to live 64, protocol 6 TCP
   24    checksum 0xb6aa right
   34  TCP 1024 > 80
   38    sequence number 101
   42    acknowledgment number 301
   46    header length 48, flags ACK
   48    window 512
   50    checksum 0xed6f right
   52    urgent pointer 0
   54    option exp-tfo cookie 01020304
   62    option accecn e1b 7
   67    option unknown-253 0x1234abcd
   73    option unknown-6 0x01020304
   79    option eol
   80    padding, 2 octets: 0x00ff
",
    ),
];

fn frames() -> BTreeMap<&'static str, Vec<u8>> {
    wire_frames::all().into_iter().collect()
}

#[test]
fn every_frame_prints_on_one_line() {
    let mut frames = frames();
    for (name, line) in LINES {
        let octets = frames.remove(name).unwrap_or_else(|| panic!("there is no frame {name}"));
        let frame = Frame::parse(&octets).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(frame.to_string(), *line, "{name}");
    }
    assert!(frames.is_empty(), "no line is told for {:?}", frames.keys());
}

#[test]
fn a_frame_prints_as_a_tree_with_a_line_a_group_of_fields() {
    let frames = frames();
    for (name, tree) in TREES {
        let frame = Frame::parse(&frames[name]).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(format!("\n{}\n", frame.tree()), *tree, "{name}");
    }
}

#[test]
fn a_frame_that_is_cut_off_tells_in_which_header_and_keeps_the_length_that_it_was_told() {
    let octets = wire_frames::octets(wire_frames::tcp::DATA);
    let lines = [
        (30, "02:00:00:00:00:01 > 02:00:00:00:00:02, IPv4, length 16: [|ip]"),
        (36, "IP 192.0.2.1 > 192.0.2.2: [|tcp]"),
        (40, "IP 192.0.2.1.1024 > 192.0.2.2.80: [|tcp]"),
        (50, "IP 192.0.2.1.1024 > 192.0.2.2.80: seq 101, [|tcp]"),
        (
            68,
            "IP 192.0.2.1.1024 > 192.0.2.2.80: Flags [P.], seq 101:108, ack 301, win 512, \
             options [nop,nop,TS val 11 ecr 20], length 7",
        ),
    ];
    for (len, line) in lines {
        let frame = Frame::parse_cut(&octets[..len]).expect("the Ethernet header is there");
        assert_eq!(frame.to_string(), line, "cut to {len}");
    }
    let frame = Frame::parse_cut(&octets[..68]).expect("the Ethernet header is there");
    let tree = frame.tree().to_string();
    assert!(tree.ends_with("   68  cut off: 5 octets missing"), "{tree}");
}

#[test]
fn a_wrong_checksum_is_told_in_the_tree() {
    let mut octets = wire_frames::octets(wire_frames::tcp::SYN);
    octets[48] ^= 1;
    let frame = Frame::parse(&octets).expect("only the window changed");
    assert!(frame.tree().to_string().contains("checksum 0xbf3e WRONG"), "{}", frame.tree());
}

#[test]
fn raw_ip_prints_as_within_a_frame_with_offsets_from_its_own_start() {
    let octets = wire_frames::octets(wire_frames::tcp::SYN);
    let packet = Packet::parse(&octets[14..]).expect("it is well-formed");
    let frame = Frame::parse(&octets).expect("it is well-formed");
    assert_eq!(packet.to_string(), frame.to_string());
    assert!(packet.tree().to_string().starts_with("    0  IPv4 192.0.2.1 > 192.0.2.2\n"));
}
