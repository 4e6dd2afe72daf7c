//! Frames of segments: Ethernet, IPv4, TCP with timestamps, checksums right.

use std::net::Ipv4Addr;

use wireproof_reference::wire::{
    Error, Ip, Ipv4, Packet, Protocol, SackBlock, Tcp, TcpFlags, TcpOption, TcpOptionsBuffer, Transport,
};

use super::peer::{SCALE, Segment, WINDOW};

/// Octets of Ethernet's header.
const ETHERNET: usize = 14;
const PATTERN: usize = 64 * 1024;

/// Who sends to whom.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Path {
    pub(crate) from: (Ipv4Addr, u16),
    pub(crate) to: (Ipv4Addr, u16),
    /// Initial numbers of the sender and the other end.
    pub(crate) isn: u32,
    pub(crate) peer_isn: u32,
}

/// Makes frames, one at a time in the same room.
pub(crate) struct Frames {
    /// What streams bear, from an octet's number on.
    pattern: Vec<u8>,
    frame: Vec<u8>,
    identification: u16,
}

impl Frames {
    pub(crate) fn new() -> Self {
        let octet = |n: usize| u8::try_from(n.wrapping_mul(2_654_435_761) >> 13 & 0xff).unwrap_or(0);
        let pattern = (0..PATTERN + 2048).map(|n| octet(n % PATTERN)).collect();
        Self { pattern, frame: vec![0; 2048], identification: 0 }
    }

    /// The frame of a segment.
    pub(crate) fn frame(&mut self, path: &Path, segment: &Segment) -> Result<&[u8], Error> {
        let number = |isn: u32, place: u64| isn.wrapping_add(u32::try_from(place & 0xffff_ffff).unwrap_or(0));
        let mut options = TcpOptionsBuffer::new();
        let mut flags = TcpFlags::from_bits(0);
        if segment.is_syn {
            flags = flags.with(TcpFlags::SYN);
            options.push(TcpOption::MaximumSegmentSize(1460))?;
            options.push(TcpOption::SackPermitted)?;
            options.push(TcpOption::Timestamps { value: segment.value, echo: segment.echo })?;
            options.push(TcpOption::NoOperation)?;
            options.push(TcpOption::WindowScale(SCALE))?;
        } else {
            options.push(TcpOption::NoOperation)?;
            options.push(TcpOption::NoOperation)?;
            options.push(TcpOption::Timestamps { value: segment.value, echo: segment.echo })?;
        }
        let block = |(left, right)| SackBlock {
            left: number(path.peer_isn, left),
            right: number(path.peer_isn, right),
        };
        let blocks: Vec<SackBlock> = segment.blocks.into_iter().flatten().map(block).collect();
        if !blocks.is_empty() {
            options.push(TcpOption::NoOperation)?;
            options.push(TcpOption::NoOperation)?;
            options.push_sack(&blocks)?;
        }
        if segment.ack.is_some() {
            flags = flags.with(TcpFlags::ACK);
        }
        if segment.is_fin {
            flags = flags.with(TcpFlags::FIN);
        }
        let seq = number(path.isn, segment.seq);
        let start = usize::try_from(segment.seq).unwrap_or(0) % PATTERN;
        let len = usize::try_from(segment.len).unwrap_or(0);
        let window = if segment.is_syn { u64::from(u16::MAX) } else { WINDOW >> SCALE };
        let tcp = Tcp {
            source_port: path.from.1,
            destination_port: path.to.1,
            seq,
            ack: segment.ack.map_or(0, |ack| number(path.peer_isn, ack)),
            flags,
            window: u16::try_from(window).unwrap_or(u16::MAX),
            options: options.options(),
            payload: &self.pattern[start..start + len],
            ..Tcp::default()
        };
        self.identification = self.identification.wrapping_add(1);
        let ip =
            Ipv4 { identification: self.identification, ..Ipv4::new(path.from.0, path.to.0, Protocol::TCP) };
        let packet = Packet::new(Ip::V4(ip), Transport::Tcp(tcp)).filled()?;
        self.frame[..12].copy_from_slice(&[2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1]);
        self.frame[12..ETHERNET].copy_from_slice(&[8, 0]);
        let len = ETHERNET + packet.emit(&mut self.frame[ETHERNET..])?;
        Ok(&self.frame[..len])
    }
}
