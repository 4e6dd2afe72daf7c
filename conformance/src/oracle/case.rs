//! One connection before the judge: its follower, the memory of each family of rules, what was found, figures.

use core::net::SocketAddr;

use wireproof_reference::time::{Duration, Instant};

use super::acknowledgment;
use super::application::{self, App, NOBODY};
use super::congestion;
use super::findings::Findings;
use super::follower::{Connection, Half};
use super::judge::{JudgeOptions, Succession};
use super::judgement::{ConnectionJudgement, End};
use super::notice::{self, Notice};
use super::opening;
use super::ordinary::Ordinary;
use super::registry::RuleId;
use super::reset;
use super::segment::{Face, Segment, Sum};
use super::summary::Figures;
use super::timer;
use super::trace::Deed;
use super::window;
use super::{format, options, sequence, urgent};
use crate::device::{Errno, Timing};

/// Frames captured twice come within this time of each other.
const TWICE: Duration = Duration::from_millis(10);

/// What a family is shown: a segment, and the connection before it.
#[derive(Clone, Copy)]
pub(super) struct Look<'a> {
    pub(super) c: &'a Connection,
    pub(super) s: &'a Segment<'a>,
    pub(super) timing: Option<Timing>,
    /// The application at the end that is judged.
    pub(super) app: &'a App,
}

impl<'a> Look<'a> {
    /// The sender.
    pub(super) fn own(&self) -> &'a Half {
        self.c.half(self.s.from)
    }

    /// The other end.
    pub(super) fn peer(&self) -> &'a Half {
        self.c.half(self.s.from.other())
    }

    /// What "at once" may take.
    pub(super) fn at_once(&self) -> Duration {
        self.timing.map_or(Duration::ZERO, |timing| timing.at_once + timing.granularity)
            + acknowledgment::AT_ONCE
    }

    /// How much later than asked a timer may fire.
    pub(super) fn granularity(&self) -> Duration {
        self.timing.map_or(Duration::from_millis(10), |timing| timing.granularity)
    }

    /// Where a break by the sender, shown by this segment and those before, is noted.
    pub(super) fn place<'f>(&self, frames: &'f [u64]) -> (End, Instant, &'f [u64]) {
        (self.s.from, self.s.time, frames)
    }
}

/// What a family is shown when time has passed, or the application did something.
#[derive(Clone, Copy)]
pub(super) struct Late<'a> {
    pub(super) c: &'a Connection,
    /// The end that is judged.
    pub(super) end: End,
    pub(super) now: Instant,
    pub(super) app: &'a App,
}

/// The memories of the families that have one.
#[derive(Debug, Default)]
struct Families {
    window: window::State,
    acknowledgment: acknowledgment::State,
    opening: opening::State,
    reset: reset::State,
    timer: timer::State,
    congestion: congestion::State,
    options: options::State,
    /// `None` where no error came.
    notice: Option<Box<notice::State>>,
}

/// A connection that is followed.
#[derive(Debug)]
pub(super) struct Case {
    number: u64,
    ends: [SocketAddr; 2],
    first_frame: u64,
    start: Instant,
    connection: Connection,
    out: Findings,
    figures: Figures,
    timing: Option<Timing>,
    families: Families,
    /// `None` in a capture.
    app: Option<Box<App>>,
    /// A SYN amid the connection, which may begin another one.
    candidate: Option<Box<Segment<'static>>>,
    last: Instant,
    is_thorough: bool,
}

impl Case {
    pub(super) fn new(
        number: u64,
        ends: [SocketAddr; 2],
        began: (u64, Instant),
        options: &JudgeOptions,
        is_torn: bool,
    ) -> Self {
        let mut connection = Connection::new(ends, options.is_scenario && !is_torn);
        connection.is_torn = is_torn;
        Self {
            number,
            ends,
            first_frame: began.0,
            start: began.1,
            connection,
            out: Findings::default(),
            figures: Figures::default(),
            timing: options.timing,
            families: Families::default(),
            app: None,
            candidate: None,
            last: began.1,
            is_thorough: options.is_thorough,
        }
    }

    /// Reads a little of each part of what ordinary segments need; what comes of it means nothing.
    pub(super) fn touch(&self) -> u64 {
        self.connection.touch() ^ self.families.touch() ^ self.figures.touch() ^ self.last.as_nanos()
    }

    /// Its number.
    pub(super) const fn number(&self) -> u64 {
        self.number
    }

    /// How much memory the octets take that may be sent again.
    pub(super) fn octets_room(&self) -> usize {
        self.connection.octets_room()
    }

    /// Gives that memory back: what is sent again is then compared with nothing.
    pub(super) fn forget_octets(&mut self) {
        self.connection.forget_octets();
    }

    /// When it was last heard of.
    pub(super) fn last(&self) -> Instant {
        self.last
    }

    /// Which end has this address.
    pub(super) fn end_of(&self, address: SocketAddr) -> End {
        if self.ends[0] == address { End::A } else { End::B }
    }

    /// From now on nobody knows for sure what arrived.
    pub(super) fn blur(&mut self) {
        self.connection.is_exact = false;
        self.connection.is_torn = true;
    }

    /// How long it was since the last segment is not known.
    pub(super) fn lose_time(&mut self) {
        self.connection.is_torn = true;
        self.families.timer = timer::State::default();
    }

    /// Whether a segment goes on with this connection.
    pub(super) fn succession(&self, tcp: &Face, silence: Duration) -> Succession {
        let (end, now) = (self.end_of(tcp.from), tcp.time);
        if !tcp.flags.syn() || tcp.flags.rst() {
            return Succession::Same;
        }
        let isn = self.connection.half(end).isn();
        if !tcp.flags.ack() {
            // Whoever is judged knows that its old connection is gone; in TIME-WAIT the other end's SYN may be refused.
            let own = self.connection.half(end);
            let is_reset = own.reset.is_some() || self.connection.half(end.other()).reset.is_some();
            let is_gone =
                is_reset || self.connection.is_over() && (own.is_judged || !self.connection.is_exact);
            let is_another = isn.is_some_and(|isn| isn != tcp.seq)
                && (is_gone || now.since(self.last) >= silence && !self.connection.is_exact);
            return if is_another { Succession::Another } else { Succession::Same };
        }
        let answered = |syn: &Segment<'_>| syn.from == end.other() && syn.seq.wrapping_add(1) == tcp.ack;
        match &self.candidate {
            Some(syn) if answered(syn) => Succession::After(syn.clone()),
            _ => Succession::Same,
        }
    }

    /// Looks at the next segment.
    pub(super) fn observe(&mut self, segment: &Segment<'_>) {
        if self.is_taken(segment) || self.is_captured_twice(segment) {
            return;
        }
        self.last = segment.time;
        let is_fresh_syn = segment.flags.syn() && segment.ack.is_none();
        if is_fresh_syn && self.connection.half(segment.from).first.is_some_and(|first| first != segment.seq)
        {
            self.candidate = Some(Box::new(segment.bare()));
        }
        self.pass(segment.time);
        self.figures.observe(&self.connection, segment);
        let app = self.app.as_deref().unwrap_or(&NOBODY);
        let look = Look { c: &self.connection, s: segment, timing: self.timing, app };
        let is_doubtful = segment.tcp_sum == Sum::Wrong || segment.ip_sum == Sum::Wrong;
        if is_doubtful && !self.connection.is_exact {
            format::sums(&look, &mut self.out);
            if segment.tcp_sum == Sum::Wrong && self.connection.half(segment.from).has_right_sum {
                // Damaged on the way: nobody can tell what its sender sent.
                return self.connection.lose(segment.from);
            }
            // Never reckoned, it seems: it is heard, but its sender is not judged by it.
            let heard = Segment { is_judged: false, ..*segment };
            self.families.observe(&Look { s: &heard, ..look }, &mut self.out);
            return self.connection.apply(&heard);
        }
        self.families.observe(&look, &mut self.out);
        if self.connection.is_exact {
            let end = if segment.is_judged { segment.from } else { segment.from.other() };
            let app = self.app.get_or_insert_with(|| Box::new(App::new()));
            application::observe(&self.connection, segment, (app, end), &mut self.out);
        }
        self.connection.apply(segment);
    }

    /// Takes the segment if it is ordinary to all; whether it is.
    #[inline]
    fn is_taken(&mut self, segment: &Segment<'_>) -> bool {
        let Some(ordinary) = Ordinary::of(&self.connection, segment) else { return false };
        if self.is_thorough || !self.families.expects(&ordinary) {
            return false;
        }
        self.last = segment.time;
        self.figures.take(&ordinary);
        self.families.take(&ordinary, &mut self.out);
        let Ordinary { ack, window, .. } = ordinary;
        self.connection.take(segment, ack, window);
        true
    }

    /// The application at the end with the address `own` did something.
    pub(super) fn application(&mut self, now: Instant, own: SocketAddr, deed: &Deed<'_>) {
        let end = self.end_of(own);
        self.pass(now);
        let app = self.app.get_or_insert_with(|| Box::new(App::new()));
        let late = Late { c: &self.connection, end, now, app: &NOBODY };
        application::deed(&late, app, deed, &mut self.out);
        let late = Late { app, ..late };
        self.families.deed(&late, deed, &mut self.out);
    }

    /// An ICMP error spoke of it, to the sender of what it quotes if it is known that it arrived there.
    pub(super) fn disturb(&mut self, from: Option<SocketAddr>, notice: &Notice) {
        if let Some(end) = from.map(|from| self.end_of(from)) {
            self.families.notice.get_or_insert_default().arrived(&self.connection, end, notice);
        }
        self.connection.is_disturbed = true;
    }

    /// Time passes up to `now`.
    fn pass(&mut self, now: Instant) {
        for end in [End::A, End::B] {
            if self.connection.half(end).is_judged && self.connection.is_exact {
                let app = self.app.as_deref().unwrap_or(&NOBODY);
                let late = Late { c: &self.connection, end, now, app };
                self.families.time(&late, &mut self.out);
            }
        }
    }

    /// Whether it ended before the eyes of the observer.
    pub(super) fn is_over(&self) -> bool {
        self.connection.is_over()
    }

    /// The end of it, or of all packets. It holds no octets behind it, and is good for nothing but its place.
    pub(super) fn finish(&mut self, end: Instant) -> ConnectionJudgement {
        self.pass(end);
        self.forget_octets();
        let states = [self.connection.states(End::A), self.connection.states(End::B)];
        ConnectionJudgement {
            number: self.number,
            first_frame: self.first_frame,
            start: self.start,
            ends: self.ends,
            summary: self.figures.summary(&self.connection, self.last.since(self.start)),
            verdicts: std::mem::take(&mut self.out).verdicts(),
            states,
        }
    }

    /// A capture on several interfaces shows a frame several times.
    fn is_captured_twice(&self, segment: &Segment<'_>) -> bool {
        let Some(last) = &self.connection.half(segment.from).last else { return false };
        !self.connection.is_exact
            && segment.time.since(last.time) < TWICE
            && (segment.seq, segment.ack, segment.flags, segment.len, segment.window, segment.checksum)
                == (last.seq, last.ack, last.flags, last.len, last.window, last.checksum)
            && segment.identification == last.identification
            && segment.number > last.number
            && (segment.identification.is_some_and(|id| id != 0) || segment.seg_len() > 0)
    }
}

impl Families {
    fn observe(&mut self, look: &Look<'_>, out: &mut Findings) {
        if look.s.is_judged {
            format::observe(look, out);
            sequence::observe(look, out);
            urgent::observe(look, look.app, out);
        }
        self.options.observe(look, out);
        self.window.observe(look, out);
        self.acknowledgment.observe(look, out);
        self.opening.observe(look, out);
        self.reset.observe(look, out);
        self.timer.observe(look, out);
        self.congestion.observe(look, out);
        if let Some(notice) = &mut self.notice {
            notice.sent(look, out);
        }
    }

    /// Whether an ordinary segment is what all families expect.
    #[inline]
    fn expects(&self, o: &Ordinary<'_>) -> bool {
        self.options.expects(o)
            && self.window.expects(o)
            && self.acknowledgment.expects(o)
            && self.timer.expects(o)
            && self.congestion.expects(o)
    }

    fn touch(&self) -> u64 {
        self.options.touch() ^ self.timer.touch() ^ self.congestion.touch()
    }

    /// Takes it, as [`Families::observe`] would.
    #[inline]
    fn take(&mut self, o: &Ordinary<'_>, out: &mut Findings) {
        out.usual(o);
        if o.s.len > 0 && o.agreed.isn[o.s.from as usize].wrapping_add(1) == o.s.seq {
            out.held(RuleId::SynTakesOne);
        }
        self.options.take(o);
        self.window.take(o);
        self.acknowledgment.take(o);
        self.reset.take(o);
        self.timer.take(o);
        self.congestion.take(o, out);
    }

    fn time(&mut self, late: &Late<'_>, out: &mut Findings) {
        self.window.time(late, out);
        self.acknowledgment.time(late, out);
        self.opening.time(late, out);
        self.reset.time(late, out);
        self.timer.time(late, out);
        self.congestion.time(late, out);
    }

    fn deed(&mut self, late: &Late<'_>, deed: &Deed<'_>, out: &mut Findings) {
        self.acknowledgment.stir(late);
        self.opening.deed(late);
        self.reset.deed(late);
        let is_fatal = |error: &Errno| {
            matches!(
                error,
                Errno::ECONNREFUSED | Errno::EHOSTUNREACH | Errno::ENETUNREACH | Errno::ECONNABORTED
            )
        };
        if matches!(deed, Deed::Ended(_, Err(error)) if is_fatal(error)) {
            self.notice.iter().for_each(|notice| notice.told(late, out));
        }
        if matches!(deed, Deed::Ended(_, Err(Errno::ECONNRESET))) {
            self.reset.told(late, out);
        }
        if matches!(deed, Deed::Ended(_, Err(Errno::ETIMEDOUT))) {
            self.window.gave_up(late, out);
            self.timer.gave_up(late, out);
        }
    }
}
