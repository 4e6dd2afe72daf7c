//! The `time` column: how long after the row before, or after a labelled row, a row happens.

use wireproof_reference::time::Duration;

/// When a row happens: a span, counted from the row before or from a labelled one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeSpec {
    /// How long after.
    pub span: Span,
    /// `2 s after a`: after the row labelled so, instead of the row before.
    pub after: Option<String>,
}

/// A span of time, exact but for the profile's tolerance, or bounded on one or both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Span {
    /// `3 s`, `RTO`, `1.5 MSL`
    Exact(Amount),
    /// `0.9..1.1 s`: both ends belong to it.
    Between(Amount, Amount),
    /// `1 s..`: not before; bounded above by the profile's R2.
    AtLeast(Amount),
    /// `..0.5 s`: not after.
    AtMost(Amount),
    /// `x2`: so many times the measured interval of the last row timed by RTO or by such a factor.
    Times(Factor),
}

/// A literal span, or a multiple of one of the device profile's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// `3 s`, `200 ms`: what a clause fixes.
    Literal(Duration),
    /// `RTO`, `1.5 MSL`: what the device's profile says.
    Profile {
        /// How many of them.
        factor: Factor,
        /// Of what.
        word: TimeWord,
    },
}

/// A decimal factor such as 1.5, exact to a millionth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Factor {
    /// The factor in millionths.
    pub millionths: u64,
}

impl Factor {
    /// The factor 1.
    pub const ONE: Self = Self { millionths: 1_000_000 };

    /// So many times `span`, rounded down to a nanosecond, saturating.
    pub fn of(self, span: Duration) -> Duration {
        let product = u128::from(span.as_nanos()) * u128::from(self.millionths) / 1_000_000;
        Duration::from_nanos(u64::try_from(product).unwrap_or(u64::MAX))
    }
}

/// The words that stand for values of the device's profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimeWord {
    /// The first retransmission timeout of data (RFC 6298 2).
    Rto,
    /// How long the device delays an acknowledgment (RFC 9293 3.8.6.3).
    AckDelay,
    /// The maximum segment lifetime (RFC 9293 3.4.2).
    Msl,
    /// How long retransmission goes on before the connection is given up (RFC 9293 3.8.3).
    R2,
}

impl TimeWord {
    /// Every word.
    pub const ALL: [Self; 4] = [Self::Rto, Self::AckDelay, Self::Msl, Self::R2];

    /// As it is written.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Rto => "RTO",
            Self::AckDelay => "ACK-DELAY",
            Self::Msl => "MSL",
            Self::R2 => "R2",
        }
    }
}
