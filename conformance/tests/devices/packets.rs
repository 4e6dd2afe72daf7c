//! Frames made and read byte by byte, without the reference's formats.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub(crate) const TESTER_MAC: [u8; 6] = [2, 0, 0, 0, 0, 1];
pub(crate) const DEVICE_MAC: [u8; 6] = [2, 0, 0, 0, 0, 2];
pub(crate) const FIN: u8 = 1;
pub(crate) const SYN: u8 = 2;
pub(crate) const RST: u8 = 4;
pub(crate) const PSH: u8 = 8;
pub(crate) const ACK: u8 = 16;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    V4,
    V6,
}

impl Version {
    pub(crate) fn tester(self) -> IpAddr {
        match self {
            Self::V4 => Ipv4Addr::new(192, 0, 2, 1).into(),
            Self::V6 => Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1).into(),
        }
    }

    pub(crate) fn device(self) -> IpAddr {
        match self {
            Self::V4 => Ipv4Addr::new(192, 0, 2, 2).into(),
            Self::V6 => Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 2).into(),
        }
    }
}

pub(crate) fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    }
}

/// RFC 1071.
fn checksum(parts: &[&[u8]]) -> u16 {
    let octets = parts.concat();
    let pairs = octets.chunks(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0)));
    let sum = pairs.sum::<u32>();
    let folded = (sum & 0xffff) + (sum >> 16);
    !((folded & 0xffff) + (folded >> 16)) as u16
}

/// The sum over pseudo-header and payload (RFC 9293 3.1, RFC 8200 8.1); zero if the payload's checksum is right.
pub(crate) fn transport_checksum(source: IpAddr, destination: IpAddr, protocol: u8, payload: &[u8]) -> u16 {
    let length = (payload.len() as u32).to_be_bytes();
    checksum(&[&octets(source), &octets(destination), &length, &[0, 0, 0, protocol], payload])
}

fn ethernet(to: [u8; 6], ethertype: u16, payload: &[u8]) -> Vec<u8> {
    [&to[..], &TESTER_MAC, &ethertype.to_be_bytes(), payload].concat()
}

/// An IP packet from the tester to the device, in an Ethernet frame.
fn packet(version: Version, hop_limit: u8, protocol: u8, payload: &[u8]) -> Vec<u8> {
    let addresses = [octets(version.tester()), octets(version.device())].concat();
    let len = payload.len() as u16;
    match version {
        Version::V4 => {
            let [high, low] = (len + 20).to_be_bytes();
            let mut header = vec![0x45, 0, high, low, 0, 0, 0x40, 0, hop_limit, protocol, 0, 0];
            header.extend(addresses);
            let sum = checksum(&[&header]).to_be_bytes();
            header[10..12].copy_from_slice(&sum);
            ethernet(DEVICE_MAC, 0x0800, &[&header[..], payload].concat())
        }
        Version::V6 => {
            let [high, low] = len.to_be_bytes();
            let header = [0x60, 0, 0, 0, high, low, protocol, hop_limit];
            ethernet(DEVICE_MAC, 0x86dd, &[&header[..], &addresses, payload].concat())
        }
    }
}

/// A TCP segment, as far as these tests look at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) ports: (u16, u16),
    pub(crate) seq: u32,
    pub(crate) ack: u32,
    pub(crate) flags: u8,
    pub(crate) data: Vec<u8>,
}

impl Segment {
    pub(crate) fn frame(&self, version: Version) -> Vec<u8> {
        let mut tcp = Vec::new();
        tcp.extend(self.ports.0.to_be_bytes());
        tcp.extend(self.ports.1.to_be_bytes());
        tcp.extend(self.seq.to_be_bytes());
        tcp.extend(self.ack.to_be_bytes());
        tcp.extend([5 << 4, self.flags, 0xff, 0xff, 0, 0, 0, 0]);
        tcp.extend(&self.data);
        let sum = transport_checksum(version.tester(), version.device(), 6, &tcp).to_be_bytes();
        tcp[16..18].copy_from_slice(&sum);
        packet(version, 64, 6, &tcp)
    }

    /// Reads a segment of the device; checks addresses, lengths and checksums. `None`: no TCP.
    pub(crate) fn read(version: Version, frame: &[u8]) -> Option<Self> {
        let ip = &frame[14..];
        let tcp = match (version, &frame[12..14]) {
            (Version::V4, [0x08, 0x00]) if ip[9] == 6 => {
                let header = usize::from(ip[0] & 15) * 4;
                assert_eq!(checksum(&[&ip[..header]]), 0, "IPv4 header checksum");
                assert_eq!(ip[12..20], [octets(version.device()), octets(version.tester())].concat());
                &ip[header..usize::from(u16::from_be_bytes([ip[2], ip[3]]))]
            }
            (Version::V6, [0x86, 0xdd]) if ip[6] == 6 => {
                assert_eq!(ip[8..40], [octets(version.device()), octets(version.tester())].concat());
                &ip[40..40 + usize::from(u16::from_be_bytes([ip[4], ip[5]]))]
            }
            _ => return None,
        };
        assert_eq!(frame[..12], [TESTER_MAC, DEVICE_MAC].concat());
        assert_eq!(transport_checksum(version.device(), version.tester(), 6, tcp), 0, "TCP checksum");
        let number = |at: usize| u32::from_be_bytes([tcp[at], tcp[at + 1], tcp[at + 2], tcp[at + 3]]);
        Some(Self {
            ports: (u16::from_be_bytes([tcp[0], tcp[1]]), u16::from_be_bytes([tcp[2], tcp[3]])),
            seq: number(4),
            ack: number(8),
            flags: tcp[13],
            data: tcp[usize::from(tcp[12] >> 4) * 4..].to_vec(),
        })
    }
}

/// RFC 826: 1 asks, 2 answers.
fn arp(operation: u8, to: [u8; 6], target: [u8; 6]) -> Vec<u8> {
    let (own, peer) = (octets(Version::V4.tester()), octets(Version::V4.device()));
    let fixed = [0, 1, 8, 0, 6, 4, 0, operation];
    ethernet(to, 0x0806, &[&fixed[..], &TESTER_MAC, &own, &target, &peer].concat())
}

/// RFC 4861 4.3 (135) or 4.4 (136), with the tester's link-layer address as an option.
fn neighbour(kind: u8, flags: u8, target: IpAddr, option: u8) -> Vec<u8> {
    let mut message = vec![kind, 0, 0, 0, flags, 0, 0, 0];
    message.extend(octets(target));
    message.extend([option, 1]);
    message.extend(TESTER_MAC);
    let sum = transport_checksum(Version::V6.tester(), Version::V6.device(), 58, &message).to_be_bytes();
    message[2..4].copy_from_slice(&sum);
    packet(Version::V6, 255, 58, &message)
}

/// The tester's question for the device's link-layer address.
pub(crate) fn question(version: Version) -> Vec<u8> {
    match version {
        Version::V4 => arp(1, [0xff; 6], [0; 6]),
        Version::V6 => neighbour(135, 0, version.device(), 1),
    }
}

/// The tester's answer, if the device's frame asks for the tester's address.
pub(crate) fn answer(frame: &[u8]) -> Option<Vec<u8>> {
    let payload = &frame[14..];
    match &frame[12..14] {
        [0x08, 0x06] if payload[7] == 1 && payload[24..28] == octets(Version::V4.tester()) => {
            Some(arp(2, DEVICE_MAC, DEVICE_MAC))
        }
        [0x86, 0xdd] if payload[6] == 58 && payload[40] == 135 => {
            let asked = payload[48..64] == octets(Version::V6.tester());
            // Solicited, override.
            asked.then(|| neighbour(136, 0x60, Version::V6.tester(), 2))
        }
        _ => None,
    }
}
