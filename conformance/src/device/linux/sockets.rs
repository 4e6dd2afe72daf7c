//! The application's calls on the kernel's sockets, by the device protocol's table: none waits.
//!
//! A listener is two sockets, one for each version of IP, as a server has them that binds to both.

use std::collections::BTreeMap;
use std::io::{self, Read as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, UdpSocket};
use std::os::fd::{AsFd as _, BorrowedFd};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use socket2::{Domain, Protocol, SockRef, Socket, Type};

use super::{errno, options, table};
use crate::device::{
    Call, CallId, CallResult, CallValue, Child, Errno, Interest, OptionName, OptionValue, ShutdownHow,
    SocketId, TcpState, pattern,
};

/// The most octets that one call takes out of a socket.
const READ_AT_ONCE: u64 = 1 << 20;
/// The octets of the pattern that are written at once.
const WRITE_AT_ONCE: u64 = 1 << 16;

/// All sockets of the application, and the calls on them that have not ended.
#[derive(Default)]
pub(super) struct Sockets {
    sockets: BTreeMap<SocketId, Entry>,
    pending: Vec<(CallId, Call)>,
    /// The congestion control of all connections, if it is not the machine's default.
    congestion: Option<String>,
}

/// What stands behind a number.
enum Entry {
    /// Only options were set.
    Unused(Vec<(OptionName, OptionValue)>),
    Listener {
        port: u16,
        sockets: [Socket; 2],
    },
    Stream(Stream),
    Datagram([UdpSocket; 2]),
    /// The application is done with it; the kernel may not be.
    Closed(Option<Ends>),
}

struct Stream {
    socket: Socket,
    peer: SocketAddr,
}

/// The two ends of a connection.
#[derive(Clone, Copy)]
struct Ends {
    local: SocketAddr,
    peer: SocketAddr,
}

impl Stream {
    fn ends(&self) -> Option<Ends> {
        Some(Ends { local: self.socket.local_addr().ok()?.as_socket()?, peer: self.peer })
    }
}

type Attempt = Result<Option<CallValue>, Errno>;

impl Sockets {
    /// None yet; all connections will have that congestion control, or the machine's default.
    pub(super) fn with_congestion(congestion: Option<String>) -> Self {
        Self { congestion, ..Self::default() }
    }

    /// Gives a socket the congestion control of all; what it opens or accepts has it, too.
    fn control_congestion(&self, socket: &Socket) {
        if let Some(congestion) = &self.congestion {
            // A kernel that does not have it keeps its own.
            let _ = rustix::net::sockopt::set_tcp_congestion(socket, congestion);
        }
    }

    /// Makes a call; `None`: it has not ended.
    pub(super) fn call(&mut self, id: CallId, call: &Call) -> Option<CallResult> {
        let ended = self.begin(call).transpose();
        if ended.is_none() {
            self.pending.push((id, call.clone()));
        }
        ended
    }

    /// The pending calls that end now.
    pub(super) fn poll_results(&mut self, ended: &mut Vec<(CallId, CallResult)>) {
        for (id, call) in std::mem::take(&mut self.pending) {
            match self.go_on(&call).transpose() {
                Some(result) => ended.push((id, result)),
                None => self.pending.push((id, call)),
            }
        }
    }

    /// What becomes ready when a pending call may end.
    pub(super) fn descriptors<'a>(&'a self, descriptors: &mut Vec<(BorrowedFd<'a>, Interest)>) {
        for (_, call) in &self.pending {
            let (socket, interest) = match call {
                Call::Accept { listener, .. } => (listener, Interest::Readable),
                Call::Connect { socket, .. } => (socket, Interest::Writable),
                other => (&other.socket(), Interest::Readable),
            };
            match self.sockets.get(socket) {
                Some(Entry::Stream(stream)) => descriptors.push((stream.socket.as_fd(), interest)),
                Some(Entry::Listener { sockets, .. }) => {
                    descriptors.extend(sockets.iter().map(|socket| (socket.as_fd(), interest)));
                }
                Some(Entry::Datagram(sockets)) => {
                    descriptors.extend(sockets.iter().map(|socket| (socket.as_fd(), interest)));
                }
                Some(Entry::Unused(_) | Entry::Closed(_)) | None => {}
            }
        }
    }

    fn begin(&mut self, call: &Call) -> Attempt {
        match call {
            Call::Listen { socket, port, backlog } => self.listen(*socket, *port, *backlog).map(Some),
            Call::Connect { socket, address, port, local_port } => {
                self.connect(*socket, SocketAddr::new(*address, *port), *local_port)
            }
            Call::Send { socket, data } => taken(self.stream(*socket)?.socket.send(data)),
            Call::Fill { socket, offset, count } => fill(&self.stream(*socket)?.socket, *offset, *count),
            Call::SendUrgent { socket, data } => taken(self.stream(*socket)?.socket.send_out_of_band(data)),
            Call::Shutdown { socket, how } => self.shutdown(*socket, *how).map(Some),
            Call::Close { socket } => self.close(*socket).map(Some),
            Call::Abort { socket } => self.abort(*socket).map(Some),
            Call::State { socket } => self.state(*socket).map(|state| Some(CallValue::State(state))),
            Call::Children { listener } => self.children(*listener).map(Some),
            Call::Set { socket, option, value } => self.set(*socket, *option, value).map(Some),
            Call::Udp { socket, port } => self.udp(*socket, *port).map(Some),
            Call::UdpSend { socket, address, port, data } => {
                let [v4, v6] = self.datagram(*socket)?;
                let socket = if address.is_ipv6() { v6 } else { v4 };
                done(socket.send_to(data, (*address, *port))).map(|_| Some(CallValue::Done))
            }
            Call::Accept { .. } | Call::Recv { .. } | Call::UdpRecv { .. } => self.go_on(call),
        }
    }

    /// What a call that waits for the network comes to by now.
    fn go_on(&mut self, call: &Call) -> Attempt {
        match call {
            Call::Accept { socket, listener } => self.accept(*socket, *listener),
            Call::Connect { socket, .. } => self.connected(*socket),
            Call::Recv { socket, max } => self.recv(*socket, *max),
            Call::UdpRecv { socket, max } => self.udp_recv(*socket, *max),
            // All others end at once.
            _ => Err(Errno::EINVAL),
        }
    }

    fn listen(&mut self, id: SocketId, port: u16, backlog: u32) -> Result<CallValue, Errno> {
        let options = self.take_unused(id)?;
        let sockets = both(port, Type::STREAM, Protocol::TCP)?;
        let backlog = i32::try_from(backlog).unwrap_or(i32::MAX);
        for (socket, is_v6) in sockets.iter().zip([false, true]) {
            self.control_congestion(socket);
            for (option, value) in &options {
                options::set(socket, is_v6, *option, value)?;
            }
            done(socket.listen(backlog))?;
        }
        self.sockets.insert(id, Entry::Listener { port, sockets });
        Ok(CallValue::Done)
    }

    fn accept(&mut self, id: SocketId, listener: SocketId) -> Attempt {
        let sockets = match self.sockets.get(&listener) {
            Some(Entry::Listener { sockets, .. }) => sockets,
            Some(Entry::Closed(_)) | None => return Err(Errno::EBADF),
            Some(Entry::Unused(_) | Entry::Stream(_) | Entry::Datagram(_)) => return Err(Errno::EINVAL),
        };
        for socket in sockets {
            let Some((socket, peer)) = ready(socket.accept())? else { continue };
            done(socket.set_nonblocking(true))?;
            let peer = peer.as_socket().ok_or(Errno::EINVAL)?;
            self.sockets.insert(id, Entry::Stream(Stream { socket, peer }));
            return Ok(Some(CallValue::Endpoint(peer.ip(), peer.port())));
        }
        Ok(None)
    }

    fn connect(&mut self, id: SocketId, peer: SocketAddr, local_port: Option<u16>) -> Attempt {
        let options = self.take_unused(id)?;
        let socket = new_socket(peer.is_ipv6(), Type::STREAM, Protocol::TCP)?;
        self.control_congestion(&socket);
        for (option, value) in &options {
            options::set(&socket, peer.is_ipv6(), *option, value)?;
        }
        if let Some(port) = local_port {
            bind(&socket, peer.is_ipv6(), port)?;
        }
        let begun = socket.connect(&peer.into());
        self.sockets.insert(id, Entry::Stream(Stream { socket, peer }));
        match begun {
            Ok(()) => self.connected(id),
            Err(error) if error.raw_os_error() == Some(rustix::io::Errno::INPROGRESS.raw_os_error()) => {
                Ok(None)
            }
            Err(error) => Err(errno::name(&error)),
        }
    }

    /// connect(2): a socket whose connect is over can be written to; its error says how it ended.
    fn connected(&self, id: SocketId) -> Attempt {
        let Stream { socket, .. } = self.stream(id)?;
        let mut polled = [PollFd::new(socket, PollFlags::OUT)];
        let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
        match poll(&mut polled, Some(&at_once)) {
            Ok(0) | Err(rustix::io::Errno::INTR) => return Ok(None),
            Ok(_) => {}
            Err(error) => return Err(errno::name(&error.into())),
        }
        if let Some(error) = done(socket.take_error())? {
            return Err(errno::name(&error));
        }
        let local = done(socket.local_addr())?.as_socket().ok_or(Errno::EINVAL)?;
        Ok(Some(CallValue::Endpoint(local.ip(), local.port())))
    }

    fn recv(&self, id: SocketId, max: u64) -> Attempt {
        let mut socket = &self.stream(id)?.socket;
        let mut room = vec![0; usize::try_from(max.clamp(1, READ_AT_ONCE)).unwrap_or(1)];
        Ok(ready(socket.read(&mut room))?.map(|len| {
            room.truncate(len);
            if room.is_empty() { CallValue::End } else { CallValue::Data(room) }
        }))
    }

    fn shutdown(&self, id: SocketId, how: ShutdownHow) -> Result<CallValue, Errno> {
        let how = match how {
            ShutdownHow::Write => Shutdown::Write,
            ShutdownHow::Read => Shutdown::Read,
            ShutdownHow::Both => Shutdown::Both,
        };
        done(self.stream(id)?.socket.shutdown(how)).map(|()| CallValue::Done)
    }

    fn close(&mut self, id: SocketId) -> Result<CallValue, Errno> {
        let ends = match self.sockets.get(&id) {
            Some(Entry::Closed(_)) | None => return Err(Errno::EBADF),
            Some(Entry::Stream(stream)) => stream.ends(),
            Some(Entry::Unused(_) | Entry::Listener { .. } | Entry::Datagram(_)) => None,
        };
        self.sockets.insert(id, Entry::Closed(ends));
        Ok(CallValue::Done)
    }

    /// tcp(7), socket(7): with a linger time of zero, close is ABORT.
    fn abort(&mut self, id: SocketId) -> Result<CallValue, Errno> {
        if let Some(Entry::Stream(stream)) = self.sockets.get(&id) {
            done(stream.socket.set_linger(Some(Duration::ZERO)))?;
        }
        self.close(id)
    }

    fn state(&self, id: SocketId) -> Result<TcpState, Errno> {
        let (inode, ends) = match self.sockets.get(&id) {
            None => return Err(Errno::EBADF),
            Some(Entry::Unused(_) | Entry::Datagram(_)) => return Ok(TcpState::Closed),
            Some(Entry::Listener { .. }) => return Ok(TcpState::Listen),
            Some(Entry::Stream(stream)) => {
                let status = rustix::fs::fstat(&stream.socket);
                (Some(done(status.map_err(Into::into))?.st_ino), stream.ends())
            }
            Some(Entry::Closed(ends)) => (None, *ends),
        };
        let entries = done(table::read())?;
        let own = entries.iter().find(|entry| inode.is_some_and(|inode| inode == entry.inode));
        let left = || entries.iter().find(|entry| ends.is_some_and(|ends| is_left(entry, ends)));
        Ok(own.or_else(left).map_or(TcpState::Closed, |entry| entry.state))
    }

    /// What no application has accepted has no socket, and cannot have been closed by one.
    fn children(&self, listener: SocketId) -> Result<CallValue, Errno> {
        let port = match self.sockets.get(&listener) {
            Some(Entry::Listener { port, .. }) => *port,
            Some(Entry::Closed(_)) | None => return Err(Errno::EBADF),
            Some(Entry::Unused(_) | Entry::Stream(_) | Entry::Datagram(_)) => return Err(Errno::EINVAL),
        };
        let entries = done(table::read())?;
        let is_child = |entry: &&table::Entry| {
            entry.inode == 0 && entry.local.port() == port && !is_past_close(entry.state)
        };
        let child = |entry: &table::Entry| Child {
            address: entry.peer.ip(),
            port: entry.peer.port(),
            state: entry.state,
        };
        Ok(CallValue::Children(entries.iter().filter(is_child).map(child).collect()))
    }

    fn set(&mut self, id: SocketId, option: OptionName, value: &OptionValue) -> Result<CallValue, Errno> {
        let entry = self.sockets.entry(id).or_insert_with(|| Entry::Unused(Vec::new()));
        match entry {
            Entry::Unused(options) => options.push((option, value.clone())),
            Entry::Listener { sockets, .. } => {
                for (socket, is_v6) in sockets.iter().zip([false, true]) {
                    options::set(socket, is_v6, option, value)?;
                }
            }
            Entry::Datagram(sockets) => {
                for (socket, is_v6) in sockets.iter().zip([false, true]) {
                    options::set(&SockRef::from(socket), is_v6, option, value)?;
                }
            }
            Entry::Stream(Stream { socket, peer }) => options::set(socket, peer.is_ipv6(), option, value)?,
            Entry::Closed(_) => return Err(Errno::EBADF),
        }
        Ok(CallValue::Done)
    }

    fn udp(&mut self, id: SocketId, port: u16) -> Result<CallValue, Errno> {
        let sockets = both(port, Type::DGRAM, Protocol::UDP)?;
        self.sockets.insert(id, Entry::Datagram(sockets.map(Into::into)));
        Ok(CallValue::Done)
    }

    fn udp_recv(&self, id: SocketId, max: u64) -> Attempt {
        for socket in self.datagram(id)? {
            let mut room = vec![0; usize::try_from(max.min(READ_AT_ONCE)).unwrap_or_default()];
            let Some((len, from)) = ready(socket.recv_from(&mut room))? else { continue };
            room.truncate(len);
            return Ok(Some(CallValue::Datagram(from.ip(), from.port(), room)));
        }
        Ok(None)
    }

    /// The socket of a connection; what the kernel says of one that is none.
    fn stream(&self, id: SocketId) -> Result<&Stream, Errno> {
        match self.sockets.get(&id) {
            Some(Entry::Stream(stream)) => Ok(stream),
            Some(Entry::Closed(_)) | None => Err(Errno::EBADF),
            Some(Entry::Unused(_) | Entry::Listener { .. } | Entry::Datagram(_)) => Err(Errno::ENOTCONN),
        }
    }

    fn datagram(&self, id: SocketId) -> Result<&[UdpSocket; 2], Errno> {
        match self.sockets.get(&id) {
            Some(Entry::Datagram(sockets)) => Ok(sockets),
            Some(Entry::Closed(_)) | None => Err(Errno::EBADF),
            Some(Entry::Unused(_) | Entry::Listener { .. } | Entry::Stream(_)) => Err(Errno::EINVAL),
        }
    }

    /// The options that were set on a number that nothing stands behind yet.
    fn take_unused(&mut self, id: SocketId) -> Result<Vec<(OptionName, OptionValue)>, Errno> {
        match self.sockets.get_mut(&id) {
            None => Ok(Vec::new()),
            Some(Entry::Unused(options)) => Ok(std::mem::take(options)),
            Some(Entry::Closed(_)) => Err(Errno::EBADF),
            Some(Entry::Listener { .. } | Entry::Stream(_) | Entry::Datagram(_)) => Err(Errno::EISCONN),
        }
    }
}

/// A socket that never waits, with urgent octets among the others (RFC 6093 5).
fn new_socket(is_v6: bool, kind: Type, protocol: Protocol) -> Result<Socket, Errno> {
    let domain = if is_v6 { Domain::IPV6 } else { Domain::IPV4 };
    let socket = done(Socket::new(domain, kind, Some(protocol)))?;
    done(socket.set_nonblocking(true))?;
    if is_v6 {
        done(socket.set_only_v6(true))?;
    }
    if kind == Type::STREAM {
        done(socket.set_out_of_band_inline(true))?;
    }
    Ok(socket)
}

/// One socket for each version of IP, bound to that port at all addresses: IPv4, IPv6.
fn both(port: u16, kind: Type, protocol: Protocol) -> Result<[Socket; 2], Errno> {
    let bound = |is_v6| {
        let socket = new_socket(is_v6, kind, protocol)?;
        bind(&socket, is_v6, port)?;
        Ok(socket)
    };
    Ok([bound(false)?, bound(true)?])
}

/// Binds to a port, as servers do that come up again while old connections are in TIME-WAIT.
fn bind(socket: &Socket, is_v6: bool, port: u16) -> Result<(), Errno> {
    done(socket.set_reuse_address(true))?;
    let any = if is_v6 { IpAddr::V6(Ipv6Addr::UNSPECIFIED) } else { IpAddr::V4(Ipv4Addr::UNSPECIFIED) };
    done(socket.bind(&SocketAddr::new(any, port).into()))
}

/// As much of the pattern as the socket takes.
fn fill(socket: &Socket, offset: u64, count: u64) -> Attempt {
    let mut so_far = 0;
    while so_far < count {
        let len = usize::try_from((count - so_far).min(WRITE_AT_ONCE)).unwrap_or_default();
        match taken(socket.send(&pattern(offset.wrapping_add(so_far), len))) {
            Ok(Some(CallValue::Taken(some))) if some > 0 => so_far += some,
            // What was taken was taken; the next call tells the error.
            Err(error) if so_far == 0 => return Err(error),
            Ok(_) | Err(_) => break,
        }
    }
    Ok(Some(CallValue::Taken(so_far)))
}

/// How many octets a socket took; none now is no error.
fn taken(outcome: io::Result<usize>) -> Attempt {
    Ok(Some(CallValue::Taken(ready(outcome)?.map_or(0, |len| u64::try_from(len).unwrap_or_default()))))
}

/// What came out of a call that does not wait: nothing if it would have to.
fn ready<T>(outcome: io::Result<T>) -> Result<Option<T>, Errno> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {
            Ok(None)
        }
        Err(error) => Err(errno::name(&error)),
    }
}

fn done<T>(outcome: io::Result<T>) -> Result<T, Errno> {
    outcome.map_err(|error| errno::name(&error))
}

/// Whether an entry of the table is what the kernel keeps of a connection whose application is done with it, or of which
/// only TIME-WAIT is left. A connection that begins anew between the same ends is another one.
fn is_left(entry: &table::Entry, ends: Ends) -> bool {
    let is_same = |one: SocketAddr, other: SocketAddr| (one.ip(), one.port()) == (other.ip(), other.port());
    entry.inode == 0
        && is_same(entry.local, ends.local)
        && is_same(entry.peer, ends.peer)
        && is_past_close(entry.state)
}

/// The states in which a connection can be only after its application has closed.
const fn is_past_close(state: TcpState) -> bool {
    match state {
        TcpState::FinWait1
        | TcpState::FinWait2
        | TcpState::Closing
        | TcpState::LastAck
        | TcpState::TimeWait => true,
        TcpState::Closed
        | TcpState::Listen
        | TcpState::SynSent
        | TcpState::SynReceived
        | TcpState::Established
        | TcpState::CloseWait => false,
    }
}
