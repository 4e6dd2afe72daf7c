//! What happened, as a ladder with times: for failure messages.

use wireproof_reference::time::Instant;
use wireproof_reference::wire::{Content, Frame, Packet};

use super::program::{Operation, Program};
use super::session::Session;
use super::view::View;
use crate::device::{Call, CallResult, CallValue, print_result};
use crate::notation::{Place, Side, show};
use crate::testbed::{Direction, TraceFrame, TraceItem};
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
    let mut lines = Vec::new();
    for entry in session.testbed().trace().entries().rev() {
        if lines.len() >= most || entry.time < start {
            break;
        }
        let what = match &entry.item {
            TraceItem::Frame(frame) => match frame_line(session, view, frame) {
                Some(line) => line,
                None => continue,
            },
            TraceItem::Call { call, .. } if is_question(call) => continue,
            TraceItem::Call { call, .. } => format!("call  {}", call_text(call)),
            TraceItem::Result { result, .. } if is_silent(result) => continue,
            TraceItem::Result { result, .. } => format!("      -> {}", result_text(result)),
            TraceItem::Log(_) => continue,
            TraceItem::Finding(finding) => finding.to_string(),
        };
        let time = entry.time.since(start).as_secs_f64();
        lines.push(format!("{time:>10.6} {what}"));
    }
    lines.reverse();
    lines
}

/// What the device said about itself while the scenario ran.
pub fn logs(session: &Session) -> Vec<String> {
    let said = session.testbed().trace().entries().filter_map(|entry| match &entry.item {
        TraceItem::Log(text) => Some(text.clone()),
        _ => None,
    });
    said.collect()
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
