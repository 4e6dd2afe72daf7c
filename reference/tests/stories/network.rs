//! ICMP errors: RFC 9293 3.9.2.2, RFC 5461, RFC 5927; path MTU: RFC 1191, 8201.

use crate::common::{Talk, secs};
use wireproof_reference::event::Event;
use wireproof_reference::policy::Policy;
use wireproof_reference::tcp::{CallError, Error, NetworkError, SeqNumber, State};

fn report(talk: &mut Talk, quoted: u32, error: NetworkError) {
    talk.connection.handle_network_error(talk.now, SeqNumber(quoted), error);
}

#[test]
fn a_hard_error_ends_an_opening_if_it_quotes_the_syn() {
    let mut talk = Talk::connecting(&Policy::rfc9293());
    talk.output();
    for quoted in [299, 301] {
        report(&mut talk, quoted, NetworkError::Hard(Error::Refused));
        talk.is_in(State::SynSent);
    }
    report(&mut talk, 300, NetworkError::Hard(Error::Refused));
    talk.is_in(State::Closed);
    assert_eq!(talk.reads(1), Err(CallError::Failed(Error::Refused)));
}

#[test]
fn a_soft_error_is_remembered_and_told_when_the_opening_fails() {
    let mut talk = Talk::connecting(&Policy::rfc9293());
    talk.output();
    report(&mut talk, 300, NetworkError::Soft(Error::HostUnreachable));
    talk.is_in(State::SynSent);
    assert_eq!(talk.connection.soft_error(), Some(Error::HostUnreachable));
    while talk.connection.state() == State::SynSent {
        talk.until_next();
    }
    assert_eq!(talk.connection.error(), Some(Error::HostUnreachable));
}

#[test]
fn once_open_a_hard_error_is_a_soft_one() {
    let mut talk = Talk::established();
    talk.sends(0, 10);
    talk.output();
    report(&mut talk, 301, NetworkError::Hard(Error::ProtocolUnreachable));
    talk.is_in(State::Established);
    assert_eq!(talk.connection.soft_error(), Some(Error::ProtocolUnreachable));
    talk.says("<SEQ=101><ACK=311><CTL=ACK>");
    report(&mut talk, 301, NetworkError::Soft(Error::HostUnreachable));
    assert_eq!(talk.connection.soft_error(), None, "nothing was in flight");
}

#[test]
fn a_smaller_path_is_believed_at_once_and_what_was_too_large_leaves_anew() {
    let mut talk = Talk::established();
    talk.sends(0, 1460);
    talk.hears("<SEQ=301><ACK=101><CTL=ACK,PSH><DATA=1460>");
    report(&mut talk, 301, NetworkError::PacketTooBig(1000));
    talk.hears_all(&["<SEQ=301><ACK=101><CTL=ACK><DATA=960>", "<SEQ=1261><ACK=101><CTL=ACK,PSH><DATA=500>"]);
    assert_eq!(talk.until_next().0, secs(1));
}

#[test]
fn a_path_that_has_carried_large_packets_is_doubted_until_a_timeout() {
    let mut talk = Talk::established();
    talk.sends(0, 1460);
    talk.output();
    talk.says("<SEQ=101><ACK=1761><CTL=ACK>");
    talk.sends(1460, 1460);
    talk.hears("<SEQ=1761><ACK=101><CTL=ACK,PSH><DATA=1460>");
    report(&mut talk, 1761, NetworkError::PacketTooBig(1000));
    talk.hears_nothing();
    talk.waits(secs(1));
    talk.hears("<SEQ=1761><ACK=101><CTL=ACK><DATA=960>");
}

#[test]
fn a_report_that_quotes_nothing_in_flight_changes_nothing() {
    let mut talk = Talk::established();
    talk.sends(0, 1460);
    talk.output();
    talk.says("<SEQ=101><ACK=1761><CTL=ACK>");
    talk.events();
    report(&mut talk, 301, NetworkError::PacketTooBig(1000));
    assert_eq!(talk.connection.status().segment_size, Some(1460));
    assert_eq!(talk.events(), Vec::<Event>::new());
}

#[test]
fn a_soft_error_that_progress_has_refuted_explains_nothing_any_more() {
    let mut talk = Talk::established();
    talk.sends(0, 10);
    talk.output();
    report(&mut talk, 301, NetworkError::Soft(Error::HostUnreachable));
    talk.says("<SEQ=101><ACK=311><CTL=ACK>");
    assert_eq!(talk.connection.soft_error(), None);
    talk.sends(10, 10);
    while talk.connection.state() == State::Established {
        talk.until_next();
    }
    assert_eq!(talk.connection.error(), Some(Error::TimedOut));
}
