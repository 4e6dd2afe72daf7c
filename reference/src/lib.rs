//! The reference stack: TCP/IP written to be read beside the RFCs.
//!
//! Sans-IO: it reads no clock, opens no socket, starts no thread. Frames and the time come in, frames and the next
//! deadline come out.
//!
//! | room | what | RFCs |
//! |---|---|---|
//! | [`host`] | all of it together: frames in and out, socket calls | 1122, 6056 |
//! | [`socket`] | what the calls speak of: numbers, options, errors | |
//! | [`table`] | the connection table, as netstat shows it | |
//! | [`tcp`] | the state machine and all it needs | 9293, 5681, 5927, 5961, 6298, 6528, 6582 |
//! | [`udp`] | datagrams: ports and their queues | 768, 1122 4.1 |
//! | [`icmp`] | echo, errors out and in, and when never | 792, 1122 3.2.2, 4443, 5461, 5927, 6633 |
//! | [`ip`] | addresses, headers in and out, extension headers, routes, path MTU | 791, 1122 3, 1191, 6864, 8200, 8201 |
//! | [`link`] | Ethernet, the neighbour cache, ARP and NDP | 826, 894, 1122 2.3, 4861 7 |
//! | [`wire`] | lossless formats: parse, emit, print | 826, 791, 8200, 792, 4443, 4861, 768, 9293 and the options' |
//! | [`policy`] | every choice that the RFCs leave open | |
//! | [`event`] | what an observer may see | |
//! | [`time`] | instants and durations, saturating | |
//! | [`random`] | one seeded source, a stream for each part | |

#![forbid(unsafe_code)]

pub mod event;
pub mod host;
pub mod icmp;
pub mod ip;
pub mod link;
pub mod policy;
pub mod random;
pub mod socket;
pub mod table;
pub mod tcp;
pub mod time;
pub mod udp;
pub mod wire;
