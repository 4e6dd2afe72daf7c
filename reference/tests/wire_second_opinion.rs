//! etherparse sees in the frames written by hand what we see.

mod second_opinion;
mod wire_frames;

use second_opinion::{Link, Opinion, compare};
use std::collections::BTreeSet;
use wireproof_reference::wire::Frame;

#[test]
fn etherparse_agrees_field_by_field_on_every_frame_written_by_hand() {
    let mut compared = 0;
    for (name, octets) in wire_frames::all() {
        match compare(Link::Ethernet, &octets) {
            Opinion::Agree { fields, .. } => compared += fields,
            // It takes the piece for destination options; it wants eight octets.
            Opinion::UnderstoodRefusal(_)
                if name == "IPv6, last fragment" || name == "ICMP of an unknown type" => {}
            opinion => panic!("{name}: {opinion:?}"),
        }
    }
    assert!(compared > 1000, "only {compared} fields were compared");
}

#[test]
fn etherparse_agrees_on_whether_a_frame_cut_or_with_a_flipped_bit_is_well_formed() {
    let mut reasons = BTreeSet::new();
    for (name, octets) in wire_frames::all() {
        let mut note = |damage: String, octets: &[u8]| match compare(Link::Ethernet, octets) {
            Opinion::Agree { understood, .. } => reasons.extend(understood),
            Opinion::UnderstoodRefusal(reason) => {
                reasons.insert(reason);
            }
            Opinion::BothRefuse => {}
            Opinion::Differ(how) => {
                panic!("{name} {damage}: {how}\n{octets:02x?}\n{:?}", Frame::parse(octets))
            }
        };
        for len in 0..octets.len() {
            note(format!("cut to {len}"), &octets[..len]);
        }
        let mut flipped = octets.clone();
        for bit in 0..octets.len() * 8 {
            flipped[bit / 8] ^= 0x80 >> (bit % 8);
            note(format!("with bit {bit} flipped"), &flipped);
            flipped[bit / 8] = octets[bit / 8];
        }
    }
    println!("understood: {reasons:#?}");
}
