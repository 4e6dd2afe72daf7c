//! What becomes of a capture on the way to its file: frames that were not captured, cut off, seen late or twice, merged
//! by the network card, without checksums.

use std::fmt;

use wireproof_reference::random::Random;
use wireproof_reference::time::{Duration, Instant};

use super::Seen;

/// Cards merge, and programs swap, only what comes so near to one another.
const NEAR: Duration = Duration::from_millis(3);

/// A way to degrade a capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// The first frames were not captured.
    BegunLate(usize),
    /// The last frames were not captured.
    EndedEarly(usize),
    /// Each n-th frame is missing, from one on.
    EachNth { n: usize, first: usize },
    /// Frames are missing by chance, so many in a thousand.
    Missing(u64),
    /// All frames of a stretch are missing.
    Hole { at: usize, len: usize },
    /// One end was not captured at all.
    OneSided(usize),
    /// So many octets of each packet were kept.
    SnapLength(usize),
    /// Neighbours of adjoining numbers came as one frame of so many octets at the most; whose checksums are not filled.
    Merged { most: usize, is_filled: bool },
    /// No checksum of one end was filled in: the sum of the pseudo-header, or nonsense.
    Unfilled { end: usize, is_pseudo: bool },
    /// Each frame of one end is there twice.
    Twice(usize),
    /// Some neighbours, near in time, stand in the other order, so many in a thousand.
    Swapped(u64),
    /// The clock counts in steps.
    Coarse(Duration),
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl Way {
    /// A way by chance, for a capture of so many frames.
    pub(crate) fn draw(random: &mut Random, frames: usize) -> Self {
        let mut below = |bound: usize| usize::try_from(random.below(bound.max(1) as u64)).unwrap();
        let duration = |millis: usize| Duration::from_millis(millis as u64);
        match below(15) {
            0 => Self::BegunLate(1 + below(3)),
            1 => Self::BegunLate(1 + below(frames)),
            2 => Self::EndedEarly(1 + below(frames)),
            3 => {
                let n = 2 + below(9);
                Self::EachNth { n, first: below(n) }
            }
            4 => Self::Missing([5, 20, 100, 400][below(4)]),
            5 => Self::Hole { at: below(frames), len: 1 + below(12) },
            6 => Self::OneSided(below(2)),
            7 => Self::SnapLength([40, 50, 54, 60, 68, 82, 96][below(7)]),
            8..=10 => {
                Self::Merged { most: [3000, 20_000, 65_535, 100_000][below(4)], is_filled: below(2) == 0 }
            }
            11 => Self::Unfilled { end: below(2), is_pseudo: below(2) == 0 },
            12 => Self::Twice(below(2)),
            13 => Self::Swapped([20, 100, 500][below(3)]),
            _ => Self::Coarse(duration([1, 10, 55, 1000][below(4)])),
        }
    }

    /// The capture as it is then.
    pub(crate) fn apply(self, frames: &[Seen], random: &mut Random) -> Vec<Seen> {
        let keep = |is_kept: &mut dyn FnMut(usize, &Seen) -> bool| {
            frames
                .iter()
                .enumerate()
                .filter(|(n, frame)| is_kept(*n, frame))
                .map(|(_, one)| one.clone())
                .collect()
        };
        match self {
            Self::BegunLate(count) => keep(&mut |n, _| n >= count),
            Self::EndedEarly(count) => keep(&mut |n, _| n + count < frames.len()),
            Self::EachNth { n: step, first } => keep(&mut |n, _| n % step != first),
            Self::Missing(per_mille) => keep(&mut |_, _| random.below(1000) >= per_mille),
            Self::Hole { at, len } => keep(&mut |n, _| n < at || n >= at + len),
            Self::OneSided(end) => keep(&mut |_, frame| frame.from == end),
            Self::SnapLength(most) => {
                // Where the end is cut off, nobody can tell what was damaged: cards pass on what is sound.
                let mut cut = keep(&mut |_, frame| Places::of(frame).is_none() || is_sound(frame));
                cut.iter_mut().for_each(|frame| frame.octets.truncate(most));
                cut
            }
            Self::Merged { most, is_filled } => merged(frames, most, is_filled),
            Self::Unfilled { end, is_pseudo } => {
                // Seen on the sender's own machine, where nothing is damaged yet.
                let mut left = keep(&mut |_, frame| frame.from != end || is_sound(frame));
                left.iter_mut().filter(|frame| frame.from == end).for_each(|frame| unfill(frame, is_pseudo));
                left
            }
            Self::Twice(end) => twice(frames, end),
            Self::Swapped(per_mille) => swapped(frames, per_mille, random),
            Self::Coarse(step) => each(frames, |frame| {
                let nanos = frame.time.as_nanos();
                frame.time = Instant::from_nanos(nanos - nanos % step.as_nanos().max(1));
            }),
        }
    }
}

fn each(frames: &[Seen], mut change: impl FnMut(&mut Seen)) -> Vec<Seen> {
    let mut frames = frames.to_vec();
    frames.iter_mut().for_each(&mut change);
    frames
}

fn twice(frames: &[Seen], end: usize) -> Vec<Seen> {
    let copy = |frame: &Seen| {
        let again = Seen { time: frame.time + Duration::from_micros(7), ..frame.clone() };
        std::iter::once(frame.clone()).chain((frame.from == end).then_some(again)).collect::<Vec<_>>()
    };
    frames.iter().flat_map(copy).collect()
}

/// Neighbours in the file stand in the other order; their times do not.
fn swapped(frames: &[Seen], per_mille: u64, random: &mut Random) -> Vec<Seen> {
    let mut frames = frames.to_vec();
    let mut at = 1;
    while at < frames.len() {
        let is_near = frames[at].time.since(frames[at - 1].time) <= NEAR;
        if is_near && random.below(1000) < per_mille {
            frames.swap(at - 1, at);
            let times = (frames[at - 1].time, frames[at].time);
            (frames[at].time, frames[at - 1].time) = times;
            at += 1;
        }
        at += 1;
    }
    frames
}

/// Where the fields of a segment stand in a whole packet: IPv4 or IPv6 without extensions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Places {
    pub(crate) is_v6: bool,
    pub(crate) tcp: usize,
    pub(crate) payload: usize,
}

impl Places {
    pub(crate) fn of(frame: &Seen) -> Option<Self> {
        let octets = &frame.octets;
        let (is_v6, tcp) = match octets.first()? >> 4 {
            4 if octets.get(9) == Some(&6) && octets.get(6..8)?[0] & 0x3f == 0 => {
                (false, usize::from(octets[0] & 15) * 4)
            }
            6 if octets.get(6) == Some(&6) => (true, 40),
            _ => return None,
        };
        let payload = tcp + usize::from(octets.get(tcp + 12)? >> 4) * 4;
        (payload >= tcp + 20 && payload <= octets.len() && octets.len() == frame.len).then_some(Self {
            is_v6,
            tcp,
            payload,
        })
    }
}

pub(crate) fn word(octets: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([octets[at], octets[at + 1]])
}

pub(crate) fn double(octets: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([octets[at], octets[at + 1], octets[at + 2], octets[at + 3]])
}

pub(crate) fn set_word(octets: &mut [u8], at: usize, value: u16) {
    octets[at..at + 2].copy_from_slice(&value.to_be_bytes());
}

/// The sum of 16-bit words, folded.
fn sum(octets: &[u8], start: u32) -> u16 {
    let words = octets.chunks(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0)));
    let mut sum = words.fold(u64::from(start), |sum, word| sum + u64::from(word));
    while sum > 0xffff {
        sum = (sum >> 16) + (sum & 0xffff);
    }
    u16::try_from(sum).unwrap()
}

fn pseudo_sum(octets: &[u8], places: Places) -> u16 {
    let addresses = if places.is_v6 { &octets[8..40] } else { &octets[12..20] };
    let len = u32::try_from(octets.len() - places.tcp).unwrap();
    sum(addresses, 6 + (len >> 16) + (len & 0xffff))
}

/// Fills in both checksums.
pub(crate) fn fill(frame: &mut Seen) {
    let Some(places) = Places::of(frame) else { return };
    fill_ip(&mut frame.octets, places);
    set_word(&mut frame.octets, places.tcp + 16, 0);
    let pseudo = pseudo_sum(&frame.octets, places);
    let right = !sum(&frame.octets[places.tcp..], pseudo.into());
    set_word(&mut frame.octets, places.tcp + 16, right);
}

pub(crate) fn fill_ip(octets: &mut [u8], places: Places) {
    if !places.is_v6 {
        set_word(octets, 10, 0);
        let right = !sum(&octets[..places.tcp], 0);
        set_word(octets, 10, right);
    }
}

fn unfill(frame: &mut Seen, is_pseudo: bool) {
    let Some(places) = Places::of(frame) else { return };
    let value = if is_pseudo { pseudo_sum(&frame.octets, places) } else { 0xdead };
    set_word(&mut frame.octets, places.tcp + 16, value);
}

/// Segment offload: neighbours of one end with adjoining numbers and the same header but PSH and FIN become one.
fn merged(frames: &[Seen], most: usize, is_filled: bool) -> Vec<Seen> {
    let mut out: Vec<Seen> = Vec::new();
    for frame in frames {
        let grown = out.last().and_then(|last| join(last, frame, most));
        match grown {
            Some(mut grown) => {
                if is_filled {
                    fill(&mut grown);
                } else {
                    unfill(&mut grown, true);
                }
                *out.last_mut().unwrap() = grown;
            }
            None => out.push(frame.clone()),
        }
    }
    for frame in out.iter_mut().filter(|frame| frame.len > 0xffff) {
        // What is longer has no length in its IPv4 header.
        set_word(&mut frame.octets, 2, 0);
    }
    out
}

/// Whether nothing was damaged: the checksum is right, or there is none to look at.
pub(crate) fn is_sound(frame: &Seen) -> bool {
    let Some(places) = Places::of(frame) else { return false };
    let ip = places.is_v6 || sum(&frame.octets[..places.tcp], 0) == 0xffff;
    ip && sum(&frame.octets[places.tcp..], pseudo_sum(&frame.octets, places).into()) == 0xffff
}

fn join(last: &Seen, next: &Seen, most: usize) -> Option<Seen> {
    const PSH_FIN: u8 = 0b1001;
    let (a, b) = (Places::of(last)?, Places::of(next)?);
    let (old, new) = (&last.octets, &next.octets);
    let payload = old.len() - a.payload;
    let (flags, new_flags) = (old[a.tcp + 13], new[b.tcp + 13]);
    let same_ports = old[a.tcp..a.tcp + 4] == new[b.tcp..b.tcp + 4];
    let same_ack = old[a.tcp + 8..a.tcp + 12] == new[b.tcp + 8..b.tcp + 12];
    let same_rest = word(old, a.tcp + 14) == word(new, b.tcp + 14)
        && old[a.tcp + 20..a.payload] == new[b.tcp + 20..b.payload];
    let follows =
        double(old, a.tcp + 4).wrapping_add(u32::try_from(payload).unwrap()) == double(new, b.tcp + 4);
    let is_plain =
        flags == 0b1_0000 && new_flags & !PSH_FIN == 0b1_0000 && payload > 0 && new.len() > b.payload;
    let len = old.len() + new.len() - b.payload;
    let fits = len <= most && (!a.is_v6 || len <= 0xffff);
    let is_sound = is_sound(next) && (is_sound(last) || word(old, a.tcp + 16) == pseudo_sum(old, a));
    if !(same_ports
        && same_ack
        && same_rest
        && follows
        && is_plain
        && fits
        && is_sound
        && next.time.since(last.time) <= NEAR
        && last.from == next.from)
    {
        return None;
    }
    let mut octets = [old, &new[b.payload..]].concat();
    octets[a.tcp + 13] = new_flags;
    if a.is_v6 {
        set_word(&mut octets, 4, u16::try_from(len - 40).unwrap());
    } else {
        set_word(&mut octets, 2, u16::try_from(len).unwrap_or(0));
        fill_ip(&mut octets, a);
    }
    Some(Seen { octets, len, ..last.clone() })
}
