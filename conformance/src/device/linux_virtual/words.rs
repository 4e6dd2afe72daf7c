//! What the console of a guest says about how it ended, and whose fault that is.

use crate::device::elsewhere::{Lost, Whose};

/// The last lines that are shown.
const SHOWN: usize = 40;

/// How a guest's machine ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// With this status.
    Status(Option<i32>),
    /// By this signal.
    Signal(i32),
    /// It was ended after so many seconds.
    Late(u64),
    /// It was ended since it said more than so many octets.
    Loud(usize),
}

/// What is to be said of a guest that left no reply.
pub(super) fn lost(end: End, console: &[u8]) -> Lost {
    let text = String::from_utf8_lossy(console);
    let lines: Vec<&str> = text.lines().map(str::trim_end).filter(|line| !line.trim().is_empty()).collect();
    let (whose, message) = match (end, panic_of(&lines)) {
        (End::Late(seconds), _) => {
            (Whose::Unknown, format!("the virtual Linux gave no report within {seconds} s of real time"))
        }
        (End::Loud(octets), _) => {
            (Whose::Unknown, format!("the virtual Linux said more than {octets} octets on its console"))
        }
        (_, Some(panic)) => of_panic(panic),
        (End::Signal(signal), None) => {
            (Whose::Unknown, format!("the virtual Linux was ended by signal {signal} and gave no report"))
        }
        (End::Status(status), None) => {
            let status = status.map_or_else(String::new, |status| format!(" with status {status}"));
            (Whose::Unknown, format!("the virtual Linux ended{status} and gave no report"))
        }
    };
    let last = lines.len().saturating_sub(SHOWN);
    let last_words = lines.into_iter().skip(last).map(str::to_owned).collect();
    Lost { whose, message, last_words }
}

/// Why the kernel gave up, if it did.
fn panic_of<'a>(lines: &[&'a str]) -> Option<&'a str> {
    lines.iter().find_map(|line| line.split_once("Kernel panic - not syncing: ")).map(|(_, why)| why.trim())
}

/// What is the kernel's own fault, and what is ours.
fn of_panic(panic: &str) -> (Whose, String) {
    const OURS: [(&str, &str); 4] = [
        ("Attempted to kill init", "the harness ended in the virtual Linux before it gave a report"),
        (
            "The system was going to sleep forever",
            "nothing was due any more in the virtual Linux, and no report was there",
        ),
        ("Out of memory", "the harness ran out of memory in the virtual Linux"),
        ("System is deadlocked on memory", "the harness ran out of memory in the virtual Linux"),
    ];
    const NOT_STARTED: [&str; 3] = ["VFS:", "No working init found", "Requested init"];
    if let Some((_, meaning)) = OURS.iter().find(|(start, _)| panic.starts_with(start)) {
        return (Whose::Unknown, format!("{meaning} ({panic})"));
    }
    if NOT_STARTED.iter().any(|start| panic.starts_with(start)) {
        return (Whose::Unknown, format!("the virtual Linux could not start the harness: {panic}"));
    }
    (Whose::Device, format!("the kernel panicked: {panic}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_of_the_kernel_is_the_devices_fault_and_its_last_words_are_kept() {
        let console = b"BUG: unable to handle\r\nKernel panic - not syncing: Kernel mode fault at addr 0x8\r\nCall Trace:\r\n\r\n";
        let lost = lost(End::Signal(6), console);
        assert_eq!(
            (lost.whose, lost.message.as_str()),
            (Whose::Device, "the kernel panicked: Kernel mode fault at addr 0x8")
        );
        assert_eq!(lost.last_words.last().map(String::as_str), Some("Call Trace:"));
        assert_eq!(lost.last_words.len(), 3);
    }

    #[test]
    fn what_the_harness_did_to_itself_is_nobodys_failure() {
        for (why, expected) in [
            ("Attempted to kill init! exitcode=0x00000100", "the harness ended"),
            ("The system was going to sleep forever, aborting", "nothing was due any more"),
            ("System is deadlocked on memory", "out of memory"),
            ("Requested init /x failed (error -2).", "could not start"),
        ] {
            let lost = lost(End::Signal(6), format!("Kernel panic - not syncing: {why}\r\n").as_bytes());
            assert_eq!(lost.whose, Whose::Unknown, "{why}");
            assert!(lost.message.contains(expected), "{}", lost.message);
        }
    }

    #[test]
    fn every_other_end_is_told_with_what_is_known() {
        assert!(lost(End::Late(120), b"").message.contains("within 120 s"));
        assert!(lost(End::Loud(8), b"").message.contains("more than 8 octets"));
        assert!(lost(End::Signal(9), b"").message.contains("signal 9"));
        assert!(lost(End::Status(Some(1)), b"no tempdir\n").to_string().contains("status 1"));
        assert!(lost(End::Status(None), b"no tempdir\n").to_string().ends_with("no tempdir"));
    }
}
