//! A received packet against what a row awaits, and what is learned from it when a row takes it.

use wireproof_reference::wire::Packet;

use super::arrival::{Arrival, Bears};
use super::view::{Surroundings, View};
use crate::notation::{Bits, Control, Data, Learned, Message, Segment, Side, Value, matches};
use crate::report::Difference;

/// What a row teaches by taking a segment: for [`Commit::apply`].
#[derive(Clone, Debug)]
pub(super) struct Commit {
    learned: Learned,
}

impl Commit {
    /// Nothing but what the segment says.
    pub(super) fn nothing(view: &View, connection: usize) -> Self {
        Self { learned: Learned::nothing(&view.connections[connection].binding) }
    }

    /// The row took it: its numbers are bound, the tester's end has seen it, and got it unless the wire lost it.
    pub(super) fn apply(self, view: &mut View, connection: usize, arrival: &Arrival, arrived: bool) {
        let tester = &mut view.connections[connection];
        tester.binding.apply(self.learned);
        if let Bears::Tcp { source_port, facts, .. } = &arrival.bears {
            tester.device_port.get_or_insert(*source_port);
            tester.see(facts, arrived);
        }
    }
}

/// Compares what came with what a row awaits.
///
/// # Errors
/// Field by field where the two differ.
pub(super) fn compare(
    view: &View,
    connection: usize,
    message: &Message,
    arrival: &Arrival,
) -> Result<Commit, Vec<Difference>> {
    if arrival.is_rest {
        let expected = "a segment of its own".to_owned();
        let got = "the rest of a segment that begins in a row of octets".to_owned();
        return Err(vec![Difference { field: "segment".to_owned(), expected, got }]);
    }
    compare_fields(view, connection, message, arrival)
}

fn compare_fields(
    view: &View,
    connection: usize,
    message: &Message,
    arrival: &Arrival,
) -> Result<Commit, Vec<Difference>> {
    let packet = Packet::parse_cut(&arrival.packet).map_err(|error| {
        vec![Difference {
            field: "packet".to_owned(),
            expected: "a packet that can be read".to_owned(),
            got: error.to_string(),
        }]
    })?;
    // A wrong checksum is told by the comparison itself, with the rest.
    if let Some(flaw) = arrival.flaw.filter(|_| packet.checksums().are_right()) {
        let (expected, got) = ("a frame that reaches the tester".to_owned(), flaw.to_owned());
        return Err(vec![Difference { field: "frame".to_owned(), expected, got }]);
    }
    let tester = &view.connections[connection];
    let surroundings = Surroundings { view, connection, seen: &tester.seen };
    let learned = matches(message, &packet, Side::Device, &tester.binding, &surroundings);
    learned
        .map(|learned| Commit { learned })
        .map_err(|differences| differences.into_iter().map(told).collect())
}

fn told(difference: crate::notation::Difference) -> Difference {
    Difference { field: difference.field.to_owned(), expected: difference.expected, got: difference.got }
}

/// Compares a segment with what a row of octets says besides its octets. A FIN that is written may be in any of the
/// row's segments; SYN, RST and an unwritten FIN in none.
///
/// # Errors
/// Field by field where the two differ.
pub(super) fn compare_part(
    view: &View,
    connection: usize,
    also: &Segment,
    arrival: &Arrival,
) -> Result<Commit, Vec<Difference>> {
    let mut segment = also.clone();
    segment.seq = None;
    segment.data = Some(Data::Count(Value::Any));
    let written = also.control.unwrap_or(Control { present: Bits::ACK, ..Control::default() });
    segment.control = Some(Control {
        present: Bits(written.present.0 & !Bits::FIN.0),
        absent: written.absent,
        optional: written.optional.with(Bits(written.present.0 & Bits::FIN.0)).with(Bits::URG),
    });
    compare_fields(view, connection, &Message::Tcp(Box::new(segment)), arrival)
}
