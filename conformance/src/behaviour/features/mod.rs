//! Feature files: found, read, checked, expanded. What comes out is ready to run.
//!
//! | room | what |
//! |---|---|
//! | [`scenario`] | a scenario as it will run: one outline row, one version of IP |

pub mod scenario;

pub use scenario::{Cell, Scenario, Step, StepKind, Table, TableRow};
