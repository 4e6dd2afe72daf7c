//! Socket calls on TCP, as BSD has them, none of them blocking.
//!
//! | RFC 9293 | call | function of [`Host`] |
//! |---|---|---|
//! | 3.9.1.1, 3.10.1 | OPEN | `open_passive`, `open_active`, in LISTEN `activate`; in short `listen`, `connect` (in `open`) |
//! | 3.9.1.2, 3.10.2 | SEND | `send`, `send_urgent`; each call pushes (MUST-60, MUST-61) |
//! | 3.9.1.3, 3.10.3 | RECEIVE | `recv`, which stops where urgent data ends; `status` tells how much of it is left |
//! | 3.9.1.4, 3.10.4 | CLOSE | `shutdown` of the sending side; `close` lets go of both (3.6.1 MAY-1) |
//! | 3.9.1.5, 3.10.6 | STATUS | `status`, `state`, `ends`, `children`, `connected` |
//! | 3.9.1.6, 3.10.5 | ABORT | `abort` |
//! | 3.9.1.8 | ERROR_REPORT | `poll_report`; off by `SocketOption::Reports` |
//! | 3.9.1.1, 3.10.8 | user timeout | `SocketOption::UserTimeout`, in place of R2 |
//! | 3.9.1.9, 3.9.2 | Diffserv field, TTL, source route | `SocketOption::Dscp`, `HopLimit`, `SourceRoute` |
//!
//! Left out: FLUSH (MAY-14), flags for PUSH (MAY-15, MAY-17), IPv4's timestamps and recorded routes (MAY-10, MAY-11);
//! security and compartment, which nothing on the Internet carries (A.1).
//!
//! OPEN is in `open`. A socket that was closed is gone for every call but [`Host::state`]: its connection goes on until it
//! is done. RECEIVE on a listener is an error, as everywhere: what comes is read from the connections that it gives.

use super::Host;
use super::connections::{ConnectionId, Entry, Reading};
use super::sockets::{MAX_DSCP, Settings, Socket, nagle, reporting};
use crate::event::Report;
use crate::socket::{Shutdown, SocketError, SocketId, SocketOption};
use crate::tcp::{self, CallError, Connection, Received, State};
use crate::time::{Duration, Instant};
use std::net::{IpAddr, SocketAddr};

impl Host {
    /// The MTU of the link, as connections count it.
    pub(super) fn mtu(&self) -> u32 {
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

    /// SEND (RFC 9293 3.10.2): takes as many octets as there is room for, and says how many. In LISTEN for one peer it asks
    /// that peer for the connection, and the octets leave once it is open: see [`Self::activate`].
    ///
    /// # Errors
    /// [`SocketError::WouldBlock`] if there is no room; [`SocketError::BrokenPipe`] if the direction was shut down;
    /// [`SocketError::NotConnected`], or why the connection failed; on a listener, as [`Self::activate`].
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
        // RFC 9293 3.10.2, LISTEN STATE
        if let Socket::Listener(_) = self.sockets.get(socket)? {
            self.activate(now, socket, None)?;
        }
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
        match self.sockets.remove(socket).ok_or(SocketError::BadSocket)? {
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
            Socket::Listener(mut listener) => self.end_listening(now, &mut listener),
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

    /// STATUS (RFC 9293 3.10.6) of a socket's connection, or of a listener, where what is not specified is unspecified.
    ///
    /// # Errors
    /// As [`Self::ends`].
    pub fn status(&self, socket: SocketId) -> Result<tcp::Status, SocketError> {
        match self.sockets.get(socket)? {
            Socket::Listener(listener) => Ok(listener.tcp.status(listener.asked.remote)),
            Socket::Stream(_) | Socket::Udp { .. } => Ok(self.entry(socket)?.connection.status()),
        }
    }

    /// ERROR_REPORT (RFC 9293 3.9.1.8 MUST-47): the oldest thing that the application has not heard of its connection.
    /// [`SocketOption::Reports`] ends such reports.
    ///
    /// # Errors
    /// As [`Self::ends`].
    pub fn poll_report(&mut self, socket: SocketId) -> Result<Option<Report>, SocketError> {
        let id = self.stream(socket)?;
        let entry = self.connections.get_mut(id).ok_or(SocketError::NotConnected)?;
        Ok(entry.connection.poll_report())
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
                entry.connection.set_user_timeout(now, Some(time));
                Ok(())
            }
            SocketOption::Dscp(dscp) if dscp <= MAX_DSCP => {
                entry.connection.set_dscp(dscp);
                Ok(())
            }
            SocketOption::Reports(wanted) => {
                entry.connection.set_reporting(reporting(wanted));
                Ok(())
            }
            SocketOption::HopLimit(hops) if hops > 0 => {
                entry.connection.set_hop_limit(hops);
                Ok(())
            }
            SocketOption::Linger(_)
            | SocketOption::Dscp(_)
            | SocketOption::HopLimit(_)
            | SocketOption::SourceRoute(_)
            | SocketOption::Mss(_)
            | SocketOption::ReceiveBuffer(_)
            | SocketOption::SendBuffer(_)
            | SocketOption::AckDelay(_) => Err(SocketError::InvalidArgument),
        })?
    }

    pub(super) fn settings(&self, options: &[SocketOption]) -> Result<Settings, SocketError> {
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
