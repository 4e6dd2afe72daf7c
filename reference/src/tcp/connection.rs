//! One connection: its control block, timers, and the only place where its state changes.
//!
//! Four kinds of method: getters; `handle_*`, for what comes in; commands, which are the user's calls; `poll_*`, for what
//! goes out. After each input, `poll_transmit` until it gives nothing more, then wait until `poll_deadline`.

use super::arrives::{Discard, Disposition};
use super::challenge::Challenges;
use super::error::Error;
use super::lower::{Carriage, Lower};
use super::mss::SegmentSize;
use super::receiving::Receiving;
use super::segment::{Segment, SegmentOut};
use super::sending::Sending;
use super::seq::SeqNumber;
use super::state::{State, is_declared};
use super::tcb::{CloseRequest, Next, Origin, SynReceived, SynSent, Tcb, TimeWait};
use super::timers::{Timer, Timers};
use crate::event::{Event, Events, Report};
use crate::policy::Policy;
use crate::time::{Duration, Instant};
use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};

/// The most resets that wait to be sent; a peer that provokes more without our being polled gets no more.
const RESETS_LIMIT: usize = 64;

/// Whether the user still reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    Present,
    /// It has closed both directions.
    Gone,
}

/// A connection, from its opening to its end.
#[derive(Debug)]
pub struct Connection {
    pub(super) local: SocketAddr,
    pub(super) remote: SocketAddr,
    /// The largest packet that this end's link takes, IP header included.
    pub(super) mtu: u32,
    pub(super) policy: Policy,
    pub(super) lower: Lower,
    pub(super) tcb: Tcb,
    pub(super) timers: Timers,
    pub(super) challenges: Challenges,
    pub(super) resets: VecDeque<SegmentOut>,
    pub(super) events: Events,
    pub(super) soft_error: Option<Error>,
    pub(super) reader: Reader,
    was_established: bool,
    /// The congestion window and its threshold as observers last saw them.
    congestion_seen: Option<(u32, u32)>,
}

/// What STATUS tells (RFC 9293 3.9.1.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// This end.
    pub local: SocketAddr,
    /// The peer.
    pub remote: SocketAddr,
    /// The state.
    pub state: State,
    /// SND.UNA, the oldest number not acknowledged, and SND.NXT, the next to send, where there is a sending half.
    pub send: Option<(SeqNumber, SeqNumber)>,
    /// RCV.NXT, the next number expected, where there is a receiving half.
    pub receive_next: Option<SeqNumber>,
    /// SND.WND, octets.
    pub send_window: u32,
    /// RCV.WND, octets.
    pub receive_window: u32,
    /// Octets sent or queued and not acknowledged.
    pub unacknowledged: usize,
    /// Octets that RECEIVE can have.
    pub unread: usize,
    /// Octets to read until urgent data ends.
    pub urgent: Option<u32>,
    /// RTO, the retransmission timeout as it stands.
    pub retransmission_timeout: Option<Duration>,
    /// SRTT, the smoothed round trip.
    pub round_trip: Option<Duration>,
    /// cwnd and ssthresh, octets.
    pub congestion_window: Option<(u32, u32)>,
    /// The effective send MSS, octets.
    pub segment_size: Option<u32>,
    /// How IP carries what is sent: Diffserv code point, hops, source route.
    pub carriage: Carriage,
    /// The Diffserv code point of the peer's latest segment (RFC 9293 3.9.1.9 MAY-9).
    pub received_dscp: Option<u8>,
    /// The user timeout, or R2 where the user has set none (RFC 9293 3.9.1.1, 3.8.3); `None` never gives up.
    pub user_timeout: Option<Duration>,
    /// What the network last said about data that nobody has acknowledged (RFC 9293 3.9.2.2 SHLD-25).
    pub soft_error: Option<Error>,
}

impl Connection {
    fn new(
        (local, remote): (SocketAddr, SocketAddr),
        mtu: u32,
        policy: &Policy,
        lower: Lower,
        mut tcb: Tcb,
    ) -> Self {
        if let Some(sending) = tcb.sending_mut() {
            sending.handle_ip_options(lower.carriage().options_len());
        }
        Self {
            local,
            remote,
            mtu,
            policy: policy.clone(),
            lower,
            tcb,
            timers: Timers::default(),
            challenges: Challenges::default(),
            resets: VecDeque::new(),
            events: Events::new(policy.reporting),
            soft_error: None,
            reader: Reader::Present,
            was_established: false,
            congestion_seen: None,
        }
    }

    /// Active OPEN (RFC 9293 3.10.1): in SYN-SENT, the SYN ready to be polled. `iss` comes from an
    /// [`IsnGenerator`](super::IsnGenerator), `mtu` is that of the link.
    pub fn open_active(
        now: Instant,
        local: SocketAddr,
        remote: SocketAddr,
        iss: SeqNumber,
        mtu: u32,
        policy: &Policy,
    ) -> Self {
        Self::open(now, State::Closed, local, remote, iss, mtu, policy)
    }

    /// The same from CLOSED or LISTEN.
    pub(super) fn open(
        now: Instant,
        from: State,
        local: SocketAddr,
        remote: SocketAddr,
        iss: SeqNumber,
        mtu: u32,
        policy: &Policy,
    ) -> Self {
        let sending = Sending::new(iss, SegmentSize::new(local, mtu).within(policy), policy);
        let tcb = Tcb::SynSent(SynSent { sending });
        let lower = Lower::of_active(policy, local);
        let mut connection = Self::new((local, remote), mtu, policy, lower, tcb);
        connection.events.push(Event::Entered { from, to: State::SynSent });
        connection.settle(now);
        connection
    }

    /// A connection that a SYN began in LISTEN, or in TIME-WAIT of `previous` (RFC 9293 3.10.7.2): in SYN-RECEIVED.
    pub(super) fn open_passive(
        now: Instant,
        syn: &Segment<'_>,
        iss: SeqNumber,
        mtu: u32,
        policy: &Policy,
        previous: Option<Box<TimeWait>>,
    ) -> Self {
        let (local, remote) = (syn.destination, syn.source);
        let from = if previous.is_some() { State::TimeWait } else { State::Listen };
        let mut sending = Sending::new(iss, SegmentSize::new(local, mtu).within(policy), policy);
        sending.handle_syn(syn.options.mss, syn.window, syn.seq, iss);
        let receiving = Receiving::of_syn(syn, policy);
        let origin = Origin::Passive { previous };
        let tcb = Tcb::SynReceived(SynReceived { sending, receiving, origin, close: CloseRequest::None });
        let lower = Lower::of_passive(policy, syn);
        let mut connection = Self::new((local, remote), mtu, policy, lower, tcb);
        connection.events.push(Event::Entered { from, to: State::SynReceived });
        connection.settle(now);
        connection
    }

    // Getters.

    /// The state by the RFC's name.
    pub fn state(&self) -> State {
        self.tcb.state()
    }

    /// Whether it has been open: past SYN-RECEIVED, whatever became of it.
    pub fn was_established(&self) -> bool {
        self.was_established
    }

    /// This end's address and port.
    pub const fn local(&self) -> SocketAddr {
        self.local
    }

    /// The peer's address and port.
    pub const fn remote(&self) -> SocketAddr {
        self.remote
    }

    /// The first place that its segments go to: the peer, or the first gateway of a source route.
    pub fn first_hop(&self) -> IpAddr {
        match self.lower.carriage().source_route {
            Some(route) => IpAddr::V4(route.first()),
            None => self.remote.ip(),
        }
    }

    /// Why the connection failed, once it has.
    pub const fn error(&self) -> Option<Error> {
        match &self.tcb {
            Tcb::Closed(closed) => closed.error,
            Tcb::Listen | Tcb::SynSent(_) | Tcb::SynReceived(_) | Tcb::Synchronised(_) | Tcb::TimeWait(_) => {
                None
            }
        }
    }

    /// The latest soft error that the network reported, unless data has been acknowledged since (RFC 9293 3.9.2.2
    /// SHLD-25).
    pub const fn soft_error(&self) -> Option<Error> {
        self.soft_error
    }

    // Output.

    /// When [`handle_timeout`](Self::handle_timeout) wants to be called; `None` for not at all.
    pub fn poll_deadline(&self) -> Option<Instant> {
        self.timers.next()
    }

    /// What an observer has not seen yet, oldest first; bounded by [`EVENTS_LIMIT`](crate::event::EVENTS_LIMIT).
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop()
    }

    /// ERROR_REPORT (RFC 9293 3.9.1.8 MUST-47): what the user has not heard of yet, oldest first; bounded by
    /// [`REPORTS_LIMIT`](crate::event::REPORTS_LIMIT).
    pub fn poll_report(&mut self) -> Option<Report> {
        self.events.pop_report()
    }

    // The one place.

    /// Carries out what a check of an arriving segment decided.
    pub(super) fn apply(&mut self, now: Instant, disposition: Disposition, segment: &Segment<'_>) -> Flow {
        match disposition {
            Disposition::Continue => return Flow::Continue,
            Disposition::Enter(next) => {
                self.enter(now, next);
                return Flow::Continue;
            }
            Disposition::Acknowledge(reason) => self.acknowledge(reason),
            Disposition::Challenge(reason) => {
                if self.challenges.allow(now, &self.policy) {
                    self.acknowledge(reason);
                }
            }
            Disposition::Linger(reason) => {
                self.acknowledge(reason);
                self.timers.start(Timer::TimeWait, now + self.policy.msl * 2);
            }
            Disposition::Reset(reason) => {
                self.reset(SegmentOut::reset_for(segment, self.lower.carriage()));
                self.events.push(Event::Discarded(reason));
            }
            Disposition::ResetAndClose(reason, error) => {
                self.reset(SegmentOut::reset_for(segment, self.lower.carriage()));
                self.events.push(Event::Discarded(reason));
                self.enter(now, Next::Closed(Some(error)));
            }
            Disposition::Abort(reason) => {
                self.events.push(Event::Discarded(reason));
                self.break_off(now, Error::Aborted);
            }
            Disposition::Discard(reason) => self.events.push(Event::Discarded(reason)),
        }
        Flow::Stop
    }

    fn acknowledge(&mut self, reason: Discard) {
        self.events.push(Event::Discarded(reason));
        if let Some(receiving) = self.tcb.receiving_mut() {
            receiving.owe_ack();
        }
    }

    pub(super) fn reset(&mut self, reset: SegmentOut) {
        if self.resets.len() < RESETS_LIMIT {
            self.resets.push_back(reset);
        }
    }

    /// RFC 9293 3.10.5: `<SEQ=SND.NXT><CTL=RST>`, and CLOSED.
    pub(super) fn break_off(&mut self, now: Instant, error: Error) {
        if let Some(sending) = self.tcb.sending() {
            let carriage = self.lower.carriage();
            let bare = SegmentOut::bare(self.local, self.remote, sending.nxt(), carriage);
            self.reset(SegmentOut { rst: true, ..bare });
        }
        self.enter(now, Next::Closed(Some(error)));
    }

    /// Replaces the state: checked against the table of transitions, seen by observers.
    pub(super) fn enter(&mut self, now: Instant, next: Next) {
        let from = self.state();
        let close_queued = self.is_close_queued();
        let old = core::mem::replace(&mut self.tcb, Tcb::CLOSED);
        self.tcb = old.into_next(next);
        let to = self.state();
        debug_assert!(is_declared(from, to), "{from} -> {to} is not in the table of transitions");
        self.events.push(Event::Entered { from, to });
        self.was_established |= matches!(to, State::Established | State::FinWait1);
        match to {
            // RFC 9293 3.10.7.4, eighth: start the time-wait timer, turn off the others.
            State::TimeWait => {
                self.timers.stop_all();
                self.timers.start(Timer::TimeWait, now + self.policy.msl * 2);
            }
            State::Closed | State::Listen => self.timers.stop_all(),
            // RFC 6298 5.2: the SYN was all that was outstanding.
            State::Established => self.timers.stop(Timer::Retransmission),
            State::SynSent
            | State::SynReceived
            | State::FinWait1
            | State::FinWait2
            | State::CloseWait
            | State::Closing
            | State::LastAck => {}
        }
        // RFC 9293 3.10.4, SYN-RECEIVED: the CLOSE was queued for processing after entering ESTABLISHED.
        if close_queued && to == State::Established {
            self.enter(now, Next::FinWait1);
        }
    }

    /// Starts and stops the timers that follow from what is in flight, queued and owed, and tells observers of the
    /// congestion window; ends each input.
    pub(super) fn settle(&mut self, now: Instant) {
        if let Some(sending) = self.tcb.sending_mut() {
            // RFC 6298 5.1, 5.2; RFC 9293 3.8.6.1
            if !sending.needs_timer() {
                self.timers.stop(Timer::Retransmission);
            } else if !self.timers.is_running(Timer::Retransmission) {
                sending.handle_timer_start(now);
                self.timers.start(Timer::Retransmission, now + sending.timeout());
            }
            // RFC 9293 3.10.8, USER TIMEOUT
            let patience = self.policy.user_timeout.filter(|_| sending.needs_timer());
            self.timers
                .set(Timer::User, patience.map(|patience| sending.retransmission().since() + patience));
            if !sending.needs_override() {
                self.timers.stop(Timer::SendOverride);
            } else if !self.timers.is_running(Timer::SendOverride) {
                self.timers.start(Timer::SendOverride, now + self.policy.sws_override);
            }
            sending.check();
            let congestion = sending.congestion_window();
            if self.congestion_seen.replace(congestion) != Some(congestion) {
                let (window, threshold) = congestion;
                self.events.push(Event::Congestion { window, threshold });
            }
        }
        match self.tcb.receiving().and_then(Receiving::ack_delay) {
            None => self.timers.stop(Timer::DelayedAck),
            Some(_) if self.timers.is_running(Timer::DelayedAck) => {}
            Some(delay) => self.timers.start(Timer::DelayedAck, now + delay),
        }
        if let Some(receiving) = self.tcb.receiving() {
            receiving.check();
        }
        match self.policy.fin_wait_2 {
            Some(limit) if self.reader == Reader::Gone && self.state() == State::FinWait2 => {
                if !self.timers.is_running(Timer::FinWait2) {
                    self.timers.start(Timer::FinWait2, now + limit);
                }
            }
            Some(_) | None => self.timers.stop(Timer::FinWait2),
        }
    }
}

/// Whether the rest of a segment is still to be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Flow {
    Continue,
    Stop,
}
