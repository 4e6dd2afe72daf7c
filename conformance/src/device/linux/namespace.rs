//! Network namespaces: each scenario has a stack of its own, and the machine's real network devices are out of reach.

use std::fs;
use std::io;
use std::path::PathBuf;

use rustix::process::{getegid, geteuid};
use rustix::thread::UnshareFlags;

use super::tap::CLONE_DEVICE;
use crate::problem::Problem;

/// The kernel's table of connections is shared by all namespaces unless they are told to have their own: then looking
/// through it costs little. As many entries as this, where the kernel can (6.1 and later).
const TABLE: (&str, &str) = ("net.ipv4.tcp_child_ehash_entries", "1024");

/// Moves this process into a network namespace of its own, of which it is root, so that its threads may have namespaces
/// of their own. The process must not have a second thread yet.
///
/// # Errors
/// If the machine does not allow it: what was tried, what to do.
pub fn enter() -> Result<(), Problem> {
    // Who may, needs no other user.
    let is_root = geteuid().is_root();
    if !(is_root && unshare(UnshareFlags::NEWNET).is_ok()) {
        let (uid, gid) = (geteuid().as_raw(), getegid().as_raw());
        unshare(UnshareFlags::NEWUSER | UnshareFlags::NEWNET).map_err(|error| refused(&error))?;
        let map = |file: &str, text: String| {
            fs::write(file, text).map_err(|error| refused(&named(&format!("cannot write {file}"), &error)))
        };
        // user_namespaces(7): without this no group may be mapped.
        map("/proc/self/setgroups", "deny".to_owned())?;
        map("/proc/self/uid_map", format!("0 {uid} 1"))?;
        map("/proc/self/gid_map", format!("0 {gid} 1"))?;
    }
    // Where the kernel does not know it, things are slower and no different.
    let _ = write_sysctl(TABLE.0, TABLE.1);
    match fs::OpenOptions::new().read(true).write(true).open(CLONE_DEVICE) {
        Ok(_) => Ok(()),
        Err(error) => Err(Problem::new(format!("cannot open {CLONE_DEVICE}: {error}"), no_tap(&error))),
    }
}

/// Gives the calling thread a new, empty network namespace.
pub(super) fn renew() -> io::Result<()> {
    unshare(UnshareFlags::NEWNET)
}

/// Sets a value of the thread's namespace, by its name as sysctl(8) writes it.
pub(super) fn write_sysctl(name: &str, value: &str) -> io::Result<()> {
    fs::write(path(name), value)
}

fn path(name: &str) -> PathBuf {
    PathBuf::from("/proc/sys").join(name.replace('.', "/"))
}

fn unshare(flags: UnshareFlags) -> io::Result<()> {
    // SAFETY: what is not shared any more are the network and the user, none of the thread's file descriptors
    // (`UnshareFlags::FILES`), which is what makes this call unsafe.
    Ok(unsafe { rustix::thread::unshare_unsafe(flags) }?)
}

fn named(what: &str, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{what}: {error}"))
}

fn refused(error: &io::Error) -> Problem {
    let message = format!("cannot enter a network namespace (unshare of user and network): {error}");
    let expected = "a kernel that lets users have namespaces: see the sysctls `kernel.unprivileged_userns_clone` and \
                    `kernel.apparmor_restrict_unprivileged_userns`, and in a container its seccomp profile; or run as root";
    Problem::new(message, expected)
}

fn no_tap(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => format!("the kernel's module `tun` (`modprobe tun`), and {CLONE_DEVICE}"),
        _ => format!(
            "that this user may read and write it (`chmod 0666 {CLONE_DEVICE}`, as most systems have it), or root"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sysctl_is_a_file_below_proc_sys() {
        assert_eq!(path("net.ipv4.tcp_sack"), PathBuf::from("/proc/sys/net/ipv4/tcp_sack"));
    }

    #[test]
    fn what_is_refused_is_told_with_what_to_do() {
        let problem = refused(&io::Error::from_raw_os_error(1));
        assert!(problem.message.contains("not permitted"), "{}", problem.message);
        assert!(problem.expected.contains("unprivileged_userns_clone"), "{}", problem.expected);
        assert!(no_tap(&io::Error::from_raw_os_error(13)).contains("chmod 0666 /dev/net/tun"));
        assert!(no_tap(&io::Error::from_raw_os_error(2)).contains("modprobe tun"));
    }
}
