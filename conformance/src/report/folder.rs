//! The folder of `--report`: `report.json`, `junit.xml`, a capture for each scenario that failed.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::junit;
use super::model::{Report, ScenarioReport, Verdict, Weight};
use crate::input;
use crate::problem::Problem;
use crate::testbed::pcapng;

/// The longest name of a capture, octets without its ending.
const LONGEST_NAME: usize = 120;

/// The longest report that is read, octets.
const LONGEST: usize = 1 << 28;

/// Which scenarios leave a capture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Captures {
    /// Those that did not come out as they should, known or not.
    #[default]
    Failed,
    /// All that ran.
    All,
}

/// Makes the folder and sees that files can be written there, before anything runs.
///
/// # Errors
///
/// What cannot be made or written.
pub fn prepare(folder: &Path) -> Result<(), Problem> {
    let wrong = |error: std::io::Error| {
        let message = format!("cannot write reports to `{}`: {error}", folder.display());
        Problem::new(message, "a folder that can be made and written to, after --report")
    };
    fs::create_dir_all(folder).map_err(wrong)?;
    let path = folder.join("report.json");
    fs::OpenOptions::new().append(true).create(true).open(path).map(drop).map_err(wrong)
}

/// Writes the report; the paths of what was written. Each scenario learns the name of its capture.
///
/// # Errors
///
/// What cannot be written.
pub fn write(folder: &Path, report: &mut Report, captures: Captures) -> Result<Vec<PathBuf>, Problem> {
    let strict = report.strict;
    let mut written = Vec::new();
    for scenario in report.scenarios.iter_mut().filter(|s| leaves_capture(s, strict, captures)) {
        let name = format!("{}.pcapng", file_name(&scenario.id));
        let mut octets = Vec::new();
        pcapng::write(
            &scenario.trace,
            "wireproof",
            &format!("{}\n{}", scenario.id, scenario.name),
            &mut octets,
        )
        .map_err(|error| Problem::new(format!("no capture of {}: {error}", scenario.id), ""))?;
        written.push(file(folder.join(&name), &octets)?);
        scenario.capture = Some(name);
    }
    let mut json = serde_json::to_string_pretty(report)
        .map_err(|error| Problem::new(format!("the report has no JSON form: {error}"), ""))?;
    json.push('\n');
    let junit = junit::to_string(report)
        .map_err(|error| Problem::new(format!("the report has no XML form: {error}"), ""))?;
    let files = [("report.json", json), ("junit.xml", junit)];
    for (name, text) in files {
        written.push(file(folder.join(name), text.as_bytes())?);
    }
    Ok(written)
}

fn leaves_capture(scenario: &ScenarioReport, strict: bool, captures: Captures) -> bool {
    let is_odd = scenario.weight(strict) != Weight::Fine
        || scenario.weight_of_verdict(strict) != Weight::Fine
        || matches!(scenario.verdict, Verdict::KnownDeviation { .. });
    match captures {
        Captures::Failed => is_odd,
        Captures::All => scenario.trace.entries().next().is_some(),
    }
}

fn file(path: PathBuf, octets: &[u8]) -> Result<PathBuf, Problem> {
    let written = fs::File::create(&path).and_then(|mut file| file.write_all(octets));
    match written {
        Ok(()) => Ok(path),
        Err(error) => Err(Problem::new(format!("cannot write `{}`: {error}", path.display()), "")),
    }
}

/// Reads a `report.json`.
///
/// # Errors
///
/// What cannot be read, with line and column, or has another schema.
pub fn read(path: &Path) -> Result<Report, Problem> {
    let expected = format!(
        "a report.json of schema {}, as `wireproof run --report DIR` writes it",
        super::SCHEMA_VERSION
    );
    let wrong =
        |what: String| Problem::new(format!("cannot read `{}`: {what}", path.display()), expected.clone());
    let text = input::read_text(path, LONGEST).map_err(|error| wrong(error.to_string()))?;
    let schema: Schema = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    if schema.schema != super::SCHEMA_VERSION {
        return Err(wrong(format!("it has schema {}", schema.schema)));
    }
    serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))
}

#[derive(serde::Deserialize)]
struct Schema {
    schema: u32,
}

/// A file name for a scenario: letters, digits, `-`, `.`, `#` of its id, everything else a `_`. What is too long keeps
/// its end, where row and version of IP stand, behind a number that only this id has.
pub fn file_name(id: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || "-.#".contains(c) { c } else { '_' };
    let name: String = id.trim_start_matches('.').chars().map(safe).collect();
    let changed = id.chars().any(|c| safe(c) != c && c != '/');
    if name.len() <= LONGEST_NAME && !changed && !name.is_empty() {
        return name;
    }
    // FNV-1a, 64 bits: tells apart what the cut or the replacing made equal.
    let hash = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, octet| {
        (hash ^ u64::from(octet)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let end = name.get(name.len().saturating_sub(LONGEST_NAME - 17)..).unwrap_or_default();
    format!("{hash:016x}_{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_safe_and_tell_ids_apart() {
        assert_eq!(file_name("tcp/a/b-c#2/ipv4"), "tcp_a_b-c#2_ipv4");
        for id in ["../../etc/passwd", "", "ä/b", &"x/".repeat(500), "a\0b", "con:x"] {
            let name = file_name(id);
            assert!(
                !name.starts_with('.') && !name.contains('/') && (1..=140).contains(&name.len()),
                "{name}"
            );
            assert!(name.is_ascii());
        }
        assert_ne!(file_name("a:b"), file_name("a?b"));
    }
}
