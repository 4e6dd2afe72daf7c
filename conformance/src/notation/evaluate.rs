//! What an expression comes to in a connection at a moment.

use core::fmt;

use super::number::{Learned, Seq, Side, Space};
use super::pattern;
use super::value::{Expression, Sign, Term, Value, Variable};

/// What the executor of ladders knows and the text does not: the variables of the device's end, windows, streams.
pub trait Environment {
    /// The variable as of the last segment seen, a place as its real number. `connection` is the one named before it,
    /// else the row's own. `None` while it is not known.
    fn variable(&self, connection: Option<&str>, variable: Variable) -> Option<u32>;

    /// By how many bits that side shifts the windows it offers, 0 to 14 (RFC 7323 2.2).
    fn window_shift(&self, sender: Side) -> u8 {
        let _ = sender;
        0
    }

    /// Octet `offset` of that side's stream.
    fn octet(&self, sender: Side, offset: u64) -> u8 {
        let _ = sender;
        pattern::octet(offset)
    }

    /// The IP packet of the row with that label, for `QUOTE=`; the last one if the row had several.
    fn packet(&self, label: &str) -> Option<&[u8]> {
        let _ = label;
        None
    }
}

/// An environment that knows nothing: enough for segments without variables.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nothing;

impl Environment for Nothing {
    fn variable(&self, _: Option<&str>, _: Variable) -> Option<u32> {
        None
    }
}

/// Why an expression comes to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unresolved {
    /// The variable is not known yet, or the connection before it does not exist.
    Variable(String),
    /// The timestamp's letter has not been seen yet.
    Letter(String),
    /// A count came out below zero or above 2^32-1.
    OutOfRange(String),
    /// A single number was needed.
    NotExact(String),
}

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(variable) => write!(f, "{variable} is not known yet"),
            Self::Letter(letter) => write!(f, "{letter} has not been seen yet"),
            Self::OutOfRange(expression) => write!(f, "{expression} is below zero or above 2^32-1"),
            Self::NotExact(value) => write!(f, "{value} is not a single number"),
        }
    }
}

impl core::error::Error for Unresolved {}

impl Expression {
    /// The real sequence number, plain numbers counting in `space`. The first one shown there fixes what it counts
    /// from.
    ///
    /// # Errors
    /// If a variable is not known.
    pub fn sequence(&self, space: &mut Space, environment: &dyn Environment) -> Result<Seq, Unresolved> {
        let first = match &self.first {
            Term::Number(number) => space.show(*number).0,
            other => constant(other, environment)?,
        };
        let mut sum = Seq(first);
        for (sign, term) in &self.rest {
            let distance = constant(term, environment)?;
            sum = match sign {
                Sign::Plus => sum.plus(distance),
                Sign::Minus => sum.minus(distance),
            };
        }
        Ok(sum)
    }

    /// Whose number the expression is, by the first variable in it that is a place; those of the last segment seen
    /// may be of either.
    pub fn side(&self) -> Option<Side> {
        self.terms().find_map(|term| match term {
            Term::Variable { variable, .. } => match variable {
                Variable::SndUna | Variable::SndNxt | Variable::SndUp | Variable::Iss => Some(Side::Device),
                Variable::RcvNxt | Variable::RcvUp | Variable::Irs => Some(Side::Tester),
                Variable::SndWnd
                | Variable::RcvWnd
                | Variable::SegSeq
                | Variable::SegAck
                | Variable::SegLen
                | Variable::SegWnd
                | Variable::SegUp => None,
            },
            Term::Number(_) | Term::Absolute(_) | Term::Letter(_) => None,
        })
    }

    /// The count that the expression comes to.
    ///
    /// # Errors
    /// If a variable is not known, or the count is below zero or above 2^32-1.
    pub fn quantity(&self, environment: &dyn Environment) -> Result<u32, Unresolved> {
        if let Some(number) = self.as_number() {
            return Ok(number);
        }
        let places = self
            .terms()
            .filter(|term| matches!(term, Term::Variable { variable, .. } if variable.is_place()));
        if places.count() > 0 {
            // A distance between two places goes round with them.
            return self.sequence(&mut Space::fixed(0, Seq(0)), environment).map(|distance| distance.0);
        }
        let mut sum = i64::from(constant(&self.first, environment)?);
        for (sign, term) in &self.rest {
            let amount = i64::from(constant(term, environment)?);
            sum = match sign {
                Sign::Plus => sum.saturating_add(amount),
                Sign::Minus => sum.saturating_sub(amount),
            };
        }
        u32::try_from(sum).map_err(|_| Unresolved::OutOfRange(self.to_string()))
    }

    /// The timestamp that the expression comes to, modulo 2^32.
    ///
    /// # Errors
    /// If a letter has not been seen.
    pub fn timestamp(&self, letter: impl Fn(&str) -> Option<u32>) -> Result<u32, Unresolved> {
        let number = |term: &Term| match term {
            Term::Number(number) | Term::Absolute(number) => Ok(*number),
            Term::Letter(name) => letter(name).ok_or_else(|| Unresolved::Letter(name.clone())),
            Term::Variable { .. } => Err(Unresolved::Variable(term.to_string())),
        };
        self.rest.iter().try_fold(number(&self.first)?, |sum, (sign, term)| {
            Ok(match sign {
                Sign::Plus => sum.wrapping_add(number(term)?),
                Sign::Minus => sum.wrapping_sub(number(term)?),
            })
        })
    }
}

/// A term that no space is needed for.
fn constant(term: &Term, environment: &dyn Environment) -> Result<u32, Unresolved> {
    match term {
        Term::Number(number) | Term::Absolute(number) => Ok(*number),
        Term::Letter(letter) => Err(Unresolved::Letter(letter.clone())),
        Term::Variable { connection, variable } => environment
            .variable(connection.as_deref(), *variable)
            .ok_or_else(|| Unresolved::Variable(term.to_string())),
    }
}

impl Value {
    /// The one expression of the value.
    ///
    /// # Errors
    /// If it is a range or `*`.
    pub fn exact(&self) -> Result<&Expression, Unresolved> {
        self.as_exact().ok_or_else(|| Unresolved::NotExact(self.to_string()))
    }

    /// Whether the sequence number `got` fits. Ranges go forward from their first number; an open end is half the
    /// circle long.
    ///
    /// # Errors
    /// If a variable is not known.
    pub fn holds_sequence(
        &self,
        got: Seq,
        space: &mut Space,
        environment: &dyn Environment,
    ) -> Result<bool, Unresolved> {
        let mut number = |expression: &Expression| expression.sequence(space, environment);
        Ok(match self {
            Self::Any => true,
            Self::Exact(one) => number(one)? == got,
            Self::Between(from, to) => got.is_within(number(from)?, number(to)?),
            Self::From(from) => !got.is_before(number(from)?),
            Self::UpTo(to) => !number(to)?.is_before(got),
        })
    }

    /// Whether the count `got` fits.
    ///
    /// # Errors
    /// If a variable is not known, or the expression is no count.
    pub fn holds_quantity(&self, got: u32, environment: &dyn Environment) -> Result<bool, Unresolved> {
        Ok(match self {
            Self::Any => true,
            Self::Exact(one) => one.quantity(environment)? == got,
            Self::Between(from, to) => {
                (from.quantity(environment)?..=to.quantity(environment)?).contains(&got)
            }
            Self::From(from) => got >= from.quantity(environment)?,
            Self::UpTo(to) => got <= to.quantity(environment)?,
        })
    }

    /// Whether the timestamp `got` fits; a letter alone, not seen before, is bound in `learned`.
    ///
    /// # Errors
    /// If a letter in a sum or range has not been seen.
    pub fn holds_timestamp(
        &self,
        got: u32,
        known: impl Fn(&str) -> Option<u32>,
        learned: &mut Learned,
    ) -> Result<bool, Unresolved> {
        if let Self::Exact(Expression { first: Term::Letter(letter), rest }) = self
            && rest.is_empty()
            && known(letter).is_none()
            && learned.letter(letter).is_none()
        {
            learned.letters.push((letter.clone(), got));
            return Ok(true);
        }
        let number = |expression: &Expression| {
            expression.timestamp(|letter| known(letter).or_else(|| learned.letter(letter))).map(Seq)
        };
        let got = Seq(got);
        Ok(match self {
            Self::Any => true,
            Self::Exact(one) => number(one)? == got,
            Self::Between(from, to) => got.is_within(number(from)?, number(to)?),
            Self::From(from) => !got.is_before(number(from)?),
            Self::UpTo(to) => !number(to)?.is_before(got),
        })
    }
}

impl Learned {
    /// The timestamp of a letter that was seen for the first time.
    pub fn letter(&self, letter: &str) -> Option<u32> {
        self.letters.iter().find(|(known, _)| known == letter).map(|(_, value)| *value)
    }
}
