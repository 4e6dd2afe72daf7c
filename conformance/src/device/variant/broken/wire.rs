//! Headers and what goes beside the segments: checksums of IP, data offsets, options that do not fit, ICMP, groups.
//!
//! These touch frames as they are on the wire: Ethernet, IPv4 without options; over IPv6 most of them do nothing.

use super::super::Variant;
use super::super::flow::Fate::{self, Pass};
use super::super::segment::Segment;
use crate::oracle::RuleId;
use core::net::IpAddr;
use wireproof_reference::wire::{TcpFlags, TcpOptions};

/// The length of the headers before the segment: Ethernet, IPv4 without options.
const ETHERNET: usize = 14;
const IPV4: usize = 20;
/// Where the IPv4 header says the protocol, its checksum, and who sends the packet.
const PROTOCOL: usize = ETHERNET + 9;
const SUM: usize = ETHERNET + 10;
const SOURCE: usize = ETHERNET + 12;
/// Where the segment's flags and its data offset are.
const OFFSET: usize = ETHERNET + IPV4 + 12;
const FLAGS: usize = ETHERNET + IPV4 + 13;
const ACK: u8 = 0x10;
/// The device of the tests.
const OWN_MAC: [u8; 6] = [2, 0, 0, 0, 0, 2];
const OWN: [u8; 4] = [192, 0, 2, 2];

pub(super) const STACKS: &[Variant] = &[
    Variant::broken("ip-checksum-off", "The checksum of its IP headers is off by one.", &["rfc1122-3.2.1.2"])
        .utters(|frame| {
            if is_tcp(frame) {
                frame[SUM + 1] ^= 1;
            }
        })
        .breaks(&[RuleId::IpChecksum]),
    Variant::broken(
        "data-offset-short",
        "Its bare ACKs say that they have a header of 16 octets.",
        &["rfc9293-3.1"],
    )
    .utters(|frame| {
        let is_ack = is_tcp(frame) && frame.get(FLAGS).is_some_and(|flags| *flags == ACK);
        if is_ack && frame.get(OFFSET) == Some(&0x50) {
            frame[OFFSET] = 0x40;
        }
    })
    .breaks(&[RuleId::DataOffset]),
    Variant::broken(
        "option-too-long",
        "Its bare ACKs bear an option that says it is longer than the header.",
        &["rfc9293-3.1-MUST-68"],
    )
    .sends(|_, segment| {
        if segment.is_pure_ack() {
            segment.options = vec![253, 9, 0, 0];
        }
        Pass
    })
    .breaks(&[RuleId::OptionLengths])
    .seen_by_rules_alone(),
    Variant::broken(
        "padding-not-zero",
        "It pads its options with what was in memory.",
        &["rfc9293-3.1-MUST-69"],
    )
    .sends(|_, segment| {
        if segment.is_pure_ack() {
            segment.options = vec![0, 0x5a, 0x5a, 0x5a];
        }
        Pass
    })
    .breaks(&[RuleId::OptionPadding])
    .seen_by_rules_alone(),
    Variant::broken(
        "groups-answered",
        "It takes a SYN to a broadcast address for one to itself.",
        &["rfc9293-3.9.2.3-MUST-57"],
    )
    .receives(|flow, segment| {
        if segment.flags.syn() && segment.destination().is_some_and(is_group) {
            flow.send(segment.reply(0, segment.end(), TcpFlags::RST | TcpFlags::ACK));
        }
        Pass
    }),
    Variant::broken(
        "groups-accepted",
        "It answers a SYN from an address that no single host can have.",
        &["rfc9293-3.9.2.3-MUST-57", "rfc9293-3.9.2.3-MUST-63"],
    )
    .receives(|flow, segment| {
        if segment.flags.syn() && segment.source().is_some_and(is_group) {
            flow.send(segment.reply(1_000, segment.end(), TcpFlags::SYN | TcpFlags::ACK));
        }
        Pass
    })
    .breaks(&[RuleId::OneHost]),
    Variant::broken("source-quench-sent", "It asks whoever sends it data to slow down.", &["rfc6633-2"])
        .hears(|frame| if has_text(frame) { icmp(frame, 4, 0, IPV4 + 8) } else { None })
        .breaks(&[RuleId::NoSourceQuench])
        .seen_by_rules_alone(),
    Variant::broken(
        "icmp-quotes-little",
        "Its ICMP errors quote four octets behind the IP header.",
        &["rfc1122-3.2.2"],
    )
    .hears(|frame| if has_text(frame) { icmp(frame, 3, 3, IPV4 + 4) } else { None })
    .breaks(&[RuleId::QuoteLength])
    .seen_by_rules_alone(),
    Variant::broken(
        "icmp-for-groups",
        "It answers a SYN from a group with an ICMP error.",
        &["rfc1122-3.2.2"],
    )
    .hears(|frame| {
        let is_group = is_tcp(frame) && frame.get(SOURCE).is_some_and(|first| *first >= 224);
        if is_group { icmp(frame, 3, 3, IPV4 + 8) } else { None }
    })
    .breaks(&[RuleId::NoErrorOfGroup])
    .seen_by_rules_alone(),
    Variant::broken("icmp-for-icmp", "It answers an ICMP error with another.", &["rfc1122-3.2.2"])
        .hears(|frame| {
            let is_error = frame.get(12..15) == Some(&[8, 0, 0x45])
                && frame.get(PROTOCOL) == Some(&1)
                && frame.get(ETHERNET + IPV4) == Some(&3);
            if is_error { icmp(frame, 3, 3, IPV4 + 8) } else { None }
        })
        .breaks(&[RuleId::NoErrorOfError])
        .seen_by_rules_alone(),
    Variant::broken("scale-of-15", "Its SYN offers to scale windows by 15 bits.", &["rfc7323-2.3"])
        .sends(|_, segment| on_syn(segment, &[1, 3, 3, 15]))
        .breaks(&[RuleId::ScaleLimit])
        .seen_by_rules_alone(),
    Variant::broken("echo-of-nothing", "The timestamp on its SYN echoes something.", &["rfc7323-3.2"])
        .sends(|_, segment| on_syn(segment, &[1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 9]))
        .breaks(&[RuleId::EchoZero])
        .seen_by_rules_alone(),
    Variant::broken("sack-permitted-on-data", "Its data say that it can take SACK.", &["rfc2018-2"])
        .sends(|_, segment| {
            if segment.has_text() {
                segment.options = vec![1, 1, 4, 2];
            }
            Pass
        })
        .breaks(&[RuleId::SackPermittedOnSyn])
        .seen_by_rules_alone(),
];

/// Puts options on a SYN that opens.
fn on_syn(segment: &mut Segment, options: &[u8]) -> Fate {
    if segment.flags.syn()
        && !segment.flags.ack()
        && TcpOptions::new(&segment.options).iter().all(|one| one.is_ok())
    {
        segment.options.extend(options);
    }
    Pass
}

/// Whether many hosts have the address, on the link of the tests.
fn is_group(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_multicast() || address.octets()[3] == 255,
        IpAddr::V6(address) => address.is_multicast(),
    }
}

/// Whether a frame holds TCP over IPv4 without options.
fn is_tcp(frame: &[u8]) -> bool {
    frame.get(12..15) == Some(&[8, 0, 0x45]) && frame.get(PROTOCOL) == Some(&6)
}

/// Whether it bears octets of a stream.
fn has_text(frame: &[u8]) -> bool {
    let header = frame.get(OFFSET).map_or(0, |offset| usize::from(offset >> 4) * 4);
    is_tcp(frame) && frame.len() > (ETHERNET + IPV4 + header).max(60)
}

/// An ICMP error to whoever sent the frame, which quotes that many octets of it.
fn icmp(frame: &[u8], kind: u8, code: u8, quoted: usize) -> Option<Vec<u8>> {
    let quote = frame.get(ETHERNET..ETHERNET + quoted)?;
    let source = frame.get(SOURCE..SOURCE + 4)?;
    let mut icmp = [&[kind, code, 0, 0, 0, 0, 0, 0], quote].concat();
    let sum = self::sum(&icmp).to_be_bytes();
    icmp[2..4].copy_from_slice(&sum);
    let length = u16::try_from(IPV4 + icmp.len()).ok()?.to_be_bytes();
    let mut head = [&[0x45, 0, length[0], length[1], 0, 0, 0, 0, 64, 1, 0, 0], &OWN[..], source].concat();
    let sum = self::sum(&head).to_be_bytes();
    head[10..12].copy_from_slice(&sum);
    Some([frame.get(6..12)?, &OWN_MAC, &[8, 0], &head, &icmp].concat())
}

/// The checksum of the Internet (RFC 1071).
fn sum(octets: &[u8]) -> u16 {
    let word = |pair: &[u8]| u32::from(pair[0]) << 8 | pair.get(1).map_or(0, |low| u32::from(*low));
    let sum: u32 = octets.chunks(2).map(word).sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    !u16::try_from((folded & 0xffff) + (folded >> 16)).unwrap_or(0)
}
