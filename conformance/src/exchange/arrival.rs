//! A frame of the device, taken apart once.

use core::net::IpAddr;
use std::sync::Arc;

use wireproof_reference::time::Instant;

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
