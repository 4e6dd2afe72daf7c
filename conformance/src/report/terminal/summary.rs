//! The end of the report: why something was not judged, which rules broke, counts.

use std::collections::BTreeMap;
use std::io::{self, Write};

use anstyle::Style;

use super::stem;
use crate::report::expected::Compared;
use crate::report::model::{Numbers, Report, RuleTally, ScenarioReport, Unshown, Verdict};
use crate::report::style::{BAD, DIM, GOOD, HEAD, ODD, Styled};

/// One line for each reason why something was not judged, or is known, and below it where.
pub(super) fn notes(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let mut reasons: BTreeMap<(&str, String), Vec<&ScenarioReport>> = BTreeMap::new();
    for scenario in &report.scenarios {
        let (word, reason) = match &scenario.verdict {
            Verdict::KnownDeviation { reason } => {
                let of_ladder = scenario.failure.as_ref().and_then(|failure| failure.clause.as_ref());
                let of_rules =
                    scenario.broken_rules.iter().find(|broken| broken.known.as_ref() == Some(reason));
                let clause = of_ladder.or_else(|| of_rules.and_then(|broken| broken.clauses.first()));
                (
                    "known deviation",
                    clause.map_or_else(|| reason.clone(), |clause| format!("{clause}: {reason}")),
                )
            }
            Verdict::NotApplicable { capability } => {
                ("not applicable", format!("the device lacks {capability}"))
            }
            Verdict::NotRun { why } => match report.time_limit {
                Some(limit) => ("not run", format!("{why}, the time limit is {limit} s")),
                None => ("not run", why.clone()),
            },
            Verdict::Pass | Verdict::Fail | Verdict::UnexpectedPass { .. } | Verdict::Inconclusive { .. } => {
                continue;
            }
        };
        reasons.entry((word, reason)).or_default().push(scenario);
    }
    if !reasons.is_empty() {
        writeln!(out)?;
    }
    for ((word, reason), scenarios) in reasons {
        writeln!(out, "{} ({}) {reason}", Styled(ODD, word), scenarios.len())?;
        let mut rows: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for scenario in scenarios {
            rows.entry(stem(&scenario.id)).or_default().extend(scenario.row);
        }
        for (id, rows) in rows {
            writeln!(out, "  {}", Styled(DIM, &format!("{id}{}", numbers(rows))))?;
        }
    }
    Ok(())
}

/// The rules of the judge that were broken, with the number of scenarios; what the profile says of rules and is not so.
pub(super) fn rules(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let mut broken = report.rules.iter().filter(|tally| tally.broken > 0).peekable();
    if broken.peek().is_some() {
        writeln!(out, "\n{}", Styled(HEAD, "Rules of the judge that were broken"))?;
    }
    for RuleTally { rule, clauses, kept, broken } in broken {
        let clause = clauses.first().map_or_else(String::new, ToString::to_string);
        let count = format!("broken in {broken} scenarios, kept in {kept}");
        writeln!(out, "  {rule:<24} {clause:<26} {}", Styled(DIM, &count))?;
    }
    for Unshown { rule, reason, .. } in report.unshown.iter().filter(|unshown| !unshown.is_listed) {
        writeln!(
            out,
            "\n{} {rule} is broken nowhere, although the device's profile says it is: {reason}",
            Styled(BAD, "PASS!")
        )?;
        writeln!(out, "  take the entry out of the profile")?;
    }
    Ok(())
}

/// Rows of an outline, neighbours together: `#2,5-8`; nothing for none.
fn numbers(mut rows: Vec<usize>) -> String {
    rows.sort_unstable();
    rows.dedup();
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for row in rows {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == row => *last = row,
            _ => ranges.push((row, row)),
        }
    }
    let told = |(first, last): &(usize, usize)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    };
    let told: Vec<String> = ranges.iter().map(told).collect();
    if told.is_empty() { String::new() } else { format!("#{}", told.join(",")) }
}

/// The last lines: counts, device, seed, times.
pub(super) fn counts(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let counts: [(Style, &str, &str); 9] = [
        (GOOD, "pass", "passed"),
        (BAD, "fail", "failed"),
        (BAD, "unexpected pass", "passed unexpectedly"),
        (ODD, "warning", "warnings"),
        (ODD, "inconclusive", "inconclusive"),
        (ODD, "known deviation", "known deviations"),
        (DIM, "not observed", "not observed"),
        (DIM, "not applicable", "not applicable"),
        (DIM, "not run", "not run"),
    ];
    let told: Vec<String> = counts
        .into_iter()
        .filter_map(|(style, word, plural)| {
            let count = report.scenarios.iter().filter(|own| own.word(report.strict) == word).count();
            (count > 0).then(|| Styled(style, &format!("{count} {plural}")).to_string())
        })
        .collect();
    writeln!(out, "{} scenarios: {}", report.scenarios.len(), told.join(", "))?;
    let again = report.scenarios.iter().filter(|own| !own.repeated.is_empty());
    if let Some(most) = again.clone().map(ScenarioReport::runs).max() {
        let count = again.count();
        writeln!(
            out,
            "{count} run again, since the machine was too slow for them: up to {most} times in all"
        )?;
    }
    if let Some(compared) = &report.expected {
        expected(out, compared)?;
    }
    let broken = report.rules.iter().filter(|tally| tally.broken > 0).count();
    if !report.rules.is_empty() {
        writeln!(out, "{} rules judged on every trace: {broken} broken", report.rules.len())?;
    }
    let device = format!("{} {}", report.device, report.device_version);
    let numbers = match report.numbers {
        Numbers::Random => String::new(),
        numbers => format!(", numbers {numbers}"),
    };
    writeln!(out, "device {}, seed {}{numbers}; {}", device.trim(), report.seed, times(report))
}

/// How the run stands to the list of what is expected.
fn expected(out: &mut dyn Write, compared: &Compared) -> io::Result<()> {
    let Compared { file, as_listed, new, changed, stale, undecided, gone, shown_rules } = compared;
    for rule in shown_rules {
        let told = format!("the suite shows {rule} broken, and {file} says that it does not");
        writeln!(out, "{} {told}: take it out of unshown-rules", Styled(BAD, "STALE"))?;
    }
    for id in gone {
        writeln!(out, "{} {file} has an entry for {id}, which is not in the suite", Styled(ODD, "gone"))?;
    }
    let counts = [
        (BAD, *new, "new"),
        (BAD, *changed, "changed"),
        (BAD, *stale, "stale"),
        (ODD, *undecided, "not comparable"),
        (ODD, gone.len(), "gone from the suite"),
    ];
    let told = counts.into_iter().filter(|(_, count, _)| *count > 0);
    let told: Vec<String> =
        told.map(|(style, count, word)| Styled(style, &format!("{count} {word}")).to_string()).collect();
    let others = if told.is_empty() { "nothing else".to_owned() } else { told.join(", ") };
    writeln!(out, "against {file}: {as_listed} as listed, {others}")
}

fn times(report: &Report) -> String {
    let nanos = report.scenarios.iter().fold(0_u64, |sum, s| sum.saturating_add(s.virtual_nanos));
    let (secs, millis) = (nanos / 1_000_000_000, report.wall.millis);
    let (hours, minutes, secs) = (secs / 3600, secs / 60 % 60, secs % 60);
    format!("{hours} h {minutes:02} min {secs:02} s of scenarios in {}.{:03} s", millis / 1000, millis % 1000)
}
