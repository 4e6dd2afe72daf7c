//! Scenarios made ready before anything runs: every step is found, every table is a program, everything that is wrong
//! is told with its place.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use cucumber::step::{Collection, Context, Location};
use regex::{CaptureLocations, Regex};
use wireproof_reference::time::Duration;

use super::act::{Act, Ends, Phrase, Reading, phrases};
use super::features::gherkin_form::gherkin_step;
use super::features::{Scenario, Step, StepKind, Table, ladders};
use super::planned::planned;
use super::world::{World, perform};
use crate::device::{Capability, Errno, OptionName, ShutdownHow};
use crate::exchange::{Program, Timing};
use crate::notation::{Action, CallText, CellError, Expectation, How, Known, Payload, Row, Verb};
use crate::problem::{Place, Problem};
use crate::report::IpVersion;

/// Scenarios that can run.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    pub(super) scenarios: Vec<Arc<Prepared>>,
}

/// A scenario that can run.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) scenario: Scenario,
    /// One for each step; both versions of IP share them.
    pub(super) steps: Arc<Vec<ReadyStep>>,
    /// What the device has to be able to do.
    pub(super) needs: Vec<Capability>,
    /// `@exact`: nothing is absorbed.
    pub(super) is_exact: bool,
}

/// A step that cucumber has found and that is read.
#[derive(Debug)]
pub(super) struct ReadyStep {
    pub(super) act: Act,
    /// Whether it is set-up: *Given*.
    pub(super) is_set_up: bool,
    /// Whether no later step takes what its exchange leaves over.
    pub(super) is_last: bool,
    pub(super) step: Arc<gherkin::Step>,
    pub(super) found: Found,
}

/// What cucumber found for a step.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) function: cucumber::Step<World>,
    pub(super) captures: CaptureLocations,
    pub(super) location: Option<Location>,
    pub(super) context: Context,
}

/// The phrases, compiled, and cucumber's collection of them.
struct Steps {
    phrases: Vec<(Phrase, Regex)>,
    collection: Collection<World>,
}

fn steps() -> &'static Steps {
    static STEPS: OnceLock<Steps> = OnceLock::new();
    STEPS.get_or_init(|| {
        let phrases: Vec<(Phrase, Regex)> = phrases()
            .into_iter()
            .map(|phrase| {
                let regex = phrase.regex();
                (phrase, regex)
            })
            .collect();
        let mut collection = Collection::new();
        for (_, regex) in &phrases {
            // Set-up and action may be worded alike; an expectation is one by its keyword alone.
            collection = collection
                .given(None, regex.clone(), perform)
                .when(None, regex.clone(), perform)
                .then(None, regex.clone(), perform);
        }
        Steps { phrases, collection }
    })
}

/// Makes scenarios ready.
///
/// # Errors
/// All that is wrong with their steps and tables, each with its place.
pub fn prepare(scenarios: Vec<Scenario>) -> Result<Plan, Vec<Problem>> {
    let (mut ready, mut problems) = (Vec::with_capacity(scenarios.len()), Vec::new());
    let mut known: BTreeMap<(String, bool), Arc<Vec<ReadyStep>>> = BTreeMap::new();
    for scenario in scenarios {
        match read_steps(&scenario, &mut known) {
            Ok(steps) => ready.push(Arc::new(Prepared::new(scenario, steps))),
            Err(wrong) => wrong.into_iter().for_each(|problem| {
                if !problems.contains(&problem) {
                    problems.push(problem);
                }
            }),
        }
    }
    if problems.is_empty() { Ok(Plan { scenarios: ready }) } else { Err(problems) }
}

impl Plan {
    /// How many scenarios there are.
    pub fn len(&self) -> usize {
        self.scenarios.len()
    }

    /// How long each is planned to last on a device of these times, by its id: as long as it may take a device that keeps
    /// every row. Neither what a device needs to get ready is in it, nor what comes behind a row that did not hold.
    pub fn planned(&self, timing: &Timing) -> impl Iterator<Item = (&str, Duration)> {
        self.scenarios.iter().map(|prepared| (prepared.scenario.id.as_str(), planned(prepared, timing)))
    }

    /// Those of them that are chosen, in their order.
    #[must_use]
    pub fn only(&self, is_chosen: impl Fn(&Scenario) -> bool) -> Self {
        let chosen = |prepared: &&Arc<Prepared>| is_chosen(&prepared.scenario);
        Self { scenarios: self.scenarios.iter().filter(chosen).cloned().collect() }
    }

    /// The same in pieces of so many scenarios, at least one.
    pub fn pieces(&self, size: usize) -> impl Iterator<Item = Self> {
        self.scenarios.chunks(size.max(1)).map(|scenarios| Self { scenarios: scenarios.to_vec() })
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.scenarios.is_empty()
    }
}

impl Prepared {
    fn new(scenario: Scenario, steps: Arc<Vec<ReadyStep>>) -> Self {
        let mut needs = BTreeSet::from([match scenario.ip {
            IpVersion::Ipv4 => Capability::Ipv4,
            IpVersion::Ipv6 => Capability::Ipv6,
        }]);
        steps.iter().for_each(|step| needs_of(&step.act, &mut needs));
        let is_exact = scenario.has_tag("exact");
        Self { scenario, steps, needs: needs.into_iter().collect(), is_exact }
    }
}

/// Reads the steps of a scenario. Both versions of IP have the same steps unless a phrase writes an option whose
/// default depends on it.
fn read_steps(
    scenario: &Scenario,
    known: &mut BTreeMap<(String, bool), Arc<Vec<ReadyStep>>>,
) -> Result<Arc<Vec<ReadyStep>>, Vec<Problem>> {
    let depends = scenario
        .steps
        .iter()
        .any(|step| [" with ", " to ", " from "].iter().any(|word| step.text.contains(word)));
    let suffix = format!("/{}", scenario.ip.word());
    let id = scenario.id.strip_suffix(&suffix).unwrap_or(&scenario.id).to_owned();
    let key = (id, depends && scenario.ip == IpVersion::Ipv6);
    if let Some(steps) = known.get(&key) {
        return Ok(steps.clone());
    }
    let mut labels = Known::over(scenario.over());
    let (mut steps, mut problems) = (Vec::with_capacity(scenario.steps.len()), Vec::new());
    for step in &scenario.steps {
        match read_step(scenario, step, &mut labels) {
            Ok(ready) => steps.push(ready),
            Err(problem) => problems.push(*problem),
        }
    }
    if problems.is_empty() {
        problems = unknown_connections(scenario, &steps);
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let last = steps
        .iter()
        .rposition(|step| matches!(step.act, Act::Exchange(_) | Act::Prepare { program: Some(_), .. }));
    for (index, step) in steps.iter_mut().enumerate() {
        step.is_last = Some(index) == last;
    }
    let steps = Arc::new(steps);
    known.insert(key, steps.clone());
    Ok(steps)
}

fn read_step(scenario: &Scenario, step: &Step, labels: &mut Known) -> Result<ReadyStep, Box<Problem>> {
    let problem = |(found, expected): (String, String)| {
        let indent = " ".repeat(step.column.saturating_sub(step.keyword.chars().count() + 2));
        let line = format!("{indent}{} {}", step.keyword, step.text);
        let place = place(scenario, step.line, step.column, step.text.chars().count(), &line);
        Box::new(Problem::new(found, expected).at(place))
    };
    let gherkin = gherkin_step(step);
    let found = match steps().collection.find(&gherkin) {
        Ok(Some((function, captures, location, context))) => {
            Found { function: *function, captures, location, context }
        }
        Ok(None) => return Err(problem((format!("no step reads `{}`", step.text), nearest(&step.text)))),
        Err(ambiguous) => {
            return Err(problem((format!("several steps read `{}`", step.text), ambiguous.to_string())));
        }
    };
    let phrase =
        steps().phrases.iter().find_map(|(phrase, regex)| Some((phrase, regex.captures(&step.text)?)));
    let Some((phrase, captures)) = phrase else {
        return Err(problem((format!("no step reads `{}`", step.text), nearest(&step.text))));
    };
    if step.docstring.is_some() {
        return Err(problem(("a doc string".to_owned(), "no doc string: no step takes one".to_owned())));
    }
    let program = match (&step.table, phrase.takes_table) {
        (Some(table), true) => Some(read_table(scenario, table, labels)?),
        (Some(_), false) => {
            return Err(problem((
                format!("a table below `{}`", step.text),
                "no table there: only `they exchange` takes one".to_owned(),
            )));
        }
        (None, true) => {
            return Err(problem((format!("no table below `{}`", step.text), "a table of rows".to_owned())));
        }
        (None, false) => None,
    };
    let reading = Reading { program: program.as_ref(), ip: scenario.ip };
    let act = (phrase.read)(&captures, &reading)
        .map_err(|(found, expected)| problem((format!("found {found}"), expected)))?;
    if let Act::NoLonger { after: Some(label), .. } = &act
        && !labels.has_label(label)
    {
        return Err(problem((
            format!("no row is labelled {label}"),
            "the label of an earlier row".to_owned(),
        )));
    }
    let is_set_up = step.kind == StepKind::Given;
    Ok(ReadyStep { act, is_set_up, is_last: false, step: Arc::new(gherkin), found })
}

/// Connections that rows and steps name and no step before them has introduced, or one twice.
fn unknown_connections(scenario: &Scenario, steps: &[ReadyStep]) -> Vec<Problem> {
    let mut known = BTreeSet::from([crate::exchange::DEFAULT_CONNECTION]);
    let mut problems = Vec::new();
    for (step, ready) in scenario.steps.iter().zip(steps) {
        let expected = |known: &BTreeSet<&str>, name: &str| {
            let names: Vec<&str> = known.iter().copied().collect();
            let example = format!("`connection {name} from another host port 4000`");
            format!("one of {}, or a step such as {example} above", names.join(", "))
        };
        let at_step = || step_place(scenario, step);
        match &ready.act {
            Act::Connect { connection } | Act::Prepare { connection, .. } => {
                known.insert(connection);
            }
            Act::Introduce { connection, ends } => {
                if let Ends::Reuse { of, .. } = ends
                    && !known.contains(of.as_str())
                {
                    let found = format!("there is no connection {of}");
                    problems.push(Problem::new(found, expected(&known, of)).at(at_step()));
                }
                if !known.insert(connection) {
                    let found = format!("connection {connection} is there already");
                    problems.push(Problem::new(found, "another name").at(at_step()));
                }
            }
            Act::Exchange(program) => {
                let Some(table) = &step.table else { continue };
                for (row, column, name, text) in program.rows().iter().flat_map(connections_named) {
                    if known.contains(name) {
                        continue;
                    }
                    let found = format!("no step has introduced a connection {name}");
                    let what = (found, expected(&known, name));
                    let problem = at_word(scenario, table, (row.place.row, column), &text, what);
                    if !problems.contains(&problem) {
                        problems.push(problem);
                    }
                }
            }
            Act::Listen { .. } | Act::FillsHoles | Act::NoLonger { .. } => {}
        }
    }
    problems
}

/// The connections that a row names: its own, and those of variables. Each with its column and the text there.
fn connections_named(row: &Row) -> Vec<(&Row, &'static str, &str, String)> {
    let own = row.conn.as_deref().map(|name| (row, "conn", name, name.to_owned()));
    let others = row.variables_of_others().into_iter();
    let others = others.map(|(name, term)| (row, "segment", name, term.to_string()));
    own.into_iter().chain(others).collect()
}

/// A problem with a word in the cell of a row, in the column of that title; with the whole cell if the word is empty.
fn at_word(
    scenario: &Scenario,
    table: &Table,
    (row, column): (usize, &str),
    word: &str,
    what: (String, String),
) -> Problem {
    let text = ladders::cell_of(table, row, column).map_or("", |cell| cell.text.as_str());
    let word = if word.is_empty() { text } else { word };
    let offset = CellError::word(text, word, "").offset;
    ladders::in_cell(scenario, table, (row, column), (offset, word.chars().count()), what)
}

fn read_table(scenario: &Scenario, table: &Table, labels: &mut Known) -> Result<Program, Box<Problem>> {
    let ladder =
        ladders::read(table, labels).map_err(|error| Box::new(ladders::problem(&error, table, scenario)))?;
    let program = Program::new(&ladder).map_err(|error| {
        let what = (format!("found {}", error.found), error.expected);
        Box::new(at_word(scenario, table, (error.place.row, "arrow"), "", what))
    })?;
    for row in program.rows() {
        let Action::Call(call) = &row.action else { continue };
        if let Some((found, word, known)) = unknown_word(call) {
            let expected = match known.as_slice() {
                [only] => only.clone(),
                several => format!("one of {}", several.join(", ")),
            };
            let what = (found, expected);
            return Err(Box::new(at_word(scenario, table, (row.place.row, "segment"), &word, what)));
        }
    }
    Ok(program)
}

/// An option, a value of one or an error that there is not, the word for it, and what there is. What an adapter calls an error of its own cannot
/// be written: a slip would look like a fault of the device.
fn unknown_word(call: &CallText) -> Option<(String, String, Vec<String>)> {
    if let Verb::Set { option, value } = &call.verb {
        match OptionName::from_word(option) {
            None => {
                let known = OptionName::ALL.iter().map(ToString::to_string).collect();
                return Some((format!("there is no option {option}"), option.clone(), known));
            }
            Some(OptionName::Congestion) => {}
            Some(_) if value.parse::<u64>().is_ok() => {}
            Some(_) => {
                let found = format!("{value} is no value of the option {option}");
                return Some((found, value.clone(), vec!["a number".to_owned()]));
            }
        }
    }
    if let Some(Expectation::Error(name)) = &call.expected
        && let Ok(Errno::Other(name)) = name.parse()
    {
        let known = Errno::KNOWN.iter().map(ToString::to_string).collect();
        return Some((format!("there is no error {name}"), name, known));
    }
    None
}

fn step_place(scenario: &Scenario, step: &Step) -> Place {
    let text = format!("{} {}", step.keyword, step.text);
    place(scenario, step.line, step.column, step.text.chars().count(), &text)
}

fn place(scenario: &Scenario, line: usize, column: usize, width: usize, text: &str) -> Place {
    Place { file: scenario.file.to_string(), line, column, width, text: text.to_owned() }
}

/// The phrases that are most like what was written.
fn nearest(text: &str) -> String {
    let words: BTreeSet<&str> = text.split_whitespace().collect();
    let likeness =
        |phrase: &Phrase| phrase.example.split_whitespace().filter(|word| words.contains(word)).count();
    let mut known: Vec<&Phrase> = steps().phrases.iter().map(|(phrase, _)| phrase).collect();
    known.sort_by_key(|phrase| std::cmp::Reverse(likeness(phrase)));
    let examples: Vec<String> = known.iter().take(3).map(|phrase| format!("`{}`", phrase.example)).collect();
    format!("a step such as {}", examples.join(", "))
}

/// What the device has to be able to do for a step.
fn needs_of(act: &Act, needs: &mut BTreeSet<Capability>) {
    match act {
        Act::Listen { .. } => needs.extend([Capability::Listen, Capability::Accept]),
        Act::Connect { .. } => {
            needs.insert(Capability::Connect);
        }
        Act::Prepare { wanted, .. } => {
            if wanted.is_opened_by_device() {
                needs.insert(Capability::Connect);
            } else if wanted.state != "CLOSED" {
                needs.extend([Capability::Listen, Capability::Accept]);
            }
            if wanted.acknowledged > 0 {
                needs.insert(Capability::Fill);
            }
            // Either way to close will do: the world sees which the device has.
        }
        Act::Exchange(program) => needs_of_program(program, needs),
        Act::Introduce { .. } | Act::NoLonger { .. } | Act::FillsHoles => {}
    }
}

fn needs_of_program(program: &Program, needs: &mut BTreeSet<Capability>) {
    for row in program.rows() {
        let Action::Call(call) = &row.action else { continue };
        match &call.verb {
            Verb::Listen { .. } => needs.extend([Capability::Listen, Capability::Accept]),
            Verb::Accept => needs.extend([Capability::Accept]),
            Verb::Connect { .. } => needs.extend([Capability::Connect]),
            Verb::Send(Payload::Literal(_)) => needs.extend([Capability::Send]),
            Verb::Send(Payload::Count(_)) => needs.extend([Capability::Fill]),
            Verb::SendUrgent(_) => needs.extend([Capability::Urgent]),
            Verb::Recv { .. } => needs.extend([Capability::Recv]),
            Verb::Shutdown(how) => needs.extend([crate::device::Call::Shutdown {
                socket: crate::device::SocketId(0),
                how: match how {
                    How::Write => ShutdownHow::Write,
                    How::Read => ShutdownHow::Read,
                    How::Both => ShutdownHow::Both,
                },
            }
            .needs()]),
            Verb::Close => needs.extend([Capability::Close]),
            Verb::Abort => needs.extend([Capability::Abort]),
            Verb::State => needs.extend([Capability::State]),
            Verb::Children => needs.extend([Capability::Children]),
            Verb::Set { option, .. } => {
                needs.extend(OptionName::from_word(option).map(Capability::Option));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stands between back-quotes on the page about steps.
    fn written() -> Vec<String> {
        // A phrase may go over the end of a line.
        let page = include_str!("STEPS.md").split_whitespace().collect::<Vec<_>>().join(" ");
        page.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    }

    #[test]
    fn every_phrase_is_told_on_the_page_about_steps() {
        let written = written();
        for (phrase, regex) in &steps().phrases {
            assert!(written.iter().any(|text| regex.is_match(text)), "{}", phrase.example);
            assert!(regex.is_match(phrase.example), "{}", phrase.example);
        }
    }

    #[test]
    fn every_step_on_the_page_is_read_by_just_one_phrase() {
        let is_step = |text: &&String| {
            ["the device ", "an ", "a ", "connection ", "they ", "no segment", "every "]
                .iter()
                .any(|word| text.starts_with(word))
        };
        let written = written();
        let found: Vec<&String> = written.iter().filter(is_step).collect();
        assert!(found.len() >= 18, "{found:?}");
        for text in found {
            let count = steps().phrases.iter().filter(|(_, regex)| regex.is_match(text)).count();
            assert_eq!(count, 1, "{text}");
        }
    }
}
