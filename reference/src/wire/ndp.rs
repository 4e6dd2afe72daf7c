//! Neighbour discovery: what its messages share, and its options, RFC 4861 4.2 to 4.6.

use super::error::{Error, Layer};
use super::number::MacAddr;
use super::read::{
    Parsed, Span, Stop, be8, be16, be32, block, ipv6_address, located, octets, rest, too_small,
};
use super::walk::{Item, Walk};
use super::write::{fill, room, too_large};
use core::net::Ipv6Addr;
use nom::Parser;

/// The flags of a neighbour advertisement with their reserved bits, as on the wire (RFC 4861 4.4).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct NeighborFlags(pub u32);

impl NeighborFlags {
    /// R: the sender is a router.
    pub const ROUTER: Self = Self(0x8000_0000);
    /// S: the answer to a solicitation.
    pub const SOLICITED: Self = Self(0x4000_0000);
    /// O: it overrides what the cache holds.
    pub const OVERRIDE: Self = Self(0x2000_0000);

    /// Are all flags of `other` set?
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The flags of either.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// A router advertisement behind the checksum, RFC 4861 4.2.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RouterAdvertisement<'a> {
    /// Hop limit that hosts should use, 0 if not told.
    pub hop_limit: u8,
    /// M (0x80), O (0x40) and the bits of later RFCs.
    pub flags: u8,
    /// For how many seconds the router is a default router.
    pub router_lifetime: u16,
    /// How long a neighbour counts as reachable, in milliseconds, 0 if not told.
    pub reachable_time: u32,
    /// Time between solicitations, in milliseconds, 0 if not told.
    pub retransmit_timer: u32,
    /// Source link-layer address, MTU, prefix information.
    pub options: NdpOptions<'a>,
}

impl<'a> RouterAdvertisement<'a> {
    /// Reads what stands behind the checksum, which ends at `offset`.
    pub(super) fn parser(
        offset: usize,
    ) -> impl Parser<&'a [u8], Output = RouterAdvertisement<'a>, Error = Stop<'a>> {
        (
            (be8("current hop limit"), be8("flags"), be16("router lifetime")),
            (be32("reachable time"), be32("retransmission timer")),
            rest(),
        )
            .map(
                move |((hop_limit, flags, router_lifetime), (reachable_time, retransmit_timer), options)| {
                    Self {
                        hop_limit,
                        flags,
                        router_lifetime,
                        reachable_time,
                        retransmit_timer,
                        options: NdpOptions(Span::at(options, offset + 12)),
                    }
                },
            )
    }

    /// The octets between checksum and options.
    pub(super) fn fixed(&self) -> [u8; 12] {
        let mut octets = [0; 12];
        fill(
            &mut octets,
            &[
                &[self.hop_limit, self.flags],
                &self.router_lifetime.to_be_bytes(),
                &self.reachable_time.to_be_bytes(),
                &self.retransmit_timer.to_be_bytes(),
            ],
        );
        octets
    }
}

/// The options of a message of neighbour discovery, raw.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct NdpOptions<'a>(Span<'a>);

impl<'a> NdpOptions<'a> {
    /// No options.
    pub const NONE: Self = Self(Span::new(&[]));

    /// Raw options.
    #[must_use]
    pub const fn new(octets: &'a [u8]) -> Self {
        Self(Span::new(octets))
    }

    /// The octets.
    #[must_use]
    pub const fn octets(&self) -> &'a [u8] {
        self.0.octets()
    }

    /// The options in order, up to the first that is malformed.
    #[must_use]
    pub const fn iter(&self) -> Walk<'a, NdpOption<'a>> {
        Walk::over(self.0)
    }

    /// The Ethernet address in the source link-layer address option, if there is one.
    #[must_use]
    pub fn source_mac(&self) -> Option<MacAddr> {
        self.iter().find_map(|option| match option {
            Ok(NdpOption::SourceLinkLayerAddress(mac)) => Some(mac),
            _ => None,
        })
    }

    /// The Ethernet address in the target link-layer address option, if there is one.
    #[must_use]
    pub fn target_mac(&self) -> Option<MacAddr> {
        self.iter().find_map(|option| match option {
            Ok(NdpOption::TargetLinkLayerAddress(mac)) => Some(mac),
            _ => None,
        })
    }
}

impl<'a> From<Span<'a>> for NdpOptions<'a> {
    fn from(span: Span<'a>) -> Self {
        Self(span)
    }
}

impl<'a> IntoIterator for &NdpOptions<'a> {
    type Item = Result<NdpOption<'a>, Error>;
    type IntoIter = Walk<'a, NdpOption<'a>>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// One option.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NdpOption<'a> {
    /// Type 1 of one unit, RFC 4861 4.6.1.
    SourceLinkLayerAddress(MacAddr),
    /// Type 2 of one unit, RFC 4861 4.6.1.
    TargetLinkLayerAddress(MacAddr),
    /// Type 3, RFC 4861 4.6.2.
    PrefixInformation {
        /// Leading bits of the prefix that count, 0 to 128.
        prefix_len: u8,
        /// L (0x80), A (0x40) and reserved bits.
        flags: u8,
        /// For how many seconds the prefix is on-link; all ones for ever.
        valid_lifetime: u32,
        /// For how many seconds addresses of it are preferred; all ones for ever.
        preferred_lifetime: u32,
        /// Reserved, zero.
        reserved: u32,
        /// The prefix.
        prefix: Ipv6Addr,
    },
    /// Type 4, RFC 4861 4.6.3: as much of the redirected packet as fits.
    RedirectedHeader {
        /// Reserved, zero.
        reserved: &'a [u8; 6],
        /// The packet.
        packet: Span<'a>,
    },
    /// Type 5, RFC 4861 4.6.4.
    Mtu {
        /// Reserved, zero.
        reserved: u16,
        /// The link's MTU, in octets.
        mtu: u32,
    },
    /// Any other type, or a length that its type cannot have.
    Unknown {
        /// The type.
        kind: u8,
        /// What follows type and length; with them a multiple of 8.
        data: &'a [u8],
    },
}

impl NdpOption<'_> {
    /// Octets on the wire.
    #[must_use]
    pub const fn wire_len(&self) -> usize {
        match self {
            Self::SourceLinkLayerAddress(_) | Self::TargetLinkLayerAddress(_) | Self::Mtu { .. } => 8,
            Self::PrefixInformation { .. } => 32,
            Self::RedirectedHeader { packet, .. } => 8 + packet.octets().len(),
            Self::Unknown { data, .. } => 2 + data.len(),
        }
    }

    /// Writes the option at the start of `out` and gives its length.
    ///
    /// # Errors
    /// If `out` is too short, or the option is too long or no multiple of 8 octets.
    pub fn emit(&self, out: &mut [u8]) -> Result<usize, Error> {
        let len = self.wire_len();
        let units = match u8::try_from(len / 8) {
            Ok(units) if len.is_multiple_of(8) => units,
            _ => return Err(too_large(Layer::Ndp, "option length", 1, (len & !7).min(255 * 8), len)),
        };
        let out = room(Layer::Ndp, out, len)?;
        match *self {
            Self::SourceLinkLayerAddress(mac) => fill(out, &[&[1, units], &mac.0]),
            Self::TargetLinkLayerAddress(mac) => fill(out, &[&[2, units], &mac.0]),
            Self::PrefixInformation {
                prefix_len,
                flags,
                valid_lifetime,
                preferred_lifetime,
                reserved,
                prefix,
            } => fill(
                out,
                &[
                    &[3, units, prefix_len, flags],
                    &valid_lifetime.to_be_bytes(),
                    &preferred_lifetime.to_be_bytes(),
                    &reserved.to_be_bytes(),
                    &prefix.octets(),
                ],
            ),
            Self::RedirectedHeader { reserved, packet } => {
                fill(out, &[&[4, units], reserved, packet.octets()]);
            }
            Self::Mtu { reserved, mtu } => {
                fill(out, &[&[5, units], &reserved.to_be_bytes(), &mtu.to_be_bytes()]);
            }
            Self::Unknown { kind, data } => fill(out, &[&[kind, units], data]),
        }
        Ok(len)
    }
}

impl<'a> Item<'a> for NdpOption<'a> {
    #[inline(always)]
    fn read(input: &'a [u8], offset: usize) -> Result<(&'a [u8], Self), Error> {
        located(Layer::Ndp, offset, input, option(input, offset))
    }
}

fn option(input: &[u8], offset: usize) -> Parsed<'_, NdpOption<'_>> {
    let (behind_kind, kind) = be8("option type").parse(input)?;
    let (behind_len, units) = be8("option length").parse(behind_kind)?;
    // RFC 4861 4.6: "Nodes MUST silently discard an ND packet that contains an option with length zero."
    if units == 0 {
        return too_small(behind_kind, "option length", 1, 0);
    }
    let (rest, data) = octets("option", usize::from(units) * 8 - 2).parse(behind_len)?;
    let option = match (kind, data) {
        (1, &[a, b, c, d, e, f]) => NdpOption::SourceLinkLayerAddress(MacAddr([a, b, c, d, e, f])),
        (2, &[a, b, c, d, e, f]) => NdpOption::TargetLinkLayerAddress(MacAddr([a, b, c, d, e, f])),
        (3, data) if units == 4 => prefix_information(data)?.1,
        (4, data) => {
            block::<6>("reserved").map(|reserved| reserved).parse(data).map(|(packet, reserved)| {
                let packet = Span::at(packet, offset + 8);
                NdpOption::RedirectedHeader { reserved, packet }
            })?
        }
        (5, &[a, b, c, d, e, f]) => {
            NdpOption::Mtu { reserved: u16::from_be_bytes([a, b]), mtu: u32::from_be_bytes([c, d, e, f]) }
        }
        (kind, data) => NdpOption::Unknown { kind, data },
    };
    Ok((rest, option))
}

fn prefix_information(data: &[u8]) -> Parsed<'_, NdpOption<'_>> {
    (
        (be8("prefix length"), be8("flags")),
        (be32("valid lifetime"), be32("preferred lifetime"), be32("reserved")),
        ipv6_address("prefix"),
    )
        .map(|((prefix_len, flags), (valid_lifetime, preferred_lifetime, reserved), prefix)| {
            NdpOption::PrefixInformation {
                prefix_len,
                flags,
                valid_lifetime,
                preferred_lifetime,
                reserved,
                prefix,
            }
        })
        .parse(data)
}
