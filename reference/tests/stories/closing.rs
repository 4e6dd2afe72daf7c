//! RFC 9293 3.6, 3.10.4.

use crate::common::{Talk, millis, secs};
use wireproof_reference::policy::{Policy, TimeWaitReset, UnreadData};
use wireproof_reference::tcp::{CallError, Error, Received, State};

#[test]
fn the_one_who_closes_first_waits_for_two_segment_lifetimes() {
    let mut talk = Talk::established();
    talk.connection.shutdown_write(talk.now).unwrap();
    talk.hears("<SEQ=301><ACK=101><CTL=FIN,ACK>");
    talk.is_in(State::FinWait1);
    talk.says("<SEQ=101><ACK=302><CTL=ACK>");
    talk.is_in(State::FinWait2);
    talk.says("<SEQ=101><ACK=302><CTL=FIN,ACK>");
    talk.hears("<SEQ=302><ACK=102><CTL=ACK>");
    talk.is_in(State::TimeWait);
    talk.waits(secs(239));
    talk.is_in(State::TimeWait);
    talk.waits(secs(1));
    talk.is_in(State::Closed);
    assert_eq!(talk.connection.error(), None);
}

#[test]
fn the_fin_again_restarts_the_wait_and_old_text_does_not() {
    let mut talk = time_wait();
    talk.waits(secs(200));
    talk.says("<SEQ=101><ACK=302><CTL=FIN,ACK>");
    talk.hears("<SEQ=302><ACK=102><CTL=ACK>");
    talk.waits(secs(100));
    talk.says("<SEQ=95><ACK=302><CTL=ACK><DATA=5>");
    talk.hears("<SEQ=302><ACK=102><CTL=ACK>");
    talk.waits(secs(139));
    talk.is_in(State::TimeWait);
    talk.waits(secs(1));
    talk.is_in(State::Closed);
}

fn time_wait() -> Talk {
    let mut talk = Talk::established();
    talk.connection.shutdown_write(talk.now).unwrap();
    talk.hears("<SEQ=301><ACK=101><CTL=FIN,ACK>");
    talk.says("<SEQ=101><ACK=302><CTL=FIN,ACK>");
    talk.hears("<SEQ=302><ACK=102><CTL=ACK>");
    talk.is_in(State::TimeWait);
    talk
}

#[test]
fn the_one_who_closes_last_is_gone_with_the_acknowledgment_of_its_fin() {
    let mut talk = Talk::established();
    talk.says("<SEQ=101><ACK=301><CTL=FIN,ACK>");
    talk.hears("<SEQ=301><ACK=102><CTL=ACK>");
    assert_eq!(talk.reads(1), Ok(Received::End));
    talk.connection.shutdown_write(talk.now).unwrap();
    talk.hears("<SEQ=301><ACK=102><CTL=FIN,ACK>");
    talk.is_in(State::LastAck);
    talk.waits(secs(1));
    talk.hears("<SEQ=301><ACK=102><CTL=FIN,ACK>");
    talk.says("<SEQ=102><ACK=302><CTL=ACK>");
    talk.is_in(State::Closed);
    assert_eq!(talk.reads(1), Ok(Received::End));
    assert_eq!(talk.connection.send(talk.now, b"x"), Err(CallError::NotConnected));
}

#[test]
fn both_close_at_once_and_repeat_their_fins() {
    let mut talk = Talk::established();
    talk.connection.shutdown_write(talk.now).unwrap();
    talk.hears("<SEQ=301><ACK=101><CTL=FIN,ACK>");
    talk.says("<SEQ=101><ACK=301><CTL=FIN,ACK>");
    talk.hears("<SEQ=302><ACK=102><CTL=ACK>");
    talk.is_in(State::Closing);
    talk.waits(secs(1));
    talk.hears("<SEQ=301><ACK=102><CTL=FIN,ACK>");
    talk.says("<SEQ=102><ACK=302><CTL=ACK>");
    talk.is_in(State::TimeWait);
}

#[test]
fn close_sends_what_is_queued_and_the_fin_behind_it() {
    let mut talk = Talk::established();
    talk.sends(0, 2000);
    talk.connection.shutdown_write(talk.now).unwrap();
    talk.hears_all(&[
        "<SEQ=301><ACK=101><CTL=ACK><DATA=1460>",
        "<SEQ=1761><ACK=101><CTL=FIN,ACK,PSH><DATA=540>",
    ]);
    assert_eq!(talk.connection.shutdown_write(talk.now), Err(CallError::Closing));
}

#[test]
fn a_half_closed_connection_goes_on_receiving() {
    let mut talk = Talk::established();
    talk.connection.shutdown_write(talk.now).unwrap();
    talk.hears("<SEQ=301><ACK=101><CTL=FIN,ACK>");
    talk.says("<SEQ=101><ACK=302><CTL=ACK><DATA=20>");
    talk.is_in(State::FinWait2);
    talk.reads_pattern(0, 20);
    talk.says("<SEQ=121><ACK=302><CTL=FIN,ACK><DATA=20>");
    talk.hears("<SEQ=302><ACK=142><CTL=ACK>");
    talk.is_in(State::TimeWait);
    talk.reads_pattern(20, 20);
    assert_eq!(talk.reads(1), Ok(Received::End));
    talk.waits(secs(240));
    talk.is_in(State::Closed);
    assert_eq!(talk.reads(1), Ok(Received::End));
}

#[test]
fn a_half_closed_connection_goes_on_sending() {
    let mut talk = Talk::established();
    talk.says("<SEQ=101><ACK=301><CTL=FIN,ACK>");
    talk.hears("<SEQ=301><ACK=102><CTL=ACK>");
    talk.sends(0, 20);
    talk.hears("<SEQ=301><ACK=102><CTL=ACK,PSH><DATA=20>");
    talk.waits(secs(1));
    talk.hears("<SEQ=301><ACK=102><CTL=ACK,PSH><DATA=20>");
    talk.is_in(State::CloseWait);
}

#[test]
fn a_fin_before_its_turn_waits_for_the_text_before_it() {
    let mut talk = Talk::established();
    talk.says("<SEQ=111><ACK=301><CTL=FIN,ACK><DATA=10>");
    talk.hears("<SEQ=301><ACK=101><CTL=ACK>");
    talk.is_in(State::Established);
    talk.says("<SEQ=101><ACK=301><CTL=ACK><DATA=10>");
    talk.hears("<SEQ=301><ACK=122><CTL=ACK>");
    talk.is_in(State::CloseWait);
    talk.reads_pattern(0, 20);
}

#[test]
fn close_with_unread_text_resets() {
    let mut talk = Talk::established();
    talk.says("<SEQ=101><ACK=301><CTL=ACK><DATA=10>");
    talk.connection.close(talk.now).unwrap();
    talk.hears("<SEQ=301><CTL=RST>");
    talk.is_in(State::Closed);
    assert_eq!(talk.connection.poll_deadline(), None);
}

#[test]
fn text_after_close_resets() {
    let mut talk = Talk::established();
    talk.connection.close(talk.now).unwrap();
    talk.hears("<SEQ=301><ACK=101><CTL=FIN,ACK>");
    talk.says("<SEQ=101><ACK=302><CTL=ACK>");
    talk.hears_nothing();
    talk.is_in(State::FinWait2);
    talk.says("<SEQ=101><ACK=302><CTL=ACK><DATA=1>");
    talk.hears("<SEQ=302><CTL=RST>");
    talk.is_in(State::Closed);
}

#[test]
fn where_the_policy_says_so_unread_text_is_dropped_in_silence() {
    let policy = Policy { unread_data: UnreadData::IsDropped, ..Policy::rfc9293() };
    let mut talk = Talk::established_with(&policy, "<MSS=1460>");
    talk.says("<SEQ=101><ACK=301><CTL=ACK><DATA=10>");
    talk.connection.close(talk.now).unwrap();
    talk.hears("<SEQ=301><ACK=111><CTL=FIN,ACK>");
    talk.says("<SEQ=111><ACK=302><CTL=ACK><DATA=10>");
    talk.waits(millis(200));
    talk.hears("<SEQ=302><ACK=121><CTL=ACK>");
    talk.is_in(State::FinWait2);
}

#[test]
fn close_by_a_user_who_read_all_is_orderly() {
    let mut talk = Talk::established();
    talk.says("<SEQ=101><ACK=301><CTL=FIN,ACK><DATA=10>");
    talk.hears("<SEQ=301><ACK=112><CTL=ACK>");
    talk.reads_pattern(0, 10);
    talk.connection.close(talk.now).unwrap();
    talk.hears("<SEQ=301><ACK=112><CTL=FIN,ACK>");
    assert_eq!(talk.connection.close(talk.now), Err(CallError::Closing));
    assert_eq!(talk.reads(1), Err(CallError::Closing));
}

#[test]
fn abort_resets_where_the_peer_has_not_closed_too() {
    let mut talk = Talk::established();
    talk.sends(0, 10);
    talk.hears("<SEQ=301><ACK=101><CTL=ACK,PSH><DATA=10>");
    talk.connection.abort(talk.now).unwrap();
    talk.hears("<SEQ=311><CTL=RST>");
    talk.is_in(State::Closed);
    assert_eq!(talk.reads(1), Err(CallError::Failed(Error::Aborted)));
    let mut talk = time_wait();
    talk.connection.abort(talk.now).unwrap();
    talk.hears_nothing();
    talk.is_in(State::Closed);
}

/// RFC 9293 3.10.7.4, eighth. A peer that gives one number to a FIN and to text contradicts itself; it is still closed.
#[test]
fn nothing_is_taken_from_behind_a_fin_whatever_came_first() {
    let mut talk = Talk::established();
    talk.says("<SEQ=111><ACK=301><CTL=ACK><DATA=10>");
    talk.says("<SEQ=111><ACK=301><CTL=FIN,ACK>");
    talk.output();
    talk.says("<SEQ=101><ACK=301><CTL=ACK><DATA=10>");
    talk.hears("<SEQ=301><ACK=112><CTL=ACK>");
    talk.is_in(State::CloseWait);
    talk.reads_pattern(0, 10);
    assert_eq!(talk.reads(10), Ok(Received::End));
}

/// A connection in FIN-WAIT-2.
fn fin_wait_2(policy: &Policy) -> Talk {
    let mut talk = Talk::established_with(policy, "<MSS=1460>");
    talk.connection.shutdown_write(talk.now).unwrap();
    talk.hears("<SEQ=301><ACK=101><CTL=FIN,ACK>");
    talk.says("<SEQ=101><ACK=302><CTL=ACK>");
    talk.is_in(State::FinWait2);
    talk
}

#[test]
fn fin_wait_2_ends_some_time_after_its_user_has_left() {
    let mut talk = fin_wait_2(&Policy::rfc9293());
    talk.waits(secs(3600));
    talk.is_in(State::FinWait2);
    talk.connection.close(talk.now).unwrap();
    talk.waits(secs(599));
    talk.is_in(State::FinWait2);
    talk.waits(secs(1));
    talk.is_in(State::Closed);
    talk.hears_nothing();
    assert_eq!(talk.connection.poll_deadline(), None);
}

#[test]
fn fin_wait_2_lasts_where_the_policy_sets_no_end_and_where_the_user_still_reads() {
    let forever = Policy { fin_wait_2: None, ..Policy::rfc9293() };
    let mut talk = fin_wait_2(&forever);
    talk.connection.close(talk.now).unwrap();
    assert_eq!(talk.connection.poll_deadline(), None);
    let mut talk = fin_wait_2(&Policy::rfc9293());
    assert_eq!(talk.connection.poll_deadline(), None);
    talk.says("<SEQ=101><ACK=302><CTL=FIN,ACK>");
    talk.hears("<SEQ=302><ACK=102><CTL=ACK>");
    talk.is_in(State::TimeWait);
}

#[test]
fn a_fin_in_time_ends_the_wait_for_it() {
    let mut talk = fin_wait_2(&Policy::rfc9293());
    talk.connection.close(talk.now).unwrap();
    talk.waits(secs(599));
    talk.says("<SEQ=101><ACK=302><CTL=FIN,ACK>");
    talk.hears("<SEQ=302><ACK=102><CTL=ACK>");
    talk.waits(secs(239));
    talk.is_in(State::TimeWait);
    talk.waits(secs(1));
    talk.is_in(State::Closed);
}

#[test]
fn a_reset_in_time_wait_is_no_fin_again() {
    let policy = Policy { time_wait_reset: TimeWaitReset::Closes, ..Policy::rfc9293() };
    let mut talk = fin_wait_2(&policy);
    talk.says("<SEQ=101><ACK=302><CTL=FIN,ACK>");
    talk.hears("<SEQ=302><ACK=102><CTL=ACK>");
    let deadline = talk.connection.poll_deadline();
    talk.waits(secs(10));
    talk.says("<SEQ=101><ACK=302><CTL=FIN,RST,ACK>");
    talk.hears_nothing();
    assert_eq!(talk.connection.poll_deadline(), deadline);
}
