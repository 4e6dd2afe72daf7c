//! One end of a connection that sends, receives, loses and recovers as RFC 9293, 5681, 6675, 7323 and 2018 say.
//!
//! Numbers are places in the stream: 0 is the SYN, 1 the first octet, behind the last octet the FIN. Only what is sent for
//! the first time is ever lost, so that what is sent again arrives.

/// Octets of a full segment, with timestamps (an MSS of 1460).
pub(crate) const FULL: u64 = 1448;
/// The window that both ends offer, always: their applications read at once.
pub(crate) const WINDOW: u64 = 256 * 1024;
/// RFC 7323 2: the window scale of both.
pub(crate) const SCALE: u8 = 7;
/// RFC 6928 2.
const INITIAL_WINDOW: u64 = 10 * FULL;
/// RFC 5681 3.2.
const DUPLICATES: u64 = 3;

/// A segment, by places in the streams of both ends.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Segment {
    pub(crate) seq: u64,
    pub(crate) len: u64,
    pub(crate) is_syn: bool,
    pub(crate) is_fin: bool,
    pub(crate) ack: Option<u64>,
    pub(crate) blocks: [Option<(u64, u64)>; 3],
    pub(crate) is_new: bool,
    /// What the sender's clock said, in milliseconds, and what it echoes.
    pub(crate) value: u32,
    pub(crate) echo: u32,
}

/// When an end sends its first octets.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Speaks {
    /// When so many octets have come.
    After(u64),
    /// When its application is ready.
    WhenTold,
}

/// One end.
#[derive(Debug)]
pub(crate) struct Peer {
    is_opener: bool,
    /// Octets that it has to send.
    total: u64,
    speaks: Speaks,
    una: u64,
    next: u64,
    window: u64,
    threshold: u64,
    /// Recovery lasts until this is acknowledged.
    recover: Option<u64>,
    /// What is lost lies before this, and was sent again up to `resent`.
    lost_to: u64,
    resent: u64,
    sacked: Vec<(u64, u64)>,
    received: u64,
    /// What came early, the newest first.
    early: Vec<(u64, u64)>,
    fin_received: bool,
    /// Segments that wait for their acknowledgment.
    waiting: u32,
    must_ack: bool,
    echo: u32,
}

impl Peer {
    pub(crate) fn new(is_opener: bool, total: u64, speaks: Speaks) -> Self {
        Self {
            is_opener,
            total,
            speaks,
            una: 0,
            next: 0,
            window: INITIAL_WINDOW,
            threshold: u64::MAX,
            recover: None,
            lost_to: 0,
            resent: 0,
            sacked: Vec::new(),
            received: 0,
            early: Vec::new(),
            fin_received: false,
            waiting: 0,
            must_ack: false,
            echo: 0,
        }
    }

    /// Nothing more to send than it has now: whoever makes bulk has made enough.
    pub(crate) fn cut(&mut self) {
        self.total = self.total.min(self.next.max(1) - 1);
    }

    /// Its application is ready.
    pub(crate) fn speak(&mut self) {
        self.speaks = Speaks::After(0);
    }

    /// Whether both streams are through.
    pub(crate) fn is_over(&self) -> bool {
        self.fin_received && self.una > self.total + 1
    }

    /// Whether something is under way that a time-out would have to bring back.
    pub(crate) fn has_unacked(&self) -> bool {
        self.una < self.next
    }

    /// Whether an acknowledgment waits for company.
    pub(crate) fn is_delaying(&self) -> bool {
        self.waiting > 0 && !self.must_ack
    }

    /// Where its numbers stand.
    pub(crate) fn una(&self) -> u64 {
        self.una
    }

    /// RFC 9293 3.8.6.3: the delay is over.
    pub(crate) fn ack_now(&mut self) {
        self.must_ack = self.waiting > 0;
    }

    /// RFC 6298 5.4 to 5.6, RFC 5681 3.1: all that is under way counts as lost.
    pub(crate) fn time_out(&mut self) {
        self.threshold = ((self.next - self.una) / 2).max(2 * FULL);
        self.window = FULL;
        self.recover = Some(self.next);
        self.lost_to = self.next;
        self.resent = self.una;
    }

    /// A segment arrives.
    pub(crate) fn receive(&mut self, segment: &Segment) {
        if segment.is_syn {
            self.received = 1;
            self.must_ack = true;
            self.echo = segment.value;
        }
        if let Some(ack) = segment.ack {
            self.acknowledged(ack, segment);
        }
        if segment.len > 0 || segment.is_fin {
            self.take(segment);
        }
    }

    fn take(&mut self, segment: &Segment) {
        let end = segment.seq + segment.len;
        self.waiting += 1;
        if segment.seq > self.received {
            self.must_ack = true;
            let mut piece = (segment.seq, end);
            self.early.retain(|&(left, right)| {
                let touches = left <= piece.1 && piece.0 <= right;
                if touches {
                    piece = (piece.0.min(left), piece.1.max(right));
                }
                !touches
            });
            self.early.insert(0, piece);
            return;
        }
        // RFC 7323 4.3: the echo is that of the segment at the left edge.
        self.echo = segment.value;
        self.must_ack |= self.waiting > 1 || !self.early.is_empty() || segment.is_fin;
        self.received = self.received.max(end);
        while let Some(place) = self.early.iter().position(|(left, _)| *left <= self.received) {
            self.received = self.received.max(self.early.remove(place).1);
        }
        if segment.is_fin {
            self.fin_received = true;
            self.received = end + 1;
        }
    }

    fn acknowledged(&mut self, ack: u64, segment: &Segment) {
        let advance = ack.saturating_sub(self.una);
        self.una = self.una.max(ack);
        self.resent = self.resent.max(self.una);
        for block in segment.blocks.into_iter().flatten() {
            self.mark(block);
        }
        self.sacked.retain(|(_, right)| *right > ack);
        if self.recover.is_some_and(|recover| self.una >= recover) {
            self.recover = None;
            self.lost_to = 0;
        }
        let is_timed_out = self.recover.is_some_and(|recover| self.lost_to == recover);
        if advance > 0 && (self.recover.is_none() || is_timed_out) {
            self.grow(advance);
        }
        let sacked: u64 = self.sacked.iter().map(|(left, right)| right - left).sum();
        if self.recover.is_none() && sacked >= DUPLICATES * FULL {
            // RFC 6675 5.
            self.threshold = ((self.next - self.una) / 2).max(2 * FULL);
            self.window = self.threshold;
            self.recover = Some(self.next);
            self.resent = self.una;
        }
        if self.recover.is_some() {
            self.lost_to = self.lost_to.max(self.sacked.last().map_or(0, |(left, _)| *left));
        }
    }

    /// RFC 5681 3.1: slow start, then a segment a round trip.
    fn grow(&mut self, advance: u64) {
        if self.window < self.threshold {
            self.window += advance.min(FULL);
        } else {
            self.window += (FULL * FULL / self.window).max(1);
        }
    }

    fn mark(&mut self, (mut left, mut right): (u64, u64)) {
        self.sacked.retain(|&(from, to)| {
            let touches = from <= right && left <= to;
            if touches {
                left = left.min(from);
                right = right.max(to);
            }
            !touches
        });
        let place = self.sacked.partition_point(|piece| piece.0 < left);
        self.sacked.insert(place, (left, right));
    }

    /// RFC 6675 4: what is under way, without what is lost or has arrived.
    fn pipe(&self) -> u64 {
        let arrived: u64 = self.sacked.iter().map(|(left, right)| right - left).sum();
        let mut lost = 0;
        let mut at = self.resent.max(self.una);
        for (left, right) in self.sacked.iter().copied().chain([(self.lost_to, self.lost_to)]) {
            lost += left.min(self.lost_to).saturating_sub(at);
            at = at.max(right);
        }
        (self.next - self.una).saturating_sub(arrived + lost)
    }

    /// The next piece that is lost and was not sent again.
    fn hole(&self) -> Option<(u64, u64)> {
        let mut at = self.resent.max(self.una);
        let mut end = self.lost_to;
        for &(left, right) in &self.sacked {
            if at < left {
                end = end.min(left);
                break;
            }
            at = at.max(right);
        }
        (self.recover.is_some() && at < end).then(|| (at, FULL.min(end - at)))
    }

    /// The next segment that leaves now, if any.
    pub(crate) fn send(&mut self, clock: u32) -> Option<Segment> {
        let mut segment = self.pick()?;
        segment.value = clock;
        if self.received > 0 {
            segment.ack = Some(self.received);
            segment.echo = self.echo;
            for (place, block) in segment.blocks.iter_mut().zip(&self.early) {
                *place = Some(*block);
            }
            self.waiting = 0;
            self.must_ack = false;
        }
        Some(segment)
    }

    fn pick(&mut self) -> Option<Segment> {
        if self.next == 0 {
            let is_due = self.is_opener || self.received > 0;
            self.next = u64::from(is_due);
            return is_due.then(|| Segment { is_syn: true, is_new: true, ..Segment::default() });
        }
        let pure = Segment { seq: self.next, ..Segment::default() };
        if self.una == 0 || self.received == 0 {
            return None;
        }
        let pipe = self.pipe();
        if let Some((seq, len)) = self.hole().filter(|(_, len)| pipe + len <= self.window.max(FULL)) {
            self.resent = seq + len;
            // The FIN is the last number of all.
            let is_fin = seq + len > self.total + 1;
            return Some(Segment { seq, len: len - u64::from(is_fin), is_fin, ..pure });
        }
        let speaks = matches!(self.speaks, Speaks::After(octets) if self.received > octets);
        if speaks && self.next <= self.total + 1 {
            let len = FULL.min(self.total + 1 - self.next);
            let is_fin = self.next + len == self.total + 1;
            let fits = self.next + len < self.una + WINDOW && pipe + len <= self.window;
            if fits {
                self.next += len + u64::from(is_fin);
                return Some(Segment { len, is_fin, is_new: true, ..pure });
            }
        }
        self.must_ack.then_some(pure)
    }
}
