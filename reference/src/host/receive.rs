//! The way in: from a frame to the room that it is for.

use super::Host;
use super::discard::Discard;
use super::network::envelope;
use crate::icmp::{self, echo, notice};
use crate::ip::send::Envelope;
use crate::ip::{self, Arrival, Problem, Refusal, address::Reach, receive};
use crate::link::{self, Cast, arp, ndp};
use crate::time::Instant;
use crate::udp::{Datagram, Delivery};
use crate::wire::{
    Arp, Echo, EtherType, Ethernet, Icmpv4, Icmpv4Message, Icmpv6, Icmpv6Message, Protocol, PseudoHeader, Udp,
};
use core::net::{IpAddr, SocketAddr};

impl Host {
    /// What arrived with `frame`, up to the reason why it had no effect.
    pub(super) fn receive(&mut self, now: Instant, frame: &[u8]) -> Result<(), Discard> {
        let (header, payload) = Ethernet::parse(frame).map_err(Discard::Malformed)?;
        let cast = link::accept(&self.network.addresses, &header).map_err(Discard::Link)?;
        let addresses = &self.network.addresses;
        let arrival = match header.ethertype {
            EtherType::ARP => return self.receive_arp(now, payload),
            EtherType::IPV4 => receive::ipv4(addresses, cast, payload),
            EtherType::IPV6 => receive::ipv6(addresses, cast, payload),
            ethertype => return Err(Discard::EtherType(ethertype)),
        };
        let arrival = arrival.map_err(Discard::Ip)?;
        match receive::open(&self.network.addresses, &arrival) {
            Ok(arrival) => self.receive_packet(now, &arrival),
            Err(Refusal::Silent(discard)) => Err(Discard::Ip(discard)),
            Err(Refusal::Answer(discard, problem)) => {
                self.network.tell(now, &arrival, problem);
                Err(Discard::Ip(discard))
            }
        }
    }

    fn receive_arp(&mut self, now: Instant, payload: &[u8]) -> Result<(), Discard> {
        let arp = Arp::parse(payload).map_err(Discard::Malformed)?;
        let network = &mut self.network;
        let reply = arp::handle(now, &network.addresses, &mut network.neighbours, &arp);
        if let Some(reply) = reply.map_err(Discard::Arp)? {
            network.send_arp(reply.target_mac, &reply);
        }
        // What waited for the sender's address may go.
        network.flush();
        Ok(())
    }

    fn receive_packet(&mut self, now: Instant, arrival: &Arrival<'_>) -> Result<(), Discard> {
        match (arrival.protocol, arrival.source.is_ipv4()) {
            (Protocol::TCP, _) => self.receive_tcp(now, arrival),
            (Protocol::UDP, _) => self.receive_udp(now, arrival),
            (Protocol::ICMP, true) => self.receive_icmpv4(now, arrival),
            (Protocol::ICMPV6, false) => self.receive_icmpv6(now, arrival),
            // RFC 1122 3.2.2.1 SHOULD; RFC 8200 4.
            (protocol, _) => {
                self.network.tell(now, arrival, Problem::Protocol);
                Err(Discard::Protocol(protocol))
            }
        }
    }

    fn receive_udp(&mut self, now: Instant, arrival: &Arrival<'_>) -> Result<(), Discard> {
        let datagram = Udp::parse(arrival.payload).map_err(Discard::Malformed)?;
        let pseudo = pseudo_header(arrival)?;
        // RFC 1122 4.1.3.4, MUST; RFC 8200 8.1: over IPv6 a checksum of zero is none.
        if !datagram.is_checksum_right(&pseudo) {
            return Err(Discard::Checksum);
        }
        let from = SocketAddr::new(arrival.source, datagram.source_port);
        let payload = datagram.payload.to_vec();
        let datagram = (datagram.destination_port, Datagram { from, to: arrival.destination, payload });
        match self.udp.handle(datagram.0, datagram.1) {
            Delivery::Queued => Ok(()),
            Delivery::Dropped => Err(Discard::QueueFull),
            // RFC 1122 4.1.3.1, SHOULD.
            Delivery::NoPort => {
                self.network.tell(now, arrival, Problem::Port);
                Err(Discard::NoSocket)
            }
        }
    }

    fn receive_icmpv4(&mut self, now: Instant, arrival: &Arrival<'_>) -> Result<(), Discard> {
        let icmp = Icmpv4::parse(arrival.payload).map_err(icmp_malformed)?;
        if !icmp.is_checksum_right() {
            return Err(Discard::Icmp(icmp::Discard::Checksum));
        }
        match icmp.message {
            Icmpv4Message::EchoRequest(request) => self.answer_echo(now, arrival, request),
            _ => {
                let notice = notice::ipv4(&icmp).map_err(Discard::Icmp)?;
                self.handle_notice(now, &notice)
            }
        }
    }

    fn receive_icmpv6(&mut self, now: Instant, arrival: &Arrival<'_>) -> Result<(), Discard> {
        let icmp = Icmpv6::parse(arrival.payload).map_err(icmp_malformed)?;
        if !icmp.is_checksum_right(&pseudo_header(arrival)?) {
            return Err(Discard::Icmp(icmp::Discard::Checksum));
        }
        match icmp.message {
            Icmpv6Message::EchoRequest(request) => self.answer_echo(now, arrival, request),
            Icmpv6Message::NeighborSolicitation { .. } | Icmpv6Message::NeighborAdvertisement { .. } => {
                let network = &mut self.network;
                let reply = ndp::handle(now, &network.addresses, &mut network.neighbours, arrival, &icmp);
                let reply = reply.map_err(|ndp::Invalid| Discard::Icmp(icmp::Discard::Discovery))?;
                if let Some(reply) = reply {
                    network.send_advertisement(now, &reply);
                }
                network.flush();
                Ok(())
            }
            _ => {
                let notice = notice::ipv6(&icmp).map_err(Discard::Icmp)?;
                self.handle_notice(now, &notice)
            }
        }
    }

    fn answer_echo(
        &mut self,
        now: Instant,
        arrival: &Arrival<'_>,
        mut echo: Echo<'_>,
    ) -> Result<(), Discard> {
        let many = Discard::Icmp(icmp::Discard::EchoFromOrToMany);
        let source = echo::answering_address(&self.network.addresses, arrival).ok_or(many)?;
        let protocol = if source.is_ipv4() { Protocol::ICMP } else { Protocol::ICMPV6 };
        // RFC 1122 3.2.2.6: over the reversed source route.
        let source_route = arrival.return_route;
        let envelope = Envelope { source_route, ..envelope(source, arrival.source, protocol) };
        // RFC 1122 3.2.2.6: all the data, or as much as fits where nothing is fragmented.
        let room = self.network.room(&envelope).saturating_sub(ECHO_HEADER_LEN);
        echo.data = &echo.data[..echo.data.len().min(room)];
        // Whoever cannot be reached gets no answer.
        let _ = match arrival.source {
            IpAddr::V4(_) => {
                let reply = Icmpv4::new(0, Icmpv4Message::EchoReply(echo)).filled();
                self.network.send(now, &envelope, reply.wire_len(), |out| reply.emit(out).map(drop))
            }
            IpAddr::V6(_) => {
                let reply = Icmpv6::new(0, Icmpv6Message::EchoReply(echo));
                self.network.send_icmpv6(now, &envelope, &reply)
            }
        };
        Ok(())
    }
}

/// RFC 792 page 14, RFC 4443 4.1: type, code, checksum, identifier, sequence number.
const ECHO_HEADER_LEN: usize = 8;

const fn icmp_malformed(error: crate::wire::Error) -> Discard {
    Discard::Icmp(icmp::Discard::Malformed(error))
}

/// The pseudo-header of what a packet carries; its addresses are of one version.
pub(super) fn pseudo_header(arrival: &Arrival<'_>) -> Result<PseudoHeader, Discard> {
    PseudoHeader::new(arrival.source, arrival.destination).ok_or(Discard::Ip(ip::Discard::NotForUs))
}

/// Whether a packet was for this host alone: TCP speaks to nobody else (RFC 9293 3.9.2.3 MUST-57).
pub(super) fn is_to_us_alone(arrival: &Arrival<'_>) -> bool {
    arrival.reach == Reach::Own && arrival.cast == Cast::Unicast
}
