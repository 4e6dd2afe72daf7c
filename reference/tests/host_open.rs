//! OPEN through the host's calls, RFC 9293 3.9.1.1, 3.10.1 and 3.10.2: who is listened to, who is asked, and from where.

#![expect(clippy::unwrap_used, reason = "a call that is refused where a story has it served fails the story")]

mod support;

use core::net::Ipv4Addr;
use std::net::{IpAddr, SocketAddr};
use support::*;
use wireproof_reference::event::Event;
use wireproof_reference::host::{Host, What};
use wireproof_reference::ip::address::Prefix;
use wireproof_reference::socket::{Active, Passive, SocketError, SocketId};
use wireproof_reference::tcp::State;
use wireproof_reference::wire::{Content, Frame, Tcp, TcpFlags, Transport};

const SYN: TcpFlags = TcpFlags::SYN;
const ACK: TcpFlags = TcpFlags::ACK;
const SYN_ACK: TcpFlags = TcpFlags::SYN.with(TcpFlags::ACK);
const RST: TcpFlags = TcpFlags::RST;

/// A second address of the host's.
const SECOND_V4: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 2));

/// Port 80, whatever the ends.
const ANY: Passive = Passive { port: 80, local: None, remote: None };

fn host() -> Host {
    let mut host = Host::new(config());
    introduce(&mut host, at(0));
    host
}

/// A host with two addresses of each version.
fn multihomed() -> Host {
    let mut config = config();
    config.addresses.ipv4.push(Prefix { address: Ipv4Addr::new(198, 51, 100, 2), length: 24 });
    config.addresses.ipv6.push(Prefix { address: "2001:db8:1::2".parse().unwrap(), length: 64 });
    let mut host = Host::new(config);
    introduce(&mut host, at(0));
    host
}

fn peer(ends: (IpAddr, IpAddr), port: u16) -> SocketAddr {
    SocketAddr::new(ends.1, port)
}

/// What the host answers to a segment from the peer's `port`.
fn told(host: &mut Host, (ours, peer): (IpAddr, IpAddr), port: u16, tcp: Tcp<'_>) -> Vec<TcpFlags> {
    let sent = answers(host, at(1), &frame(peer, ours, Transport::Tcp(Tcp { source_port: port, ..tcp })));
    segments(&sent).iter().map(|tcp| tcp.flags).collect()
}

fn syn<'a>() -> Tcp<'a> {
    segment(100, 0, SYN, &[])
}

fn children(host: &Host, listener: SocketId) -> usize {
    host.children(listener).unwrap().len()
}

/// Source and destination of all segments that leave now, with their control bits.
fn sent(host: &mut Host) -> Vec<(SocketAddr, SocketAddr, TcpFlags)> {
    let sent = frames(host, at(1));
    let of = |frame: &Vec<u8>| {
        let Content::Ip(packet) = Frame::parse(frame).unwrap().content else { return None };
        let tcp = packet.tcp()?;
        let source = SocketAddr::new(packet.ip.source(), tcp.source_port);
        Some((source, SocketAddr::new(packet.ip.destination(), tcp.destination_port), tcp.flags))
    };
    sent.iter().filter_map(of).collect()
}

#[test]
fn a_passive_open_for_one_peer_answers_that_peer_alone() {
    for ends in ENDS {
        let mut host = host();
        let asked = Passive { remote: Some(peer(ends, 4000)), ..ANY };
        let listener = host.open_passive(at(1), asked, 5, &[]).unwrap();
        assert_eq!(told(&mut host, ends, 4001, syn()), [RST.with(ACK)], "another port");
        assert_eq!(told(&mut host, ends, 4000, syn()), [SYN_ACK]);
        assert_eq!(told(&mut host, ends, 4000, segment(101, 1001, ACK, &[])), []);
        assert_eq!(host.accept(listener).unwrap().1, peer(ends, 4000));
    }
}

#[test]
fn the_narrowest_listener_gets_the_request_and_the_others_get_the_rest() {
    let mut host = multihomed();
    let remote = Some(peer(ENDS[0], 4000));
    let mut open = |asked| host.open_passive(at(1), asked, 5, &[]).unwrap();
    let any = open(ANY);
    let address = open(Passive { local: Some(HOST_V4), ..ANY });
    let one = open(Passive { remote, ..ANY });
    let both = open(Passive { local: Some(HOST_V4), remote, ..ANY });
    let arrives = |host: &mut Host, ours: IpAddr, port: u16| {
        assert_eq!(told(host, (ours, PEER_V4), port, syn()), [SYN_ACK]);
        [any, address, one, both].map(|listener| children(host, listener))
    };
    assert_eq!(arrives(&mut host, HOST_V4, 4000), [0, 0, 0, 1]);
    assert_eq!(arrives(&mut host, SECOND_V4, 4000), [0, 0, 1, 1]);
    assert_eq!(arrives(&mut host, HOST_V4, 4001), [0, 1, 1, 1]);
    assert_eq!(arrives(&mut host, SECOND_V4, 4001), [1, 1, 1, 1]);
}

/// RFC 9293 3.9.1.1 MUST-41.
#[test]
fn a_later_listener_takes_no_connection_away_from_an_earlier_one() {
    for ends in ENDS {
        let mut host = host();
        let any = host.open_passive(at(1), ANY, 5, &[]).unwrap();
        told(&mut host, ends, 4000, syn());
        let open = |host: &mut Host, asked| host.open_passive(at(1), asked, 5, &[]);
        // The pair exists: it cannot be waited for.
        let pair = Passive { remote: Some(peer(ends, 4000)), ..ANY };
        assert_eq!(open(&mut host, pair), Err(SocketError::AddressInUse));
        let address = open(&mut host, Passive { local: Some(ends.0), ..ANY }).unwrap();
        assert_eq!(told(&mut host, ends, 4000, segment(101, 1001, ACK, &[])), []);
        assert_eq!(host.children(any), Ok(vec![(peer(ends, 4000), State::Established)]));
        assert_eq!(host.children(address), Ok(vec![]));
        let (socket, _) = host.accept(any).unwrap();
        assert_eq!(open(&mut host, pair), Err(SocketError::AddressInUse), "accepted, it exists as well");
        assert_eq!(host.state(socket), Ok(State::Established));
    }
}

/// RFC 9293 3.9.1.1 MUST-42.
#[test]
fn a_port_from_which_a_connection_is_being_opened_can_be_listened_on() {
    for ends in ENDS {
        let mut host = host();
        let opening = host.connect(at(1), peer(ends, 4000), Some(80), &[]).unwrap();
        assert_eq!(host.state(opening), Ok(State::SynSent));
        let listener = host.listen(at(1), 80, 5, &[]).unwrap();
        assert_eq!(told(&mut host, ends, 4001, syn()).last(), Some(&SYN_ACK), "behind our own SYN");
        assert_eq!(children(&host, listener), 1);
        assert_eq!(told(&mut host, ends, 4000, segment(700, 1001, SYN_ACK, &[])), [ACK]);
        assert_eq!((host.state(opening), children(&host, listener)), (Ok(State::Established), 1));
        let second = host.connect(at(1), peer(ends, 4002), Some(80), &[]).unwrap();
        told(&mut host, ends, 4002, segment(700, 0, SYN, &[]));
        assert_eq!(host.state(second), Ok(State::SynReceived));
        host.close(at(1), listener).unwrap();
        assert!(host.listen(at(1), 80, 5, &[]).is_ok(), "and in SYN-RECEIVED");
    }
}

/// RFC 9293 3.9.1.1 MUST-43.
#[test]
fn the_user_chooses_the_address_to_listen_on_and_to_speak_from() {
    let mut host = multihomed();
    host.open_passive(at(1), Passive { local: Some(SECOND_V4), ..ANY }, 5, &[]).unwrap();
    assert_eq!(told(&mut host, ENDS[0], 4000, syn()), [RST.with(ACK)]);
    assert_eq!(told(&mut host, (SECOND_V4, PEER_V4), 4000, syn()), [SYN_ACK]);
    let remote = peer(ENDS[0], 80);
    host.open_active(at(1), Active { remote, local: Some(SECOND_V4), port: Some(9) }, &[]).unwrap();
    assert_eq!(sent(&mut host), [(SocketAddr::new(SECOND_V4, 9), remote, SYN)]);
    let second: IpAddr = "2001:db8:1::2".parse().unwrap();
    let remote = peer(ENDS[1], 80);
    host.open_active(at(1), Active { remote, local: Some(second), port: Some(9) }, &[]).unwrap();
    assert_eq!(sent(&mut host), [(SocketAddr::new(second, 9), remote, SYN)]);
}

/// RFC 9293 3.9.1.1 MUST-44; RFC 1122 3.3.4.3.
#[test]
fn where_the_user_leaves_the_address_open_the_ip_layer_chooses_the_one_on_that_network() {
    let mut host = multihomed();
    let peer = |text: &str| SocketAddr::new(text.parse().unwrap(), 80);
    for (remote, source) in [
        ("192.0.2.1", "192.0.2.2"),
        ("198.51.100.1", "198.51.100.2"),
        ("203.0.113.9", "192.0.2.2"),
        ("2001:db8::1", "2001:db8::2"),
        ("2001:db8:1::1", "2001:db8:1::2"),
    ] {
        let socket = host.connect(at(1), peer(remote), Some(9), &[]).unwrap();
        assert_eq!(host.ends(socket).unwrap().0, SocketAddr::new(source.parse().unwrap(), 9), "{remote}");
    }
    // Off all links it is the gateway's network that counts.
    let mut config = config();
    config.addresses.ipv4.insert(0, Prefix { address: Ipv4Addr::new(198, 51, 100, 2), length: 24 });
    let mut host = Host::new(config);
    let socket = host.connect(at(1), peer("203.0.113.9"), Some(9), &[]).unwrap();
    assert_eq!(host.ends(socket).unwrap().0, SocketAddr::new(HOST_V4, 9));
}

/// RFC 9293 3.9.1.1 MUST-45.
#[test]
fn a_connection_keeps_the_address_that_was_spoken_to() {
    let mut host = multihomed();
    let listener = host.open_passive(at(1), ANY, 5, &[]).unwrap();
    let ends = (SECOND_V4, PEER_V4);
    told(&mut host, ends, 4000, syn());
    told(&mut host, ends, 4000, segment(101, 1001, ACK, &[]));
    let (socket, _) = host.accept(listener).unwrap();
    host.send(at(1), socket, b"hello").unwrap();
    host.close(at(1), socket).unwrap();
    let sources: Vec<IpAddr> = sent(&mut host).iter().map(|(source, ..)| source.ip()).collect();
    assert!(!sources.is_empty() && sources.iter().all(|source| *source == SECOND_V4), "{sources:?}");
}

#[test]
fn ends_that_cannot_be_are_refused() {
    let mut host = host();
    let local = |text: &str| Some(text.parse().unwrap());
    let remote = |text: &str| Some(text.parse().unwrap());
    for (asked, error) in [
        (Passive { local: local("192.0.2.9"), ..ANY }, SocketError::AddressNotAvailable),
        (Passive { local: local("0.0.0.0"), ..ANY }, SocketError::AddressNotAvailable),
        (Passive { remote: remote("224.0.0.1:9"), ..ANY }, SocketError::InvalidArgument),
        (Passive { remote: remote("192.0.2.255:9"), ..ANY }, SocketError::InvalidArgument),
        (Passive { remote: remote("[ff02::1]:9"), ..ANY }, SocketError::InvalidArgument),
        (Passive { remote: remote("192.0.2.1:0"), ..ANY }, SocketError::InvalidArgument),
        (Passive { port: 0, ..ANY }, SocketError::InvalidArgument),
        (
            Passive { local: local("2001:db8::2"), remote: remote("192.0.2.1:9"), ..ANY },
            SocketError::InvalidArgument,
        ),
    ] {
        assert_eq!(host.open_passive(at(1), asked, 5, &[]), Err(error), "{asked:?}");
    }
    let asked = Active { remote: peer(ENDS[0], 80), local: local("192.0.2.9"), port: None };
    assert_eq!(host.open_active(at(1), asked, &[]), Err(SocketError::AddressNotAvailable));
    let asked = Active { remote: peer(ENDS[0], 80), local: local("2001:db8::2"), port: None };
    assert_eq!(host.open_active(at(1), asked, &[]), Err(SocketError::InvalidArgument));
    assert_eq!(sent(&mut host), [], "nothing was sent");
}

#[test]
fn listeners_of_one_port_with_different_ends_live_together_and_twins_do_not() {
    let mut host = host();
    let asked = Passive { local: Some(HOST_V4), ..ANY };
    host.open_passive(at(1), ANY, 5, &[]).unwrap();
    let narrow = host.open_passive(at(1), asked, 5, &[]).unwrap();
    assert_eq!(host.open_passive(at(1), asked, 5, &[]), Err(SocketError::AddressInUse));
    assert_eq!(host.listen(at(1), 80, 5, &[]), Err(SocketError::AddressInUse));
    host.close(at(1), narrow).unwrap();
    assert!(host.open_passive(at(1), asked, 5, &[]).is_ok());
}

/// RFC 9293 3.10.1, LISTEN STATE.
#[test]
fn an_active_open_of_a_listener_asks_the_peer_and_listens_no_more() {
    for ends in ENDS {
        let mut host = host();
        let socket = host.listen(at(1), 80, 5, &[]).unwrap();
        told(&mut host, ends, 4001, syn());
        while host.poll_note().is_some() {}
        assert_eq!(host.activate(at(1), socket, None), Err(SocketError::DestinationRequired));
        assert_eq!(host.state(socket), Ok(State::Listen), "an error changes nothing");
        assert_eq!(host.activate(at(1), socket, Some(peer(ends, 4001))), Err(SocketError::IsConnected));
        host.activate(at(1), socket, Some(peer(ends, 4000))).unwrap();
        assert_eq!(host.state(socket), Ok(State::SynSent));
        let ours = SocketAddr::new(ends.0, 80);
        let expected = [(ours, peer(ends, 4001), RST), (ours, peer(ends, 4000), SYN)];
        assert_eq!(sent(&mut host), expected, "who waited is told");
        let entered = Event::Entered { from: State::Listen, to: State::SynSent };
        let mut notes = std::iter::from_fn(|| host.poll_note());
        assert!(notes.any(|note| matches!(note.what, What::Connection { event, .. } if event == entered)));
        assert_eq!(told(&mut host, ends, 4001, syn()), [RST.with(ACK)]);
        assert_eq!(told(&mut host, ends, 4000, segment(700, 1001, SYN_ACK, &[])), [ACK]);
        assert_eq!(host.connected(socket), Ok(ours));
        assert_eq!(host.activate(at(1), socket, Some(peer(ends, 4000))), Err(SocketError::IsConnected));
        assert!(host.listen(at(1), 80, 5, &[]).is_ok());
    }
}

/// RFC 9293 3.10.2, LISTEN STATE.
#[test]
fn send_on_a_listener_for_one_peer_asks_that_peer_and_the_octets_follow_once_it_is_open() {
    for ends in ENDS {
        let mut host = host();
        let asked = Passive { remote: Some(peer(ends, 4000)), ..ANY };
        let socket = host.open_passive(at(1), asked, 5, &[]).unwrap();
        assert_eq!(host.send(at(1), socket, b"hello"), Ok(5));
        assert_eq!(sent(&mut host), [(SocketAddr::new(ends.0, 80), peer(ends, 4000), SYN)]);
        assert_eq!(host.state(socket), Ok(State::SynSent));
        let answer = frame(ends.1, ends.0, Transport::Tcp(segment(700, 1001, SYN_ACK, &[])));
        let sent = answers(&mut host, at(1), &answer);
        assert_eq!(segments(&sent).iter().map(|tcp| tcp.payload).collect::<Vec<_>>().concat(), b"hello");
    }
}

/// RFC 9293 3.10.2, LISTEN STATE: the urgent bit leaves with the data.
#[test]
fn urgent_octets_sent_on_a_listener_are_urgent_in_the_segment_that_carries_them() {
    let mut host = host();
    let asked = Passive { remote: Some(peer(ENDS[0], 4000)), ..ANY };
    let socket = host.open_passive(at(1), asked, 5, &[]).unwrap();
    assert_eq!(host.send_urgent(at(1), socket, b"now"), Ok(3));
    assert_eq!(sent(&mut host)[0].2, SYN);
    let answer = frame(PEER_V4, HOST_V4, Transport::Tcp(segment(700, 1001, SYN_ACK, &[])));
    let sent = answers(&mut host, at(1), &answer);
    let data: Vec<_> = segments(&sent).into_iter().filter(|tcp| !tcp.payload.is_empty()).collect();
    assert_eq!((data.len(), data[0].flags.urg(), data[0].urgent), (1, true, 3));
}

#[test]
fn send_on_a_listener_for_anybody_is_an_error_and_changes_nothing() {
    let mut host = host();
    let socket = host.listen(at(1), 80, 5, &[]).unwrap();
    assert_eq!(host.send(at(1), socket, b"hello"), Err(SocketError::DestinationRequired));
    assert_eq!((host.state(socket), sent(&mut host)), (Ok(State::Listen), vec![]));
    // The peer that is waited for has come: the connection is there to be accepted, and to be sent on.
    let asked = Passive { port: 81, remote: Some(peer(ENDS[0], 4000)), local: None };
    let socket = host.open_passive(at(1), asked, 5, &[]).unwrap();
    told(&mut host, ENDS[0], 4000, Tcp { destination_port: 81, ..syn() });
    assert_eq!(host.send(at(1), socket, b"hello"), Err(SocketError::IsConnected));
    assert_eq!(children(&host, socket), 1);
}

#[test]
fn a_refused_connection_that_began_in_listen_ends_as_an_active_one() {
    let mut host = host();
    let asked = Passive { remote: Some(peer(ENDS[0], 4000)), ..ANY };
    let socket = host.open_passive(at(1), asked, 5, &[]).unwrap();
    host.send(at(1), socket, b"hello").unwrap();
    frames(&mut host, at(1));
    told(&mut host, ENDS[0], 4000, segment(0, 1001, RST.with(ACK), &[]));
    assert_eq!(host.connected(socket), Err(SocketError::ConnectionRefused));
}
