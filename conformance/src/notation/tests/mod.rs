//! The language as a whole, by concept.

mod building;
mod calls;
mod grammar;
mod ladders;
mod matching;
mod properties;
mod segments;
mod showing;
mod times;

use std::collections::BTreeMap;

use super::*;

/// A text reads, and prints as `canonical`, which reads and prints the same.
#[track_caller]
fn reads_as<T>(text: &str, canonical: &str)
where
    T: core::str::FromStr<Err = CellError> + ToString,
{
    let printed = text.parse::<T>().unwrap_or_else(|fault| panic!("{text}: {fault}")).to_string();
    assert_eq!(printed, canonical, "{text}");
    assert_eq!(canonical.parse::<T>().unwrap().to_string(), canonical);
}

/// A text does not read: what is expected, and how many characters stand before the fault.
#[track_caller]
fn fault_of<T>(text: &str) -> (usize, String)
where
    T: core::str::FromStr<Err = CellError> + ToString,
{
    match text.parse::<T>() {
        Ok(tree) => panic!("{text} reads as {}", tree.to_string()),
        Err(fault) => (fault.offset, fault.expected),
    }
}

/// The tester's SYN, symbolically 100.
const TESTER: Seq = Seq(1_000);
/// The device's SYN, symbolically 300.
const DEVICE: Seq = Seq(5_000);

/// A connection as a set-up step opens it.
fn established() -> Binding {
    Binding::established(TESTER, DEVICE)
}

/// From the tester's port 1024 to the device's port 80.
fn path(sender: Side, is_v4: bool) -> Path {
    let (tester, device): (core::net::IpAddr, core::net::IpAddr) = if is_v4 {
        ([192, 0, 2, 1].into(), [192, 0, 2, 2].into())
    } else {
        ("2001:db8::1".parse().unwrap(), "2001:db8::2".parse().unwrap())
    };
    match sender {
        Side::Tester => Path { source: tester, source_port: 1024, destination: device, destination_port: 80 },
        Side::Device => Path { source: device, source_port: 80, destination: tester, destination_port: 1024 },
    }
}

/// What the executor would know.
#[derive(Default)]
struct World {
    variables: BTreeMap<Variable, u32>,
    other_variables: BTreeMap<(&'static str, Variable), u32>,
    shift: u8,
    packets: BTreeMap<&'static str, Vec<u8>>,
    /// Octets written as literals.
    literals: BTreeMap<u64, u8>,
}

impl Environment for World {
    fn variable(&self, connection: Option<&str>, variable: Variable) -> Option<u32> {
        match connection {
            None => self.variables.get(&variable).copied(),
            Some(name) => self
                .other_variables
                .iter()
                .find(|((of, v), _)| *of == name && *v == variable)
                .map(|(_, n)| *n),
        }
    }

    fn window_shift(&self, _: Side) -> u8 {
        self.shift
    }

    fn octet(&self, _: Side, offset: u64) -> u8 {
        self.literals.get(&offset).copied().unwrap_or_else(|| pattern::octet(offset))
    }

    fn packet(&self, label: &str) -> Option<&[u8]> {
        self.packets.get(label).map(Vec::as_slice)
    }
}

/// An established connection on which nothing has happened.
fn world() -> World {
    let variables = [
        (Variable::SndUna, 5_001),
        (Variable::SndNxt, 5_001),
        (Variable::SndWnd, 65_535),
        (Variable::Iss, 5_000),
        (Variable::RcvNxt, 1_001),
        (Variable::RcvWnd, 8_192),
        (Variable::Irs, 1_000),
    ];
    World { variables: variables.into(), ..World::default() }
}

/// An honest tester on that connection.
fn honest() -> Honest {
    Honest { seq: Some(Seq(1_001)), ack: Some(Seq(5_001)), ..Honest::new([192, 0, 2, 1].into()) }
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: String = text.split_whitespace().collect();
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

/// The packet of a message as `sender` would send it with nothing added.
#[track_caller]
fn packet_of(text: &str, sender: Side, is_v4: bool, world: &World) -> Vec<u8> {
    let message: Message = text.parse().unwrap_or_else(|fault| panic!("{text}: {fault}"));
    let honest = Honest { mss: if is_v4 { 1460 } else { 1440 }, ..honest() };
    build(&message, sender, path(sender, is_v4), &honest, &established(), world)
        .unwrap_or_else(|error| panic!("{text}: {error}"))
        .packet
}
