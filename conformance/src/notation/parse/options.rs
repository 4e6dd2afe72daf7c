//! TCP options as elements.

use nom::Parser;
use nom::bytes::complete::tag;
use nom::character::complete::{char, multispace0};
use nom::combinator::opt;
use nom::multi::separated_list1;
use nom::sequence::{preceded, separated_pair};

use super::elements::some_hex;
use super::value::{Kind, expression, value};
use super::{Found, comma, expecting, hex, mismatch, stop};
use crate::notation::segment::{Octets, Opt, SackBlocks};

/// The longest option: 40 octets less kind and length.
const MAX_OPTION: usize = 38;

/// The option of that name; `rest` begins behind its `=` if it has one.
pub(super) fn option<'a>(word: &str, equals: Option<char>, rest: &'a str) -> Found<'a, Opt> {
    match (word, equals) {
        ("MSS", Some(_)) => value(Kind::Field(0xffff)).map(Opt::MaximumSegmentSize).parse(rest),
        ("WS", Some(_)) => value(Kind::Field(0xff)).map(Opt::WindowScale).parse(rest),
        ("SACKOK", None) => Ok((rest, Opt::SackPermitted)),
        ("SACK", Some(_)) => sack(rest),
        ("TS", Some(_)) => timestamps(rest),
        ("NOP", None) => Ok((rest, Opt::NoOperation)),
        ("EOL", None) => Ok((rest, Opt::EndOfList)),
        ("UTO", Some(_)) => user_timeout(rest),
        ("TFO", Some(_)) => fast_open(rest),
        ("MD5", None) => Ok((rest, Opt::Md5(Octets::Any))),
        ("MD5", Some(_)) => octets(rest, MAX_OPTION).map(|(rest, octets)| (rest, Opt::Md5(octets))),
        ("AO", None) => Ok((rest, Opt::Ao(Octets::Any))),
        ("AO", Some(_)) => octets(rest, MAX_OPTION).map(|(rest, octets)| (rest, Opt::Ao(octets))),
        ("OPT", Some(_)) => some_hex.map(Opt::Raw).parse(rest),
        _ => Err(mismatch(rest)),
    }
}

/// `401..501,601..701` or `*`
fn sack(input: &str) -> Found<'_, Opt> {
    if let Some(rest) = input.strip_prefix('*') {
        return Ok((rest, Opt::Sack(SackBlocks::Any)));
    }
    let edge = || expression(Kind::Sequence);
    let block = separated_pair(edge(), tag(".."), edge());
    expecting("blocks such as `401..501,601..701`, or `*`", separated_list1(comma, block))
        .map(|blocks| Opt::Sack(SackBlocks::Exact(blocks)))
        .parse(input)
}

/// `10,t1`
fn timestamps(input: &str) -> Found<'_, Opt> {
    let stamp = || value(Kind::Timestamp);
    let separator = expecting("`,` and the echo, as in `TS=10,t1`", comma);
    separated_pair(stamp(), separator, stamp())
        .map(|(value, echo)| Opt::Timestamps { value, echo })
        .parse(input)
}

/// `30` seconds, `30min`
fn user_timeout(input: &str) -> Found<'_, Opt> {
    (value(Kind::Field(0x7fff)), opt(preceded(multispace0, tag("min"))))
        .map(|(value, minutes)| Opt::UserTimeout { minutes: minutes.is_some(), value })
        .parse(input)
}

/// Nothing, a cookie in hexadecimal, or `*`; `exp:` before it for the experimental kind.
fn fast_open(input: &str) -> Found<'_, Opt> {
    let (rest, experimental) = opt(tag("exp:")).parse(input)?;
    let experimental = experimental.is_some();
    // Kind, length and, for the experimental kind, two octets of magic.
    let room = if experimental { MAX_OPTION - 2 } else { MAX_OPTION };
    let (rest, cookie) = octets(rest, room)?;
    Ok((rest, Opt::FastOpen { experimental, cookie }))
}

/// Octets in hexadecimal, perhaps none, or `*`.
fn octets(input: &str, max: usize) -> Found<'_, Octets> {
    if let (rest, Some(_)) = opt(char('*')).parse(input)? {
        return Ok((rest, Octets::Any));
    }
    let (rest, octets) = hex(input)?;
    if octets.len() > max {
        return stop(input, format!("at most {max} octets, or `*`"));
    }
    Ok((rest, Octets::Exact(octets)))
}
