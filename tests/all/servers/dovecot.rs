//! An own Dovecot (2.3): IMAP with STARTTLS, IMAPS, LMTP delivery and the login service that Postfix asks.
//! Any user name is good, with the password [`PASSWORD`](super::PASSWORD).

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use amicable::config::{Security, Server};

use super::{ImapClient, Kept, MessageState, free_port, is_root, program, ran, server_dir, wait_for};

/// How folders are named and marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// `Sent`, `Drafts`, ..., marked with SPECIAL-USE (RFC 6154); `/` between levels.
    SpecialUse,
    /// Nothing but INBOX and what a test makes, unmarked; `/` between levels.
    Bare,
    /// All below `INBOX.`, with `INBOX.Sent`, unmarked; `.` between levels.
    BelowInbox,
}

/// What differs from server to server.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// STARTTLS is offered, and the IMAPS port is open.
    pub tls: bool,
    /// LOGIN is refused before STARTTLS. Such a server listens on 127.0.0.2, as Dovecot trusts its own address.
    pub login_disabled: bool,
    /// SASL mechanisms; without `plain`, LOGIN works and AUTH=PLAIN is not offered.
    pub mechanisms: &'static str,
    /// Host names and addresses in the certificate, as OpenSSL writes them.
    pub certificate_for: &'static str,
    /// Folders.
    pub layout: Layout,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            tls: true,
            login_disabled: false,
            mechanisms: "plain login",
            certificate_for: "DNS:localhost,IP:127.0.0.1",
            layout: Layout::SpecialUse,
        }
    }
}

/// A running server; stopped when dropped.
pub struct Dovecot {
    kept: Kept,
    /// Listens here.
    pub address: &'static str,
    /// Plain, with STARTTLS.
    pub imap_port: u16,
    /// TLS from the first byte.
    pub imaps_port: u16,
}

impl Dovecot {
    /// A server as most tests want it.
    pub fn start() -> Self {
        Self::with(Options::default())
    }

    /// A server with differences.
    pub fn with(options: Options) -> Self {
        let dovecot = program("dovecot", &["/usr/sbin", "/usr/local/sbin"], "dovecot-core dovecot-imapd");
        program("lmtp", &["/usr/lib/dovecot", "/usr/libexec/dovecot"], "dovecot-lmtpd");
        let address = if options.login_disabled { "127.0.0.2" } else { "127.0.0.1" };
        let ports = [free_port(address), free_port(address)];
        let dir = server_dir();
        certificates(&dir, options.certificate_for);
        let configuration = configuration(&dir, options, address, ports);
        let file = dir.join("dovecot.conf");
        fs::write(&file, configuration).unwrap();
        let prepare = if is_root() { "mkdir $1/mail && chown nobody $1/mail" } else { "mkdir $1/mail" };
        let mut kept = Kept::start(&dir, prepare, &[&dovecot, "-F", "-c", file.to_str().unwrap()], false);
        kept.wait_until("Dovecot", || greets(address, ports[0]));
        Self { kept, address, imap_port: ports[0], imaps_port: ports[1] }
    }

    /// Its folder: configuration, certificates, mail, sockets.
    pub fn dir(&self) -> &Path {
        &self.kept.dir
    }

    /// The certificate authority that signed the servers' certificate.
    pub fn ca_file(&self) -> PathBuf {
        self.dir().join("ca.pem")
    }

    /// The server as an account's configuration names it.
    pub fn server(&self, security: Security, login: &str) -> Server {
        let port = if security == Security::Tls { self.imaps_port } else { self.imap_port };
        let host = if self.address == "127.0.0.1" { "localhost" } else { self.address };
        Server { host: host.to_owned(), port, security, login: login.to_owned() }
    }

    /// A plain IMAP connection, logged in, that shares no code with what is tested.
    pub fn client(&self, user: &str) -> ImapClient {
        ImapClient::login(self.address, self.imap_port, user)
    }

    /// Delivers a message to a user's INBOX by LMTP (RFC 2033), which adds trace fields on top.
    pub fn deliver(&self, user: &str, mail: &[u8]) {
        let stream = UnixStream::connect(self.dir().join("run/lmtp")).unwrap();
        let mut replies = BufReader::new(stream.try_clone().unwrap());
        hand_over(stream, &mut replies, "LHLO", "sender@example.net", user, mail);
    }

    /// Puts a message into a folder exactly as it is, with flags such as `\Seen`; its UID.
    pub fn append(&self, user: &str, folder: &str, flags: &str, mail: &[u8]) -> u32 {
        self.client(user).append(folder, flags, mail)
    }

    /// What lies in a folder, by UID.
    pub fn messages(&self, user: &str, folder: &str) -> Vec<MessageState> {
        self.client(user).messages(folder)
    }

    /// The bytes of one message.
    pub fn message(&self, user: &str, folder: &str, uid: u32) -> Vec<u8> {
        self.client(user).message(folder, uid)
    }

    /// Looks into a folder until it is as wanted.
    pub fn wait_for(
        &self,
        user: &str,
        folder: &str,
        wanted: impl Fn(&[MessageState]) -> bool,
    ) -> Vec<MessageState> {
        let mut client = self.client(user);
        wait_for(&format!("mail in {folder} of {user}"), || {
            Some(client.messages(folder)).filter(|m| wanted(m))
        })
    }
}

/// Whether an IMAP server greets there.
fn greets(address: &str, port: u16) -> bool {
    let mut line = String::new();
    TcpStream::connect((address, port))
        .is_ok_and(|stream| BufReader::new(stream).read_line(&mut line).is_ok())
        && line.starts_with("* OK")
}

/// The client's side of one SMTP or LMTP delivery (RFC 5321), demanding success at each step.
pub(super) fn hand_over(
    mut to_server: impl Write,
    replies: &mut impl BufRead,
    hello: &str,
    from: &str,
    to: &str,
    mail: &[u8],
) {
    let mut said = |line: &str, wanted: char| {
        if !line.is_empty() {
            to_server.write_all(format!("{line}\r\n").as_bytes()).unwrap();
        }
        let mut reply = String::new();
        while reply.as_bytes().get(3) != Some(&b' ') {
            reply.clear();
            assert!(replies.read_line(&mut reply).unwrap() > 0, "connection closed after {line:?}");
        }
        assert!(reply.starts_with(wanted), "{line:?} was answered {reply:?}");
    };
    said("", '2');
    said(&format!("{hello} client.example.net"), '2');
    said(&format!("MAIL FROM:<{from}>"), '2');
    said(&format!("RCPT TO:<{to}>"), '2');
    said("DATA", '3');
    let text = String::from_utf8_lossy(mail).replace("\r\n", "\n");
    let stuffed: Vec<String> = text
        .lines()
        .map(|line| if line.starts_with('.') { format!(".{line}") } else { line.to_owned() })
        .collect();
    said(&format!("{}\r\n.", stuffed.join("\r\n")), '2');
    said("QUIT", '2');
}

/// An authority for this server alone, and a certificate that it signs.
fn certificates(dir: &Path, names: &str) {
    let path = |file: &str| dir.join(file).to_str().unwrap().to_owned();
    let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
    let make = |arguments: &[&str]| ran("openssl", &[&["req", "-x509"], &key[..], arguments].concat());
    make(&["-subj", "/CN=Test authority", "-keyout", &path("ca.key"), "-out", &path("ca.pem")]);
    make(&[
        "-CA",
        &path("ca.pem"),
        "-CAkey",
        &path("ca.key"),
        "-subj",
        "/CN=test server",
        "-addext",
        &format!("subjectAltName={names}"),
        "-addext",
        "basicConstraints=critical,CA:FALSE",
        "-keyout",
        &path("key.pem"),
        "-out",
        &path("cert.pem"),
    ]);
}

fn configuration(dir: &Path, options: Options, address: &str, ports: [u16; 2]) -> String {
    let dir = dir.display();
    let me = ran("id", &["-un"]).trim().to_owned();
    let (login, internal, owner) =
        if is_root() { ("dovenull", "dovecot", "nobody") } else { (&me[..], &me[..], &me[..]) };
    let (uid, gid) = (ran("id", &["-u", owner]), ran("id", &["-g", owner]));
    let (uid, gid) = (uid.trim(), gid.trim());
    let internal_group = ran("id", &["-gn", internal]);
    let ssl = if options.tls { "yes" } else { "no" };
    // A listener on port 0 is none.
    let [imap, imaps] = if options.tls { ports } else { [ports[0], 0] };
    let disable_plaintext = if options.login_disabled { "yes" } else { "no" };
    let folders = folders(options.layout);
    format!(
        r"
base_dir = {dir}/run
state_dir = {dir}/state
log_path = {dir}/log
instance_name = {imap}
protocols = imap lmtp
listen = {address}
hostname = mail.example.com
postmaster_address = postmaster@example.com
default_login_user = {login}
default_internal_user = {internal}
default_internal_group = {internal_group}
first_valid_uid = 1
first_valid_gid = 1
mail_uid = {uid}
mail_gid = {gid}
mail_home = {dir}/mail/%u
mail_location = maildir:~/Maildir
mail_max_userip_connections = 100
mail_fsync = never
auth_mechanisms = {mechanisms}
auth_failure_delay = 0
disable_plaintext_auth = {disable_plaintext}
ssl = {ssl}
ssl_cert = <{dir}/cert.pem
ssl_key = <{dir}/key.pem
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={dir}/mail/%u
}}
{folders}
service imap-login {{
  chroot =
  service_count = 0
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service lmtp {{
  unix_listener lmtp {{
    mode = 0666
  }}
}}
service auth {{
  unix_listener postfix {{
    mode = 0666
  }}
}}
service anvil {{
  chroot =
  # Without it, Dovecot makes an address wait after each wrong password.
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
",
        mechanisms = options.mechanisms,
        password = super::PASSWORD,
    )
}

fn folders(layout: Layout) -> String {
    let mailbox = |name: &str, special_use: &str| {
        format!("  mailbox {name} {{\n    auto = create\n    special_use = {special_use}\n  }}\n")
    };
    let (separator, prefix, mailboxes) = match layout {
        Layout::SpecialUse => {
            let names = ["Drafts", "Sent", "Archive", "Junk", "Trash"];
            ("/", "", names.map(|name| mailbox(name, &format!("\\{name}"))).concat())
        }
        Layout::Bare => ("/", "", String::new()),
        Layout::BelowInbox => (".", "INBOX.", mailbox("Sent", "")),
    };
    format!(
        "namespace inbox {{\n  inbox = yes\n  separator = {separator}\n  prefix = {prefix}\n{mailboxes}}}\n"
    )
}
