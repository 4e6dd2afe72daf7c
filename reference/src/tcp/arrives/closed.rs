//! RFC 9293 3.10.7.1: CLOSED.

use super::super::lower::Carriage;
use super::super::segment::{Segment, SegmentOut};

/// What a segment for no connection at all is answered with: a reset, unless it is one itself.
pub fn reset_for_closed(segment: &Segment<'_>, carriage: Carriage) -> Option<SegmentOut> {
    (!segment.rst).then(|| SegmentOut::reset_for(segment, carriage))
}
