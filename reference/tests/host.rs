//! TCP as a whole host speaks it: who is answered, who is not, and what sockets tell.

mod support;

use std::net::IpAddr;
use support::*;
use wireproof_reference::host::{CONGESTED_FRAMES, Host};
use wireproof_reference::socket::{Shutdown, SocketError, SocketId, SocketOption};
use wireproof_reference::tcp::State;
use wireproof_reference::time::{Duration, Instant};
use wireproof_reference::wire::{Frame, Tcp, TcpFlags, TcpOptions, Transport};

const SYN: TcpFlags = TcpFlags::SYN;
const ACK: TcpFlags = TcpFlags::ACK;
const SYN_ACK: TcpFlags = TcpFlags::SYN.with(TcpFlags::ACK);
const FIN_ACK: TcpFlags = TcpFlags::FIN.with(TcpFlags::ACK);

/// A host that knows its peer.
fn host() -> Host {
    let mut host = Host::new(config());
    introduce(&mut host, at(0));
    host
}

fn listening() -> (Host, SocketId) {
    let mut host = host();
    let listener = host.listen(at(1), 80, 5, &[]).expect("as the test has it");
    (host, listener)
}

/// What the host answers to a segment, as the segments' fields that say what happened.
fn told(host: &mut Host, (ours, peer): (IpAddr, IpAddr), tcp: Tcp<'_>) -> Vec<(u32, u32, TcpFlags, usize)> {
    let sent = answers(host, at(1), &frame(peer, ours, Transport::Tcp(tcp)));
    segments(&sent).iter().map(|tcp| (tcp.seq, tcp.ack, tcp.flags, tcp.payload.len())).collect()
}

/// A listener and a connection from the peer's port 4000 that it has accepted; the next number of the peer is 101, ours 1001.
fn accepted(ends: (IpAddr, IpAddr)) -> (Host, SocketId) {
    let (mut host, listener) = listening();
    assert_eq!(told(&mut host, ends, segment(100, 0, SYN, &[])), [(1000, 101, SYN_ACK, 0)]);
    assert_eq!(told(&mut host, ends, segment(101, 1001, ACK, &[])), []);
    let (socket, peer) = host.accept(listener).expect("as the test has it");
    assert_eq!(peer, (ends.1, 4000).into());
    (host, socket)
}

#[test]
fn a_segment_for_no_port_is_reset_with_numbers_that_its_sender_believes() {
    let rst = TcpFlags::RST;
    for ends in ENDS {
        assert_eq!(told(&mut host(), ends, segment(100, 0, SYN, &[])), [(0, 101, rst.with(ACK), 0)]);
        assert_eq!(told(&mut host(), ends, segment(100, 300, ACK, b"four")), [(300, 0, rst, 0)]);
        assert_eq!(
            told(&mut host(), ends, segment(100, 0, TcpFlags::FIN, b"four")),
            [(0, 105, rst.with(ACK), 0)]
        );
        assert_eq!(told(&mut host(), ends, segment(100, 300, rst, &[])), []);
    }
}

/// RFC 9293 3.9.2.3 MUST-57, MUST-63; RFC 1122 3.2.1.3.
#[test]
fn a_syn_from_or_to_more_than_one_host_is_ignored() {
    let cases = [
        ("192.0.2.255", "192.0.2.2"),
        ("255.255.255.255", "192.0.2.2"),
        ("224.0.0.1", "192.0.2.2"),
        ("0.0.0.0", "192.0.2.2"),
        ("127.0.0.1", "192.0.2.2"),
        ("192.0.2.2", "192.0.2.2"),
        ("240.0.0.1", "192.0.2.2"),
        ("192.0.2.1", "192.0.2.255"),
        ("192.0.2.1", "255.255.255.255"),
        ("192.0.2.1", "224.0.0.1"),
        ("192.0.2.1", "192.0.2.3"),
        ("::", "2001:db8::2"),
        ("::1", "2001:db8::2"),
        ("ff02::1", "2001:db8::2"),
        ("2001:db8::2", "2001:db8::2"),
        ("2001:db8::1", "ff02::1"),
        ("2001:db8::1", "ff02::1:ff00:2"),
    ];
    for (source, destination) in cases {
        let (mut host, listener) = listening();
        let syn = Transport::Tcp(segment(100, 0, SYN, &[]));
        let frame = frame(source.parse().unwrap(), destination.parse().unwrap(), syn);
        assert_eq!(answers(&mut host, at(1), &frame).len(), 0, "{source} > {destination}");
        assert_eq!(host.children(listener), Ok(vec![]), "{source} > {destination}");
    }
}

#[test]
fn a_syn_in_a_frame_for_all_is_ignored() {
    for (ours, peer) in ENDS {
        for destination in [[0xff; 6], [0x33, 0x33, 0, 0, 0, 1], [0x01, 0x00, 0x5e, 0, 0, 1]] {
            let (mut host, listener) = listening();
            let mut frame = frame(peer, ours, Transport::Tcp(segment(100, 0, SYN, &[])));
            frame[..6].copy_from_slice(&destination);
            assert_eq!(answers(&mut host, at(1), &frame).len(), 0);
            assert_eq!(host.children(listener), Ok(vec![]));
        }
    }
}

#[test]
fn a_segment_with_a_wrong_checksum_changes_nothing() {
    for (ours, peer) in ENDS {
        let (mut host, socket) = accepted((ours, peer));
        let mut frame = frame(peer, ours, Transport::Tcp(segment(101, 1001, ACK, b"data")));
        let last = frame.len() - 1;
        frame[last] ^= 0x10;
        assert_eq!(answers(&mut host, at(1), &frame).len(), 0);
        assert_eq!(host.recv(at(1), socket, 10), Err(SocketError::WouldBlock));
    }
}

#[test]
fn an_option_that_is_not_known_or_not_well_formed_does_no_harm() {
    // RFC 9293 3.1 MUST-6, MUST-7: kind 254 is experimental; a length of zero or beyond the header.
    for octets in [[254, 4, 1, 2], [254, 0, 1, 2], [254, 1, 1, 2], [254, 9, 1, 2], [2, 9, 5, 0]] {
        let (mut host, _) = listening();
        let syn = Tcp { options: TcpOptions::new(&octets), ..segment(100, 0, SYN, &[]) };
        assert_eq!(told(&mut host, ENDS[0], syn), [(1000, 101, SYN_ACK, 0)], "{octets:?}");
    }
}

#[test]
fn data_and_both_ends_arrive_over_an_accepted_connection() {
    for ends in ENDS {
        let (mut host, socket) = accepted(ends);
        assert_eq!(host.recv(at(1), socket, 10), Err(SocketError::WouldBlock));
        told(&mut host, ends, segment(101, 1001, ACK, b"hello"));
        assert_eq!(host.recv(at(1), socket, 2), Ok(b"he".to_vec()));
        assert_eq!(host.recv(at(1), socket, 10), Ok(b"llo".to_vec()));
        assert_eq!(host.send(at(1), socket, b"back"), Ok(4));
        let sent = frames(&mut host, at(1));
        assert_eq!(segments(&sent)[0].payload, b"back");
        assert_eq!(told(&mut host, ends, segment(106, 1005, FIN_ACK, &[])), [(1005, 107, ACK, 0)]);
        assert_eq!(host.recv(at(1), socket, 10), Ok(vec![]), "the end");
        assert_eq!(host.state(socket), Ok(State::CloseWait));
        host.close(at(1), socket).unwrap();
        assert_eq!(segments(&frames(&mut host, at(1)))[0].flags, FIN_ACK);
        assert_eq!(host.state(socket), Ok(State::LastAck), "the state is told of a closed socket, too");
        assert_eq!(host.send(at(1), socket, b"x"), Err(SocketError::BadSocket));
        told(&mut host, ends, segment(107, 1006, ACK, &[]));
        assert_eq!(host.state(socket), Ok(State::Closed));
    }
}

#[test]
fn connections_are_told_apart_by_both_ends() {
    let (mut host, listener) = listening();
    for ends in ENDS {
        for port in [4000, 4001] {
            let syn = Tcp { source_port: port, ..segment(100, 0, SYN, &[]) };
            told(&mut host, ends, syn);
            let ack = Tcp { source_port: port, ..segment(101, 1001, ACK, &[]) };
            told(&mut host, ends, ack);
        }
    }
    let children: Vec<_> = host.children(listener).unwrap();
    assert_eq!(children.len(), 4);
    assert!(children.iter().all(|(_, state)| *state == State::Established));
    let sockets: Vec<_> = (0..4).map(|_| host.accept(listener).unwrap()).collect();
    for (number, (socket, peer)) in sockets.iter().enumerate() {
        let ends = if peer.is_ipv4() { ENDS[0] } else { ENDS[1] };
        let data = [number as u8; 3];
        told(&mut host, ends, Tcp { source_port: peer.port(), ..segment(101, 1001, ACK, &data) });
        assert_eq!(host.recv(at(1), *socket, 10), Ok(data.to_vec()));
    }
    assert_eq!(host.accept(listener), Err(SocketError::WouldBlock));
}

#[test]
fn no_more_than_the_backlog_wait_in_a_listener() {
    let mut host = host();
    let listener = host.listen(at(1), 80, 2, &[]).unwrap();
    for port in 4000..4010 {
        told(&mut host, ENDS[0], Tcp { source_port: port, ..segment(100, 0, SYN, &[]) });
    }
    assert_eq!(host.children(listener).unwrap().len(), 2);
    told(&mut host, ENDS[0], segment(101, 1001, ACK, &[]));
    assert!(host.accept(listener).is_ok());
    told(&mut host, ENDS[0], Tcp { source_port: 4005, ..segment(100, 0, SYN, &[]) });
    assert_eq!(host.children(listener).unwrap().len(), 2, "there is room again");
}

#[test]
fn a_connection_reset_before_it_was_accepted_is_handed_over_and_not_in_the_way_of_the_next() {
    let (mut host, listener) = listening();
    let ends = ENDS[0];
    told(&mut host, ends, segment(100, 0, SYN, &[]));
    told(&mut host, ends, segment(101, 1001, ACK, &[]));
    assert_eq!(told(&mut host, ends, segment(101, 0, TcpFlags::RST, &[])), []);
    assert_eq!(told(&mut host, ends, segment(7000, 0, SYN, &[])), [(1000, 7001, SYN_ACK, 0)]);
    let (socket, _) = host.accept(listener).unwrap();
    assert_eq!(host.recv(at(1), socket, 10), Err(SocketError::ConnectionReset));
    told(&mut host, ends, segment(7001, 1001, ACK, b"anew"));
    let (socket, _) = host.accept(listener).unwrap();
    assert_eq!(host.recv(at(1), socket, 10), Ok(b"anew".to_vec()));
}

#[test]
fn a_refused_connection_tells_so() {
    for (ours, peer) in ENDS {
        let mut host = host();
        let socket = host.connect(at(1), (peer, 80).into(), Some(4000), &[]).unwrap();
        assert_eq!(host.connected(socket), Err(SocketError::WouldBlock));
        frames(&mut host, at(1));
        let mut reset = segment(0, 1001, TcpFlags::RST.with(ACK), &[]);
        (reset.source_port, reset.destination_port) = (80, 4000);
        assert_eq!(told(&mut host, (ours, peer), reset), []);
        assert_eq!(host.connected(socket), Err(SocketError::ConnectionRefused));
        assert_eq!(host.state(socket), Ok(State::Closed));
    }
}

/// RFC 9293 3.9.1.1 MUST-46 and what POSIX asks of connect and listen.
#[test]
fn calls_that_cannot_be_are_refused_with_their_errno() {
    let mut host = host();
    let connect = |host: &mut Host, address: &str, port, local| {
        let remote = (address.parse::<IpAddr>().unwrap(), port).into();
        host.connect(at(1), remote, local, &[]).map(|_| ()).map_err(|error| error.errno())
    };
    for (address, errno) in [
        ("224.0.0.1", "EINVAL"),
        ("192.0.2.255", "EINVAL"),
        ("255.255.255.255", "EINVAL"),
        ("0.0.0.0", "EINVAL"),
        ("ff02::1", "EINVAL"),
        ("::", "EINVAL"),
        ("192.0.2.2", "ENETUNREACH"),
        ("127.0.0.1", "ENETUNREACH"),
    ] {
        assert_eq!(connect(&mut host, address, 80, None), Err(errno), "{address}");
    }
    assert_eq!(connect(&mut host, "192.0.2.1", 0, None), Err("EINVAL"));
    assert_eq!(connect(&mut host, "192.0.2.1", 80, Some(4000)), Ok(()));
    assert_eq!(connect(&mut host, "192.0.2.1", 80, Some(4000)), Err("EADDRINUSE"));
    assert_eq!(connect(&mut host, "192.0.2.1", 81, Some(4000)), Ok(()), "another end, another connection");
    assert!(host.listen(at(1), 80, 1, &[]).is_ok());
    assert_eq!(host.listen(at(1), 80, 1, &[]), Err(SocketError::AddressInUse));
    assert_eq!(host.listen(at(1), 0, 1, &[]), Err(SocketError::InvalidArgument));
    let late = SocketOption::AckDelay(Duration::from_millis(500));
    assert_eq!(host.listen(at(1), 81, 1, &[late]), Err(SocketError::InvalidArgument), "MUST-40");
    let mut config = config();
    config.gateways = Default::default();
    let mut alone = Host::new(config);
    assert_eq!(connect(&mut alone, "198.51.100.1", 80, None), Err("ENETUNREACH"));
}

#[test]
fn closing_a_listener_resets_whoever_waits_in_it() {
    let (mut host, listener) = listening();
    told(&mut host, ENDS[0], segment(100, 0, SYN, &[]));
    told(&mut host, ENDS[0], segment(101, 1001, ACK, &[]));
    host.close(at(1), listener).unwrap();
    let sent = frames(&mut host, at(1));
    let resets = segments(&sent);
    assert_eq!(resets.len(), 1);
    assert!(resets[0].flags.rst());
    assert_eq!((resets[0].seq, resets[0].destination_port), (1001, 4000));
    assert_eq!(host.state(listener), Ok(State::Closed));
    assert!(host.listen(at(1), 80, 1, &[]).is_ok(), "the port is free");
}

#[test]
fn what_is_read_no_more_is_acknowledged_and_thrown_away() {
    let (mut host, socket) = accepted(ENDS[0]);
    told(&mut host, ENDS[0], segment(101, 1001, ACK, b"early"));
    host.shutdown(at(1), socket, Shutdown::Read).unwrap();
    assert_eq!(host.recv(at(1), socket, 10), Ok(vec![]));
    for round in 0..100 {
        let data = [7; 1000];
        let told = told(&mut host, ENDS[0], segment(106 + round * 1000, 1001, ACK, &data));
        assert!(told.iter().all(|(_, _, flags, _)| *flags == ACK), "{told:?}");
    }
    assert_eq!(host.status(socket).unwrap().receive_next.map(|seq| seq.0), Some(106 + 100_000));
    assert_eq!(host.status(socket).unwrap().unread, 0);
}

#[test]
fn lingering_for_no_time_breaks_off_and_for_some_time_gives_up_later() {
    let (mut host, socket) = accepted(ENDS[0]);
    host.set_option(at(1), socket, SocketOption::Linger(Duration::ZERO)).unwrap();
    host.close(at(1), socket).unwrap();
    assert!(segments(&frames(&mut host, at(1)))[0].flags.rst());
    let (mut host, socket) = accepted(ENDS[0]);
    host.set_option(at(1), socket, SocketOption::Linger(Duration::from_millis(700))).unwrap();
    host.close(at(1), socket).unwrap();
    assert_eq!(segments(&frames(&mut host, at(1)))[0].flags, FIN_ACK);
    let deadline = host.poll_deadline().unwrap();
    assert_eq!(deadline, at(1) + Duration::from_millis(700));
    host.handle_timeout(deadline);
    assert!(segments(&frames(&mut host, deadline))[0].flags.rst());
    assert_eq!(host.state(socket), Ok(State::Closed));
}

#[test]
fn the_mss_option_of_a_socket_is_what_is_offered() {
    let mut host = host();
    host.connect(at(1), (PEER_V6, 80).into(), None, &[SocketOption::Mss(700)]).unwrap();
    let sent = frames(&mut host, at(1));
    assert_eq!(segments(&sent)[0].options.octets(), [2, 4, 0x02, 0xbc]);
}

#[test]
fn without_fixed_numbers_each_connection_has_its_own_and_the_same_seed_the_same() {
    let isn = |seed, port| {
        let mut host = Host::new(wireproof_reference::host::Config { seed, iss: None, ..config() });
        introduce(&mut host, at(0));
        host.connect(at(1), (PEER_V4, port).into(), Some(4000), &[]).unwrap();
        segments(&frames(&mut host, at(1)))[0].seq
    };
    assert_eq!(isn(1, 80), isn(1, 80));
    assert_ne!(isn(1, 80), isn(1, 81));
    assert_ne!(isn(1, 80), isn(2, 80));
}

#[test]
fn a_connection_in_time_wait_gives_way_to_a_newer_syn() {
    let ends = ENDS[0];
    let (mut host, socket) = accepted(ends);
    host.close(at(1), socket).unwrap();
    frames(&mut host, at(1));
    told(&mut host, ends, segment(101, 1002, FIN_ACK, &[]));
    assert_eq!(host.state(socket), Ok(State::TimeWait));
    let answer = told(&mut host, ends, segment(90, 0, SYN, &[]));
    assert_eq!(host.state(socket), Ok(State::TimeWait), "an older SYN: {answer:?}");
    let answer = told(&mut host, ends, segment(5000, 0, SYN, &[]));
    assert_eq!(answer.len(), 1);
    assert_eq!((answer[0].1, answer[0].2), (5001, SYN_ACK));
    assert!(answer[0].0.wrapping_sub(1002) < 1 << 31, "its own number is newer as well: {answer:?}");
    assert_eq!(host.state(socket), Ok(State::Closed));
}

#[test]
fn a_reader_finds_the_end_of_the_stream_also_after_a_newer_connection_took_its_place() {
    for ends in ENDS {
        let (mut host, socket) = accepted(ends);
        host.shutdown(at(1), socket, Shutdown::Write).unwrap();
        frames(&mut host, at(1));
        told(&mut host, ends, segment(101, 1002, FIN_ACK, &[]));
        assert_eq!(told(&mut host, ends, segment(5000, 0, SYN, &[])).len(), 1);
        assert_eq!(host.recv(at(1), socket, 100), Ok(vec![]));
        assert_eq!(host.send(at(1), socket, b"late"), Err(SocketError::NotConnected));
        assert_eq!(host.close(at(1), socket), Ok(()));
    }
}

/// Text that a host sends on 700 connections, its frames taken after each call or all at the end.
fn text_of_many(takes_at_once: bool) -> usize {
    let mut host = host();
    let listener = host.listen(at(1), 80, 1000, &[]).expect("the port is free");
    let mut text = 0;
    let mut count =
        |frames: &[Vec<u8>]| text += segments(frames).iter().map(|tcp| tcp.payload.len()).sum::<usize>();
    for port in 4000..4700 {
        told(&mut host, ENDS[0], Tcp { source_port: port, ..segment(100, 0, SYN, &[]) });
        told(&mut host, ENDS[0], Tcp { source_port: port, ..segment(101, 1001, ACK, &[]) });
    }
    while let Ok((socket, _)) = host.accept(listener) {
        host.send(at(1), socket, &[7; 5000]).expect("the connection is open");
        if takes_at_once {
            count(&frames(&mut host, at(1)));
        }
    }
    count(&frames(&mut host, at(1)));
    text
}

#[test]
fn nothing_that_connections_send_is_lost_when_frames_are_not_taken_for_long() {
    let text = text_of_many(true);
    assert!(text > 700 * 2000);
    assert_eq!(text_of_many(false), text);
}

#[test]
fn the_table_shows_every_socket() {
    let (mut host, socket) = accepted(ENDS[0]);
    host.udp_bind(7).unwrap();
    told(&mut host, ENDS[0], segment(101, 1001, ACK, b"unread"));
    host.send(at(1), socket, b"four").unwrap();
    let expected = "\
Proto  Recv-Q  Send-Q Local                        Remote                       State
tcp         0       0 *:80                         *:*                          LISTEN
tcp         6       4 192.0.2.2:80                 192.0.2.1:4000               ESTABLISHED
udp         0       0 *:7                          *:*
";
    assert_eq!(host.table().to_string(), expected);
}

/// Frames that a host with a listener, a connection and an open question may get.
fn valid_frames() -> Vec<Vec<u8>> {
    let mut frames: Vec<Vec<u8>> = vec![
        hex(
            "ffffffffffff 020000000001 0806 0001 0800 06 04 0001 020000000001 c0000201 000000000000 c0000202",
        ),
        hex(SOLICITATION),
    ];
    for (ours, peer) in ENDS {
        let option = [2, 4, 5, 0xb4];
        let syn = Tcp { source_port: 4001, options: TcpOptions::new(&option), ..segment(100, 0, SYN, &[]) };
        for tcp in [
            syn,
            segment(101, 1001, ACK, b"data for the connection"),
            segment(101, 1001, FIN_ACK, &[]),
            segment(101, 0, TcpFlags::RST, &[]),
        ] {
            frames.push(frame(peer, ours, Transport::Tcp(tcp)));
        }
    }
    frames
}

/// Every frame with every bit turned over: no panic; and where the damage is in what a checksum covers, no answer.
#[test]
fn a_single_damaged_bit_never_panics_and_is_never_answered_where_a_checksum_sees_it() {
    for original in valid_frames() {
        let is_tcp =
            matches!(Frame::parse(&original).map(|frame| frame.content), Ok(content) if has_tcp(&content));
        for bit in 0..original.len() * 8 {
            let ends = if original[12] == 0x08 { ENDS[0] } else { ENDS[1] };
            let (mut host, socket) = accepted(ends);
            let before = host.status(socket).unwrap();
            let mut damaged = original.clone();
            damaged[bit / 8] ^= 0x80 >> (bit % 8);
            let answers = answers(&mut host, at(1), &damaged);
            if is_tcp && is_covered(&original, bit / 8) {
                assert_eq!(answers.len(), 0, "bit {bit} of {original:02x?}");
                assert_eq!(host.status(socket).unwrap(), before, "bit {bit} of {original:02x?}");
            }
            let mut now: Instant = at(1);
            for _ in 0..20 {
                let Some(deadline) = host.poll_deadline() else { break };
                assert!(deadline > now, "bit {bit}: nothing is due that was not done");
                now = deadline;
                host.handle_timeout(now);
                frames(&mut host, now);
            }
        }
    }
}

fn has_tcp(content: &wireproof_reference::wire::Content<'_>) -> bool {
    matches!(content, wireproof_reference::wire::Content::Ip(packet) if packet.tcp().is_some())
}

/// The header of IPv4 has a checksum of its own; TCP's covers the segment and the addresses, not the rest of IPv6's header.
fn is_covered(frame: &[u8], octet: usize) -> bool {
    if frame[12] == 0x08 { octet >= 14 } else { octet >= 14 + 8 }
}

#[test]
fn a_frame_cut_anywhere_does_no_harm() {
    for original in valid_frames() {
        let (mut host, _) = accepted(ENDS[0]);
        for len in 0..original.len() {
            assert_eq!(answers(&mut host, at(1), &original[..len]).len(), 0, "{len} of {original:02x?}");
        }
    }
}

/// RFC 9293 3.4: a connection is its two ends; there is one between them.
#[test]
fn no_second_connection_opens_between_ends_that_wait_in_a_listener() {
    for (ours, peer) in ENDS {
        let (mut host, _) = listening();
        told(&mut host, (ours, peer), segment(100, 0, SYN, &[]));
        assert_eq!(host.connect(at(1), (peer, 4000).into(), Some(80), &[]), Err(SocketError::AddressInUse));
        assert!(host.connect(at(1), (peer, 4001).into(), Some(80), &[]).is_ok());
    }
}

#[test]
fn what_waits_for_room_among_the_frames_is_not_lost() {
    for (ours, peer) in ENDS {
        let (mut host, socket) = accepted((ours, peer));
        let closed = Tcp { destination_port: 81, ..segment(100, 300, ACK, &[]) };
        let closed = frame(peer, ours, Transport::Tcp(closed));
        for _ in 0..CONGESTED_FRAMES {
            host.handle_frame(at(1), &closed);
        }
        assert_eq!(host.send(at(1), socket, b"data"), Ok(4));
        let sent = frames(&mut host, at(1));
        assert_eq!(segments(&sent).iter().filter(|tcp| tcp.payload == b"data").count(), 1);
    }
}

/// RFC 5961 7 and its erratum 4772: a limit that connections share tells a stranger of others' connections.
#[test]
fn challenges_that_one_connection_has_used_up_leave_another_all_of_its_own() {
    for (ours, peer) in ENDS {
        let (mut host, _) = accepted((ours, peer));
        let from = |port, tcp| frame(peer, ours, Transport::Tcp(Tcp { source_port: port, ..tcp }));
        for tcp in [segment(100, 0, SYN, &[]), segment(101, 1001, ACK, &[])] {
            answers(&mut host, at(1), &from(4001, tcp));
        }
        // In the window, and not at its edge.
        let mut challenges = |port, secs| {
            let forged = from(port, segment(5000, 0, TcpFlags::RST, &[]));
            (0..50).map(|_| answers(&mut host, at(secs), &forged).len()).sum::<usize>()
        };
        assert_eq!(challenges(4000, 3), 10);
        assert_eq!(challenges(4001, 3), 10, "none fewer");
        assert_eq!((challenges(4000, 7), challenges(4001, 7)), (0, 0));
        assert_eq!((challenges(4000, 8), challenges(4001, 8)), (10, 10), "five seconds after the first");
    }
}
