//! A person at a terminal: runs the built program in a pseudo-terminal, presses keys, reads the screen. Knows
//! nothing of what the program does. Every wait has a limit, and shows the screen when that is reached.

#![expect(clippy::unwrap_used, reason = "tests may fail loudly")]

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// How long anything may take on a busy machine before a test gives up.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often the screen is looked at.
const GLANCE: Duration = Duration::from_millis(10);

/// Keys whose bytes are not their name (xterm's).
const KEYS: [(&str, &str); 13] = [
    ("enter", "\r"),
    ("esc", "\x1b"),
    ("tab", "\t"),
    ("space", " "),
    ("backspace", "\x7f"),
    ("up", "\x1b[A"),
    ("down", "\x1b[B"),
    ("right", "\x1b[C"),
    ("left", "\x1b[D"),
    ("home", "\x1b[H"),
    ("end", "\x1b[F"),
    ("pgup", "\x1b[5~"),
    ("pgdn", "\x1b[6~"),
];

/// A program in a terminal; ended when dropped.
pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    keys: Sender<Vec<u8>>,
    shown: Arc<Mutex<Shown>>,
    reader: Option<JoinHandle<()>>,
    /// The terminal's own settings (echo, line by line, ...) before the program changed them.
    settings: String,
}

/// What the program wrote, and what a terminal makes of it.
struct Shown {
    bytes: Vec<u8>,
    parser: vt100::Parser,
}

/// A program that has ended.
#[derive(Debug)]
pub struct Ended {
    /// Its exit status.
    pub status: u32,
    /// What stands on the screen after it.
    pub screen: String,
    /// All that it wrote.
    pub bytes: Vec<u8>,
    /// What it left changed on the terminal; empty for a polite one.
    pub left: Vec<String>,
}

impl Ended {
    /// Demands that the terminal is as it was before.
    pub fn assert_restored(&self) {
        assert!(self.left.is_empty(), "the terminal was left with {:?}:\n{}", self.left, self.screen);
    }

    /// Whether the program ever took the whole screen (xterm's alternate screen).
    pub fn took_the_screen(&self) -> bool {
        has(&self.bytes, b"\x1b[?1049h")
    }
}

impl Terminal {
    /// Starts `amicable` with these arguments and, beside `PATH` and a plain terminal, these variables alone, in
    /// a window of so many columns and rows.
    pub fn start(arguments: &[&str], variables: &[(&str, &Path)], size: (u16, u16)) -> Self {
        Self::run(&[&[env!("CARGO_BIN_EXE_amicable")], arguments].concat(), variables, size)
    }

    /// Starts any program so.
    pub fn run(command: &[&str], variables: &[(&str, &Path)], size: (u16, u16)) -> Self {
        let pair = native_pty_system().openpty(pty_size(size)).unwrap();
        let mut builder = CommandBuilder::from_argv(command.iter().map(Into::into).collect());
        builder.env_clear();
        builder.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        builder.env("TERM", "xterm-256color");
        builder.env("LANG", "C.UTF-8");
        for (name, value) in variables {
            builder.env(name, value);
        }
        builder.cwd("/");
        let settings = settings(&*pair.master);
        let child = pair.slave.spawn_command(builder).unwrap();
        // Without a hand on the program's side, reading ends when the program does.
        drop(pair.slave);
        let parser = vt100::Parser::new(cells(size.1), cells(size.0), 0);
        let shown = Arc::new(Mutex::new(Shown { bytes: Vec::new(), parser }));
        let keys = write_from(pair.master.take_writer().unwrap());
        let reader = read_into(pair.master.try_clone_reader().unwrap(), Arc::clone(&shown), keys.clone());
        Self { child, master: pair.master, keys, shown, reader: Some(reader), settings }
    }

    /// Presses keys, named as in the program's own table and separated by spaces. `esc` can only be the last: a
    /// key right behind it makes another key of both, so what it does must be waited for.
    pub fn press(&mut self, keys: &str) {
        for (index, name) in keys.split(' ').enumerate() {
            assert!(name != "esc" || index + 1 == keys.split(' ').count(), "'esc' must be the last key");
            let known = KEYS.iter().find(|(known, _)| *known == name);
            match (known, name.strip_prefix("ctrl+")) {
                (Some((_, bytes)), _) => self.send(bytes.as_bytes()),
                (None, Some(letter)) => self.send(&[letter.as_bytes()[0] & 0x1f]),
                (None, None) => {
                    assert_eq!(name.chars().count(), 1, "'{name}' is no key");
                    self.send(name.as_bytes());
                }
            }
        }
    }

    /// Types a text letter by letter.
    pub fn type_text(&mut self, text: &str) {
        self.send(text.as_bytes());
    }

    /// Pastes, as a terminal does that was asked to mark pasted text.
    pub fn paste(&mut self, text: &[u8]) {
        self.send(&[b"\x1b[200~", text, b"\x1b[201~"].concat());
    }

    /// Sends bytes as they are. Doesn't wait until they are read.
    pub fn send(&mut self, bytes: &[u8]) {
        // A program that has ended reads nothing any more; what is waited for next will tell.
        let _ = self.keys.send(bytes.to_vec());
    }

    /// Gives the window another size: columns, rows.
    pub fn resize(&mut self, size: (u16, u16)) {
        self.lock().parser.screen_mut().set_size(cells(size.1), cells(size.0));
        self.master.resize(pty_size(size)).unwrap();
    }

    /// The screen as text, line by line.
    pub fn screen(&self) -> String {
        self.lock().parser.screen().contents()
    }

    /// The screen's words with one space between them, so that it doesn't matter where lines break.
    pub fn words(&self) -> String {
        words(&self.screen())
    }

    /// Waits until these words are on the screen.
    pub fn wait_for(&mut self, wanted: &str) {
        self.wait_until(&format!("\"{wanted}\""), |words| words.contains(wanted));
    }

    /// Waits until the words on the screen are as wanted.
    pub fn wait_until(&mut self, what: &str, wanted: impl Fn(&str) -> bool) {
        let start = Instant::now();
        while !wanted(&self.words()) {
            let ended = self.child.try_wait().unwrap();
            // Its last words may still be on their way.
            if let Some(status) = ended {
                self.reader.take().map(JoinHandle::join);
                assert!(wanted(&self.words()), "ended with {status:?} before {what}:\n{}", self.screen());
            }
            assert!(
                start.elapsed() < PATIENCE,
                "still waiting for {what} after {PATIENCE:?}:\n{}",
                self.screen()
            );
            thread::sleep(GLANCE);
        }
    }

    /// Sends a signal such as `TERM`.
    pub fn signal(&mut self, name: &str) {
        let pid = self.process_id().to_string();
        let sent = Command::new("sh").args(["-c", "kill -s \"$1\" \"$2\"", "kill", name, &pid]).status();
        assert!(sent.unwrap().success());
    }

    /// The program's process.
    pub fn process_id(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// Waits until the program has ended by itself.
    pub fn wait_for_end(mut self) -> Ended {
        let start = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status.exit_code();
            }
            assert!(start.elapsed() < PATIENCE, "it does not end:\n{}", self.screen());
            thread::sleep(GLANCE);
        };
        self.reader.take().map(JoinHandle::join);
        let bytes = std::mem::take(&mut self.lock().bytes);
        Ended { status, screen: self.screen(), bytes, left: self.left() }
    }

    /// What is not as it was before the program.
    fn left(&self) -> Vec<String> {
        let shown = self.lock();
        let screen = shown.parser.screen();
        let mouse = screen.mouse_protocol_mode() != vt100::MouseProtocolMode::None;
        let rows = [
            (screen.alternate_screen(), "the alternate screen"),
            (screen.hide_cursor(), "a hidden cursor"),
            (screen.bracketed_paste(), "marks around pasted text"),
            (mouse, "the mouse taken"),
            (settings(&*self.master) != self.settings, "raw keys"),
        ];
        rows.iter().filter(|(left, _)| *left).map(|(_, what)| (*what).to_owned()).collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(Some(_))) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// A text's words with one space between them.
pub fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether bytes stand within others.
pub fn has(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

fn pty_size((cols, rows): (u16, u16)) -> PtySize {
    PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }
}

fn cells(count: u16) -> NonZeroU16 {
    NonZeroU16::new(count).expect("a window has a size")
}

fn settings(master: &dyn MasterPty) -> String {
    format!("{:?}", master.get_termios().expect("a terminal has settings"))
}

/// Reads what the program writes, and answers as a terminal does when it is asked where the cursor is.
fn read_into(
    mut from: Box<dyn Read + Send>,
    shown: Arc<Mutex<Shown>>,
    answers: Sender<Vec<u8>>,
) -> JoinHandle<()> {
    const WHERE: &[u8] = b"\x1b[6n";
    thread::spawn(move || {
        let mut bytes = [0; 1 << 14];
        // Linux says EIO where the other side is gone.
        while let Ok(count @ 1..) = from.read(&mut bytes) {
            let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
            // The question may have come in two pieces.
            let seen = shown.bytes.len().saturating_sub(WHERE.len() - 1);
            shown.bytes.extend_from_slice(&bytes[..count]);
            shown.parser.process(&bytes[..count]);
            if has(&shown.bytes[seen..], WHERE) {
                let (row, column) = shown.parser.screen().cursor_position();
                let _ = answers.send(format!("\x1b[{};{}R", row + 1, column + 1).into_bytes());
            }
        }
    })
}

/// A thread of its own, so that a program that doesn't read can't hang a test.
fn write_from(mut to: Box<dyn Write + Send>) -> Sender<Vec<u8>> {
    let (keys, pressed) = mpsc::channel::<Vec<u8>>();
    thread::spawn(move || {
        for bytes in pressed {
            if to.write_all(&bytes).is_err() {
                break;
            }
        }
    });
    keys
}
