//! The names of columns: the device's, and as much more as tells several of one device apart.

use std::collections::BTreeMap;

use crate::report::model::{Numbers, Report};

/// A name for each report, in their order; each is there once. What the user has named keeps that name.
pub fn names(reports: &[(Option<String>, &Report)]) -> Vec<String> {
    /// What may be added to a name, in this order.
    const MORE: [fn(&Report) -> String; 3] = [
        |report| report.device_version.clone(),
        |report| format!("seed {}", report.seed),
        |report| match report.numbers {
            Numbers::Random => String::new(),
            numbers => numbers.to_string(),
        },
    ];
    let given = |at: usize| reports.get(at).and_then(|(name, _)| name.clone());
    let mut names: Vec<String> = reports
        .iter()
        .enumerate()
        .map(|(at, (_, report))| given(at).unwrap_or_else(|| report.device.clone()))
        .collect();
    for more in MORE {
        for group in alike(&names) {
            let told: Vec<String> =
                group.iter().filter_map(|at| reports.get(*at)).map(|(_, report)| more(report)).collect();
            // What is the same for all tells none apart.
            if told.iter().all(|own| Some(own) == told.first()) {
                continue;
            }
            for (at, own) in group.iter().zip(told) {
                if let (None, Some(name)) = (given(*at), names.get_mut(*at))
                    && !own.is_empty()
                {
                    *name = format!("{name} {own}");
                }
            }
        }
    }
    for group in alike(&names) {
        for (number, at) in group.iter().enumerate().skip(1) {
            if let Some(name) = names.get_mut(*at) {
                *name = format!("{name} ({})", number + 1);
            }
        }
    }
    names
}

/// The places of names that are there more than once, name by name.
fn alike(names: &[String]) -> Vec<Vec<usize>> {
    let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, name) in names.iter().enumerate() {
        places.entry(name).or_default().push(at);
    }
    places.into_values().filter(|places| places.len() > 1).collect()
}
