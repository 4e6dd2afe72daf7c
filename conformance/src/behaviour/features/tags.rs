//! What tags may say: clauses of the registry, and a few words.

use super::document::Tag;
use super::text::Text;
use crate::problem::Problem;
use crate::report::{IpVersion, Level};
use crate::requirement::{Clause, registry};

/// Words that have a meaning, or name a topic.
const WORDS: [&str; 9] = ["exact", "ipv4", "ipv6", "tcp", "udp", "icmp", "ip", "arp", "ndp"];

/// Tags that begin so are their author's own, for `--tags`.
const OWN: &str = "x-";

/// Whether a scenario may bear such a tag; with `*` at its end, a tag that begins so.
pub(super) fn is_possible(name: &str) -> bool {
    let Some(start) = name.strip_suffix('*') else {
        let clause = name.parse::<Clause>().ok();
        return WORDS.contains(&name)
            || name.starts_with(OWN)
            || clause.is_some_and(|clause| registry().check(&clause).is_ok());
    };
    let digits = start.strip_prefix("rfc").map(|rest| rest.split('-').next().unwrap_or_default());
    let is_rfc = digits.is_some_and(|digits| {
        registry().rfcs().any(|rfc| {
            let number = rfc.number.to_string();
            if start.contains('-') { number == digits } else { number.starts_with(digits) }
        })
    });
    is_rfc || start.starts_with(OWN) || WORDS.iter().any(|word| word.starts_with(start))
}

/// What the tags of a scenario say.
#[derive(Debug)]
pub(super) struct Meaning {
    pub(super) clauses: Vec<Clause>,
    pub(super) level: Level,
    pub(super) versions: Vec<IpVersion>,
}

/// Reads the tags of the scenario in line `line`.
pub(super) fn meaning(tags: &[Tag], line: usize, text: &Text<'_>) -> Result<Meaning, Vec<Problem>> {
    let (mut clauses, mut problems) = (Vec::new(), Vec::new());
    for tag in tags {
        match clause(tag) {
            Ok(Some(clause)) if clauses.contains(&clause) => {}
            Ok(Some(clause)) => clauses.push(clause),
            Ok(None) => {}
            Err((message, expected)) => {
                problems.push(text.problem(
                    tag.line,
                    tag.column,
                    tag.name.chars().count() + 1,
                    message,
                    expected,
                ));
            }
        }
    }
    if clauses.is_empty() && problems.is_empty() {
        let message = "this scenario names no clause that it proves".to_owned();
        let expected = "a tag such as @rfc9293-3.5-MUST-10 or @rfc6298-5.7 above it";
        problems.push(text.line_problem(line, message, expected.to_owned()));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let level = clauses.iter().map(|clause| registry().level(clause)).max().unwrap_or(Level::Must);
    Ok(Meaning { clauses, level, versions: versions(tags) })
}

/// The clause that a tag names, if it is not just a word.
fn clause(tag: &Tag) -> Result<Option<Clause>, (String, String)> {
    if WORDS.contains(&tag.name.as_str()) || tag.name.starts_with(OWN) {
        return Ok(None);
    }
    if !tag.name.starts_with("rfc") {
        let expected = format!(
            "a clause such as @rfc9293-3.5-MUST-10, one of @{}, or a tag of your own, @{OWN}...",
            WORDS.join(" @")
        );
        return Err((format!("unknown tag @{}", tag.name), expected));
    }
    let expected = "@rfcNUMBER-SECTION or @rfcNUMBER-SECTION-ID, such as @rfc9293-3.5-MUST-10";
    let clause: Clause =
        tag.name.parse().map_err(|_| (format!("unknown tag @{}", tag.name), expected.to_owned()))?;
    registry().check(&clause)?;
    Ok(Some(clause))
}

fn versions(tags: &[Tag]) -> Vec<IpVersion> {
    let all = [IpVersion::Ipv4, IpVersion::Ipv6];
    let tagged: Vec<IpVersion> =
        all.into_iter().filter(|ip| tags.iter().any(|tag| tag.name == ip.word())).collect();
    if tagged.is_empty() { all.to_vec() } else { tagged }
}
