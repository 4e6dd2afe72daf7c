//! Adapters that misbehave on purpose: what a run makes of them is held against these.

use core::str::FromStr;
use std::io::{self, Write};
use std::process::{Command, exit};

/// What an adapter does wrong, and at which request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Misbehaviour {
    kind: Kind,
    /// Counted from 1; 0 is the greeting.
    at: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Crash,
    Half,
    Hang,
    Fork,
    Flood,
    Chatter,
    Endless,
    Long,
    Nonsense,
    Past,
    Now,
    Twice,
    Result,
    Refuse,
    Grow,
    Errors,
    Deaf,
}

/// Each with its word and what it does.
const KINDS: [(Kind, &str, &str); 17] = [
    (Kind::Crash, "crash", "ends with status 3 and a word on standard error"),
    (Kind::Half, "half", "sends a frame, then ends in the middle of the next"),
    (Kind::Hang, "hang", "does not answer"),
    (Kind::Fork, "fork", "starts another program that holds its pipes, and does not answer"),
    (Kind::Flood, "flood", "sends frames without end"),
    (Kind::Chatter, "chatter", "logs without end"),
    (Kind::Endless, "endless", "writes a line without end"),
    (Kind::Long, "long", "writes a line of more than 1 MiB"),
    (Kind::Nonsense, "nonsense", "says `banana`"),
    (Kind::Past, "past", "wants to be woken at 0, from then on"),
    (Kind::Now, "now", "wants to be woken now, from then on"),
    (Kind::Twice, "twice", "answers twice"),
    (Kind::Result, "result", "ends a call that was not made"),
    (Kind::Refuse, "refuse", "does not understand the request"),
    (Kind::Grow, "grow", "takes memory without end"),
    (Kind::Errors, "errors", "writes 4 MiB to standard error, and goes on"),
    (Kind::Deaf, "deaf", "goes on as it should, but does not end at `quit`"),
];

/// What follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    /// The answer as it should be.
    Answer,
    /// The answer as it should be, but for its `wake`: it is due again.
    Now,
    /// The same: it was due at the beginning.
    Past,
    /// Nothing.
    Nothing,
}

impl Misbehaviour {
    /// The words, and what each does.
    pub fn kinds() -> impl Iterator<Item = (&'static str, &'static str)> {
        KINDS.iter().map(|(_, word, what)| (*word, *what))
    }

    /// Whether `quit` is not heard.
    pub(super) fn is_deaf(self) -> bool {
        self.kind == Kind::Deaf
    }

    /// Does it, if it is time: requests are counted from 1.
    pub(super) fn strike(self, request: u64, output: &mut impl Write) -> io::Result<Then> {
        let goes_on = matches!(self.kind, Kind::Now | Kind::Past);
        if request != self.at && !(goes_on && request > self.at) {
            return Ok(Then::Answer);
        }
        match self.kind {
            Kind::Crash => {
                // Standard error is free for whatever an adapter has to say.
                let _ = writeln!(io::stderr(), "stack: assertion failed on purpose");
                exit(3)
            }
            Kind::Half => {
                writeln!(output, "frame {}", "ff".repeat(60))?;
                write!(output, "frame ffff")?;
                output.flush()?;
                exit(4)
            }
            Kind::Hang => hang(),
            Kind::Fork => {
                let _other = Command::new("sleep").arg("1000").spawn()?;
                hang()
            }
            Kind::Flood => loop {
                writeln!(output, "frame {}", "ff".repeat(60))?;
            },
            Kind::Chatter => loop {
                writeln!(output, "log nothing new")?;
            },
            Kind::Endless => loop {
                write!(output, "frame ")?;
            },
            Kind::Long => writeln!(output, "log {}", "x".repeat(super::MAX_LINE)).map(|()| Then::Answer),
            Kind::Nonsense => writeln!(output, "banana").map(|()| Then::Answer),
            Kind::Past => Ok(Then::Past),
            Kind::Now => Ok(Then::Now),
            Kind::Twice => writeln!(output, "wake never").map(|()| Then::Answer),
            Kind::Result => writeln!(output, "result 4711 ok").map(|()| Then::Answer),
            Kind::Refuse => {
                writeln!(output, "error this is too much\nwake never")?;
                Ok(Then::Nothing)
            }
            Kind::Grow => {
                let mut all = Vec::new();
                loop {
                    all.push(vec![1_u8; 1 << 20]);
                    // What nobody looks at is not kept.
                    std::hint::black_box(&all);
                }
            }
            Kind::Errors => {
                let line = "e".repeat(99);
                (0..40_000).try_for_each(|_| writeln!(io::stderr(), "{line}"))?;
                Ok(Then::Answer)
            }
            Kind::Deaf => Ok(Then::Answer),
        }
    }
}

/// Never ends by itself.
pub(super) fn hang() -> ! {
    loop {
        std::thread::park();
    }
}

impl FromStr for Misbehaviour {
    type Err = String;

    /// Reads `crash` or `crash:5`.
    fn from_str(text: &str) -> Result<Self, String> {
        let (word, at) = text.split_once(':').unwrap_or((text, "5"));
        let kind = KINDS.iter().find(|(_, known, _)| *known == word).map(|(kind, ..)| *kind);
        let words = || KINDS.map(|(_, word, _)| word).join(", ");
        let kind = kind.ok_or_else(|| format!("expected one of {}, found `{word}`", words()))?;
        let at = at.parse().map_err(|_| format!("expected the number of a request, found `{at}`"))?;
        Ok(Self { kind, at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_reads_with_and_without_a_number() {
        for (kind, word, _) in KINDS {
            assert_eq!(word.parse(), Ok(Misbehaviour { kind, at: 5 }));
            assert_eq!(format!("{word}:0").parse(), Ok(Misbehaviour { kind, at: 0 }));
        }
        assert!("dance".parse::<Misbehaviour>().unwrap_err().contains("crash, half"));
        assert!("crash:x".parse::<Misbehaviour>().is_err());
    }
}
