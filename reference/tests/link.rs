//! ARP and neighbour discovery of a whole host, octet by octet. Checksums were added up outside this program.

mod support;

use support::*;
use wireproof_reference::host::Host;
use wireproof_reference::time::{Duration, Instant};

fn host() -> Host {
    Host::new(config())
}

const ARP_REQUEST: &str = "ffffffffffff 020000000001 0806
    0001 0800 06 04 0001 020000000001 c0000201 000000000000 c0000202";

#[test]
fn an_arp_request_for_our_address_is_answered_to_the_asker() {
    let reply = "020000000001 020000000002 0806
        0001 0800 06 04 0002 020000000002 c0000202 020000000001 c0000201";
    assert_eq!(answers(&mut host(), at(0), &hex(ARP_REQUEST)), [hex(reply)]);
}

#[test]
fn the_padding_of_an_arp_request_does_not_come_back() {
    let padded = [hex(ARP_REQUEST), vec![0xaa; 18]].concat();
    let answers = answers(&mut host(), at(0), &padded);
    assert_eq!(answers[0].len(), 42);
}

#[test]
fn an_arp_probe_is_answered_and_teaches_nothing() {
    let probe = hex(
        "ffffffffffff 020000000001 0806 0001 0800 06 04 0001 020000000001 00000000 000000000000 c0000202",
    );
    let mut host = host();
    let answers = answers(&mut host, at(0), &probe);
    assert_eq!(answers[0][38..42], [0, 0, 0, 0], "to the address that was not known yet");
    assert!(host.neighbours().is_empty());
}

#[test]
fn arp_for_others_of_other_kinds_or_from_ourselves_is_not_answered() {
    let cases = [
        ("another target", 41, 0x03),
        ("a reply", 21, 0x02),
        ("an operation that is not known", 21, 0x09),
        ("our own address as sender", 31, 0x02),
        ("hardware that is not Ethernet", 15, 0x06),
        ("addresses of another length", 18, 0x08),
    ];
    for (what, octet, value) in cases {
        let mut frame = hex(ARP_REQUEST);
        frame[octet] = value;
        assert_eq!(answers(&mut host(), at(0), &frame).len(), 0, "{what}");
    }
}

#[test]
fn a_neighbour_solicitation_is_answered_with_our_link_address() {
    let advertisement = "020000000001 020000000002 86dd 60000000 0020 3a ff
        20010db8000000000000000000000002 20010db8000000000000000000000001
        88 00 8a71 60000000 20010db8000000000000000000000002 02 01 020000000002";
    assert_eq!(answers(&mut host(), at(0), &hex(SOLICITATION)), [hex(advertisement)]);
}

#[test]
fn whoever_looks_for_a_duplicate_is_told_by_way_of_all_nodes() {
    let solicitation = "3333ff000002 020000000001 86dd 60000000 0018 3a ff
        00000000000000000000000000000000 ff0200000000000000000001ff000002
        87 00 4ceb 00000000 20010db8000000000000000000000002";
    let advertisement = "333300000001 020000000002 86dd 60000000 0020 3a ff
        20010db8000000000000000000000002 ff020000000000000000000000000001
        88 00 f927 20000000 20010db8000000000000000000000002 02 01 020000000002";
    let mut host = host();
    assert_eq!(answers(&mut host, at(0), &hex(solicitation)), [hex(advertisement)]);
    assert!(host.neighbours().is_empty());
}

#[test]
fn a_solicitation_that_crossed_a_router_or_is_damaged_is_not_answered() {
    let cases = [
        ("hop limit 254", 21, 254),
        ("code 1", 55, 1),
        ("another target", 77, 3),
        ("an option of length zero", 79, 0),
        ("an option that does not end", 79, 2),
        ("a wrong checksum", 56, 0),
    ];
    for (what, octet, value) in cases {
        let mut frame = hex(SOLICITATION);
        frame[octet] = value;
        if what != "a wrong checksum" {
            fix_icmpv6_checksum(&mut frame);
        }
        assert_eq!(answers(&mut host(), at(0), &frame).len(), 0, "{what}");
    }
}

/// Makes the checksum of an ICMPv6 message right, which begins behind 54 octets.
fn fix_icmpv6_checksum(frame: &mut [u8]) {
    frame[56..58].fill(0);
    let words =
        |octets: &[u8]| -> u32 { octets.chunks(2).map(|w| u32::from(w[0]) << 8 | u32::from(w[1])).sum() };
    let length = (frame.len() - 54) as u32;
    let sum = words(&frame[22..54]) + length + 58 + words(&frame[54..]);
    let folded = (sum & 0xffff) + (sum >> 16);
    let folded = (folded & 0xffff) + (folded >> 16);
    frame[56..58].copy_from_slice(&(!(folded as u16)).to_be_bytes());
}

#[test]
fn the_helper_of_these_tests_makes_the_checksum_that_was_added_up_by_hand() {
    let mut frame = hex(SOLICITATION);
    fix_icmpv6_checksum(&mut frame);
    assert_eq!(frame, hex(SOLICITATION));
}

/// What a host asks before it can send its first SYN, in both versions.
const QUESTIONS: [&str; 2] = [
    "ffffffffffff 020000000002 0806 0001 0800 06 04 0001 020000000002 c0000202 000000000000 c0000201",
    "3333ff000001 020000000002 86dd 60000000 0020 3a ff
     20010db8000000000000000000000002 ff0200000000000000000001ff000001
     87 00 1c27 00000000 20010db8000000000000000000000001 01 01 020000000002",
];

#[test]
fn a_neighbour_is_asked_three_times_a_second_apart_and_again_with_the_next_packet() {
    for ((_, peer), question) in ENDS.into_iter().zip(QUESTIONS) {
        let mut host = host();
        host.connect(at(0), (peer, 80).into(), Some(4000), &[]).unwrap();
        let mut asked = Vec::new();
        let mut now = at(0);
        loop {
            for frame in frames(&mut host, now) {
                assert_eq!(frame, hex(question), "nothing but the question leaves");
                asked.push(now);
            }
            match host.poll_deadline() {
                Some(deadline) if deadline <= at(6) => now = deadline,
                _ => break,
            }
            host.handle_timeout(now);
        }
        // Three for the SYN; it is given back at 3 s, when its own second retransmission asks anew.
        let gaps: Vec<Duration> = asked.windows(2).map(|pair| pair[1].since(pair[0])).collect();
        assert!(asked.len() >= 3, "{asked:?}");
        assert!(gaps.iter().all(|gap| *gap >= Duration::from_secs(1)), "{asked:?}");
        assert_eq!(asked[..3], [at(0), at(1), at(2)]);
    }
}

#[test]
fn the_answer_lets_the_waiting_syn_go() {
    let answers_to = [
        "020000000002 020000000001 0806 0001 0800 06 04 0002 020000000001 c0000201 020000000002 c0000202",
        // Solicited and override; the sum differs from the advertisement above by the target and the option.
        "020000000002 020000000001 86dd 60000000 0020 3a ff
         20010db8000000000000000000000001 20010db8000000000000000000000002
         88 00 8a73 60000000 20010db8000000000000000000000001 02 01 020000000001",
    ];
    for ((_, peer), answer) in ENDS.into_iter().zip(answers_to) {
        let mut host = host();
        host.connect(at(0), (peer, 80).into(), Some(4000), &[]).unwrap();
        assert_eq!(frames(&mut host, at(0)).len(), 1);
        let sent = answers(&mut host, at(0), &hex(answer));
        let segments = segments(&sent);
        assert_eq!(segments.len(), 1, "{sent:02x?}");
        assert!(segments[0].flags.syn());
        assert_eq!(sent[0][..6], PEER_MAC.0);
    }
}

#[test]
fn a_link_that_never_answers_does_not_end_a_connection_before_its_time() {
    let mut host = host();
    let socket = host.connect(at(0), (PEER_V4, 80).into(), None, &[]).unwrap();
    let mut now = Instant::ZERO;
    while host.connected(socket) == Err(wireproof_reference::socket::SocketError::WouldBlock) {
        frames(&mut host, now);
        now = host.poll_deadline().expect("something is still to be done");
        host.handle_timeout(now);
    }
    // RFC 9293 3.8.3 MUST-23, MUST-56: what the link says is soft; R2 of a SYN is 3 minutes.
    assert!(now >= at(180), "{now}");
    assert_eq!(host.connected(socket), Err(wireproof_reference::socket::SocketError::HostUnreachable));
}

#[test]
fn whoever_acknowledges_our_syn_needs_no_asking_whether_it_is_still_there() {
    use wireproof_reference::link::neighbour::Reachability;
    use wireproof_reference::wire::{TcpFlags, Transport};
    for (ours, peer) in ENDS {
        let mut host = host();
        introduce(&mut host, at(0));
        host.listen(at(0), 80, 1, &[]).unwrap();
        answers(&mut host, at(1), &frame(peer, ours, Transport::Tcp(segment(100, 0, TcpFlags::SYN, &[]))));
        assert_eq!(host.neighbours().reachability(peer), Some(Reachability::Delay));
        answers(&mut host, at(1), &frame(peer, ours, Transport::Tcp(segment(101, 1001, TcpFlags::ACK, &[]))));
        assert_eq!(host.neighbours().reachability(peer), Some(Reachability::Reachable));
    }
}
