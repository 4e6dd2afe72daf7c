//! Octets of a stream, with the place in the file.

use std::io::{self, Read};

use super::file::{CaptureError, Order};

/// The longest piece that is read at once: records and blocks beyond it are taken for damage.
pub(super) const LONGEST: usize = 32 << 20;

/// A stream that knows how far it was read.
#[derive(Debug)]
pub(super) struct Octets<R> {
    stream: R,
    offset: u64,
}

impl<R: Read> Octets<R> {
    pub(super) const fn new(stream: R) -> Self {
        Self { stream, offset: 0 }
    }

    /// Octets read so far.
    pub(super) const fn offset(&self) -> u64 {
        self.offset
    }

    /// The next `length` octets. `None` if the stream ends right here.
    ///
    /// # Errors
    ///
    /// If the stream ends within them; `what` names them.
    pub(super) fn take(&mut self, length: usize, what: &str) -> Result<Option<Vec<u8>>, CaptureError> {
        let start = self.offset;
        if length > LONGEST {
            let found = format!("{what} of {length} octets");
            return Err(CaptureError::at(start, found, format!("no more than {LONGEST}")));
        }
        let mut octets = Vec::new();
        let limit = u64::try_from(length).unwrap_or(u64::MAX);
        let read = self.stream.by_ref().take(limit).read_to_end(&mut octets);
        self.offset += u64::try_from(octets.len()).unwrap_or(0);
        match read {
            Ok(had) if had == length => Ok(Some(octets)),
            Ok(0) => Ok(None),
            Ok(had) => {
                let expected = format!("{length} octets of {what}, {had} are left");
                Err(CaptureError::at(start, "the end of the file".to_owned(), expected))
            }
            Err(error) => Err(CaptureError::io(start, &error)),
        }
    }

    /// The next `length` octets, which must be there.
    ///
    /// # Errors
    ///
    /// If the stream ends before or within them.
    pub(super) fn need(&mut self, length: usize, what: &str) -> Result<Vec<u8>, CaptureError> {
        let start = self.offset;
        let missing = || {
            CaptureError::at(start, "the end of the file".to_owned(), format!("{length} octets of {what}"))
        };
        if length == 0 {
            return Ok(Vec::new());
        }
        self.take(length, what)?.ok_or_else(missing)
    }

    /// Puts octets that were looked at back in front of the stream.
    pub(super) fn with_front_of(self, front: Vec<u8>) -> Octets<io::Chain<io::Cursor<Vec<u8>>, R>> {
        Octets::new(io::Cursor::new(front).chain(self.stream))
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
pub(super) fn u32_at(octets: &[u8], at: usize, order: Order) -> u32 {
    let four = octets.get(at..).and_then(|rest| rest.first_chunk::<4>()).copied().unwrap_or_default();
    match order {
        Order::Big => u32::from_be_bytes(four),
        Order::Little => u32::from_le_bytes(four),
    }
}
