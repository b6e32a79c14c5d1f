//! The phrases of `assets/phrasebook/check.toml`, compiled: each list is one pattern.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Regex, RegexBuilder};
use serde::Deserialize;

/// A list of phrases as one pattern.
#[derive(Debug)]
pub struct Phrases(Regex);

impl Phrases {
    /// Whether one of them stands in a text.
    pub fn stand_in(&self, text: &str) -> bool {
        self.0.is_match(text)
    }

    /// Where the first of them stands.
    pub fn first(&self, text: &str) -> Option<Range<usize>> {
        self.0.find(text).map(|found| found.range())
    }

    /// Where they stand.
    pub fn all(&self, text: &str) -> Vec<Range<usize>> {
        self.0.find_iter(text).map(|found| found.range()).collect()
    }

    /// Where they stand, but not within or across one of these.
    pub fn all_but(&self, text: &str, but: &Phrases) -> Vec<Range<usize>> {
        let barred = but.all(text);
        let free =
            |found: &Range<usize>| !barred.iter().any(|bar| bar.start < found.end && found.start < bar.end);
        self.all(text).into_iter().filter(free).collect()
    }
}

/// Declares the lists of the file.
macro_rules! lists {
    ($($name:ident)*) => {
        /// Every list.
        #[derive(Debug)]
        pub struct Words { $(pub $name: Phrases,)* }

        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File { $($name: Vec<String>,)* }

        impl Words {
            fn read(text: &str) -> Result<Self, String> {
                let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
                Ok(Self { $($name: phrases(&file.$name).map_err(|error| format!("{}: {error}", stringify!($name)))?,)* })
            }
        }
    };
}

lists! {
    promise vague vague_unless trying boundless back_to_you apology apology_unless grovelling apology_for_them blame
    blame_unless anger anger_unless refusal way_out acceptance terms attached attached_unless private work not_work prompt
    giving_back deposit_waived free_work free_work_beyond free_work_unless
}

/// The lists, compiled at the first call.
pub fn words() -> &'static Words {
    static WORDS: LazyLock<Words> = LazyLock::new(|| {
        Words::read(include_str!("../../../assets/phrasebook/check.toml"))
            .expect("the phrases are compiled in, and every test of the check reads them")
    });
    &WORDS
}

fn phrases(list: &[String]) -> Result<Phrases, String> {
    // A pattern that begins or ends with a letter or a group is bounded there; one with a sign or a space is not.
    let one = |pattern: &String| {
        let begins = pattern.starts_with(|c: char| c.is_alphanumeric() || c == '(');
        let ends = pattern.ends_with(|c: char| c.is_alphanumeric() || matches!(c, ')' | '?' | '+' | '*'))
            && !pattern.ends_with(r"\?");
        let (before, after) = (if begins { r"\b" } else { "" }, if ends { r"\b" } else { "" });
        format!("{before}(?:{}){after}", pattern.replace('\'', "['\u{2019}]"))
    };
    let joined = list.iter().map(one).collect::<Vec<_>>().join("|");
    let compiled =
        RegexBuilder::new(&joined).case_insensitive(true).multi_line(true).size_limit(64 << 20).build();
    compiled.map(Phrases).map_err(|error| error.to_string())
}
