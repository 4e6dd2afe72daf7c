//! The judge of a stream of packets: tells connections apart, shows each segment to every family of rules, once.

use core::net::SocketAddr;

use wireproof_reference::time::{Duration, Instant};
use wireproof_reference::wire::{Packet, Protocol, Tcp, Transport};

use super::case::Case;
use super::cases::{Cases, Key};
use super::findings::Findings;
use super::icmp;
use super::isn::Numbers;
use super::judgement::{Break, ConnectionJudgement, End, Verdict};
use super::notice::{self, Notice};
use super::plain::Plain;
use super::registry::RuleId;
use super::segment::{Arrival, Face, Observed, Segment, ends};
use super::trace::Deed;
use crate::device::Timing;

/// How many connections are followed at once; beyond it the longest silent ones are judged and let go, those that
/// ended before others.
pub const MOST_CONNECTIONS: usize = 65_536;

/// Octets of a TCP header without options.
const FIXED_HEADER: usize = 20;

/// How much memory all connections together may take for octets that may be sent again, where there is room for
/// [`MOST_CONNECTIONS`]. Beyond it those that were silent for longest forget theirs.
const MOST_OCTETS: usize = 64 << 20;

/// A judge with less room than for so many connections may keep as many octets as if it had it.
const LEAST_SHARE: usize = 2_048;

/// So many places of connections that ended are kept for further ones.
const MOST_SPARE: usize = 64;

/// The memory of fewer connections stays near the processor.
const FAR: usize = 64;

/// A SYN with other numbers after a silence as long as this begins another connection.
const SILENCE: Duration = Duration::from_secs(60);

/// How the judge works.
#[derive(Clone, Copy, Debug, Default)]
pub struct JudgeOptions {
    /// The times of the device that is judged.
    pub timing: Option<Timing>,
    /// Whether the packets are a scenario's: it is known which arrived, times are exact, nothing is missing.
    pub is_scenario: bool,
    /// Whether this judge is one of several who share the connections of a trace. It then looks at the initial numbers
    /// of those hosts only that [`Judge::observe_host`] shows it.
    pub is_share: bool,
    /// Whether every rule looks at every segment, those of which all is known beforehand too: the outcome is the same, and
    /// takes longer.
    pub is_thorough: bool,
    /// How many connections are followed at once; [`MOST_CONNECTIONS`] if not told.
    pub room: Option<usize>,
}

/// A plain segment, and where its connection is to be found: see [`Judge::ready`].
#[derive(Clone, Copy, Debug)]
pub struct Ready<'a> {
    plain: Plain<'a>,
    key: Key,
}

/// Judges packets one after the other.
#[derive(Debug)]
pub struct Judge {
    options: JudgeOptions,
    room: usize,
    /// The latest connection between two addresses.
    cases: Cases,
    /// Memory for octets that may be sent again: taken, and permitted.
    octets: usize,
    most_octets: usize,
    finished: Vec<ConnectionJudgement>,
    /// Places of connections that ended, for further ones.
    #[expect(clippy::vec_box, reason = "a connection stays in its place, whichever list it stands in")]
    spare: Vec<Box<Case>>,
    host: Findings,
    numbers: Numbers,
    count: u64,
    now: Instant,
    is_torn: bool,
}

impl Judge {
    /// A judge who has seen nothing.
    pub fn new(options: JudgeOptions) -> Self {
        let room = options.room.unwrap_or(MOST_CONNECTIONS).max(1);
        Self {
            options,
            room,
            cases: Cases::default(),
            octets: 0,
            most_octets: MOST_OCTETS / MOST_CONNECTIONS * room.clamp(LEAST_SHARE, MOST_CONNECTIONS),
            finished: Vec::new(),
            spare: Vec::new(),
            host: Findings::default(),
            numbers: Numbers::default(),
            count: 0,
            now: Instant::ZERO,
            is_torn: false,
        }
    }

    /// Looks at the next packet. What is no TCP and no ICMP changes nothing.
    pub fn observe(&mut self, seen: &Observed<'_>) {
        let seen = Observed { time: seen.time.max(self.now), ..*seen };
        self.now = seen.time;
        match &seen.packet.transport {
            Transport::Tcp(tcp) => self.tcp(&seen, tcp),
            Transport::Icmpv4(_) | Transport::Icmpv6(_) => {
                icmp::observe(&seen, &mut self.host);
                let quoted = icmp::quoted_ends(seen.packet).map(|(from, to)| Key::new(from, to));
                if let Some(case) = quoted.and_then(|key| self.cases.get_mut(&key)) {
                    let (kind, number) = (notice::kind_of(seen.packet), icmp::quoted_number(seen.packet));
                    let is_heard = !seen.is_judged && seen.arrival == Arrival::Arrived;
                    let from = icmp::quoted_ends(seen.packet).map(|(from, _)| from).filter(|_| is_heard);
                    let (frame, time) = (seen.number, seen.time);
                    case.disturb(from, &Notice { kind, seq: number, frame, time });
                }
            }
            Transport::Unreadable { protocol: Protocol::TCP, octets, .. } if self.options.is_scenario => {
                self.unreadable(&seen, octets);
            }
            Transport::Unreadable { protocol: Protocol::TCP, octets, .. } => self.cut(&seen, octets),
            _ => {}
        }
    }

    /// Looks at the next packet, a plain segment of a capture: as [`Judge::observe`], in fewer steps.
    pub fn observe_plain(&mut self, plain: &Plain<'_>, number: u64, time: Instant) {
        let key = Key::new(plain.from, plain.to);
        self.observe_ready(&Ready { plain: *plain, key }, number, time);
    }

    /// The segment with what will be needed to look at it. It asks for the memory of its connection, so that this is
    /// there by then: it comes for several in the time that it takes for one.
    #[inline]
    pub fn ready<'a>(&mut self, plain: &Plain<'a>) -> Ready<'a> {
        let key = Key::new(plain.from, plain.to);
        if self.cases.len() >= FAR
            && let Some(slot) = self.cases.slot(&key)
        {
            core::hint::black_box(slot.case().touch());
        }
        Ready { plain: *plain, key }
    }

    /// Looks at a segment that is ready, as [`Judge::observe_plain`].
    pub fn observe_ready(&mut self, ready: &Ready<'_>, number: u64, time: Instant) {
        self.now = self.now.max(time);
        let face = Face::plain(&ready.plain, number, self.now);
        self.segment(&face, ready.key, |from| Segment::plain(&ready.plain, number, face.time, from));
    }

    /// Looks at a packet for what concerns its sender across all its connections, and for nothing else.
    pub fn observe_host(&mut self, seen: &Observed<'_>) {
        let Transport::Tcp(tcp) = &seen.packet.transport else { return };
        self.now = self.now.max(seen.time);
        self.numbers.observe(&Face { time: self.now, ..Face::of(seen, tcp) }, &mut self.host);
    }

    /// The same for a segment that is ready.
    pub fn observe_ready_host(&mut self, ready: &Ready<'_>, number: u64, time: Instant) {
        self.now = self.now.max(time);
        self.numbers.observe(&Face::plain(&ready.plain, number, self.now), &mut self.host);
    }

    /// A snap length may cut a header off amid its options: what stands before them is heard.
    fn cut(&mut self, seen: &Observed<'_>, octets: &[u8]) {
        let (Some(fixed), true) = (octets.first_chunk::<FIXED_HEADER>(), seen.missing > 0) else { return };
        let header = usize::from(fixed[12] >> 4) * 4;
        let mut fixed = *fixed;
        fixed[12] = (fixed[12] & 0x0f) | 0x50;
        let Ok(tcp) = Tcp::parse(&fixed) else { return };
        let missing = seen.packet.ip.payload_len().saturating_sub(header);
        if header > octets.len() {
            self.tcp(&Observed { missing, is_judged: false, ..*seen }, &tcp);
        }
    }

    /// RFC 9293 3.1: a header that says that it is shorter than a header, or longer than the segment.
    fn unreadable(&mut self, seen: &Observed<'_>, octets: &[u8]) {
        if !seen.is_judged || seen.missing > 0 {
            return;
        }
        let offset = octets.get(12).map_or(0, |octet| octet >> 4);
        self.host.broken(Break {
            rule: RuleId::DataOffset,
            end: None,
            time: seen.time,
            frames: vec![seen.number],
            got: format!("data offset {offset} in a segment of {} octets", octets.len()),
            permitted: "5 or more, within the segment".to_owned(),
        });
    }

    /// How many connections began so far.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The connections that ended and were judged since this was last asked; those between whose addresses another
    /// one began, and those let go for want of room.
    pub fn take_finished(&mut self) -> Vec<ConnectionJudgement> {
        std::mem::take(&mut self.finished)
    }

    /// The same, one after the other.
    pub fn drain_finished(&mut self) -> impl Iterator<Item = ConnectionJudgement> {
        self.finished.drain(..)
    }

    /// The end of the packets: all connections that were not taken, in the order in which they began.
    pub fn finish(self) -> Vec<ConnectionJudgement> {
        let now = self.now;
        self.finish_at(now).0
    }

    /// The end, and when it was: what was due before and did not come is missing. Besides the connections, what
    /// concerns none of them.
    pub fn finish_at(mut self, end: Instant) -> (Vec<ConnectionJudgement>, Vec<(RuleId, Verdict)>) {
        for mut case in std::mem::take(&mut self.cases).into_all() {
            self.finished.push(case.finish(end));
        }
        self.finished.sort_by_key(|connection| connection.number);
        (self.finished, self.host.verdicts())
    }

    /// The end of the packets, without a judgement yet: see [`Closing`].
    pub fn close(self) -> Closing {
        let mut open = self.cases.into_all();
        open.reverse();
        Closing { end: self.now, open, host: self.host }
    }

    /// The clock of the capture was set back: what lay between the last packet and the next is not known.
    pub fn lose_time(&mut self) {
        self.cases.each(Case::lose_time);
    }

    /// The trace has a hole: nothing can be said of what should have come.
    pub(super) fn miss(&mut self) {
        self.is_torn = true;
    }

    /// The packet just seen arrived later, or changed: who knows what its receiver made of it.
    pub(super) fn blur(&mut self, seen: &Observed<'_>) {
        if seen.is_judged {
            return;
        }
        let Some(case) = segment_key(seen.packet).and_then(|key| self.cases.get_mut(&key)) else { return };
        case.blur();
    }

    /// The application on the device did something on a connection, if it is known on which.
    pub(super) fn application(
        &mut self,
        time: Instant,
        ends: Option<(SocketAddr, SocketAddr)>,
        deed: &Deed<'_>,
    ) {
        self.now = self.now.max(time);
        let Some((own, peer)) = ends else { return };
        let key = Key::new(own, peer);
        if let Some(case) = self.cases.get_mut(&key) {
            case.application(self.now, own, deed);
        } else {
            let mut case = self.begin([own, peer], 0, time);
            case.application(self.now, own, deed);
            self.cases.insert(key, case);
        }
    }

    fn begin(&mut self, ends: [SocketAddr; 2], first_frame: u64, time: Instant) -> Box<Case> {
        self.count += 1;
        let case = Case::new(self.count, ends, (first_frame, time), &self.options, self.is_torn);
        match self.spare.pop() {
            Some(mut place) => {
                *place = case;
                place
            }
            None => Box::new(case),
        }
    }

    fn tcp(&mut self, seen: &Observed<'_>, tcp: &Tcp<'_>) {
        let face = Face::of(seen, tcp);
        self.segment(&face, Key::new(face.from, face.to), |from| Segment::read(seen, tcp, from));
    }

    #[inline]
    fn segment<'a>(&mut self, face: &Face, key: Key, read: impl FnOnce(End) -> Segment<'a>) {
        if face.flags.syn() {
            self.succeed(face, &key);
        }
        let slot = match self.cases.slot(&key) {
            Some(slot) => slot,
            None => {
                let case = self.begin(initiator_first(face), face.number, face.time);
                self.make_room();
                self.cases.insert(key, case)
            }
        };
        let segment = read(slot.case().end_of(face.from));
        let before = slot.case().octets_room();
        slot.observe(&segment);
        self.octets = self.octets.saturating_add(slot.case().octets_room()).saturating_sub(before);
        if self.octets > self.most_octets {
            self.octets = self.cases.forget_octets(self.most_octets / 2);
        }
        if !self.options.is_share {
            self.numbers.observe(face, &mut self.host);
        }
    }

    /// A SYN may end the connection between its addresses, and begin another one.
    fn succeed(&mut self, face: &Face, key: &Key) {
        let Some(case) = self.cases.get_mut(key) else { return };
        match case.succession(face, SILENCE) {
            Succession::Same => {}
            Succession::Another => self.end(key),
            Succession::After(syn) => {
                self.end(key);
                let mut case = self.begin([face.to, face.from], syn.number, syn.time);
                case.observe(&Segment { from: End::A, ..*syn });
                self.cases.insert(*key, case);
            }
        }
    }

    fn end(&mut self, key: &Key) {
        if let Some(mut case) = self.cases.remove(key) {
            self.octets = self.octets.saturating_sub(case.octets_room());
            self.finished.push(case.finish(self.now));
            if self.spare.len() < MOST_SPARE {
                self.spare.push(case);
            }
        }
    }

    /// Lets the connections go that were silent for longest or ended, a sixteenth of all.
    fn make_room(&mut self) {
        if self.cases.len() < self.room {
            return;
        }
        for key in self.cases.most_silent((self.room / 16).max(1)) {
            self.end(&key);
        }
    }
}

/// The connections that are open when the packets end, judged one after the other, so that whoever takes them needs no
/// room for all. Those that finished before are to be taken before by [`Judge::take_finished`].
#[derive(Debug)]
pub struct Closing {
    end: Instant,
    /// The first one last.
    #[expect(clippy::vec_box, reason = "a connection stays in its place, whichever list it stands in")]
    open: Vec<Box<Case>>,
    host: Findings,
}

impl Closing {
    /// The number of the connection that is next.
    pub fn next_number(&self) -> Option<u64> {
        self.open.last().map(|case| case.number())
    }

    /// What concerns no connection.
    pub fn into_host(self) -> Vec<(RuleId, Verdict)> {
        self.host.verdicts()
    }
}

impl Iterator for Closing {
    type Item = ConnectionJudgement;

    /// The next connection, in the order in which they began.
    fn next(&mut self) -> Option<ConnectionJudgement> {
        let mut case = self.open.pop()?;
        Some(case.finish(self.end))
    }
}

/// Which connection a packet concerns, its sender first: that of its segment, or that of the segment which its ICMP
/// error quotes.
pub fn concern(packet: &Packet<'_>) -> Option<(SocketAddr, SocketAddr)> {
    packet.tcp().map_or_else(|| icmp::quoted_ends(packet), |tcp| Some(ends(&packet.ip, tcp)))
}

/// Whether a segment goes on with a connection.
#[derive(Clone, Debug)]
pub(super) enum Succession {
    /// It belongs to it.
    Same,
    /// It begins another one.
    Another,
    /// It answers this SYN, which began another one.
    After(Box<Segment<'static>>),
}

fn segment_key(packet: &Packet<'_>) -> Option<Key> {
    let (source, destination) = ends(&packet.ip, packet.tcp()?);
    Some(Key::new(source, destination))
}

/// Who sends a SYN without ACK opened; without one, it is more likely the end with the higher port if the other one's
/// is well-known, else who is seen first.
fn initiator_first(face: &Face) -> [SocketAddr; 2] {
    let (source, destination) = (face.from, face.to);
    let is_service = |address: SocketAddr| address.port() < 1024;
    let is_answer = match face.flags.syn() {
        true => face.flags.ack(),
        false => is_service(source) && !is_service(destination),
    };
    if is_answer { [destination, source] } else { [source, destination] }
}
