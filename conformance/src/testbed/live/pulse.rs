//! Whether the machine stands still: a thread that does nothing but wake up every few milliseconds and look how late it
//! is. A virtual machine that is not given a processor, a laptop that was closed, a swap storm: all scenarios that were under
//! way then missed something, and so did the devices.

use super::clock::{monotonic, timespec};
use rustix::thread::{ClockId, clock_nanosleep_absolute};
use std::collections::VecDeque;
use std::sync::{Mutex, Once, PoisonError};
use wireproof_reference::time::{Duration, Instant};

/// How often it wakes up.
const BEAT: Duration = Duration::from_millis(10);
/// Being late by less is nothing.
const NOTHING: Duration = Duration::from_millis(2);
/// How many of the last stops are kept.
const KEPT: usize = 4_096;

/// The last stops: when each ended and how long it was.
static STOPS: Mutex<VecDeque<(Instant, Duration)>> = Mutex::new(VecDeque::new());

/// Watches from now on whether the machine stands still, for all live testbeds of this process. Asking again changes
/// nothing.
pub fn watch_machine() {
    static WATCH: Once = Once::new();
    WATCH.call_once(|| {
        let watcher = std::thread::Builder::new().name("pulse".to_owned()).stack_size(64 << 10);
        // Without it lateness is measured by each thread for itself.
        drop(watcher.spawn(beat));
    });
}

/// The longest stop that ended at or behind `since`.
pub(super) fn longest_stop(since: Instant) -> Duration {
    let stops = STOPS.lock().unwrap_or_else(PoisonError::into_inner);
    let late = stops.iter().rev().take_while(|(ended, _)| *ended >= since).map(|(_, late)| *late);
    late.max().unwrap_or(Duration::ZERO)
}

fn beat() {
    loop {
        let due = monotonic() + BEAT;
        // Interrupted or not: what counts is how late it is.
        let _ = clock_nanosleep_absolute(ClockId::Monotonic, &timespec(due));
        let now = monotonic();
        let late = now.since(due);
        if late >= NOTHING {
            let mut stops = STOPS.lock().unwrap_or_else(PoisonError::into_inner);
            if stops.len() == KEPT {
                stops.pop_front();
            }
            stops.push_back((now, late));
        }
    }
}
