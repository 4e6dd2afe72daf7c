//! `wireproof run`: feature files against a device.

use std::io::Write;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use clap::ValueEnum;
use wireproof_reference::time::Duration;

use super::Trouble;
use super::select::Selection;
#[cfg(target_os = "linux")]
use crate::behaviour::LiveFactory;
use crate::behaviour::{self, Config, DeviceFactory, Rerun, Stack};
use crate::device::adapter::{Adapters, CommandLine};
#[cfg(target_os = "linux")]
use crate::device::linux::{self, Linux};
use crate::device::linux_virtual::Guests;
use crate::device::{self, Description, Profile, built, variant};
use crate::problem::Problem;
use crate::report::expected;
use crate::report::folder::{self, Captures};
use crate::report::style::{DIM, Styled};
use crate::report::{Numbers, Report, RuleTally, SCHEMA_VERSION, WallTime, terminal};

/// Run feature files against a device
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    selection: Selection,

    #[command(flatten)]
    target: Target,

    /// Write report.json, junit.xml and captures to DIR
    #[arg(long, value_name = "DIR")]
    report: Option<PathBuf>,

    /// The list of what does not pass today: what is as listed is well, any other outcome is an error
    #[arg(long, value_name = "FILE")]
    expected: Option<PathBuf>,

    /// Write what does not pass into that list; comments and reasons in it are kept
    #[arg(long, value_name = "FILE")]
    write_expected: Option<PathBuf>,

    /// Which scenarios leave a capture in the folder of --report
    #[arg(long, value_enum, default_value_t = Pcap::Failed, requires = "report")]
    pcap: Pcap,
}

const EXAMPLES: &str = "\
Examples:
  wireproof run                                     everything against the reference
  wireproof run --device smoltcp tcp/time_wait      one built-in feature file
  wireproof run --tags '@rfc9293-3.5* and @ipv6'    by clause
  wireproof run --name 'simultaneous|both ends'     by name or id
  wireproof run my.feature --report out --pcap all  your own, with captures in out/
  wireproof run --write-expected today.toml         list what does not pass today
  wireproof run --expected today.toml               ... and fail on what changes
  wireproof run --device lwip                       lwIP, once conformance/devices/lwip/build.sh ran
  wireproof run --device linux-virtual              Linux in virtual time, once it is built
  wireproof run --device linux                      this kernel, live, in namespaces; no root
  wireproof run --device-command './adapter -v'     a stack in another program

Exit codes: 0 all well, 1 the device failed, 2 the run could not be made.
A broken SHOULD is a warning; with --strict it is a failure. With --expected the exit code is 1 if
anything comes out otherwise than listed, --strict or not: a new failure, another row or answer, an
entry that is stale. The list stands on top of the device's profile: what the profile knows of needs
no entry. With --write-expected alone it is 0, unless the machine was too slow. What is not
applicable, or not run because of --time-limit, is counted and changes no exit code.";

/// The device and how it is run.
#[derive(Debug, clap::Args)]
pub struct Target {
    /// The device under test: reference, smoltcp, lwip (if it is built), linux (this kernel, live), linux-virtual (a kernel in virtual time, if it is built), or one of `wireproof self-test`: broken:NAME, odd:NAME
    #[arg(long, value_name = "DEVICE", default_value = "reference")]
    device: String,

    /// Start CMD, an adapter around a stack, and speak the device protocol with it; see `wireproof adapter-check`
    #[arg(long, value_name = "CMD", conflicts_with = "device")]
    device_command: Option<String>,

    /// The device's profile: timing, capabilities, known deviations; the built-in one if none is given
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,

    /// All randomness is drawn from this number: same seed, same bytes
    #[arg(long, value_name = "N", default_value_t = 1, allow_negative_numbers = true, value_parser = super::number::any)]
    seed: u64,

    /// Put the tester's initial sequence numbers right below 2^31 or 2^32
    #[arg(long, value_enum)]
    numbers: Option<Near>,

    /// A broken SHOULD is a failure
    #[arg(long)]
    strict: bool,

    /// Follow the ladders only: do not judge what happened by the rules that hold on every trace
    #[arg(long)]
    no_judge: bool,

    /// Do not run what is planned to last longer, in the device's time; without it, 300 on devices that take real time, and
    /// no limit in virtual time
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true, value_parser = super::number::at_least_one)]
    time_limit: Option<NonZeroUsize>,

    /// How many scenarios run at once; as many as there are processors if not given
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = super::number::at_least_one)]
    jobs: Option<NonZeroUsize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Near {
    /// The sign bit flips during the scenario
    #[value(name = "near-2^31")]
    SignBit,
    /// The numbers wrap during the scenario
    #[value(name = "near-2^32")]
    Wrap,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Pcap {
    /// Those that did not come out as they should
    Failed,
    /// All
    All,
}

/// Does it; the exit code.
///
/// # Errors
///
/// What is wrong with files or options, or cannot be written.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<u8, Trouble> {
    if let Some(folder) = &args.report {
        folder::prepare(folder)?;
    }
    let expected = args.expected.as_deref().map(expected::read::load).transpose()?;
    if let Some(path) = args.write_expected.as_deref() {
        expected::write::prepare(path)?;
    }
    let mut report = args.target.report(&args.selection)?;
    let is_whole = args.selection.is_whole();
    if let Some((list, _)) = &expected {
        list.compare(&mut report, is_whole);
    }
    let listed = args.write_expected.as_deref();
    let listed = listed.map(|path| expected::write::write(path, &report, is_whole)).transpose()?;
    let code = match listed {
        // What came out is what is expected from now on.
        Some(_) if expected.is_none() => report.exit_code_when_listed(),
        _ => report.exit_code(),
    };
    let captures = match args.pcap {
        Pcap::Failed => Captures::Failed,
        Pcap::All => Captures::All,
    };
    let written =
        args.report.as_ref().map(|folder| folder::write(folder, &mut report, captures)).transpose()?;
    let told = terminal::write(out, &report).and_then(|()| {
        if let (Some(path), Some(listed)) = (&args.write_expected, listed) {
            writeln!(out, "{}", Styled(DIM, &format!("{}: {listed}", path.display())))?;
        }
        if let (Some(folder), Some(written)) = (&args.report, &written) {
            let counted = format!("{} files in {}", written.len(), folder.display());
            writeln!(out, "{}", Styled(DIM, &counted))?;
        }
        out.flush()
    });
    match told {
        // Whoever reads along has seen enough; what came out stands.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(code),
        told => Ok(told.map(|()| code)?),
    }
}

/// A device that can be made.
struct Chosen {
    name: String,
    version: String,
    device: Stack,
    profile: Profile,
    clock: Clock,
}

/// Which time a device lives in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Clock {
    /// It jumps to whatever comes next.
    Virtual,
    /// It passes.
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "there it is only Linux's own stack"))]
    Real,
}

/// The limit of `--time-limit` on a device in real time, in seconds.
const LIVE_TIME_LIMIT: u64 = 300;

impl Target {
    /// Runs the chosen scenarios.
    ///
    /// # Errors
    ///
    /// What is wrong with files or options.
    pub fn report(&self, selection: &Selection) -> Result<Report, Trouble> {
        let plan = behaviour::prepare(selection.scenarios()?)?;
        let Chosen { name, version, device, profile, clock } = self.choose()?;
        let numbers = match self.numbers {
            None => Numbers::Random,
            Some(Near::SignBit) => Numbers::NearSignBit,
            Some(Near::Wrap) => Numbers::NearWrap,
        };
        let (jobs, rerun) = (self.jobs.map(NonZeroUsize::get), self.rerun(selection, numbers));
        let is_judged = !self.no_judge;
        let time_limit = self.time_limit(clock);
        let config = Config { device, profile, seed: self.seed, numbers, is_judged, jobs, time_limit, rerun };
        #[expect(clippy::disallowed_methods, reason = "the wall time of a run, which nothing depends on")]
        let start = Instant::now();
        let scenarios = behaviour::run(&plan, &config);
        Ok(Report {
            schema: SCHEMA_VERSION,
            tool: format!("wireproof {}", env!("CARGO_PKG_VERSION")),
            device: name,
            device_version: version,
            seed: self.seed,
            numbers,
            strict: self.strict,
            time_limit: config.time_limit.map(|limit| limit.as_nanos() / 1_000_000_000),
            rules: RuleTally::of(&scenarios),
            unshown: if selection.is_everything() {
                behaviour::unshown(&config, &scenarios)
            } else {
                Vec::new()
            },
            scenarios,
            expected: None,
            wall: WallTime::new(start.elapsed()),
        })
    }

    /// How long a scenario may be planned to last.
    fn time_limit(&self, clock: Clock) -> Option<Duration> {
        let asked = self.time_limit.map(|seconds| u64::try_from(seconds.get()).unwrap_or(u64::MAX));
        let usual = match clock {
            Clock::Virtual => None,
            Clock::Real => Some(LIVE_TIME_LIMIT),
        };
        asked.or(usual).map(Duration::from_secs)
    }

    /// The device that was asked for, ready to be made.
    fn choose(&self) -> Result<Chosen, Problem> {
        let given = self.profile.as_deref().map(Profile::load).transpose()?;
        if let Some(command) = self.command()? {
            let adapters = Adapters::start(command)?;
            let description = adapters.description().clone();
            let profile = given.map_or_else(|| profile(&description.name), Ok)?;
            let capabilities = profile.capabilities(&description);
            let device: DeviceFactory = Arc::new(move || Box::new(adapters.device(capabilities.clone())));
            let Description { name, version, .. } = description;
            let device = Stack::Virtual(device);
            return Ok(Chosen { name, version, device, profile, clock: Clock::Virtual });
        }
        #[cfg(target_os = "linux")]
        if self.device == linux::NAME {
            return linux_live(given);
        }
        if self.device == built::LINUX_VIRTUAL.name {
            return virtual_linux(given);
        }
        let device = factory(&self.device)?;
        let profile = given.map_or_else(|| profile(&self.device), Ok)?;
        let version = device().description().version.clone();
        let (name, device) = (self.device.clone(), Stack::Virtual(device));
        Ok(Chosen { name, version, device, profile, clock: Clock::Virtual })
    }

    /// What starts the adapter of a device in another program; `None` for a device of this process.
    fn command(&self) -> Result<Option<CommandLine>, Problem> {
        let text = match (&self.device_command, built::find(&self.device)) {
            (Some(command), _) => command.clone(),
            (None, Some(built)) => quoted(&built.program()?.display().to_string()),
            (None, None) => return Ok(None),
        };
        CommandLine::parse(&text).map(Some)
    }

    /// What makes the command that runs one scenario alone: its id and file come in.
    fn rerun(&self, selection: &Selection, numbers: Numbers) -> Rerun {
        let device = match &self.device_command {
            Some(command) => format!("--device-command {}", quoted(command)),
            None => format!("--device {}", self.device),
        };
        let mut options = format!(" {device} --seed {}", self.seed);
        if numbers != Numbers::Random {
            options += &format!(" --numbers {numbers}");
        }
        if self.strict {
            options += " --strict";
        }
        if self.no_judge {
            options += " --no-judge";
        }
        if let Some(seconds) = self.time_limit {
            options += &format!(" --time-limit {seconds}");
        }
        for (name, path) in [("--profile", &self.profile), ("--features", &selection.features)] {
            if let Some(path) = path {
                options += &format!(" {name} {}", quoted(&path.display().to_string()));
            }
        }
        let names_files = !selection.paths.is_empty();
        Arc::new(move |id, file| {
            let file = if names_files { format!(" {}", quoted(file)) } else { String::new() };
            format!("wireproof run{file}{options} --name '^{id}$'")
        })
    }
}

/// The kernel's own stack. From here on this process is in a network namespace of its own.
///
/// # Errors
///
/// If the machine does not let it, or the profile is damaged.
#[cfg(target_os = "linux")]
fn linux_live(given: Option<Profile>) -> Result<Chosen, Problem> {
    let profile = given.map_or_else(|| profile(linux::NAME), Ok)?;
    linux::enter()?;
    let own = profile.clone();
    let device: LiveFactory = Arc::new(move || Box::new(Linux::new(&own)));
    let Description { name, version, .. } = device().description().clone();
    Ok(Chosen { name, version, device: Stack::Live(device), profile, clock: Clock::Real })
}

/// Linux in virtual time.
#[cfg(target_os = "linux")]
fn virtual_linux(given: Option<Profile>) -> Result<Chosen, Problem> {
    let name = built::LINUX_VIRTUAL.name;
    let guests = Guests::find()?;
    let profile = given.map_or_else(|| profile(name), Ok)?;
    let told = behaviour::errand::describe(&guests, &profile).map_err(|lost| {
        let words = lost.last_words.join("\n  ");
        Problem::new(
            format!("the device {name} does not start: {}", lost.message),
            format!("a virtual Linux that says what it is\n  {words}"),
        )
    })?;
    let device = Stack::Elsewhere(Arc::new(guests));
    Ok(Chosen { name: name.to_owned(), version: told.version, device, profile, clock: Clock::Virtual })
}

/// Linux in virtual time, where it cannot be.
#[cfg(not(target_os = "linux"))]
fn virtual_linux(_: Option<Profile>) -> Result<Chosen, Problem> {
    let name = built::LINUX_VIRTUAL.name;
    Err(Problem::new(format!("the device {name} cannot be had here"), "Linux on x86-64"))
}

/// No name of a device is longer, in characters.
const WORD: usize = 64;

/// What makes the device of this name.
///
/// # Errors
///
/// The known names, if it is none of them.
pub fn factory(name: &str) -> Result<DeviceFactory, Problem> {
    if let Some(variant) = variant::find(name) {
        return Ok(Arc::new(|| variant.open()));
    }
    match device::NAMES.into_iter().find(|known| *known == name) {
        Some(name) => Ok(Arc::new(move || {
            device::open(name).unwrap_or_else(|| unreachable!("{name} is a known device"))
        })),
        None => Err(Problem::new(format!("no device `{name}`"), known_names(name))),
    }
}

/// The devices that there are, in short: of the variants those whose names are most alike.
fn known_names(name: &str) -> String {
    let built = built::ALL.map(|built| built.name);
    let names = [&device::NAMES[..], &built, &["linux", built::LINUX_VIRTUAL.name]].concat().join(", ");
    let mut variants: Vec<String> = variant::all().map(variant::Variant::full_name).collect();
    variants.sort_by_key(|known| distance(name, known));
    let alike = match variants.as_slice() {
        [first, second, third, ..] if name.contains(':') => format!(", such as {first}, {second}, {third}"),
        _ => ": broken:NAME, odd:NAME".to_owned(),
    };
    format!("one of {names}, or a variant of the reference as `wireproof self-test --list` shows them{alike}")
}

/// How many characters have to be changed, left out or put in to make one word of the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, c) in one.chars().take(WORD).enumerate() {
        let mut corner = std::mem::replace(&mut row[0], index + 1);
        for (at, own) in other.iter().enumerate() {
            let changed = corner + usize::from(c != *own);
            corner = row[at + 1];
            row[at + 1] = changed.min(corner + 1).min(row[at] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

/// The built-in profile of the device of this name; for one that has none, that nothing is known.
///
/// # Errors
///
/// If the profile is damaged.
pub fn profile(name: &str) -> Result<Profile, Problem> {
    if let Some(variant) = variant::find(name) {
        return variant.profile();
    }
    Ok(Profile::embedded(name).unwrap_or_else(|| {
        let mut unknown = Profile::default();
        name.clone_into(&mut unknown.device);
        unknown
    }))
}

/// A word for a shell.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+:@%,".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
