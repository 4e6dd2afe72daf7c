//! A ladder made flat: rows one after another, with forks where alternatives begin and joins where they end.
//!
//! Repetition is unrolled. A fork lists where each alternative begins; each ends with a jump to the join behind the
//! block.

use super::forks;
use crate::notation::{Action, Ladder, Place, Row, Step};

/// More rows than this after unrolling are a scenario gone wrong.
pub const MAX_OPERATIONS: usize = 100_000;

/// Alternatives within `any order` multiply; more ways than this are a scenario gone wrong.
pub const MAX_WAYS: usize = 64;

/// A ladder ready to be followed.
#[derive(Clone, Debug, Default)]
pub struct Program {
    rows: Vec<Row>,
    operations: Vec<Operation>,
}

/// The number of a row in its program; a repeated row has one number.
pub type RowId = usize;

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Does or awaits what a row says.
    Row(RowId),
    /// Reads the device's state and compares it with the row's.
    State(RowId),
    /// Goes on at each of these places at once.
    Fork {
        /// Where the block stands.
        place: Place,
        /// Where the alternatives begin.
        branches: Vec<usize>,
    },
    /// The end of a block of alternatives.
    Join {
        /// Where the block stands.
        place: Place,
    },
    /// Goes on elsewhere.
    Jump(usize),
    /// Awaits all of these rows, in whatever order they come.
    AnyOrder(Vec<RowId>),
}

/// A block that no run could follow: where it stands and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramError {
    /// Where.
    pub place: Place,
    /// What is wrong with it.
    pub found: String,
    /// What would be right.
    pub expected: String,
}

impl Program {
    /// Makes a ladder flat.
    ///
    /// # Errors
    /// If it grows beyond [`MAX_OPERATIONS`], `any order` holds what is not awaited, or alternatives cannot be followed
    /// together.
    pub fn new(ladder: &Ladder) -> Result<Self, ProgramError> {
        let mut program = Self::default();
        program.add_all(&ladder.steps)?;
        forks::check(&program, &program.operations)?;
        Ok(program)
    }

    /// The operation at a place, none behind the end.
    pub fn operation(&self, at: usize) -> Option<&Operation> {
        self.operations.get(at)
    }

    /// The row of that number.
    pub fn row(&self, id: RowId) -> &Row {
        &self.rows[id]
    }

    /// All rows in the order of the ladder, repeated ones once.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    fn add_all(&mut self, steps: &[Step]) -> Result<(), ProgramError> {
        steps.iter().try_for_each(|step| self.add(step))
    }

    fn add(&mut self, step: &Step) -> Result<(), ProgramError> {
        match step {
            Step::Row(row) => {
                let id = self.add_row(row);
                self.add_visit(id);
            }
            Step::Either { place, alternatives } => self.add_alternatives(*place, alternatives)?,
            Step::AnyOrder { place, steps } => self.add_any_order(*place, steps)?,
            Step::Repeat { place, count, steps } => self.add_repeated(*place, *count, steps)?,
        }
        Ok(())
    }

    fn add_row(&mut self, row: &Row) -> RowId {
        self.rows.push(row.clone());
        self.rows.len() - 1
    }

    fn add_visit(&mut self, id: RowId) {
        self.operations.push(Operation::Row(id));
        if self.rows[id].device.is_some() {
            self.operations.push(Operation::State(id));
        }
    }

    fn add_alternatives(&mut self, place: Place, alternatives: &[Vec<Step>]) -> Result<(), ProgramError> {
        let fork = self.operations.len();
        self.operations.push(Operation::Jump(0));
        let mut branches = Vec::with_capacity(alternatives.len());
        let mut jumps = Vec::with_capacity(alternatives.len());
        for steps in alternatives {
            branches.push(self.operations.len());
            self.add_all(steps)?;
            jumps.push(self.operations.len());
            self.operations.push(Operation::Jump(0));
        }
        let join = self.operations.len();
        self.operations.push(Operation::Join { place });
        for jump in jumps {
            self.operations[jump] = Operation::Jump(join);
        }
        self.operations[fork] = Operation::Fork { place, branches };
        Ok(())
    }

    /// Alternatives within are alternatives of the whole block; blocks and repetitions within dissolve.
    fn add_any_order(&mut self, place: Place, steps: &[Step]) -> Result<(), ProgramError> {
        let ways = open_ways(place, steps)?;
        if let [only] = ways.as_slice() {
            return self.add_open_rows(only);
        }
        let one_block = |rows: Vec<Row>| {
            vec![Step::AnyOrder {
                place,
                steps: rows.into_iter().map(|row| Step::Row(Box::new(row))).collect(),
            }]
        };
        let alternatives: Vec<Vec<Step>> = ways.into_iter().map(one_block).collect();
        self.add_alternatives(place, &alternatives)
    }

    fn add_open_rows(&mut self, rows: &[Row]) -> Result<(), ProgramError> {
        let mut ids = Vec::with_capacity(rows.len());
        for row in rows {
            match &row.action {
                Action::Expect { .. } | Action::Receive { acked: false, .. } => ids.push(self.add_row(row)),
                Action::Permit { .. } => {
                    let id = self.add_row(row);
                    self.operations.push(Operation::Row(id));
                }
                Action::Receive { acked: true, .. }
                | Action::Send { .. }
                | Action::Deliver { .. }
                | Action::Silence
                | Action::Call(_) => {
                    let found =
                        "a row within `any order` by which the tester or the application acts".to_owned();
                    let expected =
                        "rows that await segments of the device: <-- and <== without `acked`".to_owned();
                    return Err(ProgramError { place: row.place, found, expected });
                }
            }
        }
        let states: Vec<RowId> = ids.iter().copied().filter(|id| self.rows[*id].device.is_some()).collect();
        self.operations.push(Operation::AnyOrder(ids));
        // The order is open, so what the device's state is in between is open too: it is read when all have come.
        self.operations.extend(states.into_iter().map(Operation::State));
        Ok(())
    }

    fn add_repeated(&mut self, place: Place, count: u32, steps: &[Step]) -> Result<(), ProgramError> {
        let too_long = || ProgramError {
            place,
            found: "a ladder that grows too long when repeated".to_owned(),
            expected: format!("at most {MAX_OPERATIONS} rows in all"),
        };
        let start = self.operations.len();
        self.add_all(steps)?;
        let body: Vec<Operation> = self.operations[start..].to_vec();
        let total = usize::try_from(count).ok().and_then(|count| body.len().checked_mul(count));
        if total.is_none_or(|total| start + total > MAX_OPERATIONS) {
            return Err(too_long());
        }
        for round in 1..count {
            // `round * body.len()` is below MAX_OPERATIONS.
            let shift = body.len() * round as usize;
            self.operations.extend(body.iter().map(|operation| operation.shifted(shift)));
        }
        Ok(())
    }
}

/// The rows of a block whose order is open: several sets of them if alternatives stand within.
fn open_ways(place: Place, steps: &[Step]) -> Result<Vec<Vec<Row>>, ProgramError> {
    let mut ways: Vec<Vec<Row>> = vec![Vec::new()];
    for step in steps {
        let choices = match step {
            Step::Row(row) => vec![vec![row.as_ref().clone()]],
            Step::AnyOrder { steps, .. } => open_ways(place, steps)?,
            Step::Either { alternatives, .. } => {
                let each: Result<Vec<_>, _> =
                    alternatives.iter().map(|steps| open_ways(place, steps)).collect();
                each?.concat()
            }
            Step::Repeat { count, steps, .. } => {
                let copies = usize::try_from(*count).unwrap_or(usize::MAX);
                if copies.saturating_mul(steps.len()) > MAX_OPERATIONS {
                    return Err(too_many_ways(place));
                }
                let all: Vec<Step> = steps.iter().cycle().take(copies * steps.len()).cloned().collect();
                open_ways(place, &all)?
            }
        };
        if ways.len() * choices.len() > MAX_WAYS {
            return Err(too_many_ways(place));
        }
        ways = ways
            .iter()
            .flat_map(|way| choices.iter().map(move |more| [way.as_slice(), more].concat()))
            .collect();
    }
    Ok(ways)
}

fn too_many_ways(place: Place) -> ProgramError {
    let found = "`any order` around too many alternatives".to_owned();
    ProgramError { place, found, expected: format!("at most {MAX_WAYS} ways to come to its end") }
}

impl Operation {
    fn shifted(&self, by: usize) -> Self {
        match self {
            Self::Fork { place, branches } => {
                Self::Fork { place: *place, branches: branches.iter().map(|at| at + by).collect() }
            }
            Self::Jump(to) => Self::Jump(to + by),
            Self::Row(_) | Self::State(_) | Self::Join { .. } | Self::AnyOrder(_) => self.clone(),
        }
    }
}
