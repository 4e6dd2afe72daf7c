//! One connection as its tester's end knows it: whose numbers count from where, what was sent, what was got.

use core::net::IpAddr;

use super::facts::{Agreed, Facts};
use super::host::HostId;
use super::seen::Seen;
use super::stream::Stream;
use crate::notation::{Binding, Seq, Side};

/// The window that the tester offers, unscaled and constant.
pub const WINDOW: u16 = 65_535;

/// What the tester sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// The number of its last SYN.
    pub iss: Option<u32>,
    /// The number behind the furthest octet, SYN or FIN that it sent.
    pub nxt: Option<u32>,
    /// The number that its last urgent pointer meant.
    pub urgent: Option<u32>,
    /// The window that its last segment offered, in octets.
    pub window: Option<u32>,
    /// Options of its last SYN.
    pub syn: Agreed,
}

/// What the tester got, lost segments left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Got {
    /// Everything before this number is here.
    pub nxt: Option<u32>,
    /// What is here behind a gap: from, and the number behind; the newest first (RFC 2018 4).
    pub blocks: Vec<(u32, u32)>,
    /// Options of the device's last SYN.
    pub syn: Agreed,
    /// The TSval to echo (RFC 7323 4.3).
    pub echo: u32,
}

/// Blocks that a SACK option can bear beside timestamps are 3, without 4 (RFC 2018 3); more are never told.
const MAX_BLOCKS: usize = 4;

/// One connection.
#[derive(Clone, Debug)]
pub struct Connection {
    /// Its name in the `conn` column.
    pub name: String,
    /// The host whose end the tester plays.
    pub host: HostId,
    /// The port at the tester's end.
    pub tester_port: u16,
    /// The port at the device's end, None until the device chose one.
    pub device_port: Option<u16>,
    /// Where the tester's segments go, if not to the device's address: a broadcast or multicast address.
    pub to: Option<IpAddr>,
    /// What the symbolic numbers of both sides stand for.
    pub binding: Binding,
    /// The device's variables.
    pub seen: Seen,
    /// What the tester sent.
    pub sent: Sent,
    /// What the tester got.
    pub got: Got,
    /// What the octets of the tester's direction are.
    pub tester_stream: Stream,
    /// What the octets of the device's direction are.
    pub device_stream: Stream,
    /// Octets that the device's application wrote.
    pub written: i64,
    /// Octets that the device's application read.
    pub read: i64,
}

impl Connection {
    /// A connection of which nothing was shown yet.
    pub fn new(name: &str, host: HostId, ports: (u16, Option<u16>), binding: Binding) -> Self {
        let (tester_port, device_port) = ports;
        Self {
            name: name.to_owned(),
            host,
            tester_port,
            device_port,
            to: None,
            binding,
            seen: Seen::default(),
            sent: Sent::default(),
            got: Got::default(),
            tester_stream: Stream::default(),
            device_stream: Stream::default(),
            written: 0,
            read: 0,
        }
    }

    /// Whether both have the same ends, so that a segment may be of either.
    pub fn shares_ports(&self, other: &Self) -> bool {
        (self.host, self.tester_port) == (other.host, other.tester_port)
            && self.device_port == other.device_port
    }

    /// Octet number in a side's stream of a real number: 0 is the one behind its SYN.
    pub fn octet_number(&self, side: Side, real: u32) -> i64 {
        self.binding.space(side).stream_offset(Seq(real)).unwrap_or_default()
    }

    /// A real number as the scenario writes it, `?` if nothing is known of the side.
    pub fn symbolic(&self, side: Side, real: u32) -> String {
        self.binding
            .space(side)
            .symbolic(Seq(real))
            .map_or_else(|| "?".to_owned(), |number| number.to_string())
    }

    /// The tester sent this segment; `arrived` if the wire did not lose it.
    pub fn sent(&mut self, segment: &Facts, arrived: bool) {
        if segment.is_syn() {
            if self.sent.iss != Some(segment.seq) {
                self.sent = Sent { iss: Some(segment.seq), ..Sent::default() };
            }
            self.sent.syn = segment.options;
            self.agree();
        }
        if !segment.is_rst() {
            let end = segment.end();
            self.sent.nxt = Some(self.sent.nxt.filter(|nxt| Seq(end).is_before(Seq(*nxt))).unwrap_or(end));
        }
        if segment.is_urgent() {
            self.sent.urgent = Some(segment.seq.wrapping_add(u32::from(segment.urgent)));
        }
        if arrived && segment.is_ack() && !segment.is_rst() {
            self.sent.window = Some(u32::from(segment.window));
            self.seen.acknowledged(segment.ack);
        }
    }

    /// The device's segment was seen; `arrived` if the wire did not lose it.
    pub fn see(&mut self, segment: &Facts, arrived: bool) {
        if segment.is_syn() && self.seen.iss.is_some_and(|iss| iss != segment.seq) {
            self.got = Got::default();
        }
        self.seen.see(segment);
        if arrived {
            self.got.take(segment);
        }
        self.agree();
    }

    /// Scaling holds once both SYNs bore the option (RFC 7323 2.2); a shift above 14 counts as 14 (2.3).
    fn agree(&mut self) {
        let shift = match (self.sent.syn.window_scale, self.got.syn.window_scale) {
            (Some(_), Some(shift)) => shift.min(14),
            _ => 0,
        };
        self.seen.window_shift = shift;
    }

    /// By how much the tester's own window field is shifted.
    pub fn tester_shift(&self) -> u8 {
        match (self.sent.syn.window_scale, self.got.syn.window_scale) {
            (Some(shift), Some(_)) => shift.min(14),
            _ => 0,
        }
    }

    /// Whether both sides said that they know SACK.
    pub const fn has_sack(&self) -> bool {
        self.sent.syn.sack && self.got.syn.sack
    }

    /// Whether both sides said that they use timestamps.
    pub const fn has_timestamps(&self) -> bool {
        self.sent.syn.timestamps.is_some() && self.got.syn.timestamps.is_some()
    }
}

impl Got {
    fn take(&mut self, segment: &Facts) {
        if segment.is_rst() {
            return;
        }
        if let Some((value, _)) = segment.options.timestamps {
            self.echo = value;
        }
        if segment.is_syn() {
            self.syn = segment.options;
            self.nxt = Some(self.nxt.unwrap_or(segment.seq.wrapping_add(1)));
        }
        let Some(nxt) = self.nxt else {
            // A segment without connection: nothing to acknowledge but itself.
            self.nxt = Some(segment.end());
            return;
        };
        let (from, to) = (segment.first_octet(), segment.end());
        if Seq(nxt).is_before(Seq(from)) {
            if from != to {
                self.keep(from, to);
            }
            return;
        }
        if Seq(nxt).is_before(Seq(to)) {
            self.nxt = Some(to);
            self.close_gaps(to);
        }
    }

    /// Keeps what is here behind a gap, joined with the blocks that it touches.
    fn keep(&mut self, mut from: u32, mut to: u32) {
        self.blocks.retain(|(left, right)| {
            let apart = Seq(*right).is_before(Seq(from)) || Seq(to).is_before(Seq(*left));
            if !apart {
                from = if Seq(*left).is_before(Seq(from)) { *left } else { from };
                to = if Seq(to).is_before(Seq(*right)) { *right } else { to };
            }
            apart
        });
        self.blocks.insert(0, (from, to));
        self.blocks.truncate(MAX_BLOCKS);
    }

    fn close_gaps(&mut self, mut nxt: u32) {
        while let Some(at) = self.blocks.iter().position(|(from, _)| !Seq(nxt).is_before(Seq(*from))) {
            let (_, to) = self.blocks.remove(at);
            nxt = if Seq(nxt).is_before(Seq(to)) { to } else { nxt };
        }
        self.nxt = Some(nxt);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection() -> Connection {
        Connection::new("A", 0, (1, Some(2)), Binding::new(Seq(0), Seq(0)))
    }

    fn data(seq: u32, count: usize) -> Facts {
        Facts { seq, ack: 1, bits: 0x10, window: 1000, payload: vec![0; count], ..Facts::default() }
    }

    fn syn(seq: u32) -> Facts {
        Facts { seq, bits: 0x12, ack: 1, window: 1000, ..Facts::default() }
    }

    #[test]
    fn an_honest_peer_acknowledges_what_is_there_without_a_gap() {
        let mut connection = connection();
        connection.see(&syn(u32::MAX), true);
        assert_eq!(connection.got.nxt, Some(0));
        connection.see(&data(10, 10), true);
        connection.see(&data(30, 10), true);
        assert_eq!((connection.got.nxt, connection.got.blocks.clone()), (Some(0), vec![(30, 40), (10, 20)]));
        connection.see(&data(0, 10), false);
        assert_eq!(connection.got.nxt, Some(0), "the wire lost it");
        connection.see(&data(0, 10), true);
        assert_eq!((connection.got.nxt, connection.got.blocks.clone()), (Some(20), vec![(30, 40)]));
    }

    #[test]
    fn the_right_edge_is_the_furthest_ever_offered() {
        let mut connection = connection();
        connection.see(&syn(0), true);
        connection.see(&Facts { ack: 101, window: 500, ..data(1, 0) }, true);
        assert_eq!(connection.seen.right_edge, Some(1001));
        assert_eq!((connection.seen.rcv_nxt, connection.seen.rcv_wnd()), (Some(101), Some(900)));
        assert_eq!(connection.seen.last_edge, Some(601));
    }

    #[test]
    fn scaling_holds_when_both_asked_for_it_and_never_for_a_syn() {
        let mut connection = connection();
        let scale = |shift| Agreed { window_scale: Some(shift), ..Agreed::default() };
        connection.sent(&Facts { seq: 0, bits: 2, options: scale(0), ..Facts::default() }, true);
        connection.see(&Facts { options: scale(15), ..syn(0) }, true);
        assert_eq!(connection.seen.window(&syn(0)), 1000);
        assert_eq!(connection.seen.window(&data(1, 0)), 1000 << 14);
    }
}
