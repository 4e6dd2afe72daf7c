//! Socket calls on UDP.

use super::Host;
use super::network::envelope;
use super::sockets::Socket;
use crate::socket::{SocketError, SocketId};
use crate::time::Instant;
use crate::udp::{BindError, Datagram};
use crate::wire::{Protocol, PseudoHeader, Udp};
use std::net::SocketAddr;

impl Host {
    /// A socket for datagrams on `port`.
    ///
    /// # Errors
    /// [`SocketError::AddressInUse`], or [`SocketError::TooManySockets`].
    pub fn udp_bind(&mut self, port: u16) -> Result<SocketId, SocketError> {
        self.sockets.check_room()?;
        self.udp.bind(port).map_err(|error| match error {
            BindError::InUse => SocketError::AddressInUse,
            BindError::Full => SocketError::TooManySockets,
        })?;
        Ok(self.sockets.insert(Socket::Udp { port }))
    }

    /// Sends a datagram from a socket.
    ///
    /// # Errors
    /// [`SocketError::MessageTooLong`] if it does not fit a packet: nothing is fragmented. [`SocketError::InvalidArgument`] for a
    /// group, an address of our own, or port 0; [`SocketError::NetworkUnreachable`] if there is no way.
    pub fn udp_send(
        &mut self,
        now: Instant,
        socket: SocketId,
        to: SocketAddr,
        payload: &[u8],
    ) -> Result<(), SocketError> {
        let port = self.udp_port(socket)?;
        let source = self.network.addresses.source_for(to.ip()).ok_or(SocketError::AddressNotAvailable)?;
        if to.port() == 0 || self.network.addresses.martian(to.ip()).is_some() {
            return Err(SocketError::InvalidArgument);
        }
        let pseudo = PseudoHeader::new(source, to.ip()).ok_or(SocketError::InvalidArgument)?;
        let datagram = Udp {
            source_port: port,
            destination_port: to.port(),
            length: 0,
            checksum: 0,
            payload,
            surplus: &[],
        };
        // RFC 1122 4.1.3.4: a checksum is always sent.
        let datagram = datagram.filled(&pseudo).map_err(|_| SocketError::MessageTooLong)?;
        let envelope = envelope(source, to.ip(), Protocol::UDP);
        self.network.send(now, &envelope, datagram.wire_len(), |out| datagram.emit(out).map(drop))
    }

    /// The oldest datagram that waits.
    ///
    /// # Errors
    /// [`SocketError::WouldBlock`] if there is none.
    pub fn udp_recv(&mut self, socket: SocketId) -> Result<Datagram, SocketError> {
        let port = self.udp_port(socket)?;
        self.udp.receive(port).ok_or(SocketError::WouldBlock)
    }

    fn udp_port(&self, socket: SocketId) -> Result<u16, SocketError> {
        match self.sockets.get(socket)? {
            Socket::Udp { port } => Ok(*port),
            Socket::Listener(_) | Socket::Stream(_) => Err(SocketError::InvalidArgument),
        }
    }
}
