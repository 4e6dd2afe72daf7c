//! Acknowledgments.

use super::*;

#[test]
fn nothing_is_acknowledged_that_was_never_sent() {
    breaks(RuleId::AckBeyondSent, OPENED, "1 < <SEQ=301><ACK=102><CTL=ACK>");
    keeps(
        RuleId::AckBeyondSent,
        OPENED,
        "1 > <SEQ=101><ACK=301><CTL=ACK><DATA=1>\n1.1 < <SEQ=301><ACK=102><CTL=ACK>",
    );
}

#[test]
fn in_a_capture_an_acknowledgment_ahead_is_a_break_only_if_the_octets_come_later() {
    let ahead = "1 > <SEQ=101><ACK=301><CTL=ACK><DATA=10>\n1.1 < <SEQ=301><ACK=900><CTL=ACK>";
    let rest = "1.2 > <SEQ=111><ACK=301><CTL=ACK><DATA=10>\n1.3 < <SEQ=301><ACK=121><CTL=ACK>";
    breaks_captured(RuleId::AckBeyondSent, OPENED, &format!("{ahead}\n{rest}"));
    let jump = "1.2 > <SEQ=900><ACK=301><CTL=ACK><DATA=10>\n1.3 < <SEQ=301><ACK=910><CTL=ACK>";
    let judgement = capture(OPENED, &format!("{ahead}\n{jump}"));
    assert!(judgement.breaks().is_empty() && judgement.connections[0].summary.has_gaps);
}

#[test]
fn nothing_is_acknowledged_that_did_not_arrive() {
    let lost = "1 >x <SEQ=101><ACK=301><CTL=ACK><DATA=10>\n1 > <SEQ=111><ACK=301><CTL=ACK><DATA=10>";
    breaks(RuleId::AckUnreceived, OPENED, &format!("{lost}\n1 < <SEQ=301><ACK=121><CTL=ACK>"));
    keeps(RuleId::AckUnreceived, OPENED, &format!("{lost}\n1 < <SEQ=301><ACK=101><CTL=ACK>"));
    // What came damaged did not arrive.
    let damaged = "1 > <SEQ=101><ACK=301><CTL=ACK><DATA=10><SUM=bad>\n1 < <SEQ=301><ACK=111><CTL=ACK>";
    breaks(RuleId::AckBeyondSent, OPENED, damaged);
}

#[test]
fn the_acknowledgment_number_does_not_go_back() {
    let taken = "1 > <SEQ=101><ACK=301><CTL=ACK><DATA=10>\n1.1 < <SEQ=301><ACK=111><CTL=ACK>";
    breaks(RuleId::AckBackwards, OPENED, &format!("{taken}\n2 < <SEQ=301><ACK=105><CTL=ACK>"));
    keeps(
        RuleId::AckBackwards,
        OPENED,
        &format!("{taken}\n2 ! send 1\n2 < <SEQ=301><ACK=111><CTL=ACK><DATA=1>"),
    );
    // New octets show that a segment was sent later; a bare acknowledgment may have been overtaken.
    breaks_captured(
        RuleId::AckBackwards,
        OPENED,
        &format!("{taken}\n2 < <SEQ=301><ACK=105><CTL=ACK><DATA=5>"),
    );
    // Or it was itself sent earlier than octets sent again that overtook it.
    let again = "1 < <SEQ=301><ACK=101><CTL=ACK><DATA=5>\n1.1 > <SEQ=101><ACK=301><CTL=ACK><DATA=10>
        2 < <SEQ=301><ACK=111><CTL=ACK><DATA=5>\n2 < <SEQ=306><ACK=101><CTL=ACK><DATA=5>";
    assert!(capture(OPENED, again).breaks().is_empty());
    breaks(RuleId::AckBackwards, OPENED, &format!("0 ! send 15\n{again}"));
    let judgement = capture(OPENED, &format!("{taken}\n2 < <SEQ=301><ACK=105><CTL=ACK>"));
    assert!(judgement.breaks().is_empty());
}

#[test]
fn octets_beyond_the_window_are_not_taken() {
    let start = "0 > <SEQ=100><CTL=SYN>\n0 < <SEQ=300><ACK=101><CTL=SYN,ACK><WND=10>
        0 > <SEQ=101><ACK=301><CTL=ACK>\n0 ! accept\n1 > <SEQ=101><ACK=301><CTL=ACK><DATA=20>";
    breaks(RuleId::AckBeyondWindow, start, "1.1 < <SEQ=301><ACK=121><CTL=ACK><WND=10>");
    keeps(RuleId::AckBeyondWindow, start, "1.1 < <SEQ=301><ACK=111><CTL=ACK><WND=10>");
}

#[test]
fn octets_are_acknowledged_within_half_a_second() {
    let data = "1 > <SEQ=101><ACK=301><CTL=ACK><DATA=10>";
    breaks(RuleId::AckDelay, OPENED, &format!("{data}\n1.6 < <SEQ=301><ACK=111><CTL=ACK>"));
    breaks(RuleId::AckDelay, OPENED, &format!("{data}\n3 ."));
    keeps(RuleId::AckDelay, OPENED, &format!("{data}\n1.49 < <SEQ=301><ACK=111><CTL=ACK>\n3 ."));
    leaves(RuleId::AckDelay, OPENED, &format!("{data}\n1.1 .").replace("1 > ", "1 >x "));
}

#[test]
fn every_second_full_segment_is_acknowledged() {
    let data = "1 > <SEQ=101><ACK=301><CTL=ACK><DATA=100>\n1 > <SEQ=201><ACK=301><CTL=ACK><DATA=100>";
    breaks(RuleId::StretchAck, SMALL, &format!("{data}\n1.2 < <SEQ=301><ACK=301><CTL=ACK>"));
    keeps(RuleId::StretchAck, SMALL, &format!("{data}\n1 < <SEQ=301><ACK=301><CTL=ACK>"));
    let small = "1 > <SEQ=101><ACK=301><CTL=ACK><DATA=50>\n1 > <SEQ=151><ACK=301><CTL=ACK><DATA=50>";
    leaves(RuleId::StretchAck, SMALL, &format!("{small}\n1.2 < <SEQ=301><ACK=201><CTL=ACK>"));
}

#[test]
fn a_gap_is_told_at_once_and_what_is_behind_it_is_kept() {
    let early = "1 > <SEQ=111><ACK=301><CTL=ACK><DATA=10>";
    breaks(RuleId::EarlyAnswered, OPENED, &format!("{early}\n1.4 < <SEQ=301><ACK=101><CTL=ACK>"));
    let told = format!("{early}\n1 < <SEQ=301><ACK=101><CTL=ACK>");
    keeps(RuleId::EarlyAnswered, OPENED, &told);
    let filled = format!("{told}\n2 > <SEQ=101><ACK=301><CTL=ACK><DATA=10>");
    breaks(RuleId::GapAnswered, OPENED, &format!("{filled}\n2.4 < <SEQ=301><ACK=121><CTL=ACK>"));
    keeps(RuleId::GapAnswered, OPENED, &format!("{filled}\n2.04 < <SEQ=301><ACK=121><CTL=ACK>\n3 ."));
    breaks(RuleId::EarlyKept, OPENED, &format!("{filled}\n2 < <SEQ=301><ACK=111><CTL=ACK>\n3 ."));
    keeps(RuleId::EarlyKept, OPENED, &format!("{filled}\n2 < <SEQ=301><ACK=121><CTL=ACK>\n3 ."));
}

#[test]
fn old_octets_and_probes_are_answered() {
    let taken = "1 > <SEQ=101><ACK=301><CTL=ACK><DATA=10>\n1 < <SEQ=301><ACK=111><CTL=ACK>";
    let old = format!("{taken}\n20 > <SEQ=101><ACK=301><CTL=ACK><DATA=10>");
    breaks(RuleId::OldAnswered, OPENED, &format!("{old}\n21 ."));
    keeps(RuleId::OldAnswered, OPENED, &format!("{old}\n20 < <SEQ=301><ACK=111><CTL=ACK>\n21 ."));
    let start = "0 > <SEQ=100><CTL=SYN>\n0 < <SEQ=300><ACK=101><CTL=SYN,ACK><WND=10>
        0 > <SEQ=101><ACK=301><CTL=ACK>\n0 ! accept\n1 > <SEQ=101><ACK=301><CTL=ACK><DATA=10>
        1 < <SEQ=301><ACK=111><CTL=ACK><WND=0>\n20 > <SEQ=111><ACK=301><CTL=ACK><DATA=1>";
    breaks(RuleId::ProbeAnswered, start, "21 .");
    keeps(RuleId::ProbeAnswered, start, "20 < <SEQ=301><ACK=111><CTL=ACK><WND=0>\n21 .");
}

#[test]
fn one_segment_brings_one_acknowledgment() {
    let taken = "1 > <SEQ=101><ACK=301><CTL=ACK><DATA=10>\n1 < <SEQ=301><ACK=111><CTL=ACK>";
    breaks(RuleId::OneAnswer, OPENED, &format!("{taken}\n1 < <SEQ=301><ACK=111><CTL=ACK>"));
    let again = "1.5 > <SEQ=101><ACK=301><CTL=ACK><DATA=10>\n1.5 < <SEQ=301><ACK=111><CTL=ACK>";
    keeps(RuleId::OneAnswer, OPENED, &format!("{taken}\n{again}"));
    // Several that came at once may be answered one by one, and not once more.
    let twice = "1.5 > <SEQ=101><ACK=301><CTL=ACK><DATA=10>\n1.5 > <SEQ=101><ACK=301><CTL=ACK><DATA=10>";
    let both =
        format!("{taken}\n{twice}\n1.5 < <SEQ=301><ACK=111><CTL=ACK>\n1.5 < <SEQ=301><ACK=111><CTL=ACK>");
    keeps(RuleId::OneAnswer, OPENED, &both);
    breaks(RuleId::OneAnswer, OPENED, &format!("{both}\n1.5 < <SEQ=301><ACK=111><CTL=ACK>"));
}

#[test]
fn octets_of_a_segment_that_is_dropped_whole_are_not_acknowledged() {
    // It acknowledges what was never sent.
    let used =
        "0.5 ! send 1\n0.5 < <SEQ=301><ACK=101><CTL=ACK,PSH><DATA=1>\n0.6 > <SEQ=101><ACK=302><CTL=ACK>";
    let ahead = format!("{used}\n1 > <SEQ=101><ACK=303><CTL=ACK><DATA=10>");
    breaks(RuleId::RefusedTaken, OPENED, &format!("{ahead}\n1 < <SEQ=302><ACK=111><CTL=ACK>"));
    keeps(RuleId::RefusedTaken, OPENED, &format!("{ahead}\n1 < <SEQ=302><ACK=101><CTL=ACK>"));
    // It acknowledges nothing at all.
    let without = format!("{used}\n1 > <SEQ=101><CTL=><DATA=10>");
    breaks(RuleId::RefusedTaken, OPENED, &format!("{without}\n1 < <SEQ=302><ACK=111><CTL=ACK>"));
    let again = "2 > <SEQ=101><ACK=302><CTL=ACK><DATA=10>\n2 < <SEQ=302><ACK=111><CTL=ACK>";
    keeps(
        RuleId::RefusedTaken,
        OPENED,
        &format!("{without}\n1 ! send 1 1\n1 < <SEQ=302><ACK=101><CTL=ACK,PSH><DATA=1>\n{again}"),
    );
    // Its timestamp is old.
    let stamped = "0.5 ! send 1\n0.5 < <SEQ=301><ACK=101><CTL=ACK,PSH><TS=600,11><DATA=1>";
    let old = |stamp: u32| format!("{stamped}\n1 > <SEQ=101><ACK=302><CTL=ACK><TS={stamp},600><DATA=10>");
    breaks(
        RuleId::RefusedTaken,
        STAMPED,
        &format!("{}\n1 < <SEQ=302><ACK=111><CTL=ACK><TS=601,11>", old(10)),
    );
    let taken = scenario(STAMPED, &format!("{}\n1 < <SEQ=302><ACK=111><CTL=ACK><TS=601,11>", old(11)));
    assert!(taken.breaks().is_empty());
}

#[test]
fn nothing_behind_a_fin_is_acknowledged() {
    let fin = "1 > <SEQ=101><ACK=301><CTL=FIN,ACK>\n1 < <SEQ=301><ACK=102><CTL=ACK>";
    let behind = format!("{fin}\n2 > <SEQ=102><ACK=301><CTL=ACK><DATA=5>");
    breaks(RuleId::AckBehindFin, OPENED, &format!("{behind}\n2 < <SEQ=301><ACK=107><CTL=ACK>"));
    keeps(RuleId::AckBehindFin, OPENED, &format!("{behind}\n2 < <SEQ=301><ACK=102><CTL=ACK>"));
}
