//! Profiles: what a run has to know about a device that the device does not say itself.
//!
//! A TOML file a device, in `conformance/profiles`, embedded in the program; `--profile FILE` takes another.
//!
//! ```toml
//! device = "smoltcp"                 # the name in its greeting
//! base = "linux"                     # all that the built-in profile of this device says holds too, unless said otherwise here
//!
//! [capabilities]                     # corrections to what it claims
//! add = ["children"]
//! remove = ["state", "option:nodelay"]
//!
//! [timing]                           # each may be left out: then what its properties or else the RFCs say
//! RTO = "1 s"                        # the words of the notation's time column
//! SYN-RTO = "3 s"                    # what RTO is for a SYN, if that is something else
//! ACK-DELAY = "10 ms"
//! MSL = "5 s"
//! R2 = "100 s"
//! granularity = "1 ms"               # the step of its timers
//! tolerance-permille = 0             # by how many thousandths an exact time may be missed
//! at-once = "0 s"                    # how long "at once" may take
//!
//! [sysctl]                           # what its network namespace is told; for Linux
//! "net.ipv4.tcp_sack" = "1"
//!
//! [[deviation]]                      # what it is known to do wrong
//! scenario = "tcp/reset/a-reset-*"   # glob over scenario ids; without /ipv4 or /ipv6 it holds for both
//! row = "<-- <SEQ=301><ACK=101><CTL=ACK>"  # the row that does not hold, as written; `*` stands for anything
//! got = "nothing"                    # what came instead, as failures print it; "nothing" if nothing came
//! clause = "rfc5961-3.2"
//! reason = "resets in the window are believed"
//!
//! [[broken-rule]]                    # a rule of the judge that it is known to break
//! rule = "old-answered"              # its name
//! scenario = "tcp/window/*"          # in all of these; left out: somewhere in the suite
//! clause = "rfc9293-3.10.7.4"        # which of the rule's clauses
//! reason = "old octets are dropped without a word"
//! ```

use super::capability::{Capabilities, Capability, Description};
use crate::input;
use crate::notation::{Amount, Span, TimeSpec};
use crate::oracle::RuleId;
use crate::problem::{Place, Problem};
use crate::requirement::{Clause, registry};
use core::ops::Range;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use toml::Spanned;
use wireproof_reference::time::Duration;

/// The profiles that are built into the program: the device's name, the file's, its text.
const EMBEDDED: [(&str, &str, &str); 5] = [
    ("linux", "profiles/linux.toml", include_str!("../../profiles/linux.toml")),
    ("linux-virtual", "profiles/linux-virtual.toml", include_str!("../../profiles/linux-virtual.toml")),
    ("lwip", "profiles/lwip.toml", include_str!("../../profiles/lwip.toml")),
    ("reference", "profiles/reference.toml", include_str!("../../profiles/reference.toml")),
    ("smoltcp", "profiles/smoltcp.toml", include_str!("../../profiles/smoltcp.toml")),
];
/// The longest profile that is read, in octets.
pub const MAX_PROFILE: usize = 4 << 20;

/// RFC 6298 2.1: RTO before the first measurement.
const DEFAULT_RTO: Duration = Duration::from_secs(1);
/// RFC 9293 3.8.6.3, MUST-40: an acknowledgment is delayed by less than this.
const DEFAULT_ACK_DELAY: Duration = Duration::from_millis(500);
/// RFC 9293 3.4.2.
const DEFAULT_MSL: Duration = Duration::from_secs(120);
/// RFC 9293 3.8.3, SHLD-11: at least.
const DEFAULT_R2: Duration = Duration::from_secs(100);

/// What is known about a device.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The device's name as its greeting says it; empty for a device without a profile.
    pub device: String,
    added: Vec<Capability>,
    removed: Vec<Capability>,
    timing: KnownTiming,
    sysctls: Vec<(String, String)>,
    deviations: Vec<Deviation>,
    broken_rules: Vec<KnownRule>,
}

/// The device's times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// The first retransmission timeout of data, `RTO`.
    pub rto: Duration,
    /// The first retransmission timeout of a SYN or SYN-ACK: what `RTO` means in their rows.
    pub syn_rto: Duration,
    /// How long an acknowledgment may be delayed, `ACK-DELAY`.
    pub ack_delay: Duration,
    /// The maximum segment lifetime, `MSL`.
    pub msl: Duration,
    /// How long retransmission goes on before the connection is given up, `R2`.
    pub r2: Duration,
    /// The step of the device's timers: how much later than asked they may fire.
    pub granularity: Duration,
    /// By how many thousandths an exact time may be missed on either side.
    pub tolerance_permille: u32,
    /// How long "at once" may take.
    pub at_once: Duration,
}

/// What a profile says of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct KnownTiming {
    rto: Option<Duration>,
    syn_rto: Option<Duration>,
    ack_delay: Option<Duration>,
    msl: Option<Duration>,
    r2: Option<Duration>,
    granularity: Option<Duration>,
    tolerance_permille: Option<u32>,
    at_once: Option<Duration>,
}

/// Something that the device is known to do wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deviation {
    /// Which scenarios: a glob over their ids.
    pub scenario: String,
    /// The row that does not hold, as written in the feature file; blanks and bars do not count, `*` stands for any text.
    pub row: String,
    /// What came instead, with the same freedoms; `nothing`.
    pub got: String,
    /// The clause that it breaks.
    pub clause: Clause,
    /// Why it is so, and who says it.
    pub reason: String,
}

/// A rule of the judge that the device is known to break.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownRule {
    /// Which rule.
    pub rule: RuleId,
    /// In which scenarios: a glob over their ids, each of which shows it. `None`: somewhere in the suite.
    pub scenario: Option<String>,
    /// Which of the rule's clauses it breaks.
    pub clause: Clause,
    /// Why it is so, and who says it.
    pub reason: String,
}

impl Profile {
    /// The profile that is built in for a device of this name, `None` if there is none.
    pub fn embedded(device: &str) -> Option<Self> {
        let (_, file, text) = EMBEDDED.iter().find(|(name, ..)| *name == device)?;
        // A test reads them all.
        Self::parse(file, text).ok()
    }

    /// Reads a profile; `file` is its name as the user knows it.
    ///
    /// # Errors
    /// [`Problem`] with file, line, column, and what was expected.
    pub fn parse(file: &str, source: &str) -> Result<Self, Problem> {
        if source.len() > MAX_PROFILE {
            let message = format!("{file} has {} octets", source.len());
            return Err(Problem::new(message, format!("a profile of at most {MAX_PROFILE} octets")));
        }
        let text = Source { file, source };
        let raw: RawProfile =
            toml::from_str(source).map_err(|error| Problem::of_toml(file, source, &error))?;
        let RawProfile {
            device,
            base,
            capabilities: RawCapabilities { add, remove },
            timing,
            sysctl,
            deviation,
            broken_rule,
        } = raw;
        let words = |words: Vec<Spanned<String>>| {
            words.into_iter().map(|word| text.capability(&word)).collect::<Result<Vec<_>, _>>()
        };
        let own = Self {
            device,
            added: words(add)?,
            removed: words(remove)?,
            timing: timing.read(text)?,
            sysctls: sysctl
                .into_iter()
                .map(|(name, value)| text.sysctl(name, value))
                .collect::<Result<_, _>>()?,
            broken_rules: broken_rule.into_iter().map(|raw| raw.read(text)).collect::<Result<Vec<_>, _>>()?,
            deviations: deviation.into_iter().map(|raw| raw.read(text)).collect::<Result<Vec<_>, _>>()?,
        };
        match base {
            Some(base) => Ok(own.upon(text.base(&base)?)),
            None => Ok(own),
        }
    }

    /// What this profile says, and what `base` says where this one says nothing.
    fn upon(mut self, base: Self) -> Self {
        let KnownTiming { rto, syn_rto, ack_delay, msl, r2, granularity, tolerance_permille, at_once } =
            base.timing;
        let own = self.timing;
        self.timing = KnownTiming {
            rto: own.rto.or(rto),
            syn_rto: own.syn_rto.or(syn_rto),
            ack_delay: own.ack_delay.or(ack_delay),
            msl: own.msl.or(msl),
            r2: own.r2.or(r2),
            granularity: own.granularity.or(granularity),
            tolerance_permille: own.tolerance_permille.or(tolerance_permille),
            at_once: own.at_once.or(at_once),
        };
        let is_said = |name: &str| self.sysctls.iter().any(|(own, _)| own == name);
        let sysctls = base.sysctls.into_iter().filter(|(name, _)| !is_said(name)).collect::<Vec<_>>();
        self.sysctls.extend(sysctls);
        self.added.extend(base.added.into_iter().filter(|one| !self.removed.contains(one)));
        self.removed.extend(base.removed.into_iter().filter(|one| !self.added.contains(one)));
        self.deviations.extend(base.deviations);
        self.broken_rules.extend(base.broken_rules);
        self
    }

    /// Reads a profile from a file.
    ///
    /// # Errors
    /// [`Problem`] if it cannot be read or is not as it should be.
    pub fn load(path: &Path) -> Result<Self, Problem> {
        let file = path.display().to_string();
        let source = input::read_text(path, MAX_PROFILE)
            .map_err(|error| Problem::new(format!("cannot read {file}: {error}"), "a profile in TOML"))?;
        Self::parse(&file, &source)
    }

    /// What the device can do: what it claims, corrected.
    pub fn capabilities(&self, description: &Description) -> Capabilities {
        let mut capabilities = description.capabilities.clone();
        self.added.iter().for_each(|capability| capabilities.insert(*capability));
        self.removed.iter().for_each(|capability| capabilities.remove(*capability));
        capabilities
    }

    /// The device's times: the profile's, else what its properties say, else what the RFCs say.
    pub fn timing(&self, description: &Description) -> Timing {
        let KnownTiming { rto, syn_rto, ack_delay, msl, r2, granularity, tolerance_permille, at_once } =
            self.timing;
        let properties = &description.properties;
        let rtomin = properties.rtomin().map(|least| least.max(DEFAULT_RTO));
        let rto = rto.or(rtomin).unwrap_or(DEFAULT_RTO);
        Timing {
            rto,
            syn_rto: syn_rto.unwrap_or(rto),
            ack_delay: ack_delay.or(properties.ackdelay()).unwrap_or(DEFAULT_ACK_DELAY),
            msl: msl.or(properties.timewait().map(|wait| wait / 2)).unwrap_or(DEFAULT_MSL),
            r2: r2.unwrap_or(DEFAULT_R2),
            granularity: granularity.or(properties.granularity()).unwrap_or(Duration::ZERO),
            tolerance_permille: tolerance_permille.unwrap_or(0),
            at_once: at_once.unwrap_or(Duration::ZERO),
        }
    }

    /// The sysctls of the device's network namespace: names as sysctl(8) writes them, and values. Only Linux has them.
    pub fn sysctls(&self) -> &[(String, String)] {
        &self.sysctls
    }

    /// The known deviation that a failure shows: the scenario's id, its row as written, what was got (empty: nothing).
    pub fn known(&self, scenario: &str, row: &str, got: &str) -> Option<&Deviation> {
        let got = if got.trim().is_empty() { "nothing" } else { got };
        self.deviations
            .iter()
            .find(|known| known.is_of(scenario) && holds(&known.row, row) && holds(&known.got, got))
    }

    /// A deviation that a scenario of this id should show.
    pub fn expected(&self, scenario: &str) -> Option<&Deviation> {
        self.deviations.iter().find(|known| known.is_of(scenario))
    }

    /// What is known of a rule that was broken in the scenario of this id.
    pub fn known_rule(&self, scenario: &str, rule: &str) -> Option<&KnownRule> {
        let is_of = |known: &&KnownRule| {
            known.rule.rule().name == rule
                && known.scenario.as_ref().is_none_or(|glob| is_of_scenario(glob, scenario))
        };
        self.broken_rules.iter().find(is_of)
    }

    /// The rules that the scenario of this id should show broken.
    pub fn expected_rules(&self, scenario: &str) -> impl Iterator<Item = &KnownRule> {
        let is_of = move |known: &&KnownRule| {
            known.scenario.as_ref().is_some_and(|glob| is_of_scenario(glob, scenario))
        };
        self.broken_rules.iter().filter(is_of)
    }

    /// All rules that the device is known to break, in the order of the file.
    pub fn broken_rules(&self) -> &[KnownRule] {
        &self.broken_rules
    }

    /// All known deviations, in the order of the file.
    pub fn deviations(&self) -> &[Deviation] {
        &self.deviations
    }
}

impl Deviation {
    fn is_of(&self, scenario: &str) -> bool {
        is_of_scenario(&self.scenario, scenario)
    }
}

/// Whether a glob is of the scenario of this id, with its version of IP or without.
fn is_of_scenario(glob: &str, scenario: &str) -> bool {
    let both = scenario.strip_suffix("/ipv4").or_else(|| scenario.strip_suffix("/ipv6"));
    matches(glob, scenario) || both.is_some_and(|both| matches(glob, both))
}

/// Whether a text is as `glob` says, blanks and bars aside; `*` stands for any text.
pub(crate) fn holds(glob: &str, text: &str) -> bool {
    matches(&normal(glob), &normal(text))
}

/// One blank between words, bars taken away: the same row however its table is drawn.
pub(crate) fn normal(text: &str) -> String {
    text.replace('|', " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether `text` is as `glob` says, where `*` stands for any text. Takes time in proportion to both.
fn matches(glob: &str, text: &str) -> bool {
    let mut pieces = glob.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut pieces = pieces.collect::<Vec<_>>();
    let Some(last) = pieces.pop() else { return rest.is_empty() };
    for piece in pieces {
        let Some(at) = rest.find(piece) else { return false };
        rest = rest.get(at + piece.len()..).unwrap_or_default();
    }
    rest.ends_with(last)
}

/// The file as TOML gives it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawProfile {
    device: String,
    base: Option<Spanned<String>>,
    #[serde(default)]
    capabilities: RawCapabilities,
    #[serde(default)]
    timing: RawTiming,
    #[serde(default)]
    sysctl: BTreeMap<Spanned<String>, Spanned<String>>,
    #[serde(default)]
    deviation: Vec<RawDeviation>,
    #[serde(default)]
    broken_rule: Vec<RawKnownRule>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCapabilities {
    #[serde(default)]
    add: Vec<Spanned<String>>,
    #[serde(default)]
    remove: Vec<Spanned<String>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawTiming {
    #[serde(rename = "RTO")]
    rto: Option<Spanned<String>>,
    #[serde(rename = "SYN-RTO")]
    syn_rto: Option<Spanned<String>>,
    #[serde(rename = "ACK-DELAY")]
    ack_delay: Option<Spanned<String>>,
    #[serde(rename = "MSL")]
    msl: Option<Spanned<String>>,
    #[serde(rename = "R2")]
    r2: Option<Spanned<String>>,
    granularity: Option<Spanned<String>>,
    tolerance_permille: Option<u32>,
    at_once: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDeviation {
    scenario: String,
    row: String,
    got: String,
    clause: Spanned<String>,
    reason: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawKnownRule {
    rule: Spanned<String>,
    scenario: Option<String>,
    clause: Spanned<String>,
    reason: Spanned<String>,
}

impl RawTiming {
    fn read(self, text: Source<'_>) -> Result<KnownTiming, Problem> {
        let Self { rto, syn_rto, ack_delay, msl, r2, granularity, tolerance_permille, at_once } = self;
        let span = |value: Option<Spanned<String>>| value.map(|value| text.span(&value)).transpose();
        Ok(KnownTiming {
            rto: span(rto)?,
            syn_rto: span(syn_rto)?,
            ack_delay: span(ack_delay)?,
            msl: span(msl)?,
            r2: span(r2)?,
            granularity: span(granularity)?,
            tolerance_permille,
            at_once: span(at_once)?,
        })
    }
}

impl RawDeviation {
    fn read(self, text: Source<'_>) -> Result<Deviation, Problem> {
        let Self { scenario, row, got, clause, reason } = self;
        let (clause, reason) = (text.clause(&clause)?, text.reason(reason)?);
        Ok(Deviation { scenario, row, got, clause, reason })
    }
}

impl RawKnownRule {
    fn read(self, text: Source<'_>) -> Result<KnownRule, Problem> {
        let Self { rule, scenario, clause, reason } = self;
        let id: RuleId = rule.get_ref().parse().map_err(|_| {
            let message = format!("`{}` is no rule of the judge", rule.get_ref());
            text.problem(rule.span(), message, "a rule such as `window-overrun`")
        })?;
        let read = text.clause(&clause)?;
        if !id.rule().clauses().contains(&read) {
            let message = format!("`{}` does not demand `{id}`", clause.get_ref());
            let expected = format!("one of {}", id.rule().tags.join(", "));
            return Err(text.problem(clause.span(), message, expected));
        }
        Ok(KnownRule { rule: id, scenario, clause: read, reason: text.reason(reason)? })
    }
}

/// The text of a profile, to point into.
#[derive(Clone, Copy)]
struct Source<'a> {
    file: &'a str,
    source: &'a str,
}

impl Source<'_> {
    fn problem(self, span: Range<usize>, message: impl Into<String>, expected: impl Into<String>) -> Problem {
        Problem::new(message, expected).at(Place::of_span(self.file, self.source, span))
    }

    fn base(self, name: &Spanned<String>) -> Result<Profile, Problem> {
        Profile::embedded(name.get_ref()).ok_or_else(|| {
            let known = EMBEDDED.map(|(name, ..)| name).join(", ");
            let message = format!("`{}` has no built-in profile", name.get_ref());
            self.problem(name.span(), message, format!("one of {known}"))
        })
    }

    fn capability(self, word: &Spanned<String>) -> Result<Capability, Problem> {
        Capability::from_word(word.get_ref()).ok_or_else(|| {
            let message = format!("`{}` is no capability", word.get_ref());
            self.problem(
                word.span(),
                message,
                "a word of the device protocol, such as `children` or `option:nodelay`",
            )
        })
    }

    fn clause(self, clause: &Spanned<String>) -> Result<Clause, Problem> {
        let read = clause.get_ref().parse::<Clause>().map_err(|expected| {
            self.problem(clause.span(), format!("`{}` is no clause", clause.get_ref()), expected)
        })?;
        registry().check(&read).map_err(|(found, expected)| self.problem(clause.span(), found, expected))?;
        Ok(read)
    }

    /// A name is one below `net`: a namespace has no others.
    fn sysctl(self, name: Spanned<String>, value: Spanned<String>) -> Result<(String, String), Problem> {
        let is_plain = |word: &str| {
            !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c))
        };
        if !name.get_ref().starts_with("net.") || !name.get_ref().split('.').all(is_plain) {
            let message = format!("`{}` is no sysctl of a network namespace", name.get_ref());
            return Err(self.problem(name.span(), message, "a name such as `net.ipv4.tcp_sack`"));
        }
        Ok((name.into_inner(), value.into_inner()))
    }

    fn reason(self, reason: Spanned<String>) -> Result<String, Problem> {
        if reason.get_ref().trim().is_empty() {
            let span = reason.span();
            return Err(self.problem(span, "a deviation without a reason", "why the device does it"));
        }
        Ok(reason.into_inner())
    }

    fn span(self, value: &Spanned<String>) -> Result<Duration, Problem> {
        match value.get_ref().parse::<TimeSpec>() {
            Ok(TimeSpec { span: Span::Exact(Amount::Literal(span)), after: None }) => Ok(span),
            Ok(_) | Err(_) => {
                let message = format!("`{}` is no time", value.get_ref());
                Err(self.problem(value.span(), message, "a time such as `1 s` or `200 ms`"))
            }
        }
    }
}

#[cfg(test)]
mod tests;
