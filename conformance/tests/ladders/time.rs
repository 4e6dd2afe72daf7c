//! The `time` column: too early, in time, too late.

use crate::kit::{Script, fails, holds, problems, run};

const ESTABLISHED: &str = "an established connection";
const DATA: &str = "<SEQ=301><ACK=101><CTL=ACK><DATA=20>";

/// A row that awaits data with that time, against a device that sends them after so many milliseconds.
fn after(time: &str, ms: u64) -> wireproof::report::ScenarioReport {
    let rows = format!(
        "| time | | segment |
         | | --> | <SEQ=101><ACK=301><CTL=ACK><WND=9000> |
         | {time} | <-- | {DATA} |"
    );
    run(Script::established().segment(1, ms, DATA), ESTABLISHED, &rows)
}

#[test]
fn each_form_of_time_has_its_bounds() {
    // The profile: tolerance 10 in 1000, granularity 1 ms, RTO 1 s, MSL 10 s, R2 60 s.
    for (time, early, in_time, late) in [
        ("", None, vec![0], Some(1)),
        ("3 s", Some(2_968), vec![2_969, 3_000, 3_031], Some(3_032)),
        ("200 ms", Some(196), vec![197, 203], Some(204)),
        ("0.9..1.1 s", Some(899), vec![900, 1_100], Some(1_101)),
        ("..0.5 s", None, vec![0, 500], Some(501)),
        ("1 s..", Some(999), vec![1_000, 60_000], Some(122_300)),
        ("RTO", Some(988), vec![989, 1_011], Some(1_012)),
        ("0.5 RTO..2 RTO", Some(493), vec![494, 2_021], Some(2_022)),
        ("1.5 MSL", Some(14_848), vec![14_849, 15_151], Some(15_152)),
        ("R2", Some(59_398), vec![59_399, 60_601], Some(60_602)),
        ("ACK-DELAY", Some(196), vec![197, 203], Some(204)),
    ] {
        if let Some(ms) = early {
            fails(&after(time, ms), "it came too early");
        }
        for ms in in_time {
            holds(&after(time, ms));
        }
        if let Some(ms) = late {
            fails(&after(time, ms), "nothing came");
        }
    }
}

#[test]
fn a_time_that_is_missed_is_told_with_both_times() {
    fails(&after("3 s", 1_000), "it came too early: after 1 s, not before 2.969 s");
    fails(&after("..0.5 s", 600), "nothing came within 0.5 s");
}

#[test]
fn a_pure_ack_without_time_may_take_as_long_as_a_delayed_one() {
    let rows = "| | segment |
                | --> | <SEQ=101><ACK=301><CTL=ACK><DATA=20> |
                | <-- | <SEQ=301><ACK=121><CTL=ACK> |";
    let delayed = |ms| Script::established().segment(1, ms, "<SEQ=301><ACK=121><CTL=ACK>");
    holds(&run(delayed(0), ESTABLISHED, rows));
    holds(&run(delayed(203), ESTABLISHED, rows));
    fails(&run(delayed(204), ESTABLISHED, rows), "nothing came within 0.203 s");
}

fn doubled(second: u64, third: u64) -> wireproof::report::ScenarioReport {
    let rows = format!(
        "| time | | segment |
         | | call | send 20 |
         | | <--x | {DATA} |
         | RTO | <--x | {DATA} |
         | x2 | <--x | {DATA} |
         | x2 | <-- | {DATA} |"
    );
    let script =
        Script::established().call("fill", 0, "-> ok 20").call("fill", 0, DATA).call("fill", 1_005, DATA);
    let script = script.call("fill", second, DATA).call("fill", third, DATA);
    run(script, ESTABLISHED, &rows)
}

#[test]
fn x2_is_twice_the_interval_that_was_measured() {
    // Measured: 1.005 s, so 2.01 s and 4.02 s are due, each within 1 % and 1 ms.
    holds(&doubled(3_015, 7_035));
    // The second interval, 2.03 s, is measured in its turn: 4.06 s are due.
    holds(&doubled(3_035, 7_095));
    fails(&doubled(2_990, 9_000), "it came too early");
    fails(&doubled(3_037, 9_000), "nothing came within");
    fails(&doubled(3_015, 6_900), "it came too early");
    fails(&doubled(3_015, 7_200), "nothing came within");
}

#[test]
fn a_time_may_count_from_a_labelled_row() {
    let rows = "| time | | segment | label |
                | | --> | <SEQ=101><ACK=301><CTL=ACK><WND=9000> | a |
                | 1 s | --> | <SEQ=101><ACK=301><CTL=ACK><WND=9001> | |
                | 3 s after a | <-- | <SEQ=301><ACK=101><CTL=ACK><DATA=20> | |";
    holds(&run(Script::established().segment(1, 3_000, DATA), ESTABLISHED, rows));
    fails(
        &run(Script::established().segment(2, 3_000, DATA), ESTABLISHED, rows),
        "nothing came within 3.031 s",
    );
}

#[test]
fn what_the_tester_sends_it_sends_on_time() {
    let rows = "| time | | segment |
                | 2 MSL | --> | <SEQ=101><ACK=301><CTL=ACK><DATA=1> |
                | | <-- | <SEQ=301><ACK=102><CTL=ACK> |";
    let report = run(Script::established().segment(1, 0, "<SEQ=301><ACK=102><CTL=ACK>"), ESTABLISHED, rows);
    holds(&report);
    assert_eq!(report.virtual_nanos, 20_000_000_000);
}

#[test]
fn times_that_make_no_sense_are_told_before_anything_runs() {
    let steps = |time: &str, arrow: &str| {
        format!(
            "    Given {ESTABLISHED}\n    Then they exchange\n      | time | | segment |\n      | {time} | {arrow} | {DATA} |"
        )
    };
    assert!(problems(&steps("soon", "<--")).contains("f.feature:8:9"), "{}", problems(&steps("soon", "<--")));
    assert!(problems(&steps("x2", "<--")).contains("timed by RTO"));
    assert!(problems(&steps("1 s after b", "<--")).contains("label of an earlier row"));
    assert!(problems(&steps("1 s..", "-->")).contains("one time"));
}
