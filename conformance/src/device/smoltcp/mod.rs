//! smoltcp 0.14 in this process as a device under test: a stack that nobody here wrote.
//!
//! Ethernet, IPv4 and IPv6, TCP, in virtual time. Frames go out exactly as the stack emits them; nothing here mends
//! what it does. What it lacks and every application on it must bring along is brought along as its own examples do:
//! a listener is a pool of listening sockets (`sockets`), local ports for active opens are drawn from the seed.
//!
//! Its own affairs, from its source (`socket/tcp.rs`, `iface/neighbor.rs`): initial and least RTO 1 s, most 60 s;
//! delayed ACK 10 ms; TIME-WAIT 10 s; no limit to retransmissions unless a user timeout is set; a neighbour is
//! remembered for 60 s. It does not tell why a connection ended, so the capability `errors` is not claimed.

mod options;
mod phy;
mod sockets;

use super::{
    Call, CallId, CallResult, CallValue, Capabilities, Capability, Description, Device, DeviceError, Errno,
    OptionName, Output, Properties, Setup, Wake,
};
use phy::Queue;
use smoltcp::iface::{Config, Interface};
use smoltcp::time::Instant as StackInstant;
use smoltcp::wire::{EthernetAddress, HardwareAddress, IpAddress, IpCidr};
use sockets::Sockets;
use wireproof_reference::random::Random;
use wireproof_reference::time::{Duration, Instant};

/// The version that `Cargo.lock` holds.
const VERSION: &str = "0.14.0";
/// Octets of an Ethernet II header.
const ETHERNET_HEADER: usize = 14;
/// The least MTU of a link that bears IPv6 is 1280; IPv4 alone does with 68 (RFC 791). Less is no link.
const LEAST_MTU: u32 = 68;

/// The device `smoltcp`.
pub struct Smoltcp {
    description: Description,
    stack: Option<Stack>,
}

/// A stack between two resets.
struct Stack {
    interface: Interface,
    phy: Queue,
    sockets: Sockets,
}

impl Default for Smoltcp {
    fn default() -> Self {
        Self { description: describe(), stack: None }
    }
}

fn describe() -> Description {
    let mut capabilities = Capabilities::default();
    capabilities.insert_words(
        "ipv4 ipv6 listen accept connect send fill recv shutdown:write close close:half abort state children",
    );
    for option in [
        OptionName::Nodelay,
        OptionName::Keepalive,
        OptionName::Keepidle,
        OptionName::Usertimeout,
        OptionName::Ackdelay,
        OptionName::Timestamps,
        OptionName::Rcvbuf,
        OptionName::Sndbuf,
        OptionName::Ttl,
    ] {
        capabilities.insert(Capability::Option(option));
    }
    let mut properties = Properties::default();
    // Round-trip times are measured in whole milliseconds.
    properties.set("granularity", Duration::from_millis(1));
    // CLOSE_DELAY, RTTE_MIN_RTO, RTTE_MAX_RTO, ACK_DELAY_DEFAULT, Cache::ENTRY_LIFETIME.
    properties.set("timewait", Duration::from_secs(10));
    properties.set("rtomin", Duration::from_secs(1));
    properties.set("rtomax", Duration::from_secs(60));
    properties.set("ackdelay", Duration::from_millis(10));
    properties.set("neighbour", Duration::from_secs(60));
    Description { name: "smoltcp".to_owned(), version: VERSION.to_owned(), capabilities, properties }
}

impl Device for Smoltcp {
    fn description(&self) -> &Description {
        &self.description
    }

    fn reset(&mut self, setup: &Setup, out: &mut Output) -> Result<Wake, DeviceError> {
        // MAC addresses with the group bit belong to nobody; smoltcp panics on them.
        if setup.mac[0] & 1 == 1 || setup.mtu < LEAST_MTU {
            let message = format!("expected a unicast mac and an mtu of at least {LEAST_MTU}");
            return Err(DeviceError::Refused { request: format!("reset {setup}"), message });
        }
        let stack = self.stack.insert(Stack::new(setup)?);
        Ok(stack.progress(Instant::ZERO, out))
    }

    fn handle_frames(
        &mut self,
        now: Instant,
        frames: &[&[u8]],
        out: &mut Output,
    ) -> Result<Wake, DeviceError> {
        let stack = self.stack()?;
        stack.phy.receive_all(frames);
        Ok(stack.progress(now, out))
    }

    fn handle_call(
        &mut self,
        now: Instant,
        id: CallId,
        call: &Call,
        out: &mut Output,
    ) -> Result<Wake, DeviceError> {
        let stack = self.stack()?;
        if let Some(result) = stack.call(now, id, call, out) {
            out.result(id, result);
        }
        Ok(stack.progress(now, out))
    }

    fn run(&mut self, now: Instant, out: &mut Output) -> Result<Wake, DeviceError> {
        Ok(self.stack()?.progress(now, out))
    }
}

impl Smoltcp {
    fn stack(&mut self) -> Result<&mut Stack, DeviceError> {
        self.stack.as_mut().ok_or_else(|| DeviceError::Protocol {
            found: "a request before the first reset".to_owned(),
            expected: "reset first".to_owned(),
        })
    }
}

impl Stack {
    fn new(setup: &Setup) -> Result<Self, DeviceError> {
        let mut phy = Queue::new(setup.mtu as usize + ETHERNET_HEADER);
        let mut config = Config::new(HardwareAddress::Ethernet(EthernetAddress(setup.mac)));
        // Without a seed: its own default, 0.
        config.random_seed = setup.seed.unwrap_or_default();
        let mut interface = Interface::new(config, &mut phy, StackInstant::ZERO);
        let ipv4 = setup.ipv4.map(|(address, prefix)| IpCidr::new(IpAddress::Ipv4(address), prefix));
        let ipv6 = setup.ipv6.map(|(address, prefix)| IpCidr::new(IpAddress::Ipv6(address), prefix));
        let mut full = false;
        interface.update_ip_addrs(|addresses| {
            full = ipv4.into_iter().chain(ipv6).any(|address| addresses.push(address).is_err());
        });
        if let Some(gateway) = setup.gateway {
            full |= interface.routes_mut().add_default_ipv4_route(gateway).is_err();
        }
        if let Some(gateway) = setup.gateway6 {
            full |= interface.routes_mut().add_default_ipv6_route(gateway).is_err();
        }
        if full {
            let message = "its tables of addresses and routes are too small".to_owned();
            return Err(DeviceError::Refused { request: format!("reset {setup}"), message });
        }
        let ports = Random::new(setup.seed.unwrap_or_default()).fork("ephemeral ports");
        Ok(Self { interface, phy, sockets: Sockets::new(ports) })
    }

    /// Lets the stack run until it has nothing more to do, ends the calls that can end.
    fn progress(&mut self, now: Instant, out: &mut Output) -> Wake {
        let stack_now = stack_instant(now);
        options::set_timestamp_clock(stack_now);
        loop {
            self.interface.poll(stack_now, &mut self.phy, &mut self.sockets.set);
            self.phy.take_sent().for_each(|frame| out.frame(frame));
            let has_moved = self.sockets.finish_calls(out);
            self.sockets.tidy();
            // What an application takes can open a window: the stack has its say again.
            if !has_moved {
                break;
            }
        }
        match self.interface.poll_at(stack_now, &self.sockets.set) {
            None => Wake::Never,
            Some(wake) if wake <= stack_now => Wake::Now,
            Some(wake) => {
                Wake::At(Instant::from_nanos(wake.total_micros().unsigned_abs().saturating_mul(1_000)))
            }
        }
    }

    /// Makes a call; `None` if its result comes later.
    fn call(&mut self, now: Instant, id: CallId, call: &Call, out: &mut Output) -> Option<CallResult> {
        let sockets = &mut self.sockets;
        let done = |outcome: Result<(), Errno>| Some(outcome.map(|()| CallValue::Done));
        match call {
            Call::Listen { socket, port, backlog } => done(sockets.listen(*socket, *port, *backlog)),
            Call::Accept { socket, listener } => sockets.accept(id, *socket, *listener),
            Call::Connect { socket, address, port, local_port } => {
                options::set_timestamp_clock(stack_instant(now));
                let context = self.interface.context();
                sockets.connect(id, *socket, context, (*address, *port), *local_port)
            }
            Call::Send { socket, data } => Some(sockets.send(*socket, data)),
            Call::Fill { socket, offset, count } => Some(sockets.fill(*socket, *offset, *count)),
            Call::Recv { socket, max } => sockets.recv(id, *socket, *max),
            Call::Shutdown { socket, how } => done(sockets.shutdown(*socket, *how)),
            Call::Close { socket } => done(sockets.close(*socket, out)),
            Call::Abort { socket } => done(sockets.abort(*socket, out)),
            Call::State { socket } => Some(sockets.state(*socket).map(CallValue::State)),
            Call::Children { listener } => Some(sockets.children(*listener).map(CallValue::Children)),
            Call::Set { socket, option, value } => done(sockets.set_option(*socket, *option, value)),
            Call::SendUrgent { .. } | Call::Udp { .. } | Call::UdpSend { .. } | Call::UdpRecv { .. } => {
                Some(Err(Errno::ENOTSUP))
            }
        }
    }
}

/// The stack counts in microseconds; a clock that is read between two of them shows the earlier.
fn stack_instant(now: Instant) -> StackInstant {
    let micros = i64::try_from(now.as_nanos() / 1_000).unwrap_or(i64::MAX);
    StackInstant::from_micros(micros)
}

#[cfg(test)]
mod tests;
