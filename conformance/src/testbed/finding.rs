//! What can be wrong with a device besides the rules of the RFCs.

use crate::device::DeviceError;
use core::fmt;
use serde::{Deserialize, Serialize};
use wireproof_reference::time::Instant;

/// The device itself failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceFinding {
    /// How.
    pub kind: FindingKind,
    /// When.
    pub at: Instant,
    /// What it was asked to do.
    pub request: String,
    /// What it said, or what was counted: expected and got.
    pub message: String,
}

/// How a device itself can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum FindingKind {
    /// It panicked or went away.
    Crash,
    /// It always has more to do: an instant does not end, or time creeps.
    Livelock,
    /// It sends without end, at one instant or unasked, or takes memory without end.
    Flood,
    /// It broke the rules of the device protocol.
    Protocol,
    /// It gave no answer in real time.
    Silent,
    /// The machine did not let the harness have it: this says nothing about the device.
    Environment,
}

impl FindingKind {
    /// The word that reports use.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Crash => "crash",
            Self::Livelock => "livelock",
            Self::Flood => "flood",
            Self::Protocol => "protocol",
            Self::Silent => "silent",
            Self::Environment => "environment",
        }
    }
}

impl fmt::Display for FindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl DeviceFinding {
    /// What an error of the device means.
    pub(super) fn from_error(error: DeviceError, at: Instant, request: String) -> Self {
        let kind = match error {
            DeviceError::Crash { .. } => FindingKind::Crash,
            DeviceError::Silent { .. } => FindingKind::Silent,
            DeviceError::Environment { .. } => FindingKind::Environment,
            DeviceError::Excess { .. } => FindingKind::Flood,
            DeviceError::Refused { .. } | DeviceError::Protocol { .. } | DeviceError::WakeInPast { .. } => {
                FindingKind::Protocol
            }
        };
        Self { kind, at, request, message: error.to_string() }
    }
}

impl fmt::Display for DeviceFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, at, request, message } = self;
        write!(f, "{kind} at {at} s, asked to `{request}`: {message}")
    }
}

impl std::error::Error for DeviceFinding {}
