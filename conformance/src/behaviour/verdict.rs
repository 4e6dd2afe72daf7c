//! What came out of a scenario, as its report: what its ladder found, and what the judge found on its trace.

use super::Config;
use super::act::Act;
use super::features::ladders;
use super::judged::Judged;
use super::prepare::Prepared;
use super::world::{Broken, Stop, World};
use crate::exchange::story;
use crate::report::{Failure, ScenarioReport, Verdict};
use crate::requirement::{Clause, registry};
use crate::testbed::Trace;
use wireproof_reference::time::Duration;

/// The last lines of the exchange that a failure shows.
const SHOWN_LINES: usize = 24;

/// The least by which the harness has to come late for that to count, whatever the device's times are.
const LATE: Duration = Duration::from_millis(10);

/// What came out of a scenario.
pub(super) struct Outcome {
    pub(super) report: ScenarioReport,
    /// Nothing can be said because the machine stood still: another run may tell.
    pub(super) is_disturbed: bool,
}

impl Outcome {
    /// Another run would come to the same.
    pub(super) const fn settled(report: ScenarioReport) -> Self {
        Self { report, is_disturbed: false }
    }
}

/// What comes out of a scenario that has ended.
pub(super) fn outcome(config: &Config, mut world: World) -> Outcome {
    let stop = world.stop.take();
    let prepared = world.prepared.clone();
    let id = &prepared.scenario.id;
    let (of_ladder, mut failure) = match stop {
        None => match config.profile.expected(id) {
            Some(known) => (Verdict::UnexpectedPass { reason: known.reason.clone() }, None),
            None => (Verdict::Pass, None),
        },
        Some(Stop::Undecided(why)) => (Verdict::Inconclusive { why }, None),
        Some(Stop::Lacking(capability)) => (Verdict::NotApplicable { capability }, None),
        Some(Stop::Broken(broken)) => {
            let failure = failure(config, &mut world, &broken);
            let is_set_up = prepared.steps.get(broken.step).is_none_or(|step| step.is_set_up);
            let verdict = match config.profile.known(id, &failure.row, &failure.got) {
                _ if broken.mismatch.is_ladders_fault => Verdict::Inconclusive {
                    why: format!(
                        "the scenario cannot be followed: {}: {}",
                        place_of_fault(&prepared, &broken, &failure),
                        failure.summary
                    ),
                },
                Some(known) => Verdict::KnownDeviation { reason: known.reason.clone() },
                None if is_set_up && !broken.is_device => {
                    Verdict::Inconclusive { why: format!("set-up did not come out: {}", failure.summary) }
                }
                None => Verdict::Fail,
            };
            (verdict, Some(Box::new(failure)))
        }
    };
    let virtual_nanos =
        world.session.as_ref().map_or(0, |session| session.now().since(world.start).as_nanos());
    if failure.is_some() && config.is_judged {
        world.linger();
    }
    let disturbance = disturbance(&world);
    let judged = Judged::of(config, &world);
    let verdict = judged.weigh(config, id, of_ladder, failure.as_deref_mut());
    let lived = std::mem::take(&mut world.view.lived);
    let mut trace = world.session.as_mut().map_or_else(Trace::default, crate::exchange::Session::take_trace);
    judged.annotate(&mut trace);
    let Judged { broken: broken_rules, kept: kept_rules, .. } = judged;
    let report = blank(&prepared);
    let report =
        ScenarioReport { verdict, failure, broken_rules, kept_rules, lived, virtual_nanos, trace, ..report };
    match disturbance {
        Some(disturbance) if is_against_device(&report.verdict) => {
            Outcome { report: undecided(report, &disturbance), is_disturbed: true }
        }
        _ => Outcome::settled(report),
    }
}

/// How late the harness came itself, if that is more than the device's times leave.
fn disturbance(world: &World) -> Option<String> {
    let session = world.session.as_ref()?;
    let (late, timing) = (session.testbed().lateness(), session.timing());
    // Of what is allowed for a third is left to the device.
    let allowed = (timing.at_once.min(timing.granularity) * 2 / 3).max(LATE);
    (late > allowed).then(|| {
        let late = Duration::from_millis(late.as_millis());
        format!(
            "the machine stood still for {late}, and {allowed} are what the device's times leave for that"
        )
    })
}

/// Whether a verdict says of the device something that the machine may have done.
fn is_against_device(verdict: &Verdict) -> bool {
    match verdict {
        Verdict::Fail | Verdict::UnexpectedPass { .. } | Verdict::Inconclusive { .. } => true,
        Verdict::Pass
        | Verdict::KnownDeviation { .. }
        | Verdict::NotApplicable { .. }
        | Verdict::NotRun { .. } => false,
    }
}

/// The same report, which says nothing of the device.
fn undecided(report: ScenarioReport, disturbance: &str) -> ScenarioReport {
    let missed = match (&report.failure, report.broken_rules.first()) {
        (Some(failure), _) => format!("; then: {}", failure.summary),
        (None, Some(broken)) => format!("; then: {} seemed broken", broken.rule),
        (None, None) => String::new(),
    };
    let verdict = Verdict::Inconclusive { why: format!("{disturbance}{missed}") };
    ScenarioReport { verdict, failure: None, broken_rules: Vec::new(), ..report }
}

/// The report of a scenario that was not begun.
pub(super) fn without_run(prepared: &Prepared, verdict: Verdict) -> ScenarioReport {
    ScenarioReport { verdict, ..blank(prepared) }
}

fn blank(prepared: &Prepared) -> ScenarioReport {
    let scenario = &prepared.scenario;
    ScenarioReport {
        id: scenario.id.clone(),
        feature: scenario.feature.to_string(),
        name: scenario.name.clone(),
        file: scenario.file.to_string(),
        line: scenario.line,
        ip: scenario.ip,
        row: scenario.row,
        tags: scenario.tags.clone(),
        clauses: scenario.clauses.clone(),
        level: scenario.level,
        verdict: Verdict::Pass,
        failure: None,
        broken_rules: Vec::new(),
        kept_rules: Vec::new(),
        lived: Vec::new(),
        virtual_nanos: 0,
        repeated: Vec::new(),
        standing: None,
        capture: None,
        trace: Trace::default(),
    }
}

fn failure(config: &Config, world: &mut World, broken: &Broken) -> Failure {
    let prepared = world.prepared.clone();
    let scenario = &prepared.scenario;
    let mismatch = &broken.mismatch;
    let step = prepared.steps.get(broken.step);
    let program = step.and_then(|step| match &step.act {
        Act::Exchange(program) => Some(program),
        Act::Prepare { program, .. } => program.as_ref(),
        Act::Listen { .. }
        | Act::Connect { .. }
        | Act::Introduce { .. }
        | Act::NoLonger { .. }
        | Act::FillsHoles => None,
    });
    let row = program.zip(mismatch.row).map(|(program, id)| program.row(id));
    let clause: Option<Clause> = row.and_then(|row| row.clause.as_ref()?.parse().ok());
    let level = clause.as_ref().map_or(scenario.level, |clause| registry().level(clause));
    let text = scenario.steps.get(broken.step);
    // Rows of a step's own ladder have no line in the file: the step's stands for them.
    let line = row.map(|row| row.place.line).filter(|_| text.is_some_and(|step| step.table.is_some()));
    let written = line.and_then(|line| row_as_written(text?, line));
    let phrase = text.map(|step| format!("{} {}", step.keyword, step.text)).unwrap_or_default();
    let row_text = match (written, row) {
        (Some(written), _) => written,
        (None, Some(row)) => format!("{phrase}: {row}"),
        (None, None) => phrase,
    };
    let connection = row.and_then(|row| row.conn.clone());
    // Behind the last row nobody can say which of several connections is meant.
    let is_clear = row.is_some() || world.view.connections.len() == 1;
    let device_state = is_clear.then(|| device_state(world, connection.as_deref())).flatten();
    let (start, session) = (world.start, world.session.as_ref());
    Failure {
        clause: clause.or_else(|| scenario.strictest_clause().cloned()),
        level,
        summary: mismatch.summary.clone(),
        file: scenario.file.to_string(),
        line: line.or(text.map(|step| step.line)).unwrap_or(scenario.line),
        row: row_text,
        expected: mismatch.expected.clone(),
        got: mismatch.got.clone(),
        differences: mismatch.differences.clone(),
        ladder: session
            .map(|session| story::ladder(session, &world.view, start, SHOWN_LINES))
            .unwrap_or_default(),
        device_state,
        logs: session.map(story::logs).unwrap_or_default(),
        rerun: (config.rerun)(&scenario.id, &scenario.file),
        excuse: None,
    }
}

/// File, line and column of a row that cannot be followed: of the element that the summary begins with, or of the cell.
fn place_of_fault(prepared: &Prepared, broken: &Broken, failure: &Failure) -> String {
    let step = prepared.scenario.steps.get(broken.step);
    let table = step.and_then(|step| step.table.as_ref());
    let row = table.and_then(|table| table.rows.iter().position(|row| row.line == failure.line));
    let cell = table.zip(row).and_then(|(table, row)| {
        let element = failure.summary.split_once(':').map(|(element, _)| format!("<{element}"));
        let cell = ladders::cell_of(table, row, "segment")?;
        let offset = element.and_then(|element| cell.text.find(&element));
        let offset = cell.text.get(..offset.unwrap_or(0)).unwrap_or_default().chars().count();
        Some(table.rows.get(row)?.column_of(cell, offset, 1).0)
    });
    let column = cell.or(step.map(|step| step.column)).unwrap_or(1);
    format!("{}:{}:{column}", failure.file, failure.line)
}

/// The cells of the row in that line, with bars between them.
fn row_as_written(step: &super::features::Step, line: usize) -> Option<String> {
    let row = step.table.as_ref()?.rows.iter().find(|row| row.line == line)?;
    let cells: Vec<&str> = row.cells.iter().map(|cell| cell.text.as_str()).collect();
    Some(format!("| {} |", cells.join(" | ")))
}

/// The state of the row's connection, if the device can tell and still answers.
fn device_state(world: &mut World, connection: Option<&str>) -> Option<String> {
    let index = world.view.connection(connection.unwrap_or(crate::exchange::DEFAULT_CONNECTION))?;
    let connection = world.view.connections[index].clone();
    let session = world.session.as_mut()?;
    match session.state(&connection) {
        Ok(crate::exchange::Told::Nothing) | Err(_) => None,
        Ok(told) => Some(told.to_string()),
    }
}
