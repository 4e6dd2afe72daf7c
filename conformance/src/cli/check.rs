//! `wireproof check`: captures before the judge.

use std::io::{self, IsTerminal, Write};
use std::num::NonZeroUsize;
use std::path::PathBuf;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rayon::ThreadPool;
use rayon::prelude::*;

use super::{Trouble, number};
use crate::check::choice::{self, Chosen, Side};
use crate::check::folder::Folder;
use crate::check::junit::Junit;
use crate::check::model::FileReport;
use crate::check::source::Source;
use crate::check::tell::{Form, Teller, tell};
use crate::check::{Options, Watch};
use crate::oracle::RULES;
use crate::problem::Problem;
use crate::report::Level;
use crate::report::style::{DIM, HEAD, Styled};

/// Judge captures: which rules their connections break, and the frames that prove it
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Captures, pcap or pcapng; `-` is the standard input
    #[arg(required_unless_present = "list_rules", value_name = "CAPTURE")]
    captures: Vec<PathBuf>,

    /// Only these rules, with commas between; may be given several times
    #[arg(long = "rule", value_name = "NAMES")]
    rules: Vec<String>,

    /// Only these connections: by number, `1,4-6`, or by end, `192.0.2.1:80`, `192.0.2.1`, `:80`
    #[arg(long, value_name = "WHICH")]
    connection: Option<String>,

    /// Only what this end breaks counts: opener, listener, or an end as with --connection
    #[arg(long, value_name = "END")]
    side: Option<String>,

    /// A line also for each connection that broke nothing; all that broke something in full
    #[arg(long)]
    all: bool,

    /// All that was checked, what nobody can decide and why, and each break in full
    #[arg(long, short)]
    verbose: bool,

    /// A broken SHOULD makes the exit code 1
    #[arg(long)]
    strict: bool,

    /// Print JSON
    #[arg(long)]
    json: bool,

    /// Write report.json, report.txt, junit.xml and the packets of connections that broke a rule to DIR
    #[arg(long, value_name = "DIR")]
    report: Option<PathBuf>,

    /// How many threads work; as many as there are processors if not given
    #[arg(long, value_name = "N", value_parser = number::at_least_one)]
    jobs: Option<NonZeroUsize>,

    /// List the rules instead: level, name, what holds
    #[arg(long)]
    list_rules: bool,
}

const EXAMPLES: &str = "\
Reads what `wireproof show` reads. Each connection is followed from what was captured alone: a rule
that this cannot decide is told as undecided and never as broken. Breaks are told in full for the
first connections that show them, with the frames marked by `*` in a ladder: seconds count from the
connection's first packet, numbers as in RFC 9293's figures from 100 on the left and 300 on the right,
and the line above says which real numbers these are. At the end stands the whole in counts.

Examples:
  wireproof check trace.pcap
  wireproof check --connection 3 --verbose trace.pcap     one connection, with all that was checked
  wireproof check --side 192.0.2.1 trace.pcap             one device, whoever is at the other end
  wireproof check --rule ack-delay,stretch-ack *.pcap     two rules only
  wireproof check --report out trace.pcap                 JSON, text, JUnit and packets in out/
  tcpdump -w - -c 1000 tcp | wireproof check -            from a pipe

Exit codes: 0 nothing broken, 1 a MUST is broken, 2 a file is damaged or cannot be read; what could be
read of it is judged all the same. A broken SHOULD is a warning; with --strict it counts as a MUST.";

/// Files up to this size are judged at the same time, a thread a file; larger ones one after the other, with all threads
/// at one file.
const SMALL: u64 = 256 << 10;

/// Does it; the exit code.
///
/// # Errors
///
/// What is wrong with the arguments; files that cannot be read to their end, after the output of all that can.
pub fn check(args: &Args, out: &mut dyn Write) -> Result<u8, Trouble> {
    if args.list_rules {
        return list_rules(out).map(|()| 0);
    }
    let options = Options {
        rules: choice::rules(&args.rules)?,
        chosen: args.connection.as_ref().map(|text| Chosen::parse(text)).transpose()?,
        side: args.side.as_ref().map(|text| Side::parse(text)).transpose()?,
        all: args.all,
        verbose: args.verbose,
        folder: args.report.clone(),
    };
    let threads = args.jobs.map_or(0, NonZeroUsize::get);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = pool.map_err(|error| Problem::new(format!("no threads: {error}"), ""))?;
    let mut folder = args.report.as_ref().map(|path| Folder::create(path)).transpose()?;
    let form = if args.json { Form::Json } else { Form::Text };
    let junit = folder.as_ref().map(|_| Junit::default());
    let mut tally = Tally { strict: args.strict, junit, ..Tally::default() };
    let run = Run { pool: &pool, options: &options };
    {
        let mut tellers = vec![Teller::new(form, out)];
        if let Some(folder) = &mut folder {
            tellers.push(Teller::new(Form::Json, &mut folder.json));
            tellers.push(Teller::new(Form::Text, &mut folder.text));
        }
        tellers.iter_mut().try_for_each(|teller| teller.head(args.strict))?;
        run.sources(&args.captures, &mut tellers, &mut tally)?;
        tellers.iter_mut().try_for_each(|teller| teller.end(tally.exit_code()))?;
    }
    out.flush()?;
    if let Some(folder) = folder {
        folder.finish(tally.junit.take().unwrap_or_default())?;
    }
    tally.done()
}

/// What does the work, and what is wanted.
struct Run<'r> {
    pool: &'r ThreadPool,
    options: &'r Options,
}

impl Run<'_> {
    /// All captures, small ones at the same time.
    fn sources(
        &self,
        paths: &[PathBuf],
        tellers: &mut [Teller<'_>],
        tally: &mut Tally,
    ) -> Result<(), Trouble> {
        let sources: Vec<Source> = paths.iter().map(|path| Source::new(path)).collect();
        let is_small = |source: &Source| source.length().is_some_and(|length| length <= SMALL);
        let mut rest = sources.as_slice();
        while let Some((first, behind)) = rest.split_first() {
            let small = rest.iter().take_while(|source| is_small(source)).count();
            if small < 2 {
                let report = tell(self.pool, first, self.options, tellers, &mut Bar::new(first))?;
                tally.add(&report);
                rest = behind;
                continue;
            }
            let (some, behind) = rest.split_at(small.min(self.pool.current_num_threads().max(1)));
            let forms: Vec<Form> = tellers.iter().map(Teller::form).collect();
            let told: Vec<(Vec<Vec<u8>>, io::Result<FileReport>)> =
                self.pool.install(|| some.par_iter().map(|source| self.in_memory(source, &forms)).collect());
            for (texts, report) in told {
                for (teller, text) in tellers.iter_mut().zip(texts) {
                    teller.pass_on(&text)?;
                }
                tally.add(&report?);
            }
            rest = behind;
        }
        Ok(())
    }

    /// A small file, told to memory.
    fn in_memory(&self, source: &Source, forms: &[Form]) -> (Vec<Vec<u8>>, io::Result<FileReport>) {
        let mut texts = vec![Vec::new(); forms.len()];
        let told = forms.iter().zip(&mut texts).map(|(form, text)| Teller::new(*form, text));
        let mut tellers: Vec<Teller<'_>> = told.collect();
        let report = tell(self.pool, source, self.options, &mut tellers, &mut Silent);
        drop(tellers);
        (texts, report)
    }
}

/// All rules that a capture can ever decide, and the others.
fn list_rules(out: &mut dyn Write) -> Result<(), Trouble> {
    let mut family = None;
    for rule in RULES {
        if family != Some(rule.family) {
            writeln!(out, "{}", Styled(HEAD, &rule.family.to_string()))?;
            family = Some(rule.family);
        }
        let clause = rule.clauses().into_iter().next().map_or_else(String::new, |clause| clause.to_string());
        writeln!(out, "  {:<6} {:<22} {}  {}", rule.level, rule.name, rule.summary, Styled(DIM, &clause))?;
    }
    Ok(())
}

/// What all files come to.
#[derive(Default)]
struct Tally {
    strict: bool,
    is_broken: bool,
    problems: Vec<Problem>,
    /// What the folder is told, if there is one.
    junit: Option<Junit>,
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
        if let Some(junit) = &mut self.junit {
            junit.add(report, self.strict);
        }
    }

    fn exit_code(&self) -> u8 {
        if self.problems.is_empty() { u8::from(self.is_broken) } else { 2 }
    }

    fn done(self) -> Result<u8, Trouble> {
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
