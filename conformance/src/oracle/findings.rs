//! What was found on one connection so far, rule by rule.

use wireproof_reference::time::Instant;

use super::judgement::{Break, End, MOST_BREAKS, Verdict};
use super::registry::{COUNT, RULES, RuleId};

/// Tallies of all rules. Most are kept or do not arise: only what is kept has room of its own.
#[derive(Clone, Debug)]
pub(super) struct Findings {
    held: [u32; COUNT],
    /// Rules that nobody could decide, and why; `doubted` holds a bit for each.
    doubts: Vec<(RuleId, &'static str)>,
    doubted: u128,
    /// Rules that were broken, and how often by either end: the breaks of one shall not push out those of the other.
    broken: Vec<(RuleId, Option<End>, u32)>,
    breaks: Vec<Break>,
}

/// A bit for each rule.
const _: () = assert!(COUNT <= u128::BITS as usize);

impl Default for Findings {
    fn default() -> Self {
        Self { held: [0; COUNT], doubts: Vec::new(), doubted: 0, broken: Vec::new(), breaks: Vec::new() }
    }
}

impl Findings {
    /// The rule was decided and kept.
    #[inline]
    pub(super) fn held(&mut self, rule: RuleId) {
        let held = &mut self.held[rule.index()];
        *held = held.saturating_add(1);
    }

    /// The rule arose and nobody can decide it.
    #[inline]
    pub(super) fn undecidable(&mut self, rule: RuleId, why: &'static str) {
        if self.doubted & 1 << rule.index() == 0 {
            self.doubt(rule, why);
        }
    }

    #[cold]
    fn doubt(&mut self, rule: RuleId, why: &'static str) {
        self.doubted |= 1 << rule.index();
        self.doubts.push((rule, why));
    }

    /// The rule was broken.
    #[cold]
    pub(super) fn broken(&mut self, broken: Break) {
        let is_same =
            |(rule, end, _): &(RuleId, Option<End>, u32)| (*rule, *end) == (broken.rule, broken.end);
        let place = self.broken.iter().position(is_same);
        let place = place.unwrap_or_else(|| {
            self.broken.push((broken.rule, broken.end, 0));
            self.broken.len() - 1
        });
        let times = &mut self.broken[place].2;
        *times = times.saturating_add(1);
        if *times <= u32::try_from(MOST_BREAKS).unwrap_or(u32::MAX) {
            self.breaks.push(broken);
        }
    }

    /// The rule was decided: kept if `holds`, else broken by `end` as `told` tells (got, permitted).
    #[inline]
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
        let Self { held, doubts, doubted, broken, breaks } = self;
        let verdict = |(rule, held): (RuleId, &u32)| {
            let times: u64 = broken.iter().filter(|(one, ..)| *one == rule).map(|own| u64::from(own.2)).sum();
            if times > 0 {
                let breaks = breaks.iter().filter(|one| one.rule == rule).cloned().collect();
                return Some((rule, Verdict::Broken { breaks, times }));
            }
            if *held > 0 {
                return Some((rule, Verdict::Held { times: (*held).into() }));
            }
            if doubted & 1 << rule.index() == 0 {
                return None;
            }
            let (_, why) = doubts.iter().find(|(one, _)| *one == rule)?;
            Some((rule, Verdict::Undecidable { why }))
        };
        let arose = held.iter().filter(|held| **held > 0).count() + doubts.len() + broken.len();
        let mut verdicts = Vec::with_capacity(arose);
        verdicts.extend(RULES.iter().map(|rule| rule.id).zip(&held).filter_map(verdict));
        verdicts
    }
}
