//! `wireproof adapter-check`: nothing wrong with what is right, and each fault told with the request that shows it.

use std::process::Command;

use super::wireproof;

/// Runs the check: its exit code and what it printed.
pub(crate) fn check(command: &str) -> (Option<i32>, String) {
    let mut check = Command::new(env!("CARGO_BIN_EXE_wireproof"));
    let done = check.args(["adapter-check", "--verbose", "--device-command", command]).output().unwrap();
    let told = String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
    (done.status.code(), told)
}

#[test]
fn the_check_finds_nothing_wrong_with_the_devices_of_this_program() {
    for device in ["reference", "smoltcp", "odd:small-window"] {
        let (code, told) = check(&wireproof(&format!("serve --device {device}")));
        assert!(code == Some(0) && told.contains(" 0 wrong"), "{device}\n{told}");
        assert!(
            told.contains("recv waits, takes no more than it is told, and sees the end (IPv6)"),
            "{told}"
        );
    }
}

#[test]
fn each_fault_is_told_with_the_request_that_shows_it() {
    for (how, words) in [
        ("crash:3", &["WRONG", "> at 0 ", "exit status: 3", "assertion failed on purpose"][..]),
        ("nonsense:2", &["< banana", "frame, result, log, error or wake", "got       `banana`"]),
        ("past:60", &["< wake 0", "with a time later than"]),
        ("twice:8", &["nothing behind a `wake`"]),
        ("result:4", &["< result 4711 ok", "has none yet"]),
        ("refuse:2", &["error this is too much"]),
        ("now:1", &["more to do 1000 times at this instant"]),
        ("long:3", &["a line of more than 1048576 octets"]),
        ("deaf", &["WRONG `quit` ends it", "had to be killed", "WRONG the end of its input ends it"]),
    ] {
        let (code, told) = check(&wireproof(&format!("serve --misbehave {how}")));
        assert_eq!(code, Some(1), "{how}\n{told}");
        let missing = words.iter().find(|word| !told.contains(**word));
        assert_eq!(missing, None, "{how}\n{told}");
    }
}

#[test]
fn what_is_no_adapter_cannot_be_checked() {
    for (command, words) in [
        ("./no-such-adapter", &["cannot start `./no-such-adapter`"][..]),
        ("echo hello", &["greets with `hello`", "wireproof 1 NAME VERSION"]),
        ("false", &["ended before its answer did (exit status: 1)"]),
        ("", &["command is empty"]),
    ] {
        let (code, told) = check(command);
        assert_eq!(code, Some(2), "{command}\n{told}");
        let missing = words.iter().find(|word| !told.contains(**word));
        assert_eq!(missing, None, "{command}\n{told}");
    }
}
