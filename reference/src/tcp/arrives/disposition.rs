//! What a check decides about an arriving segment, and the names of the reasons.

use super::super::error::Error;
use super::super::tcb::Next;
use core::fmt;

/// What happens next. Checks decide; `Connection::apply` carries out.
#[derive(Debug)]
pub(in crate::tcp) enum Disposition {
    /// On to the next check.
    Continue,
    /// Change the state, then on to the next check.
    Enter(Next),
    /// `<SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>`, and drop the segment.
    Acknowledge(Discard),
    /// The same within the limit of RFC 5961 7.
    Challenge(Discard),
    /// The same, and TIME-WAIT begins anew.
    Linger(Discard),
    /// Answer by a reset that the sender will believe; the state stays.
    Reset(Discard),
    /// The same, and CLOSED.
    ResetAndClose(Discard, Error),
    /// `<SEQ=SND.NXT><CTL=RST>`, and CLOSED.
    Abort(Discard),
    /// Drop the segment in silence.
    Discard(Discard),
}

/// Why a segment, or the rest of it, was not processed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Discard {
    /// A reset while nothing was sent.
    ResetForNothing,
    /// An acknowledgment while nothing was sent.
    AckInListen,
    /// Neither SYN nor ACK nor RST in LISTEN.
    NothingForListen,
    /// No room for another connection.
    BacklogFull,
    /// An acknowledgment of something other than our SYN.
    AckOfNoSyn,
    /// A reset in SYN-SENT that does not acknowledge our SYN.
    ResetWithoutAck,
    /// Neither SYN nor RST in SYN-SENT.
    NothingForSynSent,
    /// Out of the receive window.
    OutOfWindow,
    /// A reset out of the receive window.
    ResetOutOfWindow,
    /// A reset in the window but not at its edge.
    ResetNotExact,
    /// A reset in TIME-WAIT.
    ResetInTimeWait,
    /// A SYN where both ends are synchronised.
    SynWhenSynchronised,
    /// No acknowledgment.
    NoAck,
    /// An acknowledgment of what was never sent, or of what is long past.
    AckOutOfRange,
    /// Text for a user who is gone.
    TextAfterClose,
    /// Text or FIN after the peer's FIN.
    AfterFin,
    /// An acknowledgment in TIME-WAIT: nothing is left to do.
    NothingForTimeWait,
}

impl Discard {
    /// The clause that says so.
    pub const fn clause(self) -> &'static str {
        match self {
            Self::ResetForNothing => "RFC 9293 3.10.7.2, first",
            Self::AckInListen => "RFC 9293 3.10.7.2, second",
            Self::NothingForListen => "RFC 9293 3.10.7.2, fourth",
            Self::BacklogFull => "RFC 4987 3.3",
            Self::AckOfNoSyn => "RFC 9293 3.10.7.3, first",
            Self::ResetWithoutAck => "RFC 9293 3.10.7.3, second",
            Self::NothingForSynSent => "RFC 9293 3.10.7.3, fifth",
            Self::OutOfWindow => "RFC 9293 3.10.7.4, first",
            Self::ResetOutOfWindow | Self::ResetNotExact => "RFC 9293 3.10.7.4, second; RFC 5961 3.2",
            Self::ResetInTimeWait => "RFC 1337 3, F1",
            Self::SynWhenSynchronised => "RFC 9293 3.10.7.4, fourth; RFC 5961 4.2",
            Self::NoAck => "RFC 9293 3.10.7.4, fifth",
            Self::AckOutOfRange => "RFC 9293 3.10.7.4, fifth; RFC 5961 5.2",
            Self::TextAfterClose => "RFC 9293 3.6.1 SHLD-3",
            Self::AfterFin => "RFC 9293 3.10.7.4, seventh",
            Self::NothingForTimeWait => "RFC 9293 3.10.7.4, fifth",
        }
    }
}

impl fmt::Display for Discard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?} ({})", self.clause())
    }
}
