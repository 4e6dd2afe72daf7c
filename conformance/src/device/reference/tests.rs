//! The reference behind the trait: calls, pending ones, frames of one instant.

use super::*;
use crate::device::print_result;

fn fresh() -> Reference {
    let mut device = Reference::default();
    let wake = device.reset(&Setup::default(), &mut Output::new()).unwrap();
    assert_eq!(wake, Wake::Never, "it says nothing by itself");
    device
}

fn neighbour() -> Reference {
    let mut device = fresh();
    let ipv4 = Some(([192, 0, 2, 1].into(), 24));
    let setup = Setup { mac: [2, 0, 0, 0, 0, 1], ipv4, ..Setup::default() };
    device.reset(&setup, &mut Output::new()).unwrap();
    device
}

fn frames_of(device: &mut Reference, id: u64, text: &str) -> Vec<Vec<u8>> {
    let mut out = Output::new();
    device.handle_call(Instant::ZERO, CallId(id), &text.parse().unwrap(), &mut out).unwrap();
    out.frames().map(<[u8]>::to_vec).collect()
}

fn call(device: &mut Reference, id: u64, text: &str) -> Vec<String> {
    let mut out = Output::new();
    device.handle_call(Instant::ZERO, CallId(id), &text.parse().unwrap(), &mut out).unwrap();
    results(&out)
}

fn results(out: &Output) -> Vec<String> {
    out.results().map(|(id, result)| format!("{id} {}", print_result(result))).collect()
}

/// Two references wired back to back, until neither says anything.
fn exchange(now: Instant, ends: [&mut Reference; 2], mut frames: Vec<Vec<u8>>) -> [Vec<String>; 2] {
    let mut told = [Vec::new(), Vec::new()];
    let mut to = 1;
    while !frames.is_empty() {
        let mut out = Output::new();
        let borrowed: Vec<&[u8]> = frames.iter().map(Vec::as_slice).collect();
        ends[to].handle_frames(now, &borrowed, &mut out).unwrap();
        told[to].extend(results(&out));
        frames = out.frames().map(<[u8]>::to_vec).collect();
        to = 1 - to;
    }
    told
}

#[test]
fn two_devices_connect_and_their_pending_calls_end_when_they_can() {
    let (mut client, mut server) = (fresh(), neighbour());
    assert_eq!(call(&mut server, 1, "listen 1 80 5"), ["1 ok"]);
    assert_eq!(call(&mut server, 2, "accept 2 1"), [] as [&str; 0]);
    let frames = frames_of(&mut client, 1, "connect 1 192.0.2.1 80 4000");
    let told = exchange(Instant::ZERO, [&mut client, &mut server], frames);
    assert_eq!(told, [vec!["1 ok 192.0.2.2 4000".to_owned()], vec!["2 ok 192.0.2.2 4000".to_owned()]]);
    assert_eq!(call(&mut client, 2, "recv 1 10"), [] as [&str; 0]);
    let mut out = Output::new();
    server.handle_call(Instant::ZERO, CallId(3), &"fill 2 249 4".parse().unwrap(), &mut out).unwrap();
    assert_eq!(results(&out), ["3 ok 4"]);
    let frames: Vec<Vec<u8>> = out.frames().map(<[u8]>::to_vec).collect();
    let [_, told] = exchange(Instant::ZERO, [&mut server, &mut client], frames);
    assert_eq!(told, ["2 ok f9fa0001"]);
}

#[test]
fn the_application_has_its_turn_when_all_frames_of_an_instant_are_in() {
    let (mut client, mut server) = (fresh(), neighbour());
    call(&mut server, 1, "listen 1 80 5");
    call(&mut server, 2, "accept 2 1");
    call(&mut client, 1, "set 1 nodelay 1");
    let syn = frames_of(&mut client, 2, "connect 1 192.0.2.1 80 4000");
    exchange(Instant::ZERO, [&mut client, &mut server], syn);
    call(&mut server, 3, "recv 2 10");
    let mut frames = frames_of(&mut client, 3, "fill 1 0 2");
    frames.extend(frames_of(&mut client, 4, "fill 1 2 2"));
    assert_eq!(frames.len(), 2);
    let [_, told] = exchange(Instant::ZERO, [&mut client, &mut server], frames);
    assert_eq!(told, ["3 ok 00010203"]);
}

#[test]
fn a_number_is_used_once_and_unknown_ones_are_bad() {
    let mut device = fresh();
    assert_eq!(call(&mut device, 1, "state 1"), ["1 error EBADF"]);
    assert_eq!(call(&mut device, 2, "listen 1 80 5"), ["2 ok"]);
    assert_eq!(call(&mut device, 3, "listen 1 81 5"), ["3 error EINVAL"]);
    assert_eq!(call(&mut device, 4, "accept 1 1"), ["4 error EINVAL"]);
    assert_eq!(call(&mut device, 5, "recv 9 1"), ["5 error EBADF"]);
    assert_eq!(call(&mut device, 6, "accept 2 9"), ["6 error EBADF"]);
    assert_eq!(call(&mut device, 7, "listen 3 0 5"), ["7 error EINVAL"]);
    assert_eq!(call(&mut device, 8, "listen 3 80 5"), ["8 error EADDRINUSE"]);
}

#[test]
fn a_socket_that_listens_can_be_made_to_connect_and_one_that_is_connected_cannot() {
    let (mut client, mut server) = (fresh(), neighbour());
    call(&mut server, 1, "listen 1 80 5");
    call(&mut client, 1, "listen 1 4000 5");
    assert_eq!(call(&mut client, 2, "send 1 00"), ["2 error EDESTADDRREQ"]);
    assert_eq!(call(&mut client, 3, "connect 1 192.0.2.1 80 4001"), ["3 error EINVAL"]);
    let frames = frames_of(&mut client, 4, "connect 1 192.0.2.1 80");
    assert_eq!(call(&mut client, 5, "state 1"), ["5 ok SYN-SENT"]);
    let [told, _] = exchange(Instant::ZERO, [&mut client, &mut server], frames);
    assert_eq!(told, ["4 ok 192.0.2.2 4000"]);
    assert_eq!(call(&mut client, 6, "connect 1 192.0.2.1 80"), ["6 error EISCONN"]);
}

#[test]
fn closing_a_listener_ends_its_pending_accepts_and_its_state_is_still_told() {
    let mut device = fresh();
    call(&mut device, 1, "listen 1 80 5");
    call(&mut device, 2, "accept 2 1");
    assert_eq!(call(&mut device, 3, "close 1"), ["3 ok", "2 error EBADF"]);
    assert_eq!(call(&mut device, 4, "state 1"), ["4 ok CLOSED"]);
    assert_eq!(call(&mut device, 5, "children 1"), ["5 error EBADF"]);
    assert_eq!(call(&mut device, 6, "close 1"), ["6 error EBADF"]);
}

#[test]
fn it_can_do_every_call_that_it_says_it_can() {
    let mut device = fresh();
    call(&mut device, 1, "listen 1 80 5");
    call(&mut device, 2, "udp 2 9");
    for option in OPTIONS {
        let text = format!("set 3 {option} 1");
        assert_eq!(call(&mut device, 3, &text), ["3 ok"], "{text}");
    }
    for text in ["set 3 keepalive 1", "set 3 sack 1", "set 3 congestion cubic"] {
        let needs = text.parse::<Call>().unwrap().needs();
        assert!(!device.description().capabilities.has(needs), "{text}");
        assert_eq!(call(&mut device, 4, text).len(), 1);
    }
}

#[test]
fn what_the_ip_header_cannot_bear_is_refused_at_once_or_when_the_socket_comes_into_use() {
    for (text, at_once) in [("dscp 64", false), ("ttl 0", false), ("dscp 256", true), ("ttl 256", true)] {
        let mut device = fresh();
        let told = call(&mut device, 1, &format!("set 1 {text}"));
        assert_eq!(told, [if at_once { "1 error EINVAL" } else { "1 ok" }], "{text}");
        let told = call(&mut device, 2, "listen 1 80 5");
        assert_eq!(told, [if at_once { "2 ok" } else { "2 error EINVAL" }], "{text}");
    }
}

#[test]
fn its_clock_and_its_sequence_numbers_start_where_the_harness_says() {
    let mut device = fresh();
    let setup = Setup { clock: Some(u64::MAX / 2), iss: Some(0xffff_fff0), ..Setup::default() };
    device.reset(&setup, &mut Output::new()).unwrap();
    let mut out = Output::new();
    let connect = "connect 1 192.0.2.1 80".parse().unwrap();
    let wake = device.handle_call(Instant::ZERO, CallId(1), &connect, &mut out).unwrap();
    // The question for the neighbour is asked again after a second of the harness's time.
    assert_eq!(wake, Wake::At(Instant::ZERO + Duration::from_secs(1)));
    assert_eq!(out.frames().count(), 1);
}

#[test]
fn a_reset_forgets_everything() {
    let mut device = fresh();
    call(&mut device, 1, "listen 1 80 5");
    call(&mut device, 2, "accept 2 1");
    let mut out = Output::new();
    device.reset(&Setup::default(), &mut out).unwrap();
    assert_eq!(out, Output::new());
    assert_eq!(call(&mut device, 1, "state 1"), ["1 error EBADF"]);
    assert_eq!(call(&mut device, 2, "listen 1 80 5"), ["2 ok"]);
}
