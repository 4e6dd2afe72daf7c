//! The TCP/lower-level interface, RFC 9293 3.9.2: how IP is to carry the segments of a connection.
//!
//! Diffserv field and hops are the user's (MUST-48, MUST-49). A source route is the user's, or the reverse of the one
//! over which the peer of a passive OPEN speaks (3.9.2.1).

use super::segment::Segment;
use crate::policy::{Policy, ReturnRoutes};
use crate::wire::SourceRoute;
use std::net::SocketAddr;

/// How IP is to carry a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Carriage {
    /// Differentiated services code point, 6 bits.
    pub dscp: u8,
    /// Hops that it may make, at least 1: TTL or hop limit.
    pub hop_limit: u8,
    /// The gateways that it passes; over IPv4 only (RFC 5095 3).
    pub source_route: Option<SourceRoute>,
}

impl Carriage {
    /// As `policy` has it for segments from `local`.
    pub fn new(policy: &Policy, local: SocketAddr) -> Self {
        let source_route = policy.source_route.filter(|_| local.is_ipv4());
        Self { dscp: policy.dscp, hop_limit: policy.hop_limit, source_route }
    }

    /// Octets of IP options (RFC 9293 3.7.1 MUST-16: IPoptionsize).
    pub(super) fn options_len(&self) -> u32 {
        // At most 40.
        self.source_route.map_or(0, |route| u32::try_from(route.options_len()).unwrap_or(40))
    }
}

/// What a connection has agreed upon with IP.
#[derive(Clone, Debug)]
pub(super) struct Lower {
    carriage: Carriage,
    routing: Routing,
    /// RFC 9293 3.9.1.9 MAY-9: the code point of the latest segment that was believed.
    heard_dscp: Option<u8>,
}

/// Where the source route comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Routing {
    /// From the user, or nobody asked for one: what arrives changes nothing (RFC 9293 3.9.2.1 MUST-52).
    Fixed,
    /// From the peer, always its latest (MUST-53, SHLD-24).
    Returning,
}

impl Lower {
    /// For an active OPEN.
    pub(super) fn of_active(policy: &Policy, local: SocketAddr) -> Self {
        Self { carriage: Carriage::new(policy, local), routing: Routing::Fixed, heard_dscp: None }
    }

    /// For a connection that `syn` began in LISTEN.
    pub(super) fn of_passive(policy: &Policy, syn: &Segment<'_>) -> Self {
        let active = Self::of_active(policy, syn.destination);
        let routing = match (policy.return_routes, active.carriage.source_route) {
            (ReturnRoutes::Taken, None) => Routing::Returning,
            (ReturnRoutes::Taken, Some(_)) | (ReturnRoutes::Ignored, _) => Routing::Fixed,
        };
        let mut lower = Self { routing, ..active };
        lower.handle_segment(syn);
        lower
    }

    pub(super) const fn carriage(&self) -> Carriage {
        self.carriage
    }

    pub(super) const fn heard_dscp(&self) -> Option<u8> {
        self.heard_dscp
    }

    pub(super) const fn set_dscp(&mut self, dscp: u8) {
        self.carriage.dscp = dscp;
    }

    pub(super) const fn set_hop_limit(&mut self, hop_limit: u8) {
        self.carriage.hop_limit = hop_limit;
    }

    /// A segment that the peer has surely sent: its acknowledgment is one of what was sent, or it is the SYN that began
    /// the connection.
    pub(super) fn handle_segment(&mut self, segment: &Segment<'_>) {
        self.heard_dscp = Some(segment.dscp);
        if let (Routing::Returning, Some(route)) = (self.routing, segment.return_route) {
            self.carriage.source_route = Some(route);
        }
    }
}
