//! Colours. Writers always write them; `anstream` takes them away where no terminal shows them or `NO_COLOR` is set.

use std::fmt;

use anstyle::{AnsiColor, Style};

/// What went well.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// What failed.
pub const BAD: Style = AnsiColor::Red.on_default().bold();
/// What deserves a look.
pub const ODD: Style = AnsiColor::Yellow.on_default();
/// Headings.
pub const HEAD: Style = Style::new().bold();
/// What matters least.
pub const DIM: Style = Style::new().dimmed();

/// A text in a style.
pub struct Styled<'t>(pub Style, pub &'t str);

impl fmt::Display for Styled<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        f.pad(self.1)?;
        write!(f, "{:#}", self.0)
    }
}
