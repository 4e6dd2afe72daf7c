//! A scenario under way, as cucumber's world: its steps perform what was read from them.

use core::net::IpAddr;
use std::sync::Arc;

use futures::future::{FutureExt as _, LocalBoxFuture};
use wireproof_reference::random::Random;
use wireproof_reference::time::{Duration, Instant};
use wireproof_reference::wire::Frame;

use super::act::{Act, Ends};
use super::holes;
use super::prepare::{Prepared, ReadyStep};
use super::states::{Closing, Wanted};
use crate::device::{Call, Capability, Errno, Profile, Setup, print_result};
use crate::exchange::{
    BACKLOG, DEFAULT_CONNECTION, DEVICE_PORT, Exchange, Interruption, Mismatch, Program, Session, View,
};
use crate::notation::{Binding, Placement, Seq};
use crate::testbed::{Direction, FindingKind, Testbed};
use crate::tester::{Connection, Facts, HostId};

/// The port at the tester's end to which the device connects.
const TESTER_PORT: u16 = 80;

/// How long a device is watched behind a row that did not hold: longer than an acknowledgment may be delayed (RFC 9293
/// 3.8.6.3, MUST-40).
const LINGER: Duration = Duration::from_secs(1);
/// How much may happen in that time.
const MOST_EVENTS: usize = 1_000;

/// A scenario under way.
pub(super) struct World {
    pub(super) prepared: Arc<Prepared>,
    pub(super) session: Option<Session>,
    pub(super) view: View,
    /// When the scenario began, both sides knowing each other.
    pub(super) start: Instant,
    /// Which step comes next.
    pub(super) step: usize,
    pub(super) stop: Option<Stop>,
    random: Random,
    placement: Placement,
}

/// Why a scenario ends before its last step.
#[derive(Clone, Debug)]
pub(super) enum Stop {
    /// The device did not do what a step says.
    Broken(Box<Broken>),
    /// Nothing can be said about the device.
    Undecided(String),
    /// The device lacks something that shows only while it runs.
    Lacking(String),
}

/// A step that did not hold.
#[derive(Clone, Debug)]
pub(super) struct Broken {
    pub(super) step: usize,
    pub(super) mismatch: Mismatch,
    /// Whether the device itself failed, which is a finding in a set-up too.
    pub(super) is_device: bool,
}

/// The function behind every phrase.
pub(super) fn perform(world: &mut World, _: cucumber::step::Context) -> LocalBoxFuture<'_, ()> {
    world.perform();
    async {}.boxed_local()
}

impl cucumber::World for World {
    type Error = &'static str;

    async fn new() -> Result<Self, Self::Error> {
        Err("worlds are made by our own runner, which knows the device")
    }
}

impl World {
    /// A world at the beginning of a scenario.
    pub(super) fn begin(
        prepared: Arc<Prepared>,
        testbed: Testbed,
        profile: &Profile,
        seed: u64,
        placement: Placement,
    ) -> Self {
        let random = Random::new(seed);
        let setup = Setup { seed: Some(random.fork("device").next_u64()), ..Setup::default() };
        let mut world = Self {
            prepared,
            session: None,
            view: View::new(Instant::ZERO),
            start: Instant::ZERO,
            step: 0,
            stop: None,
            random: random.fork("tester"),
            placement,
        };
        match Session::start(testbed, &setup, world.prepared.scenario.ip, profile) {
            Ok(session) => {
                world.start = session.now();
                world.view = View::new(world.start);
                world.session = Some(session);
                let port = world.new_port();
                let first = world.new_connection(DEFAULT_CONNECTION, 0, (port, Some(DEVICE_PORT)));
                world.view.connections.push(first);
            }
            Err((_, interruption)) => world.interrupted(&interruption),
        }
        world
    }

    /// Lets time pass behind a row that did not hold: the judge sees what still comes, and what does not.
    pub(super) fn linger(&mut self) {
        let Some(session) = &mut self.session else { return };
        let until = session.now() + LINGER;
        for _ in 0..MOST_EVENTS {
            if session.now() >= until || session.advance(until).is_err() {
                break;
            }
        }
    }

    fn perform(&mut self) {
        let prepared = self.prepared.clone();
        let Some(step) = prepared.steps.get(self.step) else { return };
        if self.stop.is_none() {
            self.perform_act(&step.act, step);
        }
        self.step += 1;
    }

    fn perform_act(&mut self, act: &Act, step: &ReadyStep) {
        let done = match act {
            Act::Listen { port, backlog } => self.listen(*port, *backlog),
            Act::Connect { connection } => self.connect(connection),
            Act::Prepare { connection, wanted, program, with_close } => {
                let program = match self.closing(wanted) {
                    Some(Closing::Shutdown) => program,
                    Some(Closing::Close) => with_close,
                    None => return self.stop = Some(Stop::Lacking(Capability::ShutdownWrite.to_string())),
                };
                return self.prepare(connection, wanted, program.as_ref(), step);
            }
            Act::Introduce { connection, ends } => self.introduce(connection, ends),
            Act::Exchange(program) => return self.exchange(program, step),
            Act::NoLonger { octets, after } => self.no_longer(*octets, after.as_deref()),
            Act::FillsHoles => self.fills_holes(),
        };
        match done {
            Ok(()) => {}
            Err(Trouble::Mismatch(mismatch)) => self.broken(*mismatch, false),
            Err(Trouble::Interruption(interruption)) => self.interrupted(&interruption),
        }
    }

    /// How the device's application closes; None if it can do so in no way.
    fn closing(&self, wanted: &Wanted) -> Option<Closing> {
        let capabilities = self.session.as_ref()?.capabilities();
        if capabilities.has(Capability::ShutdownWrite) || !wanted.needs_close() {
            return Some(Closing::Shutdown);
        }
        capabilities.has(Capability::Close).then_some(Closing::Close)
    }

    fn exchange(&mut self, program: &Program, step: &ReadyStep) {
        let Some(session) = &mut self.session else { return };
        let view = std::mem::replace(&mut self.view, View::new(Instant::ZERO));
        let exchange = Exchange::new(session, program, self.prepared.is_exact, step.is_last);
        match exchange.run(view) {
            Ok(view) => self.view = view,
            Err(failed) => {
                let (mut mismatch, view) = *failed;
                self.view = view;
                if let Some(lacking) = mismatch.lacking.take() {
                    return self.stop = Some(Stop::Lacking(lacking));
                }
                // The device protocol: such a call is one that the stack cannot make.
                if mismatch.got == print_result(&Err(Errno::ENOTSUP)) {
                    return self.stop = Some(Stop::Lacking("what it answers with ENOTSUP".to_owned()));
                }
                let finding = self.session.as_ref().and_then(|session| session.testbed().finding());
                let is_device = finding.is_some();
                // A device that is gone is not one that stays silent: profiles tell them apart by this word.
                if let (Some(finding), true) = (finding, mismatch.got.is_empty()) {
                    mismatch.got = finding.kind.to_string();
                }
                self.broken(mismatch, is_device);
            }
        }
    }

    fn listen(&mut self, port: u16, backlog: Option<u32>) -> Result<(), Trouble> {
        let session = self.session()?;
        match session.listen(port, backlog.unwrap_or(BACKLOG))? {
            Some(Ok(_)) => {}
            Some(Err(errno)) => {
                return Err(trouble(format!("the device cannot listen on port {port}: {errno}")));
            }
            None => return Err(trouble(format!("the device's call to listen on port {port} has no result"))),
        }
        if let Some(first) = self.view.connections.first_mut() {
            first.device_port.get_or_insert(port);
            if !first.binding.tester.is_seen() && !first.binding.device.is_seen() {
                first.device_port = Some(port);
            }
        }
        Ok(())
    }

    /// The device's application connects; its SYN is the first row's affair.
    fn connect(&mut self, name: &str) -> Result<(), Trouble> {
        let index = self.fresh(name)?;
        let port = if name == DEFAULT_CONNECTION { TESTER_PORT } else { self.new_port() };
        let connection = &mut self.view.connections[index];
        connection.tester_port = port;
        connection.device_port = None;
        let host = connection.host;
        let session = self.session()?;
        let application = &mut session.application;
        let socket = application.take_unused(name).unwrap_or_else(|| application.new_socket());
        application.set_socket(name, socket);
        let address = session.address(host);
        session.call(name, Call::Connect { socket, address, port, local_port: None })?;
        Ok(())
    }

    fn prepare(&mut self, name: &str, wanted: &Wanted, program: Option<&Program>, step: &ReadyStep) {
        let begun = if wanted.is_opened_by_device() {
            self.connect(name)
        } else {
            let needs_listener = wanted.state != "CLOSED";
            let port =
                self.view.connections.first().and_then(|first| first.device_port).unwrap_or(DEVICE_PORT);
            let listens = self
                .session
                .as_ref()
                .is_some_and(|session| session.application.listener(Some(port)).is_some());
            let listening = if needs_listener && !listens { self.listen(port, None) } else { Ok(()) };
            listening.and_then(|()| self.fresh(name).map(drop))
        };
        match begun {
            Ok(()) => {}
            Err(Trouble::Mismatch(mismatch)) => return self.broken(*mismatch, false),
            Err(Trouble::Interruption(interruption)) => return self.interrupted(&interruption),
        }
        if let Some(program) = program {
            self.exchange(program, step);
        }
        if self.stop.is_none() {
            self.check_options(name, wanted);
        }
    }

    /// Options that the device did not take up are something that it lacks.
    fn check_options(&mut self, name: &str, wanted: &Wanted) {
        let Some(index) = self.view.connection(name) else { return };
        let connection = &self.view.connections[index];
        let lacking = [
            ("<SACKOK>", connection.got.syn.sack, "option:sack"),
            ("<TS=", connection.got.syn.timestamps.is_some(), "option:timestamps"),
            ("<WS=", connection.got.syn.window_scale.is_some(), "option:windowscale"),
        ];
        let lacking = lacking.iter().find(|(option, has, _)| wanted.options.contains(option) && !has);
        if let Some((_, _, capability)) = lacking {
            self.stop = Some(Stop::Lacking((*capability).to_owned()));
        }
    }

    fn introduce(&mut self, name: &str, ends: &Ends) -> Result<(), Trouble> {
        if self.view.connection(name).is_some() {
            return Err(trouble(format!("connection {name} is there already")));
        }
        if let Some(session) = &mut self.session {
            session.give_accepted(&self.view.connections);
        }
        let device_port = self.view.connections.first().and_then(|first| first.device_port);
        let connection = match ends {
            Ends::OtherHost { address, port } => {
                let host = self.other_host(*address)?;
                let port = port.unwrap_or_else(|| self.new_port());
                self.new_connection(name, host, (port, device_port))
            }
            Ends::OtherPort(port) => self.new_connection(name, 0, (*port, device_port)),
            Ends::To { address, port } => {
                let own = self.new_port();
                Connection { to: *address, ..self.new_connection(name, 0, (own, Some(*port))) }
            }
            Ends::Reuse { of, ahead } => {
                let missing = || trouble(format!("there is no connection {of}"));
                let of = self.view.connection(of).ok_or_else(missing)?;
                let other = &mut self.view.connections[of];
                // Numbers that nobody has shown yet count from that of the figures' SYN.
                if !other.binding.tester.is_seen() {
                    other.binding.tester.show(Binding::TESTER_SYN);
                }
                let (host, ports, numbers) =
                    (other.host, (other.tester_port, other.device_port), other.binding.tester);
                let tester = numbers
                    .ahead(*ahead)
                    .ok_or_else(|| trouble("no number of the other connection is known"))?;
                let mut connection = self.new_connection(name, host, ports);
                connection.binding.tester = tester;
                connection
            }
        };
        self.view.connections.push(connection);
        Ok(())
    }

    fn other_host(&mut self, address: Option<IpAddr>) -> Result<HostId, Trouble> {
        let host = self.session()?.add_host(address)?;
        host.ok_or_else(|| trouble("the tester plays no more hosts"))
    }

    fn fills_holes(&mut self) -> Result<(), Trouble> {
        let session = self.session.as_ref().ok_or_else(|| trouble("the scenario has not begun"))?;
        holes::check(session, &self.view).map_err(Trouble::Mismatch)
    }

    /// How long the device's segments were, headers not counted.
    fn no_longer(&mut self, octets: u32, after: Option<&str>) -> Result<(), Trouble> {
        let since = match after {
            None => self.start,
            Some(label) => {
                let mark = self
                    .view
                    .marks
                    .get(label)
                    .ok_or_else(|| trouble(format!("row {label} has not come to pass")))?;
                mark.time
            }
        };
        let own = after.and_then(|label| self.view.marks.get(label)).and_then(|mark| mark.packet.clone());
        let session = self.session()?;
        let mut is_behind = own.is_none();
        for (time, frame) in session.testbed().trace().frames() {
            if time < since {
                continue;
            }
            if !is_behind {
                is_behind = own.as_deref().is_some_and(|own| frame.octets.ends_with(own));
                continue;
            }
            let Ok(parsed) = Frame::parse_cut(&frame.octets) else { continue };
            let Some(tcp) = parsed.packet().and_then(|packet| packet.tcp()) else { continue };
            let count = Facts::of(tcp).payload.len();
            if frame.direction == Direction::FromDevice
                && count > usize::try_from(octets).unwrap_or(usize::MAX)
            {
                let expected = format!("at most {octets} octets in a segment");
                let (summary, got) =
                    ("a segment of the device is too long".to_owned(), format!("{count} octets"));
                return Err(Trouble::Mismatch(Box::new(Mismatch {
                    summary,
                    expected,
                    got,
                    ..Mismatch::default()
                })));
            }
        }
        Ok(())
    }

    /// The number of a connection of that name of which nothing was shown yet.
    fn fresh(&mut self, name: &str) -> Result<usize, Trouble> {
        if let Some(index) = self.view.connection(name) {
            let binding = &self.view.connections[index].binding;
            return if binding.tester.is_seen() || binding.device.is_seen() {
                Err(trouble(format!("connection {name} is under way already")))
            } else {
                Ok(index)
            };
        }
        let port = self.new_port();
        let device_port = self.view.connections.first().and_then(|first| first.device_port);
        let connection = self.new_connection(name, 0, (port, device_port.or(Some(DEVICE_PORT))));
        self.view.connections.push(connection);
        Ok(self.view.connections.len() - 1)
    }

    fn new_connection(&mut self, name: &str, host: HostId, ports: (u16, Option<u16>)) -> Connection {
        let first = self.placement.first(self.random.next_u32());
        let device = Seq(self.random.next_u32());
        Connection::new(name, host, ports, Binding::new(first, device))
    }

    /// A port of the dynamic range (RFC 6335 6) that no connection of the tester has.
    fn new_port(&mut self) -> u16 {
        loop {
            let drawn = 49_152 + self.random.below(16_384);
            let port = u16::try_from(drawn).unwrap_or(u16::MAX);
            if self.view.connections.iter().all(|connection| connection.tester_port != port) {
                return port;
            }
        }
    }

    fn session(&mut self) -> Result<&mut Session, Trouble> {
        self.session.as_mut().ok_or_else(|| trouble("the scenario has not begun"))
    }

    fn broken(&mut self, mismatch: Mismatch, is_device: bool) {
        let step = self.step;
        self.stop.get_or_insert(Stop::Broken(Box::new(Broken { step, mismatch, is_device })));
    }

    fn interrupted(&mut self, interruption: &Interruption) {
        match interruption {
            Interruption::Device(finding) if finding.kind == FindingKind::Environment => {
                self.stop.get_or_insert(Stop::Undecided(finding.message.clone()));
            }
            Interruption::Device(finding) => {
                self.broken(Mismatch { summary: finding.to_string(), ..Mismatch::default() }, true);
            }
            Interruption::Deaf(why) => {
                self.stop.get_or_insert(Stop::Undecided(why.clone()));
            }
        }
    }
}

/// Why a step cannot be performed.
enum Trouble {
    Mismatch(Box<Mismatch>),
    Interruption(Interruption),
}

impl From<Interruption> for Trouble {
    fn from(interruption: Interruption) -> Self {
        Self::Interruption(interruption)
    }
}

fn trouble(summary: impl Into<String>) -> Trouble {
    Trouble::Mismatch(Box::new(Mismatch {
        summary: summary.into(),
        is_ladders_fault: true,
        ..Mismatch::default()
    }))
}
