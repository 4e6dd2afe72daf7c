//! What TCP asks of IP, RFC 9293 3.9.1.9, 3.9.2 and 3.9.2.1: Diffserv field, hops, source routes.

#![expect(clippy::unwrap_used, reason = "a call that is refused where a story has it served fails the story")]

mod support;

use core::net::Ipv4Addr;
use std::net::{IpAddr, SocketAddr};
use support::*;
use wireproof_reference::host::{Config, Host};
use wireproof_reference::policy::{Policy, ReturnRoutes};
use wireproof_reference::socket::{SocketError, SocketId, SocketOption};
use wireproof_reference::wire::{
    Content, Frame, Icmpv4Message, Ip, Ipv4, Ipv4Options, Packet, SourceRoute, SourceRouteKind, Tcp,
    TcpFlags, Transport,
};

const SYN: TcpFlags = TcpFlags::SYN;
const ACK: TcpFlags = TcpFlags::ACK;

/// Gateways on the link; their link addresses end in the same octet.
const G1: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 11);
/// One that is elsewhere.
const FAR: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 12);

/// A host that knows its peer and the gateways.
fn host_with(policy: Policy) -> Host {
    let mut host = Host::new(Config { policy, ..config() });
    introduce(&mut host, at(0));
    for last in ["0b", "0c"] {
        let request = format!(
            "ffffffffffff 0200000000{last} 0806 0001 0800 06 04 0001 0200000000{last} c00002{last} 000000000000 c0000202"
        );
        assert_eq!(answers(&mut host, at(0), &hex(&request)).len(), 1);
    }
    host
}

fn host() -> Host {
    host_with(Policy::rfc9293())
}

fn loose(gateways: &[Ipv4Addr]) -> SocketOption {
    SocketOption::SourceRoute(SourceRoute::new(SourceRouteKind::Loose, gateways).unwrap())
}

/// Diffserv code point and hops of each packet.
fn service(frames: &[Vec<u8>]) -> Vec<(u8, u8)> {
    frames.iter().map(|frame| packet(frame).ip).map(|ip| (ip.dscp(), ip.hop_limit())).collect()
}

fn packet(frame: &[u8]) -> Packet<'_> {
    match Frame::parse(frame).unwrap().content {
        Content::Ip(packet) => packet,
        other => panic!("no packet: {other:?}"),
    }
}

/// Where each packet is sent to, over which options of the header.
fn ways(frames: &[Vec<u8>]) -> Vec<(String, Vec<u8>)> {
    let way = |frame: &Vec<u8>| {
        let packet = packet(frame);
        assert!(packet.checksums().are_right(), "the sum is over the ends, whatever lies between");
        match packet.ip {
            Ip::V4(header) => (header.destination.to_string(), header.options.octets().to_vec()),
            Ip::V6(header) => (header.destination.to_string(), Vec::new()),
        }
    };
    frames.iter().map(way).collect()
}

fn way(to: &str, options: &str) -> (String, Vec<u8>) {
    (to.to_string(), hex(options))
}

/// A segment from the peer that came over these options of the IP header.
fn routed(options: &str, transport: Transport<'_>) -> Vec<u8> {
    let options = hex(options);
    let mut header = Ipv4::new([192, 0, 2, 1].into(), [192, 0, 2, 2].into(), transport.protocol());
    header.options = Ipv4Options::new(&options);
    let packet = Packet::new(Ip::V4(header), transport).filled().unwrap();
    let mut frame = frame(PEER_V4, HOST_V4, Transport::Tcp(segment(0, 0, SYN, &[])))[..14].to_vec();
    frame.extend(packet.to_vec().unwrap());
    frame
}

/// What the host answers to a segment that came over these options.
fn told(host: &mut Host, options: &str, tcp: Tcp<'_>) -> Vec<(String, Vec<u8>)> {
    ways(&answers(host, at(1), &routed(options, Transport::Tcp(tcp))))
}

fn connected(host: &mut Host, ends: (IpAddr, IpAddr), options: &[SocketOption]) -> SocketId {
    let socket = host.connect(at(1), SocketAddr::new(ends.1, 4000), Some(80), options).unwrap();
    frames(host, at(1));
    answers(host, at(1), &frame(ends.1, ends.0, Transport::Tcp(segment(700, 1001, SYN.with(ACK), &[]))));
    host.connected(socket).unwrap();
    socket
}

/// RFC 9293 3.9.1.9 MUST-48, SHLD-22; 3.9.2 MUST-49.
#[test]
fn every_segment_of_a_connection_bears_the_diffserv_field_and_the_hops_that_its_user_chose() {
    for ends in ENDS {
        let mut host = host();
        let options = [SocketOption::Dscp(46), SocketOption::HopLimit(9)];
        let socket = host.connect(at(1), SocketAddr::new(ends.1, 4000), Some(80), &options).unwrap();
        assert_eq!(service(&frames(&mut host, at(1))), [(46, 9)], "the SYN");
        let syn_ack = frame(ends.1, ends.0, Transport::Tcp(segment(700, 1001, SYN.with(ACK), &[])));
        assert_eq!(service(&answers(&mut host, at(1), &syn_ack)), [(46, 9)], "the acknowledgment");
        host.send(at(1), socket, b"text").unwrap();
        assert_eq!(service(&frames(&mut host, at(1))), [(46, 9)], "text");
        host.handle_timeout(at(2));
        assert_eq!(service(&frames(&mut host, at(2))), [(46, 9)], "text again");
        let status = host.status(socket).unwrap();
        assert_eq!((status.carriage.dscp, status.carriage.hop_limit), (46, 9));
        host.abort(at(2), socket).unwrap();
        assert_eq!(service(&frames(&mut host, at(2))), [(46, 9)], "the reset");
    }
}

/// RFC 9293 3.9.1.9 SHLD-21.
#[test]
fn diffserv_field_and_hops_can_be_changed_while_a_connection_lives() {
    for ends in ENDS {
        let mut host = host();
        let socket = connected(&mut host, ends, &[]);
        let mut set = |option, text: &[u8]| {
            host.set_option(at(1), socket, option).unwrap();
            host.send(at(1), socket, text).unwrap();
            service(&frames(&mut host, at(1)))
        };
        assert_eq!(set(SocketOption::NoDelay(true), b"a"), [(0, 64)]);
        assert_eq!(set(SocketOption::Dscp(63), b"b"), [(63, 64)]);
        assert_eq!(set(SocketOption::HopLimit(255), b"c"), [(63, 255)]);
        assert_eq!(set(SocketOption::Dscp(0), b"d"), [(0, 255)]);
    }
}

#[test]
fn a_listeners_choice_holds_for_its_connections_and_its_resets() {
    for ends in ENDS {
        let mut host = host();
        let listener = host.listen(at(1), 80, 5, &[SocketOption::Dscp(8)]).unwrap();
        host.set_option(at(1), listener, SocketOption::HopLimit(7)).unwrap();
        let mut told = |tcp| service(&answers(&mut host, at(1), &frame(ends.1, ends.0, Transport::Tcp(tcp))));
        assert_eq!(told(segment(100, 0, SYN, &[])), [(8, 7)]);
        assert_eq!(told(segment(101, 9, ACK, &[])), [(8, 7)], "an acknowledgment of something else: a reset");
        assert_eq!(told(Tcp { source_port: 9, ..segment(101, 9, ACK, &[]) }), [(8, 7)], "from nobody");
    }
    let mut host = host_with(Policy { dscp: 10, hop_limit: 3, ..Policy::rfc9293() });
    let to_nobody = frame(PEER_V4, HOST_V4, Transport::Tcp(segment(100, 0, SYN, &[])));
    assert_eq!(
        service(&answers(&mut host, at(1), &to_nobody)),
        [(10, 3)],
        "the builder's choice for all else"
    );
}

#[test]
fn values_that_the_ip_header_cannot_bear_are_refused() {
    let mut host = host();
    let socket = connected(&mut host, ENDS[0], &[]);
    for option in [SocketOption::Dscp(64), SocketOption::HopLimit(0)] {
        assert_eq!(host.set_option(at(1), socket, option), Err(SocketError::InvalidArgument), "{option:?}");
        assert_eq!(host.listen(at(1), 81, 5, &[option]), Err(SocketError::InvalidArgument), "{option:?}");
    }
    let late = host.set_option(at(1), socket, loose(&[G1]));
    assert_eq!(late, Err(SocketError::InvalidArgument), "a route is for the opening");
}

/// RFC 9293 3.9.1.9 MAY-9.
#[test]
fn the_diffserv_field_of_the_peers_latest_segment_can_be_asked_for() {
    for (ours, peer) in ENDS {
        let mut host = host();
        let socket = connected(&mut host, (ours, peer), &[]);
        let says = |host: &mut Host, dscp, tcp| {
            let mut ip = Ip::new(peer, ours, wireproof_reference::wire::Protocol::TCP).unwrap();
            match &mut ip {
                Ip::V4(header) => header.dscp = dscp,
                Ip::V6(header) => header.dscp = dscp,
            }
            let packet = Packet::new(ip, Transport::Tcp(tcp)).filled().unwrap();
            let mut frame = frame(peer, ours, Transport::Tcp(tcp))[..14].to_vec();
            frame.extend(packet.to_vec().unwrap());
            answers(host, at(1), &frame);
            host.status(socket).unwrap().received_dscp
        };
        assert_eq!(host.status(socket).unwrap().received_dscp, Some(0));
        assert_eq!(says(&mut host, 46, segment(701, 1001, ACK, b"text")), Some(46));
        assert_eq!(says(&mut host, 12, segment(9, 1001, ACK, b"old")), Some(46), "it may be anybody's");
    }
}

/// RFC 9293 3.9.2.1 MUST-51; the octets are RFC 791's and RFC 1122 3.2.1.8's case (A), the sums made by hand.
#[test]
fn a_syn_over_a_source_route_leaves_for_the_first_gateway_with_the_rest_of_the_way_in_its_header() {
    let mut host = host();
    let options = [loose(&[G1, FAR]), SocketOption::Dscp(46), SocketOption::HopLimit(9)];
    let remote = "203.0.113.9:80".parse().unwrap();
    let socket = host.connect(at(1), remote, Some(4000), &options).unwrap();
    let expected = "02000000000b 020000000002 0800
        48b80038 00004000 09061889 c0000202 c000020b 830b04c6 33640ccb 00710900
        0fa00050 000003e8 00000000 6002ffff 86420000 020405b4";
    assert_eq!(frames(&mut host, at(1)), [hex(expected)]);
    // The ends are the connection's, whatever the header says.
    assert_eq!(host.ends(socket).unwrap().1, remote);
}

#[test]
fn every_segment_of_the_connection_takes_the_users_route_and_leaves_room_for_it() {
    let mut host = host();
    let socket = connected(&mut host, ENDS[0], &[loose(&[G1])]);
    assert_eq!(host.status(socket).unwrap().segment_size, Some(536 - 8), "MUST-16: IPoptionsize");
    host.send(at(1), socket, &[7; 1056]).unwrap();
    let to_g1 = way("192.0.2.11", "83 07 04 c0000201 00");
    let sent = frames(&mut host, at(1));
    assert_eq!(ways(&sent), vec![to_g1.clone(); 2]);
    assert_eq!(packet(&sent[0]).tcp().unwrap().payload.len(), 528);
    host.abort(at(1), socket).unwrap();
    assert_eq!(ways(&frames(&mut host, at(1))), [to_g1]);
}

/// RFC 9293 3.9.2.1 MUST-52.
#[test]
fn a_route_that_arrives_does_not_replace_the_users() {
    let over_g2 = "83 07 08 c000020c 00";
    for (options, expected) in [
        (vec![loose(&[G1])], way("192.0.2.11", "83 07 04 c0000201 00")),
        // Who opened without a route asked for none.
        (vec![], way("192.0.2.1", "")),
    ] {
        let mut host = host();
        let remote = SocketAddr::new(PEER_V4, 4000);
        host.connect(at(1), remote, Some(80), &options).unwrap();
        frames(&mut host, at(1));
        assert_eq!(
            told(&mut host, over_g2, segment(700, 1001, SYN.with(ACK), &[])),
            std::slice::from_ref(&expected)
        );
        assert_eq!(told(&mut host, over_g2, segment(701, 1001, ACK, b"text")).pop(), None, "delayed");
        host.handle_timeout(at(2));
        assert_eq!(ways(&frames(&mut host, at(2))), [expected]);
    }
}

/// RFC 9293 3.9.2.1 MUST-53; RFC 1122 3.2.1.8 (c).
#[test]
fn whoever_was_asked_over_a_source_route_answers_over_its_reverse_with_all_segments() {
    // {G1, FAR, G2 >>}, the kind and its reverse {>> FAR, G1, the peer} for G2.
    for (kind, reverse) in [
        ("83", "83 0f 04 c633640c c000020b c0000201 00"),
        // A NOP before it moves nothing.
        ("01 83", "83 0f 04 c633640c c000020b c0000201 00"),
        ("89", "89 0f 04 c633640c c000020b c0000201 00"),
    ] {
        let mut host = host();
        let listener = host.listen(at(1), 80, 5, &[]).unwrap();
        let pad = if kind.len() > 2 { "" } else { "00" };
        let over = format!("{kind} 0f 10 c000020b c633640c c000020c {pad}");
        let back = [way("192.0.2.12", reverse)];
        assert_eq!(told(&mut host, &over, segment(100, 0, SYN, &[])), back);
        // Later segments need not come by it.
        assert_eq!(told(&mut host, "", segment(101, 1001, ACK, &[])), []);
        let (socket, _) = host.accept(listener).unwrap();
        host.send(at(1), socket, b"text").unwrap();
        assert_eq!(ways(&frames(&mut host, at(1))), back);
        host.close(at(1), socket).unwrap();
        assert_eq!(ways(&frames(&mut host, at(1))), back);
    }
}

#[test]
fn a_peer_that_put_itself_into_its_route_is_reached_all_the_same() {
    let mut host = host();
    host.listen(at(1), 80, 5, &[]).unwrap();
    // RFC 1122 3.2.1.8 (c), case (B): {the peer, G1 >>}
    let over = "83 0b 0c c0000201 c000020b 00";
    let back = way("192.0.2.11", "83 07 04 c0000201 00");
    assert_eq!(told(&mut host, over, segment(100, 0, SYN, &[])), [back]);
}

/// RFC 9293 3.9.2.1 SHLD-24.
#[test]
fn a_later_route_replaces_the_earlier_one_if_the_segment_is_believed() {
    let mut host = host();
    let listener = host.listen(at(1), 80, 5, &[]).unwrap();
    let (over_g1, over_g2) = ("83 07 08 c000020b 00", "83 07 08 c000020c 00");
    told(&mut host, over_g1, segment(100, 0, SYN, &[]));
    told(&mut host, over_g1, segment(101, 1001, ACK, &[]));
    let (socket, _) = host.accept(listener).unwrap();
    let next = |host: &mut Host| {
        host.send(at(1), socket, b"x").unwrap();
        ways(&frames(host, at(1))).pop().unwrap().0
    };
    host.set_option(at(1), socket, SocketOption::NoDelay(true)).unwrap();
    for doubtful in
        [segment(99, 1001, ACK, b"."), segment(70_000, 1001, ACK, b"."), segment(101, 9000, ACK, b".")]
    {
        told(&mut host, over_g2, doubtful);
        assert_eq!(next(&mut host), "192.0.2.11");
    }
    told(&mut host, over_g2, segment(101, 1001, ACK, b"."));
    assert_eq!(next(&mut host), "192.0.2.12");
    told(&mut host, "", segment(102, 1001, ACK, b"."));
    assert_eq!(next(&mut host), "192.0.2.12", "a segment without a route says nothing of one");
}

#[test]
fn a_route_back_over_what_is_no_gateway_or_against_the_policy_is_not_taken() {
    for gateway in ["ffffffff", "c00002ff", "e0000001", "7f000001", "00000000", "c0000202"] {
        let mut host = host();
        host.listen(at(1), 80, 5, &[]).unwrap();
        let over = format!("83 07 08 {gateway} 00");
        assert_eq!(told(&mut host, &over, segment(100, 0, SYN, &[])), [way("192.0.2.1", "")], "{gateway}");
    }
    let mut host = host_with(Policy { return_routes: ReturnRoutes::Ignored, ..Policy::rfc9293() });
    host.listen(at(1), 80, 5, &[]).unwrap();
    assert_eq!(told(&mut host, "83 07 08 c000020b 00", segment(100, 0, SYN, &[])), [way("192.0.2.1", "")]);
}

/// RFC 9293 3.9.2 MUST-50.
#[test]
fn options_that_are_not_known_change_nothing() {
    // A stream identifier, a router alert, one that nobody has defined.
    for options in ["88 04 0000", "94 04 0000", "de 03 00 00", "01 01 01 01", "07 07 08 c000020b 00"] {
        let mut host = host();
        host.listen(at(1), 80, 5, &[]).unwrap();
        assert_eq!(told(&mut host, options, segment(100, 0, SYN, &[])), [way("192.0.2.1", "")], "{options}");
    }
}

#[test]
fn routes_that_cannot_be_are_refused_before_anything_is_sent() {
    let mut host = host();
    let mut connect = |remote: &str, option| {
        host.connect(at(1), remote.parse().unwrap(), None, &[option]).map(drop).map_err(SocketError::errno)
    };
    let strict =
        |gateway| SocketOption::SourceRoute(SourceRoute::new(SourceRouteKind::Strict, &[gateway]).unwrap());
    assert_eq!(connect("[2001:db8::1]:80", loose(&[G1])), Err("EINVAL"), "RFC 5095 3: IPv6 has none");
    assert_eq!(connect("192.0.2.1:80", loose(&[Ipv4Addr::BROADCAST])), Err("EINVAL"));
    assert_eq!(connect("192.0.2.1:80", loose(&[G1, Ipv4Addr::new(192, 0, 2, 2)])), Err("EINVAL"));
    assert_eq!(
        connect("203.0.113.9:80", strict(FAR)),
        Err("ENETUNREACH"),
        "its first gateway is a neighbour"
    );
    assert_eq!(connect("203.0.113.9:80", strict(G1)), Ok(()));
    assert_eq!(connect("203.0.113.9:80", loose(&[FAR])), Ok(()), "by the default gateway");
}

/// RFC 9293 3.9.2.2 MUST-54: what is quoted is still on its way to the first gateway.
#[test]
fn an_icmp_error_about_a_routed_segment_finds_its_connection() {
    let mut host = host();
    let socket = host.connect(at(1), "203.0.113.9:80".parse().unwrap(), Some(4000), &[loose(&[G1])]).unwrap();
    let sent = frames(&mut host, at(1));
    let quote = wireproof_reference::wire::Span::new(&sent[0][14..]);
    let message = Icmpv4Message::DestinationUnreachable { unused: 0, next_hop_mtu: 0, quote };
    let icmp = wireproof_reference::wire::Icmpv4::new(2, message).filled();
    answers(&mut host, at(1), &frame(PEER_V4, HOST_V4, Transport::Icmpv4(icmp)));
    assert_eq!(host.connected(socket), Err(SocketError::ProtocolUnreachable));
}

/// RFC 1122 3.2.2.6.
#[test]
fn an_echo_request_over_a_source_route_is_answered_over_its_reverse() {
    let mut host = host();
    let echo = wireproof_reference::wire::Echo { identifier: 1, sequence: 2, data: b"ping" };
    let icmp = wireproof_reference::wire::Icmpv4::new(0, Icmpv4Message::EchoRequest(echo)).filled();
    let request = routed("83 0b 0c c000020b c000020c 00", Transport::Icmpv4(icmp));
    let expected = way("192.0.2.12", "83 0b 04 c000020b c0000201 00");
    assert_eq!(ways(&answers(&mut host, at(1), &request)), [expected]);
}
