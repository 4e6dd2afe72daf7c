//! The language of ladders: segments in the RFC's notation, rows, times, calls.
//!
//! Independent of any device and any clock: it reads text into a tree, prints the tree, builds octets from it,
//! compares received packets with it and says where they differ. Of the reference it uses the wire formats and the
//! units of time and nothing else; its sequence arithmetic is its own.
//!
//! | file | what |
//! |---|---|
//! | [`value`] | numbers, expressions, patterns of them |
//! | [`segment`] | a segment or ICMP message as written |
//! | [`ladder`] | rows and blocks |
//! | [`time`] | the `time` column |
//! | [`call`] | the cells of `call` rows |
//! | [`number`] | symbolic and real sequence numbers |
//! | [`pattern`] | the octets of a stream |
//! | [`evaluate`] | what an expression comes to |
//! | [`build`](mod@build) | a message to the octets of a packet |
//! | [`matching`] | a packet against what a row expects, and where it differs |
//! | [`show`] | a packet to text |
//! | [`error`] | what is wrong with a text, and where |
//! | [`table`] | tables as text, in and out |
//! | `parse` | text to tree, checked for sense |
//! | `print` | tree to canonical text |
//!
#![doc = include_str!("GRAMMAR.md")]

pub mod build;
pub mod call;
pub mod error;
pub mod evaluate;
pub mod ladder;
pub mod matching;
pub mod number;
mod parse;
pub mod pattern;
mod print;
pub mod segment;
pub mod show;
pub mod table;
pub mod time;
pub mod value;

pub use build::{BuildError, Built, Honest, Path, build};
pub use call::{CallText, Expectation, How, Payload, Verb};
pub use error::{CellError, LadderError};
pub use evaluate::{Environment, Unresolved};
pub use ladder::{Action, Fate, Ladder, OctetRange, Often, Place, Row, State, Step};
pub use matching::{Difference, matches};
pub use number::{Binding, Learned, NumbersFrom, Placement, Seq, Side, Space};
pub use parse::{Known, Over};
pub use segment::{
    Bits, Control, Data, Ecn, Flag, Icmp, IpFields, Message, Octets, Opt, OptName, SackBlocks, Segment,
    Window,
};
pub use table::Table;
pub use time::{Amount, Factor, Span, TimeSpec, TimeWord};
pub use value::{Expression, Sign, Term, Value, Variable};

#[cfg(test)]
mod tests;
