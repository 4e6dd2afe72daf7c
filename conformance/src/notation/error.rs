//! What is wrong with a text, where, and what was expected instead.

use core::fmt;

/// A fault in the text of one cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellError {
    /// How many characters of the cell stand before the fault.
    pub offset: usize,
    /// What stands there, shortened; empty at the end of the cell.
    pub found: String,
    /// What could stand there, in words.
    pub expected: String,
}

impl CellError {
    /// How much of the text found is shown, in characters.
    const SHOWN: usize = 24;

    /// The fault at `rest`, a tail of `cell`.
    pub(super) fn at(cell: &str, rest: &str, expected: impl Into<String>) -> Self {
        let before = cell.len().saturating_sub(rest.len());
        let offset = cell.get(..before).unwrap_or(cell).chars().count();
        let mut found: String = rest.chars().take(Self::SHOWN).collect();
        if rest.chars().nth(Self::SHOWN).is_some() {
            found.push('…');
        }
        Self { offset, found, expected: expected.into() }
    }

    /// The fault that the whole cell is.
    pub(super) fn whole(cell: &str, expected: impl Into<String>) -> Self {
        Self::at(cell, cell, expected)
    }
}

impl fmt::Display for CellError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "character {}: found ", self.offset + 1)?;
        if self.found.is_empty() {
            f.write_str("nothing")?;
        } else {
            write!(f, "`{}`", self.found)?;
        }
        write!(f, ", expected {}", self.expected)
    }
}

impl core::error::Error for CellError {}

/// A fault in a table of rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LadderError {
    /// The row of the table: 0 is the header, 1 the first row below it.
    pub row: usize,
    /// The line of the feature file, 0 where it is not known.
    pub line: usize,
    /// The heading of the column, `arrow` for the one without.
    pub column: String,
    /// What is wrong in the cell.
    pub fault: CellError,
}

impl fmt::Display for LadderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.row {
            0 => f.write_str("heading")?,
            row => write!(f, "row {row}")?,
        }
        write!(f, ", column `{}`, {}", self.column, self.fault)
    }
}

impl core::error::Error for LadderError {}
