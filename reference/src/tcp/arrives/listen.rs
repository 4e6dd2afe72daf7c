//! RFC 9293 3.10.7.2: LISTEN.

use super::super::segment::Segment;
use super::Discard;

/// What a listener does about a segment from somebody new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tcp) enum Listening {
    /// Open a connection in SYN-RECEIVED.
    Open,
    /// Answer by a reset.
    Reset(Discard),
    /// Drop it in silence.
    Discard(Discard),
}

pub(in crate::tcp) fn listens(segment: &Segment<'_>) -> Listening {
    // First: an incoming RST is ignored.
    if segment.rst {
        return Listening::Discard(Discard::ResetForNothing);
    }
    // Second: any acknowledgment is bad.
    if segment.ack.is_some() {
        return Listening::Reset(Discard::AckInListen);
    }
    // Third, fourth
    if segment.syn { Listening::Open } else { Listening::Discard(Discard::NothingForListen) }
}
