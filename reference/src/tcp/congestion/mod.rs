//! Congestion control and loss recovery, each a small trait (RFC 9293 3.8.2, MUST-19).
//!
//! | file | what | RFC |
//! |---|---|---|
//! | [`slow_start`] | slow start and congestion avoidance | 5681 3.1, 4.1 |
//! | [`new_reno`] | fast retransmit and fast recovery, limited transmit | 5681 3.2, 6582, 3042 |
//!
//! The window is counted in octets. SYN and FIN count for nothing.

mod new_reno;
mod slow_start;

pub(super) use new_reno::NewReno;
pub(super) use slow_start::SlowStart;

use super::seq::SeqNumber;
use core::fmt::Debug;

/// How much may be in flight, as far as the network is concerned.
pub(super) trait CongestionControl: Debug + Send {
    /// cwnd, in octets.
    fn window(&self) -> u32;
    /// ssthresh, in octets.
    fn threshold(&self) -> u32;
    /// SMSS, in octets.
    fn segment_size(&self) -> u32;
    /// New data was acknowledged, outside of loss recovery.
    fn handle_ack(&mut self, acknowledged: u32);
    /// A loss was noticed with `flight` octets outstanding: sets the threshold.
    fn handle_loss(&mut self, flight: u32);
    /// The retransmission timer expired with `flight` octets outstanding.
    fn handle_timeout(&mut self, flight: u32, which: Expiry);
    /// The SYN or its answer had to be sent again.
    fn handle_syn_loss(&mut self);
    /// Nothing was sent for longer than a retransmission timeout.
    fn handle_idle(&mut self);
    /// Segments are now of this size.
    fn handle_segment_size(&mut self, segment_size: u32);
    /// Loss recovery inflates or deflates the window.
    fn set_window(&mut self, window: u32);
}

/// Whether a segment timed out for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expiry {
    First,
    Repeated,
}

/// What loss recovery wants sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Repair {
    /// Nothing beyond what the window allows.
    None,
    /// The segment at SND.UNA, now.
    First,
}

/// The sender's numbers, as loss recovery sees them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flight {
    pub(super) una: SeqNumber,
    pub(super) nxt: SeqNumber,
}

impl Flight {
    /// FlightSize, RFC 5681 2.
    pub(super) const fn size(self) -> u32 {
        self.nxt.since(self.una)
    }
}

/// How a sender learns of losses from acknowledgments, and what it sends about them.
pub(super) trait LossRecovery: Debug + Send {
    /// A duplicate acknowledgment (RFC 5681 2).
    fn handle_duplicate(&mut self, flight: Flight, control: &mut dyn CongestionControl) -> Repair;
    /// An acknowledgment that advanced SND.UNA (already moved in `flight`) by `acknowledged` octets.
    fn handle_ack(
        &mut self,
        flight: Flight,
        acknowledged: u32,
        control: &mut dyn CongestionControl,
    ) -> Repair;
    /// The retransmission timer expired.
    fn handle_timeout(&mut self, nxt: SeqNumber);
    /// Whether the acknowledgment that came last leaves the retransmission timer as it runs, against RFC 6298 5.3.
    fn holds_timer(&self) -> bool;
    /// Octets that may be sent beyond the congestion window.
    fn allowance(&self, segment_size: u32) -> u32;
}
