//! Opening, closing, resets.

use super::*;

#[test]
fn a_syn_with_ack_acknowledges_the_syn() {
    breaks(RuleId::SynAcked, "0 > <SEQ=100><CTL=SYN>", "0 < <SEQ=300><ACK=100><CTL=SYN,ACK>");
    keeps(RuleId::SynAcked, "0 > <SEQ=100><CTL=SYN>", "0 < <SEQ=300><ACK=101><CTL=SYN,ACK>");
    breaks_captured(RuleId::SynAcked, "0 > <SEQ=100><CTL=SYN>", "0 < <SEQ=300><ACK=100><CTL=SYN,ACK>");
    // A later SYN may be meant that the capture lacks.
    undecidable(RuleId::SynAcked, "0 > <SEQ=100><CTL=SYN>", "0 < <SEQ=300><ACK=102><CTL=SYN,ACK>");
}

#[test]
fn nothing_but_a_syn_leaves_before_the_peers_syn() {
    breaks(RuleId::DataBeforeSyn, "0 ! connect", "0 < <SEQ=300><CTL=SYN>\n1 < <SEQ=301><CTL=><DATA=5>");
    let start = "0 ! connect\n0 < <SEQ=300><CTL=SYN>\n0 > <SEQ=100><ACK=301><CTL=SYN,ACK>";
    keeps(RuleId::DataBeforeSyn, start, "0 < <SEQ=301><ACK=101><CTL=ACK>");
}

#[test]
fn a_fin_is_acknowledged() {
    let fin = "1 > <SEQ=101><ACK=301><CTL=FIN,ACK>";
    breaks(RuleId::FinAcked, OPENED, &format!("{fin}\n2 ."));
    keeps(RuleId::FinAcked, OPENED, &format!("{fin}\n1.4 < <SEQ=301><ACK=102><CTL=ACK>\n2 ."));
}

#[test]
fn a_fin_that_comes_again_in_time_wait_is_acknowledged_again() {
    let closed = "1 ! close\n1 < <SEQ=301><ACK=101><CTL=FIN,ACK>\n1.1 > <SEQ=101><ACK=302><CTL=FIN,ACK>
        1.1 < <SEQ=302><ACK=102><CTL=ACK>\n3 > <SEQ=101><ACK=302><CTL=FIN,ACK>";
    breaks(RuleId::LateFinAcked, OPENED, &format!("{closed}\n5 ."));
    breaks(RuleId::LateFinAcked, OPENED, &format!("{closed}\n3 < <SEQ=302><CTL=RST>"));
    keeps(RuleId::LateFinAcked, OPENED, &format!("{closed}\n3 < <SEQ=302><ACK=102><CTL=ACK>\n5 ."));
    let late = closed.replace("\n3 > ", "\n300 > ");
    leaves(RuleId::LateFinAcked, OPENED, &format!("{late}\n300 < <SEQ=302><CTL=RST>"));
}

#[test]
fn a_close_with_nothing_left_sends_its_fin_promptly() {
    let acked = "1 < <SEQ=301><ACK=101><CTL=ACK>\n1.5 ! close";
    breaks(RuleId::FinPromptly, OPENED, &format!("{acked}\n2.5 ."));
    keeps(RuleId::FinPromptly, OPENED, &format!("{acked}\n1.9 < <SEQ=301><ACK=101><CTL=FIN,ACK>\n2.5 ."));
}

#[test]
fn a_reset_is_not_answered_by_a_reset() {
    breaks(RuleId::ResetOfReset, "0 > <SEQ=100><ACK=700><CTL=RST,ACK>", "0 < <SEQ=700><CTL=RST>");
    keeps(RuleId::ResetOfReset, "0 > <SEQ=100><ACK=700><CTL=ACK>", "0 < <SEQ=700><CTL=RST>");
}

#[test]
fn a_reset_for_no_connection_bears_numbers_that_can_be_checked() {
    breaks(RuleId::ResetNumbers, "0 > <SEQ=100><CTL=SYN>", "0 < <SEQ=0><ACK=100><CTL=RST,ACK>");
    keeps(RuleId::ResetNumbers, "0 > <SEQ=100><CTL=SYN>", "0 < <SEQ=abs:0><ACK=101><CTL=RST,ACK>");
    breaks(RuleId::ResetNumbers, "0 > <SEQ=100><ACK=700><CTL=ACK>", "0 < <SEQ=abs:0><ACK=100><CTL=RST,ACK>");
    breaks_captured(RuleId::ResetNumbers, "0 > <SEQ=100><CTL=SYN>", "0 < <SEQ=abs:0><ACK=99><CTL=RST,ACK>");
    keeps_captured(RuleId::ResetNumbers, "0 > <SEQ=100><CTL=SYN>", "0 < <SEQ=abs:0><ACK=101><CTL=RST,ACK>");
    // In a capture that began late nobody knows what a RST answers.
    assert!(capture("0 > <SEQ=101><ACK=301><CTL=ACK>", "0 < <SEQ=999><CTL=RST>").breaks().is_empty());
}

#[test]
fn a_reset_of_a_connection_lies_where_its_peer_looks_for_it() {
    breaks(RuleId::ResetInWindow, OPENED, "1 ! abort\n1 < <SEQ=900><CTL=RST>");
    keeps(RuleId::ResetInWindow, OPENED, "1 ! abort\n1 < <SEQ=301><CTL=RST>");
}

#[test]
fn a_connection_that_was_reset_is_quiet() {
    let sent = "1 ! send 5\n1 < <SEQ=301><ACK=101><CTL=ACK><DATA=5>\n1 > <SEQ=101><ACK=306><CTL=ACK>";
    let own = format!("{sent}\n2 ! abort\n2 < <SEQ=306><ACK=101><CTL=RST,ACK>");
    breaks(RuleId::QuietAfterReset, OPENED, &format!("{own}\n3 < <SEQ=306><ACK=101><CTL=ACK>"));
    let asked = format!("{own}\n3 > <SEQ=101><ACK=306><CTL=ACK>");
    keeps(RuleId::QuietAfterReset, OPENED, &format!("{asked}\n3 < <SEQ=306><CTL=RST>\n4 ."));
    assert!(
        scenario(OPENED, &format!("{own}\n3 > <SEQ=101><ACK=306><CTL=ACK>\n3 < <SEQ=306><CTL=RST>"))
            .breaks()
            .is_empty()
    );
    let reset = |seq: u32| format!("{sent}\n2 > <SEQ={seq}><CTL=RST>\n2 < <SEQ=306><ACK=101><CTL=ACK>");
    breaks(RuleId::ResetBelieved, OPENED, &reset(101));
    keeps(RuleId::ResetBelieved, OPENED, &format!("{sent}\n2 > <SEQ=101><CTL=RST>\n4 ."));
    // A RST elsewhere in the window is challenged (RFC 5961 3.2).
    assert!(scenario(OPENED, &reset(102)).breaks().is_empty());
}

#[test]
fn octets_that_are_thrown_away_are_told_by_a_reset() {
    let unread = "1 > <SEQ=101><ACK=301><CTL=ACK><DATA=5>\n1 < <SEQ=301><ACK=106><CTL=ACK>\n1 > <SEQ=106><ACK=301><CTL=ACK>";
    let wrote = "1.1 ! send 1\n1.1 < <SEQ=301><ACK=106><CTL=ACK><DATA=1>\n1.1 > <SEQ=106><ACK=302><CTL=ACK>";
    let closed = format!("{unread}\n{wrote}\n2 ! close");
    breaks(RuleId::ResetOnUnread, OPENED, &format!("{closed}\n2 < <SEQ=302><ACK=106><CTL=FIN,ACK>\n3 ."));
    keeps(RuleId::ResetOnUnread, OPENED, &format!("{closed}\n2 < <SEQ=302><ACK=106><CTL=RST,ACK>\n3 ."));
    let read = format!("{unread}\n{wrote}\n1.5 ! recv 5\n2 ! close\n2 < <SEQ=302><ACK=106><CTL=FIN,ACK>");
    leaves(RuleId::ResetOnUnread, OPENED, &format!("{read}\n3 ."));
    let late = format!("{read}\n2.1 > <SEQ=106><ACK=303><CTL=ACK><DATA=5>");
    breaks(RuleId::ResetAfterClose, OPENED, &format!("{late}\n2.1 < <SEQ=303><ACK=111><CTL=ACK>"));
    keeps(RuleId::ResetAfterClose, OPENED, &format!("{late}\n2.1 < <SEQ=303><CTL=RST>"));
    // Where a close ends the sending side alone, the application goes on reading.
    let half = scenario_on(OPENED, &format!("{late}\n2.1 < <SEQ=303><ACK=111><CTL=ACK>\n3 ! recv 5 5"), true);
    assert!(half.breaks().is_empty(), "{}", told(&half));
}

#[test]
fn the_states_of_both_ends_are_followed_as_sets() {
    let states = |lines: &str| scenario(OPENED, lines).connections[0].states.map(|states| states.to_string());
    assert_eq!(states("")[1], "SYN-RECEIVED or ESTABLISHED");
    let fin = "1 > <SEQ=101><ACK=301><CTL=FIN,ACK>\n1 < <SEQ=301><ACK=102><CTL=ACK>";
    assert_eq!(states(fin)[1], "CLOSE-WAIT");
    assert_eq!(
        states(&format!("{fin}\n2 ! close\n2 < <SEQ=301><ACK=102><CTL=FIN,ACK>"))[1],
        "CLOSING or LAST-ACK or TIME-WAIT"
    );
    assert_eq!(
        scenario("0 ! connect\n0 < <SEQ=300><CTL=SYN>", "").connections[0].states[0].to_string(),
        "SYN-SENT"
    );
}

#[test]
fn a_syn_into_time_wait_begins_a_connection_only_if_it_is_answered_so() {
    let closed = "1 ! close\n1 < <SEQ=301><ACK=101><CTL=FIN,ACK>\n1.1 > <SEQ=101><ACK=302><CTL=FIN,ACK>
        1.1 < <SEQ=302><ACK=102><CTL=ACK>\n3 > <SEQ=5000><CTL=SYN>";
    let refused = scenario(OPENED, &format!("{closed}\n3 < <SEQ=302><ACK=102><CTL=ACK>"));
    assert!(refused.breaks().is_empty());
    assert_eq!(refused.connections.len(), 1);
    let taken = scenario(OPENED, &format!("{closed}\n3 < <SEQ=90000><ACK=5001><CTL=SYN,ACK>"));
    assert!(taken.breaks().is_empty());
    assert_eq!(taken.connections.len(), 2);
}

/// Five octets sent and acknowledged, so that the handshake is over for sure.
const USED: &str = "1 ! send 5\n1 < <SEQ=301><ACK=101><CTL=ACK,PSH><DATA=5>\n1 > <SEQ=101><ACK=306><CTL=ACK>";

#[test]
fn a_syn_amid_a_connection_is_not_answered_by_a_syn() {
    let syn = format!("{USED}\n2 > <SEQ=150><CTL=SYN>");
    breaks(RuleId::SynInConnection, OPENED, &format!("{syn}\n2 < <SEQ=300><ACK=101><CTL=SYN,ACK>"));
    keeps(RuleId::SynInConnection, OPENED, &format!("{syn}\n2 < <SEQ=306><ACK=101><CTL=ACK>"));
}

#[test]
fn whoever_closed_second_is_gone_once_its_fin_is_acknowledged() {
    let closed = "1 > <SEQ=101><ACK=301><CTL=FIN,ACK>\n1 < <SEQ=301><ACK=102><CTL=ACK>\n2 ! close
        2 < <SEQ=301><ACK=102><CTL=FIN,ACK>\n2 > <SEQ=102><ACK=302><CTL=ACK>\n3 > <SEQ=101><ACK=302><CTL=FIN,ACK>";
    breaks(RuleId::QuietAfterClose, OPENED, &format!("{closed}\n3 < <SEQ=302><ACK=102><CTL=ACK>"));
    keeps(RuleId::QuietAfterClose, OPENED, &format!("{closed}\n3 < <SEQ=302><CTL=RST>"));
}

#[test]
fn only_a_reset_with_the_next_number_ends_a_connection() {
    let reset = |seq: u32| format!("{USED}\n2 > <SEQ={seq}><CTL=RST>");
    breaks(RuleId::ResetOutside, OPENED, &format!("{}\n2 ! error ECONNRESET", reset(100)));
    breaks(RuleId::ResetDoubted, OPENED, &format!("{}\n2 ! error ECONNRESET", reset(102)));
    let lives = "3 ! send 1 5\n3 < <SEQ=306><ACK=101><CTL=ACK,PSH><DATA=1>";
    keeps(RuleId::ResetOutside, OPENED, &format!("{}\n{lives}", reset(100)));
    keeps(RuleId::ResetDoubted, OPENED, &format!("{}\n{lives}", reset(102)));
    assert!(scenario(OPENED, &format!("{}\n2 ! error ECONNRESET", reset(101))).breaks().is_empty());
}

#[test]
fn what_arrives_damaged_is_not_answered() {
    let damaged = format!(
        "{USED}\n2 < <SEQ=306><ACK=101><CTL=ACK>\n3 > <SEQ=90><ACK=306><CTL=ACK><DATA=\"ouch!\"><SUM=bad>"
    );
    breaks(RuleId::DamagedUnanswered, OPENED, &format!("{damaged}\n3 < <SEQ=306><ACK=101><CTL=ACK>"));
    breaks(RuleId::DamagedUnanswered, OPENED, &format!("{damaged}\n3 < <SEQ=306><CTL=RST>"));
    // What comes later may have other reasons.
    keeps(RuleId::DamagedUnanswered, OPENED, &format!("{damaged}\n4 ."));
}
