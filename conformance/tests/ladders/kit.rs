//! A device that plays a script, and scenarios run against it: for every construct of the notation a device that does
//! it and one that nearly does it.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use wireproof::behaviour::{self, Config, Stack, features};
use wireproof::device::{
    Call, CallId, CallValue, Capabilities, Capability, Description, Device, DeviceError, Output, Profile,
    Properties, Setup, SocketId, TcpState, Wake, parse_result, pattern,
};
use wireproof::notation::evaluate::Nothing;
use wireproof::notation::{Binding, Honest, Message, Path as Ends, Seq, Side, Space, build};
use wireproof::report::{Failure, Numbers, ScenarioReport, Verdict};
use wireproof::tester::{Host, neighbour};
use wireproof_reference::time::{Duration, Instant};
use wireproof_reference::wire::{EtherType, Ethernet, Frame, MacAddr, Tcp};

/// The times of every scripted device.
const PROFILE: &str = r#"
device = "scripted"
[timing]
RTO = "1 s"
ACK-DELAY = "200 ms"
MSL = "10 s"
R2 = "60 s"
granularity = "1 ms"
tolerance-permille = 10
"#;
/// The device's first sequence number; each further connection of it begins this much later.
const ISS: u32 = 70_000;

/// What makes the device do something.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum On {
    /// The n-th TCP segment, from 1; those of the handshake of an established connection do not count.
    Segment(usize),
    /// Each call of that name.
    Call(&'static str),
}

/// A device that does what its script says, when it says so, and nothing else.
#[derive(Clone, Debug, Default)]
pub(crate) struct Script {
    lines: Vec<(On, Duration, &'static str)>,
    shakes_hands: bool,
    without: Vec<Capability>,
    state: Option<TcpState>,
    misdelivers: bool,
    is_deaf: bool,
}

impl Script {
    /// A device that does nothing.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// A device that answers a SYN and takes the ACK as every stack does; its script begins then.
    pub(crate) fn established() -> Self {
        Self { shakes_hands: true, ..Self::default() }
    }

    /// At the n-th segment, so many milliseconds later: `<SEQ=..>` is sent, `state X` is told from then on,
    /// `accepted` ends the application's accept.
    pub(crate) fn segment(mut self, nth: usize, after_ms: u64, what: &'static str) -> Self {
        self.lines.push((On::Segment(nth), Duration::from_millis(after_ms), what));
        self
    }

    /// At each call of that name; besides the above: `-> ok 20`, `-> error EPIPE` ends the call.
    pub(crate) fn call(mut self, name: &'static str, after_ms: u64, what: &'static str) -> Self {
        self.lines.push((On::Call(name), Duration::from_millis(after_ms), what));
        self
    }

    /// Without that capability.
    pub(crate) fn without(mut self, capability: Capability) -> Self {
        self.without.push(capability);
        self
    }

    /// Answering nobody who asks for its Ethernet address.
    pub(crate) fn deaf(mut self) -> Self {
        self.is_deaf = true;
        self
    }

    /// Sending every segment to an Ethernet address that nobody has.
    pub(crate) fn misdelivering(mut self) -> Self {
        self.misdelivers = true;
        self
    }

    /// Telling that state from the beginning.
    pub(crate) fn state(mut self, state: TcpState) -> Self {
        self.state = Some(state);
        self
    }
}

/// Runs `rows` (with headings) behind `given` against the device, over IPv4.
pub(crate) fn run(script: Script, given: &str, rows: &str) -> ScenarioReport {
    run_steps(script, &format!("    Given {given}\n    Then they exchange\n{rows}"), "@rfc9293-3.5")
}

/// Runs a scenario of these steps.
pub(crate) fn run_steps(script: Script, steps: &str, tags: &str) -> ScenarioReport {
    let text = format!("Feature: F\n\n  @ipv4 {tags}\n  Scenario: S\n{steps}\n");
    run_feature(script, &text).remove(0)
}

/// Runs a feature file.
pub(crate) fn run_feature(script: Script, text: &str) -> Vec<ScenarioReport> {
    let source = features::Source::new("f.feature".to_owned(), Path::new("f.feature"), text);
    let scenarios = features::load(&[source]).unwrap_or_else(|problems| panic!("{}", told(&problems)));
    let plan = behaviour::prepare(scenarios).unwrap_or_else(|problems| panic!("{}", told(&problems)));
    behaviour::run(&plan, &config(script))
}

/// Runs a scenario on a device that cannot even be made.
pub(crate) fn run_without_device(steps: &str) -> ScenarioReport {
    let text = format!("Feature: F\n\n  @ipv4 @rfc9293-3.5\n  Scenario: S\n{steps}\n");
    let source = features::Source::new("f.feature".to_owned(), Path::new("f.feature"), &text);
    let plan = features::load(&[source]).and_then(behaviour::prepare);
    let plan = plan.unwrap_or_else(|problems| panic!("{}", told(&problems)));
    let config =
        Config { device: Stack::Virtual(Arc::new(|| panic!("no such device"))), ..config(Script::new()) };
    behaviour::run(&plan, &config).remove(0)
}

/// What is wrong with a scenario before it runs.
pub(crate) fn problems(steps: &str) -> String {
    let text = format!("Feature: F\n\n  @ipv4 @rfc9293-3.5\n  Scenario: S\n{steps}\n");
    let source = features::Source::new("f.feature".to_owned(), Path::new("f.feature"), &text);
    match features::load(&[source]).and_then(behaviour::prepare) {
        Ok(_) => String::new(),
        Err(problems) => told(&problems),
    }
}

fn told(problems: &[wireproof::problem::Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn config(script: Script) -> Config {
    let profile = Profile::parse("scripted.toml", PROFILE).unwrap_or_else(|problem| panic!("{problem}"));
    Config {
        numbers: Numbers::NearWrap,
        // Scripts say what a ladder should see, not what a stack may do.
        is_judged: false,
        jobs: Some(1),
        rerun: Arc::new(|id, _| format!("wireproof run --name {id}")),
        ..Config::new(Arc::new(move || Box::new(Scripted::new(script.clone()))), profile)
    }
}

/// The device did it.
#[track_caller]
pub(crate) fn holds(report: &ScenarioReport) {
    assert_eq!(report.verdict, Verdict::Pass, "{:#?}", report.failure);
}

/// The device did not, and the message says `summary` somewhere.
#[track_caller]
pub(crate) fn fails<'a>(report: &'a ScenarioReport, summary: &str) -> &'a Failure {
    assert_eq!(report.verdict, Verdict::Fail, "{:#?}", report.failure);
    let failure = report.failure.as_deref().expect("a failure is told");
    assert!(failure.summary.contains(summary), "expected `{summary}` in {failure:#?}");
    failure
}

/// Nothing can be said, for the reason that says `why` somewhere.
#[track_caller]
pub(crate) fn is_inconclusive(report: &ScenarioReport, why: &str) {
    match &report.verdict {
        Verdict::Inconclusive { why: told } => assert!(told.contains(why), "expected `{why}` in `{told}`"),
        other => panic!("expected inconclusive, got {other:?}: {:#?}", report.failure),
    }
}

/// The difference of a failure in that field, as `expected / got`.
#[track_caller]
pub(crate) fn difference(failure: &Failure, field: &str) -> String {
    let found = failure.differences.iter().find(|difference| difference.field == field);
    let found = found.unwrap_or_else(|| panic!("no difference in {field}: {failure:#?}"));
    format!("{} / {}", found.expected, found.got)
}

/// The scripted device.
struct Scripted {
    description: Description,
    script: Script,
    host: Host,
    now: Instant,
    due: BTreeMap<(Instant, usize), (What, Peer)>,
    planned: usize,
    segments: usize,
    handshakes: BTreeMap<Peer, usize>,
    peers: Vec<(Peer, Binding, u32)>,
    accepts: Vec<CallId>,
    state: Option<TcpState>,
    last: Peer,
}

#[derive(Clone, Debug)]
enum What {
    Send(&'static str),
    Result(CallId, Call, &'static str),
    State(TcpState),
    Accepted,
}

/// Address and port of the tester's end, and the device's port.
type Peer = (IpAddr, u16, u16);

impl Scripted {
    fn new(script: Script) -> Self {
        let mut capabilities = Capabilities::default();
        capabilities.insert_words(
            "ipv4 ipv6 listen accept connect send fill recv shutdown:write close abort state errors urgent",
        );
        script.without.iter().for_each(|capability| capabilities.remove(*capability));
        if script.state.is_none() && !script.lines.iter().any(|(_, _, what)| what.starts_with("state ")) {
            capabilities.remove(Capability::State);
        }
        let setup = Setup::default();
        let host = Host {
            mac: MacAddr(setup.mac),
            ipv4: [192, 0, 2, 2].into(),
            ipv6: "2001:db8::2".parse().expect("an address"),
        };
        Self {
            description: Description {
                name: "scripted".to_owned(),
                version: "1".to_owned(),
                capabilities,
                properties: Properties::default(),
            },
            state: script.state,
            script,
            host,
            now: Instant::ZERO,
            due: BTreeMap::new(),
            planned: 0,
            segments: 0,
            handshakes: BTreeMap::new(),
            peers: Vec::new(),
            accepts: Vec::new(),
            last: ([192, 0, 2, 1].into(), 80, 50_000),
        }
    }

    fn plan(&mut self, after: Duration, what: What) {
        self.planned += 1;
        self.due.insert((self.now + after, self.planned), (what, self.last));
    }

    fn trigger(&mut self, on: &On, call: Option<(CallId, &Call)>) {
        for (own, after, text) in self.script.lines.clone() {
            if own != *on {
                continue;
            }
            let what = match (text.strip_prefix("-> "), text.strip_prefix("state ")) {
                (Some(result), _) => {
                    let (id, call) = call.expect("a result belongs to a call");
                    What::Result(id, call.clone(), result)
                }
                (_, Some(state)) => What::State(TcpState::from_name(state).expect("a state")),
                _ if text == "accepted" => What::Accepted,
                _ => What::Send(text),
            };
            self.plan(after, what);
        }
    }

    fn go_on(&mut self, out: &mut Output) -> Wake {
        while let Some(entry) = self.due.first_entry() {
            if entry.key().0 > self.now {
                return Wake::At(entry.key().0);
            }
            let (what, peer) = entry.remove();
            match what {
                What::Send(text) => out.frame(self.frame(peer, text)),
                What::Result(id, call, text) => {
                    out.result(
                        id,
                        parse_result(&call, text).unwrap_or_else(|error| panic!("{text}: {error}")),
                    );
                }
                What::State(state) => self.state = Some(state),
                What::Accepted => {
                    let id = self.accepts.remove(0);
                    out.result(id, Ok(CallValue::Endpoint(peer.0, peer.1)));
                }
            }
        }
        Wake::Never
    }

    /// The frame with that segment, in the symbolic numbers of the connection with `peer`.
    fn frame(&mut self, peer: Peer, text: &str) -> Vec<u8> {
        let message: Message = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        let source = IpAddr::V4(self.host.ipv4);
        let ends = Ends { source, source_port: peer.2, destination: peer.0, destination_port: peer.1 };
        let binding = self.binding(peer);
        let honest = Honest { mss: 1000, ..Honest::new(source) };
        let built = build(&message, Side::Device, ends, &honest, &binding, &Nothing);
        let built = built.unwrap_or_else(|error| panic!("{text}: {error}"));
        self.bind(peer, |binding| binding.apply(built.learned));
        let last = match peer.0 {
            _ if self.script.misdelivers => 99,
            IpAddr::V4(address) => address.octets()[3],
            IpAddr::V6(address) => address.octets()[15],
        };
        let ethernet = Ethernet::new(self.host.mac, MacAddr([2, 0, 0, 0, 0, last]), EtherType::IPV4);
        let mut frame = vec![0; ethernet.wire_len()];
        ethernet.emit(&mut frame).expect("there is room");
        frame.extend_from_slice(&built.packet);
        frame
    }

    fn binding(&mut self, peer: Peer) -> Binding {
        if let Some((_, binding, _)) = self.peers.iter().find(|(own, ..)| *own == peer) {
            return binding.clone();
        }
        let iss = ISS + 1_000_000 * u32::try_from(self.peers.len()).expect("few peers");
        let mut binding = Binding::new(Seq(0), Seq(iss));
        binding.device = Space::fixed(Binding::DEVICE_SYN, Seq(iss));
        self.peers.push((peer, binding.clone(), iss));
        binding
    }

    fn bind(&mut self, peer: Peer, change: impl FnOnce(&mut Binding)) {
        let _ = self.binding(peer);
        if let Some((_, binding, _)) = self.peers.iter_mut().find(|(own, ..)| *own == peer) {
            change(binding);
        }
    }

    /// A segment has come: the first of its connection is the tester's number 100.
    fn segment(&mut self, source: IpAddr, tcp: &Tcp<'_>) {
        let peer = (source, tcp.source_port, tcp.destination_port);
        self.last = peer;
        if tcp.flags.syn() {
            self.bind(peer, |binding| binding.tester = Space::fixed(Binding::TESTER_SYN, Seq(tcp.seq)));
        } else {
            self.bind(peer, |binding| {
                if !binding.tester.is_seen() {
                    binding.tester = Space::fixed(Binding::TESTER_SYN, Seq(tcp.seq));
                }
            });
        }
        if self.script.shakes_hands {
            let step = self.handshakes.entry(peer).or_default();
            *step += 1;
            match *step {
                1 => return self.plan(Duration::ZERO, What::Send("<SEQ=300><ACK=101><CTL=SYN,ACK>")),
                2 => return self.plan(Duration::ZERO, What::Accepted),
                _ => {}
            }
        }
        self.segments += 1;
        self.trigger(&On::Segment(self.segments), None);
    }
}

impl Device for Scripted {
    fn description(&self) -> &Description {
        &self.description
    }

    fn reset(&mut self, _: &Setup, _: &mut Output) -> Result<Wake, DeviceError> {
        Ok(Wake::Never)
    }

    fn handle_frames(
        &mut self,
        now: Instant,
        frames: &[&[u8]],
        out: &mut Output,
    ) -> Result<Wake, DeviceError> {
        self.now = now;
        for frame in frames {
            let frame = Frame::parse(frame).expect("the tester's frames are well-formed");
            if let Some(answer) = neighbour::answer(&[self.host], &frame).filter(|_| !self.script.is_deaf) {
                out.frame(answer);
            }
            if let Some(packet) = frame.packet()
                && let Some(tcp) = packet.tcp()
            {
                self.segment(packet.ip.source(), tcp);
            }
        }
        Ok(self.go_on(out))
    }

    fn handle_call(
        &mut self,
        now: Instant,
        id: CallId,
        call: &Call,
        out: &mut Output,
    ) -> Result<Wake, DeviceError> {
        self.now = now;
        match call {
            Call::Listen { .. } => out.result(id, Ok(CallValue::Done)),
            Call::Accept { .. } => self.accepts.push(id),
            Call::State { socket } => {
                let listens =
                    *socket == SocketId(1) && self.state.is_none_or(|state| state == TcpState::Closed);
                let state = if listens { TcpState::Listen } else { self.state.unwrap_or(TcpState::Closed) };
                out.result(id, Ok(CallValue::State(state)));
            }
            Call::Connect { address, port, .. } => {
                self.last = (*address, *port, 50_000);
                self.trigger(&On::Call("connect"), Some((id, call)));
            }
            other => {
                let text = other.to_string();
                let name = text.split_whitespace().next().unwrap_or_default();
                let on = self.script.lines.iter().find_map(|(on, ..)| match on {
                    On::Call(own) if *own == name => Some(on.clone()),
                    On::Call(_) | On::Segment(_) => None,
                });
                match on {
                    Some(on) => self.trigger(&on, Some((id, call))),
                    // What the script does not speak of goes well.
                    None => match call {
                        Call::Fill { count, .. } => out.result(id, Ok(CallValue::Taken(*count))),
                        Call::Send { data, .. } => out.result(id, Ok(CallValue::Taken(data.len() as u64))),
                        _ => out.result(id, Ok(CallValue::Done)),
                    },
                }
            }
        }
        Ok(self.go_on(out))
    }

    fn run(&mut self, now: Instant, out: &mut Output) -> Result<Wake, DeviceError> {
        self.now = now;
        Ok(self.go_on(out))
    }
}

/// Octets of the pattern as the protocol writes them.
pub(crate) fn hex(offset: u64, count: usize) -> String {
    pattern(offset, count).iter().map(|octet| format!("{octet:02x}")).collect()
}
