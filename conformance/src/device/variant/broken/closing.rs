//! How connections close (RFC 9293 3.6, 3.6.1, 3.10.4, 3.10.7.4).

use super::super::Variant;
use super::super::flow::Fate::{Drop, Later, Pass};
use super::super::flow::Flow;
use crate::oracle::RuleId;
use wireproof_reference::policy::UnreadData;
use wireproof_reference::time::Duration;
use wireproof_reference::wire::TcpFlags;

pub(super) const STACKS: &[Variant] = &[
    Variant::broken(
        "fin-not-counted",
        "It acknowledges the number of the FIN, not the one after.",
        &["rfc9293-3.6"],
    )
    .receives(|flow, segment| {
        flow.mark |= u32::from(segment.flags.fin() && !segment.flags.syn());
        Pass
    })
    .sends(|flow, segment| {
        if flow.mark == 1 && segment.flags.ack() && !segment.flags.rst() {
            segment.ack = segment.ack.wrapping_sub(1);
        }
        Pass
    }),
    Variant::broken(
        "fin-number-shared",
        "Its FIN has the number of the last octet before.",
        &["rfc9293-3.4", "rfc9293-3.6"],
    )
    .sends(|_, segment| {
        if segment.flags.fin() && !segment.has_text() {
            segment.seq = segment.seq.wrapping_sub(1);
        }
        Pass
    }),
    Variant::broken("fin-late", "Its FIN comes three seconds after the close.", &["rfc9293-3.10.4"])
        .sends(
            |flow, segment| {
                if segment.flags.fin() && !flow.has_closed { Later(Duration::from_secs(3)) } else { Pass }
            },
        )
        .breaks(&[RuleId::FinPromptly]),
    Variant::broken(
        "time-wait-short",
        "TIME-WAIT lasts 20 seconds where 2 MSL are 240.",
        &["rfc9293-3.6.1-MUST-13"],
    )
    .policy(|policy| policy.msl = Duration::from_secs(10))
    .breaks(&[RuleId::LateFinAcked]),
    Variant::broken("time-wait-missing", "There is no TIME-WAIT.", &["rfc9293-3.6.1-MUST-13"])
        .policy(|policy| policy.msl = Duration::from_millis(1))
        .breaks(&[RuleId::LateFinAcked]),
    Variant::broken(
        "time-wait-silent",
        "In TIME-WAIT it does not acknowledge the FIN again.",
        &["rfc9293-3.6.1-MUST-13", "rfc9293-3.10.7.4"],
    )
    .receives(|flow, segment| if is_time_wait(flow) && segment.flags.fin() { Drop } else { Pass }),
    Variant::broken(
        "time-wait-not-restarted",
        "A FIN in TIME-WAIT does not start 2 MSL anew.",
        &["rfc9293-3.6.1-MUST-13", "rfc9293-3.10.7.4"],
    )
    .receives(|flow, segment| {
        if is_time_wait(flow) && segment.flags.fin() {
            flow.send(segment.reply(flow.nxt, flow.rcv_nxt, TcpFlags::ACK));
            return Drop;
        }
        Pass
    }),
    Variant::broken("time-wait-ended-by-syn", "Any SYN ends TIME-WAIT.", &["rfc9293-3.6.1-MAY-2"])
        .receives(|flow, segment| {
            if is_time_wait(flow) && segment.flags.syn() && !segment.flags.ack() {
                let mut reset = segment.clone();
                reset.become_bare(flow.rcv_nxt, 0, TcpFlags::RST);
                flow.tell(segment.clone());
                *segment = reset;
            }
            Pass
        })
        .policy(|policy| {
            policy.time_wait_reset = wireproof_reference::policy::TimeWaitReset::Closes;
            policy.blind_attacks = wireproof_reference::policy::BlindAttacks::Believed;
        }),
    Variant::broken(
        "unread-data-forgotten",
        "Closing with data unread sends a FIN as if they had been read.",
        &["rfc9293-3.6.1-SHLD-3", "rfc2525-2.17"],
    )
    .policy(|policy| policy.unread_data = UnreadData::IsDropped)
    .breaks(&[RuleId::ResetAfterClose]),
    Variant::broken("fin-overtakes-data", "It believes a FIN behind a gap.", &["rfc9293-3.10.7.4"])
        .receives(|flow, segment| {
            if flow.is_open && segment.flags.fin() && flow.gap(segment) > 0 && flow.is_in_window(segment.seq)
            {
                segment.data.clear();
                segment.seq = flow.rcv_nxt;
            }
            Pass
        })
        .breaks(&[RuleId::AckUnreceived]),
    Variant::broken("fin-outside-believed", "It believes a FIN outside the window.", &["rfc9293-3.10.7.4"])
        .receives(|flow, segment| {
            if flow.is_open && segment.flags.fin() && !flow.peer_closed && !flow.is_in_window(segment.seq) {
                segment.seq = flow.rcv_nxt;
            }
            Pass
        })
        .breaks(&[RuleId::AckUnreceived]),
    Variant::broken("half-closed-deaf", "Once it has closed, it resets the peer's data.", &["rfc9293-3.6.1"])
        .receives(|flow, segment| {
            if flow.has_closed && !flow.peer_closed && segment.has_text() {
                flow.send(segment.reply(segment.ack, 0, TcpFlags::RST));
                return Drop;
            }
            Pass
        }),
    Variant::broken("closes-with-the-peer", "It answers a FIN with its own.", &["rfc9293-3.6"])
        .sends(|flow, segment| {
            if flow.peer_closed && !flow.has_closed && segment.is_pure_ack() {
                segment.set(TcpFlags::FIN);
            }
            Pass
        })
        .breaks(&[RuleId::FinWhenAsked]),
    Variant::broken(
        "text-behind-fin-acknowledged",
        "It acknowledges text behind the FIN of its peer.",
        &["rfc9293-3.10.7.4"],
    )
    .receives(|flow, segment| {
        if flow.peer_closed && segment.has_text() && flow.gap(segment) >= 0 {
            flow.send(segment.reply(flow.nxt, segment.end(), TcpFlags::ACK));
            return Drop;
        }
        Pass
    })
    .breaks(&[RuleId::AckBehindFin, RuleId::AckUnreceived]),
    Variant::broken(
        "crossing-fin-ignored",
        "While its FIN is not acknowledged it ignores the FIN of its peer.",
        &["rfc9293-3.6", "rfc9293-3.10.7.4"],
    )
    .receives(|flow, segment| {
        let is_crossing = flow.has_closed && flow.is_in_flight() && !flow.is_progress(segment);
        if is_crossing && segment.flags.fin() { Drop } else { Pass }
    })
    .breaks(&[RuleId::FinAcked]),
    Variant::broken(
        "any-ack-ends-last-ack",
        "Any ACK is taken for the ACK of its FIN.",
        &["rfc9293-3.10.7.4"],
    )
    .receives(|flow, segment| {
        if flow.has_closed && segment.is_pure_ack() && flow.is_in_flight() {
            segment.ack = flow.nxt;
        }
        Pass
    }),
    Variant::broken(
        "fin-wait-2-impatient",
        "It waits for the FIN of its peer for ten seconds only.",
        &["rfc9293-3.6"],
    )
    .receives(|flow, segment| {
        if flow.has_closed && !flow.peer_closed && flow.is_progress(segment) && segment.is_pure_ack() {
            let mut reset = segment.clone();
            reset.become_bare(flow.rcv_nxt, 0, TcpFlags::RST);
            flow.tell_later(Duration::from_secs(10), reset);
        }
        Pass
    }),
    Variant::broken(
        "close-wait-impatient",
        "It keeps a connection whose peer has closed for ten seconds only.",
        &["rfc9293-3.6"],
    )
    .receives(|flow, segment| {
        if flow.is_open && segment.flags.fin() && !flow.has_closed && flow.gap(segment) == 0 {
            let mut reset = segment.clone();
            reset.become_bare(segment.end(), 0, TcpFlags::RST);
            flow.tell_later(Duration::from_secs(10), reset);
        }
        Pass
    }),
    Variant::broken("fin-on-data-dropped", "It drops the FIN of a segment with text.", &["rfc9293-3.10.7.4"])
        .receives(|_, segment| {
            if segment.has_text() && !segment.flags.syn() {
                segment.clear(TcpFlags::FIN);
            }
            Pass
        }),
    Variant::broken("fin-leaves-a-hole", "It leaves out a number before its FIN.", &["rfc9293-3.4"])
        .sends(|_, segment| {
            if segment.flags.fin() && !segment.has_text() {
                segment.seq = segment.seq.wrapping_add(1);
            }
            Pass
        })
        .breaks(&[RuleId::NumbersWithoutHoles]),
    Variant::broken("text-behind-fin", "It sends octets behind its FIN.", &["rfc9293-3.6"])
        .sends(|flow, segment| {
            if segment.flags.fin() && !flow.has_closed {
                let mut more = segment.clone();
                more.seq = segment.end();
                more.clear(TcpFlags::FIN);
                more.data = vec![b'?'; 2];
                flow.send(more);
            }
            Pass
        })
        .breaks(&[RuleId::NothingBehindFin]),
    Variant::broken(
        "fin-never-acknowledged",
        "It acknowledges what came before a FIN, not the FIN.",
        &["rfc9293-3.10.7.4"],
    )
    .receives(|_, segment| {
        segment.clear(if segment.flags.syn() { TcpFlags::NONE } else { TcpFlags::FIN });
        Pass
    })
    .breaks(&[RuleId::FinAcked]),
];

/// Whether both ends have closed and know it.
fn is_time_wait(flow: &Flow) -> bool {
    flow.has_closed && flow.peer_closed && !flow.is_in_flight()
}
