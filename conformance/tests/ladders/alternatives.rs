//! `either` ... `or` ... `end`: all alternatives are followed together, one must live.

use crate::kit::{Script, fails, holds, is_inconclusive, run};

const ESTABLISHED: &str = "an established connection";

fn either(script: Script, rows: &str) -> wireproof::report::ScenarioReport {
    let table = format!(
        "| time | | segment |
         | | --> | <SEQ=101><ACK=301><CTL=ACK><DATA=20> |
         {rows}"
    );
    run(script, ESTABLISHED, &table)
}

const RESET_OR_ACK: &str = "| | either | |
    | | <-- | <SEQ=301><CTL=RST,?ACK> |
    | | or | |
    | | <-- | <SEQ=301><ACK=121><CTL=ACK><DATA=5> |
    | | --> | <SEQ=121><ACK=306><CTL=ACK> |
    | 1 s | --- | |
    | | end | |";

#[test]
fn either_alternative_lives_and_is_reported() {
    let reset = either(Script::established().segment(1, 0, "<SEQ=301><CTL=RST>"), RESET_OR_ACK);
    holds(&reset);
    assert!(reset.lived[0].contains("alternative 1: <-- <SEQ=301><CTL=RST,?ACK>"), "{:?}", reset.lived);
    let data =
        either(Script::established().segment(1, 0, "<SEQ=301><ACK=121><CTL=ACK><DATA=5>"), RESET_OR_ACK);
    holds(&data);
    assert!(data.lived[0].contains("alternative 2"), "{:?}", data.lived);
}

#[test]
fn when_no_alternative_holds_all_that_was_expected_is_told() {
    let report = either(Script::established().segment(1, 0, "<SEQ=301><CTL=FIN>"), RESET_OR_ACK);
    let failure = fails(&report, "no alternative holds");
    assert_eq!(failure.expected, "<SEQ=301><CTL=RST,?ACK> or <SEQ=301><ACK=121><CTL=ACK><DATA=5>");
}

#[test]
fn an_alternative_that_begins_well_and_ends_badly_fails() {
    let script = Script::established().segment(1, 0, "<SEQ=301><ACK=121><CTL=ACK><DATA=5>").segment(
        2,
        500,
        "<SEQ=301><ACK=121><CTL=ACK><DATA=5>",
    );
    let failure = either(script, RESET_OR_ACK);
    let failure = fails(&failure, "the device was not silent");
    assert!(failure.row.contains("1 s | ---"), "the way that came furthest speaks: {}", failure.row);
}

#[test]
fn alternatives_with_a_common_beginning_are_told_apart_later() {
    let rows = "| | either | |
        | | <-- | <SEQ=301><ACK=121><CTL=ACK><DATA=5> |
        | 1 s | <-- | <SEQ=301><ACK=121><CTL=ACK><DATA=5> |
        | | or | |
        | | <-- | <SEQ=301><ACK=121><CTL=ACK><DATA=5> |
        | 2 s | <-- | <SEQ=306><ACK=121><CTL=FIN,ACK> |
        | | end | |";
    let data = "<SEQ=301><ACK=121><CTL=ACK><DATA=5>";
    let script = || Script::established().segment(1, 0, data);
    holds(&either(script().segment(1, 1_000, data), rows));
    holds(&either(script().segment(1, 2_000, "<SEQ=306><ACK=121><CTL=FIN,ACK>"), rows));
    fails(&either(script().segment(1, 2_000, data), rows), "");
    fails(&either(script().segment(1, 1_000, "<SEQ=306><ACK=121><CTL=FIN,ACK>"), rows), "");
}

#[test]
fn an_empty_alternative_lives_when_nothing_comes() {
    let rows = "| | either | |
        | | <-- | <SEQ=301><ACK=121><CTL=ACK><DATA=5> |
        | | or | |
        | | end | |
        | 1 s | --- | |";
    holds(&either(Script::established(), rows));
    holds(&either(Script::established().segment(1, 0, "<SEQ=301><ACK=121><CTL=ACK><DATA=5>"), rows));
    let other = Script::established().segment(1, 0, "<SEQ=301><ACK=121><CTL=ACK><DATA=6>");
    fails(&either(other, rows), "");
}

#[test]
fn rows_behind_the_block_act_once_whichever_alternative_lived() {
    let rows = "| | either | |
        | | <-- | <SEQ=301><ACK=121><CTL=ACK> |
        | | or | |
        | 1 s | --- | |
        | | end | |
        | | --> | <SEQ=121><ACK=301><CTL=FIN,ACK> |
        | | <-- | <SEQ=301><ACK=122><CTL=ACK> |";
    let ack = "<SEQ=301><ACK=121><CTL=ACK>";
    let closes = |script: Script| script.segment(2, 0, "<SEQ=301><ACK=122><CTL=ACK>");
    holds(&either(closes(Script::established().segment(1, 0, ack)), rows));
    holds(&either(closes(Script::established().segment(1, 100, ack)), rows));
    holds(&either(closes(Script::established()), rows));
    fails(&either(closes(Script::established().segment(1, 900, ack)), rows), "");
}

#[test]
fn alternatives_that_hold_and_want_to_do_different_things_cannot_be_followed() {
    let rows = "| | either | |
        | | <-- | <SEQ=301><CTL=RST> |
        | | --> | <SEQ=121><ACK=301><CTL=ACK> |
        | | or | |
        | | <-- | <CTL=RST,?ACK> |
        | | --> | <SEQ=121><ACK=301><CTL=FIN,ACK> |
        | | end | |";
    let reset = Script::established().segment(1, 0, "<SEQ=301><CTL=RST>");
    is_inconclusive(&either(reset, rows), "f.feature:11:19: several alternatives hold and want");
}

#[test]
fn blocks_stand_in_blocks() {
    let rows = "| | either | |
        | | <-- | <SEQ=301><CTL=RST> |
        | | or | |
        | | <-- | <SEQ=301><ACK=121><CTL=ACK><DATA=5> |
        | | either | |
        | 1 s | <-- | <SEQ=306><ACK=121><CTL=FIN,ACK> |
        | | or | |
        | 1 s | --- | |
        | | end | |
        | | end | |";
    let data = Script::established().segment(1, 0, "<SEQ=301><ACK=121><CTL=ACK><DATA=5>");
    let report = either(data.clone(), rows);
    holds(&report);
    assert_eq!(report.lived.len(), 2);
    holds(&either(data.clone().segment(1, 1_000, "<SEQ=306><ACK=121><CTL=FIN,ACK>"), rows));
    fails(&either(data.segment(1, 500, "<SEQ=306><ACK=121><CTL=FIN,ACK>"), rows), "");
}
