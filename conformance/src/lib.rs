//! Wireproof: which rules of the RFCs a TCP/IP stack breaks, and the packets that prove it.
//!
//! | room | what |
//! |---|---|
//! | [`device`] | devices under test: the trait, socket calls, capabilities |
//! | [`notation`] | the language of ladders: read, print, match, explain the difference |

pub mod device;
pub mod notation;
