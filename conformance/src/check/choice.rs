//! Which connections and which rules somebody wants to see.

use core::net::{IpAddr, SocketAddr};
use std::collections::BTreeSet;
use std::fmt;

use crate::oracle::{RULES, RuleId};
use crate::problem::Problem;

/// Connections that were asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chosen(Vec<One>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum One {
    Numbers(u64, u64),
    End(SocketAddr),
    Host(IpAddr),
    Port(u16),
}

impl Chosen {
    /// Reads `1,4-6,192.0.2.1:80,[2001:db8::1]:80,192.0.2.1,:80`.
    ///
    /// # Errors
    ///
    /// What is neither a number, a span of numbers, an address nor a port.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let wrong = |one: &str| {
            Problem::new(
                format!("found `{one}` behind --connection"),
                "numbers such as 1,4-6, or an end such as 192.0.2.1:80, [2001:db8::1]:80, 192.0.2.1, :80",
            )
        };
        text.split(',')
            .map(|one| One::parse(one.trim()).ok_or_else(|| wrong(one)))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether it was asked for the connection with this number between these ends.
    pub fn holds(&self, number: u64, ends: &[SocketAddr; 2]) -> bool {
        self.0.iter().any(|one| match one {
            One::Numbers(first, last) => (*first..=*last).contains(&number),
            One::End(end) => ends.contains(end),
            One::Host(host) => ends.iter().any(|end| end.ip() == *host),
            One::Port(port) => ends.iter().any(|end| end.port() == *port),
        })
    }
}

impl One {
    fn parse(text: &str) -> Option<Self> {
        if let Ok(end) = text.parse() {
            return Some(Self::End(end));
        }
        if let Ok(host) = text.trim_start_matches('[').trim_end_matches(']').parse() {
            return Some(Self::Host(host));
        }
        if let Some(port) = text.strip_prefix(':') {
            return port.parse().ok().map(Self::Port);
        }
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
        (1 <= first && first <= last).then_some(Self::Numbers(first, last))
    }
}

/// Which end of connections is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The one that opens, as far as can be told.
    Opener,
    /// The other one.
    Listener,
    /// This end.
    End(SocketAddr),
    /// All ends of this host.
    Host(IpAddr),
    /// All ends with this port.
    Port(u16),
}

impl Side {
    /// Reads `opener`, `listener`, `192.0.2.1:80`, `[2001:db8::1]:80`, `192.0.2.1` or `:80`.
    ///
    /// # Errors
    ///
    /// What is nothing of that.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        match (text, One::parse(text)) {
            ("opener", _) => Ok(Self::Opener),
            ("listener", _) => Ok(Self::Listener),
            (_, Some(One::End(end))) => Ok(Self::End(end)),
            (_, Some(One::Host(host))) => Ok(Self::Host(host)),
            (_, Some(One::Port(port))) => Ok(Self::Port(port)),
            (_, Some(One::Numbers(..)) | None) => Err(Problem::new(
                format!("found `{text}` behind --side"),
                "opener, listener, or an end such as 192.0.2.1, [2001:db8::1]:80, :80",
            )),
        }
    }

    /// Whether it is the opener of a connection between these ends, and whether it is the other one.
    pub fn of(&self, ends: &[SocketAddr; 2]) -> [bool; 2] {
        match self {
            Self::Opener => [true, false],
            Self::Listener => [false, true],
            Self::End(own) => ends.map(|end| end == *own),
            Self::Host(own) => ends.map(|end| end.ip() == *own),
            Self::Port(own) => ends.map(|end| end.port() == *own),
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Opener => f.write_str("the end that opens"),
            Self::Listener => f.write_str("the end that does not open"),
            Self::End(end) => end.fmt(f),
            Self::Host(host) => host.fmt(f),
            Self::Port(port) => write!(f, "ends with port {port}"),
        }
    }
}

/// The rules of these names; `None` if none is named: all.
///
/// # Errors
///
/// A name that no rule has, with the nearest one.
pub fn rules(names: &[String]) -> Result<Option<BTreeSet<RuleId>>, Problem> {
    if names.is_empty() {
        return Ok(None);
    }
    let rule = |name: &str| {
        name.parse::<RuleId>().map_err(|_| {
            let near = nearest(name);
            let expected = match near {
                Some(near) => format!("did you mean `{near}`? `wireproof check --list-rules` lists all"),
                None => "a rule of the judge; `wireproof check --list-rules` lists all".to_owned(),
            };
            Problem::new(format!("no rule `{name}` behind --rule"), expected)
        })
    };
    let names = names.iter().flat_map(|name| name.split(',')).map(str::trim).filter(|name| !name.is_empty());
    names.map(rule).collect::<Result<_, _>>().map(Some)
}

/// The rule whose name takes the fewest changes, if they are few.
fn nearest(name: &str) -> Option<&'static str> {
    let all = RULES.iter().map(|rule| (changes(name, rule.name), rule.name));
    let (changes, near) = all.min()?;
    let is_part = |rule: &&str| !name.is_empty() && rule.contains(name);
    let part = RULES.iter().map(|rule| rule.name).find(is_part);
    part.or_else(|| (changes * 2 <= name.chars().count().max(4)).then_some(near))
}

/// How many characters are to be put in, taken away or replaced to make one text of another (Levenshtein).
fn changes(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, one) in a.chars().take(64).enumerate() {
        let mut before = i;
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
        for (j, other) in b.iter().enumerate() {
            let replaced = before + usize::from(one != *other);
            before = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(before + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_chosen_by_number_span_end_host_and_port() {
        let ends: [SocketAddr; 2] = ["192.0.2.1:1025".parse().unwrap(), "192.0.2.2:80".parse().unwrap()];
        for text in ["7", "1-7", "3, 7", "192.0.2.2:80", "192.0.2.1", ":80", "9,:1025"] {
            assert!(Chosen::parse(text).unwrap().holds(7, &ends), "{text}");
        }
        for text in ["8", "1-6", "192.0.2.2:81", "192.0.2.3", ":8", "[2001:db8::1]:80"] {
            assert!(!Chosen::parse(text).unwrap().holds(7, &ends), "{text}");
        }
        for text in ["", "x", "0", "5-1", "1,,2", ":70000", "192.0.2.1:x"] {
            assert!(Chosen::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_side_is_an_end_by_what_it_does_or_by_its_address_or_port() {
        let ends: [SocketAddr; 2] = ["192.0.2.1:1025".parse().unwrap(), "192.0.2.2:80".parse().unwrap()];
        for (text, sides) in [
            ("opener", [true, false]),
            ("listener", [false, true]),
            ("192.0.2.2:80", [false, true]),
            ("192.0.2.1", [true, false]),
            (":80", [false, true]),
            ("2001:db8::1", [false, false]),
        ] {
            assert_eq!(Side::parse(text).unwrap().of(&ends), sides, "{text}");
        }
        for text in ["", "7", "left", "192.0.2.1:x"] {
            assert!(Side::parse(text).unwrap_err().to_string().contains("opener, listener"), "{text}");
        }
    }

    #[test]
    fn an_unknown_rule_is_told_with_the_nearest() {
        let wrong = |name: &str| rules(&[name.to_owned()]).unwrap_err().to_string();
        assert!(wrong("window-overun").contains("`window-overrun`"));
        assert!(wrong("rto-backof").contains("`rto-backoff`"));
        assert!(!wrong("quite-something-else-altogether").contains("mean"));
        let two = rules(&["one-fin,nagle".to_owned(), "one-fin".to_owned()]).unwrap().unwrap();
        assert_eq!(two.len(), 2);
        assert_eq!(rules(&[]).unwrap(), None);
    }
}
