//! How options read, of every format but TCP, whose options are part of the line that `line` prints.

use super::line::Hex;
use super::{ExtensionOption, Ipv4Option, NdpOption, Route};
use core::fmt::{Display, Formatter, Result};

impl Display for Ipv4Option<'_> {
    /// `record route, pointer 8: 192.0.2.9 0.0.0.0`.
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::EndOfList => f.write_str("end of list"),
            Self::NoOperation => f.write_str("no operation"),
            Self::RecordRoute(route) => write!(f, "record route, {route}"),
            Self::LooseSourceRoute(route) => write!(f, "loose source route, {route}"),
            Self::StrictSourceRoute(route) => write!(f, "strict source route, {route}"),
            Self::Timestamp { pointer, overflow, flag, data } => {
                let data = Hex(data);
                write!(f, "timestamp, pointer {pointer}, overflow {overflow}, flag {flag}: {data}")
            }
            Self::RouterAlert(value) => write!(f, "router alert {value}"),
            Self::Unknown { kind, data } => write!(f, "option {kind}: {}", Hex(data)),
        }
    }
}

impl Display for Route<'_> {
    /// `pointer 8: 192.0.2.9 0.0.0.0`.
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "pointer {}:", self.pointer)?;
        self.addresses().try_for_each(|address| write!(f, " {address}"))
    }
}

impl Display for ExtensionOption<'_> {
    /// `router alert 0`.
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Pad1 => f.write_str("Pad1"),
            Self::PadN(padding) => write!(f, "PadN, {} octets", padding.len()),
            Self::RouterAlert(value) => write!(f, "router alert {value}"),
            Self::JumboPayload(len) => write!(f, "jumbo payload {len}"),
            Self::Unknown { kind, data } => write!(f, "option {kind}: {}", Hex(data)),
        }
    }
}

impl Display for NdpOption<'_> {
    /// `source link-layer address 02:00:00:00:00:01`.
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::SourceLinkLayerAddress(mac) => write!(f, "source link-layer address {mac}"),
            Self::TargetLinkLayerAddress(mac) => write!(f, "target link-layer address {mac}"),
            Self::PrefixInformation {
                prefix_len, flags, valid_lifetime, preferred_lifetime, prefix, ..
            } => {
                write!(f, "prefix {prefix}/{prefix_len}, flags 0x{flags:02x}, ")?;
                write!(f, "valid {valid_lifetime} s, preferred {preferred_lifetime} s")
            }
            Self::RedirectedHeader { packet, .. } => {
                write!(f, "redirected header, {} octets of the packet", packet.len())
            }
            Self::Mtu { mtu, .. } => write!(f, "MTU {mtu}"),
            Self::Unknown { kind, data } => write!(f, "option {kind}: {}", Hex(data)),
        }
    }
}
