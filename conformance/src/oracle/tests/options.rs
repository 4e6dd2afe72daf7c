//! TCP options.

use super::*;

#[test]
fn a_scale_is_offered_back_only_if_it_was_offered() {
    breaks(RuleId::ScaleInvited, "0 > <SEQ=100><CTL=SYN>", "0 < <SEQ=300><ACK=101><CTL=SYN,ACK><WS=7>");
    keeps(RuleId::ScaleInvited, "0 > <SEQ=100><CTL=SYN><WS=0>", "0 < <SEQ=300><ACK=101><CTL=SYN,ACK><WS=14>");
    keeps(RuleId::ScaleLimit, "0 > <SEQ=100><CTL=SYN><WS=0>", "0 < <SEQ=300><ACK=101><CTL=SYN,ACK><WS=14>");
    breaks(RuleId::ScaleLimit, "0 > <SEQ=100><CTL=SYN><WS=0>", "0 < <SEQ=300><ACK=101><CTL=SYN,ACK><WS=15>");
}

#[test]
fn timestamps_need_both_syns_and_stay_then() {
    breaks(
        RuleId::TimestampsInvited,
        "0 > <SEQ=100><CTL=SYN>",
        "0 < <SEQ=300><ACK=101><CTL=SYN,ACK><TS=1,0>",
    );
    breaks(RuleId::TimestampsInvited, OPENED, "1 < <SEQ=301><ACK=101><CTL=ACK><TS=1,0>");
    keeps(
        RuleId::TimestampsInvited,
        "0 > <SEQ=100><CTL=SYN><TS=1,0>",
        "0 < <SEQ=300><ACK=101><CTL=SYN,ACK><TS=9,1>",
    );
    breaks(RuleId::TimestampsKept, STAMPED, "1 < <SEQ=301><ACK=101><CTL=ACK>");
    keeps(
        RuleId::TimestampsKept,
        STAMPED,
        "1 < <SEQ=301><ACK=101><CTL=ACK><TS=600,11>\n2 < <SEQ=301><CTL=RST>",
    );
    undecidable(RuleId::TimestampsKept, "0 > <SEQ=101><ACK=301><CTL=ACK>", "1 < <SEQ=301><ACK=101><CTL=ACK>");
}

#[test]
fn the_clock_of_timestamps_goes_forward() {
    let sent = "1 ! send 5\n1 < <SEQ=301><ACK=101><CTL=ACK><TS=600,11><DATA=5>";
    breaks(
        RuleId::TimestampsForward,
        STAMPED,
        &format!("{sent}\n2 < <SEQ=306><ACK=101><CTL=ACK><TS=599,11>"),
    );
    keeps(
        RuleId::TimestampsForward,
        STAMPED,
        &format!("{sent}\n2 < <SEQ=301><ACK=101><CTL=ACK><TS=600,11><DATA=5>"),
    );
    breaks_captured(
        RuleId::TimestampsForward,
        STAMPED,
        &format!(
            "{sent}\n1.5 > <SEQ=101><ACK=306><CTL=ACK><TS=12,600>
            2 < <SEQ=306><ACK=101><CTL=ACK><TS=599,11><DATA=1>"
        ),
    );
    // Or it was itself sent earlier than octets sent again that overtook it.
    assert!(
        capture(STAMPED, &format!("{sent}\n2 < <SEQ=306><ACK=101><CTL=ACK><TS=599,11><DATA=1>"))
            .breaks()
            .is_empty()
    );
    let overtaken = capture(STAMPED, &format!("{sent}\n2 < <SEQ=306><ACK=101><CTL=ACK><TS=599,11>"));
    assert!(overtaken.breaks().is_empty());
}

#[test]
fn the_timestamp_echoed_is_one_that_was_sent() {
    breaks(RuleId::EchoOfSent, STAMPED, "1 < <SEQ=301><ACK=101><CTL=ACK><TS=600,12>");
    keeps(RuleId::EchoOfSent, STAMPED, "1 < <SEQ=301><ACK=101><CTL=ACK><TS=600,10>");
    let ahead = "1 < <SEQ=301><ACK=101><CTL=ACK><TS=600,900>";
    breaks_captured(
        RuleId::EchoOfSent,
        STAMPED,
        &format!(
            "{ahead}\n2 > <SEQ=101><ACK=301><CTL=ACK><TS=20,600><DATA=5>
            2 > <SEQ=106><ACK=301><CTL=ACK><TS=20,600><DATA=5>"
        ),
    );
    // One may have been overtaken by the segment that is echoed and that the capture lacks.
    let overtaken = format!("{ahead}\n2 > <SEQ=101><ACK=301><CTL=ACK><TS=20,600><DATA=5>");
    assert!(capture(STAMPED, &overtaken).breaks().is_empty());
    let judgement =
        capture(STAMPED, &format!("{ahead}\n2 > <SEQ=101><ACK=301><CTL=ACK><TS=900,600><DATA=5>"));
    assert!(judgement.breaks().is_empty());
}

#[test]
fn without_ack_nothing_is_echoed() {
    breaks(RuleId::EchoZero, "0 ! connect", "0 < <SEQ=300><CTL=SYN><TS=5,6>");
    keeps(RuleId::EchoZero, "0 ! connect", "0 < <SEQ=300><CTL=SYN><TS=5,0>");
}

#[test]
fn sack_blocks_need_permission() {
    let early = "1 > <SEQ=111><ACK=301><CTL=ACK><DATA=10>\n1 < <SEQ=301><ACK=101><CTL=ACK><SACK=111..121>";
    breaks(RuleId::SackInvited, OPENED, early);
    keeps(RuleId::SackInvited, SACKED, early);
    breaks(RuleId::SackPermittedOnSyn, SACKED, "1 < <SEQ=301><ACK=101><CTL=ACK><SACKOK>");
    keeps(RuleId::SackPermittedOnSyn, SACKED, "1 < <SEQ=301><ACK=101><CTL=ACK>");
}

#[test]
fn sack_blocks_tell_of_what_arrived() {
    let early = |block: &str| {
        format!("1 > <SEQ=111><ACK=301><CTL=ACK><DATA=10>\n1 < <SEQ=301><ACK=101><CTL=ACK><SACK={block}>")
    };
    breaks(RuleId::SackOrder, SACKED, &early("121..111"));
    keeps(RuleId::SackOrder, SACKED, &early("111..121"));
    breaks(RuleId::SackReceived, SACKED, &early("111..122"));
    breaks(RuleId::SackReceived, SACKED, &early("110..121"));
    keeps(RuleId::SackReceived, SACKED, &early("111..121"));
    undecidable(RuleId::SackReceived, SACKED, &early("111..131"));
}

#[test]
fn the_first_block_holds_what_brought_it_about() {
    let two = "1 > <SEQ=111><ACK=301><CTL=ACK><DATA=10>\n1 < <SEQ=301><ACK=101><CTL=ACK><SACK=111..121>
        2 > <SEQ=131><ACK=301><CTL=ACK><DATA=10>";
    breaks(
        RuleId::SackFirst,
        SACKED,
        &format!("{two}\n2 < <SEQ=301><ACK=101><CTL=ACK><SACK=111..121,131..141>"),
    );
    keeps(
        RuleId::SackFirst,
        SACKED,
        &format!("{two}\n2 < <SEQ=301><ACK=101><CTL=ACK><SACK=131..141,111..121>"),
    );
}

#[test]
fn only_the_first_block_may_tell_of_duplicates() {
    let start =
        format!("{SACKED}\n1 > <SEQ=101><ACK=301><CTL=ACK><DATA=10>\n1 < <SEQ=301><ACK=111><CTL=ACK>");
    let early = "2 > <SEQ=121><ACK=301><CTL=ACK><DATA=10>\n2 < <SEQ=301><ACK=111><CTL=ACK>";
    breaks(RuleId::SackAboveAck, &start, &format!("{early}<SACK=121..131,101..111>"));
    breaks_captured(RuleId::SackAboveAck, &start, &format!("{early}<SACK=121..131,101..111>"));
    let again =
        "3 > <SEQ=101><ACK=301><CTL=ACK><DATA=10>\n3 < <SEQ=301><ACK=111><CTL=ACK><SACK=101..111,121..131>";
    keeps(RuleId::SackAboveAck, &start, &format!("{early}<SACK=121..131>\n{again}"));
}

#[test]
fn the_timestamp_of_an_early_segment_is_not_echoed() {
    let early = "1 > <SEQ=111><ACK=301><CTL=ACK><TS=20,500><DATA=10>";
    let start = format!(
        "{STAMPED}\n0.5 > <SEQ=101><ACK=301><CTL=ACK><TS=11,500><DATA=1>\n0.5 < <SEQ=301><ACK=102><CTL=ACK><TS=550,11>"
    );
    breaks(RuleId::EchoOfEarly, &start, &format!("{early}\n1 < <SEQ=301><ACK=102><CTL=ACK><TS=600,20>"));
    keeps(RuleId::EchoOfEarly, &start, &format!("{early}\n1 < <SEQ=301><ACK=102><CTL=ACK><TS=600,11>"));
}
