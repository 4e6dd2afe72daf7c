//! What the application can ask for and is told: STATUS and ERROR_REPORT, RFC 9293 3.9.1.5, 3.9.1.8, 3.10.6.

#![expect(clippy::unwrap_used, reason = "a call that is refused where a story has it served fails the story")]

mod support;

use std::net::{IpAddr, SocketAddr};
use support::*;
use wireproof_reference::event::{Event, Report};
use wireproof_reference::host::{Host, What};
use wireproof_reference::link::neighbour::Reachability;
use wireproof_reference::socket::{Passive, SocketError, SocketId, SocketOption};
use wireproof_reference::tcp::{Error, State};
use wireproof_reference::time::{Duration, Instant};
use wireproof_reference::wire::{
    Icmpv4, Icmpv4Message, Icmpv6, Icmpv6Message, PseudoHeader, Span, Tcp, TcpFlags, Transport,
};

const SYN: TcpFlags = TcpFlags::SYN;
const ACK: TcpFlags = TcpFlags::ACK;

/// A connection that the peer's port 4000 opened; next numbers 101 and 1001.
fn accepted(ends: (IpAddr, IpAddr), options: &[SocketOption]) -> (Host, SocketId) {
    let mut host = Host::new(config());
    introduce(&mut host, at(0));
    let listener = host.listen(at(1), 80, 5, options).unwrap();
    told(&mut host, ends, segment(100, 0, SYN, &[]));
    told(&mut host, ends, segment(101, 1001, ACK, &[]));
    let (socket, _) = host.accept(listener).unwrap();
    (host, socket)
}

fn told(host: &mut Host, (ours, peer): (IpAddr, IpAddr), tcp: Tcp<'_>) -> Vec<Vec<u8>> {
    answers(host, at(1), &frame(peer, ours, Transport::Tcp(tcp)))
}

/// A router says that the host cannot be reached, quoting `sent`.
fn unreachable((ours, router): (IpAddr, IpAddr), sent: &[u8]) -> Vec<u8> {
    let quote = Span::new(&sent[14..]);
    if ours.is_ipv4() {
        let message = Icmpv4Message::DestinationUnreachable { unused: 0, next_hop_mtu: 0, quote };
        return frame(router, ours, Transport::Icmpv4(Icmpv4::new(1, message).filled()));
    }
    let message = Icmpv6::new(3, Icmpv6Message::DestinationUnreachable { unused: 0, quote });
    let pseudo = PseudoHeader::new(router, ours).unwrap();
    frame(router, ours, Transport::Icmpv6(message.filled(&pseudo)))
}

/// Serves all deadlines up to `end` and takes what is sent.
fn waits(host: &mut Host, end: Instant) {
    while let Some(deadline) = host.poll_deadline().filter(|deadline| *deadline <= end) {
        host.handle_timeout(deadline);
        frames(host, deadline);
    }
}

fn reports(host: &mut Host, socket: SocketId) -> Vec<Report> {
    std::iter::from_fn(|| host.poll_report(socket).unwrap()).collect()
}

/// All three conditions of RFC 9293 3.9.1.8, one after the other.
fn trouble(host: &mut Host, ends: (IpAddr, IpAddr), socket: SocketId) {
    host.send(at(1), socket, b"text").unwrap();
    let sent = frames(host, at(1));
    answers(host, at(1), &unreachable(ends, &sent[0]));
    waits(host, at(1) + Duration::from_millis(7500));
    let urgent = Tcp { urgent: 3, ..segment(101, 1001, ACK.with(TcpFlags::URG), b"now") };
    told(host, ends, urgent);
}

/// RFC 9293 3.9.1.8 MUST-47.
#[test]
fn the_application_is_told_of_icmp_errors_excessive_retransmissions_and_urgent_data() {
    for ends in ENDS {
        let (mut host, socket) = accepted(ends, &[]);
        assert_eq!(reports(&mut host, socket), []);
        trouble(&mut host, ends, socket);
        let expected = [Report::Network(Error::HostUnreachable), Report::Retransmissions, Report::Urgent];
        assert_eq!(reports(&mut host, socket), expected);
        assert_eq!(reports(&mut host, socket), [], "each once");
        assert_eq!(host.state(socket), Ok(State::Established));
    }
}

/// RFC 9293 3.9.1.8 SHLD-20.
#[test]
fn an_application_that_wants_no_reports_gets_none() {
    for ends in ENDS {
        let (mut host, socket) = accepted(ends, &[SocketOption::Reports(false)]);
        trouble(&mut host, ends, socket);
        assert_eq!(reports(&mut host, socket), [], "from the opening on");
        let (mut host, socket) = accepted(ends, &[]);
        trouble(&mut host, ends, socket);
        host.set_option(at(9), socket, SocketOption::Reports(false)).unwrap();
        assert_eq!(reports(&mut host, socket), [], "what waited is forgotten");
        host.set_option(at(9), socket, SocketOption::Reports(true)).unwrap();
        let more = Tcp { urgent: 3, ..segment(104, 1001, ACK.with(TcpFlags::URG), b"now") };
        told(&mut host, ends, more);
        assert_eq!(reports(&mut host, socket), [Report::Urgent], "and again");
    }
}

#[test]
fn what_is_no_connection_has_no_reports() {
    let (mut host, socket) = accepted(ENDS[0], &[]);
    let listener = host.listen(at(1), 81, 5, &[]).unwrap();
    assert_eq!(host.poll_report(listener), Err(SocketError::InvalidArgument));
    host.close(at(1), socket).unwrap();
    assert_eq!(host.poll_report(socket), Err(SocketError::BadSocket));
}

/// RFC 9293 3.8.3 MUST-20 (a): the layer below and observers hear of R1 while nobody has accepted the connection.
#[test]
fn excessive_retransmissions_of_a_connection_that_waits_to_be_accepted_cast_doubt_on_the_neighbour() {
    for ends in ENDS {
        let (mut host, _) = accepted(ends, &[]);
        told(&mut host, ends, Tcp { source_port: 4001, ..segment(700, 0, SYN, &[]) });
        while host.poll_note().is_some() {}
        let remote = SocketAddr::new(ends.1, 4001);
        // Three retransmissions, after 1, 3 and 7 s.
        waits(&mut host, at(1) + Duration::from_millis(6500));
        assert_eq!(host.neighbours().reachability(ends.1), Some(Reachability::Reachable));
        waits(&mut host, at(1) + Duration::from_millis(7500));
        assert_eq!(host.neighbours().reachability(ends.1), Some(Reachability::Stale));
        let notes: Vec<_> = std::iter::from_fn(|| host.poll_note()).collect();
        let told = notes.iter().filter(|note| {
            matches!(note.what, What::Connection { remote: of, event: Event::DeliveryProblem, .. } if of == remote)
        });
        assert_eq!(told.map(|note| note.time).collect::<Vec<_>>(), [at(8)]);
    }
}

#[test]
fn what_became_of_a_connection_that_nobody_could_accept_is_seen() {
    let (mut host, _) = accepted(ENDS[0], &[]);
    told(&mut host, ENDS[0], Tcp { source_port: 4001, ..segment(700, 0, SYN, &[]) });
    told(&mut host, ENDS[0], Tcp { source_port: 4001, ..segment(701, 0, TcpFlags::RST, &[]) });
    let back = Event::Entered { from: State::SynReceived, to: State::Listen };
    let mut notes = std::iter::from_fn(|| host.poll_note());
    assert!(notes.any(|note| matches!(note.what, What::Connection { event, .. } if event == back)));
}

/// RFC 9293 3.9.1.5: all that the RFC lists and that there is on the Internet.
#[test]
fn status_tells_what_the_rfc_lists() {
    let options = [
        SocketOption::UserTimeout(Duration::from_secs(30)),
        SocketOption::Dscp(46),
        SocketOption::ReceiveBuffer(5000),
    ];
    for ends in ENDS {
        let (mut host, socket) = accepted(ends, &options);
        host.send(at(1), socket, b"four").unwrap();
        let urgent = Tcp { urgent: 3, ..segment(101, 1001, ACK.with(TcpFlags::URG), b"nowlater") };
        told(&mut host, ends, urgent);
        let status = host.status(socket).unwrap();
        assert_eq!(status.local, SocketAddr::new(ends.0, 80));
        assert_eq!(status.remote, SocketAddr::new(ends.1, 4000));
        assert_eq!((status.receive_window, status.send_window), (5000 - 8, 8192));
        assert_eq!(status.state, State::Established);
        assert_eq!(
            (status.unacknowledged, status.unread),
            (4, 8),
            "awaiting acknowledgment, pending receipt"
        );
        assert_eq!(status.urgent, Some(3));
        assert_eq!(status.carriage.dscp, 46);
        assert_eq!(status.user_timeout, Some(Duration::from_secs(30)), "the transmission timeout");
        assert_eq!(status.retransmission_timeout, Some(Duration::from_secs(1)));
    }
}

/// RFC 9293 3.10.6, LISTEN STATE.
#[test]
fn status_of_a_listener_tells_what_it_waits_for() {
    let (mut host, _) = accepted(ENDS[0], &[]);
    let remote = SocketAddr::new(PEER_V4, 9);
    let asked = Passive { port: 81, local: Some(HOST_V4), remote: Some(remote) };
    let listener = host.open_passive(at(1), asked, 5, &[SocketOption::Dscp(46)]).unwrap();
    let status = host.status(listener).unwrap();
    assert_eq!(
        (status.state, status.local, status.remote),
        (State::Listen, SocketAddr::new(HOST_V4, 81), remote)
    );
    assert_eq!((status.carriage.dscp, status.send), (46, None));
    let anybody = host.listen(at(1), 82, 5, &[]).unwrap();
    let status = host.status(anybody).unwrap();
    assert!(status.local.ip().is_unspecified() && status.remote.ip().is_unspecified());
    assert_eq!((status.local.port(), status.remote.port()), (82, 0));
    let udp = host.udp_bind(9).unwrap();
    assert_eq!(host.status(udp), Err(SocketError::InvalidArgument));
    host.close(at(1), anybody).unwrap();
    assert_eq!(host.status(anybody), Err(SocketError::BadSocket), "connection does not exist");
}

/// RFC 6298 2.2 and 2.3: seven eighths of what it was, and an eighth of the sample.
#[test]
fn status_tells_the_smoothed_round_trip() {
    let (mut host, socket) = accepted(ENDS[0], &[]);
    let mut now = at(2);
    let mut ack = 1001;
    // The SYN,ACK was acknowledged at once.
    assert_eq!(host.status(socket).unwrap().round_trip, Some(Duration::ZERO));
    for (millis, smoothed_micros) in [(400, 50_000), (800, 143_750)] {
        host.send(now, socket, b"x").unwrap();
        frames(&mut host, now);
        now += Duration::from_millis(millis);
        ack += 1;
        answers(&mut host, now, &frame(PEER_V4, HOST_V4, Transport::Tcp(segment(101, ack, ACK, &[]))));
        let smoothed = host.status(socket).unwrap().round_trip;
        assert_eq!(smoothed, Some(Duration::from_micros(smoothed_micros)));
    }
}
