//! Variants of the reference: stacks that break one rule each, and stacks that do what is odd but permitted.
//!
//! They are witnesses for the suite itself: every broken one has to be caught, no odd one may be. `wireproof self-test`
//! shows which scenarios do; `wireproof run --device broken:NAME` runs one alone.
//!
//! ```text
//!    wire  --> receives -->  +-----------+  <-- calls   <--  application
//!          <-- sends    <--  | reference |  --> answers -->
//!                            +-----------+
//!                        policy, setup
//! ```
//!
//! A variant is one entry of a table: a name, what it does, the clauses, and functions where it touches what passes. A
//! hook sees a segment by its fields, and the connection's variables as they were before that segment; what it changes
//! is sent with the right checksum.
//!
//! | room | what |
//! |---|---|
//! | `broken` | the broken ones, a file a family |
//! | `odd` | the odd ones |
//! | `device` | the wrapper |
//! | `flow` | what a hook knows of a connection, and what it can wish for |
//! | `segment` | segments that can be rewritten |
//! | `trouble` | ICMP errors about segments of the device |

mod broken;
mod device;
mod flow;
mod odd;
mod segment;
mod trouble;

use self::device::Varied;
use self::flow::{Fate, Flow};
use self::segment::Segment;
use self::trouble::Trouble;
use super::{Call, CallResult, Device, Profile, Setup};
use crate::oracle::RuleId;
use crate::problem::Problem;
use core::fmt;
use wireproof_reference::policy::Policy;

/// A stack that differs from the reference in one thing.
pub struct Variant {
    /// Its name without the kind: `rto-not-doubled`.
    pub name: &'static str,
    /// What it does, as a sentence.
    pub what: &'static str,
    /// Of a broken one, the clauses that this breaks; of an odd one, those of which it makes use, among them each SHOULD
    /// that it does not follow.
    pub clauses: &'static [&'static str],
    kind: Kind,
    /// What its profile says of its times, in TOML, where the properties do not say it.
    timing: &'static str,
    /// The rules of the judge that it breaks on some trace of the suite.
    pub rules: &'static [RuleId],
    /// No ladder sees what it does, only the judge.
    pub is_seen_by_rules_alone: bool,
    policy: fn(&mut Policy),
    setup: fn(&mut Setup),
    sends: fn(&mut Flow, &mut Segment) -> Fate,
    receives: fn(&mut Flow, &mut Segment) -> Fate,
    troubled: fn(&mut Flow, &Trouble) -> Fate,
    keeps_alive: Option<fn(&mut Flow)>,
    hears: fn(&[u8]) -> Option<Vec<u8>>,
    utters: fn(&mut [u8]),
    calls: fn(&mut Call),
    answers: fn(&mut CallResult),
}

/// Whether a variant is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It breaks a rule.
    Broken,
    /// It is odd, and permitted.
    Odd,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Broken => "broken",
            Self::Odd => "odd",
        })
    }
}

/// All variants: the broken ones by family, then the odd ones.
pub fn all() -> impl Iterator<Item = &'static Variant> {
    broken::FAMILIES.iter().copied().flatten().chain(odd::STACKS)
}

/// The variant of this name with its kind, `broken:rto-not-doubled`.
pub fn find(name: &str) -> Option<&'static Variant> {
    all().find(|variant| variant.full_name() == name)
}

impl Variant {
    /// The name with the kind, as `--device` takes it: `broken:rto-not-doubled`.
    pub fn full_name(&self) -> String {
        format!("{}:{}", self.kind, self.name)
    }

    /// Whether it is broken.
    pub const fn is_broken(&self) -> bool {
        matches!(self.kind, Kind::Broken)
    }

    /// What a run knows of it. Broken stacks pass themselves off as the reference; odd ones say what they are.
    ///
    /// # Errors
    /// If its times cannot be read, which is a fault in the table.
    pub fn profile(&self) -> Result<Profile, Problem> {
        let name = self.full_name();
        if self.is_broken()
            && let Some(profile) = Profile::embedded("reference")
        {
            return Ok(profile);
        }
        Profile::parse("built-in", &format!("device = \"{name}\"\n[timing]\n{}\n", self.timing))
    }

    /// The device.
    pub fn open(&'static self) -> Box<dyn Device> {
        Box::new(Varied::new(self))
    }

    const fn broken(name: &'static str, what: &'static str, clauses: &'static [&'static str]) -> Self {
        Self::new(Kind::Broken, name, what, clauses)
    }

    const fn odd(name: &'static str, what: &'static str, clauses: &'static [&'static str]) -> Self {
        Self::new(Kind::Odd, name, what, clauses)
    }

    const fn new(
        kind: Kind,
        name: &'static str,
        what: &'static str,
        clauses: &'static [&'static str],
    ) -> Self {
        Self {
            name,
            what,
            clauses,
            kind,
            timing: "",
            rules: &[],
            is_seen_by_rules_alone: false,
            policy: |_| {},
            setup: |_| {},
            sends: |_, _| Fate::Pass,
            receives: |_, _| Fate::Pass,
            troubled: |_, _| Fate::Pass,
            keeps_alive: None,
            hears: |_| None,
            utters: |_| {},
            calls: |_| {},
            answers: |_| {},
        }
    }

    /// Its profile says this of its times.
    const fn timing(self, timing: &'static str) -> Self {
        Self { timing, ..self }
    }

    /// It breaks these rules of the judge.
    const fn breaks(self, rules: &'static [RuleId]) -> Self {
        Self { rules, ..self }
    }

    /// No ladder asks about what it does.
    const fn seen_by_rules_alone(self) -> Self {
        Self { is_seen_by_rules_alone: true, ..self }
    }

    /// The reference makes other choices.
    const fn policy(self, policy: fn(&mut Policy)) -> Self {
        Self { policy, ..self }
    }

    /// It begins with something else.
    const fn setup(self, setup: fn(&mut Setup)) -> Self {
        Self { setup, ..self }
    }

    /// What it sends goes through this.
    const fn sends(self, sends: fn(&mut Flow, &mut Segment) -> Fate) -> Self {
        Self { sends, ..self }
    }

    /// What it receives goes through this.
    const fn receives(self, receives: fn(&mut Flow, &mut Segment) -> Fate) -> Self {
        Self { receives, ..self }
    }

    /// An ICMP error over IPv4 about a segment of its own goes through this, before the stack sees it.
    const fn troubled(self, troubled: fn(&mut Flow, &Trouble) -> Fate) -> Self {
        Self { troubled, ..self }
    }

    /// It has keep-alives: this is done for each connection when the application asks for them.
    const fn keeps_alive(self, keeps_alive: fn(&mut Flow)) -> Self {
        Self { keeps_alive: Some(keeps_alive), ..self }
    }

    /// Each frame that comes is heard by this as well, which may answer with a frame of its own.
    const fn hears(self, hears: fn(&[u8]) -> Option<Vec<u8>>) -> Self {
        Self { hears, ..self }
    }

    /// Each frame that leaves goes through this, last of all.
    const fn utters(self, utters: fn(&mut [u8])) -> Self {
        Self { utters, ..self }
    }

    /// What the application asks for goes through this.
    const fn calls(self, calls: fn(&mut Call)) -> Self {
        Self { calls, ..self }
    }

    /// What the application is told goes through this.
    const fn answers(self, answers: fn(&mut CallResult)) -> Self {
        Self { answers, ..self }
    }
}

impl fmt::Debug for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Variant")
            .field("name", &self.full_name())
            .field("what", &self.what)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::requirement::{Clause, registry};
    use std::collections::BTreeSet;

    #[test]
    fn each_variant_has_a_name_of_its_own_and_clauses_that_exist() {
        let mut names = BTreeSet::new();
        for variant in all() {
            let name = variant.full_name();
            assert!(names.insert(name.clone()), "{name} stands there twice");
            assert!(
                variant.name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
                "{name}"
            );
            assert!(variant.what.ends_with('.') && !variant.clauses.is_empty(), "{name}");
            for clause in variant.clauses {
                let known = clause.parse::<Clause>().map(|clause| registry().check(&clause));
                assert!(matches!(known, Ok(Ok(()))), "{name}: {clause}: {known:?}");
            }
            assert!(variant.profile().is_ok(), "{name}: {:?}", variant.profile());
        }
    }

    #[test]
    fn there_are_at_least_sixty_broken_stacks_and_twenty_odd_ones() {
        assert!(all().filter(|variant| variant.is_broken()).count() >= 60);
        assert!(all().filter(|variant| !variant.is_broken()).count() >= 20);
    }

    #[test]
    fn a_variant_is_found_by_kind_and_name_alone() {
        assert_eq!(find("broken:rto-short").map(|variant| variant.name), Some("rto-short"));
        assert!(find("rto-short").is_none() && find("odd:rto-short").is_none());
    }
}
