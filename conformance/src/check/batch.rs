//! Records that are read together and then judged, while the next ones are read.

use wireproof_reference::time::Instant;

use super::clock::Clock;
use super::flood::Floods;
use super::peek::{self, Peek};
use crate::capture::file::Seen;
use crate::capture::link::Captured;
use crate::capture::{CaptureError, CaptureFile};
use crate::oracle::Plain;

/// Among how many judges the connections of a file are shared, whatever the number of threads: so that what a judge
/// sees, and with it the output, does not depend on the machine.
pub(super) const SHARES: usize = 32;

/// What stands before the octets of a record in a file, about.
const RECORD_HEAD: u64 = 16;

/// What a judge does with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// It looks at it.
    Judge,
    /// It looks at it for what concerns its sender across connections.
    Host,
    /// It only counts it: no TCP, no ICMP.
    Count,
    /// It learns that the clock was set back before it.
    LoseTime,
}

/// A record in a batch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item {
    at: usize,
    len: usize,
    pub(super) number: u64,
    pub(super) time: Instant,
    link: u32,
    fcs: usize,
    original_len: u32,
    /// Where the IP packet of a plain segment begins.
    plain: Option<usize>,
}

/// Records, and who is to look at them.
#[derive(Debug)]
pub(super) struct Batch {
    /// A piece of the file.
    octets: Vec<u8>,
    items: Vec<Item>,
    shares: Vec<Vec<(usize, Role)>>,
}

/// What the reader learns of a file on its way.
#[derive(Debug, Default)]
pub(super) struct Progress {
    pub(super) clock: Clock,
    pub(super) floods: Floods,
    /// The kinds of link, in the order in which they came.
    pub(super) links: Vec<u32>,
    /// Octets of the file that were read, about.
    pub(super) octets: u64,
    pub(super) records: u64,
}

impl Batch {
    pub(super) fn new() -> Self {
        Self { octets: Vec::new(), items: Vec::new(), shares: vec![Vec::new(); SHARES] }
    }

    /// Reads the next records in place of those that it holds; whether there are any. The records of a capture have to be
    /// pinned.
    ///
    /// # Errors
    ///
    /// What is damaged, with the records before it in the batch.
    pub(super) fn fill(
        &mut self,
        capture: &mut CaptureFile<'_>,
        progress: &mut Progress,
        each: &mut impl FnMut(&Seen<'_>),
    ) -> Result<bool, CaptureError> {
        self.items.clear();
        self.shares.iter_mut().for_each(Vec::clear);
        let read = self.take_all(capture, progress, each);
        capture.hand_over(&mut self.octets);
        read.map(|()| !self.items.is_empty())
    }

    fn take_all(
        &mut self,
        capture: &mut CaptureFile<'_>,
        progress: &mut Progress,
        each: &mut impl FnMut(&Seen<'_>),
    ) -> Result<(), CaptureError> {
        while self.items.is_empty() || !capture.is_piece_full() {
            let Some(record) = capture.next_seen()? else { break };
            each(&record);
            self.take(&record, progress);
        }
        Ok(())
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    fn take(&mut self, seen: &Seen<'_>, progress: &mut Progress) {
        let Seen { number, time, captured, place: at, .. } = *seen;
        let moment = progress.clock.tell(number, time);
        progress.records += 1;
        progress.octets += u64::try_from(captured.octets.len()).unwrap_or(0) + RECORD_HEAD;
        if progress.links.last() != Some(&captured.link) && !progress.links.contains(&captured.link) {
            progress.links.push(captured.link);
        }
        let place = self.items.len();
        if moment.is_lost {
            self.shares.iter_mut().for_each(|share| share.push((place, Role::LoseTime)));
        }
        let (peek, plain) = peek::look(&captured);
        match peek {
            Peek::Segment(segment) => {
                self.hand(segment.of_connection(), place, Role::Judge);
                if segment.flags.syn() {
                    self.hand(peek::of_host(segment.from.ip()), place, Role::Host);
                }
                progress.floods.observe(number, moment.time, &segment);
            }
            Peek::Error(from, to) => self.hand(peek::of_connection(from, to), place, Role::Judge),
            Peek::Icmp(host) => self.hand(peek::of_host(host), place, Role::Judge),
            Peek::Other => self.hand(number, place, Role::Count),
        }
        self.items.push(Item {
            at,
            len: captured.octets.len(),
            number,
            time: moment.time,
            link: captured.link,
            fcs: captured.fcs,
            original_len: captured.original_len,
            plain,
        });
    }

    fn hand(&mut self, hash: u64, place: usize, role: Role) {
        let shares = u64::try_from(self.shares.len()).unwrap_or(1);
        let share = usize::try_from(hash % shares).unwrap_or(0);
        if let Some(share) = self.shares.get_mut(share) {
            share.push((place, role));
        }
    }

    /// What one judge is to look at, and as what.
    pub(super) fn share(&self, share: usize) -> impl Iterator<Item = (&Item, Role)> {
        let places = self.shares.get(share).map_or(&[][..], Vec::as_slice);
        places.iter().filter_map(|(place, role)| Some((self.items.get(*place)?, *role)))
    }

    /// The octets of a record.
    pub(super) fn record(&self, item: &Item) -> Captured<'_> {
        let octets = self.octets.get(item.at..item.at + item.len).unwrap_or_default();
        Captured { link: item.link, fcs: item.fcs, octets, original_len: item.original_len }
    }

    /// The segment of a record, if that is plain.
    #[inline]
    pub(super) fn plain(&self, item: &Item) -> Option<Plain<'_>> {
        Plain::read(self.octets.get(item.at + item.plain?..item.at + item.len)?)
    }
}
