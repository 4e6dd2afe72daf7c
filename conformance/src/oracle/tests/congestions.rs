//! Congestion control and loss recovery.

use super::*;

/// `count` segments of 100 octets from the given number on.
fn burst(time: &str, from: u32, count: u32) -> String {
    let line = |n: u32| format!("{time} < <SEQ={}><ACK=101><CTL=ACK><DATA=100>\n", from + n * 100);
    (0..count).map(line).collect()
}

fn ack(time: &str, number: u32) -> String {
    format!("{time} > <SEQ=101><ACK={number}><CTL=ACK>\n")
}

const WRITTEN: &str = "0.5 ! send 20000\n";

#[test]
fn the_initial_window_is_ten_segments_at_the_most() {
    breaks(RuleId::InitialWindow, SMALL, &(WRITTEN.to_owned() + &burst("1", 301, 11)));
    // In a capture an acknowledgment may be missing, which the next ones would show.
    let twenty = burst("1", 301, 20);
    breaks_captured(RuleId::InitialWindow, SMALL, &(twenty.clone() + &ack("1.1", 401) + &ack("1.1", 501)));
    for (one, two) in [(401, 801), (301, 401), (401, 401)] {
        let missed = twenty.clone() + &ack("1.1", one) + &ack("1.1", two);
        assert!(capture(SMALL, &missed).breaks().is_empty());
    }
    keeps(RuleId::InitialWindow, SMALL, &(WRITTEN.to_owned() + &burst("1", 301, 10)));
}

#[test]
fn a_peer_that_named_no_mss_gets_an_initial_window_too() {
    let start = "0 > <SEQ=100><CTL=SYN><no MSS>\n0 < <SEQ=300><ACK=101><CTL=SYN,ACK>
        0 > <SEQ=101><ACK=301><CTL=ACK>\n0 ! accept\n0 ! send 9000";
    let send = |count: u32| {
        let line = |n: u32| format!("1 < <SEQ={}><ACK=101><CTL=ACK><DATA=536>\n", 301 + n * 536);
        (0..count).map(line).collect::<String>()
    };
    breaks(RuleId::UnnamedMssWindow, start, &send(11));
    keeps(RuleId::UnnamedMssWindow, start, &send(10));
}

#[test]
fn what_is_under_way_grows_by_what_was_acknowledged() {
    let first = WRITTEN.to_owned() + &burst("1", 301, 4) + &ack("1.1", 701);
    breaks(RuleId::SlowStartGrowth, SMALL, &(first.clone() + &burst("1.1", 701, 15)));
    keeps(RuleId::SlowStartGrowth, SMALL, &(first + &burst("1.1", 701, 14)));
}

#[test]
fn after_a_time_out_one_segment_is_under_way() {
    let lost = WRITTEN.to_owned() + &burst("1", 301, 4) + &burst("2", 301, 1);
    breaks(RuleId::LossWindow, SMALL, &(lost.clone() + &burst("2", 401, 1)));
    assert!(capture(SMALL, &(lost.clone() + &burst("2", 401, 3))).breaks().is_empty());
    keeps(RuleId::LossWindow, SMALL, &(lost + &ack("2.1", 401) + &burst("2.1", 401, 2)));
}

#[test]
fn three_duplicates_bring_back_one_segment_at_once() {
    let sent = WRITTEN.to_owned() + &burst("1", 301, 8) + &ack("1.1", 401);
    let duplicates = ack("1.2", 401).repeat(3);
    breaks(RuleId::OneAtATime, SMALL, &(sent.clone() + &duplicates + &burst("1.2", 401, 2)));
    keeps(RuleId::OneAtATime, SMALL, &(sent.clone() + &duplicates + &burst("1.2", 401, 1)));
    breaks(RuleId::FastRetransmit, SMALL, &(sent.clone() + &duplicates + "1.9 ."));
    keeps(RuleId::FastRetransmit, SMALL, &(sent.clone() + &duplicates + &burst("1.2", 401, 1) + "1.9 ."));
    leaves(RuleId::FastRetransmit, SMALL, &(sent + &ack("1.2", 401).repeat(2) + "1.9 ."));
}

#[test]
fn the_window_comes_down_when_recovery_ends() {
    let lost = WRITTEN.to_owned()
        + &burst("1", 301, 10)
        + &ack("1.1", 701)
        + &burst("1.1", 1301, 8)
        + &ack("1.2", 701).repeat(3)
        + &burst("1.2", 701, 1)
        + &ack("1.3", 2101);
    breaks(RuleId::Deflation, SMALL, &(lost.clone() + &burst("1.3", 2101, 16)));
    keeps(RuleId::Deflation, SMALL, &(lost + &burst("1.3", 2101, 7)));
}

#[test]
fn in_congestion_avoidance_the_window_grows_by_a_segment_a_round_trip() {
    let recovered = WRITTEN.to_owned()
        + &burst("1", 301, 10)
        + &ack("1.2", 301).repeat(3)
        + &burst("1.2", 301, 1)
        + &ack("1.3", 1301)
        + &burst("1.3", 1301, 5)
        + &ack("1.4", 1801);
    let grown = recovered + &burst("1.4", 1801, 9);
    breaks(RuleId::AdditiveConstant, SMALL, &format!("0.2 ! set congestion newreno\n{grown}"));
    keeps(
        RuleId::AdditiveConstant,
        SMALL,
        &format!("0.2 ! set congestion newreno\n{}", grown.rsplitn(3, '\n').nth(2).unwrap()),
    );
    leaves(RuleId::AdditiveConstant, SMALL, &grown);
}

/// `count` segments of 100 octets behind what was sent so far keep the rule, one more breaks it.
#[track_caller]
fn allows(start: &str, before: &str, time: &str, from: u32, count: u32) {
    let before = WRITTEN.to_owned() + before;
    keeps(RuleId::SlowStartGrowth, start, &(before.clone() + &burst(time, from, count)));
    breaks(RuleId::SlowStartGrowth, start, &(before + &burst(time, from, count + 1)));
}

#[test]
fn windows_may_be_counted_in_segments() {
    let nodelay = "0.5 ! set nodelay 1\n";
    let short = "1 < <SEQ=301><ACK=101><CTL=ACK><DATA=50>\n1 < <SEQ=351><ACK=101><CTL=ACK><DATA=50>\n";
    // Two short ones, acknowledged together, open the window by two full ones.
    allows(SMALL, &(nodelay.to_owned() + short + &ack("1.1", 401)), "1.1", 401, 12);
    // A part of one opens it by a whole one.
    let part = burst("1", 301, 1) + &ack("1.1", 351);
    allows(SMALL, &part, "1.1", 401, 10);
}

const SMALL_SACKED: &str = "0 > <SEQ=100><CTL=SYN><MSS=100><SACKOK>
    0 < <SEQ=300><ACK=101><CTL=SYN,ACK><MSS=100><SACKOK>
    0 > <SEQ=101><ACK=301><CTL=ACK>
    0 ! accept";

#[test]
fn a_tail_loss_probe_may_exceed_the_window_by_one_segment() {
    let sent = WRITTEN.to_owned() + &burst("1", 301, 10);
    keeps(RuleId::InitialWindow, SMALL_SACKED, &(sent.clone() + &burst("1.3", 1301, 1)));
    breaks(RuleId::InitialWindow, SMALL_SACKED, &(sent.clone() + &burst("1.3", 1301, 2)));
    breaks(RuleId::InitialWindow, SMALL_SACKED, &(sent.clone() + &burst("1", 1301, 1)));
    breaks(RuleId::InitialWindow, SMALL, &(sent + &burst("1.3", 1301, 1)));
}

#[test]
fn what_arrived_early_is_no_longer_under_way() {
    let lost = WRITTEN.to_owned() + &burst("1", 301, 10);
    let early = "1.1 > <SEQ=101><ACK=301><CTL=ACK><SACK=401..1301>\n";
    let told = lost.clone() + early + &burst("1.1", 301, 1);
    keeps(RuleId::InitialWindow, SMALL_SACKED, &(told + &burst("1.1", 1301, 5)));
    let untold = lost + &ack("1.1", 301) + &burst("1.1", 301, 1);
    breaks(RuleId::InitialWindow, SMALL_SACKED, &(untold + &burst("1.1", 1301, 5)));
}
