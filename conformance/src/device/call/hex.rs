//! Octets as the device protocol writes them: two hexadecimal digits each, `-` for none.

use core::fmt;

const DIGITS: &[u8; 16] = b"0123456789abcdef";
/// How many octets are put together before they are written.
const PIECE: usize = 64;

/// What each character means as a digit, [`NONE`] if it is none.
const VALUES: [u8; 256] = values();
const NONE: u8 = 0xff;

const fn values() -> [u8; 256] {
    let mut values = [NONE; 256];
    let mut digit = 0;
    while digit < 16 {
        values[DIGITS[digit as usize] as usize] = digit;
        values[DIGITS[digit as usize].to_ascii_uppercase() as usize] = digit;
        digit += 1;
    }
    values
}

/// Octets that print so.
pub(in crate::device) struct Hex<'a>(pub(in crate::device) &'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("-");
        }
        for piece in self.0.chunks(PIECE) {
            let mut text = [0; 2 * PIECE];
            for (octet, two) in piece.iter().zip(text.chunks_exact_mut(2)) {
                two.copy_from_slice(&digits(*octet));
            }
            // Digits are ASCII.
            f.write_str(core::str::from_utf8(&text[..2 * piece.len()]).unwrap_or_default())?;
        }
        Ok(())
    }
}

/// Appends octets to a line.
pub(in crate::device) fn write_hex(octets: &[u8], line: &mut Vec<u8>) {
    if octets.is_empty() {
        line.push(b'-');
    }
    line.reserve(2 * octets.len());
    octets.iter().for_each(|octet| line.extend_from_slice(&digits(*octet)));
}

/// Reads them, in either case; `None` if that is not what stands there.
pub(in crate::device) fn read_hex(word: &[u8]) -> Option<Vec<u8>> {
    if word == b"-" {
        return Some(Vec::new());
    }
    let (pairs, []) = word.as_chunks::<2>() else { return None };
    let mut octets = Vec::with_capacity(pairs.len());
    for &[high, low] in pairs {
        let (high, low) = (VALUES[usize::from(high)], VALUES[usize::from(low)]);
        if high == NONE || low == NONE {
            return None;
        }
        octets.push(high << 4 | low);
    }
    Some(octets)
}

fn digits(octet: u8) -> [u8; 2] {
    [DIGITS[usize::from(octet >> 4)], DIGITS[usize::from(octet & 15)]]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_read_back_in_either_case_and_none_is_a_dash() {
        let all: Vec<u8> = (0..=255).collect();
        let text = Hex(&all).to_string();
        assert_eq!(text.len(), 512);
        assert_eq!(read_hex(text.as_bytes()), Some(all.clone()));
        assert_eq!(read_hex(text.to_uppercase().as_bytes()), Some(all.clone()));
        let mut line = Vec::new();
        write_hex(&all, &mut line);
        assert_eq!(line, text.as_bytes());
        assert_eq!((Hex(&[]).to_string().as_str(), read_hex(b"-")), ("-", Some(Vec::new())));
    }

    #[test]
    fn half_an_octet_or_another_character_is_none() {
        for word in ["0", "012", "0g", "-0", "--", " 0", "0x00"] {
            assert_eq!(read_hex(word.as_bytes()), None, "{word}");
        }
    }
}
