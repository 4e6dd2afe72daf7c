//! The grammar is true: its examples read, those marked as wrong do not, and no construct is without one.

use super::*;

const GRAMMAR: &str = include_str!("../GRAMMAR.md");

/// The fenced blocks, each with its kind.
fn blocks() -> Vec<(&'static str, String)> {
    let mut blocks = Vec::new();
    let mut open: Option<(&str, String)> = None;
    for line in GRAMMAR.lines() {
        open = match (open.take(), line.strip_prefix("```")) {
            (None, Some(kind)) => Some((kind, String::new())),
            (Some(block), Some(_)) => {
                blocks.push(block);
                None
            }
            (Some((kind, text)), None) => Some((kind, text + line + "\n")),
            (None, None) => None,
        };
    }
    assert!(open.is_none());
    blocks
}

/// Reads a text as what its block says that it is.
fn read(kind: &str, text: &str) -> Result<String, String> {
    fn as_is<T: core::str::FromStr<Err = CellError> + ToString>(text: &str) -> Result<String, String> {
        text.parse::<T>().map(|tree| tree.to_string()).map_err(|fault| fault.to_string())
    }
    match kind {
        "ladder" => {
            let table = Table::read(text).map_err(|fault| fault.to_string())?;
            let ladder = table.ladder(&mut Known::default()).map_err(|fault| fault.to_string())?;
            Ok(ladder.to_string())
        }
        "segment" => as_is::<Message>(text),
        "value" => as_is::<Value>(text),
        "time" => as_is::<TimeSpec>(text),
        "call" => as_is::<CallText>(text),
        other => panic!("the kind of block {other} is not known"),
    }
}

/// Every example, with its kind and whether it must read.
fn examples() -> Vec<(&'static str, bool, String)> {
    let mut examples = Vec::new();
    for (kind, text) in blocks().into_iter().filter(|(kind, _)| *kind != "text") {
        let (kind, is_right) = kind.strip_prefix("wrong-").map_or((kind, true), |kind| (kind, false));
        match kind {
            "ladder" => examples.push((kind, is_right, text)),
            _ => examples.extend(text.lines().map(|line| (kind, is_right, line.to_owned()))),
        }
    }
    examples
}

#[test]
fn every_example_of_the_grammar_reads_and_reads_again_when_printed() {
    for (kind, _, text) in examples().into_iter().filter(|(_, is_right, _)| *is_right) {
        let printed = read(kind, &text).unwrap_or_else(|fault| panic!("{text}: {fault}"));
        assert_eq!(read(kind, &printed), Ok(printed.clone()), "{text}");
    }
}

#[test]
fn every_wrong_example_of_the_grammar_is_refused() {
    for (kind, _, text) in examples().into_iter().filter(|(_, is_right, _)| !*is_right) {
        assert!(read(kind, &text).is_err(), "{text} reads");
    }
}

#[test]
fn no_word_of_the_grammar_is_without_an_example() {
    let right: String =
        examples().into_iter().filter(|(_, is_right, _)| *is_right).map(|(_, _, text)| text).collect();
    let rules: String =
        blocks().into_iter().filter(|(kind, _)| *kind == "text").map(|(_, text)| text).collect();
    let words = rules.split('"').skip(1).step_by(2).filter(|word| word.len() > 2 && !word.contains('\\'));
    // Names of a list of which one example stands for all.
    let by_list = [
        "SND.", "RCV.", "SEG.", "ISS", "IRS", "ECE", "CWR", "PSH", "AE", "ECT", "Not-ECT", "FIN", "both",
        "read",
    ];
    for word in words.filter(|word| !by_list.iter().any(|listed| word.starts_with(listed))) {
        assert!(right.contains(word), "{word}");
    }
}
