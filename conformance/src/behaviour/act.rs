//! What the steps of feature files mean: their phrases, and what is read from them before anything runs.
//!
//! Each phrase stands here once. Cucumber finds the phrase of a step; reading it gives an [`Act`], which the world
//! performs when its turn has come.

use core::net::IpAddr;

use regex::{Captures, Regex};

use super::states::{Closing, Opener, STATES, Wanted};
use crate::exchange::Program;
use crate::notation::{Amount, Span, TimeSpec};
use crate::report::IpVersion;

/// A name of a connection in a phrase.
const CONNECTION: &str = "[A-Z][A-Za-z0-9]*";

/// What a step does.
#[derive(Clone, Debug)]
pub(super) enum Act {
    /// The device's application listens.
    Listen {
        /// Where.
        port: u16,
        /// How many connections may wait.
        backlog: Option<u32>,
    },
    /// The device's application opens a connection to the tester.
    Connect {
        /// Its name.
        connection: String,
    },
    /// A connection is brought into a state.
    Prepare {
        /// Its name.
        connection: String,
        /// What it is to be like.
        wanted: Wanted,
        /// The exchange that brings it there; none if nothing has to be exchanged.
        program: Option<Program>,
        /// The same for a device that cannot close its sending side alone.
        with_close: Option<Program>,
    },
    /// A connection is introduced.
    Introduce {
        /// Its name.
        connection: String,
        /// Where its ends are.
        ends: Ends,
    },
    /// A ladder is followed.
    Exchange(Program),
    /// Nothing was sent again but what the tester lacked, and that once.
    FillsHoles,
    /// No segment of the device was longer than so many octets (of data), after a row.
    NoLonger {
        /// The most octets.
        octets: u32,
        /// The label of the row; none: since the scenario began.
        after: Option<String>,
    },
}

/// Where the ends of a connection are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ends {
    /// From another host and, if written, that address and that port.
    OtherHost {
        /// Its address.
        address: Option<IpAddr>,
        /// Its port.
        port: Option<u16>,
    },
    /// From the tester, from that port.
    OtherPort(u16),
    /// From the tester to another address or port.
    To {
        /// Where its segments go.
        address: Option<IpAddr>,
        /// The device's port.
        port: u16,
    },
    /// The ends of another connection, its numbers that far ahead.
    Reuse {
        /// The other connection.
        of: String,
        /// How far, modulo 2^32.
        ahead: u32,
    },
}

/// A phrase, and how a step written so is read.
pub(super) struct Phrase {
    /// The whole text of the step.
    pub(super) pattern: String,
    /// What it looks like, for messages.
    pub(super) example: &'static str,
    /// Whether a table of rows belongs to it.
    pub(super) takes_table: bool,
    /// Reads it. The error says what is wrong and what was expected.
    pub(super) read: Read,
}

/// How the words of a step become an act.
type Read = fn(&Captures<'_>, &Reading<'_>) -> Result<Act, Wrong>;

/// What else is at hand when a phrase is read.
pub(super) struct Reading<'a> {
    /// The step's table as a program.
    pub(super) program: Option<&'a Program>,
    /// The version of IP that the scenario runs over.
    pub(super) ip: IpVersion,
}

/// What is wrong with a step, and what was expected.
pub(super) type Wrong = (String, String);

/// All phrases. No step may be written such that two of them fit.
pub(super) fn phrases() -> Vec<Phrase> {
    [of_the_application(), of_states(), of_connections(), of_exchanges()].into_iter().flatten().collect()
}

fn phrase(pattern: &str, example: &'static str, read: Read) -> Phrase {
    Phrase {
        pattern: format!("^{}$", pattern.replace("CONNECTION", CONNECTION)),
        example,
        takes_table: false,
        read,
    }
}

/// What the device's application does by itself.
fn of_the_application() -> Vec<Phrase> {
    vec![
        phrase(
            r"the device listens on port (?P<port>\d+)(?: with a backlog of (?P<backlog>\d+))?",
            "the device listens on port 80",
            listen,
        ),
        phrase(
            r"the device connects to the tester(?: as connection (?P<name>CONNECTION))?",
            "the device connects to the tester",
            connect,
        ),
    ]
}

/// Connections brought into a state.
fn of_states() -> Vec<Phrase> {
    const OPTION: &str = r"(?:MSS \d+|no MSS|SACK|timestamps|window scale \d+)";
    const OPENED: &str = r"(?P<opened>,? that the device opened)?";
    const ACKED: &str = r"(?:,? on which (?P<count>\d+) octets have been acknowledged)?";
    const ORDER: &str = r"(?P<order>, (?:the device|the tester) having closed first)?";
    let with = format!(r"(?: with (?P<with>{OPTION}(?:(?: and |, ){OPTION})*))?");
    let states = STATES.join("|");
    vec![
        phrase(
            &format!(r"an established connection(?: (?P<name>CONNECTION))?{with}{OPENED}{ACKED}"),
            "an established connection with MSS 1000, on which 20000 octets have been acknowledged",
            prepare_established,
        ),
        phrase(
            &format!(
                r"(?:a connection|connection (?P<name>CONNECTION)) in (?P<state>{states}){with}{OPENED}{ORDER}{ACKED}"
            ),
            "connection A in TIME-WAIT, the device having closed first",
            prepare_state,
        ),
    ]
}

/// Connections introduced by their ends.
fn of_connections() -> Vec<Phrase> {
    const ADDRESS: &str = r"(?: (?P<address>[0-9a-fA-F:.]+))?";
    vec![
        phrase(
            &format!(
                r"connection (?P<name>CONNECTION) from(?: another host{ADDRESS}| (?P<host>[0-9a-fA-F:.]+))(?: port (?P<port>\d+))?"
            ),
            "connection B from another host port 4000",
            from_host,
        ),
        phrase(
            r"connection (?P<name>CONNECTION) from port (?P<port>\d+)",
            "connection B from port 4001",
            from_port,
        ),
        phrase(
            &format!(r"connection (?P<name>CONNECTION) to{ADDRESS} port (?P<port>\d+)"),
            "connection C to 224.0.0.1 port 80",
            to_address,
        ),
        phrase(
            r"connection (?P<name>CONNECTION) reuses (?P<of>CONNECTION)'s ports with numbers from (?P<of2>CONNECTION)(?P<ahead>[+-]\d+)?",
            "connection B reuses A's ports with numbers from A+5000",
            reuse,
        ),
    ]
}

/// What is exchanged, and what must hold of it as a whole.
fn of_exchanges() -> Vec<Phrase> {
    vec![
        Phrase { takes_table: true, ..phrase("they exchange", "they exchange", exchange) },
        phrase("the device is quiet for (?P<time>.+)", "the device is quiet for 3 s", quiet),
        phrase(
            r"no segment of the device is longer than (?P<octets>\d+) octets(?: after row (?P<label>\S+))?",
            "no segment of the device is longer than 960 octets after row big",
            no_longer,
        ),
        phrase(
            "every retransmission fills a hole, each once",
            "every retransmission fills a hole, each once",
            |_, _| Ok(Act::FillsHoles),
        ),
    ]
}

impl Phrase {
    /// The phrase's pattern, compiled.
    pub(super) fn regex(&self) -> Regex {
        Regex::new(&self.pattern).unwrap_or_else(|error| unreachable!("{}: {error}", self.pattern))
    }
}

fn listen(captures: &Captures<'_>, _: &Reading<'_>) -> Result<Act, Wrong> {
    let backlog =
        captures.name("backlog").map(|count| number(count.as_str(), "a number of connections", u32::MAX));
    Ok(Act::Listen { port: port(&captures["port"])?, backlog: backlog.transpose()? })
}

fn connect(captures: &Captures<'_>, _: &Reading<'_>) -> Result<Act, Wrong> {
    Ok(Act::Connect { connection: name(captures) })
}

fn prepare_established(captures: &Captures<'_>, reading: &Reading<'_>) -> Result<Act, Wrong> {
    prepare(captures, "ESTABLISHED", reading)
}

fn prepare_state(captures: &Captures<'_>, reading: &Reading<'_>) -> Result<Act, Wrong> {
    let state = captures["state"].to_owned();
    if let Some(order) = captures.name("order") {
        let fits = match state.as_str() {
            "TIME-WAIT" | "FIN-WAIT-1" | "FIN-WAIT-2" | "CLOSING" => order.as_str().contains("device"),
            "CLOSE-WAIT" | "LAST-ACK" => order.as_str().contains("tester"),
            _ => false,
        };
        if !fits {
            let found = format!("a connection in {state}{}", order.as_str());
            let expected = "in TIME-WAIT, FIN-WAIT-1, FIN-WAIT-2 and CLOSING the device has closed first, in CLOSE-WAIT and LAST-ACK the tester";
            return Err((found, expected.to_owned()));
        }
    }
    prepare(captures, &state, reading)
}

fn prepare(captures: &Captures<'_>, state: &str, reading: &Reading<'_>) -> Result<Act, Wrong> {
    let connection = name(captures);
    let opener = match captures.name("opened") {
        Some(_) => Opener::Device,
        None => Opener::Tester,
    };
    let count = captures
        .name("count")
        .map(|count| number(count.as_str(), "a number of octets", 1 << 30))
        .transpose()?;
    let options = captures.name("with").map(|with| options(with.as_str(), reading.ip)).transpose()?;
    let wanted = Wanted {
        state: state.to_owned(),
        opener,
        options: options.unwrap_or_default(),
        acknowledged: count.unwrap_or_default(),
    };
    let program = |closing| {
        let expected = || "options such as `MSS 1000 and SACK`".to_owned();
        let ladder = wanted.ladder(&connection, closing).map_err(|error| (error.to_string(), expected()))?;
        ladder.map(|ladder| Program::new(&ladder)).transpose().map_err(|error| (error.found, error.expected))
    };
    let (program, with_close) = (program(Closing::Shutdown)?, program(Closing::Close)?);
    Ok(Act::Prepare { connection, wanted, program, with_close })
}

fn from_host(captures: &Captures<'_>, reading: &Reading<'_>) -> Result<Act, Wrong> {
    let port = captures.name("port").map(|text| port(text.as_str())).transpose()?;
    let written = captures.name("address").or_else(|| captures.name("host"));
    let address = written.map(|text| address(text.as_str())).transpose()?;
    fits_version(address, reading)?;
    Ok(Act::Introduce { connection: name(captures), ends: Ends::OtherHost { address, port } })
}

fn from_port(captures: &Captures<'_>, _: &Reading<'_>) -> Result<Act, Wrong> {
    Ok(Act::Introduce { connection: name(captures), ends: Ends::OtherPort(port(&captures["port"])?) })
}

fn to_address(captures: &Captures<'_>, reading: &Reading<'_>) -> Result<Act, Wrong> {
    let address = captures.name("address").map(|text| address(text.as_str())).transpose()?;
    fits_version(address, reading)?;
    Ok(Act::Introduce {
        connection: name(captures),
        ends: Ends::To { address, port: port(&captures["port"])? },
    })
}

/// An address that a scenario names has to be of the version of IP that it runs over.
fn fits_version(address: Option<IpAddr>, reading: &Reading<'_>) -> Result<(), Wrong> {
    match address {
        Some(other) if other.is_ipv4() != (reading.ip == IpVersion::Ipv4) => {
            let found = format!("{other} in a scenario that runs over {}", reading.ip);
            Err((found, format!("an address of {}, or the tag @ipv4 or @ipv6", reading.ip)))
        }
        Some(_) | None => Ok(()),
    }
}

fn reuse(captures: &Captures<'_>, _: &Reading<'_>) -> Result<Act, Wrong> {
    let of = captures["of"].to_owned();
    if captures["of2"] != of {
        let found = format!("the ports of {of} with the numbers of {}", &captures["of2"]);
        return Err((found, format!("the numbers of {of} too: `from {of}+5000`")));
    }
    let ahead = captures.name("ahead").map_or("+0", |ahead| ahead.as_str());
    let distance = number(&ahead[1..], "a distance", u32::MAX)?;
    let ahead = if ahead.starts_with('-') { distance.wrapping_neg() } else { distance };
    Ok(Act::Introduce { connection: name(captures), ends: Ends::Reuse { of, ahead } })
}

fn exchange(_: &Captures<'_>, reading: &Reading<'_>) -> Result<Act, Wrong> {
    let none = || ("no table".to_owned(), "a table of rows below the step".to_owned());
    Ok(Act::Exchange(reading.program.ok_or_else(none)?.clone()))
}

fn quiet(captures: &Captures<'_>, _: &Reading<'_>) -> Result<Act, Wrong> {
    use crate::notation::{Action, Ladder, Place, Row, Step};
    let expected = || (format!("`{}`", &captures["time"]), "a time such as `3 s` or `2 MSL`".to_owned());
    let time: TimeSpec = captures["time"].parse().map_err(|_| expected())?;
    if !matches!(
        time,
        TimeSpec { span: Span::Exact(Amount::Literal(_) | Amount::Profile { .. }), after: None }
    ) {
        return Err(expected());
    }
    let row = Row {
        place: Place::default(),
        time: Some(time),
        action: Action::Silence,
        device: None,
        tester: None,
        conn: None,
        label: None,
        clause: None,
    };
    let ladder = Ladder { steps: vec![Step::Row(Box::new(row))] };
    Program::new(&ladder).map(Act::Exchange).map_err(|error| (error.found, error.expected))
}

fn no_longer(captures: &Captures<'_>, _: &Reading<'_>) -> Result<Act, Wrong> {
    let octets = number(&captures["octets"], "a number of octets", u32::MAX)?;
    Ok(Act::NoLonger { octets, after: captures.name("label").map(|label| label.as_str().to_owned()) })
}

/// The connection that a phrase names, A if it names none.
fn name(captures: &Captures<'_>) -> String {
    captures.name("name").map_or(crate::exchange::DEFAULT_CONNECTION, |name| name.as_str()).to_owned()
}

fn port(text: &str) -> Result<u16, Wrong> {
    let wrong = || (format!("port {text}"), "a port from 1 to 65535".to_owned());
    text.parse().ok().filter(|port| *port > 0).ok_or_else(wrong)
}

fn address(text: &str) -> Result<IpAddr, Wrong> {
    text.parse().map_err(|_| (format!("address {text}"), "an IPv4 or IPv6 address".to_owned()))
}

fn number(text: &str, what: &str, most: u32) -> Result<u32, Wrong> {
    let wrong = || (text.to_owned(), format!("{what} up to {most}"));
    text.parse().ok().filter(|number| *number <= most).ok_or_else(wrong)
}

/// `MSS 1000 and SACK` as options of the tester's SYN.
fn options(text: &str, ip: IpVersion) -> Result<String, Wrong> {
    let mut written = Vec::new();
    let mut has_mss = false;
    for option in text.split(" and ").flat_map(|part| part.split(", ")).map(str::trim) {
        let words: Vec<&str> = option.split_whitespace().collect();
        written.push(match words.as_slice() {
            ["MSS", mss] => {
                has_mss = true;
                format!("<MSS={}>", number(mss, "an MSS", 65_535)?)
            }
            ["no", "MSS"] => {
                has_mss = true;
                "<no MSS>".to_owned()
            }
            ["SACK"] => "<SACKOK>".to_owned(),
            ["timestamps"] => "<TS=1,0>".to_owned(),
            ["window", "scale", shift] => format!("<WS={}>", number(shift, "a shift", 255)?),
            _ => {
                let expected = "MSS 1000, no MSS, SACK, timestamps, window scale 7, joined by `and`";
                return Err((format!("`{option}`"), expected.to_owned()));
            }
        });
    }
    if !has_mss {
        // An honest peer names its MSS besides.
        let mss = match ip {
            IpVersion::Ipv4 => 1460,
            IpVersion::Ipv6 => 1440,
        };
        written.insert(0, format!("<MSS={mss}>"));
    }
    Ok(written.concat())
}
