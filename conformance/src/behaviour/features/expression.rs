//! Tag expressions, as Cucumber has them: `@ipv4 and not (@exact or @rfc9293-3.5)`.
//!
//! ```text
//! or      = and { "or" and }
//! and     = unary { "and" unary }
//! unary   = "not" unary | "(" or ")" | tag
//! tag     = "@" with whatever is no blank, parenthesis or "@"; it may end with "*" for any tag that begins so
//! ```

use crate::problem::{Place, Problem};

/// How deep parentheses and `not` may nest.
const DEPTH: usize = 64;

/// A tag expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagExpression(Node);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Node {
    Tag(String),
    Prefix(String),
    Not(Box<Node>),
    All(Vec<Node>),
    Any(Vec<Node>),
}

impl TagExpression {
    /// Reads an expression; `name` is what to call it in the problem, `--tags`.
    ///
    /// # Errors
    ///
    /// What is wrong, with its column.
    pub fn parse(text: &str, name: &str) -> Result<Self, Problem> {
        let mut reader = Reader { tokens: tokens(text), next: 0, end: text.chars().count() + 1 };
        reader.whole().map(Self).map_err(|wrong| {
            Problem::new(wrong.message, wrong.expected).at(Place {
                file: name.to_owned(),
                line: 1,
                column: wrong.column,
                width: wrong.width,
                text: text.to_owned(),
            })
        })
    }

    /// The tags that it names, without `@`, each with its column; one that ends with `*` stands for all that begin so.
    pub fn named(text: &str) -> Vec<(usize, String)> {
        let name = |(column, word): Token| Some((column, word.strip_prefix('@')?.to_owned()));
        tokens(text).into_iter().filter_map(name).collect()
    }

    /// Whether it holds for a scenario with these tags, without `@`.
    pub fn holds(&self, tags: &[String]) -> bool {
        self.0.holds(tags)
    }
}

impl Node {
    fn holds(&self, tags: &[String]) -> bool {
        match self {
            Self::Tag(name) => tags.contains(name),
            Self::Prefix(start) => tags.iter().any(|tag| tag.starts_with(start)),
            Self::Not(node) => !node.holds(tags),
            Self::All(nodes) => nodes.iter().all(|node| node.holds(tags)),
            Self::Any(nodes) => nodes.iter().any(|node| node.holds(tags)),
        }
    }
}

/// A token and its column, from 1.
type Token = (usize, String);

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut open = false;
    for (index, c) in text.chars().enumerate() {
        let alone = matches!(c, '(' | ')');
        if c.is_whitespace() {
            open = false;
        } else if open && !alone && c != '@' {
            if let Some((_, word)) = tokens.last_mut() {
                word.push(c);
            }
        } else {
            tokens.push((index + 1, c.to_string()));
            open = !alone;
        }
    }
    tokens
}

struct Wrong {
    column: usize,
    width: usize,
    message: String,
    expected: String,
}

struct Reader {
    tokens: Vec<Token>,
    next: usize,
    end: usize,
}

impl Reader {
    fn whole(&mut self) -> Result<Node, Wrong> {
        let node = self.any(0)?;
        match self.peek() {
            None => Ok(node),
            Some(_) => Err(self.wrong("`and`, `or` or the end")),
        }
    }

    fn any(&mut self, depth: usize) -> Result<Node, Wrong> {
        let mut nodes = vec![self.all(depth)?];
        while self.take("or") {
            nodes.push(self.all(depth)?);
        }
        Ok(single(nodes, Node::Any))
    }

    fn all(&mut self, depth: usize) -> Result<Node, Wrong> {
        let mut nodes = vec![self.unary(depth)?];
        while self.take("and") {
            nodes.push(self.unary(depth)?);
        }
        Ok(single(nodes, Node::All))
    }

    fn unary(&mut self, depth: usize) -> Result<Node, Wrong> {
        if depth > DEPTH {
            return Err(self.wrong("fewer parentheses"));
        }
        if self.take("not") {
            return Ok(Node::Not(Box::new(self.unary(depth + 1)?)));
        }
        if self.take("(") {
            let node = self.any(depth + 1)?;
            return if self.take(")") { Ok(node) } else { Err(self.wrong("`)`, `and` or `or`")) };
        }
        match self.peek().and_then(|word| word.strip_prefix('@')).map(str::to_owned) {
            Some(name) if !name.is_empty() => {
                self.next += 1;
                Ok(name
                    .strip_suffix('*')
                    .map_or_else(|| Node::Tag(name.clone()), |start| Node::Prefix(start.to_owned())))
            }
            _ => Err(self.wrong("a tag such as @ipv4, `not` or `(`")),
        }
    }

    fn peek(&self) -> Option<&str> {
        self.tokens.get(self.next).map(|(_, word)| word.as_str())
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.peek() == Some(word);
        self.next += usize::from(found);
        found
    }

    fn wrong(&self, expected: &str) -> Wrong {
        let expected = expected.to_owned();
        match self.tokens.get(self.next) {
            Some((column, word)) => {
                let message = format!("found `{word}` in a tag expression");
                Wrong { column: *column, width: word.chars().count(), message, expected }
            }
            None => Wrong {
                column: self.end,
                width: 1,
                message: "the tag expression ends too early".to_owned(),
                expected,
            },
        }
    }
}

fn single(mut nodes: Vec<Node>, many: fn(Vec<Node>) -> Node) -> Node {
    match nodes.pop() {
        Some(node) if nodes.is_empty() => node,
        Some(node) => {
            nodes.push(node);
            many(nodes)
        }
        None => many(nodes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(text: &str, tags: &[&str]) -> bool {
        let tags: Vec<String> = tags.iter().map(|tag| (*tag).to_owned()).collect();
        TagExpression::parse(text, "--tags").unwrap().holds(&tags)
    }

    fn place(text: &str) -> (usize, String) {
        let problem = TagExpression::parse(text, "--tags").unwrap_err();
        (problem.place.unwrap().column, problem.expected)
    }

    #[test]
    fn and_binds_closer_than_or_and_not_closest() {
        assert!(holds("@a or @b and @c", &["a"]));
        assert!(!holds("(@a or @b) and @c", &["a"]));
        assert!(holds("not @a and @b", &["b"]));
        assert!(!holds("not (@a or @b)", &["b"]));
    }

    #[test]
    fn a_star_takes_whatever_begins_so() {
        assert!(holds("@rfc9293-3.5*", &["rfc9293-3.5-MUST-10"]));
        assert!(!holds("@rfc9293-3.5*", &["rfc9293-3.6"]));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_column() {
        assert_eq!(place("@a not @b").0, 4);
        assert_eq!(place("@a and").0, 7);
        assert_eq!(place("(@a or @b").0, 10);
        assert_eq!(place("").0, 1);
        assert_eq!(place("ipv4").0, 1);
        assert!(place("@").1.contains("@ipv4"));
        assert_eq!(place(&"(".repeat(100_000)).0, DEPTH + 2);
    }
}
