use super::fake::{Late, testbed};
use super::*;
use crate::device;
use crate::ethernet::When;
use crate::testbed::{Event, Testbed};
use crate::tester::{Host, neighbour};

const SECOND: Duration = Duration::from_secs(1);

fn started(late: Late) -> Testbed {
    let mut testbed = testbed(device::open("reference").unwrap(), late);
    testbed.reset(&Setup::default()).unwrap();
    testbed
}

/// A question that the device answers at once.
fn ask(testbed: &mut Testbed) {
    let question = neighbour::solicitation(&Host::numbered(0), "192.0.2.2".parse().unwrap());
    testbed.transmit(&question, Fate::Delivered);
}

#[test]
fn time_counts_from_the_reset_and_stands_still_between_two_looks() {
    let mut testbed = started(Late::default());
    assert_eq!(testbed.now(), Instant::ZERO);
    let until = Instant::ZERO + SECOND * 3;
    while testbed.next_event(until).is_some() {}
    assert_eq!((testbed.now(), testbed.now()), (until, until));
    assert_eq!(testbed.lateness(), Duration::ZERO);
}

#[test]
fn what_the_device_answers_at_once_is_there_without_waiting() {
    let mut testbed = started(Late::default());
    ask(&mut testbed);
    let now = testbed.now();
    assert!(matches!(testbed.next_event(now), Some(Event::Frame { time, .. }) if time == now));
    assert_eq!(testbed.next_event(now), None);
}

#[test]
fn a_frame_that_the_wire_holds_back_arrives_when_its_time_has_come() {
    let mut testbed = started(Late::default());
    testbed.impair(Direction::FromDevice, Impairment::delay(SECOND).when(When::First(1)));
    ask(&mut testbed);
    assert_eq!(testbed.next_event(Instant::ZERO), None);
    let event = testbed.next_event(Instant::ZERO + SECOND * 5).unwrap();
    assert_eq!(event.time(), Instant::ZERO + SECOND);
}

#[test]
fn a_question_that_the_wire_duplicates_is_answered_twice() {
    let mut testbed = started(Late::default());
    testbed.impair(Direction::ToDevice, Impairment::duplicate());
    ask(&mut testbed);
    let answers = std::iter::from_fn(|| testbed.next_event(Instant::ZERO)).count();
    assert_eq!(answers, 2);
}

#[test]
fn a_machine_that_wakes_late_is_measured_and_its_time_goes_on() {
    let mut testbed = started(Late { machine: SECOND / 4, ..Late::default() });
    let until = Instant::ZERO + SECOND;
    assert_eq!(testbed.next_event(until), None);
    assert_eq!((testbed.now(), testbed.lateness()), (until + SECOND / 4, SECOND / 4));
    testbed.reset(&Setup::default()).unwrap();
    assert_eq!(testbed.lateness(), Duration::ZERO);
}

#[test]
fn a_device_that_is_late_makes_no_machine_late() {
    let mut testbed = started(Late { device: SECOND, ..Late::default() });
    assert_eq!(testbed.next_event(Instant::ZERO + SECOND * 2), None);
    assert_eq!(testbed.lateness(), Duration::ZERO);
}

#[test]
fn the_clock_of_the_machine_waits_until_the_deadline_or_until_a_descriptor_is_ready() {
    let mut clock = Monotonic::default();
    // A deadline that has passed: only that it comes back at all can be told without waiting.
    let passed = clock.now();
    clock.wait(&[], passed).unwrap();
    assert!(clock.now() >= passed);
    let (_reader, writer) = std::io::pipe().unwrap();
    let far = clock.now() + SECOND * 3_600;
    clock.wait(&[(std::os::fd::AsFd::as_fd(&writer), Interest::Writable)], far).unwrap();
    assert!(clock.now() < far);
}
