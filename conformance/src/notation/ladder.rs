//! A ladder: rows of segments, silence and calls between the tester and the device, in blocks.

use super::call::CallText;
use super::segment::{Message, Segment};
use super::time::TimeSpec;
use super::value::Expression;

/// A table of rows, read and checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ladder {
    /// Rows and blocks, from top to bottom.
    pub steps: Vec<Step>,
}

/// A row, or a block of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// One row.
    Row(Box<Row>),
    /// `either` ... `or` ... `end`: all alternatives are followed together, one must live.
    Either {
        /// Where the block begins.
        place: Place,
        /// Two alternatives or more; one may be empty.
        alternatives: Vec<Vec<Step>>,
    },
    /// `any order` ... `end`
    AnyOrder {
        /// Where the block begins.
        place: Place,
        /// Rows and blocks that may come in any order.
        steps: Vec<Step>,
    },
    /// `repeat 20` ... `end`
    Repeat {
        /// Where the block begins.
        place: Place,
        /// How often, at least once.
        count: u32,
        /// What is repeated.
        steps: Vec<Step>,
    },
}

/// Where a row stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The row of the table, 1 for the first below the header; keyword rows count.
    pub row: usize,
    /// The line of the feature file, 0 where it is not known.
    pub line: usize,
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Where it stands.
    pub place: Place,
    /// The `time` column.
    pub time: Option<TimeSpec>,
    /// The arrow and the `segment` cell.
    pub action: Action,
    /// The `device` column: the device's state at rest after the row.
    pub device: Option<State>,
    /// The `tester` column, a comment.
    pub tester: Option<String>,
    /// The `conn` column: whose row it is; A, or all for silence, if not written.
    pub conn: Option<String>,
    /// The `label` column: the name by which other rows know this one.
    pub label: Option<String>,
    /// The `clause` column: the clause that this very row proves, without `@`.
    pub clause: Option<String>,
}

/// What happens in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// `-->`, `-->x`: the tester sends.
    Send {
        /// What.
        message: Message,
        /// Whether it arrives.
        fate: Fate,
    },
    /// `<--`, `<--x`: the device must send this next.
    Expect {
        /// What.
        message: Message,
        /// Whether the tester gets it.
        fate: Fate,
    },
    /// `<--?`, `<--*`: the device may send this until the next expected row is matched.
    Permit {
        /// What.
        message: Message,
        /// How often.
        often: Often,
    },
    /// `<==`: the device sends these octets in whatever segments it likes.
    Receive {
        /// Which octets.
        octets: OctetRange,
        /// `acked`: the tester acknowledges as it goes, each second segment at once.
        acked: bool,
    },
    /// `==>`: the tester sends these octets in segments of the device's MSS, waiting for windows; an end written with the
    /// window moves with it.
    Deliver {
        /// Which octets.
        octets: OctetRange,
    },
    /// `---`: nothing comes for the row's time.
    Silence,
    /// `call`: the device's application does something.
    Call(CallText),
}

/// What the wire does to a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It arrives.
    Arrives,
    /// The wire loses it.
    Lost,
}

/// How often something may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Often {
    /// Not at all or once.
    Once,
    /// Any number of times.
    AnyNumber,
}

/// The octets of a stream, `<SEQ=301..2301>`, with what else their segments must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OctetRange {
    /// The number of the first octet.
    pub from: Expression,
    /// The number after the last octet.
    pub to: Expression,
    /// What else is written: with `CTL=FIN,ACK` a FIN ends the octets. Has neither `SEQ` nor `DATA`.
    pub also: Box<Segment>,
}

/// The states of RFC 9293 3.3.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// No connection.
    Closed,
    /// Waiting for any remote connection.
    Listen,
    /// A SYN is sent.
    SynSent,
    /// A SYN is received and sent, its acknowledgment is not here yet.
    SynReceived,
    /// Open.
    Established,
    /// A FIN is sent and not acknowledged.
    FinWait1,
    /// The FIN sent is acknowledged, the peer's is not here yet.
    FinWait2,
    /// The peer's FIN is here, the application has not closed.
    CloseWait,
    /// Both FINs are sent, ours is not acknowledged.
    Closing,
    /// The FIN sent after the peer's is not acknowledged.
    LastAck,
    /// Waiting for old segments to die.
    TimeWait,
}

impl State {
    /// The eleven states, in the RFC's order.
    pub const ALL: [Self; 11] = [
        Self::Listen,
        Self::SynSent,
        Self::SynReceived,
        Self::Established,
        Self::FinWait1,
        Self::FinWait2,
        Self::CloseWait,
        Self::Closing,
        Self::LastAck,
        Self::TimeWait,
        Self::Closed,
    ];

    /// The RFC's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Closed => "CLOSED",
            Self::Listen => "LISTEN",
            Self::SynSent => "SYN-SENT",
            Self::SynReceived => "SYN-RECEIVED",
            Self::Established => "ESTABLISHED",
            Self::FinWait1 => "FIN-WAIT-1",
            Self::FinWait2 => "FIN-WAIT-2",
            Self::CloseWait => "CLOSE-WAIT",
            Self::Closing => "CLOSING",
            Self::LastAck => "LAST-ACK",
            Self::TimeWait => "TIME-WAIT",
        }
    }

    /// The state of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}
