//! Makes a capture of a size to be chosen, to measure the speed of what reads captures:
//!
//! `cargo run --release --example make_capture -- bulk|short MEGABYTES FILE`
//!
//! `bulk` is a few connections that carry much in both directions; `short` many with a request and an answer, thousands
//! at once. Both are honest TCP, seen between the ends, before the place where the net loses a segment in a thousand.
//! The same arguments make the same octets.

mod frame;
mod peer;

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::BufWriter;
use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::time::Duration;

use pcap_file::pcap::{PcapPacket, PcapWriter};

use frame::{Frames, Path};
use peer::{Peer, Segment, Speaks};

/// From an end to the eyes of the observer, and on to the other end.
const HALF_WAY: u64 = 5_000_000;
/// A segment in so many is lost behind the observer.
const LOSS: u64 = 1_000;
/// Nanoseconds that an octet takes: 100 Mbit/s.
const OCTET: u64 = 80;
/// RFC 9293 3.8.6.3: less than half a second.
const ACK_DELAY: u64 = 40_000_000;
const TIME_OUT: u64 = 1_000_000_000;
/// Connections at once.
const BULK: usize = 8;
const SHORT: usize = 4_000;
/// So long, at the most, a client thinks before its request.
const THINKS: u64 = 2_000_000_000;

/// What happens to one end of a connection.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// The connection begins.
    Begin,
    /// Its client has made up its mind.
    Speak,
    /// A segment of this end passes the observer.
    Passes(Segment),
    /// A segment comes to this end.
    Arrives(Segment),
    /// An acknowledgment was delayed for long enough.
    AckDue,
    /// Nothing behind this place was acknowledged for long.
    TimeOut(u64),
}

struct Connection {
    peers: [Peer; 2],
    addresses: [(Ipv4Addr, u16); 2],
    isns: [u32; 2],
    /// Until when the link is busy with what each end sent.
    busy: [u64; 2],
    clocks: [u32; 2],
    has_ack_timer: [bool; 2],
    has_time_out: [bool; 2],
}

struct World {
    is_bulk: bool,
    events: BTreeMap<(u64, u64), (usize, usize, Event)>,
    count: u64,
    connections: Vec<Connection>,
    begun: u64,
    random: u64,
    frames: Frames,
    writer: PcapWriter<BufWriter<File>>,
    written: u64,
    size: u64,
}

impl World {
    /// SplitMix64.
    fn draw(&mut self, bound: u64) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ z >> 31) % bound
    }

    fn at(&mut self, time: u64, place: (usize, usize), event: Event) {
        self.count += 1;
        self.events.insert((time, self.count), (place.0, place.1, event));
    }

    /// The next connection at this place.
    fn connection(&mut self) -> Connection {
        let number = self.begun;
        self.begun += 1;
        let port = u16::try_from(1024 + number % 60_000).unwrap_or(1024);
        let host = u8::try_from(1 + number / 60_000 % 250).unwrap_or(1);
        let (up, down) = match (self.is_bulk, number % 4) {
            (true, 0) => (u64::MAX >> 8, 0),
            (true, 1) => (0, u64::MAX >> 8),
            (true, _) => (u64::MAX >> 8, u64::MAX >> 8),
            (false, _) => (200 + self.draw(400), 300 + self.draw(6_000)),
        };
        let (client, after) = if self.is_bulk { (Speaks::After(0), 0) } else { (Speaks::WhenTold, up) };
        Connection {
            peers: [Peer::new(true, up, client), Peer::new(false, down, Speaks::After(after))],
            addresses: [
                (Ipv4Addr::new(192, 0, 2, host), port),
                (Ipv4Addr::new(198, 51, 100, 1 + host % 7), 443),
            ],
            isns: [self.draw(1 << 32), self.draw(1 << 32)].map(|isn| u32::try_from(isn).unwrap_or(0)),
            busy: [0; 2],
            clocks: [self.draw(1 << 32), self.draw(1 << 32)].map(|clock| u32::try_from(clock).unwrap_or(0)),
            has_ack_timer: [false; 2],
            has_time_out: [false; 2],
        }
    }

    fn run(&mut self) -> Result<(), Box<dyn Error>> {
        let many = if self.is_bulk { BULK } else { SHORT };
        for place in 0..many {
            let connection = self.connection();
            self.connections.push(connection);
            let start = self.draw(1_000_000_000);
            self.at(start, (place, 0), Event::Begin);
        }
        while let Some(((now, _), (place, end, event))) = self.events.pop_first() {
            self.happen(now, (place, end), event)?;
        }
        Ok(())
    }

    fn happen(&mut self, now: u64, place: (usize, usize), event: Event) -> Result<(), Box<dyn Error>> {
        let connection = &mut self.connections[place.0];
        let peer = &mut connection.peers[place.1];
        match event {
            Event::Begin if self.is_bulk => {}
            // The file is full.
            Event::Begin if self.written >= self.size => return Ok(()),
            Event::Begin => {
                let thought = self.draw(THINKS);
                self.at(now + thought, place, Event::Speak);
            }
            Event::Speak => peer.speak(),
            Event::Arrives(segment) => peer.receive(&segment),
            Event::AckDue => {
                connection.has_ack_timer[place.1] = false;
                peer.ack_now();
            }
            Event::TimeOut(una) => {
                connection.has_time_out[place.1] = false;
                if una == peer.una() && peer.has_unacked() {
                    peer.time_out();
                }
            }
            Event::Passes(segment) => return self.pass(now, place, &segment),
        }
        if self.is_bulk && self.written >= self.size {
            self.connections[place.0].peers.iter_mut().for_each(Peer::cut);
        }
        self.send(now, place);
        self.renew(now, place.0);
        Ok(())
    }

    /// The observer sees a segment; then it is lost, or goes on.
    fn pass(
        &mut self,
        now: u64,
        (place, end): (usize, usize),
        segment: &Segment,
    ) -> Result<(), Box<dyn Error>> {
        let Connection { addresses, isns, .. } = &self.connections[place];
        let path =
            Path { from: addresses[end], to: addresses[1 - end], isn: isns[end], peer_isn: isns[1 - end] };
        let octets = self.frames.frame(&path, segment)?;
        let len = u32::try_from(octets.len())?;
        self.writer.write_packet(&PcapPacket::new(Duration::from_nanos(now), len, octets))?;
        self.written += 16 + u64::from(len);
        let is_lost = segment.is_new && segment.len > 0 && self.draw(LOSS) == 0;
        if !is_lost {
            self.at(now + HALF_WAY, (place, 1 - end), Event::Arrives(*segment));
        }
        Ok(())
    }

    /// All that an end may send now.
    fn send(&mut self, now: u64, place: (usize, usize)) {
        let (number, end) = place;
        let millis = u32::try_from(now / 1_000_000).unwrap_or(0);
        loop {
            let connection = &mut self.connections[number];
            let clock = connection.clocks[end].wrapping_add(millis);
            let Some(segment) = connection.peers[end].send(clock) else { break };
            let busy = connection.busy[end].max(now) + (segment.len + 66) * OCTET;
            connection.busy[end] = busy;
            self.at(busy + HALF_WAY, place, Event::Passes(segment));
        }
        let connection = &mut self.connections[number];
        let peer = &connection.peers[end];
        let una = peer.una();
        let (delays, times) = (peer.is_delaying(), peer.has_unacked());
        let needs_ack = delays && !std::mem::replace(&mut connection.has_ack_timer[end], delays);
        let needs_time = times && !std::mem::replace(&mut connection.has_time_out[end], times);
        if needs_ack {
            self.at(now + ACK_DELAY, place, Event::AckDue);
        }
        if needs_time {
            self.at(now + TIME_OUT, place, Event::TimeOut(una));
        }
    }

    /// Where a connection is over, another one begins, as long as there is room in the file.
    fn renew(&mut self, now: u64, place: usize) {
        let is_over = self.connections[place].peers.iter().all(Peer::is_over);
        let has_timers = self.connections[place].has_ack_timer.iter().any(|has| *has);
        if !is_over || has_timers || self.is_bulk || self.written >= self.size {
            return;
        }
        let start = now + self.draw(THINKS / 10);
        let connection = self.connection();
        self.connections.push(connection);
        let number = self.connections.len() - 1;
        self.connections[place].has_ack_timer = [true; 2];
        self.at(start, (number, 0), Event::Begin);
    }
}

fn make(kind: &str, megabytes: &str, file: &str) -> Result<String, Box<dyn Error>> {
    let is_bulk = match kind {
        "bulk" => true,
        "short" => false,
        _ => return Err(format!("got `{kind}`, expected `bulk` or `short`").into()),
    };
    let size = megabytes.parse::<u64>().map_err(|error| format!("got `{megabytes}` megabytes: {error}"))?;
    let create = File::create(file).map_err(|error| format!("{file}: {error}"))?;
    let mut world = World {
        is_bulk,
        events: BTreeMap::new(),
        count: 0,
        connections: Vec::new(),
        begun: 0,
        random: 1,
        frames: Frames::new(),
        writer: PcapWriter::new(BufWriter::with_capacity(1 << 20, create))?,
        written: 24,
        size: size * 1_000_000,
    };
    world.run()?;
    Ok(format!("{file}: {} octets, {} connections", world.written, world.begun))
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [kind, megabytes, file] = &arguments[..] else {
        eprintln!("usage: make_capture bulk|short MEGABYTES FILE");
        return ExitCode::from(2);
    };
    match make(kind, megabytes, file) {
        Ok(told) => {
            println!("{told}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}
