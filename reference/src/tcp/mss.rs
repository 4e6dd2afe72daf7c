//! How large a segment may be: the peer's MSS and the path's MTU (RFC 9293 3.7.1, 3.7.2; RFC 1191, 8201, 5927 7.2).

use super::seq::{SeqNumber, octets};
use crate::policy::Policy;
use std::net::{IpAddr, SocketAddr};

/// The TCP header without options.
const TCP_HEADER: u32 = 20;

/// What differs between the versions of IP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Family {
    /// The fixed IP header, octets.
    header: u32,
    /// The smallest MTU a path can have (RFC 791 3.2; RFC 8200 5).
    least_mtu: u32,
    /// The send MSS where the peer tells none (RFC 9293 3.7.1 MUST-15).
    default_mss: u16,
}

impl Family {
    const fn of(address: SocketAddr) -> Self {
        match address.ip() {
            IpAddr::V4(_) => Self { header: 20, least_mtu: 68, default_mss: 536 },
            IpAddr::V6(_) => Self { header: 40, least_mtu: 1280, default_mss: 1220 },
        }
    }
}

/// The MSS to offer to a peer when packets of `mtu` octets can be received: the MTU without fixed headers
/// (RFC 9293 3.7.1 MUST-67, RFC 6691 2).
fn offered(local: SocketAddr, mtu: u32) -> u16 {
    let mss = mtu.saturating_sub(Family::of(local).header + TCP_HEADER);
    u16::try_from(mss).unwrap_or(u16::MAX)
}

/// The MSS to offer: [`offered`], or what the user allows.
pub(super) fn offered_by(policy: &Policy, local: SocketAddr, mtu: u32) -> u16 {
    offered(local, mtu).min(policy.mss.unwrap_or(u16::MAX))
}

/// A report of a smaller path that waits for confirmation.
#[derive(Clone, Copy, Debug)]
struct Claim {
    mtu: u32,
    /// The number of the segment that the report quotes.
    quoted: SeqNumber,
}

/// The largest segment for one connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct SegmentSize {
    family: Family,
    /// What the peer accepts: SendMSS.
    send_mss: u16,
    /// What the user allows.
    user_mss: u16,
    /// Octets of IP options on every packet.
    ip_options: u32,
    /// What the path carries, IP header included.
    path_mtu: u32,
    /// The largest packet sent, and the largest that was acknowledged (RFC 5927 7.2).
    largest_sent: u32,
    largest_acknowledged: u32,
    pending: Option<Claim>,
}

/// What became of a report that the path is smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Not believable.
    Dropped,
    /// Remembered until a segment times out.
    Pending,
    /// The segments are smaller now.
    Adopted,
}

impl SegmentSize {
    pub(super) fn new(local: SocketAddr, mtu: u32) -> Self {
        let family = Family::of(local);
        Self {
            family,
            send_mss: family.default_mss,
            user_mss: u16::MAX,
            ip_options: 0,
            path_mtu: mtu.max(family.least_mtu),
            largest_sent: family.least_mtu,
            largest_acknowledged: family.least_mtu,
            pending: None,
        }
    }

    /// The same, but no segment has more text than `policy` allows.
    pub(super) fn within(self, policy: &Policy) -> Self {
        // An MSS of 0 would send nothing, for ever.
        Self { user_mss: policy.mss.unwrap_or(u16::MAX).max(1), ..self }
    }

    /// Packets bear so many octets of IP options. True if that is news.
    pub(super) fn handle_ip_options(&mut self, len: u32) -> bool {
        core::mem::replace(&mut self.ip_options, len) != len
    }

    /// What other connections found out about this path (RFC 1191 6.2, RFC 8201 5.2).
    pub(super) fn handle_known_path(&mut self, mtu: u32) {
        self.path_mtu = self.path_mtu.min(mtu.max(self.family.least_mtu));
    }

    /// The peer's SYN has come. An MSS of 0 says nothing that could be kept to.
    pub(super) fn handle_syn(&mut self, mss: Option<u16>) {
        self.send_mss = mss.filter(|&mss| mss > 0).unwrap_or(self.family.default_mss);
    }

    /// Eff.snd.MSS for segments without TCP options: RFC 9293 3.7.1 MUST-16. Where IP options leave no room it is 1: what
    /// cannot be sent is then lost, not this sender's way.
    pub(super) fn effective(&self) -> u32 {
        let carried = self.path_mtu - self.family.header - TCP_HEADER;
        let most = u32::from(self.send_mss.min(self.user_mss)).min(carried);
        most.saturating_sub(self.ip_options).max(1)
    }

    fn packet(&self, payload: u32) -> u32 {
        payload + self.family.header + self.ip_options + TCP_HEADER
    }

    /// A segment with so much text was sent.
    pub(super) fn handle_sent(&mut self, payload: usize) {
        self.largest_sent = self.largest_sent.max(self.packet(octets(payload)));
    }

    /// SND.UNA moved to `una`, over `acknowledged` octets.
    pub(super) fn handle_ack(&mut self, una: SeqNumber, acknowledged: u32) {
        let size = self.packet(acknowledged.min(self.effective()));
        self.largest_acknowledged = self.largest_acknowledged.max(size.min(self.largest_sent));
        // RFC 5927 7.2: the connection makes progress, so the report was wrong or is outdated.
        self.pending = self.pending.filter(|claim| !una.after(claim.quoted));
    }

    /// A router reports that its next link carries `mtu` octets, quoting a segment in flight (RFC 5927 7.2).
    pub(super) fn handle_report(&mut self, mtu: u32, quoted: SeqNumber) -> Verdict {
        let believable = mtu >= self.family.least_mtu && mtu < self.path_mtu && mtu < self.largest_sent;
        if !believable {
            return Verdict::Dropped;
        }
        if mtu < self.largest_acknowledged {
            self.pending = Some(Claim { mtu, quoted });
            return Verdict::Pending;
        }
        self.adopt(mtu);
        Verdict::Adopted
    }

    /// A segment timed out: a pending report is now believed.
    pub(super) fn handle_timeout(&mut self) -> Verdict {
        let Some(claim) = self.pending.take() else { return Verdict::Dropped };
        self.adopt(claim.mtu);
        self.largest_acknowledged = claim.mtu;
        Verdict::Adopted
    }

    fn adopt(&mut self, mtu: u32) {
        self.path_mtu = mtu;
        self.largest_sent = self.family.least_mtu;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, Ipv6Addr};

    const V4: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2)), 80);
    const V6: SocketAddr = SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), 80);
    const UNA: SeqNumber = SeqNumber(301);

    #[test]
    fn without_an_option_the_default_of_the_ip_version_holds() {
        assert_eq!(
            (SegmentSize::new(V4, 1500).effective(), SegmentSize::new(V6, 1500).effective()),
            (536, 1220)
        );
        assert_eq!((offered(V4, 1500), offered(V6, 1500)), (1460, 1440));
    }

    #[test]
    fn the_smaller_of_what_peer_and_path_take_is_sent() {
        for (mss, mtu, effective) in
            [(1460, 1500, 1460), (1460, 1000, 960), (100, 1500, 100), (u16::MAX, 1500, 1460)]
        {
            let mut size = SegmentSize::new(V4, mtu);
            size.handle_syn(Some(mss));
            assert_eq!(size.effective(), effective, "MSS {mss}, MTU {mtu}");
        }
    }

    #[test]
    fn options_of_the_ip_header_leave_less_room_for_text() {
        let mut size = SegmentSize::new(V4, 1500);
        size.handle_syn(Some(1460));
        assert!(size.handle_ip_options(12) && !size.handle_ip_options(12));
        assert_eq!(size.effective(), 1448);
        size.handle_syn(Some(500));
        assert_eq!(size.effective(), 488, "the peer's MSS tells of packets without options");
        size.handle_sent(488);
        assert_eq!(size.handle_report(539, UNA), Verdict::Adopted, "540 octets were sent");
        let mut narrow = SegmentSize::new(V4, 68);
        narrow.handle_ip_options(40);
        assert_eq!(narrow.effective(), 1);
    }

    #[test]
    fn an_mss_of_zero_is_no_mss() {
        let mut size = SegmentSize::new(V4, 1500);
        size.handle_syn(Some(0));
        assert_eq!(size.effective(), 536);
    }

    fn full_sized() -> SegmentSize {
        let mut size = SegmentSize::new(V4, 1500);
        size.handle_syn(Some(1460));
        size.handle_sent(1460);
        size
    }

    #[test]
    fn a_report_is_believed_at_once_before_large_segments_got_through() {
        let mut size = full_sized();
        assert_eq!(size.handle_report(1000, UNA), Verdict::Adopted);
        assert_eq!(size.effective(), 960);
    }

    #[test]
    fn a_report_about_what_was_never_sent_or_never_could_be_is_dropped() {
        let mut size = SegmentSize::new(V4, 1500);
        size.handle_syn(Some(1460));
        size.handle_sent(100);
        for mtu in [0, 67, 200, 1500, 9000] {
            assert_eq!(size.handle_report(mtu, UNA), Verdict::Dropped, "MTU {mtu}");
        }
    }

    #[test]
    fn once_large_segments_got_through_a_report_waits_for_a_timeout() {
        let mut size = full_sized();
        size.handle_ack(UNA + 1460, 1460);
        size.handle_sent(1460);
        assert_eq!(size.handle_report(1000, UNA + 1460), Verdict::Pending);
        assert_eq!(size.effective(), 1460);
        assert_eq!(size.handle_timeout(), Verdict::Adopted);
        assert_eq!(size.effective(), 960);
    }

    #[test]
    fn progress_refutes_a_pending_report() {
        let mut size = full_sized();
        size.handle_ack(UNA + 1460, 1460);
        size.handle_sent(1460);
        assert_eq!(size.handle_report(1000, UNA + 1460), Verdict::Pending);
        size.handle_ack(UNA + 2920, 1460);
        assert_eq!(size.handle_timeout(), Verdict::Dropped);
    }

    #[test]
    fn a_report_of_just_what_got_through_is_believed_at_once() {
        let mut size = full_sized();
        size.handle_ack(UNA + 960, 960);
        assert_eq!(size.handle_report(1000, UNA + 1460), Verdict::Adopted);
        let mut size = full_sized();
        size.handle_ack(UNA + 961, 961);
        assert_eq!(size.handle_report(1000, UNA + 1460), Verdict::Pending);
    }
}
