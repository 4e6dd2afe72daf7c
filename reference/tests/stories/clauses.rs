//! Why a segment was not processed, and the clause that says so.

use crate::common::Talk;
use wireproof_reference::event::Event;
use wireproof_reference::tcp::Discard;

#[test]
fn every_reason_names_the_step_of_segment_arrives_that_it_comes_from() {
    let clauses = [
        (Discard::ResetForNothing, "RFC 9293 3.10.7.2, first"),
        (Discard::AckInListen, "RFC 9293 3.10.7.2, second"),
        (Discard::NothingForListen, "RFC 9293 3.10.7.2, fourth"),
        (Discard::BacklogFull, "RFC 4987 3.3"),
        (Discard::AckOfNoSyn, "RFC 9293 3.10.7.3, first"),
        (Discard::ResetWithoutAck, "RFC 9293 3.10.7.3, second"),
        (Discard::NothingForSynSent, "RFC 9293 3.10.7.3, fifth"),
        (Discard::OutOfWindow, "RFC 9293 3.10.7.4, first"),
        (Discard::ResetOutOfWindow, "RFC 9293 3.10.7.4, second; RFC 5961 3.2"),
        (Discard::ResetNotExact, "RFC 9293 3.10.7.4, second; RFC 5961 3.2"),
        (Discard::ResetInTimeWait, "RFC 1337 3, F1"),
        (Discard::SynWhenSynchronised, "RFC 9293 3.10.7.4, fourth; RFC 5961 4.2"),
        (Discard::NoAck, "RFC 9293 3.10.7.4, fifth"),
        (Discard::AckOutOfRange, "RFC 9293 3.10.7.4, fifth; RFC 5961 5.2"),
        (Discard::TextAfterClose, "RFC 9293 3.6.1 SHLD-3"),
        (Discard::AfterFin, "RFC 9293 3.10.7.4, seventh"),
        (Discard::NothingForTimeWait, "RFC 9293 3.10.7.4, fifth"),
    ];
    for (reason, clause) in clauses {
        assert_eq!(reason.clause(), clause, "{reason:?}");
    }
}

#[test]
fn an_observer_reads_the_reason_with_its_clause() {
    let mut talk = Talk::established();
    talk.events();
    talk.says("<SEQ=101><CTL=><DATA=10>");
    let events = talk.events();
    let [Event::Discarded(reason)] = events[..] else { panic!("{events:?}") };
    assert_eq!(reason.to_string(), "NoAck (RFC 9293 3.10.7.4, fifth)");
}
