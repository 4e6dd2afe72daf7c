//! How long a scenario is planned to last: as long as it may take a device that keeps every row.
//!
//! Rows are followed as the exchange follows them, but with the time column alone: what the tester does itself and
//! silence take what they say, what is awaited takes until the end of its time, alternatives as long as the longest.
//! Nobody can say when what is awaited with an open end (`1 s..`) comes: it is given two more of the interval last
//! measured, or of the device's RTO, which is when a timer that backs off fires next.
//!
//! What comes after a row that did not hold is not counted, nor what a device needs to get ready.

use std::collections::BTreeMap;

use wireproof_reference::time::{Duration, Instant};

use super::act::Act;
use super::prepare::Prepared;
use crate::exchange::program::Operation;
use crate::exchange::{Program, RowId, Timing, is_pure_ack};
use crate::notation::{Action, Message, Row, Span, TimeSpec};

/// How long the scenario is planned to last on a device of these times.
pub(super) fn planned(prepared: &Prepared, timing: &Timing) -> Duration {
    let mut clock = Clock::default();
    for step in prepared.steps.iter() {
        match &step.act {
            Act::Prepare { program, with_close, .. } => {
                let ways = [program, with_close].map(|way| follow(way.as_ref(), timing, clock.clone()));
                ways.into_iter().for_each(|way| clock.later_of(way));
            }
            Act::Exchange(program) => clock = follow(Some(program), timing, clock),
            Act::Listen { .. }
            | Act::Connect { .. }
            | Act::Introduce { .. }
            | Act::NoLonger { .. }
            | Act::FillsHoles => {}
        }
    }
    clock.now.since(Instant::ZERO)
}

/// How late it is, and what later times count from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Clock {
    now: Instant,
    /// When the rows with a label came to pass.
    marks: BTreeMap<String, Instant>,
    /// The interval that `x2` doubles.
    interval: Option<Duration>,
}

/// Where a program leads from `clock` on.
fn follow(program: Option<&Program>, timing: &Timing, mut clock: Clock) -> Clock {
    let Some(program) = program else { return clock };
    // Jumps lead forward only: who comes to a place is known when it is reached.
    let mut ahead: BTreeMap<usize, Clock> = BTreeMap::new();
    let mut is_reached = true;
    let mut at = 0;
    while let Some(operation) = program.operation(at) {
        if let Some(others) = ahead.remove(&at) {
            if std::mem::replace(&mut is_reached, true) {
                clock.later_of(others);
            } else {
                clock = others;
            }
        }
        match operation {
            _ if !is_reached => {}
            Operation::Row(row) => clock.pass(program, &[*row], timing),
            Operation::AnyOrder(rows) => clock.pass(program, rows, timing),
            Operation::Fork { branches, .. } => {
                branches.iter().for_each(|branch| arrive(&mut ahead, *branch, clock.clone()));
                is_reached = false;
            }
            Operation::Jump(to) => {
                arrive(&mut ahead, *to, clock.clone());
                is_reached = false;
            }
            Operation::State(_) | Operation::Join { .. } => {}
        }
        at += 1;
    }
    // A block that ends the ladder has its join behind all rows: nothing waits beyond the end.
    clock
}

fn arrive(ahead: &mut BTreeMap<usize, Clock>, at: usize, clock: Clock) {
    match ahead.get_mut(&at) {
        Some(other) => other.later_of(clock),
        None => drop(ahead.insert(at, clock)),
    }
}

impl Clock {
    /// Of two ways here the longer, in each respect.
    fn later_of(&mut self, other: Self) {
        let Self { now, marks, interval } = other;
        self.now = self.now.max(now);
        self.interval = self.interval.max(interval);
        for (label, time) in marks {
            let own = self.marks.entry(label).or_insert(time);
            *own = time.max(*own);
        }
    }

    /// Rows come to pass, whose times all count from the same row before.
    fn pass(&mut self, program: &Program, rows: &[RowId], timing: &Timing) {
        let (before, interval) = (self.now, self.interval);
        for row in rows.iter().map(|row| program.row(*row)) {
            if matches!(row.action, Action::Permit { .. }) {
                continue;
            }
            let reference = row.time.as_ref().and_then(|time| self.marks.get(time.after.as_ref()?));
            let reference = reference.copied().unwrap_or(before);
            let done = (reference + lasts(row, timing, interval)).max(before);
            if row.awaits() && row.time.as_ref().is_some_and(TimeSpec::is_measured) {
                self.interval = Some(done.since(reference));
            }
            if let Some(label) = &row.label {
                self.marks.insert(label.clone(), done);
            }
            self.now = self.now.max(done);
        }
    }
}

/// How long after the row that it counts from a row has come to pass at the latest.
fn lasts(row: &Row, timing: &Timing, interval: Option<Duration>) -> Duration {
    let timing = timing.of_row(row);
    let is_awaited = row.awaits();
    match (&row.time, &row.action) {
        (Some(TimeSpec { span: Span::AtLeast(from), .. }), _) if is_awaited => {
            timing.amount(*from) + interval.unwrap_or(timing.rto) * 2
        }
        (Some(time), _) if is_awaited => timing.awaited(&time.span, interval).to,
        (Some(time), _) => timing.waited(&time.span, interval),
        (None, Action::Expect { message: Message::Tcp(segment), .. }) if is_pure_ack(segment) => {
            timing.due_with_delayed_ack().to
        }
        // The last octets may find the window shut until the acknowledgment of those before.
        (None, Action::Deliver { .. }) => timing.due_with_delayed_ack().to,
        (None, _) if is_awaited => timing.due_at_once().to,
        (None, _) => Duration::ZERO,
    }
}
