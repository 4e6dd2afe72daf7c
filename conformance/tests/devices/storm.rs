//! Segments and calls drawn by chance, near enough to what a connection expects to get deep into it.

use super::packets::{ACK, FIN, RST, SYN, Segment, question};
use super::tester::Tester;
use wireproof::device::{Call, Setup, ShutdownHow, SocketId};
use wireproof::testbed::DeviceFinding;
use wireproof_reference::random::Random;
use wireproof_reference::time::Duration;

/// How many things happen in one storm.
const STEPS: u64 = 300;

/// Runs a storm; what went wrong with the device itself, if anything did.
pub(crate) fn storm(tester: &mut Tester, random: &mut Random) -> Option<DeviceFinding> {
    tester.call(Call::Listen { socket: SocketId(1), port: 80, backlog: 3 }).expect("a listener");
    for step in 0..STEPS {
        match random.below(10) {
            0..6 => segment(tester, random),
            6 => call(tester, random, SocketId(100 + step as u32)),
            7 => tester.transmit(&question(tester.version)),
            _ => {
                let spans = [1, 9, 10, 200, 1_000, 5_000, 60_000];
                let millis = spans[random.below(spans.len() as u64) as usize];
                wait(tester, millis);
            }
        }
        if random.chance(500_000) {
            wait(tester, 0);
        }
        if let Some(finding) = tester.testbed.finding() {
            return Some(finding.clone());
        }
    }
    None
}

/// As [`Tester::wait`], but a finding is what we are after.
fn wait(tester: &mut Tester, millis: u64) {
    let until = tester.testbed.now() + Duration::from_millis(millis);
    while let Some(event) = tester.testbed.next_event(until) {
        if let wireproof::testbed::Event::Frame { octets, .. } = event {
            if let Some(answer) = super::packets::answer(&octets) {
                tester.transmit(&answer);
            }
            if let Some(segment) = Segment::read(tester.version, &octets) {
                let occupies = segment.data.len() as u32 + u32::from(segment.flags & (SYN | FIN) != 0);
                tester.ack = segment.seq.wrapping_add(occupies);
                if segment.flags & ACK != 0 {
                    tester.seq = segment.ack;
                }
            }
        }
    }
}

fn segment(tester: &mut Tester, random: &mut Random) {
    let flags = [SYN, SYN | ACK, ACK, ACK, ACK, ACK, FIN | ACK, FIN, RST, RST | ACK, 0, SYN | FIN, 0xff];
    let near = |random: &mut Random| {
        let distances = [0, 0, 0, 0, 1, u32::MAX, 100, 65_535, 65_536, 1 << 31];
        distances[random.below(distances.len() as u64) as usize]
    };
    let segment = Segment {
        ports: (4_000 + random.below(3) as u16, if random.chance(100_000) { 7 } else { 80 }),
        seq: tester.seq.wrapping_add(near(random)),
        ack: tester.ack.wrapping_add(near(random)),
        flags: flags[random.below(flags.len() as u64) as usize],
        data: vec![7; if random.chance(700_000) { 0 } else { random.below(1_400) as usize }],
    };
    let mut frame = segment.frame(tester.version);
    if random.chance(50_000) {
        let at = random.below(frame.len() as u64) as usize;
        frame[at] ^= 1 << random.below(8);
    }
    tester.transmit(&frame);
}

fn call(tester: &mut Tester, random: &mut Random, fresh: SocketId) {
    let socket = SocketId(100 + random.below(STEPS) as u32);
    let address = tester.version.tester();
    tester.testbed.call(match random.below(10) {
        0..3 => Call::Accept { socket: fresh, listener: SocketId(1) },
        3 => Call::Connect { socket: fresh, address, port: 4_001, local_port: Some(80) },
        4 => Call::Fill { socket, offset: 0, count: 1 << random.below(20) },
        5 => Call::Recv { socket, max: 1 << random.below(20) },
        6 => Call::Shutdown { socket, how: ShutdownHow::Write },
        7 => Call::Close { socket },
        8 => Call::Abort { socket },
        _ => Call::Children { listener: SocketId(1) },
    });
}

/// A storm on a fresh stack.
pub(crate) fn run(tester: &mut Tester, seed: u64) -> Option<DeviceFinding> {
    tester.testbed.reset(&Setup { seed: Some(seed), ..Setup::default() }).expect("a fresh stack");
    tester.transmit(&question(tester.version));
    storm(tester, &mut Random::new(seed).fork("storm"))
}
