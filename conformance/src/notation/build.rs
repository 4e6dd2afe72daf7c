//! A message as written to the octets of an IP packet, with what an honest peer would add and the damages asked for.

use core::fmt;
use core::net::IpAddr;

use wireproof_reference::wire;

use super::evaluate::{Environment, Unresolved};
use super::number::{Binding, Learned, Seq, Side};
use super::segment::{Bits, Data, Flag, Icmp, IpFields, Message, Segment, Window};
use super::value::{Expression, Value};

mod options;

/// Between whom a message travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Path {
    /// The sender's address.
    pub source: IpAddr,
    /// The sender's port.
    pub source_port: u16,
    /// The receiver's address, of the same version of IP.
    pub destination: IpAddr,
    /// The receiver's port.
    pub destination_port: u16,
}

/// What an honest peer sends where nothing is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Honest {
    /// Its next sequence number; 0 if it has none yet.
    pub seq: Option<Seq>,
    /// What it acknowledges: the next number it expects.
    pub ack: Option<Seq>,
    /// The window field.
    pub window: u16,
    /// What its SYN says it can receive: 1460, over IPv6 1440.
    pub mss: u16,
    /// TSval and TSecr, once timestamps are agreed.
    pub timestamps: Option<(u32, u32)>,
    /// What it got out of order, the newest block first, once SACK is agreed; as many are sent as there is room for.
    pub sack: Vec<(Seq, Seq)>,
    /// Time to live or hop limit.
    pub ttl: u8,
}

impl Honest {
    /// A peer that has said nothing yet, over that version of IP: window 65535, and an MSS that fills an Ethernet
    /// frame of 1500 octets (RFC 9293 3.7.1).
    pub const fn new(address: IpAddr) -> Self {
        let mss = match address {
            IpAddr::V4(_) => 1460,
            IpAddr::V6(_) => 1440,
        };
        Self { seq: None, ack: None, window: u16::MAX, mss, timestamps: None, sack: Vec::new(), ttl: 64 }
    }
}

/// A message built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Built {
    /// The IP packet.
    pub packet: Vec<u8>,
    /// What has been shown by it; for [`Binding::apply`].
    pub learned: Learned,
}

/// Why a message cannot be built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BuildError {
    /// A number comes to nothing.
    Unresolved {
        /// The element.
        element: &'static str,
        /// Why.
        why: Unresolved,
    },
    /// A number is too large for its field.
    TooLarge {
        /// The element.
        element: &'static str,
        /// The number.
        number: u32,
        /// The largest that the field takes.
        max: u32,
    },
    /// `WIN=` is no multiple of what the window scale counts in, or too large for it.
    Window {
        /// The octets.
        octets: u32,
        /// By how many bits windows are shifted.
        shift: u8,
    },
    /// `DATA=` with a count reaches before octet 0 of the stream, where only literals are.
    BeforeStream {
        /// How many octets before.
        octets: u64,
    },
    /// The element has no meaning over IPv6.
    OnlyIpv4 {
        /// The element.
        element: &'static str,
    },
    /// `QUOTE=` names a row that had no packet.
    NoPacket {
        /// The label.
        label: String,
    },
    /// The addresses are of different versions of IP.
    Addresses,
    /// The fields do not make a packet.
    Wire(wire::Error),
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unresolved { element, why } => write!(f, "{element}: {why}"),
            Self::TooLarge { element, number, max } => {
                write!(f, "{element}: found {number}, expected a number up to {max}")
            }
            Self::Window { octets, shift } => write!(
                f,
                "WIN: found {octets}, expected a multiple of {} up to {}, since windows are shifted by {shift}",
                1_u32 << (*shift).min(14),
                65_535_u32 << (*shift).min(14)
            ),
            Self::BeforeStream { octets } => write!(
                f,
                "DATA: found a count from {octets} octets before the stream's first, expected a literal such as `DATA=\"x\"`"
            ),
            Self::OnlyIpv4 { element } => {
                write!(f, "{element}: IPv6 has no such field, expected a scenario tagged @ipv4")
            }
            Self::NoPacket { label } => write!(f, "QUOTE: found {label}, expected a row that had a packet"),
            Self::Addresses => f.write_str("source and destination are of different versions of IP"),
            Self::Wire(error) => write!(f, "{error}"),
        }
    }
}

impl core::error::Error for BuildError {}

impl From<wire::Error> for BuildError {
    fn from(error: wire::Error) -> Self {
        Self::Wire(error)
    }
}

/// Builds a message that `sender` sends.
///
/// The binding stays as it is; what the message has shown comes back with the packet.
///
/// # Errors
/// If a number is not known, does not fit its field, or the fields make no packet.
pub fn build(
    message: &Message,
    sender: Side,
    path: Path,
    honest: &Honest,
    binding: &Binding,
    environment: &dyn Environment,
) -> Result<Built, BuildError> {
    let learned = Learned::nothing(binding);
    let mut builder = Builder { sender, path, honest, binding, environment, learned };
    let packet = match message {
        Message::Tcp(segment) => builder.tcp(segment)?,
        Message::Icmp(icmp) => builder.icmp(icmp)?,
    };
    Ok(Built { packet, learned: builder.learned })
}

/// A message under way.
struct Builder<'a> {
    sender: Side,
    path: Path,
    honest: &'a Honest,
    binding: &'a Binding,
    environment: &'a dyn Environment,
    learned: Learned,
}

impl Builder<'_> {
    /// The IP packet with the segment.
    fn tcp(&mut self, segment: &Segment) -> Result<Vec<u8>, BuildError> {
        let bits = segment.control.map_or(Bits::ACK, |control| control.present);
        let seq = match &segment.seq {
            Some(value) => self.sequence("SEQ", value, self.sender)?,
            None => self.honest.seq.unwrap_or_default(),
        };
        if bits.contains(Bits::SYN) {
            self.learned.space_mut(self.sender).begin_stream(seq);
        }
        let ack = match &segment.ack {
            Some(value) => self.sequence("ACK", value, self.sender.other())?,
            None if bits.contains(Bits::ACK) => self.honest.ack.unwrap_or_default(),
            None => Seq(0),
        };
        let reserved = narrow::<u8>("RES", self.field("RES", segment.reserved.as_ref(), 7)?.unwrap_or(0))?;
        let options = self.options(segment, bits)?;
        let payload = self.payload(segment, bits, seq)?;
        let tcp = wire::Tcp {
            source_port: self.path.source_port,
            destination_port: self.path.destination_port,
            seq: seq.0,
            ack: ack.0,
            flags: wire::TcpFlags::from_bits(bits.0).with_reserved(reserved),
            window: self.window(segment.window.as_ref(), bits)?,
            checksum: 0,
            urgent: narrow("URP", self.field("URP", segment.urgent.as_ref(), 0xffff)?.unwrap_or(0))?,
            options: wire::TcpOptions::new(&options),
            payload: &payload,
        };
        let mut octets = vec![0; tcp.wire_len()];
        tcp.emit(&mut octets)?;
        if let Some(words) = self.field("OFF", segment.offset.as_ref(), 0xf)? {
            // RFC 9293 3.1: the data offset is the upper half of octet 12.
            if let Some(octet) = octets.get_mut(12) {
                *octet = narrow::<u8>("OFF", words)? << 4 | *octet & 0xf;
            }
        }
        self.checksum(&mut octets, wire::Protocol::TCP, 16, segment.bad_checksum)?;
        self.ip(wire::Protocol::TCP, &segment.ip, &octets)
    }

    /// The IP packet with the ICMP or ICMPv6 message: type, code, checksum, four octets, quote.
    fn icmp(&mut self, icmp: &Icmp) -> Result<Vec<u8>, BuildError> {
        let code: u8 = narrow("ICMP", self.field("ICMP", Some(&icmp.code), 0xff)?.unwrap_or(0))?;
        let is_v4 = self.path.source.is_ipv4();
        // RFC 1191 4: 16 bits behind 16 unused ones; RFC 4443 3.2: 32 bits.
        let mtu = self.field("MTU", icmp.mtu.as_ref(), if is_v4 { 0xffff } else { u32::MAX })?.unwrap_or(0);
        let mut octets = vec![icmp.kind, code, 0, 0];
        octets.extend(mtu.to_be_bytes());
        if let Some(label) = &icmp.quote {
            let packet = self.environment.packet(label);
            let packet = packet.ok_or_else(|| BuildError::NoPacket { label: label.clone() })?;
            octets.extend_from_slice(quote_of(packet, is_v4));
        }
        let protocol = if is_v4 { wire::Protocol::ICMP } else { wire::Protocol::ICMPV6 };
        self.checksum(&mut octets, protocol, 2, icmp.bad_checksum)?;
        self.ip(protocol, &icmp.ip, &octets)
    }

    /// Puts the checksum at its place, or a wrong one.
    fn checksum(
        &self,
        octets: &mut [u8],
        protocol: wire::Protocol,
        place: usize,
        is_bad: bool,
    ) -> Result<(), BuildError> {
        let right = match protocol {
            // RFC 792: ICMP alone has no pseudo-header.
            wire::Protocol::ICMP => wire::checksum(octets),
            _ => wire::PseudoHeader::new(self.path.source, self.path.destination)
                .ok_or(BuildError::Addresses)?
                .sum(protocol, octets.len())
                .octets(octets)
                .checksum(),
        };
        // Any change but of all bits makes it wrong.
        let sum = if is_bad { right ^ 0x5555 } else { right };
        if let Some(field) = octets.get_mut(place..place + 2) {
            field.copy_from_slice(&sum.to_be_bytes());
        }
        Ok(())
    }

    /// The IP header and behind it `payload`.
    fn ip(&self, protocol: wire::Protocol, fields: &IpFields, payload: &[u8]) -> Result<Vec<u8>, BuildError> {
        let ttl = self
            .field("TTL", fields.ttl.as_ref(), 0xff)?
            .map_or(Ok(self.honest.ttl), |ttl| narrow("TTL", ttl))?;
        let dscp = narrow("DSCP", self.field("DSCP", fields.dscp.as_ref(), 0x3f)?.unwrap_or(0))?;
        let ecn = fields.ecn.map_or(0, super::segment::Ecn::bits);
        let id = self.field("ID", fields.id.as_ref(), 0xffff)?;
        let length = self.field("IPLEN", fields.length.as_ref(), 0xffff)?;
        let length = length.map(|length| narrow::<u16>("IPLEN", length)).transpose()?;
        let mut options = fields.options.clone().unwrap_or_default();
        options.resize(options.len().next_multiple_of(4), 0);
        let header = match wire::Ip::new(self.path.source, self.path.destination, protocol) {
            None => return Err(BuildError::Addresses),
            Some(wire::Ip::V4(header)) => {
                let options = wire::Ipv4Options::new(&options);
                let mut header = wire::Ipv4 { dscp, ecn, ttl, options, ..header }.filled(payload.len())?;
                header.identification = narrow("ID", id.unwrap_or(0))?;
                // A peer that does path MTU discovery sets it (RFC 1191 3).
                header.dont_fragment = fields.df != Some(Flag::Absent);
                header.total_len = length.unwrap_or(header.total_len);
                header.checksum = header.right_checksum();
                wire::Ip::V4(header)
            }
            Some(wire::Ip::V6(header)) => {
                if id.is_some() || !options.is_empty() {
                    let element = if id.is_some() { "ID" } else { "IPOPT" };
                    return Err(BuildError::OnlyIpv4 { element });
                }
                let mut header = wire::Ipv6 { dscp, ecn, hop_limit: ttl, ..header }.filled(payload.len())?;
                header.payload_length = length.unwrap_or(header.payload_length);
                wire::Ip::V6(header)
            }
        };
        let mut packet = vec![0; header.header_len()];
        header.emit(&mut packet)?;
        packet.extend_from_slice(payload);
        Ok(packet)
    }

    /// The window field.
    fn window(&self, window: Option<&Window>, bits: Bits) -> Result<u16, BuildError> {
        match window {
            None => Ok(self.honest.window),
            Some(Window::Field(value)) => narrow("WND", self.quantity("WND", value)?),
            Some(Window::Octets(value)) => {
                let octets = self.quantity("WIN", value)?;
                // RFC 7323 2.2: the window of a SYN is never scaled.
                let is_syn = bits.contains(Bits::SYN);
                let shift = if is_syn { 0 } else { self.environment.window_shift(self.sender).min(14) };
                match u16::try_from(octets >> shift) {
                    Ok(field) if u32::from(field) << shift == octets => Ok(field),
                    Ok(_) | Err(_) => Err(BuildError::Window { octets, shift }),
                }
            }
        }
    }

    /// The octets that the segment carries.
    fn payload(&self, segment: &Segment, bits: Bits, seq: Seq) -> Result<Vec<u8>, BuildError> {
        let count = match &segment.data {
            None => return Ok(Vec::new()),
            Some(Data::Literal(octets)) => return Ok(octets.clone()),
            Some(Data::Count(count)) => self.quantity("DATA", count)?,
        };
        // Longer than any packet: said here, before so many octets are made.
        let count = u64::from(narrow::<u16>("DATA", count)?);
        let offset = match bits.contains(Bits::SYN) {
            true => 0,
            false => self.learned.space(self.sender).stream_offset(seq).unwrap_or(0),
        };
        match u64::try_from(offset) {
            Ok(offset) => Ok((offset..)
                .zip(0..count)
                .map(|(offset, _)| self.environment.octet(self.sender, offset))
                .collect()),
            Err(_) if count == 0 => Ok(Vec::new()),
            Err(_) => Err(BuildError::BeforeStream { octets: offset.unsigned_abs() }),
        }
    }

    /// A sequence number of that side's.
    fn sequence(&mut self, element: &'static str, value: &Value, side: Side) -> Result<Seq, BuildError> {
        let unresolved = |why| BuildError::Unresolved { element, why };
        self.place(element, value.exact().map_err(unresolved)?, side)
    }

    fn place(&mut self, element: &'static str, place: &Expression, side: Side) -> Result<Seq, BuildError> {
        place
            .sequence(self.learned.space_mut(side), self.environment)
            .map_err(|why| BuildError::Unresolved { element, why })
    }

    /// A count.
    fn quantity(&self, element: &'static str, value: &Value) -> Result<u32, BuildError> {
        value
            .exact()
            .and_then(|expression| expression.quantity(self.environment))
            .map_err(|why| BuildError::Unresolved { element, why })
    }

    /// A count that may not be written, and must not be above `max`.
    fn field(
        &self,
        element: &'static str,
        value: Option<&Value>,
        max: u32,
    ) -> Result<Option<u32>, BuildError> {
        let Some(value) = value else { return Ok(None) };
        match self.quantity(element, value)? {
            number if number > max => Err(BuildError::TooLarge { element, number, max }),
            number => Ok(Some(number)),
        }
    }
}

/// The number in its field's type.
fn narrow<T: TryFrom<u32>>(element: &'static str, number: u32) -> Result<T, BuildError> {
    // The widest number of a field of so many octets, all of which are narrower than 32 bits.
    let max = (1_u32 << (8 * size_of::<T>()).min(31)) - 1;
    T::try_from(number).map_err(|_| BuildError::TooLarge { element, number, max })
}

/// As much of a packet as an error about it quotes: for IPv4 such that the error has at most 576 octets (RFC 1812
/// 4.3.2.3), for IPv6 at most 1280 (RFC 4443 2.4).
fn quote_of(packet: &[u8], is_v4: bool) -> &[u8] {
    const ICMP_HEADER: usize = 8;
    let room = if is_v4 { 576 - 20 - ICMP_HEADER } else { 1280 - 40 - ICMP_HEADER };
    packet.get(..room).unwrap_or(packet)
}
