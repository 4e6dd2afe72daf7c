//! A `call` cell: what the device's application does, in the words of the device protocol, without socket and number.

use core::net::IpAddr;

use super::ladder::State;
use super::value::Value;

/// A call and, with `->`, the result expected of it within the row's time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallText {
    /// What is called, with its arguments.
    pub verb: Verb,
    /// What must come of it. Without, an error fails the row.
    pub expected: Option<Expectation>,
}

/// The calls of the device protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verb {
    /// `listen`, `listen 80`, `listen 80 5`
    Listen {
        /// The port, else the scenario's.
        port: Option<u16>,
        /// How many connections may wait.
        backlog: Option<u32>,
    },
    /// `accept`
    Accept,
    /// `connect` to the row's connection, or `connect 192.0.2.3 80`, or with a local port `connect 192.0.2.3 80 4000`.
    Connect {
        /// The peer, if not that of the row's connection.
        peer: Option<(IpAddr, u16)>,
        /// The device's own port, if it shall not choose.
        local_port: Option<u16>,
    },
    /// `send 20`, `send "PUT"`
    Send(Payload),
    /// `sendurgent 5`, `sendurgent "!"`
    SendUrgent(Payload),
    /// `recv`, `recv 100`
    Recv {
        /// At most so many octets, else as many as there are.
        max: Option<u32>,
    },
    /// `shutdown write`
    Shutdown(How),
    /// `close`
    Close,
    /// `abort`
    Abort,
    /// `state`
    State,
    /// `children`: connections of the listener not yet accepted.
    Children,
    /// `set nodelay 1`
    Set {
        /// The option's name.
        option: String,
        /// Its value: a number, or the name of a congestion control.
        value: String,
    },
}

/// What is sent: so many octets of the stream's pattern, or just these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// `20`
    Count(u32),
    /// `"PUT"`
    Literal(Vec<u8>),
}

/// Which half of a connection is shut down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// `write`: no more will be sent.
    Write,
    /// `read`: no more will be read.
    Read,
    /// `both`
    Both,
}

/// What a call must come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// `-> ok`: no error, whatever the value.
    Ok,
    /// `-> 20`: so many octets received (of the stream, and compared), taken, or so many children.
    Count(Value),
    /// `-> "GET"`: just these octets received.
    Literal(Vec<u8>),
    /// `-> end`: the peer's FIN.
    End,
    /// `-> ESTABLISHED`
    State(State),
    /// `-> ECONNRESET`
    Error(String),
    /// `-> pending`: no result within the row's time.
    Pending,
}
