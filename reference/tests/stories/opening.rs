//! RFC 9293 3.5, 3.10.1, 3.10.7.3.

use crate::common::{Talk, millis, secs};
use wireproof_reference::policy::{Nagle, Policy};
use wireproof_reference::tcp::{CallError, Error, Received, State};

#[test]
fn both_ends_open_at_once() {
    let mut talk = Talk::connecting(&Policy::rfc9293());
    talk.hears("<SEQ=300><CTL=SYN><MSS=1460>");
    talk.is_in(State::SynSent);
    talk.says("<SEQ=100><CTL=SYN>");
    talk.hears("<SEQ=300><ACK=101><CTL=SYN,ACK><MSS=1460>");
    talk.is_in(State::SynReceived);
    talk.says("<SEQ=100><ACK=301><CTL=SYN,ACK>");
    talk.is_in(State::Established);
    talk.hears_nothing();
}

#[test]
fn a_syn_without_answer_comes_again_with_doubled_waits_and_gives_up_after_three_minutes() {
    let mut talk = Talk::connecting(&Policy::rfc9293());
    talk.hears("<SEQ=300><CTL=SYN><MSS=1460>");
    for wait in [1, 2, 4, 8, 16, 32, 60, 60] {
        talk.waits(secs(wait));
        talk.hears("<SEQ=300><CTL=SYN><MSS=1460>");
    }
    talk.waits(secs(60));
    talk.hears_nothing();
    talk.is_in(State::Closed);
    assert_eq!(talk.connection.error(), Some(Error::TimedOut));
    assert_eq!(talk.connection.poll_deadline(), None);
}

#[test]
fn text_sent_before_the_connection_is_open_waits_for_it() {
    let mut talk = Talk::connecting(&Policy::rfc9293());
    talk.sends(0, 20);
    talk.hears("<SEQ=300><CTL=SYN><MSS=1460>");
    talk.says("<SEQ=100><ACK=301><CTL=SYN,ACK>");
    talk.hears("<SEQ=301><ACK=101><CTL=ACK,PSH><DATA=20>");
}

#[test]
fn text_on_a_syn_is_read_once_the_connection_is_open_and_no_sooner() {
    let mut talk = Talk::connecting(&Policy::rfc9293());
    talk.hears("<SEQ=300><CTL=SYN><MSS=1460>");
    talk.says("<SEQ=100><CTL=SYN><DATA=5>");
    talk.hears("<SEQ=300><ACK=101><CTL=SYN,ACK><MSS=1460>");
    assert_eq!(talk.reads(100), Err(CallError::WouldBlock));
    talk.says("<SEQ=101><ACK=301><CTL=ACK>");
    talk.hears("<SEQ=301><ACK=106><CTL=ACK>");
    talk.reads_pattern(0, 5);
}

#[test]
fn text_and_fin_on_a_syn_ack_are_processed_at_once() {
    let mut talk = Talk::connecting(&Policy::rfc9293());
    talk.hears("<SEQ=300><CTL=SYN><MSS=1460>");
    talk.says("<SEQ=100><ACK=301><CTL=SYN,FIN,ACK><DATA=5>");
    talk.hears("<SEQ=301><ACK=107><CTL=ACK>");
    talk.is_in(State::CloseWait);
    talk.reads_pattern(0, 5);
    assert_eq!(talk.reads(100), Ok(Received::End));
}

#[test]
fn close_before_the_answer_forgets_the_connection() {
    let mut talk = Talk::connecting(&Policy::rfc9293());
    talk.hears("<SEQ=300><CTL=SYN><MSS=1460>");
    talk.connection.close(talk.now).unwrap();
    talk.is_in(State::Closed);
    talk.says("<SEQ=100><ACK=301><CTL=SYN,ACK>");
    talk.hears("<SEQ=301><CTL=RST>");
}

#[test]
fn close_in_syn_received_sends_a_fin_and_both_are_repeated_until_acknowledged() {
    let mut talk = Talk::connecting(&Policy::rfc9293());
    talk.hears("<SEQ=300><CTL=SYN><MSS=1460>");
    talk.says("<SEQ=100><CTL=SYN>");
    talk.hears("<SEQ=300><ACK=101><CTL=SYN,ACK><MSS=1460>");
    talk.connection.shutdown_write(talk.now).unwrap();
    talk.is_in(State::FinWait1);
    talk.hears("<SEQ=301><ACK=101><CTL=FIN,ACK>");
    talk.waits(secs(1));
    talk.hears_all(&["<SEQ=300><ACK=101><CTL=SYN,ACK><MSS=1460>", "<SEQ=301><ACK=101><CTL=FIN,ACK>"]);
    talk.says("<SEQ=101><ACK=302><CTL=ACK>");
    talk.is_in(State::FinWait2);
}

#[test]
fn close_in_syn_received_with_text_queued_waits_for_established() {
    let mut talk = Talk::connecting(&Policy::rfc9293());
    talk.sends(0, 10);
    talk.hears("<SEQ=300><CTL=SYN><MSS=1460>");
    talk.says("<SEQ=100><CTL=SYN>");
    talk.hears("<SEQ=300><ACK=101><CTL=SYN,ACK><MSS=1460>");
    talk.connection.shutdown_write(talk.now).unwrap();
    talk.is_in(State::SynReceived);
    assert_eq!(talk.connection.send(talk.now, b"x"), Err(CallError::Closing));
    assert_eq!(talk.connection.shutdown_write(talk.now), Err(CallError::Closing));
    talk.says("<SEQ=101><ACK=301><CTL=ACK>");
    talk.hears("<SEQ=301><ACK=101><CTL=FIN,ACK,PSH><DATA=10>");
    talk.is_in(State::FinWait1);
}

#[test]
fn after_a_lost_syn_the_first_data_waits_three_seconds_and_goes_alone() {
    let mut talk = Talk::connecting(&Policy::rfc9293());
    talk.hears("<SEQ=300><CTL=SYN><MSS=1460>");
    talk.waits(secs(1));
    talk.hears("<SEQ=300><CTL=SYN><MSS=1460>");
    talk.says("<SEQ=100><ACK=301><CTL=SYN,ACK><MSS=1000>");
    talk.hears("<SEQ=301><ACK=101><CTL=ACK>");
    talk.sends(0, 3000);
    talk.hears("<SEQ=301><ACK=101><CTL=ACK><DATA=1000>");
    talk.waits(millis(2999));
    talk.hears_nothing();
    talk.waits(millis(1));
    talk.hears("<SEQ=301><ACK=101><CTL=ACK><DATA=1000>");
}

#[test]
fn a_refusal_is_told_as_one() {
    let mut talk = Talk::connecting(&Policy::rfc9293());
    talk.hears("<SEQ=300><CTL=SYN><MSS=1460>");
    talk.says("<SEQ=0><ACK=301><CTL=RST,ACK>");
    talk.is_in(State::Closed);
    assert_eq!(talk.connection.send(talk.now, b"x"), Err(CallError::Failed(Error::Refused)));
}

#[test]
fn a_half_open_peer_is_reset_and_the_opening_goes_on() {
    let mut talk = Talk::connecting(&Policy::rfc9293());
    talk.hears("<SEQ=300><CTL=SYN><MSS=1460>");
    talk.says("<SEQ=800><ACK=90><CTL=ACK>");
    talk.hears("<SEQ=90><CTL=RST>");
    talk.is_in(State::SynSent);
    talk.waits(secs(1));
    talk.hears("<SEQ=300><CTL=SYN><MSS=1460>");
}

#[test]
fn a_window_closed_from_the_start_is_probed_a_whole_timeout_later() {
    let mut talk = Talk::connecting(&Policy::rfc9293());
    talk.sends(0, 20);
    talk.hears("<SEQ=300><CTL=SYN><MSS=1460>");
    talk.waits(millis(700));
    talk.says("<SEQ=100><ACK=301><CTL=SYN,ACK><WND=0>");
    talk.hears("<SEQ=301><ACK=101><CTL=ACK>");
    // The first round trip gives three times itself.
    talk.waits(millis(2099));
    talk.hears_nothing();
    talk.waits(millis(1));
    talk.hears("<SEQ=301><ACK=101><CTL=ACK><DATA=1>");
}

#[test]
fn after_a_lost_syn_the_loss_of_the_first_data_is_still_repaired_fast() {
    let mut talk = Talk::connecting(&Policy { nagle: Nagle::Off, ..Policy::rfc9293() });
    talk.hears("<SEQ=300><CTL=SYN><MSS=1460>");
    talk.waits(secs(1));
    talk.hears("<SEQ=300><CTL=SYN><MSS=1460>");
    talk.says("<SEQ=100><ACK=301><CTL=SYN,ACK><MSS=1000>");
    talk.output();
    for from in [0, 10, 20, 30] {
        talk.sends(from, 10);
        talk.output();
    }
    talk.says("<SEQ=101><ACK=301><CTL=ACK>");
    talk.says("<SEQ=101><ACK=301><CTL=ACK>");
    talk.hears_nothing();
    talk.says("<SEQ=101><ACK=301><CTL=ACK>");
    talk.hears("<SEQ=301><ACK=101><CTL=ACK,PSH><DATA=40>");
}

#[test]
fn a_syn_that_comes_before_ours_has_left_goes_with_its_acknowledgment() {
    let mut talk = Talk::connecting(&Policy::rfc9293());
    talk.says("<SEQ=100><CTL=SYN>");
    talk.hears("<SEQ=300><ACK=101><CTL=SYN,ACK><MSS=1460>");
}

#[test]
fn a_syn_that_has_not_left_is_not_timed() {
    let mut talk = Talk::connecting(&Policy::rfc9293());
    assert_eq!(talk.connection.poll_deadline(), None);
    talk.now += secs(5);
    talk.connection.handle_timeout(talk.now);
    talk.hears("<SEQ=300><CTL=SYN><MSS=1460>");
    talk.waits(millis(999));
    talk.hears_nothing();
    talk.waits(millis(1));
    talk.hears("<SEQ=300><CTL=SYN><MSS=1460>");
}
