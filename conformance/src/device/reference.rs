//! The reference stack as a device: the adapter between [`Device`] and [`Host`], and nothing of its own.
//!
//! Beside the command `stack` and the bodies of the fuzz targets, this is the one place that names the host. Frames that
//! arrive together form a queue: the host answers each before it takes the next, so that it never has to choose what to
//! merge; the application has its turn when the queue is empty.

use super::{
    Call, CallId, CallValue, Capabilities, Capability, Child, Description, Device, DeviceError, Errno,
    OptionName, OptionValue, Output, Properties, Setup, ShutdownHow, SocketId, TcpState, Wake, pattern,
};
use core::net::SocketAddr;
use std::collections::{BTreeMap, BTreeSet};
use wireproof_reference::event::Event;
use wireproof_reference::host::{Config, Host, What};
use wireproof_reference::ip::address::{Addresses, Prefix};
use wireproof_reference::ip::route::Gateways;
use wireproof_reference::policy::Policy;
use wireproof_reference::socket::{self, Shutdown, SocketError, SocketOption};
use wireproof_reference::time::{Duration, Instant};
use wireproof_reference::wire::MacAddr;

/// How many frames one answer holds at most; what waits beyond leaves at the next wake, so that a stack that never stops
/// sending is found out instead of filling the memory.
const FRAMES_AT_ONCE: usize = 10_000;
/// What one `recv` hands over at most, whatever it asks for.
const MAX_RECV: u64 = 1 << 20;
/// What one `fill` makes at most; the host takes less anyway.
const MAX_FILL: u64 = 1 << 20;

/// The options that the reference has.
const OPTIONS: [OptionName; 9] = [
    OptionName::Nodelay,
    OptionName::Linger,
    OptionName::Usertimeout,
    OptionName::Mss,
    OptionName::Rcvbuf,
    OptionName::Sndbuf,
    OptionName::Ackdelay,
    OptionName::Dscp,
    OptionName::Ttl,
];

/// The reference stack under test.
#[derive(Debug)]
pub struct Reference {
    description: Description,
    policy: Policy,
    host: Host,
    /// Where the host's own clock stands when the harness's is at zero.
    clock: Duration,
    sockets: BTreeMap<SocketId, socket::SocketId>,
    closed: BTreeSet<SocketId>,
    /// Options of sockets that are not in use yet.
    options: BTreeMap<SocketId, Vec<SocketOption>>,
    /// Calls that wait, in the order in which they were made.
    pending: BTreeMap<CallId, Pending>,
}

/// How a call ended, in the host's words.
type Outcome = Result<CallValue, SocketError>;

/// A call that could not finish yet.
#[derive(Clone, Copy, Debug)]
enum Pending {
    Accept { socket: SocketId, listener: SocketId },
    Connect { socket: SocketId },
    Recv { socket: SocketId, max: u64 },
    UdpRecv { socket: SocketId, max: u64 },
}

impl Reference {
    /// A host that follows `policy`, with the addresses of [`Setup::default`] until it is reset.
    pub fn new(policy: Policy) -> Self {
        Self {
            description: describe(&policy),
            host: Host::new(config(&policy, &Setup::default())),
            policy,
            clock: Duration::ZERO,
            sockets: BTreeMap::new(),
            closed: BTreeSet::new(),
            options: BTreeMap::new(),
            pending: BTreeMap::new(),
        }
    }

    fn host_time(&self, now: Instant) -> Instant {
        now + self.clock
    }

    /// Sends what is to be sent, ends what can be ended, and sends what follows from that.
    fn answer(&mut self, now: Instant, out: &mut Output) -> Wake {
        let host_now = self.host_time(now);
        self.send_frames(host_now, out);
        let waiting: Vec<(CallId, Pending)> = self.pending.iter().map(|(id, call)| (*id, *call)).collect();
        for (id, call) in waiting {
            if let Some(result) = self.try_pending(host_now, call) {
                self.pending.remove(&id);
                out.result(id, result.map_err(errno));
            }
        }
        self.send_frames(host_now, out);
        while let Some(note) = self.host.poll_note() {
            log(&note.what, out);
        }
        match self.host.poll_deadline() {
            _ if out.frames().count() >= FRAMES_AT_ONCE => Wake::Now,
            None => Wake::Never,
            Some(deadline) if deadline <= host_now => Wake::Now,
            Some(deadline) => Wake::At(Instant::ZERO + (deadline - self.clock).since(Instant::ZERO)),
        }
    }

    fn send_frames(&mut self, now: Instant, out: &mut Output) {
        let mut frame = Vec::new();
        let room = FRAMES_AT_ONCE.saturating_sub(out.frames().count());
        for _ in 0..room {
            if !self.host.poll_frame(now, &mut frame) {
                break;
            }
            out.frame(core::mem::take(&mut frame));
        }
    }

    fn start(&mut self, now: Instant, id: CallId, call: &Call) -> Option<Outcome> {
        let pending = match *call {
            Call::Accept { socket, .. } if self.is_used(socket) => {
                return Some(Err(SocketError::InvalidArgument));
            }
            Call::Accept { socket, listener } => Pending::Accept { socket, listener },
            Call::Connect { socket, address, port, local_port } => {
                let remote = SocketAddr::new(address, port);
                match self.connect(now, socket, remote, local_port) {
                    Ok(()) => Pending::Connect { socket },
                    Err(error) => return Some(Err(error)),
                }
            }
            Call::Recv { socket, max } => Pending::Recv { socket, max },
            Call::UdpRecv { socket, max } => Pending::UdpRecv { socket, max },
            _ => return Some(self.finish(now, call)),
        };
        let result = self.try_pending(now, pending);
        if result.is_none() {
            self.pending.insert(id, pending);
        }
        result
    }

    /// The calls that end at once.
    fn finish(&mut self, now: Instant, call: &Call) -> Outcome {
        match call {
            Call::Listen { socket, port, backlog } => {
                let backlog = usize::try_from(*backlog).unwrap_or(usize::MAX);
                let options = self.take_options(*socket)?;
                let listener = self.host.listen(now, *port, backlog, &options)?;
                self.sockets.insert(*socket, listener);
                Ok(CallValue::Done)
            }
            Call::Send { socket, data } => self.send(now, *socket, data),
            Call::Fill { socket, offset, count } => {
                let count = usize::try_from((*count).min(MAX_FILL)).unwrap_or(0);
                self.send(now, *socket, &pattern(*offset, count))
            }
            Call::SendUrgent { socket, data } => {
                let socket = self.socket(*socket)?;
                taken(self.host.send_urgent(now, socket, data))
            }
            Call::Shutdown { socket, how } => {
                let how = match how {
                    ShutdownHow::Write => Shutdown::Write,
                    ShutdownHow::Read => Shutdown::Read,
                    ShutdownHow::Both => Shutdown::Both,
                };
                let socket = self.socket(*socket)?;
                self.host.shutdown(now, socket, how)?;
                Ok(CallValue::Done)
            }
            Call::Close { socket } => self.close(now, *socket, Host::close),
            Call::Abort { socket } => self.close(now, *socket, Host::abort),
            Call::State { socket } => {
                let socket = *self.sockets.get(socket).ok_or(SocketError::BadSocket)?;
                Ok(CallValue::State(state(self.host.state(socket)?)))
            }
            Call::Children { listener } => {
                let listener = self.socket(*listener)?;
                let children = self.host.children(listener)?;
                let child = |(peer, of): &(SocketAddr, _)| Child {
                    address: peer.ip(),
                    port: peer.port(),
                    state: state(*of),
                };
                Ok(CallValue::Children(children.iter().map(child).collect()))
            }
            Call::Set { socket, option, value } => self.set(now, *socket, *option, value),
            Call::Udp { socket, port } => {
                self.take_options(*socket)?;
                let bound = self.host.udp_bind(*port)?;
                self.sockets.insert(*socket, bound);
                Ok(CallValue::Done)
            }
            Call::UdpSend { socket, address, port, data } => {
                let socket = self.socket(*socket)?;
                let to = SocketAddr::new(*address, *port);
                self.host.udp_send(now, socket, to, data)?;
                Ok(CallValue::Done)
            }
            Call::Accept { .. } | Call::Connect { .. } | Call::Recv { .. } | Call::UdpRecv { .. } => {
                Err(SocketError::InvalidArgument)
            }
        }
    }

    /// A call that waits: its result, if it can end now.
    fn try_pending(&mut self, now: Instant, call: Pending) -> Option<Outcome> {
        let result = match call {
            Pending::Accept { socket, listener } => self.accept(socket, listener),
            Pending::Connect { socket } => self.socket(socket).and_then(|socket| {
                let local = self.host.connected(socket)?;
                Ok(CallValue::Endpoint(local.ip(), local.port()))
            }),
            Pending::Recv { socket, max } => self.socket(socket).and_then(|socket| {
                let max = usize::try_from(max.min(MAX_RECV)).unwrap_or(0);
                let data = self.host.recv(now, socket, max)?;
                Ok(if data.is_empty() { CallValue::End } else { CallValue::Data(data) })
            }),
            Pending::UdpRecv { socket, max } => self.socket(socket).and_then(|socket| {
                let mut datagram = self.host.udp_recv(socket)?;
                datagram.payload.truncate(usize::try_from(max).unwrap_or(usize::MAX));
                let from = datagram.from;
                Ok(CallValue::Datagram(from.ip(), from.port(), datagram.payload))
            }),
        };
        match result {
            Err(SocketError::WouldBlock) => None,
            result => Some(result),
        }
    }

    fn accept(&mut self, socket: SocketId, listener: SocketId) -> Outcome {
        let listener = self.socket(listener)?;
        let (accepted, peer) = self.host.accept(listener)?;
        self.sockets.insert(socket, accepted);
        Ok(CallValue::Endpoint(peer.ip(), peer.port()))
    }

    fn connect(
        &mut self,
        now: Instant,
        socket: SocketId,
        remote: SocketAddr,
        local_port: Option<u16>,
    ) -> Result<(), SocketError> {
        // RFC 9293 3.10.1, LISTEN STATE: the socket keeps its port and stops listening.
        if let (Ok(open), None) = (self.socket(socket), local_port) {
            return self.host.activate(now, open, Some(remote));
        }
        let options = self.take_options(socket)?;
        let connecting = self.host.connect(now, remote, local_port, &options)?;
        self.sockets.insert(socket, connecting);
        Ok(())
    }

    fn send(&mut self, now: Instant, socket: SocketId, data: &[u8]) -> Outcome {
        let socket = self.socket(socket)?;
        taken(self.host.send(now, socket, data))
    }

    fn close(
        &mut self,
        now: Instant,
        socket: SocketId,
        how: impl FnOnce(&mut Host, Instant, socket::SocketId) -> Result<(), SocketError>,
    ) -> Outcome {
        let open = self.socket(socket)?;
        how(&mut self.host, now, open)?;
        self.closed.insert(socket);
        Ok(CallValue::Done)
    }

    fn set(&mut self, now: Instant, socket: SocketId, name: OptionName, value: &OptionValue) -> Outcome {
        let option = option(name, value)?;
        if self.closed.contains(&socket) {
            return Err(SocketError::BadSocket);
        }
        match self.sockets.get(&socket) {
            Some(open) => self.host.set_option(now, *open, option)?,
            None => self.options.entry(socket).or_default().push(option),
        }
        Ok(CallValue::Done)
    }

    /// The options given to a socket before it came into use.
    fn take_options(&mut self, socket: SocketId) -> Result<Vec<SocketOption>, SocketError> {
        if self.is_used(socket) {
            return Err(SocketError::InvalidArgument);
        }
        Ok(self.options.remove(&socket).unwrap_or_default())
    }

    /// Whether the number names a socket, or did, or will when an accept ends.
    fn is_used(&self, number: SocketId) -> bool {
        let waits = |call: &Pending| matches!(call, Pending::Accept { socket, .. } if *socket == number);
        self.sockets.contains_key(&number) || self.pending.values().any(waits)
    }

    fn socket(&self, socket: SocketId) -> Result<socket::SocketId, SocketError> {
        match self.sockets.get(&socket) {
            Some(open) if !self.closed.contains(&socket) => Ok(*open),
            Some(_) | None => Err(SocketError::BadSocket),
        }
    }
}

impl Default for Reference {
    fn default() -> Self {
        Self::new(Policy::rfc9293())
    }
}

impl Device for Reference {
    fn description(&self) -> &Description {
        &self.description
    }

    fn reset(&mut self, setup: &Setup, out: &mut Output) -> Result<Wake, DeviceError> {
        *self = Self {
            host: Host::new(config(&self.policy, setup)),
            clock: Duration::from_nanos(setup.clock.unwrap_or(0)),
            ..Self::new(self.policy.clone())
        };
        Ok(self.answer(Instant::ZERO, out))
    }

    fn handle_frames(
        &mut self,
        now: Instant,
        frames: &[&[u8]],
        out: &mut Output,
    ) -> Result<Wake, DeviceError> {
        let host_now = self.host_time(now);
        for frame in frames {
            self.host.handle_frame(host_now, frame);
            self.send_frames(host_now, out);
        }
        Ok(self.answer(now, out))
    }

    fn handle_call(
        &mut self,
        now: Instant,
        id: CallId,
        call: &Call,
        out: &mut Output,
    ) -> Result<Wake, DeviceError> {
        let result = self.start(self.host_time(now), id, call);
        if let Some(result) = result {
            out.result(id, result.map_err(errno));
        }
        Ok(self.answer(now, out))
    }

    fn run(&mut self, now: Instant, out: &mut Output) -> Result<Wake, DeviceError> {
        self.host.handle_timeout(self.host_time(now));
        Ok(self.answer(now, out))
    }
}

fn describe(policy: &Policy) -> Description {
    let mut capabilities = Capabilities::default();
    capabilities.insert_words(
        "ipv4 ipv6 listen backlog accept connect send fill urgent recv shutdown:write shutdown:read \
         shutdown:both close abort state children udp errors clock iss",
    );
    for option in OPTIONS {
        capabilities.insert(Capability::Option(option));
    }
    let mut properties = Properties::default();
    properties.set("granularity", policy.granularity);
    // RFC 9293 3.4.2: twice the maximum segment lifetime.
    properties.set("timewait", policy.msl * 2);
    properties.set("rtomin", policy.rto_min);
    properties.set("ackdelay", policy.delayed_ack.unwrap_or(Duration::ZERO));
    Description {
        name: "reference".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        capabilities,
        properties,
    }
}

fn config(policy: &Policy, setup: &Setup) -> Config {
    Config {
        addresses: Addresses {
            mac: MacAddr(setup.mac),
            ipv4: setup.ipv4.into_iter().map(|(address, length)| Prefix { address, length }).collect(),
            ipv6: setup.ipv6.into_iter().map(|(address, length)| Prefix { address, length }).collect(),
        },
        gateways: Gateways { ipv4: setup.gateway, ipv6: setup.gateway6 },
        mtu: usize::try_from(setup.mtu).unwrap_or(usize::MAX),
        policy: policy.clone(),
        seed: setup.seed.unwrap_or(0),
        iss: setup.iss,
    }
}

fn option(name: OptionName, value: &OptionValue) -> Result<SocketOption, SocketError> {
    let number = value.number().ok_or(SocketError::InvalidArgument)?;
    let time = Duration::from_millis(number);
    let switch = || match number {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(SocketError::InvalidArgument),
    };
    let octets = || usize::try_from(number).map_err(|_| SocketError::InvalidArgument);
    match name {
        OptionName::Nodelay => Ok(SocketOption::NoDelay(switch()?)),
        OptionName::Linger => Ok(SocketOption::Linger(time)),
        OptionName::Usertimeout => Ok(SocketOption::UserTimeout(time)),
        OptionName::Mss => Ok(SocketOption::Mss(narrow(number)?)),
        OptionName::Dscp => Ok(SocketOption::Dscp(narrow(number)?)),
        OptionName::Ttl => Ok(SocketOption::HopLimit(narrow(number)?)),
        OptionName::Rcvbuf => Ok(SocketOption::ReceiveBuffer(octets()?)),
        OptionName::Sndbuf => Ok(SocketOption::SendBuffer(octets()?)),
        OptionName::Ackdelay => Ok(SocketOption::AckDelay(time)),
        OptionName::Keepalive
        | OptionName::Keepidle
        | OptionName::Keepinterval
        | OptionName::Keepcount
        | OptionName::Timestamps
        | OptionName::Sack
        | OptionName::Windowscale
        | OptionName::Congestion => Err(SocketError::NotSupported),
    }
}

fn narrow<T: TryFrom<u64>>(number: u64) -> Result<T, SocketError> {
    T::try_from(number).map_err(|_| SocketError::InvalidArgument)
}

/// "Would block" is no failure of `send`: it took nothing.
fn taken(result: Result<usize, SocketError>) -> Outcome {
    match result {
        Ok(count) => Ok(CallValue::Taken(u64::try_from(count).unwrap_or(u64::MAX))),
        Err(SocketError::WouldBlock) => Ok(CallValue::Taken(0)),
        Err(error) => Err(error),
    }
}

fn errno(error: SocketError) -> Errno {
    match error.errno().parse() {
        Ok(errno) => errno,
        Err(infallible) => match infallible {},
    }
}

/// Says why something had no effect: what helps most when a scenario fails.
fn log(what: &What, out: &mut Output) {
    match what {
        What::Discarded(discard) => out.log(format!("discarded: {discard:?}")),
        What::Connection { event: Event::Discarded(reason), .. }
        | What::Listener { event: Event::Discarded(reason), .. } => out.log(format!("discarded: {reason}")),
        What::Connection { .. } | What::Listener { .. } => {}
    }
}

fn state(state: wireproof_reference::tcp::State) -> TcpState {
    // Both lists are the RFC's.
    TcpState::from_name(state.name()).unwrap_or(TcpState::Closed)
}

#[cfg(test)]
mod tests;
