//! Segments from the RFC's notation, and a connection to talk with.
#![expect(clippy::unwrap_used, reason = "a test whose text cannot be read has failed")]
#![allow(dead_code, reason = "each test uses what it needs")]

use std::collections::BTreeMap;
use std::net::SocketAddr;
use wireproof_reference::event::Event;
use wireproof_reference::policy::Policy;
use wireproof_reference::tcp::{
    CallError, Carriage, Connection, Options, Received, Segment, SegmentOut, SeqNumber, State,
};
use wireproof_reference::time::{Duration, Instant};

pub(crate) const MTU: u32 = 1500;
/// The tester's initial number.
pub(crate) const IRS: u32 = 100;
/// The device's.
pub(crate) const ISS: u32 = 300;
/// Long after the start, so that nothing is near zero by chance.
pub(crate) const START: Instant = Instant::from_nanos(1_000_000_000_000);

/// Octet i of every stream is i mod 251.
pub(crate) fn pattern(from: usize, count: usize) -> Vec<u8> {
    (from..from + count).map(|i| u8::try_from(i % 251).unwrap()).collect()
}

pub(crate) fn device() -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 2], 80))
}

pub(crate) fn tester() -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 1], 4000))
}

pub(crate) fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

/// The value of `RCV.NXT+RCV.WND-1` and the like.
fn value(expression: &str, numbers: &BTreeMap<String, u32>) -> u32 {
    let term = |text: &str| numbers.get(text).copied().unwrap_or_else(|| text.parse().unwrap());
    match expression.rfind(['+', '-']) {
        None => term(expression),
        Some(at) => {
            let (left, right) = (value(&expression[..at], numbers), term(&expression[at + 1..]));
            if expression[at..].starts_with('+') {
                left.wrapping_add(right)
            } else {
                left.wrapping_sub(right)
            }
        }
    }
}

/// A segment from the tester. `DATA=20` is the pattern, counted from the tester's first octet, number 101.
pub(crate) fn segment(notation: &str, numbers: &BTreeMap<String, u32>) -> SegmentOut {
    let mut segment = SegmentOut {
        source: tester(),
        destination: device(),
        seq: SeqNumber(IRS),
        ack: None,
        syn: false,
        fin: false,
        rst: false,
        psh: false,
        urgent: None,
        window: 65535,
        options: Options::default(),
        payload: Vec::new(),
        carriage: Carriage::new(&Policy::rfc9293(), tester()),
    };
    for element in notation.trim_start_matches('<').trim_end_matches('>').split("><") {
        let (name, text) = element.split_once('=').unwrap();
        match name {
            "SEQ" => segment.seq = SeqNumber(value(text, numbers)),
            "ACK" => segment.ack = Some(SeqNumber(value(text, numbers))),
            "CTL" => {
                segment.syn = text.contains("SYN");
                segment.fin = text.contains("FIN");
                segment.rst = text.contains("RST");
                segment.psh = text.contains("PSH");
                assert_eq!(text.contains("ACK"), segment.ack.is_some(), "{notation}");
            }
            "WND" => segment.window = text.parse().unwrap(),
            "URP" => segment.urgent = text.parse().ok(),
            "MSS" => segment.options.mss = text.parse().ok(),
            "DATA" => {
                let first = segment.seq.0.wrapping_add(u32::from(segment.syn)).wrapping_sub(IRS + 1);
                segment.payload = pattern(usize::try_from(first % 251).unwrap(), text.parse().unwrap());
            }
            other => panic!("unknown element {other} in {notation}"),
        }
    }
    segment
}

/// A connection of the device, and the clock.
pub(crate) struct Talk {
    pub(crate) now: Instant,
    pub(crate) connection: Connection,
}

impl Talk {
    /// The device has called connect; its SYN waits to be polled.
    pub(crate) fn connecting(policy: &Policy) -> Self {
        let connection = Connection::open_active(START, device(), tester(), SeqNumber(ISS), MTU, policy);
        Self { now: START, connection }
    }

    /// An established connection: next numbers 101 and 301. `syn_ack` adds to the tester's SYN,ACK.
    pub(crate) fn established_with(policy: &Policy, syn_ack: &str) -> Self {
        let mut talk = Self::connecting(policy);
        talk.hears("<SEQ=300><CTL=SYN><MSS=1460>");
        talk.says(&format!("<SEQ=100><ACK=301><CTL=SYN,ACK>{syn_ack}"));
        talk.hears("<SEQ=301><ACK=101><CTL=ACK>");
        talk
    }

    pub(crate) fn established() -> Self {
        Self::established_with(&Policy::rfc9293(), "<MSS=1460>")
    }

    /// The tester sends.
    pub(crate) fn says(&mut self, notation: &str) {
        let segment = segment(notation, &BTreeMap::new());
        self.connection.handle_segment(self.now, &segment.as_segment());
    }

    /// All that the device sends now, without windows, in the RFC's notation.
    pub(crate) fn output(&mut self) -> Vec<String> {
        self.segments().iter().map(written).collect()
    }

    pub(crate) fn segments(&mut self) -> Vec<SegmentOut> {
        std::iter::from_fn(|| self.connection.poll_transmit(self.now)).collect()
    }

    /// The device sends just this, now; a window is compared if it is written.
    #[track_caller]
    pub(crate) fn hears(&mut self, notation: &str) {
        self.hears_all(&[notation]);
    }

    #[track_caller]
    pub(crate) fn hears_all(&mut self, notations: &[&str]) {
        let segments = self.segments();
        for segment in &segments {
            assert!(
                segment.payload.is_empty() || is_pattern(segment),
                "{segment} has octets of somewhere else"
            );
        }
        let with_windows = notations.iter().any(|notation| notation.contains("<WND="));
        let write = |segment: &SegmentOut| if with_windows { segment.to_string() } else { written(segment) };
        let heard: Vec<String> = segments.iter().map(write).collect();
        assert_eq!(heard, notations, "at {} in {}", self.now, self.connection.state());
    }

    #[track_caller]
    pub(crate) fn hears_nothing(&mut self) {
        self.hears_all(&[]);
    }

    /// Time passes, during which the device sends nothing; what is due at its end is left to be polled.
    #[track_caller]
    pub(crate) fn waits(&mut self, span: Duration) {
        let end = self.now + span;
        while let Some(at) = self.connection.poll_deadline().filter(|&at| at <= end) {
            assert!(at > self.now, "a deadline that is not later than now");
            self.now = at;
            self.connection.handle_timeout(at);
            if at < end {
                self.hears_nothing();
            }
        }
        self.now = end;
    }

    /// How long until the device sends, and what.
    pub(crate) fn until_next(&mut self) -> (Duration, Vec<String>) {
        let start = self.now;
        loop {
            let output = self.output();
            let deadline = self.connection.poll_deadline();
            let (true, Some(at)) = (output.is_empty(), deadline) else {
                return (self.now.since(start), output);
            };
            self.now = at;
            self.connection.handle_timeout(at);
        }
    }

    #[track_caller]
    pub(crate) fn sends(&mut self, from: usize, count: usize) {
        assert_eq!(self.connection.send(self.now, &pattern(from, count)), Ok(count));
    }

    pub(crate) fn reads(&mut self, max: usize) -> Result<Received, CallError> {
        self.connection.receive(self.now, max)
    }

    #[track_caller]
    pub(crate) fn reads_pattern(&mut self, from: usize, count: usize) {
        assert_eq!(self.reads(count), Ok(Received::Data(pattern(from, count))));
    }

    #[track_caller]
    pub(crate) fn is_in(&self, state: State) {
        assert_eq!(self.connection.state(), state);
    }

    pub(crate) fn events(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.connection.poll_event()).collect()
    }
}

fn written(segment: &SegmentOut) -> String {
    let text = segment.to_string();
    let (before, after) = text.split_once("<WND=").unwrap();
    format!("{before}{}", after.split_once('>').unwrap().1)
}

/// Whether the text is the device's stream from where it stands.
fn is_pattern(segment: &SegmentOut) -> bool {
    let first = segment.seq.0.wrapping_add(u32::from(segment.syn)).wrapping_sub(ISS + 1);
    segment.payload == pattern(usize::try_from(first).unwrap() % 251, segment.payload.len())
}

/// A copy of a segment for the state machine.
pub(crate) fn view(segment: &SegmentOut) -> Segment<'_> {
    segment.as_segment()
}
