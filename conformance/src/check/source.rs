//! Where captures come from: files, which can be read again, and pipes, of which the last part is kept.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::model::Damage;
use crate::capture::{CaptureFile, Record};
use crate::input;
use crate::problem::printable;

/// So many octets of a pipe are kept, so that frames of breaks can be shown.
const KEPT: usize = 32 << 20;

/// A capture that somebody named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A file.
    File(PathBuf),
    /// The standard input, `-`.
    Input,
}

impl Source {
    /// The source of a name.
    pub fn new(path: &Path) -> Self {
        if path == Path::new("-") { Self::Input } else { Self::File(path.to_owned()) }
    }

    /// Its name for people.
    pub fn name(&self) -> String {
        match self {
            Self::File(path) => printable(&path.display().to_string()),
            Self::Input => "-".to_owned(),
        }
    }

    /// How many octets it has, if that is known before it is read.
    pub fn length(&self) -> Option<u64> {
        let Self::File(path) = self else { return None };
        std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file).map(|data| data.len())
    }

    /// Whether it can be read a second time.
    pub(super) fn is_repeatable(&self) -> bool {
        self.length().is_some()
    }

    /// Begins to read it.
    ///
    /// # Errors
    ///
    /// If it cannot be opened, or is no capture.
    pub(super) fn open(&self) -> Result<CaptureFile<'static>, Damage> {
        let stream: Box<dyn Read + Send> = match self {
            Self::Input => Box::new(io::stdin()),
            Self::File(path) => Box::new(input::open(path).map_err(|error| Damage {
                offset: None,
                found: error.to_string(),
                expected: "a pcap or pcapng capture".to_owned(),
            })?),
        };
        CaptureFile::open(stream).map_err(|error| Damage::from(&error))
    }
}

/// The last records of what cannot be read again.
#[derive(Debug, Default)]
pub(super) struct Ring {
    records: VecDeque<Record>,
    octets: usize,
    is_torn: bool,
}

impl Ring {
    pub(super) fn keep(&mut self, record: Record) {
        self.octets += size(&record);
        self.records.push_back(record);
        while self.octets > KEPT {
            let Some(oldest) = self.records.pop_front() else { break };
            self.octets -= size(&oldest);
            self.is_torn = true;
        }
    }

    /// Whether records were let go.
    pub(super) const fn is_torn(&self) -> bool {
        self.is_torn
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Record> {
        self.records.iter()
    }
}

fn size(record: &Record) -> usize {
    size_of::<Record>() + record.octets.len() + record.comment.len()
}
