//! A frame of the device, taken apart once.

use core::net::IpAddr;
use std::sync::Arc;

use wireproof_reference::time::Instant;
use wireproof_reference::wire::{Packet, Tcp, TcpFlags, Transport};

use crate::notation::Seq;
use crate::testbed::FrameId;
use crate::tester::{Connection, Facts};

/// A frame of the device that rows have to account for.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// When the device sent it.
    pub time: Instant,
    /// Its number in the trace.
    pub number: FrameId,
    /// The IP packet.
    pub packet: Arc<[u8]>,
    /// Who sent it, as the IP header says.
    pub source: IpAddr,
    /// Who it is for, as the IP header says.
    pub destination: IpAddr,
    /// What it bears.
    pub bears: Bears,
    /// Why an honest host would not take it: a wrong checksum, another's Ethernet address.
    pub flaw: Option<&'static str>,
    /// What a row of octets has left over of a segment: only another row of octets takes it.
    pub is_rest: bool,
}

/// What a packet of the device bears.
#[derive(Clone, Debug)]
pub enum Bears {
    /// A TCP segment.
    Tcp {
        /// The device's port.
        source_port: u16,
        /// The tester's port.
        destination_port: u16,
        /// The segment.
        facts: Facts,
    },
    /// An ICMP or ICMPv6 message that a row may speak of.
    Icmp,
    /// Anything else: no row can take it.
    Other,
}

impl Arrival {
    /// The segment, if it is one.
    pub fn facts(&self) -> Option<&Facts> {
        match &self.bears {
            Bears::Tcp { facts, .. } => Some(facts),
            Bears::Icmp | Bears::Other => None,
        }
    }

    /// The segment in two: its octets before that number, and those from there on, with the FIN. None if not both have
    /// octets.
    pub fn cut(&self, number: u32) -> Option<(Self, Self)> {
        let Bears::Tcp { source_port, destination_port, facts } = &self.bears else { return None };
        let before = usize::try_from(Seq(number).since(Seq(facts.first_octet()))).ok()?;
        if before == 0 || before >= facts.payload.len() || self.flaw.is_some() {
            return None;
        }
        let packet = Packet::parse_cut(&self.packet).ok().filter(|packet| packet.checksums().are_right())?;
        let tcp = *packet.tcp()?;
        let (first, second) = tcp.payload.split_at_checked(before)?;
        let urgent = u16::try_from(before).map_or(0, |before| tcp.urgent.saturating_sub(before));
        let first = Tcp { payload: first, flags: tcp.flags.without(TcpFlags::FIN | TcpFlags::PSH), ..tcp };
        let flags = tcp.flags.without(TcpFlags::SYN);
        let second = Tcp { seq: number, payload: second, flags, urgent, ..tcp };
        let part = |tcp: Tcp<'_>, is_rest| {
            let facts = Facts::of(&tcp);
            let packet = Packet { transport: Transport::Tcp(tcp), ..packet }.filled().ok()?;
            let mut octets = vec![0; packet.wire_len()];
            packet.emit(&mut octets).ok()?;
            let bears = Bears::Tcp { source_port: *source_port, destination_port: *destination_port, facts };
            Some(Self { packet: octets.into(), bears, is_rest, ..self.clone() })
        };
        Some((part(first, self.is_rest)?, part(second, true)?))
    }

    /// Whether it may be a row's of this connection, whose tester's end has that address.
    pub fn may_belong_to(&self, connection: &Connection, tester: IpAddr) -> bool {
        if self.destination != tester {
            return false;
        }
        match self.bears {
            Bears::Tcp { source_port, destination_port, .. } => {
                destination_port == connection.tester_port
                    && connection.device_port.is_none_or(|port| port == source_port)
            }
            Bears::Icmp => true,
            Bears::Other => false,
        }
    }
}
