//! Stacks in other programs: the same verdicts as in this process, and no adapter, however it misbehaves, that stops a run,
//! is believed, or is left behind.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "what cannot be run or read fails the test")]

mod check;
mod header;

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use wireproof::behaviour::{self, Config, DeviceFactory, Plan, features};
use wireproof::cli::run::{factory, profile};
use wireproof::device::adapter::{Adapters, CommandLine, Limits, Misbehaviour};
use wireproof::device::{Capabilities, Capability, Device, Output, Profile, Setup};
use wireproof::report::{ScenarioReport, Verdict};
use wireproof_reference::time::Instant;

/// Enough for a machine with much to do, little enough to wait for.
const LIMITS: Limits = Limits { patience: Duration::from_secs(4), memory: 256 << 20 };

pub(crate) fn wireproof(arguments: &str) -> String {
    format!("'{}' {arguments}", env!("CARGO_BIN_EXE_wireproof"))
}

fn plan() -> Plan {
    behaviour::prepare(features::load(&features::source::embedded()).unwrap()).unwrap()
}

/// A handful of scenarios in which the device does not fail.
fn few() -> Plan {
    plan()
        .only(|scenario| scenario.id.starts_with("tcp/handshake/") && scenario.id.ends_with("/ipv4"))
        .pieces(3)
        .next()
        .unwrap()
}

fn run(plan: &Plan, device: DeviceFactory, profile: Profile) -> Vec<ScenarioReport> {
    let config = Config { jobs: Some(2), ..Config::new(device, profile) };
    behaviour::run(plan, &config)
}

fn start(arguments: &str, limits: Limits) -> Arc<Adapters> {
    Adapters::with_limits(CommandLine::parse(&wireproof(arguments)).unwrap(), limits).unwrap()
}

fn run_through(plan: &Plan, adapters: &Arc<Adapters>, profile: &Profile) -> Vec<ScenarioReport> {
    let (adapters, capabilities) = (adapters.clone(), profile.capabilities(adapters.description()));
    run(plan, Arc::new(move || Box::new(adapters.device(capabilities.clone()))), profile.clone())
}

#[test]
fn the_whole_suite_says_the_same_in_process_and_through_the_protocol() {
    let plan = plan();
    for name in ["reference", "smoltcp"] {
        let known = profile(name).unwrap();
        let inside = run(&plan, factory(name).unwrap(), known.clone());
        let adapters = start(&format!("serve --device {name}"), Limits::default());
        let through = run_through(&plan, &adapters, &known);
        assert_eq!(inside.len(), through.len());
        for (inside, through) in inside.iter().zip(&through) {
            let json = |report: &ScenarioReport| serde_json::to_string_pretty(report).unwrap();
            assert_eq!(json(inside), json(through), "{name}: {}", inside.id);
            assert_eq!(
                inside.trace.entries().collect::<Vec<_>>(),
                through.trace.entries().collect::<Vec<_>>()
            );
        }
    }
}

/// What all scenarios of a run come to: verdicts, and what was said about the device.
fn outcome(how: &str) -> Vec<(Verdict, String)> {
    let adapters = start(&format!("serve --misbehave {how}"), LIMITS);
    let reports = run_through(&few(), &adapters, &Profile::default());
    let said = |report: ScenarioReport| {
        let summary = report.failure.map(|failure| failure.summary).unwrap_or_default();
        (report.verdict, summary)
    };
    reports.into_iter().map(said).collect()
}

#[test]
fn every_misbehaviour_is_a_finding_that_says_what_was_found_and_expected() {
    for (how, kind, words) in [
        ("crash", "crash", &["exit status: 3", "stack: assertion failed on purpose", "at 0"][..]),
        ("half", "crash", &["exit status: 4"]),
        ("hang", "silent", &["no whole answer", "4000 ms"]),
        ("fork", "silent", &["no whole answer"]),
        ("flood", "flood", &["at most"]),
        ("chatter", "flood", &["`wake` within", "octets"]),
        ("endless", "flood", &["a line of more than 1048576 octets", "`frame frame"]),
        ("long", "flood", &["a line of more than 1048576 octets", "`log xxx"]),
        ("nonsense", "protocol", &["`banana`", "frame, result, log, error or wake"]),
        ("past", "protocol", &["woken in the past"]),
        ("now", "livelock", &["1000"]),
        ("twice", "protocol", &["nothing behind a `wake`"]),
        ("result", "protocol", &["`result 4711 ok`", "has none yet"]),
        ("refuse", "protocol", &["did not understand", "this is too much"]),
        ("grow", "flood", &["at most 256 MiB of memory"]),
    ] {
        let outcome = outcome(how);
        assert_eq!(outcome.len(), 3);
        let failed: Vec<_> = outcome.iter().filter(|(verdict, _)| *verdict == Verdict::Fail).collect();
        assert!(!failed.is_empty(), "{how}: {outcome:?}");
        for (_, summary) in failed {
            assert!(summary.starts_with(kind), "{how}: {summary}");
            let missing = words.iter().find(|word| !summary.contains(**word));
            assert_eq!(missing, None, "{how}: {summary}");
        }
    }
}

#[test]
fn a_noisy_adapter_and_one_that_does_not_hear_quit_are_judged_by_what_they_answer() {
    for how in ["errors", "deaf"] {
        let outcome = outcome(how);
        assert!(outcome.iter().all(|(verdict, _)| *verdict == Verdict::Pass), "{how}: {outcome:?}");
    }
}

#[test]
fn every_misbehaviour_in_the_greeting_is_told_before_anything_runs() {
    for (how, words) in [
        ("crash:0", &["exit status: 3", "stack: assertion failed on purpose"][..]),
        ("hang:0", &["does not end its greeting within 4 s", "flushed"]),
        ("flood:0", &["frame ffff", "as the first line of the greeting"]),
        ("endless:0", &["a line of more than 1048576 octets"]),
        ("nonsense:0", &["`banana`", "as the first line of the greeting"]),
        ("grow:0", &["256 MiB of memory"]),
    ] {
        let command = CommandLine::parse(&wireproof(&format!("serve --misbehave {how}"))).unwrap();
        let problem = Adapters::with_limits(command, LIMITS).unwrap_err().to_string();
        let missing = words.iter().find(|word| !problem.contains(**word));
        assert_eq!(missing, None, "{how}: {problem}");
    }
}

#[test]
fn a_device_that_never_answers_is_given_up_after_some_scenarios() {
    let limits = Limits { patience: Duration::from_secs(1), ..LIMITS };
    let adapters = start("serve --misbehave hang:1", limits);
    let reports = run_through(&plan(), &adapters, &Profile::default());
    assert!(reports.iter().filter(|report| report.verdict == Verdict::Fail).count() > 500);
    let last = reports.last().unwrap().failure.as_ref().unwrap();
    assert!(last.summary.contains("it was not asked: "), "{}", last.summary);
}

#[test]
fn all_kinds_of_misbehaviour_are_tried_here() {
    let this = include_str!("main.rs");
    let untried = Misbehaviour::kinds().find(|(word, _)| !this.contains(&format!("\"{word}")));
    assert_eq!(untried, None);
}

#[test]
fn a_stack_that_cannot_forget_has_a_new_process_for_each_scenario() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("started");
    let command = format!("echo >>'{}'; exec {}", log.display(), wireproof("serve"));
    let adapters = Adapters::start(CommandLine::parse(&command).unwrap()).unwrap();
    let plan = few();
    let once = Profile::parse("once", "device = \"x\"\n[capabilities]\nadd = [\"once\"]\n").unwrap();
    let reports = run_through(&plan, &adapters, &once);
    assert!(reports.iter().all(|report| report.verdict == Verdict::Pass));
    assert_eq!(fs::read_to_string(log).unwrap().lines().count(), plan.len());
}

#[test]
fn a_stack_that_can_forget_is_started_once_for_each_job() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("started");
    let command = format!("echo >>'{}'; exec {}", log.display(), wireproof("serve"));
    let adapters = Adapters::start(CommandLine::parse(&command).unwrap()).unwrap();
    run_through(&few(), &adapters, &Profile::default());
    assert!(fs::read_to_string(log).unwrap().lines().count() <= 2);
}

#[test]
fn what_a_device_does_not_offer_is_never_asked_of_it() {
    let adapters = start("serve", LIMITS);
    let mut device = adapters.device(Capabilities::from_iter([Capability::Ipv4, Capability::Listen]));
    let mut out = Output::new();
    device.reset(&Setup { iss: Some(5), clock: Some(7), ..Setup::default() }, &mut out).unwrap();
    for (id, call) in [(1, "listen 1 80 5"), (2, "state 1")] {
        let id = wireproof::device::CallId(id);
        device.handle_call(Instant::ZERO, id, &call.parse().unwrap(), &mut out).unwrap();
    }
    let results: Vec<String> =
        out.results().map(|(_, result)| wireproof::device::print_result(result)).collect();
    assert_eq!(results, ["ok", "error ENOTSUP"]);
}

/// The page: ENOTSUP, the stack cannot do it. Here the profile promises more than the stack has.
#[test]
fn a_scenario_that_comes_upon_a_call_that_the_stack_cannot_make_is_not_applicable() {
    let text = "Feature: options\n  @ipv4 @rfc9293-3.5-MUST-10\n  Scenario: an option of other stacks\n    \
                Given the device listens on port 80\n    Then they exchange\n      \
                |      | segment         |\n      | call | set keepalive 1 |\n";
    let source = features::source::Source::new("x.feature".to_owned(), Path::new("x.feature"), text);
    let plan = behaviour::prepare(features::load(&[source]).unwrap()).unwrap();
    let promised = "device = \"reference\"\n[capabilities]\nadd = [\"option:keepalive\"]\n";
    let adapters = start("serve", LIMITS);
    let reports = run_through(&plan, &adapters, &Profile::parse("promised", promised).unwrap());
    let verdicts: Vec<&Verdict> = reports.iter().map(|report| &report.verdict).collect();
    assert!(matches!(verdicts[..], [Verdict::NotApplicable { .. }]), "{verdicts:?}");
}

/// An adapter of a few lines of shell: it greets, and answers nothing.
#[test]
fn a_device_that_answers_no_question_is_undecided_and_what_it_said_is_told() {
    let script = "printf \"wireproof 1 mute 1\\ncapability ipv4 listen accept connect send fill recv close \
                  shutdown:write abort state children\\nready\\n\"; while read -r line; do [ \"$line\" = quit ] && exit 0; \
                  echo no network today >&2; echo wake never; done";
    let adapters = Adapters::start(CommandLine::parse(&format!("sh -c '{script}'")).unwrap()).unwrap();
    for report in run_through(&few(), &adapters, &Profile::default()) {
        let Verdict::Inconclusive { why } = &report.verdict else { panic!("{:?}", report.verdict) };
        assert!(why.contains("192.0.2.2") && why.contains("no network today"), "{why}");
    }
}

#[test]
fn what_an_adapter_said_before_it_crashed_counts() {
    let adapters = start("serve --misbehave half:1", LIMITS);
    let mut device = adapters.device(adapters.description().capabilities.clone());
    let mut out = Output::new();
    let error = device.reset(&Setup::default(), &mut out).unwrap_err();
    assert!(error.to_string().contains("exit status: 4"), "{error}");
    assert_eq!(out.frames().count(), 1);
}
