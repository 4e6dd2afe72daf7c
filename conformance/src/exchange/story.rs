//! What happened, as a ladder with times: for failure messages.

use wireproof_reference::time::Instant;
use wireproof_reference::wire::{Content, Frame, Packet};

use super::program::{Operation, Program};
use super::session::Session;
use super::view::View;
use crate::device::{Call, CallResult, CallValue, print_result};
use crate::notation::{Binding, Place, Side, show};
use crate::report::Rung;
use crate::testbed::{Direction, FrameId, Trace, TraceFrame, TraceItem};
use crate::tester::{Connection, neighbour};

/// An alternative of a block: where the block stands, which of its alternatives, how that begins.
pub fn alternative(program: &Program, place: Place, index: usize, at: usize) -> String {
    let begins = match program.operation(at) {
        Some(Operation::Row(id)) => super::await_row::row_text(program.row(*id)),
        Some(Operation::AnyOrder(_)) => "any order".to_owned(),
        _ => "nothing".to_owned(),
    };
    format!("line {}, alternative {}: {begins}", place.line, index + 1)
}

/// The last `most` segments, calls and results, oldest first, with times counted from `start`.
pub fn ladder(session: &Session, view: &View, start: Instant, most: usize) -> Vec<String> {
    let entries = session.testbed().trace().entries().rev().take_while(|entry| entry.time >= start);
    let lines = entries.filter_map(|entry| {
        let time = entry.time.since(start).as_secs_f64();
        told(session, view, &entry.item).map(|what| format!("{time:>10.6} {what}"))
    });
    let mut lines: Vec<String> = lines.take(most).collect();
    lines.reverse();
    lines
}

/// All segments, calls and results since `start`, oldest first, frames with their numbers as in the capture.
pub fn rungs(session: &Session, view: &View, start: Instant) -> Vec<Rung> {
    let mut frames = 0;
    let mut rungs = Vec::new();
    for entry in session.testbed().trace().entries() {
        frames += u64::from(matches!(entry.item, TraceItem::Frame(_)));
        let frame = matches!(entry.item, TraceItem::Frame(_)).then_some(frames);
        if let Some(what) = told(session, view, &entry.item).filter(|_| entry.time >= start) {
            rungs.push(Rung::new(frame, entry.time.since(start).as_nanos(), what));
        }
    }
    rungs
}

/// Which packet of the capture a frame is, from 1.
pub fn place(trace: &Trace, id: FrameId) -> u64 {
    let before = trace.frames().filter(|(_, frame)| frame.id < id).count();
    u64::try_from(before).unwrap_or(u64::MAX).saturating_add(1)
}

/// What the numbers of ladders stand for: those of each connection's SYNs on the wire.
pub fn numbers(view: &View) -> String {
    let of_connection = |connection: &Connection| {
        let [tester, device] = [Side::Tester, Side::Device].map(|side| {
            let first = if side == Side::Tester { Binding::TESTER_SYN } else { Binding::DEVICE_SYN };
            connection.binding.space(side).real(first).map(|real| format!("{first} is {}", real.0))
        });
        let both: Vec<String> = [tester, device].into_iter().flatten().collect();
        let name = if view.connections.len() > 1 { format!("{}: ", connection.name) } else { String::new() };
        (!both.is_empty()).then(|| format!("{name}{}", both.join(", ")))
    };
    view.connections.iter().filter_map(of_connection).collect::<Vec<_>>().join("; ")
}

/// What happened, if it belongs into a ladder.
fn told(session: &Session, view: &View, item: &TraceItem) -> Option<String> {
    match item {
        TraceItem::Frame(frame) => frame_line(session, view, frame),
        TraceItem::Call { call, .. } if is_question(call) => None,
        TraceItem::Call { call, .. } => Some(format!("call  {}", call_text(call))),
        TraceItem::Result { result, .. } if is_silent(result) => None,
        TraceItem::Result { result, .. } => Some(format!("      -> {}", result_text(result))),
        TraceItem::Log(_) => None,
        TraceItem::Finding(finding) => Some(finding.to_string()),
    }
}

/// What the device said about itself while the scenario ran.
pub fn logs(session: &Session) -> Vec<String> {
    let said = session.testbed().trace().entries().filter_map(|entry| match &entry.item {
        TraceItem::Log(text) => Some(text.clone()),
        _ => None,
    });
    said.collect()
}

/// The last of that, for a device that is given up before anything else can be said: `; it said: ...`, or nothing.
pub fn last_words(session: &Session) -> String {
    const LINES: usize = 3;
    let mut logs = logs(session);
    let surplus = logs.len().saturating_sub(LINES);
    logs.drain(..surplus);
    if logs.is_empty() { String::new() } else { format!("; it said: {}", logs.join("; ")) }
}

fn frame_line(session: &Session, view: &View, frame: &TraceFrame) -> Option<String> {
    let arrow = match (frame.direction, frame.is_lost()) {
        (Direction::ToDevice, false) => "-->  ",
        (Direction::ToDevice, true) => "-->x ",
        (Direction::FromDevice, false) => "<--  ",
        (Direction::FromDevice, true) => "<--x ",
    };
    let Ok(parsed) = Frame::parse_cut(&frame.octets) else {
        return Some(format!("{arrow} a frame of {} octets that cannot be read", frame.octets.len()));
    };
    if neighbour::is_housekeeping(&parsed) {
        return None;
    }
    let Content::Ip(packet) = &parsed.content else { return None };
    let side = match frame.direction {
        Direction::ToDevice => Side::Tester,
        Direction::FromDevice => Side::Device,
    };
    let own = view.connections.iter().find(|connection| is_of(session, connection, packet, side));
    let text = match own {
        Some(connection) => show::packet(packet, side, &connection.binding),
        None => packet.to_string(),
    };
    let name =
        own.filter(|_| view.connections.len() > 1).map_or_else(String::new, |own| format!("{} ", own.name));
    Some(format!("{arrow} {name}{text}"))
}

fn is_of(session: &Session, connection: &Connection, packet: &Packet<'_>, sender: Side) -> bool {
    let (tester, port) = match sender {
        Side::Tester => (packet.ip.source(), packet.transport.ports().map(|ports| ports.0)),
        Side::Device => (packet.ip.destination(), packet.transport.ports().map(|ports| ports.1)),
    };
    tester == session.address(connection.host) && port.is_none_or(|port| port == connection.tester_port)
}

/// More octets than this are counted instead of shown.
const SHOWN_OCTETS: usize = 32;

/// How a call ended, as the device protocol says it, long octets shortened.
pub fn result_text(result: &CallResult) -> String {
    match result {
        Ok(CallValue::Data(data)) if data.len() > SHOWN_OCTETS => {
            let shown = CallValue::Data(data.iter().take(SHOWN_OCTETS).copied().collect());
            format!("ok {shown}... ({} octets)", data.len())
        }
        other => print_result(other),
    }
}

/// A call as the device protocol says it, long octets shortened.
fn call_text(call: &Call) -> String {
    match call {
        Call::Send { socket, data } if data.len() > SHOWN_OCTETS => {
            format!("send {socket} ({} octets)", data.len())
        }
        Call::SendUrgent { socket, data } if data.len() > SHOWN_OCTETS => {
            format!("sendurgent {socket} ({} octets)", data.len())
        }
        other => other.to_string(),
    }
}

/// Questions of the harness are no part of the exchange.
fn is_question(call: &Call) -> bool {
    matches!(call, Call::State { .. } | Call::Children { .. } | Call::Accept { .. })
}

fn is_silent(result: &CallResult) -> bool {
    matches!(result, Ok(CallValue::State(_) | CallValue::Children(_) | CallValue::Done))
}
