//! `wireproof adapter-check`: what an adapter does wrong, step by step.

use std::io::Write;

use super::Trouble;
#[cfg(not(unix))]
use crate::problem::Problem;

/// Check that an adapter speaks the device protocol: step by step, with the requests as they were sent
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The adapter: a program that reads requests on standard input and writes answers on standard output
    #[arg(long, value_name = "CMD")]
    device_command: String,

    /// Show too what was not tried because the adapter does not offer it
    #[arg(long, short)]
    verbose: bool,
}

const EXAMPLES: &str = "\
Each check is a short conversation. What is wrong is shown with the last lines of it: `>` was
sent, `<` was answered. An adapter begins with its greeting and `ready`, answers each request up
to `wake`, and flushes its output there. To see one that is right, talk to `wireproof serve` by
hand; conformance/devices/README.md explains how to write one.

Examples:
  wireproof adapter-check --device-command ./adapter
  wireproof adapter-check --device-command 'python3 adapter.py --verbose' -v
  wireproof adapter-check --device-command 'wireproof serve --misbehave twice:9'

Exit codes: 0 all well, 1 the adapter does something wrong, 2 the check could not be made.";

/// Does it; the exit code.
///
/// # Errors
///
/// If the adapter cannot be started or does not greet.
#[cfg(unix)]
pub fn adapter_check(args: &Args, out: &mut dyn Write) -> Result<u8, Trouble> {
    use crate::device::adapter::check::{Finding, Outcome, check};
    use crate::device::adapter::{CommandLine, Limits};
    let command = CommandLine::parse(&args.device_command)?;
    let mut written = Ok(());
    let tell = |finding: &Finding| {
        if written.is_ok() {
            written = print(out, finding, args.verbose).and_then(|()| out.flush());
        }
    };
    let findings = check(&command, Limits::default(), tell)?;
    written?;
    let count = |is: fn(&Outcome) -> bool| findings.iter().filter(|finding| is(&finding.outcome)).count();
    let wrong = count(|outcome| matches!(outcome, Outcome::Wrong { .. }));
    let not_offered = count(|outcome| matches!(outcome, Outcome::NotOffered(_)));
    let right = findings.len() - wrong - not_offered;
    writeln!(
        out,
        "\n{} checks: {right} right, {wrong} wrong, {not_offered} of what is not offered",
        findings.len()
    )?;
    Ok(u8::from(wrong > 0))
}

/// Does it; the exit code.
///
/// # Errors
///
/// Always: adapters are not driven on this system.
#[cfg(not(unix))]
pub fn adapter_check(_: &Args, _: &mut dyn Write) -> Result<u8, Trouble> {
    Err(Problem::new("adapters are not driven on this system yet", "Linux, macOS or another Unix").into())
}

#[cfg(unix)]
fn print(
    out: &mut dyn Write,
    finding: &crate::device::adapter::check::Finding,
    is_verbose: bool,
) -> std::io::Result<()> {
    use crate::device::adapter::check::Outcome;
    use crate::report::style::{BAD, DIM, GOOD, ODD, Styled};
    let what = &finding.what;
    match &finding.outcome {
        Outcome::Right => writeln!(out, "{} {what}", Styled(GOOD, "right")),
        Outcome::Noted(note) => writeln!(out, "{} {what}\n      {note}", Styled(ODD, "note ")),
        Outcome::NotOffered(capability) if is_verbose => {
            writeln!(out, "{} {what}: {capability} is not offered", Styled(DIM, "  -  "))
        }
        Outcome::NotOffered(_) => Ok(()),
        Outcome::Wrong { expected, got, transcript } => {
            writeln!(out, "{} {what}", Styled(BAD, "WRONG"))?;
            transcript.iter().try_for_each(|line| writeln!(out, "      {}", Styled(DIM, line)))?;
            writeln!(out, "      expected  {expected}\n      got       {got}")
        }
    }
}
