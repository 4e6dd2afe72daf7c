//! RFC 9293 3.8.5; the pointer stands after the last urgent octet (MUST-62).

use crate::common::{Talk, pattern, secs};
use wireproof_reference::event::Event;
use wireproof_reference::policy::Policy;
use wireproof_reference::tcp::Received;

#[test]
fn urgent_text_is_announced_once_and_read_up_to_its_end() {
    let mut talk = Talk::established();
    talk.says("<SEQ=101><ACK=301><CTL=ACK,URG><URP=5><DATA=20>");
    assert_eq!(talk.events().iter().filter(|&&event| event == Event::Urgent).count(), 1);
    talk.says("<SEQ=121><ACK=301><CTL=ACK,URG><URP=0><DATA=20>");
    assert!(
        talk.events().iter().filter(|&&event| event == Event::Urgent).count() == 1,
        "the pointer advanced"
    );
    assert_eq!(talk.connection.status().urgent, Some(20));
    talk.reads_pattern(0, 20);
    assert_eq!(talk.connection.status().urgent, None);
    talk.reads_pattern(20, 20);
}

#[test]
fn reading_stops_where_urgent_text_ends() {
    let mut talk = Talk::established();
    talk.says("<SEQ=101><ACK=301><CTL=ACK,URG><URP=5><DATA=20>");
    assert_eq!(talk.reads(100), Ok(Received::Data(pattern(0, 5))));
    assert_eq!(talk.reads(100), Ok(Received::Data(pattern(5, 15))));
}

#[test]
fn a_pointer_ahead_of_the_text_is_announced_and_never_recedes() {
    let mut talk = Talk::established();
    talk.says("<SEQ=101><ACK=301><CTL=ACK,URG><URP=60000>");
    assert_eq!(talk.connection.status().urgent, Some(60_000));
    talk.says("<SEQ=101><ACK=301><CTL=ACK,URG><URP=10><DATA=20>");
    assert_eq!(talk.connection.status().urgent, Some(60_000));
    talk.reads_pattern(0, 20);
    assert_eq!(talk.connection.status().urgent, Some(59_980));
}

#[test]
fn the_pointer_of_a_segment_cut_at_the_front_means_the_same_octet() {
    let mut talk = Talk::established();
    talk.says("<SEQ=101><ACK=301><CTL=ACK><DATA=10>");
    talk.says("<SEQ=101><ACK=301><CTL=ACK,URG><URP=15><DATA=20>");
    assert_eq!(talk.connection.status().urgent, Some(15));
}

#[test]
fn urgent_text_is_sent_with_the_pointer_after_its_last_octet() {
    let mut talk = Talk::established();
    assert_eq!(talk.connection.send_urgent(talk.now, &pattern(0, 5)), Ok(5));
    talk.hears("<SEQ=301><ACK=101><CTL=ACK,PSH,URG><URP=5><DATA=5>");
    talk.sends(5, 10);
    talk.says("<SEQ=101><ACK=306><CTL=ACK>");
    talk.hears("<SEQ=306><ACK=101><CTL=ACK,PSH><DATA=10>");
}

#[test]
fn all_segments_before_the_end_of_urgent_text_point_to_it() {
    let mut talk = Talk::established();
    talk.sends(0, 1500);
    assert_eq!(talk.connection.send_urgent(talk.now, &pattern(1500, 10)), Ok(10));
    talk.hears_all(&[
        "<SEQ=301><ACK=101><CTL=ACK,URG><URP=1510><DATA=1460>",
        "<SEQ=1761><ACK=101><CTL=ACK,PSH,URG><URP=50><DATA=50>",
    ]);
}

#[test]
fn an_urgent_pointer_on_a_syn_is_told_once_the_connection_is_open() {
    let mut talk = Talk::connecting(&Policy::rfc9293());
    talk.output();
    talk.says("<SEQ=100><CTL=SYN><URP=4><DATA=5>");
    talk.output();
    assert!(!talk.events().contains(&Event::Urgent));
    talk.says("<SEQ=106><ACK=301><CTL=ACK>");
    assert!(talk.events().contains(&Event::Urgent));
    assert_eq!(talk.connection.status().urgent, Some(3));
}

#[test]
fn a_syn_says_nothing_of_urgent_text_that_waits_for_the_connection() {
    let mut talk = Talk::connecting(&Policy::rfc9293());
    talk.hears("<SEQ=300><CTL=SYN><MSS=1460>");
    assert_eq!(talk.connection.send_urgent(talk.now, &pattern(0, 5)), Ok(5));
    talk.waits(secs(1));
    talk.hears("<SEQ=300><CTL=SYN><MSS=1460>");
    talk.says("<SEQ=100><ACK=301><CTL=SYN,ACK>");
    talk.hears("<SEQ=301><ACK=101><CTL=ACK,PSH,URG><URP=5><DATA=5>");
}
