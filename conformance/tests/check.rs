//! `wireproof check` as a user runs it: on captures written octet by octet, on those of broken stacks, on damaged ones, on
//! floods; and on all captures below the folder that the environment names.

#![expect(clippy::unwrap_used, reason = "what cannot be run or read fails the test")]

#[path = "check/captures.rs"]
mod captures;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use captures::{A, ACK, B, Capture, FIN, PSH, SYN};
use serde_json::Value;
use tempfile::TempDir;

struct Told {
    code: i32,
    out: String,
    err: String,
}

fn wireproof(arguments: &[&str]) -> Told {
    fed(arguments, &[])
}

/// Runs `wireproof` with octets at its standard input.
fn fed(arguments: &[&str], input: &[u8]) -> Told {
    let mut child = Command::new(env!("CARGO_BIN_EXE_wireproof"))
        .args(arguments)
        .env_remove("CLICOLOR_FORCE")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let input = input.to_vec();
    let feeder = std::thread::spawn(move || std::io::Write::write_all(&mut pipe, &input));
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    drop(feeder.join().unwrap());
    let err = String::from_utf8(stderr).unwrap();
    assert!(!err.contains("panicked"), "{err}");
    Told { code: status.code().unwrap(), out: String::from_utf8(stdout).unwrap(), err }
}

impl Told {
    fn ends_with(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}\n{}", self.out, self.err);
        self
    }

    fn says(self, words: &[&str]) -> Self {
        for word in words {
            assert!(self.out.contains(word), "`{word}` is not in\n{}\n{}", self.out, self.err);
        }
        self
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}\n{}", self.out))
    }
}

/// A folder with one capture.
fn stored(octets: &[u8]) -> (TempDir, String) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("x.pcap");
    fs::write(&path, octets).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

fn check(octets: &[u8], options: &[&str]) -> Told {
    let (_folder, path) = stored(octets);
    let told = wireproof(&[&["check"], options, &[path.as_str()]].concat());
    Told { out: told.out.replace(&path, "x.pcap"), err: told.err.replace(&path, "x.pcap"), ..told }
}

/// A handshake, MSS 1460 at both ends: A counts from 1000, B from 5000.
fn opened() -> Capture {
    let mut capture = Capture::default();
    capture.at(0.0).send(A, SYN, 1_000, 0, &[2, 4, 5, 0xb4], b"");
    capture.at(0.010).send(B, SYN | ACK, 5_000, 1_001, &[2, 4, 5, 0xb4], b"");
    capture.at(0.020).send(A, ACK, 1_001, 5_001, &[], b"");
    capture
}

/// An option that belongs on a SYN.
const MSS: [u8; 4] = [2, 4, 5, 0xb4];

/// A handshake, and then an MSS option where none may be: frame 4 breaks `mss-on-syn`.
fn spoilt() -> Capture {
    let mut capture = opened();
    capture.at(0.030).send(B, ACK, 5_001, 1_001, &MSS, b"");
    capture
}

/// Data, its acknowledgment, and both ends close.
fn sound() -> Capture {
    let mut capture = opened();
    capture.at(0.030).send(A, ACK | PSH, 1_001, 5_001, &[], b"hello");
    capture.at(0.040).send(B, ACK, 5_001, 1_006, &[], b"");
    capture.at(0.050).send(A, ACK | FIN, 1_006, 5_001, &[], b"");
    capture.at(0.060).send(B, ACK | FIN, 5_001, 1_007, &[], b"");
    capture.at(0.070).send(A, ACK, 1_007, 5_002, &[], b"");
    capture
}

#[test]
fn a_sound_exchange_breaks_nothing() {
    check(&sound().pcap(), &["--strict"]).ends_with(0).says(&[
        "1. 192.0.2.1:1025 --> 192.0.2.2:80",
        "5 and 0 octets",
        "closed",
        "0 broke a MUST",
        "1 nothing",
    ]);
}

#[test]
fn each_broken_must_is_named_with_its_frame_and_ends_with_1() {
    type Break = fn(&mut Capture);
    let cases: [(&str, u64, Break); 6] = [
        ("same-octets", 5, |c| {
            c.send(A, ACK, 1_001, 5_001, &[], b"one");
            c.send(A, ACK, 1_001, 5_001, &[], b"two");
        }),
        ("reserved-bits", 4, |c| c.send(A, ACK | 0x400, 1_001, 5_001, &[], b"x")),
        ("mss-on-syn", 4, |c| c.send(A, ACK, 1_001, 5_001, &MSS, b"x")),
        ("option-padding", 4, |c| c.send(A, ACK, 1_001, 5_001, &[0, 0, 0, 1], b"x")),
        ("timestamps-invited", 4, |c| {
            c.send(A, ACK, 1_001, 5_001, &[1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0], b"x");
        }),
        ("sack-permitted-on-syn", 4, |c| c.send(B, ACK, 5_001, 1_001, &[1, 1, 4, 2], b"x")),
    ];
    for (rule, frame, spoil) in cases {
        let mut capture = opened();
        spoil(capture.at(0.030));
        let told = check(&capture.pcap(), &[]).ends_with(1).says(&[rule, "(MUST)", "1 broke a MUST"]);
        let guilty = told.out.lines().rfind(|line| line.starts_with("  * ")).unwrap();
        assert!(guilty.starts_with(&format!("  * {frame} ")), "{rule}: {guilty}");
        check(&capture.pcap(), &["--rule", "one-fin"]).ends_with(0);
    }
}

#[test]
fn of_one_side_only_what_it_breaks_itself_counts() {
    for (side, code) in
        [("192.0.2.2", 1), ("192.0.2.2:80", 1), ("listener", 1), (":80", 1), ("192.0.2.1", 0), ("opener", 0)]
    {
        let told = check(&spoilt().pcap(), &["--side", side]).ends_with(code);
        told.says(&["1. 192.0.2.1:1025 --> 192.0.2.2:80", "what counts is what"]);
    }
    // A connection of which it is no end is nothing to it.
    check(&spoilt().pcap(), &["--side", "192.0.2.9"]).ends_with(0);
    // However often the other end broke the same rule before.
    let mut both = opened();
    for octet in 0..20 {
        both.at(0.030).send(A, ACK, 1_001 + octet, 5_001, &MSS, b"x");
    }
    both.at(0.040).send(B, ACK, 5_001, 1_021, &MSS, b"");
    let told = check(&both.pcap(), &["--side", "192.0.2.2", "--verbose"]).ends_with(1);
    assert_eq!(told.out.matches("by 192.0.2.2:80 at").count(), 1, "{}", told.out);
    assert_eq!(told.out.matches("by 192.0.2.1:1025 at").count(), 0, "{}", told.out);
}

#[test]
fn captures_of_broken_stacks_name_the_rule_that_each_breaks() {
    for (device, feature, rule) in BROKEN_STACKS {
        let folder = TempDir::new().unwrap();
        let out = folder.path().to_str().unwrap();
        let run = ["run", feature, "--report", out, "--pcap", "all", "--device"];
        wireproof(&[&run[..], &[&format!("broken:{device}")]].concat());
        check_folder(folder.path(), rule).ends_with(1).says(&[rule]);
        let folder = TempDir::new().unwrap();
        let out = folder.path().to_str().unwrap();
        wireproof(&[&run[..3], &[out], &run[4..], &["reference"]].concat()).ends_with(0);
        check_folder(folder.path(), rule).ends_with(0);
    }
}

/// Stacks that break a rule, a feature in which they do, and the rule.
const BROKEN_STACKS: [(&str, &str, &str); 5] = [
    ("window-scale-unasked", "tcp/handshake", "scale-invited"),
    ("timestamps-unasked", "tcp/handshake", "timestamps-invited"),
    ("sack-unasked", "tcp/handshake", "sack-invited"),
    ("mss-on-data", "tcp/handshake", "mss-on-syn"),
    ("other-octets-again", "tcp/retransmission", "same-octets"),
];

/// Checks all captures in a folder for one rule.
fn check_folder(folder: &Path, rule: &str) -> Told {
    let mut files = Vec::new();
    find(folder, &mut files);
    let files: Vec<&str> = files
        .iter()
        .filter(|file| file.extension().is_some_and(|end| end == "pcapng"))
        .filter_map(|file| file.to_str())
        .collect();
    assert!(!files.is_empty());
    wireproof(&[&["check", "--rule", rule], files.as_slice()].concat())
}

#[test]
fn what_stands_before_the_damage_is_judged_and_the_exit_code_is_2() {
    let mut capture = spoilt();
    capture.at(0.040).send(A, ACK, 1_001, 5_001, &[], b"");
    let whole = capture.pcap();
    let cut = &whole[..whole.len() - 10];
    let told = check(cut, &[]).ends_with(2).says(&["mss-on-syn", "1 broke a MUST", "damaged at octet 276"]);
    assert!(told.err.contains("octet 276") && told.err.contains("was judged"), "{}", told.err);
    check(b"GET / HTTP/1.1\r\n\r\n", &[]).ends_with(2);
    check(b"", &[]).ends_with(2);
    let missing = wireproof(&["check", "/nonexistent/x.pcap"]).ends_with(2);
    assert!(missing.err.contains("cannot read"), "{}", missing.err);
}

#[test]
fn arguments_that_cannot_be_meant_are_told_with_what_would_be_right() {
    let wrong = |options: &[&str]| check(&sound().pcap(), options).ends_with(2).err;
    assert!(wrong(&["--rule", "ack-beyond-snt"]).contains("`ack-beyond-sent`"));
    assert!(wrong(&["--connection", "first"]).contains("192.0.2.1:80"));
    assert!(wrong(&["--jobs", "0"]).contains("from 1 on"));
    wireproof(&["check"]).ends_with(2);
    wireproof(&["check", "--list-rules"]).ends_with(0).says(&["ack-beyond-sent", "MUST", "window"]);
}

/// Connections of one host to one server, some of which break a rule; more than a batch holds.
fn many() -> Vec<u8> {
    let mut capture = Capture::default();
    for index in 0..4_500_u32 {
        capture.ports(1_024 + u16::try_from(index).unwrap(), 80);
        let isn = index.wrapping_mul(0x0123_4567);
        capture.at(f64::from(index) / 1_000.0);
        capture.send(A, SYN, isn, 0, &[2, 4, 5, 0xb4], b"");
        capture.send(B, SYN | ACK, 5_000 + index, isn.wrapping_add(1), &[2, 4, 5, 0xb4], b"");
        capture.send(A, ACK, isn.wrapping_add(1), 5_001 + index, &[], b"");
        let options = if index % 500 == 7 { &MSS[..] } else { &[] };
        capture.send(B, ACK, 5_001 + index, isn.wrapping_add(1), options, b"");
    }
    capture.pcap()
}

#[test]
fn the_output_does_not_depend_on_the_number_of_threads() {
    let many = many();
    for options in [&[][..], &["--json", "--all"], &["--verbose"]] {
        let [one, four] = ["1", "4"].map(|jobs| check(&many, &[options, &["--jobs", jobs]].concat()));
        assert!(one.code == 1 && one.out == four.out, "{options:?}: {}", one.out);
    }
}

#[test]
fn of_many_connections_those_that_broke_something_are_told_and_the_others_counted() {
    let many = many();
    let told = check(&many, &[]).ends_with(1).says(&[
        "9 broke a MUST",
        "4,500 connections",
        "and 4,471 more",
        "mss-on-syn",
    ]);
    assert!(told.out.lines().count() < 150, "{}", told.out);
    let all = check(&many, &["--all"]).ends_with(1);
    assert!(all.out.contains("   4500. ") && all.out.lines().count() > 4_500);
    let one = check(&many, &["--connection", "3,8"]).ends_with(1);
    assert!(
        one.out.contains("2 connections of 4,500: 1 broke a MUST, 0 only a SHOULD, 1 nothing"),
        "{}",
        one.out
    );
    check(&many, &["--connection", ":1026"]).ends_with(0).says(&["3. 192.0.2.1:1026"]);
}

#[test]
fn first_numbers_that_never_change_are_seen_across_the_connections_of_a_host() {
    let mut capture = Capture::default();
    for index in 0..3_u16 {
        capture.ports(2_000 + 7 * index, 80).at(f64::from(index));
        capture.send(A, SYN, 42, 0, &[], b"");
    }
    check(&capture.pcap(), &[]).ends_with(1).says(&["isn-varies", "by a host"]);
}

#[test]
fn a_flood_of_syns_is_named_with_span_rate_and_answers() {
    let mut capture = Capture::default();
    for index in 0..400_u16 {
        capture.ports(1_024 + index, 443).at(f64::from(index) / 100.0);
        capture.send(A, SYN, u32::from(index) * 7_919, 0, &[], b"");
        if index % 2 == 0 {
            capture.send(
                B,
                SYN | ACK,
                9_000 + 64_000 * u32::from(index),
                u32::from(index) * 7_919 + 1,
                &[],
                b"",
            );
        }
    }
    let octets = capture.pcap();
    check(&octets, &[]).says(&[
        "FLOOD of SYNs to 192.0.2.2, port 443 from 192.0.2.1",
        "400 SYNs in 3.990 s",
        "frames 1 to 600",
        "100 a second",
        "200 were answered",
    ]);
    let json = check(&octets, &["--json"]).json();
    assert_eq!(json["files"][0]["floods"][0]["half_open"], 400, "{json}");
}

#[test]
fn json_has_its_schema_and_all_that_the_text_tells() {
    let capture = spoilt();
    let json = check(&capture.pcap(), &["--json"]).ends_with(1).json();
    assert_eq!((&json["schema"], &json["exit_code"]), (&Value::from(1), &Value::from(1)));
    let file = &json["files"][0];
    assert_eq!((&file["packets"], &file["connections"]["broke_must"]), (&Value::from(4), &Value::from(1)));
    let one = &file["shown"][0];
    assert_eq!(one["ends"], serde_json::json!(["192.0.2.1:1025", "192.0.2.2:80"]));
    let broken = &one["broken"][0];
    assert_eq!((&broken["rule"], &broken["level"]), (&Value::from("mss-on-syn"), &Value::from("MUST")));
    assert_eq!(broken["frames"], serde_json::json!([4]));
    assert!(broken["ladder"].as_array().unwrap().iter().any(|rung| rung["is_guilty"] == true), "{broken}");
    let rules = file["rules"].as_array().unwrap();
    assert!(rules.iter().any(|rule| rule["rule"] == "mss-on-syn" && rule["broken"] == 1));
}

#[test]
fn the_report_folder_holds_json_text_junit_and_the_packets_of_what_broke() {
    let capture = spoilt();
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    check(&capture.pcap(), &["--report", out.to_str().unwrap()]).ends_with(1);
    let read = |name: &str| fs::read_to_string(out.join(name)).unwrap();
    let json: Value = serde_json::from_str(&read("report.json")).unwrap();
    assert!(read("report.txt").contains("mss-on-syn") && !read("report.txt").contains('\u{1b}'));
    assert!(read("junit.xml").contains("<failure"), "{}", read("junit.xml"));
    let packets = json["files"][0]["shown"][0]["capture"].as_str().unwrap();
    let shown = wireproof(&["show", out.join(packets).to_str().unwrap()]).ends_with(0);
    assert!(shown.out.contains("frame 4: breaks mss-on-syn"), "{}", shown.out);
    wireproof(&["check", out.join(packets).to_str().unwrap()]).ends_with(1).says(&["mss-on-syn"]);
}

#[test]
fn a_pipe_is_judged_as_a_file_is() {
    let capture = spoilt();
    let octets = capture.pcap();
    let piped = fed(&["check", "-"], &octets).ends_with(1);
    assert_eq!(piped.out.replacen("-\n", "x.pcap\n", 1), check(&octets, &[]).out);
}

#[test]
fn a_clock_that_is_set_back_is_told_and_breaks_no_rule_of_time() {
    let mut capture = opened();
    for time in [1.0, 2.0, 4.0, 0.5, 1.5, 3.5] {
        capture.at(time).send(A, ACK | PSH, 1_001, 5_001, &[], b"again");
    }
    check(&capture.pcap(), &[]).ends_with(0).says(&["the clock was set back by 3.500000 s before frame 7"]);
}

#[test]
fn several_files_are_told_in_their_order() {
    let folder = TempDir::new().unwrap();
    let paths: Vec<PathBuf> = (0..7).map(|index| folder.path().join(format!("{index}.pcap"))).collect();
    for (index, path) in paths.iter().enumerate() {
        let octets = if index == 3 { b"no capture".to_vec() } else { sound().pcap() };
        fs::write(path, octets).unwrap();
    }
    let names: Vec<&str> = paths.iter().map(|path| path.to_str().unwrap()).collect();
    let told = wireproof(&[&["check", "--json"], names.as_slice()].concat()).ends_with(2);
    let json = told.json();
    let files: Vec<&str> =
        json["files"].as_array().unwrap().iter().map(|file| file["file"].as_str().unwrap()).collect();
    assert_eq!(files, names);
    assert_eq!(json["exit_code"], 2);
}

#[test]
fn public_captures_are_judged_to_their_end() {
    const FOLDER: &str = "WIREPROOF_CAPTURES";
    let Some(folder) = std::env::var_os(FOLDER) else {
        println!("{FOLDER} names no folder: no captures were judged");
        return;
    };
    let mut files = Vec::new();
    find(Path::new(&folder), &mut files);
    assert!(!files.is_empty());
    files.sort();
    for some in files.chunks(50) {
        let names: Vec<&str> = some.iter().map(|path| path.to_str().unwrap()).collect();
        let [one, four] = ["1", "4"].map(|jobs| {
            let told = wireproof(&[&["check", "--json", "--all", "--jobs", jobs], names.as_slice()].concat());
            assert!((0..=2).contains(&told.code), "{}", told.err);
            told
        });
        assert_eq!(one.json()["files"].as_array().unwrap().len(), names.len());
        assert!(one.out == four.out);
    }
}

fn find(folder: &Path, files: &mut Vec<PathBuf>) {
    for path in fs::read_dir(folder).unwrap().filter_map(|entry| Some(entry.ok()?.path())) {
        if path.is_dir() { find(&path, files) } else { files.push(path) }
    }
}
