//! Every device of this process under the same calls and the same hand-built frames: what the harness relies on.

mod packets;
mod storm;
mod tester;

use packets::{
    ACK, DEVICE_MAC, FIN, PSH, RST, SYN, Segment, TESTER_MAC, Version, answer, octets, question,
    transport_checksum,
};
use tester::{ISS, Tester};
use wireproof::device::{self, Call, CallValue, Capability, Errno, Setup, ShutdownHow, TcpState, pattern};
use wireproof::testbed::{Event, FindingKind, pcapng};
use wireproof_reference::time::Instant;

/// How many storms each device goes through.
const STORMS: u64 = 100;

fn for_each_device(test: impl Fn(&'static str, Version)) {
    for name in device::NAMES {
        for version in [Version::V4, Version::V6] {
            test(name, version);
        }
    }
}

#[test]
fn it_answers_a_question_for_its_address() {
    for_each_device(|name, version| {
        let mut tester = Tester::new(name, version, 1);
        tester.transmit(&question(version));
        let Some(Event::Frame { octets: frame, .. }) = tester.testbed.next_event(Instant::ZERO) else {
            panic!("{name} {version:?}: no answer");
        };
        assert_eq!(frame[..12], [TESTER_MAC, DEVICE_MAC].concat(), "{name} {version:?}");
        let payload = &frame[14..];
        match version {
            Version::V4 => {
                assert_eq!(payload[..8], [0, 1, 8, 0, 6, 4, 0, 2]);
                let pairs = [&DEVICE_MAC[..], &[192, 0, 2, 2], &TESTER_MAC, &[192, 0, 2, 1]].concat();
                assert_eq!(payload[8..28], pairs);
            }
            Version::V6 => {
                assert_eq!((payload[6], payload[7], payload[40], payload[41]), (58, 255, 136, 0));
                assert_eq!(payload[44] & 0x40, 0x40, "solicited");
                assert_eq!(payload[48..64], octets(version.device()));
                let option = [&[2, 1], &DEVICE_MAC[..]].concat();
                assert!(payload[64..].windows(8).any(|window| window == option));
                assert_eq!(transport_checksum(version.device(), version.tester(), 58, &payload[40..]), 0);
            }
        }
    });
}

#[test]
fn it_asks_for_a_neighbour_before_it_sends_to_it() {
    for_each_device(|name, version| {
        let mut tester = Tester::new(name, version, 1);
        let (socket, _) = tester.connect();
        let Some(Event::Frame { octets: frame, .. }) = tester.testbed.next_event(Instant::ZERO) else {
            panic!("{name} {version:?}: no question");
        };
        let to = match version {
            Version::V4 => [0xff; 6],
            // RFC 2464 7, RFC 4291 2.7.1: the solicited-node group of ::1.
            Version::V6 => [0x33, 0x33, 0xff, 0, 0, 1],
        };
        assert_eq!(frame[..6], to, "{name} {version:?}");
        assert_eq!(Segment::read(version, &frame), None);
        let answer = answer(&frame).unwrap_or_else(|| panic!("{name} {version:?}: asks for something else"));
        tester.transmit(&answer);
        tester.expect(2_000, SYN);
        assert_eq!(tester.state(socket), TcpState::SynSent);
    });
}

#[test]
fn it_opens_passively_and_shows_its_children() {
    for_each_device(|name, version| {
        let mut tester = Tester::acquainted(name, version, 1);
        let listener = tester.socket();
        tester.call(Call::Listen { socket: listener, port: 80, backlog: 5 }).unwrap();
        assert_eq!(tester.state(listener), TcpState::Listen);
        for (send, state) in [(SYN, TcpState::SynReceived), (ACK, TcpState::Established)] {
            tester.send(send, &[]);
            if send == SYN {
                tester.expect(0, SYN | ACK);
            }
            let Ok(CallValue::Children(children)) = tester.call(Call::Children { listener }) else {
                panic!("{name}: no children");
            };
            let child = children.first().unwrap_or_else(|| panic!("{name} {version:?}: no child"));
            assert_eq!((child.address, child.port, child.state), (version.tester(), 4_000, state), "{name}");
        }
        let socket = tester.socket();
        tester.call(Call::Accept { socket, listener }).unwrap();
        assert_eq!(tester.call(Call::Children { listener }), Ok(CallValue::Children(Vec::new())));
        assert_eq!(tester.state(socket), TcpState::Established);
        assert_eq!(tester.state(listener), TcpState::Listen);
    });
}

#[test]
fn it_opens_actively_and_says_so_when_established() {
    for_each_device(|name, version| {
        let mut tester = Tester::acquainted(name, version, 1);
        let (socket, connect) = tester.connect();
        tester.expect(0, SYN);
        assert_eq!(tester.result(connect), None);
        tester.send(SYN | ACK, &[]);
        tester.expect(500, ACK);
        let own = CallValue::Endpoint(version.device(), 50_000);
        assert_eq!(tester.result(connect), Some(Ok(own)), "{name}");
        assert_eq!(tester.state(socket), TcpState::Established);
    });
}

#[test]
fn a_refused_connection_is_an_error() {
    for_each_device(|name, version| {
        let mut tester = Tester::acquainted(name, version, 1);
        let (socket, connect) = tester.connect();
        tester.expect(0, SYN);
        tester.send(RST | ACK, &[]);
        tester.rest();
        assert_eq!(tester.result(connect), Some(Err(Errno::ECONNREFUSED)), "{name} {version:?}");
        assert_eq!(tester.state(socket), TcpState::Closed);
    });
}

#[test]
fn data_goes_both_ways_and_waits_for_the_application() {
    for_each_device(|name, version| {
        let mut tester = Tester::acquainted(name, version, 1);
        let (_, socket) = tester.established();
        let recv = tester.testbed.call(Call::Recv { socket, max: 4 });
        tester.rest();
        assert_eq!(tester.result(recv), None, "{name}: nothing has come");
        tester.send(ACK | PSH, b"wireproof");
        let acknowledgment = tester.expect(500, ACK);
        assert_eq!(acknowledgment.ack, tester.seq);
        assert_eq!(tester.result(recv), Some(Ok(CallValue::Data(b"wire".to_vec()))));
        let rest = tester.call(Call::Recv { socket, max: 100 });
        assert_eq!(rest, Ok(CallValue::Data(b"proof".to_vec())));

        assert_eq!(tester.call(Call::Send { socket, data: b"echo".to_vec() }), Ok(CallValue::Taken(4)));
        assert_eq!(tester.expect(0, ACK).data, b"echo");
        tester.send(ACK, &[]);
        assert_eq!(tester.call(Call::Fill { socket, offset: 249, count: 4 }), Ok(CallValue::Taken(4)));
        assert_eq!(tester.expect(0, ACK).data, pattern(249, 4));
    });
}

#[test]
fn the_peer_closes_first_then_the_device() {
    for_each_device(|name, version| {
        let mut tester = Tester::acquainted(name, version, 1);
        let (_, socket) = tester.established();
        tester.send(ACK | PSH, b"last");
        tester.send(FIN | ACK, &[]);
        assert_eq!(tester.expect(500, ACK).ack, tester.seq, "{name} {version:?}");
        assert_eq!(tester.state(socket), TcpState::CloseWait);
        let recv = |tester: &mut Tester| tester.call(Call::Recv { socket, max: 100 });
        assert_eq!(recv(&mut tester), Ok(CallValue::Data(b"last".to_vec())));
        assert_eq!(recv(&mut tester), Ok(CallValue::End));
        assert_eq!(recv(&mut tester), Ok(CallValue::End));
        assert_eq!(tester.call(Call::Close { socket }), Ok(CallValue::Done));
        tester.expect(0, FIN | ACK);
        assert_eq!(tester.state(socket), TcpState::LastAck);
        // Where `close` closes the sending side alone, the application may go on receiving.
        let is_half = tester.testbed.description().capabilities.has(Capability::CloseHalf);
        let after_close = if is_half { Ok(CallValue::End) } else { Err(Errno::EBADF) };
        assert_eq!(recv(&mut tester), after_close, "{name}");
        assert_eq!(tester.call(Call::Send { socket, data: vec![0] }), Err(Errno::EBADF), "{name}");
        tester.send(ACK, &[]);
        assert_eq!(tester.state(socket), TcpState::Closed);
    });
}

#[test]
fn data_that_nobody_may_read_any_more_are_reset_and_others_are_read() {
    for_each_device(|name, version| {
        let mut tester = Tester::acquainted(name, version, 1);
        let (_, socket) = tester.established();
        assert_eq!(tester.call(Call::Close { socket }), Ok(CallValue::Done));
        tester.expect(0, FIN | ACK);
        tester.send(ACK, b"late");
        tester.wait(500);
        let is_reset = tester.segments.iter().any(|segment| segment.flags & RST != 0);
        let read = tester.testbed.call(Call::Recv { socket, max: 100 });
        tester.rest();
        // RFC 9293 3.6.1, SHLD-3: who closes both directions at once should say that data were lost.
        let expected = if is_reset { Err(Errno::EBADF) } else { Ok(CallValue::Data(b"late".to_vec())) };
        assert_eq!(tester.result(read), Some(expected), "{name} {version:?}");
    });
}

#[test]
fn the_device_closes_first_and_waits_in_time_wait_as_long_as_it_says() {
    for_each_device(|name, version| {
        let mut tester = Tester::acquainted(name, version, 1);
        let (_, socket) = tester.established();
        let shutdown = Call::Shutdown { socket, how: ShutdownHow::Write };
        assert_eq!(tester.call(shutdown), Ok(CallValue::Done));
        tester.expect(0, FIN | ACK);
        assert_eq!(tester.state(socket), TcpState::FinWait1, "{name}");
        tester.send(ACK, &[]);
        assert_eq!(tester.state(socket), TcpState::FinWait2);
        tester.send(ACK, b"half");
        tester.wait(500);
        tester.segments.clear();
        let data = tester.call(Call::Recv { socket, max: 100 });
        assert_eq!(data, Ok(CallValue::Data(b"half".to_vec())), "{name}: half closed");
        tester.send(FIN | ACK, &[]);
        tester.expect(500, ACK);
        assert_eq!(tester.state(socket), TcpState::TimeWait);
        let timewait = tester.testbed.description().properties.timewait().unwrap();
        tester.wait(timewait.as_millis() - 1_000);
        assert_eq!(tester.state(socket), TcpState::TimeWait, "{name}");
        tester.wait(1_500);
        assert_eq!(tester.state(socket), TcpState::Closed, "{name}");
    });
}

#[test]
fn a_reset_ends_the_connection_with_an_error_and_an_abort_sends_one() {
    for_each_device(|name, version| {
        let mut tester = Tester::acquainted(name, version, 1);
        let (listener, socket) = tester.established();
        let recv = tester.testbed.call(Call::Recv { socket, max: 1 });
        tester.send(RST, &[]);
        tester.rest();
        assert_eq!(tester.result(recv), Some(Err(Errno::ECONNRESET)), "{name} {version:?}");
        assert_eq!(tester.state(socket), TcpState::Closed);
        assert_eq!(tester.state(listener), TcpState::Listen, "the listener lives on");

        tester.ports = (4_001, 80);
        let socket = tester.socket();
        tester.send(SYN, &[]);
        tester.expect(0, SYN | ACK);
        tester.send(ACK, &[]);
        tester.call(Call::Accept { socket, listener }).unwrap();
        let next = tester.ack;
        assert_eq!(tester.call(Call::Abort { socket }), Ok(CallValue::Done));
        tester.rest();
        let reset = tester.segments.remove(0);
        // RFC 9293 3.10.5: <SEQ=SND.NXT><CTL=RST>; an ACK beside it does no harm.
        assert_eq!((reset.flags & RST, reset.seq), (RST, next), "{name}: {reset:?}");
        assert_eq!(tester.state(socket), TcpState::Closed);
    });
}

#[test]
fn a_segment_for_no_connection_is_reset() {
    for_each_device(|name, version| {
        let mut tester = Tester::acquainted(name, version, 1);
        tester.send(SYN, &[]);
        let reset = tester.expect(0, RST | ACK);
        assert_eq!((reset.seq, reset.ack), (0, tester.seq), "{name} {version:?}");
    });
}

#[test]
fn a_reset_device_has_forgotten_everything() {
    for_each_device(|name, version| {
        let mut tester = Tester::acquainted(name, version, 1);
        let (_, socket) = tester.established();
        tester.testbed.call(Call::Recv { socket, max: 1 });
        tester.testbed.reset(&Setup::default()).unwrap();
        tester.transmit(&question(version));
        tester.wait(120_000);
        assert_eq!(tester.results, [], "{name}: pending calls end without result");
        assert_eq!(tester.call(Call::State { socket }), Err(Errno::EBADF), "{name}");
        tester.seq = ISS;
        tester.transmit(&question(version));
        tester.send(SYN, &[]);
        tester.expect(0, RST | ACK);
    });
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_other_numbers() {
    let story = |name, version, seed| {
        let mut tester = Tester::acquainted(name, version, seed);
        let (_, socket) = tester.established();
        tester.call(Call::Fill { socket, offset: 0, count: 3_000 }).unwrap();
        tester.wait(10_000);
        tester.call(Call::Abort { socket }).unwrap();
        let mut bytes = Vec::new();
        pcapng::write(tester.testbed.trace(), "wire", "", &mut bytes).unwrap();
        bytes
    };
    for_each_device(|name, version| {
        let once = story(name, version, 7);
        assert_eq!(once, story(name, version, 7), "{name} {version:?}");
        assert_ne!(once, story(name, version, 8), "{name} {version:?}");
    });
}

#[test]
fn frames_that_make_no_sense_are_survived() {
    for_each_device(|name, version| {
        let mut tester = Tester::acquainted(name, version, 1);
        tester.established();
        let segment = Segment { ports: (4_000, 80), seq: 0, ack: 0, flags: ACK, data: vec![1, 2, 3] };
        let whole = segment.frame(version);
        (0..whole.len()).for_each(|len| tester.transmit(&whole[..len]));
        tester.rest();
        for octet in 0..whole.len() {
            let mut broken = whole.clone();
            broken[octet] ^= 0xff;
            tester.transmit(&broken);
        }
        tester.rest();
    });
}

#[test]
fn a_storm_of_segments_and_calls_does_not_crash_it_or_make_it_spin() {
    for_each_device(|name, version| {
        let mut tester = Tester::new(name, version, 0);
        for seed in 0..STORMS {
            if let Some(finding) = storm::run(&mut tester, seed) {
                panic!("{name} {version:?}, seed {seed}: {finding}");
            }
        }
    });
}

/// A fault of smoltcp 0.14.0: a reset in SYN-RECEIVED brings a listener back to LISTEN without forgetting the window
/// that it had offered (`remote_last_ack`). If a SYN 2^31 away and a RST arrive back to back then, the window of the new
/// connection ends where the old one did, and the difference of two sequence numbers underflows.
#[test]
fn a_stack_that_panics_on_what_it_receives_is_a_finding_with_the_frames_that_did_it() {
    for version in [Version::V4, Version::V6] {
        let mut tester = Tester::acquainted("smoltcp", version, 1);
        let socket = tester.socket();
        tester.call(Call::Listen { socket, port: 80, backlog: 1 }).unwrap();
        tester.send(SYN, &[]);
        tester.expect(0, SYN | ACK);
        tester.send(RST, &[]);
        tester.rest();
        let after_syn = tester.seq;
        tester.seq = ISS.wrapping_add(1 << 31);
        tester.send(SYN, &[]);
        tester.seq = after_syn;
        tester.send(RST, &[]);
        let Some(Event::DeviceFailed(finding)) = tester.testbed.next_event(Instant::ZERO) else {
            panic!("{version:?}: smoltcp is better than we thought");
        };
        assert_eq!((finding.kind, finding.request.as_str()), (FindingKind::Crash, "frame (2 at once)"));
        assert!(finding.message.contains("attempt to subtract sequence numbers with underflow"), "{finding}");
    }
}
