//! A host under arbitrary frames, calls and times: no panic, no flood, no timer that never rests, and the same again the
//! same way.

mod support;

use proptest::prelude::*;
use std::net::IpAddr;
use support::*;
use wireproof_reference::host::{Host, MAX_QUEUED_FRAMES};
use wireproof_reference::link::neighbour::MAX_NEIGHBOURS;
use wireproof_reference::socket::{Shutdown, SocketId, SocketOption};
use wireproof_reference::time::{Duration, Instant};
use wireproof_reference::wire::{
    Echo, Icmpv4, Icmpv4Message, Icmpv6, Icmpv6Message, Protocol, Tcp, TcpFlags, TcpOptions, Transport, Udp,
};

/// One thing that happens to the host.
#[derive(Clone, Debug)]
enum Step {
    /// A segment; the numbers count from what the host expects, so that many of them fit.
    Segment { v6: bool, port: u16, seq: i32, ack: i32, flags: u16, window: u16, urgent: u16, len: u16 },
    /// A segment with options as they come.
    Options { v6: bool, octets: Vec<u8> },
    /// Echo, datagram, question for a link address.
    Other { v6: bool, kind: u8, port: u16, from: u8 },
    /// A frame with some octets changed after its checksums were made.
    Damaged { v6: bool, places: Vec<(u16, u8)>, len: u16 },
    /// An ICMP message of any type with any body, its checksum right, perhaps quoting a segment of ours.
    Message { v6: bool, kind: u8, code: u8, quotes: bool, body: Vec<u8> },
    /// An IPv6 packet with any next header and any octets behind.
    Chain { next: u8, body: Vec<u8> },
    /// Octets.
    Noise { octets: Vec<u8> },
    /// A call on one of the sockets.
    Call { socket: u8, call: u8, amount: u16 },
    /// Time goes by, by milliseconds.
    Wait { millis: u32 },
    /// Time goes by until something is due.
    Deadline,
}

/// Up to so many octets, small numbers among them more often: lengths and next headers that fit.
fn octets(most: usize) -> impl Strategy<Value = Vec<u8>> {
    let octet = prop_oneof![2 => 0_u8..3, 1 => Just(6), 1 => Just(60), 2 => any::<u8>()];
    proptest::collection::vec(octet, 0..most)
}

fn step() -> impl Strategy<Value = Step> {
    let near = prop_oneof![4 => -3_i32..3, 2 => -70_000_i32..70_000, 1 => any::<i32>()];
    let flags = prop_oneof![
        4 => Just(0x10_u16), 3 => Just(0x02), 2 => Just(0x12), 2 => Just(0x11), 1 => Just(0x04), 1 => Just(0x14),
        1 => 0_u16..0x1000
    ];
    let port = prop_oneof![3 => Just(4000_u16), 1 => 4000_u16..4004];
    let window = prop_oneof![4 => Just(8192_u16), 1 => Just(0), 1 => any::<u16>()];
    prop_oneof![
        12 => (any::<bool>(), port, near.clone(), near, flags, (window, any::<u16>()), 0_u16..1400).prop_map(
            |(v6, port, seq, ack, flags, (window, urgent), len)| {
                Step::Segment { v6, port, seq, ack, flags, window, urgent, len }
            }
        ),
        1 => (any::<bool>(), proptest::collection::vec(any::<u8>(), 0..41))
            .prop_map(|(v6, octets)| Step::Options { v6, octets }),
        2 => (any::<bool>(), 0_u8..4, 0_u16..12, any::<u8>())
            .prop_map(|(v6, kind, port, from)| Step::Other { v6, kind, port, from }),
        2 => (any::<bool>(), proptest::collection::vec((0_u16..120, any::<u8>()), 1..4), 0_u16..120)
            .prop_map(|(v6, places, len)| Step::Damaged { v6, places, len }),
        2 => (any::<bool>(), prop_oneof![0_u8..13, 128_u8..138], 0_u8..6, any::<bool>(), octets(60))
            .prop_map(|(v6, kind, code, quotes, body)| Step::Message { v6, kind, code, quotes, body }),
        2 => (prop_oneof![Just(0_u8), Just(43), Just(44), Just(60), Just(59), any::<u8>()], octets(80))
            .prop_map(|(next, body)| Step::Chain { next, body }),
        1 => octets(100).prop_map(|octets| Step::Noise { octets }),
        8 => (0_u8..8, 0_u8..12, any::<u16>())
            .prop_map(|(socket, call, amount)| Step::Call { socket, call, amount }),
        3 => (0_u32..200_000).prop_map(|millis| Step::Wait { millis }),
        3 => Just(Step::Deadline),
    ]
}

/// The host and what the test knows of it.
struct Bench {
    host: Host,
    now: Instant,
    sockets: Vec<SocketId>,
    /// Every frame sent.
    sent: Vec<(Instant, Vec<u8>)>,
}

/// Our address and the peer's.
fn ends(v6: bool) -> (IpAddr, IpAddr) {
    ENDS[usize::from(v6)]
}

impl Bench {
    fn new() -> Self {
        let mut host = Host::new(config());
        introduce(&mut host, at(0));
        let listener = host.listen(at(0), 80, 3, &[]).expect("the port is free");
        let datagrams = host.udp_bind(9).expect("the port is free");
        Self { host, now: at(0), sockets: vec![listener, datagrams], sent: Vec::new() }
    }

    fn frame(&mut self, frame: &[u8]) {
        self.host.handle_frame(self.now, frame);
        self.collect();
    }

    /// Takes what the host sends; one input never makes it send more than the peer's window and some answers.
    fn collect(&mut self) {
        let sent = frames(&mut self.host, self.now);
        assert!(sent.len() <= MAX_QUEUED_FRAMES, "{} frames after one input", sent.len());
        self.sent.extend(sent.into_iter().map(|frame| (self.now, frame)));
        assert!(self.host.neighbours().len() <= MAX_NEIGHBOURS);
        if let Some(deadline) = self.host.poll_deadline() {
            assert!(deadline > self.now, "what is due at {} was not done at {}", deadline, self.now);
        }
    }

    /// What the host expects next and has sent last on the connection from the peer's port, where there is one.
    fn numbers(&self, remote: std::net::SocketAddr) -> (u32, u32) {
        let mut status = self.sockets.iter().filter_map(|socket| self.host.status(*socket).ok());
        let status = status.rfind(|status| status.remote == remote);
        let numbers = status.and_then(|status| Some((status.receive_next?.0, status.send?.1.0)));
        numbers.unwrap_or((101, 1001))
    }

    fn run(&mut self, step: &Step) {
        match step {
            Step::Segment { v6, port, seq, ack, flags, window, urgent, len } => {
                let (ours, peer) = ends(*v6);
                let (next, sent) = self.numbers((peer, *port).into());
                let payload = vec![b'x'; usize::from(*len)];
                let tcp = Tcp {
                    source_port: *port,
                    seq: next.wrapping_add_signed(*seq),
                    ack: sent.wrapping_add_signed(*ack),
                    flags: TcpFlags::from_bits(*flags),
                    window: *window,
                    urgent: *urgent,
                    ..segment(0, 0, TcpFlags::NONE, &payload)
                };
                self.frame(&frame(peer, ours, Transport::Tcp(tcp)));
            }
            Step::Options { v6, octets } => {
                let (ours, peer) = ends(*v6);
                let octets = &octets[..octets.len() & !3];
                let tcp = Tcp { options: TcpOptions::new(octets), ..segment(100, 0, TcpFlags::SYN, &[]) };
                self.frame(&frame(peer, ours, Transport::Tcp(tcp)));
            }
            Step::Other { v6, kind, port, from } => self.other(*v6, *kind, *port, *from),
            Step::Damaged { v6, places, len } => {
                let (ours, peer) = ends(*v6);
                let payload = vec![b'y'; usize::from(*len)];
                let tcp = segment(101, 1001, TcpFlags::ACK, &payload);
                let mut octets = frame(peer, ours, Transport::Tcp(tcp));
                for (place, value) in places {
                    if let Some(octet) = octets.get_mut(usize::from(*place)) {
                        *octet = *value;
                    }
                }
                self.frame(&octets);
            }
            Step::Message { v6, kind, code, quotes, body } => {
                self.message(*v6, (*kind, *code), *quotes, body)
            }
            Step::Chain { next, body } => {
                let (ours, peer) = ends(true);
                let transport = Transport::Other { protocol: Protocol(*next), octets: body };
                self.frame(&frame(peer, ours, transport));
            }
            Step::Noise { octets } => {
                let header = [&HOST_MAC.0[..], &PEER_MAC.0, &[0x08, 0x00]].concat();
                self.frame(&[&header, octets.as_slice()].concat());
                self.frame(octets);
            }
            Step::Call { socket, call, amount } => self.call(*socket, *call, *amount),
            Step::Wait { millis } => self.wait(self.now + Duration::from_millis(u64::from(*millis))),
            Step::Deadline => {
                if let Some(deadline) = self.host.poll_deadline() {
                    self.wait(deadline);
                }
            }
        }
    }

    fn message(&mut self, v6: bool, (kind, code): (u8, u8), quotes: bool, body: &[u8]) {
        let (ours, peer) = ends(v6);
        let (next, sent) = self.numbers((peer, 4000).into());
        let quoted = Tcp {
            source_port: 80,
            destination_port: 4000,
            ..segment(sent.wrapping_sub(1), next, TcpFlags::ACK, &[])
        };
        let quoted = frame(ours, peer, Transport::Tcp(quoted));
        let body = if quotes { [&[0, 0, 2, 0], &quoted[14..]].concat() } else { body.to_vec() };
        let transport = if v6 {
            Transport::Icmpv6(Icmpv6::new(code, Icmpv6Message::Unknown { kind, data: &body }))
        } else {
            Transport::Icmpv4(Icmpv4::new(code, Icmpv4Message::Unknown { kind, data: &body }))
        };
        let mut octets = frame(peer, ours, transport);
        if kind >= 133 && v6 {
            // Neighbour discovery is heard only from the link. The hop limit is in no checksum.
            octets[21] = 255;
        }
        self.frame(&octets);
    }

    fn other(&mut self, v6: bool, kind: u8, port: u16, from: u8) {
        let (ours, peer) = ends(v6);
        let echo = Echo { identifier: 1, sequence: port, data: &[from; 20] };
        let payload = [from; 30];
        let udp = Udp {
            source_port: 4000,
            destination_port: port,
            length: 0,
            checksum: 0,
            payload: &payload,
            surplus: &[],
        };
        let transport = match (kind, v6) {
            (0, false) => Transport::Icmpv4(Icmpv4::new(0, Icmpv4Message::EchoRequest(echo))),
            (0, true) => Transport::Icmpv6(Icmpv6::new(0, Icmpv6Message::EchoRequest(echo))),
            (1, _) => Transport::Udp(udp),
            _ => {
                let mut request = hex(
                    "ffffffffffff 020000000001 0806 0001 0800 06 04 0001 020000000001 c0000201 000000000000 c0000202",
                );
                (request[27], request[31], request[41]) = (from, from, port as u8);
                return self.frame(&request);
            }
        };
        self.frame(&frame(peer, ours, transport));
    }

    fn call(&mut self, socket: u8, call: u8, amount: u16) {
        let (host, now) = (&mut self.host, self.now);
        let socket = self.sockets[usize::from(socket) % self.sockets.len()];
        let octets = vec![b'z'; usize::from(amount)];
        // Calls on sockets of the wrong kind, or closed ones, are errors and no more.
        match call {
            0 => self.sockets.extend(host.accept(self.sockets[0]).map(|(socket, _)| socket)),
            1 => {
                let remote = (ENDS[usize::from(amount & 1)].1, 80).into();
                self.sockets.extend(host.connect(now, remote, Some(4000 + amount % 4), &[]));
            }
            2 => drop(host.send(now, socket, &octets)),
            3 => drop(host.send_urgent(now, socket, &octets)),
            4 => drop(host.recv(now, socket, usize::from(amount))),
            5 => drop(host.shutdown(now, socket, Shutdown::Write)),
            6 => drop(host.shutdown(now, socket, Shutdown::Both)),
            7 if amount.is_multiple_of(4) => drop(host.close(now, socket)),
            8 if amount.is_multiple_of(8) => drop(host.abort(now, socket)),
            9 => drop(host.set_option(now, socket, SocketOption::NoDelay(amount & 1 == 1))),
            10 => drop(host.set_option(
                now,
                socket,
                SocketOption::Linger(Duration::from_millis(u64::from(amount))),
            )),
            11 => drop(host.udp_send(now, socket, (PEER_V6, amount).into(), &octets)),
            _ => drop((host.state(socket), host.children(socket), host.connected(socket), host.table())),
        }
        self.collect();
    }

    /// Lets time go by as it must: nothing that is due on the way is passed over.
    fn wait(&mut self, until: Instant) {
        for _ in 0..1000 {
            match self.host.poll_deadline() {
                Some(deadline) if deadline <= until => self.now = deadline,
                _ => break,
            }
            self.host.handle_timeout(self.now);
            self.collect();
        }
        self.now = self.now.max(until);
        self.host.handle_timeout(self.now);
        self.collect();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_host_neither_panics_nor_floods_nor_forgets_its_timers(
        steps in proptest::collection::vec(step(), 1..80)
    ) {
        let mut bench = Bench::new();
        for step in &steps {
            bench.run(step);
        }
        // The same steps give the same frames at the same times.
        let mut again = Bench::new();
        for step in &steps {
            again.run(step);
        }
        prop_assert_eq!(bench.sent, again.sent);
    }
}
