//! Broken stacks, a file a family. Each breaks one rule.

mod acknowledgment;
mod closing;
mod congestion;
mod network;
mod opening;
mod option;
mod reset;
mod retransmission;
mod stream;
mod window;
mod wire;

use super::Variant;
use super::flow::{Fate, Flow};
use super::segment::Segment;

/// All of them.
pub(super) const FAMILIES: [&[Variant]; 11] = [
    opening::STACKS,
    option::STACKS,
    reset::STACKS,
    acknowledgment::STACKS,
    stream::STACKS,
    window::STACKS,
    retransmission::STACKS,
    congestion::STACKS,
    closing::STACKS,
    wire::STACKS,
    network::STACKS,
];

/// Keeps the last segment that came.
fn keep_last(flow: &mut Flow, segment: &mut Segment) -> Fate {
    flow.kept = vec![segment.clone()];
    Fate::Pass
}
