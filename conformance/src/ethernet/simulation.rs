//! Hosts on one segment, driven through virtual time until an application is content.
//!
//! At each instant, in this order, until nothing moves any more: timers that are due, arrivals, the application,
//! frames that the hosts want to send. Then time jumps to the next timer or arrival.

use super::{Ethernet, Hears, PortId};
use core::fmt;
use wireproof_reference::random::Random;
use wireproof_reference::time::{Duration, Instant};

/// How often an instant may be gone through before it counts as a livelock.
pub const MAX_ROUNDS_AT_ONE_INSTANT: u32 = 10_000;
/// How many frames a host may send in one go.
pub const MAX_FRAMES_IN_ONE_ROUND: u32 = 100_000;

/// A host, sans-IO.
pub trait Node {
    /// A frame without FCS arrives.
    fn handle_frame(&mut self, now: Instant, frame: &[u8]);
    /// The next frame that the host wants to send at `now`.
    fn poll_frame(&mut self, now: Instant) -> Option<Vec<u8>>;
    /// When the host wants its timers to be looked at next.
    fn poll_deadline(&mut self) -> Option<Instant>;
    /// Timers up to `now` are due.
    fn handle_timeout(&mut self, now: Instant);
}

/// What the application thinks of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It waits for what comes.
    Waiting,
    /// It did something: hosts may have frames to send at this instant.
    Moved,
    /// It has what it wanted.
    Done,
}

/// Why a run ended without the application being content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SimulationError {
    /// No timer is set, no frame on its way: nothing will ever happen again.
    Stuck {
        /// Since when.
        at: Instant,
    },
    /// The time allowed is over.
    TimeOver {
        /// The time allowed.
        limit: Instant,
    },
    /// An instant did not end within [`MAX_ROUNDS_AT_ONE_INSTANT`] rounds or [`MAX_FRAMES_IN_ONE_ROUND`] frames.
    Livelock {
        /// Which.
        at: Instant,
    },
}

impl fmt::Display for SimulationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stuck { at } => write!(f, "nothing will ever happen again since {at}"),
            Self::TimeOver { limit } => write!(f, "not done by {limit}"),
            Self::Livelock { at } => write!(f, "the hosts do not come to rest at {at}"),
        }
    }
}

impl std::error::Error for SimulationError {}

/// Hosts, the segment between them, and the time.
#[derive(Debug)]
pub struct Simulation<N> {
    /// The hosts in the order in which they were added.
    pub nodes: Vec<N>,
    /// The segment; the n-th host sits at the n-th port.
    pub ethernet: Ethernet,
    ports: Vec<PortId>,
    now: Instant,
}

impl<N: Node> Simulation<N> {
    /// An empty segment at time zero; chances are drawn from `random`.
    pub fn new(random: Random) -> Self {
        Self { nodes: Vec::new(), ethernet: Ethernet::new(random), ports: Vec::new(), now: Instant::ZERO }
    }

    /// Plugs a host in. `None`, and the host is dropped, if the segment is full.
    pub fn add(&mut self, mac: [u8; 6], node: N) -> Option<PortId> {
        let port = self.ethernet.attach(Hears::Address(mac))?;
        self.ports.push(port);
        self.nodes.push(node);
        Some(port)
    }

    /// The present.
    pub const fn now(&self) -> Instant {
        self.now
    }

    /// Runs until `application`, asked at every instant, is done; for `limit` of virtual time at most.
    ///
    /// # Errors
    /// [`SimulationError`] if it was not done by then, or never will be.
    pub fn run(
        &mut self,
        limit: Duration,
        mut application: impl FnMut(Instant, &mut [N]) -> Progress,
    ) -> Result<Instant, SimulationError> {
        let limit = self.now + limit;
        loop {
            if self.settle(&mut application)? {
                return Ok(self.now);
            }
            let timers = self.nodes.iter_mut().filter_map(Node::poll_deadline);
            let Some(next) = timers.chain(self.ethernet.poll_deadline()).min() else {
                return Err(SimulationError::Stuck { at: self.now });
            };
            if next > limit {
                self.now = limit;
                return Err(SimulationError::TimeOver { limit });
            }
            self.now = self.now.max(next);
        }
    }

    /// Goes through the present until nothing moves; true if the application is done.
    fn settle(
        &mut self,
        application: &mut impl FnMut(Instant, &mut [N]) -> Progress,
    ) -> Result<bool, SimulationError> {
        let now = self.now;
        for _ in 0..MAX_ROUNDS_AT_ONE_INSTANT {
            let mut moved = self.fire_timers();
            while let Some(arrival) = self.ethernet.poll_arrival(now) {
                if let Some(index) = self.ports.iter().position(|port| *port == arrival.port) {
                    self.nodes[index].handle_frame(now, &arrival.octets);
                    moved = true;
                }
            }
            let progress = application(now, &mut self.nodes);
            moved |= progress == Progress::Moved;
            moved |= self.collect_frames()?;
            if progress == Progress::Done {
                return Ok(true);
            }
            if !moved {
                return Ok(false);
            }
        }
        Err(SimulationError::Livelock { at: now })
    }

    fn fire_timers(&mut self) -> bool {
        let mut moved = false;
        for node in &mut self.nodes {
            if node.poll_deadline().is_some_and(|deadline| deadline <= self.now) {
                node.handle_timeout(self.now);
                moved = true;
            }
        }
        moved
    }

    fn collect_frames(&mut self) -> Result<bool, SimulationError> {
        let mut moved = false;
        for (node, port) in self.nodes.iter_mut().zip(&self.ports) {
            let mut frames = 0;
            while let Some(frame) = node.poll_frame(self.now) {
                self.ethernet.transmit(self.now, *port, frame);
                moved = true;
                frames += 1;
                if frames > MAX_FRAMES_IN_ONE_ROUND {
                    return Err(SimulationError::Livelock { at: self.now });
                }
            }
        }
        Ok(moved)
    }
}
