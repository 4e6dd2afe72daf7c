//! What a segment saw: every frame as it was sent, and what became of it.

use super::PortId;
use core::fmt;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use wireproof_reference::time::{Duration, Instant};

/// One thing that happened to a frame between its sender and the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fate {
    /// It arrived as it was sent.
    Delivered,
    /// It never arrived.
    Lost,
    /// It arrived later by this much.
    Delayed(Duration),
    /// Copies of it arrived too.
    Duplicated {
        /// How many copies besides the frame itself.
        copies: u32,
        /// The time between two of them.
        gap: Duration,
    },
    /// Later frames of its sender arrived before it.
    Reordered {
        /// How many.
        behind: u32,
        /// It waited no longer than this for them.
        patience: Duration,
    },
    /// It arrived with changed bits.
    Corrupted {
        /// The octet, counted from the start of the frame; one behind its end changes nothing.
        at: usize,
        /// The bits that were turned over.
        mask: u8,
    },
    /// Lost because [`super::MAX_IN_FLIGHT`] frames were on the wire.
    Overflow,
}

impl Fate {
    /// Whether nothing arrives after this.
    pub const fn is_end(&self) -> bool {
        match self {
            Self::Lost | Self::Overflow => true,
            Self::Delivered
            | Self::Delayed(_)
            | Self::Duplicated { .. }
            | Self::Reordered { .. }
            | Self::Corrupted { .. } => false,
        }
    }
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delivered => f.pad("delivered"),
            Self::Lost => f.pad("lost"),
            Self::Delayed(by) => write!(f, "delayed by {by}"),
            Self::Duplicated { copies: 1, .. } => f.pad("duplicated"),
            Self::Duplicated { copies, .. } => write!(f, "duplicated {copies} times"),
            Self::Reordered { behind: 1, .. } => f.pad("reordered behind the next frame"),
            Self::Reordered { behind, .. } => write!(f, "reordered behind {behind} frames"),
            Self::Corrupted { at, mask } => write!(f, "corrupted at octet {at} (bits {mask:#04x})"),
            Self::Overflow => f.pad("lost, the wire was full"),
        }
    }
}

/// A frame as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CapturedFrame {
    /// When it was sent.
    pub time: Instant,
    /// Who sent it.
    pub from: PortId,
    /// The frame without FCS, before anything happened to it.
    pub octets: Arc<[u8]>,
    /// What happened to it, in order; nothing: it was delivered.
    pub fates: Vec<Fate>,
}

/// How much a capture keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaptureLimits {
    /// Frames.
    pub frames: usize,
    /// Octets of frames.
    pub octets: usize,
}

impl CaptureLimits {
    /// Keeps nothing, counts only.
    pub const NOTHING: Self = Self { frames: 0, octets: 0 };
}

impl Default for CaptureLimits {
    /// 65,536 frames, 64 MiB.
    fn default() -> Self {
        Self { frames: 65_536, octets: 64 << 20 }
    }
}

/// The frames of a segment in the order in which they were sent. The first ones are kept, those beyond the limits
/// are counted.
#[derive(Clone, Debug)]
pub struct Capture {
    frames: Vec<CapturedFrame>,
    octets: usize,
    omitted: u64,
    limits: CaptureLimits,
}

impl Capture {
    /// An empty capture.
    pub const fn new(limits: CaptureLimits) -> Self {
        Self { frames: Vec::new(), octets: 0, omitted: 0, limits }
    }

    /// The frames that were kept.
    pub fn frames(&self) -> &[CapturedFrame] {
        &self.frames
    }

    /// How many frames were not kept.
    pub const fn omitted(&self) -> u64 {
        self.omitted
    }

    pub(super) fn record(&mut self, frame: CapturedFrame) {
        let octets = self.octets.saturating_add(frame.octets.len());
        if self.frames.len() >= self.limits.frames || octets > self.limits.octets {
            self.omitted += 1;
            return;
        }
        self.octets = octets;
        self.frames.push(frame);
    }
}
