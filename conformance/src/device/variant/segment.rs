//! A segment that can be rewritten: its fields by value, and the frame that it came in.

use core::net::IpAddr;
use wireproof_reference::wire::{Content, Ethernet, Frame, Ip, Packet, Tcp, TcpFlags, TcpOptions, Transport};

/// A segment on its way. What is not rewritten leaves octet by octet as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    /// The frame that it came in.
    frame: Vec<u8>,
    pub(super) seq: u32,
    pub(super) ack: u32,
    pub(super) flags: TcpFlags,
    pub(super) window: u16,
    pub(super) urgent: u16,
    /// Raw; a multiple of 4 octets.
    pub(super) options: Vec<u8>,
    pub(super) data: Vec<u8>,
    pub(super) hop_limit: u8,
    pub(super) dscp: u8,
    /// The identification of an IPv4 header, 0 over IPv6.
    pub(super) identification: u16,
    /// Whether routers may not fragment it; never over IPv6.
    pub(super) dont_fragment: bool,
    /// The flow label of an IPv6 header, 0 over IPv4.
    pub(super) flow_label: u32,
    /// What is wrong with the checksum: what is added to the right one. `None` leaves it as it came, or mends it where
    /// anything was rewritten.
    pub(super) damage: Option<u16>,
}

/// Which connection a segment belongs to: its port here, address and port there.
pub(super) type Key = (u16, IpAddr, u16);

impl Segment {
    /// Reads a frame; `None` for what is no segment.
    pub(super) fn of(frame: &[u8]) -> Option<Self> {
        let parsed = Frame::parse(frame).ok()?;
        let packet = parsed.packet()?;
        let tcp = packet.tcp()?;
        let (identification, dont_fragment, flow_label) = match &packet.ip {
            Ip::V4(header) => (header.identification, header.dont_fragment, 0),
            Ip::V6(header) => (0, true, header.flow_label),
        };
        Some(Self {
            identification,
            dont_fragment,
            flow_label,
            seq: tcp.seq,
            ack: tcp.ack,
            flags: tcp.flags,
            window: tcp.window,
            urgent: tcp.urgent,
            options: tcp.options.octets().to_vec(),
            data: tcp.payload.to_vec(),
            hop_limit: packet.ip.hop_limit(),
            dscp: packet.ip.dscp(),
            damage: None,
            frame: frame.to_vec(),
        })
    }

    /// The connection of a segment that the device sends.
    pub(super) fn key_of_sent(&self) -> Option<Key> {
        let (ip, ports) = self.ends()?;
        Some((ports.0, ip.1, ports.1))
    }

    /// The connection of a segment that the device receives.
    pub(super) fn key_of_received(&self) -> Option<Key> {
        let (ip, ports) = self.ends()?;
        Some((ports.1, ip.0, ports.0))
    }

    fn ends(&self) -> Option<((IpAddr, IpAddr), (u16, u16))> {
        let frame = Frame::parse(&self.frame).ok()?;
        let packet = frame.packet()?;
        Some(((packet.ip.source(), packet.ip.destination()), packet.transport.ports()?))
    }

    /// Who sent it.
    pub(super) fn source(&self) -> Option<IpAddr> {
        Some(self.ends()?.0.0)
    }

    /// Who is to have it.
    pub(super) fn destination(&self) -> Option<IpAddr> {
        Some(self.ends()?.0.1)
    }

    /// Whether the checksums are right.
    pub(super) fn is_sound(&self) -> bool {
        Frame::parse(&self.frame)
            .is_ok_and(|frame| frame.packet().is_some_and(|packet| packet.checksums().are_right()))
    }

    /// Makes the checksum right.
    pub(super) const fn mend(&mut self) {
        self.damage = Some(0);
    }

    /// SEG.LEN (RFC 9293 3.4): octets of text, SYN and FIN.
    pub(super) fn len(&self) -> u32 {
        let text = u32::try_from(self.data.len()).unwrap_or(u32::MAX);
        text + u32::from(self.flags.syn()) + u32::from(self.flags.fin())
    }

    /// The number after its last.
    pub(super) fn end(&self) -> u32 {
        self.seq.wrapping_add(self.len())
    }

    /// Whether it holds text.
    pub(super) fn has_text(&self) -> bool {
        !self.data.is_empty()
    }

    /// Whether it is an acknowledgment and nothing else.
    pub(super) fn is_pure_ack(&self) -> bool {
        self.len() == 0 && self.flags.ack() && !self.flags.rst()
    }

    /// The flags that SYN, FIN, RST stand for, set or not.
    pub(super) fn is(&self, flags: TcpFlags) -> bool {
        self.flags.contains(flags)
    }

    pub(super) fn set(&mut self, flags: TcpFlags) {
        self.flags |= flags;
    }

    pub(super) fn clear(&mut self, flags: TcpFlags) {
        self.flags = self.flags.without(flags);
    }

    /// Becomes an empty segment with these numbers and flags.
    pub(super) fn become_bare(&mut self, seq: u32, ack: u32, flags: TcpFlags) {
        (self.seq, self.ack, self.flags, self.urgent) = (seq, ack, flags, 0);
        self.options.clear();
        self.data.clear();
    }

    /// An empty segment to where this one came from, over the same version of IP.
    pub(super) fn reply(&self, seq: u32, ack: u32, flags: TcpFlags) -> Self {
        let mut reply = self.turned().and_then(|frame| Self::of(&frame)).unwrap_or_else(|| self.clone());
        reply.become_bare(seq, ack, flags);
        reply
    }

    /// The frame with the addresses of its two ends exchanged.
    fn turned(&self) -> Option<Vec<u8>> {
        let frame = Frame::parse(&self.frame).ok()?;
        let packet = frame.packet()?;
        let before = packet.tcp()?;
        let tcp = Tcp {
            source_port: before.destination_port,
            destination_port: before.source_port,
            window: u16::MAX,
            options: TcpOptions::NONE,
            payload: &[],
            ..*before
        };
        let ip = Ip::new(packet.ip.destination(), packet.ip.source(), packet.transport.protocol())?;
        let (destination, source) = (frame.ethernet.source, frame.ethernet.destination);
        let ethernet = Ethernet { destination, source, ..frame.ethernet };
        let packet = Packet::new(ip, Transport::Tcp(tcp)).filled().ok()?;
        Frame::new(ethernet, Content::Ip(packet)).to_vec().ok()
    }

    /// The frame as it is now.
    pub(super) fn into_frame(self) -> Vec<u8> {
        if Self::of(&self.frame).as_ref() == Some(&self) {
            return self.frame;
        }
        self.rewritten().unwrap_or(self.frame)
    }

    /// The frame with the fields as they are now; `None` if they do not fit.
    fn rewritten(&self) -> Option<Vec<u8>> {
        let frame = Frame::parse(&self.frame).ok()?;
        let packet = frame.packet()?;
        let before = packet.tcp()?;
        let tcp = Tcp {
            seq: self.seq,
            ack: self.ack,
            flags: self.flags,
            window: self.window,
            urgent: self.urgent,
            options: TcpOptions::new(&self.options),
            payload: &self.data,
            ..*before
        };
        let ip = match packet.ip {
            Ip::V4(mut header) => {
                (header.ttl, header.dscp) = (self.hop_limit, self.dscp);
                (header.identification, header.dont_fragment) = (self.identification, self.dont_fragment);
                Ip::V4(header)
            }
            Ip::V6(mut header) => {
                (header.hop_limit, header.dscp) = (self.hop_limit, self.dscp);
                header.flow_label = self.flow_label;
                Ip::V6(header)
            }
        };
        let mut packet = Packet::new(ip, Transport::Tcp(tcp)).filled().ok()?;
        if let (Transport::Tcp(tcp), Some(damage)) = (&mut packet.transport, self.damage) {
            tcp.checksum = tcp.checksum.wrapping_add(damage);
        }
        Frame { content: Content::Ip(packet), ..frame }.to_vec().ok()
    }
}

/// The MSS option (kind 2) of a segment, if it bears one.
pub(super) fn mss_of(segment: &Segment) -> Option<u16> {
    use wireproof_reference::wire::TcpOption::MaximumSegmentSize;
    TcpOptions::new(&segment.options).iter().map_while(Result::ok).find_map(|option| match option {
        MaximumSegmentSize(mss) => Some(mss),
        _ => None,
    })
}
