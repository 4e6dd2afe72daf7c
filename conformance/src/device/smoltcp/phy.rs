//! The network card of the stack: two queues.

use smoltcp::phy::{Device, DeviceCapabilities, Medium, RxToken, TxToken};
use smoltcp::time::Instant;
use std::collections::VecDeque;

/// Frames that have arrived and frames that were sent.
pub(super) struct Queue {
    capabilities: DeviceCapabilities,
    arrived: VecDeque<Vec<u8>>,
    sent: Vec<Vec<u8>>,
}

impl Queue {
    /// A card for frames of at most `longest` octets without FCS; checksums are the stack's work, both ways.
    pub(super) fn new(longest: usize) -> Self {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ethernet;
        capabilities.max_transmission_unit = longest;
        Self { capabilities, arrived: VecDeque::new(), sent: Vec::new() }
    }

    pub(super) fn receive_all(&mut self, frames: &[&[u8]]) {
        self.arrived.extend(frames.iter().map(|frame| frame.to_vec()));
    }

    pub(super) fn take_sent(&mut self) -> impl Iterator<Item = Vec<u8>> {
        self.sent.drain(..)
    }
}

impl Device for Queue {
    type RxToken<'a> = Arrived;
    type TxToken<'a> = ToSend<'a>;

    fn receive(&mut self, _: Instant) -> Option<(Arrived, ToSend<'_>)> {
        let frame = self.arrived.pop_front()?;
        Some((Arrived(frame), ToSend(&mut self.sent)))
    }

    fn transmit(&mut self, _: Instant) -> Option<ToSend<'_>> {
        Some(ToSend(&mut self.sent))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        self.capabilities.clone()
    }
}

/// A frame to be read.
pub(super) struct Arrived(Vec<u8>);

impl RxToken for Arrived {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, read: F) -> R {
        read(&self.0)
    }
}

/// A place for a frame to be sent.
pub(super) struct ToSend<'a>(&'a mut Vec<Vec<u8>>);

impl TxToken for ToSend<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, write: F) -> R {
        let mut frame = vec![0; len];
        let result = write(&mut frame);
        self.0.push(frame);
        result
    }
}
