//! The C header: an adapter made with it is driven like any other. Without a C compiler there is nothing to be tried.

use std::path::{Path, PathBuf};
use std::process::Command;

use wireproof::device::adapter::{Adapters, CommandLine};
use wireproof::device::{Call, CallId, Device, Output, Setup, Wake, print_result};
use wireproof_reference::time::Instant;

/// Compiles the example; `None`, said aloud, if there is no compiler.
fn example(folder: &Path) -> Option<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("devices/example/udp_echo.c");
    let program = folder.join("udp_echo");
    let mut compiler = Command::new("cc");
    compiler.args(["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror", "-O1", "-o"]);
    match compiler.arg(&program).arg(source).output() {
        Ok(done) => {
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
            Some(program)
        }
        Err(error) => {
            println!("not tried: no C compiler `cc`: {error}");
            None
        }
    }
}

#[test]
fn an_adapter_in_c_compiles_without_a_warning_and_answers_as_the_page_says() {
    let folder = tempfile::tempdir().unwrap();
    let Some(program) = example(folder.path()) else { return };
    let adapters = Adapters::start(CommandLine::parse(&program.display().to_string()).unwrap()).unwrap();
    assert_eq!(adapters.description().name, "udp-echo");
    let mut device = adapters.device(adapters.description().capabilities.clone());
    let (mut out, now) = (Output::new(), Instant::from_nanos(5));
    assert_eq!(device.reset(&Setup::default(), &mut out), Ok(Wake::Never));
    // A question for 192.0.2.2 by 192.0.2.1, 02:00:00:00:00:01.
    let mut question = vec![0xff; 6];
    question.extend([2, 0, 0, 0, 0, 1, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1, 192, 0, 2, 1]);
    question.extend([0, 0, 0, 0, 0, 0, 192, 0, 2, 2]);
    let wake = device.handle_frames(now, &[&question, &[0; 20]], &mut out);
    assert_eq!((wake, out.frames().count()), (Ok(Wake::Never), 1));
    let mut call = |id, text: &str| {
        let call: Call = text.parse().unwrap();
        device.handle_call(now, CallId(id), &call, &mut out).unwrap();
    };
    call(1, "udp 1 7");
    call(2, "udprecv 1 100");
    call(3, "udpsend 1 192.0.2.1 9 6869");
    call(4, "udpsend 1 2001:db8::1 9 -");
    call(5, "close 1");
    let results: Vec<String> =
        out.results().map(|(id, result)| format!("{id} {}", print_result(result))).collect();
    assert_eq!(results, ["1 ok", "3 ok", "4 error EINVAL", "2 error EBADF", "5 ok"]);
    assert_eq!(out.frames().count(), 2, "the answer and the datagram");
}

#[test]
fn the_check_finds_nothing_wrong_with_the_example() {
    let folder = tempfile::tempdir().unwrap();
    let Some(program) = example(folder.path()) else { return };
    let (code, told) = super::check::check(&program.display().to_string());
    assert_eq!(code, Some(0), "{told}");
}
