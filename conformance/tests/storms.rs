//! Stacks that send without end: each scenario of the suite is over after so many frames and wakes, whatever it waits for.

#![expect(clippy::unwrap_used, reason = "what cannot be loaded fails the test")]

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use wireproof::behaviour::{self, Config, features};
use wireproof::device::reference::Reference;
use wireproof::device::{Call, CallId, Description, Device, DeviceError, Output, Profile, Setup, Wake};
use wireproof::report::{ScenarioReport, Verdict};
use wireproof::testbed::Limits;
use wireproof_reference::policy::Policy;
use wireproof_reference::time::{Duration, Instant};

/// The reference, its wakes and frames counted.
struct Counted {
    inner: Reference,
    wakes: AtomicU64,
    frames: AtomicU64,
    most: Most,
}

/// The most wakes and the most frames of a device.
type Most = Arc<Mutex<(u64, u64)>>;

impl Counted {
    fn count(&self, out: &Output, before: usize) {
        let frames = out.frames().count().saturating_sub(before);
        self.frames.fetch_add(u64::try_from(frames).unwrap(), Ordering::Relaxed);
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut most = self.most.lock().unwrap();
        most.0 = most.0.max(self.wakes.load(Ordering::Relaxed));
        most.1 = most.1.max(self.frames.load(Ordering::Relaxed));
    }
}

impl Device for Counted {
    fn description(&self) -> &Description {
        self.inner.description()
    }

    fn reset(&mut self, setup: &Setup, out: &mut Output) -> Result<Wake, DeviceError> {
        self.inner.reset(setup, out)
    }

    fn handle_frames(
        &mut self,
        now: Instant,
        frames: &[&[u8]],
        out: &mut Output,
    ) -> Result<Wake, DeviceError> {
        let before = out.frames().count();
        let wake = self.inner.handle_frames(now, frames, out);
        self.count(out, before);
        wake
    }

    fn handle_call(
        &mut self,
        now: Instant,
        id: CallId,
        call: &Call,
        out: &mut Output,
    ) -> Result<Wake, DeviceError> {
        let before = out.frames().count();
        let wake = self.inner.handle_call(now, id, call, out);
        self.count(out, before);
        wake
    }

    fn run(&mut self, now: Instant, out: &mut Output) -> Result<Wake, DeviceError> {
        self.wakes.fetch_add(1, Ordering::Relaxed);
        let before = out.frames().count();
        let wake = self.inner.run(now, out);
        self.count(out, before);
        wake
    }
}

/// The suite against the reference with a time-out that never grows; the most wakes and frames of one scenario.
fn run(timeout: Duration) -> (Vec<ScenarioReport>, (u64, u64)) {
    let plan = behaviour::prepare(features::load(&features::source::embedded()).unwrap()).unwrap();
    let most = Most::default();
    let shared = most.clone();
    let device = move || -> Box<dyn Device> {
        let policy = Policy {
            rto_initial: timeout,
            rto_min: timeout,
            rto_max: timeout,
            granularity: Duration::ZERO,
            ..Policy::rfc9293()
        };
        let (wakes, frames) = (AtomicU64::new(0), AtomicU64::new(0));
        Box::new(Counted { inner: Reference::new(policy), wakes, frames, most: shared.clone() })
    };
    let config =
        Config { is_judged: false, ..Config::new(Arc::new(device), Profile::embedded("reference").unwrap()) };
    let reports = behaviour::run(&plan, &config);
    drop(config);
    let most = *most.lock().unwrap();
    (reports, most)
}

/// So many times the limit of what is unasked: what is asked comes besides.
const SLACK: u64 = 3;

#[test]
fn a_stack_whose_time_outs_take_no_time_is_found_out_in_each_scenario() {
    for timeout in [Duration::ZERO, Duration::from_millis(1)] {
        let (reports, (wakes, frames)) = run(timeout);
        let failed = reports.iter().filter(|report| report.verdict == Verdict::Fail).count();
        assert!(failed > 200, "{timeout}: {failed} of {} scenarios fail", reports.len());
        let most = u64::from(Limits::default().frames_unasked) * SLACK;
        assert!(wakes < most && frames < most, "{timeout}: {wakes} wakes, {frames} frames in one scenario");
    }
}
