//! Time-outs, what is sent again, and when a connection is given up (RFC 9293 3.8.1, 3.8.3; RFC 6298).

use super::super::Variant;
use super::super::flow::Fate::{Drop, Later, Pass};
use super::super::flow::{Flow, Unless, before};
use super::super::segment::Segment;
use super::keep_last;
use crate::device::{Call, Errno, OptionName, OptionValue};
use crate::oracle::RuleId;
use wireproof_reference::policy::Nagle;
use wireproof_reference::time::Duration;
use wireproof_reference::wire::TcpFlags;

const SECOND: Duration = Duration::from_secs(1);
/// How long a connection is left alone before the first keep-alive (RFC 9293 3.8.4, MUST-28).
const TWO_HOURS: Duration = Duration::from_secs(7_200);

pub(super) const STACKS: &[Variant] = &[
    Variant::broken("rto-not-doubled", "Every time-out is one second long.", &["rfc6298-5.5"])
        .policy(|policy| policy.rto_max = SECOND)
        .breaks(&[RuleId::RtoBackoff]),
    Variant::broken("rto-short", "Its time-outs are 200 ms long and more.", &["rfc6298-2.4"])
        .policy(|policy| policy.rto_min = Duration::from_millis(200))
        .breaks(&[RuleId::RtoFloor]),
    Variant::broken("rto-initial-short", "Its first time-out is 300 ms long.", &["rfc6298-2.1"])
        .policy(|policy| {
            policy.rto_initial = Duration::from_millis(300);
            policy.rto_min = Duration::from_millis(300);
        })
        .breaks(&[RuleId::InitialRto]),
    Variant::broken("rto-initial-long", "Its first time-out is 3 seconds long.", &["rfc6298-2.1"])
        .policy(|policy| policy.rto_initial = Duration::from_secs(3)),
    Variant::broken("rto-max-short", "Its time-outs grow to 16 seconds and no further.", &["rfc6298-2.5"])
        .policy(|policy| policy.rto_max = Duration::from_secs(16))
        .breaks(&[RuleId::RtoBackoff]),
    Variant::broken(
        "rto-not-measured",
        "Its time-out does not follow the round trips.",
        &["rfc6298-2.2", "rfc6298-2.3"],
    )
    .sends(|flow, segment| {
        if is_new_text(flow, segment) {
            flow.send_later(SECOND, segment.clone(), Unless::Acknowledged);
        }
        Pass
    }),
    Variant::broken(
        "no-care-after-syn-loss",
        "After a lost SYN it begins with a time-out of one second.",
        &["rfc6298-5.7"],
    )
    .policy(|policy| policy.rto_after_syn_loss = SECOND)
    .breaks(&[RuleId::RtoAfterSynLoss]),
    Variant::broken(
        "karn-ignored",
        "The ACK of what was sent twice ends the doubling.",
        &["rfc9293-3.8.1-MUST-18", "rfc6298-3"],
    )
    .receives(|flow, segment| {
        if flow.is_progress(segment) {
            flow.mark = u32::from(flow.repeats > 0);
        }
        Pass
    })
    .sends(|flow, segment| {
        if flow.mark == 1 && is_new_text(flow, segment) {
            flow.send_later(SECOND, segment.clone(), Unless::Acknowledged);
        }
        Pass
    }),
    Variant::broken("timer-put-off-by-sending", "Whatever it sends starts the timer anew.", &["rfc6298-5.1"])
        .sends(|flow, segment| {
            let now = milliseconds(flow);
            if !flow.is_repeat(segment) {
                flow.mark = if segment.has_text() { now } else { flow.mark };
                return Pass;
            }
            wait_for_a_second_since(flow.mark, now)
        }),
    Variant::broken(
        "timer-put-off-by-old-acks",
        "Every ACK, of nothing new as well, starts the timer anew.",
        &["rfc6298-5.3"],
    )
    .receives(|flow, segment| {
        if segment.flags.ack() && flow.is_in_flight() {
            flow.mark = milliseconds(flow);
        }
        Pass
    })
    .sends(|flow, segment| match flow.is_repeat(segment) {
        true if flow.duplicates < 3 => wait_for_a_second_since(flow.mark, milliseconds(flow)),
        _ => Pass,
    }),
    Variant::broken(
        "timer-not-restarted",
        "An ACK of new data does not start the timer afresh.",
        &["rfc6298-5.3"],
    )
    .sends(|flow, segment| {
        if is_new_text(flow, segment) {
            flow.mark = if flow.is_in_flight() { flow.mark } else { milliseconds(flow) };
            flow.kept.push(segment.clone());
        }
        Pass
    })
    .receives(|flow, segment| {
        let passed = u64::from(milliseconds(flow).saturating_sub(flow.mark));
        let rest = flow.kept.iter().find(|other| other.seq == segment.ack).cloned();
        if let Some(rest) = rest.filter(|_| flow.is_progress(segment) && passed < 1_000) {
            flow.send_later(Duration::from_millis(1_000 - passed), rest, Unless::Acknowledged);
        }
        Pass
    }),
    Variant::broken(
        "timer-not-stopped",
        "What was acknowledged is sent again nevertheless.",
        &["rfc6298-5.2"],
    )
    .sends(|flow, segment| {
        if is_new_text(flow, segment) {
            flow.send_later(SECOND, segment.clone(), Unless::Never);
        }
        Pass
    })
    .breaks(&[RuleId::AckedForgotten]),
    Variant::broken(
        "other-octets-again",
        "What it sends again has other octets.",
        &["rfc9293-3.4", "rfc9293-3.10.7.4"],
    )
    .sends(|flow, segment| {
        if flow.is_repeat(segment) {
            segment.data.iter_mut().for_each(|octet| *octet ^= 0x20);
        }
        Pass
    })
    .breaks(&[RuleId::SameOctets, RuleId::SentAsWritten]),
    Variant::broken("no-retransmission", "It sends nothing twice but SYN and FIN.", &["rfc6298-5.4"])
        .sends(|flow, segment| if segment.has_text() && flow.is_repeat(segment) { Drop } else { Pass })
        .breaks(&[RuleId::UnackedRepeated]),
    Variant::broken("syn-not-repeated", "It sends its SYN once only.", &["rfc9293-3.8.3-MUST-22"])
        .sends(|flow, segment| {
            if segment.flags.syn() && !segment.flags.ack() && flow.is_repeat(segment) { Drop } else { Pass }
        })
        .breaks(&[RuleId::UnackedRepeated]),
    Variant::broken("syn-ack-not-repeated", "It sends its SYN-ACK once only.", &["rfc9293-3.8.3-MUST-22"])
        .sends(|flow, segment| {
            let is_second = segment.is(TcpFlags::SYN | TcpFlags::ACK) && flow.irs.is_some();
            if is_second && flow.is_repeat(segment) { Drop } else { Pass }
        })
        .breaks(&[RuleId::UnackedRepeated]),
    Variant::broken("fin-not-repeated", "It sends its FIN once only.", &["rfc9293-3.6"])
        .sends(|flow, segment| if segment.flags.fin() && flow.has_closed { Drop } else { Pass })
        .breaks(&[RuleId::UnackedRepeated]),
    Variant::broken("flight-repeated", "A time-out brings all that is on the way again.", &["rfc6298-5.4"])
        .sends(|flow, segment| {
            if is_new_text(flow, segment) {
                flow.kept.push(segment.clone());
            } else if segment.seq == flow.una && segment.has_text() && flow.duplicates < 3 {
                let una = flow.una;
                let rest: Vec<Segment> =
                    flow.kept.iter().filter(|other| before(una, other.seq)).cloned().collect();
                rest.into_iter().for_each(|other| flow.send(other));
            }
            Pass
        })
        .breaks(&[RuleId::LossWindow]),
    Variant::broken(
        "acknowledged-repeated",
        "After a time-out it sends again what the peer turned out to have.",
        &["rfc6298-5.4"],
    )
    .sends(|flow, segment| {
        if is_new_text(flow, segment) {
            flow.kept.push(segment.clone());
        }
        Pass
    })
    .receives(|flow, segment| {
        let una = flow.una;
        if flow.repeats > 0 && flow.is_progress(segment) {
            let more = flow.kept.iter().find(|other| before(una, other.seq)).cloned();
            more.into_iter().for_each(|other| flow.send(other));
        }
        Pass
    })
    .breaks(&[RuleId::AckedForgotten]),
    Variant::broken("never-gives-up", "It sends again for ever.", &["rfc9293-3.8.3-MUST-20"])
        .policy(|policy| policy.r2 = None),
    Variant::broken("gives-up-early", "It gives up after ten seconds.", &["rfc9293-3.8.3-SHLD-11"])
        .policy(|policy| policy.r2 = Some(Duration::from_secs(10)))
        .breaks(&[RuleId::DataPatience]),
    Variant::broken("gives-up-at-once", "It gives up at the second time-out.", &["rfc9293-3.8.3-SHLD-10"])
        .policy(|policy| policy.r2 = Some(SECOND))
        .breaks(&[RuleId::DataPatience]),
    Variant::broken(
        "patience-fixed",
        "It gives up after a hundred seconds, whatever its application says.",
        &["rfc9293-3.8.3-MUST-21"],
    )
    .calls(|call| {
        if let Call::Set { option: OptionName::Usertimeout, value, .. } = call {
            *value = OptionValue::Number(100_000);
        }
    }),
    Variant::broken(
        "syn-given-up-early",
        "It gives up opening after half a minute.",
        &["rfc9293-3.8.3-MUST-23"],
    )
    .policy(|policy| policy.r2_syn = Duration::from_secs(30))
    .breaks(&[RuleId::SynPatience]),
    Variant::broken("syn-for-ever", "It tries to open for ever.", &["rfc9293-3.8.3-MUST-22"])
        .policy(|policy| policy.r2_syn = Duration::from_secs(100_000_000)),
    Variant::broken(
        "keep-alive-by-default",
        "It probes a connection that is idle for a minute.",
        &["rfc9293-3.8.4-MUST-25"],
    )
    .receives(|flow, segment| {
        if flow.is_progress(segment) {
            let probe = segment.reply(segment.ack.wrapping_sub(1), flow.rcv_nxt, TcpFlags::ACK);
            flow.send_later(Duration::from_secs(60), probe, Unless::Never);
        }
        Pass
    })
    .breaks(&[RuleId::KeepaliveAsked]),
    Variant::broken(
        "keep-alive-soon",
        "Asked for keep-alives, it sends the first after a minute.",
        &["rfc9293-3.8.4-MUST-28"],
    )
    .receives(keep_last)
    .keeps_alive(|flow| keep_alive(flow, Duration::from_secs(60)))
    .breaks(&[RuleId::KeepaliveInterval])
    .seen_by_rules_alone(),
    Variant::broken(
        "keep-alive-impatient",
        "It gives up when one keep-alive is not answered.",
        &["rfc9293-3.8.4-MUST-29"],
    )
    .receives(keep_last)
    .keeps_alive(|flow| {
        let last = flow.kept.first().cloned();
        keep_alive(flow, TWO_HOURS);
        last.into_iter().for_each(|last| flow.end(TWO_HOURS + SECOND, &last, Errno::ETIMEDOUT));
    })
    .breaks(&[RuleId::KeepalivePatience])
    .seen_by_rules_alone(),
    Variant::broken(
        "nagle-missing",
        "It sends small segments while others are on the way.",
        &["rfc9293-3.7.4-SHLD-7"],
    )
    .policy(|policy| policy.nagle = Nagle::Off)
    .breaks(&[RuleId::Nagle]),
    Variant::broken(
        "nagle-for-ever",
        "The Nagle algorithm cannot be switched off.",
        &["rfc9293-3.7.4-MUST-17"],
    )
    .calls(|call| {
        if let Call::Set { option: OptionName::Nodelay, value, .. } = call {
            *value = OptionValue::Number(0);
        }
    }),
];

/// Whether text is sent for the first time.
fn is_new_text(flow: &Flow, segment: &Segment) -> bool {
    flow.is_open && segment.has_text() && !flow.is_repeat(segment)
}

/// Sends a keep-alive after a while.
fn keep_alive(flow: &mut Flow, wait: Duration) {
    let Some(last) = flow.kept.first() else { return };
    let probe = last.reply(flow.nxt.wrapping_sub(1), flow.rcv_nxt, TcpFlags::ACK);
    flow.send_later(wait, probe, Unless::Never);
}

/// The present in milliseconds.
fn milliseconds(flow: &Flow) -> u32 {
    u32::try_from(flow.now.as_nanos() / 1_000_000).unwrap_or(u32::MAX)
}

/// A retransmission that should not come before a second after `mark`.
fn wait_for_a_second_since(mark: u32, now: u32) -> super::super::Fate {
    match u64::from(now.saturating_sub(mark)) {
        passed @ 0..1_000 => Later(Duration::from_millis(1_000 - passed)),
        _ => Pass,
    }
}
