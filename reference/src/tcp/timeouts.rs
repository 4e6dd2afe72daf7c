//! Timeouts, RFC 9293 3.10.8: retransmission and user timeout (3.8.3), window probes (3.8.6.1), the sender's override
//! (3.8.6.2.1), delayed acknowledgments (3.8.6.3), TIME-WAIT; FIN-WAIT-2 as the policy has it.

use super::connection::Connection;
use super::error::Error;
use super::tcb::Next;
use super::timers::Timer;
use crate::event::Event;
use crate::time::Instant;

impl Connection {
    /// Serves the timers that have expired by `now`. One that its own service starts for `now` again, whatever the reason,
    /// is due at the next call: time-outs that creep are for the caller to see, not to be waited for.
    pub fn handle_timeout(&mut self, now: Instant) {
        for _ in Timer::ALL {
            let Some(timer) = self.timers.take_expired(now) else { break };
            self.events.push(Event::Expired(timer));
            match timer {
                Timer::User => self.abandon(now),
                Timer::Retransmission => self.retransmission_timeout(now),
                Timer::SendOverride => self.send_override(),
                Timer::DelayedAck => self.delayed_ack(),
                Timer::TimeWait => self.enter(now, Next::Closed(None)),
                Timer::FinWait2 => self.enter(now, Next::Closed(Some(Error::TimedOut))),
            }
        }
        self.settle(now);
    }

    /// RFC 9293 3.10.8, USER TIMEOUT. RFC 5461 2.2: a soft error explains the failure better.
    fn abandon(&mut self, now: Instant) {
        let error = self.soft_error.unwrap_or(Error::TimedOut);
        self.enter(now, Next::Closed(Some(error)));
    }

    fn retransmission_timeout(&mut self, now: Instant) {
        let Some(sending) = self.tcb.sending_mut() else { return };
        let limit = if sending.is_syn_unacknowledged() { Some(self.policy.r2_syn) } else { self.policy.r2 };
        // RFC 9293 3.8.3 MUST-20 (c): R2, measured in retransmissions, the latest of which had its time.
        if limit.is_some_and(|r2| sending.retransmission().span() >= r2) {
            self.abandon(now);
            return;
        }
        if sending.is_probing() {
            sending.handle_probe(now);
        } else {
            sending.handle_timeout(now);
        }
        let (attempts, timeout) = (sending.retransmission().attempts(), sending.timeout());
        // RFC 6298 5.6
        self.timers.start(Timer::Retransmission, now + timeout);
        // RFC 9293 3.8.3 MUST-20 (b), SHLD-9
        if attempts == self.policy.r1 {
            self.events.push(Event::DeliveryProblem);
        }
    }

    fn send_override(&mut self) {
        if let Some(sending) = self.tcb.sending_mut() {
            sending.handle_override();
        }
    }

    fn delayed_ack(&mut self) {
        if let Some(receiving) = self.tcb.receiving_mut() {
            receiving.owe_ack();
        }
    }
}
