//! `wireproof completions`: scripts that let a shell complete this command.

use std::io::Write;

use clap::CommandFactory;
use clap_complete::Shell;

use super::{Cli, Trouble};

/// Print a shell's completion script
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The shell
    shell: Shell,
}

const EXAMPLES: &str = "\
Examples:
  wireproof completions bash > ~/.local/share/bash-completion/completions/wireproof
  wireproof completions fish > ~/.config/fish/completions/wireproof.fish
  wireproof completions zsh  > ~/.zfunc/_wireproof";

/// Does it.
///
/// # Errors
///
/// Those of `out`.
pub fn completions(args: &Args, out: &mut dyn Write) -> Result<(), Trouble> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "wireproof", &mut script);
    Ok(out.write_all(&script)?)
}
