use super::*;

const A: [u8; 6] = [2, 0, 0, 0, 0, 0xa];
const B: [u8; 6] = [2, 0, 0, 0, 0, 0xb];
const C: [u8; 6] = [2, 0, 0, 0, 0, 0xc];

/// A frame from A with one octet of payload to know it by.
fn frame(to: [u8; 6], name: u8) -> Vec<u8> {
    [&to[..], &A, &[0x88, 0xb5, name]].concat()
}

fn ms(millis: u64) -> Instant {
    Instant::ZERO + Duration::from_millis(millis)
}

struct Bench {
    ethernet: Ethernet,
    a: PortId,
    b: PortId,
    c: PortId,
}

fn bench() -> Bench {
    let mut ethernet = Ethernet::new(Random::new(1));
    let [a, b, c] = [A, B, C].map(|mac| ethernet.attach(Hears::Address(mac)).unwrap());
    Bench { ethernet, a, b, c }
}

impl Bench {
    fn send(&mut self, at: u64, name: u8) -> Vec<Fate> {
        self.ethernet.transmit(ms(at), self.a, frame(B, name))
    }

    /// Everything that arrives from now on: when (ms), at which port, the frame's name.
    fn arrivals(&mut self) -> Vec<(u64, PortId, u8)> {
        let mut arrivals = Vec::new();
        while let Some(deadline) = self.ethernet.poll_deadline() {
            while let Some(Arrival { port, time, octets, .. }) = self.ethernet.poll_arrival(deadline) {
                arrivals.push((time.since(Instant::ZERO).as_millis(), port, octets[14]));
            }
        }
        arrivals
    }

    fn names(&mut self) -> Vec<u8> {
        self.arrivals().into_iter().map(|(_, _, name)| name).collect()
    }
}

#[test]
fn a_unicast_frame_arrives_at_the_port_that_bears_its_address_alone() {
    let mut bench = bench();
    assert_eq!(bench.send(5, 1), []);
    assert_eq!(bench.arrivals(), [(5, bench.b, 1)]);
    bench.ethernet.transmit(ms(6), bench.a, frame([2, 9, 9, 9, 9, 9], 2));
    assert_eq!(bench.arrivals(), []);
}

#[test]
fn broadcast_and_multicast_arrive_at_all_but_the_sender() {
    let mut bench = bench();
    bench.ethernet.transmit(ms(0), bench.a, frame([0xff; 6], 1));
    bench.ethernet.transmit(ms(0), bench.a, frame([0x33, 0x33, 0, 0, 0, 1], 2));
    let all = [(0, bench.b, 1), (0, bench.c, 1), (0, bench.b, 2), (0, bench.c, 2)];
    assert_eq!(bench.arrivals(), all);
}

#[test]
fn a_port_that_hears_everything_does_not_hear_itself() {
    let mut bench = bench();
    let tap = bench.ethernet.attach(Hears::Everything).unwrap();
    bench.send(0, 1);
    bench.ethernet.transmit(ms(0), tap, frame([2, 9, 9, 9, 9, 9], 2));
    assert_eq!(bench.arrivals(), [(0, bench.b, 1), (0, tap, 1)]);
}

#[test]
fn a_frame_too_short_for_an_address_reaches_only_those_who_hear_everything() {
    let mut bench = bench();
    let tap = bench.ethernet.attach(Hears::Everything).unwrap();
    bench.ethernet.transmit(ms(0), bench.a, Vec::new());
    let arrival = bench.ethernet.poll_arrival(ms(0)).unwrap();
    assert_eq!((arrival.port, arrival.octets.len()), (tap, 0));
}

#[test]
fn frames_arrive_after_the_latency_and_not_before() {
    let mut bench = bench();
    bench.ethernet.set_latency(Duration::from_millis(20));
    bench.send(0, 1);
    assert_eq!(bench.ethernet.poll_deadline(), Some(ms(20)));
    assert_eq!(bench.ethernet.poll_arrival(ms(19)), None);
    assert_eq!(bench.arrivals(), [(20, bench.b, 1)]);
}

#[test]
fn the_nth_frame_alone_is_lost() {
    let mut bench = bench();
    bench.ethernet.impair(Impairment::lose().when(When::Nth(2)));
    let fates = [1, 2, 3].map(|name| bench.send(0, name));
    assert_eq!(fates, [vec![], vec![Fate::Lost], vec![]]);
    assert_eq!(bench.names(), [1, 3]);
}

#[test]
fn each_nth_and_the_first_ones_are_lost() {
    let mut bench = bench();
    bench.ethernet.impair(Impairment::lose().when(When::EachNth(3)));
    (1..=7).for_each(|name| drop(bench.send(0, name)));
    assert_eq!(bench.names(), [1, 2, 4, 5, 7]);
    bench.ethernet.heal();
    bench.ethernet.impair(Impairment::lose().when(When::First(2)));
    (1..=4).for_each(|name| drop(bench.send(0, name)));
    assert_eq!(bench.names(), [3, 4]);
}

#[test]
fn a_rule_holds_for_its_direction_and_its_predicate_only() {
    let mut bench = bench();
    bench.ethernet.impair(Impairment::lose().from(bench.c));
    bench.ethernet.impair(Impairment::lose().matching(|frame| frame[14] % 2 == 0).when(When::Nth(2)));
    (1..=6).for_each(|name| drop(bench.send(0, name)));
    assert_eq!(bench.names(), [1, 2, 3, 5, 6], "4 is the second even one");
    assert_eq!(bench.ethernet.transmit(ms(0), bench.c, frame(B, 9)), [Fate::Lost]);
}

#[test]
fn a_delayed_frame_is_overtaken() {
    let mut bench = bench();
    bench.ethernet.impair(Impairment::delay(Duration::from_millis(5)).when(When::Nth(1)));
    assert_eq!(bench.send(0, 1), [Fate::Delayed(Duration::from_millis(5))]);
    bench.send(1, 2);
    assert_eq!(bench.arrivals(), [(1, bench.b, 2), (5, bench.b, 1)]);
}

#[test]
fn a_drawn_delay_keeps_to_its_range_and_uses_it() {
    let mut bench = bench();
    let (least, most) = (Duration::from_millis(5), Duration::from_millis(8));
    bench.ethernet.impair(Impairment::new(Effect::Delay { least, most }));
    (0..200).for_each(|name| drop(bench.send(0, name)));
    let times = bench.arrivals().into_iter().map(|(time, ..)| time).collect::<Vec<_>>();
    assert_eq!((times[0], times[199]), (5, 7), "in whole milliseconds, rounded down");
}

#[test]
fn a_duplicate_follows_its_frame() {
    let mut bench = bench();
    let gap = Duration::from_millis(3);
    bench.ethernet.impair(Impairment::new(Effect::Duplicate { copies: 2, gap }).when(When::Nth(1)));
    assert_eq!(bench.send(0, 1), [Fate::Duplicated { copies: 2, gap }]);
    bench.send(4, 2);
    assert_eq!(bench.arrivals(), [(0, bench.b, 1), (3, bench.b, 1), (4, bench.b, 2), (6, bench.b, 1)]);
}

#[test]
fn a_reordered_frame_waits_for_the_frames_that_pass_it() {
    let mut bench = bench();
    bench.ethernet.impair(Impairment::reorder(2, Duration::from_secs(1)).when(When::Nth(1)));
    (1..=4).for_each(|name| drop(bench.send(0, name)));
    assert_eq!(bench.names(), [2, 3, 1, 4]);
}

#[test]
fn a_reordered_frame_loses_patience_when_nothing_passes_it() {
    let mut bench = bench();
    bench.ethernet.impair(Impairment::reorder(1, Duration::from_millis(30)).when(When::Nth(1)));
    bench.send(0, 1);
    bench.ethernet.transmit(ms(0), bench.c, frame(B, 9));
    assert_eq!(
        bench.arrivals(),
        [(0, bench.b, 9), (30, bench.b, 1)],
        "another sender's frame does not count"
    );
}

#[test]
fn a_corrupted_frame_differs_where_its_fate_says() {
    let mut bench = bench();
    let effect = Effect::Corrupt { at: Some(14), mask: 0x81 };
    bench.ethernet.impair(Impairment::new(effect));
    assert_eq!(bench.send(0, 0x0f), [Fate::Corrupted { at: 14, mask: 0x81 }]);
    assert_eq!(bench.names(), [0x8e]);
    assert_eq!(bench.ethernet.capture().frames()[0].octets[14], 0x0f, "the capture holds what was sent");
}

#[test]
fn chance_corrupts_one_bit_behind_the_ethernet_header() {
    let mut bench = bench();
    bench.ethernet.impair(Impairment::corrupt());
    for _ in 0..100 {
        bench.send(0, 0);
        let [Arrival { octets, .. }] = [bench.ethernet.poll_arrival(ms(0)).unwrap()];
        assert_eq!(octets[..14], frame(B, 0)[..14]);
        assert_eq!(octets[14].count_ones(), 1);
    }
}

#[test]
fn chance_strikes_about_as_often_as_it_says_and_the_same_frames_for_the_same_seed() {
    let run = |seed| {
        let mut ethernet = Ethernet::new(Random::new(seed));
        let a = ethernet.attach(Hears::Address(A)).unwrap();
        ethernet.impair(Impairment::lose().when(When::Chance { per_million: 100_000 }));
        (0..10_000).map(|_| ethernet.transmit(ms(0), a, frame(B, 0)).len()).collect::<Vec<_>>()
    };
    let lost = run(1).iter().sum::<usize>();
    assert!((900..1100).contains(&lost), "{lost} of 10,000 at 10 %");
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

#[test]
fn rules_act_one_after_the_other_until_the_frame_is_lost() {
    let mut bench = bench();
    let (late, twice) = (Duration::from_millis(5), Fate::Duplicated { copies: 1, gap: Duration::ZERO });
    bench.ethernet.impair(Impairment::delay(late));
    bench.ethernet.impair(Impairment::duplicate());
    bench.ethernet.impair(Impairment::lose().when(When::Nth(2)));
    bench.ethernet.impair(Impairment::duplicate());
    assert_eq!(bench.send(0, 1), [Fate::Delayed(late), twice, twice]);
    assert_eq!(bench.send(0, 2), [Fate::Delayed(late), twice, Fate::Lost]);
    assert_eq!(bench.arrivals(), [(5, bench.b, 1); 3]);
}

#[test]
fn a_chosen_fate_is_not_subject_to_rules() {
    let mut bench = bench();
    bench.ethernet.impair(Impairment::lose());
    assert_eq!(bench.ethernet.transmit_with(ms(0), bench.a, frame(B, 1), Fate::Delivered), []);
    assert_eq!(bench.ethernet.transmit_with(ms(0), bench.a, frame(B, 2), Fate::Lost), [Fate::Lost]);
    assert_eq!(bench.names(), [1]);
}

#[test]
fn the_wire_has_a_limit_and_says_when_it_is_full() {
    let mut bench = bench();
    bench.ethernet.set_capture_limits(CaptureLimits::NOTHING);
    bench.ethernet.set_latency(Duration::from_secs(1));
    let octets: Arc<[u8]> = frame(B, 0).into();
    for _ in 0..MAX_IN_FLIGHT {
        assert_eq!(bench.ethernet.transmit(ms(0), bench.a, octets.clone()), []);
    }
    assert_eq!(bench.ethernet.transmit(ms(0), bench.a, octets), [Fate::Overflow]);
    assert_eq!(bench.arrivals().len(), MAX_IN_FLIGHT);
}

#[test]
fn the_capture_keeps_the_first_frames_with_their_fates_and_counts_the_rest() {
    let mut bench = bench();
    bench.ethernet.set_capture_limits(CaptureLimits { frames: 2, octets: 1_000 });
    bench.ethernet.impair(Impairment::lose().when(When::Nth(2)));
    (1..=5).for_each(|name| drop(bench.send(u64::from(name), name)));
    let capture = bench.ethernet.capture();
    let kept = capture.frames().iter().map(|frame| (frame.time, frame.octets[14], frame.fates.as_slice()));
    assert_eq!(kept.collect::<Vec<_>>(), [(ms(1), 1, &[][..]), (ms(2), 2, &[Fate::Lost][..])]);
    assert_eq!(capture.omitted(), 3);
}

#[test]
fn fates_read_as_a_person_would_say_them() {
    let texts = [
        Fate::Delivered,
        Fate::Lost,
        Fate::Delayed(Duration::from_millis(200)),
        Fate::Duplicated { copies: 1, gap: Duration::ZERO },
        Fate::Reordered { behind: 3, patience: Duration::ZERO },
        Fate::Corrupted { at: 54, mask: 1 },
    ]
    .map(|fate| fate.to_string());
    assert_eq!(
        texts,
        [
            "delivered",
            "lost",
            "delayed by 0.2 s",
            "duplicated",
            "reordered behind 3 frames",
            "corrupted at octet 54 (bits 0x01)"
        ]
    );
}

/// Sends a frame, waits for the echo, sends again after a timeout: the smallest reliable protocol.
struct PingPong {
    peer: [u8; 6],
    own: [u8; 6],
    begins: bool,
    round: u8,
    outgoing: Option<u8>,
    deadline: Option<Instant>,
}

impl PingPong {
    const PATIENCE: Duration = Duration::from_millis(100);

    fn new(own: [u8; 6], peer: [u8; 6], begins: bool) -> Self {
        Self { peer, own, begins, round: 0, outgoing: begins.then_some(0), deadline: None }
    }
}

impl Node for PingPong {
    fn handle_frame(&mut self, _: Instant, frame: &[u8]) {
        if !self.begins {
            self.outgoing = Some(frame[14]);
        } else if frame[14] == self.round {
            self.round = self.round.wrapping_add(1);
            self.outgoing = Some(self.round);
        }
    }

    fn poll_frame(&mut self, now: Instant) -> Option<Vec<u8>> {
        let name = self.outgoing.take()?;
        self.deadline = self.begins.then_some(now + Self::PATIENCE);
        Some([&self.peer[..], &self.own, &[0x88, 0xb5, name]].concat())
    }

    fn poll_deadline(&mut self) -> Option<Instant> {
        self.deadline
    }

    fn handle_timeout(&mut self, _: Instant) {
        self.outgoing = Some(self.round);
        self.deadline = None;
    }
}

fn ping_pong(seed: u64) -> Simulation<PingPong> {
    let mut simulation = Simulation::new(Random::new(seed));
    simulation.add(A, PingPong::new(A, B, true)).unwrap();
    simulation.add(B, PingPong::new(B, A, false)).unwrap();
    simulation.ethernet.set_latency(Duration::from_millis(1));
    simulation
}

#[test]
fn two_hosts_talk_until_the_application_is_done() {
    let done = ping_pong(1).run(Duration::from_secs(1), |_, nodes| match nodes[0].round {
        10 => Progress::Done,
        _ => Progress::Waiting,
    });
    assert_eq!(done, Ok(ms(20)), "ten rounds of 2 ms");
}

#[test]
fn two_hosts_survive_a_bad_wire_and_the_same_seed_takes_the_same_time() {
    let run = |seed| {
        let mut simulation = ping_pong(seed);
        simulation.ethernet.impair(Impairment::lose().when(When::Chance { per_million: 300_000 }));
        simulation.ethernet.impair(Impairment::duplicate().when(When::Chance { per_million: 100_000 }));
        simulation.run(Duration::from_secs(100), |_, nodes| match nodes[0].round {
            100 => Progress::Done,
            _ => Progress::Waiting,
        })
    };
    assert!(run(1).unwrap() > ms(200), "something was lost");
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

#[test]
fn a_run_ends_when_its_time_is_over_or_nothing_can_happen_any_more() {
    let mut simulation = ping_pong(1);
    simulation.ethernet.impair(Impairment::lose());
    let over = simulation.run(Duration::from_secs(1), |_, _| Progress::Waiting);
    assert_eq!(over, Err(SimulationError::TimeOver { limit: ms(1_000) }));

    let mut simulation = Simulation::new(Random::new(1));
    simulation.add(B, PingPong::new(B, A, false)).unwrap();
    let stuck = simulation.run(Duration::from_secs(1), |_, _| Progress::Waiting);
    assert_eq!(stuck, Err(SimulationError::Stuck { at: ms(0) }));
}

#[test]
fn hosts_that_never_come_to_rest_are_a_livelock() {
    let mut simulation = ping_pong(1);
    simulation.ethernet.set_latency(Duration::ZERO);
    simulation.ethernet.set_capture_limits(CaptureLimits::NOTHING);
    let stuck = simulation.run(Duration::from_secs(1), |_, _| Progress::Waiting);
    assert_eq!(stuck, Err(SimulationError::Livelock { at: ms(0) }));
}
