//! Elements of segments: each reads, prints, and says what is wrong with it.

use super::*;

/// Reads a cell and prints it as it is.
#[track_caller]
fn stays(text: &str) {
    reads_as::<Message>(text, text);
}

#[track_caller]
fn fault(text: &str) -> (usize, String) {
    fault_of::<Message>(text)
}

#[test]
fn the_segments_of_the_rfcs_figures_read() {
    stays("<SEQ=100><CTL=SYN>");
    stays("<SEQ=300><ACK=101><CTL=SYN,ACK>");
    stays("<SEQ=101><ACK=301><CTL=ACK,PSH><DATA=20>");
    stays("<SEQ=100><CTL=SYN><MSS=1460><WS=7><SACKOK>");
}

#[test]
fn every_form_of_a_number_reads() {
    for number in [
        "100",
        "0",
        "4294967295",
        "abs:0",
        "abs:4294967295",
        "*",
        "100..200",
        "100..",
        "..200",
        "SND.UNA",
        "RCV.NXT+1",
        "RCV.NXT+RCV.WND-1",
        "SND.NXT-1..SND.NXT",
        "RCV.NXT..",
        "..RCV.NXT+RCV.WND",
        "abs:1..abs:2",
        "ISS+1",
        "IRS",
        "SEG.SEQ+SEG.LEN",
        "B.RCV.NXT+1",
        "301+RCV.NXT-IRS",
        "SND.UP",
        "RCV.UP",
        "SEG.ACK-SEG.WND",
    ] {
        stays(&format!("<SEQ={number}>"));
        stays(&format!("<ACK={number}>"));
    }
}

/// Every element, as it is printed.
const ELEMENTS: &[&str] = &[
    "<CTL=>",
    "<CTL=SYN,FIN,RST,ACK,PSH,URG,ECE,CWR,AE>",
    "<CTL=RST,?ACK>",
    "<CTL=ACK,!PSH>",
    "<CTL=?PSH>",
    "<DATA=20>",
    "<DATA=0..1>",
    "<DATA=*>",
    "<DATA=1..>",
    "<DATA=RCV.WND+1>",
    "<DATA=\"GET\">",
    "<DATA=\"\">",
    "<WND=0>",
    "<WND=65535>",
    "<WND=1..>",
    "<WIN=131072>",
    "<WIN=..1073725440>",
    "<URP=1>",
    "<URP=65535>",
    "<MSS=0>",
    "<MSS=65535>",
    "<MSS=536..1460>",
    "<WS=0>",
    "<WS=15>",
    "<WS=..14>",
    "<SACKOK>",
    "<SACK=401..501,601..701>",
    "<SACK=*>",
    "<SACK=RCV.NXT-1..RCV.NXT+1>",
    "<TS=10,t1>",
    "<TS=t1,t2>",
    "<TS=t1..,*>",
    "<TS=t1+1,t2-1>",
    "<TS=t1..t2+5,0>",
    "<NOP>",
    "<EOL>",
    "<NOP><NOP>",
    "<UTO=30>",
    "<UTO=5min>",
    "<TFO=>",
    "<TFO=0102030405060708>",
    "<TFO=*>",
    "<TFO=exp:>",
    "<TFO=exp:01020304>",
    "<MD5>",
    "<MD5=000102030405060708090a0b0c0d0e0f>",
    "<AO>",
    "<AO=0001aabbccdd>",
    "<OPT=fd>",
    "<OPT=020405>",
    "<no MSS>",
    "<no TS>",
    "<no MSS><no WS><no SACKOK><no SACK><no TS><no NOP><no EOL><no UTO><no TFO><no MD5><no AO>",
    "<SUM=bad>",
    "<OFF=4>",
    "<OFF=0..5>",
    "<RES=3>",
    "<IPLEN=39>",
    "<IPLEN=..960>",
    "<TTL=255>",
    "<TTL=64..>",
    "<DSCP=63>",
    "<ECN=CE>",
    "<ECN=ECT0>",
    "<ECN=ECT1>",
    "<ECN=Not-ECT>",
    "<ID=4660>",
    "<DF>",
    "<no DF>",
    "<IPOPT=94040000>",
    "<ICMP=3/4>",
    "<ICMP=3/*>",
    "<ICMP=1/0..6>",
    "<ICMP=3/4><MTU=1000><QUOTE=a>",
    "<ICMP=2/0><MTU=4294967295><QUOTE=row-2>",
    "<ICMP=3/4><SUM=bad><TTL=1>",
];

#[test]
fn every_element_reads_and_prints_as_it_was() {
    for element in ELEMENTS {
        stays(element);
    }
}

#[test]
fn elements_print_in_one_order_and_options_keep_theirs() {
    reads_as::<Message>(
        "<DF> <DATA=1>\t<TS=1,0><CTL=PSH, ACK><NOP><WND=5>  <ACK=2><MSS=1><SEQ=1>",
        "<SEQ=1><ACK=2><CTL=ACK,PSH><TS=1,0><NOP><MSS=1><WND=5><DATA=1><DF>",
    );
    reads_as::<Message>("<no TS><no MSS>", "<no MSS><no TS>");
    reads_as::<Message>("  <QUOTE=a><MTU=1><ICMP=3/4> ", "<ICMP=3/4><MTU=1><QUOTE=a>");
}

#[test]
fn literal_octets_are_written_so_that_they_fit_a_cell() {
    let data = |text: &str| match text.parse::<Segment>().unwrap().data {
        Some(Data::Literal(octets)) => octets,
        other => panic!("{other:?}"),
    };
    assert_eq!(data(r#"<DATA="a\r\n\t\0\\\"\x3c\xff">"#), *b"a\r\n\t\0\\\"<\xff");
    assert_eq!(data("<DATA=\"é\n\">"), "é\n".as_bytes());
    reads_as::<Message>(r#"<DATA="|<>\n">"#.replace('<', "\\x3c").replacen("\\x3c", "<", 1).replace("|\\x3c>", "|\\x3c\\x3e").as_str(), r#"<DATA="\x7c\x3c\x3e\x0a">"#);
    assert_eq!(fault("<DATA=\"a>").1, "`\\x3c` for < and `\\x3e` for >, which end an element");
    assert_eq!(fault("<DATA=\"a"), (8, "a closing quotation mark".into()));
    assert_eq!(fault("<DATA=\"\\q\">").0, 8);
    assert_eq!(fault("<DATA=\"\\x4\">"), (9, "two hexadecimal digits".into()));
}

#[test]
fn what_is_no_element_is_told_with_its_place() {
    let (offset, expected) = fault("<SEQ=1><SEK=2>");
    assert_eq!(offset, 8);
    assert!(expected.starts_with("an element: SEQ= ACK="), "{expected}");
    assert_eq!(fault("").1, "a segment such as `<SEQ=100><CTL=SYN>`");
    assert_eq!(fault("SEQ=1"), (0, "a segment such as `<SEQ=100><CTL=SYN>`".into()));
    assert_eq!(fault("<SEQ=1"), (6, "`>`".into()));
    assert_eq!(fault("<SEQ=1>>"), (7, "the end of the cell".into()));
    assert_eq!(fault("<SEQ=1> acked"), (8, "the end of the cell".into()));
    assert_eq!(fault("<SEQ>").0, 1);
    assert_eq!(fault("<MSS>").0, 1);
    assert_eq!(fault("<DF=1>").0, 1);
    assert_eq!(fault("<SACKOK=1>").0, 1);
    assert_eq!(fault("<>").0, 1);
}

#[test]
fn a_number_that_is_none_is_told_with_its_place() {
    assert_eq!(fault("<SEQ=>"), (5, "a number, `*`, or a range such as `1..5`, `1..` or `..5`".into()));
    assert_eq!(fault("<SEQ=4294967296>"), (5, "a number up to 4294967295".into()));
    assert_eq!(fault("<SEQ=1+>").0, 7);
    assert_eq!(fault("<SEQ=abs:>"), (9, "a number".into()));
    assert_eq!(fault("<SEQ=-1>").0, 5);
    assert_eq!(fault("<SEQ=0x10>"), (6, "`>`".into()));
    assert_eq!(fault("<SEQ=RCV.NEXT>").0, 9);
    assert_eq!(fault("<SEQ=1...2>").0, 8);
}

#[test]
fn a_number_must_be_of_its_elements_kind() {
    let place = "a sequence number: a place such as 301 or RCV.NXT, plus or minus octets";
    assert_eq!(fault("<SEQ=RCV.WND>"), (5, place.into()));
    assert_eq!(fault("<SEQ=RCV.NXT+SND.NXT>"), (5, place.into()));
    assert_eq!(fault("<ACK=SND.NXT-SND.UNA>"), (5, place.into()));
    assert_eq!(fault("<SEQ=t1>"), (5, "a number or a variable; letters stand for timestamps alone".into()));
    assert_eq!(fault("<TS=RCV.NXT,1>").0, 4);
    assert_eq!(fault("<WND=RCV.NXT>"), (5, "a count of octets; this is a sequence number".into()));
    assert_eq!(fault("<WND=abs:1>"), (5, "a plain number; `abs:` is for sequence numbers".into()));
    stays("<DATA=SND.NXT-SND.UNA>");
    stays("<DATA=5+SND.NXT-SND.UNA>");
}

#[test]
fn a_number_must_fit_its_field() {
    for (text, max) in [
        ("<WND=65536>", 65_535),
        ("<URP=65536>", 65_535),
        ("<MSS=65536>", 65_535),
        ("<WS=256>", 255),
        ("<OFF=16>", 15),
        ("<RES=8>", 7),
        ("<IPLEN=65536>", 65_535),
        ("<TTL=256>", 255),
        ("<DSCP=64>", 63),
        ("<ID=65536>", 65_535),
        ("<UTO=32768>", 32_767),
        ("<ICMP=256/0>", 255),
        ("<ICMP=3/256>", 255),
    ] {
        assert_eq!(fault(text).1, format!("a number up to {max}"), "{text}");
    }
    assert_eq!(fault("<WND=5..3>").1, "a range whose first number is not above its second");
    // Sequence numbers go round, so that a range of them may.
    stays("<SEQ=5..3>");
}

#[test]
fn control_bits_that_are_none_are_told() {
    let bit =
        "a control bit: SYN ACK FIN RST PSH URG ECE CWR AE, with `!` for absent or `?` for perhaps before it";
    assert_eq!(fault("<CTL=SYM>"), (5, bit.into()));
    assert_eq!(fault("<CTL=SYN,>").0, 9);
    assert_eq!(fault("<CTL=!>"), (6, bit.into()));
    assert_eq!(fault("<CTL=SYN,SYN>"), (9, "each control bit once".into()));
    assert_eq!(fault("<CTL=ACK,!ACK>"), (9, "each control bit once".into()));
    assert_eq!(fault("<CTL=syn>"), (5, bit.into()));
}

#[test]
fn elements_stand_once_and_options_as_often_as_they_like() {
    let once = "each element once (WND and WIN say the same)";
    for text in [
        "<SEQ=1><SEQ=1>",
        "<DATA=1><DATA=1>",
        "<WND=1><WIN=1>",
        "<TTL=1><TTL=1>",
        "<DF><no DF>",
        "<no TS><no TS>",
    ] {
        assert_eq!(fault(text).1, once, "{text}");
    }
    assert_eq!(fault("<ICMP=3/4><ICMP=3/4>").1, once);
    stays("<MSS=1><MSS=2><NOP><NOP>");
    assert_eq!(fault("<TS=1,2><no TS>"), (8, "TS or `no TS`, not both".into()));
}

#[test]
fn an_icmp_message_has_no_tcp_elements() {
    for text in [
        "<ICMP=3/4><SEQ=1>",
        "<ICMP=3/4><CTL=SYN>",
        "<ICMP=3/4><DATA=1>",
        "<ICMP=3/4><MSS=1>",
        "<ICMP=3/4><no TS>",
    ] {
        let (offset, expected) = fault(text);
        assert_eq!(offset, 10, "{text}");
        assert!(expected.starts_with("an element of an ICMP message"), "{expected}");
    }
    assert_eq!(fault("<SEQ=1><QUOTE=a>"), (7, "ICMP= in a cell with MTU= or QUOTE=".into()));
    assert_eq!(fault("<ICMP=3>"), (7, "`/` and a code".into()));
    assert_eq!(fault("<ICMP=3/4><QUOTE=>"), (17, "a name".into()));
}

#[test]
fn octets_in_hexadecimal_come_in_pairs() {
    assert_eq!(fault("<OPT=0>"), (6, "another hexadecimal digit".into()));
    assert_eq!(fault("<OPT=>"), (5, "octets in hexadecimal".into()));
    assert_eq!(fault("<OPT=zz>").0, 5);
    assert_eq!(fault(&format!("<AO={}>", "00".repeat(39))).1, "at most 38 octets, or `*`");
    assert_eq!(fault(&format!("<TFO=exp:{}>", "00".repeat(37))).1, "at most 36 octets, or `*`");
}

#[test]
fn options_that_are_half_there_are_told() {
    assert_eq!(fault("<TS=10>"), (6, "`,` and the echo, as in `TS=10,t1`".into()));
    assert_eq!(fault("<SACK=401>").1, "blocks such as `401..501,601..701`, or `*`");
    assert_eq!(fault("<no RST>"), (4, "MSS WS SACKOK SACK TS NOP EOL UTO TFO MD5 AO or DF".into()));
    assert_eq!(fault("<ECN=ECT>"), (5, "CE, ECT0, ECT1 or Not-ECT".into()));
    assert_eq!(fault("<SUM=good>"), (5, "`bad`".into()));
}

#[test]
fn elements_without_end_are_refused() {
    assert_eq!(fault(&"<NOP>".repeat(129)), (128 * 5, "at most 128 elements".into()));
}

#[test]
fn numbers_from_another_connection_read() {
    reads_as::<NumbersFrom>("A+5000", "A+5000");
    reads_as::<NumbersFrom>("B", "B");
    assert_eq!(fault_of::<NumbersFrom>("a+1").1, "the name of a connection such as `A`");
    assert_eq!(fault_of::<NumbersFrom>("A+"), (2, "a number".into()));
}
