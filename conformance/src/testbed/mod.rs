//! The testbed: a device, the wire to it, and the time, behind one interface.
//!
//! A test states until when it waits ([`Testbed::next_event`]); how time passes is the affair of the bench under it.
//! In virtual time it jumps from one timer to the next. Steps never sleep.
//!
//! | room | what |
//! |---|---|
//! | `bench` | what a testbed stands on: the seam between virtual time and live time |
//! | `virtual_time` | the bench whose time jumps, with its guards against livelock |
//! | `live` | the bench whose time passes: it waits, and knows when it came late |
//! | `wire` | the virtual Ethernet between the tester and the device |
//! | `guard` | panics of a device in this process become findings |
//! | [`trace`] | all that happened: frames, calls, results, logs |
//! | [`pcapng`] | a trace as a capture file |
//!
//! ```text
//!        transmit, call ─────>┐           ┌──> frames, results, findings
//!   tester                    Testbed ────┤        next_event(until)
//!                             │  trace    └──> None: `until` is reached
//!                             bench ── virtual Ethernet ── device
//! ```

mod bench;
mod finding;
mod guard;
#[cfg(target_os = "linux")]
pub(crate) mod live;
pub mod pcapng;
pub mod trace;
mod virtual_time;
mod wire;

pub use finding::{DeviceFinding, FindingKind};
#[cfg(target_os = "linux")]
pub use live::watch_machine;
pub use trace::{Direction, FrameId, Trace, TraceEntry, TraceFrame, TraceItem};
pub use virtual_time::Limits;

#[cfg(target_os = "linux")]
use crate::device::LiveDevice;
use crate::device::{Call, CallId, CallResult, Description, Device, Setup};
use crate::ethernet::{Fate, Impairment};
use bench::{Bench, Happening, What};
use std::collections::VecDeque;
use std::sync::Arc;
use virtual_time::VirtualBench;
use wireproof_reference::time::{Duration, Instant};

/// Something that the tester sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A frame reached the tester.
    Frame {
        /// Its entry in the trace.
        id: FrameId,
        /// When it arrived.
        time: Instant,
        /// The frame without FCS.
        octets: Arc<[u8]>,
    },
    /// A call ended.
    Result {
        /// Which.
        id: CallId,
        /// When.
        time: Instant,
        /// How.
        result: CallResult,
    },
    /// The device itself failed; nothing more will come from it until it is reset.
    DeviceFailed(DeviceFinding),
}

impl Event {
    /// When it happened.
    pub const fn time(&self) -> Instant {
        match self {
            Self::Frame { time, .. } | Self::Result { time, .. } => *time,
            Self::DeviceFailed(finding) => finding.at,
        }
    }
}

/// A device under test, reached over an Ethernet and through socket calls.
pub struct Testbed {
    bench: Box<dyn Bench>,
    trace: Trace,
    events: VecDeque<Event>,
    next_call: u64,
    finding: Option<DeviceFinding>,
}

impl Testbed {
    /// A testbed in virtual time, with the usual [`Limits`]. The device wants a [`Self::reset`] first.
    pub fn in_virtual_time(device: Box<dyn Device>) -> Self {
        Self::with_limits(device, Limits::default())
    }

    /// A testbed in virtual time with limits of its own.
    pub fn with_limits(device: Box<dyn Device>, limits: Limits) -> Self {
        Self::on(Box::new(VirtualBench::new(device, limits)))
    }

    /// A testbed on which time passes by itself, with the usual [`Limits`]. The device wants a [`Self::reset`] first, on
    /// the thread on which the testbed is then used.
    #[cfg(target_os = "linux")]
    pub fn live(device: Box<dyn LiveDevice>) -> Self {
        Self::on(Box::new(live::LiveBench::new(device, Box::<live::Monotonic>::default(), Limits::default())))
    }

    fn on(bench: Box<dyn Bench>) -> Self {
        Self { bench, trace: Trace::default(), events: VecDeque::new(), next_call: 1, finding: None }
    }

    /// What the device says about itself.
    pub fn description(&self) -> &Description {
        self.bench.description()
    }

    /// A fresh stack at time zero, an empty wire without impairments, an empty trace. What the stack does at once
    /// comes as events.
    ///
    /// # Errors
    /// [`DeviceFinding`] if the device could not be made to forget.
    pub fn reset(&mut self, setup: &Setup) -> Result<(), DeviceFinding> {
        self.trace = Trace::default();
        self.events.clear();
        self.next_call = 1;
        self.finding = None;
        let mut happened = Vec::new();
        let outcome = self.bench.reset(setup, &mut happened);
        self.note(happened);
        outcome.inspect_err(|finding| {
            self.trace.record(finding.at, TraceItem::Finding(finding.clone()));
            self.finding = Some(finding.clone());
        })
    }

    /// The present. Where time passes by itself it is taken anew whenever something is done: it does not move in between.
    pub fn now(&self) -> Instant {
        self.bench.now()
    }

    /// The longest time since the reset by which the harness came late to what it waited for, because the machine let
    /// it wait: nothing that was missed by less than that can be held against the device. Zero in virtual time.
    pub fn lateness(&self) -> Duration {
        self.bench.lateness()
    }

    /// The tester's end puts a frame (without FCS) on the wire now. What arrives at one instant is queued by the
    /// device before its stack runs. With [`Fate::Delivered`] the wire's impairments act, with any other fate just
    /// this one.
    pub fn transmit(&mut self, frame: &[u8], fate: Fate) -> FrameId {
        self.catch_up();
        let octets: Arc<[u8]> = frame.into();
        let (id, fates) = self.bench.transmit(octets.clone(), fate);
        let direction = Direction::ToDevice;
        self.trace.record(
            self.now(),
            TraceItem::Frame(TraceFrame { id, direction, octets, fates, notes: Vec::new() }),
        );
        id
    }

    /// The application on the device makes a call now, behind the frames transmitted so far. Its result comes as
    /// an event.
    pub fn call(&mut self, call: Call) -> CallId {
        self.catch_up();
        let id = CallId(self.next_call);
        self.next_call += 1;
        self.trace.record(self.now(), TraceItem::Call { id, call: call.clone() });
        if self.finding.is_none() {
            let mut happened = Vec::new();
            let outcome = self.bench.call(id, call, &mut happened);
            self.note(happened);
            self.note_failure(outcome);
        }
        id
    }

    /// Runs all that is due up to `until` and gives what the tester sees next. `None`: `until` is the present and
    /// nothing more happens up to it (or the device has failed, and that was told before).
    pub fn next_event(&mut self, until: Instant) -> Option<Event> {
        while self.events.is_empty() {
            if self.finding.is_some() {
                return None;
            }
            let mut happened = Vec::new();
            let outcome = self.bench.advance(until, &mut happened);
            let at_rest = outcome == Ok(false) && happened.is_empty();
            self.note(happened);
            self.note_failure(outcome.map(drop));
            if at_rest {
                return None;
            }
        }
        self.events.pop_front()
    }

    /// What went wrong with the device itself since the reset.
    pub const fn finding(&self) -> Option<&DeviceFinding> {
        self.finding.as_ref()
    }

    /// Adds a rule of a bad wire for frames of one direction; a reset takes it away.
    pub fn impair(&mut self, direction: Direction, impairment: Impairment) {
        self.bench.impair(direction, impairment);
    }

    /// All that happened since the reset.
    pub const fn trace(&self) -> &Trace {
        &self.trace
    }

    /// Takes the trace away, for a report.
    pub fn take_trace(&mut self) -> Trace {
        std::mem::take(&mut self.trace)
    }

    /// Writes down what became of a frame where only the tester knows: `<--x` counts a received frame as lost.
    pub fn set_fate(&mut self, frame: FrameId, fate: Fate) {
        if let Some(frame) = self.trace.frame_mut(frame) {
            frame.fates = vec![fate];
        }
    }

    /// Writes a remark to a frame: the row that it fulfils, the rule that it breaks.
    pub fn annotate(&mut self, frame: FrameId, note: impl Into<String>) {
        if let Some(frame) = self.trace.frame_mut(frame) {
            frame.notes.push(note.into());
        }
    }

    /// What came before something is done comes before it in the trace.
    fn catch_up(&mut self) {
        if self.finding.is_none() {
            let mut happened = Vec::new();
            let outcome = self.bench.catch_up(&mut happened);
            self.note(happened);
            self.note_failure(outcome);
        }
    }

    fn note(&mut self, happened: Vec<Happening>) {
        for Happening { time, what } in happened {
            match what {
                What::Sent { id, octets, fates } => {
                    let direction = Direction::FromDevice;
                    let frame = TraceFrame { id, direction, octets, fates, notes: Vec::new() };
                    self.trace.record(time, TraceItem::Frame(frame));
                }
                What::Arrived { id, octets } => self.events.push_back(Event::Frame { id, time, octets }),
                What::Result { id, result } => {
                    self.trace.record(time, TraceItem::Result { id, result: result.clone() });
                    self.events.push_back(Event::Result { id, time, result });
                }
                What::Log(text) => self.trace.record(time, TraceItem::Log(text)),
            }
        }
    }

    fn note_failure(&mut self, outcome: Result<(), DeviceFinding>) {
        if let Err(finding) = outcome {
            self.trace.record(finding.at, TraceItem::Finding(finding.clone()));
            self.events.push_back(Event::DeviceFailed(finding.clone()));
            self.finding = Some(finding);
        }
    }
}

#[cfg(test)]
mod tests;
