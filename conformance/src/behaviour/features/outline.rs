//! Expansion of outlines: `$name` in names, steps, doc strings and cells becomes the cell of that column.
//!
//! Gherkin's own `<name>` would collide with segments and is left alone. `$$` is a dollar sign.

use super::document::{Examples, Outline, Tag};
use super::scenario::{Cell, Step, Table, TableRow};
use super::text::Text;
use crate::problem::Problem;

/// A scenario with its placeholders filled.
#[derive(Debug)]
pub(super) struct Expanded {
    pub(super) name: String,
    /// Line of the scenario, or of its row.
    pub(super) line: usize,
    /// Number of the row, from 1; none outside outlines.
    pub(super) row: Option<usize>,
    pub(super) tags: Vec<Tag>,
    pub(super) steps: Vec<Step>,
}

/// All that an outline stands for: one scenario a row, or itself if it has no examples.
pub(super) fn expand(outline: &Outline, text: &Text<'_>, problems: &mut Vec<Problem>) -> Vec<Expanded> {
    if outline.examples.is_empty() {
        if outline.is_outline {
            let message = format!("the outline `{}` has no examples", outline.name);
            problems.push(text.line_problem(
                outline.line,
                message,
                "`Examples:` and a table below its steps".to_owned(),
            ));
        }
        let values = Values { header: &[], cells: &[], row: None };
        return vec![Filler { text, values, problems }.fill(outline, outline.line, None, &outline.tags)];
    }
    let mut expanded = Vec::new();
    for examples in &outline.examples {
        let Some((header, rows)) = examples.table.rows.split_first() else { continue };
        problems.extend(bad_names(examples, header, text));
        let mut tags = outline.tags.clone();
        tags.extend(examples.tags.iter().cloned());
        for row in rows {
            let number = expanded.len() + 1;
            let values = Values { header: &header.cells, cells: &row.cells, row: Some(row.line) };
            let filler = Filler { text, values, problems };
            expanded.push(filler.fill(outline, row.line, Some(number), &tags));
        }
    }
    expanded
}

/// Columns whose names are no placeholders, or stand there twice.
fn bad_names(examples: &Examples, header: &TableRow, text: &Text<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (index, cell) in header.cells.iter().enumerate() {
        let width = cell.text.chars().count();
        if cell.text.is_empty() || !cell.text.chars().all(is_name) {
            let message = format!("`{}` cannot be a placeholder", cell.text);
            let expected = "a name of letters, digits and underscores".to_owned();
            problems.push(text.problem(header.line, cell.column, width, message, expected));
        }
        if header.cells.iter().take(index).any(|earlier| earlier.text == cell.text) {
            let message =
                format!("two columns of the examples in line {} are called `{}`", examples.line, cell.text);
            problems.push(text.problem(
                header.line,
                cell.column,
                width,
                message,
                "a name of its own".to_owned(),
            ));
        }
    }
    problems
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// One row of examples.
struct Values<'e> {
    header: &'e [Cell],
    cells: &'e [Cell],
    /// Line of the row.
    row: Option<usize>,
}

struct Filler<'f, 'a> {
    text: &'f Text<'a>,
    values: Values<'f>,
    problems: &'f mut Vec<Problem>,
}

impl Filler<'_, '_> {
    fn fill(mut self, outline: &Outline, line: usize, row: Option<usize>, tags: &[Tag]) -> Expanded {
        let indent = self.text.line(outline.line).find(&outline.name).unwrap_or_default();
        let name = self.replace(&outline.name, outline.line, indent + 1);
        let steps = outline.steps.iter().map(|step| self.step(step)).collect();
        Expanded { name, line, row, tags: tags.to_vec(), steps }
    }

    fn step(&mut self, step: &Step) -> Step {
        let docstring = step.docstring.as_ref().map(|text| self.replace(text, step.line, step.column));
        let table = step
            .table
            .as_ref()
            .map(|table| Table { rows: table.rows.iter().map(|row| self.row(row)).collect() });
        Step { text: self.replace(&step.text, step.line, step.column), docstring, table, ..step.clone() }
    }

    fn row(&mut self, row: &TableRow) -> TableRow {
        let cell =
            |cell: &Cell| Cell { text: self.replace(&cell.text, row.line, cell.column), column: cell.column };
        TableRow { cells: row.cells.iter().map(cell).collect(), ..row.clone() }
    }

    /// `template`, which stands at `line` and `column`, with its placeholders filled.
    fn replace(&mut self, template: &str, line: usize, column: usize) -> String {
        let mut filled = String::new();
        let mut rest = template;
        while let Some((before, behind)) = rest.split_once('$') {
            filled.push_str(before);
            if let Some(escaped) = behind.strip_prefix('$') {
                filled.push('$');
                rest = escaped;
                continue;
            }
            let end = behind.find(|c| !is_name(c)).unwrap_or(behind.len());
            let (name, after) = behind.split_at(end);
            rest = after;
            match self.value(name) {
                Some(value) => filled.push_str(value),
                None => {
                    let offset = template.len() - behind.len() - 1;
                    let column = column + template.get(..offset).unwrap_or_default().chars().count();
                    self.unknown(name, line, column);
                }
            }
        }
        filled + rest
    }

    fn value(&self, name: &str) -> Option<&str> {
        let index = self.values.header.iter().position(|cell| cell.text == name)?;
        self.values.cells.get(index).map(|cell| cell.text.as_str())
    }

    fn unknown(&mut self, name: &str, line: usize, column: usize) {
        let message = format!("no example fills the placeholder `${name}`");
        let expected = match self.values.row {
            None => "`Examples:` with this column, or `$$` for a dollar sign".to_owned(),
            Some(_) => {
                let names: Vec<String> =
                    self.values.header.iter().map(|cell| format!("${}", cell.text)).collect();
                format!("one of {}, or `$$` for a dollar sign", names.join(", "))
            }
        };
        let problem = self.text.problem(line, column, name.len() + 1, message, expected);
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }
}
