//! ARP (RFC 826) and neighbour discovery (RFC 4861) of the hosts that the tester plays: they answer at once, and ask
//! so that both sides know each other before and while a scenario runs.

use core::net::{IpAddr, Ipv6Addr};

use wireproof_reference::wire::{
    Arp, ArpOperation, Content, EtherType, Ethernet, Frame, Icmpv6, Icmpv6Message, Ip, Ipv6, MacAddr,
    NdpOption, NdpOptions, NeighborFlags, Packet, Protocol, Transport,
};

use super::host::Host;

/// Neighbour discovery is believed only with this hop limit (RFC 4861 7.1).
const HOP_LIMIT: u8 = 255;

/// A frame by which `host` asks for the Ethernet address of `target`, and tells its own.
pub fn solicitation(host: &Host, target: IpAddr) -> Vec<u8> {
    match target {
        IpAddr::V4(target) => {
            let arp = Arp::request(host.mac, host.ipv4, target);
            frame(Ethernet::new(host.mac, MacAddr::BROADCAST, EtherType::ARP), Content::Arp(arp))
        }
        IpAddr::V6(target) => {
            let mut option = [0; 8];
            // Eight octets hold the option (RFC 4861 4.6.1).
            let _ = NdpOption::SourceLinkLayerAddress(host.mac).emit(&mut option);
            let group = solicited_node(target);
            let message = Icmpv6Message::NeighborSolicitation {
                reserved: 0,
                target,
                options: NdpOptions::new(&option),
            };
            ndp(host, MacAddr::from_ipv6_multicast(group), group, message)
        }
    }
}

/// The answer of one of `hosts` to a question of the device about it; none if it is no such question.
pub fn answer(hosts: &[Host], question: &Frame<'_>) -> Option<Vec<u8>> {
    match &question.content {
        Content::Arp(arp) if arp.operation == ArpOperation::REQUEST => {
            let host = hosts.iter().find(|host| host.ipv4 == arp.target_ip)?;
            let ethernet = Ethernet::new(host.mac, arp.sender_mac, EtherType::ARP);
            Some(frame(ethernet, Content::Arp(arp.reply(host.mac))))
        }
        Content::Ip(Packet { ip: Ip::V6(ip), transport: Transport::Icmpv6(icmp), .. }) => {
            let Icmpv6Message::NeighborSolicitation { target, .. } = icmp.message else { return None };
            let host = hosts.iter().find(|host| host.ipv6 == target)?;
            if ip.source.is_unspecified() {
                // Duplicate address detection is the device's own affair.
                return None;
            }
            let mut option = [0; 8];
            let _ = NdpOption::TargetLinkLayerAddress(host.mac).emit(&mut option);
            let flags = NeighborFlags::SOLICITED.with(NeighborFlags::OVERRIDE);
            let message =
                Icmpv6Message::NeighborAdvertisement { flags, target, options: NdpOptions::new(&option) };
            Some(ndp(host, question.ethernet.source, ip.source, message))
        }
        _ => None,
    }
}

/// What a frame of the device tells about its own Ethernet address.
pub fn told(frame: &Frame<'_>) -> Option<(IpAddr, MacAddr)> {
    match &frame.content {
        Content::Arp(arp) if arp.operation == ArpOperation::REPLY => {
            Some((arp.sender_ip.into(), arp.sender_mac))
        }
        Content::Ip(Packet { transport: Transport::Icmpv6(icmp), .. }) => match icmp.message {
            Icmpv6Message::NeighborAdvertisement { target, options, .. } => {
                Some((target.into(), options.target_mac().unwrap_or(frame.ethernet.source)))
            }
            _ => None,
        },
        _ => None,
    }
}

/// Whether a frame is about neighbours, routers or multicast groups: no row speaks of it.
pub fn is_housekeeping(frame: &Frame<'_>) -> bool {
    match &frame.content {
        Content::Arp(_) => true,
        Content::Ip(packet) => match &packet.transport {
            // MLD 130 to 132 and 143 (RFC 3810 5), NDP 133 to 137 (RFC 4861 4).
            Transport::Icmpv6(icmp) => matches!(icmp.message.kind(), 130..=137 | 143),
            // IGMP (RFC 3376).
            Transport::Other { protocol: Protocol(2), .. } => true,
            _ => false,
        },
        Content::Unreadable { .. } | Content::Other(_) => false,
    }
}

/// RFC 4291 2.7.1.
fn solicited_node(target: Ipv6Addr) -> Ipv6Addr {
    let [.., a, b, c] = target.octets();
    let low = u16::from_be_bytes([b, c]);
    Ipv6Addr::new(0xff02, 0, 0, 0, 0, 1, 0xff00 | u16::from(a), low)
}

fn ndp(host: &Host, to: MacAddr, destination: Ipv6Addr, message: Icmpv6Message<'_>) -> Vec<u8> {
    let ip = Ipv6 { hop_limit: HOP_LIMIT, ..Ipv6::new(host.ipv6, destination, Protocol::ICMPV6) };
    let icmp = Icmpv6 { code: 0, checksum: 0, message };
    let packet = Packet::new(Ip::V6(ip), Transport::Icmpv6(icmp));
    frame(Ethernet::new(host.mac, to, EtherType::IPV6), Content::Ip(packet))
}

/// Short frames without options always fit their fields; should one not, nothing is sent.
fn frame(ethernet: Ethernet, content: Content<'_>) -> Vec<u8> {
    Frame::new(ethernet, content).filled().and_then(|frame| frame.to_vec()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device_asks(target: &str) -> Vec<u8> {
        let device = Host {
            mac: MacAddr([2, 0, 0, 0, 0, 2]),
            ipv4: [192, 0, 2, 2].into(),
            ipv6: "2001:db8::2".parse().unwrap(),
        };
        solicitation(&device, target.parse().unwrap())
    }

    #[test]
    fn questions_about_the_testers_hosts_are_answered_with_their_address() {
        let hosts = [Host::numbered(0), Host::numbered(1)];
        for (target, last) in [("192.0.2.1", 1), ("192.0.2.3", 3), ("2001:db8::1", 1), ("2001:db8::3", 3)] {
            let question = device_asks(target);
            let answer = answer(&hosts, &Frame::parse(&question).unwrap()).unwrap();
            let answer = Frame::parse(&answer).unwrap();
            assert_eq!(
                told(&answer),
                Some((target.parse().unwrap(), MacAddr([2, 0, 0, 0, 0, last]))),
                "{target}"
            );
            assert_eq!(answer.ethernet.destination, MacAddr([2, 0, 0, 0, 0, 2]));
            assert!(is_housekeeping(&answer));
        }
    }

    #[test]
    fn questions_about_others_are_left_alone() {
        let hosts = [Host::numbered(0)];
        for target in ["192.0.2.9", "2001:db8::2"] {
            assert_eq!(answer(&hosts, &Frame::parse(&device_asks(target)).unwrap()), None);
        }
    }

    #[test]
    fn solicitations_are_right_down_to_their_checksums() {
        let octets = device_asks("2001:db8::1");
        let parsed = Frame::parse(&octets).unwrap();
        assert_eq!(parsed.ethernet.destination, MacAddr([0x33, 0x33, 0xff, 0, 0, 1]));
        assert!(parsed.packet().unwrap().checksums().are_right());
    }
}
