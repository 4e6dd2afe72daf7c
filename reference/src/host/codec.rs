//! Segments between the wire and the state machine.

use crate::tcp::{Options, Segment, SegmentOut, SeqNumber};
use crate::wire::{Error, PseudoHeader, Tcp, TcpFlags, TcpOption, TcpOptionsBuffer};
use core::net::IpAddr;
use std::net::SocketAddr;

/// The state machine's view of a segment between these addresses.
///
/// Options that are not known are skipped (RFC 9293 3.1 MUST-6); those behind a malformed one are not read, and the segment
/// counts without them (MUST-7).
pub(super) fn decode<'a>(source: IpAddr, destination: IpAddr, tcp: &Tcp<'a>) -> Segment<'a> {
    let flags = tcp.flags;
    let mss = tcp.options.iter().map_while(Result::ok).find_map(|option| match option {
        TcpOption::MaximumSegmentSize(mss) => Some(mss),
        _ => None,
    });
    Segment {
        source: SocketAddr::new(source, tcp.source_port),
        destination: SocketAddr::new(destination, tcp.destination_port),
        seq: SeqNumber(tcp.seq),
        ack: flags.ack().then_some(SeqNumber(tcp.ack)),
        syn: flags.syn(),
        fin: flags.fin(),
        rst: flags.rst(),
        psh: flags.psh(),
        urgent: flags.urg().then_some(tcp.urgent),
        window: tcp.window,
        // RFC 9293 3.1 MUST-65: the option has a meaning only on a SYN.
        options: Options { mss: mss.filter(|_| flags.syn()) },
        payload: tcp.payload,
    }
}

/// The options of a segment as octets.
///
/// # Errors
/// If they do not fit a header.
pub(super) fn options(segment: &SegmentOut) -> Result<TcpOptionsBuffer, Error> {
    let mut buffer = TcpOptionsBuffer::new();
    let Options { mss } = segment.options;
    if let Some(mss) = mss {
        buffer.push(TcpOption::MaximumSegmentSize(mss))?;
    }
    Ok(buffer)
}

/// The segment as it goes on the wire, with these options and the right checksum.
pub(super) fn encode<'a>(
    segment: &'a SegmentOut,
    options: &'a TcpOptionsBuffer,
    pseudo: &PseudoHeader,
) -> Tcp<'a> {
    let flag = |is_set, flag| if is_set { flag } else { TcpFlags::NONE };
    let flags = flag(segment.syn, TcpFlags::SYN)
        .with(flag(segment.fin, TcpFlags::FIN))
        .with(flag(segment.rst, TcpFlags::RST))
        .with(flag(segment.psh, TcpFlags::PSH))
        .with(flag(segment.ack.is_some(), TcpFlags::ACK))
        .with(flag(segment.urgent.is_some(), TcpFlags::URG));
    let SeqNumber(seq) = segment.seq;
    Tcp {
        source_port: segment.source.port(),
        destination_port: segment.destination.port(),
        seq,
        ack: segment.ack.map_or(0, |SeqNumber(ack)| ack),
        flags,
        window: segment.window,
        checksum: 0,
        urgent: segment.urgent.unwrap_or(0),
        options: options.options(),
        payload: &segment.payload,
    }
    .filled(pseudo)
}
