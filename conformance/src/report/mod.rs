//! What a run found, once, and the ways to tell it.
//!
//! | room | what |
//! |---|---|
//! | [`model`] | the report itself: a device, a seed, a verdict for each scenario |

pub mod model;

pub use model::{
    Difference, Failure, IpVersion, Level, Numbers, Report, SCHEMA_VERSION, ScenarioReport, Verdict, WallTime,
};
