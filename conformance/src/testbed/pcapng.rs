//! Traces, and captures of an Ethernet, as pcapng files: nanoseconds, and with each packet what became of it.
//!
//! The files open in Wireshark. A packet's comment holds its fate, its notes, and the socket calls and results that
//! came between the packet before and this one; what came after the last packet stands behind that packet's own.
//! Same trace, same bytes.

use super::trace::{Direction, Trace, TraceFrame, TraceItem};
use crate::device::print_result;
use crate::ethernet::Capture;
use pcap_file::DataLink;
use pcap_file::pcapng::PcapNgWriter;
use pcap_file::pcapng::blocks::enhanced_packet::{EnhancedPacketBlock, EnhancedPacketOption};
use pcap_file::pcapng::blocks::interface_description::{
    InterfaceDescriptionBlock, InterfaceDescriptionOption,
};
use pcap_file::pcapng::blocks::section_header::{SectionHeaderBlock, SectionHeaderOption};
use pcap_file::{Endianness, PcapError};
use std::borrow::Cow;
use std::io;
use wireproof_reference::time::Instant;

/// `if_tsresol` for 10^-9 s.
const NANOSECONDS: u8 = 9;
/// The flags word of a packet that the capturing end received (the tester, from the device).
const INBOUND: u32 = 1;
/// The flags word of a packet that the capturing end sent.
const OUTBOUND: u32 = 2;
/// The longest comment; an option's length has 16 bits.
const MAX_COMMENT: usize = 16_384;

/// Writes the frames of a trace. `interface` names the wire, `comment` (the scenario, say) stands in the head.
///
/// # Errors
/// What `out` says when it cannot be written to.
pub fn write(trace: &Trace, interface: &str, comment: &str, out: impl io::Write) -> io::Result<()> {
    write_packets(&[interface], comment, &packets_of_trace(trace), out)
}

/// Writes the frames of a segment, each on the interface of the port that sent it. `hosts` names the ports in their
/// order; a port without a name goes to the last.
///
/// # Errors
/// What `out` says when it cannot be written to.
pub fn write_capture(
    capture: &Capture,
    hosts: &[&str],
    comment: &str,
    out: impl io::Write,
) -> io::Result<()> {
    let last = hosts.len().saturating_sub(1);
    let packets = capture.frames().iter().map(|frame| Packet {
        time: frame.time,
        interface: u32::try_from(frame.from.index().min(last)).unwrap_or(0),
        direction: None,
        octets: &frame.octets,
        lines: frame.fates.iter().map(ToString::to_string).collect(),
    });
    let hosts = if hosts.is_empty() { &["ethernet"] } else { hosts };
    write_packets(hosts, comment, &packets.collect::<Vec<_>>(), out)
}

/// A frame with the lines of its comment.
struct Packet<'a> {
    time: Instant,
    interface: u32,
    /// As the capturing end sees it, where there is one.
    direction: Option<Direction>,
    octets: &'a [u8],
    lines: Vec<String>,
}

fn write_packets(
    interfaces: &[&str],
    comment: &str,
    packets: &[Packet<'_>],
    out: impl io::Write,
) -> io::Result<()> {
    let mut options = vec![SectionHeaderOption::UserApplication(Cow::Borrowed("wireproof"))];
    if !comment.is_empty() {
        options.insert(0, SectionHeaderOption::Comment(Cow::Borrowed(cut(comment))));
    }
    let section =
        SectionHeaderBlock { endianness: Endianness::Little, options, ..SectionHeaderBlock::default() };
    // `Cow<'static>` is what the writer wants of the section.
    let mut writer = PcapNgWriter::with_section_header(out, section.into_owned()).map_err(into_io)?;
    for interface in interfaces {
        let interface = InterfaceDescriptionBlock {
            linktype: DataLink::ETHERNET,
            snaplen: 0,
            options: vec![
                InterfaceDescriptionOption::IfName(Cow::Borrowed(cut(interface))),
                InterfaceDescriptionOption::IfTsResol(NANOSECONDS),
            ],
        };
        writer.write_pcapng_block(interface).map_err(into_io)?;
    }
    for packet in packets {
        writer.write_pcapng_block(block(packet)).map_err(into_io)?;
    }
    Ok(())
}

fn packets_of_trace(trace: &Trace) -> Vec<Packet<'_>> {
    let mut packets: Vec<Packet<'_>> = Vec::new();
    let mut between = Vec::new();
    for entry in trace.entries() {
        let line = match &entry.item {
            TraceItem::Frame(TraceFrame { direction, octets, fates, notes, .. }) => {
                let mut lines = std::mem::take(&mut between);
                lines.extend(fates.iter().map(ToString::to_string));
                lines.extend(notes.iter().cloned());
                let direction = Some(*direction);
                packets.push(Packet { time: entry.time, interface: 0, direction, octets, lines });
                continue;
            }
            TraceItem::Call { id, call } => format!("call {id}: {call}"),
            TraceItem::Result { id, result } => format!("result {id}: {}", print_result(result)),
            TraceItem::Log(text) => format!("log: {text}"),
            TraceItem::Finding(finding) => format!("finding: {finding}"),
        };
        between.push(format!("{} {line}", entry.time));
    }
    if let Some(last) = packets.last_mut() {
        last.lines.append(&mut between);
    }
    packets
}

fn block<'a>(packet: &Packet<'a>) -> EnhancedPacketBlock<'a> {
    let Packet { time, interface, direction, octets, lines } = packet;
    let mut options = Vec::new();
    if !lines.is_empty() {
        let comment = lines.join("\n");
        options.push(EnhancedPacketOption::Comment(Cow::Owned(cut(&comment).to_owned())));
    }
    match direction {
        Some(Direction::ToDevice) => options.push(EnhancedPacketOption::Flags(OUTBOUND)),
        Some(Direction::FromDevice) => options.push(EnhancedPacketOption::Flags(INBOUND)),
        None => {}
    }
    EnhancedPacketBlock {
        interface_id: *interface,
        timestamp: core::time::Duration::from_nanos(time.as_nanos()),
        original_len: u32::try_from(octets.len()).unwrap_or(u32::MAX),
        data: Cow::Borrowed(octets),
        options,
    }
}

/// The longest beginning that fits into a comment and ends between two characters.
fn cut(text: &str) -> &str {
    let end = (0..=text.len().min(MAX_COMMENT)).rev().find(|end| text.is_char_boundary(*end));
    text.get(..end.unwrap_or(0)).unwrap_or_default()
}

fn into_io(error: PcapError) -> io::Error {
    match error {
        PcapError::IoError(error) => error,
        other => io::Error::other(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::trace::FrameId;
    use super::*;
    use crate::device::CallId;
    use crate::ethernet::{Ethernet, Fate, Hears};
    use wireproof_reference::random::Random;

    fn trace() -> Trace {
        let mut trace = Trace::default();
        let call = "send 1 00".parse().unwrap();
        trace.record(Instant::ZERO, TraceItem::Call { id: CallId(3), call });
        for (id, direction, fates) in
            [(0, Direction::FromDevice, vec![]), (1, Direction::ToDevice, vec![Fate::Lost])]
        {
            let octets = vec![0xab; 3].into();
            let notes = if id == 1 { vec!["row 2".to_owned()] } else { Vec::new() };
            let frame = TraceFrame { id: FrameId(id), direction, octets, fates, notes };
            trace.record(Instant::from_nanos(0x1_0000_0001 * (id + 1)), TraceItem::Frame(frame));
        }
        trace
    }

    fn bytes() -> Vec<u8> {
        let mut bytes = Vec::new();
        write(&trace(), "wire", "tcp/a", &mut bytes).unwrap();
        bytes
    }

    /// draft-ietf-opsawg-pcapng: the block types and lengths, option by option, counted by hand.
    #[test]
    fn the_file_is_laid_out_as_pcapng_says() {
        let bytes = bytes();
        let section_len = 28 + (4 + 8) + (4 + 12) + 4;
        assert_eq!(bytes[..12], [0x0a, 0x0d, 0x0d, 0x0a, section_len, 0, 0, 0, 0x4d, 0x3c, 0x2b, 0x1a]);
        let interface = &bytes[usize::from(section_len)..];
        assert_eq!(interface[..12], [1, 0, 0, 0, 40, 0, 0, 0, 1, 0, 0, 0]);
        let options = b"\x02\0\x04\0wire\x09\0\x01\0\x09\0\0\0\0\0\0\0";
        assert_eq!(interface[16..36], options[..]);
        let packet = &interface[40..];
        assert_eq!(packet[..4], [6, 0, 0, 0]);
        // Interface 0, time 2^32 + 1 ns, 3 octets of 3, padded.
        assert_eq!(packet[8..28], [0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0, 3, 0, 0, 0]);
        assert_eq!(packet[28..32], [0xab, 0xab, 0xab, 0]);
    }

    #[test]
    fn a_packet_says_what_became_of_it_and_which_calls_came_before() {
        let text = String::from_utf8_lossy(&bytes()).into_owned();
        assert!(text.contains("0.000000 call 3: send 1 00"), "{text}");
        assert!(text.contains("lost\nrow 2"), "{text}");
    }

    #[test]
    fn a_capture_of_a_segment_has_an_interface_for_each_host_and_the_fate_of_each_frame() {
        let mut ethernet = Ethernet::new(Random::new(1));
        let [a, b] = [1, 2].map(|number| ethernet.attach(Hears::Address([2, 0, 0, 0, 0, number])).unwrap());
        ethernet.transmit(Instant::ZERO, a, vec![0xaa; 4]);
        ethernet.transmit_with(Instant::from_nanos(7), b, vec![0xbb; 4], Fate::Lost);
        let mut bytes = Vec::new();
        write_capture(ethernet.capture(), &["client", "server"], "", &mut bytes).unwrap();
        // No comment in the head: 24 + 16 + 4 + 4. Interfaces: 16 + name (4 + 8) + resolution (4 + 4) + 4 + 4.
        let (head, interface) = (48, 16 + 12 + 8 + 4 + 4);
        let first = &bytes[head + 2 * interface..];
        // 28 up to the octets, no comment, no flags, so no options at all.
        assert_eq!(first[..12], [6, 0, 0, 0, 36, 0, 0, 0, 0, 0, 0, 0]);
        let second = &first[36..];
        assert_eq!((second[0], second[8], second[16]), (6, 1, 7), "the second interface, 7 ns");
        assert_eq!(second[32..40], *b"\x01\0\x04\0lost");
    }

    #[test]
    fn the_same_trace_gives_the_same_bytes() {
        assert_eq!(bytes(), bytes());
    }

    #[test]
    fn a_comment_that_is_too_long_is_cut_between_two_characters() {
        let long = "ä".repeat(MAX_COMMENT);
        assert_eq!(cut(&long).len(), MAX_COMMENT);
        assert_eq!(cut(&format!("a{long}")).len(), MAX_COMMENT - 1);
    }
}
