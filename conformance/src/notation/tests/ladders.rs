//! Rows, blocks, and whether they make sense.

use super::*;

#[track_caller]
fn ladder(text: &str) -> Ladder {
    read(text).unwrap_or_else(|fault| panic!("{text}\n{fault}"))
}

fn read(text: &str) -> Result<Ladder, LadderError> {
    Table::read(text)?.ladder(&mut Known::default())
}

/// Row, column, what was found, what was expected.
#[track_caller]
fn fault(text: &str) -> (usize, String, String, String) {
    let LadderError { row, column, fault, .. } = read(text).expect_err(text);
    (row, column, fault.found, fault.expected)
}

/// A table of these rows with the columns arrow and segment.
fn rows(rows: &[&str]) -> String {
    rows.iter().fold("| | segment |\n".to_owned(), |table, row| table + "| " + row + " |\n")
}

/// A table of these rows with time, arrow, segment, device and label.
fn wide(rows: &[&str]) -> String {
    rows.iter()
        .fold("| time | | segment | device | label |\n".to_owned(), |table, row| table + "| " + row + " |\n")
}

const SYN: &str = "<SEQ=100><CTL=SYN>";

#[test]
fn every_arrow_reads_as_what_it_means() {
    let text = rows(&[
        "--> | <CTL=SYN>",
        "-->x | <CTL=SYN>",
        "<-- | <CTL=SYN>",
        "<--x | <CTL=SYN>",
        "<--? | <CTL=SYN>",
        "<--* | <CTL=SYN>",
        "<== | <SEQ=301..2301>",
        "<== | <SEQ=301..2301> acked",
        "<== | <SEQ=1..2><CTL=FIN,ACK>acked",
        "==> | <SEQ=101..RCV.NXT+RCV.WND>",
        "call | send 20",
    ]);
    let actions: Vec<Action> = ladder(&text)
        .steps
        .into_iter()
        .map(|step| match step {
            Step::Row(row) => row.action,
            other => panic!("{other:?}"),
        })
        .collect();
    let message: Message = "<CTL=SYN>".parse().unwrap();
    let send = |fate| Action::Send { message: message.clone(), fate };
    let expect = |fate| Action::Expect { message: message.clone(), fate };
    let permit = |often| Action::Permit { message: message.clone(), often };
    assert_eq!(actions[..2], [send(Fate::Arrives), send(Fate::Lost)]);
    assert_eq!(actions[2..4], [expect(Fate::Arrives), expect(Fate::Lost)]);
    assert_eq!(actions[4..6], [permit(Often::Once), permit(Often::AnyNumber)]);
    let range = |from: &str, to: &str, also: &str| OctetRange {
        from: from.parse().unwrap(),
        to: to.parse().unwrap(),
        also: Box::new(if also.is_empty() { Segment::default() } else { also.parse().unwrap() }),
    };
    assert_eq!(actions[6], Action::Receive { octets: range("301", "2301", ""), acked: false });
    assert_eq!(actions[7], Action::Receive { octets: range("301", "2301", ""), acked: true });
    assert_eq!(actions[8], Action::Receive { octets: range("1", "2", "<CTL=FIN,ACK>"), acked: true });
    assert_eq!(actions[9], Action::Deliver { octets: range("101", "RCV.NXT+RCV.WND", "") });
    assert_eq!(actions[10], Action::Call("send 20".parse().unwrap()));
    let silence = ladder(&wide(&["3 s | --- | | TIME-WAIT |"]));
    assert!(
        matches!(&silence.steps[..], [Step::Row(row)] if row.action == Action::Silence && row.device == Some(State::TimeWait))
    );
}

#[test]
fn every_column_reads_into_its_place_in_any_order() {
    let text = "| label | clause | segment | conn | tester | device | | time |\n\
                | a | @rfc9293-3.5-MUST-10 | <CTL=SYN> | B | opens | SYN-SENT | <-- | RTO |";
    let known = &mut Known::default();
    let table = Table::read(text).unwrap();
    let ladder = Ladder::parse(&table.rows, &[40, 41], known).unwrap();
    let [Step::Row(row)] = &ladder.steps[..] else { panic!() };
    assert_eq!(row.place, Place { row: 1, line: 41 });
    assert_eq!(row.time, Some("RTO".parse().unwrap()));
    assert_eq!(row.device, Some(State::SynSent));
    assert_eq!(row.conn.as_deref(), Some("B"));
    assert_eq!(row.label.as_deref(), Some("a"));
    assert_eq!(row.clause.as_deref(), Some("rfc9293-3.5-MUST-10"));
    assert_eq!(row.tester.as_deref(), Some("opens"));
    assert!(known.has_label("a") && !known.has_label("b"));
    assert_eq!(row.to_string(), "B  RTO  <--  <CTL=SYN>  SYN-SENT  opens  a  rfc9293-3.5-MUST-10");
}

#[test]
fn headings_that_are_unknown_twice_or_missing_are_told() {
    let heading = "a heading: time, segment, device, tester, conn, label, clause, or none for the arrows";
    assert_eq!(
        fault("| | segmnt |\n| --> | <SEQ=1> |"),
        (0, "segmnt".into(), "segmnt".into(), heading.into())
    );
    assert_eq!(fault("| | segment | segment |\n").3, "each heading once");
    assert_eq!(fault("| | segment | |\n").3, "each heading once");
    assert_eq!(fault("| segment |\n").3, "a column without heading, for the arrows");
    assert_eq!(fault("| |\n").3, "a column headed `segment`");
    assert_eq!(fault("").3, "a row of headings");
    assert_eq!(fault("| | segment |\n").3, "a row below the headings");
    let cells = "2 cells, as in the headings";
    assert_eq!(fault("| | segment |\n| --> |\n"), (1, "arrow".into(), "1 cells".into(), cells.into()));
}

#[test]
fn blocks_nest() {
    let text = rows(&[
        "repeat 20 |",
        "either |",
        "<-- | <CTL=SYN>",
        "or |",
        "any order |",
        "<-- | <CTL=RST>",
        "<-- | <CTL=FIN>",
        "end |",
        "or |",
        "end |",
        "end |",
    ]);
    let Ladder { steps } = ladder(&text);
    let [Step::Repeat { count: 20, steps, place }] = &steps[..] else { panic!("{steps:?}") };
    assert_eq!(place.row, 1);
    let [Step::Either { alternatives, place }] = &steps[..] else { panic!("{steps:?}") };
    assert_eq!(place.row, 2);
    assert_eq!(alternatives.iter().map(Vec::len).collect::<Vec<_>>(), [1, 1, 0]);
    let [Step::AnyOrder { steps, .. }] = &alternatives[1][..] else { panic!("{alternatives:?}") };
    assert_eq!(steps.len(), 2);
    assert_eq!(ladder(&ladder(&text).to_string()), ladder(&text));
}

#[test]
fn blocks_that_do_not_close_open_or_hold_anything_are_told() {
    let expected = |text: &str| fault(text).3;
    assert_eq!(expected(&rows(&["end |"])), "a block before its `end`: either, any order or repeat");
    assert_eq!(expected(&rows(&["or |"])), "an `either` before its `or`");
    assert_eq!(expected(&rows(&["repeat 2 |", "or |"])), "an `either` before its `or`");
    assert_eq!(
        expected(&rows(&["either |", "<-- | <SEQ=1>", "end |"])),
        "an `or` between `either` and `end`"
    );
    assert_eq!(expected(&rows(&["either |", "or |", "end |"])), "a row between `either` and `end`");
    assert_eq!(expected(&rows(&["any order |", "end |"])), "a row between the block's word and its `end`");
    let unclosed = fault(&rows(&["--> | <SEQ=1>", "either |", "<-- | <SEQ=1>", "or |"]));
    assert_eq!(unclosed, (2, "arrow".into(), "either".into(), "its `end` further down".into()));
    assert_eq!(expected(&rows(&["repeat 0 |"])), "at least one round");
    assert_eq!(expected(&rows(&["repeat |"])), "repeat and a number");
    assert_eq!(expected(&rows(&["repeat 100001 |"])), "a number up to 100000");
    let rounds = "fewer rounds: blocks in blocks come to more than 100000";
    assert_eq!(
        fault(&rows(&["repeat 1000 |", "repeat 101 |"])),
        (2, "arrow".into(), "repeat 101".into(), rounds.into())
    );
    let deep: Vec<&str> = core::iter::repeat_n("any order |", 17).collect();
    assert_eq!(fault(&rows(&deep)).0, 17);
    let word = "an empty cell: a block's word stands alone in its row";
    assert_eq!(expected(&rows(&["either | <SEQ=1>"])), word);
    assert_eq!(expected(&wide(&["1 s | any order | | |"])), word);
}

#[test]
fn arrows_that_are_none_are_told() {
    let arrow =
        "--> -->x <-- <--x <--? <--* <== ==> --- call, or either, or, any order, repeat and a number, end";
    for found in ["->", "<---", "-->?", "<==x", "eiter", "Call", ""] {
        assert_eq!(
            fault(&rows(&[&format!("{found} | {SYN}")])),
            (1, "arrow".into(), found.into(), arrow.into())
        );
    }
}

#[test]
fn a_cell_must_be_what_its_arrow_wants() {
    let expected = |row: &str| fault(&rows(&[row])).3;
    assert_eq!(expected("--> |"), "a segment such as `<SEQ=100><CTL=SYN>`");
    assert_eq!(
        expected("call | <CTL=SYN>"),
        "a call: listen accept connect send sendurgent recv shutdown close abort state children set"
    );
    assert_eq!(expected("--- | <CTL=SYN>"), "an empty cell: silence has no segment");
    assert_eq!(expected("--> | <SEQ=301..401> acked"), "the end of the cell");
    let octets = "octets such as `<SEQ=301..2301>`: from the first to the one after the last";
    assert_eq!(expected("<== | <SEQ=301>"), octets);
    assert_eq!(expected("<== | <SEQ=301..>"), octets);
    assert_eq!(expected("<== | <SEQ=301..301>"), octets);
    assert_eq!(expected("<== | <ACK=301>"), octets);
    assert_eq!(expected("==> | <ICMP=3/4>"), octets);
    assert_eq!(expected("<== | <SEQ=1..2><DATA=1>"), "octets without DATA=; SEQ= says which they are");
    assert_eq!(expected("==> | <SEQ=1..2> acked"), "the end of the cell");
}

#[test]
fn what_is_sent_leaves_nothing_open() {
    let exact = "single numbers; only rows that expect take `*` and ranges";
    for cell in [
        "<SEQ=*>",
        "<SEQ=1..2>",
        "<ACK=1..>",
        "<DATA=..5>",
        "<DATA=*>",
        "<WND=1..2>",
        "<WIN=*>",
        "<URP=*>",
        "<OFF=*>",
        "<RES=*>",
        "<IPLEN=*>",
        "<TTL=*>",
        "<DSCP=*>",
        "<ID=*>",
        "<MSS=*>",
        "<WS=*>",
        "<SACK=*>",
        "<TS=*,1>",
        "<TS=1,5..>",
        "<UTO=*>",
        "<TFO=*>",
        "<ICMP=3/*>",
        "<ICMP=3/4><MTU=1..>",
    ] {
        for arrow in ["-->", "-->x"] {
            let found = fault(&rows(&[&format!("{arrow} | {cell}")]));
            assert_eq!((found.1.as_str(), found.3.as_str()), ("segment", exact), "{cell}");
        }
        ladder(&rows(&[&format!("<-- | {cell}")]));
    }
    let bits = "control bits without `!` and `?`; only rows that expect take them";
    assert_eq!(fault(&rows(&["--> | <CTL=ACK,!PSH>"])).3, bits);
    assert_eq!(fault(&rows(&["==> | <SEQ=1..2><CTL=ACK,?PSH>"])).3, bits);
    assert_eq!(fault(&rows(&["==> | <SEQ=1..2><WND=*>"])).3, exact);
    ladder(&rows(&["--> | <MD5><AO><no TS><DATA=\"x\"><OPT=00><SUM=bad>"]));
}

#[test]
fn no_device_is_expected_to_send_what_nobody_may() {
    let sum = "a segment without SUM=bad; only rows that send take it";
    for arrow in ["<--", "<--x", "<--?", "<--*"] {
        assert_eq!(fault(&rows(&[&format!("{arrow} | <SEQ=1><SUM=bad>")])).3, sum);
    }
    assert_eq!(fault(&rows(&["<== | <SEQ=1..2><SUM=bad>"])).3, sum);
}

#[test]
fn times_fit_their_rows() {
    let expected = |row: &str| {
        let (_, column, _, expected) = fault(&wide(&[row]));
        (column, expected)
    };
    let one = "one time such as `3 s`: nothing is awaited here that could come earlier or later";
    for time in ["1..2 s", "1 s..", "..1 s"] {
        assert_eq!(expected(&format!("{time} | --> | {SYN} | |")), ("time".into(), one.into()));
        assert_eq!(expected(&format!("{time} | --- | | |")).1, one);
        assert_eq!(expected(&format!("{time} | ==> | <SEQ=1..2> | |")).1, one);
        assert_eq!(
            expected(&format!("{time} | call | close | |")).1,
            "one time such as `3 s`, or a result behind `->` that is awaited"
        );
        ladder(&wide(&[&format!("{time} | call | recv -> end | |")]));
        ladder(&wide(&[&format!("{time} | <-- | {SYN} | |")]));
        ladder(&wide(&[&format!("{time} | <== | <SEQ=1..2> | |")]));
    }
    assert_eq!(expected("| --- | | |").1, "how long it is silent, such as `3 s`");
    assert_eq!(expected("1 s | <--? | <SEQ=1> | |").1, "an empty cell: a row that may come takes no time");
    assert_eq!(expected("1 s | <--* | <SEQ=1> | |").1, "an empty cell: a row that may come takes no time");
}

#[test]
fn a_row_that_may_not_come_has_neither_state_nor_label() {
    let expected = |row: &str| fault(&wide(&[row])).3;
    let state = "an empty cell: a row that may not come leaves no state behind";
    assert_eq!(expected("| <--? | <SEQ=1> | CLOSED |"), state);
    assert_eq!(expected("| <--* | <SEQ=1> | | a"), "an empty cell: a row that may not come has no label");
}

#[test]
fn states_names_and_clauses_are_what_they_must_be() {
    let found = fault(&wide(&[&format!("| --> | {SYN} | ESTABLISHD |")]));
    assert_eq!((found.1.as_str(), found.2.as_str()), ("device", "ESTABLISHD"));
    assert!(found.3.starts_with("a state: LISTEN SYN-SENT"), "{}", found.3);
    for state in State::ALL {
        ladder(&wide(&[&format!("| --> | {SYN} | {state} |")]));
    }
    assert_eq!(fault(&wide(&[&format!("| --> | {SYN} | | 1st")])).3, "a name");
    let conn = |name: &str| read(&format!("| conn | | segment |\n| {name} | --> | {SYN} |\n"));
    assert!(conn("B2").is_ok());
    assert_eq!(conn("b").unwrap_err().fault.expected, "the name of a connection such as `B`");
    let clause = |text: &str| read(&format!("| clause | | segment |\n| {text} | --> | {SYN} |\n"));
    assert!(clause("rfc6298-5.7").is_ok());
    assert_eq!(clause("MUST-10").unwrap_err().fault.expected, "a clause such as `rfc9293-3.5-MUST-10`");
    assert_eq!(clause("@rfc9293").unwrap_err().fault.expected, "a clause such as `rfc9293-3.5-MUST-10`");
}

#[test]
fn x_multiplies_what_a_row_before_has_measured() {
    let expected = "an earlier row that waits for the device, timed by RTO, for `x` to multiply";
    let is_fault = |rows: &[&str]| {
        let found = fault(&wide(rows));
        assert_eq!((found.1.as_str(), found.3.as_str()), ("time", expected));
        found.0
    };
    let (rto, x2) = ("RTO | <-- | <SEQ=1> | |", "x2 | <-- | <SEQ=1> | |");
    ladder(&wide(&[rto, x2, x2]));
    ladder(&wide(&["0.9..1.1 RTO | <-- | <SEQ=1> | |", x2]));
    ladder(&wide(&["RTO | <== | <SEQ=1..2> | |", "x2 | --- | | |"]));
    assert_eq!(is_fault(&[x2]), 1);
    assert_eq!(is_fault(&["3 s | <-- | <SEQ=1> | |", x2]), 2);
    assert_eq!(is_fault(&["RTO | --> | <SEQ=1> | |", x2]), 2);
    assert_eq!(is_fault(&["RTO | --- | | |", x2]), 2);
    // In one alternative only: the other may have lived.
    let either = |other: &'static str| ["| either | | |", rto, "| or | | |", other, "| end | | |", x2];
    ladder(&wide(&either(rto)));
    assert_eq!(is_fault(&either("| <-- | <SEQ=2> | |")), 6);
}

#[test]
fn x_and_labels_reach_back_into_earlier_tables_of_the_scenario() {
    let mut known = Known::default();
    let first = Table::read(&wide(&["RTO | <-- | <SEQ=1> | | a"])).unwrap();
    let second =
        Table::read(&wide(&["x2 | <-- | <SEQ=1> | |", "3 s after a | --> | <ICMP=3/4><QUOTE=a> | |"]))
            .unwrap();
    assert!(second.ladder(&mut known.clone()).is_err());
    first.ladder(&mut known).unwrap();
    second.ladder(&mut known).unwrap();
}

#[test]
fn a_table_that_does_not_read_makes_nothing_known() {
    let mut known = Known::default();
    let table = Table::read(&wide(&["RTO | <-- | <SEQ=1> | | a", "1 s after b | --- | | |"])).unwrap();
    assert!(table.ladder(&mut known).is_err());
    assert_eq!(known, Known::default());
}

#[test]
fn a_label_stands_before_it_is_named_and_once() {
    let after = "`after` and the label of an earlier row";
    let found = fault(&wide(&[&format!("2 s after a | --> | {SYN} | | a")]));
    assert_eq!((found.0, found.1.as_str(), found.3.as_str()), (1, "time", after));
    let quote = "QUOTE= with the label of an earlier row that has a segment";
    assert_eq!(fault(&rows(&["--> | <ICMP=3/4><QUOTE=a>"])).3, quote);
    assert_eq!(fault(&wide(&["| call | close | | a", "| --> | <ICMP=3/4><QUOTE=a> | |"])).3, quote);
    ladder(&wide(&["| call | close | | a", "1 s after a | --- | | |"]));
    ladder(&wide(&["| <--x | <SEQ=1> | | a", "| --> | <ICMP=3/4><QUOTE=a> | |"]));
    let twice = fault(&wide(&["| <-- | <SEQ=1> | | a", "| <-- | <SEQ=1> | | a"]));
    assert_eq!(
        (twice.0, twice.1.as_str(), twice.3.as_str()),
        (2, "label", "a label that no earlier row has")
    );
    // Alternatives may each define it, for the rows behind them.
    ladder(&wide(&[
        "| either | | |",
        "| <-- | <SEQ=1> | | a",
        "| or | | |",
        "| <-- | <SEQ=2> | | a",
        "| end | | |",
        "1 s after a | --- | | |",
    ]));
}

#[test]
fn only_what_the_device_sends_comes_in_any_order() {
    let what = "<-- <--x <--? <--* or <==: only what the device sends can come in any order";
    for row in ["--> | <SEQ=1>", "==> | <SEQ=1..2>", "call | close"] {
        let found = fault(&rows(&["any order |", "<-- | <SEQ=1>", row, "end |"]));
        assert_eq!((found.0, found.3.as_str()), (3, what));
    }
    let nested =
        fault(&rows(&["any order |", "either |", "<-- | <SEQ=1>", "or |", "call | close", "end |", "end |"]));
    assert_eq!((nested.0, nested.3.as_str()), (5, what));
}

#[test]
fn a_fault_says_where_it_is_and_what_would_be_right() {
    let text = "| | segment |\n# so far so good\n| --> | <SEQ=100><CTL=SYM> |";
    let error = read(text).unwrap_err();
    assert_eq!(error.line, 3);
    assert_eq!(
        error.to_string(),
        "row 1, column `segment`, character 15: found `SYM>`, expected a control bit: SYN ACK FIN RST PSH URG ECE CWR AE, \
         with `!` for absent or `?` for perhaps before it"
    );
}

#[test]
fn rows_of_octets_go_forward_and_not_half_round_the_circle() {
    let expected = |cells: &str| fault(&rows(&[cells])).3;
    let what = "octets in order, at most 1073741824 of them";
    for cells in ["<== | <SEQ=401..301>", "==> | <SEQ=401..301>", "==> | <SEQ=101..4294967295>"] {
        assert_eq!(expected(cells), what, "{cells}");
    }
    ladder(&rows(&["==> | <SEQ=101..1073741925>", "<== | <SEQ=301..SND.NXT+5>"]));
}

#[test]
fn a_cell_has_an_end() {
    let literal = |octets: usize| format!("--> | <DATA=\"{}\">", "x".repeat(octets));
    ladder(&rows(&[&literal(19_000)]));
    let (row, column, found, expected) = fault(&rows(&[&literal(20_000)]));
    assert_eq!((row, column.as_str(), expected.as_str()), (1, "segment", "at most 20000 characters"));
    assert!(found.chars().count() < 40, "{found}");
}
