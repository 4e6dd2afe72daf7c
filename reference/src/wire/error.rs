//! What is wrong with octets that do not parse, or with a value that cannot be emitted.

use core::fmt;

/// The header that a fault was found in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Layer {
    /// Ethernet II and its 802.1Q tags.
    Ethernet,
    /// Address resolution, RFC 826.
    Arp,
    /// RFC 791.
    Ipv4,
    /// RFC 8200, with its extension headers.
    Ipv6,
    /// RFC 792.
    Icmpv4,
    /// RFC 4443.
    Icmpv6,
    /// Neighbour discovery within ICMPv6, RFC 4861.
    Ndp,
    /// RFC 768.
    Udp,
    /// RFC 9293.
    Tcp,
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ethernet => "Ethernet",
            Self::Arp => "ARP",
            Self::Ipv4 => "IPv4",
            Self::Ipv6 => "IPv6",
            Self::Icmpv4 => "ICMP",
            Self::Icmpv6 => "ICMPv6",
            Self::Ndp => "NDP",
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
        })
    }
}

/// In what way a field is wrong; it gives [`Error::needed`] and [`Error::had`] their unit.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Fault {
    /// The octets end before the field does. Unit: octets, counted from [`Error::offset`].
    Truncated,
    /// The field's value is below the least that is legal: `needed` is that least value, `had` the value.
    TooSmall,
    /// The field's value is not the only one that is legal: `needed` is the legal one, `had` the value.
    Unexpected,
    /// The value is too large for its field: `needed` is the largest that fits, `had` the value.
    TooLarge,
    /// The buffer to emit into is too short. Unit: octets.
    NoRoom,
}

/// A fault: in which layer and field, where, what was needed and what was there.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Error {
    /// The header that holds the field.
    pub layer: Layer,
    /// The field, in the RFC's words.
    pub field: &'static str,
    /// Where the field begins, in octets from the start of what was given to the outermost `parse`
    /// (or of the buffer given to the outermost `emit`).
    pub offset: usize,
    /// What is wrong, and the unit of the next two.
    pub fault: Fault,
    /// What was needed.
    pub needed: usize,
    /// What was there.
    pub had: usize,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { layer, field, offset, fault, needed, had } = self;
        write!(f, "{layer} {field} at octet {offset}: ")?;
        match fault {
            Fault::Truncated => write!(f, "needs {needed} octets, {had} are there"),
            Fault::TooSmall => write!(f, "needs to be at least {needed}, is {had}"),
            Fault::Unexpected => write!(f, "needs to be {needed}, is {had}"),
            Fault::TooLarge => write!(f, "needs to be at most {needed}, is {had}"),
            Fault::NoRoom => write!(f, "needs {needed} octets of room, {had} are there"),
        }
    }
}

impl core::error::Error for Error {}
