//! Ethernet, IPv4, TCP and all options decoded, with and without checksums verified: ours, etherparse, smoltcp.
//!
//! Each decodes every field of the three headers and every option into one sum, so that nothing can be left out
//! unseen; before anything is measured the sums of all are found equal.
//!
//! `cargo bench -p wireproof-reference --bench wire`

#![allow(missing_docs, reason = "criterion's macros make public items")]

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use wireproof_reference::wire;

/// What was decoded, added up: a field read but not used would be optimised away.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Decoded(u64);

impl Decoded {
    #[inline(always)]
    fn add(&mut self, field: impl Into<u64>) {
        self.0 = self.0.wrapping_add(field.into());
    }

    #[inline(always)]
    fn mac(&mut self, mac: [u8; 6]) {
        let [a, b, c, d, e, f] = mac;
        self.add(u32::from_be_bytes([a, b, c, d]));
        self.add(u16::from_be_bytes([e, f]));
    }
}

/// Layer by layer.
fn ours_layers(octets: &[u8], verify: bool) -> Option<Decoded> {
    let (ethernet, payload) = wire::Ethernet::parse(octets).ok()?;
    let (ip, payload) = wire::Ipv4::parse(payload).ok()?;
    let tcp = wire::Tcp::parse(payload).ok()?;
    if verify && !(ip.is_checksum_right() && tcp.is_checksum_right(&ip.pseudo_header())) {
        return None;
    }
    our_fields(&ethernet, &ip, &tcp)
}

/// The frame as a whole, of whatever kind it may be.
fn ours_frame(octets: &[u8], verify: bool) -> Option<Decoded> {
    let frame = wire::Frame::parse(octets).ok()?;
    let packet = frame.packet()?;
    if verify && !packet.checksums().are_right() {
        return None;
    }
    match (&packet.ip, &packet.transport) {
        (wire::Ip::V4(ip), wire::Transport::Tcp(tcp)) => our_fields(&frame.ethernet, ip, tcp),
        _ => None,
    }
}

#[inline(always)]
fn our_fields(ethernet: &wire::Ethernet, ip: &wire::Ipv4<'_>, tcp: &wire::Tcp<'_>) -> Option<Decoded> {
    use wire::TcpOption;
    let mut seen = Decoded::default();
    seen.mac(ethernet.destination.0);
    seen.mac(ethernet.source.0);
    seen.add(ethernet.ethertype.0);
    seen.add(ip.dscp);
    seen.add(ip.ecn);
    seen.add(ip.total_len);
    seen.add(ip.identification);
    seen.add(ip.dont_fragment);
    seen.add(ip.more_fragments);
    seen.add(ip.fragment_offset);
    seen.add(ip.ttl);
    seen.add(ip.protocol.0);
    seen.add(ip.checksum);
    seen.add(ip.source.to_bits());
    seen.add(ip.destination.to_bits());
    seen.add(tcp.source_port);
    seen.add(tcp.destination_port);
    seen.add(tcp.seq);
    seen.add(tcp.ack);
    for (flag, _) in wire::TcpFlags::NAMES {
        seen.add(tcp.flags.contains(flag));
    }
    seen.add(tcp.window);
    seen.add(tcp.checksum);
    seen.add(tcp.urgent);
    for option in &tcp.options {
        match option.ok()? {
            TcpOption::NoOperation => seen.add(1u8),
            TcpOption::MaximumSegmentSize(size) => seen.add(size),
            TcpOption::WindowScale(shift) => seen.add(shift),
            TcpOption::SackPermitted => seen.add(2u8),
            TcpOption::Timestamps { value, echo } => {
                seen.add(value);
                seen.add(echo);
            }
            TcpOption::Sack(blocks) => {
                for block in blocks.iter() {
                    seen.add(block.left);
                    seen.add(block.right);
                }
            }
            _ => return None,
        }
    }
    seen.add(tcp.payload.len() as u64);
    Some(seen)
}

/// Through etherparse's slices layer by layer, which is faster than its `SlicedPacket`.
fn etherparse_layers(octets: &[u8], verify: bool) -> Option<Decoded> {
    let ethernet = etherparse::Ethernet2Slice::from_slice_without_fcs(octets).ok()?;
    let ip = etherparse::Ipv4Slice::from_slice(ethernet.payload().payload).ok()?;
    let tcp = etherparse::TcpSlice::from_slice(ip.payload().payload).ok()?;
    etherparse_fields(&ethernet, &ip, &tcp, verify)
}

fn etherparse_packet(octets: &[u8], verify: bool) -> Option<Decoded> {
    use etherparse::{LinkSlice, NetSlice, SlicedPacket, TransportSlice};
    let packet = SlicedPacket::from_ethernet(octets).ok()?;
    match (&packet.link, &packet.net, &packet.transport) {
        (Some(LinkSlice::Ethernet2(ethernet)), Some(NetSlice::Ipv4(ip)), Some(TransportSlice::Tcp(tcp))) => {
            etherparse_fields(ethernet, ip, tcp, verify)
        }
        _ => None,
    }
}

#[inline(always)]
fn etherparse_fields(
    ethernet: &etherparse::Ethernet2Slice<'_>,
    ip: &etherparse::Ipv4Slice<'_>,
    tcp: &etherparse::TcpSlice<'_>,
    verify: bool,
) -> Option<Decoded> {
    use etherparse::TcpOptionElement;
    let mut seen = Decoded::default();
    seen.mac(ethernet.destination());
    seen.mac(ethernet.source());
    seen.add(ethernet.ether_type().0);
    let header = ip.header();
    if verify {
        let right = header.to_header().calc_header_checksum() == header.header_checksum()
            && tcp.calc_checksum_ipv4(header.source(), header.destination()) == Ok(tcp.checksum());
        if !right {
            return None;
        }
    }
    seen.add(header.dcp().value());
    seen.add(header.ecn().value());
    seen.add(header.total_len());
    seen.add(header.identification());
    seen.add(header.dont_fragment());
    seen.add(header.more_fragments());
    seen.add(header.fragments_offset().value());
    seen.add(header.ttl());
    seen.add(header.protocol().0);
    seen.add(header.header_checksum());
    seen.add(u32::from_be_bytes(header.source()));
    seen.add(u32::from_be_bytes(header.destination()));
    seen.add(tcp.source_port());
    seen.add(tcp.destination_port());
    seen.add(tcp.sequence_number());
    seen.add(tcp.acknowledgment_number());
    for flag in
        [tcp.fin(), tcp.syn(), tcp.rst(), tcp.psh(), tcp.ack(), tcp.urg(), tcp.ece(), tcp.cwr(), tcp.ns()]
    {
        seen.add(flag);
    }
    seen.add(tcp.window_size());
    seen.add(tcp.checksum());
    seen.add(tcp.urgent_pointer());
    for option in tcp.options_iterator() {
        match option.ok()? {
            TcpOptionElement::Noop => seen.add(1u8),
            TcpOptionElement::MaximumSegmentSize(size) => seen.add(size),
            TcpOptionElement::WindowScale(shift) => seen.add(shift),
            TcpOptionElement::SelectiveAcknowledgementPermitted => seen.add(2u8),
            TcpOptionElement::Timestamp(value, echo) => {
                seen.add(value);
                seen.add(echo);
            }
            TcpOptionElement::SelectiveAcknowledgement(first, more) => {
                for (left, right) in core::iter::once(first).chain(more.into_iter().flatten()) {
                    seen.add(left);
                    seen.add(right);
                }
            }
        }
    }
    seen.add(tcp.payload().len() as u64);
    Some(seen)
}

fn smoltcp(octets: &[u8], verify: bool) -> Option<Decoded> {
    use smoltcp::wire::{EthernetFrame, IpAddress, Ipv4Packet, TcpOption, TcpPacket};
    let mut seen = Decoded::default();
    let ethernet = EthernetFrame::new_checked(octets).ok()?;
    seen.mac(ethernet.dst_addr().0);
    seen.mac(ethernet.src_addr().0);
    seen.add(u16::from(ethernet.ethertype()));
    let ip = Ipv4Packet::new_checked(ethernet.payload()).ok()?;
    let tcp = TcpPacket::new_checked(ip.payload()).ok()?;
    if verify {
        let (source, destination) = (IpAddress::Ipv4(ip.src_addr()), IpAddress::Ipv4(ip.dst_addr()));
        if !ip.verify_checksum() || !tcp.verify_checksum(&source, &destination) {
            return None;
        }
    }
    seen.add(ip.dscp());
    seen.add(ip.ecn());
    seen.add(ip.total_len());
    seen.add(ip.ident());
    seen.add(ip.dont_frag());
    seen.add(ip.more_frags());
    seen.add(ip.frag_offset() >> 3);
    seen.add(ip.hop_limit());
    seen.add(u8::from(ip.next_header()));
    seen.add(ip.checksum());
    seen.add(ip.src_addr().to_bits());
    seen.add(ip.dst_addr().to_bits());
    seen.add(tcp.src_port());
    seen.add(tcp.dst_port());
    // Its sequence numbers are signed inside.
    seen.add(tcp.seq_number().0 as u32);
    seen.add(tcp.ack_number().0 as u32);
    for flag in
        [tcp.fin(), tcp.syn(), tcp.rst(), tcp.psh(), tcp.ack(), tcp.urg(), tcp.ece(), tcp.cwr(), tcp.ns()]
    {
        seen.add(flag);
    }
    seen.add(tcp.window_len());
    seen.add(tcp.checksum());
    seen.add(tcp.urgent_at());
    let mut options = tcp.options();
    while !options.is_empty() {
        let (rest, option) = TcpOption::parse(options).ok()?;
        match option {
            TcpOption::EndOfList => break,
            TcpOption::NoOperation => seen.add(1u8),
            TcpOption::MaxSegmentSize(size) => seen.add(size),
            TcpOption::WindowScale(shift) => seen.add(shift),
            TcpOption::SackPermitted => seen.add(2u8),
            TcpOption::TimeStamp { tsval, tsecr } => {
                seen.add(tsval);
                seen.add(tsecr);
            }
            TcpOption::SackRange(blocks) => {
                for (left, right) in blocks.into_iter().flatten() {
                    seen.add(left);
                    seen.add(right);
                }
            }
            TcpOption::Unknown { .. } => return None,
        }
        options = rest;
    }
    seen.add(tcp.payload().len() as u64);
    Some(seen)
}

/// A frame with right lengths and checksums.
fn frame(flags: wire::TcpFlags, options: &[wire::TcpOption<'_>], payload: &[u8]) -> Vec<u8> {
    let mut buffer = wire::TcpOptionsBuffer::new();
    for option in options {
        buffer.push(*option).expect("they fit");
    }
    let mut ip = wire::Ipv4::new([192, 0, 2, 1].into(), [192, 0, 2, 2].into(), wire::Protocol::TCP);
    ip.dont_fragment = true;
    let tcp = wire::Tcp {
        source_port: 1024,
        destination_port: 80,
        seq: 0x1234_5678,
        ack: 0x9abc_def0,
        flags,
        window: 0xffff,
        options: buffer.options(),
        payload,
        ..wire::Tcp::default()
    };
    let (source, destination) = (wire::MacAddr([2, 0, 0, 0, 0, 1]), wire::MacAddr([2, 0, 0, 0, 0, 2]));
    let ethernet = wire::Ethernet::new(source, destination, wire::EtherType::IPV4);
    let packet = wire::Packet::new(wire::Ip::V4(ip), wire::Transport::Tcp(tcp));
    let frame = wire::Frame::new(ethernet, wire::Content::Ip(packet));
    frame.filled().and_then(|frame| frame.to_vec()).expect("it is a right frame")
}

fn frames() -> [(&'static str, Vec<u8>); 3] {
    use wire::{TcpFlags, TcpOption};
    let timestamps = TcpOption::Timestamps { value: 0x0102_0304, echo: 0x0506_0708 };
    let syn = [
        TcpOption::MaximumSegmentSize(1460),
        TcpOption::SackPermitted,
        timestamps,
        TcpOption::NoOperation,
        TcpOption::WindowScale(7),
    ];
    let usual = [TcpOption::NoOperation, TcpOption::NoOperation, timestamps];
    let data: Vec<u8> = (0..1448u32).map(|index| (index % 251) as u8).collect();
    [
        ("SYN", frame(TcpFlags::SYN, &syn, &[])),
        ("ACK", frame(TcpFlags::ACK, &usual, &[])),
        ("1448 octets", frame(TcpFlags::ACK | TcpFlags::PSH, &usual, &data)),
    ]
}

type Decoder = fn(&[u8], bool) -> Option<Decoded>;

const DECODERS: [(&str, Decoder); 5] = [
    ("ours, layers", ours_layers),
    ("ours, frame", ours_frame),
    ("etherparse, layers", etherparse_layers),
    ("etherparse, packet", etherparse_packet),
    ("smoltcp", smoltcp),
];

fn decode(criterion: &mut Criterion) {
    for (verify, what) in [(false, "decode"), (true, "decode and verify")] {
        let mut group = criterion.benchmark_group(what);
        for (name, octets) in &frames() {
            let expected = ours_layers(octets, true);
            assert!(expected.is_some(), "ours refuses {name}");
            for (decoder, decode) in DECODERS {
                assert_eq!(decode(octets, verify), expected, "{decoder} decodes {name} otherwise");
                group.bench_with_input(BenchmarkId::new(decoder, name), octets, |bencher, octets| {
                    bencher.iter(|| decode(black_box(octets), black_box(verify)));
                });
            }
        }
        group.finish();
    }
}

criterion_group!(benches, decode);
criterion_main!(benches);
