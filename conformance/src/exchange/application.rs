//! The application on the device: its sockets, what it has called, what came of it.
//!
//! It accepts at once; it sends, reads and closes only when a row says so. What a socket does not take at once is
//! offered again whenever something has moved, as a blocking application would, and what is called behind it waits.

use core::net::IpAddr;
use std::collections::{BTreeMap, VecDeque};

use wireproof_reference::time::Instant;

use crate::device::{Call, CallId, CallResult, CallValue, SocketId};

/// How many connections may wait at a listener if the scenario does not say.
pub const BACKLOG: u32 = 16;
/// What an application reads at once if the row does not say.
pub const READ_AT_ONCE: u64 = 65_536;

/// A socket that listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listener {
    /// The socket.
    pub socket: SocketId,
    /// Its port.
    pub port: u16,
}

/// Why a call was made: who wants its result.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Purpose {
    /// The application accepts at once: the new socket and its listener.
    Accept { socket: SocketId, listener: SocketId },
    /// A row, on the connection of that name.
    Row { connection: String },
    /// The harness asks for itself.
    Question,
    /// More of what a socket did not take at once: on the connection of that name.
    Backlog { connection: String },
}

/// What is left to do on a connection once its socket takes more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Job {
    /// Octets from this place of the pattern on, so many.
    Fill(u64, u64),
    /// These octets.
    Send(Vec<u8>),
    /// Whatever waits behind.
    Call(Call),
}

/// The sockets and calls of the device's application.
#[derive(Debug, Default)]
pub struct Application {
    next_socket: u32,
    listeners: Vec<Listener>,
    sockets: BTreeMap<String, SocketId>,
    /// Sockets on which options were set and nothing else.
    unused: BTreeMap<String, SocketId>,
    accepted: Vec<(IpAddr, u16, SocketId)>,
    calls: BTreeMap<CallId, (Call, Purpose)>,
    results: BTreeMap<CallId, (Instant, CallResult)>,
    backlog: BTreeMap<String, VecDeque<Job>>,
}

/// What follows from a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Follow {
    /// Nothing.
    Nothing,
    /// Accept again at this listener.
    AcceptAgain(SocketId),
}

impl Application {
    /// A number for a new socket.
    pub fn new_socket(&mut self) -> SocketId {
        self.next_socket += 1;
        SocketId(self.next_socket)
    }

    /// The listener of that port; of any if none is given.
    pub fn listener(&self, port: Option<u16>) -> Option<Listener> {
        self.listeners.iter().rev().find(|listener| port.is_none_or(|port| port == listener.port)).copied()
    }

    /// A listener is there.
    pub fn add_listener(&mut self, listener: Listener) {
        self.listeners.push(listener);
    }

    /// A listener is closed.
    pub fn remove_listener(&mut self, socket: SocketId) {
        self.listeners.retain(|listener| listener.socket != socket);
    }

    /// The socket of a connection.
    pub fn socket(&self, connection: &str) -> Option<SocketId> {
        self.sockets.get(connection).copied()
    }

    /// A connection has a socket on which only options were set: they hold from `connect` on.
    pub fn set_unused(&mut self, connection: &str, socket: SocketId) {
        self.set_socket(connection, socket);
        self.unused.insert(connection.to_owned(), socket);
    }

    /// The same, which is now used.
    pub fn take_unused(&mut self, connection: &str) -> Option<SocketId> {
        self.unused.remove(connection)
    }

    /// A connection has a socket.
    pub fn set_socket(&mut self, connection: &str, socket: SocketId) {
        self.sockets.insert(connection.to_owned(), socket);
    }

    /// Whether the application accepted a socket that no connection has taken yet.
    pub fn has_accepted(&self) -> bool {
        !self.accepted.is_empty()
    }

    /// Takes the accepted socket of a peer that no connection has taken yet.
    pub fn take_accepted(&mut self, address: IpAddr, port: u16) -> Option<SocketId> {
        let at = self.accepted.iter().position(|known| (known.0, known.1) == (address, port))?;
        Some(self.accepted.remove(at).2)
    }

    /// Notes an accept that was made without a row.
    pub fn accepting(&mut self, id: CallId, call: Call, socket: SocketId, listener: SocketId) {
        self.calls.insert(id, (call, Purpose::Accept { socket, listener }));
    }

    /// Notes a call that a row made.
    pub fn called(&mut self, id: CallId, call: Call, connection: &str) {
        self.calls.insert(id, (call, Purpose::Row { connection: connection.to_owned() }));
    }

    /// Notes a question of the harness.
    pub fn asked(&mut self, id: CallId, call: Call) {
        self.calls.insert(id, (call, Purpose::Question));
    }

    /// Notes that more was offered to a socket.
    pub fn offered(&mut self, id: CallId, call: Call, connection: &str) {
        self.calls.insert(id, (call, Purpose::Backlog { connection: connection.to_owned() }));
    }

    /// The number of a call of that kind that a row made on the connection and that has not ended.
    pub fn pending(&self, connection: &str, is_same: impl Fn(&Call) -> bool) -> Option<CallId> {
        let own =
            |purpose: &Purpose| matches!(purpose, Purpose::Row { connection: own } if own == connection);
        self.calls
            .iter()
            .find(|(id, (call, purpose))| own(purpose) && is_same(call) && !self.results.contains_key(id))
            .map(|(id, _)| *id)
    }

    /// The number of an ended call of that kind whose result no row has taken.
    pub fn ended(&self, connection: &str, is_same: impl Fn(&Call) -> bool) -> Option<CallId> {
        let own =
            |purpose: &Purpose| matches!(purpose, Purpose::Row { connection: own } if own == connection);
        self.results
            .keys()
            .find(|id| self.calls.get(id).is_some_and(|(call, purpose)| own(purpose) && is_same(call)))
            .copied()
    }

    /// How a call ended, if it has.
    pub fn result(&self, id: CallId) -> Option<&(Instant, CallResult)> {
        self.results.get(&id)
    }

    /// The same, forgotten with it.
    pub fn take_result(&mut self, id: CallId) -> Option<(Instant, CallResult)> {
        self.calls.remove(&id);
        self.results.remove(&id)
    }

    /// A call ended.
    pub fn ended_call(&mut self, id: CallId, time: Instant, result: CallResult) -> Follow {
        let Some((call, purpose)) = self.calls.get(&id).cloned() else { return Follow::Nothing };
        match purpose {
            Purpose::Accept { socket, listener } => {
                self.calls.remove(&id);
                let Ok(CallValue::Endpoint(address, port)) = result else { return Follow::Nothing };
                self.accepted.push((address, port, socket));
                Follow::AcceptAgain(listener)
            }
            Purpose::Row { .. } | Purpose::Question => {
                self.results.insert(id, (time, result));
                Follow::Nothing
            }
            Purpose::Backlog { connection } => {
                self.calls.remove(&id);
                if let Ok(CallValue::Taken(taken)) = result {
                    self.put_back(&connection, &call, taken);
                }
                Follow::Nothing
            }
        }
    }

    /// What a socket did not take of what it was offered goes first again.
    fn put_back(&mut self, connection: &str, call: &Call, taken: u64) {
        let rest = match call {
            Call::Fill { offset, count, .. } if taken < *count => Job::Fill(offset + taken, count - taken),
            Call::Send { data, .. } => {
                match usize::try_from(taken).ok().and_then(|taken| data.get(taken..)) {
                    Some(rest) if !rest.is_empty() => Job::Send(rest.to_vec()),
                    _ => return,
                }
            }
            _ => return,
        };
        self.backlog.entry(connection.to_owned()).or_default().push_front(rest);
    }

    /// Puts something behind what a connection's socket has not taken yet.
    pub fn wait_behind(&mut self, connection: &str, job: Job) {
        self.backlog.entry(connection.to_owned()).or_default().push_back(job);
    }

    /// Whether something of the connection has not been taken yet.
    pub fn has_backlog(&self, connection: &str) -> bool {
        self.backlog.get(connection).is_some_and(|jobs| !jobs.is_empty())
    }

    /// What a connection's socket is to be offered next.
    pub fn first_job(&self, connection: &str) -> Option<&Job> {
        self.backlog.get(connection)?.front()
    }

    /// Forgets what a connection's socket has not taken: it was aborted.
    pub fn drop_backlog(&mut self, connection: &str) {
        self.backlog.remove(connection);
    }

    /// The next things to offer again: one for each connection that waits.
    pub fn take_jobs(&mut self) -> Vec<(String, Job)> {
        let next = |(name, jobs): (&String, &mut VecDeque<Job>)| Some((name.clone(), jobs.pop_front()?));
        self.backlog.iter_mut().filter_map(next).collect()
    }
}
