//! Arbitrary segments, calls and times against one connection: nothing panics, no promise is taken back.
//!
//! What must hold is listed in `check`; the state machine's own assertions hold as well, since tests are debug builds.

#![expect(clippy::unwrap_used, reason = "a broken invariant fails the test")]

mod common;

use common::{IRS, ISS, MTU, START, device, pattern, segment, tester};
use std::collections::{BTreeMap, BTreeSet};
use wireproof_reference::policy::{Nagle, Policy};
use wireproof_reference::random::Random;
use wireproof_reference::tcp::{Connection, Error, NetworkError, Received, SegmentOut, SeqNumber, State};
use wireproof_reference::time::{Duration, Instant};

const SEEDS: u64 = 1500;
const STEPS: usize = 150;

/// More segments than this from one input would be a livelock.
const BURST_LIMIT: usize = 2000;

/// The storm and what it has seen so far.
struct Storm {
    random: Random,
    now: Instant,
    connection: Connection,
    /// The furthest right edge of the device's window, and its latest acknowledgment.
    edge: Option<SeqNumber>,
    acknowledged: Option<SeqNumber>,
    /// What was read, and written.
    read: Vec<u8>,
    written: usize,
    /// Every octet that the device ever sent, by its number.
    sent: BTreeMap<u32, u8>,
}

impl Storm {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let policy = match random.below(3) {
            0 => Policy::rfc793(),
            1 => Policy { receive_buffer: 3000, send_buffer: 5000, ..Policy::rfc9293() },
            _ => Policy::rfc9293(),
        };
        let connection = Connection::open_active(START, device(), tester(), SeqNumber(ISS), MTU, &policy);
        let (edge, acknowledged) = (None, None);
        Self {
            random,
            now: START,
            connection,
            edge,
            acknowledged,
            read: Vec::new(),
            written: 0,
            sent: BTreeMap::new(),
        }
    }

    /// Most storms begin with an honest handshake: else they would not get far.
    fn handshake(&mut self) {
        self.drain();
        if self.random.below(8) > 0 {
            let mss = self.random.below(1500);
            self.says(&segment(&format!("<SEQ=100><ACK=301><CTL=SYN,ACK><MSS={mss}>"), &BTreeMap::new()));
        }
    }

    fn says(&mut self, segment: &SegmentOut) {
        self.connection.handle_segment(self.now, &segment.as_segment());
    }

    fn step(&mut self) {
        match self.random.below(20) {
            0 => {
                let count = usize::try_from(self.random.below(4000)).unwrap();
                self.written += self.connection.send(self.now, &pattern(self.written, count)).unwrap_or(0);
            }
            1 => {
                let count = usize::try_from(self.random.below(20)).unwrap();
                self.written +=
                    self.connection.send_urgent(self.now, &pattern(self.written, count)).unwrap_or(0);
            }
            2 | 3 => {
                let max = usize::try_from(self.random.below(4000)).unwrap();
                if let Ok(Received::Data(text)) = self.connection.receive(self.now, max) {
                    self.read.extend(text);
                }
            }
            4 if self.random.below(10) == 0 => drop(self.connection.shutdown_write(self.now)),
            5 if self.random.below(30) == 0 => drop(self.connection.close(self.now)),
            6 if self.random.below(60) == 0 => drop(self.connection.abort(self.now)),
            7 => self.report(),
            8..11 => self.waits(),
            11 => self.connection.set_nagle(if self.random.chance(500_000) { Nagle::On } else { Nagle::Off }),
            _ => {
                let segment = self.segment();
                self.says(&segment);
            }
        }
    }

    fn report(&mut self) {
        let quoted = self.near(self.connection.status().send.map_or(ISS, |(una, _)| una.0), 3000);
        let error = match self.random.below(10) {
            0 => NetworkError::Hard(Error::Refused),
            1..4 => NetworkError::Soft(Error::HostUnreachable),
            _ => NetworkError::PacketTooBig(u32::try_from(self.random.below(2000)).unwrap()),
        };
        self.connection.handle_network_error(self.now, SeqNumber(quoted), error);
    }

    fn waits(&mut self) {
        let nanos = self.random.below(3_000_000_000);
        self.now += Duration::from_nanos(nanos);
        self.connection.handle_timeout(self.now);
        self.drain();
        if let Some(at) = self.connection.poll_deadline() {
            assert!(at > self.now, "a deadline that has passed");
        }
    }

    /// A number that is often `base`, and otherwise near it.
    fn near(&mut self, base: u32, range: u64) -> u32 {
        let offset = u32::try_from(self.random.below(range)).unwrap();
        match self.random.below(8) {
            0..4 => base,
            4 | 5 => base.wrapping_add(offset),
            6 => base.wrapping_sub(offset),
            _ => self.random.next_u32(),
        }
    }

    fn segment(&mut self) -> SegmentOut {
        let status = self.connection.status();
        let (una, nxt) = status.send.unwrap_or_default();
        let seq = SeqNumber(self.near(status.receive_next.unwrap_or_default().0, 5000));
        let ack = if self.random.chance(500_000) { una } else { nxt };
        let ack = SeqNumber(self.near(ack.0, 3000));
        let mut segment = segment("<SEQ=0><CTL=>", &BTreeMap::new());
        segment.seq = seq;
        segment.ack = self.random.chance(950_000).then_some(ack);
        segment.syn = self.random.chance(20_000);
        segment.rst = self.random.chance(5_000);
        segment.fin = self.random.chance(20_000);
        segment.urgent =
            self.random.chance(50_000).then(|| u16::try_from(self.random.below(65_536)).unwrap());
        segment.window =
            u16::try_from([65_535, 0, 10, 3000, 500][usize::try_from(self.random.below(5)).unwrap()])
                .unwrap();
        if segment.syn && self.connection.state() == State::SynSent {
            // The tester's stream begins where the pattern does.
            segment.seq = SeqNumber(IRS);
        } else if self.random.chance(500_000) && !segment.syn {
            let first = usize::try_from(seq.since(SeqNumber(101))).unwrap();
            let count = usize::try_from(self.random.below(2000)).unwrap();
            // The pattern repeats, but not where sequence numbers wrap.
            segment.payload =
                (first..first + count).map(|i| u8::try_from((i % (1 << 32)) % 251).unwrap()).collect();
        }
        segment
    }

    fn drain(&mut self) {
        for count in 0.. {
            assert!(count < BURST_LIMIT, "no end of segments");
            let Some(segment) = self.connection.poll_transmit(self.now) else { return };
            self.check(&segment);
        }
    }

    fn check(&mut self, segment: &SegmentOut) {
        if segment.rst {
            return;
        }
        if let Some(ack) = segment.ack {
            let edge = ack + u32::from(segment.window);
            assert!(
                self.acknowledged.is_none_or(|before| !ack.before(before)),
                "{segment} acknowledges less"
            );
            assert!(self.edge.is_none_or(|before| !edge.before(before)), "{segment} shrinks the window");
            (self.acknowledged, self.edge) = (Some(ack), Some(edge));
        }
        for (number, &octet) in (segment.seq.0 + u32::from(segment.syn)..).zip(&segment.payload) {
            let before = self.sent.insert(number, octet);
            assert!(before.is_none_or(|before| before == octet), "{segment} changes octet {number}");
        }
    }
}

#[test]
fn nothing_panics_and_no_promise_is_taken_back() {
    let mut reached = BTreeSet::from([State::Listen]);
    for seed in 0..SEEDS {
        let mut storm = Storm::new(seed);
        storm.handshake();
        for _ in 0..STEPS {
            storm.step();
            storm.drain();
            reached.insert(storm.connection.state());
        }
        assert!(
            storm.read == pattern(0, storm.read.len()),
            "seed {seed}: what was read is not what was sent"
        );
        let sent: Vec<u8> = storm.sent.values().copied().collect();
        assert!(sent == pattern(0, sent.len()), "seed {seed}: what was sent is not what was written");
    }
    assert_eq!(reached, BTreeSet::from(State::ALL), "the storms do not reach every state");
}
