//! What a device can do (`capability`) and what it says about itself (`property`).

use super::call::OptionName;
use core::fmt;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use wireproof_reference::time::Duration;

/// One word of the greeting's `capability` lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Capability {
    /// `ipv4`.
    Ipv4,
    /// `ipv6`.
    Ipv6,
    /// `listen`.
    Listen,
    /// `backlog`: the listener's limit is the stack's own.
    Backlog,
    /// `accept`.
    Accept,
    /// `connect`.
    Connect,
    /// `send`.
    Send,
    /// `fill`.
    Fill,
    /// `urgent`: `sendurgent`.
    Urgent,
    /// `recv`.
    Recv,
    /// `shutdown:write`.
    ShutdownWrite,
    /// `shutdown:read`.
    ShutdownRead,
    /// `shutdown:both`.
    ShutdownBoth,
    /// `close`.
    Close,
    /// `close:half`: `close` closes only the sending side.
    CloseHalf,
    /// `abort`.
    Abort,
    /// `state`.
    State,
    /// `children`.
    Children,
    /// `option:NAME`: `set` of that option.
    Option(OptionName),
    /// `udp`.
    Udp,
    /// `errors`: it knows why a socket failed. Without it only ok and error are told apart.
    Errors,
    /// `clock`: `reset clock=T` starts the stack's own clock at T.
    Clock,
    /// `iss`: `reset iss=N` fixes initial sequence numbers.
    Iss,
    /// `live`: time may be real and the wire external.
    Live,
    /// `once`: the stack cannot forget; each scenario needs a new process.
    Once,
}

/// Every capability that is a fixed word, with the word.
const WORDS: [(Capability, &str); 24] = [
    (Capability::Ipv4, "ipv4"),
    (Capability::Ipv6, "ipv6"),
    (Capability::Listen, "listen"),
    (Capability::Backlog, "backlog"),
    (Capability::Accept, "accept"),
    (Capability::Connect, "connect"),
    (Capability::Send, "send"),
    (Capability::Fill, "fill"),
    (Capability::Urgent, "urgent"),
    (Capability::Recv, "recv"),
    (Capability::ShutdownWrite, "shutdown:write"),
    (Capability::ShutdownRead, "shutdown:read"),
    (Capability::ShutdownBoth, "shutdown:both"),
    (Capability::Close, "close"),
    (Capability::CloseHalf, "close:half"),
    (Capability::Abort, "abort"),
    (Capability::State, "state"),
    (Capability::Children, "children"),
    (Capability::Udp, "udp"),
    (Capability::Errors, "errors"),
    (Capability::Clock, "clock"),
    (Capability::Iss, "iss"),
    (Capability::Live, "live"),
    (Capability::Once, "once"),
];

impl Capability {
    /// The capability that a word of a greeting names, `None` for a word that is not known.
    pub fn from_word(word: &str) -> Option<Self> {
        if let Some(name) = word.strip_prefix("option:") {
            return OptionName::from_word(name).map(Self::Option);
        }
        WORDS.iter().find(|(_, known)| *known == word).map(|(capability, _)| *capability)
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Option(name) = self {
            return f.pad(&format!("option:{name}"));
        }
        let word = WORDS.iter().find(|(capability, _)| capability == self).map_or("", |(_, word)| *word);
        f.pad(word)
    }
}

/// The capabilities of a device. A call that is not among them is never made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capabilities(BTreeSet<Capability>);

impl Capabilities {
    /// Whether the device can do this.
    pub fn has(&self, capability: Capability) -> bool {
        self.0.contains(&capability)
    }

    /// The first of these that is missing, `None` if the device can do them all.
    pub fn first_missing(&self, needed: impl IntoIterator<Item = Capability>) -> Option<Capability> {
        needed.into_iter().find(|capability| !self.has(*capability))
    }

    /// Adds one.
    pub fn insert(&mut self, capability: Capability) {
        self.0.insert(capability);
    }

    /// Takes one away.
    pub fn remove(&mut self, capability: Capability) {
        self.0.remove(&capability);
    }

    /// All of them, in a fixed order.
    pub fn iter(&self) -> impl Iterator<Item = Capability> {
        self.0.iter().copied()
    }

    /// Adds those that the words of a `capability` line name; words that are not known are ignored.
    pub fn insert_words(&mut self, words: &str) {
        self.0.extend(words.split_ascii_whitespace().filter_map(Capability::from_word));
    }
}

impl FromIterator<Capability> for Capabilities {
    fn from_iter<I: IntoIterator<Item = Capability>>(capabilities: I) -> Self {
        Self(capabilities.into_iter().collect())
    }
}

/// What a device says about its own times: the greeting's `property NAME VALUE` lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Properties(BTreeMap<String, Duration>);

impl Properties {
    /// The value of any property, by the name that the protocol or a profile gives it.
    pub fn value(&self, name: &str) -> Option<Duration> {
        self.0.get(name).copied()
    }

    /// Sets a property.
    pub fn set(&mut self, name: &str, value: Duration) {
        self.0.insert(name.to_owned(), value);
    }

    /// All of them by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Duration)> {
        self.0.iter().map(|(name, value)| (name.as_str(), *value))
    }

    /// `granularity`: the step of the stack's timers.
    pub fn granularity(&self) -> Option<Duration> {
        self.value("granularity")
    }

    /// `timewait`: how long TIME-WAIT lasts.
    pub fn timewait(&self) -> Option<Duration> {
        self.value("timewait")
    }

    /// `rtomin`: the shortest retransmission timeout.
    pub fn rtomin(&self) -> Option<Duration> {
        self.value("rtomin")
    }

    /// `ackdelay`: how long an acknowledgment may be delayed.
    pub fn ackdelay(&self) -> Option<Duration> {
        self.value("ackdelay")
    }

    /// `neighbour`: the life of an entry in the neighbour cache.
    pub fn neighbour(&self) -> Option<Duration> {
        self.value("neighbour")
    }
}

/// Who a device is and what it can do: the adapter's greeting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// The stack's name, one word: `smoltcp`.
    pub name: String,
    /// Its version, one word: `0.14.0`.
    pub version: String,
    /// What it can do.
    pub capabilities: Capabilities,
    /// What it says about its own times.
    pub properties: Properties,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_names_its_capability_and_back() {
        let options = OptionName::ALL.into_iter().map(Capability::Option);
        for capability in WORDS.iter().map(|(capability, _)| *capability).chain(options) {
            assert_eq!(Capability::from_word(&capability.to_string()), Some(capability), "{capability:?}");
        }
    }

    #[test]
    fn words_that_are_not_known_are_ignored() {
        let mut capabilities = Capabilities::default();
        capabilities.insert_words("ipv4 teleport option:nodelay option:teleport");
        let known = capabilities.iter().collect::<Vec<_>>();
        assert_eq!(known, [Capability::Ipv4, Capability::Option(OptionName::Nodelay)]);
    }

    #[test]
    fn the_first_missing_capability_is_named() {
        let capabilities = Capabilities::from_iter([Capability::Ipv4, Capability::Listen]);
        assert_eq!(capabilities.first_missing([Capability::Listen]), None);
        assert_eq!(
            capabilities.first_missing([Capability::Listen, Capability::Accept, Capability::Udp]),
            Some(Capability::Accept)
        );
    }
}
