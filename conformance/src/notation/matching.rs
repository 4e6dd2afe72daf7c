//! Does a received packet fit what a row expects, and if not, where does it differ?
//!
//! Only what is written is compared, but for the octets carried, which always are, and for what would keep an honest
//! peer from reading the segment at all: a wrong checksum or a list of options that cannot be walked.
//!
//! Matching changes nothing: what a match teaches comes back as [`Learned`], so that alternatives can be followed in
//! parallel. It allocates only to tell of a difference.

use core::fmt;

use wireproof_reference::wire::{self, Ip, Packet, Transport};

use super::evaluate::{Environment, Unresolved};
use super::number::{Binding, Learned, Seq, Side};
use super::print::Quoted;
use super::segment::{Bits, Control, Data, Ecn, Flag, Icmp, IpFields, Message, Segment, Window};
use super::show;
use super::value::{Expression, Term, Value};

mod options;

/// A field that is not what it must be; `expected` and `got` are in the notation, in symbolic numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The element's name: `SEQ`, `CTL`, `DATA`.
    pub field: &'static str,
    /// What the row says.
    pub expected: String,
    /// What the packet has.
    pub got: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}, got {}", self.field, self.expected, self.got)
    }
}

/// Compares a packet that `sender` has sent with a message.
///
/// # Errors
/// Every field that differs, in the order of the notation.
pub fn matches(
    message: &Message,
    packet: &Packet<'_>,
    sender: Side,
    binding: &Binding,
    environment: &dyn Environment,
) -> Result<Learned, Vec<Difference>> {
    let learned = Learned::nothing(binding);
    let mut matcher = Matcher { sender, binding, environment, learned, differences: Vec::new() };
    match (message, &packet.transport) {
        (Message::Tcp(segment), Transport::Tcp(tcp)) => matcher.segment(segment, tcp, packet),
        (Message::Icmp(icmp), Transport::Icmpv4(got)) => {
            let mtu = match got.message {
                wire::Icmpv4Message::DestinationUnreachable { next_hop_mtu, .. } => Some(next_hop_mtu.into()),
                _ => None,
            };
            let quote = got.message.quote().map(wire::Span::octets);
            matcher.icmp(icmp, (got.message.kind(), got.code, mtu, quote), packet);
        }
        (Message::Icmp(icmp), Transport::Icmpv6(got)) => {
            let mtu = match got.message {
                wire::Icmpv6Message::PacketTooBig { mtu, .. } => Some(mtu),
                _ => None,
            };
            let quote = got.message.quote().map(wire::Span::octets);
            matcher.icmp(icmp, (got.message.kind(), got.code, mtu, quote), packet);
        }
        (Message::Tcp(_), _) => {
            matcher.differ("segment", "a TCP segment", show::packet(packet, sender, binding))
        }
        (Message::Icmp(_), _) => {
            matcher.differ("segment", "an ICMP message", show::packet(packet, sender, binding))
        }
    }
    if matcher.differences.is_empty() { Ok(matcher.learned) } else { Err(matcher.differences) }
}

/// A comparison under way.
struct Matcher<'a> {
    sender: Side,
    binding: &'a Binding,
    environment: &'a dyn Environment,
    learned: Learned,
    differences: Vec<Difference>,
}

impl Matcher<'_> {
    fn segment(&mut self, segment: &Segment, tcp: &wire::Tcp<'_>, packet: &Packet<'_>) {
        self.seq(segment, tcp);
        if let Some(control) = segment.control {
            self.control(control, tcp.flags);
        }
        self.ack(segment, tcp);
        if tcp.flags.ack() {
            self.learned.space_mut(self.sender.other()).acknowledge(Seq(tcp.ack), tcp.flags.syn());
        }
        self.options(segment, tcp);
        match &segment.window {
            None => {}
            Some(Window::Field(value)) => self.quantity("WND", value, tcp.window.into()),
            Some(Window::Octets(value)) => {
                // RFC 7323 2.2: the window of a SYN is never scaled.
                let shift =
                    if tcp.flags.syn() { 0 } else { self.environment.window_shift(self.sender).min(14) };
                self.quantity("WIN", value, u32::from(tcp.window) << shift);
            }
        }
        self.optional_quantity("URP", segment.urgent.as_ref(), tcp.urgent.into());
        self.data(segment.data.as_ref(), tcp);
        self.checksum(segment.bad_checksum, packet);
        // Header words: at most 15.
        let offset = u32::try_from(tcp.header_len() / 4).unwrap_or(u32::MAX);
        self.optional_quantity("OFF", segment.offset.as_ref(), offset);
        self.optional_quantity("RES", segment.reserved.as_ref(), tcp.flags.reserved().into());
        self.ip(&segment.ip, packet);
    }

    /// The sequence number; a SYN's, or the first of all, is learned instead if it is written as a plain number.
    fn seq(&mut self, segment: &Segment, tcp: &wire::Tcp<'_>) {
        let got = Seq(tcp.seq);
        let symbolic = segment.seq.as_ref().and_then(Value::as_exact).and_then(Expression::as_number);
        let space = self.learned.space_mut(self.sender);
        match (symbolic, &segment.seq) {
            (Some(symbolic), _) if tcp.flags.syn() && self.sender == Side::Device => {
                if !space.learn_syn(symbolic, got) {
                    let got = show::number(got, self.binding.space(self.sender));
                    self.differ("SEQ", symbolic, got);
                }
                return;
            }
            (Some(symbolic), _) if !space.is_seen() && tcp.flags.rst() => {
                // A reset from nowhere has no number of its own: it is 0 or the other side's (RFC 9293 3.5.2).
                let side = if self.sender == Side::Device { "the device" } else { "the tester" };
                let expected =
                    format!("{symbolic} (no number of {side} has been shown yet; `abs:` says a literal one)");
                return self.differ("SEQ", expected, got.0);
            }
            (Some(symbolic), _) if !space.is_seen() => return space.learn_first(symbolic, got),
            (_, None) => return,
            (_, Some(value)) => self.sequence("SEQ", value, got, self.sender),
        }
        if tcp.flags.syn() {
            self.learned.space_mut(self.sender).begin_stream(got);
        }
    }

    /// The acknowledgment number. With `?ACK` only if the bit is set; without the bit, only if CTL says that it is so.
    fn ack(&mut self, segment: &Segment, tcp: &wire::Tcp<'_>) {
        let Some(value) = &segment.ack else { return };
        let may_lack = segment.control.is_some_and(|control| control.optional.contains(Bits::ACK));
        let must_have = segment.control.is_none_or(|control| control.present.contains(Bits::ACK));
        if !tcp.flags.ack() && may_lack {
            return;
        }
        if !tcp.flags.ack() && must_have {
            return self.differ("ACK", value, "no ACK bit");
        }
        self.sequence("ACK", value, Seq(tcp.ack), self.sender.other());
    }

    /// SYN FIN RST URG ACK must be just these; of the others only those written are compared.
    fn control(&mut self, control: Control, got: wire::TcpFlags) {
        let Control { present, absent, optional } = control;
        let got_bits = Bits(got.bits() & 0x1ff);
        let unwanted = Bits(Bits::STRICT.0 & !present.0 & !optional.0).with(absent);
        if !got_bits.contains(present) || got_bits.0 & unwanted.0 != 0 {
            self.differ("CTL", format!("{control}"), format!("{}", show::control(got_bits)));
        }
    }

    /// The octets carried: as many as written, each as it must be.
    fn data(&mut self, data: Option<&Data>, tcp: &wire::Tcp<'_>) {
        let payload = tcp.payload;
        // A payload is at most 65,535 octets.
        let len = u32::try_from(payload.len()).unwrap_or(u32::MAX);
        match data {
            None if payload.is_empty() => {}
            None => self.differ("DATA", "none", len),
            Some(Data::Literal(octets)) if octets == payload => {}
            Some(Data::Literal(octets)) => self.differ("DATA", Quoted(octets), Quoted(payload)),
            Some(Data::Count(count)) => {
                let before = self.differences.len();
                self.quantity("DATA", count, len);
                if self.differences.len() == before {
                    self.pattern(tcp);
                }
            }
        }
    }

    /// The octets carried must be the stream's. Those before its octet 0 have none to be compared with.
    fn pattern(&mut self, tcp: &wire::Tcp<'_>) {
        let offset = match tcp.flags.syn() {
            true => Some(0),
            false => self.learned.space(self.sender).stream_offset(Seq(tcp.seq)),
        };
        let Some(offset) = offset else { return };
        for (place, &got) in (offset..).zip(tcp.payload) {
            let Ok(place) = u64::try_from(place) else { continue };
            let expected = self.environment.octet(self.sender, place);
            if got != expected {
                let expected = format!("octet {place} of the stream to be {expected}");
                return self.differ("DATA", expected, got);
            }
        }
    }

    fn checksum(&mut self, is_bad: bool, packet: &Packet<'_>) {
        let got = if packet.checksums().are_right() { "right" } else { "bad" };
        let expected = if is_bad { "bad" } else { "right" };
        if got != expected {
            self.differ("SUM", expected, got);
        }
    }

    /// Type, code, MTU and quote of an ICMP message.
    fn icmp(&mut self, icmp: &Icmp, got: (u8, u8, Option<u32>, Option<&[u8]>), packet: &Packet<'_>) {
        let (kind, code, mtu, quote) = got;
        let fits = icmp.kind == kind && self.holds_quantity(&icmp.code, code.into()).unwrap_or(false);
        if !fits {
            self.differ("ICMP", format!("{}/{}", icmp.kind, icmp.code), format!("{kind}/{code}"));
        }
        match (&icmp.mtu, mtu) {
            (None, _) => {}
            (Some(value), Some(mtu)) => self.quantity("MTU", value, mtu),
            (Some(value), None) => self.differ("MTU", value, "none"),
        }
        if let Some(label) = &icmp.quote {
            self.quote(label, quote);
        }
        self.checksum(icmp.bad_checksum, packet);
        self.ip(&icmp.ip, packet);
    }

    /// The quote must be a beginning of that row's packet: its IP header and 8 octets at least (RFC 792; RFC 4443
    /// wants more).
    fn quote(&mut self, label: &str, got: Option<&[u8]>) {
        let Some(packet) = self.environment.packet(label) else {
            return self.differ("QUOTE", format!("{label}, which had no packet"), "a quote");
        };
        let Some(got) = got.filter(|got| !got.is_empty()) else {
            return self.differ("QUOTE", label, "none");
        };
        let header = Packet::parse_cut(packet).map_or(0, |packet| packet.ip.header_len());
        let least = (header + 8).min(packet.len());
        if got.len() < least {
            self.differ("QUOTE", format!("{least} octets of {label}"), format!("{} octets", got.len()));
        } else if !packet.starts_with(got) {
            let place = packet.iter().zip(got).take_while(|(expected, got)| expected == got).count();
            self.differ("QUOTE", label, format!("another packet, from octet {place} on"));
        }
    }

    fn ip(&mut self, fields: &IpFields, packet: &Packet<'_>) {
        let IpFields { ttl, dscp, ecn, id, df, options, length } = fields;
        let own_length = match &packet.ip {
            Ip::V4(header) => header.total_len,
            Ip::V6(header) => header.payload_length,
        };
        self.optional_quantity("IPLEN", length.as_ref(), own_length.into());
        self.optional_quantity("TTL", ttl.as_ref(), packet.ip.hop_limit().into());
        self.optional_quantity("DSCP", dscp.as_ref(), packet.ip.dscp().into());
        let got = Ecn::from_bits(packet.ip.ecn());
        if let Some(expected) = ecn.filter(|expected| *expected != got) {
            self.differ("ECN", expected, got);
        }
        let Ip::V4(header) = &packet.ip else {
            // IPv6 packets are never fragmented on their way (RFC 8200 5): nothing to compare for DF.
            if let Some(id) = id {
                self.differ("ID", id, "none: IPv6 has no such field");
            }
            if let Some(octets) = options {
                self.differ("IPOPT", super::print::Hex(octets), "none: IPv6 has no such field");
            }
            return;
        };
        self.optional_quantity("ID", id.as_ref(), header.identification.into());
        match (df, header.dont_fragment) {
            (Some(Flag::Present), false) => self.differ("DF", "DF", "no DF"),
            (Some(Flag::Absent), true) => self.differ("DF", "no DF", "DF"),
            (None | Some(Flag::Present), true) | (None | Some(Flag::Absent), false) => {}
        }
        if let Some(octets) = options {
            let got = header.options.octets();
            if !is_padded(octets, got) {
                self.differ("IPOPT", super::print::Hex(octets), super::print::Hex(got));
            }
        }
    }

    /// A sequence number of that side's.
    fn sequence(&mut self, field: &'static str, value: &Value, got: Seq, side: Side) {
        let holds = value.holds_sequence(got, self.learned.space_mut(side), self.environment);
        if holds != Ok(true) {
            let shown = show::number(got, self.learned.space(side));
            self.differ_value(field, value, holds, &shown);
        }
    }

    fn optional_quantity(&mut self, field: &'static str, value: Option<&Value>, got: u32) {
        if let Some(value) = value {
            self.quantity(field, value, got);
        }
    }

    fn quantity(&mut self, field: &'static str, value: &Value, got: u32) {
        let holds = self.holds_quantity(value, got);
        if holds != Ok(true) {
            self.differ_value(field, value, holds, &got);
        }
    }

    fn holds_quantity(&self, value: &Value, got: u32) -> Result<bool, Unresolved> {
        value.holds_quantity(got, self.environment)
    }

    /// A value that is not held: with what its variables are, or why that is not known.
    fn differ_value(
        &mut self,
        field: &'static str,
        value: &Value,
        holds: Result<bool, Unresolved>,
        got: &dyn fmt::Display,
    ) {
        match holds {
            Err(why) => self.differ(field, format!("{value} ({why})"), got),
            Ok(_) => {
                let expected = match self.worth(field, value) {
                    Some(worth) => format!("{value}, which is {worth}"),
                    None => value.to_string(),
                };
                self.differ(field, expected, got);
            }
        }
    }

    /// What an expression with variables comes to, in the symbolic numbers of the side that it is a number of.
    fn worth(&self, field: &'static str, value: &Value) -> Option<String> {
        let has_names = |expression: &Expression| {
            expression.terms().any(|term| !matches!(term, Term::Number(_) | Term::Absolute(_)))
        };
        if !value.expressions().any(has_names) {
            return None;
        }
        let side = match field {
            "SEQ" => Some(self.sender),
            "ACK" => Some(self.sender.other()),
            _ => None,
        };
        let worths: Vec<String> = value
            .expressions()
            .filter_map(|expression| match side {
                None => expression.quantity(self.environment).ok().map(|count| count.to_string()),
                Some(side) => self.place(expression, side),
            })
            .collect();
        (!worths.is_empty()).then(|| worths.join(".."))
    }

    /// The sequence number that an expression in a field of `side` comes to. One of the other side's says so: it is
    /// seldom what was meant.
    fn place(&self, expression: &Expression, side: Side) -> Option<String> {
        let mut space = *self.learned.space(side);
        let seq = expression.sequence(&mut space, self.environment).ok()?;
        match expression.side().filter(|own| *own != side) {
            None => Some(show::number(seq, &space).to_string()),
            Some(Side::Device) => Some(format!("the device's {}", show::number(seq, &self.learned.device))),
            Some(Side::Tester) => Some(format!("the tester's {}", show::number(seq, &self.learned.tester))),
        }
    }

    fn differ(&mut self, field: &'static str, expected: impl fmt::Display, got: impl fmt::Display) {
        self.differences.push(Difference { field, expected: expected.to_string(), got: got.to_string() });
    }
}

/// Whether `got` is `octets`, with zeros behind it up to a multiple of 4.
fn is_padded(octets: &[u8], got: &[u8]) -> bool {
    got.strip_prefix(octets)
        .is_some_and(|padding| padding.len() < 4 && padding.iter().all(|octet| *octet == 0))
}
