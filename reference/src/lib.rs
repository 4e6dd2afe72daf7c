//! The reference stack: TCP/IP written to be read beside the RFCs.
//!
//! Sans-IO: it reads no clock, opens no socket, starts no thread. Frames and the time come in, frames and the next
//! deadline come out.
//!
//! | room | what | RFCs |
//! |---|---|---|
//! | [`wire`] | lossless formats: parse, emit, print | 826, 791, 8200, 792, 4443, 4861, 768, 9293 and the options' |
//! | [`time`] | instants and durations, saturating | |
//! | [`random`] | one seeded source, a stream for each part | |

#![forbid(unsafe_code)]

pub mod random;
pub mod time;
pub mod wire;
