//! "Then every retransmission fills a hole, each once": which segment a sender picks next is its own affair, but
//! nothing is sent again that the tester said it has, and nothing twice (RFC 6675 5).

use wireproof_reference::wire::{Content, Frame, Tcp, TcpOption};

use crate::exchange::{Mismatch, Session, View};
use crate::notation::Seq;
use crate::notation::Side;
use crate::testbed::Direction;
use crate::tester::{Connection, Facts};

/// From a number to the one behind the last.
type Range = (u32, u32);

/// What is known of the device's stream at one moment of the trace.
#[derive(Debug, Default)]
struct Stream {
    sent_to: Option<u32>,
    acknowledged: Option<u32>,
    sacked: Vec<Range>,
    again: Vec<Range>,
}

/// Goes through the trace of every connection.
///
/// # Errors
/// The first segment that was sent again and fills no hole.
pub(super) fn check(session: &Session, view: &View) -> Result<(), Box<Mismatch>> {
    for connection in &view.connections {
        let mut stream = Stream::default();
        for (_, frame) in session.testbed().trace().frames() {
            let Ok(parsed) = Frame::parse_cut(&frame.octets) else { continue };
            let Content::Ip(packet) = &parsed.content else { continue };
            let Some(tcp) = packet.tcp() else { continue };
            match frame.direction {
                Direction::ToDevice if tcp.source_port == connection.tester_port && !frame.is_lost() => {
                    stream.hear(tcp)
                }
                Direction::FromDevice if tcp.destination_port == connection.tester_port => {
                    stream.send(&Facts::of(tcp)).map_err(|(why, range)| told(connection, why, range))?;
                }
                Direction::ToDevice | Direction::FromDevice => {}
            }
        }
    }
    Ok(())
}

impl Stream {
    /// What the tester says that it has.
    fn hear(&mut self, tcp: &Tcp<'_>) {
        let facts = Facts::of(tcp);
        if facts.is_ack()
            && !facts.is_rst()
            && self.acknowledged.is_none_or(|known| Seq(known).is_before(Seq(facts.ack)))
        {
            self.acknowledged = Some(facts.ack);
        }
        for option in tcp.options.iter().map_while(Result::ok) {
            if let TcpOption::Sack(blocks) = option {
                self.sacked.extend(blocks.iter().map(|block| (block.left, block.right)));
            }
        }
    }

    /// What the device sends: new, or again where it fills a hole.
    fn send(&mut self, facts: &Facts) -> Result<(), (&'static str, Range)> {
        if facts.payload.is_empty() || facts.is_syn() {
            return Ok(());
        }
        let (from, end) = (facts.first_octet(), facts.end());
        let known = self.sent_to.unwrap_or(from);
        let to = if Seq(known).is_before(Seq(end)) { known } else { end };
        if Seq(from).is_before(Seq(to)) {
            let overlaps =
                |range: &Range| Seq(from).is_before(Seq(range.1)) && Seq(range.0).is_before(Seq(to));
            if self.acknowledged.is_some_and(|acknowledged| Seq(from).is_before(Seq(acknowledged))) {
                return Err(("octets were sent again that the tester had acknowledged", (from, to)));
            }
            if self.sacked.iter().any(overlaps) {
                return Err(("octets were sent again that the tester had told to have", (from, to)));
            }
            if self.again.iter().any(overlaps) {
                return Err(("a hole was filled twice", (from, to)));
            }
            self.again.push((from, to));
        }
        self.sent_to = Some(if Seq(known).is_before(Seq(end)) { end } else { known });
        Ok(())
    }
}

fn told(connection: &Connection, why: &'static str, (from, to): Range) -> Box<Mismatch> {
    let number = |real| connection.symbolic(Side::Device, real);
    let got = format!("<SEQ={}..{}>", number(from), number(to));
    let expected = "each hole filled once, and nothing else sent again".to_owned();
    Box::new(Mismatch { summary: why.to_owned(), expected, got, ..Mismatch::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(seq: u32, count: usize) -> Facts {
        Facts { seq, bits: 0x10, payload: vec![0; count], ..Facts::default() }
    }

    fn stream() -> Stream {
        let mut stream =
            Stream { sacked: vec![(u32::MAX, 9)], acknowledged: Some(u32::MAX - 9), ..Stream::default() };
        assert_eq!(stream.send(&data(u32::MAX - 20, 60)), Ok(()));
        stream
    }

    #[test]
    fn a_hole_may_be_filled_once() {
        let mut stream = stream();
        assert_eq!(stream.send(&data(u32::MAX - 9, 9)), Ok(()));
        assert_eq!(stream.send(&data(9, 10)), Ok(()));
        assert!(stream.send(&data(10, 1)).is_err_and(|(why, _)| why.contains("twice")));
    }

    #[test]
    fn what_the_tester_has_is_no_hole() {
        assert!(stream().send(&data(u32::MAX - 10, 5)).is_err_and(|(why, _)| why.contains("acknowledged")));
        assert!(stream().send(&data(5, 10)).is_err_and(|(why, _)| why.contains("told to have")));
    }

    #[test]
    fn new_octets_are_no_retransmission() {
        assert_eq!(stream().send(&data(39, 100)), Ok(()));
    }
}
