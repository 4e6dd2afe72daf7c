//! Rules of a bad wire: which frame, how often, what happens to it.

use super::capture::Fate;
use super::{Journey, PortId};
use core::fmt;
use wireproof_reference::random::Random;
use wireproof_reference::time::Duration;

/// A rule: frames of a direction that match a predicate, some or all of them, suffer an effect.
///
/// ```
/// use wireproof::ethernet::{Impairment, When};
/// use wireproof_reference::time::Duration;
///
/// let tenth_lost = Impairment::lose().when(When::Chance { per_million: 100_000 });
/// let second_arp_late = Impairment::delay(Duration::from_secs(1))
///     .matching(|frame| frame.get(12..14) == Some(&[0x08, 0x06]))
///     .when(When::Nth(2));
/// ```
pub struct Impairment {
    from: Option<PortId>,
    predicate: Option<Box<Predicate>>,
    when: When,
    effect: Effect,
    matched: u64,
}

/// Whether a rule looks at a frame (as it was sent, without FCS).
type Predicate = dyn Fn(&[u8]) -> bool + Send;

/// Which of the frames that match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// All.
    Each,
    /// Only this one, the first being 1.
    Nth(u64),
    /// One in so many: the n-th, the 2n-th ...; 0 means none.
    EachNth(u64),
    /// So many from the first on.
    First(u64),
    /// Each by chance, so many in a million.
    Chance {
        /// 0 to 1,000,000.
        per_million: u32,
    },
}

/// What happens to the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It never arrives.
    Lose,
    /// It arrives later by a time between these two, drawn evenly; others overtake it.
    Delay {
        /// At least.
        least: Duration,
        /// At most.
        most: Duration,
    },
    /// Copies arrive after it.
    Duplicate {
        /// How many, at most [`super::MAX_COPIES`].
        copies: u32,
        /// The time between two of them.
        gap: Duration,
    },
    /// It waits until later frames of the same sender have passed.
    Reorder {
        /// How many frames pass it.
        behind: u32,
        /// It waits no longer than this.
        patience: Duration,
    },
    /// Bits are turned over.
    Corrupt {
        /// Which octet, counted from the start of the frame; `None`: any behind the Ethernet header, by chance.
        at: Option<usize>,
        /// Which bits; 0: one of the eight, by chance.
        mask: u8,
    },
}

/// Octets of an Ethernet II header without tags.
const ETHERNET_HEADER: usize = 14;

impl Impairment {
    /// An effect on each frame of everybody; narrow it with [`Self::from`], [`Self::matching`], [`Self::when`].
    pub const fn new(effect: Effect) -> Self {
        Self { from: None, predicate: None, when: When::Each, effect, matched: 0 }
    }

    /// Loses frames.
    pub const fn lose() -> Self {
        Self::new(Effect::Lose)
    }

    /// Delays frames by exactly this much.
    pub const fn delay(by: Duration) -> Self {
        Self::new(Effect::Delay { least: by, most: by })
    }

    /// Delivers frames twice, one right after the other.
    pub const fn duplicate() -> Self {
        Self::new(Effect::Duplicate { copies: 1, gap: Duration::ZERO })
    }

    /// Lets `behind` later frames of the same sender pass; waits for them no longer than `patience`.
    pub const fn reorder(behind: u32, patience: Duration) -> Self {
        Self::new(Effect::Reorder { behind, patience })
    }

    /// Turns over one bit by chance, somewhere behind the Ethernet header.
    pub const fn corrupt() -> Self {
        Self::new(Effect::Corrupt { at: None, mask: 0 })
    }

    /// Only frames that this port sends.
    #[must_use]
    pub const fn from(mut self, port: PortId) -> Self {
        self.from = Some(port);
        self
    }

    /// Only frames (as they were sent, without FCS) for which this holds.
    #[must_use]
    pub fn matching(mut self, predicate: impl Fn(&[u8]) -> bool + Send + 'static) -> Self {
        self.predicate = Some(Box::new(predicate));
        self
    }

    /// Only some of them.
    #[must_use]
    pub const fn when(mut self, when: When) -> Self {
        self.when = when;
        self
    }

    /// Looks at a frame and lets its journey suffer where the rule says so.
    pub(super) fn act(&mut self, from: PortId, sent: &[u8], journey: &mut Journey, random: &mut Random) {
        if self.from.is_some_and(|port| port != from) {
            return;
        }
        if self.predicate.as_ref().is_some_and(|holds| !holds(sent)) {
            return;
        }
        self.matched += 1;
        let strikes = match self.when {
            When::Each => true,
            When::Nth(nth) => self.matched == nth,
            When::EachNth(nth) => nth != 0 && self.matched.is_multiple_of(nth),
            When::First(count) => self.matched <= count,
            When::Chance { per_million } => random.chance(per_million),
        };
        if strikes {
            journey.suffer(self.effect.draw(sent, random));
        }
    }
}

impl Effect {
    /// The effect on this very frame, chances drawn.
    fn draw(self, sent: &[u8], random: &mut Random) -> Fate {
        match self {
            Self::Lose => Fate::Lost,
            Self::Delay { least, most } => {
                let range = most.saturating_sub(least).as_nanos();
                let extra = if range == 0 { 0 } else { random.below(range.saturating_add(1)) };
                Fate::Delayed(least + Duration::from_nanos(extra))
            }
            Self::Duplicate { copies, gap } => Fate::Duplicated { copies, gap },
            Self::Reorder { behind, patience } => Fate::Reordered { behind, patience },
            Self::Corrupt { at, mask } => {
                let at = at.unwrap_or_else(|| {
                    let behind = sent.len().saturating_sub(ETHERNET_HEADER) as u64;
                    ETHERNET_HEADER + random.below(behind) as usize
                });
                let mask = if mask == 0 { 1 << random.below(8) } else { mask };
                Fate::Corrupted { at, mask }
            }
        }
    }
}

impl fmt::Debug for Impairment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, predicate, when, effect, matched } = self;
        f.debug_struct("Impairment")
            .field("from", from)
            .field("selective", &predicate.is_some())
            .field("when", when)
            .field("effect", effect)
            .field("matched", matched)
            .finish()
    }
}
