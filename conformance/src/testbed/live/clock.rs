//! The machine's clock, and how one waits for it: until the deadline, not a thousandth of the span longer as `poll` with a
//! timeout would.

use super::Clock;
use super::pulse;
use crate::device::{DeviceError, Interest};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::time::{
    ClockId, Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, clock_gettime,
    timerfd_create, timerfd_settime,
};
use std::fs::File;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::os::unix::fs::FileExt as _;
use wireproof_reference::time::{Duration, Instant};

const NANOS_PER_SEC: u64 = 1_000_000_000;

/// CLOCK_MONOTONIC.
#[derive(Default)]
pub(in crate::testbed) struct Monotonic {
    timer: Option<OwnedFd>,
    scheduler: Scheduler,
    asked: Instant,
}

/// What CLOCK_MONOTONIC shows.
pub(super) fn monotonic() -> Instant {
    let Timespec { tv_sec, tv_nsec } = clock_gettime(ClockId::Monotonic);
    let secs = u64::try_from(tv_sec).unwrap_or_default();
    Instant::from_nanos(
        secs.saturating_mul(NANOS_PER_SEC).saturating_add(u64::try_from(tv_nsec).unwrap_or_default()),
    )
}

pub(super) fn timespec(time: Instant) -> Timespec {
    let nanos = time.as_nanos();
    Timespec {
        tv_sec: i64::try_from(nanos / NANOS_PER_SEC).unwrap_or(i64::MAX),
        tv_nsec: i64::try_from(nanos % NANOS_PER_SEC).unwrap_or_default() as _,
    }
}

impl Clock for Monotonic {
    fn now(&self) -> Instant {
        monotonic()
    }

    fn wait(
        &mut self,
        descriptors: &[(BorrowedFd<'_>, Interest)],
        until: Instant,
    ) -> Result<(), DeviceError> {
        let fails = |what: &str, error: Errno| DeviceError::Environment {
            tried: format!("cannot wait for the device: {what}: {error}"),
            to_do: "see whether the process may open more files (`ulimit -n`)".to_owned(),
        };
        let timer = match &self.timer {
            Some(timer) => timer,
            None => {
                let flags = TimerfdFlags::CLOEXEC.union(TimerfdFlags::NONBLOCK);
                let timer = timerfd_create(TimerfdClockId::Monotonic, flags)
                    .map_err(|error| fails("timerfd_create", error))?;
                self.timer.insert(timer)
            }
        };
        // Zero would switch the timer off.
        let value = timespec(until.max(Instant::from_nanos(1)));
        let time = Itimerspec { it_interval: Timespec { tv_sec: 0, tv_nsec: 0 }, it_value: value };
        timerfd_settime(timer, TimerfdTimerFlags::ABSTIME, &time)
            .map_err(|error| fails("timerfd_settime", error))?;
        let mut polled = vec![PollFd::from_borrowed_fd(timer.as_fd(), PollFlags::IN)];
        polled.extend(descriptors.iter().map(|(descriptor, interest)| {
            let flags = match interest {
                Interest::Readable => PollFlags::IN,
                Interest::Writable => PollFlags::OUT,
            };
            PollFd::from_borrowed_fd(*descriptor, flags)
        }));
        match poll(&mut polled, None) {
            // Whoever was interrupted looks again.
            Ok(_) | Err(Errno::INTR) => Ok(()),
            Err(error) => Err(fails("poll", error)),
        }
    }

    fn held_up(&mut self) -> Duration {
        let since = std::mem::replace(&mut self.asked, monotonic());
        self.scheduler.waited().max(pulse::longest_stop(since))
    }
}

/// What the scheduler knows of this thread.
#[derive(Default)]
struct Scheduler {
    file: Option<File>,
    waited: u64,
}

impl Scheduler {
    /// How long the thread was ready to run and did not, since this was asked last. Zero where the kernel does not tell.
    fn waited(&mut self) -> Duration {
        let Some(file) = self.open() else { return Duration::ZERO };
        let mut text = [0; 64];
        let Ok(len) = file.read_at(&mut text, 0) else { return Duration::ZERO };
        // proc(5): nanoseconds on the processor, nanoseconds waiting for it, how often it was given it.
        let words = std::str::from_utf8(text.get(..len).unwrap_or_default()).unwrap_or_default();
        let Some(waited) = words.split_ascii_whitespace().nth(1).and_then(|word| word.parse().ok()) else {
            return Duration::ZERO;
        };
        let before = std::mem::replace(&mut self.waited, waited);
        Duration::from_nanos(waited.saturating_sub(before))
    }

    fn open(&mut self) -> Option<&File> {
        if self.file.is_none() {
            self.file = File::open("/proc/thread-self/schedstat").ok();
        }
        self.file.as_ref()
    }
}
