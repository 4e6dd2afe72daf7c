//! RFC 9293 3.5.2, 3.5.3; RFC 5961; RFC 1337. Which segment is answered how, the matrix tells.

use crate::common::{Talk, device, secs, segment, tester};
use std::collections::BTreeMap;
use wireproof_reference::policy::Policy;
use wireproof_reference::tcp::{CallError, Error, SegmentOut, State};

#[test]
fn a_reset_is_told_to_the_user_and_ends_all() {
    let mut talk = Talk::established();
    talk.says("<SEQ=101><ACK=301><CTL=ACK><DATA=10>");
    talk.sends(0, 10);
    talk.says("<SEQ=111><CTL=RST>");
    talk.is_in(State::Closed);
    talk.hears_nothing();
    assert_eq!(talk.reads(10), Err(CallError::Failed(Error::Reset)));
    assert_eq!(talk.connection.send(talk.now, b"x"), Err(CallError::Failed(Error::Reset)));
    assert_eq!(talk.connection.shutdown_write(talk.now), Err(CallError::Failed(Error::Reset)));
    assert_eq!(talk.connection.abort(talk.now), Err(CallError::Failed(Error::Reset)));
    assert_eq!(talk.connection.poll_deadline(), None);
}

#[test]
fn a_reset_after_both_have_closed_is_no_error() {
    let mut talk = Talk::established();
    talk.says("<SEQ=101><ACK=301><CTL=FIN,ACK>");
    talk.connection.shutdown_write(talk.now).unwrap();
    talk.output();
    talk.says("<SEQ=102><CTL=RST>");
    talk.is_in(State::Closed);
    assert_eq!(talk.connection.error(), None);
}

#[test]
fn challenges_are_limited_and_the_limit_is_forgotten() {
    let mut talk = Talk::established();
    for segment in
        ["<SEQ=102><CTL=RST>", "<SEQ=500><CTL=SYN>", "<SEQ=101><ACK=302><CTL=ACK>"].iter().cycle().take(10)
    {
        talk.says(segment);
        talk.hears("<SEQ=301><ACK=101><CTL=ACK>");
    }
    talk.says("<SEQ=102><CTL=RST>");
    talk.hears_nothing();
    talk.waits(secs(10));
    talk.says("<SEQ=102><CTL=RST>");
    talk.hears("<SEQ=301><ACK=101><CTL=ACK>");
}

#[test]
fn rfc_793_believed_any_reset_and_any_syn_in_the_window() {
    let mut talk = Talk::established_with(&Policy::rfc793(), "<MSS=1460>");
    talk.says("<SEQ=102><CTL=RST>");
    talk.is_in(State::Closed);
    talk.hears_nothing();
    let mut talk = Talk::established_with(&Policy::rfc793(), "<MSS=1460>");
    talk.says("<SEQ=500><CTL=SYN>");
    talk.hears("<SEQ=0><ACK=501><CTL=RST,ACK>");
    talk.is_in(State::Closed);
    let mut talk = Talk::established_with(&Policy::rfc793(), "<MSS=1460>");
    talk.says("<SEQ=101><ACK=4000000000><CTL=ACK><DATA=10>");
    talk.hears("<SEQ=301><ACK=111><CTL=ACK>");
}

/// "If the SYN is not in the window, this step would not be reached": an old one is acknowledged.
#[test]
fn rfc_793_took_no_syn_before_the_window_for_an_error_whatever_follows_it() {
    let mut talk = Talk::established_with(&Policy::rfc793(), "<MSS=1460>");
    talk.says("<SEQ=100><CTL=SYN><DATA=20>");
    talk.hears("<SEQ=301><ACK=101><CTL=ACK>");
    talk.is_in(State::Established);
}

#[test]
fn rfc_793_let_a_reset_end_time_wait() {
    let mut talk = Talk::established_with(&Policy::rfc793(), "<MSS=1460>");
    talk.connection.shutdown_write(talk.now).unwrap();
    talk.output();
    talk.says("<SEQ=101><ACK=302><CTL=FIN,ACK>");
    talk.output();
    talk.is_in(State::TimeWait);
    talk.says("<SEQ=102><CTL=RST>");
    talk.is_in(State::Closed);
}

#[test]
fn two_ends_out_of_step_fall_silent() {
    let (mut here, mut there) = (Talk::established(), Talk::established());
    // Each believes in numbers of which the other has never heard: what one says, the other acknowledges.
    let mut flying = vec![segment("<SEQ=900000><ACK=800000><CTL=ACK>", &BTreeMap::new())];
    for round in 0.. {
        if flying.is_empty() {
            break;
        }
        assert!(round < 100, "they answer each other for ever");
        flying.iter_mut().for_each(turn_round);
        for segment in &flying {
            here.connection.handle_segment(here.now, &segment.as_segment());
        }
        flying = here.segments();
        std::mem::swap(&mut here, &mut there);
    }
}

/// As the other end sees it, whose numbers are far away.
fn turn_round(segment: &mut SegmentOut) {
    (segment.source, segment.destination) = (tester(), device());
    segment.seq = segment.seq + 1_000_000;
}

/// RFC 5961 4.2 and 7: a SYN is challenged whatever else it carries, and challenges are limited.
#[test]
fn syns_with_text_out_of_the_window_are_challenged_within_the_limit() {
    for syn in ["<SEQ=99><CTL=SYN><DATA=1>", "<SEQ=70000><CTL=SYN><DATA=20>", "<SEQ=98><CTL=SYN,FIN>"] {
        let mut talk = Talk::established();
        let mut challenges = 0;
        for _ in 0..20 {
            talk.says(syn);
            let output = talk.output();
            assert!(output.iter().all(|segment| segment == "<SEQ=301><ACK=101><CTL=ACK>"), "{output:?}");
            challenges += output.len();
        }
        assert_eq!(challenges, 10, "{syn}");
    }
}
