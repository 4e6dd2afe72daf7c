//! The states that an end may be in, as far as an observer can tell.

use core::fmt;

use crate::device::TcpState;

/// A set of the states of RFC 9293 3.3.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct States(u16);

impl States {
    /// No state: what was seen cannot be.
    pub const NONE: Self = Self(0);
    /// Every state: nothing is known.
    pub const ALL: Self = Self(0x7ff);

    /// Just this state.
    pub const fn only(state: TcpState) -> Self {
        Self(1 << state as u16)
    }

    /// These states.
    pub fn of(states: &[TcpState]) -> Self {
        Self(states.iter().fold(0, |bits, state| bits | Self::only(*state).0))
    }

    /// Whether it may be in this state.
    pub const fn may_be(self, state: TcpState) -> bool {
        self.0 & Self::only(state).0 != 0
    }

    /// Whether it is in one of these for sure.
    pub const fn is_within(self, others: Self) -> bool {
        self.0 & !others.0 == 0 && self.0 != 0
    }

    /// The states of either.
    #[must_use]
    pub const fn with(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// The states, in the order of the RFC.
    pub fn iter(self) -> impl Iterator<Item = TcpState> {
        TcpState::ALL.into_iter().filter(move |state| self.may_be(*state))
    }

    /// Every state in `self` replaced by what may follow it.
    #[must_use]
    pub fn after(self, step: impl Fn(TcpState) -> Self) -> Self {
        self.iter().fold(Self::NONE, |next, state| next.with(step(state)))
    }
}

impl fmt::Display for States {
    /// `ESTABLISHED or FIN-WAIT-1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = self.iter().map(|state| state.to_string()).collect();
        f.pad(&names.join(" or "))
    }
}
