//! IPv4 options, RFC 791 3.1, and the router alert of RFC 2113.

use super::error::{Error, Layer};
use super::read::{Parsed, Span, be8, located, octets, too_small};
use super::walk::{Item, Walk};
use super::write::{fill, room, too_large};
use core::net::Ipv4Addr;
use nom::Parser;

/// The options of a header, raw: a walk over them gives what they mean.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Ipv4Options<'a>(Span<'a>);

impl<'a> Ipv4Options<'a> {
    /// No options.
    pub const NONE: Self = Self(Span::new(&[]));

    /// Raw options; to be emitted they must be a multiple of 4 octets and at most 40.
    #[must_use]
    pub const fn new(octets: &'a [u8]) -> Self {
        Self(Span::new(octets))
    }

    /// The octets, with whatever padding they have.
    #[must_use]
    #[inline]
    pub const fn octets(&self) -> &'a [u8] {
        self.0.octets()
    }

    /// The options in order, up to the end of the list or the first that is malformed.
    #[must_use]
    pub const fn iter(&self) -> Walk<'a, Ipv4Option<'a>> {
        Walk::over(self.0)
    }

    /// The last address of a source route that is still to be followed, if there is one.
    pub(super) fn last_of_route(&self) -> Option<Ipv4Addr> {
        self.iter().find_map(|option| match option {
            Ok(Ipv4Option::LooseSourceRoute(route) | Ipv4Option::StrictSourceRoute(route)) => {
                route.last_to_visit()
            }
            _ => None,
        })
    }
}

impl<'a> From<Span<'a>> for Ipv4Options<'a> {
    fn from(span: Span<'a>) -> Self {
        Self(span)
    }
}

impl<'a> IntoIterator for &Ipv4Options<'a> {
    type Item = Result<Ipv4Option<'a>, Error>;
    type IntoIter = Walk<'a, Ipv4Option<'a>>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// A recorded or a source route.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Route<'a> {
    /// Where the next address stands, counted in octets from the start of the option, the first being 1; at least 4.
    pub pointer: u8,
    /// The addresses, 4 octets each; a tail that is no whole address is kept.
    pub data: &'a [u8],
}

impl Route<'_> {
    /// The addresses in order.
    pub fn addresses(&self) -> impl DoubleEndedIterator<Item = Ipv4Addr> {
        self.data.as_chunks::<4>().0.iter().map(|octets| Ipv4Addr::from(*octets))
    }

    /// Whether the pointer has gone beyond the last address: a source route that leads no further.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        // Kind, length and pointer stand before the data.
        self.pointer as usize > self.data.len() + 3
    }

    /// The last address, if the pointer has not gone beyond it.
    fn last_to_visit(&self) -> Option<Ipv4Addr> {
        if self.is_complete() { None } else { self.addresses().next_back() }
    }
}

/// One option.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Ipv4Option<'a> {
    /// Kind 0; what follows is padding.
    EndOfList,
    /// Kind 1.
    NoOperation,
    /// Kind 7.
    RecordRoute(Route<'a>),
    /// Kind 131.
    LooseSourceRoute(Route<'a>),
    /// Kind 137.
    StrictSourceRoute(Route<'a>),
    /// Kind 68.
    Timestamp {
        /// Where the next timestamp goes, from 5.
        pointer: u8,
        /// Modules that could not register, 4 bits.
        overflow: u8,
        /// 0 timestamps, 1 with addresses, 3 addresses prescribed; 4 bits.
        flag: u8,
        /// The timestamps and addresses.
        data: &'a [u8],
    },
    /// Kind 148, RFC 2113: routers look closer at the datagram.
    RouterAlert(u16),
    /// Any other kind, or a length that its kind cannot have.
    Unknown {
        /// The kind, with the copied flag and the class.
        kind: u8,
        /// What follows kind and length.
        data: &'a [u8],
    },
}

impl Ipv4Option<'_> {
    /// The kind on the wire, with the copied flag and the class.
    #[must_use]
    pub const fn kind(&self) -> u8 {
        match *self {
            Self::EndOfList => 0,
            Self::NoOperation => 1,
            Self::RecordRoute(_) => 7,
            Self::LooseSourceRoute(_) => 131,
            Self::StrictSourceRoute(_) => 137,
            Self::Timestamp { .. } => 68,
            Self::RouterAlert(_) => 148,
            Self::Unknown { kind, .. } => kind,
        }
    }

    /// Octets on the wire.
    #[must_use]
    pub const fn wire_len(&self) -> usize {
        match self {
            Self::EndOfList | Self::NoOperation => 1,
            Self::RecordRoute(route) | Self::LooseSourceRoute(route) | Self::StrictSourceRoute(route) => {
                3 + route.data.len()
            }
            Self::Timestamp { data, .. } => 4 + data.len(),
            Self::RouterAlert(_) => 4,
            Self::Unknown { data, .. } => 2 + data.len(),
        }
    }

    /// Writes the option at the start of `out` and gives its length.
    ///
    /// # Errors
    /// If `out` is too short or the option longer than 255 octets.
    pub fn emit(&self, out: &mut [u8]) -> Result<usize, Error> {
        let wire_len = self.wire_len();
        let Ok(len) = u8::try_from(wire_len) else {
            return Err(too_large(Layer::Ipv4, "option length", 1, 255, wire_len));
        };
        let out = room(Layer::Ipv4, out, wire_len)?;
        let head = [self.kind(), len];
        match *self {
            Self::EndOfList | Self::NoOperation => out[0] = self.kind(),
            Self::RecordRoute(Route { pointer, data })
            | Self::LooseSourceRoute(Route { pointer, data })
            | Self::StrictSourceRoute(Route { pointer, data }) => fill(out, &[&head, &[pointer], data]),
            Self::Timestamp { pointer, overflow, flag, data } => {
                fill(out, &[&head, &[pointer, overflow << 4 | flag & 0xf], data]);
            }
            Self::RouterAlert(value) => fill(out, &[&head, &value.to_be_bytes()]),
            Self::Unknown { data, .. } => fill(out, &[&head, data]),
        }
        Ok(wire_len)
    }
}

impl<'a> Item<'a> for Ipv4Option<'a> {
    #[inline(always)]
    fn read(input: &'a [u8], offset: usize) -> Result<(&'a [u8], Self), Error> {
        located(Layer::Ipv4, offset, input, option(input))
    }

    #[inline(always)]
    fn is_last(&self) -> bool {
        matches!(self, Self::EndOfList)
    }
}

fn option(input: &[u8]) -> Parsed<'_, Ipv4Option<'_>> {
    let (behind_kind, kind) = be8("option kind").parse(input)?;
    match kind {
        0 => return Ok((behind_kind, Ipv4Option::EndOfList)),
        1 => return Ok((behind_kind, Ipv4Option::NoOperation)),
        _ => {}
    }
    let (rest, len) = be8("option length").parse(behind_kind)?;
    if len < 2 {
        return too_small(behind_kind, "option length", 2, usize::from(len));
    }
    let (rest, data) = octets("option", usize::from(len) - 2).parse(rest)?;
    let option = match (kind, data) {
        (7, &[pointer, ref data @ ..]) => Ipv4Option::RecordRoute(Route { pointer, data }),
        (131, &[pointer, ref data @ ..]) => Ipv4Option::LooseSourceRoute(Route { pointer, data }),
        (137, &[pointer, ref data @ ..]) => Ipv4Option::StrictSourceRoute(Route { pointer, data }),
        (68, &[pointer, flags, ref data @ ..]) => {
            Ipv4Option::Timestamp { pointer, overflow: flags >> 4, flag: flags & 0xf, data }
        }
        (148, &[a, b]) => Ipv4Option::RouterAlert(u16::from_be_bytes([a, b])),
        (kind, data) => Ipv4Option::Unknown { kind, data },
    };
    Ok((rest, option))
}
