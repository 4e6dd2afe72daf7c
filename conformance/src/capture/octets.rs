//! Octets of a stream, with the place in the file.

use std::io::{self, Read};

use super::file::{CaptureError, Order};

/// The longest piece that is read at once: records and blocks beyond it are taken for damage.
pub(super) const LONGEST: usize = 32 << 20;

/// So much is asked of the stream at once.
const CHUNK: usize = 512 << 10;

/// A stream that knows how far it was read, and lends its octets where they stand.
#[derive(Debug)]
pub(super) struct Octets<R> {
    stream: R,
    /// Octets of the stream before `at`.
    offset: u64,
    buffer: Vec<u8>,
    /// What was read and not yet taken stands from here
    at: usize,
    /// up to here.
    end: usize,
    /// Whether what was read stays where it stands until [`Octets::hand_over`].
    is_pinned: bool,
}

impl<R: Read> Octets<R> {
    pub(super) const fn new(stream: R) -> Self {
        Self { stream, offset: 0, buffer: Vec::new(), at: 0, end: 0, is_pinned: false }
    }

    /// Octets read so far.
    pub(super) const fn offset(&self) -> u64 {
        self.offset
    }

    /// Reads until the next `length` octets stand in the buffer, or all that there are; how many do. The buffer grows with
    /// what comes, not with what is asked for.
    #[inline]
    fn ready(&mut self, length: usize) -> io::Result<usize> {
        if self.end - self.at >= length {
            return Ok(length);
        }
        self.read(length)
    }

    #[cold]
    fn read(&mut self, length: usize) -> io::Result<usize> {
        while self.end - self.at < length {
            if !self.is_pinned {
                self.buffer.copy_within(self.at..self.end, 0);
                (self.at, self.end) = (0, self.end - self.at);
            }
            if self.buffer.len() == self.end || !self.is_pinned && self.buffer.len() < self.end + CHUNK {
                self.buffer.resize(self.end + CHUNK, 0);
            }
            match self.stream.read(&mut self.buffer[self.end..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
                Ok(0) => break,
                Ok(read) => self.end += read,
            }
        }
        Ok(length.min(self.end - self.at))
    }

    /// Sees to it that the next `length` octets stand in the buffer, where they stay if they are taken next.
    ///
    /// # Errors
    ///
    /// If the stream cannot be read.
    #[inline]
    pub(super) fn ready_for(&mut self, length: usize) -> Result<(), CaptureError> {
        if length > LONGEST {
            return Ok(());
        }
        self.ready(length).map(drop).map_err(|error| CaptureError::io(self.offset, &error))
    }

    /// Where the next octet stands in the buffer.
    pub(super) const fn place(&self) -> usize {
        self.at
    }

    /// What was read and not yet taken, if there is no room behind it but in a longer buffer.
    pub(super) fn rest_of_full(&self) -> Option<&[u8]> {
        (self.end == self.buffer.len()).then(|| &self.buffer[self.at..self.end])
    }

    /// From now on what is read stays where it stands, so that the buffer grows, until it is handed over.
    pub(super) const fn pin(&mut self) {
        self.is_pinned = true;
    }

    /// Gives the buffer away in exchange for another one, in which what was not yet taken now stands.
    pub(super) fn hand_over(&mut self, buffer: &mut Vec<u8>) {
        let rest = &self.buffer[self.at..self.end];
        let length = CHUNK.max(rest.len());
        if buffer.len() > length {
            // A long record needed more room; others do not.
            buffer.truncate(length);
            buffer.shrink_to_fit();
        }
        buffer.resize(length, 0);
        buffer[..rest.len()].copy_from_slice(rest);
        (self.at, self.end) = (0, rest.len());
        std::mem::swap(&mut self.buffer, buffer);
    }

    /// The next `length` octets, which stay next; fewer if the stream ends before.
    ///
    /// # Errors
    ///
    /// If the stream cannot be read.
    pub(super) fn look(&mut self, length: usize) -> Result<&[u8], CaptureError> {
        match self.ready(length) {
            Ok(had) => Ok(&self.buffer[self.at..self.at + had]),
            Err(error) => Err(CaptureError::io(self.offset, &error)),
        }
    }

    /// The next `length` octets. `None` if the stream ends right here.
    ///
    /// # Errors
    ///
    /// If the stream ends within them; `what` names them.
    #[inline]
    pub(super) fn take(&mut self, length: usize, what: &str) -> Result<Option<&[u8]>, CaptureError> {
        let start = self.offset;
        if length > LONGEST {
            let found = format!("{what} of {length} octets");
            return Err(CaptureError::at(start, found, format!("no more than {LONGEST}")));
        }
        let had = self.ready(length).map_err(|error| CaptureError::io(start, &error))?;
        let octets = &self.buffer[self.at..self.at + had];
        self.at += had;
        self.offset += u64::try_from(had).unwrap_or(0);
        if had == length {
            return Ok(Some(octets));
        }
        if had == 0 {
            return Ok(None);
        }
        let expected = format!("{length} octets of {what}, {had} are left");
        Err(CaptureError::at(start, "the end of the file".to_owned(), expected))
    }

    /// The next `length` octets, which must be there.
    ///
    /// # Errors
    ///
    /// If the stream ends before or within them.
    #[inline]
    pub(super) fn need(&mut self, length: usize, what: &str) -> Result<&[u8], CaptureError> {
        let start = self.offset;
        if length == 0 {
            return Ok(&[]);
        }
        self.take(length, what)?.ok_or_else(|| {
            CaptureError::at(start, "the end of the file".to_owned(), format!("{length} octets of {what}"))
        })
    }
}

/// The 16-bit number at `at`; 0 if the octets end before.
pub(super) fn u16_at(octets: &[u8], at: usize, order: Order) -> u16 {
    let pair = octets.get(at..).and_then(|rest| rest.first_chunk::<2>()).copied().unwrap_or_default();
    match order {
        Order::Big => u16::from_be_bytes(pair),
        Order::Little => u16::from_le_bytes(pair),
    }
}

/// The 32-bit number at `at`; 0 if the octets end before.
#[inline]
pub(super) fn u32_at(octets: &[u8], at: usize, order: Order) -> u32 {
    let four = octets.get(at..).and_then(|rest| rest.first_chunk::<4>()).copied().unwrap_or_default();
    match order {
        Order::Big => u32::from_be_bytes(four),
        Order::Little => u32::from_le_bytes(four),
    }
}
