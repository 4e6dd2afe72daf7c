//! Socket calls on a device, their results, and both as the device protocol's text.
//!
//! A [`Call`] prints as the protocol's call table says (`connect 3 192.0.2.1 4000`) and reads back from it; so does
//! a [`CallResult`] (`ok 20`, `error ECONNRESET`). How a result reads depends on the call that it ends.

mod errno;
mod hex;
mod text;
mod value;

pub use errno::Errno;
pub(in crate::device) use hex::{Hex, read_hex, write_hex};
pub use text::TextError;
pub(in crate::device) use text::Words;
pub use value::{CallResult, CallValue, Child, TcpState, parse_result, print_result};

use super::capability::Capability;
use core::fmt;
use core::net::IpAddr;
use serde::{Deserialize, Serialize};

/// A socket: a small number chosen by the harness, never used twice between resets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SocketId(pub u32);

impl fmt::Display for SocketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A call: the harness's number for its result, never used twice between resets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CallId(pub u64);

impl fmt::Display for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What the application on the device does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Call {
    /// `listen S PORT BACKLOG`: ends at once.
    Listen {
        /// The new socket.
        socket: SocketId,
        /// The local port.
        port: u16,
        /// How many connections may wait to be accepted.
        backlog: u32,
    },
    /// `accept S LISTENER`: ends when a connection is there, with the peer's address and port.
    Accept {
        /// The new socket.
        socket: SocketId,
        /// The listener.
        listener: SocketId,
    },
    /// `connect S ADDRESS PORT [LOCALPORT]`: ends when established, with this end's address and port, or failed.
    Connect {
        /// The new socket.
        socket: SocketId,
        /// The peer's address.
        address: IpAddr,
        /// The peer's port.
        port: u16,
        /// This end's port, `None`: the stack chooses.
        local_port: Option<u16>,
    },
    /// `send S HEX`: ends at once with the number of octets taken.
    Send {
        /// The socket.
        socket: SocketId,
        /// The octets.
        data: Vec<u8>,
    },
    /// `fill S OFFSET COUNT`: as `send` with octets of the [`pattern`].
    Fill {
        /// The socket.
        socket: SocketId,
        /// The place of the first octet in the pattern.
        offset: u64,
        /// How many octets.
        count: u64,
    },
    /// `sendurgent S HEX`: as `send`, urgent up to its last octet.
    SendUrgent {
        /// The socket.
        socket: SocketId,
        /// The octets.
        data: Vec<u8>,
    },
    /// `recv S MAX`: ends when data, the end or an error is there.
    Recv {
        /// The socket.
        socket: SocketId,
        /// The most octets to take, at least 1.
        max: u64,
    },
    /// `shutdown S write|read|both`: ends at once.
    Shutdown {
        /// The socket.
        socket: SocketId,
        /// Which direction.
        how: ShutdownHow,
    },
    /// `close S`: ends at once; pending calls on S end with `EBADF`, later ones too, but for `state S`.
    Close {
        /// The socket.
        socket: SocketId,
    },
    /// `abort S`: ends at once.
    Abort {
        /// The socket.
        socket: SocketId,
    },
    /// `state S`: ends at once with the RFC's name of the state.
    State {
        /// The socket.
        socket: SocketId,
    },
    /// `children LISTENER`: ends at once with the connections not yet accepted.
    Children {
        /// The listener.
        listener: SocketId,
    },
    /// `set S OPTION VALUE`: ends at once; on a socket not yet used it is kept until `listen` or `connect`.
    Set {
        /// The socket.
        socket: SocketId,
        /// Which option.
        option: OptionName,
        /// Its value; times are in milliseconds.
        value: OptionValue,
    },
    /// `udp S PORT`: a UDP socket bound to a port; ends at once.
    Udp {
        /// The new socket.
        socket: SocketId,
        /// The local port.
        port: u16,
    },
    /// `udpsend S ADDRESS PORT HEX`: ends at once.
    UdpSend {
        /// The socket.
        socket: SocketId,
        /// The peer's address.
        address: IpAddr,
        /// The peer's port.
        port: u16,
        /// The datagram.
        data: Vec<u8>,
    },
    /// `udprecv S MAX`: ends when a datagram is there, with its sender.
    UdpRecv {
        /// The socket.
        socket: SocketId,
        /// The most octets to take.
        max: u64,
    },
}

impl Call {
    /// The capability without which this call is never made.
    pub fn needs(&self) -> Capability {
        match self {
            Self::Listen { .. } => Capability::Listen,
            Self::Accept { .. } => Capability::Accept,
            Self::Connect { .. } => Capability::Connect,
            Self::Send { .. } => Capability::Send,
            Self::Fill { .. } => Capability::Fill,
            Self::SendUrgent { .. } => Capability::Urgent,
            Self::Recv { .. } => Capability::Recv,
            Self::Shutdown { how: ShutdownHow::Write, .. } => Capability::ShutdownWrite,
            Self::Shutdown { how: ShutdownHow::Read, .. } => Capability::ShutdownRead,
            Self::Shutdown { how: ShutdownHow::Both, .. } => Capability::ShutdownBoth,
            Self::Close { .. } => Capability::Close,
            Self::Abort { .. } => Capability::Abort,
            Self::State { .. } => Capability::State,
            Self::Children { .. } => Capability::Children,
            Self::Set { option, .. } => Capability::Option(*option),
            Self::Udp { .. } | Self::UdpSend { .. } | Self::UdpRecv { .. } => Capability::Udp,
        }
    }

    /// The socket on which the call is made: the listener for `children`, the new socket for `accept`.
    pub fn socket(&self) -> SocketId {
        match self {
            Self::Listen { socket, .. }
            | Self::Accept { socket, .. }
            | Self::Connect { socket, .. }
            | Self::Send { socket, .. }
            | Self::Fill { socket, .. }
            | Self::SendUrgent { socket, .. }
            | Self::Recv { socket, .. }
            | Self::Shutdown { socket, .. }
            | Self::Close { socket }
            | Self::Abort { socket }
            | Self::State { socket }
            | Self::Children { listener: socket }
            | Self::Set { socket, .. }
            | Self::Udp { socket, .. }
            | Self::UdpSend { socket, .. }
            | Self::UdpRecv { socket, .. } => *socket,
        }
    }
}

/// Which direction of a connection is shut down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ShutdownHow {
    /// No more sending.
    Write,
    /// No more receiving.
    Read,
    /// Neither.
    Both,
}

impl ShutdownHow {
    /// The direction that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "write" => Some(Self::Write),
            "read" => Some(Self::Read),
            "both" => Some(Self::Both),
            _ => None,
        }
    }
}

impl fmt::Display for ShutdownHow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Write => "write",
            Self::Read => "read",
            Self::Both => "both",
        })
    }
}

/// A socket option; the capability is `option:NAME`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum OptionName {
    /// `nodelay`: 1 switches Nagle's algorithm off.
    Nodelay,
    /// `keepalive`: 1 switches keep-alives on.
    Keepalive,
    /// `keepidle`: milliseconds without traffic before the first keep-alive.
    Keepidle,
    /// `keepinterval`: milliseconds between keep-alives.
    Keepinterval,
    /// `keepcount`: how many without an answer end the connection.
    Keepcount,
    /// `linger`: milliseconds that `close` may take before it aborts.
    Linger,
    /// `usertimeout`: milliseconds, the user timeout of RFC 9293 3.9.1.
    Usertimeout,
    /// `mss`: octets.
    Mss,
    /// `rcvbuf`: octets.
    Rcvbuf,
    /// `sndbuf`: octets.
    Sndbuf,
    /// `ackdelay`: milliseconds, 0 for none.
    Ackdelay,
    /// `timestamps`: 1 on, 0 off.
    Timestamps,
    /// `sack`: 1 on, 0 off.
    Sack,
    /// `windowscale`: the shift to offer.
    Windowscale,
    /// `congestion`: the name of an algorithm.
    Congestion,
    /// `dscp`: the Diffserv code point of what is sent, 0 to 63 (RFC 9293 3.9.1.9).
    Dscp,
    /// `ttl`: hops that what is sent may make, TTL or hop limit, 1 to 255 (RFC 9293 3.9.2).
    Ttl,
}

impl OptionName {
    /// Every option, in the order of the protocol's table.
    pub const ALL: [Self; 17] = [
        Self::Nodelay,
        Self::Keepalive,
        Self::Keepidle,
        Self::Keepinterval,
        Self::Keepcount,
        Self::Linger,
        Self::Usertimeout,
        Self::Mss,
        Self::Rcvbuf,
        Self::Sndbuf,
        Self::Ackdelay,
        Self::Timestamps,
        Self::Sack,
        Self::Windowscale,
        Self::Congestion,
        Self::Dscp,
        Self::Ttl,
    ];

    /// The option that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|option| option.word() == word)
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Nodelay => "nodelay",
            Self::Keepalive => "keepalive",
            Self::Keepidle => "keepidle",
            Self::Keepinterval => "keepinterval",
            Self::Keepcount => "keepcount",
            Self::Linger => "linger",
            Self::Usertimeout => "usertimeout",
            Self::Mss => "mss",
            Self::Rcvbuf => "rcvbuf",
            Self::Sndbuf => "sndbuf",
            Self::Ackdelay => "ackdelay",
            Self::Timestamps => "timestamps",
            Self::Sack => "sack",
            Self::Windowscale => "windowscale",
            Self::Congestion => "congestion",
            Self::Dscp => "dscp",
            Self::Ttl => "ttl",
        }
    }
}

impl fmt::Display for OptionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// The value of a socket option.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OptionValue {
    /// A switch (0 or 1), octets, a count or milliseconds.
    Number(u64),
    /// A name, such as that of a congestion control.
    Word(String),
}

impl OptionValue {
    /// The number, `None` for a word.
    pub const fn number(&self) -> Option<u64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Word(_) => None,
        }
    }
}

impl fmt::Display for OptionValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Word(word) => word.fmt(f),
        }
    }
}

/// The period of the pattern that `fill` writes.
const PATTERN_PERIOD: u64 = 251;

/// `count` octets of the pattern from `offset` on: octet i is i mod 251.
pub fn pattern(offset: u64, count: usize) -> Vec<u8> {
    let mut octets = Vec::with_capacity(count);
    let mut next = (offset % PATTERN_PERIOD) as u8;
    for _ in 0..count {
        octets.push(next);
        next = if u64::from(next) == PATTERN_PERIOD - 1 { 0 } else { next + 1 };
    }
    octets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pattern_is_the_place_modulo_251_from_any_offset() {
        let whole = pattern(0, 600);
        assert_eq!(whole[250..253], [250, 0, 1]);
        assert_eq!(pattern(249, 300), whole[249..549]);
        assert_eq!(pattern(u64::MAX, 2), [(u64::MAX % 251) as u8, (u64::MAX % 251) as u8 + 1]);
    }

    #[test]
    fn a_call_names_the_capability_that_it_needs() {
        let shutdown = Call::Shutdown { socket: SocketId(1), how: ShutdownHow::Read };
        assert_eq!(shutdown.needs().to_string(), "shutdown:read");
        let set = Call::Set {
            socket: SocketId(1),
            option: OptionName::Usertimeout,
            value: OptionValue::Number(5_000),
        };
        assert_eq!(set.needs().to_string(), "option:usertimeout");
    }
}
