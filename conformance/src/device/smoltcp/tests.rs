use super::*;
use crate::device::SocketId;

fn call(device: &mut Smoltcp, id: u64, text: &str) -> Output {
    let mut out = Output::new();
    device.handle_call(Instant::ZERO, CallId(id), &text.parse().unwrap(), &mut out).unwrap();
    out
}

fn fresh() -> Smoltcp {
    let mut device = Smoltcp::default();
    let wake = device.reset(&Setup::default(), &mut Output::new()).unwrap();
    assert_eq!(wake, Wake::Never);
    device
}

fn results(out: &Output) -> Vec<String> {
    out.results().map(|(id, result)| format!("{id} {}", crate::device::print_result(result))).collect()
}

#[test]
fn the_version_is_the_one_that_is_built_in() {
    let lock = include_str!("../../../../Cargo.lock");
    assert!(lock.contains(&format!("name = \"smoltcp\"\nversion = \"{VERSION}\"\n")));
}

#[test]
fn a_request_before_the_first_reset_breaks_the_protocol() {
    let error = Smoltcp::default().run(Instant::ZERO, &mut Output::new()).unwrap_err();
    assert!(matches!(error, DeviceError::Protocol { .. }), "{error}");
}

#[test]
fn a_setup_that_smoltcp_would_panic_on_is_refused() {
    for setup in
        [Setup { mac: [1, 0, 0, 0, 0, 1], ..Setup::default() }, Setup { mtu: 20, ..Setup::default() }]
    {
        let error = Smoltcp::default().reset(&setup, &mut Output::new()).unwrap_err();
        assert!(matches!(error, DeviceError::Refused { .. }), "{error}");
    }
}

#[test]
fn every_call_that_it_has_no_capability_for_is_not_supported_or_invalid() {
    let mut device = fresh();
    for text in ["sendurgent 1 00", "udp 1 9", "shutdown 1 read", "set 1 mss 500", "set 1 sack 0"] {
        let needs = text.parse::<Call>().unwrap().needs();
        assert!(!device.description().capabilities.has(needs), "{text}");
        assert_eq!(results(&call(&mut device, 1, text)), ["1 error ENOTSUP"], "{text}");
    }
}

#[test]
fn a_number_is_used_once_and_unknown_ones_are_bad() {
    let mut device = fresh();
    assert_eq!(results(&call(&mut device, 1, "state 1")), ["1 error EBADF"]);
    assert_eq!(results(&call(&mut device, 2, "listen 1 80 5")), ["2 ok"]);
    assert_eq!(results(&call(&mut device, 3, "listen 1 81 5")), ["3 error EINVAL"]);
    assert_eq!(results(&call(&mut device, 4, "accept 1 1")), ["4 error EINVAL"]);
    assert_eq!(results(&call(&mut device, 5, "recv 9 1")), ["5 error EBADF"]);
    assert_eq!(results(&call(&mut device, 6, "accept 2 9")), ["6 error EBADF"]);
    assert_eq!(results(&call(&mut device, 7, "listen 3 0 5")), ["7 error EINVAL"]);
}

#[test]
fn closing_a_listener_ends_its_pending_accepts() {
    let mut device = fresh();
    call(&mut device, 1, "listen 1 80 5");
    assert_eq!(results(&call(&mut device, 2, "accept 2 1")), [] as [&str; 0]);
    assert_eq!(results(&call(&mut device, 3, "close 1")), ["2 error EBADF", "3 ok"]);
    assert_eq!(results(&call(&mut device, 4, "state 1")), ["4 ok CLOSED"]);
    assert_eq!(results(&call(&mut device, 5, "children 1")), ["5 error EBADF"]);
}

#[test]
fn options_are_kept_for_a_socket_that_is_not_yet_used() {
    let mut device = fresh();
    for text in ["set 1 nodelay 1", "set 1 keepidle 5000", "set 1 keepalive 1", "set 1 rcvbuf 4096"] {
        assert_eq!(results(&call(&mut device, 1, text)), ["1 ok"], "{text}");
    }
    assert_eq!(results(&call(&mut device, 2, "set 1 nodelay 2")), ["2 error EINVAL"]);
    assert_eq!(results(&call(&mut device, 3, "state 1")), ["3 ok CLOSED"]);
    call(&mut device, 4, "listen 1 80 1");
    assert_eq!(results(&call(&mut device, 5, "set 1 rcvbuf 9")), ["5 error EINVAL"], "too late");
    assert_eq!(results(&call(&mut device, 6, "set 1 nodelay 0")), ["6 ok"]);
}

#[test]
fn connect_without_a_local_port_draws_one_from_the_seed() {
    let port_of = |seed| {
        let mut device = Smoltcp::default();
        device.reset(&Setup { seed: Some(seed), ..Setup::default() }, &mut Output::new()).unwrap();
        call(&mut device, 1, "connect 1 192.0.2.1 80");
        let sockets = &device.stack.as_ref().unwrap().sockets;
        let (_, smoltcp::socket::Socket::Tcp(socket)) = sockets.set.iter().next().unwrap();
        assert_eq!(sockets.state(SocketId(1)).unwrap().to_string(), "SYN-SENT");
        socket.local_endpoint().unwrap().port
    };
    assert!(port_of(1) >= 49_152);
    assert_eq!(port_of(1), port_of(1));
    assert_ne!(port_of(1), port_of(2));
}
