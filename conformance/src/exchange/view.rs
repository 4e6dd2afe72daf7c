//! What one way of following a ladder knows: its connections, what has come and was not taken yet, labels, times.
//!
//! Alternatives are followed together, each with a view of its own. The view that lives to the end of a ladder is
//! the one with which the next step of the scenario goes on.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use wireproof_reference::time::{Duration, Instant};

use super::arrival::Arrival;
use super::session::Session;
use crate::notation::{Environment, Expression, Message, Side, Variable};
use crate::tester::{Connection, Facts, Seen};

/// As many segments of the device may wait for rows at most.
pub const MAX_WAITING: usize = 100_000;

/// What a label stands for.
#[derive(Clone, Debug)]
pub struct Mark {
    /// When the row came to pass.
    pub time: Instant,
    /// The IP packet of the row, for `QUOTE`.
    pub packet: Option<Arc<[u8]>>,
}

/// A `<--?` or `<--*` row that stays open until the next expected row of its connection is matched.
#[derive(Clone, Debug)]
pub struct Permit {
    /// Whose.
    pub connection: usize,
    /// What may come.
    pub message: Arc<Message>,
    /// Whether it may come more than once.
    pub repeats: bool,
    /// Whether the wire loses it.
    pub label: Option<String>,
}

/// Everything known at one place of a ladder.
#[derive(Clone, Debug)]
pub struct View {
    /// In the order in which they were introduced; A first.
    pub connections: Vec<Connection>,
    /// What the device sent and no row has taken yet, in order.
    pub waiting: VecDeque<Arc<Arrival>>,
    /// Open `<--?` and `<--*` rows.
    pub permits: Vec<Permit>,
    /// The time of the row before.
    pub reference: Instant,
    /// The measured interval of the last row timed by RTO or xN.
    pub interval: Option<Duration>,
    /// Rows that bear a label.
    pub marks: BTreeMap<String, Mark>,
    /// Alternatives that were entered and not left: where their blocks stand and which branch was taken.
    pub lived: Vec<String>,
    /// How many rows were done: of several ways that fail, the one that came furthest is told about.
    pub done: usize,
}

impl View {
    /// Nothing has happened yet.
    pub fn new(now: Instant) -> Self {
        Self {
            connections: Vec::new(),
            waiting: VecDeque::new(),
            permits: Vec::new(),
            reference: now,
            interval: None,
            marks: BTreeMap::new(),
            lived: Vec::new(),
            done: 0,
        }
    }

    /// The number of the connection of that name.
    pub fn connection(&self, name: &str) -> Option<usize> {
        self.connections.iter().position(|connection| connection.name == name)
    }

    /// The variables of a connection with what waits for rows counted in: it was seen, if not yet taken. Where two
    /// connections share their ports, what waits may be of either and is left out.
    pub fn peek(&self, connection: usize, session: &Session) -> Seen {
        let own = &self.connections[connection];
        let mut seen = own.seen.clone();
        let is_shared =
            self.connections.iter().any(|other| other.name != own.name && other.shares_ports(own));
        for arrival in self.waiting.iter().filter(|arrival| !is_shared && session.may_belong(arrival, own)) {
            if let Some(facts) = arrival.facts() {
                seen.see(facts);
            }
        }
        seen
    }

    /// The real sequence number that an expression stands for. What it shows for the first time is kept.
    ///
    /// # Errors
    /// What is not known yet.
    pub fn sequence(
        &mut self,
        connection: usize,
        side: Side,
        expression: &Expression,
        seen: &Seen,
    ) -> Result<u32, String> {
        let mut space = *self.connections[connection].binding.space(side);
        let number = expression.sequence(&mut space, &Surroundings { view: self, connection, seen });
        *self.connections[connection].binding.space_mut(side) = space;
        number.map(|number| number.0).map_err(|why| why.to_string())
    }

    /// The same, without keeping anything.
    pub fn look_up(&self, connection: usize, side: Side, expression: &Expression) -> Option<u32> {
        let tester = &self.connections[connection];
        let mut space = *tester.binding.space(side);
        let surroundings = Surroundings { view: self, connection, seen: &tester.seen };
        expression.sequence(&mut space, &surroundings).ok().map(|number| number.0)
    }
}

/// What a row of a connection can refer to.
pub struct Surroundings<'a> {
    /// What is known.
    pub view: &'a View,
    /// The row's connection.
    pub connection: usize,
    /// Its variables.
    pub seen: &'a Seen,
}

impl Environment for Surroundings<'_> {
    fn variable(&self, connection: Option<&str>, variable: Variable) -> Option<u32> {
        let own = connection.map_or(Some(self.connection), |name| self.view.connection(name))?;
        let tester = &self.view.connections[own];
        let seen = if own == self.connection { self.seen } else { &tester.seen };
        let last = seen.last.as_ref();
        match variable {
            Variable::SndUna => seen.snd_una,
            Variable::SndNxt => seen.snd_nxt,
            Variable::SndWnd => tester.sent.window,
            Variable::SndUp => last.map(|last| last.seq.wrapping_add(u32::from(last.urgent))),
            Variable::Iss => seen.iss,
            Variable::RcvNxt => seen.rcv_nxt,
            Variable::RcvWnd => seen.rcv_wnd(),
            Variable::RcvUp => tester.sent.urgent,
            Variable::Irs => tester.sent.iss,
            Variable::SegSeq => last.map(|last| last.seq),
            Variable::SegAck => last.map(|last| last.ack),
            Variable::SegLen => last.map(Facts::len),
            Variable::SegWnd => last.map(|last| seen.window(last)),
            Variable::SegUp => last.map(|last| u32::from(last.urgent)),
        }
    }

    fn window_shift(&self, sender: Side) -> u8 {
        match sender {
            // The tester's own window is unscaled unless its SYN asked for scaling and the device agreed.
            Side::Tester => self.view.connections[self.connection].tester_shift(),
            Side::Device => self.seen.window_shift,
        }
    }

    fn octet(&self, sender: Side, offset: u64) -> u8 {
        let tester = &self.view.connections[self.connection];
        let offset = i64::try_from(offset).unwrap_or(i64::MAX);
        match sender {
            Side::Tester => tester.tester_stream.octet(offset),
            Side::Device => tester.device_stream.octet(offset),
        }
    }

    fn packet(&self, label: &str) -> Option<&[u8]> {
        self.view.marks.get(label)?.packet.as_deref()
    }
}
