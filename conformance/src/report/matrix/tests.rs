//! Reports side by side.

use super::*;
use crate::oracle::RuleId;
use crate::report::RuleTally;
use crate::report::tests::{broken, failed, report, scenario};

const MUST: &str = "rfc9293-3.5-MUST-10";
const SHOULD: &str = "rfc9293-3.8.3-SHLD-11";
const MAY: &str = "rfc9293-3.6.1-MAY-2";

fn device(name: &str, scenarios: Vec<ScenarioReport>) -> (String, String, Report) {
    let rules = RuleTally::of(&scenarios);
    (name.to_owned(), format!("{name}.json"), Report { rules, ..report(scenarios) })
}

fn cell<'m>(matrix: &'m Matrix, tag: &str, column: usize) -> &'m Cell {
    let clause: Clause = tag.parse().unwrap();
    &matrix.rows.iter().find(|row| row.clause == clause).unwrap().cells[column]
}

fn told(matrix: &Matrix) -> String {
    let mut text = Vec::new();
    text::write(&mut text, matrix).unwrap();
    anstream::adapter::strip_str(&String::from_utf8(text).unwrap()).to_string()
}

#[test]
fn a_cell_is_the_worst_of_its_scenarios_and_what_was_not_tried_counts_for_nothing() {
    let lacking = Verdict::NotApplicable { capability: "urgent".to_owned() };
    let long = Verdict::NotRun { why: "needs 600 s".to_owned() };
    let known = Verdict::KnownDeviation { reason: "so it is".to_owned() };
    let pass = |id: &str, tag: &str| scenario(id, &[tag], Verdict::Pass);
    let matrix = Matrix::new(&[
        device(
            "one",
            vec![
                pass("a/x/ipv4", MUST),
                failed("a/x/ipv6", MUST),
                scenario("a/y/ipv4", &[MUST], lacking.clone()),
            ],
        ),
        device("two", vec![failed("a/s/ipv4", SHOULD), pass("a/m/ipv4", MAY), failed("a/m/ipv6", MAY)]),
        device(
            "three",
            vec![
                ScenarioReport { verdict: known, ..failed("a/x/ipv4", MUST) },
                scenario("a/y/ipv4", &[MUST], long.clone()),
                scenario("a/s/ipv4", &[SHOULD], lacking),
                scenario("a/s/ipv6", &[SHOULD], long),
            ],
        ),
    ]);
    let of = |tag: &str, column| {
        let cell = cell(&matrix, tag, column);
        (cell.verdict, cell.worst(), cell.tried())
    };
    assert_eq!(of(MUST, 0), (Some(Word::Fail), 1, 2));
    assert_eq!(of(MUST, 1), (None, 0, 0));
    assert_eq!(of(MUST, 2), (Some(Word::KnownDeviation), 1, 1));
    assert_eq!(of(SHOULD, 1), (Some(Word::Warning), 1, 1));
    assert_eq!(of(SHOULD, 2), (Some(Word::NotApplicable), 1, 2));
    assert_eq!(of(MAY, 1), (Some(Word::Observed), 1, 2));
    assert_eq!(cell(&matrix, MUST, 0).against, BTreeSet::from(["a/x".to_owned()]));
    assert_eq!(
        matrix.columns[2].totals,
        BTreeMap::from([(Word::KnownDeviation, 1), (Word::NotApplicable, 1)])
    );
}

#[test]
fn a_broken_rule_counts_for_its_own_clauses_and_not_for_those_of_the_scenario() {
    let rule = |known| device("one", vec![broken("a/x/ipv4", RuleId::OneFin, known)]);
    let matrix = Matrix::new(&[rule(None), rule(Some("so it is"))]);
    let verdicts = |tag: &str| [0, 1].map(|column| cell(&matrix, tag, column).verdict);
    assert_eq!(verdicts("rfc9293-3.5"), [Some(Word::Pass), Some(Word::Pass)]);
    assert_eq!(verdicts("rfc9293-3.4"), [Some(Word::Fail), Some(Word::KnownDeviation)]);
    assert_eq!(cell(&matrix, "rfc9293-3.4", 0).rules, BTreeMap::from([("one-fin".to_owned(), Word::Fail)]));
    let mut kept = scenario("a/x/ipv4", &["rfc9293-3.5"], Verdict::Pass);
    kept.kept_rules = vec![RuleId::OneFin];
    let matrix = Matrix::new(&[device("one", vec![kept])]);
    assert_eq!(cell(&matrix, "rfc9293-3.4", 0).verdict, Some(Word::Pass));
}

#[test]
fn a_row_that_proves_a_clause_of_its_own_counts_for_it() {
    let mut own = failed("a/x/ipv4", "rfc9293-3.5");
    own.failure.as_mut().unwrap().clause = Some("rfc6298-5.7".parse().unwrap());
    let matrix = Matrix::new(&[device("one", vec![own])]);
    assert_eq!(cell(&matrix, "rfc6298-5.7", 0).verdict, Some(Word::Fail));
}

#[test]
fn clauses_stand_in_the_order_of_the_rfcs_and_lines_fit_a_terminal() {
    let tags = [
        "rfc9293-3.10.7.1",
        "rfc9293-3.9.1-MUST-48",
        MUST,
        "rfc9293-3.5",
        "rfc6298-5.7",
        "rfc9293-3.8.3-SHLD-11",
    ];
    let all = || tags.map(|tag| scenario(&format!("a/{tag}/ipv4"), &[tag], Verdict::Pass)).to_vec();
    let matrix =
        Matrix::new(&["one", "two", "a device with a very long name"].map(|name| device(name, all())));
    let text = told(&matrix);
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    let first = |line: &str| line.split_whitespace().next().unwrap_or_default().to_owned();
    let heads: Vec<String> =
        text.lines().filter(|line| line.starts_with("  ") && line.contains("pass")).map(first).collect();
    assert_eq!(&heads[..6], ["5.7", "3.5", "3.5", "3.8.3", "3.9.1.9", "3.10.7.1"], "{text}");
    assert!(
        text.contains("  3.5 MUST-10     MUST   pass 1     pass 1     pass 1            Two ends"),
        "{text}"
    );
    assert!(text.contains("6 clauses\n  one  mine 1.2, seed 7, 6 scenarios\n    6 pass\n"), "{text}");
}

#[test]
fn markdown_has_a_table_for_each_rfc_and_takes_no_text_for_markup() {
    let matrix = Matrix::new(&[device("a|b", vec![failed("a/x/ipv4", MUST)])]);
    let mut text = Vec::new();
    markdown::write(&mut text, &matrix).unwrap();
    let text = String::from_utf8(text).unwrap();
    assert!(text.contains("| clause | level | a\\|b | what it says |\n|---|---|---|---|\n"), "{text}");
    assert!(text.contains("| 3.5 MUST-10 | MUST | **fail 1** | Two ends"), "{text}");
    assert!(text.contains("| clauses | a\\|b |\n|---|---:|\n| fail | 1 |\n"), "{text}");
}

#[test]
fn columns_of_one_device_are_told_apart_by_what_differs() {
    let own =
        |version: &str, seed: u64| Report { device_version: version.to_owned(), seed, ..report(Vec::new()) };
    let (old, new, seeded) = (own("1.2", 7), own("1.3", 7), own("1.3", 8));
    let other = Report { device: "other".to_owned(), ..own("1.2", 7) };
    let names = |reports: &[(Option<&str>, &Report)]| {
        let reports: Vec<(Option<String>, &Report)> =
            reports.iter().map(|(name, report)| (name.map(str::to_owned), *report)).collect();
        columns::names(&reports)
    };
    assert_eq!(names(&[(None, &old), (None, &other)]), ["mine", "other"]);
    assert_eq!(names(&[(None, &old), (None, &new), (None, &other)]), ["mine 1.2", "mine 1.3", "other"]);
    assert_eq!(names(&[(None, &new), (None, &seeded)]), ["mine seed 7", "mine seed 8"]);
    assert_eq!(
        names(&[(None, &old), (None, &new), (None, &seeded)]),
        ["mine 1.2", "mine 1.3 seed 7", "mine 1.3 seed 8"]
    );
    assert_eq!(names(&[(None, &old), (None, &old)]), ["mine", "mine (2)"]);
    assert_eq!(names(&[(Some("before"), &old), (None, &old)]), ["before", "mine"]);
}
