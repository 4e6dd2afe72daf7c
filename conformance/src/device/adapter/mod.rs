//! Stacks in other programs: an *adapter* is a program around a stack that speaks the device protocol, version 1, over its
//! standard input and output. `conformance/devices/README.md` is for those who write one.
//!
//! | room | what |
//! |---|---|
//! | `command` | the command line that starts it |
//! | `process` | a program and its pipes; bounded, never waited for without end |
//! | `deadline` | how long an answer may take |
//! | `greeting` | who it is and what it can do |
//! | `answer` | the lines of an answer |
//! | `conversation` | requests and answers with one process |
//! | `groups` | no adapter outlives this program |
//! | `misbehaviour` | adapters that misbehave on purpose |
//! | [`check`] | what an adapter does wrong, step by step |
//! | [`serve()`] | the other end: serves any [`Device`] |
//!
//! [`Adapters`] holds the command and the processes that rest between scenarios. Each scenario has an [`Adapter`] of its own,
//! which takes a process at its first reset and gives it back when it is dropped. A process that failed is ended, and the
//! next scenario has a new one; none outlives the run.

mod answer;
#[cfg(unix)]
pub mod check;
mod command;
#[cfg(unix)]
mod conversation;
#[cfg(unix)]
mod deadline;
mod greeting;
#[cfg(unix)]
pub(in crate::device) mod groups;
mod misbehaviour;
#[cfg(unix)]
mod process;
mod serve;

#[cfg(not(unix))]
mod elsewhere;
#[cfg(not(unix))]
use elsewhere::{Conversation, Deadline};

#[cfg(unix)]
use conversation::Conversation;
#[cfg(unix)]
pub(in crate::device) use deadline::Deadline;

pub use command::CommandLine;
pub use misbehaviour::Misbehaviour;
pub use serve::{serve, serve_badly};

use super::call::write_hex;
use super::{
    Call, CallId, Capabilities, Capability, Description, Device, DeviceError, Errno, Output, Setup, Wake,
};
use crate::problem::Problem;
use std::io::Write as _;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use wireproof_reference::time::Instant;

/// What an adapter may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Until an answer is whole, and until the greeting is, in real time.
    pub patience: Duration,
    /// Octets of memory, where the system tells.
    pub memory: u64,
}

impl Default for Limits {
    /// 10 s and 2 GiB.
    fn default() -> Self {
        Self { patience: Duration::from_secs(10), memory: 2 << 30 }
    }
}

/// The longest line of the protocol, in octets without its end.
pub const MAX_LINE: usize = 1 << 20;
/// After how many scenarios in a row in which it gave no answer in time the device is not asked any more.
const MAX_SILENT: u32 = 5;
/// How long processes that were told to quit may take to end.
const LEAVE: Duration = Duration::from_secs(2);
/// How many of them may be on their way out at once.
const MAX_LEAVING: usize = 16;

/// A command that starts adapters, and those of them that rest between scenarios.
#[derive(Debug)]
pub struct Adapters {
    command: CommandLine,
    description: Description,
    limits: Limits,
    resting: Mutex<Vec<Conversation>>,
    /// Those that were told to quit and may not have ended yet.
    leaving: Mutex<Vec<Conversation>>,
    /// Scenarios in a row without an answer in time.
    silent: AtomicU32,
}

impl Adapters {
    /// Starts the first process, to learn from its greeting what the device is.
    ///
    /// # Errors
    /// If it cannot be started, or greets wrongly: what it did, what was expected.
    pub fn start(command: CommandLine) -> Result<Arc<Self>, Problem> {
        Self::with_limits(command, Limits::default())
    }

    /// The same with other limits.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn with_limits(command: CommandLine, limits: Limits) -> Result<Arc<Self>, Problem> {
        let (first, description) = Conversation::start(&command, limits)?;
        Ok(Arc::new(Self {
            command,
            description,
            limits,
            resting: Mutex::new(vec![first]),
            leaving: Mutex::default(),
            silent: AtomicU32::new(0),
        }))
    }

    /// What the device says about itself.
    pub const fn description(&self) -> &Description {
        &self.description
    }

    /// A device for one scenario, which is asked for nothing that is not among its capabilities: those of its greeting,
    /// corrected by its profile.
    pub fn device(self: &Arc<Self>, capabilities: Capabilities) -> Adapter {
        Adapter { adapters: self.clone(), capabilities, conversation: None, request: Vec::new() }
    }

    /// A process: one that rests, or a new one.
    fn take(&self) -> Result<Conversation, DeviceError> {
        if let Some(resting) = lock(&self.resting).pop() {
            return Ok(resting);
        }
        let (new, description) = Conversation::start(&self.command, self.limits).map_err(|problem| {
            DeviceError::Crash { message: format!("{}; expected {}", problem.message, problem.expected) }
        })?;
        if description == self.description {
            return Ok(new);
        }
        Err(DeviceError::Protocol {
            found: format!("another greeting: {} {}", description.name, description.version),
            expected: format!(
                "the greeting of the process before: {} {}, the same capabilities and properties",
                self.description.name, self.description.version
            ),
        })
    }

    /// A process whose scenario is over.
    fn give_back(&self, mut conversation: Conversation, is_forgetful: bool) {
        if !conversation.is_in_step() {
            return;
        }
        self.silent.store(0, Ordering::Relaxed);
        if is_forgetful {
            conversation.pending.clear();
            lock(&self.resting).push(conversation);
            return;
        }
        conversation.say_quit();
        let mut leaving = lock(&self.leaving);
        leaving.push(conversation);
        if leaving.len() > MAX_LEAVING {
            leaving.remove(0).await_end(Deadline::after(LEAVE));
        }
    }
}

impl Drop for Adapters {
    fn drop(&mut self) {
        let mut all = std::mem::take(&mut *lock(&self.leaving));
        all.append(&mut lock(&self.resting));
        all.iter_mut().for_each(Conversation::say_quit);
        let deadline = Deadline::after(LEAVE);
        for mut conversation in all {
            conversation.await_end(deadline);
        }
    }
}

/// Whoever panicked while holding it has changed nothing by halves.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A device in another program, for one scenario at a time.
#[derive(Debug)]
pub struct Adapter {
    adapters: Arc<Adapters>,
    capabilities: Capabilities,
    conversation: Option<Conversation>,
    request: Vec<u8>,
}

impl Adapter {
    /// Makes the request that stands in `self.request`.
    fn ask(&mut self, out: &mut Output) -> Result<Wake, DeviceError> {
        self.request.push(b'\n');
        let Some(conversation) = &mut self.conversation else {
            return Err(DeviceError::Protocol {
                found: "a request before the first reset".to_owned(),
                expected: "reset first".to_owned(),
            });
        };
        let answer = conversation.ask(&self.request, out);
        match &answer {
            Ok(_) | Err(DeviceError::Refused { .. }) => {}
            Err(error) => {
                if matches!(error, DeviceError::Silent { .. }) {
                    self.adapters.silent.fetch_add(1, Ordering::Relaxed);
                }
                // The next reset has a new one.
                self.conversation = None;
            }
        }
        answer
    }

    fn begin(&mut self, now: Instant, word: &str) {
        self.request.clear();
        // A vector takes all that is written to it.
        let _ = write!(self.request, "at {} {word}", now.as_nanos());
    }

    /// As many of these frames as one line holds, at least one; how many.
    fn write_frames(&mut self, now: Instant, frames: &[&[u8]]) -> usize {
        self.begin(now, "frame");
        let mut count = 0;
        for frame in frames {
            if count > 0 && self.request.len() + 2 * frame.len() >= MAX_LINE {
                break;
            }
            self.request.push(b' ');
            write_hex(frame, &mut self.request);
            count += 1;
        }
        count
    }
}

impl Device for Adapter {
    fn description(&self) -> &Description {
        &self.adapters.description
    }

    fn reset(&mut self, setup: &Setup, out: &mut Output) -> Result<Wake, DeviceError> {
        let silent = self.adapters.silent.load(Ordering::Relaxed);
        if silent >= MAX_SILENT {
            return Err(DeviceError::Silent {
                request: "reset".to_owned(),
                waited_ms: 0,
                said: format!("it was not asked: {silent} scenarios in a row had no answer in time"),
            });
        }
        if self.capabilities.has(Capability::Once)
            && let Some(used) = self.conversation.take()
        {
            self.adapters.give_back(used, false);
        }
        if self.conversation.is_none() {
            self.conversation = Some(self.adapters.take()?);
        }
        if let Some(conversation) = &mut self.conversation {
            conversation.pending.clear();
        }
        let clock = setup.clock.filter(|_| self.capabilities.has(Capability::Clock));
        let iss = setup.iss.filter(|_| self.capabilities.has(Capability::Iss));
        self.request.clear();
        // A vector takes all that is written to it.
        let _ = write!(self.request, "reset {}", Setup { clock, iss, ..setup.clone() });
        self.ask(out)
    }

    fn handle_frames(
        &mut self,
        now: Instant,
        frames: &[&[u8]],
        out: &mut Output,
    ) -> Result<Wake, DeviceError> {
        let mut rest = frames;
        loop {
            let count = self.write_frames(now, rest);
            let wake = self.ask(out)?;
            rest = rest.get(count..).unwrap_or_default();
            if rest.is_empty() {
                return Ok(wake);
            }
        }
    }

    fn handle_call(
        &mut self,
        now: Instant,
        id: CallId,
        call: &Call,
        out: &mut Output,
    ) -> Result<Wake, DeviceError> {
        if !self.capabilities.has(call.needs()) {
            out.result(id, Err(Errno::ENOTSUP));
            return Ok(Wake::Now);
        }
        self.begin(now, "call");
        // A vector takes all that is written to it.
        let _ = write!(self.request, " {id} {}", answer::fitting(call));
        if let Some(conversation) = &mut self.conversation {
            conversation.pending.insert(id, answer::without_octets(call));
        }
        self.ask(out)
    }

    fn run(&mut self, now: Instant, out: &mut Output) -> Result<Wake, DeviceError> {
        self.begin(now, "run");
        self.ask(out)
    }
}

impl Drop for Adapter {
    fn drop(&mut self) {
        if let Some(conversation) = self.conversation.take() {
            self.adapters.give_back(conversation, !self.capabilities.has(Capability::Once));
        }
    }
}
