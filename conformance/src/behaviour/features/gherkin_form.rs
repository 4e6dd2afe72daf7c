//! Scenarios in the form that cucumber takes.

use std::collections::BTreeMap;

use cucumber::cli;
use cucumber::parser::Result as ParserResult;
use futures::stream;
use gherkin::{LineCol, Span};

use super::scenario::{Scenario, Step, StepKind, Table};

/// A [`cucumber::Parser`] whose input was loaded, checked and expanded before: see [`load`](super::load).
///
/// Each scenario's name is its id, by which a world finds the [`Scenario`] with its places again.
#[derive(Clone, Copy, Debug, Default)]
pub struct Loaded;

impl cucumber::Parser<Vec<Scenario>> for Loaded {
    type Cli = cli::Empty;
    type Output = stream::Iter<std::vec::IntoIter<ParserResult<gherkin::Feature>>>;

    fn parse(self, scenarios: Vec<Scenario>, _: cli::Empty) -> Self::Output {
        stream::iter(features(&scenarios).into_iter().map(Ok).collect::<Vec<_>>())
    }
}

/// One feature for each file, in the order of the scenarios.
pub fn features(scenarios: &[Scenario]) -> Vec<gherkin::Feature> {
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut features: Vec<gherkin::Feature> = Vec::new();
    for scenario in scenarios {
        let place = *places.entry(&scenario.file).or_insert(features.len());
        if place == features.len() {
            features.push(feature(scenario));
        }
        if let Some(feature) = features.get_mut(place) {
            feature.scenarios.push(gherkin_scenario(scenario));
        }
    }
    features
}

fn feature(scenario: &Scenario) -> gherkin::Feature {
    gherkin::Feature {
        keyword: "Feature".to_owned(),
        name: scenario.feature.to_string(),
        description: None,
        background: None,
        scenarios: Vec::new(),
        rules: Vec::new(),
        tags: Vec::new(),
        span: Span::default(),
        position: LineCol { line: 1, col: 1 },
        path: Some(scenario.file.as_ref().into()),
    }
}

/// One scenario; its name is its id.
pub fn gherkin_scenario(scenario: &Scenario) -> gherkin::Scenario {
    gherkin::Scenario {
        keyword: "Scenario".to_owned(),
        name: scenario.id.clone(),
        description: Some(scenario.name.clone()),
        steps: scenario.steps.iter().map(gherkin_step).collect(),
        examples: Vec::new(),
        tags: scenario.tags.clone(),
        span: Span::default(),
        position: LineCol { line: scenario.line, col: 1 },
    }
}

/// One step; its position is that of its text.
pub fn gherkin_step(step: &Step) -> gherkin::Step {
    gherkin::Step {
        keyword: step.keyword.clone(),
        ty: match step.kind {
            StepKind::Given => gherkin::StepType::Given,
            StepKind::When => gherkin::StepType::When,
            StepKind::Then => gherkin::StepType::Then,
        },
        value: step.text.clone(),
        docstring: step.docstring.clone(),
        table: step.table.as_ref().map(gherkin_table),
        span: Span::default(),
        position: LineCol { line: step.line, col: step.column },
    }
}

fn gherkin_table(table: &Table) -> gherkin::Table {
    let cells = |row: &super::TableRow| row.cells.iter().map(|cell| cell.text.clone()).collect();
    let line = table.rows.first().map_or(0, |row| row.line);
    gherkin::Table {
        rows: table.rows.iter().map(cells).collect(),
        span: Span::default(),
        position: LineCol { line, col: 1 },
    }
}
