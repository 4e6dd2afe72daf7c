//! When a row may happen: the `time` column against the values of the device's profile.

use wireproof_reference::time::{Duration, Instant};

pub use crate::device::profile::Timing;
use crate::notation::{Action, Amount, Bits, Factor, Message, Row, Span, TimeWord};

/// The time in which a row has to happen, counted from its reference: both ends belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Within {
    /// Not before.
    pub from: Duration,
    /// Not after.
    pub to: Duration,
}

/// The same as points in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Not before.
    pub from: Instant,
    /// Not after.
    pub to: Instant,
}

impl Within {
    /// From `reference` on.
    pub fn after(self, reference: Instant) -> Bounds {
        Bounds { from: reference + self.from, to: reference + self.to }
    }
}

impl Timing {
    /// The times that hold for a row: a SYN is sent again after a time-out of its own.
    pub fn of_row(&self, row: &Row) -> Self {
        let bears_syn = matches!(&row.action, Action::Expect { message: Message::Tcp(segment), .. }
            if segment.control.is_some_and(|control| control.present.contains(Bits::SYN)));
        if bears_syn { Self { rto: self.syn_rto, ..*self } } else { *self }
    }

    /// How long an amount is.
    pub fn amount(&self, amount: Amount) -> Duration {
        match amount {
            Amount::Literal(span) => span,
            Amount::Profile { factor, word } => factor.of(match word {
                TimeWord::Rto => self.rto,
                TimeWord::AckDelay => self.ack_delay,
                TimeWord::Msl => self.msl,
                TimeWord::R2 => self.r2,
            }),
        }
    }

    /// When what is awaited with this span has to come. `interval` is the last measured one, for `x2`; without one
    /// the profile's RTO stands in.
    pub fn awaited(&self, span: &Span, interval: Option<Duration>) -> Within {
        match span {
            Span::Exact(amount) => self.near(self.amount(*amount)),
            // A range is the author's word: no tolerance is added to what a clause fixes.
            Span::Between(from, to) => Within { from: self.lower(*from), to: self.upper(*to) },
            // A device looks at R2 when a timer fires; intervals double, so the last may be as long as all before.
            Span::AtLeast(from) => {
                Within { from: self.lower(*from), to: self.upper(*from) + self.near(self.r2).to * 2 }
            }
            Span::AtMost(to) => Within { from: Duration::ZERO, to: self.upper(*to) },
            Span::Times(factor) => self.near(self.times(*factor, interval)),
        }
    }

    /// How long the tester waits before what it does itself with this span: no tolerance; of a range its start.
    pub fn waited(&self, span: &Span, interval: Option<Duration>) -> Duration {
        match span {
            Span::Exact(amount) | Span::Between(amount, _) | Span::AtLeast(amount) => self.amount(*amount),
            Span::AtMost(amount) => self.amount(*amount),
            Span::Times(factor) => self.times(*factor, interval),
        }
    }

    /// What is due without a time.
    pub fn due_at_once(&self) -> Within {
        Within { from: Duration::ZERO, to: self.at_once }
    }

    /// What may wait as long as a delayed acknowledgment.
    pub fn due_with_delayed_ack(&self) -> Within {
        Within { from: Duration::ZERO, to: self.near(self.ack_delay).to }
    }

    /// Exactly `span`, but for tolerance and granularity.
    fn near(&self, span: Duration) -> Within {
        let tolerance = span * u64::from(self.tolerance_permille) / 1_000;
        Within {
            from: span.saturating_sub(tolerance + self.granularity),
            to: span + tolerance + self.granularity,
        }
    }

    fn lower(&self, amount: Amount) -> Duration {
        match amount {
            Amount::Literal(span) => span,
            Amount::Profile { .. } => self.near(self.amount(amount)).from,
        }
    }

    fn upper(&self, amount: Amount) -> Duration {
        match amount {
            Amount::Literal(span) => span,
            Amount::Profile { .. } => self.near(self.amount(amount)).to,
        }
    }

    fn times(&self, factor: Factor, interval: Option<Duration>) -> Duration {
        factor.of(interval.unwrap_or(self.rto))
    }
}

/// Whether the span is a range rather than one time.
pub fn is_range(span: &Span) -> bool {
    match span {
        Span::Between(..) | Span::AtLeast(_) | Span::AtMost(_) => true,
        Span::Exact(_) | Span::Times(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::{Program, RowId};
    use crate::notation::{Known, table::Table};

    const TIMING: Timing = Timing {
        rto: Duration::from_secs(1),
        syn_rto: Duration::from_secs(3),
        ack_delay: Duration::from_millis(200),
        msl: Duration::from_secs(120),
        r2: Duration::from_secs(100),
        granularity: Duration::from_millis(10),
        tolerance_permille: 50,
        at_once: Duration::ZERO,
    };

    fn word(word: TimeWord) -> Amount {
        Amount::Profile { factor: Factor::ONE, word }
    }

    fn within(from_ms: u64, to_ms: u64) -> Within {
        Within { from: Duration::from_millis(from_ms), to: Duration::from_millis(to_ms) }
    }

    #[test]
    fn exact_times_have_tolerance_and_granularity_on_both_sides() {
        assert_eq!(TIMING.awaited(&Span::Exact(word(TimeWord::Rto)), None), within(940, 1060));
        assert_eq!(
            TIMING.awaited(&Span::Exact(Amount::Literal(Duration::from_secs(2))), None),
            within(1890, 2110)
        );
    }

    #[test]
    fn ranges_hold_as_written_but_for_the_words_of_the_profile() {
        let half = Amount::Literal(Duration::from_millis(500));
        assert_eq!(TIMING.awaited(&Span::AtMost(half), None), within(0, 500));
        assert_eq!(TIMING.awaited(&Span::Between(half, word(TimeWord::Rto)), None), within(500, 1060));
    }

    #[test]
    fn a_row_with_a_syn_has_the_time_out_of_a_syn() {
        let row = |segment: &str| {
            let text = format!("| time | | segment |\n| RTO | <-- | {segment} |\n");
            let ladder = Table::read(&text).unwrap().ladder(&mut Known::default()).unwrap();
            Program::new(&ladder).unwrap().row(RowId::default()).clone()
        };
        let (syn, data) = (row("<SEQ=300><CTL=SYN>"), row("<SEQ=301><ACK=101><CTL=ACK><DATA=20>"));
        assert_eq!(TIMING.of_row(&syn).rto, Duration::from_secs(3));
        assert_eq!(TIMING.of_row(&data), TIMING);
    }

    #[test]
    fn an_open_end_is_bounded_by_twice_r2() {
        let half = Amount::Literal(Duration::from_millis(500));
        assert_eq!(TIMING.awaited(&Span::AtLeast(half), None), within(500, 210_520));
    }

    #[test]
    fn x2_is_twice_the_measured_interval() {
        let twice = Span::Times(Factor { millionths: 2_000_000 });
        assert_eq!(TIMING.awaited(&twice, Some(Duration::from_millis(1500))), within(2840, 3160));
    }

    #[test]
    fn what_the_tester_does_itself_it_does_on_time() {
        let range =
            Span::Between(Amount::Literal(Duration::from_secs(1)), Amount::Literal(Duration::from_secs(2)));
        assert_eq!(TIMING.waited(&range, None), Duration::from_secs(1));
    }
}
