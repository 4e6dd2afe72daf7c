//! Captures before the judge: which rules each connection broke, the frames that show it, what was kept and what nobody
//! can decide, figures as people know them from tcptrace, floods of SYNs.
//!
//! Memory is bounded whatever the file: records are read in batches, connections beyond [`MOST_OPEN`] are judged as far
//! as they were seen, judgements beyond [`MOST_KEPT`] are only counted, and the frames of a break are found by reading
//! the file again.
//!
//! | room | what |
//! |---|---|
//! | [`source`] | files and the standard input |
//! | `batch`, `peek`, `clock` | records read together, which judge each goes to, times that never go back |
//! | `shares` | judges who share the connections, and work at the same time |
//! | [`flood`] | floods of SYNs |
//! | [`choice`] | which connections and rules are wanted |
//! | [`gather`] | what is kept of all connections |
//! | `evidence` | the frames of breaks, found again |
//! | [`model`] | what was found, for all writers |
//! | [`mod@tell`] | a file told in several ways at once, while it is judged |
//! | [`text`], [`json`], [`junit`] | as people and programs read it |
//! | [`folder`], `packets` | the folder of `--report`: the same in files, packets of connections that broke a rule |

mod batch;
pub mod choice;
mod clock;
mod evidence;
pub mod flood;
pub mod folder;
pub mod gather;
pub mod json;
pub mod junit;
pub mod model;
mod packets;
mod peek;
mod shares;
pub mod source;
pub mod tell;
pub mod text;

use std::collections::{BTreeMap, BTreeSet};

use evidence::{Lines, Search};
use gather::Gather;
pub use gather::{MOST_KEPT, Options};
use model::{ConnectionReport, Damage, FileReport, FloodReport};
use packets::Packets;
pub use shares::MOST_OPEN;
use source::{Ring, Source};
use wireproof_reference::time::Instant;

use crate::capture::link::Captured;
use crate::capture::{Record, ladder, link};
use crate::oracle::{Break, ConnectionJudgement, RuleId, Verdict};
use crate::report::{BrokenRule, Rung};

/// So many connections are told in full for each rule that they broke; further ones in a line each.
const FULL_PER_RULE: usize = 2;
/// So many lines of ladders are told of a file.
const MOST_RUNGS: usize = 100_000;

/// What follows along while a file is read.
pub trait Watch {
    /// So many octets of the file were read.
    fn step(&mut self, octets: u64);
    /// The file is judged.
    fn end(&mut self);
}

/// Judges a file with the threads of `pool`; what is found does not depend on how many these are. `each` takes the connections that broke nothing, in the order in which they ended, where the options ask
/// for all.
pub fn check(
    pool: &rayon::ThreadPool,
    source: &Source,
    options: &Options,
    each: &mut dyn FnMut(ConnectionReport),
    watch: &mut dyn Watch,
) -> FileReport {
    let mut report = FileReport { file: source.name(), ..FileReport::default() };
    let mut capture = match source.open() {
        Ok(capture) => capture,
        Err(damage) => {
            report.damage = Some(damage);
            return report;
        }
    };
    let format = capture.format();
    let details = if format.details.is_empty() { String::new() } else { format!(", {}", format.details) };
    report.format = format!("{}{details}", format.name);
    let mut ring = (!source.is_repeatable()).then(Ring::default);
    let mut gather = Gather::new(options, each);
    let whole = shares::judge(
        pool,
        &mut capture,
        |judgement| gather.add(judgement),
        |seen| ring.iter_mut().for_each(|ring| ring.keep(seen.to_record())),
        |progress| watch.step(progress.octets),
    );
    report.remarks = capture.remarks();
    if let Some(side) = &options.side {
        report.remarks.push(format!("what counts is what {side} does: breaks by others are not told"));
    }
    drop(capture);
    let hosts = gather.hosts(whole.host);
    tell_file(&mut report, whole.progress, &whole.survey);
    report.damage = whole.damage.as_ref().map(Damage::from);
    report.rules = gather.rules();
    report.connections = gather.counts;
    report.not_shown = gather.not_kept;
    report.whole = std::mem::take(&mut gather.whole).into_values().collect();
    let kept = [&mut gather.must, &mut gather.should, &mut gather.chosen].map(std::mem::take);
    tell_connections(&mut report, kept, &hosts, (source, ring.as_ref(), options));
    report
}

fn tell_file(report: &mut FileReport, progress: batch::Progress, survey: &crate::capture::survey::Survey) {
    report.links = progress.links.into_iter().map(link::name).collect();
    report.start = progress.clock.first().map(ladder::date);
    report.duration_nanos = progress.clock.span();
    report.packets = survey.packets;
    report.segments = survey.segments;
    report.others = survey.others().into_iter().map(|(name, count)| (name.to_owned(), count)).collect();
    if let Some((times, frame, back)) = progress.clock.steps() {
        let often = if times == 1 { String::new() } else { format!(", {times} times in all") };
        report.remarks.push(format!(
            "the clock was set back by {} s before frame {frame}{often}: how long that took is not known",
            ladder::seconds(back)
        ));
    }
    report.floods = progress.floods.finish().iter().map(FloodReport::from).collect();
}

/// Tells the connections that were kept, and what hosts broke, with the frames that show it.
fn tell_connections(
    report: &mut FileReport,
    kept: [Vec<ConnectionJudgement>; 3],
    hosts: &[(RuleId, Verdict)],
    (source, ring, options): (&Source, Option<&Ring>, &Options),
) {
    let mut seen: BTreeMap<RuleId, usize> = BTreeMap::new();
    let mut judged = Vec::new();
    for mut some in kept {
        some.sort_by_key(|one| one.number);
        for judgement in some {
            let is_full = options.all
                || options.verbose
                || options.chosen.is_some()
                || broken(&judgement)
                    .any(|(rule, ..)| seen.get(&rule).is_none_or(|count| *count < FULL_PER_RULE));
            if is_full {
                broken(&judgement).for_each(|(rule, ..)| *seen.entry(rule).or_default() += 1);
            }
            judged.push((judgement, is_full));
        }
    }
    let depth = if options.verbose { usize::MAX } else { 1 };
    let wanted: Vec<(&ConnectionJudgement, BTreeSet<u64>)> = judged
        .iter()
        .filter(|(_, is_full)| *is_full || options.folder.is_some())
        .map(|(judgement, is_full)| (judgement, frames(judgement, if *is_full { depth } else { 0 })))
        .collect();
    let mut room = MOST_RUNGS;
    let host_frames =
        hosts.iter().flat_map(|(_, verdict)| verdict.breaks().first()).flat_map(evidence::shown);
    let mut search = Search::new(&wanted, host_frames.collect());
    let mut packets = options.folder.as_ref().map(|folder| Packets::new(folder, &report.file, &wanted));
    search_in(&mut search, packets.as_mut(), (source, ring), &mut report.remarks);
    let (lines, found) = search.finish();
    let mut captures =
        packets.map_or_else(Vec::new, |packets| packets.finish(&mut report.remarks)).into_iter();
    let mut lines = lines.into_iter();
    for (judgement, is_full) in &judged {
        let is_followed = *is_full || options.folder.is_some();
        let lines = if is_followed { lines.next() } else { None };
        let depth = if *is_full { depth } else { 1 };
        let lines = lines.as_ref().filter(|_| *is_full);
        let mut told = tell(judgement, *is_full, lines.map(|lines| (lines, &mut room)), depth);
        told.capture = if is_followed { captures.next().flatten() } else { None };
        report.shown.push(told);
    }
    if room == 0 {
        report.remarks.push(format!("no more than {MOST_RUNGS} lines of ladders are told"));
    }
    report.hosts = hosts.iter().filter_map(|(_, verdict)| host(verdict, &found)).collect();
}

/// The rules that a connection broke, their breaks, and how often.
fn broken(judgement: &ConnectionJudgement) -> impl Iterator<Item = (RuleId, &[Break], u64)> {
    judgement.verdicts.iter().filter_map(|(rule, verdict)| match verdict {
        Verdict::Broken { breaks, times } => Some((*rule, breaks.as_slice(), *times)),
        Verdict::Held { .. } | Verdict::Undecidable { .. } => None,
    })
}

/// The frames that show the first breaks of each rule.
fn frames(judgement: &ConnectionJudgement, depth: usize) -> BTreeSet<u64> {
    broken(judgement).flat_map(|(_, breaks, _)| breaks.iter().take(depth)).flat_map(evidence::shown).collect()
}

/// Looks for frames in what is left of a source.
fn search_in(
    search: &mut Search,
    mut packets: Option<&mut Packets<'_>>,
    (source, ring): (&Source, Option<&Ring>),
    remarks: &mut Vec<String>,
) {
    if search.is_empty() {
        return;
    }
    let mut take = |seen: &Captured<'_>, number, time, record: &dyn Fn() -> Record| {
        if let (Some((place, record)), Some(packets)) =
            (search.take(number, time, seen, record), packets.as_mut())
        {
            packets.add(place, &record);
        }
        packets.is_none() && search.is_over(number)
    };
    if let Some(ring) = ring {
        for record in ring.iter() {
            take(&Captured::of(record), record.number, record.time, &|| record.clone());
        }
        if ring.is_torn() {
            let told =
                "of what comes through a pipe the last part alone is kept: frames before it cannot be shown";
            remarks.push(told.to_owned());
        }
        return;
    }
    match source.open() {
        Ok(mut capture) => {
            // Damage was told when it was read first.
            while let Ok(Some(seen)) = capture.next_seen() {
                if take(&seen.captured, seen.number, seen.time, &|| seen.to_record()) {
                    break;
                }
            }
        }
        Err(damage) => remarks.push(format!("frames cannot be shown: {}", damage.found)),
    }
}

/// A connection for all writers: the first break of each rule, or up to `depth` of them.
fn tell(
    judgement: &ConnectionJudgement,
    is_full: bool,
    mut lines: Option<(&Lines, &mut usize)>,
    depth: usize,
) -> ConnectionReport {
    let mut report = ConnectionReport { is_full, ..ConnectionReport::of(judgement) };
    for (_, breaks, times) in broken(judgement) {
        for one in breaks.iter().take(depth) {
            let mut told = BrokenRule::new(one, Some(judgement), times, judgement.start);
            if let Some((lines, room)) = &mut lines {
                lines.show(one, &mut told, room);
            }
            report.broken.push(told);
        }
    }
    report.broken.sort_by_key(|broken| (std::cmp::Reverse(broken.level), broken.nanos));
    report
}

/// The first break of a rule of hosts.
fn host(verdict: &Verdict, found: &BTreeMap<u64, Rung>) -> Option<BrokenRule> {
    let Verdict::Broken { breaks, times } = verdict else { return None };
    let first = breaks.first()?;
    let mut told = BrokenRule::new(first, None, *times, Instant::ZERO);
    let rungs = evidence::shown(first).filter_map(|frame| found.get(&frame));
    told.ladder = rungs.map(|rung| Rung { is_guilty: true, ..rung.clone() }).collect();
    Some(told)
}
