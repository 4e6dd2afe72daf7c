//! A capture file of either format: records with time, link type and place, one after the other.

use std::fmt;
use std::io::{self, Read};

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

type Stream<'r> = Octets<io::Chain<io::Cursor<Vec<u8>>, Box<dyn Read + Send + 'r>>>;

enum Source<'r> {
    Pcap(pcap::Reader<Stream<'r>>),
    Pcapng(pcapng::Reader<Stream<'r>>),
}

/// What a reader of one format needs of a stream.
pub(super) trait Input {
    fn offset(&self) -> u64;
    fn take(&mut self, length: usize, what: &str) -> Result<Option<Vec<u8>>, CaptureError>;
    fn need(&mut self, length: usize, what: &str) -> Result<Vec<u8>, CaptureError>;
}

impl<R: Read> Input for Octets<R> {
    fn offset(&self) -> u64 {
        Self::offset(self)
    }

    fn take(&mut self, length: usize, what: &str) -> Result<Option<Vec<u8>>, CaptureError> {
        Self::take(self, length, what)
    }

    fn need(&mut self, length: usize, what: &str) -> Result<Vec<u8>, CaptureError> {
        Self::need(self, length, what)
    }
}

impl<'r> CaptureFile<'r> {
    /// Reads the head of a file, whatever its format.
    ///
    /// # Errors
    ///
    /// If it is neither pcap nor pcapng, or its head is damaged.
    pub fn open(stream: impl Read + Send + 'r) -> Result<Self, CaptureError> {
        let stream: Box<dyn Read + Send + 'r> = Box::new(stream);
        let mut octets = Octets::new(stream);
        let magic = octets
            .take(4, "a magic number")?
            .ok_or_else(|| CaptureError::at(0, "an empty file", "a pcap or pcapng capture"))?;
        let mut stream = octets.with_front_of(magic.clone());
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
        match &mut self.source {
            Source::Pcap(reader) => reader.next_record(),
            Source::Pcapng(reader) => reader.next_record(),
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
