//! Text to tree. Every cell has a parser of its own; [`ladder`] puts the cells of a table together and checks that
//! they make sense.

mod call;
mod context;
mod elements;
mod ladder;
mod options;
mod rows;
mod sense;
mod terms;
mod time;
mod value;

use std::borrow::Cow;

use nom::branch::alt;
use nom::bytes::complete::{tag, take_while, take_while1};
use nom::character::complete::{char, digit1, multispace0};
use nom::combinator::{cut, eof, not, opt, peek, recognize};
use nom::error::{ErrorKind, ParseError};
use nom::sequence::{preceded, terminated};
use nom::{IResult, Parser};

use super::error::CellError;

pub use context::Over;
pub use ladder::Known;

/// What a parser of this language gives back.
type Found<'a, T> = IResult<&'a str, T, Expected<'a>>;

/// Where reading ended, and what could have stood there.
#[derive(Debug)]
struct Expected<'a> {
    rest: &'a str,
    what: Cow<'static, str>,
}

impl<'a> ParseError<&'a str> for Expected<'a> {
    fn from_error_kind(rest: &'a str, _: ErrorKind) -> Self {
        Self { rest, what: Cow::Borrowed("") }
    }

    fn append(_: &'a str, _: ErrorKind, other: Self) -> Self {
        other
    }

    /// Of two ways that failed, the one that came further speaks.
    fn or(self, other: Self) -> Self {
        if other.rest.len() <= self.rest.len() && !other.what.is_empty() { other } else { self }
    }
}

/// Reads the whole of `cell`, spaces around it left out.
fn whole<'a, T>(
    cell: &'a str,
    parser: impl Parser<&'a str, Output = T, Error = Expected<'a>>,
) -> Result<T, CellError> {
    let end = expecting("the end of the cell", eof);
    match preceded(multispace0, terminated(parser, (multispace0, end))).parse(cell) {
        Ok((_, tree)) => Ok(tree),
        Err(nom::Err::Error(error) | nom::Err::Failure(error)) => {
            let what = if error.what.is_empty() { "something else" } else { &error.what };
            Err(CellError::at(cell, error.rest, what))
        }
        Err(nom::Err::Incomplete(_)) => Err(CellError::at(cell, "", "more")),
    }
}

/// Names what `parser` wants, for the message if it is not there; what it says of a place further on stands.
fn expecting<'a, T>(
    what: &'static str,
    mut parser: impl Parser<&'a str, Output = T, Error = Expected<'a>>,
) -> impl Parser<&'a str, Output = T, Error = Expected<'a>> {
    move |input: &'a str| {
        parser.parse(input).map_err(|error| match error {
            nom::Err::Error(Expected { rest, what: inner })
                if inner.is_empty() || rest.len() == input.len() =>
            {
                nom::Err::Error(Expected { rest, what: Cow::Borrowed(what) })
            }
            nom::Err::Failure(Expected { rest, what: inner }) if inner.is_empty() => {
                nom::Err::Failure(Expected { rest, what: Cow::Borrowed(what) })
            }
            other => other,
        })
    }
}

/// The end of reading: at `rest` stands not what it should be.
fn stop<'a, T>(rest: &'a str, what: impl Into<Cow<'static, str>>) -> Found<'a, T> {
    Err(nom::Err::Failure(Expected { rest, what: what.into() }))
}

/// Something else stands at `rest`; another way may be tried.
fn mismatch(rest: &str) -> nom::Err<Expected<'_>> {
    nom::Err::Error(Expected { rest, what: Cow::Borrowed("") })
}

/// A decimal number up to `max`.
fn number_up_to<'a>(max: u32) -> impl Parser<&'a str, Output = u32, Error = Expected<'a>> {
    move |input: &'a str| {
        let (rest, digits) = expecting("a number", digit1).parse(input)?;
        match digits.parse::<u32>() {
            Ok(number) if number <= max => Ok((rest, number)),
            Ok(_) | Err(_) => stop(input, format!("a number up to {max}")),
        }
    }
}

/// A keyword that ends where a word ends.
fn keyword<'a>(word: &'static str) -> impl Parser<&'a str, Output = &'a str, Error = Expected<'a>> {
    terminated(tag(word), peek(not(take_while1(|c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-'))))
}

/// A name such as of a label, a connection, a socket option.
fn name(input: &str) -> Found<'_, &str> {
    let first = take_while1(|c: char| c.is_ascii_alphabetic());
    let later = take_while(|c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    expecting("a name", recognize((first, later))).parse(input)
}

/// A comma, with spaces behind it or without.
fn comma(input: &str) -> Found<'_, char> {
    terminated(char(','), multispace0).parse(input)
}

/// Octets in hexadecimal, two digits each, perhaps none.
fn hex(input: &str) -> Found<'_, Vec<u8>> {
    let (rest, digits) = take_while(|c: char| c.is_ascii_hexdigit()).parse(input)?;
    if digits.len() % 2 != 0 {
        return stop(rest, "another hexadecimal digit");
    }
    let digit = |c: char| c.to_digit(16).and_then(|value| u8::try_from(value).ok()).unwrap_or(0);
    let nibbles: Vec<u8> = digits.chars().map(digit).collect();
    let octets = nibbles.chunks(2).map(|pair| pair.iter().fold(0, |octet, nibble| octet << 4 | nibble));
    Ok((rest, octets.collect()))
}

/// Octets in quotation marks. `\r \n \t \0 \\ \"` and `\x3c` stand for what they do in Rust; all other characters for
/// their octets in UTF-8.
fn quoted(input: &str) -> Found<'_, Vec<u8>> {
    let (mut rest, _) = char('"').parse(input)?;
    let mut octets = Vec::new();
    loop {
        let mut characters = rest.chars();
        match characters.next() {
            Some('"') => return Ok((characters.as_str(), octets)),
            Some('\\') => {
                let (after, octet) = cut(escape).parse(characters.as_str())?;
                octets.push(octet);
                rest = after;
            }
            Some('<' | '>') => return stop(rest, "`\\x3c` for < and `\\x3e` for >, which end an element"),
            Some(character) => {
                octets.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                rest = characters.as_str();
            }
            None => return stop(rest, "a closing quotation mark"),
        }
    }
}

/// What stands behind the backslash of a literal.
fn escape(input: &str) -> Found<'_, u8> {
    let simple = alt((
        char('r').map(|_| b'\r'),
        char('n').map(|_| b'\n'),
        char('t').map(|_| b'\t'),
        char('0').map(|_| 0),
        char('\\').map(|_| b'\\'),
        char('"').map(|_| b'"'),
    ));
    let octet = preceded(char('x'), two_digits);
    expecting("one of r n t 0 \\ \" and x with two hexadecimal digits", alt((simple, octet))).parse(input)
}

/// One octet in two hexadecimal digits.
fn two_digits(input: &str) -> Found<'_, u8> {
    let octet = input.get(..2).filter(|digits| digits.chars().all(|c| c.is_ascii_hexdigit()));
    match (octet.and_then(|digits| u8::from_str_radix(digits, 16).ok()), input.get(2..)) {
        (Some(octet), Some(rest)) => Ok((rest, octet)),
        _ => stop(input, "two hexadecimal digits"),
    }
}

/// `parser`, or nothing.
fn perhaps<'a, T>(
    parser: impl Parser<&'a str, Output = T, Error = Expected<'a>>,
) -> impl Parser<&'a str, Output = Option<T>, Error = Expected<'a>> {
    opt(parser)
}
