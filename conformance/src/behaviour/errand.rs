//! Scenarios that are run elsewhere: what goes there, and what comes back.
//!
//! ```text
//!   here                                              where the stack is
//!   run_all ── Errand, octets ──> Elsewhere ────────> answer ── run ── report
//!   ScenarioReport <──────────────────────── Reply, octets <──┘
//! ```
//!
//! The report of a scenario that was run elsewhere is the same value as that of one that was run here, its trace included.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use wireproof_reference::random::Random;
use wireproof_reference::time::Duration;

use super::features::Scenario;
use super::prepare::{self, Prepared};
use super::{Config, Plan, Stack, runner, verdict};
use crate::device::elsewhere::{Elsewhere, Lost, Whose};
use crate::device::{Capabilities, Profile};
use crate::oracle::RuleId;
use crate::report::{Failure, Numbers, ScenarioReport, Verdict};
use crate::testbed::Trace;

/// What is wanted of those who have the stack.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Errand {
    /// To say what the stack is.
    Describe(Box<Profile>),
    /// To run a scenario.
    Run(Box<Order>),
}

/// A scenario, and all that its run depends on but the stack.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Order {
    scenario: Scenario,
    profile: Profile,
    seed: u64,
    numbers: Numbers,
    is_judged: bool,
    time_limit: Option<Duration>,
    rerun: String,
}

/// What comes back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Reply {
    /// What the stack is.
    Described(Told),
    /// What a scenario found.
    Report(Parcel),
    /// Why there is neither.
    Refused(String),
}

/// What a stack says about itself where it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it can do.
    pub capabilities: Capabilities,
}

/// A report with what its JSON leaves out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Parcel {
    /// JSON, since the model of reports is made for it.
    report: Vec<u8>,
    kept_rules: Vec<RuleId>,
    trace: Trace,
}

impl Errand {
    /// As octets.
    ///
    /// # Errors
    /// What cannot be written down, which is a fault of this program.
    pub fn pack(&self) -> Result<Vec<u8>, String> {
        postcard::to_allocvec(self).map_err(|error| format!("an errand cannot be written down: {error}"))
    }

    /// From octets.
    ///
    /// # Errors
    /// If they are none of this program's.
    pub fn unpack(octets: &[u8]) -> Result<Self, String> {
        postcard::from_bytes(octets).map_err(|error| format!("no errand: {error}"))
    }

    /// Does it, with the stack that `testbed` gives.
    pub fn run(self, described: impl FnOnce(&Profile) -> Result<(Told, Stack), String>) -> Reply {
        match self {
            Self::Describe(profile) => {
                described(&profile).map_or_else(Reply::Refused, |(told, _)| Reply::Described(told))
            }
            Self::Run(order) => {
                let done = described(&order.profile).and_then(|(_, stack)| order.run(stack));
                done.map_or_else(Reply::Refused, Reply::Report)
            }
        }
    }
}

impl Order {
    fn run(self, device: Stack) -> Result<Parcel, String> {
        let Self { scenario, profile, seed, numbers, is_judged, time_limit, rerun } = self;
        let plan: Plan = prepare::prepare(vec![scenario]).map_err(|problems| {
            problems.first().map_or_else(|| "a scenario that cannot be read".to_owned(), ToString::to_string)
        })?;
        let rerun: super::Rerun = Arc::new(move |_, _| rerun.clone());
        let config = Config { device, profile, seed, numbers, is_judged, jobs: Some(1), time_limit, rerun };
        let prepared = plan.scenarios.first().ok_or("no scenario")?;
        Parcel::pack(runner::run_one(prepared, &config))
    }
}

impl Reply {
    /// As octets.
    ///
    /// # Errors
    /// What cannot be written down, which is a fault of this program.
    pub fn pack(&self) -> Result<Vec<u8>, String> {
        postcard::to_allocvec(self).map_err(|error| format!("a reply cannot be written down: {error}"))
    }

    fn unpack(octets: &[u8]) -> Result<Self, Lost> {
        postcard::from_bytes(octets)
            .map_err(|error| Lost::unknown(format!("what came back is no reply: {error}")))
    }
}

impl Parcel {
    fn pack(mut report: ScenarioReport) -> Result<Self, String> {
        let (kept_rules, trace) = (std::mem::take(&mut report.kept_rules), std::mem::take(&mut report.trace));
        let report =
            serde_json::to_vec(&report).map_err(|error| format!("a report has no JSON form: {error}"))?;
        Ok(Self { report, kept_rules, trace })
    }

    fn unpack(self) -> Result<ScenarioReport, Lost> {
        let Self { report, kept_rules, trace } = self;
        let report: ScenarioReport = serde_json::from_slice(&report)
            .map_err(|error| Lost::unknown(format!("what came back is no report: {error}")))?;
        Ok(ScenarioReport { kept_rules, trace, ..report })
    }
}

/// Asks what the stack elsewhere is.
///
/// # Errors
///
/// Why it does not say.
pub fn describe(elsewhere: &dyn Elsewhere, profile: &Profile) -> Result<Told, Lost> {
    let errand = Errand::Describe(Box::new(profile.clone())).pack().map_err(Lost::unknown)?;
    match Reply::unpack(&elsewhere.run(&errand, 0)?)? {
        Reply::Described(told) => Ok(told),
        Reply::Refused(why) => Err(Lost::unknown(why)),
        Reply::Report(_) => Err(Lost::unknown("asked what it is, it reported a scenario")),
    }
}

/// Runs a scenario elsewhere; whatever happens there, there is a report.
pub(super) fn run(prepared: &Prepared, config: &Config, elsewhere: &dyn Elsewhere) -> ScenarioReport {
    fetch(prepared, config, elsewhere).unwrap_or_else(|lost| without_report(prepared, config, lost))
}

fn fetch(prepared: &Prepared, config: &Config, elsewhere: &dyn Elsewhere) -> Result<ScenarioReport, Lost> {
    let scenario = &prepared.scenario;
    let order = Order {
        scenario: scenario.clone(),
        profile: config.profile.clone(),
        seed: config.seed,
        numbers: config.numbers,
        is_judged: config.is_judged,
        time_limit: config.time_limit,
        rerun: (config.rerun)(&scenario.id, &scenario.file),
    };
    let errand = Errand::Run(Box::new(order)).pack().map_err(Lost::unknown)?;
    let seed = Random::new(config.seed).fork(&scenario.id).fork("elsewhere").next_u64();
    match Reply::unpack(&elsewhere.run(&errand, seed)?)? {
        Reply::Report(parcel) => parcel.unpack(),
        Reply::Refused(why) => Err(Lost::unknown(why)),
        Reply::Described(_) => Err(Lost::unknown("asked to run a scenario, it said what it is")),
    }
}

/// What is said of a scenario that never came back: a stack that went down has failed, unless that is known.
fn without_report(prepared: &Prepared, config: &Config, lost: Lost) -> ScenarioReport {
    let scenario = &prepared.scenario;
    let step = scenario.steps.last();
    let row = step.map(|step| format!("{} {}", step.keyword, step.text)).unwrap_or_default();
    let got = if lost.whose == Whose::Device { "crash" } else { "" };
    let verdict = match lost.whose {
        Whose::Unknown => Verdict::Inconclusive { why: lost.to_string() },
        Whose::Device => match config.profile.known(&scenario.id, &row, got) {
            Some(known) => Verdict::KnownDeviation { reason: known.reason.clone() },
            None => Verdict::Fail,
        },
    };
    let failure = Failure {
        clause: scenario.strictest_clause().cloned(),
        level: scenario.level,
        summary: lost.message,
        file: scenario.file.to_string(),
        line: scenario.line,
        row,
        expected: String::new(),
        got: got.to_owned(),
        differences: Vec::new(),
        ladder: Vec::new(),
        device_state: None,
        logs: lost.last_words,
        rerun: (config.rerun)(&scenario.id, &scenario.file),
        excuse: None,
    };
    ScenarioReport { failure: Some(Box::new(failure)), ..verdict::without_run(prepared, verdict) }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::behaviour::{self, features};
    use crate::device;

    /// Another machine that is this one; `damage` does something to what comes back.
    struct Here<F>(F, Mutex<Vec<u64>>);

    impl<F: Fn(Vec<u8>) -> Result<Vec<u8>, Lost> + Send + Sync> Elsewhere for Here<F> {
        fn run(&self, errand: &[u8], seed: u64) -> Result<Vec<u8>, Lost> {
            self.1.lock().unwrap().push(seed);
            let stack = |_: &Profile| {
                let told = Told {
                    name: "smoltcp".to_owned(),
                    version: "1".to_owned(),
                    capabilities: Capabilities::default(),
                };
                Ok((told, smoltcp()))
            };
            (self.0)(Errand::unpack(errand).unwrap().run(stack).pack().unwrap())
        }
    }

    fn smoltcp() -> Stack {
        Stack::Virtual(Arc::new(|| device::open("smoltcp").unwrap()))
    }

    fn config(device: Stack) -> Config {
        let usual = Config::new(Arc::new(|| unreachable!()), Profile::embedded("smoltcp").unwrap());
        let rerun: behaviour::Rerun = Arc::new(|id, file| format!("{id} {file}"));
        Config { device, seed: 7, numbers: Numbers::NearWrap, jobs: Some(2), rerun, ..usual }
    }

    fn plan(file: &str) -> Plan {
        let source = features::source::embedded().into_iter().find(|source| source.stem == file).unwrap();
        behaviour::prepare(features::load(&[source]).unwrap()).unwrap()
    }

    fn elsewhere<F: Fn(Vec<u8>) -> Result<Vec<u8>, Lost> + Send + Sync + 'static>(back: F) -> Arc<Here<F>> {
        Arc::new(Here(back, Mutex::default()))
    }

    #[test]
    fn a_scenario_that_was_run_elsewhere_has_the_report_and_the_trace_of_one_that_was_run_here() {
        let plan = plan("tcp/handshake");
        let here = behaviour::run(&plan, &config(smoltcp()));
        let other = elsewhere(Ok);
        let there = behaviour::run(&plan, &config(Stack::Elsewhere(other.clone())));
        assert_eq!(format!("{here:#?}"), format!("{there:#?}"));
        assert!(
            here.iter().any(|one| one.failure.is_some())
                && here.iter().any(|one| one.trace.frames().count() > 9)
        );
        let mut seeds = other.1.lock().unwrap().clone();
        seeds.sort_unstable();
        seeds.dedup();
        assert_eq!(seeds.len(), plan.len(), "each scenario has a seed of its own");
    }

    #[test]
    fn what_says_what_it_is_is_heard() {
        let told = describe(elsewhere(Ok).as_ref(), &Profile::default()).unwrap();
        assert_eq!((told.name.as_str(), told.version.as_str()), ("smoltcp", "1"));
    }

    #[test]
    fn a_stack_that_goes_down_fails_the_scenario_with_its_last_words() {
        let down = Lost {
            whose: Whose::Device,
            message: "the kernel panicked".to_owned(),
            last_words: vec!["BUG".to_owned()],
        };
        let other = elsewhere(move |_| Err(down.clone()));
        let reports = behaviour::run(&plan("tcp/handshake"), &config(Stack::Elsewhere(other)));
        for report in reports {
            let failure = report.failure.unwrap();
            assert_eq!(report.verdict, Verdict::Fail);
            assert_eq!((failure.summary.as_str(), failure.got.as_str()), ("the kernel panicked", "crash"));
            assert_eq!(failure.logs, ["BUG"]);
        }
    }

    #[test]
    fn what_does_not_come_back_or_comes_back_damaged_is_inconclusive_and_says_why() {
        let half = elsewhere(|octets: Vec<u8>| Ok(octets[..octets.len() / 2].to_vec()));
        let other_kind = elsewhere(|_| Ok(Reply::Refused("no TAP device".to_owned()).pack().unwrap()));
        for (other, expected) in [
            (half as Arc<dyn Elsewhere>, "what came back is no reply"),
            (other_kind, "no TAP device"),
            (elsewhere(|_| Err(Lost::unknown("nothing within 60 s"))), "nothing within 60 s"),
        ] {
            for report in behaviour::run(&plan("tcp/time_wait"), &config(Stack::Elsewhere(other))) {
                let Verdict::Inconclusive { why } = &report.verdict else { panic!("{:?}", report.verdict) };
                assert!(why.contains(expected), "{why}");
            }
        }
    }
}
