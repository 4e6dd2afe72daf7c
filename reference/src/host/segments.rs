//! Segments in and out: which connection or listener they are for, and what the network says about them.

use super::connections::{ConnectionId, Reading};
use super::discard::Discard;
use super::receive::{is_to_us_alone, pseudo_header};
use super::{Host, What};
use crate::event::Event;
use crate::icmp::notice::{Complaint, Hardness, Notice};
use crate::ip::Arrival;
use crate::ip::path_mtu;
use crate::ip::send::Envelope;
use crate::socket::SocketId;
use crate::tcp::{self, Carriage, Connection, NetworkError, Received, Segment, SegmentOut, SeqNumber, State};
use crate::time::Instant;
use crate::wire::{Packet, Protocol, PseudoHeader, Tcp};
use core::net::IpAddr;
use std::net::SocketAddr;

/// What is read and thrown away at a time, where the application does not want it.
pub(super) const DRAIN_OCTETS: usize = 65_536;

impl Host {
    pub(super) fn receive_tcp(&mut self, now: Instant, arrival: &Arrival<'_>) -> Result<(), Discard> {
        // RFC 9293 3.9.2.3 MUST-57, for all segments. MUST-63, the source, was the IP layer's.
        if !is_to_us_alone(arrival) {
            return Err(Discard::ToMany);
        }
        let tcp = Tcp::parse(arrival.payload).map_err(Discard::Malformed)?;
        // RFC 9293 3.1 MUST-3.
        if !tcp.is_checksum_right(&pseudo_header(arrival)?) {
            return Err(Discard::Checksum);
        }
        let segment = Segment {
            dscp: arrival.dscp,
            return_route: arrival.return_route,
            ..Segment::of_wire(arrival.source, arrival.destination, &tcp)
        };
        let listener = self.sockets.listener(segment.destination, segment.source);
        let connection = self.connections.between(segment.destination, segment.source);
        match (connection, listener) {
            (Some(id), Some(listener)) if self.reopen(now, id, listener, &segment) => {}
            (Some(id), _) => self.handle_segment(now, id, &segment),
            (None, Some(listener)) => self.handle_segment_in_listen(now, listener, &segment),
            // RFC 9293 3.10.7.1.
            (None, None) => {
                let carriage = Carriage::new(&self.policy, segment.destination);
                if let Some(reset) = tcp::reset_for_closed(&segment, carriage) {
                    self.send_segment(now, &reset);
                }
            }
        }
        Ok(())
    }

    /// RFC 9293 3.6.1 MAY-2: a newer SYN takes the place of a connection in TIME-WAIT. Whether it did.
    fn reopen(&mut self, now: Instant, id: ConnectionId, listener: SocketId, segment: &Segment<'_>) -> bool {
        let Some(tcp) = self.sockets.listener_mut(listener).map(|listener| &mut listener.tcp) else {
            return false;
        };
        let is_newer =
            self.connections.get(id).is_some_and(|entry| tcp.can_reopen(&entry.connection, segment));
        if !is_newer {
            return false;
        }
        if let Some(old) = self.connections.remove(id) {
            tcp.reopen(now, old, segment, &self.isn);
        }
        self.ready_listeners.insert(listener);
        true
    }

    fn handle_segment_in_listen(&mut self, now: Instant, listener: SocketId, segment: &Segment<'_>) {
        let path = self.known_path(now, segment.source.ip());
        if let Some(listener) = self.sockets.listener_mut(listener) {
            listener.tcp.handle_segment(now, segment, &self.isn);
            if let Some(mtu) = path.filter(|_| segment.return_route.is_none()) {
                listener.tcp.handle_known_path(segment.destination, segment.source, mtu);
            }
            // RFC 4861 7.3.1: whoever acknowledges our SYN has heard it.
            let is_open =
                |child: &Connection| child.remote() == segment.source && child.state().is_synchronised();
            let open = listener.tcp.children().iter().find(|child| is_open(child));
            if let Some(child) = open.filter(|_| segment.ack.is_some()) {
                self.network.confirm(now, child.first_hop());
            }
        }
        self.ready_listeners.insert(listener);
    }

    /// Serves the timers of listeners' connections.
    pub(super) fn handle_listener_timeouts(&mut self, now: Instant) {
        let is_due = |listener: &super::sockets::Listener| {
            listener.tcp.poll_deadline().is_some_and(|deadline| deadline <= now)
        };
        let due: Vec<SocketId> =
            self.sockets.listeners().filter(|(_, listener)| is_due(listener)).map(|(id, _)| id).collect();
        for id in due {
            if let Some(listener) = self.sockets.listener_mut(id) {
                listener.tcp.handle_timeout(now);
            }
            self.ready_listeners.insert(id);
        }
    }

    fn handle_segment(&mut self, now: Instant, id: ConnectionId, segment: &Segment<'_>) {
        let Some(entry) = self.connections.get_mut(id) else { return };
        let before = progress(&entry.connection);
        entry.connection.handle_segment(now, segment);
        if entry.reading == Reading::Shut {
            while let Ok(Received::Data(_)) = entry.connection.receive(now, DRAIN_OCTETS) {}
        }
        // RFC 4861 7.3.1: new acknowledgments or new data prove that what was sent arrives.
        if progress(&entry.connection) != before {
            self.network.confirm(now, entry.connection.first_hop());
        }
        self.connections.touch(id);
    }

    pub(super) fn handle_connection_timeout(&mut self, now: Instant, id: ConnectionId) {
        let Some(entry) = self.connections.get_mut(id) else { return };
        entry.connection.handle_timeout(now);
        if entry.linger_until.is_some_and(|until| until <= now) {
            entry.linger_until = None;
            // What lingers no more is broken off, unless the peer has acknowledged all of it.
            if !matches!(entry.connection.state(), State::FinWait2 | State::TimeWait | State::Closed) {
                // It is not closed: there is something to abort.
                let _ = entry.connection.abort(now);
            }
        }
        self.connections.touch(id);
    }

    /// Sends what listeners and connections have to send, as long as there is room for frames.
    pub(super) fn run(&mut self, now: Instant) {
        loop {
            while let Some(packet) = self.network.poll_undelivered() {
                self.handle_undelivered(now, &packet);
            }
            if let Some(id) = self.ready_listeners.first().copied() {
                self.run_listener(now, id);
                if self.network.is_congested() {
                    return;
                }
                continue;
            }
            let Some(id) = self.connections.first_ready() else { return };
            // A segment that was polled counts as sent: first look whether there is room.
            while !self.network.is_congested() {
                let Some(segment) = self.next_segment(now, id) else { break };
                self.send_segment(now, &segment);
            }
            if self.network.is_congested() {
                return;
            }
            self.note_events(now, id);
            self.connections.settle(id);
        }
    }

    /// Sends what a listener and the connections that nobody has accepted yet have to send.
    fn run_listener(&mut self, now: Instant, id: SocketId) {
        while !self.network.is_congested() {
            let segment = self.sockets.listener_mut(id).and_then(|of| of.tcp.poll_transmit(now));
            let Some(segment) = segment else {
                self.ready_listeners.remove(&id);
                break;
            };
            self.send_segment(now, &segment);
        }
        while let Some(event) = self.sockets.listener_mut(id).and_then(|of| of.tcp.poll_event()) {
            self.note(now, What::Listener { socket: id, event });
        }
        while let Some(listener) = self.sockets.listener_mut(id) {
            let Some((local, remote, event)) = listener.tcp.poll_connection_event() else { return };
            let mut children = listener.tcp.children().iter();
            let child = children.find(|child| (child.local(), child.remote()) == (local, remote));
            let first_hop = child.map_or(remote.ip(), Connection::first_hop);
            self.note_event(now, (local, remote, event), first_hop);
        }
    }

    fn next_segment(&mut self, now: Instant, id: ConnectionId) -> Option<SegmentOut> {
        self.connections.get_mut(id)?.connection.poll_transmit(now)
    }

    fn note_events(&mut self, now: Instant, id: ConnectionId) {
        while let Some(entry) = self.connections.get_mut(id) {
            let Some(event) = entry.connection.poll_event() else { return };
            let (local, remote) = (entry.connection.local(), entry.connection.remote());
            let first_hop = entry.connection.first_hop();
            self.note_event(now, (local, remote, event), first_hop);
        }
    }

    fn note_event(&mut self, now: Instant, (local, remote, event): tcp::Told, first_hop: IpAddr) {
        // RFC 9293 3.8.3 MUST-20 (a), SHLD-9: the way there is looked after.
        if event == Event::DeliveryProblem {
            self.network.doubt(first_hop);
        }
        self.note(now, What::Connection { local, remote, event });
    }

    pub(super) fn send_segment(&mut self, now: Instant, segment: &SegmentOut) {
        let (source, destination) = (segment.source.ip(), segment.destination.ip());
        let envelope = Envelope {
            source,
            destination,
            protocol: Protocol::TCP,
            dscp: segment.carriage.dscp,
            hop_limit: segment.carriage.hop_limit,
            source_route: segment.carriage.source_route,
            // RFC 1191 3: so that routers tell.
            dont_fragment: true,
        };
        let Some(pseudo) = PseudoHeader::new(source, destination) else { return };
        let options = segment.options.to_wire();
        let tcp = segment.to_wire(&options).filled(&pseudo);
        // There was a way when the connection was opened; if there is none for a reset, nobody needs it.
        let _ = self.network.send(now, &envelope, tcp.wire_len(), |out| tcp.emit(out).map(drop));
    }

    /// An ICMP error about a packet of ours (RFC 9293 3.9.2.2 MUST-54).
    pub(super) fn handle_notice(&mut self, now: Instant, notice: &Notice) -> Result<(), Discard> {
        if notice.protocol != Protocol::TCP {
            return Ok(());
        }
        let quoted = SeqNumber(notice.behind_ports);
        if self.report(now, notice.local, notice.remote, quoted, network_error(notice)) {
            Ok(())
        } else {
            Err(Discard::Icmp(crate::icmp::Discard::Quote))
        }
    }

    /// Something is said of a segment between these ends: hands it to the connection. Whether there is one.
    fn report(
        &mut self,
        now: Instant,
        local: SocketAddr,
        remote: SocketAddr,
        quoted: SeqNumber,
        error: NetworkError,
    ) -> bool {
        if let Some(id) = self.connections.between(local, remote) {
            self.handle_network_error(now, id, quoted, error);
            return true;
        }
        let Some(id) = self.sockets.listener(local, remote) else { return false };
        if let Some(listener) = self.sockets.listener_mut(id) {
            listener.tcp.handle_network_error(now, local, remote, quoted, error);
        }
        self.ready_listeners.insert(id);
        true
    }

    fn handle_network_error(
        &mut self,
        now: Instant,
        id: ConnectionId,
        quoted: SeqNumber,
        error: NetworkError,
    ) {
        let Some(entry) = self.connections.get_mut(id) else { return };
        let size = |connection: &Connection| connection.status().segment_size;
        let before = size(&entry.connection);
        entry.connection.handle_network_error(now, quoted, error);
        // What this connection believes of its path holds for all that take it (RFC 1191 6.2, RFC 8201 5.2), but not
        // where a source route leads another way.
        if let NetworkError::PacketTooBig(mtu) = error
            && size(&entry.connection) < before
            && entry.connection.first_hop() == entry.connection.remote().ip()
        {
            let remote = entry.connection.remote().ip();
            let mtu = usize::try_from(mtu).unwrap_or(usize::MAX);
            self.network.paths.handle_too_big(now, remote, mtu, mtu);
        }
        self.connections.touch(id);
    }

    /// The next hop did not answer: the link itself says that the host cannot be reached (RFC 4861 7.2.2), for now.
    fn handle_undelivered(&mut self, now: Instant, packet: &[u8]) {
        let Ok(packet) = Packet::parse(packet) else { return };
        let Some(tcp) = packet.tcp() else { return };
        let local = SocketAddr::new(packet.ip.source(), tcp.source_port);
        let remote = SocketAddr::new(packet.ip.final_destination(), tcp.destination_port);
        let error = NetworkError::Soft(tcp::Error::HostUnreachable);
        self.report(now, local, remote, SeqNumber(tcp.seq), error);
    }
}

/// What moves when the peer has heard something, or said something new.
fn progress(connection: &Connection) -> (Option<SeqNumber>, Option<SeqNumber>) {
    let status = connection.status();
    (status.send.map(|(una, _)| una), status.receive_next)
}

/// RFC 9293 3.9.2.2, RFC 5461 2.
fn network_error(notice: &Notice) -> NetworkError {
    let error = match notice.complaint {
        Complaint::TooBig { mtu } => {
            let mtu = match (mtu, notice.remote.ip()) {
                // RFC 1191 5: a router that does not say how much fits.
                (0, IpAddr::V4(_)) => path_mtu::plateau_below(notice.packet_len),
                (mtu, _) => mtu,
            };
            return NetworkError::PacketTooBig(u32::try_from(mtu).unwrap_or(u32::MAX));
        }
        Complaint::NetworkUnreachable => tcp::Error::NetworkUnreachable,
        Complaint::ProtocolUnreachable => tcp::Error::ProtocolUnreachable,
        Complaint::PortUnreachable => tcp::Error::Refused,
        Complaint::HostUnreachable
        | Complaint::Prohibited
        | Complaint::TimeExceeded
        | Complaint::ParameterProblem => tcp::Error::HostUnreachable,
    };
    match notice.complaint.hardness() {
        Hardness::Hard => NetworkError::Hard(error),
        Hardness::Soft => NetworkError::Soft(error),
    }
}
