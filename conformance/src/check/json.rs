//! What was found, as programs read it: one object, written as it comes, so that it may be longer than memory.
//!
//! ```text
//! {"schema": 1, "tool": "wireproof 0.1.0", "strict": false, "files": [
//!   {"whole": [ConnectionReport, ...], ...FileReport}, ...
//! ], "exit_code": 1}
//! ```
//!
//! What the members mean is told at [`FileReport`] and its parts.

use std::io::{self, Write};

use super::model::{ConnectionReport, FileReport, SCHEMA_VERSION};

/// Writes what stands before all files.
///
/// # Errors
///
/// Those of `out`.
pub fn head(out: &mut dyn Write, strict: bool) -> io::Result<()> {
    let tool = concat!("wireproof ", env!("CARGO_PKG_VERSION"));
    write!(out, "{{\"schema\":{SCHEMA_VERSION},\"tool\":\"{tool}\",\"strict\":{strict},\"files\":[")
}

/// Writes what stands before the connections of a file that broke nothing.
///
/// # Errors
///
/// Those of `out`.
pub fn file_head(out: &mut dyn Write) -> io::Result<()> {
    write!(out, "\n{{\"whole\":[")
}

/// Writes one of these; `is_first` if none was written before.
///
/// # Errors
///
/// Those of `out`.
pub fn whole(out: &mut dyn Write, one: &ConnectionReport, is_first: bool) -> io::Result<()> {
    writeln!(out, "{}", if is_first { "" } else { "," })?;
    Ok(serde_json::to_writer(out, one)?)
}

/// Writes the rest of a file. Those of its connections that broke nothing are written before the rest, if that was not
/// done.
///
/// # Errors
///
/// Those of `out`.
pub fn file(out: &mut dyn Write, report: &FileReport, mut is_first: bool) -> io::Result<()> {
    for one in &report.whole {
        whole(out, one, is_first)?;
        is_first = false;
    }
    let rest = serde_json::to_string(report)?;
    write!(out, "],\n{}", rest.strip_prefix('{').unwrap_or_default())
}

/// Writes what stands behind all files.
///
/// # Errors
///
/// Those of `out`.
pub fn end(out: &mut dyn Write, exit_code: u8) -> io::Result<()> {
    writeln!(out, "\n],\"exit_code\":{exit_code}}}")
}
