//! What stands behind the `=` of an element: numbers, expressions over the RFC's variables, patterns of them.

use core::fmt;

/// What a number must be: `100`, `*`, `a..b`, `a..`, `..b`. Both ends belong to the range.
///
/// A row that sends needs an [`Value::Exact`] one; a row that expects takes any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `*`: any number at all.
    Any,
    /// `100`: this number.
    Exact(Expression),
    /// `100..200`: from the first to the second, both included.
    Between(Expression, Expression),
    /// `100..`: this number or a later one.
    From(Expression),
    /// `..100`: this number or an earlier one.
    UpTo(Expression),
}

impl Value {
    /// The value that is just `number`.
    pub fn number(number: u32) -> Self {
        Self::Exact(Expression::number(number))
    }

    /// The one expression, if the value is exact.
    pub fn as_exact(&self) -> Option<&Expression> {
        match self {
            Self::Exact(expression) => Some(expression),
            Self::Any | Self::Between(..) | Self::From(_) | Self::UpTo(_) => None,
        }
    }

    /// The expressions of the value, in the order written.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        let (first, second) = match self {
            Self::Any => (None, None),
            Self::Exact(one) | Self::From(one) | Self::UpTo(one) => (Some(one), None),
            Self::Between(from, to) => (Some(from), Some(to)),
        };
        first.into_iter().chain(second)
    }
}

/// A sum: `301`, `RCV.NXT+RCV.WND-1`, `abs:0`, `t1+5`.
///
/// Where a sequence number is meant, a plain number in the first place counts in its side's symbolic numbers; all
/// later plain numbers are distances.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression {
    /// The first term.
    pub first: Term,
    /// The terms added to and subtracted from it, from left to right.
    pub rest: Vec<(Sign, Term)>,
}

impl Expression {
    /// The expression that is just `number`.
    pub fn number(number: u32) -> Self {
        Self { first: Term::Number(number), rest: Vec::new() }
    }

    /// All terms, from left to right.
    pub fn terms(&self) -> impl Iterator<Item = &Term> {
        core::iter::once(&self.first).chain(self.rest.iter().map(|(_, term)| term))
    }

    /// Whether one of its terms is this variable, of whatever connection.
    pub fn mentions(&self, wanted: Variable) -> bool {
        self.terms().any(|term| matches!(term, Term::Variable { variable, .. } if *variable == wanted))
    }

    /// The plain number, if the expression is one and nothing else.
    pub fn as_number(&self) -> Option<u32> {
        match self.first {
            Term::Number(number) if self.rest.is_empty() => Some(number),
            Term::Number(_) | Term::Absolute(_) | Term::Letter(_) | Term::Variable { .. } => None,
        }
    }
}

/// How a later term of an [`Expression`] is joined to what stands before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// `+`
    Plus,
    /// `-`
    Minus,
}

/// One term of an [`Expression`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Term {
    /// `100`: symbolic where a sequence number is meant, else as it stands.
    Number(u32),
    /// `abs:0`: the literal number on the wire, whatever the side counts from.
    Absolute(u32),
    /// `t1`: a timestamp letter, bound at first sight.
    Letter(String),
    /// `RCV.NXT`, or `B.RCV.NXT` for another connection than the row's.
    Variable {
        /// The connection named in front, if any; else the row's own.
        connection: Option<String>,
        /// Which of the RFC's variables.
        variable: Variable,
    },
}

/// The RFC's variables for the device's end of a connection, as of the last segment seen (RFC 9293 3.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Variable {
    /// Oldest number the device has sent and not seen acknowledged.
    SndUna,
    /// Next number the device will send.
    SndNxt,
    /// The window that the tester offers to the device, in octets.
    SndWnd,
    /// The device's urgent pointer, a sequence number.
    SndUp,
    /// The device's initial number.
    Iss,
    /// Next number the device expects.
    RcvNxt,
    /// The window that the device offers, in octets, such that RCV.NXT+RCV.WND is the furthest right edge ever offered.
    RcvWnd,
    /// The urgent pointer that the device has received, a sequence number.
    RcvUp,
    /// The tester's initial number.
    Irs,
    /// Sequence number of the last segment seen.
    SegSeq,
    /// Acknowledgment number of the last segment seen.
    SegAck,
    /// Length of the last segment seen in sequence space, SYN and FIN counted.
    SegLen,
    /// Window of the last segment seen, in octets.
    SegWnd,
    /// Urgent pointer of the last segment seen, as on the wire.
    SegUp,
}

impl Variable {
    /// Every variable.
    pub const ALL: [Self; 14] = [
        Self::SndUna,
        Self::SndNxt,
        Self::SndWnd,
        Self::SndUp,
        Self::Iss,
        Self::RcvNxt,
        Self::RcvWnd,
        Self::RcvUp,
        Self::Irs,
        Self::SegSeq,
        Self::SegAck,
        Self::SegLen,
        Self::SegWnd,
        Self::SegUp,
    ];

    /// The RFC's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SndUna => "SND.UNA",
            Self::SndNxt => "SND.NXT",
            Self::SndWnd => "SND.WND",
            Self::SndUp => "SND.UP",
            Self::Iss => "ISS",
            Self::RcvNxt => "RCV.NXT",
            Self::RcvWnd => "RCV.WND",
            Self::RcvUp => "RCV.UP",
            Self::Irs => "IRS",
            Self::SegSeq => "SEG.SEQ",
            Self::SegAck => "SEG.ACK",
            Self::SegLen => "SEG.LEN",
            Self::SegWnd => "SEG.WND",
            Self::SegUp => "SEG.UP",
        }
    }

    /// Whether it is a place in a sequence space; the others are counts of octets.
    pub const fn is_place(self) -> bool {
        match self {
            Self::SndUna
            | Self::SndNxt
            | Self::SndUp
            | Self::Iss
            | Self::RcvNxt
            | Self::RcvUp
            | Self::Irs
            | Self::SegSeq
            | Self::SegAck => true,
            Self::SndWnd | Self::RcvWnd | Self::SegLen | Self::SegWnd | Self::SegUp => false,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::Exact(one) => write!(f, "{one}"),
            Self::Between(from, to) => write!(f, "{from}..{to}"),
            Self::From(from) => write!(f, "{from}.."),
            Self::UpTo(to) => write!(f, "..{to}"),
        }
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.first)?;
        for (sign, term) in &self.rest {
            let sign = match sign {
                Sign::Plus => '+',
                Sign::Minus => '-',
            };
            write!(f, "{sign}{term}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Absolute(number) => write!(f, "abs:{number}"),
            Self::Letter(letter) => f.write_str(letter),
            Self::Variable { connection: None, variable } => f.write_str(variable.name()),
            Self::Variable { connection: Some(connection), variable } => {
                write!(f, "{connection}.{}", variable.name())
            }
        }
    }
}
