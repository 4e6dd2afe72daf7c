//! The bench whose time passes: a live device behind a virtual Ethernet.
//!
//! Its present is a logical time, taken from the machine's clock whenever something is done and counted from the reset: it
//! stands still in between, so that whoever looks twice sees the same. [`LiveBench::advance`] takes in what is there,
//! again and again until there is nothing more, and then waits: for a frame, for the end of a call, for the wire to let go of
//! a frame that a rule holds back, for the stated deadline. This and what is below it is the one place that looks at a clock
//! and waits.
//!
//! Whoever waits may come late, when the machine has better things to do. The bench measures by how much
//! ([`LiveBench::lateness`]): how much later than its deadline it woke, and how long it could have run and was not let. A row
//! that was missed by less than that says nothing about the device.
//!
//! | room | what |
//! |---|---|
//! | `clock` | the machine's clock, and how one waits for it |
//! | `pulse` | whether the whole machine stands still |

mod clock;
mod pulse;

pub(super) use clock::Monotonic;
pub use pulse::watch_machine;

use super::bench::{Bench, Happening, What};
use super::finding::{DeviceFinding, FindingKind};
use super::trace::{Direction, FrameId};
use super::virtual_time::Limits;
use super::wire::Wire;
use crate::device::{Call, CallId, Description, DeviceError, Interest, LiveDevice, Setup};
use crate::ethernet::{Fate, Impairment};
use std::os::fd::BorrowedFd;
use std::sync::Arc;
use wireproof_reference::time::{Duration, Instant};

/// A clock that goes by itself.
pub(super) trait Clock: Send {
    /// The time, counted from any point.
    fn now(&self) -> Instant;

    /// Waits until one of the descriptors is ready, at the latest until `until`. Waking early is allowed.
    ///
    /// # Errors
    /// If the machine does not let it wait.
    fn wait(&mut self, descriptors: &[(BorrowedFd<'_>, Interest)], until: Instant)
    -> Result<(), DeviceError>;

    /// For how long this thread at most was kept from running although it could have, since this was asked last.
    fn held_up(&mut self) -> Duration;
}

/// After a descriptor that was ready and brought nothing, calls are looked at this much later.
const FRUITLESS_PAUSE: Duration = Duration::from_millis(10);

/// A live device in the time of a clock.
pub(super) struct LiveBench {
    device: Box<dyn LiveDevice>,
    clock: Box<dyn Clock>,
    limits: Limits,
    wire: Wire,
    /// When the clock showed zero for this bench.
    began: Instant,
    now: Instant,
    lateness: Duration,
    /// The frames of the device since somebody last sent it anything or called.
    unasked: u32,
    is_fruitless: bool,
    /// What went wrong where nothing can be told.
    failed: Option<DeviceFinding>,
}

impl LiveBench {
    pub(super) fn new(device: Box<dyn LiveDevice>, clock: Box<dyn Clock>, limits: Limits) -> Self {
        Self {
            device,
            clock,
            limits,
            wire: Wire::new(0),
            began: Instant::ZERO,
            now: Instant::ZERO,
            lateness: Duration::ZERO,
            unasked: 0,
            is_fruitless: false,
            failed: None,
        }
    }

    /// The present moves on to what the clock shows.
    fn tick(&mut self) {
        let shown = Instant::ZERO + self.clock.now().since(self.began);
        self.now = self.now.max(shown);
    }

    /// Takes in all that is there, again and again until nothing more comes of it.
    fn take_in(&mut self, happened: &mut Vec<Happening>) -> Result<(), DeviceFinding> {
        if let Some(failed) = self.failed.take() {
            return Err(failed);
        }
        loop {
            self.tick();
            let before = happened.len();
            self.wire.pull(self.now, happened);
            let delivered = self.deliver()?;
            self.take_frames(happened)?;
            self.take_results(happened);
            if !delivered && happened.len() == before {
                return Ok(());
            }
        }
    }

    /// Gives the device what has reached it. True if there was something.
    fn deliver(&mut self) -> Result<bool, DeviceFinding> {
        let arrived = std::mem::take(&mut self.wire.at_device);
        for frame in &arrived {
            let outcome = self.device.handle_frame(frame);
            self.outcome(outcome, || "frame".to_owned())?;
        }
        Ok(!arrived.is_empty())
    }

    fn take_frames(&mut self, happened: &mut Vec<Happening>) -> Result<(), DeviceFinding> {
        let time = self.now;
        let mut at_once = 0;
        loop {
            let frame = self.device.poll_frame();
            let Some(octets) = self.outcome(frame, || "run".to_owned())? else { return Ok(()) };
            self.unasked += 1;
            at_once += 1;
            self.count_frame(at_once)?;
            let octets: Arc<[u8]> = octets.into();
            let (id, fates) = self.wire.send(time, Direction::FromDevice, octets.clone(), Fate::Delivered);
            happened.push(Happening { time, what: What::Sent { id, octets, fates } });
            self.wire.pull(time, happened);
        }
    }

    fn take_results(&mut self, happened: &mut Vec<Happening>) {
        let mut ended = Vec::new();
        self.device.poll_results(&mut ended);
        let time = self.now;
        happened.extend(
            ended.into_iter().map(|(id, result)| Happening { time, what: What::Result { id, result } }),
        );
    }

    /// Counts a frame against the limits.
    fn count_frame(&self, at_once: u32) -> Result<(), DeviceFinding> {
        let Limits { frames_at_one_instant, frames_unasked, .. } = self.limits;
        let message = if at_once > frames_at_one_instant {
            format!("expected at most {frames_at_one_instant} frames at once, got more")
        } else if self.unasked > frames_unasked {
            format!("expected at most {frames_unasked} frames while nothing is sent to it, got more")
        } else {
            return Ok(());
        };
        Err(DeviceFinding { kind: FindingKind::Flood, at: self.now, request: "run".to_owned(), message })
    }

    /// Waits for something to happen, at the latest until `until`; measures by how much it came late.
    fn wait(&mut self, until: Instant) -> Result<(), DeviceFinding> {
        let deadline = self.began + until.since(Instant::ZERO);
        // What ran until now is no waiting.
        let busy = self.clock.held_up();
        let pause = self.clock.now() + FRUITLESS_PAUSE;
        let descriptors = self.device.descriptors();
        let outcome = match descriptors.get(..1) {
            // Only the wire: looking at the others at once would be looking without end.
            Some(wire) if self.is_fruitless => self.clock.wait(wire, deadline.min(pause)),
            _ => self.clock.wait(&descriptors, deadline),
        };
        drop(descriptors);
        let late = self.clock.now().since(deadline);
        let held_up = self.clock.held_up();
        self.lateness = self.lateness.max(busy).max(late).max(held_up);
        self.outcome(outcome, || "wait".to_owned())
    }

    fn outcome<T>(
        &self,
        outcome: Result<T, DeviceError>,
        request: impl FnOnce() -> String,
    ) -> Result<T, DeviceFinding> {
        outcome.map_err(|error| DeviceFinding::from_error(error, self.now, request()))
    }
}

impl Bench for LiveBench {
    fn description(&self) -> &Description {
        self.device.description()
    }

    fn now(&self) -> Instant {
        self.now
    }

    fn reset(&mut self, setup: &Setup, happened: &mut Vec<Happening>) -> Result<(), DeviceFinding> {
        self.wire = Wire::new(setup.seed.unwrap_or(0));
        self.now = Instant::ZERO;
        (self.unasked, self.is_fruitless, self.failed) = (0, false, None);
        let outcome = self.device.reset(setup);
        self.outcome(outcome, || format!("reset {setup}"))?;
        self.began = self.clock.now();
        // How long it took to make the device is of no account.
        self.clock.held_up();
        self.lateness = Duration::ZERO;
        self.take_in(happened)
    }

    fn catch_up(&mut self, happened: &mut Vec<Happening>) -> Result<(), DeviceFinding> {
        self.take_in(happened)
    }

    fn transmit(&mut self, octets: Arc<[u8]>, fate: Fate) -> (FrameId, Vec<Fate>) {
        self.unasked = 0;
        let sent = self.wire.send(self.now, Direction::ToDevice, octets, fate);
        let mut happened = Vec::new();
        self.wire.pull(self.now, &mut happened);
        // Only what was on its way to the tester could happen here, and that was taken in before.
        debug_assert!(happened.is_empty(), "expected nothing, got {happened:?}");
        if let Err(finding) = self.deliver() {
            self.failed = Some(finding);
        }
        sent
    }

    fn call(&mut self, id: CallId, call: Call, happened: &mut Vec<Happening>) -> Result<(), DeviceFinding> {
        self.unasked = 0;
        self.tick();
        if let Some(result) = self.device.handle_call(id, &call) {
            happened.push(Happening { time: self.now, what: What::Result { id, result } });
        }
        self.take_in(happened)
    }

    fn impair(&mut self, direction: Direction, impairment: Impairment) {
        self.wire.impair(direction, impairment);
    }

    fn advance(&mut self, until: Instant, happened: &mut Vec<Happening>) -> Result<bool, DeviceFinding> {
        loop {
            self.take_in(happened)?;
            if !happened.is_empty() {
                self.is_fruitless = false;
                return Ok(true);
            }
            if self.now >= until {
                return Ok(false);
            }
            let deadline = self.wire.poll_deadline().map_or(until, |next| next.min(until));
            self.wait(deadline)?;
            self.take_in(happened)?;
            self.is_fruitless = !self.is_fruitless && happened.is_empty() && self.now < deadline;
        }
    }

    fn lateness(&self) -> Duration {
        self.lateness
    }
}

#[cfg(test)]
pub(crate) mod fake;
#[cfg(test)]
mod tests;
