//! The command `wireproof`: a file a command.
//!
//! Exit codes: 0 all well, 1 the device failed, 2 the run could not be made.
//!
//! | room | what |
//! |---|---|
//! | [`adapter_check`] | `wireproof adapter-check`: what an adapter does wrong |
//! | [`run`] | `wireproof run`: feature files against a device |
//! | [`list`] | `wireproof list`: scenarios, ids, tags, clauses |
//! | [`coverage`] | `wireproof coverage`: clauses and what came of them |
//! | [`matrix`] | `wireproof matrix`: clause by device, over several reports |
//! | [`completions`] | `wireproof completions`: for shells |
//! | [`serve`] | `wireproof serve`: a device of this program as an adapter |
//! | [`check`] | `wireproof check`: captures before the judge |
//! | [`show`] | `wireproof show`: captures as ladders |
//! | [`self_test`] | `wireproof self-test`: the suite against broken and odd stacks |
//! | `guest` | `wireproof guest`, hidden: the first program of a virtual Linux |
//! | [`select`] | which scenarios: paths, `--tags`, `--name` |
//! | `number` | numbers among the arguments |

pub mod adapter_check;
pub mod check;
pub mod completions;
pub mod coverage;
#[cfg(target_os = "linux")]
mod guest;
pub mod list;
pub mod matrix;
mod number;
pub mod run;
pub mod select;
pub mod self_test;
pub mod serve;
pub mod show;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::problem::Problem;
use crate::report::style::{BAD, Styled};

/// Which rules of the RFCs a TCP/IP stack breaks, and the packets that prove it.
#[derive(Debug, Parser)]
#[command(name = "wireproof", version, arg_required_else_help = true, after_help = EXAMPLES, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,

    /// No colours; the environment's NO_COLOR says the same
    #[arg(long, global = true, visible_alias = "no-color")]
    no_colour: bool,
}

const EXAMPLES: &str = "\
Examples:
  wireproof run                          all scenarios against the reference stack
  wireproof run --device smoltcp         the same against smoltcp
  wireproof run tcp/handshake            one feature file, or a folder of them
  wireproof run my.feature --report out  your own, with report.json, junit.xml and captures in out/
  wireproof check trace.pcapng           which rules the connections of a capture break
  wireproof matrix a=out/a b=out/b       reports of two devices, clause by clause
  wireproof show trace.pcapng            a capture as ladders, connection by connection

Exit codes: 0 all well, 1 the device failed, 2 the run could not be made.";

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::Args),
    List(list::Args),
    Check(check::Args),
    Show(show::Args),
    Coverage(coverage::Args),
    Matrix(matrix::Args),
    SelfTest(self_test::Args),
    Serve(serve::Args),
    AdapterCheck(adapter_check::Args),
    Completions(completions::Args),
    /// The first program of a virtual Linux
    #[cfg(target_os = "linux")]
    #[command(hide = true)]
    Guest {
        /// What the kernel adds.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        rest: Vec<String>,
    },
}

/// Why a command came to nothing: exit code 2.
#[derive(Debug)]
pub enum Trouble {
    /// What is wrong with what the user gave us.
    Problems(Vec<Problem>),
    /// Output could not be written.
    Output(io::Error),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl From<Problem> for Trouble {
    fn from(problem: Problem) -> Self {
        Self::Problems(vec![problem])
    }
}

impl From<Vec<Problem>> for Trouble {
    fn from(problems: Vec<Problem>) -> Self {
        Self::Problems(problems)
    }
}

/// Reads the command line and does what it says.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Nothing is left to be done if even this cannot be printed.
            drop(error.print());
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    if cli.no_colour {
        anstream::ColorChoice::Never.write_global();
    }
    let mut out = io::BufWriter::new(anstream::stdout().lock());
    let done = match cli.command {
        Command::Run(args) => run::run(&args, &mut out),
        Command::Check(args) => check::check(&args, &mut out),
        Command::Show(args) => show::show(&args, &mut out).map(|()| 0),
        Command::List(args) => list::list(&args, &mut out).map(|()| 0),
        Command::Coverage(args) => coverage::coverage(&args, &mut out),
        Command::Matrix(args) => matrix::matrix(&args, &mut out).map(|()| 0),
        Command::SelfTest(args) => self_test::self_test(&args, &mut out),
        Command::AdapterCheck(args) => adapter_check::adapter_check(&args, &mut out),
        Command::Serve(args) => serve::serve(&args).map(|()| 0),
        Command::Completions(args) => completions::completions(&args, &mut out).map(|()| 0),
        #[cfg(target_os = "linux")]
        Command::Guest { .. } => guest::guest().map(|()| 0),
    };
    let done = done.and_then(|code| Ok(out.flush().map(|()| code)?));
    ExitCode::from(done.unwrap_or_else(|trouble| tell(&trouble)))
}

/// Says what is wrong on standard error; the exit code.
fn tell(trouble: &Trouble) -> u8 {
    match trouble {
        // Whoever reads the output has seen enough: `wireproof list | head`.
        Trouble::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => 0,
        Trouble::Output(error) => {
            say(&Problem::new(format!("cannot write: {error}"), ""));
            2
        }
        Trouble::Problems(problems) => {
            problems.iter().for_each(say);
            if problems.len() > 1 {
                say(&Problem::new(format!("{} problems in all", problems.len()), ""));
            }
            2
        }
    }
}

/// One problem on standard error.
pub(crate) fn say(problem: &Problem) {
    // Nothing is left to be done if this cannot be printed.
    drop(writeln!(anstream::stderr(), "{}: {problem}", Styled(BAD, "error")));
}
