//! Lists read, compared and written.

use super::write::{self, Written};
use super::*;
use crate::oracle::RuleId;
use crate::report::model::Weight;
use crate::report::tests::{broken, failed, report, scenario, told};
use crate::report::{Report, junit};

const TAG: &str = "rfc9293-3.5-MUST-10";

fn pass(id: &str) -> ScenarioReport {
    scenario(id, &[TAG], Verdict::Pass)
}

fn lacking(id: &str, capability: &str) -> ScenarioReport {
    scenario(id, &[TAG], Verdict::NotApplicable { capability: capability.to_owned() })
}

fn unclear(id: &str) -> ScenarioReport {
    scenario(id, &[TAG], Verdict::Inconclusive { why: "set-up did not come out: x".to_owned() })
}

fn got(mut scenario: ScenarioReport, got: &str) -> ScenarioReport {
    scenario.failure.as_mut().unwrap().got = got.to_owned();
    scenario
}

fn parsed(text: &str) -> Expected {
    read::parse("today.toml", text).unwrap_or_else(|problem| panic!("{problem}"))
}

/// The list of what came out.
fn listed(scenarios: Vec<ScenarioReport>) -> String {
    write::text(None, &report(scenarios), true).unwrap().0
}

/// The same list after another run.
fn again(old: &str, scenarios: Vec<ScenarioReport>, is_whole: bool) -> (String, Written) {
    write::text(Some((&parsed(old), old)), &report(scenarios), is_whole).unwrap()
}

fn compared(list: &str, scenarios: Vec<ScenarioReport>) -> Report {
    let mut report = report(scenarios);
    parsed(list).compare(&mut report, true);
    report
}

#[test]
fn each_kind_of_difference_is_told_apart_and_fails_the_run() {
    let list = listed(vec![
        failed("a/same/ipv4", TAG),
        failed("a/other/ipv4", TAG),
        failed("a/now-passes/ipv4", TAG),
        failed("a/now-known/ipv4", TAG),
        lacking("a/lacks/ipv4", "urgent"),
        failed("a/gone/ipv4", TAG),
    ]);
    let known = Verdict::KnownDeviation { reason: "so it is".to_owned() };
    let own = compared(
        &list,
        vec![
            failed("a/same/ipv4", TAG),
            got(failed("a/other/ipv4", TAG), ""),
            pass("a/now-passes/ipv4"),
            ScenarioReport { verdict: known, ..failed("a/now-known/ipv4", TAG) },
            lacking("a/lacks/ipv4", "option:sack"),
            failed("a/new/ipv4", TAG),
            lacking("a/lost/ipv4", "urgent"),
            pass("a/passes/ipv4"),
        ],
    );
    let changes: Vec<Option<Change>> = own.scenarios.iter().map(ScenarioReport::change).collect();
    use Change::{Changed, New, None as Same, Stale};
    let wanted = [Same, Changed, Stale, Stale, Changed, New, New].map(Some);
    assert_eq!(changes, [&wanted[..], &[None]].concat());
    let gone = vec!["a/gone/ipv4".to_owned()];
    let counts = Compared { new: 2, changed: 2, stale: 2, as_listed: 1, gone, ..Compared::default() };
    assert_eq!(own.expected, Some(Compared { file: "today.toml".to_owned(), ..counts }));
    assert_eq!(own.exit_code(), 1);
    let weights = [0, 1, 7].map(|at: usize| own.scenarios[at].weight(true));
    assert_eq!(weights, [Weight::Fine, Weight::Failure, Weight::Fine]);
}

#[test]
fn both_sides_of_a_difference_are_shown() {
    let list = listed(vec![failed("a/x/ipv4", TAG)]);
    let text = told(&compared(&list, vec![got(failed("a/x/ipv4", TAG), ""), failed("a/new/ipv6", TAG)]));
    for line in [
        "CHANGED Name of a/x (IPv4)  a/x/ipv4\n  \
         listed    fail at <-- <SEQ=300><CTL=SYN>, got <SEQ=301><CTL=SYN>  today.toml:6\n  \
         found     fail at <-- <SEQ=300><CTL=SYN>, got nothing\n  \
         clause    RFC 9293 3.5 MUST-10",
        "NEW Name of a/new (IPv6)  a/new/ipv6\n  listed    pass  today.toml has no entry for it\n  found     fail at",
        "    OTHER Name of a/x",
        "2 scenarios: 2 failed\nagainst today.toml: 0 as listed, 1 new, 1 changed\n",
    ] {
        assert!(text.contains(line), "{line}\n\n{text}");
    }
    let own = compared(&list, vec![pass("a/x/ipv4")]);
    let text = told(&own);
    assert!(text.contains("STALE Name of a/x (IPv4)") && text.contains("\n  found     pass\n"), "{text}");
    let xml = junit::to_string(&own).unwrap();
    assert!(xml.contains("stale: listed fail at") && xml.contains("failures=\"1\""), "{xml}");
}

#[test]
fn what_is_as_listed_is_well_and_told_in_one_line() {
    let all =
        || vec![failed("a/x/ipv4", TAG), failed("a/s/ipv4", "rfc9293-3.8.3-SHLD-11"), unclear("a/i/ipv4")];
    let own = Report { strict: true, ..compared(&listed(all()), all()) };
    assert_eq!(own.exit_code(), 0);
    let text = told(&own);
    assert!(!text.contains("FAIL") && !text.contains("INCONCLUSIVE"), "{text}");
    assert!(text.contains("    fail  Name of a/x") && text.contains("3 as listed, nothing else\n"), "{text}");
    let xml = junit::to_string(&own).unwrap();
    assert!(xml.contains("<skipped message=\"as listed: fail at") && xml.contains("failures=\"0\""), "{xml}");
    let json = serde_json::to_string(&own).unwrap();
    assert!(json.contains("\"standing\":{\"change\":\"none\"") && json.contains("\"as_listed\":3"), "{json}");
}

#[test]
fn a_warning_that_is_not_listed_is_a_change_even_without_strict() {
    let own = compared("version = 1", vec![failed("a/s/ipv4", "rfc9293-3.8.3-SHLD-11")]);
    assert_eq!((own.exit_code(), own.scenarios[0].change()), (1, Some(Change::New)));
}

#[test]
fn of_what_nobody_can_say_anything_no_change_is_told() {
    let long = Verdict::NotRun { why: "needs 600 s".to_owned() };
    let list = listed(vec![failed("a/x/ipv4", TAG), failed("a/y/ipv4", TAG)]);
    let own =
        compared(&list, vec![scenario("a/x/ipv4", &[TAG], long), unclear("a/y/ipv4"), unclear("a/z/ipv4")]);
    assert!(own.scenarios.iter().all(|scenario| scenario.standing.is_none()));
    assert_eq!((own.exit_code(), own.expected.unwrap().undecided), (2, 2));
    // What is listed as inconclusive and comes out is a change.
    let list = listed(vec![unclear("a/y/ipv4")]);
    assert_eq!(compared(&list, vec![unclear("a/y/ipv4")]).exit_code(), 0);
    assert_eq!(compared(&list, vec![pass("a/y/ipv4")]).scenarios[0].change(), Some(Change::Stale));
    assert_eq!(compared(&list, vec![failed("a/y/ipv4", TAG)]).scenarios[0].change(), Some(Change::Changed));
}

#[test]
fn a_machine_that_was_too_slow_is_not_listed_and_takes_no_entry_out() {
    let slow = |id: &str| ScenarioReport { repeated: vec!["it stood still".to_owned()], ..unclear(id) };
    let old = listed(vec![failed("a/x/ipv4", TAG), slow("a/y/ipv4")]);
    assert!(!old.contains("a/y"), "{old}");
    assert_eq!(again(&old, vec![slow("a/x/ipv4"), slow("a/y/ipv4")], true).0, old);
    assert_eq!(report(vec![slow("a/x/ipv4")]).exit_code_when_listed(), 2);
    assert_eq!(report(vec![unclear("a/x/ipv4")]).exit_code_when_listed(), 0);
}

#[test]
fn broken_rules_are_listed_and_another_rule_is_a_change() {
    let own = broken("a/x/ipv4", RuleId::OneFin, None);
    let list = listed(vec![own.clone()]);
    assert!(list.contains("clause = \"rfc9293-3.4\"\nrules = [\"one-fin\"]\n"), "{list}");
    assert_eq!(compared(&list, vec![own.clone()]).exit_code(), 0);
    let other = compared(&list, vec![broken("a/x/ipv4", RuleId::AckBeyondSent, None)]);
    assert_eq!(other.scenarios[0].change(), Some(Change::Changed));
    let more = ScenarioReport { broken_rules: own.broken_rules, ..failed("a/x/ipv4", TAG) };
    let more = compared(&list, vec![more]);
    assert_eq!(more.scenarios[0].change(), Some(Change::Changed), "the ladder fails, too");
    // What the profile knows of is not listed.
    assert!(!listed(vec![broken("a/x/ipv4", RuleId::OneFin, Some("so it is"))]).contains("scenario"));
}

#[test]
fn a_list_is_sorted_and_both_versions_of_ip_are_one_entry_where_they_are_alike() {
    let list = listed(vec![
        failed("b/x#10/ipv6", TAG),
        failed("b/x#10/ipv4", TAG),
        failed("b/x#2/ipv6", TAG),
        got(failed("a/y/ipv6", TAG), ""),
        failed("a/y/ipv4", TAG),
    ]);
    let ids: Vec<&str> = list.lines().filter_map(|line| line.strip_prefix("id = ")).collect();
    assert_eq!(ids, ["\"a/y/ipv4\"", "\"a/y/ipv6\"", "\"b/x#2/ipv6\"", "\"b/x#10\""]);
    assert!(list.starts_with("# What does not pass today"), "{list}");
}

const COMMENTED: &str = "\
# Ours: alice@example.org
version = 1 # the first

# Ticket 7
[[scenario]]
id = \"a/x\"
verdict = \"fail\" # sad
clause = \"rfc9293-3.5-MUST-10\"
row = '<-- <SEQ=*><CTL=SYN>'
got = \"*\"
reason = \"ticket 7\"

# Ticket 8
[[scenario]]
id = \"a/y/ipv4\"
verdict = \"not applicable\"
lacks = \"urgent\"
reason = \"ticket 8\"

# Below all.
";

#[test]
fn comments_reasons_and_globs_survive_writing() {
    let same = || vec![failed("a/x/ipv4", TAG), failed("a/x/ipv6", TAG), lacking("a/y/ipv4", "urgent")];
    let (text, written) = again(COMMENTED, same(), true);
    assert_eq!(text, COMMENTED);
    assert_eq!(written, Written { entries: 2, ..Written::default() });

    let changed = vec![
        failed("a/x/ipv4", TAG),
        failed("a/x/ipv6", TAG),
        lacking("a/y/ipv4", "option:sack"),
        failed("a/a/ipv4", TAG),
    ];
    let (text, written) = again(COMMENTED, changed, true);
    let wanted = COMMENTED.replace("lacks = \"urgent\"", "lacks = \"option:sack\"").replace(
        "# Ticket 7\n",
        "[[scenario]]\nid = \"a/a/ipv4\"\nverdict = \"fail\"\nclause = \"rfc9293-3.5-MUST-10\"\n\
         row = \"<-- <SEQ=300><CTL=SYN>\"\ngot = \"<SEQ=301><CTL=SYN>\"\n\n# Ticket 7\n",
    );
    assert_eq!(text, wanted);
    assert_eq!(written, Written { entries: 3, new: 1, changed: 1, removed: 0 });
}

#[test]
fn an_entry_for_both_versions_is_split_when_they_part() {
    let (text, written) =
        again(COMMENTED, vec![pass("a/x/ipv4"), failed("a/x/ipv6", TAG), pass("a/y/ipv4")], true);
    assert_eq!(written, Written { entries: 1, new: 0, changed: 0, removed: 2 });
    assert!(
        text.contains("# Ticket 7\n[[scenario]]\nid = \"a/x/ipv6\"\n")
            && text.contains("reason = \"ticket 7\""),
        "{text}"
    );
    assert!(!text.contains("a/y") && text.contains("# Below all."), "{text}");
    let (text, _) = again(&text, vec![failed("a/x/ipv4", TAG), failed("a/x/ipv6", TAG)], true);
    assert!(text.contains("id = \"a/x\"\n") && text.contains("reason = \"ticket 7\""), "{text}");
}

#[test]
fn a_run_of_some_scenarios_leaves_the_entries_of_the_others_alone() {
    let (text, _) = again(COMMENTED, vec![pass("a/y/ipv4")], false);
    assert!(text.contains("a/x") && !text.contains("a/y"), "{text}");
    let (text, written) = again(COMMENTED, vec![pass("b/z/ipv4")], true);
    assert!(!text.contains("scenario"), "{text}");
    assert_eq!(written.removed, 2);
    let mut part = report(vec![lacking("a/y/ipv4", "urgent")]);
    parsed(COMMENTED).compare(&mut part, false);
    assert_eq!((part.exit_code(), part.expected.unwrap().gone), (0, Vec::new()));
}

#[test]
fn rules_that_the_profile_is_wrong_about_can_be_listed() {
    let unshown = || {
        vec![crate::report::Unshown { rule: "nagle".to_owned(), reason: "r".to_owned(), is_listed: false }]
    };
    let stale = || Report { unshown: unshown(), ..report(vec![pass("a/x/ipv4")]) };
    let (list, _) = write::text(None, &stale(), true).unwrap();
    assert!(list.contains("unshown-rules = [\"nagle\"]\n"), "{list}");
    let mut own = stale();
    parsed(&list).compare(&mut own, true);
    assert_eq!(own.exit_code(), 0);
    assert!(!told(&own).contains("nagle"), "{}", told(&own));
    let own = compared(&list, vec![pass("a/x/ipv4")]);
    assert_eq!(own.exit_code(), 1);
    assert!(told(&own).contains("STALE the suite shows nagle broken"), "{}", told(&own));
}

#[test]
fn the_list_on_the_page_about_adapters_can_be_read() {
    let page = include_str!("../../../devices/README.md");
    let block = page.split("```toml\n").find(|block| block.starts_with("version = 1")).unwrap();
    let list = parsed(block.split("```").next().unwrap());
    assert_eq!(list.entries.len(), 3, "one of both versions, one of one");
}

#[test]
fn what_is_wrong_with_a_list_is_told_with_its_place() {
    let entry = "version = 1\n[[scenario]]\nid = \"a/x\"\n";
    for (text, place, found, expected) in [
        ("", "1:1", "missing field `version`", ""),
        ("version = 2", "1:11", "a list of version 2", "version 1"),
        ("version = 1\nname = 3", "2:1", "unknown field `name`", "one of `version`"),
        ("version = 1\n[[scenario]]\nid = 7", "3:6", "invalid type: integer `7`", "a string"),
        ("version = ", "1:11", "", ""),
        (&format!("{entry}verdict = \"pass\""), "4:11", "`pass` is not listed", "one of fail, warning"),
        (&format!("{entry}verdict = \"fails\""), "4:11", "`fails` is no outcome", "not observed"),
        (&format!("{entry}verdict = \"fail\""), "4:11", "a failure without a row or a rule", "`row = \"*\"`"),
        (
            &format!("{entry}verdict = \"fail\"\nrules = [\"x\"]"),
            "5:10",
            "`x` is no rule of the judge",
            "--list-rules",
        ),
        (
            &format!("{entry}verdict = \"fail\"\nrow = \"*\"\nclause = \"rfc9293-99\""),
            "6:10",
            "RFC 9293 has no section 99",
            "",
        ),
        (&format!("{entry}verdict = \"not applicable\""), "4:11", "no capability is named", "`lacks`"),
        (
            &format!("{entry}verdict = \"fail\"\nrow = \"*\"\nlacks = \"urgent\""),
            "6:9",
            "`lacks` beside",
            "`not applicable` alone",
        ),
        (
            &format!(
                "{entry}verdict = \"inconclusive\"\n[[scenario]]\nid = \"a/x/ipv6\"\nverdict = \"inconclusive\""
            ),
            "6:6",
            "a second entry for a/x/ipv6",
            "the first is in line 3",
        ),
    ] {
        let problem = read::parse("today.toml", text).unwrap_err().to_string();
        assert!(problem.contains(&format!("--> today.toml:{place}\n")), "{place}: {problem}");
        assert!(problem.contains(found) && problem.contains(expected), "{found}; {expected}: {problem}");
    }
}
