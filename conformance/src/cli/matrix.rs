//! `wireproof matrix`: what several devices make of each clause, side by side.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::Trouble;
use crate::problem::Problem;
use crate::report::matrix::{Matrix, columns, markdown, text};
use crate::report::{Report, folder};
use crate::requirement::registry;

/// Put reports of several devices side by side, clause by clause
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The report.json of a run or the folder of its --report; NAME=REPORT names its column
    #[arg(required = true, value_name = "REPORT")]
    reports: Vec<String>,

    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// Only the clauses of this RFC
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true, value_parser = super::number::rfc)]
    rfc: Option<u16>,

    /// Only the clauses of which the devices do not make the same
    #[arg(long)]
    differing: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For terminals
    Text,
    /// Tables for a page
    Markdown,
    /// For programs
    Json,
}

const EXAMPLES: &str = "\
A cell is the worst that came of the clause's scenarios and of the rules of the judge that it demands,
with how many of how many.

Examples:
  wireproof run --device reference --report out/reference
  wireproof run --device smoltcp --report out/smoltcp
  wireproof matrix out/reference out/smoltcp
  wireproof matrix before=a/report.json after=b/report.json --differing
  wireproof matrix out/* --format markdown > matrix.md

Exit codes: 0 it is written, whatever came out; 2 a report cannot be read or is of another version.";

/// Does it.
///
/// # Errors
///
/// Reports that cannot be read.
pub fn matrix(args: &Args, out: &mut dyn Write) -> Result<(), Trouble> {
    if let Some(number) = args.rfc.filter(|number| registry().rfc(*number).is_none()) {
        return Err(super::number::unknown_rfc(number).into());
    }
    let mut read: Vec<(Option<String>, PathBuf, Report)> = Vec::new();
    let mut problems = Vec::new();
    for argument in &args.reports {
        let (name, path) = named(argument);
        match folder::read(&path) {
            Ok(report) => read.push((name, path, report)),
            Err(problem) => problems.push(problem),
        }
    }
    if !problems.is_empty() {
        return Err(problems.into());
    }
    if let Some(name) = read.iter().enumerate().find_map(|(at, (name, ..))| {
        name.clone().filter(|_| read.iter().take(at).any(|(other, ..)| other == name))
    }) {
        return Err(Problem::new(format!("two columns named `{name}`"), "each name once").into());
    }
    let names = columns::names(&read.iter().map(|(name, _, own)| (name.clone(), own)).collect::<Vec<_>>());
    let reports = names.into_iter().zip(read);
    let reports: Vec<(String, String, Report)> =
        reports.map(|(name, (_, path, report))| (name, path.display().to_string(), report)).collect();
    let mut matrix = Matrix::new(&reports);
    matrix.rows.retain(|row| args.rfc.is_none_or(|rfc| row.clause.rfc == rfc));
    if args.differing {
        let first = |row: &crate::report::matrix::Row| row.cells.first().and_then(|cell| cell.verdict);
        matrix.rows.retain(|row| row.cells.iter().any(|cell| cell.verdict != first(row)));
    }
    match args.format {
        Format::Text => text::write(out, &matrix)?,
        Format::Markdown => markdown::write(out, &matrix)?,
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, &matrix).map_err(std::io::Error::from)?;
            writeln!(out)?;
        }
    }
    Ok(())
}

/// The name that stands before `=`, and the file of the report.
fn named(argument: &str) -> (Option<String>, PathBuf) {
    let whole = Path::new(argument);
    let (name, path) = match argument.split_once('=') {
        Some((name, path)) if !name.is_empty() && !whole.exists() => (Some(name.to_owned()), Path::new(path)),
        _ => (None, whole),
    };
    (name, if path.is_dir() { path.join("report.json") } else { path.to_owned() })
}
