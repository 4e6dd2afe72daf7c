//! Stories about one connection: a behaviour a test, segments in the RFC's notation.
//!
//! The device's numbers begin at 300, the tester's at 100; `RTT` is zero unless a story lets time pass.

#![expect(clippy::unwrap_used, reason = "a call that is refused where a story has it served fails the story")]

#[path = "../common/mod.rs"]
mod common;

mod acknowledging;
mod clauses;
mod closing;
mod congestion;
mod flow;
mod listening;
mod network;
mod opening;
mod resets;
mod retransmitting;
mod urgent;
