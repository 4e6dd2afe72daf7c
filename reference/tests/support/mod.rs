//! What the tests of whole hosts share: a host at 192.0.2.2 and 2001:db8::2, and a peer at .1 that writes frames by hand.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use wireproof_reference::host::{Config, Host};
use wireproof_reference::ip::address::{Addresses, Prefix};
use wireproof_reference::ip::route::Gateways;
use wireproof_reference::policy::Policy;
use wireproof_reference::time::{Duration, Instant};
use wireproof_reference::wire::{
    Content, EtherType, Ethernet, Frame, Ip, MacAddr, Packet, Tcp, TcpFlags, Transport,
};

pub(crate) const HOST_MAC: MacAddr = MacAddr([2, 0, 0, 0, 0, 2]);
pub(crate) const PEER_MAC: MacAddr = MacAddr([2, 0, 0, 0, 0, 1]);
pub(crate) const HOST_V4: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2));
pub(crate) const PEER_V4: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
pub(crate) const HOST_V6: IpAddr = IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 2));
pub(crate) const PEER_V6: IpAddr = IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1));
/// Both versions: ours and the peer's address.
pub(crate) const ENDS: [(IpAddr, IpAddr); 2] = [(HOST_V4, PEER_V4), (HOST_V6, PEER_V6)];

pub(crate) fn config() -> Config {
    Config {
        addresses: Addresses {
            mac: HOST_MAC,
            ipv4: vec![Prefix { address: Ipv4Addr::new(192, 0, 2, 2), length: 24 }],
            ipv6: vec![Prefix { address: Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 2), length: 64 }],
        },
        gateways: Gateways {
            ipv4: Some(Ipv4Addr::new(192, 0, 2, 1)),
            ipv6: Some(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)),
        },
        mtu: 1500,
        policy: Policy::rfc9293(),
        seed: 1,
        iss: Some(1000),
    }
}

pub(crate) fn at(secs: u64) -> Instant {
    Instant::ZERO + Duration::from_secs(secs)
}

/// Octets written in hexadecimal; blanks are ignored.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .chars()
        .filter(|digit| !digit.is_whitespace())
        .map(|digit| digit.to_digit(16).expect("a hexadecimal digit") as u8)
        .collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// All that the host wants to send now.
pub(crate) fn frames(host: &mut Host, now: Instant) -> Vec<Vec<u8>> {
    let mut frame = Vec::new();
    std::iter::from_fn(|| host.poll_frame(now, &mut frame).then(|| frame.clone())).collect()
}

/// What the host answers to one frame.
pub(crate) fn answers(host: &mut Host, now: Instant, frame: &[u8]) -> Vec<Vec<u8>> {
    host.handle_frame(now, frame);
    frames(host, now)
}

/// A frame from the peer to the host, its lengths and checksums right.
pub(crate) fn frame(source: IpAddr, destination: IpAddr, transport: Transport<'_>) -> Vec<u8> {
    let ip = Ip::new(source, destination, transport.protocol()).expect("addresses of one version");
    let packet = Packet::new(ip, transport).filled().expect("a packet that fits");
    let ethertype = if source.is_ipv4() { EtherType::IPV4 } else { EtherType::IPV6 };
    let ethernet = Ethernet::new(PEER_MAC, HOST_MAC, ethertype);
    Frame { ethernet, content: Content::Ip(packet) }.to_vec().expect("a frame that fits")
}

/// A segment from the peer's port 4000 to the host's port 80.
pub(crate) fn segment(seq: u32, ack: u32, flags: TcpFlags, payload: &[u8]) -> Tcp<'_> {
    Tcp { source_port: 4000, destination_port: 80, seq, ack, flags, window: 8192, payload, ..Tcp::default() }
}

/// Lets the host know the peer's link address, as a question for the host's own does.
pub(crate) fn introduce(host: &mut Host, now: Instant) {
    let request = hex(
        "ffffffffffff 020000000001 0806 0001 0800 06 04 0001 020000000001 c0000201 000000000000 c0000202",
    );
    assert_eq!(answers(host, now, &request).len(), 1, "an ARP reply");
    let solicitation = hex(SOLICITATION);
    assert_eq!(answers(host, now, &solicitation).len(), 1, "a neighbour advertisement");
}

/// The peer asks the solicited-node group for 2001:db8::2 and tells its link address.
pub(crate) const SOLICITATION: &str = "3333ff000002 020000000001 86dd 60000000 0020 3a ff
    20010db8000000000000000000000001 ff0200000000000000000001ff000002
    87 00 1c27 00000000 20010db8000000000000000000000002 01 01 020000000001";

/// The segments among frames.
pub(crate) fn segments(frames: &[Vec<u8>]) -> Vec<Tcp<'_>> {
    frames
        .iter()
        .filter_map(|frame| match Frame::parse(frame).expect("the host sends whole frames").content {
            Content::Ip(packet) => packet.tcp().copied(),
            _ => None,
        })
        .collect()
}
