//! The sockets: what each is, what was set on it before it was used, and which listener a segment is for.

use super::connections::ConnectionId;
use crate::policy::{Nagle, Policy, Reporting};
use crate::socket::{Passive, SocketError, SocketId, SocketOption};
use crate::tcp;
use crate::time::Duration;
use std::collections::BTreeMap;
use std::net::SocketAddr;

/// Sockets at one time.
pub const MAX_SOCKETS: usize = 4096;
/// RFC 9293 3.8.6.3 MUST-40: an acknowledgment is delayed less than that.
const MAX_ACK_DELAY: Duration = Duration::from_millis(500);
/// RFC 2474 3: six bits.
pub(super) const MAX_DSCP: u8 = 63;
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
    pub(super) asked: Passive,
    pub(super) tcp: tcp::Listener,
    pub(super) linger: Option<Duration>,
}

/// What is set on a socket before it is used.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) policy: Policy,
    pub(super) linger: Option<Duration>,
}

/// All sockets.
#[derive(Debug, Default)]
pub(super) struct Sockets {
    pub(super) open: BTreeMap<SocketId, Socket>,
    /// LINGER of streams, where it is set.
    pub(super) linger: BTreeMap<SocketId, Duration>,
    /// The listeners by what they wait for.
    listening: BTreeMap<Passive, SocketId>,
    /// Closed sockets whose connection may still be there.
    pub(super) closed: BTreeMap<SocketId, ConnectionId>,
    pub(super) next: u32,
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
        if let Socket::Listener(listener) = &socket {
            self.listening.insert(listener.asked, id);
        }
        self.open.insert(id, socket);
        id
    }

    /// Takes a socket out, and a listener out of the way of segments.
    pub(super) fn remove(&mut self, id: SocketId) -> Option<Socket> {
        let socket = self.open.remove(&id)?;
        if let Socket::Listener(listener) = &socket {
            self.listening.remove(&listener.asked);
        }
        Some(socket)
    }

    pub(super) fn get(&self, id: SocketId) -> Result<&Socket, SocketError> {
        self.open.get(&id).ok_or(SocketError::BadSocket)
    }

    /// Whether somebody waits for just that.
    pub(super) fn is_asked(&self, asked: &Passive) -> bool {
        self.listening.contains_key(asked)
    }

    /// Whether anybody listens on `port`.
    pub(super) fn is_listened_to(&self, port: u16) -> bool {
        let first = Passive { port, local: None, remote: None };
        self.listening.range(first..).next().is_some_and(|(asked, _)| asked.port == port)
    }

    /// The listener for what `remote` sends to `local`: the one that has a connection between them already, for no later
    /// one may take it away (RFC 9293 3.9.1.1 MUST-41); else the one that asks for these two most narrowly.
    pub(super) fn listener(&self, local: SocketAddr, remote: SocketAddr) -> Option<SocketId> {
        let mut candidates = [(true, true), (false, true), (true, false), (false, false)]
            .into_iter()
            .filter_map(|(to_one, from_one)| {
                let asked = Passive {
                    port: local.port(),
                    local: to_one.then_some(local.ip()),
                    remote: from_one.then_some(remote),
                };
                self.listening.get(&asked).copied()
            });
        let has_between = |id: &SocketId| {
            self.listener_ref(*id).is_some_and(|listener| listener.tcp.has_between(local, remote))
        };
        candidates.clone().find(has_between).or_else(|| candidates.next())
    }

    /// Whether a connection between these two ends waits in a listener.
    pub(super) fn has_between(&self, local: SocketAddr, remote: SocketAddr) -> bool {
        let listener = self.listener(local, remote).and_then(|id| self.listener_ref(id));
        listener.is_some_and(|listener| listener.tcp.has_between(local, remote))
    }

    /// All listeners, by what they wait for.
    pub(super) fn listeners(&self) -> impl Iterator<Item = (SocketId, &Listener)> {
        self.listening.values().filter_map(|id| Some((*id, self.listener_ref(*id)?)))
    }

    pub(super) fn listener_ref(&self, id: SocketId) -> Option<&Listener> {
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
    pub(super) fn set(&mut self, option: SocketOption) -> Result<(), SocketError> {
        match option {
            SocketOption::NoDelay(no_delay) => self.policy.nagle = nagle(no_delay),
            SocketOption::Linger(time) => self.linger = Some(time),
            SocketOption::UserTimeout(time) => self.policy.set_user_timeout(Some(time)),
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
            SocketOption::Dscp(dscp) if dscp <= MAX_DSCP => self.policy.dscp = dscp,
            SocketOption::HopLimit(hops) if hops > 0 => self.policy.hop_limit = hops,
            SocketOption::Reports(wanted) => self.policy.reporting = reporting(wanted),
            SocketOption::SourceRoute(route) => self.policy.source_route = Some(route),
            SocketOption::Mss(_)
            | SocketOption::SendBuffer(_)
            | SocketOption::AckDelay(_)
            | SocketOption::Dscp(_)
            | SocketOption::HopLimit(_) => {
                return Err(SocketError::InvalidArgument);
            }
        }
        Ok(())
    }
}

pub(super) const fn reporting(wanted: bool) -> Reporting {
    if wanted { Reporting::On } else { Reporting::Off }
}

pub(super) const fn nagle(no_delay: bool) -> Nagle {
    if no_delay { Nagle::Off } else { Nagle::On }
}
