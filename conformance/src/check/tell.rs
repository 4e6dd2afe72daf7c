//! A capture judged and told, in several ways at once: connections that broke nothing while they come, if all are asked
//! for, the rest when the file is read.

use std::io::{self, Write};

use super::model::{ConnectionReport, FileReport};
use super::source::Source;
use super::{Options, Watch, check, json, text};

/// A way to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Who tells, and where.
pub struct Teller<'o> {
    form: Form,
    out: &'o mut dyn Write,
    files: usize,
    connections: usize,
}

impl<'o> Teller<'o> {
    /// One who has told nothing.
    pub fn new(form: Form, out: &'o mut dyn Write) -> Self {
        Self { form, out, files: 0, connections: 0 }
    }

    /// The way it tells.
    pub const fn form(&self) -> Form {
        self.form
    }

    /// What stands before all files.
    ///
    /// # Errors
    ///
    /// Those of the output, as everywhere here.
    pub fn head(&mut self, strict: bool) -> io::Result<()> {
        match self.form {
            Form::Text => Ok(()),
            Form::Json => json::head(self.out, strict),
        }
    }

    /// What stands behind all files.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub fn end(&mut self, exit_code: u8) -> io::Result<()> {
        match self.form {
            Form::Text => Ok(()),
            Form::Json => json::end(self.out, exit_code),
        }
    }

    /// What another one told of a file.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub fn pass_on(&mut self, told: &[u8]) -> io::Result<()> {
        self.between()?;
        self.out.write_all(told)
    }

    /// What stands between two files.
    fn between(&mut self) -> io::Result<()> {
        self.files += 1;
        self.connections = 0;
        let between = match self.form {
            Form::Text => "\n",
            Form::Json => ",",
        };
        if self.files > 1 { self.out.write_all(between.as_bytes()) } else { Ok(()) }
    }

    fn begin(&mut self, file: &str) -> io::Result<()> {
        self.between()?;
        match self.form {
            Form::Text => text::head(self.out, file),
            Form::Json => json::file_head(self.out),
        }
    }

    fn whole(&mut self, one: &ConnectionReport) -> io::Result<()> {
        self.connections += 1;
        match self.form {
            Form::Text => text::line(self.out, one),
            Form::Json => json::whole(self.out, one, self.connections == 1),
        }
    }

    fn file(&mut self, report: &FileReport, verbose: bool) -> io::Result<()> {
        match self.form {
            Form::Text => text::file(self.out, report, verbose),
            Form::Json => json::file(self.out, report, self.connections == 0),
        }
    }
}

/// Judges a capture and tells what was found.
///
/// # Errors
///
/// Those of the outputs.
pub fn tell(
    pool: &rayon::ThreadPool,
    source: &Source,
    options: &Options,
    tellers: &mut [Teller<'_>],
    watch: &mut dyn Watch,
) -> io::Result<FileReport> {
    let name = source.name();
    tellers.iter_mut().try_for_each(|teller| teller.begin(&name))?;
    let mut told = Ok(());
    let mut each = |one: ConnectionReport| {
        if told.is_ok() {
            told = tellers.iter_mut().try_for_each(|teller| teller.whole(&one));
        }
    };
    let mut report = check(pool, source, options, &mut each, watch);
    watch.end();
    told?;
    tellers.iter_mut().try_for_each(|teller| teller.file(&report, options.verbose))?;
    report.whole.clear();
    Ok(report)
}
