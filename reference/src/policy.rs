//! Every choice that the RFCs leave open, each with its default and the source of that default.
//!
//! The rules themselves are not here: what an RFC fixes is code. [`Policy::rfc9293`] is the default;
//! [`Policy::rfc793`] answers the way a stack did before RFC 5961 and its kin, as far as that differs on the wire.

use crate::time::Duration;
use crate::wire::SourceRoute;

/// What the user of one connection, or the builder of a stack, may choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// RTO before any round trip is measured; a second or more. RFC 6298 2.1: 1 s.
    pub rto_initial: Duration,
    /// The shortest RTO. RFC 6298 2.4: 1 s.
    pub rto_min: Duration,
    /// The longest RTO, also after doubling; at least 60 s. RFC 6298 2.5, 5.5: 60 s.
    pub rto_max: Duration,
    /// RTO of the first data after a SYN or its answer was lost. RFC 6298 5.7: 3 s.
    pub rto_after_syn_loss: Duration,
    /// The clock granularity G, the least variance that an RTO allows for. RFC 6298 2.2, 4: 1 ms, ours.
    pub granularity: Duration,
    /// Maximum segment lifetime; TIME-WAIT lasts twice that. RFC 9293 3.4.2: 2 minutes.
    pub msl: Duration,
    /// How long a connection that its user has left waits in FIN-WAIT-2 for the peer's FIN; `None` for ever, as RFC 9293
    /// has it. 4.4BSD: `tcp_maxidle`, ten minutes, so that peers that are gone do not fill the table.
    pub fin_wait_2: Option<Duration>,
    /// Retransmissions of one segment after which the user hears of the trouble. RFC 9293 3.8.3 SHLD-10: 3.
    pub r1: u32,
    /// How long the retransmissions of one segment must have gone on, from its first transmission to the latest, before
    /// the next time-out ends the connection; `None` for ever. RFC 9293 3.8.3 SHLD-11, MUST-21: 100 s.
    pub r2: Option<Duration>,
    /// The same for a SYN. RFC 9293 3.8.3 MUST-23: 3 minutes.
    pub r2_syn: Duration,
    /// How long what was sent may go without an acknowledgment, or a closed window without an answer to its probes, until
    /// the connection is aborted, in whatever state; `None` leaves it to R2. RFC 9293 3.9.1.1 and 3.10.8, the user timeout:
    /// none, as no user has asked for one.
    pub user_timeout: Option<Duration>,
    /// How long an acknowledgment may wait for company, less than 0.5 s; `None` acknowledges each segment at once.
    /// RFC 9293 3.8.6.3 SHLD-18, MUST-40: 200 ms, as BSD's timer does.
    pub delayed_ack: Option<Duration>,
    /// Whether short segments wait while data is unacknowledged. RFC 9293 3.7.4 SHLD-7, MUST-17: they do.
    pub nagle: Nagle,
    /// The most segments of a first flight, and of the one after a pause; at least 1. RFC 5681 3.1, 4.1: as many as they
    /// allow, two to four by their size.
    pub initial_segments: u32,
    /// How long a sender waits for a window worth using, once nothing is in flight. RFC 9293 3.8.6.2.1: 0.1 to 1 s; 0.5 s.
    pub sws_override: Duration,
    /// Defence against blind resets, SYNs and data. RFC 5961 3.2, 4.2, 5.2 (SHOULD, SHOULD, MAY): on.
    pub blind_attacks: BlindAttacks,
    /// Challenge acknowledgments (and answers to empty segments out of the window) allowed to one connection within
    /// [`Policy::challenge_interval`]. RFC 5961 7: 10.
    pub challenge_limit: u32,
    /// The interval that [`Policy::challenge_limit`] counts over. RFC 5961 7: 5 s.
    pub challenge_interval: Duration,
    /// The largest segment text to offer and to send, in octets, where the link would carry more (the socket option of
    /// that name). RFC 9293 3.7.1: `None`, what the link carries.
    pub mss: Option<u16>,
    /// Differentiated services code point of what is sent, 6 bits. RFC 9293 3.9.1.9 MUST-48; RFC 2474 4.1: 0.
    pub dscp: u8,
    /// TTL or hop limit of what is sent, at least 1. RFC 9293 3.9.2 MUST-49; RFC 1700, "IP parameters": 64.
    pub hop_limit: u8,
    /// The gateways that segments pass, over IPv4. RFC 9293 3.9.2.1 MUST-51: `None`, whatever way there is.
    pub source_route: Option<SourceRoute>,
    /// Whether a connection answers over the source route that its peer came by. RFC 9293 3.9.2.1 MUST-53: it does. It lets
    /// a stranger lead a conversation past himself: networks of today drop such packets (RFC 7126 4.3, 4.4).
    pub return_routes: ReturnRoutes,
    /// Whether the application is told of trouble unasked. RFC 9293 3.9.1.8 MUST-47, SHLD-20: it is, until it says no.
    pub reporting: Reporting,
    /// Receive buffer in octets; more than 65,535 cannot be offered without window scaling. Ours: 65,535.
    pub receive_buffer: u16,
    /// Send buffer in octets. Ours: 65,536.
    pub send_buffer: usize,
    /// What CLOSE does when data was not read, or comes later. RFC 9293 3.6.1 SHLD-3, RFC 2525 2.17: reset.
    pub unread_data: UnreadData,
    /// What a reset does in TIME-WAIT. RFC 1337 3, F1: nothing.
    pub time_wait_reset: TimeWaitReset,
    /// Whether a newer SYN may take over a connection in TIME-WAIT. RFC 9293 3.6.1 MAY-2, RFC 6191 2: it may.
    pub time_wait_reuse: TimeWaitReuse,
}

/// Whether the Nagle algorithm holds back short segments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nagle {
    /// It does.
    On,
    /// Each write leaves at once: the application's "no delay".
    Off,
}

/// Whether in-window resets and SYNs, and old acknowledgments, are doubted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlindAttacks {
    /// RFC 5961: challenged.
    Challenged,
    /// RFC 793: believed.
    Believed,
}

/// Whether the source route of a peer is taken for the way back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReturnRoutes {
    /// On connections that were opened passively, unless the user has named a route.
    Taken,
    /// Answers go whatever way there is.
    Ignored,
}

/// Whether the application is told of soft errors, R1 and urgent data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reporting {
    /// It is.
    On,
    /// It does not want to hear of them.
    Off,
}

/// What happens to a connection whose user closes without having read all that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnreadData {
    /// The peer is told by a reset that data was lost.
    Resets,
    /// The data is thrown away in silence.
    IsDropped,
}

/// What a reset does to a connection in TIME-WAIT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeWaitReset {
    /// Nothing: TIME-WAIT assassination is prevented.
    Ignored,
    /// It ends the wait.
    Closes,
}

/// Whether TIME-WAIT gives way to a newer SYN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeWaitReuse {
    /// To a SYN whose number lies after all that the old connection used.
    NewerSyn,
    /// To none.
    Never,
}

impl Policy {
    /// The user's own limit in place of R2; `None` never gives up.
    pub(crate) const fn set_user_timeout(&mut self, timeout: Option<Duration>) {
        (self.user_timeout, self.r2) = (timeout, None);
    }

    /// RFC 9293 and the RFCs that it names, with all that they recommend.
    pub const fn rfc9293() -> Self {
        Self {
            rto_initial: Duration::from_secs(1),
            rto_min: Duration::from_secs(1),
            rto_max: Duration::from_secs(60),
            rto_after_syn_loss: Duration::from_secs(3),
            granularity: Duration::from_millis(1),
            msl: Duration::from_secs(120),
            fin_wait_2: Some(Duration::from_secs(600)),
            r1: 3,
            r2: Some(Duration::from_secs(100)),
            r2_syn: Duration::from_secs(180),
            user_timeout: None,
            delayed_ack: Some(Duration::from_millis(200)),
            nagle: Nagle::On,
            initial_segments: u32::MAX,
            sws_override: Duration::from_millis(500),
            blind_attacks: BlindAttacks::Challenged,
            challenge_limit: 10,
            challenge_interval: Duration::from_secs(5),
            mss: None,
            dscp: 0,
            hop_limit: 64,
            source_route: None,
            return_routes: ReturnRoutes::Taken,
            reporting: Reporting::On,
            receive_buffer: u16::MAX,
            send_buffer: 65_536,
            unread_data: UnreadData::Resets,
            time_wait_reset: TimeWaitReset::Ignored,
            time_wait_reuse: TimeWaitReuse::NewerSyn,
        }
    }

    /// RFC 793, as RFC 1122 corrected it, where its rules differ from today's: resets and SYNs in the window are believed,
    /// TIME-WAIT can be reset and never gives way, nothing is delayed, unread data is dropped, FIN-WAIT-2 lasts. Congestion
    /// control and RFC 6298 remain.
    pub const fn rfc793() -> Self {
        Self {
            fin_wait_2: None,
            delayed_ack: None,
            nagle: Nagle::Off,
            blind_attacks: BlindAttacks::Believed,
            unread_data: UnreadData::IsDropped,
            time_wait_reset: TimeWaitReset::Closes,
            time_wait_reuse: TimeWaitReuse::Never,
            ..Self::rfc9293()
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::rfc9293()
    }
}
