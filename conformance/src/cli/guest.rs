//! `wireproof guest`: this program as the first one of a virtual Linux, started by `wireproof run --device linux-virtual`.

use super::Trouble;
use crate::behaviour::Stack;
use crate::behaviour::errand::{Errand, Reply, Told};
use crate::device::linux_virtual::init;
use crate::device::{self, Profile};
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
    Err(Problem::new(
        message,
        "to be started by `wireproof run --device linux-virtual`, inside its virtual Linux",
    )
    .into())
}

/// The stack of this kernel.
fn stack(_: &Profile) -> Result<(Told, Stack), String> {
    let uname = rustix::system::uname();
    let told = Told {
        name: "linux".to_owned(),
        version: uname.release().to_string_lossy().into_owned(),
        capabilities: crate::device::Capabilities::default(),
    };
    let device =
        || device::open("reference").unwrap_or_else(|| unreachable!("the reference is always there"));
    Ok((told, Stack::Virtual(Arc::new(device))))
}
