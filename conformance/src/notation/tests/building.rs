//! Messages to octets. The octets are made by hand from RFC 791, 8200, 792, 4443 and 9293, checksums by RFC 1071.

use super::*;

/// The tester sends `text`; 100 is 1000, 300 is 5000.
#[track_caller]
fn sends(text: &str, is_v4: bool, octets: &str) {
    assert_eq!(packet_of(text, Side::Tester, is_v4, &world()), unhex(octets), "{text}");
}

#[track_caller]
fn refuses(text: &str, error: &str) {
    refuses_in(text, true, &world(), error);
}

#[track_caller]
fn refuses_in(text: &str, is_v4: bool, world: &World, error: &str) {
    let message = text.parse().unwrap();
    let built = build(&message, Side::Tester, path(Side::Tester, is_v4), &honest(), &established(), world);
    assert_eq!(built.unwrap_err().to_string(), error, "{text}");
}

/// Version and header length, service, length; identification, DF; TTL 64, TCP, checksum; addresses.
const IPV4_40: &str = "4500 0028 0000 4000 4006 b6cc c0000201 c0000202";

#[test]
fn a_syn_bears_the_mss_of_its_version_of_ip_and_nothing_else() {
    sends(
        "<SEQ=100><CTL=SYN>",
        true,
        "4500 002c 0000 4000 4006 b6c8 c0000201 c0000202
         0400 0050 000003e8 00000000 6002 ffff 0beb 0000 020405b4",
    );
    sends(
        "<SEQ=100><CTL=SYN>",
        false,
        "60000000 0018 06 40 20010db8000000000000000000000001 20010db8000000000000000000000002
         0400 0050 000003e8 00000000 6002 ffff 348e 0000 020405a0",
    );
}

#[test]
fn a_syn_without_mss_has_no_options() {
    let octets = format!("{IPV4_40} 0400 0050 000003e8 00000000 5002 ffff 23a7 0000");
    sends("<SEQ=100><CTL=SYN><no MSS>", true, &octets);
}

#[test]
fn options_written_replace_those_of_an_honest_peer_and_are_padded_with_zeros() {
    sends(
        "<SEQ=100><CTL=SYN><MSS=1460><NOP><WS=7><SACKOK><TS=10,0>",
        true,
        "4500 003c 0000 4000 4006 b6b8 c0000201 c0000202
         0400 0050 000003e8 00000000 a002 ffff bbba 0000
         020405b4 01 030307 0402 080a 0000000a 00000000",
    );
    let options = |text: &str| packet_of(text, Side::Tester, true, &world())[40..].to_vec();
    assert_eq!(options("<CTL=SYN><WS=7>"), [3, 3, 7, 0]);
    assert_eq!(options("<CTL=SYN><EOL>"), [0, 0, 0, 0]);
    assert_eq!(options("<CTL=ACK><OPT=fd00>"), [0xfd, 0, 0, 0]);
    assert_eq!(options("<CTL=ACK><UTO=30><UTO=30min>"), [28, 4, 0, 30, 28, 4, 0x80, 30]);
    assert_eq!(options("<CTL=SYN><TFO=><TFO=exp:0102>"), [34, 2, 254, 6, 0xf9, 0x89, 1, 2]);
    assert_eq!(options("<CTL=ACK><MD5>"), [&[19, 18][..], &[0; 16], &[0; 2]].concat());
    assert_eq!(options("<CTL=ACK><AO=0102aa>"), [29, 5, 1, 2, 0xaa, 0, 0, 0]);
    assert_eq!(options("<CTL=ACK><AO>"), [&[29, 16][..], &[0; 14]].concat());
}

#[test]
fn sack_blocks_count_in_the_numbers_of_the_side_they_acknowledge() {
    sends(
        "<SEQ=101><CTL=ACK><NOP><NOP><SACK=401..501,601..701><no TS>",
        true,
        "4500 003c 0000 4000 4006 b6b8 c0000201 c0000202
         0400 0050 000003e9 00001389 a010 ffff 67db 0000
         01 01 05 12 000013ed 00001451 000014b5 00001519",
    );
}

#[test]
fn what_is_not_written_is_what_an_honest_peer_would_send() {
    // SND.NXT, RCV.NXT, ACK, window 65535.
    let octets = format!("{IPV4_40} 0400 0050 000003e9 00001389 5010 ffff 100f 0000");
    sends("<CTL=ACK>", true, &octets);
    sends("<SEQ=101><ACK=301>", true, &octets);
    sends("<SEQ=RCV.NXT><ACK=SND.NXT><CTL=ACK><WND=65535>", true, &octets);
    sends("<SEQ=abs:1001><ACK=abs:5001>", true, &octets);
}

#[test]
fn a_segment_without_ack_bit_has_no_acknowledgment_unless_it_is_written() {
    let packet = packet_of("<SEQ=101><CTL=RST>", Side::Tester, true, &world());
    assert_eq!(packet[28..34], [0, 0, 0, 0, 0x50, 0x04]);
    let packet = packet_of("<SEQ=101><ACK=301><CTL=RST>", Side::Tester, true, &world());
    assert_eq!(packet[28..34], [0, 0, 0x13, 0x89, 0x50, 0x04]);
}

#[test]
fn data_are_the_streams_octets_from_the_one_behind_the_syn_on() {
    sends(
        "<SEQ=101><ACK=301><CTL=ACK,PSH><DATA=5>",
        true,
        "4500 002d 0000 4000 4006 b6c7 c0000201 c0000202
         0400 0050 000003e9 00001389 5018 ffff 09fe 0000 0001020304",
    );
    let payload = |text: &str| packet_of(text, Side::Tester, true, &world())[40..].to_vec();
    assert_eq!(payload("<SEQ=351><DATA=3>"), [250, 0, 1]);
    assert_eq!(payload("<SEQ=101><DATA=\"GET\">"), *b"GET");
    assert_eq!(payload("<SEQ=100><CTL=SYN><DATA=2><no MSS>"), [0, 1], "behind the SYN");
    assert_eq!(payload("<SEQ=100><DATA=\"x\">"), *b"x", "before the stream, a literal");
    assert_eq!(payload("<SEQ=100><DATA=0>"), [0_u8; 0], "none is none anywhere");
    refuses(
        "<SEQ=99><DATA=3>",
        "DATA: found a count from 2 octets before the stream's first, expected a literal such as `DATA=\"x\"`",
    );
}

#[test]
fn data_are_the_streams_octets_where_literals_were_written_too() {
    let mut world = world();
    world.literals.extend([(0, b'G'), (1, b'E'), (2, b'T')]);
    assert_eq!(packet_of("<SEQ=102><DATA=4>", Side::Tester, true, &world)[40..], [b'E', b'T', 3, 4]);
}

#[test]
fn what_no_honest_peer_would_send_is_wrong_in_that_alone() {
    sends("<SUM=bad>", true, &format!("{IPV4_40} 0400 0050 000003e9 00001389 5010 ffff 455a 0000"));
    sends("<OFF=4>", true, &format!("{IPV4_40} 0400 0050 000003e9 00001389 4010 ffff 200f 0000"));
    sends("<RES=3>", true, &format!("{IPV4_40} 0400 0050 000003e9 00001389 5610 ffff 0a0f 0000"));
    sends(
        "<IPLEN=39>",
        true,
        "4500 0027 0000 4000 4006 b6cd c0000201 c0000202 0400 0050 000003e9 00001389 5010 ffff 100f 0000",
    );
    assert_eq!(packet_of("<IPLEN=19>", Side::Tester, false, &world())[4..6], [0, 19]);
}

#[test]
fn the_fields_of_the_ip_header_are_as_written() {
    sends(
        "<CTL=ACK,AE><TTL=1><DSCP=46><ECN=CE><ID=4660><no DF><IPOPT=94040000>",
        true,
        "46bb 002c 1234 0000 0106 8dd5 c0000201 c0000202 94040000
         0400 0050 000003e9 00001389 5110 ffff 0f0f 0000",
    );
    let packet = packet_of("<TTL=1><DSCP=46><ECN=CE><DF>", Side::Tester, false, &world());
    assert_eq!(packet[..8], [0x6b, 0xb0, 0, 0, 0, 20, 6, 1]);
    assert_eq!(packet_of("<IPOPT=01>", Side::Tester, true, &world())[20..24], [1, 0, 0, 0]);
    refuses_in("<ID=1>", false, &world(), "ID: IPv6 has no such field, expected a scenario tagged @ipv4");
    refuses_in(
        "<IPOPT=01>",
        false,
        &world(),
        "IPOPT: IPv6 has no such field, expected a scenario tagged @ipv4",
    );
}

#[test]
fn an_icmp_error_quotes_the_packet_of_the_row() {
    let mut world = world();
    world.packets.insert("a", unhex(&format!("{IPV4_40} 0400 0050 000003e9 00001389 5010 ffff 100f 0000")));
    let octets = "4500 0044 0000 4000 4001 b6b5 c0000201 c0000202
                  03 04 7d32 0000 03e8
                  4500 0028 0000 4000 4006 b6cc c0000201 c0000202 0400 0050 000003e9 00001389 5010 ffff 100f 0000";
    assert_eq!(packet_of("<ICMP=3/4><MTU=1000><QUOTE=a>", Side::Tester, true, &world), unhex(octets));
    refuses_in("<ICMP=3/4><QUOTE=b>", true, &world, "QUOTE: found b, expected a row that had a packet");
    refuses_in("<ICMP=3/4><MTU=65536>", true, &world, "MTU: found 65536, expected a number up to 65535");
}

#[test]
fn an_icmpv6_error_has_32_bits_of_mtu_and_a_pseudo_header() {
    let mut world = world();
    let segment = "0400 0050 000003e9 00001389 5010 ffff 389e 0000";
    let header = "20010db8000000000000000000000001 20010db8000000000000000000000002";
    let quoted = format!("60000000 0014 06 40 {header} {segment}");
    world.packets.insert("a", unhex(&quoted));
    let octets = format!("60000000 0044 3a 40 {header} 02 00 36d2 00000500 {quoted}");
    assert_eq!(packet_of("<ICMP=2/0><MTU=1280><QUOTE=a>", Side::Tester, false, &world), unhex(&octets));
}

#[test]
fn a_quote_is_no_longer_than_its_rfc_allows() {
    let mut world = world();
    world.packets.insert("a", vec![0x45; 1500]);
    assert_eq!(packet_of("<ICMP=3/4><QUOTE=a>", Side::Tester, true, &world).len(), 576);
    assert_eq!(packet_of("<ICMP=2/0><QUOTE=a>", Side::Tester, false, &world).len(), 1280);
}

#[test]
fn windows_in_octets_are_shifted_but_in_a_syn() {
    let world = World { shift: 7, ..world() };
    let window = |text: &str| packet_of(text, Side::Tester, true, &world)[34..36].to_vec();
    assert_eq!(window("<CTL=ACK><WIN=131072>"), [4, 0]);
    assert_eq!(window("<CTL=ACK><WND=1024>"), [4, 0]);
    assert_eq!(window("<CTL=SYN><WIN=1024>"), [4, 0]);
    refuses_in(
        "<CTL=ACK><WIN=1>",
        true,
        &world,
        "WIN: found 1, expected a multiple of 128 up to 8388480, since windows are shifted by 7",
    );
    refuses(
        "<CTL=ACK><WIN=65536>",
        "WIN: found 65536, expected a multiple of 1 up to 65535, since windows are shifted by 0",
    );
}

#[test]
fn an_honest_peer_sends_timestamps_and_sack_blocks_once_agreed() {
    let agreed = Honest {
        timestamps: Some((10, 20)),
        sack: vec![
            (Seq(6_000), Seq(6_100)),
            (Seq(7_000), Seq(7_100)),
            (Seq(8_000), Seq(8_100)),
            (Seq(9_000), Seq(9_100)),
        ],
        ..honest()
    };
    let options = |text: &str| {
        let message = text.parse().unwrap();
        let path = path(Side::Tester, true);
        let built = build(&message, Side::Tester, path, &agreed, &established(), &world()).unwrap();
        built.packet[40..].to_vec()
    };
    let stamps = [1, 1, 8, 10, 0, 0, 0, 10, 0, 0, 0, 20];
    let with_both = options("<CTL=ACK>");
    assert_eq!(with_both[..12], stamps);
    // Room for three blocks beside timestamps (RFC 2018 3).
    assert_eq!(with_both[12..20], [1, 1, 5, 26, 0, 0, 0x17, 0x70]);
    assert_eq!(with_both.len(), 40);
    assert_eq!(options("<CTL=ACK><no SACK>"), stamps);
    assert_eq!(options("<CTL=ACK><no TS>")[..4], [1, 1, 5, 34]);
    assert_eq!(options("<CTL=ACK><no TS><no SACK>"), [0_u8; 0]);
    assert_eq!(options("<CTL=RST,ACK>"), stamps);
    assert_eq!(options("<CTL=SYN>"), [2, 4, 5, 0xb4]);
    assert_eq!(options("<CTL=ACK><NOP>"), [1, 0, 0, 0], "any option written replaces all");
}

#[test]
fn letters_and_variables_must_be_known() {
    refuses("<TS=t1,0>", "TS: t1 has not been seen yet");
    refuses("<SEQ=SND.UP>", "SEQ: SND.UP is not known yet");
    refuses("<SEQ=B.RCV.NXT>", "SEQ: B.RCV.NXT is not known yet");
    refuses("<DATA=5-RCV.WND>", "DATA: 5-RCV.WND is below zero or above 2^32-1");
    refuses("<DATA=RCV.WND+65000>", "DATA: found 73192, expected a number up to 65535");
    let mut binding = established();
    binding.letters.insert("t1".into(), u32::MAX);
    let message = "<CTL=ACK><TS=t1+1,t1>".parse().unwrap();
    let built =
        build(&message, Side::Tester, path(Side::Tester, true), &honest(), &binding, &world()).unwrap();
    assert_eq!(built.packet[42..50], [0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]);
}

#[test]
fn expressions_come_to_what_the_rfcs_variables_are() {
    let mut world = world();
    world.other_variables.insert(("B", Variable::RcvNxt), 77);
    let seq = |text: &str| {
        let packet = packet_of(&format!("<SEQ={text}>"), Side::Tester, true, &world);
        u32::from_be_bytes(packet[24..28].try_into().unwrap())
    };
    assert_eq!(seq("RCV.NXT+RCV.WND-1"), 1_001 + 8_192 - 1);
    assert_eq!(seq("RCV.NXT-1"), 1_000);
    assert_eq!(seq("SND.UNA"), 5_001);
    assert_eq!(seq("B.RCV.NXT+1"), 78);
    assert_eq!(seq("101+RCV.NXT-IRS"), 1_002);
    assert_eq!(seq("101-2000"), 1_001_u32.wrapping_sub(2_000));
}

#[test]
fn too_many_options_make_no_segment() {
    // Without digits AO may be short when it is expected, and is sent with 14 octets behind kind and length.
    let text = format!("<CTL=ACK><AO><OPT={}>", "01".repeat(28));
    refuses(&text, "TCP options at octet 20: needs to be at most 40, is 44");
}

#[test]
fn a_number_of_the_device_before_its_syn_is_random_and_shown() {
    let binding = Binding::new(TESTER, Seq(77));
    let message = "<SEQ=100><ACK=700><CTL=ACK>".parse().unwrap();
    let nobody = Honest { seq: None, ack: None, ..honest() };
    let built =
        build(&message, Side::Tester, path(Side::Tester, true), &nobody, &binding, &evaluate::Nothing)
            .unwrap();
    assert_eq!(built.packet[24..32], [0, 0, 3, 0xe8, 0, 0, 0, 77]);
    assert_eq!(binding, Binding::new(TESTER, Seq(77)), "nothing changes before it is applied");
    let mut after = binding;
    after.apply(built.learned);
    assert_eq!(after.device.real(701), Some(Seq(78)));
    assert_eq!(after.tester.real(101), Some(Seq(1_001)));
}

#[test]
fn a_syn_into_a_living_connection_does_not_move_its_stream() {
    let mut binding = established();
    let mut send = |text: &str| {
        let message = text.parse().unwrap();
        let built =
            build(&message, Side::Tester, path(Side::Tester, true), &honest(), &binding, &world()).unwrap();
        binding.apply(built.learned);
        built.packet[40..].to_vec()
    };
    assert_eq!(
        send("<SEQ=106><CTL=SYN><no MSS><DATA=2>"),
        [0, 1],
        "what comes with a SYN is its own stream's"
    );
    assert_eq!(send("<SEQ=101><DATA=2>"), [0, 1]);
    assert_eq!(send("<SEQ=111><DATA=2>"), [10, 11]);
}
