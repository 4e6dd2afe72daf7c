//! The device's state, read between rows: it takes no time, and nothing is said where the device cannot tell.

use super::Exchange;
use super::program::RowId;
use super::session::{Interruption, Session};
use super::thread::{Mismatch, Poll, Thread};
use crate::device::{Call, CallValue, Capability, TcpState};
use crate::notation::State;
use crate::report::Difference;
use crate::tester::Connection;

/// What the device says about a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// It cannot tell.
    Nothing,
    /// It is in this state.
    State(TcpState),
    /// It is gone, and its listener lives.
    GoneListening,
}

impl core::fmt::Display for Told {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Nothing => f.write_str("unknown"),
            Self::State(state) => f.write_str(state.name()),
            Self::GoneListening => f.write_str("CLOSED, its listener in LISTEN"),
        }
    }
}

impl Told {
    /// Whether a row's state holds. LISTEN holds if the connection is gone and its listener lives.
    fn holds(self, state: State) -> bool {
        match self {
            Self::Nothing => true,
            Self::State(told) => told.name() == state.name(),
            Self::GoneListening => matches!(state, State::Listen | State::Closed),
        }
    }
}

impl Exchange<'_> {
    /// Compares the device's state at rest with the row's.
    pub(super) fn poll_state(&mut self, thread: &mut Thread, id: RowId) -> Poll {
        let Some(expected) = self.program.row(id).device else {
            thread.advance();
            return Poll::Moved;
        };
        let connection = match self.connection_of(thread, id) {
            Ok(connection) => connection,
            Err(mismatch) => return mismatch.into(),
        };
        let told = match self.session.state(&thread.view.connections[connection]) {
            Ok(told) => told,
            Err(interruption) => return self.interrupted(id, &interruption).into(),
        };
        if told.holds(expected) {
            thread.advance();
            return Poll::Moved;
        }
        let (expected, got) = (expected.name().to_owned(), told.to_string());
        let difference =
            Difference { field: "device".to_owned(), expected: expected.clone(), got: got.clone() };
        let summary = format!("the device is in state {got}, not {expected}");
        Mismatch { expected, got, differences: vec![difference], ..Mismatch::at(id, summary) }.into()
    }
}

impl Session {
    /// What the device says about a connection: its socket's state, or its state among those not accepted yet.
    ///
    /// # Errors
    /// If the device fails.
    pub fn state(&mut self, connection: &Connection) -> Result<Told, Interruption> {
        let can = |session: &Self, capability| session.capabilities().has(capability);
        let mut told = None;
        if let Some(socket) = self.application.socket(&connection.name) {
            if !can(self, Capability::State) {
                return Ok(Told::Nothing);
            }
            told = self.ask_state(Call::State { socket })?;
            if told.is_some_and(|state| state != TcpState::Closed) {
                return Ok(told.map_or(Told::Nothing, Told::State));
            }
        }
        let Some(listener) = self.application.listener(connection.device_port) else {
            return Ok(told.map_or(Told::Nothing, Told::State));
        };
        if can(self, Capability::Children) {
            let (address, port) = (self.address(connection.host), connection.tester_port);
            let children = self.ask(Call::Children { listener: listener.socket })?;
            if let Some(Ok(CallValue::Children(children))) = children
                && let Some(child) =
                    children.iter().find(|child| (child.address, child.port) == (address, port))
            {
                return Ok(Told::State(child.state));
            }
        } else if told.is_none() {
            return Ok(Told::Nothing);
        }
        if !can(self, Capability::State) {
            return Ok(Told::Nothing);
        }
        match self.ask_state(Call::State { socket: listener.socket })? {
            Some(TcpState::Listen) => Ok(Told::GoneListening),
            Some(_) | None => Ok(Told::State(TcpState::Closed)),
        }
    }

    /// Gives the sockets that the application has accepted to the connections with their ends, the one introduced last
    /// where several have the same.
    pub fn give_accepted(&mut self, connections: &[Connection]) {
        if !self.application.has_accepted() {
            return;
        }
        for connection in connections.iter().rev() {
            let address = self.address(connection.host);
            while let Some(socket) = self.application.take_accepted(address, connection.tester_port) {
                self.application.set_socket(&connection.name, socket);
            }
        }
    }

    fn ask_state(&mut self, call: Call) -> Result<Option<TcpState>, Interruption> {
        Ok(match self.ask(call)? {
            Some(Ok(CallValue::State(state))) => Some(state),
            Some(Ok(_) | Err(_)) | None => None,
        })
    }
}
