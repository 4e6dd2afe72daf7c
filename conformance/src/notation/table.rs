//! Tables as text: Gherkin's own into cells, a ladder into an aligned table.

use core::fmt;

use super::error::{CellError, LadderError};
use super::ladder::{Action, Fate, Ladder, Often, Row, Step};
use super::parse::Known;

/// The headings, in the order in which a ladder is printed.
const HEADINGS: [&str; 8] = ["conn", "time", "", "segment", "device", "tester", "label", "clause"];
/// Which of [`HEADINGS`] is the arrow's, and which the segment's; these two are always printed.
const ARROW: usize = 2;
const SEGMENT: usize = 3;

/// The cells of a table in text, with the number of each row's line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The rows, the headings first; the spaces around each cell are gone.
    pub rows: Vec<Vec<String>>,
    /// The line of each row, the first line of the text being 1.
    pub lines: Vec<usize>,
}

impl Table {
    /// Reads a table as Gherkin does: a row a line, cells between `|`, of which `\|`, `\\` and `\n` are escaped; empty
    /// lines and comments do not count, lines may end with CRLF.
    ///
    /// # Errors
    /// A line that neither begins and ends with `|` nor is empty or a comment.
    pub fn read(text: &str) -> Result<Self, LadderError> {
        let mut table = Self::default();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let cells = cells(line).map_err(|fault| LadderError {
                row: table.rows.len(),
                line: index + 1,
                column: "arrow".into(),
                fault,
            })?;
            table.rows.push(cells);
            table.lines.push(index + 1);
        }
        Ok(table)
    }

    /// Reads the table as a ladder.
    ///
    /// # Errors
    /// As [`Ladder::parse`].
    pub fn ladder(&self, known: &mut Known) -> Result<Ladder, LadderError> {
        Ladder::parse(&self.rows, &self.lines, known)
    }
}

/// The cells of one line.
fn cells(line: &str) -> Result<Vec<String>, CellError> {
    let inner =
        line.strip_prefix('|').ok_or_else(|| CellError::whole(line, "`|` at the beginning of a row"))?;
    let mut cells = Vec::new();
    let mut cell = String::new();
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        match character {
            '|' => cells.push(core::mem::take(&mut cell).trim().to_owned()),
            '\\' => match characters.next() {
                Some('n') => cell.push('\n'),
                Some(escaped @ ('|' | '\\')) => cell.push(escaped),
                Some(other) => cell.extend(['\\', other]),
                None => cell.push('\\'),
            },
            other => cell.push(other),
        }
    }
    if cell.is_empty() { Ok(cells) } else { Err(CellError::at(line, "", "`|` at the end of the row")) }
}

impl Ladder {
    /// The cells of the table as which the ladder is printed: headings first, columns without content left out.
    pub fn to_rows(&self) -> Vec<Vec<String>> {
        let mut rows = vec![HEADINGS.map(String::from)];
        add_steps(&self.steps, &mut rows);
        let used: Vec<usize> = (0..HEADINGS.len())
            .filter(|column| {
                matches!(*column, ARROW | SEGMENT)
                    || rows.iter().skip(1).any(|row| row.get(*column).is_some_and(|cell| !cell.is_empty()))
            })
            .collect();
        rows.into_iter()
            .map(|row| used.iter().filter_map(|column| row.get(*column).cloned()).collect())
            .collect()
    }
}

/// Prints rows and blocks.
fn add_steps(steps: &[Step], rows: &mut Vec<[String; 8]>) {
    for step in steps {
        match step {
            Step::Row(row) => rows.push(cells_of(row)),
            Step::Either { alternatives, .. } => {
                let mut word = "either";
                for alternative in alternatives {
                    rows.push(keyword(word));
                    add_steps(alternative, rows);
                    word = "or";
                }
                rows.push(keyword("end"));
            }
            Step::AnyOrder { steps, .. } => {
                rows.push(keyword("any order"));
                add_steps(steps, rows);
                rows.push(keyword("end"));
            }
            Step::Repeat { count, steps, .. } => {
                rows.push(keyword(&format!("repeat {count}")));
                add_steps(steps, rows);
                rows.push(keyword("end"));
            }
        }
    }
}

/// A row that holds just a block's word.
fn keyword(word: &str) -> [String; 8] {
    let mut row: [String; 8] = Default::default();
    row[ARROW] = word.into();
    row
}

/// The eight cells of a row.
fn cells_of(row: &Row) -> [String; 8] {
    let Row { place: _, time, action, device, tester, conn, label, clause } = row;
    let time = time.as_ref().map(ToString::to_string).unwrap_or_default();
    let device = device.map(|state| state.name().to_owned()).unwrap_or_default();
    let text = |cell: &Option<String>| cell.clone().unwrap_or_default();
    let arrow = action.arrow().to_owned();
    [text(conn), time, arrow, action.cell(), device, text(tester), text(label), text(clause)]
}

impl Action {
    /// The arrow of the row, `call` for a call.
    pub fn arrow(&self) -> &'static str {
        match self {
            Self::Send { fate: Fate::Arrives, .. } => "-->",
            Self::Send { fate: Fate::Lost, .. } => "-->x",
            Self::Expect { fate: Fate::Arrives, .. } => "<--",
            Self::Expect { fate: Fate::Lost, .. } => "<--x",
            Self::Permit { often: Often::Once, .. } => "<--?",
            Self::Permit { often: Often::AnyNumber, .. } => "<--*",
            Self::Receive { .. } => "<==",
            Self::Deliver { .. } => "==>",
            Self::Silence => "---",
            Self::Call(_) => "call",
        }
    }

    /// The `segment` cell of the row.
    pub fn cell(&self) -> String {
        match self {
            Self::Send { message, .. } | Self::Expect { message, .. } | Self::Permit { message, .. } => {
                message.to_string()
            }
            Self::Receive { octets, acked: true } => format!("{octets} acked"),
            Self::Receive { octets, acked: false } | Self::Deliver { octets } => octets.to_string(),
            Self::Silence => String::new(),
            Self::Call(call) => call.to_string(),
        }
    }
}

impl fmt::Display for Row {
    /// The row on one line, cell after cell, without those that are empty.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for cell in cells_of(self).iter().filter(|cell| !cell.is_empty()) {
            write!(f, "{separator}{cell}")?;
            separator = "  ";
        }
        Ok(())
    }
}

impl fmt::Display for Ladder {
    /// An aligned table that Gherkin reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows: Vec<Vec<String>> = self
            .to_rows()
            .into_iter()
            .map(|row| row.into_iter().map(|cell| escaped(&cell)).collect())
            .collect();
        let width_of = |column: usize| {
            rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..rows.first().map_or(0, Vec::len)).map(width_of).collect();
        for row in &rows {
            f.write_str("|")?;
            for (cell, width) in row.iter().zip(&widths) {
                write!(f, " {cell:width$} |")?;
            }
            f.write_str("\n")?;
        }
        Ok(())
    }
}

/// The cell as Gherkin wants it.
fn escaped(cell: &str) -> String {
    cell.replace('\\', "\\\\").replace('|', "\\|").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH_ENDS_OPEN: &str = "\
| time |     | segment                         | device       |
|      | <-- | <SEQ=300><CTL=SYN>              | SYN-SENT     |
|      | --> | <SEQ=100><CTL=SYN>              | SYN-RECEIVED |
| 1 s  | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK> |              |
|      | --> | <SEQ=101><ACK=301><CTL=ACK>     | ESTABLISHED  |
";

    #[test]
    fn an_aligned_table_prints_back_as_it_was() {
        let ladder = Table::read(BOTH_ENDS_OPEN).unwrap().ladder(&mut Known::default()).unwrap();
        assert_eq!(ladder.to_string(), BOTH_ENDS_OPEN);
    }

    #[test]
    fn tabs_carriage_returns_comments_and_crooked_columns_change_nothing() {
        let crooked = "# who writes so?\r\n\t|segment|\t|time|device|\r\n\r\n|<SEQ=300><CTL=SYN>|<--||SYN-SENT|\r\n\
                       | <SEQ=100> <CTL=SYN> | --> | | SYN-RECEIVED |\r\n# here\n\
                       |<SEQ=300><ACK=101><CTL=SYN,ACK>|<--|1 s||\n|<SEQ=101><ACK=301><CTL=ACK>|-->||ESTABLISHED|";
        let table = Table::read(crooked).unwrap();
        assert_eq!(table.lines, [2, 4, 5, 7, 8]);
        let ladder = table.ladder(&mut Known::default()).unwrap();
        assert_eq!(ladder.to_string(), BOTH_ENDS_OPEN);
    }

    #[test]
    fn a_column_that_is_never_filled_is_not_printed() {
        let text = "| clause | | segment | label |\n| | --> | <CTL=SYN> | |\n";
        let ladder = Table::read(text).unwrap().ladder(&mut Known::default()).unwrap();
        assert_eq!(ladder.to_string(), "|     | segment   |\n| --> | <CTL=SYN> |\n");
    }

    #[test]
    fn a_pipe_in_a_cell_is_escaped_both_ways() {
        let text = "| | segment | tester |\n| --> | <CTL=SYN> | a\\|b\\\\c |\n";
        let table = Table::read(text).unwrap();
        assert_eq!(table.rows[1][2], "a|b\\c");
        let again = table.ladder(&mut Known::default()).unwrap().to_string();
        assert_eq!(Table::read(&again).unwrap().rows[1][2], "a|b\\c");
    }

    #[test]
    fn a_line_that_is_no_row_is_named_with_its_line() {
        let error = Table::read("| | segment |\n--> | <CTL=SYN> |").unwrap_err();
        assert_eq!((error.row, error.line), (1, 2));
        assert_eq!(error.fault.expected, "`|` at the beginning of a row");
        let error = Table::read("| | segment |\n| --> | <CTL=SYN>").unwrap_err();
        assert_eq!(error.fault.expected, "`|` at the end of the row");
    }
}
