//! What the judge is shown, and a segment as its rules see it: every header read once.

use core::net::SocketAddr;

use wireproof_reference::time::Instant;
use wireproof_reference::wire::{
    Ip, Packet, Protocol, Tcp, TcpFlags, TcpOption, TcpOptions, Transport, Verdict,
};

use super::judgement::End;
use super::plain::Plain;

/// A packet that was seen.
#[derive(Clone, Copy, Debug)]
pub struct Observed<'a> {
    /// Its number, by which breaks name it.
    pub number: u64,
    /// When it was seen. Times that go back count as no progress.
    pub time: Instant,
    /// The packet, as far as it was captured.
    pub packet: &'a Packet<'a>,
    /// How many of its last octets the capture left away.
    pub missing: usize,
    /// What became of it.
    pub arrival: Arrival,
    /// Whether its sender is judged. In a capture both are.
    pub is_judged: bool,
}

/// Whether a packet reached the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// Nobody knows: a capture.
    Unknown,
    /// At that very time, as it was sent.
    Arrived,
    /// It never did, or not at that time, or damaged.
    Lost,
}

/// Whether a checksum is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sum {
    Right,
    Wrong,
    /// Parts are missing, or there is none.
    Unknown,
}

impl Sum {
    /// By what is left of a sum over all that a checksum covers and itself: zero if it is right.
    #[inline]
    pub(super) const fn from_rest(rest: u16) -> Self {
        if rest == 0 { Self::Right } else { Self::Wrong }
    }
}

impl From<Verdict> for Sum {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Right => Self::Right,
            Verdict::Wrong => Self::Wrong,
            Verdict::None => Self::Unknown,
        }
    }
}

/// The options of a segment that rules ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Options {
    pub(super) mss: Option<u16>,
    pub(super) scale: Option<u8>,
    pub(super) sack_permitted: bool,
    pub(super) timestamps: Option<(u32, u32)>,
    /// SACK blocks, the first `sack_blocks` of them.
    pub(super) sack: [(u32, u32); 4],
    pub(super) sack_blocks: u8,
    pub(super) fast_open: bool,
    /// MD5 or AO, without whose keys nobody can tell what is accepted.
    pub(super) is_signed: bool,
    pub(super) is_multipath: bool,
    pub(super) is_malformed: bool,
    /// Something else than zeros behind the end of the list.
    pub(super) is_badly_padded: bool,
    /// The capture left some away.
    pub(super) is_cut: bool,
    /// There are none, or timestamps alone, as RFC 7323 appendix A lays them out.
    pub(super) are_usual: bool,
    /// Octets of all options.
    pub(super) len: u8,
}

impl Options {
    #[inline]
    fn read(octets: &[u8]) -> Self {
        match *octets {
            [] => Self { are_usual: true, ..Self::default() },
            [1, 1, 8, 10, v0, v1, v2, v3, e0, e1, e2, e3] => {
                let timestamps = (u32::from_be_bytes([v0, v1, v2, v3]), u32::from_be_bytes([e0, e1, e2, e3]));
                Self { timestamps: Some(timestamps), are_usual: true, len: 12, ..Self::default() }
            }
            _ => Self::walk(octets),
        }
    }

    fn walk(octets: &[u8]) -> Self {
        let mut read = Self { len: u8::try_from(octets.len()).unwrap_or(u8::MAX), ..Self::default() };
        let mut at = 0;
        for option in TcpOptions::new(octets).iter() {
            let Ok(option) = option else {
                read.is_malformed = true;
                break;
            };
            at += option.wire_len();
            match option {
                TcpOption::MaximumSegmentSize(mss) => read.mss = Some(mss),
                TcpOption::WindowScale(scale) => read.scale = Some(scale),
                TcpOption::SackPermitted => read.sack_permitted = true,
                TcpOption::Timestamps { value, echo } => read.timestamps = Some((value, echo)),
                TcpOption::Sack(blocks) => {
                    for (place, block) in read.sack.iter_mut().zip(blocks.iter()) {
                        *place = (block.left, block.right);
                        read.sack_blocks += 1;
                    }
                }
                TcpOption::FastOpen(_) | TcpOption::FastOpenExperimental(_) => read.fast_open = true,
                TcpOption::Md5(_) | TcpOption::Ao { .. } => read.is_signed = true,
                TcpOption::Mptcp(_) => read.is_multipath = true,
                TcpOption::EndOfList => {
                    read.is_badly_padded = octets.iter().skip(at).any(|octet| *octet != 0);
                    break;
                }
                TcpOption::NoOperation
                | TcpOption::UserTimeout { .. }
                | TcpOption::AccEcn0(_)
                | TcpOption::AccEcn1(_)
                | TcpOption::Unknown { .. } => {}
            }
        }
        read
    }

    /// The SACK blocks.
    pub(super) fn blocks(&self) -> &[(u32, u32)] {
        &self.sack[..usize::from(self.sack_blocks)]
    }
}

/// What is kept of an end's SYN.
#[derive(Clone, Copy, Debug)]
pub(super) struct Syn {
    pub(super) number: u64,
    pub(super) seq: u32,
    /// The number behind its last.
    pub(super) end: u32,
    pub(super) has_ack: bool,
    pub(super) is_v6: bool,
    pub(super) options: SynOptions,
}

/// What it offers.
#[derive(Clone, Copy, Debug)]
pub(super) struct SynOptions {
    pub(super) mss: Option<u16>,
    pub(super) scale: Option<u8>,
    pub(super) sack_permitted: bool,
    pub(super) has_timestamps: bool,
    pub(super) is_multipath: bool,
    pub(super) is_cut: bool,
}

impl Syn {
    pub(super) fn of(segment: &Segment<'_>) -> Self {
        let Options { mss, scale, sack_permitted, timestamps, is_multipath, is_cut, .. } = segment.options;
        let has_timestamps = timestamps.is_some();
        Self {
            number: segment.number,
            seq: segment.seq,
            end: segment.end(),
            has_ack: segment.ack.is_some(),
            is_v6: segment.is_v6,
            options: SynOptions { mss, scale, sack_permitted, has_timestamps, is_multipath, is_cut },
        }
    }
}

/// A segment of a connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment<'a> {
    pub(super) number: u64,
    pub(super) time: Instant,
    pub(super) from: End,
    pub(super) arrival: Arrival,
    pub(super) is_judged: bool,
    pub(super) seq: u32,
    /// The acknowledgment number, if the ACK bit is set.
    pub(super) ack: Option<u32>,
    pub(super) flags: TcpFlags,
    pub(super) window: u16,
    pub(super) urgent: u16,
    /// How many octets of the stream it bears, captured or not.
    pub(super) len: u32,
    /// Those that were captured.
    pub(super) payload: &'a [u8],
    pub(super) options: Options,
    pub(super) tcp_sum: Sum,
    pub(super) ip_sum: Sum,
    pub(super) is_v6: bool,
    /// Routers may fragment it: IPv4 without DF.
    pub(super) may_be_cut: bool,
    /// IPv4's identification, to know a frame that was captured twice.
    pub(super) identification: Option<u16>,
    pub(super) checksum: u16,
}

impl<'a> Segment<'a> {
    /// The segment of a packet, from one of two ends.
    pub(super) fn read(seen: &Observed<'a>, tcp: &Tcp<'a>, from: End) -> Self {
        let missing = u32::try_from(seen.missing).unwrap_or(u32::MAX);
        let is_cut = matches!(seen.packet.transport, Transport::Unreadable { .. });
        let is_whole =
            missing == 0 && !is_cut && !(seen.arrival == Arrival::Unknown && is_unfilled(seen.packet, tcp));
        let (ip_sum, tcp_sum) = if is_whole {
            let sums = seen.packet.checksums();
            (sums.ip.into(), sums.transport.into())
        } else {
            (header_sum(&seen.packet.ip), Sum::Unknown)
        };
        let (is_v6, identification, may_be_cut) = match &seen.packet.ip {
            Ip::V4(ip) => (false, Some(ip.identification), !ip.dont_fragment),
            Ip::V6(_) => (true, None, false),
        };
        Self {
            number: seen.number,
            time: seen.time,
            from,
            arrival: seen.arrival,
            is_judged: seen.is_judged,
            seq: tcp.seq,
            ack: tcp.flags.ack().then_some(tcp.ack),
            flags: tcp.flags,
            window: tcp.window,
            urgent: tcp.urgent,
            len: u32::try_from(tcp.payload.len()).unwrap_or(u32::MAX).saturating_add(missing),
            payload: tcp.payload,
            options: Options { is_cut, ..Options::read(tcp.options.octets()) },
            tcp_sum,
            ip_sum,
            is_v6,
            may_be_cut,
            identification,
            checksum: tcp.checksum,
        }
    }

    /// The same of a plain packet in a capture.
    #[inline]
    pub(super) fn plain(plain: &Plain<'a>, number: u64, time: Instant, from: End) -> Self {
        let (ip_sum, tcp_sum) = plain.sums();
        Self {
            number,
            time,
            from,
            arrival: Arrival::Unknown,
            is_judged: true,
            seq: plain.seq,
            ack: plain.flags.ack().then_some(plain.ack),
            flags: plain.flags,
            window: plain.window,
            urgent: plain.urgent,
            len: u32::try_from(plain.payload.len()).unwrap_or(u32::MAX),
            payload: plain.payload,
            options: Options::read(plain.options),
            tcp_sum,
            ip_sum,
            is_v6: plain.identification.is_none(),
            may_be_cut: plain.may_be_cut,
            identification: plain.identification,
            checksum: plain.checksum,
        }
    }

    /// The same without its octets, to be kept.
    pub(super) fn bare(&self) -> Segment<'static> {
        Segment { payload: &[], ..*self }
    }

    /// SEG.LEN: octets, SYN and FIN (RFC 9293 3.4).
    pub(super) fn seg_len(&self) -> u32 {
        self.len.saturating_add(u32::from(self.flags.syn())).saturating_add(u32::from(self.flags.fin()))
    }

    /// The number behind its last.
    pub(super) fn end(&self) -> u32 {
        self.seq.wrapping_add(self.seg_len())
    }

    /// The number of its first octet.
    pub(super) fn first_octet(&self) -> u32 {
        self.seq.wrapping_add(u32::from(self.flags.syn()))
    }

    /// Neither octets nor SYN, FIN, RST.
    pub(super) fn is_pure_ack(&self) -> bool {
        self.seg_len() == 0 && !self.flags.rst() && self.ack.is_some()
    }
}

/// What is remembered of the segment that an end sent last.
#[derive(Clone, Debug)]
pub(super) struct Last {
    pub(super) number: u64,
    pub(super) time: Instant,
    pub(super) seq: u32,
    pub(super) ack: Option<u32>,
    pub(super) len: u32,
    pub(super) flags: TcpFlags,
    pub(super) window: u16,
    pub(super) urgent: u16,
    pub(super) checksum: u16,
    pub(super) identification: Option<u16>,
    /// The timestamp that it echoed, if it had one.
    pub(super) echo: Option<u32>,
    /// Its SACK blocks; there are few who have any.
    blocks: Option<Box<[(u32, u32)]>>,
}

impl Last {
    /// Of a segment; its SACK blocks only if they will be asked for.
    pub(super) fn of(segment: &Segment<'_>, with_blocks: bool) -> Self {
        let blocks = segment.options.blocks();
        Self {
            number: segment.number,
            time: segment.time,
            seq: segment.seq,
            ack: segment.ack,
            len: segment.len,
            flags: segment.flags,
            window: segment.window,
            urgent: segment.urgent,
            checksum: segment.checksum,
            identification: segment.identification,
            echo: segment.options.timestamps.map(|(_, echo)| echo),
            blocks: (with_blocks && !blocks.is_empty()).then(|| blocks.into()),
        }
    }

    /// Neither octets nor SYN, FIN, RST.
    pub(super) fn is_pure_ack(&self) -> bool {
        let Self { flags, .. } = self;
        self.len == 0 && !flags.syn() && !flags.fin() && !flags.rst() && self.ack.is_some()
    }

    /// The SACK blocks.
    pub(super) fn blocks(&self) -> &[(u32, u32)] {
        self.blocks.as_deref().unwrap_or_default()
    }
}

/// Whether an IP header's checksum is right, if it has one.
fn header_sum(ip: &Ip<'_>) -> Sum {
    match ip {
        Ip::V4(header) if header.is_checksum_right() => Sum::Right,
        Ip::V4(_) => Sum::Wrong,
        Ip::V6(_) => Sum::Unknown,
    }
}

/// Whether the checksum is left to the network card: it holds the sum of the pseudo-header alone, as Linux leaves it.
fn is_unfilled(packet: &Packet<'_>, tcp: &Tcp<'_>) -> bool {
    let pseudo = packet.ip.pseudo_header().sum(Protocol::TCP, tcp.wire_len()).checksum();
    tcp.checksum == !pseudo
}

/// What tells of a segment which connection it belongs to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Face {
    pub(super) number: u64,
    pub(super) time: Instant,
    pub(super) is_judged: bool,
    pub(super) from: SocketAddr,
    pub(super) to: SocketAddr,
    pub(super) flags: TcpFlags,
    pub(super) seq: u32,
    pub(super) ack: u32,
}

impl Face {
    pub(super) fn of(seen: &Observed<'_>, tcp: &Tcp<'_>) -> Self {
        let (from, to) = ends(&seen.packet.ip, tcp);
        let Observed { number, time, is_judged, .. } = *seen;
        Self { number, time, is_judged, from, to, flags: tcp.flags, seq: tcp.seq, ack: tcp.ack }
    }

    pub(super) fn plain(plain: &Plain<'_>, number: u64, time: Instant) -> Self {
        let Plain { from, to, flags, seq, ack, .. } = *plain;
        Self { number, time, is_judged: true, from, to, flags, seq, ack }
    }
}

/// Both ends of a packet with a segment.
pub(super) fn ends(ip: &Ip<'_>, tcp: &Tcp<'_>) -> (SocketAddr, SocketAddr) {
    (SocketAddr::new(ip.source(), tcp.source_port), SocketAddr::new(ip.destination(), tcp.destination_port))
}
