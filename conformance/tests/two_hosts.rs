//! Two reference hosts on a bad wire: whatever it loses, doubles and swaps, what was sent is what is received.
//!
//! A failure names its seed; `run(&Case { seed, .. })` plays it again, to the octet.

use rayon::prelude::*;
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use wireproof::ethernet::{
    CaptureLimits, Effect, Impairment, Node, Progress, Simulation, SimulationError, When,
};
use wireproof_reference::host::{Config, Host};
use wireproof_reference::ip::address::{Addresses, Prefix};
use wireproof_reference::ip::route::Gateways;
use wireproof_reference::policy::Policy;
use wireproof_reference::random::Random;
use wireproof_reference::socket::{SocketError, SocketId};
use wireproof_reference::tcp::State;
use wireproof_reference::time::{Duration, Instant};
use wireproof_reference::wire::MacAddr;

/// The server's port.
const PORT: u16 = 80;
/// No run may take longer, in virtual time: days of bad luck, or a deadlock.
const LIMIT: Duration = Duration::from_secs(100_000);
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
    latency: Duration,
}

/// What a run came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Outcome {
    /// When the last octet and the end were read.
    read: Instant,
    /// When both ends had closed.
    closed: Instant,
    frames: usize,
}

struct Station(Host);

impl Node for Station {
    fn handle_frame(&mut self, now: Instant, frame: &[u8]) {
        self.0.handle_frame(now, frame);
    }

    fn poll_frame(&mut self, now: Instant) -> Option<Vec<u8>> {
        let mut frame = Vec::new();
        self.0.poll_frame(now, &mut frame).then_some(frame)
    }

    fn poll_deadline(&mut self) -> Option<Instant> {
        self.0.poll_deadline()
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.0.handle_timeout(now);
    }
}

fn station(number: u8, seed: u64) -> Station {
    let addresses = Addresses {
        mac: mac(number),
        ipv4: Some(Prefix { address: Ipv4Addr::new(192, 0, 2, number), length: 24 }),
        ipv6: Some(Prefix { address: address_v6(number), length: 64 }),
    };
    Station(Host::new(Config {
        addresses,
        gateways: Gateways::default(),
        mtu: 1500,
        policy: Policy::rfc9293(),
        seed: seed.wrapping_mul(2).wrapping_add(u64::from(number)),
        iss: None,
    }))
}

const fn mac(number: u8) -> MacAddr {
    MacAddr([2, 0, 0, 0, 0, number])
}

const fn address_v6(number: u8) -> Ipv6Addr {
    Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, number as u16)
}

/// One end of the conversation: sends its octets, closes, and reads until the other end has closed.
struct Speaker {
    socket: Option<SocketId>,
    sending: Vec<u8>,
    sent: usize,
    closed: bool,
    received: Vec<u8>,
    ended: bool,
    error: Option<(Instant, SocketError)>,
}

impl Speaker {
    fn new(random: &mut Random, octets: usize) -> Self {
        let sending =
            (0..octets.div_ceil(8)).flat_map(|_| random.next_u64().to_be_bytes()).take(octets).collect();
        Self {
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
            .and_then(|()| host.connected(socket).map(drop))
        {
            Ok(()) | Err(SocketError::WouldBlock) => {}
            // Closed in good order.
            Err(SocketError::NotConnected) if self.closed && self.ended => {}
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
            let chunk = &self.sending[self.sent..self.sending.len().min(self.sent + CHUNK)];
            match host.send(now, socket, chunk) {
                Ok(0) | Err(SocketError::WouldBlock) => return Ok(()),
                Ok(count) => self.sent += count,
                Err(error) => return Err(error),
            }
            *moved = true;
        }
        // RFC 9293 3.10.4: a CLOSE while the connection opens would take it back.
        if !self.closed && host.connected(socket)?.port() != 0 {
            host.shutdown(now, socket, wireproof_reference::socket::Shutdown::Write)?;
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
        while !self.ended {
            let data = host.recv(now, socket, CHUNK)?;
            self.ended = data.is_empty();
            self.received.extend_from_slice(&data);
            *moved = true;
        }
        Ok(())
    }
}

fn impair(simulation: &mut Simulation<Station>, case: &Case) {
    let chance = |per_million| When::Chance { per_million };
    let ethernet = &mut simulation.ethernet;
    ethernet.set_latency(case.latency);
    ethernet.set_capture_limits(CaptureLimits { frames: usize::MAX, octets: 0 });
    ethernet.impair(Impairment::lose().when(chance(case.loss)));
    let gap = Duration::from_millis(1);
    ethernet.impair(Impairment::new(Effect::Duplicate { copies: 1, gap }).when(chance(case.duplication)));
    ethernet.impair(Impairment::reorder(3, Duration::from_millis(20)).when(chance(case.reordering)));
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
    let mut speakers = [Speaker::new(&mut random, client), Speaker::new(&mut random, server)];
    let address = match case.version {
        Version::V4 => IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2)),
        Version::V6 => IpAddr::V6(address_v6(2)),
    };
    let begin = |nodes: &mut [Station]| -> Result<(SocketId, SocketId), SocketError> {
        let listener = nodes[SERVER].0.listen(Instant::ZERO, PORT, 1, &[])?;
        let socket = nodes[CLIENT].0.connect(Instant::ZERO, SocketAddr::new(address, PORT), None, &[])?;
        Ok((listener, socket))
    };
    let (listener, socket) = begin(&mut simulation.nodes).map_err(|error| error.to_string())?;
    speakers[CLIENT].socket = Some(socket);
    let mut read = None;
    let end = simulation.run(LIMIT, |now, nodes| {
        let mut moved = false;
        if speakers[SERVER].socket.is_none()
            && let Ok((accepted, _)) = nodes[SERVER].0.accept(listener)
        {
            speakers[SERVER].socket = Some(accepted);
            moved = true;
        }
        for (speaker, node) in speakers.iter_mut().zip(nodes.iter_mut()) {
            moved |= speaker.run(now, &mut node.0);
        }
        if read.is_none() && speakers.iter().all(|speaker| speaker.ended) {
            read = Some(now);
        }
        let over = speakers.iter().zip(nodes.iter()).all(|(speaker, node)| {
            speaker.error.is_some() || speaker.ended && is_over(&node.0, speaker.socket)
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
            let state = speaker.socket.map(|socket| node.0.state(socket));
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
    for speaker in speakers {
        match speaker.error {
            None => {}
            // RFC 9293 3.8.3: giving up is allowed, but not before R2.
            Some((time, SocketError::TimedOut)) if time >= Instant::ZERO + Duration::from_secs(100) => {
                return Ok(Outcome { read: time, closed: time, frames: frames(simulation) });
            }
            Some((time, error)) => return Err(fail(format!("{error} at {time}"))),
        }
    }
    let closed = end.map_err(|error| fail(error.to_string()))?;
    let read = read.ok_or_else(|| fail("closed before all was read".to_owned()))?;
    Ok(Outcome { read, closed, frames: frames(simulation) })
}

fn frames(simulation: &Simulation<Station>) -> usize {
    let capture = simulation.ethernet.capture();
    capture.frames().len() + usize::try_from(capture.omitted()).unwrap_or(usize::MAX)
}

fn bad_wire(seed: u64, version: Version, octets: usize) -> Case {
    Case {
        seed,
        version,
        octets,
        loss: 100_000,
        duplication: 100_000,
        reordering: 100_000,
        latency: Duration::from_millis(5),
    }
}

/// Plays the case of each seed in both versions of IP, and reports all that fail.
fn play(seeds: std::ops::Range<u64>, octets: usize) -> Vec<Outcome> {
    let cases: Vec<Case> = seeds
        .flat_map(|seed| [Version::V4, Version::V6].map(|version| bad_wire(seed, version, octets)))
        .collect();
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
    let outcomes = play(0..1000, 100_000);
    assert_eq!(outcomes.len(), 2000);
}

#[test]
fn ten_megabytes_arrive_intact_over_a_bad_wire_for_ten_seeds() {
    let outcomes = play(0..10, 10_000_000);
    assert_eq!(outcomes.len(), 20);
}

#[test]
fn the_same_seed_gives_the_same_frames() {
    let octets = |case: &Case| {
        let case = Case { octets: 30_000, ..*case };
        run(&case).expect("the run goes well")
    };
    let case = bad_wire(7, Version::V4, 30_000);
    assert_eq!(octets(&case), octets(&case));
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
                latency: Duration::from_millis(latency),
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
