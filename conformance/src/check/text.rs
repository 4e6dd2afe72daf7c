//! What was found, as people read it: what broke first in full, the whole in counts at the end, where the eye rests.

use std::io::{self, Write};

use super::model::{ConnectionReport, Damage, Figures, FileReport, FloodReport, RttReport, RuleCount};
use crate::report::style::{BAD, DIM, GOOD, HEAD, ODD, Styled};
use crate::report::{BrokenRule, Level, broken_rule};

/// So many connections that broke a rule are told in a line each.
const MOST_LINES: usize = 40;
/// Figures stand in columns of this width.
const COLUMN: usize = 28;

/// Writes what stands before everything else of a file.
///
/// # Errors
///
/// Those of `out`.
pub fn head(out: &mut dyn Write, file: &str) -> io::Result<()> {
    writeln!(out, "{}", Styled(HEAD, file))
}

/// Writes a connection in one line.
///
/// # Errors
///
/// Those of `out`.
pub fn line(out: &mut dyn Write, one: &ConnectionReport) -> io::Result<()> {
    if let Some(level) = one.worst() {
        let rules: Vec<&str> = one.broken.iter().map(|broken| broken.rule.as_str()).collect();
        return writeln!(out, "  {}  {}", outline(one), Styled(colour(level), &rules.join(", ")));
    }
    let rules = size(&one.held);
    let held =
        if rules == 0 { "nothing to judge".to_owned() } else { format!("{} held", counted(rules, "rule")) };
    writeln!(out, "  {}  {}", outline(one), Styled(DIM, &held))
}

/// Writes all of a file but its head.
///
/// # Errors
///
/// Those of `out`.
pub fn file(out: &mut dyn Write, report: &FileReport, verbose: bool) -> io::Result<()> {
    // What floods begin is told with them.
    let is_flood = |one: &&ConnectionReport| !report.floods.is_empty() && is_half_open(one);
    for one in report.whole.iter().filter(|one| !is_flood(one)) {
        line(out, one)?;
    }
    let counts = report.connections;
    let whole = counts.judged.saturating_sub(counts.broke_must + counts.broke_should);
    let listed = u64::try_from(report.whole.iter().filter(|one| !is_flood(one)).count()).unwrap_or(u64::MAX);
    if whole > listed && !report.whole.is_empty() {
        let more =
            format!("  ... and {} more that broke nothing (--all lists them)", grouped(whole - listed));
        writeln!(out, "{}", Styled(DIM, &more))?;
    }
    for one in report.shown.iter().filter(|one| one.is_full) {
        connection(out, one, verbose)?;
    }
    in_lines(out, report)?;
    for broken in &report.hosts {
        let title = format!("{} broken by a host", broken.level);
        writeln!(out, "\n{}", Styled(colour(broken.level), &title))?;
        broken_rule::write(out, broken)?;
    }
    for flood in &report.floods {
        writeln!(out)?;
        self::flood(out, flood)?;
    }
    summary(out, report, verbose)
}

/// Connections that broke what others broke too: a line each, as many as can be read.
fn in_lines(out: &mut dyn Write, report: &FileReport) -> io::Result<()> {
    let lines: Vec<&ConnectionReport> = report.shown.iter().filter(|one| !one.is_full).collect();
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", Styled(HEAD, "broke the same on further connections"))?;
    for one in lines.iter().take(MOST_LINES) {
        line(out, one)?;
    }
    let more = u64::try_from(lines.len().saturating_sub(MOST_LINES)).unwrap_or(0) + report.not_shown;
    if more > 0 {
        let more = format!("  ... and {} more", grouped(more));
        writeln!(out, "{}", Styled(DIM, &more))?;
    }
    Ok(())
}

/// A connection in full.
fn connection(out: &mut dyn Write, one: &ConnectionReport, verbose: bool) -> io::Result<()> {
    let [a, b] = one.ends;
    let title = format!("{}. {a} --> {b}", one.number);
    writeln!(out, "\n{}  {}", Styled(HEAD, &title), verdict(&one.broken))?;
    for (place, broken) in one.broken.iter().enumerate() {
        if place > 0 {
            writeln!(out)?;
        }
        let broken = BrokenRule { connection: None, ..broken.clone() };
        broken_rule::write(out, &broken)?;
    }
    if let Some(capture) = &one.capture {
        writeln!(out, "  {:<9} {capture}", Styled(HEAD, "packets"))?;
    }
    figures(out, one)?;
    checked(out, one, verbose)
}

/// `broke 1 MUST and 2 SHOULD`.
fn verdict(broken: &[BrokenRule]) -> String {
    let of = |level: Level| {
        let mut rules: Vec<&str> =
            broken.iter().filter(|one| one.level == level).map(|one| one.rule.as_str()).collect();
        rules.dedup();
        (!rules.is_empty()).then(|| Styled(colour(level), &format!("{} {level}", rules.len())).to_string())
    };
    let levels: Vec<String> = [Level::Must, Level::Should].into_iter().filter_map(of).collect();
    if levels.is_empty() {
        Styled(GOOD, "broke nothing").to_string()
    } else {
        format!("broke {}", levels.join(", "))
    }
}

fn colour(level: Level) -> anstyle::Style {
    if level == Level::Must { BAD } else { ODD }
}

/// `3. 192.0.2.1:1025 --> 192.0.2.2:80  12 segments, 100 and 5,000 octets in 3.200 s, closed`.
fn outline(one: &ConnectionReport) -> String {
    let [a, b] = &one.figures;
    format!(
        "{:>5}. {} --> {}  {}, {} and {} octets in {} s, {}",
        one.number,
        one.ends[0],
        one.ends[1],
        counted(one.segments(), "segment"),
        grouped(a.unique_octets),
        grouped(b.unique_octets),
        in_seconds(one.duration_nanos),
        ending(one)
    )
}

/// Whether its initiator sent nothing but its SYN.
fn is_half_open(one: &ConnectionReport) -> bool {
    let [a, _] = &one.figures;
    a.syns > 0 && a.syns == a.segments
}

/// How it ended, as far as was seen.
fn ending(one: &ConnectionReport) -> &'static str {
    let [a, b] = &one.figures;
    if a.resets + b.resets > 0 {
        "reset"
    } else if a.fins > 0 && b.fins > 0 {
        "closed"
    } else if a.fins + b.fins > 0 {
        "half closed"
    } else if a.syns > 0 && b.segments == 0 {
        "never answered"
    } else if is_half_open(one) {
        "half open"
    } else {
        "open"
    }
}

/// A table of figures, a column for what each end sent.
fn figures(out: &mut dyn Write, one: &ConnectionReport) -> io::Result<()> {
    let [a, b] = one.ends;
    let span = format!("{} s from {} s on", in_seconds(one.duration_nanos), in_seconds(one.start_nanos));
    let gaps = match (one.is_from_start, one.has_gaps) {
        (true, false) => "",
        (false, false) => "; begun before the capture",
        (true, true) => "; with gaps in the capture",
        (false, true) => "; begun before the capture, with gaps in it",
    };
    writeln!(out, "  {:<9} {span}{gaps}", Styled(HEAD, "figures"))?;
    let row = |out: &mut dyn Write, name: &str, values: [String; 2]| {
        let [a, b] = values;
        let between = if a.chars().count() > COLUMN { "| " } else { "" };
        writeln!(out, "    {name:<16} {a:<COLUMN$} {between}{b}")
    };
    let both = |tell: &dyn Fn(&Figures) -> String| [tell(&one.figures[0]), tell(&one.figures[1])];
    let any = |count: &dyn Fn(&Figures) -> u64| one.figures.iter().any(|end| count(end) > 0);
    row(out, "sent by", [a.to_string(), b.to_string()])?;
    row(
        out,
        "segments",
        both(&|end| format!("{}, {} bare ACK", grouped(end.segments), grouped(end.pure_acks))),
    )?;
    row(out, "octets", both(&|end| grouped(end.unique_octets)))?;
    if any(&|end| end.retransmissions) {
        let again = |end: &Figures| match end.retransmissions {
            0 => "none".to_owned(),
            times => format!("{}, {} octets", grouped(times), grouped(end.retransmitted_octets)),
        };
        row(out, "sent again", both(&again))?;
    }
    row(out, "SYN FIN RST", both(&|end| format!("{} {} {}", end.syns, end.fins, end.resets)))?;
    row(out, "MSS", both(&|end| end.mss.map_or_else(|| "-".to_owned(), |mss| mss.to_string())))?;
    let window = |end: &Figures| match end.windows {
        Some((min, max)) if min == max => grouped(min.into()),
        Some((min, max)) => format!("{} to {}", grouped(min.into()), grouped(max.into())),
        None => "-".to_owned(),
    };
    row(out, "windows", both(&window))?;
    if any(&|end| end.zero_windows) {
        row(out, "closed windows", both(&|end| grouped(end.zero_windows)))?;
    }
    row(out, "most under way", both(&|end| grouped(end.max_flight.into())))?;
    row(out, "RTT min/avg/max", both(&|end| end.rtt.map_or_else(|| "-".to_owned(), rtt)))?;
    if any(&|end| end.wrong_checksums) {
        row(out, "wrong checksums", both(&|end| grouped(end.wrong_checksums)))?;
    }
    row(out, "state at the end", one.states.clone())
}

/// Milliseconds, and how many were measured.
fn rtt(rtt: RttReport) -> String {
    let millis = |nanos: u64| format!("{}.{:03}", nanos / 1_000_000, nanos / 1_000 % 1_000);
    let [min, avg, max] = [rtt.min_nanos, rtt.avg_nanos, rtt.max_nanos].map(millis);
    format!("{min}/{avg}/{max} ms ({})", grouped(rtt.samples))
}

/// What was checked, and what nobody can decide.
fn checked(out: &mut dyn Write, one: &ConnectionReport, verbose: bool) -> io::Result<()> {
    let times: u64 = one.held.iter().map(|(_, times)| times).sum();
    let rules = counted(size(&one.held), "rule");
    writeln!(out, "  {:<9} {rules}, decided {} times", Styled(HEAD, "held"), grouped(times))?;
    if verbose {
        for (rule, times) in &one.held {
            writeln!(out, "    {rule:<24} {}", grouped(*times))?;
        }
    }
    if one.undecided.is_empty() {
        return Ok(());
    }
    let rules = counted(size(&one.undecided), "rule");
    if verbose {
        writeln!(out, "  {:<9} {rules}", Styled(HEAD, "undecided"))?;
        return one.undecided.iter().try_for_each(|(rule, why)| writeln!(out, "    {rule:<24} {why}"));
    }
    let names: Vec<&str> = one.undecided.iter().map(|(rule, _)| *rule).collect();
    writeln!(out, "  {:<9} {rules}: {}", Styled(HEAD, "undecided"), names.join(", "))
}

fn flood(out: &mut dyn Write, flood: &FloodReport) -> io::Result<()> {
    let other = flood.other.map_or_else(|| "many addresses".to_owned(), |other| other.to_string());
    let port = flood.port.map_or_else(String::new, |port| format!(", port {port}"));
    let title = match flood.direction {
        "to" => format!("FLOOD of SYNs to {}{port} from {other}", flood.address),
        _ => format!("FLOOD of SYNs from {} to {other}{port}", flood.address),
    };
    writeln!(out, "{}", Styled(BAD, &title))?;
    let (first, last) = flood.times_nanos;
    writeln!(
        out,
        "  {} SYNs in {} s from {} s on, frames {} to {}: {:.0} a second, {} in the worst",
        grouped(flood.syns),
        in_seconds(last.saturating_sub(first)),
        in_seconds(first),
        flood.frames.0,
        flood.frames.1,
        flood.rate,
        grouped(flood.peak)
    )?;
    writeln!(
        out,
        "  {} stayed half open; {} were answered by a SYN with ACK, {} refused by a RST",
        grouped(flood.half_open),
        grouped(flood.answered),
        grouped(flood.refused)
    )
}

/// The whole in counts.
fn summary(out: &mut dyn Write, report: &FileReport, verbose: bool) -> io::Result<()> {
    if report.format.is_empty() {
        return damage(out, report);
    }
    let is_blank = report.whole.is_empty() && report.shown.is_empty();
    if !is_blank || !report.floods.is_empty() || !report.hosts.is_empty() {
        writeln!(out)?;
    }
    writeln!(out, "{}", Styled(DIM, &holds(report)))?;
    for remark in &report.remarks {
        writeln!(out, "{}", Styled(ODD, remark))?;
    }
    counts(out, report)?;
    rules(out, &report.rules, verbose)?;
    damage(out, report)
}

/// Format, links, span, and what packets there are.
fn holds(report: &FileReport) -> String {
    let mut holds = vec![];
    if report.segments > 0 {
        holds.push(format!("{} TCP", grouped(report.segments)));
    }
    holds.extend(report.others.iter().map(|(name, count)| format!("{} {name}", grouped(*count))));
    let links =
        if report.links.is_empty() { String::new() } else { format!("; {}", report.links.join(", ")) };
    if report.packets == 0 {
        return format!("{}{links}; no packets", report.format);
    }
    let start = report.start.as_ref().map_or_else(String::new, |start| format!(" from {start} on"));
    let span = in_seconds(report.duration_nanos);
    let packets = counted(report.packets, "packet");
    format!("{}{links}; {packets} in {span} s{start}: {}", report.format, holds.join(", "))
}

/// How many connections broke something.
fn counts(out: &mut dyn Write, report: &FileReport) -> io::Result<()> {
    let counts = report.connections;
    if counts.all == 0 {
        return writeln!(out, "{}", Styled(HEAD, "no TCP connections"));
    }
    let chosen =
        if counts.judged == counts.all { String::new() } else { format!(" of {}", grouped(counts.all)) };
    let whole = counts.judged.saturating_sub(counts.broke_must + counts.broke_should);
    let must = format!("{} broke a MUST", grouped(counts.broke_must));
    let should = format!("{} only a SHOULD", grouped(counts.broke_should));
    let style = |count: u64, style| if count > 0 { style } else { GOOD };
    writeln!(
        out,
        "{}{chosen}: {}, {}, {} nothing",
        Styled(HEAD, &counted(counts.judged, "connection")),
        Styled(style(counts.broke_must, BAD), &must),
        Styled(style(counts.broke_should, ODD), &should),
        grouped(whole)
    )
}

fn rules(out: &mut dyn Write, rules: &[RuleCount], verbose: bool) -> io::Result<()> {
    let mut broken: Vec<&RuleCount> = rules.iter().filter(|rule| rule.broken > 0).collect();
    broken.sort_by_key(|rule| {
        (std::cmp::Reverse(rule.level), std::cmp::Reverse(rule.broken_connections), rule.rule)
    });
    for rule in broken {
        let first = match rule.first {
            Some((Some(connection), frame)) => format!("first on connection {connection}, frame {frame}"),
            Some((None, frame)) => format!("first at frame {frame}"),
            None => String::new(),
        };
        let on = match rule.broken_connections {
            0 => "by a host".to_owned(),
            count => format!("on {}", counted(count, "connection")),
        };
        let named = format!("{:<6} {:<22}", rule.level, rule.rule);
        writeln!(out, "  {} {} {on}; {first}", Styled(colour(rule.level), &named), times(rule.broken))?;
    }
    let held: Vec<&RuleCount> = rules.iter().filter(|rule| rule.held > 0).collect();
    let decided: u64 = held.iter().map(|rule| rule.held).sum();
    if decided > 0 {
        writeln!(out, "  held   {}, decided {}", counted(size(&held), "rule"), times(decided))?;
    }
    let undecided: Vec<&RuleCount> = rules.iter().filter(|rule| rule.undecided_connections > 0).collect();
    if verbose {
        for rule in held {
            let on = counted(rule.held_connections, "connection");
            writeln!(out, "    {:<24} {} on {on}", rule.rule, times(rule.held))?;
        }
        for rule in undecided {
            let why: Vec<String> =
                rule.undecided.iter().map(|(why, count)| format!("{why} ({})", grouped(*count))).collect();
            writeln!(out, "  undecided {:<20} {}", rule.rule, why.join("; "))?;
        }
    } else if !undecided.is_empty() {
        let named: Vec<String> = undecided
            .iter()
            .map(|rule| format!("{} ({})", rule.rule, grouped(rule.undecided_connections)))
            .collect();
        writeln!(
            out,
            "  {}",
            Styled(DIM, &format!("undecided on some connections, --verbose says why: {}", named.join(", ")))
        )?;
    }
    Ok(())
}

fn damage(out: &mut dyn Write, report: &FileReport) -> io::Result<()> {
    let Some(damage) = &report.damage else { return Ok(()) };
    writeln!(out, "{}", Styled(BAD, &damaged(damage)))
}

/// What is wrong with a file, in one line.
pub fn damaged(damage: &Damage) -> String {
    let Damage { offset, found, expected } = damage;
    match offset {
        Some(offset) => format!("damaged at octet {offset}: found {found}, expected {expected}"),
        None => format!("cannot be read: {found}"),
    }
}

/// `1 rule`, `1,200 rules`.
fn counted(count: u64, word: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {word}{plural}", grouped(count))
}

fn size<T>(list: &[T]) -> u64 {
    u64::try_from(list.len()).unwrap_or(u64::MAX)
}

fn times(count: u64) -> String {
    if count == 1 { "once".to_owned() } else { format!("{} times", grouped(count)) }
}

/// A number with its digits in groups of three.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Seconds with three digits behind the point, six where there is less than one.
fn in_seconds(nanos: u64) -> String {
    let (secs, rest) = (nanos / 1_000_000_000, nanos % 1_000_000_000);
    if secs == 0 {
        format!("0.{:06}", rest / 1_000)
    } else {
        format!("{}.{:03}", grouped(secs), rest / 1_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_stand_in_groups_of_three() {
        let told = [0, 999, 1_000, 1_234_567].map(grouped);
        assert_eq!(told, ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn seconds_are_told_as_fine_as_they_matter() {
        assert_eq!(
            [1_500, 999_999_999, 1_000_000_000, 3_600_500_000_000].map(in_seconds),
            ["0.000001", "0.999999", "1.000", "3,600.500"]
        );
    }
}
