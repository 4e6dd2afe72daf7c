//! The cells of `call` rows.

use core::net::IpAddr;
use core::str::FromStr;

use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::{tag, take_while1};
use nom::character::complete::{multispace0, multispace1, satisfy};
use nom::combinator::{cut, map_opt, not, opt, value as constant, verify};
use nom::sequence::{delimited, preceded};

use super::value::{Kind, value};
use super::{Expected, Found, expecting, keyword, mismatch, number_up_to, quoted, stop, whole};
use crate::notation::call::{CallText, Expectation, How, Payload, Verb};
use crate::notation::error::CellError;
use crate::notation::ladder::State;

/// What may be called.
const CALL: &str =
    "a call: listen accept connect send sendurgent recv shutdown close abort state children set";
/// What may be expected of a call.
const RESULT: &str = "a result: a count of octets, octets in quotation marks, `end`, `ok`, `pending`, a state such as \
                      ESTABLISHED, or an error such as ECONNRESET";

/// The most octets of one `sendurgent`: an urgent pointer reaches no further (RFC 9293 3.1).
const MAX_URGENT: u32 = 0xffff;

/// A call and its result.
fn call(input: &str) -> Found<'_, CallText> {
    let (rest, word) = expecting(CALL, take_while1(|c: char| c.is_ascii_alphabetic())).parse(input)?;
    let (rest, verb) = match verb(word, rest) {
        Err(nom::Err::Error(error)) if error.what.is_empty() => return stop(input, CALL),
        found => found?,
    };
    let arrow = delimited(multispace0, tag("->"), multispace0);
    let (after, expected) = opt(preceded(arrow, cut(expecting(RESULT, expectation)))).parse(rest)?;
    match expected.as_ref().and_then(|expected| unfit(&verb, expected)) {
        Some(what) => stop(rest, what),
        None => Ok((after, CallText { verb, expected })),
    }
}

/// The arguments of that call.
fn verb<'a>(word: &str, rest: &'a str) -> Found<'a, Verb> {
    match word {
        "listen" => (opt(argument(port)), opt(argument(number_up_to(u32::MAX))))
            .map(|(port, backlog)| Verb::Listen { port, backlog })
            .parse(rest),
        "accept" => Ok((rest, Verb::Accept)),
        "connect" => connect(rest),
        "send" => argument(payload(u32::MAX)).map(Verb::Send).parse(rest),
        "sendurgent" => argument(payload(MAX_URGENT)).map(Verb::SendUrgent).parse(rest),
        "recv" => opt(argument(number_up_to(u32::MAX))).map(|max| Verb::Recv { max }).parse(rest),
        "shutdown" => argument(how).map(Verb::Shutdown).parse(rest),
        "close" => Ok((rest, Verb::Close)),
        "abort" => Ok((rest, Verb::Abort)),
        "state" => Ok((rest, Verb::State)),
        "children" => Ok((rest, Verb::Children)),
        "set" => (argument(option_name), argument(option_value))
            .map(|(option, value): (&str, &str)| Verb::Set { option: option.into(), value: value.into() })
            .parse(rest),
        _ => Err(mismatch(rest)),
    }
}

/// What stands behind a space.
fn argument<'a, T>(
    parser: impl Parser<&'a str, Output = T, Error = Expected<'a>>,
) -> impl Parser<&'a str, Output = T, Error = Expected<'a>> {
    preceded(expecting("a space and an argument", multispace1), parser)
}

/// Nothing, or an address, a port, and perhaps a local port.
fn connect(input: &str) -> Found<'_, Verb> {
    let peer = (argument(address), cut(argument(port)));
    let (rest, peer) = opt(peer).parse(input)?;
    let (rest, local_port) = match peer {
        Some(_) => opt(argument(port)).parse(rest)?,
        None => (rest, None),
    };
    Ok((rest, Verb::Connect { peer, local_port }))
}

fn address(input: &str) -> Found<'_, IpAddr> {
    let text = take_while1(|c: char| c.is_ascii_hexdigit() || c == '.' || c == ':');
    let (rest, text) = expecting("an IP address", text).parse(input)?;
    match text.parse() {
        Ok(address) => Ok((rest, address)),
        Err(_) => stop(input, "an IP address"),
    }
}

fn port(input: &str) -> Found<'_, u16> {
    number_up_to(0xffff).map(|port| u16::try_from(port).unwrap_or(u16::MAX)).parse(input)
}

fn payload<'a>(max: u32) -> impl Parser<&'a str, Output = Payload, Error = Expected<'a>> {
    move |input: &'a str| {
        if input.starts_with('"') {
            return quoted.map(Payload::Literal).parse(input);
        }
        expecting("a count of octets, or octets in quotation marks", number_up_to(max))
            .map(Payload::Count)
            .parse(input)
    }
}

fn how(input: &str) -> Found<'_, How> {
    expecting(
        "write, read or both",
        alt((
            constant(How::Write, keyword("write")),
            constant(How::Read, keyword("read")),
            constant(How::Both, keyword("both")),
        )),
    )
    .parse(input)
}

fn option_name(input: &str) -> Found<'_, &str> {
    expecting("the name of a socket option", take_while1(|c: char| c.is_ascii_lowercase())).parse(input)
}

fn option_value(input: &str) -> Found<'_, &str> {
    let value = take_while1(|c: char| c.is_ascii_alphanumeric() || c == '_');
    expecting("the option's value", value).parse(input)
}

/// What stands behind `->`.
fn expectation(input: &str) -> Found<'_, Expectation> {
    if input.starts_with('"') {
        return quoted.map(Expectation::Literal).parse(input);
    }
    // A count has no letters of timestamps.
    let lowercase = satisfy(|c| c.is_ascii_lowercase());
    alt((
        constant(Expectation::End, keyword("end")),
        constant(Expectation::Ok, keyword("ok")),
        constant(Expectation::Pending, keyword("pending")),
        map_opt(word, State::from_name).map(Expectation::State),
        errno.map(|errno: &str| Expectation::Error(errno.into())),
        preceded(not(lowercase), value(Kind::Field(u32::MAX))).map(Expectation::Count),
    ))
    .parse(input)
}

/// The name of a state or an error.
fn word(input: &str) -> Found<'_, &str> {
    take_while1(|c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-').parse(input)
}

/// The name of an error, as in C.
fn errno(input: &str) -> Found<'_, &str> {
    verify(word, |word: &str| word.len() > 1 && word.starts_with('E') && !word.contains('-')).parse(input)
}

/// What such a call can come to, if not to that.
fn unfit(verb: &Verb, expected: &Expectation) -> Option<&'static str> {
    let receives = matches!(verb, Verb::Recv { .. });
    let counts = receives || matches!(verb, Verb::Send(_) | Verb::SendUrgent(_) | Verb::Children);
    match expected {
        Expectation::Literal(_) | Expectation::End if !receives => {
            Some("another result; only `recv` ends with octets or `end`")
        }
        Expectation::Count(_) if !counts => {
            Some("`-> ok` or an error; this call has no count for its result")
        }
        Expectation::State(_) if !matches!(verb, Verb::State) => {
            Some("another result; only `state` ends with a state")
        }
        Expectation::Ok
        | Expectation::Count(_)
        | Expectation::Literal(_)
        | Expectation::End
        | Expectation::State(_)
        | Expectation::Error(_)
        | Expectation::Pending => None,
    }
}

impl FromStr for CallText {
    type Err = CellError;

    /// Reads a whole cell.
    fn from_str(text: &str) -> Result<Self, CellError> {
        whole(text, call)
    }
}
