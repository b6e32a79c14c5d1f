//! The demo inbox: every mail is real mail at any hour it may be started, and the set shows what it should.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use amicable::source::RawMessage;
use amicable::source::demo::{expand, inbox, owner};
use amicable::triage::{Concern, Sender};
use jiff::civil::date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};
use mailparse::{MailHeaderMap, ParsedMail, addrparse_header, parse_mail};
use serde::Deserialize;

/// Clock and zone at which the demo may be started: an ordinary afternoon, both sides of midnight, within
/// and after both changes of the clock, New Year far east, a leap day in a zone with half hours.
/// POSIX zones, so that a machine without a time zone database runs this too.
fn starts() -> Vec<Zoned> {
    let britain = "GMT0BST,M3.5.0/1,M10.5.0";
    let germany = "CET-1CEST,M3.5.0,M10.5.0/3";
    let rows = [
        (date(2026, 11, 25).at(14, 30, 20, 0), britain),
        (date(2026, 11, 25).at(0, 0, 0, 0), britain),
        (date(2026, 11, 25).at(23, 59, 59, 0), britain),
        (date(2026, 7, 6).at(4, 10, 0, 0), britain),
        (date(2026, 10, 25).at(1, 30, 0, 0), britain),
        (date(2026, 10, 26).at(0, 20, 0, 0), germany),
        (date(2026, 3, 29).at(3, 5, 0, 0), germany),
        (date(2026, 3, 30).at(9, 0, 0, 0), germany),
        (date(2027, 1, 1).at(0, 10, 0, 0), "NZST-12NZDT,M9.5.0,M4.1.0/3"),
        (date(2028, 2, 29).at(12, 0, 0, 0), "NST3:30NDT,M3.2.0,M11.1.0"),
        (date(2026, 5, 24).at(20, 0, 0, 0), "UTC0"),
    ];
    rows.map(|(clock, zone)| {
        let zone = TimeZone::posix(zone).expect("a zone as in POSIX");
        clock.to_zoned(zone).expect("within the calendar")
    })
    .to_vec()
}

fn afternoon() -> Vec<RawMessage> {
    inbox(&starts()[0])
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Labels {
    outside: Vec<String>,
    mail: Vec<Label>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Label {
    file: String,
    sender: Sender,
    kind: Option<String>,
    concerns: Vec<Concern>,
    reason: String,
}

fn labels() -> Labels {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo/labels.toml");
    let text = std::fs::read_to_string(path).expect("assets/demo/labels.toml is there");
    toml::from_str(&text).unwrap_or_else(|fault| panic!("labels.toml: {fault}"))
}

/// Concerns as they stand at the end of a file name.
fn words(concerns: &[Concern]) -> String {
    let in_order = [Concern::Emergency, Concern::Complaint, Concern::Unusual, Concern::Refund];
    let word = |concern: Concern| match concern {
        Concern::Emergency => "emergency",
        Concern::Complaint => "complaint",
        Concern::Unusual => "unusual",
        Concern::Refund => "refund",
    };
    in_order.into_iter().filter(|concern| concerns.contains(concern)).map(word).collect::<Vec<_>>().join("-")
}

fn ids(mail: &ParsedMail<'_>, field: &str) -> Vec<String> {
    let value = mail.headers.get_first_value(field).unwrap_or_default();
    value.split_whitespace().map(|id| id.trim_matches(['<', '>']).to_owned()).collect()
}

#[test]
fn every_mail_is_mail_that_has_arrived_whenever_the_demo_is_started() {
    for now in starts() {
        let mut undated = 0;
        for raw in inbox(&now) {
            let place = &raw.place;
            let mail = parse_mail(&raw.bytes).unwrap_or_else(|fault| panic!("{place}: {fault}"));
            let value = |field: &str| mail.headers.get_first_value(field).unwrap_or_default();
            let from = addrparse_header(mail.headers.get_first_header("From").unwrap()).unwrap();
            assert_eq!(from.len(), 1, "{place}");
            assert!(!value("Subject").is_empty(), "{place} has no subject");
            assert!(!value("To").is_empty(), "{place} has no To");
            assert_eq!(value("MIME-Version").split(' ').next(), Some("1.0"), "{place}");
            assert!(!value("Content-Type").is_empty(), "{place} has no Content-Type");
            let received = raw.received.unwrap_or_else(|| panic!("{place} has no date token"));
            assert!(received <= now.timestamp(), "{place} is from the future at {now}");
            assert!(
                received >= now.timestamp() - (24 * 14).hours(),
                "{place} is older than two weeks at {now}"
            );
            match mail.headers.get_first_value("Date") {
                Some(date) => {
                    let date = jiff::fmt::rfc2822::parse(&date).unwrap().timestamp();
                    assert_eq!(date.as_second(), received.as_second(), "{place} at {now}");
                }
                None => undated += 1,
            }
        }
        assert_eq!(undated, 1, "one mail lacks its Date on purpose");
    }
}

#[test]
fn no_token_is_left_and_lines_end_as_in_mail() {
    for raw in starts().iter().flat_map(inbox) {
        let text = String::from_utf8_lossy(&raw.bytes);
        assert!(!text.contains("{{") && !text.contains("}}"), "{} has braces left", raw.place);
        let head = text.split("\r\n\r\n").next().unwrap_or_default();
        assert!(!head.contains(['{', '}']), "{} has half a token in its header", raw.place);
        assert_eq!(text.matches('\n').count(), text.matches("\r\n").count(), "{}", raw.place);
        let longest = text.lines().map(str::len).max().unwrap_or(0);
        assert!(longest <= 998, "{}: line of {longest} bytes (RFC 5322, 2.1.1)", raw.place);
    }
}

#[test]
fn the_inbox_is_in_order_of_date_with_old_mail_seen() {
    for now in starts() {
        let mails = inbox(&now);
        let dates: Vec<Timestamp> = mails.iter().map(|mail| mail.received.unwrap()).collect();
        assert!(dates.is_sorted(), "not in order at {now}");
        let uids: Vec<u32> = mails.iter().map(|mail| mail.uid.unwrap()).collect();
        assert!(uids.into_iter().eq(1..=u32::try_from(mails.len()).unwrap()));
        let age = |mail: &RawMessage| now.timestamp().duration_since(mail.received.unwrap()).as_hours();
        assert!(mails.iter().all(|mail| mail.flags.contains(&"\\Seen".to_owned()) == (age(mail) >= 72)));
        assert!(mails.iter().filter(|mail| age(mail) < 8).count() >= 12, "too little is new at {now}");
        assert!(mails.iter().any(|mail| age(mail) > 24 * 10), "nothing is old at {now}");
    }
}

#[test]
fn threads_hold_together() {
    let labels = labels();
    let mut outside_used = BTreeSet::new();
    let mut threads: BTreeMap<String, usize> = BTreeMap::new();
    for now in starts() {
        let mails = inbox(&now);
        let parsed: Vec<ParsedMail<'_>> = mails.iter().map(|mail| parse_mail(&mail.bytes).unwrap()).collect();
        let mut received = HashMap::new();
        for (raw, mail) in mails.iter().zip(&parsed) {
            let id =
                ids(mail, "Message-ID").pop().unwrap_or_else(|| panic!("{} has no Message-ID", raw.place));
            assert!(received.insert(id, raw.received.unwrap()).is_none(), "{}: Message-ID twice", raw.place);
        }
        threads.clear();
        for (raw, mail) in mails.iter().zip(&parsed) {
            let references = ids(mail, "References");
            assert_eq!(references.last(), ids(mail, "In-Reply-To").last(), "{}", raw.place);
            for id in &references {
                if let Some(earlier) = received.get(id) {
                    assert!(*earlier < raw.received.unwrap(), "{} answers ahead at {now}", raw.place);
                } else {
                    assert!(labels.outside.contains(id), "{} refers to {id}, which is nowhere", raw.place);
                    outside_used.insert(id.clone());
                }
            }
            let root = references.into_iter().next().or_else(|| ids(mail, "Message-ID").pop()).unwrap();
            *threads.entry(root).or_default() += 1;
        }
    }
    assert_eq!(
        outside_used,
        labels.outside.into_iter().collect(),
        "what `outside` lists and what is referred to"
    );
    assert!(
        threads.values().filter(|&&length| length >= 3).count() >= 3,
        "fewer than three threads of three"
    );
}

#[test]
fn every_mail_has_a_label_that_its_name_repeats() {
    let labels = labels();
    let files: BTreeSet<String> =
        afternoon().iter().map(|mail| mail.place.strip_prefix("demo/").unwrap().to_owned()).collect();
    let labelled: BTreeSet<String> = labels.mail.iter().map(|label| label.file.clone()).collect();
    assert_eq!(labelled, files);
    assert_eq!(labels.mail.len(), files.len(), "a file is labelled twice");
    for label in &labels.mail {
        let ending = match (label.sender, label.concerns.as_slice()) {
            (Sender::Other, concerns) => {
                assert!(concerns.is_empty(), "{}: an other has no concern", label.file);
                "other".to_owned()
            }
            (Sender::Client, []) => "routine".to_owned(),
            (Sender::Client, concerns) => words(concerns),
        };
        let stem = label.file.strip_suffix(".eml").unwrap();
        let rest = stem.strip_suffix(&ending).unwrap_or_else(|| panic!("{stem} should end in {ending}"));
        let last = rest.trim_end_matches('-').rsplit('-').next().unwrap();
        assert!(
            !["emergency", "complaint", "unusual", "refund"].contains(&last),
            "{stem} names more than {ending}"
        );
        assert!(label.reason.len() > 10, "{} gives no reason", label.file);
        assert_eq!(label.kind.is_some(), label.sender == Sender::Other, "{}", label.file);
    }
}

#[test]
fn the_inbox_shows_every_concern_alone_and_combined() {
    let labels = labels();
    let count = |wanted: &str| {
        let clients = labels.mail.iter().filter(|label| label.sender == Sender::Client);
        clients.filter(|label| words(&label.concerns) == wanted).count()
    };
    let at_least = [
        ("emergency", 5),
        ("complaint", 5),
        ("unusual", 5),
        ("refund", 5),
        ("", 10),
        ("emergency-complaint", 2),
        ("emergency-unusual", 2),
        ("emergency-refund", 1),
        ("complaint-unusual", 1),
        ("complaint-refund", 3),
        ("unusual-refund", 2),
        ("emergency-complaint-refund", 1),
        ("emergency-complaint-unusual-refund", 1),
    ];
    for (concerns, wanted) in at_least {
        assert!(count(concerns) >= wanted, "{concerns:?}: {} of {wanted}", count(concerns));
    }
    assert!(labels.mail.len() >= 52);
    assert!(labels.mail.iter().filter(|label| label.sender == Sender::Other).count() >= 14);
}

#[test]
fn the_inbox_shows_every_kind_of_mail_that_is_no_clients() {
    let labels = labels();
    let kinds: BTreeSet<&str> = labels.mail.iter().filter_map(|label| label.kind.as_deref()).collect();
    let wanted = [
        "newsletter",
        "receipt",
        "platform-notice",
        "invitation",
        "bounce",
        "out-of-office",
        "supplier",
        "recruiter",
        "spam",
        "phishing",
        "mailing-list",
        "colleague",
        "friend",
        "family",
        "landlord",
        "bookkeeper",
        "own",
    ];
    assert_eq!(kinds, wanted.into_iter().collect());
}

#[test]
fn the_inbox_shows_the_shapes_that_mail_has() {
    let mails = afternoon();
    let count = |needle: &str| {
        mails.iter().filter(|mail| String::from_utf8_lossy(&mail.bytes).contains(needle)).count()
    };
    let rows = [
        ("Content-Type: multipart/alternative", 8),
        ("Content-Type: multipart/mixed", 4),
        ("Content-Type: multipart/report", 1),
        ("Content-Type: text/calendar", 1),
        ("Content-Type: message/rfc822", 1),
        ("Content-Transfer-Encoding: quoted-printable", 10),
        ("charset=ISO-8859-1", 1),
        ("format=flowed", 4),
        ("Subject: =?utf-8?", 4),
        ("Content-Type: image/png", 1),
        ("Content-Type: application/pdf", 2),
        ("Content-Type: text/plain; charset=utf-8; name=", 2),
        ("gmail_quote", 3),
        ("MsoNormal", 5),
        ("iPhone Mail", 5),
        ("> On ", 3),
        ("\r\nSent: ", 2),
        ("---------- Forwarded message", 1),
        ("-----Original Message-----", 1),
        ("Reply-To: ", 1),
        ("List-Id: ", 1),
        ("List-Unsubscribe: ", 2),
        ("Auto-Submitted: ", 3),
    ];
    for (needle, wanted) in rows {
        assert!(count(needle) >= wanted, "{needle:?}: {} of {wanted}", count(needle));
    }
    let html_only =
        mails.iter().filter(|mail| parse_mail(&mail.bytes).unwrap().ctype.mimetype == "text/html");
    assert!(html_only.count() >= 3);
    let from_owner = format!("From: {}", owner());
    let unclosed = mails.iter().filter(|mail| {
        let parsed = parse_mail(&mail.bytes).unwrap();
        let close = parsed.ctype.params.get("boundary").map(|boundary| format!("--{boundary}--"));
        close.is_some_and(|close| !String::from_utf8_lossy(&mail.bytes).contains(&close))
    });
    assert_eq!(unclosed.count(), 1, "one mail leaves its boundary open on purpose");
    assert!(count(&from_owner) >= 3);
    assert!(mails.iter().any(|mail| str::from_utf8(&mail.bytes).is_err()), "no mail is in an 8-bit charset");
}

#[test]
fn every_part_decodes_and_attachments_are_what_they_say() {
    fn visit(place: &str, part: &ParsedMail<'_>) {
        let bytes = part.get_body_raw().unwrap_or_else(|fault| panic!("{place}: {fault}"));
        match part.ctype.mimetype.as_str() {
            "image/png" => assert!(bytes.starts_with(b"\x89PNG\r\n"), "{place}"),
            "application/pdf" => assert!(bytes.starts_with(b"%PDF-"), "{place}"),
            "text/plain" | "text/html" => {
                let text = part.get_body().unwrap_or_else(|fault| panic!("{place}: {fault}"));
                assert!(!text.trim().is_empty() && !text.contains('\u{FFFD}'), "{place}");
            }
            _ => {}
        }
        part.subparts.iter().for_each(|part| visit(place, part));
    }
    for mail in afternoon() {
        visit(&mail.place, &parse_mail(&mail.bytes).unwrap());
    }
}

#[test]
fn nobody_in_the_inbox_is_real() {
    let address = regex::Regex::new(r"[\w.+-]+@((?:[\w-]+\.)+[\w-]+)").unwrap();
    let link = regex::Regex::new(r"https?://([\w.-]+)").unwrap();
    for mail in afternoon() {
        let text = String::from_utf8_lossy(&mail.bytes).replace("=\r\n", "");
        for found in address.captures_iter(&text).chain(link.captures_iter(&text)) {
            let host = found[1].trim_end_matches('.');
            let reserved = ["example.com", "example.org", "example.net"];
            let invented = reserved.iter().any(|end| host == *end || host.ends_with(&format!(".{end}")));
            assert!(invented, "{}: {}", mail.place, &found[0]);
        }
    }
}

#[test]
fn tokens_say_when() {
    let now = starts()[0].clone();
    let rows = [
        ("{{date -2h10m}}", "Wed, 25 Nov 2026 12:20:20 +0000"),
        ("{{date -25m}}", "Wed, 25 Nov 2026 14:05:20 +0000"),
        ("{{date -3d 09:12}}", "Sun, 22 Nov 2026 09:12:00 +0000"),
        ("{{date -32d 09:12}}", "Sat, 24 Oct 2026 09:12:00 +0100"),
        ("{{date sun -1d 21:52}}", "Sun, 22 Nov 2026 21:52:00 +0000"),
        ("{{date tue -1d 21:52}}", "Tue, 24 Nov 2026 21:52:00 +0000"),
        ("{{quoted -3d 09:12}}", "Sun, 22 Nov 2026 at 09:12"),
        ("{{apple -3d 09:12}}", "22 Nov 2026, at 09:12"),
        ("{{outlook -3d 09:12}}", "22 November 2026 09:12"),
        ("{{thunderbird -3d 09:12}}", "22/11/2026 09:12"),
        ("{{utc +3d 14:00}}", "20261128T140000Z"),
        ("{{utc -40d 14:00}}", "20261016T130000Z"),
        ("{{day +3d}}", "Saturday 28 November"),
        ("{{day sat +3d}}", "Saturday 28 November"),
        ("{{day sat +4d}}", "Saturday 5 December"),
        ("{{day +0d}}", "Wednesday 25 November"),
        ("{{daymonth -14d}}", "11 November"),
        ("{{weekday +1d}}", "Thursday"),
        ("{{german -3d}}", "22.11.2026"),
        ("{{clock +5h}}", "19:30"),
        ("{{clock +1h20m}}", "16:00"),
        ("no token { at } all", "no token { at } all"),
        ("by {{weekday +1d}}, or {{weekday +2d}}", "by Thursday, or Friday"),
        ("a\nb\r\n", "a\r\nb\r\n"),
    ];
    for (text, said) in rows {
        let expanded = expand(text.as_bytes(), &now).unwrap_or_else(|fault| panic!("{fault}"));
        assert_eq!(String::from_utf8(expanded.bytes).unwrap(), said, "{text}");
    }
    let arrived = expand(b"{{day +1d}} {{date -1d 09:00}} {{date -2h}}", &now).unwrap().date;
    assert_eq!(arrived, Some("2026-11-24T09:00:00Z".parse().unwrap()), "the first `date` is when it arrived");
}

#[test]
fn a_wrong_token_is_a_fault_that_says_so() {
    let rows = [
        ("{{}}", "wants VERB"),
        ("{{date}}", "wants VERB"),
        ("{{dat -1d 09:00}}", "no verb"),
        ("{{Date -1d 09:00}}", "no verb"),
        ("{{date -0d 09:00}}", "in the past"),
        ("{{date +1d 09:00}}", "in the past"),
        ("{{date +2h}}", "in the past"),
        ("{{quoted +2h}}", "in the past"),
        ("{{date -1d}}", "more or less"),
        ("{{date -2h 09:00}}", "more or less"),
        ("{{date sun -2h}}", "more or less"),
        ("{{day -1d 09:00}}", "more or less"),
        ("{{day -5h}}", "more or less"),
        ("{{clock +1d}}", "more or less"),
        ("{{utc +5h}}", "more or less"),
        ("{{day 3d}}", "wants an offset"),
        ("{{day +3}}", "wants an offset"),
        ("{{day +d}}", "wants an offset"),
        ("{{day +}}", "wants an offset"),
        ("{{day +99999d}}", "wants an offset"),
        ("{{date -2h10}}", "wants an offset"),
        ("{{date -10m2h}}", "wants an offset"),
        ("{{date  -2h}}", "wants an offset"),
        ("{{date -1d 9:00}}", "wants a time of day"),
        ("{{date -1d 24:00}}", "wants a time of day"),
        ("{{date -1d 09:00 }}", "wants a time of day"),
        ("{{day sut +1d}}", "wants"),
        ("{{day  sat +1d}}", "wants"),
        ("{{day sat  +1d}}", "wants"),
        ("{{day sat}}", "wants an offset"),
        ("{{day +1d", "not closed"),
        ("{{day \u{e9}}}", "wants an offset"),
    ];
    for (text, words) in rows {
        let fault = expand(text.as_bytes(), &starts()[0]).expect_err(text).to_string();
        assert!(fault.contains(words), "{text}: {fault}");
    }
    let latin1 = expand(b"{{day \xe9}}", &starts()[0]).expect_err("not ASCII").to_string();
    assert!(latin1.contains("not ASCII"), "{latin1}");
}

#[test]
fn the_ends_of_the_calendar_do_no_harm() {
    for clock in [date(-9999, 1, 3).at(0, 0, 0, 0), date(9999, 12, 28).at(23, 0, 0, 0)] {
        let now = clock.to_zoned(TimeZone::UTC).unwrap();
        assert_eq!(inbox(&now).len(), afternoon().len());
    }
}

#[test]
fn the_examples_of_the_readme_are_true() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo/README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    let example = regex::Regex::new(r"`(\{\{[^}]+\}\})` -> `([^`]+)`").unwrap();
    let mut verbs = 0;
    for row in readme.lines().filter(|line| line.starts_with("| `")) {
        let found = example.captures(row).unwrap_or_else(|| panic!("no example: {row}"));
        let (_, [token, said]) = found.extract();
        let expanded = expand(token.as_bytes(), &starts()[0]).unwrap();
        assert_eq!(String::from_utf8(expanded.bytes).unwrap(), said, "{token}");
        verbs += 1;
    }
    assert_eq!(verbs, 11);
}
