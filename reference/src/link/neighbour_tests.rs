//! Stories of the neighbour cache.

use super::*;
use core::net::Ipv4Addr;

const OWN: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2));
const PEER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
const MAC: MacAddr = MacAddr([2, 0, 0, 0, 0, 1]);
const OTHER_MAC: MacAddr = MacAddr([2, 0, 0, 0, 0, 9]);

fn at(secs: u64) -> Instant {
    Instant::ZERO + Duration::from_secs(secs)
}

fn cache() -> Neighbours {
    Neighbours::new(Random::new(1))
}

fn outputs(cache: &mut Neighbours) -> Vec<Output> {
    core::iter::from_fn(|| cache.poll_output()).collect()
}

fn ask(to: Option<MacAddr>) -> Output {
    Output::Solicit { target: PEER, source: OWN, to }
}

fn sent(to: MacAddr, octet: u8) -> Output {
    Output::Send { to, packet: vec![octet] }
}

const ANSWER: Advertisement =
    Advertisement { target: PEER, mac: Some(MAC), solicited: true, overriding: true };

/// A cache in which PEER is REACHABLE since 0.
fn reachable() -> Neighbours {
    let mut cache = cache();
    cache.resolve(at(0), PEER, OWN, vec![0]);
    cache.handle_advertisement(at(0), ANSWER);
    outputs(&mut cache);
    cache
}

/// The same, STALE since it was told another link address unasked.
fn stale() -> Neighbours {
    let mut cache = reachable();
    cache.handle_solicitation(at(0), PEER, OTHER_MAC, OWN);
    cache.handle_solicitation(at(0), PEER, MAC, OWN);
    cache
}

#[test]
fn packets_wait_for_the_answer_and_leave_in_order() {
    let mut cache = cache();
    cache.resolve(at(0), PEER, OWN, vec![1]);
    cache.resolve(at(0), PEER, OWN, vec![2]);
    assert_eq!(outputs(&mut cache), [ask(None)]);
    assert_eq!(cache.reachability(PEER), Some(Reachability::Incomplete));
    cache.handle_advertisement(at(0), ANSWER);
    assert_eq!(outputs(&mut cache), [sent(MAC, 1), sent(MAC, 2)]);
    assert_eq!(cache.reachability(PEER), Some(Reachability::Reachable));
    assert_eq!(cache.poll_deadline(), None);
}

#[test]
fn the_queue_of_a_neighbour_keeps_the_latest_packets() {
    let mut cache = cache();
    for octet in 0..=MAX_PENDING_PACKETS as u8 {
        cache.resolve(at(0), PEER, OWN, vec![octet]);
    }
    outputs(&mut cache);
    cache.handle_advertisement(at(0), ANSWER);
    let kept = outputs(&mut cache);
    assert_eq!(kept.len(), MAX_PENDING_PACKETS);
    assert_eq!(kept[0], sent(MAC, 1));
}

#[test]
fn three_unanswered_questions_a_second_apart_give_the_packets_back() {
    let mut cache = cache();
    cache.resolve(at(0), PEER, OWN, vec![1]);
    for second in 1..=2 {
        assert_eq!(cache.poll_deadline(), Some(at(second)));
        outputs(&mut cache);
        cache.handle_timeout(at(second));
        assert_eq!(outputs(&mut cache), [ask(None)]);
    }
    cache.handle_timeout(at(3));
    assert_eq!(outputs(&mut cache), [Output::Unreachable { packet: vec![1] }]);
    assert!(cache.is_empty());
}

#[test]
fn a_confirmation_holds_for_the_reachable_time_and_no_longer() {
    let mut cache = reachable();
    let (early, late) = (at(14), at(46));
    cache.resolve(early, PEER, OWN, vec![1]);
    assert_eq!(cache.reachability(PEER), Some(Reachability::Reachable));
    cache.resolve(late, PEER, OWN, vec![2]);
    assert_eq!(cache.reachability(PEER), Some(Reachability::Delay));
    assert_eq!(outputs(&mut cache), [sent(MAC, 1), sent(MAC, 2)]);
}

#[test]
fn a_stale_neighbour_in_use_is_probed_after_the_delay_by_unicast_and_dropped_after_three_probes() {
    let mut cache = stale();
    cache.resolve(at(10), PEER, OWN, vec![1]);
    assert_eq!(outputs(&mut cache), [sent(MAC, 1)]);
    for second in 15..=17 {
        assert_eq!(cache.poll_deadline(), Some(at(second)));
        cache.handle_timeout(at(second));
        assert_eq!(outputs(&mut cache), [ask(Some(MAC))]);
        assert_eq!(cache.reachability(PEER), Some(Reachability::Probe));
    }
    cache.resolve(at(17), PEER, OWN, vec![2]);
    assert_eq!(outputs(&mut cache), [sent(MAC, 2)], "traffic goes on while probing");
    cache.handle_timeout(at(18));
    assert!(cache.is_empty());
}

#[test]
fn progress_seen_by_a_layer_above_saves_the_probe() {
    let mut cache = stale();
    cache.resolve(at(10), PEER, OWN, vec![1]);
    cache.confirm(at(12), PEER);
    assert_eq!(cache.reachability(PEER), Some(Reachability::Reachable));
    assert_eq!(cache.poll_deadline(), None);
}

#[test]
fn a_confirmation_from_above_does_not_make_an_unknown_address_known() {
    let mut cache = cache();
    cache.confirm(at(0), PEER);
    assert!(cache.is_empty());
    cache.resolve(at(0), PEER, OWN, vec![1]);
    cache.confirm(at(0), PEER);
    assert_eq!(cache.reachability(PEER), Some(Reachability::Incomplete));
}

/// RFC 4861 7.2.5, one line a case: state before; mac, solicited, overriding; state and mac after.
#[test]
fn advertisements_change_the_cache_as_the_table_says() {
    use Reachability::{Delay, Incomplete, Reachable, Stale};
    type Case = (Reachability, Option<MacAddr>, bool, bool, Reachability, Option<MacAddr>);
    let cases: [Case; 13] = [
        (Incomplete, None, true, true, Incomplete, None),
        (Incomplete, Some(MAC), true, false, Reachable, Some(MAC)),
        // STALE, but the packet that waited is sent at once.
        (Incomplete, Some(MAC), false, false, Delay, Some(MAC)),
        (Reachable, Some(OTHER_MAC), true, false, Stale, Some(MAC)),
        (Reachable, Some(OTHER_MAC), false, false, Stale, Some(MAC)),
        (Reachable, Some(OTHER_MAC), true, true, Reachable, Some(OTHER_MAC)),
        (Reachable, Some(OTHER_MAC), false, true, Stale, Some(OTHER_MAC)),
        (Reachable, Some(MAC), false, true, Reachable, Some(MAC)),
        (Stale, Some(OTHER_MAC), true, false, Stale, Some(MAC)),
        (Stale, Some(OTHER_MAC), true, true, Reachable, Some(OTHER_MAC)),
        (Stale, Some(OTHER_MAC), false, true, Stale, Some(OTHER_MAC)),
        (Stale, None, true, false, Reachable, Some(MAC)),
        (Stale, Some(MAC), false, false, Stale, Some(MAC)),
    ];
    for (before, mac, solicited, overriding, after, mac_after) in cases {
        let mut cache = match before {
            Incomplete => {
                let mut cache = cache();
                cache.resolve(at(0), PEER, OWN, vec![1]);
                cache
            }
            Reachable => reachable(),
            _ => stale(),
        };
        assert_eq!(cache.reachability(PEER), Some(before));
        cache.handle_advertisement(at(1), Advertisement { target: PEER, mac, solicited, overriding });
        let case = format!("{before:?} mac {mac:?} solicited {solicited} overriding {overriding}");
        assert_eq!(cache.reachability(PEER), Some(after), "{case}");
        assert_eq!(cache.link_address(PEER), mac_after, "{case}");
    }
}

#[test]
fn nothing_is_learnt_from_an_advertisement_nobody_waited_for() {
    let mut cache = cache();
    cache.handle_advertisement(at(0), ANSWER);
    cache.handle_overheard(at(0), PEER, MAC);
    assert!(cache.is_empty());
}

#[test]
fn whoever_asks_for_us_becomes_known_without_being_confirmed() {
    let mut cache = cache();
    cache.handle_solicitation(at(0), PEER, MAC, OWN);
    assert_eq!(cache.reachability(PEER), Some(Reachability::Stale));
    cache.resolve(at(0), PEER, OWN, vec![1]);
    assert_eq!(outputs(&mut cache), [sent(MAC, 1)], "no question is needed");
}

#[test]
fn junk_on_the_link_neither_grows_the_cache_nor_pushes_out_a_neighbour_in_use() {
    let mut cache = reachable();
    for number in 0..2 * MAX_NEIGHBOURS as u32 {
        let sender = IpAddr::V4(Ipv4Addr::from_bits(0x0a00_0000 + number));
        cache.handle_solicitation(at(1), sender, OTHER_MAC, OWN);
    }
    assert_eq!(cache.len(), MAX_NEIGHBOURS);
    assert_eq!(cache.reachability(PEER), Some(Reachability::Reachable));
}

#[test]
fn doubt_from_above_has_the_neighbour_probed() {
    let mut cache = reachable();
    cache.doubt(PEER);
    cache.resolve(at(1), PEER, OWN, vec![1]);
    assert_eq!(cache.reachability(PEER), Some(Reachability::Delay));
}
