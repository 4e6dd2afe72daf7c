//! The expressions of a row, wherever they stand.

use super::sense::{icmp_values, ip_values, segment_values};
use crate::notation::ladder::{Action, Row};
use crate::notation::segment::{Message, Opt, SackBlocks, Segment};
use crate::notation::value::{Expression, Term, Value};

impl Row {
    /// The variables of other connections that the row names, `B.RCV.NXT`: each with the name of the connection.
    pub fn variables_of_others(&self) -> Vec<(&str, &Term)> {
        let terms = expressions(self).into_iter().flat_map(Expression::terms);
        terms
            .filter_map(|term| match term {
                Term::Variable { connection: Some(name), .. } => Some((name.as_str(), term)),
                Term::Variable { connection: None, .. }
                | Term::Number(_)
                | Term::Absolute(_)
                | Term::Letter(_) => None,
            })
            .collect()
    }
}

/// All expressions of a row's cell.
fn expressions(row: &Row) -> Vec<&Expression> {
    match &row.action {
        Action::Send { message, .. } | Action::Expect { message, .. } | Action::Permit { message, .. } => {
            match message {
                Message::Tcp(segment) => of_segment(segment),
                Message::Icmp(icmp) => of_values(icmp_values(icmp).into_iter().chain(ip_values(&icmp.ip))),
            }
        }
        Action::Receive { octets, .. } | Action::Deliver { octets } => {
            [vec![&octets.from, &octets.to], of_segment(&octets.also)].concat()
        }
        Action::Silence | Action::Call(_) => Vec::new(),
    }
}

fn of_segment(segment: &Segment) -> Vec<&Expression> {
    let fields = segment_values(segment).into_iter().chain(ip_values(&segment.ip));
    [of_values(fields), segment.options.iter().flat_map(of_option).collect()].concat()
}

fn of_values<'a>(values: impl Iterator<Item = Option<&'a Value>>) -> Vec<&'a Expression> {
    values.flatten().flat_map(Value::expressions).collect()
}

fn of_option(option: &Opt) -> Vec<&Expression> {
    match option {
        Opt::MaximumSegmentSize(value) | Opt::WindowScale(value) | Opt::UserTimeout { value, .. } => {
            value.expressions().collect()
        }
        Opt::Timestamps { value, echo } => value.expressions().chain(echo.expressions()).collect(),
        Opt::Sack(SackBlocks::Exact(blocks)) => blocks.iter().flat_map(|(from, to)| [from, to]).collect(),
        Opt::Sack(SackBlocks::Any)
        | Opt::SackPermitted
        | Opt::NoOperation
        | Opt::EndOfList
        | Opt::FastOpen { .. }
        | Opt::Md5(_)
        | Opt::Ao(_)
        | Opt::Raw(_) => Vec::new(),
    }
}
