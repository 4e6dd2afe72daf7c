//! A scenario's trace before the judge: frames with their fates, and what the device's application did.

use std::borrow::Cow;
use std::collections::BTreeMap;

use core::net::SocketAddr;

use wireproof_reference::time::Instant;
use wireproof_reference::wire::{Content, Frame, Transport};

use super::judge::{Judge, JudgeOptions};
use super::judgement::Judgement;
use super::segment::{Arrival, Observed, ends};
use crate::device::{Call, CallId, CallResult, CallValue, ShutdownHow, SocketId, Timing};
use crate::ethernet::Fate;
use crate::testbed::{Direction, Trace, TraceFrame, TraceItem};

/// What is known of a scenario besides its trace.
#[derive(Clone, Debug, Default)]
pub struct Knowledge {
    /// The device's times, as its profile tells them; rules that need them cannot be decided without.
    pub timing: Option<Timing>,
    /// When the scenario ended: what was due before and did not come is missing. The last entry's time if not told.
    pub end: Option<Instant>,
    /// Whether a close of the device ends its sending side alone, so that its application goes on reading.
    pub closes_half: bool,
}

/// Something that the application on the device did or was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Deed<'t> {
    /// It made a call.
    Called(&'t Call),
    /// A call of it ended.
    Ended(&'t Call, &'t CallResult),
}

/// Judges the device of a scenario by its trace.
pub fn judge_trace(trace: &Trace, knowledge: &Knowledge) -> Judgement {
    let mut judge =
        Judge::new(JudgeOptions { timing: knowledge.timing, is_scenario: true, ..JudgeOptions::default() });
    if trace.omitted() > 0 {
        judge.miss();
    }
    let sockets = Sockets::find(trace);
    let mut calls: BTreeMap<CallId, Cow<'_, Call>> = BTreeMap::new();
    let mut end = Instant::ZERO;
    for entry in trace.entries() {
        end = end.max(entry.time);
        match &entry.item {
            TraceItem::Frame(frame) => show(&mut judge, entry.time, frame),
            TraceItem::Call { id, call } => {
                let call = meant(call, knowledge);
                judge.application(entry.time, sockets.ends(call.socket()), &Deed::Called(&call));
                calls.insert(*id, call);
            }
            TraceItem::Result { id, result } => {
                if let Some(call) = calls.get(id) {
                    let ends = sockets.ends(call.socket());
                    judge.application(entry.time, ends, &Deed::Ended(call, result));
                }
            }
            TraceItem::Log(_) | TraceItem::Finding(_) => {}
        }
    }
    let (connections, host) = judge.finish_at(knowledge.end.unwrap_or(end).max(end));
    Judgement { connections, host }
}

/// What a call means on this device.
fn meant<'t>(call: &'t Call, knowledge: &Knowledge) -> Cow<'t, Call> {
    match call {
        Call::Close { socket } if knowledge.closes_half => {
            Cow::Owned(Call::Shutdown { socket: *socket, how: ShutdownHow::Write })
        }
        other => Cow::Borrowed(other),
    }
}

fn show(judge: &mut Judge, time: Instant, frame: &TraceFrame) {
    let is_judged = frame.direction == Direction::FromDevice;
    let Ok(read) = Frame::parse_cut(&frame.octets) else { return };
    let Content::Ip(packet) = read.content else { return };
    let is_plain = |fate: &Fate| matches!(fate, Fate::Delivered | Fate::Duplicated { .. });
    let arrival = if frame.fates.iter().all(is_plain) { Arrival::Arrived } else { Arrival::Lost };
    let missing = packet.missing();
    let seen = Observed { number: frame.id.0, time, packet: &packet, missing, arrival, is_judged };
    judge.observe(&seen);
    // What is delayed arrives all the same, later; who knows when, and what of it.
    if frame.fates.iter().any(|fate| !is_plain(fate) && !fate.is_end()) {
        judge.blur(&seen);
    }
}

/// Which socket is which connection: this end's address and the peer's.
#[derive(Debug, Default)]
struct Sockets {
    known: BTreeMap<SocketId, (SocketAddr, SocketAddr)>,
}

impl Sockets {
    fn find(trace: &Trace) -> Self {
        let mut calls: BTreeMap<CallId, &Call> = BTreeMap::new();
        let mut ports: BTreeMap<SocketId, u16> = BTreeMap::new();
        let mut sockets = Self::default();
        for entry in trace.entries() {
            match &entry.item {
                TraceItem::Call { id, call } => {
                    calls.insert(*id, call);
                    if let Call::Listen { socket, port, .. } = call {
                        ports.insert(*socket, *port);
                    }
                    if let Call::Connect { socket, address, port, local_port } = call {
                        let peer = SocketAddr::new(*address, *port);
                        let first = first_syn(trace, entry.time, peer, *local_port, &sockets);
                        sockets.known.extend(first.map(|own| (*socket, (own, peer))));
                    }
                }
                TraceItem::Result { id, result: Ok(CallValue::Endpoint(address, port)) } => {
                    if let Some(Call::Accept { socket, listener }) = calls.get(id) {
                        let peer = SocketAddr::new(*address, *port);
                        let own = ports.get(listener).and_then(|port| own_end(trace, peer, *port));
                        sockets.known.extend(own.map(|own| (*socket, (own, peer))));
                    }
                }
                _ => {}
            }
        }
        sockets
    }

    fn ends(&self, socket: SocketId) -> Option<(SocketAddr, SocketAddr)> {
        self.known.get(&socket).copied()
    }
}

/// Sender and receiver of the device's segments, in order, with whether it is a SYN without ACK.
fn sent(trace: &Trace) -> impl Iterator<Item = (Instant, SocketAddr, SocketAddr, bool)> {
    trace.frames().filter(|(_, frame)| frame.direction == Direction::FromDevice).filter_map(
        |(time, frame)| {
            let Content::Ip(packet) = Frame::parse_cut(&frame.octets).ok()?.content else { return None };
            let Transport::Tcp(tcp) = packet.transport else { return None };
            let (from, to) = ends(&packet.ip, &tcp);
            Some((time, from, to, tcp.flags.syn() && !tcp.flags.ack()))
        },
    )
}

/// The device's end of the first SYN to the peer since then that no other socket explains.
fn first_syn(
    trace: &Trace,
    since: Instant,
    peer: SocketAddr,
    port: Option<u16>,
    others: &Sockets,
) -> Option<SocketAddr> {
    sent(trace)
        .filter(|(time, _, to, is_syn)| *time >= since && *to == peer && *is_syn)
        .map(|(_, from, ..)| from)
        .find(|from| {
            port.is_none_or(|port| port == from.port())
                && (port.is_some() || !others.known.values().any(|known| *known == (*from, peer)))
        })
}

/// The device's end of what it sent from a port to the peer.
fn own_end(trace: &Trace, peer: SocketAddr, port: u16) -> Option<SocketAddr> {
    sent(trace).find(|(_, from, to, _)| from.port() == port && *to == peer).map(|(_, from, ..)| from)
}
