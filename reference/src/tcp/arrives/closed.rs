//! RFC 9293 3.10.7.1: CLOSED.

use super::super::segment::{Segment, SegmentOut};
use super::{Discard, Disposition};

/// What a segment for no connection at all is answered with: a reset, unless it is one itself.
pub fn reset_for_closed(segment: &Segment<'_>) -> Option<SegmentOut> {
    (!segment.rst).then(|| SegmentOut::reset_for(segment))
}

pub(super) fn arrives(segment: &Segment<'_>) -> Disposition {
    if segment.rst {
        Disposition::Discard(Discard::ResetForNothing)
    } else {
        Disposition::Reset(Discard::NoConnection)
    }
}
