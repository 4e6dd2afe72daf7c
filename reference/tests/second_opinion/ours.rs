//! What we see.

use super::{Fields, Link};
use wireproof_reference::wire::*;

pub(super) fn see(link: Link, octets: &[u8]) -> Result<Fields, Error> {
    let mut fields = Fields::default();
    match link {
        Link::Ip => packet(&mut fields, &Packet::parse(octets)?),
        Link::Ethernet => frame(&mut fields, &Frame::parse(octets)?),
    }
    Ok(fields)
}

fn frame(fields: &mut Fields, frame: &Frame<'_>) {
    fields.octets("ethernet destination", &frame.ethernet.destination.0);
    fields.octets("ethernet source", &frame.ethernet.source.0);
    for (index, tag) in frame.ethernet.tags.iter().enumerate() {
        fields.put(format!("vlan {index} tpid"), tag.tpid.0);
        fields.put(format!("vlan {index} priority"), tag.priority());
        fields.put(format!("vlan {index} drop eligible"), tag.is_drop_eligible());
        fields.put(format!("vlan {index} identifier"), tag.vlan());
    }
    fields.put("ethernet type", frame.ethernet.ethertype.0);
    match &frame.content {
        Content::Arp(arp) => {
            fields.put("arp operation", arp.operation.0);
            fields.octets("arp sender mac", &arp.sender_mac.0);
            fields.octets("arp sender ip", &arp.sender_ip.octets());
            fields.octets("arp target mac", &arp.target_mac.0);
            fields.octets("arp target ip", &arp.target_ip.octets());
        }
        Content::Ip(ip) => packet(fields, ip),
        Content::Unreadable { .. } => unreachable!("the strict parse never says so"),
        Content::Other(payload) => fields.octets("ethernet payload", payload),
    }
}

fn packet(fields: &mut Fields, packet: &Packet<'_>) {
    match &packet.ip {
        Ip::V4(header) => ipv4(fields, header),
        Ip::V6(header) => ipv6(fields, header),
    }
    match &packet.transport {
        Transport::Tcp(segment) => tcp(fields, segment),
        Transport::Udp(datagram) => {
            fields.put("udp source port", datagram.source_port);
            fields.put("udp destination port", datagram.destination_port);
            fields.put("udp length", datagram.length);
            fields.put("udp checksum", datagram.checksum);
            fields.octets("udp payload", datagram.payload);
        }
        Transport::Icmpv4(icmp) => {
            let mut octets = vec![0; icmp.wire_len()];
            icmp.emit(&mut octets).expect("there is room");
            super_icmp(fields, "icmpv4", icmp.message.kind(), icmp.code, icmp.checksum, &octets);
        }
        Transport::Icmpv6(icmp) => {
            let mut octets = vec![0; icmp.wire_len()];
            icmp.emit(&mut octets).expect("there is room");
            super_icmp(fields, "icmpv6", icmp.message.kind(), icmp.code, icmp.checksum, &octets);
        }
        Transport::Fragment { octets, .. } | Transport::Other { octets, .. } => {
            fields.octets("ip payload octets", octets);
        }
        Transport::Unreadable { .. } => unreachable!("the strict parse never says so"),
    }
}

/// An ICMP message of either version: etherparse tells its first eight octets and the rest.
fn super_icmp(fields: &mut Fields, name: &str, kind: u8, code: u8, checksum: u16, octets: &[u8]) {
    fields.put(format!("{name} type"), kind);
    fields.put(format!("{name} code"), code);
    fields.put(format!("{name} checksum"), checksum);
    fields.octets(format!("{name} payload"), octets.get(4..).unwrap_or_default());
}

fn ipv4(fields: &mut Fields, header: &Ipv4<'_>) {
    fields.put("ip version", 4);
    fields.put("ip dscp", header.dscp);
    fields.put("ip ecn", header.ecn);
    fields.put("ip total length", header.total_len);
    fields.put("ip identification", header.identification);
    fields.put("ip dont fragment", header.dont_fragment);
    fields.put("ip more fragments", header.more_fragments);
    fields.put("ip fragment offset", header.fragment_offset);
    fields.put("ip hops", header.ttl);
    fields.put("ip next header", header.protocol.0);
    fields.put("ip protocol", header.protocol.0);
    fields.put("ip header checksum", header.checksum);
    // etherparse has no place for the reserved flag, so its sum lacks it.
    if !header.reserved {
        fields.put("ip right checksum", header.right_checksum());
    }
    fields.octets("ip source", &header.source.octets());
    fields.octets("ip destination", &header.destination.octets());
    fields.octets("ip options", header.options.octets());
    if header.is_fragment() {
        fields.put("ip fragment", true);
    }
}

fn ipv6(fields: &mut Fields, header: &Ipv6<'_>) {
    fields.put("ip version", 6);
    fields.put("ip dscp", header.dscp);
    fields.put("ip ecn", header.ecn);
    fields.put("ip flow label", header.flow_label);
    fields.put("ip payload length", header.payload_length);
    fields.put("ip next header", header.next_header.0);
    fields.put("ip hops", header.hop_limit);
    fields.octets("ip source", &header.source.octets());
    fields.octets("ip destination", &header.destination.octets());
    fields.put("ip protocol", header.protocol().0);
    let mut walk = header.extensions();
    let mut index = 0;
    while let Some(extension) = walk.next() {
        let next = walk.next_header().0;
        let text = match extension.expect("the parse has walked over it") {
            Extension::HopByHop(options) => format!("hop-by-hop {:02x?}", options.octets()),
            Extension::Destination(options) => format!("destination {:02x?}", options.octets()),
            Extension::Routing(Routing { routing_type, segments_left, data }) => {
                let octets = [&[routing_type, segments_left], data].concat();
                format!("routing {octets:02x?}")
            }
            Extension::Fragment(fragment) => format!(
                "fragment offset {} more {} identification {}",
                fragment.offset, fragment.more, fragment.identification
            ),
        };
        fields.put(format!("ip extension {index}"), format!("{text} then {next}"));
        index += 1;
    }
    if header.is_fragment() {
        fields.put("ip fragment", true);
    }
}

fn tcp(fields: &mut Fields, tcp: &Tcp<'_>) {
    fields.put("tcp source port", tcp.source_port);
    fields.put("tcp destination port", tcp.destination_port);
    fields.put("tcp sequence number", tcp.seq);
    fields.put("tcp acknowledgment number", tcp.ack);
    fields.put("tcp header length", tcp.header_len());
    for (flag, name) in TcpFlags::NAMES {
        fields.put(format!("tcp {name}"), tcp.flags.contains(flag));
    }
    fields.put("tcp window", tcp.window);
    fields.put("tcp checksum", tcp.checksum);
    fields.put("tcp urgent pointer", tcp.urgent);
    fields.octets("tcp raw options", tcp.options.octets());
    fields.octets("tcp payload", tcp.payload);
    for (index, option) in tcp.options.iter().enumerate() {
        let text = match option {
            Ok(TcpOption::EndOfList) => break,
            Ok(option) => format!("{option:?}"),
            Err(_) => "malformed".to_owned(),
        };
        fields.put(format!("tcp option {index}"), text);
    }
}
