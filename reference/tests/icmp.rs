//! Echo, errors out, errors in: octet by octet where they are short, checksums added up outside this program.

mod support;

use std::net::IpAddr;
use support::*;
use wireproof_reference::host::{Host, What};
use wireproof_reference::icmp::limit::ERROR_BURST;
use wireproof_reference::socket::{SocketError, SocketId};
use wireproof_reference::tcp::{Error, State};
use wireproof_reference::time::{Duration, Instant};
use wireproof_reference::wire::{
    Content, Frame, Icmpv4, Icmpv4Message, Icmpv6, Icmpv6Message, Protocol, Span, Tcp, TcpFlags, TcpOptions,
    Transport, Udp,
};

/// A host that knows its peer.
fn host() -> Host {
    let mut host = Host::new(config());
    introduce(&mut host, at(0));
    host
}

#[test]
fn an_echo_request_comes_back_with_its_data() {
    let cases = [
        (
            "020000000002 020000000001 0800 4500 001f 0000 0000 4001 f6da c0000201 c0000202
             0800 2168 1234 0001 616263",
            "020000000001 020000000002 0800 4500 001f IDID 0000 4001 SUMS c0000202 c0000201
             0000 2968 1234 0001 616263",
        ),
        (
            "020000000002 020000000001 86dd 60000000 000b 3a 40
             20010db8000000000000000000000001 20010db8000000000000000000000002
             8000 4dad 1234 0001 616263",
            "020000000001 020000000002 86dd 60000000 000b 3a 40
             20010db8000000000000000000000002 20010db8000000000000000000000001
             8100 4cad 1234 0001 616263",
        ),
    ];
    for (request, reply) in cases {
        let answers = answers(&mut host(), at(1), &hex(request));
        assert_eq!(answers.len(), 1);
        // The identification may be anything, and with it the checksum of the header.
        let reply = reply.replace("IDID", &format!("{:02x}{:02x}", answers[0][18], answers[0][19]));
        let reply = reply.replace("SUMS", &format!("{:02x}{:02x}", answers[0][24], answers[0][25]));
        assert_eq!(answers[0], hex(&reply));
        let frame = Frame::parse(&answers[0]).unwrap();
        assert!(matches!(frame.content, Content::Ip(packet) if packet.checksums().are_right()));
    }
}

/// An echo request of the given source and destination, in a frame for the host.
fn echo(source: &str, destination: &str) -> Vec<u8> {
    use wireproof_reference::wire::Echo;
    let (source, destination): (IpAddr, IpAddr) =
        (source.parse().expect("as the test has it"), destination.parse().expect("as the test has it"));
    let echo = Echo { identifier: 1, sequence: 1, data: &[7; 32] };
    let transport = match source {
        IpAddr::V4(_) => Transport::Icmpv4(Icmpv4::new(0, Icmpv4Message::EchoRequest(echo))),
        IpAddr::V6(_) => Transport::Icmpv6(Icmpv6::new(0, Icmpv6Message::EchoRequest(echo))),
    };
    frame(source, destination, transport)
}

#[test]
fn echo_is_answered_only_where_the_answer_finds_one_host() {
    let cases = [
        ("192.0.2.1", "192.0.2.2", 1),
        ("192.0.2.1", "192.0.2.255", 0),
        ("192.0.2.1", "255.255.255.255", 0),
        ("192.0.2.1", "224.0.0.1", 0),
        ("192.0.2.255", "192.0.2.2", 0),
        ("224.0.0.1", "192.0.2.2", 0),
        ("0.0.0.0", "192.0.2.2", 0),
        ("127.0.0.1", "192.0.2.2", 0),
        ("192.0.2.2", "192.0.2.2", 0),
        ("2001:db8::1", "2001:db8::2", 1),
        ("2001:db8::1", "ff02::1", 1),
        ("::", "2001:db8::2", 0),
        ("ff02::1", "2001:db8::2", 0),
        ("::1", "2001:db8::2", 0),
    ];
    for (source, destination, expected) in cases {
        let answers = answers(&mut host(), at(1), &echo(source, destination));
        assert_eq!(answers.len(), expected, "{source} > {destination}");
        if let Some(answer) = answers.first() {
            let Content::Ip(packet) = Frame::parse(answer).unwrap().content else { panic!("{answer:02x?}") };
            assert!([HOST_V4, HOST_V6].contains(&packet.ip.source()), "{source} > {destination}");
        }
    }
}

#[test]
fn a_wrong_checksum_is_never_answered() {
    for request in [echo("192.0.2.1", "192.0.2.2"), echo("2001:db8::1", "2001:db8::2")] {
        let mut damaged = request.clone();
        let last = damaged.len() - 1;
        damaged[last] ^= 1;
        assert_eq!(answers(&mut host(), at(1), &damaged).len(), 0);
    }
}

fn datagram(source: IpAddr, destination: IpAddr, port: u16) -> Vec<u8> {
    let udp = Udp {
        source_port: 4000,
        destination_port: port,
        length: 0,
        checksum: 0,
        payload: b"hello",
        surplus: &[],
    };
    frame(source, destination, Transport::Udp(udp))
}

/// Type, code and quote of the ICMP error in a frame.
fn error(frame: &[u8]) -> (u8, u8, Vec<u8>) {
    let Content::Ip(packet) = Frame::parse(frame).expect("as the test has it").content else {
        panic!("{frame:02x?}")
    };
    assert!(packet.checksums().are_right());
    match packet.transport {
        Transport::Icmpv4(icmp) => (
            icmp.message.kind(),
            icmp.code,
            icmp.message.quote().expect("as the test has it").octets().to_vec(),
        ),
        Transport::Icmpv6(icmp) => (
            icmp.message.kind(),
            icmp.code,
            icmp.message.quote().expect("as the test has it").octets().to_vec(),
        ),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_datagram_for_nobody_is_answered_with_port_unreachable_and_quoted() {
    for ((ours, peer), kind) in ENDS.into_iter().zip([(3, 3), (1, 4)]) {
        let datagram = datagram(peer, ours, 9);
        let answers = answers(&mut host(), at(1), &datagram);
        assert_eq!(answers.len(), 1);
        let (found, code, quote) = error(&answers[0]);
        assert_eq!((found, code), kind);
        assert_eq!(quote, &datagram[14..], "the packet is quoted unchanged");
    }
}

#[test]
fn a_protocol_that_nobody_speaks_is_a_problem_of_the_header_that_names_it() {
    for (ours, peer) in ENDS {
        let frame = frame(peer, ours, Transport::Other { protocol: Protocol(253), octets: &[1, 2, 3, 4] });
        let answers = answers(&mut host(), at(1), &frame);
        let (kind, code, _) = error(&answers[0]);
        if ours.is_ipv4() {
            assert_eq!((kind, code), (3, 2));
        } else {
            assert_eq!((kind, code), (4, 1));
            assert_eq!(answers[0][58..62], [0, 0, 0, 6], "the pointer");
        }
    }
}

#[test]
fn errors_come_in_a_burst_and_then_at_a_rate() {
    let mut host = host();
    let told = (0..50).map(|_| answers(&mut host, at(1), &datagram(PEER_V4, HOST_V4, 9)).len());
    assert_eq!(told.sum::<usize>(), ERROR_BURST as usize);
    let later = at(1) + Duration::from_millis(100);
    assert_eq!(answers(&mut host, later, &datagram(PEER_V4, HOST_V4, 9)).len(), 1);
    assert_eq!(answers(&mut host, later, &datagram(PEER_V4, HOST_V4, 9)).len(), 0);
}

#[test]
fn no_error_about_an_error_or_about_what_was_sent_to_many() {
    let quote = Span::new(&[0x45; 28]);
    let unreachable = Icmpv4Message::DestinationUnreachable { unused: 0, next_hop_mtu: 0, quote };
    let cases = [
        frame(PEER_V4, HOST_V4, Transport::Icmpv4(Icmpv4::new(3, unreachable))),
        datagram(PEER_V4, "192.0.2.255".parse().unwrap(), 9),
        datagram(PEER_V4, "224.0.0.1".parse().unwrap(), 9),
        datagram(PEER_V6, "ff02::1".parse().unwrap(), 9),
        datagram("192.0.2.255".parse().unwrap(), HOST_V4, 9),
        broadcast(datagram(PEER_V4, HOST_V4, 9)),
    ];
    for frame in cases {
        assert_eq!(answers(&mut host(), at(1), &frame).len(), 0, "{frame:02x?}");
    }
}

fn broadcast(mut frame: Vec<u8>) -> Vec<u8> {
    frame[..6].fill(0xff);
    frame
}

/// A host with a connection that is opening (its SYN, number 1000, is sent), or open with 100 octets in flight from 1001.
fn with_connection(ours: IpAddr, peer: IpAddr, state: State) -> (Host, SocketId) {
    let mut host = host();
    let socket = host.connect(at(1), (peer, 80).into(), Some(4000), &[]).expect("as the test has it");
    assert_eq!(segments(&frames(&mut host, at(1))).len(), 1);
    if state == State::Established {
        let mut answer = segment(500, 1001, TcpFlags::SYN.with(TcpFlags::ACK), &[]);
        (answer.source_port, answer.destination_port) = (80, 4000);
        answers(&mut host, at(1), &frame(peer, ours, Transport::Tcp(answer)));
        assert_eq!(host.send(at(1), socket, &[7; 100]), Ok(100));
        assert_eq!(segments(&frames(&mut host, at(1))).len(), 1);
    }
    assert_eq!(host.state(socket), Ok(state));
    (host, socket)
}

/// An ICMP error from a router about a segment of the connection with this sequence number.
fn notice(ours: IpAddr, peer: IpAddr, seq: u32, kind: u8, code: u8, word: u32) -> Vec<u8> {
    notice_about(ours, peer, 4000, seq, kind, code, word)
}

/// The same for the connection from another port.
fn notice_about(ours: IpAddr, peer: IpAddr, port: u16, seq: u32, kind: u8, code: u8, word: u32) -> Vec<u8> {
    let mut tcp = segment(seq, 501, TcpFlags::ACK, &[7; 100]);
    (tcp.source_port, tcp.destination_port) = (port, 80);
    let sent = frame(ours, peer, Transport::Tcp(tcp));
    let quoted = if ours.is_ipv4() { &sent[14..14 + 28] } else { &sent[14..] };
    let message = [&word.to_be_bytes()[..], quoted].concat();
    // The message behind its checksum, whatever its type.
    match ours {
        IpAddr::V4(_) => {
            let message = Icmpv4Message::Unknown { kind, data: &message };
            frame(
                "198.51.100.1".parse().expect("as the test has it"),
                ours,
                Transport::Icmpv4(Icmpv4::new(code, message)),
            )
        }
        IpAddr::V6(_) => {
            let message = Icmpv6Message::Unknown { kind, data: &message };
            frame(
                "2001:db8:1::1".parse().expect("as the test has it"),
                ours,
                Transport::Icmpv6(Icmpv6::new(code, message)),
            )
        }
    }
}

/// RFC 9293 3.9.2.2, RFC 5461 2: what ends an attempt to open, and with which error.
#[test]
fn hard_errors_end_an_opening_and_soft_ones_do_not() {
    use SocketError::{ConnectionRefused, HostUnreachable, ProtocolUnreachable, WouldBlock};
    let v4 = [
        (3, 0, WouldBlock),
        (3, 1, WouldBlock),
        (3, 2, ProtocolUnreachable),
        (3, 3, ConnectionRefused),
        (3, 5, WouldBlock),
        (3, 13, WouldBlock),
        (4, 0, WouldBlock),
        (11, 0, WouldBlock),
        (12, 0, WouldBlock),
    ];
    let v6 = [
        (1, 0, WouldBlock),
        (1, 1, HostUnreachable),
        (1, 3, WouldBlock),
        (1, 4, ConnectionRefused),
        (3, 0, WouldBlock),
        (4, 0, WouldBlock),
        (4, 1, WouldBlock),
    ];
    for ((ours, peer), cases) in ENDS.into_iter().zip([&v4[..], &v6[..]]) {
        for (kind, code, expected) in cases {
            let (mut host, socket) = with_connection(ours, peer, State::SynSent);
            answers(&mut host, at(1), &notice(ours, peer, 1000, *kind, *code, 0));
            assert_eq!(host.connected(socket), Err(*expected), "{ours} type {kind} code {code}");
        }
    }
}

#[test]
fn no_error_ends_a_connection_that_is_open() {
    for (ours, peer) in ENDS {
        let kind = if ours.is_ipv4() { 3 } else { 1 };
        for code in 0..=15 {
            let (mut host, socket) = with_connection(ours, peer, State::Established);
            answers(&mut host, at(1), &notice(ours, peer, 1001, kind, code, 0));
            assert_eq!(host.state(socket), Ok(State::Established), "code {code}");
        }
    }
}

#[test]
fn an_application_can_ask_what_keeps_its_data_from_arriving() {
    for (ours, peer) in ENDS {
        let (kind, code) = if ours.is_ipv4() { (3, 1) } else { (1, 3) };
        let (mut host, socket) = with_connection(ours, peer, State::Established);
        assert_eq!(host.status(socket).unwrap().soft_error, None);
        answers(&mut host, at(1), &notice(ours, peer, 1001, kind, code, 0));
        assert_eq!(host.status(socket).unwrap().soft_error, Some(Error::HostUnreachable));
    }
}

#[test]
fn an_error_is_believed_only_if_it_quotes_what_is_in_flight() {
    let unreachable = |ours: IpAddr| if ours.is_ipv4() { (3, 3) } else { (1, 4) };
    for (ours, peer) in ENDS {
        let (kind, code) = unreachable(ours);
        for seq in [999, 1001, 0, 0x8000_0000] {
            let (mut host, socket) = with_connection(ours, peer, State::SynSent);
            answers(&mut host, at(1), &notice(ours, peer, seq, kind, code, 0));
            assert_eq!(host.state(socket), Ok(State::SynSent), "quoting {seq}");
        }
        // Another port's connection is not this one's.
        let (mut host, socket) = with_connection(ours, peer, State::SynSent);
        let mut wrong = notice(ours, peer, 1000, kind, code, 0);
        let last = wrong.len() - 1;
        wrong[last] ^= 1;
        answers(&mut host, at(1), &wrong);
        assert_eq!(host.state(socket), Ok(State::SynSent), "with a wrong checksum");
    }
}

#[test]
fn a_router_that_wants_smaller_packets_gets_them_and_later_connections_know() {
    // Type, code, the MTU that the router tells, and the segment that fits.
    for ((ours, peer), (kind, code, mtu, fits)) in
        ENDS.into_iter().zip([(3, 4, 1000, 960), (2, 0, 1280, 1220)])
    {
        let (mut host, _) = with_large_segments(ours, peer, 4001);
        let sent = answers(&mut host, at(1), &notice_about(ours, peer, 4001, 1001, kind, code, mtu));
        let sizes: Vec<usize> = segments(&sent).iter().map(|segment| segment.payload.len()).collect();
        assert!(!sizes.is_empty() && sizes.iter().all(|size| *size <= fits), "{sizes:?}");
        // A second connection to the same host begins with what the first one found out.
        let socket = open(&mut host, ours, peer, 4002);
        assert_eq!(host.status(socket).unwrap().segment_size, Some(fits as u32));
        // So does one that the host opens to us.
        let listener = host.listen(at(1), 80, 1, &[]).unwrap();
        let option = [2, 4, 0x05, 0xb4];
        let syn = Tcp { options: TcpOptions::new(&option), ..segment(100, 0, TcpFlags::SYN, &[]) };
        answers(&mut host, at(1), &frame(peer, ours, Transport::Tcp(syn)));
        answers(&mut host, at(1), &frame(peer, ours, Transport::Tcp(segment(101, 1001, TcpFlags::ACK, &[]))));
        let (accepted, _) = host.accept(listener).unwrap();
        assert_eq!(host.status(accepted).unwrap().segment_size, Some(fits as u32));
    }
}

#[test]
fn a_router_that_wants_nonsense_is_not_obeyed() {
    for ((ours, peer), cases) in ENDS
        .into_iter()
        .zip([[(3, 4, 1500), (3, 4, 9000), (3, 4, 67)], [(2, 0, 1500), (2, 0, 1279), (2, 0, 0)]])
    {
        for (kind, code, mtu) in cases {
            let (mut host, socket) = with_large_segments(ours, peer, 4001);
            let before = host.status(socket).unwrap().segment_size;
            answers(&mut host, at(1), &notice_about(ours, peer, 4001, 1001, kind, code, mtu));
            assert_eq!(host.status(socket).unwrap().segment_size, before, "{ours} MTU {mtu}");
        }
    }
}

/// Opens a connection from `port` to the peer's port 80, which accepts segments as large as the link carries.
fn open(host: &mut Host, ours: IpAddr, peer: IpAddr, port: u16) -> SocketId {
    let socket = host.connect(at(1), (peer, 80).into(), Some(port), &[]).expect("as the test has it");
    frames(host, at(1));
    let mss: u16 = if ours.is_ipv4() { 1460 } else { 1440 };
    let option = [2, 4, mss.to_be_bytes()[0], mss.to_be_bytes()[1]];
    let mut answer = segment(500, 1001, TcpFlags::SYN.with(TcpFlags::ACK), &[]);
    (answer.source_port, answer.destination_port) = (80, port);
    answer.options = TcpOptions::new(&option);
    answers(host, at(1), &frame(peer, ours, Transport::Tcp(answer)));
    assert_eq!(host.state(socket), Ok(State::Established));
    socket
}

/// The same with full segments in flight from 1001 on.
fn with_large_segments(ours: IpAddr, peer: IpAddr, port: u16) -> (Host, SocketId) {
    let mut host = host();
    let socket = open(&mut host, ours, peer, port);
    assert_eq!(host.send(at(1), socket, &[7; 20_000]), Ok(20_000));
    assert!(frames(&mut host, at(1)).iter().any(|frame| frame.len() == 1514));
    (host, socket)
}

#[test]
fn whatever_had_no_effect_is_noted() {
    let mut host = host();
    while host.poll_note().is_some() {}
    answers(&mut host, at(2), &datagram(PEER_V4, HOST_V4, 9));
    let note = host.poll_note().unwrap();
    assert_eq!(note.time, Instant::ZERO + Duration::from_secs(2));
    assert_eq!(note.what, What::Discarded(wireproof_reference::host::Discard::NoSocket));
}

#[test]
fn datagrams_travel_both_ways_over_a_bound_port() {
    for (ours, peer) in ENDS {
        let mut host = host();
        let socket = host.udp_bind(9).unwrap();
        assert_eq!(answers(&mut host, at(1), &datagram(peer, ours, 9)).len(), 0);
        let received = host.udp_recv(socket).unwrap();
        assert_eq!((received.from, received.to), ((peer, 4000).into(), ours));
        assert_eq!(received.payload, b"hello");
        host.udp_send(at(1), socket, (peer, 4000).into(), b"back").unwrap();
        let sent = frames(&mut host, at(1));
        let Content::Ip(packet) = Frame::parse(&sent[0]).unwrap().content else { panic!("{sent:02x?}") };
        assert!(packet.checksums().are_right());
        let Transport::Udp(udp) = packet.transport else { panic!("{packet:?}") };
        assert_eq!((udp.source_port, udp.destination_port, udp.payload), (9, 4000, &b"back"[..]));
        assert_eq!(
            host.udp_send(at(1), socket, (peer, 4000).into(), &[0; 1500]),
            Err(SocketError::MessageTooLong)
        );
    }
}
