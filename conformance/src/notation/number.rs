//! Sequence numbers, and how the symbolic ones of a scenario stand for the real ones on the wire.
//!
//! A scenario counts each side's numbers from the first that it shows, normally the SYN's: 100 for the tester, 300
//! for the device. The real numbers are drawn for the tester and learned from the device. This arithmetic is the
//! judge's own (RFC 9293 3.4); the reference has another.

use std::borrow::Cow;
use std::collections::BTreeMap;

/// A sequence number. There is no greater and less among them, only before and after, modulo 2^32 (RFC 9293 3.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Seq(pub u32);

impl Seq {
    /// The number so many octets further on.
    #[must_use]
    pub const fn plus(self, octets: u32) -> Self {
        Self(self.0.wrapping_add(octets))
    }

    /// The number so many octets back.
    #[must_use]
    pub const fn minus(self, octets: u32) -> Self {
        Self(self.0.wrapping_sub(octets))
    }

    /// How far it is from `origin` to `self`, forward.
    pub const fn since(self, origin: Self) -> u32 {
        self.0.wrapping_sub(origin.0)
    }

    /// How far it is from `origin` to `self` on the shorter way; negative backward.
    pub const fn distance(self, origin: Self) -> i32 {
        self.since(origin).cast_signed()
    }

    /// Whether it comes before `other`. Half a circle away is neither before nor after.
    pub const fn is_before(self, other: Self) -> bool {
        other.distance(self) > 0
    }

    /// Whether it comes after `other`.
    pub const fn is_after(self, other: Self) -> bool {
        self.distance(other) > 0
    }

    /// Whether it is from `first` to `last` going forward, both included.
    pub const fn is_within(self, first: Self, last: Self) -> bool {
        self.since(first) <= last.since(first)
    }
}

/// The two ends of every connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// The harness's own end.
    Tester,
    /// The device under test.
    Device,
}

impl Side {
    /// The end that talks with this one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Tester => Self::Device,
            Self::Device => Self::Tester,
        }
    }
}

/// Where the tester's first number is put.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Placement {
    /// Anywhere, as drawn.
    #[default]
    Anywhere,
    /// Right below 2^31, where signed comparison goes wrong.
    Near2To31,
    /// Right below 2^32, where the numbers wrap.
    Near2To32,
}

impl Placement {
    /// How far below the edge a number is put at most, so that the edge is crossed in the SYN, in data, or in a FIN.
    pub const REACH: u32 = 32;

    /// The first number, for a number drawn from the run's seed.
    pub const fn first(self, draw: u32) -> Seq {
        let below = 1 + draw % Self::REACH;
        match self {
            Self::Anywhere => Seq(draw),
            Self::Near2To31 => Seq((1 << 31) - below),
            Self::Near2To32 => Seq(0).minus(below),
        }
    }
}

/// How one side's symbolic numbers stand for real ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// The symbolic number that `real` is, once one has been shown.
    symbolic: Option<u32>,
    real: Seq,
    /// Whether the numbers are this side's own for sure: learned from it, or chosen for it.
    standing: Standing,
    stream: Begin,
}

/// Where the stream of a side begins. Old and foreign SYNs may be sent into a connection that lives (RFC 9293 3.10.7.4),
/// so that not every SYN begins it anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Begin {
    /// The number before octet 0: the SYN's.
    syn: Seq,
    /// Whether the other side has acknowledged that SYN.
    is_acknowledged: bool,
    /// A later SYN, which begins the stream anew if the other side answers it with its own.
    proposed: Option<Seq>,
}

impl Begin {
    const fn behind(syn: Seq, is_acknowledged: bool) -> Self {
        Self { syn, is_acknowledged, proposed: None }
    }
}

/// How sure the numbers of a [`Space`] are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// Until the side's SYN comes.
    UntilSyn,
    /// For good, or until another SYN with another symbolic number.
    Fixed,
}

impl Space {
    /// Nothing shown yet; the first number shown will be `real`. For the device `real` is random and holds only until
    /// its SYN.
    pub const fn unseen(real: Seq) -> Self {
        Self { symbolic: None, real, standing: Standing::UntilSyn, stream: Begin::behind(real, false) }
    }

    /// The symbolic number stands for the real one, which is that of a SYN the other side has acknowledged.
    pub const fn fixed(symbolic: u32, real: Seq) -> Self {
        let stream = Begin::behind(real, true);
        Self { symbolic: Some(symbolic), real, standing: Standing::Fixed, stream }
    }

    /// Numbers from `A+5000`: symbolic n of the new space is what n+5000 is in this one. `None` while this one is
    /// unseen.
    #[must_use]
    pub fn ahead(&self, by: u32) -> Option<Self> {
        self.symbolic.map(|symbolic| {
            let real = self.real.plus(by);
            Self { stream: Begin::behind(real, false), ..Self::fixed(symbolic, real) }
        })
    }

    /// Whether any number of this side is known or has been shown.
    pub const fn is_seen(&self) -> bool {
        self.symbolic.is_some()
    }

    /// The real number of a symbolic one, if any has been shown.
    pub fn real(&self, symbolic: u32) -> Option<Seq> {
        self.symbolic.map(|base| self.real.plus(symbolic.wrapping_sub(base)))
    }

    /// The real number of a symbolic one; the first one shown is the one that all others count from.
    pub fn show(&mut self, symbolic: u32) -> Seq {
        let base = *self.symbolic.get_or_insert(symbolic);
        self.real.plus(symbolic.wrapping_sub(base))
    }

    /// The symbolic number of a real one, if any has been shown and the number is not before all symbolic ones.
    pub fn symbolic(&self, real: Seq) -> Option<u32> {
        let ahead = real.distance(self.real);
        u32::try_from(i64::from(self.symbolic?) + i64::from(ahead)).ok()
    }

    /// A SYN with that symbolic number came with that real one. Whether it may: a number learned before must be the
    /// same again, but another symbolic number begins anew, as in RFC 9293's figure 9.
    pub fn learn_syn(&mut self, symbolic: u32, real: Seq) -> bool {
        let is_same_syn = self.standing == Standing::Fixed && self.real(symbolic) == Some(real);
        let is_other_syn = self.standing == Standing::UntilSyn || self.symbolic != Some(symbolic);
        if is_other_syn && !is_same_syn {
            *self = Self::fixed(symbolic, real);
        }
        if is_same_syn || is_other_syn {
            self.stream = Begin::behind(real, true);
        }
        is_same_syn || is_other_syn
    }

    /// A segment without SYN shows the first number of this side; a SYN may still replace it.
    pub const fn learn_first(&mut self, symbolic: u32, real: Seq) {
        let stream = Begin::behind(real, false);
        *self = Self { symbolic: Some(symbolic), real, standing: Standing::UntilSyn, stream };
    }

    /// A SYN of this side's own bears that number: the stream begins behind it, unless one is under way already; then
    /// only if the other side answers this SYN with its own.
    pub fn begin_stream(&mut self, syn: Seq) {
        if !self.stream.is_acknowledged {
            self.stream = Begin::behind(syn, false);
        } else if self.stream.syn != syn {
            self.stream.proposed = Some(syn);
        }
    }

    /// The other side acknowledges that number of this one's, with a SYN of its own or without.
    pub fn acknowledge(&mut self, ack: Seq, with_syn: bool) {
        let Begin { syn, is_acknowledged, proposed } = &mut self.stream;
        *is_acknowledged |= ack == syn.plus(1);
        if let Some(proposed) = proposed.filter(|proposed| with_syn && ack == proposed.plus(1)) {
            self.stream = Begin::behind(proposed, true);
        }
    }

    /// Which octet of the stream has that number: 0 for the one behind the SYN, negative before it. `None` while
    /// nothing is known of this side.
    pub fn stream_offset(&self, real: Seq) -> Option<i64> {
        self.symbolic.map(|_| i64::from(real.distance(self.stream.syn.plus(1))))
    }
}

/// What a connection's numbers are counted from when it reuses another's ports: `A+5000`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumbersFrom {
    /// The other connection.
    pub connection: String,
    /// How far ahead of its numbers: symbolic n of the new one is n + `ahead` of the other, on the tester's side.
    pub ahead: u32,
}

/// What is known of one connection: both sides' numbers, and the timestamps' letters.
///
/// Cheap to clone: alternatives that are followed in parallel have one each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The tester's numbers.
    pub tester: Space,
    /// The device's numbers.
    pub device: Space,
    /// Timestamps by their letters.
    pub letters: BTreeMap<Cow<'static, str>, u32>,
}

impl Binding {
    /// The symbolic number of the tester's SYN in a connection that a set-up step has opened.
    pub const TESTER_SYN: u32 = 100;
    /// The symbolic number of the device's SYN in such a connection.
    pub const DEVICE_SYN: u32 = 300;

    /// A connection of which nothing is shown yet; both real numbers are drawn.
    pub const fn new(tester: Seq, device: Seq) -> Self {
        Self { tester: Space::unseen(tester), device: Space::unseen(device), letters: BTreeMap::new() }
    }

    /// A connection that a set-up step has opened, by the real numbers of the SYNs: 100 and 300.
    pub const fn established(tester_syn: Seq, device_syn: Seq) -> Self {
        Self {
            tester: Space::fixed(Self::TESTER_SYN, tester_syn),
            device: Space::fixed(Self::DEVICE_SYN, device_syn),
            letters: BTreeMap::new(),
        }
    }

    /// The numbers of that side.
    pub const fn space(&self, side: Side) -> &Space {
        match side {
            Side::Tester => &self.tester,
            Side::Device => &self.device,
        }
    }

    /// The numbers of that side, to be changed.
    pub const fn space_mut(&mut self, side: Side) -> &mut Space {
        match side {
            Side::Tester => &mut self.tester,
            Side::Device => &mut self.device,
        }
    }

    /// Takes over what sending or matching a message has taught.
    pub fn apply(&mut self, learned: Learned) {
        let Learned { tester, device, letters } = learned;
        self.tester = tester;
        self.device = device;
        self.letters.extend(letters.into_iter().map(|(letter, value)| (Cow::Owned(letter), value)));
    }
}

/// What sending or matching a message has taught about its connection; for [`Binding::apply`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Learned {
    /// The tester's numbers from now on.
    pub tester: Space,
    /// The device's numbers from now on.
    pub device: Space,
    /// Letters seen for the first time.
    pub letters: Vec<(String, u32)>,
}

impl Learned {
    /// Nothing learned yet.
    pub const fn nothing(binding: &Binding) -> Self {
        Self { tester: binding.tester, device: binding.device, letters: Vec::new() }
    }

    /// The numbers of that side.
    pub const fn space(&self, side: Side) -> &Space {
        match side {
            Side::Tester => &self.tester,
            Side::Device => &self.device,
        }
    }

    /// The numbers of that side, to be changed.
    pub const fn space_mut(&mut self, side: Side) -> &mut Space {
        match side {
            Side::Tester => &mut self.tester,
            Side::Device => &mut self.device,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_round_at_two_to_the_32() {
        assert_eq!(Seq(u32::MAX).plus(2), Seq(1));
        assert_eq!(Seq(1).since(Seq(u32::MAX)), 2);
        assert_eq!(Seq(u32::MAX).distance(Seq(1)), -2);
        assert!(Seq(u32::MAX).is_before(Seq(0)));
        assert!(Seq(0).is_after(Seq(u32::MAX)));
        assert!(!Seq(5).is_before(Seq(5)) && !Seq(5).is_after(Seq(5)));
    }

    #[test]
    fn numbers_half_the_circle_apart_have_no_order() {
        let (here, there) = (Seq(7), Seq(7 + (1 << 31)));
        for (one, other) in [(here, there), (there, here)] {
            assert!(!one.is_before(other) && !one.is_after(other));
        }
    }

    #[test]
    fn numbers_cross_two_to_the_31_without_notice() {
        assert!(Seq(0x7fff_ffff).is_before(Seq(0x8000_0001)));
        assert_eq!(Seq(0x8000_0001).distance(Seq(0x7fff_ffff)), 2);
    }

    #[test]
    fn a_range_holds_both_its_ends_and_goes_round() {
        let (first, last) = (Seq(u32::MAX), Seq(1));
        assert!([Seq(u32::MAX), Seq(0), Seq(1)].into_iter().all(|number| number.is_within(first, last)));
        assert!(!Seq(2).is_within(first, last) && !Seq(u32::MAX - 1).is_within(first, last));
    }

    #[test]
    fn the_first_number_shown_is_the_one_that_all_others_count_from() {
        let mut space = Space::unseen(Seq(u32::MAX));
        assert_eq!(space.real(100), None);
        assert_eq!(space.show(100), Seq(u32::MAX));
        assert_eq!(space.show(102), Seq(1));
        assert_eq!(space.show(99), Seq(u32::MAX - 1));
        assert_eq!(space.symbolic(Seq(1)), Some(102));
    }

    #[test]
    fn a_number_before_all_symbolic_ones_has_none() {
        let space = Space::fixed(100, Seq(1_000));
        assert_eq!(space.symbolic(Seq(900)), Some(0));
        assert_eq!(space.symbolic(Seq(899)), None);
    }

    #[test]
    fn a_syn_replaces_the_random_base_and_must_come_again_with_the_same_number() {
        let mut space = Space::unseen(Seq(77));
        assert_eq!(space.show(700), Seq(77));
        assert!(space.learn_syn(300, Seq(5_000)));
        assert_eq!(space.real(301), Some(Seq(5_001)));
        assert!(space.learn_syn(300, Seq(5_000)), "a retransmission");
        assert!(!space.learn_syn(300, Seq(5_001)), "a retransmission with another number");
    }

    #[test]
    fn a_syn_with_another_symbolic_number_begins_anew() {
        // RFC 9293 figure 9: 300 answers the old duplicate, 400 the SYN that counts.
        let mut space = Space::unseen(Seq(77));
        assert!(space.learn_syn(300, Seq(5_000)));
        assert!(space.learn_syn(400, Seq(999_999)));
        assert_eq!(space.real(401), Some(Seq(1_000_000)));
    }

    #[test]
    fn octet_0_is_the_one_behind_the_syn_of_the_connection_that_counts() {
        let mut space = Space::unseen(Seq(1_000));
        assert_eq!(space.stream_offset(Seq(1_001)), None);
        space.show(90);
        let syn = space.show(100);
        space.begin_stream(syn);
        assert_eq!(space.stream_offset(Seq(1_011)), Some(0));
        assert_eq!(space.stream_offset(Seq(1_010)), Some(-1));
    }

    #[test]
    fn a_syn_into_a_living_connection_begins_no_stream_unless_it_is_answered_by_a_syn() {
        let mut space = Space::fixed(100, Seq(1_000));
        space.begin_stream(Seq(1_005));
        assert_eq!(space.stream_offset(Seq(1_001)), Some(0));
        space.acknowledge(Seq(1_006), false);
        assert_eq!(
            space.stream_offset(Seq(1_001)),
            Some(0),
            "a challenge, or five octets and the next acknowledged"
        );
        space.acknowledge(Seq(1_006), true);
        assert_eq!(space.stream_offset(Seq(1_006)), Some(0));
    }

    #[test]
    fn of_two_syns_before_any_answer_the_later_begins_the_stream() {
        let mut space = Space::unseen(Seq(1_000));
        space.show(90);
        space.begin_stream(Seq(1_000));
        space.begin_stream(Seq(1_010));
        assert_eq!(space.stream_offset(Seq(1_011)), Some(0));
    }

    #[test]
    fn numbers_from_a_plus_5000_are_that_far_ahead() {
        let a = Space::fixed(100, Seq(u32::MAX - 10));
        let b = a.ahead(5_000).unwrap();
        assert_eq!(b.real(100).unwrap().since(a.real(100).unwrap()), 5_000);
        assert_eq!(Space::unseen(Seq(0)).ahead(5_000), None);
    }

    #[test]
    fn numbers_near_an_edge_are_below_it_and_cross_it_soon() {
        for draw in [0, 1, 31, 32, u32::MAX] {
            let first = Placement::Near2To31.first(draw).0;
            assert!(first < 1 << 31 && first.wrapping_add(Placement::REACH) >= 1 << 31);
            let first = Placement::Near2To32.first(draw).0;
            assert!(first > u32::MAX - Placement::REACH);
            assert_eq!(Placement::Anywhere.first(draw), Seq(draw));
        }
    }
}
