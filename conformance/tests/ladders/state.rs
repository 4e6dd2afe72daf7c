//! The `device` column.

use crate::kit::{Script, fails, holds, run};
use wireproof::device::{Capability, TcpState};

const ESTABLISHED: &str = "an established connection";

fn fin(state: &str) -> String {
    format!(
        "| | segment | device |
         | --> | <SEQ=101><ACK=301><CTL=FIN,ACK> | {state} |
         | <-- | <SEQ=301><ACK=102><CTL=ACK> | |"
    )
}

fn closes(state: &'static str) -> Script {
    // The handshake has passed through other states: the device tells none until then.
    Script::established()
        .state(TcpState::Established)
        .segment(1, 0, "<SEQ=301><ACK=102><CTL=ACK>")
        .segment(1, 0, state)
}

#[test]
fn the_state_at_rest_is_compared() {
    let passive = "the device listens on port 80";
    let rows = |state| {
        format!(
            "| | segment | device |
             | --> | <SEQ=100><CTL=SYN> | {state} |
             | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK> | |
             | --> | <SEQ=101><ACK=301><CTL=ACK> | ESTABLISHED |"
        )
    };
    let script = |state| {
        Script::new()
            .segment(1, 0, "<SEQ=300><ACK=101><CTL=SYN,ACK>")
            .segment(1, 0, state)
            .segment(2, 0, "accepted")
            .segment(2, 0, "state ESTABLISHED")
            .call("children", 0, "-> ok 192.0.2.1 1 SYN-RECEIVED")
    };
    holds(&run(script("state LISTEN"), passive, &rows("LISTEN")));
    let report = run(script("state CLOSED"), passive, &rows("LISTEN"));
    holds(&report);
}

#[test]
fn another_state_is_told_with_both_names() {
    // Set-up rows check the state too, so the device tells it only when it is asked behind them.
    let script = closes("state CLOSE-WAIT");
    holds(&run(script, ESTABLISHED_WITHOUT_STATE, &fin("CLOSE-WAIT")));
    let report = run(closes("state ESTABLISHED"), ESTABLISHED_WITHOUT_STATE, &fin("CLOSE-WAIT"));
    let failure = fails(&report, "the device is in state ESTABLISHED, not CLOSE-WAIT");
    assert_eq!((failure.expected.as_str(), failure.got.as_str()), ("CLOSE-WAIT", "ESTABLISHED"));
    assert_eq!(failure.device_state.as_deref(), Some("ESTABLISHED"));
}

const ESTABLISHED_WITHOUT_STATE: &str = ESTABLISHED;

#[test]
fn a_device_that_cannot_tell_its_state_is_not_asked() {
    let script =
        Script::established().without(Capability::State).segment(1, 0, "<SEQ=301><ACK=102><CTL=ACK>");
    holds(&run(script, ESTABLISHED, &fin("TIME-WAIT")));
}

#[test]
fn listen_holds_when_the_connection_is_gone_and_its_listener_lives() {
    let rows = |state| {
        format!(
            "| | segment | device |
             | --> | <SEQ=101><CTL=RST> | {state} |"
        )
    };
    let gone = || Script::established().state(TcpState::Established).segment(1, 0, "state CLOSED");
    holds(&run(gone(), ESTABLISHED, &rows("LISTEN")));
    holds(&run(gone(), ESTABLISHED, &rows("CLOSED")));
    let lives = Script::established().state(TcpState::Established).segment(1, 0, "state ESTABLISHED");
    fails(&run(lives, ESTABLISHED, &rows("LISTEN")), "the device is in state ESTABLISHED, not LISTEN");
}
