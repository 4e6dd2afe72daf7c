//! The command line that starts an adapter.

use crate::problem::Problem;
use std::process::Command;

/// What only a shell understands. As make does it: a plain command is started directly, any other by `sh -c`.
const SHELLS: &str = "|&;<>()$`*?[]#~!{}\n";

/// A command line, `./adapter --flag 'two words'`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandLine {
    text: String,
    words: Vec<String>,
}

impl CommandLine {
    /// Reads it: words with blanks between; quotes and backslashes hold them together as in a shell. What needs a shell
    /// (`VAR=1 ./adapter`, `2>log`, `$HOME`) is given to `sh -c`.
    ///
    /// # Errors
    /// If there is nothing in it, or a quote does not end.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let text = text.trim().to_owned();
        let expected = "a program and its arguments, such as './adapter --verbose'";
        let words = split(&text).ok_or_else(|| {
            Problem::new(format!("a quote or backslash does not end in the command `{text}`"), expected)
        })?;
        let Some(program) = words.first() else {
            return Err(Problem::new("the device's command is empty", expected));
        };
        let is_for_shell = program.contains('=') || is_for_shell(&text);
        let words = if is_for_shell { vec!["sh".to_owned(), "-c".to_owned(), text.clone()] } else { words };
        Ok(Self { text, words })
    }

    /// The line as it was given.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The program that is started: the first word, or the shell.
    pub(super) fn program(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }

    pub(super) fn command(&self) -> Command {
        let mut command = Command::new(self.program());
        command.args(self.words.iter().skip(1));
        command
    }
}

/// Whether a character that only a shell understands stands outside of quotes; `$` and backticks count in double quotes
/// too.
fn is_for_shell(text: &str) -> bool {
    let (mut quote, mut characters) = (None, text.chars());
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some('\''), '\'') | (Some('"'), '"') => quote = None,
            (None, '\'' | '"') => quote = Some(character),
            (None | Some('"'), '\\') => drop(characters.next()),
            (None | Some('"'), '$' | '`') => return true,
            (None, other) if SHELLS.contains(other) => return true,
            _ => {}
        }
    }
    false
}

/// The words; `None` if a quote or a backslash does not end.
fn split(text: &str) -> Option<Vec<String>> {
    let (mut words, mut word, mut characters) = (Vec::new(), None, text.chars());
    while let Some(character) = characters.next() {
        match character {
            blank if blank.is_whitespace() => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_with(String::new);
                loop {
                    match characters.next()? {
                        '\'' => break,
                        other => word.push(other),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_with(String::new);
                loop {
                    match characters.next()? {
                        '"' => break,
                        '\\' => match characters.next()? {
                            escaped @ ('"' | '\\' | '$' | '`') => word.push(escaped),
                            other => word.extend(['\\', other]),
                        },
                        other => word.push(other),
                    }
                }
            }
            '\\' => word.get_or_insert_with(String::new).push(characters.next()?),
            other => word.get_or_insert_with(String::new).push(other),
        }
    }
    words.extend(word);
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        CommandLine::parse(text).unwrap().words
    }

    #[test]
    fn a_plain_command_is_split_as_a_shell_does() {
        assert_eq!(words(" ./adapter  --flag x "), ["./adapter", "--flag", "x"]);
        assert_eq!(
            words(r#"'my adapter' "a b"c \ d '' "x\"\\n""#),
            ["my adapter", "a bc", " d", "", r#"x"\n"#]
        );
        assert_eq!(words("./adapter '$HOME; a|b'"), ["./adapter", "$HOME; a|b"]);
    }

    #[test]
    fn what_needs_a_shell_is_given_to_one_as_it_stands() {
        for text in ["./adapter 2>log", "VAR=1 ./adapter", "./adapter $HOME", "a | b", r#"./adapter "$HOME""#]
        {
            assert_eq!(words(text), ["sh", "-c", text]);
        }
        assert_eq!(words("./adapter --seed=7"), ["./adapter", "--seed=7"], "only before the program");
    }

    #[test]
    fn nothing_and_open_quotes_are_told() {
        for text in ["", "  ", "./adapter 'x", "./adapter \"x", "./adapter \\"] {
            assert!(CommandLine::parse(text).is_err(), "{text}");
        }
    }
}
