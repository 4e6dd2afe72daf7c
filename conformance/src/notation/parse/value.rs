//! Numbers, expressions and patterns of them.

use core::str::FromStr;

use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::{tag, take_while, take_while1};
use nom::character::complete::char;
use nom::combinator::{cut, recognize, verify};
use nom::multi::many0;
use nom::sequence::{preceded, terminated};

use super::{Expected, Found, expecting, number_up_to, perhaps, stop, whole};
use crate::notation::error::CellError;
use crate::notation::number::NumbersFrom;
use crate::notation::value::{Expression, Sign, Term, Value, Variable};

/// What a number is a number of; it decides which terms make sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A place in a sequence space.
    Sequence,
    /// A count or a field, up to a largest value.
    Field(u32),
    /// A timestamp.
    Timestamp,
}

/// A pattern of numbers of that kind.
pub(super) fn value<'a>(kind: Kind) -> impl Parser<&'a str, Output = Value, Error = Expected<'a>> {
    move |input: &'a str| {
        let range_end = || preceded(tag(".."), perhaps(expression(kind)));
        let (rest, value) = expecting(
            "a number, `*`, or a range such as `1..5`, `1..` or `..5`",
            alt((
                char('*').map(|_| Value::Any),
                preceded(tag(".."), expression(kind)).map(Value::UpTo),
                (expression(kind), perhaps(range_end())).map(|(from, to)| match to {
                    None => Value::Exact(from),
                    Some(None) => Value::From(from),
                    Some(Some(to)) => Value::Between(from, to),
                }),
            )),
        )
        .parse(input)?;
        if let (Value::Between(from, to), Kind::Field(_)) = (&value, kind)
            && let (Some(from), Some(to)) = (from.as_number(), to.as_number())
            && from > to
        {
            return stop(input, "a range whose first number is not above its second");
        }
        Ok((rest, value))
    }
}

/// A sum of terms of that kind.
pub(super) fn expression<'a>(kind: Kind) -> impl Parser<&'a str, Output = Expression, Error = Expected<'a>> {
    move |input: &'a str| {
        let sign = alt((char('+').map(|_| Sign::Plus), char('-').map(|_| Sign::Minus)));
        let (rest, (first, more)) = (term, many0((sign, cut(expecting(TERM, term))))).parse(input)?;
        let expression = Expression { first, rest: more };
        match misfit(&expression, kind) {
            None => Ok((rest, expression)),
            Some(what) => stop(input, what),
        }
    }
}

const TERM: &str = "a number, `abs:` and a number, a timestamp's letter, or a variable such as SND.NXT";

/// One term.
fn term(input: &str) -> Found<'_, Term> {
    alt((
        number_up_to(u32::MAX).map(Term::Number),
        preceded(tag("abs:"), cut(number_up_to(u32::MAX))).map(Term::Absolute),
        letter.map(|letter: &str| Term::Letter(letter.into())),
        variable.map(|variable| Term::Variable { connection: None, variable }),
        (terminated(connection, char('.')), variable).map(|(connection, variable): (&str, _)| {
            Term::Variable { connection: Some(connection.into()), variable }
        }),
    ))
    .parse(input)
}

/// A timestamp's letter: small letters and digits.
fn letter(input: &str) -> Found<'_, &str> {
    recognize((
        take_while1(|c: char| c.is_ascii_lowercase()),
        take_while(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit()),
    ))
    .parse(input)
}

/// The name of a connection: begins with a capital.
pub(super) fn connection(input: &str) -> Found<'_, &str> {
    let whole = take_while1(|c: char| c.is_ascii_alphanumeric());
    verify(whole, |name: &str| name.starts_with(|c: char| c.is_ascii_uppercase())).parse(input)
}

/// One of the RFC's variables.
fn variable(input: &str) -> Found<'_, Variable> {
    let ends = |rest: &str| !rest.starts_with(|c: char| c.is_ascii_alphanumeric());
    Variable::ALL
        .into_iter()
        .find_map(|variable| {
            input.strip_prefix(variable.name()).filter(|rest| ends(rest)).map(|rest| (rest, variable))
        })
        .ok_or_else(|| nom::Err::Error(Expected { rest: input, what: "a variable such as SND.NXT".into() }))
}

/// Why the terms do not make a number of that kind, as what would.
fn misfit(expression: &Expression, kind: Kind) -> Option<String> {
    let letters = expression.terms().any(|term| matches!(term, Term::Letter(_)));
    let absolute = expression.terms().any(|term| matches!(term, Term::Absolute(_)));
    let variables = expression.terms().any(|term| matches!(term, Term::Variable { .. }));
    match kind {
        Kind::Timestamp if absolute || variables => {
            Some("a timestamp: a number, a letter such as `t1`, or a letter plus a number".into())
        }
        Kind::Timestamp => None,
        Kind::Sequence | Kind::Field(_) if letters => {
            Some("a number or a variable; letters stand for timestamps alone".into())
        }
        Kind::Sequence if places(expression) != 1 => {
            Some("a sequence number: a place such as 301 or RCV.NXT, plus or minus octets".into())
        }
        Kind::Sequence => None,
        Kind::Field(_) if absolute => Some("a plain number; `abs:` is for sequence numbers".into()),
        Kind::Field(_) if variables && places(expression) + first_number(expression) != 0 => {
            Some("a count of octets; this is a sequence number".into())
        }
        Kind::Field(max) => match expression.as_number() {
            Some(number) if number > max => Some(format!("a number up to {max}")),
            Some(_) | None => None,
        },
    }
}

/// How many sequence numbers the sum adds, those taken away counted against them: 1 for a place, 0 for a distance.
fn places(expression: &Expression) -> i64 {
    let first = match &expression.first {
        Term::Number(_) | Term::Absolute(_) => 1,
        Term::Letter(_) => 0,
        Term::Variable { variable, .. } => i64::from(variable.is_place()),
    };
    expression.rest.iter().fold(first, |sum, (sign, term)| {
        let is_place = match term {
            Term::Number(_) | Term::Letter(_) => false,
            Term::Absolute(_) => true,
            Term::Variable { variable, .. } => variable.is_place(),
        };
        match sign {
            Sign::Plus => sum + i64::from(is_place),
            Sign::Minus => sum - i64::from(is_place),
        }
    })
}

/// In a count a plain number in the first place is no sequence number: what takes it out of [`places`].
fn first_number(expression: &Expression) -> i64 {
    match expression.first {
        Term::Number(_) => -1,
        Term::Absolute(_) | Term::Letter(_) | Term::Variable { .. } => 0,
    }
}

impl FromStr for Value {
    type Err = CellError;

    /// Reads a pattern of sequence numbers.
    fn from_str(text: &str) -> Result<Self, CellError> {
        whole(text, value(Kind::Sequence))
    }
}

impl FromStr for Expression {
    type Err = CellError;

    /// Reads a sequence number.
    fn from_str(text: &str) -> Result<Self, CellError> {
        whole(text, expecting(TERM, expression(Kind::Sequence)))
    }
}

impl FromStr for NumbersFrom {
    type Err = CellError;

    /// Reads `A+5000` or `A`.
    fn from_str(text: &str) -> Result<Self, CellError> {
        let name = expecting("the name of a connection such as `A`", connection);
        let ahead = perhaps(preceded(char('+'), cut(number_up_to(u32::MAX))));
        let numbers = (name, ahead).map(|(connection, ahead): (&str, _)| Self {
            connection: connection.into(),
            ahead: ahead.unwrap_or(0),
        });
        whole(text, numbers)
    }
}
