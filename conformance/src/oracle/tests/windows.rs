//! Windows and probes.

use super::*;

/// The device has offered 1000 octets, the tester 10.
const NARROW: &str = "0 > <SEQ=100><CTL=SYN><WND=10>
    0 < <SEQ=300><ACK=101><CTL=SYN,ACK><WND=1000>
    0 > <SEQ=101><ACK=301><CTL=ACK><WND=10>
    0 ! accept\n0 ! send 100";

#[test]
fn nothing_is_sent_beyond_the_furthest_edge_but_a_probe() {
    breaks(RuleId::WindowOverrun, NARROW, "1 < <SEQ=301><ACK=101><CTL=ACK><WND=1000><DATA=11>");
    // In a capture an acknowledgment may be missing, which the next ones would show.
    let eleven = "1 < <SEQ=301><ACK=101><CTL=ACK><WND=1000><DATA=11>";
    let offers = |edge: u32| format!("\n1.1 > <SEQ=101><ACK=301><CTL=ACK><WND={edge}>").repeat(2);
    breaks_captured(RuleId::WindowOverrun, NARROW, &(eleven.to_owned() + &offers(10)));
    undecidable(RuleId::WindowOverrun, NARROW, &(eleven.to_owned() + &offers(11)));
    keeps(RuleId::WindowOverrun, NARROW, "1 < <SEQ=301><ACK=101><CTL=ACK><WND=1000><DATA=10>");
    let probe = "1 < <SEQ=301><ACK=101><CTL=ACK><WND=1000><DATA=10>
        1 > <SEQ=101><ACK=311><CTL=ACK><WND=0>
        2 < <SEQ=311><ACK=101><CTL=ACK><WND=1000><DATA=1>";
    keeps(RuleId::WindowOverrun, NARROW, probe);
}

#[test]
fn a_scale_that_was_not_seen_leaves_windows_unknown() {
    undecidable(
        RuleId::WindowOverrun,
        "0 > <SEQ=101><ACK=301><CTL=ACK><WND=1>",
        "1 < <SEQ=301><ACK=101><CTL=ACK><DATA=100>\n1.1 > <SEQ=101><ACK=401><CTL=ACK>\n1.2 < <SEQ=401><ACK=101><CTL=ACK><DATA=9>",
    );
    let window = "1 > <SEQ=101><ACK=301><CTL=ACK><WND=1>\n2 < <SEQ=301><ACK=101><CTL=ACK><DATA=128>";
    keeps_captured(RuleId::WindowOverrun, SCALED, window);
}

#[test]
fn behind_an_edge_that_moved_back_nothing_new_is_sent() {
    let shrunk = "1 > <SEQ=101><ACK=301><CTL=ACK><WND=5>";
    breaks(
        RuleId::ShrunkenWindow,
        NARROW,
        &format!("{shrunk}\n2 < <SEQ=301><ACK=101><CTL=ACK><WND=1000><DATA=6>"),
    );
    keeps(
        RuleId::ShrunkenWindow,
        NARROW,
        &format!("{shrunk}\n2 < <SEQ=301><ACK=101><CTL=ACK><WND=1000><DATA=5>"),
    );
}

#[test]
fn a_window_does_not_move_back() {
    breaks(RuleId::WindowShrunk, NARROW, "1 < <SEQ=301><ACK=101><CTL=ACK><WND=999>");
    keeps(RuleId::WindowShrunk, NARROW, "1 < <SEQ=301><ACK=101><CTL=ACK><WND=1000>");
    let taken = |window: u32| {
        format!("1 > <SEQ=101><ACK=301><CTL=ACK><DATA=100>\n1.1 < <SEQ=301><ACK=201><CTL=ACK><WND={window}>")
    };
    keeps(RuleId::WindowShrunk, NARROW, &taken(900));
    breaks_captured(RuleId::WindowShrunk, NARROW, &taken(899));
    // A capture may be out of order: the same number with a smaller window says nothing.
    let older = capture(NARROW, "1 < <SEQ=301><ACK=101><CTL=ACK><WND=999>");
    assert!(older.breaks().is_empty());
    // A segment sent again may bear what it bore.
    let again = "1 < <SEQ=301><ACK=101><CTL=ACK><WND=1000><DATA=5>\n1.5 < <SEQ=306><ACK=101><CTL=ACK><WND=1100><DATA=5>
        2 < <SEQ=301><ACK=101><CTL=ACK><WND=1000><DATA=5>";
    assert!(scenario(NARROW, again).breaks().iter().all(|one| one.rule != RuleId::WindowShrunk));
}

#[test]
fn rounding_by_the_scale_is_no_shrinking() {
    let offer = |window: u32| {
        format!(
            "1 < <SEQ=301><ACK=101><CTL=ACK><WND=512>
        2 > <SEQ=101><ACK=301><CTL=ACK><DATA=100>\n2.1 < <SEQ=301><ACK=201><CTL=ACK><WND={window}>"
        )
    };
    keeps(RuleId::WindowShrunk, SCALED, &offer(511));
    breaks(RuleId::WindowShrunk, SCALED, &offer(510));
}

#[test]
fn a_closed_window_opens_by_a_worthwhile_step() {
    let closed = "1 > <SEQ=101><ACK=301><CTL=ACK><DATA=1000>
        1.1 < <SEQ=301><ACK=1101><CTL=ACK><WND=0>\n1.5 ! recv 1000";
    let open = |window: u32| format!("{closed}\n2 < <SEQ=301><ACK=1101><CTL=ACK><WND={window}>");
    breaks(RuleId::SillyWindow, NARROW, &open(499));
    breaks_captured(RuleId::SillyWindow, NARROW, &open(20));
    keeps(RuleId::SillyWindow, NARROW, &open(500));
}

#[test]
fn a_closed_window_is_asked_after() {
    let closed = "1 < <SEQ=301><ACK=101><CTL=ACK><WND=1000><DATA=10>\n1 > <SEQ=101><ACK=311><CTL=ACK><WND=0>";
    breaks(RuleId::ZeroWindowProbed, NARROW, &format!("{closed}\n140 ."));
    leaves(RuleId::ZeroWindowProbed, NARROW, &format!("{closed}\n50 ."));
    let probe =
        "2 < <SEQ=311><ACK=101><CTL=ACK><WND=1000><DATA=1>\n2 > <SEQ=101><ACK=311><CTL=ACK><WND=0>\n3 .";
    keeps(RuleId::ZeroWindowProbed, NARROW, &format!("{closed}\n{probe}"));
    // Time-outs double without a bound.
    let probe = |time: u32| {
        format!(
            "{time} < <SEQ=311><ACK=101><CTL=ACK><WND=1000><DATA=1>\n{time} > <SEQ=101><ACK=311><CTL=ACK><WND=0>\n"
        )
    };
    let probes: String = [2, 4, 8, 16, 32, 64, 128, 256].map(probe).concat();
    keeps(RuleId::ZeroWindowProbed, NARROW, &format!("{closed}\n{probes}500 ."));
}

#[test]
fn waits_between_probes_grow() {
    let probes = |times: [u32; 4]| {
        let probe = |time: &u32| {
            format!(
                "{time} < <SEQ=311><ACK=101><CTL=ACK><WND=1000><DATA=1>\n{time} > <SEQ=101><ACK=311><CTL=ACK><WND=0>\n"
            )
        };
        let closed =
            "1 < <SEQ=301><ACK=101><CTL=ACK><WND=1000><DATA=10>\n1 > <SEQ=101><ACK=311><CTL=ACK><WND=0>\n";
        closed.to_owned() + &times.iter().map(probe).collect::<String>()
    };
    breaks(RuleId::ProbeBackoff, NARROW, &probes([2, 3, 4, 5]));
    breaks_captured(RuleId::ProbeBackoff, NARROW, &probes([2, 7, 12, 17]));
    keeps(RuleId::ProbeBackoff, NARROW, &probes([2, 4, 8, 16]));
    keeps(RuleId::ProbeBackoff, NARROW, &probes([2, 62, 122, 182]));
}

#[test]
fn a_connection_lives_while_its_probes_are_answered() {
    let closed = "1 < <SEQ=301><ACK=101><CTL=ACK><WND=1000><DATA=10>\n1 > <SEQ=101><ACK=311><CTL=ACK><WND=0>
        2 < <SEQ=311><ACK=101><CTL=ACK><WND=1000><DATA=1>";
    breaks(
        RuleId::LastingProbe,
        NARROW,
        &format!("{closed}\n2 > <SEQ=101><ACK=311><CTL=ACK><WND=0>\n4 ! error ETIMEDOUT"),
    );
    keeps(
        RuleId::LastingProbe,
        NARROW,
        &format!(
            "{closed}\n2 > <SEQ=101><ACK=311><CTL=ACK><WND=0>\n4 < <SEQ=311><ACK=101><CTL=ACK><WND=1000><DATA=1>"
        ),
    );
    let judgement = scenario(NARROW, &format!("{closed}\n4 ! error ETIMEDOUT"));
    assert!(judgement.breaks().iter().all(|one| one.rule != RuleId::LastingProbe));
}

#[test]
fn windows_of_several_paths_count_from_elsewhere() {
    let start = |syn: &str, answer: &str| {
        format!(
            "0 > <SEQ=100><CTL=SYN><MSS=1460>{syn}\n0 < <SEQ=300><ACK=101><CTL=SYN,ACK><MSS=1460>{answer}
            0 > <SEQ=101><ACK=301><CTL=ACK>\n0 < <SEQ=301><ACK=101><CTL=ACK><WND=5000>"
        )
    };
    let capable = "<OPT=1e040181>";
    let lines = "1 > <SEQ=101><ACK=301><CTL=ACK><DATA=10>\n1 < <SEQ=301><ACK=111><CTL=ACK><WND=4000>";
    breaks_captured(RuleId::WindowShrunk, &start("", ""), lines);
    breaks_captured(RuleId::WindowShrunk, &start(capable, ""), lines);
    undecidable(RuleId::WindowShrunk, &start(capable, capable), lines);
}

#[test]
fn the_window_of_a_segment_that_was_overtaken_is_not_used() {
    let overtaken = "1 < <SEQ=301><ACK=101><CTL=ACK><WND=1000><DATA=5>
        1.1 > <SEQ=102><ACK=306><CTL=ACK><WND=20><DATA=1>\n1.1 < <SEQ=306><ACK=101><CTL=ACK><WND=1000>
        1.2 > <SEQ=101><ACK=306><CTL=ACK><WND=90><DATA=1>\n1.2 < <SEQ=306><ACK=103><CTL=ACK><WND=998>";
    let next =
        |octets: u32| format!("{overtaken}\n1.3 < <SEQ=306><ACK=103><CTL=ACK><WND=998><DATA={octets}>");
    breaks(RuleId::StaleWindow, NARROW, &next(21));
    keeps(RuleId::StaleWindow, NARROW, &next(20));
}
