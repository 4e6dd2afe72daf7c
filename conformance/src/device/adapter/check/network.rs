//! What comes before TCP: neighbours are told, frames are queued.

use super::Check;
use super::probe::{Done, Probe, wrong};
use crate::tester::{Host, neighbour};
use core::net::IpAddr;

pub(super) const CHECKS: &[Check] = &[
    Check { what: "it tells its Ethernet address when asked", needs: &[], how: tells },
    Check { what: "frames of one line are all taken", needs: &[], how: together },
    Check { what: "frames that are none of its business do no harm", needs: &[], how: strangers },
];

fn tells(probe: &mut Probe, device: IpAddr) -> Done {
    probe.reset(device, "")
}

/// A question behind a frame that means nothing is answered like one alone.
fn together(probe: &mut Probe, device: IpAddr) -> Done {
    probe.reset(device, "")?;
    let question = neighbour::solicitation(&Host::numbered(0), device);
    let now = probe.now.as_nanos();
    let hex = crate::device::call::Hex(&question).to_string();
    probe.must(&format!("at {now} frame {} {hex}", "ff".repeat(60)))?;
    probe.settle()?;
    probe.learn(device)
}

fn strangers(probe: &mut Probe, device: IpAddr) -> Done {
    probe.reset(device, "")?;
    for octets in [vec![0x02; 14], vec![0xff; 60], vec![0x02, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0, 0x45]] {
        probe.deliver(&[octets])?;
    }
    match probe.learn(device) {
        Err(lost) => {
            wrong(lost.expected, format!("{} behind frames that are too short to be read", lost.got))
        }
        Ok(()) => Ok(()),
    }
}
