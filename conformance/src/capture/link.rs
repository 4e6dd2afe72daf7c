//! From a captured record to its IP packet, whatever the link: Ethernet, raw IP, Linux cooked, loopback.
//!
//! Numbers of links are those of the tcpdump registry (<https://www.tcpdump.org/linktypes.html>).

use wireproof_reference::wire::{Arp, Content as FrameContent, EtherType, Frame, Packet};

use super::file::Record;

/// BSD loopback.
pub const NULL: u32 = 0;
/// Ethernet.
pub const ETHERNET: u32 = 1;
/// OpenBSD loopback.
pub const LOOP: u32 = 108;
/// Linux cooked, version 1.
pub const LINUX_SLL: u32 = 113;
/// Linux cooked, version 2.
pub const LINUX_SLL2: u32 = 276;

/// Raw IP. In files 101; 12 and 14 are what BSDs and OpenBSD wrote for it.
pub const RAW: [u32; 3] = [12, 14, 101];
/// Raw IPv4.
pub const IPV4: u32 = 228;
/// Raw IPv6.
pub const IPV6: u32 = 229;

/// Octets of the header of Linux's cooked captures.
pub const SLL_LEN: usize = 16;
const SLL_PROTOCOL: usize = 14;
/// Octets of the header of the second version.
pub const SLL2_LEN: usize = 20;
const SLL2_PROTOCOL: usize = 0;

/// Stands for what only the record knows.
const UNSIZED: usize = usize::MAX;

/// The longest IPv4 packet.
const MOST_V4: usize = 65_535;

/// What a record holds.
#[derive(Debug)]
pub enum Content<'a> {
    /// An IP packet.
    Ip {
        /// The packet.
        packet: Box<Packet<'a>>,
        /// How many VLAN tags stood before it.
        tags: usize,
        /// Octets of it that the capture left away.
        missing: usize,
    },
    /// Address resolution.
    Arp(Arp<'a>),
    /// Something that is not read here: its name.
    Other(String),
    /// Something that should be read and cannot be: why.
    Unreadable(String),
}

/// Whether records of a link can be read at all.
pub fn is_known(link: u32) -> bool {
    matches!(link, NULL | ETHERNET | LOOP | LINUX_SLL | LINUX_SLL2 | IPV4 | IPV6) || RAW.contains(&link)
}

/// What people call a link.
pub fn name(link: u32) -> String {
    let name = match link {
        NULL => "BSD loopback",
        ETHERNET => "Ethernet",
        7 => "ARCNET",
        9 => "PPP",
        10 => "FDDI",
        _ if RAW.contains(&link) => "raw IP",
        50 => "PPP over serial",
        104 => "Cisco HDLC",
        105 => "IEEE 802.11",
        107 => "Frame Relay",
        LOOP => "OpenBSD loopback",
        LINUX_SLL => "Linux cooked v1",
        117 => "pflog",
        119 | 127 => "IEEE 802.11 with radio headers",
        129 => "Linux ARCNET",
        149 => "user-defined",
        192 => "PPI",
        242 => "IP over InfiniBand",
        271 => "vsock",
        281 => "Broadcom switch tags",
        IPV4 => "raw IPv4",
        IPV6 => "raw IPv6",
        LINUX_SLL2 => "Linux cooked v2",
        _ => return format!("link type {link}"),
    };
    name.to_owned()
}

/// What is in the record. `scratch` holds the packet where it has to be mended first.
pub fn content<'a>(record: &'a Record, scratch: &'a mut Vec<u8>) -> Content<'a> {
    captured(&Captured::of(record), scratch)
}

/// The octets of a record, wherever they are kept.
#[derive(Clone, Copy, Debug)]
pub struct Captured<'a> {
    /// The kind of link, as the tcpdump registry numbers them.
    pub link: u32,
    /// How many octets of frame check sequence stand at its end, if the file tells.
    pub fcs: usize,
    /// What was captured.
    pub octets: &'a [u8],
    /// How long the packet was on the wire.
    pub original_len: u32,
}

impl<'a> Captured<'a> {
    /// Those of a record.
    pub fn of(record: &'a Record) -> Self {
        let Record { link, fcs, octets, original_len, .. } = record;
        Self { link: *link, fcs: *fcs, octets, original_len: *original_len }
    }

    /// How many octets the capture left away.
    pub fn missing(&self) -> usize {
        usize::try_from(self.original_len).unwrap_or(usize::MAX).saturating_sub(self.octets.len())
    }
}

/// What is in the octets of a record. `scratch` holds the packet where it has to be mended first.
pub fn captured<'a>(record: &Captured<'a>, scratch: &'a mut Vec<u8>) -> Content<'a> {
    let end =
        record.octets.len() - if record.missing() == 0 { record.fcs.min(record.octets.len()) } else { 0 };
    let octets = record.octets.get(..end).unwrap_or_default();
    let content = match record.link {
        ETHERNET => ethernet(octets, scratch),
        LINUX_SLL => cooked(octets, SLL_LEN, SLL_PROTOCOL, scratch),
        LINUX_SLL2 => cooked(octets, SLL2_LEN, SLL2_PROTOCOL, scratch),
        NULL | LOOP => loopback(octets, scratch),
        IPV4 | IPV6 => ip(octets, 0, scratch),
        link if RAW.contains(&link) => ip(octets, 0, scratch),
        link => Content::Other(format!("{} frames", name(link))),
    };
    match content {
        Content::Ip { packet, tags, missing: UNSIZED } => {
            Content::Ip { packet, tags, missing: record.missing() }
        }
        content => content,
    }
}

fn ethernet<'a>(octets: &'a [u8], scratch: &'a mut Vec<u8>) -> Content<'a> {
    let frame = match Frame::parse_cut(octets) {
        Ok(frame) => frame,
        Err(error) => return Content::Unreadable(error.to_string()),
    };
    let tags = frame.ethernet.tags.iter().count();
    match frame.content {
        FrameContent::Arp(arp) => Content::Arp(arp),
        FrameContent::Ip(packet) => Content::Ip { missing: packet.missing(), packet: Box::new(packet), tags },
        FrameContent::Unreadable { octets, .. } if is_unsized(octets) => ip(octets, tags, scratch),
        FrameContent::Unreadable { error, .. } => Content::Unreadable(error.to_string()),
        FrameContent::Other(inner) => other(frame.ethernet.ethertype, inner, tags, scratch),
    }
}

/// What stands behind an EtherType that a frame does not read: further tags, or something else.
fn other<'a>(ethertype: EtherType, octets: &'a [u8], tags: usize, scratch: &'a mut Vec<u8>) -> Content<'a> {
    let (mut ethertype, mut octets, mut tags) = (ethertype, octets, tags);
    while ethertype.is_vlan() {
        let Some((tag, rest)) = octets.split_first_chunk::<4>() else {
            return Content::Unreadable("a VLAN tag is cut off".to_owned());
        };
        ethertype = EtherType(u16::from_be_bytes([tag[2], tag[3]]));
        octets = rest;
        tags += 1;
    }
    match ethertype {
        EtherType::IPV4 | EtherType::IPV6 => ip(octets, tags, scratch),
        EtherType::ARP => {
            Arp::parse(octets).map_or_else(|error| Content::Unreadable(error.to_string()), Content::Arp)
        }
        ethertype => Content::Other(ethertype_name(ethertype)),
    }
}

fn ethertype_name(ethertype: EtherType) -> String {
    let name = match ethertype.0 {
        ..0x0600 => "IEEE 802.3 frames",
        0x0806 => "ARP for other hardware",
        0x8035 => "reverse ARP",
        0x8847 | 0x8848 => "MPLS",
        0x8863 | 0x8864 => "PPPoE",
        0x888e => "IEEE 802.1X",
        0x88cc => "LLDP",
        other => return format!("EtherType 0x{other:04x}"),
    };
    name.to_owned()
}

/// A header of Linux's cooked captures: only its protocol matters here.
fn cooked<'a>(octets: &'a [u8], length: usize, protocol: usize, scratch: &'a mut Vec<u8>) -> Content<'a> {
    let Some((head, rest)) = octets.split_at_checked(length) else {
        return Content::Unreadable(format!(
            "the cooked header needs {length} octets, {} are there",
            octets.len()
        ));
    };
    let number = head.get(protocol..protocol + 2).and_then(|pair| pair.first_chunk::<2>()).copied();
    other(EtherType(u16::from_be_bytes(number.unwrap_or_default())), rest, 0, scratch)
}

/// The address family before a packet of a loopback, in either byte order: 2 is IPv4, 10, 24, 28 and 30 are IPv6.
fn loopback<'a>(octets: &'a [u8], scratch: &'a mut Vec<u8>) -> Content<'a> {
    let Some((family, rest)) = octets.split_first_chunk::<4>() else {
        return Content::Unreadable(format!(
            "the loopback header needs 4 octets, {} are there",
            octets.len()
        ));
    };
    match u32::from_be_bytes(*family).min(u32::from_le_bytes(*family)) {
        2 | 10 | 24 | 28 | 30 => ip(rest, 0, scratch),
        family => Content::Other(format!("address family {family}")),
    }
}

fn ip<'a>(octets: &'a [u8], tags: usize, scratch: &'a mut Vec<u8>) -> Content<'a> {
    let is_unsized = is_unsized(octets);
    let octets = if is_unsized { sized(octets, scratch) } else { octets };
    match Packet::parse_cut(octets) {
        Ok(packet) => {
            let missing = if is_unsized { UNSIZED } else { packet.missing() };
            Content::Ip { packet: Box::new(packet), tags, missing }
        }
        Err(error) => Content::Unreadable(error.to_string()),
    }
}

/// IPv4 with a total length of 0: a packet that the network card was to cut into segments, captured before it did.
fn is_unsized(octets: &[u8]) -> bool {
    matches!(octets, [version, _, 0, 0, ..] if version >> 4 == 4)
}

/// The same packet with the length that it has.
fn sized<'a>(octets: &[u8], scratch: &'a mut Vec<u8>) -> &'a [u8] {
    scratch.clear();
    scratch.extend_from_slice(octets.get(..MOST_V4).unwrap_or(octets));
    let length = u16::try_from(scratch.len()).unwrap_or(u16::MAX).to_be_bytes();
    if let Some(field) = scratch.get_mut(2..4) {
        field.copy_from_slice(&length);
    }
    scratch
}
