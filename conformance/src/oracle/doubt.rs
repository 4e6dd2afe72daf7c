//! Breaks that a capture shows only if it lacks no acknowledgment.
//!
//! Whoever sends more than the observer saw allowed may have got an acknowledgment that the capture lacks. That one
//! would have passed before what it allowed; what the other end says later is no less. So a claim waits until the other
//! end has spoken [`CONFIRMATIONS`] times and still said less, or it is dropped. More than one, since segments overtake.

use super::case::Look;
use super::findings::Findings;
use super::judgement::Break;
use super::ranges::{at_or_before, before};
use super::registry::RuleId;

/// How often the other end must say less than what would have allowed it.
const CONFIRMATIONS: u8 = 2;

const LACKS: &str = "the capture may lack the acknowledgment that allowed it";

/// What an acknowledgment that is not there must have said at least.
#[derive(Clone, Copy, Debug)]
pub(super) enum Least {
    /// This number; or nothing new, since a duplicate acknowledgment allows something too.
    Ack(u32),
    /// A window up to this number.
    Edge(u32),
}

impl Least {
    const fn number(self) -> u32 {
        match self {
            Self::Ack(number) | Self::Edge(number) => number,
        }
    }
}

#[derive(Clone, Debug)]
struct Claim {
    broken: Break,
    least: Least,
    confirmed: u8,
}

/// What one end is accused of and awaits proof: one claim a rule.
#[derive(Clone, Debug, Default)]
pub(super) struct Claims(Vec<Claim>);

impl Claims {
    /// Whether nothing is claimed.
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// With full knowledge the rule is broken; in a capture that is claimed.
    pub(super) fn claim(
        &mut self,
        look: &Look<'_>,
        broken: (RuleId, &[u64]),
        least: Least,
        told: (String, String),
        out: &mut Findings,
    ) {
        let ((rule, frames), (got, permitted)) = (broken, told);
        let (end, time, frames) = (Some(look.s.from), look.s.time, frames.to_vec());
        let broken = Break { rule, end, time, frames, got, permitted };
        if look.c.is_exact {
            return out.broken(broken);
        }
        out.undecidable(rule, LACKS);
        // The claim that needs the most is the easiest to prove.
        self.0.retain(|claim| claim.broken.rule != rule || !before(claim.least.number(), least.number()));
        if self.0.iter().all(|claim| claim.broken.rule != rule) {
            self.0.push(Claim { broken, least, confirmed: 0 });
        }
    }

    /// The other end is heard.
    pub(super) fn heard(&mut self, look: &Look<'_>, out: &mut Findings) {
        let Some(ack) = look.s.ack.filter(|_| !self.0.is_empty() && !look.s.flags.rst()) else { return };
        let una = look.peer().una;
        if una.is_some_and(|una| before(ack, una)) || look.c.has_gaps() {
            return;
        }
        // Rounding by the scale may move an edge back (RFC 7323 2.4).
        let rounding = (1_u32 << look.c.shift(look.s.from).unwrap_or(0)) - 1;
        let edge = look.c.window(look.s).map(|window| ack.wrapping_add(window).wrapping_add(rounding));
        self.0.retain_mut(|claim| {
            let is_allowed = match claim.least {
                Least::Ack(least) => una == Some(ack) || at_or_before(least, ack),
                Least::Edge(least) => edge.is_none_or(|edge| at_or_before(least, edge)),
            };
            claim.confirmed += u8::from(!is_allowed);
            let is_proven = claim.confirmed >= CONFIRMATIONS;
            if is_proven {
                out.broken(claim.broken.clone());
            }
            !is_allowed && !is_proven
        });
    }
}
