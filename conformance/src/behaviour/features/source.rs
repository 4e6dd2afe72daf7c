//! Where feature files come from: the binary, a folder instead of it, files and folders on the command line.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use include_dir::{Dir, DirEntry, include_dir};

use crate::input;
use crate::problem::{Place, Problem};

static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../features");

/// How deep folders of feature files may nest; a guard against links that lead back.
const DEPTH: usize = 16;

/// The longest feature file that is read, octets.
const LONGEST: usize = 4 << 20;

/// A feature file's text.
#[derive(Clone, Debug)]
pub struct Source {
    /// The file as the user knows it, `features/tcp/handshake.feature`.
    pub file: String,
    /// The file's part of ids, `tcp/handshake`.
    pub stem: String,
    /// Its text, without byte order mark, ending with a line feed.
    pub text: String,
}

impl Source {
    /// A text under the name `file`, which is `inner` below the root of all features.
    pub fn new(file: String, inner: &Path, text: &str) -> Self {
        let stem = inner.with_extension("").display().to_string().replace('\\', "/");
        let mut text = text.strip_prefix('\u{feff}').unwrap_or(text).to_owned();
        if !text.ends_with('\n') {
            text.push('\n');
        }
        Self { file, stem, text }
    }
}

/// All embedded feature files, by name.
pub fn embedded() -> Vec<Source> {
    let mut sources = Vec::new();
    collect(&EMBEDDED, &mut sources);
    sources.sort_by(|a, b| a.file.cmp(&b.file));
    sources
}

fn collect(dir: &Dir<'_>, sources: &mut Vec<Source>) {
    for entry in dir.entries() {
        match entry {
            DirEntry::Dir(dir) => collect(dir, sources),
            DirEntry::File(file) => {
                if let (true, Some(text)) = (is_feature(file.path()), file.contents_utf8()) {
                    sources.push(Source::new(
                        format!("features/{}", file.path().display()),
                        file.path(),
                        text,
                    ));
                }
            }
        }
    }
}

/// The feature files that the user named: `root` stands for the embedded ones if given; each of `paths` is a file or
/// folder below it, or elsewhere. No path is all of them.
///
/// # Errors
///
/// What cannot be found or read.
pub fn find(root: Option<&Path>, paths: &[PathBuf]) -> Result<Vec<Source>, Vec<Problem>> {
    let all = match root {
        Some(root) if root.is_file() => {
            let message = format!("`{}` is a file", root.display());
            let expected = "a folder of feature files behind --features; a file is named without it";
            return Err(vec![Problem::new(message, expected)]);
        }
        Some(root) => below(root).map_err(|problem| vec![problem])?,
        None => embedded(),
    };
    if paths.is_empty() {
        return Ok(all);
    }
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    for path in paths {
        match named(path, root, &all) {
            Ok(sources) => found.extend(sources),
            Err(problem) => problems.push(problem),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    found.sort_by(|a: &Source, b| a.file.cmp(&b.file));
    found.dedup_by(|a, b| a.file == b.file);
    Ok(found)
}

/// What one path of the command line stands for: on disk first, then among the known features.
fn named(path: &Path, root: Option<&Path>, all: &[Source]) -> Result<Vec<Source>, Problem> {
    let on_disk = [Some(path.to_owned()), root.map(|root| root.join(path))];
    if let Some(path) = on_disk.into_iter().flatten().find(|path| path.exists()) {
        return if path.is_dir() { below(&path) } else { Ok(vec![file(&path, root_of(&path))?]) };
    }
    if let (Ok(_), Err(error)) = (fs::symlink_metadata(path), fs::metadata(path)) {
        return Err(unreadable(path, &error));
    }
    let wanted = path.display().to_string();
    let wanted = wanted.trim_start_matches("./").trim_end_matches('/').trim_start_matches("features/");
    if wanted == "features" && root.is_none() {
        return Ok(all.to_vec());
    }
    let is_wanted = |source: &&Source| {
        let stem = wanted.strip_suffix(".feature").unwrap_or(wanted);
        source.stem == stem || source.stem.strip_prefix(stem).is_some_and(|rest| rest.starts_with('/'))
    };
    let found: Vec<Source> = all.iter().filter(is_wanted).cloned().collect();
    if found.is_empty() {
        let known: Vec<&str> = all.iter().map(|source| source.file.as_str()).collect();
        let message = format!("no feature file or folder `{}`", path.display());
        return Err(Problem::new(message, format!("a path, or one of the built-in\n{}", known.join("\n"))));
    }
    Ok(found)
}

/// The folder that ids of a file count from: the one above the nearest `features`, or the file's own.
fn root_of(path: &Path) -> &Path {
    let is_root = |folder: &&Path| folder.file_name().is_some_and(|name| name == "features");
    path.ancestors().skip(1).find(is_root).or_else(|| path.parent()).unwrap_or(path)
}

fn is_feature(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "feature")
}

/// All feature files below a folder, by name.
fn below(folder: &Path) -> Result<Vec<Source>, Problem> {
    let mut paths = Vec::new();
    walk(folder, DEPTH, &mut paths).map_err(|error| unreadable(folder, &error))?;
    if paths.is_empty() {
        let message = format!("no feature file in `{}`", folder.display());
        return Err(Problem::new(message, "a folder with files that end with .feature"));
    }
    paths.sort();
    let inner = folder.join("any.feature");
    let root = root_of(&inner);
    paths.iter().map(|path| file(path, root)).collect()
}

fn walk(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() && depth > 0 {
            walk(&path, depth - 1, found)?;
        } else if is_feature(&path) {
            found.push(path);
        }
    }
    Ok(())
}

fn file(path: &Path, root: &Path) -> Result<Source, Problem> {
    let octets = input::read(path, LONGEST).map_err(|error| unreadable(path, &error))?;
    let text = String::from_utf8(octets).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        not_text(path, error.as_bytes(), valid)
    })?;
    let inner = path.strip_prefix(root).unwrap_or(path);
    Ok(Source::new(path.display().to_string(), inner, &text))
}

/// The octet behind the first `valid` ones is none of UTF-8: its place, and its line as far as it can be read.
fn not_text(path: &Path, octets: &[u8], valid: usize) -> Problem {
    let (before, behind) = octets.split_at_checked(valid).unwrap_or((octets, &[]));
    let begin = before.iter().rposition(|octet| *octet == b'\n').map_or(0, |at| at + 1);
    let line = before.iter().filter(|octet| **octet == b'\n').count() + 1;
    let column = String::from_utf8_lossy(before.get(begin..).unwrap_or_default()).chars().count() + 1;
    let end = behind.iter().position(|octet| *octet == b'\n').map_or(octets.len(), |at| valid + at);
    let text = String::from_utf8_lossy(octets.get(begin..end).unwrap_or_default()).into_owned();
    let found = behind.first().copied().unwrap_or_default();
    let message = format!("found the octet 0x{found:02x}, which is no text in UTF-8");
    let file = path.display().to_string();
    Problem::new(message, "a feature file in UTF-8").at(Place { file, line, column, width: 1, text })
}

fn unreadable(path: &Path, error: &io::Error) -> Problem {
    Problem::new(format!("cannot read `{}`: {error}", path.display()), "a feature file or a folder with some")
}
