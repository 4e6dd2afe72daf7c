//! Feature files, well and badly written.

use std::path::Path;

use super::*;
use crate::report::{IpVersion, Level};

fn read(text: &str) -> Result<Vec<Scenario>, Vec<Problem>> {
    load(&[Source::new("a.feature".to_owned(), Path::new("tcp/a.feature"), text)])
}

/// Line, column and whole text of the only problem.
fn problem(text: &str) -> (usize, usize, String) {
    let problems = read(text).unwrap_err();
    assert_eq!(problems.len(), 1, "{problems:?}");
    let place = problems[0].place.clone().unwrap();
    (place.line, place.column, problems[0].to_string())
}

const PLAIN: &str = "\
@tcp
Feature: One

  # a comment
  @rfc9293-3.5 @rfc9293-3.4.1-SHLD-1
  Scenario: It's open
    Given the device listens on port 80
    # another
    Then they exchange
      |     | segment            |
      # and one inside
      | --> | <SEQ=100><CTL=SYN> |
";

#[test]
fn a_scenario_runs_over_both_versions_of_ip_with_stable_ids() {
    let scenarios = read(PLAIN).unwrap();
    let ids: Vec<&str> = scenarios.iter().map(|s| s.id.as_str()).collect();
    assert_eq!(ids, ["tcp/a/it-s-open/ipv4", "tcp/a/it-s-open/ipv6"]);
    let first = &scenarios[0];
    assert_eq!((first.line, first.row, first.level), (6, None, Level::Must));
    assert_eq!(first.tags, ["tcp", "rfc9293-3.5", "rfc9293-3.4.1-SHLD-1"]);
}

#[test]
fn steps_and_cells_know_their_places_past_comments() {
    let scenarios = read(PLAIN).unwrap();
    let steps = &scenarios[0].steps;
    assert_eq!((steps[0].line, steps[0].column, steps[0].kind), (7, 11, StepKind::Given));
    assert_eq!((steps[1].line, steps[1].column, steps[1].kind), (9, 10, StepKind::Then));
    let rows = &steps[1].table.as_ref().unwrap().rows;
    assert_eq!((rows.len(), rows[1].line, rows[1].cells[1].column), (2, 12, 15));
    assert_eq!(rows[1].cells[1].text, "<SEQ=100><CTL=SYN>");
}

#[test]
fn carriage_returns_tabs_and_a_byte_order_mark_change_nothing() {
    let text = format!("\u{feff}{}", PLAIN.replace("    ", "\t").replace('\n', "\r\n"));
    let scenarios = read(&text).unwrap();
    assert_eq!(scenarios[0].steps[1].table.as_ref().unwrap().rows[1].cells[1].text, "<SEQ=100><CTL=SYN>");
    assert_eq!(scenarios[0].steps[0].text, "the device listens on port 80");
}

const OUTLINE: &str = "\
Feature: Two
  @rfc9293-3.10.7.1 @ipv4
  Scenario Outline: $what is answered
    Given connection $what
    Then they exchange
      | time |     | segment       |
      | $t   | --> | <SEQ=$n>$more |

    Examples:
      | what | n   | more      | t |
      | a    | 100 | <CTL=RST> |   |
      | b    | 200 |           | 1 s |
";

#[test]
fn an_outline_fills_its_placeholders_with_any_text_or_none() {
    let scenarios = read(OUTLINE).unwrap();
    let told: Vec<(&str, &str, usize)> =
        scenarios.iter().map(|s| (s.id.as_str(), s.name.as_str(), s.line)).collect();
    assert_eq!(
        told,
        [
            ("tcp/a/what-is-answered#1/ipv4", "a is answered", 11),
            ("tcp/a/what-is-answered#2/ipv4", "b is answered", 12)
        ]
    );
    let cells = |index: usize| &scenarios[index].steps[1].table.as_ref().unwrap().rows[1].cells;
    assert_eq!((cells(0)[0].text.as_str(), cells(0)[2].text.as_str()), ("", "<SEQ=100><CTL=RST>"));
    assert_eq!((cells(1)[0].text.as_str(), cells(1)[2].text.as_str()), ("1 s", "<SEQ=200>"));
    assert_eq!(scenarios[1].steps[0].text, "connection b");
}

#[test]
fn the_placeholders_of_gherkin_are_left_alone() {
    let scenarios = read(&OUTLINE.replace("connection $what", "connection <what>")).unwrap();
    assert_eq!(scenarios[0].steps[0].text, "connection <what>");
}

#[test]
fn a_placeholder_that_nothing_fills_is_an_error_with_its_place() {
    let (line, column, text) = problem(&OUTLINE.replace("$more", "$mroe"));
    assert_eq!((line, column), (7, 30));
    assert!(text.contains("$mroe") && text.contains("$more"), "{text}");
    let (line, column, text) = problem(&PLAIN.replace("SEQ=100", "SEQ=$n"));
    assert_eq!((line, column), (12, 20));
    assert!(text.contains("$$"), "{text}");
}

#[test]
fn an_outline_without_rows_is_an_error() {
    let (line, _, _) = problem(OUTLINE.split("    Examples").next().unwrap().replace('$', "").as_str());
    assert_eq!(line, 3);
    let empty = OUTLINE.split("      | a    |").next().unwrap();
    assert!(problem(empty).2.contains("no row"));
}

#[test]
fn a_background_stands_before_the_steps_and_rules_pass_on_their_tags() {
    let text = "Feature: F\n Background:\n  Given a\n @rfc9293-3.5\n Rule: R\n  Background:\n   Given b\n  @ipv6\n  Scenario: S\n   Then c\n";
    let scenarios = read(text).unwrap();
    assert_eq!(scenarios.len(), 1);
    assert_eq!(scenarios[0].ip, IpVersion::Ipv6);
    let steps: Vec<(&str, usize)> = scenarios[0].steps.iter().map(|s| (s.text.as_str(), s.line)).collect();
    assert_eq!(steps, [("a", 3), ("b", 7), ("c", 10)]);
}

#[test]
fn tags_must_be_known() {
    let (line, column, text) = problem(&PLAIN.replace("@rfc9293-3.5 ", "@rfc9293-3.99 "));
    assert_eq!((line, column), (5, 3));
    assert!(text.contains("no section 3.99"), "{text}");
    assert_eq!(problem(&PLAIN.replace("SHLD-1", "SHLD-99")).1, 16);
    assert!(problem(&PLAIN.replace("@tcp", "@tpc")).2.contains("unknown tag @tpc"));
    assert!(read(&PLAIN.replace("@tcp", "@x-mine")).is_ok());
}

#[test]
fn a_scenario_without_a_clause_is_an_error() {
    let (line, _, text) = problem(&PLAIN.replace("  @rfc9293-3.5 @rfc9293-3.4.1-SHLD-1\n", ""));
    assert_eq!(line, 5);
    assert!(text.contains("names no clause"), "{text}");
}

#[test]
fn two_scenarios_of_one_id_are_an_error() {
    let again = PLAIN.split("  # a comment\n").nth(1).unwrap().replace("It's open", "It s OPEN");
    let (line, _, text) = problem(&format!("{PLAIN}{again}"));
    assert_eq!(line, 14);
    assert!(text.contains("a.feature:6"), "{text}");
}

#[test]
fn rows_of_another_length_are_errors_not_cut() {
    let (line, _, text) = problem(&PLAIN.replace("<CTL=SYN> |", "<CTL=SYN> | more |"));
    assert_eq!(line, 12);
    assert!(text.contains("3 cells"), "{text}");
    let (line, _, text) = problem(&PLAIN.replace("| --> | <SEQ=100><CTL=SYN> |", "| --> |"));
    assert_eq!(line, 12);
    assert!(text.contains("1 cells"), "{text}");
}

#[test]
fn slips_of_the_pen_are_told_with_their_line() {
    let line = |text: &str| problem(text).0;
    assert_eq!(line(&PLAIN.replace("Then they", "Than they")), 9);
    assert_eq!(line(&PLAIN.replace("Given the", "Gvien the")), 7);
    assert_eq!(line(&PLAIN.replace("Given the", "given the")), 7);
    assert_eq!(line(&PLAIN.replace("SYN> |", "SYN>")), 12);
    assert_eq!(line(&PLAIN.replace("Feature: One", "Feture: One")), 2);
    assert_eq!(line(&PLAIN.replace("<SEQ", r"\x<SEQ")), 12);
    assert_eq!(line("\n\n"), 1);
    assert_eq!(line(&PLAIN.replace("listens on port 80\n", "listens on port 80\n    \"\"\"\n    x\n")), 8);
}

#[test]
fn cells_of_ladders_are_read_before_anything_runs() {
    let (line, column, text) = problem(&PLAIN.replace("<SEQ=100>", "<SEQ=1x0>"));
    assert_eq!((line, column), (12, 21), "{text}");
    let (line, column, text) = problem(&PLAIN.replace("| --> |", "| -- > |"));
    assert_eq!((line, column), (12, 9), "{text}");
    assert!(text.contains("<--"), "{text}");
    let (line, column, text) = problem(&PLAIN.replace("segment  ", "sgement  "));
    assert_eq!((line, column), (10, 15), "{text}");
}

#[test]
fn a_cell_that_an_example_spoils_is_told_with_the_row_of_the_example() {
    let (line, column, text) = problem(&OUTLINE.replace("| 200 |", "| 2x0 |"));
    assert_eq!((line, column), (7, 22), "{text}");
    assert!(text.contains("line 12") && text.contains("<SEQ=2x0>"), "{text}");
}

#[test]
fn clauses_of_rows_must_be_known() {
    let text = PLAIN.replace("| segment            |", "| segment            | clause |");
    let with =
        |clause: &str| text.replace("<SEQ=100><CTL=SYN> |", &format!("<SEQ=100><CTL=SYN> | {clause} |"));
    assert!(read(&with("rfc9293-3.5-MUST-10")).is_ok());
    let (line, column, _) = problem(&with("rfc9293-3.5-MUST-99"));
    assert_eq!((line, column), (12, 36));
}

#[test]
fn slugs_are_lower_case_words() {
    assert_eq!(slug("  A passive open, over $ip!"), "a-passive-open-over-ip");
}

#[test]
fn no_text_panics() {
    let octets = OUTLINE.as_bytes();
    for at in 0..octets.len() {
        for junk in ["", "|", "\"\"\"", "\\", "$", "@", "#", "\u{feff}", "\r", "Examples:\n"] {
            let (before, behind) = octets.split_at(at);
            let text = [before, junk.as_bytes(), behind.get(1..).unwrap_or_default()].concat();
            drop(read(&String::from_utf8_lossy(&text)));
        }
    }
}

#[test]
fn a_feature_without_scenarios_and_a_scenario_without_a_name_are_told() {
    let (line, column, text) = problem("# first\n@tcp\nFeature: One\n");
    assert_eq!((line, column), (3, 1));
    assert!(text.contains("this feature has no scenario"), "{text}");
    // A file whose lines end with a carriage return alone is one long line.
    let (line, _, text) = problem(&PLAIN.replace("@tcp\n", "").replace('\n', "\r"));
    assert_eq!(line, 1);
    assert!(text.contains("this feature has no scenario"), "{text}");
    let (line, _, text) = problem(&PLAIN.replace("It's open", " - "));
    assert_eq!(line, 6);
    assert!(text.contains("this scenario has no name"), "{text}");
}
