//! Printing as a tree: a line a group of fields, each with its offset in octets from the start.
//!
//! ```text
//!    0  Ethernet 02:00:00:00:00:01 > 02:00:00:00:00:02
//!   12    EtherType 0x0800 IPv4
//!   14  IPv4 192.0.2.1 > 192.0.2.2
//!   ...
//! ```

use super::line::Hex;
use super::*;
use core::fmt::{self, Display, Formatter};

/// Prints a frame or a packet as a tree.
#[derive(Clone, Copy, Debug)]
pub struct Tree<'a>(Root<'a>);

#[derive(Clone, Copy, Debug)]
enum Root<'a> {
    Frame(&'a Frame<'a>),
    Packet(&'a Packet<'a>),
}

impl Frame<'_> {
    /// The frame as a tree, to be printed.
    #[must_use]
    pub fn tree(&self) -> Tree<'_> {
        Tree(Root::Frame(self))
    }
}

impl Packet<'_> {
    /// The packet as a tree, to be printed.
    #[must_use]
    pub fn tree(&self) -> Tree<'_> {
        Tree(Root::Packet(self))
    }
}

impl Display for Tree<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut writer = Writer { f, first: true };
        match self.0 {
            Root::Frame(frame) => writer.frame(frame),
            Root::Packet(packet) => writer.packet(0, packet),
        }
    }
}

/// Writes lines; none ends with a line break but where another follows.
struct Writer<'w, 'f> {
    f: &'w mut Formatter<'f>,
    first: bool,
}

impl Writer<'_, '_> {
    fn line(&mut self, at: usize, indent: &str, what: fmt::Arguments<'_>) -> fmt::Result {
        let end = if self.first { "" } else { "\n" };
        self.first = false;
        write!(self.f, "{end}{at:>5}  {indent}{what}")
    }

    /// A header begins.
    fn head(&mut self, at: usize, what: fmt::Arguments<'_>) -> fmt::Result {
        self.line(at, "", what)
    }

    /// A group of fields.
    fn field(&mut self, at: usize, what: fmt::Arguments<'_>) -> fmt::Result {
        self.line(at, "  ", what)
    }

    /// One of several options.
    fn item(&mut self, at: usize, what: fmt::Arguments<'_>) -> fmt::Result {
        self.line(at, "    ", what)
    }

    /// Octets that nothing more is said about, if there are any.
    fn octets(&mut self, at: usize, what: &str, octets: &[u8]) -> fmt::Result {
        /// More would fill the screen.
        const SHOWN: usize = 32;
        match octets {
            [] => Ok(()),
            octets if octets.len() <= SHOWN => {
                self.field(at, format_args!("{what}, {} octets: {}", octets.len(), Hex(octets)))
            }
            octets => {
                let shown = Hex(&octets[..SHOWN]);
                self.field(at, format_args!("{what}, {} octets: {shown}...", octets.len()))
            }
        }
    }

    fn frame(&mut self, frame: &Frame<'_>) -> fmt::Result {
        let Ethernet { destination, source, tags, ethertype } = frame.ethernet;
        self.head(0, format_args!("Ethernet {source} > {destination}"))?;
        for (index, tag) in tags.iter().enumerate() {
            self.field(
                12 + index * 4,
                format_args!(
                    "tag 0x{:04x}, VLAN {}, priority {}{}",
                    tag.tpid.0,
                    tag.vlan(),
                    tag.priority(),
                    set(tag.is_drop_eligible(), ", drop eligible"),
                ),
            )?;
        }
        let at = frame.ethernet.wire_len();
        self.field(at - 2, format_args!("EtherType 0x{:04x}", ethertype.0))?;
        match &frame.content {
            Content::Arp(arp) => self.arp(at, arp),
            Content::Ip(packet) => self.packet(at, packet),
            Content::Unreadable { octets, error } => {
                self.head(at, format_args!("unreadable: {error}"))?;
                self.octets(at, "octets", octets)
            }
            Content::Other(octets) => self.octets(at, "payload", octets),
        }
    }

    fn arp(&mut self, at: usize, arp: &Arp<'_>) -> fmt::Result {
        let Arp { operation, sender_mac, sender_ip, target_mac, target_ip, trailer } = arp;
        let name = match *operation {
            ArpOperation::REQUEST => " request",
            ArpOperation::REPLY => " reply",
            _ => "",
        };
        self.head(at, format_args!("ARP"))?;
        self.field(at, format_args!("IPv4 over Ethernet"))?;
        self.field(at + 6, format_args!("operation {}{name}", operation.0))?;
        self.field(at + 8, format_args!("sender {sender_mac} {sender_ip}"))?;
        self.field(at + 18, format_args!("target {target_mac} {target_ip}"))?;
        self.octets(at + Arp::LEN, "trailer", trailer)
    }

    fn packet(&mut self, at: usize, packet: &Packet<'_>) -> fmt::Result {
        let verdicts = packet.checksums();
        match &packet.ip {
            Ip::V4(header) => self.ipv4(at, header, verdicts.ip)?,
            Ip::V6(header) => self.ipv6(at, header)?,
        }
        let behind = at + packet.ip.header_len();
        let verdict = verdicts.transport;
        match &packet.transport {
            Transport::Tcp(tcp) => self.tcp(behind, tcp, verdict)?,
            Transport::Udp(udp) => self.udp(behind, udp, verdict)?,
            Transport::Icmpv4(icmp) => self.icmpv4(behind, icmp, verdict)?,
            Transport::Icmpv6(icmp) => self.icmpv6(behind, icmp, verdict)?,
            Transport::Fragment { protocol, octets } => {
                self.head(behind, format_args!("fragment of {protocol}"))?;
                self.octets(behind, "octets", octets)?;
            }
            Transport::Unreadable { protocol, octets, error } => {
                self.head(behind, format_args!("{protocol}, unreadable: {error}"))?;
                self.octets(behind, "octets", octets)?;
            }
            Transport::Other { protocol, octets } => {
                self.head(behind, format_args!("{protocol}"))?;
                self.octets(behind, "payload", octets)?;
            }
        }
        let end = behind + packet.transport.wire_len();
        match packet.missing() {
            0 => {}
            missing => self.head(end, format_args!("cut off: {missing} octets missing"))?,
        }
        match packet.trailer {
            [] => Ok(()),
            trailer => {
                self.head(end, format_args!("behind the packet"))?;
                self.octets(end, "trailer", trailer)
            }
        }
    }

    fn ipv4(&mut self, at: usize, header: &Ipv4<'_>, verdict: Verdict) -> fmt::Result {
        let Ipv4 { dscp, ecn, total_len, identification, ttl, protocol, checksum, .. } = header;
        self.head(at, format_args!("IPv4 {} > {}", header.source, header.destination))?;
        self.field(at, format_args!("version 4, header length {}", header.wire_len()))?;
        self.field(at + 1, format_args!("DSCP {dscp}, ECN {ecn}"))?;
        self.field(at + 2, format_args!("total length {total_len}"))?;
        self.field(at + 4, format_args!("identification {identification}"))?;
        self.field(
            at + 6,
            format_args!(
                "fragment offset {}{}{}{}",
                u32::from(header.fragment_offset) * 8,
                set(header.dont_fragment, ", DF"),
                set(header.more_fragments, ", MF"),
                set(header.reserved, ", reserved"),
            ),
        )?;
        self.field(at + 8, format_args!("time to live {ttl}, {}", Numbered("protocol", *protocol)))?;
        self.field(at + 10, format_args!("checksum 0x{checksum:04x}{}", judged(verdict)))?;
        let mut walk = header.options.iter();
        let mut here = at + Ipv4::MIN_LEN;
        while let Some(option) = walk.next() {
            match option {
                Ok(option) => self.field(here, format_args!("{option}"))?,
                Err(error) => return self.field(here, format_args!("option malformed: {error}")),
            }
            here = at + header.wire_len() - walk.rest().len();
        }
        self.octets(here, "padding", walk.rest())
    }

    fn ipv6(&mut self, at: usize, header: &Ipv6<'_>) -> fmt::Result {
        let Ipv6 { dscp, ecn, flow_label, payload_length, next_header, hop_limit, .. } = header;
        self.head(at, format_args!("IPv6 {} > {}", header.source, header.destination))?;
        self.field(at, format_args!("version 6, DSCP {dscp}, ECN {ecn}, flow label 0x{flow_label:05x}"))?;
        self.field(at + 4, format_args!("payload length {payload_length}"))?;
        self.field(at + 6, format_args!("{}, hop limit {hop_limit}", Numbered("next header", *next_header)))?;
        let mut walk = header.extensions();
        loop {
            let here = at + header.wire_len() - walk.rest().len();
            match walk.next() {
                None => return Ok(()),
                // What cannot be walked over is told behind the header.
                Some(Err(_)) => return Ok(()),
                Some(Ok(extension)) => self.extension(here, &extension, walk.next_header())?,
            }
        }
    }

    fn extension(&mut self, at: usize, extension: &Extension<'_>, next: Protocol) -> fmt::Result {
        let (name, options) = match extension {
            Extension::HopByHop(options) => ("hop-by-hop options", options),
            Extension::Destination(options) => ("destination options", options),
            Extension::Routing(Routing { routing_type, segments_left, data }) => {
                self.field(
                    at,
                    format_args!("routing type {routing_type}, {segments_left} segments left, then {next}"),
                )?;
                return self.octets(at + 4, "data", data);
            }
            Extension::Fragment(FragmentHeader { offset, more, identification, .. }) => {
                let (offset, more) = (u32::from(*offset) * 8, set(*more, ", more"));
                return self.field(
                    at,
                    format_args!(
                        "fragment, offset {offset}{more}, identification {identification}, then {next}"
                    ),
                );
            }
        };
        self.field(at, format_args!("{name}, then {next}"))?;
        let mut here = at + 2;
        let end = here + options.octets().len();
        let mut walk = options.iter();
        while let Some(option) = walk.next() {
            match option {
                Ok(option) => self.item(here, format_args!("{option}"))?,
                Err(error) => self.item(here, format_args!("malformed: {error}"))?,
            }
            here = end - walk.rest().len();
        }
        Ok(())
    }

    fn tcp(&mut self, at: usize, tcp: &Tcp<'_>, verdict: Verdict) -> fmt::Result {
        let Tcp { source_port, destination_port, seq, ack, flags, window, checksum, urgent, .. } = tcp;
        let header_len = tcp.header_len();
        self.head(at, format_args!("TCP {source_port} > {destination_port}"))?;
        self.field(at + 4, format_args!("sequence number {seq}"))?;
        self.field(at + 8, format_args!("acknowledgment number {ack}"))?;
        self.field(at + 12, format_args!("header length {header_len}, flags {flags:?}"))?;
        self.field(at + 14, format_args!("window {window}"))?;
        self.field(at + 16, format_args!("checksum 0x{checksum:04x}{}", judged(verdict)))?;
        self.field(at + 18, format_args!("urgent pointer {urgent}"))?;
        let mut walk = tcp.options.iter();
        let mut here = at + Tcp::MIN_LEN;
        while let Some(option) = walk.next() {
            match option {
                Ok(option) => self.field(here, format_args!("option {option}"))?,
                Err(error) => self.field(here, format_args!("option malformed: {error}"))?,
            }
            here = at + header_len - walk.rest().len();
        }
        self.octets(here, "padding", walk.rest())?;
        self.octets(at + header_len, "data", tcp.payload)
    }

    fn udp(&mut self, at: usize, udp: &Udp<'_>, verdict: Verdict) -> fmt::Result {
        let Udp { source_port, destination_port, length, checksum, payload, surplus } = udp;
        self.head(at, format_args!("UDP {source_port} > {destination_port}"))?;
        self.field(at + 4, format_args!("length {length}"))?;
        self.field(at + 6, format_args!("checksum 0x{checksum:04x}{}", judged(verdict)))?;
        self.octets(at + Udp::LEN, "data", payload)?;
        self.octets(at + Udp::LEN + payload.len(), "surplus", surplus)
    }

    fn icmpv4(&mut self, at: usize, icmp: &Icmpv4<'_>, verdict: Verdict) -> fmt::Result {
        let Icmpv4 { code, checksum, message } = icmp;
        self.head(at, format_args!("ICMP type {}, code {code}", message.kind()))?;
        self.field(at + 2, format_args!("checksum 0x{checksum:04x}{}", judged(verdict)))?;
        use Icmpv4Message::*;
        match *message {
            EchoReply(echo) | EchoRequest(echo) => return self.echo(at + 4, &echo),
            DestinationUnreachable { unused, next_hop_mtu, .. } => {
                self.field(at + 4, format_args!("unused {unused}, next-hop MTU {next_hop_mtu}"))?;
            }
            SourceQuench { unused, .. } | TimeExceeded { unused, .. } => {
                self.field(at + 4, format_args!("unused {unused}"))?;
            }
            Redirect { gateway, .. } => self.field(at + 4, format_args!("gateway {gateway}"))?,
            ParameterProblem { pointer, .. } => self.field(at + 4, format_args!("pointer {pointer}"))?,
            TimestampRequest(times) | TimestampReply(times) => return self.timestamp(at + 4, &times),
            Unknown { data, .. } => return self.octets(at + 4, "data", data),
        }
        self.quote(at + 8, icmp.quoted(), message.quote())
    }

    fn echo(&mut self, at: usize, echo: &Echo<'_>) -> fmt::Result {
        let Echo { identifier, sequence, data } = echo;
        self.field(at, format_args!("identifier {identifier}, sequence number {sequence}"))?;
        self.octets(at + 4, "data", data)
    }

    fn timestamp(&mut self, at: usize, times: &IcmpTimestamp<'_>) -> fmt::Result {
        let IcmpTimestamp { identifier, sequence, originate, receive, transmit, trailer } = times;
        self.field(at, format_args!("identifier {identifier}, sequence number {sequence}"))?;
        self.field(
            at + 4,
            format_args!("originate {originate} ms, receive {receive} ms, transmit {transmit} ms"),
        )?;
        self.octets(at + 16, "trailer", trailer)
    }

    fn icmpv6(&mut self, at: usize, icmp: &Icmpv6<'_>, verdict: Verdict) -> fmt::Result {
        let Icmpv6 { code, checksum, message } = icmp;
        self.head(at, format_args!("ICMPv6 type {}, code {code}", message.kind()))?;
        self.field(at + 2, format_args!("checksum 0x{checksum:04x}{}", judged(verdict)))?;
        use Icmpv6Message::*;
        match *message {
            EchoReply(echo) | EchoRequest(echo) => return self.echo(at + 4, &echo),
            DestinationUnreachable { unused, .. } | TimeExceeded { unused, .. } => {
                self.field(at + 4, format_args!("unused {unused}"))?;
            }
            PacketTooBig { mtu, .. } => self.field(at + 4, format_args!("MTU {mtu}"))?,
            ParameterProblem { pointer, .. } => self.field(at + 4, format_args!("pointer {pointer}"))?,
            RouterSolicitation { reserved, .. } => {
                self.field(at + 4, format_args!("reserved {reserved}"))?;
            }
            RouterAdvertisement(advertisement) => self.advertisement(at + 4, &advertisement)?,
            NeighborSolicitation { target, .. } => self.field(at + 8, format_args!("target {target}"))?,
            NeighborAdvertisement { flags, target, .. } => {
                let (router, solicited) = (NeighborFlags::ROUTER, NeighborFlags::SOLICITED);
                self.field(
                    at + 4,
                    format_args!(
                        "flags 0x{:08x}{}{}{}",
                        flags.0,
                        set(flags.contains(router), ", router"),
                        set(flags.contains(solicited), ", solicited"),
                        set(flags.contains(NeighborFlags::OVERRIDE), ", override"),
                    ),
                )?;
                self.field(at + 8, format_args!("target {target}"))?;
            }
            Redirect { target, destination, .. } => {
                self.field(at + 8, format_args!("target {target}"))?;
                self.field(at + 24, format_args!("destination {destination}"))?;
            }
            Unknown { data, .. } => return self.octets(at + 4, "data", data),
        }
        match message.ndp_options() {
            Some(options) => self.ndp_options(at + icmp.wire_len(), options),
            None => self.quote(at + 8, icmp.quoted(), message.quote()),
        }
    }

    fn advertisement(&mut self, at: usize, advertisement: &RouterAdvertisement<'_>) -> fmt::Result {
        let RouterAdvertisement { hop_limit, flags, router_lifetime, .. } = advertisement;
        self.field(
            at,
            format_args!("hop limit {hop_limit}, flags 0x{flags:02x}, router for {router_lifetime} s"),
        )?;
        let RouterAdvertisement { reachable_time, retransmit_timer, .. } = advertisement;
        self.field(
            at + 4,
            format_args!("reachable time {reachable_time} ms, retransmission timer {retransmit_timer} ms"),
        )
    }

    /// The options of neighbour discovery, which end at `end`.
    fn ndp_options(&mut self, end: usize, options: NdpOptions<'_>) -> fmt::Result {
        let mut here = end - options.octets().len();
        let mut walk = options.iter();
        while let Some(option) = walk.next() {
            match option {
                Ok(option) => self.item(here, format_args!("{option}"))?,
                Err(error) => self.item(here, format_args!("malformed: {error}"))?,
            }
            here = end - walk.rest().len();
        }
        Ok(())
    }

    /// The packet that an ICMP message is about, on one line: it is of another time.
    fn quote(
        &mut self,
        at: usize,
        quoted: Option<Result<Packet<'_>, Error>>,
        octets: Option<Span<'_>>,
    ) -> fmt::Result {
        match quoted {
            None => Ok(()),
            Some(Ok(packet)) => self.field(at, format_args!("quotes {packet}")),
            Some(Err(error)) => {
                self.field(at, format_args!("quotes what is unreadable: {error}"))?;
                self.octets(at, "octets", octets.map_or(&[], Span::octets))
            }
        }
    }
}

/// A protocol's number and, if it has one, its name.
struct Numbered(&'static str, Protocol);

impl Display for Numbered {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(what, protocol) = self;
        match protocol.name() {
            Some(name) => write!(f, "{what} {} {name}", protocol.0),
            None => write!(f, "{what} {}", protocol.0),
        }
    }
}

fn set(flag: bool, name: &'static str) -> &'static str {
    if flag { name } else { "" }
}

fn judged(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Right => " right",
        Verdict::Wrong => " WRONG",
        Verdict::None => "",
    }
}
