//! The command `wireproof`.

use std::process::ExitCode;

fn main() -> ExitCode {
    wireproof::cli::main()
}
