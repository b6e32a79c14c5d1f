//! The line to the server, plain or TLS: every wait on it ends in time or when cancelled. Knows no IMAP.

use std::io::{self, Read, Write};
use std::net::{IpAddr, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use native_tls::TlsStream;

use super::guard::{Guard, SLICE, Stop, seconds};

/// A TCP connection that waits in slices. TLS lies on top of it, so that a slice never shows there.
pub(super) struct Line {
    tcp: TcpStream,
    guard: Arc<Guard>,
}

/// Why there is no line.
pub(super) enum NoLine {
    Io(io::Error),
    /// Only this machine was allowed, and the name leads elsewhere.
    NotLoopback(IpAddr),
}

impl From<io::Error> for NoLine {
    fn from(e: io::Error) -> Self {
        Self::Io(e)
    }
}

impl Line {
    /// Finds the host and connects to its first address that answers. Both can take long and can't be
    /// interrupted, so a thread does them; when we stop waiting it ends by itself, after `limits.connect`, which
    /// the addresses share.
    pub fn dial(host: &str, port: u16, loopback_only: bool, guard: Arc<Guard>) -> Result<Self, NoLine> {
        let (sender, receiver) = mpsc::channel();
        let (host, limit) = (host.to_owned(), guard.limits.connect);
        thread::Builder::new().name("imap-dial".to_owned()).spawn(move || {
            // Nobody waits any more: fine.
            drop(sender.send(dial(&host, port, loopback_only, limit)));
        })?;
        let tcp = loop {
            guard.check()?;
            match receiver.recv_timeout(SLICE.min(limit)) {
                Ok(connected) => break connected?,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(NoLine::Io(io::ErrorKind::NotConnected.into()));
                }
            }
        };
        let slice = SLICE.min(guard.limits.silence);
        tcp.set_read_timeout(Some(slice))?;
        tcp.set_write_timeout(Some(slice))?;
        tcp.set_nodelay(true)?;
        Ok(Self { tcp, guard })
    }

    /// Whether the server has already sent something that nobody has read.
    pub fn has_unread(&self) -> io::Result<bool> {
        self.tcp.set_nonblocking(true)?;
        let peeked = self.tcp.peek(&mut [0]);
        self.tcp.set_nonblocking(false)?;
        match peeked {
            Ok(count) => Ok(count > 0),
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => Ok(false),
            Err(e) => Err(e),
        }
    }

    /// Repeats what ends with "nothing yet" until it does not, or until it is time to stop.
    fn patiently(
        &mut self,
        mut attempt: impl FnMut(&mut TcpStream) -> io::Result<usize>,
    ) -> io::Result<usize> {
        let start = Instant::now();
        loop {
            self.guard.check()?;
            match attempt(&mut self.tcp) {
                Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                    let limit = self.guard.limits.silence;
                    if start.elapsed() >= limit {
                        return Err(self.guard.stop(Stop::Late(format!("silent for {}", seconds(limit)))));
                    }
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                done => return done,
            }
        }
    }
}

impl Read for Line {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.patiently(|tcp| tcp.read(buffer))
    }
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.patiently(|tcp| tcp.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.tcp.flush()
    }
}

fn dial(host: &str, port: u16, loopback_only: bool, limit: Duration) -> Result<TcpStream, NoLine> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    let addresses: Vec<_> = (host, port).to_socket_addrs()?.collect();
    // The whole must end in time: an address that swallows everything must not keep the next from its turn.
    let share = limit / u32::try_from(addresses.len().max(1)).unwrap_or(u32::MAX);
    for address in addresses {
        if loopback_only && !address.ip().is_loopback() {
            return Err(NoLine::NotLoopback(address.ip()));
        }
        match TcpStream::connect_timeout(&address, share) {
            Ok(tcp) => return Ok(tcp),
            Err(e) => last = e,
        }
    }
    Err(last.into())
}

/// The line as IMAP uses it.
pub(super) enum Stream {
    Plain(Line),
    Tls(Box<TlsStream<Line>>),
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(line) => line.read(buffer),
            Self::Tls(tls) => tls.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(line) => line.write(bytes),
            Self::Tls(tls) => tls.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(line) => line.flush(),
            Self::Tls(tls) => tls.flush(),
        }
    }
}
