//! Where a program's pipes cannot all be watched at once, there are no adapters yet.

use super::Limits;
use super::answer::Pending;
use super::command::CommandLine;
use crate::device::{Description, DeviceError, Output, Wake};
use crate::problem::Problem;
use std::time::Duration;

#[derive(Debug)]
pub(super) struct Conversation {
    pub(super) pending: Pending,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline;

impl Deadline {
    pub(super) const fn after(_: Duration) -> Self {
        Self
    }
}

impl Conversation {
    pub(super) fn start(command: &CommandLine, _: Limits) -> Result<(Self, Description), Problem> {
        let message =
            format!("cannot start `{}`: adapters are not driven on this system yet", command.program());
        Err(Problem::new(message, "Linux, macOS or another Unix"))
    }

    pub(super) fn ask(&mut self, _: &[u8], _: &mut Output) -> Result<Wake, DeviceError> {
        Err(DeviceError::Crash { message: "there is no process".to_owned() })
    }

    pub(super) const fn is_in_step(&self) -> bool {
        false
    }

    pub(super) fn say_quit(&mut self) {}

    pub(super) fn await_end(&mut self, _: Deadline) -> Option<std::process::ExitStatus> {
        None
    }
}
