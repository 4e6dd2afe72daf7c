//! How long scenarios are planned to last, and what `--time-limit` makes of it.

#![expect(clippy::unwrap_used, reason = "what cannot be loaded fails the test")]

use std::path::Path;

use wireproof::behaviour::{self, Config, Plan, features};
use wireproof::cli::run::{factory, profile};
use wireproof::device::Profile;
use wireproof::report::{ScenarioReport, Verdict};
use wireproof_reference::time::Duration;

/// Times that no two words share.
const PROFILE: &str = "
device = 'x'
[timing]
RTO = '1 s'
ACK-DELAY = '200 ms'
MSL = '30 s'
R2 = '100 s'
";

fn plan(steps: &str) -> Plan {
    let text = format!("Feature: F\n\n  @ipv4 @rfc9293-3.5\n  Scenario: S\n{steps}\n");
    let source = features::Source::new("f.feature".to_owned(), Path::new("f.feature"), &text);
    let told = |problems: Vec<wireproof::problem::Problem>| -> String {
        problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    features::load(&[source])
        .and_then(behaviour::prepare)
        .unwrap_or_else(|problems| panic!("{}", told(problems)))
}

/// How long these rows of an established connection are planned to last, in milliseconds. The set-up of the
/// connection takes no time.
#[track_caller]
fn millis(rows: &str) -> u64 {
    let rows: String = rows.lines().map(|row| format!("      {}\n", row.trim())).collect();
    let steps = format!(
        "    Given an established connection\n    Then they exchange\n      | time | | segment | label |\n{rows}"
    );
    of_steps(&steps)
}

fn of_steps(steps: &str) -> u64 {
    let profile = Profile::parse("x.toml", PROFILE).unwrap();
    let timing = profile.timing(factory("reference").unwrap()().description());
    let timing = wireproof::exchange::Timing { granularity: Duration::ZERO, ..timing };
    let plan = plan(steps);
    let (_, planned) = plan.planned(&timing).next().unwrap();
    planned.as_nanos() / 1_000_000
}

/// A segment of the device that is no pure ACK.
const DATA: &str = "<-- | <SEQ=301><ACK=101><CTL=ACK><DATA=5>";

#[test]
fn each_time_of_the_column_counts_until_its_end() {
    for (time, millis_planned) in [
        ("", 0),
        ("3 s", 3_000),
        ("200 ms", 200),
        ("0.9..1.1 s", 1_100),
        ("..0.5 s", 500),
        ("RTO", 1_000),
        ("1.5 MSL", 45_000),
        ("R2", 100_000),
        ("0.5 RTO..R2", 100_000),
        // With an open end: two more of the interval, here the RTO.
        ("1 s..", 3_000),
    ] {
        assert_eq!(millis(&format!("| {time} | {DATA} | |")), millis_planned, "{time}");
    }
}

#[test]
fn what_the_tester_does_itself_takes_what_it_says() {
    for (row, millis_planned) in [
        ("| | --> | <SEQ=101><ACK=301><CTL=ACK> | |", 0),
        ("| 2 s | --> | <SEQ=101><ACK=301><CTL=ACK> | |", 2_000),
        ("| 2 MSL | --- | | |", 60_000),
        ("| 5 s | call | send 5 | |", 5_000),
        ("| ..5 s | call | recv -> ETIMEDOUT | |", 5_000),
        ("| | call | recv -> ETIMEDOUT | |", 0),
    ] {
        assert_eq!(millis(row), millis_planned, "{row}");
    }
}

#[test]
fn what_may_wait_for_a_delayed_acknowledgment_is_given_its_delay() {
    assert_eq!(millis("| | <-- | <SEQ=301><ACK=101><CTL=ACK> | |"), 200);
    assert_eq!(millis("| | ==> | <SEQ=101..RCV.NXT+RCV.WND> | |"), 200);
    assert_eq!(millis("| | <== | <SEQ=301..401> | |"), 0);
}

#[test]
fn what_may_come_is_not_waited_for() {
    assert_eq!(millis("| | <--? | <SEQ=301><ACK=101><CTL=ACK> | |\n| 1 s | --- | | |"), 1_000);
}

#[test]
fn a_factor_counts_from_the_interval_before_it() {
    let rows = format!("| RTO | {DATA} | |\n| x2 | {DATA} | |\n| x2 | {DATA} | |\n| 3 s | --- | | |");
    assert_eq!(millis(&rows), 1_000 + 2_000 + 4_000 + 3_000);
    // A literal time is measured by nobody.
    let rows = format!("| 0.5 RTO | {DATA} | |\n| 9 s | {DATA} | |\n| x2 | {DATA} | |");
    assert_eq!(millis(&rows), 500 + 9_000 + 1_000);
    // An open end goes by what was measured last.
    let rows = format!("| RTO | {DATA} | |\n| x2 | {DATA} | |\n| 1 s.. | {DATA} | |");
    assert_eq!(millis(&rows), 1_000 + 2_000 + 1_000 + 2 * 2_000);
}

#[test]
fn a_time_after_a_label_counts_from_there() {
    let rows = "| 1 s | --- | | a |\n| 2 s | --- | | |\n| 5 s after a | --- | | |";
    assert_eq!(millis(rows), 6_000);
    let rows = "| 1 s | --- | | a |\n| 9 s | --- | | |\n| 5 s after a | --- | | |";
    assert_eq!(millis(rows), 10_000, "it is over already");
}

#[test]
fn of_alternatives_the_longest_counts() {
    let rows = format!(
        "| | either | | |\n| 2 s | {DATA} | |\n| or | | | |\n| 7 s | {DATA} | a |\n| | or | | |\n| | end | | |\n| 1 s | --- | | |"
    );
    let rows = rows.replace("| or | | | |", "| | or | | |");
    assert_eq!(millis(&rows), 8_000);
    let inner = format!(
        "| | either | | |\n| 2 s | {DATA} | |\n| | either | | |\n| 3 s | {DATA} | |\n| | or | | |\n| 4 s | {DATA} | |\n| | end | | |\n| | or | | |\n| 5 s | {DATA} | |\n| | end | | |"
    );
    assert_eq!(millis(&inner), 6_000);
}

#[test]
fn rows_in_any_order_count_from_the_row_before_the_block() {
    let rows = format!(
        "| 1 s | --- | | |\n| | any order | | |\n| 2 s | {DATA} | |\n| ..5 s | <-- | <SEQ=306><ACK=101><CTL=FIN,ACK> | |\n| | end | | |"
    );
    assert_eq!(millis(&rows), 6_000);
}

#[test]
fn repetition_counts_each_time() {
    let rows = format!("| | repeat 20 | | |\n| 3 s | {DATA} | |\n| | end | | |\n| 1 s | --- | | |");
    assert_eq!(millis(&rows), 61_000);
}

#[test]
fn all_steps_count_prose_with_a_time_among_them() {
    let steps = "    Given a connection in TIME-WAIT
    Then the device is quiet for 1.9 MSL
    And they exchange
      | time |     | segment                     |
      | 2 s  | --> | <SEQ=102><ACK=302><CTL=ACK> |
    And no segment of the device is longer than 960 octets
";
    // The tester's FIN may be acknowledged late.
    assert_eq!(of_steps(steps), 200 + 57_000 + 2_000);
}

/// What all scenarios are planned to last, and how long they did last, where they came to their end.
fn compared(device: &str) -> Vec<(String, Duration, Duration)> {
    let plan = behaviour::prepare(features::load(&features::source::embedded()).unwrap()).unwrap();
    let config =
        Config { is_judged: false, ..Config::new(factory(device).unwrap(), profile(device).unwrap()) };
    let timing = config.profile.timing(factory(device).unwrap()().description());
    let reports = behaviour::run(&plan, &config);
    let is_whole = |report: &ScenarioReport| report.verdict == Verdict::Pass;
    let compared = plan.planned(&timing).zip(&reports).filter(|(_, report)| is_whole(report));
    compared
        .map(|((id, planned), report)| {
            assert_eq!(id, report.id);
            (id.to_owned(), planned, Duration::from_nanos(report.virtual_nanos))
        })
        .collect()
}

#[test]
fn no_scenario_that_passes_lasts_longer_than_planned() {
    for device in ["reference", "smoltcp"] {
        let compared = compared(device);
        assert!(compared.len() > 300, "{device}: {}", compared.len());
        for (id, planned, lasted) in compared {
            assert!(lasted <= planned, "{device}: {id} is planned to last {planned} and lasted {lasted}");
        }
    }
}

#[test]
fn what_is_planned_to_last_too_long_is_not_run() {
    let plan = plan("    Given an established connection\n    Then the device is quiet for 2.5 s");
    let device = factory("reference").unwrap();
    let run = |millis| {
        let time_limit = Some(Duration::from_millis(millis));
        let config = Config { time_limit, ..Config::new(device.clone(), profile("reference").unwrap()) };
        behaviour::run(&plan, &config).remove(0)
    };
    let report = run(2_000);
    assert_eq!(report.verdict, Verdict::NotRun { why: "needs 3 s".to_owned() });
    assert_eq!((report.virtual_nanos, report.failure), (0, None));
    assert_eq!(run(3_000).verdict, Verdict::Pass);
}
