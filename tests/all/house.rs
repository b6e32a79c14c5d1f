//! The rules of the house, as `docs/design.md` tells them: who may import whom, which foreign crate has
//! which door, and what every file begins with.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

/// The rooms and their layers; a room may import only from rooms of lower layers, or from those named.
const ROOMS: &[(&str, u8, &[&str])] = &[
    ("mail", 0, &[]),
    ("parse", 1, &[]),
    ("boundary", 1, &[]),
    ("triage", 1, &["boundary"]),
    ("ledger", 1, &["boundary", "triage"]),
    ("reply", 1, &["boundary", "ledger", "triage"]),
    ("report", 1, &["boundary", "ledger", "triage"]),
    ("config", 1, &["boundary", "triage"]),
    ("source", 2, &[]),
    ("store", 2, &[]),
    ("deliver", 2, &[]),
    ("worker", 3, &[]),
    ("tui", 4, &[]),
    ("cli", 5, &[]),
    ("main", 6, &[]),
];

/// Foreign crates and the only places that may name them.
const DOORS: &[(&str, &[&str])] = &[
    ("clap", &["cli.rs", "cli/"]),
    ("encoding_rs", &["parse/"]),
    ("etcetera", &["config.rs"]),
    ("getrandom", &["tui/desk.rs"]),
    ("html2text", &["parse/"]),
    ("icalendar", &["cli/commitments.rs", "config/holidays.rs"]),
    ("imap", &["source/imap/", "source/imap.rs"]),
    ("imap_proto", &["source/imap/"]),
    ("indicatif", &["cli/"]),
    ("lettre", &["deliver/"]),
    ("mailparse", &["parse.rs", "parse/"]),
    ("minijinja", &["reply/template.rs"]),
    ("native_tls", &["source/imap/"]),
    ("ratatui", &["tui.rs", "tui/"]),
    ("ratatui_textarea", &["tui/"]),
    ("libm", &["triage/fast/"]),
    ("rayon", &["triage/encoder.rs"]),
    ("rten_gemm", &["triage/encoder.rs"]),
    ("rten_simd", &["triage/encoder.rs"]),
    ("rten_tensor", &["triage/encoder.rs"]),
    ("rten_vecmath", &["triage/encoder.rs"]),
    ("rusqlite", &["store.rs", "store/"]),
    ("shlex", &["config.rs", "config/"]),
    ("signal_hook", &["tui.rs"]),
    // Front matter of templates and the phrasebook are configuration of a kind, too.
    (
        "toml",
        &[
            "config.rs",
            "boundary/beliefs.rs",
            "cli/demo/year.rs",
            "config/",
            "ledger/signs.rs",
            "reply/check/words.rs",
            "reply/front.rs",
            "reply/signal.rs",
            "triage/blend.rs",
            "triage/phrasebook.rs",
        ],
    ),
    ("toml_edit", &["config/edit.rs"]),
    ("utf7_imap", &["source/imap/"]),
    ("whatlang", &["triage/language.rs"]),
];

/// Files of the screen that hold no I/O, and what they must therefore not name.
const STILL: &[&str] = &[
    "tui/keys.rs",
    "tui/page.rs",
    "tui/state.rs",
    "tui/theme.rs",
    "tui/update.rs",
    "tui/update/",
    "tui/view.rs",
    "tui/view/",
    "tui/when.rs",
];
const IO: &[&str] = &[
    "std::fs",
    "std::process",
    "std::net",
    "std::thread",
    "Store",
    "Worker",
    "Zoned::now",
    "Timestamp::now",
];

struct Source {
    /// Below `src`, with `/`.
    name: String,
    text: String,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    collect(&root().join("src"), &mut found);
    assert!(found.len() > 30, "the sources were not found");
    found
}

fn collect(folder: &Path, found: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("it can be read").path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root().join("src")).expect("it lies below src");
            let name = name.to_string_lossy().replace('\\', "/");
            found.push(Source { name, text: fs::read_to_string(&path).expect("it is UTF-8") });
        }
    }
}

impl Source {
    /// The room it belongs to; nothing for `lib.rs`.
    fn room(&self) -> Option<&'static (&'static str, u8, &'static [&'static str])> {
        let first = self.name.split('/').next().unwrap_or_default();
        ROOMS.iter().find(|(room, ..)| *room == first.trim_end_matches(".rs"))
    }

    fn is_in(&self, places: &[&str]) -> bool {
        places
            .iter()
            .any(|place| self.name == *place || (place.ends_with('/') && self.name.starts_with(place)))
    }

    /// Tests may set up whatever they need.
    fn is_test(&self) -> bool {
        self.name.ends_with("tests.rs") || self.name.contains("/tests/")
    }

    /// The code without comments and without its unit tests.
    fn code(&self) -> String {
        let code = self.text.split("#[cfg(test)]").next().unwrap_or_default();
        code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
    }
}

#[test]
fn every_file_begins_with_what_it_owns() {
    let bare: Vec<String> = sources()
        .into_iter()
        .filter(|source| !source.text.starts_with("//!"))
        .map(|source| source.name)
        .collect();
    assert_eq!(bare, Vec::<String>::new(), "these files need a //! head");
}

#[test]
fn every_room_has_a_layer() {
    let rooms: BTreeSet<String> = sources()
        .iter()
        .filter(|source| source.room().is_none() && source.name != "lib.rs")
        .map(|source| source.name.clone())
        .collect();
    assert_eq!(rooms, BTreeSet::new(), "name them in ROOMS");
}

#[test]
fn rooms_import_downward_only() {
    let import = Regex::new(r"\bcrate::([a-z_]+)").expect("it is well-formed");
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| !source.is_test()) {
        let Some((room, layer, friends)) = source.room() else { continue };
        for found in import.captures_iter(&source.code()) {
            let Some((other, below, _)) = ROOMS.iter().find(|(name, ..)| *name == &found[1]) else {
                continue;
            };
            if other != room && below >= layer && !friends.contains(other) {
                wrong.push(format!("{} imports {other}", source.name));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn every_foreign_crate_has_one_door() {
    let mut wrong = Vec::new();
    for source in sources() {
        let code = source.code();
        for (name, doors) in DOORS {
            // `crate::source::imap::` is our own.
            let used = Regex::new(&format!(r"(^|[^:\w]){name}::")).expect("it is well-formed");
            if used.is_match(&code) && !source.is_in(doors) && !source.is_test() {
                wrong.push(format!("{} names {name}", source.name));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn drawing_and_deciding_do_no_io() {
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| source.is_in(STILL)) {
        for name in IO {
            let used = Regex::new(&format!(r"\b{name}\b")).expect("it is well-formed");
            if used.is_match(&source.code()) {
                wrong.push(format!("{} names {name}", source.name));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn mail_leaves_through_one_door() {
    let senders: Vec<String> = sources()
        .into_iter()
        .filter(|source| source.code().contains("smtp::send(") && !source.is_test())
        .map(|source| source.name)
        .collect();
    assert_eq!(senders, ["worker/outbox.rs"]);
}

#[test]
fn the_map_in_lib_names_only_what_is_there() {
    let map = fs::read_to_string(root().join("src/lib.rs")).expect("it is there");
    let path = Regex::new(r"`(src|assets|tests|docs|script)/([\w./-]+)`").expect("it is well-formed");
    let named: Vec<&str> = path.find_iter(&map).map(|found| found.as_str().trim_matches('`')).collect();
    assert!(named.len() > 15, "the map is too small: {named:?}");
    for name in named {
        assert!(root().join(name).exists(), "lib.rs names {name}, which is not there");
    }
}
