//! What fits a row, and what nearly fits and must be told apart.

use wireproof_reference::wire::Packet;

use super::*;

/// Compares a device's packet with a row.
fn compare_in(
    row: &str,
    packet: &[u8],
    binding: &Binding,
    world: &World,
) -> Result<Learned, Vec<Difference>> {
    let message: Message = row.parse().unwrap_or_else(|fault| panic!("{row}: {fault}"));
    matches(&message, &Packet::parse(packet).unwrap(), Side::Device, binding, world)
}

/// The device sends `sent` on an established connection: does it fit `row`?
#[track_caller]
fn fits(row: &str, sent: &str) {
    let world = world();
    let packet = packet_of(sent, Side::Device, true, &world);
    if let Err(differences) = compare_in(row, &packet, &established(), &world) {
        panic!("{row} and {sent}: {differences:?}");
    }
}

/// It nearly fits: these are the differences.
#[track_caller]
fn differs(row: &str, sent: &str, differences: &[&str]) {
    let world = world();
    let packet = packet_of(sent, Side::Device, true, &world);
    let found = compare_in(row, &packet, &established(), &world).err().unwrap_or_default();
    let found: Vec<String> = found.iter().map(Difference::to_string).collect();
    assert_eq!(found, differences, "{row} and {sent}");
}

/// A pure ACK of the device's at rest.
const ACK: &str = "<SEQ=301><ACK=101><CTL=ACK>";

#[test]
fn a_sequence_number_one_off_is_told_in_symbolic_numbers() {
    fits(ACK, ACK);
    differs("<SEQ=301>", "<SEQ=300>", &["SEQ: expected 301, got 300"]);
    differs("<SEQ=301>", "<SEQ=302>", &["SEQ: expected 301, got 302"]);
    differs("<ACK=101>", "<SEQ=301><ACK=102>", &["ACK: expected 101, got 102"]);
    differs("<SEQ=301><ACK=101>", "<SEQ=301><ACK=100>", &["ACK: expected 101, got 100"]);
    differs("<SEQ=301>", "<SEQ=abs:9>", &["SEQ: expected 301, got abs:9"]);
}

#[test]
fn ranges_of_numbers_hold_both_ends_and_nothing_beyond() {
    for sent in ["<SEQ=300>", "<SEQ=301>", "<SEQ=302>"] {
        fits("<SEQ=300..302>", sent);
        fits("<SEQ=*>", sent);
    }
    differs("<SEQ=300..302>", "<SEQ=299>", &["SEQ: expected 300..302, got 299"]);
    differs("<SEQ=300..302>", "<SEQ=303>", &["SEQ: expected 300..302, got 303"]);
    fits("<SEQ=301..>", "<SEQ=301>");
    differs("<SEQ=301..>", "<SEQ=300>", &["SEQ: expected 301.., got 300"]);
    fits("<SEQ=..301>", "<SEQ=301>");
    differs("<SEQ=..301>", "<SEQ=302>", &["SEQ: expected ..301, got 302"]);
}

#[test]
fn numbers_go_round_when_compared() {
    let world = World::default();
    let binding = Binding::established(Seq(u32::MAX - 1), Seq(u32::MAX));
    let packet = |text: &str| {
        let message = text.parse().unwrap();
        build(&message, Side::Device, path(Side::Device, true), &honest(), &binding, &world).unwrap().packet
    };
    let is_fit = |row: &str, sent: &str| compare_in(row, &packet(sent), &binding, &world).is_ok();
    assert!(is_fit("<SEQ=301><ACK=102>", "<SEQ=abs:0><ACK=abs:0>"));
    assert!(is_fit("<SEQ=299..302>", "<SEQ=abs:1>"));
    assert!(!is_fit("<SEQ=299..302>", "<SEQ=abs:2>"));
    assert!(is_fit("<SEQ=299..><ACK=..103>", "<SEQ=abs:1><ACK=abs:1>"));
    assert!(!is_fit("<SEQ=301..>", "<SEQ=abs:4294967295>"));
    assert!(!is_fit("<ACK=..103>", "<ACK=abs:2>"));
}

#[test]
fn an_absolute_number_is_compared_as_it_stands() {
    fits("<SEQ=abs:0><ACK=101><CTL=RST,ACK>", "<SEQ=abs:0><ACK=101><CTL=RST,ACK>");
    differs(
        "<SEQ=abs:0><ACK=101><CTL=RST,ACK>",
        "<SEQ=abs:1><ACK=101><CTL=RST,ACK>",
        &["SEQ: expected abs:0, got abs:1"],
    );
}

#[test]
fn an_expression_is_told_with_what_it_comes_to() {
    fits("<SEQ=SND.NXT><ACK=RCV.NXT>", ACK);
    differs("<SEQ=SND.NXT+1>", "<SEQ=301>", &["SEQ: expected SND.NXT+1, which is 302, got 301"]);
    differs(
        "<ACK=RCV.NXT..RCV.NXT+RCV.WND>",
        "<SEQ=301><ACK=100>",
        &["ACK: expected RCV.NXT..RCV.NXT+RCV.WND, which is 101..8293, got 100"],
    );
    differs("<SEQ=RCV.NXT+1>", "<SEQ=301>", &["SEQ: expected RCV.NXT+1, which is the tester's 102, got 301"]);
    differs("<ACK=SND.NXT>", ACK, &["ACK: expected SND.NXT, which is the device's 301, got 101"]);
    differs("<WND=RCV.WND>", "<WND=8191>", &["WND: expected RCV.WND, which is 8192, got 8191"]);
    differs("<SEQ=SND.UP>", "<SEQ=301>", &["SEQ: expected SND.UP (SND.UP is not known yet), got 301"]);
}

#[test]
fn syn_fin_rst_urg_ack_must_be_just_those_written() {
    fits("<CTL=ACK>", "<CTL=ACK>");
    fits("<CTL=>", "<CTL=>");
    differs("<CTL=>", "<CTL=ACK>", &["CTL: expected , got ACK"]);
    differs("<CTL=ACK>", "<CTL=>", &["CTL: expected ACK, got "]);
    for extra in ["SYN", "FIN", "RST", "URG"] {
        let (sent, got) = (
            format!("<SEQ=301><CTL=ACK,{extra}><no MSS>"),
            if extra == "URG" { "ACK,URG".into() } else { format!("{extra},ACK") },
        );
        differs("<CTL=ACK>", &sent, &[&format!("CTL: expected ACK, got {got}")]);
        differs(&format!("<CTL=ACK,{extra}>"), "<CTL=ACK>", &[&format!("CTL: expected {got}, got ACK")]);
    }
    fits("<SEQ=301>", "<SEQ=301><CTL=FIN,ACK,URG>");
}

#[test]
fn psh_and_the_ecn_bits_are_compared_only_where_written() {
    for bit in ["PSH", "ECE", "CWR", "AE"] {
        let with = format!("<CTL=ACK,{bit}>");
        fits("<CTL=ACK>", &with);
        fits(&with, &with);
        differs(&with, "<CTL=ACK>", &[&format!("CTL: expected ACK,{bit}, got ACK")]);
        fits(&format!("<CTL=ACK,!{bit}>"), "<CTL=ACK>");
        differs(&format!("<CTL=ACK,!{bit}>"), &with, &[&format!("CTL: expected ACK,!{bit}, got ACK,{bit}")]);
        fits(&format!("<CTL=ACK,?{bit}>"), &with);
    }
}

#[test]
fn with_a_question_mark_the_bit_may_be_there_and_then_its_number_counts() {
    let row = "<SEQ=301><ACK=101><CTL=RST,?ACK>";
    fits(row, "<SEQ=301><CTL=RST>");
    fits(row, "<SEQ=301><ACK=101><CTL=RST,ACK>");
    fits(row, "<SEQ=301><ACK=77><CTL=RST>");
    differs(row, "<SEQ=301><ACK=102><CTL=RST,ACK>", &["ACK: expected 101, got 102"]);
    differs(row, "<SEQ=301><ACK=101><CTL=ACK>", &["CTL: expected RST,?ACK, got ACK"]);
    differs(row, "<SEQ=301><ACK=101><CTL=FIN,RST,ACK>", &["CTL: expected RST,?ACK, got FIN,RST,ACK"]);
}

#[test]
fn an_acknowledgment_without_the_bit_is_none() {
    differs("<ACK=101>", "<SEQ=301><ACK=101><CTL=RST>", &["ACK: expected 101, got no ACK bit"]);
    // Where CTL says that the bit is not there, the field itself is compared.
    fits("<ACK=101><CTL=RST>", "<SEQ=301><ACK=101><CTL=RST>");
    differs("<ACK=101><CTL=RST>", "<SEQ=301><ACK=102><CTL=RST>", &["ACK: expected 101, got 102"]);
}

#[test]
fn octets_are_as_many_as_written_and_none_if_none_is_written() {
    fits("<SEQ=301><DATA=20>", "<SEQ=301><DATA=20>");
    differs("<SEQ=301><DATA=20>", "<SEQ=301><DATA=19>", &["DATA: expected 20, got 19"]);
    differs("<SEQ=301><DATA=20>", "<SEQ=301><DATA=21>", &["DATA: expected 20, got 21"]);
    differs("<SEQ=301><DATA=20>", "<SEQ=301>", &["DATA: expected 20, got 0"]);
    differs("<SEQ=301>", "<SEQ=301><DATA=1>", &["DATA: expected none, got 1"]);
    fits("<SEQ=300..301><DATA=0..1>", "<SEQ=300><DATA=0>");
    fits("<SEQ=300..301><DATA=0..1>", "<SEQ=301><DATA=1>");
    fits("<SEQ=301><DATA=*>", "<SEQ=301>");
    differs("<SEQ=300..301><DATA=0..1>", "<SEQ=301><DATA=2>", &["DATA: expected 0..1, got 2"]);
}

#[test]
fn every_octet_is_compared_with_the_streams() {
    let wrong = |at: usize| {
        let mut octets = pattern::octets(5, 10);
        octets[at] ^= 0x80;
        let text: String = octets.iter().map(|octet| format!("\\x{octet:02x}")).collect();
        format!("<SEQ=306><DATA=\"{text}\">")
    };
    differs("<SEQ=306><DATA=10>", &wrong(0), &["DATA: expected octet 5 of the stream to be 5, got 133"]);
    differs("<SEQ=306><DATA=10>", &wrong(9), &["DATA: expected octet 14 of the stream to be 14, got 142"]);
    differs("<SEQ=306><DATA=*>", &wrong(9), &["DATA: expected octet 14 of the stream to be 14, got 142"]);
    // The right octets at the wrong place.
    differs(
        "<SEQ=*><DATA=1>",
        "<SEQ=302><DATA=\"\\x00\">",
        &["DATA: expected octet 1 of the stream to be 1, got 0"],
    );
    // An octet before the stream's first has nothing to be compared with (RFC 9293 3.8.4 allows garbage there).
    fits("<SEQ=300><DATA=1>", "<SEQ=300><DATA=\"x\">");
    differs(
        "<SEQ=300><DATA=2>",
        "<SEQ=300><DATA=\"xx\">",
        &["DATA: expected octet 0 of the stream to be 0, got 120"],
    );
}

#[test]
fn literal_octets_are_just_these() {
    fits("<SEQ=301><DATA=\"GET\">", "<SEQ=301><DATA=\"GET\">");
    differs("<SEQ=301><DATA=\"GET\">", "<SEQ=301><DATA=\"GEt\">", &["DATA: expected \"GET\", got \"GEt\""]);
    differs("<SEQ=301><DATA=\"GET\">", "<SEQ=301><DATA=\"GET \">", &["DATA: expected \"GET\", got \"GET \""]);
    differs("<SEQ=301><DATA=\"GET\">", "<SEQ=301>", &["DATA: expected \"GET\", got \"\""]);
}

#[test]
fn octets_behind_a_syn_count_from_0() {
    let binding = Binding::new(TESTER, Seq(77));
    let mut world = world();
    let sent = packet_of("<SEQ=300><CTL=SYN><DATA=3>", Side::Device, true, &world);
    assert!(compare_in("<SEQ=300><CTL=SYN><DATA=3>", &sent, &binding, &world).is_ok());
    world.literals.insert(0, 9);
    let differences = compare_in("<SEQ=300><CTL=SYN><DATA=3>", &sent, &binding, &world).unwrap_err();
    assert_eq!(differences[0].to_string(), "DATA: expected octet 0 of the stream to be 9, got 0");
}

#[test]
fn windows_are_compared_as_on_the_wire_or_in_octets() {
    fits("<WND=65535>", "<SEQ=301>");
    differs("<WND=0>", "<WND=1>", &["WND: expected 0, got 1"]);
    differs("<WND=1..>", "<WND=0>", &["WND: expected 1.., got 0"]);
    differs("<WND=..8191>", "<WND=8192>", &["WND: expected ..8191, got 8192"]);
    let world = World { shift: 3, ..world() };
    let compare = |row: &str, sent: &str| {
        let packet = packet_of(sent, Side::Device, true, &world);
        compare_in(row, &packet, &established(), &world).map(|_| ()).map_err(|found| found[0].to_string())
    };
    assert_eq!(compare("<WIN=800>", "<WND=100>"), Ok(()));
    assert_eq!(compare("<WIN=100>", "<WND=100>"), Err("WIN: expected 100, got 800".into()));
    assert_eq!(compare("<WIN=100>", "<SEQ=300><CTL=SYN><WND=100>"), Ok(()));
}

#[test]
fn urgent_pointer_offset_and_reserved_bits_are_compared_where_written() {
    fits("<URP=5>", "<URP=5><CTL=ACK>");
    differs("<URP=5>", "<URP=4>", &["URP: expected 5, got 4"]);
    fits("<SEQ=301>", "<SEQ=301><URP=4>");
    fits("<OFF=5>", ACK);
    differs("<OFF=5>", "<NOP>", &["OFF: expected 5, got 6"]);
    fits("<RES=0>", ACK);
    differs("<RES=0>", "<RES=4>", &["RES: expected 0, got 4"]);
}

#[test]
fn a_segment_with_a_wrong_checksum_is_none() {
    differs(ACK, "<SEQ=301><ACK=101><CTL=ACK><SUM=bad>", &["SUM: expected right, got bad"]);
}

#[test]
fn options_written_must_be_there_with_what_is_written() {
    let syn = "<SEQ=300><CTL=SYN>";
    let cases: [(&str, &str, &str); 16] = [
        ("<MSS=1460>", "<MSS=1459>", "MSS: expected MSS=1460, got MSS=1459"),
        ("<MSS=536..>", "<MSS=535>", "MSS: expected MSS=536.., got MSS=535"),
        ("<MSS=1460>", "<WS=7>", "MSS: expected MSS=1460, got none"),
        ("<WS=7>", "<WS=8>", "WS: expected WS=7, got WS=8"),
        ("<WS=..14>", "<WS=15>", "WS: expected WS=..14, got WS=15"),
        ("<SACKOK>", "<MSS=1>", "SACKOK: expected SACKOK, got none"),
        ("<NOP><NOP>", "<NOP>", "NOP: expected NOP, got none"),
        ("<EOL>", "<WS=7><NOP>", "EOL: expected EOL, got none"),
        ("<UTO=30>", "<UTO=31>", "UTO: expected UTO=30, got UTO=31"),
        ("<UTO=30>", "<UTO=30min>", "UTO: expected UTO=30, got UTO=30min"),
        ("<TFO=01020304>", "<TFO=01020305>", "TFO: expected TFO=01020304, got TFO=01020305"),
        ("<TFO=01020304>", "<TFO=exp:01020304>", "TFO: expected TFO=01020304, got TFO=exp:01020304"),
        ("<MD5>", "<NOP>", "MD5: expected MD5, got none"),
        ("<AO=010203>", "<AO=010204>", "AO: expected AO=010203, got AO=010204"),
        ("<OPT=fd04aabb>", "<OPT=fd04aabc>", "OPT: expected OPT=fd04aabb, got fd04aabc"),
        ("<MSS=1><MSS=2>", "<MSS=2><MSS=1>", "MSS: expected MSS=1, got MSS=2"),
    ];
    for (row, sent, difference) in cases {
        let found = {
            let world = world();
            let packet = packet_of(&format!("{syn}{sent}"), Side::Device, true, &world);
            compare_in(&format!("{syn}{row}"), &packet, &established(), &world).unwrap_err()
        };
        assert_eq!(found[0].to_string(), difference, "{row} and {sent}");
    }
}

#[test]
fn options_written_fit_whatever_their_order_and_whatever_else_is_there() {
    let syn = "<SEQ=300><CTL=SYN>";
    let sent = format!("{syn}<NOP><WS=7><MSS=1460><SACKOK><TS=10,0><OPT=fd04aabb><TFO=><UTO=3><AO=0102aa>");
    for row in [
        "<MSS=1460><WS=7>",
        "<SACKOK>",
        "<NOP>",
        "<OPT=fd04aabb>",
        "<OPT=0303>",
        "<TFO=*>",
        "<TFO=>",
        "<AO>",
        "<TS=*,*>",
        "",
    ] {
        fits(&format!("{syn}{row}"), &sent);
    }
    fits("<MD5>", "<MD5=000102030405060708090a0b0c0d0e0f>");
    fits("<EOL>", "<WS=7>");
    // A cookie shorter than any may be (RFC 7413 4.1.1) is compared still.
    fits("<TFO=01>", "<TFO=01>");
    differs("<no TFO>", "<TFO=01>", &["TFO: expected no TFO, got OPT=220301"]);
    differs("<no MSS>", "<OPT=020300>", &["MSS: expected no MSS, got OPT=020300"]);
}

#[test]
fn an_option_that_must_not_be_there_is_told() {
    let syn = "<SEQ=300><CTL=SYN>";
    fits(&format!("{syn}<no TS><no MSS>"), &format!("{syn}<no MSS>"));
    let tests = [
        ("MSS", "MSS=1460"),
        ("WS", "WS=0"),
        ("SACKOK", "SACKOK"),
        ("SACK", "SACK=101..102"),
        ("TS", "TS=1,2"),
        ("NOP", "NOP"),
        ("UTO", "UTO=1"),
        ("TFO", "TFO="),
        ("MD5", "MD5=00000000000000000000000000000000"),
        ("AO", "AO=0000"),
    ];
    for (name, option) in tests {
        let difference = format!("{name}: expected no {name}, got {option}");
        differs(&format!("{syn}<no {name}>"), &format!("{syn}<{option}>"), &[&difference]);
    }
}

#[test]
fn sack_blocks_are_compared_in_their_order() {
    let sent = "<SACK=401..501,601..701>";
    fits("<SACK=401..501,601..701>", sent);
    fits("<SACK=*>", sent);
    fits("<SACK=RCV.NXT+300..501,601..701>", sent);
    let got = "got SACK=401..501,601..701";
    differs("<SACK=601..701,401..501>", sent, &[&format!("SACK: expected SACK=601..701,401..501, {got}")]);
    differs("<SACK=401..501>", sent, &[&format!("SACK: expected SACK=401..501, {got}")]);
    differs("<SACK=401..501,601..702>", sent, &[&format!("SACK: expected SACK=401..501,601..702, {got}")]);
    differs("<SACK=*>", ACK, &["SACK: expected SACK=*, got none"]);
}

#[test]
fn options_that_cannot_be_walked_over_are_told() {
    differs(
        "<SEQ=301>",
        "<SEQ=301><OPT=08010000>",
        &[
            "options: expected options that can be walked over, got TCP option length at octet 41: needs to be at least 2, is 1",
        ],
    );
    fits("<SEQ=301><OPT=0801>", "<SEQ=301><OPT=08010000>");
}

#[test]
fn a_timestamps_letter_binds_at_first_sight_and_compares_afterwards() {
    let mut binding = established();
    let world = world();
    let sent = |text: &str| packet_of(text, Side::Device, true, &world);
    let learned = compare_in("<TS=t1,10>", &sent("<TS=777,10>"), &binding, &world).unwrap();
    assert_eq!(learned.letters, [("t1".to_owned(), 777)]);
    assert!(binding.letters.is_empty(), "nothing changes before it is applied");
    binding.apply(learned);
    let compare = |row: &str, text: &str| {
        compare_in(row, &sent(text), &binding, &world).map(|_| ()).map_err(|found| found[0].to_string())
    };
    assert_eq!(compare("<TS=t1,*>", "<TS=777,10>"), Ok(()));
    assert_eq!(compare("<TS=t1,*>", "<TS=778,10>"), Err("TS: expected TS=t1,*, got TS=778,10".into()));
    assert_eq!(compare("<TS=t1..,*>", "<TS=777,10>"), Ok(()));
    assert_eq!(compare("<TS=t1..,*>", "<TS=778,10>"), Ok(()));
    assert_eq!(compare("<TS=t1..,*>", "<TS=776,10>"), Err("TS: expected TS=t1..,*, got TS=776,10".into()));
    assert_eq!(compare("<TS=t1+1,*>", "<TS=777,10>"), Err("TS: expected TS=t1+1,*, got TS=777,10".into()));
    assert_eq!(compare("<TS=t2,t2>", "<TS=5,5>"), Ok(()));
    assert_eq!(compare("<TS=t2,t2>", "<TS=5,6>"), Err("TS: expected TS=t2,t2, got TS=5,6".into()));
    assert_eq!(
        compare("<TS=t2..,*>", "<TS=5,6>"),
        Err("TS: expected TS=t2..,* (t2 has not been seen yet), got TS=5,6".into())
    );
}

#[test]
fn timestamps_go_round() {
    let mut binding = established();
    binding.letters.insert("t1".into(), u32::MAX);
    let world = world();
    let packet = packet_of("<TS=3,0>", Side::Device, true, &world);
    assert!(compare_in("<TS=t1..,0>", &packet, &binding, &world).is_ok());
    assert!(compare_in("<TS=..t1,0>", &packet, &binding, &world).is_err());
}

#[test]
fn the_fields_of_the_ip_header_are_compared_where_written() {
    let cases = [
        ("<TTL=64>", "<TTL=63>", "TTL: expected 64, got 63"),
        ("<TTL=64..>", "<TTL=63>", "TTL: expected 64.., got 63"),
        ("<DSCP=46>", "<DSCP=0>", "DSCP: expected 46, got 0"),
        ("<ECN=CE>", "<ECN=ECT0>", "ECN: expected CE, got ECT0"),
        ("<ECN=Not-ECT>", "<ECN=ECT1>", "ECN: expected Not-ECT, got ECT1"),
        ("<ID=1>", "<ID=2>", "ID: expected 1, got 2"),
        ("<DF>", "<no DF>", "DF: expected DF, got no DF"),
        ("<no DF>", "<DF>", "DF: expected no DF, got DF"),
        ("<IPOPT=94040000>", "<IPOPT=94040001>", "IPOPT: expected 94040000, got 94040001"),
        ("<IPOPT=94040000>", "<DF>", "IPOPT: expected 94040000, got "),
        ("<IPLEN=40>", "<NOP>", "IPLEN: expected 40, got 44"),
        ("<IPLEN=..43>", "<NOP>", "IPLEN: expected ..43, got 44"),
    ];
    for (row, sent, difference) in cases {
        differs(row, sent, &[difference]);
        fits("<SEQ=301>", &format!("<SEQ=301>{sent}"));
    }
    fits(
        "<TTL=63><DSCP=46><ECN=CE><ID=7><no DF><IPOPT=01><IPLEN=44>",
        "<TTL=63><DSCP=46><ECN=CE><ID=7><no DF><IPOPT=01>",
    );
}

#[test]
fn over_ipv6_df_always_holds_and_what_only_ipv4_has_never() {
    let world = world();
    let packet = packet_of(ACK, Side::Device, false, &world);
    let compare = |row: &str| {
        compare_in(row, &packet, &established(), &world).map(|_| ()).map_err(|found| found[0].to_string())
    };
    assert_eq!(compare("<SEQ=301><DF><TTL=64><IPLEN=20>"), Ok(()));
    assert_eq!(compare("<ID=0>"), Err("ID: expected 0, got none: IPv6 has no such field".into()));
    assert_eq!(compare("<IPOPT=01>"), Err("IPOPT: expected 01, got none: IPv6 has no such field".into()));
}

#[test]
fn icmp_messages_are_told_apart_by_type_code_mtu_and_quote() {
    let mut world = world();
    let segment = packet_of("<SEQ=101><ACK=301><DATA=20>", Side::Tester, true, &world);
    let mut other = segment.clone();
    other[24] ^= 1;
    world.packets.insert("a", segment);
    world.packets.insert("b", other);
    let compare = |row: &str, sent: &str| {
        let packet = packet_of(sent, Side::Device, true, &world);
        let found = compare_in(row, &packet, &established(), &world).err().unwrap_or_default();
        found.iter().map(Difference::to_string).collect::<Vec<_>>()
    };
    let sent = "<ICMP=3/4><MTU=1000><QUOTE=a>";
    assert_eq!(compare(sent, sent), [""; 0]);
    assert_eq!(compare("<ICMP=3/*>", sent), [""; 0]);
    assert_eq!(compare("<ICMP=3/3>", sent), ["ICMP: expected 3/3, got 3/4"]);
    assert_eq!(compare("<ICMP=11/4>", sent), ["ICMP: expected 11/4, got 3/4"]);
    assert_eq!(compare("<ICMP=3/4><MTU=1001>", sent), ["MTU: expected 1001, got 1000"]);
    assert_eq!(compare("<ICMP=11/0><MTU=1>", "<ICMP=11/0>"), ["MTU: expected 1, got none"]);
    assert_eq!(
        compare("<ICMP=3/4><QUOTE=b>", sent),
        ["QUOTE: expected b, got another packet, from octet 24 on"]
    );
    assert_eq!(compare("<ICMP=3/4><QUOTE=a>", "<ICMP=3/4>"), ["QUOTE: expected a, got none"]);
    assert_eq!(compare("<ICMP=3/4><QUOTE=c>", sent), ["QUOTE: expected c, which had no packet, got a quote"]);
    assert_eq!(compare("<ICMP=3/4>", "<ICMP=3/4><SUM=bad>"), ["SUM: expected right, got bad"]);
    assert_eq!(
        compare("<SEQ=1>", sent),
        ["segment: expected a TCP segment, got <ICMP=3/4><MTU=1000> quoting <SEQ=101>"]
    );
    assert_eq!(
        compare("<ICMP=3/4>", "<SEQ=301><ACK=101>"),
        ["segment: expected an ICMP message, got <SEQ=301><ACK=101><CTL=ACK><WND=65535>"]
    );
}

#[test]
fn a_quote_of_less_than_the_header_and_8_octets_is_too_short() {
    let mut world = world();
    let segment = packet_of("<SEQ=101>", Side::Tester, true, &world);
    world.packets.insert("short", segment[..27].to_vec());
    let sent = packet_of("<ICMP=3/3><QUOTE=short>", Side::Device, true, &world);
    world.packets.insert("a", segment);
    let differences = compare_in("<ICMP=3/3><QUOTE=a>", &sent, &established(), &world).unwrap_err();
    assert_eq!(differences[0].to_string(), "QUOTE: expected 28 octets of a, got 27 octets");
}

#[test]
fn an_icmpv6_message_has_its_own_numbers() {
    let mut world = world();
    world.packets.insert("a", packet_of("<SEQ=101>", Side::Tester, false, &world));
    let sent = packet_of("<ICMP=2/0><MTU=70000><QUOTE=a>", Side::Device, false, &world);
    let compare = |row: &str| {
        compare_in(row, &sent, &established(), &world).map(|_| ()).map_err(|found| found[0].to_string())
    };
    assert_eq!(compare("<ICMP=2/0><MTU=70000><QUOTE=a>"), Ok(()));
    assert_eq!(compare("<ICMP=2/0><MTU=1280>"), Err("MTU: expected 1280, got 70000".into()));
    assert_eq!(compare("<ICMP=3/0>"), Err("ICMP: expected 3/0, got 2/0".into()));
}

#[test]
fn the_devices_syn_tells_its_numbers_and_must_come_again_unchanged() {
    let mut binding = Binding::new(TESTER, Seq(77));
    let world = World::default();
    let sent = |seq: u32| {
        packet_of(&format!("<SEQ=abs:{seq}><ACK=abs:1001><CTL=SYN,ACK>"), Side::Device, true, &world)
    };
    let row = "<SEQ=300><ACK=101><CTL=SYN,ACK>";
    binding.tester.show(100);
    let learned = compare_in(row, &sent(9_000), &binding, &world).unwrap();
    assert!(!binding.device.is_seen(), "nothing changes before it is applied");
    binding.apply(learned);
    assert_eq!(binding.device.real(301), Some(Seq(9_001)));
    assert!(compare_in(row, &sent(9_000), &binding, &world).is_ok());
    let differences = compare_in(row, &sent(9_001), &binding, &world).unwrap_err();
    assert_eq!(differences[0].to_string(), "SEQ: expected 300, got 301");
    // RFC 9293 figure 9: another number in the ladder is another SYN.
    assert!(compare_in("<SEQ=400><ACK=101><CTL=SYN,ACK>", &sent(123), &binding, &world).is_ok());
}

#[test]
fn a_number_of_the_device_before_its_syn_is_compared() {
    let mut binding = Binding::new(TESTER, Seq(77));
    let world = World::default();
    binding.device.show(700);
    let sent = |seq: u32| packet_of(&format!("<SEQ=abs:{seq}><CTL=RST>"), Side::Device, true, &world);
    assert!(compare_in("<SEQ=700><CTL=RST>", &sent(77), &binding, &world).is_ok());
    let differences = compare_in("<SEQ=700><CTL=RST>", &sent(78), &binding, &world).unwrap_err();
    assert_eq!(differences[0].to_string(), "SEQ: expected 700, got 701");
}

#[test]
fn a_reset_from_nowhere_has_no_number_of_the_devices_own() {
    let binding = Binding::new(TESTER, Seq(77));
    let world = World::default();
    let packet = packet_of("<SEQ=abs:0><CTL=RST>", Side::Device, true, &world);
    let differences = compare_in("<SEQ=0><CTL=RST>", &packet, &binding, &world).unwrap_err();
    let expected =
        "SEQ: expected 0 (no number of the device has been shown yet; `abs:` says a literal one), got 0";
    assert_eq!(differences[0].to_string(), expected);
}

#[test]
fn all_differences_are_told_at_once() {
    differs(
        "<SEQ=301><ACK=101><CTL=FIN,ACK><MSS=1><WND=1><DATA=1><TTL=1>",
        "<SEQ=302><ACK=102><CTL=ACK>",
        &[
            "SEQ: expected 301, got 302",
            "CTL: expected FIN,ACK, got ACK",
            "ACK: expected 101, got 102",
            "MSS: expected MSS=1, got none",
            "WND: expected 1, got 65535",
            "DATA: expected 1, got 0",
            "TTL: expected 1, got 64",
        ],
    );
}
