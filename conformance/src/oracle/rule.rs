//! What a rule is.

use core::fmt;

use super::registry::RuleId;
use crate::report::Level;
use crate::requirement::Clause;

/// Rules that are kept together in one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// Headers and checksums.
    Format,
    /// What is sent under which numbers.
    Sequence,
    /// Windows offered, probes.
    Window,
    /// Acknowledgments.
    Acknowledgment,
    /// Opening, closing, states.
    State,
    /// Resets.
    Reset,
    /// Timers.
    Timer,
    /// Congestion control and loss recovery.
    Congestion,
    /// TCP options.
    Options,
    /// Urgent data.
    Urgent,
    /// ICMP and ICMPv6.
    Icmp,
    /// What the application was told.
    Application,
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Format => "format",
            Self::Sequence => "sequence",
            Self::Window => "window",
            Self::Acknowledgment => "acknowledgment",
            Self::State => "state",
            Self::Reset => "reset",
            Self::Timer => "timer",
            Self::Congestion => "congestion",
            Self::Options => "options",
            Self::Urgent => "urgent",
            Self::Icmp => "icmp",
            Self::Application => "application",
        })
    }
}

/// A rule that every trace must keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its number in the registry.
    pub id: RuleId,
    /// Its name, `window-overrun`: lower case and hyphens, stable.
    pub name: &'static str,
    /// One line in our own words: what holds.
    pub summary: &'static str,
    /// What demands it, as tags: `rfc9293-3.5-MUST-10`.
    pub tags: &'static [&'static str],
    /// How strict it is.
    pub level: Level,
    /// Where it is kept.
    pub family: Family,
    /// Whether a capture can ever show it; otherwise it takes a scenario's knowledge.
    pub needs: Needs,
}

/// What it takes to decide a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Packets.
    Packets,
    /// To know which frames arrived, and exact times.
    Arrivals,
    /// The calls of the application too.
    Calls,
}

impl Rule {
    /// What demands it. A tag that is no clause is left out; a test sees to it that there is none.
    pub fn clauses(&self) -> Vec<Clause> {
        self.tags.iter().filter_map(|tag| tag.parse().ok()).collect()
    }
}
