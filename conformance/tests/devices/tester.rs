//! The tester's end of one connection to a device.

use super::packets::{ACK, FIN, PSH, SYN, Segment, Version, answer, question};
use wireproof::device::{self, Call, CallId, CallResult, CallValue, Setup, SocketId, TcpState};
use wireproof::ethernet::Fate;
use wireproof::testbed::{Event, Testbed};
use wireproof_reference::time::Duration;

/// The tester's first sequence number.
pub(crate) const ISS: u32 = 0xffff_fff0;

pub(crate) struct Tester {
    pub(crate) name: &'static str,
    pub(crate) version: Version,
    pub(crate) testbed: Testbed,
    /// Segments that have come and nobody looked at.
    pub(crate) segments: Vec<Segment>,
    pub(crate) results: Vec<(CallId, CallResult)>,
    pub(crate) ports: (u16, u16),
    pub(crate) seq: u32,
    pub(crate) ack: u32,
    next_socket: u32,
}

impl Tester {
    pub(crate) fn new(name: &'static str, version: Version, seed: u64) -> Self {
        let mut testbed = Testbed::in_virtual_time(device::open(name).expect("a device of this process"));
        testbed.reset(&Setup { seed: Some(seed), ..Setup::default() }).expect("a fresh stack");
        let (segments, results) = (Vec::new(), Vec::new());
        Self {
            name,
            version,
            testbed,
            segments,
            results,
            ports: (4_000, 80),
            seq: ISS,
            ack: 0,
            next_socket: 1,
        }
    }

    /// The neighbours know each other.
    pub(crate) fn acquainted(name: &'static str, version: Version, seed: u64) -> Self {
        let mut tester = Self::new(name, version, seed);
        tester.transmit(&question(version));
        tester.rest();
        tester
    }

    pub(crate) fn transmit(&mut self, frame: &[u8]) {
        self.testbed.transmit(frame, Fate::Delivered);
    }

    /// Takes in all that happens within `millis`, answers questions for our address.
    pub(crate) fn wait(&mut self, millis: u64) {
        let until = self.testbed.now() + Duration::from_millis(millis);
        while let Some(event) = self.testbed.next_event(until) {
            match event {
                Event::Frame { octets, .. } => {
                    if let Some(answer) = answer(&octets) {
                        self.transmit(&answer);
                    }
                    self.segments.extend(Segment::read(self.version, &octets));
                }
                Event::Result { id, result, .. } => self.results.push((id, result)),
                Event::DeviceFailed(finding) => panic!("{}: {finding}", self.name),
            }
        }
    }

    pub(crate) fn rest(&mut self) {
        self.wait(0);
    }

    pub(crate) fn socket(&mut self) -> SocketId {
        self.next_socket += 1;
        SocketId(self.next_socket - 1)
    }

    /// A call whose result is there at once.
    pub(crate) fn call(&mut self, call: Call) -> CallResult {
        let text = call.to_string();
        let id = self.testbed.call(call);
        self.rest();
        self.result(id).unwrap_or_else(|| panic!("{}: no result of {text}", self.name))
    }

    pub(crate) fn result(&mut self, id: CallId) -> Option<CallResult> {
        let at = self.results.iter().position(|(of, _)| *of == id)?;
        Some(self.results.remove(at).1)
    }

    pub(crate) fn state(&mut self, socket: SocketId) -> TcpState {
        match self.call(Call::State { socket }) {
            Ok(CallValue::State(state)) => state,
            other => panic!("{}: {other:?}", self.name),
        }
    }

    pub(crate) fn send(&mut self, flags: u8, data: &[u8]) {
        let ack = if flags & ACK == 0 { 0 } else { self.ack };
        let segment = Segment { ports: self.ports, seq: self.seq, ack, flags, data: data.to_vec() };
        self.transmit(&segment.frame(self.version));
        self.seq = self.seq.wrapping_add(data.len() as u32 + u32::from(flags & (SYN | FIN) != 0));
    }

    /// The next segment has come within `millis`; the tester has then received it.
    pub(crate) fn expect(&mut self, millis: u64, flags: u8) -> Segment {
        self.rest();
        if self.segments.is_empty() {
            self.wait(millis);
        }
        assert!(!self.segments.is_empty(), "{} {:?}: nothing came", self.name, self.version);
        let segment = self.segments.remove(0);
        assert_eq!(segment.flags & !PSH, flags, "{} {:?}: {segment:?}", self.name, self.version);
        assert_eq!(segment.ports, (self.ports.1, self.ports.0));
        let len = segment.data.len() as u32 + u32::from(flags & (SYN | FIN) != 0);
        self.ack = segment.seq.wrapping_add(len);
        segment
    }

    /// Begins to connect to the tester's port 7.
    pub(crate) fn connect(&mut self) -> (SocketId, CallId) {
        self.ports = (7, 50_000);
        let (socket, address) = (self.socket(), self.version.tester());
        (socket, self.testbed.call(Call::Connect { socket, address, port: 7, local_port: Some(50_000) }))
    }

    /// Listener and accepted connection.
    pub(crate) fn established(&mut self) -> (SocketId, SocketId) {
        let (listener, socket) = (self.socket(), self.socket());
        let listen = Call::Listen { socket: listener, port: 80, backlog: 5 };
        assert_eq!(self.call(listen), Ok(CallValue::Done));
        let accept = self.testbed.call(Call::Accept { socket, listener });
        self.send(SYN, &[]);
        assert_eq!(self.expect(0, SYN | ACK).ack, self.seq);
        self.send(ACK, &[]);
        self.rest();
        assert_eq!(self.result(accept), Some(Ok(CallValue::Endpoint(self.version.tester(), 4_000))));
        (listener, socket)
    }
}
