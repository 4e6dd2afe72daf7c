//! `junit.xml`, for machines that collect test results: a suite a capture, a case a rule that arose in it.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::model::{FileReport, RuleCount};
use super::text::damaged;
use crate::report::Level;

/// So many breaks are told in a case.
const MOST_TOLD: usize = 20;

/// What is kept of the files, until all are judged.
#[derive(Default)]
pub struct Junit {
    suites: Vec<TestSuite>,
}

impl Junit {
    /// Adds a file; with `strict` a broken SHOULD is a failure.
    pub fn add(&mut self, report: &FileReport, strict: bool) {
        let mut suite = TestSuite::new(report.file.as_str());
        for rule in &report.rules {
            suite.add_test_case(case(report, rule, strict));
        }
        if let Some(damage) = &report.damage {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(damaged(damage));
            suite.add_test_case(TestCase::new("the file is whole", status));
        }
        self.suites.push(suite);
    }

    /// All as XML.
    ///
    /// # Errors
    ///
    /// What the XML writer says.
    pub fn into_xml(self) -> Result<String, String> {
        let mut junit = Report::new("wireproof check");
        junit.add_test_suites(self.suites);
        junit.to_string().map_err(|error| error.to_string())
    }
}

fn case(report: &FileReport, rule: &RuleCount, strict: bool) -> TestCase {
    let is_failure = rule.level == Level::Must || strict;
    let status = if rule.broken > 0 && is_failure {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_message(format!("broken {} times: {}", rule.broken, rule.summary));
        status.set_description(told(report, rule));
        status
    } else if rule.broken == 0 && rule.held == 0 {
        let mut status = TestCaseStatus::skipped();
        let why: Vec<&str> = rule.undecided.iter().map(|(why, _)| *why).collect();
        status.set_message(format!("nobody can decide: {}", why.join("; ")));
        status
    } else {
        TestCaseStatus::success()
    };
    let mut case = TestCase::new(rule.rule, status);
    case.set_classname(rule.level.to_string());
    if rule.broken > 0 && !is_failure {
        case.set_system_out(format!("warning, a SHOULD is not kept\n{}", told(report, rule)));
    }
    case
}

/// The breaks of a rule, a line each.
fn told(report: &FileReport, rule: &RuleCount) -> String {
    let of_connections =
        report.shown.iter().flat_map(|one| one.broken.iter().map(move |own| (Some(one.number), own)));
    let all = of_connections.chain(report.hosts.iter().map(|own| (None, own)));
    let line = |(number, broken): (Option<u64>, &crate::report::BrokenRule)| {
        let place = number.map_or_else(String::new, |number| format!("connection {number}: "));
        format!("{place}{}", broken.in_short())
    };
    let lines: Vec<String> =
        all.filter(|(_, broken)| broken.rule == rule.rule).take(MOST_TOLD).map(line).collect();
    lines.join("\n")
}
