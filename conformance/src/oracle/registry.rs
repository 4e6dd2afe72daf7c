//! All rules, by family. Each row: the name in code, the name for people, level, what it takes, clauses, what holds.

use core::fmt;
use core::str::FromStr;
use serde::{Deserialize, Serialize};

use super::rule::{Family, Needs, Rule};
use crate::report::Level;

macro_rules! rules {
    ($($family:ident { $($id:ident $name:literal $level:ident $needs:ident [$($tag:literal),+] $summary:literal)+ })+) => {
        /// A rule, by its number in the registry.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[repr(u8)]
        pub enum RuleId {
            $($(#[doc = $summary] $id,)+)+
        }

        /// How many rules there are.
        pub(super) const COUNT: usize = [$($(RuleId::$id),+),+].len();

        /// Every rule, in the order of the families.
        pub static RULES: &[Rule] = &[
            $($(Rule {
                id: RuleId::$id,
                name: $name,
                summary: $summary,
                tags: &[$($tag),+],
                level: Level::$level,
                family: Family::$family,
                needs: Needs::$needs,
            },)+)+
        ];
    };
}

rules! {
    Format {
        TcpChecksum "tcp-checksum" Must Arrivals ["rfc9293-3.1-MUST-2"] "Every segment bears the right checksum."
        IpChecksum "ip-checksum" Must Arrivals ["rfc1122-3.2.1.2"] "Every IPv4 header bears the right checksum."
        DataOffset "data-offset" Must Arrivals ["rfc9293-3.1"] "The data offset is at least 5 and within the segment."
        ReservedBits "reserved-bits" Must Packets ["rfc9293-3.1"] "The reserved bits of what is sent are zero."
        OptionLengths "option-lengths" Must Packets ["rfc9293-3.1-MUST-68"] "The options of what is sent have lengths that fit."
        OptionPadding "option-padding" Must Packets ["rfc9293-3.1-MUST-69"] "Behind the end of the options there are zeros only."
        AckAlways "ack-always" Must Packets ["rfc9293-3.1"] "Once connected, every segment but a RST has its ACK bit set."
        OneHost "one-host" Must Packets ["rfc9293-3.9.2.3-MUST-57", "rfc9293-3.9.1.1-MUST-46"] "No segment goes to an address that is no single host's."
    }
    Sequence {
        SameOctets "same-octets" Must Packets ["rfc9293-3.4", "rfc2525-2.4"] "A number once sent bears the same octet whenever it is sent again."
        NumbersWithoutHoles "numbers-without-holes" Must Arrivals ["rfc9293-3.4"] "No number is left out: what is new begins where all before it ended."
        SynTakesOne "syn-takes-one" Must Packets ["rfc9293-3.4"] "A SYN takes one number, and no octet bears it."
        NothingBehindFin "nothing-behind-fin" Must Packets ["rfc9293-3.6"] "No octet bears the number of a FIN or one behind it."
        OneFin "one-fin" Must Packets ["rfc9293-3.4"] "A FIN sent again bears the number that it had."
        MssRespected "mss-respected" Must Arrivals ["rfc9293-3.7.1-MUST-16"] "No segment bears more octets than the peer's MSS."
        OptionsCounted "options-counted" Must Arrivals ["rfc9293-3.7.1-MUST-16", "rfc2525-2.18"] "Octets and options together do not exceed the peer's MSS."
        DefaultMss "default-mss" Must Arrivals ["rfc9293-3.7.1-MUST-15"] "A peer without MSS option gets at most 536 octets, over IPv6 1220."
        MssOnSyn "mss-on-syn" Must Packets ["rfc9293-3.2-MUST-65"] "An MSS option stands on a SYN only."
        Nagle "nagle" Should Calls ["rfc9293-3.7.4-SHLD-7"] "A small segment waits until all before it is acknowledged, unless the application said otherwise."
        IsnVaries "isn-varies" Must Packets ["rfc9293-3.4.1-MUST-8"] "Connections begun at different times begin with different numbers."
        AckedForgotten "acked-forgotten" Must Arrivals ["rfc9293-3.10.7.4"] "What the peer has acknowledged is not sent again."
    }
    Window {
        WindowOverrun "window-overrun" Must Packets ["rfc9293-3.8.6"] "Nothing is sent beyond the furthest edge that the peer ever offered, but a probe of one octet."
        StaleWindow "stale-window" Must Arrivals ["rfc9293-3.10.7.4"] "The window of a segment that a later one overtook is not used."
        ShrunkenWindow "shrunken-window" Should Arrivals ["rfc9293-3.8.6-SHLD-15"] "Nothing new is sent beyond an edge that has moved back."
        WindowShrunk "window-shrunk" Should Packets ["rfc9293-3.8.6-SHLD-14", "rfc7323-2.4"] "A right edge once offered does not move back by more than rounding does."
        SillyWindow "silly-window" Must Packets ["rfc9293-3.8.6.2.2-MUST-39"] "A closed window opens by a segment or half the buffer, not by crumbs."
        ZeroWindowProbed "zero-window-probed" Must Calls ["rfc9293-3.8.6.1-MUST-36", "rfc2525-2.12"] "Whoever has octets to send asks after a closed window."
        ProbeBackoff "probe-backoff" Should Packets ["rfc9293-3.8.6.1-SHLD-30"] "The waits between probes of a closed window grow."
        LastingProbe "lasting-probe" Must Calls ["rfc9293-3.8.6.1-MUST-37"] "While its probes are answered, a connection lives on."
    }
    Acknowledgment {
        AckBeyondSent "ack-beyond-sent" Must Packets ["rfc9293-3.4", "rfc9293-3.10.7.4"] "Nothing is acknowledged that was never sent."
        AckUnreceived "ack-unreceived" Must Arrivals ["rfc9293-3.4"] "Nothing is acknowledged that did not arrive, or with a hole before it."
        AckBackwards "ack-backwards" Must Packets ["rfc9293-3.4"] "The acknowledgment number does not go back."
        AckBeyondWindow "ack-beyond-window" Must Arrivals ["rfc9293-3.10.7.4"] "Octets beyond the window that was offered are not taken."
        RefusedTaken "refused-taken" Must Arrivals ["rfc9293-3.10.7.4", "rfc7323-5.3"] "Octets of a segment that is dropped whole are not acknowledged: one without ACK, one that acknowledges what was never sent, one with an old timestamp."
        AckBehindFin "ack-behind-fin" Must Arrivals ["rfc9293-3.10.7.4"] "Nothing behind a FIN that was taken is acknowledged."
        AckDelay "ack-delay" Must Arrivals ["rfc9293-3.8.6.3-MUST-40"] "Octets in order are acknowledged before half a second is over."
        StretchAck "stretch-ack" Should Arrivals ["rfc9293-3.8.6.3-SHLD-19", "rfc5681-4.2", "rfc2525-2.13"] "Every second full-sized segment is acknowledged at the latest."
        EarlyAnswered "early-answered" Should Arrivals ["rfc5681-4.2"] "A segment that leaves a gap is answered at once."
        GapAnswered "gap-answered" Should Arrivals ["rfc5681-4.2"] "A segment that fills a gap is acknowledged at once."
        EarlyKept "early-kept" Should Arrivals ["rfc9293-3.10.7.4-SHLD-31", "rfc2525-2.5"] "What arrived early is acknowledged as soon as the gap before it is filled."
        OldAnswered "old-answered" Must Arrivals ["rfc9293-3.10.7.4"] "Octets outside the window are answered by an acknowledgment."
        ProbeAnswered "probe-answered" Must Arrivals ["rfc9293-3.10.7.4", "rfc9293-3.8.6.1"] "A probe of a closed window is answered with the number and the window of the moment."
        OneAnswer "one-answer" Must Arrivals ["rfc5681-4.2"] "A segment that arrives brings one acknowledgment at the most, but for windows that open."
    }
    State {
        SynAcked "syn-acked" Must Packets ["rfc9293-3.5"] "A SYN with ACK acknowledges the peer's SYN."
        DataBeforeSyn "data-before-syn" Must Arrivals ["rfc9293-3.5"] "No segment but a SYN leaves before the peer's SYN arrived."
        FinAcked "fin-acked" Must Arrivals ["rfc9293-3.10.7.4"] "A FIN behind octets that all arrived is acknowledged."
        LateFinAcked "late-fin-acked" Must Arrivals ["rfc9293-3.10.7.4", "rfc9293-3.6.1-MUST-13"] "In TIME-WAIT a FIN that comes again is acknowledged again."
        SynInConnection "syn-in-connection" Must Arrivals ["rfc9293-3.10.7.4", "rfc5961-4.2"] "A SYN amid a connection is not answered by a SYN."
        QuietAfterClose "quiet-after-close" Must Arrivals ["rfc9293-3.10.7.4"] "Whoever closed second and whose FIN is acknowledged sends nothing more, but RSTs."
        FinPromptly "fin-promptly" Should Calls ["rfc9293-3.10.4", "rfc2525-2.15"] "A close with nothing left to send sends its FIN at once."
    }
    Reset {
        ResetOfReset "reset-of-reset" Must Arrivals ["rfc9293-3.5.2"] "A RST is never answered by a RST."
        ResetNumbers "reset-numbers" Must Packets ["rfc9293-3.5.2", "rfc9293-3.10.7.1"] "A RST for no connection bears the numbers that the sender can check."
        ResetInWindow "reset-in-window" Must Arrivals ["rfc9293-3.5.3", "rfc9293-3.10.7.4"] "A RST of a connection bears a number that the peer acknowledged or that comes next."
        QuietAfterReset "quiet-after-reset" Must Arrivals ["rfc9293-3.10.5", "rfc9293-3.10.8"] "Whoever reset a connection sends nothing more on it, but RSTs."
        ResetBelieved "reset-believed" Must Arrivals ["rfc9293-3.10.7.4", "rfc5961-3.2"] "A RST with exactly the number expected next ends the connection."
        ResetOutside "reset-outside" Must Calls ["rfc9293-3.10.7.4"] "A RST outside the window ends nothing."
        ResetDoubted "reset-doubted" Should Calls ["rfc5961-3.2"] "A RST in the window with another number than the next ends nothing."
        DamagedUnanswered "damaged-unanswered" Must Arrivals ["rfc9293-3.1-MUST-3"] "A segment that arrives damaged is not answered."
        ResetOnUnread "reset-on-unread" Should Calls ["rfc9293-3.6.1-SHLD-3", "rfc2525-2.17"] "A close that throws octets away tells the peer by a RST."
        ResetAfterClose "reset-after-close" Should Calls ["rfc9293-3.6.1-SHLD-3", "rfc2525-2.16"] "Octets that arrive when nobody will read them are met by a RST."
    }
    Timer {
        InitialRto "initial-rto" Should Packets ["rfc6298-2.1", "rfc2525-2.7"] "Before the first measurement nothing is sent again within a second."
        RtoFloor "rto-floor" Should Packets ["rfc6298-2.4"] "No time-out is shorter than a second."
        RtoAfterSynLoss "rto-after-syn-loss" Must Arrivals ["rfc6298-5.7"] "After a lost SYN the first octets wait three seconds for their acknowledgment."
        RtoBackoff "rto-backoff" Must Packets ["rfc6298-5.5", "rfc2525-2.10"] "Each time-out in a row doubles the wait."
        UnackedRepeated "unacked-repeated" Must Arrivals ["rfc9293-3.8.1", "rfc6298-5.4"] "What stays unacknowledged is sent again."
        SynPatience "syn-patience" Must Calls ["rfc9293-3.8.3-MUST-23"] "An open is tried for three minutes or longer."
        DataPatience "data-patience" Should Calls ["rfc9293-3.8.3-SHLD-11"] "Octets are tried for 100 seconds or longer."
        KeepaliveAsked "keepalive-asked" Must Calls ["rfc9293-3.8.4-MUST-25"] "Nobody sends keep-alives that the application did not ask for."
        KeepaliveInterval "keepalive-interval" Must Calls ["rfc9293-3.8.4-MUST-28", "rfc2525-2.11"] "Left alone, a keep-alive comes after two hours of silence, not sooner."
        KeepalivePatience "keepalive-patience" Must Calls ["rfc9293-3.8.4-MUST-29", "rfc2525-2.9"] "One keep-alive without answer does not end a connection."
    }
    Congestion {
        InitialWindow "initial-window" Must Packets ["rfc5681-3.1", "rfc6928-2", "rfc2525-2.1"] "Before the first acknowledgment no more is sent than an initial window, of ten segments at the most."
        UnnamedMssWindow "unnamed-mss-window" Should Packets ["rfc5681-3.1", "rfc2525-2.3"] "The initial window is kept towards a peer that named no MSS, too."
        SlowStartGrowth "slow-start-growth" Must Packets ["rfc5681-3.1"] "What is under way grows by no more than was acknowledged."
        LossWindow "loss-window" Must Arrivals ["rfc5681-3.1", "rfc2525-2.2"] "After a time-out one segment is under way until an acknowledgment comes."
        OneAtATime "one-at-a-time" Should Packets ["rfc5681-3.2", "rfc2525-2.14"] "Three duplicate acknowledgments bring back one segment, not several."
        FastRetransmit "fast-retransmit" Should Arrivals ["rfc5681-3.2"] "The third duplicate acknowledgment brings the missing segment at once."
        Deflation "deflation" Must Arrivals ["rfc5681-3.2", "rfc2525-2.8"] "When recovery ends, the window comes down to what it was set to."
        AdditiveConstant "additive-constant" Should Arrivals ["rfc5681-3.1", "rfc2525-2.6"] "In congestion avoidance the window grows by a segment a round trip."
    }
    Options {
        ScaleInvited "scale-invited" Must Packets ["rfc7323-2.2"] "A SYN with ACK bears a window scale only if the SYN did."
        ScaleLimit "scale-limit" Must Packets ["rfc7323-2.3"] "Windows are shifted by 14 bits at the most."
        TimestampsInvited "timestamps-invited" Must Packets ["rfc7323-3.2"] "Timestamps are sent only where both SYNs bore them."
        TimestampsKept "timestamps-kept" Must Packets ["rfc7323-3.2"] "Where both SYNs bore timestamps, every segment but a RST bears them."
        TimestampsForward "timestamps-forward" Must Packets ["rfc7323-5.4", "rfc7323-3.2"] "The clock of the timestamps does not go back."
        EchoOfSent "echo-of-sent" Must Packets ["rfc7323-4.3", "rfc7323-3.2"] "The timestamp that is echoed is one that the peer sent."
        EchoOfEarly "echo-of-early" Must Arrivals ["rfc7323-4.3"] "The timestamp of a segment that left a gap is not echoed."
        EchoZero "echo-zero" Should Packets ["rfc7323-3.2"] "Without ACK the timestamp that is echoed is zero."
        SackInvited "sack-invited" Must Packets ["rfc2018-4"] "SACK blocks go only to a peer whose SYN permitted them."
        SackPermittedOnSyn "sack-permitted-on-syn" Must Packets ["rfc2018-2"] "A SACK-permitted option stands on a SYN only."
        SackOrder "sack-order" Must Packets ["rfc2018-3"] "A SACK block's left edge stands before its right one."
        SackReceived "sack-received" Must Packets ["rfc2018-3"] "A SACK block tells of octets that arrived."
        SackFirst "sack-first" Must Arrivals ["rfc2018-4"] "The first SACK block holds the segment that brought it about."
        SackAboveAck "sack-above-ack" Should Packets ["rfc2018-3", "rfc2018-4"] "Behind the first, no SACK block lies below the acknowledgment number."
    }
    Urgent {
        UrgentAsked "urgent-asked" Must Calls ["rfc9293-3.8.5-MUST-30"] "Nothing is urgent that the application did not send as urgent."
        UrgentPointer "urgent-pointer" Must Calls ["rfc9293-3.8.5-MUST-62"] "The urgent pointer points behind the last urgent octet."
    }
    Icmp {
        NoSourceQuench "no-source-quench" Must Packets ["rfc6633-2"] "Nobody sends Source Quench."
        NoErrorOfError "no-error-of-error" Must Packets ["rfc1122-3.2.2", "rfc4443-2.4"] "No ICMP error is answered by an ICMP error."
        NoErrorOfGroup "no-error-of-group" Must Packets ["rfc1122-3.2.2", "rfc4443-2.4"] "No ICMP error answers what went to many or came from no single host."
        NoErrorOfFragment "no-error-of-fragment" Must Packets ["rfc1122-3.2.2"] "No ICMP error answers a fragment but the first."
        QuotedOutside "quoted-outside" Should Calls ["rfc5927-4.1"] "An error that quotes what is not under way ends nothing."
        SoftError "soft-error" Must Calls ["rfc9293-3.9.2.2-MUST-56"] "An error that tells of passing trouble resets no connection."
        PathMtu "path-mtu" Must Arrivals ["rfc1191-3", "rfc8201-4"] "What was too big for the way is sent again in smaller pieces."
        QuoteLength "quote-length" Must Packets ["rfc1122-3.2.2"] "An ICMP error quotes the IP header and eight octets at least."
    }
    Application {
        DeliveredAsSent "delivered-as-sent" Must Calls ["rfc9293-3.8"] "What the application reads is what arrived, in order, without hole or repetition."
        EndAfterAll "end-after-all" Must Calls ["rfc9293-3.10.7.4"] "The application is told of the end after it was given all octets, and only if a FIN came."
        SentAsWritten "sent-as-written" Must Calls ["rfc9293-3.8"] "What is sent is what the application wrote, in order, and no more."
        ToldHonestly "told-honestly" Must Calls ["rfc9293-3.6-MUST-12", "rfc9293-3.10.7.4"] "A connection that was reset does not end, for its application, as if it had been closed."
        PushAtEnd "push-at-end" Must Calls ["rfc9293-3.9.1.2-MUST-61"] "The last octet that was written is sent with PSH."
        FinWhenAsked "fin-when-asked" Must Calls ["rfc9293-3.10.4"] "No FIN leaves before the application closes."
    }
}

impl RuleId {
    /// The rule.
    pub fn rule(self) -> &'static Rule {
        &RULES[self.index()]
    }

    /// Its place in [`RULES`].
    pub const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.rule().name)
    }
}

impl FromStr for RuleId {
    type Err = String;

    /// The rule of a name.
    fn from_str(name: &str) -> Result<Self, String> {
        let found = RULES.iter().find(|rule| rule.name == name).map(|rule| rule.id);
        found.ok_or_else(|| format!("found `{name}`, expected a rule of the judge such as `window-overrun`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::requirement::registry;

    #[test]
    fn every_rule_has_a_name_of_its_own_and_clauses_that_the_registry_knows() {
        for (place, rule) in RULES.iter().enumerate() {
            assert_eq!((rule.id.index(), rule.name.parse()), (place, Ok(rule.id)));
            assert_eq!(rule.clauses().len(), rule.tags.len(), "{}", rule.name);
            for clause in rule.clauses() {
                assert!(registry().summary(&clause).is_some(), "{}: {clause}", rule.name);
            }
        }
    }

    #[test]
    fn every_rule_stands_in_the_table_of_what_must_hold_and_no_other() {
        let table = include_str!("INVARIANTS.md");
        for rule in RULES {
            assert!(table.contains(&format!("`{}`", rule.name)), "INVARIANTS.md does not name {}", rule.name);
        }
        let quoted = table.split('`').skip(1).step_by(2).filter(|word| word.contains('-'));
        for name in quoted {
            assert!(name.parse::<RuleId>().is_ok(), "INVARIANTS.md names {name}, which is no rule");
        }
    }

    #[test]
    fn there_are_sixty_rules_and_the_eighteen_faults_of_rfc_2525_among_them() {
        assert!(RULES.len() >= 60, "{}", RULES.len());
        for number in 1..=18 {
            let tag = format!("rfc2525-2.{number}");
            assert!(RULES.iter().any(|rule| rule.tags.contains(&tag.as_str())), "{tag}");
        }
    }
}
