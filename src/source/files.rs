//! Mail in files: tells by looking whether a path is a Maildir, a folder of `.eml` files, an mbox file or one message,
//! and hands out the messages one by one, so that an archive of any size needs the memory of one message. It only
//! ever reads: no file is renamed, marked or moved.

use std::error::Error;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use super::RawMessage;
use super::maildir;
use super::mbox::{self, Mbox};

/// The largest message that is read, in bytes (64 MiB): twice the 25 to 35 MB that large providers let through,
/// so that only what is no mail is longer.
pub const LARGEST: usize = 64 << 20;

/// A message that could not be had, or a source that is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFault {
    /// Where it lies, as [`RawMessage::place`] has it.
    pub place: String,
    /// What is wrong, in plain words.
    pub what: String,
}

impl SourceFault {
    pub(super) fn new(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self { place: place.into(), what: what.into() }
    }
}

impl fmt::Display for SourceFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

impl Error for SourceFault {}

/// The messages of a source in its order, each read when it is asked for. What can't be read is an item too.
pub type Messages = Box<dyn Iterator<Item = Result<RawMessage, SourceFault>> + Send>;

/// Opens a source: `-` is standard input (one message or an mbox), a folder is a Maildir or holds `.eml` files, a
/// file is an mbox or one message, and `all.mbox:3` is the third message of a file.
///
/// It fails where there is nothing of that name or nothing in it that could be mail.
pub fn open(path: &Path) -> Result<Messages, SourceFault> {
    if path.as_os_str() == "-" {
        return Ok(stream(io::stdin(), "-".to_owned()));
    }
    look(path)?;
    if path.is_dir() {
        return folder(path);
    }
    match numbered(path) {
        Some((file, number)) if !path.exists() => nth(open(file)?, number, path),
        _ => Ok(open_file(path)),
    }
}

/// Whether there is something at `path` that [`open`] can read from. It reads none of it, since what has been read
/// from a pipe is gone.
pub fn look(path: &Path) -> Result<(), SourceFault> {
    match fs::metadata(path) {
        Ok(about) if about.is_dir() => folder(path).map(drop),
        Ok(_) => Ok(()),
        Err(_) if numbered(path).is_some_and(|(file, _)| file.is_file()) => Ok(()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            Err(SourceFault::new(path.display().to_string(), "there is no such file or folder"))
        }
        Err(e) => Err(SourceFault::new(path.display().to_string(), e.to_string())),
    }
}

/// The parts of `FILE:N`, the place of a message in an mbox as it is printed.
fn numbered(path: &Path) -> Option<(&Path, usize)> {
    let (file, number) = path.to_str()?.rsplit_once(':')?;
    let number = number.parse().ok().filter(|&number| number > 0)?;
    Some((Path::new(file), number))
}

fn nth(mut messages: Messages, number: usize, path: &Path) -> Result<Messages, SourceFault> {
    let missing = || SourceFault::new(path.display().to_string(), "the file has no message of that number");
    messages.nth(number - 1).map(one).ok_or_else(missing)
}

fn open_file(path: &Path) -> Messages {
    let place = path.display().to_string();
    match File::open(path) {
        Ok(file) => stream(file, place),
        Err(e) => one(Err(SourceFault::new(place, format!("can't be read: {e}")))),
    }
}

fn one(message: Result<RawMessage, SourceFault>) -> Messages {
    Box::new(std::iter::once(message))
}

/// One message, or an mbox if it begins as one.
fn stream(from: impl Read + Send + 'static, place: String) -> Messages {
    let mut from = BufReader::with_capacity(128 << 10, from);
    match from.fill_buf() {
        Ok(start) if start.starts_with(mbox::SEPARATOR) => Box::new(Mbox::new(from, place)),
        Ok(_) => one(read_message(from, place)),
        Err(e) => one(Err(SourceFault::new(place, format!("can't be read: {e}")))),
    }
}

/// The whole of a file as one message, unless it is too large.
pub(super) fn read_message(from: impl Read, place: String) -> Result<RawMessage, SourceFault> {
    let mut bytes = Vec::new();
    let length = from.take(LARGEST as u64 + 1).read_to_end(&mut bytes);
    match length {
        Ok(length) if length > LARGEST => Err(SourceFault::new(place, too_large())),
        Ok(_) => Ok(RawMessage { place, uid: None, received: None, flags: Vec::new(), bytes }),
        Err(e) => Err(SourceFault::new(place, format!("can't be read: {e}"))),
    }
}

pub(super) fn too_large() -> String {
    format!("larger than {} MiB, so it was not read", LARGEST >> 20)
}

fn folder(path: &Path) -> Result<Messages, SourceFault> {
    let place = path.display().to_string();
    let failed = |e: io::Error| SourceFault::new(place.clone(), format!("can't be read: {e}"));
    if let Some(messages) = maildir::open(path).map_err(failed)? {
        return Ok(Box::new(messages));
    }
    let mut files: Vec<PathBuf> = fs::read_dir(path)
        .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect())
        .map_err(failed)?;
    files.retain(|file| file.extension().is_some_and(|end| end.eq_ignore_ascii_case("eml")));
    files.sort();
    if files.is_empty() {
        let what = "this folder is no Maildir (there is no cur or new in it) and holds no .eml file";
        return Err(SourceFault::new(place, what));
    }
    Ok(Box::new(files.into_iter().map(|file| read_file(&file))))
}

/// A file within a folder as one message. Anything but a regular file is refused: a pipe would be waited for.
pub(super) fn read_file(path: &Path) -> Result<RawMessage, SourceFault> {
    let place = path.display().to_string();
    match fs::metadata(path)
        .and_then(|about| if about.is_file() { File::open(path).map(Some) } else { Ok(None) })
    {
        Ok(Some(file)) => read_message(file, place),
        Ok(None) => Err(SourceFault::new(place, "not a file, so it was not read")),
        Err(e) => Err(SourceFault::new(place, format!("can't be read: {e}"))),
    }
}
