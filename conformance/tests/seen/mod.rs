//! Traces as somebody with a capture program sees them: without fates, without calls, from either end or between; and
//! what the judge says of them.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test takes what it needs; what cannot be read fails it"
)]

pub(crate) mod degrade;
pub(crate) mod hosts;

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use wireproof::behaviour::features::{self, source as folder};
use wireproof::behaviour::{self, Config};
use wireproof::capture::link::{self, Content};
use wireproof::capture::{CaptureFile, Record};
use wireproof::cli::run::{factory, profile};
use wireproof::ethernet::Fate;
use wireproof::oracle::{Arrival, Break, Judge, JudgeOptions, Judgement, Observed, Plain, RuleId};
use wireproof::report::Level;
use wireproof::testbed::{Direction, Trace};
use wireproof_reference::time::{Duration, Instant};

/// The environment variable that names a folder of captures.
pub(crate) const FOLDER: &str = "WIREPROOF_CAPTURES";
/// Octets of an Ethernet header.
const ETHERNET: usize = 14;
/// Raw IP.
const RAW: u32 = 101;

/// A packet in a capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) time: Instant,
    /// Which of the two ends sent it.
    pub(crate) from: usize,
    /// The IP packet, as far as it was captured.
    pub(crate) octets: Vec<u8>,
    /// How long it was.
    pub(crate) len: usize,
    /// Its place in the trace from which the capture was made.
    pub(crate) origin: usize,
}

/// A capture, with a name that says where it comes from.
#[derive(Clone, Debug)]
pub(crate) struct View {
    pub(crate) name: String,
    pub(crate) frames: Vec<Seen>,
}

/// A frame of a trace and what happened to it, whoever wrote the trace.
pub(crate) struct Sent {
    pub(crate) time: Instant,
    pub(crate) from: usize,
    pub(crate) octets: Arc<[u8]>,
    pub(crate) fates: Vec<Fate>,
}

/// A trace seen at end 0, at end 1, and half way between them.
pub(crate) fn views(name: &str, sent: &[Sent], latency: Duration) -> Vec<View> {
    let view = |place: &str, half: u64| View {
        name: format!("{name}, {place}"),
        frames: seen_at(half, sent, latency),
    };
    vec![view("at end 0", 0), view("at end 1", 2), view("between", 1)]
}

/// What a capture program sees `halves` of the way from end 0 to end 1.
fn seen_at(halves: u64, sent: &[Sent], latency: Duration) -> Vec<Seen> {
    let mut frames = Vec::new();
    for (origin, frame) in sent.iter().enumerate() {
        let way = if frame.from == 0 { halves } else { 2 - halves };
        let is_ip = matches!(frame.octets.get(12..14), Some([0x08, 0x00] | [0x86, 0xdd]));
        for (time, place, octets) in passages(way, origin, sent, latency).into_iter().filter(|_| is_ip) {
            let octets = octets.get(ETHERNET..).unwrap_or_default().to_vec();
            frames.push((time, place, Seen { time, from: frame.from, len: octets.len(), octets, origin }));
        }
    }
    frames.sort_by_key(|(time, place, _)| (*time, *place));
    frames.into_iter().map(|(.., seen)| seen).collect()
}

/// When a frame comes by after `halves` of its way, behind which other one, and as what. What happens to it happens
/// in the first half or, every other time, in the second.
fn passages(halves: u64, origin: usize, sent: &[Sent], latency: Duration) -> Vec<(Instant, usize, Vec<u8>)> {
    let frame = &sent[origin];
    let time = frame.time + latency * halves / 2;
    if halves == 0 || halves == 1 && origin % 2 == 1 {
        return vec![(time, origin, frame.octets.to_vec())];
    }
    let (mut time, mut place, mut octets, mut copies) =
        (time, origin, frame.octets.to_vec(), vec![Duration::ZERO]);
    for fate in &frame.fates {
        match fate {
            Fate::Lost | Fate::Overflow => return Vec::new(),
            Fate::Delivered => {}
            Fate::Delayed(by) => time += *by,
            Fate::Duplicated { copies: count, gap } => {
                copies.extend((1..=*count).map(|copy| *gap * u64::from(copy)));
            }
            Fate::Reordered { behind, patience } => {
                let mut later =
                    sent.iter().enumerate().skip(origin + 1).filter(|(_, one)| one.from == frame.from);
                let passed = later.nth(usize::try_from(*behind).unwrap().saturating_sub(1));
                let waits = passed.map_or(*patience, |(_, one)| one.time.since(frame.time).min(*patience));
                place = passed.map_or(place, |(place, _)| place);
                time += waits;
            }
            Fate::Corrupted { at, mask } => {
                if let Some(octet) = octets.get_mut(*at) {
                    *octet ^= mask;
                }
            }
        }
    }
    copies.into_iter().map(|gap| (time + gap, place, octets.clone())).collect()
}

/// Every scenario of the suite on the reference, as three captures. End 0 is the tester, end 1 the device.
pub(crate) fn suite() -> Vec<View> {
    let plan = behaviour::prepare(features::load(&folder::find(None, &[]).unwrap()).unwrap()).unwrap();
    let (device, profile) = (factory("reference").unwrap(), profile("reference").unwrap());
    let config = Config { is_judged: false, ..Config::new(device, profile) };
    let reports = behaviour::run(&plan, &config);
    reports
        .iter()
        .flat_map(|report| views(&report.id.to_string(), &sent(&report.trace), Duration::ZERO))
        .collect()
}

fn sent(trace: &Trace) -> Vec<Sent> {
    let frame = |(time, frame): (Instant, &wireproof::testbed::TraceFrame)| Sent {
        time,
        from: usize::from(frame.direction == Direction::FromDevice),
        octets: frame.octets.clone(),
        fates: frame.fates.clone(),
    };
    trace.frames().map(frame).collect()
}

/// The captures of the folder that [`FOLDER`] names; none if it names none.
pub(crate) fn recorded() -> Vec<View> {
    let Some(folder) = std::env::var_os(FOLDER) else {
        println!("{FOLDER} names no folder: no captures were judged");
        return Vec::new();
    };
    let mut files = Vec::new();
    find(Path::new(&folder), &mut files);
    files.sort();
    assert!(!files.is_empty(), "no capture below {}", Path::new(&folder).display());
    files.iter().filter_map(|file| read(file)).collect()
}

/// A capture, its packets as raw IP. Which end sent what is told by the greater address and port.
fn read(file: &Path) -> Option<View> {
    let mut capture = CaptureFile::open(std::io::BufReader::new(std::fs::File::open(file).ok()?)).ok()?;
    let (mut frames, mut first) = (Vec::new(), None);
    while let Ok(Some(record)) = capture.next_record() {
        let time = record.time.unwrap_or(0);
        let nanos = u64::try_from(time - *first.get_or_insert(time)).unwrap_or(0);
        let mut scratch = Vec::new();
        let Content::Ip { packet, missing, .. } = link::content(&record, &mut scratch) else { continue };
        let Ok(octets) = packet.to_vec() else { continue };
        let from = usize::from(packet.tcp().is_some_and(|tcp| {
            (packet.ip.source(), tcp.source_port) > (packet.ip.destination(), tcp.destination_port)
        }));
        let (time, len, origin) = (Instant::from_nanos(nanos), octets.len() + missing, frames.len());
        frames.push(Seen { time, from, octets, len, origin });
    }
    Some(View { name: file.display().to_string(), frames })
}

fn find(folder: &Path, files: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        if path.is_dir() {
            find(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// The address of the sender of a packet.
pub(crate) fn source(frame: &Seen) -> Option<IpAddr> {
    let octets = &frame.octets;
    match octets.first()? >> 4 {
        4 => Some(<[u8; 4]>::try_from(octets.get(12..16)?).ok()?.into()),
        _ => Some(<[u8; 16]>::try_from(octets.get(8..24)?).ok()?.into()),
    }
}

/// What the judge says of a capture.
pub(crate) fn judge(frames: &[Seen]) -> Judgement {
    judge_as(frames, JudgeOptions::default())
}

/// The same where plain segments are shown as such.
pub(crate) fn judge_plain(frames: &[Seen]) -> Judgement {
    let mut judge = Judge::new(JudgeOptions::default());
    for (place, frame) in frames.iter().enumerate() {
        match Plain::read(&frame.octets) {
            Some(plain) if frame.octets.len() == frame.len => {
                judge.observe_plain(&plain, place as u64 + 1, frame.time);
            }
            _ => show(&mut judge, place, frame),
        }
    }
    let (connections, host) = judge.finish_at(Instant::ZERO);
    Judgement { connections, host }
}

/// What a judge with these options says.
pub(crate) fn judge_as(frames: &[Seen], options: JudgeOptions) -> Judgement {
    let mut judge = Judge::new(options);
    for (place, frame) in frames.iter().enumerate() {
        show(&mut judge, place, frame);
    }
    let (connections, host) = judge.finish_at(Instant::ZERO);
    Judgement { connections, host }
}

fn show(judge: &mut Judge, place: usize, frame: &Seen) {
    let number = place as u64 + 1;
    let original_len = u32::try_from(frame.len).unwrap();
    let (octets, comment) = (frame.octets.clone(), String::new());
    let record = Record { number, time: None, link: RAW, fcs: 0, octets, original_len, comment };
    let mut scratch = Vec::new();
    let Content::Ip { packet, missing, .. } = link::content(&record, &mut scratch) else { return };
    let (packet, arrival) = (&*packet, Arrival::Unknown);
    judge.observe(&Observed { number, time: frame.time, packet, missing, arrival, is_judged: true });
}

/// Which MUSTs are broken, by whom: rule and address with port.
pub(crate) fn broken_musts(judgement: &Judgement) -> BTreeSet<(RuleId, String)> {
    let mut broken = BTreeSet::new();
    let mut add = |one: &Break, who: String| {
        if one.rule.rule().level == Level::Must {
            broken.insert((one.rule, who));
        }
    };
    for connection in &judgement.connections {
        for one in connection.verdicts.iter().flat_map(|(_, verdict)| verdict.breaks()) {
            let who = one.end.map_or_else(String::new, |end| connection.ends[end as usize].to_string());
            add(one, who);
        }
    }
    for one in judgement.host.iter().flat_map(|(_, verdict)| verdict.breaks()) {
        add(one, "host".to_owned());
    }
    broken
}

/// The first breaks of a rule, told.
pub(crate) fn told(judgement: &Judgement, rule: RuleId) -> String {
    let breaks = judgement.breaks();
    breaks.iter().find(|one| one.rule == rule).map_or_else(String::new, |one| format!("{:?} {one}", one.end))
}
