//! The eleven states of RFC 9293 3.3.2 and the table of every way from one to another.
//!
//! The table is Figure 5 with its notes and with what 3.10 adds: resets, aborts and time-outs. Whatever changes the
//! state of a connection is checked against it, and [`graph`] prints it for Graphviz.

use core::fmt;

/// The state of a connection by its name in the RFC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// No connection.
    Closed,
    /// Waits for a connection request from any remote end.
    Listen,
    /// Has sent a connection request, waits for a matching one.
    SynSent,
    /// Has sent and received a connection request, waits for the acknowledgment.
    SynReceived,
    /// Open; data flows.
    Established,
    /// Closed by the user; waits for the FIN's acknowledgment or for the peer's FIN.
    FinWait1,
    /// The FIN is acknowledged; waits for the peer's.
    FinWait2,
    /// Closed by the peer; waits for the user.
    CloseWait,
    /// Closed by both at once; waits for the FIN's acknowledgment.
    Closing,
    /// Closed by the peer, then by the user; waits for the FIN's acknowledgment.
    LastAck,
    /// Waits until all segments of the connection have died in the network.
    TimeWait,
}

impl State {
    /// All of them, in the RFC's order, CLOSED first.
    pub const ALL: [Self; 11] = [
        Self::Closed,
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
    ];

    /// The RFC's name: `SYN-SENT`.
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

    /// Whether both ends have agreed on sequence numbers (RFC 9293 3.5.2, group 3).
    pub const fn is_synchronised(self) -> bool {
        !matches!(self, Self::Closed | Self::Listen | Self::SynSent | Self::SynReceived)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One way from a state to another: from, to, and what takes it.
pub type Transition = (State, State, &'static str);

/// Every transition there is.
pub const TRANSITIONS: &[Transition] = {
    use State::*;
    &[
        // Opening.
        (Closed, Listen, "passive OPEN"),
        (Closed, SynSent, "active OPEN / SYN"),
        (Listen, SynSent, "active OPEN / SYN"),
        (Listen, SynReceived, "SYN / SYN,ACK"),
        (SynSent, SynReceived, "SYN / SYN,ACK"),
        (SynSent, Established, "SYN,ACK / ACK"),
        (SynReceived, Established, "ACK of SYN"),
        (TimeWait, SynReceived, "newer SYN / SYN,ACK"),
        // Closing.
        (SynReceived, FinWait1, "CLOSE / FIN"),
        (Established, FinWait1, "CLOSE / FIN"),
        (Established, CloseWait, "FIN / ACK"),
        (FinWait1, FinWait2, "ACK of FIN"),
        (FinWait1, Closing, "FIN / ACK"),
        (FinWait2, TimeWait, "FIN / ACK"),
        (Closing, TimeWait, "ACK of FIN"),
        (CloseWait, LastAck, "CLOSE / FIN"),
        (LastAck, Closed, "ACK of FIN, RST, ABORT or time-out"),
        (TimeWait, Closed, "2 MSL or ABORT"),
        // Giving up an opening.
        (Listen, Closed, "CLOSE"),
        (SynSent, Closed, "CLOSE, RST or time-out"),
        (SynReceived, Listen, "RST or SYN, after a passive OPEN"),
        (SynReceived, TimeWait, "RST, after a newer SYN in TIME-WAIT"),
        (SynReceived, Closed, "RST, ABORT or time-out"),
        // Breaking off.
        (Established, Closed, "RST, ABORT or time-out"),
        (FinWait1, Closed, "RST, ABORT or time-out"),
        (FinWait2, Closed, "RST, ABORT or time-out"),
        (CloseWait, Closed, "RST, ABORT or time-out"),
        (Closing, Closed, "RST, ABORT or time-out"),
    ]
};

/// Whether the table holds a way from `from` to `to`.
pub fn is_declared(from: State, to: State) -> bool {
    TRANSITIONS.iter().any(|&(a, b, _)| (a, b) == (from, to))
}

/// The table as a graph in Graphviz' language.
pub fn graph() -> String {
    let mut text = String::from("digraph tcp {\n");
    for state in State::ALL {
        text.push_str(&format!("    \"{state}\";\n"));
    }
    for (from, to, why) in TRANSITIONS {
        text.push_str(&format!("    \"{from}\" -> \"{to}\" [label=\"{why}\"];\n"));
    }
    text.push_str("}\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_transition_is_declared_twice_and_none_leads_to_itself() {
        for (place, &(from, to, _)) in TRANSITIONS.iter().enumerate() {
            assert_ne!(from, to);
            assert!(
                !TRANSITIONS[..place].iter().any(|&(a, b, _)| (a, b) == (from, to)),
                "{from} -> {to} twice"
            );
        }
    }

    #[test]
    fn every_state_is_reached_from_closed_and_leads_back_there() {
        for state in State::ALL {
            assert!(TRANSITIONS.iter().any(|&(_, to, _)| to == state), "{state} is never entered");
            assert!(reaches(State::Closed, state), "{state} cannot be reached");
            assert!(reaches(state, State::Closed), "{state} is never left");
        }
    }

    fn reaches(from: State, goal: State) -> bool {
        let mut seen = vec![from];
        let mut next = 0;
        while next < seen.len() {
            let state = seen[next];
            next += 1;
            for &(a, b, _) in TRANSITIONS {
                if a == state && !seen.contains(&b) {
                    seen.push(b);
                }
            }
        }
        seen.contains(&goal)
    }

    #[test]
    fn the_graph_is_the_one_that_is_drawn() {
        assert_eq!(graph(), include_str!("states.dot"), "draw it anew: states.dot is `graph()`");
    }

    #[test]
    fn the_graph_names_every_state_and_every_transition() {
        let graph = graph();
        assert!(State::ALL.iter().all(|state| graph.contains(&format!("    \"{state}\";\n"))));
        assert_eq!(graph.matches(" -> ").count(), TRANSITIONS.len());
        assert!(graph.contains("\"LAST-ACK\" -> \"CLOSED\" [label=\"ACK of FIN, RST, ABORT or time-out\"];"));
    }
}
