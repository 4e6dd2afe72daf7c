//! `==>` up to the device's window: one that opens further while it is filled, one that does not, one that never shuts.

use crate::kit::{Script, fails, holds, run};

const ESTABLISHED: &str = "an established connection";
/// The device's first edge is 101 + 65535, its MSS 1000.
const FILLED: &str = "| | segment |
                      | ==> | <SEQ=101..RCV.NXT+RCV.WND> |
                      | <-- | <SEQ=301><ACK=RCV.NXT+RCV.WND><CTL=ACK><WND=0> |";

fn ack(ack: u32, window: u32) -> &'static str {
    Box::leak(format!("<SEQ=301><ACK={ack}><CTL=ACK><WND={window}>").into_boxed_str())
}

#[test]
fn a_window_that_opens_further_while_it_is_filled_is_filled_to_the_edge_then_offered() {
    let opens = Script::established()
        .segment(10, 0, ack(10_101, 60_000))
        .segment(70, 0, ack(70_101, 3_000))
        .segment(73, 0, ack(73_101, 0));
    holds(&run(opens, ESTABLISHED, FILLED));
}

#[test]
fn an_acknowledgment_may_open_the_window_further_as_late_as_a_delayed_one() {
    let opens =
        |after| Script::established().segment(66, after, ack(65_636, 1_500)).segment(68, 150, ack(67_136, 0));
    holds(&run(opens(190), ESTABLISHED, FILLED));
    fails(&run(opens(210), ESTABLISHED, FILLED), "nothing came within 0.203 s");
}

#[test]
fn octets_before_the_edge_stay_free_when_the_edge_moves() {
    let rows = "| | segment |
                | ==> | <SEQ=101..RCV.NXT+RCV.WND-5> |
                | <-- | <SEQ=301><ACK=RCV.NXT+RCV.WND-5><CTL=ACK><WND=5> |";
    let opens = Script::established().segment(66, 0, ack(65_631, 1_005)).segment(67, 0, ack(66_631, 5));
    holds(&run(opens, ESTABLISHED, rows));
    let shrinks = Script::established().segment(66, 0, ack(65_631, 1_005)).segment(67, 0, ack(66_631, 4));
    fails(&run(shrinks, ESTABLISHED, rows), "nothing came within 0.203 s");
}

#[test]
fn a_window_that_stays_is_filled_at_once_and_its_acknowledgment_left_to_the_row_that_follows() {
    let rows = |time| {
        format!(
            "| time | | segment | label |
             | | ==> | <SEQ=101..RCV.NXT+RCV.WND> | filled |
             | {time} after filled | <-- | <SEQ=301><ACK=RCV.NXT+RCV.WND><CTL=ACK><WND=0> | |"
        )
    };
    let stays = || Script::established().segment(66, 150, ack(65_636, 0));
    holds(&run(stays(), ESTABLISHED, &rows("0.15 s")));
    // The row counts from the last octet that was sent, not from when it was known to be the last.
    fails(&run(stays(), ESTABLISHED, &rows("..0.1 s")), "it came too late: after 0.15 s, not within 0.1 s");
    let unanswered = run(Script::established(), ESTABLISHED, FILLED);
    fails(&unanswered, "nothing came within 0.203 s");
}

#[test]
fn what_is_no_acknowledgment_ends_the_row_at_once() {
    let rows = "| time | | segment | label |
                | | ==> | <SEQ=101..RCV.NXT+RCV.WND> | filled |
                | | <-- | <SEQ=301><CTL=RST,?ACK> | |
                | 0.05 s | --> | <SEQ=65636><ACK=301><CTL=ACK> | |
                | ..0.1 s after filled | <-- | <SEQ=301><CTL=RST> | |";
    let resets =
        Script::established().segment(66, 0, "<SEQ=301><CTL=RST>").segment(67, 0, "<SEQ=301><CTL=RST>");
    holds(&run(resets, ESTABLISHED, rows));
}

#[test]
fn acknowledgments_on_the_way_that_leave_the_edge_do_not_end_the_row() {
    let stays = Script::established()
        .segment(20, 0, ack(20_101, 45_535))
        .segment(66, 100, ack(60_101, 5_535))
        .segment(66, 180, ack(65_636, 0));
    holds(&run(stays, ESTABLISHED, FILLED));
}

#[test]
fn a_window_that_never_shuts_is_a_clear_mismatch() {
    let opens = (1..=140).fold(Script::established(), |script, round: u32| {
        // Each answer offers as much as can be said.
        let nth = usize::try_from(round * 66).expect("a small number");
        script.segment(nth, 0, ack(101 + round * 65_535, 65_535))
    });
    let report = run(opens, ESTABLISHED, FILLED);
    let failure = fails(
        &report,
        "the device opens its window further and further: it took 8454015 octets in 8514 segments",
    );
    assert_eq!(failure.row, "| ==> | <SEQ=101..RCV.NXT+RCV.WND> |");
}

#[test]
fn an_end_behind_the_window_does_not_move_with_it() {
    let rows = "| | segment |
                | ==> | <SEQ=101..RCV.NXT+RCV.WND+500> |
                | <-- | <SEQ=301><ACK=66136><CTL=ACK><WND=*> |";
    let opens = Script::established().segment(65, 0, ack(65_101, 60_000)).segment(67, 0, ack(66_136, 59_500));
    holds(&run(opens, ESTABLISHED, rows));
}
