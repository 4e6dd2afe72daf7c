//! The file of `--expected`, read.
//!
//! ```toml
//! version = 1
//! unshown-rules = ["nagle"]              # rules that the profile says are broken, and no scenario shows; mostly none
//!
//! [[scenario]]                           # one for each scenario that does not pass
//! id = "tcp/reset/a-reset-is-silent/ipv4"  # without /ipv4 or /ipv6: both
//! verdict = "fail"                       # or: warning, not observed, unexpected pass, not applicable, inconclusive
//! clause = "rfc9293-3.5.2"               # what is broken; says so and is not compared
//! row = "<-- <SEQ=301><CTL=RST>"         # the row that does not hold; `*` stands for any text
//! got = "nothing"                        # what came instead, with the same freedom
//! rules = ["old-answered"]               # the rules of the judge that are broken, unless the profile knows of them
//! reason = "our ticket 123"              # yours; never written by the program, and kept by it
//!
//! [[scenario]]
//! id = "tcp/window/another"
//! verdict = "not applicable"
//! lacks = "option:sack"                  # the capability
//! ```
//!
//! What is left out is not there: without `row` the ladder holds, without `rules` no rule is broken.

use core::ops::Range;
use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

use super::{Entry, Expected, Outcome, VERSIONS, Word, without_ip};
use crate::oracle::RuleId;
use crate::problem::{Place, Problem};
use crate::requirement::{Clause, registry};

/// The version of the form that is read and written.
pub const VERSION: i64 = 1;
/// The longest list that is read, in octets.
pub const MAX_LIST: usize = 16 << 20;

/// Reads a list from a file; its text comes along.
///
/// # Errors
/// What cannot be read, or with line and column what is not as it should be.
pub fn load(path: &Path) -> Result<(Expected, String), Problem> {
    let file = path.display().to_string();
    let source = std::fs::read_to_string(path).map_err(|error| {
        let expected = format!("a list as `wireproof run --write-expected {file}` writes it");
        Problem::new(format!("cannot read `{file}`: {error}"), expected)
    })?;
    Ok((parse(&file, &source)?, source))
}

/// Reads a list; `file` is its name as the user knows it.
///
/// # Errors
/// What is not as it should be, with line, column, and what was expected.
pub fn parse(file: &str, source: &str) -> Result<Expected, Problem> {
    if source.len() > MAX_LIST {
        let message = format!("`{file}` has {} octets", source.len());
        return Err(Problem::new(message, format!("a list of at most {MAX_LIST} octets")));
    }
    let text = Text { file, source };
    let raw: RawList = toml::from_str(source).map_err(|error| Problem::of_toml(file, source, &error))?;
    let RawList { version, unshown_rules, scenario } = raw;
    if *version.get_ref() != VERSION {
        let message = format!("a list of version {}", version.get_ref());
        return Err(text.problem(version.span(), message, format!("version {VERSION}")));
    }
    let mut entries = BTreeMap::new();
    for raw in scenario {
        let span = raw.id.span();
        let entry = raw.read(text)?;
        for id in ids(&entry.id) {
            if let Some(Entry { line, .. }) = entries.insert(id.clone(), entry.clone()) {
                let message = format!("a second entry for {id}");
                return Err(text.problem(span, message, format!("one; the first is in line {line}")));
            }
        }
    }
    let unshown_rules = unshown_rules.iter().map(|rule| text.rule(rule)).collect::<Result<_, _>>()?;
    Ok(Expected { file: file.to_owned(), entries, unshown_rules })
}

/// The scenarios that an id means, with their versions of IP.
fn ids(id: &str) -> Vec<String> {
    if without_ip(id) == id {
        VERSIONS.iter().map(|version| format!("{id}{version}")).collect()
    } else {
        vec![id.to_owned()]
    }
}

/// The file as TOML gives it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawList {
    version: Spanned<i64>,
    #[serde(default)]
    unshown_rules: Vec<Spanned<String>>,
    #[serde(default)]
    scenario: Vec<RawEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEntry {
    id: Spanned<String>,
    verdict: Spanned<String>,
    clause: Option<Spanned<String>>,
    row: Option<String>,
    got: Option<String>,
    #[serde(default)]
    rules: Vec<Spanned<String>>,
    lacks: Option<Spanned<String>>,
    reason: Option<String>,
}

impl RawEntry {
    fn read(self, text: Text<'_>) -> Result<Entry, Problem> {
        let Self { id, verdict, clause, row, got, rules, lacks, reason } = self;
        if without_ip(id.get_ref()).is_empty() {
            let expected = "the id of a scenario, as `wireproof list` shows it";
            return Err(text.problem(id.span(), "no scenario", expected));
        }
        let word = Word::ALL.into_iter().find(|word| word.text() == verdict.get_ref());
        let Some(word) = word else {
            let known = Word::ALL.map(Word::text).join(", ");
            let message = match verdict.get_ref().as_str() {
                "pass" => "`pass` is not listed: what has no entry is expected to pass".to_owned(),
                "known deviation" => "`known deviation` is not listed: the profile knows of it".to_owned(),
                other => format!("`{other}` is no outcome"),
            };
            return Err(text.problem(verdict.span(), message, format!("one of {known}")));
        };
        let is_broken = matches!(word, Word::Fail | Word::Warning | Word::NotObserved);
        if is_broken && row.is_none() && rules.is_empty() {
            let expected = "`row` and `got`, or `rules`; `row = \"*\"` is any row";
            return Err(text.problem(verdict.span(), "a failure without a row or a rule", expected));
        }
        let lacks = match (word, lacks) {
            (Word::NotApplicable, None) => {
                let expected = "`lacks`, the capability that is missing";
                return Err(text.problem(verdict.span(), "no capability is named", expected));
            }
            (Word::NotApplicable, Some(lacks)) => Some(lacks.into_inner()),
            (_, Some(lacks)) => {
                let message = format!("`lacks` beside the verdict `{}`", word.text());
                return Err(text.problem(lacks.span(), message, "it beside `not applicable` alone"));
            }
            (_, None) => None,
        };
        let outcome = Outcome {
            verdict: word,
            clause: clause.map(|clause| text.clause(&clause)).transpose()?,
            row,
            got,
            rules: rules.iter().map(|rule| text.rule(rule)).collect::<Result<_, _>>()?,
            lacks,
        };
        let line = text.place(id.span()).line;
        Ok(Entry { id: id.into_inner(), outcome, reason, line })
    }
}

/// The text of a list, to point into.
#[derive(Clone, Copy)]
struct Text<'a> {
    file: &'a str,
    source: &'a str,
}

impl Text<'_> {
    fn place(self, span: Range<usize>) -> Place {
        Place::of_span(self.file, self.source, span)
    }

    fn problem(self, span: Range<usize>, message: impl Into<String>, expected: impl Into<String>) -> Problem {
        Problem::new(message, expected).at(self.place(span))
    }

    fn clause(self, clause: &Spanned<String>) -> Result<Clause, Problem> {
        let read = clause.get_ref().parse::<Clause>().map_err(|expected| {
            self.problem(clause.span(), format!("`{}` is no clause", clause.get_ref()), expected)
        })?;
        registry().check(&read).map_err(|(found, expected)| self.problem(clause.span(), found, expected))?;
        Ok(read)
    }

    fn rule(self, rule: &Spanned<String>) -> Result<String, Problem> {
        rule.get_ref().parse::<RuleId>().map(|rule| rule.to_string()).map_err(|_| {
            let message = format!("`{}` is no rule of the judge", rule.get_ref());
            self.problem(
                rule.span(),
                message,
                "a rule such as `window-overrun`; `wireproof check --list-rules` lists them",
            )
        })
    }
}
