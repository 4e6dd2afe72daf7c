//! A scenario's trace before the judge, after its ladder: which rules the device broke, whatever the ladder asks for.
//!
//! A broken rule fails the scenario, unless the device's profile knows of it. What the profile says of a scenario and
//! is not so is an unexpected pass, as for rows.

use super::Config;
use super::world::World;
use crate::device::Capability;
use crate::exchange::story;
use crate::oracle::{Judgement, Knowledge, RuleId, judge_trace};
use crate::report::{BrokenRule, Failure, ScenarioReport, Unshown, Verdict};
use crate::testbed::{FrameId, Trace};

/// What the judge found on a trace.
#[derive(Default)]
pub(super) struct Judged {
    pub(super) broken: Vec<BrokenRule>,
    pub(super) kept: Vec<RuleId>,
    /// Remarks on frames, for the capture.
    remarks: Vec<(FrameId, String)>,
}

impl Judged {
    /// Judges what happened in `world`.
    pub(super) fn of(config: &Config, world: &World) -> Self {
        let Some(session) = world.session.as_ref().filter(|_| config.is_judged) else {
            return Self::default();
        };
        let trace = session.testbed().trace();
        let timing = Some(config.profile.timing(session.testbed().description()));
        let closes_half = session.capabilities().has(Capability::CloseHalf);
        let knowledge = Knowledge { timing, end: Some(session.now()), closes_half };
        let judgement = judge_trace(trace, &knowledge);
        let scenario = &world.prepared.scenario;
        let mut broken = BrokenRule::all(&judgement, world.start);
        if broken.is_empty() {
            return Self { kept: kept(&judgement, &broken), ..Self::default() };
        }
        let remarks = broken.iter().flat_map(remarks).collect();
        let ladder = story::rungs(session, &world.view, world.start);
        let numbers = story::numbers(&world.view);
        for own in &mut broken {
            own.frames = own.frames.iter().map(|frame| story::place(trace, FrameId(*frame))).collect();
            own.show_in(&ladder);
            own.numbers.clone_from(&numbers);
            own.known = config.profile.known_rule(&scenario.id, &own.rule).map(|known| known.reason.clone());
            own.rerun = (config.rerun)(&scenario.id, &scenario.file);
        }
        Self { kept: kept(&judgement, &broken), broken, remarks }
    }

    /// Writes beside the frames which rule they break.
    pub(super) fn annotate(&self, trace: &mut Trace) {
        for (frame, remark) in &self.remarks {
            trace.annotate(*frame, remark);
        }
    }

    /// What comes out of a scenario in the end: what its ladder found, and what was found here.
    pub(super) fn weigh(
        &self,
        config: &Config,
        scenario: &str,
        of_ladder: Verdict,
        failure: Option<&mut Failure>,
    ) -> Verdict {
        if self.broken.iter().any(|broken| broken.known.is_none()) {
            return fails(of_ladder, failure);
        }
        let is_undecided = matches!(
            of_ladder,
            Verdict::Inconclusive { .. } | Verdict::NotApplicable { .. } | Verdict::NotRun { .. }
        );
        let is_broken = |rule: &str| self.broken.iter().any(|broken| broken.rule == rule);
        let unshown =
            config.profile.expected_rules(scenario).find(|known| !is_broken(known.rule.rule().name));
        match (of_ladder, unshown, self.broken.first().and_then(|broken| broken.known.clone())) {
            (Verdict::Pass | Verdict::KnownDeviation { .. }, Some(unshown), _)
                if config.is_judged && !is_undecided =>
            {
                Verdict::UnexpectedPass { reason: format!("{}: {}", unshown.rule, unshown.reason) }
            }
            (Verdict::Pass, None, Some(reason)) => Verdict::KnownDeviation { reason },
            (of_ladder, ..) => of_ladder,
        }
    }
}

/// A rule fails what the ladder alone would not have failed.
fn fails(of_ladder: Verdict, failure: Option<&mut Failure>) -> Verdict {
    let excuse = match of_ladder {
        Verdict::UnexpectedPass { .. } | Verdict::NotRun { .. } => return of_ladder,
        Verdict::Pass | Verdict::Fail => return Verdict::Fail,
        Verdict::KnownDeviation { reason } => format!("known deviation: {reason}"),
        Verdict::Inconclusive { why } => format!("inconclusive: {why}"),
        Verdict::NotApplicable { capability } => format!("not applicable: the device lacks {capability}"),
    };
    if let Some(failure) = failure {
        failure.excuse = Some(excuse);
    }
    Verdict::Fail
}

/// The rules that were decided somewhere and broken nowhere.
fn kept(judgement: &Judgement, broken: &[BrokenRule]) -> Vec<RuleId> {
    let verdicts = judgement.connections.iter().flat_map(|one| &one.verdicts).chain(&judgement.host);
    let held = verdicts.filter(|(_, verdict)| matches!(verdict, crate::oracle::Verdict::Held { .. }));
    let mut kept: Vec<RuleId> = held.map(|(rule, _)| *rule).collect();
    kept.sort_unstable();
    kept.dedup();
    kept.retain(|rule| broken.iter().all(|broken| broken.rule != rule.rule().name));
    kept
}

/// On the last frame of a break what is wrong, on those before which frame they accuse.
fn remarks(broken: &BrokenRule) -> Vec<(FrameId, String)> {
    let Some((last, others)) = broken.frames.split_last() else { return Vec::new() };
    let clause = broken.clauses.first().map_or_else(String::new, |clause| format!(" ({clause})"));
    let BrokenRule { rule, got, permitted, .. } = broken;
    let told = format!("rule broken: {rule}{clause}: got {got}, permitted {permitted}");
    let others = others.iter().map(|frame| (FrameId(*frame), format!("see the rule broken below: {rule}")));
    others.chain([(FrameId(*last), told)]).collect()
}

/// The rules of which the profile says only that they are broken somewhere, and that are broken nowhere in a run of the
/// whole suite. None if scenarios were left out, or came to nothing: in these the rules might have been broken.
pub fn unshown(config: &Config, scenarios: &[ScenarioReport]) -> Vec<Unshown> {
    let is_open =
        |verdict: &Verdict| matches!(verdict, Verdict::NotRun { .. } | Verdict::Inconclusive { .. });
    if scenarios.iter().any(|scenario| is_open(&scenario.verdict)) {
        return Vec::new();
    }
    let is_shown = |rule: &str| {
        scenarios.iter().flat_map(|scenario| &scenario.broken_rules).any(|broken| broken.rule == rule)
    };
    let known =
        config.profile.broken_rules().iter().filter(|known| config.is_judged && known.scenario.is_none());
    known
        .filter(|known| !is_shown(known.rule.rule().name))
        .map(|known| Unshown { rule: known.rule.to_string(), reason: known.reason.clone(), is_listed: false })
        .collect()
}
