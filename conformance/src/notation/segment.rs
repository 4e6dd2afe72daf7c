//! A segment or ICMP message as a row writes it: which fields are named, and what they must be.

use super::value::{Expression, Value};

/// What travels in a row: a TCP segment or an ICMP message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// `<SEQ=100><CTL=SYN>`
    Tcp(Box<Segment>),
    /// `<ICMP=3/4><MTU=1000><QUOTE=a>`
    Icmp(Box<Icmp>),
}

/// A TCP segment in the RFC's notation. A field that is `None` is not written: when sending it is what an honest peer
/// would send, when expecting it is not compared, but for [`Segment::data`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Segment {
    /// `SEQ=`, in the sender's numbers.
    pub seq: Option<Value>,
    /// `ACK=`, in the receiver's numbers.
    pub ack: Option<Value>,
    /// `CTL=`
    pub control: Option<Control>,
    /// Options in wire order.
    pub options: Vec<Opt>,
    /// `<no TS>`: options that must not be there.
    pub absent: Vec<OptName>,
    /// `WND=` or `WIN=`
    pub window: Option<Window>,
    /// `URP=`, the field as on the wire.
    pub urgent: Option<Value>,
    /// `DATA=`. Expecting without it: no octets.
    pub data: Option<Data>,
    /// `SUM=bad`: the TCP checksum is wrong.
    pub bad_checksum: bool,
    /// `OFF=`: the data offset field, 0 to 15.
    pub offset: Option<Value>,
    /// `RES=`: the three reserved bits between data offset and AE, 0 to 7.
    pub reserved: Option<Value>,
    /// Fields of the IP header.
    pub ip: IpFields,
}

/// An ICMP (over IPv4) or ICMPv6 (over IPv6) message; type and code are the numbers of that protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Icmp {
    /// `ICMP=3/4`: the type.
    pub kind: u8,
    /// `ICMP=3/4`: the code, `*` for any.
    pub code: Value,
    /// `MTU=`: of a "fragmentation needed" (16 bits, RFC 1191 4) or "packet too big" (32 bits, RFC 4443 3.2).
    pub mtu: Option<Value>,
    /// `QUOTE=a`: the label of the row whose packet is quoted.
    pub quote: Option<String>,
    /// `SUM=bad`: the ICMP checksum is wrong.
    pub bad_checksum: bool,
    /// Fields of the IP header.
    pub ip: IpFields,
}

/// Fields of the IP header that a row names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IpFields {
    /// `TTL=`: time to live or hop limit.
    pub ttl: Option<Value>,
    /// `DSCP=`, 0 to 63.
    pub dscp: Option<Value>,
    /// `ECN=CE`
    pub ecn: Option<Ecn>,
    /// `ID=`: IPv4's identification.
    pub id: Option<Value>,
    /// `<DF>` or `<no DF>`: IPv4's don't fragment. IPv6 routers never fragment, so over IPv6 `DF` holds always.
    pub df: Option<Flag>,
    /// `IPOPT=hex`: IPv4's options as they stand.
    pub options: Option<Vec<u8>>,
    /// `IPLEN=`: IPv4's total length, IPv6's payload length.
    pub length: Option<Value>,
}

/// A flag that a row asks for or forbids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    /// It must be there.
    Present,
    /// It must not be there.
    Absent,
}

/// The two ECN bits of the IP header (RFC 3168 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ecn {
    /// `Not-ECT`, 00.
    NotEct,
    /// `ECT1`, 01.
    Ect1,
    /// `ECT0`, 10.
    Ect0,
    /// `CE`, 11: congestion experienced.
    Ce,
}

impl Ecn {
    /// The four, by their bits.
    pub const ALL: [Self; 4] = [Self::NotEct, Self::Ect1, Self::Ect0, Self::Ce];

    /// The two bits, 0 to 3.
    pub const fn bits(self) -> u8 {
        match self {
            Self::NotEct => 0,
            Self::Ect1 => 1,
            Self::Ect0 => 2,
            Self::Ce => 3,
        }
    }

    /// The codepoint of the low two bits.
    pub const fn from_bits(bits: u8) -> Self {
        match bits & 3 {
            0 => Self::NotEct,
            1 => Self::Ect1,
            2 => Self::Ect0,
            _ => Self::Ce,
        }
    }
}

/// The control bits a row names: `SYN,ACK`, `RST,?ACK`, `ACK,!PSH`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Control {
    /// Written plainly: they must be set.
    pub present: Bits,
    /// Written with `!`: they must not be set.
    pub absent: Bits,
    /// Written with `?`: they may be set.
    pub optional: Bits,
}

/// A set of control bits, at their places in the header (RFC 9293 3.1; AE: RFC 9768).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bits(pub u16);

impl Bits {
    /// No bit.
    pub const NONE: Self = Self(0);
    /// No more data from the sender.
    pub const FIN: Self = Self(0x001);
    /// Synchronise sequence numbers.
    pub const SYN: Self = Self(0x002);
    /// Reset the connection.
    pub const RST: Self = Self(0x004);
    /// Push.
    pub const PSH: Self = Self(0x008);
    /// The acknowledgment field counts.
    pub const ACK: Self = Self(0x010);
    /// The urgent pointer counts.
    pub const URG: Self = Self(0x020);
    /// ECN echo.
    pub const ECE: Self = Self(0x040);
    /// Congestion window reduced.
    pub const CWR: Self = Self(0x080);
    /// Accurate ECN.
    pub const AE: Self = Self(0x100);
    /// The bits that are compared whenever `CTL=` is written.
    pub const STRICT: Self = Self(0x037);
    /// All nine, with their names in the order in which they are printed.
    pub const NAMES: [(Self, &'static str); 9] = [
        (Self::SYN, "SYN"),
        (Self::FIN, "FIN"),
        (Self::RST, "RST"),
        (Self::ACK, "ACK"),
        (Self::PSH, "PSH"),
        (Self::URG, "URG"),
        (Self::ECE, "ECE"),
        (Self::CWR, "CWR"),
        (Self::AE, "AE"),
    ];

    /// Whether all bits of `other` are in the set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The bits of both sets.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether no bit is in the set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// What the window field must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Window {
    /// `WND=`: the field as on the wire.
    Field(Value),
    /// `WIN=`: octets, after scaling.
    Octets(Value),
}

/// What the segment carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// `DATA=20`: so many octets of the stream.
    Count(Value),
    /// `DATA="GET"`: these octets.
    Literal(Vec<u8>),
}

/// A TCP option as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opt {
    /// `MSS=1460` (RFC 9293 3.7.1).
    MaximumSegmentSize(Value),
    /// `WS=7` (RFC 7323 2.2).
    WindowScale(Value),
    /// `SACKOK` (RFC 2018 2).
    SackPermitted,
    /// `SACK=401..501,601..701` (RFC 2018 3).
    Sack(SackBlocks),
    /// `TS=10,t1` (RFC 7323 3.2).
    Timestamps {
        /// TSval.
        value: Value,
        /// TSecr.
        echo: Value,
    },
    /// `NOP`
    NoOperation,
    /// `EOL`
    EndOfList,
    /// `UTO=30` in seconds or `UTO=30min` (RFC 5482 3).
    UserTimeout {
        /// Minutes instead of seconds: the granularity bit.
        minutes: bool,
        /// The fifteen bits.
        value: Value,
    },
    /// `TFO=`, `TFO=0102..`, `TFO=*`; `TFO=exp:0102..` for the experimental kind (RFC 7413 4.1.1).
    FastOpen {
        /// Kind 254 with the magic F989 instead of kind 34.
        experimental: bool,
        /// The cookie; empty asks for one.
        cookie: Octets,
    },
    /// `MD5` or `MD5=hex` (RFC 2385).
    Md5(Octets),
    /// `AO` or `AO=hex`: key ids and MAC (RFC 5925 2.2).
    Ao(Octets),
    /// `OPT=hex`: any bytes, well-formed or not.
    Raw(Vec<u8>),
}

impl Opt {
    /// Which option it is; raw bytes have no name.
    pub const fn name(&self) -> Option<OptName> {
        match self {
            Self::MaximumSegmentSize(_) => Some(OptName::MaximumSegmentSize),
            Self::WindowScale(_) => Some(OptName::WindowScale),
            Self::SackPermitted => Some(OptName::SackPermitted),
            Self::Sack(_) => Some(OptName::Sack),
            Self::Timestamps { .. } => Some(OptName::Timestamps),
            Self::NoOperation => Some(OptName::NoOperation),
            Self::EndOfList => Some(OptName::EndOfList),
            Self::UserTimeout { .. } => Some(OptName::UserTimeout),
            Self::FastOpen { .. } => Some(OptName::FastOpen),
            Self::Md5(_) => Some(OptName::Md5),
            Self::Ao(_) => Some(OptName::Ao),
            Self::Raw(_) => None,
        }
    }
}

impl Opt {
    /// The fewest octets that it has in a header, kind and length among them; what is left open counts for nothing.
    pub fn least_len(&self) -> usize {
        let content = |octets: &Octets, least| match octets {
            Octets::Any => least,
            Octets::Exact(octets) => octets.len(),
        };
        match self {
            Self::NoOperation | Self::EndOfList => 1,
            Self::SackPermitted => 2,
            Self::WindowScale(_) => 3,
            Self::MaximumSegmentSize(_) | Self::UserTimeout { .. } => 4,
            Self::Timestamps { .. } => 10,
            Self::Sack(SackBlocks::Any) => 2,
            // RFC 2018 3: 8 octets a block.
            Self::Sack(SackBlocks::Exact(blocks)) => 2 + 8 * blocks.len(),
            Self::FastOpen { experimental, cookie } => {
                2 + 2 * usize::from(*experimental) + content(cookie, 0)
            }
            // RFC 2385 3: a digest of 16 octets.
            Self::Md5(digest) => 2 + content(digest, 16),
            // RFC 5925 2.2: two key ids, and a MAC of any length.
            Self::Ao(ids_and_mac) => 2 + content(ids_and_mac, 2),
            Self::Raw(octets) => octets.len(),
        }
    }
}

/// The octets inside an option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Octets {
    /// Not written, or `*`: whatever they are. Sent as zeros.
    Any,
    /// Just these.
    Exact(Vec<u8>),
}

/// The blocks of a SACK option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SackBlocks {
    /// `SACK=*`: whatever they are.
    Any,
    /// In the order of the option; each from its first octet to the octet after its last (RFC 2018 3).
    Exact(Vec<(Expression, Expression)>),
}

/// The names of options, as in `<no TS>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OptName {
    /// `MSS`
    MaximumSegmentSize,
    /// `WS`
    WindowScale,
    /// `SACKOK`
    SackPermitted,
    /// `SACK`
    Sack,
    /// `TS`
    Timestamps,
    /// `NOP`
    NoOperation,
    /// `EOL`
    EndOfList,
    /// `UTO`
    UserTimeout,
    /// `TFO`
    FastOpen,
    /// `MD5`
    Md5,
    /// `AO`
    Ao,
}

impl OptName {
    /// Every name.
    pub const ALL: [Self; 11] = [
        Self::MaximumSegmentSize,
        Self::WindowScale,
        Self::SackPermitted,
        Self::Sack,
        Self::Timestamps,
        Self::NoOperation,
        Self::EndOfList,
        Self::UserTimeout,
        Self::FastOpen,
        Self::Md5,
        Self::Ao,
    ];

    /// As it is written.
    pub const fn text(self) -> &'static str {
        match self {
            Self::MaximumSegmentSize => "MSS",
            Self::WindowScale => "WS",
            Self::SackPermitted => "SACKOK",
            Self::Sack => "SACK",
            Self::Timestamps => "TS",
            Self::NoOperation => "NOP",
            Self::EndOfList => "EOL",
            Self::UserTimeout => "UTO",
            Self::FastOpen => "TFO",
            Self::Md5 => "MD5",
            Self::Ao => "AO",
        }
    }
}
