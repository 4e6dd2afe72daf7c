//! The neighbour cache: which link address belongs to which next hop, for ARP and NDP alike.
//!
//! RFC 4861 7.2 and 7.3 give the states; ARP (RFC 826, RFC 1122 2.3.2) runs on the same machine, as its
//! unicast polls (2.3.2.1 (2)) are what NDP calls probes. The cache writes no packets: it says whom to solicit.
//!
//! ```text
//!             resolve, nothing known                 MAX_SOLICIT unanswered
//!    (none) ---------------------------> INCOMPLETE ------------------------> (none), packets returned
//!      |                                     | solicited answer
//!      | heard of it                         v
//!      |                                 REACHABLE <---------------+ confirmed
//!      v                                     | reachable time      |
//!    STALE <---------------------------------+                     |
//!      | resolve                                                   |
//!      v       DELAY_FIRST_PROBE             MAX_SOLICIT unanswered|
//!    DELAY ---------------------> PROBE -------> (none)            |
//!      +----------------------------+------------------------------+
//! ```
//!
//! Left out: router flags and the default router list (there are no router advertisements here), proxies,
//! anycast delays.

use crate::random::Random;
use crate::time::{Duration, Instant};
use crate::wire::MacAddr;
use core::net::IpAddr;
use std::collections::{BTreeMap, VecDeque};

/// RFC 4861 10: how long a confirmation holds, before the random factor.
pub const REACHABLE_TIME: Duration = Duration::from_secs(30);
/// RFC 4861 10: between two solicitations of one neighbour; RFC 1122 2.3.2.1 asks for the same second of ARP.
pub const RETRANS_TIMER: Duration = Duration::from_secs(1);
/// RFC 4861 10: how long upper layers have to confirm a stale neighbour before it is probed.
pub const DELAY_FIRST_PROBE_TIME: Duration = Duration::from_secs(5);
/// RFC 4861 10, MAX_MULTICAST_SOLICIT and MAX_UNICAST_SOLICIT: solicitations before giving up.
pub const MAX_SOLICIT: u8 = 3;
/// Packets that wait for one neighbour; the oldest gives way (RFC 4861 7.2.2, RFC 1122 2.3.2.2).
pub const MAX_PENDING_PACKETS: usize = 8;
/// Entries of the cache; beyond, the least useful one gives way (see [`Neighbours::resolve`]).
pub const MAX_NEIGHBOURS: usize = 256;

/// The cache.
#[derive(Debug)]
pub struct Neighbours {
    entries: BTreeMap<IpAddr, Entry>,
    /// RFC 4861 6.3.2: the base time, spread so that hosts do not probe in step.
    reachable_time: Duration,
    output: VecDeque<Output>,
}

/// What the cache wants done, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Ask for `target`'s link address: everybody (`to` is `None`), or the one who had it last (a probe).
    Solicit {
        /// Whose address is asked for.
        target: IpAddr,
        /// One of our addresses: of the packet that prompted this (RFC 4861 7.2.2).
        source: IpAddr,
        /// Where to send it; `None` for broadcast or the solicited-node multicast group.
        to: Option<MacAddr>,
    },
    /// The packet waited for `to` and may go now.
    Send {
        /// The link address to send to.
        to: MacAddr,
        /// An IP packet.
        packet: Vec<u8>,
    },
    /// The packet waited in vain: its next hop did not answer.
    Unreachable {
        /// An IP packet.
        packet: Vec<u8>,
    },
}

/// What is known about the way to a neighbour, RFC 4861 7.3.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reachability {
    /// Its link address is being asked for.
    Incomplete,
    /// Confirmed lately.
    Reachable,
    /// Not confirmed lately, nothing sent since.
    Stale,
    /// Not confirmed lately, but used: somebody above may confirm it.
    Delay,
    /// Being asked whether it is still there.
    Probe,
}

/// An answer to a solicitation, or an announcement: a neighbour advertisement or an ARP reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advertisement {
    /// Whose link address this is about.
    pub target: IpAddr,
    /// The link address, where the message holds one.
    pub mac: Option<MacAddr>,
    /// Whether it answers a solicitation of ours: only then it confirms the way to the neighbour.
    pub solicited: bool,
    /// Whether it may replace a link address that we have.
    pub overriding: bool,
}

#[derive(Debug)]
struct Entry {
    state: State,
    /// The address of ours that last spoke to this neighbour.
    source: IpAddr,
    used: Instant,
}

#[derive(Debug)]
enum State {
    Incomplete { solicited: u8, due: Instant, pending: VecDeque<Vec<u8>> },
    Reachable { mac: MacAddr, until: Instant },
    Stale { mac: MacAddr },
    Delay { mac: MacAddr, until: Instant },
    Probe { mac: MacAddr, solicited: u8, due: Instant },
}

impl Neighbours {
    /// An empty cache; `random` spreads the reachable time (RFC 4861 6.3.2).
    pub fn new(mut random: Random) -> Self {
        // RFC 4861 10: MIN_RANDOM_FACTOR 0.5, MAX_RANDOM_FACTOR 1.5.
        let base = REACHABLE_TIME.as_nanos();
        let reachable_time = Duration::from_nanos(base / 2 + random.below(base));
        Self { entries: BTreeMap::new(), reachable_time, output: VecDeque::new() }
    }

    /// What is known of the way to `neighbour`, if anything.
    pub fn reachability(&self, neighbour: IpAddr) -> Option<Reachability> {
        self.entries.get(&neighbour).map(|entry| entry.state.reachability())
    }

    /// The link address of `neighbour`, where known.
    pub fn link_address(&self, neighbour: IpAddr) -> Option<MacAddr> {
        self.entries.get(&neighbour).and_then(|entry| entry.state.mac())
    }

    /// How many neighbours there are entries for, at most [`MAX_NEIGHBOURS`].
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing is known of anybody.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The next thing to be done, if any.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.output.pop_front()
    }

    /// When [`Self::handle_timeout`] has something to do.
    pub fn poll_deadline(&self) -> Option<Instant> {
        self.entries.values().filter_map(|entry| entry.state.due()).min()
    }

    /// Sends `packet`, whose source is our `source`, to `next_hop`: at once ([`Output::Send`]), or when its link address is known.
    ///
    /// A full cache drops the entry that was used longest ago, those without confirmed address first: junk on the
    /// link can push out a peer's entry at most until the peer is spoken to again.
    pub fn resolve(&mut self, now: Instant, next_hop: IpAddr, source: IpAddr, packet: Vec<u8>) {
        let Some(entry) = self.entries.get_mut(&next_hop) else {
            return self.begin(now, next_hop, source, packet);
        };
        entry.used = now;
        entry.source = source;
        let mac = match &mut entry.state {
            State::Incomplete { pending, .. } => {
                // RFC 4861 7.2.2: the new arrival replaces the oldest.
                if pending.len() == MAX_PENDING_PACKETS {
                    pending.pop_front();
                }
                return pending.push_back(packet);
            }
            // RFC 4861 7.3.3: the change to STALE may wait until a packet is sent.
            State::Reachable { mac, until } if *until > now => *mac,
            State::Reachable { mac, .. } | State::Stale { mac } => {
                let mac = *mac;
                entry.state = State::Delay { mac, until: now + DELAY_FIRST_PROBE_TIME };
                mac
            }
            State::Delay { mac, .. } | State::Probe { mac, .. } => *mac,
        };
        self.output.push_back(Output::Send { to: mac, packet });
    }

    fn begin(&mut self, now: Instant, next_hop: IpAddr, source: IpAddr, packet: Vec<u8>) {
        let state = State::Incomplete { solicited: 1, due: now + RETRANS_TIMER, pending: [packet].into() };
        self.insert(now, next_hop, state, source);
        self.output.push_back(Output::Solicit { target: next_hop, source, to: None });
    }

    /// Somebody told its link address without being asked for it: a neighbour solicitation with a source link
    /// address (RFC 4861 7.2.3), or an ARP request (RFC 826, "merge" and add), for our address `own`.
    pub fn handle_solicitation(&mut self, now: Instant, sender: IpAddr, mac: MacAddr, own: IpAddr) {
        match self.entries.get(&sender).map(|entry| entry.state.mac()) {
            Some(Some(known)) if known == mac => {}
            Some(_) => self.learn(now, sender, State::Stale { mac }),
            None => self.insert(now, sender, State::Stale { mac }, own),
        }
    }

    /// The same for a message that was not meant for us: it changes what is known, but adds nothing (RFC 826, "merge").
    pub fn handle_overheard(&mut self, now: Instant, sender: IpAddr, mac: MacAddr) {
        if let Some(own) = self.entries.get(&sender).map(|entry| entry.source) {
            self.handle_solicitation(now, sender, mac, own);
        }
    }

    /// RFC 4861 7.2.5. Nothing is learnt about those who were never spoken to.
    pub fn handle_advertisement(&mut self, now: Instant, advertisement: Advertisement) {
        let Advertisement { target, mac: offered, solicited, overriding } = advertisement;
        let until = now + self.reachable_time;
        let Some(entry) = self.entries.get_mut(&target) else { return };
        let known = match entry.state {
            State::Incomplete { .. } => {
                let Some(mac) = offered else { return };
                let state = if solicited { State::Reachable { mac, until } } else { State::Stale { mac } };
                return self.learn(now, target, state);
            }
            State::Reachable { mac, .. }
            | State::Stale { mac }
            | State::Delay { mac, .. }
            | State::Probe { mac, .. } => mac,
        };
        let mac = offered.unwrap_or(known);
        if mac != known && !overriding {
            // I. a: the claim is not believed, but reason to ask.
            if matches!(entry.state, State::Reachable { .. }) {
                entry.state = State::Stale { mac: known };
            }
        } else if solicited {
            self.learn(now, target, State::Reachable { mac, until });
        } else if mac != known {
            self.learn(now, target, State::Stale { mac });
        }
    }

    /// RFC 4861 7.3.1: a layer above saw that packets sent to `neighbour` arrive. Does nothing while its address
    /// is unknown.
    pub fn confirm(&mut self, now: Instant, neighbour: IpAddr) {
        if let Some(mac) = self.link_address(neighbour) {
            self.learn(now, neighbour, State::Reachable { mac, until: now + self.reachable_time });
        }
    }

    /// A layer above doubts that packets sent to `neighbour` arrive (RFC 1122 2.3.2.1 (4), RFC 9293 3.8.3 SHLD-9): with
    /// the next packet it is looked after.
    pub fn doubt(&mut self, neighbour: IpAddr) {
        if let Some(entry) = self.entries.get_mut(&neighbour)
            && let State::Reachable { mac, .. } = entry.state
        {
            entry.state = State::Stale { mac };
        }
    }

    /// Does what is due at `now`: solicits again, gives up, begins to probe.
    pub fn handle_timeout(&mut self, now: Instant) {
        let due: Vec<IpAddr> = self
            .entries
            .iter()
            .filter(|(_, entry)| entry.state.due().is_some_and(|due| due <= now))
            .map(|(neighbour, _)| *neighbour)
            .collect();
        for neighbour in due {
            self.expire(now, neighbour);
        }
    }

    fn expire(&mut self, now: Instant, target: IpAddr) {
        let Some(entry) = self.entries.get_mut(&target) else { return };
        let source = entry.source;
        let next = now + RETRANS_TIMER;
        let to = match &mut entry.state {
            State::Reachable { .. } | State::Stale { .. } => return,
            State::Delay { mac, .. } => {
                let mac = *mac;
                entry.state = State::Probe { mac, solicited: 1, due: next };
                Some(mac)
            }
            State::Incomplete { solicited, due, .. } if *solicited < MAX_SOLICIT => {
                (*solicited, *due) = (*solicited + 1, next);
                None
            }
            State::Probe { mac, solicited, due } if *solicited < MAX_SOLICIT => {
                (*solicited, *due) = (*solicited + 1, next);
                Some(*mac)
            }
            // RFC 4861 7.2.2 and 7.3.3: no answer, the entry is deleted.
            State::Incomplete { .. } | State::Probe { .. } => {
                self.remove(target);
                return;
            }
        };
        self.output.push_back(Output::Solicit { target, source, to });
    }

    /// Replaces the state of an entry, and lets packets go that waited for it.
    fn learn(&mut self, now: Instant, neighbour: IpAddr, state: State) {
        let Some(entry) = self.entries.get_mut(&neighbour) else { return };
        let before = core::mem::replace(&mut entry.state, state);
        if let State::Incomplete { pending, .. } = before {
            let source = entry.source;
            for packet in pending {
                self.resolve(now, neighbour, source, packet);
            }
        }
    }

    fn insert(&mut self, now: Instant, neighbour: IpAddr, state: State, source: IpAddr) {
        if self.entries.len() >= MAX_NEIGHBOURS {
            let victim = self
                .entries
                .iter()
                .min_by_key(|(_, entry)| (entry.state.worth(), entry.used))
                .map(|(neighbour, _)| *neighbour);
            if let Some(victim) = victim {
                self.remove(victim);
            }
        }
        self.entries.insert(neighbour, Entry { state, source, used: now });
    }

    fn remove(&mut self, neighbour: IpAddr) {
        if let Some(Entry { state: State::Incomplete { pending, .. }, .. }) = self.entries.remove(&neighbour)
        {
            self.output.extend(pending.into_iter().map(|packet| Output::Unreachable { packet }));
        }
    }
}

impl State {
    const fn reachability(&self) -> Reachability {
        match self {
            Self::Incomplete { .. } => Reachability::Incomplete,
            Self::Reachable { .. } => Reachability::Reachable,
            Self::Stale { .. } => Reachability::Stale,
            Self::Delay { .. } => Reachability::Delay,
            Self::Probe { .. } => Reachability::Probe,
        }
    }

    const fn mac(&self) -> Option<MacAddr> {
        match *self {
            Self::Incomplete { .. } => None,
            Self::Reachable { mac, .. }
            | Self::Stale { mac }
            | Self::Delay { mac, .. }
            | Self::Probe { mac, .. } => Some(mac),
        }
    }

    const fn due(&self) -> Option<Instant> {
        match *self {
            Self::Reachable { .. } | Self::Stale { .. } => None,
            Self::Delay { until, .. } => Some(until),
            Self::Incomplete { due, .. } | Self::Probe { due, .. } => Some(due),
        }
    }

    /// Who is evicted first: the neighbour whom nobody of ours ever spoke to.
    const fn worth(&self) -> u8 {
        match self {
            Self::Stale { .. } => 0,
            Self::Incomplete { .. } => 1,
            Self::Probe { .. } => 2,
            Self::Delay { .. } | Self::Reachable { .. } => 3,
        }
    }
}

#[cfg(test)]
#[path = "neighbour_tests.rs"]
mod tests;
