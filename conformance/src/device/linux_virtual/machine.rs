//! One guest: its process is started in a folder of its own, waited for with a limit in real time, and never left behind.

use super::Guests;
use super::init::{ERRAND, REPLY};
use super::words::{End, lost};
use crate::device::adapter::{Deadline, groups};
use crate::device::elsewhere::Lost;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{StatVfsMountFlags, statvfs};
use rustix::process::{Pid, PidfdFlags, Resource, Rlimit, pidfd_open, prlimit};
use std::fs;
use std::io::{self, Read as _};
use std::os::fd::OwnedFd;
use std::os::unix::fs::symlink;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

/// How much memory the guest's machine has.
const MEMORY: &str = "mem=64M";
/// The memory of the guests of one run is shared memory of this machine, where there is so much of it.
const SHARED_MEMORY: u64 = 1 << 30;
/// The longest console that is listened to.
const MAX_CONSOLE: usize = 1 << 20;
/// The longest reply that is read.
const MAX_REPLY: u64 = 256 << 20;
/// How often it is looked whether time is up.
const SLICE: Duration = Duration::from_millis(500);

/// The kernel's command line: always the same, since it is one of the things that the kernel's randomness is made of.
///
/// `/proc/self/cwd` is a place of the host, and the process's own there: its folder, wherever that is.
const COMMAND_LINE: [&str; 15] = [
    MEMORY,
    "rootfstype=hostfs",
    "rootflags=/",
    "rw",
    "init=/proc/self/cwd/init",
    "uml_dir=.",
    "umid=machine",
    "time-travel=inf-cpu",
    "time-travel-start=1700000000000000000",
    "con0=null,fd:1",
    "con=null",
    "ssl=null",
    "quiet",
    "--",
    "guest",
];

/// Runs one guest: the errand goes in, the reply comes out.
pub(super) fn run(guests: &Guests, errand: &[u8], seed: u64) -> Result<Vec<u8>, Lost> {
    let wrong = |error: io::Error| Lost::unknown(format!("no virtual Linux can be started: {error}"));
    let folder = tempfile::Builder::new().prefix("wireproof-").tempdir().map_err(wrong)?;
    prepare(guests, folder.path(), errand).map_err(wrong)?;
    let seat = guests.processors.take();
    let mut machine = Machine::start(guests, folder.path(), seed).map_err(wrong)?;
    seat.bind(machine.id);
    let end = machine.wait(Deadline::after(guests.longest), guests.longest).map_err(wrong)?;
    match read(&folder.path().join(REPLY)) {
        Ok(Some(reply)) => Ok(reply),
        Ok(None) => Err(lost(end, &machine.console)),
        Err(error) => Err(Lost::unknown(format!("the reply of the virtual Linux cannot be read: {error}"))),
    }
}

/// What the guest finds in its folder.
fn prepare(guests: &Guests, folder: &Path, errand: &[u8]) -> io::Result<()> {
    symlink(&guests.init, folder.join("init"))?;
    symlink(&guests.steady, folder.join("steady.so"))?;
    fs::write(folder.join(ERRAND), errand)
}

/// A reply, if there is one.
fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let file = match fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut reply = Vec::new();
    file.take(MAX_REPLY).read_to_end(&mut reply)?;
    Ok(Some(reply))
}

/// A process that is a guest's machine, and what it says.
struct Machine {
    child: Child,
    id: Pid,
    /// Readable when the process has ended.
    ended: OwnedFd,
    stdout: Option<ChildStdout>,
    console: Vec<u8>,
}

impl Machine {
    fn start(guests: &Guests, folder: &Path, seed: u64) -> io::Result<Self> {
        let mut command = Command::new(&guests.kernel);
        command.args(COMMAND_LINE).current_dir(folder).process_group(0);
        command.env_clear().env("LD_PRELOAD", "./steady.so");
        command.env("WIREPROOF_SEED", format!("{seed:x}"));
        command.env("WIREPROOF_PARENT", std::process::id().to_string());
        if !has_shared_memory() {
            command.env("TMPDIR", folder);
        }
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        groups::add(&child);
        let id = Pid::from_child(&child);
        // It leaves its memory nowhere when it goes down.
        let _ = prlimit(Some(id), Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
        let stdout = child.stdout.take();
        match pidfd_open(id, PidfdFlags::empty()) {
            Ok(ended) => Ok(Self { child, id, ended, stdout, console: Vec::new() }),
            Err(error) => {
                groups::end(&child);
                let _ = child.wait();
                Err(error.into())
            }
        }
    }

    /// Listens until it ends, or time is up: how it ended. Afterwards nothing of it is left.
    fn wait(&mut self, deadline: Deadline, longest: Duration) -> io::Result<End> {
        loop {
            let Some(left) = deadline.left() else { return Ok(End::Late(longest.as_secs())) };
            let left = left.min(SLICE);
            let span = Timespec { tv_sec: 0, tv_nsec: i64::from(left.subsec_nanos()) };
            let (has_ended, has_said) = {
                let mut ready = vec![PollFd::new(&self.ended, PollFlags::IN)];
                ready.extend(self.stdout.as_ref().map(|stdout| PollFd::new(stdout, PollFlags::IN)));
                match poll(&mut ready, Some(&span)) {
                    Ok(_) | Err(rustix::io::Errno::INTR) => {}
                    Err(error) => return Err(error.into()),
                }
                let mut found = ready.iter().map(|one| !one.revents().is_empty());
                (found.next().unwrap_or(false), found.next().unwrap_or(false))
            };
            if has_said {
                self.hear();
            } else if has_ended {
                // Its number is its own until it is waited for.
                groups::end(&self.child);
                let status = self.child.wait()?;
                return Ok(status.signal().map_or(End::Status(status.code()), End::Signal));
            }
            if self.console.len() > MAX_CONSOLE {
                return Ok(End::Loud(MAX_CONSOLE));
            }
        }
    }

    /// Takes what is there on the console.
    fn hear(&mut self) {
        let mut piece = [0; 4096];
        let read = self.stdout.as_mut().map(|stdout| stdout.read(&mut piece));
        match read {
            Some(Ok(read)) if read > 0 => {
                self.console.extend_from_slice(piece.get(..read).unwrap_or_default());
            }
            Some(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
            Some(_) | None => self.stdout = None,
        }
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        groups::end(&self.child);
        let _ = self.child.wait();
    }
}

/// Whether guests can have their memory in the machine's shared memory: enough of it, and programs may run from it.
fn has_shared_memory() -> bool {
    statvfs("/dev/shm").is_ok_and(|found| {
        !found.f_flag.contains(StatVfsMountFlags::NOEXEC)
            && found.f_bavail.saturating_mul(found.f_frsize) >= SHARED_MEMORY
    })
}
