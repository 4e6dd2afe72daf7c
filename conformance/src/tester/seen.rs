//! The device's end of a connection as far as the wire shows it: the RFC's variables as of the last segment seen.

use super::facts::Facts;
use crate::notation::Seq;

/// What the segments seen so far say about the device's variables (RFC 9293 3.3.1). None: nothing said yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// ISS: the number of its last SYN.
    pub iss: Option<u32>,
    /// SND.NXT: the number behind the furthest octet, SYN or FIN that it sent.
    pub snd_nxt: Option<u32>,
    /// SND.UNA: the furthest number of its own that the tester acknowledged, as far as that reached it.
    pub snd_una: Option<u32>,
    /// RCV.NXT: the furthest number that it acknowledged.
    pub rcv_nxt: Option<u32>,
    /// RCV.NXT + RCV.WND: the furthest right edge that it ever offered.
    pub right_edge: Option<u32>,
    /// The right edge that its last segment offered.
    pub last_edge: Option<u32>,
    /// The largest window that it offered, in octets.
    pub largest_window: Option<u32>,
    /// The shift of its window field once both sides agreed to scale (RFC 7323 2.2).
    pub window_shift: u8,
    /// The last segment.
    pub last: Option<Facts>,
}

impl Seen {
    /// Learns from a segment of the device.
    pub fn see(&mut self, segment: &Facts) {
        self.last = Some(segment.clone());
        if segment.is_rst() {
            // A RST says nothing about windows: its window and, without a connection, its numbers are made up.
            return;
        }
        if segment.is_syn() && self.iss != Some(segment.seq) {
            *self = Self {
                iss: Some(segment.seq),
                snd_una: Some(segment.seq),
                last: self.last.take(),
                ..Self::default()
            };
        }
        self.snd_nxt = Some(furthest(self.snd_nxt, segment.end()));
        self.largest_window = self.largest_window.max(Some(self.window(segment)));
        if segment.is_ack() {
            self.rcv_nxt = Some(furthest(self.rcv_nxt, segment.ack));
            let edge = segment.ack.wrapping_add(self.window(segment));
            self.right_edge = Some(furthest(self.right_edge, edge));
            self.last_edge = Some(edge);
        }
    }

    /// Learns that the device got an acknowledgment of everything before `ack`.
    pub fn acknowledged(&mut self, ack: u32) {
        let sent = self.snd_nxt.is_some_and(|nxt| !Seq(ack).is_after(Seq(nxt)));
        if sent && self.snd_una.is_none_or(|una| Seq(una).is_before(Seq(ack))) {
            self.snd_una = Some(ack);
        }
    }

    /// The window that a segment of the device offers, in octets; that of a SYN is never scaled (RFC 7323 2.2).
    pub fn window(&self, segment: &Facts) -> u32 {
        let shift = if segment.is_syn() { 0 } else { self.window_shift };
        u32::from(segment.window) << shift
    }

    /// RCV.WND: what is left up to the furthest right edge.
    pub fn rcv_wnd(&self) -> Option<u32> {
        Some(self.right_edge?.wrapping_sub(self.rcv_nxt?))
    }
}

fn furthest(known: Option<u32>, new: u32) -> u32 {
    known.filter(|known| Seq(new).is_before(Seq(*known))).unwrap_or(new)
}
