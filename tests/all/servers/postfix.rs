//! An own Postfix in front of a [`Dovecot`]: takes mail for example.com and example.org on its SMTP port, and
//! from logged-in users on its submission ports. Nothing ever leaves the machine: other domains are refused.

use std::fs;
use std::io::BufReader;
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use amicable::config::{Security, Server};

use super::dovecot::hand_over;
use super::{Dovecot, Kept, free_port, is_root, program, server_dir};

/// A running server; stopped when dropped.
pub struct Postfix {
    kept: Kept,
    /// Incoming mail (RFC 5321), without login.
    pub smtp_port: u16,
    /// Submission with STARTTLS and login (RFC 6409).
    pub submission_port: u16,
    /// Submission with TLS from the first byte and login (RFC 8314).
    pub tls_port: u16,
    /// Submission in the clear with login.
    pub plain_port: u16,
}

/// What `postfix set-permissions` would do for a queue and a data folder. The folder is `$1`.
const PREPARE: &str = "
q=$1/queue
mkdir $q $q/pid
for d in incoming active deferred bounce defer flush trace hold corrupt saved private; do
    install -d -o postfix -m 700 $q/$d
done
install -d -o postfix -g postdrop -m 710 $q/public
install -d -o postfix -g postdrop -m 730 $q/maildrop
install -d -o postfix -m 700 $1/data
chown -R 0:0 $1/etc
";

impl Postfix {
    /// Starts one that hands all mail to `dovecot` and asks it about logins. Postfix must be started by root.
    ///
    /// `refused@example.com` and `later@example.com` are refused recipients, for good (550) and for now (451).
    pub fn start(dovecot: &Dovecot) -> Self {
        let master = program(
            "master",
            &["/usr/lib/postfix/sbin", "/usr/libexec/postfix", "/usr/lib/postfix"],
            "postfix",
        );
        let sudo = || Command::new("sudo").args(["-n", "true"]).status().is_ok_and(|status| status.success());
        assert!(
            is_root() || sudo(),
            "Postfix must be started by root: test as root, or allow sudo without password"
        );
        let ports = [(); 4].map(|()| free_port("127.0.0.1"));
        let dir = server_dir();
        let etc = dir.join("etc");
        fs::create_dir(&etc).unwrap();
        let daemons = Path::new(&master).parent().unwrap();
        write_aged(&etc.join("main.cf"), &main_cf(&dir, daemons, dovecot.dir()));
        write_aged(&etc.join("master.cf"), &master_cf(ports));
        // -s: in the foreground.
        let mut kept = Kept::start(&dir, PREPARE, &[&master, "-s", "-c", etc.to_str().unwrap()], true);
        kept.wait_until("Postfix", || TcpStream::connect(("127.0.0.1", ports[3])).is_ok());
        let [smtp_port, submission_port, tls_port, plain_port] = ports;
        Self { kept, smtp_port, submission_port, tls_port, plain_port }
    }

    /// Its folder: configuration, queue, log.
    pub fn dir(&self) -> &Path {
        &self.kept.dir
    }

    /// The submission server as an account's configuration names it.
    pub fn server(&self, security: Security, login: &str) -> Server {
        let port = match security {
            Security::Tls => self.tls_port,
            Security::Starttls => self.submission_port,
            Security::None => self.plain_port,
        };
        Server { host: "localhost".to_owned(), port, security, login: login.to_owned() }
    }

    /// A stranger's mail comes in, over a plain connection to the SMTP port.
    pub fn deliver(&self, from: &str, to: &str, mail: &[u8]) {
        let stream = TcpStream::connect(("127.0.0.1", self.smtp_port)).unwrap();
        let mut replies = BufReader::new(stream.try_clone().unwrap());
        hand_over(stream, &mut replies, "EHLO", from, to, mail);
    }
}

/// Postfix waits for seconds until a configuration file is not brand-new.
fn write_aged(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    let file = fs::File::options().write(true).open(path).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_hours(1)).unwrap();
}

fn main_cf(dir: &Path, daemons: &Path, dovecot: &Path) -> String {
    let (dir, daemons, dovecot) = (dir.display(), daemons.display(), dovecot.display());
    format!(
        "
compatibility_level = 3.6
queue_directory = {dir}/queue
data_directory = {dir}/data
daemon_directory = {daemons}
maillog_file = {dir}/log
maillog_file_prefixes = {dir}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.example.com
mydestination =
alias_maps =
mynetworks = 192.0.2.1
virtual_mailbox_domains = example.com example.org
virtual_transport = lmtp:unix:{dovecot}/run/lmtp
default_transport = error:nothing leaves the test machine
smtpd_recipient_restrictions = check_recipient_access inline:{{
    {{ refused@example.com = 550 5.1.1 No such mailbox here }}
    {{ later@example.com = 451 4.3.0 Mailbox busy, try again later }} }}
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_sasl_type = dovecot
smtpd_sasl_path = {dovecot}/run/postfix
smtpd_tls_cert_file = {dovecot}/cert.pem
smtpd_tls_key_file = {dovecot}/key.pem
smtpd_client_connection_count_limit = 0
"
    )
}

fn master_cf([smtp, submission, tls, plain]: [u16; 4]) -> String {
    let login = "-o smtpd_sasl_auth_enable=yes -o smtpd_client_restrictions=permit_sasl_authenticated,reject";
    format!(
        "
127.0.0.1:{smtp} inet n - n - - smtpd
127.0.0.1:{submission} inet n - n - - smtpd
    -o smtpd_tls_security_level=encrypt {login}
127.0.0.1:{tls} inet n - n - - smtpd
    -o smtpd_tls_wrappermode=yes {login}
127.0.0.1:{plain} inet n - n - - smtpd
    {login}
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
lmtp unix - - n - - lmtp
tlsmgr unix - - n 1000? 1 tlsmgr
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"
    )
}
