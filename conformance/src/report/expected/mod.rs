//! A user's own list of what a device does today: what is listed is expected, any other outcome is a change.
//!
//! The list stands on top of the device's profile, which knows why a deviation is there: what came out by profile
//! (`known deviation`) needs no entry. Every other scenario that does not pass has one. [`read`] tells the form of the
//! file.
//!
//! | room | what |
//! |---|---|
//! | [`read`] | the file, read |
//! | [`write`](mod@write) | the file, written: comments and reasons survive |

pub mod read;
#[cfg(test)]
mod tests;
pub mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::model::{Level, Report, ScenarioReport, Verdict};
use crate::device::profile::{holds, normal};
use crate::requirement::Clause;

/// A list, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// The file as the user knows it.
    pub file: String,
    /// By id of the scenario, with its version of IP.
    entries: BTreeMap<String, Entry>,
    /// Rules that the profile says are broken somewhere, and are not.
    unshown_rules: BTreeSet<String>,
}

/// What is expected of a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The scenario as the file names it: with a version of IP, or without for both.
    pub id: String,
    /// How it comes out; `*` in row and got stands for any text.
    pub outcome: Outcome,
    /// Why, by the user.
    pub reason: Option<String>,
    /// Line in the file.
    pub line: usize,
}

/// How a scenario came out that did not pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What it is called.
    pub verdict: Word,
    /// The clause that is broken; says what it is about and is not compared.
    pub clause: Option<Clause>,
    /// The row that did not hold, blanks and bars of its table aside; none if the ladder held.
    pub row: Option<String>,
    /// What came instead; `nothing`.
    pub got: Option<String>,
    /// The rules of the judge that were broken and that the profile does not know of.
    pub rules: BTreeSet<String>,
    /// The capability that is missing.
    pub lacks: Option<String>,
}

/// The outcomes that are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// A MUST is broken.
    Fail,
    /// A SHOULD is broken, `--strict` or not.
    Warning,
    /// A MAY.
    NotObserved,
    /// The profile says that it fails.
    UnexpectedPass,
    /// A capability is missing.
    NotApplicable,
    /// Its set-up does not come out.
    Inconclusive,
}

impl Word {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Fail,
        Self::Warning,
        Self::NotObserved,
        Self::UnexpectedPass,
        Self::NotApplicable,
        Self::Inconclusive,
    ];

    /// As it is written.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Warning => "warning",
            Self::NotObserved => "not observed",
            Self::UnexpectedPass => "unexpected pass",
            Self::NotApplicable => "not applicable",
            Self::Inconclusive => "inconclusive",
        }
    }
}

/// A scenario beside its entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// How the two differ.
    pub change: Change,
    /// What the list says, in one line.
    pub listed: String,
    /// What came out, in one line.
    pub found: String,
    /// The line of the entry; none if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The entry's reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// How a scenario and its entry differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// Not at all.
    None,
    /// It does not pass, and has no entry.
    New,
    /// It comes out in another way.
    Changed,
    /// It passes, or the profile knows of it now.
    Stale,
}

/// What a run and a list have in common.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compared {
    /// The file.
    pub file: String,
    /// How many scenarios came out as their entries say.
    pub as_listed: usize,
    /// How many do not pass and have no entry.
    pub new: usize,
    /// How many came out in another way than their entries say.
    pub changed: usize,
    /// How many pass that have an entry.
    pub stale: usize,
    /// How many have an entry and could not be compared: not run, or inconclusive.
    pub undecided: usize,
    /// Entries of scenarios that are not in the suite, in a run of the whole of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<String>,
    /// Rules listed as not shown by the suite that it shows, in a run of the whole of it: to be taken out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shown_rules: Vec<String>,
}

/// What came of a scenario, as far as a list is concerned.
enum Came {
    /// It passed, or failed as the profile says.
    Fine,
    /// Nothing is known.
    Unknown,
    /// Otherwise.
    Odd(Outcome),
}

impl Expected {
    /// Tells each scenario of the report how it stands to the list, and the report how many do so. `is_whole`: the report
    /// is of a whole suite.
    pub fn compare(&self, report: &mut Report, is_whole: bool) {
        let mut all = Compared { file: self.file.clone(), ..Compared::default() };
        for scenario in &mut report.scenarios {
            let entry = self.entries.get(&scenario.id);
            scenario.standing = standing(scenario, entry);
            match scenario.standing.as_ref().map(|standing| standing.change) {
                Some(Change::None) => all.as_listed += 1,
                Some(Change::New) => all.new += 1,
                Some(Change::Changed) => all.changed += 1,
                Some(Change::Stale) => all.stale += 1,
                None => all.undecided += usize::from(entry.is_some()),
            }
        }
        if is_whole {
            all.gone = self.gone(report);
            for unshown in &mut report.unshown {
                unshown.is_listed = self.unshown_rules.contains(&unshown.rule);
            }
            let is_shown = |rule: &&String| report.unshown.iter().all(|unshown| unshown.rule != **rule);
            all.shown_rules = self.unshown_rules.iter().filter(is_shown).cloned().collect();
        }
        report.expected = Some(all);
    }

    /// Entries of scenarios that the report does not have, as they stand in the file.
    fn gone(&self, report: &Report) -> Vec<String> {
        let known: BTreeSet<&str> = report.scenarios.iter().map(|own| own.id.as_str()).collect();
        // An entry for both versions of IP is in use if one of them is.
        let used = self.entries.iter().filter(|(id, _)| known.contains(id.as_str()));
        let used: BTreeSet<usize> = used.map(|(_, entry)| entry.line).collect();
        let gone = self.entries.values().filter(|entry| !used.contains(&entry.line));
        let gone: BTreeSet<&str> = gone.map(|entry| entry.id.as_str()).collect();
        gone.into_iter().map(str::to_owned).collect()
    }
}

/// How a scenario stands to its entry; none if there is nothing to say, or nothing can be said.
fn standing(scenario: &ScenarioReport, entry: Option<&Entry>) -> Option<Standing> {
    let (change, found) = match (came(scenario), entry) {
        (Came::Unknown, _) | (Came::Fine, None) => return None,
        (Came::Fine, Some(_)) => (Change::Stale, scenario.word(false).to_owned()),
        (Came::Odd(found), Some(entry)) if entry.outcome.is_as(&found) => (Change::None, found.to_string()),
        // Set-up that does not come out says nothing new about the device.
        (Came::Odd(Outcome { verdict: Word::Inconclusive, .. }), _) => return None,
        (Came::Odd(found), Some(_)) => (Change::Changed, found.to_string()),
        (Came::Odd(found), None) => (Change::New, found.to_string()),
    };
    let listed = entry.map_or_else(|| "pass".to_owned(), |entry| entry.outcome.to_string());
    let (line, reason) = (entry.map(|entry| entry.line), entry.and_then(|entry| entry.reason.clone()));
    Some(Standing { change, listed, found, line, reason })
}

/// What came of a scenario.
fn came(scenario: &ScenarioReport) -> Came {
    let verdict = match &scenario.verdict {
        Verdict::Pass | Verdict::KnownDeviation { .. } => return Came::Fine,
        Verdict::NotRun { .. } => return Came::Unknown,
        // It was the machine's fault, and may come out next time.
        Verdict::Inconclusive { .. } if !scenario.repeated.is_empty() => return Came::Unknown,
        Verdict::Inconclusive { .. } => Word::Inconclusive,
        Verdict::UnexpectedPass { .. } => Word::UnexpectedPass,
        Verdict::NotApplicable { .. } => Word::NotApplicable,
        Verdict::Fail => match scenario.failed_level() {
            Level::Must => Word::Fail,
            Level::Should => Word::Warning,
            Level::May => Word::NotObserved,
        },
    };
    let failure = scenario.failure.as_deref().filter(|failure| failure.excuse.is_none());
    let of_rules = scenario.unknown_rules().find_map(|broken| broken.clauses.first());
    let lacks = match &scenario.verdict {
        Verdict::NotApplicable { capability } => Some(capability.clone()),
        _ => None,
    };
    let got = |got: &str| if got.is_empty() { "nothing".to_owned() } else { got.to_owned() };
    Came::Odd(Outcome {
        verdict,
        clause: failure.and_then(|failure| failure.clause.as_ref()).or(of_rules).cloned(),
        row: failure.map(|failure| normal(&failure.row)),
        got: failure.map(|failure| got(&normal(&failure.got))),
        rules: scenario.unknown_rules().map(|broken| broken.rule.clone()).collect(),
        lacks,
    })
}

impl Outcome {
    /// Whether `found` is what is expected here; clauses are not compared.
    fn is_as(&self, found: &Self) -> bool {
        let Self { verdict, clause: _, row, got, rules, lacks } = self;
        let is_text = |own: &Option<String>, other: &Option<String>| match (own, other) {
            (None, None) => true,
            (Some(own), Some(other)) => holds(own, other),
            _ => false,
        };
        *verdict == found.verdict
            && is_text(row, &found.row)
            && is_text(got, &found.got)
            && *rules == found.rules
            && *lacks == found.lacks
    }
}

impl fmt::Display for Outcome {
    /// In one line: `fail at <-- <SEQ=300>, got nothing; broken rule nagle`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.verdict.text())?;
        if let Some(row) = &self.row {
            write!(f, " at {row}")?;
        }
        if let Some(got) = &self.got {
            write!(f, ", got {got}")?;
        }
        if !self.rules.is_empty() {
            let rules: Vec<&str> = self.rules.iter().map(String::as_str).collect();
            write!(f, "; broken rule {}", rules.join(", "))?;
        }
        self.lacks.as_ref().map_or(Ok(()), |lacks| write!(f, ", lacks {lacks}"))
    }
}

/// Both versions of IP, as ids end.
const VERSIONS: [&str; 2] = ["/ipv4", "/ipv6"];

fn without_ip(id: &str) -> &str {
    VERSIONS.iter().find_map(|version| id.strip_suffix(version)).unwrap_or(id)
}
