//! The file of `--expected`, written: sorted by id, the same for the same outcomes. Comments and reasons of entries that
//! stay are kept, and an entry whose `*` fits stays as it is.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, Value, value};

use super::read::{self, VERSION};
use super::{Came, Expected, Outcome, VERSIONS, came, without_ip};
use crate::problem::Problem;
use crate::report::model::Report;

/// What stands at the head of a new list.
const HEAD: &str = "\
# What does not pass today, for `wireproof run --expected`. Outcomes are written by `wireproof run --write-expected`, which
# keeps comments above entries, and reasons.
version = 1
";
/// The keys of an entry, in their order.
const KEYS: [&str; 8] = ["id", "verdict", "clause", "row", "got", "rules", "lacks", "reason"];

/// How a list has changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// How many entries it has.
    pub entries: usize,
    /// How many scenarios were not in it.
    pub new: usize,
    /// How many were in it with another outcome.
    pub changed: usize,
    /// How many are not in it any more.
    pub removed: usize,
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { entries, new, changed, removed } = self;
        write!(
            f,
            "{entries} entries; of the scenarios {new} are new in it, {changed} changed, {removed} taken out"
        )
    }
}

/// An outcome, and the entry from which comments and reason come.
#[derive(Clone)]
struct Kept {
    outcome: Outcome,
    /// Its number in the old file.
    old: Option<usize>,
}

/// Sees before anything runs that a list can be written there, and that what is there is one.
///
/// # Errors
/// If there is something else, or no folder.
pub fn prepare(path: &Path) -> Result<(), Problem> {
    if path.exists() {
        return read::load(path).map(drop);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    match folder {
        Some(folder) if !folder.is_dir() => {
            let message = format!("no folder `{}`", folder.display());
            Err(Problem::new(message, "a file in a folder that is there, after --write-expected"))
        }
        Some(_) | None => Ok(()),
    }
}

/// Writes what came out into the list at `path`. Of a run of the whole suite nothing else stays in it; of a run of some
/// scenarios, the entries of the others do, as do those of scenarios of which nothing can be said.
///
/// # Errors
/// If there is a list that cannot be read, or it cannot be written.
pub fn write(path: &Path, report: &Report, is_whole: bool) -> Result<Written, Problem> {
    let old = if path.exists() { Some(read::load(path)?) } else { None };
    let (text, written) = text(old.as_ref().map(|(list, text)| (list, text.as_str())), report, is_whole)?;
    std::fs::write(path, text).map_err(|error| {
        let message = format!("cannot write `{}`: {error}", path.display());
        Problem::new(message, "a file that can be written, after --write-expected")
    })?;
    Ok(written)
}

/// The list as text, and how it has changed.
///
/// # Errors
/// If the old one is no TOML, which [`read`] would have told.
pub fn text(
    old: Option<(&Expected, &str)>,
    report: &Report,
    is_whole: bool,
) -> Result<(String, Written), Problem> {
    let nothing = Expected::default();
    let (list, source) = old.unwrap_or((&nothing, HEAD));
    let mut document: DocumentMut = source.parse().map_err(|error: toml_edit::TomlError| {
        Problem::new(error.message().to_owned(), "a list that is TOML")
    })?;
    let tables: Vec<Table> = match document.remove("scenario") {
        Some(Item::ArrayOfTables(tables)) => tables.into_iter().collect(),
        _ => Vec::new(),
    };
    let (kept, mut written) = outcomes(list, &tables, report, is_whole);
    let mut array = ArrayOfTables::new();
    for (place, (id, kept)) in folded(kept, &tables).into_iter().enumerate() {
        let old = kept.old.and_then(|old| tables.get(old)).cloned();
        array.push(entry(old, &id, &kept.outcome, place + 1));
    }
    written.entries = array.len();
    put(&mut document, "version", Some(VERSION.into()));
    if is_whole {
        let rules: BTreeSet<String> = report.unshown.iter().map(|unshown| unshown.rule.clone()).collect();
        put(
            &mut document,
            "unshown-rules",
            (!rules.is_empty()).then(|| Value::Array(rules.iter().collect())),
        );
    }
    if !array.is_empty() {
        document.insert("scenario", Item::ArrayOfTables(array));
    }
    Ok((document.to_string(), written))
}

/// What is listed from now on, by id with the version of IP.
fn outcomes(
    list: &Expected,
    tables: &[Table],
    report: &Report,
    is_whole: bool,
) -> (BTreeMap<String, Kept>, Written) {
    let numbers: BTreeMap<&str, usize> =
        tables.iter().enumerate().filter_map(|(at, table)| Some((table.get("id")?.as_str()?, at))).collect();
    let known = list.entries.iter().map(|(id, entry)| {
        let old = numbers.get(entry.id.as_str()).copied();
        (id.clone(), Kept { outcome: entry.outcome.clone(), old })
    });
    let mut kept: BTreeMap<String, Kept> = known.collect();
    let mut written = Written::default();
    for scenario in &report.scenarios {
        match (came(scenario), kept.get_mut(&scenario.id)) {
            (Came::Unknown, _) | (Came::Fine, None) => {}
            (Came::Fine, Some(_)) => {
                kept.remove(&scenario.id);
                written.removed += 1;
            }
            (Came::Odd(found), Some(own)) => {
                if !own.outcome.is_as(&found) {
                    own.outcome = found;
                    written.changed += 1;
                }
            }
            (Came::Odd(found), None) => {
                kept.insert(scenario.id.clone(), Kept { outcome: found, old: None });
                written.new += 1;
            }
        }
    }
    if is_whole {
        written.removed += list.gone(report).len();
        let there: BTreeSet<&str> = report.scenarios.iter().map(|own| own.id.as_str()).collect();
        kept.retain(|id, _| there.contains(id.as_str()));
    }
    (kept, written)
}

/// Both versions of IP as one entry where they come out alike, unless the user keeps them apart; sorted.
fn folded(kept: BTreeMap<String, Kept>, tables: &[Table]) -> Vec<(String, Kept)> {
    let mut pairs: BTreeMap<String, Vec<(String, Kept)>> = BTreeMap::new();
    for (id, own) in kept {
        pairs.entry(without_ip(&id).to_owned()).or_default().push((id, own));
    }
    let told =
        |own: &Kept| own.old.and_then(|old| tables.get(old)).and_then(|table| table.get("id")?.as_str());
    let mut all: Vec<(String, Kept)> = Vec::new();
    for (both, mut pair) in pairs {
        let is_one = match pair.as_slice() {
            [(_, one), (_, other)] => {
                let is_apart = one.old.is_some() && other.old.is_some() && one.old != other.old;
                !is_apart && is_alike(one, other)
            }
            _ => false,
        };
        if is_one && let Some((_, own)) = pair.iter().find(|(_, own)| told(own).is_some()).or(pair.first()) {
            all.push((both, own.clone()));
        } else {
            all.append(&mut pair);
        }
    }
    all.sort_by(|(one, _), (other, _)| in_order(one, other));
    all
}

/// Whether one entry can stand for both: they say the same, or what is new fits what the user wrote.
fn is_alike(one: &Kept, other: &Kept) -> bool {
    let fits = |own: &Kept, new: &Kept| new.old.is_none() && own.outcome.is_as(&new.outcome);
    one.outcome == other.outcome || fits(one, other) || fits(other, one)
}

/// By file and slug, then by the number of the outline's row, then by the version of IP.
fn in_order(one: &str, other: &str) -> Ordering {
    let key = |id: &str| {
        let (text, row) = without_ip(id).split_once('#').unwrap_or((without_ip(id), ""));
        let version = VERSIONS.iter().position(|version| id.ends_with(version));
        (text.to_owned(), row.parse::<usize>().ok(), version)
    };
    key(one).cmp(&key(other))
}

/// An entry as a table, made of the old one.
fn entry(old: Option<Table>, id: &str, outcome: &Outcome, place: usize) -> Table {
    let is_new = old.is_none();
    let mut table = old.unwrap_or_default();
    let Outcome { verdict, clause, row, got, rules, lacks } = outcome;
    let text = |text: &Option<String>| text.as_deref().map(Value::from);
    let rules = (!rules.is_empty()).then(|| Value::Array(rules.iter().collect::<Array>()));
    put(&mut table, "id", Some(id.into()));
    put(&mut table, "verdict", Some(verdict.text().into()));
    put(&mut table, "clause", clause.as_ref().map(|clause| clause.tag().into()));
    put(&mut table, "row", text(row));
    put(&mut table, "got", text(got));
    put(&mut table, "rules", rules);
    put(&mut table, "lacks", text(lacks));
    let order = |key: &str| KEYS.iter().position(|known| *known == key).unwrap_or(KEYS.len());
    table.sort_values_by(|one, _, other, _| order(one.get()).cmp(&order(other.get())));
    table.set_position(isize::try_from(place).ok());
    if is_new {
        table.decor_mut().set_prefix("\n");
    }
    table
}

/// Sets a value, keeping the comment behind it; takes it out where there is none.
fn put(table: &mut Table, key: &str, new: Option<Value>) {
    let Some(mut new) = new else {
        table.remove(key);
        return;
    };
    if let Some(old) = table.get(key).and_then(Item::as_value) {
        // What says the same stays as the user wrote it.
        if plain(old) == plain(&new) {
            return;
        }
        *new.decor_mut() = old.decor().clone();
    }
    table.insert(key, value(new));
}

/// A value without blanks and comments around it.
fn plain(own: &Value) -> String {
    let mut own = own.clone();
    own.decor_mut().clear();
    match own {
        Value::String(text) => text.into_value(),
        other => other.to_string(),
    }
}
