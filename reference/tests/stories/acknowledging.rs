//! Delayed acknowledgments and text out of order: RFC 9293 3.8.6.3, 3.10.7.4; RFC 5681 4.2.

use crate::common::{Talk, millis, secs};
use wireproof_reference::policy::Policy;

#[test]
fn an_acknowledgment_waits_a_fifth_of_a_second_for_company() {
    let mut talk = Talk::established();
    talk.says("<SEQ=101><ACK=301><CTL=ACK><DATA=20>");
    talk.hears_nothing();
    talk.waits(millis(200));
    talk.hears("<SEQ=301><ACK=121><CTL=ACK>");
    talk.waits(secs(10));
    talk.hears_nothing();
}

#[test]
fn text_takes_the_acknowledgment_with_it() {
    let mut talk = Talk::established();
    talk.says("<SEQ=101><ACK=301><CTL=ACK><DATA=20>");
    talk.sends(0, 5);
    talk.hears("<SEQ=301><ACK=121><CTL=ACK,PSH><DATA=5>");
    talk.says("<SEQ=121><ACK=306><CTL=ACK>");
    talk.waits(secs(1));
    talk.hears_nothing();
}

#[test]
fn every_second_segment_is_acknowledged_at_once() {
    let mut talk = Talk::established();
    for round in 0..3 {
        let first = 101 + 40 * round;
        talk.says(&format!("<SEQ={first}><ACK=301><CTL=ACK><DATA=20>"));
        talk.hears_nothing();
        talk.says(&format!("<SEQ={}><ACK=301><CTL=ACK><DATA=20>", first + 20));
        talk.hears(&format!("<SEQ=301><ACK={}><CTL=ACK>", first + 40));
    }
}

#[test]
fn segments_that_arrive_together_are_acknowledged_together() {
    let mut talk = Talk::established();
    for first in [101, 121, 141, 161] {
        talk.says(&format!("<SEQ={first}><ACK=301><CTL=ACK><DATA=20>"));
    }
    talk.hears("<SEQ=301><ACK=181><CTL=ACK>");
}

#[test]
fn each_segment_above_a_gap_has_a_duplicate_acknowledgment_of_its_own() {
    let mut talk = Talk::established();
    for first in [121, 141, 161] {
        talk.says(&format!("<SEQ={first}><ACK=301><CTL=ACK><DATA=20>"));
    }
    talk.hears_all(&["<SEQ=301><ACK=101><CTL=ACK>"; 3]);
}

#[test]
fn text_that_fills_a_gap_is_acknowledged_at_once_and_once() {
    let mut talk = Talk::established();
    talk.says("<SEQ=121><ACK=301><CTL=ACK><DATA=20>");
    talk.says("<SEQ=161><ACK=301><CTL=ACK><DATA=20>");
    talk.says("<SEQ=101><ACK=301><CTL=ACK><DATA=20>");
    talk.hears("<SEQ=301><ACK=141><CTL=ACK>");
    talk.says("<SEQ=141><ACK=301><CTL=ACK><DATA=20>");
    talk.hears("<SEQ=301><ACK=181><CTL=ACK>");
    talk.reads_pattern(0, 80);
}

#[test]
fn overlapping_text_is_read_once() {
    let mut talk = Talk::established();
    talk.says("<SEQ=111><ACK=301><CTL=ACK><DATA=20>");
    talk.says("<SEQ=106><ACK=301><CTL=ACK><DATA=50>");
    talk.says("<SEQ=101><ACK=301><CTL=ACK><DATA=15>");
    talk.hears("<SEQ=301><ACK=156><CTL=ACK>");
    talk.reads_pattern(0, 55);
}

#[test]
fn old_text_is_acknowledged_each_time_it_comes() {
    let mut talk = Talk::established();
    talk.says("<SEQ=101><ACK=301><CTL=ACK><DATA=20>");
    talk.waits(millis(200));
    talk.hears("<SEQ=301><ACK=121><CTL=ACK>");
    for _ in 0..50 {
        talk.says("<SEQ=101><ACK=301><CTL=ACK><DATA=20>");
        talk.hears("<SEQ=301><ACK=121><CTL=ACK>");
    }
}

#[test]
fn empty_segments_out_of_the_window_are_answered_ten_times_in_five_seconds() {
    let mut talk = Talk::established();
    let mut answers = 0;
    for _ in 0..30 {
        talk.says("<SEQ=100><ACK=301><CTL=ACK>");
        answers += talk.output().len();
    }
    assert_eq!(answers, 10);
    talk.waits(secs(5));
    talk.says("<SEQ=100><ACK=301><CTL=ACK>");
    talk.hears("<SEQ=301><ACK=101><CTL=ACK>");
}

#[test]
fn where_the_policy_says_so_nothing_is_delayed() {
    let mut talk = Talk::established_with(&Policy { delayed_ack: None, ..Policy::rfc9293() }, "<MSS=1460>");
    talk.says("<SEQ=101><ACK=301><CTL=ACK><DATA=20>");
    talk.hears("<SEQ=301><ACK=121><CTL=ACK>");
}

/// RFC 9293 3.10.7.4, seventh: what is in order is taken, however full the queue of what is not.
#[test]
fn islands_above_a_gap_do_not_keep_it_open() {
    let mut talk = Talk::established();
    for island in 0..100 {
        talk.says(&format!("<SEQ={}><ACK=301><CTL=ACK><DATA=1>", 103 + 2 * island));
    }
    talk.output();
    for seq in 101..303 {
        talk.says(&format!("<SEQ={seq}><ACK=301><CTL=ACK><DATA=1>"));
    }
    assert_eq!(talk.connection.status().receive_next.unwrap().0, 303);
    talk.reads_pattern(0, 202);
}
