//! Ethernet II with up to two IEEE 802.1Q tags.
//!
//! ```text
//! | destination 6 | source 6 | [TPID 2 | PCP 3 bits, DEI 1, VID 12]* | EtherType 2 | ...
//! ```
//!
//! Left out: the frame check sequence (drivers strip it) and the LLC header behind a length field, which is payload.

use super::error::{Error, Layer};
use super::number::{EtherType, MacAddr};
use super::read::{Parsed, be16, block, located};
use super::write::{fill, room};
use nom::Parser;

/// One IEEE 802.1Q tag.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct VlanTag {
    /// What marks it as a tag: one for which [`EtherType::is_vlan`] holds.
    pub tpid: EtherType,
    /// Tag control information as on the wire: priority, drop eligible, VLAN identifier.
    pub control: u16,
}

impl VlanTag {
    /// An IEEE 802.1Q tag with a VLAN identifier (0 to 4095; the low 12 bits count) and priority 0.
    #[must_use]
    pub const fn new(vlan: u16) -> Self {
        Self { tpid: EtherType::VLAN, control: vlan & 0xfff }
    }

    /// The VLAN identifier, 0 to 4095.
    #[must_use]
    pub const fn vlan(self) -> u16 {
        self.control & 0xfff
    }

    /// The priority code point, 0 to 7.
    #[must_use]
    pub const fn priority(self) -> u8 {
        // Three bits are left.
        (self.control >> 13) as u8
    }

    /// May it be dropped first?
    #[must_use]
    pub const fn is_drop_eligible(self) -> bool {
        self.control & 0x1000 != 0
    }
}

/// The tags of a frame, outermost first.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum VlanTags {
    /// An untagged frame.
    #[default]
    None,
    /// One tag.
    One(VlanTag),
    /// Two tags, the outer first. A third would be left as the EtherType.
    Two(VlanTag, VlanTag),
}

impl VlanTags {
    /// Octets on the wire: 0, 4 or 8.
    #[must_use]
    pub const fn wire_len(self) -> usize {
        match self {
            Self::None => 0,
            Self::One(_) => 4,
            Self::Two(..) => 8,
        }
    }

    /// The tags, outermost first.
    pub fn iter(self) -> impl Iterator<Item = VlanTag> {
        let (outer, inner) = match self {
            Self::None => (None, None),
            Self::One(outer) => (Some(outer), None),
            Self::Two(outer, inner) => (Some(outer), Some(inner)),
        };
        outer.into_iter().chain(inner)
    }
}

/// An Ethernet II header.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Ethernet {
    /// Who the frame is for.
    pub destination: MacAddr,
    /// Who sent it.
    pub source: MacAddr,
    /// IEEE 802.1Q tags.
    pub tags: VlanTags,
    /// What follows.
    pub ethertype: EtherType,
}

impl Ethernet {
    /// An untagged header.
    #[must_use]
    pub const fn new(source: MacAddr, destination: MacAddr, ethertype: EtherType) -> Self {
        Self { destination, source, tags: VlanTags::None, ethertype }
    }

    /// Reads the header; what follows it is the payload.
    ///
    /// # Errors
    /// If the octets end within the header.
    #[inline]
    pub fn parse(octets: &[u8]) -> Result<(Self, &[u8]), Error> {
        let (payload, fixed) = located(Layer::Ethernet, 0, octets, block::<14>("header").parse(octets))?;
        let [d0, d1, d2, d3, d4, d5, s0, s1, s2, s3, s4, s5, t0, t1] = *fixed;
        let ethertype = EtherType(u16::from_be_bytes([t0, t1]));
        let mut header = Self {
            destination: MacAddr([d0, d1, d2, d3, d4, d5]),
            source: MacAddr([s0, s1, s2, s3, s4, s5]),
            tags: VlanTags::None,
            ethertype,
        };
        if !ethertype.is_vlan() {
            return Ok((header, payload));
        }
        let (payload, (tags, ethertype)) = located(Layer::Ethernet, 14, payload, tags(ethertype, payload))?;
        header.tags = tags;
        header.ethertype = ethertype;
        Ok((header, payload))
    }

    /// Octets on the wire: 14, and 4 for each tag.
    #[must_use]
    pub const fn wire_len(&self) -> usize {
        14 + self.tags.wire_len()
    }

    /// Writes the header at the start of `out` and gives its length.
    ///
    /// # Errors
    /// If `out` is too short.
    pub fn emit(&self, out: &mut [u8]) -> Result<usize, Error> {
        let len = self.wire_len();
        let out = room(Layer::Ethernet, out, len)?;
        fill(&mut out[..12], &[&self.destination.0, &self.source.0]);
        for (tag, place) in self.tags.iter().zip(out[12..].chunks_exact_mut(4)) {
            fill(place, &[&tag.tpid.0.to_be_bytes(), &tag.control.to_be_bytes()]);
        }
        fill(&mut out[len - 2..], &[&self.ethertype.0.to_be_bytes()]);
        Ok(len)
    }
}

/// One or two tags behind the first's TPID, and the EtherType behind them.
fn tags(tpid: EtherType, input: &[u8]) -> Parsed<'_, (VlanTags, EtherType)> {
    let (rest, (outer, next)) = tag(tpid, input)?;
    if !next.is_vlan() {
        return Ok((rest, (VlanTags::One(outer), next)));
    }
    let (rest, (inner, next)) = tag(next, rest)?;
    Ok((rest, (VlanTags::Two(outer, inner), next)))
}

/// A tag behind its TPID, and the EtherType behind it.
fn tag(tpid: EtherType, input: &[u8]) -> Parsed<'_, (VlanTag, EtherType)> {
    (be16("tag control information"), be16("EtherType"))
        .map(|(control, next)| (VlanTag { tpid, control }, EtherType(next)))
        .parse(input)
}
