//! `wireproof check`: captures before the judge.

use std::io::{self, IsTerminal, Write};
use std::num::NonZeroUsize;
use std::path::PathBuf;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rayon::ThreadPool;
use rayon::prelude::*;

use super::Trouble;
use crate::check::choice::{self, Chosen};
use crate::check::model::{ConnectionReport, FileReport};
use crate::check::source::Source;
use crate::check::{self, Options, Watch, text};
use crate::problem::Problem;
use crate::report::Level;

/// Judge captures: which rules their connections break, and the frames that prove it
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Captures, pcap or pcapng; `-` is the standard input
    #[arg(required = true, value_name = "CAPTURE")]
    captures: Vec<PathBuf>,

    /// Only these rules
    #[arg(long = "rule", value_name = "NAME", num_args = 1..)]
    rules: Vec<String>,

    /// Only these connections: by number, `1,4-6`, or by end, `192.0.2.1:80`, `192.0.2.1`, `:80`
    #[arg(long, value_name = "WHICH")]
    connection: Option<String>,

    /// A line also for each connection that broke nothing, and every break in full
    #[arg(long)]
    all: bool,

    /// All that was checked, what could not be decided and why, and each break
    #[arg(long, short)]
    verbose: bool,

    /// A broken SHOULD makes the exit code 1
    #[arg(long)]
    strict: bool,

    /// How many threads work; as many as there are processors if not given
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
}

const EXAMPLES: &str = "\
Examples:
  wireproof check trace.pcap
  wireproof check --connection 3 --verbose trace.pcap    one connection, with all that was checked

Exit codes: 0 nothing broken, 1 a MUST is broken, 2 a file is damaged or cannot be read.
A broken SHOULD is a warning; with --strict it counts as a MUST.";

/// So many octets of small files are judged at the same time, a file a thread; larger ones one after the other, with all
/// threads at one file.
const SMALL: u64 = 256 << 10;

/// Does it; the exit code.
///
/// # Errors
///
/// What is wrong with the arguments; files that cannot be read to their end, after the output of all that can.
pub fn check(args: &Args, out: &mut dyn Write) -> Result<u8, Trouble> {
    let options = Options {
        rules: choice::rules(&args.rules)?,
        chosen: args.connection.as_ref().map(|text| Chosen::parse(text)).transpose()?,
        all: args.all,
        verbose: args.verbose,
    };
    let threads = args.jobs.map_or(0, NonZeroUsize::get);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = pool.map_err(|error| Problem::new(format!("no threads: {error}"), ""))?;
    let sources: Vec<Source> = args.captures.iter().map(|path| Source::new(path)).collect();
    let mut tally = Tally { strict: args.strict, ..Tally::default() };
    let is_small = |source: &Source| source.length().is_some_and(|length| length <= SMALL);
    let mut rest = sources.as_slice();
    while let Some((first, behind)) = rest.split_first() {
        let small = rest.iter().take_while(|source| is_small(source)).count();
        if small > 1 {
            let (some, behind) = rest.split_at(small.min(pool.current_num_threads().max(1)));
            let told: Vec<(Vec<u8>, io::Result<FileReport>)> = pool.install(|| {
                some.par_iter()
                    .map(|source| {
                        let mut text = Vec::new();
                        let report = file(&pool, source, &options, &mut text, &mut Silent);
                        (text, report)
                    })
                    .collect()
            });
            for (text, report) in told {
                out.write_all(&text)?;
                tally.add(&report?);
            }
            rest = behind;
        } else {
            let report = file(&pool, first, &options, out, &mut Bar::new(first))?;
            tally.add(&report);
            rest = behind;
        }
    }
    out.flush()?;
    tally.code()
}

fn file(
    pool: &ThreadPool,
    source: &Source,
    options: &Options,
    out: &mut dyn Write,
    watch: &mut dyn Watch,
) -> io::Result<FileReport> {
    text::head(out, &source.name())?;
    let mut wrong = None;
    let mut each = |one: ConnectionReport| {
        if wrong.is_none() {
            wrong = text::line(out, &one).err();
        }
    };
    let report = check::check(pool, source, options, &mut each, watch);
    watch.end();
    if let Some(error) = wrong {
        return Err(error);
    }
    text::file(out, &report, options.verbose)?;
    writeln!(out)?;
    Ok(report)
}

/// What all files come to.
#[derive(Default)]
struct Tally {
    strict: bool,
    is_broken: bool,
    problems: Vec<Problem>,
}

impl Tally {
    fn add(&mut self, report: &FileReport) {
        self.is_broken |= report.broke(Level::Must) || self.strict && report.broke(Level::Should);
        if let Some(damage) = &report.damage {
            let shown = match report.packets {
                0 => "",
                _ => "; what stands before it was judged",
            };
            let message = match damage.offset {
                Some(offset) => format!(
                    "`{}` is damaged or no capture: at octet {offset}, found {}{shown}",
                    report.file, damage.found
                ),
                None => format!("cannot read `{}`: {}", report.file, damage.found),
            };
            self.problems.push(Problem::new(message, damage.expected.clone()));
        }
    }

    fn code(self) -> Result<u8, Trouble> {
        if self.problems.is_empty() { Ok(u8::from(self.is_broken)) } else { Err(self.problems.into()) }
    }
}

/// Nobody looks.
struct Silent;

impl Watch for Silent {
    fn step(&mut self, _octets: u64) {}

    fn end(&mut self) {}
}

/// A bar on the terminal, if there is one and it takes longer than a second.
struct Bar {
    bar: ProgressBar,
    is_shown: bool,
}

impl Bar {
    fn new(source: &Source) -> Self {
        let bar = ProgressBar::with_draw_target(source.length(), ProgressDrawTarget::hidden());
        let template = match source.length() {
            Some(_) => "{wide_msg} {bar:30} {percent:>3} % {eta:>4} left",
            None => "{wide_msg} {bytes} {elapsed}",
        };
        // A template that is fixed is right, or the plain style does.
        bar.set_style(
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        bar.set_message(source.name());
        Self { bar, is_shown: false }
    }
}

impl Watch for Bar {
    fn step(&mut self, octets: u64) {
        if !self.is_shown && self.bar.elapsed().as_secs() >= 1 && io::stderr().is_terminal() {
            self.is_shown = true;
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.bar.set_position(octets);
    }

    fn end(&mut self) {
        self.bar.finish_and_clear();
    }
}
