//! The text of calls: the device protocol's call table, both ways.

use super::hex::{Hex, read_hex};
use super::{Call, OptionName, OptionValue, ShutdownHow, SocketId};
use core::fmt;
use core::str::FromStr;

/// A text that cannot be read: where, what was expected, what stood there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextError {
    /// The column of the word at fault, counted in characters from 1.
    pub column: usize,
    /// What should stand there.
    pub expected: String,
    /// What stands there.
    pub found: String,
}

impl TextError {
    pub(in crate::device) fn new(column: usize, expected: &str, found: &str) -> Self {
        Self { column, expected: expected.to_owned(), found: found.to_owned() }
    }
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column {}: expected {}, found `{}`", self.column, self.expected, self.found)
    }
}

impl std::error::Error for TextError {}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen { socket, port, backlog } => write!(f, "listen {socket} {port} {backlog}"),
            Self::Accept { socket, listener } => write!(f, "accept {socket} {listener}"),
            Self::Connect { socket, address, port, local_port: None } => {
                write!(f, "connect {socket} {address} {port}")
            }
            Self::Connect { socket, address, port, local_port: Some(local) } => {
                write!(f, "connect {socket} {address} {port} {local}")
            }
            Self::Send { socket, data } => write!(f, "send {socket} {}", Hex(data)),
            Self::Fill { socket, offset, count } => write!(f, "fill {socket} {offset} {count}"),
            Self::SendUrgent { socket, data } => write!(f, "sendurgent {socket} {}", Hex(data)),
            Self::Recv { socket, max } => write!(f, "recv {socket} {max}"),
            Self::Shutdown { socket, how } => write!(f, "shutdown {socket} {how}"),
            Self::Close { socket } => write!(f, "close {socket}"),
            Self::Abort { socket } => write!(f, "abort {socket}"),
            Self::State { socket } => write!(f, "state {socket}"),
            Self::Children { listener } => write!(f, "children {listener}"),
            Self::Set { socket, option, value } => write!(f, "set {socket} {option} {value}"),
            Self::Udp { socket, port } => write!(f, "udp {socket} {port}"),
            Self::UdpSend { socket, address, port, data } => {
                write!(f, "udpsend {socket} {address} {port} {}", Hex(data))
            }
            Self::UdpRecv { socket, max } => write!(f, "udprecv {socket} {max}"),
        }
    }
}

impl FromStr for Call {
    type Err = TextError;

    /// Reads a call as the protocol's table writes it: `send 3 0001ff`.
    fn from_str(text: &str) -> Result<Self, TextError> {
        let mut words = Words::new(text);
        let call = read_call(&mut words)?;
        words.end()?;
        Ok(call)
    }
}

fn read_call(words: &mut Words<'_>) -> Result<Call, TextError> {
    const NAMES: &str = "a call (listen, accept, connect, send, fill, sendurgent, recv, shutdown, close, abort, \
                         state, children, set, udp, udpsend, udprecv)";
    let (column, name) = words.next(NAMES)?;
    Ok(match name {
        "listen" => Call::Listen {
            socket: words.socket()?,
            port: words.port()?,
            backlog: words.value("a backlog (0 to 4294967295)")?,
        },
        "accept" => Call::Accept { socket: words.socket()?, listener: words.socket()? },
        "connect" => Call::Connect {
            socket: words.socket()?,
            address: words.address()?,
            port: words.port()?,
            local_port: if words.is_at_end() { None } else { Some(words.port()?) },
        },
        "send" => Call::Send { socket: words.socket()?, data: words.hex()? },
        "fill" => Call::Fill {
            socket: words.socket()?,
            offset: words.value("an offset into the pattern")?,
            count: words.value("a number of octets")?,
        },
        "sendurgent" => Call::SendUrgent { socket: words.socket()?, data: words.hex()? },
        "recv" => Call::Recv { socket: words.socket()?, max: words.value("a number of octets")? },
        "shutdown" => Call::Shutdown {
            socket: words.socket()?,
            how: words.word("write, read or both", ShutdownHow::from_word)?,
        },
        "close" => Call::Close { socket: words.socket()? },
        "abort" => Call::Abort { socket: words.socket()? },
        "state" => Call::State { socket: words.socket()? },
        "children" => Call::Children { listener: words.socket()? },
        "set" => Call::Set {
            socket: words.socket()?,
            option: words.word("the name of an option", OptionName::from_word)?,
            value: words.word("a value", |word| {
                Some(word.parse().map_or_else(|_| OptionValue::Word(word.to_owned()), OptionValue::Number))
            })?,
        },
        "udp" => Call::Udp { socket: words.socket()?, port: words.port()? },
        "udpsend" => Call::UdpSend {
            socket: words.socket()?,
            address: words.address()?,
            port: words.port()?,
            data: words.hex()?,
        },
        "udprecv" => Call::UdpRecv { socket: words.socket()?, max: words.value("a number of octets")? },
        other => return Err(TextError::new(column, NAMES, other)),
    })
}

/// The words of a text, taken one by one, with their columns.
pub(in crate::device) struct Words<'a> {
    text: &'a str,
    offset: usize,
}

impl<'a> Words<'a> {
    pub(in crate::device) const fn new(text: &'a str) -> Self {
        Self { text, offset: 0 }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.offset..).unwrap_or_default()
    }

    fn column(&self, offset: usize) -> usize {
        self.text.get(..offset).map_or(1, |before| before.chars().count() + 1)
    }

    /// What was not taken yet.
    pub(in crate::device) fn remaining(&self) -> &'a str {
        self.rest()
    }

    pub(in crate::device) fn is_at_end(&self) -> bool {
        self.rest().trim_start().is_empty()
    }

    /// The next word and its column, or an error that says what was expected.
    pub(in crate::device) fn next(&mut self, expected: &str) -> Result<(usize, &'a str), TextError> {
        let rest = self.rest();
        let word = rest.trim_start();
        let start = self.offset + (rest.len() - word.len());
        let word = word.split(char::is_whitespace).next().unwrap_or_default();
        if word.is_empty() {
            return Err(TextError::new(self.column(self.text.trim_end().len()), expected, "the end"));
        }
        self.offset = start + word.len();
        Ok((self.column(start), word))
    }

    /// The next word through `read`, which gives `None` for what it does not know.
    pub(in crate::device) fn word<T>(
        &mut self,
        expected: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, TextError> {
        let (column, word) = self.next(expected)?;
        read(word).ok_or_else(|| TextError::new(column, expected, word))
    }

    pub(in crate::device) fn value<T: FromStr>(&mut self, expected: &str) -> Result<T, TextError> {
        self.word(expected, |word| word.parse().ok())
    }

    pub(in crate::device) fn socket(&mut self) -> Result<SocketId, TextError> {
        self.value("the number of a socket").map(SocketId)
    }

    pub(in crate::device) fn port(&mut self) -> Result<u16, TextError> {
        self.value("a port (0 to 65535)")
    }

    pub(in crate::device) fn address(&mut self) -> Result<core::net::IpAddr, TextError> {
        self.value("an IPv4 or IPv6 address")
    }

    pub(in crate::device) fn hex(&mut self) -> Result<Vec<u8>, TextError> {
        self.word("octets in hexadecimal (`-` for none)", |word| read_hex(word.as_bytes()))
    }

    pub(in crate::device) fn end(&mut self) -> Result<(), TextError> {
        if self.is_at_end() {
            return Ok(());
        }
        let (column, word) = self.next("the end")?;
        Err(TextError::new(column, "the end", word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_of_the_table_reads_and_prints_back() {
        for text in [
            "listen 1 80 5",
            "accept 2 1",
            "connect 3 192.0.2.1 4000",
            "connect 3 2001:db8::1 4000 50000",
            "send 3 00ff10",
            "send 3 -",
            "fill 3 251 1000000",
            "sendurgent 3 21",
            "recv 3 65536",
            "shutdown 3 write",
            "shutdown 3 read",
            "shutdown 3 both",
            "close 3",
            "abort 3",
            "state 3",
            "children 1",
            "set 3 nodelay 1",
            "set 3 congestion cubic",
            "udp 4 53",
            "udpsend 4 192.0.2.1 53 00",
            "udprecv 4 512",
        ] {
            let call: Call = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(call.to_string(), text);
        }
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_column_and_what_was_expected() {
        for (text, message) in [
            ("listen 1 99999 5", "column 10: expected a port (0 to 65535), found `99999`"),
            ("listen 1 80", "column 12: expected a backlog (0 to 4294967295), found `the end`"),
            ("close  x", "column 8: expected the number of a socket, found `x`"),
            ("close 1 2", "column 9: expected the end, found `2`"),
            ("send 1 abc", "column 8: expected octets in hexadecimal (`-` for none), found `abc`"),
            ("send 1 zz", "column 8: expected octets in hexadecimal (`-` for none), found `zz`"),
            ("shutdown 1 up", "column 12: expected write, read or both, found `up`"),
            ("connect 1 192.0.2 80", "column 11: expected an IPv4 or IPv6 address, found `192.0.2`"),
            ("set 1 teleport 1", "column 7: expected the name of an option, found `teleport`"),
        ] {
            assert_eq!(text.parse::<Call>().unwrap_err().to_string(), message, "{text}");
        }
    }

    #[test]
    fn a_call_that_is_not_in_the_table_is_answered_with_the_table() {
        let error = "dance 1".parse::<Call>().unwrap_err();
        assert_eq!((error.column, error.found.as_str()), (1, "dance"));
        assert!(error.expected.contains("udprecv"), "{error}");
        assert_eq!("".parse::<Call>().unwrap_err().column, 1);
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics_and_what_reads_prints_back_as_the_same_call(text in "([a-z]{3,8}|[0-9a-f.:-]{0,6}| |\\PC){0,9}") {
            if let Ok(call) = text.parse::<Call>() {
                proptest::prop_assert_eq!(call.to_string().parse(), Ok(call));
            }
        }

        #[test]
        fn an_error_points_into_the_text_or_right_behind_it(
            name in "listen|connect|send|fill|set|udpsend|shutdown",
            words in proptest::collection::vec("[0-9]{1,6}|x|192\\.0\\.2\\.1|write|ä", 0..5),
        ) {
            let text = format!("{name} {}", words.join("  "));
            if let Err(error) = text.parse::<Call>() {
                proptest::prop_assert!((1..=text.chars().count() + 1).contains(&error.column), "{}: {}", text, error);
            }
        }
    }
}
