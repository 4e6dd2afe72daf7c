//! The suite held against stacks whose faults are known: each broken [`Variant`] has to be caught by a scenario, and no
//! odd one may be.

use crate::behaviour::features::Scenario;
use crate::behaviour::{self, Config, Plan};
use crate::device::variant::Variant;
use crate::problem::Problem;
use crate::report::{Level, Numbers, ScenarioReport, Verdict};
use crate::requirement::Clause;
use serde::Serialize;
use std::sync::Arc;

/// Scenarios that run before it is asked whether one of them has caught the variant.
const PIECE: usize = 32;

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

    /// Whether a scenario fails.
    pub fn is_caught(&self) -> bool {
        self.findings.iter().any(|finding| finding.kind == FindingKind::Failed)
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
        device: Arc::new(|| variant.open()),
        profile: variant.profile()?,
        seed: 1,
        numbers: Numbers::Random,
        is_judged: true,
        jobs,
        rerun: Arc::new(move |id, _| format!("wireproof run --device {name} --name '^{id}$'")),
    };
    let (own, others) = (
        plan.only(|scenario| is_about(variant, scenario)),
        plan.only(|scenario| !is_about(variant, scenario)),
    );
    let mut examination = Examination { variant, findings: Vec::new(), run: 0 };
    let piece = match depth {
        Depth::First if variant.is_broken() => PIECE,
        Depth::First | Depth::All => usize::MAX,
    };
    for plan in own.pieces(piece).chain(others.pieces(piece)) {
        examination.run += plan.len();
        let reports = behaviour::run(&plan, &config);
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
    let failure = report.failure.as_deref();
    let clause = failure.and_then(|failure| failure.clause.clone());
    let level = failure.map_or(report.level, |failure| failure.level);
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
    Some(Finding {
        scenario: report.id.clone(),
        clause: clause.map(|clause| clause.tag()),
        level: level.to_string(),
        summary,
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
