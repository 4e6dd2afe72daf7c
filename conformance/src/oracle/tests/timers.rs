//! Timers.

use super::*;

/// The first segment of five octets at these times, nobody answering.
fn sent_at(times: &[&str]) -> String {
    let line = |time: &&str| format!("{time} < <SEQ=301><ACK=101><CTL=ACK><DATA=5>\n");
    "0 ! send 5\n".to_owned() + &times.iter().map(line).collect::<String>()
}

fn syn_at(times: &[&str]) -> String {
    let line = |time: &&str| format!("{time} < <SEQ=300><CTL=SYN>\n");
    times.iter().map(line).collect()
}

#[test]
fn a_syn_is_not_sent_again_within_a_second() {
    breaks(RuleId::InitialRto, "0 ! connect", &syn_at(&["0", "0.5"]));
    breaks_captured(RuleId::InitialRto, "", &syn_at(&["0", "0.5"]));
    keeps(RuleId::InitialRto, "0 ! connect", &syn_at(&["0", "1"]));
    keeps_captured(RuleId::InitialRto, "", &syn_at(&["0", "0.98"]));
}

#[test]
fn no_time_out_is_shorter_than_a_second() {
    breaks(RuleId::RtoFloor, OPENED, &sent_at(&["1", "1.3"]));
    breaks_captured(RuleId::RtoFloor, OPENED, &sent_at(&["1", "1.3"]));
    let too_big = "1 < <SEQ=301><ACK=101><CTL=ACK><DATA=1000>\n1.1 > <ICMP=3/4><MTU=600><QUOTE=under-way>";
    let smaller = format!("{too_big}\n1.1 < <SEQ=301><ACK=101><CTL=ACK><DATA=560>");
    undecidable(RuleId::RtoFloor, OPENED, &smaller);
    keeps(RuleId::RtoFloor, OPENED, &sent_at(&["1", "2"]));
    // With SACK there may be tail-loss probes; a peer that was heard may have asked for it.
    undecidable(RuleId::RtoFloor, SACKED, &sent_at(&["1", "1.3"]));
    let heard =
        sent_at(&["1"]) + "1.1 > <SEQ=101><ACK=301><CTL=ACK>\n1.3 < <SEQ=301><ACK=101><CTL=ACK><DATA=5>";
    leaves(RuleId::RtoFloor, OPENED, &heard);
}

#[test]
fn each_time_out_doubles_the_wait() {
    breaks(RuleId::RtoBackoff, OPENED, &sent_at(&["1", "2", "3"]));
    keeps(RuleId::RtoBackoff, OPENED, &sent_at(&["1", "2", "4", "8"]));
    keeps(RuleId::RtoBackoff, OPENED, &sent_at(&["1", "31", "91", "151", "211"]));
    breaks_captured(RuleId::RtoBackoff, "", &syn_at(&["0", "1", "2", "3"]));
    // A capture that lacks one of them: 1, 2 and (4) and 8.
    keeps_captured(RuleId::RtoBackoff, "", &syn_at(&["0", "1", "7", "15"]));
}

#[test]
fn what_nobody_acknowledges_is_sent_again() {
    breaks(RuleId::UnackedRepeated, OPENED, &(sent_at(&["1"]) + "90 ."));
    keeps(RuleId::UnackedRepeated, OPENED, &(sent_at(&["1", "4", "10", "22", "46"]) + "90 ."));
    leaves(RuleId::UnackedRepeated, OPENED, &format!("0.5 ! set usertimeout 5000\n{}90 .", sent_at(&["1"])));
}

#[test]
fn a_time_out_may_be_as_long_as_round_trips_were_slow() {
    let slow = "1 ! send 10\n1 < <SEQ=301><ACK=101><CTL=ACK><DATA=10>\n41 > <SEQ=101><ACK=311><CTL=ACK>";
    let next = "42 ! send 10 10\n42 < <SEQ=311><ACK=101><CTL=ACK><DATA=10>";
    leaves(RuleId::UnackedRepeated, OPENED, &format!("{slow}\n{next}\n200 ."));
    breaks(RuleId::UnackedRepeated, OPENED, &format!("{slow}\n{next}\n400 ."));
}

#[test]
fn an_open_is_tried_for_three_minutes() {
    let syns = syn_at(&["0", "1", "3", "7", "15", "31", "63"]);
    breaks(RuleId::SynPatience, "0 ! connect", &format!("{syns}\n127 ! refused ETIMEDOUT"));
    keeps(
        RuleId::SynPatience,
        "0 ! connect",
        &format!("{syns}\n127 < <SEQ=300><CTL=SYN>\n191 ! refused ETIMEDOUT"),
    );
}

#[test]
fn octets_are_tried_for_a_hundred_seconds() {
    let sent = sent_at(&["1", "2", "4", "8", "16", "32"]);
    breaks(RuleId::DataPatience, OPENED, &format!("{sent}\n64 ! error ETIMEDOUT"));
    keeps(
        RuleId::DataPatience,
        OPENED,
        &format!("{sent}\n64 < <SEQ=301><ACK=101><CTL=ACK><DATA=5>\n128 ! error ETIMEDOUT"),
    );
    leaves(
        RuleId::DataPatience,
        OPENED,
        &format!("0.1 ! set usertimeout 20000\n{sent}\n64 ! error ETIMEDOUT"),
    );
}

/// Five octets sent and acknowledged, so that the handshake is over for sure.
const USED: &str = "1 ! send 5\n1 < <SEQ=301><ACK=101><CTL=ACK><DATA=5>\n1 > <SEQ=101><ACK=306><CTL=ACK>";

#[test]
fn keep_alives_come_only_when_asked_for_and_after_two_hours() {
    breaks(RuleId::KeepaliveAsked, OPENED, &format!("{USED}\n9000 < <SEQ=305><ACK=101><CTL=ACK>"));
    let asked = format!("0.5 ! set keepalive 1\n{USED}");
    keeps(RuleId::KeepaliveAsked, OPENED, &format!("{asked}\n9000 < <SEQ=305><ACK=101><CTL=ACK>"));
    breaks(RuleId::KeepaliveInterval, OPENED, &format!("{asked}\n1000 < <SEQ=305><ACK=101><CTL=ACK>"));
    keeps(RuleId::KeepaliveInterval, OPENED, &format!("{asked}\n7201 < <SEQ=305><ACK=101><CTL=ACK>"));
    let set = format!("0.6 ! set keepidle 1000\n{asked}");
    leaves(RuleId::KeepaliveInterval, OPENED, &format!("{set}\n1000 < <SEQ=305><ACK=101><CTL=ACK>"));
}

#[test]
fn one_lost_keep_alive_does_not_end_a_connection() {
    let probe = |time: u32| format!("\n{time} < <SEQ=305><ACK=101><CTL=ACK>");
    let asked = format!("0.5 ! set keepalive 1\n{USED}{}", probe(7201));
    breaks(RuleId::KeepalivePatience, OPENED, &format!("{asked}\n7276 ! error ETIMEDOUT"));
    keeps(RuleId::KeepalivePatience, OPENED, &format!("{asked}{}\n7351 ! error ETIMEDOUT", probe(7276)));
}

#[test]
fn after_a_lost_syn_the_first_octets_wait_three_seconds() {
    let opened =
        "0 ! connect\n0 < <SEQ=300><CTL=SYN>\n1 < <SEQ=300><CTL=SYN>\n1.1 > <SEQ=100><ACK=301><CTL=SYN,ACK>
        1.1 < <SEQ=301><ACK=101><CTL=ACK>\n2 ! send 5\n2 < <SEQ=301><ACK=101><CTL=ACK,PSH><DATA=5>";
    let again = |time: &str| format!("{time} < <SEQ=301><ACK=101><CTL=ACK,PSH><DATA=5>");
    breaks(RuleId::RtoAfterSynLoss, opened, &again("4.5"));
    keeps(RuleId::RtoAfterSynLoss, opened, &again("5"));
}
