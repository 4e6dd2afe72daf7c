//! Initial sequence numbers across connections (RFC 9293 3.4.1).

use std::collections::{BTreeMap, VecDeque};

use core::net::{IpAddr, SocketAddr};

use wireproof_reference::time::{Duration, Instant};

use super::findings::Findings;
use super::judgement::Break;
use super::registry::RuleId;
use super::segment::Face;

/// How many hosts are watched.
const MOST_HOSTS: usize = 1_024;
/// So many connections in a row with one number are no chance.
const SAME: usize = 3;
/// Connections begun sooner after one another may share a tick of the clock.
const TICK: Duration = Duration::from_millis(100);

/// A SYN: its number, the connection, the frame, the time.
#[derive(Clone, Copy, Debug)]
struct Syn {
    seq: u32,
    ends: (u16, SocketAddr),
    frame: u64,
    time: Instant,
}

/// The last initial numbers of each host.
#[derive(Clone, Debug, Default)]
pub(super) struct Numbers {
    hosts: BTreeMap<IpAddr, VecDeque<Syn>>,
}

impl Numbers {
    pub(super) fn observe(&mut self, segment: &Face, out: &mut Findings) {
        let (source, destination) = (segment.from, segment.to);
        if !segment.flags.syn() || segment.flags.rst() || !segment.is_judged {
            return;
        }
        if !self.hosts.contains_key(&source.ip()) && self.hosts.len() >= MOST_HOSTS {
            // A flood invents senders: those of a single SYN make room.
            self.hosts.retain(|_, last| last.len() > 1);
            if self.hosts.len() >= MOST_HOSTS {
                return;
            }
        }
        let last = self.hosts.entry(source.ip()).or_default();
        let (seq, time) = (segment.seq, segment.time);
        let syn = Syn { seq, ends: (source.port(), destination), frame: segment.number, time };
        // The same SYN again, or one that shares a tick, says nothing.
        if last
            .back()
            .is_some_and(|old| old.seq == seq && (old.ends == syn.ends || time.since(old.time) < TICK))
        {
            return;
        }
        last.push_back(syn);
        if last.len() > SAME {
            last.pop_front();
        }
        if last.len() < SAME {
            return;
        }
        if last.iter().any(|old| old.seq != seq) {
            return out.held(RuleId::IsnVaries);
        }
        out.broken(Break {
            rule: RuleId::IsnVaries,
            end: None,
            time,
            frames: last.iter().map(|syn| syn.frame).collect(),
            got: format!("initial number {seq} of {SAME} connections of {}", source.ip()),
            permitted: "numbers that advance with a clock".to_owned(),
        });
    }
}
