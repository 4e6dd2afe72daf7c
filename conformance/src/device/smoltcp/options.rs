//! Socket options that smoltcp offers.

use crate::device::{Errno, OptionName, OptionValue};
use smoltcp::socket::tcp::{Socket, SocketBuffer};
use smoltcp::time::{Duration, Instant};
use std::cell::Cell;

/// Receive and send buffer unless set: the largest window without scaling.
const DEFAULT_BUFFER: usize = 65_535;
/// The largest buffer that a test may ask for.
const MAX_BUFFER: u64 = 16 << 20;
/// RFC 9293 3.8.4: not less than two hours (MUST-28); smoltcp has no default of its own.
const DEFAULT_KEEP_IDLE_MS: u64 = 7_200_000;

thread_local! {
    /// smoltcp asks for timestamps through a bare function; this is the clock behind it.
    static MILLISECONDS: Cell<u32> = const { Cell::new(0) };
}

/// Sets the clock that timestamps of this thread's stack show.
pub(super) fn set_timestamp_clock(now: Instant) {
    // A timestamp has 32 bits and wraps (RFC 7323 5.4).
    MILLISECONDS.set(now.total_millis() as u32);
}

fn timestamp() -> u32 {
    MILLISECONDS.get()
}

/// What an application asked for. Kept for a socket that is not yet used, inherited by what a listener accepts.
#[derive(Clone, Debug)]
pub(super) struct Options {
    nodelay: bool,
    keepalive: bool,
    keepidle_ms: u64,
    usertimeout_ms: u64,
    /// `None`: the stack's own.
    ackdelay_ms: Option<u64>,
    timestamps: bool,
    rcvbuf: usize,
    sndbuf: usize,
    /// `None`: the stack's own.
    hop_limit: Option<u8>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            nodelay: false,
            keepalive: false,
            keepidle_ms: DEFAULT_KEEP_IDLE_MS,
            usertimeout_ms: 0,
            ackdelay_ms: None,
            timestamps: false,
            rcvbuf: DEFAULT_BUFFER,
            sndbuf: DEFAULT_BUFFER,
            hop_limit: None,
        }
    }
}

impl Options {
    /// Keeps an option. `EINVAL` for a value that cannot be, `ENOTSUP` for an option that smoltcp has not.
    pub(super) fn keep(&mut self, option: OptionName, value: &OptionValue) -> Result<(), Errno> {
        let number = value.number().ok_or(Errno::EINVAL)?;
        let switch = match number {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Errno::EINVAL),
        };
        let buffer =
            if (1..=MAX_BUFFER).contains(&number) { Ok(number as usize) } else { Err(Errno::EINVAL) };
        match option {
            OptionName::Nodelay => self.nodelay = switch?,
            OptionName::Keepalive => self.keepalive = switch?,
            OptionName::Keepidle => self.keepidle_ms = number,
            OptionName::Usertimeout => self.usertimeout_ms = number,
            OptionName::Ackdelay => self.ackdelay_ms = Some(number),
            OptionName::Timestamps => self.timestamps = switch?,
            OptionName::Rcvbuf => self.rcvbuf = buffer?,
            OptionName::Sndbuf => self.sndbuf = buffer?,
            OptionName::Ttl => match u8::try_from(number) {
                // smoltcp panics on 0, which no packet may leave with (RFC 1122 3.2.1.7).
                Ok(hops @ 1..) => self.hop_limit = Some(hops),
                Ok(0) | Err(_) => return Err(Errno::EINVAL),
            },
            OptionName::Keepinterval
            | OptionName::Keepcount
            | OptionName::Linger
            | OptionName::Mss
            | OptionName::Sack
            | OptionName::Windowscale
            | OptionName::Congestion
            | OptionName::Dscp => return Err(Errno::ENOTSUP),
        }
        Ok(())
    }

    /// Whether the option can change on a socket that is in use.
    pub(super) const fn is_late(option: OptionName) -> bool {
        !matches!(option, OptionName::Rcvbuf | OptionName::Sndbuf | OptionName::Timestamps)
    }

    /// A fresh socket with these options.
    pub(super) fn socket(&self) -> Socket<'static> {
        let buffer = |octets: usize| SocketBuffer::new(vec![0; octets]);
        let mut socket = Socket::new(buffer(self.rcvbuf), buffer(self.sndbuf));
        if self.timestamps {
            socket.set_tsval_generator(Some(timestamp));
        }
        self.apply(&mut socket);
        socket
    }

    /// Sets what can be set at any time.
    pub(super) fn apply(&self, socket: &mut Socket<'static>) {
        let some = |millis: u64| (millis != 0).then(|| Duration::from_millis(millis));
        socket.set_nagle_enabled(!self.nodelay);
        socket.set_keep_alive(if self.keepalive { some(self.keepidle_ms) } else { None });
        socket.set_timeout(some(self.usertimeout_ms));
        socket.set_hop_limit(self.hop_limit);
        if let Some(millis) = self.ackdelay_ms {
            socket.set_ack_delay(some(millis));
        }
    }
}
