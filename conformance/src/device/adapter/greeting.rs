//! The greeting: who an adapter is and what it can do.

use crate::device::{Capabilities, Capability, Description, Properties};
use wireproof_reference::time::Duration;

/// The version of the protocol that is spoken here.
pub(super) const VERSION: &str = "1";
/// How many lines a greeting has at most.
pub(super) const MAX_LINES: usize = 10_000;

/// A greeting that is being read, line by line.
#[derive(Debug, Default)]
pub(super) struct Greeting {
    who: Option<(String, String)>,
    capabilities: Capabilities,
    properties: Properties,
    lines: usize,
    unknown: Vec<String>,
}

/// A line that should not stand there: what should.
pub(super) type Expected = String;

impl Greeting {
    /// Takes a line; the description once it is complete. Words and lines that are not known are ignored.
    ///
    /// # Errors
    /// What should stand there.
    pub(super) fn take(&mut self, line: &str) -> Result<Option<Description>, Expected> {
        self.lines += 1;
        if self.lines > MAX_LINES {
            return Err(format!("`ready` within {MAX_LINES} lines"));
        }
        let mut words = line.split_ascii_whitespace();
        match (words.next(), &self.who) {
            (None, _) => {}
            (Some("wireproof"), None) => self.who = Some(who(words)?),
            (Some("wireproof"), Some(_)) => return Err("one line `wireproof 1 NAME VERSION`".to_owned()),
            (Some(_), None) => {
                return Err(format!("`wireproof {VERSION} NAME VERSION` as the first line of the greeting"));
            }
            (Some("capability" | "capabilities"), Some(_)) => {
                for word in words {
                    match Capability::from_word(word) {
                        Some(capability) => self.capabilities.insert(capability),
                        None => self.unknown.push(word.to_owned()),
                    }
                }
            }
            (Some("property"), Some(_)) => self.property(words)?,
            (Some("ready"), Some((name, version))) => {
                return Ok(Some(Description {
                    name: name.clone(),
                    version: version.clone(),
                    capabilities: std::mem::take(&mut self.capabilities),
                    properties: std::mem::take(&mut self.properties),
                }));
            }
            (Some(other), Some(_)) => self.unknown.push(other.to_owned()),
        }
        Ok(None)
    }

    /// Words that are not known, which were ignored.
    pub(super) fn take_unknown(&mut self) -> Vec<String> {
        std::mem::take(&mut self.unknown)
    }

    fn property<'l>(&mut self, mut words: impl Iterator<Item = &'l str>) -> Result<(), Expected> {
        let expected = || "`property NAME NANOSECONDS`, a number below 2^64".to_owned();
        let (Some(name), Some(value), None) = (words.next(), words.next(), words.next()) else {
            return Err(expected());
        };
        self.properties.set(name, Duration::from_nanos(value.parse().map_err(|_| expected())?));
        Ok(())
    }
}

fn who<'l>(mut words: impl Iterator<Item = &'l str>) -> Result<(String, String), Expected> {
    let version = words.next();
    if version != Some(VERSION) {
        return Err(format!("version {VERSION} of the protocol, `wireproof {VERSION} NAME VERSION`"));
    }
    let name = words.next().ok_or_else(|| format!("the stack's name, `wireproof {VERSION} NAME VERSION`"))?;
    // What stands behind the version is of no use here.
    Ok((name.to_owned(), words.next().unwrap_or("unknown").to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<Description>, Expected> {
        let mut greeting = Greeting::default();
        for line in text.lines() {
            if let Some(description) = greeting.take(line)? {
                return Ok(Some(description));
            }
        }
        Ok(None)
    }

    #[test]
    fn the_greeting_of_the_page_reads() {
        let text = "wireproof 1 lwip 2.2.1\ncapability ipv4 listen\ncapability option:nodelay\n\
                    property granularity 1000000\nready";
        let read = read(text).unwrap().unwrap();
        assert_eq!((read.name.as_str(), read.version.as_str()), ("lwip", "2.2.1"));
        assert!(read.capabilities.has(Capability::Listen) && read.capabilities.iter().count() == 3);
        assert_eq!(read.properties.granularity(), Some(Duration::from_millis(1)));
    }

    #[test]
    fn blanks_line_ends_of_windows_and_what_is_not_known_do_not_matter() {
        let text =
            "\r\n  wireproof  1 x 2 (from afar)\r\n\tcapability   ipv4 telepathy \r\nvendor x\r\nready \r\n";
        let read = read(text).unwrap().unwrap();
        assert_eq!((read.name.as_str(), read.version.as_str()), ("x", "2"));
        assert_eq!(read.capabilities.iter().collect::<Vec<_>>(), [Capability::Ipv4]);
    }

    #[test]
    fn what_is_no_greeting_is_told_with_what_one_is() {
        for (text, expected) in [
            ("hello", "as the first line of the greeting"),
            ("ready", "as the first line of the greeting"),
            ("wireproof 2 x 1", "version 1 of the protocol"),
            ("wireproof 1", "the stack's name"),
            ("wireproof 1 x 1\nproperty granularity", "property NAME NANOSECONDS"),
            ("wireproof 1 x 1\nproperty granularity 1ms", "property NAME NANOSECONDS"),
            ("wireproof 1 x 1\nproperty granularity -1", "property NAME NANOSECONDS"),
            ("wireproof 1 x 1\nwireproof 1 x 1", "one line"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
        assert_eq!(read("wireproof 1 x 1\ncapability ipv4"), Ok(None), "not ready yet");
        assert!(read(&"\n".repeat(MAX_LINES + 1)).unwrap_err().contains("ready"), "endless");
    }
}
