//! Each rule has a trace that breaks it, and one that nearly does and is permitted.
//!
//! A trace is written in lines: time in seconds, who sends (`>` the tester, `<` the device, `>x` and `<x` into the void),
//! a segment in the notation (in a scenario the device pushes octets that it sends with `<CTL=ACK>`); or `!` and what the device's application does. The tester's SYN is 100, the device's 300.

mod acknowledgments;
mod applications;
mod congestions;
mod hosts;
mod options;
mod segments;
mod states;
mod timers;
mod windows;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use wireproof_reference::time::{Duration, Instant};
use wireproof_reference::wire::{EtherType, Packet};

use super::{
    Arrival, Judge, JudgeOptions, Judgement, Knowledge, Observed, RULES, RuleId, Verdict, judge_trace,
};
use crate::device::{Call, CallId, CallResult, CallValue, Errno, ShutdownHow, SocketId, Timing, pattern};
use crate::ethernet::Fate;
use crate::notation::{Binding, Environment, Honest, Path, Seq, Side, Variable, build};
use crate::testbed::{Direction, FrameId, Trace, TraceFrame, TraceItem};

/// A handshake that the tester begins; the MSS of both is 1460.
pub(super) const OPENED: &str = "0 > <SEQ=100><CTL=SYN>
    0 < <SEQ=300><ACK=101><CTL=SYN,ACK><MSS=1460>
    0 > <SEQ=101><ACK=301><CTL=ACK>
    0 ! accept";

/// The same with an MSS of 100.
pub(super) const SMALL: &str = "0 > <SEQ=100><CTL=SYN><MSS=100>
    0 < <SEQ=300><ACK=101><CTL=SYN,ACK><MSS=100>
    0 > <SEQ=101><ACK=301><CTL=ACK>
    0 ! accept";

/// A handshake with window scale 7 at both ends.
pub(super) const SCALED: &str = "0 > <SEQ=100><CTL=SYN><MSS=1460><WS=7>
    0 < <SEQ=300><ACK=101><CTL=SYN,ACK><MSS=1460><WS=7>
    0 > <SEQ=101><ACK=301><CTL=ACK>
    0 ! accept";

/// A handshake with timestamps.
pub(super) const STAMPED: &str = "0 > <SEQ=100><CTL=SYN><MSS=1460><TS=10,0>
    0 < <SEQ=300><ACK=101><CTL=SYN,ACK><MSS=1460><TS=500,10>
    0 > <SEQ=101><ACK=301><CTL=ACK><TS=11,500>
    0 ! accept";

/// A handshake with SACK.
pub(super) const SACKED: &str = "0 > <SEQ=100><CTL=SYN><MSS=1460><SACKOK>
    0 < <SEQ=300><ACK=101><CTL=SYN,ACK><MSS=1460><SACKOK>
    0 > <SEQ=101><ACK=301><CTL=ACK>
    0 ! accept";

const TIMING: Timing = Timing {
    rto: Duration::from_secs(1),
    syn_rto: Duration::from_secs(1),
    ack_delay: Duration::from_millis(200),
    msl: Duration::from_secs(120),
    r2: Duration::from_secs(100),
    granularity: Duration::ZERO,
    tolerance_permille: 0,
    at_once: Duration::ZERO,
};

/// Where witnesses and near-misses stand.
const WITNESSES: [&str; 9] = [
    include_str!("acknowledgments.rs"),
    include_str!("applications.rs"),
    include_str!("congestions.rs"),
    include_str!("hosts.rs"),
    include_str!("options.rs"),
    include_str!("segments.rs"),
    include_str!("states.rs"),
    include_str!("timers.rs"),
    include_str!("windows.rs"),
];

/// The rules that are named as the first argument of these, as they are called in code.
fn named_by(functions: &[&str]) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for source in WITNESSES {
        for (at, _) in source.match_indices("RuleId::") {
            let before = source[..at].trim_end();
            let called = functions.iter().any(|function| before.ends_with(&format!(" {function}(")));
            let name: String = source[at + 8..].chars().take_while(char::is_ascii_alphanumeric).collect();
            named.extend(called.then_some(name));
        }
    }
    named
}

#[test]
fn every_rule_has_a_witness_that_breaks_it_and_a_near_miss_that_keeps_it() {
    let broken = named_by(&["breaks", "breaks_captured", "is_broken_in"]);
    let kept = named_by(&["keeps", "keeps_captured", "is_kept_in"]);
    let names = RULES.iter().map(|rule| format!("{:?}", rule.id));
    let lacking: Vec<String> = names.filter(|name| !broken.contains(name) || !kept.contains(name)).collect();
    assert!(lacking.is_empty(), "without witness or near-miss: {}", lacking.join(", "));
}

/// The device breaks the rule in a scenario.
#[track_caller]
pub(super) fn breaks(rule: RuleId, start: &str, lines: &str) {
    let judgement = scenario(start, lines);
    let breaks = judgement.breaks();
    assert!(breaks.iter().any(|one| one.rule == rule), "{rule} is not broken: {}", told(&judgement));
}

/// The rule is broken.
#[track_caller]
pub(super) fn is_broken_in(rule: RuleId, judgement: &Judgement) {
    assert!(judgement.breaks().iter().any(|one| one.rule == rule), "{rule}: {}", told(judgement));
}

/// Nothing is broken, and the rule was decided.
#[track_caller]
pub(super) fn is_kept_in(rule: RuleId, judgement: &Judgement) {
    assert!(judgement.breaks().is_empty() && is_held(judgement, rule), "{rule}: {}", told(judgement));
}

/// The device keeps the rule in a scenario, and it was decided; nor is any other rule broken.
#[track_caller]
pub(super) fn keeps(rule: RuleId, start: &str, lines: &str) {
    let judgement = scenario(start, lines);
    assert!(judgement.breaks().is_empty(), "{}", told(&judgement));
    assert!(is_held(&judgement, rule), "{rule} was not decided: {}", told(&judgement));
}

/// The device breaks nothing in a scenario, and the rule was not decided.
#[track_caller]
pub(super) fn leaves(rule: RuleId, start: &str, lines: &str) {
    let judgement = scenario(start, lines);
    assert!(judgement.breaks().is_empty(), "{}", told(&judgement));
    assert!(!is_held(&judgement, rule), "{rule} was decided: {}", told(&judgement));
}

/// Somebody breaks the rule in a capture.
#[track_caller]
pub(super) fn breaks_captured(rule: RuleId, start: &str, lines: &str) {
    let judgement = capture(start, lines);
    assert!(
        judgement.breaks().iter().any(|one| one.rule == rule),
        "{rule} is not broken: {}",
        told(&judgement)
    );
}

/// Nobody breaks anything in a capture; the rule was decided.
#[track_caller]
pub(super) fn keeps_captured(rule: RuleId, start: &str, lines: &str) {
    let judgement = capture(start, lines);
    assert!(judgement.breaks().is_empty(), "{}", told(&judgement));
    assert!(is_held(&judgement, rule), "{rule} was not decided: {}", told(&judgement));
}

/// Nobody breaks anything in a capture; the rule cannot be decided, and the judge says so.
#[track_caller]
pub(super) fn undecidable(rule: RuleId, start: &str, lines: &str) {
    let judgement = capture(start, lines);
    assert!(judgement.breaks().is_empty(), "{}", told(&judgement));
    let is_said =
        |(one, verdict): &(RuleId, Verdict)| *one == rule && matches!(verdict, Verdict::Undecidable { .. });
    assert!(verdicts(&judgement).any(is_said), "{rule}: {}", told(&judgement));
}

fn verdicts(judgement: &Judgement) -> impl Iterator<Item = &(RuleId, Verdict)> {
    judgement.connections.iter().flat_map(|connection| &connection.verdicts).chain(&judgement.host)
}

fn is_held(judgement: &Judgement, rule: RuleId) -> bool {
    verdicts(judgement).any(|(one, verdict)| *one == rule && matches!(verdict, Verdict::Held { .. }))
}

fn told(judgement: &Judgement) -> String {
    let breaks: Vec<String> = judgement.breaks().iter().map(ToString::to_string).collect();
    let rest: Vec<String> = verdicts(judgement)
        .filter_map(|(rule, verdict)| match verdict {
            Verdict::Held { times } => Some(format!("{rule} {times}")),
            Verdict::Undecidable { why } => Some(format!("{rule}: {why}")),
            Verdict::Broken { .. } => None,
        })
        .collect();
    format!("\nbroken: {}\nelse: {}", breaks.join("\n"), rest.join(", "))
}

/// What the judge says of a scenario. A `.` in front of a time that stands alone ends it then.
pub(super) fn scenario(start: &str, lines: &str) -> Judgement {
    scenario_on(start, lines, false)
}

/// The same of a device whose close ends its sending side alone, if told so.
pub(super) fn scenario_on(start: &str, lines: &str, closes_half: bool) -> Judgement {
    let mut trace = Trace::default();
    let mut calls = 0;
    let mut end = None;
    for (number, line) in
        start.lines().chain(lines.lines()).map(str::trim).filter(|line| !line.is_empty()).enumerate()
    {
        let (time, who, rest) = split(line);
        match who {
            "." => end = Some(time),
            "!" => deeds(&mut trace, time, rest, &mut calls),
            _ => {
                let is_device = who.starts_with('<');
                let direction = if is_device { Direction::FromDevice } else { Direction::ToDevice };
                let fates = if who.ends_with('x') { vec![Fate::Lost] } else { Vec::new() };
                let pushed = rest.replace("<CTL=ACK>", "<CTL=ACK,PSH>");
                let is_pushed = is_device && rest.contains("<DATA=");
                let octets = frame(&packet(if is_pushed { &pushed } else { rest }, is_device)).into();
                let id = FrameId(number as u64 + 1);
                trace.record(
                    time,
                    TraceItem::Frame(TraceFrame { id, direction, octets, fates, notes: Vec::new() }),
                );
            }
        }
    }
    judge_trace(&trace, &Knowledge { timing: Some(TIMING), end, closes_half })
}

/// What the judge says of a capture.
pub(super) fn capture(start: &str, lines: &str) -> Judgement {
    let mut judge = Judge::new(JudgeOptions::default());
    for (number, line) in
        start.lines().chain(lines.lines()).map(str::trim).filter(|line| !line.is_empty()).enumerate()
    {
        let (time, who, rest) = split(line);
        if who == "!" || who == "." || who.ends_with('x') {
            continue;
        }
        let octets = packet(rest, who == "<");
        let packet = Packet::parse_cut(&octets).unwrap();
        let number = number as u64 + 1;
        let arrival = Arrival::Unknown;
        judge.observe(&Observed { number, time, packet: &packet, missing: 0, arrival, is_judged: true });
    }
    let (connections, host) = judge.finish_at(Instant::ZERO);
    Judgement { connections, host }
}

fn split(line: &str) -> (Instant, &str, &str) {
    let mut words = line.splitn(3, ' ');
    let (time, who) = (words.next().unwrap(), words.next().unwrap());
    let millis = (time.parse::<f64>().unwrap() * 1000.0).round() as u64;
    (Instant::ZERO + Duration::from_millis(millis), who, words.next().unwrap_or_default())
}

/// Nothing is known but the octets of streams, and packets to be quoted.
#[derive(Default)]
struct Nothing {
    packets: BTreeMap<&'static str, Vec<u8>>,
}

impl Environment for Nothing {
    fn variable(&self, _: Option<&str>, _: Variable) -> Option<u32> {
        None
    }

    fn packet(&self, label: &str) -> Option<&[u8]> {
        self.packets.get(label).map(Vec::as_slice)
    }
}

/// Packets of the tester that errors quote.
fn quotable() -> Nothing {
    let syn = packet("<SEQ=100><CTL=SYN>", false);
    let with = |at: usize, octets: &[u8]| {
        let mut packet = syn.clone();
        packet[at..at + octets.len()].copy_from_slice(octets);
        packet
    };
    let packets = [
        ("under-way", packet("<SEQ=301><ACK=101><CTL=ACK,PSH><DATA=5>", true)),
        ("soft", packet("<SEQ=302><ACK=101><CTL=ACK,PSH><DATA=5>", true)),
        ("not-yet", packet("<SEQ=306><ACK=101><CTL=ACK,PSH><DATA=5>", true)),
        ("group", with(16, &[224, 0, 0, 1])),
        ("fragment", with(6, &[0, 5])),
        ("first", with(6, &[0x20, 0])),
        ("short", syn[..27].to_vec()),
        ("error", [&syn[..9], &[1], &syn[10..20], &[3, 3, 0, 0, 0, 0, 0, 0], &syn].concat()),
        ("syn", syn),
    ];
    Nothing { packets: packets.into() }
}

/// The IP packet of a message.
fn packet(text: &str, is_device: bool) -> Vec<u8> {
    let (tester, device): (IpAddr, IpAddr) = ([192, 0, 2, 1].into(), [192, 0, 2, 2].into());
    let path = if is_device {
        Path { source: device, source_port: 80, destination: tester, destination_port: 1024 }
    } else {
        Path { source: tester, source_port: 1024, destination: device, destination_port: 80 }
    };
    let sender = if is_device { Side::Device } else { Side::Tester };
    let honest = Honest { seq: None, ack: None, ..Honest::new(tester) };
    let message = text.parse().unwrap_or_else(|fault| panic!("{text}: {fault}"));
    let binding = Binding::established(Seq(100), Seq(300));
    let world = if text.contains("QUOTE") { quotable() } else { Nothing::default() };
    build(&message, sender, path, &honest, &binding, &world)
        .unwrap_or_else(|error| panic!("{text}: {error}"))
        .packet
}

fn frame(packet: &[u8]) -> Vec<u8> {
    let ethertype = EtherType::IPV4.0.to_be_bytes();
    [&[2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1][..], &ethertype, packet].concat()
}

/// `accept`, `connect`, `send 20`, `sendurgent 5`, `took 10`, `recv 20`, `end`, `close`, `shutdown`, `abort`,
/// `error ETIMEDOUT`, `set nodelay 1`.
fn deeds(trace: &mut Trace, time: Instant, text: &str, calls: &mut u64) {
    let words: Vec<&str> = text.split(' ').collect();
    let socket = SocketId(2);
    let count = words.get(1).and_then(|word| word.parse::<u64>().ok()).unwrap_or(0);
    let data = || pattern(words.get(2).and_then(|word| word.parse().ok()).unwrap_or(0), count as usize);
    let tester: IpAddr = [192, 0, 2, 1].into();
    let recv = Call::Recv { socket, max: 65_536 };
    let (call, result): (Call, Option<CallResult>) = match words[0] {
        "accept" => {
            *calls += 1;
            let listen = Call::Listen { socket: SocketId(1), port: 80, backlog: 1 };
            trace.record(time, TraceItem::Call { id: CallId(*calls), call: listen });
            let accept = Call::Accept { socket, listener: SocketId(1) };
            (accept, Some(Ok(CallValue::Endpoint(tester, 1024))))
        }
        "connect" => (Call::Connect { socket, address: tester, port: 1024, local_port: Some(80) }, None),
        "refused" => {
            let connect = Call::Connect { socket, address: tester, port: 1024, local_port: Some(80) };
            (connect, Some(Err(words[1].parse::<Errno>().unwrap())))
        }
        "send" => (Call::Send { socket, data: data() }, Some(Ok(CallValue::Taken(count)))),
        "sendurgent" => (Call::SendUrgent { socket, data: data() }, Some(Ok(CallValue::Taken(count)))),
        "recv" => (recv, Some(Ok(CallValue::Data(data())))),
        "end" => (recv, Some(Ok(CallValue::End))),
        "error" => (recv, Some(Err(words[1].parse::<Errno>().unwrap()))),
        "close" => (Call::Close { socket }, Some(Ok(CallValue::Done))),
        "abort" => (Call::Abort { socket }, Some(Ok(CallValue::Done))),
        "shutdown" => (Call::Shutdown { socket, how: ShutdownHow::Write }, Some(Ok(CallValue::Done))),
        "set" => (format!("set 2 {}", words[1..].join(" ")).parse().unwrap(), Some(Ok(CallValue::Done))),
        other => panic!("no such deed: {other}"),
    };
    *calls += 1;
    let id = CallId(*calls);
    trace.record(time, TraceItem::Call { id, call });
    trace.record(time, TraceItem::Result { id, result: result.unwrap_or(Ok(CallValue::Done)) });
}
