//! All clauses that tags may name, read once from the TOML files of `conformance/requirements`.
//!
//! A file an RFC:
//!
//! ```toml
//! rfc = 9293
//! title = "Transmission Control Protocol (TCP)"
//! requirement = [
//!   { id = "MUST-10", level = "MUST", section = "3.5", seen = "calls", summary = "...", how = "..." },
//! ]
//! [sections]            # number = title, as facts; a tag's section must be here
//! "3.5" = "Establishing a Connection"
//! [summaries]           # what a section demands, in our own words, where scenarios refer to it as a whole
//! "3.5" = "..."
//! [levels]              # how strict a section is as a whole, where that is not MUST
//! "3.2" = "SHOULD"
//! ```

use std::collections::BTreeMap;
use std::sync::OnceLock;

use include_dir::{Dir, include_dir};
use serde::{Deserialize, Serialize};

use super::Clause;
use crate::report::Level;

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/requirements");

/// The registry that is built into the program.
pub fn registry() -> &'static Registry {
    static REGISTRY: OnceLock<Registry> = OnceLock::new();
    REGISTRY.get_or_init(|| {
        let texts =
            FILES.files().filter_map(|file| Some((file.path().display().to_string(), file.contents_utf8()?)));
        Registry::read(texts)
            .unwrap_or_else(|error| unreachable!("an embedded requirements file is wrong: {error}"))
    })
}

/// All RFCs whose clauses tags may name.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    rfcs: BTreeMap<u16, Rfc>,
}

/// One RFC: its sections and, where it numbers them, its requirements.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rfc {
    /// Its number.
    #[serde(rename = "rfc")]
    pub number: u16,
    /// Its title.
    pub title: String,
    /// Section numbers with their titles.
    pub sections: BTreeMap<String, String>,
    /// What a section demands, in our own words.
    #[serde(default)]
    pub summaries: BTreeMap<String, String>,
    /// How strict a section is as a whole, where that is not MUST.
    #[serde(default)]
    pub levels: BTreeMap<String, Level>,
    /// The requirements, in the order of the file.
    #[serde(default, rename = "requirement")]
    pub requirements: Vec<Requirement>,
}

/// A requirement that its RFC numbers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// Its id in the RFC, `MUST-10`.
    pub id: String,
    /// The RFC's word for its level, `MUST NOT`.
    #[serde(rename = "level")]
    pub word: String,
    /// The section that states it.
    pub section: String,
    /// What it takes to see whether it is kept.
    pub seen: Observable,
    /// One line in our own words.
    pub summary: String,
    /// How it can be observed, and what stands in the way.
    #[serde(default)]
    pub how: String,
}

/// What it takes to see whether a requirement is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Observable {
    /// Packets alone show it.
    Wire,
    /// It shows with the calls of the device's application.
    Calls,
    /// It cannot be seen from outside.
    Inside,
}

impl Requirement {
    /// The level by which it is judged.
    pub fn level(&self) -> Level {
        level_of_id(&self.id)
    }
}

/// The level that an id bears in its name; what is none of the known words counts as MUST.
fn level_of_id(id: &str) -> Level {
    match id.split('-').next() {
        Some("SHLD" | "REC") => Level::Should,
        Some("MAY") => Level::May,
        _ => Level::Must,
    }
}

impl Registry {
    /// Reads the texts of requirement files, each with the name that errors shall bear.
    ///
    /// # Errors
    ///
    /// The first file that is not as told above, with line and column, or that names an id or RFC twice, or a section
    /// that it does not list.
    pub fn read<T: AsRef<str>>(files: impl Iterator<Item = (String, T)>) -> Result<Self, String> {
        let mut rfcs = BTreeMap::new();
        for (name, text) in files {
            let rfc: Rfc = toml::from_str(text.as_ref()).map_err(|error| format!("{name}: {error}"))?;
            rfc.check().map_err(|error| format!("{name}: {error}"))?;
            let number = rfc.number;
            if rfcs.insert(number, rfc).is_some() {
                return Err(format!("{name}: RFC {number} has two files"));
            }
        }
        Ok(Self { rfcs })
    }

    /// All RFCs, by number.
    pub fn rfcs(&self) -> impl Iterator<Item = &Rfc> {
        self.rfcs.values()
    }

    /// One RFC.
    pub fn rfc(&self, number: u16) -> Option<&Rfc> {
        self.rfcs.get(&number)
    }

    /// The requirement that a clause names, if it names one.
    pub fn requirement(&self, clause: &Clause) -> Option<&Requirement> {
        let id = clause.id.as_ref()?;
        self.rfc(clause.rfc)?.requirements.iter().find(|requirement| requirement.id == *id)
    }

    /// The level by which a clause is judged; a section without id counts as MUST unless its RFC's file says otherwise.
    pub fn level(&self, clause: &Clause) -> Level {
        if clause.id.is_some() {
            return self.requirement(clause).map_or(Level::Must, Requirement::level);
        }
        let section = self.rfc(clause.rfc).and_then(|rfc| rfc.levels.get(&clause.section));
        section.copied().unwrap_or(Level::Must)
    }

    /// Our summary of a clause; for a section without one, its title. None if the clause is unknown.
    pub fn summary(&self, clause: &Clause) -> Option<&str> {
        if clause.id.is_some() {
            return self.requirement(clause).map(|requirement| requirement.summary.as_str());
        }
        let rfc = self.rfc(clause.rfc)?;
        rfc.summaries.get(&clause.section).or_else(|| rfc.sections.get(&clause.section)).map(String::as_str)
    }

    /// Whether the clause exists: its RFC is known here and has that section and that requirement. The two need not
    /// go together: what one section demands is often carried out in another.
    ///
    /// # Errors
    ///
    /// What is wrong, and what would be right.
    pub fn check(&self, clause: &Clause) -> Result<(), (String, String)> {
        let number = clause.rfc;
        let Some(rfc) = self.rfc(number) else {
            let known: Vec<String> = self.rfcs.keys().map(u16::to_string).collect();
            return Err((
                format!("RFC {number} is not in the registry"),
                format!("one of RFC {}", known.join(", ")),
            ));
        };
        let section = &clause.section;
        if !rfc.sections.contains_key(section) {
            let parent = section.rsplit_once('.').map_or("", |(parent, _)| parent);
            let near = rfc.sections.keys().filter(|own| own.starts_with(parent)).take(12);
            let near: Vec<&str> = near.map(String::as_str).collect();
            return Err((
                format!("RFC {number} has no section {section}"),
                format!("a section such as {}", near.join(", ")),
            ));
        }
        let Some(id) = &clause.id else { return Ok(()) };
        if self.requirement(clause).is_none() {
            let here = rfc.requirements.iter().filter(|own| own.section == *section);
            let here: Vec<&str> = here.map(|own| own.id.as_str()).collect();
            let expected = match here.is_empty() {
                true => format!("no id behind the section: none is known in {section}"),
                false => format!("in {section}: {}", here.join(", ")),
            };
            return Err((format!("RFC {number} has no requirement {id}"), expected));
        }
        Ok(())
    }
}

impl Rfc {
    fn check(&self) -> Result<(), String> {
        let mut ids = std::collections::BTreeSet::new();
        for requirement in &self.requirements {
            if !ids.insert(&requirement.id) {
                return Err(format!("{} stands here twice", requirement.id));
            }
            if !self.sections.contains_key(&requirement.section) {
                return Err(format!(
                    "{} names section {}, which is not listed",
                    requirement.id, requirement.section
                ));
            }
        }
        if let Some(section) = self.summaries.keys().find(|section| !self.sections.contains_key(*section)) {
            return Err(format!("section {section} has a summary but is not listed"));
        }
        match self.levels.keys().find(|section| !self.sections.contains_key(*section)) {
            Some(section) => Err(format!("section {section} has a level but is not listed")),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(tag: &str) -> Result<(), (String, String)> {
        registry().check(&tag.parse().unwrap())
    }

    #[test]
    fn rfc_9293_has_its_119_requirements() {
        let rfc = registry().rfc(9293).unwrap();
        let count = |prefix: &str| rfc.requirements.iter().filter(|r| r.id.starts_with(prefix)).count();
        assert_eq!((count("MUST-"), count("SHLD-"), count("MAY-"), count("REC-")), (69, 31, 18, 1));
        assert_eq!(rfc.requirements.len(), 119);
    }

    #[test]
    fn every_requirement_has_a_summary_of_one_line_and_a_word_that_fits_its_id() {
        for requirement in registry().rfcs().flat_map(|rfc| &rfc.requirements) {
            assert!((10..=160).contains(&requirement.summary.len()), "{}", requirement.id);
            let fits = match requirement.level() {
                Level::Must => requirement.word.starts_with("MUST"),
                Level::Should => requirement.word.starts_with("SHOULD") || requirement.word == "RECOMMENDED",
                Level::May => requirement.word == "MAY",
            };
            assert!(fits, "{} is {}", requirement.id, requirement.word);
        }
    }

    #[test]
    fn clauses_that_exist_are_taken_and_others_refused_with_what_would_be_right() {
        assert_eq!(check("rfc9293-3.5-MUST-10"), Ok(()));
        assert_eq!(check("rfc6298-5.7"), Ok(()));
        assert!(check("rfc9293-3.99").unwrap_err().1.contains("3.1"));
        assert!(check("rfc9293-3.5-MUST-99").unwrap_err().1.contains("MUST-10"));
        assert_eq!(check("rfc9293-3.10.7.4-MAY-2"), Ok(()));
        assert!(check("rfc4242-1").unwrap_err().1.contains("9293"));
    }

    #[test]
    fn levels_follow_the_ids_and_sections_count_as_must_unless_their_file_says_otherwise() {
        let level = |tag: &str| registry().level(&tag.parse().unwrap());
        assert_eq!(level("rfc9293-3.8.3-SHLD-11"), Level::Should);
        assert_eq!(level("rfc9293-3.1-REC-1"), Level::Should);
        assert_eq!(level("rfc9293-3.6.1-MAY-2"), Level::May);
        assert_eq!(level("rfc6298-5.7"), Level::Must);
        assert_eq!(level("rfc5961-3.2"), Level::Should);
        assert_eq!(level("rfc5961-5.2"), Level::May);
    }

    #[test]
    fn a_file_that_contradicts_itself_is_refused() {
        let text = "rfc = 1\ntitle = 't'\nsummaries = {'9' = 's'}\nsections = {'1' = 'a'}";
        let read = Registry::read([("x.toml".to_owned(), text)].into_iter());
        assert!(read.unwrap_err().contains("section 9"));
    }
}
