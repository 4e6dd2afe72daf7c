//! Headers, numbers, sizes.

use super::*;

#[test]
fn a_wrong_checksum_is_a_break_where_nothing_can_have_damaged_it() {
    breaks(RuleId::TcpChecksum, OPENED, "1 < <SEQ=301><ACK=101><CTL=ACK><DATA=5><SUM=bad>");
    keeps(RuleId::TcpChecksum, OPENED, "1 > <SEQ=101><ACK=301><CTL=ACK><DATA=5><SUM=bad>");
    let judgement = capture(OPENED, "1 < <SEQ=301><ACK=101><CTL=ACK><DATA=5><SUM=bad>");
    assert_eq!(judgement.breaks(), Vec::<&super::super::Break>::new());
    assert_eq!(judgement.connections[0].summary.ends[1].wrong_checksums, 1);
}

#[test]
fn reserved_bits_are_zero() {
    breaks(RuleId::ReservedBits, OPENED, "1 < <SEQ=301><ACK=101><CTL=ACK><RES=1>");
    keeps(RuleId::ReservedBits, OPENED, "1 > <SEQ=101><ACK=301><CTL=ACK><RES=7>");
    keeps_captured(RuleId::ReservedBits, OPENED, "1 < <SEQ=301><ACK=101><CTL=ACK,AE>");
}

#[test]
fn options_fit_and_are_padded_with_zeros() {
    breaks(RuleId::OptionLengths, OPENED, "1 < <SEQ=301><ACK=101><CTL=ACK><OPT=fd000000>");
    keeps(RuleId::OptionLengths, OPENED, "1 < <SEQ=301><ACK=101><CTL=ACK><OPT=fd040000>");
    breaks(RuleId::OptionPadding, OPENED, "1 < <SEQ=301><ACK=101><CTL=ACK><OPT=00000001>");
    keeps(RuleId::OptionPadding, OPENED, "1 < <SEQ=301><ACK=101><CTL=ACK><OPT=01000000>");
}

#[test]
fn segments_of_a_connection_acknowledge() {
    let lines = |last: &str| format!("1 < <SEQ=301><ACK=101><CTL=ACK>\n2 < {last}");
    breaks(RuleId::AckAlways, OPENED, &lines("<SEQ=301><CTL=><DATA=5>"));
    keeps(RuleId::AckAlways, OPENED, &lines("<SEQ=301><CTL=RST>"));
    breaks_captured(RuleId::AckAlways, OPENED, &lines("<SEQ=301><CTL=FIN>"));
}

#[test]
fn a_number_sent_again_bears_the_same_octet() {
    let lines = |again: &str| format!("0.1 ! send 4\n1 < <SEQ=301><ACK=101><CTL=ACK><DATA=4>\n2 < {again}");
    breaks(RuleId::SameOctets, OPENED, &lines("<SEQ=301><ACK=101><CTL=ACK><DATA=\"oops\">"));
    breaks_captured(RuleId::SameOctets, OPENED, &lines("<SEQ=303><ACK=101><CTL=ACK><DATA=\"xy\">"));
    keeps(RuleId::SameOctets, OPENED, &lines("<SEQ=301><ACK=101><CTL=ACK,PSH><DATA=2>"));
    keeps_captured(RuleId::SameOctets, OPENED, &lines("<SEQ=303><ACK=101><CTL=ACK><DATA=10>"));
    // A keep-alive's octet is worthless (MAY-6).
    let alive = "<SEQ=304><ACK=101><CTL=ACK><DATA=\"?\">";
    let lines =
        format!("1 < <SEQ=301><ACK=101><CTL=ACK><DATA=4>\n1 > <SEQ=101><ACK=305><CTL=ACK>\n7202 < {alive}");
    let judgement = capture(OPENED, &lines);
    assert!(judgement.breaks().is_empty());
}

#[test]
fn numbers_follow_one_another() {
    breaks(RuleId::NumbersWithoutHoles, OPENED, "1 < <SEQ=302><ACK=101><CTL=ACK><DATA=4>");
    keeps(RuleId::NumbersWithoutHoles, OPENED, "0.5 ! send 4\n1 < <SEQ=301><ACK=101><CTL=ACK><DATA=4>");
    breaks(RuleId::SynTakesOne, OPENED, "1 < <SEQ=300><ACK=101><CTL=ACK><DATA=\"abcd\">");
    keeps_captured(RuleId::SynTakesOne, OPENED, "1 < <SEQ=301><ACK=101><CTL=ACK><DATA=4>");
}

#[test]
fn a_fin_is_the_last_number_and_keeps_it() {
    let after = |last: &str| format!("1 ! shutdown\n1 < <SEQ=301><ACK=101><CTL=FIN,ACK>\n2 < {last}");
    breaks(RuleId::NothingBehindFin, OPENED, &after("<SEQ=301><ACK=101><CTL=ACK><DATA=4>"));
    breaks_captured(RuleId::NothingBehindFin, OPENED, &after("<SEQ=302><ACK=101><CTL=ACK><DATA=4>"));
    breaks(RuleId::OneFin, OPENED, &after("<SEQ=302><ACK=101><CTL=FIN,ACK>"));
    keeps(RuleId::OneFin, OPENED, &after("<SEQ=301><ACK=101><CTL=FIN,ACK>"));
    let again = "1 ! send 4\n1 ! close\n1 < <SEQ=301><ACK=101><CTL=ACK><DATA=4>
        1 < <SEQ=305><ACK=101><CTL=FIN,ACK>\n2 < <SEQ=301><ACK=101><CTL=FIN,ACK><DATA=4>";
    keeps(RuleId::NothingBehindFin, OPENED, again);
}

#[test]
fn segments_are_no_larger_than_the_mss_with_options_counted() {
    let start = "0 > <SEQ=100><CTL=SYN><MSS=100><TS=1,0>
        0 < <SEQ=300><ACK=101><CTL=SYN,ACK><TS=9,1>
        0 > <SEQ=101><ACK=301><CTL=ACK><TS=1,9>
        0 ! accept\n0 ! send 200";
    let data = |octets: u32| format!("1 < <SEQ=301><ACK=101><CTL=ACK><NOP><NOP><TS=9,1><DATA={octets}>");
    breaks(RuleId::MssRespected, start, &data(101));
    breaks(RuleId::OptionsCounted, start, &data(100));
    keeps(RuleId::OptionsCounted, start, &data(88));
    keeps(RuleId::MssRespected, start, &data(88));
    // The network card cuts what is longer.
    let judgement = capture(start, &data(180));
    assert!(judgement.breaks().is_empty());
}

#[test]
fn a_peer_that_names_no_mss_gets_the_default() {
    let start = "0 > <SEQ=100><CTL=SYN><no MSS>
        0 < <SEQ=300><ACK=101><CTL=SYN,ACK>
        0 > <SEQ=101><ACK=301><CTL=ACK>
        0 ! accept\n0 ! send 600";
    breaks(RuleId::DefaultMss, start, "1 < <SEQ=301><ACK=101><CTL=ACK><DATA=537>");
    keeps(RuleId::DefaultMss, start, "1 < <SEQ=301><ACK=101><CTL=ACK><DATA=536>");
}

#[test]
fn an_mss_option_stands_on_a_syn() {
    breaks(RuleId::MssOnSyn, OPENED, "1 < <SEQ=301><ACK=101><CTL=ACK><MSS=1460>");
    keeps_captured(RuleId::MssOnSyn, OPENED, "1 < <SEQ=301><ACK=101><CTL=ACK>");
}

#[test]
fn a_small_segment_waits_for_what_is_under_way() {
    let data = "1 ! send 5\n1 < <SEQ=301><ACK=101><CTL=ACK><DATA=5>\n1 ! send 5 5";
    let second = "1.01 < <SEQ=306><ACK=101><CTL=ACK><DATA=5>";
    breaks(RuleId::Nagle, OPENED, &format!("{data}\n{second}"));
    leaves(RuleId::Nagle, OPENED, &format!("0.5 ! set nodelay 1\n{data}\n{second}"));
    // The FIN may travel behind the last octets, which then bear none.
    keeps(RuleId::Nagle, OPENED, &format!("{data}\n1 ! shutdown\n{second}"));
    leaves(RuleId::Nagle, OPENED, &format!("{data}\n1.005 > <SEQ=101><ACK=306><CTL=ACK>\n{second}"));
    let last =
        "1 ! send 1465\n1 < <SEQ=301><ACK=101><CTL=ACK><DATA=5>\n1 < <SEQ=306><ACK=101><CTL=ACK><DATA=1460>";
    keeps(RuleId::Nagle, OPENED, last);
}

#[test]
fn a_segment_is_small_by_the_limit_that_its_sender_has_shown() {
    let first = "1 ! send 2000\n1 < <SEQ=301><ACK=101><CTL=ACK><DATA=536>";
    keeps(RuleId::Nagle, OPENED, &format!("{first}\n1 < <SEQ=837><ACK=101><CTL=ACK><DATA=536>"));
    breaks(RuleId::Nagle, OPENED, &format!("{first}\n1 < <SEQ=837><ACK=101><CTL=ACK><DATA=535>"));
    // What has nothing behind it shows no limit.
    let small = "1 ! send 5\n1 < <SEQ=301><ACK=101><CTL=ACK><DATA=5>\n1 ! send 5 5";
    breaks(RuleId::Nagle, OPENED, &format!("{small}\n1 < <SEQ=306><ACK=101><CTL=ACK><DATA=5>"));
}

#[test]
fn what_was_acknowledged_is_not_sent_again() {
    let data = "1 ! send 5\n1 < <SEQ=301><ACK=101><CTL=ACK><DATA=5>";
    let again = "3 < <SEQ=301><ACK=101><CTL=ACK><DATA=5>";
    breaks(RuleId::AckedForgotten, OPENED, &format!("{data}\n1.5 > <SEQ=101><ACK=306><CTL=ACK>\n{again}"));
    keeps(RuleId::AckedForgotten, OPENED, &format!("{data}\n1.5 >x <SEQ=101><ACK=306><CTL=ACK>\n{again}"));
    // An acknowledgment outside the window is not believed.
    let strange =
        format!("{data}\n1.5 > <SEQ=90000><ACK=306><CTL=ACK>\n1.5 < <SEQ=306><ACK=101><CTL=ACK>\n{again}");
    keeps(RuleId::AckedForgotten, OPENED, &strange);
}
