//! `junit.xml`, for machines that collect test results. A suite a feature file, a case a scenario.

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestRerun, TestSuite};

use super::expected::{Change, Standing};
use super::model::{Report, ScenarioReport, Verdict, Weight};
use super::terminal;

/// The report as JUnit XML.
///
/// # Errors
///
/// What the XML writer says.
pub fn to_string(report: &Report) -> Result<String, String> {
    let mut junit = quick_junit::Report::new(format!("wireproof {}", report.device));
    let mut suites: Vec<TestSuite> = Vec::new();
    for scenario in &report.scenarios {
        if suites.last().is_none_or(|suite| suite.name.as_str() != scenario.file) {
            suites.push(TestSuite::new(scenario.file.as_str()));
        }
        if let Some(suite) = suites.last_mut() {
            suite.add_test_case(case(scenario, report.strict));
        }
    }
    junit.add_test_suites(suites);
    junit.to_string().map_err(|error| error.to_string())
}

fn case(scenario: &ScenarioReport, strict: bool) -> TestCase {
    let mut case = TestCase::new(scenario.id.as_str(), status(scenario, strict));
    case.set_classname(scenario.feature.as_str());
    for why in &scenario.repeated {
        let mut run = TestRerun::new(NonSuccessKind::Error);
        run.set_message(format!("inconclusive: {why}"));
        case.status.add_rerun(run);
    }
    if scenario.weight(strict) == Weight::Warning {
        case.set_system_out(format!("warning, a SHOULD is not kept\n{}", text(scenario)));
    }
    case
}

fn status(scenario: &ScenarioReport, strict: bool) -> TestCaseStatus {
    let bad = |kind: NonSuccessKind, message: &str| {
        let mut status = TestCaseStatus::non_success(kind);
        status.set_message(message).set_description(text(scenario));
        let of_ladder = scenario.failure.iter().filter_map(|failure| failure.clause.as_ref());
        let of_rules = scenario.unknown_rules().filter_map(|broken| broken.clauses.first());
        if let Some(clause) = of_ladder.chain(of_rules).next() {
            status.set_type(clause.tag());
        }
        status
    };
    let skipped = |message: String| {
        let mut status = TestCaseStatus::skipped();
        status.set_message(message);
        status
    };
    if let Some(Standing { change, listed, found, .. }) = &scenario.standing {
        match change {
            Change::None => return skipped(format!("as listed: {found}")),
            Change::New => return bad(NonSuccessKind::Failure, &format!("new, not listed: {found}")),
            Change::Changed => {
                return bad(NonSuccessKind::Failure, &format!("changed: listed {listed}, found {found}"));
            }
            Change::Stale => {
                return bad(NonSuccessKind::Failure, &format!("stale: listed {listed}, found {found}"));
            }
        }
    }
    match &scenario.verdict {
        Verdict::Pass => TestCaseStatus::success(),
        Verdict::Fail if scenario.weight(strict) == Weight::Failure => {
            bad(NonSuccessKind::Failure, &scenario.failed_in_short())
        }
        Verdict::Fail => TestCaseStatus::success(),
        Verdict::UnexpectedPass { reason } => {
            bad(NonSuccessKind::Failure, &format!("passes, although the profile says it cannot: {reason}"))
        }
        Verdict::Inconclusive { why } => bad(NonSuccessKind::Error, &format!("inconclusive: {why}")),
        Verdict::KnownDeviation { reason } => skipped(format!("known deviation: {reason}")),
        Verdict::NotApplicable { capability } => {
            skipped(format!("not applicable: the device lacks {capability}"))
        }
        Verdict::NotRun { why } => skipped(format!("not run: {why}")),
    }
}

/// What went wrong in full, without colours.
fn text(scenario: &ScenarioReport) -> String {
    let mut styled = Vec::new();
    // Writing to memory cannot fail.
    drop(terminal::what_went_wrong(&mut styled, scenario));
    anstream::adapter::strip_str(&String::from_utf8_lossy(&styled)).to_string()
}
