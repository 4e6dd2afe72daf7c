//! Devices under test: a TCP/IP stack behind one trait, whatever it is written in and wherever it runs.
//!
//! The trait is the device protocol (version 1) as Rust: the same requests, the same calls, the same results, the
//! same rules about `wake`. A stack in this process implements it directly; an adapter in another program is
//! driven by printing the very same values as text.
//!
//! | room | what |
//! |---|---|
//! | [`adapter`] | stacks in other programs, by the device protocol |
//! | [`built`] | adapters that have to be built first, and where they are |
//! | `call` | socket calls and their results, to and from the protocol's text |
//! | `capability` | what a device can do and what it says about itself |
//! | [`elsewhere`] | stacks to which whole scenarios go, since they cannot be driven from here |
//! | `live` | the trait for stacks that have a time of their own |
//! | `linux` | the kernel's stack, live, in a network namespace of its own |
//! | `linux_virtual` | Linux in virtual time: a kernel that is a process, for each scenario one |
//! | [`profile`] | what a run has to know about a device: timing, known deviations |
//! | [`mod@reference`] | the reference stack in this process |
//! | [`smoltcp`] | smoltcp 0.14 in this process |
//! | [`variant`] | the reference broken on purpose, or made odd: witnesses for the suite itself |
//!
//! In virtual time the harness owns the clock. Requests carry the time; it never goes back. Every answer ends with
//! a [`Wake`]: when the stack wants to run next.

pub mod adapter;
pub mod built;
mod call;
mod capability;
pub mod elsewhere;
mod error;
#[cfg(target_os = "linux")]
pub mod linux;
#[cfg(target_os = "linux")]
pub mod linux_virtual;
#[cfg(target_os = "linux")]
mod live;
pub mod profile;
pub mod reference;
mod setup;
pub mod smoltcp;
pub mod variant;

pub use call::{
    Call, CallId, CallResult, CallValue, Child, Errno, OptionName, OptionValue, ShutdownHow, SocketId,
    TcpState, TextError, parse_result, pattern, print_result,
};
pub use capability::{Capabilities, Capability, Description, Properties};
pub use error::DeviceError;
#[cfg(target_os = "linux")]
pub use live::{Interest, LiveDevice};
pub use profile::{Deviation, Profile, Timing};
pub use setup::Setup;

use wireproof_reference::time::Instant;

/// A stack under test. In virtual time: it looks at no clock, never waits, never speaks unasked.
///
/// Every method that takes `now` may be called with the same `now` again, never with an earlier one.
/// What it answers goes to `out` in the order in which it happened; the returned [`Wake`] replaces the one before.
pub trait Device: Send {
    /// Name, version, capabilities and properties: the adapter's greeting.
    fn description(&self) -> &Description;

    /// Forgets everything: a fresh stack with its clock at 0, no calls pending (they end without result).
    ///
    /// # Errors
    /// [`DeviceError`] if no fresh stack could be made; the device is then of no further use.
    fn reset(&mut self, setup: &Setup, out: &mut Output) -> Result<Wake, DeviceError>;

    /// These Ethernet frames (without FCS) arrive back to back, all queued before the stack runs.
    ///
    /// # Errors
    /// [`DeviceError`] if the device itself failed; a frame that the stack dislikes is no error.
    fn handle_frames(
        &mut self,
        now: Instant,
        frames: &[&[u8]],
        out: &mut Output,
    ) -> Result<Wake, DeviceError>;

    /// The application makes a call; its result comes in this answer or, if it cannot finish yet, in a later one.
    ///
    /// # Errors
    /// [`DeviceError`] if the device itself failed; a call that fails is a result.
    fn handle_call(
        &mut self,
        now: Instant,
        id: CallId,
        call: &Call,
        out: &mut Output,
    ) -> Result<Wake, DeviceError>;

    /// Does what is due at `now`.
    ///
    /// # Errors
    /// [`DeviceError`] if the device itself failed.
    fn run(&mut self, now: Instant, out: &mut Output) -> Result<Wake, DeviceError>;
}

/// The devices in this process, by the names that `--device` takes; the first is the default.
pub const NAMES: [&str; 2] = ["reference", "smoltcp"];

/// A device of this process by its name: one of [`NAMES`], or a [`variant`] with its kind, `broken:rto-not-doubled`. `None`
/// for any other.
pub fn open(name: &str) -> Option<Box<dyn Device>> {
    match name {
        "reference" => Some(Box::new(reference::Reference::default())),
        "smoltcp" => Some(Box::new(smoltcp::Smoltcp::default())),
        _ => variant::find(name).map(variant::Variant::open),
    }
}

/// When a stack wants to run next: the last line of every answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    /// Not before something arrives.
    Never,
    /// There is more to do at this instant. The harness counts such rounds; too many are a livelock.
    Now,
    /// At this instant. The present counts as [`Wake::Now`], the past is an error of the device.
    At(Instant),
}

/// One line of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// An Ethernet frame without FCS, exactly as the stack emitted it.
    Frame(Vec<u8>),
    /// The end of a call.
    Result(CallId, CallResult),
    /// Shown when something fails.
    Log(String),
}

/// What a device answers to one request, in the order in which it happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// The lines of the answer, without its `wake`.
    pub answers: Vec<Answer>,
}

impl Output {
    /// Nothing said yet.
    pub const fn new() -> Self {
        Self { answers: Vec::new() }
    }

    /// Sends a frame.
    pub fn frame(&mut self, octets: impl Into<Vec<u8>>) {
        self.answers.push(Answer::Frame(octets.into()));
    }

    /// Ends a call.
    pub fn result(&mut self, id: CallId, result: CallResult) {
        self.answers.push(Answer::Result(id, result));
    }

    /// Says something for the case that something fails.
    pub fn log(&mut self, text: impl Into<String>) {
        self.answers.push(Answer::Log(text.into()));
    }

    /// The frames alone, in order.
    pub fn frames(&self) -> impl Iterator<Item = &[u8]> {
        self.answers.iter().filter_map(|answer| match answer {
            Answer::Frame(octets) => Some(octets.as_slice()),
            Answer::Result(..) | Answer::Log(_) => None,
        })
    }

    /// The results alone, in order.
    pub fn results(&self) -> impl Iterator<Item = (CallId, &CallResult)> {
        self.answers.iter().filter_map(|answer| match answer {
            Answer::Result(id, result) => Some((*id, result)),
            Answer::Frame(_) | Answer::Log(_) => None,
        })
    }

    /// Forgets what was said, keeps the memory.
    pub fn clear(&mut self) {
        self.answers.clear();
    }
}
