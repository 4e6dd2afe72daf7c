//! Feature files: found, read, checked, expanded. What comes out is ready to run.
//!
//! | room | what |
//! |---|---|
//! | [`source`] | where the texts come from: the binary, a folder, the command line |
//! | `document` | a file as it stands, with the place of each tag, step and cell |
//! | `explain` | why a file could not be read |
//! | `outline` | `$name` filled from examples |
//! | `tags` | what tags may say |
//! | [`expression`] | `--tags` |
//! | [`gherkin_form`] | scenarios in the form that cucumber takes |
//! | [`ladders`] | tables of rows, read before anything runs |
//! | [`scenario`] | what comes out: one outline row, one version of IP |

mod document;
mod explain;
pub mod expression;
pub mod gherkin_form;
pub mod ladders;
mod outline;
pub mod scenario;
pub mod source;
mod tags;
mod text;

use std::collections::BTreeMap;
use std::sync::Arc;

use self::document::Document;
use self::outline::Expanded;
use self::text::Text;
use crate::problem::{Place, Problem};

pub use self::expression::TagExpression;
pub use self::gherkin_form::Loaded;
pub use self::scenario::{Cell, Scenario, Step, StepKind, Table, TableRow};
pub use self::source::Source;

/// Reads feature files: each scenario once for each outline row and version of IP, in the order of the files.
///
/// # Errors
///
/// All that is wrong with them, each with its place: what is no Gherkin, unknown tags, placeholders that nothing
/// fills, ids that stand there twice.
pub fn load(sources: &[Source]) -> Result<Vec<Scenario>, Vec<Problem>> {
    let (mut scenarios, mut problems) = (Vec::new(), Vec::new());
    let mut places = BTreeMap::new();
    for source in sources {
        let text = Text::new(&source.file, &source.text);
        match Document::read(&text) {
            Ok(document) => scenarios.extend(file(source, &text, &document, &mut places, &mut problems)),
            Err(wrong) => problems.extend(wrong),
        }
    }
    if problems.is_empty() { Ok(scenarios) } else { Err(problems) }
}

/// The scenarios of one file.
fn file(
    source: &Source,
    text: &Text<'_>,
    document: &Document,
    places: &mut BTreeMap<String, String>,
    problems: &mut Vec<Problem>,
) -> Vec<Scenario> {
    let mut scenarios = Vec::new();
    let (feature, file): (Arc<str>, Arc<str>) = (document.name.as_str().into(), source.file.as_str().into());
    if document.scenarios.is_empty() {
        let (message, expected) = ("this feature has no scenario", "`Scenario: its name` below it");
        problems.push(text.line_problem(document.line, message.to_owned(), expected.to_owned()));
    }
    for outline in &document.scenarios {
        if slug(&outline.name).is_empty() {
            let (message, expected) = ("this scenario has no name", "words, which its id is made of");
            problems.push(text.line_problem(outline.line, message.to_owned(), expected.to_owned()));
            continue;
        }
        let id = format!("{}/{}", source.stem, slug(&outline.name));
        let place = format!("{}:{}", source.file, outline.line);
        if let Some(first) = places.insert(id.clone(), place) {
            let message = format!("two scenarios have the id {id}");
            problems.push(text.line_problem(
                outline.line,
                message,
                format!("another name than the one at {first}"),
            ));
        }
        let before = problems.len();
        let all = outline::expand(outline, text, problems);
        let is_sound = problems.len() == before;
        for expanded in all {
            let common = Common { id: &id, feature: &feature, file: &file, text };
            match common.scenarios(expanded) {
                Ok(some) => {
                    // Both versions of IP have the same ladders.
                    let first = some.first().filter(|_| is_sound);
                    let wrong = first.map_or_else(Vec::new, ladders::check);
                    wrong.into_iter().for_each(|problem| add(problem, problems));
                    scenarios.extend(some);
                }
                Err(wrong) => wrong.into_iter().for_each(|problem| add(problem, problems)),
            }
        }
    }
    scenarios
}

/// Adds a problem unless another row or version of IP told it before.
fn add(problem: Problem, problems: &mut Vec<Problem>) {
    if !problems.contains(&problem) {
        problems.push(problem);
    }
}

/// What the scenarios of one outline have in common.
struct Common<'c, 'a> {
    id: &'c str,
    feature: &'c Arc<str>,
    file: &'c Arc<str>,
    text: &'c Text<'a>,
}

impl Common<'_, '_> {
    /// One scenario for each version of IP.
    fn scenarios(&self, expanded: Expanded) -> Result<Vec<Scenario>, Vec<Problem>> {
        let meaning = tags::meaning(&expanded.tags, expanded.line, self.text)?;
        let id = expanded.row.map_or_else(|| self.id.to_owned(), |row| format!("{}#{row}", self.id));
        let mut names: Vec<String> = expanded.tags.iter().map(|tag| tag.name.clone()).collect();
        names.dedup();
        let scenario = |ip| Scenario {
            id: format!("{id}/{}", crate::report::IpVersion::word(ip)),
            feature: self.feature.clone(),
            name: expanded.name.clone(),
            file: self.file.clone(),
            line: expanded.line,
            ip,
            row: expanded.row,
            tags: names.clone(),
            clauses: meaning.clauses.clone(),
            level: meaning.level,
            steps: expanded.steps.clone(),
        };
        Ok(meaning.versions.iter().copied().map(scenario).collect())
    }
}

/// The tags of an expression that no scenario bears and none may bear: slips of the pen. `name` is what to call the
/// expression, `--tags`.
pub fn unknown_tags(expression: &str, name: &str, scenarios: &[Scenario]) -> Vec<Problem> {
    let is_borne = |tag: &str| {
        scenarios.iter().any(|scenario| match tag.strip_suffix('*') {
            Some(start) => scenario.tags.iter().any(|own| own.starts_with(start)),
            None => scenario.has_tag(tag),
        })
    };
    let problem = |(column, tag): (usize, String)| {
        let expected = "a tag of a scenario, as `wireproof list` shows them, a clause such as @rfc9293-3.5, @ipv4, \
                        @ipv6, @exact, or with `*` at its end the beginning of some";
        let (file, text, width) = (name.to_owned(), expression.to_owned(), tag.chars().count() + 1);
        let place = Place { file, line: 1, column, width, text };
        Problem::new(format!("no scenario has the tag @{tag}"), expected).at(place)
    };
    let named = TagExpression::named(expression).into_iter();
    named.filter(|(_, tag)| !tags::is_possible(tag) && !is_borne(tag)).map(problem).collect()
}

/// A name as part of an id: lower case, a hyphen for whatever is no letter or digit.
pub fn slug(name: &str) -> String {
    let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests;
