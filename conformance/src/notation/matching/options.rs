//! TCP options: those written must be there, those written with `no` must not; others may be there, in any order.

use wireproof_reference::wire::{SackBlocks as Blocks, Tcp, TcpOption, TcpOptions};

use super::Matcher;
use crate::notation::number::Seq;
use crate::notation::print::Hex;
use crate::notation::segment::{Octets, Opt, OptName, SackBlocks, Segment};
use crate::notation::show;

impl Matcher<'_> {
    pub(super) fn options(&mut self, segment: &Segment, tcp: &Tcp<'_>) {
        // RFC 9293 3.1, MUST-7: a length of 0 or 1, or beyond the end.
        let malformed = tcp.options.iter().find_map(Result::err);
        let is_raw = segment.options.iter().any(|option| matches!(option, Opt::Raw(_)));
        if let Some(error) = malformed.filter(|_| !is_raw) {
            self.differ("options", "options that can be walked over", error);
        }
        for (index, option) in segment.options.iter().enumerate() {
            // The second NOP written is compared with the second that came.
            let name = option.name();
            let earlier =
                segment.options.iter().take(index).filter(|other| name.is_some() && other.name() == name);
            match name {
                Some(name) => self.option(option, name, earlier.count(), &tcp.options),
                None => self.raw(option, &tcp.options),
            }
        }
        for name in &segment.absent {
            if let Some(got) = find(&tcp.options, *name, 0) {
                let got = show::option(&got, self.learned.space(self.sender.other()));
                self.differ(name.text(), format!("no {name}"), got);
            }
        }
    }

    /// The option, compared with the one of its kind that came in its place among its kind.
    fn option(&mut self, option: &Opt, name: OptName, nth: usize, options: &TcpOptions<'_>) {
        let Some(got) = find(options, name, nth) else {
            return self.differ(name.text(), option, "none");
        };
        let before = self.differences.len();
        let holds = match (option, got) {
            (Opt::MaximumSegmentSize(value), TcpOption::MaximumSegmentSize(got)) => {
                self.holds_quantity(value, got.into())
            }
            (Opt::WindowScale(value), TcpOption::WindowScale(got)) => self.holds_quantity(value, got.into()),
            (Opt::SackPermitted, TcpOption::SackPermitted)
            | (Opt::NoOperation, TcpOption::NoOperation)
            | (Opt::EndOfList, TcpOption::EndOfList) => Ok(true),
            (Opt::Sack(blocks), TcpOption::Sack(got)) => Ok(self.sack(blocks, got)),
            (Opt::Timestamps { value, echo }, TcpOption::Timestamps { value: got_value, echo: got_echo }) => {
                let letters = &self.binding.letters;
                let known = |letter: &str| letters.get(letter).copied();
                let value = value.holds_timestamp(got_value, known, &mut self.learned);
                let echo = echo.holds_timestamp(got_echo, known, &mut self.learned);
                value.and_then(|value| Ok(value & echo?))
            }
            (
                Opt::UserTimeout { minutes, value },
                TcpOption::UserTimeout { minutes: got, value: got_value },
            ) => self.holds_quantity(value, got_value.into()).map(|holds| holds & (*minutes == got)),
            (Opt::FastOpen { experimental: false, cookie }, TcpOption::FastOpen(got))
            | (Opt::FastOpen { experimental: true, cookie }, TcpOption::FastOpenExperimental(got)) => {
                Ok(holds_octets(cookie, &[got]))
            }
            (
                Opt::FastOpen { experimental: false, cookie: octets } | Opt::Md5(octets) | Opt::Ao(octets),
                TcpOption::Unknown { data, .. },
            ) => Ok(holds_octets(octets, &[data])),
            (Opt::Md5(octets), TcpOption::Md5(got)) => Ok(holds_octets(octets, &[got])),
            (Opt::Ao(octets), TcpOption::Ao { key_id, next_key_id, mac }) => {
                Ok(holds_octets(octets, &[&[key_id, next_key_id], mac]))
            }
            _ => Ok(false),
        };
        if holds == Ok(true) || self.differences.len() > before {
            return;
        }
        let got = show::option(&got, self.learned.space(self.sender.other()));
        match holds {
            Err(why) => self.differ(name.text(), format!("{option} ({why})"), got),
            Ok(_) => self.differ(name.text(), option, got),
        }
    }

    /// The blocks, in their order; they count in the numbers of the side whose octets they acknowledge.
    fn sack(&mut self, blocks: &SackBlocks, got: Blocks<'_>) -> bool {
        let SackBlocks::Exact(blocks) = blocks else { return true };
        let space = self.learned.space_mut(self.sender.other());
        blocks.len() == got.len()
            && blocks.iter().zip(got.iter()).all(|((left, right), got)| {
                left.sequence(space, self.environment) == Ok(Seq(got.left))
                    && right.sequence(space, self.environment) == Ok(Seq(got.right))
            })
    }

    /// The octets, where an option begins.
    fn raw(&mut self, option: &Opt, options: &TcpOptions<'_>) {
        let Opt::Raw(octets) = option else { return };
        let mut walk = options.iter();
        loop {
            if walk.rest().starts_with(octets) {
                return;
            }
            if !matches!(walk.next(), Some(Ok(_))) {
                return self.differ("OPT", option, Hex(options.octets()));
            }
        }
    }
}

/// The `nth` option of that name.
fn find<'a>(options: &TcpOptions<'a>, name: OptName, nth: usize) -> Option<TcpOption<'a>> {
    options.iter().flatten().filter(|option| name_of(option) == Some(name)).nth(nth)
}

/// By what name the notation knows the option; one of a length that its kind cannot have is of its kind still.
fn name_of(option: &TcpOption<'_>) -> Option<OptName> {
    match option {
        TcpOption::EndOfList => Some(OptName::EndOfList),
        TcpOption::NoOperation => Some(OptName::NoOperation),
        TcpOption::MaximumSegmentSize(_) => Some(OptName::MaximumSegmentSize),
        TcpOption::WindowScale(_) => Some(OptName::WindowScale),
        TcpOption::SackPermitted => Some(OptName::SackPermitted),
        TcpOption::Sack(_) => Some(OptName::Sack),
        TcpOption::Timestamps { .. } => Some(OptName::Timestamps),
        TcpOption::UserTimeout { .. } => Some(OptName::UserTimeout),
        TcpOption::FastOpen(_) | TcpOption::FastOpenExperimental(_) => Some(OptName::FastOpen),
        TcpOption::Md5(_) => Some(OptName::Md5),
        TcpOption::Ao { .. } => Some(OptName::Ao),
        TcpOption::Unknown { kind, .. } => match kind {
            2 => Some(OptName::MaximumSegmentSize),
            3 => Some(OptName::WindowScale),
            4 => Some(OptName::SackPermitted),
            5 => Some(OptName::Sack),
            8 => Some(OptName::Timestamps),
            19 => Some(OptName::Md5),
            28 => Some(OptName::UserTimeout),
            29 => Some(OptName::Ao),
            34 => Some(OptName::FastOpen),
            _ => None,
        },
        TcpOption::Mptcp(_) | TcpOption::AccEcn0(_) | TcpOption::AccEcn1(_) => None,
    }
}

/// Whether the octets, which come in pieces, are those written.
fn holds_octets(expected: &Octets, pieces: &[&[u8]]) -> bool {
    match expected {
        Octets::Any => true,
        Octets::Exact(octets) => octets.iter().eq(pieces.iter().copied().flatten()),
    }
}
