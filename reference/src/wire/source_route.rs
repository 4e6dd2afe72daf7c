//! A source route of IPv4 that stands on its own, as a host begins it and as it comes back: RFC 791 3.1, RFC 1122 3.2.1.8 (c).
//!
//! From S over G1 to Gn to D the datagram leaves for G1 with the option `{>>G2 ... Gn, D}` and arrives with
//! `{G1 ... Gn>>}`, where `>>` is the pointer. The way back leaves for Gn with `{>>Gn-1 ... G1, S}`.

use super::ipv4_options::{Ipv4Option, Ipv4Options, Route};
use core::net::Ipv4Addr;

/// The kind, the length and the pointer.
const HEAD_LEN: usize = 3;

/// Which gateways a datagram passes on its way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SourceRoute {
    kind: SourceRouteKind,
    /// The gateways in order; behind `len`, unspecified.
    gateways: [Ipv4Addr; SourceRoute::MAX_GATEWAYS],
    len: usize,
}

/// Whether other gateways may stand between those that are named.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SourceRouteKind {
    /// Kind 131: they may.
    Loose,
    /// Kind 137: they may not.
    Strict,
}

impl SourceRoute {
    /// As many as 40 octets of options hold.
    pub const MAX_GATEWAYS: usize = 9;

    /// A route over `gateways` in order; `None` if there are none, or more than [`Self::MAX_GATEWAYS`].
    #[must_use]
    pub fn new(kind: SourceRouteKind, gateways: &[Ipv4Addr]) -> Option<Self> {
        let len = gateways.len();
        let mut all = [Ipv4Addr::UNSPECIFIED; Self::MAX_GATEWAYS];
        all.get_mut(..len).filter(|_| len > 0)?.copy_from_slice(gateways);
        Some(Self { kind, gateways: all, len })
    }

    /// Whether other gateways may stand between those that are named.
    #[must_use]
    pub const fn kind(&self) -> SourceRouteKind {
        self.kind
    }

    /// The gateways in order, at least one.
    #[must_use]
    pub fn gateways(&self) -> &[Ipv4Addr] {
        &self.gateways[..self.len]
    }

    /// Where a datagram with this route is sent to at first.
    #[must_use]
    pub const fn first(&self) -> Ipv4Addr {
        self.gateways[0]
    }

    /// Octets of the header's options with this route, padding included.
    #[must_use]
    pub const fn options_len(&self) -> usize {
        // The destination takes the place of the first gateway, one octet of padding follows.
        HEAD_LEN + 4 * self.len + 1
    }

    /// The header's options for a datagram that is to end up at `destination`; of the octets,
    /// [`Self::options_len`] count.
    #[must_use]
    pub fn options(&self, destination: Ipv4Addr) -> [u8; 40] {
        let mut data = [0; 4 * Self::MAX_GATEWAYS];
        let hops = self.gateways().iter().skip(1).chain([&destination]);
        for (place, hop) in data.as_chunks_mut::<4>().0.iter_mut().zip(hops) {
            *place = hop.octets();
        }
        let route = Route { pointer: 4, data: &data[..4 * self.len] };
        let option = match self.kind {
            SourceRouteKind::Loose => Ipv4Option::LooseSourceRoute(route),
            SourceRouteKind::Strict => Ipv4Option::StrictSourceRoute(route),
        };
        let mut octets = [0; 40];
        // It fits by MAX_GATEWAYS.
        let emitted = option.emit(&mut octets);
        debug_assert_eq!(emitted, Ok(self.options_len() - 1));
        octets
    }
}

impl Ipv4Options<'_> {
    /// The way back to `source` from where a datagram with these options has arrived: its source route reversed. `None`
    /// if it has none, one that leads on, several, or one without gateways.
    #[must_use]
    pub fn return_route(&self, source: Ipv4Addr) -> Option<SourceRoute> {
        let mut routes = self.iter().filter_map(|option| match option {
            Ok(Ipv4Option::LooseSourceRoute(route)) => Some((SourceRouteKind::Loose, route)),
            Ok(Ipv4Option::StrictSourceRoute(route)) => Some((SourceRouteKind::Strict, route)),
            _ => None,
        });
        let (kind, route) = routes.next().filter(|(_, route)| route.is_complete())?;
        let mut gateways = [Ipv4Addr::UNSPECIFIED; SourceRoute::MAX_GATEWAYS];
        let mut len = 0;
        for (place, hop) in gateways.iter_mut().zip(route.addresses()) {
            *place = hop;
            len += 1;
        }
        // RFC 1122 3.2.1.8 (c), case (B): some hosts put themselves before the first gateway.
        let recorded = match &mut gateways[..len] {
            [first, rest @ ..] if *first == source => rest,
            all => all,
        };
        recorded.reverse();
        if routes.next().is_some() { None } else { SourceRoute::new(kind, recorded) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: [u8; 4] = [192, 0, 2, 1];
    const G1: [u8; 4] = [192, 0, 2, 11];
    const G2: [u8; 4] = [192, 0, 2, 12];
    const G3: [u8; 4] = [192, 0, 2, 13];
    const D: [u8; 4] = [192, 0, 2, 2];

    fn loose(gateways: &[[u8; 4]]) -> Option<SourceRoute> {
        let gateways: Vec<Ipv4Addr> = gateways.iter().map(|&octets| octets.into()).collect();
        SourceRoute::new(SourceRouteKind::Loose, &gateways)
    }

    /// Options with one route of `kind`, padded.
    fn option(kind: u8, pointer: u8, data: &[[u8; 4]]) -> Vec<u8> {
        let data = data.as_flattened();
        let len = u8::try_from(data.len() + 3).unwrap();
        [&[kind, len, pointer][..], data, &[0]].concat()
    }

    fn back(octets: &[u8]) -> Option<SourceRoute> {
        Ipv4Options::new(octets).return_route(S.into())
    }

    /// RFC 1122 3.2.1.8 (c), case (A).
    #[test]
    fn a_route_leaves_for_its_first_gateway_with_the_others_and_the_destination_in_the_option() {
        let route = loose(&[G1, G2, G3]).unwrap();
        assert_eq!(route.first(), Ipv4Addr::from(G1));
        assert_eq!(route.options_len(), 16);
        assert_eq!(route.options(D.into())[..16], option(131, 4, &[G2, G3, D]));
        let strict = SourceRoute::new(SourceRouteKind::Strict, &[G1.into()]).unwrap();
        assert_eq!(strict.options(D.into())[..8], [137, 7, 4, 192, 0, 2, 2, 0]);
    }

    #[test]
    fn a_route_that_has_arrived_is_reversed_and_keeps_its_kind() {
        assert_eq!(back(&option(131, 16, &[G1, G2, G3])), loose(&[G3, G2, G1]));
        let strict = back(&[&[1, 1, 1][..], &option(137, 8, &[G1])].concat()).unwrap();
        assert_eq!((strict.kind(), strict.gateways()), (SourceRouteKind::Strict, &[G1.into()][..]));
    }

    #[test]
    fn a_source_that_put_itself_into_the_route_is_left_out_of_the_way_back() {
        assert_eq!(back(&option(131, 16, &[S, G1, G2])), loose(&[G2, G1]));
        assert_eq!(back(&option(131, 16, &[G1, S, G2])), loose(&[G2, S, G1]));
        assert_eq!(back(&option(131, 8, &[S])), None);
    }

    #[test]
    fn there_is_no_way_back_from_a_route_that_leads_on_or_is_empty_or_is_not_the_only_one() {
        assert_eq!(back(&option(131, 12, &[G1, G2, G3])), None);
        assert_eq!(back(&option(131, 4, &[])), None);
        assert_eq!(back(&option(7, 8, &[G1])), None, "a record of the route prescribes nothing");
        let two = [&option(131, 8, &[G1])[..7], &option(137, 8, &[G2])].concat();
        assert_eq!(back(&two), None);
        assert_eq!(back(&[]), None);
    }

    #[test]
    fn nine_gateways_fill_the_options_and_ten_do_not_fit() {
        let nine = loose(&[G1; 9]).unwrap();
        assert_eq!((nine.options_len(), nine.options(D.into()).len()), (40, 40));
        assert_eq!(nine.options(D.into())[1], 39);
        assert_eq!(back(&option(131, 40, &[G1; 9])), Some(nine));
        assert_eq!((loose(&[G1; 10]), loose(&[])), (None, None));
    }
}
