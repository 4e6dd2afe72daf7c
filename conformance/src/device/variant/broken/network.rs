//! What the network reports of a connection's segments (RFC 9293 3.9.2.2; RFC 5927; RFC 1191). Over IPv4 only.

use super::super::Variant;
use super::super::flow::Fate::{Drop, Later, Pass};
use super::super::flow::before;
use super::super::trouble::Kind;
use super::keep_last;
use crate::device::Errno;
use crate::oracle::RuleId;
use wireproof_reference::time::Duration;
use wireproof_reference::wire::TcpFlags;

pub(super) const STACKS: &[Variant] = &[
    Variant::broken(
        "quoted-number-not-looked-at",
        "It gives up when an error quotes a segment that was acknowledged long ago.",
        &["rfc5927-4.1"],
    )
    .receives(keep_last)
    .troubled(|flow, trouble| {
        let is_outside = before(trouble.seq, flow.una) || !before(trouble.seq, flow.nxt);
        if let Some(last) = flow.kept.first().cloned().filter(|_| is_outside && trouble.kind == Kind::Hard) {
            flow.end(Duration::ZERO, &last, Errno::ECONNREFUSED);
        }
        Pass
    })
    .breaks(&[RuleId::QuotedOutside]),
    Variant::broken(
        "soft-error-fatal",
        "It resets a connection when a router says that its peer cannot be reached for now.",
        &["rfc9293-3.9.2.2-MUST-56"],
    )
    .receives(keep_last)
    .troubled(|flow, trouble| {
        let is_believed = flow.is_open && trouble.kind == Kind::Soft;
        if let Some(last) = flow.kept.first().cloned().filter(|_| is_believed) {
            flow.send(last.reply(flow.nxt, flow.rcv_nxt, TcpFlags::RST | TcpFlags::ACK));
            flow.end(Duration::ZERO, &last, Errno::EHOSTUNREACH);
        }
        Pass
    })
    .breaks(&[RuleId::SoftError]),
    Variant::broken(
        "quench-obeyed",
        "Asked to slow down by Source Quench, it waits for a second with all that is new.",
        &["rfc9293-3.9.2.2-MUST-55", "rfc6633-3"],
    )
    .sends(|flow, segment| match flow.mark {
        1 if segment.has_text() && !flow.is_repeat(segment) => Later(Duration::from_secs(1)),
        _ => Pass,
    })
    .troubled(|flow, trouble| {
        flow.mark |= u32::from(trouble.kind == Kind::Quench);
        Pass
    }),
    Variant::broken(
        "hard-error-ignored",
        "It goes on with its SYN when its peer says that there is no such port.",
        &["rfc9293-3.9.2.2-SHLD-26"],
    )
    .troubled(|flow, trouble| match trouble.kind {
        Kind::Hard if !flow.is_open => Drop,
        Kind::Hard | Kind::Soft | Kind::TooBig | Kind::Quench => Pass,
    }),
    Variant::broken(
        "path-mtu-ignored",
        "It does not hear that its packets are too big for the way.",
        &["rfc1191-3"],
    )
    .troubled(|_, trouble| if trouble.kind == Kind::TooBig { Drop } else { Pass })
    .breaks(&[RuleId::PathMtu])
    .seen_by_rules_alone(),
];
