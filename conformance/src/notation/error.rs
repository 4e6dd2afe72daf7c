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
        Self { offset, found: shortened(rest), expected: expected.into() }
    }

    /// The fault that an element of the cell is, one that begins with `begin` and has `part` in it: the part, or the
    /// whole element if that is empty.
    pub(super) fn element(cell: &str, begin: &str, part: &str, expected: impl Into<String>) -> Self {
        // No element has a `<` in it, so that each begins one.
        let elements = cell.match_indices('<').map(|(at, _)| {
            let rest = cell.get(at..).unwrap_or_default();
            let end = rest.find('>').map_or(rest.len(), |end| end + 1);
            rest.get(..end).unwrap_or(rest)
        });
        let is_meant = |text: &&str| text.get(1..).is_some_and(|inner| inner.starts_with(begin));
        for element in elements.filter(is_meant) {
            let before = cell.find(element).unwrap_or(0);
            let within = if part.is_empty() { Some(0) } else { word(element, part) };
            if let Some(within) = within {
                let rest = cell.get(before + within..).unwrap_or_default();
                let found = if part.is_empty() { element } else { part };
                return Self { found: shortened(found), ..Self::at(cell, rest, expected) };
            }
        }
        Self::whole(cell, expected)
    }

    /// The fault that a word of the cell is.
    pub(crate) fn word(cell: &str, part: &str, expected: impl Into<String>) -> Self {
        match word(cell, part).and_then(|at| cell.get(at..)) {
            Some(rest) => Self { found: shortened(part), ..Self::at(cell, rest, expected) },
            None => Self::whole(cell, expected),
        }
    }

    /// The fault that the whole cell is.
    pub(crate) fn whole(cell: &str, expected: impl Into<String>) -> Self {
        Self::at(cell, cell, expected)
    }
}

/// The beginning of a text that is too long to be shown whole.
fn shortened(text: &str) -> String {
    let mut shown: String = text.chars().take(CellError::SHOWN).collect();
    if text.chars().nth(CellError::SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

/// Where `part` first stands in `text` with no letter or digit beside it.
fn word(text: &str, part: &str) -> Option<usize> {
    let is_end = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    text.match_indices(part).map(|(at, _)| at).find(|at| {
        let (before, behind) = (text.get(..*at), text.get(at + part.len()..));
        is_end(before.and_then(|text| text.chars().next_back()))
            && is_end(behind.and_then(|text| text.chars().next()))
    })
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
