//! TCP, RFC 9293: what it is made of, a file a noun of the RFC.
//!
//! | file | what | RFC |
//! |---|---|---|
//! | `seq`, `segment`, `options` | the vocabulary | 9293 3.1 to 3.4 |
//! | [`state`] | the eleven states and every way between them | 9293 3.3.2 |
//! | `tcb` | what each state knows | 9293 3.3.1 |
//! | `sending/`, `receiving` | the two halves of a connection, what may be sent now | 9293 3.3.1, 3.7, 3.8 |
//! | `connection` | the one place where the state changes | |
//! | `arrives/` | SEGMENT ARRIVES, a file a check | 9293 3.10.7; 5961; 1337; 6191 |
//! | `calls` | the user's calls | 9293 3.10.2 to 3.10.6 |
//! | `timeouts`, `timers` | timeouts | 9293 3.10.8 |
//! | `transmit` | segments out | 9293 3.8.6.3 |
//! | `lower` | what TCP asks of IP | 9293 3.9.2, 3.9.2.1 |
//! | `network` | ICMP errors | 9293 3.9.2.2; 5461; 5927 |
//! | `rtt`, `retransmit` | the retransmission timeout, what is sent again | 6298; 9293 3.8.1, 3.8.3 |
//! | `congestion/` | congestion control and loss recovery | 5681, 6582, 3042 |
//! | `mss` | segment size, path MTU | 9293 3.7.1; 1191, 8201, 5927 7 |
//! | `assembler` | text before its turn | 9293 3.10.7.4 |
//! | `isn`, `challenge` | initial sequence numbers; the limit of challenges | 6528; 5961 7 |
//! | `listener` | LISTEN, the backlog | 9293 3.10.7.2 |
//!
//! Left out for now: window scaling, timestamps, SACK, keep-alive.

mod arrives;
mod assembler;
mod calls;
mod challenge;
mod congestion;
mod connection;
mod error;
mod isn;
mod listener;
mod lower;
mod mss;
mod network;
mod options;
mod receiving;
mod retransmit;
mod rtt;
mod segment;
mod sending;
mod seq;
pub mod state;
mod tcb;
mod timeouts;
mod timers;
mod transmit;

pub use arrives::{Discard, reset_for_closed};
pub use calls::Received;
pub use connection::{Connection, Status};
pub use error::{CallError, Error, NetworkError};
pub use isn::IsnGenerator;
pub use listener::{BACKLOG_LIMIT, Listener, Told};
pub use lower::Carriage;
pub use options::Options;
pub use segment::{Segment, SegmentOut};
pub use seq::SeqNumber;
pub use state::State;
pub use timers::Timer;
