//! A Maildir folder: one file a message under `cur` and `new`. Reading leaves it as it is: in particular nothing is
//! moved from `new` to `cur`, which is for the program that the owner reads mail with.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::RawMessage;
use super::files::{SourceFault, read_file};

/// The messages of the Maildir at `path`, by file name, which begins with the time of delivery: the oldest first.
/// Nothing if it is no Maildir. Only the names are held in memory.
pub(super) fn open(path: &Path) -> io::Result<Option<Maildir>> {
    let parts: Vec<PathBuf> =
        ["cur", "new"].into_iter().map(|part| path.join(part)).filter(|part| part.is_dir()).collect();
    if parts.is_empty() {
        return Ok(None);
    }
    let mut names: Vec<(OsString, usize)> = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        for entry in fs::read_dir(part)? {
            let name = entry?.file_name();
            // Dovecot and others keep files of their own there, all with a leading dot.
            if !name.as_encoded_bytes().starts_with(b".") {
                names.push((name, at));
            }
        }
    }
    names.sort_unstable();
    Ok(Some(Maildir { parts, names: names.into_iter() }))
}

/// The messages of a Maildir, each read when it is asked for.
#[derive(Debug)]
pub(super) struct Maildir {
    parts: Vec<PathBuf>,
    /// A name with the index of its folder in `parts`.
    names: std::vec::IntoIter<(OsString, usize)>,
}

impl Iterator for Maildir {
    type Item = Result<RawMessage, SourceFault>;

    fn next(&mut self) -> Option<Self::Item> {
        let (name, part) = self.names.next()?;
        let name_text = name.to_string_lossy();
        let path = self.parts[part].join(&name);
        let path = if path.exists() { path } else { self.renamed(&name).unwrap_or(path) };
        let message = read_file(&path);
        Some(message.map(|raw| RawMessage {
            flags: flags(&name_text),
            received: delivered(&name_text),
            ..raw
        }))
    }
}

impl Maildir {
    /// Where a message lies that another program has looked at since: under the same name but for its flags.
    fn renamed(&self, name: &OsStr) -> Option<PathBuf> {
        let name = name.to_str()?;
        let base = name.split_once(":2,").map_or(name, |(base, _)| base);
        let is_it = |entry: &fs::DirEntry| {
            entry.file_name().to_str().is_some_and(|name| name.split(":2,").next() == Some(base))
        };
        let mut entries = self.parts.iter().filter_map(|part| fs::read_dir(part).ok()).flatten().flatten();
        entries.find(is_it).map(|entry| entry.path())
    }
}

/// The flags in a name such as `1700000000.M1P2.host:2,FS`, as IMAP writes them.
fn flags(name: &str) -> Vec<String> {
    let letters = name.rsplit_once(":2,").map_or("", |(_, letters)| letters);
    let flag = |letter| match letter {
        'D' => Some("\\Draft"),
        'F' => Some("\\Flagged"),
        'P' => Some("$Forwarded"),
        'R' => Some("\\Answered"),
        'S' => Some("\\Seen"),
        'T' => Some("\\Deleted"),
        _ => None,
    };
    letters.chars().filter_map(flag).map(str::to_owned).collect()
}

/// The seconds since 1970 that a name begins with. Fewer than nine digits are a number of another kind.
fn delivered(name: &str) -> Option<Timestamp> {
    let digits = name.split('.').next().filter(|digits| digits.len() >= 9)?;
    Timestamp::from_second(digits.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_flags_and_the_time_of_delivery() {
        for (name, expected, seconds) in [
            ("1700000000.M1P2.host:2,FS", vec!["\\Flagged", "\\Seen"], Some(1_700_000_000)),
            ("1700000000.M1P2.host,S=12:2,", vec![], Some(1_700_000_000)),
            (
                "1700000000.M1P2.host:2,PRTDab",
                vec!["$Forwarded", "\\Answered", "\\Deleted", "\\Draft"],
                Some(1_700_000_000),
            ),
            ("12.eml", vec![], None),
            ("99999999999999999999.x", vec![], None),
        ] {
            assert_eq!(flags(name), expected, "{name}");
            assert_eq!(delivered(name).map(Timestamp::as_second), seconds, "{name}");
        }
    }
}
