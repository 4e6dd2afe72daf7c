//! The first promise of the judge: however bad a capture is, nobody is accused by what it lacks. Clean captures are
//! degraded in all ways that capture programs and network cards know; no MUST may be broken then that was not before.
//!
//! A failure names the capture, the ways and the seed.

mod seen;

use rayon::prelude::*;
use seen::degrade::Way;
use seen::{View, broken_musts, hosts, judge, recorded, source, suite, told};
use wireproof_reference::random::Random;

/// Degrades a capture `times` times, by one to three ways each time; what was alleged then. In the suite the device
/// alone is asked after: the tester breaks rules on purpose.
fn accused(view: &View, times: u64, is_suite: bool) -> Vec<String> {
    let clean = broken_musts(&judge(&view.frames));
    let device = view.frames.iter().find(|frame| frame.from == 1).and_then(source);
    let mut accused = Vec::new();
    for seed in 0..times {
        let mut random = Random::new(seed).fork(&view.name);
        let (mut frames, mut ways) = (view.frames.clone(), Vec::new());
        for _ in 0..1 + random.below(3) {
            let way = Way::draw(&mut random, frames.len());
            frames = way.apply(&frames, &mut random);
            ways.push(way.to_string());
        }
        let judgement = judge(&frames);
        for (rule, who) in broken_musts(&judgement).difference(&clean) {
            if is_suite && !device.is_some_and(|device| who.contains(&device.to_string())) {
                continue;
            }
            let origins: Vec<String> = judgement
                .breaks()
                .iter()
                .filter(|one| one.rule == *rule)
                .take(1)
                .flat_map(|one| &one.frames)
                .map(|frame| frames[usize::try_from(*frame).map_or(0, |frame| frame - 1)].origin.to_string())
                .collect();
            let what = told(&judgement, *rule);
            accused.push(format!(
                "{rule} of {who}: {} seed {seed} {}: {what} (of old: {})",
                view.name,
                ways.join(" "),
                origins.join(", ")
            ));
        }
    }
    accused
}

#[track_caller]
fn nobody_is_accused(views: &[View], times: u64, is_suite: bool) {
    let accused: Vec<String> =
        views.par_iter().flat_map_iter(|view| accused(view, times, is_suite)).collect();
    assert!(accused.is_empty(), "{} accusations:\n{}", accused.len(), accused.join("\n"));
}

#[test]
fn what_a_capture_of_a_scenario_lacks_accuses_nobody() {
    nobody_is_accused(&suite(), 12, true);
}

#[test]
fn what_a_capture_of_two_hosts_lacks_accuses_nobody() {
    let views: Vec<View> = (0..60_u64).into_par_iter().flat_map_iter(hosts::talk).collect();
    nobody_is_accused(&views, 25, false);
}

#[test]
fn two_right_hosts_break_nothing_wherever_they_are_seen() {
    let views: Vec<View> = (0..60_u64).into_par_iter().flat_map_iter(hosts::talk).collect();
    let broken: Vec<String> = views
        .iter()
        .flat_map(|view| {
            let judgement = judge(&view.frames);
            let rules = broken_musts(&judgement).into_iter();
            let told = |(rule, _)| format!("{}: {}", view.name, told(&judgement, rule));
            rules.map(told).collect::<Vec<_>>()
        })
        .collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn what_a_recorded_capture_lacks_accuses_nobody() {
    nobody_is_accused(&recorded(), 40, false);
}
