//! One row of a table: its arrow, and what the other cells must be with that arrow.

use nom::Parser;
use nom::bytes::complete::{tag, take_while1};
use nom::character::complete::{multispace0, multispace1};
use nom::combinator::{cut, opt, recognize};
use nom::sequence::preceded;

use super::elements::message;
use super::sense;
use super::value::connection;
use super::{Found, expecting, keyword, name, number_up_to, stop, whole};
use crate::notation::call::CallText;
use crate::notation::error::CellError;
use crate::notation::ladder::{Action, Fate, OctetRange, Often, Place, Row, State};
use crate::notation::segment::{Message, Segment};
use crate::notation::time::TimeSpec;
use crate::notation::value::Value;

/// The columns of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Conn,
    Time,
    Arrow,
    Segment,
    Device,
    Tester,
    Label,
    Clause,
}

impl Column {
    /// Every column, in the order in which a table is printed.
    pub(super) const ALL: [Self; 8] = [
        Self::Conn,
        Self::Time,
        Self::Arrow,
        Self::Segment,
        Self::Device,
        Self::Tester,
        Self::Label,
        Self::Clause,
    ];

    /// What stands above it.
    pub(super) const fn heading(self) -> &'static str {
        match self {
            Self::Conn => "conn",
            Self::Time => "time",
            Self::Arrow => "",
            Self::Segment => "segment",
            Self::Device => "device",
            Self::Tester => "tester",
            Self::Label => "label",
            Self::Clause => "clause",
        }
    }

    /// How messages call it.
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Arrow => "arrow",
            other => other.heading(),
        }
    }
}

/// The cells of one row, by column; what a table does not have is empty.
pub(super) struct Cells<'a> {
    pub(super) place: Place,
    pub(super) cells: [&'a str; Column::ALL.len()],
}

impl<'a> Cells<'a> {
    /// The cell of that column, without the spaces around it.
    pub(super) fn cell(&self, column: Column) -> &'a str {
        Column::ALL
            .iter()
            .zip(self.cells)
            .find(|(known, _)| **known == column)
            .map_or("", |(_, cell)| cell.trim())
    }

    /// Reads a cell that may be empty.
    fn read<T>(
        &self,
        column: Column,
        reader: impl Fn(&'a str) -> Result<T, CellError>,
    ) -> Result<Option<T>, Fault> {
        match self.cell(column) {
            "" => Ok(None),
            cell => reader(cell).map(Some).map_err(|fault| (column, fault)),
        }
    }
}

/// What is wrong, and in which column.
pub(super) type Fault = (Column, CellError);

/// What the arrow's column says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arrow {
    Send(Fate),
    Expect(Fate),
    Permit(Often),
    Receive,
    Deliver,
    Silence,
    Call,
    Keyword(Keyword),
}

/// The words that make blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keyword {
    Either,
    Or,
    AnyOrder,
    Repeat(u32),
    End,
}

/// The most octets of a `<==` or `==>`: beyond half the circle, before and behind are the same.
pub(super) const MAX_OCTETS: u32 = 1 << 30;

/// The most rounds of a `repeat`.
pub(super) const MAX_REPEAT: u32 = 100_000;

const ARROW: &str =
    "--> -->x <-- <--x <--? <--* <== ==> --- call, or either, or, any order, repeat and a number, end";

/// Reads the arrow.
pub(super) fn arrow(cell: &str) -> Result<Arrow, CellError> {
    match cell {
        "-->" => Ok(Arrow::Send(Fate::Arrives)),
        "-->x" => Ok(Arrow::Send(Fate::Lost)),
        "<--" => Ok(Arrow::Expect(Fate::Arrives)),
        "<--x" => Ok(Arrow::Expect(Fate::Lost)),
        "<--?" => Ok(Arrow::Permit(Often::Once)),
        "<--*" => Ok(Arrow::Permit(Often::AnyNumber)),
        "<==" => Ok(Arrow::Receive),
        "==>" => Ok(Arrow::Deliver),
        "---" => Ok(Arrow::Silence),
        "call" => Ok(Arrow::Call),
        "either" => Ok(Arrow::Keyword(Keyword::Either)),
        "or" => Ok(Arrow::Keyword(Keyword::Or)),
        "end" => Ok(Arrow::Keyword(Keyword::End)),
        _ if cell.split_whitespace().eq(["any", "order"]) => Ok(Arrow::Keyword(Keyword::AnyOrder)),
        _ if cell.starts_with("repeat") => {
            whole(cell, repeat).map(|count| Arrow::Keyword(Keyword::Repeat(count)))
        }
        _ => Err(CellError::whole(cell, ARROW)),
    }
}

/// `repeat 20`
fn repeat(input: &str) -> Found<'_, u32> {
    let count = preceded((tag("repeat"), multispace1), number_up_to(MAX_REPEAT));
    let (rest, count) = expecting("repeat and a number", count).parse(input)?;
    if count == 0 { stop(input, "at least one round") } else { Ok((rest, count)) }
}

/// Keyword rows hold nothing but their word and a comment.
pub(super) fn only_keyword(cells: &Cells<'_>) -> Result<(), Fault> {
    let others = Column::ALL.into_iter().filter(|column| !matches!(column, Column::Arrow | Column::Tester));
    for column in others {
        let cell = cells.cell(column);
        if !cell.is_empty() {
            return Err((
                column,
                CellError::whole(cell, "an empty cell: a block's word stands alone in its row"),
            ));
        }
    }
    Ok(())
}

/// Reads a row that is no keyword.
pub(super) fn row(cells: &Cells<'_>, arrow: Arrow) -> Result<Row, Fault> {
    let action = action(cells.cell(Column::Segment), arrow).map_err(|fault| (Column::Segment, fault))?;
    let row = Row {
        place: cells.place,
        time: cells.read(Column::Time, |cell| cell.parse::<TimeSpec>())?,
        action,
        device: cells.read(Column::Device, state)?,
        tester: cells.read(Column::Tester, |cell| Ok(cell.into()))?,
        conn: cells.read(Column::Conn, |cell| whole(cell, connection_name))?,
        label: cells.read(Column::Label, |cell| whole(cell, name).map(Into::into))?,
        clause: cells.read(Column::Clause, |cell| whole(cell, clause))?,
    };
    sense::of_row(&row)?;
    Ok(row)
}

/// Reads the `segment` cell as that arrow wants it.
fn action(cell: &str, arrow: Arrow) -> Result<Action, CellError> {
    match arrow {
        Arrow::Send(fate) => {
            let message = whole(cell, message)?;
            sense::to_send(&message).map_err(|what| CellError::whole(cell, what))?;
            Ok(Action::Send { message, fate })
        }
        Arrow::Expect(fate) => expected(cell).map(|message| Action::Expect { message, fate }),
        Arrow::Permit(often) => expected(cell).map(|message| Action::Permit { message, often }),
        Arrow::Receive => {
            let acked = opt(preceded(multispace0, keyword("acked")));
            let (message, acked) = whole(cell, (message, acked))?;
            sense::to_expect(&message).map_err(|what| CellError::whole(cell, what))?;
            Ok(Action::Receive { octets: octets(cell, message)?, acked: acked.is_some() })
        }
        Arrow::Deliver => {
            let octets = octets(cell, whole(cell, message)?)?;
            let also = Message::Tcp(octets.also.clone());
            sense::to_send(&also).map_err(|what| CellError::whole(cell, what))?;
            Ok(Action::Deliver { octets })
        }
        Arrow::Silence if cell.is_empty() => Ok(Action::Silence),
        Arrow::Silence => Err(CellError::whole(cell, "an empty cell: silence has no segment")),
        Arrow::Call => cell.parse::<CallText>().map(Action::Call),
        Arrow::Keyword(_) => Err(CellError::whole(cell, "a row")),
    }
}

/// A message to be compared with what comes.
fn expected(cell: &str) -> Result<Message, CellError> {
    let message = whole(cell, message)?;
    match sense::to_expect(&message) {
        Ok(()) => Ok(message),
        Err(what) => Err(CellError::whole(cell, what)),
    }
}

/// `<SEQ=301..2301>`, perhaps with more elements.
fn octets(cell: &str, message: Message) -> Result<OctetRange, CellError> {
    let what = "octets such as `<SEQ=301..2301>`: from the first to the one after the last";
    let Message::Tcp(segment) = message else {
        return Err(CellError::whole(cell, what));
    };
    match *segment {
        Segment { data: Some(_), .. } => {
            Err(CellError::whole(cell, "octets without DATA=; SEQ= says which they are"))
        }
        Segment { seq: Some(Value::Between(from, to)), .. } if from != to => {
            if let (Some(first), Some(last)) = (from.as_number(), to.as_number())
                && (last < first || last - first > MAX_OCTETS)
            {
                let what = format!("octets in order, at most {MAX_OCTETS} of them");
                return Err(CellError::whole(cell, what));
            }
            Ok(OctetRange { from, to, also: Box::new(Segment { seq: None, ..*segment }) })
        }
        _ => Err(CellError::whole(cell, what)),
    }
}

/// One of the eleven states.
fn state(cell: &str) -> Result<State, CellError> {
    State::from_name(cell).ok_or_else(|| {
        let names: Vec<&str> = State::ALL.into_iter().map(State::name).collect();
        CellError::whole(cell, format!("a state: {}", names.join(" ")))
    })
}

/// `A`, `B`
fn connection_name(input: &str) -> Found<'_, String> {
    expecting("the name of a connection such as `B`", connection).map(Into::into).parse(input)
}

/// `rfc9293-3.5-MUST-10`, with `@` before it or without.
fn clause(input: &str) -> Found<'_, String> {
    let number = (tag("rfc"), take_while1(|c: char| c.is_ascii_digit()));
    let section = (tag("-"), take_while1(|c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-'));
    let clause = cut(expecting("a clause such as `rfc9293-3.5-MUST-10`", recognize((number, section))));
    preceded(opt(tag("@")), clause).map(Into::into).parse(input)
}
