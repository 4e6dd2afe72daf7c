//! The model of a report: all writers tell this, and nothing else.
//!
//! Of a device in virtual time everything but [`WallTime`] follows from the inputs of the run and its seed: two runs give
//! the same values.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::broken_rule::BrokenRule;
use super::expected::{Change, Compared, Standing};
use crate::oracle::{RULES, Rule, RuleId};
use crate::requirement::Clause;
use crate::testbed::Trace;

/// Version of the layout of `report.json`. It grows whenever a reader of the last layout would misread the next: since 2
/// a scenario fails by rules of the judge as well as by its ladder.
pub const SCHEMA_VERSION: u32 = 2;

/// What one run found.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    /// [`SCHEMA_VERSION`] of the writer.
    pub schema: u32,
    /// Name and version of the program that ran, `wireproof 0.1.0`.
    pub tool: String,
    /// Name of the device under test as given to `--device`.
    pub device: String,
    /// Version of the device, as it tells it; empty if it does not.
    pub device_version: String,
    /// The seed from which all numbers of the run were drawn.
    pub seed: u64,
    /// Where the tester's initial sequence numbers lay.
    pub numbers: Numbers,
    /// Whether a broken SHOULD counts as a failure.
    pub strict: bool,
    /// Scenarios that were planned to last longer than so many seconds were not run; none: there was no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_limit: Option<u64>,
    /// One entry for each scenario and IP version, in the order of the feature files.
    pub scenarios: Vec<ScenarioReport>,
    /// What came of each rule of the judge that could be decided anywhere, in the order of the registry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<RuleTally>,
    /// Rules that the profile says are broken somewhere, and that no scenario of the whole suite showed broken: the
    /// profile is out of date.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unshown: Vec<Unshown>,
    /// How the run stands to the list of `--expected`; none without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Compared>,
    /// Real time: the only part that differs between two runs with one seed.
    #[serde(default)]
    pub wall: WallTime,
}

/// What came of one rule of the judge over a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleTally {
    /// Its name.
    pub rule: String,
    /// What demands it.
    pub clauses: Vec<Clause>,
    /// In how many scenarios it was decided and kept.
    pub kept: usize,
    /// In how many it was broken, known deviations counted too.
    pub broken: usize,
}

/// A rule that the profile says is broken, and is not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unshown {
    /// Its name.
    pub rule: String,
    /// The profile's reason.
    pub reason: String,
    /// Whether the list of `--expected` says so, too.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub is_listed: bool,
}

/// How long the run took in real time.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct WallTime {
    /// Milliseconds from the first scenario's start to the last one's end.
    pub millis: u64,
}

impl WallTime {
    /// From a measured time.
    pub fn new(elapsed: Duration) -> Self {
        Self { millis: u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX) }
    }
}

/// Where the tester's initial sequence numbers lie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Numbers {
    /// Anywhere, as the seed says.
    #[default]
    #[serde(rename = "random")]
    Random,
    /// Right below 2^31, so that the sign bit flips during the scenario.
    #[serde(rename = "near-2^31")]
    NearSignBit,
    /// Right below 2^32, so that the numbers wrap during the scenario.
    #[serde(rename = "near-2^32")]
    NearWrap,
}

impl fmt::Display for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Random => "random",
            Self::NearSignBit => "near-2^31",
            Self::NearWrap => "near-2^32",
        })
    }
}

/// The version of IP that a scenario ran over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IpVersion {
    /// RFC 791.
    Ipv4,
    /// RFC 8200.
    Ipv6,
}

impl IpVersion {
    /// As it stands in tags and at the end of ids: `ipv4`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
        }
    }
}

impl fmt::Display for IpVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ipv4 => "IPv4",
            Self::Ipv6 => "IPv6",
        })
    }
}

/// How strict a clause is, by RFC 2119. Prohibitions count as their positive form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Level {
    /// MAY: what a device does is observed, never judged.
    May,
    /// SHOULD, RECOMMENDED: breaking it is a warning, a failure with `--strict`.
    Should,
    /// MUST: breaking it is a failure.
    Must,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::May => "MAY",
            Self::Should => "SHOULD",
            Self::Must => "MUST",
        })
    }
}

/// What one scenario found over one version of IP.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ScenarioReport {
    /// Stable name: file, slug, outline row, version of IP; `tcp/handshake/a-passive-open#2/ipv4`.
    pub id: String,
    /// Name of the feature.
    pub feature: String,
    /// Name of the scenario, placeholders filled.
    pub name: String,
    /// The feature file as the user knows it, `features/tcp/handshake.feature`.
    pub file: String,
    /// Line of the scenario, or of its outline row; from 1.
    pub line: usize,
    /// The version of IP it ran over.
    pub ip: IpVersion,
    /// Number of the outline row, from 1; none outside outlines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<usize>,
    /// All tags that hold, without `@`: the feature's, the rule's, the scenario's, the examples'.
    pub tags: Vec<String>,
    /// The clauses among the tags.
    pub clauses: Vec<Clause>,
    /// The strictest level of the clauses.
    pub level: Level,
    /// What came out.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// What went wrong, for [`Verdict::Fail`], [`Verdict::KnownDeviation`] and, where packets explain it, [`Verdict::Inconclusive`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Box<Failure>>,
    /// The rules of the judge that were broken on its trace, whatever its ladder found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub broken_rules: Vec<BrokenRule>,
    /// The rules of the judge that were decided and kept; not part of JSON, where [`Report::rules`] counts them.
    #[serde(skip)]
    pub kept_rules: Vec<RuleId>,
    /// Alternatives of `either` that lived, in the order of their blocks: line of the block, first row of the branch.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lived: Vec<String>,
    /// The scenario's own time from start to rest, nanoseconds of virtual time.
    pub virtual_nanos: u64,
    /// Why each earlier run of it did not count, in their order: the machine was too slow. All else here is of the last run,
    /// which is inconclusive only if the machine was too slow for that one, too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub repeated: Vec<String>,
    /// How it stands to its entry in the list of `--expected`; none if it passes and has no entry, or nothing can be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing: Option<Standing>,
    /// Name of the capture in the folder of `--report`, if one was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capture: Option<String>,
    /// All that happened, for the capture; not part of JSON.
    #[serde(skip)]
    pub trace: Trace,
}

/// What a scenario found. `architecture.md` ("Verdicts") has the meaning of each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum Verdict {
    /// The device kept the clause, and every rule of the judge.
    Pass,
    /// The device broke the clause, or a rule of the judge. With [`Level::Should`] a warning, with [`Level::May`] "not observed".
    Fail,
    /// The device broke it as its profile says it does.
    KnownDeviation {
        /// The profile's reason.
        reason: String,
    },
    /// The profile says that the device breaks it, and it did not: the profile is out of date.
    UnexpectedPass {
        /// The profile's reason.
        reason: String,
    },
    /// The device cannot do what the scenario needs.
    NotApplicable {
        /// The capability that it lacks.
        capability: String,
    },
    /// It was not run.
    NotRun {
        /// Why not: `needs 600 s`.
        why: String,
    },
    /// Nothing can be said.
    Inconclusive {
        /// Why not: a set-up row that did not hold, a machine that was too slow.
        why: String,
    },
}

/// Why a scenario failed: all that somebody needs who was not there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The clause that the row proves: its own, or the scenario's strictest.
    pub clause: Option<Clause>,
    /// How strict that clause is.
    pub level: Level,
    /// One sentence: what went wrong, `nothing came within 0.5 s`.
    pub summary: String,
    /// The feature file.
    pub file: String,
    /// Line of the row or step in it, from 1.
    pub line: usize,
    /// The row as written, or the step's text.
    pub row: String,
    /// What was expected, in the notation; empty if the row is silence.
    pub expected: String,
    /// What came, in the notation; empty if nothing came.
    pub got: String,
    /// Field by field where the two differ.
    pub differences: Vec<Difference>,
    /// The exchange so far, a line a segment or call, with times, oldest first.
    pub ladder: Vec<String>,
    /// The device's state, where it can tell.
    pub device_state: Option<String>,
    /// What the device logged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub logs: Vec<String>,
    /// The command that runs this scenario alone with this seed.
    pub rerun: String,
    /// Why it would not fail the device by itself, where a broken rule does: it is known, or the set-up's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excuse: Option<String>,
}

/// One field that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The field's name in the notation, `ACK`.
    pub field: String,
    /// The value or range that was expected.
    pub expected: String,
    /// The value that came; `none` if the field is absent.
    pub got: String,
}

/// What a scenario means for the run as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// As it should be, or nothing to be judged.
    Fine,
    /// A broken SHOULD.
    Warning,
    /// Nothing can be said about a scenario that was to be judged.
    Undecided,
    /// The device failed, or its list of known deviations is out of date.
    Failure,
}

impl ScenarioReport {
    /// What this scenario means for the run: with a list of `--expected`, whether it is as listed; else its verdict, of
    /// which `strict` makes a broken SHOULD a failure.
    pub fn weight(&self, strict: bool) -> Weight {
        match self.change() {
            Some(Change::None) => Weight::Fine,
            Some(Change::New | Change::Changed | Change::Stale) => Weight::Failure,
            None => self.weight_of_verdict(strict),
        }
    }

    /// How it differs from its entry in the list of `--expected`, where it can be compared.
    pub fn change(&self) -> Option<Change> {
        self.standing.as_ref().map(|standing| standing.change)
    }

    /// What its verdict means, whatever is expected.
    pub fn weight_of_verdict(&self, strict: bool) -> Weight {
        match &self.verdict {
            Verdict::Fail => match self.failed_level() {
                Level::Must => Weight::Failure,
                Level::Should if strict => Weight::Failure,
                Level::Should => Weight::Warning,
                Level::May => Weight::Fine,
            },
            Verdict::UnexpectedPass { .. } => Weight::Failure,
            Verdict::Inconclusive { .. } => Weight::Undecided,
            Verdict::Pass
            | Verdict::KnownDeviation { .. }
            | Verdict::NotApplicable { .. }
            | Verdict::NotRun { .. } => Weight::Fine,
        }
    }

    /// How often it was run: 0 if it was never begun, more than once if the machine was too slow.
    pub fn runs(&self) -> usize {
        match &self.verdict {
            Verdict::NotRun { .. } => 0,
            _ => self.repeated.len() + 1,
        }
    }

    /// What came out, in words that counts are given in; `strict` makes a broken SHOULD a failure.
    pub fn word(&self, strict: bool) -> &'static str {
        match (&self.verdict, self.weight_of_verdict(strict)) {
            (Verdict::Pass, _) => "pass",
            (Verdict::Fail, Weight::Warning) => "warning",
            (Verdict::Fail, Weight::Fine) => "not observed",
            (Verdict::Fail, _) => "fail",
            (Verdict::KnownDeviation { .. }, _) => "known deviation",
            (Verdict::UnexpectedPass { .. }, _) => "unexpected pass",
            (Verdict::NotApplicable { .. }, _) => "not applicable",
            (Verdict::NotRun { .. }, _) => "not run",
            (Verdict::Inconclusive { .. }, _) => "inconclusive",
        }
    }

    /// The level of the strictest clause or rule that broke and is not known to, or the scenario's own.
    pub fn failed_level(&self) -> Level {
        let of_ladder =
            self.failure.iter().filter(|failure| failure.excuse.is_none()).map(|failure| failure.level);
        of_ladder.chain(self.unknown_rules().map(|broken| broken.level)).max().unwrap_or(self.level)
    }

    /// The rules that were broken and are not known to be.
    pub fn unknown_rules(&self) -> impl Iterator<Item = &BrokenRule> {
        self.broken_rules.iter().filter(|broken| broken.known.is_none())
    }

    /// What failed first, in one line: the ladder, or else a rule.
    pub fn failed_in_short(&self) -> String {
        let of_ladder = self.failure.iter().filter(|failure| failure.excuse.is_none());
        let of_ladder = of_ladder.map(|failure| failure.summary.clone()).next();
        of_ladder.or_else(|| self.unknown_rules().next().map(BrokenRule::in_short)).unwrap_or_default()
    }

    /// The command that runs it alone, if anything went wrong.
    pub fn rerun(&self) -> Option<&str> {
        let of_rules = self.broken_rules.first().map(|broken| broken.rerun.as_str());
        self.failure.as_ref().map(|failure| failure.rerun.as_str()).or(of_rules)
    }
}

impl RuleTally {
    /// What came of each rule over these scenarios.
    pub fn of(scenarios: &[ScenarioReport]) -> Vec<Self> {
        let of_rule = |rule: &Rule| {
            let kept = scenarios.iter().filter(|scenario| scenario.kept_rules.contains(&rule.id)).count();
            let is_broken = |scenario: &&ScenarioReport| {
                scenario.broken_rules.iter().any(|broken| broken.rule == rule.name)
            };
            let broken = scenarios.iter().filter(is_broken).count();
            let tally = Self { rule: rule.name.to_owned(), clauses: rule.clauses(), kept, broken };
            (kept + broken > 0).then_some(tally)
        };
        RULES.iter().filter_map(of_rule).collect()
    }
}

impl Report {
    /// The exit code when all that came out has just been listed as expected: 2 if the machine was too slow for a scenario,
    /// which is not listed, else 0.
    pub fn exit_code_when_listed(&self) -> u8 {
        let is_unknown = |own: &ScenarioReport| {
            matches!(own.verdict, Verdict::Inconclusive { .. }) && !own.repeated.is_empty()
        };
        if self.scenarios.iter().any(is_unknown) { 2 } else { 0 }
    }

    /// 0 all well, 1 the device failed, or came out otherwise than the list of `--expected` says, 2 the run could not be made (inconclusive and nothing failed).
    pub fn exit_code(&self) -> u8 {
        match self.scenarios.iter().map(|s| s.weight(self.strict)).max() {
            _ if self.unshown.iter().any(|unshown| !unshown.is_listed) => 1,
            _ if self.expected.as_ref().is_some_and(|list| !list.shown_rules.is_empty()) => 1,
            Some(Weight::Failure) => 1,
            Some(Weight::Undecided) => 2,
            Some(Weight::Warning | Weight::Fine) | None => 0,
        }
    }
}
