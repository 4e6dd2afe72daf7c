//! Rules of headers and checksums: RFC 9293 3.1 and 3.2, RFC 1122 3.2.1.

use core::net::IpAddr;

use super::case::Look;
use super::findings::Findings;
use super::registry::RuleId;
use super::segment::Sum;

const DAMAGED: &str = "a wrong checksum in a capture may be damage, or left to the network card";

/// Looks at a segment of an end that is judged.
pub(super) fn observe(look: &Look<'_>, out: &mut Findings) {
    sums(look, out);
    let (s, frames) = (look.s, [look.s.number]);
    if look.c.is_exact {
        // One that does not hold cannot be read, and is told by the judge of hosts.
        out.held(RuleId::DataOffset);
    }
    // RFC 9293 3.1: zero in generated segments.
    out.decide(RuleId::ReservedBits, s.flags.reserved() == 0, look.place(&frames), || {
        (format!("reserved bits {:#05b}", s.flags.reserved()), "zero".to_owned())
    });
    if s.options.len > 0 {
        // MUST-68: every option but the two of one octet has a length, which must fit.
        out.decide(RuleId::OptionLengths, !s.options.is_malformed, look.place(&frames), || {
            ("an option whose length is none".to_owned(), "lengths within the header".to_owned())
        });
        // MUST-69.
        out.decide(RuleId::OptionPadding, !s.options.is_badly_padded, look.place(&frames), || {
            ("octets other than zero behind the end of the options".to_owned(), "zeros".to_owned())
        });
    }
    let is_connected = look.own().syn.is_some() && look.own().ack.is_some() && look.peer().syn.is_some();
    if is_connected && !s.flags.syn() && !s.flags.rst() {
        // RFC 9293 3.1: once connected, always.
        out.decide(RuleId::AckAlways, s.ack.is_some(), look.place(&frames), || {
            (format!("<CTL={:?}>", s.flags), "the ACK bit set".to_owned())
        });
    }
    if s.flags.syn() {
        let to = look.peer().address.ip();
        out.decide(RuleId::OneHost, is_one_host(to), look.place(&frames), || {
            (format!("a segment to {to}"), "segments to one host's address".to_owned())
        });
    }
}

/// The checksums alone.
pub(super) fn sums(look: &Look<'_>, out: &mut Findings) {
    let (s, frames) = (look.s, [look.s.number]);
    for (rule, sum, name) in
        [(RuleId::TcpChecksum, s.tcp_sum, "TCP"), (RuleId::IpChecksum, s.ip_sum, "IPv4 header")]
    {
        match sum {
            Sum::Unknown => {}
            Sum::Wrong if !look.c.is_exact => out.undecidable(rule, DAMAGED),
            Sum::Right | Sum::Wrong => out.decide(rule, sum == Sum::Right, look.place(&frames), || {
                (format!("a wrong {name} checksum"), "the right one".to_owned())
            }),
        }
    }
}

/// Whether an address can be one host's.
pub(super) fn is_one_host(address: IpAddr) -> bool {
    let is_broadcast = matches!(address, IpAddr::V4(v4) if v4.is_broadcast());
    !address.is_multicast() && !address.is_unspecified() && !is_broadcast
}
