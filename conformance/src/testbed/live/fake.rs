//! A machine that is made up: a clock that jumps, and a device of this process that lives by it. Either can be late.

use super::{Clock, LiveBench};
use crate::device::{
    Answer, Call, CallId, CallResult, Description, Device, DeviceError, Interest, LiveDevice, Output, Setup,
    Wake,
};
use crate::testbed::{Limits, Testbed};
use std::collections::VecDeque;
use std::os::fd::BorrowedFd;
use std::sync::{Arc, Mutex};
use wireproof_reference::time::{Duration, Instant};

/// By how much who is late.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Late {
    /// The harness, whenever it waited.
    pub(crate) machine: Duration,
    /// The device's timers.
    pub(crate) device: Duration,
}

/// A live testbed with `device` on a machine that is so late.
pub(crate) fn testbed(device: Box<dyn Device>, late: Late) -> Testbed {
    let time = Arc::new(Mutex::new(Time { now: Instant::from_nanos(77_000_000_000), wake: None, late }));
    let clock = Jumping { time: time.clone(), held_up: Duration::ZERO };
    let device = Paced { device, time, began: Instant::ZERO, said: VecDeque::new(), results: Vec::new() };
    Testbed::on(Box::new(LiveBench::new(Box::new(device), Box::new(clock), Limits::default())))
}

struct Time {
    now: Instant,
    /// When the device has something to do.
    wake: Option<Instant>,
    late: Late,
}

struct Jumping {
    time: Arc<Mutex<Time>>,
    held_up: Duration,
}

impl Clock for Jumping {
    fn now(&self) -> Instant {
        self.time.lock().unwrap().now
    }

    fn wait(&mut self, _: &[(BorrowedFd<'_>, Interest)], until: Instant) -> Result<(), DeviceError> {
        let mut time = self.time.lock().unwrap();
        let next = time.wake.map_or(until, |wake| wake.min(until));
        time.now = time.now.max(next + time.late.machine);
        self.held_up = time.late.machine;
        Ok(())
    }

    fn held_up(&mut self) -> Duration {
        std::mem::take(&mut self.held_up)
    }
}

struct Paced {
    device: Box<dyn Device>,
    time: Arc<Mutex<Time>>,
    began: Instant,
    said: VecDeque<Vec<u8>>,
    results: Vec<(CallId, CallResult)>,
}

impl Paced {
    fn now(&self) -> Instant {
        Instant::ZERO + self.time.lock().unwrap().now.since(self.began)
    }

    fn ask(&mut self, ask: impl FnOnce(&mut dyn Device, &mut Output) -> Result<Wake, DeviceError>) {
        let mut output = Output::new();
        let wake = ask(self.device.as_mut(), &mut output).unwrap();
        for answer in output.answers {
            match answer {
                Answer::Frame(octets) => self.said.push_back(octets),
                Answer::Result(id, result) => self.results.push((id, result)),
                Answer::Log(_) => {}
            }
        }
        let began = self.began;
        let mut time = self.time.lock().unwrap();
        time.wake = match wake {
            Wake::Never => None,
            Wake::Now => Some(time.now),
            Wake::At(wake) => Some(began + wake.since(Instant::ZERO) + time.late.device),
        };
    }

    fn run(&mut self) {
        loop {
            let time = self.time.lock().unwrap();
            let is_due = time.wake.is_some_and(|wake| wake <= time.now);
            drop(time);
            if !is_due {
                return;
            }
            let now = self.now();
            self.ask(|device, output| device.run(now, output));
        }
    }
}

impl LiveDevice for Paced {
    fn description(&self) -> &Description {
        self.device.description()
    }

    fn reset(&mut self, setup: &Setup) -> Result<(), DeviceError> {
        self.began = self.time.lock().unwrap().now;
        self.ask(|device, output| device.reset(setup, output));
        Ok(())
    }

    fn handle_frame(&mut self, frame: &[u8]) -> Result<(), DeviceError> {
        self.run();
        let now = self.now();
        self.ask(|device, output| device.handle_frames(now, &[frame], output));
        Ok(())
    }

    fn poll_frame(&mut self) -> Result<Option<Vec<u8>>, DeviceError> {
        self.run();
        Ok(self.said.pop_front())
    }

    fn handle_call(&mut self, id: CallId, call: &Call) -> Option<CallResult> {
        self.run();
        let now = self.now();
        self.ask(|device, output| device.handle_call(now, id, call, output));
        let at = self.results.iter().position(|(ended, _)| *ended == id)?;
        Some(self.results.remove(at).1)
    }

    fn poll_results(&mut self, ended: &mut Vec<(CallId, CallResult)>) {
        self.run();
        ended.append(&mut self.results);
    }

    fn descriptors(&self) -> Vec<(BorrowedFd<'_>, Interest)> {
        Vec::new()
    }
}
