//! The judge against what is right: no scenario on the reference breaks a rule, and captures of the world outside break
//! a MUST only where their stacks do.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use wireproof::behaviour::features::{self, source};
use wireproof::behaviour::{self, Config};
use wireproof::capture::CaptureFile;
use wireproof::capture::link::{self, Content};
use wireproof::cli::run::{factory, profile};
use wireproof::oracle::{
    Arrival, Judge, JudgeOptions, Judgement, Knowledge, Observed, RULES, RuleId, Verdict, judge_trace,
};
use wireproof::report::Level;
use wireproof_reference::time::Instant;

/// The environment variable that names a folder of captures.
const FOLDER: &str = "WIREPROOF_CAPTURES";

#[test]
fn no_scenario_on_the_reference_breaks_a_rule() {
    let plan = behaviour::prepare(features::load(&source::find(None, &[]).unwrap()).unwrap()).unwrap();
    let profile = profile("reference").unwrap();
    let timing = profile.timing(factory("reference").unwrap()().description());
    let config = Config { is_judged: false, ..Config::new(factory("reference").unwrap(), profile) };
    let mut held: BTreeMap<RuleId, u64> = BTreeMap::new();
    let mut broken = Vec::new();
    for report in behaviour::run(&plan, &config) {
        let judgement =
            judge_trace(&report.trace, &Knowledge { timing: Some(timing), ..Knowledge::default() });
        count(&judgement, &mut held);
        broken.extend(judgement.breaks().into_iter().map(|one| format!("{}: {one}", report.id)));
    }
    for rule in RULES {
        println!("{:>8} {}", held.get(&rule.id).copied().unwrap_or(0), rule.name);
    }
    assert!(broken.is_empty(), "{} breaks:\n{}", broken.len(), broken.join("\n"));
}

fn count(judgement: &Judgement, held: &mut BTreeMap<RuleId, u64>) {
    let verdicts = judgement.connections.iter().flat_map(|connection| &connection.verdicts);
    for (rule, verdict) in verdicts.chain(&judgement.host) {
        if let Verdict::Held { times } = verdict {
            *held.entry(*rule).or_default() += times;
        }
    }
}

#[test]
fn captures_are_judged_to_their_end() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        println!("{FOLDER} names no folder: no captures were judged");
        return;
    };
    let mut files = Vec::new();
    find(Path::new(&folder), &mut files);
    files.sort();
    assert!(!files.is_empty(), "no capture below {}", Path::new(&folder).display());
    let (mut connections, mut held) = (0, BTreeMap::new());
    for file in &files {
        let judgement = judge(file);
        connections += judgement.connections.len();
        count(&judgement, &mut held);
        for one in judgement.breaks() {
            let level = if one.rule.rule().level == Level::Must { "MUST" } else { "SHOULD" };
            println!("{level} {}: {:?} {one}", file.display(), one.end);
        }
    }
    println!("{} captures, {connections} connections", files.len());
    for rule in RULES {
        println!("{:>8} {}", held.get(&rule.id).copied().unwrap_or(0), rule.name);
    }
    assert!(connections > 0);
}

/// The connections of a capture, as far as it can be read.
fn judge(file: &Path) -> Judgement {
    let mut judge = Judge::new(JudgeOptions::default());
    let Ok(open) = std::fs::File::open(file) else { return Judgement::default() };
    let Ok(mut capture) = CaptureFile::open(std::io::BufReader::new(open)) else {
        return Judgement::default();
    };
    let mut first = None;
    while let Ok(Some(record)) = capture.next_record() {
        let time = record.time.unwrap_or(0);
        let nanos = u64::try_from(time - *first.get_or_insert(time)).unwrap_or(0);
        let mut scratch = Vec::new();
        if let Content::Ip { packet, missing, .. } = link::content(&record, &mut scratch) {
            judge.observe(&Observed {
                number: record.number,
                time: Instant::from_nanos(nanos),
                packet: &packet,
                missing,
                arrival: Arrival::Unknown,
                is_judged: true,
            });
        }
    }
    let (connections, host) = judge.finish_at(Instant::ZERO);
    Judgement { connections, host }
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
