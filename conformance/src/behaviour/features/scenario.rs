//! A scenario as it will run: one outline row over one version of IP, each step and cell with its place.

use std::sync::Arc;

use crate::report::{IpVersion, Level};
use crate::requirement::Clause;

/// A scenario as it will run.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Stable name: file, slug, outline row, version of IP; `tcp/handshake/a-passive-open#2/ipv4`.
    pub id: String,
    /// Name of the feature.
    pub feature: Arc<str>,
    /// Name of the scenario, placeholders filled.
    pub name: String,
    /// The file as the user knows it, `features/tcp/handshake.feature`.
    pub file: Arc<str>,
    /// Line of the scenario, or of its outline row, from 1.
    pub line: usize,
    /// The version of IP.
    pub ip: IpVersion,
    /// Number of the outline row, from 1; none outside outlines.
    pub row: Option<usize>,
    /// All tags that hold, without `@`: the feature's, the rule's, the scenario's, the examples'.
    pub tags: Vec<String>,
    /// The clauses among the tags; at least one.
    pub clauses: Vec<Clause>,
    /// The strictest level of the clauses.
    pub level: Level,
    /// Background steps first, placeholders filled.
    pub steps: Vec<Step>,
}

impl Scenario {
    /// True if `tag`, without `@`, holds for this scenario.
    pub fn has_tag(&self, tag: &str) -> bool {
        self.tags.iter().any(|own| own == tag)
    }

    /// The id without the version of IP: one for both.
    pub fn id_without_ip(&self) -> &str {
        self.id.rsplit_once('/').map_or(&self.id, |(id, _)| id)
    }

    /// The id without outline row and version of IP: one for each scenario as written.
    pub fn stem(&self) -> &str {
        let id = self.id_without_ip();
        id.split_once('#').map_or(id, |(id, _)| id)
    }

    /// The tags and, whether tagged or not, the version of IP as one: what `--tags` is about.
    pub fn tags_and_ip(&self) -> Vec<String> {
        let mut tags: Vec<String> = self.tags.clone();
        tags.retain(|tag| tag != "ipv4" && tag != "ipv6");
        tags.push(self.ip.word().to_owned());
        tags
    }

    /// The clause to blame where a row names none: the strictest among the tags, the first of several.
    pub fn strictest_clause(&self) -> Option<&Clause> {
        self.clauses.iter().rev().max_by_key(|clause| crate::requirement::registry().level(clause))
    }
}

/// What a step's keyword means; `And` and `But` go on with the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// Set-up: what does not hold makes the scenario inconclusive.
    Given,
    /// An action.
    When,
    /// An expectation.
    Then,
}

/// A step.
#[derive(Clone, Debug)]
pub struct Step {
    /// What the keyword means.
    pub kind: StepKind,
    /// The keyword as written, `And`.
    pub keyword: String,
    /// The text behind the keyword.
    pub text: String,
    /// Line in the file, from 1.
    pub line: usize,
    /// Column of the text behind the keyword, in characters, from 1.
    pub column: usize,
    /// The doc string, if there is one.
    pub docstring: Option<String>,
    /// The table, if there is one: the header row first.
    pub table: Option<Table>,
}

/// A table; all rows are equally long.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// The rows, the header row first.
    pub rows: Vec<TableRow>,
}

/// A row of a table.
#[derive(Clone, Debug)]
pub struct TableRow {
    /// Line in the file, from 1.
    pub line: usize,
    /// The cells from left to right.
    pub cells: Vec<Cell>,
}

/// A cell of a table.
#[derive(Clone, Debug)]
pub struct Cell {
    /// The text: without the blanks around it, escapes resolved, placeholders filled.
    pub text: String,
    /// Column of the text in the file, in characters, from 1.
    pub column: usize,
}
