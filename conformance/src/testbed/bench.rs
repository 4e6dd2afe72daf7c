//! What a testbed stands on: where time comes from, and how frames and calls reach the device.
//!
//! This is the wall between the two clocks. A bench in virtual time owns the clock and makes it jump; a live bench
//! waits for the wire and the device while time passes.

use super::finding::DeviceFinding;
use super::trace::{Direction, FrameId};
use crate::device::{Call, CallId, CallResult, Description, Setup};
use crate::ethernet::{Fate, Impairment};
use std::sync::Arc;
use wireproof_reference::time::{Duration, Instant};

/// A clock, a wire and a device.
pub(super) trait Bench: Send {
    /// What the device says about itself.
    fn description(&self) -> &Description;

    /// The present.
    fn now(&self) -> Instant;

    /// A fresh stack, an empty wire, time zero.
    fn reset(&mut self, setup: &Setup, happened: &mut Vec<Happening>) -> Result<(), DeviceFinding>;

    /// Takes in what the device has done by itself up to now, before the tester or the application does something.
    /// Nothing where time does not pass by itself.
    fn catch_up(&mut self, _happened: &mut Vec<Happening>) -> Result<(), DeviceFinding> {
        Ok(())
    }

    /// Puts a frame on the wire towards the device.
    fn transmit(&mut self, octets: Arc<[u8]>, fate: Fate) -> (FrameId, Vec<Fate>);

    /// Makes a call on the device, behind the frames that have arrived there by now.
    fn call(&mut self, id: CallId, call: Call, happened: &mut Vec<Happening>) -> Result<(), DeviceFinding>;

    /// Adds a rule of a bad wire.
    fn impair(&mut self, direction: Direction, impairment: Impairment);

    /// Lets time go on until something happens, at the latest until `until`. False: `until` is the present and
    /// there is nothing more to come up to it.
    fn advance(&mut self, until: Instant, happened: &mut Vec<Happening>) -> Result<bool, DeviceFinding>;

    /// The longest time since the reset by which the harness itself came late, because the machine let it wait.
    fn lateness(&self) -> Duration {
        Duration::ZERO
    }
}

/// One thing that happened, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Happening {
    pub(super) time: Instant,
    pub(super) what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// The device put a frame on the wire.
    Sent { id: FrameId, octets: Arc<[u8]>, fates: Vec<Fate> },
    /// A frame reached the tester.
    Arrived { id: FrameId, octets: Arc<[u8]> },
    /// A call ended.
    Result { id: CallId, result: CallResult },
    /// The device said something.
    Log(String),
}
