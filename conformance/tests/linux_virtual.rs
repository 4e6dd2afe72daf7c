//! Linux in virtual time: machines that go wrong come to a clear end, and runs are alike to the byte.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "what cannot be made fails the test")]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use tempfile::TempDir;
use wireproof::device::built;
use wireproof::device::elsewhere::{Elsewhere as _, Lost, Whose};
use wireproof::device::linux_virtual::Guests;

/// Guests whose machine is a shell script, which stands in the folder that each of them runs in.
fn guests(folder: &Path, script: &str) -> Guests {
    let path = folder.join("kernel");
    fs::write(&path, format!("#!/bin/sh\nunset LD_PRELOAD\n{script}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    // The shell has no use for what steadies a kernel: an empty library is none.
    Guests::new(path, PathBuf::from("/dev/null"), PathBuf::from("/bin/true"))
}

fn lost(script: &str, limit: Duration) -> Lost {
    let folder = TempDir::new().unwrap();
    guests(folder.path(), script).with_limit(limit).run(b"errand", 1).unwrap_err()
}

const LONG: Duration = Duration::from_secs(60);

#[test]
fn the_errand_goes_in_and_the_reply_comes_out() {
    let folder = TempDir::new().unwrap();
    let echo = guests(folder.path(), "cat errand > reply; printf '%s' \"$WIREPROOF_SEED\" >> reply");
    assert_eq!(echo.run(b"errand ", 0xab).unwrap(), b"errand ab");
    assert_eq!(echo.run(b"other ", 0xcd).unwrap(), b"other cd");
}

#[test]
fn a_machine_that_ends_without_a_reply_is_told_with_its_last_words() {
    let lost = lost("echo first; echo 'cannot find tempdir'; exit 3", LONG);
    assert_eq!(lost.whose, Whose::Unknown);
    assert!(lost.message.contains("status 3"), "{lost}");
    assert_eq!(lost.last_words, ["first", "cannot find tempdir"]);
}

#[test]
fn a_kernel_that_panics_is_the_devices_fault() {
    let lost = lost("echo 'Kernel panic - not syncing: Fatal exception in interrupt'; kill -ABRT $$", LONG);
    assert_eq!(lost.whose, Whose::Device);
    assert!(lost.message.ends_with("Fatal exception in interrupt"), "{lost}");
}

#[test]
fn a_machine_that_does_not_end_is_ended_with_all_that_it_started() {
    let folder = TempDir::new().unwrap();
    let told = folder.path().join("told");
    let script = format!("sleep 1000 & echo $$ $! > {}; echo waiting; wait", told.display());
    let late = guests(folder.path(), &script).with_limit(Duration::from_millis(300));
    let lost = late.run(b"errand", 1).unwrap_err();
    assert!(lost.message.contains("gave no report within"), "{lost}");
    // On a machine that is slow it may have been ended before it said anything.
    for process in fs::read_to_string(&told).unwrap_or_default().split_whitespace() {
        let Some(process) = process.parse().ok().and_then(Pid::from_raw) else { continue };
        // Who was killed ends in a moment, not at once; who is gone cannot be opened.
        let Ok(ended) = pidfd_open(process, PidfdFlags::empty()) else { continue };
        let patience = Timespec { tv_sec: 60, tv_nsec: 0 };
        let ready = poll(&mut [PollFd::new(&ended, PollFlags::IN)], Some(&patience)).unwrap();
        assert_eq!(ready, 1, "{process:?} is still there");
    }
}

#[test]
fn a_console_without_end_is_cut() {
    let lost =
        lost("while :; do echo flood flood flood flood flood flood flood flood flood flood; done", LONG);
    assert!(lost.message.contains("octets on its console"), "{lost}");
    assert!(lost.last_words.len() <= 40);
}

#[test]
fn a_kernel_that_is_not_there_is_told() {
    let nowhere = PathBuf::from("/nonexistent/linux");
    let guests = Guests::new(nowhere.clone(), nowhere.clone(), nowhere);
    let lost = guests.run(b"errand", 1).unwrap_err();
    assert!(lost.message.contains("no virtual Linux can be started"), "{lost}");
}

/// All files of a folder; of the report all but how long it took in real time.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let read = |entry: fs::DirEntry| {
        let mut octets = fs::read(entry.path()).unwrap();
        let name = entry.file_name().into_string().unwrap();
        if name == "report.json" {
            let text = String::from_utf8(octets).unwrap();
            octets = text.lines().filter(|line| !line.contains("\"millis\"")).collect::<String>().into();
        }
        (name, octets)
    };
    fs::read_dir(folder).unwrap().map(|entry| read(entry.unwrap())).collect()
}

#[test]
fn runs_with_one_seed_are_alike_to_the_byte_whatever_runs_beside_them() {
    if let Err(problem) = built::LINUX_VIRTUAL.program() {
        return println!("skipped: {problem}");
    }
    let folder = TempDir::new().unwrap();
    let run = |name: &str, seed: &str, jobs: &str| {
        let report = folder.path().join(name);
        let mut command = Command::new(env!("CARGO_BIN_EXE_wireproof"));
        command.args(["run", "--device", "linux-virtual", "--seed", seed, "--jobs", jobs, "--pcap", "all"]);
        let done =
            command.args(["tcp/time_wait", "--name", "TIME-WAIT", "--report"]).arg(&report).output().unwrap();
        assert!(done.status.code().is_some_and(|code| code < 2), "{}", String::from_utf8_lossy(&done.stderr));
        files(&report)
    };
    let first = run("first", "1", "1");
    let second = run("second", "1", "3");
    assert!(first.len() >= 20, "{:?}", first.keys());
    for (name, octets) in &first {
        assert!(second.get(name) == Some(octets), "{name} differs");
    }
    assert_eq!(first.len(), second.len());
    let other = run("other", "2", "2");
    assert_ne!(first, other, "another seed, other numbers");
}
