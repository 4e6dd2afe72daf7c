//! What was found on one connection so far, rule by rule.

use wireproof_reference::time::Instant;

use super::judgement::{Break, End, MOST_BREAKS, Verdict};
use super::registry::{RULES, RuleId};

#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    held: u32,
    broken: u32,
    why: Option<&'static str>,
}

/// Tallies of all rules.
#[derive(Clone, Debug)]
pub(super) struct Findings {
    tallies: Box<[Tally]>,
    breaks: Vec<Break>,
}

impl Default for Findings {
    fn default() -> Self {
        Self { tallies: vec![Tally::default(); RULES.len()].into(), breaks: Vec::new() }
    }
}

impl Findings {
    /// The rule was decided and kept.
    pub(super) fn held(&mut self, rule: RuleId) {
        let tally = &mut self.tallies[rule.index()];
        tally.held = tally.held.saturating_add(1);
    }

    /// The rule arose and nobody can decide it.
    pub(super) fn undecidable(&mut self, rule: RuleId, why: &'static str) {
        self.tallies[rule.index()].why.get_or_insert(why);
    }

    /// The rule was broken.
    pub(super) fn broken(&mut self, broken: Break) {
        let tally = &mut self.tallies[broken.rule.index()];
        tally.broken = tally.broken.saturating_add(1);
        if tally.broken <= u32::try_from(MOST_BREAKS).unwrap_or(u32::MAX) {
            self.breaks.push(broken);
        }
    }

    /// The rule was decided: kept if `holds`, else broken by `end` as `told` tells (got, permitted).
    pub(super) fn decide(
        &mut self,
        rule: RuleId,
        holds: bool,
        place: (End, Instant, &[u64]),
        told: impl FnOnce() -> (String, String),
    ) {
        if holds {
            return self.held(rule);
        }
        let (end, time, frames) = place;
        let (got, permitted) = told();
        self.broken(Break { rule, end: Some(end), time, frames: frames.to_vec(), got, permitted });
    }

    /// What is said in the end.
    pub(super) fn verdicts(self) -> Vec<(RuleId, Verdict)> {
        let Self { tallies, breaks } = self;
        let verdict = |(rule, tally): (RuleId, &Tally)| {
            let verdict = if tally.broken > 0 {
                let breaks = breaks.iter().filter(|one| one.rule == rule).cloned().collect();
                Verdict::Broken { breaks, times: tally.broken.into() }
            } else if tally.held > 0 {
                Verdict::Held { times: tally.held.into() }
            } else {
                Verdict::Undecidable { why: tally.why? }
            };
            Some((rule, verdict))
        };
        RULES.iter().map(|rule| rule.id).zip(tallies.iter()).filter_map(verdict).collect()
    }
}
