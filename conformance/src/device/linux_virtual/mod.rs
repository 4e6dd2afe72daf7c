//! Linux in virtual time: the real kernel as a process (User Mode Linux), whose clock jumps to the next timer whenever nothing
//! can run. One process for each scenario: it boots, runs the scenario from its first program, and powers off.
//!
//! | room | what |
//! |---|---|
//! | `machine` | one such process: started, waited for, never left behind |
//! | `processors` | which processor each one is bound to |
//! | `words` | what its console says about how it ended |
//! | `init` | the other side: this program as the first one of a guest |
//!
//! ```text
//!   wireproof run ── errand ──> temporary folder ──> guest: wireproof guest
//!        ^                      init, errand, reply         mounts, runs, writes the reply
//!        └───────── reply ───────────┘  hostfs  <────────── powers off
//! ```
//!
//! What one guest sees is the same each time: its command line is constant (the folder is the process's working
//! directory), its randomness comes from a seed, its addresses are fixed, and its time is its own.

pub mod init;
mod machine;
mod processors;
mod words;

use super::built;
use super::elsewhere::{Elsewhere, Lost};
use crate::problem::Problem;
use processors::Processors;
use std::path::PathBuf;
use std::time::Duration;

/// How long a guest may take, in real time: a thousand times as long as most do.
const LONGEST: Duration = Duration::from_secs(120);

/// Guests of this machine, as many at once as are asked for.
#[derive(Debug)]
pub struct Guests {
    /// The kernel.
    kernel: PathBuf,
    /// What makes it the same each time.
    steady: PathBuf,
    /// What its first program is: this one.
    init: PathBuf,
    processors: Processors,
    longest: Duration,
}

impl Guests {
    /// Guests of the kernel that was built.
    ///
    /// # Errors
    /// If there is none, with what builds it.
    pub fn find() -> Result<Self, Problem> {
        let kernel = built::LINUX_VIRTUAL.program()?;
        let steady = kernel.with_file_name("steady.so");
        if !steady.is_file() {
            return Err(built::LINUX_VIRTUAL.is_old(&steady));
        }
        let init = std::env::current_exe().map_err(|error| {
            Problem::new(
                format!("this program does not know its own file: {error}"),
                "a file that a guest can start",
            )
        })?;
        Ok(Self::new(kernel, steady, init))
    }

    /// Guests with all that they are made of: the kernel, what makes it the same each time, and this program.
    pub fn new(kernel: PathBuf, steady: PathBuf, init: PathBuf) -> Self {
        Self { kernel, steady, init, processors: Processors::allowed(), longest: LONGEST }
    }

    /// The same, with another limit in real time.
    #[must_use]
    pub fn with_limit(self, longest: Duration) -> Self {
        Self { longest, ..self }
    }
}

impl Elsewhere for Guests {
    fn run(&self, errand: &[u8], seed: u64) -> Result<Vec<u8>, Lost> {
        machine::run(self, errand, seed)
    }
}
