//! What a segment says, taken out of its octets once.

use wireproof_reference::wire::{Tcp, TcpOption};

/// The fields of a TCP segment that the tester reckons with. Numbers are those on the wire.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// SEG.SEQ.
    pub seq: u32,
    /// SEG.ACK, of meaning only with ACK.
    pub ack: u32,
    /// The control bits as in the header: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128, AE 256.
    pub bits: u16,
    /// The window field as on the wire.
    pub window: u16,
    /// The urgent pointer field.
    pub urgent: u16,
    /// The octets that it carries.
    pub payload: Vec<u8>,
    /// The options that matter to the tester's own state.
    pub options: Agreed,
}

/// Options as one side wrote them in its SYN, or in this segment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Agreed {
    /// MSS (RFC 9293 3.7.1).
    pub mss: Option<u16>,
    /// Window scale (RFC 7323 2.2).
    pub window_scale: Option<u8>,
    /// SACK permitted (RFC 2018 2).
    pub sack: bool,
    /// TSval and TSecr (RFC 7323 3.2).
    pub timestamps: Option<(u32, u32)>,
}

impl Facts {
    const FIN: u16 = 0x01;
    const SYN: u16 = 0x02;
    const RST: u16 = 0x04;
    const ACK: u16 = 0x10;
    const URG: u16 = 0x20;

    /// The facts of a segment. Malformed options end the walk over them.
    pub fn of(tcp: &Tcp<'_>) -> Self {
        let mut options = Agreed::default();
        for option in tcp.options.iter().map_while(Result::ok) {
            match option {
                TcpOption::MaximumSegmentSize(mss) => options.mss = Some(mss),
                TcpOption::WindowScale(shift) => options.window_scale = Some(shift),
                TcpOption::SackPermitted => options.sack = true,
                TcpOption::Timestamps { value, echo } => options.timestamps = Some((value, echo)),
                _ => {}
            }
        }
        Self {
            seq: tcp.seq,
            ack: tcp.ack,
            bits: tcp.flags.bits(),
            window: tcp.window,
            urgent: tcp.urgent,
            payload: tcp.payload.to_vec(),
            options,
        }
    }

    /// Whether SYN is set.
    pub const fn is_syn(&self) -> bool {
        self.bits & Self::SYN != 0
    }

    /// Whether FIN is set.
    pub const fn is_fin(&self) -> bool {
        self.bits & Self::FIN != 0
    }

    /// Whether RST is set.
    pub const fn is_rst(&self) -> bool {
        self.bits & Self::RST != 0
    }

    /// Whether ACK is set.
    pub const fn is_ack(&self) -> bool {
        self.bits & Self::ACK != 0
    }

    /// Whether URG is set.
    pub const fn is_urgent(&self) -> bool {
        self.bits & Self::URG != 0
    }

    /// Whether it acknowledges and does nothing else: no octets, no SYN, FIN or RST.
    pub fn is_pure_ack(&self) -> bool {
        self.is_ack() && self.bits & (Self::SYN | Self::FIN | Self::RST) == 0 && self.payload.is_empty()
    }

    /// The number of its first octet: behind the SYN, if it has one.
    pub fn first_octet(&self) -> u32 {
        self.seq.wrapping_add(u32::from(self.is_syn()))
    }

    /// SEG.LEN: octets, SYN and FIN (RFC 9293 3.4).
    pub fn len(&self) -> u32 {
        // A segment is shorter than 2^16 octets.
        let octets = u32::try_from(self.payload.len()).unwrap_or(u32::MAX);
        octets.wrapping_add(u32::from(self.is_syn())).wrapping_add(u32::from(self.is_fin()))
    }

    /// Whether it takes no sequence number.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number behind its last.
    pub fn end(&self) -> u32 {
        self.seq.wrapping_add(self.len())
    }
}
