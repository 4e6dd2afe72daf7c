//! A program with three pipes: lines in, lines out, and what it says on standard error. It is never waited for without
//! end, what it says is never taken without measure, and it never outlives its owner.
//!
//! It runs in a process group of its own, so that what it forks ends with it. All pipes are watched at once: a program
//! that writes while it is written to, or that fills its standard error, stops nothing.

use super::MAX_LINE;
use super::command::CommandLine;
use super::deadline::Deadline;
use super::groups;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
use std::io::{self, Read as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, ExitStatus, Stdio};
use std::time::Duration;

/// The longest answer, all its lines together: some 22,000 frames of 1,500 octets.
pub(super) const MAX_ANSWER: usize = 64 << 20;
/// How much is read at once.
const PIECE: usize = 64 << 10;
/// How often the memory of a program that takes its time is looked at.
const SLICE: Duration = Duration::from_millis(100);
/// How much of standard error is kept.
const MAX_TAIL: usize = 8 << 10;
/// How long a program that has closed its output, or was told to quit, may take to end.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// A running program.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: ChildStdout,
    stderr: Option<ChildStderr>,
    input: Input,
    told: Told,
    /// Octets that it may take.
    max_memory: u64,
}

/// Why no line came.
#[derive(Debug)]
pub(super) enum Silence {
    /// Its output ended.
    Ended,
    /// Time is up.
    Late,
    /// A line does not end: its beginning.
    Endless(Vec<u8>),
    /// It takes too much: found and expected.
    Excess(String, String),
    /// The machine's fault.
    System(io::Error),
}

impl From<io::Error> for Silence {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

impl From<rustix::io::Errno> for Silence {
    fn from(error: rustix::io::Errno) -> Self {
        Self::System(error.into())
    }
}

/// Octets that were read and not yet taken: `buffer[start..end]`, searched for a line's end up to `searched`.
#[derive(Debug)]
struct Input {
    buffer: Vec<u8>,
    start: usize,
    searched: usize,
    end: usize,
    /// Since the request.
    taken: usize,
}

/// What it said on standard error.
#[derive(Debug, Default)]
struct Told {
    /// The end of all of it.
    tail: Vec<u8>,
    /// Since it was asked last.
    fresh: Vec<u8>,
}

impl Process {
    /// Starts it.
    pub(super) fn start(command: &CommandLine, max_memory: u64) -> io::Result<Self> {
        let mut child = command
            .command()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()?;
        groups::add(&child);
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(stdin), Some(stdout), stderr) = pipes else {
            return Err(io::Error::other("a process without pipes"));
        };
        // What does not fit into the pipe waits here, where its answers can be read meanwhile.
        rustix::io::ioctl_fionbio(&stdin, true)?;
        let input = Input { buffer: vec![0; PIECE], start: 0, searched: 0, end: 0, taken: 0 };
        Ok(Self { child, stdin: Some(stdin), stdout, stderr, input, told: Told::default(), max_memory })
    }

    /// Writes a request with its line end.
    pub(super) fn write(&mut self, line: &[u8], deadline: Deadline) -> Result<(), Silence> {
        self.input.taken = 0;
        let mut rest = line;
        while !rest.is_empty() {
            let Some(stdin) = &mut self.stdin else { return Err(Silence::Ended) };
            match stdin.write(rest) {
                Ok(written) => rest = rest.get(written..).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.watch(true, deadline)?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Err(Silence::Ended),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// The next line, without its end.
    pub(super) fn read_line(&mut self, deadline: Deadline) -> Result<&[u8], Silence> {
        let line = loop {
            if let Some(line) = self.input.take_line() {
                break line;
            }
            if self.input.is_endless() {
                return Err(Silence::Endless(self.input.shown().to_vec()));
            }
            if self.input.taken > MAX_ANSWER {
                let found = format!("{} octets without one", self.input.taken);
                return Err(Silence::Excess(found, format!("a `wake` within {MAX_ANSWER} octets")));
            }
            self.watch(false, deadline)?;
        };
        Ok(self.input.buffer.get(line).unwrap_or_default())
    }

    /// What it says though nobody asked: the line so far.
    pub(super) fn unasked(&mut self) -> Result<Option<&[u8]>, Silence> {
        let mut ready = [PollFd::new(&self.stdout, PollFlags::IN)];
        poll(&mut ready, Some(&Timespec { tv_sec: 0, tv_nsec: 0 }))?;
        if ready[0].revents().contains(PollFlags::IN) {
            self.input.fill(&mut self.stdout)?;
        }
        Ok(self.left_over())
    }

    /// What was read behind the last line that was taken, if it is more than blanks.
    pub(super) fn left_over(&mut self) -> Option<&[u8]> {
        self.input.skip_blanks();
        Some(self.input.shown()).filter(|shown| !shown.is_empty())
    }

    /// Waits until there is something to read (or room to write), and reads it.
    fn watch(&mut self, to_write: bool, deadline: Deadline) -> Result<(), Silence> {
        loop {
            let Some(left) = deadline.left() else { return Err(Silence::Late) };
            let left = left.min(SLICE);
            let span = Timespec { tv_sec: 0, tv_nsec: i64::from(left.subsec_nanos()) };
            let (mut input, mut errors, mut output) =
                (PollFlags::empty(), PollFlags::empty(), PollFlags::empty());
            {
                let mut ready = vec![PollFd::new(&self.stdout, PollFlags::IN)];
                ready.extend(self.stderr.as_ref().map(|stderr| PollFd::new(stderr, PollFlags::IN)));
                let stdin = self.stdin.as_ref().filter(|_| to_write);
                ready.extend(stdin.map(|stdin| PollFd::new(stdin, PollFlags::OUT)));
                match poll(&mut ready, Some(&span)) {
                    Ok(_) | Err(rustix::io::Errno::INTR) => {}
                    Err(error) => return Err(error.into()),
                }
                let mut found = ready.iter().map(PollFd::revents);
                input = found.next().unwrap_or(input);
                if self.stderr.is_some() {
                    errors = found.next().unwrap_or(errors);
                }
                output = found.next().unwrap_or(output);
            }
            if !errors.is_empty() {
                self.hear();
            }
            if !input.is_empty() {
                if to_write && self.input.len() > MAX_LINE {
                    let found = format!("{} octets", self.input.len());
                    return Err(Silence::Excess(
                        found,
                        "that it reads the request before it answers".to_owned(),
                    ));
                }
                return match self.input.fill(&mut self.stdout)? {
                    0 if !to_write || output.is_empty() => Err(Silence::Ended),
                    _ => Ok(()),
                };
            }
            if !output.is_empty() {
                return Ok(());
            }
            if errors.is_empty() {
                self.weigh()?;
            }
        }
    }

    /// Whether it takes too much memory.
    pub(super) fn weigh(&self) -> Result<(), Silence> {
        let octets = memory(self.child.id()).unwrap_or(0);
        if octets <= self.max_memory {
            return Ok(());
        }
        let found = format!("{} MiB", octets >> 20);
        Err(Silence::Excess(found, format!("at most {} MiB of memory", self.max_memory >> 20)))
    }

    /// Takes what is there on standard error.
    fn hear(&mut self) {
        let mut piece = [0; 4096];
        let read = self.stderr.as_mut().map(|stderr| stderr.read(&mut piece));
        match read {
            Some(Ok(0)) => self.stderr = None,
            Some(Ok(read)) => self.told.add(piece.get(..read).unwrap_or_default()),
            // Whoever cannot be heard has nothing to say.
            Some(Err(error)) if error.kind() != io::ErrorKind::Interrupted => self.stderr = None,
            Some(Err(_)) | None => {}
        }
    }

    /// The lines of standard error since this was asked last.
    pub(super) fn take_told(&mut self) -> Vec<String> {
        let Some(end) = self.told.fresh.iter().rposition(|octet| *octet == b'\n') else { return Vec::new() };
        let rest = self.told.fresh.split_off(end + 1);
        let lines = std::mem::replace(&mut self.told.fresh, rest);
        String::from_utf8_lossy(&lines).lines().map(str::to_owned).collect()
    }

    /// The end of all that it said on standard error.
    pub(super) fn tail(&self) -> String {
        String::from_utf8_lossy(&self.told.tail).trim().to_owned()
    }

    /// Hears its last words and ends it, if it has not ended by itself: how it ended.
    pub(super) fn end(&mut self) -> Option<ExitStatus> {
        self.stdin = None;
        let deadline = Deadline::after(LAST_WORDS);
        while let (Some(stderr), Some(left)) = (&self.stderr, deadline.left()) {
            let span = Timespec { tv_sec: 0, tv_nsec: i64::from(left.min(SLICE).subsec_nanos()) };
            let mut ready = [PollFd::new(stderr, PollFlags::IN)];
            if poll(&mut ready, Some(&span)).is_ok_and(|ready| ready > 0) {
                self.hear();
            }
        }
        self.await_end(deadline)
    }

    /// Waits for its end, and helps where it is late: how it ended, `None` if it had to be ended.
    pub(super) fn await_end(&mut self, deadline: Deadline) -> Option<ExitStatus> {
        let id = Pid::from_child(&self.child);
        let mut pause = 50_000;
        loop {
            // Not reaped yet: until it is, the number of its group is its own, and what it forked can be ended.
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
            let has_ended = matches!(waitid(WaitId::Pid(id), options), Ok(Some(_)));
            if has_ended || deadline.left().is_none() {
                return self.kill().filter(|_| has_ended);
            }
            // A poll of nothing is a pause.
            let _ = poll(&mut [], Some(&Timespec { tv_sec: 0, tv_nsec: pause }));
            pause = (pause * 2).min(20_000_000);
        }
    }

    /// Says `quit` and closes its input; it is not waited for.
    pub(super) fn say_quit(&mut self) {
        if let Some(mut stdin) = self.stdin.take() {
            // Whoever does not listen any more is ended anyway.
            let _ = stdin.write_all(b"quit\n");
        }
    }

    /// Closes its input.
    pub(super) fn hang_up(&mut self) {
        self.stdin = None;
    }

    /// Ends it and all that it forked; how it ended.
    fn kill(&mut self) -> Option<ExitStatus> {
        groups::end(&self.child);
        self.child.wait().ok()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}

impl Input {
    const fn len(&self) -> usize {
        self.end - self.start
    }

    /// Reads what is there, 0 at its end.
    fn fill(&mut self, from: &mut ChildStdout) -> io::Result<usize> {
        if self.start == self.end {
            (self.start, self.searched, self.end) = (0, 0, 0);
        } else if self.buffer.len() - self.end < PIECE {
            self.buffer.copy_within(self.start..self.end, 0);
            (self.searched, self.end) = (self.searched - self.start, self.end - self.start);
            self.start = 0;
            if self.buffer.len() - self.end < PIECE {
                self.buffer.resize((2 * self.buffer.len()).max(self.end + PIECE), 0);
            }
        }
        loop {
            match from.read(&mut self.buffer[self.end..]) {
                Ok(read) => {
                    self.end += read;
                    self.taken += read;
                    return Ok(read);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Where the next line stands, if all of it is here.
    fn take_line(&mut self) -> Option<core::ops::Range<usize>> {
        let new = self.buffer.get(self.searched..self.end)?;
        let Some(found) = new.iter().position(|octet| *octet == b'\n') else {
            self.searched = self.end;
            return None;
        };
        let end = self.searched + found;
        if end - self.start > MAX_LINE + 1 {
            return None;
        }
        let line = self.start..end;
        self.start = end + 1;
        self.searched = self.start;
        Some(line)
    }

    /// Whether its line is longer than lines are.
    const fn is_endless(&self) -> bool {
        self.len() > MAX_LINE + 1
    }

    /// The beginning of what is here.
    fn shown(&self) -> &[u8] {
        let here = self.buffer.get(self.start..self.end).unwrap_or_default();
        let line = here.split(|octet| *octet == b'\n').next().unwrap_or_default();
        line.get(..MAX_SHOWN).unwrap_or(line)
    }

    fn skip_blanks(&mut self) {
        while self
            .buffer
            .get(self.start..self.end)
            .is_some_and(|rest| rest.first().is_some_and(u8::is_ascii_whitespace))
        {
            self.start += 1;
        }
        self.searched = self.searched.max(self.start);
    }
}

/// How much of a line is shown.
const MAX_SHOWN: usize = 400;

impl Told {
    fn add(&mut self, octets: &[u8]) {
        for kept in [&mut self.tail, &mut self.fresh] {
            kept.extend_from_slice(octets);
            let surplus = kept.len().saturating_sub(MAX_TAIL);
            kept.drain(..surplus);
        }
    }
}

/// How much memory a process holds, where the system tells: its resident pages.
fn memory(id: u32) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{id}/statm")).ok()?;
    let pages: u64 = text.split(' ').nth(1)?.parse().ok()?;
    Some(pages.saturating_mul(u64::try_from(rustix::param::page_size()).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(script: &str) -> (Process, Deadline) {
        let command = CommandLine::parse(&format!("sh -c '{script}'")).unwrap();
        (Process::start(&command, 1 << 30).unwrap(), Deadline::after(Duration::from_secs(20)))
    }

    fn line(process: &mut Process, deadline: Deadline) -> String {
        String::from_utf8(process.read_line(deadline).unwrap().to_vec()).unwrap()
    }

    /// Whether a process is there and has not ended.
    #[cfg(target_os = "linux")]
    fn lives(id: &str) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        stat.rsplit(')').next().is_some_and(|rest| !rest.trim().is_empty() && !rest.trim().starts_with('Z'))
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_a_process_has_forked_ends_with_it() {
        let (mut process, deadline) = start("sleep 1000 & echo $!; wait");
        let forked = line(&mut process, deadline);
        assert!(lives(&forked), "{forked}");
        drop(process);
        assert!(
            !lives(&forked) || {
                // Whoever is killed needs a moment to go.
                let _ = poll(&mut [], Some(&Timespec { tv_sec: 2, tv_nsec: 0 }));
                !lives(&forked)
            }
        );
    }

    #[test]
    fn lines_come_whole_however_they_are_written() {
        let (mut process, deadline) = start("printf a; sleep 0.05; printf \"b\\nc\\n\\nlast\"");
        assert_eq!(line(&mut process, deadline), "ab");
        assert_eq!(line(&mut process, deadline), "c");
        assert_eq!(line(&mut process, deadline), "");
        assert!(matches!(process.read_line(deadline), Err(Silence::Ended)), "a line without end is none");
    }

    #[test]
    fn a_line_of_a_mebibyte_is_read_and_a_longer_one_is_not() {
        let of = |octets: usize| format!("head -c {octets} /dev/zero | tr \"\\0\" x; echo; sleep 10");
        let (mut process, deadline) = start(&of(MAX_LINE));
        assert_eq!(line(&mut process, deadline).len(), MAX_LINE);
        let (mut process, deadline) = start(&of(MAX_LINE + 2));
        assert!(matches!(process.read_line(deadline), Err(Silence::Endless(_))));
    }

    #[test]
    fn a_process_that_writes_before_it_reads_does_not_stop_the_writer() {
        // Both pipes hold less than this.
        let (mut process, deadline) =
            start("head -c 300000 /dev/zero | tr \"\\0\" x; echo; read line; echo ${#line}");
        let mut request = vec![b'y'; 300_000];
        request.push(b'\n');
        process.write(&request, deadline).unwrap();
        assert_eq!(line(&mut process, deadline).len(), 300_000);
        assert_eq!(line(&mut process, deadline), "300000");
    }

    #[test]
    fn its_last_words_and_its_status_are_heard() {
        let (mut process, deadline) = start("echo farewell >&2; exit 7");
        assert!(matches!(process.read_line(deadline), Err(Silence::Ended)));
        assert_eq!(process.end().and_then(|status| status.code()), Some(7));
        assert_eq!(process.tail(), "farewell");
    }
}
