//! The transmission control block: for each state what it needs to know, and no more.
//!
//! LISTEN is the [`Listener`](super::Listener)'s; a connection only says that it has gone back there. The names of the
//! synchronised states follow from how far the two FINs have got.

use super::error::Error;
use super::receiving::Receiving;
use super::sending::{Fin, Sending};
use super::seq::SeqNumber;
use super::state::State;

/// What is known about a connection, by its state.
#[derive(Debug)]
pub(super) enum Tcb {
    Closed(Closed),
    Listen,
    SynSent(SynSent),
    SynReceived(SynReceived),
    Synchronised(Synchronised),
    TimeWait(TimeWait),
}

/// CLOSED: how it ended.
#[derive(Debug)]
pub(super) struct Closed {
    pub(super) error: Option<Error>,
    /// Text that the user may still read, if the connection ended in good order.
    pub(super) remains: Option<Receiving>,
}

/// SYN-SENT.
#[derive(Debug)]
pub(super) struct SynSent {
    pub(super) sending: Sending,
}

/// SYN-RECEIVED.
#[derive(Debug)]
pub(super) struct SynReceived {
    pub(super) sending: Sending,
    pub(super) receiving: Receiving,
    pub(super) origin: Origin,
    pub(super) close: CloseRequest,
}

/// RFC 9293 3.10.7.4 MUST-11: how SYN-RECEIVED was reached.
#[derive(Debug)]
pub(super) enum Origin {
    /// From LISTEN, perhaps in place of a connection in TIME-WAIT.
    Passive { previous: Option<Box<TimeWait>> },
    /// From SYN-SENT.
    Active,
}

/// RFC 9293 3.10.4: a CLOSE with data still to be sent waits for ESTABLISHED.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CloseRequest {
    None,
    Queued,
}

/// ESTABLISHED to LAST-ACK.
#[derive(Debug)]
pub(super) struct Synchronised {
    pub(super) sending: Sending,
    pub(super) receiving: Receiving,
    pub(super) peer: PeerFin,
}

/// Whether the peer has closed, and who did first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PeerFin {
    None,
    BeforeOurClose,
    AfterOurClose,
}

/// TIME-WAIT: numbers to answer with, and text that the user may still read.
#[derive(Debug)]
pub(super) struct TimeWait {
    pub(super) snd_nxt: SeqNumber,
    pub(super) max_snd_wnd: u32,
    pub(super) receiving: Receiving,
}

/// The state to enter, with what cannot be taken from the one before.
#[derive(Debug)]
pub(super) enum Next {
    Listen,
    SynReceived(Receiving),
    /// From SYN-SENT, with the receiving half that the peer's SYN began.
    EstablishedBy(Receiving),
    Established,
    FinWait1,
    FinWait2,
    CloseWait,
    Closing,
    LastAck,
    TimeWait,
    Closed(Option<Error>),
}

impl Tcb {
    pub(super) const CLOSED: Self = Self::Closed(Closed { error: None, remains: None });

    /// The RFC's name.
    pub(super) fn state(&self) -> State {
        match self {
            Self::Closed(_) => State::Closed,
            Self::Listen => State::Listen,
            Self::SynSent(_) => State::SynSent,
            Self::SynReceived(_) => State::SynReceived,
            Self::Synchronised(synchronised) => synchronised.state(),
            Self::TimeWait(_) => State::TimeWait,
        }
    }

    pub(super) fn sending(&self) -> Option<&Sending> {
        match self {
            Self::SynSent(SynSent { sending })
            | Self::SynReceived(SynReceived { sending, .. })
            | Self::Synchronised(Synchronised { sending, .. }) => Some(sending),
            Self::Closed(_) | Self::Listen | Self::TimeWait(_) => None,
        }
    }

    pub(super) fn sending_mut(&mut self) -> Option<&mut Sending> {
        match self {
            Self::SynSent(SynSent { sending })
            | Self::SynReceived(SynReceived { sending, .. })
            | Self::Synchronised(Synchronised { sending, .. }) => Some(sending),
            Self::Closed(_) | Self::Listen | Self::TimeWait(_) => None,
        }
    }

    pub(super) fn receiving(&self) -> Option<&Receiving> {
        match self {
            Self::SynReceived(SynReceived { receiving, .. })
            | Self::Synchronised(Synchronised { receiving, .. })
            | Self::TimeWait(TimeWait { receiving, .. }) => Some(receiving),
            Self::Closed(Closed { remains, .. }) => remains.as_ref(),
            Self::Listen | Self::SynSent(_) => None,
        }
    }

    pub(super) fn receiving_mut(&mut self) -> Option<&mut Receiving> {
        match self {
            Self::SynReceived(SynReceived { receiving, .. })
            | Self::Synchronised(Synchronised { receiving, .. })
            | Self::TimeWait(TimeWait { receiving, .. }) => Some(receiving),
            Self::Closed(Closed { remains, .. }) => remains.as_mut(),
            Self::Listen | Self::SynSent(_) => None,
        }
    }

    /// What the state becomes. Where no rule leads from it to `next` it stays, which the table of transitions will not
    /// let pass.
    pub(super) fn into_next(self, next: Next) -> Self {
        match (self, next) {
            (Self::SynSent(SynSent { sending }), Next::SynReceived(receiving)) => {
                Self::SynReceived(SynReceived {
                    sending,
                    receiving,
                    origin: Origin::Active,
                    close: CloseRequest::None,
                })
            }
            (Self::SynSent(SynSent { sending }), Next::EstablishedBy(receiving)) => {
                Self::Synchronised(Synchronised { sending, receiving, peer: PeerFin::None })
            }
            (Self::SynReceived(old), next) => old.into_next(next),
            (Self::Synchronised(old), next) => old.into_next(next),
            (Self::TimeWait(old), Next::Closed(None)) => {
                Self::Closed(Closed { error: None, remains: Some(old.receiving) })
            }
            (Self::TimeWait(_), Next::Closed(error)) => Self::Closed(Closed { error, remains: None }),
            (Self::SynSent(_), Next::Closed(error)) => Self::Closed(Closed { error, remains: None }),
            (old, _) => old,
        }
    }
}

impl SynReceived {
    fn into_next(self, next: Next) -> Tcb {
        let Self { sending, receiving, origin, close } = self;
        match (next, origin) {
            (Next::Established, Origin::Active | Origin::Passive { .. }) => {
                Tcb::Synchronised(Synchronised { sending, receiving, peer: PeerFin::None })
            }
            (Next::FinWait1, Origin::Active | Origin::Passive { .. }) => {
                let mut sending = sending;
                sending.set_fin(Fin::Unacknowledged);
                Tcb::Synchronised(Synchronised { sending, receiving, peer: PeerFin::None })
            }
            (Next::Closed(error), Origin::Active | Origin::Passive { .. }) => {
                Tcb::Closed(Closed { error, remains: None })
            }
            // RFC 9293 3.6.1 MAY-2, (2): the SYN was an old duplicate after all.
            (Next::Listen, Origin::Passive { previous: Some(previous) }) => Tcb::TimeWait(*previous),
            (Next::Listen, Origin::Passive { previous: None }) => Tcb::Listen,
            (_, origin) => Tcb::SynReceived(Self { sending, receiving, origin, close }),
        }
    }
}

impl Synchronised {
    fn state(&self) -> State {
        match (self.sending.fin(), self.peer) {
            (Fin::None, PeerFin::None) => State::Established,
            (Fin::Unacknowledged, PeerFin::None) => State::FinWait1,
            (Fin::Acknowledged, PeerFin::None) => State::FinWait2,
            (Fin::None, PeerFin::BeforeOurClose | PeerFin::AfterOurClose) => State::CloseWait,
            (Fin::Unacknowledged | Fin::Acknowledged, PeerFin::BeforeOurClose) => State::LastAck,
            (Fin::Unacknowledged | Fin::Acknowledged, PeerFin::AfterOurClose) => State::Closing,
        }
    }

    fn into_next(mut self, next: Next) -> Tcb {
        match next {
            Next::FinWait1 | Next::LastAck => self.sending.set_fin(Fin::Unacknowledged),
            Next::FinWait2 => self.sending.set_fin(Fin::Acknowledged),
            Next::CloseWait => self.peer = PeerFin::BeforeOurClose,
            Next::Closing => self.peer = PeerFin::AfterOurClose,
            Next::TimeWait => return Tcb::TimeWait(self.into_time_wait()),
            Next::Closed(None) => {
                return Tcb::Closed(Closed { error: None, remains: Some(self.receiving) });
            }
            // RFC 9293 3.10.7.4, second: all queues are flushed.
            Next::Closed(error) => return Tcb::Closed(Closed { error, remains: None }),
            Next::Listen | Next::SynReceived(_) | Next::EstablishedBy(_) | Next::Established => {
                return Tcb::Synchronised(self);
            }
        }
        Tcb::Synchronised(self)
    }

    fn into_time_wait(self) -> TimeWait {
        TimeWait {
            snd_nxt: self.sending.nxt(),
            max_snd_wnd: self.sending.window().max,
            receiving: self.receiving,
        }
    }
}
