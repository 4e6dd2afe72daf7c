//! `any order` and `repeat`.

use crate::kit::{Script, fails, holds, run};

const ESTABLISHED: &str = "an established connection";

fn with(script: Script, rows: &str) -> wireproof::report::ScenarioReport {
    let table = format!(
        "| time | | segment |
         | | call | send 60 |
         {rows}"
    );
    run(script, ESTABLISHED, &table)
}

fn sends(parts: &[&'static str]) -> Script {
    let script = Script::established().call("fill", 0, "-> ok 60");
    parts.iter().fold(script, |script, part| script.call("fill", 0, part))
}

const A: &str = "<SEQ=301><ACK=101><CTL=ACK><DATA=20>";
const B: &str = "<SEQ=321><ACK=101><CTL=ACK><DATA=20>";
const C: &str = "<SEQ=341><ACK=101><CTL=ACK><DATA=20>";
const ANY_ORDER: &str = "| | any order | |
    | | <-- | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |
    | | <== | <SEQ=321..341> |
    | | <-- | <SEQ=341><ACK=101><CTL=ACK><DATA=20> |
    | | end | |";

#[test]
fn rows_may_come_in_any_order() {
    for order in [[A, B, C], [C, B, A], [B, A, C], [B, C, A]] {
        holds(&with(sends(&order), ANY_ORDER));
    }
}

#[test]
fn each_row_has_to_come_once() {
    let report = with(sends(&[C, A]), ANY_ORDER);
    let failure = fails(&report, "not all rows of the block came");
    assert_eq!(failure.expected, "<SEQ=321..341>");
    fails(&with(sends(&[A, A, B, C]), ANY_ORDER), "none of the rows still open takes");
    fails(&with(sends(&[A, B, C, C]), ANY_ORDER), "after the last row");
}

#[test]
fn a_row_that_comes_too_late_is_told() {
    let late = sends(&[A, B]).call("fill", 5, C);
    fails(&with(late, ANY_ORDER), "not all rows of the block came in time");
}

#[test]
fn alternatives_within_any_order_are_alternatives_of_the_block() {
    let rows = "| | any order | |
        | | <-- | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |
        | | either | |
        | | <-- | <SEQ=321><ACK=101><CTL=ACK><DATA=20> |
        | | or | |
        | | <-- | <SEQ=341><ACK=101><CTL=ACK><DATA=20> |
        | | end | |
        | | end | |";
    holds(&with(sends(&[B, A]), rows));
    holds(&with(sends(&[A, C]), rows));
    fails(&with(sends(&[B, C]), rows), "");
}

#[test]
fn repeated_rows_have_to_come_so_often() {
    let rows = "| | repeat 3 | |
        | | --> | <SEQ=100><ACK=301><CTL=ACK> |
        | | <-- | <SEQ=301><ACK=101><CTL=ACK> |
        | | end | |
        | 1 s | --- | |";
    let answers = |count| {
        (1..=count)
            .fold(sends(&[]), |script: Script, nth| script.segment(nth, 0, "<SEQ=301><ACK=101><CTL=ACK>"))
    };
    holds(&with(answers(3), rows));
    fails(&with(answers(2), rows), "nothing came within");
    let once_more = answers(3).segment(3, 0, "<SEQ=301><ACK=101><CTL=ACK>");
    fails(&with(once_more, rows), "the device sent something that no row takes");
}

#[test]
fn alternatives_may_be_repeated() {
    let rows = "| | repeat 2 | |
        | | --> | <SEQ=100><ACK=301><CTL=ACK> |
        | | either | |
        | | <-- | <SEQ=301><ACK=101><CTL=ACK> |
        | | or | |
        | | <-- | <SEQ=301><CTL=RST> |
        | | end | |
        | | end | |";
    let script = sends(&[]).segment(1, 0, "<SEQ=301><CTL=RST>").segment(2, 0, "<SEQ=301><ACK=101><CTL=ACK>");
    let report = with(script, rows);
    holds(&report);
    assert!(report.lived[0].contains("alternative 2") && report.lived[1].contains("alternative 1"));
}

const ACROSS: &str = "<SEQ=301><ACK=101><CTL=ACK><DATA=60>";

#[test]
fn a_segment_may_cross_the_border_between_rows_of_octets() {
    let in_order = "| | <== | <SEQ=301..321> |
        | | <== | <SEQ=321..361> |";
    let any_order_first = "| | any order | |
        | | <== | <SEQ=301..321> |
        | | end | |
        | | <== | <SEQ=321..361> |";
    let any_order_last = "| | <== | <SEQ=301..321> |
        | | any order | |
        | | <== | <SEQ=341..361> |
        | | <== | <SEQ=321..341> |
        | | end | |";
    let both_within = "| | any order | |
        | | <== | <SEQ=321..361> |
        | | <== | <SEQ=301..321> |
        | | end | |";
    for rows in [in_order, any_order_first, any_order_last, both_within] {
        holds(&with(sends(&[ACROSS]), rows));
        holds(&with(sends(&[A, B, C]), rows));
        fails(&with(sends(&[A, B]), rows), "");
        // Octets that no row has.
        fails(&with(sends(&[ACROSS, "<SEQ=361><ACK=101><CTL=ACK><DATA=5>"]), rows), "");
        // One octet is wrong, behind the border.
        let wrong = "<SEQ=321><ACK=101><CTL=ACK><DATA=\"x\">";
        fails(&with(sends(&[A, wrong, "<SEQ=322><ACK=101><CTL=ACK><DATA=39>"]), rows), "");
    }
}

#[test]
fn what_crosses_the_border_to_a_single_segment_is_not_that_segment() {
    let rows = "| | <== | <SEQ=301..321> |
        | | <-- | <SEQ=321><ACK=101><CTL=ACK><DATA=40> |";
    fails(&with(sends(&[ACROSS]), rows), "the device sent something else");
    let rows = "| | any order | |
        | | <== | <SEQ=301..321> |
        | | <-- | <SEQ=321><ACK=101><CTL=ACK><DATA=40> |
        | | end | |";
    fails(&with(sends(&[ACROSS]), rows), "none of the rows still open takes");
    let at_its_own_time = "| | <== | <SEQ=301..321> |
        | 1 s | <== | <SEQ=321..361> |";
    fails(&with(sends(&[ACROSS]), at_its_own_time), "too early");
}

#[test]
fn the_fin_behind_a_border_belongs_to_the_row_behind_it() {
    let rows = "| | <== | <SEQ=301..321> |
        | | <== | <SEQ=321..361><CTL=FIN,ACK> |";
    holds(&with(sends(&["<SEQ=301><ACK=101><CTL=FIN,ACK><DATA=60>"]), rows));
    fails(&with(sends(&[ACROSS]), rows), "some octets came, but not the FIN");
}
