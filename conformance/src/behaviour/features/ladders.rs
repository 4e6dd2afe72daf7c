//! Ladders are read before anything runs, so that a cell that cannot be read is told with its place. Every table of
//! a step is a ladder.

use super::scenario::{Cell, Scenario, Table};
use super::text::Text;
use crate::notation::{CellError, Known, Ladder, LadderError, Step};
use crate::problem::Problem;
use crate::requirement::{Clause, registry};

/// All that is wrong with the ladders of one scenario.
pub(super) fn check(scenario: &Scenario, text: &Text<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut known = Known::default();
    for table in scenario.steps.iter().filter_map(|step| step.table.as_ref()) {
        match read(table, &mut known) {
            Ok(ladder) => {
                let mut clauses = Vec::new();
                ladder.steps.iter().for_each(|step| clauses_of(step, &mut clauses));
                let wrong = clauses
                    .iter()
                    .filter_map(|(row, clause)| bad_clause(*row, clause, table, scenario, text));
                problems.extend(wrong);
            }
            Err(error) => problems.push(problem(&error, table, scenario, text)),
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

fn problem(error: &LadderError, table: &Table, scenario: &Scenario, text: &Text<'_>) -> Problem {
    let CellError { offset, found, expected } = &error.fault;
    let found = if found.is_empty() { "nothing".to_owned() } else { format!("`{found}`") };
    let message = format!("found {found} in the column `{}` of a ladder", error.column);
    match cell(table, error.row, &error.column) {
        Some((line, cell)) => at_cell(line, cell, (*offset, message, expected.clone()), scenario, text),
        None => text.line_problem(error.line, message, expected.clone()),
    }
}

/// A problem at an offset in a cell. If the cell was filled from an example, its place is where the placeholder stands.
fn at_cell(
    line: usize,
    cell: &Cell,
    (offset, message, expected): (usize, String, String),
    scenario: &Scenario,
    text: &Text<'_>,
) -> Problem {
    let written: String = text.line(line).chars().skip(cell.column - 1).collect();
    if written.starts_with(&cell.text) {
        return text.problem(line, cell.column + offset, 1, message, expected);
    }
    let filled = format!("{message}, filled from line {} as `{}`", scenario.line, cell.text);
    let width = written.split('|').next().unwrap_or_default().trim_end().chars().count();
    text.problem(line, cell.column, width, filled, expected)
}

/// The cell of a row in the column of that title; the column without one is called `arrow`.
fn cell<'t>(table: &'t Table, row: usize, column: &str) -> Option<(usize, &'t Cell)> {
    let heading = if column == "arrow" { "" } else { column };
    let index = table.rows.first()?.cells.iter().position(|cell| cell.text == heading)?;
    let row = table.rows.get(row)?;
    Some((row.line, row.cells.get(index)?))
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

fn bad_clause(
    row: usize,
    clause: &str,
    table: &Table,
    scenario: &Scenario,
    text: &Text<'_>,
) -> Option<Problem> {
    let checked = clause.parse::<Clause>().map_err(|wrong| (wrong, "a clause, as in tags".to_owned()));
    let (message, expected) = checked.and_then(|clause| registry().check(&clause)).err()?;
    let (line, cell) = cell(table, row, "clause")?;
    Some(at_cell(line, cell, (0, message, expected), scenario, text))
}
