//! The folder of `--report`: `report.json`, `report.txt`, `junit.xml`, and the packets of connections that broke a rule.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::junit::Junit;
use crate::problem::Problem;

/// The files of the folder that grow while captures are judged.
pub struct Folder {
    path: PathBuf,
    /// `report.json`.
    pub json: BufWriter<File>,
    /// `report.txt`, without colours.
    pub text: BufWriter<anstream::StripStream<File>>,
}

impl Folder {
    /// Makes the folder and its files, before anything is judged.
    ///
    /// # Errors
    ///
    /// What cannot be made or written.
    pub fn create(path: &Path) -> Result<Self, Problem> {
        let wrong = |error: io::Error| {
            let message = format!("cannot write reports to `{}`: {error}", path.display());
            Problem::new(message, "a folder that can be made and written to, after --report")
        };
        let make = || {
            std::fs::create_dir_all(path)?;
            let json = BufWriter::new(File::create(path.join("report.json"))?);
            let text = BufWriter::new(anstream::StripStream::new(File::create(path.join("report.txt"))?));
            Ok(Self { path: path.to_owned(), json, text })
        };
        make().map_err(wrong)
    }

    /// Writes `junit.xml`, and what is left to be written.
    ///
    /// # Errors
    ///
    /// What cannot be written.
    pub fn finish(mut self, junit: Junit) -> Result<(), Problem> {
        let wrong = |error: String| {
            Problem::new(format!("cannot write reports to `{}`: {error}", self.path.display()), "")
        };
        let xml = junit.into_xml().map_err(&wrong)?;
        std::fs::write(self.path.join("junit.xml"), xml).map_err(|error| wrong(error.to_string()))?;
        self.json.flush().and_then(|()| self.text.flush()).map_err(|error| wrong(error.to_string()))
    }
}
