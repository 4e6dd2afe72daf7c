//! Places in a feature file's text: lines, columns, the cells of a table.

use super::scenario::{Cell, TableRow};
use crate::problem::{Place, Problem};

/// The text of one feature file and where its lines begin.
#[derive(Debug)]
pub(super) struct Text<'a> {
    /// The file as the user knows it.
    pub(super) file: &'a str,
    /// The whole text, ending with a line feed.
    pub(super) source: &'a str,
    starts: Vec<usize>,
}

impl<'a> Text<'a> {
    pub(super) fn new(file: &'a str, source: &'a str) -> Self {
        let starts = std::iter::once(0).chain(source.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { file, source, starts }
    }

    /// The line, from 1, that holds the octet at `offset`.
    pub(super) fn line_at(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).max(1)
    }

    /// The text of a line, without its end; empty for a line that is not there.
    pub(super) fn line(&self, line: usize) -> &'a str {
        let Some(start) = line.checked_sub(1).and_then(|index| self.starts.get(index)) else { return "" };
        let rest = self.source.get(*start..).unwrap_or_default();
        rest.split('\n').next().unwrap_or_default().trim_end_matches('\r')
    }

    /// How many lines there are.
    pub(super) fn lines(&self) -> usize {
        self.starts.len()
    }

    /// A problem at a place of this file.
    pub(super) fn problem(
        &self,
        line: usize,
        column: usize,
        width: usize,
        message: String,
        expected: String,
    ) -> Problem {
        let text = self.line(line).to_owned();
        Problem::new(message, expected).at(Place { file: self.file.to_owned(), line, column, width, text })
    }

    /// A problem with the whole of a line.
    pub(super) fn line_problem(&self, line: usize, message: String, expected: String) -> Problem {
        let text = self.line(line);
        let indent = text.chars().take_while(|c| c.is_whitespace()).count();
        self.problem(line, indent + 1, text.trim().chars().count(), message, expected)
    }

    /// The rows of the table whose text reaches from octet `start` to octet `end`.
    pub(super) fn rows(&self, start: usize, end: usize) -> Vec<TableRow> {
        let (first, last) = (self.line_at(start), self.line_at(end.saturating_sub(1).max(start)));
        (first..=last).filter(|line| is_row(self.line(*line))).map(|line| self.row(line)).collect()
    }

    /// The cells of one line of a table.
    pub(super) fn row(&self, line: usize) -> TableRow {
        TableRow { line, cells: cells(self.line(line)), written: self.line(line).into() }
    }
}

/// Whether a line is a row of a table, by its first character.
pub(super) fn is_row(line: &str) -> bool {
    line.trim_start().starts_with('|')
}

/// The cells of a row: between bars, trimmed, with `\|`, `\\` and `\n` resolved as Gherkin does.
fn cells(line: &str) -> Vec<Cell> {
    let mut cells = Vec::new();
    let mut chars = line.chars().enumerate().skip_while(|(_, c)| *c != '|').skip(1).peekable();
    let (mut text, mut column) = (String::new(), None);
    while let Some((index, c)) = chars.next() {
        if c == '|' {
            let end = std::mem::take(&mut text);
            cells.push(Cell {
                text: end.trim_end_matches([' ', '\t']).to_owned(),
                column: column.take().unwrap_or(index),
            });
            continue;
        }
        let meant = match (c, chars.peek()) {
            ('\\', Some((_, next @ ('|' | '\\' | 'n')))) => {
                let meant = if *next == 'n' { '\n' } else { *next };
                chars.next();
                meant
            }
            _ => c,
        };
        if column.is_none() && matches!(meant, ' ' | '\t') {
            continue;
        }
        column.get_or_insert(index + 1);
        text.push(meant);
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(line: &str) -> Vec<(String, usize)> {
        cells(line).into_iter().map(|cell| (cell.text, cell.column)).collect()
    }

    #[test]
    fn cells_are_trimmed_and_know_their_columns() {
        assert_eq!(told(" | a |  b c|"), [("a".to_owned(), 4), ("b c".to_owned(), 9)]);
        assert_eq!(told("|\tü\t| x | # no cell"), [("ü".to_owned(), 3), ("x".to_owned(), 7)]);
    }

    #[test]
    fn escapes_are_resolved_and_empty_cells_stay() {
        assert_eq!(
            told(r"| \| | \\n |  |"),
            [("|".to_owned(), 3), (r"\n".to_owned(), 8), (String::new(), 14)]
        );
    }

    #[test]
    fn lines_and_columns_of_carriage_returns_are_not_counted() {
        let text = Text::new("f", "a\r\nb\r\n");
        assert_eq!((text.line(1), text.line(2), text.line(9)), ("a", "b", ""));
        assert_eq!((text.line_at(0), text.line_at(2), text.line_at(3)), (1, 1, 2));
    }
}
