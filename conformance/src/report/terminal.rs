//! The report as people read it: a tree by feature and clause, what failed in full, counts.
//!
//! ```text
//! Opening a connection  features/tcp/handshake.feature
//!   RFC 9293 3.5 MUST-10  Two ends that open to each other at the same time end up with one connection.
//!     ok    Both ends open at once  IPv4 IPv6
//! ```

mod summary;

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::broken_rule;
use super::expected::{Change, Standing};
use super::failure;
use super::model::{Failure, Level, Report, ScenarioReport, Verdict, Weight};
use super::style::{BAD, DIM, GOOD, HEAD, ODD, Styled};
use crate::requirement::{Clause, registry};

use anstyle::Style;

/// So many failures of one outline are told in full, of the further rows the least: they tend to be alike.
const ROWS_IN_FULL: usize = 2;

/// Writes the whole report.
///
/// # Errors
///
/// Those of `out`.
pub fn write(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    for scenarios in features(report) {
        feature(out, report, &scenarios)?;
    }
    let mut told: BTreeMap<&str, usize> = BTreeMap::new();
    for group in failures(report) {
        let Some(first) = group.first() else { continue };
        let before = told.entry(stem(&first.id)).or_insert(0);
        *before += 1;
        match *before {
            ..=ROWS_IN_FULL => {
                writeln!(out)?;
                in_full(out, report, &group)?;
            }
            _ => in_short(out, report, &group)?,
        }
    }
    summary::notes(out, report)?;
    summary::rules(out, report)?;
    writeln!(out)?;
    summary::counts(out, report)
}

/// The scenarios of each feature file, in the order of the report.
fn features(report: &Report) -> Vec<Vec<&ScenarioReport>> {
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut features: Vec<Vec<&ScenarioReport>> = Vec::new();
    for scenario in &report.scenarios {
        let place = *places.entry(&scenario.file).or_insert(features.len());
        match features.get_mut(place) {
            Some(feature) => feature.push(scenario),
            None => features.push(vec![scenario]),
        }
    }
    features
}

/// One feature: its clauses, below each the scenarios that it is the strictest clause of.
fn feature(out: &mut dyn Write, report: &Report, scenarios: &[&ScenarioReport]) -> io::Result<()> {
    let Some(first) = scenarios.first() else { return Ok(()) };
    writeln!(out, "\n{}  {}", Styled(HEAD, &first.feature), Styled(DIM, &first.file))?;
    let mut clauses: BTreeMap<SortedClause<'_>, Vec<&ScenarioReport>> = BTreeMap::new();
    for scenario in scenarios {
        if let Some(clause) = main_clause(scenario) {
            clauses.entry(SortedClause(sort_key(clause), clause)).or_default().push(scenario);
        }
    }
    for (SortedClause(_, clause), scenarios) in clauses {
        let summary = registry().summary(clause).unwrap_or_default();
        writeln!(out, "  {clause}  {}", Styled(DIM, summary))?;
        for group in same_text(&scenarios) {
            line(out, report, &group)?;
        }
    }
    Ok(())
}

/// A clause with what it is sorted by: RFC, section by its numbers, id.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct SortedClause<'c>((u16, Vec<u32>), &'c Clause);

/// RFC and section, so that 3.10 comes behind 3.9; letters of appendices come last.
pub fn sort_key(clause: &Clause) -> (u16, Vec<u32>) {
    let number = |part: &str| {
        part.parse().unwrap_or_else(|_| u32::MAX - 26 + part.bytes().next().map_or(0, u32::from) % 26)
    };
    (clause.rfc, clause.section.split('.').map(number).collect())
}

/// The clause under which a scenario stands: the strictest, the first of several.
fn main_clause(scenario: &ScenarioReport) -> Option<&Clause> {
    scenario.clauses.iter().rev().max_by_key(|clause| registry().level(clause))
}

/// Scenarios that differ in nothing but the version of IP or the outline row.
fn same_text<'s>(scenarios: &[&'s ScenarioReport]) -> Vec<Vec<&'s ScenarioReport>> {
    let mut groups: Vec<Vec<&ScenarioReport>> = Vec::new();
    for scenario in scenarios {
        let is_same = |group: &&mut Vec<&ScenarioReport>| {
            group
                .first()
                .is_some_and(|first| stem(&first.id) == stem(&scenario.id) && first.name == scenario.name)
        };
        match groups.iter_mut().rev().find(is_same) {
            Some(group) => group.push(scenario),
            None => groups.push(vec![scenario]),
        }
    }
    groups
}

/// An id without row and version of IP.
fn stem(id: &str) -> &str {
    let id = id.rsplit_once('/').map_or(id, |(id, _)| id);
    id.split_once('#').map_or(id, |(id, _)| id)
}

/// One line of the tree: the worst that came out, the name, and which versions or rows it came out for.
fn line(out: &mut dyn Write, report: &Report, group: &[&ScenarioReport]) -> io::Result<()> {
    let Some(worst) = group.iter().rev().max_by_key(|s| (s.weight(report.strict), rank(&s.verdict))) else {
        return Ok(());
    };
    let (style, word) = mark(worst, report.strict);
    let same = group.iter().filter(|s| mark(s, report.strict).1 == word);
    let all = same.clone().count() == group.len();
    let rows = group.iter().filter_map(|s| s.row).collect::<std::collections::BTreeSet<_>>().len();
    let mut versions: Vec<String> = match all {
        true => group.iter().map(|s| s.ip.to_string()).collect(),
        false => {
            same.map(|s| s.row.map_or_else(|| s.ip.to_string(), |row| format!("{} #{row}", s.ip))).collect()
        }
    };
    versions.sort();
    versions.dedup();
    let mut detail = versions.join(if all { " " } else { ", " });
    if all && rows > 1 {
        detail = format!("{rows} rows, {detail}");
    }
    if !all {
        detail = format!("{detail} of {}", group.len());
    }
    if let Some(most) = group.iter().map(|s| s.runs()).max().filter(|most| *most > 1) {
        detail = format!("{detail}, run up to {most} times");
    }
    writeln!(out, "    {:<5} {}  {}", Styled(style, word), worst.name, Styled(DIM, &detail))
}

/// Among verdicts of one weight: the one that is told.
fn rank(verdict: &Verdict) -> u8 {
    match verdict {
        Verdict::Pass => 0,
        Verdict::NotApplicable { .. } => 1,
        Verdict::NotRun { .. } => 2,
        Verdict::KnownDeviation { .. } => 3,
        Verdict::UnexpectedPass { .. } => 4,
        Verdict::Inconclusive { .. } => 5,
        Verdict::Fail => 6,
    }
}

/// The word of at most five letters for what came out: how it differs from what is expected, or else the verdict.
fn mark(scenario: &ScenarioReport, strict: bool) -> (Style, &'static str) {
    match scenario.change() {
        Some(Change::New) => (BAD, "NEW"),
        Some(Change::Changed) => (BAD, "OTHER"),
        Some(Change::Stale) => (BAD, "STALE"),
        // What is expected does not cry.
        Some(Change::None) => match mark_of_verdict(scenario, strict).1 {
            "FAIL" => (ODD, "fail"),
            "PASS!" => (ODD, "pass!"),
            word => (ODD, word),
        },
        None => mark_of_verdict(scenario, strict),
    }
}

fn mark_of_verdict(scenario: &ScenarioReport, strict: bool) -> (Style, &'static str) {
    match (&scenario.verdict, scenario.weight_of_verdict(strict)) {
        (Verdict::Pass, _) if scenario.level == Level::May => (GOOD, "seen"),
        (Verdict::Pass, _) => (GOOD, "ok"),
        (Verdict::Fail, Weight::Warning) => (ODD, "warn"),
        (Verdict::Fail, Weight::Fine) => (DIM, "not"),
        (Verdict::Fail, _) => (BAD, "FAIL"),
        (Verdict::KnownDeviation { .. }, _) => (ODD, "known"),
        (Verdict::UnexpectedPass { .. }, _) => (BAD, "PASS!"),
        (Verdict::NotApplicable { .. }, _) => (DIM, "n/a"),
        (Verdict::NotRun { .. }, _) => (DIM, "-"),
        (Verdict::Inconclusive { .. }, _) => (ODD, "?"),
    }
}

/// What is told in full: failures and warnings, and what could not be decided. Those that differ only in the version
/// of IP are told once.
fn failures(report: &Report) -> Vec<Vec<&ScenarioReport>> {
    let mut groups: Vec<Vec<&ScenarioReport>> = Vec::new();
    for scenario in report.scenarios.iter().filter(|s| s.weight(report.strict) != Weight::Fine) {
        let rules =
            |s: &ScenarioReport| -> Vec<String> { s.unknown_rules().map(|own| own.rule.clone()).collect() };
        let listed = |s: &ScenarioReport| s.standing.as_ref().map(|standing| standing.listed.clone());
        let row_id = |s: &ScenarioReport| s.id.rsplit_once('/').map(|(id, _)| id.to_owned());
        let is_same = |group: &&mut Vec<&ScenarioReport>| {
            group.first().is_some_and(|first| {
                row_id(first) == row_id(scenario)
                    && first.verdict == scenario.verdict
                    && first.change() == scenario.change()
                    && listed(first) == listed(scenario)
                    && alike(first.failure.as_deref(), scenario.failure.as_deref())
                    && rules(first) == rules(scenario)
            })
        };
        match groups.iter_mut().rev().find(is_same) {
            Some(group) => group.push(scenario),
            None => groups.push(vec![scenario]),
        }
    }
    groups
}

/// Whether two failures say the same of two versions of IP, whose segments differ in their MSS. What came is compared
/// where no field tells the difference.
fn alike(a: Option<&Failure>, b: Option<&Failure>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => {
            let got =
                |own: &Failure| if own.differences.is_empty() { own.got.clone() } else { String::new() };
            (a.line, &a.summary, &a.expected, &a.differences)
                == (b.line, &b.summary, &b.expected, &b.differences)
                && got(a) == got(b)
        }
        (None, None) => true,
        _ => false,
    }
}

fn in_full(out: &mut dyn Write, report: &Report, group: &[&ScenarioReport]) -> io::Result<()> {
    let Some(scenario) = group.first() else { return Ok(()) };
    let (style, word) = match (scenario.weight(report.strict), scenario.change()) {
        (_, Some(Change::New)) => (BAD, "NEW"),
        (_, Some(Change::Changed)) => (BAD, "CHANGED"),
        (_, Some(Change::Stale)) => (BAD, "STALE"),
        (Weight::Warning, _) => (ODD, "WARNING"),
        (Weight::Undecided, _) => (ODD, "INCONCLUSIVE"),
        (Weight::Failure | Weight::Fine, _) => (BAD, "FAIL"),
    };
    let versions: Vec<String> = group.iter().map(|s| s.ip.to_string()).collect();
    let name = format!("{} ({})", scenario.name, versions.join(" and "));
    writeln!(out, "{} {}  {}", Styled(style, word), Styled(HEAD, &name), Styled(DIM, &scenario.id))?;
    if let (Some(standing), Some(list)) = (&scenario.standing, &report.expected) {
        both_sides(out, standing, &list.file)?;
    }
    match &scenario.verdict {
        Verdict::UnexpectedPass { reason } => {
            writeln!(out, "  passes, although the device's profile says it cannot: {reason}")?;
            writeln!(out, "  take the entry out of the profile")?;
        }
        Verdict::Inconclusive { why } => {
            writeln!(out, "  nothing can be said: {why}")?;
            if !scenario.repeated.is_empty() {
                writeln!(out, "  nor after the {} runs before this one", scenario.repeated.len())?;
            }
        }
        _ => {}
    }
    what_went_wrong(out, scenario)
}

/// What the list says and what came out.
fn both_sides(out: &mut dyn Write, standing: &Standing, file: &str) -> io::Result<()> {
    let Standing { listed, found, line, reason, .. } = standing;
    let place = match line {
        Some(line) => format!("{file}:{line}"),
        None => format!("{file} has no entry for it"),
    };
    failure::line(out, "listed", &format!("{listed}  {}", Styled(DIM, &place)))?;
    if let Some(reason) = reason {
        failure::line(out, "because", reason)?;
    }
    failure::line(out, "found", found)
}

/// What the ladder found and what the judge found, each in full, and the command that repeats it. Rules that are known
/// to be broken are told where nothing else is.
///
/// # Errors
///
/// Those of `out`.
pub(super) fn what_went_wrong(out: &mut dyn Write, scenario: &ScenarioReport) -> io::Result<()> {
    if let Some(failure) = &scenario.failure {
        failure::write(out, failure)?;
    }
    let known = scenario.broken_rules.iter().filter(|broken| broken.known.is_some());
    let is_all_known = scenario.unknown_rules().next().is_none();
    let mut is_first = scenario.failure.is_none();
    for broken in scenario.unknown_rules().chain(known.filter(|_| is_all_known)) {
        if !std::mem::take(&mut is_first) {
            writeln!(out)?;
        }
        broken_rule::write(out, broken)?;
    }
    scenario.rerun().map_or(Ok(()), |rerun| failure::write_again(out, rerun))
}

/// A failure in two lines: which row it is, and what was expected and came.
fn in_short(out: &mut dyn Write, report: &Report, group: &[&ScenarioReport]) -> io::Result<()> {
    let Some(scenario) = group.first() else { return Ok(()) };
    let (style, word) = mark(scenario, report.strict);
    let versions: Vec<String> = group.iter().map(|s| s.ip.to_string()).collect();
    let what = match (&scenario.verdict, scenario.failure.as_deref()) {
        (_, Some(failure)) if failure.excuse.is_none() => {
            let or_nothing =
                |text: &str| if text.is_empty() { "nothing".to_owned() } else { text.to_owned() };
            let Failure { summary, expected, got, file, line, .. } = failure;
            format!("{file}:{line}  {summary}: expected {}, got {}", or_nothing(expected), or_nothing(got))
        }
        (Verdict::Inconclusive { why } | Verdict::UnexpectedPass { reason: why }, _) => why.clone(),
        _ => scenario.failed_in_short(),
    };
    writeln!(out, "  {} {} ({})", Styled(style, word), scenario.id, versions.join(" and "))?;
    writeln!(out, "       {what}")
}
