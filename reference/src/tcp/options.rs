//! The TCP options that this stack acts upon, RFC 9293 3.2: today the maximum segment size.
//!
//! Window scale, timestamps and SACK will join as fields of [`Options`]; what is not known is skipped (MUST-6).

/// The options of one segment, as far as they are understood.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Maximum segment size in octets, only on segments with SYN (RFC 9293 3.7.1, MUST-65).
    pub mss: Option<u16>,
}
