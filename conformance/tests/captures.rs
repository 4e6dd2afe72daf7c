//! Captures that others recorded: etherparse sees in every valid frame what we see, and nothing is lost.
//!
//! The folder is named by `WIREPROOF_CAPTURES`; without it there is nothing to compare, and the test says so.

#[path = "../../reference/tests/second_opinion/mod.rs"]
mod second_opinion;

use second_opinion::{Link, Opinion, compare};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use wireproof::capture::link::{self, Content, ETHERNET, RAW};
use wireproof::capture::{CaptureError, CaptureFile, Record};
use wireproof_reference::wire::{Frame, Packet};

/// The environment variable that names the folder.
const FOLDER: &str = "WIREPROOF_CAPTURES";

#[derive(Default)]
struct Tally {
    files: usize,
    /// Files whose end, or whole, could not be read.
    damaged: usize,
    /// Frames of a link other than Ethernet and raw IP.
    other_link: usize,
    frames: usize,
    fields: usize,
    refused: usize,
    understood: BTreeMap<&'static str, usize>,
    differences: Vec<String>,
}

#[test]
fn etherparse_agrees_field_by_field_on_every_valid_frame_of_every_capture() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        println!("{FOLDER} names no folder: no captures were compared");
        return;
    };
    let mut files = Vec::new();
    find(Path::new(&folder), &mut files);
    assert!(!files.is_empty(), "{FOLDER} names {}, where no file is", Path::new(&folder).display());
    let mut tally = Tally::default();
    for file in &files {
        read(file, &mut tally);
    }
    let Tally { files, damaged, other_link, frames, fields, refused, understood, differences } = tally;
    println!(
        "{files} captures, {damaged} of them damaged; {frames} frames, and {other_link} of links that are not compared"
    );
    println!("{fields} fields compared; {refused} frames refused by both");
    for (reason, count) in &understood {
        println!("{count} frames: {reason}");
    }
    assert!(differences.is_empty(), "{} frames differ:\n{}", differences.len(), differences.join("\n"));
    assert!(frames > 0, "no frame was compared");
}

/// All files below `folder`, in a stable order.
fn find(folder: &Path, files: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> =
        entries.map(|entry| entry.expect("the folder can be listed").path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            find(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// Compares the frames of one file, as far as it can be read. A file that is no capture is passed over.
fn read(path: &Path, tally: &mut Tally) {
    let octets = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let Ok(mut file) = CaptureFile::open(&octets[..]) else { return };
    tally.files += 1;
    let whole = (|| -> Result<(), CaptureError> {
        while let Some(record) = file.next_record()? {
            weigh(path, &record, tally);
        }
        Ok(())
    })();
    tally.damaged += usize::from(whole.is_err());
}

/// Compares one frame.
fn weigh(path: &Path, record: &Record, tally: &mut Tally) {
    let mut scratch = Vec::new();
    let (link, octets) = match record.link {
        ETHERNET => (Link::Ethernet, record.octets.clone()),
        link if RAW.contains(&link) => (Link::Ip, record.octets.clone()),
        // Of cooked and loopback links the packet within, as far as we read it.
        _ => match link::content(record, &mut scratch) {
            Content::Ip { packet, .. } => {
                (Link::Ip, packet.to_vec().expect("what was parsed can be emitted"))
            }
            _ => {
                tally.other_link += 1;
                return;
            }
        },
    };
    tally.frames += 1;
    let place = || format!("{} frame {}", path.display(), record.number);
    if let Some(lost) = loss(link, &octets) {
        tally.differences.push(format!("{}: {lost}", place()));
    }
    match compare(link, &octets) {
        Opinion::Agree { fields, understood } => {
            tally.fields += fields;
            for reason in understood {
                *tally.understood.entry(reason).or_default() += 1;
            }
        }
        Opinion::BothRefuse => tally.refused += 1,
        Opinion::UnderstoodRefusal(reason) => *tally.understood.entry(reason).or_default() += 1,
        Opinion::Differ(how) => tally.differences.push(format!("{}: {how}", place())),
    }
}

/// What a frame loses when it is parsed and emitted again, strictly or leniently; and it prints.
fn loss(link: Link, octets: &[u8]) -> Option<&'static str> {
    let again = match link {
        Link::Ethernet => [Frame::parse(octets), Frame::parse_cut(octets)].map(|frame| {
            let frame = frame.ok()?;
            assert!(!frame.to_string().contains('\n') && !frame.tree().to_string().is_empty());
            frame.to_vec().ok()
        }),
        Link::Ip => [Packet::parse(octets), Packet::parse_cut(octets)].map(|packet| {
            let packet = packet.ok()?;
            assert!(!packet.to_string().contains('\n') && !packet.tree().to_string().is_empty());
            packet.to_vec().ok()
        }),
    };
    let is_lossy = again.iter().flatten().any(|emitted| emitted != octets);
    is_lossy.then_some("emitted otherwise than it was")
}
