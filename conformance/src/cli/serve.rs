//! `wireproof serve`: a device of this program as an adapter.

use std::io;

use super::Trouble;
use super::run::factory;
use crate::device::adapter::{self, Misbehaviour};

/// Serve a built-in device over standard input and output, as an adapter does
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The device: reference, smoltcp, or one of `wireproof self-test`: broken:NAME, odd:NAME
    #[arg(long, value_name = "DEVICE", default_value = "reference")]
    device: String,

    /// Misbehave at the N-th request (0: in the greeting), to see what a run makes of it: crash, half, hang, fork,
    /// flood, chatter, endless, long, nonsense, past, now, twice, result, refuse, grow, errors, deaf
    #[arg(long, value_name = "HOW[:N]")]
    misbehave: Option<Misbehaviour>,
}

const EXAMPLES: &str = "\
An example to write adapters by: what it answers to a line is what yours should answer.

Examples:
  wireproof serve --device smoltcp                       type requests, read answers
  wireproof run --device-command 'wireproof serve --device smoltcp'
                                                         the same verdicts as --device smoltcp
  wireproof adapter-check --device-command 'wireproof serve'
                                                         a check that finds nothing wrong";

/// Does it, until `quit` or the end of the input.
///
/// # Errors
///
/// The known names, if the device is none of them; what cannot be read or written.
pub fn serve(args: &Args) -> Result<(), Trouble> {
    let mut device = factory(&args.device)?();
    let (input, output) = (io::stdin().lock(), io::stdout().lock());
    Ok(adapter::serve_badly(device.as_mut(), input, output, args.misbehave)?)
}
