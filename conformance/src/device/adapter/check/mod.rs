//! What an adapter does wrong, step by step: each check is a short conversation, and what is wrong is shown with the requests
//! as they were sent.

mod calls;
mod network;
mod peer;
mod probe;
mod talk;

use super::{CommandLine, Limits};
use crate::device::{Capabilities, Capability, Description};
use crate::problem::Problem;
use core::net::IpAddr;
use probe::{Done, Probe, Wrong};

/// How a check ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As it should be.
    Right,
    /// As it should be; the user may want to know something.
    Noted(String),
    /// The adapter does not offer what it takes.
    NotOffered(Capability),
    /// Something is wrong.
    Wrong {
        /// What the page asks for.
        expected: String,
        /// What came.
        got: String,
        /// The last lines of the conversation: requests behind `>`, answers behind `<`.
        transcript: Vec<String>,
    },
}

/// A check and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was checked, a sentence.
    pub what: String,
    /// How it ended.
    pub outcome: Outcome,
}

/// A check: what, what it needs, how.
struct Check {
    what: &'static str,
    needs: &'static [Capability],
    how: fn(&mut Probe, IpAddr) -> Done,
}

/// How many lines of a conversation are shown.
const SHOWN: usize = 14;
/// After how many conversations that broke off an adapter is not checked any further.
const MAX_BROKEN: usize = 4;

/// Checks an adapter; `tell` hears each finding as soon as it is made.
///
/// # Errors
/// If the adapter cannot be started or does not greet.
pub fn check(
    command: &CommandLine,
    limits: Limits,
    mut tell: impl FnMut(&Finding),
) -> Result<Vec<Finding>, Problem> {
    let mut probe = Probe::start(command, limits)?;
    let description = probe.description.clone();
    let mut findings = vec![greeting(&probe, &description)];
    tell(&findings[0]);
    let mut broken = 0;
    for (index, address) in addresses(&description.capabilities).into_iter().enumerate() {
        // What has nothing to do with addresses is tried once.
        let talk = if index == 0 { talk::CHECKS } else { &[] };
        for check in network::CHECKS.iter().chain(talk).chain(calls::CHECKS) {
            if !probe.is_in_step() {
                broken += 1;
                if broken == MAX_BROKEN {
                    let what = format!("{MAX_BROKEN} conversations broke off: what is left was not tried");
                    findings.push(Finding { what, outcome: Outcome::Noted("mend these first".to_owned()) });
                    findings.last().into_iter().for_each(&mut tell);
                    return Ok(findings);
                }
                probe = Probe::start(command, limits)?;
            }
            let outcome = run(check, &mut probe, &description.capabilities, address);
            let version = if address.is_ipv4() { "IPv4" } else { "IPv6" };
            findings.push(Finding { what: format!("{} ({version})", check.what), outcome });
            findings.last().into_iter().for_each(&mut tell);
        }
    }
    for (what, outcome) in [
        ("two processes with the same seed say the same", talk::twins(command, limits)?),
        ("`quit` ends it, with exit status 0", leaving(command, limits, true)?),
        ("the end of its input ends it", leaving(command, limits, false)?),
    ] {
        findings.push(Finding { what: what.to_owned(), outcome });
        findings.last().into_iter().for_each(&mut tell);
    }
    Ok(findings)
}

/// The device's addresses, of the versions of IP that it has.
fn addresses(capabilities: &Capabilities) -> Vec<IpAddr> {
    let setup = crate::device::Setup::default();
    let ipv4 =
        setup.ipv4.filter(|_| capabilities.has(Capability::Ipv4)).map(|(address, _)| IpAddr::V4(address));
    let ipv6 =
        setup.ipv6.filter(|_| capabilities.has(Capability::Ipv6)).map(|(address, _)| IpAddr::V6(address));
    ipv4.into_iter().chain(ipv6).collect()
}

fn run(check: &Check, probe: &mut Probe, capabilities: &Capabilities, address: IpAddr) -> Outcome {
    if let Some(missing) = capabilities.first_missing(check.needs.iter().copied()) {
        return Outcome::NotOffered(missing);
    }
    drop(probe.take_transcript());
    let done = (check.how)(probe, address);
    outcome(done, probe.take_transcript())
}

fn outcome(done: Done, mut transcript: Vec<String>) -> Outcome {
    match done {
        Ok(()) => Outcome::Right,
        Err(Wrong { expected, got, .. }) => {
            let surplus = transcript.len().saturating_sub(SHOWN);
            transcript.drain(..surplus);
            Outcome::Wrong { expected, got, transcript }
        }
    }
}

fn greeting(probe: &Probe, description: &Description) -> Finding {
    let Description { name, version, capabilities, .. } = description;
    let has = |capability| capabilities.has(capability);
    let mut notes = Vec::new();
    if !probe.unknown_words().is_empty() {
        notes.push(format!("not known and ignored: {}", probe.unknown_words().join(", ")));
    }
    if addresses(capabilities).is_empty() {
        notes.push("neither ipv4 nor ipv6 is offered: nothing can be tried".to_owned());
    }
    if has(Capability::Listen) && !has(Capability::Accept) {
        notes.push("listen without accept: no scenario with a listener can run".to_owned());
    }
    if (has(Capability::Accept) || has(Capability::Connect)) && !has(Capability::Close) {
        notes.push("connections without close: few scenarios can run".to_owned());
    }
    let what = format!("the greeting: {name} {version}, {} capabilities", capabilities.iter().count());
    let outcome = if notes.is_empty() { Outcome::Right } else { Outcome::Noted(notes.join("; ")) };
    Finding { what, outcome }
}

fn leaving(command: &CommandLine, limits: Limits, with_quit: bool) -> Result<Outcome, Problem> {
    let mut probe = Probe::start(command, limits)?;
    if let Err(wrong) = probe.reset_bare("") {
        return Ok(outcome(Err(wrong), probe.take_transcript()));
    }
    Ok(match probe.leave(with_quit) {
        Ok(_) => Outcome::Right,
        Err(wrong) => {
            outcome(Err(wrong), vec!["> quit".to_owned()].into_iter().filter(|_| with_quit).collect())
        }
    })
}
