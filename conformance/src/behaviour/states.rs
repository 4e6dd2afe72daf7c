//! Connections brought into a state before a scenario begins: ladders in our own notation, one place for all.
//!
//! Numbers as everywhere: 100 and 300 for the SYNs, 101 and 301 behind them. Where a state needs a FIN of the device,
//! its application has closed its sending side; where it needs one of the tester, the tester has sent it.

use crate::notation::{Known, Ladder, LadderError, table::Table};

/// The states that a step can ask for.
pub(super) const STATES: [&str; 11] = [
    "CLOSED",
    "LISTEN",
    "SYN-SENT",
    "SYN-RECEIVED",
    "ESTABLISHED",
    "FIN-WAIT-1",
    "FIN-WAIT-2",
    "CLOSE-WAIT",
    "CLOSING",
    "LAST-ACK",
    "TIME-WAIT",
];

/// Who opened a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Opener {
    /// The tester, to a listener that lives on.
    Tester,
    /// The device's application.
    Device,
}

/// How the device's application closes. The RFC's CLOSE (3.10.4) lets it go on receiving, which is what `shutdown
/// write` does; after `close` most stacks have no socket left to call. A device that lacks the first does the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Closing {
    /// `shutdown write`
    Shutdown,
    /// `close`
    Close,
}

impl Closing {
    const fn call(self) -> &'static str {
        match self {
            Self::Shutdown => "shutdown write",
            Self::Close => "close",
        }
    }
}

/// What a connection is to be like.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wanted {
    /// Its state, by the RFC's name.
    pub(super) state: String,
    /// Who opened it.
    pub(super) opener: Opener,
    /// The options of the tester's SYN, in the notation; empty for an honest peer's.
    pub(super) options: String,
    /// How many octets of the device have been sent and acknowledged.
    pub(super) acknowledged: u32,
}

const HEADINGS: &str = "| conn | time | | segment | device |\n";

const PASSIVE_OPEN: &str = "
| $c | | --> | <SEQ=100><CTL=SYN>$options      |              |
| $c | | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK> | SYN-RECEIVED |
";
const PASSIVE_OPEN_END: &str = "
| $c | | --> | <SEQ=101><ACK=301><CTL=ACK> | ESTABLISHED |
";
const ACTIVE_OPEN: &str = "
| $c | | <-- | <SEQ=300><CTL=SYN> | SYN-SENT |
";
const ACTIVE_OPEN_END: &str = "
| $c | | --> | <SEQ=100><ACK=301><CTL=SYN,ACK>$options |             |
| $c | | <-- | <SEQ=301><ACK=101><CTL=ACK>             | ESTABLISHED |
";
/// The tester's SYN crosses the device's.
const BOTH_OPEN: &str = "
| $c | | --> | <SEQ=100><CTL=SYN>$options      | SYN-RECEIVED |
| $c | | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK> | SYN-RECEIVED |
";
const DEVICE_SENDS: &str = "
| $c | | call | send $count           | |
| $c | | <==  | <SEQ=301..$own> acked | |
";
const DEVICE_CLOSES: &str = "
| $c | | call | $close                          |            |
| $c | | <--  | <SEQ=$own><ACK=101><CTL=FIN,ACK> | FIN-WAIT-1 |
";
const TESTER_ACKNOWLEDGES: &str = "
| $c | | --> | <SEQ=101><ACK=$own+1><CTL=ACK> | FIN-WAIT-2 |
";
const TESTER_CLOSES: &str = "
| $c | | --> | <SEQ=101><ACK=$own+1><CTL=FIN,ACK> |           |
| $c | | <-- | <SEQ=$own+1><ACK=102><CTL=ACK>     | TIME-WAIT |
";
const TESTER_CLOSES_TOO: &str = "
| $c | | --> | <SEQ=101><ACK=$own><CTL=FIN,ACK> |         |
| $c | | <-- | <SEQ=$own+1><ACK=102><CTL=ACK>   | CLOSING |
";
const TESTER_CLOSES_FIRST: &str = "
| $c | | --> | <SEQ=101><ACK=$own><CTL=FIN,ACK> |            |
| $c | | <-- | <SEQ=$own><ACK=102><CTL=ACK>     | CLOSE-WAIT |
";
const DEVICE_CLOSES_TOO: &str = "
| $c | | call | $close                           |          |
| $c | | <--  | <SEQ=$own><ACK=102><CTL=FIN,ACK> | LAST-ACK |
";

impl Wanted {
    /// The ladder that brings the connection of that name there; None where nothing has to be exchanged.
    ///
    /// # Errors
    /// If the options are none.
    pub(super) fn ladder(&self, connection: &str, closing: Closing) -> Result<Option<Ladder>, LadderError> {
        let mut text = String::new();
        for part in self.parts() {
            text.push_str(part);
        }
        if text.is_empty() {
            return Ok(None);
        }
        let own = 301 + self.acknowledged;
        let text = text
            .replace("$count", &self.acknowledged.to_string())
            .replace("$own", &own.to_string())
            .replace("$options", &self.options)
            .replace("$close", closing.call())
            .replace("$c", connection);
        let table = Table::read(&format!("{HEADINGS}{text}"))?;
        table.ladder(&mut Known::default()).map(Some)
    }

    fn parts(&self) -> Vec<&'static str> {
        let (open, end) = match self.opener {
            Opener::Tester => (PASSIVE_OPEN, PASSIVE_OPEN_END),
            Opener::Device => (ACTIVE_OPEN, ACTIVE_OPEN_END),
        };
        let mut parts = match (self.state.as_str(), self.opener) {
            ("CLOSED" | "LISTEN", _) => return Vec::new(),
            ("SYN-SENT", _) => return vec![ACTIVE_OPEN],
            ("SYN-RECEIVED", Opener::Tester) => return vec![open],
            ("SYN-RECEIVED", Opener::Device) => return vec![open, BOTH_OPEN],
            _ => vec![open, end],
        };
        if self.acknowledged > 0 {
            parts.push(DEVICE_SENDS);
        }
        parts.extend_from_slice(match self.state.as_str() {
            "FIN-WAIT-1" => &[DEVICE_CLOSES],
            "FIN-WAIT-2" => &[DEVICE_CLOSES, TESTER_ACKNOWLEDGES],
            "CLOSING" => &[DEVICE_CLOSES, TESTER_CLOSES_TOO],
            "TIME-WAIT" => &[DEVICE_CLOSES, TESTER_ACKNOWLEDGES, TESTER_CLOSES],
            "CLOSE-WAIT" => &[TESTER_CLOSES_FIRST],
            "LAST-ACK" => &[TESTER_CLOSES_FIRST, DEVICE_CLOSES_TOO],
            _ => &[],
        });
        parts
    }

    /// Whether the device's application has to close.
    pub(super) fn needs_close(&self) -> bool {
        matches!(self.state.as_str(), "FIN-WAIT-1" | "FIN-WAIT-2" | "CLOSING" | "TIME-WAIT" | "LAST-ACK")
    }

    /// Who has to begin: SYN-SENT is always the device's doing.
    pub(super) fn is_opened_by_device(&self) -> bool {
        self.opener == Opener::Device || self.state == "SYN-SENT"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_a_ladder_that_can_be_read() {
        for state in STATES {
            for opener in [Opener::Tester, Opener::Device] {
                for acknowledged in [0, 20_000] {
                    let options = "<MSS=1000><SACKOK>".to_owned();
                    let wanted = Wanted { state: state.to_owned(), opener, options, acknowledged };
                    for closing in [Closing::Shutdown, Closing::Close] {
                        wanted.ladder("A", closing).unwrap_or_else(|error| panic!("{wanted:?}: {error}"));
                    }
                }
            }
        }
    }
}
