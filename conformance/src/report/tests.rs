//! A report made by hand, and what each writer makes of it.

use super::*;
use crate::oracle::RuleId;
use crate::testbed::Trace;

pub(super) fn scenario(id: &str, tags: &[&str], verdict: Verdict) -> ScenarioReport {
    let (stem, ip) = id.rsplit_once('/').unwrap();
    let row = stem.split_once('#').map(|(_, row)| row.parse().unwrap());
    let clauses: Vec<crate::requirement::Clause> = tags.iter().map(|tag| tag.parse().unwrap()).collect();
    let level = clauses.iter().map(|clause| crate::requirement::registry().level(clause)).max().unwrap();
    ScenarioReport {
        id: id.to_owned(),
        feature: "Opening".to_owned(),
        name: format!("Name of {}", stem.split('#').next().unwrap()),
        file: "features/tcp/a.feature".to_owned(),
        line: 5,
        ip: if ip == "ipv4" { IpVersion::Ipv4 } else { IpVersion::Ipv6 },
        row,
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        clauses,
        level,
        verdict,
        failure: None,
        broken_rules: Vec::new(),
        kept_rules: Vec::new(),
        lived: Vec::new(),
        virtual_nanos: 61_000_000_000,
        repeated: Vec::new(),
        standing: None,
        capture: None,
        trace: Trace::default(),
    }
}

pub(super) fn failed(id: &str, tag: &str) -> ScenarioReport {
    let mut scenario = scenario(id, &[tag], Verdict::Fail);
    let clause: crate::requirement::Clause = tag.parse().unwrap();
    scenario.failure = Some(Box::new(Failure {
        level: crate::requirement::registry().level(&clause),
        clause: Some(clause),
        summary: "the device sent another segment".to_owned(),
        file: "features/tcp/a.feature".to_owned(),
        line: 9,
        row: "| <-- | <SEQ=300><CTL=SYN> |".to_owned(),
        expected: "<SEQ=300><CTL=SYN>".to_owned(),
        got: "<SEQ=301><CTL=SYN>".to_owned(),
        differences: vec![Difference {
            field: "SEQ".to_owned(),
            expected: "300".to_owned(),
            got: "301".to_owned(),
        }],
        ladder: vec!["0.000000  <--  <SEQ=301><CTL=SYN>".to_owned()],
        device_state: Some("SYN-SENT".to_owned()),
        logs: vec!["a log\nof two lines".to_owned()],
        rerun: format!("wireproof run --name '^{id}$'"),
        excuse: None,
    }));
    scenario
}

pub(super) fn report(scenarios: Vec<ScenarioReport>) -> Report {
    Report {
        schema: SCHEMA_VERSION,
        tool: "wireproof 0.0.0".to_owned(),
        device: "mine".to_owned(),
        device_version: "1.2".to_owned(),
        seed: 7,
        numbers: Numbers::NearWrap,
        strict: false,
        time_limit: None,
        rules: RuleTally::of(&scenarios),
        unshown: Vec::new(),
        expected: None,
        scenarios,
        wall: WallTime { millis: 1_234 },
    }
}

pub(super) fn told(report: &Report) -> String {
    let mut text = Vec::new();
    terminal::write(&mut text, report).unwrap();
    anstream::adapter::strip_str(&String::from_utf8(text).unwrap()).to_string()
}

#[test]
fn the_tree_goes_by_feature_and_clause_and_merges_rows_and_versions() {
    let pass = |id: &str| scenario(id, &["rfc9293-3.5-MUST-10"], Verdict::Pass);
    let text = told(&report(vec![
        pass("tcp/a/x#1/ipv4"),
        pass("tcp/a/x#1/ipv6"),
        pass("tcp/a/x#2/ipv4"),
        pass("tcp/a/x#2/ipv6"),
        scenario("tcp/a/y/ipv4", &["rfc9293-3.10.7.1"], Verdict::Pass),
        scenario(
            "tcp/a/y/ipv6",
            &["rfc9293-3.10.7.1"],
            Verdict::Inconclusive { why: "no answer".to_owned() },
        ),
        scenario("tcp/a/z/ipv4", &["rfc9293-3.6.1-MAY-2"], Verdict::Fail),
        scenario(
            "tcp/a/w/ipv4",
            &["rfc9293-3.6"],
            Verdict::NotApplicable { capability: "urgent".to_owned() },
        ),
    ]));
    let expected = "
Opening  features/tcp/a.feature
  RFC 9293 3.5 MUST-10  Two ends that open to each other at the same time end up with one connection.
    ok    Name of tcp/a/x  2 rows, IPv4 IPv6
  RFC 9293 3.6  Each direction is closed on its own by a FIN that is acknowledged.
    n/a   Name of tcp/a/w  IPv4
  RFC 9293 3.6.1 MAY-2  TIME-WAIT may yield to a SYN whose number lies above all that the old connection used.
    not   Name of tcp/a/z  IPv4
  RFC 9293 3.10.7.1  Without a connection, any segment but a RST is answered by a RST.
    ?     Name of tcp/a/y  IPv6 of 2

INCONCLUSIVE Name of tcp/a/y (IPv6)  tcp/a/y/ipv6
  nothing can be said: no answer

not applicable (1) the device lacks urgent
  tcp/a/w

8 scenarios: 5 passed, 1 inconclusive, 1 not observed, 1 not applicable
device mine 1.2, seed 7, numbers near-2^32; 0 h 08 min 08 s of scenarios in 1.234 s
";
    assert_eq!(text, expected);
}

#[test]
fn a_failure_is_told_in_full_and_once_for_both_versions() {
    let tag = "rfc9293-3.5-MUST-10";
    let text = told(&report(vec![failed("tcp/a/x/ipv4", tag), failed("tcp/a/x/ipv6", tag)]));
    let expected = "
FAIL Name of tcp/a/x (IPv4 and IPv6)  tcp/a/x/ipv4
  clause    RFC 9293 3.5 MUST-10 (MUST): Two ends that open to each other at the same time end up with one connection.
  what      the device sent another segment
  row       features/tcp/a.feature:9  | <-- | <SEQ=300><CTL=SYN> |
  expected  <SEQ=300><CTL=SYN>
  got       <SEQ=301><CTL=SYN>
  differs   SEQ  expected 300  got 301
  device    is in SYN-SENT
  exchange
    0.000000  <--  <SEQ=301><CTL=SYN>
  log       a log
            of two lines
  again     wireproof run --name '^tcp/a/x/ipv4$'
";
    assert!(text.contains(expected), "{text}");
    assert!(text.contains("2 scenarios: 2 failed"), "{text}");
}

#[test]
fn of_many_rows_of_an_outline_the_first_ones_are_told_in_full() {
    let rows = (1..=5).map(|row| failed(&format!("tcp/a/x#{row}/ipv4"), "rfc9293-3.5"));
    let text = told(&report(rows.collect()));
    assert_eq!(text.matches("\nFAIL ").count(), 2, "{text}");
    let short = "  FAIL tcp/a/x#5/ipv4 (IPv4)\n       features/tcp/a.feature:9  the device sent another segment: \
                 expected <SEQ=300><CTL=SYN>, got <SEQ=301><CTL=SYN>\n";
    assert!(text.contains(short), "{text}");
}

#[test]
fn known_deviations_are_told_by_clause_and_reason_with_their_rows_together() {
    let rows = [2, 5, 6, 7].map(|row| {
        let verdict = Verdict::KnownDeviation { reason: "it cannot".to_owned() };
        ScenarioReport { verdict, ..failed(&format!("tcp/a/x#{row}/ipv4"), "rfc9293-3.5") }
    });
    let text = told(&report(rows.to_vec()));
    assert!(text.contains("\nknown deviation (4) RFC 9293 3.5: it cannot\n  tcp/a/x#2,5-7\n"), "{text}");
    assert!(!text.contains("FAIL"), "{text}");
}

#[test]
fn exit_codes_tell_a_failed_device_from_a_run_that_says_nothing() {
    let code =
        |scenarios: Vec<ScenarioReport>, strict: bool| Report { strict, ..report(scenarios) }.exit_code();
    let should = || failed("a/s/ipv4", "rfc9293-3.8.3-SHLD-11");
    let unclear = || scenario("a/i/ipv4", &["rfc9293-3.5"], Verdict::Inconclusive { why: String::new() });
    let reason = || "r".to_owned();
    assert_eq!(code(Vec::new(), true), 0);
    assert_eq!(code(vec![should()], false), 0);
    assert_eq!(code(vec![should()], true), 1);
    assert_eq!(code(vec![unclear(), should()], false), 2);
    assert_eq!(code(vec![unclear(), failed("a/m/ipv4", "rfc9293-3.5")], false), 1);
    assert_eq!(code(vec![failed("a/o/ipv4", "rfc9293-3.6.1-MAY-2")], true), 0);
    assert_eq!(
        code(
            vec![scenario("a/k/ipv4", &["rfc9293-3.5"], Verdict::KnownDeviation { reason: reason() })],
            true
        ),
        0
    );
    assert_eq!(
        code(
            vec![scenario("a/u/ipv4", &["rfc9293-3.5"], Verdict::UnexpectedPass { reason: reason() })],
            false
        ),
        1
    );
}

/// A scenario whose ladder passes and whose trace breaks a rule.
pub(super) fn broken(id: &str, rule: crate::oracle::RuleId, known: Option<&str>) -> ScenarioReport {
    let broken = crate::oracle::Break {
        rule,
        end: None,
        time: wireproof_reference::time::Instant::from_nanos(1_000_000),
        frames: vec![3],
        got: "this".to_owned(),
        permitted: "that".to_owned(),
    };
    let mut broken = BrokenRule::new(&broken, None, 1, wireproof_reference::time::Instant::ZERO);
    broken.known = known.map(str::to_owned);
    broken.rerun = format!("wireproof run --name '^{id}$'");
    let verdict = match known {
        Some(reason) => Verdict::KnownDeviation { reason: reason.to_owned() },
        None => Verdict::Fail,
    };
    ScenarioReport { broken_rules: vec![broken], ..scenario(id, &["rfc9293-3.5"], verdict) }
}

#[test]
fn a_broken_rule_is_told_in_full_behind_the_ladder_and_counted() {
    let both = ScenarioReport {
        broken_rules: broken("tcp/a/x/ipv4", RuleId::AckBeyondSent, None).broken_rules,
        ..failed("tcp/a/x/ipv4", "rfc9293-3.5")
    };
    let text = told(&report(vec![both, broken("tcp/a/y/ipv4", RuleId::OneFin, Some("so it is"))]));
    let expected = "
  rule      ack-beyond-sent (MUST): Nothing is acknowledged that was never sent.
  clause    RFC 9293 3.4, RFC 9293 3.10.7.4
  where     at 0.001000, frame 3
  got       this
  permitted that
  again     wireproof run --name '^tcp/a/x/ipv4$'

known deviation (1) RFC 9293 3.4: so it is
  tcp/a/y

Rules of the judge that were broken
  one-fin                  RFC 9293 3.4               broken in 1 scenarios, kept in 0
  ack-beyond-sent          RFC 9293 3.4               broken in 1 scenarios, kept in 0

2 scenarios: 1 failed, 1 known deviations
2 rules judged on every trace: 2 broken
";
    assert!(text.contains("  what      the device sent another segment\n"), "{text}");
    assert!(text.contains(expected), "{text}");
}

#[test]
fn the_level_of_a_broken_rule_decides_and_what_is_known_or_excused_does_not() {
    let code =
        |scenario: ScenarioReport, strict: bool| Report { strict, ..report(vec![scenario]) }.exit_code();
    let should = || broken("tcp/a/s/ipv4", RuleId::Nagle, None);
    assert_eq!((code(should(), false), code(should(), true)), (0, 1));
    assert_eq!(code(broken("tcp/a/m/ipv4", RuleId::OneFin, None), false), 1);
    assert_eq!(code(broken("tcp/a/k/ipv4", RuleId::OneFin, Some("known")), true), 0);
    let mut excused = failed("tcp/a/e/ipv4", "rfc9293-3.5");
    excused.failure.as_mut().unwrap().excuse = Some("known deviation: so it is".to_owned());
    excused.broken_rules = should().broken_rules;
    assert_eq!((code(excused.clone(), false), code(excused, true)), (0, 1));
    let unshown = vec![Unshown { rule: "nagle".to_owned(), reason: "so it is".to_owned(), is_listed: false }];
    let stale = Report { unshown, ..report(Vec::new()) };
    assert_eq!(stale.exit_code(), 1);
    assert!(told(&stale).contains("PASS! nagle is broken nowhere"), "{}", told(&stale));
}

#[test]
fn json_and_junit_tell_broken_rules() {
    let own = report(vec![broken("tcp/a/x/ipv4", RuleId::OneFin, None)]);
    let json = serde_json::to_string(&own).unwrap();
    assert!(json.contains("\"rule\":\"one-fin\"") && json.contains("\"broken\":1"), "{json}");
    let back: Report = serde_json::from_str(&json).unwrap();
    assert_eq!(back.scenarios[0].broken_rules, own.scenarios[0].broken_rules);
    let xml = junit::to_string(&own).unwrap();
    let message = "one-fin (RFC 9293 3.4) at 0.001000, frame 3: got this, permitted that";
    assert!(xml.contains(message) && xml.contains("type=\"rfc9293-3.4\""), "{xml}");
    assert!(xml.contains("failures=\"1\"") && xml.contains("rule      one-fin (MUST)"), "{xml}");
}

#[test]
fn json_reads_back_as_what_was_written() {
    let original = report(vec![
        failed("tcp/a/x#2/ipv6", "rfc9293-3.5"),
        scenario("tcp/a/y/ipv4", &["rfc9293-3.5"], Verdict::KnownDeviation { reason: "why".to_owned() }),
    ]);
    let json = serde_json::to_string(&original).unwrap();
    let back: Report = serde_json::from_str(&json).unwrap();
    assert_eq!(serde_json::to_string(&back).unwrap(), json);
    assert!(json.contains("\"verdict\":\"known-deviation\",\"reason\":\"why\""), "{json}");
    assert!(json.contains("\"clauses\":[\"rfc9293-3.5\"]"), "{json}");
}

#[test]
fn junit_tells_failures_from_what_was_left_out() {
    let xml = junit::to_string(&report(vec![
        failed("tcp/a/x/ipv4", "rfc9293-3.5"),
        failed("tcp/a/s/ipv4", "rfc9293-3.8.3-SHLD-11"),
        scenario("tcp/a/i/ipv4", &["rfc9293-3.5"], Verdict::Inconclusive { why: "<no>\u{0}".to_owned() }),
        scenario("tcp/a/n/ipv4", &["rfc9293-3.5"], Verdict::NotRun { why: "long".to_owned() }),
    ]))
    .unwrap();
    assert!(
        xml.contains("tests=\"4\"") && xml.contains("failures=\"1\"") && xml.contains("errors=\"1\""),
        "{xml}"
    );
    assert!(
        xml.contains("inconclusive: &lt;no&gt;") && xml.contains("<skipped message=\"not run: long\""),
        "{xml}"
    );
    assert!(
        xml.contains("warning, a SHOULD is not kept") && xml.contains("expected  &lt;SEQ=300&gt;"),
        "{xml}"
    );
}

#[test]
fn what_was_run_again_is_told_with_how_often_and_is_neither_failed_nor_passed_for_it() {
    let slow = |times: usize| vec!["the machine stood still for 0.3 s".to_owned(); times];
    let passed = scenario("tcp/a/x/ipv4", &["rfc9293-3.5"], Verdict::Pass);
    let unclear = Verdict::Inconclusive { why: "the machine stood still for 0.2 s".to_owned() };
    let unclear = scenario("tcp/a/y/ipv4", &["rfc9293-3.5"], unclear);
    let own = report(vec![
        ScenarioReport { repeated: slow(1), ..passed },
        ScenarioReport { repeated: slow(2), ..unclear },
    ]);
    assert_eq!(own.scenarios.iter().map(ScenarioReport::runs).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(own.exit_code(), 2);
    let text = told(&own);
    for line in [
        "    ok    Name of tcp/a/x  IPv4, run up to 2 times\n",
        "  nothing can be said: the machine stood still for 0.2 s\n  nor after the 2 runs before this one\n",
        "2 scenarios: 1 passed, 1 inconclusive\n2 run again, since the machine was too slow for them: up to 3 times in all\n",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    let json = serde_json::to_string(&own).unwrap();
    assert!(json.contains("\"repeated\":[\"the machine stood still for 0.3 s\"]"), "{json}");
    let xml = junit::to_string(&own).unwrap();
    assert!(xml.contains("<flakyError") && xml.contains("<rerunError"), "{xml}");
    assert!(xml.contains("failures=\"0\" errors=\"1\""), "{xml}");
}

#[test]
fn what_takes_too_long_is_counted_and_neither_failed_nor_passed() {
    let long = Verdict::NotRun { why: "needs 600 s".to_owned() };
    let long = scenario("tcp/a/x#2/ipv4", &["rfc9293-3.5"], long);
    let own = Report { time_limit: Some(300), ..report(vec![long]) };
    assert_eq!((own.exit_code(), own.scenarios[0].runs()), (0, 0));
    let text = told(&own);
    assert!(text.contains("\nnot run (1) needs 600 s, the time limit is 300 s\n  tcp/a/x#2\n"), "{text}");
    assert!(text.contains("1 scenarios: 1 not run\n"), "{text}");
    let json = serde_json::to_string(&own).unwrap();
    assert!(
        json.contains("\"time_limit\":300")
            && json.contains("\"verdict\":\"not-run\",\"why\":\"needs 600 s\"")
    );
    let xml = junit::to_string(&own).unwrap();
    assert!(
        xml.contains("<skipped message=\"not run: needs 600 s\"") && xml.contains("skipped=\"1\""),
        "{xml}"
    );
}
