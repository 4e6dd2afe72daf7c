//! Broken stacks, a file a family. Each breaks one rule.

mod acknowledgment;
mod closing;
mod congestion;
mod opening;
mod option;
mod reset;
mod retransmission;
mod stream;
mod window;
mod wire;

use super::Variant;

/// All of them.
pub(super) const FAMILIES: [&[Variant]; 10] = [
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
];
