//! What etherparse sees.

use super::{Fields, Link};
use etherparse::{
    Ipv6ExtensionSlice, LinkExtSlice, LinkSlice, NetSlice, SlicedPacket, TcpOptionElement,
    TcpOptionReadError, TransportSlice,
};

pub(super) fn see(link: Link, octets: &[u8]) -> Result<Fields, String> {
    let packet = match link {
        Link::Ethernet => SlicedPacket::from_ethernet(octets),
        Link::Ip => SlicedPacket::from_ip(octets),
    }
    .map_err(|error| format!("{error:?}"))?;
    let mut fields = Fields::default();
    self::link(&mut fields, &packet);
    match &packet.net {
        Some(NetSlice::Arp(arp)) => self::arp(&mut fields, arp),
        Some(NetSlice::Ipv4(ip)) => ipv4(&mut fields, ip),
        Some(NetSlice::Ipv6(ip)) => ipv6(&mut fields, ip),
        None => {
            let payload = packet.ether_payload().map(|payload| payload.payload).unwrap_or_default();
            fields.octets("ethernet payload", payload);
        }
    }
    transport(&mut fields, &packet);
    Ok(fields)
}

fn link(fields: &mut Fields, packet: &SlicedPacket<'_>) {
    let Some(LinkSlice::Ethernet2(ethernet)) = &packet.link else { return };
    fields.octets("ethernet destination", &ethernet.destination());
    fields.octets("ethernet source", &ethernet.source());
    let mut next = ethernet.ether_type().0;
    for (index, extension) in packet.link_exts.iter().enumerate() {
        match extension {
            LinkExtSlice::Vlan(tag) => {
                fields.put(format!("vlan {index} tpid"), next);
                fields.put(format!("vlan {index} priority"), tag.priority_code_point().value());
                fields.put(format!("vlan {index} drop eligible"), tag.drop_eligible_indicator());
                fields.put(format!("vlan {index} identifier"), tag.vlan_identifier().value());
                next = tag.ether_type().0;
            }
            LinkExtSlice::Macsec(_) => fields.put("macsec", true),
        }
    }
    fields.put("ethernet type", next);
}

fn arp(fields: &mut Fields, arp: &etherparse::ArpPacketSlice<'_>) {
    let ethernet_and_ipv4 = arp.hw_addr_type().0 == 1
        && arp.proto_addr_type().0 == 0x0800
        && arp.hw_addr_size() == 6
        && arp.proto_addr_size() == 4;
    if !ethernet_and_ipv4 {
        fields.put("arp other", true);
    }
    fields.put("arp operation", arp.operation().0);
    fields.octets("arp sender mac", arp.sender_hw_addr());
    fields.octets("arp sender ip", arp.sender_protocol_addr());
    fields.octets("arp target mac", arp.target_hw_addr());
    fields.octets("arp target ip", arp.target_protocol_addr());
}

fn ipv4(fields: &mut Fields, ip: &etherparse::Ipv4Slice<'_>) {
    let header = ip.header();
    fields.put("ip version", header.version());
    fields.put("ip dscp", header.dcp().value());
    fields.put("ip ecn", header.ecn().value());
    fields.put("ip total length", header.total_len());
    fields.put("ip identification", header.identification());
    fields.put("ip dont fragment", header.dont_fragment());
    fields.put("ip more fragments", header.more_fragments());
    fields.put("ip fragment offset", header.fragments_offset().value());
    fields.put("ip hops", header.ttl());
    fields.put("ip next header", header.protocol().0);
    fields.put("ip protocol", ip.payload_ip_number().0);
    fields.put("ip header checksum", header.header_checksum());
    // The reserved flag is not in their header, so their sum lacks it.
    let reserved = header.slice()[6] & 0x80 != 0;
    if !reserved {
        fields.put("ip right checksum", header.to_header().calc_header_checksum());
    }
    fields.octets("ip source", &header.source());
    fields.octets("ip destination", &header.destination());
    fields.octets("ip options", header.options());
    if ip.extensions().auth.is_some() {
        fields.put("ip authentication", true);
    }
    if ip.is_payload_fragmented() {
        fields.put("ip fragment", true);
    }
    fields.octets("ip payload octets", ip.payload().payload);
}

fn ipv6(fields: &mut Fields, ip: &etherparse::Ipv6Slice<'_>) {
    let header = ip.header();
    fields.put("ip version", header.version());
    fields.put("ip dscp", header.dscp().value());
    fields.put("ip ecn", header.ecn().value());
    fields.put("ip flow label", header.flow_label().value());
    fields.put("ip payload length", header.payload_length());
    fields.put("ip next header", header.next_header().0);
    fields.put("ip hops", header.hop_limit());
    fields.octets("ip source", &header.source());
    fields.octets("ip destination", &header.destination());
    fields.put("ip protocol", ip.payload().ip_number.0);
    for (index, extension) in ip.extensions().clone().into_iter().enumerate() {
        use Ipv6ExtensionSlice::{Authentication, DestinationOptions, Fragment, HopByHop, Routing};
        let (text, next) = match extension {
            HopByHop(raw) => (format!("hop-by-hop {:02x?}", raw.payload()), raw.next_header()),
            Routing(raw) => (format!("routing {:02x?}", raw.payload()), raw.next_header()),
            DestinationOptions(raw) => (format!("destination {:02x?}", raw.payload()), raw.next_header()),
            Fragment(raw) => {
                let text = format!(
                    "fragment offset {} more {} identification {}",
                    raw.fragment_offset().value(),
                    raw.more_fragments(),
                    raw.identification()
                );
                (text, raw.next_header())
            }
            Authentication(raw) => {
                fields.put("ip authentication", true);
                ("authentication".to_owned(), raw.next_header())
            }
        };
        fields.put(format!("ip extension {index}"), format!("{text} then {}", next.0));
    }
    if ip.is_payload_fragmented() {
        fields.put("ip fragment", true);
    }
    fields.octets("ip payload octets", ip.payload().payload);
}

fn transport(fields: &mut Fields, packet: &SlicedPacket<'_>) {
    match &packet.transport {
        None => return,
        Some(TransportSlice::Tcp(segment)) => tcp(fields, segment),
        Some(TransportSlice::Udp(udp)) => {
            fields.put("udp source port", udp.source_port());
            fields.put("udp destination port", udp.destination_port());
            fields.put("udp length", udp.length());
            fields.put("udp checksum", udp.checksum());
            fields.octets("udp payload", udp.payload());
        }
        Some(TransportSlice::Icmpv4(icmp)) => {
            fields.put("icmpv4 type", icmp.type_u8());
            fields.put("icmpv4 code", icmp.code_u8());
            fields.put("icmpv4 checksum", icmp.checksum());
            fields.octets("icmpv4 payload", &icmp.slice()[4..]);
        }
        Some(TransportSlice::Icmpv6(icmp)) => {
            fields.put("icmpv6 type", icmp.type_u8());
            fields.put("icmpv6 code", icmp.code_u8());
            fields.put("icmpv6 checksum", icmp.checksum());
            fields.octets("icmpv6 payload", &icmp.slice()[4..]);
        }
        Some(TransportSlice::Igmp(_)) => fields.put("igmp", true),
    }
    // What a transport holds is not told twice.
    fields.forget("ip payload octets");
}

fn tcp(fields: &mut Fields, tcp: &etherparse::TcpSlice<'_>) {
    fields.put("tcp source port", tcp.source_port());
    fields.put("tcp destination port", tcp.destination_port());
    fields.put("tcp sequence number", tcp.sequence_number());
    fields.put("tcp acknowledgment number", tcp.acknowledgment_number());
    fields.put("tcp header length", usize::from(tcp.data_offset()) * 4);
    let flags = [
        ("FIN", tcp.fin()),
        ("SYN", tcp.syn()),
        ("RST", tcp.rst()),
        ("PSH", tcp.psh()),
        ("ACK", tcp.ack()),
        ("URG", tcp.urg()),
        ("ECE", tcp.ece()),
        ("CWR", tcp.cwr()),
        // The bit was the nonce sum (RFC 3540) before it was accurate ECN.
        ("AE", tcp.ns()),
    ];
    for (name, set) in flags {
        fields.put(format!("tcp {name}"), set);
    }
    fields.put("tcp window", tcp.window_size());
    fields.put("tcp checksum", tcp.checksum());
    fields.put("tcp urgent pointer", tcp.urgent_pointer());
    fields.octets("tcp raw options", tcp.options());
    fields.octets("tcp payload", tcp.payload());
    for (index, option) in tcp.options_iterator().enumerate() {
        match option {
            Ok(option) => fields.put(format!("tcp option {index}"), option_text(option)),
            Err(error) => {
                let stop = match error {
                    TcpOptionReadError::UnknownId(_) => "kind",
                    TcpOptionReadError::UnexpectedSize { .. } => "length",
                    TcpOptionReadError::UnexpectedEndOfSlice { .. } => "end",
                };
                fields.put("tcp option stop", stop);
                fields.put("tcp options read", index);
            }
        }
    }
}

/// The option as our `Debug` writes it.
fn option_text(option: TcpOptionElement) -> String {
    match option {
        TcpOptionElement::Noop => "NoOperation".to_owned(),
        TcpOptionElement::MaximumSegmentSize(size) => format!("MaximumSegmentSize({size})"),
        TcpOptionElement::WindowScale(shift) => format!("WindowScale({shift})"),
        TcpOptionElement::SelectiveAcknowledgementPermitted => "SackPermitted".to_owned(),
        TcpOptionElement::Timestamp(value, echo) => format!("Timestamps {{ value: {value}, echo: {echo} }}"),
        TcpOptionElement::SelectiveAcknowledgement(first, more) => {
            let blocks: Vec<String> = core::iter::once(first)
                .chain(more.into_iter().flatten())
                .map(|(left, right)| format!("SackBlock {{ left: {left}, right: {right} }}"))
                .collect();
            format!("Sack([{}])", blocks.join(", "))
        }
    }
}
