//! The matrix as Markdown: a table an RFC, and one of totals.

use std::io::{self, Write};

use super::{Cell, Matrix, Word};
use crate::requirement::registry;

/// Writes the matrix.
///
/// # Errors
///
/// Those of `out`.
pub fn write(out: &mut dyn Write, matrix: &Matrix) -> io::Result<()> {
    let names: Vec<String> = matrix.columns.iter().map(|column| escaped(&column.name)).collect();
    for rfc in matrix.rfcs() {
        let title = registry().rfc(rfc).map_or("", |rfc| rfc.title.as_str());
        writeln!(out, "## RFC {rfc} {}\n", escaped(title))?;
        writeln!(out, "| clause | level | {} | what it says |", names.join(" | "))?;
        writeln!(out, "|---|---|{}---|", "---|".repeat(names.len()))?;
        for row in matrix.rows.iter().filter(|row| row.clause.rfc == rfc) {
            let name = format!("{} {}", row.clause.section, row.clause.id.as_deref().unwrap_or(""));
            let cells: Vec<String> = row.cells.iter().map(told).collect();
            writeln!(
                out,
                "| {} | {} | {} | {} |",
                name.trim(),
                row.level,
                cells.join(" | "),
                escaped(&row.summary)
            )?;
        }
        writeln!(out)?;
    }
    writeln!(out, "## Totals\n\n| clauses | {} |", names.join(" | "))?;
    writeln!(out, "|---|{}", "---:|".repeat(names.len()))?;
    for word in Word::ALL {
        let counts: Vec<usize> =
            matrix.columns.iter().map(|column| column.totals.get(&word).copied().unwrap_or(0)).collect();
        if counts.iter().any(|count| *count > 0) {
            let counts: Vec<String> = counts.iter().map(ToString::to_string).collect();
            writeln!(out, "| {} | {} |", word.text(), counts.join(" | "))?;
        }
    }
    Ok(())
}

/// A cell: what is wrong stands out.
fn told(cell: &Cell) -> String {
    let Some(word) = cell.verdict else { return String::new() };
    let text = match (cell.worst(), cell.tried()) {
        (worst, tried) if worst == tried => format!("{} {tried}", word.text()),
        (worst, tried) => format!("{} {worst}/{tried}", word.text()),
    };
    match word {
        Word::Fail | Word::UnexpectedPass => format!("**{text}**"),
        Word::Warning | Word::KnownDeviation | Word::Inconclusive => format!("*{text}*"),
        _ => text,
    }
}

/// Text that no page takes for markup.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' => escaped.extend(['\\', c]),
            '<' => escaped.push_str("&lt;"),
            '\n' | '\r' => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}
