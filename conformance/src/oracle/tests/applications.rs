//! What the application did and was told; urgent data.

use super::*;

const BROUGHT: &str = "1 > <SEQ=101><ACK=301><CTL=ACK><DATA=10>\n1 < <SEQ=301><ACK=111><CTL=ACK>";

#[test]
fn what_is_read_is_what_arrived() {
    breaks(RuleId::DeliveredAsSent, OPENED, &format!("{BROUGHT}\n2 ! recv 10 1"));
    breaks(RuleId::DeliveredAsSent, OPENED, &format!("{BROUGHT}\n2 ! recv 11"));
    keeps(RuleId::DeliveredAsSent, OPENED, &format!("{BROUGHT}\n2 ! recv 4\n2 ! recv 6 4"));
    let doubled = "1 > <SEQ=101><ACK=301><CTL=ACK><DATA=10>";
    breaks(
        RuleId::DeliveredAsSent,
        OPENED,
        &format!("{BROUGHT}\n{doubled}\n1 < <SEQ=301><ACK=111><CTL=ACK>\n2 ! recv 10\n2 ! recv 10"),
    );
}

#[test]
fn the_end_comes_behind_all_octets() {
    let fin = format!("{BROUGHT}\n2 > <SEQ=111><ACK=301><CTL=FIN,ACK>\n2 < <SEQ=301><ACK=112><CTL=ACK>");
    breaks(RuleId::EndAfterAll, OPENED, &format!("{fin}\n3 ! recv 9\n3 ! end"));
    keeps(RuleId::EndAfterAll, OPENED, &format!("{fin}\n3 ! recv 10\n3 ! end"));
    breaks(RuleId::EndAfterAll, OPENED, &format!("{BROUGHT}\n3 ! recv 10\n3 ! end"));
}

#[test]
fn a_reset_is_not_told_as_an_end() {
    let reset = format!("{BROUGHT}\n2 ! recv 10\n2 > <SEQ=111><CTL=RST>");
    breaks(RuleId::ToldHonestly, OPENED, &format!("{reset}\n2 ! end"));
    let fin = "2 > <SEQ=111><ACK=301><CTL=FIN,ACK>\n2 < <SEQ=301><ACK=112><CTL=ACK>\n2 ! end";
    keeps(RuleId::ToldHonestly, OPENED, &format!("{BROUGHT}\n2 ! recv 10\n{fin}"));
    let told = scenario(OPENED, &format!("{reset}\n2 ! error ECONNRESET"));
    assert!(told.breaks().is_empty());
}

#[test]
fn behind_a_reset_nothing_more_is_taken() {
    let reset = format!("{BROUGHT}\n2 ! recv 10\n2 > <SEQ=111><CTL=RST>");
    breaks(RuleId::ToldHonestly, OPENED, &format!("{reset}\n3 ! send 5"));
    // Neither one that is lost nor one with another number ends the connection.
    let write = "3 ! send 5\n3 < <SEQ=301><ACK=111><CTL=ACK><DATA=5>";
    let lost = scenario(OPENED, &format!("{}\n{write}", reset.replace("2 > <SEQ=111>", "2 >x <SEQ=111>")));
    assert!(lost.breaks().is_empty(), "{}", super::told(&lost));
    let blind = reset.replace("<SEQ=111><CTL=RST>", "<SEQ=112><CTL=RST>\n2 < <SEQ=301><ACK=111><CTL=ACK>");
    let blind = scenario(OPENED, &format!("{blind}\n{write}"));
    assert!(blind.breaks().is_empty(), "{}", super::told(&blind));
}

#[test]
fn what_is_sent_is_what_was_written() {
    let write = "1 ! send 5";
    breaks(RuleId::SentAsWritten, OPENED, &format!("{write}\n1 < <SEQ=301><ACK=101><CTL=ACK><DATA=6>"));
    breaks(
        RuleId::SentAsWritten,
        OPENED,
        &format!("{write}\n1 < <SEQ=301><ACK=101><CTL=ACK><DATA=\"hello\">"),
    );
    keeps(RuleId::SentAsWritten, OPENED, &format!("{write}\n1 < <SEQ=301><ACK=101><CTL=ACK><DATA=5>"));
}

#[test]
fn a_fin_waits_for_the_application() {
    breaks(RuleId::FinWhenAsked, OPENED, "1 < <SEQ=301><ACK=101><CTL=FIN,ACK>");
    keeps(RuleId::FinWhenAsked, OPENED, "1 ! shutdown\n1 < <SEQ=301><ACK=101><CTL=FIN,ACK>");
}

#[test]
fn nothing_is_urgent_but_what_was_sent_so_and_the_pointer_stands_behind_it() {
    let urgent = |pointer: u32| format!("1 < <SEQ=301><ACK=101><CTL=ACK,URG,PSH><URP={pointer}><DATA=5>");
    breaks(RuleId::UrgentAsked, OPENED, &format!("1 ! send 5\n{}", urgent(5)));
    keeps(RuleId::UrgentAsked, OPENED, &format!("1 ! sendurgent 5\n{}", urgent(5)));
    breaks(RuleId::UrgentPointer, OPENED, &format!("1 ! sendurgent 5\n{}", urgent(4)));
    keeps(RuleId::UrgentPointer, OPENED, &format!("1 ! sendurgent 5\n{}", urgent(5)));
}

#[test]
fn the_last_octet_written_is_pushed() {
    let sent = |flags: &str| format!("1 ! send 5\n1 < <SEQ=301><ACK=101><CTL={flags}><DATA=5>");
    breaks(RuleId::PushAtEnd, OPENED, &sent("ACK,ECE"));
    keeps(RuleId::PushAtEnd, OPENED, &sent("ACK,ECE,PSH"));
}
