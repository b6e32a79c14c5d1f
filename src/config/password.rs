//! Gets an account's password from where the owner keeps it. It never logs or shows one, never uses a shell, and
//! never asks on the terminal.

use std::env;
use std::fs;
use std::io::{self, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use secrecy::SecretString;

use super::{Account, PasswordSource};

/// How long a password program may take: long enough to unlock a password manager by hand.
const PATIENCE: Duration = Duration::from_mins(1);

/// No password is longer; more output than this is a mistake.
const LONGEST: u64 = 64 << 10;

/// How often a running program is looked after.
const GLANCE: Duration = Duration::from_millis(10);

impl Account {
    /// The password, from where the owner said it is. Blocks while a program runs, for at most 60 seconds.
    /// An error names the account, where the password was looked for and what went wrong there; it never holds
    /// anything of the password.
    pub fn password(&self) -> Result<SecretString, String> {
        let found = match &self.password {
            PasswordSource::Command(words) => from_program(words, PATIENCE),
            PasswordSource::Env(name) => from_variable(name),
            PasswordSource::File(path) => fs::File::open(path)
                .and_then(read_bounded)
                .map_err(|e| format!("the file {} can't be read: {e}", path.display()))
                .and_then(|bytes| first_line(&bytes, &format!("the file {}", path.display()))),
            PasswordSource::Plain(secret) => Ok(secret.clone()),
        };
        found.map_err(|why| format!("no password for the account `{}`: {why}", self.name))
    }
}

fn from_variable(name: &str) -> Result<SecretString, String> {
    match env::var(name) {
        Ok(value) if !value.is_empty() => Ok(SecretString::from(value)),
        Ok(_) => Err(format!("the environment variable {name} is empty")),
        Err(env::VarError::NotPresent) => Err(format!("the environment variable {name} is not set")),
        Err(env::VarError::NotUnicode(_)) => Err(format!("the environment variable {name} is not UTF-8")),
    }
}

fn from_program(words: &[String], patience: Duration) -> Result<SecretString, String> {
    let [program, arguments @ ..] = words else { return Err("no program is named".to_owned()) };
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| format!("the program `{program}` can't be started: {e}"))?;
    // Read beside the waiting: a program that fills a pipe would never end. The channels are not joined but
    // asked with a limit, since a grandchild may keep a pipe open for ever.
    let printed = listen(child.stdout.take());
    let complained = listen(child.stderr.take());
    let ended = wait(&mut child, patience).map_err(|e| format!("the program `{program}` was lost: {e}"))?;
    let Some(status) = ended else {
        return Err(format!("the program `{program}` took longer than {} seconds", patience.as_secs()));
    };
    if !status.success() {
        let complaint = complained.recv_timeout(GLANCE * 50).unwrap_or_default();
        let last = last_line(&complaint).map_or_else(String::new, |line| format!(": {line}"));
        return Err(format!("the program `{program}` failed ({status}){last}"));
    }
    let bytes = printed
        .recv_timeout(GLANCE * 500)
        .map_err(|_| format!("the program `{program}` ended, but its output did not"))?;
    first_line(&bytes, &format!("the program `{program}`"))
}

/// Collects what comes through a pipe, up to [`LONGEST`].
fn listen(pipe: Option<impl Read + Send + 'static>) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::sync_channel(1);
    thread::spawn(move || {
        let bytes = pipe.and_then(|pipe| read_bounded(pipe).ok()).unwrap_or_default();
        // Nobody may be waiting any more; then nobody misses it.
        let _ = sender.send(bytes);
    });
    receiver
}

fn read_bounded(from: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(LONGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Waits for the end; kills the program and gives nothing when the time is over.
fn wait(child: &mut Child, patience: Duration) -> io::Result<Option<ExitStatus>> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if start.elapsed() >= patience {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(GLANCE);
    }
}

fn first_line(bytes: &[u8], source: &str) -> Result<SecretString, String> {
    let line = bytes.split(|&b| b == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let text = std::str::from_utf8(line).map_err(|_| format!("{source} gave something that is not UTF-8"))?;
    if text.is_empty() {
        return Err(format!("{source} gave nothing in its first line"));
    }
    Ok(SecretString::from(text))
}

/// The last line with something in it, without control characters.
fn last_line(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    let line = text.lines().rev().map(str::trim).find(|line| !line.is_empty())?;
    Some(line.chars().filter(|c| !c.is_control()).take(200).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    fn shell(script: &str) -> Vec<String> {
        ["sh", "-c", script].map(str::to_owned).to_vec()
    }

    #[test]
    fn the_first_line_is_the_password_and_spaces_in_it_count() {
        let found = from_program(&shell("printf 'a b \\r\\nsecond\\n'"), PATIENCE).unwrap();
        assert_eq!(found.expose_secret(), "a b ");
    }

    #[test]
    fn a_failing_program_is_named_with_its_last_words_and_without_its_output() {
        let why =
            from_program(&shell("echo hunter2; echo one >&2; echo two >&2; exit 3"), PATIENCE).unwrap_err();
        assert!(why.contains("`sh` failed (exit status: 3): two"), "{why}");
        assert!(!why.contains("hunter2"), "{why}");
    }

    #[test]
    fn a_program_that_does_not_end_is_ended() {
        let why = from_program(&shell("exec sleep 600"), Duration::from_millis(1)).unwrap_err();
        assert!(why.contains("took longer than"), "{why}");
    }

    #[test]
    fn a_program_that_prints_without_end_does_not_fill_the_memory() {
        let why = from_program(&["yes".to_owned(), String::new()], PATIENCE).unwrap_err();
        assert!(why.contains("`yes`"), "{why}");
    }

    #[test]
    fn a_missing_program_and_an_empty_answer_are_told() {
        let why = from_program(&["no-such-program-here".to_owned()], PATIENCE).unwrap_err();
        assert!(why.contains("`no-such-program-here` can't be started"), "{why}");
        let why = from_program(&["true".to_owned()], PATIENCE).unwrap_err();
        assert!(why.contains("gave nothing"), "{why}");
    }
}
