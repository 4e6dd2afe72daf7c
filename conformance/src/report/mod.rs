//! What a run found, once, and the ways to tell it.
//!
//! | room | what |
//! |---|---|
//! | [`model`] | the report itself: a device, a seed, a verdict for each scenario |
//! | [`terminal`] | as people read it: a tree by feature and clause, failures in full, counts |
//! | [`clauses`] | clauses in the order of the RFCs |
//! | [`matrix`] | clause by device, over several reports |
//! | [`expected`] | a user's list of what a device does today: `--expected` |
//! | [`failure`] | one failure in full |
//! | [`broken_rule`] | a rule of the judge that was broken, in full |
//! | [`folder`] | the folder of `--report`: JSON, JUnit, captures |
//! | [`junit`] | `junit.xml` |
//! | [`style`] | colours |

pub mod broken_rule;
pub mod clauses;
pub mod expected;
pub mod failure;
pub mod folder;
pub mod junit;
pub mod matrix;
pub mod model;
pub mod style;
pub mod terminal;

pub use broken_rule::{BrokenRule, Rung};
pub use model::{
    Difference, Failure, IpVersion, Level, Numbers, Report, RuleTally, SCHEMA_VERSION, ScenarioReport,
    Unshown, Verdict, WallTime, Weight,
};

#[cfg(test)]
mod tests;
