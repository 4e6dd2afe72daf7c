//! The wire of a testbed: a virtual Ethernet with the tester at one end and the device at the other.

use super::bench::{Happening, What};
use super::trace::{Direction, FrameId};
use crate::ethernet::{CaptureLimits, Ethernet, Fate, Hears, Impairment, PortId};
use std::sync::Arc;
use wireproof_reference::random::Random;
use wireproof_reference::time::Instant;

/// The Ethernet with its two ends.
pub(super) struct Wire {
    ethernet: Ethernet,
    tester: Option<PortId>,
    device: Option<PortId>,
    /// What has reached the device and was not given to it yet.
    pub(super) at_device: Vec<Arc<[u8]>>,
}

impl Wire {
    pub(super) fn new(seed: u64) -> Self {
        let mut ethernet = Ethernet::new(Random::new(seed).fork("ethernet"));
        // The trace of the testbed holds all frames already.
        ethernet.set_capture_limits(CaptureLimits::NOTHING);
        // Whether a frame is its own affair, each end decides for itself: that is a thing to test.
        let tester = ethernet.attach(Hears::Everything);
        let device = ethernet.attach(Hears::Everything);
        Self { ethernet, tester, device, at_device: Vec::new() }
    }

    const fn port(&self, sender: Direction) -> Option<PortId> {
        match sender {
            Direction::ToDevice => self.tester,
            Direction::FromDevice => self.device,
        }
    }

    /// Puts a frame on the wire; a fate other than *delivered* is the caller's, none of the wire's.
    pub(super) fn send(
        &mut self,
        now: Instant,
        direction: Direction,
        octets: Arc<[u8]>,
        fate: Fate,
    ) -> (FrameId, Vec<Fate>) {
        let id = FrameId(self.ethernet.sent());
        let fates = match (self.port(direction), fate) {
            (None, _) => vec![Fate::Lost],
            (Some(port), Fate::Delivered) => self.ethernet.transmit(now, port, octets),
            (Some(port), fate) => self.ethernet.transmit_with(now, port, octets, fate),
        };
        (id, fates)
    }

    /// Takes off the wire what has arrived: the tester's share happens, the device's waits.
    pub(super) fn pull(&mut self, now: Instant, happened: &mut Vec<Happening>) {
        while let Some(arrival) = self.ethernet.poll_arrival(now) {
            if Some(arrival.port) == self.device {
                self.at_device.push(arrival.octets);
            } else {
                let what = What::Arrived { id: FrameId(arrival.number), octets: arrival.octets };
                happened.push(Happening { time: now, what });
            }
        }
    }

    /// Adds a rule of a bad wire for frames of one direction.
    pub(super) fn impair(&mut self, direction: Direction, impairment: Impairment) {
        if let Some(port) = self.port(direction) {
            self.ethernet.impair(impairment.from(port));
        }
    }

    /// When the next frame arrives that the wire holds back.
    pub(super) fn poll_deadline(&self) -> Option<Instant> {
        self.ethernet.poll_deadline()
    }
}
