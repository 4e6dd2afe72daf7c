//! Clause by device: what came of each clause on each of several devices, side by side.
//!
//! Of a clause each scenario that bears it counts, by its ladder alone, and each rule of the judge that it demands: a
//! scenario whose ladder held and on whose trace a rule broke counts well for its own clauses and ill for the rule's.
//! A cell shows the worst that came out, and how often.
//!
//! | room | what |
//! |---|---|
//! | [`columns`] | the names of the columns |
//! | [`text`] | for terminals |
//! | [`markdown`] | for pages |

pub mod columns;
pub mod markdown;
#[cfg(test)]
mod tests;
pub mod text;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::clauses::{Order, home, order};
use super::model::{IpVersion, Level, Numbers, Report, ScenarioReport, Verdict};
use crate::oracle::RULES;
use crate::requirement::{Clause, registry};

/// Version of the layout of `wireproof matrix --format json`.
pub const SCHEMA_VERSION: u32 = 1;

/// What came of all clauses on all devices.
#[derive(Clone, Debug, Serialize)]
pub struct Matrix {
    /// [`SCHEMA_VERSION`].
    pub schema: u32,
    /// The devices, in the order in which their reports were given.
    pub columns: Vec<Column>,
    /// The clauses of which any report knows something, in the order of the RFCs.
    pub rows: Vec<Row>,
}

/// One report.
#[derive(Clone, Debug, Serialize)]
pub struct Column {
    /// What it is called here; each name once.
    pub name: String,
    /// The device's name.
    pub device: String,
    /// Its version; empty if it does not tell it.
    pub version: String,
    /// The run's seed.
    pub seed: u64,
    /// Where the tester's numbers lay.
    pub numbers: Numbers,
    /// The program that ran.
    pub tool: String,
    /// The file of the report.
    pub file: String,
    /// How many scenarios ran.
    pub scenarios: usize,
    /// How many clauses came out how.
    pub totals: BTreeMap<Word, usize>,
}

/// One clause.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// Which.
    pub clause: Clause,
    /// How strict it is.
    pub level: Level,
    /// What it says, in our words.
    pub summary: String,
    /// A cell for each column.
    pub cells: Vec<Cell>,
}

/// What came of a clause on a device.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Cell {
    /// The worst of what came out; none if the report knows nothing of the clause.
    pub verdict: Option<Word>,
    /// How many scenarios and rules came out how.
    pub counts: BTreeMap<Word, usize>,
    /// The rules of the judge among them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub rules: BTreeMap<String, Word>,
    /// The scenarios that did not come out well, versions of IP and rows as one.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub against: BTreeSet<String>,
}

/// What came out, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Word {
    /// A MUST is broken.
    Fail,
    /// A SHOULD is broken.
    Warning,
    /// The profile says that it is broken, and it is not.
    UnexpectedPass,
    /// It is broken as the profile says.
    KnownDeviation,
    /// Nothing can be said, although it was tried.
    Inconclusive,
    /// It is kept.
    Pass,
    /// A MAY that the device does.
    Observed,
    /// A MAY that it does not do.
    NotObserved,
    /// The device cannot do what it takes.
    NotApplicable,
    /// It was not tried.
    NotRun,
}

impl Word {
    /// All of them, the worst first.
    pub const ALL: [Self; 10] = [
        Self::Fail,
        Self::Warning,
        Self::UnexpectedPass,
        Self::KnownDeviation,
        Self::Inconclusive,
        Self::Pass,
        Self::Observed,
        Self::NotObserved,
        Self::NotApplicable,
        Self::NotRun,
    ];

    /// As it is written in full.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Warning => "warning",
            Self::UnexpectedPass => "unexpected pass",
            Self::KnownDeviation => "known deviation",
            Self::Inconclusive => "inconclusive",
            Self::Pass => "pass",
            Self::Observed => "observed",
            Self::NotObserved => "not observed",
            Self::NotApplicable => "not applicable",
            Self::NotRun => "not run",
        }
    }

    /// As it stands in cells, at most five letters.
    pub const fn short(self) -> &'static str {
        match self {
            Self::Fail => "FAIL",
            Self::Warning => "warn",
            Self::UnexpectedPass => "PASS!",
            Self::KnownDeviation => "known",
            Self::Inconclusive => "?",
            Self::Pass => "pass",
            Self::Observed => "seen",
            Self::NotObserved => "not",
            Self::NotApplicable => "n/a",
            Self::NotRun => "-",
        }
    }

    /// Whether something was found that was tried.
    pub const fn is_decided(self) -> bool {
        !matches!(self, Self::NotApplicable | Self::NotRun)
    }

    const fn broken(level: Level) -> Self {
        match level {
            Level::Must => Self::Fail,
            Level::Should => Self::Warning,
            Level::May => Self::NotObserved,
        }
    }

    const fn kept(level: Level) -> Self {
        match level {
            Level::Must | Level::Should => Self::Pass,
            Level::May => Self::Observed,
        }
    }
}

impl Cell {
    /// So many came out like the worst.
    pub fn worst(&self) -> usize {
        self.verdict.and_then(|word| self.counts.get(&word)).copied().unwrap_or(0)
    }

    /// So many were tried; all, if none was.
    pub fn tried(&self) -> usize {
        let decided = |only: bool| self.counts.iter().filter(move |(word, _)| !only || word.is_decided());
        let count: usize = decided(true).map(|(_, count)| count).sum();
        if count > 0 { count } else { decided(false).map(|(_, count)| count).sum() }
    }

    fn add(&mut self, word: Word) {
        *self.counts.entry(word).or_insert(0) += 1;
        self.verdict = self.counts.keys().next().copied();
    }
}

impl Matrix {
    /// Puts reports side by side, each with the name of its column and of its file.
    pub fn new(reports: &[(String, String, Report)]) -> Self {
        let mut rows: BTreeMap<Order, Row> = BTreeMap::new();
        let mut cell = |clause: &Clause, column: usize, change: &mut dyn FnMut(&mut Cell)| {
            let clause = home(clause);
            let row = rows.entry(order(&clause)).or_insert_with(|| Row {
                level: registry().level(&clause),
                summary: summary(&clause),
                cells: vec![Cell::default(); reports.len()],
                clause,
            });
            if let Some(cell) = row.cells.get_mut(column) {
                change(cell);
            }
        };
        for (column, (_, _, report)) in reports.iter().enumerate() {
            for scenario in &report.scenarios {
                for clause in clauses_of(scenario) {
                    let word = of_ladder(scenario, registry().level(&home(&clause)));
                    cell(&clause, column, &mut |cell| {
                        cell.add(word);
                        if word < Word::Pass {
                            cell.against.insert(stem(&scenario.id).to_owned());
                        }
                    });
                }
            }
            for (rule, word, clauses) in rules_of(report) {
                for clause in clauses {
                    cell(&clause, column, &mut |cell| {
                        cell.add(word);
                        cell.rules.insert(rule.clone(), word);
                    });
                }
            }
        }
        let rows: Vec<Row> = rows.into_values().collect();
        let columns = reports.iter().enumerate().map(|(at, own)| Column::new(own, at, &rows)).collect();
        Self { schema: SCHEMA_VERSION, columns, rows }
    }

    /// The RFCs of the rows, in their order.
    pub fn rfcs(&self) -> BTreeSet<u16> {
        self.rows.iter().map(|row| row.clause.rfc).collect()
    }
}

impl Column {
    fn new((name, file, report): &(String, String, Report), at: usize, rows: &[Row]) -> Self {
        let mut totals = BTreeMap::new();
        for word in rows.iter().filter_map(|row| row.cells.get(at)?.verdict) {
            *totals.entry(word).or_insert(0) += 1;
        }
        Self {
            name: name.clone(),
            device: report.device.clone(),
            version: report.device_version.clone(),
            seed: report.seed,
            numbers: report.numbers,
            tool: report.tool.clone(),
            file: file.clone(),
            scenarios: report.scenarios.len(),
            totals,
        }
    }
}

/// What a clause says: our summary of it; of a section that has none, what a rule says that it demands, or its title.
fn summary(clause: &Clause) -> String {
    let has_own = clause.id.is_some()
        || registry().rfc(clause.rfc).is_some_and(|rfc| rfc.summaries.contains_key(&clause.section));
    let of_rule = || RULES.iter().find(|rule| rule.clauses().contains(clause)).map(|rule| rule.summary);
    let of_rule = if has_own { None } else { of_rule() };
    of_rule.or_else(|| registry().summary(clause)).unwrap_or_default().to_owned()
}

/// The clauses that a scenario's ladder is about: those of its tags and, if a row failed, that row's.
fn clauses_of(scenario: &ScenarioReport) -> Vec<Clause> {
    let own = scenario.failure.as_ref().and_then(|failure| failure.clause.as_ref());
    let mut clauses: Vec<Clause> = scenario.clauses.iter().chain(own).map(home).collect();
    clauses.sort_by_key(order);
    clauses.dedup();
    clauses
}

/// What a scenario's ladder says of a clause of that level, whatever rules were broken on its trace.
fn of_ladder(scenario: &ScenarioReport, level: Level) -> Word {
    let failure = scenario.failure.as_deref();
    match &scenario.verdict {
        Verdict::Pass => Word::kept(level),
        Verdict::UnexpectedPass { .. } => Word::UnexpectedPass,
        Verdict::NotApplicable { .. } => Word::NotApplicable,
        Verdict::NotRun { .. } => Word::NotRun,
        Verdict::Inconclusive { .. } => Word::Inconclusive,
        // Without a failure a rule alone made it what it is.
        Verdict::Fail | Verdict::KnownDeviation { .. } if failure.is_none() => Word::kept(level),
        Verdict::KnownDeviation { .. } => Word::KnownDeviation,
        Verdict::Fail => match failure.and_then(|failure| failure.excuse.as_deref()) {
            None => Word::broken(level),
            Some(excuse) if excuse.starts_with("known deviation") => Word::KnownDeviation,
            Some(excuse) if excuse.starts_with("not applicable") => Word::NotApplicable,
            Some(_) => Word::Inconclusive,
        },
    }
}

/// What came of each rule that was decided anywhere, and what demands it.
fn rules_of(report: &Report) -> impl Iterator<Item = (String, Word, Vec<Clause>)> {
    let level =
        |name: &str| RULES.iter().find(|rule| rule.name == name).map_or(Level::Must, |rule| rule.level);
    report.rules.iter().map(move |tally| {
        let broken = report.scenarios.iter().flat_map(|scenario| &scenario.broken_rules);
        let mut broken = broken.filter(|broken| broken.rule == tally.rule).peekable();
        let level = level(&tally.rule);
        let word = match (broken.peek().is_some(), broken.any(|broken| broken.known.is_none())) {
            (false, _) => Word::kept(level),
            (true, true) => Word::broken(level),
            (true, false) => Word::KnownDeviation,
        };
        (tally.rule.clone(), word, tally.clauses.clone())
    })
}

/// An id without row and version of IP.
fn stem(id: &str) -> &str {
    let versions = [IpVersion::Ipv4, IpVersion::Ipv6].map(IpVersion::word);
    let id = id.rsplit_once('/').filter(|(_, ip)| versions.contains(ip)).map_or(id, |(id, _)| id);
    id.split_once('#').map_or(id, |(id, _)| id)
}
