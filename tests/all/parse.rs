//! The parser: every fixture under tests/fixtures/mail against its expectation, and what must hold for any
//! bytes at all.
//!
//! A fixture is NAME.eml with NAME.expected beside it. `BLESS=1 cargo test --test all parse` writes the
//! expectations anew; look at each change before you keep it.

#![expect(clippy::unwrap_used, reason = "tests may fail loudly, their helpers too")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use amicable::mail::{Address, Message, MessageId, ZoneKind};
use amicable::parse::{parse, wash_line, wash_text};
use proptest::prelude::*;

/// Longer lines are shortened in the expectations: hostile fields are long.
const SHOWN: usize = 200;

fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/mail");
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|suffix| suffix == "eml"))
        .collect();
    found.sort();
    found
}

/// The whole message as a person would write it down; each line of the text behind its zone.
fn portrait(message: &Message) -> String {
    let mut out = String::new();
    let mut field = |name: &str, value: &str| {
        let count = value.chars().count();
        let shown: String = value.chars().take(SHOWN).collect();
        let rest = if count > SHOWN { format!(" .. ({count} characters)") } else { String::new() };
        writeln!(out, "{name}: {shown}{rest}").unwrap();
    };
    let mailboxes =
        [("from", &message.from), ("reply-to", &message.reply_to), ("to", &message.to), ("cc", &message.cc)];
    for (name, list) in mailboxes {
        for Address { name: label, address } in list {
            field(name, &format!("[{label}] <{address}>"));
        }
    }
    field("subject", &message.subject);
    field("date", &message.date.map_or_else(|| "none".to_owned(), |date| date.to_string()));
    let ids = |ids: &[MessageId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    field("id", &message.id.iter().map(ToString::to_string).collect::<String>());
    for (name, list) in [("in-reply-to", &message.in_reply_to), ("references", &message.references)] {
        if !list.is_empty() {
            field(name, &ids(list));
        }
    }
    for part in &message.attachments {
        let inline = if part.inline { ", inline" } else { "" };
        field("attachment", &format!("{} ({}, {} bytes{inline})", part.name, part.media_type, part.size));
    }
    for note in &message.notes {
        field("note", note);
    }
    writeln!(out, "text{}:", if message.body.from_html { " from HTML" } else { "" }).unwrap();
    for zone in &message.body.zones {
        let text = &message.body.text[zone.range()];
        for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
            let shown: String = line.chars().take(SHOWN).collect();
            let rest = if shown.len() < line.len() { " .." } else { "" };
            writeln!(out, "{}", format!("{:10}| {shown}{rest}", format!("{:?}", zone.kind)).trim_end())
                .unwrap();
        }
    }
    out
}

#[test]
fn every_fixture_reads_as_expected() {
    let bless = std::env::var_os("BLESS").is_some();
    let fixtures = fixtures();
    assert!(fixtures.len() >= 75, "only {} fixtures", fixtures.len());
    let mut wrong = Vec::new();
    for path in fixtures {
        let seen = portrait(&parse(&fs::read(&path).unwrap()));
        let beside = path.with_extension("expected");
        if bless {
            fs::write(&beside, &seen).unwrap();
            continue;
        }
        let expected = fs::read_to_string(&beside).unwrap_or_default();
        if seen != expected {
            wrong.push(format!("== {}\n-- expected\n{expected}-- seen\n{seen}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_expectation_has_its_fixture() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/mail");
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        assert!(path.with_extension("eml").exists(), "{} has no .eml", path.display());
    }
}

/// What holds for every message, whatever bytes it came from.
fn assert_sound(message: &Message, raw: &[u8], whence: &str) {
    let failed = message.notes.iter().any(|note| note.contains("the parser failed"));
    assert!(!failed, "{whence}: the parser panicked");
    let text = &message.body.text;
    let mut end = 0;
    let mut last: Option<ZoneKind> = None;
    for zone in &message.body.zones {
        assert!(
            zone.start == end && zone.end > zone.start,
            "{whence}: zones leave a gap or overlap: {zone:?}"
        );
        assert!(text.is_char_boundary(zone.end), "{whence}: {zone:?} cuts a character");
        assert_ne!(last, Some(zone.kind), "{whence}: two neighbours of one kind");
        (end, last) = (zone.end, Some(zone.kind));
    }
    assert_eq!(end, text.len(), "{whence}: zones do not cover the text");
    assert_eq!(*text, wash_text(text), "{whence}: the text is not washed");
    assert!(
        text.lines().all(|line| line.trim_end() == line) && text.trim_end() == text,
        "{whence}: white space"
    );
    // Nothing that a message holds may grow far beyond its bytes: targets of links, marks of quotes.
    assert!(text.len() <= 64 * raw.len() + 1024, "{whence}: {} bytes became {}", raw.len(), text.len());
    for line in strings_of(message) {
        assert_eq!(*line, wash_line(line), "{whence}: not washed");
    }
    for part in &message.attachments {
        let name = &part.name;
        let safe = !name.is_empty()
            && !name.starts_with('.')
            && !name.contains(['/', '\\'])
            && name.chars().count() <= 120;
        assert!(safe, "{whence}: {name:?} is no safe file name");
    }
}

/// Every string of a message but its text.
fn strings_of(message: &Message) -> Vec<&str> {
    let mailboxes = [&message.from, &message.reply_to, &message.to, &message.cc];
    let mut all: Vec<&str> = vec![&message.subject];
    all.extend(
        mailboxes.into_iter().flatten().flat_map(|mailbox| [mailbox.name.as_str(), mailbox.address.as_str()]),
    );
    all.extend(message.headers.iter().flat_map(|header| [header.name.as_str(), header.value.as_str()]));
    all.extend(message.attachments.iter().flat_map(|part| [part.name.as_str(), part.media_type.as_str()]));
    all.extend(message.notes.iter().map(String::as_str));
    let ids = message.id.iter().chain(&message.in_reply_to).chain(&message.references);
    all.extend(ids.map(MessageId::as_str));
    all
}

#[test]
fn every_fixture_is_sound_whole_and_truncated() {
    for path in fixtures() {
        let raw = fs::read(&path).unwrap();
        let border = raw.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(raw.len() / 2);
        let near_border = border.saturating_sub(3)..=(border + 6).min(raw.len());
        let cuts = (0..=64).map(|part| raw.len() * part / 64).chain(near_border);
        for cut in cuts {
            assert_sound(&parse(&raw[..cut]), &raw[..cut], &format!("{} cut at {cut}", path.display()));
        }
    }
}

/// A message with a body of that type.
fn message(media_type: &str, body: &str) -> String {
    format!("From: Ann <ann@example.com>\r\nSubject: x\r\nContent-Type: {media_type}\r\n\r\n{body}")
}

const WAS_CUT: &str = "the HTML is too long and was cut";

#[test]
fn a_huge_picture_does_not_hide_the_text_below_it() {
    let picture = "A".repeat(600 * 1024);
    let html = format!("<p>Hi,</p><img src=\"data:image/png;base64,{picture}\"><p>The cake was mouldy.</p>");
    let seen = parse(message("text/html", &html).as_bytes());
    assert_eq!(seen.body.new_text(), "Hi,\n\nThe cake was mouldy.");
    assert!(!seen.notes.iter().any(|note| note == WAS_CUT), "{:?}", seen.notes);
}

#[test]
fn html_beyond_the_limit_is_cut_for_all_parts_together_and_said() {
    let part = format!("--b\r\nContent-Type: text/html\r\n\r\n{}\r\n", "<p>word</p>".repeat(5_000));
    let few = parse(message("multipart/mixed; boundary=b", &part.repeat(2)).as_bytes());
    let many = parse(message("multipart/mixed; boundary=b", &part.repeat(10)).as_bytes());
    let words = |message: &Message| message.body.text.matches("word").count();
    assert_eq!((words(&few), few.notes.iter().any(|note| note == WAS_CUT)), (10_000, false));
    assert!(words(&many) > 10_000 && words(&many) < 15_000, "{}", words(&many));
    assert!(many.notes.iter().any(|note| note == WAS_CUT), "{:?}", many.notes);
}

#[test]
fn a_repeat_within_a_nested_multipart_is_left_out_and_the_text_beside_it_kept() {
    let words = "Could you bring the cake at four and not at six, please?";
    let inner = format!(
        "--i\r\nContent-Type: text/plain\r\n\r\n{words}\r\n--i\r\nContent-Type: text/html\r\n\r\n<p>{words}</p>\r\n--i--"
    );
    let outer = format!(
        "--o\r\nContent-Type: multipart/mixed; boundary=i\r\n\r\n{inner}\r\n--o\r\nContent-Type: text/html\r\n\r\n<p>{words} Yes.</p>\r\n--o--"
    );
    let seen = parse(message("multipart/mixed; boundary=o", &outer).as_bytes());
    assert_eq!(seen.body.text, format!("{words}\n\n{words} Yes."));
}

#[test]
fn hostile_html_is_sound() {
    let units = [
        "<",
        "<div></div>",
        "<div hidden>",
        "<span hidden>x</span>y",
        "<blockquote>x",
        "<a b",
        "<a \">",
        "<!--",
        "<ul><li>x",
        "<pre>x\n",
        "On 1 a wrote:<blockquote>x</blockquote>",
        "<style>",
        "<td>x",
        "&amp;",
    ];
    for unit in units {
        let raw = message("text/html", &unit.repeat(200 * 1024 / unit.len()));
        assert_sound(&parse(raw.as_bytes()), raw.as_bytes(), unit);
    }
}

/// A small generator with a fixed seed (splitmix64), so that a failure comes again.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % u64::try_from(sides).unwrap()).unwrap()
    }
}

#[test]
fn every_fixture_is_sound_with_bytes_flipped() {
    let mut dice = Dice(2026);
    for path in fixtures() {
        let raw = fs::read(&path).unwrap();
        if raw.is_empty() {
            continue;
        }
        for turn in 0..16 {
            let mut bent = raw.clone();
            for _ in 0..=turn {
                let at = dice.roll(bent.len());
                bent[at] ^= u8::try_from(1 + dice.roll(255)).unwrap();
            }
            assert_sound(&parse(&bent), &bent, &format!("{} bent, turn {turn}", path.display()));
        }
    }
}

/// Pieces of which mail-shaped soup is made.
const PIECES: [&[u8]; 44] = [
    b"From: Ann <ann@example.com>\r\n",
    b"To: ",
    b"Subject: ",
    b"Subject : ",
    b"=?utf-8?q?=C3?=",
    b"=?utf-8?b?w6k?= ",
    b"Content-Type: multipart/mixed; boundary=b\r\n",
    b"Content-Type: multipart/alternative; boundary=\"bb\"\r\n",
    b"Content-Type: text/html\r\n",
    b"Content-Type: text/plain; charset=utf-8; format=flowed\r\n",
    b"Content-Type: message/rfc822\r\n",
    b"Content-Transfer-Encoding: base64\r\n",
    b"Content-Transfer-Encoding: quoted-printable\r\n",
    b"Content-Disposition: attachment; filename*0*=utf-8''%C3; filename*1=../x\r\n",
    b"In-Reply-To: <a@example.com>\r\n",
    b"\r\n",
    b"\r\n\r\n",
    b"\n",
    b"\r",
    b"--b\r\n",
    b"--bb\r\n",
    b"--b--\r\n",
    b"--",
    b" ",
    b"\t",
    b"> ",
    b">> ",
    b"> > quoted\r\n",
    b"On 3 Nov 2026 at 10:12, Ann <ann@example.com> wrote:\r\n",
    b"-----Original Message-----\r\n",
    b"From: x\r\nSent: 10:12\r\nTo: y\r\nSubject: z\r\n",
    b"Kind regards,\r\n",
    b"Ann\r\n",
    b"-- \r\n",
    b"This e-mail and any attachments are confidential.\r\n",
    b"<div>",
    b"</div>",
    b"<blockquote type=cite>",
    b"<a href=\"https://example.com\">x</a>",
    b"<!-- ",
    b"\xc3\xa9\xff\x00",
    b"\x1b[31m\xe2\x80\xae",
    b"aGVsbG8=",
    b"=C3=A9=\r\n",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_bytes_are_sound(raw in proptest::collection::vec(any::<u8>(), 0..600)) {
        assert_sound(&parse(&raw), &raw, "bytes");
    }

    #[test]
    fn mail_shaped_soup_is_sound(pieces in proptest::collection::vec(0..PIECES.len(), 0..60)) {
        let raw: Vec<u8> = pieces.iter().flat_map(|&piece| PIECES[piece]).copied().collect();
        assert_sound(&parse(&raw), &raw, "soup");
    }

    #[test]
    fn washing_twice_is_washing_once(text in any::<String>()) {
        let line = wash_line(&text);
        prop_assert_eq!(&wash_line(&line), &line);
        let lines = wash_text(&text);
        prop_assert_eq!(&wash_text(&lines), &lines);
        prop_assert!(!lines.chars().any(|c| c.is_control() && c != '\n'));
    }
}
