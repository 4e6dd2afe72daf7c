//! What reads well and still makes no sense: rows that contradict their arrow, names that nobody has defined.

use super::context::{self, Letters, Over};
use super::rows::{Column, Fault};
use crate::notation::error::CellError;
use crate::notation::ladder::{Action, Place, Row, Step};
use crate::notation::segment::{Data, Icmp, IpFields, Message, Opt, Segment, Window};
use crate::notation::time::{Amount, Span, TimeSpec, TimeWord};
use crate::notation::value::Value;
use std::collections::BTreeSet;

/// What the rows so far have made known to the rows that follow.
///
/// One `Known` goes through all tables of a scenario, so that a row can name a label of an earlier table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// The labels, each with whether its row has a packet that can be quoted.
    labels: BTreeSet<(String, bool)>,
    /// Whether a row timed by RTO or xN stands before, so that `x2` has something to double.
    measured: bool,
    /// The letters that rows have bound.
    pub(super) letters: Letters,
    /// The versions of IP that the scenario runs over.
    pub(super) over: Over,
}

impl Known {
    /// Nothing but the versions of IP that the scenario runs over: what one of them lacks is a fault.
    pub fn over(over: Over) -> Self {
        Self { over, ..Self::default() }
    }

    /// Whether a row of that label is there.
    pub fn has_label(&self, label: &str) -> bool {
        self.is_quotable(label) || self.labels.contains(&(label.into(), false))
    }

    /// Whether a row of that label is there and has a packet.
    fn is_quotable(&self, label: &str) -> bool {
        self.labels.contains(&(label.into(), true))
    }
}

impl TimeSpec {
    /// Whether a row with this time is one that `x2` in a later row counts from: timed by RTO or by such a factor.
    pub fn is_measured(&self) -> bool {
        let is_rto = |amount: &Amount| matches!(amount, Amount::Profile { word: TimeWord::Rto, .. });
        match &self.span {
            Span::Times(_) => true,
            Span::Exact(one) | Span::AtLeast(one) | Span::AtMost(one) => is_rto(one),
            Span::Between(from, to) => is_rto(from) || is_rto(to),
        }
    }
}

impl Row {
    /// Whether the row waits for the device, so that its time is measured.
    pub fn awaits(&self) -> bool {
        match &self.action {
            Action::Expect { .. } | Action::Receive { .. } => true,
            Action::Call(call) => call.expected.is_some(),
            Action::Send { .. } | Action::Permit { .. } | Action::Deliver { .. } | Action::Silence => false,
        }
    }
}

/// What a row says against itself.
pub(super) fn of_row(row: &Row) -> Result<(), Fault> {
    let printed = row.time.as_ref().map(TimeSpec::to_string).unwrap_or_default();
    let time = |what: &str| Err((Column::Time, CellError::whole(&printed, what)));
    let single =
        matches!(row.time.as_ref().map(|time| &time.span), None | Some(Span::Exact(_) | Span::Times(_)));
    match &row.action {
        Action::Silence if row.time.is_none() => return time("how long it is silent, such as `3 s`"),
        Action::Permit { .. } if row.time.is_some() => {
            return time("an empty cell: a row that may come takes no time");
        }
        Action::Send { .. } | Action::Deliver { .. } | Action::Silence if !single => {
            return time("one time such as `3 s`: nothing is awaited here that could come earlier or later");
        }
        Action::Call(call) if call.expected.is_none() && !single => {
            return time("one time such as `3 s`, or a result behind `->` that is awaited");
        }
        _ => {}
    }
    match (&row.action, row.device, &row.label) {
        (Action::Permit { .. }, Some(state), _) => {
            let what = "an empty cell: a row that may not come leaves no state behind";
            Err((Column::Device, CellError::whole(state.name(), what)))
        }
        (Action::Permit { .. }, _, Some(label)) => Err((
            Column::Label,
            CellError::whole(label, "an empty cell: a row that may not come has no label"),
        )),
        _ => Ok(()),
    }
}

/// Whether the tester can send the message: every number is one, every bit is set or not.
pub(super) fn to_send(message: &Message) -> Result<(), &'static str> {
    const EXACT: &str = "single numbers; only rows that expect take `*` and ranges";
    let (values, ip) = match message {
        Message::Tcp(segment) => {
            let control = segment.control.unwrap_or_default();
            if !control.absent.is_empty() || !control.optional.is_empty() {
                return Err("control bits without `!` and `?`; only rows that expect take them");
            }
            if segment.options.iter().any(is_open) {
                return Err(EXACT);
            }
            (segment_values(segment), &segment.ip)
        }
        Message::Icmp(icmp) => (icmp_values(icmp), &icmp.ip),
    };
    if values.into_iter().chain(ip_values(ip)).flatten().any(|value| value.as_exact().is_none()) {
        return Err(EXACT);
    }
    Ok(())
}

/// Whether the device may be expected to send the message.
pub(super) fn to_expect(message: &Message) -> Result<(), &'static str> {
    let bad = match message {
        Message::Tcp(segment) => segment.bad_checksum,
        Message::Icmp(icmp) => icmp.bad_checksum,
    };
    if bad { Err("a segment without SUM=bad; only rows that send take it") } else { Ok(()) }
}

/// Whether the option leaves open what it is.
fn is_open(option: &Opt) -> bool {
    match option {
        Opt::MaximumSegmentSize(value) | Opt::WindowScale(value) | Opt::UserTimeout { value, .. } => {
            value.as_exact().is_none()
        }
        Opt::Timestamps { value, echo } => value.as_exact().is_none() || echo.as_exact().is_none(),
        Opt::Sack(blocks) => matches!(blocks, crate::notation::segment::SackBlocks::Any),
        Opt::FastOpen { cookie, .. } => matches!(cookie, crate::notation::segment::Octets::Any),
        Opt::Md5(_) | Opt::Ao(_) | Opt::SackPermitted | Opt::NoOperation | Opt::EndOfList | Opt::Raw(_) => {
            false
        }
    }
}

pub(super) fn segment_values(segment: &Segment) -> Vec<Option<&Value>> {
    let window = segment.window.as_ref().map(|(Window::Field(value) | Window::Octets(value))| value);
    let data = match &segment.data {
        Some(Data::Count(count)) => Some(count),
        Some(Data::Literal(_)) | None => None,
    };
    let Segment { seq, ack, urgent, offset, reserved, .. } = segment;
    let others = [seq, ack, urgent, offset, reserved].map(Option::as_ref);
    others.into_iter().chain([window, data]).collect()
}

pub(super) fn icmp_values(icmp: &Icmp) -> Vec<Option<&Value>> {
    vec![Some(&icmp.code), icmp.mtu.as_ref()]
}

pub(super) fn ip_values(ip: &IpFields) -> [Option<&Value>; 4] {
    [&ip.ttl, &ip.dscp, &ip.id, &ip.length].map(Option::as_ref)
}

/// A fault, and the row that has it.
pub(super) type PlacedFault = (Place, Fault);

/// The `segment` cell of a row, as it is written.
pub(super) type Written<'a> = &'a dyn Fn(Place) -> &'a str;

/// Checks that rows and blocks follow from what is known before them, and adds what they make known.
pub(super) fn of_steps(steps: &[Step], known: &mut Known, written: Written<'_>) -> Result<(), PlacedFault> {
    for step in steps {
        match step {
            Step::Row(row) => {
                context::of_row(row, written(row.place), known).map_err(|fault| (row.place, fault))?;
                of_names(row, known, written)?;
            }
            Step::Either { alternatives, .. } => of_alternatives(alternatives, known, written)?,
            Step::AnyOrder { steps, .. } => {
                of_any_order(steps)?;
                of_steps(steps, known, written)?;
            }
            Step::Repeat { steps, .. } => of_steps(steps, known, written)?,
        }
    }
    Ok(())
}

/// Each alternative knows what was before the block; behind it, all of their labels and letters are there.
fn of_alternatives(
    alternatives: &[Vec<Step>],
    known: &mut Known,
    written: Written<'_>,
) -> Result<(), PlacedFault> {
    let before = known.clone();
    let mut all_measured = true;
    for alternative in alternatives {
        let mut here = before.clone();
        of_steps(alternative, &mut here, written)?;
        all_measured &= here.measured;
        known.labels.extend(here.labels);
        known.letters.extend(here.letters);
    }
    known.measured = all_measured;
    Ok(())
}

/// Only what the device sends can come in any order.
fn of_any_order(steps: &[Step]) -> Result<(), PlacedFault> {
    let what = "<-- <--x <--? <--* or <==: only what the device sends can come in any order";
    for step in steps {
        match step {
            Step::Row(row) => match &row.action {
                Action::Expect { .. } | Action::Permit { .. } | Action::Receive { .. } => {}
                Action::Send { .. } => {
                    return Err((row.place, (Column::Arrow, CellError::whole("-->", what))));
                }
                Action::Deliver { .. } => {
                    return Err((row.place, (Column::Arrow, CellError::whole("==>", what))));
                }
                Action::Silence => return Err((row.place, (Column::Arrow, CellError::whole("---", what)))),
                Action::Call(_) => return Err((row.place, (Column::Arrow, CellError::whole("call", what)))),
            },
            Step::Either { alternatives, .. } => {
                alternatives.iter().try_for_each(|steps| of_any_order(steps))?
            }
            Step::AnyOrder { steps, .. } | Step::Repeat { steps, .. } => of_any_order(steps)?,
        }
    }
    Ok(())
}

/// Checks what a row names, and adds what it defines.
fn of_names(row: &Row, known: &mut Known, written: Written<'_>) -> Result<(), PlacedFault> {
    let fault = |column, found: &str, what: &str| Err((row.place, (column, CellError::whole(found, what))));
    if let Some(time) = &row.time {
        match &time.after {
            Some(label) if !known.has_label(label) => {
                return fault(Column::Time, &time.to_string(), "`after` and the label of an earlier row");
            }
            Some(_) | None => {}
        }
        if matches!(time.span, Span::Times(_)) && !known.measured {
            let what = "an earlier row that waits for the device, timed by RTO, for `x` to multiply";
            return fault(Column::Time, &time.to_string(), what);
        }
        known.measured |= row.awaits() && time.is_measured();
    }
    if let Some(label) = quoted(row)
        && !known.is_quotable(label)
    {
        let what = "QUOTE= with the label of an earlier row that has a segment";
        let fault = CellError::element(written(row.place), "QUOTE=", label, what);
        return Err((row.place, (Column::Segment, fault)));
    }
    let Some(label) = &row.label else { return Ok(()) };
    if known.has_label(label) {
        return fault(Column::Label, label, "a label that no earlier row has");
    }
    let has_packet =
        matches!(row.action, Action::Send { .. } | Action::Expect { .. } | Action::Receive { .. });
    known.labels.insert((label.clone(), has_packet));
    Ok(())
}

/// The label that the row's ICMP message quotes.
fn quoted(row: &Row) -> Option<&str> {
    let (Action::Send { message, .. } | Action::Expect { message, .. } | Action::Permit { message, .. }) =
        &row.action
    else {
        return None;
    };
    match message {
        Message::Icmp(icmp) => icmp.quote.as_deref(),
        Message::Tcp(_) => None,
    }
}
