//! The reference stack: TCP/IP written to be read beside the RFCs.
//!
//! Sans-IO: it reads no clock, opens no socket, starts no thread. Frames and the time come in, frames and the next
//! deadline come out.
//!
//! | room | what | RFCs |
//! |---|---|---|
//! | [`time`] | instants and durations, saturating | |
//! | [`random`] | one seeded source, a stream for each part | |

#![forbid(unsafe_code)]

pub mod random;
pub mod time;
