//! Parse a frame from its text, and hand what is looked for to a check.

use super::octets;
use wireproof_reference::wire::{Error, Frame, Ip, Ipv4, Ipv6, Packet, Tcp, TcpOption};

/// Parses a frame and hands it to `check`.
pub(crate) fn frame(text: &str, check: impl FnOnce(Frame<'_>)) {
    let octets = octets(text);
    check(Frame::parse(&octets).unwrap_or_else(|error| panic!("{error} in {text}")));
}

/// Parses a frame that holds an IP packet and hands that to `check`.
pub(crate) fn packet(text: &str, check: impl FnOnce(Packet<'_>)) {
    frame(text, |frame| check(*frame.packet().expect("it holds an IP packet")));
}

pub(crate) fn v4(text: &str, check: impl FnOnce(Ipv4<'_>)) {
    packet(text, |packet| match packet.ip {
        Ip::V4(header) => check(header),
        Ip::V6(_) => panic!("it is IPv4"),
    });
}

pub(crate) fn v6(text: &str, check: impl FnOnce(Ipv6<'_>)) {
    packet(text, |packet| match packet.ip {
        Ip::V6(header) => check(header),
        Ip::V4(_) => panic!("it is IPv6"),
    });
}

pub(crate) fn segment(text: &str, check: impl FnOnce(Tcp<'_>)) {
    packet(text, |packet| check(*packet.tcp().expect("it holds a segment")));
}

pub(crate) fn options(text: &str, check: impl FnOnce(Vec<Result<TcpOption<'_>, Error>>)) {
    segment(text, |tcp| check(tcp.options.iter().collect()));
}
