//! Fields and options of segments written by hand: octets in, values out, checked against RFC 9293 3.1 and the RFC of
//! each option.

mod wire_frames;

use wire_frames::read::{options, segment};
use wire_frames::{octets, tcp};
use wireproof_reference::wire::*;

#[test]
fn tcp_fields() {
    segment(tcp::DATA, |tcp| {
        assert_eq!((tcp.source_port, tcp.destination_port), (1024, 80));
        assert_eq!((tcp.seq, tcp.ack, tcp.window, tcp.urgent), (101, 301, 512, 0));
        assert_eq!(tcp.flags, TcpFlags::PSH | TcpFlags::ACK);
        assert_eq!(tcp.header_len(), 32);
        assert_eq!(tcp.payload, b"GET /\r\n");
        assert_eq!(tcp.seg_len(), 7);
    });
    segment(tcp::SYN, |tcp| assert_eq!((tcp.flags, tcp.seg_len()), (TcpFlags::SYN, 1)));
}

#[test]
fn all_twelve_bits_are_told_apart() {
    segment(tcp::ALL_BITS, |tcp| {
        assert_eq!(tcp.flags.bits(), 0xfff);
        assert_eq!(tcp.flags.reserved(), 7);
        assert_eq!((tcp.urgent, tcp.seq, tcp.ack), (0x1234, u32::MAX, 1 << 31));
    });
    let bits = [
        ("f001", TcpFlags::FIN),
        ("f002", TcpFlags::SYN),
        ("f004", TcpFlags::RST),
        ("f008", TcpFlags::PSH),
        ("f010", TcpFlags::ACK),
        ("f020", TcpFlags::URG),
        ("f040", TcpFlags::ECE),
        ("f080", TcpFlags::CWR),
        ("f100", TcpFlags::AE),
        ("f200", TcpFlags::NONE.with_reserved(1)),
        ("f400", TcpFlags::NONE.with_reserved(2)),
        ("f800", TcpFlags::NONE.with_reserved(4)),
    ];
    for (word, flag) in bits {
        let header = octets(&format!("0000 0000 00000000 00000000 5{} 0000 0000 0000", &word[1..]));
        assert_eq!(Tcp::parse(&header).expect("it is a header").flags, flag, "{word}");
    }
}

#[test]
fn the_usual_options_of_a_syn() {
    options(tcp::SYN, |options| {
        let expected = [
            TcpOption::MaximumSegmentSize(1460),
            TcpOption::SackPermitted,
            TcpOption::Timestamps { value: 10, echo: 0 },
            TcpOption::NoOperation,
            TcpOption::WindowScale(7),
        ];
        assert_eq!(options, expected.map(Ok));
    });
}

#[test]
fn sack_blocks_with_their_edges() {
    options(tcp::SACK, |options| {
        let Some(Ok(TcpOption::Sack(blocks))) = options.last() else { panic!("{options:?}") };
        let expected = [
            SackBlock { left: 401, right: 501 },
            SackBlock { left: 601, right: 701 },
            SackBlock { left: 0xffff_ff00, right: 16 },
        ];
        assert_eq!(blocks.iter().collect::<Vec<_>>(), expected);
    });
}

#[test]
fn the_options_that_are_rarer() {
    options(tcp::UTO_TFO_MD5, |options| {
        let digest: [u8; 16] = core::array::from_fn(|index| u8::try_from(index).expect("it is small"));
        let expected = [
            TcpOption::UserTimeout { minutes: true, value: 5 },
            TcpOption::FastOpen(&[1, 2, 3, 4, 5, 6, 7, 8]),
            TcpOption::NoOperation,
            TcpOption::NoOperation,
            TcpOption::Md5(&digest),
            TcpOption::NoOperation,
            TcpOption::EndOfList,
        ];
        assert_eq!(options, expected.map(Ok));
    });
    options(tcp::AO_MPTCP_ACCECN, |options| {
        let mac: Vec<u8> = (0..12).collect();
        let counters = [0, 0, 1, 0, 0, 2, 0xff, 0xff, 0xfe];
        let expected = [
            TcpOption::Ao { key_id: 61, next_key_id: 84, mac: &mac },
            TcpOption::Mptcp(&[0x00, 0x81, 1, 2, 3, 4, 5, 6, 7, 8]),
            TcpOption::AccEcn0(AccEcnCounters(&counters)),
            TcpOption::NoOperation,
        ];
        assert_eq!(options, expected.map(Ok));
        assert_eq!(AccEcnCounters(&counters).iter().collect::<Vec<_>>(), [1, 2, 16_777_214]);
    });
    options(tcp::EXPERIMENTAL, |options| {
        let expected = [
            TcpOption::FastOpenExperimental(&[1, 2, 3, 4]),
            TcpOption::AccEcn1(AccEcnCounters(&[0, 0, 7])),
            TcpOption::Unknown { kind: 253, data: &[0x12, 0x34, 0xab, 0xcd] },
            TcpOption::Unknown { kind: 6, data: &[1, 2, 3, 4] },
            TcpOption::EndOfList,
        ];
        assert_eq!(options, expected.map(Ok), "what follows the end of the list is no option");
    });
    options(tcp::FAST_OPEN_REQUESTS, |options| {
        let expected = [
            TcpOption::FastOpen(&[]),
            TcpOption::FastOpenExperimental(&[]),
            TcpOption::AccEcn0(AccEcnCounters(&[])),
        ];
        assert_eq!(options, expected.map(Ok));
    });
}

#[test]
fn a_known_kind_with_a_length_that_its_rfc_does_not_define_is_unknown() {
    options(tcp::STRANGE_LENGTHS, |options| {
        let kinds: Vec<u8> = options
            .into_iter()
            .map(|option| option.expect("each has a length"))
            .filter_map(|option| match option {
                TcpOption::Unknown { kind, .. } => Some(kind),
                _ => None,
            })
            .collect();
        assert_eq!(kinds, [2, 3, 4, 5, 8, 34, 19, 29, 5]);
    });
}

#[test]
fn of_an_accurate_ecn_option_of_another_length_the_whole_counters_count() {
    let cases: [(&[u8], &[u32]); 4] = [
        (&[0, 0], &[]),
        (&[0, 0, 1, 9], &[1]),
        (&[0, 0, 1, 0, 0, 2, 0, 0, 3, 9], &[1, 2, 3]),
        (&[0, 0, 1, 0, 0, 2, 0, 0, 3, 0, 0, 4], &[1, 2, 3]),
    ];
    for (data, counters) in cases {
        let raw = [&[172, u8::try_from(2 + data.len()).expect("it is short")], data].concat();
        let Some(Ok(TcpOption::AccEcn0(seen))) = TcpOptions::new(&raw).iter().next() else {
            panic!("{raw:02x?}")
        };
        assert_eq!(seen.iter().collect::<Vec<_>>(), counters, "RFC 9768 3.2.3");
    }
}

#[test]
fn a_length_that_is_none_is_an_error_that_ends_the_walk_while_the_segment_parses() {
    let cases = [
        (tcp::OPTION_LENGTH_0, 1, "TCP option length at octet 56: needs to be at least 2, is 0"),
        (tcp::OPTION_LENGTH_1, 0, "TCP option length at octet 55: needs to be at least 2, is 1"),
        (tcp::OPTION_PAST_THE_END, 2, "TCP option at octet 58: needs 2 octets, 0 are there"),
        (tcp::KIND_WITHOUT_LENGTH, 3, "TCP option length at octet 58: needs 1 octets, 0 are there"),
    ];
    for (text, before, message) in cases {
        options(text, |options| {
            assert_eq!(options.len(), before + 1, "{options:?}");
            assert!(options[..before].iter().all(|option| *option == Ok(TcpOption::NoOperation)));
            let error = options[before].expect_err("it is malformed");
            assert_eq!(error.to_string(), message);
        });
    }
}

#[test]
fn options_are_built_in_place_and_refused_when_there_is_no_room() {
    let mut buffer = TcpOptionsBuffer::new();
    buffer.push(TcpOption::NoOperation).expect("there is room");
    let block = SackBlock { left: 1, right: 2 };
    buffer.push_sack(&[block; 4]).expect("there is room");
    assert_eq!((buffer.len(), buffer.left()), (35, 5));
    let error = buffer.push(TcpOption::Timestamps { value: 1, echo: 2 }).expect_err("there is none");
    assert_eq!((error.fault, error.offset, error.needed, error.had), (Fault::NoRoom, 35, 10, 5));
    assert!(buffer.push_sack(&[block; 5]).is_err());
    buffer.push_raw(&[2, 0, 9]).expect("malformed octets go in as well");
    assert_eq!(buffer.options().octets().len(), 40);
    assert_eq!(buffer.options().octets()[35..], [2, 0, 9, 0, 0]);
}
