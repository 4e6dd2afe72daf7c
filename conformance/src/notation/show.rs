//! A packet from the wire as text in the notation, with symbolic numbers: for failure messages and captures.

use core::fmt::Write;

use wireproof_reference::wire::{
    Icmpv4Message, Icmpv6Message, Packet, Protocol, SackBlock, Span, Tcp, TcpOption, Transport, Verdict,
};

use super::number::{Binding, Seq, Side, Space};
use super::segment::{Bits, Control, Data, Icmp, IpFields, Octets, Opt, SackBlocks, Segment, Window};
use super::value::{Expression, Term, Value};

/// A sequence number as it is written: symbolic, or `abs:` where nothing symbolic is known.
pub fn number(seq: Seq, space: &Space) -> Expression {
    let first = space.symbolic(seq).map_or(Term::Absolute(seq.0), Term::Number);
    Expression { first, rest: Vec::new() }
}

/// The control bits as they are written.
pub const fn control(bits: Bits) -> Control {
    Control { present: bits, absent: Bits::NONE, optional: Bits::NONE }
}

/// A packet of `sender` on one line: a segment or ICMP message in the notation, else what it is and how long.
pub fn packet(packet: &Packet<'_>, sender: Side, binding: &Binding) -> String {
    let bad_checksum = packet.checksums().transport == Verdict::Wrong;
    match &packet.transport {
        Transport::Tcp(tcp) => {
            let segment = Segment { bad_checksum, ..segment(tcp, sender, binding) };
            segment.to_string()
        }
        Transport::Icmpv4(icmp) => {
            let mtu = match icmp.message {
                Icmpv4Message::DestinationUnreachable { next_hop_mtu, .. } if next_hop_mtu > 0 => {
                    Some(next_hop_mtu.into())
                }
                _ => None,
            };
            let shown = message(icmp.message.kind(), icmp.code, mtu, bad_checksum);
            quoting(shown, icmp.message.quote(), sender, binding)
        }
        Transport::Icmpv6(icmp) => {
            let mtu = match icmp.message {
                Icmpv6Message::PacketTooBig { mtu, .. } => Some(mtu),
                _ => None,
            };
            let shown = message(icmp.message.kind(), icmp.code, mtu, bad_checksum);
            quoting(shown, icmp.message.quote(), sender, binding)
        }
        Transport::Unreadable { protocol: Protocol::TCP, octets, .. } => {
            unreadable(octets, sender, binding).unwrap_or_else(|| packet.to_string())
        }
        Transport::Udp(_)
        | Transport::Fragment { .. }
        | Transport::Unreadable { .. }
        | Transport::Other { .. } => packet.to_string(),
    }
}

/// A segment whose header cannot be read, as far as it is there: one with a wrong data offset with all fields that have
/// a fixed place, one that is cut off with its number.
fn unreadable(octets: &[u8], sender: Side, binding: &Binding) -> Option<String> {
    let Some(mut fixed) = octets.first_chunk::<20>().copied() else {
        let seq = u32::from_be_bytes(*octets.get(4..)?.first_chunk()?);
        let seq = number(Seq(seq), binding.space(sender));
        return Some(format!("<SEQ={seq}> cut off behind {} octets", octets.len()));
    };
    // RFC 9293 3.1: the data offset is the upper half of octet 12; 5 says that there are no options.
    let offset = Some(Value::number((fixed[12] >> 4).into()));
    fixed[12] = 5 << 4 | fixed[12] & 0xf;
    let tcp = Tcp::parse(&fixed).ok()?;
    Some(Segment { offset, ..segment(&tcp, sender, binding) }.to_string())
}

/// A segment with all that its header says. What a header always has is left out where it is nothing: no options,
/// no octets, no urgent pointer, no reserved bits.
pub fn segment(tcp: &Tcp<'_>, sender: Side, binding: &Binding) -> Segment {
    let (own, others) = (binding.space(sender), binding.space(sender.other()));
    let bits = Bits(tcp.flags.bits() & 0x1ff);
    let has_ack = bits.contains(Bits::ACK) || tcp.ack != 0;
    let has_urgent = bits.contains(Bits::URG) || tcp.urgent != 0;
    // A payload is at most 65,535 octets.
    let len = u32::try_from(tcp.payload.len()).unwrap_or(u32::MAX);
    Segment {
        seq: Some(Value::Exact(number(Seq(tcp.seq), own))),
        ack: has_ack.then(|| Value::Exact(number(Seq(tcp.ack), others))),
        control: Some(control(bits)),
        options: options(tcp, others),
        absent: Vec::new(),
        window: Some(Window::Field(Value::number(tcp.window.into()))),
        urgent: has_urgent.then(|| Value::number(tcp.urgent.into())),
        data: (len > 0).then(|| Data::Count(Value::number(len))),
        bad_checksum: false,
        offset: None,
        reserved: (tcp.flags.reserved() > 0).then(|| Value::number(tcp.flags.reserved().into())),
        ip: IpFields::default(),
    }
}

/// The options in wire order; what cannot be walked over stands at the end as raw octets.
fn options(tcp: &Tcp<'_>, others: &Space) -> Vec<Opt> {
    let mut walk = tcp.options.iter();
    let mut shown = Vec::new();
    loop {
        let rest = walk.rest();
        match walk.next() {
            None => return shown,
            Some(Ok(found)) => shown.push(option(&found, others)),
            Some(Err(_)) => {
                shown.push(Opt::Raw(rest.to_vec()));
                return shown;
            }
        }
    }
}

/// One option; kinds that have no name in the notation as raw octets.
pub fn option(option: &TcpOption<'_>, others: &Space) -> Opt {
    let value = |number: u32| Value::number(number);
    match *option {
        TcpOption::EndOfList => Opt::EndOfList,
        TcpOption::NoOperation => Opt::NoOperation,
        TcpOption::MaximumSegmentSize(size) => Opt::MaximumSegmentSize(value(size.into())),
        TcpOption::WindowScale(shift) => Opt::WindowScale(value(shift.into())),
        TcpOption::SackPermitted => Opt::SackPermitted,
        TcpOption::Sack(blocks) => {
            let block = |SackBlock { left, right }| (number(Seq(left), others), number(Seq(right), others));
            Opt::Sack(SackBlocks::Exact(blocks.iter().map(block).collect()))
        }
        TcpOption::Timestamps { value: own, echo } => {
            Opt::Timestamps { value: value(own), echo: value(echo) }
        }
        TcpOption::UserTimeout { minutes, value: timeout } => {
            Opt::UserTimeout { minutes, value: value(timeout.into()) }
        }
        TcpOption::FastOpen(cookie) => fast_open(false, cookie),
        TcpOption::FastOpenExperimental(cookie) => fast_open(true, cookie),
        TcpOption::Md5(digest) => Opt::Md5(Octets::Exact(digest.to_vec())),
        TcpOption::Ao { key_id, next_key_id, mac } => {
            Opt::Ao(Octets::Exact([&[key_id, next_key_id], mac].concat()))
        }
        TcpOption::Mptcp(_) | TcpOption::AccEcn0(_) | TcpOption::AccEcn1(_) | TcpOption::Unknown { .. } => {
            let mut octets = vec![0; option.wire_len()];
            // There is room for it, and it came from an option no longer than 255 octets.
            let written = option.emit(&mut octets).unwrap_or(0);
            octets.truncate(written);
            Opt::Raw(octets)
        }
    }
}

fn fast_open(experimental: bool, cookie: &[u8]) -> Opt {
    Opt::FastOpen { experimental, cookie: Octets::Exact(cookie.to_vec()) }
}

/// An ICMP message without its quote.
fn message(kind: u8, code: u8, mtu: Option<u32>, bad_checksum: bool) -> Icmp {
    let (code, mtu) = (Value::number(code.into()), mtu.map(Value::number));
    Icmp { kind, code, mtu, quote: None, bad_checksum, ip: IpFields::default() }
}

/// An ICMP message and behind it, in words, what it quotes.
fn quoting(message: Icmp, quote: Option<Span<'_>>, sender: Side, binding: &Binding) -> String {
    let mut text = message.to_string();
    let Some(quoted) = quote.and_then(|quote| Packet::parse_cut(quote.octets()).ok()) else { return text };
    let seq = match (&quoted.transport, quoted.transport.seq()) {
        // An error comes to the sender of what it quotes.
        (_, Some(seq)) => number(Seq(seq), binding.space(sender.other())),
        _ => return text,
    };
    // Writing to a string cannot fail.
    let _ = write!(text, " quoting <SEQ={seq}>");
    text
}

impl Binding {
    /// Takes in a segment of a connection that is only watched, as in a capture: the first number seen of each side
    /// becomes its SYN's, 100 for the tester and 300 for the device, and so does that of every later SYN with
    /// another number.
    pub fn observe(&mut self, tcp: &Tcp<'_>, sender: Side) {
        let is_syn = tcp.flags.syn();
        let seq = if is_syn { Seq(tcp.seq) } else { Seq(tcp.seq).minus(1) };
        let own = self.space_mut(sender);
        if !own.is_seen() || is_syn && own.symbolic(seq) != Some(syn_of(sender)) {
            *own = Space::fixed(syn_of(sender), seq);
        }
        let others = self.space_mut(sender.other());
        if tcp.flags.ack() && !others.is_seen() {
            *others = Space::fixed(syn_of(sender.other()), Seq(tcp.ack).minus(1));
        }
    }
}

/// The symbolic number of that side's SYN.
const fn syn_of(side: Side) -> u32 {
    match side {
        Side::Tester => Binding::TESTER_SYN,
        Side::Device => Binding::DEVICE_SYN,
    }
}
