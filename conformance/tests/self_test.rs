//! The suite itself under test: each broken stack is caught by some scenario, no odd one is.

#![expect(clippy::unwrap_used, reason = "what cannot be loaded fails the test")]

use wireproof::device::variant::{self, Variant};
use wireproof::self_test::{Depth, Examination, examine, plan};

/// The suite's judgement of these; those that it is wrong about.
fn wrong_about(is_chosen: impl Fn(&Variant) -> bool) -> Vec<Examination> {
    let plan = plan().unwrap();
    let chosen = variant::all().filter(|variant| is_chosen(variant));
    let examined = chosen.map(|variant| examine(variant, &plan, Depth::First, None).unwrap());
    examined.filter(|examination| !examination.is_right()).collect()
}

#[test]
fn every_broken_stack_is_caught() {
    let missed = wrong_about(Variant::is_broken);
    let told: Vec<String> = missed
        .iter()
        .map(|missed| {
            let rules: Vec<String> = missed.missed_rules().map(|rule| rule.to_string()).collect();
            let ladders = missed.failed().filter(|finding| finding.is_by_ladder).count();
            let name = missed.variant.full_name();
            format!("{name}: {ladders} ladders, missed rules: {}: {}", rules.join(", "), missed.variant.what)
        })
        .collect();
    assert!(
        missed.is_empty(),
        "caught by no ladder, or not by each rule that it names:\n{}",
        told.join("\n")
    );
}

#[test]
fn no_odd_stack_is_accused() {
    let accused = wrong_about(|variant| !variant.is_broken());
    let told: Vec<String> = accused
        .iter()
        .flat_map(|accused| {
            let name = accused.variant.full_name();
            accused.objections().map(move |one| format!("{name}: {}: {}", one.scenario, one.summary))
        })
        .collect();
    assert!(accused.is_empty(), "permitted, and yet accused:\n{}", told.join("\n"));
}
