//! Cucumber's runner, replaced: scenarios run in virtual time on several threads and come out in their order.
//!
//! A step that panics is a fault of the harness: its scenario is inconclusive, and the panic is told.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use cucumber::event::{self, Cucumber, Event, RetryableScenario, Source};
use cucumber::{cli, parser};
use futures::stream::{self, LocalBoxStream};
use futures::{FutureExt as _, StreamExt as _};
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use wireproof_reference::random::Random;
use wireproof_reference::time::Duration;

use super::errand;
#[cfg(target_os = "linux")]
use super::live;
use super::planned::planned;
use super::prepare::{Plan, Prepared};
use super::verdict::{self, Outcome};
use super::world::World;
use super::{Config, Stack};
use crate::exchange::Timing;
use crate::notation::Placement;
use crate::report::{Numbers, ScenarioReport, Verdict};
use crate::testbed::Testbed;

/// Where the runner leaves its reports, in the order of the scenarios.
pub(super) type Reports = Arc<Mutex<Vec<ScenarioReport>>>;

/// A [`cucumber::Runner`] over scenarios that were made ready.
pub(super) struct Runner {
    pub(super) plan: Plan,
    pub(super) config: Arc<Config>,
    pub(super) reports: Reports,
}

impl cucumber::Runner<World> for Runner {
    type Cli = cli::Empty;
    type EventStream = LocalBoxStream<'static, parser::Result<Event<Cucumber<World>>>>;

    fn run<S>(self, features: S, _: cli::Empty) -> Self::EventStream
    where
        S: futures::Stream<Item = parser::Result<gherkin::Feature>> + 'static,
    {
        let events = features.collect::<Vec<_>>().map(move |features| {
            let reports = run_all(&self.plan, &self.config);
            let events = tell(features, &self.plan, &reports);
            *self.reports.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = reports;
            stream::iter(events)
        });
        stream::once(events).flatten().boxed_local()
    }
}

/// The most scenarios that run at once.
const MAX_JOBS: usize = 256;

/// Runs all scenarios; the reports are in their order, whoever ends first.
pub(super) fn run_all(plan: &Plan, config: &Config) -> Vec<ScenarioReport> {
    #[cfg(target_os = "linux")]
    if let Stack::Live(device) = &config.device {
        return live::run_all(plan, config, device);
    }
    let run = || plan.scenarios.par_iter().map(|prepared| run_one(prepared, config)).collect();
    // More threads than scenarios would have nothing to do, and thousands of them take long to start.
    let jobs = config.jobs.map_or(0, |jobs| jobs.min(plan.scenarios.len().clamp(1, MAX_JOBS)));
    match rayon::ThreadPoolBuilder::new().num_threads(jobs).build() {
        Ok(pool) => pool.install(run),
        // Threads that cannot be had are no reason not to run.
        Err(_) => plan.scenarios.iter().map(|prepared| run_one(prepared, config)).collect(),
    }
}

/// Runs one scenario on a device of its own.
pub(super) fn run_one(prepared: &Arc<Prepared>, config: &Config) -> ScenarioReport {
    guarded(prepared, || match &config.device {
        Stack::Virtual(device) => run_on(prepared, config, Testbed::in_virtual_time(device()), ()).report,
        #[cfg(target_os = "linux")]
        Stack::Live(device) => live::run_one(prepared, config, device),
        Stack::Elsewhere(elsewhere) => errand::run(prepared, config, elsewhere.as_ref()),
    })
}

/// What `run` gives, unless the harness itself fails.
pub(super) fn guarded(prepared: &Prepared, run: impl FnOnce() -> ScenarioReport) -> ScenarioReport {
    // What panicked is not used again.
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
        let told = message(panic.as_ref());
        let why = format!("the harness itself failed, which is a fault of Wireproof: {told}");
        verdict::without_run(prepared, Verdict::Inconclusive { why })
    })
}

/// Runs one scenario on a testbed with a device of its own. `pass` is dropped when the scenario begins, its device being
/// there.
pub(super) fn run_on<P>(prepared: &Arc<Prepared>, config: &Config, testbed: Testbed, pass: P) -> Outcome {
    let capabilities = config.profile.capabilities(testbed.description());
    // What the device cannot do is not asked of it.
    if let Some(capability) = capabilities.first_missing(prepared.needs.iter().copied()) {
        let verdict = Verdict::NotApplicable { capability: capability.to_string() };
        return Outcome::settled(verdict::without_run(prepared, verdict));
    }
    let timing = config.profile.timing(testbed.description());
    if let Some(limit) = config.time_limit
        && let Some(needed) = too_long(prepared, &timing, limit)
    {
        let verdict = Verdict::NotRun { why: format!("needs {needed} s") };
        return Outcome::settled(verdict::without_run(prepared, verdict));
    }
    let seed = Random::new(config.seed).fork(&prepared.scenario.id).next_u64();
    let mut world = World::begin(prepared.clone(), testbed, &config.profile, seed, placement(config.numbers));
    drop(pass);
    for step in prepared.steps.iter() {
        // Steps do not wait for each other: their futures are done when they are made.
        let _ = (step.found.function)(&mut world, step.found.context.clone()).now_or_never();
    }
    verdict::outcome(config, world)
}

/// How many seconds a scenario needs that is planned to last longer than the limit, rounded up.
fn too_long(prepared: &Prepared, timing: &Timing, limit: Duration) -> Option<u64> {
    let planned = planned(prepared, timing);
    (planned > limit).then(|| planned.as_nanos().div_ceil(1_000_000_000))
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without message".to_owned())
}

fn placement(numbers: Numbers) -> Placement {
    match numbers {
        Numbers::Random => Placement::Anywhere,
        Numbers::NearSignBit => Placement::Near2To31,
        Numbers::NearWrap => Placement::Near2To32,
    }
}

type Told = parser::Result<Event<Cucumber<World>>>;

/// What happened, in cucumber's words: which scenarios and steps there were and how they ended.
fn tell(
    features: Vec<parser::Result<gherkin::Feature>>,
    plan: &Plan,
    reports: &[ScenarioReport],
) -> Vec<Told> {
    let mut events: Vec<Told> = vec![Ok(Event::new(Cucumber::Started))];
    let mut outcomes = plan.scenarios.iter().zip(reports);
    for feature in features {
        let feature = match feature {
            Ok(feature) => Source::new(feature),
            Err(error) => {
                events.push(Err(error));
                continue;
            }
        };
        events.push(Ok(Event::new(Cucumber::feature_started(feature.clone()))));
        for _ in &feature.scenarios {
            let Some((prepared, report)) = outcomes.next() else { break };
            tell_scenario(&feature, prepared, report, &mut events);
        }
        events.push(Ok(Event::new(Cucumber::feature_finished(feature))));
    }
    events.push(Ok(Event::new(Cucumber::Finished)));
    events
}

fn tell_scenario(
    feature: &Source<gherkin::Feature>,
    prepared: &Prepared,
    report: &ScenarioReport,
    events: &mut Vec<Told>,
) {
    let scenario = Source::new(super::features::gherkin_form::gherkin_scenario(&prepared.scenario));
    let mut say = |event: event::Scenario<World>| {
        let event = RetryableScenario { event, retries: None };
        let rule: Option<Source<gherkin::Rule>> = None;
        events.push(Ok(Event::new(Cucumber::scenario(feature.clone(), rule, scenario.clone(), event))));
    };
    say(event::Scenario::Started);
    let broken = report.failure.as_ref().map(|failure| failure.line);
    for step in prepared.steps.iter() {
        let source = Source::new(step.step.as_ref().clone());
        say(event::Scenario::step_started(source.clone()));
        match broken {
            Some(line)
                if line >= step.step.position.line
                    && is_last_before(prepared, step.step.position.line, line) =>
            {
                let (captures, location) = (step.found.captures.clone(), step.found.location);
                let panic: Arc<dyn Any + Send> = Arc::new(
                    report.failure.as_ref().map_or_else(String::new, |failure| failure.summary.clone()),
                );
                say(event::Scenario::step_failed(
                    source,
                    Some(captures),
                    location,
                    None,
                    event::StepError::Panic(panic),
                ));
                break;
            }
            _ => say(event::Scenario::step_passed(source, step.found.captures.clone(), step.found.location)),
        }
    }
    say(event::Scenario::Finished);
}

/// Whether the step in line `own` is the one to which the broken line belongs.
fn is_last_before(prepared: &Prepared, own: usize, broken: usize) -> bool {
    prepared.steps.iter().map(|step| step.step.position.line).filter(|line| *line <= broken).max()
        == Some(own)
}
