//! The virtual Ethernet: one segment that several hosts share, with a wire that can lose, delay, duplicate, reorder
//! and corrupt by rule or by seeded chance.
//!
//! Sans-IO: frames and the time go in ([`Ethernet::transmit`]), arrivals and the next deadline come out
//! ([`Ethernet::poll_arrival`], [`Ethernet::poll_deadline`]). Frames are Ethernet II without FCS. A unicast frame
//! arrives at the ports that bear its destination, a broadcast or multicast frame at all ports but its sender's; a
//! port that hears everything gets whatever it did not send itself. Every frame and what became of it goes into the
//! [`Capture`].
//!
//! | room | what |
//! |---|---|
//! | [`capture`] | the frames seen, each with its fate |
//! | [`impairment`] | rules: which frame, how often, what happens to it |
//! | [`simulation`] | hosts on a segment, driven until an application is content |
//!
//! ```text
//!  port 0 ──┐ transmit                          ┌── port 0
//!  port 1 ──┼──> impairments ──> queue by time ─┼── port 1   poll_arrival
//!  port 2 ──┘      (fates)      (bounded)       └── port 2
//! ```

pub mod capture;
pub mod impairment;
pub mod simulation;

pub use capture::{Capture, CaptureLimits, CapturedFrame, Fate};
pub use impairment::{Effect, Impairment, When};
pub use simulation::{Node, Progress, Simulation, SimulationError};

use core::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use wireproof_reference::random::Random;
use wireproof_reference::time::{Duration, Instant};

/// How many frames may be on the wire at once; one more is lost ([`Fate::Overflow`]).
pub const MAX_IN_FLIGHT: usize = 65_536;
/// How many ports a segment has at most.
pub const MAX_PORTS: usize = 256;
/// How many copies one rule makes of a frame at most.
pub const MAX_COPIES: u32 = 16;

/// A place on the segment where a host is plugged in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PortId(usize);

impl PortId {
    /// The ports of a segment are numbered in the order in which hosts were plugged in, from 0.
    pub const fn index(self) -> usize {
        self.0
    }
}

/// What a port hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hears {
    /// Unicast frames to this address, and every broadcast and multicast.
    Address([u8; 6]),
    /// Every frame that others send.
    Everything,
}

/// A frame that reached a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Which frame: the n-th that was sent on this segment, from 0. Copies bear the number of their original.
    pub number: u64,
    /// The port that hears it.
    pub port: PortId,
    /// When.
    pub time: Instant,
    /// The frame without FCS, as it arrived (perhaps corrupted).
    pub octets: Arc<[u8]>,
}

/// One shared segment.
#[derive(Debug)]
pub struct Ethernet {
    ports: Vec<Hears>,
    latency: Duration,
    impairments: Vec<Impairment>,
    random: Random,
    queue: BinaryHeap<Reverse<InFlight>>,
    held: Vec<Held>,
    next_order: u64,
    sent: u64,
    capture: Capture,
}

/// A frame on its way, ordered by when it arrives, then by when it was sent.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct InFlight {
    arrives: Instant,
    order: u64,
    number: u64,
    from: PortId,
    /// The port it still has to be offered to.
    next_port: usize,
    octets: Arc<[u8]>,
}

/// A frame held back until others of its sender have passed it.
#[derive(Debug)]
struct Held {
    passed_by: u32,
    released: Instant,
    number: u64,
    from: PortId,
    octets: Arc<[u8]>,
}

impl Ethernet {
    /// An empty segment without latency; chances are drawn from `random`.
    pub fn new(random: Random) -> Self {
        Self {
            ports: Vec::new(),
            latency: Duration::ZERO,
            impairments: Vec::new(),
            random,
            queue: BinaryHeap::new(),
            held: Vec::new(),
            next_order: 0,
            sent: 0,
            capture: Capture::new(CaptureLimits::default()),
        }
    }

    /// Plugs a host in; `None` if all [`MAX_PORTS`] are taken.
    pub fn attach(&mut self, hears: Hears) -> Option<PortId> {
        let port = PortId(self.ports.len());
        (port.0 < MAX_PORTS).then(|| {
            self.ports.push(hears);
            port
        })
    }

    /// How long a frame takes from port to port; zero at first. Holds for frames sent from now on.
    pub fn set_latency(&mut self, latency: Duration) {
        self.latency = latency;
    }

    /// Adds a rule. Rules act in the order in which they were added, each on what the one before left.
    pub fn impair(&mut self, impairment: Impairment) {
        self.impairments.push(impairment);
    }

    /// Forgets all rules; frames on their way stay as they are.
    pub fn heal(&mut self) {
        self.impairments.clear();
    }

    /// Limits the capture anew and forgets what it holds.
    pub fn set_capture_limits(&mut self, limits: CaptureLimits) {
        self.capture = Capture::new(limits);
    }

    /// The frames sent so far and what became of them.
    pub const fn capture(&self) -> &Capture {
        &self.capture
    }

    /// How many frames were sent so far: the number of the next one.
    pub const fn sent(&self) -> u64 {
        self.sent
    }

    /// Puts a frame on the wire at `now` and says what becomes of it (empty: it is simply delivered).
    pub fn transmit(&mut self, now: Instant, from: PortId, octets: impl Into<Arc<[u8]>>) -> Vec<Fate> {
        let octets = octets.into();
        let mut journey = Journey::new(octets.clone());
        for impairment in &mut self.impairments {
            if journey.is_lost() {
                break;
            }
            impairment.act(from, &octets, &mut journey, &mut self.random);
        }
        self.launch(now, from, journey, octets)
    }

    /// Puts a frame on the wire at `now` with a fate that the caller chose; no rule acts on it.
    pub fn transmit_with(
        &mut self,
        now: Instant,
        from: PortId,
        octets: impl Into<Arc<[u8]>>,
        fate: Fate,
    ) -> Vec<Fate> {
        let octets = octets.into();
        let mut journey = Journey::new(octets.clone());
        journey.suffer(fate);
        self.launch(now, from, journey, octets)
    }

    /// When the next frame arrives.
    pub fn poll_deadline(&self) -> Option<Instant> {
        let queued = self.queue.peek().map(|Reverse(frame)| frame.arrives);
        self.held.iter().map(|held| held.released).chain(queued).min()
    }

    /// The next arrival at or before `now`, in order of time, at each instant in the order of sending.
    pub fn poll_arrival(&mut self, now: Instant) -> Option<Arrival> {
        self.release_held(now);
        loop {
            let mut next = self.queue.peek_mut().filter(|next| next.0.arrives <= now)?;
            let frame = &mut next.0;
            let port = (frame.next_port..self.ports.len())
                .find(|port| *port != frame.from.0 && self.ports[*port].hears(&frame.octets));
            let Some(port) = port else {
                std::collections::binary_heap::PeekMut::pop(next);
                continue;
            };
            // The order among frames does not depend on `next_port` while `order` is unique.
            frame.next_port = port + 1;
            return Some(Arrival {
                number: frame.number,
                port: PortId(port),
                time: frame.arrives,
                octets: frame.octets.clone(),
            });
        }
    }

    fn launch(&mut self, now: Instant, from: PortId, journey: Journey, sent: Arc<[u8]>) -> Vec<Fate> {
        let Journey { octets, delay, copies, hold, mut fates } = journey;
        let number = self.sent;
        self.sent += 1;
        let in_flight = self.queue.len() + self.held.len();
        if !fates.contains(&Fate::Lost) && in_flight + 1 + copies.len() > MAX_IN_FLIGHT {
            fates.push(Fate::Overflow);
        }
        if !fates.iter().any(Fate::is_end) {
            let arrives = now + self.latency + delay;
            if let Some((frames, patience)) = hold {
                let released = arrives + patience;
                self.held.push(Held { passed_by: frames, released, number, from, octets: octets.clone() });
            } else {
                self.enqueue(arrives, number, from, octets.clone());
            }
            for after in copies {
                self.enqueue(arrives + after, number, from, octets.clone());
            }
            if hold.is_none() {
                self.count_passing(arrives, from);
            }
        }
        self.capture.record(CapturedFrame { time: now, from, octets: sent, fates: fates.clone() });
        fates
    }

    fn enqueue(&mut self, arrives: Instant, number: u64, from: PortId, octets: Arc<[u8]>) {
        let order = self.next_order;
        self.next_order += 1;
        self.queue.push(Reverse(InFlight { arrives, order, number, from, next_port: 0, octets }));
    }

    /// A frame of `from` goes by at `arrives`: those held for it come one nearer to their release, right after it.
    fn count_passing(&mut self, arrives: Instant, from: PortId) {
        let mut index = 0;
        while index < self.held.len() {
            let held = &mut self.held[index];
            if held.from == from {
                held.passed_by = held.passed_by.saturating_sub(1);
                if held.passed_by == 0 {
                    let held = self.held.remove(index);
                    self.enqueue(arrives.min(held.released), held.number, held.from, held.octets);
                    continue;
                }
            }
            index += 1;
        }
    }

    fn release_held(&mut self, now: Instant) {
        while let Some(index) = self.held.iter().position(|held| held.released <= now) {
            let held = self.held.remove(index);
            self.enqueue(held.released, held.number, held.from, held.octets);
        }
    }
}

impl Hears {
    fn hears(self, frame: &[u8]) -> bool {
        match self {
            Self::Everything => true,
            // IEEE 802: the lowest bit of the first octet marks a group address.
            Self::Address(mac) => {
                frame.first().is_some_and(|octet| octet & 1 == 1) || frame.get(..6) == Some(&mac[..])
            }
        }
    }
}

/// One frame on its way through the rules.
#[derive(Debug)]
struct Journey {
    octets: Arc<[u8]>,
    delay: Duration,
    /// How long after the frame itself each copy arrives.
    copies: Vec<Duration>,
    /// Held until so many frames have passed, at most for so long.
    hold: Option<(u32, Duration)>,
    fates: Vec<Fate>,
}

impl Journey {
    const fn new(octets: Arc<[u8]>) -> Self {
        Self { octets, delay: Duration::ZERO, copies: Vec::new(), hold: None, fates: Vec::new() }
    }

    fn is_lost(&self) -> bool {
        self.fates.iter().any(Fate::is_end)
    }

    /// Lets it happen, and writes it down.
    fn suffer(&mut self, fate: Fate) {
        match fate {
            Fate::Delivered => return,
            Fate::Lost | Fate::Overflow => {}
            Fate::Delayed(by) => self.delay += by,
            Fate::Duplicated { copies, gap } => {
                let copies = copies.min(MAX_COPIES);
                self.copies.extend((1..=u64::from(copies)).map(|nth| gap * nth));
            }
            Fate::Reordered { behind, patience } => self.hold = Some((behind, patience)),
            Fate::Corrupted { at, mask } => {
                let mut octets = self.octets.to_vec();
                if let Some(octet) = octets.get_mut(at) {
                    *octet ^= mask;
                }
                self.octets = octets.into();
            }
        }
        self.fates.push(fate);
    }
}

#[cfg(test)]
mod tests;
