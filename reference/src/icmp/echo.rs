//! Echo: RFC 792 page 14, RFC 1122 3.2.2.6, RFC 4443 4.
//!
//! An IPv4 echo request to a group is ignored, as RFC 1122 allows; an IPv6 one is answered from our own address, as
//! RFC 4443 4.2 recommends.

use crate::ip::Arrival;
use crate::ip::address::{Addresses, Reach};
use core::net::IpAddr;

/// The address of ours that answers an echo request; `None` if nobody must be answered.
pub fn answering_address(addresses: &Addresses, arrival: &Arrival<'_>) -> Option<IpAddr> {
    // Never to nobody and never to many: the answer would be another's attack.
    if addresses.martian(arrival.source).is_some() {
        return None;
    }
    match (arrival.reach, arrival.destination) {
        // RFC 1122 3.2.2.6: from the address that was asked.
        (Reach::Own, destination) => Some(destination),
        (Reach::Group | Reach::Broadcast, IpAddr::V6(_)) => addresses.source_for(arrival.source),
        (Reach::Group | Reach::Broadcast, IpAddr::V4(_)) | (Reach::Other, _) => None,
    }
}
