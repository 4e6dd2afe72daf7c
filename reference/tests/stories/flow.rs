//! Windows: RFC 9293 3.7.4, 3.8.6.

use crate::common::{Talk, millis, secs};
use wireproof_reference::policy::{Nagle, Policy};
use wireproof_reference::tcp::{Error, State};

/// An established connection whose tester has closed its window.
fn closed_window() -> Talk {
    let mut talk = Talk::established();
    talk.says("<SEQ=101><ACK=301><CTL=ACK><WND=0>");
    talk
}

#[test]
fn a_closed_window_is_probed_with_one_octet_and_the_probes_back_off() {
    let mut talk = closed_window();
    talk.sends(0, 100);
    talk.hears_nothing();
    for wait in [1, 2, 4, 8, 16, 32, 60, 60] {
        talk.waits(millis(wait * 1000 - 1));
        talk.hears_nothing();
        talk.waits(millis(1));
        talk.hears("<SEQ=301><ACK=101><CTL=ACK><DATA=1>");
        talk.says("<SEQ=101><ACK=301><CTL=ACK><WND=0>");
        talk.hears_nothing();
    }
    talk.says("<SEQ=101><ACK=301><CTL=ACK><WND=8192>");
    talk.hears("<SEQ=301><ACK=101><CTL=ACK,PSH><DATA=100>");
    talk.waits(secs(1));
    talk.hears("<SEQ=301><ACK=101><CTL=ACK,PSH><DATA=100>");
}

#[test]
fn a_probe_that_is_taken_is_followed_by_the_next_octet() {
    let mut talk = closed_window();
    talk.sends(0, 100);
    talk.waits(secs(1));
    talk.hears("<SEQ=301><ACK=101><CTL=ACK><DATA=1>");
    talk.says("<SEQ=101><ACK=302><CTL=ACK><WND=0>");
    talk.waits(secs(2));
    talk.hears("<SEQ=302><ACK=101><CTL=ACK><DATA=1>");
}

#[test]
fn a_peer_that_answers_probes_may_keep_its_window_closed_for_ever() {
    let mut talk = closed_window();
    talk.sends(0, 100);
    for _ in 0..100 {
        assert_eq!(talk.until_next().1, ["<SEQ=301><ACK=101><CTL=ACK><DATA=1>"]);
        talk.says("<SEQ=101><ACK=301><CTL=ACK><WND=0>");
    }
    talk.is_in(State::Established);
}

#[test]
fn a_peer_that_does_not_answer_probes_is_given_up() {
    let mut talk = closed_window();
    talk.waits(secs(3600));
    talk.sends(0, 100);
    let start = talk.now;
    while talk.connection.state() == State::Established {
        talk.until_next();
    }
    assert!(talk.now.since(start) >= secs(100));
    assert_eq!(talk.connection.error(), Some(Error::TimedOut));
}

#[test]
fn a_closed_window_is_probed_with_the_fin_if_that_is_all() {
    let mut talk = closed_window();
    talk.connection.shutdown_write(talk.now).unwrap();
    talk.hears_nothing();
    talk.waits(secs(1));
    talk.hears("<SEQ=301><ACK=101><CTL=FIN,ACK>");
    talk.says("<SEQ=101><ACK=302><CTL=ACK><WND=0>");
    talk.is_in(State::FinWait2);
}

#[test]
fn a_window_that_shrinks_stops_new_text_and_old_text_is_probed_with() {
    let mut talk = Talk::established();
    talk.sends(0, 4000);
    assert_eq!(talk.output().len(), 2);
    talk.says("<SEQ=101><ACK=301><CTL=ACK><WND=0>");
    for wait in [1, 2, 4, 8, 16, 32, 60, 60, 60, 60] {
        talk.waits(secs(wait));
        talk.hears("<SEQ=301><ACK=101><CTL=ACK><DATA=1>");
        talk.says("<SEQ=101><ACK=301><CTL=ACK><WND=0>");
    }
    talk.says("<SEQ=101><ACK=301><CTL=ACK><WND=8192>");
    talk.hears_all(&["<SEQ=301><ACK=101><CTL=ACK><DATA=1460>", "<SEQ=1761><ACK=101><CTL=ACK><DATA=1460>"]);
    talk.says("<SEQ=101><ACK=3221><CTL=ACK><WND=8192>");
    talk.hears("<SEQ=3221><ACK=101><CTL=ACK,PSH><DATA=1080>");
}

#[test]
fn nothing_is_sent_beyond_the_window() {
    let mut talk = Talk::established();
    talk.says("<SEQ=101><ACK=301><CTL=ACK><WND=2000>");
    talk.sends(0, 5000);
    talk.hears("<SEQ=301><ACK=101><CTL=ACK><DATA=1460>");
    talk.says("<SEQ=101><ACK=1761><CTL=ACK><WND=2000>");
    talk.hears("<SEQ=1761><ACK=101><CTL=ACK><DATA=1460>");
}

#[test]
fn a_silly_window_is_used_only_after_the_override_timeout() {
    let mut talk = Talk::established();
    talk.says("<SEQ=101><ACK=301><CTL=ACK><WND=10>");
    talk.sends(0, 100);
    talk.hears_nothing();
    talk.waits(millis(500));
    talk.hears("<SEQ=301><ACK=101><CTL=ACK><DATA=10>");
}

#[test]
fn half_of_the_largest_window_is_worth_using() {
    let mut talk = Talk::established_with(&Policy::rfc9293(), "<MSS=1460><WND=1000>");
    talk.says("<SEQ=101><ACK=301><CTL=ACK><WND=499>");
    talk.sends(0, 1200);
    talk.hears_nothing();
    talk.says("<SEQ=101><ACK=301><CTL=ACK><WND=500>");
    talk.hears("<SEQ=301><ACK=101><CTL=ACK><DATA=500>");
}

#[test]
fn an_older_segment_does_not_set_the_window() {
    let mut talk = Talk::established();
    talk.says("<SEQ=121><ACK=301><CTL=ACK><WND=3000><DATA=20>");
    talk.output();
    talk.says("<SEQ=101><ACK=301><CTL=ACK><WND=10><DATA=20>");
    talk.output();
    assert_eq!(talk.connection.status().send_window, 3000);
    talk.says("<SEQ=141><ACK=301><CTL=ACK><WND=10>");
    assert_eq!(talk.connection.status().send_window, 10);
}

#[test]
fn short_writes_wait_for_the_acknowledgment_and_go_together() {
    let mut talk = Talk::established();
    talk.sends(0, 10);
    talk.hears("<SEQ=301><ACK=101><CTL=ACK,PSH><DATA=10>");
    talk.sends(10, 10);
    talk.sends(20, 10);
    talk.hears_nothing();
    talk.says("<SEQ=101><ACK=311><CTL=ACK>");
    talk.hears("<SEQ=311><ACK=101><CTL=ACK,PSH><DATA=20>");
}

#[test]
fn without_nagle_each_write_leaves_at_once() {
    let mut talk = Talk::established();
    talk.connection.set_nagle(Nagle::Off);
    talk.sends(0, 10);
    talk.hears("<SEQ=301><ACK=101><CTL=ACK,PSH><DATA=10>");
    talk.sends(10, 10);
    talk.hears("<SEQ=311><ACK=101><CTL=ACK,PSH><DATA=10>");
}

#[test]
fn a_close_ends_nagles_wait() {
    let mut talk = Talk::established();
    talk.sends(0, 10);
    talk.hears("<SEQ=301><ACK=101><CTL=ACK,PSH><DATA=10>");
    talk.sends(10, 10);
    talk.hears_nothing();
    talk.connection.shutdown_write(talk.now).unwrap();
    talk.hears("<SEQ=311><ACK=101><CTL=FIN,ACK,PSH><DATA=10>");
}

/// A device with room for 4000 octets.
fn small_buffer() -> Talk {
    Talk::established_with(&Policy { receive_buffer: 4000, ..Policy::rfc9293() }, "<MSS=1460>")
}

#[test]
fn the_right_edge_stays_until_there_is_room_worth_telling() {
    let mut talk = small_buffer();
    talk.says("<SEQ=101><ACK=301><CTL=ACK><DATA=1000>");
    talk.says("<SEQ=1101><ACK=301><CTL=ACK><DATA=1000>");
    talk.hears("<SEQ=301><ACK=2101><CTL=ACK><WND=2000>");
    talk.reads_pattern(0, 1000);
    talk.says("<SEQ=2101><ACK=301><CTL=ACK><DATA=1000>");
    talk.says("<SEQ=3101><ACK=301><CTL=ACK><DATA=1000>");
    talk.hears("<SEQ=301><ACK=4101><CTL=ACK><WND=0>");
    talk.reads_pattern(1000, 459);
    talk.hears_nothing();
    talk.reads_pattern(1459, 1);
    talk.hears("<SEQ=301><ACK=4101><CTL=ACK><WND=1460>");
}

#[test]
fn a_full_buffer_answers_probes_and_still_takes_acknowledgments() {
    let mut talk = small_buffer();
    talk.says("<SEQ=101><ACK=301><CTL=ACK><DATA=4000>");
    talk.waits(millis(200));
    talk.hears("<SEQ=301><ACK=4101><CTL=ACK><WND=0>");
    talk.sends(0, 10);
    talk.hears("<SEQ=301><ACK=4101><CTL=ACK,PSH><DATA=10>");
    talk.says("<SEQ=4101><ACK=311><CTL=ACK><DATA=1>");
    talk.hears("<SEQ=311><ACK=4101><CTL=ACK><WND=0>");
    assert_eq!(talk.connection.status().unacknowledged, 0);
    talk.reads_pattern(0, 4000);
    talk.hears("<SEQ=311><ACK=4101><CTL=ACK><WND=4000>");
}

#[test]
fn text_beyond_the_window_is_cut_off() {
    let mut talk = small_buffer();
    talk.says("<SEQ=101><ACK=301><CTL=FIN,ACK><DATA=4010>");
    talk.is_in(State::Established);
    talk.waits(millis(200));
    talk.hears("<SEQ=301><ACK=4101><CTL=ACK><WND=0>");
    talk.reads_pattern(0, 4000);
}

#[test]
fn text_for_a_full_buffer_is_no_duplicate_acknowledgment() {
    let mut talk = small_buffer();
    talk.says("<SEQ=101><ACK=301><CTL=ACK><DATA=4000>");
    talk.sends(0, 2920);
    assert_eq!(talk.output().len(), 2);
    for _ in 0..5 {
        talk.says("<SEQ=4101><ACK=301><CTL=ACK><DATA=1>");
        talk.hears("<SEQ=3221><ACK=4101><CTL=ACK>");
    }
}

#[test]
fn a_window_that_opens_by_little_takes_the_probe_again_and_nothing_new() {
    let mut talk = closed_window();
    talk.sends(0, 100);
    talk.waits(secs(1));
    talk.hears("<SEQ=301><ACK=101><CTL=ACK><DATA=1>");
    talk.says("<SEQ=101><ACK=301><CTL=ACK><WND=10>");
    talk.hears("<SEQ=301><ACK=101><CTL=ACK><DATA=1>");
    talk.says("<SEQ=101><ACK=302><CTL=ACK><WND=10>");
    talk.hears_nothing();
    talk.waits(millis(500));
    talk.hears("<SEQ=302><ACK=101><CTL=ACK><DATA=10>");
}

/// RFC 9293 3.8.6.1: what opened the window has acknowledged the probe, so nothing is left to repeat.
#[test]
fn a_window_that_opens_with_all_acknowledged_has_nothing_to_repeat() {
    let mut talk = closed_window();
    talk.sends(0, 1);
    talk.waits(secs(1));
    talk.hears("<SEQ=301><ACK=101><CTL=ACK,PSH><DATA=1>");
    talk.says("<SEQ=101><ACK=302><CTL=ACK><WND=8192>");
    talk.hears_nothing();
    assert_eq!(talk.connection.poll_deadline(), None, "nothing is due");
    talk.sends(1, 2);
    talk.hears("<SEQ=302><ACK=101><CTL=ACK,PSH><DATA=2>");
}

/// A probe that was not sent before the window opened is none any more.
#[test]
fn a_window_that_opens_before_its_probe_has_left_takes_a_whole_segment() {
    let mut talk = closed_window();
    talk.sends(0, 100);
    talk.waits(secs(1));
    talk.says("<SEQ=101><ACK=301><CTL=ACK><WND=8192>");
    talk.hears("<SEQ=301><ACK=101><CTL=ACK,PSH><DATA=100>");
}

/// The window closed and opened again before anything was probed: what is in flight is not repeated.
#[test]
fn a_window_that_was_closed_for_less_than_a_probe_repeats_nothing() {
    let mut talk = Talk::established();
    talk.sends(0, 100);
    talk.hears("<SEQ=301><ACK=101><CTL=ACK,PSH><DATA=100>");
    talk.says("<SEQ=101><ACK=301><CTL=ACK><WND=0>");
    talk.says("<SEQ=101><ACK=301><CTL=ACK><WND=8192>");
    talk.hears_nothing();
}
