//! Each arrow: a device that does what the row says, and devices that nearly do.

use wireproof::report::Verdict;

use crate::kit::{Script, difference, fails, holds, run};

const ESTABLISHED: &str = "an established connection";

fn expects(script: Script, row: &str) -> wireproof::report::ScenarioReport {
    run(
        script,
        ESTABLISHED,
        &format!(
            "| | segment |
             | --> | <SEQ=101><ACK=301><CTL=ACK><DATA=20> |
             {row}"
        ),
    )
}

fn answers(answer: &'static str) -> Script {
    Script::established().segment(1, 0, answer)
}

#[test]
fn an_expected_segment_that_comes_holds() {
    holds(&expects(answers("<SEQ=301><ACK=121><CTL=ACK>"), "| <-- | <SEQ=301><ACK=121><CTL=ACK> |"));
}

#[test]
fn an_expected_segment_that_does_not_come_is_told_with_the_time_it_had() {
    let report = expects(Script::established(), "| <-- | <SEQ=301><ACK=121><CTL=FIN,ACK> |");
    let failure = fails(&report, "nothing came at once");
    assert_eq!(failure.expected, "<SEQ=301><ACK=121><CTL=FIN,ACK>");
    assert_eq!(failure.got, "");
    assert!(failure.row.contains("| <-- | <SEQ=301><ACK=121><CTL=FIN,ACK> |"), "{}", failure.row);
    let report = expects(Script::established(), "| <-- | <SEQ=301><ACK=121><CTL=ACK> |");
    fails(&report, "nothing came within 0.203 s");
}

#[test]
fn each_field_of_an_expected_segment_counts() {
    let row = "| <-- | <SEQ=301><ACK=121><CTL=ACK,PSH><WND=500..1000><DATA=3> |";
    holds(&expects(answers("<SEQ=301><ACK=121><CTL=ACK,PSH><WND=700><DATA=3>"), row));
    for (answer, field, told) in [
        ("<SEQ=302><ACK=121><CTL=ACK,PSH><WND=700><DATA=3>", "SEQ", "301 / 302"),
        ("<SEQ=301><ACK=120><CTL=ACK,PSH><WND=700><DATA=3>", "ACK", "121 / 120"),
        ("<SEQ=301><ACK=121><CTL=ACK><WND=700><DATA=3>", "CTL", "ACK,PSH / ACK"),
        ("<SEQ=301><ACK=121><CTL=FIN,ACK,PSH><WND=700><DATA=3>", "CTL", "ACK,PSH / FIN,ACK,PSH"),
        ("<SEQ=301><ACK=121><CTL=ACK,PSH><WND=499><DATA=3>", "WND", "500..1000 / 499"),
        ("<SEQ=301><ACK=121><CTL=ACK,PSH><WND=700><DATA=4>", "DATA", "3 / 4"),
        (
            "<SEQ=301><ACK=121><CTL=ACK,PSH><WND=700><DATA=\"\\x00\\x01\\x03\">",
            "DATA",
            "octet 2 of the stream to be 2 / 3",
        ),
        ("<SEQ=301><ACK=121><CTL=ACK,PSH><WND=700><DATA=3><SUM=bad>", "SUM", "right / bad"),
    ] {
        let report = expects(answers(answer), row);
        let failure = fails(&report, "the device sent something else");
        assert_eq!(difference(failure, field), told, "{answer}");
    }
}

#[test]
fn the_failure_shows_the_exchange_and_how_to_run_it_again() {
    let report = expects(answers("<SEQ=301><ACK=101><CTL=RST,ACK>"), "| <-- | <SEQ=301><ACK=121><CTL=ACK> |");
    let failure = fails(&report, "the device sent something else");
    assert_eq!(failure.got, "<SEQ=301><ACK=101><CTL=RST,ACK><WND=65535>");
    let last = failure.ladder.last().expect("the exchange is told");
    assert_eq!(last, "  0.000000 <--   <SEQ=301><ACK=101><CTL=RST,ACK><WND=65535>");
    let before = &failure.ladder[failure.ladder.len() - 2];
    assert_eq!(before, "  0.000000 -->   <SEQ=101><ACK=301><CTL=ACK><WND=65535><DATA=20>");
    assert_eq!(failure.rerun, "wireproof run --name f/s/ipv4");
    assert_eq!(failure.clause.as_ref().map(ToString::to_string).as_deref(), Some("RFC 9293 3.5"));
}

#[test]
fn what_the_wire_loses_of_the_tester_never_arrives() {
    let rows = |arrow| {
        format!(
            "| time | | segment |
             | | {arrow} | <SEQ=101><ACK=301><CTL=ACK><DATA=20> |
             | 1 s | --- | |"
        )
    };
    holds(&run(answers("<SEQ=301><CTL=RST>"), ESTABLISHED, &rows("-->x")));
    fails(
        &run(answers("<SEQ=301><CTL=RST>"), ESTABLISHED, &rows("-->")),
        "the device sent something that no row takes",
    );
}

/// The acknowledgment number of the last segment that the tester sent.
fn last_ack_of_the_tester(report: &wireproof::report::ScenarioReport) -> u32 {
    use wireproof::testbed::Direction;
    let sent = report.trace.frames().rev().find(|(_, frame)| frame.direction == Direction::ToDevice);
    let (_, frame) = sent.expect("the tester sent something");
    let parsed = wireproof_reference::wire::Frame::parse(&frame.octets).expect("its frames are well-formed");
    parsed.packet().and_then(|packet| packet.tcp()).expect("the last was a segment").ack
}

#[test]
fn what_the_wire_loses_of_the_device_is_not_acknowledged() {
    let rows = |arrow| {
        format!(
            "| | segment |
             | call | send 20 |
             | {arrow} | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |
             | --> | <CTL=ACK> |"
        )
    };
    let script = || {
        Script::established().call("fill", 0, "-> ok 20").call(
            "fill",
            0,
            "<SEQ=301><ACK=101><CTL=ACK><DATA=20>",
        )
    };
    let (got, lost) = (run(script(), ESTABLISHED, &rows("<--")), run(script(), ESTABLISHED, &rows("<--x")));
    holds(&got);
    holds(&lost);
    assert_eq!(last_ack_of_the_tester(&got), 70_021);
    assert_eq!(last_ack_of_the_tester(&lost), 70_001);
    fails(&run(Script::established(), ESTABLISHED, &rows("<--x")), "nothing came at once");
}

#[test]
fn what_may_come_may_come_once_or_not_at_all() {
    let row = "| <--? | <SEQ=301><ACK=101..><CTL=ACK><DATA=5> |\n | <-- | <SEQ=306><ACK=121><CTL=FIN,ACK> |";
    let data = "<SEQ=301><ACK=121><CTL=ACK><DATA=5>";
    let fin = "<SEQ=306><ACK=121><CTL=FIN,ACK>";
    holds(&expects(Script::established().segment(1, 0, data).segment(1, 0, fin), row));
    holds(&expects(Script::established().segment(1, 0, fin), row));
    let twice = Script::established().segment(1, 0, data).segment(1, 0, data).segment(1, 0, fin);
    fails(&expects(twice, row), "the device sent something else");
    let other = Script::established().segment(1, 0, "<SEQ=301><ACK=121><CTL=ACK><DATA=6>").segment(1, 0, fin);
    fails(&expects(other, row), "the device sent something else");
}

#[test]
fn what_may_come_any_number_of_times_may_come_twice() {
    let row = "| <--* | <SEQ=301><ACK=101..><CTL=ACK><DATA=5> |\n | <-- | <SEQ=306><ACK=121><CTL=FIN,ACK> |";
    let data = "<SEQ=301><ACK=121><CTL=ACK><DATA=5>";
    let script = Script::established().segment(1, 0, data).segment(1, 0, data);
    holds(&expects(script.clone().segment(1, 0, "<SEQ=306><ACK=121><CTL=FIN,ACK>"), row));
    fails(&expects(script, row), "nothing came at once");
}

#[test]
fn what_may_come_may_not_come_any_more_once_the_next_expected_row_is_matched() {
    let row = "| <--? | <SEQ=306><ACK=121><CTL=ACK><DATA=5> |
               | <-- | <SEQ=301><ACK=121><CTL=ACK><DATA=5> |
               | <-- | <SEQ=311><ACK=121><CTL=FIN,ACK> |";
    let late = Script::established().segment(1, 0, "<SEQ=301><ACK=121><CTL=ACK><DATA=5>").segment(
        1,
        0,
        "<SEQ=306><ACK=121><CTL=ACK><DATA=5>",
    );
    fails(&expects(late, row), "the device sent something else");
}

const SENDS: &str = "| | segment |
                     | call | send 40 |";

fn sends(parts: &[&'static str], row: &str) -> wireproof::report::ScenarioReport {
    let script = Script::established().call("fill", 0, "-> ok 40");
    let script = parts.iter().fold(script, |script, part| script.call("fill", 0, part));
    run(script, ESTABLISHED, &format!("{SENDS}\n{row}"))
}

#[test]
fn octets_may_come_in_whatever_segments_the_device_likes() {
    let row = "| <== | <SEQ=301..341> |";
    holds(&sends(&["<SEQ=301><ACK=101><CTL=ACK><DATA=40>"], row));
    holds(&sends(&["<SEQ=301><ACK=101><CTL=ACK><DATA=1>", "<SEQ=302><ACK=101><CTL=ACK,PSH><DATA=39>"], row));
    holds(&sends(&["<SEQ=311><ACK=101><CTL=ACK><DATA=30>", "<SEQ=301><ACK=101><CTL=ACK><DATA=10>"], row));
}

#[test]
fn octets_have_to_come_all_and_once_and_be_the_streams() {
    let row = "| <== | <SEQ=301..341> |";
    let first = "<SEQ=301><ACK=101><CTL=ACK><DATA=20>";
    fails(&sends(&[], row), "the device did not send the octets 301..341");
    fails(&sends(&[first], row), "some octets came, but not 321..341");
    let report = sends(&[first, first], row);
    let failure = fails(&report, "while 321..341 were awaited");
    assert_eq!(difference(failure, "SEQ"), "each octet once / octets that came before in this row");
    let report = sends(&[first, "<SEQ=321><ACK=101><CTL=ACK><DATA=21>"], row);
    assert_eq!(
        difference(fails(&report, "something else"), "SEQ"),
        "octets of the row / octets outside of it"
    );
    let report = sends(&["<SEQ=301><ACK=101><CTL=ACK><DATA=\"\\x01\">"], row);
    assert_eq!(difference(fails(&report, "something else"), "DATA"), "octet 0 of the stream to be 0 / 1");
    for ctl in ["FIN,ACK", "SYN,ACK", "RST,ACK", "PSH"] {
        let part: &'static str =
            Box::leak(format!("<SEQ=301><ACK=101><CTL={ctl}><DATA=40>").into_boxed_str());
        fails(&sends(&[part], row), "the device sent something else");
    }
}

#[test]
fn a_fin_that_is_written_has_to_end_the_octets() {
    let row = "| <== | <SEQ=301..341><CTL=FIN,ACK> |";
    let data = "<SEQ=301><ACK=101><CTL=ACK><DATA=40>";
    holds(&sends(&["<SEQ=301><ACK=101><CTL=FIN,ACK><DATA=40>"], row));
    holds(&sends(&[data, "<SEQ=341><ACK=101><CTL=FIN,ACK>"], row));
    fails(&sends(&[data], row), "some octets came, but not the FIN");
    fails(&sends(&["<SEQ=301><ACK=101><CTL=FIN,ACK><DATA=20>"], row), "");
}

#[test]
fn octets_are_acknowledged_as_they_come() {
    let row = "| <== | <SEQ=301..341> acked |";
    let script = || {
        Script::established()
            .call("fill", 0, "-> ok 40")
            .call("fill", 0, "<SEQ=301><ACK=101><CTL=ACK><DATA=10>")
            .call("fill", 0, "<SEQ=311><ACK=101><CTL=ACK><DATA=10>")
            .segment(1, 0, "<SEQ=321><ACK=101><CTL=ACK><DATA=10>")
            .segment(2, 0, "<SEQ=331><ACK=101><CTL=ACK><DATA=10>")
    };
    let report = run(script(), ESTABLISHED, &format!("{SENDS}\n{row}"));
    holds(&report);
    assert_eq!(last_ack_of_the_tester(&report), 70_041);
    let row = "| <== | <SEQ=301..341> |";
    fails(&run(script(), ESTABLISHED, &format!("{SENDS}\n{row}")), "some octets came, but not 321..341");
}

#[test]
fn octets_are_delivered_in_segments_as_the_window_allows() {
    let rows = "| | segment |
                | ==> | <SEQ=101..1601> |
                | <-- | <SEQ=301><ACK=1601><CTL=ACK> |";
    // The device's MSS is 1000: two segments.
    let taken = Script::established().segment(2, 0, "<SEQ=301><ACK=1601><CTL=ACK>");
    holds(&run(taken, ESTABLISHED, rows));
    let in_three = Script::established().segment(3, 0, "<SEQ=301><ACK=1601><CTL=ACK>");
    fails(&run(in_three, ESTABLISHED, rows), "nothing came within 0.203 s");
}

#[test]
fn the_tester_waits_for_a_window_and_says_when_it_stays_shut() {
    let rows = "| | segment |
                | --> | <SEQ=101><ACK=301><CTL=ACK><DATA=1> |
                | <-- | <SEQ=301><ACK=102><CTL=ACK><WND=*> |
                | ==> | <SEQ=102..RCV.NXT+RCV.WND> |
                | ==> | <SEQ=RCV.NXT+RCV.WND..RCV.NXT+RCV.WND+500> |";
    let opens = Script::established().segment(1, 0, "<SEQ=301><ACK=102><CTL=ACK><WND=700>");
    let report = run(opens.clone(), ESTABLISHED, rows);
    // The right edge of the SYN-ACK's window lies further: 101 + 65535.
    fails(&report, "the device's window stayed shut at 65636");
    let late = opens.segment(67, 100, "<SEQ=301><ACK=65636><CTL=ACK><WND=0>").segment(
        67,
        150,
        "<SEQ=301><ACK=65636><CTL=ACK><WND=500>",
    );
    holds(&run(late, ESTABLISHED, rows));
}

#[test]
fn silence_is_broken_by_any_segment() {
    let rows = "| time | | segment |
                | | --> | <SEQ=101><ACK=301><CTL=ACK> |
                | 3 s | --- | |";
    holds(&run(Script::established(), ESTABLISHED, rows));
    let report =
        run(Script::established().segment(1, 2_999, "<SEQ=301><ACK=101><CTL=ACK>"), ESTABLISHED, rows);
    let failure = fails(&report, "the device was not silent: it sent this after 2.999 s");
    assert_eq!(failure.got, "<SEQ=301><ACK=101><CTL=ACK><WND=65535>");
    let later = Script::established().segment(1, 3_001, "<SEQ=301><ACK=101><CTL=ACK>");
    holds(&run(later, ESTABLISHED, rows));
}

#[test]
fn a_segment_for_another_ethernet_address_does_not_reach_the_tester() {
    let rows = "| | segment |
                | --> | <SEQ=100><CTL=SYN> |
                | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK> |";
    let answers = Script::new().segment(1, 0, "<SEQ=300><ACK=101><CTL=SYN,ACK>");
    holds(&run(answers.clone(), "the device listens on port 80", rows));
    let report = run(answers.misdelivering(), "the device listens on port 80", rows);
    let failure = fails(&report, "the device sent something else");
    assert!(failure.got.ends_with("(its frame is for another Ethernet address)"), "{}", failure.got);
}

#[test]
fn a_count_of_octets_is_what_the_stream_has_there_literals_among_them() {
    let rows = "| time | | segment |
         | | call | send \"GET\" |
         | | <-- | <SEQ=301><ACK=101><CTL=ACK><DATA=3> |";
    let sends = |segment| Script::established().call("send", 0, "-> ok 3").call("send", 0, segment);
    let established = "an established connection";
    holds(&run(sends("<SEQ=301><ACK=101><CTL=ACK><DATA=\"GET\">"), established, rows));
    // The pattern's own octets would be others than the application sent.
    let pattern = "<SEQ=301><ACK=101><CTL=ACK><DATA=\"\\x00\\x01\\x02\">";
    let report = run(sends(pattern), established, rows);
    let failure = fails(&report, "the device sent something else");
    assert_eq!(difference(failure, "DATA"), "octet 0 of the stream to be 71 / 0");
}

#[test]
fn octets_for_which_a_tiny_window_has_no_room_do_not_apply_and_with_room_they_count() {
    let offers = |answer| {
        let rows = "| | segment |
             | --> | <SEQ=100><CTL=SYN> |
             | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK> |
             | --> | <SEQ=101><ACK=301><CTL=ACK><DATA=20> |
             | <-- | <SEQ=301><ACK=121><CTL=ACK> |";
        run(Script::new().segment(1, 0, answer), "the device listens on port 80", rows)
    };
    let report = offers("<SEQ=300><ACK=101><CTL=SYN,ACK><WND=19>");
    let lacking = Verdict::NotApplicable { capability: "a window of 64 octets".to_owned() };
    assert_eq!(report.verdict, lacking);
    fails(&offers("<SEQ=300><ACK=101><CTL=SYN,ACK><WND=20>"), "nothing came within 0.203 s");
    fails(&offers("<SEQ=300><ACK=101><CTL=SYN,ACK><WND=64>"), "nothing came within 0.203 s");
}
