//! What holds of every text and every tree.

use proptest::prelude::*;

use super::*;

/// Texts that look like the language, so that more than the first character is read.
fn near_text() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "<",
        ">",
        "=",
        "..",
        "*",
        ",",
        "SEQ",
        "ACK",
        "CTL",
        "SYN",
        "!",
        "?",
        "DATA",
        "\"",
        "\\x",
        "TS",
        "t1",
        "no ",
        "MSS",
        "SACK",
        "OPT",
        "0",
        "9",
        "4294967295",
        "4294967296",
        "abs:",
        "RCV.NXT",
        "B.",
        "+",
        "-",
        "ICMP",
        "/",
        "QUOTE",
        "a",
        " ",
        "\t",
        "s",
        "ms",
        "RTO",
        "x",
        "after",
        "1.5",
        ".",
        "->",
        "send",
        "recv",
        "connect",
        "192.0.2.1",
        "::1",
        "é",
        "|",
        "\n",
        "\r",
        "-->",
        "<--",
        "either",
        "or",
        "end",
        "repeat",
        "any order",
        "segment",
        "time",
        "acked",
        "\u{0}",
    ]);
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![near_text(), any::<String>()]
}

/// Reads a text as everything that it could be; none may panic.
fn read_all(text: &str) {
    let _ = text.parse::<Message>();
    let _ = text.parse::<Value>();
    let _ = text.parse::<Expression>();
    let _ = text.parse::<TimeSpec>();
    let _ = text.parse::<CallText>();
    let _ = text.parse::<NumbersFrom>();
    if let Ok(table) = Table::read(text) {
        let _ = table.ladder(&mut Known::default());
    }
}

fn expression() -> impl Strategy<Value = String> {
    let first = prop_oneof![
        any::<u32>().prop_map(|number| number.to_string()),
        any::<u32>().prop_map(|number| format!("abs:{number}")),
        Just("RCV.NXT".to_owned()),
        Just("C.SND.UNA".to_owned()),
    ];
    let rest = prop::sample::select(vec!["", "+1", "-4294967295", "+RCV.WND-1", "+SND.NXT-ISS"]);
    (first, rest).prop_map(|(first, rest)| first + rest)
}

fn sequence() -> impl Strategy<Value = String> {
    prop_oneof![
        expression(),
        Just("*".to_owned()),
        (expression(), expression()).prop_map(|(from, to)| format!("{from}..{to}")),
        expression().prop_map(|from| format!("{from}..")),
        expression().prop_map(|to| format!("..{to}")),
    ]
}

fn field(max: u32) -> impl Strategy<Value = String> {
    prop_oneof![
        (0..=max).prop_map(|number| number.to_string()),
        Just("*".to_owned()),
        (0..=max, 0..=max).prop_map(|(one, other)| format!("{}..{}", one.min(other), one.max(other))),
        (0..=max).prop_map(|from| format!("{from}..")),
        (0..=max).prop_map(|to| format!("..{to}")),
    ]
}

fn hex_text(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

fn option() -> impl Strategy<Value = String> {
    prop_oneof![
        field(0xffff).prop_map(|value| format!("<MSS={value}>")),
        field(0xff).prop_map(|value| format!("<WS={value}>")),
        (sequence(), field(0x7fff)).prop_map(|(_, value)| format!("<UTO={value}>")),
        (expression(), expression()).prop_map(|(left, right)| format!("<SACK={left}..{right}>")),
        prop::sample::select(vec![
            "<SACKOK>",
            "<NOP>",
            "<EOL>",
            "<MD5>",
            "<AO>",
            "<TFO=*>",
            "<TS=10,t1>",
            "<TS=t1..,*>"
        ])
        .prop_map(str::to_owned),
        prop::collection::vec(any::<u8>(), 1..8).prop_map(|octets| format!("<OPT={}>", hex_text(&octets))),
    ]
}

fn segment() -> impl Strategy<Value = String> {
    let numbers = (prop::option::of(sequence()), prop::option::of(sequence()));
    let control = prop::option::of(prop::sample::select(vec![
        "",
        "SYN",
        "FIN,ACK",
        "RST,?ACK",
        "ACK,!PSH,?ECE",
        "SYN,FIN,RST,ACK,PSH,URG,ECE,CWR,AE",
    ]));
    let data = prop::option::of(prop_oneof![
        field(65_515),
        prop::collection::vec(any::<u8>(), 0..6).prop_map(|octets| print::Quoted(&octets).to_string()),
    ]);
    let rest = (prop::option::of(field(0xffff)), prop::option::of(field(0xff)), any::<bool>());
    (numbers, control, prop::collection::vec(option(), 0..4), data, rest).prop_map(
        |((seq, ack), control, options, data, (window, ttl, is_damaged))| {
            let element = |name: &str, text: Option<String>| {
                text.map_or(String::new(), |text| format!("<{name}={text}>"))
            };
            let mut text =
                element("SEQ", seq) + &element("ACK", ack) + &element("CTL", control.map(Into::into));
            text += &options.concat();
            text += if is_damaged { "" } else { "<no TFO>" };
            text += &(element("WND", window) + &element("DATA", data));
            text += if is_damaged { "<SUM=bad>" } else { "" };
            text += &element("TTL", ttl);
            text + if is_damaged { "<DF>" } else { "" }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_a_parser_panic(text in any_text()) {
        read_all(&text);
    }

    #[test]
    fn what_reads_prints_as_what_reads_the_same(text in near_text()) {
        if let Ok(tree) = text.parse::<Message>() {
            prop_assert_eq!(tree.to_string().parse::<Message>().unwrap(), tree);
        }
        if let Ok(tree) = text.parse::<TimeSpec>() {
            prop_assert_eq!(tree.to_string().parse::<TimeSpec>().unwrap(), tree);
        }
        if let Ok(tree) = text.parse::<CallText>() {
            prop_assert_eq!(tree.to_string().parse::<CallText>().unwrap(), tree);
        }
    }

    #[test]
    fn segments_print_back(text in segment()) {
        let tree = text.parse::<Message>();
        // `<no TFO>` beside `<TFO=*>` is a contradiction, and not all options have room beside each other.
        let is_crowded = |fault: &CellError| fault.expected.contains("40 octets of options");
        prop_assume!(text.contains("<TFO=*>") || !tree.as_ref().is_err_and(is_crowded));
        prop_assert!(text.contains("<TFO=*>") || tree.is_ok(), "{:?}", tree);
        if let Ok(tree) = tree {
            let printed = tree.to_string();
            prop_assert_eq!(&printed, &text);
            prop_assert_eq!(printed.parse::<Message>().unwrap(), tree);
        }
    }

    #[test]
    fn a_cut_or_changed_segment_never_panics(text in segment(), at in any::<prop::sample::Index>(), with in any::<char>()) {
        let mut characters: Vec<char> = text.chars().collect();
        if !characters.is_empty() {
            let place = at.index(characters.len());
            read_all(&characters[..place].iter().collect::<String>());
            characters[place] = with;
            read_all(&characters.iter().collect::<String>());
        }
    }

    #[test]
    fn ladders_print_back(
        rows in prop::collection::vec((prop::sample::select(vec!["-->", "<--", "<--x", "<--?", "<--*", "either", "or", "end", "repeat 3", "any order", "call"]), segment()), 1..12)
    ) {
        let mut text = "| | segment |\n".to_owned();
        for (arrow, segment) in &rows {
            let cell = match *arrow {
                "call" => "recv -> 5",
                arrow if arrow.contains(['-']) => segment,
                _ => "",
            };
            text += &format!("| {arrow} | {cell} |\n");
        }
        let table = Table::read(&text).unwrap();
        if let Ok(ladder) = table.ladder(&mut Known::default()) {
            let printed = ladder.to_string();
            prop_assert_eq!(Table::read(&printed).unwrap().ladder(&mut Known::default()).unwrap().to_string(), printed);
        }
    }

    #[test]
    fn whatever_is_built_fits_what_it_was_built_from(text in segment(), tester in any::<u32>(), device in any::<u32>()) {
        let Ok(message) = text.parse::<Message>() else { return Ok(()) };
        let binding = Binding::established(Seq(tester), Seq(device));
        let world = world();
        let path = path(Side::Device, true);
        if let Ok(built) = build(&message, Side::Device, path, &honest(), &binding, &world) {
            let Ok(packet) = wireproof_reference::wire::Packet::parse(&built.packet) else { return Ok(()) };
            let fits = matches(&message, &packet, Side::Device, &binding, &world);
            let is_raw = text.contains("<OPT=") || text.contains("<EOL>");
            prop_assert!(fits.is_ok() || is_raw, "{text}: {fits:?}");
            let _ = show::packet(&packet, Side::Device, &binding);
        }
    }

    #[test]
    fn no_packet_makes_matching_or_showing_panic(octets in prop::collection::vec(any::<u8>(), 20..80), text in segment()) {
        let mut octets = octets;
        octets[0] = 0x45;
        octets[9] = 6;
        let len = octets.len() as u16;
        octets[2..4].copy_from_slice(&len.to_be_bytes());
        octets[6] = 0;
        octets[7] = 0;
        let (Ok(packet), Ok(message)) = (wireproof_reference::wire::Packet::parse(&octets), text.parse::<Message>()) else {
            return Ok(());
        };
        let _ = matches(&message, &packet, Side::Device, &established(), &world());
        let mut binding = Binding::new(Seq(1), Seq(2));
        if let Some(tcp) = packet.tcp() {
            binding.observe(tcp, Side::Device);
        }
        let shown = show::packet(&packet, Side::Device, &binding);
        if packet.tcp().is_some() {
            prop_assert!(shown.parse::<Message>().is_ok(), "{shown}");
        }
    }
}
