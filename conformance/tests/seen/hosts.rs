//! Two reference hosts that talk over a bad wire, recorded with all that became of each frame.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use wireproof::ethernet::{CaptureLimits, Effect, Impairment, Node, Progress, Simulation, When};
use wireproof_reference::host::{Config, Host};
use wireproof_reference::ip::address::{Addresses, Prefix};
use wireproof_reference::ip::route::Gateways;
use wireproof_reference::policy::Policy;
use wireproof_reference::random::Random;
use wireproof_reference::socket::{Shutdown, SocketError, SocketId, SocketOption};
use wireproof_reference::time::{Duration, Instant};
use wireproof_reference::wire::MacAddr;

use super::{Sent, View, views};

const PORT: u16 = 80;
/// No talk lasts longer, in virtual time.
const LIMIT: Duration = Duration::from_secs(2_000);

struct Station {
    host: Host,
    alarm: Option<Instant>,
}

impl Node for Station {
    fn handle_frame(&mut self, now: Instant, frame: &[u8]) {
        self.host.handle_frame(now, frame);
    }

    fn poll_frame(&mut self, now: Instant) -> Option<Vec<u8>> {
        let mut frame = Vec::new();
        self.host.poll_frame(now, &mut frame).then_some(frame)
    }

    fn poll_deadline(&mut self) -> Option<Instant> {
        self.host.poll_deadline().into_iter().chain(self.alarm).min()
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.alarm = self.alarm.filter(|alarm| *alarm > now);
        self.host.handle_timeout(now);
    }
}

/// An application: writes so much in such pieces, closes, reads in such pieces with such pauses.
struct Talker {
    socket: Option<SocketId>,
    left: usize,
    piece: usize,
    pause: Duration,
    rests_until: Instant,
    is_shut: bool,
    has_ended: bool,
}

impl Talker {
    fn draw(random: &mut Random) -> Self {
        let mut pick = |choices: [u64; 4]| choices[usize::try_from(random.below(4)).unwrap()];
        Self {
            socket: None,
            left: usize::try_from(pick([0, 900, 20_000, 90_000])).unwrap(),
            piece: usize::try_from(pick([100, 700, 4_000, 60_000])).unwrap(),
            pause: Duration::from_millis(pick([0, 0, 30, 250])),
            rests_until: Instant::ZERO,
            is_shut: false,
            has_ended: false,
        }
    }

    /// Does what can be done now; true if it did something.
    fn run(&mut self, now: Instant, host: &mut Host) -> bool {
        let mut moved = false;
        if let Err(error) = self.try_run(now, host, &mut moved) {
            self.has_ended |= error != SocketError::WouldBlock;
        }
        moved
    }

    fn try_run(&mut self, now: Instant, host: &mut Host, moved: &mut bool) -> Result<(), SocketError> {
        let Some(socket) = self.socket.filter(|_| !self.has_ended) else { return Ok(()) };
        host.connected(socket)?;
        while self.left > 0 {
            let piece = vec![b'w'; self.piece.min(self.left)];
            match host.send(now, socket, &piece) {
                Ok(0) | Err(SocketError::WouldBlock) => break,
                Ok(count) => self.left -= count,
                Err(error) => return Err(error),
            }
            *moved = true;
        }
        if self.left == 0 && !self.is_shut {
            host.shutdown(now, socket, Shutdown::Write)?;
            self.is_shut = true;
            *moved = true;
        }
        while self.rests_until <= now {
            self.has_ended = host.recv(now, socket, self.piece)?.is_empty();
            self.rests_until = now + self.pause;
            *moved = true;
            if self.has_ended {
                break;
            }
        }
        Ok(())
    }
}

fn station(number: u8, seed: u64) -> Station {
    let v6 = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, number.into());
    let addresses = Addresses {
        mac: MacAddr([2, 0, 0, 0, 0, number]),
        ipv4: vec![Prefix { address: Ipv4Addr::new(192, 0, 2, number), length: 24 }],
        ipv6: vec![Prefix { address: v6, length: 64 }],
    };
    let (gateways, policy) = (Gateways::default(), Policy::rfc9293());
    let seed = seed * 2 + u64::from(number);
    let host = Host::new(Config { addresses, gateways, mtu: 1500, policy, seed, iss: None });
    Station { host, alarm: None }
}

fn impair(simulation: &mut Simulation<Station>, random: &mut Random) -> Duration {
    let mut pick = |choices: [u64; 4]| choices[usize::try_from(random.below(4)).unwrap()];
    let wire = &mut simulation.ethernet;
    let latency = Duration::from_millis(pick([0, 3, 20, 120]));
    wire.set_latency(latency);
    wire.set_capture_limits(CaptureLimits { frames: 20_000, octets: 32 << 20 });
    let twin = Effect::Duplicate { copies: 1, gap: Duration::from_millis(1) };
    for (impairment, per_mille) in [
        (Impairment::lose(), pick([0, 0, 10, 80])),
        (Impairment::new(twin), pick([0, 0, 10, 50])),
        (Impairment::reorder(3, Duration::from_millis(20)), pick([0, 0, 10, 50])),
        (Impairment::corrupt(), pick([0, 0, 0, 20])),
    ] {
        let per_million = u32::try_from(per_mille).unwrap() * 1000;
        wire.impair(impairment.when(When::Chance { per_million }));
    }
    latency
}

fn options(random: &mut Random) -> Vec<SocketOption> {
    let mut up_to = |most: u64| usize::try_from(1 + random.below(most)).unwrap();
    let mut options = Vec::new();
    if up_to(2) == 1 {
        options.push(SocketOption::ReceiveBuffer([200, 1_500, 9_000, 30_000][up_to(4) - 1]));
    }
    if up_to(3) == 1 {
        options.push(SocketOption::NoDelay(true));
    }
    if up_to(3) == 1 {
        options.push(SocketOption::AckDelay(Duration::ZERO));
    }
    if up_to(3) == 1 {
        options.push(SocketOption::Mss([100, 536, 1_000][up_to(3) - 1]));
    }
    options
}

/// A talk of two hosts, by the seed, as three captures. End 0 is the client.
pub(crate) fn talk(seed: u64) -> Vec<View> {
    let root = Random::new(seed);
    let mut simulation = Simulation::new(root.fork("wire"));
    for number in [1, 2] {
        simulation.add([2, 0, 0, 0, 0, number], station(number, seed)).unwrap();
    }
    let mut random = root.fork("talk");
    let latency = impair(&mut simulation, &mut random);
    let mut talkers = [Talker::draw(&mut random), Talker::draw(&mut random)];
    let server: IpAddr = if random.below(3) == 0 {
        Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 2).into()
    } else {
        Ipv4Addr::new(192, 0, 2, 2).into()
    };
    let nodes = &mut simulation.nodes;
    let listener = nodes[1].host.listen(Instant::ZERO, PORT, 1, &options(&mut random)).unwrap();
    let to = SocketAddr::new(server, PORT);
    talkers[0].socket = Some(nodes[0].host.connect(Instant::ZERO, to, None, &options(&mut random)).unwrap());
    // Whether it ends or is cut off at the limit: what was said was said.
    let _ended = simulation.run(LIMIT, |now, nodes| {
        let mut moved = false;
        if talkers[1].socket.is_none()
            && let Ok((accepted, _)) = nodes[1].host.accept(listener)
        {
            (talkers[1].socket, moved) = (Some(accepted), true);
        }
        for (talker, node) in talkers.iter_mut().zip(nodes.iter_mut()) {
            moved |= talker.run(now, &mut node.host);
            let rests = !talker.has_ended && talker.rests_until > now;
            node.alarm = rests.then_some(talker.rests_until);
        }
        if moved { Progress::Moved } else { Progress::Waiting }
    });
    let frames = simulation.ethernet.capture().frames();
    let sent = |frame: &wireproof::ethernet::CapturedFrame| Sent {
        time: frame.time,
        from: frame.from.index(),
        octets: frame.octets.clone(),
        fates: frame.fates.clone(),
    };
    views(&format!("talk {seed}"), &frames.iter().map(sent).collect::<Vec<_>>(), latency)
}
