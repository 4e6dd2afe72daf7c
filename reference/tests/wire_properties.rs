//! Both round trips of every format: what is emitted parses to the same value, and what parses is emitted as it was.

mod wire_frames;

use proptest::array::{uniform4, uniform6, uniform16};
use proptest::collection::vec;
use proptest::prelude::*;
use wireproof_reference::wire::*;

/// Some octets, fewer than `most` and a multiple of `unit`.
fn octets(unit: usize, most: usize) -> impl Strategy<Value = Vec<u8>> {
    (0..=most / unit).prop_flat_map(move |units| vec(any::<u8>(), units * unit))
}

fn mac() -> impl Strategy<Value = MacAddr> {
    uniform6(any::<u8>()).prop_map(MacAddr)
}

fn no_tag() -> impl Strategy<Value = EtherType> {
    any::<u16>().prop_map(EtherType).prop_filter("a tag would follow", |ethertype| !ethertype.is_vlan())
}

fn tag() -> impl Strategy<Value = VlanTag> {
    (prop_oneof![Just(0x8100), Just(0x88a8), Just(0x9100)], any::<u16>())
        .prop_map(|(tpid, control)| VlanTag { tpid: EtherType(tpid), control })
}

fn tags() -> impl Strategy<Value = VlanTags> {
    prop_oneof![
        Just(VlanTags::None),
        tag().prop_map(VlanTags::One),
        (tag(), tag()).prop_map(|(outer, inner)| VlanTags::Two(outer, inner)),
    ]
}

fn ethernet() -> impl Strategy<Value = Ethernet> {
    (mac(), mac(), tags(), no_tag()).prop_map(|(destination, source, tags, ethertype)| Ethernet {
        destination,
        source,
        tags,
        ethertype,
    })
}

/// A header without options; lengths and checksum are any.
fn ipv4() -> impl Strategy<Value = Ipv4<'static>> {
    (
        (0..64u8, 0..4u8, any::<u16>(), any::<u16>()),
        (any::<[bool; 3]>(), 0..0x2000u16, any::<u8>(), any::<u8>()),
        (any::<u16>(), any::<u32>(), any::<u32>()),
    )
        .prop_map(|((dscp, ecn, total_len, identification), (flags, offset, ttl, protocol), more)| {
            let [reserved, dont_fragment, more_fragments] = flags;
            let (checksum, source, destination) = more;
            Ipv4 {
                dscp,
                ecn,
                total_len,
                identification,
                reserved,
                dont_fragment,
                more_fragments,
                fragment_offset: offset,
                ttl,
                protocol: Protocol(protocol),
                checksum,
                source: source.into(),
                destination: destination.into(),
                options: Ipv4Options::NONE,
            }
        })
}

/// A header without extension headers.
fn ipv6() -> impl Strategy<Value = Ipv6<'static>> {
    let protocol =
        any::<u8>().prop_map(Protocol).prop_filter("a header would follow", |next| !next.is_extension());
    (0..64u8, 0..4u8, 0..0x10_0000u32, protocol, any::<u8>(), any::<u128>(), any::<u128>()).prop_map(
        |(dscp, ecn, flow_label, next_header, hop_limit, source, destination)| Ipv6 {
            dscp,
            ecn,
            flow_label,
            payload_length: 0,
            next_header,
            hop_limit,
            source: source.into(),
            destination: destination.into(),
            extensions: Extensions::NONE,
        },
    )
}

/// A segment without options and payload.
fn tcp() -> impl Strategy<Value = Tcp<'static>> {
    (any::<(u16, u16)>(), any::<(u32, u32)>(), any::<u16>().prop_map(TcpFlags::from_bits), any::<[u16; 3]>())
        .prop_map(|((source_port, destination_port), (seq, ack), flags, [window, checksum, urgent])| Tcp {
            source_port,
            destination_port,
            seq,
            ack,
            flags,
            window,
            checksum,
            urgent,
            options: TcpOptions::NONE,
            payload: &[],
        })
}

/// Emits into just as much room as is needed, with none to spare.
fn emitted(len: usize, emit: impl Fn(&mut [u8]) -> Result<usize, Error>) -> Vec<u8> {
    let mut out = vec![0xa5; len];
    assert_eq!(emit(&mut out), Ok(len));
    if len > 0 {
        let error = emit(&mut vec![0; len - 1]).expect_err("an octet of room is missing");
        assert_eq!(error.fault, Fault::NoRoom, "{error}");
    }
    out
}

proptest! {
    #[test]
    fn ethernet_round_trip(header in ethernet(), payload in octets(1, 40)) {
        let mut out = emitted(header.wire_len(), |out| header.emit(out));
        out.extend(&payload);
        prop_assert_eq!(Ethernet::parse(&out), Ok((header, &payload[..])));
    }

    #[test]
    fn arp_round_trip(
        operation: u16,
        sender in (mac(), any::<u32>()),
        target in (mac(), any::<u32>()),
        trailer in octets(1, 18),
    ) {
        let arp = Arp {
            operation: ArpOperation(operation),
            sender_mac: sender.0,
            sender_ip: sender.1.into(),
            target_mac: target.0,
            target_ip: target.1.into(),
            trailer: &trailer,
        };
        let out = emitted(arp.wire_len(), |out| arp.emit(out));
        prop_assert_eq!(Arp::parse(&out), Ok(arp));
    }

    #[test]
    fn ipv4_round_trip(header in ipv4(), options in octets(4, 40), payload in octets(1, 40)) {
        let len = 20 + options.len() + payload.len();
        let total_len = u16::try_from(len).expect("it is short");
        let header = Ipv4 { total_len, options: Ipv4Options::new(&options), ..header };
        let mut out = emitted(header.wire_len(), |out| header.emit(out));
        out.extend(&payload);
        prop_assert_eq!(Ipv4::parse(&out), Ok((header, &payload[..])));
        let filled = header.filled(payload.len()).expect("it is short");
        prop_assert!(filled.is_checksum_right());
        let out = emitted(filled.wire_len(), |out| filled.emit(out));
        prop_assert_eq!(checksum(&out), 0, "the sum of the fields is not that of the octets");
    }

    #[test]
    fn ipv6_round_trip(header in ipv6(), payload in octets(1, 40)) {
        let header = header.filled(payload.len()).expect("it is short");
        let mut out = emitted(header.wire_len(), |out| header.emit(out));
        out.extend(&payload);
        prop_assert_eq!(Ipv6::parse(&out), Ok((header, &payload[..])));
    }

    #[test]
    fn tcp_round_trip(segment in tcp(), options in octets(4, 40), payload in octets(1, 80), ends: (u32, u32)) {
        let segment = Tcp { options: TcpOptions::new(&options), payload: &payload, ..segment };
        let out = emitted(segment.wire_len(), |out| segment.emit(out));
        prop_assert_eq!(Tcp::parse(&out), Ok(segment));
        let pseudo = PseudoHeader::V4 { source: ends.0.into(), destination: ends.1.into() };
        let filled = segment.filled(&pseudo);
        prop_assert!(filled.is_checksum_right(&pseudo));
        let out = emitted(filled.wire_len(), |out| filled.emit(out));
        let sum = pseudo.sum(Protocol::TCP, out.len()).octets(&out);
        prop_assert_eq!(sum.checksum(), 0, "the sum of the fields is not that of the octets");
    }

    #[test]
    fn udp_round_trip(
        fields: [u16; 3],
        payload in octets(1, 80),
        surplus in octets(1, 8),
        ends: (u128, u128),
    ) {
        let [source_port, destination_port, checksum] = fields;
        let length = u16::try_from(8 + payload.len()).expect("it is short");
        let udp =
            Udp { source_port, destination_port, length, checksum, payload: &payload, surplus: &surplus };
        let out = emitted(udp.wire_len(), |out| udp.emit(out));
        prop_assert_eq!(Udp::parse(&out), Ok(udp));
        let pseudo = PseudoHeader::V6 { source: ends.0.into(), destination: ends.1.into() };
        let filled = udp.filled(&pseudo).expect("it is short");
        prop_assert!(filled.is_checksum_right(&pseudo));
        prop_assert_ne!(filled.checksum, 0, "zero says that there is no checksum");
    }

    #[test]
    fn icmpv4_round_trip(code: u8, checksum: u16, which in 0..11usize, word: u32, data in octets(1, 60)) {
        let quote = Span::new(&data);
        let [a, b, c, d] = word.to_be_bytes();
        let (high, low) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
        let echo = Echo { identifier: high, sequence: low, data: &data };
        let times = IcmpTimestamp {
            identifier: low,
            sequence: high,
            originate: word,
            receive: !word,
            transmit: word ^ 0xff,
            trailer: &data,
        };
        let message = match which {
            0 => Icmpv4Message::EchoReply(echo),
            1 => Icmpv4Message::DestinationUnreachable { unused: high, next_hop_mtu: low, quote },
            2 => Icmpv4Message::SourceQuench { unused: word, quote },
            3 => Icmpv4Message::Redirect { gateway: word.into(), quote },
            4 => Icmpv4Message::EchoRequest(echo),
            5 => Icmpv4Message::TimeExceeded { unused: word, quote },
            6 => Icmpv4Message::ParameterProblem { pointer: a, unused: [b, c, d], quote },
            7 => Icmpv4Message::TimestampRequest(times),
            8 => Icmpv4Message::TimestampReply(times),
            9 => Icmpv4Message::Unknown { kind: 20 + a % 200, data: &data },
            _ => Icmpv4Message::Unknown { kind: 1, data: &[] },
        };
        let icmp = Icmpv4 { code, checksum, message };
        let out = emitted(icmp.wire_len(), |out| icmp.emit(out));
        prop_assert_eq!(Icmpv4::parse(&out), Ok(icmp));
        let filled = icmp.filled();
        prop_assert!(filled.is_checksum_right());
        let out = emitted(filled.wire_len(), |out| filled.emit(out));
        prop_assert_eq!(wireproof_reference::wire::checksum(&out), 0);
    }

    #[test]
    fn icmpv6_round_trip(
        code: u8,
        checksum: u16,
        which in 0..13usize,
        word: u32,
        ends: (u128, u128),
        data in octets(1, 60),
    ) {
        let quote = Span::new(&data);
        let options = NdpOptions::new(&data);
        let (target, destination) = (ends.0.into(), ends.1.into());
        let [a, b, c, d] = word.to_be_bytes();
        let (high, low) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
        let echo = Echo { identifier: high, sequence: low, data: &data };
        let advertisement = RouterAdvertisement {
            hop_limit: a,
            flags: b,
            router_lifetime: low,
            reachable_time: word,
            retransmit_timer: !word,
            options,
        };
        let message = match which {
            0 => Icmpv6Message::DestinationUnreachable { unused: word, quote },
            1 => Icmpv6Message::PacketTooBig { mtu: word, quote },
            2 => Icmpv6Message::TimeExceeded { unused: word, quote },
            3 => Icmpv6Message::ParameterProblem { pointer: word, quote },
            4 => Icmpv6Message::EchoRequest(echo),
            5 => Icmpv6Message::EchoReply(echo),
            6 => Icmpv6Message::RouterSolicitation { reserved: word, options },
            7 => Icmpv6Message::RouterAdvertisement(advertisement),
            8 => Icmpv6Message::NeighborSolicitation { reserved: word, target, options },
            9 => Icmpv6Message::NeighborAdvertisement { flags: NeighborFlags(word), target, options },
            10 => Icmpv6Message::Redirect { reserved: word, target, destination, options },
            11 => Icmpv6Message::Unknown { kind: 138 + a % 100, data: &data },
            _ => Icmpv6Message::Unknown { kind: 100, data: &[] },
        };
        let icmp = Icmpv6 { code, checksum, message };
        let out = emitted(icmp.wire_len(), |out| icmp.emit(out));
        prop_assert_eq!(Icmpv6::parse(&out), Ok(icmp));
        let pseudo = PseudoHeader::V6 { source: target, destination };
        let filled = icmp.filled(&pseudo);
        prop_assert!(filled.is_checksum_right(&pseudo));
        let out = emitted(filled.wire_len(), |out| filled.emit(out));
        prop_assert_eq!(pseudo.sum(Protocol::ICMPV6, out.len()).octets(&out).checksum(), 0);
    }
}

proptest! {
    #[test]
    fn every_tcp_option_round_trips(
        which in 0..17usize,
        numbers: (u32, u32),
        data in octets(1, 36),
        digest in uniform16(any::<u8>()),
        blocks in vec(any::<[u8; 8]>(), 1..=4),
        units in 2..=8usize,
    ) {
        let [a, b, c, d] = numbers.0.to_be_bytes();
        let word = u16::from_be_bytes([c, d]);
        let cookie = &digest[..units * 2];
        let option = match which {
            0 => TcpOption::EndOfList,
            1 => TcpOption::NoOperation,
            2 => TcpOption::MaximumSegmentSize(word),
            3 => TcpOption::WindowScale(a),
            4 => TcpOption::SackPermitted,
            5 => TcpOption::Sack(SackBlocks(&blocks)),
            6 => TcpOption::Timestamps { value: numbers.0, echo: numbers.1 },
            7 => TcpOption::UserTimeout { minutes: a & 1 == 1, value: word & 0x7fff },
            8 => TcpOption::FastOpen(cookie),
            9 => TcpOption::FastOpen(&[]),
            10 => TcpOption::FastOpenExperimental(cookie),
            11 => TcpOption::Md5(&digest),
            12 => TcpOption::Ao { key_id: a, next_key_id: b, mac: &data },
            13 => TcpOption::Mptcp(&data),
            14 => TcpOption::AccEcn0(AccEcnCounters(&data)),
            15 => TcpOption::AccEcn1(AccEcnCounters(&data)),
            _ => TcpOption::Unknown { kind: 200 + a % 50, data: &data },
        };
        let out = emitted(option.wire_len(), |out| option.emit(out));
        prop_assert_eq!(out[0], option.kind());
        let mut walk = TcpOptions::new(&out).iter();
        prop_assert_eq!(walk.next(), Some(Ok(option)));
        prop_assert_eq!(walk.next(), None);
        let mut buffer = TcpOptionsBuffer::new();
        let pushed = buffer.push(option);
        prop_assert_eq!(pushed.is_ok(), out.len() <= TcpOptionsBuffer::MAX_LEN);
        if pushed.is_ok() {
            prop_assert_eq!(&buffer.options().octets()[..out.len()], &out[..]);
            prop_assert!(buffer.options().octets()[out.len()..].iter().all(|padding| *padding == 0));
            prop_assert!(buffer.options().octets().len().is_multiple_of(4));
        }
    }

    #[test]
    fn every_ipv4_option_round_trips(which in 0..8usize, pointer: u8, nibbles in (0..16u8, 0..16u8), data in octets(1, 36)) {
        let route = Route { pointer, data: &data };
        let option = match which {
            0 => Ipv4Option::EndOfList,
            1 => Ipv4Option::NoOperation,
            2 => Ipv4Option::RecordRoute(route),
            3 => Ipv4Option::LooseSourceRoute(route),
            4 => Ipv4Option::StrictSourceRoute(route),
            5 => Ipv4Option::Timestamp { pointer, overflow: nibbles.0, flag: nibbles.1, data: &data },
            6 => Ipv4Option::RouterAlert(u16::from(pointer) << 4),
            _ => Ipv4Option::Unknown { kind: 200 + pointer % 50, data: &data },
        };
        let out = emitted(option.wire_len(), |out| option.emit(out));
        let mut walk = Ipv4Options::new(&out).iter();
        prop_assert_eq!(walk.next(), Some(Ok(option)));
        prop_assert_eq!(walk.next(), None);
    }

    #[test]
    fn every_ndp_option_round_trips(
        which in 0..6usize,
        mac in mac(),
        words: [u32; 3],
        prefix: u128,
        octet: u8,
        packet in octets(8, 80),
    ) {
        let [first, second, third] = words;
        let [_, _, high, low] = first.to_be_bytes();
        let unknown = [&mac.0[..], &packet].concat();
        let option = match which {
            0 => NdpOption::SourceLinkLayerAddress(mac),
            1 => NdpOption::TargetLinkLayerAddress(mac),
            2 => NdpOption::PrefixInformation {
                prefix_len: octet,
                flags: high,
                valid_lifetime: first,
                preferred_lifetime: second,
                reserved: third,
                prefix: prefix.into(),
            },
            3 => NdpOption::RedirectedHeader { reserved: &mac.0, packet: Span::new(&packet) },
            4 => NdpOption::Mtu { reserved: u16::from_be_bytes([high, low]), mtu: second },
            _ => NdpOption::Unknown { kind: 6 + octet % 200, data: &unknown },
        };
        let out = emitted(option.wire_len(), |out| option.emit(out));
        let mut walk = NdpOptions::new(&out).iter();
        prop_assert_eq!(walk.next(), Some(Ok(option)));
        prop_assert_eq!(walk.next(), None);
    }

    #[test]
    fn every_option_of_extension_headers_round_trips(which in 0..5usize, word: u32, data in octets(1, 255)) {
        let [kind, _, high, low] = word.to_be_bytes();
        let option = match which {
            0 => ExtensionOption::Pad1,
            1 => ExtensionOption::PadN(&data),
            2 => ExtensionOption::RouterAlert(u16::from_be_bytes([high, low])),
            3 => ExtensionOption::JumboPayload(word),
            _ => ExtensionOption::Unknown { kind: 6 + kind % 180, data: &data },
        };
        let out = emitted(option.wire_len(), |out| option.emit(out));
        let mut walk = ExtensionOptions::new(&out).iter();
        prop_assert_eq!(walk.next(), Some(Ok(option)));
        prop_assert_eq!(walk.next(), None);
    }

    #[test]
    fn chains_of_extension_headers_round_trip(
        kinds in vec(0..4usize, 0..6),
        data in octets(8, 64),
        atomic: (u8, u32),
        header in ipv6(),
        payload in octets(1, 40),
    ) {
        let tail = [&[0; 6], &data[..]].concat();
        let build = |kind: usize, next: Protocol| match kind {
            0 => Extension::HopByHop(ExtensionOptions::new(&tail)),
            1 => Extension::Destination(ExtensionOptions::new(&tail)),
            2 => Extension::Routing(Routing { routing_type: 9, segments_left: 1, data: &tail[2..] }),
            _ => Extension::Fragment(FragmentHeader {
                next_header: next,
                reserved: atomic.0,
                offset: 0,
                reserved_bits: atomic.0 & 3,
                more: false,
                identification: atomic.1,
            }),
        };
        // From the last to the first, since each tells the next.
        let mut next = header.next_header;
        let mut chain = Vec::new();
        let mut raw = Vec::new();
        for kind in kinds.iter().rev() {
            let extension = build(*kind, next);
            raw = [emitted(extension.wire_len(), |out| extension.emit(next, out)), raw].concat();
            chain.insert(0, Ok(extension));
            next = extension.kind();
        }
        let header = Ipv6 { next_header: next, extensions: Extensions::new(&raw), ..header };
        let upper = if kinds.is_empty() { header.next_header } else { header.protocol() };
        let header = header.filled(payload.len()).expect("it is short");
        // Without payload and with hop-by-hop options, a length of zero would be a jumbogram's.
        prop_assume!(header.payload_length > 0);
        let mut out = emitted(header.wire_len(), |out| header.emit(out));
        out.extend(&payload);
        let (parsed, rest) = Ipv6::parse(&out).expect("it is well-formed");
        prop_assert_eq!((parsed, rest), (header, &payload[..]));
        prop_assert_eq!(parsed.protocol(), upper);
        prop_assert_eq!(parsed.payload_len(), payload.len());
        prop_assert_eq!(parsed.extensions().collect::<Vec<_>>(), chain);
    }
}

/// What a packet may carry, over the version of IP that it belongs to; emitted parts come from `data`.
fn transport<'a>(which: usize, tcp: Tcp<'a>, options: &'a [u8], data: &'a [u8]) -> Transport<'a> {
    let echo = Echo { identifier: tcp.source_port, sequence: tcp.destination_port, data };
    match which {
        0 => Transport::Tcp(Tcp { options: TcpOptions::new(options), payload: data, ..tcp }),
        1 => Transport::Udp(Udp {
            source_port: tcp.source_port,
            destination_port: tcp.destination_port,
            payload: data,
            ..Udp::default()
        }),
        2 => Transport::Icmpv4(Icmpv4::new(0, Icmpv4Message::EchoRequest(echo))),
        3 => Transport::Icmpv6(Icmpv6::new(0, Icmpv6Message::EchoReply(echo))),
        _ => Transport::Other { protocol: Protocol(253), octets: data },
    }
}

proptest! {
    #[test]
    fn a_frame_that_was_filled_in_round_trips_with_right_checksums(
        which in 0..5usize,
        headers in (ethernet(), ipv4(), ipv6(), tcp()),
        options in octets(4, 40),
        data in octets(1, 300),
        trailer in octets(1, 20),
        is_v4: bool,
    ) {
        let (ethernet, v4, v6, tcp) = headers;
        let is_v4 = match which { 2 => true, 3 => false, _ => is_v4 };
        let v4 = Ipv4 { more_fragments: false, fragment_offset: 0, ..v4 };
        let (ip, ethertype) =
            if is_v4 { (Ip::V4(v4), EtherType::IPV4) } else { (Ip::V6(v6), EtherType::IPV6) };
        let packet = Packet { ip, transport: transport(which, tcp, &options, &data), trailer: &trailer };
        let frame = Frame::new(Ethernet { ethertype, ..ethernet }, Content::Ip(packet));
        let filled = frame.filled().expect("it is short");
        let out = emitted(filled.wire_len(), |out| filled.emit(out));
        // A payload length of zero would leave the trailer to be told apart; there is always some header.
        prop_assume!(filled.packet().is_some_and(|packet| packet.ip.payload_len() > 0));
        let parsed = Frame::parse(&out).expect("it is well-formed");
        prop_assert_eq!(parsed, filled);
        prop_assert_eq!(Frame::parse_cut(&out), Ok(filled));
        let checksums = parsed.packet().expect("it is IP").checksums();
        prop_assert!(checksums.are_right(), "{:?}", checksums);
    }

    #[test]
    fn fragments_round_trip(header in ipv4(), units in 1..0x2000u16, data in octets(1, 60)) {
        let header = Ipv4 { fragment_offset: units, ..header };
        let fragment = Transport::Fragment { protocol: header.protocol, octets: &data };
        let packet = Packet::new(Ip::V4(header), fragment).filled().expect("it is short");
        let out = emitted(packet.wire_len(), |out| packet.emit(out));
        prop_assert_eq!(Packet::parse(&out), Ok(packet));
    }

    #[test]
    fn any_octets_that_parse_are_emitted_again_as_they_were(octets in octets(1, 120)) {
        let again = |emitted: Result<Vec<u8>, Error>| emitted.as_deref() == Ok(&octets[..]);
        if let Ok(frame) = Frame::parse(&octets) {
            prop_assert!(again(frame.to_vec()), "{}", frame);
        }
        for packet in [Packet::parse(&octets), Packet::parse_cut(&octets)].into_iter().flatten() {
            prop_assert!(again(packet.to_vec()), "{}", packet);
        }
        if let Ok(tcp) = Tcp::parse(&octets) {
            prop_assert_eq!(&emitted(tcp.wire_len(), |out| tcp.emit(out)), &octets);
        }
        if let Ok(udp) = Udp::parse(&octets) {
            prop_assert_eq!(&emitted(udp.wire_len(), |out| udp.emit(out)), &octets);
        }
        if let Ok(icmp) = Icmpv4::parse(&octets) {
            prop_assert_eq!(&emitted(icmp.wire_len(), |out| icmp.emit(out)), &octets);
        }
        if let Ok(icmp) = Icmpv6::parse(&octets) {
            prop_assert_eq!(&emitted(icmp.wire_len(), |out| icmp.emit(out)), &octets);
        }
    }

    #[test]
    fn a_frame_with_any_octets_written_over_it_is_emitted_again_as_it_was(
        which: prop::sample::Index,
        at: prop::sample::Index,
        over in octets(1, 12),
        cut: prop::sample::Index,
    ) {
        let frames = wire_frames::all();
        let (_, mut octets) = frames[which.index(frames.len())].clone();
        let at = at.index(octets.len());
        for (place, octet) in octets[at..].iter_mut().zip(&over) {
            *place = *octet;
        }
        octets.truncate(octets.len() - cut.index(3));
        for frame in [Frame::parse(&octets), Frame::parse_cut(&octets)].into_iter().flatten() {
            prop_assert_eq!(frame.to_vec(), Ok(octets.clone()));
            prop_assert!(!frame.to_string().contains('\n'));
            prop_assert!(!frame.tree().to_string().is_empty());
        }
    }

    #[test]
    fn walks_over_any_options_end_and_give_back_what_they_did_not_walk_over(octets in octets(1, 40)) {
        let mut walk = TcpOptions::new(&octets).iter();
        let mut again = Vec::new();
        for option in walk.by_ref().take(41).flatten() {
            again.extend(emitted(option.wire_len(), |out| option.emit(out)));
        }
        prop_assert!(walk.next().is_none());
        again.extend(walk.rest());
        prop_assert_eq!(again, octets);
    }

    #[test]
    fn the_checksum_is_that_of_rfc_1071_word_by_word(octets in octets(1, 400), cut: prop::sample::Index) {
        let mut sum = 0u32;
        for pair in octets.chunks(2) {
            let word = u16::from_be_bytes([pair[0], pair.get(1).copied().unwrap_or_default()]);
            sum += u32::from(word);
            sum = (sum & 0xffff) + (sum >> 16);
        }
        // At most 16 bits are left.
        let expected = !(sum as u16);
        prop_assert_eq!(checksum(&octets), expected);
        let (first, second) = octets.split_at(cut.index(octets.len() + 1) & !1);
        let in_two = checksum::Sum::ZERO.octets(first).octets(second).checksum();
        prop_assert_eq!(in_two, expected);
    }

    #[test]
    fn addresses_print_as_they_are_written(octets in uniform4(any::<u8>())) {
        let [a, b, c, d] = octets;
        let mac = MacAddr([2, 0, a, b, c, d]);
        prop_assert_eq!(mac.to_string(), format!("02:00:{a:02x}:{b:02x}:{c:02x}:{d:02x}"));
    }
}
