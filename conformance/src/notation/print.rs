//! Tree to text: the canonical form of every cell. What is printed reads back as the same tree.

use core::fmt::{Display, Formatter, Result, Write};

use super::call::{CallText, Expectation, How, Payload, Verb};
use super::ladder::{OctetRange, State};
use super::number::NumbersFrom;
use super::segment::{
    Bits, Control, Data, Ecn, Flag, Icmp, IpFields, Message, Octets, Opt, OptName, SackBlocks, Segment,
    Window,
};
use super::time::{Amount, Factor, Span, TimeSpec, TimeWord};

impl Display for Message {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Tcp(segment) => write!(f, "{segment}"),
            Self::Icmp(icmp) => write!(f, "{icmp}"),
        }
    }
}

impl Display for Segment {
    /// Numbers, control bits, options in wire order, absences, window, urgent pointer, data, damages, IP header.
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let Self {
            seq,
            ack,
            control,
            options,
            absent,
            window,
            urgent,
            data,
            bad_checksum,
            offset,
            reserved,
            ip,
        } = self;
        element(f, "SEQ", seq.as_ref())?;
        element(f, "ACK", ack.as_ref())?;
        element(f, "CTL", control.as_ref())?;
        options.iter().try_for_each(|option| write!(f, "<{option}>"))?;
        absent.iter().try_for_each(|name| write!(f, "<no {name}>"))?;
        match window {
            None => {}
            Some(Window::Field(value)) => write!(f, "<WND={value}>")?,
            Some(Window::Octets(value)) => write!(f, "<WIN={value}>")?,
        }
        element(f, "URP", urgent.as_ref())?;
        element(f, "DATA", data.as_ref())?;
        if *bad_checksum {
            f.write_str("<SUM=bad>")?;
        }
        element(f, "OFF", offset.as_ref())?;
        element(f, "RES", reserved.as_ref())?;
        write!(f, "{ip}")
    }
}

impl Display for Icmp {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let Self { kind, code, mtu, quote, bad_checksum, ip } = self;
        write!(f, "<ICMP={kind}/{code}>")?;
        element(f, "MTU", mtu.as_ref())?;
        element(f, "QUOTE", quote.as_ref())?;
        if *bad_checksum {
            f.write_str("<SUM=bad>")?;
        }
        write!(f, "{ip}")
    }
}

impl Display for IpFields {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let Self { ttl, dscp, ecn, id, df, options, length } = self;
        element(f, "IPLEN", length.as_ref())?;
        element(f, "TTL", ttl.as_ref())?;
        element(f, "DSCP", dscp.as_ref())?;
        element(f, "ECN", ecn.as_ref())?;
        element(f, "ID", id.as_ref())?;
        match df {
            None => {}
            Some(Flag::Present) => f.write_str("<DF>")?,
            Some(Flag::Absent) => f.write_str("<no DF>")?,
        }
        element(f, "IPOPT", options.as_deref().map(Hex).as_ref())
    }
}

/// `<NAME=content>`, if there is content.
fn element(f: &mut Formatter<'_>, name: &str, content: Option<&impl Display>) -> Result {
    match content {
        None => Ok(()),
        Some(content) => write!(f, "<{name}={content}>"),
    }
}

impl Display for Control {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let mut separator = "";
        for (bit, name) in Bits::NAMES {
            let mark = match bit {
                bit if self.present.contains(bit) => "",
                bit if self.absent.contains(bit) => "!",
                bit if self.optional.contains(bit) => "?",
                _ => continue,
            };
            write!(f, "{separator}{mark}{name}")?;
            separator = ",";
        }
        Ok(())
    }
}

impl Display for Ecn {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.pad(match self {
            Self::NotEct => "Not-ECT",
            Self::Ect1 => "ECT1",
            Self::Ect0 => "ECT0",
            Self::Ce => "CE",
        })
    }
}

impl Display for Data {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Count(value) => write!(f, "{value}"),
            Self::Literal(octets) => write!(f, "{}", Quoted(octets)),
        }
    }
}

impl Display for OptName {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.pad(self.text())
    }
}

impl Display for Opt {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let name = self.name().map_or("OPT", OptName::text);
        match self {
            Self::MaximumSegmentSize(value) | Self::WindowScale(value) => write!(f, "{name}={value}"),
            Self::SackPermitted | Self::NoOperation | Self::EndOfList => f.write_str(name),
            Self::Sack(blocks) => write!(f, "{name}={blocks}"),
            Self::Timestamps { value, echo } => write!(f, "{name}={value},{echo}"),
            Self::UserTimeout { minutes: false, value } => write!(f, "{name}={value}"),
            Self::UserTimeout { minutes: true, value } => write!(f, "{name}={value}min"),
            Self::FastOpen { experimental: false, cookie } => write!(f, "{name}={cookie}"),
            Self::FastOpen { experimental: true, cookie } => write!(f, "{name}=exp:{cookie}"),
            Self::Md5(Octets::Any) | Self::Ao(Octets::Any) => f.write_str(name),
            Self::Md5(octets) | Self::Ao(octets) => write!(f, "{name}={octets}"),
            Self::Raw(octets) => write!(f, "{name}={}", Hex(octets)),
        }
    }
}

impl Display for Octets {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Any => f.write_char('*'),
            Self::Exact(octets) => write!(f, "{}", Hex(octets)),
        }
    }
}

impl Display for SackBlocks {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let blocks = match self {
            Self::Any => return f.write_char('*'),
            Self::Exact(blocks) => blocks,
        };
        let mut separator = "";
        for (left, right) in blocks {
            write!(f, "{separator}{left}..{right}")?;
            separator = ",";
        }
        Ok(())
    }
}

/// Octets in hexadecimal.
pub(super) struct Hex<'a>(pub(super) &'a [u8]);

impl Display for Hex<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

/// Octets in quotation marks, such that they fit between `<` and `>` and into a cell.
pub(super) struct Quoted<'a>(pub(super) &'a [u8]);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_char('"')?;
        for &octet in self.0 {
            match octet {
                b'"' | b'<' | b'>' | b'|' | b'\\' => write!(f, "\\x{octet:02x}")?,
                b' '..=b'~' => f.write_char(char::from(octet))?,
                _ => write!(f, "\\x{octet:02x}")?,
            }
        }
        f.write_char('"')
    }
}

impl Display for OctetRange {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let Self { from, to, also } = self;
        write!(f, "<SEQ={from}..{to}>{also}")
    }
}

impl Display for NumbersFrom {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self.ahead {
            0 => f.write_str(&self.connection),
            ahead => write!(f, "{}+{ahead}", self.connection),
        }
    }
}

impl Display for State {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.pad(self.name())
    }
}

impl Display for TimeSpec {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match &self.after {
            None => write!(f, "{}", self.span),
            Some(label) => write!(f, "{} after {label}", self.span),
        }
    }
}

impl Display for Span {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Exact(amount) => write!(f, "{amount}"),
            Self::Between(Amount::Literal(from), to @ Amount::Literal(_)) => {
                let from = from.to_string();
                write!(f, "{}..{to}", from.trim_end_matches(" s"))
            }
            Self::Between(
                Amount::Profile { factor: from, word: first },
                Amount::Profile { factor: to, word: second },
            ) if first == second => write!(f, "{from}..{to} {first}"),
            Self::Between(from, to) => write!(f, "{from}..{to}"),
            Self::AtLeast(amount) => write!(f, "{amount}.."),
            Self::AtMost(amount) => write!(f, "..{amount}"),
            Self::Times(factor) => write!(f, "x{factor}"),
        }
    }
}

impl Display for Amount {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Literal(duration) => write!(f, "{duration}"),
            Self::Profile { factor: Factor::ONE, word } => write!(f, "{word}"),
            Self::Profile { factor, word } => write!(f, "{factor} {word}"),
        }
    }
}

impl Display for Factor {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let (whole, part) = (self.millionths / 1_000_000, self.millionths % 1_000_000);
        if part == 0 {
            return write!(f, "{whole}");
        }
        let part = format!("{part:06}");
        write!(f, "{whole}.{}", part.trim_end_matches('0'))
    }
}

impl Display for TimeWord {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.pad(self.text())
    }
}

impl Display for CallText {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match &self.expected {
            None => write!(f, "{}", self.verb),
            Some(expected) => write!(f, "{} -> {expected}", self.verb),
        }
    }
}

impl Display for Verb {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Listen { port, backlog } => {
                f.write_str("listen")?;
                argument(f, port.as_ref())?;
                argument(f, backlog.as_ref())
            }
            Self::Accept => f.write_str("accept"),
            Self::Connect { peer, local_port } => {
                f.write_str("connect")?;
                if let Some((address, port)) = peer {
                    write!(f, " {address} {port}")?;
                }
                argument(f, local_port.as_ref())
            }
            Self::Send(payload) => write!(f, "send {payload}"),
            Self::SendUrgent(payload) => write!(f, "sendurgent {payload}"),
            Self::Recv { max } => {
                f.write_str("recv")?;
                argument(f, max.as_ref())
            }
            Self::Shutdown(how) => write!(f, "shutdown {how}"),
            Self::Close => f.write_str("close"),
            Self::Abort => f.write_str("abort"),
            Self::State => f.write_str("state"),
            Self::Children => f.write_str("children"),
            Self::Set { option, value } => write!(f, "set {option} {value}"),
        }
    }
}

/// A space and an argument, if there is one.
fn argument(f: &mut Formatter<'_>, argument: Option<&impl Display>) -> Result {
    match argument {
        None => Ok(()),
        Some(argument) => write!(f, " {argument}"),
    }
}

impl Display for Payload {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Literal(octets) => write!(f, "{}", Quoted(octets)),
        }
    }
}

impl Display for How {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.pad(match self {
            Self::Write => "write",
            Self::Read => "read",
            Self::Both => "both",
        })
    }
}

impl Display for Expectation {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Ok => f.write_str("ok"),
            Self::Count(value) => write!(f, "{value}"),
            Self::Literal(octets) => write!(f, "{}", Quoted(octets)),
            Self::End => f.write_str("end"),
            Self::State(state) => write!(f, "{state}"),
            Self::Error(errno) => f.write_str(errno),
            Self::Pending => f.write_str("pending"),
        }
    }
}
