//! Clauses as lists of them have it: each in the section that states it, in the order of the RFCs.

use super::terminal::sort_key;
use crate::requirement::{Clause, registry};

/// By RFC, section by its numbers, then level's word and number of the id, so that MUST-10 comes behind MUST-9.
pub type Order = (u16, Vec<u32>, Option<(String, u32)>);

/// Where a clause stands among others.
pub fn order(clause: &Clause) -> Order {
    let (rfc, section) = sort_key(clause);
    let number = clause.id.as_ref().and_then(|id| {
        let (word, number) = id.split_once('-')?;
        Some((word.to_owned(), number.parse().ok()?))
    });
    (rfc, section, number)
}

/// The clause in the section that states its requirement, wherever its tag puts it.
pub fn home(clause: &Clause) -> Clause {
    match registry().requirement(clause) {
        Some(requirement) => Clause { section: requirement.section.clone(), ..clause.clone() },
        None => clause.clone(),
    }
}
