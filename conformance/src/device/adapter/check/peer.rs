//! The tester's end of a TCP connection, as simple as can be: it sends what it is told to and believes what it gets.

use crate::device::Setup;
use crate::tester::Host;
use core::net::IpAddr;
use wireproof_reference::wire::{
    Content, EtherType, Ethernet, Frame, Ip, MacAddr, Packet, Protocol, Tcp, TcpFlags, TcpOptions, Transport,
    Udp,
};

pub(super) const FIN: u8 = 1;
pub(super) const SYN: u8 = 2;
pub(super) const RST: u8 = 4;
pub(super) const ACK: u8 = 16;

/// MSS 1460 (RFC 9293 3.7.1), for SYNs.
const MSS: [u8; 4] = [2, 4, 0x05, 0xb4];

/// One end of a connection.
#[derive(Clone, Debug)]
pub(super) struct Peer {
    pub(super) address: IpAddr,
    pub(super) port: u16,
    pub(super) device: IpAddr,
    pub(super) device_port: u16,
    pub(super) seq: u32,
    pub(super) ack: u32,
}

/// A segment of the device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) source_port: u16,
    pub(super) seq: u32,
    pub(super) ack: u32,
    pub(super) flags: u8,
    pub(super) data: Vec<u8>,
}

impl Segment {
    pub(super) fn has(&self, flags: u8) -> bool {
        self.flags & flags == flags
    }
}

impl Peer {
    /// An end that has sent nothing yet.
    pub(super) fn new(device: IpAddr, port: u16, device_port: u16) -> Self {
        let host = Host::numbered(0);
        let address = if device.is_ipv4() { IpAddr::V4(host.ipv4) } else { IpAddr::V6(host.ipv6) };
        Self { address, port, device, device_port, seq: 1_000_000, ack: 0 }
    }

    /// The next segment.
    pub(super) fn frame(&self, flags: u8, data: &[u8]) -> Vec<u8> {
        let tcp = Tcp {
            source_port: self.port,
            destination_port: self.device_port,
            seq: self.seq,
            ack: if flags & ACK == 0 { 0 } else { self.ack },
            flags: TcpFlags::from_bits(u16::from(flags)),
            window: u16::MAX,
            options: TcpOptions::new(if flags & SYN == 0 { &[] } else { &MSS }),
            payload: data,
            ..Tcp::default()
        };
        self.packet(Protocol::TCP, Transport::Tcp(tcp))
    }

    /// A datagram from this end.
    pub(super) fn datagram(&self, data: &[u8]) -> Vec<u8> {
        let udp = Udp {
            source_port: self.port,
            destination_port: self.device_port,
            payload: data,
            ..Udp::default()
        };
        self.packet(Protocol::UDP, Transport::Udp(udp))
    }

    fn packet(&self, protocol: Protocol, transport: Transport<'_>) -> Vec<u8> {
        let ethertype = if self.device.is_ipv4() { EtherType::IPV4 } else { EtherType::IPV6 };
        let ethernet = Ethernet::new(Host::numbered(0).mac, MacAddr(Setup::default().mac), ethertype);
        let frame = Ip::new(self.address, self.device, protocol).map(|ip| {
            Frame::new(ethernet, Content::Ip(Packet::new(ip, transport)))
                .filled()
                .and_then(|frame| frame.to_vec())
                .unwrap_or_default()
        });
        frame.unwrap_or_default()
    }

    /// A segment of the device to this end; `None` for any other frame.
    pub(super) fn read(&self, frame: &[u8]) -> Option<Segment> {
        let frame = Frame::parse(frame).ok()?;
        let Content::Ip(packet) = &frame.content else { return None };
        let tcp = packet.tcp()?;
        let is_mine = packet.ip.destination() == self.address && tcp.destination_port == self.port;
        is_mine.then(|| Segment {
            source_port: tcp.source_port,
            seq: tcp.seq,
            ack: tcp.ack,
            // The six flags of RFC 793.
            flags: u8::try_from(tcp.flags.bits() & 0x3f).unwrap_or_default(),
            data: tcp.payload.to_vec(),
        })
    }
}
