//! The state x segment matrix: `matrix.txt`, written by hand from RFC 9293 3.10.7, against the state machine; and the cells
//! in which the preset of RFC 793 differs, `matrix_rfc793.txt`.

#![expect(clippy::unwrap_used, reason = "a table that cannot be read fails the test")]

mod common;

use common::{ISS, MTU, START, device, segment, tester};
use std::collections::BTreeMap;
use wireproof_reference::policy::Policy;
use wireproof_reference::tcp::{
    Carriage, Connection, IsnGenerator, Listener, Received, Segment, SegmentOut, SeqNumber, State,
    reset_for_closed,
};
use wireproof_reference::time::{Duration, Instant};

const TABLE: &str = include_str!("matrix.txt");
/// Cells only: segments and numbers are the other table's.
const TABLE_RFC793: &str = include_str!("matrix_rfc793.txt");
const NOW: Instant = START;

/// The table as read.
struct Matrix {
    segments: BTreeMap<String, String>,
    sections: Vec<Section>,
}

struct Section {
    state: String,
    numbers: BTreeMap<String, u32>,
    cells: Vec<Cell>,
}

struct Cell {
    segment: String,
    answer: String,
    state: String,
    readable: usize,
    clause: String,
}

fn matrix() -> Matrix {
    read(TABLE)
}

/// The table with the cells of RFC 793 in the place of those that they replace.
fn matrix_of_rfc793() -> Matrix {
    let mut matrix = matrix();
    for section in read(TABLE_RFC793).sections {
        let of_state = matrix.sections.iter_mut().find(|of| of.state == section.state).unwrap();
        for cell in section.cells {
            let replaced = of_state.cells.iter_mut().find(|of| of.segment == cell.segment).unwrap();
            assert_ne!(
                (&replaced.answer, &replaced.state, replaced.readable),
                (&cell.answer, &cell.state, cell.readable),
                "{} x {} does not differ",
                section.state,
                cell.segment
            );
            *replaced = cell;
        }
    }
    matrix
}

fn read(table: &str) -> Matrix {
    let mut matrix = Matrix { segments: BTreeMap::new(), sections: Vec::new() };
    for line in table.lines().map(str::trim_end) {
        if let Some(heading) = line.strip_prefix("## ") {
            let (state, numbers) = heading.split_once("  ").unwrap_or((heading, ""));
            let numbers = numbers.split_whitespace().map(|number| {
                let (name, value) = number.split_once('=').unwrap();
                (name.to_string(), value.parse().unwrap())
            });
            matrix.sections.push(Section {
                state: state.to_string(),
                numbers: numbers.collect(),
                cells: Vec::new(),
            });
        } else if let Some((name, notation)) = line.split_once(" = ").filter(|_| !line.starts_with('#')) {
            matrix.segments.insert(name.trim().to_string(), notation.to_string());
        } else if !line.starts_with('#') && !line.is_empty() {
            let columns: Vec<&str> = line.split('|').map(str::trim).collect();
            let [segment, answer, state, readable, clause] = columns[..] else {
                panic!("five columns: {line}")
            };
            matrix.sections.last_mut().unwrap().cells.push(Cell {
                segment: segment.to_string(),
                answer: answer.to_string(),
                state: state.to_string(),
                readable: readable.parse().unwrap(),
                clause: clause.to_string(),
            });
        }
    }
    matrix
}

/// What a segment meets.
enum Device {
    Nothing,
    Listener(Box<Listener>),
    Connection(Box<Connection>),
}

impl Device {
    /// A device in the state that a heading names, with nothing left to send.
    fn in_state(name: &str, policy: &Policy) -> Self {
        match name {
            "CLOSED" => Self::Nothing,
            "LISTEN" => Self::Listener(Box::new(listener(policy))),
            "SYN-RECEIVED, passively" => {
                let mut device = Self::Listener(Box::new(listener(policy)));
                device.exchange("<SEQ=100><CTL=SYN>");
                device
            }
            name => Self::Connection(Box::new(connection(name, policy))),
        }
    }

    fn state(&self) -> State {
        match self {
            Self::Nothing => State::Closed,
            Self::Listener(listener) => listener.children().first().map_or(State::Listen, Connection::state),
            Self::Connection(connection) => connection.state(),
        }
    }

    fn handle(&mut self, segment: &Segment<'_>) -> Vec<SegmentOut> {
        match self {
            Self::Nothing => {
                let carriage = Carriage::new(&Policy::rfc9293(), device());
                return reset_for_closed(segment, carriage).into_iter().collect();
            }
            Self::Listener(listener) => {
                listener.handle_segment(NOW, segment, &IsnGenerator::fixed(SeqNumber(ISS)));
            }
            Self::Connection(connection) => connection.handle_segment(NOW, segment),
        }
        self.output(NOW)
    }

    fn output(&mut self, now: Instant) -> Vec<SegmentOut> {
        std::iter::from_fn(|| match self {
            Self::Nothing => None,
            Self::Listener(listener) => listener.poll_transmit(now),
            Self::Connection(connection) => connection.poll_transmit(now),
        })
        .collect()
    }

    fn exchange(&mut self, notation: &str) -> Vec<SegmentOut> {
        self.handle(&segment(notation, &BTreeMap::new()).as_segment())
    }

    /// What leaves within half a second from now on.
    fn later(&mut self) -> Vec<SegmentOut> {
        let now = NOW + Duration::from_millis(499);
        match self {
            Self::Nothing => {}
            Self::Listener(listener) => listener.handle_timeout(now),
            Self::Connection(connection) => connection.handle_timeout(now),
        }
        self.output(now)
    }

    /// How many octets the user can read.
    fn readable(self) -> usize {
        let connection = match self {
            Self::Nothing => None,
            Self::Listener(mut listener) => listener.accept(),
            Self::Connection(connection) => Some(*connection),
        };
        let Some(mut connection) = connection else { return 0 };
        let mut count = 0;
        while let Ok(Received::Data(text)) = connection.receive(NOW, 1000) {
            count += text.len();
        }
        count
    }
}

fn listener(policy: &Policy) -> Listener {
    Listener::new(device(), 5, MTU, policy)
}

/// A connection that was brought into `state` by user calls and by these segments.
fn connection(state: &str, policy: &Policy) -> Connection {
    let mut connection = Connection::open_active(NOW, device(), tester(), SeqNumber(ISS), MTU, policy);
    feed(&mut connection, "");
    match state {
        "SYN-SENT" => return connection,
        "SYN-RECEIVED, actively" => {
            feed(&mut connection, "<SEQ=100><CTL=SYN>");
            return connection;
        }
        _ => feed(&mut connection, "<SEQ=100><ACK=301><CTL=SYN,ACK>"),
    }
    if matches!(state, "CLOSE-WAIT" | "LAST-ACK") {
        feed(&mut connection, "<SEQ=101><ACK=301><CTL=FIN,ACK>");
    }
    if !matches!(state, "ESTABLISHED" | "CLOSE-WAIT") {
        connection.shutdown_write(NOW).unwrap();
        feed(&mut connection, "");
    }
    match state {
        "FIN-WAIT-2" => feed(&mut connection, "<SEQ=101><ACK=302><CTL=ACK>"),
        "CLOSING" => feed(&mut connection, "<SEQ=101><ACK=301><CTL=FIN,ACK>"),
        "TIME-WAIT" => feed(&mut connection, "<SEQ=101><ACK=302><CTL=FIN,ACK>"),
        _ => {}
    }
    connection
}

/// Hands over a segment, if one is written, and throws away what the connection sends.
fn feed(connection: &mut Connection, notation: &str) {
    if !notation.is_empty() {
        connection.handle_segment(NOW, &segment(notation, &BTreeMap::new()).as_segment());
    }
    while connection.poll_transmit(NOW).is_some() {}
}

/// The answer in the table's words, if its numbers are those that the words stand for.
fn words(answers: &[SegmentOut], segment: &Segment<'_>, snd_nxt: u32) -> String {
    let [answer] = answers else {
        return if answers.is_empty() { "-".to_string() } else { format!("{} segments", answers.len()) };
    };
    let whole = answer.to_string();
    let (seq, ack) = (answer.seq.0, answer.ack.map(|ack| ack.0));
    match (answer.syn, answer.rst, ack) {
        (true, false, Some(ack)) if seq == ISS && ack == segment.seq.0 + 1 => "SYN,ACK".to_string(),
        (false, true, None) if Some(answer.seq) == segment.ack => "RST".to_string(),
        (false, true, Some(_)) if seq == 0 && answer.ack == Some(segment.end()) => "RST,ACK".to_string(),
        (false, false, Some(ack)) if seq == snd_nxt && answer.payload.is_empty() && !answer.fin => {
            format!("ACK {ack}")
        }
        _ => whole,
    }
}

/// What the device makes of one cell: answer, state, octets to read.
fn played(section: &Section, segment: &Segment<'_>, policy: &Policy) -> (String, String, usize) {
    let mut device = Device::in_state(&section.state, policy);
    let expected = section.state.split(',').next().unwrap();
    assert_eq!(device.state().name(), expected, "the set-up of {}", section.state);
    let snd_nxt = section.numbers["SND.NXT"];
    let mut answer = words(&device.handle(segment), segment, snd_nxt);
    let state = device.state().name().to_string();
    if answer == "-" {
        answer = words(&device.later(), segment, snd_nxt).replace("ACK ", "later ");
    }
    (answer, state, device.readable())
}

#[test]
fn every_cell_of_the_matrix_holds() {
    check(&matrix(), &Policy::rfc9293());
}

#[test]
fn every_cell_holds_under_rfc_793_with_what_differs_there() {
    check(&matrix_of_rfc793(), &Policy::rfc793());
}

#[track_caller]
fn check(matrix: &Matrix, policy: &Policy) {
    let mut wrong = Vec::new();
    for section in &matrix.sections {
        for cell in &section.cells {
            let segment = segment(&matrix.segments[&cell.segment], &section.numbers);
            let got = played(section, &segment.as_segment(), policy);
            let expected = (cell.answer.clone(), cell.state.clone(), cell.readable);
            if got != expected {
                let (state, name, clause) = (&section.state, &cell.segment, &cell.clause);
                wrong.push(format!("{state} x {name} ({clause}): expected {expected:?}, got {got:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} cells:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_matrix_has_a_cell_with_a_clause_for_every_state_and_segment() {
    let matrix = matrix_of_rfc793();
    let states: Vec<&str> =
        matrix.sections.iter().map(|section| section.state.split(',').next().unwrap()).collect();
    assert!(
        State::ALL.iter().all(|state| states.contains(&state.name())),
        "a state is missing in {states:?}"
    );
    for section in &matrix.sections {
        let cells: Vec<&str> = section.cells.iter().map(|cell| cell.segment.as_str()).collect();
        let missing: Vec<_> = matrix.segments.keys().filter(|name| !cells.contains(&name.as_str())).collect();
        assert!(missing.is_empty(), "{}: {missing:?}", section.state);
        assert_eq!(cells.len(), matrix.segments.len(), "{}: a segment twice", section.state);
        assert!(section.cells.iter().all(|cell| !cell.clause.is_empty()), "{}", section.state);
    }
}
