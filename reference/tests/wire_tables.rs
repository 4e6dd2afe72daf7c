//! Fields of frames written by hand: octets in, values out, checked against the RFC that each comment in
//! `wire_frames` follows.

mod wire_frames;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use wire_frames::read::{frame, packet, v4, v6};
use wire_frames::{icmp, ip, octets, tcp};
use wireproof_reference::wire::*;

const TESTER: MacAddr = MacAddr([2, 0, 0, 0, 0, 1]);
const DEVICE: MacAddr = MacAddr([2, 0, 0, 0, 0, 2]);
const TESTER_V4: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
const DEVICE_V4: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 2);
const TESTER_V6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);
const DEVICE_V6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 2);

#[test]
fn ethernet_has_destination_before_source_and_then_the_type() {
    frame(ip::UDP, |frame| {
        let expected = Ethernet {
            destination: DEVICE,
            source: TESTER,
            tags: VlanTags::None,
            ethertype: EtherType::IPV4,
        };
        assert_eq!(frame.ethernet, expected);
    });
}

#[test]
fn a_tag_holds_priority_drop_eligibility_and_identifier_and_the_outer_comes_first() {
    frame(ip::UDP_VLAN, |frame| {
        let VlanTags::One(tag) = frame.ethernet.tags else { panic!("{:?}", frame.ethernet.tags) };
        assert_eq!(tag.tpid, EtherType::VLAN);
        assert_eq!((tag.priority(), tag.is_drop_eligible(), tag.vlan()), (5, true, 100));
        assert_eq!(frame.ethernet.ethertype, EtherType::IPV4);
    });
    frame(ip::UDP_TWO_VLANS, |frame| {
        let VlanTags::Two(outer, inner) = frame.ethernet.tags else { panic!("{:?}", frame.ethernet.tags) };
        assert_eq!((outer.tpid, outer.vlan()), (EtherType::SERVICE_VLAN, 7));
        assert_eq!((inner.priority(), inner.is_drop_eligible(), inner.vlan()), (1, false, 4095));
    });
}

#[test]
fn a_third_tag_is_left_as_the_type() {
    let octets = octets("020000000002 020000000001 88a8 0001 8100 0002 8100 0003 0800");
    let (header, payload) = Ethernet::parse(&octets).expect("it is long enough");
    assert_eq!(header.ethertype, EtherType::VLAN);
    assert_eq!(payload, [0, 3, 8, 0]);
}

#[test]
fn arp_tells_who_asks_for_whom_and_the_padding_is_kept() {
    frame(ip::ARP_REQUEST, |frame| {
        let Content::Arp(arp) = frame.content else { panic!("{frame:?}") };
        let expected = Arp { trailer: &[0; 18], ..Arp::request(TESTER, TESTER_V4, DEVICE_V4) };
        assert_eq!(arp, expected);
        let Arp { operation, sender_mac, sender_ip, target_mac, target_ip, .. } = arp.reply(DEVICE);
        assert_eq!(operation, ArpOperation::REPLY);
        assert_eq!((sender_mac, sender_ip), (DEVICE, DEVICE_V4));
        assert_eq!((target_mac, target_ip), (TESTER, TESTER_V4));
    });
    frame(ip::ARP_REPLY, |frame| {
        let asked = Arp::request(TESTER, TESTER_V4, DEVICE_V4);
        assert_eq!(frame.content, Content::Arp(asked.reply(DEVICE)));
    });
}

#[test]
fn ipv4_fields() {
    v4(ip::IPV4_FLAGS, |header| {
        assert_eq!((header.dscp, header.ecn, header.total_len), (46, 3, 24));
        assert_eq!(header.identification, 0xffff);
        assert!(header.reserved && header.dont_fragment && header.more_fragments);
        assert_eq!(header.fragment_offset, 8191);
        assert_eq!((header.ttl, header.protocol), (1, Protocol(253)));
        assert_eq!((header.source, header.destination), (TESTER_V4, DEVICE_V4));
    });
    v4(ip::IPV4_LAST_FRAGMENT, |header| {
        assert!(!header.reserved && !header.dont_fragment && !header.more_fragments);
        assert_eq!(header.fragment_offset, 3);
        assert!(header.is_fragment());
        assert_eq!((header.wire_len(), header.payload_len()), (20, 4));
    });
}

#[test]
fn ipv4_options_in_order_up_to_the_end_of_the_list() {
    v4(ip::IPV4_OPTIONS, |header| {
        let mut walk = header.options.iter();
        let here = Ipv4Addr::new(192, 0, 2, 9).octets();
        let mut next = || walk.next().expect("there is one more").expect("it is well-formed");
        assert_eq!(next(), Ipv4Option::RouterAlert(0));
        let data = [here, [0; 4]].concat();
        assert_eq!(next(), Ipv4Option::RecordRoute(Route { pointer: 8, data: &data }));
        assert_eq!(next(), Ipv4Option::NoOperation);
        let data = [here, 60_000u32.to_be_bytes()].concat();
        assert_eq!(next(), Ipv4Option::Timestamp { pointer: 13, overflow: 1, flag: 1, data: &data });
        assert_eq!(next(), Ipv4Option::Unknown { kind: 130, data: &[0xab, 0xcd] });
        assert_eq!(next(), Ipv4Option::EndOfList);
        assert_eq!(walk.next(), None);
        assert_eq!(walk.rest(), [0; 7]);
    });
}

#[test]
fn a_source_route_tells_the_final_destination_until_it_is_used_up() {
    v4(ip::IPV4_SOURCE_ROUTE, |header| {
        assert_eq!(header.final_destination(), Ipv4Addr::new(198, 51, 100, 1));
        let used_up = octets("83 0b 0c c0000209 c6336401 00");
        let header = Ipv4 { options: Ipv4Options::new(&used_up), ..header };
        assert_eq!(header.final_destination(), DEVICE_V4);
    });
}

#[test]
fn a_fragment_is_not_read_any_further_not_even_the_first() {
    packet(ip::IPV4_FIRST_FRAGMENT, |packet| {
        let Transport::Fragment { protocol, octets } = packet.transport else { panic!("{packet:?}") };
        assert_eq!((protocol, octets.len()), (Protocol::UDP, 24));
    });
    packet(ip::IPV6_LAST_FRAGMENT, |packet| {
        let Transport::Fragment { protocol, octets } = packet.transport else { panic!("{packet:?}") };
        assert_eq!((protocol, octets), (Protocol::DESTINATION_OPTIONS, &[1, 2, 3, 4, 5, 6, 7, 8][..]));
        assert!(packet.ip.is_fragment());
    });
}

#[test]
fn ipv6_fields() {
    v6(ip::UDP_V6, |header| {
        assert_eq!((header.dscp, header.ecn, header.flow_label), (46, 1, 0x12345));
        assert_eq!((header.payload_length, header.next_header, header.hop_limit), (13, Protocol::UDP, 64));
        assert_eq!((header.source, header.destination), (TESTER_V6, DEVICE_V6));
        assert_eq!(header.protocol(), Protocol::UDP);
    });
}

#[test]
fn ipv6_extension_headers_in_order_with_their_options() {
    v6(ip::IPV6_OPTIONS, |header| {
        assert_eq!(header.protocol(), Protocol::UDP);
        let mut chain = header.extensions();
        let Some(Ok(Extension::HopByHop(options))) = chain.next() else { panic!("{header:?}") };
        assert_eq!(chain.next_header(), Protocol::DESTINATION_OPTIONS);
        let seen: Vec<_> = options.iter().collect();
        assert_eq!(seen, [Ok(ExtensionOption::RouterAlert(0)), Ok(ExtensionOption::PadN(&[]))]);
        let Some(Ok(Extension::Destination(options))) = chain.next() else { panic!("{header:?}") };
        let seen: Vec<_> = options.iter().map(|option| option.expect("it is well-formed")).collect();
        let unknown = ExtensionOption::Unknown { kind: 195, data: &[0xde, 0xad, 0xbe, 0xef] };
        let expected =
            [unknown, ExtensionOption::Pad1, ExtensionOption::PadN(&[0; 4]), ExtensionOption::Pad1];
        assert_eq!(seen, expected);
        assert_eq!(chain.next(), None);
    });
}

#[test]
fn a_routing_header_tells_the_final_destination_while_segments_are_left() {
    v6(ip::IPV6_ROUTING, |header| {
        let Some(Ok(Extension::Routing(routing))) = header.extensions().next() else { panic!("{header:?}") };
        assert_eq!((routing.routing_type, routing.segments_left, routing.data.len()), (2, 1, 20));
        let last: Ipv6Addr = "2001:db8::3".parse().expect("an address");
        assert_eq!(header.final_destination(), last);
        assert_eq!(Routing { segments_left: 0, ..routing }.final_destination(), None);
        assert_eq!(Routing { routing_type: 9, ..routing }.final_destination(), None);
    });
}

#[test]
fn a_fragment_header_and_its_reserved_bits() {
    v6(ip::IPV6_LAST_FRAGMENT, |header| {
        let expected = FragmentHeader {
            next_header: Protocol::DESTINATION_OPTIONS,
            reserved: 0,
            offset: 181,
            reserved_bits: 0,
            more: false,
            identification: 0x1234_5678,
        };
        assert_eq!(header.fragment(), Some(expected));
    });
    packet(ip::IPV6_ATOMIC_FRAGMENT, |packet| {
        let Ip::V6(header) = packet.ip else { panic!("{packet:?}") };
        let fragment = header.fragment().expect("there is one");
        assert_eq!((fragment.reserved, fragment.reserved_bits), (0xff, 3));
        assert!(!fragment.is_fragment(), "RFC 6946: it is whole");
        assert!(matches!(packet.transport, Transport::Udp(_)));
    });
}

#[test]
fn of_two_fragment_headers_that_counts_which_makes_the_packet_a_fragment() {
    let octets = octets(
        "60000000 0018 2c 40 20010db8000000000000000000000001 20010db8000000000000000000000002
         2c 00 0000 00000001 06 00 0008 00000002 0102030405060708",
    );
    let packet = Packet::parse(&octets).expect("it is well-formed");
    let Ip::V6(header) = packet.ip else { panic!("{packet:?}") };
    assert_eq!(header.fragment().map(|fragment| fragment.identification), Some(2));
    assert!(matches!(packet.transport, Transport::Fragment { protocol: Protocol::TCP, .. }));
}

#[test]
fn an_extension_header_that_is_cut_off_leaves_those_before_it() {
    let octets = octets(ip::IPV6_OPTIONS);
    let frame = Frame::parse_cut(&octets[..70]).expect("the headers before it are there");
    let packet = frame.packet().expect("it is IP");
    let Ip::V6(header) = packet.ip else { panic!("{packet:?}") };
    assert_eq!((header.extensions().flatten().count(), header.payload_length), (1, 37));
    let Transport::Unreadable { protocol, error, .. } = packet.transport else { panic!("{packet:?}") };
    assert_eq!(protocol, Protocol::DESTINATION_OPTIONS);
    assert_eq!(error.to_string(), "IPv6 extension header at octet 64: needs 14 octets, 6 are there");
    assert_eq!(packet.missing(), 21);
}

#[test]
fn a_jumbo_payload_option_tells_the_length_that_the_header_does_not() {
    packet(ip::IPV6_JUMBO, |packet| {
        let Transport::Udp(udp) = packet.transport else { panic!("{packet:?}") };
        assert_eq!((udp.length, udp.payload), (0, &b"hello"[..]));
        assert_eq!(packet.ip.payload_len(), 13);
        assert_eq!(packet.trailer, [0, 0]);
    });
}

#[test]
fn udp_fields_and_what_lies_beyond_its_length() {
    packet(ip::UDP_SURPLUS, |packet| {
        let expected = Udp {
            source_port: 1024,
            destination_port: 53,
            length: 10,
            checksum: 0,
            payload: b"he",
            surplus: b"llo",
        };
        assert_eq!(packet.transport, Transport::Udp(expected));
    });
}

#[test]
fn icmp_echo() {
    packet(icmp::ECHO_REQUEST, |packet| {
        let Transport::Icmpv4(icmp) = packet.transport else { panic!("{packet:?}") };
        let echo = Echo { identifier: 0x1234, sequence: 2, data: b"abcd" };
        assert_eq!(icmp.message, Icmpv4Message::EchoRequest(echo));
        assert!(!icmp.is_error());
    });
}

#[test]
fn an_icmp_error_quotes_ports_and_sequence_number_of_a_segment_that_is_cut_off() {
    packet(icmp::FRAGMENTATION_NEEDED, |packet| {
        let Transport::Icmpv4(icmp) = packet.transport else { panic!("{packet:?}") };
        assert!(icmp.is_error());
        assert_eq!(icmp.code, Icmpv4::FRAGMENTATION_NEEDED);
        let Icmpv4Message::DestinationUnreachable { next_hop_mtu, .. } = icmp.message else {
            panic!("{icmp:?}")
        };
        assert_eq!(next_hop_mtu, 1000);
        let quoted = icmp.quoted().expect("it is an error").expect("the header is there");
        assert_eq!(quoted.ip.destination(), IpAddr::V4(DEVICE_V4));
        assert_eq!(quoted.transport.ports(), Some((1024, 80)));
        assert_eq!(quoted.transport.seq(), Some(100));
        assert_eq!(quoted.missing(), 1472);
        let Transport::Unreadable { error, .. } = quoted.transport else { panic!("{quoted:?}") };
        // 14 Ethernet, 20 IPv4, 8 ICMP, 20 IPv4.
        assert_eq!(error.to_string(), "TCP header at octet 62: needs 20 octets, 8 are there");
    });
    packet(icmp::PACKET_TOO_BIG, |packet| {
        let Transport::Icmpv6(icmp) = packet.transport else { panic!("{packet:?}") };
        assert!(matches!(icmp.message, Icmpv6Message::PacketTooBig { mtu: 1280, .. }));
        let quoted = icmp.quoted().expect("it is an error").expect("the header is there");
        let tcp = quoted.tcp().expect("the header is whole");
        assert_eq!((tcp.seq, tcp.ack, tcp.flags), (100, 200, TcpFlags::ACK));
        assert_eq!(quoted.missing(), 1480);
    });
}

#[test]
fn neighbour_discovery_messages_and_their_options() {
    packet(icmp::NEIGHBOR_SOLICITATION, |packet| {
        let Transport::Icmpv6(icmp) = packet.transport else { panic!("{packet:?}") };
        let Icmpv6Message::NeighborSolicitation { target, options, .. } = icmp.message else {
            panic!("{icmp:?}")
        };
        assert_eq!((target, options.source_mac(), options.target_mac()), (DEVICE_V6, Some(TESTER), None));
    });
    packet(icmp::NEIGHBOR_ADVERTISEMENT, |packet| {
        let Transport::Icmpv6(icmp) = packet.transport else { panic!("{packet:?}") };
        let Icmpv6Message::NeighborAdvertisement { flags, target, options } = icmp.message else {
            panic!("{icmp:?}")
        };
        assert_eq!(flags, NeighborFlags::SOLICITED.with(NeighborFlags::OVERRIDE));
        assert!(!flags.contains(NeighborFlags::ROUTER));
        assert_eq!((target, options.target_mac()), (DEVICE_V6, Some(DEVICE)));
    });
    packet(icmp::REDIRECT_V6, |packet| {
        let Transport::Icmpv6(icmp) = packet.transport else { panic!("{packet:?}") };
        let options = icmp.message.ndp_options().expect("it is of neighbour discovery");
        let Some(Ok(NdpOption::RedirectedHeader { packet, .. })) = options.iter().nth(1) else {
            panic!("{options:?}")
        };
        let redirected = Packet::parse_cut(packet.octets()).expect("it is a header");
        assert_eq!(redirected.ip.source(), IpAddr::V6(TESTER_V6));
    });
}

#[test]
fn a_router_advertisement_with_every_option() {
    packet(icmp::ROUTER_ADVERTISEMENT, |packet| {
        let Transport::Icmpv6(icmp) = packet.transport else { panic!("{packet:?}") };
        let Icmpv6Message::RouterAdvertisement(advertisement) = icmp.message else { panic!("{icmp:?}") };
        assert_eq!((advertisement.hop_limit, advertisement.flags), (64, 0xc0));
        assert_eq!(advertisement.router_lifetime, 1800);
        assert_eq!((advertisement.reachable_time, advertisement.retransmit_timer), (30_000, 1000));
        let options: Vec<_> =
            advertisement.options.iter().map(|option| option.expect("well-formed")).collect();
        let prefix = NdpOption::PrefixInformation {
            prefix_len: 64,
            flags: 0xc0,
            valid_lifetime: 86_400,
            preferred_lifetime: 14_400,
            reserved: 0,
            prefix: Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0),
        };
        let expected = [
            NdpOption::SourceLinkLayerAddress(MacAddr([2, 0, 0, 0, 0, 9])),
            NdpOption::Mtu { reserved: 0, mtu: 1500 },
            prefix,
            NdpOption::Unknown { kind: 14, data: &[1, 2, 3, 4, 5, 6] },
        ];
        assert_eq!(options, expected);
    });
}

#[test]
fn an_ndp_option_of_length_zero_is_an_error_at_its_place() {
    let options = octets("01 01 020000000001 05 00 0000 000005dc");
    let mut walk = NdpOptions::new(&options).iter();
    assert!(walk.next().is_some_and(|option| option.is_ok()));
    let error = walk.next().expect("it is told").expect_err("it is malformed");
    assert_eq!(error.to_string(), "NDP option length at octet 9: needs to be at least 1, is 0");
    assert_eq!(walk.next(), None);
}

#[test]
fn errors_name_layer_field_place_needed_and_had() {
    let cases = [
        ("020000000002 0200", "Ethernet header at octet 0: needs 14 octets, 8 are there"),
        (
            "020000000002 020000000001 8100 0001 88a8 00",
            "Ethernet tag control information at octet 18: needs 2 octets, 1 are there",
        ),
        (
            "020000000002 020000000001 0806 0001 0800 06 04 0001",
            "ARP packet at octet 14: needs 28 octets, 8 are there",
        ),
        (
            "020000000002 020000000001 0800 65 00 0014 0000 0000 40 06 0000 c0000201 c0000202",
            "IPv4 version at octet 14: needs to be 4, is 6",
        ),
        (
            "020000000002 020000000001 0800 44 00 0014 0000 0000 40 06 0000 c0000201 c0000202",
            "IPv4 header length at octet 14: needs to be at least 20, is 16",
        ),
        (
            "020000000002 020000000001 0800 46 00 0014 0000 0000 40 06 0000 c0000201 c0000202 00000000",
            "IPv4 total length at octet 16: needs to be at least 24, is 20",
        ),
        (
            "020000000002 020000000001 0800 45 00 001c 0000 0000 40 11 0000 c0000201 c0000202 \
             0400 0035 0007 0000",
            "UDP length at octet 38: needs to be at least 8, is 7",
        ),
        (
            "020000000002 020000000001 0800 45 00 0028 0000 0000 40 06 0000 c0000201 c0000202 \
             0400 0035 00000000 00000000 40 02 0000 0000 0000",
            "TCP data offset at octet 46: needs to be at least 20, is 16",
        ),
        (
            "020000000002 020000000001 0800 45 00 0028 0000 0000 40 06 0000 c0000201 c0000202 \
             0400 0035 00000000 00000000 60 02 0000 0000 0000",
            "TCP options at octet 54: needs 4 octets, 0 are there",
        ),
        (
            "020000000002 020000000001 86dd 60000000 0008 3c 40 \
             20010db8000000000000000000000001 20010db8000000000000000000000002 3b 01 000000000000",
            "IPv6 extension header at octet 56: needs 14 octets, 6 are there",
        ),
        (
            "020000000002 020000000001 86dd 60000000 0010 3a 40 \
             20010db8000000000000000000000001 20010db8000000000000000000000002 \
             87 00 0000 00000000 20010db800000000",
            "ICMPv6 target address at octet 62: needs 16 octets, 8 are there",
        ),
    ];
    for (text, message) in cases {
        let octets = octets(text);
        let error = Frame::parse(&octets).expect_err("it is malformed");
        assert_eq!(error.to_string(), message);
    }
}

#[test]
fn a_header_that_does_not_fit_is_not_emitted() {
    let forty_four = [1; 44];
    let tcp = Tcp { options: TcpOptions::new(&forty_four), ..Tcp::default() };
    let error = tcp.emit(&mut [0; 100]).expect_err("there are too many");
    assert_eq!(error.to_string(), "TCP options at octet 20: needs to be at most 40, is 44");
    let tcp = Tcp { options: TcpOptions::new(&forty_four[..6]), ..Tcp::default() };
    let error = tcp.emit(&mut [0; 100]).expect_err("they are not padded");
    assert_eq!(error.to_string(), "TCP options at octet 20: needs to be at most 4, is 6");
    let ip = Ipv4::new(TESTER_V4, DEVICE_V4, Protocol::TCP);
    let error = ip.filled(65_516).expect_err("it is too long");
    assert_eq!(error.to_string(), "IPv4 total length at octet 2: needs to be at most 65535, is 65536");
}

#[test]
fn a_segmentation_offload_capture_reaches_to_the_end() {
    // The card would have filled in the total length.
    let mut octets = octets(tcp::DATA);
    octets[16..18].copy_from_slice(&[0, 0]);
    assert!(Frame::parse(&octets).is_err());
    let frame = Frame::parse_cut(&octets).expect("the headers are there");
    let packet = frame.packet().expect("it is IP");
    assert_eq!(packet.tcp().map(|tcp| tcp.payload.len()), Some(7));
    assert_eq!(packet.missing(), 0);
}
