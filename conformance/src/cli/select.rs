//! Which scenarios a command is about.

use std::path::PathBuf;

use clap::Args;
use regex::Regex;

use super::Trouble;
use crate::behaviour::features::{self, Scenario, TagExpression, source};
use crate::problem::{Place, Problem};

/// Options that several commands share.
#[derive(Debug, Default, Args)]
pub struct Selection {
    /// Feature files or folders, on disk or built in (`tcp`, `tcp/handshake`); all built-in ones if none is given
    #[arg(value_name = "FEATURE-OR-FOLDER")]
    pub paths: Vec<PathBuf>,

    /// Only scenarios whose tags fulfil EXPR: `@ipv4 and not (@exact or @rfc5961*)`
    #[arg(long, value_name = "EXPR")]
    pub tags: Option<String>,

    /// Only scenarios whose name or id matches REGEX
    #[arg(long, value_name = "REGEX")]
    pub name: Option<String>,

    /// Take the feature files below DIR instead of the built-in ones
    #[arg(long, value_name = "DIR")]
    pub features: Option<PathBuf>,
}

impl Selection {
    /// The chosen scenarios, all files being sound; at least one.
    ///
    /// # Errors
    ///
    /// What is wrong with files or options, or that nothing was chosen.
    pub fn scenarios(&self) -> Result<Vec<Scenario>, Trouble> {
        let tags = self.tags.as_ref().map(|text| TagExpression::parse(text, "--tags")).transpose()?;
        let name = self.name.as_ref().map(|text| regex(text)).transpose()?;
        let scenarios = features::load(&source::find(self.features.as_deref(), &self.paths)?)?;
        let unknown = self.tags.as_deref().map(|text| features::unknown_tags(text, "--tags", &scenarios));
        if let Some(unknown) = unknown.filter(|unknown| !unknown.is_empty()) {
            return Err(unknown.into());
        }
        let all = scenarios.len();
        let holds = |scenario: &Scenario| {
            let name =
                name.as_ref().is_none_or(|name| name.is_match(&scenario.name) || name.is_match(&scenario.id));
            name && tags.as_ref().is_none_or(|tags| tags.holds(&scenario.tags_and_ip()))
        };
        let chosen: Vec<Scenario> = scenarios.into_iter().filter(holds).collect();
        if chosen.is_empty() {
            let message = format!("none of {all} scenarios is chosen{}", self.told());
            return Err(Problem::new(
                message,
                "a choice that leaves some; `wireproof list` shows what there is",
            )
            .into());
        }
        Ok(chosen)
    }

    /// Whether it is the whole suite that is built in.
    pub fn is_everything(&self) -> bool {
        self.paths.is_empty() && self.tags.is_none() && self.name.is_none() && self.features.is_none()
    }

    /// Whether no scenario of the suite is left out, be it the one that is built in or that of `--features`.
    pub fn is_whole(&self) -> bool {
        self.paths.is_empty() && self.tags.is_none() && self.name.is_none()
    }

    /// The options as the user gave them.
    fn told(&self) -> String {
        let tags = self.tags.as_ref().map(|text| format!(" by --tags '{text}'"));
        let name = self.name.as_ref().map(|text| format!(" by --name '{text}'"));
        [tags, name].into_iter().flatten().collect()
    }
}

pub(super) fn regex(text: &str) -> Result<Regex, Problem> {
    let parsed = regex::RegexBuilder::new(text).size_limit(1 << 20).build();
    parsed.map_err(|error| {
        // The crate draws its own caret below the pattern; its last line says what is wrong.
        let told = error.to_string();
        let cause = told.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
        let caret =
            told.lines().find(|line| line.trim_start().starts_with('^')).and_then(|line| line.find('^'));
        let column = caret.map_or(1, |column| column.saturating_sub(3));
        Problem::new(
            format!("not a regular expression: {cause}"),
            "a regular expression such as 'TIME-WAIT|2 MSL'",
        )
        .at(Place { file: "--name".to_owned(), line: 1, column, width: 1, text: text.to_owned() })
    })
}
