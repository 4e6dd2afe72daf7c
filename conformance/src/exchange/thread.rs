//! One way of following a ladder: where it stands, what it knows, what it is in the middle of.

use wireproof_reference::time::Instant;

use super::deliver::Deliver;
use super::octets::Receive;
use super::program::RowId;
use super::timing::Bounds;
use super::view::View;
use crate::device::CallId;
use crate::report::Difference;

/// One way of following a ladder. A fork makes several of one; those that do not hold die.
#[derive(Clone, Debug)]
pub(super) struct Thread {
    /// The operation that comes next.
    pub at: usize,
    /// What it knows.
    pub view: View,
    /// What it is in the middle of.
    pub progress: Progress,
}

/// How far the operation has come at which a thread stands.
#[derive(Clone, Debug)]
pub(super) enum Progress {
    /// Not begun.
    Fresh,
    /// It awaits a segment within these bounds.
    Awaiting(Bounds),
    /// It waits until then.
    Waiting(Instant),
    /// It awaits the result of a call within these bounds.
    Calling(CallId, Bounds),
    /// It collects octets.
    Receiving(Receive),
    /// It sends octets.
    Delivering(Deliver),
    /// It awaits rows in any order.
    AnyOrder(Vec<Open>),
}

/// A row of `any order` that has not come to pass.
#[derive(Clone, Debug)]
pub(super) struct Open {
    /// Which.
    pub row: RowId,
    /// When it has to come.
    pub bounds: Bounds,
    /// For `<==`: what has come of it.
    pub receive: Option<Receive>,
}

/// What a thread does next.
#[derive(Debug)]
pub(super) enum Poll {
    /// It went on and can be asked again.
    Moved,
    /// It went on at several places at once.
    Split(Vec<Thread>),
    /// Nothing more until something comes, or until this instant.
    Wait(Instant),
    /// It wants to send or call, once it lives alone.
    Act,
    /// It is at the end.
    Finished,
    /// It does not hold.
    Failed(Box<Mismatch>),
}

/// A row that did not hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mismatch {
    /// Which row; none at the end of the ladder.
    pub row: Option<RowId>,
    /// One sentence: what went wrong.
    pub summary: String,
    /// What was expected, in the notation; empty for silence.
    pub expected: String,
    /// What came, in the notation; empty if nothing came.
    pub got: String,
    /// Field by field where the two differ.
    pub differences: Vec<Difference>,
    /// How many rows had held before.
    pub done: usize,
    /// Whether it is the ladder that cannot be followed, not the device that fails.
    pub is_ladders_fault: bool,
    /// What the device would have to have for the row to be played at all: it lacks it, and does not fail.
    pub lacking: Option<String>,
}

impl Thread {
    /// At the first row, with what is known so far.
    pub(super) fn new(view: View) -> Self {
        Self { at: 0, view, progress: Progress::Fresh }
    }

    /// On to the next operation.
    pub(super) fn advance(&mut self) {
        self.at += 1;
        self.progress = Progress::Fresh;
    }
}

impl Mismatch {
    /// Something that went wrong at a row.
    pub fn at(row: RowId, summary: impl Into<String>) -> Self {
        Self { row: Some(row), summary: summary.into(), ..Self::default() }
    }

    /// The ladder itself cannot be followed.
    pub fn of_the_ladder(row: RowId, summary: impl Into<String>) -> Box<Self> {
        Box::new(Self { is_ladders_fault: true, ..Self::at(row, summary) })
    }
}

impl From<Box<Mismatch>> for Poll {
    fn from(mismatch: Box<Mismatch>) -> Self {
        Self::Failed(mismatch)
    }
}

impl From<Mismatch> for Poll {
    fn from(mismatch: Mismatch) -> Self {
        Self::Failed(Box::new(mismatch))
    }
}
