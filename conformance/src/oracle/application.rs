//! What the application on the device did and was told, and the rules of it: RFC 9293 3.6, 3.8, 3.10.
//!
//! Streams are kept up to [`MOST_STREAM`] octets; beyond that nothing is compared.

use wireproof_reference::time::Instant;

use super::case::Late;
use super::findings::Findings;
use super::follower::Connection;
use super::judgement::End;
use super::ranges::{before, distance, later};
use super::registry::RuleId;
use super::segment::{Arrival, Segment, Sum};
use super::trace::Deed;
use crate::device::{Call, CallValue, Errno, OptionName, OptionValue, ShutdownHow, TcpState, pattern};

/// How many ends of urgent data are kept: the newest.
const MOST_URGENT: usize = 64;
/// How many octets of a direction are kept.
const MOST_STREAM: usize = 1 << 20;

/// The application in a capture: nothing is known of it.
pub(super) static NOBODY: App = App::new();

/// What is known of the application at one end.
#[derive(Clone, Debug)]
pub(super) struct App {
    /// Its calls are known.
    pub(super) is_mapped: bool,
    pub(super) has_nodelay: bool,
    /// It has written octets that were not sent yet.
    pub(super) has_unsent: bool,
    /// The longest segment that it sent although more octets waited and the window had room: its own limit.
    pub(super) own_limit: Option<u32>,
    /// The connection is gone, as far as the application is concerned.
    pub(super) is_dead: bool,
    pub(super) has_user_timeout: bool,
    pub(super) has_keepalive: bool,
    /// It set times of keep-alives of its own.
    pub(super) sets_times: bool,
    /// When it said that it will send no more.
    pub(super) shut: Option<Instant>,
    /// When it said that it will not read either.
    pub(super) closed: Option<Instant>,
    pub(super) has_aborted: bool,
    /// Offsets behind the last octets of urgent writes.
    pub(super) urgent: Vec<u64>,
    /// How many octets it was given.
    pub(super) delivered: u64,
    pub(super) names_reno: bool,
    has_shut_read: bool,
    /// A reset arrived that has to be believed: the frame.
    was_reset: Option<u64>,
    written: Vec<u8>,
    is_written_known: bool,
    incoming: Vec<Incoming>,
    is_incoming_known: bool,
}

/// An octet that may have arrived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Incoming {
    #[default]
    Missing,
    Octet(u8),
    /// Several, that differ: either may have been taken.
    Several,
}

impl App {
    /// An application of which nothing is known yet.
    pub(super) const fn new() -> Self {
        Self {
            is_mapped: false,
            has_nodelay: false,
            has_unsent: false,
            own_limit: None,
            is_dead: false,
            has_user_timeout: false,
            has_keepalive: false,
            sets_times: false,
            shut: None,
            closed: None,
            has_aborted: false,
            urgent: Vec::new(),
            delivered: 0,
            names_reno: false,
            has_shut_read: false,
            was_reset: None,
            written: Vec::new(),
            is_written_known: true,
            incoming: Vec::new(),
            is_incoming_known: true,
        }
    }

    /// How many octets it wrote.
    pub(super) fn written(&self) -> u64 {
        u64::try_from(self.written.len()).unwrap_or(u64::MAX)
    }

    /// Whether what it wrote is known.
    pub(super) fn is_known(&self) -> bool {
        self.is_mapped && self.is_written_known
    }

    fn write(&mut self, octets: &[u8]) {
        self.is_written_known &= self.written.len() + octets.len() <= MOST_STREAM;
        if self.is_written_known {
            self.written.extend_from_slice(octets);
        }
    }

    /// What it wrote last is urgent.
    fn mark_urgent(&mut self) {
        if self.urgent.len() == MOST_URGENT {
            self.urgent.remove(0);
        }
        self.urgent.push(self.written());
    }

    /// A segment of the peer may have brought octets.
    fn bring(&mut self, offset: i32, octets: &[u8]) {
        let Ok(start) = usize::try_from(offset) else { return };
        if start + octets.len() > MOST_STREAM {
            self.is_incoming_known = false;
            return;
        }
        if self.incoming.len() < start + octets.len() {
            self.incoming.resize(start + octets.len(), Incoming::Missing);
        }
        for (place, octet) in self.incoming[start..].iter_mut().zip(octets) {
            *place = match *place {
                Incoming::Missing => Incoming::Octet(*octet),
                Incoming::Octet(old) if old == *octet => Incoming::Octet(old),
                Incoming::Octet(_) | Incoming::Several => Incoming::Several,
            };
        }
    }
}

/// A segment of either end: octets that the application wrote, or may read.
pub(super) fn observe(c: &Connection, s: &Segment<'_>, whose: (&mut App, End), out: &mut Findings) {
    let (app, app_end) = whose;
    let own = c.half(s.from);
    let isn = if s.flags.syn() { Some(own.isn().unwrap_or(s.seq)) } else { own.isn() };
    if s.flags.rst() && s.from != app_end {
        reset(c, s, app);
    }
    let (Some(isn), false) = (isn, s.flags.rst()) else { return };
    if s.from != app_end {
        if s.arrival == Arrival::Arrived && s.tcp_sum == Sum::Right {
            app.bring(distance(isn.wrapping_add(1), s.first_octet()), s.payload);
        }
        return;
    }
    if !app.is_mapped || !s.is_judged || s.flags.syn() {
        return;
    }
    let is_keepalive =
        own.next.is_some_and(|next| s.seq == next.wrapping_sub(1)) && s.len <= 1 && own.una == own.next;
    if !s.payload.is_empty() && app.is_known() && !is_keepalive {
        sent_as_written(s, app, isn, out);
    }
    let end = u64::from(distance(isn.wrapping_add(1), s.seq.wrapping_add(s.len)).max(0).unsigned_abs());
    let is_new = own.next.is_none_or(|next| before(next, s.end()));
    let is_probe = own.peer_window == Some(0);
    if s.len > 0 && is_new && !is_probe && !s.flags.fin() && app.is_known() && end == app.written() {
        // MUST-61: nobody here pushes by call.
        out.decide(RuleId::PushAtEnd, s.flags.psh(), (s.from, s.time, &[s.number]), || {
            ("the last octet written, without PSH".to_owned(), "PSH".to_owned())
        });
    }
    if s.flags.fin() {
        // RFC 9293 3.10.4: the FIN is the answer to CLOSE.
        let asked = app.shut.is_some() || app.has_aborted || app.is_dead;
        out.decide(RuleId::FinWhenAsked, asked, (s.from, s.time, &[s.number]), || {
            ("a FIN".to_owned(), "none before the application closes".to_owned())
        });
    }
    let behind = own.next.map_or(s.end(), |next| later(next, s.end()));
    let sent = distance(isn.wrapping_add(1), behind) - i32::from(own.fin.is_some() || s.flags.fin());
    app.has_unsent = app.is_known() && app.written() > u64::from(sent.max(0).unsigned_abs());
    let has_room = own.peer_edge.is_some_and(|edge| before(s.end(), edge));
    if app.has_unsent && has_room && s.len > 0 && own.is_new(s) {
        app.own_limit = app.own_limit.max(Some(s.len + u32::from(s.options.len)));
    }
}

/// RFC 9293 3.10.7.4, second, and RFC 5961 3.2: a reset with exactly the number expected next is believed.
fn reset(c: &Connection, s: &Segment<'_>, app: &mut App) {
    let (me, own) = (s.from.other(), c.half(s.from.other()));
    let is_exact =
        own.received.edge() == Some(s.seq) && own.ack.is_some_and(|(ack, _)| ack == s.seq) && c.is_exact;
    let states = c.states(me);
    let is_whole = s.arrival == Arrival::Arrived && s.tcp_sum == Sum::Right && !s.options.is_signed;
    let may_pass = states.may_be(TcpState::TimeWait) || states.may_be(TcpState::Closed);
    if is_exact && is_whole && c.is_synchronised(me) && !may_pass {
        app.was_reset.get_or_insert(s.number);
    }
}

fn sent_as_written(s: &Segment<'_>, app: &App, isn: u32, out: &mut Findings) {
    let Ok(start) = usize::try_from(distance(isn.wrapping_add(1), s.seq)) else { return };
    let written = app.written.get(start..start + s.payload.len());
    out.decide(RuleId::SentAsWritten, written == Some(s.payload), (s.from, s.time, &[s.number]), || {
        let permitted = match written {
            None => format!("up to {}, what was written", app.written.len()),
            Some(_) => "these octets as they were written".to_owned(),
        };
        (format!("octets {start} to {}", start + s.payload.len()), permitted)
    });
}

/// The application made a call, or one ended.
pub(super) fn deed(late: &Late<'_>, app: &mut App, deed: &Deed<'_>, out: &mut Findings) {
    app.is_mapped = true;
    match deed {
        Deed::Called(call) => called(late.now, app, call),
        Deed::Ended(call, Ok(value)) => ended(late, app, call, value, out),
        Deed::Ended(call, Err(error)) => {
            if let Call::Send { data, .. } | Call::SendUrgent { data, .. } = call {
                app.written.truncate(app.written.len().saturating_sub(data.len()));
            } else if let Call::Fill { count, .. } = call {
                let count = usize::try_from(*count).unwrap_or(usize::MAX);
                app.written.truncate(app.written.len().saturating_sub(count));
            }
            let fatal = [Errno::ECONNRESET, Errno::ETIMEDOUT, Errno::ECONNREFUSED, Errno::ECONNABORTED];
            app.is_dead |=
                fatal.contains(error) || !matches!(error, Errno::EPIPE | Errno::EINVAL | Errno::ENOTSUP);
        }
    }
}

fn called(now: Instant, app: &mut App, call: &Call) {
    match call {
        Call::Send { data, .. } => app.write(data),
        Call::SendUrgent { data, .. } => {
            app.write(data);
            app.mark_urgent();
        }
        Call::Fill { offset, count, .. } => {
            let count = usize::try_from(*count).unwrap_or(usize::MAX);
            if count > MOST_STREAM {
                app.is_written_known = false;
            } else {
                app.write(&pattern(*offset, count));
            }
        }
        Call::Shutdown { how, .. } => {
            let (write, read) = (*how != ShutdownHow::Read, *how != ShutdownHow::Write);
            app.has_shut_read |= read;
            app.shut = app.shut.or(write.then_some(now));
            app.closed = app.closed.or((write && read).then_some(now));
        }
        Call::Close { .. } => {
            app.shut.get_or_insert(now);
            app.closed.get_or_insert(now);
        }
        Call::Abort { .. } => {
            app.has_aborted = true;
            app.is_dead = true;
        }
        Call::Set { option, value, .. } => set(app, *option, value),
        _ => {}
    }
    app.has_unsent |= matches!(call, Call::Send { .. } | Call::SendUrgent { .. } | Call::Fill { .. });
}

fn set(app: &mut App, option: OptionName, value: &OptionValue) {
    let is_on = *value != OptionValue::Number(0);
    match option {
        OptionName::Nodelay => app.has_nodelay = is_on,
        OptionName::Keepalive => app.has_keepalive = is_on,
        OptionName::Keepidle | OptionName::Keepinterval | OptionName::Keepcount => app.sets_times = true,
        OptionName::Usertimeout => app.has_user_timeout = true,
        OptionName::Linger => app.has_aborted = true,
        OptionName::Congestion => {
            app.names_reno = value.to_string().to_ascii_lowercase().contains("reno");
        }
        _ => {}
    }
}

fn ended(late: &Late<'_>, app: &mut App, call: &Call, value: &CallValue, out: &mut Findings) {
    match (call, value) {
        (Call::Send { data, .. } | Call::SendUrgent { data, .. }, CallValue::Taken(taken)) => {
            written(late, app, *taken, out);
            take(app, data.len(), *taken);
        }
        (Call::Fill { count, .. }, CallValue::Taken(taken)) => {
            written(late, app, *taken, out);
            take(app, usize::try_from(*count).unwrap_or(usize::MAX), *taken);
        }
        (Call::Recv { .. }, CallValue::Data(octets)) => delivered(late, app, octets, out),
        (Call::Recv { .. }, CallValue::End) => end(late, app, out),
        _ => {}
    }
}

/// RFC 9293 3.10.2: octets that cannot be delivered any more are refused, or the application is told that those before
/// were lost.
fn written(late: &Late<'_>, app: &App, taken: u64, out: &mut Findings) {
    let Some(frame) = app.was_reset.filter(|_| taken > 0 && !app.is_dead) else { return };
    out.decide(RuleId::ToldHonestly, false, (late.end, late.now, &[frame]), || {
        (format!("{taken} more octets taken"), "an error: the connection was reset".to_owned())
    });
}

/// Only so many of the octets of the last write were taken.
fn take(app: &mut App, asked: usize, taken: u64) {
    let refused = asked.saturating_sub(usize::try_from(taken).unwrap_or(usize::MAX));
    app.written.truncate(app.written.len().saturating_sub(refused));
    if refused > 0 && !app.urgent.is_empty() {
        app.mark_urgent();
    }
}

fn delivered(late: &Late<'_>, app: &mut App, octets: &[u8], out: &mut Findings) {
    let start = usize::try_from(app.delivered).unwrap_or(usize::MAX);
    app.delivered += u64::try_from(octets.len()).unwrap_or(0);
    if !late.c.is_exact || !app.is_incoming_known || late.c.half(late.end.other()).isn().is_none() {
        return out.undecidable(RuleId::DeliveredAsSent, "not all that arrived is known");
    }
    let wrong = octets.iter().enumerate().find_map(|(at, octet)| {
        let came = app.incoming.get(start + at).copied().unwrap_or_default();
        (came != Incoming::Several && came != Incoming::Octet(*octet)).then_some((start + at, came, *octet))
    });
    out.decide(RuleId::DeliveredAsSent, wrong.is_none(), (late.end, late.now, &[]), || {
        let (place, came, octet) = wrong.unwrap_or_default();
        let permitted = match came {
            Incoming::Octet(came) => format!("{came:#04x}, as it arrived"),
            Incoming::Missing | Incoming::Several => "waiting: it did not arrive".to_owned(),
        };
        (format!("octet {place} of the stream given as {octet:#04x}"), permitted)
    });
}

fn end(late: &Late<'_>, app: &App, out: &mut Findings) {
    let peer = late.c.half(late.end.other());
    let (Some(isn), true) = (peer.isn(), late.c.is_exact && !app.has_shut_read) else { return };
    if peer.reset.is_some() && peer.fin.is_none() {
        // RFC 9293 3.10.7.4, second: "connection reset" is told.
        let frames: Vec<u64> = peer.reset.iter().map(|(frame, _)| *frame).collect();
        return out.decide(RuleId::ToldHonestly, false, (late.end, late.now, &frames), || {
            ("the end of the stream".to_owned(), "an error: the connection was reset".to_owned())
        });
    }
    out.held(RuleId::ToldHonestly);
    let len = peer.fin.map(|(fin, _)| u64::from(distance(isn.wrapping_add(1), fin).max(0).unsigned_abs()));
    let frames: Vec<u64> = peer.fin.iter().map(|(_, frame)| *frame).collect();
    out.decide(RuleId::EndAfterAll, len == Some(app.delivered), (late.end, late.now, &frames), || {
        let permitted = match len {
            Some(len) => format!("the end behind octet {len}"),
            None => "waiting: no FIN arrived".to_owned(),
        };
        (format!("the end behind octet {}", app.delivered), permitted)
    });
}
