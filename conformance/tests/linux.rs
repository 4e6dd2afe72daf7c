//! The kernel's own stack, live, through the command as people run it: in network namespaces that it makes itself.
//!
//! Where the machine does not allow that, the test says so and is content.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "what cannot be run fails the test")]

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Handshakes, data and resets that wait for nothing.
const FEATURE: &str = "\
@tcp
Feature: Live

  @ipv4 @ipv6 @rfc9293-3.5
  Scenario: A passive open, data in both directions, and an abort
    Given the device listens on port 80
    Then they exchange
      |      | segment                                           | device       |
      | -->  | <SEQ=100><CTL=SYN>                                | SYN-RECEIVED |
      | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK>                   |              |
      | -->  | <SEQ=101><ACK=301><CTL=ACK>                       | ESTABLISHED  |
      | call | send 5                                            |              |
      | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=5>               |              |
      | -->  | <SEQ=101><ACK=306><CTL=ACK><DATA=\"HELLO\">         |              |
      | <--  | <SEQ=306><ACK=106><CTL=ACK>                       |              |
      | call | recv -> \"HELLO\"                                   | ESTABLISHED  |
      | call | abort                                             | CLOSED       |
      | <--  | <SEQ=306><ACK=106><CTL=RST,ACK>                   |              |

  @ipv4 @ipv6 @rfc9293-3.5
  Scenario: An active open that is refused
    Given the device connects to the tester
    Then they exchange
      |      | segment                         | device   |
      | <--  | <SEQ=300><CTL=SYN>              | SYN-SENT |
      | -->  | <SEQ=0><ACK=301><CTL=RST,ACK>   | CLOSED   |
      | call | connect -> ECONNREFUSED         |          |
";

/// Why a run of the device could not be made on this machine.
const REFUSALS: [&str; 2] = ["cannot enter a network namespace", "cannot open /dev/net/tun"];

/// The report of a run; `None`, with the reason printed, where the machine does not allow one.
fn run(folder: &Path) -> Option<Value> {
    let feature = folder.join("live.feature");
    std::fs::write(&feature, FEATURE).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_wireproof"))
        .args(["run", "--device", "linux", "--report"])
        .arg(folder.join("report"))
        .arg(&feature)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    if let Some(line) = said.lines().find(|line| REFUSALS.iter().any(|refusal| line.contains(refusal))) {
        assert_eq!(output.status.code(), Some(2), "what cannot be run is no failure of the device");
        println!("skipped: {line}");
        return None;
    }
    let report = std::fs::read(folder.join("report/report.json"))
        .unwrap_or_else(|error| panic!("{error}: {said} {}", String::from_utf8_lossy(&output.stdout)));
    Some(serde_json::from_slice(&report).unwrap())
}

#[test]
fn ladders_hold_on_the_kernel_that_runs_this_over_both_versions_of_ip() {
    let folder = tempfile::tempdir().unwrap();
    let Some(report) = run(folder.path()) else { return };
    let scenarios = report["scenarios"].as_array().unwrap();
    assert_eq!(scenarios.len(), 4);
    for scenario in scenarios {
        // On a machine that stands still nothing can be said; a failure it never is.
        let verdict = scenario["verdict"].to_string();
        let is_late = verdict.contains("the machine stood still");
        assert!(
            verdict.contains("pass") || is_late,
            "{}: {verdict}: {}",
            scenario["id"],
            scenario["failure"]
        );
    }
    assert_eq!(report["device"], "linux");
    assert_eq!(report["time_limit"], 300, "time passes on this device");
}
