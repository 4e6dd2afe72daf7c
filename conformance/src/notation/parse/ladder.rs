//! A table of cells to a ladder: columns by their headings, blocks by their words.

use super::rows::{self, Arrow, Cells, Column, Fault, Keyword};
use super::sense;
pub use super::sense::Known;
use crate::notation::error::{CellError, LadderError};
use crate::notation::ladder::{Ladder, Place, Step};

/// The longest cell in characters: room for a full segment on Ethernet with each octet written as an escape.
const MAX_CELL: usize = 20_000;

/// How deep blocks may stand in blocks.
const MAX_DEPTH: usize = 16;

impl Ladder {
    /// Reads a table as Gherkin gives it: the first row holds the headings, cells may have spaces around them.
    ///
    /// `lines` are the lines of the feature file, one for each row of the table, the headings' first; where it is
    /// short, lines are not known and 0. `known` is what earlier tables of the scenario have made known; what this
    /// one makes known is added.
    ///
    /// # Errors
    /// The first cell that cannot be read or makes no sense. `known` is then as it was.
    pub fn parse<R, C>(table: &[R], lines: &[usize], known: &mut Known) -> Result<Self, LadderError>
    where
        R: AsRef<[C]>,
        C: AsRef<str>,
    {
        let line_of = |row: usize| lines.get(row).copied().unwrap_or(0);
        let fault_at = |place: Place, (column, fault): Fault| LadderError {
            row: place.row,
            line: place.line,
            column: column.title().into(),
            fault,
        };
        let header = Place { row: 0, line: line_of(0) };
        let (heading, body) = table
            .split_first()
            .ok_or_else(|| fault_at(header, (Column::Arrow, CellError::whole("", "a row of headings"))))?;
        let columns = Columns::read(heading.as_ref()).map_err(|(column, fault)| LadderError {
            row: 0,
            line: header.line,
            column,
            fault,
        })?;
        let mut blocks = Blocks::default();
        for (index, row) in body.iter().enumerate() {
            let place = Place { row: index + 1, line: line_of(index + 1) };
            let cells = columns.cells(place, row.as_ref()).map_err(|fault| fault_at(place, fault))?;
            blocks.add(&cells).map_err(|fault| fault_at(place, fault))?;
        }
        let steps = blocks.finish().map_err(|(place, fault)| fault_at(place, fault))?;
        if steps.is_empty() {
            return Err(fault_at(header, (Column::Arrow, CellError::whole("", "a row below the headings"))));
        }
        let mut after = known.clone();
        let written = |place: Place| {
            let row = table.get(place.row);
            row.and_then(|row| columns.cell(Column::Segment, row.as_ref())).unwrap_or_default()
        };
        sense::of_steps(&steps, &mut after, &written).map_err(|(place, fault)| fault_at(place, fault))?;
        *known = after;
        Ok(Self { steps })
    }
}

/// Which column of the table is which.
struct Columns {
    order: Vec<Column>,
}

impl Columns {
    fn read<C: AsRef<str>>(heading: &[C]) -> Result<Self, (String, CellError)> {
        let mut order = Vec::new();
        for cell in heading {
            let text = cell.as_ref().trim();
            let named = if text.is_empty() { Column::Arrow.title() } else { text };
            let fault = |what: &str| (named.to_owned(), CellError::whole(text, what));
            let Some(column) = Column::ALL.into_iter().find(|column| column.heading() == text) else {
                return Err(fault(
                    "a heading: time, segment, device, tester, conn, label, clause, or none for the arrows",
                ));
            };
            if order.contains(&column) {
                return Err(fault("each heading once"));
            }
            order.push(column);
        }
        for column in [Column::Arrow, Column::Segment] {
            if !order.contains(&column) {
                let what = match column {
                    Column::Segment => "a column headed `segment`",
                    _ => "a column without heading, for the arrows",
                };
                return Err((column.title().into(), CellError::whole("", what)));
            }
        }
        Ok(Self { order })
    }

    /// The cell of that column in a row, as it is written.
    fn cell<'a, C: AsRef<str>>(&self, column: Column, row: &'a [C]) -> Option<&'a str> {
        let index = self.order.iter().position(|known| *known == column)?;
        row.get(index).map(AsRef::as_ref)
    }

    fn cells<'a, C: AsRef<str>>(&self, place: Place, row: &'a [C]) -> Result<Cells<'a>, Fault> {
        if row.len() != self.order.len() {
            let what = format!("{} cells, as in the headings", self.order.len());
            return Err((Column::Arrow, CellError::whole(&format!("{} cells", row.len()), what)));
        }
        let cells = Column::ALL.map(|column| self.cell(column, row).unwrap_or_default());
        for (column, cell) in Column::ALL.into_iter().zip(cells) {
            if cell.len() > MAX_CELL && cell.chars().count() > MAX_CELL {
                return Err((column, CellError::whole(cell, format!("at most {MAX_CELL} characters"))));
            }
        }
        Ok(Cells { place, cells })
    }
}

/// The blocks that are open, the outermost first, and what stands outside of all.
#[derive(Default)]
struct Blocks {
    done: Vec<Step>,
    open: Vec<Open>,
}

/// A block whose `end` is still to come.
struct Open {
    place: Place,
    keyword: Keyword,
    /// The alternatives before the last `or`.
    alternatives: Vec<Vec<Step>>,
    steps: Vec<Step>,
}

impl Blocks {
    /// Adds one row of the table.
    fn add(&mut self, cells: &Cells<'_>) -> Result<(), Fault> {
        let text = cells.cell(Column::Arrow);
        let arrow = rows::arrow(text).map_err(|fault| (Column::Arrow, fault))?;
        let fault = |what: &str| Err((Column::Arrow, CellError::whole(text, what)));
        let Arrow::Keyword(keyword) = arrow else {
            let row = rows::row(cells, arrow)?;
            self.steps().push(Step::Row(Box::new(row)));
            return Ok(());
        };
        rows::only_keyword(cells)?;
        match keyword {
            Keyword::Either | Keyword::AnyOrder | Keyword::Repeat(_) if self.open.len() == MAX_DEPTH => {
                fault("blocks that are not nested so deep")
            }
            Keyword::Repeat(count) if self.rounds().saturating_mul(count) > rows::MAX_REPEAT => {
                fault("fewer rounds: blocks in blocks come to more than 100000")
            }
            Keyword::Either | Keyword::AnyOrder | Keyword::Repeat(_) => {
                let (alternatives, steps) = (Vec::new(), Vec::new());
                self.open.push(Open { place: cells.place, keyword, alternatives, steps });
                Ok(())
            }
            Keyword::Or => match self.open.last_mut() {
                Some(Open { keyword: Keyword::Either, alternatives, steps, .. }) => {
                    alternatives.push(core::mem::take(steps));
                    Ok(())
                }
                _ => fault("an `either` before its `or`"),
            },
            Keyword::End => match self.open.pop() {
                Some(open) => {
                    let step = open.close().map_err(|what| (Column::Arrow, CellError::whole(text, what)))?;
                    self.steps().push(step);
                    Ok(())
                }
                None => fault("a block before its `end`: either, any order or repeat"),
            },
        }
    }

    /// How often the next row happens, by the blocks that it stands in.
    fn rounds(&self) -> u32 {
        self.open.iter().fold(1, |rounds: u32, open| match open.keyword {
            Keyword::Repeat(count) => rounds.saturating_mul(count),
            Keyword::Either | Keyword::Or | Keyword::AnyOrder | Keyword::End => rounds,
        })
    }

    /// Where the next row goes.
    fn steps(&mut self) -> &mut Vec<Step> {
        match self.open.last_mut() {
            Some(open) => &mut open.steps,
            None => &mut self.done,
        }
    }

    /// All rows are there.
    fn finish(self) -> Result<Vec<Step>, sense::PlacedFault> {
        match self.open.last() {
            None => Ok(self.done),
            Some(open) => {
                Err((open.place, (Column::Arrow, CellError::whole(open.word(), "its `end` further down"))))
            }
        }
    }
}

impl Open {
    fn word(&self) -> &'static str {
        match self.keyword {
            Keyword::Either | Keyword::Or => "either",
            Keyword::AnyOrder => "any order",
            Keyword::Repeat(_) => "repeat",
            Keyword::End => "end",
        }
    }

    /// The block, its `end` being there.
    fn close(self) -> Result<Step, &'static str> {
        let Self { place, keyword, mut alternatives, steps } = self;
        match keyword {
            Keyword::Either | Keyword::Or if alternatives.is_empty() => {
                Err("an `or` between `either` and `end`")
            }
            Keyword::Either | Keyword::Or => {
                alternatives.push(steps);
                if alternatives.iter().all(Vec::is_empty) {
                    return Err("a row between `either` and `end`");
                }
                Ok(Step::Either { place, alternatives })
            }
            Keyword::AnyOrder | Keyword::Repeat(_) | Keyword::End if steps.is_empty() => {
                Err("a row between the block's word and its `end`")
            }
            Keyword::AnyOrder | Keyword::End => Ok(Step::AnyOrder { place, steps }),
            Keyword::Repeat(count) => Ok(Step::Repeat { place, count, steps }),
        }
    }
}
