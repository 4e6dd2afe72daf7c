//! Network devices, addresses and routes of the thread's namespace, by rtnetlink(7).

use core::net::IpAddr;
use std::io;

use netlink_packet_core::{
    NLM_F_ACK, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REQUEST, NetlinkHeader, NetlinkMessage, NetlinkPayload,
};
use netlink_packet_route::address::{
    AddressAttribute, AddressFlags, AddressHeaderFlags, AddressMessage, AddressScope,
};
use netlink_packet_route::link::{LinkAttribute, LinkFlags, LinkMessage};
use netlink_packet_route::route::{
    RouteAttribute, RouteHeader, RouteMessage, RouteProtocol, RouteScope, RouteType,
};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};
use netlink_sys::{Socket, SocketAddr, protocols::NETLINK_ROUTE};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// The most octets of an answer; an acknowledgment has 36 and what it answers.
const ANSWER: usize = 4_096;
/// `linux/rtnetlink.h`: RTNLGRP_IPV6_ROUTE, news about routes.
const ROUTES_V6: u32 = 11;
/// How long the kernel may take to notice an address of its own; it takes less than a millisecond.
const PATIENCE: Timespec = Timespec { tv_sec: 10, tv_nsec: 0 };
/// The loopback device is the first of every namespace.
pub(super) const LOOPBACK: u32 = 1;

/// A conversation with the kernel about one namespace: that of the thread that opened it.
pub(super) struct Rtnetlink {
    socket: Socket,
}

/// How a network device is to be.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Link {
    pub(super) mac: Option<[u8; 6]>,
    pub(super) mtu: Option<u32>,
}

impl Rtnetlink {
    pub(super) fn open() -> io::Result<Self> {
        let mut socket = Socket::new(NETLINK_ROUTE)?;
        socket.bind_auto()?;
        socket.connect(&SocketAddr::new(0, 0))?;
        Ok(Self { socket })
    }

    /// Gives a device its Ethernet address and MTU and switches it on.
    pub(super) fn set_up(&mut self, index: u32, link: Link) -> io::Result<()> {
        let mut message = LinkMessage::default();
        message.header.index = index;
        message.attributes.extend(link.mac.map(|mac| LinkAttribute::Address(mac.to_vec())));
        message.attributes.extend(link.mtu.map(LinkAttribute::Mtu));
        message.header.flags = LinkFlags::Up;
        message.header.change_mask = LinkFlags::Up;
        self.ask(RouteNetlinkMessage::SetLink(message), 0)
    }

    /// Gives a device an IP address; IPv6 ones at once, without asking whether somebody else has it.
    pub(super) fn add_address(&mut self, index: u32, address: IpAddr, prefix: u8) -> io::Result<()> {
        let mut message = AddressMessage::default();
        message.header.family = family(address);
        message.header.prefix_len = prefix;
        message.header.index = index;
        message.header.scope = AddressScope::Universe;
        message.attributes.push(AddressAttribute::Address(address));
        message.attributes.push(AddressAttribute::Local(address));
        match address {
            IpAddr::V4(address) => {
                // The broadcast address of its net, as every configuration tool sets it.
                let hosts = u32::MAX.checked_shr(prefix.into()).unwrap_or(0);
                let broadcast = (u32::from(address) | hosts).into();
                message.attributes.push(AddressAttribute::Broadcast(broadcast));
            }
            IpAddr::V6(_) => {
                message.header.flags = AddressHeaderFlags::Nodad;
                message.attributes.push(AddressAttribute::Flags(AddressFlags::Nodad));
            }
        }
        self.ask(RouteNetlinkMessage::NewAddress(message), NLM_F_CREATE | NLM_F_EXCL)
    }

    /// Gives a device an IP address of which the kernel takes notice by and by, and waits until it has.
    pub(super) fn add_address_and_wait(&mut self, index: u32, address: IpAddr, prefix: u8) -> io::Result<()> {
        let routes = Self::open()?;
        routes.socket.add_membership(ROUTES_V6)?;
        self.add_address(index, address, prefix)?;
        loop {
            let mut polled = [PollFd::new(&routes.socket, PollFlags::IN)];
            if poll(&mut polled, Some(&PATIENCE))? == 0 {
                let message = format!("the kernel has no route to its own address {address} yet");
                return Err(io::Error::new(io::ErrorKind::TimedOut, message));
            }
            let (news, _) = routes.socket.recv_from_full()?;
            if is_route_to(&news, address) {
                return Ok(());
            }
        }
    }

    /// Sends what has no better route to this router.
    pub(super) fn add_default_route(&mut self, index: u32, gateway: IpAddr) -> io::Result<()> {
        let mut message = RouteMessage::default();
        message.header.address_family = family(gateway);
        message.header.table = RouteHeader::RT_TABLE_MAIN;
        message.header.protocol = RouteProtocol::Static;
        message.header.scope = RouteScope::Universe;
        message.header.kind = RouteType::Unicast;
        message.attributes.push(RouteAttribute::Gateway(gateway.into()));
        message.attributes.push(RouteAttribute::Oif(index));
        self.ask(RouteNetlinkMessage::NewRoute(message), NLM_F_CREATE | NLM_F_EXCL)
    }

    /// Asks for something and reads the acknowledgment.
    fn ask(&mut self, message: RouteNetlinkMessage, flags: u16) -> io::Result<()> {
        let mut header = NetlinkHeader::default();
        header.flags = NLM_F_REQUEST | NLM_F_ACK | flags;
        let mut message = NetlinkMessage::new(header, NetlinkPayload::from(message));
        message.finalize();
        let mut octets = vec![0; message.buffer_len()];
        message.serialize(&mut octets);
        self.socket.send(&octets, 0)?;
        let mut answer = vec![0; ANSWER];
        let len = self.socket.recv(&mut answer.as_mut_slice(), 0)?;
        let answer = answer.get(..len).unwrap_or_default();
        match NetlinkMessage::<RouteNetlinkMessage>::deserialize(answer).map(|answer| answer.payload) {
            Ok(NetlinkPayload::Error(error)) if error.code.is_none() => Ok(()),
            Ok(NetlinkPayload::Error(error)) => Err(error.to_io()),
            Ok(_) => Err(io::Error::new(io::ErrorKind::InvalidData, "no acknowledgment of rtnetlink")),
            Err(error) => Err(io::Error::new(io::ErrorKind::InvalidData, error.to_string())),
        }
    }
}

/// Whether the kernel tells that it takes packets for that address now.
fn is_route_to(news: &[u8], address: IpAddr) -> bool {
    let Ok(news) = NetlinkMessage::<RouteNetlinkMessage>::deserialize(news) else { return false };
    let NetlinkPayload::InnerMessage(RouteNetlinkMessage::NewRoute(route)) = news.payload else {
        return false;
    };
    route.header.kind == RouteType::Local
        && route.attributes.contains(&RouteAttribute::Destination(address.into()))
}

const fn family(address: IpAddr) -> AddressFamily {
    match address {
        IpAddr::V4(_) => AddressFamily::Inet,
        IpAddr::V6(_) => AddressFamily::Inet6,
    }
}
