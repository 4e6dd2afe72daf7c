//! The packets of connections that broke a rule, a pcapng file each, the frames that show a break with a comment.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use pcap_file::pcapng::PcapNgWriter;
use pcap_file::pcapng::blocks::enhanced_packet::{EnhancedPacketBlock, EnhancedPacketOption};
use pcap_file::pcapng::blocks::interface_description::{
    InterfaceDescriptionBlock, InterfaceDescriptionOption,
};
use pcap_file::pcapng::blocks::section_header::{SectionHeaderBlock, SectionHeaderOption};
use pcap_file::{DataLink, Endianness, PcapError};

use crate::capture::Record;
use crate::oracle::ConnectionJudgement;
use crate::report::folder::file_name;

/// So many connections of a file leave their packets.
const MOST_FILES: usize = 64;
/// So many octets of packets are written for one connection.
const MOST_OCTETS: u64 = 16 << 20;

/// `if_tsresol` for 10^-9 s.
const NANOSECONDS: u8 = 9;

/// Files that are being written.
pub(super) struct Packets<'f> {
    folder: &'f Path,
    outs: Vec<Option<Out>>,
    errors: Vec<String>,
    is_cut: bool,
}

struct Out {
    name: String,
    head: String,
    writer: Option<PcapNgWriter<BufWriter<File>>>,
    /// The interfaces by their kind of link.
    links: BTreeMap<u32, u32>,
    comments: BTreeMap<u64, String>,
    octets: u64,
}

impl<'f> Packets<'f> {
    /// Files for these connections of a capture, as many as are allowed.
    pub(super) fn new(
        folder: &'f PathBuf,
        capture: &str,
        wanted: &[(&ConnectionJudgement, BTreeSet<u64>)],
    ) -> Self {
        let out = |(place, (judgement, _)): (usize, &(&ConnectionJudgement, BTreeSet<u64>))| {
            (place < MOST_FILES).then(|| Out {
                name: format!("{}.pcapng", file_name(&format!("{capture}#{}", judgement.number))),
                head: format!("connection {} of {capture}", judgement.number),
                writer: None,
                links: BTreeMap::new(),
                comments: comments(judgement),
                octets: 0,
            })
        };
        let outs = wanted.iter().enumerate().map(out).collect();
        Self { folder, outs, errors: Vec::new(), is_cut: wanted.len() > MOST_FILES }
    }

    /// Writes a record of the connection at `place`.
    pub(super) fn add(&mut self, place: usize, record: &Record) {
        let Some(out) = self.outs.get_mut(place).and_then(Option::as_mut) else { return };
        let length = u64::try_from(record.octets.len()).unwrap_or(u64::MAX);
        // Frames that show a break are written in any case.
        if out.octets.saturating_add(length) > MOST_OCTETS && !out.comments.contains_key(&record.number) {
            self.is_cut = true;
            return;
        }
        out.octets = out.octets.saturating_add(length);
        if let Err(error) = out.write(self.folder, record) {
            self.errors.push(format!("cannot write `{}`: {error}", self.folder.join(&out.name).display()));
            self.outs[place] = None;
        }
    }

    /// The names of what was written, by place.
    pub(super) fn finish(self, remarks: &mut Vec<String>) -> Vec<Option<String>> {
        remarks.extend(self.errors);
        if self.is_cut {
            remarks.push(format!(
                "the folder holds packets of {MOST_FILES} connections at most, {} MiB of each",
                MOST_OCTETS >> 20
            ));
        }
        self.outs.into_iter().map(|out| out.filter(|out| out.writer.is_some()).map(|out| out.name)).collect()
    }
}

/// What to write beside frames.
fn comments(judgement: &ConnectionJudgement) -> BTreeMap<u64, String> {
    let mut comments: BTreeMap<u64, String> = BTreeMap::new();
    for broken in judgement.verdicts.iter().flat_map(|(_, verdict)| verdict.breaks()) {
        for (place, frame) in broken.frames.iter().enumerate() {
            let text = match place + 1 == broken.frames.len() {
                true => format!("breaks {}: got {}, permitted {}", broken.rule, broken.got, broken.permitted),
                false => format!("shows a break of {}", broken.rule),
            };
            let comment = comments.entry(*frame).or_default();
            if !comment.is_empty() {
                comment.push('\n');
            }
            comment.push_str(&text);
        }
    }
    comments
}

impl Out {
    fn write(&mut self, folder: &Path, record: &Record) -> io::Result<()> {
        if self.writer.is_none() {
            let options = vec![
                SectionHeaderOption::Comment(Cow::Owned(self.head.clone())),
                SectionHeaderOption::UserApplication(Cow::Borrowed("wireproof")),
            ];
            let section = SectionHeaderBlock {
                endianness: Endianness::Little,
                options,
                ..SectionHeaderBlock::default()
            };
            let out = BufWriter::new(File::create(folder.join(&self.name))?);
            self.writer = Some(PcapNgWriter::with_section_header(out, section).map_err(into_io)?);
        }
        let Some(writer) = &mut self.writer else { return Ok(()) };
        let count = u32::try_from(self.links.len()).unwrap_or(u32::MAX);
        let interface = match self.links.get(&record.link) {
            Some(interface) => *interface,
            None => {
                let described = InterfaceDescriptionBlock {
                    linktype: DataLink::from(record.link),
                    snaplen: 0,
                    options: vec![InterfaceDescriptionOption::IfTsResol(NANOSECONDS)],
                };
                writer.write_pcapng_block(described).map_err(into_io)?;
                self.links.insert(record.link, count);
                count
            }
        };
        let mut comment = format!("frame {}", record.number);
        if let Some(text) = self.comments.get(&record.number) {
            comment = format!("{comment}: {text}");
        }
        let nanos = record.time.and_then(|time| u64::try_from(time).ok()).unwrap_or(0);
        let block = EnhancedPacketBlock {
            interface_id: interface,
            timestamp: core::time::Duration::from_nanos(nanos),
            original_len: record.original_len,
            data: Cow::Borrowed(&record.octets),
            options: vec![EnhancedPacketOption::Comment(Cow::Owned(comment))],
        };
        writer.write_pcapng_block(block).map_err(into_io).map(drop)
    }
}

fn into_io(error: PcapError) -> io::Error {
    match error {
        PcapError::IoError(error) => error,
        other => io::Error::other(other.to_string()),
    }
}
