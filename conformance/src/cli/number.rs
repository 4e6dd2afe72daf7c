//! Numbers among the arguments, with messages that say what was expected.

use std::num::NonZeroUsize;

use crate::problem::Problem;
use crate::requirement::registry;

/// Any number of 64 bits.
pub(super) fn any(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("expected a number from 0 to {}", u64::MAX))
}

/// A number of things of which there is at least one.
pub(super) fn at_least_one(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|_| "expected a number from 1 on".to_owned())
}

/// The number of an RFC.
pub(super) fn rfc(text: &str) -> Result<u16, String> {
    text.parse().map_err(|_| "expected the number of an RFC, such as 9293".to_owned())
}

/// The problem with the number of an RFC that is not in the registry.
pub(super) fn unknown_rfc(number: u16) -> Problem {
    let known: Vec<String> = registry().rfcs().map(|rfc| rfc.number.to_string()).collect();
    Problem::new(format!("RFC {number} is not in the registry"), format!("one of {}", known.join(", ")))
}
