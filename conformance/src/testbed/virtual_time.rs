//! The bench whose time jumps: an in-process device (or an adapter) behind a virtual Ethernet.
//!
//! At an instant T, in this order: the device's wake, until it has no more to do at T; then what arrives at T, all
//! of it at once; then its wakes again. Only when the device is at rest does the tester get the word. Time then
//! jumps to the next wake or arrival. A wake is never passed by.

use super::bench::{Bench, Happening, What};
use super::finding::{DeviceFinding, FindingKind};
use super::guard::guard;
use super::trace::{Direction, FrameId};
use super::wire::Wire;
use crate::device::{Answer, Call, CallId, Description, Device, DeviceError, Output, Setup, Wake};
use crate::ethernet::{Fate, Impairment};
use std::collections::BTreeSet;
use std::sync::Arc;
use wireproof_reference::time::{Duration, Instant};

/// What a device may do before it counts as out of its mind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How often it may say `wake now` at one instant.
    pub rounds_at_one_instant: u32,
    /// How many frames it may send at one instant.
    pub frames_at_one_instant: u32,
    /// How often it may ask to be woken within one second of virtual time.
    pub wakes_per_second: u32,
    /// How many frames it may send while nobody sends it anything or calls.
    pub frames_unasked: u32,
}

impl Default for Limits {
    /// 1,000 rounds and 100,000 frames at one instant; 100,000 wakes a second, a clock of 10 microseconds; 10,000 frames
    /// unasked, a flight of 14 megabytes of which nothing is acknowledged, or a probe each second for three hours. A
    /// stack that stays below them is slow to run at worst; one that is above, a storm, is judged in a moment.
    fn default() -> Self {
        Self {
            rounds_at_one_instant: 1_000,
            frames_at_one_instant: 100_000,
            wakes_per_second: 100_000,
            frames_unasked: 10_000,
        }
    }
}

/// A device in virtual time.
pub(super) struct VirtualBench {
    device: Box<dyn Device>,
    limits: Limits,
    wire: Wire,
    now: Instant,
    wake: Option<Instant>,
    pending: BTreeSet<CallId>,
    output: Output,
    rounds: u32,
    frames: u32,
    unasked: u32,
    second_began: Instant,
    wakes: u32,
}

impl VirtualBench {
    pub(super) fn new(device: Box<dyn Device>, limits: Limits) -> Self {
        Self {
            device,
            limits,
            wire: Wire::new(0),
            now: Instant::ZERO,
            wake: None,
            pending: BTreeSet::new(),
            output: Output::new(),
            rounds: 0,
            frames: 0,
            unasked: 0,
            second_began: Instant::ZERO,
            wakes: 0,
        }
    }

    /// Makes a request and goes on until the device has no more to do at this instant.
    fn request(
        &mut self,
        text: impl Fn() -> String,
        happened: &mut Vec<Happening>,
        make: impl FnOnce(&mut dyn Device, &mut Output) -> Result<Wake, DeviceError>,
    ) -> Result<(), DeviceFinding> {
        self.request_once(text, happened, make)?;
        self.run_wakes(happened)
    }

    /// Does what is due now, again and again while the device says that there is more.
    fn run_wakes(&mut self, happened: &mut Vec<Happening>) -> Result<(), DeviceFinding> {
        let now = self.now;
        while self.wake.is_some_and(|wake| wake <= now) {
            self.wake = None;
            self.count_wake()?;
            self.request_once(|| "run".to_owned(), happened, |device, out| device.run(now, out))?;
        }
        Ok(())
    }

    fn request_once(
        &mut self,
        text: impl Fn() -> String,
        happened: &mut Vec<Happening>,
        make: impl FnOnce(&mut dyn Device, &mut Output) -> Result<Wake, DeviceError>,
    ) -> Result<(), DeviceFinding> {
        self.output.clear();
        let (device, output) = (&mut self.device, &mut self.output);
        let answer = guard(|| make(device.as_mut(), output))
            .unwrap_or_else(|message| Err(DeviceError::Crash { message }));
        // What was written before a crash counts.
        self.note_answers(&text, happened)?;
        let now = self.now;
        self.wake = match answer.map_err(|error| DeviceFinding::from_error(error, now, text()))? {
            Wake::Never => None,
            Wake::Now => Some(now),
            Wake::At(wake) if wake < now => {
                return Err(DeviceFinding::from_error(DeviceError::WakeInPast { now, wake }, now, text()));
            }
            Wake::At(wake) => Some(wake),
        };
        Ok(())
    }

    fn note_answers(
        &mut self,
        text: &impl Fn() -> String,
        happened: &mut Vec<Happening>,
    ) -> Result<(), DeviceFinding> {
        let time = self.now;
        for answer in std::mem::take(&mut self.output.answers) {
            let what = match answer {
                Answer::Frame(octets) => {
                    self.count_frame(text)?;
                    let octets: Arc<[u8]> = octets.into();
                    let (id, fates) =
                        self.wire.send(time, Direction::FromDevice, octets.clone(), Fate::Delivered);
                    What::Sent { id, octets, fates }
                }
                Answer::Result(id, result) => {
                    if !self.pending.remove(&id) {
                        let error = DeviceError::Protocol {
                            found: format!("result {id}"),
                            expected: "the result of a call that is pending".to_owned(),
                        };
                        return Err(DeviceFinding::from_error(error, time, text()));
                    }
                    What::Result { id, result }
                }
                Answer::Log(text) => What::Log(text),
            };
            happened.push(Happening { time, what });
            // Frames that arrive at once keep their place among the results.
            self.wire.pull(time, happened);
        }
        Ok(())
    }

    /// Counts a frame against the limits.
    fn count_frame(&mut self, text: &impl Fn() -> String) -> Result<(), DeviceFinding> {
        self.frames += 1;
        self.unasked += 1;
        let Limits { frames_at_one_instant, frames_unasked, .. } = self.limits;
        let message = if self.frames > frames_at_one_instant {
            format!("expected at most {frames_at_one_instant} frames at one instant, got more")
        } else if self.unasked > frames_unasked {
            format!("expected at most {frames_unasked} frames while nothing is sent to it, got more")
        } else {
            return Ok(());
        };
        Err(DeviceFinding { kind: FindingKind::Flood, at: self.now, request: text(), message })
    }

    /// Counts a wake against the limits.
    fn count_wake(&mut self) -> Result<(), DeviceFinding> {
        let at = self.now;
        if at.since(self.second_began) >= Duration::from_secs(1) {
            self.second_began = at;
            self.wakes = 0;
        }
        self.rounds += 1;
        self.wakes += 1;
        let Limits { rounds_at_one_instant, wakes_per_second, .. } = self.limits;
        let message = if self.rounds > rounds_at_one_instant {
            format!("expected at most {rounds_at_one_instant} wakes at one instant, got more")
        } else if self.wakes > wakes_per_second {
            format!("expected at most {wakes_per_second} wakes within a second, got more")
        } else {
            return Ok(());
        };
        Err(DeviceFinding { kind: FindingKind::Livelock, at, request: "run".to_owned(), message })
    }

    /// Gives the device all that has reached it by now.
    fn deliver(&mut self, happened: &mut Vec<Happening>) -> Result<(), DeviceFinding> {
        self.wire.pull(self.now, happened);
        if self.wire.at_device.is_empty() {
            return Ok(());
        }
        let arrived = std::mem::take(&mut self.wire.at_device);
        let frames = arrived.iter().map(AsRef::as_ref).collect::<Vec<&[u8]>>();
        let now = self.now;
        let text = || format!("frame ({} at once)", frames.len());
        self.request(text, happened, |device, out| device.handle_frames(now, &frames, out))
    }

    fn go_to(&mut self, time: Instant) {
        if time > self.now {
            self.now = time;
            self.rounds = 0;
            self.frames = 0;
        }
    }
}

impl Bench for VirtualBench {
    fn description(&self) -> &Description {
        self.device.description()
    }

    fn now(&self) -> Instant {
        self.now
    }

    fn reset(&mut self, setup: &Setup, happened: &mut Vec<Happening>) -> Result<(), DeviceFinding> {
        self.wire = Wire::new(setup.seed.unwrap_or(0));
        self.now = Instant::ZERO;
        self.wake = None;
        self.pending.clear();
        (self.rounds, self.frames, self.unasked, self.wakes) = (0, 0, 0, 0);
        self.second_began = Instant::ZERO;
        self.request(|| format!("reset {setup}"), happened, |device, out| device.reset(setup, out))
    }

    fn transmit(&mut self, octets: Arc<[u8]>, fate: Fate) -> (FrameId, Vec<Fate>) {
        self.unasked = 0;
        self.wire.send(self.now, Direction::ToDevice, octets, fate)
    }

    fn call(&mut self, id: CallId, call: Call, happened: &mut Vec<Happening>) -> Result<(), DeviceFinding> {
        self.deliver(happened)?;
        self.unasked = 0;
        self.pending.insert(id);
        let now = self.now;
        let text = || format!("call {id} {call}");
        self.request(text, happened, |device, out| device.handle_call(now, id, &call, out))
    }

    fn impair(&mut self, direction: Direction, impairment: Impairment) {
        self.wire.impair(direction, impairment);
    }

    fn advance(&mut self, until: Instant, happened: &mut Vec<Happening>) -> Result<bool, DeviceFinding> {
        loop {
            self.deliver(happened)?;
            if !happened.is_empty() {
                return Ok(true);
            }
            let next = self.wake.into_iter().chain(self.wire.poll_deadline()).min();
            let Some(next) = next.filter(|next| *next <= until) else {
                self.go_to(until);
                return Ok(false);
            };
            self.go_to(next);
            self.run_wakes(happened)?;
        }
    }
}
