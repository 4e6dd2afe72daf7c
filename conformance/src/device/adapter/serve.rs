//! The other end of the conversation: any [`Device`] as an adapter.
//!
//! A stack in Rust becomes an adapter by implementing [`Device`] and calling [`serve()`]:
//!
//! ```no_run
//! use std::io;
//! use wireproof::device::{adapter, smoltcp::Smoltcp};
//!
//! fn main() -> io::Result<()> {
//!     adapter::serve(&mut Smoltcp::default(), io::stdin().lock(), io::stdout().lock())
//! }
//! ```

use super::MAX_LINE;
use super::greeting::VERSION;
use super::misbehaviour::{Misbehaviour, Then, hang};
use crate::device::call::{Words, read_hex, write_hex};
use crate::device::{
    Answer, CallId, Description, Device, DeviceError, Errno, Output, Setup, Wake, print_result,
};
use std::io::{self, BufRead, BufWriter, Read as _, Write};
use wireproof_reference::time::Instant;

/// Greets, then answers requests until `quit` or the end of the input.
///
/// A panic of the device is not caught: the end of the process is what the protocol calls a crash.
///
/// # Errors
/// If input or output break.
pub fn serve(device: &mut dyn Device, input: impl BufRead, output: impl Write) -> io::Result<()> {
    serve_badly(device, input, output, None)
}

/// The same, misbehaving on purpose.
///
/// # Errors
/// As [`serve()`].
pub fn serve_badly(
    device: &mut dyn Device,
    mut input: impl BufRead,
    output: impl Write,
    fault: Option<Misbehaviour>,
) -> io::Result<()> {
    let mut output = BufWriter::with_capacity(1 << 16, output);
    let mut requests = 0;
    let mut strike = |output: &mut BufWriter<_>| {
        let then = fault.map_or(Ok(Then::Answer), |fault| fault.strike(requests, output));
        requests += 1;
        then
    };
    strike(&mut output)?;
    greet(device.description(), &mut output)?;
    output.flush()?;
    let mut server = Server { device, now: None, wake: Wake::Never, out: Output::new() };
    let (mut line, mut answer) = (Vec::new(), Vec::new());
    while read_line(&mut input, &mut line)? {
        let text = String::from_utf8_lossy(line.trim_ascii());
        if text == "quit" {
            break;
        }
        if text.is_empty() {
            continue;
        }
        let done = if line.len() > MAX_LINE {
            Err(format!("expected a line of at most {MAX_LINE} octets"))
        } else {
            server.answer(&text)
        };
        answer.clear();
        server.out.answers.drain(..).for_each(|said| print(&said, &mut answer));
        if let Err(message) = done {
            print_text("error", &message, &mut answer);
        }
        let then = strike(&mut output)?;
        if then != Then::Nothing {
            output.write_all(&answer)?;
        }
        match (then, server.wake) {
            (Then::Nothing, _) => {}
            (Then::Past, _) if server.now > Some(Instant::ZERO) => writeln!(output, "wake 0")?,
            (Then::Now, _) => writeln!(output, "wake now")?,
            (Then::Answer | Then::Past, Wake::Never) => writeln!(output, "wake never")?,
            (Then::Answer | Then::Past, Wake::Now) => writeln!(output, "wake now")?,
            (Then::Answer | Then::Past, Wake::At(time)) => writeln!(output, "wake {}", time.as_nanos())?,
        }
        output.flush()?;
    }
    output.flush()?;
    if fault.is_some_and(Misbehaviour::is_deaf) {
        hang();
    }
    Ok(())
}

/// A line with its end; what is too long is cut. False at the end of the input.
fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    let most = MAX_LINE as u64 + 2;
    let mut whole = input.by_ref().take(most).read_until(b'\n', line)?;
    while whole > 0 && !line.ends_with(b"\n") {
        let mut rest = Vec::new();
        whole = input.by_ref().take(most).read_until(b'\n', &mut rest)?;
        if rest.ends_with(b"\n") {
            break;
        }
    }
    Ok(!line.is_empty())
}

fn greet(description: &Description, output: &mut impl Write) -> io::Result<()> {
    let Description { name, version, capabilities, properties } = description;
    writeln!(output, "wireproof {VERSION} {name} {version}")?;
    let words: Vec<String> = capabilities.iter().map(|capability| capability.to_string()).collect();
    writeln!(output, "capability {}", words.join(" "))?;
    for (name, value) in properties.iter() {
        writeln!(output, "property {name} {}", value.as_nanos())?;
    }
    writeln!(output, "ready")
}

fn print(said: &Answer, line: &mut Vec<u8>) {
    match said {
        Answer::Frame(octets) => {
            line.extend_from_slice(b"frame ");
            write_hex(octets, line);
            line.push(b'\n');
        }
        Answer::Result(id, result) => print_text("result", &format!("{id} {}", print_result(result)), line),
        Answer::Log(text) => print_text("log", text, line),
    }
}

/// A line of text: its own line ends become blanks.
fn print_text(word: &str, text: &str, line: &mut Vec<u8>) {
    line.extend_from_slice(word.as_bytes());
    line.push(b' ');
    line.extend(text.bytes().map(|octet| if octet == b'\n' || octet == b'\r' { b' ' } else { octet }));
    line.push(b'\n');
}

/// A device and its time.
struct Server<'d> {
    device: &'d mut dyn Device,
    /// `None` before the first reset.
    now: Option<Instant>,
    wake: Wake,
    out: Output,
}

impl Server<'_> {
    /// Does what a line asks for; what was not understood about it.
    fn answer(&mut self, text: &str) -> Result<(), String> {
        let mut words = Words::new(text);
        match words.next("a request").map_err(|error| error.to_string())?.1 {
            "reset" => {
                let setup: Setup =
                    words.remaining().parse().map_err(|error| format!("in the reset: {error}"))?;
                let wake = self.device.reset(&setup, &mut self.out);
                self.now = Some(Instant::ZERO);
                self.woken(wake)
            }
            "at" => {
                let Some(before) = self.now else { return Err("expected reset first".to_owned()) };
                let time: u64 = words.value("a time in nanoseconds").map_err(|error| error.to_string())?;
                let now = Instant::from_nanos(time);
                if now < before {
                    let before = before.as_nanos();
                    return Err(format!("expected a time of at least {before}, found {time}"));
                }
                self.at(now, &mut words)
            }
            other => Err(format!("expected reset, at or quit, found `{other}`")),
        }
    }

    fn at(&mut self, now: Instant, words: &mut Words<'_>) -> Result<(), String> {
        let (_, word) = words.next("frame, call or run").map_err(|error| error.to_string())?;
        let wake = match word {
            "run" => self.device.run(now, &mut self.out),
            "frame" => {
                let frames = read_frames(words.remaining())?;
                let frames: Vec<&[u8]> = frames.iter().map(Vec::as_slice).collect();
                self.device.handle_frames(now, &frames, &mut self.out)
            }
            "call" => {
                let id: u64 = words.value("the number of a call").map_err(|error| error.to_string())?;
                match words.remaining().parse() {
                    Ok(call) => self.device.handle_call(now, CallId(id), &call, &mut self.out),
                    Err(_) => {
                        self.out.result(CallId(id), Err(Errno::EINVAL));
                        self.now = Some(now);
                        return Ok(());
                    }
                }
            }
            other => return Err(format!("expected frame, call or run, found `{other}`")),
        };
        self.now = Some(now);
        self.woken(wake)
    }

    fn woken(&mut self, wake: Result<Wake, DeviceError>) -> Result<(), String> {
        self.wake = match wake {
            Ok(wake) => wake,
            Err(DeviceError::Refused { message, .. }) => return Err(message),
            Err(error) => return Err(error.to_string()),
        };
        Ok(())
    }
}

fn read_frames(text: &str) -> Result<Vec<Vec<u8>>, String> {
    let read = |word: &str| {
        let frame = read_hex(word.as_bytes());
        frame.ok_or_else(|| "expected frames in hexadecimal, two digits an octet".to_owned())
    };
    text.split_ascii_whitespace().map(read).collect()
}
