//! The house rules, kept by a test: sizes, who may know whom, clocks, leftovers, tags. Each finding says where and what
//! to do.

#![expect(clippy::unwrap_used, reason = "what cannot be read fails the test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// A file that is longer should become two rooms.
const FILE_LINES: usize = 600;
/// A function that is longer should become several.
const FUNCTION_LINES: usize = 70;

/// Who may look at the machine's clock: live testbeds, the patience with other programs, and the wall time of a run.
const CLOCKS: [&str; 3] = [
    "conformance/src/testbed/live",
    "conformance/src/device/adapter/deadline.rs",
    "conformance/src/cli/run.rs",
];
/// Who may name more of the reference than its formats and its time.
const STACK: [&str; 5] = [
    "conformance/src/device/reference.rs",
    "conformance/src/device/variant/",
    "conformance/src/cli/stack.rs",
    "conformance/src/fuzzing/",
    "conformance/tests/",
];
/// Rooms of the judge: they know the reference's formats and units of time, and nothing that could share its faults.
const JUDGE: [&str; 3] = ["notation", "tester", "oracle"];

/// What all rooms of the reference but the formats may know.
const LEAVES: [&str; 5] = ["wire", "time", "random", "policy", "event"];
/// What each room of the reference may know besides: `host` composes, what it composes does not know it.
/// Below the hosts' calls, neighbours, addresses and errors are one concern: `link`, `ip` and `icmp` know each other's.
const REFERENCE: [(&str, &[&str]); 12] = [
    ("wire", &[]),
    ("time", &[]),
    ("random", &[]),
    ("event", &["tcp"]),
    ("link", &["ip"]),
    ("ip", &["link"]),
    ("icmp", &["ip", "link"]),
    ("defence", &["tcp"]),
    ("socket", &["tcp"]),
    ("table", &["tcp", "socket"]),
    ("host", &["link", "ip", "icmp", "udp", "tcp", "socket", "table"]),
    ("lib", &["link", "ip", "icmp", "udp", "tcp", "socket", "table", "host", "defence"]),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// All Rust files of the workspace, with their paths from its root.
fn sources() -> Vec<(String, String)> {
    let mut files = Vec::new();
    for folder in ["reference", "conformance", "fuzz"] {
        collect(&root().join(folder), &mut files);
    }
    assert!(files.len() > 50, "the sources are not where this test looks for them: {}", root().display());
    files.sort();
    files
}

fn collect(folder: &Path, files: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() && name != "target" {
            collect(&path, files);
        } else if name.ends_with(".rs") {
            let inner = path.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/");
            files.push((inner, fs::read_to_string(&path).unwrap()));
        }
    }
}

/// Every file as a syntax tree.
fn trees() -> Vec<(String, syn::File, String)> {
    let parse = |(file, text): (String, String)| {
        let tree = syn::parse_file(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
        (file, tree, text)
    };
    sources().into_iter().map(parse).collect()
}

/// Fails with all findings.
fn report(findings: &[String]) {
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

#[test]
fn files_stay_small_enough_to_be_understood_at_one_look() {
    let lines = sources().into_iter().map(|(file, text)| (file, text.lines().count()));
    let long = lines.filter(|(_, lines)| *lines > FILE_LINES);
    let told = |(file, lines)| {
        format!("{file}:{FILE_LINES}: {lines} lines; move what belongs together into a file of its own")
    };
    report(&long.map(told).collect::<Vec<_>>());
}

#[test]
fn functions_stay_small_enough_to_be_understood_at_one_look() {
    let mut findings = Vec::new();
    for (file, tree, _) in trees() {
        let mut functions = Functions::default();
        functions.visit_file(&tree);
        for (name, line, lines) in functions.0.into_iter().filter(|(_, _, lines)| *lines > FUNCTION_LINES) {
            findings.push(format!(
                "{file}:{line}: `{name}` has {lines} lines, {FUNCTION_LINES} are allowed; give its steps names"
            ));
        }
    }
    report(&findings);
}

/// Name, line and length of each function.
#[derive(Default)]
struct Functions(Vec<(String, usize, usize)>);

impl Functions {
    fn add(&mut self, signature: &syn::Signature, end: proc_macro2::Span) {
        let (first, last) = (signature.span().start().line, end.end().line);
        self.0.push((signature.ident.to_string(), first, last + 1 - first));
    }
}

impl<'t> Visit<'t> for Functions {
    fn visit_item_fn(&mut self, item: &'t syn::ItemFn) {
        self.add(&item.sig, item.block.span());
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'t syn::ImplItemFn) {
        self.add(&item.sig, item.block.span());
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'t syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.add(&item.sig, block.span());
        }
        visit::visit_trait_item_fn(self, item);
    }
}

/// Every path that a file names, `use` trees unfolded, with its line.
#[derive(Default)]
struct Paths(Vec<(Vec<String>, usize)>);

impl<'t> Visit<'t> for Paths {
    fn visit_path(&mut self, path: &'t syn::Path) {
        let names = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.0.push((names, path.span().start().line));
        visit::visit_path(self, path);
    }

    fn visit_item_use(&mut self, item: &'t syn::ItemUse) {
        self.unfold(&item.tree, &mut Vec::new());
    }
}

impl Paths {
    fn of(tree: &syn::File) -> Vec<(Vec<String>, usize)> {
        let mut paths = Self::default();
        paths.visit_file(tree);
        paths.0
    }

    fn unfold(&mut self, tree: &syn::UseTree, before: &mut Vec<String>) {
        match tree {
            syn::UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.unfold(&path.tree, before);
                before.pop();
            }
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.unfold(tree, before)),
            syn::UseTree::Name(name) => self.leaf(before, &name.ident.to_string(), name.span()),
            syn::UseTree::Rename(rename) => self.leaf(before, &rename.ident.to_string(), rename.span()),
            syn::UseTree::Glob(glob) => self.leaf(before, "*", glob.span()),
        }
    }

    fn leaf(&mut self, before: &[String], name: &str, span: proc_macro2::Span) {
        let mut names = before.to_vec();
        names.push(name.to_owned());
        self.0.push((names, span.start().line));
    }
}

/// The modules that lead to a file: `reference/src/tcp/arrives/mod.rs` is `tcp`, `arrives`.
fn modules(file: &str) -> Vec<String> {
    let inner = file.split_once("/src/").map_or(file, |(_, inner)| inner).trim_end_matches(".rs");
    let mut modules: Vec<String> = inner.split('/').map(str::to_owned).collect();
    if modules.last().is_some_and(|last| last == "mod") {
        modules.pop();
    }
    modules
}

/// A path counted from the root of its crate, `None` if it leads elsewhere. Modules within a file are not counted:
/// a `super` of theirs leads too high by one, never to another room.
fn absolute(names: &[String], file: &str) -> Option<Vec<String>> {
    let mut here = modules(file);
    let supers = names.iter().take_while(|name| *name == "super").count();
    match names.first().map(String::as_str) {
        Some("crate") => Some(names[1..].to_vec()),
        Some("super") => {
            here.truncate(here.len().saturating_sub(supers));
            here.extend_from_slice(&names[supers..]);
            Some(here)
        }
        _ => None,
    }
}

#[test]
fn rooms_of_the_reference_know_only_what_the_plan_allows() {
    let source = root().join("reference/src");
    let is_room = |name: &str| source.join(name).is_dir() || source.join(format!("{name}.rs")).is_file();
    let mut findings = Vec::new();
    for (file, tree, _) in trees().into_iter().filter(|(file, ..)| file.starts_with("reference/src/")) {
        let room = modules(&file).first().cloned().unwrap_or_default();
        let own = REFERENCE.iter().find(|(name, _)| *name == room);
        let is_leaf = ["wire", "time", "random"].contains(&room.as_str());
        let allowed = |other: &str| {
            own.is_some_and(|(_, allowed)| allowed.contains(&other)) || !is_leaf && LEAVES.contains(&other)
        };
        for (names, line) in Paths::of(&tree) {
            let Some(path) = absolute(&names, &file) else { continue };
            let Some(other) = path.first().filter(|other| is_room(other) && **other != room) else {
                continue;
            };
            // Sequence arithmetic is a leaf that the plan keeps in `tcp`.
            let is_sequence = path.get(1).is_some_and(|name| name == "seq" || name == "SeqNum");
            if !allowed(other) && !is_sequence {
                findings.push(format!(
                    "{file}:{line}: `{room}` names `{}`, which the plan of the house does not let it know; hand in \
                     what it needs",
                    names.join("::")
                ));
            }
        }
    }
    report(&findings);
}

#[test]
fn the_judge_never_asks_the_judged() {
    let mut findings = Vec::new();
    let is_ours = |file: &str| file.starts_with("conformance/") || file.starts_with("fuzz/");
    for (file, tree, _) in trees().into_iter().filter(|(file, ..)| is_ours(file)) {
        let is_judge = modules(&file).first().is_some_and(|room| JUDGE.contains(&room.as_str()));
        if STACK.iter().any(|allowed| file.starts_with(allowed)) && !is_judge {
            continue;
        }
        let allowed: &[&str] = if is_judge { &["wire", "time"] } else { &["wire", "time", "random"] };
        for (names, line) in Paths::of(&tree) {
            let [root, room, ..] = names.as_slice() else { continue };
            if root == "wireproof_reference" && !allowed.contains(&room.as_str()) {
                findings.push(format!(
                    "{file}:{line}: names `{}`; of the reference only {allowed:?} may be known here, the stack is \
                     behind device/reference.rs",
                    names.join("::")
                ));
            }
        }
    }
    report(&findings);
}

#[test]
fn nothing_looks_at_the_machines_clock_or_draws_unseeded_numbers() {
    const FORBIDDEN: [[&str; 2]; 6] = [
        ["Instant", "now"],
        ["SystemTime", "now"],
        ["thread", "sleep"],
        ["RandomState", "new"],
        ["HashMap", "new"],
        ["HashSet", "new"],
    ];
    let mut findings = Vec::new();
    for (file, tree, _) in trees() {
        if CLOCKS.iter().any(|allowed| file.starts_with(allowed)) || file.contains("/benches/") {
            continue;
        }
        for (names, line) in Paths::of(&tree) {
            let is_named =
                |pair: &&[&str; 2]| names.windows(2).any(|two| two[0] == pair[0] && two[1] == pair[1]);
            if let Some([what, how]) = FORBIDDEN.iter().find(is_named) {
                findings.push(format!(
                    "{file}:{line}: `{what}::{how}`; take the time as an argument, draw from the run's seed, use a \
                     BTreeMap"
                ));
            }
        }
    }
    report(&findings);
}

#[test]
fn nothing_is_left_over() {
    // In two halves, so that this file does not find itself.
    let marks = [["TO", "DO"], ["FIX", "ME"], ["X", "XX"]].map(|halves| halves.concat());
    let mut findings = Vec::new();
    for (file, tree, text) in trees() {
        for (index, line) in text.lines().enumerate() {
            let is_word =
                |mark: &&String| line.split(|c: char| !c.is_alphanumeric()).any(|word| word == **mark);
            if let Some(mark) = marks.iter().find(is_word) {
                findings.push(format!("{file}:{}: {mark}; do it, or open an issue", index + 1));
            }
        }
        let mut ignored = Ignored::default();
        ignored.visit_file(&tree);
        let told = |line| format!("{file}:{line}: #[ignore]; make the test pass or take it out");
        findings.extend(ignored.0.into_iter().map(told));
        for (names, line) in Paths::of(&tree) {
            if let [name] = names.as_slice()
                && ["todo", "unimplemented", "dbg"].contains(&name.as_str())
            {
                findings.push(format!("{file}:{line}: {name}!; finish it"));
            }
        }
    }
    report(&findings);
}

#[derive(Default)]
struct Ignored(Vec<usize>);

impl<'t> Visit<'t> for Ignored {
    fn visit_attribute(&mut self, attribute: &'t syn::Attribute) {
        if attribute.path().is_ident("ignore") {
            self.0.push(attribute.span().start().line);
        }
    }
}

#[test]
fn the_map_of_each_crate_shows_all_its_rooms() {
    let mut findings = Vec::new();
    for (file, tree, text) in trees().into_iter().filter(|(file, ..)| file.ends_with("/src/lib.rs")) {
        for item in &tree.items {
            let syn::Item::Mod(module) = item else { continue };
            let name = module.ident.to_string();
            if !text.contains(&format!("//! | [`{name}`]")) && !text.contains(&format!("//! | `{name}`")) {
                let line = module.span().start().line;
                findings.push(format!(
                    "{file}:{line}: `{name}` is not on the map; add its row to the table at the top"
                ));
            }
        }
    }
    report(&findings);
}

#[test]
fn feature_files_name_only_clauses_and_words_that_are_known() {
    use wireproof::behaviour::features;
    let loaded = features::load(&features::source::embedded());
    let problems = loaded.as_ref().err().map_or(&[][..], Vec::as_slice);
    report(&problems.iter().map(ToString::to_string).collect::<Vec<_>>());
    let files: BTreeSet<String> = loaded.unwrap().iter().map(|scenario| scenario.file.to_string()).collect();
    let lost: Vec<&String> = files.iter().filter(|file| !root().join(file).is_file()).collect();
    assert!(!files.is_empty() && lost.is_empty(), "embedded, but not on disk: {lost:?}");
}
