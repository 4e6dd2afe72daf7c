//! A connection as a ladder: both ends as columns, times from its start, segments in the notation.

use std::io::{self, Write};

use wireproof_reference::wire::{Tcp, TcpFlags, TcpOption};

use super::connection::{Base, Connection, End, Row};
use super::file::Nanos;
use crate::report::style::{DIM, HEAD, ODD, Styled};

/// Segments longer than this do not widen the column.
const WIDEST: usize = 96;
/// The column is no narrower than this.
const NARROWEST: usize = 36;

/// The segment in the notation, numbers relative to the connection's. Padding between options is left away, the
/// window told where it changes.
pub(super) fn segment(connection: &Connection, tcp: &Tcp<'_>, from: End, missing: usize) -> String {
    let number = |end: End, number: u32| match connection.side(end).base {
        Some(Base { isn, .. }) => number.wrapping_sub(isn).wrapping_add(end.shown()).to_string(),
        None => format!("abs:{number}"),
    };
    let mut text = format!("<SEQ={}>", number(from, tcp.seq));
    if tcp.flags.ack() {
        text += &format!("<ACK={}>", number(from.other(), tcp.ack));
    }
    text += &format!("<CTL={}>", flags(tcp.flags));
    if connection.side(from).window != Some(tcp.window) {
        text += &format!("<WND={}>", tcp.window);
    }
    if tcp.flags.urg() {
        text += &format!("<URP={}>", tcp.urgent);
    }
    if tcp.flags.reserved() != 0 {
        text += &format!("<RES={}>", tcp.flags.reserved());
    }
    text += &options(tcp, &|acked| number(from.other(), acked));
    let octets = tcp.payload.len().saturating_add(missing);
    if octets > 0 {
        text += &format!("<DATA={octets}>");
    }
    text
}

/// The options in the order of the wire; from the first that is malformed on as they stand.
fn options(tcp: &Tcp<'_>, number: &dyn Fn(u32) -> String) -> String {
    let (mut text, mut read) = (String::new(), 0);
    for option in tcp.options.iter() {
        match option {
            Ok(option) => {
                read += option.wire_len();
                text += &told(&option, number);
            }
            Err(_) => text += &format!("<OPT={}>", hex(tcp.options.octets().get(read..).unwrap_or_default())),
        }
    }
    text
}

/// The flags in the notation's order.
fn flags(flags: TcpFlags) -> String {
    const NAMES: [(TcpFlags, &str); 9] = [
        (TcpFlags::SYN, "SYN"),
        (TcpFlags::FIN, "FIN"),
        (TcpFlags::RST, "RST"),
        (TcpFlags::ACK, "ACK"),
        (TcpFlags::PSH, "PSH"),
        (TcpFlags::URG, "URG"),
        (TcpFlags::ECE, "ECE"),
        (TcpFlags::CWR, "CWR"),
        (TcpFlags::AE, "AE"),
    ];
    let set: Vec<&str> =
        NAMES.iter().filter(|(flag, _)| flags.contains(*flag)).map(|(_, name)| *name).collect();
    set.join(",")
}

/// An option in the notation; nothing for padding. `number` makes a number of the other end relative.
fn told(option: &TcpOption<'_>, number: &dyn Fn(u32) -> String) -> String {
    match option {
        TcpOption::EndOfList | TcpOption::NoOperation => String::new(),
        TcpOption::MaximumSegmentSize(size) => format!("<MSS={size}>"),
        TcpOption::WindowScale(shift) => format!("<WS={shift}>"),
        TcpOption::SackPermitted => "<SACKOK>".to_owned(),
        TcpOption::Sack(blocks) => {
            let blocks: Vec<String> = blocks
                .iter()
                .map(|block| format!("{}..{}", number(block.left), number(block.right)))
                .collect();
            format!("<SACK={}>", blocks.join(","))
        }
        TcpOption::Timestamps { value, echo } => format!("<TS={value},{echo}>"),
        TcpOption::UserTimeout { minutes, value } => {
            format!("<UTO={value}{}>", if *minutes { "m" } else { "s" })
        }
        TcpOption::FastOpen(cookie) => format!("<TFO={}>", hex(cookie)),
        TcpOption::Md5(_) => "<MD5>".to_owned(),
        TcpOption::Ao { .. } => "<AO>".to_owned(),
        TcpOption::FastOpenExperimental(cookie) => {
            format!("<OPT=fe{:02x}f989{}>", cookie.len() + 4, hex(cookie))
        }
        TcpOption::Mptcp(data) => raw(30, data),
        TcpOption::Unknown { kind, data } => raw(*kind, data),
        TcpOption::AccEcn0(counters) => raw(172, counters.0),
        TcpOption::AccEcn1(counters) => raw(174, counters.0),
    }
}

fn raw(kind: u8, data: &[u8]) -> String {
    format!("<OPT={kind:02x}{:02x}{}>", data.len() + 2, hex(data))
}

fn hex(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |text, octet| text + &format!("{octet:02x}"))
}

/// Writes a connection: who, when, which numbers, and its segments.
///
/// # Errors
///
/// Those of `out`.
pub fn write(out: &mut dyn Write, connection: &Connection, brief: bool) -> io::Result<()> {
    let (a, b) = connection.ends();
    let rows = u64::try_from(connection.rows.len()).unwrap_or(u64::MAX);
    let again = if connection.segments > rows { ", continued" } else { "" };
    let title = format!("{}. {a} --> {b}", connection.number);
    let segments = connection.segments;
    let plural = if segments == 1 { "segment" } else { "segments" };
    writeln!(out, "\n{}  {segments} {plural}{again}", Styled(HEAD, &title))?;
    let began = connection.start.map_or_else(|| "at an unknown time".to_owned(), date);
    let numbers = numbers(connection);
    writeln!(out, "   {}", Styled(DIM, &format!("packet {}, {began}; {numbers}", connection.first_packet)))?;
    if connection.wrong_checksums > 0 {
        let wrong = format!(
            "{} with a wrong checksum: damaged, or captured before the network card reckoned it",
            connection.wrong_checksums
        );
        writeln!(out, "   {}", Styled(ODD, &wrong))?;
    }
    if brief {
        return Ok(());
    }
    let longest =
        connection.rows.iter().map(|row| row.segment.chars().count()).filter(|width| *width <= WIDEST).max();
    let ends = a.to_string().len() + b.to_string().len() + 2;
    let width = longest.unwrap_or(0).max(NARROWEST).max(ends.saturating_sub(6));
    writeln!(out, "{:>14} {}{:>w$}", "seconds", a, b, w = (width + 6).saturating_sub(a.to_string().len()))?;
    connection.rows.iter().try_for_each(|one| row(out, one, connection.start, width))
}

/// What the numbers of a ladder stand for.
pub(super) fn numbers(connection: &Connection) -> String {
    let numbers = [(End::A, connection.a.base), (End::B, connection.b.base)];
    let numbers: Vec<String> = numbers.into_iter().filter_map(|(end, base)| Some(isn(end, base?))).collect();
    numbers.join(", ")
}

fn isn(end: End, base: Base) -> String {
    match base.from_syn {
        true => format!("{} is ISN {}", end.shown(), base.isn),
        false => format!("{} is {}, no SYN seen", end.shown() + 1, base.isn.wrapping_add(1)),
    }
}

fn row(out: &mut dyn Write, row: &Row, start: Option<Nanos>, width: usize) -> io::Result<()> {
    let time = row.time.zip(start).map_or_else(|| "-".to_owned(), |(time, start)| seconds(time - start));
    let arrow = if row.from == End::A { "-->" } else { "<--" };
    let Row { segment, remark, .. } = row;
    if remark.is_empty() {
        return writeln!(out, "{time:>14} |{arrow} {segment:<width$} |");
    }
    writeln!(out, "{time:>14} |{arrow} {segment:<width$} | {}", Styled(ODD, remark))
}

/// A span in seconds with six digits, nine where there are nanoseconds.
pub fn seconds(nanos: Nanos) -> String {
    let (sign, nanos) = (if nanos < 0 { "-" } else { "" }, nanos.unsigned_abs());
    let (secs, rest) = (nanos / 1_000_000_000, nanos % 1_000_000_000);
    match rest % 1_000 {
        0 => format!("{sign}{secs}.{:06}", rest / 1_000),
        _ => format!("{sign}{secs}.{rest:09}"),
    }
}

/// A time as a date in UTC, `2024-02-29 12:34:56.000001 UTC`.
pub fn date(nanos: Nanos) -> String {
    let (secs, rest) = (nanos.div_euclid(1_000_000_000), nanos.rem_euclid(1_000_000_000));
    let (days, of_day) = (secs.div_euclid(86_400), secs.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let fraction = seconds(rest);
    let fraction = fraction.trim_start_matches('0');
    format!(
        "{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02}{fraction} UTC",
        of_day / 3600,
        of_day / 60 % 60,
        of_day % 60
    )
}

/// Year, month and day of a day counted from 1970-01-01, in the Gregorian calendar. Years begin in March here, so that
/// the leap day is the last of its year.
fn civil(days: i128) -> (i128, i128, i128) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i128::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_follow_the_calendar() {
        let at = |secs: i128| date(secs * 1_000_000_000 + 1_000);
        assert_eq!(at(0), "1970-01-01 00:00:00.000001 UTC");
        assert_eq!(at(951_827_696), "2000-02-29 12:34:56.000001 UTC");
        assert_eq!(at(4_107_542_400), "2100-03-01 00:00:00.000001 UTC");
        assert_eq!(at(-1), "1969-12-31 23:59:59.000001 UTC");
    }

    #[test]
    fn seconds_show_what_there_is() {
        assert_eq!(seconds(1_500_000), "0.001500");
        assert_eq!(seconds(-1), "-0.000000001");
    }
}
