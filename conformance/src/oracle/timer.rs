//! Rules of timers: RFC 6298, RFC 9293 3.8.3 and 3.8.4, RFC 2525 2.7 to 2.11.
//!
//! A *run* is one segment, the first that is not acknowledged, sent again and again while the peer is silent: only
//! then a time-out is sure to be the reason.

use wireproof_reference::time::{Duration, Instant};

use super::case::{Late, Look};
use super::findings::Findings;
use super::ordinary::Ordinary;
use super::ranges::before;
use super::recent::Recent;
use super::registry::RuleId;
use super::segment::Arrival;
use super::sequence::is_keepalive;

/// How many sendings of a run are kept: the newest.
const KEPT: usize = 5;
/// A frame that the wire doubled comes within this time.
const DOUBLED: Duration = Duration::from_millis(50);
/// In a capture, what is sent again sooner may answer something that the capture lacks.
const SLOW: Duration = Duration::from_millis(200);
const SECOND: Duration = Duration::from_secs(1);
/// RFC 6298 2.5: an upper bound is at least 60 s.
const RTO_MAX: Duration = Duration::from_secs(58);
/// RFC 6298 5.7.
const AFTER_SYN_LOSS: Duration = Duration::from_secs(3);
/// MUST-23 and SHLD-11.
const SYN_PATIENCE: Duration = Duration::from_secs(180);
const DATA_PATIENCE: Duration = Duration::from_secs(100);
/// MUST-28.
const KEEPALIVE: Duration = Duration::from_secs(7200);
/// No time-out of what was sent once is longer: initial, or measured and bounded.
const LONGEST_FIRST: Duration = Duration::from_secs(64);

const DISTURBED: &str = "an ICMP error may have called for it";
const PROBES: &str = "with SACK, tail-loss probes (RFC 8985 7) may come before the time-out";

#[derive(Clone, Debug, Default)]
struct Side {
    seq: u32,
    is_syn: bool,
    /// Its SYN was sent again because nobody answered.
    has_lost_syn: bool,
    /// When the segment was sent, with its frames; the oldest first.
    sent: Recent<(Instant, u64), KEPT>,
    /// How often it was sent in all.
    times: u32,
    /// When the segment was sent for the first time.
    first: Option<Instant>,
    identification: Option<u16>,
    told: bool,
    /// `None` in a capture.
    known: Option<Box<Known>>,
}

/// What takes full knowledge.
#[derive(Clone, Debug, Default)]
struct Known {
    /// Keep-alives since the peer was heard.
    keepalives: Vec<u64>,
    last_heard: Option<Instant>,
    last_sent: Option<Instant>,
    /// Since when something of it has been under way.
    busy_since: Option<Instant>,
    /// How long the peer took at the most: no time-out was measured beyond some times this.
    slowest: Duration,
}

/// What the family keeps.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    sides: [Side; 2],
}

impl State {
    /// Looks at a segment.
    pub(super) fn observe(&mut self, look: &Look<'_>, out: &mut Findings) {
        let s = look.s;
        if s.is_judged {
            self.sides[s.from as usize].sent(look, out);
        }
        let other = &mut self.sides[s.from.other() as usize];
        if s.arrival != Arrival::Lost {
            other.heard(s.time, look.c.is_exact);
        }
    }

    /// Reads a little of each part.
    pub(super) fn touch(&self) -> u64 {
        let of = |side: &Side| side.first.map_or(0, Instant::as_nanos) ^ u64::from(side.seq);
        let [a, b] = &self.sides;
        of(a) ^ of(b)
    }

    /// Whether an ordinary segment is nothing but what is expected here: no time-out brought it back.
    #[inline]
    pub(super) fn expects(&self, o: &Ordinary<'_>) -> bool {
        let own = &self.sides[o.s.from as usize];
        own.times == 0 || own.seq != o.s.seq
    }

    /// Takes it.
    #[inline]
    pub(super) fn take(&mut self, o: &Ordinary<'_>) {
        let s = o.s;
        if s.seg_len() > 0 && o.una == s.seq {
            let own = &mut self.sides[s.from as usize];
            own.quiet();
            (own.seq, own.is_syn, own.identification) = (s.seq, false, s.identification);
            (own.first, own.times) = (Some(s.time), 1);
            own.sent.push((s.time, s.number));
        }
        self.sides[s.from.other() as usize].quiet();
    }

    /// What should have come before `now`.
    pub(super) fn time(&mut self, late: &Late<'_>, out: &mut Findings) {
        let side = &mut self.sides[late.end as usize];
        let own = late.c.half(late.end);
        let (Some(&(last, frame)), true, false) = (side.sent.last(), late.c.is_exact, side.told) else {
            return;
        };
        let is_unacked = own.una.zip(own.next).is_some_and(|(una, next)| before(una, next)) || side.is_syn;
        // RFC 9293 3.10.8: the user's own patience may be over, and nobody sees it.
        let is_gone = late.app.is_dead
            || late.app.has_user_timeout
            || late.c.is_over()
            || late.c.is_disturbed
            || own.peer_window == Some(0);
        let wait = match &*side.sent {
            [.., (before, _), (last, _)] => last.since(*before) * 4,
            _ => LONGEST_FIRST,
        };
        // RFC 6298 2.2, 2.3: a time-out grows with the round trips, and 2.5 bounds it from below alone.
        let slowest = side.known.as_ref().map_or(Duration::ZERO, |known| known.slowest);
        let wait = wait.max(LONGEST_FIRST).max(slowest * 8);
        if !is_unacked || is_gone || late.now.since(last) <= wait || side.times > 4 {
            return;
        }
        side.told = true;
        out.decide(RuleId::UnackedRepeated, false, (late.end, late.now, &[frame]), || {
            let silence = late.now.since(last);
            (format!("silence for {silence}"), "octets that nobody acknowledged, again".to_owned())
        });
    }

    /// The connection was given up: the application was told so.
    pub(super) fn gave_up(&mut self, late: &Late<'_>, out: &mut Findings) {
        let side = &mut self.sides[late.end as usize];
        let own = late.c.half(late.end);
        if late.app.has_user_timeout || !late.c.is_exact || late.c.is_disturbed {
            return;
        }
        let place = (late.end, late.now);
        let frames: Vec<u64> = side.sent.iter().map(|(_, frame)| *frame).collect();
        if let (Some(first), true) = (side.first, !side.sent.is_empty()) {
            let (rule, least) = match side.is_syn {
                true => (RuleId::SynPatience, SYN_PATIENCE),
                false => (RuleId::DataPatience, DATA_PATIENCE),
            };
            let tried = late.now.since(first);
            out.decide(rule, tried >= least, (place.0, place.1, &frames), || {
                (format!("given up after {tried}"), format!("{least} at least"))
            });
        } else if let Some(known) = side.known.as_ref().filter(|_| own.una == own.next) {
            let count = known.keepalives.len();
            if count > 0 {
                out.decide(
                    RuleId::KeepalivePatience,
                    count > 1,
                    (place.0, place.1, &known.keepalives),
                    || {
                        (
                            format!("given up after {count} keep-alive"),
                            "several, since one may be lost".to_owned(),
                        )
                    },
                );
            }
        }
    }
}

impl Side {
    /// The peer was heard: a run is over, whatever it said.
    fn heard(&mut self, now: Instant, is_exact: bool) {
        if let Some(known) = self.known(is_exact) {
            let took = known.busy_since.map_or(Duration::ZERO, |since| now.since(since));
            known.slowest = known.slowest.max(took);
            known.last_heard = Some(now);
        }
        self.quiet();
    }

    fn known(&mut self, is_exact: bool) -> Option<&mut Known> {
        if is_exact {
            self.known.get_or_insert_default();
        }
        self.known.as_deref_mut()
    }

    /// A run is over.
    fn quiet(&mut self) {
        self.sent.clear();
        self.times = 0;
        self.first = None;
        self.told = false;
        if let Some(known) = &mut self.known {
            known.keepalives.clear();
        }
    }

    fn sent(&mut self, look: &Look<'_>, out: &mut Findings) {
        let (s, own) = (look.s, look.own());
        let is_open = own.isn().zip(own.sure_una).is_some_and(|(isn, una)| before(isn, una));
        if is_keepalive(look) && is_open && own.peer_window != Some(0) {
            self.keepalive(look, out);
            return;
        }
        let is_begin = own.una == own.next || s.flags.syn() && self.times == 0;
        let is_taking = s.seg_len() > 0 && !s.flags.rst();
        if let Some(known) = self.known(look.c.is_exact) {
            known.last_sent = Some(s.time);
            if is_taking && is_begin {
                known.busy_since = Some(s.time);
            }
        }
        if !is_taking {
            return;
        }
        let is_first = if s.flags.syn() { true } else { own.una.is_none_or(|una| una == s.seq) };
        if !is_first {
            return;
        }
        let is_same = self.times > 0 && self.seq == s.seq && self.is_syn == s.flags.syn();
        if !is_same {
            self.quiet();
            (self.seq, self.is_syn, self.identification) = (s.seq, s.flags.syn(), s.identification);
        } else if self.is_doubled(look) {
            return;
        } else if look.c.is_exact {
            out.held(RuleId::UnackedRepeated);
        }
        // A run that begins with a segment sent again has a beginning that was not seen.
        if self.times == 0 && own.next.is_some_and(|next| before(s.seq, next)) {
            self.times = 1;
        }
        self.first.get_or_insert(s.time);
        self.times += 1;
        self.has_lost_syn |= self.is_syn && self.times > 1;
        self.identification = s.identification;
        self.sent.push((s.time, s.number));
        self.judge(look, out);
    }

    /// The same datagram again: the wire doubled it.
    fn is_doubled(&self, look: &Look<'_>) -> bool {
        let is_same_datagram =
            look.s.identification.is_some_and(|id| id != 0 && self.identification == Some(id));
        let is_near = self.sent.last().is_some_and(|(last, _)| look.s.time.since(*last) < DOUBLED);
        !look.c.is_exact && (is_same_datagram || is_near)
    }

    fn judge(&self, look: &Look<'_>, out: &mut Findings) {
        let (s, own) = (look.s, look.own());
        let [.., (before_last, old), (last, new)] = self.sent[..] else { return };
        if own.peer_window == Some(0) && !s.flags.syn() {
            return;
        }
        let (wait, frames) = (last.since(before_last), [old, new]);
        let floor = SECOND.saturating_sub(Duration::from_millis(100));
        if self.times == 2 && s.flags.syn() {
            out.decide(RuleId::InitialRto, wait >= floor, look.place(&frames), || {
                (format!("the SYN again after {wait}"), "after 1 s at least".to_owned())
            });
        } else if look.c.is_disturbed && !s.flags.syn() {
            // RFC 1191 6.4: what was too big goes again at once; RFC 6069 4: what was unreachable, with the first wait.
            out.undecidable(RuleId::RtoFloor, DISTURBED);
            return out.undecidable(RuleId::RtoBackoff, DISTURBED);
        } else if self.times == 2 {
            self.after_syn_loss(look, wait, out);
            match look.c.has_sack() {
                Some(false) => out.decide(RuleId::RtoFloor, wait >= floor, look.place(&frames), || {
                    (format!("a time-out after {wait}"), "1 s at least".to_owned())
                }),
                Some(true) if wait >= floor => out.held(RuleId::RtoFloor),
                Some(true) | None => out.undecidable(RuleId::RtoFloor, PROBES),
            }
        }
        self.backoff(look, out);
    }

    /// RFC 6298 5.7, where no timestamp measured a round trip.
    fn after_syn_loss(&self, look: &Look<'_>, wait: Duration, out: &mut Findings) {
        let own = look.own();
        let is_first = own.isn().is_some_and(|isn| isn.wrapping_add(1) == look.s.seq);
        if !self.has_lost_syn || !is_first || !look.c.is_exact || look.c.has_timestamps() != Some(false) {
            return;
        }
        let frames: Vec<u64> = self.sent.iter().map(|(_, frame)| *frame).collect();
        // A timer that counts ticks may fire early by the part of a tick in which it was set.
        let is_kept = (wait + look.granularity()) * 100 >= AFTER_SYN_LOSS * 95;
        out.decide(RuleId::RtoAfterSynLoss, is_kept, look.place(&frames), || {
            (format!("a time-out after {wait}"), format!("{AFTER_SYN_LOSS}, since the SYN was lost"))
        });
    }

    /// RFC 6298 5.5. A capture may lack a sending, which makes a wait look longer than it was: there it takes three
    /// waits that do not grow.
    fn backoff(&self, look: &Look<'_>, out: &mut Findings) {
        let waits: Vec<Duration> = self.sent.windows(2).map(|pair| pair[1].0.since(pair[0].0)).collect();
        let frames: Vec<u64> = self.sent.iter().map(|(_, frame)| *frame).collect();
        let may_probe = look.c.has_sack() != Some(false) && !self.is_syn;
        // Where the peer is never seen nobody knows whether it answered.
        let is_heard = self.is_syn || look.peer().last.is_some() && !look.c.has_gaps();
        let grows = match waits[..] {
            [.., a, b, c] if !look.c.is_exact && is_heard => {
                (a >= SLOW).then_some(b * 10 > a * 12 || c * 10 > b * 12 || c >= RTO_MAX)
            }
            [.., a, b] if look.c.is_exact && (!may_probe || self.times > 3) => {
                let slack = look.granularity() * 2;
                Some(b + slack >= a * 2 * 95 / 100 || b >= RTO_MAX)
            }
            _ => None,
        };
        let Some(grows) = grows else { return };
        out.decide(RuleId::RtoBackoff, grows, look.place(&frames), || {
            let told: Vec<String> = waits.iter().map(|wait| wait.to_string()).collect();
            (format!("waits of {}", told.join(", ")), "each twice the one before".to_owned())
        });
    }

    /// MUST-25, MUST-28: only where asked for, and after two hours.
    fn keepalive(&mut self, look: &Look<'_>, out: &mut Findings) {
        let s = look.s;
        let known = self.known.get_or_insert_default();
        let idle = known.last_heard.max(known.last_sent).map(|last| s.time.since(last));
        if known.keepalives.len() < KEPT {
            known.keepalives.push(s.number);
        }
        if !look.c.is_exact || !look.app.is_mapped {
            return;
        }
        out.decide(RuleId::KeepaliveAsked, look.app.has_keepalive, look.place(&[s.number]), || {
            ("a keep-alive".to_owned(), "none: the application did not ask for any".to_owned())
        });
        let Some(idle) =
            idle.filter(|_| look.app.has_keepalive && !look.app.sets_times && known.keepalives.len() == 1)
        else {
            return;
        };
        out.decide(RuleId::KeepaliveInterval, idle + SECOND >= KEEPALIVE, look.place(&[s.number]), || {
            (
                format!("a keep-alive after {idle}"),
                "after 7200 s, since the application set nothing".to_owned(),
            )
        });
    }
}
