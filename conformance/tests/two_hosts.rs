//! Two reference hosts on a bad wire: whatever it loses, doubles and swaps, what was sent is what is received.
//!
//! A failure names its seed; `run(&Case { seed, .. })` plays it again, to the octet.

use rayon::prelude::*;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hasher};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::ops::Range;
use wireproof::ethernet::{
    CaptureLimits, Effect, Impairment, Node, Progress, Simulation, SimulationError, When,
};
use wireproof_reference::host::{Config, Host};
use wireproof_reference::ip::address::{Addresses, Prefix};
use wireproof_reference::ip::route::Gateways;
use wireproof_reference::policy::Policy;
use wireproof_reference::random::Random;
use wireproof_reference::socket::{Shutdown, SocketError, SocketId, SocketOption};
use wireproof_reference::tcp::State;
use wireproof_reference::time::{Duration, Instant};
use wireproof_reference::wire::MacAddr;

/// The server's port.
const PORT: u16 = 80;
/// No run may take longer, in virtual time: days of bad luck, or a deadlock.
const LIMIT: Duration = Duration::from_secs(100_000);
/// RFC 9293 3.8.3 SHLD-11: no connection is given up before.
const R2: Duration = Duration::from_secs(100);
/// Octets handed over in one call.
const CHUNK: usize = 16 * 1024;
const CLIENT: usize = 0;
const SERVER: usize = 1;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    V4,
    V6,
}

/// A run: who sends how much over what wire.
#[derive(Clone, Copy, Debug)]
struct Case {
    seed: u64,
    version: Version,
    octets: usize,
    /// Of a million frames, those that suffer each of loss, duplication and reordering.
    loss: u32,
    duplication: u32,
    reordering: u32,
    /// The same for a bit turned over.
    corruption: u32,
    latency: Duration,
    application: Application,
}

#[derive(Clone, Copy, Debug)]
enum Application {
    /// [`Manners::eager`].
    Eager,
    /// [`Manners::awkward`], both ends by the seed.
    Awkward,
}

/// What a run came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Outcome {
    /// When the last octet and the end were read.
    read: Instant,
    /// When both ends had closed.
    closed: Instant,
    /// Whether a host gave up, R2 being over.
    gave_up: bool,
    frames: usize,
    /// Of all frames and their times.
    digest: u64,
}

/// A host, and an alarm clock for an application that makes pauses.
struct Station {
    host: Host,
    alarm: Option<Instant>,
    /// Of all that it sent, and when.
    digest: DefaultHasher,
}

impl Node for Station {
    fn handle_frame(&mut self, now: Instant, frame: &[u8]) {
        self.host.handle_frame(now, frame);
    }

    fn poll_frame(&mut self, now: Instant) -> Option<Vec<u8>> {
        let mut frame = Vec::new();
        if !self.host.poll_frame(now, &mut frame) {
            return None;
        }
        self.digest.write_u64(now.as_nanos());
        self.digest.write(&frame);
        Some(frame)
    }

    fn poll_deadline(&mut self) -> Option<Instant> {
        self.host.poll_deadline().into_iter().chain(self.alarm).min()
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.alarm = self.alarm.filter(|alarm| *alarm > now);
        self.host.handle_timeout(now);
    }
}

/// How an application behaves.
#[derive(Clone, Debug)]
struct Manners {
    options: Vec<SocketOption>,
    /// Octets handed over in one call.
    write: usize,
    /// Octets read in one call.
    read: usize,
    /// How long it rests after a read.
    pause: Duration,
}

impl Manners {
    /// As fast as it goes.
    fn eager() -> Self {
        Self { options: Vec::new(), write: CHUNK, read: CHUNK, pause: Duration::ZERO }
    }

    /// Small buffers, odd sizes, pauses: windows close, Nagle and the silly window syndrome have their say.
    fn awkward(random: &mut Random) -> Self {
        let mut up_to = |most: u64| usize::try_from(1 + random.below(most)).unwrap_or(1);
        let mut options = Vec::new();
        if up_to(2) == 1 {
            let most = if up_to(2) == 1 { 100 } else { 20_000 };
            options.push(SocketOption::ReceiveBuffer(up_to(most)));
        }
        if up_to(2) == 1 {
            options.push(SocketOption::SendBuffer(up_to(5_000)));
        }
        if up_to(2) == 1 {
            options.push(SocketOption::NoDelay(true));
        }
        if up_to(3) == 1 {
            options.push(SocketOption::AckDelay(Duration::ZERO));
        }
        if up_to(4) == 1 {
            options.push(SocketOption::Mss(u16::try_from(up_to(600)).unwrap_or(1)));
        }
        let pause = if up_to(2) == 1 { Duration::from_millis(up_to(300) as u64) } else { Duration::ZERO };
        Self { options, write: up_to(4_000), read: 200 + up_to(4_000), pause }
    }
}

fn station(number: u8, seed: u64) -> Station {
    let addresses = Addresses {
        mac: mac(number),
        ipv4: vec![Prefix { address: Ipv4Addr::new(192, 0, 2, number), length: 24 }],
        ipv6: vec![Prefix { address: address_v6(number), length: 64 }],
    };
    let host = Host::new(Config {
        addresses,
        gateways: Gateways::default(),
        mtu: 1500,
        policy: Policy::rfc9293(),
        seed: seed.wrapping_mul(2).wrapping_add(u64::from(number)),
        iss: None,
    });
    Station { host, alarm: None, digest: DefaultHasher::new() }
}

const fn mac(number: u8) -> MacAddr {
    MacAddr([2, 0, 0, 0, 0, number])
}

const fn address_v6(number: u8) -> Ipv6Addr {
    Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, number as u16)
}

/// One end of the conversation: sends its octets, closes, and reads until the other end has closed.
struct Speaker {
    manners: Manners,
    rests_until: Instant,
    socket: Option<SocketId>,
    sending: Vec<u8>,
    sent: usize,
    closed: bool,
    received: Vec<u8>,
    ended: bool,
    error: Option<(Instant, SocketError)>,
}

impl Speaker {
    fn new(random: &mut Random, octets: usize, manners: Manners) -> Self {
        let sending =
            (0..octets.div_ceil(8)).flat_map(|_| random.next_u64().to_be_bytes()).take(octets).collect();
        Self {
            manners,
            rests_until: Instant::ZERO,
            socket: None,
            sending,
            sent: 0,
            closed: false,
            received: Vec::new(),
            ended: false,
            error: None,
        }
    }

    /// Does what can be done now; true if it did something.
    fn run(&mut self, now: Instant, host: &mut Host) -> bool {
        let Some(socket) = self.socket else { return false };
        if self.error.is_some() {
            return false;
        }
        let mut moved = false;
        match self
            .speak(now, host, socket, &mut moved)
            .and_then(|()| self.listen(now, host, socket, &mut moved))
            .and_then(|()| match host.connected(socket) {
                // Closed in good order; what came before can still be read.
                Err(SocketError::NotConnected) if self.closed => Ok(()),
                opened => opened.map(drop),
            }) {
            Ok(()) | Err(SocketError::WouldBlock) => {}
            Err(error) => {
                self.error = Some((now, error));
                moved = true;
            }
        }
        moved
    }

    fn speak(
        &mut self,
        now: Instant,
        host: &mut Host,
        socket: SocketId,
        moved: &mut bool,
    ) -> Result<(), SocketError> {
        while self.sent < self.sending.len() {
            let chunk = &self.sending[self.sent..self.sending.len().min(self.sent + self.manners.write)];
            match host.send(now, socket, chunk) {
                Ok(0) | Err(SocketError::WouldBlock) => return Ok(()),
                Ok(count) => self.sent += count,
                Err(error) => return Err(error),
            }
            *moved = true;
        }
        // RFC 9293 3.10.4: a CLOSE while the connection opens would take it back.
        if !self.closed && host.connected(socket)?.port() != 0 {
            host.shutdown(now, socket, Shutdown::Write)?;
            self.closed = true;
            *moved = true;
        }
        Ok(())
    }

    fn listen(
        &mut self,
        now: Instant,
        host: &mut Host,
        socket: SocketId,
        moved: &mut bool,
    ) -> Result<(), SocketError> {
        while !self.ended && self.rests_until <= now {
            let data = host.recv(now, socket, self.manners.read)?;
            self.ended = data.is_empty();
            self.received.extend_from_slice(&data);
            self.rests_until = now + self.manners.pause;
            *moved = true;
        }
        Ok(())
    }

    /// When it wants to read again, if it rests.
    fn alarm(&self, now: Instant) -> Option<Instant> {
        (!self.ended && self.error.is_none() && self.rests_until > now).then_some(self.rests_until)
    }
}

fn impair(simulation: &mut Simulation<Station>, case: &Case) {
    let ethernet = &mut simulation.ethernet;
    ethernet.set_latency(case.latency);
    ethernet.set_capture_limits(CaptureLimits { frames: usize::MAX, octets: 0 });
    let twin = Effect::Duplicate { copies: 1, gap: Duration::from_millis(1) };
    for (impairment, per_million) in [
        (Impairment::lose(), case.loss),
        (Impairment::new(twin), case.duplication),
        (Impairment::reorder(3, Duration::from_millis(20)), case.reordering),
        (Impairment::corrupt(), case.corruption),
    ] {
        // Nothing is drawn for what never happens: the dice of the others stay as they are.
        if per_million > 0 {
            ethernet.impair(impairment.when(When::Chance { per_million }));
        }
    }
}

/// Plays a case, and says what went wrong.
fn run(case: &Case) -> Result<Outcome, String> {
    let root = Random::new(case.seed);
    let mut simulation = Simulation::new(root.fork("wire"));
    for number in [1, 2] {
        simulation.add(mac(number).0, station(number, case.seed)).expect("two hosts fit any segment");
    }
    impair(&mut simulation, case);
    // Who speaks: the client, the server, or both, by the seed.
    let mut random = root.fork("data");
    let (client, server) = match case.seed % 3 {
        0 => (case.octets, 0),
        1 => (0, case.octets),
        _ => (case.octets / 2, case.octets - case.octets / 2),
    };
    let manners = |label| match case.application {
        Application::Eager => Manners::eager(),
        Application::Awkward => Manners::awkward(&mut root.fork(label)),
    };
    let mut speakers = [
        Speaker::new(&mut random, client, manners("client")),
        Speaker::new(&mut random, server, manners("server")),
    ];
    let address = match case.version {
        Version::V4 => IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2)),
        Version::V6 => IpAddr::V6(address_v6(2)),
    };
    let begin = |nodes: &mut [Station]| -> Result<(SocketId, SocketId), SocketError> {
        let now = Instant::ZERO;
        let listener = nodes[SERVER].host.listen(now, PORT, 1, &speakers[SERVER].manners.options)?;
        let server = SocketAddr::new(address, PORT);
        let socket = nodes[CLIENT].host.connect(now, server, None, &speakers[CLIENT].manners.options)?;
        Ok((listener, socket))
    };
    let (listener, socket) = begin(&mut simulation.nodes).map_err(|error| error.to_string())?;
    speakers[CLIENT].socket = Some(socket);
    let mut read = None;
    let end = simulation.run(LIMIT, |now, nodes| {
        let mut moved = false;
        if speakers[SERVER].socket.is_none()
            && let Ok((accepted, _)) = nodes[SERVER].host.accept(listener)
        {
            speakers[SERVER].socket = Some(accepted);
            moved = true;
        }
        for (speaker, node) in speakers.iter_mut().zip(nodes.iter_mut()) {
            moved |= speaker.run(now, &mut node.host);
            node.alarm = speaker.alarm(now);
        }
        if read.is_none() && speakers.iter().all(|speaker| speaker.ended) {
            read = Some(now);
        }
        let over = speakers.iter().zip(nodes.iter()).all(|(speaker, node)| {
            speaker.error.is_some() || speaker.ended && is_over(&node.host, speaker.socket)
        });
        match (over, moved) {
            (true, _) => Progress::Done,
            (false, true) => Progress::Moved,
            (false, false) => Progress::Waiting,
        }
    });
    judge(case, &simulation, &speakers, end, read)
}

/// Whether a connection has nothing more to do than to wait for old duplicates to die.
fn is_over(host: &Host, socket: Option<SocketId>) -> bool {
    let state = socket.and_then(|socket| host.state(socket).ok());
    matches!(state, Some(State::TimeWait | State::Closed))
}

fn judge(
    case: &Case,
    simulation: &Simulation<Station>,
    speakers: &[Speaker; 2],
    end: Result<Instant, SimulationError>,
    read: Option<Instant>,
) -> Result<Outcome, String> {
    let fail = |what: String| {
        let mut text = format!("{what}\n  {case:?}");
        for (name, speaker, node) in
            [("client", &speakers[0], &simulation.nodes[0]), ("server", &speakers[1], &simulation.nodes[1])]
        {
            let state = speaker.socket.map(|socket| node.host.state(socket));
            let Speaker { sent, sending, received, error, .. } = speaker;
            let _ = write!(
                text,
                "\n  {name}: sent {sent} of {}, received {}, state {state:?}, error {error:?}",
                sending.len(),
                received.len()
            );
        }
        text
    };
    for (from, to) in [(CLIENT, SERVER), (SERVER, CLIENT)] {
        let (sent, received) = (&speakers[from].sending, &speakers[to].received);
        if !sent.starts_with(received) {
            return Err(fail(format!("host {to} received what host {from} never sent")));
        }
        if speakers[to].ended && sent.len() != received.len() {
            return Err(fail(format!("host {to} read the end before all was there")));
        }
    }
    let errors: Vec<(Instant, SocketError)> = speakers.iter().filter_map(|speaker| speaker.error).collect();
    // RFC 9293 3.8.3: giving up is allowed, but not before R2; RFC 5461 2: for the reason that the link gave. The other
    // end then meets nobody.
    let gave_up = |(time, error): &(Instant, SocketError)| {
        *time >= Instant::ZERO + R2 && matches!(error, SocketError::TimedOut | SocketError::HostUnreachable)
    };
    if let Some((time, _)) = errors.iter().find(|error| gave_up(error)) {
        return Ok(Outcome { gave_up: true, ..outcome(simulation, *time, *time) });
    }
    if let Some((time, error)) = errors.first() {
        return Err(fail(format!("{error} at {time}")));
    }
    let closed = end.map_err(|error| fail(error.to_string()))?;
    let read = read.ok_or_else(|| fail("closed before all was read".to_owned()))?;
    Ok(outcome(simulation, read, closed))
}

fn outcome(simulation: &Simulation<Station>, read: Instant, closed: Instant) -> Outcome {
    let capture = simulation.ethernet.capture();
    let frames = capture.frames().len() + usize::try_from(capture.omitted()).unwrap_or(usize::MAX);
    let digest = simulation.nodes.iter().fold(0, |digest, node| digest ^ node.digest.finish());
    Outcome { read, closed, gave_up: false, frames, digest }
}

fn bad_wire(seed: u64, version: Version, octets: usize) -> Case {
    Case {
        seed,
        version,
        octets,
        loss: 100_000,
        duplication: 100_000,
        reordering: 100_000,
        corruption: 0,
        latency: Duration::from_millis(5),
        application: Application::Eager,
    }
}

/// Plays the case of each seed in both versions of IP, and reports all that fail.
fn play(seeds: Range<u64>, case: impl Fn(u64, Version) -> Case) -> Vec<Outcome> {
    let cases: Vec<Case> =
        seeds.flat_map(|seed| [case(seed, Version::V4), case(seed, Version::V6)]).collect();
    let outcomes: Vec<Result<Outcome, String>> = cases.par_iter().map(run).collect();
    let failures: Vec<&String> = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).collect();
    assert!(
        failures.is_empty(),
        "{} of {} runs failed, the first ones:\n{}",
        failures.len(),
        cases.len(),
        failures.iter().take(5).map(|text| text.as_str()).collect::<Vec<_>>().join("\n")
    );
    outcomes.into_iter().flatten().collect()
}

#[test]
fn a_hundred_kilobytes_arrive_intact_over_a_bad_wire_for_a_thousand_seeds() {
    let outcomes = play(0..1000, |seed, version| bad_wire(seed, version, 100_000));
    assert_eq!(outcomes.len(), 2000);
    // Eight lost round trips in a row: it may happen to one in a thousand.
    let gave_up = outcomes.iter().filter(|outcome| outcome.gave_up).count();
    assert!(gave_up <= 2, "{gave_up} runs were given up");
}

#[test]
fn ten_megabytes_arrive_intact_over_a_bad_wire_for_ten_seeds() {
    let outcomes = play(0..10, |seed, version| bad_wire(seed, version, 10_000_000));
    assert_eq!(outcomes.len(), 20);
}

#[test]
fn a_wire_that_loses_every_other_frame_is_given_up_by_some_and_by_none_too_soon() {
    let outcomes = play(0..50, |seed, version| Case { loss: 500_000, ..bad_wire(seed, version, 50_000) });
    let gave_up = outcomes.iter().filter(|outcome| outcome.gave_up).count();
    assert!((1..outcomes.len()).contains(&gave_up), "{gave_up} of {} gave up", outcomes.len());
}

#[test]
fn bits_that_turn_over_on_the_wire_never_reach_an_application() {
    play(0..100, |seed, version| Case { corruption: 50_000, ..bad_wire(seed, version, 50_000) });
}

#[test]
fn small_buffers_and_slow_readers_change_nothing() {
    play(0..300, |seed, version| Case {
        application: Application::Awkward,
        ..bad_wire(seed, version, 20_000)
    });
}

#[test]
fn the_same_seed_gives_the_same_frames_at_the_same_times() {
    for application in [Application::Eager, Application::Awkward] {
        let case = Case { application, ..bad_wire(7, Version::V4, 30_000) };
        let outcome = run(&case).expect("the run goes well");
        assert_eq!(run(&case), Ok(outcome));
        let other = run(&Case { seed: 10, ..case }).expect("the run goes well");
        assert_ne!(other.digest, outcome.digest);
    }
}

/// Virtual seconds for 300 kB one way, by loss and latency. Run with `UPDATE_SNAPSHOTS=1` to write it anew.
#[test]
fn loss_and_delay_cost_what_they_cost_before() {
    const LOSSES: [u32; 5] = [0, 1, 3, 5, 10];
    const LATENCIES: [u64; 4] = [1, 10, 50, 200];
    let mut grid = String::from(
        "# Virtual seconds until 300 kB are read, mean of 9 seeds: loss in percent by latency in ms.\nloss",
    );
    for latency in LATENCIES {
        let _ = write!(grid, "{latency:>10}");
    }
    for loss in LOSSES {
        let _ = write!(grid, "\n{loss:>4}");
        for latency in LATENCIES {
            let case = |seed| Case {
                seed: seed * 3,
                version: Version::V4,
                octets: 300_000,
                loss: loss * 10_000,
                duplication: 0,
                reordering: 0,
                corruption: 0,
                latency: Duration::from_millis(latency),
                application: Application::Eager,
            };
            let times: Vec<f64> = (0..9_u64)
                .into_par_iter()
                .map(|seed| {
                    run(&case(seed)).expect("the run goes well").read.since(Instant::ZERO).as_secs_f64()
                })
                .collect();
            let _ = write!(grid, "{:>10.2}", times.iter().sum::<f64>() / times.len() as f64);
        }
    }
    grid.push('\n');
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/snapshots/two_hosts_grid.txt");
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(path, &grid).expect("the snapshot can be written");
    }
    let before = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(grid, before, "the grid changed; if that is meant: UPDATE_SNAPSHOTS=1");
}
