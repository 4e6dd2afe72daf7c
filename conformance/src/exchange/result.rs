//! What comes of a call, against what its row says.

use super::Exchange;
use super::program::RowId;
use super::story::result_text;
use super::thread::{Mismatch, Thread};
use crate::device::{CallResult, CallValue, Capability, Errno};
use crate::notation::{Expectation, Expression, State, Value};
use crate::report::Difference;
use crate::tester::Connection;

/// Whether a call's result is all that the row awaits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Judged {
    /// It is.
    Done,
    /// There is more to read.
    More,
}

impl Exchange<'_> {
    /// What a result means for the row.
    pub(super) fn judge(
        &mut self,
        thread: &mut Thread,
        id: RowId,
        expected: &Expectation,
        result: &CallResult,
    ) -> Result<Judged, Box<Mismatch>> {
        let holds = match (expected, result) {
            (Expectation::Ok, Ok(_)) | (Expectation::End, Ok(CallValue::End)) => true,
            (Expectation::State(state), Ok(CallValue::State(told))) => told.name() == State::name(*state),
            (Expectation::Error(name), Err(errno)) => self.is_same_error(name, errno),
            (Expectation::Count(count), Ok(CallValue::Taken(taken))) => holds(count, *taken),
            (Expectation::Count(count), Ok(CallValue::Children(children))) => {
                holds(count, children.len() as u64)
            }
            (Expectation::Count(_) | Expectation::Literal(_), Ok(CallValue::Data(data))) => {
                let connection = self.connection_of(thread, id)?;
                let tester = &mut thread.view.connections[connection];
                return read_on(tester, &mut self.partly, expected, data)
                    .map_err(|(summary, got)| differs(id, expected, got, summary));
            }
            _ => false,
        };
        match holds {
            true => Ok(Judged::Done),
            false => Err(differs(id, expected, result_text(result), "the call came to something else")),
        }
    }

    /// Devices that do not know why a socket failed tell error from ok, no more.
    fn is_same_error(&self, name: &str, errno: &Errno) -> bool {
        errno.to_string() == name || !self.session.capabilities().has(Capability::Errors)
    }
}

/// The application has read some octets: they have to be the tester's, and as many as the row says. `partly` counts
/// those of the row that it read before.
fn read_on(
    tester: &mut Connection,
    partly: &mut u64,
    expected: &Expectation,
    data: &[u8],
) -> Result<Judged, (&'static str, String)> {
    if let Expectation::Literal(octets) = expected {
        let from = usize::try_from(*partly).unwrap_or_default();
        if octets.get(from..).is_none_or(|rest| !rest.starts_with(data)) {
            return Err(("the application read other octets", String::from_utf8_lossy(data).into_owned()));
        }
    } else if let Some(at) = tester.tester_stream.first_difference(tester.read, data) {
        let got = format!("{} octets, octet {at} of them wrong", data.len());
        return Err(("the application read octets that the tester did not send", got));
    }
    tester.read += i64::try_from(data.len()).unwrap_or(i64::MAX);
    let so_far = *partly + data.len() as u64;
    if wanted(Some(expected), so_far).is_some_and(|rest| rest > 0) {
        *partly = so_far;
        return Ok(Judged::More);
    }
    *partly = 0;
    match expected {
        Expectation::Count(count) if !holds(count, so_far) => {
            Err(("the application read another number of octets", so_far.to_string()))
        }
        _ => Ok(Judged::Done),
    }
}

fn differs(id: RowId, expected: &Expectation, got: String, summary: &str) -> Box<Mismatch> {
    let expected = expected.to_string();
    let difference = Difference { field: "result".to_owned(), expected: expected.clone(), got: got.clone() };
    Box::new(Mismatch { expected, got, differences: vec![difference], ..Mismatch::at(id, summary) })
}

/// How many octets the row wants to be read, less those that it has.
pub(super) fn wanted(expected: Option<&Expectation>, partly: u64) -> Option<u64> {
    let all = match expected? {
        Expectation::Count(value) => match value {
            Value::Exact(number) | Value::UpTo(number) | Value::Between(_, number) => {
                u64::from(number.as_number()?)
            }
            Value::Any | Value::From(_) => return None,
        },
        Expectation::Literal(octets) => octets.len() as u64,
        Expectation::Ok
        | Expectation::End
        | Expectation::State(_)
        | Expectation::Error(_)
        | Expectation::Pending => {
            return None;
        }
    };
    Some(all.saturating_sub(partly))
}

/// Whether a count is what the row says; counts of calls are plain numbers.
fn holds(value: &Value, got: u64) -> bool {
    let number = |expression: &Expression| expression.as_number().map(u64::from);
    match value {
        Value::Any => true,
        Value::Exact(one) => number(one) == Some(got),
        Value::Between(from, to) => {
            number(from).is_some_and(|from| from <= got) && number(to).is_some_and(|to| got <= to)
        }
        Value::From(from) => number(from).is_some_and(|from| from <= got),
        Value::UpTo(to) => number(to).is_some_and(|to| got <= to),
    }
}
