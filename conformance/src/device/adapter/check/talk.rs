//! The conversation itself: resets, time, what cannot be understood.

use super::super::command::CommandLine;
use super::super::{Limits, MAX_LINE};
use super::peer::{ACK, Peer, SYN};
use super::probe::{Done, MOMENT, Probe, Wrong, wrong};
use super::{Check, Outcome, addresses, outcome};
use crate::device::Capability::{Accept, Clock, Iss, Listen};
use crate::device::{Capability, Errno};
use crate::problem::Problem;
use core::net::IpAddr;
use std::time::Duration as RealDuration;
use wireproof_reference::time::Duration;

/// How long the silence between requests is listened to.
const SILENCE: RealDuration = RealDuration::from_millis(200);

pub(super) const CHECKS: &[Check] = &[
    Check { what: "a reset with a key that it does not know is a reset", needs: &[], how: unknown_keys },
    Check { what: "a reset forgets: the same seed, the same answers", needs: &[], how: forgets },
    Check { what: "a reset drops calls that wait, without result", needs: &[Listen, Accept], how: drops },
    Check { what: "it runs at its wakes, each later than the present", needs: &[], how: wakes },
    Check { what: "`run` where nothing is due does no harm", needs: &[], how: runs_early },
    Check { what: "it says nothing unasked", needs: &[], how: silent },
    Check {
        what: "a request that nobody knows is answered by `error` and `wake`",
        needs: &[],
        how: nonsense,
    },
    Check { what: "a request that was not understood does not move the time", needs: &[], how: time_stands },
    Check {
        what: "a call with arguments that cannot be read ends with EINVAL",
        needs: &[Listen],
        how: unreadable,
    },
    Check {
        what: "a call on a socket that was never there ends with EBADF",
        needs: &[Capability::Recv],
        how: no_socket,
    },
    Check { what: "a line of 1 MiB is read", needs: &[], how: long_line },
    Check { what: "iss=N fixes the initial sequence number", needs: &[Iss, Listen], how: iss },
    Check {
        what: "clock=T shifts the stack's clock, not the times of requests",
        needs: &[Clock],
        how: clock,
    },
];

fn unknown_keys(probe: &mut Probe, _: IpAddr) -> Done {
    probe.reset_bare("colour=blue")
}

/// A small story in which every part of the stack has something to say.
fn story(probe: &mut Probe, device: IpAddr) -> Done<Vec<String>> {
    probe.reset_bare("")?;
    drop(probe.take_transcript());
    probe.learn(device)?;
    if probe.description.capabilities.has(Listen) {
        let socket = probe.socket();
        probe.ok(&format!("listen {socket} 80 5"))?;
        let peer = Peer::new(device, 50_000, 80);
        probe.segment(&peer, SYN, &[])?;
        probe.advance(Duration::from_secs(5))?;
    }
    if probe.description.capabilities.has(Capability::Connect) {
        let (socket, peer) = (probe.socket(), Peer::new(device, 81, 0));
        probe.call(&format!("connect {socket} {} 81", peer.address))?;
        probe.advance(Duration::from_secs(5))?;
    }
    Ok(probe.take_transcript())
}

fn forgets(probe: &mut Probe, device: IpAddr) -> Done {
    let first = story(probe, device)?;
    let second = story(probe, device)?;
    same(&first, &second, "behind the second reset")
}

fn same(first: &[String], second: &[String], place: &str) -> Done {
    let differing = first.iter().zip(second).position(|(first, second)| first != second);
    let at = differing.unwrap_or(first.len().min(second.len()));
    match (first.get(at), second.get(at)) {
        (None, None) => Ok(()),
        (first, second) => {
            let line = |line: Option<&String>| line.map_or("nothing more", String::as_str).to_owned();
            wrong(format!("the same as before: {}", line(first)), format!("{} {place}", line(second)))
        }
    }
}

/// Two processes with the same seed.
pub(super) fn twins(command: &CommandLine, limits: Limits) -> Result<Outcome, Problem> {
    let (mut first, mut second) = (Probe::start(command, limits)?, Probe::start(command, limits)?);
    let Some(device) = addresses(&first.description.capabilities).first().copied() else {
        return Ok(Outcome::NotOffered(Capability::Ipv4));
    };
    if first.description != second.description {
        let wrong = Wrong {
            expected: "the same greeting from each process".to_owned(),
            got: "greetings that differ".to_owned(),
        };
        return Ok(outcome(Err(wrong), Vec::new()));
    }
    let done = story(&mut first, device)
        .and_then(|told| Ok((told, story(&mut second, device)?)))
        .and_then(|(first, second)| same(&first, &second, "from the other process"));
    Ok(outcome(done, Vec::new()))
}

fn drops(probe: &mut Probe, device: IpAddr) -> Done {
    probe.reset(device, "")?;
    let listener = probe.socket();
    probe.ok(&format!("listen {listener} 80 5"))?;
    let socket = probe.socket();
    probe.call(&format!("accept {socket} {listener}"))?;
    // The harness has forgotten the call: a result would be one too many.
    probe.reset(device, "")?;
    let peer = Peer::new(device, 50_000, 80);
    probe.segment(&peer, SYN, &[])?;
    if probe.segments(&peer).iter().any(|segment| segment.has(SYN)) {
        return wrong(
            "a reset, or nothing: nobody listens behind the reset",
            "a SYN of the listener before it",
        );
    }
    probe.advance(Duration::from_secs(1))
}

fn wakes(probe: &mut Probe, device: IpAddr) -> Done {
    probe.reset(device, "")?;
    if probe.description.capabilities.has(Listen) {
        let socket = probe.socket();
        probe.ok(&format!("listen {socket} 80 5"))?;
        // A SYN that is never acknowledged keeps timers busy.
        let peer = Peer::new(device, 50_000, 80);
        probe.segment(&peer, SYN, &[])?;
        probe.advance(Duration::from_secs(20))?;
        let sent = probe.segments(&peer).iter().filter(|segment| segment.has(SYN | ACK)).count();
        if sent < 2 {
            return wrong(
                "SYN,ACK again and again within 20 s, at the wakes that it asked for",
                format!("{sent} in all"),
            );
        }
        return Ok(());
    }
    probe.advance(Duration::from_secs(20))
}

fn runs_early(probe: &mut Probe, device: IpAddr) -> Done {
    probe.reset(device, "")?;
    for _ in 0..3 {
        probe.must(&format!("at {} run", probe.now.as_nanos()))?;
        probe.settle()?;
        probe.advance(MOMENT)?;
    }
    probe.learn(device)
}

fn silent(probe: &mut Probe, device: IpAddr) -> Done {
    probe.reset(device, "")?;
    probe.unasked(SILENCE)
}

fn nonsense(probe: &mut Probe, device: IpAddr) -> Done {
    probe.reset(device, "")?;
    let now = probe.now.as_nanos();
    let requests = ["dance".to_owned(), "at".to_owned(), "at soon run".to_owned(), format!("at {now} dance")];
    for request in requests.into_iter().chain([format!("at {now} frame 0g")]) {
        if let Ok(()) = probe.request(&request)? {
            return wrong(format!("`error TEXT` and `wake` behind `{request}`"), "`wake` alone");
        }
    }
    probe.learn(device)
}

fn time_stands(probe: &mut Probe, device: IpAddr) -> Done {
    probe.reset(device, "")?;
    let late = probe.now + Duration::from_secs(3_600);
    if let Ok(()) = probe.request(&format!("at {} dance", late.as_nanos()))? {
        return wrong("`error TEXT` and `wake`", "`wake` alone");
    }
    // An hour earlier, as far as the harness knows nothing has happened.
    probe.must(&format!("at {} run", probe.now.as_nanos()))?;
    probe.settle()
}

fn unreadable(probe: &mut Probe, device: IpAddr) -> Done {
    probe.reset(device, "")?;
    for text in ["listen x 80 5", "listen 1 eighty 5", "listen 1 80", "listen 1 99999 5", "listen"] {
        let id = probe.call(text)?;
        match probe.result(id) {
            Some(Err(Errno::EINVAL)) => {}
            other => {
                let got = other.map_or("no result".to_owned(), |result| crate::device::print_result(&result));
                return wrong(format!("`result {id} error EINVAL` of `{text}`"), got);
            }
        }
    }
    let id = probe.call("dance 1")?;
    probe.ended_badly(id, "dance 1", &[])
}

fn no_socket(probe: &mut Probe, device: IpAddr) -> Done {
    probe.reset(device, "")?;
    let id = probe.call("recv 4711 10")?;
    probe.ended_badly(id, "recv 4711 10", &["EBADF"])
}

fn long_line(probe: &mut Probe, device: IpAddr) -> Done {
    probe.reset(device, "")?;
    // Frames for another host, as many as a line holds.
    let mut frame = vec![0x02, 0, 0, 0, 0, 0x77, 0x02, 0, 0, 0, 0, 1, 0x88, 0xb5];
    frame.resize(1_514, 0);
    let word = format!(" {}", crate::device::call::Hex(&frame));
    let mut line = format!("at {} frame", probe.now.as_nanos());
    while line.len() + word.len() <= MAX_LINE {
        line.push_str(&word);
    }
    probe.must(&line)?;
    probe.settle()?;
    probe.learn(device)
}

fn iss(probe: &mut Probe, device: IpAddr) -> Done {
    const ISS: u32 = 0x1234_5678;
    probe.reset(device, &format!("iss={ISS}"))?;
    let socket = probe.socket();
    probe.ok(&format!("listen {socket} 80 5"))?;
    let peer = Peer::new(device, 50_000, 80);
    probe.segment(&peer, SYN, &[])?;
    match probe.segments(&peer).iter().find(|segment| segment.has(SYN | ACK)) {
        Some(segment) if segment.seq == ISS => Ok(()),
        Some(segment) => wrong(format!("a SYN,ACK with sequence number {ISS}"), segment.seq.to_string()),
        None => wrong(format!("a SYN,ACK with sequence number {ISS}"), "none"),
    }
}

fn clock(probe: &mut Probe, device: IpAddr) -> Done {
    // Right before 32 bits of milliseconds are full.
    let clock = ((1_u64 << 32) - 1_000) * 1_000_000;
    probe.reset(device, &format!("clock={clock}"))?;
    probe.advance(Duration::from_secs(5))?;
    probe.learn(device)
}
