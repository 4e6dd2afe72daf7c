//! UDP (RFC 768, RFC 1122 4.1): ports and their queues. Packets are made and checked by the host.
//!
//! Left out: connected sockets, sockets bound to one address, broadcast and multicast sending, ICMP errors handed to
//! the application.

use core::net::{IpAddr, SocketAddr};
use std::collections::{BTreeMap, VecDeque};

/// Datagrams that wait in one socket; the newest is dropped when it is full.
pub const MAX_DATAGRAMS: usize = 64;
/// Bound ports of the host.
pub const MAX_PORTS: usize = 256;

/// A datagram that came for a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Datagram {
    /// Who sent it.
    pub from: SocketAddr,
    /// The address of ours that it was sent to: the one to answer from (RFC 1122 4.1.3.5).
    pub to: IpAddr,
    /// What it says.
    pub payload: Vec<u8>,
}

/// The bound ports.
#[derive(Debug, Default)]
pub struct Ports {
    queues: BTreeMap<u16, VecDeque<Datagram>>,
}

/// Why a port cannot be bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BindError {
    /// Somebody has it, or it is port 0.
    InUse,
    /// [`MAX_PORTS`] are bound.
    Full,
}

/// What became of a datagram that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// It waits in a queue.
    Queued,
    /// Its queue was full.
    Dropped,
    /// Nobody listens: the sender deserves an ICMP port unreachable (RFC 1122 4.1.3.1).
    NoPort,
}

impl Ports {
    /// Takes `port`.
    ///
    /// # Errors
    /// [`BindError`] if it is taken or there are too many.
    pub fn bind(&mut self, port: u16) -> Result<(), BindError> {
        // Port 0 is reserved: RFC 768 uses it for "no port".
        if port == 0 || self.queues.contains_key(&port) {
            return Err(BindError::InUse);
        }
        if self.queues.len() >= MAX_PORTS {
            return Err(BindError::Full);
        }
        self.queues.insert(port, VecDeque::new());
        Ok(())
    }

    /// Gives `port` back, and drops what waits there.
    pub fn release(&mut self, port: u16) {
        self.queues.remove(&port);
    }

    /// The ports that somebody has, in order.
    pub fn bound(&self) -> impl Iterator<Item = u16> {
        self.queues.keys().copied()
    }

    /// A datagram arrived for `port`.
    pub fn handle(&mut self, port: u16, datagram: Datagram) -> Delivery {
        match self.queues.get_mut(&port) {
            None => Delivery::NoPort,
            Some(queue) if queue.len() >= MAX_DATAGRAMS => Delivery::Dropped,
            Some(queue) => {
                queue.push_back(datagram);
                Delivery::Queued
            }
        }
    }

    /// The oldest datagram that waits on `port`.
    pub fn receive(&mut self, port: u16) -> Option<Datagram> {
        self.queues.get_mut(&port)?.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn datagram(octet: u8) -> Datagram {
        Datagram {
            from: "192.0.2.1:9".parse().unwrap(),
            to: "192.0.2.2".parse().unwrap(),
            payload: vec![octet],
        }
    }

    #[test]
    fn datagrams_wait_in_order_until_the_queue_is_full() {
        let mut ports = Ports::default();
        ports.bind(7).unwrap();
        for octet in 0..MAX_DATAGRAMS as u8 {
            assert_eq!(ports.handle(7, datagram(octet)), Delivery::Queued);
        }
        assert_eq!(ports.handle(7, datagram(255)), Delivery::Dropped);
        let received: Vec<u8> =
            core::iter::from_fn(|| ports.receive(7)).map(|datagram| datagram.payload[0]).collect();
        assert_eq!(received, (0..MAX_DATAGRAMS as u8).collect::<Vec<_>>());
    }

    #[test]
    fn a_port_has_one_owner_at_a_time() {
        let mut ports = Ports::default();
        assert_eq!(ports.bind(0), Err(BindError::InUse));
        assert_eq!(ports.bind(7), Ok(()));
        assert_eq!(ports.bind(7), Err(BindError::InUse));
        ports.release(7);
        assert_eq!(ports.handle(7, datagram(1)), Delivery::NoPort);
        assert_eq!(ports.bind(7), Ok(()));
    }

    #[test]
    fn the_number_of_ports_is_bounded() {
        let mut ports = Ports::default();
        for port in 1..=MAX_PORTS as u16 {
            ports.bind(port).unwrap();
        }
        assert_eq!(ports.bind(60_000), Err(BindError::Full));
    }
}
