//! All that happened on a testbed: every frame with its time, direction, octets and fate; every call and result.

use super::finding::DeviceFinding;
use crate::device::{Call, CallId, CallResult};
use crate::ethernet::Fate;
use core::fmt;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::sync::Arc;
use wireproof_reference::time::Instant;

/// The first entries that are always kept: how connections began.
const HEAD_ENTRIES: usize = 1_024;
/// How many of the last entries are kept besides.
const TAIL_ENTRIES: usize = 8_192;
/// How many octets of frames the last entries hold at most.
const TAIL_OCTETS: usize = 8 << 20;

/// A frame on the testbed's wire: the n-th, from 0, in either direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FrameId(pub u64);

/// Which way a frame goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Direction {
    /// From the tester (or one of the hosts that it plays) to the device.
    ToDevice,
    /// From the device.
    FromDevice,
}

impl fmt::Display for Direction {
    /// The arrow of the notation.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::ToDevice => "-->",
            Self::FromDevice => "<--",
        })
    }
}

/// A frame as it was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceFrame {
    /// Which frame.
    pub id: FrameId,
    /// Which way it goes.
    pub direction: Direction,
    /// The frame without FCS.
    pub octets: Arc<[u8]>,
    /// What happened to it, in order; nothing: it was delivered.
    pub fates: Vec<Fate>,
    /// Remarks: the row that it fulfils, the rule that it breaks.
    pub notes: Vec<String>,
}

impl TraceFrame {
    /// Whether it never reached the other end.
    pub fn is_lost(&self) -> bool {
        self.fates.iter().any(Fate::is_end)
    }
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TraceItem {
    /// A frame was sent.
    Frame(TraceFrame),
    /// The application on the device made a call.
    Call {
        /// Its number.
        id: CallId,
        /// What it called.
        call: Call,
    },
    /// A call ended.
    Result {
        /// Its number.
        id: CallId,
        /// How.
        result: CallResult,
    },
    /// The device said something.
    Log(String),
    /// The device itself failed.
    Finding(DeviceFinding),
}

/// One thing that happened, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceEntry {
    /// When.
    pub time: Instant,
    /// What.
    pub item: TraceItem,
}

/// What happened since the last reset, in order. Bounded: the beginning and the end are kept, what falls out of the
/// middle is counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    head: Vec<TraceEntry>,
    tail: VecDeque<TraceEntry>,
    tail_octets: usize,
    omitted: u64,
}

impl Trace {
    /// The entries that were kept, in order.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &TraceEntry> {
        self.head.iter().chain(&self.tail)
    }

    /// The frames that were kept, in order, with the time of sending.
    pub fn frames(&self) -> impl DoubleEndedIterator<Item = (Instant, &TraceFrame)> {
        self.entries().filter_map(|entry| match &entry.item {
            TraceItem::Frame(frame) => Some((entry.time, frame)),
            TraceItem::Call { .. } | TraceItem::Result { .. } | TraceItem::Log(_) | TraceItem::Finding(_) => {
                None
            }
        })
    }

    /// A frame by its number, `None` if it fell out.
    pub fn frame(&self, id: FrameId) -> Option<(Instant, &TraceFrame)> {
        self.frames().rev().find(|(_, frame)| frame.id == id)
    }

    /// How many entries fell out of the middle.
    pub const fn omitted(&self) -> u64 {
        self.omitted
    }

    pub(super) fn frame_mut(&mut self, id: FrameId) -> Option<&mut TraceFrame> {
        self.head.iter_mut().chain(&mut self.tail).rev().find_map(|entry| match &mut entry.item {
            TraceItem::Frame(frame) if frame.id == id => Some(frame),
            TraceItem::Frame(_)
            | TraceItem::Call { .. }
            | TraceItem::Result { .. }
            | TraceItem::Log(_)
            | TraceItem::Finding(_) => None,
        })
    }

    /// Writes a remark beside a frame, if it was kept.
    pub(crate) fn annotate(&mut self, id: FrameId, note: &str) {
        if let Some(frame) = self.frame_mut(id) {
            frame.notes.push(note.to_owned());
        }
    }

    pub(crate) fn record(&mut self, time: Instant, item: TraceItem) {
        let entry = TraceEntry { time, item };
        if self.head.len() < HEAD_ENTRIES {
            self.head.push(entry);
            return;
        }
        self.tail_octets += entry.octets();
        self.tail.push_back(entry);
        while self.tail.len() > TAIL_ENTRIES || self.tail_octets > TAIL_OCTETS {
            let Some(oldest) = self.tail.pop_front() else { break };
            self.tail_octets -= oldest.octets();
            self.omitted += 1;
        }
    }
}

impl TraceEntry {
    fn octets(&self) -> usize {
        match &self.item {
            TraceItem::Frame(frame) => frame.octets.len(),
            TraceItem::Call { .. } | TraceItem::Result { .. } | TraceItem::Log(_) | TraceItem::Finding(_) => {
                0
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(number: u64, len: usize) -> TraceItem {
        TraceItem::Frame(TraceFrame {
            id: FrameId(number),
            direction: Direction::ToDevice,
            octets: vec![0; len].into(),
            fates: Vec::new(),
            notes: Vec::new(),
        })
    }

    #[test]
    fn a_long_trace_keeps_its_beginning_and_its_end_and_counts_the_rest() {
        let mut trace = Trace::default();
        let all = (HEAD_ENTRIES + TAIL_ENTRIES) as u64 + 10;
        (0..all).for_each(|number| trace.record(Instant::from_nanos(number), frame(number, 1)));
        assert_eq!(trace.omitted(), 10);
        assert!(trace.frame(FrameId(0)).is_some());
        assert!(trace.frame(FrameId(HEAD_ENTRIES as u64)).is_none());
        assert_eq!(trace.entries().next_back().map(|entry| entry.time), Some(Instant::from_nanos(all - 1)));
    }

    #[test]
    fn long_frames_fall_out_by_their_octets() {
        let mut trace = Trace::default();
        (0..HEAD_ENTRIES as u64).for_each(|number| trace.record(Instant::ZERO, frame(number, 1)));
        (0..3).for_each(|number| trace.record(Instant::ZERO, frame(number, TAIL_OCTETS / 2)));
        assert_eq!(trace.omitted(), 1);
    }

    #[test]
    fn a_frame_is_found_by_its_number_and_can_be_annotated() {
        let mut trace = Trace::default();
        (0..5).for_each(|number| trace.record(Instant::from_nanos(number), frame(number, 1)));
        trace.frame_mut(FrameId(3)).unwrap().notes.push("row 2".to_owned());
        let (time, found) = trace.frame(FrameId(3)).unwrap();
        assert_eq!((time, found.notes.as_slice()), (Instant::from_nanos(3), &["row 2".to_owned()][..]));
        assert_eq!(trace.frame(FrameId(9)), None);
    }
}
