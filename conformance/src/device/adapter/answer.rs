//! The lines of an answer.

use crate::device::call::{parse_result, read_hex};
use crate::device::{Answer, Call, CallId, CallValue, Child, Errno, Wake};
use std::borrow::Cow;
use std::collections::BTreeMap;
use wireproof_reference::time::Instant;

/// The calls whose results are awaited, without their octets.
pub(super) type Pending = BTreeMap<CallId, Call>;

/// A line of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// Nothing on it.
    Blank,
    /// A frame, a result, a log.
    Said(Answer),
    /// The request was not understood; `wake` follows.
    Refused(String),
    /// The last line.
    Wake(Wake),
}

/// What a line may be.
const WORDS: &str = "frame, result, log, error or wake";

/// Reads a line. Results end their calls. More or other blanks than one, a carriage return at the end, and digits `A` to
/// `F` do not matter.
///
/// # Errors
/// What should stand there.
pub(super) fn read(line: &[u8], pending: &mut Pending) -> Result<Line, String> {
    let line = line.trim_ascii();
    let (word, rest) = split(line);
    match word {
        b"" => Ok(Line::Blank),
        b"frame" => {
            let octets = read_hex(rest).filter(|octets| !octets.is_empty());
            let expected = "`frame` and one Ethernet frame in hexadecimal, two digits an octet";
            Ok(Line::Said(Answer::Frame(octets.ok_or(expected)?)))
        }
        b"result" => result(rest, pending),
        b"log" => Ok(Line::Said(Answer::Log(String::from_utf8_lossy(rest).into_owned()))),
        b"error" => Ok(Line::Refused(String::from_utf8_lossy(rest).into_owned())),
        b"wake" => match rest {
            b"never" => Ok(Line::Wake(Wake::Never)),
            b"now" => Ok(Line::Wake(Wake::Now)),
            time => {
                let time = core::str::from_utf8(time).ok().and_then(|time| time.parse().ok());
                let expected = "`wake never`, `wake now`, or `wake` and a time in nanoseconds below 2^64";
                Ok(Line::Wake(Wake::At(Instant::from_nanos(time.ok_or(expected)?))))
            }
        },
        _ => Err(format!("a line that begins with {WORDS}")),
    }
}

/// The first word and what stands behind it.
fn split(line: &[u8]) -> (&[u8], &[u8]) {
    let end = line.iter().position(u8::is_ascii_whitespace).unwrap_or(line.len());
    let (word, rest) = line.split_at_checked(end).unwrap_or((line, &[]));
    (word, rest.trim_ascii_start())
}

fn result(rest: &[u8], pending: &mut Pending) -> Result<Line, String> {
    let (id, result) = split(rest);
    let number = core::str::from_utf8(id).ok().and_then(|id| id.parse().ok());
    let id = CallId(number.ok_or("`result`, the number of a call, and `ok` or `error`")?);
    let Some(call) = pending.get(&id) else {
        return Err("the result of a call that was made and has none yet".to_owned());
    };
    let result = match split(result) {
        // Whoever does not know why cannot name it; what stands behind a name is for people.
        (b"error", why) => {
            let name = String::from_utf8_lossy(split(why).0).into_owned();
            Err(if name.is_empty() { Errno::Other("unnamed".to_owned()) } else { errno(&name) })
        }
        _ => {
            let text = core::str::from_utf8(result).map_err(|_| "UTF-8".to_owned())?;
            parse_result(call, text).map_err(|wrong| {
                format!("{} behind the number, as the result of `{}`", wrong.expected, brief(call))
            })?
        }
    };
    pending.remove(&id);
    Ok(Line::Said(Answer::Result(id, result.map(plain))))
}

/// A value with IPv4 addresses as such, also if the stack keeps them mapped into IPv6 (RFC 4291 2.5.5.2).
fn plain(value: CallValue) -> CallValue {
    match value {
        CallValue::Endpoint(address, port) => CallValue::Endpoint(address.to_canonical(), port),
        CallValue::Datagram(address, port, data) => CallValue::Datagram(address.to_canonical(), port, data),
        CallValue::Children(children) => CallValue::Children(
            children
                .into_iter()
                .map(|child| Child { address: child.address.to_canonical(), ..child })
                .collect(),
        ),
        other => other,
    }
}

fn errno(name: &str) -> Errno {
    match name.to_ascii_uppercase().parse() {
        Ok(errno @ Errno::Other(_)) => {
            drop(errno);
            Errno::Other(name.to_owned())
        }
        Ok(errno) => errno,
        Err(never) => match never {},
    }
}

/// A call without what makes it long.
fn brief(call: &Call) -> String {
    let text = call.to_string();
    text.strip_suffix(" -").unwrap_or(&text).to_owned()
}

/// A call without its octets: what has to be known to read its result.
pub(super) fn without_octets(call: &Call) -> Call {
    match call {
        Call::Send { socket, .. } => Call::Send { socket: *socket, data: Vec::new() },
        Call::SendUrgent { socket, .. } => Call::SendUrgent { socket: *socket, data: Vec::new() },
        Call::UdpSend { socket, address, port, .. } => {
            Call::UdpSend { socket: *socket, address: *address, port: *port, data: Vec::new() }
        }
        other => other.clone(),
    }
}

/// The same call with no more octets than one line holds; the device takes the first of them, and the rest is offered again.
pub(super) fn fitting(call: &Call) -> Cow<'_, Call> {
    let cut = |data: &[u8]| data.get(..MAX_DATA).map(<[u8]>::to_vec);
    match call {
        Call::Send { socket, data } => {
            cut(data).map_or(Cow::Borrowed(call), |data| Cow::Owned(Call::Send { socket: *socket, data }))
        }
        Call::SendUrgent { socket, data } => cut(data)
            .map_or(Cow::Borrowed(call), |data| Cow::Owned(Call::SendUrgent { socket: *socket, data })),
        other => Cow::Borrowed(other),
    }
}

/// The most octets of one call: a line with room for the words before them.
const MAX_DATA: usize = (super::MAX_LINE - 128) / 2;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::CallResult;

    fn pending(calls: &[(u64, &str)]) -> Pending {
        calls.iter().map(|(id, call)| (CallId(*id), call.parse().unwrap())).collect()
    }

    fn result(line: &str, call: &str) -> Result<CallResult, String> {
        match read(line.as_bytes(), &mut pending(&[(7, call)]))? {
            Line::Said(Answer::Result(CallId(7), result)) => Ok(result),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn each_word_of_the_page_reads() {
        let none = &mut Pending::new();
        assert_eq!(read(b"frame 0aFf", none), Ok(Line::Said(Answer::Frame(vec![0x0a, 0xff]))));
        assert_eq!(read(b"log two  words", none), Ok(Line::Said(Answer::Log("two  words".to_owned()))));
        assert_eq!(read(b"error what?", none), Ok(Line::Refused("what?".to_owned())));
        assert_eq!(read(b"wake never", none), Ok(Line::Wake(Wake::Never)));
        assert_eq!(read(b"wake now", none), Ok(Line::Wake(Wake::Now)));
        assert_eq!(read(b"wake 5", none), Ok(Line::Wake(Wake::At(Instant::from_nanos(5)))));
        assert_eq!(result("result 7 ok 20", "send 1 00"), Ok(Ok(CallValue::Taken(20))));
        assert_eq!(result("result 7 error ETIMEDOUT", "recv 1 9"), Ok(Err(Errno::ETIMEDOUT)));
    }

    #[test]
    fn blanks_and_line_ends_of_windows_do_not_matter() {
        let none = &mut Pending::new();
        assert_eq!(read(b"  wake\t never \r", none), Ok(Line::Wake(Wake::Never)));
        assert_eq!(read(b"\r", none), Ok(Line::Blank));
        assert_eq!(result(" result  7   ok   20\r", "send 1 00"), Ok(Ok(CallValue::Taken(20))));
    }

    #[test]
    fn a_failure_needs_no_name_and_may_have_words_behind_it() {
        assert_eq!(result("result 7 error", "close 1"), Ok(Err(Errno::Other("unnamed".to_owned()))));
        assert_eq!(result("result 7 error econnreset by peer", "close 1"), Ok(Err(Errno::ECONNRESET)));
        assert_eq!(result("result 7 error -104", "close 1"), Ok(Err(Errno::Other("-104".to_owned()))));
    }

    #[test]
    fn addresses_of_ipv4_that_are_mapped_into_ipv6_are_those_of_ipv4() {
        let mapped = CallValue::Endpoint("192.0.2.1".parse().unwrap(), 80);
        assert_eq!(result("result 7 ok ::ffff:192.0.2.1 80", "accept 2 1"), Ok(Ok(mapped)));
    }

    #[test]
    fn a_result_ends_its_call() {
        let mut calls = pending(&[(7, "close 1")]);
        assert!(read(b"result 7 ok", &mut calls).is_ok());
        assert!(read(b"result 7 ok", &mut calls).unwrap_err().contains("has none yet"));
    }

    #[test]
    fn what_is_no_answer_is_told_with_what_one_is() {
        for (line, expected) in [
            ("banana", WORDS),
            ("Wake never", WORDS),
            ("frame", "Ethernet frame in hexadecimal"),
            ("frame -", "Ethernet frame in hexadecimal"),
            ("frame 012", "Ethernet frame in hexadecimal"),
            ("frame 00 11", "Ethernet frame in hexadecimal"),
            ("wake", "wake never"),
            ("wake soon", "wake never"),
            ("wake -1", "wake never"),
            ("wake 1.5", "wake never"),
            ("wake 18446744073709551616", "wake never"),
            ("result x ok", "the number of a call"),
            ("result 8 ok", "has none yet"),
            ("result 7", "ok or error"),
            ("result 7 fine", "ok or error"),
            ("result 7 ok blue", "a state of RFC 9293 3.3.2, such as ESTABLISHED behind the number"),
        ] {
            let error = read(line.as_bytes(), &mut pending(&[(7, "state 1")])).unwrap_err();
            assert!(error.contains(expected), "{line}: {error}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_line_panics(line in "(frame|result|wake|log|error|ok|7| |\\PC){0,6}") {
            let _ = read(line.as_bytes(), &mut pending(&[(7, "children 1")]));
        }
    }
}
