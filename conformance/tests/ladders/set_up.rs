//! Set-up that does not come out is inconclusive; what a device lacks is not applicable; what is wrong with a scenario
//! is told before anything runs.

use crate::kit::{Script, fails, is_inconclusive, problems, run, run_feature, run_steps, run_without_device};
use wireproof::device::Capability;
use wireproof::report::Verdict;

const ROWS: &str = "| | segment |
                    | --> | <SEQ=101><ACK=301><CTL=ACK><DATA=1> |
                    | <-- | <SEQ=301><ACK=102><CTL=ACK> |";

#[test]
fn a_connection_that_cannot_be_opened_makes_the_scenario_inconclusive() {
    let report = run(Script::new(), "an established connection", ROWS);
    is_inconclusive(&report, "set-up did not come out: nothing came at once");
    let failure = report.failure.expect("packets explain it");
    assert!(failure.row.starts_with("Given an established connection"), "{}", failure.row);
}

#[test]
fn set_up_rows_that_do_not_hold_make_the_scenario_inconclusive() {
    let steps =
        |keyword: &str| format!("    Given an established connection\n    {keyword} they exchange\n{ROWS}");
    is_inconclusive(&run_steps(Script::established(), &steps("And"), "@rfc9293-3.5"), "nothing came");
    fails(&run_steps(Script::established(), &steps("When"), "@rfc9293-3.5"), "nothing came");
}

#[test]
fn what_a_device_lacks_is_not_applicable() {
    for (capability, steps) in [
        (Capability::Listen, "Given the device listens on port 80"),
        (Capability::Connect, "Given the device connects to the tester"),
        (Capability::Ipv4, "Given an established connection"),
    ] {
        let report = run_steps(Script::new().without(capability), &format!("    {steps}"), "@rfc9293-3.5");
        assert_eq!(report.verdict, Verdict::NotApplicable { capability: capability.to_string() });
    }
    let rows = "| | segment |\n | call | abort |";
    let report = run(Script::established().without(Capability::Abort), "an established connection", rows);
    assert_eq!(report.verdict, Verdict::NotApplicable { capability: "abort".to_owned() });
}

#[test]
fn an_option_that_the_device_does_not_take_up_is_not_applicable() {
    let report = run(Script::established(), "an established connection with MSS 1000 and SACK", ROWS);
    assert_eq!(report.verdict, Verdict::NotApplicable { capability: "option:sack".to_owned() });
}

#[test]
fn a_device_that_crashes_has_failed_even_in_the_set_up() {
    // A script that makes no sense panics within the device.
    let report = run(Script::new().segment(1, 0, "<SEQ=300"), "an established connection", ROWS);
    fails(&report, "crash");
}

#[test]
fn the_clause_of_the_row_is_told_instead_of_the_scenarios() {
    let rows = "| | segment | clause |
                | --> | <SEQ=101><ACK=301><CTL=ACK><DATA=1> | |
                | <-- | <SEQ=301><ACK=102><CTL=ACK> | rfc9293-3.8.6.3-SHLD-18 |";
    let report = run(Script::established(), "an established connection", rows);
    let failure = fails(&report, "nothing came");
    assert_eq!(failure.clause.as_ref().map(ToString::to_string).as_deref(), Some("RFC 9293 3.8.6.3 SHLD-18"));
    assert_eq!(failure.level, wireproof::report::Level::Should);
}

#[test]
fn a_step_that_no_phrase_reads_is_told_with_its_place_and_what_is_like_it() {
    let told = problems("    Given the device listens at port 80");
    assert!(told.contains("no step reads `the device listens at port 80`"), "{told}");
    assert!(told.contains("f.feature:5:11") && told.contains("`the device listens on port 80`"), "{told}");
}

#[test]
fn tables_belong_to_the_steps_that_take_them() {
    assert!(problems("    Then they exchange").contains("no table below"));
    let told =
        problems("    Given the device listens on port 80\n      | | segment |\n      | --> | <CTL=SYN> |");
    assert!(told.contains("a table below"), "{told}");
}

#[test]
fn values_in_phrases_are_checked_before_anything_runs() {
    for (step, told) in [
        ("the device listens on port 0", "a port from 1 to 65535"),
        ("the device listens on port 99999", "a port from 1 to 65535"),
        ("an established connection with cheese", "MSS 1000"),
        ("connection B reuses A's ports with numbers from C+1", "the numbers of A"),
        ("a connection in CLOSE-WAIT, the device having closed first", "the tester"),
    ] {
        let problems = problems(&format!("    Given {step}"));
        assert!(problems.contains(told), "{step}: {problems}");
    }
    assert!(problems("    Then the device is quiet for ever").contains("a time such as `3 s`"));
    assert!(
        problems("    Then no segment of the device is longer than 9 octets after row x")
            .contains("labelled x")
    );
}

#[test]
fn reports_come_in_the_order_of_the_file() {
    let text = "Feature: F\n\n  @rfc9293-3.5\n  Scenario: One\n    Given the device listens on port 80\n\n  @rfc9293-3.5\n  Scenario: Two\n    Given the device listens on port 81\n";
    let reports = run_feature(Script::new().without(Capability::Ipv6), text);
    let ids: Vec<&str> = reports.iter().map(|report| report.id.as_str()).collect();
    assert_eq!(ids, ["f/one/ipv4", "f/one/ipv6", "f/two/ipv4", "f/two/ipv6"]);
}

#[test]
fn two_steps_never_read_the_same_words() {
    // Every phrase with its example: were two to fit, making it ready would say so.
    for step in [
        "the device listens on port 80",
        "the device listens on port 80 with a backlog of 2",
        "the device connects to the tester",
        "an established connection",
        "an established connection that the device opened",
        "an established connection with MSS 1000 and SACK, on which 20000 octets have been acknowledged",
        "connection A in TIME-WAIT, the device having closed first",
        "a connection in SYN-RECEIVED that the device opened",
        "a connection in CLOSE-WAIT",
        "connection B from another host port 4000",
        "connection B from another host 192.0.2.77 port 4000",
        "connection B from 192.0.2.77 port 4000",
        "connection B from port 4001",
        "connection B to 224.0.0.1 port 80",
        "connection B to port 81",
        "connection B reuses A's ports with numbers from A-1",
    ] {
        assert_eq!(problems(&format!("    Given {step}")), "", "{step}");
    }
}

#[test]
fn a_fault_of_the_harness_is_told_and_loses_nothing() {
    let report = run_without_device("    Given the device listens on port 80");
    is_inconclusive(&report, "a fault of Wireproof: no such device");
}

#[test]
fn a_device_that_does_not_tell_its_ethernet_address_leaves_nothing_to_say() {
    let steps = "    Given the device listens on port 80";
    let text = format!("Feature: F\n\n  @ipv6 @rfc9293-3.5\n  Scenario: S\n{steps}\n");
    // Its answers to neighbour solicitations go astray, too.
    let reports = run_feature(Script::new().deaf(), &text);
    is_inconclusive(&reports[0], "does not tell the Ethernet address of 2001:db8::2");
}
