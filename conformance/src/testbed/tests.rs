use super::*;
use crate::device::{
    Call, CallValue, Capabilities, DeviceError, Errno, Output, Properties, ShutdownHow, SocketId, Wake,
};
use crate::ethernet::When;
use wireproof_reference::time::Duration;

/// A device that does what a closure says, and writes down what it was asked.
struct Scripted<F> {
    description: Description,
    script: F,
}

/// What a scripted device is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Asked {
    Reset,
    Frames(Vec<Vec<u8>>),
    Call(CallId),
    Run,
}

impl<F> Scripted<F>
where
    F: FnMut(u64, Asked, &mut Output) -> Wake + Send,
{
    fn ask(&mut self, now: Instant, asked: Asked, out: &mut Output) -> Result<Wake, DeviceError> {
        Ok((self.script)(now.as_nanos(), asked, out))
    }
}

impl<F> Device for Scripted<F>
where
    F: FnMut(u64, Asked, &mut Output) -> Wake + Send,
{
    fn description(&self) -> &Description {
        &self.description
    }

    fn reset(&mut self, _: &Setup, out: &mut Output) -> Result<Wake, DeviceError> {
        self.ask(Instant::ZERO, Asked::Reset, out)
    }

    fn handle_frames(
        &mut self,
        now: Instant,
        frames: &[&[u8]],
        out: &mut Output,
    ) -> Result<Wake, DeviceError> {
        self.ask(now, Asked::Frames(frames.iter().map(|frame| frame.to_vec()).collect()), out)
    }

    fn handle_call(
        &mut self,
        now: Instant,
        id: CallId,
        _: &Call,
        out: &mut Output,
    ) -> Result<Wake, DeviceError> {
        self.ask(now, Asked::Call(id), out)
    }

    fn run(&mut self, now: Instant, out: &mut Output) -> Result<Wake, DeviceError> {
        self.ask(now, Asked::Run, out)
    }
}

fn testbed(script: impl FnMut(u64, Asked, &mut Output) -> Wake + Send + 'static) -> Testbed {
    let mut testbed = Testbed::in_virtual_time(scripted(script));
    testbed.reset(&Setup::default()).unwrap();
    testbed
}

fn scripted(script: impl FnMut(u64, Asked, &mut Output) -> Wake + Send + 'static) -> Box<dyn Device> {
    let description = Description {
        name: "scripted".to_owned(),
        version: "1".to_owned(),
        capabilities: Capabilities::default(),
        properties: Properties::default(),
    };
    Box::new(Scripted { description, script })
}

fn at(nanos: u64) -> Instant {
    Instant::from_nanos(nanos)
}

/// Every event up to `until`: when, and the first octet of the frame or 0xff for all else.
fn events(testbed: &mut Testbed, until: u64) -> Vec<(u64, u8)> {
    std::iter::from_fn(|| testbed.next_event(at(until)))
        .map(|event| match event {
            Event::Frame { time, octets, .. } => (time.as_nanos(), octets[0]),
            other => (other.time().as_nanos(), 0xff),
        })
        .collect()
}

const STATE: Call = Call::State { socket: SocketId(1) };

#[test]
fn every_wake_up_to_the_deadline_is_run_in_order_and_the_clock_ends_there() {
    let mut testbed = testbed(|now, asked, out| match (asked, now) {
        (Asked::Reset, _) => Wake::At(at(10)),
        (_, 10) => {
            out.frame([1]);
            Wake::At(at(20))
        }
        (_, 20) => Wake::At(at(30)),
        (_, 30) => {
            out.frame([2]);
            Wake::At(at(41))
        }
        _ => Wake::Never,
    });
    assert_eq!(testbed.next_event(at(5)), None);
    assert_eq!(testbed.now(), at(5));
    assert_eq!(events(&mut testbed, 40), [(10, 1), (30, 2)]);
    assert_eq!(testbed.now(), at(40));
}

#[test]
fn time_stands_at_an_event_until_it_was_taken() {
    let mut testbed = testbed(|now, asked, out| match (asked, now) {
        (Asked::Reset, _) => Wake::At(at(10)),
        (Asked::Frames(_), now) => {
            out.frame([now as u8]);
            Wake::Never
        }
        _ => {
            out.frame([1]);
            Wake::Never
        }
    });
    testbed.next_event(at(100)).unwrap();
    assert_eq!(testbed.now(), at(10));
    testbed.transmit(&[9], Fate::Delivered);
    assert_eq!(events(&mut testbed, 100), [(10, 10)], "the answer to it is given at the same instant");
}

#[test]
fn a_wake_at_an_instant_is_run_before_a_frame_that_arrives_then() {
    let mut testbed = testbed(|_, asked, out| match asked {
        Asked::Reset => Wake::At(at(10)),
        Asked::Run => {
            out.frame([1]);
            Wake::Never
        }
        Asked::Frames(_) => {
            out.frame([2]);
            Wake::Never
        }
        Asked::Call(_) => Wake::Never,
    });
    testbed.impair(Direction::ToDevice, Impairment::delay(Duration::from_nanos(10)));
    testbed.transmit(&[0], Fate::Delivered);
    assert_eq!(events(&mut testbed, 100), [(10, 1), (10, 2)]);
}

#[test]
fn a_wake_is_not_passed_by_when_the_tester_acts_at_its_instant() {
    let mut testbed = testbed(|_, asked, out| match asked {
        Asked::Reset => Wake::At(at(10)),
        Asked::Run => {
            out.frame([1]);
            Wake::Never
        }
        Asked::Call(_) | Asked::Frames(_) => {
            out.frame([2]);
            Wake::Never
        }
    });
    assert_eq!(testbed.next_event(at(9)), None);
    assert_eq!(testbed.next_event(at(10)).map(|event| event.time()), Some(at(10)));
    testbed.call(STATE);
    assert_eq!(events(&mut testbed, 10), [(10, 2)]);
}

#[test]
fn wake_now_is_served_before_the_tester_gets_the_word() {
    let mut left = 3;
    let mut testbed = testbed(move |_, asked, out| match asked {
        Asked::Reset => Wake::Never,
        _ if left > 0 => {
            out.frame([left]);
            left -= 1;
            // The word and the present are the same.
            if left == 1 { Wake::At(at(7)) } else { Wake::Now }
        }
        _ => Wake::Never,
    });
    assert_eq!(testbed.next_event(at(7)), None);
    testbed.transmit(&[0], Fate::Delivered);
    testbed.next_event(at(7)).unwrap();
    assert_eq!(testbed.trace().frames().count(), 4);
    assert_eq!(events(&mut testbed, 7), [(7, 2), (7, 1)]);
}

#[test]
fn frames_of_one_instant_are_queued_together_and_before_a_later_call() {
    let mut testbed = testbed(|_, asked, out| {
        match asked {
            Asked::Frames(frames) => out.frame([frames.len() as u8]),
            Asked::Call(id) => out.result(id, Err(Errno::EBADF)),
            Asked::Reset | Asked::Run => {}
        }
        Wake::Never
    });
    testbed.transmit(&[1], Fate::Delivered);
    testbed.transmit(&[2], Fate::Lost);
    testbed.transmit(&[3], Fate::Delivered);
    testbed.call(STATE);
    testbed.transmit(&[4], Fate::Delivered);
    assert_eq!(events(&mut testbed, 0), [(0, 2), (0, 0xff), (0, 1)]);
}

#[test]
fn the_tester_does_not_see_what_the_wire_loses_but_the_trace_does() {
    let mut testbed = testbed(|_, asked, out| {
        if asked == Asked::Reset {
            (1..=3).for_each(|name| out.frame([name]));
            return Wake::At(at(1));
        }
        (4..=6).for_each(|name| out.frame([name]));
        Wake::Never
    });
    testbed.impair(Direction::FromDevice, Impairment::lose().when(When::Nth(2)));
    testbed.impair(Direction::ToDevice, Impairment::lose());
    assert_eq!(events(&mut testbed, 1), [(0, 1), (0, 2), (0, 3), (1, 4), (1, 6)]);
    let lost =
        testbed.trace().frames().filter(|(_, frame)| frame.is_lost()).map(|(_, frame)| frame.octets[0]);
    assert_eq!(lost.collect::<Vec<_>>(), [5]);
}

#[test]
fn wakes_without_end_at_one_instant_are_a_livelock() {
    let mut testbed = testbed(|_, asked, _| match asked {
        Asked::Reset => Wake::At(at(5)),
        _ => Wake::Now,
    });
    let Some(Event::DeviceFailed(finding)) = testbed.next_event(at(10)) else { panic!("no finding") };
    assert_eq!((finding.kind, finding.at), (FindingKind::Livelock, at(5)));
    assert_eq!(
        finding.to_string(),
        "livelock at 0.000000005 s, asked to `run`: expected at most 1000 wakes at one instant, got more"
    );
    assert_eq!(testbed.next_event(at(10)), None, "told once");
    assert_eq!(testbed.finding().map(|finding| finding.kind), Some(FindingKind::Livelock));
}

#[test]
fn time_that_creeps_is_a_livelock() {
    let limits = Limits { wakes_per_second: 1_000, ..Limits::default() };
    let mut testbed = Testbed::with_limits(scripted(|now, _, _| Wake::At(at(now + 1_000))), limits);
    testbed.reset(&Setup::default()).unwrap();
    let Some(Event::DeviceFailed(finding)) = testbed.next_event(at(1 << 40)) else { panic!("no finding") };
    assert_eq!(finding.kind, FindingKind::Livelock);
}

#[test]
fn a_device_that_ticks_a_thousand_times_a_second_for_an_hour_is_none() {
    let mut testbed = testbed(|now, _, _| Wake::At(at(now + 1_000_000)));
    let hour = Instant::ZERO + Duration::from_secs(3_600);
    assert_eq!(testbed.next_event(hour), None);
    assert_eq!(testbed.finding(), None);
}

#[test]
fn frames_without_end_at_one_instant_are_a_flood() {
    let limits = Limits { frames_at_one_instant: 10, ..Limits::default() };
    let script = |_: u64, _: Asked, out: &mut Output| {
        (0..11).for_each(|_| out.frame([7]));
        Wake::Never
    };
    let mut testbed = Testbed::with_limits(scripted(script), limits);
    let finding = testbed.reset(&Setup::default()).unwrap_err();
    assert_eq!(finding.kind, FindingKind::Flood);
    assert_eq!(testbed.trace().frames().count(), 10);
}

#[test]
fn frames_without_end_that_nobody_asked_for_are_a_flood() {
    let limits = Limits { frames_unasked: 10, ..Limits::default() };
    let script = |now: u64, asked: Asked, out: &mut Output| {
        if asked == Asked::Run {
            out.frame([7]);
        }
        Wake::At(at(now + 1_000_000))
    };
    let mut testbed = Testbed::with_limits(scripted(script), limits);
    testbed.reset(&Setup::default()).unwrap();
    // What is asked in between starts the count anew.
    let mut frames = 0;
    for _ in 0..5 {
        testbed.transmit(&[1], Fate::Delivered);
        for _ in 0..9 {
            assert!(matches!(testbed.next_event(at(1 << 40)), Some(Event::Frame { .. })));
            frames += 1;
        }
    }
    while let Some(Event::Frame { .. }) = testbed.next_event(at(1 << 40)) {
        frames += 1;
    }
    assert_eq!(testbed.finding().map(|finding| finding.kind), Some(FindingKind::Flood));
    assert!((46..=55).contains(&frames), "{frames}");
}

#[test]
fn a_panic_is_the_finding_crash_and_what_was_sent_before_counts() {
    let mut testbed = testbed(|_, asked, out| {
        if asked == Asked::Run {
            out.frame([1]);
            panic!("attempt to be clever");
        }
        Wake::At(at(5))
    });
    assert_eq!(events(&mut testbed, 9), [(5, 1), (5, 0xff)]);
    let finding = testbed.finding().unwrap();
    assert_eq!((finding.kind, finding.request.as_str()), (FindingKind::Crash, "run"));
    assert!(finding.message.starts_with("the device crashed: attempt to be clever ("), "{finding}");
    let last = testbed.trace().entries().next_back().map(|entry| entry.item.clone());
    assert_eq!(last, Some(TraceItem::Finding(finding.clone())));
    testbed.call(STATE);
    assert_eq!(testbed.next_event(at(20)), None, "a crashed device is asked nothing more");
}

#[test]
fn a_reset_after_a_crash_begins_anew() {
    let mut resets = 0;
    let mut testbed = testbed(move |_, asked, _| match asked {
        Asked::Reset => {
            resets += 1;
            if resets == 1 { Wake::At(at(5)) } else { Wake::Never }
        }
        _ => panic!("once"),
    });
    assert!(testbed.next_event(at(9)).is_some());
    testbed.reset(&Setup::default()).unwrap();
    assert_eq!((testbed.now(), testbed.finding(), testbed.trace().entries().count()), (at(0), None, 0));
    assert_eq!(testbed.next_event(at(9)), None);
}

#[test]
fn a_wake_in_the_past_breaks_the_protocol() {
    let mut testbed = testbed(|_, asked, _| match asked {
        Asked::Reset => Wake::At(at(5)),
        _ => Wake::At(at(4)),
    });
    let Some(Event::DeviceFailed(finding)) = testbed.next_event(at(9)) else { panic!("no finding") };
    assert_eq!(finding.kind, FindingKind::Protocol);
    assert!(finding.message.contains("expected later than 0.000000005, got 0.000000004"), "{finding}");
}

#[test]
fn a_result_comes_once_and_only_for_a_call_that_is_pending() {
    let mut testbed = testbed(|_, asked, out| {
        if let Asked::Call(id) = asked {
            out.result(id, Ok(CallValue::Done));
            out.result(id, Ok(CallValue::Done));
        }
        Wake::Never
    });
    let call = testbed.call(Call::Shutdown { socket: SocketId(1), how: ShutdownHow::Write });
    let Some(Event::Result { id, result, .. }) = testbed.next_event(at(0)) else { panic!("no result") };
    assert_eq!((id, result), (call, Ok(CallValue::Done)));
    let Some(Event::DeviceFailed(finding)) = testbed.next_event(at(0)) else { panic!("no finding") };
    assert_eq!(finding.kind, FindingKind::Protocol);
}

#[test]
fn the_trace_holds_frames_calls_results_and_logs_in_order_with_their_fates() {
    let mut testbed = testbed(|_, asked, out| {
        if let Asked::Call(id) = asked {
            out.log("thinking");
            out.frame([1]);
            out.result(id, Ok(CallValue::Taken(5)));
        }
        Wake::Never
    });
    testbed.transmit(&[7], Fate::Lost);
    testbed.call(STATE);
    let Some(Event::Frame { id, .. }) = testbed.next_event(at(0)) else { panic!("no frame") };
    testbed.set_fate(id, Fate::Lost);
    testbed.annotate(id, "row 3");
    let told = testbed.trace().entries().map(|entry| match &entry.item {
        TraceItem::Frame(frame) => format!("{} {:?} {:?}", frame.direction, frame.fates, frame.notes),
        TraceItem::Call { id, call } => format!("call {id} {call}"),
        TraceItem::Result { id, result } => format!("result {id} {}", crate::device::print_result(result)),
        TraceItem::Log(text) => format!("log {text}"),
        TraceItem::Finding(finding) => finding.to_string(),
    });
    let expected =
        ["--> [Lost] []", "call 1 state 1", "log thinking", r#"<-- [Lost] ["row 3"]"#, "result 1 ok 5"];
    assert_eq!(told.collect::<Vec<_>>(), expected);
}
