//! A conversation with one process: requests out, answers in, each whole or a [`DeviceError`].

use super::answer::{self, Line, Pending};
use super::command::CommandLine;
use super::deadline::Deadline;
use super::greeting::Greeting;
use super::process::{Process, Silence};
use super::{Limits, MAX_LINE};
use crate::device::{Answer, Description, DeviceError, Output, Wake};
use crate::problem::Problem;
use std::time::Duration;

/// How many frames, results and logs one answer has at most: the testbed bears 100,000 frames at one instant.
const MAX_ANSWERS: usize = 100_000;
/// How many logs of one answer are kept, and how much of each.
const MAX_LOGS: usize = 200;
const MAX_LOG: usize = 2_000;
/// How much of a line is shown in a message.
const MAX_SHOWN: usize = 200;
/// After how many requests the memory is looked at.
const WEIGH_EVERY: u32 = 256;

/// A process that has greeted.
#[derive(Debug)]
pub(super) struct Conversation {
    process: Process,
    /// How long an answer may take.
    patience: Duration,
    /// The calls whose results are awaited.
    pub(super) pending: Pending,
    /// Whether the last answer was whole.
    is_in_step: bool,
    requests: u32,
    /// Words of the greeting that are not known.
    unknown: Vec<String>,
    /// What was said, if it is written down.
    transcript: Option<Vec<String>>,
}

impl Conversation {
    /// Starts a process and hears its greeting.
    ///
    /// # Errors
    /// If it cannot be started, ends, is late, or greets wrongly.
    pub(super) fn start(command: &CommandLine, limits: Limits) -> Result<(Self, Description), Problem> {
        let failed = |error: std::io::Error| {
            let expected = "a program that speaks the device protocol (conformance/devices/README.md)";
            Problem::new(format!("cannot start `{}`: {error}", command.program()), expected)
        };
        let mut process = Process::start(command, limits.memory).map_err(failed)?;
        let patience = limits.patience;
        let deadline = Deadline::after(patience);
        let mut greeting = Greeting::default();
        loop {
            let (found, expected) = match process.read_line(deadline) {
                Ok(line) => match greeting.take(&String::from_utf8_lossy(line)) {
                    Ok(Some(description)) => {
                        let pending = Pending::new();
                        let unknown = greeting.take_unknown();
                        let (is_in_step, requests, transcript) = (true, 0, None);
                        let this =
                            Self { process, patience, pending, is_in_step, requests, unknown, transcript };
                        return Ok((this, description));
                    }
                    Ok(None) => continue,
                    Err(expected) => (format!("greets with `{}`", shown(line)), expected),
                },
                Err(Silence::Late) => {
                    let unfinished = shown(process.unasked().ok().flatten().unwrap_or_default());
                    let so_far =
                        if unfinished.is_empty() { String::new() } else { format!(": `{unfinished}`") };
                    let found = format!("does not end its greeting within {} s{so_far}", patience.as_secs());
                    (
                        found,
                        "`wireproof 1 NAME VERSION`, what it can do, `ready`, each line flushed".to_owned(),
                    )
                }
                Err(silence) => {
                    let is_measure = matches!(silence, Silence::Endless(_) | Silence::Excess(..));
                    let (found, expected) = reason(&mut process, silence, "its greeting, up to `ready`");
                    (if is_measure { format!("knows no measure: {found}") } else { found }, expected)
                }
            };
            let said = process.tail();
            let said = if said.is_empty() { said } else { format!("; it said on standard error: {said}") };
            return Err(Problem::new(format!("the adapter `{}` {found}{said}", command.text()), expected));
        }
    }

    /// Makes a request (a line with its end) and hears its answer. What was said before something went wrong is in
    /// `out` too.
    ///
    /// # Errors
    /// If no whole answer came. Only after [`DeviceError::Refused`] can the conversation go on.
    pub(super) fn ask(&mut self, request: &[u8], out: &mut Output) -> Result<Wake, DeviceError> {
        self.is_in_step = false;
        let deadline = Deadline::after(self.patience);
        self.check_silence(request)?;
        self.requests = self.requests.wrapping_add(1);
        if self.requests.is_multiple_of(WEIGH_EVERY) {
            self.process.weigh().map_err(|silence| self.error(silence, request))?;
        }
        self.note('>', request);
        self.process.write(request, deadline).map_err(|silence| self.error(silence, request))?;
        let answer = self.hear(request, deadline, out);
        let told = self.process.take_told();
        told.iter()
            .take(MAX_LOGS)
            .for_each(|line| out.log(format!("standard error: {}", cut(line, MAX_LOG))));
        let (wake, refused) = answer?;
        if let Some(line) = self.process.left_over() {
            return Err(too_much(line, request));
        }
        self.is_in_step = true;
        match refused {
            Some(message) => Err(DeviceError::Refused { request: shown(request), message }),
            None => Ok(wake),
        }
    }

    /// From now on all that is said is written down.
    pub(super) fn write_down(&mut self) {
        self.transcript = Some(Vec::new());
    }

    /// What was written down since this was asked last.
    pub(super) fn take_transcript(&mut self) -> Vec<String> {
        self.transcript.as_mut().map(std::mem::take).unwrap_or_default()
    }

    fn note(&mut self, sign: char, line: &[u8]) {
        if let Some(transcript) = &mut self.transcript {
            transcript.push(format!("{sign} {}", shown(line)));
        }
    }

    /// Words of the greeting that are not known.
    pub(super) fn unknown_words(&self) -> &[String] {
        &self.unknown
    }

    /// What it says within a while of real time though nobody asks.
    ///
    /// # Errors
    /// If it ends.
    pub(super) fn listen(&mut self, span: Duration) -> Result<Option<String>, DeviceError> {
        match self.process.read_line(Deadline::after(span)) {
            Ok(line) => Ok(Some(shown(line))),
            Err(Silence::Late) => Ok(self.process.unasked().ok().flatten().map(shown)),
            Err(silence) => Err(self.error(silence, b"nothing")),
        }
    }

    /// Whether it may be asked again: all that it said was an answer.
    pub(super) fn is_in_step(&self) -> bool {
        self.is_in_step && self.process.weigh().is_ok()
    }

    /// Nobody speaks unasked.
    fn check_silence(&mut self, request: &[u8]) -> Result<(), DeviceError> {
        match self.process.unasked() {
            Ok(None) => Ok(()),
            Ok(Some(line)) => Err(too_much(line, request)),
            Err(silence) => Err(self.error(silence, request)),
        }
    }

    /// Reads up to `wake`: that, and what an `error` said.
    fn hear(
        &mut self,
        request: &[u8],
        deadline: Deadline,
        out: &mut Output,
    ) -> Result<(Wake, Option<String>), DeviceError> {
        let (mut refused, mut logs) = (None, 0);
        loop {
            let line = match self.process.read_line(deadline) {
                Ok(line) => line,
                Err(silence) => return Err(self.error(silence, request)),
            };
            if let Some(transcript) = &mut self.transcript {
                transcript.push(format!("< {}", shown(line)));
            }
            match answer::read(line, &mut self.pending) {
                Ok(Line::Blank) => {}
                Ok(Line::Wake(wake)) => return Ok((wake, refused)),
                Ok(Line::Refused(message)) => {
                    refused.get_or_insert(cut(&message, MAX_LOG).to_owned());
                }
                Ok(Line::Said(Answer::Log(text))) => {
                    logs += 1;
                    if logs <= MAX_LOGS {
                        out.log(cut(&text, MAX_LOG));
                    }
                }
                Ok(Line::Said(answer)) => out.answers.push(answer),
                Err(expected) => return Err(DeviceError::Protocol { found: shown(line), expected }),
            }
            if out.answers.len() > MAX_ANSWERS {
                let found = format!("more, and no `wake` yet (asked to `{}`)", shown(request));
                return Err(DeviceError::Excess { found, expected: format!("at most {MAX_ANSWERS} lines") });
            }
        }
    }

    /// What went wrong, as the device's fault.
    fn error(&mut self, silence: Silence, request: &[u8]) -> DeviceError {
        match silence {
            Silence::Late => {
                let unfinished = self.process.unasked().ok().flatten().map(shown);
                let tail = self.process.tail();
                let mut said: Vec<String> = Vec::new();
                said.extend(unfinished.map(|line| format!("its last line has no end: `{line}`")));
                said.extend(
                    Some(tail).filter(|tail| !tail.is_empty()).map(|tail| format!("standard error: {tail}")),
                );
                let waited_ms = u64::try_from(self.patience.as_millis()).unwrap_or(u64::MAX);
                DeviceError::Silent { request: shown(request), waited_ms, said: said.join("; ") }
            }
            Silence::Ended => {
                let (found, _) = reason(&mut self.process, Silence::Ended, "");
                let tail = self.process.tail();
                let tail = if tail.is_empty() { "nothing".to_owned() } else { tail };
                DeviceError::Crash {
                    message: format!("it {found}, asked to `{}`; on standard error: {tail}", shown(request)),
                }
            }
            silence => {
                let (found, expected) = reason(&mut self.process, silence, "a line that ends");
                DeviceError::Excess { found, expected }
            }
        }
    }

    /// Says `quit` and does not wait.
    pub(super) fn say_quit(&mut self) {
        self.process.say_quit();
    }

    /// Closes its input.
    pub(super) fn hang_up(&mut self) {
        self.process.hang_up();
    }

    /// Waits for its end.
    pub(super) fn await_end(&mut self, deadline: Deadline) -> Option<std::process::ExitStatus> {
        self.process.await_end(deadline)
    }
}

/// It goes on where it has to wait.
fn too_much(line: &[u8], request: &[u8]) -> DeviceError {
    let request = shown(request);
    let expected =
        format!("nothing behind a `wake` but the answer to the next request (asked to `{request}`)");
    DeviceError::Protocol { found: shown(line), expected }
}

/// What happened instead of a line, and what was expected.
fn reason(process: &mut Process, silence: Silence, expected: &str) -> (String, String) {
    match silence {
        Silence::Ended => {
            let how = process.end().map_or_else(
                || "closed its standard input or output and went on, so that it had to be ended".to_owned(),
                |status| format!("ended before its answer did ({status})"),
            );
            (how, expected.to_owned())
        }
        Silence::Late => ("is late".to_owned(), expected.to_owned()),
        Silence::Endless(line) => (
            format!("a line of more than {} octets: `{}...`", MAX_LINE, shown(&line)),
            format!("lines of at most {} octets", MAX_LINE),
        ),
        Silence::Excess(found, expected) => (found, expected),
        Silence::System(error) => (format!("cannot be reached: {error}"), expected.to_owned()),
    }
}

/// A line for a message: what can be printed of its beginning.
pub(super) fn shown(line: &[u8]) -> String {
    let line = line.get(..4 * MAX_SHOWN).unwrap_or(line);
    let text = String::from_utf8_lossy(line);
    let text = text.trim();
    let printable = |c: char| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c };
    let mut shown: String = text.chars().take(MAX_SHOWN).map(printable).collect();
    if text.chars().count() > MAX_SHOWN {
        shown.push_str("...");
    }
    shown
}

/// No more of a text than so many octets.
fn cut(text: &str, most: usize) -> &str {
    text.get(..text.floor_char_boundary(most)).unwrap_or(text)
}
