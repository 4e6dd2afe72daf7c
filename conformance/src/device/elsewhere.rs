//! Stacks that cannot be driven from this process: a whole scenario goes to where they are, and its report comes back.

use core::fmt;

/// Where scenarios are run with a stack that is not here.
///
/// What goes out and what comes back is octets: only those who write and read them know what they mean.
pub trait Elsewhere: Send + Sync {
    /// Runs what `errand` says, with a fresh stack whose randomness is all drawn from `seed`, and gives what came back.
    ///
    /// # Errors
    /// [`Lost`] if nothing came back; never later than after a limit in real time.
    fn run(&self, errand: &[u8], seed: u64) -> Result<Vec<u8>, Lost>;
}

/// Why nothing came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// Whose fault it is.
    pub whose: Whose,
    /// What happened, in one sentence.
    pub message: String,
    /// The last lines that were said there.
    pub last_words: Vec<String>,
}

/// Who is at fault when nothing comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The stack under test went down.
    Device,
    /// The harness, the machine, or nobody can say.
    Unknown,
}

impl Lost {
    /// Nothing came back, and nobody can say that the stack is to blame.
    pub fn unknown(message: impl Into<String>) -> Self {
        Self { whose: Whose::Unknown, message: message.into(), last_words: Vec::new() }
    }
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match self.last_words.last() {
            Some(last) => write!(f, "; its last words: {last}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Lost {}
