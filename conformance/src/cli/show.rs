//! `wireproof show`: captures as ladders, connection by connection.

use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::Trouble;
use crate::capture::connection::Connections;
use crate::capture::link::{self, Content};
use crate::capture::survey::{self, Survey};
use crate::capture::{CaptureError, CaptureFile, Record, ladder};
use crate::input;
use crate::problem::{Problem, printable};
use crate::report::style::{DIM, HEAD, ODD, Styled};

/// Print captures as ladders, connection by connection
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Captures, pcap or pcapng; `-` is the standard input
    #[arg(required = true, value_name = "CAPTURE")]
    captures: Vec<PathBuf>,

    /// One line also for each packet that is not TCP
    #[arg(long)]
    all: bool,

    /// Only these connections, by their numbers: `1,4-6`
    #[arg(long, value_name = "NUMBERS")]
    connection: Option<String>,

    /// Only who, when and how many segments
    #[arg(long)]
    brief: bool,
}

const EXAMPLES: &str = "\
Reads Ethernet (with VLAN tags), raw IP, Linux cooked v1 and v2, BSD and OpenBSD loopback.

The end that opened the connection stands on the left, `-->` is what it sent; times are seconds
from the connection's first segment. Numbers count as in RFC 9293's figures: the left end's from
100, the right end's from 300; the line above the ladder says which real number that is. The
window, as on the wire, is told where it changes. Padding between options is left out.
What can be read of a damaged file is shown; then the damage is told and the exit code is 2.

Examples:
  wireproof show trace.pcapng
  wireproof show --brief *.pcap               which connections there are
  wireproof show trace.pcap --connection 2,5-7";

/// Does it.
///
/// # Errors
///
/// Files that cannot be read, after the output of all that can.
pub fn show(args: &Args, out: &mut dyn Write) -> Result<(), Trouble> {
    let chosen = args.connection.as_ref().map(|text| Chosen::parse(text)).transpose()?;
    let show = Show { all: args.all, brief: args.brief, chosen, is_only: args.captures.len() == 1 };
    let mut problems = Vec::new();
    if let [path] = args.captures.as_slice() {
        problems.extend(show.file(path, out)?);
    } else {
        // As many files at once as there are threads: what is ready waits in memory for its turn.
        for some in args.captures.chunks(rayon::current_num_threads().max(1)) {
            let shown: Vec<(Vec<u8>, io::Result<Option<Problem>>)> =
                some.par_iter().map(|path| show.in_memory(path)).collect();
            for (text, result) in shown {
                out.write_all(&text)?;
                problems.extend(result?);
            }
        }
    }
    out.flush()?;
    if problems.is_empty() { Ok(()) } else { Err(problems.into()) }
}

/// Numbers of connections.
struct Chosen(Vec<(u64, u64)>);

impl Chosen {
    fn parse(text: &str) -> Result<Self, Problem> {
        let part = |part: &str| {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
            (0 < first && first <= last).then_some((first, last))
        };
        let wrong = |one: &str| {
            Problem::new(format!("found `{one}` behind --connection"), "numbers from 1 on, such as 1,4-6")
        };
        text.split(',').map(|one| part(one).ok_or_else(|| wrong(one))).collect::<Result<_, _>>().map(Self)
    }

    /// A number that is chosen and beyond `count`.
    fn beyond(&self, count: u64) -> Option<u64> {
        self.0.iter().map(|(first, _)| *first).find(|first| *first > count)
    }

    fn holds(&self, number: u64) -> bool {
        self.0.iter().any(|(first, last)| (*first..=*last).contains(&number))
    }
}

struct Show {
    all: bool,
    brief: bool,
    chosen: Option<Chosen>,
    /// Whether there is no other file that may have the connections that are chosen.
    is_only: bool,
}

impl Show {
    fn in_memory(&self, path: &Path) -> (Vec<u8>, io::Result<Option<Problem>>) {
        let mut text = Vec::new();
        let result = self.file(path, &mut text);
        (text, result)
    }

    /// Shows one file; what is wrong with it is given back when all that could be read is written.
    fn file(&self, path: &Path, out: &mut dyn Write) -> io::Result<Option<Problem>> {
        let name = printable(&path.display().to_string());
        let opened: io::Result<Box<dyn Read + Send>> = match path == Path::new("-") {
            true => Ok(Box::new(io::stdin())),
            false => input::open(path).map(|file| Box::new(file) as Box<dyn Read + Send>),
        };
        let file = match opened {
            Ok(file) => file,
            Err(error) => {
                return Ok(Some(Problem::new(
                    format!("cannot read `{name}`: {error}"),
                    "a pcap or pcapng capture",
                )));
            }
        };
        let mut capture = match CaptureFile::open(BufReader::with_capacity(1 << 16, file)) {
            Ok(capture) => capture,
            Err(error) => return Ok(Some(problem(&name, &error, 0))),
        };
        let format = capture.format();
        let details = if format.details.is_empty() { String::new() } else { format!(", {}", format.details) };
        writeln!(out, "{}  {}", Styled(HEAD, &name), Styled(DIM, &format!("{}{details}", format.name)))?;
        let (survey, count, result) = self.records(&mut capture, out)?;
        for remark in capture.remarks() {
            writeln!(out, "{}", Styled(ODD, &remark))?;
        }
        writeln!(out)?;
        let lacking = self.chosen.as_ref().filter(|_| self.is_only).and_then(|chosen| chosen.beyond(count));
        let lacking = lacking.map(|number| {
            let message = format!("`{name}` has no connection {number}");
            Problem::new(message, format!("numbers from 1 to {count}; `--brief` shows which they are"))
        });
        Ok(result.err().map(|error| problem(&name, &error, survey.packets)).or(lacking))
    }

    /// All records of a file.
    fn records(
        &self,
        capture: &mut CaptureFile<'_>,
        out: &mut dyn Write,
    ) -> io::Result<(Survey, u64, Result<(), CaptureError>)> {
        let (mut survey, mut connections, mut links) =
            (Survey::default(), Connections::default(), Vec::new());
        let result = loop {
            match capture.next_record() {
                Ok(Some(record)) => {
                    if !links.contains(&record.link) {
                        links.push(record.link);
                    }
                    if let Some(line) =
                        record_line(&record, &mut survey, &mut connections).filter(|_| self.all)
                    {
                        writeln!(out, "{line}")?;
                    }
                    if connections.is_full() {
                        self.connections(&mut connections, out)?;
                    }
                }
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        self.connections(&mut connections, out)?;
        let links: Vec<String> = links.into_iter().map(link::name).collect();
        let on = if links.is_empty() { String::new() } else { format!(" ({})", links.join(", ")) };
        writeln!(out, "\n{}{on}", survey.line(connections.count()))?;
        Ok((survey, connections.count(), result))
    }

    fn connections(&self, connections: &mut Connections, out: &mut dyn Write) -> io::Result<()> {
        for connection in connections.hand_out() {
            if self.chosen.as_ref().is_none_or(|chosen| chosen.holds(connection.number)) {
                ladder::write(out, &connection, self.brief)?;
            }
        }
        Ok(())
    }
}

/// Takes in a record; its line if it is no TCP segment.
fn record_line(record: &Record, survey: &mut Survey, connections: &mut Connections) -> Option<String> {
    survey.packets += 1;
    let mut scratch = Vec::new();
    let (name, text) = match link::content(record, &mut scratch) {
        Content::Ip { packet, tags, missing } => {
            survey.tagged += u64::from(tags > 0);
            if connections.add(&packet, record, missing) {
                survey.segments += 1;
                return None;
            }
            (survey::name(&packet), packet.to_string())
        }
        Content::Arp(arp) => ("ARP".to_owned(), arp.to_string()),
        Content::Other(name) => (name.clone(), name),
        Content::Unreadable(why) => ("unreadable".to_owned(), format!("unreadable: {why}")),
    };
    survey.count(&name);
    let time = record.time.map_or_else(|| "-".to_owned(), ladder::date);
    Some(format!("{:>6}  {time}  {text}", record.number))
}

fn problem(name: &str, error: &CaptureError, packets: u64) -> Problem {
    let shown = match packets {
        0 => "",
        _ => "; what stands before it is shown",
    };
    let message =
        format!("`{name}` is damaged or no capture: at octet {}, found {}{shown}", error.offset, error.found);
    Problem::new(message, error.expected.clone())
}
