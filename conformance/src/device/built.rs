//! Devices that a script of `conformance/devices` builds, once, since their source is not this project's: where they are found,
//! and what to say where they are not.
//!
//! The scripts and this module look in the same folder: `$WIREPROOF_DEVICES`, else `wireproof/devices` in the user's cache.

use crate::problem::Problem;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// A device that has to be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Built {
    /// The name that `--device` takes.
    pub name: &'static str,
    /// Its program, below the folder of devices.
    program: &'static str,
    /// What builds it, in this project's repository.
    script: &'static str,
}

/// The kernel of Linux in virtual time.
pub const LINUX_VIRTUAL: Built = Built {
    name: "linux-virtual",
    program: "linux-virtual/linux",
    script: "conformance/devices/linux-virtual/build.sh",
};

/// Those that are adapters.
pub const ALL: [Built; 1] =
    [Built { name: "lwip", program: "lwip/wireproof-lwip", script: "conformance/devices/lwip/build.sh" }];

/// The one of this name, `None` for any other name.
pub fn find(name: &str) -> Option<&'static Built> {
    ALL.iter().find(|built| built.name == name)
}

impl Built {
    /// Its program: an adapter, or a kernel.
    ///
    /// # Errors
    /// If it is not built: where it was looked for, and what builds it.
    pub fn program(&self) -> Result<PathBuf, Problem> {
        self.program_in(folder(|name| std::env::var_os(name)).as_deref())
    }

    /// What to say if something is missing that stands beside the program.
    pub fn is_old(&self, missing: &Path) -> Problem {
        let Self { name, script, .. } = self;
        let message = format!(
            "the device {name} was built for another version of this program: no {}",
            missing.display()
        );
        Problem::new(message, format!("what `{script}` builds; run it again"))
    }

    fn program_in(&self, folder: Option<&Path>) -> Result<PathBuf, Problem> {
        let Self { name, program, script } = self;
        let expected = format!("what `{script}` builds, once; `{script} --help` says how");
        let Some(folder) = folder else {
            let message = format!("the device {name} cannot be looked for: no $WIREPROOF_DEVICES, no $HOME");
            return Err(Problem::new(message, expected));
        };
        let program = folder.join(program);
        if program.is_file() {
            return Ok(program);
        }
        Err(Problem::new(format!("the device {name} is not built: no {}", program.display()), expected))
    }
}

/// Where the scripts put what they build, as the environment says; `None` if it says nothing.
fn folder(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let path = |name| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    path("WIREPROOF_DEVICES").or_else(|| {
        let cache = path("XDG_CACHE_HOME").or_else(|| path("HOME").map(|home| home.join(".cache")))?;
        Some(cache.join("wireproof/devices"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_the_one_that_the_scripts_use() {
        let with = |variables: &[(&str, &str)]| {
            folder(|name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into()))
        };
        let all = [("WIREPROOF_DEVICES", "/d"), ("XDG_CACHE_HOME", "/c"), ("HOME", "/h")];
        assert_eq!(with(&all), Some("/d".into()));
        assert_eq!(with(&all[1..]), Some("/c/wireproof/devices".into()));
        assert_eq!(with(&all[2..]), Some("/h/.cache/wireproof/devices".into()));
        assert_eq!(
            with(&[("WIREPROOF_DEVICES", ""), ("HOME", "/h")]),
            Some("/h/.cache/wireproof/devices".into())
        );
        assert_eq!(with(&[]), None);
    }

    #[test]
    fn what_is_not_built_is_told_with_what_builds_it() {
        for (folder, found) in [
            (Some(Path::new("/nowhere")), "the device lwip is not built: no /nowhere/lwip/wireproof-lwip"),
            (None, "the device lwip cannot be looked for: no $WIREPROOF_DEVICES, no $HOME"),
        ] {
            let problem = ALL[0].program_in(folder).unwrap_err();
            assert_eq!(problem.message, found);
            assert!(problem.expected.contains("`conformance/devices/lwip/build.sh`"), "{}", problem.expected);
        }
    }

    #[test]
    fn each_script_that_is_named_is_there() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for built in ALL {
            assert!(root.join(built.script).is_file(), "{}", built.script);
        }
    }
}
