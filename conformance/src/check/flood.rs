//! Floods of SYNs: many connections to or from one address that stay half open (RFC 4987), in a stream, in bounded room.
//!
//! ```text
//!  SYN ──> waiting, by both ends ──ACK, RST──> not half open
//!     └──> seconds of either address ──5 s later──> so many stayed half open in 10 s ──> a flood
//! ```
//!
//! What does not fit is forgotten: a SYN that loses its place in the table counts as one that stayed half open.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;

use wireproof_reference::time::Instant;

use super::peek::Segment;

/// So many connections that stay half open, begun within `WINDOW` seconds, are a flood, if they are half of all begun.
pub const HALF_OPEN: u64 = 100;
/// Seconds that are looked at together.
const WINDOW: u64 = 10;
/// After so many seconds a connection that is not open counts as half open.
const SETTLE: u64 = 5;
/// How many handshakes are waited for at once.
const WAITING: usize = 1 << 16;
/// How many addresses are watched at once in either direction.
const MOST_WATCHED: usize = 4_096;
/// How many floods are told.
const MOST_FLOODS: usize = 64;

/// Whether an address was flooded, or flooded others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// The SYNs went to it.
    To,
    /// They came from it.
    From,
}

/// A flood of SYNs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flood {
    /// Whose.
    pub address: IpAddr,
    /// Whether it suffers or does it.
    pub direction: Direction,
    /// The only address at the other side; `None`: many.
    pub other: Option<IpAddr>,
    /// The only port that the SYNs went to; `None`: many.
    pub port: Option<u16>,
    /// SYNs in its time, those sent again not counted.
    pub syns: u64,
    /// Those that stayed half open.
    pub half_open: u64,
    /// Those that a SYN with ACK answered.
    pub answered: u64,
    /// Those that a RST refused.
    pub refused: u64,
    /// The most SYNs in a second.
    pub peak: u64,
    /// The frames of its first and last SYN.
    pub frames: (u64, u64),
    /// When they came.
    pub times: (Instant, Instant),
}

/// Finds floods.
#[derive(Debug, Default)]
pub(super) struct Floods {
    /// By the hash of their direction; empty until there is a SYN.
    waiting: Vec<Waiting>,
    /// A piece of the key of each that waits, 0 where nothing does: for nearly all segments nothing does, which this
    /// tells from memory that stays near the processor.
    marks: Vec<u8>,
    watched: BTreeMap<(Direction, IpAddr), Watch>,
    counts: [usize; 2],
    found: Vec<Flood>,
}

/// A SYN whose handshake may come to its end.
#[derive(Clone, Copy, Debug, Default)]
struct Waiting {
    /// 0: nothing waits here.
    key: u64,
    seq: u32,
    second: u64,
    is_answered: bool,
}

/// The latest seconds of an address.
#[derive(Clone, Debug, Default)]
struct Watch {
    seconds: VecDeque<Second>,
    other: Sole<IpAddr>,
    port: Sole<u16>,
    flood: Option<Flood>,
}

/// SYNs of one second.
#[derive(Clone, Copy, Debug)]
struct Second {
    number: u64,
    syns: u64,
    open: u64,
    answered: u64,
    refused: u64,
    frames: (u64, u64),
    times: (Instant, Instant),
    is_settled: bool,
}

/// Whether all were one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Sole<T> {
    #[default]
    None,
    One(T),
    Many,
}

impl<T: Copy + PartialEq> Sole<T> {
    fn add(&mut self, one: T) {
        *self = match *self {
            Self::None => Self::One(one),
            Self::One(old) if old == one => *self,
            Self::One(_) | Self::Many => Self::Many,
        };
    }

    const fn one(self) -> Option<T> {
        match self {
            Self::One(one) => Some(one),
            Self::None | Self::Many => None,
        }
    }
}

impl Floods {
    /// Looks at a segment.
    pub(super) fn observe(&mut self, frame: u64, time: Instant, segment: &Segment) {
        let (flags, from, to) = (segment.flags, segment.from, segment.to);
        if flags.syn() && !flags.ack() {
            return self.begin(frame, time, segment);
        }
        if self.waiting.is_empty() {
            return;
        }
        if flags.syn() || flags.rst() {
            // The answer of the other end, if it acknowledges that SYN.
            let Some(waiting) = self.waiting(segment.of_answer()) else { return };
            if waiting.seq.wrapping_add(1) == segment.ack && flags.ack() {
                let (second, is_first) = (waiting.second, !waiting.is_answered);
                waiting.is_answered = true;
                if flags.rst() {
                    self.forget(segment.of_answer());
                }
                let change = |second: &mut Second| match flags.rst() {
                    true => {
                        second.open = second.open.saturating_sub(1);
                        second.refused += 1;
                    }
                    false => second.answered += u64::from(is_first),
                };
                return self.change(to.ip(), from.ip(), second, change);
            }
        }
        if flags.syn() {
            return;
        }
        // The initiator goes on, or gives up: no longer half open.
        let Some(waiting) = self.waiting(segment.of_direction()) else { return };
        let second = waiting.second;
        self.forget(segment.of_direction());
        self.change(from.ip(), to.ip(), second, |second| second.open = second.open.saturating_sub(1));
    }

    fn place(key: u64) -> usize {
        usize::try_from(key >> 32).unwrap_or(0) % WAITING
    }

    fn waiting(&mut self, key: u64) -> Option<&mut Waiting> {
        let place = Self::place(key);
        if self.marks.get(place) != Some(&Self::mark(key)) {
            return None;
        }
        self.waiting.get_mut(place).filter(|waiting| waiting.key == key && key != 0)
    }

    const fn mark(key: u64) -> u8 {
        (key & 0xff) as u8 | 1
    }

    fn forget(&mut self, key: u64) {
        let place = Self::place(key);
        if let (Some(waiting), Some(mark)) = (self.waiting.get_mut(place), self.marks.get_mut(place)) {
            (waiting.key, *mark) = (0, 0);
        }
    }

    fn change(&mut self, from: IpAddr, to: IpAddr, second: u64, change: impl Fn(&mut Second)) {
        for key in [(Direction::To, to), (Direction::From, from)] {
            let watch = self.watched.get_mut(&key);
            if let Some(second) =
                watch.and_then(|watch| watch.seconds.iter_mut().find(|s| s.number == second))
            {
                change(second);
            }
        }
    }

    fn begin(&mut self, frame: u64, time: Instant, segment: &Segment) {
        let second = time.as_nanos() / 1_000_000_000;
        let (key, seq) = (segment.of_direction(), segment.seq);
        if self.waiting(key).is_some_and(|waiting| waiting.seq == seq) {
            return;
        }
        if self.waiting.is_empty() {
            self.waiting = vec![Waiting::default(); WAITING];
            self.marks = vec![0; WAITING];
        }
        let place = Self::place(key);
        if let (Some(waiting), Some(mark)) = (self.waiting.get_mut(place), self.marks.get_mut(place)) {
            (*waiting, *mark) = (Waiting { key, seq, second, is_answered: false }, Self::mark(key));
        }
        let (from, to) = (segment.from.ip(), segment.to.ip());
        for (direction, address, other) in [(Direction::To, to, from), (Direction::From, from, to)] {
            self.make_room(direction, second);
            let watch = match self.watched.entry((direction, address)) {
                std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
                std::collections::btree_map::Entry::Vacant(entry) => {
                    self.counts[direction as usize] += 1;
                    entry.insert(Watch::default())
                }
            };
            watch.syn(second, frame, time);
            watch.other.add(other);
            watch.port.add(segment.to.port());
            watch.settle(second, (direction, address), &mut self.found);
        }
    }

    /// Forgets addresses of which little or nothing is half open.
    fn make_room(&mut self, direction: Direction, now: u64) {
        if self.counts[direction as usize] < MOST_WATCHED {
            return;
        }
        for least in [1, HALF_OPEN / 10, u64::MAX] {
            let found = &mut self.found;
            self.watched.retain(|key, watch| {
                if key.0 != direction {
                    return true;
                }
                watch.settle(now, *key, found);
                let open: u64 = watch.seconds.iter().map(|second| second.open).sum();
                watch.flood.is_some() || open > least
            });
            let left = self.watched.keys().filter(|key| key.0 == direction).count();
            self.counts[direction as usize] = left;
            if left < MOST_WATCHED / 2 {
                return;
            }
        }
    }

    /// The floods of the whole, in the order in which they began. What one address did to another is told once.
    pub(super) fn finish(mut self) -> Vec<Flood> {
        for (key, mut watch) in std::mem::take(&mut self.watched) {
            watch.settle(u64::MAX, key, &mut self.found);
            self.found.extend(watch.flood.take());
        }
        let all = self.found.clone();
        let is_told = |flood: &Flood| {
            flood.direction == Direction::From
                && all.iter().any(|other| {
                    other.direction == Direction::To
                        && other.other == Some(flood.address)
                        && flood.other == Some(other.address)
                })
        };
        self.found.retain(|flood| !is_told(flood));
        self.found.sort_by_key(|flood| (flood.frames, flood.direction, flood.address));
        self.found.truncate(MOST_FLOODS);
        self.found
    }
}

impl Watch {
    fn syn(&mut self, number: u64, frame: u64, time: Instant) {
        if self.seconds.back().is_none_or(|second| second.number != number) {
            self.seconds.push_back(Second {
                number,
                syns: 0,
                open: 0,
                answered: 0,
                refused: 0,
                frames: (frame, frame),
                times: (time, time),
                is_settled: false,
            });
        }
        if let Some(second) = self.seconds.back_mut() {
            second.syns += 1;
            second.open += 1;
            second.frames.1 = frame;
            second.times.1 = time;
        }
    }

    /// Decides about the seconds that are over since long enough.
    fn settle(&mut self, now: u64, key: (Direction, IpAddr), found: &mut Vec<Flood>) {
        while let Some(place) = self.seconds.iter().position(|second| !second.is_settled) {
            let number = self.seconds[place].number;
            if number.saturating_add(SETTLE) > now {
                break;
            }
            self.seconds[place].is_settled = true;
            while self.seconds.front().is_some_and(|old| old.number.saturating_add(WINDOW) <= number) {
                self.seconds.pop_front();
            }
            self.decide(key, found);
        }
        let is_quiet =
            self.seconds.back().is_none_or(|last| last.number.saturating_add(WINDOW + SETTLE) < now);
        if is_quiet {
            self.close(found);
            self.seconds.clear();
            (self.other, self.port) = (Sole::None, Sole::None);
        }
    }

    fn decide(&mut self, key: (Direction, IpAddr), found: &mut Vec<Flood>) {
        let settled = self.seconds.iter().filter(|second| second.is_settled);
        let (open, syns) = settled.clone().fold((0, 0), |sums, s| (sums.0 + s.open, sums.1 + s.syns));
        if open < HALF_OPEN || open * 2 < syns {
            return self.close(found);
        }
        let (other, port) = (self.other.one(), self.port.one());
        if let Some(flood) = &mut self.flood {
            if let Some(last) = settled.clone().next_back() {
                flood.add(last);
            }
            (flood.other, flood.port) = (other, port);
            return;
        }
        let Some(first) = settled.clone().next() else { return };
        let mut flood = Flood {
            address: key.1,
            direction: key.0,
            other,
            port,
            syns: 0,
            half_open: 0,
            answered: 0,
            refused: 0,
            peak: 0,
            frames: first.frames,
            times: first.times,
        };
        settled.for_each(|second| flood.add(second));
        self.flood = Some(flood);
    }

    fn close(&mut self, found: &mut Vec<Flood>) {
        let flood = self.flood.take();
        if found.len() < 2 * MOST_FLOODS {
            found.extend(flood);
        }
    }
}

impl Flood {
    fn add(&mut self, second: &Second) {
        self.syns += second.syns;
        self.half_open += second.open;
        self.answered += second.answered;
        self.refused += second.refused;
        self.peak = self.peak.max(second.syns);
        self.frames.1 = second.frames.1;
        self.times.1 = second.times.1;
    }

    /// SYNs a second, over its whole time.
    pub fn rate(&self) -> f64 {
        let seconds = self.times.1.since(self.times.0).as_secs_f64();
        let syns = u32::try_from(self.syns).map_or(f64::from(u32::MAX), f64::from);
        if seconds > 0.0 { syns / seconds } else { syns }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::SocketAddr;
    use wireproof_reference::wire::TcpFlags;

    const SYN: u16 = 0x002;
    const SYN_ACK: u16 = 0x012;
    const ACK: u16 = 0x010;
    const RST_ACK: u16 = 0x014;

    /// One connection each millisecond, each from its own source, and what comes behind each SYN.
    fn floods(count: u32, behind: &[(bool, u16)]) -> Vec<Flood> {
        let mut floods = Floods::default();
        let mut frame = 0;
        for index in 0..count {
            let client = SocketAddr::new(IpAddr::V4((0x0a00_0000 + index).into()), 1_024);
            let server: SocketAddr = "192.0.2.1:80".parse().unwrap();
            let time = Instant::from_nanos(u64::from(index) * 1_000_000);
            let mut show = |is_back: bool, bits: u16| {
                frame += 1;
                let (from, to) = if is_back { (server, client) } else { (client, server) };
                let flags = TcpFlags::from_bits(bits);
                floods.observe(frame, time, &Segment::new((from, to), flags, 7, 8));
            };
            show(false, SYN);
            show(false, SYN);
            behind.iter().for_each(|(is_back, bits)| show(*is_back, *bits));
        }
        floods.finish()
    }

    #[test]
    fn many_half_open_connections_to_one_address_are_a_flood() {
        let found = floods(500, &[(true, SYN_ACK)]);
        let [flood] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((flood.direction, flood.address.to_string().as_str()), (Direction::To, "192.0.2.1"));
        assert_eq!((flood.syns, flood.half_open, flood.answered, flood.refused), (500, 500, 500, 0));
        assert_eq!((flood.port, flood.other, flood.frames), (Some(80), None, (1, 1_498)));
        assert!((flood.rate() - 1_002.0).abs() < 1.0, "{}", flood.rate());
    }

    #[test]
    fn connections_that_open_or_are_refused_are_none() {
        assert_eq!(floods(5_000, &[(true, SYN_ACK), (false, ACK)]), []);
        assert_eq!(floods(5_000, &[(true, RST_ACK)]), []);
        assert_eq!(floods(99, &[]), []);
    }

    #[test]
    fn a_flood_of_more_sources_than_fit_is_named_all_the_same() {
        let found = floods(300_000, &[]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].syns, 300_000);
        assert!(found[0].peak >= 999);
    }
}
