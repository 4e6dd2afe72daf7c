//! Socket calls, as far as they are offered.

use super::Check;
use super::peer::{ACK, FIN, Peer, RST, SYN, Segment};
use super::probe::{Done, MOMENT, Probe, wrong};
use crate::device::Capability::{
    Abort, Accept, Backlog, Children, Close, Connect, Fill, Listen, Recv, Send, ShutdownWrite, State, Udp,
};
use crate::device::{CallValue, Capability, OptionName, SocketId, TcpState, pattern};
use core::net::IpAddr;
use wireproof_reference::time::Duration;

pub(super) const CHECKS: &[Check] = &[
    Check { what: "listen", needs: &[Listen], how: listen },
    Check { what: "a SYN to the listener is answered", needs: &[Listen], how: syn },
    Check {
        what: "accept waits, and gives the peer's address and port",
        needs: &[Listen, Accept],
        how: accept,
    },
    Check {
        what: "accept gives a connection that was there before",
        needs: &[Listen, Accept],
        how: accept_late,
    },
    Check {
        what: "children tells connections that nobody has accepted",
        needs: &[Listen, Children],
        how: children,
    },
    Check { what: "connect waits, and gives this end's address and port", needs: &[Connect], how: connect },
    Check { what: "connect from a port of our choice", needs: &[Connect], how: connect_from },
    Check { what: "connect that is refused fails", needs: &[Connect], how: refused },
    Check { what: "send", needs: &[Listen, Accept, Send], how: send },
    Check { what: "fill writes octet i as i mod 251", needs: &[Listen, Accept, Fill], how: fill },
    Check {
        what: "recv waits, takes no more than it is told, and sees the end",
        needs: &[Listen, Accept, Recv],
        how: recv,
    },
    Check { what: "recv fails when the peer resets", needs: &[Listen, Accept, Recv], how: reset_by_peer },
    Check {
        what: "shutdown write sends a FIN and leaves the other direction",
        needs: &[Listen, Accept, ShutdownWrite],
        how: shutdown,
    },
    Check {
        what: "close sends a FIN, ends calls that wait, and refuses later ones",
        needs: &[Listen, Accept, Recv, Close],
        how: close,
    },
    Check {
        what: "closing a listener ends its accepts",
        needs: &[Listen, Accept, Close],
        how: close_listener,
    },
    Check { what: "abort sends a RST", needs: &[Listen, Accept, Abort], how: abort },
    Check {
        what: "state tells the RFC's names, and CLOSED when gone",
        needs: &[Listen, Accept, State, Abort],
        how: state,
    },
    Check { what: "each option that is offered can be set", needs: &[], how: options },
    Check { what: "the backlog is the stack's own", needs: &[Listen, Backlog], how: backlog },
    Check { what: "UDP", needs: &[Udp], how: udp },
];

/// Sends the only SYN and completes the handshake; the peer's numbers are then those of the connection.
fn shake_hands(probe: &mut Probe, peer: &mut Peer) -> Done {
    probe.segment(peer, SYN, &[])?;
    let segments = probe.segments(peer);
    let Some(answer) = segments.iter().find(|segment| segment.has(SYN | ACK)) else {
        return wrong("a SYN,ACK from the listener at the instant of the SYN", told(&segments));
    };
    if answer.ack != peer.seq.wrapping_add(1) {
        return wrong(format!("an acknowledgment of {}", peer.seq.wrapping_add(1)), answer.ack.to_string());
    }
    peer.seq = peer.seq.wrapping_add(1);
    peer.ack = answer.seq.wrapping_add(1);
    probe.segment(peer, ACK, &[])
}

/// A listener on port 80.
fn listening(probe: &mut Probe, device: IpAddr) -> Done<SocketId> {
    probe.reset(device, "")?;
    let listener = probe.socket();
    probe.ok(&format!("listen {listener} 80 5"))?;
    Ok(listener)
}

/// An accepted connection and its peer.
fn connected(probe: &mut Probe, device: IpAddr) -> Done<(SocketId, Peer)> {
    let listener = listening(probe, device)?;
    let socket = probe.socket();
    let call = format!("accept {socket} {listener}");
    let id = probe.call(&call)?;
    let mut peer = Peer::new(device, 50_000, 80);
    shake_hands(probe, &mut peer)?;
    probe.advance(MOMENT)?;
    probe.ended_well(id, &call)?;
    drop(probe.segments(&peer));
    Ok((socket, peer))
}

/// What the device sends within a second, delayed acknowledgments among it.
fn soon(probe: &mut Probe, peer: &Peer) -> Done<Vec<Segment>> {
    probe.advance(Duration::from_secs(1))?;
    Ok(probe.segments(peer))
}

fn told(segments: &[Segment]) -> String {
    match segments {
        [] => "no segment".to_owned(),
        segments => format!("{} segments, the first: {:?}", segments.len(), segments.first()),
    }
}

fn endpoint(value: &CallValue, address: IpAddr, port: u16) -> Done {
    match value {
        CallValue::Endpoint(told, number) if (*told, *number) == (address, port) => Ok(()),
        other => wrong(format!("ok {address} {port}"), format!("ok {other}")),
    }
}

fn listen(probe: &mut Probe, device: IpAddr) -> Done {
    listening(probe, device).map(drop)
}

fn syn(probe: &mut Probe, device: IpAddr) -> Done {
    listening(probe, device)?;
    shake_hands(probe, &mut Peer::new(device, 50_000, 80))
}

fn accept(probe: &mut Probe, device: IpAddr) -> Done {
    let listener = listening(probe, device)?;
    let socket = probe.socket();
    let call = format!("accept {socket} {listener}");
    let id = probe.call(&call)?;
    probe.advance(MOMENT)?;
    probe.waits(id, &call)?;
    let mut peer = Peer::new(device, 50_000, 80);
    shake_hands(probe, &mut peer)?;
    probe.advance(MOMENT)?;
    let value = probe.ended_well(id, &call)?;
    endpoint(&value, peer.address, peer.port)
}

fn accept_late(probe: &mut Probe, device: IpAddr) -> Done {
    let listener = listening(probe, device)?;
    let mut peer = Peer::new(device, 50_000, 80);
    shake_hands(probe, &mut peer)?;
    probe.advance(MOMENT)?;
    let socket = probe.socket();
    let value = probe.ok(&format!("accept {socket} {listener}"))?;
    endpoint(&value, peer.address, peer.port)
}

fn children(probe: &mut Probe, device: IpAddr) -> Done {
    let listener = listening(probe, device)?;
    let call = format!("children {listener}");
    match probe.ok(&call)? {
        CallValue::Children(children) if children.is_empty() => {}
        other => return wrong("`ok` alone before any connection", format!("ok {other}")),
    }
    let mut peer = Peer::new(device, 50_000, 80);
    shake_hands(probe, &mut peer)?;
    probe.advance(MOMENT)?;
    let (address, port) = (peer.address, peer.port);
    match probe.ok(&call)? {
        CallValue::Children(children) if matches!(&children[..], [child] if (child.address, child.port, child.state) == (address, port, TcpState::Established)) => {
            Ok(())
        }
        other => wrong(format!("ok {address} {port} ESTABLISHED"), format!("ok {other}")),
    }
}

/// The device's SYN to the peer, whose numbers are then those of the connection; the call waits.
fn syn_of_device(probe: &mut Probe, peer: &mut Peer) -> Done<Segment> {
    let segments = probe.segments(peer);
    let Some(first) = segments.iter().find(|segment| segment.has(SYN) && !segment.has(ACK)) else {
        return wrong(format!("a SYN to port {} at the instant of the call", peer.port), told(&segments));
    };
    peer.device_port = first.source_port;
    peer.ack = first.seq.wrapping_add(1);
    Ok(first.clone())
}

fn connect(probe: &mut Probe, device: IpAddr) -> Done {
    connect_with(probe, device, None)
}

fn connect_from(probe: &mut Probe, device: IpAddr) -> Done {
    connect_with(probe, device, Some(40_000))
}

fn connect_with(probe: &mut Probe, device: IpAddr, local: Option<u16>) -> Done {
    probe.reset(device, "")?;
    let mut peer = Peer::new(device, 81, 0);
    let socket = probe.socket();
    let local_word = local.map(|port| format!(" {port}")).unwrap_or_default();
    let call = format!("connect {socket} {} 81{local_word}", peer.address);
    let id = probe.call(&call)?;
    let first = syn_of_device(probe, &mut peer)?;
    if let Some(port) = local.filter(|port| *port != first.source_port) {
        return wrong(format!("a SYN from port {port}"), format!("one from port {}", first.source_port));
    }
    probe.waits(id, &call)?;
    probe.segment(&peer, SYN | ACK, &[])?;
    probe.advance(MOMENT)?;
    let value = probe.ended_well(id, &call)?;
    endpoint(&value, device, peer.device_port)
}

fn refused(probe: &mut Probe, device: IpAddr) -> Done {
    probe.reset(device, "")?;
    let mut peer = Peer::new(device, 81, 0);
    let socket = probe.socket();
    let call = format!("connect {socket} {} 81", peer.address);
    let id = probe.call(&call)?;
    syn_of_device(probe, &mut peer)?;
    peer.seq = 0;
    probe.segment(&peer, RST | ACK, &[])?;
    probe.advance(MOMENT)?;
    probe.ended_badly(id, &call, &["ECONNREFUSED"])
}

fn send(probe: &mut Probe, device: IpAddr) -> Done {
    let (socket, peer) = connected(probe, device)?;
    sends(probe, &peer, &format!("send {socket} 68656c6c6f"), b"hello")
}

fn fill(probe: &mut Probe, device: IpAddr) -> Done {
    let (socket, peer) = connected(probe, device)?;
    sends(probe, &peer, &format!("fill {socket} 249 5"), &pattern(249, 5))
}

fn sends(probe: &mut Probe, peer: &Peer, call: &str, octets: &[u8]) -> Done {
    match probe.ok(call)? {
        CallValue::Taken(5) => {}
        other => return wrong("ok 5", format!("ok {other}")),
    }
    let segments = soon(probe, peer)?;
    if segments.iter().any(|segment| segment.data == octets && segment.seq == peer.ack) {
        return Ok(());
    }
    wrong(format!("a segment with {}", crate::device::call::Hex(octets)), told(&segments))
}

fn recv(probe: &mut Probe, device: IpAddr) -> Done {
    let (socket, mut peer) = connected(probe, device)?;
    let (three, more) = (format!("recv {socket} 3"), format!("recv {socket} 100"));
    let id = probe.call(&three)?;
    probe.advance(MOMENT)?;
    probe.waits(id, &three)?;
    probe.segment(&peer, ACK, b"hello")?;
    peer.seq = peer.seq.wrapping_add(5);
    for (value, octets) in [(probe.ended_well(id, &three)?, &b"hel"[..]), (probe.ok(&more)?, b"lo")] {
        if value != CallValue::Data(octets.to_vec()) {
            return wrong(format!("ok {}", crate::device::call::Hex(octets)), format!("ok {value}"));
        }
    }
    let id = probe.call(&more)?;
    probe.waits(id, &more)?;
    probe.segment(&peer, FIN | ACK, &[])?;
    for value in [probe.ended_well(id, &more)?, probe.ok(&more)?] {
        if value != CallValue::End {
            return wrong("ok end, however often it is asked", format!("ok {value}"));
        }
    }
    Ok(())
}

fn reset_by_peer(probe: &mut Probe, device: IpAddr) -> Done {
    let (socket, peer) = connected(probe, device)?;
    let call = format!("recv {socket} 100");
    let id = probe.call(&call)?;
    probe.segment(&peer, RST | ACK, &[])?;
    probe.advance(MOMENT)?;
    probe.ended_badly(id, &call, &["ECONNRESET"])
}

fn shutdown(probe: &mut Probe, device: IpAddr) -> Done {
    let (socket, mut peer) = connected(probe, device)?;
    probe.ok(&format!("shutdown {socket} write"))?;
    let segments = soon(probe, &peer)?;
    if !segments.iter().any(|segment| segment.has(FIN)) {
        return wrong("a FIN", told(&segments));
    }
    peer.ack = peer.ack.wrapping_add(1);
    probe.segment(&peer, ACK, b"late")?;
    if !probe.description.capabilities.has(Recv) {
        return Ok(());
    }
    match probe.ok(&format!("recv {socket} 100"))? {
        CallValue::Data(data) if data == b"late" => Ok(()),
        other => wrong("ok 6c617465", format!("ok {other}")),
    }
}

fn close(probe: &mut Probe, device: IpAddr) -> Done {
    let (socket, peer) = connected(probe, device)?;
    let call = format!("recv {socket} 100");
    let id = probe.call(&call)?;
    probe.ok(&format!("close {socket}"))?;
    probe.ended_badly(id, &call, &["EBADF"])?;
    let segments = soon(probe, &peer)?;
    if !segments.iter().any(|segment| segment.has(FIN)) {
        return wrong("a FIN", told(&segments));
    }
    // Whoever closes only the sending side may go on receiving.
    let is_half = probe.description.capabilities.has(Capability::CloseHalf);
    let later = if is_half { format!("close {socket}") } else { call };
    let id = probe.call(&later)?;
    probe.ended_badly(id, &later, &["EBADF"])?;
    if probe.description.capabilities.has(State) {
        probe.ok(&format!("state {socket}"))?;
    }
    Ok(())
}

fn close_listener(probe: &mut Probe, device: IpAddr) -> Done {
    let listener = listening(probe, device)?;
    let socket = probe.socket();
    let call = format!("accept {socket} {listener}");
    let id = probe.call(&call)?;
    probe.ok(&format!("close {listener}"))?;
    probe.ended_badly(id, &call, &["EBADF"])
}

fn abort(probe: &mut Probe, device: IpAddr) -> Done {
    let (socket, peer) = connected(probe, device)?;
    probe.ok(&format!("abort {socket}"))?;
    let segments = probe.segments(&peer);
    if segments.iter().any(|segment| segment.has(RST)) {
        return Ok(());
    }
    wrong("a RST at the instant of the call", told(&segments))
}

fn state(probe: &mut Probe, device: IpAddr) -> Done {
    let (socket, _) = connected(probe, device)?;
    let call = format!("state {socket}");
    match probe.ok(&call)? {
        CallValue::State(TcpState::Established) => {}
        other => return wrong("ok ESTABLISHED", format!("ok {other}")),
    }
    probe.ok(&format!("abort {socket}"))?;
    match probe.ok(&call)? {
        CallValue::State(TcpState::Closed) => Ok(()),
        other => wrong("ok CLOSED behind `abort`", format!("ok {other}")),
    }
}

fn options(probe: &mut Probe, device: IpAddr) -> Done {
    probe.reset(device, "")?;
    for option in OptionName::ALL {
        if !probe.description.capabilities.has(Capability::Option(option)) {
            continue;
        }
        let value = match option {
            OptionName::Nodelay | OptionName::Keepalive | OptionName::Timestamps | OptionName::Sack => "1",
            OptionName::Keepcount | OptionName::Windowscale => "3",
            OptionName::Keepidle | OptionName::Keepinterval | OptionName::Usertimeout => "60000",
            OptionName::Linger => "1000",
            OptionName::Mss => "536",
            OptionName::Rcvbuf | OptionName::Sndbuf => "8192",
            OptionName::Ackdelay => "100",
            OptionName::Dscp => "46",
            OptionName::Ttl => "60",
            // Which there are, only the stack knows.
            OptionName::Congestion => continue,
        };
        let socket = probe.socket();
        probe.ok(&format!("set {socket} {option} {value}"))?;
        // It holds from here on.
        if probe.description.capabilities.has(Listen) {
            probe.ok(&format!("listen {socket} {} 5", 8_000 + socket.0))?;
        }
    }
    Ok(())
}

fn backlog(probe: &mut Probe, device: IpAddr) -> Done {
    probe.reset(device, "")?;
    let listener = probe.socket();
    probe.ok(&format!("listen {listener} 80 1")).map(drop)
}

fn udp(probe: &mut Probe, device: IpAddr) -> Done {
    probe.reset(device, "")?;
    let (socket, peer) = (probe.socket(), Peer::new(device, 5_353, 53));
    probe.ok(&format!("udp {socket} 53"))?;
    let call = format!("udprecv {socket} 100");
    let id = probe.call(&call)?;
    probe.waits(id, &call)?;
    probe.deliver(&[peer.datagram(b"hello")])?;
    match probe.ended_well(id, &call)? {
        CallValue::Datagram(address, port, data)
            if (address, port, &data[..]) == (peer.address, peer.port, b"hello") => {}
        other => {
            return wrong(format!("ok {} {} 68656c6c6f", peer.address, peer.port), format!("ok {other}"));
        }
    }
    probe.ok(&format!("udpsend {socket} {} {} 776f726c64", peer.address, peer.port))?;
    let sent = probe.datagrams();
    if sent.contains(&(53, b"world".to_vec())) {
        return Ok(());
    }
    wrong("a datagram with 776f726c64 from port 53", format!("{sent:?}"))
}
