//! RFC 6298; RFC 9293 3.8.1, 3.8.3.

use crate::common::{Talk, millis, secs};
use wireproof_reference::event::Event;
use wireproof_reference::policy::Policy;
use wireproof_reference::tcp::{CallError, Error, State};
use wireproof_reference::time::Duration;

#[test]
fn unacknowledged_text_comes_again_each_time_after_twice_the_wait_up_to_a_minute() {
    let mut talk = Talk::established();
    talk.sends(0, 20);
    talk.hears("<SEQ=301><ACK=101><CTL=ACK,PSH><DATA=20>");
    for wait in [1, 2, 4, 8, 16, 32, 60] {
        talk.waits(secs(wait));
        talk.hears("<SEQ=301><ACK=101><CTL=ACK,PSH><DATA=20>");
    }
}

#[test]
fn a_peer_that_stays_silent_for_longer_than_r2_is_given_up() {
    let mut talk = Talk::established();
    talk.sends(0, 20);
    talk.hears("<SEQ=301><ACK=101><CTL=ACK,PSH><DATA=20>");
    let mut silent = secs(0);
    while talk.connection.state() == State::Established {
        let (wait, output) = talk.until_next();
        silent += wait;
        assert_eq!(output.len(), usize::from(talk.connection.state() == State::Established));
    }
    assert_eq!(silent, secs(1 + 2 + 4 + 8 + 16 + 32 + 60 + 60));
    assert_eq!(talk.reads(1), Err(CallError::Failed(Error::TimedOut)));
    assert!(talk.events().contains(&Event::DeliveryProblem));
}

#[test]
fn r1_is_told_at_the_third_retransmission() {
    let mut talk = Talk::established();
    talk.sends(0, 20);
    talk.hears("<SEQ=301><ACK=101><CTL=ACK,PSH><DATA=20>");
    for (wait, told) in [(1, false), (2, false), (4, true), (8, false)] {
        talk.events();
        talk.waits(secs(wait));
        assert_eq!(talk.events().contains(&Event::DeliveryProblem), told, "after {wait} s");
        talk.output();
    }
}

#[test]
fn the_user_decides_when_to_give_up() {
    let mut talk = Talk::established();
    talk.connection.set_user_timeout(talk.now, None);
    talk.sends(0, 20);
    talk.output();
    for _ in 0..100 {
        talk.until_next();
    }
    talk.is_in(State::Established);
    talk.connection.set_user_timeout(talk.now, Some(secs(10)));
    talk.until_next();
    talk.is_in(State::Closed);
}

#[test]
fn the_user_timeout_ends_a_connection_to_the_second_and_progress_puts_it_off() {
    let mut talk = Talk::established();
    talk.connection.set_user_timeout(talk.now, Some(secs(5)));
    talk.waits(secs(100));
    talk.sends(0, 40);
    talk.hears("<SEQ=301><ACK=101><CTL=ACK,PSH><DATA=40>");
    for wait in [1, 2] {
        talk.waits(secs(wait));
        talk.hears("<SEQ=301><ACK=101><CTL=ACK,PSH><DATA=40>");
    }
    talk.waits(millis(1500));
    talk.says("<SEQ=101><ACK=321><CTL=ACK>");
    talk.waits(secs(4));
    talk.hears("<SEQ=321><ACK=101><CTL=ACK,PSH><DATA=20>");
    talk.waits(millis(999));
    talk.is_in(State::Established);
    talk.waits(millis(1));
    talk.is_in(State::Closed);
    talk.hears_nothing();
    assert_eq!(talk.reads(1), Err(CallError::Failed(Error::TimedOut)));
}

#[test]
fn what_was_sent_twice_is_not_measured_and_the_backoff_lasts_until_something_is() {
    let mut talk = Talk::established();
    talk.sends(0, 20);
    talk.hears("<SEQ=301><ACK=101><CTL=ACK,PSH><DATA=20>");
    talk.waits(secs(1));
    talk.hears("<SEQ=301><ACK=101><CTL=ACK,PSH><DATA=20>");
    talk.says("<SEQ=101><ACK=321><CTL=ACK>");
    talk.sends(20, 20);
    talk.hears("<SEQ=321><ACK=101><CTL=ACK,PSH><DATA=20>");
    talk.waits(millis(1999));
    talk.hears_nothing();
    talk.waits(millis(1));
    talk.hears("<SEQ=321><ACK=101><CTL=ACK,PSH><DATA=20>");
    talk.says("<SEQ=101><ACK=341><CTL=ACK>");
    talk.sends(40, 20);
    talk.hears("<SEQ=341><ACK=101><CTL=ACK,PSH><DATA=20>");
    talk.waits(millis(100));
    talk.says("<SEQ=101><ACK=361><CTL=ACK>");
    talk.sends(60, 20);
    talk.hears("<SEQ=361><ACK=101><CTL=ACK,PSH><DATA=20>");
    assert_eq!(talk.until_next().0, secs(1));
}

#[test]
fn the_timeout_follows_the_round_trip() {
    let mut talk = Talk::connecting(&Policy::rfc9293());
    talk.hears("<SEQ=300><CTL=SYN><MSS=1460>");
    talk.waits(millis(800));
    talk.says("<SEQ=100><ACK=301><CTL=SYN,ACK>");
    talk.hears("<SEQ=301><ACK=101><CTL=ACK>");
    talk.sends(0, 20);
    talk.output();
    // SRTT 0.8 s + 4 * 0.4 s
    assert_eq!(talk.until_next().0, millis(2400));
}

#[test]
fn progress_restarts_the_timer() {
    let mut talk = Talk::established();
    talk.sends(0, 2920);
    talk.hears_all(&[
        "<SEQ=301><ACK=101><CTL=ACK><DATA=1460>",
        "<SEQ=1761><ACK=101><CTL=ACK,PSH><DATA=1460>",
    ]);
    talk.waits(millis(900));
    talk.says("<SEQ=101><ACK=1761><CTL=ACK>");
    let (wait, output) = talk.until_next();
    assert_eq!(output, ["<SEQ=1761><ACK=101><CTL=ACK,PSH><DATA=1460>"]);
    // The round trip of 0.9 s came after one of zero: SRTT 1/8 * 0.9 s, RTTVAR 1/4 * 0.9 s, RTO SRTT + 4 * RTTVAR.
    assert_eq!(wait, Duration::from_micros(1_012_500));
}

#[test]
fn a_timeout_repeats_one_segment_and_goes_on_as_the_acknowledgments_come() {
    let mut talk = Talk::established();
    talk.sends(0, 4380);
    assert_eq!(talk.output().len(), 3);
    talk.waits(secs(1));
    talk.hears("<SEQ=301><ACK=101><CTL=ACK><DATA=1460>");
    talk.says("<SEQ=101><ACK=1761><CTL=ACK>");
    talk.hears_all(&[
        "<SEQ=1761><ACK=101><CTL=ACK><DATA=1460>",
        "<SEQ=3221><ACK=101><CTL=ACK,PSH><DATA=1460>",
    ]);
    talk.says("<SEQ=101><ACK=4681><CTL=ACK>");
    talk.waits(secs(60));
    talk.hears_nothing();
}

#[test]
fn what_the_peer_has_meanwhile_is_not_repeated() {
    let mut talk = Talk::established();
    talk.sends(0, 4380);
    assert_eq!(talk.output().len(), 3);
    talk.waits(secs(1));
    talk.hears("<SEQ=301><ACK=101><CTL=ACK><DATA=1460>");
    talk.says("<SEQ=101><ACK=4681><CTL=ACK>");
    talk.hears_nothing();
    talk.sends(4380, 10);
    talk.hears("<SEQ=4681><ACK=101><CTL=ACK,PSH><DATA=10>");
}

#[test]
fn a_fin_is_repeated_with_the_text_before_it() {
    let mut talk = Talk::established();
    talk.sends(0, 20);
    talk.hears("<SEQ=301><ACK=101><CTL=ACK,PSH><DATA=20>");
    talk.connection.shutdown_write(talk.now).unwrap();
    talk.hears("<SEQ=321><ACK=101><CTL=FIN,ACK>");
    talk.waits(secs(1));
    talk.hears("<SEQ=301><ACK=101><CTL=FIN,ACK,PSH><DATA=20>");
}
