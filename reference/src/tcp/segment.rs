//! A segment as the state machine sees it: checked, decoded, and printed in the RFC's own notation.

use super::lower::Carriage;
use super::options::Options;
use super::seq::{SeqNumber, octets, size};
use crate::wire::{SourceRoute, Tcp, TcpFlags, TcpOptionsBuffer};
use core::fmt;
use std::net::{IpAddr, SocketAddr};

/// A segment that arrived, its checksum verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment<'a> {
    /// Who sent it.
    pub source: SocketAddr,
    /// Whom it is for.
    pub destination: SocketAddr,
    /// SEG.SEQ.
    pub seq: SeqNumber,
    /// SEG.ACK, where the ACK bit is set.
    pub ack: Option<SeqNumber>,
    /// The SYN bit.
    pub syn: bool,
    /// The FIN bit.
    pub fin: bool,
    /// The RST bit.
    pub rst: bool,
    /// The PSH bit.
    pub psh: bool,
    /// The urgent field, an offset from SEG.SEQ, where the URG bit is set.
    pub urgent: Option<u16>,
    /// SEG.WND as on the wire.
    pub window: u16,
    /// The options understood.
    pub options: Options,
    /// The text.
    pub payload: &'a [u8],
    /// Differentiated services code point of its packet, 6 bits.
    pub dscp: u8,
    /// The way back over the source route that it came by, if it did (RFC 9293 3.9.2.1).
    pub return_route: Option<SourceRoute>,
}

impl<'a> Segment<'a> {
    /// A parsed segment between two addresses, from a packet without options and of the default service. Reserved bits
    /// and ECN's do not count.
    pub fn of_wire(source: IpAddr, destination: IpAddr, tcp: &Tcp<'a>) -> Self {
        Self {
            source: SocketAddr::new(source, tcp.source_port),
            destination: SocketAddr::new(destination, tcp.destination_port),
            seq: SeqNumber(tcp.seq),
            ack: tcp.flags.ack().then_some(SeqNumber(tcp.ack)),
            syn: tcp.flags.syn(),
            fin: tcp.flags.fin(),
            rst: tcp.flags.rst(),
            psh: tcp.flags.psh(),
            urgent: tcp.flags.urg().then_some(tcp.urgent),
            window: tcp.window,
            // RFC 9293 3.1 MUST-65: it has a meaning only on a SYN.
            options: if tcp.flags.syn() { Options::of_wire(&tcp.options) } else { Options::default() },
            payload: tcp.payload,
            dscp: 0,
            return_route: None,
        }
    }

    /// SEG.LEN: octets of sequence space, SYN and FIN counted (RFC 9293 3.4).
    pub fn len(&self) -> u32 {
        octets(self.payload.len()).wrapping_add(u32::from(self.syn)).wrapping_add(u32::from(self.fin))
    }

    /// Whether it takes up no sequence space.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// SEG.SEQ + SEG.LEN, the number after its last.
    pub fn end(&self) -> SeqNumber {
        self.seq + self.len()
    }

    /// What follows its SYN, if it has one.
    #[must_use]
    pub(super) fn without_syn(&self) -> Self {
        if self.syn { Self { syn: false, ..*self }.cut(1, 0) } else { *self }
    }

    /// What follows its first `count` numbers, none of which is a SYN's.
    #[must_use]
    pub(super) fn without_front(&self, count: u32) -> Self {
        self.cut(count, size(count).min(self.payload.len()))
    }

    /// Cut by `count` numbers, of which `text` are text; the header fields fit to what is left.
    fn cut(&self, count: u32, text: usize) -> Self {
        let count_as_offset = u16::try_from(count).ok();
        Self {
            seq: self.seq + count,
            urgent: self.urgent.zip(count_as_offset).and_then(|(offset, count)| offset.checked_sub(count)),
            payload: &self.payload[text..],
            ..*self
        }
    }
}

/// A segment to be sent. The host adds checksum, IP header and link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentOut {
    /// This end.
    pub source: SocketAddr,
    /// The peer.
    pub destination: SocketAddr,
    /// SEG.SEQ.
    pub seq: SeqNumber,
    /// SEG.ACK; the ACK bit is set where there is one.
    pub ack: Option<SeqNumber>,
    /// The SYN bit.
    pub syn: bool,
    /// The FIN bit.
    pub fin: bool,
    /// The RST bit.
    pub rst: bool,
    /// The PSH bit.
    pub psh: bool,
    /// The urgent field; the URG bit is set where there is one.
    pub urgent: Option<u16>,
    /// SEG.WND as on the wire.
    pub window: u16,
    /// Options.
    pub options: Options,
    /// The text.
    pub payload: Vec<u8>,
    /// How IP is to carry it.
    pub carriage: Carriage,
}

impl SegmentOut {
    /// A segment without a control bit, an acknowledgment or text.
    pub(super) const fn bare(
        source: SocketAddr,
        destination: SocketAddr,
        seq: SeqNumber,
        carriage: Carriage,
    ) -> Self {
        Self {
            source,
            destination,
            seq,
            ack: None,
            syn: false,
            fin: false,
            rst: false,
            psh: false,
            urgent: None,
            window: 0,
            options: Options { mss: None },
            payload: Vec::new(),
            carriage,
        }
    }

    /// The reset that the sender of `offending` will believe, whatever it thinks of this connection
    /// (RFC 9293 3.5.2, 3.10.7.1).
    pub(super) fn reset_for(offending: &Segment<'_>, carriage: Carriage) -> Self {
        let bare = Self::bare(offending.destination, offending.source, SeqNumber(0), carriage);
        match offending.ack {
            Some(ack) => Self { seq: ack, rst: true, ..bare },
            None => Self { ack: Some(offending.end()), rst: true, ..bare },
        }
    }

    /// The segment to be emitted, its checksum still 0; `options` is what its options' `to_wire` gave.
    pub fn to_wire<'a>(&'a self, options: &'a TcpOptionsBuffer) -> Tcp<'a> {
        let bits = [
            (self.fin, TcpFlags::FIN),
            (self.syn, TcpFlags::SYN),
            (self.rst, TcpFlags::RST),
            (self.psh, TcpFlags::PSH),
            (self.ack.is_some(), TcpFlags::ACK),
            (self.urgent.is_some(), TcpFlags::URG),
        ];
        let flags = bits.iter().filter(|(set, _)| *set).fold(TcpFlags::NONE, |flags, (_, bit)| flags | *bit);
        Tcp {
            source_port: self.source.port(),
            destination_port: self.destination.port(),
            seq: self.seq.0,
            ack: self.ack.map_or(0, |ack| ack.0),
            flags,
            window: self.window,
            checksum: 0,
            urgent: self.urgent.unwrap_or(0),
            options: options.options(),
            payload: &self.payload,
        }
    }

    /// The same segment as its receiver sees it, if it comes by no source route.
    pub fn as_segment(&self) -> Segment<'_> {
        Segment {
            source: self.source,
            destination: self.destination,
            seq: self.seq,
            ack: self.ack,
            syn: self.syn,
            fin: self.fin,
            rst: self.rst,
            psh: self.psh,
            urgent: self.urgent,
            window: self.window,
            options: self.options,
            payload: &self.payload,
            dscp: self.carriage.dscp,
            return_route: None,
        }
    }
}

impl fmt::Display for Segment<'_> {
    /// `<SEQ=100><ACK=301><CTL=ACK,PSH><WND=8192><DATA=20>`, as in the RFC's figures.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<SEQ={}>", self.seq)?;
        if let Some(ack) = self.ack {
            write!(f, "<ACK={ack}>")?;
        }
        let bits = [
            (self.syn, "SYN"),
            (self.fin, "FIN"),
            (self.rst, "RST"),
            (self.ack.is_some(), "ACK"),
            (self.psh, "PSH"),
            (self.urgent.is_some(), "URG"),
        ];
        let set: Vec<&str> = bits.iter().filter(|(set, _)| *set).map(|(_, name)| *name).collect();
        write!(f, "<CTL={}>", set.join(","))?;
        write!(f, "<WND={}>", self.window)?;
        if let Some(urgent) = self.urgent {
            write!(f, "<URP={urgent}>")?;
        }
        if let Some(mss) = self.options.mss {
            write!(f, "<MSS={mss}>")?;
        }
        if !self.payload.is_empty() {
            write!(f, "<DATA={}>", self.payload.len())?;
        }
        Ok(())
    }
}

impl fmt::Display for SegmentOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.as_segment(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;

    #[test]
    fn a_segment_survives_the_way_over_the_wire() {
        let (here, there) =
            (SocketAddr::from(([192, 0, 2, 2], 80)), SocketAddr::from(([192, 0, 2, 1], 4000)));
        let bare = SegmentOut::bare(here, there, SeqNumber(300), Carriage::new(&Policy::rfc9293(), here));
        let (ack, urgent) = (Some(SeqNumber(101)), Some(7));
        let options = Options { mss: Some(1460) };
        let text = || b"text".to_vec();
        for segment in [
            SegmentOut { ack, syn: true, window: 9, options, ..bare.clone() },
            SegmentOut { ack, psh: true, fin: true, urgent, payload: text(), ..bare.clone() },
            SegmentOut { rst: true, ..bare },
        ] {
            let buffer = segment.options.to_wire();
            let wire = segment.to_wire(&buffer);
            assert_eq!(Segment::of_wire(here.ip(), there.ip(), &wire), segment.as_segment());
        }
    }

    #[test]
    fn what_lies_before_the_window_is_cut_off_and_the_urgent_pointer_with_it() {
        let end = SocketAddr::from(([192, 0, 2, 2], 80));
        let carriage = Carriage::new(&Policy::rfc9293(), end);
        let mut whole = SegmentOut::bare(end, end, SeqNumber(u32::MAX), carriage);
        (whole.payload, whole.urgent, whole.fin) = (b"abcd".to_vec(), Some(4), true);
        let segment = whole.as_segment();
        let rest = segment.without_front(3);
        assert_eq!(
            (rest.seq, rest.payload, rest.urgent, rest.end()),
            (SeqNumber(2), &b"d"[..], Some(1), segment.end())
        );
        assert_eq!(segment.without_front(5).urgent, None);
    }
}
