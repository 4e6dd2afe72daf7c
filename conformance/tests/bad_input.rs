//! Bad input, kind by kind: a message with file, line, column, what was found and what was expected; exit code 2 from
//! the command; never a panic, never a silent skip.

#![expect(clippy::unwrap_used, reason = "what cannot be run or read fails the test")]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;
use wireproof::behaviour::{self, features};
use wireproof::problem::Problem;

/// Everything that is wrong with a feature file, before anything runs.
fn problems(text: &str) -> Vec<Problem> {
    let source = features::Source::new("f.feature".to_owned(), Path::new("f.feature"), text);
    features::load(&[source]).and_then(behaviour::prepare).err().unwrap_or_default()
}

/// The feature file whose ladder has these rows, the first of them in line 8.
fn with_rows(tag: &str, rows: &[&str]) -> String {
    let head = format!(
        "Feature: F\n\n  @rfc9293-3.5 {tag}\n  Scenario: S\n    Given an established connection\n    \
         Then they exchange\n| conn | time | | segment | device | label |\n"
    );
    rows.iter().fold(head, |text, row| text + row + "\n")
}

/// The only problem stands at that line and column, and says all of these words.
#[track_caller]
fn is_refused(text: &str, line: usize, column: usize, words: &[&str]) {
    let problems = problems(text);
    assert_eq!(problems.len(), 1, "{text}{problems:#?}");
    let told = problems[0].to_string();
    let place = problems[0].place.as_ref().unwrap_or_else(|| panic!("no place: {told}"));
    assert_eq!((place.line, place.column), (line, column), "{told}");
    assert!(!problems[0].expected.is_empty(), "nothing is expected: {told}");
    for word in words {
        assert!(told.contains(word), "`{word}` is not in\n{told}");
    }
}

/// Rows that read well, one by one, and cannot be followed: tag, rows, line, column, words of the message.
type Row = (&'static str, &'static [&'static str], usize, usize, &'static [&'static str]);

#[test]
fn what_no_packet_can_be_is_told_when_features_are_loaded() {
    const ROWS: &[Row] = &[
        (
            "",
            &["| | | --> | <SEQ=101><CTL=ACK><NOP><SACK=1..2,3..4,5..6,7..8><TS=1,2> | | |"],
            8,
            62,
            &["`<TS=1,2>`", "at most 40 octets of options; with this one they are 45"],
        ),
        (
            "",
            &[
                "| | | <-- | <SEQ=301><MSS=1><OPT=010203040506070809101112131415161718192021222324252627282930313233343536373839> | | |",
            ],
            8,
            29,
            &["they are 43"],
        ),
        (
            "@ipv4",
            &[
                "| | | --> | <CTL=ACK><IPOPT=0101010101010101010101010101010101010101010101010101010101010101010101010101010101> | | |",
            ],
            8,
            29,
            &["at most 40 octets of options; these are 41"],
        ),
        ("", &["| | | --> | <SEQ=101><CTL=ACK><DATA=70000> | | |"], 8, 37, &["a number up to 65515"]),
        ("", &["| | | --> | <SEQ=101><CTL=ACK><DATA=65496> | | |"], 8, 31, &["at most 65495 octets"]),
        (
            "@ipv4",
            &["| | | <-- | <SEQ=301><CTL=ACK><TS=1,2><DATA=65485> | | |"],
            8,
            39,
            &["at most 65483 octets"],
        ),
        (
            "",
            &["| | | --> | <SEQ=100><CTL=SYN><WIN=65536> | | |"],
            8,
            31,
            &["`<WIN=65536>`", "at most 65535"],
        ),
        ("", &["| | | <-- | <WIN=1073725441> | | |"], 8, 18, &["up to 1073725440"]),
        ("", &["| | | call | sendurgent 65536 | | |"], 8, 25, &["up to 65535"]),
    ];
    ROWS.iter().for_each(|(tag, rows, line, column, words)| {
        is_refused(&with_rows(tag, rows), *line, *column, words);
    });
    assert_eq!(problems(&with_rows("", &["| | | --> | <SEQ=101><CTL=ACK><DATA=65495> | | |"])), []);
    assert_eq!(problems(&with_rows("@ipv6", &["| | | --> | <SEQ=101><CTL=ACK><DATA=65515> | | |"])), []);
}

#[test]
fn what_a_version_of_ip_lacks_is_told_when_features_are_loaded() {
    const LABELLED: &str = "| | | --> | <SEQ=101><CTL=ACK> | | a |";
    const ROWS: &[Row] = &[
        ("", &["| | | --> | <CTL=ACK><IPOPT=94040000> | | |"], 8, 22, &["`<IPOPT=94040000>`", "@ipv4"]),
        ("@ipv6", &["| | | --> | <CTL=ACK><IPOPT=94040000> | | |"], 8, 22, &["IPv6 has no such field"]),
        ("", &["| | | <-- | <CTL=ACK><ID=7> | | |"], 8, 22, &["`<ID=7>`", "@ipv4"]),
        ("", &["| | | --> | <CTL=ACK><no DF> | | |"], 8, 22, &["`<no DF>`", "@ipv4"]),
        ("", &["| | | <== | <SEQ=301..401><IPOPT=94040000> | | |"], 8, 27, &["@ipv4"]),
        (
            "",
            &[LABELLED, "| | | --> | <ICMP=3/4><MTU=1000><QUOTE=a> | | |"],
            9,
            13,
            &["`<ICMP=3/4>`", "@ipv4 or @ipv6"],
        ),
        (
            "@ipv4",
            &[LABELLED, "| | | --> | <ICMP=3/4><MTU=65536><QUOTE=a> | | |"],
            9,
            23,
            &["`<MTU=65536>`", "16 bits"],
        ),
        (
            "",
            &["| | | call | connect 192.0.2.9 80 | | |"],
            8,
            22,
            &["`192.0.2.9`", "an address of IPv6", "@ipv4"],
        ),
        ("@ipv4", &["| | | call | connect 2001:db8::9 80 | | |"], 8, 22, &["an address of IPv4"]),
    ];
    ROWS.iter().for_each(|(tag, rows, line, column, words)| {
        is_refused(&with_rows(tag, rows), *line, *column, words);
    });
    let right = [
        LABELLED,
        "| | | --> | <ICMP=3/4><MTU=1000><QUOTE=a> | | |",
        "| | | --> | <CTL=ACK><IPOPT=94040000><ID=7><no DF> | | |",
    ];
    assert_eq!(problems(&with_rows("@ipv4", &right)), []);
    let packet_too_big = [LABELLED, "| | | --> | <ICMP=2/0><MTU=70000><QUOTE=a> | | |"];
    assert_eq!(problems(&with_rows("@ipv6", &packet_too_big)), []);
    // A type that neither protocol gives to an error: both have to ignore it.
    assert_eq!(problems(&with_rows("", &[LABELLED, "| | | --> | <ICMP=200/0><QUOTE=a> | | |"])), []);
}

#[test]
fn names_that_stand_for_nothing_are_told_where_they_stand() {
    const ROWS: &[Row] = &[
        ("", &["| | | --> | <CTL=ACK><TS=1,t9> | | |"], 8, 28, &["`t9`", "an earlier row has bound"]),
        ("", &["| | | <-- | <CTL=ACK><TS=t1..,*> | | |"], 8, 26, &["`t1`"]),
        ("", &["| | | <-- | <CTL=ACK><TS=t1,0> | | |", "| | | --> | <TS=1,t1+t2> | | |"], 9, 22, &["`t2`"]),
        ("", &["| B | | --> | <SEQ=101><CTL=ACK> | | |"], 8, 3, &["a connection B", "one of A"]),
        ("", &["| | | --> | <SEQ=101><ACK=B.SND.NXT+1><CTL=ACK> | | |"], 8, 27, &["a connection B"]),
        ("", &["| | | <-- | <SACK=1..2,C.RCV.NXT..C.RCV.NXT+1> | | |"], 8, 24, &["a connection C"]),
        (
            "",
            &["| | | call | recv -> ECONNREST | | |"],
            8,
            22,
            &["there is no error ECONNREST", "ECONNRESET"],
        ),
        ("", &["| | | call | set nodely 1 | | |"], 8, 18, &["there is no option nodely", "nodelay"]),
        (
            "",
            &["| | | call | set nodelay on | | |"],
            8,
            26,
            &["on is no value of the option nodelay", "a number"],
        ),
        ("@ipv4", &["| | | --> | <ICMP=3/1><QUOTE=x> | | |"], 8, 30, &["`x`", "QUOTE= with the label"]),
        ("", &["| | 1 s after z | --- | | | |"], 8, 5, &["`1 s after z`", "the label of an earlier row"]),
    ];
    ROWS.iter().for_each(|(tag, rows, line, column, words)| {
        is_refused(&with_rows(tag, rows), *line, *column, words);
    });
    let bound = ["| | | <-- | <CTL=ACK><TS=t1,0> | | |", "| | | --> | <CTL=ACK><TS=5,t1+1> | | |"];
    assert_eq!(problems(&with_rows("", &bound)), []);
}

#[test]
fn alternatives_that_nothing_decides_and_too_many_are_told_at_their_block() {
    let both_send = [
        "| | | either | | | |",
        "| | | <--? | <CTL=RST> | | |",
        "| | | --> | <SEQ=101><CTL=ACK> | | |",
        "| | | or | | | |",
        "| | | call | close | | |",
        "| | | end | | | |",
    ];
    is_refused(&with_rows("", &both_send), 8, 7, &["one of them at most"]);
    let one_sends = [&both_send[..4], &["| | | <-- | <CTL=FIN,ACK> | | |"], &both_send[5..]].concat();
    assert_eq!(problems(&with_rows("", &one_sends)), []);
    let same_row = [
        "| | | either | | | |",
        "| | | or | | | |",
        "| | | <-- | <CTL=ACK> | | |",
        "| | | end | | | |",
        "| | | call | close | | |",
    ];
    assert_eq!(problems(&with_rows("", &same_row)), []);
    let many = |count: usize| {
        let alternative = ["| | | or | | | |", "| | | <-- | <CTL=ACK> | | |"];
        let first = ["| | | either | | | |", alternative[1]];
        let rest = std::iter::repeat_n(alternative, count - 1).flatten();
        let rows: Vec<&str> = first.into_iter().chain(rest).chain(["| | | end | | | |"]).collect();
        with_rows("", &rows)
    };
    assert_eq!(problems(&many(256)), []);
    is_refused(&many(257), 8, 7, &["257 ways", "at most 256"]);
}

#[test]
fn what_examples_fill_in_is_told_at_its_placeholder() {
    let text = "Feature: F\n\n  @rfc9293-3.5\n  Scenario Outline: S\n    Given an established connection\n    Then they exchange\n      | | segment |\n      | --> | $what |\n\n    Examples:\n      | what |\n      | <CTL=ACK><DATA=99999> |\n";
    is_refused(text, 8, 15, &["filled from line 12 as `<CTL=ACK><DATA=99999>`"]);
}

/// What a run of the command told.
struct Told {
    code: i32,
    err: String,
    out: String,
}

fn wireproof(folder: &Path, arguments: &[&str]) -> Told {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wireproof"));
    let output = command.args(arguments).current_dir(folder).stdin(Stdio::null()).output().unwrap();
    let text = |octets: Vec<u8>| String::from_utf8_lossy(&octets).into_owned();
    Told { code: output.status.code().unwrap(), err: text(output.stderr), out: text(output.stdout) }
}

/// Arguments, and words of the message.
type Refusal = (&'static [&'static str], &'static [&'static str]);

#[track_caller]
fn are_refused(folder: &Path, refusals: &[Refusal]) {
    for (arguments, words) in refusals {
        let told = wireproof(folder, arguments);
        assert_eq!(told.code, 2, "{arguments:?}: {}{}", told.out, told.err);
        assert!(!told.err.contains("panicked"), "{}", told.err);
        for word in *words {
            assert!(told.err.contains(word), "{arguments:?}: `{word}` is not in\n{}", told.err);
        }
    }
}

#[test]
fn a_bad_argument_is_told_with_what_was_found_and_what_was_expected() {
    let folder = TempDir::new().unwrap();
    are_refused(
        folder.path(),
        &[
            (&["run", "--jobs", "abc"], &["'abc'", "--jobs", "expected a number from 1 on"]),
            (&["run", "--jobs", "0"], &["'0'", "expected a number from 1 on"]),
            (&["run", "--jobs", "-1"], &["'-1'", "expected a number from 1 on"]),
            (&["self-test", "--jobs", "x"], &["'x'", "expected a number from 1 on"]),
            (
                &["run", "--seed", "abc"],
                &["'abc'", "--seed", "expected a number from 0 to 18446744073709551615"],
            ),
            (&["run", "--seed", "-1"], &["'-1'", "expected a number from 0"]),
            (
                &["run", "--seed", "99999999999999999999"],
                &["'99999999999999999999'", "expected a number from 0"],
            ),
            (&["run", "--numbers", "x"], &["'x'", "near-2^31", "near-2^32"]),
            (&["run", "--pcap", "x", "--report", "out"], &["'x'", "failed", "all"]),
            (&["run", "--pcap", "all"], &["--report <DIR>"]),
            (&["run", "--report"], &["--report <DIR>", "a value is required"]),
            (&["run", "--device", "linx"], &["`linx`", "reference, smoltcp", "broken:NAME"]),
            (&["run", "--device", ""], &["no device ``", "reference, smoltcp"]),
            (
                &["run", "--device", "broken:rto-not-dubled"],
                &["`broken:rto-not-dubled`", "such as broken:rto-not-doubled,"],
            ),
            (&["coverage", "--rfc", "abc"], &["'abc'", "expected the number of an RFC, such as 9293"]),
            (&["coverage", "--rfc", "1"], &["RFC 1 ", "1122", "9293"]),
            (&["self-test", "--name", "nobody"], &["`nobody`", "--list"]),
            (&["completions", "tcsh"], &["'tcsh'", "bash", "zsh"]),
            (&["run", "--name", "zzz"], &["none of", "--name 'zzz'", "wireproof list"]),
            (
                &["run", "--name", "["],
                &["--name:1:1", "unclosed character class", "a regular expression such as"],
            ),
            (&["run", "--name", "a{99999999}"], &["--name:1:1", "size limit"]),
        ],
    );
}

#[test]
fn a_bad_tag_expression_is_told_with_its_column() {
    let folder = TempDir::new().unwrap();
    are_refused(
        folder.path(),
        &[
            (&["run", "--tags", ""], &["--tags:1:1", "ends too early", "a tag such as @ipv4"]),
            (&["run", "--tags", "@"], &["--tags:1:1", "found `@`"]),
            (&["run", "--tags", "@ipv4 and"], &["--tags:1:10", "ends too early"]),
            (&["run", "--tags", "@ipv4 @tcp"], &["--tags:1:7", "found `@tcp`", "`and`, `or` or the end"]),
            (&["run", "--tags", "(@ipv4"], &["--tags:1:7", "`)`"]),
            (&["run", "--tags", "ipv4"], &["--tags:1:1", "found `ipv4`"]),
            // Slips that would choose too much, or nothing, without a word.
            (&["run", "--tags", "not @exat"], &["--tags:1:5", "no scenario has the tag @exat"]),
            (&["list", "--tags", "@ipv4 or @rfc9293-3.99"], &["--tags:1:10", "@rfc9293-3.99"]),
            (&["list", "--tags", "@rfc92x*"], &["--tags:1:1", "@rfc92x*"]),
        ],
    );
    for expression in ["not @exact", "@rfc9293-3.5*", "@rfc59* or @ipv4", "@x-mine or @ipv6", "@ip*"] {
        let told = wireproof(folder.path(), &["list", "tcp/handshake", "--tags", expression]);
        assert_eq!(told.code, 0, "{expression}: {}", told.err);
    }
}

#[test]
fn files_that_hold_no_feature_are_told_with_their_place() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("empty.feature"), "").unwrap();
    fs::write(at("octets.feature"), b"Feature: F\n\n  @rfc9293-3.5\n  Scenario: S\n    Given a\xffb\n")
        .unwrap();
    fs::write(at("binary.feature"), [0xfe, 0x00, 0x01]).unwrap();
    fs::write(at("huge.feature"), "x".repeat((4 << 20) + 1)).unwrap();
    fs::write(at("none.feature"), "Feature: F\n").unwrap();
    fs::write(at("text.txt"), "no feature at all\n").unwrap();
    fs::create_dir(at("folder.feature")).unwrap();
    are_refused(
        folder.path(),
        &[
            (&["run", "empty.feature"], &["empty.feature:1:1", "holds no feature", "`Feature: its name`"]),
            (
                &["run", "octets.feature"],
                &["octets.feature:5:12", "found the octet 0xff", "UTF-8", "Given a"],
            ),
            (&["run", "binary.feature"], &["binary.feature:1:1", "0xfe"]),
            (&["run", "huge.feature"], &["`huge.feature`", "more than 4194304 octets"]),
            (&["run", "none.feature"], &["none.feature:1:1", "no scenario", "`Scenario: its name`"]),
            (&["run", "text.txt"], &["text.txt:1:1", "begins with its feature"]),
            (&["run", "folder.feature"], &["no feature file in `folder.feature`", "end with .feature"]),
            (&["run", "absent.feature"], &["`absent.feature`", "features/tcp/handshake.feature"]),
            (&["run", "--features", "text.txt"], &["`text.txt` is a file", "a folder of feature files"]),
            (&["run", "--features", "absent"], &["`absent`", "No such file"]),
            (&["run", "--profile", "text.txt"], &["text.txt:1:4", "expected"]),
            (&["run", "--profile", "folder.feature"], &["folder.feature", "a profile in TOML"]),
            (&["run", "--report", "text.txt/out"], &["`text.txt/out`", "--report"]),
            (
                &["coverage", "--report", "text.txt"],
                &["`text.txt`", "line 1 column 2", "report.json of schema"],
            ),
        ],
    );
}

#[cfg(unix)]
#[test]
fn a_name_that_is_no_text_is_a_name_like_others_and_a_link_to_itself_is_told() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let folder = TempDir::new().unwrap();
    let name = OsStr::from_bytes(b"na\xffme.feature");
    fs::write(folder.path().join(name), with_rows("", &["| | | --> | <CTL=SYN><DATA=x> | | |"])).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_wireproof"));
    let output = command.arg("run").arg(name).current_dir(folder.path()).output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{err}");
    assert!(err.contains("me.feature:8:28"), "{err}");
    std::os::unix::fs::symlink("loop.feature", folder.path().join("loop.feature")).unwrap();
    are_refused(folder.path(), &[(&["run", "loop.feature"], &["cannot read `loop.feature`"])]);
}

#[cfg(unix)]
#[test]
fn files_that_are_no_files_are_told_instead_of_waited_for() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    assert!(Command::new("mkfifo").arg(at("pipe.feature")).status().unwrap().success());
    let _socket = std::os::unix::net::UnixListener::bind(at("socket.feature")).unwrap();
    const PIPE: &[&str] = &["`pipe.feature`", "a pipe that nobody has opened to write"];
    are_refused(
        folder.path(),
        &[
            (&["run", "pipe.feature"], PIPE),
            (&["show", "pipe.feature"], PIPE),
            (&["check", "pipe.feature"], PIPE),
            (&["run", "socket.feature"], &["`socket.feature`", "this is a socket"]),
            (&["show", "socket.feature"], &["`socket.feature`", "this is a socket"]),
            (&["run", "/dev/zero"], &["`/dev/zero`", "more than 4194304 octets"]),
            (&["run", "--profile", "/dev/zero"], &["/dev/zero", "more than 4194304 octets"]),
            (&["show", "/dev/zero"], &["`/dev/zero`", "octet 0"]),
            (&["show", "/dev/null"], &["`/dev/null`", "an empty file"]),
            (&["run", "/dev/null"], &["/dev/null:1:1", "holds no feature"]),
        ],
    );
}

#[cfg(unix)]
#[test]
fn a_pipe_is_read_as_its_writer_writes_it() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("good.feature"), with_rows("", &["| | 1 s | --- | | | |"])).unwrap();
    let told = wireproof(folder.path(), &["run", "--report", "out", "--pcap", "all", "good.feature"]);
    assert_eq!(told.code, 0, "{}{}", told.out, told.err);
    let trace = "trace=$(find out -name '*.pcapng' | head -n 1);";
    for line in [
        "mkfifo a && { cat good.feature > a & $0 run a; }",
        "cat good.feature | $0 run /dev/stdin",
        &format!("{trace} mkfifo b && {{ cat $trace > b & $0 show b; }}"),
        &format!("{trace} cat $trace | $0 show -"),
        &format!("{trace} cat $trace | $0 check /dev/stdin"),
    ] {
        let mut shell = Command::new("sh");
        shell.args(["-c", line, env!("CARGO_BIN_EXE_wireproof")]).current_dir(folder.path());
        let output = shell.output().unwrap();
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(0), "{line}: {out}{err}");
        assert!(!out.is_empty(), "{line}");
    }
}

#[test]
fn captures_that_are_none_are_told_with_what_stands_where() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    const HEAD: &[u8] =
        b"\xd4\xc3\xb2\xa1\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\x00\x00\x01\x00\x00\x00";
    fs::write(at("empty.pcap"), "").unwrap();
    fs::write(at("text.pcap"), "no capture").unwrap();
    fs::write(at("head.pcap"), &HEAD[..6]).unwrap();
    fs::write(at("record.pcap"), [HEAD, &[0; 9]].concat()).unwrap();
    fs::write(at("none.pcap"), HEAD).unwrap();
    fs::create_dir(at("folder.pcap")).unwrap();
    are_refused(
        folder.path(),
        &[
            (&["show"], &["<CAPTURE>"]),
            (
                &["show", "empty.pcap"],
                &["`empty.pcap`", "octet 0", "an empty file", "a pcap or pcapng capture"],
            ),
            (&["show", "text.pcap"], &["`text.pcap`", "octet 0", "0x6e6f2063", "0xa1b2c3d4"]),
            (&["show", "head.pcap"], &["`head.pcap`", "octet 4", "20 octets of a file head"]),
            (&["show", "record.pcap"], &["`record.pcap`", "octet 24"]),
            (&["show", "folder.pcap"], &["`folder.pcap`", "this is a folder"]),
            (&["show", "absent.pcap"], &["`absent.pcap`", "No such file"]),
            (
                &["show", "--connection", "x", "none.pcap"],
                &["`x` behind --connection", "numbers from 1 on, such as 1,4-6"],
            ),
            (&["show", "--connection", "0", "none.pcap"], &["`0` behind --connection"]),
            (&["show", "--connection", "5-2", "none.pcap"], &["`5-2` behind --connection"]),
            (&["show", "--connection", "3", "none.pcap"], &["`none.pcap` has no connection 3"]),
        ],
    );
    assert_eq!(wireproof(folder.path(), &["show", "none.pcap"]).code, 0);
}

#[test]
fn what_only_a_run_can_tell_is_inconclusive_with_file_line_and_column() {
    let folder = TempDir::new().unwrap();
    const ROWS: &[(&str, &str, &[&str])] = &[
        (
            "| | | --> | <SEQ=100><CTL=ACK><DATA=5> | | |",
            "f.feature:8:31",
            &["DATA", "1 octets before the stream's first", "a literal"],
        ),
        (
            "| | | --> | <SEQ=101><ACK=301><CTL=ACK><WND=SEG.WND+65000> | | |",
            "f.feature:8:40",
            &["WND", "up to 65535"],
        ),
        (
            "| | | --> | <SEQ=SND.UP-1><CTL=ACK><DATA=0-SND.WND> | | |",
            "f.feature:8:36",
            &["DATA", "below zero"],
        ),
    ];
    for (row, place, words) in ROWS {
        fs::write(folder.path().join("f.feature"), with_rows("@ipv4", &[row])).unwrap();
        let told = wireproof(folder.path(), &["run", "f.feature"]);
        assert_eq!(told.code, 2, "{}{}", told.out, told.err);
        assert!(told.out.contains("INCONCLUSIVE") && told.out.contains(place), "{}", told.out);
        words.iter().for_each(|word| assert!(told.out.contains(word), "`{word}` is not in\n{}", told.out));
    }
}
