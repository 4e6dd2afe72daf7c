//! Wireproof: which rules of the RFCs a TCP/IP stack breaks, and the packets that prove it.
//!
//! | room | what |
//! |---|---|
//! | [`behaviour`] | feature files, and what runs them |
//! | [`capture`] | captures of the world outside, read as streams |
//! | [`check`] | captures before the judge: what broke, what held, figures, floods |
//! | [`cli`] | the command `wireproof` |
//! | [`device`] | devices under test: the trait, socket calls, capabilities |
//! | [`ethernet`] | the virtual Ethernet: a shared segment, impairments, capture |
//! | [`exchange`] | ladders followed over a testbed |
//! | [`input`] | files that the user named, read without waiting for ever |
//! | [`notation`] | the language of ladders: read, print, match, explain the difference |
//! | [`oracle`] | the judge: what must hold on every trace, live or captured |
//! | [`problem`] | what is wrong with something that the user gave us, with its place |
//! | [`report`] | what a run found, and the ways to tell it |
//! | [`requirement`] | the registry of clauses |
//! | [`self_test`] | whether the suite catches broken stacks and lets odd ones pass |
//! | [`testbed`] | one interface over the clocks: device, wire, trace |
//! | [`tester`] | the tester's end on the wire |

pub mod behaviour;
pub mod capture;
pub mod check;
pub mod cli;
pub mod device;
pub mod ethernet;
pub mod exchange;
pub mod input;
pub mod notation;
pub mod oracle;
pub mod problem;
pub mod report;
pub mod requirement;
pub mod self_test;
pub mod testbed;
pub mod tester;
