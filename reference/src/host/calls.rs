//! Socket calls on TCP, as BSD has them, none of them blocking.
//!
//! A socket that was closed is gone for every call but [`Host::state`]: its connection goes on until it is done.

use super::Host;
use super::connections::{ConnectionId, Entry, Owner, Reading};
use crate::ip::address::Martian;
use crate::policy::{Nagle, Policy};
use crate::socket::{Shutdown, SocketError, SocketId, SocketOption};
use crate::tcp::{self, CallError, Connection, Received, State};
use crate::time::{Duration, Instant};
use core::net::{IpAddr, Ipv6Addr};
use std::collections::BTreeMap;
use std::net::SocketAddr;

/// Sockets at one time.
pub const MAX_SOCKETS: usize = 4096;
/// RFC 9293 3.8.6.3 MUST-40: an acknowledgment is delayed less than that.
const MAX_ACK_DELAY: Duration = Duration::from_millis(500);
/// The largest send buffer that may be set, octets.
const MAX_SEND_BUFFER: usize = 1 << 24;

/// What a socket is.
#[derive(Debug)]
pub(super) enum Socket {
    Listener(Box<Listener>),
    Stream(ConnectionId),
    Udp { port: u16 },
}

/// A listening socket.
#[derive(Debug)]
pub(super) struct Listener {
    pub(super) port: u16,
    pub(super) tcp: tcp::Listener,
    linger: Option<Duration>,
}

/// What is set on a socket before it is used.
#[derive(Clone, Debug)]
struct Settings {
    policy: Policy,
    linger: Option<Duration>,
}

/// All sockets.
#[derive(Debug, Default)]
pub(super) struct Sockets {
    open: BTreeMap<SocketId, Socket>,
    /// LINGER of streams, where it is set.
    linger: BTreeMap<SocketId, Duration>,
    /// The listener of each port.
    ports: BTreeMap<u16, SocketId>,
    /// Closed sockets whose connection may still be there.
    closed: BTreeMap<SocketId, ConnectionId>,
    next: u32,
}

impl Sockets {
    /// # Errors
    /// [`SocketError::TooManySockets`] if there are [`MAX_SOCKETS`].
    pub(super) fn check_room(&self) -> Result<(), SocketError> {
        if self.open.len() < MAX_SOCKETS { Ok(()) } else { Err(SocketError::TooManySockets) }
    }

    pub(super) fn insert(&mut self, socket: Socket) -> SocketId {
        let id = SocketId(self.next);
        self.next = self.next.wrapping_add(1);
        self.open.insert(id, socket);
        id
    }

    pub(super) fn get(&self, id: SocketId) -> Result<&Socket, SocketError> {
        self.open.get(&id).ok_or(SocketError::BadSocket)
    }

    /// The listener on `port`, by its socket.
    pub(super) fn listener(&self, port: u16) -> Option<SocketId> {
        self.ports.get(&port).copied()
    }

    /// All listeners, by their sockets.
    pub(super) fn listeners(&self) -> impl Iterator<Item = (SocketId, &Listener)> {
        self.ports.values().filter_map(|id| match self.open.get(id) {
            Some(Socket::Listener(listener)) => Some((*id, &**listener)),
            Some(Socket::Stream(_) | Socket::Udp { .. }) | None => None,
        })
    }

    fn listener_ref(&self, id: SocketId) -> Option<&Listener> {
        match self.open.get(&id) {
            Some(Socket::Listener(listener)) => Some(listener),
            Some(Socket::Stream(_) | Socket::Udp { .. }) | None => None,
        }
    }

    pub(super) fn listener_mut(&mut self, id: SocketId) -> Option<&mut Listener> {
        match self.open.get_mut(&id) {
            Some(Socket::Listener(listener)) => Some(listener),
            Some(Socket::Stream(_) | Socket::Udp { .. }) | None => None,
        }
    }
}

impl Settings {
    /// # Errors
    /// [`SocketError::InvalidArgument`] for a value that is out of range.
    fn set(&mut self, option: SocketOption) -> Result<(), SocketError> {
        match option {
            SocketOption::NoDelay(no_delay) => self.policy.nagle = nagle(no_delay),
            SocketOption::Linger(time) => self.linger = Some(time),
            SocketOption::UserTimeout(time) => self.policy.r2 = Some(time),
            SocketOption::Mss(mss) if mss > 0 => self.policy.mss = Some(mss),
            SocketOption::ReceiveBuffer(octets) => {
                let octets = u16::try_from(octets).ok().filter(|octets| *octets > 0);
                self.policy.receive_buffer = octets.ok_or(SocketError::InvalidArgument)?;
            }
            SocketOption::SendBuffer(octets) if (1..=MAX_SEND_BUFFER).contains(&octets) => {
                self.policy.send_buffer = octets;
            }
            SocketOption::AckDelay(time) if time < MAX_ACK_DELAY => {
                self.policy.delayed_ack = Some(time).filter(|time| *time > Duration::ZERO);
            }
            SocketOption::Mss(_) | SocketOption::SendBuffer(_) | SocketOption::AckDelay(_) => {
                return Err(SocketError::InvalidArgument);
            }
        }
        Ok(())
    }
}

impl Host {
    /// Passive OPEN (RFC 9293 3.10.1) on `port`, for whatever address of ours. At most `backlog` connections (at least one)
    /// wait to be accepted, opening ones among them.
    ///
    /// # Errors
    /// [`SocketError::AddressInUse`] if somebody listens there; [`SocketError::InvalidArgument`] for port 0 or a bad option;
    /// [`SocketError::TooManySockets`].
    pub fn listen(
        &mut self,
        now: Instant,
        port: u16,
        backlog: usize,
        options: &[SocketOption],
    ) -> Result<SocketId, SocketError> {
        let settings = self.settings(options)?;
        if port == 0 {
            return Err(SocketError::InvalidArgument);
        }
        if self.sockets.ports.contains_key(&port) {
            return Err(SocketError::AddressInUse);
        }
        self.sockets.check_room()?;
        let local = SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), port);
        let tcp = tcp::Listener::new(local, backlog, self.mtu(), &settings.policy);
        let listener = Listener { port, tcp, linger: settings.linger };
        let socket = self.sockets.insert(Socket::Listener(Box::new(listener)));
        self.sockets.ports.insert(port, socket);
        self.run(now);
        Ok(socket)
    }

    /// Takes the oldest connection that a listener has open, with its peer.
    ///
    /// # Errors
    /// [`SocketError::WouldBlock`] if there is none.
    pub fn accept(&mut self, listener: SocketId) -> Result<(SocketId, SocketAddr), SocketError> {
        self.sockets.check_room()?;
        if self.connections.is_full() {
            return Err(SocketError::TooManySockets);
        }
        self.listener(listener)?;
        let listener = self.sockets.listener_mut(listener).ok_or(SocketError::BadSocket)?;
        let connection = listener.tcp.accept().ok_or(SocketError::WouldBlock)?;
        let (peer, linger) = (connection.remote(), listener.linger);
        let id = self.connections.insert(connection, Owner::Socket);
        let socket = self.sockets.insert(Socket::Stream(id));
        if let Some(linger) = linger {
            self.sockets.linger.insert(socket, linger);
        }
        Ok((socket, peer))
    }

    /// The connections of a listener that were not accepted yet: the peer and the state, in the order of their SYNs.
    ///
    /// # Errors
    /// [`SocketError::BadSocket`], or [`SocketError::InvalidArgument`] if it is no listener.
    pub fn children(&self, listener: SocketId) -> Result<Vec<(SocketAddr, State)>, SocketError> {
        let children = self.listener(listener)?.tcp.children();
        Ok(children.iter().map(|child| (child.remote(), child.state())).collect())
    }

    fn listener(&self, socket: SocketId) -> Result<&Listener, SocketError> {
        match self.sockets.get(socket)? {
            Socket::Listener(listener) => Ok(listener),
            Socket::Stream(_) | Socket::Udp { .. } => Err(SocketError::InvalidArgument),
        }
    }

    /// Active OPEN (RFC 9293 3.10.1) to `remote`, from `local_port` or one that the host chooses. [`Self::connected`] tells what
    /// comes of it.
    ///
    /// # Errors
    /// [`SocketError::InvalidArgument`] for an address that is not one host's (MUST-46), a port 0 or a bad option;
    /// [`SocketError::AddressInUse`] if there is a connection between these ends; [`SocketError::AddressNotAvailable`] if we
    /// have no such address or no port; [`SocketError::NetworkUnreachable`]; [`SocketError::TooManySockets`].
    pub fn connect(
        &mut self,
        now: Instant,
        remote: SocketAddr,
        local_port: Option<u16>,
        options: &[SocketOption],
    ) -> Result<SocketId, SocketError> {
        let settings = self.settings(options)?;
        let source = self.source_for(remote)?;
        self.sockets.check_room()?;
        if self.connections.is_full() {
            return Err(SocketError::TooManySockets);
        }
        let local = SocketAddr::new(source, self.local_port(source, remote, local_port)?);
        let iss = self.isn.generate(now, local, remote);
        let mut connection = Connection::open_active(now, local, remote, iss, self.mtu(), &settings.policy);
        if let Some(mtu) = self.known_path(now, remote.ip()) {
            connection.handle_known_path(mtu);
        }
        let id = self.connections.insert(connection, Owner::Socket);
        let socket = self.sockets.insert(Socket::Stream(id));
        if let Some(linger) = settings.linger {
            self.sockets.linger.insert(socket, linger);
        }
        self.run(now);
        Ok(socket)
    }

    /// RFC 9293 3.9.1.1 MUST-46 and MUST-44: the address to speak to `remote` from.
    fn source_for(&self, remote: SocketAddr) -> Result<IpAddr, SocketError> {
        match self.network.addresses.martian(remote.ip()) {
            None => {}
            // There is no loopback interface.
            Some(Martian::Own | Martian::Loopback) => return Err(SocketError::NetworkUnreachable),
            Some(_) => return Err(SocketError::InvalidArgument),
        }
        if remote.port() == 0 {
            return Err(SocketError::InvalidArgument);
        }
        let source =
            self.network.addresses.source_for(remote.ip()).ok_or(SocketError::AddressNotAvailable)?;
        self.network.next_hop(remote.ip())?;
        Ok(source)
    }

    fn local_port(
        &mut self,
        source: IpAddr,
        remote: SocketAddr,
        wanted: Option<u16>,
    ) -> Result<u16, SocketError> {
        let is_free = |port: u16| {
            let local = SocketAddr::new(source, port);
            let waits =
                |id| self.sockets.listener_ref(id).is_some_and(|of| of.tcp.has_between(local, remote));
            self.connections.between(local, remote).is_none()
                && !self.sockets.listener(port).is_some_and(waits)
        };
        match wanted {
            Some(0) => Err(SocketError::InvalidArgument),
            Some(port) if is_free(port) => Ok(port),
            Some(_) => Err(SocketError::AddressInUse),
            None => {
                let listeners = &self.sockets.ports;
                let is_free = |port: u16| !listeners.contains_key(&port) && is_free(port);
                let chosen = self.ports.choose(source, remote.ip(), remote.port(), is_free);
                chosen.ok_or(SocketError::AddressNotAvailable)
            }
        }
    }

    /// The MTU of the link, as connections count it.
    fn mtu(&self) -> u32 {
        u32::try_from(self.network.paths.link()).unwrap_or(u32::MAX)
    }

    /// The MTU of the path to `remote`, where a router said that it is less than the link's.
    pub(super) fn known_path(&self, now: Instant, remote: IpAddr) -> Option<u32> {
        let mtu = self.network.paths.get(now, remote);
        u32::try_from(mtu).ok().filter(|mtu| *mtu < self.mtu())
    }

    /// Whether a connection is open: this end's address and port.
    ///
    /// # Errors
    /// [`SocketError::WouldBlock`] while it is opening; the reason why it could not be opened, or has ended since.
    pub fn connected(&self, socket: SocketId) -> Result<SocketAddr, SocketError> {
        let connection = &self.entry(socket)?.connection;
        match connection.state() {
            State::SynSent | State::SynReceived => Err(SocketError::WouldBlock),
            State::Closed | State::Listen => {
                Err(connection.error().map_or(SocketError::NotConnected, failure))
            }
            State::Established
            | State::FinWait1
            | State::FinWait2
            | State::CloseWait
            | State::Closing
            | State::LastAck
            | State::TimeWait => Ok(connection.local()),
        }
    }

    /// SEND (RFC 9293 3.10.2): takes as many octets as there is room for, and says how many.
    ///
    /// # Errors
    /// [`SocketError::WouldBlock`] if there is no room; [`SocketError::BrokenPipe`] if the direction was shut down;
    /// [`SocketError::NotConnected`], or why the connection failed.
    pub fn send(&mut self, now: Instant, socket: SocketId, data: &[u8]) -> Result<usize, SocketError> {
        self.send_with(now, socket, data, Connection::send)
    }

    /// The same, urgent up to the last octet (RFC 9293 3.8.5).
    ///
    /// # Errors
    /// As [`Self::send`].
    pub fn send_urgent(&mut self, now: Instant, socket: SocketId, data: &[u8]) -> Result<usize, SocketError> {
        self.send_with(now, socket, data, Connection::send_urgent)
    }

    fn send_with(
        &mut self,
        now: Instant,
        socket: SocketId,
        data: &[u8],
        send: impl FnOnce(&mut Connection, Instant, &[u8]) -> Result<usize, CallError>,
    ) -> Result<usize, SocketError> {
        let taken = self.command(now, socket, |entry| send(&mut entry.connection, now, data))?;
        match taken {
            Ok(0) if !data.is_empty() => Err(SocketError::WouldBlock),
            Ok(count) => Ok(count),
            Err(CallError::Closing) => Err(SocketError::BrokenPipe),
            Err(error) => Err(call_error(error)),
        }
    }

    /// RECEIVE (RFC 9293 3.10.3): up to `max` octets, none at the end of the stream.
    ///
    /// # Errors
    /// [`SocketError::WouldBlock`] if there is nothing yet; [`SocketError::InvalidArgument`] for a `max` of 0;
    /// [`SocketError::NotConnected`], or why the connection failed.
    pub fn recv(&mut self, now: Instant, socket: SocketId, max: usize) -> Result<Vec<u8>, SocketError> {
        if max == 0 {
            return Err(SocketError::InvalidArgument);
        }
        // Only a newer connection between the same ends takes away one that has a socket, and all was read by then.
        if self.connections.get(self.stream(socket)?).is_none() {
            return Ok(Vec::new());
        }
        let received = self.command(now, socket, |entry| match entry.reading {
            Reading::Open => entry.connection.receive(now, max),
            Reading::Shut => Ok(Received::End),
        })?;
        match received {
            Ok(Received::Data(data)) => Ok(data),
            Ok(Received::End) => Ok(Vec::new()),
            Err(error) => Err(call_error(error)),
        }
    }

    /// Shuts down one direction or both.
    ///
    /// # Errors
    /// [`SocketError::NotConnected`] if there is no connection (any more), or why it failed. A direction that is shut already
    /// is no error.
    pub fn shutdown(&mut self, now: Instant, socket: SocketId, how: Shutdown) -> Result<(), SocketError> {
        let result = self.command(now, socket, |entry| {
            if matches!(how, Shutdown::Read | Shutdown::Both) {
                entry.reading = Reading::Shut;
                while let Ok(Received::Data(_)) = entry.connection.receive(now, super::segments::DRAIN_OCTETS)
                {
                }
            }
            match how {
                Shutdown::Read => Ok(()),
                Shutdown::Write | Shutdown::Both => entry.connection.shutdown_write(now),
            }
        })?;
        match result {
            Ok(()) | Err(CallError::Closing) => Ok(()),
            Err(error) => Err(call_error(error)),
        }
    }

    /// CLOSE (RFC 9293 3.10.4) and lets go of the socket. The connection goes on until all is delivered; with LINGER zero it is
    /// broken off. The connections that a listener has not handed over are broken off.
    ///
    /// # Errors
    /// [`SocketError::BadSocket`].
    pub fn close(&mut self, now: Instant, socket: SocketId) -> Result<(), SocketError> {
        let linger = self.sockets.linger.get(&socket).copied();
        self.release(now, socket, |entry| match linger {
            Some(Duration::ZERO) => entry.connection.abort(now),
            _ => {
                entry.linger_until = linger.map(|linger| now + linger);
                entry.connection.close(now)
            }
        })
    }

    /// ABORT (RFC 9293 3.10.5) and lets go of the socket.
    ///
    /// # Errors
    /// [`SocketError::BadSocket`].
    pub fn abort(&mut self, now: Instant, socket: SocketId) -> Result<(), SocketError> {
        self.release(now, socket, |entry| entry.connection.abort(now))
    }

    fn release(
        &mut self,
        now: Instant,
        socket: SocketId,
        end: impl FnOnce(&mut Entry) -> Result<(), CallError>,
    ) -> Result<(), SocketError> {
        self.sockets.linger.remove(&socket);
        match self.sockets.open.remove(&socket).ok_or(SocketError::BadSocket)? {
            Socket::Udp { port } => self.udp.release(port),
            Socket::Stream(id) => {
                if let Some(entry) = self.connections.get_mut(id) {
                    // A connection that is over already cannot be closed again, and need not be.
                    let _ = end(entry);
                }
                self.connections.disown(id);
                self.forget_closed();
                self.sockets.closed.insert(socket, id);
            }
            Socket::Listener(mut listener) => {
                self.sockets.ports.remove(&listener.port);
                listener.tcp.close(now);
                while let Some(segment) = listener.tcp.poll_transmit(now) {
                    self.send_segment(now, &segment);
                }
            }
        }
        self.run(now);
        Ok(())
    }

    /// Forgets closed sockets whose connection is gone, once there are so many that it pays.
    fn forget_closed(&mut self) {
        if self.sockets.closed.len() > 2 * self.connections.len() {
            self.sockets.closed.retain(|_, id| self.connections.get(*id).is_some());
        }
    }

    /// The state of a socket's connection by the RFC's name, also after the socket was closed.
    ///
    /// # Errors
    /// [`SocketError::BadSocket`] if there never was such a socket; [`SocketError::InvalidArgument`] for UDP.
    pub fn state(&self, socket: SocketId) -> Result<State, SocketError> {
        let of = |id: &ConnectionId| {
            self.connections.get(*id).map_or(State::Closed, |entry| entry.connection.state())
        };
        match self.sockets.open.get(&socket) {
            Some(Socket::Listener(_)) => Ok(State::Listen),
            Some(Socket::Stream(id)) => Ok(of(id)),
            Some(Socket::Udp { .. }) => Err(SocketError::InvalidArgument),
            None if socket.0 < self.sockets.next => {
                Ok(self.sockets.closed.get(&socket).map_or(State::Closed, of))
            }
            None => Err(SocketError::BadSocket),
        }
    }

    /// The two ends of a socket's connection: ours, the peer's.
    ///
    /// # Errors
    /// [`SocketError::BadSocket`]; [`SocketError::InvalidArgument`] if it is no stream.
    pub fn ends(&self, socket: SocketId) -> Result<(SocketAddr, SocketAddr), SocketError> {
        let connection = &self.entry(socket)?.connection;
        Ok((connection.local(), connection.remote()))
    }

    /// STATUS (RFC 9293 3.10.6) of a socket's connection.
    ///
    /// # Errors
    /// As [`Self::ends`].
    pub fn status(&self, socket: SocketId) -> Result<tcp::Status, SocketError> {
        Ok(self.entry(socket)?.connection.status())
    }

    /// Sets an option of a socket in use; on a listener, for the connections to come.
    ///
    /// # Errors
    /// [`SocketError::BadSocket`]; [`SocketError::InvalidArgument`] if the value cannot be, or it is too late for this option.
    pub fn set_option(
        &mut self,
        now: Instant,
        socket: SocketId,
        option: SocketOption,
    ) -> Result<(), SocketError> {
        if let Some(listener) = self.sockets.listener_mut(socket) {
            let mut settings = Settings { policy: listener.tcp.policy().clone(), linger: listener.linger };
            settings.set(option)?;
            listener.linger = settings.linger;
            listener.tcp.set_policy(settings.policy);
            return Ok(());
        }
        if let SocketOption::Linger(time) = option {
            self.entry(socket)?;
            self.sockets.linger.insert(socket, time);
            return Ok(());
        }
        self.command(now, socket, |entry| match option {
            SocketOption::NoDelay(no_delay) => {
                entry.connection.set_nagle(nagle(no_delay));
                Ok(())
            }
            SocketOption::UserTimeout(time) => {
                entry.connection.set_user_timeout(Some(time));
                Ok(())
            }
            SocketOption::Linger(_)
            | SocketOption::Mss(_)
            | SocketOption::ReceiveBuffer(_)
            | SocketOption::SendBuffer(_)
            | SocketOption::AckDelay(_) => Err(SocketError::InvalidArgument),
        })?
    }

    fn settings(&self, options: &[SocketOption]) -> Result<Settings, SocketError> {
        let mut settings = Settings { policy: self.policy.clone(), linger: None };
        for option in options {
            settings.set(*option)?;
        }
        Ok(settings)
    }

    fn stream(&self, socket: SocketId) -> Result<ConnectionId, SocketError> {
        match self.sockets.get(socket)? {
            Socket::Stream(id) => Ok(*id),
            Socket::Listener(_) | Socket::Udp { .. } => Err(SocketError::InvalidArgument),
        }
    }

    fn entry(&self, socket: SocketId) -> Result<&Entry, SocketError> {
        self.connections.get(self.stream(socket)?).ok_or(SocketError::NotConnected)
    }

    /// A call on a connection, and what follows from it.
    fn command<T>(
        &mut self,
        now: Instant,
        socket: SocketId,
        call: impl FnOnce(&mut Entry) -> T,
    ) -> Result<T, SocketError> {
        let id = self.stream(socket)?;
        let result = call(self.connections.get_mut(id).ok_or(SocketError::NotConnected)?);
        self.connections.touch(id);
        self.run(now);
        Ok(result)
    }
}

const fn nagle(no_delay: bool) -> Nagle {
    if no_delay { Nagle::Off } else { Nagle::On }
}

const fn call_error(error: CallError) -> SocketError {
    match error {
        CallError::WouldBlock => SocketError::WouldBlock,
        CallError::Closing => SocketError::InvalidArgument,
        CallError::NotConnected => SocketError::NotConnected,
        CallError::Failed(error) => failure(error),
    }
}

const fn failure(error: tcp::Error) -> SocketError {
    match error {
        tcp::Error::Refused => SocketError::ConnectionRefused,
        tcp::Error::Reset => SocketError::ConnectionReset,
        tcp::Error::TimedOut => SocketError::TimedOut,
        tcp::Error::HostUnreachable => SocketError::HostUnreachable,
        tcp::Error::NetworkUnreachable => SocketError::NetworkUnreachable,
        tcp::Error::ProtocolUnreachable => SocketError::ProtocolUnreachable,
        tcp::Error::Aborted => SocketError::ConnectionAborted,
    }
}
