//! What a capture holds besides TCP: counted and named.

use std::collections::BTreeMap;

use wireproof_reference::wire::{Ip, Packet, Transport};

/// How many different names are kept; the rest is counted as one.
const MOST_NAMES: usize = 256;

/// Counts of packets by name.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// All packets.
    pub packets: u64,
    /// TCP segments.
    pub segments: u64,
    /// Packets with VLAN tags, whatever they hold.
    pub tagged: u64,
    others: BTreeMap<String, u64>,
}

impl Survey {
    /// Counts something that is no TCP segment.
    pub fn count(&mut self, name: &str) {
        self.count_so_often(name, 1);
    }

    fn count_so_often(&mut self, name: &str, times: u64) {
        if let Some(count) = self.others.get_mut(name) {
            *count += times;
            return;
        }
        let name = if self.others.len() < MOST_NAMES { name } else { "others" };
        *self.others.entry(name.to_owned()).or_insert(0) += times;
    }

    /// Adds what another one counted.
    pub fn add(&mut self, other: &Self) {
        self.packets += other.packets;
        self.segments += other.segments;
        self.tagged += other.tagged;
        for (name, count) in &other.others {
            self.count_so_often(name, *count);
        }
    }

    /// The names and counts of what is no TCP segment, the most frequent first.
    pub fn others(&self) -> Vec<(&str, u64)> {
        let mut others: Vec<(&str, u64)> =
            self.others.iter().map(|(name, count)| (name.as_str(), *count)).collect();
        others.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), *name));
        others
    }

    /// In one line: `12 packets: 9 TCP in 2 connections, 2 ARP, 1 UDP; 4 with VLAN tags`.
    pub fn line(&self, connections: u64) -> String {
        let plural =
            |count: u64, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
        let mut parts = Vec::new();
        if self.segments > 0 {
            parts.push(format!(
                "{} TCP in {}",
                self.segments,
                plural(connections, "connection", "connections")
            ));
        }
        parts.extend(self.others().into_iter().map(|(name, count)| format!("{count} {name}")));
        let tagged =
            if self.tagged == 0 { String::new() } else { format!("; {} with VLAN tags", self.tagged) };
        let colon = if parts.is_empty() { "" } else { ": " };
        format!("{}{colon}{}{tagged}", plural(self.packets, "packet", "packets"), parts.join(", "))
    }
}

/// What to call a packet that holds no readable TCP segment.
pub fn name(packet: &Packet<'_>) -> String {
    let version = match packet.ip {
        Ip::V4(_) => "IPv4",
        Ip::V6(_) => "IPv6",
    };
    match &packet.transport {
        Transport::Tcp(_) => "TCP".to_owned(),
        Transport::Udp(_) => "UDP".to_owned(),
        Transport::Icmpv4(_) => "ICMP".to_owned(),
        Transport::Icmpv6(_) => "ICMPv6".to_owned(),
        Transport::Fragment { protocol, .. } => format!("{version} fragments of {protocol}"),
        Transport::Unreadable { protocol, .. } => format!("unreadable {protocol}"),
        Transport::Other { protocol, .. } => {
            protocol_name(protocol.0).unwrap_or_else(|| protocol.to_string())
        }
    }
}

fn protocol_name(number: u8) -> Option<String> {
    let name = match number {
        2 => "IGMP",
        4 => "IPv4 in IP",
        41 => "IPv6 in IP",
        46 => "RSVP",
        47 => "GRE",
        50 => "ESP",
        51 => "AH",
        88 => "EIGRP",
        89 => "OSPF",
        103 => "PIM",
        108 => "IPComp",
        112 => "VRRP or CARP",
        132 => "SCTP",
        _ => return None,
    };
    Some(name.to_owned())
}
