//! The TCP options that this stack acts upon, RFC 9293 3.2: today the maximum segment size.
//!
//! Window scale, timestamps and SACK will join as fields of [`Options`]; what is not known is skipped (MUST-6).

use crate::wire::{TcpOption, TcpOptions, TcpOptionsBuffer};

/// The options of one segment, as far as they are understood.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Maximum segment size in octets, only on segments with SYN (RFC 9293 3.7.1, MUST-65).
    pub mss: Option<u16>,
}

impl Options {
    /// Reads them. What follows a malformed option is not looked at (MUST-7).
    pub fn of_wire(options: &TcpOptions<'_>) -> Self {
        let mut known = Self::default();
        for option in options.iter().map_while(Result::ok) {
            if let TcpOption::MaximumSegmentSize(mss) = option {
                known.mss = Some(mss);
            }
        }
        known
    }

    /// Writes them.
    pub fn to_wire(self) -> TcpOptionsBuffer {
        let mut buffer = TcpOptionsBuffer::new();
        if let Some(mss) = self.mss {
            // 4 of 40 octets: there is room.
            let _ = buffer.push(TcpOption::MaximumSegmentSize(mss));
        }
        buffer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mss_is_found_among_unknown_options_and_before_malformed_ones() {
        let octets = [1, 253, 4, 0, 0, 2, 4, 0x05, 0xb4, 99, 0, 0];
        assert_eq!(Options::of_wire(&TcpOptions::new(&octets)), Options { mss: Some(1460) });
    }

    #[test]
    fn the_mss_is_written_as_kind_2_length_4() {
        assert_eq!(Options { mss: Some(1460) }.to_wire().options().octets(), [2, 4, 0x05, 0xb4]);
        assert!(Options::default().to_wire().options().octets().is_empty());
    }
}
