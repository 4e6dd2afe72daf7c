//! RFC 5681, RFC 6582, RFC 3042 on the wire.

use crate::common::{Talk, millis, secs};

/// An established connection with an MSS of 1000 and 40 segments to send.
fn full() -> Talk {
    let mut talk = Talk::established_with(&wireproof_reference::policy::Policy::rfc9293(), "<MSS=1000>");
    talk.sends(0, 40_000);
    talk
}

/// The segments of the device's stream with these numbers, 1000 octets each.
fn segments(first: impl IntoIterator<Item = u32>) -> Vec<String> {
    first.into_iter().map(|first| format!("<SEQ={first}><ACK=101><CTL=ACK><DATA=1000>")).collect()
}

fn thousands(first: u32, count: u32) -> Vec<String> {
    segments((0..count).map(|i| first + 1000 * i))
}

#[test]
fn slow_start_begins_with_four_segments_and_adds_one_for_each_acknowledged() {
    let mut talk = full();
    assert_eq!(talk.output(), thousands(301, 4));
    talk.says("<SEQ=101><ACK=1301><CTL=ACK>");
    assert_eq!(talk.output(), thousands(4301, 2));
    talk.says("<SEQ=101><ACK=3301><CTL=ACK>");
    assert_eq!(talk.output(), thousands(6301, 3));
}

#[test]
fn the_third_duplicate_repeats_the_lost_segment_and_nothing_else() {
    let mut talk = full();
    talk.output();
    talk.says("<SEQ=101><ACK=1301><CTL=ACK>");
    assert_eq!(talk.output(), thousands(4301, 2));
    for (duplicate, output) in [(1, vec![6301]), (2, vec![7301]), (3, vec![1301]), (4, vec![])] {
        talk.says("<SEQ=101><ACK=1301><CTL=ACK>");
        assert_eq!(talk.output(), segments(output), "duplicate {duplicate}");
    }
    talk.says("<SEQ=101><ACK=8301><CTL=ACK>");
    assert_eq!(talk.connection.status().congestion_window, Some((2000, 2500)));
    assert_eq!(talk.output(), thousands(8301, 2));
}

#[test]
fn a_partial_acknowledgment_repeats_the_next_lost_segment_at_once() {
    let mut talk = full();
    talk.output();
    talk.says("<SEQ=101><ACK=3301><CTL=ACK>");
    talk.says("<SEQ=101><ACK=4301><CTL=ACK>");
    assert_eq!(talk.output(), thousands(4301, 6));
    for _ in 0..3 {
        talk.says("<SEQ=101><ACK=4301><CTL=ACK>");
    }
    assert_eq!(talk.output(), segments([4301]));
    talk.says("<SEQ=101><ACK=6301><CTL=ACK>");
    assert_eq!(talk.output()[0], segments([6301])[0]);
}

/// RFC 6582 3.2, 3: the timer runs on from the first partial acknowledgment.
#[test]
fn only_the_first_partial_acknowledgment_of_a_recovery_resets_the_timer() {
    let mut talk = full();
    talk.output();
    talk.says("<SEQ=101><ACK=3301><CTL=ACK>");
    talk.says("<SEQ=101><ACK=4301><CTL=ACK>");
    assert_eq!(talk.output(), thousands(4301, 6));
    talk.waits(millis(300));
    for _ in 0..3 {
        talk.says("<SEQ=101><ACK=4301><CTL=ACK>");
    }
    assert_eq!(talk.output(), segments([4301]));
    for (ack, rest) in [(5301, 1000), (6301, 600), (7301, 200)] {
        talk.says(&format!("<SEQ=101><ACK={ack}><CTL=ACK>"));
        assert_eq!(talk.output()[0], segments([ack])[0]);
        assert_eq!(talk.connection.poll_deadline(), Some(talk.now + millis(rest)), "after {ack}");
        if rest > 200 {
            talk.waits(millis(400));
        }
    }
    let (wait, output) = talk.until_next();
    assert_eq!((wait, &output[0]), (millis(200), &segments([7301])[0]));
}

#[test]
fn after_a_recovery_every_acknowledgment_resets_the_timer_again() {
    let mut talk = full();
    talk.output();
    talk.says("<SEQ=101><ACK=4301><CTL=ACK>");
    talk.output();
    for _ in 0..3 {
        talk.says("<SEQ=101><ACK=4301><CTL=ACK>");
    }
    talk.output();
    for ack in [5301, 6301] {
        talk.says(&format!("<SEQ=101><ACK={ack}><CTL=ACK>"));
        talk.output();
    }
    talk.waits(millis(400));
    let (_, nxt) = talk.connection.status().send.unwrap();
    talk.says(&format!("<SEQ=101><ACK={nxt}><CTL=ACK>"));
    assert!(!talk.output().is_empty());
    assert_eq!(talk.connection.poll_deadline(), Some(talk.now + secs(1)));
}

#[test]
fn acknowledgments_that_move_the_window_or_carry_text_are_no_duplicates() {
    let mut talk = full();
    talk.output();
    talk.says("<SEQ=101><ACK=1301><CTL=ACK>");
    talk.output();
    for wnd in [60_000, 59_000, 58_000, 57_000] {
        talk.says(&format!("<SEQ=101><ACK=1301><CTL=ACK><WND={wnd}>"));
        assert_eq!(talk.output(), Vec::<String>::new());
    }
    for first in [101, 111, 121, 131] {
        talk.says(&format!("<SEQ={first}><ACK=1301><CTL=ACK><WND=57000><DATA=10>"));
    }
    assert_eq!(talk.output(), ["<SEQ=6301><ACK=141><CTL=ACK>"]);
}

#[test]
fn an_idle_connection_restarts_slowly() {
    let mut talk = full();
    drain(&mut talk, 301);
    talk.sends(40_000, 20_000);
    let at_once = talk.output().len();
    assert!(at_once > 4, "{at_once} segments");
    drain(&mut talk, 40_301 + 1000 * u32::try_from(at_once).unwrap());
    talk.waits(secs(2));
    talk.sends(60_000, 20_000);
    assert_eq!(talk.output(), thousands(60_301, 4));
}

/// Acknowledges all that comes until nothing more does, the next being `acknowledged`.
fn drain(talk: &mut Talk, mut acknowledged: u32) {
    loop {
        talk.says(&format!("<SEQ=101><ACK={acknowledged}><CTL=ACK>"));
        let count = talk.segments().len();
        if count == 0 {
            return;
        }
        acknowledged += 1000 * u32::try_from(count).unwrap();
    }
}

#[test]
fn after_a_timeout_one_segment_leaves_and_the_flight_counts_as_lost() {
    let mut talk = full();
    talk.output();
    talk.waits(secs(1));
    assert_eq!(talk.output(), segments([301]));
    assert_eq!(talk.connection.status().congestion_window, Some((1000, 2000)));
    talk.waits(secs(2));
    assert_eq!(talk.output(), segments([301]));
    assert_eq!(talk.connection.status().congestion_window, Some((1000, 2000)));
    talk.says("<SEQ=101><ACK=1301><CTL=ACK>");
    assert_eq!(talk.output(), segments([1301, 2301]));
}
