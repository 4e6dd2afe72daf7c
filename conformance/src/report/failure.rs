//! One failure in full: what somebody needs who was not there, in the order in which it is needed.

use std::io::{self, Write};

use super::model::{Difference, Failure};
use super::style::{BAD, DIM, GOOD, HEAD, ODD, Styled};
use crate::requirement::registry;

/// Longest ladder that is printed, lines; the last ones matter.
const LADDER_LINES: usize = 40;

/// Writes all of `failure` but the command that repeats it, indented by two.
///
/// # Errors
///
/// Those of `out`.
pub fn write(out: &mut dyn Write, failure: &Failure) -> io::Result<()> {
    if let Some(excuse) = &failure.excuse {
        writeln!(out, "  {}", Styled(ODD, excuse))?;
    }
    if let Some(clause) = &failure.clause {
        let summary = registry().summary(clause).unwrap_or_default();
        line(out, "clause", &format!("{clause} ({}): {summary}", failure.level))?;
    }
    line(out, "what", &failure.summary)?;
    line(out, "row", &format!("{}:{}  {}", failure.file, failure.line, failure.row))?;
    if !failure.expected.is_empty() || !failure.got.is_empty() {
        line(out, "expected", &or_nothing(&failure.expected))?;
        line(out, "got", &or_nothing(&failure.got))?;
    }
    differences(out, &failure.differences)?;
    if let Some(state) = &failure.device_state {
        line(out, "device", &format!("is in {state}"))?;
    }
    ladder(out, &failure.ladder)?;
    failure.logs.iter().try_for_each(|log| line(out, "log", log))
}

/// Writes the command that repeats it.
///
/// # Errors
///
/// Those of `out`.
pub fn write_again(out: &mut dyn Write, rerun: &str) -> io::Result<()> {
    line(out, "again", rerun)
}

fn or_nothing(text: &str) -> String {
    if text.is_empty() { "nothing".to_owned() } else { text.to_owned() }
}

/// A word and what it says; further lines of the text are set below it.
pub(super) fn line(out: &mut dyn Write, word: &str, text: &str) -> io::Result<()> {
    let mut lines = text.lines();
    writeln!(out, "  {:<9} {}", Styled(HEAD, word), lines.next().unwrap_or_default())?;
    lines.try_for_each(|more| writeln!(out, "            {more}"))
}

fn differences(out: &mut dyn Write, differences: &[Difference]) -> io::Result<()> {
    let width = |text: fn(&Difference) -> &str| {
        differences.iter().map(|d| text(d).chars().count()).max().unwrap_or(0)
    };
    let (fields, wanted) = (width(|d| &d.field), width(|d| &d.expected));
    for (index, difference) in differences.iter().enumerate() {
        let word = if index == 0 { "differs" } else { "" };
        let Difference { field, expected, got } = difference;
        let expected = format!("{expected:<wanted$}");
        let (expected, got) = (Styled(GOOD, &expected), Styled(BAD, got));
        writeln!(out, "  {:<9} {field:<fields$}  expected {expected}  got {got}", Styled(HEAD, word))?;
    }
    Ok(())
}

fn ladder(out: &mut dyn Write, ladder: &[String]) -> io::Result<()> {
    let omitted = ladder.len().saturating_sub(LADDER_LINES);
    if ladder.is_empty() {
        return Ok(());
    }
    writeln!(out, "  {}", Styled(HEAD, "exchange"))?;
    if omitted > 0 {
        writeln!(
            out,
            "    {}",
            Styled(DIM, &format!("({omitted} earlier lines are in report.json and the capture)"))
        )?;
    }
    ladder.iter().skip(omitted).try_for_each(|line| writeln!(out, "    {line}"))
}
