//! LISTEN: a port that waits for connection requests, and the connections that nobody has accepted yet.
//!
//! ```text
//!            SYN              ACK of SYN             accept
//! (nobody) -------> half-open ----------> to accept --------> the user's
//!             ^         |
//!             +---------+  RST, new SYN (RFC 9293 3.10.7.4)
//! ```

use super::arrives::{Discard, Listening, is_newer_syn, listens};
use super::connection::{Connection, Status};
use super::error::NetworkError;
use super::isn::IsnGenerator;
use super::lower::Carriage;
use super::segment::{Segment, SegmentOut};
use super::seq::SeqNumber;
use super::state::State;
use super::tcb::{Tcb, TimeWait};
use crate::event::{EVENTS_LIMIT, Event, Events};
use crate::policy::{Policy, Reporting};
use crate::time::Instant;
use core::iter;
use std::collections::VecDeque;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// The most connections that one listener keeps, whatever backlog is asked for.
pub const BACKLOG_LIMIT: usize = 1024;

/// The most resets that wait to be sent: one for each connection when the listener closes.
const RESETS_LIMIT: usize = BACKLOG_LIMIT;

/// Any peer.
const UNSPECIFIED: SocketAddr = SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), 0);

/// A new incarnation's ISS must lie after all that the old one used (RFC 9293 3.6.1 MAY-2, 1): by so much, at least.
const ISS_DISTANCE: u32 = 64_000;

/// What happened to a connection: this end, the peer, and the event.
pub type Told = (SocketAddr, SocketAddr, Event);

/// A passive OPEN.
#[derive(Debug)]
pub struct Listener {
    local: SocketAddr,
    backlog: usize,
    mtu: u32,
    policy: Policy,
    /// Not yet accepted, the oldest first.
    children: Vec<Connection>,
    resets: VecDeque<SegmentOut>,
    events: Events,
    /// What observers have not seen yet of connections that are gone.
    of_ended: VecDeque<Told>,
}

impl Listener {
    /// Passive OPEN (RFC 9293 3.10.1) with the remote end unspecified: up to `backlog` connections, half-open ones
    /// among them, wait to be accepted; one at least, [`BACKLOG_LIMIT`] at most. `mtu` is that of the link.
    pub fn new(local: SocketAddr, backlog: usize, mtu: u32, policy: &Policy) -> Self {
        Self {
            local,
            backlog: backlog.clamp(1, BACKLOG_LIMIT),
            mtu,
            policy: policy.clone(),
            children: Vec::new(),
            resets: VecDeque::new(),
            events: Events::new(Reporting::Off),
            of_ended: VecDeque::new(),
        }
    }

    // Getters.

    /// The address and port that it was opened with.
    pub const fn local(&self) -> SocketAddr {
        self.local
    }

    /// The policy that its connections begin with.
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// STATUS in LISTEN (RFC 9293 3.10.6), `remote` being the one peer that it is for.
    pub fn status(&self, remote: Option<SocketAddr>) -> Status {
        Status {
            local: self.local,
            remote: remote.unwrap_or(UNSPECIFIED),
            state: State::Listen,
            send: None,
            receive_next: None,
            send_window: 0,
            receive_window: u32::from(self.policy.receive_buffer),
            unacknowledged: 0,
            unread: 0,
            urgent: None,
            retransmission_timeout: None,
            round_trip: None,
            congestion_window: None,
            segment_size: None,
            carriage: Carriage::new(&self.policy, self.local),
            received_dscp: None,
            user_timeout: self.policy.user_timeout.or(self.policy.r2),
            soft_error: None,
        }
    }

    /// The connections not yet accepted, the oldest first.
    pub fn children(&self) -> &[Connection] {
        &self.children
    }

    /// Whether a connection is there to be accepted.
    pub fn is_ready(&self) -> bool {
        self.children.iter().any(is_acceptable)
    }

    /// Whether a connection between these ends waits here, opening or open.
    pub fn has_between(&self, local: SocketAddr, remote: SocketAddr) -> bool {
        self.living(local, remote).is_some()
    }

    // Input.

    /// A segment for this port that belongs to no accepted connection, its addresses fit to be answered.
    pub fn handle_segment(&mut self, now: Instant, segment: &Segment<'_>, isn: &IsnGenerator) {
        let Some(place) = self.living(segment.destination, segment.source) else {
            self.listen(now, segment, isn);
            return;
        };
        if is_reusable(&self.children[place], segment) {
            let old = self.children.remove(place);
            self.reopen(now, old, segment, isn);
            return;
        }
        self.children[place].handle_segment(now, segment);
        self.drop_ended(place);
    }

    /// The connection between these ends. One that has failed and waits for its user is none any more.
    fn living(&self, local: SocketAddr, remote: SocketAddr) -> Option<usize> {
        self.children.iter().position(|child| {
            (child.local(), child.remote()) == (local, remote) && child.state() != State::Closed
        })
    }

    fn listen(&mut self, now: Instant, segment: &Segment<'_>, isn: &IsnGenerator) {
        match listens(segment) {
            Listening::Open => {
                let iss = isn.generate(now, segment.destination, segment.source);
                self.open(now, segment, iss, None);
            }
            Listening::Reset(reason) => {
                self.events.push(Event::Discarded(reason));
                let carriage = Carriage::new(&self.policy, segment.destination);
                self.reset(iter::once(SegmentOut::reset_for(segment, carriage)));
            }
            Listening::Discard(reason) => self.events.push(Event::Discarded(reason)),
        }
    }

    fn reset(&mut self, resets: impl IntoIterator<Item = SegmentOut>) {
        let room = RESETS_LIMIT.saturating_sub(self.resets.len());
        self.resets.extend(resets.into_iter().take(room));
    }

    fn open(&mut self, now: Instant, syn: &Segment<'_>, iss: SeqNumber, previous: Option<Box<TimeWait>>) {
        if self.children.len() >= self.backlog {
            self.events.push(Event::Discarded(Discard::BacklogFull));
            return;
        }
        self.children.push(Connection::open_passive(now, syn, iss, self.mtu, &self.policy, previous));
    }

    /// Whether `segment` may open a new incarnation in place of `old`, which is in TIME-WAIT with nothing left to read
    /// (RFC 9293 3.6.1 MAY-2, RFC 6191 2), and there is room for it.
    pub fn can_reopen(&self, old: &Connection, segment: &Segment<'_>) -> bool {
        self.children.len() < self.backlog && is_reusable(old, segment)
    }

    /// Opens it. The old connection comes back if the SYN turns out to be an old duplicate (MAY-2, 2).
    pub fn reopen(&mut self, now: Instant, old: Connection, segment: &Segment<'_>, isn: &IsnGenerator) {
        if let Tcb::TimeWait(previous) = old.tcb {
            let iss =
                isn.generate(now, segment.destination, segment.source).later(previous.snd_nxt + ISS_DISTANCE);
            self.open(now, segment, iss, Some(Box::new(previous)));
        }
    }

    /// What the host knows of the path to the peer of one of its connections: see [`Connection::handle_known_path`].
    pub fn handle_known_path(&mut self, local: SocketAddr, remote: SocketAddr, mtu: u32) {
        if let Some(place) = self.living(local, remote)
            && self.children[place].state() == State::SynReceived
        {
            self.children[place].handle_known_path(mtu);
        }
    }

    /// An ICMP error that quotes a segment of one of its connections.
    pub fn handle_network_error(
        &mut self,
        now: Instant,
        local: SocketAddr,
        remote: SocketAddr,
        quoted: SeqNumber,
        error: NetworkError,
    ) {
        if let Some(place) = self.living(local, remote) {
            self.children[place].handle_network_error(now, quoted, error);
            self.drop_ended(place);
        }
    }

    /// Serves the timers of its connections.
    pub fn handle_timeout(&mut self, now: Instant) {
        for child in &mut self.children {
            child.handle_timeout(now);
        }
        for place in (0..self.children.len()).rev() {
            self.drop_ended(place);
        }
    }

    /// Forgets a half-open connection that has returned to LISTEN or failed. One that was open when it failed stays, so
    /// that the user who accepts it learns of that; its last segments leave with it or with the listener.
    fn drop_ended(&mut self, place: usize) {
        let child = &self.children[place];
        let ended = match child.state() {
            State::Listen => true,
            State::Closed => !child.was_established(),
            State::SynSent
            | State::SynReceived
            | State::Established
            | State::FinWait1
            | State::FinWait2
            | State::CloseWait
            | State::Closing
            | State::LastAck
            | State::TimeWait => false,
        };
        if ended {
            let mut child = self.children.remove(place);
            while let Some(event) = child.poll_event() {
                if self.of_ended.len() == EVENTS_LIMIT {
                    self.of_ended.pop_front();
                }
                self.of_ended.push_back((child.local(), child.remote(), event));
            }
            self.reset(child.resets);
        }
    }

    // Commands.

    /// The oldest connection that is open, if there is one: it is the caller's from now on.
    pub fn accept(&mut self) -> Option<Connection> {
        let place = self.children.iter().position(is_acceptable)?;
        Some(self.children.remove(place))
    }

    /// The policy of the connections to come.
    pub fn set_policy(&mut self, policy: Policy) {
        self.policy = policy;
    }

    /// CLOSE and ABORT in LISTEN (RFC 9293 3.10.4, 3.10.5): nobody will accept what waits, so it is reset. Poll what is
    /// left to send, then drop the listener.
    pub fn close(&mut self, now: Instant) {
        for mut child in core::mem::take(&mut self.children) {
            // One that has failed needs no abort.
            let _ = child.abort(now);
            self.reset(child.resets);
        }
    }

    /// Active OPEN in LISTEN (RFC 9293 3.10.1): the port now asks `remote` for a connection. [`close`](Self::close) it
    /// first, and send what is left: nobody will accept what waits in here.
    pub fn into_active(
        self,
        now: Instant,
        local: SocketAddr,
        remote: SocketAddr,
        iss: SeqNumber,
    ) -> Connection {
        Connection::open(now, State::Listen, local, remote, iss, self.mtu, &self.policy)
    }

    // Output.

    /// The next segment to send now.
    pub fn poll_transmit(&mut self, now: Instant) -> Option<SegmentOut> {
        let reset = self.resets.pop_front();
        reset.or_else(|| self.children.iter_mut().find_map(|child| child.poll_transmit(now)))
    }

    /// When [`handle_timeout`](Self::handle_timeout) wants to be called.
    pub fn poll_deadline(&self) -> Option<Instant> {
        self.children.iter().filter_map(Connection::poll_deadline).min()
    }

    /// What an observer has not seen yet of the connections that were not accepted.
    pub fn poll_connection_event(&mut self) -> Option<Told> {
        self.of_ended.pop_front().or_else(|| {
            self.children.iter_mut().find_map(|child| Some((child.local, child.remote, child.poll_event()?)))
        })
    }

    /// What an observer has not seen yet of the listener itself.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop()
    }
}

/// Whether the user may have it: it is, or was, past SYN-RECEIVED.
fn is_acceptable(child: &Connection) -> bool {
    child.was_established()
}

fn is_reusable(old: &Connection, segment: &Segment<'_>) -> bool {
    match &old.tcb {
        Tcb::TimeWait(time_wait) => {
            time_wait.receiving.unread() == 0 && is_newer_syn(time_wait, &old.policy, segment)
        }
        Tcb::Closed(_) | Tcb::Listen | Tcb::SynSent(_) | Tcb::SynReceived(_) | Tcb::Synchronised(_) => false,
    }
}
