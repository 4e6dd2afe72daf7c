//! How long an adapter or a virtual machine may take, in real time: besides the wall time of a run the one use of a clock in
//! virtual time. It decides when one is given up, never what a device is found to do.

use std::time::{Duration, Instant};

/// Until when an answer has to be there.
#[derive(Clone, Copy, Debug)]
pub(in crate::device) struct Deadline(Instant);

impl Deadline {
    /// So long from now.
    pub(in crate::device) fn after(span: Duration) -> Self {
        #[expect(clippy::disallowed_methods, reason = "another program's patience is real time")]
        let now = Instant::now();
        Self(now + span)
    }

    /// What is left of it; `None` if it has passed.
    pub(in crate::device) fn left(self) -> Option<Duration> {
        #[expect(clippy::disallowed_methods, reason = "another program's patience is real time")]
        let now = Instant::now();
        self.0.checked_duration_since(now).filter(|left| !left.is_zero())
    }
}
