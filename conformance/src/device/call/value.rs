//! What a call gives back: values, states, and both as the protocol's text.

use super::hex::Hex;
use super::text::{TextError, Words};
use super::{Call, Errno};
use core::fmt;
use core::net::IpAddr;
use serde::{Deserialize, Serialize};

/// How a call ended.
pub type CallResult = Result<CallValue, Errno>;

/// What a call that went well gives back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CallValue {
    /// `ok`: nothing but that.
    Done,
    /// `ok N`: the number of octets taken by `send`, `fill`, `sendurgent`.
    Taken(u64),
    /// `ok ADDRESS PORT`: the peer of an accepted connection, this end of a connected one.
    Endpoint(IpAddr, u16),
    /// `ok HEX`: octets received, at least one.
    Data(Vec<u8>),
    /// `ok end`: the peer closed its sending side.
    End,
    /// `ok ESTABLISHED`.
    State(TcpState),
    /// `ok [ADDRESS PORT STATE]...`.
    Children(Vec<Child>),
    /// `ok ADDRESS PORT HEX`: a UDP datagram and its sender.
    Datagram(IpAddr, u16, Vec<u8>),
}

/// A connection that its listener has and nobody accepted yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Child {
    /// The peer's address.
    pub address: IpAddr,
    /// The peer's port.
    pub port: u16,
    /// Its state, SYN-RECEIVED among them.
    pub state: TcpState,
}

/// The states of RFC 9293 3.3.2, by the RFC's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum TcpState {
    /// CLOSED: no connection.
    Closed,
    /// LISTEN.
    Listen,
    /// SYN-SENT.
    SynSent,
    /// SYN-RECEIVED.
    SynReceived,
    /// ESTABLISHED.
    Established,
    /// FIN-WAIT-1.
    FinWait1,
    /// FIN-WAIT-2.
    FinWait2,
    /// CLOSE-WAIT.
    CloseWait,
    /// CLOSING.
    Closing,
    /// LAST-ACK.
    LastAck,
    /// TIME-WAIT.
    TimeWait,
}

impl TcpState {
    /// Every state, in the order of the RFC's list, CLOSED first.
    pub const ALL: [Self; 11] = [
        Self::Closed,
        Self::Listen,
        Self::SynSent,
        Self::SynReceived,
        Self::Established,
        Self::FinWait1,
        Self::FinWait2,
        Self::CloseWait,
        Self::Closing,
        Self::LastAck,
        Self::TimeWait,
    ];

    /// The RFC's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Closed => "CLOSED",
            Self::Listen => "LISTEN",
            Self::SynSent => "SYN-SENT",
            Self::SynReceived => "SYN-RECEIVED",
            Self::Established => "ESTABLISHED",
            Self::FinWait1 => "FIN-WAIT-1",
            Self::FinWait2 => "FIN-WAIT-2",
            Self::CloseWait => "CLOSE-WAIT",
            Self::Closing => "CLOSING",
            Self::LastAck => "LAST-ACK",
            Self::TimeWait => "TIME-WAIT",
        }
    }

    /// The state of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

impl fmt::Display for TcpState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for CallValue {
    /// As it stands behind `ok`: empty for [`CallValue::Done`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done => Ok(()),
            Self::Taken(count) => count.fmt(f),
            Self::Endpoint(address, port) => write!(f, "{address} {port}"),
            Self::Data(data) => Hex(data).fmt(f),
            Self::End => f.write_str("end"),
            Self::State(state) => f.write_str(state.name()),
            Self::Children(children) => {
                for (index, Child { address, port, state }) in children.iter().enumerate() {
                    let space = if index == 0 { "" } else { " " };
                    write!(f, "{space}{address} {port} {state}")?;
                }
                Ok(())
            }
            Self::Datagram(address, port, data) => write!(f, "{address} {port} {}", Hex(data)),
        }
    }
}

/// A result as the protocol writes it behind its number: `ok 20`, `error ETIMEDOUT`.
pub fn print_result(result: &CallResult) -> String {
    match result {
        Ok(CallValue::Done) => "ok".to_owned(),
        Ok(value) => format!("ok {value}").trim_end().to_owned(),
        Err(errno) => format!("error {errno}"),
    }
}

/// Reads a result as [`print_result`] writes it. What may stand behind `ok` depends on the call that it ends.
///
/// # Errors
/// [`TextError`] with the column and what was expected.
pub fn parse_result(call: &Call, text: &str) -> Result<CallResult, TextError> {
    let mut words = Words::new(text);
    let result = match words.next("ok or error")? {
        (_, "ok") => Ok(parse_value(call, &mut words)?),
        (_, "error") => Err(words.word("the name of an error", |name| name.parse().ok())?),
        (column, other) => return Err(TextError::new(column, "ok or error", other)),
    };
    words.end()?;
    Ok(result)
}

fn parse_value(call: &Call, words: &mut Words<'_>) -> Result<CallValue, TextError> {
    Ok(match call {
        Call::Listen { .. }
        | Call::Shutdown { .. }
        | Call::Close { .. }
        | Call::Abort { .. }
        | Call::Set { .. }
        | Call::Udp { .. }
        | Call::UdpSend { .. } => CallValue::Done,
        Call::Accept { .. } | Call::Connect { .. } => CallValue::Endpoint(words.address()?, words.port()?),
        Call::Send { .. } | Call::Fill { .. } | Call::SendUrgent { .. } => {
            CallValue::Taken(words.value("a number of octets")?)
        }
        Call::Recv { .. } => {
            let mut ahead = Words::new(words.remaining());
            if ahead.next("end or octets").is_ok_and(|(_, word)| word == "end") {
                words.next("end")?;
                CallValue::End
            } else {
                CallValue::Data(words.hex()?)
            }
        }
        Call::State { .. } => CallValue::State(words.word(STATE, TcpState::from_name)?),
        Call::Children { .. } => {
            let mut children = Vec::new();
            while !words.is_at_end() {
                let (address, port) = (words.address()?, words.port()?);
                children.push(Child { address, port, state: words.word(STATE, TcpState::from_name)? });
            }
            CallValue::Children(children)
        }
        Call::UdpRecv { .. } => CallValue::Datagram(words.address()?, words.port()?, words.hex()?),
    })
}

const STATE: &str = "a state of RFC 9293 3.3.2, such as ESTABLISHED";

#[cfg(test)]
mod tests {
    use super::*;

    fn call(text: &str) -> Call {
        text.parse().unwrap()
    }

    #[test]
    fn every_result_of_the_table_reads_and_prints_back() {
        for (of, text) in [
            ("listen 1 80 5", "ok"),
            ("accept 2 1", "ok 192.0.2.1 4000"),
            ("connect 2 192.0.2.1 80", "ok 2001:db8::2 49152"),
            ("connect 2 192.0.2.1 80", "error ECONNREFUSED"),
            ("send 2 00", "ok 0"),
            ("fill 2 0 9", "ok 9"),
            ("recv 2 9", "ok 12"),
            ("recv 2 9", "ok end"),
            ("recv 2 9", "error EWEIRD"),
            ("state 2", "ok FIN-WAIT-1"),
            ("children 1", "ok"),
            ("children 1", "ok 192.0.2.1 4000 SYN-RECEIVED 2001:db8::1 9 ESTABLISHED"),
            ("udprecv 4 9", "ok 192.0.2.1 53 0001"),
        ] {
            let result =
                parse_result(&call(of), text).unwrap_or_else(|error| panic!("{of}: {text}: {error}"));
            assert_eq!(print_result(&result), text);
        }
    }

    #[test]
    fn the_call_decides_what_its_result_means() {
        assert_eq!(parse_result(&call("send 2 00"), "ok 12"), Ok(Ok(CallValue::Taken(12))));
        assert_eq!(parse_result(&call("recv 2 9"), "ok 12"), Ok(Ok(CallValue::Data(vec![0x12]))));
    }

    #[test]
    fn a_result_that_cannot_be_read_is_told_with_its_column() {
        let error = parse_result(&call("state 2"), "ok Established").unwrap_err();
        assert_eq!((error.column, error.found.as_str()), (4, "Established"));
        let error = parse_result(&call("close 2"), "ok 5").unwrap_err();
        assert_eq!(error.to_string(), "column 4: expected the end, found `5`");
        let error = parse_result(&call("close 2"), "fine").unwrap_err();
        assert_eq!(error.to_string(), "column 1: expected ok or error, found `fine`");
    }

    #[test]
    fn states_have_the_names_of_the_rfc() {
        assert!(TcpState::ALL.iter().all(|state| TcpState::from_name(state.name()) == Some(*state)));
        assert_eq!(TcpState::from_name("established"), None);
    }
}
