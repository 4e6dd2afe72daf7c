//! A scenario as it will run: one outline row over one version of IP, each step and cell with its place.

use serde::{Deserialize, Serialize};
use std::sync::Arc;

use crate::notation::Over;
use crate::report::{IpVersion, Level};
use crate::requirement::Clause;

/// A scenario as it will run.
#[derive(Clone, Debug, Serialize, Deserialize)]
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

    /// The versions of IP that the scenario as written runs over: both if it is tagged with neither.
    pub fn over(&self) -> Over {
        let (ipv4, ipv6) = (self.has_tag("ipv4"), self.has_tag("ipv6"));
        Over { ipv4: ipv4 || !ipv6, ipv6: ipv6 || !ipv4 }
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StepKind {
    /// Set-up: what does not hold makes the scenario inconclusive.
    Given,
    /// An action.
    When,
    /// An expectation.
    Then,
}

/// A step.
#[derive(Clone, Debug, Serialize, Deserialize)]
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
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Table {
    /// The rows, the header row first.
    pub rows: Vec<TableRow>,
}

/// A row of a table.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TableRow {
    /// Line in the file, from 1.
    pub line: usize,
    /// The cells from left to right.
    pub cells: Vec<Cell>,
    /// The whole line as it is written, placeholders not filled.
    pub written: Arc<str>,
}

impl TableRow {
    /// Where the character at `offset` of a cell stands, and how many characters are meant; if the cell was filled from
    /// an example, the place of its placeholder, whose name is given.
    pub fn column_of(&self, cell: &Cell, offset: usize, width: usize) -> (usize, usize, Option<String>) {
        let behind: String = self.written.chars().skip(cell.column.saturating_sub(1)).collect();
        // A cell with escapes in it is longer in the file than its text; its beginning is right all the same.
        let bare = behind.replace("\\|", "|").replace("\\\\", "\\");
        if behind.starts_with(&cell.text) || bare.starts_with(&cell.text) {
            return (cell.column + offset, width, None);
        }
        let placeholder = behind.split('|').next().unwrap_or_default().trim_end().to_owned();
        (cell.column, placeholder.chars().count(), Some(placeholder))
    }
}

/// A cell of a table.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Cell {
    /// The text: without the blanks around it, escapes resolved, placeholders filled.
    pub text: String,
    /// Column of the text in the file, in characters, from 1.
    pub column: usize,
}
