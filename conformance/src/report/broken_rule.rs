//! A rule of the judge that was broken, as every report tells it: what holds and who demands it, when, which frames
//! show it, what came, what would have been permitted, and the ladder around it.
//!
//! ```text
//!   rule      ack-beyond-sent (MUST): Nothing is acknowledged that was never sent.
//!   clause    RFC 9293 3.4, RFC 9293 3.10.7.4
//!   where     192.0.2.2:51234 --> 192.0.2.1:80, broken by 192.0.2.1:80 at 0.200000, frame 9
//!   got       an acknowledgment of 2143107593
//!   permitted up to 2143107592, all that was sent
//!   exchange
//!        7   0.000000 -->   <SEQ=101><ACK=301><CTL=ACK><DATA=20>
//!     *  9   0.200000 <--   <SEQ=301><ACK=122><CTL=ACK>
//! ```

use core::net::SocketAddr;
use std::collections::BTreeSet;
use std::io::{self, Write};

use serde::{Deserialize, Serialize};
use wireproof_reference::time::Instant;

use super::model::Level;
use super::style::{BAD, DIM, HEAD, ODD, Styled};
use crate::oracle::{Break, ConnectionJudgement, End, Judgement, Verdict};
use crate::requirement::Clause;

/// Lines that are shown before and behind each guilty frame.
const AROUND: usize = 3;
/// So many frames of a break are shown at most: the first ones and the last.
const SHOWN_FRAMES: usize = 6;

/// A rule that was broken on one connection: its first break in full, and how often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokenRule {
    /// Its name, `window-overrun`.
    pub rule: String,
    /// What holds, in one line.
    pub summary: String,
    /// How strict it is.
    pub level: Level,
    /// What demands it.
    pub clauses: Vec<Clause>,
    /// The connection, `192.0.2.2:51234 --> 192.0.2.1:80`; none for rules that concern hosts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<String>,
    /// Which end broke it; none for rules that concern hosts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<SocketAddr>,
    /// When, nanoseconds since the beginning of the ladder.
    pub nanos: u64,
    /// The frames that show it, counted from 1 as in the capture, in order: the last one breaks the rule, or is what was
    /// not answered.
    pub frames: Vec<u64>,
    /// What was seen; numbers as on the wire.
    pub got: String,
    /// What would have been permitted.
    pub permitted: String,
    /// How often it was broken on this connection.
    pub times: u64,
    /// What the numbers of the ladder stand for, `100 is 2143107472`; empty if they are those of the wire.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub numbers: String,
    /// The exchange around the frames that show it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ladder: Vec<Rung>,
    /// Why it is so, where the device is known to break it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<String>,
    /// The command that shows it again; empty if there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub rerun: String,
}

/// A line of a ladder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rung {
    /// Number of the frame, from 1 as in the capture; none for calls and results.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frame: Option<u64>,
    /// When, nanoseconds since the beginning of the ladder.
    pub nanos: u64,
    /// Arrow and segment, or call.
    pub text: String,
    /// Whether it is one of the frames that show the break.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub is_guilty: bool,
    /// How many lines were left out before it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_out: usize,
}

impl Rung {
    /// A line of a ladder.
    pub fn new(frame: Option<u64>, nanos: u64, text: String) -> Self {
        Self { frame, nanos, text, is_guilty: false, left_out: 0 }
    }
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl BrokenRule {
    /// A break as reports tell it, without ladder: the connection on which it happened if it is one's, how often in all,
    /// and when the time of the ladder begins.
    pub fn new(broken: &Break, connection: Option<&ConnectionJudgement>, times: u64, start: Instant) -> Self {
        let rule = broken.rule.rule();
        let by = connection.zip(broken.end).map(|(connection, end)| match end {
            End::A => connection.ends[0],
            End::B => connection.ends[1],
        });
        Self {
            rule: rule.name.to_owned(),
            summary: rule.summary.to_owned(),
            level: rule.level,
            clauses: rule.clauses(),
            connection: connection.map(|one| format!("{} --> {}", one.ends[0], one.ends[1])),
            by,
            nanos: broken.time.since(start).as_nanos(),
            frames: broken.frames.clone(),
            got: broken.got.clone(),
            permitted: broken.permitted.clone(),
            times,
            numbers: String::new(),
            ladder: Vec::new(),
            known: None,
            rerun: String::new(),
        }
    }

    /// All that was broken, rule by rule and connection by connection, in the order in which it first happened.
    pub fn all(judgement: &Judgement, start: Instant) -> Vec<Self> {
        let mut found: Vec<(Instant, Self)> = Vec::new();
        let of_connections =
            judgement.connections.iter().flat_map(|one| one.verdicts.iter().map(move |own| (Some(one), own)));
        for (connection, (_, verdict)) in of_connections.chain(judgement.host.iter().map(|own| (None, own))) {
            if let Verdict::Broken { breaks, times } = verdict
                && let Some(first) = breaks.first()
            {
                found.push((first.time, Self::new(first, connection, *times, start)));
            }
        }
        found.sort_by_key(|(time, _)| *time);
        found.into_iter().map(|(_, own)| own).collect()
    }

    /// Takes of a ladder what stands around the frames that show the break, and marks these.
    pub fn show_in(&mut self, ladder: &[Rung]) {
        let mut shown = BTreeSet::new();
        let last = self.frames.len().saturating_sub(1);
        let guilty = self.frames.iter().enumerate();
        let guilty: BTreeSet<u64> =
            guilty.filter(|(at, _)| *at + 1 < SHOWN_FRAMES || *at == last).map(|(_, frame)| *frame).collect();
        for (at, rung) in ladder.iter().enumerate() {
            if rung.frame.is_some_and(|frame| guilty.contains(&frame)) {
                shown.extend(at.saturating_sub(AROUND)..=at + AROUND);
            }
        }
        if shown.is_empty() {
            // Nothing but time or a call shows it: what came last before.
            let until = ladder.partition_point(|rung| rung.nanos <= self.nanos);
            shown.extend(until.saturating_sub(2 * AROUND)..until);
        }
        self.ladder.clear();
        let mut next = 0;
        for at in shown.into_iter().filter(|at| *at < ladder.len()) {
            let rung = ladder[at].clone();
            let is_guilty = rung.frame.is_some_and(|frame| self.frames.contains(&frame));
            self.ladder.push(Rung { is_guilty, left_out: at - next, ..rung });
            next = at + 1;
        }
    }

    /// One line: `window-overrun (RFC 9293 3.8.6) at 1.000000, frame 12: got ..., permitted ...`.
    pub fn in_short(&self) -> String {
        let clause = self.clauses.first().map_or_else(String::new, |clause| format!(" ({clause})"));
        format!("{}{clause} {}: got {}, permitted {}", self.rule, self.when(), self.got, self.permitted)
    }

    /// `at 1.000000, frames 9 and 12`.
    fn when(&self) -> String {
        let frames: Vec<String> = self.frames.iter().map(u64::to_string).collect();
        let time = seconds(self.nanos);
        match frames.as_slice() {
            [] => format!("at {time}"),
            [one] => format!("at {time}, frame {one}"),
            [most @ .., last] => format!("at {time}, frames {} and {last}", most.join(", ")),
        }
    }
}

/// Writes all of a broken rule but the command that shows it again, indented by two.
///
/// # Errors
///
/// Those of `out`.
pub fn write(out: &mut dyn Write, broken: &BrokenRule) -> io::Result<()> {
    let named = format!("{} ({}): {}", broken.rule, broken.level, broken.summary);
    line(out, "rule", &named)?;
    if let Some(reason) = &broken.known {
        writeln!(out, "  {:<9} {}", "", Styled(ODD, &format!("the device is known to break it: {reason}")))?;
    }
    let clauses: Vec<String> = broken.clauses.iter().map(ToString::to_string).collect();
    line(out, "clause", &clauses.join(", "))?;
    let connection = broken.connection.as_ref().map_or_else(String::new, |ends| format!("{ends}, "));
    let by = broken.by.map_or_else(String::new, |by| format!("by {by} "));
    let again = match broken.times {
        0 | 1 => String::new(),
        times => format!("; {times} times in all"),
    };
    line(out, "where", &format!("{connection}{by}{}{again}", broken.when()))?;
    line(out, "got", &Styled(BAD, &broken.got).to_string())?;
    line(out, "permitted", &broken.permitted)?;
    if broken.ladder.is_empty() {
        return Ok(());
    }
    writeln!(out, "  {:<9} {}", Styled(HEAD, "exchange"), Styled(DIM, &broken.numbers))?;
    rungs(out, &broken.ladder)
}

fn rungs(out: &mut dyn Write, ladder: &[Rung]) -> io::Result<()> {
    let width = ladder.iter().filter_map(|rung| rung.frame).max().unwrap_or(0).to_string().len();
    for rung in ladder {
        let frame = rung.frame.map_or_else(String::new, |frame| frame.to_string());
        let text = format!("{frame:>width$} {:>10} {}", seconds(rung.nanos), rung.text);
        match rung.left_out {
            0 => {}
            1 => writeln!(out, "    {}", Styled(DIM, "(a line)"))?,
            lines => writeln!(out, "    {}", Styled(DIM, &format!("({lines} lines)")))?,
        }
        match rung.is_guilty {
            true => writeln!(out, "  {} {}", Styled(BAD, "*"), Styled(BAD, &text))?,
            false => writeln!(out, "    {text}")?,
        }
    }
    Ok(())
}

/// A word and what it says.
fn line(out: &mut dyn Write, word: &str, text: &str) -> io::Result<()> {
    writeln!(out, "  {:<9} {text}", Styled(HEAD, word))
}

/// Seconds with six digits, nine where there are nanoseconds.
fn seconds(nanos: u64) -> String {
    let (secs, rest) = (nanos / 1_000_000_000, nanos % 1_000_000_000);
    match rest % 1_000 {
        0 => format!("{secs}.{:06}", rest / 1_000),
        _ => format!("{secs}.{rest:09}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::RuleId;

    fn broken(frames: &[u64]) -> BrokenRule {
        let broken = Break {
            rule: RuleId::AckBeyondSent,
            end: None,
            time: Instant::from_nanos(1_500_000_000),
            frames: frames.to_vec(),
            got: "ACK 8".to_owned(),
            permitted: "up to 7".to_owned(),
        };
        BrokenRule::new(&broken, None, 3, Instant::from_nanos(500_000_000))
    }

    fn ladder(lines: u64) -> Vec<Rung> {
        let rung = |frame: u64| Rung::new(Some(frame), frame * 100_000_000, format!("<--   <SEQ={frame}>"));
        (1..=lines).map(rung).collect()
    }

    #[test]
    fn a_broken_rule_is_told_with_clause_time_frames_what_came_and_the_ladder_around() {
        let mut broken = broken(&[2, 10]);
        broken.show_in(&ladder(20));
        broken.numbers = "100 is 7".to_owned();
        let mut text = Vec::new();
        write(&mut text, &broken).unwrap();
        let text = anstream::adapter::strip_str(&String::from_utf8(text).unwrap()).to_string();
        let expected = "  rule      ack-beyond-sent (MUST): Nothing is acknowledged that was never sent.
  clause    RFC 9293 3.4, RFC 9293 3.10.7.4
  where     at 1.000000, frames 2 and 10; 3 times in all
  got       ACK 8
  permitted up to 7
  exchange  100 is 7
     1   0.100000 <--   <SEQ=1>
  *  2   0.200000 <--   <SEQ=2>
     3   0.300000 <--   <SEQ=3>
     4   0.400000 <--   <SEQ=4>
     5   0.500000 <--   <SEQ=5>
    (a line)
     7   0.700000 <--   <SEQ=7>
     8   0.800000 <--   <SEQ=8>
     9   0.900000 <--   <SEQ=9>
  * 10   1.000000 <--   <SEQ=10>
    11   1.100000 <--   <SEQ=11>
    12   1.200000 <--   <SEQ=12>
    13   1.300000 <--   <SEQ=13>
";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_break_that_no_frame_shows_is_told_with_what_came_before() {
        let mut broken = broken(&[]);
        broken.show_in(&ladder(20));
        let frames: Vec<Option<u64>> = broken.ladder.iter().map(|rung| rung.frame).collect();
        assert_eq!(frames, (5..=10).map(Some).collect::<Vec<_>>());
        assert!(broken.in_short().starts_with("ack-beyond-sent (RFC 9293 3.4) at 1.000000: got ACK 8"));
    }

    #[test]
    fn of_many_frames_the_first_ones_and_the_last_are_shown() {
        let mut broken = broken(&(1..=90).step_by(8).collect::<Vec<_>>());
        broken.show_in(&ladder(100));
        let marked = broken.ladder.iter().filter(|rung| rung.is_guilty).count();
        assert_eq!(marked, SHOWN_FRAMES);
        assert_eq!(broken.ladder.last().and_then(|rung| rung.frame), Some(89 + 3));
    }

    #[test]
    fn a_broken_rule_reads_back_from_json() {
        let mut broken = broken(&[2]);
        broken.show_in(&ladder(3));
        let json = serde_json::to_string(&broken).unwrap();
        assert!(json.contains("\"clauses\":[\"rfc9293-3.4\",\"rfc9293-3.10.7.4\"]"), "{json}");
        assert!(json.contains("\"is_guilty\":true"), "{json}");
        assert_eq!(serde_json::from_str::<BrokenRule>(&json).unwrap(), broken);
    }
}
