//! The small parsers that all formats are built from, on nom, and the octets that remember where they stood.

use super::error::{Error, Fault, Layer};
use core::fmt;
use core::net::{Ipv4Addr, Ipv6Addr};
use core::ops::Deref;
use nom::Parser;

/// How much of what a header tells of must be there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Extent {
    /// All of it.
    Whole,
    /// What a capture's snap length, or the quote in an ICMP error, has left.
    Cut,
}

/// Where within one layer's octets a parser stopped: nom's error type for every parser in here.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Stop<'a> {
    /// What was left of the input where the field begins; its length gives the offset.
    rest: &'a [u8],
    field: &'static str,
    fault: Fault,
    needed: usize,
    had: usize,
}

impl<'a> nom::error::ParseError<&'a [u8]> for Stop<'a> {
    fn from_error_kind(rest: &'a [u8], _: nom::error::ErrorKind) -> Self {
        Self { rest, field: "octets", fault: Fault::Truncated, needed: rest.len() + 1, had: rest.len() }
    }

    fn append(_: &'a [u8], _: nom::error::ErrorKind, first: Self) -> Self {
        first
    }
}

/// What a parser in here gives: the rest and the value, or where it stopped.
pub(super) type Parsed<'a, T> = nom::IResult<&'a [u8], T, Stop<'a>>;

#[cold]
fn truncated<'a, T>(rest: &'a [u8], field: &'static str, needed: usize) -> Parsed<'a, T> {
    Err(nom::Err::Error(Stop { rest, field, fault: Fault::Truncated, needed, had: rest.len() }))
}

/// Stops at `rest`, because the value found there is below `needed`.
#[cold]
pub(super) fn too_small<'a, T>(
    rest: &'a [u8],
    field: &'static str,
    needed: usize,
    had: usize,
) -> Parsed<'a, T> {
    Err(nom::Err::Error(Stop { rest, field, fault: Fault::TooSmall, needed, had }))
}

/// Stops at `rest`, because the value found there is not `needed`.
#[cold]
pub(super) fn unexpected<'a, T>(
    rest: &'a [u8],
    field: &'static str,
    needed: usize,
    had: usize,
) -> Parsed<'a, T> {
    Err(nom::Err::Error(Stop { rest, field, fault: Fault::Unexpected, needed, had }))
}

/// `N` octets, in one check of the bounds.
#[inline(always)]
pub(super) fn block<'a, const N: usize>(
    field: &'static str,
) -> impl Parser<&'a [u8], Output = &'a [u8; N], Error = Stop<'a>> {
    move |input: &'a [u8]| match input.split_first_chunk::<N>() {
        Some((head, rest)) => Ok((rest, head)),
        None => truncated(input, field, N),
    }
}

/// `len` octets.
#[inline(always)]
pub(super) fn octets<'a>(
    field: &'static str,
    len: usize,
) -> impl Parser<&'a [u8], Output = &'a [u8], Error = Stop<'a>> {
    move |input: &'a [u8]| match input.split_at_checked(len) {
        Some((head, rest)) => Ok((rest, head)),
        None => truncated(input, field, len),
    }
}

/// An octet.
#[inline(always)]
pub(super) fn be8<'a>(field: &'static str) -> impl Parser<&'a [u8], Output = u8, Error = Stop<'a>> {
    block::<1>(field).map(|octets: &[u8; 1]| octets[0])
}

/// Two octets in network order.
#[inline(always)]
pub(super) fn be16<'a>(field: &'static str) -> impl Parser<&'a [u8], Output = u16, Error = Stop<'a>> {
    block::<2>(field).map(|octets: &[u8; 2]| u16::from_be_bytes(*octets))
}

/// Four octets in network order.
#[inline(always)]
pub(super) fn be32<'a>(field: &'static str) -> impl Parser<&'a [u8], Output = u32, Error = Stop<'a>> {
    block::<4>(field).map(|octets: &[u8; 4]| u32::from_be_bytes(*octets))
}

/// An IPv4 address.
pub(super) fn ipv4_address<'a>(
    field: &'static str,
) -> impl Parser<&'a [u8], Output = Ipv4Addr, Error = Stop<'a>> {
    block::<4>(field).map(|octets: &[u8; 4]| Ipv4Addr::from(*octets))
}

/// An IPv6 address.
pub(super) fn ipv6_address<'a>(
    field: &'static str,
) -> impl Parser<&'a [u8], Output = Ipv6Addr, Error = Stop<'a>> {
    block::<16>(field).map(|octets: &[u8; 16]| Ipv6Addr::from(*octets))
}

/// All that is left.
pub(super) fn rest<'a>() -> impl Parser<&'a [u8], Output = &'a [u8], Error = Stop<'a>> {
    |input: &'a [u8]| Ok((&input[input.len()..], input))
}

/// What a parser made of `whole`, one layer's octets, which begin `offset` octets into the outermost input.
///
/// It takes the outcome and not the parser: a closure would not be inlined, and the outcome be built in memory.
#[inline(always)]
pub(super) fn located<'a, T>(
    layer: Layer,
    offset: usize,
    whole: &'a [u8],
    parsed: Parsed<'a, T>,
) -> Result<(&'a [u8], T), Error> {
    match parsed {
        Ok(done) => Ok(done),
        Err(stop) => Err(place(layer, offset, whole, stop)),
    }
}

#[cold]
fn place(layer: Layer, offset: usize, whole: &[u8], stop: nom::Err<Stop<'_>>) -> Error {
    match stop {
        nom::Err::Error(Stop { rest, field, fault, needed, had })
        | nom::Err::Failure(Stop { rest, field, fault, needed, had }) => {
            Error { layer, field, offset: offset + whole.len() - rest.len(), fault, needed, had }
        }
        // Only nom's streaming parsers say this, and none is used.
        nom::Err::Incomplete(_) => Error {
            layer,
            field: "octets",
            offset: offset + whole.len(),
            fault: Fault::Truncated,
            needed: 1,
            had: 0,
        },
    }
}

/// Octets that remember where they stood in the outermost input, so that a fault found in them later
/// still names its place. Equal if the octets are equal.
#[derive(Clone, Copy, Default)]
pub struct Span<'a> {
    octets: &'a [u8],
    offset: usize,
}

impl<'a> Span<'a> {
    /// Octets that were not parsed from anything: their place is 0.
    pub const fn new(octets: &'a [u8]) -> Self {
        Self { octets, offset: 0 }
    }

    pub(super) const fn at(octets: &'a [u8], offset: usize) -> Self {
        Self { octets, offset }
    }

    /// The octets.
    pub const fn octets(self) -> &'a [u8] {
        self.octets
    }

    /// Where they stood, in octets from the start of the outermost input.
    pub const fn offset(self) -> usize {
        self.offset
    }
}

impl Deref for Span<'_> {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        self.octets
    }
}

impl<'a> From<&'a [u8]> for Span<'a> {
    fn from(octets: &'a [u8]) -> Self {
        Self::new(octets)
    }
}

impl PartialEq for Span<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.octets == other.octets
    }
}

impl Eq for Span<'_> {}

impl fmt::Debug for Span<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.octets.fmt(f)
    }
}
