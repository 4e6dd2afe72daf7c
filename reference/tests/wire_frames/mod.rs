//! Frames written by hand from the RFCs: hexadecimal digits, a line a group of fields, `#` begins a comment.
//!
//! No octet in here was made by the code under test. Checksums were computed apart from it (RFC 1071 by a script).

#![allow(dead_code, reason = "each test file uses its own choice of frames")]

pub(crate) mod icmp;
pub(crate) mod ip;
pub(crate) mod read;
pub(crate) mod tcp;

/// A frame's octets from its text.
pub(crate) fn octets(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .lines()
        .map(|line| line.split('#').next().unwrap_or_default())
        .flat_map(str::chars)
        .filter(|digit| !digit.is_whitespace())
        .map(|digit| digit.to_digit(16).unwrap_or_else(|| panic!("no hexadecimal digit: {digit}")) as u8)
        .collect();
    let (pairs, half) = digits.as_chunks::<2>();
    assert!(half.is_empty(), "half an octet at the end of {text}");
    pairs.iter().map(|[high, low]| high << 4 | low).collect()
}

/// Every frame, by name. All are valid but for what stands in TCP options.
pub(crate) fn all() -> Vec<(&'static str, Vec<u8>)> {
    [ip::ALL, icmp::ALL, tcp::ALL].concat().into_iter().map(|(name, text)| (name, octets(text))).collect()
}
