//! What the tester sends: the row as written, and what an honest peer would add.

use std::sync::Arc;

use wireproof_reference::wire::Packet;

use super::Exchange;
use super::program::RowId;
use super::thread::{Mismatch, Thread};
use super::view::{Surroundings, View};
use crate::notation::{Data, Fate, Honest, Message, Path, Segment, Seq, Side, Value, Variable, build};
use crate::tester::{Facts, MAX_LITERALS, Seen, WINDOW};

/// What a row of octets adds to the segment as written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Outgoing {
    /// The real number of its first octet.
    pub(super) seq: Option<u32>,
    /// How many octets it bears.
    pub(super) count: Option<u32>,
}

/// The window that scenarios take for granted, in octets: a peer that keeps to the RFCs sends into it without asking.
const GRANTED_WINDOW: u32 = 64;

/// One millisecond of the clock behind the tester's timestamps (RFC 7323 5.4).
const TICK_NANOS: u64 = 1_000_000;

impl Exchange<'_> {
    /// `-->`: sends the message of the row.
    pub(super) fn send_row(
        &mut self,
        thread: &mut Thread,
        id: RowId,
        message: &Message,
        fate: Fate,
    ) -> Result<(), Box<Mismatch>> {
        let connection = self.connection_of(thread, id)?;
        let packet =
            self.send_message(&mut thread.view, id, connection, message, fate, Outgoing::default())?;
        let now = self.session.now();
        self.came_to_pass(thread, self.program.row(id), now, None);
        if let Some(label) = &self.program.row(id).label
            && let Some(mark) = thread.view.marks.get_mut(label)
        {
            mark.packet = Some(packet);
        }
        Ok(())
    }

    /// Sends a segment that a row of octets makes.
    pub(super) fn send_segment(
        &mut self,
        thread: &mut Thread,
        id: RowId,
        connection: usize,
        segment: &Segment,
        outgoing: &Outgoing,
    ) -> Result<(), Box<Mismatch>> {
        let mut segment = segment.clone();
        segment.data = outgoing.count.map(|count| Data::Count(Value::number(count)));
        let message = Message::Tcp(Box::new(segment));
        self.send_message(&mut thread.view, id, connection, &message, Fate::Arrives, *outgoing)?;
        Ok(())
    }

    fn send_message(
        &mut self,
        view: &mut View,
        id: RowId,
        connection: usize,
        message: &Message,
        fate: Fate,
        outgoing: Outgoing,
    ) -> Result<Arc<[u8]>, Box<Mismatch>> {
        let seen = view.peek(connection, self.session);
        let path = self.path(view, id, connection)?;
        let mut honest = self.honest(view, connection);
        if let Some(seq) = outgoing.seq {
            honest.seq = Some(Seq(seq));
        }
        let binding = view.connections[connection].binding.clone();
        let surroundings = Surroundings { view, connection, seen: &seen };
        let built = build(message, Side::Tester, path, &honest, &binding, &surroundings)
            .map_err(|error| Mismatch::of_the_ladder(id, error.to_string()))?;
        let tester = &mut view.connections[connection];
        tester.binding.apply(built.learned);
        if let Ok(packet) = Packet::parse_cut(&built.packet)
            && let Some(tcp) = packet.tcp()
        {
            let facts = Facts::of(tcp);
            if outgoing.count.is_none()
                && let Some(lacking) = lacking_window(&seen, &facts, message)
            {
                return Err(Box::new(Mismatch { lacking: Some(lacking), ..Mismatch::at(id, "no room") }));
            }
            if let Message::Tcp(segment) = message
                && let Some(Data::Literal(octets)) = &segment.data
            {
                let offset = tester.octet_number(Side::Tester, facts.first_octet());
                if !tester.tester_stream.write(offset, octets) {
                    return Err(Mismatch::of_the_ladder(id, too_many_literals()));
                }
            }
            tester.sent(&facts, fate == Fate::Arrives);
        }
        let host = tester.host;
        self.session.transmit(host, &built.packet, fate == Fate::Lost);
        Ok(built.packet.into())
    }

    /// Between whom the tester's segments travel.
    fn path(&self, view: &View, id: RowId, connection: usize) -> Result<Path, Box<Mismatch>> {
        let tester = &view.connections[connection];
        let no_port = || {
            let name = &tester.name;
            Mismatch::of_the_ladder(
                id,
                format!("the device's port of connection {name} is not known: it has sent nothing"),
            )
        };
        Ok(Path {
            source: self.session.address(tester.host),
            source_port: tester.tester_port,
            destination: tester.to.unwrap_or_else(|| self.session.device()),
            destination_port: tester.device_port.ok_or_else(no_port)?,
        })
    }

    /// What an honest peer would send now.
    fn honest(&self, view: &View, connection: usize) -> Honest {
        let tester = &view.connections[connection];
        let now = self.session.now().as_nanos() / TICK_NANOS;
        // The clock of timestamps wraps at 32 bits.
        let value = u32::try_from(now % (1 << 32)).unwrap_or_default();
        let sack = if tester.has_sack() { tester.got.blocks.as_slice() } else { &[] };
        Honest {
            seq: tester.sent.nxt.map(Seq),
            ack: tester.got.nxt.map(Seq),
            window: WINDOW,
            timestamps: tester.has_timestamps().then_some((value, tester.got.echo)),
            sack: sack.iter().map(|(from, to)| (Seq(*from), Seq(*to))).collect(),
            ..Honest::new(self.session.device())
        }
    }
}

/// What is told when a direction has more literals than a tester keeps.
pub(super) fn too_many_literals() -> String {
    format!(
        "DATA: found more literals than a direction may have, expected at most {MAX_LITERALS} that do not touch"
    )
}

/// What a device lacks whose windows never were as large as scenarios take for granted.
pub(super) fn small_window(seen: &Seen) -> Option<String> {
    (seen.largest_window? < GRANTED_WINDOW).then(|| format!("a window of {GRANTED_WINDOW} octets"))
}

/// The same, if octets would go to it for which its last window had no room, which RFC 9293 3.8.6 lets nobody send, or
/// a reset whose place in the window is what counts (3.10.7.4).
fn lacking_window(seen: &Seen, facts: &Facts, message: &Message) -> Option<String> {
    let lacking = small_window(seen)?;
    let is_beyond = match seen.right_edge {
        Some(edge) if facts.is_rst() => !Seq(facts.seq).is_before(Seq(edge)) || has_place_in_window(message),
        Some(edge) => !facts.is_empty() && !facts.is_syn() && Seq(facts.end()).is_after(Seq(edge)),
        // Its SYN offered a window, but acknowledged nothing from which it would count.
        None => facts.is_syn() && facts.len() > 1,
    };
    is_beyond.then_some(lacking)
}

/// Whether the number of a segment is written by the device's window.
fn has_place_in_window(message: &Message) -> bool {
    let Message::Tcp(segment) = message else { return false };
    segment.seq.iter().flat_map(Value::expressions).any(|one| one.mentions(Variable::RcvWnd))
}
