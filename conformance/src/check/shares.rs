//! Judges who share the connections of a file, and work at the same time.
//!
//! ```text
//!  file ──> batch ──> next batch          a connection always goes to the same judge, chosen by both its ends;
//!             │                           a SYN besides to the judge of its sender, for what holds across
//!      ┌──────┼──────┐                    connections; an ICMP error to the judge of the connection it quotes
//!    judge  judge  judge
//!      └──────┼──────┘
//!         numbering ──> whoever gathers
//! ```
//!
//! While one batch is judged the next is read. The judges meet after each batch, where connections get their numbers in
//! the order of their first packets: the number of threads shows nowhere.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::batch::{Batch, Item, Progress, Role, SHARES};
use crate::capture::file::Seen;
use crate::capture::link::{Captured, Content, captured};
use crate::capture::survey::{self, Survey};
use crate::capture::{CaptureError, CaptureFile};
use crate::oracle::{
    Arrival, Closing, ConnectionJudgement, Judge, JudgeOptions, Observed, Ready, RuleId, Verdict,
};

/// How many connections all judges of a file follow at once; beyond it those that ended and the longest silent ones are
/// judged as far as they were seen.
pub const MOST_OPEN: usize = 20_480;

/// So many connections are judged together when the packets end.
const CLOSED_TOGETHER: usize = 1_024;

/// So many records are made ready together.
const READY: usize = 8;

/// One of the judges.
struct Share {
    judge: Judge,
    survey: Survey,
    scratch: Vec<u8>,
    /// Connections that it began since they were last numbered: the frames that showed it.
    began: Vec<u64>,
    /// How many of its connections have a number.
    count: u64,
    /// The numbers in the file of those that did not end, by their numbers here.
    numbers: BTreeMap<u64, u64>,
}

/// What was found in a file apart from its connections.
#[derive(Debug)]
pub(super) struct Whole {
    pub(super) progress: Progress,
    pub(super) survey: Survey,
    pub(super) host: Vec<(RuleId, Verdict)>,
    pub(super) damage: Option<CaptureError>,
}

/// Judges the records of a file, with the threads of `pool`. `finished` is handed each connection once it has ended, `seen` each record.
pub(super) fn judge(
    pool: &rayon::ThreadPool,
    capture: &mut CaptureFile<'_>,
    mut finished: impl FnMut(ConnectionJudgement),
    mut seen: impl FnMut(&Seen<'_>) + Send,
    mut step: impl FnMut(&Progress),
) -> Whole {
    let mut shares: Vec<Share> = (0..SHARES).map(|_| Share::new()).collect();
    let (mut progress, mut count, mut damage) = (Progress::default(), 0, None);
    let (mut batch, mut next) = (Batch::new(), Batch::new());
    let (mut ended, mut is_more) = (Vec::new(), true);
    let is_alone = pool.current_num_threads() == 1;
    capture.pin();
    let read = batch.fill(capture, &mut progress, &mut seen);
    note(read, &mut is_more, &mut damage);
    while !batch.is_empty() {
        let mut fill = |batch: &mut Batch| {
            if is_more { batch.fill(capture, &mut progress, &mut seen) } else { Ok(false) }
        };
        let read = if is_alone {
            // Nobody is there to wait for, and the memory of one batch stays near the processor.
            shares.iter_mut().enumerate().for_each(|(place, share)| share.judge(&batch, place));
            fill(&mut batch)
        } else {
            let all =
                || shares.par_iter_mut().enumerate().for_each(|(place, share)| share.judge(&batch, place));
            pool.join(|| fill(&mut next), all).0
        };
        number(&mut shares, &mut count);
        hand_out(&mut shares, &mut ended, &mut finished);
        step(&progress);
        if !is_more {
            break;
        }
        note(read, &mut is_more, &mut damage);
        if !is_alone {
            std::mem::swap(&mut batch, &mut next);
        }
    }
    let mut survey = Survey::default();
    shares.iter().for_each(|share| survey.add(&share.survey));
    let host = close(pool, shares, &mut finished);
    Whole { progress, survey, host, damage }
}

fn note(read: Result<bool, CaptureError>, is_more: &mut bool, damage: &mut Option<CaptureError>) {
    match read {
        Ok(more) => *is_more = more,
        Err(error) => {
            *is_more = false;
            *damage = Some(error);
        }
    }
}

impl Share {
    fn new() -> Self {
        let options =
            JudgeOptions { is_share: true, room: Some(MOST_OPEN / SHARES), ..JudgeOptions::default() };
        Self {
            judge: Judge::new(options),
            survey: Survey::default(),
            scratch: Vec::new(),
            began: Vec::new(),
            count: 0,
            numbers: BTreeMap::new(),
        }
    }

    fn judge(&mut self, batch: &Batch, place: usize) {
        let mut all = batch.share(place);
        loop {
            let mut some = [None; READY];
            for (place, (item, role)) in some.iter_mut().zip(&mut all) {
                *place = Some((item, role, batch.plain(item).map(|plain| self.judge.ready(&plain))));
            }
            for (item, role, ready) in some.iter().flatten() {
                match ready {
                    _ if *role == Role::LoseTime => self.judge.lose_time(),
                    Some(ready) => self.take_plain(ready, item, *role),
                    None => self.take(&batch.record(item), item, *role),
                }
            }
            if some.last().is_none_or(Option::is_none) {
                break;
            }
        }
    }

    fn take(&mut self, record: &Captured<'_>, item: &Item, role: Role) {
        let is_counted = role != Role::Host;
        self.survey.packets += u64::from(is_counted);
        let content = captured(record, &mut self.scratch);
        if let Content::Ip { packet, missing, .. } = &content
            && role != Role::Count
        {
            let before = self.judge.count();
            let seen = Observed {
                number: item.number,
                time: item.time,
                packet,
                missing: *missing,
                arrival: Arrival::Unknown,
                is_judged: true,
            };
            match role {
                Role::Host => self.judge.observe_host(&seen),
                _ => self.judge.observe(&seen),
            }
            if self.judge.count() > before {
                self.began.push(item.number);
            }
        }
        if is_counted {
            survey_of(&content, &mut self.survey);
        }
    }

    fn take_plain(&mut self, ready: &Ready<'_>, item: &Item, role: Role) {
        if role == Role::Host {
            return self.judge.observe_ready_host(ready, item.number, item.time);
        }
        self.survey.packets += 1;
        self.survey.segments += 1;
        let before = self.judge.count();
        self.judge.observe_ready(ready, item.number, item.time);
        if self.judge.count() > before {
            self.began.push(item.number);
        }
    }
}

fn survey_of(content: &Content<'_>, survey: &mut Survey) {
    match content {
        Content::Ip { packet, tags, .. } => {
            survey.tagged += u64::from(*tags > 0);
            match packet.tcp() {
                Some(_) => survey.segments += 1,
                None => survey.count(&survey::name(packet)),
            }
        }
        Content::Arp(_) => survey.count("ARP"),
        Content::Other(name) => survey.count(name),
        Content::Unreadable(_) => survey.count("unreadable"),
    }
}

/// Gives those that began their numbers in the file, in the order of the packets that showed it.
fn number(shares: &mut [Share], count: &mut u64) {
    let mut began: Vec<(u64, usize)> = Vec::new();
    for (place, share) in shares.iter_mut().enumerate() {
        began.extend(share.began.drain(..).map(|frame| (frame, place)));
    }
    began.sort_unstable();
    for (_, place) in began {
        *count += 1;
        if let Some(share) = shares.get_mut(place) {
            share.count += 1;
            share.numbers.insert(share.count, *count);
        }
    }
}

/// Hands out those that ended, in the order of their numbers.
fn hand_out(
    shares: &mut [Share],
    ended: &mut Vec<ConnectionJudgement>,
    finished: &mut impl FnMut(ConnectionJudgement),
) {
    for Share { judge, numbers, .. } in shares {
        ended.extend(judge.drain_finished().map(|one| {
            let number = numbers.remove(&one.number).unwrap_or(one.number);
            ConnectionJudgement { number, ..one }
        }));
    }
    in_order(ended, finished);
}

/// Hands out all in the order of their numbers, without moving them about before.
fn in_order(ended: &mut Vec<ConnectionJudgement>, finished: &mut impl FnMut(ConnectionJudgement)) {
    let mut order: Vec<(u64, usize)> =
        ended.iter().enumerate().map(|(place, one)| (one.number, place)).collect();
    order.sort_unstable();
    let mut ended: Vec<Option<ConnectionJudgement>> = std::mem::take(ended).into_iter().map(Some).collect();
    order.into_iter().filter_map(|(_, place)| ended[place].take()).for_each(finished);
}

/// Ends all connections, some at a time, so that there need not be room for the judgements of all.
fn close(
    pool: &rayon::ThreadPool,
    shares: Vec<Share>,
    finished: &mut impl FnMut(ConnectionJudgement),
) -> Vec<(RuleId, Verdict)> {
    let mut order: Vec<u64> = shares.iter().flat_map(|share| share.numbers.values().copied()).collect();
    order.sort_unstable();
    let mut closing: Vec<(Closing, BTreeMap<u64, u64>)> =
        shares.into_iter().map(|share| (share.judge.close(), share.numbers)).collect();
    for some in order.chunks(CLOSED_TOGETHER) {
        let last = some.last().copied().unwrap_or(u64::MAX);
        let some = |(closing, numbers): &mut (Closing, BTreeMap<u64, u64>)| until(closing, numbers, last);
        let mut ended: Vec<ConnectionJudgement> =
            pool.install(|| closing.par_iter_mut().flat_map_iter(some).collect());
        in_order(&mut ended, finished);
    }
    let hosts = closing.into_iter().map(|(closing, _)| closing.into_host());
    hosts.fold(Vec::new(), merged)
}

/// The connections of one judge up to a number.
fn until(closing: &mut Closing, numbers: &BTreeMap<u64, u64>, last: u64) -> Vec<ConnectionJudgement> {
    let mut ended = Vec::new();
    while let Some(number) = closing.next_number().and_then(|own| numbers.get(&own)).copied() {
        if number > last {
            break;
        }
        ended.extend(closing.next().map(|one| ConnectionJudgement { number, ..one }));
    }
    ended
}

/// What two judges say of hosts, together.
fn merged(a: Vec<(RuleId, Verdict)>, b: Vec<(RuleId, Verdict)>) -> Vec<(RuleId, Verdict)> {
    let mut all: BTreeMap<RuleId, Verdict> = a.into_iter().collect();
    for (rule, verdict) in b {
        let together = match all.remove(&rule) {
            Some(own) => own.and(verdict),
            None => verdict,
        };
        all.insert(rule, together);
    }
    all.into_iter().collect()
}
