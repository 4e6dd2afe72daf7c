//! The frames that show what was broken, found again: the capture is read a second time for them, so that nothing need be
//! kept of connections that break nothing.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use core::net::SocketAddr;

use wireproof_reference::time::Instant;

use super::clock::Clock;
use super::peek::{self, Peek};
use crate::capture::Record;
use crate::capture::connection::{Connection, End, Row};
use crate::capture::file::Nanos;
use crate::capture::link::{Captured, Content, captured};
use crate::oracle::{Break, ConnectionJudgement};
use crate::report::{BrokenRule, Rung};

/// Lines that are shown before and behind each frame that shows a break.
const AROUND: usize = 3;
/// So many frames of a break are shown: the first ones and the last.
const SHOWN_FRAMES: usize = 6;
/// So many lines are kept of one connection.
const MOST_ROWS: usize = 200;

/// Finds frames.
pub(super) struct Search {
    /// Places in `follows` by both ends, the lesser one first; of one pair in the order of their beginnings.
    ends: BTreeMap<(SocketAddr, SocketAddr), Vec<usize>>,
    follows: Vec<Follow>,
    hosts: BTreeMap<u64, Option<Rung>>,
    clock: Clock,
    last: u64,
}

/// One connection that is looked for.
struct Follow {
    first_frame: u64,
    start: Instant,
    connection: Connection,
    frames: BTreeSet<u64>,
    /// Lines before the next frame that is wanted.
    recent: VecDeque<(u64, Rung)>,
    /// How many lines behind the last such frame are still to be kept.
    behind: usize,
    /// Lines that are kept, with their places in the connection.
    rows: Vec<(u64, Rung)>,
    count: u64,
}

/// The lines of a connection around the frames that were looked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines {
    rows: Vec<(u64, Rung)>,
    numbers: String,
}

/// The frames of a break that are shown: the first ones and the last.
pub(super) fn shown(broken: &Break) -> impl Iterator<Item = u64> {
    let last = broken.frames.len().saturating_sub(1);
    let frames = broken.frames.iter().enumerate();
    frames.filter(move |(at, _)| *at + 1 < SHOWN_FRAMES || *at == last).map(|(_, frame)| *frame)
}

impl Search {
    /// Looks for frames of connections, and for frames of hosts.
    pub(super) fn new(wanted: &[(&ConnectionJudgement, BTreeSet<u64>)], hosts: BTreeSet<u64>) -> Self {
        let mut follows: Vec<Follow> = Vec::new();
        let mut ends: BTreeMap<(SocketAddr, SocketAddr), Vec<usize>> = BTreeMap::new();
        let last_host = hosts.last().copied();
        let last = wanted.iter().filter_map(|(_, frames)| frames.last().copied()).chain(last_host).max();
        for (place, (judgement, frames)) in wanted.iter().enumerate() {
            let [a, b] = judgement.ends;
            ends.entry((a.min(b), a.max(b))).or_default().push(place);
            follows.push(Follow::new(judgement, frames.clone()));
        }
        for places in ends.values_mut() {
            places.sort_by_key(|place| follows[*place].first_frame);
        }
        let hosts = hosts.into_iter().map(|frame| (frame, None)).collect();
        Self { ends, follows, hosts, clock: Clock::default(), last: last.unwrap_or(0) }
    }

    /// Whether there is nothing to look for.
    pub(super) fn is_empty(&self) -> bool {
        self.follows.is_empty() && self.hosts.is_empty()
    }

    /// Whether all that can be found stands before this frame.
    pub(super) fn is_over(&self, frame: u64) -> bool {
        frame > self.last.saturating_add(10_000)
    }

    /// Looks at a packet; if it belongs to a connection that is looked for, the place of that and the packet's record.
    pub(super) fn take(
        &mut self,
        number: u64,
        time: Option<Nanos>,
        seen: &Captured<'_>,
        record: impl FnOnce() -> Record,
    ) -> Option<(usize, Record)> {
        let time = self.clock.tell(number, time).time;
        if let Some(place) = self.hosts.get_mut(&number) {
            let mut scratch = Vec::new();
            if let Content::Ip { packet, .. } = captured(seen, &mut scratch) {
                *place = Some(Rung::new(Some(number), time.as_nanos(), packet.to_string()));
            }
        }
        let Peek::Segment(segment) = peek::peek(seen) else { return None };
        let key = (segment.from.min(segment.to), segment.from.max(segment.to));
        let places = self.ends.get(&key)?;
        let begun = places.partition_point(|place| self.follows[*place].first_frame <= number);
        let place = places[begun.checked_sub(1)?];
        let record = record();
        let mut scratch = Vec::new();
        if let Content::Ip { packet, missing, .. } = captured(seen, &mut scratch) {
            let follow = self.follows.get_mut(place)?;
            let row = follow.connection.row(&packet, &record, missing)?;
            follow.take(number, time, &row);
        }
        Some((place, record))
    }

    /// What was found: of each connection, in their order, and of hosts.
    pub(super) fn finish(self) -> (Vec<Lines>, BTreeMap<u64, Rung>) {
        let lines = |follow: Follow| Lines { rows: follow.rows, numbers: follow.connection.numbers() };
        let hosts = self.hosts.into_iter().filter_map(|(frame, rung)| Some((frame, rung?)));
        (self.follows.into_iter().map(lines).collect(), hosts.collect())
    }
}

impl Follow {
    fn new(judgement: &ConnectionJudgement, frames: BTreeSet<u64>) -> Self {
        Self {
            first_frame: judgement.first_frame,
            start: judgement.start,
            connection: Connection::lone(judgement.number, judgement.first_frame, None, judgement.ends),
            frames,
            recent: VecDeque::new(),
            behind: 0,
            rows: Vec::new(),
            count: 0,
        }
    }

    fn take(&mut self, frame: u64, time: Instant, row: &Row) {
        let place = self.count;
        self.count += 1;
        let arrow = if row.from == End::A { "-->" } else { "<--" };
        let remark = if row.remark.is_empty() { String::new() } else { format!("  | {}", row.remark) };
        let text = format!("{arrow}   {}{remark}", row.segment);
        let rung = Rung::new(Some(frame), time.since(self.start).as_nanos(), text);
        if self.rows.len() >= MOST_ROWS {
            return;
        }
        if self.frames.contains(&frame) {
            self.rows.extend(self.recent.drain(..));
            self.rows.push((place, rung));
            self.behind = AROUND;
        } else if self.behind > 0 {
            self.behind -= 1;
            self.rows.push((place, rung));
        } else {
            if self.recent.len() == AROUND {
                self.recent.pop_front();
            }
            self.recent.push_back((place, rung));
        }
    }
}

impl Lines {
    /// Puts what stands around the frames of a break into its report, the frames marked, as long as there is room for so
    /// many more lines.
    pub(super) fn show(&self, broken: &Break, report: &mut BrokenRule, room: &mut usize) {
        let is_shown: BTreeSet<u64> = shown(broken).collect();
        let guilty: Vec<u64> = self
            .rows
            .iter()
            .filter(|(_, rung)| rung.frame.is_some_and(|frame| is_shown.contains(&frame)))
            .map(|(place, _)| *place)
            .collect();
        let around = u64::try_from(AROUND).unwrap_or(0);
        let is_near = |place: u64| guilty.iter().any(|own| own.abs_diff(place) <= around);
        report.numbers.clone_from(&self.numbers);
        report.ladder.clear();
        let mut next = None;
        for (place, rung) in self.rows.iter().filter(|(place, _)| is_near(*place)) {
            let is_guilty = rung.frame.is_some_and(|frame| broken.frames.contains(&frame));
            let left_out = usize::try_from(place - next.unwrap_or(*place).min(*place)).unwrap_or(0);
            report.ladder.push(Rung { is_guilty, left_out, ..rung.clone() });
            next = Some(place + 1);
        }
        match room.checked_sub(report.ladder.len()) {
            Some(left) => *room = left,
            None => report.ladder.clear(),
        }
    }
}
