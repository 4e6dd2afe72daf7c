//! The `time` column.

use super::*;

#[test]
fn every_form_of_a_time_reads() {
    for text in [
        "3 s",
        "0.5 s",
        "0.9..1.1 s",
        "..0.5 s",
        "1 s..",
        "RTO",
        "1.5 MSL",
        "0.4 MSL",
        "ACK-DELAY",
        "MSL",
        "R2",
        "x2",
        "x1.5",
        "2 s after a",
        "x2 after probe-1",
        "0.9..1.1 RTO",
        "RTO..",
        "..ACK-DELAY",
        "ACK-DELAY..0.5 s",
        "1..2 MSL",
        "..0.5 s after a",
        "1 s.. after a",
        "0 s",
        "0.000000001 s",
        "2 s..RTO",
    ] {
        reads_as::<TimeSpec>(text, text);
    }
}

#[test]
fn units_and_spaces_come_in_several_spellings() {
    reads_as::<TimeSpec>("200 ms", "0.2 s");
    reads_as::<TimeSpec>("200ms..1.5s", "0.2..1.5 s");
    reads_as::<TimeSpec>("500..1500 ms", "0.5..1.5 s");
    reads_as::<TimeSpec>("0.5 s..900 ms", "0.5..0.9 s");
    reads_as::<TimeSpec>("RTO..2 RTO", "1..2 RTO");
    reads_as::<TimeSpec>("1 RTO", "RTO");
    reads_as::<TimeSpec>("  3   s  after   a ", "3 s after a");
    reads_as::<TimeSpec>("x2.50", "x2.5");
}

#[test]
fn times_are_the_spans_they_say() {
    use wireproof_reference::time::Duration;
    let time = |text: &str| text.parse::<TimeSpec>().unwrap().span;
    let literal = |millis| Amount::Literal(Duration::from_millis(millis));
    assert_eq!(time("1.5 s"), Span::Exact(literal(1_500)));
    assert_eq!(time("0.9..1.1 s"), Span::Between(literal(900), literal(1_100)));
    assert_eq!(time("..0.5 s"), Span::AtMost(literal(500)));
    assert_eq!(time("1 s.."), Span::AtLeast(literal(1_000)));
    let factor = Factor { millionths: 1_500_000 };
    assert_eq!(time("1.5 MSL"), Span::Exact(Amount::Profile { factor, word: TimeWord::Msl }));
    assert_eq!(time("x1.5"), Span::Times(factor));
    assert_eq!(factor.of(Duration::from_secs(2)), Duration::from_secs(3));
    assert_eq!(Factor { millionths: u64::MAX }.of(Duration::MAX), Duration::MAX);
}

#[test]
fn what_is_no_time_is_told_with_its_place() {
    let fault = fault_of::<TimeSpec>;
    assert!(fault("soon").1.starts_with("a time: `3 s`"), "{}", fault("soon").1);
    assert_eq!(fault("3"), (0, "a number with its unit: s, ms, RTO, ACK-DELAY, MSL or R2".into()));
    assert_eq!(fault("1..2").1, "a number with its unit: s, ms, RTO, ACK-DELAY, MSL or R2");
    assert_eq!(fault("s").1, "a number before the unit");
    assert_eq!(fault("3 sec").1, "a number with its unit: s, ms, RTO, ACK-DELAY, MSL or R2");
    assert_eq!(fault("3 s ago"), (4, "the end of the cell".into()));
    assert_eq!(fault("x"), (1, "a factor such as `x2`".into()));
    assert_eq!(fault("x0").1, "a factor above 0, up to 10000, with at most 6 digits behind the point");
    assert_eq!(fault("0 RTO").1, "a factor above 0, up to 10000, with at most 6 digits behind the point");
    assert_eq!(fault("2 s after").0, 4);
    assert_eq!(fault("2 s after 1"), (10, "a name".into()));
    assert_eq!(fault("2..1 s").1, "a range whose first time is not above its second");
    assert_eq!(fault("2 RTO..RTO").1, "a range whose first time is not above its second");
    assert_eq!(fault("0.0000000001 s").1, "at most 9 digits behind the point");
    assert_eq!(fault("99999999999 s").1, "a smaller number");
    assert_eq!(fault("..").0, 2);
    assert_eq!(fault("-1 s").0, 0);
}

#[test]
fn no_scenario_waits_for_longer_than_a_year() {
    let fault = fault_of::<TimeSpec>;
    reads_as::<TimeSpec>("31622400 s", "31622400 s");
    reads_as::<TimeSpec>("x10000", "x10000");
    assert_eq!(fault("31622401 s").1, "a time of at most 31622400 s");
    assert_eq!(fault("18446744073 s").1, "a time of at most 31622400 s");
    assert_eq!(fault("x10000.1").1, "a factor above 0, up to 10000, with at most 6 digits behind the point");
    assert_eq!(fault("10001 MSL").1, "a factor above 0, up to 10000, with at most 6 digits behind the point");
}
