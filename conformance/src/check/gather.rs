//! What is kept of the connections of a file: counts of all, judgements of those that will be told, and no more.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::choice::{Chosen, Side};
use super::model::{ConnectionReport, Counts, RuleCount};
use crate::oracle::{ConnectionJudgement, End, RULES, RuleId, Verdict};
use crate::report::Level;

/// So many connections that broke a MUST, and as many that broke a SHOULD alone, are kept to be told.
pub const MOST_KEPT: usize = 500;
/// So many connections that broke nothing are told, unless all are asked for.
pub const MOST_WHOLE: usize = 20;

/// What is wanted.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Only these rules; all if none are named.
    pub rules: Option<BTreeSet<RuleId>>,
    /// Only these connections.
    pub chosen: Option<Chosen>,
    /// Only what this side breaks counts.
    pub side: Option<Side>,
    /// Every connection is told.
    pub all: bool,
    /// All that was checked is told, and each break.
    pub verbose: bool,
    /// Where packets of connections that broke a rule are written, if they are.
    pub folder: Option<PathBuf>,
}

impl Options {
    /// Whether a rule is to be looked at.
    pub(super) fn wants(&self, rule: RuleId) -> bool {
        self.rules.as_ref().is_none_or(|rules| rules.contains(&rule))
    }
}

/// What is kept.
pub(super) struct Gather<'o> {
    options: &'o Options,
    pub(super) counts: Counts,
    tallies: Vec<RuleCount>,
    /// Those that broke a MUST, those that broke a SHOULD, those that were chosen and broke nothing.
    pub(super) must: Vec<ConnectionJudgement>,
    pub(super) should: Vec<ConnectionJudgement>,
    pub(super) chosen: Vec<ConnectionJudgement>,
    /// Connections that broke something and are not kept.
    pub(super) not_kept: u64,
    /// The first ones of those that broke nothing, by their numbers.
    pub(super) whole: BTreeMap<u64, ConnectionReport>,
    /// Takes those that broke nothing, and those that are not kept, where all are asked for.
    each: &'o mut dyn FnMut(ConnectionReport),
}

impl<'o> Gather<'o> {
    pub(super) fn new(options: &'o Options, each: &'o mut dyn FnMut(ConnectionReport)) -> Self {
        let tally = |rule: &crate::oracle::Rule| RuleCount {
            rule: rule.name,
            level: rule.level,
            summary: rule.summary,
            held: 0,
            held_connections: 0,
            broken: 0,
            broken_connections: 0,
            first: None,
            undecided_connections: 0,
            undecided: Vec::new(),
        };
        Self {
            options,
            counts: Counts::default(),
            tallies: RULES.iter().map(tally).collect(),
            must: Vec::new(),
            should: Vec::new(),
            chosen: Vec::new(),
            not_kept: 0,
            whole: BTreeMap::new(),
            each,
        }
    }

    /// Takes a connection that ended.
    pub(super) fn add(&mut self, mut judgement: ConnectionJudgement) {
        self.counts.all += 1;
        let chosen = self.options.chosen.as_ref();
        if chosen.is_some_and(|chosen| !chosen.holds(judgement.number, &judgement.ends)) {
            return;
        }
        let sides = self.options.side.map_or([true; 2], |side| side.of(&judgement.ends));
        if sides == [false; 2] {
            return;
        }
        self.counts.judged += 1;
        judgement.verdicts.retain(|(rule, _)| self.options.wants(*rule));
        if self.options.side.is_some() {
            let counts = |end| match end {
                End::A => sides[0],
                End::B => sides[1],
            };
            let all = std::mem::take(&mut judgement.verdicts).into_iter();
            judgement.verdicts =
                all.filter_map(|(rule, verdict)| Some((rule, verdict.of_ends(counts)?))).collect();
        }
        for (rule, verdict) in &judgement.verdicts {
            self.tallies[rule.index()].add(verdict, Some(judgement.number));
        }
        let broken = judgement.verdicts.iter().filter(|(_, verdict)| !verdict.breaks().is_empty());
        let kept = match broken.map(|(rule, _)| rule.rule().level).max() {
            Some(Level::Must) => {
                self.counts.broke_must += 1;
                &mut self.must
            }
            Some(_) => {
                self.counts.broke_should += 1;
                &mut self.should
            }
            None if chosen.is_some() => &mut self.chosen,
            None => {
                self.whole(&judgement);
                return;
            }
        };
        if kept.len() < MOST_KEPT {
            if !self.options.verbose && self.options.folder.is_none() {
                judgement.verdicts.iter_mut().for_each(|(_, verdict)| verdict.keep_first());
            }
            kept.push(judgement);
        } else if self.options.all {
            (self.each)(super::tell(&judgement, false, None, 1));
        } else {
            self.not_kept += 1;
        }
    }

    fn whole(&mut self, judgement: &ConnectionJudgement) {
        if self.options.all {
            (self.each)(ConnectionReport::of(judgement));
            return;
        }
        let is_full = self.whole.len() >= MOST_WHOLE;
        if !is_full || self.whole.last_key_value().is_some_and(|(last, _)| judgement.number < *last) {
            self.whole.insert(judgement.number, ConnectionReport::of(judgement));
        }
        if is_full && self.whole.len() > MOST_WHOLE {
            self.whole.pop_last();
        }
    }

    /// Takes what concerns no connection, and gives back what of it is wanted.
    pub(super) fn hosts(&mut self, mut host: Vec<(RuleId, Verdict)>) -> Vec<(RuleId, Verdict)> {
        // What a host breaks on many connections at once is nobody's on one of them.
        if self.options.chosen.is_some() || self.options.side.is_some() {
            return Vec::new();
        }
        host.retain(|(rule, _)| self.options.wants(*rule));
        for (rule, verdict) in &host {
            self.tallies[rule.index()].add(verdict, None);
        }
        host
    }

    /// What came of the rules that arose.
    pub(super) fn rules(&mut self) -> Vec<RuleCount> {
        let mut arose = std::mem::take(&mut self.tallies);
        arose.retain(|tally| tally.held + tally.broken + tally.undecided_connections > 0);
        arose
    }
}

impl RuleCount {
    fn add(&mut self, verdict: &Verdict, connection: Option<u64>) {
        let one = u64::from(connection.is_some());
        match verdict {
            Verdict::Held { times } => {
                self.held += times;
                self.held_connections += one;
            }
            Verdict::Broken { breaks, times } => {
                self.broken += times;
                self.broken_connections += one;
                let frame = breaks.first().and_then(|first| first.frames.last()).copied().unwrap_or(0);
                if self.first.is_none_or(|(_, first)| frame < first) {
                    self.first = Some((connection, frame));
                }
            }
            Verdict::Undecidable { why } => {
                self.undecided_connections += 1;
                match self.undecided.iter_mut().find(|(known, _)| known == why) {
                    Some((_, count)) => *count += 1,
                    None => self.undecided.push((why, 1)),
                }
            }
        }
    }
}
