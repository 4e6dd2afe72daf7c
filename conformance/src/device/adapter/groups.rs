//! The process groups of adapters and virtual machines that run: none of them outlives this program, not even if a signal ends it.

use rustix::process::{Pid, Signal, kill_process_group};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::collections::BTreeMap;
use std::process::Child;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

/// The leaders, none of which is reaped yet: their numbers are still theirs.
static LEADERS: Mutex<BTreeMap<u32, Pid>> = Mutex::new(BTreeMap::new());

fn leaders() -> MutexGuard<'static, BTreeMap<u32, Pid>> {
    LEADERS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A process that leads a group has been started.
pub(in crate::device) fn add(leader: &Child) {
    static WATCH: Once = Once::new();
    WATCH.call_once(|| {
        // Where signals cannot be heard, adapters see the end of their input at least.
        if let Ok(signals) = Signals::new([SIGHUP, SIGINT, SIGTERM]) {
            drop(std::thread::Builder::new().name("signals".to_owned()).spawn(|| watch(signals)));
        }
    });
    leaders().insert(leader.id(), Pid::from_child(leader));
}

/// Ends a group, whose leader may then be reaped. Does nothing the second time.
pub(in crate::device) fn end(leader: &Child) {
    let mut leaders = leaders();
    if let Some(group) = leaders.remove(&leader.id()) {
        // Whoever has ended already does not mind.
        let _ = kill_process_group(group, Signal::KILL);
    }
}

/// At a signal that ends this program: ends all groups first.
fn watch(mut signals: Signals) {
    for signal in signals.forever() {
        for group in std::mem::take(&mut *leaders()).into_values() {
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = signal_hook::low_level::emulate_default_handler(signal);
    }
}
