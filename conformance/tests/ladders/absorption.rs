//! What passes without a row, and what never does.

use crate::kit::{Script, fails, holds, run, run_steps};

const ESTABLISHED: &str = "an established connection";
const TWO_SEGMENTS: &str = "| time | | segment |
    | | --> | <SEQ=101><ACK=301><CTL=ACK><DATA=20> |
    | | --> | <SEQ=121><ACK=301><CTL=ACK><DATA=20> |
    | ..0.5 s | <-- | <SEQ=301><ACK=141><CTL=ACK> |";
const SILENCE: &str = "| time | | segment |
    | | --> | <SEQ=101><ACK=301><CTL=ACK><DATA=20> |
    | | <-- | <SEQ=301><ACK=121><CTL=ACK> |
    | 1 s | --- | |";

fn acked(then: &'static str) -> Script {
    Script::established().segment(1, 0, "<SEQ=301><ACK=121><CTL=ACK><WND=1000>").segment(1, 500, then)
}

#[test]
fn a_pure_ack_on_the_way_to_the_expected_number_is_absorbed() {
    let each = Script::established().segment(1, 0, "<SEQ=301><ACK=121><CTL=ACK>").segment(
        2,
        0,
        "<SEQ=301><ACK=141><CTL=ACK>",
    );
    holds(&run(each, ESTABLISHED, TWO_SEGMENTS));
    holds(&run(
        Script::established().segment(2, 100, "<SEQ=301><ACK=141><CTL=ACK>"),
        ESTABLISHED,
        TWO_SEGMENTS,
    ));
}

#[test]
fn a_pure_ack_that_goes_further_than_expected_is_not() {
    let too_far = Script::established().segment(2, 0, "<SEQ=301><ACK=142><CTL=ACK>");
    fails(&run(too_far, ESTABLISHED, TWO_SEGMENTS), "the device sent something else");
}

#[test]
fn a_pure_ack_that_stops_short_leaves_the_row_open() {
    let short = Script::established().segment(2, 0, "<SEQ=301><ACK=140><CTL=ACK>");
    fails(&run(short, ESTABLISHED, TWO_SEGMENTS), "nothing came within 0.5 s");
}

#[test]
fn an_ack_with_a_wrong_sequence_number_is_not_absorbed() {
    let wrong = Script::established().segment(1, 0, "<SEQ=302><ACK=121><CTL=ACK>").segment(
        2,
        0,
        "<SEQ=301><ACK=141><CTL=ACK>",
    );
    fails(&run(wrong, ESTABLISHED, TWO_SEGMENTS), "the device sent something else");
}

#[test]
fn an_ack_with_a_wrong_checksum_is_not_absorbed() {
    let damaged = Script::established().segment(1, 0, "<SEQ=301><ACK=121><CTL=ACK><SUM=bad>").segment(
        2,
        0,
        "<SEQ=301><ACK=141><CTL=ACK>",
    );
    fails(&run(damaged, ESTABLISHED, TWO_SEGMENTS), "the device sent something else");
}

#[test]
fn data_syn_fin_and_rst_are_never_absorbed() {
    for what in [
        "<SEQ=301><ACK=121><CTL=ACK><DATA=1>",
        "<SEQ=301><ACK=121><CTL=FIN,ACK>",
        "<SEQ=301><ACK=121><CTL=RST,ACK>",
        "<SEQ=300><ACK=121><CTL=SYN,ACK>",
    ] {
        let script = Script::established().segment(1, 0, what).segment(2, 0, "<SEQ=301><ACK=141><CTL=ACK>");
        fails(&run(script, ESTABLISHED, TWO_SEGMENTS), "the device sent something else");
    }
}

#[test]
fn an_unchanged_duplicate_ack_is_never_absorbed() {
    let report = run(acked("<SEQ=301><ACK=121><CTL=ACK><WND=1000>"), ESTABLISHED, SILENCE);
    fails(&report, "the device was not silent");
}

#[test]
fn a_window_update_is_absorbed_even_in_silence_but_not_a_window_that_shrinks() {
    holds(&run(acked("<SEQ=301><ACK=121><CTL=ACK><WND=1001>"), ESTABLISHED, SILENCE));
    fails(
        &run(acked("<SEQ=301><ACK=121><CTL=ACK><WND=999>"), ESTABLISHED, SILENCE),
        "the device was not silent",
    );
}

#[test]
fn in_silence_and_after_the_last_row_no_ack_passes_that_moves_the_number() {
    let rows = "| time | | segment |
                | | --> | <SEQ=101><ACK=301><CTL=ACK><DATA=20> |
                | 1 s | --- | |
                | ..1 s | <-- | <SEQ=301><ACK=121><CTL=ACK> |";
    let early = Script::established().segment(1, 500, "<SEQ=301><ACK=121><CTL=ACK>");
    fails(&run(early, ESTABLISHED, rows), "the device was not silent");
    let rows = "| | segment |
                | --> | <SEQ=101><ACK=301><CTL=ACK><DATA=20> |";
    let at_once = Script::established().segment(1, 0, "<SEQ=301><ACK=121><CTL=ACK>");
    fails(&run(at_once, ESTABLISHED, rows), "after the last row");
}

#[test]
fn a_scenario_tagged_exact_absorbs_nothing() {
    let steps = |rows: &str| format!("    Given {ESTABLISHED}\n    Then they exchange\n{rows}");
    let update = acked("<SEQ=301><ACK=121><CTL=ACK><WND=1001>");
    fails(&run_steps(update, &steps(SILENCE), "@rfc9293-3.5 @exact"), "the device was not silent");
    let each = Script::established().segment(1, 0, "<SEQ=301><ACK=121><CTL=ACK>").segment(
        2,
        0,
        "<SEQ=301><ACK=141><CTL=ACK>",
    );
    fails(&run_steps(each, &steps(TWO_SEGMENTS), "@rfc9293-3.5 @exact"), "the device sent something else");
    let one = Script::established().segment(2, 0, "<SEQ=301><ACK=141><CTL=ACK>");
    holds(&run_steps(one, &steps(TWO_SEGMENTS), "@rfc9293-3.5 @exact"));
}
