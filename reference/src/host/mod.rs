//! A host: link, IP, ICMP, UDP and TCP put together, with the sockets of its applications.
//!
//! Sans-IO. What comes in: frames ([`Host::handle_frame`]), the time ([`Host::handle_timeout`]) and socket calls. What goes
//! out: frames ([`Host::poll_frame`]) and the next deadline ([`Host::poll_deadline`]). After each input, take all frames,
//! then wait until the deadline or the next input.
//!
//! | room | what |
//! |---|---|
//! | here | configuration, input and output |
//! | `open`, `calls` | socket calls on TCP: OPEN, all others; `datagram`: on UDP |
//! | `sockets` | what the sockets are, and which listener a segment is for |
//! | `connections` | which connection a segment is for, and which has something to do |
//! | `receive`, `segments` | the way in: frames to rooms, segments to connections |
//! | `network` | the way out: route, neighbour, frame |
//! | `port` | ports chosen for connections that name none |
//! | `discard` | why something had no effect |
//!
//! Everything is found by ordered maps, and all randomness is forked from one seed: the same input gives the same octets.

mod calls;
mod connections;
mod datagram;
mod discard;
mod network;
mod open;
mod port;
mod receive;
mod segments;
mod sockets;

pub use connections::MAX_CONNECTIONS;
pub use discard::Discard;
pub use network::{CONGESTED_FRAMES, MAX_QUEUED_FRAMES};
pub use sockets::MAX_SOCKETS;

use self::connections::Connections;
use self::network::Network;
use self::port::Ports;
use self::sockets::Sockets;
use crate::event::Event;
use crate::ip::address::Addresses;
use crate::ip::route::Gateways;
use crate::link::neighbour::Neighbours;
use crate::policy::Policy;
use crate::random::Random;
use crate::socket::{Passive, SocketId};
use crate::table::{Row, Table};
use crate::tcp::{Connection, IsnGenerator, SeqNumber};
use crate::time::Instant;
use crate::udp;
use std::collections::{BTreeSet, VecDeque};
use std::net::SocketAddr;

/// Notes kept for an observer who does not look; the oldest go first.
pub const MAX_NOTES: usize = 256;

/// What a host is made with.
#[derive(Clone, Debug)]
pub struct Config {
    /// Its addresses.
    pub addresses: Addresses,
    /// Its gateways.
    pub gateways: Gateways,
    /// The largest IP packet of its link, in octets; at least 68 for IPv4, 1280 for IPv6.
    pub mtu: usize,
    /// What its connections do where the RFCs leave a choice.
    pub policy: Policy,
    /// Where all its randomness comes from.
    pub seed: u64,
    /// The initial sequence number of every connection; `None` for those of RFC 6528.
    pub iss: Option<u32>,
}

/// Something that an observer may want to know. Nothing in the host acts on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// When.
    pub time: Instant,
    /// What.
    pub what: What,
}

/// What a [`Note`] is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A frame, or what was in it, had no effect.
    Discarded(Discard),
    /// Something happened to a connection.
    Connection {
        /// This end.
        local: SocketAddr,
        /// The peer.
        remote: SocketAddr,
        /// What happened.
        event: Event,
    },
    /// Something happened to a listener.
    Listener {
        /// Its socket.
        socket: SocketId,
        /// What happened.
        event: Event,
    },
}

/// A host on one Ethernet.
#[derive(Debug)]
pub struct Host {
    network: Network,
    policy: Policy,
    udp: udp::Ports,
    isn: IsnGenerator,
    ports: Ports,
    connections: Connections,
    sockets: Sockets,
    /// Listeners that may have something to send.
    ready_listeners: BTreeSet<SocketId>,
    notes: VecDeque<Note>,
}

impl Host {
    /// A host that was just switched on. It says nothing by itself.
    pub fn new(config: Config) -> Self {
        let random = Random::new(config.seed);
        let isn = match config.iss {
            Some(iss) => IsnGenerator::fixed(SeqNumber(iss)),
            None => IsnGenerator::new(&mut random.fork("isn")),
        };
        Self {
            network: Network::new(&config, &random),
            policy: config.policy,
            udp: udp::Ports::default(),
            isn,
            ports: Ports::new(random.fork("ports")),
            connections: Connections::default(),
            sockets: Sockets::default(),
            ready_listeners: BTreeSet::new(),
            notes: VecDeque::new(),
        }
    }

    /// An Ethernet frame without FCS arrives. Whatever it holds, it is no error: see [`Self::poll_note`].
    pub fn handle_frame(&mut self, now: Instant, frame: &[u8]) {
        if let Err(discard) = self.receive(now, frame) {
            self.note(now, What::Discarded(discard));
        }
        self.run(now);
    }

    /// Does what is due at `now`.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.network.handle_timeout(now);
        for id in self.connections.expired(now) {
            self.handle_connection_timeout(now, id);
        }
        self.handle_listener_timeouts(now);
        self.run(now);
    }

    /// Puts the next frame to send into `frame`, in place of what was there; false if there is none.
    pub fn poll_frame(&mut self, now: Instant, frame: &mut Vec<u8>) -> bool {
        if !self.network.is_congested() {
            self.run(now);
        }
        match self.network.poll_frame() {
            Some(next) => {
                *frame = next;
                true
            }
            None => false,
        }
    }

    /// When [`Self::handle_timeout`] wants to be called next, if at all.
    pub fn poll_deadline(&self) -> Option<Instant> {
        let listeners = self.sockets.listeners().filter_map(|(_, listener)| listener.tcp.poll_deadline());
        let others = [self.network.poll_deadline(), self.connections.poll_deadline()];
        listeners.chain(others.into_iter().flatten()).min()
    }

    /// What an observer has not seen yet, oldest first.
    pub fn poll_note(&mut self) -> Option<Note> {
        self.notes.pop_front()
    }

    /// What is known of the neighbours.
    pub const fn neighbours(&self) -> &Neighbours {
        &self.network.neighbours
    }

    /// The sockets and connections, as netstat shows them.
    pub fn table(&self) -> Table {
        let row = |connection: &Connection| {
            let status = connection.status();
            Row::Connection {
                local: status.local,
                remote: status.remote,
                state: status.state,
                unread: status.unread,
                unacknowledged: status.unacknowledged,
            }
        };
        let listeners = self.sockets.listeners().flat_map(|(_, listener)| {
            let children = listener.tcp.children();
            let Passive { port, local, remote } = listener.asked;
            let own = Row::Listener { port, local, remote, waiting: children.len() };
            core::iter::once(own).chain(children.iter().map(row))
        });
        let connections = self.connections.iter().map(|(_, entry)| row(&entry.connection));
        let udp = self.udp.bound().map(|port| Row::Udp { port });
        Table { rows: listeners.chain(connections).chain(udp).collect() }
    }

    fn note(&mut self, time: Instant, what: What) {
        if self.notes.len() >= MAX_NOTES {
            self.notes.pop_front();
        }
        self.notes.push_back(Note { time, what });
    }
}
