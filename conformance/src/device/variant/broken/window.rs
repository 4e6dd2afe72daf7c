//! The windows of both ends (RFC 9293 3.8.6).

use super::super::Variant;
use super::super::flow::Fate::{Drop, Later, Pass};
use super::super::flow::{Flow, Unless, before};
use super::super::segment::Segment;
use crate::device::Errno;
use crate::oracle::RuleId;
use wireproof_reference::time::Duration;
use wireproof_reference::wire::TcpFlags;

/// After so many probes the stack that gives up gives up.
const PROBES: u32 = 5;

pub(super) const STACKS: &[Variant] = &[
    Variant::broken("window-shrunk", "Its window loses twice what came.", &["rfc9293-3.8.6-SHLD-14"])
        .sends(|flow, segment| {
            if let Some(irs) = flow.irs {
                let came = segment.ack.wrapping_sub(irs).wrapping_sub(1).min(10_000);
                segment.window = segment.window.saturating_sub(u16::try_from(came).unwrap_or(u16::MAX));
            }
            Pass
        })
        .breaks(&[RuleId::WindowShrunk]),
    Variant::broken("window-ignored", "It sends as if every window were 65,535.", &["rfc9293-3.8.6"])
        .receives(|_, segment| {
            segment.window = u16::MAX;
            Pass
        })
        .breaks(&[RuleId::WindowOverrun]),
    Variant::broken("window-plus-one", "It sends one octet more than the window holds.", &["rfc9293-3.8.6"])
        .receives(|_, segment| {
            segment.window = segment.window.saturating_add(u16::from(segment.window > 0));
            Pass
        })
        .breaks(&[RuleId::WindowOverrun]),
    Variant::broken(
        "window-signed",
        "It takes windows of 32,768 and more for negative ones.",
        &["rfc9293-3.1-MUST-1"],
    )
    .receives(|_, segment| {
        if segment.window >= 1 << 15 {
            segment.window = 0;
        }
        Pass
    }),
    Variant::broken("syn-window-ignored", "It does not look at the window of a SYN.", &["rfc9293-3.8.6"])
        .receives(|_, segment| {
            if segment.flags.syn() {
                segment.window = u16::MAX;
            }
            Pass
        }),
    Variant::broken(
        "old-window-back",
        "It takes the window of any segment, however old.",
        &["rfc9293-3.10.7.4"],
    )
    .receives(|flow, segment| {
        if flow.is_open && segment.is_pure_ack() && flow.gap(segment) <= 0 && !is_beyond(flow, segment) {
            (segment.seq, segment.ack) = (flow.rcv_nxt, later(flow.una, segment.ack));
        }
        Pass
    }),
    Variant::broken(
        "window-only-with-news",
        "It takes a window only beside an ACK of something new.",
        &["rfc9293-3.10.7.4"],
    )
    .receives(|flow, segment| {
        if flow.is_open && segment.is_pure_ack() && !flow.is_progress(segment) {
            segment.window = u16::try_from(flow.mark).unwrap_or(u16::MAX);
        } else if segment.flags.ack() || segment.flags.syn() {
            flow.mark = u32::from(segment.window);
        }
        Pass
    })
    .breaks(&[RuleId::ShrunkenWindow]),
    Variant::broken(
        "shrunk-window-kills",
        "It gives up a connection whose window shrinks.",
        &["rfc9293-3.8.6-MUST-34"],
    )
    .receives(|flow, segment| {
        let is_shrunk = segment.ack == flow.una && u32::from(segment.window) < flow.flight();
        if flow.is_open && segment.is_pure_ack() && is_shrunk {
            flow.send(segment.reply(flow.nxt, 0, TcpFlags::RST));
            segment.become_bare(flow.rcv_nxt, 0, TcpFlags::RST);
        }
        Pass
    }),
    Variant::broken(
        "no-probe",
        "It never probes a closed window.",
        &["rfc9293-3.8.6.1-MUST-36", "rfc9293-3.8.6-MUST-35"],
    )
    .sends(|flow, segment| if is_probe(flow, segment) { Drop } else { Pass })
    .breaks(&[RuleId::ZeroWindowProbed]),
    Variant::broken("probe-late", "Its first probe comes three seconds late.", &["rfc9293-3.8.6.1-SHLD-29"])
        .sends(|flow, segment| {
            if !is_probe(flow, segment) {
                flow.count = 0;
                return Pass;
            }
            flow.count += 1;
            if flow.count == 1 { Later(Duration::from_secs(3)) } else { Pass }
        }),
    Variant::broken("probe-not-backed-off", "It probes every second.", &["rfc9293-3.8.6.1-SHLD-30"])
        .sends(|flow, segment| {
            if is_probe(flow, segment) {
                for seconds in 1..=10 {
                    flow.send_later(Duration::from_secs(seconds), segment.clone(), Unless::Acknowledged);
                }
            }
            Pass
        })
        .breaks(&[RuleId::ProbeBackoff]),
    Variant::broken(
        "probes-end",
        "It gives up when several probes found the window closed.",
        &["rfc9293-3.8.6.1-MUST-37"],
    )
    .sends(|flow, segment| {
        flow.count += u32::from(is_probe(flow, segment));
        Pass
    })
    .receives(|flow, segment| {
        if flow.count > PROBES && segment.window == 0 {
            flow.end(Duration::ZERO, segment, Errno::ETIMEDOUT);
        }
        Pass
    })
    .breaks(&[RuleId::LastingProbe]),
    Variant::broken(
        "stale-window-used",
        "It believes the window of an ACK that a later segment overtook.",
        &["rfc9293-3.10.7.4"],
    )
    .receives(|flow, segment| {
        if flow.is_open && segment.is_pure_ack() && flow.gap(segment) < 0 {
            let mut newest = segment.clone();
            newest.seq = flow.rcv_nxt;
            flow.tell(newest);
        }
        Pass
    })
    .breaks(&[RuleId::StaleWindow]),
    Variant::broken(
        "silly-sender",
        "It uses a window of a few octets at once.",
        &["rfc9293-3.8.6.2.1-MUST-38"],
    )
    .policy(|policy| policy.sws_override = Duration::from_millis(1)),
    Variant::broken(
        "silly-sender-for-ever",
        "It never uses a window of a few octets.",
        &["rfc9293-3.8.6.2.1-MUST-38"],
    )
    .policy(|policy| policy.sws_override = Duration::from_secs(1_000_000)),
    Variant::broken(
        "silly-receiver",
        "It opens a closed window for a single octet.",
        &["rfc9293-3.8.6.2.2-MUST-39"],
    )
    .sends(|_, segment| {
        if segment.is_pure_ack() && segment.window == 0 {
            segment.window = 1;
        }
        Pass
    }),
    Variant::broken("window-never-reopened", "Once closed, its window stays closed.", &["rfc9293-3.8.6"])
        .sends(|flow, segment| {
            flow.mark |= u32::from(flow.is_open && segment.flags.ack() && segment.window == 0);
            if flow.mark == 1 {
                segment.window = 0;
            }
            Pass
        }),
    Variant::broken(
        "closed-window-deaf",
        "While its window is closed it looks at no segment with text.",
        &["rfc9293-3.4-MUST-66"],
    )
    .receives(|flow, segment| if is_closed(flow) && segment.has_text() { Drop } else { Pass })
    .breaks(&[RuleId::ProbeAnswered]),
    Variant::broken(
        "closed-window-no-acks",
        "While its window is closed it takes no acknowledgments.",
        &["rfc9293-3.4-MUST-66", "rfc9293-3.10.7.4"],
    )
    .receives(|flow, segment| if is_closed(flow) && !segment.flags.rst() { Drop } else { Pass }),
    Variant::broken(
        "closed-window-no-reset",
        "While its window is closed it takes no reset.",
        &["rfc9293-3.4-MUST-66"],
    )
    .receives(|flow, segment| if is_closed(flow) && segment.flags.rst() { Drop } else { Pass }),
    Variant::broken(
        "window-by-crumbs",
        "It opens its closed window by one octet when it is asked.",
        &["rfc9293-3.8.6.2.2-MUST-39"],
    )
    .sends(|flow, segment| {
        if is_closed(flow) && segment.is_pure_ack() && segment.window == 0 {
            segment.window = 1;
        }
        Pass
    })
    .breaks(&[RuleId::SillyWindow]),
    Variant::broken(
        "more-than-offered",
        "It takes a thousand octets more than it offers.",
        &["rfc9293-3.10.7.4"],
    )
    .sends(|_, segment| {
        segment.window = segment.window.saturating_sub(1_000);
        Pass
    })
    .breaks(&[RuleId::AckBeyondWindow]),
];

/// Whether the device's window is closed.
fn is_closed(flow: &Flow) -> bool {
    flow.is_open && flow.rcv_wnd == 0
}

/// Whether it is sent although the peer's window is closed.
fn is_probe(flow: &Flow, segment: &Segment) -> bool {
    flow.is_open && flow.wnd == 0 && segment.len() > 0
}

/// Whether it acknowledges what was never sent.
fn is_beyond(flow: &Flow, segment: &Segment) -> bool {
    before(flow.nxt, segment.ack)
}

fn later(a: u32, b: u32) -> u32 {
    if before(a, b) { b } else { a }
}
