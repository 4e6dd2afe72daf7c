//! Follows a ladder over a testbed: sends and calls what the rows say, and compares what the device does.
//!
//! A [`Session`] is a scenario under way, with its device, the tester's hosts and the device's application. An
//! [`Exchange`] follows one [`Program`] (a ladder made flat) on it. Alternatives are followed together: each is a
//! thread with a [`View`] of its own, and dies at its first row that does not hold. Nothing here knows any device, or
//! anything of the reference but the wire formats and the units of time.
//!
//! ```text
//!            Program                    Session
//!  ladder ──> rows, forks     <──>   settle: all that is due now
//!               │                    advance: time passes until something comes
//!               v                          │
//!  threads: poll ── Moved, Split ──┐       │ inbox: segments of the device
//!     ^      ├── Wait(until) ──────┼───────┘
//!     │      ├── Act: send, call ──┘ (once it lives alone)
//!     └──────┴── Finished / Failed(mismatch)
//! ```
//!
//! | file | what |
//! |---|---|
//! | [`program`] | a ladder made flat |
//! | `forks` | alternatives that cannot be followed together |
//! | [`timing`] | when a row may happen |
//! | [`session`] | the testbed, the tester's hosts, time |
//! | [`application`] | the device's application: sockets and calls |
//! | [`view`] | what one way of following the ladder knows |
//! | [`arrival`] | a frame of the device, taken apart |
//! | `thread` | one way of following the ladder |
//! | `await_row` | `<--`, `<--?`, `<--*`; what is absorbed, what is left over |
//! | `any_order` | rows that come in any order |
//! | `octets` | `<==` |
//! | `deliver` | `==>` |
//! | `wait` | `---`, and the time before the tester acts |
//! | `act` | `-->` |
//! | `call` | `call` |
//! | `result` | what comes of a call, against its row |
//! | `state` | the `device` column |
//! | `compare` | a packet against a row |
//! | [`story`] | what happened, as a ladder with times |

mod act;
mod any_order;
pub mod application;
pub mod arrival;
mod await_row;
mod call;
mod compare;
mod deliver;
mod forks;
mod octets;
pub mod program;
mod result;
pub mod session;
mod state;
pub mod story;
mod thread;
pub mod timing;
pub mod view;
mod wait;

use wireproof_reference::time::Instant;
use wireproof_reference::wire::Packet;

pub use application::BACKLOG;
pub use call::DEVICE_PORT;
pub use program::{Program, ProgramError, RowId};
pub use session::{Interruption, Session};
pub use state::Told;
pub use thread::Mismatch;
pub use timing::Timing;
pub use view::View;

pub(crate) use await_row::is_pure_ack;

use self::arrival::Arrival;
use self::octets::LastTaken;
use self::program::Operation;
use self::thread::{Poll, Progress, Thread};
use self::view::MAX_WAITING;
use crate::notation::{Action, Side, show};

/// The connection of rows that name none.
pub const DEFAULT_CONNECTION: &str = "A";
/// As many ways of following a ladder are followed together at most.
const MAX_THREADS: usize = 256;

/// One ladder being followed.
pub struct Exchange<'a> {
    session: &'a mut Session,
    program: &'a Program,
    /// `@exact`: nothing is absorbed.
    is_exact: bool,
    /// No later step takes what this ladder leaves over.
    is_last: bool,
    last_taken: LastTaken,
    /// How many octets of a `recv` row the application has read so far.
    partly: u64,
}

impl<'a> Exchange<'a> {
    /// Ready to follow `program`. `is_last`: whatever it leaves over is left over for good.
    pub fn new(session: &'a mut Session, program: &'a Program, is_exact: bool, is_last: bool) -> Self {
        Self { session, program, is_exact, is_last, last_taken: None, partly: 0 }
    }

    /// Follows the ladder to its end, from what is known so far.
    ///
    /// # Errors
    /// The row that did not hold, with what was known when it failed.
    pub fn run(mut self, view: View) -> Result<View, Box<(Mismatch, View)>> {
        let mut threads = vec![Thread::new(view)];
        loop {
            if let Err(interruption) = self.session.settle() {
                return Err(self.broken_off(threads, &interruption));
            }
            self.hand_out(&mut threads);
            let (living, dead) = self.poll_all(threads);
            if living.is_empty() {
                return Err(Box::new(self.obituary(dead)));
            }
            match self.next_step(&living) {
                Step::Finish(index) => return Ok(take(living, index).view),
                Step::Act(index) => {
                    let mut thread = take(living, index);
                    if let Err(mut mismatch) = self.act(&mut thread) {
                        mismatch.done = thread.view.done;
                        return Err(Box::new((*mismatch, thread.view)));
                    }
                    threads = vec![thread];
                }
                Step::Wait(until) => {
                    threads = living.into_iter().map(|(thread, _)| thread).collect();
                    if let Err(interruption) = self.session.advance(until) {
                        return Err(self.broken_off(threads, &interruption));
                    }
                }
                Step::Stuck => {
                    let row = living.first().and_then(|(thread, _)| self.row_at(thread));
                    let summary = "several alternatives hold and want to do different things";
                    let mismatch = Mismatch {
                        row,
                        is_ladders_fault: true,
                        summary: summary.to_owned(),
                        ..Mismatch::default()
                    };
                    return Err(Box::new((mismatch, take(living, 0).view)));
                }
            }
        }
    }

    /// Everything that came is seen by all threads.
    fn hand_out(&mut self, threads: &mut [Thread]) {
        let inbox = self.session.take_inbox();
        for thread in threads {
            let room = MAX_WAITING.saturating_sub(thread.view.waiting.len());
            thread.view.waiting.extend(inbox.iter().take(room).cloned());
            self.session.give_accepted(&thread.view.connections);
        }
    }

    /// Lets every thread go as far as it can with what has come.
    fn poll_all(&mut self, threads: Vec<Thread>) -> (Vec<(Thread, Poll)>, Vec<Dead>) {
        let (mut living, mut dead) = (Vec::new(), Vec::new());
        let mut stack: Vec<Thread> = threads.into_iter().rev().collect();
        while let Some(mut thread) = stack.pop() {
            match self.poll(&mut thread) {
                Poll::Moved => stack.push(thread),
                Poll::Split(more) if stack.len() + living.len() + more.len() <= MAX_THREADS => {
                    stack.extend(more.into_iter().rev());
                }
                Poll::Split(_) => {
                    let row = self.row_at(&thread).unwrap_or_default();
                    let mismatch = Mismatch::of_the_ladder(row, "too many alternatives hold at once");
                    dead.push((*mismatch, thread.view));
                }
                Poll::Failed(mut mismatch) => {
                    mismatch.done = thread.view.done;
                    dead.push((*mismatch, thread.view));
                }
                waits @ (Poll::Wait(_) | Poll::Act | Poll::Finished) => living.push((thread, waits)),
            }
        }
        (living, dead)
    }

    fn poll(&mut self, thread: &mut Thread) -> Poll {
        let program = self.program;
        let Some(operation) = program.operation(thread.at) else {
            return self.poll_end(thread);
        };
        match operation {
            Operation::Row(id) => self.poll_row(thread, *id),
            Operation::State(id) => self.poll_state(thread, *id),
            Operation::AnyOrder(rows) => self.poll_any_order(thread, rows),
            Operation::Jump(to) => {
                thread.at = *to;
                thread.progress = Progress::Fresh;
                Poll::Moved
            }
            Operation::Join { .. } => {
                thread.advance();
                Poll::Moved
            }
            Operation::Fork { place, branches } => {
                let branch = |(index, at): (usize, &usize)| {
                    let mut view = thread.view.clone();
                    view.lived.push(story::alternative(program, *place, index, *at));
                    Thread { at: *at, view, progress: Progress::Fresh }
                };
                Poll::Split(branches.iter().enumerate().map(branch).collect())
            }
        }
    }

    fn poll_row(&mut self, thread: &mut Thread, id: RowId) -> Poll {
        match &self.program.row(id).action {
            Action::Expect { message, fate } => self.poll_expect(thread, id, message, *fate),
            Action::Permit { message, often } => self.poll_permit(thread, id, message, *often),
            Action::Receive { octets, acked } => self.poll_receive(thread, id, octets, *acked),
            Action::Deliver { octets } => self.poll_deliver(thread, id, octets),
            Action::Silence => self.poll_silence(thread, id),
            Action::Send { .. } => self.poll_act_in_time(thread, id),
            Action::Call(call) => self.poll_call(thread, id, call),
        }
    }

    /// What happens next: a row acts only when all living threads stand at it, time passes while any waits.
    fn next_step(&self, living: &[(Thread, Poll)]) -> Step {
        let waits = living.iter().filter_map(|(_, poll)| match poll {
            Poll::Wait(until) => Some(*until),
            _ => None,
        });
        if let Some(until) = waits.min() {
            return Step::Wait(until);
        }
        // Of several that came to the same place the one is followed that left the least unexplained; among equals
        // the alternative that is written first.
        let fewest = living.iter().enumerate().min_by_key(|(_, (thread, _))| thread.view.waiting.len());
        let Some((index, (best, poll))) = fewest else { return Step::Stuck };
        if living.iter().any(|(thread, _)| thread.at != best.at) {
            return Step::Stuck;
        }
        match poll {
            Poll::Act => Step::Act(index),
            _ => Step::Finish(index),
        }
    }

    fn act(&mut self, thread: &mut Thread) -> Result<(), Box<Mismatch>> {
        let program = self.program;
        let Some(Operation::Row(id)) = program.operation(thread.at) else { return Ok(()) };
        match &program.row(*id).action {
            Action::Send { message, fate } => self.send_row(thread, *id, message, *fate),
            Action::Call(call) => self.make_call(thread, *id, call),
            Action::Receive { .. } => self.acknowledge(thread, *id),
            Action::Deliver { octets } => self.deliver(thread, *id, octets),
            Action::Expect { .. } | Action::Permit { .. } | Action::Silence => Ok(()),
        }
    }

    /// The mismatch to tell of: that of the way which came furthest. If several ways ended at once, all that was
    /// expected is told.
    fn obituary(&self, dead: Vec<Dead>) -> (Mismatch, View) {
        let furthest = dead.iter().map(|(mismatch, _)| mismatch.done).max().unwrap_or_default();
        let mut alike = dead.into_iter().filter(|(mismatch, _)| mismatch.done == furthest);
        let Some((mut first, view)) = alike.next() else {
            return (Mismatch::default(), View::new(Instant::ZERO));
        };
        let mut others: Vec<String> =
            alike.map(|(mismatch, _)| mismatch.expected).filter(|text| !text.is_empty()).collect();
        others.retain(|text| *text != first.expected);
        others.dedup();
        if !others.is_empty() {
            first.summary = format!("no alternative holds: {}", first.summary);
            first.expected = [vec![first.expected], others].concat().join(" or ");
        }
        (first, view)
    }

    fn broken_off(&self, threads: Vec<Thread>, interruption: &Interruption) -> Box<(Mismatch, View)> {
        let Some(thread) = threads.into_iter().next() else {
            return Box::new((Mismatch::default(), View::new(self.session.now())));
        };
        let row = self.row_at(&thread);
        let mismatch = Mismatch {
            row,
            summary: interruption.to_string(),
            done: thread.view.done,
            ..Mismatch::default()
        };
        Box::new((mismatch, thread.view))
    }

    fn interrupted(&self, id: RowId, interruption: &Interruption) -> Box<Mismatch> {
        Box::new(Mismatch::at(id, interruption.to_string()))
    }

    /// The row at which a thread stands.
    fn row_at(&self, thread: &Thread) -> Option<RowId> {
        match self.program.operation(thread.at)? {
            Operation::Row(id) | Operation::State(id) => Some(*id),
            Operation::AnyOrder(rows) => rows.first().copied(),
            Operation::Fork { .. } | Operation::Join { .. } | Operation::Jump(_) => None,
        }
    }

    /// The connection of a row.
    fn connection_of(&self, thread: &Thread, id: RowId) -> Result<usize, Box<Mismatch>> {
        let name = self.program.row(id).conn.as_deref().unwrap_or(DEFAULT_CONNECTION);
        let connection = thread.view.connection(name);
        connection
            .ok_or_else(|| Mismatch::of_the_ladder(id, format!("no step has introduced a connection {name}")))
    }

    /// What came, in the notation.
    fn print(&self, view: &View, arrival: &Arrival) -> String {
        let own = view.connections.iter().find(|connection| self.session.may_belong(arrival, connection));
        let text = match (Packet::parse_cut(&arrival.packet), own.or(view.connections.first())) {
            (Ok(packet), Some(connection)) => show::packet(&packet, Side::Device, &connection.binding),
            (Ok(packet), None) => packet.to_string(),
            (Err(error), _) => format!("a frame of {} octets: {error}", arrival.packet.len()),
        };
        match arrival.flaw {
            Some(flaw) => format!("{text} ({flaw})"),
            None => text,
        }
    }
}

/// A way that did not hold: why, and what it knew.
type Dead = (Mismatch, View);

/// What is done once every thread has gone as far as it can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// This thread is at the end.
    Finish(usize),
    /// This thread acts.
    Act(usize),
    /// Time passes.
    Wait(Instant),
    /// Nothing can be done.
    Stuck,
}

fn take(mut living: Vec<(Thread, Poll)>, index: usize) -> Thread {
    living.swap_remove(index).0
}
