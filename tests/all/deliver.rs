//! The way out: what is composed, and how each failure of a mail server ends. The server here is scripted,
//! for the faults that a real one can't be made to show.

#![expect(clippy::unwrap_used, reason = "tests may fail loudly")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::JoinHandle;
use std::time::Duration;

use amicable::config::{Security, Server};
use amicable::deliver::smtp::Timeouts;
use amicable::deliver::{ComposeFault, Outcome, Outgoing, compose, folder, new_message_id, smtp};
use amicable::mail::{Address, MessageId};
use amicable::reply::Draft;
use jiff::Zoned;
use mailparse::MailHeaderMap;
use native_tls::{Identity, TlsAcceptor};
use proptest::prelude::*;
use secrecy::SecretString;

fn owner() -> Address {
    Address::new("Kim Winter", "kim@example.org")
}

fn draft() -> Draft {
    Draft {
        to: vec![Address::new("Ann Lee", "ann@example.com")],
        subject: "Re: The menu cards".to_owned(),
        in_reply_to: MessageId::new("m1@example.com"),
        references: vec![
            MessageId::new("m0@example.com").unwrap(),
            MessageId::new("m1@example.com").unwrap(),
        ],
        body: "Hello Ann,\n\nYes.\n".to_owned(),
        ..Draft::default()
    }
}

fn date() -> Zoned {
    "2026-11-20T09:12:00+01:00[Europe/Berlin]".parse().unwrap()
}

fn id() -> MessageId {
    MessageId::new("ours@example.org").unwrap()
}

fn composed(draft: &Draft) -> Result<Outgoing, ComposeFault> {
    compose(draft, &owner(), id(), &date())
}

/// Name and address pairs of a header, decoded.
fn addresses(mail: &mailparse::ParsedMail<'_>, field: &str) -> Vec<Address> {
    let Some(header) = mail.headers.get_first_header(field) else { return Vec::new() };
    let list = mailparse::addrparse_header(header).unwrap();
    list.iter()
        .map(|address| match address {
            mailparse::MailAddr::Single(single) => {
                Address::new(single.display_name.clone().unwrap_or_default(), single.addr.clone())
            }
            mailparse::MailAddr::Group(group) => panic!("a group: {group:?}"),
        })
        .collect()
}

fn assert_clean(bytes: &[u8]) {
    let text = std::str::from_utf8(bytes).unwrap();
    assert!(bytes.is_ascii(), "{text}");
    assert!(text.ends_with("\r\n"), "{text}");
    for line in text.split_terminator("\r\n") {
        assert!(line.len() <= 998 && !line.contains(['\r', '\n', '\0']), "{line:?}");
    }
}

#[test]
fn a_composed_reply_reads_as_it_was_written() {
    let outgoing = composed(&draft()).unwrap();
    let expected = "MIME-Version: 1.0\r\n\
        Content-Type: text/plain; charset=utf-8\r\n\
        Message-ID: <ours@example.org>\r\n\
        From: \"Kim Winter\" <kim@example.org>\r\n\
        To: \"Ann Lee\" <ann@example.com>\r\n\
        In-Reply-To: <m1@example.com>\r\n\
        References: <m0@example.com> <m1@example.com>\r\n\
        Subject: Re: The menu cards\r\n\
        Content-Transfer-Encoding: 7bit\r\n\
        Date: Fri, 20 Nov 2026 09:12:00 +0100\r\n\
        \r\n\
        Hello Ann,\r\n\r\nYes.\r\n";
    assert_eq!(String::from_utf8(outgoing.bytes).unwrap(), expected);
    assert_eq!(outgoing.from, "kim@example.org");
    assert_eq!(outgoing.recipients, ["ann@example.com"]);
}

#[test]
fn what_goes_in_comes_out_whatever_it_is() {
    let long = "word ".repeat(400);
    let endless = "x".repeat(3000);
    let names = [
        "",
        "Jörg Müller",
        "Lee, Ann",
        "Ann \"Bo\" Lee",
        "李明",
        "=?utf-8?q?Ann?=",
        "O'Neil (Acme) <x@y>",
        "👩‍🍳",
    ];
    let subjects = [
        "Re: Größe und Länge der Speisekarten für das große Fest im nächsten Frühling, zweiter Entwurf",
        "Re: =?utf-8?q?not_encoded?=",
        "Re: 💐 two  spaces",
        "Re: ü",
        long.trim(),
        &endless,
    ];
    let bodies = [
        "Grüße\n",
        ".\n..\n.dot\n",
        long.as_str(),
        endless.as_str(),
        "Yes.\n\n-- \nKim\n\ttab  \n",
        "From here on\n=20\n",
        "a\r\nb\rc",
    ];
    for (n, subject) in subjects.iter().cycle().take(12).enumerate() {
        let (name, body) = (names[n % names.len()], bodies[n % bodies.len()]);
        let draft = Draft {
            to: vec![Address::new(name, "ann@example.com"), Address::new("Bo", "bo@example.com")],
            cc: vec![
                Address::new(names[(n + 1) % names.len()], "cy@example.com"),
                Address::new("", "BO@example.com"),
            ],
            subject: (*subject).to_owned(),
            body: body.to_owned(),
            ..draft()
        };
        let outgoing = composed(&draft).unwrap();
        assert_clean(&outgoing.bytes);
        assert_eq!(outgoing.recipients, ["ann@example.com", "bo@example.com", "cy@example.com"]);
        let mail = mailparse::parse_mail(&outgoing.bytes).unwrap();
        assert_eq!(addresses(&mail, "To"), draft.to, "{name}");
        assert_eq!(addresses(&mail, "Cc"), draft.cc);
        assert_eq!(mail.headers.get_first_value("Subject").unwrap(), *subject);
        let text = body.replace("\r\n", "\n").replace('\r', "\n");
        let received = mail.get_body().unwrap().replace("\r\n", "\n");
        assert_eq!(
            received.strip_suffix('\n').unwrap_or(&received),
            text.strip_suffix('\n').unwrap_or(&text)
        );
    }
}

#[test]
fn long_references_are_folded() {
    let many: Vec<MessageId> =
        (0..21).map(|n| MessageId::new(&format!("{n}{}", "x".repeat(850))).unwrap()).collect();
    let outgoing = composed(&Draft { references: many.clone(), ..draft() }).unwrap();
    assert_clean(&outgoing.bytes);
    let mail = mailparse::parse_mail(&outgoing.bytes).unwrap();
    let value = mail.headers.get_first_value("References").unwrap();
    assert_eq!(value.split_whitespace().filter_map(MessageId::new).collect::<Vec<_>>(), many);
}

#[test]
fn what_may_not_go_out_is_refused_and_named() {
    let ann = |name: &str, address: &str| vec![Address::new(name, address)];
    let body = |text: &str| Draft { body: text.to_owned(), ..draft() };
    let rows = [
        (Draft { to: vec![], ..draft() }, "no recipient"),
        (body(""), "empty"),
        (body(" \n\n"), "empty"),
        (body("\n\n-- \nKim\n\nOn 20 November 2026 at 09:12, Ann Lee wrote:\n> Could I?\n"), "empty"),
        (body("\n\nOn 20 November 2026 at 09:12, Ann Lee wrote:\n> Could I?\n"), "empty"),
        (
            body("Hello {{ client_first_name }}, by [DATE]\n"),
            "still to be filled in: {{ client_first_name }}, [DATE]",
        ),
        (body("Hello\0\n"), "NUL"),
        (Draft { to: ann("", "ann"), ..draft() }, "To: \"ann\" is no mail address: it has no @"),
        (Draft { cc: ann("", "ann@exämple.com"), ..draft() }, "Cc: \"ann@exämple.com\" is no mail address"),
        (Draft { to: ann("", "ann@example.com>\r\nBcc: x"), ..draft() }, "To: "),
        (
            Draft { to: ann("Ann\r\nBcc: x@example.com", "ann@example.com"), ..draft() },
            "To: it holds a line break",
        ),
        (Draft { cc: ann("Ann\nX", "ann@example.com"), ..draft() }, "Cc: it holds a line break"),
        (
            Draft { to: ann(&"x".repeat(600), "ann@example.com"), ..draft() },
            "To: the name of ann@example.com is too long",
        ),
        (
            Draft { subject: "Re: x\r\nBcc: x@example.com".to_owned(), ..draft() },
            "Subject: it holds a line break",
        ),
        (
            Draft { subject: "Re: x\0".to_owned(), ..draft() },
            "Subject: it holds a line break or control character (U+0000)",
        ),
        (Draft { in_reply_to: MessageId::new("ü@example.com"), ..draft() }, "In-Reply-To: the identifier"),
        (Draft { references: vec![MessageId::new("ü").unwrap()], ..draft() }, "References: the identifier"),
    ];
    for (draft, words) in rows {
        let fault = composed(&draft).expect_err(words).to_string();
        assert!(fault.contains(words), "{words}: {fault}");
    }
    let broken = Address::new("Kim\nX", "kim@example.org");
    assert!(compose(&draft(), &broken, id(), &date()).is_err());
}

#[test]
fn every_space_of_a_subject_arrives() {
    for subject in ["𐁐  ল", "Straße   für   Jörg", "plain  ASCII   words", "ein – zwei", &"ü   ".repeat(40)]
    {
        let outgoing = composed(&Draft { subject: subject.to_owned(), ..draft() }).unwrap();
        assert_clean(&outgoing.bytes);
        let mail = mailparse::parse_mail(&outgoing.bytes).unwrap();
        assert_eq!(mail.headers.get_first_value("Subject").unwrap(), subject.trim());
    }
}

#[test]
fn an_answer_between_the_quoted_lines_is_an_answer() {
    let body =
        "\n\n-- \nKim\n\nOn 20 November 2026 at 09:12, Ann Lee wrote:\n> Red or blue?\nBlue.\n> When?\n";
    assert!(composed(&Draft { body: body.to_owned(), ..draft() }).is_ok());
}

#[test]
fn a_message_id_is_made_of_moment_chance_and_domain() {
    let now = "2026-11-20T08:12:00Z".parse().unwrap();
    let made = new_message_id("example.org", 7, now);
    assert_eq!(made.as_str(), format!("1795162320000.{:032x}@example.org", 7));
    assert_ne!(made, new_message_id("example.org", 8, now));
    for odd in ["", "..", "exa mple\r\n.org>", "ü", &"x".repeat(300)] {
        assert!(new_message_id(odd, u128::MAX, now).to_string().is_ascii());
    }
}

proptest! {
    #[test]
    fn no_field_can_add_a_header(
        name in "\\PC{0,60}|[a-z=?\"\\\\ ü\r\n\0]{0,8}",
        subject in "\\PC{0,200}|[a-z=? ü\r\n\0]{0,8}",
        address in "[a-z\r\n@.: <>]{0,20}",
        body in "\\PC{0,200}|[a-zü.=>\r\n -]{0,80}",
    ) {
        let draft = Draft {
            to: vec![Address::new(name.as_str(), "ann@example.com")],
            cc: vec![Address::new(name, address)],
            subject,
            body,
            ..draft()
        };
        if let Ok(outgoing) = composed(&draft).or_else(|_| composed(&Draft { cc: vec![], ..draft.clone() })) {
            assert_clean(&outgoing.bytes);
            let mail = mailparse::parse_mail(&outgoing.bytes).unwrap();
            let mut names: Vec<String> = mail.headers.iter().map(mailparse::MailHeader::get_key).collect();
            names.retain(|name| name != "Cc");
            let ours = [
                "MIME-Version", "Content-Type", "Message-ID", "From", "To", "In-Reply-To", "References", "Subject",
                "Content-Transfer-Encoding", "Date",
            ];
            prop_assert_eq!(names, ours);
            prop_assert_eq!(mail.headers.get_first_value("Subject").unwrap(), draft.subject.trim());
            let text = draft.body.replace("\r\n", "\n").replace('\r', "\n");
            let received = mail.get_body().unwrap().replace("\r\n", "\n");
            prop_assert_eq!(received.trim_end_matches('\n'), text.trim_end_matches('\n'));
        }
    }
}

#[test]
fn the_demo_writes_each_reply_into_a_file_of_its_own() {
    let place = tempfile::tempdir().unwrap();
    let outbox = place.path().join("made/outbox");
    let outgoing = composed(&draft()).unwrap();
    let names = ["2026-11-20-091200-re-the-menu-cards.eml", "2026-11-20-091200-re-the-menu-cards-2.eml"];
    for name in names {
        let path = outbox.join(name);
        let outcome = folder::send(&outgoing, "Re: The menu/cards?!", &date(), &outbox);
        assert_eq!(outcome, Outcome::Accepted(name.to_owned()));
        assert_eq!(std::fs::read(path).unwrap(), outgoing.bytes);
    }
    assert_eq!(std::fs::read_dir(&outbox).unwrap().count(), 2, "nothing half-written is left");
    let outcome = folder::send(&outgoing, "../../ö\0", &date(), &outbox);
    assert_eq!(outcome, Outcome::Accepted("2026-11-20-091200-ö.eml".to_owned()));
    let file = place.path().join("file");
    std::fs::write(&file, "").unwrap();
    let outcome = folder::send(&outgoing, "", &date(), &file);
    assert!(matches!(&outcome, Outcome::NotSent(why) if why.contains("can't write there")), "{outcome:?}");
}

/// What the scripted server does at a step instead of what a good server does.
#[derive(Clone, Copy)]
enum Reaction {
    /// These bytes.
    Say(&'static str),
    /// Closes the line.
    Drop,
    /// Says nothing until the client gives up.
    Hang,
}
use Reaction::{Drop, Hang, Say};

/// A scripted SMTP server for one connection. Steps are named by the command's first word; `HELLO` is the
/// greeting, `BODY` the answer to the body.
struct Scripted {
    port: u16,
    thread: JoinHandle<Heard>,
}

/// What the server was told.
#[derive(Default)]
struct Heard {
    commands: Vec<String>,
    body: Vec<u8>,
}

type Script = &'static [(&'static str, Reaction)];

fn scripted(script: Script, tls: Option<TlsAcceptor>, from_the_start: bool) -> Scripted {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let thread = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut heard = Heard::default();
        match tls {
            Some(tls) if from_the_start => {
                if let Ok(stream) = tls.accept(stream) {
                    talk(stream, script, true, &mut heard);
                }
            }
            Some(tls) => {
                if let Some(stream) = talk(stream, script, true, &mut heard)
                    && let Ok(stream) = tls.accept(stream)
                {
                    talk(stream, script, false, &mut heard);
                }
            }
            None => {
                talk(stream, script, true, &mut heard);
            }
        }
        heard
    });
    Scripted { port, thread }
}

/// Talks until the end; hands the stream back where the client asked for TLS and gets it.
fn talk<S: Read + Write>(stream: S, script: Script, greets: bool, heard: &mut Heard) -> Option<S> {
    let mut stream = BufReader::new(stream);
    let usual = |step: &str| match step {
        "HELLO" => "220 scripted.example.org ESMTP\r\n",
        "EHLO" => "250-scripted.example.org\r\n250-STARTTLS\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME\r\n",
        "STARTTLS" => "220 go ahead\r\n",
        "AUTH" => "235 welcome\r\n",
        "DATA" => "354 go on\r\n",
        "BODY" => "250 2.0.0 queued as 4711\r\n",
        "QUIT" => "221 bye\r\n",
        _ => "250 fine\r\n",
    };
    let mut step = if greets { "HELLO".to_owned() } else { String::new() };
    loop {
        if !step.is_empty() {
            let reaction = script.iter().find(|(name, _)| *name == step).map(|(_, reaction)| *reaction);
            let answer = match reaction {
                Some(Drop) => return None,
                Some(Hang) => {
                    let _ = stream.read_to_end(&mut Vec::new());
                    return None;
                }
                Some(Say(words)) => words,
                None => usual(&step),
            };
            if stream.get_mut().write_all(answer.as_bytes()).and_then(|()| stream.get_mut().flush()).is_err()
            {
                return None;
            }
            if step == "STARTTLS" && answer.starts_with("220") {
                return Some(stream.into_inner());
            }
            if step == "DATA" && answer.starts_with("354") {
                read_body(&mut stream, heard)?;
                "BODY".clone_into(&mut step);
                continue;
            }
        }
        let mut line = String::new();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        step = line.split_whitespace().next().unwrap_or_default().to_uppercase();
        heard.commands.push(line.trim_end().to_owned());
    }
}

/// Up to the line with a single dot, which is left out; doubled dots become one (RFC 5321, 4.5.2).
fn read_body(stream: &mut impl BufRead, heard: &mut Heard) -> Option<()> {
    loop {
        let mut line = Vec::new();
        if stream.read_until(b'\n', &mut line).ok()? == 0 {
            return None;
        }
        match line.as_slice() {
            b".\r\n" => return Some(()),
            line => heard.body.extend_from_slice(line.strip_prefix(b".").unwrap_or(line)),
        }
    }
}

fn server(host: &str, port: u16, security: Security, login: &str) -> Server {
    Server { host: host.to_owned(), port, security, login: login.to_owned() }
}

const QUICK: Timeouts = Timeouts { command: Duration::from_secs(2), answer: Duration::from_secs(2) };
/// For the cases that don't end in a time-out.
const PATIENT: Timeouts = Timeouts { command: Duration::from_secs(20), answer: Duration::from_secs(20) };

fn send_to(server: &Server, ca_file: Option<&Path>, timeouts: Timeouts) -> Outcome {
    let outgoing =
        composed(&Draft { body: "Hello,\n\n.dots\n..\n.\nGrüße\n".to_owned(), ..draft() }).unwrap();
    smtp::send(&outgoing, server, &SecretString::from("geheim"), ca_file, timeouts)
}

fn kind(outcome: &Outcome) -> (&'static str, &str) {
    match outcome {
        Outcome::Accepted(words) => ("accepted", words),
        Outcome::Refused(words) => ("refused", words),
        Outcome::NotSent(words) => ("not sent", words),
        Outcome::Unknown(words) => ("unknown", words),
    }
}

#[test]
fn the_phase_of_a_failure_decides_how_an_attempt_ends() {
    let rows: &[(Script, &str, &str)] = &[
        (&[], "accepted", "250 2.0.0 queued as 4711"),
        (&[("QUIT", Drop)], "accepted", "queued"),
        (&[("HELLO", Drop)], "not sent", "incomplete response"),
        (&[("HELLO", Say("garbage\r\n"))], "not sent", "connecting"),
        (&[("HELLO", Say("554 5.7.1 no service for you\r\n"))], "not sent", "554 5.7.1 no service for you"),
        (&[("EHLO", Say("502 what?\r\n"))], "not sent", "502 what?"),
        (
            &[("AUTH", Say("535 5.7.8 wrong\r\n"))],
            "not sent",
            "login as \"kim\" was refused (535 5.7.8 wrong): check login",
        ),
        (&[("AUTH", Say("454 4.7.0 later\r\n"))], "not sent", "454 4.7.0 later"),
        (&[("AUTH", Say("250 out of step\r\n"))], "not sent", "a strange answer: 250 out of step"),
        (
            &[("MAIL", Say("550 5.7.1 not you\r\n"))],
            "refused",
            "the sender kim@example.org was refused: 550 5.7.1 not you",
        ),
        (
            &[("MAIL", Say("530 5.7.0 log in first\r\n"))],
            "not sent",
            "it wants a login (530 5.7.0 log in first)",
        ),
        (&[("MAIL", Say("451 4.3.0 full\r\n"))], "not sent", "451 4.3.0 full"),
        (
            &[("RCPT", Say("550 5.1.1 nobody here\r\n"))],
            "refused",
            "the recipient ann@example.com was refused: 550 5.1.1 nobody here",
        ),
        (&[("RCPT", Say("450 4.2.1 greylisted\r\n"))], "not sent", "450 4.2.1 greylisted"),
        (&[("RCPT", Drop)], "not sent", "the recipient ann@example.com failed"),
        (&[("DATA", Say("554 5.5.1 no\r\n"))], "refused", "554 5.5.1 no"),
        (&[("DATA", Say("250 out of step\r\n"))], "not sent", "a strange answer about the message: 250"),
        (&[("DATA", Drop)], "not sent", "the message failed"),
        (
            &[("BODY", Say("451 4.3.0 later\r\n"))],
            "not sent",
            "it can't take the message now: 451 4.3.0 later",
        ),
        (&[("BODY", Say("421 4.3.2 going down\r\n"))], "not sent", "421 4.3.2 going down"),
        (&[("BODY", Say("554 5.7.1 spam\r\n"))], "refused", "the message was refused: 554 5.7.1 spam"),
        (&[("BODY", Say("552-5.3.4 too\r\n552 5.3.4 big\r\n"))], "refused", "552 5.3.4 too big"),
        (&[("BODY", Drop)], "unknown", "waiting for the answer to the message"),
        (&[("BODY", Say("354 what?\r\n"))], "unknown", "a strange answer to the message: 354 what?"),
        (&[("BODY", Say("25"))], "unknown", "waiting for the answer to the message"),
        (&[("BODY", Say("okay then\r\n"))], "unknown", "waiting for the answer to the message"),
    ];
    for (script, expected, words) in rows {
        let fake = scripted(script, None, false);
        // Half an answer is followed by silence.
        let timeouts =
            if script.iter().any(|(_, reaction)| matches!(reaction, Say("25"))) { QUICK } else { PATIENT };
        let outcome = send_to(&server("127.0.0.1", fake.port, Security::None, "kim"), None, timeouts);
        let (ended, said) = kind(&outcome);
        assert_eq!((ended, said.contains(words)), (*expected, true), "{words}: {outcome:?}");
        assert!(ended == "accepted" || said.starts_with("mail server 127.0.0.1 port "), "{said}");
        fake.thread.join().unwrap();
    }
}

#[test]
fn silence_before_the_body_is_not_sent_and_after_it_unknown() {
    let rows: &[(Script, &str)] = &[
        (&[("HELLO", Hang)], "not sent"),
        (&[("MAIL", Hang)], "not sent"),
        (&[("DATA", Hang)], "not sent"),
        (&[("BODY", Hang)], "unknown"),
    ];
    // All at once: each waits for its time-out.
    std::thread::scope(|scope| {
        for (script, expected) in rows {
            scope.spawn(move || {
                let fake = scripted(script, None, false);
                let outcome = send_to(&server("127.0.0.1", fake.port, Security::None, ""), None, QUICK);
                let (ended, said) = kind(&outcome);
                assert_eq!((ended, said.contains("no answer in time")), (*expected, true), "{outcome:?}");
                fake.thread.join().unwrap();
            });
        }
    });
}

#[test]
fn a_silent_goodbye_does_not_change_that_it_went_out() {
    let fake = scripted(&[("QUIT", Hang)], None, false);
    let outcome = send_to(&server("127.0.0.1", fake.port, Security::None, ""), None, PATIENT);
    assert_eq!(kind(&outcome).0, "accepted");
    fake.thread.join().unwrap();
}

#[test]
fn the_server_gets_the_message_byte_for_byte_and_the_right_commands() {
    let outgoing = composed(&Draft {
        cc: vec![Address::new("", "cy@example.com")],
        body: "Hello,\n\n.dots\n..\n.\n".to_owned(),
        ..draft()
    })
    .unwrap();
    let fake = scripted(&[], None, false);
    let to = server("127.0.0.1", fake.port, Security::None, "kim");
    let outcome = smtp::send(&outgoing, &to, &SecretString::from("geheim"), None, PATIENT);
    assert_eq!(outcome, Outcome::Accepted("250 2.0.0 queued as 4711".to_owned()));
    let heard = fake.thread.join().unwrap();
    assert_eq!(heard.body, outgoing.bytes);
    let auth = "AUTH PLAIN AGtpbQBnZWhlaW0=";
    let expected = [
        "EHLO [127.0.0.1]",
        auth,
        "MAIL FROM:<kim@example.org>",
        "RCPT TO:<ann@example.com>",
        "RCPT TO:<cy@example.com>",
        "DATA",
        "QUIT",
    ];
    assert_eq!(heard.commands, expected);
}

#[test]
fn bare_line_feeds_go_out_as_line_ends() {
    let mut outgoing = composed(&draft()).unwrap();
    outgoing.bytes = b"Subject: x\n\none\n.\r\ntwo\rthree\n".to_vec();
    let fake = scripted(&[], None, false);
    let outcome = smtp::send(
        &outgoing,
        &server("127.0.0.1", fake.port, Security::None, ""),
        &SecretString::from(""),
        None,
        PATIENT,
    );
    assert_eq!(kind(&outcome).0, "accepted");
    assert_eq!(fake.thread.join().unwrap().body, b"Subject: x\r\n\r\none\r\n.\r\ntwo\r\nthree\r\n");
}

#[test]
fn a_server_with_login_only_is_logged_in_to() {
    let script: Script = &[
        ("EHLO", Say("250-x.example.org\r\n250 AUTH LOGIN\r\n")),
        ("AUTH", Say("334 VXNlcm5hbWU6\r\n")),
        ("A2LT", Say("334 UGFzc3dvcmQ6\r\n")),
        ("Z2VOZWLT", Say("235 welcome\r\n")),
    ];
    let fake = scripted(script, None, false);
    let outcome = send_to(&server("127.0.0.1", fake.port, Security::None, "kim"), None, PATIENT);
    let heard = fake.thread.join().unwrap();
    assert_eq!(kind(&outcome).0, "accepted", "{outcome:?}");
    // "kim" and "geheim" in base64.
    assert_eq!(heard.commands[1..4], ["AUTH LOGIN", "a2lt", "Z2VoZWlt"]);
}

#[test]
fn without_starttls_nothing_is_sent_and_no_password_leaves() {
    let script: Script = &[("EHLO", Say("250-scripted.example.org\r\n250 AUTH PLAIN LOGIN\r\n"))];
    let fake = scripted(script, None, false);
    let outcome = send_to(&server("127.0.0.1", fake.port, Security::Starttls, "kim"), None, PATIENT);
    let (ended, said) = kind(&outcome);
    assert_eq!((ended, said.contains("it offers no STARTTLS")), ("not sent", true), "{outcome:?}");
    assert_eq!(fake.thread.join().unwrap().commands, ["EHLO [127.0.0.1]", "QUIT"]);
}

#[test]
fn mail_never_leaves_this_machine_in_the_clear() {
    // An address for documentation (RFC 5737), so nothing is there to be asked.
    let outcome = send_to(&server("192.0.2.1", 25, Security::None, ""), None, QUICK);
    assert!(matches!(&outcome, Outcome::NotSent(why) if why.contains("set security to")), "{outcome:?}");
}

#[test]
fn a_server_that_is_not_there_is_named() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let outcome = send_to(&server("127.0.0.1", port, Security::None, ""), None, PATIENT);
    let expected = format!("mail server 127.0.0.1 port {port}: nothing listens there: check host and port");
    assert_eq!(outcome, Outcome::NotSent(expected));
    let outcome = send_to(&server("nowhere.invalid", 25, Security::Tls, ""), None, PATIENT);
    assert!(matches!(&outcome, Outcome::NotSent(why) if why.contains("can't be found")), "{outcome:?}");
}

/// A fresh certificate for `name`, made by the openssl program: the acceptor and the file to trust it by.
fn certificate(folder: &Path, name: &str) -> (TlsAcceptor, PathBuf) {
    let (key, pem) = (folder.join("key.pem"), folder.join("cert.pem"));
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            &format!("/CN={name}"),
        ])
        .args(["-addext", &format!("subjectAltName=DNS:{name}"), "-keyout"])
        .arg(&key)
        .arg("-out")
        .arg(&pem)
        .output()
        .expect("the tests need the openssl program");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let identity =
        Identity::from_pkcs8(&std::fs::read(&pem).unwrap(), &std::fs::read(&key).unwrap()).unwrap();
    (TlsAcceptor::new(identity).unwrap(), pem)
}

#[test]
fn tls_needs_a_trusted_certificate_for_the_right_name() {
    let place = tempfile::tempdir().unwrap();
    let (tls, trusted) = certificate(place.path(), "localhost");
    let no_certificate = place.path().join("key.pem");
    let rows = [
        ("localhost", Some(trusted.as_path()), "accepted", "queued"),
        ("localhost", None, "not sent", "its certificate is not trusted (self-signed certificate): "),
        (
            "127.0.0.1",
            Some(trusted.as_path()),
            "not sent",
            "its certificate is for another name than 127.0.0.1",
        ),
    ];
    for security in [Security::Tls, Security::Starttls] {
        for (host, ca_file, expected, words) in rows {
            let fake = scripted(&[], Some(tls.clone()), security == Security::Tls);
            let outcome = send_to(&server(host, fake.port, security, "kim"), ca_file, PATIENT);
            let (ended, said) = kind(&outcome);
            assert_eq!((ended, said.contains(words)), (expected, true), "{security:?} {host}: {outcome:?}");
            let heard = fake.thread.join().unwrap();
            assert_eq!(heard.commands.iter().any(|line| line.starts_with("AUTH")), expected == "accepted");
        }
    }
    let outcome = send_to(&server("localhost", 1, Security::Tls, ""), Some(&no_certificate), PATIENT);
    assert!(matches!(&outcome, Outcome::NotSent(why) if why.contains("no certificate in it")), "{outcome:?}");
}

#[test]
fn tls_towards_a_port_in_the_clear_is_explained() {
    let fake = scripted(&[], None, false);
    let outcome = send_to(&server("localhost", fake.port, Security::Tls, ""), None, PATIENT);
    assert!(
        matches!(&outcome, Outcome::NotSent(why) if why.contains("it does not speak TLS")),
        "{outcome:?}"
    );
    fake.thread.join().unwrap();
}

#[test]
fn answers_put_in_before_tls_begins_are_refused() {
    let place = tempfile::tempdir().unwrap();
    let (tls, trusted) = certificate(place.path(), "localhost");
    let scripts: [(Script, &str); 2] = [
        // One answer shifts all later ones by one, which none of them survives.
        (&[("STARTTLS", Say("220 go\r\n250 AUTH PLAIN\r\n"))], ""),
        // A whole forged session is there before it was asked for.
        (
            &[(
                "STARTTLS",
                Say("220 go\r\n250-x\r\n250 AUTH PLAIN\r\n235 in\r\n250 a\r\n250 b\r\n354 c\r\n250 d\r\n"),
            )],
            "tampered with the start of TLS",
        ),
    ];
    for (script, words) in scripts {
        let fake = scripted(script, Some(tls.clone()), false);
        let outcome =
            send_to(&server("localhost", fake.port, Security::Starttls, "kim"), Some(&trusted), PATIENT);
        assert!(matches!(&outcome, Outcome::NotSent(why) if why.contains(words)), "{outcome:?}");
        let heard = fake.thread.join().unwrap();
        assert_eq!(heard.body, b"", "{outcome:?}");
    }
}
