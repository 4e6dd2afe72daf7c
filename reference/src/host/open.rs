//! OPEN, RFC 9293 3.9.1.1 and 3.10.1: passive, active, and active in LISTEN.

use super::Host;
use super::connections::{ConnectionId, Owner};
use super::sockets::{Listener, Socket};
use crate::ip::address::Martian;
use crate::policy::Policy;
use crate::socket::{Active, Passive, SocketError, SocketId, SocketOption};
use crate::tcp::{self, Connection, State};
use crate::time::Instant;
use crate::wire::SourceRouteKind;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::net::SocketAddr;

impl Host {
    /// Passive OPEN on `port`, for whatever address of ours and whatever peer: [`Self::open_passive`].
    ///
    /// # Errors
    /// As there.
    pub fn listen(
        &mut self,
        now: Instant,
        port: u16,
        backlog: usize,
        options: &[SocketOption],
    ) -> Result<SocketId, SocketError> {
        self.open_passive(now, Passive { port, local: None, remote: None }, backlog, options)
    }

    /// Passive OPEN (RFC 9293 3.10.1, CLOSED STATE). At most `backlog` connections (at least one) wait to be accepted, opening
    /// ones among them. Connections that exist are not touched (MUST-41), and those that are being opened from the same port are
    /// no hindrance (MUST-42).
    ///
    /// # Errors
    /// [`SocketError::AddressInUse`] if somebody waits for just that, or there is a connection between the two ends that are
    /// named; [`SocketError::AddressNotAvailable`] if the local address is none of ours; [`SocketError::InvalidArgument`] for
    /// port 0, a bad option or a peer that cannot be (MUST-46); [`SocketError::TooManySockets`].
    pub fn open_passive(
        &mut self,
        now: Instant,
        asked: Passive,
        backlog: usize,
        options: &[SocketOption],
    ) -> Result<SocketId, SocketError> {
        let settings = self.settings(options)?;
        self.check_passive(&asked)?;
        self.sockets.check_room()?;
        let local = SocketAddr::new(asked.local.unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED)), asked.port);
        let tcp = tcp::Listener::new(local, backlog, self.mtu(), &settings.policy);
        let listener = Listener { asked, tcp, linger: settings.linger };
        let socket = self.sockets.insert(Socket::Listener(Box::new(listener)));
        self.run(now);
        Ok(socket)
    }

    fn check_passive(&self, asked: &Passive) -> Result<(), SocketError> {
        if asked.port == 0 {
            return Err(SocketError::InvalidArgument);
        }
        if asked.local.is_some_and(|local| !self.network.addresses.is_own(local)) {
            return Err(SocketError::AddressNotAvailable);
        }
        if let Some(remote) = asked.remote {
            self.check_remote(remote)?;
            if asked.local.is_some_and(|local| local.is_ipv4() != remote.is_ipv4()) {
                return Err(SocketError::InvalidArgument);
            }
            // "connection already exists"
            let mut own = self.network.addresses.own();
            let is_meant = |own: &IpAddr| asked.local.is_none_or(|local| local == *own);
            if own.any(|own| is_meant(&own) && self.exists(SocketAddr::new(own, asked.port), remote)) {
                return Err(SocketError::AddressInUse);
            }
        }
        if self.sockets.is_asked(asked) {
            return Err(SocketError::AddressInUse);
        }
        Ok(())
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

    /// Active OPEN to `remote`, from `port` or one that the host chooses: [`Self::open_active`].
    ///
    /// # Errors
    /// As there.
    pub fn connect(
        &mut self,
        now: Instant,
        remote: SocketAddr,
        port: Option<u16>,
        options: &[SocketOption],
    ) -> Result<SocketId, SocketError> {
        self.open_active(now, Active { remote, local: None, port }, options)
    }

    /// Active OPEN (RFC 9293 3.10.1, CLOSED STATE). [`Self::connected`] tells what comes of it.
    ///
    /// # Errors
    /// [`SocketError::InvalidArgument`] for an address that is not one host's (MUST-46), a local address of another version, a
    /// source route that cannot be, a port 0 or a bad option; [`SocketError::AddressInUse`] if there is a connection between these ends;
    /// [`SocketError::AddressNotAvailable`] if the local address is none of ours, or we have none of that version or no port;
    /// [`SocketError::NetworkUnreachable`]; [`SocketError::TooManySockets`].
    pub fn open_active(
        &mut self,
        now: Instant,
        asked: Active,
        options: &[SocketOption],
    ) -> Result<SocketId, SocketError> {
        let settings = self.settings(options)?;
        let source = self.source_for(asked.remote, asked.local, &settings.policy)?;
        self.sockets.check_room()?;
        if self.connections.is_full() {
            return Err(SocketError::TooManySockets);
        }
        let local = SocketAddr::new(source, self.local_port(source, asked.remote, asked.port)?);
        let iss = self.isn.generate(now, local, asked.remote);
        let connection = Connection::open_active(now, local, asked.remote, iss, self.mtu(), &settings.policy);
        let id = self.insert_active(now, connection);
        let socket = self.sockets.insert(Socket::Stream(id));
        if let Some(linger) = settings.linger {
            self.sockets.linger.insert(socket, linger);
        }
        self.run(now);
        Ok(socket)
    }

    fn insert_active(&mut self, now: Instant, mut connection: Connection) -> ConnectionId {
        let is_direct = connection.first_hop() == connection.remote().ip();
        if let Some(mtu) = self.known_path(now, connection.remote().ip()).filter(|_| is_direct) {
            connection.handle_known_path(mtu);
        }
        self.connections.insert(connection, Owner::Socket)
    }

    /// OPEN of a socket that is open already (RFC 9293 3.10.1): one in LISTEN becomes active and asks `remote` for a
    /// connection, or the peer that it waits for if that is `None`. It keeps its options and its port, and listens no more;
    /// whoever waits in it to be accepted is reset, as by CLOSE.
    ///
    /// # Errors
    /// [`SocketError::IsConnected`] if the socket is no listener, or the peer has asked for that connection already and waits
    /// to be accepted ("connection already exists"); [`SocketError::DestinationRequired`] if no peer is named ("remote socket
    /// unspecified"); else as [`Self::open_active`]. The listener then listens on.
    pub fn activate(
        &mut self,
        now: Instant,
        socket: SocketId,
        remote: Option<SocketAddr>,
    ) -> Result<(), SocketError> {
        let (asked, policy) = match self.sockets.get(socket)? {
            Socket::Listener(listener) => (listener.asked, listener.tcp.policy().clone()),
            Socket::Stream(_) => return Err(SocketError::IsConnected),
            Socket::Udp { .. } => return Err(SocketError::InvalidArgument),
        };
        let remote = remote.or(asked.remote).ok_or(SocketError::DestinationRequired)?;
        let local = SocketAddr::new(self.source_for(remote, asked.local, &policy)?, asked.port);
        if self.exists(local, remote) {
            return Err(SocketError::IsConnected);
        }
        if self.connections.is_full() {
            return Err(SocketError::TooManySockets);
        }
        let Some(Socket::Listener(mut listener)) = self.sockets.remove(socket) else {
            return Err(SocketError::BadSocket);
        };
        self.end_listening(now, &mut listener);
        let iss = self.isn.generate(now, local, remote);
        let linger = listener.linger;
        let id = self.insert_active(now, listener.tcp.into_active(now, local, remote, iss));
        self.sockets.open.insert(socket, Socket::Stream(id));
        if let Some(linger) = linger {
            self.sockets.linger.insert(socket, linger);
        }
        self.run(now);
        Ok(())
    }

    /// Nobody will accept what waits in a listener: the peers are told.
    pub(super) fn end_listening(&mut self, now: Instant, listener: &mut Listener) {
        listener.tcp.close(now);
        while let Some(segment) = listener.tcp.poll_transmit(now) {
            self.send_segment(now, &segment);
        }
    }

    /// Whether there is a connection between these ends, accepted or not.
    fn exists(&self, local: SocketAddr, remote: SocketAddr) -> bool {
        self.connections.between(local, remote).is_some() || self.sockets.has_between(local, remote)
    }

    /// RFC 9293 3.9.1.1 MUST-46: `remote` is one end that can be spoken to.
    fn check_remote(&self, remote: SocketAddr) -> Result<(), SocketError> {
        match self.network.addresses.martian(remote.ip()) {
            None if remote.port() != 0 => Ok(()),
            // There is no loopback interface.
            Some(Martian::Own | Martian::Loopback) => Err(SocketError::NetworkUnreachable),
            None | Some(_) => Err(SocketError::InvalidArgument),
        }
    }

    /// RFC 9293 3.9.1.1 MUST-43 and MUST-44: the address to speak to `remote` from, the user's choice or the IP layer's.
    fn source_for(
        &self,
        remote: SocketAddr,
        wanted: Option<IpAddr>,
        policy: &Policy,
    ) -> Result<IpAddr, SocketError> {
        self.check_remote(remote)?;
        let first_hop = self.first_hop(remote, policy)?;
        match wanted {
            Some(wanted) if !self.network.addresses.is_own(wanted) => Err(SocketError::AddressNotAvailable),
            Some(wanted) if wanted.is_ipv4() != remote.is_ipv4() => Err(SocketError::InvalidArgument),
            Some(wanted) => self.network.next_hop(first_hop).map(|_| wanted),
            None => self.network.source_for(first_hop),
        }
    }

    /// RFC 9293 3.9.2.1 MUST-51: the first gateway of the user's source route, or `remote`.
    fn first_hop(&self, remote: SocketAddr, policy: &Policy) -> Result<IpAddr, SocketError> {
        let Some(route) = policy.source_route else { return Ok(remote.ip()) };
        let addresses = &self.network.addresses;
        let is_gateway = |gateway: &Ipv4Addr| addresses.martian(IpAddr::V4(*gateway)).is_none();
        if remote.is_ipv6() || !route.gateways().iter().all(is_gateway) {
            return Err(SocketError::InvalidArgument);
        }
        let first = IpAddr::V4(route.first());
        // RFC 791 3.1: nothing stands before the first gateway of a strict route.
        if route.kind() == SourceRouteKind::Strict && !addresses.is_on_link(first) {
            return Err(SocketError::NetworkUnreachable);
        }
        Ok(first)
    }

    fn local_port(
        &mut self,
        source: IpAddr,
        remote: SocketAddr,
        wanted: Option<u16>,
    ) -> Result<u16, SocketError> {
        let is_free = |port: u16| {
            let local = SocketAddr::new(source, port);
            self.connections.between(local, remote).is_none() && !self.sockets.has_between(local, remote)
        };
        match wanted {
            Some(0) => Err(SocketError::InvalidArgument),
            Some(port) if is_free(port) => Ok(port),
            Some(_) => Err(SocketError::AddressInUse),
            None => {
                let is_free = |port: u16| !self.sockets.is_listened_to(port) && is_free(port);
                let chosen = self.ports.choose(source, remote.ip(), remote.port(), is_free);
                chosen.ok_or(SocketError::AddressNotAvailable)
            }
        }
    }
}
