//! The registry of clauses: which rules there are, how strict they are, how they can be observed.
//!
//! | room | what |
//! |---|---|
//! | [`clause`] | a clause as tags name it |
//! | [`mod@registry`] | all clauses that tags may name, read from `conformance/requirements/*.toml` |

pub mod clause;
pub mod registry;

pub use clause::Clause;
pub use registry::{Observable, Registry, Requirement, Rfc, registry};
