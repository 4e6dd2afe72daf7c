//! All feature files against the devices of this process, as `wireproof run` does it.

#![expect(clippy::unwrap_used, reason = "what cannot be loaded fails the test")]

#[path = "../../reference/tests/second_opinion/mod.rs"]
mod second_opinion;

use second_opinion::{Link, Opinion, compare};
use wireproof::behaviour::{self, Config, features};
use wireproof::cli::run::{factory, profile};
use wireproof::report::{Numbers, Report, RuleTally, SCHEMA_VERSION, WallTime, terminal};

/// Runs everything; fails with the report as people read it.
fn all_is_well(device: &'static str, numbers: Numbers) {
    let scenarios = features::load(&features::source::embedded()).unwrap();
    let plan = behaviour::prepare(scenarios).unwrap();
    let config = Config {
        numbers,
        rerun: std::sync::Arc::new(move |id, _| {
            format!(
                "cargo run --release -- run --device {device} --seed 1 --numbers {numbers} --name '^{id}$'"
            )
        }),
        ..Config::new(factory(device).unwrap(), profile(device).unwrap())
    };
    let scenarios = behaviour::run(&plan, &config);
    let report = Report {
        schema: SCHEMA_VERSION,
        tool: String::new(),
        device: device.to_owned(),
        device_version: String::new(),
        seed: config.seed,
        numbers,
        // A SHOULD that breaks unnoticed is a regression as well.
        strict: true,
        time_limit: None,
        rules: RuleTally::of(&scenarios),
        unshown: behaviour::unshown(&config, &scenarios),
        scenarios,
        expected: None,
        wall: WallTime::default(),
    };
    etherparse_agrees(&report);
    let mut text = Vec::new();
    terminal::write(&mut text, &report).unwrap();
    let text = anstream::adapter::strip_str(&String::from_utf8(text).unwrap()).to_string();
    assert!(report.scenarios.len() >= 200, "{} scenarios", report.scenarios.len());
    assert!(report.exit_code() == 0, "\n{text}");
}

/// etherparse sees in every frame of every scenario what we see: the formats are what judge and judged share.
fn etherparse_agrees(report: &Report) {
    let mut frames = 0;
    for scenario in &report.scenarios {
        for (time, frame) in scenario.trace.frames() {
            frames += 1;
            let opinion = compare(Link::Ethernet, &frame.octets);
            assert!(
                !matches!(opinion, Opinion::Differ(_)),
                "{} at {time}: {opinion:?} in {:02x?}",
                scenario.id,
                frame.octets
            );
        }
    }
    assert!(frames >= 1_000, "only {frames} frames");
}

#[test]
fn the_reference_keeps_every_clause() {
    all_is_well("reference", Numbers::Random);
}

#[test]
fn the_reference_keeps_every_clause_while_its_peers_sign_bit_flips() {
    all_is_well("reference", Numbers::NearSignBit);
}

#[test]
fn the_reference_keeps_every_clause_while_its_peers_numbers_wrap() {
    all_is_well("reference", Numbers::NearWrap);
}

#[test]
fn smoltcp_breaks_what_its_profile_says_and_nothing_else() {
    all_is_well("smoltcp", Numbers::Random);
}
