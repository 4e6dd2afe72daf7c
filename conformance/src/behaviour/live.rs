//! Scenarios on a live device: all at once, since each spends its time waiting.
//!
//! One thread a scenario, the one that is planned to last longest first, so that a run takes little longer than it.
//! Making a stack costs what waiting does not, a processor: they are made one behind the other, but for one processor all
//! that the machine has at once, and the scenarios that are under way are not kept waiting.
//!
//! What a scenario missed because the machine stood still says nothing: it is run again, a few times at most.

use std::cmp::Reverse;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use wireproof_reference::time::Duration;

use super::planned::planned;
use super::prepare::{Plan, Prepared};
use super::runner::{guarded, run_on};
use super::verdict::Outcome;
use super::{Config, LiveFactory};
use crate::report::{ScenarioReport, Verdict};
use crate::testbed::{Testbed, watch_machine};

/// The most scenarios that run at once.
const MOST_AT_ONCE: usize = 1_000;
/// The stack of a scenario's thread, in octets: of this only what is used takes memory.
const THREAD_STACK: usize = 2 << 20;
/// How often a scenario is run at most.
const MOST_RUNS: usize = 3;

/// Runs all scenarios; the reports are in their order, whoever ends first.
pub(super) fn run_all(plan: &Plan, config: &Config, device: &LiveFactory) -> Vec<ScenarioReport> {
    watch_machine();
    let order = longest_first(plan, config, device);
    let reports: Mutex<Vec<Option<ScenarioReport>>> = Mutex::new(order.iter().map(|_| None).collect());
    let (next, gate) = (AtomicUsize::new(0), Gate::new());
    let work = || {
        loop {
            // Who comes through the gate first takes the longest that is left.
            let pass = gate.enter();
            let Some(index) = order.get(next.fetch_add(1, Ordering::Relaxed)).copied() else { return };
            let Some(prepared) = plan.scenarios.get(index) else { return };
            let report =
                guarded(prepared, || run_patiently(prepared, config, || Testbed::live(device()), Some(pass)));
            let mut reports = reports.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(place) = reports.get_mut(index) {
                *place = Some(report);
            }
        }
    };
    let threads = config.jobs.unwrap_or(MOST_AT_ONCE).min(MOST_AT_ONCE).min(plan.scenarios.len());
    std::thread::scope(|scope| {
        let started = (0..threads)
            .map_while(|_| {
                std::thread::Builder::new().stack_size(THREAD_STACK).spawn_scoped(scope, work).ok()
            })
            .count();
        if started == 0 {
            // Threads that cannot be had are no reason not to run.
            work();
        }
    });
    let reports = reports.into_inner().unwrap_or_else(PoisonError::into_inner);
    reports.into_iter().flatten().collect()
}

/// Runs a scenario, again if the machine stood still meanwhile and nothing can be said.
pub(super) fn run_one(prepared: &Arc<Prepared>, config: &Config, device: &LiveFactory) -> ScenarioReport {
    run_patiently(prepared, config, || Testbed::live(device()), ())
}

/// `pass` is dropped when the scenario begins for the first time, its device being there.
fn run_patiently<P>(
    prepared: &Arc<Prepared>,
    config: &Config,
    testbed: impl Fn() -> Testbed,
    pass: P,
) -> ScenarioReport {
    let mut repeated = Vec::new();
    let mut pass = Some(pass);
    loop {
        let Outcome { report, is_disturbed } = run_on(prepared, config, testbed(), pass.take());
        match &report.verdict {
            Verdict::Inconclusive { why } if is_disturbed && repeated.len() + 1 < MOST_RUNS => {
                repeated.push(why.clone());
            }
            _ => return ScenarioReport { repeated, ..report },
        }
    }
}

/// The numbers of the scenarios, those that last longest first.
fn longest_first(plan: &Plan, config: &Config, device: &LiveFactory) -> Vec<usize> {
    let timing = config.profile.timing(device().description());
    let lasts: Vec<Duration> = plan.scenarios.iter().map(|prepared| planned(prepared, &timing)).collect();
    let mut order: Vec<usize> = (0..lasts.len()).collect();
    order.sort_by_key(|index| Reverse(lasts.get(*index).copied()));
    order
}

/// Lets so many through at once that one processor is left for the others.
struct Gate {
    free: Mutex<usize>,
    freed: Condvar,
}

impl Gate {
    fn new() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self { free: Mutex::new(processors.saturating_sub(1).max(1)), freed: Condvar::new() }
    }

    fn enter(&self) -> Pass<'_> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free = self.freed.wait_while(free, |free| *free == 0).unwrap_or_else(PoisonError::into_inner);
        *free -= 1;
        Pass(self)
    }
}

/// The right to make a stack; it ends when this is dropped.
struct Pass<'a>(&'a Gate);

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::behaviour::features;
    use crate::device::{self, Profile};
    use crate::testbed::live::fake::{self, Late};
    use std::cell::Cell;
    use std::path::Path;

    /// A SYN-ACK that is repeated after a second.
    const FEATURE: &str = r"
@tcp
Feature: Time

  @ipv4 @rfc9293-3.8.1
  Scenario: A SYN-ACK comes again
    Given the device listens on port 80
    Then they exchange
      | time |     | segment                         |
      |      | --> | <SEQ=100><CTL=SYN>              |
      |      | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK> |
      | 1 s  | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK> |
";
    const PROFILE: &str = "device = \"reference\"\n[timing]\nat-once = \"30 ms\"\ngranularity = \"20 ms\"\n";
    const THIRD: Duration = Duration::from_millis(300);

    /// What comes of it on a machine that is late as `late` says of each run.
    fn run(late: impl Fn(usize) -> Late) -> ScenarioReport {
        let source =
            features::source::Source::new("time.feature".to_owned(), Path::new("time.feature"), FEATURE);
        let plan = crate::behaviour::prepare(features::load(&[source]).unwrap()).unwrap();
        let profile = Profile::parse("profile", PROFILE).unwrap();
        let reference = || device::open("reference").unwrap();
        let config = Config::new(Arc::new(reference), profile);
        let runs = Cell::new(0);
        let testbed = || fake::testbed(reference(), late(runs.replace(runs.get() + 1)));
        run_patiently(&plan.scenarios[0], &config, testbed, ())
    }

    #[test]
    fn on_a_punctual_machine_a_punctual_device_passes() {
        let report = run(|_| Late::default());
        assert_eq!((&report.verdict, report.runs()), (&Verdict::Pass, 1), "{:?}", report.failure);
    }

    #[test]
    fn what_a_late_machine_missed_is_run_again_and_counts_then() {
        let report =
            run(|run| Late { machine: if run == 0 { THIRD } else { Duration::ZERO }, ..Late::default() });
        assert_eq!((&report.verdict, report.runs()), (&Verdict::Pass, 2));
        assert!(report.repeated[0].contains("the machine stood still for 0.3 s"), "{:?}", report.repeated);
    }

    #[test]
    fn a_machine_that_is_always_late_leaves_it_inconclusive_never_failed() {
        let report = run(|_| Late { machine: THIRD, ..Late::default() });
        let Verdict::Inconclusive { why } = &report.verdict else { panic!("{:?}", report.verdict) };
        assert!(why.contains("the machine stood still for 0.3 s") && why.contains("too late"), "{why}");
        assert_eq!((report.runs(), report.broken_rules.len(), report.failure.is_some()), (3, 0, false));
    }

    #[test]
    fn a_late_device_on_a_punctual_machine_fails_at_once() {
        let report = run(|_| Late { device: THIRD, ..Late::default() });
        assert_eq!((&report.verdict, report.runs()), (&Verdict::Fail, 1));
        let summary = report.failure.unwrap().summary;
        assert!(summary.contains("nothing came within 1.02 s") || summary.contains("too late"), "{summary}");
    }

    #[test]
    fn a_little_lateness_is_no_excuse_for_a_device() {
        let little = Duration::from_millis(5);
        let report = run(|_| Late { machine: little, device: THIRD });
        assert_eq!((&report.verdict, report.runs()), (&Verdict::Fail, 1));
    }
}
