//! A conversation that is written down: requests at instants of our choice, answers held against the page.

use super::super::Limits;
use super::super::command::CommandLine;
use super::super::conversation::Conversation;
use super::super::deadline::Deadline;
use super::peer::{Peer, Segment};
use crate::device::{
    Answer, Call, CallId, CallResult, CallValue, Description, DeviceError, Output, Setup, SocketId, Wake,
    print_result,
};
use crate::problem::Problem;
use crate::tester::{Host, neighbour};
use core::net::IpAddr;
use std::collections::BTreeMap;
use std::time::Duration as RealDuration;
use wireproof_reference::time::{Duration, Instant};
use wireproof_reference::wire::{Content, Frame};

/// How often an adapter may want to run at one instant.
const MAX_ROUNDS: u32 = 1_000;
/// How long it may take to tell its Ethernet address: IPv6 detects duplicates first (RFC 4862 5.4).
const LEARN: Duration = Duration::from_secs(10);
/// A moment of virtual time.
pub(super) const MOMENT: Duration = Duration::from_millis(10);
/// How long a process that was told to quit may take.
const LEAVE: RealDuration = RealDuration::from_secs(2);

/// Why a check goes no further.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) expected: String,
    pub(super) got: String,
}

/// How a step of a check ends.
pub(super) type Done<T = ()> = Result<T, Wrong>;

/// Something else was expected.
pub(super) fn wrong<T>(expected: impl Into<String>, got: impl Into<String>) -> Done<T> {
    Err(Wrong { expected: expected.into(), got: got.into() })
}

/// An adapter, and what was said so far.
pub(super) struct Probe {
    conversation: Conversation,
    pub(super) description: Description,
    pub(super) now: Instant,
    wake: Wake,
    next_call: u64,
    next_socket: u32,
    results: BTreeMap<CallId, CallResult>,
    frames: Vec<Vec<u8>>,
    host: Host,
}

impl Probe {
    pub(super) fn start(command: &CommandLine, limits: Limits) -> Result<Self, Problem> {
        let (mut conversation, description) = Conversation::start(command, limits)?;
        conversation.write_down();
        Ok(Self {
            conversation,
            description,
            now: Instant::ZERO,
            wake: Wake::Never,
            next_call: 1,
            next_socket: 1,
            results: BTreeMap::new(),
            frames: Vec::new(),
            host: Host::numbered(0),
        })
    }

    /// Words of the greeting that are not known.
    pub(super) fn unknown_words(&self) -> &[String] {
        self.conversation.unknown_words()
    }

    /// What was said since this was asked last: requests behind `>`, answers behind `<`.
    pub(super) fn take_transcript(&mut self) -> Vec<String> {
        self.conversation.take_transcript()
    }

    /// Whether it can be asked again.
    pub(super) fn is_in_step(&self) -> bool {
        self.conversation.is_in_step()
    }

    /// A request as it stands, and whether it was understood: what was said against it.
    pub(super) fn request(&mut self, text: &str) -> Done<Result<(), String>> {
        let mut out = Output::new();
        let answer = self.conversation.ask(format!("{text}\n").as_bytes(), &mut out);
        for said in out.answers {
            match said {
                Answer::Frame(octets) => self.frames.push(octets),
                Answer::Result(id, result) => drop(self.results.insert(id, result)),
                Answer::Log(_) => {}
            }
        }
        match answer {
            Ok(Wake::At(wake)) if wake < self.now => wrong(
                format!("`wake` with a time later than {}", self.now.as_nanos()),
                format!("wake {}", wake.as_nanos()),
            ),
            Ok(wake) => {
                self.wake = wake;
                Ok(Ok(()))
            }
            Err(DeviceError::Refused { message, .. }) => Ok(Err(message)),
            Err(DeviceError::Protocol { found, expected }) => {
                Err(Wrong { expected, got: format!("`{found}`") })
            }
            Err(error) => {
                let expected = "an answer, up to `wake`".to_owned();
                Err(Wrong { expected, got: error.to_string() })
            }
        }
    }

    /// A request that has to be understood.
    pub(super) fn must(&mut self, text: &str) -> Done {
        match self.request(text)? {
            Ok(()) => Ok(()),
            Err(message) => wrong(format!("an answer to `{}`", brief(text)), format!("error {message}")),
        }
    }

    /// A reset, and nothing learnt yet. `more` stands behind the usual keys.
    pub(super) fn reset_bare(&mut self, more: &str) -> Done {
        self.conversation.pending.clear();
        (self.now, self.wake) = (Instant::ZERO, Wake::Never);
        (self.next_call, self.next_socket) = (1, 1);
        self.results.clear();
        self.frames.clear();
        let setup = Setup { seed: Some(7), ..Setup::default() };
        self.must(format!("reset {setup} {more}").trim_end())?;
        self.settle()
    }

    /// A reset, after which both sides know each other's address.
    pub(super) fn reset(&mut self, device: IpAddr, more: &str) -> Done {
        self.reset_bare(more)?;
        self.learn(device)
    }

    /// Asks for the device's Ethernet address until it is told.
    pub(super) fn learn(&mut self, device: IpAddr) -> Done {
        let question = neighbour::solicitation(&self.host, device);
        let last = self.now + LEARN;
        while self.now <= last {
            self.deliver(std::slice::from_ref(&question))?;
            let frames = std::mem::take(&mut self.frames);
            let is_told = |octets: &Vec<u8>| {
                Frame::parse(octets)
                    .ok()
                    .and_then(|frame| neighbour::told(&frame))
                    .is_some_and(|(told, mac)| told == device && mac.0 == Setup::default().mac)
            };
            if frames.iter().any(is_told) {
                return Ok(());
            }
            self.advance(Duration::from_secs(1))?;
        }
        let what = if device.is_ipv4() { "an ARP reply" } else { "a neighbour advertisement" };
        wrong(
            format!("{what} that tells {device} is at 02:00:00:00:00:02, at the instant of the question"),
            format!("nothing of the kind within {LEARN} of virtual time"),
        )
    }

    /// Frames arrive, then all that is due now.
    pub(super) fn deliver(&mut self, frames: &[Vec<u8>]) -> Done {
        let hex: Vec<String> =
            frames.iter().map(|frame| crate::device::call::Hex(frame).to_string()).collect();
        self.must(&format!("at {} frame {}", self.now.as_nanos(), hex.join(" ")))?;
        self.settle()
    }

    /// A segment of a peer arrives.
    pub(super) fn segment(&mut self, peer: &Peer, flags: u8, data: &[u8]) -> Done {
        self.deliver(&[peer.frame(flags, data)])
    }

    /// Does what is due now, and answers what the device asks about its neighbour.
    pub(super) fn settle(&mut self) -> Done {
        for _ in 0..MAX_ROUNDS {
            let answers = self.answers();
            let is_due = match self.wake {
                Wake::Never => false,
                Wake::Now => true,
                Wake::At(wake) => wake <= self.now,
            };
            if !answers.is_empty() {
                let hex: Vec<String> =
                    answers.iter().map(|frame| crate::device::call::Hex(frame).to_string()).collect();
                self.must(&format!("at {} frame {}", self.now.as_nanos(), hex.join(" ")))?;
            } else if is_due {
                self.must(&format!("at {} run", self.now.as_nanos()))?;
            } else {
                return Ok(());
            }
        }
        wrong(
            format!("a `wake` later than {} at last", self.now.as_nanos()),
            format!("more to do {MAX_ROUNDS} times at this instant"),
        )
    }

    /// The answers to the questions among the frames, which are taken away.
    fn answers(&mut self) -> Vec<Vec<u8>> {
        let hosts = [self.host];
        let mut answers = Vec::new();
        self.frames.retain(|octets| {
            let Ok(frame) = Frame::parse(octets) else { return true };
            let answer = neighbour::answer(&hosts, &frame);
            let is_question = answer.is_some();
            answers.extend(answer);
            !is_question
        });
        answers
    }

    /// Time passes, wake by wake.
    pub(super) fn advance(&mut self, span: Duration) -> Done {
        let until = self.now + span;
        while let Wake::At(wake) = self.wake
            && wake <= until
        {
            self.now = wake;
            self.must(&format!("at {} run", self.now.as_nanos()))?;
            self.settle()?;
        }
        self.now = until;
        Ok(())
    }

    /// A number for a new socket.
    pub(super) fn socket(&mut self) -> SocketId {
        self.next_socket += 1;
        SocketId(self.next_socket - 1)
    }

    /// A call; its result may come later.
    pub(super) fn call(&mut self, text: &str) -> Done<CallId> {
        let id = CallId(self.next_call);
        self.next_call += 1;
        // What cannot be read is none of the calls: any result will do.
        let call = text.parse().unwrap_or(Call::Close { socket: SocketId(0) });
        self.conversation.pending.insert(id, call);
        self.must(&format!("at {} call {id} {text}", self.now.as_nanos()))?;
        self.settle()?;
        Ok(id)
    }

    /// The result of a call, if it has one by now.
    pub(super) fn result(&mut self, id: CallId) -> Option<CallResult> {
        self.results.remove(&id)
    }

    /// A call that has to end at once, and well.
    pub(super) fn ok(&mut self, text: &str) -> Done<CallValue> {
        let id = self.call(text)?;
        self.ended_well(id, text)
    }

    /// The result of a call that has to have ended well by now.
    pub(super) fn ended_well(&mut self, id: CallId, text: &str) -> Done<CallValue> {
        match self.result(id) {
            Some(Ok(value)) => Ok(value),
            other => wrong(format!("`result {id} ok` of `{}` by now", brief(text)), told(id, other.as_ref())),
        }
    }

    /// The result of a call that has to have failed by now: `names` are the reasons that will do, if the adapter knows why.
    pub(super) fn ended_badly(&mut self, id: CallId, text: &str, names: &[&str]) -> Done {
        let knows = self.description.capabilities.has(crate::device::Capability::Errors);
        match self.result(id) {
            Some(Err(errno)) if !knows || names.is_empty() || names.contains(&errno.to_string().as_str()) => {
                Ok(())
            }
            other => {
                let names = if knows { names.join(" or ") } else { "ERRNO".to_owned() };
                wrong(format!("`result {id} error {names}` of `{}`", brief(text)), told(id, other.as_ref()))
            }
        }
    }

    /// The result of a call that has to wait still.
    pub(super) fn waits(&mut self, id: CallId, text: &str) -> Done {
        match self.result(id) {
            None => Ok(()),
            other => wrong(format!("no result of `{}` yet", brief(text)), told(id, other.as_ref())),
        }
    }

    /// The segments that the device sent to a peer since this was asked last.
    pub(super) fn segments(&mut self, peer: &Peer) -> Vec<Segment> {
        let frames = std::mem::take(&mut self.frames);
        frames.iter().filter_map(|frame| peer.read(frame)).collect()
    }

    /// The UDP datagrams, as their source port and octets.
    pub(super) fn datagrams(&mut self) -> Vec<(u16, Vec<u8>)> {
        use wireproof_reference::wire::Transport;
        let frames = std::mem::take(&mut self.frames);
        let read = |frame: &Vec<u8>| match Frame::parse(frame).ok()?.content {
            Content::Ip(packet) => match packet.transport {
                Transport::Udp(udp) => Some((udp.source_port, udp.payload.to_vec())),
                _ => None,
            },
            _ => None,
        };
        frames.iter().filter_map(read).collect()
    }

    /// What it says though nobody asks, within a while of real time.
    pub(super) fn unasked(&mut self, span: RealDuration) -> Done {
        match self.conversation.listen(span) {
            Ok(None) => Ok(()),
            Ok(Some(line)) => Err(Wrong {
                expected: "nothing before the next request".to_owned(),
                got: format!("`{line}`"),
            }),
            Err(error) => Err(Wrong {
                expected: "a process that waits for the next request".to_owned(),
                got: error.to_string(),
            }),
        }
    }

    /// Says `quit` (or just closes its input), and waits for its end.
    pub(super) fn leave(mut self, with_quit: bool) -> Done<Vec<String>> {
        if with_quit {
            self.conversation.say_quit();
        } else {
            self.conversation.hang_up();
        }
        let how = if with_quit { "`quit`" } else { "the end of its input" };
        let expected = format!("that it ends within {} s of {how}, exit status 0", LEAVE.as_secs());
        match self.conversation.await_end(Deadline::after(LEAVE)) {
            Some(status) if status.success() || !with_quit => Ok(self.take_transcript()),
            Some(status) => wrong(expected, status.to_string()),
            None => wrong(expected, "it went on and had to be killed"),
        }
    }
}

fn told(id: CallId, result: Option<&CallResult>) -> String {
    match result {
        Some(result) => format!("result {id} {}", print_result(result)),
        None => "no result".to_owned(),
    }
}

/// A request for a message.
fn brief(text: &str) -> String {
    let mut brief: String = text.chars().take(80).collect();
    if brief.len() < text.len() {
        brief.push_str("...");
    }
    brief
}
