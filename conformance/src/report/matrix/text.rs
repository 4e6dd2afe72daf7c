//! The matrix for terminals.
//!
//! ```text
//! RFC 9293 Transmission Control Protocol (TCP)
//!                           reference   smoltcp     lwip
//!   3.5 MUST-10      MUST   pass 4      known 2/4   pass 4      Two ends that open to each other at the …
//! ```

use std::io::{self, Write};

use anstyle::Style;

use super::{Cell, Column, Matrix, Row, Word};
use crate::report::style::{BAD, DIM, GOOD, HEAD, ODD, Styled};
use crate::requirement::registry;

/// So many columns of characters are filled, unless there are too many devices.
const WIDTH: usize = 100;
/// How wide the level is, the blank behind it counted.
const LEVEL: usize = 7;
/// A cell is at least so wide, and a name of a device at most.
const CELL: (usize, usize) = (9, 16);
/// Less than that of a summary says nothing.
const LEAST_SUMMARY: usize = 16;

/// Writes the matrix.
///
/// # Errors
///
/// Those of `out`.
pub fn write(out: &mut dyn Write, matrix: &Matrix) -> io::Result<()> {
    let name = matrix.rows.iter().map(|row| name(row).chars().count()).max().unwrap_or(0) + 1;
    let widths = Widths { name, cells: widths(matrix) };
    for rfc in matrix.rfcs() {
        let title = registry().rfc(rfc).map_or("", |rfc| rfc.title.as_str());
        writeln!(out, "\n{}", Styled(HEAD, &format!("RFC {rfc} {title}")))?;
        head(out, matrix, &widths)?;
        for row in matrix.rows.iter().filter(|row| row.clause.rfc == rfc) {
            line(out, row, &widths)?;
        }
    }
    totals(out, matrix)
}

/// How wide all is.
struct Widths {
    /// Section and id, the blank behind counted.
    name: usize,
    cells: Vec<usize>,
}

/// Section and id.
fn name(row: &Row) -> String {
    let name = format!("{} {}", row.clause.section, row.clause.id.as_deref().unwrap_or(""));
    name.trim_end().to_owned()
}

/// How wide the cells of each column are, the blanks behind them counted.
fn widths(matrix: &Matrix) -> Vec<usize> {
    let (least, most) = CELL;
    let of = |(at, column): (usize, &Column)| {
        let cells = matrix.rows.iter().filter_map(|row| row.cells.get(at));
        let widest = cells.map(|cell| told(cell).chars().count()).max().unwrap_or(0);
        2 + widest.max(column.name.chars().count()).clamp(least, most)
    };
    matrix.columns.iter().enumerate().map(of).collect()
}

/// The names of the devices, above their columns.
fn head(out: &mut dyn Write, matrix: &Matrix, widths: &Widths) -> io::Result<()> {
    let mut names = " ".repeat(2 + widths.name + LEVEL);
    for (column, width) in matrix.columns.iter().zip(&widths.cells) {
        names += &format!("{:<width$}", cut(&column.name, width - 2));
    }
    writeln!(out, "{}", Styled(DIM, names.trim_end()))
}

fn line(out: &mut dyn Write, row: &Row, widths: &Widths) -> io::Result<()> {
    let Widths { name: wide, cells } = widths;
    write!(out, "  {:<wide$}{:<LEVEL$}", name(row), row.level)?;
    for (cell, width) in row.cells.iter().zip(cells) {
        let text = told(cell);
        let blanks = " ".repeat(width.saturating_sub(text.chars().count()));
        write!(out, "{}{blanks}", Styled(style(cell.verdict), &text))?;
    }
    let room = WIDTH.saturating_sub(2 + wide + LEVEL + cells.iter().sum::<usize>());
    let summary = if room < LEAST_SUMMARY { String::new() } else { cut(&row.summary, room) };
    writeln!(out, "{}", Styled(DIM, &summary))
}

/// A cell: the worst and, if not all came out so, how many of how many.
fn told(cell: &Cell) -> String {
    let Some(word) = cell.verdict else { return String::new() };
    match (cell.worst(), cell.tried()) {
        (worst, tried) if worst == tried => format!("{} {tried}", word.short()),
        (worst, tried) => format!("{} {worst}/{tried}", word.short()),
    }
}

const fn style(word: Option<Word>) -> Style {
    match word {
        Some(Word::Fail | Word::UnexpectedPass) => BAD,
        Some(Word::Warning | Word::KnownDeviation | Word::Inconclusive) => ODD,
        Some(Word::Pass | Word::Observed) => GOOD,
        Some(Word::NotObserved | Word::NotApplicable | Word::NotRun) | None => DIM,
    }
}

/// How many clauses came out how on each device, and what the words mean.
fn totals(out: &mut dyn Write, matrix: &Matrix) -> io::Result<()> {
    writeln!(out, "\n{} clauses", matrix.rows.len())?;
    for column in &matrix.columns {
        let counts = Word::ALL.iter().filter_map(|word| {
            let count = column.totals.get(word)?;
            Some(Styled(style(Some(*word)), &format!("{count} {}", word.text())).to_string())
        });
        let counts: Vec<String> = counts.collect();
        let Column { name, version, seed, scenarios, .. } = column;
        let version = if version.is_empty() { String::new() } else { format!(" {version}") };
        let run = format!("{}{version}, seed {seed}, {scenarios} scenarios", column.device);
        writeln!(out, "  {}  {}", Styled(HEAD, name), Styled(DIM, &run))?;
        writeln!(out, "    {}", counts.join(", "))?;
    }
    writeln!(
        out,
        "{}",
        Styled(
            DIM,
            "A cell is the worst of the clause's scenarios and rules: FAIL 2/6 is two of six.\n\
             known: as the device's profile says; warn: a SHOULD is broken; seen, not: of a MAY;\n\
             n/a: the device lacks what it takes; ?: nothing can be said; -: not run."
        )
    )
}

/// At most so many characters of a text.
fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}
