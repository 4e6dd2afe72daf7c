//! The connections of a capture: each segment is told relative to its connection's start and numbers.
//!
//! As in the RFC's figures the initiator's numbers count from 100 and the other end's from 300: that is their initial
//! sequence number. Where a capture begins later, the first number that it shows is 101 or 301.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use wireproof_reference::wire::{
    Checksums, Ip, Packet, Protocol, Tcp, TcpFlags, TcpOptions, Transport, Verdict,
};

use super::file::{Nanos, Record};
use super::ladder;
use crate::problem::printable;

/// How many connections are kept at once; beyond it those that ended, and then the oldest, are let go.
pub const MOST_CONNECTIONS: usize = 65_536;

/// How many rows are kept before they are handed out.
pub const MOST_ROWS: usize = 400_000;

/// A SYN with other numbers after a silence as long as this begins another connection, seconds.
const SILENCE: Nanos = 60 * 1_000_000_000;

/// So many characters of a comment's line are shown.
const COMMENT: usize = 60;

/// Which end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The initiator, as far as can be told.
    A,
    /// The other one.
    B,
}

/// The initial sequence number of one end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Base {
    /// The real number that stands for 100 or 300.
    pub isn: u32,
    /// Whether a SYN showed it; otherwise it is one less than the first number seen.
    pub from_syn: bool,
}

/// One segment of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// When, as the file tells.
    pub time: Option<Nanos>,
    /// Who sent it.
    pub from: End,
    /// The segment in the notation.
    pub segment: String,
    /// What is worth a remark: repeated octets, a gap, what the capture left away.
    pub remark: String,
}

/// One end.
#[derive(Clone, Debug)]
pub(super) struct Side {
    pub(super) address: SocketAddr,
    pub(super) base: Option<Base>,
    /// The number behind the last octet seen, as on the wire.
    pub(super) next: Option<u32>,
    /// The last window that was shown.
    pub(super) window: Option<u16>,
    is_finished: bool,
}

/// A connection.
#[derive(Clone, Debug)]
pub struct Connection {
    /// Its number in the file, from 1.
    pub number: u64,
    /// Number of the packet that it began with.
    pub first_packet: u64,
    /// When it began.
    pub start: Option<Nanos>,
    /// Segments that were kept since rows were last handed out.
    pub rows: Vec<Row>,
    /// All segments, those handed out before too.
    pub segments: u64,
    /// Segments whose checksum is wrong.
    pub wrong_checksums: u64,
    pub(super) a: Side,
    pub(super) b: Side,
    last: Option<Nanos>,
    is_reset: bool,
    /// Order of the last segment, to find the oldest.
    touched: u64,
}

impl Connection {
    /// The initiator's address and the other one's.
    pub const fn ends(&self) -> (SocketAddr, SocketAddr) {
        (self.a.address, self.b.address)
    }

    /// The initial sequence numbers of the initiator and the other end, as far as they were seen.
    pub const fn bases(&self) -> (Option<Base>, Option<Base>) {
        (self.a.base, self.b.base)
    }

    /// A connection between an initiator and another end, of which somebody else knows what belongs to it.
    pub fn lone(number: u64, first_packet: u64, start: Option<Nanos>, ends: [SocketAddr; 2]) -> Self {
        let [a, b] =
            ends.map(|address| Side { address, base: None, next: None, window: None, is_finished: false });
        Self {
            number,
            first_packet,
            start,
            rows: Vec::new(),
            segments: 0,
            wrong_checksums: 0,
            a,
            b,
            last: start,
            is_reset: false,
            touched: 0,
        }
    }

    /// Takes in the packet of a record, of which the capture left `missing` octets away, and gives its row instead of
    /// keeping it; `None` if it holds no TCP segment.
    pub fn row(&mut self, packet: &Packet<'_>, record: &Record, missing: usize) -> Option<Row> {
        let (tcp, cut) = segment(packet)?;
        let (source, _) = addresses(&packet.ip, &tcp);
        let (checksums, missing) = (packet.checksums(), cut.unwrap_or(missing));
        self.add(&tcp, source, Seen { time: record.time, checksums, missing, comment: &record.comment });
        self.rows.pop()
    }

    /// What its numbers stand for, `100 is ISN 7, 300 is ISN 9`.
    pub fn numbers(&self) -> String {
        ladder::numbers(self)
    }

    /// Whether it ended before the eyes of the capture.
    pub const fn is_over(&self) -> bool {
        self.is_reset || self.a.is_finished && self.b.is_finished
    }
}

/// Both addresses, the lesser one first.
type Key = (SocketAddr, SocketAddr);

/// The connections of a file.
#[derive(Debug, Default)]
pub struct Connections {
    /// The latest connection between two addresses, as a place in `all`.
    latest: BTreeMap<Key, usize>,
    all: Vec<Connection>,
    count: u64,
    rows: usize,
    touched: u64,
}

impl Connections {
    /// How many there were so far.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Takes in the packet of a record; false if it holds no TCP segment. The capture left `missing` octets of it away.
    pub fn add(&mut self, packet: &Packet<'_>, record: &Record, missing: usize) -> bool {
        let (number, time) = (record.number, record.time);
        let Some((tcp, cut)) = segment(packet) else { return false };
        let (tcp, missing) = (&tcp, cut.unwrap_or(missing));
        let (source, destination) = addresses(&packet.ip, tcp);
        let key = if source <= destination { (source, destination) } else { (destination, source) };
        let known = self.latest.get(&key).copied().filter(|place| {
            self.all.get(*place).is_some_and(|connection| !begins_another(connection, tcp, source, time))
        });
        let place = known.unwrap_or_else(|| self.begin(key, tcp, (source, destination), number, time));
        self.touched += 1;
        self.rows += 1;
        let touched = self.touched;
        if let Some(connection) = self.all.get_mut(place) {
            connection.touched = touched;
            let checksums = packet.checksums();
            connection.add(tcp, source, Seen { time, checksums, missing, comment: &record.comment });
        }
        true
    }

    fn begin(
        &mut self,
        key: Key,
        tcp: &Tcp<'_>,
        ends: (SocketAddr, SocketAddr),
        number: u64,
        time: Option<Nanos>,
    ) -> usize {
        let (source, destination) = ends;
        let ends = if is_from_initiator(tcp, source, destination) {
            [source, destination]
        } else {
            [destination, source]
        };
        self.count += 1;
        self.all.push(Connection::lone(self.count, number, time, ends));
        self.latest.insert(key, self.all.len() - 1);
        self.all.len() - 1
    }

    /// Whether so much is kept that it should be handed out by [`Connections::hand_out`].
    pub const fn is_full(&self) -> bool {
        self.rows >= MOST_ROWS || self.all.len() >= MOST_CONNECTIONS
    }

    /// All connections with rows, in the order in which they began. Those that may go on stay known, without the rows.
    pub fn hand_out(&mut self) -> Vec<Connection> {
        self.rows = 0;
        self.latest.clear();
        let out = std::mem::take(&mut self.all);
        let mut going_on: Vec<&Connection> = out.iter().filter(|connection| !connection.is_over()).collect();
        going_on.sort_by_key(|connection| std::cmp::Reverse(connection.touched));
        going_on.truncate(MOST_CONNECTIONS / 2);
        going_on.sort_by_key(|connection| connection.number);
        for connection in going_on {
            let (a, b) = connection.ends();
            self.latest.insert(if a <= b { (a, b) } else { (b, a) }, self.all.len());
            self.all.push(Connection { rows: Vec::new(), ..connection.clone() });
        }
        out.into_iter().filter(|connection| !connection.rows.is_empty()).collect()
    }
}

/// The segment of a packet. Where the capture ends within its options, the fixed header and the options that are whole
/// are read all the same; then the octets that are missing behind the header are told too.
fn segment<'a>(packet: &Packet<'a>) -> Option<(Tcp<'a>, Option<usize>)> {
    let octets = match &packet.transport {
        Transport::Tcp(tcp) => return Some((*tcp, None)),
        Transport::Unreadable { protocol: Protocol::TCP, octets, .. } => *octets,
        _ => return None,
    };
    let (fixed, options) = octets.split_at_checked(Tcp::MIN_LEN)?;
    let header_len = usize::from(fixed.get(12)? >> 4) * 4;
    let payload = packet.ip.payload_len().checked_sub(header_len).filter(|_| header_len > Tcp::MIN_LEN)?;
    let field = |at: usize| {
        fixed.get(at..).and_then(|rest| rest.first_chunk::<2>()).map(|pair| u16::from_be_bytes(*pair))
    };
    let wide = |at: usize| {
        fixed.get(at..).and_then(|rest| rest.first_chunk::<4>()).map(|four| u32::from_be_bytes(*four))
    };
    let tcp = Tcp {
        source_port: field(0)?,
        destination_port: field(2)?,
        seq: wide(4)?,
        ack: wide(8)?,
        flags: TcpFlags::from_bits(field(12)?),
        window: field(14)?,
        checksum: field(16)?,
        urgent: field(18)?,
        options: TcpOptions::new(options),
        payload: &[],
    };
    Some((tcp, Some(payload)))
}

fn addresses(ip: &Ip<'_>, tcp: &Tcp<'_>) -> (SocketAddr, SocketAddr) {
    let (source, destination) = match ip {
        Ip::V4(ip) => (ip.source.into(), ip.destination.into()),
        Ip::V6(ip) => (ip.source.into(), ip.destination.into()),
    };
    (SocketAddr::new(source, tcp.source_port), SocketAddr::new(destination, tcp.destination_port))
}

/// A SYN with a new number, where the connection had ended or was silent for long.
fn begins_another(connection: &Connection, tcp: &Tcp<'_>, source: SocketAddr, time: Option<Nanos>) -> bool {
    let is_syn = tcp.flags.syn() && !tcp.flags.ack();
    let side = if connection.a.address == source { &connection.a } else { &connection.b };
    let is_new = side.base.is_some_and(|base| base.isn != tcp.seq);
    let silence = time.zip(connection.last).map_or(0, |(time, last)| time - last);
    is_syn && is_new && (connection.is_over() || silence >= SILENCE)
}

/// Who sends a SYN without ACK opened; without one, it is more likely the end with the higher port if the other one's
/// is well-known, else who is seen first.
fn is_from_initiator(tcp: &Tcp<'_>, source: SocketAddr, destination: SocketAddr) -> bool {
    if tcp.flags.syn() {
        return !tcp.flags.ack();
    }
    let is_service = |address: SocketAddr| address.port() < 1024;
    match (is_service(source), is_service(destination)) {
        (true, false) => false,
        (false, true) => true,
        _ => true,
    }
}

/// What is known of a segment besides its header.
struct Seen<'r> {
    time: Option<Nanos>,
    checksums: Checksums,
    missing: usize,
    comment: &'r str,
}

impl Connection {
    fn add(&mut self, tcp: &Tcp<'_>, source: SocketAddr, seen: Seen<'_>) {
        let Seen { time, checksums, missing, comment } = seen;
        let from = if self.a.address == source { End::A } else { End::B };
        self.learn(tcp, from);
        let mut remark = self.remark(tcp, from, missing);
        if checksums.transport == Verdict::Wrong || checksums.ip == Verdict::Wrong {
            self.wrong_checksums += 1;
            remark.push("wrong checksum".to_owned());
        }
        remark.extend(comment.lines().map(shortened));
        let segment = ladder::segment(self, tcp, from, missing);
        self.segments += 1;
        self.last = time.or(self.last);
        self.rows.push(Row { time, from, segment, remark: remark.join(", ") });
        let length = u32::try_from(tcp.seg_len().saturating_add(missing)).unwrap_or(u32::MAX);
        let end = tcp.seq.wrapping_add(length);
        let side = self.side_mut(from);
        side.is_finished |= tcp.flags.fin();
        side.window = Some(tcp.window);
        // A reset's number says nothing about what its sender has sent.
        if !tcp.flags.rst() && side.next.is_none_or(|next| is_before(next, end)) {
            side.next = Some(end);
        }
        self.is_reset |= tcp.flags.rst();
    }

    /// Takes note of the first numbers of either end.
    fn learn(&mut self, tcp: &Tcp<'_>, from: End) {
        let syn = tcp.flags.syn();
        let is_nothing = tcp.flags.rst() && tcp.seq == 0;
        let side = self.side_mut(from);
        match &mut side.base {
            // An answer to it was captured first.
            Some(base) => base.from_syn |= syn && base.isn == tcp.seq,
            None if is_nothing => {}
            None => {
                let isn = if syn { tcp.seq } else { tcp.seq.wrapping_sub(1) };
                side.base = Some(Base { isn, from_syn: syn });
            }
        }
        if tcp.flags.ack() && !(syn && tcp.ack == 0) {
            let other = self.side_mut(from.other());
            if other.base.is_none() {
                other.base = Some(Base { isn: tcp.ack.wrapping_sub(1), from_syn: false });
            }
        }
    }

    /// What is worth a remark about a segment.
    fn remark(&self, tcp: &Tcp<'_>, from: End, missing: usize) -> Vec<String> {
        let mut remark = Vec::new();
        let occupied = tcp.seg_len().saturating_add(missing);
        if let (Some(next), true) = (self.side(from).next, occupied > 0 && !tcp.flags.rst()) {
            let ahead = tcp.seq.wrapping_sub(next);
            if is_before(tcp.seq, next) {
                remark.push("again".to_owned());
            } else if ahead != 0 {
                remark.push(format!("{ahead} octets before it were not seen"));
            }
        }
        if missing > 0 {
            remark.push(format!("{missing} octets not captured"));
        }
        remark
    }

    pub(super) const fn side(&self, end: End) -> &Side {
        match end {
            End::A => &self.a,
            End::B => &self.b,
        }
    }

    const fn side_mut(&mut self, end: End) -> &mut Side {
        match end {
            End::A => &mut self.a,
            End::B => &mut self.b,
        }
    }
}

impl End {
    /// The one at the other side.
    pub const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }

    /// What its initial sequence number is shown as.
    pub const fn shown(self) -> u32 {
        match self {
            Self::A => 100,
            Self::B => 300,
        }
    }
}

/// A line of a comment, of which the rest of a long one is in the file.
fn shortened(line: &str) -> String {
    let mut short: String = printable(line).chars().take(COMMENT).collect();
    if line.chars().nth(COMMENT).is_some() {
        short.push('…');
    }
    short
}

/// Whether `a` comes before `b`, modulo 2^32.
fn is_before(a: u32, b: u32) -> bool {
    let distance = b.wrapping_sub(a);
    distance != 0 && distance < 1 << 31
}
