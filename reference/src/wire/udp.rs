//! UDP, RFC 768.
//!
//! ```text
//! | source port | destination port |
//! | length      | checksum         |
//! | data                           |
//! ```

use super::checksum::{PseudoHeader, Sum};
use super::error::{Error, Layer};
use super::number::Protocol;
use super::read::{Extent, Parsed, block, located, octets, too_small};
use super::write::{fill, room, too_large};
use nom::Parser;

/// A user datagram.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Udp<'a> {
    /// Source port, 0 if no answer is wanted.
    pub source_port: u16,
    /// Destination port.
    pub destination_port: u16,
    /// Octets of header and data, as on the wire; 0 in a jumbogram (RFC 2675 4).
    pub length: u16,
    /// Checksum as on the wire, 0 for none.
    pub checksum: u16,
    /// The data that the length tells of.
    pub payload: &'a [u8],
    /// What the IP payload holds beyond the length; the checksum does not cover it.
    pub surplus: &'a [u8],
}

impl<'a> Udp<'a> {
    /// Octets of the header.
    pub const LEN: usize = 8;

    /// Reads a datagram from an IP payload.
    ///
    /// # Errors
    /// If the length is less than 8 (and not 0, RFC 2675 4), or the octets end before the datagram.
    pub fn parse(octets: &'a [u8]) -> Result<Self, Error> {
        Self::parse_at(octets, 0, Extent::Whole)
    }

    pub(super) fn parse_at(octets: &'a [u8], offset: usize, extent: Extent) -> Result<Self, Error> {
        let (surplus, udp) = located(Layer::Udp, offset, octets, datagram(octets, extent))?;
        Ok(Self { surplus, ..udp })
    }

    /// Octets of header, payload and surplus.
    #[must_use]
    pub const fn wire_len(&self) -> usize {
        Self::LEN + self.payload.len() + self.surplus.len()
    }

    /// The checksum that this datagram should bear; a sum of zero is sent as all ones (RFC 768).
    #[must_use]
    pub fn right_checksum(&self, pseudo: &PseudoHeader) -> u16 {
        match self.sum(0, pseudo).checksum() {
            0 => 0xffff,
            checksum => checksum,
        }
    }

    /// Does the datagram bear the right checksum, or over IPv4 none (RFC 768; over IPv6 it must, RFC 8200 8.1)?
    #[must_use]
    pub fn is_checksum_right(&self, pseudo: &PseudoHeader) -> bool {
        match (self.checksum, pseudo) {
            (0, PseudoHeader::V4 { .. }) => true,
            (0, PseudoHeader::V6 { .. }) => false,
            (checksum, _) => self.sum(checksum, pseudo).checksum() == 0,
        }
    }

    fn sum(&self, checksum: u16, pseudo: &PseudoHeader) -> Sum {
        pseudo
            .sum(Protocol::UDP, Self::LEN + self.payload.len())
            .word(self.source_port)
            .word(self.destination_port)
            .word(self.length)
            .word(checksum)
            .octets(self.payload)
    }

    /// The same datagram with length and checksum right.
    ///
    /// # Errors
    /// If the payload is too long for the length.
    pub fn filled(mut self, pseudo: &PseudoHeader) -> Result<Self, Error> {
        let len = Self::LEN + self.payload.len();
        let most = usize::from(u16::MAX);
        self.length = u16::try_from(len).map_err(|_| too_large(Layer::Udp, "length", 4, most, len))?;
        self.checksum = self.right_checksum(pseudo);
        Ok(self)
    }

    /// Writes the datagram as it is at the start of `out` and gives its length.
    ///
    /// # Errors
    /// If `out` is too short.
    pub fn emit(&self, out: &mut [u8]) -> Result<usize, Error> {
        let len = self.wire_len();
        fill(
            room(Layer::Udp, out, len)?,
            &[
                &self.source_port.to_be_bytes(),
                &self.destination_port.to_be_bytes(),
                &self.length.to_be_bytes(),
                &self.checksum.to_be_bytes(),
                self.payload,
                self.surplus,
            ],
        );
        Ok(len)
    }
}

fn datagram(input: &[u8], extent: Extent) -> Parsed<'_, Udp<'_>> {
    let (rest, fixed) = block::<8>("header").parse(input)?;
    let [s0, s1, d0, d1, l0, l1, c0, c1] = *fixed;
    let length = u16::from_be_bytes([l0, l1]);
    let payload_len = match (usize::from(length), extent) {
        (0, _) => rest.len(),
        (length, _) if length < Udp::LEN => {
            return too_small(&input[4..], "length", Udp::LEN, length);
        }
        (length, Extent::Whole) => length - Udp::LEN,
        (length, Extent::Cut) => (length - Udp::LEN).min(rest.len()),
    };
    let (rest, payload) = octets("payload", payload_len).parse(rest)?;
    let udp = Udp {
        source_port: u16::from_be_bytes([s0, s1]),
        destination_port: u16::from_be_bytes([d0, d1]),
        length,
        checksum: u16::from_be_bytes([c0, c1]),
        payload,
        surplus: &[],
    };
    Ok((rest, udp))
}
