//! A feature file as it stands: what the `gherkin` crate read, with the place of each tag, step and cell.
//!
//! The crate decides what Gherkin is. It tells no columns, cuts rows that are too long and explains little, so
//! that places are found again in the text, and [`explain`](super::explain) says what it could not read.

use super::explain::explain;
use super::scenario::{Step, StepKind, Table};
use super::text::Text;
use crate::problem::Problem;

/// A feature file.
#[derive(Debug)]
pub(super) struct Document {
    /// The feature's name.
    pub(super) name: String,
    /// Where it begins.
    pub(super) line: usize,
    /// All scenarios, those of rules too, with the backgrounds that hold for them.
    pub(super) scenarios: Vec<Outline>,
}

/// A scenario before its expansion.
#[derive(Debug)]
pub(super) struct Outline {
    pub(super) name: String,
    pub(super) line: usize,
    /// The feature's tags, the rule's, its own.
    pub(super) tags: Vec<Tag>,
    /// Steps of the backgrounds, then its own.
    pub(super) steps: Vec<Step>,
    pub(super) examples: Vec<Examples>,
    /// Written as an outline, so that examples are due.
    pub(super) is_outline: bool,
}

/// A table of examples.
#[derive(Debug)]
pub(super) struct Examples {
    pub(super) line: usize,
    pub(super) tags: Vec<Tag>,
    pub(super) table: Table,
}

/// A tag and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Tag {
    /// Without `@`.
    pub(super) name: String,
    pub(super) line: usize,
    pub(super) column: usize,
}

impl Document {
    /// Reads a feature file's text.
    pub(super) fn read(text: &Text<'_>) -> Result<Self, Vec<Problem>> {
        let feature = parse(text).map_err(|problem| vec![problem])?;
        let mut reader = Reader { text, problems: Vec::new() };
        let document = reader.feature(&feature);
        if reader.problems.is_empty() { Ok(document) } else { Err(reader.problems) }
    }
}

/// Lets the `gherkin` crate read. Its grammar is generated code: should it panic on some text, that text is unreadable.
fn parse(text: &Text<'_>) -> Result<gherkin::Feature, Problem> {
    let read = || gherkin::Feature::parse(text.source, gherkin::GherkinEnv::default());
    match std::panic::catch_unwind(read) {
        Ok(Ok(feature)) => Ok(feature),
        Ok(Err(error)) => Err(explain(text, &error.to_string())),
        Err(_) => Err(explain(text, "")),
    }
}

struct Reader<'t, 'a> {
    text: &'t Text<'a>,
    problems: Vec<Problem>,
}

impl Reader<'_, '_> {
    fn feature(&mut self, feature: &gherkin::Feature) -> Document {
        let line = self.keyword_line(feature.span.start);
        let tags = self.tags(&feature.tags, line);
        let background = self.background(feature.background.as_ref());
        let mut scenarios = Vec::new();
        for scenario in &feature.scenarios {
            scenarios.push(self.scenario(scenario, &tags, &background));
        }
        for rule in &feature.rules {
            let mut rule_tags = tags.clone();
            rule_tags.extend(self.tags(&rule.tags, self.keyword_line(rule.span.start)));
            let mut steps = background.clone();
            steps.extend(self.background(rule.background.as_ref()));
            for scenario in &rule.scenarios {
                scenarios.push(self.scenario(scenario, &rule_tags, &steps));
            }
        }
        Document { name: feature.name.clone(), line, scenarios }
    }

    fn background(&mut self, background: Option<&gherkin::Background>) -> Vec<Step> {
        background.map_or_else(Vec::new, |background| self.steps(&background.steps))
    }

    fn scenario(&mut self, scenario: &gherkin::Scenario, above: &[Tag], background: &[Step]) -> Outline {
        let line = self.keyword_line(scenario.span.start);
        let mut tags = above.to_vec();
        tags.extend(self.tags(&scenario.tags, line));
        let mut steps = background.to_vec();
        steps.extend(self.steps(&scenario.steps));
        if scenario.steps.is_empty() {
            let message = format!("the scenario `{}` has no steps", scenario.name);
            self.problems.push(self.text.line_problem(
                line,
                message,
                "Given, When and Then below it".to_owned(),
            ));
        }
        self.description(scenario.description.as_deref(), line);
        let examples: Vec<Examples> =
            scenario.examples.iter().map(|examples| self.examples(examples)).collect();
        let is_outline = scenario.keyword.contains("Outline") || scenario.keyword.contains("Template");
        Outline { name: scenario.name.clone(), line, tags, steps, examples, is_outline }
    }

    /// A description is free text, so that a first step with a misspelt keyword looks like one, and a table below it too.
    fn description(&mut self, description: Option<&str>, scenario: usize) {
        let Some(description) = description else { return };
        for written in description.lines() {
            let last = self.text.lines();
            let found = (scenario + 1..=last).find(|line| self.text.line(*line).trim() == written.trim());
            let Some(line) = found else { continue };
            let word = written.split_whitespace().next().unwrap_or_default();
            if word.starts_with('|') || misspelt(word) {
                let message =
                    format!("`{word}` begins no step, so that this line would be taken for a description");
                let expected = "Given, When, Then, And or But".to_owned();
                self.problems.push(self.text.line_problem(line, message, expected));
            }
        }
    }

    fn examples(&mut self, examples: &gherkin::Examples) -> Examples {
        let line = self.keyword_line(examples.span.start);
        let tags = self.tags(&examples.tags, line);
        let table = self.table(examples.table.as_ref()).unwrap_or_default();
        if table.rows.len() < 2 {
            let message = "these examples have no row".to_owned();
            let expected = "a header row and a row for each example".to_owned();
            self.problems.push(self.text.line_problem(line, message, expected));
        }
        Examples { line, tags, table }
    }

    fn steps(&mut self, steps: &[gherkin::Step]) -> Vec<Step> {
        steps.iter().map(|step| self.step(step)).collect()
    }

    fn step(&mut self, step: &gherkin::Step) -> Step {
        // A step's span may begin at a comment above it; it ends with its own line.
        let line = self.text.line_at(step.span.end.saturating_sub(1));
        let length = self.text.line(line).trim_end().chars().count();
        let column = length.saturating_sub(step.value.chars().count()) + 1;
        let kind = match step.ty {
            gherkin::StepType::Given => StepKind::Given,
            gherkin::StepType::When => StepKind::When,
            gherkin::StepType::Then => StepKind::Then,
        };
        Step {
            kind,
            keyword: step.keyword.trim().to_owned(),
            text: step.value.clone(),
            line,
            column,
            docstring: step.docstring.as_ref().map(|text| text.trim_start_matches(['\r', '\n']).to_owned()),
            table: self.table(step.table.as_ref()),
        }
    }

    fn table(&mut self, table: Option<&gherkin::Table>) -> Option<Table> {
        let span = table?.span;
        let rows = self.text.rows(span.start, span.end);
        let width = rows.first().map_or(0, |header| header.cells.len());
        for row in rows.iter().filter(|row| row.cells.len() != width) {
            let message =
                format!("this row has {} cells, the first one of the table has {width}", row.cells.len());
            let expected = format!("{width} cells; write `\\|` for a bar inside a cell");
            self.problems.push(self.text.line_problem(row.line, message, expected));
        }
        Some(Table { rows })
    }

    /// The line of the keyword at or behind `offset`: a span may begin at comments and blank lines above it.
    fn keyword_line(&self, offset: usize) -> usize {
        let first = self.text.line_at(offset);
        let is_keyword = |line: &usize| {
            let text = self.text.line(*line).trim();
            !text.is_empty() && !text.starts_with(['#', '@'])
        };
        (first..=self.text.lines()).find(is_keyword).unwrap_or(first)
    }

    /// The places of `names`, which stand in the lines right above the line `below`.
    fn tags(&self, names: &[String], below: usize) -> Vec<Tag> {
        let is_above = |line: &usize| {
            let text = self.text.line(*line).trim();
            text.is_empty() || text.starts_with(['#', '@'])
        };
        let first = (1..below).rev().take_while(is_above).last().unwrap_or(below);
        let lines = (first..below).filter(|line| self.text.line(*line).trim_start().starts_with('@'));
        let found: Vec<Tag> = lines.flat_map(|line| tags_of(self.text.line(line), line)).collect();
        let at = |name: &String| found.iter().find(|tag| tag.name == *name).cloned();
        names
            .iter()
            .map(|name| at(name).unwrap_or(Tag { name: name.clone(), line: below, column: 1 }))
            .collect()
    }
}

/// The tags of one line.
fn tags_of(text: &str, line: usize) -> Vec<Tag> {
    let chars: Vec<char> = text.chars().collect();
    let is_end = |c: &char| c.is_whitespace() || *c == '@';
    let starts = chars.iter().enumerate().filter(|(_, c)| **c == '@').map(|(index, _)| index);
    let name = |start: usize| chars.iter().skip(start + 1).take_while(|c| !is_end(c)).collect();
    starts.map(|start| Tag { name: name(start), line, column: start + 1 }).collect()
}

/// Whether a word looks like a step's keyword with a slip in it.
fn misspelt(word: &str) -> bool {
    const KEYWORDS: [&str; 5] = ["Given", "When", "Then", "And", "But"];
    let slips = |keyword: &&str| word.eq_ignore_ascii_case(keyword) || is_one_slip(word, keyword);
    word.chars().next().is_some_and(char::is_uppercase) && KEYWORDS.iter().any(slips)
        || KEYWORDS.iter().any(|keyword| word.eq_ignore_ascii_case(keyword))
}

/// One letter too many, too few, another, or two swapped, in words of four letters and more.
fn is_one_slip(word: &str, keyword: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (word.chars().collect(), keyword.chars().collect());
    if b.len() < 4 || a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let same = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let (rest_a, rest_b) = (a.get(same..).unwrap_or_default(), b.get(same..).unwrap_or_default());
    let swapped = matches!((rest_a, rest_b), ([x, y, r @ ..], [v, w, s @ ..]) if x == w && y == v && r == s);
    let other = rest_a.get(1..) == rest_b.get(1..) && !rest_a.is_empty();
    swapped || other || rest_a.get(1..) == Some(rest_b) || rest_b.get(1..) == Some(rest_a)
}
