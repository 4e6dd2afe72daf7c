//! The wrapper: the reference with hooks between it and the wire, and between it and the application.

use super::Variant;
use super::flow::{Fate, Flow, Unless, Wish, before};
use super::segment::{Key, Segment};
use super::trouble::Trouble;
use crate::device::reference::Reference;
use crate::device::{
    Answer, Call, CallId, CallValue, Capability, Description, Device, DeviceError, Errno, OptionName, Output,
    Setup, Wake,
};
use std::collections::{BTreeMap, VecDeque};
use wireproof_reference::policy::Policy;
use wireproof_reference::time::{Duration, Instant};

/// The most frames that hooks may give to the stack at one request.
const MAX_TOLD: usize = 256;
/// The most frames that may wait.
const MAX_WAITING: usize = 4_096;

/// A variant of the reference as a device.
pub(super) struct Varied {
    variant: &'static Variant,
    inner: Reference,
    description: Description,
    flows: BTreeMap<Key, Flow>,
    /// What waits, by the time and the order in which it leaves.
    waiting: BTreeMap<(Instant, u64), Waiting>,
    waited: u64,
    inner_wake: Wake,
    /// What the application is told instead of a reset.
    reason: Option<Errno>,
}

/// A frame that waits for its time.
struct Waiting {
    to: To,
    frame: Vec<u8>,
    /// It is dropped if the connection's first number unacknowledged has passed this one.
    unless_past: Option<(Key, u32)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum To {
    Wire,
    Stack,
}

impl Varied {
    pub(super) fn new(variant: &'static Variant) -> Self {
        let mut policy = Policy::rfc9293();
        (variant.policy)(&mut policy);
        let inner = Reference::new(policy);
        // A broken stack does not say how it is broken.
        let told = if variant.is_broken() {
            Reference::default().description().clone()
        } else {
            inner.description().clone()
        };
        let mut description = Description { name: variant.full_name(), ..told };
        if variant.keeps_alive.is_some() {
            description.capabilities.insert(Capability::Option(OptionName::Keepalive));
        }
        Self {
            variant,
            inner,
            description,
            flows: BTreeMap::new(),
            waiting: BTreeMap::new(),
            waited: 0,
            inner_wake: Wake::Never,
            reason: None,
        }
    }

    fn wait(&mut self, at: Instant, waiting: Waiting) {
        if self.waiting.len() < MAX_WAITING {
            self.waited += 1;
            self.waiting.insert((at, self.waited), waiting);
        }
    }

    /// A frame leaves.
    fn utter(&self, mut frame: Vec<u8>, out: &mut Output) {
        (self.variant.utters)(&mut frame);
        out.frame(frame);
    }

    /// A frame has come: the hook sees it, then the stack.
    fn receive(&mut self, now: Instant, frame: &[u8], out: &mut Output) -> Result<(), DeviceError> {
        let Some((key, mut segment)) = keyed(Segment::of(frame), Segment::key_of_received) else {
            return self.trouble(now, frame, out);
        };
        let flow = self.flows.entry(key).or_default();
        flow.now = now;
        let original = segment.clone();
        let fate = (self.variant.receives)(flow, &mut segment);
        flow.handle_received(&original);
        let mut told = Vec::new();
        match fate {
            Fate::Pass => told.push(segment.into_frame()),
            Fate::Drop => {}
            Fate::Crash => return Err(DeviceError::Crash { message: "as a broken stack does".to_owned() }),
            Fate::Later(wait) => {
                let frame = segment.into_frame();
                self.wait(now + wait, Waiting { to: To::Stack, frame, unless_past: None });
            }
        }
        self.grant(now, key, &mut told, out);
        self.give(now, told, out)
    }

    /// A frame has come that is no segment: the hook sees it if it is an ICMP error, then the stack.
    fn trouble(&mut self, now: Instant, frame: &[u8], out: &mut Output) -> Result<(), DeviceError> {
        let mut told = vec![frame.to_vec()];
        if let Some((key, trouble)) = Trouble::of(frame) {
            let flow = self.flows.entry(key).or_default();
            flow.now = now;
            if (self.variant.troubled)(flow, &trouble) == Fate::Drop {
                told.clear();
            }
            self.grant(now, key, &mut told, out);
        }
        self.give(now, told, out)
    }

    /// Gives frames to the stack, and whatever hooks want it to be told in consequence.
    fn give(&mut self, now: Instant, frames: Vec<Vec<u8>>, out: &mut Output) -> Result<(), DeviceError> {
        let mut frames = VecDeque::from(frames);
        let mut given = 0;
        while let Some(frame) = frames.pop_front() {
            given += 1;
            if given > MAX_TOLD {
                break;
            }
            let mut answer = Output::new();
            self.inner_wake = self.inner.handle_frames(now, &[&frame], &mut answer)?;
            frames.extend(self.pass(now, answer, out));
        }
        Ok(())
    }

    /// What the stack answers: hooks see its segments and results. Gives what the stack is to be told in consequence.
    fn pass(&mut self, now: Instant, answer: Output, out: &mut Output) -> Vec<Vec<u8>> {
        let mut told = Vec::new();
        for answer in answer.answers {
            match answer {
                Answer::Frame(frame) => self.emit(now, frame, &mut told, out),
                Answer::Result(id, mut result) => {
                    (self.variant.answers)(&mut result);
                    if let (Err(error @ Errno::ECONNRESET), Some(reason)) = (&mut result, &self.reason) {
                        error.clone_from(reason);
                    }
                    out.result(id, result);
                }
                Answer::Log(text) => out.log(text),
            }
        }
        told
    }

    fn emit(&mut self, now: Instant, frame: Vec<u8>, told: &mut Vec<Vec<u8>>, out: &mut Output) {
        let Some((key, mut segment)) = keyed(Segment::of(&frame), Segment::key_of_sent) else {
            self.utter(frame, out);
            return;
        };
        let flow = self.flows.entry(key).or_default();
        flow.now = now;
        let original = segment.clone();
        let fate = (self.variant.sends)(flow, &mut segment);
        flow.handle_sent(&original);
        match fate {
            Fate::Pass => self.utter(segment.into_frame(), out),
            // What crashes a stack is what comes.
            Fate::Drop | Fate::Crash => {}
            Fate::Later(wait) => {
                let frame = segment.into_frame();
                self.wait(now + wait, Waiting { to: To::Wire, frame, unless_past: None });
            }
        }
        self.grant(now, key, told, out);
    }

    /// The application asks for keep-alives, which the stack has not.
    fn keep_alive(
        &mut self,
        now: Instant,
        id: CallId,
        keeps: fn(&mut Flow),
        out: &mut Output,
    ) -> Result<Wake, DeviceError> {
        out.result(id, Ok(CallValue::Done));
        let keys: Vec<Key> = self.flows.keys().copied().collect();
        let mut told = Vec::new();
        for key in keys {
            let flow = self.flows.entry(key).or_default();
            flow.now = now;
            keeps(flow);
            self.grant(now, key, &mut told, out);
        }
        self.give(now, told, out)?;
        Ok(self.wake())
    }

    /// Does what a hook wished for.
    fn grant(&mut self, now: Instant, key: Key, told: &mut Vec<Vec<u8>>, out: &mut Output) {
        let wishes = self.flows.get_mut(&key).map(|flow| core::mem::take(&mut flow.wishes));
        for wish in wishes.unwrap_or_default() {
            match wish {
                Wish::Tell(Duration::ZERO, segment) => told.push(segment.into_frame()),
                Wish::Tell(wait, segment) => {
                    let frame = segment.into_frame();
                    self.wait(now + wait, Waiting { to: To::Stack, frame, unless_past: None });
                }
                Wish::End(wait, reset, reason) => {
                    self.reason = Some(reason);
                    let frame = reset.into_frame();
                    match wait {
                        Duration::ZERO => told.push(frame),
                        wait => self.wait(now + wait, Waiting { to: To::Stack, frame, unless_past: None }),
                    }
                }
                Wish::Send(Duration::ZERO, segment, _) => self.utter(segment.into_frame(), out),
                Wish::Send(wait, segment, unless) => {
                    let unless_past = (unless == Unless::Acknowledged).then_some((key, segment.seq));
                    self.wait(now + wait, Waiting { to: To::Wire, frame: segment.into_frame(), unless_past });
                }
            }
        }
    }

    /// Whatever has waited long enough leaves.
    fn release(&mut self, now: Instant, out: &mut Output) -> Result<(), DeviceError> {
        while let Some(entry) = self.waiting.first_entry().filter(|entry| entry.key().0 <= now) {
            let Waiting { to, frame, unless_past } = entry.remove();
            let is_past = unless_past
                .is_some_and(|(key, seq)| self.flows.get(&key).is_none_or(|flow| before(seq, flow.una)));
            match to {
                _ if is_past => {}
                To::Wire => self.utter(frame, out),
                To::Stack => self.give(now, vec![frame], out)?,
            }
        }
        Ok(())
    }

    fn wake(&self) -> Wake {
        let own = self.waiting.keys().next().map(|(at, _)| *at);
        match (self.inner_wake, own) {
            (Wake::Now, _) => Wake::Now,
            (wake, None) => wake,
            (Wake::Never, Some(own)) => Wake::At(own),
            (Wake::At(wake), Some(own)) => Wake::At(wake.min(own)),
        }
    }
}

fn keyed(segment: Option<Segment>, key: impl FnOnce(&Segment) -> Option<Key>) -> Option<(Key, Segment)> {
    let segment = segment?;
    Some((key(&segment)?, segment))
}

impl Device for Varied {
    fn description(&self) -> &Description {
        &self.description
    }

    fn reset(&mut self, setup: &Setup, out: &mut Output) -> Result<Wake, DeviceError> {
        let mut setup = setup.clone();
        (self.variant.setup)(&mut setup);
        self.flows.clear();
        self.waiting.clear();
        self.reason = None;
        let mut answer = Output::new();
        self.inner_wake = self.inner.reset(&setup, &mut answer)?;
        let told = self.pass(Instant::ZERO, answer, out);
        self.give(Instant::ZERO, told, out)?;
        Ok(self.wake())
    }

    fn handle_frames(
        &mut self,
        now: Instant,
        frames: &[&[u8]],
        out: &mut Output,
    ) -> Result<Wake, DeviceError> {
        for frame in frames {
            if let Some(answer) = (self.variant.hears)(frame) {
                self.utter(answer, out);
            }
            self.receive(now, frame, out)?;
        }
        Ok(self.wake())
    }

    fn handle_call(
        &mut self,
        now: Instant,
        id: CallId,
        call: &Call,
        out: &mut Output,
    ) -> Result<Wake, DeviceError> {
        let mut call = call.clone();
        (self.variant.calls)(&mut call);
        if let (Call::Set { option: OptionName::Keepalive, .. }, Some(keeps)) =
            (&call, self.variant.keeps_alive)
        {
            return self.keep_alive(now, id, keeps, out);
        }
        let mut answer = Output::new();
        self.inner_wake = self.inner.handle_call(now, id, &call, &mut answer)?;
        let told = self.pass(now, answer, out);
        self.give(now, told, out)?;
        Ok(self.wake())
    }

    fn run(&mut self, now: Instant, out: &mut Output) -> Result<Wake, DeviceError> {
        self.release(now, out)?;
        let mut answer = Output::new();
        self.inner_wake = self.inner.run(now, &mut answer)?;
        let told = self.pass(now, answer, out);
        self.give(now, told, out)?;
        Ok(self.wake())
    }
}
