//! Sockets as the device protocol knows them, on smoltcp's.
//!
//! smoltcp has no listeners: a socket that listens becomes the connection. As its examples do, a listener is a pool
//! of listening sockets; each connection that the application accepts is replaced by a fresh one. How many may wait
//! is thus the size of the pool (at most [`MAX_POOL`]), and a SYN beyond it is refused by the stack.

use super::options::Options;
use crate::device::{
    CallId, CallResult, CallValue, Child, Errno, OptionName, OptionValue, Output, ShutdownHow, SocketId,
    TcpState, pattern,
};
use core::net::IpAddr;
use smoltcp::iface::{Context, SocketHandle, SocketSet};
use smoltcp::socket::tcp::{ConnectError, RecvError, Socket, State};
use std::collections::BTreeMap;
use wireproof_reference::random::Random;

/// How many sockets a listener has at most, whatever backlog it asks for.
const MAX_POOL: u32 = 16;
/// How many sockets the application may use between two resets.
const MAX_SOCKETS: usize = 4_096;
/// How many calls may wait for their result.
const MAX_PENDING: usize = 1_024;
/// The most octets that one `recv` hands over.
const MAX_RECV: u64 = 1 << 20;
/// RFC 6335 6: the dynamic ports.
const EPHEMERAL_PORTS: core::ops::RangeInclusive<u16> = 49_152..=65_535;

/// All sockets of a stack.
pub(super) struct Sockets {
    /// smoltcp's own.
    pub(super) set: SocketSet<'static>,
    table: BTreeMap<SocketId, Entry>,
    /// Options of sockets that are not yet used.
    kept: BTreeMap<SocketId, Options>,
    pending: Vec<Pending>,
    /// Sockets that nobody will ask for again but that have something to send still.
    leaving: Vec<SocketHandle>,
    ports: Random,
}

/// What a number stands for.
enum Entry {
    Listener {
        port: u16,
        pool: Vec<SocketHandle>,
        options: Options,
    },
    Stream(Stream),
    /// A listener that was closed, or a connection that is gone.
    Gone,
}

struct Stream {
    handle: SocketHandle,
    options: Options,
    /// What the application has left of it.
    hold: Hold,
    /// The application has been told that the peer's stream ended.
    ended: bool,
}

/// What an application may still do with a connection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hold {
    /// Everything.
    Open,
    /// It has closed: smoltcp's `close` closes the sending side alone, so it may go on receiving (`close:half`).
    Receiving,
    /// Nothing: it has aborted.
    Aborted,
}

/// A call without result yet.
struct Pending {
    id: CallId,
    socket: SocketId,
    wants: Wants,
}

#[derive(Clone, Copy)]
enum Wants {
    Connection { listener: SocketId },
    Established,
    Data { max: u64 },
}

impl Sockets {
    pub(super) fn new(ports: Random) -> Self {
        Self {
            set: SocketSet::new(Vec::new()),
            table: BTreeMap::new(),
            kept: BTreeMap::new(),
            pending: Vec::new(),
            leaving: Vec::new(),
            ports,
        }
    }

    pub(super) fn listen(&mut self, id: SocketId, port: u16, backlog: u32) -> Result<(), Errno> {
        let options = self.options_of_new(id)?;
        let mut pool = Vec::new();
        for _ in 0..backlog.clamp(1, MAX_POOL) {
            let mut socket = options.socket();
            // Only port 0 is refused.
            socket.listen(port).map_err(|_| Errno::EINVAL)?;
            pool.push(self.set.add(socket));
        }
        self.table.insert(id, Entry::Listener { port, pool, options });
        Ok(())
    }

    pub(super) fn accept(&mut self, call: CallId, id: SocketId, listener: SocketId) -> Option<CallResult> {
        if !matches!(self.table.get(&listener), Some(Entry::Listener { .. })) {
            return Some(Err(Errno::EBADF));
        }
        // The number is taken from now on; what it stands for comes with the connection.
        if let Err(errno) = self.options_of_new(id) {
            return Some(Err(errno));
        }
        self.table.insert(id, Entry::Gone);
        self.wait(call, id, Wants::Connection { listener })
    }

    pub(super) fn connect(
        &mut self,
        call: CallId,
        id: SocketId,
        context: &mut Context,
        (address, port): (IpAddr, u16),
        local_port: Option<u16>,
    ) -> Option<CallResult> {
        let options = match self.options_of_new(id) {
            Ok(options) => options,
            Err(errno) => return Some(Err(errno)),
        };
        let local_port = local_port.unwrap_or_else(|| self.draw_port());
        let mut socket = options.socket();
        if let Err(error) = socket.connect(context, (address, port), local_port) {
            return Some(Err(match error {
                ConnectError::InvalidState => Errno::EISCONN,
                ConnectError::Unaddressable if port == 0 || local_port == 0 => Errno::EINVAL,
                ConnectError::Unaddressable => Errno::EADDRNOTAVAIL,
            }));
        }
        let handle = self.set.add(socket);
        self.table.insert(id, Entry::Stream(Stream { handle, options, hold: Hold::Open, ended: false }));
        self.wait(call, id, Wants::Established)
    }

    pub(super) fn send(&mut self, id: SocketId, data: &[u8]) -> CallResult {
        let socket = self.open_stream(id)?;
        let state = socket.state();
        match socket.send_slice(data) {
            Ok(taken) => Ok(CallValue::Taken(taken as u64)),
            Err(_) => Err(match state {
                State::SynSent | State::SynReceived => Errno::ENOTCONN,
                State::Closed | State::Listen => Errno::ECONNRESET,
                State::Established
                | State::FinWait1
                | State::FinWait2
                | State::CloseWait
                | State::Closing
                | State::LastAck
                | State::TimeWait => Errno::EPIPE,
            }),
        }
    }

    pub(super) fn fill(&mut self, id: SocketId, offset: u64, count: u64) -> CallResult {
        let socket = self.open_stream(id)?;
        let free = socket.send_capacity().saturating_sub(socket.send_queue());
        let count = usize::try_from(count).unwrap_or(usize::MAX).min(free);
        self.send(id, &pattern(offset, count))
    }

    pub(super) fn recv(&mut self, call: CallId, id: SocketId, max: u64) -> Option<CallResult> {
        if max == 0 {
            return Some(Err(Errno::EINVAL));
        }
        match self.held_stream(id) {
            Ok(_) => self.wait(call, id, Wants::Data { max: max.min(MAX_RECV) }),
            Err(errno) => Some(Err(errno)),
        }
    }

    pub(super) fn shutdown(&mut self, id: SocketId, how: ShutdownHow) -> Result<(), Errno> {
        match how {
            // smoltcp's `close` closes the sending side alone.
            ShutdownHow::Write => self.open_stream(id).map(Socket::close),
            ShutdownHow::Read | ShutdownHow::Both => Err(Errno::ENOTSUP),
        }
    }

    pub(super) fn close(&mut self, id: SocketId, out: &mut Output) -> Result<(), Errno> {
        match self.table.get_mut(&id) {
            Some(Entry::Listener { pool, .. }) => {
                let pool = std::mem::take(pool);
                // Who was not accepted will not be: the only way to tell the peer is a reset.
                pool.iter().for_each(|handle| self.set.get_mut::<Socket<'static>>(*handle).abort());
                self.leaving.extend(pool);
                self.table.insert(id, Entry::Gone);
            }
            Some(Entry::Stream(stream)) if stream.hold == Hold::Open => {
                stream.hold = Hold::Receiving;
                self.set.get_mut::<Socket<'static>>(stream.handle).close();
            }
            Some(Entry::Stream(_) | Entry::Gone) | None => return Err(Errno::EBADF),
        }
        self.end_pending(id, out);
        Ok(())
    }

    pub(super) fn abort(&mut self, id: SocketId, out: &mut Output) -> Result<(), Errno> {
        match self.table.get_mut(&id) {
            Some(Entry::Stream(stream)) if stream.hold == Hold::Open => {
                stream.hold = Hold::Aborted;
                self.set.get_mut::<Socket<'static>>(stream.handle).abort();
                self.end_pending(id, out);
                Ok(())
            }
            Some(Entry::Listener { .. }) => self.close(id, out),
            Some(Entry::Stream(_) | Entry::Gone) | None => Err(Errno::EBADF),
        }
    }

    pub(super) fn state(&self, id: SocketId) -> Result<TcpState, Errno> {
        match self.table.get(&id) {
            Some(Entry::Listener { .. }) => Ok(TcpState::Listen),
            Some(Entry::Stream(stream)) => Ok(state_of(self.set.get::<Socket<'static>>(stream.handle))),
            Some(Entry::Gone) => Ok(TcpState::Closed),
            None if self.kept.contains_key(&id) => Ok(TcpState::Closed),
            None => Err(Errno::EBADF),
        }
    }

    pub(super) fn children(&self, listener: SocketId) -> Result<Vec<Child>, Errno> {
        let Some(Entry::Listener { pool, .. }) = self.table.get(&listener) else { return Err(Errno::EBADF) };
        let sockets = pool.iter().map(|handle| self.set.get::<Socket<'static>>(*handle));
        let children = sockets.filter_map(|socket| {
            let peer = socket.remote_endpoint()?;
            Some(Child { address: peer.addr.into(), port: peer.port, state: state_of(socket) })
        });
        Ok(children.collect())
    }

    pub(super) fn set_option(
        &mut self,
        id: SocketId,
        option: OptionName,
        value: &OptionValue,
    ) -> Result<(), Errno> {
        let (options, handles) = match self.table.get_mut(&id) {
            None => return self.kept.entry(id).or_default().keep(option, value),
            Some(Entry::Gone) => return Err(Errno::EBADF),
            Some(Entry::Stream(stream)) if stream.hold != Hold::Open => return Err(Errno::EBADF),
            Some(Entry::Stream(stream)) => (&mut stream.options, std::slice::from_ref(&stream.handle)),
            Some(Entry::Listener { pool, options, .. }) => (options, pool.as_slice()),
        };
        if !Options::is_late(option) {
            return Err(Errno::EINVAL);
        }
        options.keep(option, value)?;
        handles.iter().for_each(|handle| options.apply(self.set.get_mut(*handle)));
        Ok(())
    }

    /// Ends the calls that can end; true if one took something from the stack or gave it something.
    pub(super) fn finish_calls(&mut self, out: &mut Output) -> bool {
        let mut moved = false;
        for Pending { id, socket, wants } in std::mem::take(&mut self.pending) {
            let result = match wants {
                Wants::Connection { listener } => self.try_accept(socket, listener),
                Wants::Established => self.try_connected(socket),
                Wants::Data { max } => self.try_recv(socket, max),
            };
            match result {
                Some(result) => {
                    out.result(id, result);
                    moved = true;
                }
                None => self.pending.push(Pending { id, socket, wants }),
            }
        }
        moved
    }

    /// Does what an application's accept loop does: a socket of a pool whose connection ended before it was
    /// accepted listens again. And forgets what nobody can ask for any more.
    pub(super) fn tidy(&mut self) {
        for entry in self.table.values_mut() {
            match entry {
                Entry::Listener { port, pool, .. } => {
                    for handle in pool {
                        let socket = self.set.get_mut::<Socket<'static>>(*handle);
                        if is_gone(socket) {
                            // Cannot fail: the socket is closed and the port was good before.
                            let _ = socket.listen(*port);
                        }
                    }
                }
                Entry::Stream(Stream { handle, hold, .. }) => {
                    let socket = self.set.get::<Socket<'static>>(*handle);
                    let is_over = match hold {
                        Hold::Open => false,
                        Hold::Receiving => socket.recv_queue() == 0,
                        Hold::Aborted => true,
                    };
                    if is_over && is_gone(socket) {
                        self.set.remove(*handle);
                        *entry = Entry::Gone;
                    }
                }
                Entry::Gone => {}
            }
        }
        self.leaving.retain(|handle| {
            let stays = !is_gone(self.set.get(*handle));
            if !stays {
                self.set.remove(*handle);
            }
            stays
        });
    }

    fn try_accept(&mut self, id: SocketId, listener: SocketId) -> Option<CallResult> {
        let Some(Entry::Listener { port, pool, options }) = self.table.get_mut(&listener) else {
            return Some(Err(Errno::EBADF));
        };
        let ready = pool.iter().position(|handle| {
            matches!(self.set.get::<Socket<'static>>(*handle).state(), State::Established | State::CloseWait)
        })?;
        let handle = pool.remove(ready);
        let peer = self.set.get::<Socket<'static>>(handle).remote_endpoint()?;
        let mut fresh = options.socket();
        // Cannot fail: a fresh socket, and the port was good before.
        let _ = fresh.listen(*port);
        pool.push(self.set.add(fresh));
        let stream = Stream { handle, options: options.clone(), hold: Hold::Open, ended: false };
        self.table.insert(id, Entry::Stream(stream));
        Some(Ok(CallValue::Endpoint(peer.addr.into(), peer.port)))
    }

    fn try_connected(&mut self, id: SocketId) -> Option<CallResult> {
        let socket = match self.open_stream(id) {
            Ok(socket) => socket,
            Err(errno) => return Some(Err(errno)),
        };
        match socket.state() {
            State::SynSent | State::SynReceived => None,
            // It does not say why; a refusal is the usual reason.
            State::Closed | State::Listen => Some(Err(Errno::ECONNREFUSED)),
            State::Established
            | State::FinWait1
            | State::FinWait2
            | State::CloseWait
            | State::Closing
            | State::LastAck
            | State::TimeWait => {
                let own = socket.local_endpoint()?;
                Some(Ok(CallValue::Endpoint(own.addr.into(), own.port)))
            }
        }
    }

    fn try_recv(&mut self, id: SocketId, max: u64) -> Option<CallResult> {
        if let Some(Entry::Stream(Stream { ended: true, hold: Hold::Open | Hold::Receiving, .. })) =
            self.table.get(&id)
        {
            return Some(Ok(CallValue::End));
        }
        let socket = match self.held_stream(id) {
            Ok(socket) => socket,
            Err(errno) => return Some(Err(errno)),
        };
        let len = usize::try_from(max).unwrap_or(usize::MAX).min(socket.recv_queue());
        let mut octets = vec![0; len];
        match socket.recv_slice(&mut octets) {
            Ok(0) => None,
            Ok(taken) => {
                octets.truncate(taken);
                Some(Ok(CallValue::Data(octets)))
            }
            Err(RecvError::Finished) => {
                if let Some(Entry::Stream(stream)) = self.table.get_mut(&id) {
                    stream.ended = true;
                }
                Some(Ok(CallValue::End))
            }
            Err(RecvError::InvalidState) => match socket.state() {
                State::SynSent | State::SynReceived => None,
                State::Closed
                | State::Listen
                | State::Established
                | State::FinWait1
                | State::FinWait2
                | State::CloseWait
                | State::Closing
                | State::LastAck
                | State::TimeWait => Some(Err(Errno::ECONNRESET)),
            },
        }
    }

    /// The socket behind a number that the application has not closed.
    fn open_stream(&mut self, id: SocketId) -> Result<&mut Socket<'static>, Errno> {
        match self.table.get(&id) {
            Some(Entry::Stream(Stream { hold: Hold::Receiving, .. })) => Err(Errno::EBADF),
            _ => self.held_stream(id),
        }
    }

    /// The socket behind a number from which the application may receive.
    fn held_stream(&mut self, id: SocketId) -> Result<&mut Socket<'static>, Errno> {
        match self.table.get(&id) {
            Some(Entry::Stream(stream)) if stream.hold != Hold::Aborted => {
                Ok(self.set.get_mut(stream.handle))
            }
            Some(Entry::Listener { .. }) => Err(Errno::EINVAL),
            Some(Entry::Stream(_) | Entry::Gone) | None => Err(Errno::EBADF),
        }
    }

    /// The options that were kept for a number which is now used for the first time.
    fn options_of_new(&mut self, id: SocketId) -> Result<Options, Errno> {
        if self.table.contains_key(&id) {
            return Err(Errno::EINVAL);
        }
        if self.table.len() >= MAX_SOCKETS {
            return Err(Errno::EMFILE);
        }
        Ok(self.kept.remove(&id).unwrap_or_default())
    }

    fn wait(&mut self, id: CallId, socket: SocketId, wants: Wants) -> Option<CallResult> {
        if self.pending.len() >= MAX_PENDING {
            return Some(Err(Errno::ENOBUFS));
        }
        self.pending.push(Pending { id, socket, wants });
        None
    }

    /// The application gave a socket up: what waits on it, or for a connection from it, ends.
    fn end_pending(&mut self, gone: SocketId, out: &mut Output) {
        self.pending.retain(|Pending { id, socket, wants }| {
            let from = matches!(wants, Wants::Connection { listener } if *listener == gone);
            let ends = *socket == gone || from;
            if ends {
                out.result(*id, Err(Errno::EBADF));
            }
            !ends
        });
    }

    /// A local port that no other socket of ours uses.
    fn draw_port(&mut self) -> u16 {
        let (first, last) = (*EPHEMERAL_PORTS.start(), *EPHEMERAL_PORTS.end());
        let start = first + self.ports.below(u64::from(last - first) + 1) as u16;
        let is_free = |port: &u16| {
            !self.set.iter().any(|(_, socket)| {
                let smoltcp::socket::Socket::Tcp(socket) = socket;
                socket.local_endpoint().is_some_and(|own| own.port == *port)
            })
        };
        (start..=last).chain(first..start).find(is_free).unwrap_or(start)
    }
}

/// Closed, and its reset (if one is due) is sent.
fn is_gone(socket: &Socket<'static>) -> bool {
    socket.state() == State::Closed && socket.remote_endpoint().is_none()
}

fn state_of(socket: &Socket<'static>) -> TcpState {
    match socket.state() {
        State::Closed => TcpState::Closed,
        State::Listen => TcpState::Listen,
        State::SynSent => TcpState::SynSent,
        State::SynReceived => TcpState::SynReceived,
        State::Established => TcpState::Established,
        State::FinWait1 => TcpState::FinWait1,
        State::FinWait2 => TcpState::FinWait2,
        State::CloseWait => TcpState::CloseWait,
        State::Closing => TcpState::Closing,
        State::LastAck => TcpState::LastAck,
        State::TimeWait => TcpState::TimeWait,
    }
}
