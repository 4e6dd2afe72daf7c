//! Devices that have a time of their own: a stack that runs whether the harness looks or not.

use super::call::{Call, CallId, CallResult};
use super::capability::Description;
use super::error::DeviceError;
use super::setup::Setup;
use std::os::fd::BorrowedFd;

/// A stack under test that runs by itself, in real time or in a time that some machine makes up.
///
/// Nothing here waits: what is not there yet is asked for again, when one of the [`Self::descriptors`] is ready.
pub trait LiveDevice: Send {
    /// Name, version, capabilities and properties.
    fn description(&self) -> &Description;

    /// Forgets everything: a fresh stack, no calls pending (they end without result). From now on the device is used on
    /// the calling thread alone.
    ///
    /// # Errors
    /// [`DeviceError`] if no fresh stack could be made; the device is then of no further use.
    fn reset(&mut self, setup: &Setup) -> Result<(), DeviceError>;

    /// This Ethernet frame (without FCS) arrives now. When the method returns, the stack has seen it and has done all that
    /// it does at once.
    ///
    /// # Errors
    /// [`DeviceError`] if the device itself failed; a frame that its network card would drop is no error.
    fn handle_frame(&mut self, frame: &[u8]) -> Result<(), DeviceError>;

    /// The next Ethernet frame that the stack has sent, without FCS. `None`: it has not sent any more by now.
    ///
    /// # Errors
    /// [`DeviceError`] if the device itself failed.
    fn poll_frame(&mut self) -> Result<Option<Vec<u8>>, DeviceError>;

    /// The application makes a call. `None`: it cannot end yet, [`Self::poll_results`] gives its result.
    fn handle_call(&mut self, id: CallId, call: &Call) -> Option<CallResult>;

    /// The pending calls that have ended by now are put behind `ended`, in the order in which they were made.
    fn poll_results(&mut self, ended: &mut Vec<(CallId, CallResult)>);

    /// What becomes ready when there may be a frame or the result of a pending call; the wire's first.
    fn descriptors(&self) -> Vec<(BorrowedFd<'_>, Interest)>;
}

/// For what a descriptor is waited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interest {
    /// Something can be read, or there is an end or an error.
    Readable,
    /// Something can be written, or there is an error.
    Writable,
}
