//! A clause of an RFC, as tags name it: `@rfc9293-3.5-MUST-10`, `@rfc6298-5.7`.

use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A section of an RFC, or one requirement in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Clause {
    /// Number of the RFC.
    pub rfc: u16,
    /// Section as the RFC numbers it, `3.10.7.4`.
    pub section: String,
    /// Id of the requirement in its RFC, `MUST-10`; none for the section as a whole.
    pub id: Option<String>,
}

impl Clause {
    /// The tag, without `@`: `rfc9293-3.5-MUST-10`.
    pub fn tag(&self) -> String {
        match &self.id {
            Some(id) => format!("rfc{}-{}-{id}", self.rfc, self.section),
            None => format!("rfc{}-{}", self.rfc, self.section),
        }
    }
}

impl fmt::Display for Clause {
    /// As people write it: `RFC 9293 3.5 MUST-10`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match &self.id {
            Some(id) => format!("RFC {} {} {id}", self.rfc, self.section),
            None => format!("RFC {} {}", self.rfc, self.section),
        };
        f.pad(&text)
    }
}

impl FromStr for Clause {
    type Err = String;

    /// Reads a tag, with or without `@`. The error says what a clause looks like.
    fn from_str(text: &str) -> Result<Self, String> {
        let shape = || format!("`{text}` is not a clause like rfc9293-3.5-MUST-10 or rfc6298-5.7");
        let rest = text.strip_prefix('@').unwrap_or(text).strip_prefix("rfc").ok_or_else(shape)?;
        let mut parts = rest.splitn(3, '-');
        let (rfc, section, id) = (parts.next(), parts.next(), parts.next());
        let rfc = rfc.and_then(|number| number.parse().ok()).ok_or_else(shape)?;
        let section = section.filter(|section| is_section(section)).ok_or_else(shape)?;
        if id.is_some_and(str::is_empty) {
            return Err(shape());
        }
        Ok(Self { rfc, section: section.to_owned(), id: id.map(str::to_owned) })
    }
}

/// Numbers or appendix letters between dots: `3.10.7.4`, `A.2`.
fn is_section(text: &str) -> bool {
    text.split('.').all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric()))
}

impl Serialize for Clause {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.tag())
    }
}

impl<'de> Deserialize<'de> for Clause {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_reads_and_prints_as_itself() {
        for tag in ["rfc9293-3.5-MUST-10", "rfc6298-5.7", "rfc9293-A.2"] {
            assert_eq!(tag.parse::<Clause>().unwrap().tag(), tag);
        }
        assert_eq!("@rfc6298-5.7".parse::<Clause>().unwrap().to_string(), "RFC 6298 5.7");
    }

    #[test]
    fn what_is_no_clause_is_refused_with_its_shape() {
        for text in ["tcp", "rfc", "rfc9293", "rfc9293-", "rfc9293-3..5", "rfc99999-1", "rfc9293-3.5-"] {
            let error = text.parse::<Clause>().unwrap_err();
            assert!(error.contains("rfc9293-3.5-MUST-10"), "{text}: {error}");
        }
    }
}
