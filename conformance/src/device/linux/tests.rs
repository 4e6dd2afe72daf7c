use super::*;
use crate::device::{CallValue, Errno, TcpState};
use crate::tester::{Host, neighbour};
use wireproof_reference::wire::Frame;

/// Runs `test` on a thread in a network namespace of its own with a fresh stack; says why it does not where the machine
/// does not allow it to a process that has threads already (only root has namespaces then).
fn on_a_fresh_stack(test: impl FnOnce(&mut Linux) + Send + 'static) {
    let body = move || {
        if let Err(error) = namespace::renew() {
            println!("skipped: no network namespace: {error}");
            return;
        }
        let mut linux = Linux::new(&Profile::default());
        match linux.reset(&Setup::default()) {
            Ok(()) => test(&mut linux),
            Err(error) => println!("skipped: {error}"),
        }
    };
    std::thread::spawn(body).join().unwrap();
}

fn call(linux: &mut Linux, text: &str) -> Option<CallResult> {
    let call: Call = text.parse().unwrap();
    linux.handle_call(CallId(u64::from(call.socket().0)), &call)
}

#[test]
fn the_namespace_has_a_loopback_and_a_tap_device_and_nothing_else() {
    on_a_fresh_stack(|_| {
        let text = std::fs::read_to_string("/proc/thread-self/net/dev").unwrap();
        let names: Vec<&str> = text.lines().filter_map(|line| Some(line.split_once(':')?.0.trim())).collect();
        assert!(names.contains(&tap::NAME), "{text}");
        assert!(names.iter().all(|name| [tap::NAME, "lo"].contains(name)), "{text}");
    });
}

#[test]
fn a_question_for_its_address_is_answered_before_the_frame_is_handed_in() {
    on_a_fresh_stack(|linux| {
        for address in ["192.0.2.2", "2001:db8::2"] {
            let address = address.parse().unwrap();
            linux.handle_frame(&neighbour::solicitation(&Host::numbered(0), address)).unwrap();
            let mut told = Vec::new();
            while let Some(frame) = linux.poll_frame().unwrap() {
                told.extend(neighbour::told(&Frame::parse(&frame).unwrap()));
            }
            assert_eq!(
                told.iter().map(|(of, mac)| (*of, mac.0)).collect::<Vec<_>>(),
                [(address, Setup::default().mac)]
            );
        }
    });
}

#[test]
fn calls_that_cannot_end_stay_pending_and_close_ends_them() {
    on_a_fresh_stack(|linux| {
        let ok = Some(Ok(CallValue::Done));
        assert_eq!(call(linux, "listen 1 80 5"), ok);
        assert_eq!(call(linux, "state 1"), Some(Ok(CallValue::State(TcpState::Listen))));
        assert_eq!(call(linux, "children 1"), Some(Ok(CallValue::Children(Vec::new()))));
        assert_eq!(call(linux, "listen 2 80 5"), Some(Err(Errno::EADDRINUSE)));
        assert_eq!(call(linux, "accept 3 1"), None);
        assert_eq!(linux.descriptors().len(), 3);
        let mut ended = Vec::new();
        linux.poll_results(&mut ended);
        assert_eq!(ended, []);
        assert_eq!(call(linux, "close 1"), ok);
        linux.poll_results(&mut ended);
        assert_eq!(ended, [(CallId(3), Err(Errno::EBADF))]);
        assert_eq!(call(linux, "close 1"), Some(Err(Errno::EBADF)));
        assert_eq!(call(linux, "state 1"), Some(Ok(CallValue::State(TcpState::Closed))));
    });
}

#[test]
fn a_connection_that_nobody_answers_is_in_syn_sent_until_it_is_closed() {
    on_a_fresh_stack(|linux| {
        assert_eq!(call(linux, "set 1 nodelay 1"), Some(Ok(CallValue::Done)));
        assert_eq!(call(linux, "connect 1 192.0.2.1 80 4000"), None);
        assert_eq!(call(linux, "state 1"), Some(Ok(CallValue::State(TcpState::SynSent))));
        assert_eq!(call(linux, "recv 1 10"), None);
        assert_eq!(call(linux, "fill 1 0 10"), Some(Ok(CallValue::Taken(0))));
        assert_eq!(call(linux, "abort 1"), Some(Ok(CallValue::Done)));
        assert_eq!(call(linux, "state 1"), Some(Ok(CallValue::State(TcpState::Closed))));
        assert_eq!(call(linux, "recv 9 10"), Some(Err(Errno::EBADF)));
    });
}

#[test]
fn a_datagram_to_itself_comes_with_its_sender() {
    on_a_fresh_stack(|linux| {
        for (socket, address) in [(7, "192.0.2.2"), (8, "2001:db8::2")] {
            assert_eq!(call(linux, &format!("udp {socket} 53")), Some(Ok(CallValue::Done)));
            assert_eq!(call(linux, &format!("udprecv {socket} 100")), None);
            let sent = call(linux, &format!("udpsend {socket} {address} 53 0001"));
            assert_eq!(sent, Some(Ok(CallValue::Done)));
            let mut ended = Vec::new();
            linux.poll_results(&mut ended);
            let datagram = CallValue::Datagram(address.parse().unwrap(), 53, vec![0, 1]);
            assert_eq!(ended, [(CallId(socket), Ok(datagram))]);
            assert_eq!(call(linux, &format!("close {socket}")), Some(Ok(CallValue::Done)));
        }
    });
}
