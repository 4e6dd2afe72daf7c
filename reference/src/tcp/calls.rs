//! The user's calls on one connection, RFC 9293 3.10.2 to 3.10.6. OPEN is [`Connection::open_active`]; the calls in
//! LISTEN are the [`Listener`](super::Listener)'s.
//!
//! CLOSE comes in two kinds. [`shutdown_write`](Connection::shutdown_write) is the RFC's: "I have no more to send".
//! [`close`](Connection::close) is the half-duplex one of 3.6.1 (MAY-1), as sockets have it: the user will not read
//! any more either.

use super::connection::{Connection, Reader, Status};
use super::error::{CallError, Error};
use super::receiving::Receiving;
use super::sending::Sending;
use super::state::State;
use super::tcb::{CloseRequest, Next, Tcb};
use crate::policy::{Nagle, Reporting, UnreadData};
use crate::time::{Duration, Instant};

/// What RECEIVE gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Received {
    /// Octets of the stream, at least one.
    Data(Vec<u8>),
    /// The peer has closed and all was read.
    End,
}

impl Connection {
    /// SEND (RFC 9293 3.10.2): takes as many octets of `text` as there is room for and returns their number; 0 means
    /// try again later.
    ///
    /// # Errors
    /// [`CallError::Closing`] after CLOSE; [`CallError::NotConnected`] or [`CallError::Failed`] in CLOSED.
    pub fn send(&mut self, now: Instant, text: &[u8]) -> Result<usize, CallError> {
        let taken = self.open_sending()?.queue(text);
        self.settle(now);
        Ok(taken)
    }

    /// SEND with the URGENT flag: all that is queued is urgent, the pointer stands after its last octet (MUST-62).
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub fn send_urgent(&mut self, now: Instant, text: &[u8]) -> Result<usize, CallError> {
        let sending = self.open_sending()?;
        let taken = sending.queue(text);
        if taken > 0 {
            sending.mark_urgent();
        }
        self.settle(now);
        Ok(taken)
    }

    /// The sending half, if the user may still send.
    fn open_sending(&mut self) -> Result<&mut Sending, CallError> {
        match self.state() {
            State::Closed | State::Listen => return Err(self.ended()),
            State::SynSent | State::Established | State::CloseWait => {}
            State::SynReceived if !self.is_close_queued() => {}
            State::SynReceived
            | State::FinWait1
            | State::FinWait2
            | State::Closing
            | State::LastAck
            | State::TimeWait => return Err(CallError::Closing),
        }
        self.tcb.sending_mut().ok_or(CallError::NotConnected)
    }

    pub(super) fn is_close_queued(&self) -> bool {
        matches!(&self.tcb, Tcb::SynReceived(received) if received.close == CloseRequest::Queued)
    }

    fn ended(&self) -> CallError {
        self.error().map_or(CallError::NotConnected, CallError::Failed)
    }

    /// RECEIVE (RFC 9293 3.10.3): up to `max` octets. Text that arrived before the end can be read to its end, also in
    /// CLOSING, LAST-ACK and TIME-WAIT, where the RFC's text would refuse; all socket interfaces do so.
    ///
    /// # Errors
    /// [`CallError::WouldBlock`] while there is nothing to read; [`CallError::Closing`] after
    /// [`close`](Self::close); [`CallError::NotConnected`] or [`CallError::Failed`] in CLOSED.
    pub fn receive(&mut self, now: Instant, max: usize) -> Result<Received, CallError> {
        if self.reader == Reader::Gone {
            return Err(CallError::Closing);
        }
        let segment_size = self.tcb.sending().map_or(0, Sending::segment_size);
        let state = self.state();
        let ended = self.ended();
        let Some(receiving) = self.tcb.receiving_mut() else {
            return Err(if state == State::SynSent { CallError::WouldBlock } else { ended });
        };
        let text = receiving.read(max);
        let answer = match state {
            _ if !text.is_empty() => Ok(Received::Data(text)),
            State::CloseWait | State::Closing | State::LastAck | State::TimeWait | State::Closed => {
                Ok(Received::End)
            }
            State::SynReceived | State::Established | State::FinWait1 | State::FinWait2 => {
                Err(CallError::WouldBlock)
            }
            State::Listen | State::SynSent => Err(CallError::NotConnected),
        };
        if matches!(state, State::Established | State::FinWait1 | State::FinWait2) {
            receiving.owe_window_update(segment_size);
        }
        self.settle(now);
        answer
    }

    /// CLOSE (RFC 9293 3.10.4): no more is sent; what is queued is, and a FIN after it. Reading goes on.
    ///
    /// # Errors
    /// [`CallError::Closing`] if this direction is closed already; [`CallError::NotConnected`] or
    /// [`CallError::Failed`] in CLOSED.
    pub fn shutdown_write(&mut self, now: Instant) -> Result<(), CallError> {
        match self.state() {
            State::Closed | State::Listen => return Err(self.ended()),
            State::SynSent => self.enter(now, Next::Closed(None)),
            State::SynReceived => self.close_in_syn_received(now)?,
            State::Established => self.enter(now, Next::FinWait1),
            State::CloseWait => self.enter(now, Next::LastAck),
            State::FinWait1 | State::FinWait2 | State::Closing | State::LastAck | State::TimeWait => {
                return Err(CallError::Closing);
            }
        }
        self.settle(now);
        Ok(())
    }

    fn close_in_syn_received(&mut self, now: Instant) -> Result<(), CallError> {
        let Tcb::SynReceived(received) = &mut self.tcb else { return Err(CallError::NotConnected) };
        match received.close {
            CloseRequest::Queued => return Err(CallError::Closing),
            CloseRequest::None if received.sending.queued() > 0 => received.close = CloseRequest::Queued,
            CloseRequest::None => self.enter(now, Next::FinWait1),
        }
        Ok(())
    }

    /// CLOSE by a user who will not read any more (RFC 9293 3.6.1). If data was not read, the peer is told by a reset
    /// that it was lost (SHLD-3, RFC 2525 2.17); so it is if more comes later.
    ///
    /// # Errors
    /// [`CallError::Closing`] the second time; [`CallError::NotConnected`] or [`CallError::Failed`] in CLOSED.
    pub fn close(&mut self, now: Instant) -> Result<(), CallError> {
        if self.reader == Reader::Gone {
            return Err(CallError::Closing);
        }
        let ended = self.ended();
        self.reader = Reader::Gone;
        let lost = self.tcb.receiving().is_some_and(|receiving| receiving.unread() > 0);
        if let Some(receiving) = self.tcb.receiving_mut() {
            receiving.discard();
        }
        match self.state() {
            State::Closed | State::Listen => return Err(ended),
            State::Established | State::FinWait1 | State::FinWait2 | State::CloseWait
                if lost && self.policy.unread_data == UnreadData::Resets =>
            {
                self.break_off(now, Error::Aborted);
            }
            State::SynSent | State::SynReceived | State::Established | State::CloseWait => {
                return self.shutdown_write(now);
            }
            State::FinWait1 | State::FinWait2 | State::Closing | State::LastAck | State::TimeWait => {}
        }
        self.settle(now);
        Ok(())
    }

    /// ABORT (RFC 9293 3.10.5): CLOSED at once; a reset where the peer knows the connection and has not closed as well.
    ///
    /// # Errors
    /// [`CallError::NotConnected`] or [`CallError::Failed`] in CLOSED.
    pub fn abort(&mut self, now: Instant) -> Result<(), CallError> {
        match self.state() {
            State::Closed | State::Listen => return Err(self.ended()),
            State::SynReceived
            | State::Established
            | State::FinWait1
            | State::FinWait2
            | State::CloseWait => {
                self.break_off(now, Error::Aborted);
            }
            State::SynSent | State::Closing | State::LastAck | State::TimeWait => {
                self.enter(now, Next::Closed(Some(Error::Aborted)));
            }
        }
        Ok(())
    }

    /// STATUS (RFC 9293 3.10.6).
    pub fn status(&self) -> Status {
        let (sending, receiving) = (self.tcb.sending(), self.tcb.receiving());
        Status {
            local: self.local,
            remote: self.remote,
            state: self.state(),
            send: sending.map(|sending| (sending.una(), sending.nxt())),
            receive_next: receiving.map(Receiving::nxt),
            send_window: sending.map_or(0, |sending| sending.window().wnd),
            receive_window: receiving.map_or(0, Receiving::window),
            unacknowledged: sending.map_or(0, Sending::queued),
            unread: receiving.map_or(0, Receiving::unread),
            urgent: receiving.and_then(Receiving::urgent),
            retransmission_timeout: sending.map(|sending| sending.rto().value()),
            round_trip: sending.and_then(|sending| sending.rto().smoothed()),
            congestion_window: sending.map(Sending::congestion_window),
            segment_size: sending.map(Sending::segment_size),
            carriage: self.lower.carriage(),
            received_dscp: self.lower.heard_dscp(),
            user_timeout: self.policy.user_timeout.or(self.policy.r2),
            soft_error: self.soft_error,
        }
    }

    /// Octets that SEND would take now.
    pub fn send_room(&self) -> usize {
        self.tcb.sending().map_or(0, Sending::room)
    }

    /// Turns the Nagle algorithm on or off for this connection (RFC 9293 3.7.4 MUST-17).
    pub fn set_nagle(&mut self, nagle: Nagle) {
        self.policy.nagle = nagle;
        if let Some(sending) = self.tcb.sending_mut() {
            sending.set_nagle(nagle);
        }
    }

    /// Sets the Diffserv code point of what is sent from now on, 6 bits (RFC 9293 3.9.1.9 SHLD-21).
    pub fn set_dscp(&mut self, dscp: u8) {
        self.lower.set_dscp(dscp);
    }

    /// Sets the TTL or hop limit of what is sent from now on, at least 1 (RFC 9293 3.9.2 MUST-49).
    pub fn set_hop_limit(&mut self, hop_limit: u8) {
        self.lower.set_hop_limit(hop_limit);
    }

    /// Whether the user wants to hear of soft errors, R1 and urgent data (RFC 9293 3.9.1.8 SHLD-20).
    pub fn set_reporting(&mut self, reporting: Reporting) {
        self.events.set_reporting(reporting);
    }

    /// Sets the user timeout for this connection, in place of R2 (RFC 9293 3.8.3 MUST-21, 3.10.8); `None` never gives up.
    /// An attempt to open is given up at the policy's R2 for SYNs, if the user timeout is not over before.
    pub fn set_user_timeout(&mut self, now: Instant, timeout: Option<Duration>) {
        self.policy.set_user_timeout(timeout);
        self.settle(now);
    }
}
