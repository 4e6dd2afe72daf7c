//! The options of a segment that is sent: those written, or those of an honest peer.

use wireproof_reference::wire::{SackBlock, TcpOption, TcpOptionsBuffer};

use super::{BuildError, Builder, narrow};
use crate::notation::evaluate::Unresolved;
use crate::notation::number::{Seq, Side};
use crate::notation::segment::{Bits, Octets, Opt, OptName, SackBlocks, Segment};
use crate::notation::value::Value;

/// A digest or MAC that nobody has computed.
const NO_DIGEST: [u8; 16] = [0; 16];

impl Builder<'_> {
    /// The options, padded to a multiple of 4 octets with zeros (RFC 9293 3.1).
    ///
    /// Any option written replaces all those of an honest peer; `no X` leaves X out of them.
    pub(super) fn options(&mut self, segment: &Segment, bits: Bits) -> Result<Vec<u8>, BuildError> {
        let mut octets = if segment.options.is_empty() {
            self.honest_options(&segment.absent, bits)?
        } else {
            let mut octets = Vec::new();
            for option in &segment.options {
                self.option(option, &mut octets)?;
            }
            octets
        };
        octets.resize(octets.len().next_multiple_of(4), 0);
        Ok(octets)
    }

    /// An MSS in a SYN; else timestamps and SACK blocks, once agreed.
    fn honest_options(&self, absent: &[OptName], bits: Bits) -> Result<Vec<u8>, BuildError> {
        let mut buffer = TcpOptionsBuffer::new();
        let wanted = |name| !absent.contains(&name);
        if bits.contains(Bits::SYN) {
            if wanted(OptName::MaximumSegmentSize) {
                buffer.push(TcpOption::MaximumSegmentSize(self.honest.mss))?;
            }
            return Ok(buffer.options().octets().to_vec());
        }
        // RFC 7323 appendix A, RFC 2018 3: two NOPs before each put the numbers at multiples of 4.
        if let Some((value, echo)) = self.honest.timestamps.filter(|_| wanted(OptName::Timestamps)) {
            buffer.push(TcpOption::NoOperation)?;
            buffer.push(TcpOption::NoOperation)?;
            buffer.push(TcpOption::Timestamps { value, echo })?;
        }
        let sack = &self.honest.sack;
        if !sack.is_empty() && wanted(OptName::Sack) && bits.contains(Bits::ACK) && !bits.contains(Bits::RST)
        {
            // Two NOPs, kind and length, then 8 octets a block.
            let room = buffer.left().saturating_sub(4) / 8;
            let blocks: Vec<SackBlock> = sack
                .iter()
                .take(room)
                .map(|(left, right)| SackBlock { left: left.0, right: right.0 })
                .collect();
            buffer.push(TcpOption::NoOperation)?;
            buffer.push(TcpOption::NoOperation)?;
            buffer.push_sack(&blocks)?;
        }
        Ok(buffer.options().octets().to_vec())
    }

    /// One option as written.
    fn option(&mut self, option: &Opt, out: &mut Vec<u8>) -> Result<(), BuildError> {
        let cookie: &[u8];
        let option = match option {
            Opt::MaximumSegmentSize(value) => {
                TcpOption::MaximumSegmentSize(narrow("MSS", self.quantity("MSS", value)?)?)
            }
            Opt::WindowScale(value) => TcpOption::WindowScale(narrow("WS", self.quantity("WS", value)?)?),
            Opt::SackPermitted => TcpOption::SackPermitted,
            Opt::Sack(blocks) => return self.sack(blocks, out),
            Opt::Timestamps { value, echo } => {
                TcpOption::Timestamps { value: self.timestamp(value)?, echo: self.timestamp(echo)? }
            }
            Opt::NoOperation => TcpOption::NoOperation,
            Opt::EndOfList => TcpOption::EndOfList,
            Opt::UserTimeout { minutes, value } => {
                let max = 0x7fff;
                let number = self.field("UTO", Some(value), max)?.unwrap_or(0);
                TcpOption::UserTimeout { minutes: *minutes, value: narrow("UTO", number)? }
            }
            Opt::FastOpen { experimental, cookie: octets } => {
                cookie = exact(octets).unwrap_or_default();
                if *experimental {
                    TcpOption::FastOpenExperimental(cookie)
                } else {
                    TcpOption::FastOpen(cookie)
                }
            }
            // The kinds of RFC 2385 and RFC 5925; without a key, what they bear is what is written.
            Opt::Md5(octets) => TcpOption::Unknown { kind: 19, data: exact(octets).unwrap_or(&NO_DIGEST) },
            Opt::Ao(octets) => {
                TcpOption::Unknown { kind: 29, data: exact(octets).unwrap_or(&NO_DIGEST[..14]) }
            }
            Opt::Raw(octets) => {
                out.extend_from_slice(octets);
                return Ok(());
            }
        };
        push(option, out)
    }

    /// The blocks as written; they count in the numbers of the side whose octets they acknowledge.
    fn sack(&mut self, blocks: &SackBlocks, out: &mut Vec<u8>) -> Result<(), BuildError> {
        let SackBlocks::Exact(blocks) = blocks else {
            let why = Unresolved::NotExact(blocks.to_string());
            return Err(BuildError::Unresolved { element: "SACK", why });
        };
        let side: Side = self.sender.other();
        let mut octets = Vec::new();
        for (left, right) in blocks {
            let [left, right]: [Seq; 2] = [self.place("SACK", left, side)?, self.place("SACK", right, side)?];
            octets.extend([left.0.to_be_bytes(), right.0.to_be_bytes()].concat());
        }
        // The kind of RFC 2018 3.
        push(TcpOption::Unknown { kind: 5, data: &octets }, out)
    }

    /// A timestamp; all its letters have been seen.
    fn timestamp(&self, value: &Value) -> Result<u32, BuildError> {
        let letter = |letter: &str| self.binding.letters.get(letter).copied();
        value
            .exact()
            .and_then(|expression| expression.timestamp(letter))
            .map_err(|why| BuildError::Unresolved { element: "TS", why })
    }
}

fn push(option: TcpOption<'_>, out: &mut Vec<u8>) -> Result<(), BuildError> {
    let start = out.len();
    out.resize(start + option.wire_len(), 0);
    option.emit(out.get_mut(start..).unwrap_or_default())?;
    Ok(())
}

fn exact(octets: &Octets) -> Option<&[u8]> {
    match octets {
        Octets::Any => None,
        Octets::Exact(octets) => Some(octets),
    }
}
