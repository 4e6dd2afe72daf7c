//! A scenario under way: the testbed with its device, the tester's hosts, the device's application.
//!
//! Time passes here and nowhere else. Whatever the device sends ends up in the inbox, once neighbour discovery has
//! been answered; results of calls go to the application.

use core::net::IpAddr;
use std::sync::Arc;

use wireproof_reference::time::{Duration, Instant};
use wireproof_reference::wire::{Content, EtherType, Ethernet, Frame, MacAddr, Packet, Transport};

use super::application::{Application, Follow, Job, Listener};
use super::arrival::{Arrival, Bears};
use super::story;
use super::timing::Timing;
use crate::device::{Call, CallId, CallResult, Capabilities, Profile, Setup, SocketId};
use crate::ethernet::Fate;
use crate::report::IpVersion;
use crate::testbed::{DeviceFinding, Event, FrameId, Testbed, Trace};
use crate::tester::{Connection, Facts, Host, HostId, MAX_HOSTS, neighbour};

/// How often both sides learn each other's address anew, if the device's neighbour cache lives no shorter.
const LEARN_AGAIN: Duration = Duration::from_secs(30);
/// How long the tester asks for the device's address before a scenario begins.
const LEARN_PATIENCE: Duration = Duration::from_secs(10);
/// How long it waits between two questions.
const LEARN_RETRY: Duration = Duration::from_secs(1);

/// A scenario under way.
pub struct Session {
    testbed: Testbed,
    timing: Timing,
    capabilities: Capabilities,
    version: IpVersion,
    device: IpAddr,
    device_mac: Option<MacAddr>,
    hosts: Vec<Host>,
    learn_next: Instant,
    learn_every: Duration,
    /// The device's application.
    pub application: Application,
    inbox: Vec<Arc<Arrival>>,
}

/// Why a session cannot go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Interruption {
    /// The device itself failed.
    Device(DeviceFinding),
    /// It does not tell its Ethernet address.
    Deaf(String),
}

impl core::fmt::Display for Interruption {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Device(finding) => finding.fmt(f),
            Self::Deaf(why) => f.write_str(why),
        }
    }
}

impl Session {
    /// A fresh device on a fresh wire, both sides knowing each other's address.
    ///
    /// # Errors
    /// If the device fails, or does not answer ARP or neighbour solicitations.
    pub fn start(
        mut testbed: Testbed,
        setup: &Setup,
        version: IpVersion,
        profile: &Profile,
    ) -> Result<Self, (Box<Testbed>, Interruption)> {
        let device = match version {
            IpVersion::Ipv4 => setup.ipv4.map(|(address, _)| IpAddr::V4(address)),
            IpVersion::Ipv6 => setup.ipv6.map(|(address, _)| IpAddr::V6(address)),
        };
        let Some(device) = device else {
            return Err((
                Box::new(testbed),
                Interruption::Deaf(format!("the device has no {version} address")),
            ));
        };
        if let Err(finding) = testbed.reset(setup) {
            return Err((Box::new(testbed), Interruption::Device(finding)));
        }
        let description = testbed.description().clone();
        let life = description.properties.neighbour();
        let mut session = Self {
            testbed,
            timing: profile.timing(&description),
            capabilities: profile.capabilities(&description),
            version,
            device,
            device_mac: None,
            hosts: vec![Host::numbered(0)],
            learn_next: Instant::ZERO,
            learn_every: life
                .map_or(LEARN_AGAIN, |life| LEARN_AGAIN.min(life / 2))
                .max(Duration::from_millis(1)),
            application: Application::default(),
            inbox: Vec::new(),
        };
        match session.learn() {
            Ok(()) => Ok(session),
            Err(Interruption::Deaf(why)) => {
                let why = why + &story::last_words(&session);
                Err((Box::new(session.testbed), Interruption::Deaf(why)))
            }
            Err(interruption) => Err((Box::new(session.testbed), interruption)),
        }
    }

    /// The present.
    pub fn now(&self) -> Instant {
        self.testbed.now()
    }

    /// The values of the device's profile.
    pub const fn timing(&self) -> &Timing {
        &self.timing
    }

    /// What the device can do.
    pub const fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// The version of IP.
    pub const fn version(&self) -> IpVersion {
        self.version
    }

    /// The device's address.
    pub const fn device(&self) -> IpAddr {
        self.device
    }

    /// The address of one of the tester's hosts.
    pub fn address(&self, host: HostId) -> IpAddr {
        self.hosts
            .get(host)
            .map_or_else(|| Host::numbered(host).address(self.version), |host| host.address(self.version))
    }

    /// The testbed, for its trace and description.
    pub const fn testbed(&self) -> &Testbed {
        &self.testbed
    }

    /// Ends the session.
    pub fn into_testbed(self) -> Testbed {
        self.testbed
    }

    /// Takes the trace away.
    pub fn take_trace(&mut self) -> Trace {
        self.testbed.take_trace()
    }

    /// Another host that the tester plays, both sides knowing each other; with an address of its own if one is given.
    /// None if there are [`MAX_HOSTS`].
    ///
    /// # Errors
    /// If the device fails.
    pub fn add_host(&mut self, address: Option<IpAddr>) -> Result<Option<HostId>, Interruption> {
        if self.hosts.len() >= MAX_HOSTS {
            return Ok(None);
        }
        let mut host = Host::numbered(self.hosts.len());
        match address {
            Some(IpAddr::V4(address)) => host.ipv4 = address,
            Some(IpAddr::V6(address)) => host.ipv6 = address,
            None => {}
        }
        self.hosts.push(host);
        self.ask_for_device();
        self.settle()?;
        Ok(Some(self.hosts.len() - 1))
    }

    /// What the device has sent since this was asked last.
    pub fn take_inbox(&mut self) -> Vec<Arc<Arrival>> {
        std::mem::take(&mut self.inbox)
    }

    /// Lets everything happen that is due at this instant.
    ///
    /// # Errors
    /// If the device fails.
    pub fn settle(&mut self) -> Result<(), Interruption> {
        loop {
            let now = self.now();
            while let Some(event) = self.testbed.next_event(now) {
                self.handle(event)?;
            }
            if !self.offer_again()? {
                return Ok(());
            }
        }
    }

    /// Lets time pass until something happens, at the latest until `until`; then everything that is due.
    ///
    /// # Errors
    /// If the device fails.
    pub fn advance(&mut self, until: Instant) -> Result<(), Interruption> {
        loop {
            let stop = until.min(self.learn_next);
            if let Some(event) = self.testbed.next_event(stop) {
                self.handle(event)?;
                return self.settle();
            }
            if let Some(finding) = self.testbed.finding() {
                return Err(Interruption::Device(finding.clone()));
            }
            if self.now() >= self.learn_next {
                self.learn_next = self.now() + self.learn_every;
                self.ask_for_device();
            }
            if stop == until {
                return self.settle();
            }
        }
    }

    /// Puts an IP packet on the wire, from one of the tester's hosts.
    pub fn transmit(&mut self, host: HostId, packet: &[u8], is_lost: bool) {
        let source = self.hosts.get(host).copied().unwrap_or_else(|| Host::numbered(host));
        let to = packet_destination(packet).map_or(self.device, |to| to);
        let ethertype = match self.version {
            IpVersion::Ipv4 => EtherType::IPV4,
            IpVersion::Ipv6 => EtherType::IPV6,
        };
        let ethernet = Ethernet::new(source.mac, self.link_destination(to), ethertype);
        let mut frame = vec![0; ethernet.wire_len()];
        // The room is just right.
        let _ = ethernet.emit(&mut frame);
        frame.extend_from_slice(packet);
        self.testbed.transmit(&frame, if is_lost { Fate::Lost } else { Fate::Delivered });
    }

    /// The wire lost a frame that the device sent.
    pub fn lose(&mut self, number: FrameId) {
        self.testbed.set_fate(number, Fate::Lost);
    }

    /// Notes beside a frame which row took it.
    pub fn annotate(&mut self, number: FrameId, note: String) {
        self.testbed.annotate(number, note);
    }

    /// Whether something of the device may be this connection's.
    pub fn may_belong(&self, arrival: &Arrival, connection: &Connection) -> bool {
        arrival.may_belong_to(connection, self.address(connection.host))
    }

    /// The application listens, and accepts at once.
    ///
    /// # Errors
    /// If the device fails. How the call itself ended is the value.
    pub fn listen(&mut self, port: u16, backlog: u32) -> Result<Option<CallResult>, Interruption> {
        let socket = self.application.new_socket();
        let result = self.ask(Call::Listen { socket, port, backlog })?;
        if matches!(result, Some(Ok(_))) {
            self.listening(socket, port)?;
        }
        Ok(result)
    }

    /// A socket listens: the application accepts at once.
    ///
    /// # Errors
    /// If the device fails.
    pub fn listening(&mut self, socket: SocketId, port: u16) -> Result<(), Interruption> {
        self.application.add_listener(Listener { socket, port });
        self.accept(socket);
        self.settle()
    }

    /// Makes a call whose result no row awaits, and gives its result if it ends at once.
    ///
    /// # Errors
    /// If the device fails.
    pub fn ask(&mut self, call: Call) -> Result<Option<CallResult>, Interruption> {
        let id = self.testbed.call(call.clone());
        self.application.asked(id, call);
        self.settle()?;
        Ok(self.application.take_result(id).map(|(_, result)| result))
    }

    /// Makes a row's call; its result ends up with the application.
    ///
    /// # Errors
    /// If the device fails.
    pub fn call(&mut self, connection: &str, call: Call) -> Result<CallId, Interruption> {
        let id = self.testbed.call(call.clone());
        self.application.called(id, call, connection);
        self.settle()?;
        Ok(id)
    }

    fn accept(&mut self, listener: SocketId) {
        let socket = self.application.new_socket();
        let call = Call::Accept { socket, listener };
        let id = self.testbed.call(call.clone());
        self.application.accepting(id, call, socket, listener);
    }

    /// Offers sockets again what they did not take. True if one took some.
    fn offer_again(&mut self) -> Result<bool, Interruption> {
        let mut moved = false;
        for (connection, job) in self.application.take_jobs() {
            let Some(socket) = self.application.socket(&connection) else { continue };
            let before = job.clone();
            let call = match job {
                Job::Fill(offset, count) => Call::Fill { socket, offset, count },
                Job::Send(data) => Call::Send { socket, data },
                Job::Call(call) => call,
            };
            let id = self.testbed.call(call.clone());
            self.application.offered(id, call, &connection);
            let now = self.now();
            while let Some(event) = self.testbed.next_event(now) {
                self.handle(event)?;
            }
            moved |= self.application.first_job(&connection) != Some(&before);
        }
        Ok(moved)
    }

    fn handle(&mut self, event: Event) -> Result<(), Interruption> {
        match event {
            Event::Frame { id, time, octets } => self.handle_frame(id, time, &octets),
            Event::Result { id, time, result } => {
                if let Follow::AcceptAgain(listener) = self.application.ended_call(id, time, result) {
                    self.accept(listener);
                }
            }
            Event::DeviceFailed(finding) => return Err(Interruption::Device(finding)),
        }
        Ok(())
    }

    fn handle_frame(&mut self, number: FrameId, time: Instant, octets: &[u8]) {
        let unspecified = IpAddr::V4([0; 4].into());
        let (packet, source, destination, bears, flaw) = match Frame::parse(octets) {
            Err(_) => (octets, unspecified, unspecified, Bears::Other, Some("it cannot be read")),
            Ok(frame) => {
                if self.is_housekeeping(&frame) {
                    return;
                }
                let Content::Ip(packet) = &frame.content else { return };
                let Some(bears) = bears(packet) else { return };
                let flaw = self.flaw(&frame.ethernet, packet);
                // Behind the Ethernet header stands the packet.
                let behind = octets.get(frame.ethernet.wire_len()..).unwrap_or_default();
                (behind, packet.ip.source(), packet.ip.destination(), bears, flaw)
            }
        };
        let packet = packet.into();
        let arrival = Arrival { time, number, packet, source, destination, bears, flaw, is_rest: false };
        self.inbox.push(Arc::new(arrival));
    }

    /// What neighbours have to tell each other is no row: it is learned from, and answered.
    fn is_housekeeping(&mut self, frame: &Frame<'_>) -> bool {
        if let Some((address, mac)) = neighbour::told(frame)
            && address == self.device
        {
            self.device_mac = Some(mac);
        }
        if let Some(answer) = neighbour::answer(&self.hosts, frame) {
            self.testbed.transmit(&answer, Fate::Delivered);
        }
        neighbour::is_housekeeping(frame)
    }

    /// Why an honest host would not take a packet.
    fn flaw(&self, ethernet: &Ethernet, packet: &Packet<'_>) -> Option<&'static str> {
        let host = self.hosts.iter().find(|host| host.address(self.version) == packet.ip.destination());
        match host {
            Some(host) if host.mac != ethernet.destination => {
                Some("its frame is for another Ethernet address")
            }
            _ if !packet.checksums().are_right() => Some("a checksum is wrong"),
            Some(_) | None => None,
        }
    }

    /// Asks until the device has told its address.
    fn learn(&mut self) -> Result<(), Interruption> {
        let last = self.now() + LEARN_PATIENCE;
        self.settle()?;
        loop {
            self.ask_for_device();
            self.settle()?;
            if self.device_mac.is_some() {
                self.learn_next = self.now() + self.learn_every;
                return Ok(());
            }
            let retry = self.now() + LEARN_RETRY;
            if retry > last {
                let (device, span) = (self.device, LEARN_PATIENCE);
                let why = format!(
                    "the device does not tell the Ethernet address of {device} when asked for {span}"
                );
                return Err(Interruption::Deaf(why));
            }
            self.learn_next = retry;
            while self.now() < retry && self.device_mac.is_none() {
                self.advance(retry)?;
            }
        }
    }

    fn ask_for_device(&mut self) {
        for host in &self.hosts {
            let question = neighbour::solicitation(host, self.device);
            self.testbed.transmit(&question, Fate::Delivered);
        }
    }

    /// The Ethernet address for an IP destination: the device's, or a group's.
    fn link_destination(&self, to: IpAddr) -> MacAddr {
        match to {
            IpAddr::V4(to) if to.is_multicast() => MacAddr::from_ipv4_multicast(to),
            IpAddr::V6(to) if to.is_multicast() => MacAddr::from_ipv6_multicast(to),
            // The broadcast addresses of the link: limited, and that of its /24.
            IpAddr::V4(to) if to.is_broadcast() || to.octets()[3] == 255 => MacAddr::BROADCAST,
            IpAddr::V4(_) | IpAddr::V6(_) => self.device_mac.unwrap_or(MacAddr::BROADCAST),
        }
    }
}

fn packet_destination(packet: &[u8]) -> Option<IpAddr> {
    match packet.first()? >> 4 {
        4 => packet.get(16..20)?.first_chunk::<4>().map(|octets| IpAddr::from(*octets)),
        6 => packet.get(24..40)?.first_chunk::<16>().map(|octets| IpAddr::from(*octets)),
        _ => None,
    }
}

/// What a row could speak of; UDP is none of it.
fn bears(packet: &Packet<'_>) -> Option<Bears> {
    match &packet.transport {
        Transport::Tcp(tcp) => Some(Bears::Tcp {
            source_port: tcp.source_port,
            destination_port: tcp.destination_port,
            facts: Facts::of(tcp),
        }),
        Transport::Icmpv4(_) | Transport::Icmpv6(_) => Some(Bears::Icmp),
        Transport::Udp(_) => None,
        Transport::Fragment { .. } | Transport::Unreadable { .. } | Transport::Other { .. } => {
            Some(Bears::Other)
        }
    }
}
