//! Real mail servers for tests: Dovecot and Postfix, each with its own configuration, folders and free ports
//! on loopback, as many beside each other as tests ask for. Nothing of the machine's own mail set-up is read
//! or changed, and nothing is left behind: see [`Kept`].
#![expect(clippy::unwrap_used, reason = "tests may fail loudly")]

mod dovecot;
mod imap_client;
mod postfix;

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use amicable::config::Security;

pub use dovecot::{Dovecot, Layout, Options};
pub use imap_client::{ImapClient, MessageState};
pub use postfix::Postfix;

/// The password of every user of every server.
pub const PASSWORD: &str = "secret";

/// How long anything may take on a busy machine before a test gives up.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server program that cannot outlive the test program, however that ends.
///
/// A small shell starts the server in the foreground and waits for the end of its own standard input, a pipe
/// that only the test program holds. When the pipe closes (on drop, or because the test program ended, was
/// killed or aborted) the shell stops the server by its process id, then what is left of its process group (Dovecot's
/// children outlive it while somebody is connected to them), and deletes the folder.
struct Kept {
    keeper: Child,
    dir: PathBuf,
}

/// Arguments: folder, script to prepare it, program, its arguments.
const KEEPER: &str = r#"
dir=$1 prepare=$2; shift 2
cd / && sh -c "$prepare" prepare "$dir" && {
    setsid "$@" </dev/null & pid=$!
    read -r _
    kill "$pid"; wait "$pid"
    kill -s KILL -- "-$pid" 2>/dev/null
}
rm -rf "$dir"
"#;

impl Kept {
    /// Starts `command` in `dir`, which it owns from now on; `prepare` is a shell script that runs before, with
    /// the folder as `$1`. With `as_root`, an ordinary user's tests ask `sudo` (never for a password).
    fn start(dir: &Path, prepare: &str, command: &[&str], as_root: bool) -> Self {
        let mut shell = if as_root && !is_root() { Command::new("sudo") } else { Command::new("sh") };
        if as_root && !is_root() {
            shell.args(["-n", "sh"]);
        }
        let output = fs::File::create(dir.join("output")).unwrap();
        let keeper = shell
            .args(["-c", KEEPER, "keeper"])
            .arg(dir)
            .arg(prepare)
            .args(command)
            .stdin(Stdio::piped())
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .process_group(0) // an interrupt from the keyboard is for the tests alone
            .spawn()
            .unwrap_or_else(|e| panic!("{} does not start: {e}", shell.get_program().display()));
        Self { keeper, dir: dir.to_owned() }
    }

    /// Waits until `ready`, and shows what the server wrote if it ends before or takes too long.
    fn wait_until(&mut self, name: &str, mut ready: impl FnMut() -> bool) {
        let start = Instant::now();
        while !ready() {
            let ended = self.keeper.try_wait().unwrap().is_some();
            assert!(!ended && start.elapsed() < PATIENCE, "{name} did not start:\n{}", self.words());
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// What the server wrote, for the message of a failed test.
    fn words(&self) -> String {
        ["output", "log"].map(|file| fs::read_to_string(self.dir.join(file)).unwrap_or_default()).concat()
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        drop(self.keeper.wait());
    }
}

/// A folder for one server, open to the users that its processes run as.
fn server_dir() -> PathBuf {
    let dir = tempfile::Builder::new().prefix("amicable-test-").tempdir().unwrap().keep();
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o755)).unwrap();
    dir
}

/// A free port of `address`, no two alike in one test program. Below Linux's range for outgoing connections
/// (32768 and up), so that none of those takes it before the server does.
fn free_port(address: &str) -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = u16::try_from(std::process::id() % 100).unwrap() * 120;
    loop {
        let port = 20_000 + (start + NEXT.fetch_add(1, Ordering::Relaxed)) % 12_000;
        if TcpListener::bind((address, port)).is_ok() {
            return port;
        }
    }
}

fn is_root() -> bool {
    ran("id", &["-u"]).trim() == "0"
}

/// The standard output of a program that must succeed.
fn ran(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let output =
        output.unwrap_or_else(|e| panic!("{program} is missing ({e}): run script/test, which installs it"));
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The full path of a server program; daemons often lie outside an ordinary user's `PATH`.
fn program(name: &str, folders: &[&str], package: &str) -> String {
    let paths = folders.iter().map(|folder| Path::new(folder).join(name));
    let found = paths.into_iter().find(|path| path.exists());
    let found = found.unwrap_or_else(|| panic!("{name} is missing: install {package}, or run script/test"));
    found.to_str().unwrap().to_owned()
}

/// Calls `look` until it finds something.
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "still waiting for {what} after {PATIENCE:?}");
        thread::sleep(Duration::from_millis(30));
    }
}

#[test]
fn mail_goes_in_through_postfix_and_lies_in_dovecot() {
    let dovecot = Dovecot::start();
    let postfix = Postfix::start(&dovecot);
    let mail =
        b"From: Ann <ann@example.org>\nSubject: Cake\nMessage-ID: <cake@example.org>\n\nHello\n.\n..\n";
    postfix.deliver("ann@example.org", "baker@example.com", mail);

    let messages = dovecot.wait_for("baker@example.com", "INBOX", |messages| messages.len() == 1);
    assert_eq!(messages[0].message_id, "<cake@example.org>");
    assert!(messages[0].flags.is_empty());
    let bytes = dovecot.message("baker@example.com", "INBOX", messages[0].uid);
    assert!(bytes.ends_with(b"\r\n\r\nHello\r\n.\r\n..\r\n"), "{}", String::from_utf8_lossy(&bytes));
    assert!(dovecot.messages("ann@example.org", "INBOX").is_empty());
}

#[test]
fn postfix_takes_a_login_over_each_kind_of_line() {
    use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
    use lettre::{SmtpTransport, Transport, address::Envelope, transport::smtp::authentication::Credentials};

    let dovecot = Dovecot::start();
    let postfix = Postfix::start(&dovecot);
    let send = |security: Security, password: &str| {
        let server = postfix.server(security, "baker@example.com");
        let ca = Certificate::from_pem(&fs::read(dovecot.ca_file()).unwrap()).unwrap();
        let tls = TlsParameters::builder(server.host.clone()).add_root_certificate(ca).build().unwrap();
        let tls = match security {
            Security::Tls => Tls::Wrapper(tls),
            Security::Starttls => Tls::Required(tls),
            Security::None => Tls::None,
        };
        let envelope =
            Envelope::new(server.login.parse().ok(), vec!["ann@example.org".parse().unwrap()]).unwrap();
        SmtpTransport::builder_dangerous(&server.host)
            .port(server.port)
            .tls(tls)
            .credentials(Credentials::new(server.login, password.to_owned()))
            .build()
            .send_raw(&envelope, b"Subject: hello\r\n\r\nhello\r\n")
            .map_err(|e| e.to_string())
    };
    for security in [Security::Tls, Security::Starttls, Security::None] {
        send(security, PASSWORD).unwrap();
        assert!(send(security, "wrong").unwrap_err().contains("535"));
    }
    dovecot.wait_for("ann@example.org", "INBOX", |messages| messages.len() == 3);
}

#[test]
fn a_stopped_server_leaves_no_process_and_no_folder() {
    let dovecot = Dovecot::start();
    let postfix = Postfix::start(&dovecot);
    let (dirs, ports) =
        ([dovecot.dir().to_owned(), postfix.dir().to_owned()], [dovecot.imap_port, postfix.smtp_port]);
    dovecot.deliver("ann@example.org", b"Subject: hello\n\nhello\n");
    let mut connected = dovecot.client("ann@example.org");
    assert_eq!(connected.messages("INBOX").len(), 1);
    drop((postfix, dovecot));
    assert!(dirs.iter().all(|dir| !dir.exists()));
    for port in ports {
        assert!(TcpListener::bind(("127.0.0.1", port)).is_ok(), "port {port} is still taken");
    }
}
