//! Captures of the world outside: pcap and pcapng files, read as streams, damaged ones as far as they go.
//!
//! | room | what |
//! |---|---|
//! | [`mod@file`] | a file of either format: records with time, link type and place |
//! | `pcap`, `pcapng` | the two formats |
//! | `octets` | octets of a stream, with the place in the file |
//! | [`link`] | from a record to its IP packet: Ethernet, raw IP, Linux cooked, loopback |
//! | [`connection`] | the connections of a capture, each a list of segments |
//! | [`ladder`] | a connection as a ladder in the notation |
//! | [`survey`] | what is no TCP: counted and named |
//!
//! The formats are read here and not by the crate that writes ours: it gives up on files that others read, such as
//! records longer than the snap length, and does not say where.

pub mod connection;
pub mod file;
pub mod ladder;
pub mod link;
mod octets;
mod pcap;
mod pcapng;
pub mod survey;

pub use file::{CaptureError, CaptureFile, Format, Record};

#[cfg(test)]
mod tests;
