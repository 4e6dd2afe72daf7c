//! Lossless formats: parse, emit, print, and nothing else.
//!
//! What parses is emitted again octet by octet as it was, reserved bits, padding and wrong checksums included; so
//! options stay raw and are walked over on demand. Nothing is allocated but by `to_vec` and the printers. `emit`
//! writes a value *as it is*; `filled` gives the same value with lengths and checksums right.
//!
//! ```
//! use wireproof_reference::wire::*;
//! let ip = Ipv4::new([192, 0, 2, 1].into(), [192, 0, 2, 2].into(), Protocol::TCP);
//! let syn = Tcp { source_port: 1024, destination_port: 80, seq: 100, flags: TcpFlags::SYN, ..Tcp::default() };
//! let octets = Packet::new(Ip::V4(ip), Transport::Tcp(syn)).filled()?.to_vec()?;
//! let packet = Packet::parse(&octets)?;
//! assert_eq!(packet.tcp().map(|tcp| tcp.seq), Some(100));
//! assert!(packet.checksums().are_right());
//! # Ok::<(), Error>(())
//! ```
//!
//! | file | format | RFCs |
//! |---|---|---|
//! | `frame` | an Ethernet frame as a whole | |
//! | `packet`, `ip`, `transport` | an IP packet as a whole, its header of either version, what it carries | |
//! | `ethernet` | Ethernet II, up to two 802.1Q tags | 894, 2464 |
//! | `arp` | address resolution for IPv4 over Ethernet | 826 |
//! | `ipv4`, `ipv4_options`, `source_route` | IPv4 | 791, 1122 3.2.1.8, 2113, 2474, 3168 |
//! | `ipv6`, `extension` | IPv6 and its extension headers | 8200, 2675, 2711 |
//! | `icmpv4` | ICMP | 792, 1191 |
//! | `icmpv6`, `ndp` | ICMPv6, neighbour discovery and its options | 4443, 4861 |
//! | `udp` | UDP | 768 |
//! | `tcp`, `tcp_options` | TCP | 9293, 7323, 2018, 5482, 7413, 2385, 5925, 8684, 9768 |
//! | [`checksum`](mod@checksum) | the Internet checksum and the pseudo-headers | 1071 |
//! | `number` | addresses and numbers that tie the layers | |
//! | `error` | what is wrong, where | |
//! | `line`, `tree`, `text` | printing: on one line as tcpdump would, as a tree, and options | |
//! | `read`, `write`, `walk` | what the formats are built from | |

pub mod checksum;

mod arp;
mod error;
mod ethernet;
mod extension;
mod frame;
mod icmpv4;
mod icmpv6;
mod ip;
mod ipv4;
mod ipv4_options;
mod ipv6;
mod line;
mod ndp;
mod number;
mod packet;
mod read;
mod source_route;
mod tcp;
mod tcp_options;
mod text;
mod transport;
mod tree;
mod udp;
mod walk;
mod write;

pub use arp::{Arp, ArpOperation};
pub use checksum::{PseudoHeader, checksum};
pub use error::{Error, Fault, Layer};
pub use ethernet::{Ethernet, VlanTag, VlanTags};
pub use extension::{
    Extension, ExtensionIter, ExtensionOption, ExtensionOptions, Extensions, FragmentHeader, Routing,
};
pub use frame::{Content, Frame};
pub use icmpv4::{Echo, IcmpTimestamp, Icmpv4, Icmpv4Message};
pub use icmpv6::{Icmpv6, Icmpv6Message};
pub use ip::Ip;
pub use ipv4::Ipv4;
pub use ipv4_options::{Ipv4Option, Ipv4Options, Route};
pub use ipv6::Ipv6;
pub use ndp::{NdpOption, NdpOptions, NeighborFlags, RouterAdvertisement};
pub use number::{EtherType, MacAddr, Protocol};
pub use packet::{Checksums, Packet, Verdict};
pub use read::Span;
pub use source_route::{SourceRoute, SourceRouteKind};
pub use tcp::{Tcp, TcpFlags};
pub use tcp_options::{AccEcnCounters, SackBlock, SackBlocks, TcpOption, TcpOptions, TcpOptionsBuffer};
pub use transport::Transport;
pub use tree::Tree;
pub use udp::Udp;
pub use walk::Walk;
