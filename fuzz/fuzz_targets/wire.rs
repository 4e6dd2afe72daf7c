//! Raw bytes through every format of the wire: what parses is emitted again as it was, and prints.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wireproof_reference::wire::{Error, Frame, Packet};

fuzz_target!(|octets: &[u8]| {
    let same = |emitted: Result<Vec<u8>, Error>| assert_eq!(emitted.as_deref(), Ok(octets));
    for frame in [Frame::parse(octets), Frame::parse_cut(octets)].into_iter().flatten() {
        same(frame.to_vec());
        assert!(!frame.to_string().contains('\n'));
        assert!(!frame.tree().to_string().is_empty());
        let _ = frame.filled();
    }
    for packet in [Packet::parse(octets), Packet::parse_cut(octets)].into_iter().flatten() {
        same(packet.to_vec());
        assert!(!packet.to_string().contains('\n'));
        assert!(!packet.tree().to_string().is_empty());
        let _ = (packet.checksums(), packet.filled());
    }
});
