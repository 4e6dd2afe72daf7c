//! What a row cannot mean in its scenario: letters that no row has bound, fields that its version of IP lacks, more
//! octets than a packet holds.

use core::net::IpAddr;
use std::collections::BTreeSet;

use super::rows::{Column, Fault};
use super::sense::Known;
use crate::notation::call::Verb;
use crate::notation::error::CellError;
use crate::notation::ladder::{Action, Row};
use crate::notation::segment::{Bits, Data, Icmp, IpFields, Message, Opt, Segment, Window};
use crate::notation::value::{Term, Value};

/// The versions of IP that a scenario runs over. Neither: not known, so that nothing is held against a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Over {
    /// Over IPv4.
    pub ipv4: bool,
    /// Over IPv6.
    pub ipv6: bool,
}

/// The largest total length of IPv4, header included, and the largest payload length of IPv6 (RFC 791 3.1,
/// RFC 8200 3).
const MAX_LENGTH: usize = 65_535;
/// A header of IPv4 without options; one of TCP without options.
const HEADER: usize = 20;
/// ICMPv4 has 16 bits for an MTU (RFC 1191 4).
const MAX_MTU_V4: u32 = 0xffff;
/// Types of errors whose numbers ICMP and ICMPv6 give to different things (RFC 792, RFC 4443 2.1).
const AMBIGUOUS_TYPES: [u8; 7] = [1, 2, 3, 4, 5, 11, 12];

/// Checks what the row's cell says against what is known of the scenario, and adds what it makes known. `cell` is the
/// cell as it is written.
pub(super) fn of_row(row: &Row, cell: &str, known: &mut Known) -> Result<(), Fault> {
    let fault = |found: Misfit| (Column::Segment, found.at(cell));
    let connection = row.conn.as_deref().unwrap_or("");
    match &row.action {
        Action::Send { message, .. } => {
            of_message(message, known.over).map_err(fault)?;
            of_window(message).map_err(fault)?;
            letters_of_sent(message, connection, known).map_err(fault)
        }
        Action::Expect { message, .. } | Action::Permit { message, .. } => {
            of_message(message, known.over).map_err(fault)?;
            letters_of_expected(message, connection, known).map_err(fault)
        }
        Action::Receive { octets, .. } | Action::Deliver { octets } => {
            let message = Message::Tcp(octets.also.clone());
            of_message(&message, known.over).map_err(fault)?;
            match &row.action {
                Action::Deliver { .. } => letters_of_sent(&message, connection, known),
                _ => letters_of_expected(&message, connection, known),
            }
            .map_err(fault)
        }
        Action::Call(call) => of_call(&call.verb, cell, known.over).map_err(|fault| (Column::Segment, fault)),
        Action::Silence => Ok(()),
    }
}

/// The peer's address is of the version of IP that the scenario runs over.
fn of_call(verb: &Verb, cell: &str, over: Over) -> Result<(), CellError> {
    let Verb::Connect { peer: Some((address, _)), .. } = verb else { return Ok(()) };
    let expected = match address {
        IpAddr::V4(_) if over.ipv6 => "an address of IPv6, or a scenario tagged @ipv4",
        IpAddr::V6(_) if over.ipv4 => "an address of IPv4, or a scenario tagged @ipv6",
        IpAddr::V4(_) | IpAddr::V6(_) => return Ok(()),
    };
    let written = cell.split_whitespace().nth(1).unwrap_or(cell);
    Err(CellError::word(cell, written, expected))
}

/// An element that does not fit: how it begins, which part of it is meant, what would fit.
struct Misfit {
    element: &'static str,
    part: String,
    expected: String,
}

impl Misfit {
    fn new(element: &'static str, expected: impl Into<String>) -> Self {
        Self { element, part: String::new(), expected: expected.into() }
    }

    fn at(self, cell: &str) -> CellError {
        CellError::element(cell, self.element, &self.part, self.expected)
    }
}

/// What no packet of the scenario's versions of IP can be.
fn of_message(message: &Message, over: Over) -> Result<(), Misfit> {
    match message {
        Message::Tcp(segment) => {
            of_ip(&segment.ip, over)?;
            of_data(segment, over)
        }
        Message::Icmp(icmp) => {
            of_ip(&icmp.ip, over)?;
            of_icmp(icmp, over)
        }
    }
}

/// Fields that IPv6 does not have.
fn of_ip(ip: &IpFields, over: Over) -> Result<(), Misfit> {
    if !over.ipv6 {
        return Ok(());
    }
    let expected = "a scenario tagged @ipv4: IPv6 has no such field";
    if ip.options.is_some() {
        return Err(Misfit::new("IPOPT=", expected));
    }
    if ip.id.is_some() {
        return Err(Misfit::new("ID=", expected));
    }
    match ip.df {
        Some(crate::notation::segment::Flag::Absent) => Err(Misfit::new("no DF", expected)),
        Some(crate::notation::segment::Flag::Present) | None => Ok(()),
    }
}

/// Octets that no packet has room for, behind the options that are written.
fn of_data(segment: &Segment, over: Over) -> Result<(), Misfit> {
    let Some(Data::Count(value)) = &segment.data else { return Ok(()) };
    let options: usize = segment.options.iter().map(Opt::least_len).sum();
    let behind_tcp = MAX_LENGTH - HEADER - options.next_multiple_of(4).min(40);
    let room = if over.ipv4 {
        let options = segment.ip.options.as_ref().map_or(0, Vec::len);
        behind_tcp - HEADER - options.next_multiple_of(4).min(40)
    } else {
        behind_tcp
    };
    let room = u32::try_from(room).unwrap_or(u32::MAX);
    // Of a range the least counts: a row that expects may leave the other end open.
    let least = match value {
        Value::Exact(one) | Value::Between(one, _) | Value::From(one) => one.as_number(),
        Value::Any | Value::UpTo(_) => None,
    };
    match least {
        Some(count) if count > room => {
            let expected = format!("at most {room} octets: a packet has no room for more");
            Err(Misfit::new("DATA=", expected))
        }
        Some(_) | None => Ok(()),
    }
}

/// The window of a SYN is never scaled (RFC 7323 2.2).
fn of_window(message: &Message) -> Result<(), Misfit> {
    let Message::Tcp(segment) = message else { return Ok(()) };
    let is_syn = segment.control.is_some_and(|control| control.present.contains(Bits::SYN));
    match &segment.window {
        Some(Window::Octets(value))
            if is_syn && value.as_exact().and_then(|one| one.as_number()) > Some(0xffff) =>
        {
            Err(Misfit::new("WIN=", "at most 65535 octets: the window of a SYN is never scaled"))
        }
        Some(_) | None => Ok(()),
    }
}

fn of_icmp(icmp: &Icmp, over: Over) -> Result<(), Misfit> {
    if over.ipv4 && over.ipv6 && AMBIGUOUS_TYPES.contains(&icmp.kind) {
        let expected =
            "a scenario tagged @ipv4 or @ipv6: ICMP and ICMPv6 give their numbers to different things";
        return Err(Misfit::new("ICMP=", expected));
    }
    let mtu = icmp.mtu.as_ref().map(|value| match value {
        Value::Exact(one) | Value::Between(one, _) | Value::From(one) => one.as_number().unwrap_or(0),
        Value::Any | Value::UpTo(_) => 0,
    });
    if over.ipv4 && mtu > Some(MAX_MTU_V4) {
        let expected = format!("an MTU up to {MAX_MTU_V4}: ICMP over IPv4 has 16 bits for it");
        return Err(Misfit::new("MTU=", expected));
    }
    Ok(())
}

/// The timestamps of a message, value and echo of each.
fn timestamps(message: &Message) -> impl Iterator<Item = &Value> {
    let options = match message {
        Message::Tcp(segment) => segment.options.as_slice(),
        Message::Icmp(_) => &[],
    };
    options.iter().flat_map(|option| match option {
        Opt::Timestamps { value, echo } => vec![value, echo],
        _ => Vec::new(),
    })
}

fn letters(value: &Value) -> impl Iterator<Item = &str> {
    value.expressions().flat_map(|one| one.terms()).filter_map(|term| match term {
        Term::Letter(letter) => Some(letter.as_str()),
        Term::Number(_) | Term::Absolute(_) | Term::Variable { .. } => None,
    })
}

/// The letters that are bound, each with its connection.
pub(super) type Letters = BTreeSet<(String, String)>;

fn unbound(letter: &str, connection: &str, known: &Letters) -> Result<(), Misfit> {
    if known.contains(&(connection.to_owned(), letter.to_owned())) {
        return Ok(());
    }
    let expected =
        format!("a letter that an earlier row has bound: one that expects `TS=` with just {letter} in it");
    Err(Misfit { element: "TS=", part: letter.to_owned(), expected })
}

/// What is sent must be known.
fn letters_of_sent(message: &Message, connection: &str, known: &Known) -> Result<(), Misfit> {
    timestamps(message).flat_map(letters).try_for_each(|letter| unbound(letter, connection, &known.letters))
}

/// A letter that stands alone is bound by what comes; in a sum or a range it must be known.
fn letters_of_expected(message: &Message, connection: &str, known: &mut Known) -> Result<(), Misfit> {
    for value in timestamps(message) {
        match value {
            Value::Exact(one) if one.rest.is_empty() => {
                let new = letters(value).map(|letter| (connection.to_owned(), letter.to_owned()));
                known.letters.extend(new.collect::<Vec<_>>());
            }
            _ => letters(value).try_for_each(|letter| unbound(letter, connection, &known.letters))?,
        }
    }
    Ok(())
}
