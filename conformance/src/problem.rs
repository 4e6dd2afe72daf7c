//! What is wrong with something that the user gave us: where, what was found, what was expected.
//!
//! Printed as compilers do it:
//!
//! ```text
//! error: no such clause: RFC 9293 has no section 3.99
//!   --> features/tcp/handshake.feature:5:4
//!    |
//!  5 |   @rfc9293-3.99-MUST-10
//!    |    ^^^^^^^^^^^^^^^^^^^^
//!    = expected: a section of RFC 9293, for example 3.5
//! ```

use core::ops::Range;
use std::fmt;

/// One thing that is wrong with the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong, and what was found, in one sentence.
    pub message: String,
    /// What would have been right; empty if the message says it.
    pub expected: String,
    /// Where, if there is a place.
    pub place: Option<Place>,
}

/// A place in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file as the user knows it, or a name such as `--tags`.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// How many characters it spans; at least one is marked.
    pub width: usize,
    /// The line's text, for the snippet.
    pub text: String,
}

impl Problem {
    /// A problem without a place.
    pub fn new(message: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { message: message.into(), expected: expected.into(), place: None }
    }

    /// What TOML of the file `file`, whose text is `source`, is not as it should be.
    pub fn of_toml(file: &str, source: &str, error: &toml::de::Error) -> Self {
        let mut lines = error.message().lines();
        let message = lines.next().unwrap_or("no TOML").to_owned();
        let expected = lines.collect::<Vec<_>>().join("; ");
        Self::new(message, expected).at(Place::of_span(file, source, error.span().unwrap_or(0..0)))
    }

    /// The same problem at a place.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }
}

impl Place {
    /// The place of a part of `source`, in octets; of its first line, if it has several.
    pub fn of_span(file: &str, source: &str, span: Range<usize>) -> Self {
        let before = source.get(..span.start).unwrap_or(source);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        let marked = source.get(span).and_then(|marked| marked.lines().next());
        let width = marked.map_or(1, |marked| marked.chars().count());
        Self::in_source(file, source, line, column, width)
    }

    /// The place `line:column` in `source`, `width` characters long.
    pub fn in_source(file: &str, source: &str, line: usize, column: usize, width: usize) -> Self {
        let text = source.lines().nth(line.saturating_sub(1)).unwrap_or_default();
        let file = file.to_owned();
        Self { file, line, column, width, text: text.to_owned() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.message)?;
        let gutter = self.place.as_ref().map_or(2, |place| place.line.to_string().len() + 1);
        let blank = " ".repeat(gutter);
        if let Some(place) = &self.place {
            write!(f, "\n{blank}--> {}:{}:{}", place.file, place.line, place.column)?;
            let place = &shortened(place);
            write!(f, "\n{blank} |\n{:>gutter$} | {}", place.line, printable(&place.text))?;
            let (indent, marks) = caret(place);
            write!(f, "\n{blank} | {indent}{marks}")?;
        }
        if !self.expected.is_empty() {
            write!(f, "\n{blank} = expected: {}", self.expected.replace('\n', &format!("\n{blank}   ")))?;
        }
        Ok(())
    }
}

/// The longest line that is shown whole, in characters.
const WIDE: usize = 300;

/// The same place in no more of its line than can be read.
fn shortened(place: &Place) -> Place {
    let count = place.text.trim_end().chars().count();
    if count <= WIDE {
        return place.clone();
    }
    let before = place.column.saturating_sub(1).saturating_sub(WIDE / 3).min(count - WIDE);
    let shown: String = place.text.chars().skip(before).take(WIDE).collect();
    let (head, tail) = (if before > 0 { "…" } else { "" }, if before + WIDE < count { "…" } else { "" });
    let column = place.column.saturating_sub(before) + head.chars().count();
    Place { text: format!("{head}{shown}{tail}"), column, ..place.clone() }
}

/// The blanks and carets below a line. Tabs were printed as one blank, so every character is one column.
fn caret(place: &Place) -> (String, String) {
    let length = place.text.trim_end().chars().count();
    let column = place.column.clamp(1, length + 1);
    let room = (length + 1).saturating_sub(column).max(1);
    (" ".repeat(column - 1), "^".repeat(place.width.clamp(1, room)))
}

/// `text` without what would move a terminal's cursor.
pub fn printable(text: &str) -> String {
    text.trim_end().chars().map(|c| if c == '\t' { ' ' } else { c }).map(visible).collect()
}

fn visible(c: char) -> char {
    if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_points_at_its_place() {
        let source = "Feature: a\n\n\t@rfc9293-3.99\n";
        let problem = Problem::new("no such section", "a section of RFC 9293").at(Place::in_source(
            "a.feature",
            source,
            3,
            2,
            13,
        ));
        let text = "no such section\n  --> a.feature:3:2\n   |\n 3 |  @rfc9293-3.99\n   |  ^^^^^^^^^^^^^\n   = expected: a section of RFC 9293";
        assert_eq!(problem.to_string(), text);
    }

    #[test]
    fn a_place_past_the_end_still_prints() {
        let place = Place::in_source("a", "x", 9, 900, 900);
        assert!(Problem::new("m", "").at(place).to_string().ends_with("| ^"));
    }

    #[test]
    fn of_a_long_line_only_the_part_around_the_place_is_shown() {
        let source = format!("{}!{}", "x".repeat(1_000_000), "y".repeat(1_000_000));
        let text = Problem::new("m", "e").at(Place::in_source("a", &source, 1, 1_000_001, 1)).to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert!(text.contains("--> a:1:1000001"), "{text}");
        assert!(lines.iter().all(|line| line.chars().count() < 320), "{text}");
        let at = lines[4].chars().position(|c| c == '^').unwrap();
        assert_eq!(lines[3].chars().nth(at), Some('!'), "{text}");
    }
}
