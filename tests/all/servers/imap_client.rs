//! A small IMAP client of the tests' own, so that what amicable did is not judged by amicable's own eyes.
//! Plain connections to a trusted server only; any surprise is a failed test.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

/// What a server knows of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageState {
    /// UID.
    pub uid: u32,
    /// Flags and keywords, sorted; without `\Recent`, which is the server's own affair.
    pub flags: Vec<String>,
    /// `Message-ID` as in the header; empty where there is none.
    pub message_id: String,
    /// Size in bytes.
    pub size: usize,
}

/// A connection, logged in.
pub struct ImapClient {
    stream: BufReader<TcpStream>,
}

impl ImapClient {
    /// Connects and logs in.
    pub fn login(address: &str, port: u16, user: &str) -> Self {
        let mut client = Self { stream: BufReader::new(TcpStream::connect((address, port)).unwrap()) };
        client.stream.get_ref().set_nodelay(true).unwrap();
        client.response();
        client.command(&format!("LOGIN {user} {}", super::PASSWORD));
        client
    }

    /// Sends a command, demands OK, and gives the untagged responses.
    pub fn command(&mut self, line: &str) -> Vec<Vec<u8>> {
        self.send(&format!("a {line}\r\n"));
        let mut responses = Vec::new();
        loop {
            let response = self.response();
            if response.starts_with(b"a ") {
                assert!(
                    response.starts_with(b"a OK"),
                    "{line:?} was answered {:?}",
                    String::from_utf8_lossy(&response)
                );
                return responses;
            }
            responses.push(response);
        }
    }

    /// Puts a message into a folder exactly as it is; its UID.
    pub fn append(&mut self, folder: &str, flags: &str, mail: &[u8]) -> u32 {
        self.send(&format!("a APPEND \"{folder}\" ({flags}) {{{}}}\r\n", mail.len()));
        assert!(self.response().starts_with(b"+"));
        self.stream.get_mut().write_all(&[mail, b"\r\n"].concat()).unwrap();
        loop {
            let line = String::from_utf8(self.response()).unwrap();
            if line.starts_with("a ") {
                let code = line.split_once("[APPENDUID ").unwrap_or_else(|| panic!("{line}")).1;
                return code.split_once(']').unwrap().0.split_once(' ').unwrap().1.parse().unwrap();
            }
        }
    }

    /// What lies in a folder, by UID.
    pub fn messages(&mut self, folder: &str) -> Vec<MessageState> {
        self.command(&format!("EXAMINE \"{folder}\""));
        let responses =
            self.command("UID FETCH 1:* (FLAGS RFC822.SIZE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])");
        responses
            .iter()
            .filter(|r| r.starts_with(b"* "))
            .filter_map(|r| state(&String::from_utf8_lossy(r)))
            .collect()
    }

    /// The bytes of one message.
    pub fn message(&mut self, folder: &str, uid: u32) -> Vec<u8> {
        self.command(&format!("EXAMINE \"{folder}\""));
        let responses = self.command(&format!("UID FETCH {uid} (BODY.PEEK[])"));
        let response = &responses[0];
        let start = 2 + response.windows(2).position(|w| w == b"\r\n").unwrap();
        response[start..response.len() - b")\r\n".len()].to_vec()
    }

    fn send(&mut self, text: &str) {
        self.stream.get_mut().write_all(text.as_bytes()).unwrap();
    }

    /// One response: a line, and more as long as it ends by announcing a literal (RFC 9051, 4.3).
    fn response(&mut self) -> Vec<u8> {
        let mut response = Vec::new();
        loop {
            assert!(
                self.stream.read_until(b'\n', &mut response).unwrap() > 0,
                "the server closed the connection"
            );
            let Some(literal) = response.strip_suffix(b"}\r\n") else { return response };
            let Some(brace) = literal.iter().rposition(|b| *b == b'{') else { return response };
            let length: usize = String::from_utf8_lossy(&literal[brace + 1..]).parse().unwrap();
            let start = response.len();
            response.resize(start + length, 0);
            self.stream.read_exact(&mut response[start..]).unwrap();
        }
    }
}

/// Reads `* 1 FETCH (UID 4 FLAGS (\Seen) RFC822.SIZE 120 BODY[..] {40}<CRLF>Message-ID: ..)`.
fn state(response: &str) -> Option<MessageState> {
    let after = |name: &str| response.split_once(name).map(|(_, rest)| rest);
    let number = |name: &str| after(name)?.split([' ', ')']).next()?.parse::<usize>().ok();
    let flags = after("FLAGS (")?.split_once(')')?.0;
    let mut flags: Vec<String> =
        flags.split(' ').filter(|f| !f.is_empty() && *f != "\\Recent").map(str::to_owned).collect();
    flags.sort();
    let header = after("]")?.split_once("\r\n")?.1;
    let message_id =
        header.split_once(':').map_or("", |(_, value)| value.split("\r\n\r\n").next().unwrap_or(value));
    Some(MessageState {
        uid: u32::try_from(number("UID ")?).unwrap(),
        flags,
        message_id: message_id.trim().to_owned(),
        size: number("RFC822.SIZE ")?,
    })
}
