//! What the judge says: verdicts rule by rule, connection by connection, and a summary as people know from tcptrace.

use core::fmt;
use core::net::SocketAddr;

use wireproof_reference::time::{Duration, Instant};

use super::registry::RuleId;
use super::state::States;
pub use crate::capture::connection::End;
use crate::report::Level;

/// How many breaks of one rule a connection keeps; further ones are counted.
pub const MOST_BREAKS: usize = 8;

/// A rule that was broken, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// Which rule.
    pub rule: RuleId,
    /// Who broke it; `None` where no connection is concerned.
    pub end: Option<End>,
    /// When, as far as it shows: the time of the last frame, or of what should have come.
    pub time: Instant,
    /// The numbers of the frames that show it, in order; the last one breaks the rule, or is what was not answered.
    pub frames: Vec<u64>,
    /// What was seen, numbers as on the wire.
    pub got: String,
    /// What would have been permitted.
    pub permitted: String,
}

/// What is said of one rule on one connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It was broken: the first [`MOST_BREAKS`] times by either end, and how often in all.
    Broken {
        /// What shows it.
        breaks: Vec<Break>,
        /// How often in all.
        times: u64,
    },
    /// It was decided so often and never broken.
    Held {
        /// How often.
        times: u64,
    },
    /// It could not be decided, and never was.
    Undecidable {
        /// Why.
        why: &'static str,
    },
}

/// One end of a connection in figures. Octets are those of the stream, without SYN and FIN.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EndSummary {
    /// Segments that it sent.
    pub segments: u64,
    /// Segments without octets, SYN, FIN, RST.
    pub pure_acks: u64,
    /// Octets that it sent, those sent again counted again.
    pub octets: u64,
    /// Octets that it sent and that were seen for the first time.
    pub unique_octets: u64,
    /// Segments of which the first octet was seen before.
    pub retransmissions: u64,
    /// Octets in them that were seen before.
    pub retransmitted_octets: u64,
    /// RST that it sent.
    pub resets: u64,
    /// SYN that it sent.
    pub syns: u64,
    /// FIN that it sent.
    pub fins: u64,
    /// Segments with a wrong checksum.
    pub wrong_checksums: u64,
    /// The smallest and the largest window that it offered, in octets, SYN and RST not counted; `None`: it offered
    /// none, or the scale is not known.
    pub windows: Option<(u32, u32)>,
    /// How often it closed its window.
    pub zero_windows: u64,
    /// The MSS that its SYN named.
    pub mss: Option<u16>,
    /// The most octets of it under way at once, as the observer saw it.
    pub max_flight: u32,
    /// Time from octets that it sent to their acknowledgment, as the observer saw it: octets sent once only.
    pub rtt: Option<Rtt>,
}

/// Round-trip times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rtt {
    /// The shortest.
    pub min: Duration,
    /// The average.
    pub avg: Duration,
    /// The longest.
    pub max: Duration,
    /// How many were taken.
    pub samples: u64,
}

/// A connection in figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// From its first to its last segment.
    pub duration: Duration,
    /// The initiator and the other end.
    pub ends: [EndSummary; 2],
    /// Whether the capture lacks segments that were there.
    pub has_gaps: bool,
    /// Whether it was seen from its SYN on.
    pub is_from_start: bool,
}

/// What is said of one connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionJudgement {
    /// Its number, from 1 in the order in which connections began.
    pub number: u64,
    /// Number of its first frame.
    pub first_frame: u64,
    /// When it began.
    pub start: Instant,
    /// The initiator and the other end.
    pub ends: [SocketAddr; 2],
    /// Every rule of which something can be said, in the order of the registry; the others did not arise.
    pub verdicts: Vec<(RuleId, Verdict)>,
    /// It in figures.
    pub summary: Summary,
    /// The states that either end may be in.
    pub states: [States; 2],
}

/// What is said of a whole trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgement {
    /// The connections, in the order in which they began.
    pub connections: Vec<ConnectionJudgement>,
    /// Rules that concern hosts and no connection: ICMP, headers that cannot be read, numbers across connections.
    pub host: Vec<(RuleId, Verdict)>,
}

impl Judgement {
    /// All that was broken, in time.
    pub fn breaks(&self) -> Vec<&Break> {
        let verdicts = self.connections.iter().flat_map(|connection| &connection.verdicts).chain(&self.host);
        let mut breaks: Vec<&Break> = verdicts.flat_map(|(_, verdict)| verdict.breaks()).collect();
        breaks.sort_by_key(|broken| broken.time);
        breaks
    }

    /// All that was broken at this level, in time.
    pub fn breaks_at(&self, level: Level) -> Vec<&Break> {
        self.breaks().into_iter().filter(|broken| broken.rule.rule().level == level).collect()
    }
}

impl Verdict {
    /// What is said of a rule by two who saw different packets.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Broken { mut breaks, times }, Self::Broken { breaks: others, times: more }) => {
                breaks.extend(others);
                breaks.sort_by(|a, b| (a.time, &a.frames).cmp(&(b.time, &b.frames)));
                breaks.truncate(2 * MOST_BREAKS);
                Self::Broken { breaks, times: times + more }
            }
            (broken @ Self::Broken { .. }, _) | (_, broken @ Self::Broken { .. }) => broken,
            (Self::Held { times }, Self::Held { times: more }) => Self::Held { times: times + more },
            (held @ Self::Held { .. }, _) | (_, held @ Self::Held { .. }) => held,
            (own @ Self::Undecidable { .. }, Self::Undecidable { .. }) => own,
        }
    }

    /// What is said of the rule where only these ends count; `None` if it was broken by the other alone, of which nobody
    /// knows how often this one kept it. How often it was broken is exact unless both ends did so more than
    /// [`MOST_BREAKS`] times: then it is the most that it may have been.
    #[must_use]
    pub fn of_ends(self, counts: impl Fn(End) -> bool) -> Option<Self> {
        let Self::Broken { breaks, times } = self else { return Some(self) };
        let all = breaks.len();
        let own: Vec<Break> = breaks.into_iter().filter(|one| one.end.is_some_and(&counts)).collect();
        let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let times = match own.len() {
            0 => return None,
            few if few < MOST_BREAKS => number(few),
            many => times.saturating_sub(number(all - many)),
        };
        Some(Self::Broken { breaks: own, times })
    }

    /// Forgets all breaks but the first; how often it was broken stays known.
    pub fn keep_first(&mut self) {
        if let Self::Broken { breaks, .. } = self {
            breaks.truncate(1);
        }
    }

    /// What shows that it was broken.
    pub fn breaks(&self) -> &[Break] {
        match self {
            Self::Broken { breaks, .. } => breaks,
            Self::Held { .. } | Self::Undecidable { .. } => &[],
        }
    }
}

impl fmt::Display for Break {
    /// One line: `window-overrun (RFC 9293 3.8.6) at 1.000000: frame 12: got ..., permitted ...`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let frames: Vec<String> = self.frames.iter().map(u64::to_string).collect();
        let clause =
            self.rule.rule().clauses().into_iter().next().map_or_else(String::new, |one| one.to_string());
        let plural = if frames.len() == 1 { "frame" } else { "frames" };
        write!(f, "{} ({clause}) at {}: ", self.rule, self.time)?;
        if !frames.is_empty() {
            write!(f, "{plural} {}: ", frames.join(", "))?;
        }
        write!(f, "got {}, permitted {}", self.got, self.permitted)
    }
}
