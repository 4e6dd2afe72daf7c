//! An Ethernet frame as a whole.

use super::arp::Arp;
use super::error::{Error, Layer};
use super::ethernet::Ethernet;
use super::number::EtherType;
use super::packet::Packet;
use super::read::Extent;
use super::write::{inner, room};

/// A frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Frame<'a> {
    /// The header with its tags.
    pub ethernet: Ethernet,
    /// What the frame holds.
    pub content: Content<'a>,
}

/// What a frame holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Content<'a> {
    /// Address resolution for IPv4 over Ethernet.
    Arp(Arp<'a>),
    /// An IP packet. Boxes would be smaller, but nothing here allocates.
    Ip(Packet<'a>),
    /// A header that is cut off or malformed; only the lenient parse gives it.
    Unreadable {
        /// What is there.
        octets: &'a [u8],
        /// Why it does not parse.
        error: Error,
    },
    /// An EtherType that is not read here, or an IEEE 802.3 length.
    Other(&'a [u8]),
}

impl<'a> Frame<'a> {
    /// A frame.
    #[must_use]
    pub const fn new(ethernet: Ethernet, content: Content<'a>) -> Self {
        Self { ethernet, content }
    }

    /// Reads a frame. Checksums are not looked at: see [`Packet::checksums`].
    ///
    /// # Errors
    /// If a header is malformed or the octets end before the packet.
    #[inline]
    pub fn parse(octets: &'a [u8]) -> Result<Self, Error> {
        Self::parse_extent(octets, Extent::Whole)
    }

    /// Reads a frame of which the end may be missing, as in a capture with a snap length; see
    /// [`Packet::parse_cut`]. Headers that do not parse are given as [`Content::Unreadable`].
    ///
    /// # Errors
    /// If the Ethernet header is cut off.
    pub fn parse_cut(octets: &'a [u8]) -> Result<Self, Error> {
        Self::parse_extent(octets, Extent::Cut)
    }

    #[inline(always)]
    fn parse_extent(octets: &'a [u8], extent: Extent) -> Result<Self, Error> {
        let (ethernet, payload) = Ethernet::parse(octets)?;
        let offset = ethernet.wire_len();
        let content = match ethernet.ethertype {
            EtherType::IPV4 => Packet::parse_v4(payload, offset, extent).map(Content::Ip),
            EtherType::IPV6 => Packet::parse_v6(payload, offset, extent).map(Content::Ip),
            EtherType::ARP => match Arp::parse_at(payload, offset) {
                // Other hardware or another protocol: nothing is wrong with it.
                Err(error) if error.fault == super::Fault::Unexpected => Ok(Content::Other(payload)),
                arp => arp.map(Content::Arp),
            },
            _ => Ok(Content::Other(payload)),
        };
        match (content, extent) {
            (Ok(content), _) => Ok(Self { ethernet, content }),
            (Err(error), Extent::Whole) => Err(error),
            (Err(error), Extent::Cut) => {
                Ok(Self { ethernet, content: Content::Unreadable { octets: payload, error } })
            }
        }
    }

    /// The IP packet, if it holds one.
    #[must_use]
    pub const fn packet(&self) -> Option<&Packet<'a>> {
        match &self.content {
            Content::Ip(packet) => Some(packet),
            Content::Arp(_) | Content::Unreadable { .. } | Content::Other(_) => None,
        }
    }

    /// Octets on the wire.
    #[must_use]
    pub fn wire_len(&self) -> usize {
        self.ethernet.wire_len() + self.content.wire_len()
    }

    /// Writes the frame as it is at the start of `out` and gives its length.
    ///
    /// # Errors
    /// If `out` is too short, or options do not fit a header.
    pub fn emit(&self, out: &mut [u8]) -> Result<usize, Error> {
        let len = self.wire_len();
        let out = room(Layer::Ethernet, out, len)?;
        let at = self.ethernet.emit(out)?;
        inner(out, at, |out| self.content.emit(out))
    }

    /// The frame as it is.
    ///
    /// # Errors
    /// If options do not fit a header.
    pub fn to_vec(&self) -> Result<Vec<u8>, Error> {
        let mut octets = vec![0; self.wire_len()];
        self.emit(&mut octets)?;
        Ok(octets)
    }

    /// The same frame with lengths and checksums right, see [`Packet::filled`]. No padding is added.
    ///
    /// # Errors
    /// If a packet is too long for its length fields.
    pub fn filled(self) -> Result<Self, Error> {
        let content = match self.content {
            Content::Ip(packet) => Content::Ip(packet.filled()?),
            content @ (Content::Arp(_) | Content::Unreadable { .. } | Content::Other(_)) => content,
        };
        Ok(Self { content, ..self })
    }
}

impl Content<'_> {
    /// Octets on the wire.
    #[must_use]
    pub fn wire_len(&self) -> usize {
        match self {
            Self::Arp(arp) => arp.wire_len(),
            Self::Ip(packet) => packet.wire_len(),
            Self::Unreadable { octets, .. } | Self::Other(octets) => octets.len(),
        }
    }

    /// Writes it as it is at the start of `out` and gives its length.
    ///
    /// # Errors
    /// If `out` is too short, or options do not fit a header.
    pub fn emit(&self, out: &mut [u8]) -> Result<usize, Error> {
        match self {
            Self::Arp(arp) => arp.emit(out),
            Self::Ip(packet) => packet.emit(out),
            Self::Unreadable { octets, .. } | Self::Other(octets) => {
                room(Layer::Ethernet, out, octets.len())?.copy_from_slice(octets);
                Ok(octets.len())
            }
        }
    }
}
