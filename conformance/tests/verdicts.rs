//! What comes out of a scenario when the judge has looked at its trace: a broken rule fails it whatever its ladder
//! asks for, unless the device's profile knows; and what the profile says must show.

#![expect(clippy::unwrap_used, reason = "what cannot be loaded fails the test")]

use std::path::Path;

use wireproof::behaviour::{self, Config, features};
use wireproof::cli::run::factory;
use wireproof::device::Profile;
use wireproof::report::{Level, ScenarioReport, Verdict, Weight};

/// A ladder that does not look at what comes behind its last row.
const FEATURE: &str = "\
@tcp
Feature: Mine

  @ipv4 @rfc9293-3.5
  Scenario: A passive open
    Given the device listens on port 80
    Then they exchange
      |      | segment                             | device       |
      | -->  | <SEQ=100><CTL=SYN>                  | SYN-RECEIVED |
      | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK>     |              |
      | -->  | <SEQ=101><ACK=301><CTL=ACK>         | ESTABLISHED  |
      | call | send 5                              |              |
      | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=5> |              |
      | -->  | <SEQ=101><ACK=306><CTL=ACK>         |              |
";

fn config(device: &str, profile: &str) -> Config {
    let profile = Profile::parse("my.toml", &format!("device = 'x'\n{profile}")).unwrap();
    Config { jobs: Some(1), ..Config::new(factory(device).unwrap(), profile) }
}

fn run(feature: &str, config: &Config) -> ScenarioReport {
    let source = features::Source::new("my.feature".to_owned(), Path::new("my.feature"), feature);
    let plan = behaviour::prepare(features::load(&[source]).unwrap()).unwrap();
    behaviour::run(&plan, config).remove(0)
}

/// It sets a reserved bit, and no row of the feature looks.
const DEVICE: &str = "broken:reserved-bits-sent";
const KNOWN: &str =
    "[[broken-rule]]\nrule = 'reserved-bits'\nclause = 'rfc9293-3.1'\nreason = 'a bit of its own'\n";

fn names(report: &ScenarioReport) -> Vec<&str> {
    report.broken_rules.iter().map(|broken| broken.rule.as_str()).collect()
}

#[test]
fn a_broken_rule_fails_a_scenario_whose_ladder_holds() {
    let report = run(FEATURE, &config(DEVICE, ""));
    assert_eq!((&report.verdict, report.weight(false)), (&Verdict::Fail, Weight::Failure));
    assert!(report.failure.is_none(), "the ladder holds: {:?}", report.failure);
    assert_eq!(names(&report), ["reserved-bits"]);
    let broken = &report.broken_rules[0];
    assert_eq!((broken.level, broken.clauses[0].tag().as_str()), (Level::Must, "rfc9293-3.1"));
    let guilty: Vec<&str> =
        broken.ladder.iter().filter(|rung| rung.is_guilty).map(|rung| rung.text.as_str()).collect();
    assert!(matches!(guilty.as_slice(), [one] if one.contains("<CTL=SYN,ACK>")), "{guilty:?}");
    assert!(broken.rerun.contains("my/a-passive-open/ipv4") && broken.times > 1);
}

#[test]
fn the_capture_names_the_rule_beside_the_frame_that_breaks_it() {
    let report = run(FEATURE, &config(DEVICE, ""));
    let notes: Vec<&String> = report.trace.frames().flat_map(|(_, frame)| &frame.notes).collect();
    assert!(notes.iter().any(|note| note.contains("rule broken: reserved-bits (RFC 9293 3.1)")), "{notes:?}");
    let frame = report.trace.frames().nth(usize::try_from(report.broken_rules[0].frames[0]).unwrap() - 1);
    assert!(frame.is_some_and(|(_, frame)| !frame.notes.is_empty()), "frames count as in the capture");
}

#[test]
fn without_the_judge_the_ladder_alone_counts() {
    let report = run(FEATURE, &Config { is_judged: false, ..config(DEVICE, KNOWN) });
    assert_eq!((report.verdict, report.broken_rules.len()), (Verdict::Pass, 0));
}

#[test]
fn a_rule_that_the_profile_knows_is_a_known_deviation() {
    let config = config(DEVICE, KNOWN);
    let report = run(FEATURE, &config);
    assert_eq!(report.verdict, Verdict::KnownDeviation { reason: "a bit of its own".to_owned() });
    assert_eq!(report.weight(true), Weight::Fine);
    assert!(behaviour::unshown(&config, &[report]).is_empty());
}

#[test]
fn a_rule_that_the_profile_says_is_broken_and_is_not_is_an_unexpected_pass() {
    let somewhere = config("reference", KNOWN);
    let report = run(FEATURE, &somewhere);
    assert_eq!(report.verdict, Verdict::Pass, "it may show in another scenario");
    assert_eq!(behaviour::unshown(&somewhere, std::slice::from_ref(&report))[0].rule, "reserved-bits");
    let left_out = ScenarioReport { verdict: Verdict::NotRun { why: "needs 70 s".to_owned() }, ..report };
    assert!(behaviour::unshown(&somewhere, &[left_out]).is_empty(), "it may show in what was not run");
    let here = KNOWN.replace("clause", "scenario = 'my/*'\nclause");
    let report = run(FEATURE, &config("reference", &here));
    assert!(
        matches!(&report.verdict, Verdict::UnexpectedPass { reason } if reason.contains("reserved-bits"))
    );
    let elsewhere = KNOWN.replace("clause", "scenario = 'their/*'\nclause");
    assert_eq!(run(FEATURE, &config("reference", &elsewhere)).verdict, Verdict::Pass);
    assert_eq!(
        run(FEATURE, &config(DEVICE, &elsewhere)).verdict,
        Verdict::Fail,
        "it is known elsewhere only"
    );
}

#[test]
fn a_ladder_and_a_rule_that_are_broken_are_both_told() {
    let feature = FEATURE.replace("<DATA=5>", "<DATA=6>");
    let report = run(&feature, &config(DEVICE, ""));
    assert_eq!(report.verdict, Verdict::Fail);
    assert!(report.failure.as_ref().is_some_and(|failure| failure.excuse.is_none()));
    assert_eq!(names(&report), ["reserved-bits"]);
    // What is known of the ladder does not excuse the rule.
    let known = "[[deviation]]\nscenario = 'my/*'\nrow = '<-- <SEQ=301><ACK=101><CTL=ACK><DATA=6>'\ngot = '*'\nclause = 'rfc9293-3.5'\n\
                 reason = 'five will do'\n";
    let report = run(&feature, &config(DEVICE, known));
    assert_eq!(report.verdict, Verdict::Fail);
    let excuse = report.failure.as_ref().and_then(|failure| failure.excuse.clone());
    assert_eq!(excuse.as_deref(), Some("known deviation: five will do"));
    // And both are known if both are.
    let report = run(&feature, &config(DEVICE, &format!("{known}{KNOWN}")));
    assert_eq!(report.verdict, Verdict::KnownDeviation { reason: "five will do".to_owned() });
}

#[test]
fn a_broken_should_is_a_warning_unless_the_run_is_strict() {
    let (start, _) = FEATURE.rsplit_once("      | -->").unwrap();
    let nagle =
        format!("{start}      | call | send 5 | |\n      | <-- | <SEQ=306><ACK=101><CTL=ACK><DATA=5> | |\n");
    let report = run(&nagle, &config("broken:nagle-missing", ""));
    assert_eq!((&report.verdict, names(&report)), (&Verdict::Fail, vec!["nagle"]));
    assert_eq!((report.weight(false), report.weight(true)), (Weight::Warning, Weight::Failure));
}
