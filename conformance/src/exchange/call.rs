//! Rows of calls: the device's application does something, and what comes of it.

use wireproof_reference::time::Instant;

use super::Exchange;
use super::application::{BACKLOG, Job, READ_AT_ONCE};
use super::program::RowId;
use super::result::{Judged, wanted};
use super::story::result_text;
use super::thread::{Mismatch, Poll, Progress, Thread};
use super::timing::{Bounds, Within};
use crate::device::{Call, CallId, CallResult, CallValue, OptionName, OptionValue, ShutdownHow, SocketId};
use crate::notation::{CallText, Expectation, How, Payload, Span, Verb};

/// The port on which the device listens if the scenario does not say.
pub const DEVICE_PORT: u16 = 80;

impl Exchange<'_> {
    /// `call`: makes the call in its time; with `->` its result has to come in its time.
    pub(super) fn poll_call(&mut self, thread: &mut Thread, id: RowId, call: &CallText) -> Poll {
        let Progress::Calling(number, bounds) = thread.progress else {
            return if call.expected.is_some() && self.is_awaited_now(thread, id, call) {
                Poll::Act
            } else {
                self.poll_act_in_time(thread, id)
            };
        };
        let Some(expected) = &call.expected else {
            thread.advance();
            return Poll::Moved;
        };
        let Some((time, result)) = self.session.application.result(number).cloned() else {
            return self.await_result(thread, id, expected, bounds);
        };
        self.session.application.take_result(number);
        if let Some(mismatch) = self.untimely_result(thread, id, expected, time, &result, bounds) {
            return mismatch.into();
        }
        match self.judge(thread, id, expected, &result) {
            Ok(Judged::Done) => {
                let row = self.program.row(id);
                self.came_to_pass(thread, row, time.max(thread.view.reference), None);
                Poll::Moved
            }
            Ok(Judged::More) => {
                // What came is a part: the application reads on for the rest.
                thread.progress = Progress::Calling(CallId(u64::MAX), bounds);
                Poll::Act
            }
            Err(mismatch) => (*mismatch).into(),
        }
    }

    /// Whether the row's call is made at once and its result awaited: it is pending, or it is one that waits for the
    /// network and its time is when it ends.
    fn is_awaited_now(&self, thread: &Thread, id: RowId, call: &CallText) -> bool {
        let waits = matches!(call.verb, Verb::Recv { .. } | Verb::Connect { .. } | Verb::Accept);
        let row = self.program.row(id);
        let is_range =
            row.time.as_ref().is_some_and(|time| !matches!(time.span, Span::Exact(_) | Span::Times(_)));
        let pending = self.connection_of(thread, id).ok().and_then(|connection| {
            let name = &thread.view.connections[connection].name;
            self.same_call(name, &call.verb)
        });
        row.time.is_some() && (is_range || waits || pending.is_some())
    }

    /// The same call if it was made before and no row has taken its result.
    fn same_call(&self, connection: &str, verb: &Verb) -> Option<CallId> {
        let is_same = |call: &Call| {
            matches!(
                (verb, call),
                (Verb::Recv { .. }, Call::Recv { .. })
                    | (Verb::Connect { .. }, Call::Connect { .. })
                    | (Verb::Accept, Call::Accept { .. })
            )
        };
        let application = &self.session.application;
        application.pending(connection, is_same).or_else(|| application.ended(connection, is_same))
    }

    fn await_result(
        &mut self,
        thread: &mut Thread,
        id: RowId,
        expected: &Expectation,
        bounds: Bounds,
    ) -> Poll {
        if self.session.now() < bounds.to {
            return Poll::Wait(bounds.to);
        }
        if *expected == Expectation::Pending {
            self.came_to_pass(thread, self.program.row(id), bounds.to, None);
            return Poll::Moved;
        }
        let reference = self.reference(&thread.view, id).unwrap_or(thread.view.reference);
        let summary = match bounds.to.since(reference).as_nanos() {
            0 => "the call had no result at once".to_owned(),
            _ => format!("the call had no result within {}", bounds.to.since(reference)),
        };
        Mismatch { expected: expected.to_string(), ..Mismatch::at(id, summary) }.into()
    }

    fn untimely_result(
        &self,
        thread: &Thread,
        id: RowId,
        expected: &Expectation,
        time: Instant,
        result: &CallResult,
        bounds: Bounds,
    ) -> Option<Mismatch> {
        // What ended before the row came to its turn waits for it, as segments do.
        let is_early = time < bounds.from && time >= thread.view.reference;
        // A call that has to stay pending has no right time to end.
        if *expected == Expectation::Pending || !is_early && time <= bounds.to {
            return None;
        }
        let reference = self.reference(&thread.view, id).unwrap_or(thread.view.reference);
        let (came, from, to) =
            (time.since(reference), bounds.from.since(reference), bounds.to.since(reference));
        let summary = format!("the result came after {came}, not within {from}..{to}");
        let got = result_text(result);
        Some(Mismatch { expected: expected.to_string(), got, ..Mismatch::at(id, summary) })
    }

    /// Makes the call of a row.
    pub(super) fn make_call(
        &mut self,
        thread: &mut Thread,
        id: RowId,
        text: &CallText,
    ) -> Result<(), Box<Mismatch>> {
        let connection = self.connection_of(thread, id)?;
        let name = thread.view.connections[connection].name.clone();
        let bounds = self.result_bounds(thread, id, text)?;
        // What the device does because of the call comes after it, where time passes meanwhile.
        let made = self.session.now();
        let more = matches!(thread.progress, Progress::Calling(..));
        if !more
            && text.expected.is_some()
            && let Some(same) = self.same_call(&name, &text.verb)
        {
            thread.progress = Progress::Calling(same, bounds);
            return Ok(());
        }
        let Some(call) = self.call_of(thread, id, connection, text)? else {
            return self.call_done(thread, id, text, (made, bounds), None);
        };
        if self.waits_behind(&name, &call, text) {
            self.session.application.wait_behind(&name, Job::Call(call));
            return self.call_done(thread, id, text, (made, bounds), None);
        }
        if matches!(call, Call::Abort { .. }) {
            self.session.application.drop_backlog(&name);
        }
        if let Call::Close { socket } = call {
            self.session.application.remove_listener(socket);
        }
        if let Call::Connect { socket, .. } = call {
            self.session.application.set_socket(&name, socket);
        }
        let number = self
            .session
            .call(&name, call.clone())
            .map_err(|interruption| self.interrupted(id, &interruption))?;
        if let (Call::Listen { socket, port, .. }, Some((_, Ok(_)))) =
            (&call, self.session.application.result(number))
        {
            self.session
                .listening(*socket, *port)
                .map_err(|interruption| self.interrupted(id, &interruption))?;
        }
        self.note_written(thread, connection, &name, &call, number);
        self.call_done(thread, id, text, (made, bounds), Some(number))
    }

    /// The call is made: the row awaits its result, or, without `->`, only that it is no error.
    fn call_done(
        &mut self,
        thread: &mut Thread,
        id: RowId,
        text: &CallText,
        (made, bounds): (Instant, Bounds),
        number: Option<CallId>,
    ) -> Result<(), Box<Mismatch>> {
        let row = self.program.row(id);
        match (&text.expected, number) {
            (Some(_), Some(number)) => {
                thread.progress = Progress::Calling(number, bounds);
                return Ok(());
            }
            (None, Some(number)) => {
                let result = self.session.application.result(number).cloned();
                if let Some((_, Err(errno))) = result {
                    let summary = format!("the call failed: {errno}");
                    let got = format!("error {errno}");
                    return Err(Box::new(Mismatch { got, ..Mismatch::at(id, summary) }));
                }
                if result.is_some() && !matches!(text.verb, Verb::Recv { .. } | Verb::Connect { .. }) {
                    self.session.application.take_result(number);
                }
            }
            (_, None) => {}
        }
        self.came_to_pass(thread, row, made, None);
        Ok(())
    }

    /// Whether the call has to wait until the socket has taken what it was given before.
    fn waits_behind(&self, name: &str, call: &Call, text: &CallText) -> bool {
        let in_order = matches!(
            call,
            Call::Fill { .. } | Call::Send { .. } | Call::Close { .. } | Call::Shutdown { .. }
        );
        in_order && text.expected.is_none() && self.session.application.has_backlog(name)
    }

    /// What the application wrote counts on the stream; what its socket did not take is offered again.
    fn note_written(
        &mut self,
        thread: &mut Thread,
        connection: usize,
        name: &str,
        call: &Call,
        number: CallId,
    ) {
        let taken = match self.session.application.result(number) {
            Some((_, Ok(CallValue::Taken(taken)))) => *taken,
            Some(_) | None => return,
        };
        let tester = &mut thread.view.connections[connection];
        let is_awaited = matches!(self.program.operation(thread.at), Some(super::program::Operation::Row(id))
            if matches!(&self.program.row(*id).action, crate::notation::Action::Call(text) if text.expected.is_some()));
        let rest = match call {
            Call::Fill { offset, count, .. } if taken < *count => {
                Some((Job::Fill(offset + taken, count - taken), count - taken))
            }
            Call::Send { data, .. } => {
                let rest =
                    usize::try_from(taken).ok().and_then(|taken| data.get(taken..)).unwrap_or_default();
                (!rest.is_empty()).then(|| (Job::Send(rest.to_vec()), rest.len() as u64))
            }
            _ => None,
        };
        tester.written += i64::try_from(taken).unwrap_or(i64::MAX);
        if let Some((job, count)) = rest
            && !is_awaited
        {
            tester.written += i64::try_from(count).unwrap_or(i64::MAX);
            self.session.application.wait_behind(name, job);
        }
    }

    /// When the result has to come.
    fn result_bounds(&self, thread: &Thread, id: RowId, text: &CallText) -> Result<Bounds, Box<Mismatch>> {
        if let Progress::Calling(_, bounds) = thread.progress {
            return Ok(bounds);
        }
        let row = self.program.row(id);
        let within = match &row.time {
            Some(time) if self.is_awaited_now(thread, id, text) => {
                self.session.timing().awaited(&time.span, thread.view.interval)
            }
            Some(_) | None => {
                let now = self.session.now();
                let at_once: Within = self.session.timing().due_at_once();
                // A call that was pending may have ended since the row before.
                return Ok(Bounds { from: thread.view.reference.min(now), ..at_once.after(now) });
            }
        };
        Ok(within.after(self.reference(&thread.view, id)?))
    }

    /// The call that the row's words mean; None if there is nothing to call (`accept`: the application accepts at
    /// once).
    fn call_of(
        &mut self,
        thread: &mut Thread,
        id: RowId,
        connection: usize,
        text: &CallText,
    ) -> Result<Option<Call>, Box<Mismatch>> {
        let name = thread.view.connections[connection].name.clone();
        Ok(Some(match &text.verb {
            Verb::Listen { port, backlog } => {
                let port = port.or(thread.view.connections[connection].device_port).unwrap_or(DEVICE_PORT);
                let socket = self.session.application.new_socket();
                Call::Listen { socket, port, backlog: backlog.unwrap_or(BACKLOG) }
            }
            Verb::Accept => {
                self.socket(id, &name)?;
                return Ok(None);
            }
            Verb::Connect { peer, local_port } => {
                let tester = &thread.view.connections[connection];
                let (address, port) =
                    peer.unwrap_or_else(|| (self.session.address(tester.host), tester.tester_port));
                let application = &mut self.session.application;
                let socket = application.take_unused(&name).unwrap_or_else(|| application.new_socket());
                // Its port is new: the first segment shows it, unless the row says it.
                thread.view.connections[connection].device_port = *local_port;
                Call::Connect { socket, address, port, local_port: *local_port }
            }
            Verb::Send(payload) => self.send_call(thread, id, connection, payload, false)?,
            Verb::SendUrgent(payload) => self.send_call(thread, id, connection, payload, true)?,
            Verb::Recv { max } => {
                let wanted = max.map(u64::from).or_else(|| wanted(text.expected.as_ref(), self.partly));
                Call::Recv { socket: self.socket(id, &name)?, max: wanted.unwrap_or(READ_AT_ONCE).max(1) }
            }
            Verb::Shutdown(how) => Call::Shutdown {
                socket: self.socket(id, &name)?,
                how: match how {
                    How::Write => ShutdownHow::Write,
                    How::Read => ShutdownHow::Read,
                    How::Both => ShutdownHow::Both,
                },
            },
            Verb::Close => Call::Close { socket: self.socket_or_listener(thread, id, connection)? },
            Verb::Abort => Call::Abort { socket: self.socket_or_listener(thread, id, connection)? },
            Verb::State => Call::State { socket: self.socket_or_listener(thread, id, connection)? },
            Verb::Children => Call::Children { listener: self.listener(thread, id, connection)? },
            Verb::Set { option, value } => self.set_call(thread, id, connection, option, value)?,
        }))
    }

    fn send_call(
        &mut self,
        thread: &mut Thread,
        id: RowId,
        connection: usize,
        payload: &Payload,
        is_urgent: bool,
    ) -> Result<Call, Box<Mismatch>> {
        let tester = &mut thread.view.connections[connection];
        let socket =
            self.session.application.socket(&tester.name).ok_or_else(|| no_socket(id, &tester.name))?;
        let offset = u64::try_from(tester.written).unwrap_or_default();
        let data = match payload {
            Payload::Literal(octets) => {
                if !tester.device_stream.write(tester.written, octets) {
                    return Err(Mismatch::of_the_ladder(id, super::act::too_many_literals()));
                }
                octets.clone()
            }
            Payload::Count(count) if is_urgent => {
                tester.device_stream.octets(tester.written, usize::try_from(*count).unwrap_or_default())
            }
            Payload::Count(count) => return Ok(Call::Fill { socket, offset, count: u64::from(*count) }),
        };
        Ok(if is_urgent { Call::SendUrgent { socket, data } } else { Call::Send { socket, data } })
    }

    fn set_call(
        &mut self,
        thread: &Thread,
        id: RowId,
        connection: usize,
        option: &str,
        value: &str,
    ) -> Result<Call, Box<Mismatch>> {
        let unknown = |what: &str| Mismatch::of_the_ladder(id, format!("set: {what}"));
        let option =
            OptionName::from_word(option).ok_or_else(|| unknown(&format!("there is no option {option}")))?;
        let value = match value.parse() {
            Ok(number) => OptionValue::Number(number),
            Err(_) => OptionValue::Word(value.to_owned()),
        };
        let name = &thread.view.connections[connection].name;
        let socket = match self.socket_or_listener(thread, id, connection) {
            Ok(socket) => socket,
            Err(_) => {
                // On a socket not yet used it is kept until `connect`.
                let socket = self.session.application.new_socket();
                self.session.application.set_unused(name, socket);
                socket
            }
        };
        Ok(Call::Set { socket, option, value })
    }

    fn socket(&self, id: RowId, name: &str) -> Result<SocketId, Box<Mismatch>> {
        self.session.application.socket(name).ok_or_else(|| no_socket(id, name))
    }

    fn listener(&self, thread: &Thread, id: RowId, connection: usize) -> Result<SocketId, Box<Mismatch>> {
        let port = thread.view.connections[connection].device_port;
        let listener = self.session.application.listener(port);
        listener
            .map(|listener| listener.socket)
            .ok_or_else(|| Mismatch::of_the_ladder(id, "the device does not listen"))
    }

    /// The connection's socket; before the device has one for it, the listener's.
    fn socket_or_listener(
        &self,
        thread: &Thread,
        id: RowId,
        connection: usize,
    ) -> Result<SocketId, Box<Mismatch>> {
        let name = &thread.view.connections[connection].name;
        self.socket(id, name).or_else(|mismatch| self.listener(thread, id, connection).map_err(|_| mismatch))
    }
}

fn no_socket(id: RowId, name: &str) -> Box<Mismatch> {
    Box::new(Mismatch::at(
        id,
        format!("the application has no socket for connection {name}: nothing was accepted or opened"),
    ))
}
