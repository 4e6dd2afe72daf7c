//! `wireproof guest`: this program as the first one of a virtual Linux, started by `wireproof run --device linux-virtual`.

use super::Trouble;
use crate::behaviour::errand::{Errand, Reply, Told};
use crate::behaviour::{LiveFactory, Stack};
use crate::device::linux::Linux;
use crate::device::linux_virtual::init;
use crate::device::{Description, LiveDevice as _, Profile};
use crate::problem::Problem;
use std::sync::Arc;

/// Does what the machine's folder says, and switches the machine off.
///
/// # Errors
///
/// If this is no guest.
pub(super) fn guest() -> Result<(), Trouble> {
    let error = init::run(|errand| {
        let reply = Errand::unpack(errand).map_or_else(Reply::Refused, |errand| errand.run(stack));
        reply.pack()
    });
    let message = format!("`wireproof guest` cannot be done here: {error}");
    let expected = "to be started by `wireproof run --device linux-virtual`, inside its virtual Linux";
    Err(Problem::new(message, expected).into())
}

/// The stack of this kernel.
fn stack(profile: &Profile) -> Result<(Told, Stack), String> {
    let Description { name, version, capabilities, .. } = Linux::new(profile).description().clone();
    let profile = profile.clone();
    let device: LiveFactory = Arc::new(move || Box::new(Linux::new(&profile)));
    Ok((Told { name, version, capabilities }, Stack::Live(device)))
}
