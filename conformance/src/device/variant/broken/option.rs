//! Options and the size of segments (RFC 9293 3.1, 3.2, 3.7.1; RFC 7323 2.2, 3.2; RFC 2018 2).

use super::super::Variant;
use super::super::flow::Fate::{Crash, Drop, Pass};
use super::super::segment::{Segment, mss_of};
use crate::oracle::RuleId;
use wireproof_reference::wire::{TcpFlags, TcpOption, TcpOptions};

/// The MSS that an IPv4 host on Ethernet can take.
const MSS: [u8; 4] = [2, 4, 0x05, 0xb4];

pub(super) const STACKS: &[Variant] = &[
    Variant::broken(
        "mss-ignored",
        "It sends full segments whatever the MSS of its peer.",
        &["rfc9293-3.7.1-MUST-16"],
    )
    .receives(|_, segment| {
        if mss_of(segment).is_some() {
            segment.options = MSS.to_vec();
        }
        Pass
    })
    .breaks(&[RuleId::MssRespected]),
    Variant::broken(
        "mss-plus-one",
        "It sends one octet more than the MSS of its peer.",
        &["rfc9293-3.7.1-MUST-16"],
    )
    .receives(|_, segment| {
        if let Some(mss) = mss_of(segment) {
            segment.options = mss_option(mss.saturating_add(1));
        }
        Pass
    })
    .breaks(&[RuleId::MssRespected]),
    Variant::broken(
        "mss-default-large",
        "Without an MSS option it sends full segments.",
        &["rfc9293-3.7.1-MUST-15"],
    )
    .receives(|_, segment| {
        if segment.flags.syn() && mss_of(segment).is_none() {
            segment.options.extend(MSS);
        }
        Pass
    })
    .breaks(&[RuleId::DefaultMss]),
    Variant::broken(
        "mss-not-on-syn-ack",
        "It looks at the MSS of a SYN, not at that of a SYN-ACK.",
        &["rfc9293-3.7.1-MUST-14"],
    )
    .receives(|_, segment| {
        if segment.is(TcpFlags::SYN | TcpFlags::ACK) {
            segment.options = MSS.to_vec();
        }
        Pass
    })
    .breaks(&[RuleId::MssRespected]),
    Variant::broken(
        "mss-too-large",
        "It offers an MSS that its link cannot carry.",
        &["rfc9293-3.7.1-MUST-67"],
    )
    .sends(|_, segment| {
        if let Some(mss) = mss_of(segment) {
            segment.options = mss_option(mss.saturating_add(20));
        }
        Pass
    }),
    Variant::broken("mss-missing", "Its SYN bears no MSS option.", &["rfc9293-3.7.1-SHLD-5"]).sends(
        |_, segment| {
            segment.options.clear();
            Pass
        },
    ),
    Variant::broken(
        "mss-forgotten",
        "The SYN that it sends again bears no MSS option.",
        &["rfc9293-3.7.1-MUST-14"],
    )
    .sends(|flow, segment| {
        if segment.flags.syn() && flow.is_repeat(segment) {
            segment.options.clear();
        }
        Pass
    }),
    Variant::broken("mss-on-data", "Its data bear the MSS option.", &["rfc9293-3.2-MUST-65"])
        .sends(|_, segment| {
            if segment.has_text() {
                segment.options = MSS.to_vec();
            }
            Pass
        })
        .breaks(&[RuleId::MssOnSyn, RuleId::OptionsCounted]),
    Variant::broken(
        "window-scale-unasked",
        "Its SYN-ACK offers window scaling to a peer that did not.",
        &["rfc7323-2.2"],
    )
    .sends(|_, segment| on_syn_ack(segment, &[1, 3, 3, 7]))
    .breaks(&[RuleId::ScaleInvited]),
    Variant::broken(
        "timestamps-unasked",
        "Its SYN-ACK bears timestamps although the SYN did not.",
        &["rfc7323-3.2"],
    )
    .sends(|_, segment| on_syn_ack(segment, &[1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0]))
    .breaks(&[RuleId::TimestampsInvited]),
    Variant::broken(
        "sack-unasked",
        "Its ACKs bear a SACK option that was never agreed upon.",
        &["rfc2018-3"],
    )
    .sends(|flow, segment| {
        if flow.is_open && segment.is_pure_ack() {
            let [a, b, c, d] = segment.ack.wrapping_add(10).to_be_bytes();
            segment.options = vec![1, 1, 5, 10, a, b, c, d, a, b, c, d | 0x0f];
        }
        Pass
    })
    .breaks(&[RuleId::SackInvited, RuleId::SackOrder, RuleId::SackReceived, RuleId::SackFirst]),
    Variant::broken(
        "unknown-option-fatal",
        "It drops segments with options that it does not know.",
        &["rfc9293-3.1-MUST-6"],
    )
    .receives(|_, segment| {
        let is_unknown = |option| matches!(option, Ok(TcpOption::Unknown { .. }));
        if TcpOptions::new(&segment.options).iter().any(is_unknown) { Drop } else { Pass }
    }),
    Variant::broken(
        "options-first-only",
        "It looks at the first option of a segment only.",
        &["rfc9293-3.1-MUST-4"],
    )
    .receives(|_, segment| {
        if mss_of(segment).is_some() && segment.options.first() != Some(&2) {
            segment.options.clear();
        }
        Pass
    })
    .breaks(&[RuleId::MssRespected]),
    Variant::broken(
        "end-of-list-overrun",
        "It reads options behind the end of their list.",
        &["rfc9293-3.1-MUST-4"],
    )
    .receives(|_, segment| {
        segment.options.iter_mut().filter(|octet| **octet == 0).for_each(|octet| *octet = 1);
        Pass
    })
    .breaks(&[RuleId::MssRespected]),
    Variant::broken(
        "malformed-option-deadly",
        "An option of impossible length is its end.",
        &["rfc9293-3.1-MUST-7"],
    )
    .receives(|_, segment| {
        let is_malformed = TcpOptions::new(&segment.options).iter().any(|option| option.is_err());
        if is_malformed { Crash } else { Pass }
    }),
    Variant::broken(
        "options-on-data-fatal",
        "It drops segments other than SYNs that bear options.",
        &["rfc9293-3.1-MUST-5"],
    )
    .receives(|_, segment| if !segment.flags.syn() && !segment.options.is_empty() { Drop } else { Pass }),
    Variant::broken("timestamps-forgotten", "It agrees to timestamps and then sends none.", &["rfc7323-3.2"])
        .receives(|flow, segment| {
            flow.mark = timestamp_of(segment);
            Pass
        })
        .sends(|flow, segment| match segment.flags.syn() {
            true => stamp(segment, 1, flow.mark),
            false => Pass,
        })
        .breaks(&[RuleId::TimestampsKept])
        .seen_by_rules_alone(),
    Variant::broken("timestamps-backwards", "The clock of its timestamps runs backwards.", &["rfc7323-5.4"])
        .receives(|flow, segment| {
            flow.mark = timestamp_of(segment);
            Pass
        })
        .sends(|flow, segment| {
            flow.count += 1;
            stamp(segment, 1_000 - flow.count.min(999), flow.mark)
        })
        .breaks(&[RuleId::TimestampsForward])
        .seen_by_rules_alone(),
    Variant::broken("timestamps-foretold", "It echoes timestamps that are still to come.", &["rfc7323-4.3"])
        .receives(|flow, segment| {
            flow.mark = timestamp_of(segment);
            Pass
        })
        .sends(|flow, segment| match flow.mark {
            0 => Pass,
            mark => stamp(segment, 1, mark + 100_000),
        })
        .breaks(&[RuleId::EchoOfSent])
        .seen_by_rules_alone(),
    Variant::broken(
        "timestamps-of-early-echoed",
        "It echoes the timestamp of what came last, though octets before it are missing.",
        &["rfc7323-4.3"],
    )
    .receives(|flow, segment| {
        flow.mark = timestamp_of(segment);
        Pass
    })
    .sends(|flow, segment| stamp(segment, 1, flow.mark))
    .breaks(&[RuleId::EchoOfEarly])
    .seen_by_rules_alone(),
    Variant::broken(
        "sack-below-ack",
        "The second of its SACK blocks tells of what it has acknowledged.",
        &["rfc2018-3", "rfc2018-4"],
    )
    .receives(|flow, segment| {
        let permits = TcpOptions::new(&segment.options).iter().any(|one| one == Ok(TcpOption::SackPermitted));
        flow.mark = u32::from(segment.flags.syn() && permits);
        if segment.has_text() && flow.gap(segment) > 0 && flow.is_in_window(segment.seq) {
            flow.kept = vec![segment.clone()];
        }
        Pass
    })
    .sends(|flow, segment| {
        if segment.flags.syn() && flow.mark == 1 {
            segment.options.extend([1, 1, 4, 2]);
        }
        if let Some(early) = flow.kept.pop().filter(|_| segment.is_pure_ack()) {
            let below = [segment.ack.wrapping_sub(10), segment.ack.wrapping_sub(1)];
            let edges = [early.seq, early.end(), below[0], below[1]].map(u32::to_be_bytes);
            segment.options = [&[1, 1, 5, 18], edges.as_flattened()].concat();
        }
        Pass
    })
    .breaks(&[RuleId::SackAboveAck])
    .seen_by_rules_alone(),
];

/// The peer's timestamp; 0 if there is none.
fn timestamp_of(segment: &Segment) -> u32 {
    let options = TcpOptions::new(&segment.options);
    let stamp = options.iter().find_map(|one| match one {
        Ok(TcpOption::Timestamps { value, .. }) => Some(value),
        _ => None,
    });
    stamp.unwrap_or(0)
}

/// Puts timestamps on a segment, if the peer sent one that is echoed.
fn stamp(segment: &mut Segment, value: u32, echo: u32) -> super::super::Fate {
    if echo != 0 {
        segment.options.extend([1, 1, 8, 10]);
        segment.options.extend(value.to_be_bytes());
        segment.options.extend(echo.to_be_bytes());
    }
    Pass
}

fn mss_option(mss: u16) -> Vec<u8> {
    let [high, low] = mss.to_be_bytes();
    vec![2, 4, high, low]
}

fn on_syn_ack(segment: &mut Segment, options: &[u8]) -> super::super::Fate {
    if segment.is(TcpFlags::SYN | TcpFlags::ACK) {
        segment.options.extend(options);
    }
    Pass
}
