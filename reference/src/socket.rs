//! What the BSD-style calls of [`Host`](crate::host::Host) speak of: socket numbers, options, errors.
//!
//! All calls are non-blocking: [`SocketError::WouldBlock`] says "try again after the next input".

use crate::time::Duration;
use crate::wire::SourceRoute;
use core::fmt;
use core::net::IpAddr;
use std::net::SocketAddr;

/// A socket of one host. Numbers are never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SocketId(pub(crate) u32);

/// What a passive OPEN waits for (RFC 9293 3.9.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Passive {
    /// The local port, not 0.
    pub port: u16,
    /// The address of ours that peers must speak to; `None` for any.
    pub local: Option<IpAddr>,
    /// The one peer that may connect; `None` for any.
    pub remote: Option<SocketAddr>,
}

/// What an active OPEN asks for (RFC 9293 3.9.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Active {
    /// The peer.
    pub remote: SocketAddr,
    /// The address of ours to speak from; `None`: the IP layer chooses.
    pub local: Option<IpAddr>,
    /// The local port; `None`: the host chooses.
    pub port: Option<u16>,
}

/// Which direction of a connection is shut down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shutdown {
    /// No more sending: the FIN follows what was sent.
    Write,
    /// No more receiving: what arrives from now on is thrown away.
    Read,
    /// Neither.
    Both,
}

/// What can be set on a socket before or while it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SocketOption {
    /// Nagle's algorithm is off (RFC 9293 3.7.4 MUST-17).
    NoDelay(bool),
    /// How long `close` may go on to deliver what was sent; zero makes it an abort.
    Linger(Duration),
    /// How long what was sent may go without an acknowledgment until the connection is given up, in place of R2 (RFC 9293
    /// 3.8.3 MUST-21, 3.10.8).
    UserTimeout(Duration),
    /// The largest segment that is offered to the peer (RFC 9293 3.7.1), at least 1; only before `connect` and `listen`.
    Mss(u16),
    /// Octets of the receive buffer, at most 65,535; only before `connect` and `listen`.
    ReceiveBuffer(usize),
    /// Octets of the send buffer; only before `connect` and `listen`.
    SendBuffer(usize),
    /// Differentiated services code point of what is sent, at most 63 (RFC 9293 3.9.1.9 MUST-48, SHLD-21).
    Dscp(u8),
    /// TTL or hop limit of what is sent, at least 1 (RFC 9293 3.9.2 MUST-49).
    HopLimit(u8),
    /// The gateways that segments pass, over IPv4 (RFC 9293 3.9.2.1 MUST-51); only before `connect` and `listen`. It takes
    /// precedence over one that arrives (MUST-52).
    SourceRoute(SourceRoute),
    /// Whether [`Host::poll_report`](crate::host::Host::poll_report) has anything to tell (RFC 9293 3.9.1.8 SHLD-20).
    Reports(bool),
    /// How long an acknowledgment may be delayed (RFC 9293 3.8.6.3 MUST-40: less than half a second); zero for none.
    AckDelay(Duration),
}

/// Why a call failed; the names of POSIX in [`SocketError::errno`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SocketError {
    /// Nothing can be done now; ask again later.
    WouldBlock,
    /// There is no such socket, or it was closed.
    BadSocket,
    /// The arguments cannot be, or do not fit this kind of socket.
    InvalidArgument,
    /// The host cannot do that.
    NotSupported,
    /// The port, or the connection between these two ends, is in use.
    AddressInUse,
    /// No port is left, or the host has no address of that version.
    AddressNotAvailable,
    /// There is no way to that network.
    NetworkUnreachable,
    /// A router or the link said that the host cannot be reached.
    HostUnreachable,
    /// The peer does not speak TCP.
    ProtocolUnreachable,
    /// The peer refused the connection.
    ConnectionRefused,
    /// The peer reset the connection.
    ConnectionReset,
    /// The connection was given up on this side.
    ConnectionAborted,
    /// The peer did not answer for too long.
    TimedOut,
    /// The socket is not connected.
    NotConnected,
    /// It is not said whom the socket shall speak to ("remote socket unspecified").
    DestinationRequired,
    /// The socket is connected already.
    IsConnected,
    /// The sending side is closed.
    BrokenPipe,
    /// The datagram is too large for the path.
    MessageTooLong,
    /// There are as many sockets as there may be.
    TooManySockets,
}

impl SocketError {
    /// The name of POSIX `<errno.h>`.
    pub const fn errno(self) -> &'static str {
        match self {
            Self::WouldBlock => "EAGAIN",
            Self::BadSocket => "EBADF",
            Self::InvalidArgument => "EINVAL",
            Self::NotSupported => "ENOTSUP",
            Self::AddressInUse => "EADDRINUSE",
            Self::AddressNotAvailable => "EADDRNOTAVAIL",
            Self::NetworkUnreachable => "ENETUNREACH",
            Self::HostUnreachable => "EHOSTUNREACH",
            Self::ProtocolUnreachable => "ENOPROTOOPT",
            Self::ConnectionRefused => "ECONNREFUSED",
            Self::ConnectionReset => "ECONNRESET",
            Self::ConnectionAborted => "ECONNABORTED",
            Self::TimedOut => "ETIMEDOUT",
            Self::NotConnected => "ENOTCONN",
            Self::DestinationRequired => "EDESTADDRREQ",
            Self::IsConnected => "EISCONN",
            Self::BrokenPipe => "EPIPE",
            Self::MessageTooLong => "EMSGSIZE",
            Self::TooManySockets => "EMFILE",
        }
    }
}

impl fmt::Display for SocketError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.errno())
    }
}

impl std::error::Error for SocketError {}
