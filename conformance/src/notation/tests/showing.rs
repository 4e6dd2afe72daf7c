//! Packets to text.

use wireproof_reference::wire::Packet;

use super::*;

fn shown(packet: &[u8], sender: Side, binding: &Binding) -> String {
    show::packet(&Packet::parse(packet).unwrap(), sender, binding)
}

#[track_caller]
fn shows(sent: &str, text: &str) {
    let packet = packet_of(sent, Side::Device, true, &world());
    assert_eq!(shown(&packet, Side::Device, &established()), text);
}

#[test]
fn a_segment_is_shown_in_symbolic_numbers_with_window_options_and_count() {
    shows("<SEQ=301><ACK=101><CTL=ACK,PSH><DATA=20>", "<SEQ=301><ACK=101><CTL=ACK,PSH><WND=65535><DATA=20>");
    shows(
        "<SEQ=300><CTL=SYN><MSS=1460><NOP><WS=7><SACKOK><TS=10,0>",
        "<SEQ=300><CTL=SYN><MSS=1460><NOP><WS=7><SACKOK><TS=10,0><WND=65535>",
    );
    shows(
        "<NOP><NOP><SACK=101..201>",
        "<SEQ=abs:1001><ACK=4101><CTL=ACK><NOP><NOP><SACK=101..201><WND=65535>",
    );
    shows(
        "<SEQ=301><CTL=URG><URP=5><RES=2><SUM=bad>",
        "<SEQ=301><CTL=URG><WND=65535><URP=5><SUM=bad><RES=2>",
    );
    shows("<SEQ=301><CTL=><OPT=fd04aabb>", "<SEQ=301><CTL=><OPT=fd04aabb><WND=65535>");
    shows("<SEQ=301><CTL=><NOP><OPT=080000>", "<SEQ=301><CTL=><NOP><OPT=080000><WND=65535>");
    shows(
        "<SEQ=301><CTL=><TFO=01020304><TFO=exp:05060708><UTO=5min><AO=0102aabb>",
        "<SEQ=301><CTL=><TFO=01020304><TFO=exp:05060708><UTO=5min><AO=0102aabb><WND=65535>",
    );
}

#[test]
fn a_segment_that_cannot_be_read_is_shown_as_far_as_it_can() {
    let cut = |text: &str| {
        let octets = packet_of(text, Side::Device, true, &world());
        show::packet(&Packet::parse_cut(&octets).unwrap(), Side::Device, &established())
    };
    assert_eq!(cut("<SEQ=301><ACK=101><CTL=ACK><OFF=4>"), "<SEQ=301><ACK=101><CTL=ACK><WND=65535><OFF=4>");
    assert_eq!(cut("<SEQ=301><DATA=4><OFF=15>"), "<SEQ=301><ACK=4101><CTL=ACK><WND=65535><OFF=15>");
    assert_eq!(cut("<SEQ=301><IPLEN=30>"), "<SEQ=301> cut off behind 10 octets");
    assert_eq!(cut("<SEQ=301><IPLEN=24>"), "IP 192.0.2.2.80 > 192.0.2.1.1024: [|tcp]");
}

#[test]
fn what_is_shown_reads_back_and_fits_the_packet() {
    let world = world();
    for sent in [
        "<SEQ=301><ACK=101><DATA=20><CTL=ACK,PSH>",
        "<SEQ=300><CTL=SYN><MSS=1460><TS=1,2>",
        "<SEQ=abs:7><CTL=RST>",
    ] {
        let packet = packet_of(sent, Side::Device, true, &world);
        let message: Message = shown(&packet, Side::Device, &established()).parse().unwrap();
        let packet = Packet::parse(&packet).unwrap();
        assert!(matches(&message, &packet, Side::Device, &established(), &world).is_ok());
    }
}

#[test]
fn numbers_of_which_nothing_is_known_are_shown_as_they_are() {
    let packet = packet_of("<SEQ=301><ACK=101>", Side::Device, true, &world());
    let text = shown(&packet, Side::Device, &Binding::new(Seq(1), Seq(2)));
    assert_eq!(text, "<SEQ=abs:5001><ACK=abs:1001><CTL=ACK><WND=65535>");
}

#[test]
fn an_icmp_message_is_shown_with_the_number_it_quotes() {
    let mut world = world();
    world.packets.insert("a", packet_of("<SEQ=301><DATA=1>", Side::Device, true, &world));
    let packet = packet_of("<ICMP=3/4><MTU=1000><QUOTE=a>", Side::Tester, true, &world);
    assert_eq!(shown(&packet, Side::Tester, &established()), "<ICMP=3/4><MTU=1000> quoting <SEQ=301>");
    let packet = packet_of("<ICMP=8/0>", Side::Tester, true, &world);
    assert_eq!(shown(&packet, Side::Tester, &established()), "<ICMP=8/0>");
    world.packets.insert("a", packet_of("<SEQ=301>", Side::Device, false, &world));
    let packet = packet_of("<ICMP=2/0><MTU=1280><QUOTE=a>", Side::Tester, false, &world);
    assert_eq!(shown(&packet, Side::Tester, &established()), "<ICMP=2/0><MTU=1280> quoting <SEQ=301>");
}

#[test]
fn a_connection_that_is_watched_counts_from_100_and_300() {
    let world = world();
    let mut binding = Binding::new(Seq(0), Seq(0));
    let mut watch = |sender: Side, text: &str| {
        let octets = packet_of(text, sender, true, &world);
        let packet = Packet::parse(&octets).unwrap();
        binding.observe(packet.tcp().unwrap(), sender);
        shown(&octets, sender, &binding)
    };
    assert_eq!(watch(Side::Tester, "<SEQ=abs:7><CTL=SYN><no MSS>"), "<SEQ=100><CTL=SYN><WND=65535>");
    assert_eq!(
        watch(Side::Device, "<SEQ=abs:4294967295><ACK=abs:8><CTL=SYN,ACK><no MSS>"),
        "<SEQ=300><ACK=101><CTL=SYN,ACK><WND=65535>"
    );
    assert_eq!(
        watch(Side::Tester, "<SEQ=abs:8><ACK=abs:0><CTL=ACK>"),
        "<SEQ=101><ACK=301><CTL=ACK><WND=65535>"
    );
    // The same ports again.
    assert_eq!(watch(Side::Tester, "<SEQ=abs:99999><CTL=SYN><no MSS>"), "<SEQ=100><CTL=SYN><WND=65535>");
}

#[test]
fn a_connection_that_is_watched_from_the_middle_counts_from_101_and_301() {
    let world = world();
    let mut binding = Binding::new(Seq(0), Seq(0));
    let octets = packet_of("<SEQ=abs:7000><ACK=abs:9000><CTL=ACK><DATA=\"x\">", Side::Tester, true, &world);
    binding.observe(Packet::parse(&octets).unwrap().tcp().unwrap(), Side::Tester);
    assert_eq!(shown(&octets, Side::Tester, &binding), "<SEQ=101><ACK=301><CTL=ACK><WND=65535><DATA=1>");
}
