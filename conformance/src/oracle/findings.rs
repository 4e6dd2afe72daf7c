//! What was found on one connection so far, rule by rule.

use wireproof_reference::time::Instant;

use super::judgement::{Break, End, MOST_BREAKS, Verdict};
use super::ordinary::Ordinary;
use super::registry::{COUNT, RULES, RuleId};
use super::segment::Sum;

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
    usual: Usual,
}

/// Ordinary segments, each of which keeps the same rules: counted once and not rule by rule.
#[derive(Clone, Copy, Debug, Default)]
struct Usual {
    all: u32,
    right_tcp: u32,
    right_ip: u32,
    with_timestamps: u32,
    with_echo: u32,
    with_octets: u32,
    moved: u32,
}

impl Usual {
    /// What the segments have kept, and how often.
    fn kept(self) -> [(RuleId, u32); 16] {
        use RuleId as R;
        [
            (R::TcpChecksum, self.right_tcp),
            (R::IpChecksum, self.right_ip),
            (R::ReservedBits, self.all),
            (R::AckAlways, self.all),
            (R::OptionLengths, self.with_timestamps),
            (R::OptionPadding, self.with_timestamps),
            (R::MssOnSyn, self.all),
            (R::SackPermittedOnSyn, self.all),
            (R::TimestampsKept, self.with_timestamps),
            (R::TimestampsInvited, self.all - self.with_timestamps),
            (R::TimestampsForward, self.with_timestamps),
            (R::EchoOfSent, self.with_echo),
            (R::WindowOverrun, self.with_octets),
            (R::WindowShrunk, self.moved),
            (R::AckBackwards, self.all),
            (R::AckBeyondSent, self.all),
        ]
    }
}

/// A bit for each rule.
const _: () = assert!(COUNT <= u128::BITS as usize);

impl Default for Findings {
    fn default() -> Self {
        Self {
            held: [0; COUNT],
            doubts: Vec::new(),
            doubted: 0,
            broken: Vec::new(),
            breaks: Vec::new(),
            usual: Usual::default(),
        }
    }
}

impl Findings {
    /// The rule was decided and kept.
    #[inline]
    pub(super) fn held(&mut self, rule: RuleId) {
        let held = &mut self.held[rule.index()];
        *held = held.saturating_add(1);
    }

    /// The rules were kept that every ordinary segment keeps.
    #[inline]
    pub(super) fn usual(&mut self, o: &Ordinary<'_>) {
        let (s, usual) = (o.s, &mut self.usual);
        usual.all += 1;
        usual.right_tcp += u32::from(s.tcp_sum == Sum::Right);
        usual.right_ip += u32::from(s.ip_sum == Sum::Right);
        if let Some((_, echo)) = s.options.timestamps {
            usual.with_timestamps += 1;
            usual.with_echo += u32::from(echo != 0);
        }
        usual.with_octets += u32::from(s.len > 0);
        usual.moved += u32::from(o.has_moved);
        // Sooner or later all are counted where they can be counted further.
        if usual.all == u32::MAX {
            self.count_usual();
        }
    }

    fn count_usual(&mut self) {
        for (rule, times) in std::mem::take(&mut self.usual).kept() {
            let held = &mut self.held[rule.index()];
            *held = held.saturating_add(times);
        }
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
    pub(super) fn verdicts(mut self) -> Vec<(RuleId, Verdict)> {
        self.count_usual();
        let Self { held, doubts, doubted, broken, breaks, usual: _ } = self;
        let mut arose = broken.iter().fold(doubted, |all, (rule, ..)| all | 1 << rule.index());
        for (half, held) in held.chunks(64).enumerate() {
            let kept = held.iter().rev().fold(0_u64, |all, held| all << 1 | u64::from(*held > 0));
            arose |= u128::from(kept) << (64 * half);
        }
        let mut verdicts = Vec::with_capacity(usize::try_from(arose.count_ones()).unwrap_or(0));
        while arose != 0 {
            let place = usize::try_from(arose.trailing_zeros()).unwrap_or(COUNT);
            arose &= arose - 1;
            let rule = RULES[place].id;
            let times: u64 = broken.iter().filter(|(one, ..)| *one == rule).map(|own| u64::from(own.2)).sum();
            if times > 0 {
                let breaks = breaks.iter().filter(|one| one.rule == rule).cloned().collect();
                verdicts.push((rule, Verdict::Broken { breaks, times }));
            } else if held[place] > 0 {
                verdicts.push((rule, Verdict::Held { times: held[place].into() }));
            } else {
                let why = doubts.iter().find(|(one, _)| *one == rule).map(|(_, why)| *why);
                verdicts.extend(why.map(|why| (rule, Verdict::Undecidable { why })));
            }
        }
        verdicts
    }
}
