//! How connections open (RFC 9293 3.4.1, 3.5, 3.10.7.2 and 3.10.7.3).

use super::super::Variant;
use super::super::flow::Fate::{Drop, Later, Pass};
use super::super::flow::Flow;
use crate::oracle::RuleId;
use wireproof_reference::time::Duration;
use wireproof_reference::wire::TcpFlags;

pub(super) const STACKS: &[Variant] = &[
    Variant::broken(
        "same-number-always",
        "Every connection begins with the same number.",
        &["rfc9293-3.4.1-MUST-8", "rfc9293-3.6.1-MAY-2"],
    )
    .setup(|setup| setup.iss = Some(1_000_000))
    .breaks(&[RuleId::IsnVaries]),
    Variant::broken(
        "syn-ack-number-moves",
        "The SYN-ACK that is sent again has another number.",
        &["rfc9293-3.4"],
    )
    .sends(|flow, segment| {
        if segment.is(TcpFlags::SYN | TcpFlags::ACK) && flow.irs.is_some() && flow.is_repeat(segment) {
            segment.seq = segment.seq.wrapping_add(64_000);
        }
        Pass
    }),
    Variant::broken(
        "syn-number-moves",
        "The SYN that is sent again has another number.",
        &["rfc9293-3.8.3-MUST-22"],
    )
    .sends(|flow, segment| {
        if segment.flags.syn() && !segment.flags.ack() && flow.is_repeat(segment) {
            segment.seq = segment.seq.wrapping_add(1);
        }
        Pass
    }),
    Variant::broken(
        "syn-not-counted",
        "It acknowledges the number of the SYN, not the one after.",
        &["rfc9293-3.5"],
    )
    .sends(|_, segment| {
        if segment.is(TcpFlags::SYN | TcpFlags::ACK) {
            segment.ack = segment.ack.wrapping_sub(1);
        }
        Pass
    })
    .breaks(&[RuleId::SynAcked]),
    Variant::broken(
        "simultaneous-open-refused",
        "A SYN that meets its own is dropped.",
        &["rfc9293-3.5-MUST-10"],
    )
    .receives(
        |flow, segment| {
            if is_opening(flow) && segment.flags.syn() && !segment.flags.ack() { Drop } else { Pass }
        },
    ),
    Variant::broken(
        "simultaneous-open-bare",
        "It answers a SYN that meets its own without a SYN.",
        &["rfc9293-3.5-MUST-10"],
    )
    .sends(|flow, segment| {
        if segment.is(TcpFlags::SYN | TcpFlags::ACK) && flow.iss.is_some() && flow.irs.is_none() {
            segment.clear(TcpFlags::SYN);
            segment.seq = segment.seq.wrapping_add(1);
            segment.options.clear();
        }
        Pass
    }),
    Variant::broken("handshake-not-finished", "It does not acknowledge a SYN-ACK.", &["rfc9293-3.10.7.3"])
        .sends(|flow, segment| if flow.irs.is_none() && segment.is_pure_ack() { Drop } else { Pass }),
    Variant::broken("handshake-late", "It acknowledges a SYN-ACK after a second.", &["rfc9293-3.5"]).sends(
        |flow, segment| {
            if flow.irs.is_none() && segment.is_pure_ack() { Later(Duration::from_secs(1)) } else { Pass }
        },
    ),
    Variant::broken(
        "syn-with-noise-dropped",
        "It drops SYNs with flags that mean nothing there.",
        &["rfc9293-3.10.7.2"],
    )
    .receives(|flow, segment| {
        let noise = TcpFlags::PSH | TcpFlags::URG | TcpFlags::ECE | TcpFlags::CWR;
        if flow.iss.is_none() && segment.flags.syn() && segment.flags.intersects(noise) { Drop } else { Pass }
    }),
    Variant::broken("syn-fin-dropped", "It drops a SYN that bears a FIN.", &["rfc9293-3.10.7.2"])
        .receives(|_, segment| if segment.is(TcpFlags::SYN | TcpFlags::FIN) { Drop } else { Pass }),
    Variant::broken(
        "data-with-syn-lost",
        "It acknowledges the data on a SYN-ACK, yet keeps none of them.",
        &["rfc9293-3.10.7.3"],
    )
    .receives(|_, segment| {
        if segment.flags.syn() {
            segment.data.iter_mut().for_each(|octet| *octet = 0);
        }
        Pass
    })
    .breaks(&[RuleId::DeliveredAsSent]),
    Variant::broken("any-ack-opens", "Any ACK completes the handshake.", &["rfc9293-3.10.7.4"]).receives(
        |flow, segment| {
            if is_answering(flow) && segment.is_pure_ack() {
                segment.ack = flow.nxt;
            }
            Pass
        },
    ),
    Variant::broken("any-syn-ack-opens", "A SYN-ACK of another attempt opens.", &["rfc9293-3.10.7.3"])
        .receives(|flow, segment| {
            if is_opening(flow) && segment.is(TcpFlags::SYN | TcpFlags::ACK) {
                segment.ack = flow.nxt;
            }
            Pass
        }),
    Variant::broken("ack-alone-opens", "A right ACK without a SYN opens.", &["rfc9293-3.10.7.3"])
        .receives(|flow, segment| {
            if is_opening(flow) && segment.flags.ack() && segment.ack == flow.nxt && !segment.flags.rst() {
                segment.set(TcpFlags::SYN);
            }
            Pass
        })
        .breaks(&[RuleId::AckBeyondSent]),
    Variant::broken(
        "early-segment-opens",
        "A segment without an ACK completes the handshake.",
        &["rfc9293-3.10.7.4"],
    )
    .receives(|flow, segment| {
        if is_answering(flow) && segment.flags.without(TcpFlags::PSH | TcpFlags::FIN).is_empty() {
            segment.set(TcpFlags::ACK);
            segment.ack = flow.nxt;
        }
        Pass
    }),
    Variant::broken(
        "listener-resets-noise",
        "A listener resets what has neither SYN nor ACK nor RST.",
        &["rfc9293-3.10.7.2"],
    )
    .receives(|flow, segment| {
        let known = TcpFlags::SYN | TcpFlags::ACK | TcpFlags::RST;
        if flow.iss.is_none() && !segment.flags.intersects(known) {
            flow.send(segment.reply(0, segment.end(), TcpFlags::RST | TcpFlags::ACK));
        }
        Pass
    }),
    Variant::broken("second-syn-ignored", "The SYN that comes again is not answered.", &["rfc9293-3.10.7.4"])
        .receives(|flow, segment| {
            if flow.iss.is_some() && segment.flags.syn() && !segment.flags.ack() { Drop } else { Pass }
        }),
    Variant::broken(
        "text-on-the-syn-number",
        "Its first octet bears the number of its SYN.",
        &["rfc9293-3.4"],
    )
    .sends(|flow, segment| {
        if segment.has_text() && flow.is_open {
            segment.seq = segment.seq.wrapping_sub(1);
        }
        Pass
    })
    .breaks(&[RuleId::SynTakesOne]),
];

/// Whether the device has sent a SYN and seen none.
fn is_opening(flow: &Flow) -> bool {
    flow.iss.is_some() && flow.irs.is_none()
}

/// Whether the device has answered a SYN that is not acknowledged yet.
fn is_answering(flow: &Flow) -> bool {
    flow.irs.is_some() && !flow.is_open
}
