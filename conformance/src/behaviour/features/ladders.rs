//! Ladders are read before anything runs, so that a cell that cannot be read is told with its place. Every table of
//! a step is a ladder.

use super::scenario::{Cell, Scenario, Table};
use crate::notation::{CellError, Known, Ladder, LadderError, Step};
use crate::problem::{Place, Problem};
use crate::requirement::{Clause, registry};

/// All that is wrong with the ladders of one scenario.
pub(super) fn check(scenario: &Scenario) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut known = Known::over(scenario.over());
    for table in scenario.steps.iter().filter_map(|step| step.table.as_ref()) {
        match read(table, &mut known) {
            Ok(ladder) => {
                let mut clauses = Vec::new();
                ladder.steps.iter().for_each(|step| clauses_of(step, &mut clauses));
                let wrong =
                    clauses.iter().filter_map(|(row, clause)| bad_clause(*row, clause, table, scenario));
                problems.extend(wrong);
            }
            Err(error) => problems.push(problem(&error, table, scenario)),
        }
    }
    problems
}

/// Reads a table; `known` is what the scenario's earlier tables made known.
///
/// # Errors
///
/// The first cell that cannot be read.
pub fn read(table: &Table, known: &mut Known) -> Result<Ladder, LadderError> {
    let rows: Vec<Vec<&str>> =
        table.rows.iter().map(|row| row.cells.iter().map(|cell| cell.text.as_str()).collect()).collect();
    let lines: Vec<usize> = table.rows.iter().map(|row| row.line).collect();
    Ladder::parse(&rows, &lines, known)
}

/// What is wrong with a table, at its place.
pub fn problem(error: &LadderError, table: &Table, scenario: &Scenario) -> Problem {
    let CellError { offset, found, expected } = &error.fault;
    let found = if found.is_empty() { "nothing".to_owned() } else { format!("`{found}`") };
    let message = format!("found {found} in the column `{}` of a ladder", error.column);
    let what = (message, expected.clone());
    in_cell(scenario, table, (error.row, &error.column), (*offset, 1), what)
}

/// A problem in the cell of a row, in the column of that title; the column without one is called `arrow`. `offset` and
/// `width` count characters of the cell.
pub fn in_cell(
    scenario: &Scenario,
    table: &Table,
    (row, column): (usize, &str),
    (offset, width): (usize, usize),
    (message, expected): (String, String),
) -> Problem {
    let Some(written) = table.rows.get(row).or(table.rows.first()) else {
        return Problem::new(message, expected);
    };
    let whole = Cell { text: String::new(), column: 1 };
    let cell = cell_of(table, row, column).unwrap_or(&whole);
    let (column, width, placeholder) = written.column_of(cell, offset, width);
    let message = match placeholder {
        Some(_) => format!("{message}, filled from line {} as `{}`", scenario.line, cell.text),
        None => message,
    };
    let (file, text) = (scenario.file.to_string(), written.written.to_string());
    Problem::new(message, expected).at(Place { file, line: written.line, column, width, text })
}

/// The cell of a row in the column of that title.
pub fn cell_of<'t>(table: &'t Table, row: usize, column: &str) -> Option<&'t Cell> {
    let heading = if column == "arrow" { "" } else { column };
    let index = table.rows.first()?.cells.iter().position(|cell| cell.text == heading)?;
    table.rows.get(row)?.cells.get(index)
}

/// Row number and text of each `clause` cell.
fn clauses_of(step: &Step, found: &mut Vec<(usize, String)>) {
    match step {
        Step::Row(row) => found.extend(row.clause.iter().map(|clause| (row.place.row, clause.clone()))),
        Step::Either { alternatives, .. } => {
            alternatives.iter().flatten().for_each(|step| clauses_of(step, found))
        }
        Step::AnyOrder { steps, .. } | Step::Repeat { steps, .. } => {
            steps.iter().for_each(|step| clauses_of(step, found));
        }
    }
}

fn bad_clause(row: usize, clause: &str, table: &Table, scenario: &Scenario) -> Option<Problem> {
    let checked = clause.parse::<Clause>().map_err(|wrong| (wrong, "a clause, as in tags".to_owned()));
    let what = checked.and_then(|clause| registry().check(&clause)).err()?;
    Some(in_cell(scenario, table, (row, "clause"), (0, clause.chars().count()), what))
}
