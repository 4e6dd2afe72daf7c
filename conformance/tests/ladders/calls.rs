//! `call` rows: calls, their results, when they come.

use crate::kit::{Script, difference, fails, hex, holds, problems, run};

const ESTABLISHED: &str = "an established connection";

fn leak(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

fn calls(script: Script, rows: &str) -> wireproof::report::ScenarioReport {
    run(script, ESTABLISHED, &format!("| time | | segment |\n{rows}"))
}

#[test]
fn a_call_without_a_result_must_not_fail() {
    holds(&calls(Script::established(), "| | call | close |"));
    let report = calls(Script::established().call("close", 0, "-> error EBADF"), "| | call | close |");
    let failure = fails(&report, "the call failed: EBADF");
    assert_eq!(failure.got, "error EBADF");
}

#[test]
fn a_result_is_compared() {
    let script = |result| Script::established().call("fill", 0, result);
    holds(&calls(script("-> ok 20"), "| | call | send 20 -> 20 |"));
    let report = calls(script("-> ok 19"), "| | call | send 20 -> 20 |");
    assert_eq!(difference(fails(&report, "the call came to something else"), "result"), "20 / ok 19");
    fails(&calls(script("-> error EPIPE"), "| | call | send 20 -> 20 |"), "the call came to something else");
    holds(&calls(script("-> error EPIPE"), "| | call | send 20 -> EPIPE |"));
    fails(
        &calls(script("-> error ECONNRESET"), "| | call | send 20 -> EPIPE |"),
        "the call came to something else",
    );
}

#[test]
fn a_result_has_its_time() {
    let script = |ms| Script::established().call("recv", ms, "-> error ETIMEDOUT");
    let row = "| 1 s | call | recv -> ETIMEDOUT |";
    holds(&calls(script(1_000), row));
    fails(&calls(script(900), row), "the result came after 0.9 s");
    fails(&calls(script(1_100), row), "the call had no result within 1.011 s");
    let row = "| | call | recv -> ETIMEDOUT |";
    holds(&calls(script(0), row));
    fails(&calls(script(1), row), "the call had no result at once");
    let row = "| 1 s.. | call | recv -> ETIMEDOUT |";
    holds(&calls(script(30_000), row));
    fails(&calls(script(999), row), "the result came after 0.999 s");
}

#[test]
fn a_pending_call_is_awaited_and_not_made_again() {
    let rows = "| | call | recv |
                | 1 s | --- | |
                | 1 s | call | recv -> ECONNRESET |";
    holds(&calls(Script::established().call("recv", 2_000, "-> error ECONNRESET"), rows));
    // A call made anew would end after 3 s.
    fails(
        &calls(Script::established().call("recv", 2_500, "-> error ECONNRESET"), rows),
        "no result within 1.011 s",
    );
}

#[test]
fn a_call_may_have_to_stay_without_result() {
    let row = "| 1 s | call | recv -> pending |\n | 1 s | call | recv -> end |";
    holds(&calls(Script::established().call("recv", 2_000, "-> ok end"), row));
    fails(
        &calls(Script::established().call("recv", 500, "-> ok end"), row),
        "the call came to something else",
    );
}

#[test]
fn octets_that_the_application_reads_are_those_that_the_tester_sent() {
    let rows = "| | --> | <SEQ=101><ACK=301><CTL=ACK><DATA=4> |
                | | --> | <SEQ=105><ACK=301><CTL=ACK><DATA=\"GET\"> |
                | | call | recv -> 4 |
                | | call | recv -> \"GET\" |";
    // Both reads get the same answer of a script: so one connection each.
    let first = "| | --> | <SEQ=101><ACK=301><CTL=ACK><DATA=4> |\n | | call | recv -> 4 |";
    let read = |octets: String| Script::established().call("recv", 0, leak(format!("-> ok {octets}")));
    holds(&calls(read(hex(0, 4)), first));
    fails(&calls(read(hex(1, 4)), first), "octets that the tester did not send");
    fails(&calls(read(hex(0, 4)), rows), "the application read other octets");
    let literal = "| | --> | <SEQ=101><ACK=301><CTL=ACK><DATA=\"GET\"> |\n | | call | recv -> \"GET\" |";
    holds(&calls(read("474554".to_owned()), literal));
    fails(&calls(read("475554".to_owned()), literal), "the application read other octets");
    let count = "| | --> | <SEQ=101><ACK=301><CTL=ACK><DATA=\"GET\"> |\n | | call | recv -> 3 |";
    holds(&calls(read("474554".to_owned()), count));
}

#[test]
fn a_read_goes_on_until_all_octets_are_there() {
    let rows = "| | --> | <SEQ=101><ACK=301><CTL=ACK><DATA=6> |\n | ..1 s | call | recv -> 6 |";
    let script = || Script::established().call("recv", 100, "-> ok 000102");
    // The second read gets the same octets again: not those of the stream.
    fails(&calls(script(), rows), "octets that the tester did not send");
    let rows =
        "| | --> | <SEQ=101><ACK=301><CTL=ACK><DATA=\"ababab\"> |\n | ..1 s | call | recv -> \"ababab\" |";
    holds(&calls(Script::established().call("recv", 100, "-> ok 6162"), rows));
}

#[test]
fn what_a_socket_does_not_take_is_offered_again() {
    // Taken in parts of 20; each time some is taken the rest is offered at once.
    let script =
        Script::established().call("fill", 0, "-> ok 20").segment(1, 0, "<SEQ=301><ACK=101><CTL=FIN,ACK>");
    let rows = "| | call | send 50 |
                | | call | send 30 -> 20 |";
    holds(&calls(script, rows));
}

#[test]
fn a_connect_ends_in_its_time() {
    let rows = "| time | | segment |
                | | <--x | <SEQ=300><CTL=SYN> |
                | 1 s | call | connect -> ETIMEDOUT |";
    let script =
        |ms| Script::new().call("connect", 0, "<SEQ=300><CTL=SYN>").call("connect", ms, "-> error ETIMEDOUT");
    holds(&run(script(1_000), "the device connects to the tester", rows));
    fails(
        &run(script(1_200), "the device connects to the tester", rows),
        "the call had no result within 1.011 s",
    );
}

#[test]
fn calls_that_make_no_sense_are_told_before_anything_runs() {
    let steps = |call: &str| {
        format!(
            "    Given {ESTABLISHED}\n    Then they exchange\n      | | segment |\n      | call | {call} |"
        )
    };
    assert!(problems(&steps("jump")).contains("f.feature:8:"), "{}", problems(&steps("jump")));
    assert!(problems(&steps("set colour 1")).contains("colour"), "{}", problems(&steps("set colour 1")));
    assert_eq!(problems(&steps("set nodelay 1")), "");
    let told = problems(&steps("recv -> ETIMEOUT"));
    assert!(told.contains("no error ETIMEOUT") && told.contains("ETIMEDOUT"), "{told}");
    assert_eq!(problems(&steps("recv -> ETIMEDOUT")), "");
}

#[test]
fn many_octets_are_counted_instead_of_shown() {
    let rows = "| | --> | <SEQ=101><ACK=301><CTL=ACK><DATA=1000> |\n | | call | recv -> end |";
    let read = Script::established().call("recv", 0, leak(format!("-> ok {}", hex(0, 1000))));
    let report = calls(read, rows);
    let failure = fails(&report, "the call came to something else");
    assert!(failure.got.ends_with("1f... (1000 octets)"), "{}", failure.got);
    assert!(failure.ladder.iter().all(|line| line.len() < 120), "{:#?}", failure.ladder);
}
