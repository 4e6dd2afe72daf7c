//! What was found in captures, once, for all writers. `report.json` and `--json` are these types as they stand; every
//! number of nanoseconds counts from the first packet of its file, but where something else is said.

use core::net::{IpAddr, SocketAddr};

use serde::Serialize;

use super::flood::{Direction, Flood};
use crate::capture::CaptureError;
use crate::oracle::{ConnectionJudgement, EndSummary, Rtt};
use crate::report::{BrokenRule, Level};

/// Version of the layout of the JSON. It grows whenever a reader of the last layout would misread the next.
pub const SCHEMA_VERSION: u32 = 1;

/// What was found in one file.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FileReport {
    /// The file as it was named; `-` is the standard input.
    pub file: String,
    /// `pcap` or `pcapng`, and byte order and unit of time, as far as the format tells; empty if it was not read.
    pub format: String,
    /// The kinds of link, in the order in which they came.
    pub links: Vec<String>,
    /// When the first packet was captured, `2024-02-29 12:34:56.000001 UTC`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// From the first packet to the last.
    pub duration_nanos: u64,
    /// All packets, and TCP segments among them.
    pub packets: u64,
    /// TCP segments that could be read.
    pub segments: u64,
    /// What else there was, by name.
    pub others: Vec<(String, u64)>,
    /// How many connections there were, and what came of them.
    pub connections: Counts,
    /// The connections that broke a rule, those that broke a MUST first; and those that were asked for.
    pub shown: Vec<ConnectionReport>,
    /// How many connections broke a rule and are in no list: there are too many.
    pub not_shown: u64,
    /// Connections that broke none: the first ones; with `--all` all of them, and those that broke a rule and are too many
    /// to be told in full. They stand first in JSON.
    #[serde(skip)]
    pub whole: Vec<ConnectionReport>,
    /// Rules of hosts that were broken.
    pub hosts: Vec<BrokenRule>,
    /// What came of each rule that arose, in the order of the registry.
    pub rules: Vec<RuleCount>,
    /// Floods of SYNs.
    pub floods: Vec<FloodReport>,
    /// What was odd about the file and did not stop the reading.
    pub remarks: Vec<String>,
    /// Why the file was not read to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub damage: Option<Damage>,
}

/// How many connections there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// All in the file.
    pub all: u64,
    /// Those that were looked at: all, but where `--connection` chose some.
    pub judged: u64,
    /// Those that broke a MUST.
    pub broke_must: u64,
    /// Those that broke a SHOULD and no MUST.
    pub broke_should: u64,
}

/// What came of a rule on all connections that were looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleCount {
    /// Its name.
    pub rule: &'static str,
    /// How strict it is.
    pub level: Level,
    /// What holds, in one line.
    pub summary: &'static str,
    /// How often it was decided and kept, on connections that never broke it.
    pub held: u64,
    /// On how many connections it was kept.
    pub held_connections: u64,
    /// How often it was broken.
    pub broken: u64,
    /// On how many connections it was broken; none for a rule of hosts.
    pub broken_connections: u64,
    /// The first break: connection (none for a rule of hosts) and frame.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<(Option<u64>, u64)>,
    /// On how many connections it arose and could not be decided.
    pub undecided_connections: u64,
    /// Why not, with the number of connections.
    pub undecided: Vec<(&'static str, u64)>,
}

/// One connection.
#[derive(Clone, Debug, Serialize)]
pub struct ConnectionReport {
    /// Its number in the file, from 1 in the order of first packets.
    pub number: u64,
    /// The number of its first packet.
    pub first_frame: u64,
    /// When it began.
    pub start_nanos: u64,
    /// Its initiator and the other end, as far as can be told.
    pub ends: [SocketAddr; 2],
    /// From its first packet to the last.
    pub duration_nanos: u64,
    /// Whether it was seen from its SYN on.
    pub is_from_start: bool,
    /// Whether the capture lacks segments of it.
    pub has_gaps: bool,
    /// Both ends in figures.
    pub figures: [Figures; 2],
    /// Which states either end may be in when the capture ends.
    pub states: [String; 2],
    /// The rules that it broke, with the first break of each; all that were kept with `--verbose`.
    pub broken: Vec<BrokenRule>,
    /// The rules that it kept, and how often they were decided.
    pub held: Vec<(&'static str, u64)>,
    /// The rules that arose and could not be decided, and why.
    pub undecided: Vec<(&'static str, &'static str)>,
    /// Its packets in the folder of `--report`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capture: Option<String>,
    /// Whether it is told in full, or in a line.
    #[serde(skip)]
    pub is_full: bool,
}

/// One end of a connection in figures. Octets are those of the stream, without SYN and FIN.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// Segments that it sent.
    pub segments: u64,
    /// Those that bear nothing but an acknowledgment.
    pub pure_acks: u64,
    /// Octets that it sent, those sent again counted again.
    pub octets: u64,
    /// Octets that it sent, each counted once.
    pub unique_octets: u64,
    /// Segments that were sent before, in whole or in part.
    pub retransmissions: u64,
    /// Octets that were sent before.
    pub retransmitted_octets: u64,
    /// SYN, FIN and RST.
    pub syns: u64,
    /// FIN that it sent.
    pub fins: u64,
    /// RST that it sent.
    pub resets: u64,
    /// Segments with a wrong checksum.
    pub wrong_checksums: u64,
    /// The smallest and the largest window that it offered, in octets; none if its scale is not known.
    pub windows: Option<(u32, u32)>,
    /// How often it closed its window.
    pub zero_windows: u64,
    /// The MSS that its SYN named.
    pub mss: Option<u16>,
    /// The most octets of it under way at once, as the observer saw it.
    pub max_flight: u32,
    /// From octets that it sent to their acknowledgment, as the observer saw it.
    pub rtt: Option<RttReport>,
}

/// Round-trip times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct RttReport {
    /// The shortest.
    pub min_nanos: u64,
    /// The average.
    pub avg_nanos: u64,
    /// The longest.
    pub max_nanos: u64,
    /// How many were taken.
    pub samples: u64,
}

/// A flood of SYNs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FloodReport {
    /// Whose.
    pub address: IpAddr,
    /// Whether they went `to` it or came `from` it.
    pub direction: &'static str,
    /// The only address at the other side; none: many.
    pub other: Option<IpAddr>,
    /// The only port that they went to; none: many.
    pub port: Option<u16>,
    /// SYNs, those sent again not counted.
    pub syns: u64,
    /// Those that stayed half open.
    pub half_open: u64,
    /// Those that a SYN with ACK answered.
    pub answered: u64,
    /// Those that a RST refused.
    pub refused: u64,
    /// SYNs a second over the whole time.
    pub rate: f64,
    /// The most SYNs in one second.
    pub peak: u64,
    /// The frames of the first and the last SYN.
    pub frames: (u64, u64),
    /// When they came.
    pub times_nanos: (u64, u64),
}

/// Where a file cannot be read on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Damage {
    /// Octets before it in the file; none if the file could not be opened.
    pub offset: Option<u64>,
    /// What stands there.
    pub found: String,
    /// What should stand there.
    pub expected: String,
}

impl From<&CaptureError> for Damage {
    fn from(error: &CaptureError) -> Self {
        Self { offset: Some(error.offset), found: error.found.clone(), expected: error.expected.clone() }
    }
}

impl From<&Flood> for FloodReport {
    fn from(flood: &Flood) -> Self {
        Self {
            address: flood.address,
            direction: match flood.direction {
                Direction::To => "to",
                Direction::From => "from",
            },
            other: flood.other,
            port: flood.port,
            syns: flood.syns,
            half_open: flood.half_open,
            answered: flood.answered,
            refused: flood.refused,
            rate: (flood.rate() * 10.0).round() / 10.0,
            peak: flood.peak,
            frames: flood.frames,
            times_nanos: (flood.times.0.as_nanos(), flood.times.1.as_nanos()),
        }
    }
}

impl From<&EndSummary> for Figures {
    fn from(end: &EndSummary) -> Self {
        let EndSummary {
            segments,
            pure_acks,
            octets,
            unique_octets,
            retransmissions,
            retransmitted_octets,
            resets,
            syns,
            fins,
            wrong_checksums,
            windows,
            zero_windows,
            mss,
            max_flight,
            rtt,
        } = *end;
        Self {
            segments,
            pure_acks,
            octets,
            unique_octets,
            retransmissions,
            retransmitted_octets,
            syns,
            fins,
            resets,
            wrong_checksums,
            windows,
            zero_windows,
            mss,
            max_flight,
            rtt: rtt.map(RttReport::from),
        }
    }
}

impl From<Rtt> for RttReport {
    fn from(rtt: Rtt) -> Self {
        Self {
            min_nanos: rtt.min.as_nanos(),
            avg_nanos: rtt.avg.as_nanos(),
            max_nanos: rtt.max.as_nanos(),
            samples: rtt.samples,
        }
    }
}

impl ConnectionReport {
    /// A judgement without its breaks.
    pub(super) fn of(judgement: &ConnectionJudgement) -> Self {
        use crate::oracle::Verdict;
        let (mut held, mut undecided) = (Vec::new(), Vec::new());
        for (rule, verdict) in &judgement.verdicts {
            match verdict {
                Verdict::Held { times } => held.push((rule.rule().name, *times)),
                Verdict::Undecidable { why } => undecided.push((rule.rule().name, *why)),
                Verdict::Broken { .. } => {}
            }
        }
        let [a, b] = &judgement.summary.ends;
        Self {
            number: judgement.number,
            first_frame: judgement.first_frame,
            start_nanos: judgement.start.as_nanos(),
            ends: judgement.ends,
            duration_nanos: judgement.summary.duration.as_nanos(),
            is_from_start: judgement.summary.is_from_start,
            has_gaps: judgement.summary.has_gaps,
            figures: [a.into(), b.into()],
            states: judgement.states.map(|states| states.to_string()),
            broken: Vec::new(),
            held,
            undecided,
            capture: None,
            is_full: false,
        }
    }

    /// The strictest level that it broke.
    pub fn worst(&self) -> Option<Level> {
        self.broken.iter().map(|broken| broken.level).max()
    }

    /// Segments in both directions.
    pub fn segments(&self) -> u64 {
        self.figures.iter().map(|end| end.segments).sum()
    }
}

impl FileReport {
    /// Whether a rule of this level was broken, on a connection or by a host.
    pub fn broke(&self, level: Level) -> bool {
        self.rules.iter().any(|rule| rule.level == level && rule.broken > 0)
    }
}
