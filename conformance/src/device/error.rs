//! How a device itself can fail, apart from what its stack does wrong on the wire.

use core::fmt;
use wireproof_reference::time::Instant;

/// The device failed: not a rule of an RFC, but the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceError {
    /// It panicked, aborted or went away. What it said last.
    Crash {
        /// The panic's message, or what standard error said and the exit status.
        message: String,
    },
    /// It did not understand a request (`error TEXT`).
    Refused {
        /// The request, as the protocol writes it.
        request: String,
        /// What the device said about it.
        message: String,
    },
    /// It broke the rules of the device protocol.
    Protocol {
        /// What it said.
        found: String,
        /// What the protocol asks for.
        expected: String,
    },
    /// It gave no answer in time.
    Silent {
        /// The request, as the protocol writes it.
        request: String,
        /// How long the harness waited, in milliseconds of real time.
        waited_ms: u64,
        /// What it said so far, if anything.
        said: String,
    },
    /// It said or took more than it may.
    Excess {
        /// How much of what.
        found: String,
        /// The limit.
        expected: String,
    },
    /// The machine does not let the harness have such a device: nothing is said about the device.
    Environment {
        /// What was tried, and how it failed.
        tried: String,
        /// What to do about it.
        to_do: String,
    },
    /// It asked to be woken before the present.
    WakeInPast {
        /// The present.
        now: Instant,
        /// When it asked to be woken.
        wake: Instant,
    },
}

impl fmt::Display for DeviceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Crash { message } => write!(f, "the device crashed: {message}"),
            Self::Refused { request, message } => {
                write!(f, "the device did not understand `{request}`: {message}")
            }
            Self::Protocol { found, expected } => {
                write!(f, "the device broke the device protocol: expected {expected}, got `{found}`")
            }
            Self::Silent { request, waited_ms, said } => {
                write!(f, "the device gave no whole answer to `{request}` within {waited_ms} ms")?;
                if said.is_empty() { Ok(()) } else { write!(f, "; {said}") }
            }
            Self::Excess { found, expected } => {
                write!(f, "the device knows no measure: expected {expected}, got {found}")
            }
            Self::Environment { tried, to_do } => write!(f, "{tried}; {to_do}"),
            Self::WakeInPast { now, wake } => {
                write!(f, "the device asked to be woken in the past: expected later than {now}, got {wake}")
            }
        }
    }
}

impl std::error::Error for DeviceError {}
