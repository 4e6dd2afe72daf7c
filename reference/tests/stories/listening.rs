//! LISTEN, the backlog, and the reuse of ports in TIME-WAIT: RFC 9293 3.10.7.2, 3.6.1; RFC 6191.

use crate::common::{IRS, ISS, MTU, START, device, secs, segment};
use std::collections::BTreeMap;
use wireproof_reference::event::Event;
use wireproof_reference::policy::Policy;
use wireproof_reference::tcp::{
    Connection, Discard, Error, IsnGenerator, Listener, NetworkError, SeqNumber, State,
};
use wireproof_reference::time::Instant;

struct Desk {
    now: Instant,
    listener: Listener,
    isn: IsnGenerator,
}

impl Desk {
    fn with_backlog(backlog: usize) -> Self {
        Self {
            now: START,
            listener: Listener::new(device(), backlog, MTU, &Policy::rfc9293()),
            isn: IsnGenerator::fixed(SeqNumber(ISS)),
        }
    }

    /// A tester at this port sends; what the listener answers.
    fn says(&mut self, port: u16, notation: &str) -> Vec<String> {
        let mut segment = segment(notation, &BTreeMap::new());
        segment.source.set_port(port);
        self.listener.handle_segment(self.now, &segment.as_segment(), &self.isn);
        self.output()
    }

    fn output(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.listener.poll_transmit(self.now))
            .map(|segment| segment.to_string())
            .collect()
    }

    fn states(&self) -> Vec<State> {
        self.listener.children().iter().map(Connection::state).collect()
    }

    fn opens(&mut self, port: u16) {
        self.says(port, "<SEQ=100><CTL=SYN><MSS=1460>");
        self.says(port, "<SEQ=101><ACK=301><CTL=ACK>");
    }
}

const SYN_ACK: &str = "<SEQ=300><ACK=101><CTL=SYN,ACK><WND=65535><MSS=1460>";

#[test]
fn a_syn_opens_a_connection_that_can_be_accepted_once_acknowledged() {
    let mut desk = Desk::with_backlog(5);
    assert_eq!(desk.says(4000, "<SEQ=100><CTL=SYN>"), [SYN_ACK]);
    assert!(desk.listener.accept().is_none());
    desk.says(4000, "<SEQ=101><ACK=301><CTL=ACK>");
    let connection = desk.listener.accept().unwrap();
    assert_eq!((connection.state(), connection.remote().port()), (State::Established, 4000));
    assert!(desk.listener.accept().is_none());
}

#[test]
fn the_answer_comes_again_until_three_minutes_have_passed() {
    let mut desk = Desk::with_backlog(5);
    desk.says(4000, "<SEQ=100><CTL=SYN>");
    for wait in [1, 2, 4, 8, 16, 32, 60, 60] {
        desk.now += secs(wait);
        desk.listener.handle_timeout(desk.now);
        assert_eq!(desk.output(), [SYN_ACK]);
    }
    desk.now += secs(60);
    desk.listener.handle_timeout(desk.now);
    assert_eq!((desk.output().len(), desk.states().len()), (0, 0));
    assert_eq!(desk.listener.poll_deadline(), None);
}

#[test]
fn a_reset_returns_to_listen_and_the_next_syn_is_welcome() {
    let mut desk = Desk::with_backlog(1);
    desk.says(4000, "<SEQ=100><CTL=SYN>");
    assert!(desk.says(4000, "<SEQ=101><CTL=RST>").is_empty());
    assert!(desk.states().is_empty());
    assert_eq!(desk.says(4000, "<SEQ=100><CTL=SYN>"), [SYN_ACK]);
}

/// RFC 9293 3.10.7.4, first and fourth: of a SYN with text that comes again the SYN lies before the window.
#[test]
fn a_syn_with_text_that_comes_again_does_not_undo_the_opening() {
    let mut desk = Desk::with_backlog(1);
    assert_eq!(desk.says(4000, "<SEQ=100><CTL=SYN><DATA=20>"), [SYN_ACK]);
    assert_eq!(
        desk.says(4000, "<SEQ=100><CTL=SYN><DATA=20>"),
        ["<SEQ=301><ACK=101><CTL=ACK><WND=65535>"],
        "as the one without text"
    );
    assert_eq!(desk.states(), [State::SynReceived]);
    assert_eq!(desk.says(4000, "<SEQ=121><ACK=301><CTL=ACK>"), ["<SEQ=301><ACK=121><CTL=ACK><WND=65515>"]);
    assert_eq!(desk.states(), [State::Established]);
}

/// A SYN in the window begins anew.
#[test]
fn a_newer_syn_with_text_returns_to_listen() {
    let mut desk = Desk::with_backlog(1);
    desk.says(4000, "<SEQ=100><CTL=SYN>");
    assert!(desk.says(4000, "<SEQ=101><CTL=SYN><DATA=20>").is_empty());
    assert!(desk.states().is_empty());
}

#[test]
fn a_full_backlog_drops_syns_in_silence_until_one_is_accepted() {
    let mut desk = Desk::with_backlog(2);
    desk.opens(4000);
    desk.says(4001, "<SEQ=100><CTL=SYN>");
    assert!(desk.says(4002, "<SEQ=100><CTL=SYN>").is_empty());
    assert_eq!(desk.listener.poll_event(), Some(Event::Discarded(Discard::BacklogFull)));
    assert!(desk.listener.accept().is_some());
    assert_eq!(desk.says(4002, "<SEQ=100><CTL=SYN>"), [SYN_ACK]);
}

#[test]
fn a_connection_that_died_before_it_was_accepted_tells_why() {
    let mut desk = Desk::with_backlog(2);
    desk.opens(4000);
    desk.says(4000, "<SEQ=101><CTL=RST>");
    let connection = desk.listener.accept().unwrap();
    assert_eq!((connection.state(), connection.error()), (State::Closed, Some(Error::Reset)));
}

#[test]
fn closing_resets_what_nobody_will_accept() {
    let mut desk = Desk::with_backlog(5);
    desk.opens(4000);
    desk.says(4001, "<SEQ=100><CTL=SYN>");
    desk.listener.close(desk.now);
    assert_eq!(desk.output(), ["<SEQ=301><CTL=RST><WND=0>"; 2]);
}

#[test]
fn a_hard_error_returns_a_half_open_connection_to_listen() {
    let mut desk = Desk::with_backlog(5);
    desk.says(4000, "<SEQ=100><CTL=SYN>");
    let remote = desk.listener.children()[0].remote();
    let error = NetworkError::Hard(Error::Refused);
    desk.listener.handle_network_error(desk.now, device(), remote, SeqNumber(ISS + 1), error);
    assert_eq!(desk.states(), [State::SynReceived]);
    desk.listener.handle_network_error(desk.now, device(), remote, SeqNumber(ISS), error);
    assert!(desk.states().is_empty());
}

/// A connection with the tester at port 4000 in TIME-WAIT, next numbers 102 and 302.
fn time_wait(desk: &mut Desk) -> Connection {
    desk.opens(4000);
    let mut connection = desk.listener.accept().unwrap();
    connection.shutdown_write(desk.now).unwrap();
    while connection.poll_transmit(desk.now).is_some() {}
    let fin = segment("<SEQ=101><ACK=302><CTL=FIN,ACK>", &BTreeMap::new());
    connection.handle_segment(desk.now, &fin.as_segment());
    while connection.poll_transmit(desk.now).is_some() {}
    assert_eq!(connection.state(), State::TimeWait);
    connection
}

fn reopens(desk: &Desk, old: &Connection, notation: &str) -> bool {
    desk.listener.can_reopen(old, &segment(notation, &BTreeMap::new()).as_segment())
}

#[test]
fn only_a_syn_after_all_that_was_used_takes_over_a_connection_in_time_wait() {
    let mut desk = Desk::with_backlog(5);
    let old = time_wait(&mut desk);
    for (notation, expected) in [
        ("<SEQ=102><CTL=SYN>", true),
        ("<SEQ=200000><CTL=SYN>", true),
        ("<SEQ=101><CTL=SYN>", false),
        ("<SEQ=200000><ACK=302><CTL=SYN,ACK>", false),
        ("<SEQ=200000><CTL=SYN,RST>", false),
        ("<SEQ=200000><ACK=302><CTL=ACK>", false),
    ] {
        assert_eq!(reopens(&desk, &old, notation), expected, "{notation}");
    }
}

#[test]
fn the_new_incarnation_begins_after_the_old_ones_numbers_and_an_old_duplicate_brings_the_wait_back() {
    let mut desk = Desk::with_backlog(5);
    let old = time_wait(&mut desk);
    let syn = segment(&format!("<SEQ={}><CTL=SYN>", IRS + 5000), &BTreeMap::new());
    desk.listener.reopen(desk.now, old, &syn.as_segment(), &desk.isn);
    assert_eq!(desk.states(), [State::SynReceived]);
    let answer = desk.listener.poll_transmit(desk.now).unwrap();
    assert!(answer.syn && answer.seq.after(SeqNumber(302)), "{answer}");
    desk.says(4000, "<SEQ=5101><CTL=RST>");
    assert_eq!(desk.states(), [State::TimeWait]);
    assert!(desk.listener.accept().is_none(), "nobody opened it");
    assert_eq!(
        desk.says(4000, "<SEQ=101><ACK=302><CTL=FIN,ACK>"),
        ["<SEQ=302><ACK=102><CTL=ACK><WND=65534>"]
    );
    desk.now += secs(240);
    desk.listener.handle_timeout(desk.now);
    assert!(desk.states().is_empty());
}

#[test]
fn a_listener_can_become_the_one_that_asks() {
    let desk = Desk::with_backlog(5);
    let remote = std::net::SocketAddr::from(([192, 0, 2, 1], 4000));
    let mut connection = desk.listener.into_active(desk.now, device(), remote, SeqNumber(ISS));
    assert_eq!(connection.state(), State::SynSent);
    assert!(connection.poll_transmit(desk.now).is_some_and(|syn| syn.syn && syn.ack.is_none()));
}
