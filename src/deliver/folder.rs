//! The demo's exit: a reply becomes an `.eml` file in a folder. Nothing leaves the machine.

use std::io::Write;
use std::path::Path;

use jiff::Zoned;

use crate::deliver::{Outcome, Outgoing};

/// Longest part of a file name taken from the subject, in characters.
const LONGEST_SLUG: usize = 40;

/// Writes the message into `folder` as `<moment>-<subject>.eml`, whole or not at all; makes the folder if
/// it is not there. [`Outcome::Accepted`] holds the file's name.
pub fn send(outgoing: &Outgoing, subject: &str, now: &Zoned, folder: &Path) -> Outcome {
    match write(outgoing, &file_stem(subject, now), folder) {
        Ok(name) => Outcome::Accepted(name),
        Err(error) => Outcome::NotSent(format!("{}: can't write there: {error}", folder.display())),
    }
}

fn write(outgoing: &Outgoing, stem: &str, folder: &Path) -> std::io::Result<String> {
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(&outgoing.bytes)?;
    file.as_file().sync_all()?;
    for number in 1.. {
        let name = if number == 1 { format!("{stem}.eml") } else { format!("{stem}-{number}.eml") };
        match file.persist_noclobber(folder.join(&name)) {
            Ok(_) => return Ok(name),
            Err(taken) if taken.error.kind() == std::io::ErrorKind::AlreadyExists => file = taken.file,
            Err(other) => return Err(other.error),
        }
    }
    Err(std::io::Error::other("every name is taken"))
}

/// `2026-11-20-091200-re-the-menu-cards`
fn file_stem(subject: &str, now: &Zoned) -> String {
    let mut slug = String::new();
    for c in subject.chars().flat_map(char::to_lowercase) {
        match c {
            c if c.is_alphanumeric() => slug.push(c),
            _ if slug.is_empty() || slug.ends_with('-') => {}
            _ => slug.push('-'),
        }
    }
    let slug: String = slug.chars().take(LONGEST_SLUG).collect();
    let slug = slug.trim_end_matches('-');
    let slug = if slug.is_empty() { "message" } else { slug };
    format!("{}-{slug}", now.strftime("%Y-%m-%d-%H%M%S"))
}
