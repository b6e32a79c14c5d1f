//! The way out against a real Postfix: each kind of line and login, what is refused, and what arrives. Faults
//! that a real server can't be made to show are in `deliver`.

#![expect(clippy::unwrap_used, reason = "tests may fail loudly")]

use std::fs;
use std::path::Path;

use amicable::config::{Security, Server};
use amicable::deliver::smtp::{self, Timeouts};
use amicable::deliver::{Outcome, Outgoing, compose};
use amicable::mail::{Address, MessageId};
use amicable::reply::Draft;
use mailparse::{MailHeaderMap, parse_mail};
use secrecy::SecretString;

use super::servers::{Dovecot, Options, PASSWORD, Postfix, wait_for};

const OWNER: &str = "owner@example.com";
const CLIENT: &str = "client@example.org";

fn start(options: Options) -> (Postfix, Dovecot) {
    let dovecot = Dovecot::with(options);
    (Postfix::start(&dovecot), dovecot)
}

fn outgoing(recipients: &[&str], bytes: &[u8]) -> Outgoing {
    Outgoing {
        message_id: MessageId::new("ours@example.com").unwrap(),
        from: OWNER.to_owned(),
        recipients: recipients.iter().map(|&recipient| recipient.to_owned()).collect(),
        bytes: bytes.to_vec(),
    }
}

const MAIL: &[u8] = b"From: owner@example.com\r\nTo: client@example.org\r\nSubject: Hello\r\n\
    Date: Fri, 20 Nov 2026 09:00:00 +0000\r\nMessage-ID: <ours@example.com>\r\n\r\nHello\r\n";

fn send(outgoing: &Outgoing, server: &Server, password: &str, ca_file: Option<&Path>) -> Outcome {
    smtp::send(outgoing, server, &SecretString::from(password), ca_file, Timeouts::default())
}

/// What a message that was refused or not sent says.
fn words(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Refused(words) | Outcome::NotSent(words) => words,
        other => panic!("{other:?}"),
    }
}

#[test]
fn mail_goes_out_over_each_kind_of_line_with_each_login() {
    let kinds = [Security::Tls, Security::Starttls, Security::None];
    for mechanisms in ["plain", "login"] {
        let (postfix, dovecot) = start(Options { mechanisms, ..Options::default() });
        let (mail, ca) = (outgoing(&[CLIENT], MAIL), dovecot.ca_file());
        for kind in kinds {
            let server = postfix.server(kind, OWNER);
            let sent = send(&mail, &server, PASSWORD, Some(&ca));
            assert!(
                matches!(&sent, Outcome::Accepted(words) if words.starts_with("250")),
                "{kind:?}: {sent:?}"
            );
            let refused = send(&mail, &server, "wrong", Some(&ca));
            assert!(matches!(&refused, Outcome::NotSent(_)), "{kind:?}: {refused:?}");
            assert!(
                words(&refused).contains("login as \"owner@example.com\" was refused (535"),
                "{refused:?}"
            );
        }
        // Without PLAIN nobody can log in by IMAP to look.
        let mailbox = dovecot.dir().join("mail").join(CLIENT).join("Maildir/new");
        wait_for("the mail", || {
            let arrived = fs::read_dir(&mailbox).map_or(0, Iterator::count);
            (arrived == kinds.len()).then_some(())
        });
    }
}

#[test]
fn a_server_that_can_not_prove_who_it_is_gets_nothing() {
    let options = Options { certificate_for: "DNS:mail.example.net", ..Options::default() };
    let (postfix, dovecot) = start(options);
    let (mail, ca) = (outgoing(&[CLIENT], MAIL), dovecot.ca_file());
    let rows =
        [(Some(&*ca), "its certificate is for another name"), (None, "its certificate is not trusted")];
    for kind in [Security::Tls, Security::Starttls] {
        for (ca, wanted) in rows {
            let outcome = send(&mail, &postfix.server(kind, OWNER), PASSWORD, ca);
            assert!(matches!(outcome, Outcome::NotSent(_)), "{kind:?}: {outcome:?}");
            assert!(words(&outcome).contains(wanted), "{kind:?}: {outcome:?}");
        }
    }
    assert!(dovecot.messages(CLIENT, "INBOX").is_empty());
}

#[test]
fn a_recipient_that_is_refused_stops_the_mail_for_all() {
    let (postfix, dovecot) = start(Options::default());
    let (server, ca) = (postfix.server(Security::Tls, OWNER), dovecot.ca_file());
    let for_good = send(&outgoing(&[CLIENT, "refused@example.com"], MAIL), &server, PASSWORD, Some(&ca));
    assert!(matches!(&for_good, Outcome::Refused(_)), "{for_good:?}");
    assert!(words(&for_good).contains("the recipient refused@example.com was refused: 550"), "{for_good:?}");
    assert!(words(&for_good).contains("No such mailbox here"), "{for_good:?}");
    let for_now = send(&outgoing(&[CLIENT, "later@example.com"], MAIL), &server, PASSWORD, Some(&ca));
    assert!(matches!(&for_now, Outcome::NotSent(_)), "{for_now:?}");
    assert!(words(&for_now).contains("451") && words(&for_now).contains("later@example.com"), "{for_now:?}");
    // What is sent afterwards would come after what went out before.
    send(&outgoing(&[CLIENT], MAIL), &server, PASSWORD, Some(&ca));
    dovecot.wait_for(CLIENT, "INBOX", |messages| !messages.is_empty());
    assert_eq!(dovecot.messages(CLIENT, "INBOX").len(), 1);
}

#[test]
fn each_byte_arrives() {
    let (postfix, dovecot) = start(Options::default());
    let server = postfix.server(Security::Starttls, OWNER);
    let body =
        [".", "..", ".leading", "", "  spaces  ", "\ttab", &"x".repeat(998), "From the start", ".", ""];
    let mail = [MAIL, body.join("\r\n").as_bytes()].concat();
    let sent = send(&outgoing(&[CLIENT], &mail), &server, PASSWORD, Some(&dovecot.ca_file()));
    assert!(matches!(sent, Outcome::Accepted(_)), "{sent:?}");
    let messages = dovecot.wait_for(CLIENT, "INBOX", |messages| messages.len() == 1);
    let arrived = dovecot.message(CLIENT, "INBOX", messages[0].uid);
    assert!(arrived.ends_with(&mail), "{}", String::from_utf8_lossy(&arrived));
}

#[test]
fn what_is_not_english_arrives_as_it_was_written() {
    let (postfix, dovecot) = start(Options::default());
    let draft = Draft {
        to: vec![Address::new("Zoë Brönner-Łoś", CLIENT)],
        cc: vec![Address::new("山田 太郎", "second@example.org")],
        subject: "Re: Größe und Preis €".to_owned(),
        body: ".\nSchöne Grüße, 山田さん 🎂\n".to_owned(),
        ..Draft::default()
    };
    let id = MessageId::new("ours@example.com").unwrap();
    let date = "2026-11-20T09:12:00+01:00[Europe/Berlin]".parse().unwrap();
    let outgoing = compose(&draft, &Address::new("Änne Groß", OWNER), id, &date).unwrap();
    let server = postfix.server(Security::Tls, OWNER);
    let sent = send(&outgoing, &server, PASSWORD, Some(&dovecot.ca_file()));
    assert!(matches!(sent, Outcome::Accepted(_)), "{sent:?}");
    for user in [CLIENT, "second@example.org"] {
        let messages = dovecot.wait_for(user, "INBOX", |messages| messages.len() == 1);
        let arrived = dovecot.message(user, "INBOX", messages[0].uid);
        assert!(arrived.is_ascii() && arrived.ends_with(&outgoing.bytes));
        let mail = parse_mail(&arrived).unwrap();
        let header = |name: &str| mail.headers.get_first_value(name).unwrap();
        assert_eq!(header("From"), "Änne Groß <owner@example.com>");
        assert_eq!(header("To"), "Zoë Brönner-Łoś <client@example.org>");
        assert_eq!(header("Cc"), "山田 太郎 <second@example.org>");
        assert_eq!(header("Subject"), draft.subject);
        assert_eq!(mail.get_body().unwrap().replace("\r\n", "\n"), draft.body);
    }
}
