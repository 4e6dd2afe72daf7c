//! `wireproof list`: scenarios, ids, tags, clauses.

use std::collections::BTreeSet;
use std::io::Write;

use serde::Serialize;

use super::Trouble;
use super::select::Selection;
use crate::behaviour::features::Scenario;
use crate::report::style::{DIM, HEAD, Styled};

/// List scenarios: name, id, tags, clauses
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    selection: Selection,

    /// Print JSON, an object for each scenario, row and version of IP
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  wireproof list                        everything that is built in
  wireproof list tcp/reset --tags @exact
  wireproof list --name 'TIME-WAIT'
  wireproof list my.feature             also a check: what is wrong with the file is told";

#[derive(Serialize)]
struct Entry<'s> {
    id: &'s str,
    feature: &'s str,
    name: &'s str,
    file: &'s str,
    line: usize,
    ip: &'static str,
    level: String,
    tags: &'s [String],
    clauses: Vec<String>,
}

/// Does it.
///
/// # Errors
///
/// What is wrong with the files or options.
pub fn list(args: &Args, out: &mut dyn Write) -> Result<(), Trouble> {
    let scenarios = args.selection.scenarios()?;
    if args.json {
        let entries: Vec<Entry<'_>> = scenarios.iter().map(entry).collect();
        serde_json::to_writer_pretty(&mut *out, &entries).map_err(std::io::Error::from)?;
        return Ok(writeln!(out)?);
    }
    let (mut file, mut last) = (String::new(), String::new());
    for scenario in &scenarios {
        if *file != *scenario.file {
            file = scenario.file.to_string();
            writeln!(out, "{}{}  {}", blank(&last), Styled(HEAD, &scenario.feature), Styled(DIM, &file))?;
        }
        let id = scenario.id_without_ip();
        if last != id {
            last = id.to_owned();
            one(out, scenario, &scenarios)?;
        }
    }
    let different: BTreeSet<&str> = scenarios.iter().map(Scenario::stem).collect();
    writeln!(
        out,
        "\n{} scenarios, {} with outline rows and versions of IP",
        different.len(),
        scenarios.len()
    )?;
    Ok(())
}

fn blank(last: &str) -> &'static str {
    if last.is_empty() { "" } else { "\n" }
}

/// A scenario or outline row, once for all its versions of IP.
fn one(out: &mut dyn Write, scenario: &Scenario, all: &[Scenario]) -> Result<(), Trouble> {
    let id = scenario.id_without_ip();
    let versions: Vec<String> =
        all.iter().filter(|other| other.id_without_ip() == id).map(|other| other.ip.to_string()).collect();
    let place = format!("line {}, {}", scenario.line, versions.join(" "));
    writeln!(out, "  {}  {}", scenario.name, Styled(DIM, &place))?;
    writeln!(out, "    {id}")?;
    let tags: Vec<String> = scenario.tags.iter().map(|tag| format!("@{tag}")).collect();
    writeln!(out, "    {:<6} {}", scenario.level, tags.join(" "))?;
    Ok(())
}

fn entry(scenario: &Scenario) -> Entry<'_> {
    Entry {
        id: &scenario.id,
        feature: &scenario.feature,
        name: &scenario.name,
        file: &scenario.file,
        line: scenario.line,
        ip: scenario.ip.word(),
        level: scenario.level.to_string(),
        tags: &scenario.tags,
        clauses: scenario.clauses.iter().map(ToString::to_string).collect(),
    }
}
