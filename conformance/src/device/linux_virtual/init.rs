//! The other side: this program as the first and only one of a guest. It finds its errand in the folder that its machine
//! runs in, writes the reply beside it, and switches the machine off.

use rustix::mount::{MountFlags, mount};
use rustix::system::{RebootCommand, reboot};
use std::ffi::CStr;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// The name of the errand in the folder.
pub(super) const ERRAND: &str = "errand";
/// The name of the reply there, once it is whole.
pub(super) const REPLY: &str = "reply";
/// The name of the reply there while it is written.
const UNFINISHED: &str = "reply.unfinished";
/// Where the working directory of the machine is, before the guest has a `/proc` of its own.
const FOLDER: &str = "/proc/self/cwd";

/// Does what the errand in the folder says and switches the machine off. Comes back only if that cannot be: why not.
pub fn run(reply: impl FnOnce(&[u8]) -> Result<Vec<u8>, String>) -> io::Error {
    if rustix::process::getpid().as_raw_nonzero().get() != 1 {
        return io::Error::other("this is no guest");
    }
    if let Err(error) = done(reply) {
        // The console of the machine: shown if no reply came.
        eprintln!("wireproof: {error}");
    }
    match reboot(RebootCommand::PowerOff) {
        Ok(()) => io::Error::other("the machine stays on"),
        Err(error) => error.into(),
    }
}

fn done(reply: impl FnOnce(&[u8]) -> Result<Vec<u8>, String>) -> io::Result<()> {
    let folder: PathBuf = fs::canonicalize(FOLDER)?;
    let errand = fs::read(folder.join(ERRAND))?;
    const PROC: &CStr = c"proc";
    mount(PROC, c"/proc", PROC, MountFlags::empty(), None)?;
    let octets = reply(&errand).map_err(io::Error::other)?;
    put(&folder, &octets)
}

/// A reply is there all at once or not at all.
fn put(folder: &Path, octets: &[u8]) -> io::Result<()> {
    fs::write(folder.join(UNFINISHED), octets)?;
    fs::rename(folder.join(UNFINISHED), folder.join(REPLY))
}
