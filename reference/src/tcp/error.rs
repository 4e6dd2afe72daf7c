//! Why a connection ended, and why a call could not be served (RFC 9293 3.9.1, 3.10).

use core::fmt;

/// Why a connection failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The peer reset it before it was open: ECONNREFUSED (RFC 9293 3.10.7.3, 3.10.7.4).
    Refused,
    /// The peer reset it: ECONNRESET.
    Reset,
    /// Nothing was heard for longer than R2 allows: ETIMEDOUT (RFC 9293 3.8.3).
    TimedOut,
    /// The network said that the host cannot be reached: EHOSTUNREACH.
    HostUnreachable,
    /// The network said that the peer's network cannot be reached: ENETUNREACH.
    NetworkUnreachable,
    /// The peer's host said that it does not speak TCP: ENOPROTOOPT.
    ProtocolUnreachable,
    /// This end's user broke it off: ECONNABORTED.
    Aborted,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Refused => "connection refused",
            Self::Reset => "connection reset",
            Self::TimedOut => "connection aborted due to user timeout",
            Self::HostUnreachable => "host unreachable",
            Self::NetworkUnreachable => "network unreachable",
            Self::ProtocolUnreachable => "protocol unreachable",
            Self::Aborted => "connection aborted by its user",
        })
    }
}

impl std::error::Error for Error {}

/// Why a call was not served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallError {
    /// Not now: the connection is still opening, there is no data, or there is no room (EAGAIN).
    WouldBlock,
    /// "connection closing": this direction has been closed by the user (EPIPE for SEND).
    Closing,
    /// "connection does not exist": it has ended in good order, or never began (ENOTCONN).
    NotConnected,
    /// It has ended by an error, which every later call reports again.
    Failed(Error),
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WouldBlock => f.pad("would block"),
            Self::Closing => f.pad("connection closing"),
            Self::NotConnected => f.pad("connection does not exist"),
            Self::Failed(error) => fmt::Display::fmt(error, f),
        }
    }
}

impl std::error::Error for CallError {}

/// What the network reports about a segment of this connection (RFC 9293 3.9.2.2, RFC 5461 2).
///
/// Which ICMP and ICMPv6 messages are which is the host's business; a Source Quench is none (MUST-55).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkError {
    /// May pass: remembered, told to the user if the connection then fails (MUST-56, SHLD-25).
    Soft(Error),
    /// Says that the connection cannot be: ends it where it was not yet open (RFC 5927 5.2, RFC 5461 2).
    Hard(Error),
    /// A router's next link carries packets of so many octets only (RFC 1191 4, RFC 8201 4).
    PacketTooBig(u32),
}
