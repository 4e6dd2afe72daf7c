//! The suite held against stacks whose faults are known: each broken [`Variant`] has to be caught by a scenario and by the
//! rules of the judge that it names, and no odd one by any.

use crate::behaviour::features::{self, Scenario};
use crate::behaviour::{self, Config, Plan};
use crate::device::variant::Variant;
use crate::oracle::RuleId;
use crate::problem::Problem;
use crate::report::{Level, ScenarioReport, Verdict};
use crate::requirement::Clause;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The name of the feature file that is not part of the suite.
const WITNESS: &str = "self-test/witness.feature";
/// Scenarios that run before it is asked whether one of them has caught the variant.
const PIECE: usize = 32;

/// The rules that no broken stack shows in the suite, and why a wrapper around the reference cannot. Each has a trace
/// made by hand that breaks it, in the tests of the judge.
pub const UNSHOWN: &[(RuleId, &str)] = &[
    (RuleId::AdditiveConstant, "no scenario names the algorithm of RFC 5681; others may be in place"),
    (RuleId::NoErrorOfFragment, "ladders send no fragments"),
];

/// Why no broken stack shows this rule, if none does.
pub fn why_unshown(rule: RuleId) -> Option<&'static str> {
    UNSHOWN.iter().find(|(own, _)| *own == rule).map(|(_, why)| *why)
}

/// How far to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// To the first scenarios that catch a broken stack.
    First,
    /// Through all scenarios.
    All,
}

/// What the suite found about one variant.
#[derive(Clone, Debug)]
pub struct Examination {
    /// The variant.
    pub variant: &'static Variant,
    /// The scenarios that did not come out well, those of the variant's own clauses first.
    pub findings: Vec<Finding>,
    /// The rules of the judge that were broken, and in how many scenarios.
    pub rules: BTreeMap<RuleId, usize>,
    /// How many scenarios were run.
    pub run: usize,
}

/// A scenario that did not come out well.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// Its id.
    pub scenario: String,
    /// The clause that was broken, as tags name it.
    pub clause: Option<String>,
    /// How strict that clause is.
    pub level: String,
    /// What happened.
    pub summary: String,
    /// Whether its ladder failed, and not only a rule of the judge.
    pub is_by_ladder: bool,
    /// The rules of the judge that were broken, by their names.
    pub rules: Vec<String>,
    /// What kind of finding it is.
    pub kind: FindingKind,
}

/// What a scenario's end says about the variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FindingKind {
    /// It fails.
    Failed,
    /// It fails, and the variant says that it does not follow this clause, which is none it must.
    Excused,
    /// Its set-up did not come out.
    Inconclusive,
}

impl Examination {
    /// Whether the suite judges the variant rightly.
    pub fn is_right(&self) -> bool {
        if self.variant.is_broken() { self.is_caught() } else { self.objections().next().is_none() }
    }

    /// Whether a ladder fails, where one can, and each rule that the variant names is broken.
    pub fn is_caught(&self) -> bool {
        let by_ladder = self.failed().any(|finding| finding.is_by_ladder);
        let by_any = self.failed().next().is_some() && self.variant.is_seen_by_rules_alone;
        (by_ladder || by_any) && self.missed_rules().next().is_none()
    }

    /// The rules that the variant names and that nothing showed broken.
    pub fn missed_rules(&self) -> impl Iterator<Item = RuleId> {
        self.variant.rules.iter().copied().filter(|rule| !self.rules.contains_key(rule))
    }

    /// What speaks against an odd stack.
    pub fn objections(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.kind != FindingKind::Excused)
    }

    /// The scenarios that fail.
    pub fn failed(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.kind == FindingKind::Failed)
    }
}

/// What the variants are held against: the suite that is built in, and scenarios that offer what it does not.
///
/// # Errors
/// What is wrong with a feature file.
pub fn plan() -> Result<Plan, Vec<Problem>> {
    let mut sources = features::source::embedded();
    sources.push(features::Source::new(
        WITNESS.to_owned(),
        Path::new(WITNESS),
        include_str!("self_test/witness.feature"),
    ));
    behaviour::prepare(features::load(&sources)?)
}

/// Runs scenarios against a variant: first those that bear one of its clauses.
///
/// # Errors
/// If the variant's profile cannot be read, which is a fault in its table.
pub fn examine(
    variant: &'static Variant,
    plan: &Plan,
    depth: Depth,
    jobs: Option<usize>,
) -> Result<Examination, Problem> {
    let name = variant.full_name();
    let config = Config {
        jobs,
        rerun: Arc::new(move |id, _| format!("wireproof run --device {name} --name '^{id}$'")),
        ..Config::new(Arc::new(|| variant.open()), variant.profile()?)
    };
    let (own, others) = (
        plan.only(|scenario| is_about(variant, scenario)),
        plan.only(|scenario| !is_about(variant, scenario)),
    );
    let mut examination = Examination { variant, findings: Vec::new(), rules: BTreeMap::new(), run: 0 };
    let piece = match depth {
        Depth::First if variant.is_broken() => PIECE,
        Depth::First | Depth::All => usize::MAX,
    };
    for plan in own.pieces(piece).chain(others.pieces(piece)) {
        examination.run += plan.len();
        let reports = behaviour::run(&plan, &config);
        for broken in reports.iter().flat_map(ScenarioReport::unknown_rules) {
            if let Ok(rule) = broken.rule.parse() {
                *examination.rules.entry(rule).or_insert(0) += 1;
            }
        }
        examination.findings.extend(reports.iter().filter_map(|report| finding(variant, report)));
        if depth == Depth::First && variant.is_broken() && examination.is_caught() {
            break;
        }
    }
    Ok(examination)
}

/// Whether a scenario bears one of the variant's clauses.
fn is_about(variant: &Variant, scenario: &Scenario) -> bool {
    scenario.clauses.iter().any(|clause| names(variant, clause))
}

fn names(variant: &Variant, clause: &Clause) -> bool {
    variant.clauses.contains(&clause.tag().as_str())
}

fn finding(variant: &Variant, report: &ScenarioReport) -> Option<Finding> {
    let failure = report.failure.as_deref().filter(|failure| failure.excuse.is_none());
    let rules: Vec<String> = report.unknown_rules().map(|broken| broken.rule.clone()).collect();
    let of_rule = report.unknown_rules().find_map(|broken| broken.clauses.first().cloned());
    let clause = failure.map_or(of_rule, |failure| failure.clause.clone());
    let level = report.failed_level();
    let (kind, summary) = match &report.verdict {
        Verdict::Fail if is_excused(variant, report) => (FindingKind::Excused, None),
        Verdict::Fail | Verdict::UnexpectedPass { .. } => (FindingKind::Failed, None),
        Verdict::Inconclusive { why } => (FindingKind::Inconclusive, Some(why.clone())),
        Verdict::Pass
        | Verdict::KnownDeviation { .. }
        | Verdict::NotApplicable { .. }
        | Verdict::NotRun { .. } => return None,
    };
    let summary = summary.unwrap_or_else(|| report.failed_in_short());
    let is_by_ladder = failure.is_some();
    Some(Finding {
        scenario: report.id.clone(),
        clause: clause.map(|clause| clause.tag()),
        level: level.to_string(),
        summary,
        is_by_ladder,
        rules,
        kind,
    })
}

/// Whether all that failed, of the ladder and of the judge's rules, is what an odd variant says that it does not follow,
/// and none of it a MUST.
fn is_excused(variant: &Variant, report: &ScenarioReport) -> bool {
    let ladder = report.failure.iter().filter(|failure| failure.excuse.is_none());
    let ladder = ladder.map(|failure| (failure.level, failure.clause.as_slice()));
    let rules = report.unknown_rules().map(|broken| (broken.level, broken.clauses.as_slice()));
    let mut all = ladder.chain(rules).peekable();
    !variant.is_broken()
        && all.peek().is_some()
        && all.all(|(level, clauses)| level != Level::Must && clauses.iter().any(|one| names(variant, one)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::variant;
    use crate::oracle::RULES;

    #[test]
    fn every_rule_is_broken_by_a_stack_or_it_is_said_why_not() {
        for rule in RULES {
            let is_named = variant::all().any(|variant| variant.rules.contains(&rule.id));
            let why = why_unshown(rule.id);
            assert!(is_named || why.is_some(), "{}: no broken stack names it, nor is it said why", rule.name);
            assert!(!is_named || why.is_none(), "{}: a broken stack names it: {why:?}", rule.name);
        }
    }

    #[test]
    fn sixty_broken_stacks_name_a_rule_and_no_odd_one_does() {
        assert!(variant::all().filter(|variant| !variant.rules.is_empty()).count() >= 60);
        assert!(variant::all().all(|variant| variant.is_broken() || variant.rules.is_empty()));
    }
}
