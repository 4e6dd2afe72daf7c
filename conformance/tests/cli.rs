//! The command as a user runs it: exit codes, messages, what is written.

#![expect(clippy::unwrap_used, reason = "what cannot be run or read fails the test")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// Runs `wireproof` with arguments that have no blanks in them but where they are given apart.
fn wireproof(arguments: &[&str]) -> Told {
    wireproof_in(Path::new("."), arguments)
}

fn wireproof_in(folder: &Path, arguments: &[&str]) -> Told {
    let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_wireproof"))
        .args(arguments)
        .current_dir(folder)
        .env_remove("CLICOLOR_FORCE")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let told = Told {
        code: status.code().unwrap(),
        out: String::from_utf8(stdout).unwrap(),
        err: String::from_utf8(stderr).unwrap(),
    };
    assert!(!told.err.contains("panicked"), "{}", told.err);
    assert!(!told.out.contains('\u{1b}') && !told.err.contains('\u{1b}'), "colours without a terminal");
    told
}

/// What a run of the command told.
#[derive(Debug)]
struct Told {
    code: i32,
    out: String,
    err: String,
}

impl Told {
    /// Exit code 2, and all of `words` on standard error.
    fn refused(&self, words: &[&str]) {
        assert_eq!(self.code, 2, "{self:?}");
        for word in words {
            assert!(self.err.contains(word), "`{word}` is not in\n{}", self.err);
        }
    }

    fn says(&self, words: &[&str]) -> &Self {
        for word in words {
            assert!(self.out.contains(word), "`{word}` is not in\n{}\n{}", self.out, self.err);
        }
        self
    }
}

const FEATURE: &str = "\
@tcp
Feature: Mine

  @rfc9293-3.5
  Scenario: A passive open
    Given the device listens on port 80
    Then they exchange
      |     | segment                         | device       |
      | --> | <SEQ=100><CTL=SYN>              | SYN-RECEIVED |
      | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK> |              |
      | --> | <SEQ=101><ACK=301><CTL=ACK>     | ESTABLISHED  |
";

/// A folder with `my.feature`.
fn with_feature(text: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("my.feature"), text).unwrap();
    folder
}

/// Runs `my.feature` with `from` replaced by `to`.
fn run_changed(from: &str, to: &str) -> Told {
    assert!(FEATURE.contains(from));
    let folder = with_feature(&FEATURE.replace(from, to));
    wireproof_in(folder.path(), &["run", "my.feature"])
}

#[test]
fn a_feature_of_the_users_own_passes_on_the_reference() {
    let folder = with_feature(FEATURE);
    let told = wireproof_in(folder.path(), &["run", "my.feature"]);
    assert_eq!(told.code, 0, "{told:?}");
    told.says(&["Mine", "A passive open", "2 passed", "RFC 9293 3.5", "IPv4 IPv6"]);
}

#[test]
fn a_failure_is_told_with_clause_row_fields_ladder_and_the_command_that_repeats_it() {
    let told = run_changed("<ACK=101><CTL=SYN,ACK>", "<ACK=102><CTL=SYN,ACK>");
    assert_eq!(told.code, 1, "{told:?}");
    told.says(&[
        "FAIL",
        "RFC 9293 3.5",
        "my.feature:10",
        "expected 102",
        "got 101",
        "<CTL=SYN,ACK>",
        "IPv4 and IPv6",
    ]);
    let again =
        told.out.lines().find_map(|line| line.trim().strip_prefix("again")).unwrap().trim().to_owned();
    assert!(again.starts_with("wireproof run my.feature --device reference --seed 1 --name '"), "{again}");
}

#[test]
fn a_cell_that_cannot_be_read_is_told_with_file_line_and_column() {
    run_changed("<CTL=SYN>  ", "<CTL=SNY>  ").refused(&["my.feature:9:", "SNY", "expected"]);
    run_changed("| <-- |", "| <== |").refused(&["my.feature:10:"]);
    run_changed("ESTABLISHED", "ESTABLISHD").refused(&["my.feature:11:", "ESTABLISHD"]);
}

#[test]
fn a_step_without_definition_is_an_error() {
    run_changed("the device listens on", "the device sings on")
        .refused(&["my.feature:6:", "the device sings on port 80"]);
}

#[test]
fn what_is_no_gherkin_is_told_with_its_line() {
    run_changed("    Then they", "    Thon they").refused(&["my.feature:7:", "Then"]);
    run_changed("Feature: Mine", "Faeture: Mine").refused(&["my.feature:2:", "Feature:"]);
    run_changed("SYN-RECEIVED |", "SYN-RECEIVED").refused(&["my.feature:9:"]);
    run_changed("<CTL=SYN>  ", "<SEQ=$n>").refused(&["my.feature:9:", "$n"]);
}

#[test]
fn a_tag_that_names_nothing_is_an_error() {
    run_changed("@rfc9293-3.5", "@rfc9293-3.55").refused(&["my.feature:4:3", "no section 3.55"]);
    run_changed("@tcp", "@tpc").refused(&["my.feature:1:1", "@tpc"]);
}

#[test]
fn a_feature_file_that_is_not_there_or_no_text_is_an_error() {
    wireproof(&["run", "no/such.feature"]).refused(&["no/such.feature", "features/tcp/handshake.feature"]);
    wireproof(&["run", "--features", "no/such/folder"]).refused(&["no/such/folder"]);
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("my.feature"), [b'F', 0xff, 0xfe]).unwrap();
    wireproof_in(folder.path(), &["run", "my.feature"]).refused(&["my.feature", "UTF-8"]);
    wireproof_in(folder.path(), &["run", "--features", "."]).refused(&["my.feature"]);
}

#[test]
fn bad_options_are_told_with_what_was_expected() {
    wireproof(&["run", "--device", "linx"]).refused(&["linx", "reference", "smoltcp"]);
    wireproof(&["run", "--tags", "@ipv4 adn @tcp"]).refused(&["--tags:1:7", "adn", "`and`"]);
    wireproof(&["run", "--name", "a(b"]).refused(&["--name:1:2", "unclosed group"]);
    wireproof(&["run", "--numbers", "near-2^30"]).refused(&["near-2^31", "near-2^32"]);
    wireproof(&["run", "--seed", "x"]).refused(&["--seed"]);
    wireproof(&["run", "--jobs", "0"]).refused(&["--jobs"]);
    wireproof(&["run", "--no-such"]).refused(&["--no-such"]);
    wireproof(&["run", "--profile", "no/such.toml"]).refused(&["no/such.toml"]);
    wireproof(&["run", "--name", "no scenario is called so"]).refused(&["none of", "wireproof list"]);
    wireproof(&["sing"]).refused(&["sing", "Usage"]);
}

#[test]
fn a_report_that_cannot_be_written_is_told_before_anything_runs() {
    let folder = with_feature(FEATURE);
    let told = wireproof_in(folder.path(), &["run", "my.feature", "--report", "my.feature/out"]);
    told.refused(&["my.feature/out", "--report"]);
    assert_eq!(told.out, "");
}

#[test]
fn two_runs_with_one_seed_write_the_same_json_but_for_wall_time() {
    let folder = TempDir::new().unwrap();
    let json = |name: &str, jobs: &str| {
        wireproof_in(folder.path(), &["run", "tcp/reset", "--seed", "7", "--jobs", jobs, "--report", name]);
        let text = fs::read_to_string(folder.path().join(name).join("report.json")).unwrap();
        let (before, wall) = text.split_once("\"wall\"").unwrap();
        assert!(wall.lines().count() < 6, "wall time stands in one place, at the end");
        before.to_owned()
    };
    let (first, second) = (json("first", "1"), json("second", "2"));
    assert!(first.contains("\"schema\": 2") && first.contains("\"seed\": 7"));
    assert!(first == second, "the same seed gave other bytes");
}

#[test]
fn a_report_holds_json_junit_and_a_capture_for_each_failure() {
    let folder = with_feature(&FEATURE.replace("<ACK=101>", "<ACK=102>"));
    wireproof_in(folder.path(), &["run", "my.feature", "--report", "out"]);
    let out = folder.path().join("out");
    let junit = fs::read_to_string(out.join("junit.xml")).unwrap();
    assert!(junit.contains("failures=\"2\"") && junit.contains("my/a-passive-open/ipv4"), "{junit}");
    for version in ["ipv4", "ipv6"] {
        let capture = out.join(format!("my_a-passive-open_{version}.pcapng"));
        let told = wireproof(&["show", capture.to_str().unwrap()]);
        assert_eq!(told.code, 0, "{told:?}");
        told.says(&["<SEQ=100><CTL=SYN>", "<SEQ=300><ACK=101><CTL=SYN,ACK>"]);
    }
}

#[test]
fn list_shows_scenarios_with_ids_tags_and_clauses() {
    let told = wireproof(&["list", "tcp/handshake"]);
    assert_eq!(told.code, 0, "{told:?}");
    told.says(&["tcp/handshake/", "@rfc9293-3.5", "IPv4 IPv6", "scenarios"]);
    let json = wireproof(&["list", "tcp/handshake", "--json"]);
    let entries: Vec<serde_json::Value> = serde_json::from_str(&json.out).unwrap();
    assert!(
        entries.iter().all(|entry| entry["clauses"].as_array().is_some_and(|clauses| !clauses.is_empty()))
    );
}

#[test]
fn coverage_names_covered_and_uncovered_clauses_from_a_run_or_a_report() {
    let told = wireproof(&["coverage", "--rfc", "9293"]);
    assert_eq!(told.code, 0, "{told:?}");
    told.says(&["of 119 requirements", "3.5 MUST-10", "no scenario", "pass"]);
    let folder = with_feature(FEATURE);
    wireproof_in(folder.path(), &["run", "my.feature", "--report", "out"]);
    let told = wireproof_in(folder.path(), &["coverage", "--report", "out/report.json", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&told.out).unwrap();
    let clauses = json["clauses"].as_array().unwrap();
    let open = clauses.iter().find(|clause| clause["clause"] == "rfc9293-3.5").unwrap();
    assert_eq!((open["verdicts"]["pass"].as_u64(), open["covered"].as_bool()), (Some(2), Some(true)));
    assert!(clauses.len() > 119);
    fs::write(folder.path().join("bad.json"), "{\n\"schema\": 99}").unwrap();
    wireproof_in(folder.path(), &["coverage", "--report", "bad.json"]).refused(&["bad.json", "schema 99"]);
    fs::write(folder.path().join("bad.json"), "{\n\"schema\": ").unwrap();
    wireproof_in(folder.path(), &["coverage", "--report", "bad.json"]).refused(&["bad.json", "line 2"]);
}

#[test]
fn a_damaged_capture_is_shown_as_far_as_it_goes_and_then_refused() {
    let folder = TempDir::new().unwrap();
    // A head, one record of a raw IP packet (a SYN), and the beginning of another record.
    let packet =
        "4500002800000000400600 00c0000201c000020204010050000000070000000050022000 00000000".replace(' ', "");
    let text = format!(
        "d4c3b2a1020004000000000000000000ffff000065000000 0100000002000000 2800000028000000 {packet} 0100"
    );
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let octets: Vec<u8> = digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect();
    fs::write(folder.path().join("cut.pcap"), octets).unwrap();
    fs::write(folder.path().join("no.pcap"), "no capture").unwrap();
    let told = wireproof_in(folder.path(), &["show", "cut.pcap", "no.pcap", "absent.pcap"]);
    told.refused(&["cut.pcap", "octet 80", "no.pcap", "octet 0", "absent.pcap"]);
    told.says(&["192.0.2.1:1025 --> 192.0.2.2:80", "<SEQ=100><CTL=SYN>", "1 TCP in 1 connection"]);
}

#[test]
fn help_and_completions_are_there() {
    let help = wireproof(&["--help"]);
    assert_eq!(help.code, 0);
    help.says(&["run", "list", "show", "coverage", "completions", "Examples:", "Exit codes"]);
    for command in ["run", "list", "show", "coverage", "completions"] {
        wireproof(&[command, "--help"]).says(&["Examples:", "Usage"]);
    }
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        wireproof(&["completions", shell]).says(&["wireproof", "coverage"]);
    }
    assert_eq!(wireproof(&[]).code, 2);
}

#[test]
fn a_reader_that_goes_away_is_no_panic() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_wireproof"))
        .args(["list"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let told = child.wait_with_output().unwrap();
    assert_eq!((told.status.code(), String::from_utf8(told.stderr).unwrap()), (Some(0), String::new()));
}

#[test]
fn a_list_of_what_does_not_pass_makes_a_run_fail_on_changes_alone() {
    let folder = with_feature(FEATURE);
    let run = |arguments: &[&str]| {
        wireproof_in(folder.path(), &[&["run", "--features", ".", "--name", "."], arguments].concat())
    };
    let list = || fs::read_to_string(folder.path().join("today.toml")).unwrap();
    // A stack as it is today: one that does not count the SYN.
    let broken = ["--device", "broken:syn-not-counted"];
    let told = run(&[&broken[..], &["--write-expected", "today.toml"]].concat());
    assert_eq!(told.code, 0, "{told:?}");
    told.says(&["2 failed", "today.toml: 2 entries; of the scenarios 2 are new in it"]);
    assert!(list().contains("id = \"my/a-passive-open/ipv4\"\nverdict = \"fail\""), "{}", list());

    let told = run(&[&broken[..], &["--expected", "today.toml"]].concat());
    assert_eq!(told.code, 0, "{told:?}");
    told.says(&["fail  A passive open", "against today.toml: 2 as listed, nothing else"]);

    // It was repaired: the entry is stale.
    let told = run(&["--device", "reference", "--expected", "today.toml"]);
    assert_eq!(told.code, 1, "{told:?}");
    told.says(&["STALE A passive open (IPv4)", "  listed    fail", "  found     pass", "2 stale"]);

    // It was broken in another way.
    let told = run(&["--device", "broken:window-scale-unasked", "--expected", "today.toml"]);
    assert_eq!(told.code, 1, "{told:?}");
    told.says(&["CHANGED A passive open", "  found     fail; broken rule scale-invited", "2 changed"]);

    // Comparing and writing at once shows the change and takes it over.
    let told = run(&["--expected", "today.toml", "--write-expected", "today.toml"]);
    assert_eq!(told.code, 1, "{told:?}");
    told.says(&["STALE", "today.toml: 0 entries; of the scenarios 0 are new in it, 0 changed, 2 taken out"]);
    let told = run(&[&broken[..], &["--expected", "today.toml", "--report", "out"]].concat());
    assert_eq!(told.code, 1, "{told:?}");
    told.says(&[
        "NEW A passive open (IPv4 and IPv6)",
        "  listed    pass  today.toml has no entry for it",
        "2 new",
    ]);
    let report: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(folder.path().join("out/report.json")).unwrap()).unwrap();
    assert_eq!(report["expected"]["new"], 2);
    assert_eq!(report["scenarios"][0]["standing"]["change"], "new");
}

#[test]
fn scenarios_that_are_no_longer_in_the_suite_are_told_and_fail_nothing() {
    let folder = with_feature(FEATURE);
    let entry = "[[scenario]]\nid = \"my/gone\"\nverdict = \"not applicable\"\nlacks = \"urgent\"\n";
    fs::write(folder.path().join("today.toml"), format!("version = 1\n\n{entry}")).unwrap();
    let told = wireproof_in(folder.path(), &["run", "--features", ".", "--expected", "today.toml"]);
    assert_eq!(told.code, 0, "{told:?}");
    told.says(&[
        "gone today.toml has an entry for my/gone, which is not in the suite",
        "1 gone from the suite",
    ]);
}

#[test]
fn a_list_that_cannot_be_read_is_told_before_anything_runs() {
    let folder = with_feature(FEATURE);
    let run = |arguments: &[&str]| wireproof_in(folder.path(), &[&["run", "my.feature"], arguments].concat());
    run(&["--expected", "none.toml"]).refused(&["cannot read `none.toml`", "--write-expected none.toml"]);
    run(&["--write-expected", "none/none.toml"]).refused(&["no folder `none`"]);
    fs::write(folder.path().join("bad.toml"), "version = 1\n[[scenario]]\nid = 3\n").unwrap();
    for option in ["--expected", "--write-expected"] {
        let told = run(&[option, "bad.toml"]);
        told.refused(&["bad.toml:3:6", "id = 3", "expected"]);
        assert!(!told.out.contains("passed"), "{told:?}");
    }
}

#[test]
fn what_would_take_too_long_is_not_run_and_changes_no_exit_code() {
    let folder = with_feature(FEATURE);
    let longer = FEATURE.to_owned() + "    And the device is quiet for 90 s\n";
    fs::write(folder.path().join("long.feature"), longer).unwrap();
    let told = wireproof_in(folder.path(), &["run", "my.feature", "long.feature", "--time-limit", "60"]);
    assert_eq!(told.code, 0, "{told:?}");
    told.says(&["not run (2) needs 90 s, the time limit is 60 s", "4 scenarios: 2 passed, 2 not run"]);
    wireproof(&["run", "--time-limit", "0"]).refused(&["--time-limit", "from 1 on"]);
}

#[test]
fn reports_stand_side_by_side_clause_by_clause() {
    let folder = with_feature(FEATURE);
    for (device, out) in [("reference", "a"), ("smoltcp", "b"), ("broken:syn-not-counted", "c")] {
        wireproof_in(folder.path(), &["run", "my.feature", "--device", device, "--report", out]);
    }
    let told = wireproof_in(folder.path(), &["matrix", "a", "small=b/report.json", "c", "--rfc", "9293"]);
    assert_eq!(told.code, 0, "{told:?}");
    told.says(&["RFC 9293 Transmission Control Protocol", "reference  small", "broken:syn-not-…", "FAIL 3"]);
    assert!(told.out.lines().all(|line| line.chars().count() <= 100), "{}", told.out);
    let told = wireproof_in(folder.path(), &["matrix", "a", "c", "--format", "markdown", "--differing"]);
    told.says(&["| clause | level | reference | broken:syn-not-counted | what it says |", "**fail"]);
    let told = wireproof_in(folder.path(), &["matrix", "a", "a", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&told.out).unwrap();
    let names: Vec<&str> =
        json["columns"].as_array().unwrap().iter().filter_map(|column| column["name"].as_str()).collect();
    assert_eq!(names, ["reference", "reference (2)"]);
    let row = json["rows"].as_array().unwrap().iter().find(|row| row["clause"] == "rfc9293-3.5").unwrap();
    assert_eq!(row["cells"][1]["verdict"], "pass");
    fs::write(folder.path().join("old.json"), "{\"schema\": 1}").unwrap();
    wireproof_in(folder.path(), &["matrix", "a", "old.json", "none"]).refused(&[
        "old.json",
        "schema 1",
        "a report.json of schema 2",
        "none",
        "2 problems",
    ]);
    wireproof_in(folder.path(), &["matrix", "x=a", "x=b"]).refused(&["two columns named `x`"]);
}
