//! What the network reports, RFC 9293 3.9.2.2: believed by RFC 5927, acted upon by RFC 5461.

use super::connection::Connection;
use super::error::NetworkError;
use super::seq::SeqNumber;
use super::state::State;
use super::tcb::{Next, Origin, SynReceived, Tcb};
use super::timers::Timer;
use crate::event::Event;
use crate::time::Instant;

impl Connection {
    /// An ICMP error about a segment that this end sent to this peer, with the sequence number that it quotes.
    pub fn handle_network_error(&mut self, now: Instant, quoted: SeqNumber, error: NetworkError) {
        // RFC 5927 4.1: it must quote what is in flight.
        let Some(sending) = self.tcb.sending_mut().filter(|sending| sending.has_in_flight(quoted)) else {
            return;
        };
        if let NetworkError::Soft(error) | NetworkError::Hard(error) = error {
            self.events.push(Event::Unreachable(error));
        }
        match error {
            NetworkError::PacketTooBig(mtu) => {
                if sending.handle_path_mtu(mtu, quoted) {
                    self.timers.stop(Timer::Retransmission);
                }
            }
            // RFC 5461 2.1, 4
            NetworkError::Soft(error) => self.soft_error = Some(error),
            NetworkError::Hard(error) => match self.state() {
                State::SynSent => self.enter(now, Next::Closed(Some(error))),
                State::SynReceived => self.give_up(now, error),
                // RFC 5927 5.2: in synchronised states a hard error is soft.
                State::Established
                | State::FinWait1
                | State::FinWait2
                | State::CloseWait
                | State::Closing
                | State::LastAck => self.soft_error = Some(error),
                State::Closed | State::Listen | State::TimeWait => {}
            },
        }
        self.settle(now);
    }

    /// What the host knows of the path to the peer from other connections: packets of so many octets. To be told while
    /// the connection opens; what it offers to receive stays that of the link.
    pub fn handle_known_path(&mut self, mtu: u32) {
        if let Some(sending) = self.tcb.sending_mut() {
            sending.handle_known_path(mtu);
        }
    }

    /// The opening failed: a passive one returns to LISTEN, an active one to CLOSED.
    fn give_up(&mut self, now: Instant, error: super::error::Error) {
        let next = match &self.tcb {
            Tcb::SynReceived(SynReceived { origin: Origin::Passive { .. }, .. }) => Next::Listen,
            _ => Next::Closed(Some(error)),
        };
        self.enter(now, next);
    }
}
