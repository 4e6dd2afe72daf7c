//! Which processor each guest is bound to: one that is bound is four times as fast as one that wanders, since the kernel and
//! its first program are two processes that wait for each other.

use rustix::process::Pid;
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use std::sync::{Mutex, PoisonError};

/// The processors that this program may use, and how many guests each has.
#[derive(Debug)]
pub(super) struct Processors(Mutex<Vec<(usize, usize)>>);

/// A processor that a guest has, until it is dropped.
#[derive(Debug)]
pub(super) struct Seat<'a> {
    of: &'a Processors,
    processor: Option<usize>,
}

impl Processors {
    /// All that this program may use; none where nobody can say.
    pub(super) fn allowed() -> Self {
        let allowed = sched_getaffinity(None).ok();
        let is_allowed = |processor: &usize| allowed.is_some_and(|set| set.is_set(*processor));
        Self(Mutex::new((0..CpuSet::MAX_CPU).filter(is_allowed).map(|processor| (processor, 0)).collect()))
    }

    /// The processor with the fewest guests.
    pub(super) fn take(&self) -> Seat<'_> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let processor = all.iter_mut().min_by_key(|(_, guests)| *guests).map(|(processor, guests)| {
            *guests += 1;
            *processor
        });
        Seat { of: self, processor }
    }
}

impl Seat<'_> {
    /// Binds a process to it. One that cannot be bound is slower, no more.
    pub(super) fn bind(&self, process: Pid) {
        let Some(processor) = self.processor else { return };
        let mut set = CpuSet::new();
        set.set(processor);
        let _ = sched_setaffinity(Some(process), &set);
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        let mut all = self.of.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = all.iter_mut().find(|(processor, _)| Some(*processor) == self.processor);
        if let Some((_, guests)) = own {
            *guests -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guests_are_spread_over_the_processors_and_give_them_back() {
        let processors = Processors(Mutex::new(vec![(3, 0), (5, 0)]));
        let first = processors.take();
        let second = processors.take();
        assert_eq!((first.processor, second.processor), (Some(3), Some(5)));
        drop(first);
        let third = processors.take();
        assert_eq!(third.processor, Some(3));
        drop((second, third));
        assert_eq!(*processors.0.lock().unwrap(), [(3, 0), (5, 0)]);
        assert_eq!(Processors(Mutex::default()).take().processor, None);
    }
}
