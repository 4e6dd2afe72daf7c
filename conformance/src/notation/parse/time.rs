//! The `time` column.

use core::str::FromStr;

use nom::Parser;
use nom::branch::alt;
use nom::character::complete::{char, digit1, multispace0, multispace1};
use nom::combinator::{cut, opt, value as constant};
use nom::sequence::preceded;
use wireproof_reference::time::Duration;

use super::{Expected, Found, expecting, keyword, mismatch, name, stop, whole};
use crate::notation::error::CellError;
use crate::notation::time::{Amount, Factor, Span, TimeSpec, TimeWord};

/// What the column may hold.
const TIME: &str =
    "a time: `3 s`, `0.9..1.1 s`, `1 s..`, `..0.5 s`, `200 ms`, `RTO`, `1.5 MSL`, `x2`, `2 s after a`";
/// The digits of a decimal behind its point that count: nanoseconds in seconds.
const PLACES: usize = 9;
/// The longest time. Virtual time costs little, but neighbours learn each other's address anew every 30 s of it.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 3_600);
/// The greatest factor.
const MAX_FACTOR: u64 = 10_000;

/// A time and what it is counted from.
fn time(input: &str) -> Found<'_, TimeSpec> {
    let after = preceded((multispace1, keyword("after"), multispace1), cut(name));
    (span, opt(after))
        .map(|(span, after): (_, Option<&str>)| TimeSpec { span, after: after.map(Into::into) })
        .parse(input)
}

/// Exact, bounded, or a multiple of the last one measured.
fn span(input: &str) -> Found<'_, Span> {
    if let Some(rest) = input.strip_prefix('x') {
        return expecting("a factor such as `x2`", factor).map(Span::Times).parse(rest);
    }
    if let Some(rest) = input.strip_prefix("..") {
        let (after, end) = bound(rest)?;
        return amount(rest, end).map(|amount| (after, Span::AtMost(amount)));
    }
    let (rest, start) = expecting(TIME, bound).parse(input)?;
    let Some(behind) = rest.strip_prefix("..") else {
        return amount(input, start).map(|amount| (rest, Span::Exact(amount)));
    };
    let (rest, end) = opt(bound).parse(behind)?;
    let Some(end) = end else {
        return amount(input, start).map(|amount| (behind, Span::AtLeast(amount)));
    };
    // `0.9..1.1 s`: the unit stands once, for both.
    let start = Bound { unit: start.unit.or(end.unit), ..start };
    let (from, to) = (amount(input, start)?, amount(behind, end)?);
    if is_above(from, to) {
        return stop(input, "a range whose first time is not above its second");
    }
    Ok((rest, Span::Between(from, to)))
}

/// A number, a unit, or both.
#[derive(Clone, Copy)]
struct Bound {
    number: Option<Decimal>,
    unit: Option<Unit>,
}

/// A decimal in billionths.
#[derive(Clone, Copy)]
struct Decimal(u128);

#[derive(Clone, Copy)]
enum Unit {
    Seconds,
    Milliseconds,
    Word(TimeWord),
}

fn bound(input: &str) -> Found<'_, Bound> {
    let (rest, number) = opt(decimal).parse(input)?;
    let (rest, unit) = opt(preceded(multispace0, unit)).parse(rest)?;
    if number.is_none() && unit.is_none() {
        return Err(mismatch(input));
    }
    Ok((rest, Bound { number, unit }))
}

fn unit(input: &str) -> Found<'_, Unit> {
    alt((
        constant(Unit::Milliseconds, keyword("ms")),
        constant(Unit::Seconds, keyword("s")),
        constant(Unit::Word(TimeWord::Rto), keyword(TimeWord::Rto.text())),
        constant(Unit::Word(TimeWord::AckDelay), keyword(TimeWord::AckDelay.text())),
        constant(Unit::Word(TimeWord::Msl), keyword(TimeWord::Msl.text())),
        constant(Unit::Word(TimeWord::R2), keyword(TimeWord::R2.text())),
    ))
    .parse(input)
}

/// Digits, and perhaps a point and digits; two points are a range.
fn decimal(input: &str) -> Found<'_, Decimal> {
    let (rest, digits) = digit1::<_, Expected<'_>>.parse(input)?;
    let (rest, places) = opt(preceded(char::<_, Expected<'_>>('.'), digit1)).parse(rest)?;
    let places = places.unwrap_or("");
    if places.len() > PLACES {
        return stop(input, format!("at most {PLACES} digits behind the point"));
    }
    match format!("{digits}{places:0<PLACES$}").parse() {
        Ok(billionths) if billionths <= u128::from(u64::MAX) => Ok((rest, Decimal(billionths))),
        Ok(_) | Err(_) => stop(input, "a smaller number"),
    }
}

/// A decimal as a factor.
fn factor(input: &str) -> Found<'_, Factor> {
    let (rest, Decimal(billionths)) = decimal(input)?;
    match as_factor(billionths) {
        Some(factor) => Ok((rest, factor)),
        None => stop(input, a_factor()),
    }
}

fn as_factor(billionths: u128) -> Option<Factor> {
    let millionths = u64::try_from(billionths / 1_000).ok()?;
    let is_small = millionths / 1_000_000 < MAX_FACTOR || millionths == MAX_FACTOR * 1_000_000;
    (billionths.is_multiple_of(1_000) && millionths > 0 && is_small).then_some(Factor { millionths })
}

fn a_factor() -> String {
    format!("a factor above 0, up to {MAX_FACTOR}, with at most 6 digits behind the point")
}

/// What number and unit say together.
fn amount(place: &str, bound: Bound) -> Result<Amount, nom::Err<Expected<'_>>> {
    let fault = |what: &str| nom::Err::Failure(Expected { rest: place, what: what.to_owned().into() });
    let nanos = |billionths: u128| {
        u64::try_from(billionths)
            .map(Duration::from_nanos)
            .ok()
            .filter(|time| *time <= LONGEST)
            .map(Amount::Literal)
            .ok_or_else(|| fault(&format!("a time of at most {LONGEST}")))
    };
    match (bound.number, bound.unit) {
        (Some(Decimal(billionths)), Some(Unit::Seconds)) => nanos(billionths),
        (Some(Decimal(billionths)), Some(Unit::Milliseconds)) if billionths % 1_000 == 0 => {
            nanos(billionths / 1_000)
        }
        (Some(_), Some(Unit::Milliseconds)) => {
            Err(fault("at most 6 digits behind the point of milliseconds"))
        }
        (None, Some(Unit::Word(word))) => Ok(Amount::Profile { factor: Factor::ONE, word }),
        (Some(Decimal(billionths)), Some(Unit::Word(word))) => as_factor(billionths)
            .map(|factor| Amount::Profile { factor, word })
            .ok_or_else(|| fault(&a_factor())),
        (Some(_), None) => Err(fault("a number with its unit: s, ms, RTO, ACK-DELAY, MSL or R2")),
        (None, Some(Unit::Seconds | Unit::Milliseconds) | None) => Err(fault("a number before the unit")),
    }
}

/// Whether the first is surely longer than the second.
fn is_above(from: Amount, to: Amount) -> bool {
    match (from, to) {
        (Amount::Literal(from), Amount::Literal(to)) => from > to,
        (Amount::Profile { factor: from, word: first }, Amount::Profile { factor: to, word: second }) => {
            first == second && from > to
        }
        (Amount::Literal(_), Amount::Profile { .. }) | (Amount::Profile { .. }, Amount::Literal(_)) => false,
    }
}

impl FromStr for TimeSpec {
    type Err = CellError;

    /// Reads a whole cell.
    fn from_str(text: &str) -> Result<Self, CellError> {
        whole(text, time)
    }
}
