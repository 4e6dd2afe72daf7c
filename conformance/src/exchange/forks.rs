//! Whether the alternatives of a program can be followed together, seen before anything runs.
//!
//! Where a block begins, all ways that lead to a row which waits for something are followed at once. There may be only
//! so many, and of the rows that do something at once only one can be among them: nothing that comes could decide
//! between two.

use super::MAX_THREADS;
use super::program::{Operation, Program, ProgramError};
use crate::notation::{Action, Place};

/// What lies ahead at a place of the program, up to the first row of each way that takes time or does something.
#[derive(Clone, Copy, Debug, Default)]
struct Ahead {
    /// How many ways there are.
    ways: usize,
    /// A row that does something at once: where it stands in the program.
    acts: Option<usize>,
    /// Whether there are two such rows.
    has_two_acts: bool,
}

impl Ahead {
    const ONE: Self = Self { ways: 1, acts: None, has_two_acts: false };

    fn or(self, other: Self) -> Self {
        let differ = matches!((self.acts, other.acts), (Some(one), Some(two)) if one != two);
        Self {
            ways: self.ways.saturating_add(other.ways),
            acts: self.acts.or(other.acts),
            has_two_acts: self.has_two_acts || other.has_two_acts || differ,
        }
    }
}

/// Checks all blocks of alternatives.
///
/// # Errors
/// The first block that no run could follow.
pub(super) fn check(program: &Program, operations: &[Operation]) -> Result<(), ProgramError> {
    // All jumps lead forward, so that from the end on everything ahead is known.
    let mut ahead = vec![Ahead::ONE; operations.len() + 1];
    let mut fault = None;
    for (at, operation) in operations.iter().enumerate().rev() {
        let known = |at: usize| ahead.get(at).copied().unwrap_or(Ahead::ONE);
        let here = match operation {
            Operation::Row(id) => match &program.row(*id).action {
                Action::Permit { .. } => known(at + 1),
                action if acts_at_once(action, program.row(*id).time.is_some()) => {
                    Ahead { acts: Some(at), ..Ahead::ONE }
                }
                _ => Ahead::ONE,
            },
            Operation::State(_) | Operation::AnyOrder(_) => Ahead::ONE,
            Operation::Join { .. } => known(at + 1),
            Operation::Jump(to) => known(*to),
            Operation::Fork { place, branches } => {
                let all = branches.iter().map(|branch| known(*branch)).fold(Ahead::default(), Ahead::or);
                fault = wrong(*place, all).or(fault);
                // What is told here is not told of the blocks around.
                if all.has_two_acts { Ahead { has_two_acts: false, ..all } } else { all }
            }
        };
        if let Some(slot) = ahead.get_mut(at) {
            *slot = here;
        }
    }
    fault.map_or(Ok(()), Err)
}

fn wrong(place: Place, ahead: Ahead) -> Option<ProgramError> {
    if ahead.ways > MAX_THREADS {
        let found = format!("alternatives that begin {} ways at once", ahead.ways);
        return Some(ProgramError { place, found, expected: format!("at most {MAX_THREADS} ways") });
    }
    if ahead.has_two_acts {
        let found = "several alternatives that begin with what the tester or the application does".to_owned();
        let expected =
            "one of them at most: the others begin with what the device sends, which decides".to_owned();
        return Some(ProgramError { place, found, expected });
    }
    None
}

/// Whether the row does something as soon as it is reached. A call with a result may have been made before, and is
/// then awaited.
fn acts_at_once(action: &Action, has_time: bool) -> bool {
    match action {
        Action::Send { .. } | Action::Deliver { .. } => !has_time,
        Action::Call(call) => !has_time && call.expected.is_none(),
        Action::Expect { .. } | Action::Permit { .. } | Action::Receive { .. } | Action::Silence => false,
    }
}
