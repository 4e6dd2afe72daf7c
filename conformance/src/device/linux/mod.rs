//! The kernel's own stack, live: in a network namespace that has nothing but a loopback and a TAP device.
//!
//! The harness holds the TAP device's other end and makes the socket calls itself, as packetdrill does. Each reset gives the
//! calling thread a new namespace: a fresh stack. The machine's real network devices are in another one, out of reach.
//! It runs the same on a machine ([`enter`] first, while the process has one thread) and as root inside of a User Mode Linux.
//!
//! | room | what |
//! |---|---|
//! | `namespace` | network namespaces and their sysctls |
//! | `tap` | the wire: a TAP device |
//! | `netlink` | addresses and routes |
//! | `sockets` | the application's calls, by the device protocol's table |
//! | `options` | socket options |
//! | `table` | states, from the kernel's own table of connections |
//! | `errno` | why a call failed |

mod errno;
mod namespace;
mod netlink;
mod options;
mod sockets;
mod table;
mod tap;

pub use namespace::enter;

use std::io;
use std::net::IpAddr;
use std::os::fd::{AsFd as _, BorrowedFd};

use self::netlink::{LOOPBACK, Link, Rtnetlink};
use self::sockets::Sockets;
use self::tap::Tap;
use super::call::{Call, CallId, CallResult, OptionName};
use super::capability::{Capabilities, Capability, Description, Properties};
use super::error::DeviceError;
use super::live::{Interest, LiveDevice};
use super::profile::Profile;
use super::setup::Setup;

/// The name that `--device` takes.
pub const NAME: &str = "linux";

/// What every namespace is told before its TAP device is there, besides what the profile says: no word about IPv6 that nobody
/// asked for, and addresses that hold at once.
const QUIET: [(&str, &str); 4] = [
    ("net.ipv6.conf.default.disable_ipv6", "0"),
    ("net.ipv6.conf.default.accept_dad", "0"),
    ("net.ipv6.conf.default.accept_ra", "0"),
    ("net.ipv6.conf.default.router_solicitations", "0"),
];

/// What cannot always be set for a namespace, but for each socket of it.
const CONGESTION: &str = "net.ipv4.tcp_congestion_control";

/// What the kernel and its sockets can do.
const CAPABILITIES: [Capability; 17] = [
    Capability::Ipv4,
    Capability::Ipv6,
    Capability::Listen,
    Capability::Backlog,
    Capability::Accept,
    Capability::Connect,
    Capability::Send,
    Capability::Fill,
    Capability::Urgent,
    Capability::Recv,
    Capability::ShutdownWrite,
    Capability::ShutdownRead,
    Capability::ShutdownBoth,
    Capability::Close,
    Capability::Abort,
    Capability::Udp,
    Capability::Errors,
];
/// The same, of what is read from the kernel's tables.
const TABLES: [Capability; 2] = [Capability::State, Capability::Children];

/// A stack of the kernel that this program runs on.
pub struct Linux {
    description: Description,
    sysctls: Vec<(String, String)>,
    stack: Option<Stack>,
}

/// What there is between two resets.
struct Stack {
    // Sockets go first: what they say when they are closed stays on the wire.
    sockets: Sockets,
    tap: Tap,
}

impl Linux {
    /// The kernel's stack with the sysctls of a profile. Nothing is done before the reset.
    pub fn new(profile: &Profile) -> Self {
        let version = rustix::system::uname().release().to_string_lossy().into_owned();
        let options = OptionName::ALL.into_iter().filter(options::is_known).map(Capability::Option);
        let capabilities: Capabilities = CAPABILITIES.into_iter().chain(TABLES).chain(options).collect();
        let description =
            Description { name: NAME.to_owned(), version, capabilities, properties: Properties::default() };
        Self { description, sysctls: profile.sysctls().to_vec(), stack: None }
    }
}

impl Stack {
    /// A fresh stack in a new namespace of the calling thread.
    fn new(setup: &Setup, sysctls: &[(String, String)]) -> Result<Self, DeviceError> {
        done("unshare of the network", namespace::renew())?;
        let own = sysctls.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let mut congestion = None;
        for (name, value) in QUIET.into_iter().chain(own) {
            match namespace::write_sysctl(name, value) {
                // Which one is the default only the machine's own namespace may say, for most of them.
                Err(error) if name == CONGESTION && error.kind() == io::ErrorKind::PermissionDenied => {
                    congestion = Some(value.to_owned());
                }
                // A kernel that does not know it has nothing to be told.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                outcome => done(&format!("sysctl {name}={value}"), outcome)?,
            }
        }
        let tap = done("a TAP device", Tap::open())?;
        done("the TAP device's addresses and routes", configure(setup))?;
        Ok(Self { tap, sockets: Sockets::with_congestion(congestion) })
    }
}

/// Addresses and routes of the TAP device.
fn configure(setup: &Setup) -> io::Result<()> {
    let mut netlink = Rtnetlink::open()?;
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::DGRAM, None)?;
    let tap = rustix::net::netdevice::name_to_index(&socket, tap::NAME)?;
    netlink.set_up(LOOPBACK, Link::default())?;
    netlink.set_up(tap, Link { mac: Some(setup.mac), mtu: Some(setup.mtu) })?;
    if let Some((address, prefix)) = setup.ipv4 {
        netlink.add_address(tap, address.into(), prefix)?;
    }
    if let Some((address, prefix)) = setup.ipv6 {
        netlink.add_address_and_wait(tap, address.into(), prefix)?;
    }
    for gateway in [setup.gateway.map(IpAddr::V4), setup.gateway6.map(IpAddr::V6)].into_iter().flatten() {
        netlink.add_default_route(tap, gateway)?;
    }
    Ok(())
}

/// What cannot be done is the machine's affair: it says nothing about the stack.
fn done<T>(what: &str, outcome: io::Result<T>) -> Result<T, DeviceError> {
    outcome.map_err(|error| DeviceError::Environment {
        tried: format!("cannot have a stack of the kernel: {what}: {error}"),
        to_do: "see whether namespaces, open files (`ulimit -n`) or memory have run out, or run fewer scenarios at once \
                (--jobs)"
            .to_owned(),
    })
}

impl LiveDevice for Linux {
    fn description(&self) -> &Description {
        &self.description
    }

    fn reset(&mut self, setup: &Setup) -> Result<(), DeviceError> {
        self.stack = None;
        self.stack = Some(Stack::new(setup, &self.sysctls)?);
        Ok(())
    }

    fn handle_frame(&mut self, frame: &[u8]) -> Result<(), DeviceError> {
        let Some(stack) = &self.stack else { return Ok(()) };
        done("a frame for the TAP device", stack.tap.write(frame))
    }

    fn poll_frame(&mut self) -> Result<Option<Vec<u8>>, DeviceError> {
        let Some(stack) = &mut self.stack else { return Ok(None) };
        done("a frame of the TAP device", stack.tap.read())
    }

    fn handle_call(&mut self, id: CallId, call: &Call) -> Option<CallResult> {
        self.stack.as_mut()?.sockets.call(id, call)
    }

    fn poll_results(&mut self, ended: &mut Vec<(CallId, CallResult)>) {
        if let Some(stack) = &mut self.stack {
            stack.sockets.poll_results(ended);
        }
    }

    fn descriptors(&self) -> Vec<(BorrowedFd<'_>, Interest)> {
        let Some(stack) = &self.stack else { return Vec::new() };
        let mut descriptors = vec![(stack.tap.as_fd(), Interest::Readable)];
        stack.sockets.descriptors(&mut descriptors);
        descriptors
    }
}

#[cfg(test)]
mod tests;
