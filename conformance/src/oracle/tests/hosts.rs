//! Rules that concern hosts: ICMP errors, initial numbers, addresses; and bounds of what is kept.

use super::*;

const ERROR: &str = "0 < <ICMP=3/3><QUOTE=syn>";

#[test]
fn nobody_sends_source_quench() {
    breaks(RuleId::NoSourceQuench, "", "0 < <ICMP=4/0><QUOTE=syn>");
    keeps(RuleId::NoSourceQuench, "", "0 > <ICMP=4/0><QUOTE=syn>\n1 < <ICMP=3/3><QUOTE=syn>");
    breaks_captured(RuleId::NoSourceQuench, "", "0 > <ICMP=4/0><QUOTE=syn>");
}

#[test]
fn errors_answer_neither_errors_nor_groups_nor_later_fragments() {
    breaks(RuleId::NoErrorOfError, "", "0 < <ICMP=3/3><QUOTE=error>");
    keeps(RuleId::NoErrorOfError, "", ERROR);
    breaks(RuleId::NoErrorOfGroup, "", "0 < <ICMP=3/3><QUOTE=group>");
    keeps(RuleId::NoErrorOfGroup, "", ERROR);
    breaks(RuleId::NoErrorOfFragment, "", "0 < <ICMP=3/3><QUOTE=fragment>");
    keeps(RuleId::NoErrorOfFragment, "", "0 < <ICMP=3/3><QUOTE=first>");
}

#[test]
fn errors_quote_eight_octets() {
    breaks(RuleId::QuoteLength, "", "0 < <ICMP=3/3><QUOTE=short>");
    keeps(RuleId::QuoteLength, "", ERROR);
}

#[test]
fn segments_go_to_one_host() {
    let judge = |to: [u8; 4]| {
        let mut judge = Judge::new(JudgeOptions::default());
        let octets = addressed("<SEQ=100><CTL=SYN>", to, 1024, 100);
        show(&mut judge, 1, 0, &octets);
        let (connections, host) = judge.finish_at(Instant::ZERO);
        Judgement { connections, host }
    };
    is_broken_in(RuleId::OneHost, &judge([224, 0, 0, 5]));
    is_kept_in(RuleId::OneHost, &judge([223, 255, 255, 254]));
}

#[test]
fn initial_numbers_vary_from_connection_to_connection() {
    let judge = |numbers: [u32; 3]| {
        let mut judge = Judge::new(JudgeOptions::default());
        for (n, seq) in numbers.into_iter().enumerate() {
            let octets = addressed("<SEQ=100><CTL=SYN>", [192, 0, 2, 2], 2000 + n as u16, seq);
            show(&mut judge, n as u64 + 1, n as u64, &octets);
        }
        let (connections, host) = judge.finish_at(Instant::ZERO);
        Judgement { connections, host }
    };
    let broken = judge([7, 7, 7]);
    is_broken_in(RuleId::IsnVaries, &broken);
    assert!(broken.breaks().iter().any(|one| one.frames == [1, 2, 3]));
    is_kept_in(RuleId::IsnVaries, &judge([7, 7, 8]));
}

#[test]
fn a_data_offset_that_is_none_is_a_break() {
    let judge = |offset: u8| {
        let mut octets = packet("<SEQ=301><ACK=101><CTL=ACK>", true);
        octets[32] = offset << 4;
        let mut trace = Trace::default();
        let frame = TraceFrame {
            id: FrameId(1),
            direction: Direction::FromDevice,
            octets: frame(&octets).into(),
            fates: Vec::new(),
            notes: Vec::new(),
        };
        trace.record(Instant::ZERO, TraceItem::Frame(frame));
        judge_trace(&trace, &Knowledge::default())
    };
    is_broken_in(RuleId::DataOffset, &judge(4));
    is_broken_in(RuleId::DataOffset, &judge(6));
    assert!(judge(5).breaks().iter().all(|one| one.rule != RuleId::DataOffset));
    is_kept_in(RuleId::DataOffset, &scenario(OPENED, "1 < <SEQ=301><ACK=101><CTL=ACK>"));
}

#[test]
fn a_wrong_checksum_of_an_ip_header_is_a_break() {
    let judge = |id: u8| {
        let mut octets = packet("<SEQ=301><ACK=101><CTL=ACK>", true);
        octets[5] ^= id;
        let mut trace = Trace::default();
        let (id, direction, octets) = (FrameId(1), Direction::FromDevice, frame(&octets).into());
        let frame = TraceFrame { id, direction, octets, fates: Vec::new(), notes: Vec::new() };
        trace.record(Instant::ZERO, TraceItem::Frame(frame));
        judge_trace(&trace, &Knowledge::default())
    };
    is_broken_in(RuleId::IpChecksum, &judge(1));
    assert!(is_held(&judge(0), RuleId::IpChecksum));
    // In a capture a wrong one may be damage, or left to the network card: nobody is judged by what follows it.
    let mut octets = packet("<SEQ=301><ACK=101><CTL=ACK><RES=7>", true);
    octets[5] ^= 1;
    let mut late = Judge::new(JudgeOptions::default());
    show(&mut late, 1, 0, &octets);
    assert!(
        late.finish_at(Instant::ZERO)
            .0
            .iter()
            .all(|one| one.verdicts.iter().all(|(_, v)| v.breaks().is_empty()))
    );
    is_kept_in(RuleId::IpChecksum, &scenario(OPENED, "1 < <SEQ=301><ACK=101><CTL=ACK>"));
}

#[test]
fn figures_are_told_as_tcptrace_tells_them() {
    let lines =
        "1 ! send 20\n1 < <SEQ=301><ACK=101><CTL=ACK><DATA=10>\n1 < <SEQ=311><ACK=101><CTL=ACK><DATA=10>
        1.2 > <SEQ=101><ACK=311><CTL=ACK>\n2 < <SEQ=311><ACK=101><CTL=ACK><DATA=10>
        2.4 > <SEQ=101><ACK=321><CTL=ACK><WND=0>\n3 > <SEQ=101><CTL=RST>";
    let summary = capture(OPENED, lines).connections[0].summary;
    let device = summary.ends[1];
    assert_eq!(summary.duration, Duration::from_secs(3));
    assert_eq!((device.segments, device.octets, device.unique_octets), (4, 30, 20));
    assert_eq!((device.retransmissions, device.retransmitted_octets, device.max_flight), (1, 10, 20));
    let rtt = device.rtt.unwrap();
    assert_eq!((rtt.min, rtt.max, rtt.samples), (Duration::ZERO, Duration::from_millis(200), 2));
    assert_eq!((summary.ends[0].zero_windows, summary.ends[0].resets), (1, 1));
    assert_eq!(summary.ends[0].windows, Some((0, 65_535)));
}

#[test]
fn frames_that_a_capture_shows_twice_count_once() {
    let data = "1 < <SEQ=301><ACK=101><CTL=ACK><ID=77><DATA=10>";
    let summary = capture(OPENED, &format!("{data}\n{data}")).connections[0].summary;
    assert_eq!((summary.ends[1].segments, summary.ends[1].retransmissions), (2, 0));
}

fn show(judge: &mut Judge, number: u64, seconds: u64, octets: &[u8]) {
    let packet = Packet::parse_cut(octets).unwrap();
    let time = Instant::ZERO + Duration::from_secs(seconds);
    judge.observe(&Observed {
        number,
        time,
        packet: &packet,
        missing: 0,
        arrival: Arrival::Unknown,
        is_judged: true,
    });
}

/// A segment of the tester to another address, from another port, with another number.
fn addressed(text: &str, to: [u8; 4], port: u16, seq: u32) -> Vec<u8> {
    let path = Path {
        source: [192, 0, 2, 1].into(),
        source_port: port,
        destination: to.into(),
        destination_port: 80,
    };
    let binding = Binding::established(Seq(seq), Seq(300));
    let honest = Honest { seq: None, ack: None, ..Honest::new([192, 0, 2, 1].into()) };
    build(&text.parse().unwrap(), Side::Tester, path, &honest, &binding, &Nothing::default()).unwrap().packet
}

#[test]
fn what_is_kept_of_a_connection_is_bounded_whatever_comes() {
    let mut judge = Judge::new(JudgeOptions::default());
    let mut state = 1_u32;
    let mut draw = |bound: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) % bound
    };
    let mut sizes = Vec::new();
    for number in 0..9_000_u64 {
        let flags =
            ["ACK", "ACK", "ACK,PSH", "ACK,FIN", "ACK,URG", "RST", "SYN", "SYN,ACK", ""][draw(9) as usize];
        let (seq, ack, window, len) = (draw(200_000), draw(200_000), draw(3) * draw(30_000), draw(40));
        let fields = format!("<SEQ=abs:{seq}><ACK=abs:{ack}><CTL={flags}><WND={window}>");
        let text = format!("{fields}<DATA=\"{}\">", "j".repeat(len as usize));
        show(&mut judge, number + 1, number / 20, &packet(&text, draw(2) == 0));
        if number % 3_000 == 2_999 {
            judge.take_finished();
            sizes.push(format!("{judge:?}").len());
        }
    }
    // All that is kept is shown: full lists after the first third, no more after the last.
    assert!(sizes[2] < sizes[0] * 5 / 4 + 20_000, "{sizes:?}");
    let (connections, host) = judge.finish_at(Instant::ZERO);
    let most = |verdict: &Verdict| verdict.breaks().len() <= super::super::judgement::MOST_BREAKS;
    let mut verdicts = connections.iter().flat_map(|one| &one.verdicts).chain(&host);
    assert!(verdicts.all(|(_, verdict)| most(verdict)));
}

#[test]
fn a_connection_that_ended_makes_room_before_one_that_is_silent() {
    let mut judge = Judge::new(JudgeOptions { room: Some(2), ..JudgeOptions::default() });
    let to = [192, 0, 2, 2];
    let said = |port: u16, flags: &str| addressed(&format!("<CTL={flags}>"), to, port, 7);
    show(&mut judge, 1, 100, &said(1_001, "ACK"));
    show(&mut judge, 2, 105, &said(1_002, "RST"));
    show(&mut judge, 3, 109, &said(1_003, "ACK"));
    let ports: Vec<u16> = judge.drain_finished().map(|one| one.ends[0].port()).collect();
    assert_eq!(ports, [1_002]);
    // After a silence longer than that, the silent one goes first.
    show(&mut judge, 4, 199, &said(1_003, "RST"));
    show(&mut judge, 5, 199, &said(1_004, "ACK"));
    let ports: Vec<u16> = judge.drain_finished().map(|one| one.ends[0].port()).collect();
    assert_eq!(ports, [1_001]);
}

/// Five octets of the device are under way.
const UNDER_WAY: &str = "1 ! send 5\n1 < <SEQ=301><ACK=101><CTL=ACK><DATA=5>";

#[test]
fn an_error_about_what_is_not_under_way_ends_nothing() {
    let outside = format!("{UNDER_WAY}\n1.1 > <ICMP=3/3><QUOTE=not-yet>");
    breaks(RuleId::QuotedOutside, OPENED, &format!("{outside}\n1.1 ! error ECONNREFUSED"));
    let again = "2 < <SEQ=301><ACK=101><CTL=ACK><DATA=5>";
    keeps(RuleId::QuotedOutside, OPENED, &format!("{outside}\n{again}"));
    let inside = format!("{UNDER_WAY}\n1.1 > <ICMP=3/3><QUOTE=under-way>");
    leaves(RuleId::QuotedOutside, OPENED, &format!("{inside}\n1.1 ! error ECONNREFUSED"));
}

#[test]
fn passing_trouble_resets_no_connection() {
    let used = "0.5 ! send 1\n0.5 < <SEQ=301><ACK=101><CTL=ACK><DATA=1>\n0.6 > <SEQ=101><ACK=302><CTL=ACK>
        1 ! send 5 1\n1 < <SEQ=302><ACK=101><CTL=ACK><DATA=5>\n1.1 > <ICMP=3/1><QUOTE=soft>";
    breaks(RuleId::SoftError, OPENED, &format!("{used}\n1.1 < <SEQ=307><ACK=101><CTL=RST,ACK>"));
    keeps(RuleId::SoftError, OPENED, &format!("{used}\n2 < <SEQ=302><ACK=101><CTL=ACK><DATA=5>"));
}

#[test]
fn what_was_too_big_is_sent_again_in_smaller_pieces() {
    let sent =
        "1 ! send 1000\n1 < <SEQ=301><ACK=101><CTL=ACK><DATA=1000>\n1 > <ICMP=3/4><MTU=600><QUOTE=under-way>";
    let again = |octets: &[u32]| {
        let times = [2, 4, 8];
        let line =
            |(time, octets): (u32, &u32)| format!("\n{time} < <SEQ=301><ACK=101><CTL=ACK><DATA={octets}>");
        times.into_iter().zip(octets).map(line).collect::<String>()
    };
    breaks(RuleId::PathMtu, OPENED, &format!("{sent}{}", again(&[1000, 1000, 1000])));
    keeps(RuleId::PathMtu, OPENED, &format!("{sent}{}", again(&[1000, 1000, 560])));
    leaves(RuleId::PathMtu, OPENED, &format!("{sent}{}", again(&[1000, 1000])));
}
