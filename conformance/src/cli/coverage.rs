//! `wireproof coverage`: which clauses scenarios prove, and what came of them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::PathBuf;

use serde::Serialize;

use super::Trouble;
use super::run::Target;
use super::select::Selection;
use crate::report::clauses::{home, order};
use crate::report::style::{BAD, DIM, GOOD, HEAD, ODD, Styled};
use crate::report::{Report, RuleTally, ScenarioReport, folder};
use crate::requirement::{Clause, Observable, Rfc, registry};

/// List clauses: which scenarios and rules of the judge prove them, what came of them, which ones nothing proves
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Take the verdicts of this report.json instead of running the scenarios
    #[arg(long, value_name = "FILE", conflicts_with_all = ["paths", "tags", "name", "features"])]
    report: Option<PathBuf>,

    /// Only the clauses of this RFC
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true, value_parser = super::number::rfc)]
    rfc: Option<u16>,

    /// Print JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    selection: Selection,

    #[command(flatten)]
    target: Target,
}

const EXAMPLES: &str = "\
Examples:
  wireproof coverage                            run everything against the reference, then list
  wireproof coverage --device smoltcp --rfc 9293
  wireproof coverage --report out/report.json   what an earlier run found";

/// What is known of one clause.
#[derive(Debug, Serialize)]
struct Line {
    clause: Clause,
    level: String,
    summary: String,
    /// Scenarios as written: outline rows and versions of IP are one.
    scenarios: BTreeSet<String>,
    /// How often each verdict came out.
    verdicts: BTreeMap<&'static str, usize>,
    /// The rules of the judge that it demands and that were decided.
    rules: Vec<Judged>,
    /// False if neither a scenario nor a rule proves it.
    covered: bool,
    /// What it takes to see whether it is kept; none for a section as a whole.
    seen: Option<Observable>,
}

/// What came of a rule of the judge.
#[derive(Debug, Serialize)]
struct Judged {
    rule: String,
    /// In how many scenarios it was kept.
    kept: usize,
    /// In how many it was broken, known deviations counted too.
    broken: usize,
}

/// All of it, as JSON.
#[derive(Debug, Serialize)]
struct Coverage<'r> {
    device: &'r str,
    seed: u64,
    clauses: &'r [Line],
}

/// Does it.
///
/// # Errors
///
/// What is wrong with files or options.
pub fn coverage(args: &Args, out: &mut dyn Write) -> Result<u8, Trouble> {
    if let Some(number) = args.rfc.filter(|number| registry().rfc(*number).is_none()) {
        return Err(super::number::unknown_rfc(number).into());
    }
    let report = match &args.report {
        Some(path) => folder::read(path)?,
        None => args.target.report(&args.selection)?,
    };
    let lines = lines(&report, args.rfc);
    if args.json {
        let all = Coverage { device: &report.device, seed: report.seed, clauses: &lines };
        serde_json::to_writer_pretty(&mut *out, &all).map_err(std::io::Error::from)?;
        writeln!(out)?;
    } else {
        for rfc in registry().rfcs() {
            let own: Vec<&Line> = lines.iter().filter(|line| line.clause.rfc == rfc.number).collect();
            if !own.is_empty() {
                one_rfc(out, rfc, &own)?;
            }
        }
    }
    Ok(0)
}

/// A line for each requirement of the registry and for each section that a scenario or a rule of the judge names.
fn lines(report: &Report, only: Option<u16>) -> Vec<Line> {
    let mut found: BTreeMap<Clause, Vec<&ScenarioReport>> = BTreeMap::new();
    for rfc in registry().rfcs() {
        let clause = |own: &crate::requirement::Requirement| Clause {
            rfc: rfc.number,
            section: own.section.clone(),
            id: Some(own.id.clone()),
        };
        found.extend(rfc.requirements.iter().map(|own| (clause(own), Vec::new())));
    }
    for scenario in &report.scenarios {
        for clause in &scenario.clauses {
            found.entry(home(clause)).or_default().push(scenario);
        }
    }
    let mut rules: BTreeMap<Clause, Vec<&RuleTally>> = BTreeMap::new();
    for tally in &report.rules {
        for clause in tally.clauses.iter().map(home) {
            found.entry(clause.clone()).or_default();
            rules.entry(clause).or_default().push(tally);
        }
    }
    let mut lines: Vec<Line> = found
        .into_iter()
        .map(|(clause, own)| {
            let rules = rules.remove(&clause).unwrap_or_default();
            line(clause, &own, &rules, report.strict)
        })
        .collect();
    lines.retain(|line| only.is_none_or(|rfc| line.clause.rfc == rfc));
    lines.sort_by_key(|line| order(&line.clause));
    lines
}

fn line(clause: Clause, scenarios: &[&ScenarioReport], rules: &[&RuleTally], strict: bool) -> Line {
    let mut verdicts = BTreeMap::new();
    for scenario in scenarios {
        *verdicts.entry(scenario.word(strict)).or_insert(0) += 1;
    }
    let stem = |scenario: &&ScenarioReport| {
        let id = scenario.id.rsplit_once('/').map_or(scenario.id.as_str(), |(id, _)| id);
        id.split_once('#').map_or(id, |(id, _)| id).to_owned()
    };
    Line {
        level: registry().level(&clause).to_string(),
        summary: registry().summary(&clause).unwrap_or_default().to_owned(),
        scenarios: scenarios.iter().map(stem).collect(),
        covered: !scenarios.is_empty() || !rules.is_empty(),
        rules: rules
            .iter()
            .map(|tally| Judged { rule: tally.rule.clone(), kept: tally.kept, broken: tally.broken })
            .collect(),
        seen: registry().requirement(&clause).map(|requirement| requirement.seen),
        verdicts,
        clause,
    }
}

fn one_rfc(out: &mut dyn Write, rfc: &Rfc, lines: &[&Line]) -> std::io::Result<()> {
    let ids = lines.iter().filter(|line| line.clause.id.is_some());
    let (all, with) = (ids.clone().count(), ids.clone().filter(|line| !line.scenarios.is_empty()).count());
    let ruled = ids.filter(|line| line.scenarios.is_empty() && line.covered).count();
    let count = match (all, ruled) {
        (0, _) => String::new(),
        (all, 0) => format!(": {with} of {all} requirements have a scenario"),
        (all, ruled) => {
            format!(": {with} of {all} requirements have a scenario, {ruled} more a rule of the judge")
        }
    };
    writeln!(out, "\n{}{count}", Styled(HEAD, &format!("RFC {} {}", rfc.number, rfc.title)))?;
    for line in lines {
        let name = format!("{} {}", line.clause.section, line.clause.id.as_deref().unwrap_or(""));
        let name = format!("{:<18} {:<6}", name.trim(), line.level);
        if !line.covered {
            let (style, word) = match line.seen {
                Some(Observable::Inside) => (DIM, "not visible from outside"),
                Some(Observable::Wire | Observable::Calls) | None => (ODD, "no scenario, no rule"),
            };
            writeln!(out, "  {name} {}  {}", Styled(style, word), Styled(DIM, &line.summary))?;
            continue;
        }
        let bad = line.verdicts.keys().any(|word| matches!(*word, "fail" | "unexpected pass"));
        let is_odd = line.rules.iter().any(|own| own.broken > 0);
        let style = if bad {
            BAD
        } else if is_odd {
            ODD
        } else {
            GOOD
        };
        let mut verdicts: Vec<String> =
            line.verdicts.iter().map(|(word, count)| format!("{count} {word}")).collect();
        if !line.rules.is_empty() {
            let plural = if line.rules.len() == 1 { "" } else { "s" };
            verdicts.push(format!("{} rule{plural}", line.rules.len()));
        }
        writeln!(out, "  {name} {}  {}", Styled(style, &verdicts.join(", ")), Styled(DIM, &line.summary))?;
        for scenario in &line.scenarios {
            writeln!(out, "      {}", Styled(DIM, scenario))?;
        }
        for Judged { rule, kept, broken } in &line.rules {
            let told = match broken {
                0 => format!("rule {rule}, kept in {kept} scenarios"),
                _ => format!("rule {rule}, kept in {kept} scenarios, broken in {broken}"),
            };
            writeln!(out, "      {}", Styled(DIM, &told))?;
        }
    }
    Ok(())
}
