//! The engine on invented messages: how well it reads, and what always holds whatever it is given.
//!
//! `tests/fixtures/triage/tuning.jsonl` and `held-out.jsonl` were written by one author before the readers were trained,
//! apart from the corpus; nothing of them was trained on. The demo inbox is by another. Both are rows; a new case needs
//! no code. `overlooked.jsonl` holds clients whose words look like others', and others who must stay others.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use amicable::mail::{Address, Attachment, Body, Header, Message, Zone, ZoneKind};
use amicable::parse::parse;
use amicable::source::demo;
use amicable::triage::{
    Acquaintance, Concern, Depth, Engine, Place, Sender, Settings, Thresholds, Topic, Verdict,
};
use jiff::civil::date;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use serde::Deserialize;

/// Floors a little under what was reached: macro-F1 and share of right senders.
const TUNING: (f64, f64) = (0.86, 0.94);
const HELD_OUT: (f64, f64) = (0.88, 0.95);
const DEMO: (f64, f64) = (0.80, 0.95);

/// One row.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    trade: String,
    phenomenon: String,
    sender: Sender,
    concerns: Vec<Concern>,
    subject: String,
    body: String,
    #[serde(default)]
    quoted: String,
    #[serde(default)]
    forwarded: String,
    #[serde(default)]
    signature: String,
    from: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

impl Row {
    fn message(&self) -> Message {
        let mut message = message(
            &self.subject,
            &[
                (ZoneKind::New, &self.body),
                (ZoneKind::Signature, &self.signature),
                (ZoneKind::Forwarded, &self.forwarded),
                (ZoneKind::Quoted, &self.quoted),
            ],
        );
        message.from = vec![Address::new("", self.from.as_deref().unwrap_or("someone@example.org"))];
        let written =
            self.headers.iter().map(|(name, value)| Header { name: name.clone(), value: value.clone() });
        message.headers.extend(written);
        message.to = self.headers.get("To").map(|to| Address::new("", to)).into_iter().collect();
        message
    }
}

/// A mail sent on Thursday 19 November 2026 at nine, with a body of these zones.
fn message(subject: &str, zones: &[(ZoneKind, &str)]) -> Message {
    let mut body = Body::default();
    for &(kind, text) in zones.iter().filter(|(_, text)| !text.is_empty()) {
        let start = body.text.len();
        body.text += text;
        body.zones.push(Zone { kind, start, end: body.text.len() });
    }
    let date = "Thu, 19 Nov 2026 09:00:00 +0000";
    Message {
        subject: subject.to_owned(),
        body,
        from: vec![Address::new("Ann", "ann@example.org")],
        date: Some("2026-11-19T09:00:00Z".parse().expect("a moment")),
        headers: vec![Header { name: "Date".to_owned(), value: date.to_owned() }],
        ..Message::default()
    }
}

fn plain(subject: &str, body: &str) -> Message {
    message(subject, &[(ZoneKind::New, body)])
}

fn engine_of(own: Vec<Address>) -> Engine {
    Engine::new(Settings { own, ..Settings::default() })
}

fn engine() -> Engine {
    engine_of(vec![Address::new("Owner", "owner@example.com")])
}

/// The verdict without all of its reasons, which take most of the time.
fn brief(engine: &Engine, message: &Message) -> Verdict {
    engine.judge(message, Acquaintance::default(), Depth::Brief).verdict
}

fn rows(text: &str) -> Vec<Row> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

fn tuning() -> Vec<Row> {
    rows(include_str!("../fixtures/triage/tuning.jsonl"))
}

fn overlooked() -> Vec<Row> {
    rows(include_str!("../fixtures/triage/overlooked.jsonl"))
}

fn held_out() -> Vec<Row> {
    rows(include_str!("../fixtures/triage/held-out.jsonl"))
}

/// How often a yes was right, wrong and lacking.
#[derive(Debug, Default, Clone, Copy)]
struct Count {
    right: u32,
    wrong: u32,
    lacking: u32,
}

impl Count {
    fn add(&mut self, said: bool, is: bool) {
        self.right += u32::from(said && is);
        self.wrong += u32::from(said && !is);
        self.lacking += u32::from(!said && is);
    }

    fn precision(self) -> f64 {
        f64::from(self.right) / f64::from((self.right + self.wrong).max(1))
    }

    fn recall(self) -> f64 {
        f64::from(self.right) / f64::from((self.right + self.lacking).max(1))
    }

    fn f1(self) -> f64 {
        2.0 * f64::from(self.right) / f64::from((2 * self.right + self.wrong + self.lacking).max(1))
    }
}

/// The measures of one set, and what was read wrongly.
struct Measured {
    counts: [Count; 4],
    senders: f64,
    report: String,
}

impl Measured {
    fn macro_f1(&self) -> f64 {
        self.counts.iter().map(|count| count.f1()).sum::<f64>() / 4.0
    }
}

/// A message and what it is.
struct Case {
    name: String,
    sender: Sender,
    concerns: Vec<Concern>,
    message: Message,
}

impl From<&Row> for Case {
    fn from(row: &Row) -> Self {
        Self {
            name: format!("{} {} ({})", row.id, row.trade, row.phenomenon),
            sender: row.sender,
            concerns: row.concerns.clone(),
            message: row.message(),
        }
    }
}

fn measure_rows(name: &str, rows: &[Row]) -> Measured {
    measure(name, &engine(), &rows.iter().map(Case::from).collect::<Vec<_>>())
}

fn measure(name: &str, engine: &Engine, cases: &[Case]) -> Measured {
    let mut counts = [Count::default(); 4];
    let (mut right_senders, mut misread) = (0_u32, String::new());
    for case in cases {
        let verdict = brief(engine, &case.message);
        for (count, concern) in counts.iter_mut().zip(Concern::ALL) {
            count.add(verdict.concerns.contains(&concern), case.concerns.contains(&concern));
        }
        right_senders += u32::from(verdict.sender == case.sender);
        if !agrees(case, &verdict) {
            describe(&mut misread, case, &verdict);
        }
    }
    let total = u32::try_from(cases.len()).expect("a few hundred");
    let mut measured =
        Measured { counts, senders: f64::from(right_senders) / f64::from(total), report: String::new() };
    let mut report = format!("{misread}{name}: {total} messages\n");
    for (count, concern) in counts.iter().zip(Concern::ALL) {
        let (precision, recall, f1) = (count.precision(), count.recall(), count.f1());
        let word = concern.word();
        writeln!(report, "{word:10} precision {precision:.3} recall {recall:.3} F1 {f1:.3}")
            .expect("a string takes all text");
    }
    writeln!(report, "macro-F1 {:.3}, sender accuracy {:.3}", measured.macro_f1(), measured.senders)
        .expect("a string takes all text");
    measured.report = report;
    measured
}

fn agrees(case: &Case, verdict: &Verdict) -> bool {
    let mut said = verdict.concerns.clone();
    let mut is = case.concerns.clone();
    said.sort();
    is.sort();
    verdict.sender == case.sender && said == is
}

fn describe(text: &mut String, case: &Case, verdict: &Verdict) {
    let words = |concerns: &[Concern]| concerns.iter().map(|c| c.word()).collect::<Vec<_>>().join("+");
    writeln!(
        text,
        "{}: is {:?} {}, read {:?} {:.2} {}: {} / {}",
        case.name,
        case.sender,
        words(&case.concerns),
        verdict.sender,
        verdict.sender_score,
        words(&verdict.concerns),
        case.message.subject,
        case.message.body.text
    )
    .expect("a string takes all text");
    for evidence in &verdict.evidence {
        writeln!(
            text,
            "    {:?} {:+.1} {:?} \"{}\"",
            evidence.concern, evidence.weight, evidence.says, evidence.quote
        )
        .expect("a string takes all text");
    }
}

/// What `assets/demo/labels.toml` says of one demo mail; the rest of it is for others.
#[derive(Debug, Deserialize)]
struct Label {
    file: String,
    sender: Sender,
    concerns: Vec<Concern>,
}

/// The demo inbox of a Wednesday afternoon, as its author labelled it.
fn demo_inbox() -> Vec<Case> {
    #[derive(Deserialize)]
    struct Labels {
        mail: Vec<Label>,
    }
    let labels: Labels = toml::from_str(include_str!("../../assets/demo/labels.toml")).expect("the labels");
    let now = date(2026, 11, 25).at(14, 30, 20, 0).to_zoned(TimeZone::UTC).expect("within the calendar");
    let mut mails = demo::inbox(&now);
    mails.sort_by(|a, b| a.place.cmp(&b.place));
    let label = |place: &str| labels.mail.iter().find(|label| place.ends_with(&label.file));
    mails
        .iter()
        .map(|mail| {
            let label = label(&mail.place).unwrap_or_else(|| panic!("{} has no label", mail.place));
            Case {
                name: label.file.clone(),
                sender: label.sender,
                concerns: label.concerns.clone(),
                message: parse(&mail.bytes),
            }
        })
        .collect()
}

#[test]
fn the_demo_inbox_of_another_author_is_read() {
    let engine = engine_of(vec![demo::owner()]);
    let cases = demo_inbox();
    let measured = measure("demo", &engine, &cases);
    println!("{}", measured.report);
    assert!(measured.macro_f1() >= DEMO.0 && measured.senders >= DEMO.1, "{}", measured.report);
    let overlooked: Vec<&str> = cases
        .iter()
        .filter(|case| case.sender == Sender::Client)
        .filter(|case| brief(&engine, &case.message).sender == Sender::Other)
        .map(|case| case.name.as_str())
        .collect();
    assert!(overlooked.len() <= 2, "clients put among the others: {overlooked:?}");
}

#[test]
fn messages_of_the_first_author_are_read() {
    let measured = measure_rows("tuning", &tuning());
    println!("{}", measured.report);
    assert!(measured.macro_f1() >= TUNING.0 && measured.senders >= TUNING.1, "{}", measured.report);
}

#[test]
fn more_messages_of_the_first_author_are_read() {
    let measured = measure_rows("held-out", &held_out());
    println!("{}", measured.report);
    assert!(measured.macro_f1() >= HELD_OUT.0 && measured.senders >= HELD_OUT.1, "{}", measured.report);
}

/// Clients whose words look like others', and others who must stay others. Not all are read yet; the number that is not
/// may only fall.
#[test]
fn few_clients_are_overlooked_for_words_that_others_write_too() {
    let rows = overlooked();
    assert!(rows.len() >= 40);
    let (mut misread, mut wrong) = (String::new(), 0);
    for case in rows.iter().map(Case::from) {
        let verdict = brief(&engine(), &case.message);
        let seen = case.concerns.iter().all(|concern| verdict.concerns.contains(concern));
        if verdict.sender != case.sender || !seen {
            wrong += 1;
            describe(&mut misread, &case, &verdict);
        }
    }
    assert!(wrong <= 13, "{wrong} of {}\n{misread}", rows.len());
}

#[test]
fn rows_have_their_own_ids_and_come_from_many_trades() {
    let all: Vec<Row> = tuning().into_iter().chain(held_out()).chain(overlooked()).collect();
    let ids: BTreeSet<&str> = all.iter().map(|row| row.id.as_str()).collect();
    let trades: BTreeSet<&str> = all.iter().map(|row| row.trade.as_str()).collect();
    let adversarial = all.iter().filter(|row| row.phenomenon != "plain").count();
    assert_eq!(ids.len(), all.len());
    assert!(trades.len() >= 100 && adversarial >= 120, "{} trades, {adversarial} adversarial", trades.len());
}

#[test]
fn evidence_says_what_speaks_for_the_concern() {
    let message = plain("Cake", "The cake was lovely.\n\nI want my money back, please.");
    let verdict = engine().read(&message);
    assert_eq!(verdict.primary(), Some(Concern::Refund));
    let top = verdict.top_evidence().expect("a reason");
    assert_eq!((top.concern, top.place), (Topic::Refund, Place::Body));
    assert!(top.quote.contains("money back") && top.says == "asks for the money back", "{top:?}");
    assert!(verdict.evidence.windows(2).all(|pair| pair[0].weight.abs() >= pair[1].weight.abs()));
    assert!(verdict.evidence_for(Concern::Refund).any(|evidence| evidence == top));
}

/// A true counterfactual: the weight of a reason is what the log-odds lose when the message is read without its words.
#[test]
fn a_reason_weighs_what_the_message_loses_without_its_words() {
    let log_odds = |score: f32| (score / (1.0 - score)).ln();
    let rest = "We bought it in May. It stands in the hall.";
    let with = engine().read(&plain("", &format!("{rest} Please give me my money back.")));
    let without = engine().read(&plain("", rest));
    let lost = log_odds(with.scores.refund) - log_odds(without.scores.refund);
    let reason =
        with.evidence_for(Concern::Refund).find(|e| e.quote.contains("money back")).expect("a reason");
    assert!((lost - reason.weight).abs() < 0.05, "{lost} {with:?}");
}

#[test]
fn an_other_has_scores_but_no_concerns() {
    let mut message = plain("Offer", "I want my money back! Unsubscribe here.");
    message.headers.push(Header { name: "List-Id".to_owned(), value: "<x.example.org>".to_owned() });
    message.headers.push(Header { name: "Precedence".to_owned(), value: "bulk".to_owned() });
    let verdict = engine().read(&message);
    assert_eq!((verdict.sender, verdict.concerns.len()), (Sender::Other, 0));
    assert!(verdict.scores.refund > 0.0);
    let list =
        verdict.evidence_for_sender().find(|e| e.quote == "List-Id: <x.example.org>").expect("a reason");
    assert!(list.place == Place::Header && list.weight < 0.0);
}

#[test]
fn mail_from_the_owner_is_from_an_other_unless_a_form_sent_it() {
    let mut message = plain("Note", "Refund Mrs Hill her deposit, she was furious.");
    message.from = vec![Address::new("Me", "OWNER@example.com")];
    assert_eq!(engine().read(&message).sender, Sender::Other);
    message.reply_to = vec![Address::new("Mrs Hill", "hill@example.org")];
    assert_eq!(engine().read(&message).sender, Sender::Client);
}

#[test]
fn an_invitation_is_from_an_other() {
    let mut message = plain("Budget", "Please join us.");
    message.attachments = vec![Attachment {
        name: "invite.ics".to_owned(),
        media_type: "text/calendar".to_owned(),
        size: 900,
        inline: false,
    }];
    assert_eq!(engine().read(&message).sender, Sender::Other);
}

#[test]
fn another_language_is_named_and_not_guessed_at() {
    let text = "Guten Tag, die Torte war furchtbar und ich möchte mein Geld zurück. Bitte antworten Sie mir noch \
                heute, denn die Feier ist schon morgen um zehn Uhr.";
    let verdict = engine().read(&plain("Torte, refund, urgent", text));
    assert_eq!(verdict.language.as_deref(), Some("de"));
    assert_eq!(verdict.notes, ["not read: German"]);
    assert!(verdict.concerns.is_empty() && verdict.sender == Sender::Client);
}

#[test]
fn english_is_told_and_too_little_text_has_no_language() {
    assert_eq!(
        engine().read(&plain("", "Could we come a little later on Friday?")).language.as_deref(),
        Some("en")
    );
    assert_eq!(engine().read(&plain("", "OK")).language, None);
    assert_eq!(engine().read(&Message::default()).language, None);
}

#[test]
fn the_subject_of_a_reply_counts_less() {
    let first = engine().read(&plain("I want a full refund", "Thank you."));
    let reply = engine().read(&plain("Re: I want a full refund", "Thank you."));
    assert!(first.scores.refund > reply.scores.refund && reply.scores.refund < 0.5, "{first:?} {reply:?}");
    let prefix = "Re: ".len();
    assert!(reply.evidence.iter().filter(|e| e.place == Place::Subject).all(|e| e.start >= prefix));
}

#[test]
fn a_threshold_decides_and_is_asked_by_concern() {
    let thresholds = Thresholds { refund: 1.0, ..Thresholds::default() };
    assert!((thresholds.of(Concern::Refund) - 1.0).abs() < f32::EPSILON);
    let message = plain("", "I want my money back.");
    let strict = Engine::new(Settings { thresholds, ..Settings::default() });
    assert!(!strict.read(&message).concerns.contains(&Concern::Refund));
    assert!(engine().read(&message).concerns.contains(&Concern::Refund));
}

/// What is said of a deadline, for a mail of Thursday 19 November 2026, 9:00.
#[test]
fn deadlines_are_resolved_against_the_day_of_sending() {
    let cases = [
        ("Can you do it before 5 today?", "by today 17:00"),
        ("Can you do it by tomorrow at 9?", "by tomorrow 09:00"),
        ("The party is tonight.", "tonight"),
        ("We need it for this Saturday at 2pm.", "by Saturday 21 November 14:00"),
        ("The guests come in two hours.", "within two hours"),
        ("Can you get it to me by noon?", "by today 12:00"),
        ("Can you get it to me by 8.30am?", "by tomorrow 08:30"),
        ("I need it by the 20th of November.", "by tomorrow"),
        ("I need it by Saturday 21 November.", "by Saturday 21 November"),
    ];
    for (text, says) in cases {
        let why = engine().explain(&plain("", text), Acquaintance::default());
        let found: Vec<&str> = why.facts.iter().map(|fact| fact.says.as_str()).collect();
        assert!(found.iter().any(|found| found.ends_with(says)), "{text}: {found:?}");
    }
}

#[test]
fn a_deadline_weeks_away_is_a_fact_against_an_emergency() {
    let why = engine().explain(&plain("", "We need it by 14 January."), Acquaintance::default());
    let deadline = why.facts.iter().find(|fact| fact.says.starts_with("leaves time")).expect("a deadline");
    assert!(deadline.weight < 0.0 && why.verdict.concerns.is_empty(), "{why:?}");
}

#[test]
fn a_verdict_names_the_models_it_came_from() {
    let model = engine().read(&Message::default()).model;
    let hash = model.strip_prefix("2026.2-").expect("2026.2-");
    assert!(hash.len() == 4 && hash.chars().all(|c| c.is_ascii_hexdigit()), "{model}");
}

#[test]
fn a_text_without_end_is_read_in_part_and_says_so() {
    let verdict = engine().read(&plain("", &"I want my money back, that’s all. ".repeat(20_000)));
    assert_eq!(verdict.notes, ["read only the first 100 kB"]);
    assert_eq!(verdict.primary(), Some(Concern::Refund));
}

/// What the queue shows has to explain itself, and to fit in a line.
#[test]
fn a_quote_is_short_and_whole_words() {
    let long = "Since the day on which we two spoke at the market on the square of the old town I want my money back \
                and nothing else whatever you may say, and so does my brother who was with me on that day";
    let verdict = engine().read(&plain("", long));
    assert!(!verdict.evidence.is_empty());
    for evidence in &verdict.evidence {
        assert!(evidence.quote.chars().count() <= 80, "{}", evidence.quote);
        let start = &long[..evidence.start];
        assert!(start.is_empty() || start.ends_with(' '), "{}", evidence.quote);
    }
}

/// A phrase on every other line, between quotes: each piece may cost no search of all the others.
#[test]
fn a_body_of_countless_pieces_is_read_in_part_and_says_so() {
    let zones: Vec<(ZoneKind, &str)> = (0..100_000)
        .map(|n| if n % 2 == 0 { (ZoneKind::New, "money back!\n") } else { (ZoneKind::Quoted, "> why?\n") })
        .collect();
    let verdict = engine().read(&message("", &zones));
    assert_eq!(verdict.notes, ["read only the first 100 kB"]);
}

/// What `explain` says was read is what the engine read.
#[test]
fn the_ranges_that_are_read_are_those_of_the_zones_that_count() {
    type Zones<'a> = &'a [(ZoneKind, &'a str)];
    use ZoneKind::{Forwarded, New, Quoted, Signature};
    let other = "From: Bo <bo@example.org>\nIt broke.\n";
    let own = "From: Ann <ANN@example.org>\nIt broke.\n";
    let cases: [(Zones, &[usize]); 7] = [
        (&[(New, "It broke.\n"), (Forwarded, other)], &[0]),
        (&[(New, "See below, I want the same.\n"), (Forwarded, other)], &[0, 1]),
        (&[(New, "It is as I said.\n"), (Forwarded, own)], &[0, 1]),
        (&[(New, "Hi Robin,\n\n"), (Forwarded, other), (Signature, "Ann\n")], &[0, 1]),
        (&[(Forwarded, other), (Quoted, "> Why?\n")], &[0]),
        (&[(Quoted, "> It broke.\n"), (Signature, "Ann\n")], &[0]),
        (&[(New, "Thanks!\n"), (Quoted, "> It broke.\n")], &[0]),
    ];
    for (zones, counted) in cases {
        let message = message("", zones);
        let is: Vec<_> = counted.iter().map(|&number| message.body.zones[number].range()).collect();
        assert_eq!(engine().read_ranges(&message), is, "{zones:?}");
    }
}

/// Text as it comes: anything, and pieces that the phrasebook and the deadlines look for.
fn some_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<String>(),
        prop::sample::select(vec![
            "I want my money back",
            "by tomorrow at 9",
            "it’s broken",
            "for free",
            "é",
            "🎂",
            ". ",
            "\n\n",
            "’",
            "unsubscribe",
            "31 February",
            "in 999 months",
            "before 12",
            "Re: ",
            "the 31st",
            "£55 back",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.join(" "))
}

fn some_message() -> impl Strategy<Value = Message> {
    let kind = prop::sample::select(vec![
        ZoneKind::New,
        ZoneKind::Quoted,
        ZoneKind::Forwarded,
        ZoneKind::Signature,
        ZoneKind::Disclaimer,
    ]);
    let zones = prop::collection::vec((kind, some_text()), 0..4);
    (some_text(), zones, any::<bool>()).prop_map(|(subject, zones, dated)| {
        let zones: Vec<(ZoneKind, &str)> = zones.iter().map(|(kind, text)| (*kind, text.as_str())).collect();
        let mut message = message(&subject, &zones);
        if !dated {
            message.date = None;
        }
        message
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_message_gives_scores_in_range_and_evidence_that_stands_in_it(message in some_message()) {
        let verdict = engine().read(&message);
        prop_assert!((0.0..=1.0).contains(&verdict.sender_score));
        for concern in Concern::ALL {
            prop_assert!((0.0..=1.0).contains(&verdict.scores.of(concern)));
        }
        for evidence in &verdict.evidence {
            let place = match evidence.place {
                Place::Subject => message.subject.as_str(),
                Place::Body => message.body.text.as_str(),
                Place::Header | Place::Taught => evidence.quote.as_str(),
            };
            prop_assert_eq!(place.get(evidence.start..evidence.end), Some(evidence.quote.as_str()));
            prop_assert!(evidence.weight.is_finite() && !evidence.says.is_empty());
            let zones = &message.body.zones;
            let in_one_zone = zones.iter().any(|zone| zone.start <= evidence.start && evidence.end <= zone.end);
            prop_assert!(evidence.place != Place::Body || zones.is_empty() || in_one_zone);
        }
        prop_assert_eq!(engine().read(&message), verdict);
    }

    #[test]
    fn quoted_text_signature_and_disclaimer_change_nothing_below_new_words(
        written in some_message(),
        below in some_text(),
    ) {
        let mut message = written;
        let start = message.body.text.len();
        message.body.text += "\nThese words are new.\n";
        let end = message.body.text.len();
        // A body without zones is all new.
        let start = if message.body.zones.is_empty() { 0 } else { start };
        message.body.zones.push(Zone { kind: ZoneKind::New, start, end });
        let before = engine().read(&message);
        for kind in [ZoneKind::Quoted, ZoneKind::Signature, ZoneKind::Disclaimer] {
            let mut longer = message.clone();
            let start = longer.body.text.len();
            longer.body.text += &below;
            longer.body.zones.push(Zone { kind, start, end: longer.body.text.len() });
            prop_assert_eq!(&engine().read(&longer), &before);
        }
    }
}
