//! Odd but permitted stacks: the RFCs leave it open, or recommend otherwise for good reasons that a stack may have.

use super::Variant;
use super::flow::Fate::{Later, Pass};
use super::flow::before;
use wireproof_reference::policy::{BlindAttacks, Nagle, TimeWaitReset, TimeWaitReuse, UnreadData};
use wireproof_reference::time::Duration;
use wireproof_reference::wire::{TcpFlags, TcpOptions};

pub(super) const STACKS: &[Variant] = &[
    Variant::odd("slow-clock", "Its shortest time-out is 1.5 s.", &["rfc6298-2.4"]).policy(|policy| {
        policy.rto_min = Duration::from_millis(1_500);
        policy.rto_initial = Duration::from_millis(1_500);
    }),
    Variant::odd("coarse-clock", "Its round trips are measured in steps of 100 ms.", &["rfc6298-4"])
        .policy(|policy| policy.granularity = Duration::from_millis(100)),
    Variant::odd("rto-ceiling-high", "Its time-outs grow to ten minutes.", &["rfc6298-2.5"])
        .policy(|policy| policy.rto_max = Duration::from_secs(600)),
    Variant::odd("ack-each-segment", "It acknowledges each segment at once.", &["rfc9293-3.8.6.3-SHLD-18"])
        .policy(|policy| policy.delayed_ack = None),
    Variant::odd("ack-after-400-ms", "It delays acknowledgments by 400 ms.", &["rfc9293-3.8.6.3-MUST-40"])
        .policy(|policy| policy.delayed_ack = Some(Duration::from_millis(400))),
    Variant::odd("ack-after-20-ms", "It delays acknowledgments by 20 ms.", &["rfc9293-3.8.6.3-SHLD-18"])
        .policy(|policy| policy.delayed_ack = Some(Duration::from_millis(20))),
    Variant::odd(
        "no-mss-option",
        "Its SYN bears no MSS option: it takes the default.",
        &["rfc9293-3.7.1-SHLD-5"],
    )
    .sends(|_, segment| {
        segment.options.clear();
        Pass
    }),
    Variant::odd(
        "options-padded",
        "Its MSS option stands behind three NOPs and before an end of list.",
        &["rfc9293-3.2-MUST-64"],
    )
    .sends(|_, segment| {
        if segment.flags.syn() && segment.options.len() == 4 {
            let mss = core::mem::take(&mut segment.options);
            segment.options = [&[1, 1, 1], mss.as_slice(), &[0]].concat();
        }
        Pass
    }),
    Variant::odd("unknown-option-offered", "Its SYN bears an experimental option.", &["rfc9293-3.1-MUST-6"])
        .sends(|_, segment| {
            if segment.flags.syn() && !segment.flags.ack() {
                segment.options.extend([253, 4, 0x12, 0x34]);
            }
            Pass
        }),
    Variant::odd("sack-permitted-offered", "Its SYN says that it can take SACK.", &["rfc2018-2"]).sends(
        |_, segment| {
            if segment.flags.syn() && !segment.flags.ack() {
                segment.options.extend([1, 1, 4, 2]);
            }
            Pass
        },
    ),
    Variant::odd("small-window", "Its receive buffer holds 4,096 octets.", &["rfc9293-3.8.6"])
        .policy(|policy| policy.receive_buffer = 4_096),
    Variant::odd("odd-window", "Its receive buffer holds 29,183 octets.", &["rfc9293-3.8.6"])
        .policy(|policy| policy.receive_buffer = 29_183),
    Variant::odd("push-everywhere", "All its text bears PSH.", &["rfc9293-3.9.1.2-MUST-61"]).sends(
        |_, segment| {
            if segment.has_text() {
                segment.set(TcpFlags::PSH);
            }
            Pass
        },
    ),
    Variant::odd("r2-long", "It gives up after ten minutes.", &["rfc9293-3.8.3-SHLD-11"])
        .policy(|policy| policy.r2 = Some(Duration::from_secs(600)))
        .timing("R2 = \"600 s\""),
    Variant::odd("syn-tried-long", "It tries to open for ten minutes.", &["rfc9293-3.8.3-MUST-23"])
        .policy(|policy| policy.r2_syn = Duration::from_secs(600)),
    Variant::odd("msl-30-s", "Its TIME-WAIT lasts a minute, as its profile says.", &["rfc9293-3.4.2"])
        .policy(|policy| policy.msl = Duration::from_secs(30)),
    Variant::odd(
        "msl-5-minutes",
        "Its TIME-WAIT lasts ten minutes, as its profile says.",
        &["rfc9293-3.4.2"],
    )
    .policy(|policy| policy.msl = Duration::from_secs(300)),
    Variant::odd("time-wait-kept", "TIME-WAIT gives way to no SYN.", &["rfc9293-3.6.1-MAY-2", "rfc6191-2"])
        .policy(|policy| policy.time_wait_reuse = TimeWaitReuse::Never),
    Variant::odd("time-wait-reset", "A reset ends TIME-WAIT.", &["rfc1337-3"])
        .policy(|policy| policy.time_wait_reset = TimeWaitReset::Closes),
    Variant::odd(
        "before-rfc-5961",
        "Resets and SYNs in the window are believed.",
        &["rfc5961-3.2", "rfc5961-4.2", "rfc5961-5.2", "rfc5961-7"],
    )
    .policy(|policy| policy.blind_attacks = BlindAttacks::Believed),
    Variant::odd("five-challenges", "It sends five challenges in five seconds, not ten.", &["rfc5961-7"])
        .policy(|policy| policy.challenge_limit = 5),
    Variant::odd(
        "unread-data-dropped",
        "Closing with data unread sends a FIN.",
        &["rfc9293-3.6.1-SHLD-3", "rfc2525-2.17"],
    )
    .policy(|policy| policy.unread_data = UnreadData::IsDropped),
    Variant::odd("hop-limit-255", "Its packets begin with 255 hops.", &["rfc1122-3.2.1.7"])
        .policy(|policy| policy.hop_limit = 255),
    Variant::odd("marked-traffic", "Its packets bear a DSCP.", &["rfc9293-3.9.2"])
        .policy(|policy| policy.dscp = 0x12),
    Variant::odd("thoughtful", "It waits some microseconds before it sends.", &["rfc9293-3.8.6.3"])
        .sends(|_, _| Later(Duration::from_micros(1)))
        .timing("at-once = \"1 ms\""),
    Variant::odd("mss-536-offered", "It offers to take segments of 536 octets.", &["rfc9293-3.7.1-MUST-14"])
        .sends(|_, segment| {
            if segment.flags.syn() {
                segment.options = vec![2, 4, 0x02, 0x18];
            }
            Pass
        }),
    Variant::odd(
        "patient-with-windows",
        "It uses a small window after a second.",
        &["rfc9293-3.8.6.2.1-MUST-38"],
    )
    .policy(|policy| policy.sws_override = Duration::from_secs(1)),
    Variant::odd(
        "malformed-option-reset",
        "It resets whoever sends a malformed option.",
        &["rfc9293-3.1-MUST-7"],
    )
    .receives(|flow, segment| {
        if TcpOptions::new(&segment.options).iter().all(|option| option.is_ok()) {
            return Pass;
        }
        let reset = match segment.flags.ack() {
            true => segment.reply(segment.ack, 0, TcpFlags::RST),
            false => segment.reply(0, segment.end(), TcpFlags::RST | TcpFlags::ACK),
        };
        flow.send(reset);
        segment.become_bare(flow.rcv_nxt, 0, TcpFlags::RST);
        Pass
    }),
    Variant::odd(
        "one-segment-first-flight",
        "Its first flight is one segment, and so is the one after a pause.",
        &["rfc5681-3.1", "rfc5681-4.1"],
    )
    .policy(|policy| policy.initial_segments = 1),
    Variant::odd("two-segment-first-flight", "Its first flight is two segments.", &["rfc5681-3.1"])
        .policy(|policy| policy.initial_segments = 2),
    Variant::odd("ack-after-490-ms", "It delays acknowledgments by 490 ms.", &["rfc9293-3.8.6.3-MUST-40"])
        .policy(|policy| policy.delayed_ack = Some(Duration::from_millis(490))),
    Variant::odd("no-nagle", "Each write leaves at once.", &["rfc9293-3.7.4-SHLD-7"])
        .policy(|policy| policy.nagle = Nagle::Off),
    Variant::odd(
        "options-reversed",
        "Its SYN bears SACK permitted first and the MSS last.",
        &["rfc9293-3.1-MUST-4", "rfc2018-2"],
    )
    .sends(|_, segment| {
        if segment.flags.syn() && !segment.flags.ack() {
            let mss = core::mem::take(&mut segment.options);
            segment.options = [&[4, 2, 1, 1], mss.as_slice()].concat();
        }
        Pass
    }),
    Variant::odd(
        "window-told-apart",
        "It acknowledges, and tells in a second segment of the room that there is.",
        &["rfc9293-3.8.6"],
    )
    .sends(|flow, segment| {
        let edge = flow.rcv_nxt.wrapping_add(flow.rcv_wnd);
        let left = edge.wrapping_sub(segment.ack);
        let moves = before(flow.rcv_nxt, segment.ack) && left < u32::from(segment.window);
        if flow.is_open && segment.is_pure_ack() && moves {
            flow.send(segment.clone());
            segment.window = u16::try_from(left).unwrap_or(segment.window);
        }
        Pass
    }),
    Variant::odd(
        "ip-id-random",
        "Each of its IPv4 packets has an identification of its own.",
        &["rfc791-3.1"],
    )
    .sends(|flow, segment| {
        flow.mark = flow.mark.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        segment.identification = u16::try_from(flow.mark >> 16).unwrap_or_default();
        Pass
    }),
    Variant::odd("no-path-discovery", "Its IPv4 packets may be fragmented on their way.", &["rfc1191-3"])
        .sends(|flow, segment| {
            flow.mark = flow.mark.wrapping_add(1);
            segment.identification = u16::try_from(flow.mark & 0xffff).unwrap_or_default();
            segment.dont_fragment = false;
            Pass
        }),
    Variant::odd("flows-labelled", "Its IPv6 packets bear a flow label.", &["rfc8200-6"]).sends(
        |_, segment| {
            segment.flow_label = 0x4_2a17;
            Pass
        },
    ),
    Variant::odd(
        "tiny-window",
        "Its receive buffer holds 64 octets: the least that the scenarios take for granted.",
        &["rfc9293-3.8.6", "rfc9293-3.8.6.3-SHLD-19"],
    )
    .policy(|policy| policy.receive_buffer = 64),
    Variant::odd(
        "one-octet-window",
        "Its receive buffer holds one octet; scenarios that need more room do not apply to it.",
        &["rfc9293-3.8.6", "rfc9293-3.8.6.3-SHLD-19"],
    )
    .policy(|policy| policy.receive_buffer = 1),
    Variant::odd(
        "small-segments",
        "It offers to take, and sends, segments of 536 octets at most.",
        &["rfc9293-3.7.1-MUST-14", "rfc9293-3.9.1.2-SHLD-28"],
    )
    .policy(|policy| policy.mss = Some(536)),
    Variant::odd("fin-apart", "Its FIN travels alone.", &["rfc9293-3.10.4"]).sends(|flow, segment| {
        if segment.flags.fin() && segment.has_text() {
            let mut fin = segment.clone();
            fin.seq = segment.end().wrapping_sub(1);
            fin.data.clear();
            flow.send(fin);
            segment.clear(TcpFlags::FIN);
        }
        Pass
    }),
];
