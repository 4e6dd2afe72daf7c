//! `wireproof self-test`: the suite against broken and odd stacks.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::num::NonZeroUsize;

use serde::Serialize;

use super::Trouble;
use super::select::regex;
use crate::behaviour::Plan;
use crate::device::variant::{self, Variant};
use crate::oracle::{RULES, RuleId};
use crate::problem::Problem;
use crate::report::style::{BAD, DIM, GOOD, HEAD, Styled};
use crate::self_test::{Depth, Examination, Finding, UNSHOWN, examine, plan};

/// Findings that are shown for each stack.
const SHOWN: usize = 3;

/// Hold the suite against stacks that break one rule each, and against odd ones that break none
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Only stacks whose name matches REGEX, such as `broken:rto`
    #[arg(long, value_name = "REGEX")]
    name: Option<String>,

    /// Stop at the first scenarios that catch a broken stack
    #[arg(long)]
    quick: bool,

    /// Only show which stacks there are
    #[arg(long, conflicts_with = "quick")]
    list: bool,

    /// Print JSON, an object for each stack
    #[arg(long)]
    json: bool,

    /// How many scenarios run at once; as many as there are processors if not given
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = super::number::at_least_one)]
    jobs: Option<NonZeroUsize>,
}

const EXAMPLES: &str = "\
Examples:
  wireproof self-test                       every stack, every scenario
  wireproof self-test --quick               the same, to the first scenarios that catch a broken stack
  wireproof self-test --name '^odd:'        the odd stacks alone
  wireproof run --device broken:ack-beyond  what one of them looks like

Exit codes: 0 every broken stack is caught and every odd one passes, 1 if not, 2 the run could not be made.";

/// A stack in JSON.
#[derive(Serialize)]
struct Entry<'e> {
    name: String,
    what: &'static str,
    clauses: &'static [&'static str],
    /// The rules of the judge that it should break.
    rules: Vec<&'static str>,
    scenarios_run: usize,
    is_right: bool,
    /// How many scenarios fail by their ladders.
    failed_ladders: usize,
    /// The rules that were broken, and in how many scenarios.
    broken_rules: BTreeMap<&'static str, usize>,
    findings: &'e [Finding],
}

/// Does it; the exit code.
///
/// # Errors
///
/// What is wrong with options, or cannot be written.
pub fn self_test(args: &Args, out: &mut dyn Write) -> Result<u8, Trouble> {
    let name = args.name.as_ref().map(|text| regex(text)).transpose()?;
    let is_chosen = |variant: &&Variant| name.as_ref().is_none_or(|name| name.is_match(&variant.full_name()));
    let chosen: Vec<&'static Variant> = variant::all().filter(|variant| is_chosen(variant)).collect();
    if chosen.is_empty() {
        return Err(Problem::new(
            format!("no stack has a name that `{}` matches", args.name.as_deref().unwrap_or_default()),
            "a choice that leaves some, such as `odd:`; `wireproof self-test --list` shows all",
        )
        .into());
    }
    if args.list {
        for variant in chosen {
            writeln!(
                out,
                "{:<40} {}  {}",
                variant.full_name(),
                variant.what,
                Styled(DIM, &variant.clauses.join(" "))
            )?;
        }
        return Ok(0);
    }
    let plan = plan()?;
    let depth = if args.quick { Depth::First } else { Depth::All };
    let (mut examinations, mut last) = (Vec::new(), None);
    for variant in chosen {
        let examination = examine(variant, &plan, depth, args.jobs.map(NonZeroUsize::get))?;
        if !args.json {
            if last.replace(variant.is_broken()) != Some(variant.is_broken()) {
                writeln!(
                    out,
                    "{}",
                    Styled(HEAD, if variant.is_broken() { "Broken stacks" } else { "Odd stacks" })
                )?;
            }
            tell(out, &examination)?;
            out.flush()?;
        }
        examinations.push(examination);
    }
    if args.json {
        let entries: Vec<Entry<'_>> = examinations.iter().map(entry).collect();
        serde_json::to_writer_pretty(&mut *out, &entries).map_err(std::io::Error::from)?;
        writeln!(out)?;
    } else {
        total(out, &examinations, &plan)?;
    }
    Ok(u8::from(!examinations.iter().all(Examination::is_right)))
}

fn tell(out: &mut dyn Write, examination: &Examination) -> std::io::Result<()> {
    let Examination { variant, run, .. } = examination;
    let mark = if examination.is_right() { Styled(GOOD, "ok") } else { Styled(BAD, "NO") };
    writeln!(out, "  {mark} {:<36} {}", variant.name, Styled(DIM, variant.what))?;
    let shown: Vec<&Finding> =
        if variant.is_broken() { examination.failed().collect() } else { examination.objections().collect() };
    match (variant.is_broken(), shown.len()) {
        (true, 0) => writeln!(out, "       {} by none of {run} scenarios", Styled(BAD, "caught"))?,
        (true, count) => {
            let ladders = ladders(examination);
            writeln!(out, "       caught by {count} of {run} scenarios, {ladders} of them by their ladders")?;
        }
        (false, 0) => {
            let excused = examination.findings.len();
            if excused > 0 {
                writeln!(
                    out,
                    "       {excused} scenarios of what it says it does not follow, which is no MUST"
                )?;
            }
        }
        (false, count) => writeln!(out, "       {} by {count} of {run} scenarios", Styled(BAD, "accused"))?,
    }
    let rules: Vec<String> =
        examination.rules.iter().map(|(rule, count)| format!("{rule} ({count})")).collect();
    if !rules.is_empty() {
        writeln!(out, "       breaks {}", rules.join(", "))?;
    }
    for rule in examination.missed_rules() {
        writeln!(out, "       {} {rule}, which it should", Styled(BAD, "does not break"))?;
    }
    for finding in shown.iter().take(SHOWN) {
        let clause = finding.clause.as_deref().unwrap_or("no clause");
        writeln!(
            out,
            "       {} {}",
            finding.scenario,
            Styled(DIM, &format!("{clause}: {}", finding.summary))
        )?;
    }
    Ok(())
}

fn total(out: &mut dyn Write, examinations: &[Examination], plan: &Plan) -> std::io::Result<()> {
    let count = |is_broken: bool| {
        let of = examinations.iter().filter(|one| one.variant.is_broken() == is_broken);
        (of.clone().filter(|one| one.is_right()).count(), of.count())
    };
    let ((caught, broken), (passed, odd)) = (count(true), count(false));
    let names: Vec<String> =
        examinations.iter().filter(|one| !one.is_right()).map(|one| one.variant.full_name()).collect();
    writeln!(
        out,
        "\n{caught} of {broken} broken stacks are caught, {passed} of {odd} odd ones pass; {} scenarios",
        plan.len()
    )?;
    let shown: BTreeSet<RuleId> = examinations
        .iter()
        .filter(|one| one.variant.is_broken())
        .flat_map(|one| one.rules.keys().copied())
        .collect();
    writeln!(out, "{} of {} rules of the judge are broken by one of them", shown.len(), RULES.len())?;
    for (rule, why) in UNSHOWN.iter().filter(|(rule, _)| !shown.contains(rule)) {
        writeln!(out, "  {rule:<22} {}", Styled(DIM, why))?;
    }
    if !names.is_empty() {
        writeln!(out, "{}: {}", Styled(BAD, "wrong about"), names.join(", "))?;
    }
    Ok(())
}

/// How many ladders fail.
fn ladders(examination: &Examination) -> usize {
    examination.failed().filter(|finding| finding.is_by_ladder).count()
}

fn entry(examination: &Examination) -> Entry<'_> {
    Entry {
        name: examination.variant.full_name(),
        what: examination.variant.what,
        clauses: examination.variant.clauses,
        scenarios_run: examination.run,
        rules: examination.variant.rules.iter().map(|rule| rule.rule().name).collect(),
        is_right: examination.is_right(),
        failed_ladders: ladders(examination),
        broken_rules: examination.rules.iter().map(|(rule, count)| (rule.rule().name, *count)).collect(),
        findings: &examination.findings,
    }
}
