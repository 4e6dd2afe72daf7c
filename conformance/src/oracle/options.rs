//! Rules of TCP options: RFC 7323, RFC 2018, RFC 2883.

use super::case::Look;
use super::findings::Findings;
use super::ordinary::Ordinary;
use super::ranges::{at_or_before, before};
use super::registry::RuleId;
use super::segment::{Arrival, Segment};

const GAP: &str = "the capture may lack the segments that were reported";
const ORDER: &str = "a capture does not tell in which order segments were sent";

/// The latest timestamp that an end sent, the frame, and the numbers behind that.
#[derive(Clone, Copy, Debug)]
struct Clock {
    value: u32,
    frame: u64,
    /// `None`: it was sent again, so that what bears later numbers may have been sent earlier.
    end: Option<u32>,
}

#[derive(Clone, Debug, Default)]
struct Side {
    clock: Option<Clock>,
    first: Option<u32>,
    /// An echo of what was not seen: value, frame, the number behind what shows that its owner has not reached it.
    echo: Option<(u32, u64, Option<u32>)>,
    /// The only segment with octets that arrived since it last sent.
    stimulus: Option<Box<Segment<'static>>>,
    stimuli: u32,
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
            offers(look, out);
            if !s.flags.rst() {
                self.timestamps(look, out);
                self.sack(look, out);
            }
        }
        self.arrived(look, out);
        let side = &mut self.sides[s.from as usize];
        side.stimulus = None;
        side.stimuli = 0;
        if let Some((value, _)) = s.options.timestamps.filter(|_| !s.flags.rst()) {
            side.first.get_or_insert(value);
            if side.clock.is_none_or(|clock| at_or_before(clock.value, value)) {
                let end = look.own().next.is_none_or(|next| at_or_before(next, s.seq)).then(|| s.end());
                side.clock = Some(Clock { value, frame: s.number, end });
            }
        }
    }

    /// Reads a little of each part.
    pub(super) fn touch(&self) -> u64 {
        self.sides.iter().fold(0, |all, side| all ^ side.clock.map_or(0, |clock| clock.frame))
    }

    /// Whether an ordinary segment is nothing but what is expected here.
    #[inline]
    pub(super) fn expects(&self, o: &Ordinary<'_>) -> bool {
        let Some((value, echo)) = o.s.options.timestamps else { return true };
        let (own, peer) = (&self.sides[o.s.from as usize], &self.sides[o.s.from.other() as usize]);
        let (Some(clock), Some(heard)) = (own.clock, peer.clock) else { return false };
        peer.echo.is_none()
            && at_or_before(clock.value, value)
            && (echo == 0 || at_or_before(echo, heard.value))
    }

    /// Takes it.
    #[inline]
    pub(super) fn take(&mut self, o: &Ordinary<'_>) {
        let Some((value, _)) = o.s.options.timestamps else { return };
        let side = &mut self.sides[o.s.from as usize];
        side.clock = Some(Clock { value, frame: o.s.number, end: Some(o.s.end()) });
    }

    fn arrived(&mut self, look: &Look<'_>, out: &mut Findings) {
        let s = look.s;
        let side = &mut self.sides[s.from.other() as usize];
        if s.arrival != Arrival::Lost {
            side.stimuli += 1;
            side.stimulus = (s.len > 0 && look.c.is_accepted(s)).then(|| Box::new(s.bare()));
        }
        // The echo of a timestamp that its owner has not reached even now: two new segments show it, since one may
        // have been overtaken.
        if let (Some((echo, frame, shown)), Some((value, _))) = (side.echo, s.options.timestamps) {
            if !before(value, echo) {
                side.echo = None;
                return;
            }
            if !look.c.half(s.from).is_new(s) || look.c.has_gaps() {
                return;
            }
            side.echo = Some((echo, frame, shown.or(Some(s.end()))));
            if shown.is_some_and(|end| at_or_before(end, s.seq)) {
                side.echo = None;
                out.decide(RuleId::EchoOfSent, false, (s.from.other(), s.time, &[frame, s.number]), || {
                    (
                        format!("TSecr {echo}"),
                        format!("what had been sent: the clock comes to {value} only later"),
                    )
                });
            }
        }
    }

    fn timestamps(&mut self, look: &Look<'_>, out: &mut Findings) {
        let (s, frames) = (look.s, [look.s.number]);
        if !s.flags.syn() {
            // RFC 7323 3.2.
            match (look.c.has_timestamps(), s.options.timestamps) {
                (Some(true), option) => {
                    out.decide(RuleId::TimestampsKept, option.is_some(), look.place(&frames), || {
                        ("no timestamps".to_owned(), "timestamps, as both SYNs bore them".to_owned())
                    })
                }
                // Without ACK it may have been sent before the answer came.
                (Some(false), option) if s.ack.is_some() || look.c.is_exact => {
                    out.decide(RuleId::TimestampsInvited, option.is_none(), look.place(&frames), || {
                        ("timestamps".to_owned(), "none: not both SYNs bore them".to_owned())
                    });
                }
                (Some(false), _) => {}
                (None, _) => out.undecidable(RuleId::TimestampsKept, "not both SYNs were seen"),
            }
        }
        let Some((value, echo)) = s.options.timestamps else { return };
        self.forward(look, value, out);
        if s.ack.is_none() {
            out.decide(RuleId::EchoZero, echo == 0, look.place(&frames), || {
                (format!("TSecr {echo} without ACK"), "0".to_owned())
            });
        } else if echo != 0 && look.peer().first.is_some() {
            self.echo(look, echo, out);
        }
    }

    /// RFC 7323 5.4. Segments sent again may be the very same datagrams; a capture may be out of order, and only new
    /// octets behind what was acknowledged meanwhile show that a segment was sent later.
    fn forward(&self, look: &Look<'_>, value: u32, out: &mut Findings) {
        let (s, own) = (look.s, look.own());
        let Some(clock) = self.sides[s.from as usize].clock else { return };
        if at_or_before(clock.value, value) {
            return out.held(RuleId::TimestampsForward);
        }
        if s.seg_len() > 0 && !own.is_new(s) {
            return;
        }
        let is_after = |end, una| at_or_before(end, una) && at_or_before(una, s.seq);
        let is_later = look.c.is_exact
            || s.len > 0 && clock.end.zip(own.una).is_some_and(|(end, una)| is_after(end, una));
        if !is_later {
            return out.undecidable(RuleId::TimestampsForward, ORDER);
        }
        out.decide(RuleId::TimestampsForward, false, look.place(&[clock.frame, s.number]), || {
            (format!("TSval {value}"), format!("TSval {} or more", clock.value))
        });
    }

    /// RFC 7323 4.3: what is echoed is TS.Recent, which the peer sent.
    fn echo(&mut self, look: &Look<'_>, echo: u32, out: &mut Findings) {
        let s = look.s;
        self.early(look, echo, out);
        let peer = &self.sides[s.from.other() as usize];
        let (Some(clock), Some(first)) = (peer.clock, peer.first) else { return };
        let is_known = at_or_before(echo, clock.value) && (!look.c.is_exact || at_or_before(first, echo));
        if is_known {
            return out.held(RuleId::EchoOfSent);
        }
        if look.c.is_exact {
            return out.decide(RuleId::EchoOfSent, false, look.place(&[clock.frame, s.number]), || {
                (format!("TSecr {echo}"), format!("{first} to {}, what was sent", clock.value))
            });
        }
        out.undecidable(RuleId::EchoOfSent, GAP);
        if !look.c.has_gaps() {
            self.sides[s.from as usize].echo = Some((echo, s.number, None));
        }
    }

    /// RFC 7323 4.3, (2): TS.Recent is not taken from a segment behind Last.ACK.sent.
    fn early(&self, look: &Look<'_>, echo: u32, out: &mut Findings) {
        let (s, own) = (look.s, look.own());
        let side = &self.sides[s.from as usize];
        let (Some(stimulus), 1, true, Some((acked, _))) =
            (&side.stimulus, side.stimuli, look.c.is_exact, own.ack)
        else {
            return;
        };
        let recent = own.last.as_ref().and_then(|last| last.echo);
        let (Some((value, _)), Some(recent)) = (stimulus.options.timestamps, recent) else { return };
        if s.ack != Some(acked) || !before(acked, stimulus.seq) || value == recent {
            return;
        }
        out.decide(RuleId::EchoOfEarly, echo != value, look.place(&[stimulus.number, s.number]), || {
            (format!("TSecr {echo}, of a segment that left a gap"), format!("TSecr {recent}"))
        });
    }

    fn sack(&self, look: &Look<'_>, out: &mut Findings) {
        let (s, own, peer, frames) = (look.s, look.own(), look.peer(), [look.s.number]);
        let blocks = s.options.blocks();
        let (false, Some(ack)) = (blocks.is_empty(), s.ack) else { return };
        if let Some(syn) = peer.syn_options() {
            // RFC 2018 4.
            out.decide(RuleId::SackInvited, syn.sack_permitted, look.place(&frames), || {
                ("SACK blocks".to_owned(), "none: the peer's SYN did not permit them".to_owned())
            });
        }
        let is_ordered = blocks.iter().all(|(left, right)| before(*left, *right));
        out.decide(RuleId::SackOrder, is_ordered, look.place(&frames), || {
            ("a block whose right edge is not behind its left one".to_owned(), "left before right".to_owned())
        });
        if !is_ordered {
            return;
        }
        // RFC 2883 4: only the first block may tell of duplicates.
        let low = blocks.iter().skip(1).find(|(left, _)| at_or_before(*left, ack));
        out.decide(RuleId::SackAboveAck, low.is_none(), look.place(&frames), || {
            let (left, right) = low.copied().unwrap_or_default();
            (format!("a block {left}..{right} with ACK {ack}"), format!("blocks behind {ack}"))
        });
        let beyond = blocks.iter().find(|(_, right)| peer.next.is_none_or(|next| before(next, *right)));
        let missing =
            blocks.iter().find(|(left, right)| before(ack, *left) && !own.received.holds(*left, *right));
        if !look.c.is_exact || own.received.is_partial {
            match beyond.or(missing) {
                Some(_) => out.undecidable(RuleId::SackReceived, GAP),
                None => out.held(RuleId::SackReceived),
            }
            return;
        }
        out.decide(RuleId::SackReceived, beyond.or(missing).is_none(), look.place(&frames), || {
            let (left, right) = beyond.or(missing).copied().unwrap_or_default();
            (format!("a block {left}..{right}"), "blocks of what arrived".to_owned())
        });
        self.first_block(look, ack, out);
    }

    /// RFC 2018 4: the first block holds what brought it about, unless the acknowledgment number moved.
    fn first_block(&self, look: &Look<'_>, ack: u32, out: &mut Findings) {
        let (s, own) = (look.s, look.own());
        let side = &self.sides[s.from as usize];
        let (Some(stimulus), 1, Some(&(left, right))) =
            (&side.stimulus, side.stimuli, s.options.blocks().first())
        else {
            return;
        };
        let has_moved = own.ack.is_none_or(|(old, _)| before(old, ack));
        if has_moved || s.len > 0 || before(stimulus.seq, ack) {
            return;
        }
        let holds = at_or_before(left, stimulus.seq) && before(stimulus.seq, right);
        out.decide(RuleId::SackFirst, holds, look.place(&[stimulus.number, s.number]), || {
            let permitted = format!("a first block that holds {}", stimulus.seq);
            (format!("a first block {left}..{right}"), permitted)
        });
    }
}

/// What a SYN offers, and what may stand on no other segment.
fn offers(look: &Look<'_>, out: &mut Findings) {
    let (s, own, frames) = (look.s, look.own(), [look.s.number]);
    if !s.flags.syn() {
        // RFC 2018 2.
        return out.decide(
            RuleId::SackPermittedOnSyn,
            !s.options.sack_permitted,
            look.place(&frames),
            || ("a SACK-permitted option without SYN".to_owned(), "none".to_owned()),
        );
    }
    if let Some(scale) = s.options.scale {
        // RFC 7323 2.3.
        out.decide(RuleId::ScaleLimit, scale <= 14, look.place(&frames), || {
            (format!("a window scale of {scale}"), "14 at the most".to_owned())
        });
    }
    // Who opened too offers what it offered before.
    let has_opened = own.syn.is_some_and(|syn| !syn.has_ack);
    let (Some(syn), Some(_), false) = (look.peer().syn_options(), s.ack, has_opened) else { return };
    for (rule, offered, invited, name) in [
        (RuleId::ScaleInvited, s.options.scale.is_some(), syn.scale.is_some(), "a window scale"),
        (RuleId::TimestampsInvited, s.options.timestamps.is_some(), syn.has_timestamps, "timestamps"),
    ] {
        out.decide(rule, !offered || invited, look.place(&frames), || {
            (format!("{name} on the SYN with ACK"), "none, as the SYN had none".to_owned())
        });
    }
}
