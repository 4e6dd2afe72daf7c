//! The cells of `call` rows.

use super::*;

#[test]
fn every_call_reads() {
    for text in [
        "listen",
        "listen 80",
        "listen 80 5",
        "accept",
        "connect",
        "connect 192.0.2.3 80",
        "connect 2001:db8::3 80",
        "connect 192.0.2.3 80 4000",
        "send 20",
        "send \"PUT\"",
        "sendurgent 5",
        "sendurgent \"!\"",
        "recv",
        "recv 100",
        "shutdown write",
        "shutdown read",
        "shutdown both",
        "close",
        "abort",
        "state",
        "children",
        "set nodelay 1",
        "set congestion cubic",
    ] {
        reads_as::<CallText>(text, text);
    }
}

#[test]
fn every_result_reads() {
    for text in [
        "recv -> 20",
        "recv -> \"GET\"",
        "recv -> end",
        "recv -> ECONNRESET",
        "recv -> 1..20",
        "recv -> *",
        "recv -> pending",
        "connect -> ETIMEDOUT",
        "connect -> ok",
        "close -> ok",
        "send 20 -> 20",
        "send 20 -> 0",
        "send 20 -> EPIPE",
        "state -> ESTABLISHED",
        "state -> FIN-WAIT-1",
        "children -> 2",
        "accept -> ok",
        "recv 10 -> 10",
    ] {
        reads_as::<CallText>(text, text);
    }
    reads_as::<CallText>("  recv   100->end ", "recv 100 -> end");
}

#[test]
fn a_call_that_is_none_is_told_with_its_place() {
    let fault = fault_of::<CallText>;
    let call = "a call: listen accept connect send sendurgent recv shutdown close abort state children set";
    assert_eq!(fault("sned 20"), (0, call.into()));
    assert_eq!(fault(""), (0, call.into()));
    assert_eq!(fault("send"), (4, "a space and an argument".into()));
    assert_eq!(fault("send x"), (5, "a count of octets, or octets in quotation marks".into()));
    assert_eq!(fault("shutdown"), (8, "a space and an argument".into()));
    assert_eq!(fault("shutdown it"), (9, "write, read or both".into()));
    assert_eq!(fault("set nodelay").0, 11);
    assert_eq!(fault("connect 192.0.2.300 80"), (8, "an IP address".into()));
    assert_eq!(fault("connect 192.0.2.3 65536"), (18, "a number up to 65535".into()));
    assert_eq!(fault("close 5"), (6, "the end of the cell".into()));
    assert!(fault("recv -> bye").1.starts_with("a result: a count of octets"));
    assert_eq!(fault("recv ->").0, 7);
}

#[test]
fn a_call_cannot_come_to_what_it_never_gives() {
    let fault = |text| fault_of::<CallText>(text).1;
    assert_eq!(fault("close -> end"), "another result; only `recv` ends with octets or `end`");
    assert_eq!(fault("send 3 -> \"GET\""), "another result; only `recv` ends with octets or `end`");
    assert_eq!(fault("close -> 5"), "`-> ok` or an error; this call has no count for its result");
    assert_eq!(fault("recv -> ESTABLISHED"), "another result; only `state` ends with a state");
}
