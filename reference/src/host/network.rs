//! The way out: from an upper layer's octets to frames, through route, neighbour cache and Ethernet.

use super::Config;
use crate::icmp::error::{self, ErrorMessage};
use crate::icmp::limit::ErrorLimit;
use crate::ip::address::{Addresses, solicited_node};
use crate::ip::path_mtu::PathMtus;
use crate::ip::route::Gateways;
use crate::ip::send::{self, DEFAULT_HOP_LIMIT, Envelope, Identification, LINK_HOP_LIMIT};
use crate::ip::{Arrival, Problem};
use crate::link::ndp;
use crate::link::neighbour::{Neighbours, Output};
use crate::random::Random;
use crate::socket::SocketError;
use crate::time::Instant;
use crate::wire::{
    Arp, Error, EtherType, Ethernet, Icmpv6, Icmpv6Message, MacAddr, NdpOptions, NeighborFlags, Protocol,
    PseudoHeader,
};
use core::net::{IpAddr, Ipv6Addr};
use std::collections::VecDeque;

/// Frames that wait to be taken; beyond, a frame is lost as in a full transmit ring.
pub const MAX_QUEUED_FRAMES: usize = 4096;
/// Connections send no more while so many frames wait, so that nothing of theirs is lost in here.
pub const CONGESTED_FRAMES: usize = MAX_QUEUED_FRAMES / 2;

/// Everything below the transports.
#[derive(Debug)]
pub(super) struct Network {
    pub(super) addresses: Addresses,
    pub(super) gateways: Gateways,
    pub(super) paths: PathMtus,
    pub(super) neighbours: Neighbours,
    identification: Identification,
    errors: ErrorLimit,
    frames: VecDeque<Vec<u8>>,
    /// Packets of ours whose next hop did not answer: at most what the neighbour cache held.
    undelivered: VecDeque<Vec<u8>>,
}

impl Network {
    pub(super) fn new(config: &Config, random: &Random) -> Self {
        Self {
            addresses: config.addresses.clone(),
            gateways: config.gateways,
            paths: PathMtus::new(config.mtu),
            neighbours: Neighbours::new(random.fork("neighbours")),
            identification: Identification::new(random.fork("identification")),
            errors: ErrorLimit::new(),
            frames: VecDeque::new(),
            undelivered: VecDeque::new(),
        }
    }

    /// The next frame to leave.
    pub(super) fn poll_frame(&mut self) -> Option<Vec<u8>> {
        self.frames.pop_front()
    }

    /// Whether connections have to wait until frames are taken.
    pub(super) fn is_congested(&self) -> bool {
        self.frames.len() >= CONGESTED_FRAMES
    }

    /// The next packet that could not be delivered on the link.
    pub(super) fn poll_undelivered(&mut self) -> Option<Vec<u8>> {
        self.undelivered.pop_front()
    }

    pub(super) fn poll_deadline(&self) -> Option<Instant> {
        self.neighbours.poll_deadline()
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        self.neighbours.handle_timeout(now);
        self.flush();
    }

    /// Where a packet for `destination` goes first.
    ///
    /// # Errors
    /// [`SocketError::NetworkUnreachable`] if there is no way.
    pub(super) fn next_hop(&self, destination: IpAddr) -> Result<IpAddr, SocketError> {
        self.gateways.next_hop(&self.addresses, destination).ok_or(SocketError::NetworkUnreachable)
    }

    /// The address of ours to speak to `destination` from (RFC 1122 3.3.4.3): on its network or on its gateway's.
    ///
    /// # Errors
    /// [`SocketError::AddressNotAvailable`] if we have none of that version; [`SocketError::NetworkUnreachable`].
    pub(super) fn source_for(&self, destination: IpAddr) -> Result<IpAddr, SocketError> {
        let own = self.addresses.source_for(destination).ok_or(SocketError::AddressNotAvailable)?;
        let next_hop = self.next_hop(destination)?;
        // The gateways of IPv6 are link-local, the source must reach further.
        Ok(if own.is_ipv4() { self.addresses.source_for(next_hop).unwrap_or(own) } else { own })
    }

    /// A layer above saw that packets to `destination` arrive (RFC 4861 7.3.1).
    pub(super) fn confirm(&mut self, now: Instant, destination: IpAddr) {
        if let Ok(next_hop) = self.next_hop(destination) {
            self.neighbours.confirm(now, next_hop);
        }
    }

    /// A layer above got no answer for long from `destination` (RFC 9293 3.8.3 SHLD-9).
    pub(super) fn doubt(&mut self, destination: IpAddr) {
        if let Ok(next_hop) = self.next_hop(destination) {
            self.neighbours.doubt(next_hop);
        }
    }

    /// Sends a packet of `len` octets behind the IP header, which `fill` writes.
    ///
    /// # Errors
    /// [`SocketError`] if there is no way, or the packet is larger than the link carries.
    pub(super) fn send(
        &mut self,
        now: Instant,
        envelope: &Envelope,
        len: usize,
        fill: impl FnOnce(&mut [u8]) -> Result<(), Error>,
    ) -> Result<(), SocketError> {
        let next_hop = self.next_hop(envelope.first_hop())?;
        if envelope.is_strict() && next_hop != envelope.first_hop() {
            return Err(SocketError::NetworkUnreachable);
        }
        if len > self.room(envelope) {
            return Err(SocketError::MessageTooLong);
        }
        let packet = send::packet(&mut self.identification, envelope, len, fill)
            .map_err(|_| SocketError::InvalidArgument)?;
        self.neighbours.resolve(now, next_hop, envelope.source, packet);
        self.flush();
        Ok(())
    }

    /// Octets that fit behind the IP header of such a packet on this link.
    pub(super) fn room(&self, envelope: &Envelope) -> usize {
        self.paths.link().saturating_sub(envelope.header_len())
    }

    /// Tells the sender of `arrival` of a problem with it, unless a rule or the rate forbids.
    pub(super) fn tell(&mut self, now: Instant, arrival: &Arrival<'_>, problem: Problem) {
        let Some(message) = error::message(&self.addresses, arrival, problem) else { return };
        if !self.errors.take(now) {
            return;
        }
        // RFC 1122 3.2.2.1: from the address that was spoken to; to a group, from one of ours.
        let own = Some(arrival.destination).filter(|destination| self.addresses.is_own(*destination));
        let Some(source) = own.or_else(|| self.addresses.source_for(arrival.source)) else { return };
        // Nobody is told that nobody could be told.
        let _ = match message {
            ErrorMessage::V4(message) => {
                let envelope = envelope(source, arrival.source, Protocol::ICMP);
                let fill = |out: &mut [u8]| message.filled().emit(out).map(drop);
                self.send(now, &envelope, message.wire_len(), fill)
            }
            ErrorMessage::V6(message) => {
                let envelope = envelope(source, arrival.source, Protocol::ICMPV6);
                self.send_icmpv6(now, &envelope, &message)
            }
        };
    }

    /// Sends an ICMPv6 message with the right checksum.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub(super) fn send_icmpv6(
        &mut self,
        now: Instant,
        envelope: &Envelope,
        message: &Icmpv6<'_>,
    ) -> Result<(), SocketError> {
        let pseudo =
            PseudoHeader::new(envelope.source, envelope.destination).ok_or(SocketError::InvalidArgument)?;
        let fill = |out: &mut [u8]| message.filled(&pseudo).emit(out).map(drop);
        self.send(now, envelope, message.wire_len(), fill)
    }

    /// Puts an ARP packet on the link.
    pub(super) fn send_arp(&mut self, to: MacAddr, arp: &Arp<'_>) {
        let mut octets = [0; Arp::LEN];
        let arp = Arp { trailer: &[], ..*arp };
        if arp.emit(&mut octets).is_ok() {
            self.push(to, EtherType::ARP, &octets);
        }
    }

    /// Answers a neighbour solicitation (RFC 4861 7.2.4).
    pub(super) fn send_advertisement(&mut self, now: Instant, reply: &ndp::Reply) {
        let option = ndp::target_option(self.addresses.mac);
        let message = Icmpv6Message::NeighborAdvertisement {
            flags: reply.flags,
            target: reply.target,
            options: NdpOptions::new(&option),
        };
        let message = Icmpv6::new(0, message);
        if reply.flags.contains(NeighborFlags::SOLICITED) {
            let envelope = Envelope {
                hop_limit: LINK_HOP_LIMIT,
                ..envelope(IpAddr::V6(reply.target), IpAddr::V6(reply.destination), Protocol::ICMPV6)
            };
            // The asker is a neighbour; if not, there is nobody to be told.
            let _ = self.send_icmpv6(now, &envelope, &message);
        } else {
            let to = MacAddr::from_ipv6_multicast(reply.destination);
            self.send_to_link(to, reply.target, reply.destination, &message);
        }
    }

    /// Carries out what the neighbour cache wants.
    pub(super) fn flush(&mut self) {
        while let Some(output) = self.neighbours.poll_output() {
            match output {
                Output::Send { to, packet } => {
                    let ethertype = match packet.first().map(|octet| octet >> 4) {
                        Some(6) => EtherType::IPV6,
                        _ => EtherType::IPV4,
                    };
                    self.push(to, ethertype, &packet);
                }
                Output::Unreachable { packet } => self.undelivered.push_back(packet),
                Output::Solicit { target, source, to } => self.solicit(target, source, to),
            }
        }
    }

    fn solicit(&mut self, target: IpAddr, source: IpAddr, to: Option<MacAddr>) {
        match (target, source) {
            (IpAddr::V4(target), IpAddr::V4(source)) => {
                let request = Arp::request(self.addresses.mac, source, target);
                self.send_arp(to.unwrap_or(MacAddr::BROADCAST), &request);
            }
            (IpAddr::V6(target), IpAddr::V6(source)) => {
                let option = ndp::source_option(self.addresses.mac);
                let options = NdpOptions::new(&option);
                let message =
                    Icmpv6::new(0, Icmpv6Message::NeighborSolicitation { reserved: 0, target, options });
                // RFC 4861 7.2.2: to the group; 7.3.3: a probe goes to the neighbour.
                let group = solicited_node(target);
                let (destination, to) = match to {
                    None => (group, MacAddr::from_ipv6_multicast(group)),
                    Some(to) => (target, to),
                };
                self.send_to_link(to, source, destination, &message);
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => {}
        }
    }

    /// Sends an ICMPv6 message past the neighbour cache, to a link address that needs no asking.
    fn send_to_link(&mut self, to: MacAddr, source: Ipv6Addr, destination: Ipv6Addr, message: &Icmpv6<'_>) {
        let pseudo = PseudoHeader::V6 { source, destination };
        let envelope = Envelope {
            hop_limit: LINK_HOP_LIMIT,
            ..envelope(IpAddr::V6(source), IpAddr::V6(destination), Protocol::ICMPV6)
        };
        let fill = |out: &mut [u8]| message.filled(&pseudo).emit(out).map(drop);
        if let Ok(packet) = send::packet(&mut self.identification, &envelope, message.wire_len(), fill) {
            self.push(to, EtherType::IPV6, &packet);
        }
    }

    fn push(&mut self, to: MacAddr, ethertype: EtherType, payload: &[u8]) {
        if self.frames.len() >= MAX_QUEUED_FRAMES {
            return;
        }
        let header = Ethernet::new(self.addresses.mac, to, ethertype);
        let mut frame = vec![0; header.wire_len() + payload.len()];
        if let Ok(header_len) = header.emit(&mut frame) {
            frame[header_len..].copy_from_slice(payload);
            self.frames.push_back(frame);
        }
    }
}

/// How all but TCP's packets travel.
pub(super) const fn envelope(source: IpAddr, destination: IpAddr, protocol: Protocol) -> Envelope {
    Envelope {
        source,
        destination,
        protocol,
        dscp: 0,
        hop_limit: DEFAULT_HOP_LIMIT,
        source_route: None,
        dont_fragment: false,
    }
}
