//! Emission into a slice: a header claims its room once and then fills it.

use super::error::{Error, Fault, Layer};

/// The first `len` octets of `out`, or the fault that there is no such room.
#[inline(always)]
pub(super) fn room(layer: Layer, out: &mut [u8], len: usize) -> Result<&mut [u8], Error> {
    let had = out.len();
    match out.get_mut(..len) {
        Some(room) => Ok(room),
        None => Err(Error { layer, field: "buffer", offset: 0, fault: Fault::NoRoom, needed: len, had }),
    }
}

/// Writes `parts` one behind the other into `out`, which is as long as all of them.
#[inline(always)]
pub(super) fn fill(out: &mut [u8], parts: &[&[u8]]) {
    let mut at = 0;
    for part in parts {
        out[at..at + part.len()].copy_from_slice(part);
        at += part.len();
    }
}

/// Emits an inner layer into what is left of `out` behind the first `at` octets, and gives where it ends.
#[inline]
pub(super) fn inner(
    out: &mut [u8],
    at: usize,
    emit: impl FnOnce(&mut [u8]) -> Result<usize, Error>,
) -> Result<usize, Error> {
    match emit(&mut out[at..]) {
        Ok(len) => Ok(at + len),
        Err(error) => Err(Error { offset: error.offset + at, ..error }),
    }
}

/// The fault that a value is too large for its field.
#[cold]
pub(super) fn too_large(
    layer: Layer,
    field: &'static str,
    offset: usize,
    needed: usize,
    had: usize,
) -> Error {
    Error { layer, field, offset, fault: Fault::TooLarge, needed, had }
}
