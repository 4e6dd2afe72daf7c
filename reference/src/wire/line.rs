//! Printing on one line, as tcpdump would: `IP 192.0.2.1.1024 > 192.0.2.2.80: Flags [S], seq 100, win 65535,
//! options [mss 1460], length 0`. Numbers are absolute. Where the octets end early, `[|tcp]` tells in which header;
//! lengths are those that the IP header tells.

use super::*;
use core::fmt::{self, Display, Formatter};

impl Display for Frame<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for tag in self.ethernet.tags.iter() {
            write!(f, "vlan {}, p {}, ", tag.vlan(), tag.priority())?;
        }
        let Ethernet { source, destination, ethertype, .. } = self.ethernet;
        match &self.content {
            Content::Arp(arp) => arp.fmt(f),
            Content::Ip(packet) => packet.fmt(f),
            Content::Unreadable { octets, error } => {
                let layer = name(error.layer);
                write!(f, "{source} > {destination}, {ethertype}, length {}: [|{layer}]", octets.len())
            }
            // Below 1536 it is a length (IEEE 802.3).
            Content::Other(octets) if ethertype.0 < 0x0600 => {
                write!(f, "{source} > {destination}, 802.3, length {}", octets.len())
            }
            Content::Other(octets) => {
                let number = ethertype.0;
                write!(f, "{source} > {destination}, ethertype 0x{number:04x}, length {}", octets.len())
            }
        }
    }
}

/// A layer as tcpdump calls it.
fn name(layer: Layer) -> &'static str {
    match layer {
        Layer::Ethernet => "ether",
        Layer::Arp => "arp",
        Layer::Ipv4 => "ip",
        Layer::Ipv6 => "ip6",
        Layer::Icmpv4 => "icmp",
        Layer::Icmpv6 | Layer::Ndp => "icmp6",
        Layer::Udp => "udp",
        Layer::Tcp => "tcp",
    }
}

impl Display for Arp<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { operation, sender_mac, sender_ip, target_mac, target_ip, .. } = self;
        match *operation {
            ArpOperation::REQUEST if target_mac.is_broadcast() || *target_mac == MacAddr::ZERO => {
                write!(f, "ARP, Request who-has {target_ip} tell {sender_ip}")?;
            }
            ArpOperation::REQUEST => {
                write!(f, "ARP, Request who-has {target_ip} ({target_mac}) tell {sender_ip}")?;
            }
            ArpOperation::REPLY => write!(f, "ARP, Reply {sender_ip} is-at {sender_mac}")?,
            ArpOperation(number) => write!(f, "ARP, operation {number}, {sender_ip} ({sender_mac})")?,
        }
        write!(f, ", length {}", self.wire_len())
    }
}

impl Display for Packet<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (source, destination) = (self.ip.source(), self.ip.destination());
        f.write_str(match self.ip {
            Ip::V4(_) => "IP ",
            Ip::V6(_) => "IP6 ",
        })?;
        match self.transport.ports() {
            Some((from, to)) => write!(f, "{source}.{from} > {destination}.{to}: ")?,
            None => write!(f, "{source} > {destination}: ")?,
        }
        // Segmentation offload leaves the length zero; then what is there must do.
        let len = self.ip.payload_len().max(self.transport.wire_len());
        match &self.transport {
            Transport::Tcp(tcp) => tcp_line(f, tcp, len),
            Transport::Udp(udp) => write!(f, "UDP, length {}", udp_len(udp)),
            Transport::Icmpv4(icmp) => write!(f, "ICMP {}, length {len}", Icmpv4Line(icmp)),
            Transport::Icmpv6(icmp) => write!(f, "ICMP6, {}, length {len}", Icmpv6Line(icmp)),
            Transport::Fragment { protocol, .. } => fragment_line(f, &self.ip, *protocol, len),
            Transport::Unreadable { error, .. } => match self.transport.seq() {
                Some(seq) => write!(f, "seq {seq}, [|{}]", name(error.layer)),
                None => write!(f, "[|{}]", name(error.layer)),
            },
            Transport::Other { protocol, .. } => write!(f, "ip-proto-{}, length {len}", protocol.0),
        }
    }
}

fn udp_len(udp: &Udp<'_>) -> usize {
    match udp.length {
        0 => udp.payload.len(),
        length => usize::from(length).saturating_sub(Udp::LEN),
    }
}

fn fragment_line(f: &mut Formatter<'_>, ip: &Ip<'_>, protocol: Protocol, len: usize) -> fmt::Result {
    let (id, units, more) = match ip {
        Ip::V4(header) => (u32::from(header.identification), header.fragment_offset, header.more_fragments),
        Ip::V6(header) => header
            .fragment()
            .map_or((0, 0, false), |fragment| (fragment.identification, fragment.offset, fragment.more)),
    };
    let (offset, more) = (u32::from(units) * 8, if more { "+" } else { "" });
    write!(f, "{protocol} fragment, id {id}, offset {offset}{more}, length {len}")
}

/// A segment of which header and payload are `len` octets.
fn tcp_line(f: &mut Formatter<'_>, tcp: &Tcp<'_>, len: usize) -> fmt::Result {
    let len = len.saturating_sub(tcp.header_len());
    write!(f, "Flags [{}]", FlagLetters(tcp.flags))?;
    let (ends, seq) = (TcpFlags::SYN | TcpFlags::FIN | TcpFlags::RST, tcp.seq);
    if len > 0 {
        // At most 65,535, or as many as a jumbogram's 32 bits tell; sequence numbers wrap.
        write!(f, ", seq {seq}:{}", seq.wrapping_add(len as u32))?;
    } else if tcp.flags.intersects(ends) {
        write!(f, ", seq {seq}")?;
    }
    if tcp.flags.ack() {
        write!(f, ", ack {}", tcp.ack)?;
    }
    write!(f, ", win {}", tcp.window)?;
    if tcp.flags.urg() {
        write!(f, ", urg {}", tcp.urgent)?;
    }
    if !tcp.options.octets().is_empty() {
        write!(f, ", options [{}]", tcp.options)?;
    }
    write!(f, ", length {len}")
}

/// Flags as tcpdump writes them; reserved bits, which it does not write, as `r` and their number.
struct FlagLetters(TcpFlags);

impl Display for FlagLetters {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        const LETTERS: [&str; 9] = ["F", "S", "R", "P", ".", "U", "E", "W", "e"];
        if self.0.is_empty() {
            return f.write_str("none");
        }
        for ((flag, _), letter) in TcpFlags::NAMES.iter().zip(LETTERS) {
            if self.0.contains(*flag) {
                f.write_str(letter)?;
            }
        }
        match self.0.reserved() {
            0 => Ok(()),
            reserved => write!(f, "r{reserved}"),
        }
    }
}

/// Octets as `0x` and hexadecimal digits.
pub(super) struct Hex<'a>(pub(super) &'a [u8]);

impl Display for Hex<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("0x")?;
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

impl Display for TcpOptions<'_> {
    /// `mss 1460,nop,wscale 7`; `[bad opt]` where the walk ends in an error.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for option in self {
            f.write_str(separator)?;
            separator = ",";
            match option {
                Ok(option) => option.fmt(f)?,
                Err(_) => f.write_str("[bad opt]")?,
            }
        }
        Ok(())
    }
}

impl Display for TcpOption<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let cookie = |f: &mut Formatter<'_>, name, cookie: &[u8]| match cookie {
            [] => write!(f, "{name} cookiereq"),
            cookie => {
                write!(f, "{name} cookie ")?;
                cookie.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
            }
        };
        match *self {
            Self::EndOfList => f.write_str("eol"),
            Self::NoOperation => f.write_str("nop"),
            Self::MaximumSegmentSize(size) => write!(f, "mss {size}"),
            Self::WindowScale(shift) => write!(f, "wscale {shift}"),
            Self::SackPermitted => f.write_str("sackOK"),
            Self::Sack(blocks) => {
                write!(f, "sack {} ", blocks.len())?;
                blocks.iter().try_for_each(|block| write!(f, "{{{}:{}}}", block.left, block.right))
            }
            Self::Timestamps { value, echo } => write!(f, "TS val {value} ecr {echo}"),
            Self::UserTimeout { minutes, value } => {
                write!(f, "uto {value} {}", if minutes { "min" } else { "s" })
            }
            Self::FastOpen(data) => cookie(f, "tfo", data),
            Self::FastOpenExperimental(data) => cookie(f, "exp-tfo", data),
            Self::Md5(digest) => write!(f, "md5 {}", Hex(digest)),
            Self::Ao { key_id, next_key_id, mac } => {
                write!(f, "tcp-ao keyid {key_id} rnextkeyid {next_key_id} mac {}", Hex(mac))
            }
            Self::Mptcp(data) => write!(f, "mptcp {}", Hex(data)),
            Self::AccEcn0(counters) => counter_list(f, counters, ["e0b", "ceb", "e1b"]),
            Self::AccEcn1(counters) => counter_list(f, counters, ["e1b", "ceb", "e0b"]),
            Self::Unknown { kind, data: [] } => write!(f, "unknown-{kind}"),
            Self::Unknown { kind, data } => write!(f, "unknown-{kind} {}", Hex(data)),
        }
    }
}

fn counter_list(f: &mut Formatter<'_>, counters: AccEcnCounters<'_>, names: [&str; 3]) -> fmt::Result {
    f.write_str("accecn")?;
    counters.iter().zip(names).try_for_each(|(counter, name)| write!(f, " {name} {counter}"))?;
    match &counters.0[counters.iter().len() * 3..] {
        [] => Ok(()),
        padding => write!(f, " padding {}", Hex(padding)),
    }
}

/// What an ICMP message says.
struct Icmpv4Line<'a>(&'a Icmpv4<'a>);

impl Display for Icmpv4Line<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        use Icmpv4Message::*;
        let code = self.0.code;
        match self.0.message {
            EchoReply(echo) => write!(f, "echo reply, id {}, seq {}", echo.identifier, echo.sequence),
            EchoRequest(echo) => write!(f, "echo request, id {}, seq {}", echo.identifier, echo.sequence),
            DestinationUnreachable { next_hop_mtu, .. } => self.unreachable(f, code, next_hop_mtu),
            SourceQuench { .. } => f.write_str("source quench"),
            Redirect { gateway, .. } => match self.0.quoted() {
                Some(Ok(quoted)) => {
                    write!(f, "redirect {} to host {gateway}", quoted.ip.destination())
                }
                _ => write!(f, "redirect to host {gateway}"),
            },
            TimeExceeded { .. } => match code {
                0 => f.write_str("time exceeded in-transit"),
                1 => f.write_str("ip reassembly time exceeded"),
                code => write!(f, "time exceeded, code {code}"),
            },
            ParameterProblem { pointer, .. } if code == 0 => {
                write!(f, "parameter problem - octet {pointer}")
            }
            ParameterProblem { pointer, .. } => {
                write!(f, "parameter problem - octet {pointer}, code {code}")
            }
            TimestampRequest(times) => {
                write!(f, "time stamp query id {} seq {}", times.identifier, times.sequence)
            }
            TimestampReply(times) => {
                write!(f, "time stamp reply id {} seq {}", times.identifier, times.sequence)
            }
            Unknown { kind, .. } if code == 0 => write!(f, "type-#{kind}"),
            Unknown { kind, .. } => write!(f, "type-#{kind}, code {code}"),
        }
    }
}

impl Icmpv4Line<'_> {
    fn unreachable(&self, f: &mut Formatter<'_>, code: u8, mtu: u16) -> fmt::Result {
        let Some(Ok(quoted)) = self.0.quoted() else {
            return write!(f, "unreachable, code {code}");
        };
        let destination = quoted.ip.destination();
        match (code, quoted.transport.ports()) {
            (0, _) => write!(f, "net {destination} unreachable"),
            (1, _) => write!(f, "host {destination} unreachable"),
            (2, _) => write!(f, "{destination} protocol {} unreachable", quoted.ip.protocol().0),
            (3, Some((_, port))) => {
                let transport = transport_name(quoted.ip.protocol());
                write!(f, "{destination} {transport} port {port} unreachable")
            }
            (4, _) if mtu != 0 => write!(f, "{destination} unreachable - need to frag (mtu {mtu})"),
            (4, _) => write!(f, "{destination} unreachable - need to frag"),
            (5, _) => write!(f, "{destination} unreachable - source route failed"),
            (9 | 10 | 13, _) => write!(f, "host {destination} unreachable - admin prohibited"),
            (code, _) => write!(f, "{destination} unreachable, code {code}"),
        }
    }
}

fn transport_name(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::TCP => "tcp",
        Protocol::UDP => "udp",
        _ => "protocol",
    }
}

/// What an ICMPv6 message says.
struct Icmpv6Line<'a>(&'a Icmpv6<'a>);

impl Display for Icmpv6Line<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        use Icmpv6Message::*;
        let code = self.0.code;
        match self.0.message {
            DestinationUnreachable { .. } => self.unreachable(f, code),
            PacketTooBig { mtu, .. } => write!(f, "packet too big, mtu {mtu}"),
            TimeExceeded { .. } => match code {
                0 => f.write_str("time exceeded in-transit"),
                1 => f.write_str("time exceeded in-transit (reassembly)"),
                code => write!(f, "time exceeded, code {code}"),
            },
            ParameterProblem { pointer, .. } => {
                let what = match code {
                    0 => "erroneous - octet",
                    1 => "next header - octet",
                    2 => "option - octet",
                    _ => "octet",
                };
                write!(f, "parameter problem, {what} {pointer}")
            }
            EchoRequest(echo) => write!(f, "echo request, id {}, seq {}", echo.identifier, echo.sequence),
            EchoReply(echo) => write!(f, "echo reply, id {}, seq {}", echo.identifier, echo.sequence),
            RouterSolicitation { .. } => f.write_str("router solicitation"),
            RouterAdvertisement(_) => f.write_str("router advertisement"),
            NeighborSolicitation { target, .. } => {
                write!(f, "neighbor solicitation, who has {target}")
            }
            NeighborAdvertisement { target, .. } => {
                write!(f, "neighbor advertisement, tgt is {target}")
            }
            Redirect { target, destination, .. } => write!(f, "redirect, {destination} to {target}"),
            Unknown { kind, .. } if code == 0 => write!(f, "type-#{kind}"),
            Unknown { kind, .. } => write!(f, "type-#{kind}, code {code}"),
        }
    }
}

impl Icmpv6Line<'_> {
    fn unreachable(&self, f: &mut Formatter<'_>, code: u8) -> fmt::Result {
        f.write_str("destination unreachable, ")?;
        let what = match code {
            0 => "unreachable route",
            1 => "unreachable prohibited",
            2 => "beyond scope",
            3 => "unreachable address",
            4 => "unreachable port",
            _ => "unreachable",
        };
        f.write_str(what)?;
        let Some(Ok(quoted)) = self.0.quoted() else {
            return write!(f, ", code {code}");
        };
        write!(f, ", {}", quoted.ip.destination())?;
        match (code, quoted.transport.ports()) {
            (4, Some((_, port))) => {
                write!(f, " {} port {port}", transport_name(quoted.ip.protocol()))
            }
            (0..=4, _) => Ok(()),
            (code, _) => write!(f, ", code {code}"),
        }
    }
}
