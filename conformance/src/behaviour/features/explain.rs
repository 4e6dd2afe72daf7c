//! Why a feature file could not be read, in words that help its author.
//!
//! The `gherkin` crate tells a position and a set of tokens. The usual slips are found here by a look at the lines.

use super::text::{Text, is_row};
use crate::problem::Problem;

/// The problem behind the crate's error text, `Error at 3:5: {..}`; empty if there was none.
pub(super) fn explain(text: &Text<'_>, error: &str) -> Problem {
    no_feature(text)
        .or_else(|| docstring(text))
        .or_else(|| broken_row(text))
        .or_else(|| unknown_line(text))
        .unwrap_or_else(|| at_position(text, error))
}

fn no_feature(text: &Text<'_>) -> Option<Problem> {
    let is_content = |line: &usize| {
        let line = text.line(*line).trim();
        !line.is_empty() && !line.starts_with(['#', '@'])
    };
    let expected = "`Feature: its name` first".to_owned();
    let Some(first) = (1..=text.lines()).find(is_content) else {
        return Some(text.line_problem(1, "this file holds no feature".to_owned(), expected));
    };
    let is_feature =
        text.line(first).trim_start().starts_with("Feature:") || text.source.contains("language");
    (!is_feature)
        .then(|| text.line_problem(first, "a feature file begins with its feature".to_owned(), expected))
}

fn docstring(text: &Text<'_>) -> Option<Problem> {
    let is_fence = |line: &usize| text.line(*line).trim_start().starts_with("\"\"\"");
    let fences: Vec<usize> = (1..=text.lines()).filter(is_fence).collect();
    let open = fences.last().filter(|_| fences.len() % 2 == 1)?;
    Some(text.line_problem(
        *open,
        "this doc string is never closed".to_owned(),
        "a line of `\"\"\"` below it".to_owned(),
    ))
}

/// A row that is not closed by a bar, or is shorter than the first row of its table.
fn broken_row(text: &Text<'_>) -> Option<Problem> {
    let mut width = None;
    for line in 1..=text.lines() {
        let written = text.line(line).trim();
        if written.is_empty() || written.starts_with('#') {
            continue;
        }
        if !is_row(written) {
            width = None;
            continue;
        }
        let closed = written.split(" #").next().unwrap_or_default().trim_end();
        if !closed.ends_with('|') || closed.len() < 2 {
            return Some(text.line_problem(
                line,
                "this row is not closed".to_owned(),
                "`|` at its end".to_owned(),
            ));
        }
        let cells = text.row(line).cells.len();
        let first = *width.get_or_insert(cells);
        if cells != first {
            let message = format!("this row has {cells} cells, the first one of the table has {first}");
            return Some(text.line_problem(
                line,
                message,
                format!("{first} cells; write `\\|` for a bar inside a cell"),
            ));
        }
        if let Some(problem) = bad_escape(text, line) {
            return Some(problem);
        }
    }
    None
}

fn bad_escape(text: &Text<'_>, line: usize) -> Option<Problem> {
    let chars: Vec<char> = text.line(line).chars().collect();
    let mut index = 0;
    while let Some(c) = chars.get(index) {
        if *c == '\\' {
            if !matches!(chars.get(index + 1), Some('|' | '\\' | 'n')) {
                let message = "a backslash that escapes nothing".to_owned();
                let expected = "`\\|`, `\\\\` or `\\n` in a cell".to_owned();
                return Some(text.problem(line, index + 1, 2, message, expected));
            }
            index += 1;
        }
        index += 1;
    }
    None
}

/// The first line behind a step that begins with no word of Gherkin.
fn unknown_line(text: &Text<'_>) -> Option<Problem> {
    const STEPS: [&str; 6] = ["Given ", "When ", "Then ", "And ", "But ", "* "];
    const BLOCKS: [&str; 9] = [
        "Feature:",
        "Rule:",
        "Background:",
        "Scenario:",
        "Scenario Outline:",
        "Scenario Template:",
        "Example:",
        "Examples:",
        "Scenarios:",
    ];
    let (mut in_steps, mut in_docstring) = (false, false);
    for line in 1..=text.lines() {
        let written = text.line(line).trim();
        if written.starts_with("\"\"\"") {
            in_docstring = !in_docstring;
            continue;
        }
        if in_docstring || written.is_empty() || written.starts_with(['#', '@', '|']) {
            continue;
        }
        if BLOCKS.iter().any(|block| written.starts_with(block)) {
            in_steps = false;
        } else if STEPS.iter().any(|step| format!("{written} ").starts_with(step)) {
            in_steps = true;
        } else if in_steps {
            let word = written.split_whitespace().next().unwrap_or_default();
            let message = format!("`{word}` begins no line of a feature file");
            let expected = "a step (Given, When, Then, And, But), a table, a tag, Scenario:, Scenario Outline:, \
                            Examples: or Rule:";
            return Some(text.line_problem(line, message, expected.to_owned()));
        }
    }
    None
}

/// What the crate told, where nothing better is known.
fn at_position(text: &Text<'_>, error: &str) -> Problem {
    let place = error.strip_prefix("Error at ").and_then(|rest| rest.split_once(": "));
    let (line, column) = place.and_then(|(place, _)| place.split_once(':')).unwrap_or(("1", "1"));
    let (line, column) = (line.parse().unwrap_or(1), column.parse().unwrap_or(1));
    text.problem(
        line,
        column,
        1,
        "this is not Gherkin".to_owned(),
        "a feature with scenarios and steps".to_owned(),
    )
}
