//! The connections of the host: by their ends, by what is due, by what has something to send.

use crate::tcp::{Connection, State};
use crate::time::Instant;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

/// Connections at one time beside those that wait in listeners, TIME-WAIT among them; beyond, connect and accept fail.
pub const MAX_CONNECTIONS: usize = 16_384;

/// A connection within the host. Numbers are never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ConnectionId(u32);

/// Who a connection belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// A socket.
    Socket,
    /// Nobody any more: it was closed, and ends by itself.
    Nobody,
}

/// Whether the application still wants what arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// It does.
    Open,
    /// It has shut the direction down: what arrives is thrown away.
    Shut,
}

/// A connection with what the host has to know about it.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) connection: Connection,
    pub(super) owner: Owner,
    pub(super) reading: Reading,
    /// When a closed connection that is not done is broken off, by the option LINGER.
    pub(super) linger_until: Option<Instant>,
    /// As it stands in the index.
    deadline: Option<Instant>,
}

/// All connections.
#[derive(Debug, Default)]
pub(super) struct Connections {
    entries: BTreeMap<ConnectionId, Entry>,
    by_ends: BTreeMap<(SocketAddr, SocketAddr), ConnectionId>,
    deadlines: BTreeSet<(Instant, ConnectionId)>,
    ready: BTreeSet<ConnectionId>,
    next: u32,
}

impl Connections {
    /// Takes a connection in. The caller has looked whether there is room and whether its ends are free.
    pub(super) fn insert(&mut self, connection: Connection, owner: Owner) -> ConnectionId {
        let id = ConnectionId(self.next);
        self.next = self.next.wrapping_add(1);
        // A connection that failed before it was accepted has no ends that others could not use.
        if connection.state() != State::Closed {
            self.by_ends.insert((connection.local(), connection.remote()), id);
        }
        let entry = Entry { connection, owner, reading: Reading::Open, linger_until: None, deadline: None };
        self.entries.insert(id, entry);
        self.touch(id);
        id
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn is_full(&self) -> bool {
        self.entries.len() >= MAX_CONNECTIONS
    }

    /// The living connection between these two ends.
    pub(super) fn between(&self, local: SocketAddr, remote: SocketAddr) -> Option<ConnectionId> {
        self.by_ends.get(&(local, remote)).copied()
    }

    pub(super) fn get(&self, id: ConnectionId) -> Option<&Entry> {
        self.entries.get(&id)
    }

    /// An entry to be changed; the caller then calls [`Self::touch`].
    pub(super) fn get_mut(&mut self, id: ConnectionId) -> Option<&mut Entry> {
        self.entries.get_mut(&id)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (ConnectionId, &Entry)> {
        self.entries.iter().map(|(id, entry)| (*id, entry))
    }

    /// Something happened to a connection: it may have something to send.
    pub(super) fn touch(&mut self, id: ConnectionId) {
        self.ready.insert(id);
    }

    /// A connection that may have something to send, the same one until [`Self::settle`].
    pub(super) fn first_ready(&self) -> Option<ConnectionId> {
        self.ready.first().copied()
    }

    /// A connection has nothing more to send now: brings the indexes up to date, and forgets it if it is over and nobody
    /// asks for it any more.
    pub(super) fn settle(&mut self, id: ConnectionId) {
        self.ready.remove(&id);
        let Some(entry) = self.entries.get_mut(&id) else { return };
        let is_over = matches!(entry.connection.state(), State::Closed | State::Listen);
        let deadlines = [entry.connection.poll_deadline(), entry.linger_until];
        let deadline = deadlines.into_iter().flatten().min().filter(|_| !is_over);
        if entry.deadline != deadline {
            if let Some(old) = entry.deadline {
                self.deadlines.remove(&(old, id));
            }
            if let Some(new) = deadline {
                self.deadlines.insert((new, id));
            }
            entry.deadline = deadline;
        }
        if is_over {
            let ends = (entry.connection.local(), entry.connection.remote());
            if self.by_ends.get(&ends) == Some(&id) {
                self.by_ends.remove(&ends);
            }
            match entry.owner {
                // What is left to read, or the reason of its end, is still to be had.
                Owner::Socket => {}
                Owner::Nobody => {
                    self.entries.remove(&id);
                }
            }
        }
    }

    /// Gives a connection away.
    pub(super) fn remove(&mut self, id: ConnectionId) -> Option<Connection> {
        let entry = self.entries.remove(&id)?;
        if let Some(deadline) = entry.deadline {
            self.deadlines.remove(&(deadline, id));
        }
        self.by_ends.remove(&(entry.connection.local(), entry.connection.remote()));
        self.ready.remove(&id);
        Some(entry.connection)
    }

    /// A socket lets go of a connection.
    pub(super) fn disown(&mut self, id: ConnectionId) {
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.owner = Owner::Nobody;
        }
        self.touch(id);
    }

    pub(super) fn poll_deadline(&self) -> Option<Instant> {
        self.deadlines.first().map(|(deadline, _)| *deadline)
    }

    /// The connections for which something is due, by time.
    pub(super) fn expired(&self, now: Instant) -> Vec<ConnectionId> {
        self.deadlines.iter().take_while(|(deadline, _)| *deadline <= now).map(|(_, id)| *id).collect()
    }
}
