//! ICMP and ICMPv6: echo, errors that this host sends, errors that it receives.
//!
//! | room | what | RFCs |
//! |---|---|---|
//! | [`echo`] | answers to echo requests | RFC 792, RFC 1122 3.2.2.6, RFC 4443 4 |
//! | [`error`] | errors out, and when never | RFC 1122 3.2.2, RFC 4443 2.4 (e) |
//! | [`limit`] | how many of them | RFC 4443 2.4 (f) |
//! | [`notice`] | errors in: what they say of which packet of ours | RFC 1122 3.2.2, RFC 5461, RFC 5927 |
//!
//! Left out: redirects (ignored: one gateway), timestamp and address mask messages (RFC 1122 3.2.2.8 and 9: MAY and
//! not needed), the application's side of echo, multicast listener discovery.

pub mod echo;
pub mod error;
pub mod limit;
pub mod notice;

/// Why an ICMP message has no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discard {
    /// It ends early or contradicts itself.
    Malformed(crate::wire::Error),
    /// Its checksum is wrong.
    Checksum,
    /// Of a type that is not known or not implemented (RFC 1122 3.2.2, RFC 4443 2.4 (b)).
    Type,
    /// An echo request to a group (RFC 1122 3.2.2.6: MAY), or from nobody.
    EchoFromOrToMany,
    /// A neighbour discovery message that RFC 4861 7.1 does not let through.
    Discovery,
    /// A source quench (RFC 6633 3, RFC 9293 3.9.2.2 MUST-55).
    SourceQuench,
    /// It quotes too little to tell which packet it is about, or one that this host never sent.
    Quote,
}
