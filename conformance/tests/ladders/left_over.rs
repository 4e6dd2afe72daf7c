//! Nothing is left over: before time passes and at the end, all that the device sent has found its row.

use crate::kit::{Script, fails, holds, run, run_steps};

const ESTABLISHED: &str = "an established connection";
const DATA: &str = "<SEQ=301><ACK=101><CTL=ACK><DATA=20>";

fn sends_at_once() -> Script {
    Script::established().segment(1, 0, DATA)
}

#[test]
fn answers_at_one_instant_wait_for_the_rows_that_take_them() {
    let rows = format!(
        "| | segment |
         | --> | <SEQ=101><ACK=301><CTL=ACK><WND=9000> |
         | --> | <SEQ=101><ACK=301><CTL=ACK><WND=9001> |
         | <-- | {DATA} |"
    );
    holds(&run(sends_at_once(), ESTABLISHED, &rows));
}

#[test]
fn what_came_before_a_row_that_lets_time_pass_is_left_over() {
    for row in ["| 1 s | --> | <SEQ=101><ACK=301><CTL=ACK> |", "| 1 s | --- | |", "| 1 s | call | send 20 |"]
    {
        let rows = format!(
            "| time | | segment |
             | | --> | <SEQ=101><ACK=301><CTL=ACK><WND=9000> |
             {row}
             | | <-- | {DATA} |"
        );
        let report = run(sends_at_once(), ESTABLISHED, &rows);
        let failure = fails(&report, "the device sent something that no row takes, before this row");
        assert_eq!(failure.got, "<SEQ=301><ACK=101><CTL=ACK><WND=65535><DATA=20>");
    }
}

#[test]
fn what_comes_while_the_tester_waits_to_act_is_left_over() {
    let rows = format!(
        "| time | | segment |
         | | --> | <SEQ=101><ACK=301><CTL=ACK><WND=9000> |
         | 1 s | --> | <SEQ=101><ACK=301><CTL=ACK><WND=9001> |
         | | <-- | {DATA} |"
    );
    let report = run(Script::established().segment(1, 500, DATA), ESTABLISHED, &rows);
    fails(&report, "the device sent this after 0.5 s, and no row awaits it");
    holds(&run(Script::established().segment(2, 0, DATA), ESTABLISHED, &rows));
}

#[test]
fn what_comes_after_the_last_row_is_left_over() {
    let rows = "| | segment |
                | --> | <SEQ=101><ACK=301><CTL=ACK><WND=9000> |";
    let report = run(sends_at_once(), ESTABLISHED, rows);
    let failure = fails(&report, "after the last row");
    assert_eq!(failure.row, "Then they exchange");
}

#[test]
fn what_one_table_leaves_the_next_may_take() {
    let steps = format!(
        "    Given {ESTABLISHED}
    When they exchange
      | | segment |
      | --> | <SEQ=101><ACK=301><CTL=ACK><WND=9000> |
    Then they exchange
      | | segment |
      | <-- | {DATA} |"
    );
    holds(&run_steps(sends_at_once(), &steps, "@rfc9293-3.5"));
    fails(&run_steps(Script::established(), &steps, "@rfc9293-3.5"), "nothing came at once");
}

#[test]
fn the_device_is_quiet_says_the_same_as_silence() {
    let steps = format!("    Given {ESTABLISHED}\n    Then the device is quiet for 3 s");
    holds(&run_steps(Script::established(), &steps, "@rfc9293-3.5"));
    let steps = format!(
        "    Given {ESTABLISHED}
    When they exchange
      | | segment |
      | --> | <SEQ=101><ACK=301><CTL=ACK><WND=9000> |
    Then the device is quiet for 3 s"
    );
    let late = Script::established().segment(1, 2_000, DATA);
    let report = run_steps(late, &steps, "@rfc9293-3.5");
    let failure = fails(&report, "the device was not silent");
    assert!(failure.row.starts_with("Then the device is quiet for 3 s"), "{}", failure.row);
}

#[test]
fn no_segment_may_be_longer_than_a_step_says() {
    let steps = |octets| {
        format!(
            "    Given {ESTABLISHED}
    When they exchange
      | | segment | label |
      | call | send 60 | |
      | <-- | <SEQ=301><ACK=101><CTL=ACK><DATA=30> | big |
      | <== | <SEQ=331..361> | |
    Then no segment of the device is longer than {octets} octets after row big"
        )
    };
    let script = || {
        Script::established()
            .call("fill", 0, "-> ok 60")
            .call("fill", 0, "<SEQ=301><ACK=101><CTL=ACK><DATA=30>")
            .call("fill", 0, "<SEQ=331><ACK=101><CTL=ACK><DATA=20>")
            .call("fill", 0, "<SEQ=351><ACK=101><CTL=ACK><DATA=10>")
    };
    holds(&run_steps(script(), &steps(20), "@rfc9293-3.5"));
    let report = run_steps(script(), &steps(19), "@rfc9293-3.5");
    let failure = fails(&report, "a segment of the device is too long");
    assert_eq!(
        (failure.expected.as_str(), failure.got.as_str()),
        ("at most 19 octets in a segment", "20 octets")
    );
}

#[test]
fn what_is_sent_again_has_to_fill_a_hole() {
    let steps = format!(
        "    Given {ESTABLISHED}
    When they exchange
      | time | | segment |
      | | call | send 20 |
      | | <-- | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |
      | | --> | <SEQ=101><ACK=$acked><CTL=ACK> |
      | RTO | <-- | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |
    Then every retransmission fills a hole, each once"
    );
    let data = "<SEQ=301><ACK=101><CTL=ACK><DATA=20>";
    let script =
        || Script::established().call("fill", 0, "-> ok 20").call("fill", 0, data).call("fill", 1_000, data);
    holds(&run_steps(script(), &steps.replace("$acked", "301"), "@rfc9293-3.5"));
    let report = run_steps(script(), &steps.replace("$acked", "311"), "@rfc9293-3.5");
    let failure = fails(&report, "octets were sent again that the tester had acknowledged");
    assert_eq!(failure.got, "<SEQ=301..321>");
}
