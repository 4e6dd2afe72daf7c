//! Behaviours: feature files, and what runs them.
//!
//! Scenarios are loaded ([`features`]), made ready ([`prepare()`]: every step found, every ladder read, so that what is
//! wrong is told before anything runs), and run ([`run()`]) on cucumber with a parser, a runner and a writer of our own:
//! in virtual time, on several threads, in a stable order.
//!
//! The phrases of steps are told in [`steps`].
//!
//! | room | what |
//! |---|---|
//! | [`features`] | feature files: found, read, checked, expanded |
//! | `act` | the phrases of steps and what they mean |
//! | `states` | ladders that bring a connection into a state |
//! | [`errand`] | scenarios that are run elsewhere: what goes there and what comes back |
//! | `holes` | whether retransmissions fill holes |
//! | `planned` | how long a scenario is planned to last |
//! | `prepare` | scenarios made ready |
//! | `world` | a scenario under way: steps perform what was read from them |
//! | `runner` | cucumber's runner, replaced |
//! | `live` | many scenarios at once on a live device, again where the machine stood still |
//! | `judged` | a scenario's trace before the judge |
//! | `verdict` | what came out, as a report |

mod act;
pub mod errand;
pub mod features;
mod holes;
mod judged;
#[cfg(target_os = "linux")]
mod live;
mod planned;
mod prepare;
mod runner;
mod states;
mod verdict;
mod world;

#[doc = include_str!("STEPS.md")]
pub mod steps {}

use std::sync::{Arc, Mutex};

use cucumber::{Cucumber, cli, event, parser};
use futures::FutureExt as _;
use wireproof_reference::time::Duration;

pub use judged::unshown;
pub use prepare::{Plan, prepare};

use self::features::{Loaded, Scenario};
use self::world::World;
#[cfg(target_os = "linux")]
use crate::device::LiveDevice;
use crate::device::elsewhere::Elsewhere;
use crate::device::{Device, Profile};
use crate::report::{Numbers, ScenarioReport};

/// Makes a device, one for each scenario.
pub type DeviceFactory = Arc<dyn Fn() -> Box<dyn Device> + Send + Sync>;

/// Makes a live device, one for each scenario, on the thread that runs it.
#[cfg(target_os = "linux")]
pub type LiveFactory = Arc<dyn Fn() -> Box<dyn LiveDevice> + Send + Sync>;

/// A stack under test, and how scenarios reach it.
#[derive(Clone)]
pub enum Stack {
    /// It is driven from here, in virtual time.
    Virtual(DeviceFactory),
    /// It is driven from here and has a time of its own.
    #[cfg(target_os = "linux")]
    Live(LiveFactory),
    /// Whole scenarios are sent to where it is.
    Elsewhere(Arc<dyn Elsewhere>),
}

/// The command that runs one scenario alone with the same seed, by its id and file.
pub type Rerun = Arc<dyn Fn(&str, &str) -> String + Send + Sync>;

/// How scenarios are run.
#[derive(Clone)]
pub struct Config {
    /// The device under test.
    pub device: Stack,
    /// What is known about it.
    pub profile: Profile,
    /// All randomness is drawn from it and from the scenarios' ids.
    pub seed: u64,
    /// Where the tester's initial sequence numbers lie.
    pub numbers: Numbers,
    /// Whether every trace is judged by the rules of [`oracle`](crate::oracle) after its ladder.
    pub is_judged: bool,
    /// On how many threads; none: on as many as there are processors, and on a live device all at once.
    pub jobs: Option<usize>,
    /// Scenarios that are planned to last longer are not run; none: all are.
    pub time_limit: Option<Duration>,
    /// The command that failures name.
    pub rerun: Rerun,
}

impl Config {
    /// The device with this profile, seed 1, and everything else as a run has it that says nothing more.
    pub fn new(device: DeviceFactory, profile: Profile) -> Self {
        Self {
            device: Stack::Virtual(device),
            profile,
            seed: 1,
            numbers: Numbers::Random,
            is_judged: true,
            jobs: None,
            time_limit: None,
            rerun: Arc::new(|id, _| format!("wireproof run --name '^{id}$'")),
        }
    }
}

/// Runs scenarios and gives their reports, in their order.
pub fn run(plan: &Plan, config: &Config) -> Vec<ScenarioReport> {
    let reports: runner::Reports = Arc::new(Mutex::new(Vec::new()));
    let scenarios: Vec<Scenario> = plan.scenarios.iter().map(|prepared| prepared.scenario.clone()).collect();
    let runner =
        runner::Runner { plan: plan.clone(), config: Arc::new(config.clone()), reports: reports.clone() };
    let cucumber = Cucumber::<World, _, _, _, _>::custom(Loaded, runner, Silent).with_cli(cli::Opts::<
        cli::Empty,
        cli::Empty,
        cli::Empty,
    >::default());
    // Its futures do not wait: loading is done, and the runner runs all before it says anything.
    let _ = cucumber.run(scenarios).now_or_never();
    let mut reports = reports.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    std::mem::take(&mut *reports)
}

/// A [`cucumber::Writer`] that says nothing: reports are written from [`ScenarioReport`]s.
struct Silent;

impl cucumber::Writer<World> for Silent {
    type Cli = cli::Empty;

    async fn handle_event(
        &mut self,
        _: parser::Result<event::Event<event::Cucumber<World>>>,
        _: &cli::Empty,
    ) {
    }
}

impl cucumber::writer::Normalized for Silent {}
