//! Several connections: other hosts, other addresses, the same ports again.

use crate::kit::{Script, difference, fails, holds, problems, run_steps};

fn exchange(script: Script, given: &str, rows: &str) -> wireproof::report::ScenarioReport {
    run_steps(script, &format!("{given}\n    Then they exchange\n{rows}"), "@rfc9293-3.5")
}

const OTHER_HOST: &str =
    "    Given an established connection\n    And connection B from another host port 4000";

#[test]
fn another_host_has_numbers_and_addresses_of_its_own() {
    let rows = "| conn | | segment |
                | B | --> | <SEQ=100><CTL=SYN> |
                | B | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK> |
                | B | --> | <SEQ=101><ACK=301><CTL=ACK> |
                | A | --> | <SEQ=101><ACK=301><CTL=ACK><DATA=1> |
                | A | <-- | <SEQ=301><ACK=102><CTL=ACK> |";
    holds(&exchange(Script::established().segment(1, 0, "<SEQ=301><ACK=102><CTL=ACK>"), OTHER_HOST, rows));
    let rows = "| conn | | segment |
                | B | --> | <SEQ=100><CTL=SYN> |
                | A | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK> |";
    fails(&exchange(Script::established(), OTHER_HOST, rows), "nothing came at once");
}

#[test]
fn what_comes_for_one_connection_is_left_over_where_only_another_is_awaited() {
    let rows = "| conn | time | | segment |
                | B | | --> | <SEQ=100><CTL=SYN> |
                | A | 1 s | <-- | <SEQ=301><ACK=101><CTL=FIN,ACK> |";
    fails(&exchange(Script::established(), OTHER_HOST, rows), "the device sent something that no row takes");
}

#[test]
fn silence_on_one_connection_lets_another_speak() {
    let rows = |conn| {
        format!(
            "| conn | time | | segment |
             | A | | --> | <SEQ=101><ACK=301><CTL=ACK><DATA=1> |
             | {conn} | 1 s | --- | |
             | A | ..1 s | <-- | <SEQ=301><ACK=101><CTL=FIN,ACK> |"
        )
    };
    let script = || Script::established().segment(1, 1_000, "<SEQ=301><ACK=101><CTL=FIN,ACK>");
    holds(&exchange(script(), OTHER_HOST, &rows("B")));
    let early = Script::established().segment(1, 900, "<SEQ=301><ACK=101><CTL=FIN,ACK>");
    let why = "it came too early: 0.1 s before the row that its time counts from";
    fails(&exchange(early, OTHER_HOST, &rows("B")), why);
    fails(&exchange(script(), OTHER_HOST, &rows("A")), "the device was not silent");
    fails(&exchange(script(), OTHER_HOST, &rows("")), "the device was not silent");
}

#[test]
fn a_connection_may_go_to_another_address_or_port() {
    let given = "    Given the device listens on port 80\n    And connection B to 192.0.2.255 port 80";
    let rows = "| conn | time | | segment |
                | B | | --> | <SEQ=100><CTL=SYN> |
                | | 1 s | --- | |";
    let report = exchange(Script::new(), given, rows);
    holds(&report);
    let (_, frame) = report.trace.frames().next_back().expect("the SYN was sent");
    assert_eq!(&frame.octets[..6], &[0xff; 6], "to the broadcast address of the link");
    assert_eq!(&frame.octets[30..34], &[192, 0, 2, 255]);
    let given = "    Given the device listens on port 80\n    And connection B to port 81";
    let rows = "| conn | | segment |
                | B | --> | <SEQ=100><CTL=SYN> |
                | B | <-- | <SEQ=abs:0><ACK=101><CTL=RST,ACK> |";
    holds(&exchange(Script::new().segment(1, 0, "<SEQ=abs:0><ACK=101><CTL=RST,ACK>"), given, rows));
    let report = exchange(Script::new().segment(1, 0, "<SEQ=abs:0><ACK=102><CTL=RST,ACK>"), given, rows);
    assert_eq!(difference(fails(&report, "something else"), "ACK"), "101 / 102");
}

const REUSE: &str =
    "    Given an established connection\n    And connection B reuses A's ports with numbers from A+5000";

#[test]
fn the_same_ports_again_have_numbers_of_their_own() {
    let rows = "| conn | | segment |
                | B | --> | <SEQ=100><CTL=SYN> |
                | | either | |
                | B | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK> |
                | | or | |
                | A | <-- | <SEQ=301><ACK=101><CTL=ACK> |
                | | end | |";
    // The script counts from the SYN that came last: 101 of B is 5101 of A.
    let takes_over = Script::established().segment(1, 0, "<SEQ=300><ACK=101><CTL=SYN,ACK>");
    let report = exchange(takes_over, REUSE, rows);
    holds(&report);
    assert!(report.lived[0].contains("alternative 1"), "{:?}", report.lived);
    let stays = Script::established().segment(1, 0, "<SEQ=301><ACK=abs:0><CTL=ACK>");
    fails(&exchange(stays, REUSE, rows), "");
}

#[test]
fn numbers_that_far_ahead_are_sent() {
    let rows = "| conn | | segment |
                | B | --> | <SEQ=100><CTL=SYN> |";
    let report = exchange(Script::established(), REUSE, rows);
    holds(&report);
    let seqs: Vec<u32> = report
        .trace
        .frames()
        .filter_map(|(_, frame)| {
            let frame = wireproof_reference::wire::Frame::parse(&frame.octets).ok()?;
            let tcp = frame.packet()?.tcp().copied()?;
            (tcp.flags.syn() && !tcp.flags.ack()).then_some(tcp.seq)
        })
        .collect();
    assert_eq!(seqs[1].wrapping_sub(seqs[0]), 5_000);
}

#[test]
fn a_connection_that_no_step_has_introduced_is_told_before_anything_runs() {
    let rows = "
      | conn | | segment |
      | B | --> | <SEQ=100><CTL=SYN> |
      | C | --> | <SEQ=100><CTL=SYN> |";
    let told = problems(&format!("{REUSE}\n    Then they exchange{rows}"));
    assert!(told.contains("introduced a connection C") && told.contains("one of A, B"), "{told}");
    let told = problems("    Given connection C reuses B's ports with numbers from B+5000");
    assert!(told.contains("there is no connection B") && told.contains("f.feature:5:"), "{told}");
    let twice = "    Given connection B from port 4000\n    And connection B from port 4001";
    assert!(problems(twice).contains("connection B is there already"), "{}", problems(twice));
}

#[test]
fn an_address_of_the_other_version_of_ip_is_told_before_anything_runs() {
    let told = problems("    Given the device listens on port 80\n    And connection B to ff02::1 port 80");
    assert!(told.contains("ff02::1") && told.contains("@ipv6"), "{told}");
}
