//! A capture file of either format: records with time, link type and place, one after the other.

use std::fmt;
use std::io::{self, Read};

use super::link::Captured;
use super::octets::Octets;
use super::{pcap, pcapng};

/// Nanoseconds since 1970 began, UTC; negative before.
pub type Nanos = i128;

/// A packet of a capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its number in the file, from 1.
    pub number: u64,
    /// When it was captured, if the file tells.
    pub time: Option<Nanos>,
    /// The kind of link, as the tcpdump registry numbers them.
    pub link: u32,
    /// How many octets of frame check sequence stand at its end, if the file tells.
    pub fcs: usize,
    /// What was captured.
    pub octets: Vec<u8>,
    /// How long the packet was on the wire.
    pub original_len: u32,
    /// What somebody wrote beside it, lines apart; mostly empty.
    pub comment: String,
}

impl Record {
    /// How many octets the capture left away.
    pub fn missing(&self) -> usize {
        usize::try_from(self.original_len).unwrap_or(usize::MAX).saturating_sub(self.octets.len())
    }
}

/// A packet of a capture, its octets lent by whoever reads the file.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'b> {
    /// Its number in the file, from 1.
    pub number: u64,
    /// When it was captured, if the file tells.
    pub time: Option<Nanos>,
    /// Its octets, and what kind they are of.
    pub captured: Captured<'b>,
    /// Where they stand in the piece of the file that [`CaptureFile::hand_over`] gives away.
    pub place: usize,
    pub(super) notes: Notes<'b>,
}

/// What stands behind the octets of a packet, unread.
#[derive(Clone, Copy, Debug)]
pub(super) struct Notes<'b> {
    pub(super) options: &'b [u8],
    pub(super) order: Order,
}

impl Seen<'_> {
    /// The same with octets of its own.
    pub fn to_record(&self) -> Record {
        let Captured { link, fcs, octets, original_len } = self.captured;
        let (octets, comment) = (octets.to_vec(), self.comment());
        Record { number: self.number, time: self.time, link, fcs, octets, original_len, comment }
    }

    /// What somebody wrote beside it, lines apart; mostly empty.
    pub fn comment(&self) -> String {
        pcapng::comment(&self.notes)
    }
}

/// What is wrong with a capture, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaptureError {
    /// Octets before it in the file.
    pub offset: u64,
    /// What stands there.
    pub found: String,
    /// What should stand there.
    pub expected: String,
}

impl CaptureError {
    pub(super) fn at(offset: u64, found: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { offset, found: found.into(), expected: expected.into() }
    }

    pub(super) fn io(offset: u64, error: &io::Error) -> Self {
        Self::at(offset, error.to_string(), "more of the file")
    }
}

impl fmt::Display for CaptureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "octet {}: found {}, expected {}", self.offset, self.found, self.expected)
    }
}

impl std::error::Error for CaptureError {}

/// In which order the octets of a number stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Big,
    Little,
}

/// The two formats, as they are told to people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Format {
    /// `pcap`, `pcapng`.
    pub name: &'static str,
    /// `big-endian, nanoseconds`.
    pub details: String,
}

/// A capture file that is being read.
pub struct CaptureFile<'r> {
    format: Format,
    source: Source<'r>,
}

pub(super) type Stream<'r> = Octets<Box<dyn Read + Send + 'r>>;

enum Source<'r> {
    Pcap(pcap::Reader<'r>),
    Pcapng(pcapng::Reader<'r>),
}

impl<'r> CaptureFile<'r> {
    /// Reads the head of a file, whatever its format.
    ///
    /// # Errors
    ///
    /// If it is neither pcap nor pcapng, or its head is damaged.
    pub fn open(stream: impl Read + Send + 'r) -> Result<Self, CaptureError> {
        let stream: Box<dyn Read + Send + 'r> = Box::new(stream);
        let mut stream = Octets::new(stream);
        let magic = stream.look(4)?;
        if magic.is_empty() {
            return Err(CaptureError::at(0, "an empty file", "a pcap or pcapng capture"));
        }
        let number = u32::from_be_bytes(magic.first_chunk::<4>().copied().unwrap_or_default());
        if number == pcapng::SECTION {
            let reader = pcapng::Reader::open(stream)?;
            let format = Format { name: "pcapng", details: reader.details() };
            return Ok(Self { format, source: Source::Pcapng(reader) });
        }
        let head = pcap::Head::read(&mut stream)?;
        let format = Format { name: "pcap", details: head.details() };
        Ok(Self { format, source: Source::Pcap(pcap::Reader::new(head, stream)) })
    }

    /// Which format it has.
    pub const fn format(&self) -> &Format {
        &self.format
    }

    /// The next packet; `None` at the end of the file. Behind an error there is nothing more.
    ///
    /// # Errors
    ///
    /// What is damaged, and where.
    pub fn next_record(&mut self) -> Result<Option<Record>, CaptureError> {
        Ok(self.next_seen()?.map(|seen| seen.to_record()))
    }

    /// The next packet where it stands in the reader's memory; else as [`CaptureFile::next_record`].
    ///
    /// # Errors
    ///
    /// What is damaged, and where.
    pub fn next_seen(&mut self) -> Result<Option<Seen<'_>>, CaptureError> {
        match &mut self.source {
            Source::Pcap(reader) => reader.next_seen(),
            Source::Pcapng(reader) => reader.next_seen(),
        }
    }

    /// From now on packets stay where they stand until they are handed over.
    pub fn pin(&mut self) {
        match &mut self.source {
            Source::Pcap(reader) => reader.input().pin(),
            Source::Pcapng(reader) => reader.input().pin(),
        }
    }

    /// Whether the next packet needs more room than there is in the piece of the file that is held, so that it is time to
    /// hand that over.
    pub fn is_piece_full(&self) -> bool {
        match &self.source {
            Source::Pcap(reader) => reader.is_piece_full(),
            Source::Pcapng(reader) => reader.is_piece_full(),
        }
    }

    /// Gives away the piece of the file in which the packets stand that were seen since this was last done, or since the
    /// packets were pinned, in exchange for the memory of another one.
    pub fn hand_over(&mut self, piece: &mut Vec<u8>) {
        match &mut self.source {
            Source::Pcap(reader) => reader.input().hand_over(piece),
            Source::Pcapng(reader) => reader.input().hand_over(piece),
        }
    }

    /// What was odd on the way and did not stop the reading.
    pub fn remarks(&self) -> Vec<String> {
        match &self.source {
            Source::Pcap(_) => Vec::new(),
            Source::Pcapng(reader) => reader.remarks(),
        }
    }
}
