//! A second opinion: what etherparse sees in a frame, against what we see, field by field.
//!
//! Each side writes down the fields it sees, by name, as text; the lists must be equal. Where they cannot be, the
//! disagreement is one that is understood, with its reason, in [`reasons`]; anything else is a difference.
//! Other test programs include this folder by its path.

mod ours;
mod theirs;

use std::collections::{BTreeMap, BTreeSet};

/// How the octets begin.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(dead_code, reason = "not every test program meets raw IP")]
pub(crate) enum Link {
    /// With an Ethernet header.
    Ethernet,
    /// With an IP header.
    Ip,
}

/// Fields by name.
#[derive(Default, Debug)]
pub(crate) struct Fields(BTreeMap<String, String>);

impl Fields {
    fn put(&mut self, name: impl Into<String>, value: impl ToString) {
        self.0.insert(name.into(), value.to_string());
    }

    fn octets(&mut self, name: impl Into<String>, octets: &[u8]) {
        self.put(name, format!("{octets:02x?}"));
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Forgets every field whose name begins so.
    fn forget(&mut self, beginning: &str) {
        self.0.retain(|name, _| !name.starts_with(beginning));
    }
}

/// What came of comparing.
#[derive(Debug)]
#[allow(dead_code, reason = "not every test program counts what was compared")]
pub(crate) enum Opinion {
    /// Both read it and agree on so many fields; disagreements that are understood may have been set aside.
    Agree {
        /// Fields that were compared.
        fields: usize,
        /// What was set aside, and why.
        understood: BTreeSet<&'static str>,
    },
    /// Both refuse it.
    BothRefuse,
    /// One reads it and the other does not, for a reason that is understood.
    UnderstoodRefusal(&'static str),
    /// They differ.
    Differ(String),
}

/// Compares what we and etherparse see in `octets`.
pub(crate) fn compare(link: Link, octets: &[u8]) -> Opinion {
    match (ours::see(link, octets), theirs::see(link, octets)) {
        (Ok(ours), Ok(theirs)) => compare_fields(ours, theirs),
        (Err(_), Err(_)) => Opinion::BothRefuse,
        (Ok(ours), Err(error)) => match reasons::refused_by_them(&ours, &error) {
            Some(reason) => Opinion::UnderstoodRefusal(reason),
            None => Opinion::Differ(format!("etherparse refuses it: {error}")),
        },
        (Err(error), Ok(theirs)) => match reasons::refused_by_us(&theirs, &error) {
            Some(reason) => Opinion::UnderstoodRefusal(reason),
            None => Opinion::Differ(format!("we refuse it: {error}")),
        },
    }
}

fn compare_fields(mut ours: Fields, mut theirs: Fields) -> Opinion {
    let understood = reasons::set_aside(&mut ours, &mut theirs);
    let names: BTreeSet<&String> = ours.0.keys().chain(theirs.0.keys()).collect();
    let differences: Vec<String> = names
        .iter()
        .filter(|name| ours.0.get(**name) != theirs.0.get(**name))
        .map(|name| format!("{name}: ours {:?}, etherparse {:?}", ours.0.get(*name), theirs.0.get(*name)))
        .collect();
    if differences.is_empty() {
        return Opinion::Agree { fields: names.len(), understood };
    }
    Opinion::Differ(differences.join("; "))
}

/// Where etherparse 0.21 and we disagree, and why.
mod reasons {
    use super::Fields;
    use std::collections::BTreeSet;
    use wireproof_reference::wire::{Error, Fault, Layer};

    const AUTHENTICATION: &str =
        "etherparse walks through an authentication header (RFC 4302); to us it is an upper layer";
    const MACSEC: &str = "etherparse reads IEEE 802.1AE; to us it is an unknown EtherType";
    const IGMP: &str = "etherparse reads IGMP; to us it is an unknown protocol";
    const THIRD_TAG: &str = "etherparse reads three VLAN tags, we two";
    const OTHER_ARP: &str = "etherparse reads ARP of any address lengths, we that of IPv4 over Ethernet";
    const OPTION_KIND: &str = "etherparse stops at a TCP option kind beyond 0 to 5 and 8";
    const OPTION_LENGTH: &str = "etherparse stops at a TCP option whose length its RFC does not define";
    const NO_PAYLOAD_LENGTH: &str =
        "with an IPv6 payload length of 0 etherparse takes all that follows; we do as RFC 8200 and 2675 say";
    const FRAGMENT_CHAIN: &str =
        "etherparse walks on behind the header of a fragment, into what may be the middle of anything";
    const HOP_BY_HOP: &str =
        "etherparse refuses hop-by-hop options that are not first; who judges them is the host";
    const TIMESTAMP_LENGTH: &str = "etherparse wants an ICMP timestamp to be just 20 octets long";
    const ICMP_LENGTH: &str =
        "etherparse wants 8 octets of any ICMP message, and no more of the fields that its type has";
    const ICMP_VERSION: &str =
        "etherparse reads ICMP over IPv6 and ICMPv6 over IPv4; each belongs to one version";
    const FIRST_NIBBLE: &str = "etherparse goes by the version in the header, we by the EtherType";

    /// Takes away what is known to differ, on both sides, and says why.
    pub(super) fn set_aside(ours: &mut Fields, theirs: &mut Fields) -> BTreeSet<&'static str> {
        let mut aside: Vec<(&str, &'static str)> = Vec::new();
        if theirs.get("macsec").is_some() {
            aside.push(("", MACSEC));
        }
        if theirs.get("vlan 2 tpid").is_some() {
            aside.push(("", THIRD_TAG));
        }
        if theirs.get("arp other").is_some() {
            aside.extend([("arp", OTHER_ARP), ("ethernet payload", OTHER_ARP)]);
        }
        if theirs.get("ip authentication").is_some() {
            let names = ["ip authentication", "ip protocol", "ip payload octets", "ip extension"];
            aside.extend(names.into_iter().chain(TRANSPORTS).map(|name| (name, AUTHENTICATION)));
        }
        if theirs.get("igmp").is_some() {
            aside.extend([("igmp", IGMP), ("ip payload octets", IGMP)]);
        }
        let icmp = match theirs.get("ip version") {
            Some("4") => "icmpv6",
            _ => "icmpv4",
        };
        if theirs.get(&format!("{icmp} type")).is_some() {
            aside.extend([(icmp, ICMP_VERSION), ("ip payload octets", ICMP_VERSION)]);
        }
        if theirs.get("ip payload length") == Some("0") {
            let payloads = ["ip payload octets", "udp payload", "tcp payload", "icmpv6 payload"];
            aside.extend(payloads.map(|name| (name, NO_PAYLOAD_LENGTH)));
        }
        if theirs.get("ip fragment").is_some() && ours.get("ip protocol") != theirs.get("ip protocol") {
            let names = ["ip protocol", "ip payload octets", "ip extension"];
            aside.extend(names.map(|name| (name, FRAGMENT_CHAIN)));
        }
        for (name, _) in &aside {
            ours.forget(name);
            theirs.forget(name);
        }
        aside.into_iter().map(|(_, reason)| reason).chain(options(ours, theirs)).collect()
    }

    /// What the fields of each transport begin with.
    const TRANSPORTS: [&str; 4] = ["tcp", "udp", "icmpv4", "icmpv6"];

    /// Where etherparse stops within TCP options, the rest of ours is not compared.
    fn options(ours: &mut Fields, theirs: &mut Fields) -> Option<&'static str> {
        let stop = theirs.get("tcp option stop")?.to_owned();
        let at = theirs.get("tcp options read").unwrap_or_default().to_owned();
        theirs.forget("tcp option stop");
        theirs.forget("tcp options read");
        let name = format!("tcp option {at}");
        let reason = match ours.get(&name)? {
            // What we call malformed they have to as well, so there is nothing to set aside.
            "malformed" => {
                ours.forget(&name);
                return None;
            }
            unknown if unknown.starts_with("Unknown") && stop != "kind" => OPTION_LENGTH,
            _ if stop == "kind" => OPTION_KIND,
            _ => return None,
        };
        let first: usize = at.parse().unwrap_or_default();
        ours.0.retain(|name, _| {
            let index = name.strip_prefix("tcp option ").and_then(|index| index.parse::<usize>().ok());
            index.is_none_or(|index| index < first)
        });
        Some(reason)
    }

    /// We read it, they do not.
    pub(super) fn refused_by_them(ours: &Fields, error: &str) -> Option<&'static str> {
        if error.contains("HopByHopNotAtStart") {
            return Some(HOP_BY_HOP);
        }
        if error.contains("layer: Arp") && ours.get("ethernet payload").is_some() {
            return Some(OTHER_ARP);
        }
        if error.contains("Icmpv4Timestamp") {
            return Some(TIMESTAMP_LENGTH);
        }
        if error.contains("Icmpv4") || error.contains("Icmpv6") {
            return Some(ICMP_LENGTH);
        }
        if ours.get("ip protocol") == Some("51") || error.contains("IpAuth") {
            return Some(AUTHENTICATION);
        }
        if error.contains("Igmp") {
            return Some(IGMP);
        }
        if error.contains("Macsec") {
            return Some(MACSEC);
        }
        if ours.get("ip payload length") == Some("0") && ours.get("ip version") == Some("6") {
            return Some(NO_PAYLOAD_LENGTH);
        }
        if ours.get("ip fragment").is_some() && ours.get("ip version") == Some("6") {
            return Some(FRAGMENT_CHAIN);
        }
        if ours.get("vlan 1 tpid").is_some() && error.contains("Vlan") {
            return Some(THIRD_TAG);
        }
        None
    }

    /// They read it, we do not.
    pub(super) fn refused_by_us(theirs: &Fields, error: &Error) -> Option<&'static str> {
        if theirs.get("ip payload length") == Some("0") && theirs.get("ip version") == Some("6") {
            return Some(NO_PAYLOAD_LENGTH);
        }
        if matches!(error.layer, Layer::Icmpv4 | Layer::Icmpv6) && error.fault == Fault::Truncated {
            return Some(ICMP_LENGTH);
        }
        if error.field == "version" {
            return Some(FIRST_NIBBLE);
        }
        None
    }
}
