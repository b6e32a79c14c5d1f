//! Templates, drafts, recipients, leftovers: the words and the frame of a reply.

#![expect(clippy::unwrap_used, reason = "tests may fail loudly")]

use std::path::{Path, PathBuf};

use amicable::boundary::policy::Tone;
use amicable::ledger::Party;
use amicable::mail::{Address, Body, Message, MessageId, Zone, ZoneKind};
use amicable::reply::check::{Checked, check};
use amicable::reply::draft::{bare_subject, reply_subject};
use amicable::reply::signal::{Heard, Signal, heard_in};
use amicable::reply::values::{first_name, full_name};
use amicable::reply::{
    AskKind, Draft, RenderFault, Stance, Template, TemplateSet, Values, leftovers, parse_recipients,
    promised, rank,
};
use amicable::triage::Concern;
use jiff::tz::TimeZone;
use proptest::prelude::*;

fn owner() -> Address {
    Address::new("Kim Winter", "kim@example.org")
}

/// 20 November 2026, 09:12 in Berlin.
fn original() -> Message {
    Message {
        id: MessageId::new("<m1@example.com>"),
        from: vec![Address::new("Ann Lee", "ann@example.com")],
        to: vec![owner()],
        subject: "The menu cards".to_owned(),
        date: Some("2026-11-20T08:12:00Z".parse().unwrap()),
        body: body(&[(ZoneKind::New, "Could I have them tomorrow?\n\nAnn")]),
        ..Message::default()
    }
}

fn body(zones: &[(ZoneKind, &str)]) -> Body {
    let mut body = Body::default();
    for (kind, text) in zones {
        let start = body.text.len();
        body.text.push_str(text);
        body.text.push('\n');
        body.zones.push(Zone { kind: *kind, start, end: body.text.len() });
    }
    body
}

fn berlin() -> TimeZone {
    TimeZone::get("Europe/Berlin").unwrap()
}

fn built_in() -> TemplateSet {
    let (set, faults) = TemplateSet::load(None);
    assert!(faults.is_empty(), "{faults:?}");
    set
}

/// Known values for a client of that name, and the example, else the default, for all that is asked.
fn answered(template: &Template, client: &str) -> Values {
    let client = Address::new(client, "ann@example.com");
    let mut values = Values::known(Some(&client), &owner(), &original(), &berlin(), &Tone::default());
    for ask in template.missing(&values).into_iter().cloned().collect::<Vec<_>>() {
        let answer = ask.example.as_ref().or(ask.default.as_ref());
        values
            .set(&ask.name, answer.unwrap_or_else(|| panic!("{}: {} has no example", template.id, ask.name)));
    }
    values
}

fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

#[test]
fn every_built_in_template_is_a_short_letter_with_a_greeting_and_the_owners_name() {
    for template in built_in().iter() {
        for (client, greeting) in
            [("Ann Lee", "Hello Ann,\n\n"), ("", "Hello,\n\n"), ("Acme Ltd", "Hello,\n\n")]
        {
            let text = template.render(&answered(template, client)).unwrap();
            assert!(text.starts_with(greeting), "{}: {text}", template.id);
            assert!(text.ends_with("Kind regards,\nKim"), "{}: {text}", template.id);
            assert!(words(&text) < 150, "{}: {} words", template.id, words(&text));
            assert_eq!(leftovers(&text), [], "{}", template.id);
            assert!(
                !text.contains('\0') && !text.contains(" ,") && !text.contains("  "),
                "{}: {text}",
                template.id
            );
        }
    }
}

#[test]
fn every_built_in_template_names_a_next_step_with_a_date() {
    for template in built_in().iter() {
        let text = template.render(&answered(template, "Ann Lee")).unwrap();
        let says_when = template.asks.iter().any(|ask| {
            let said = ask.example.as_ref().is_some_and(|example| text.contains(example.as_str()));
            ask.kind == AskKind::Date && said
        });
        assert!(says_when, "{}: {text}", template.id);
    }
}

#[test]
fn built_in_templates_keep_the_tone() {
    let never = [
        "!",
        "\u{2014}",
        "\u{2013}",
        "as soon as possible",
        "asap",
        "unfortunately",
        "policy",
        "should have",
        "obviously",
        "regret",
        "inconvenience",
        "I'll try",
        "whatever you need",
        "valued",
        "apolog",
    ];
    for template in built_in().iter() {
        let text = template.render(&answered(template, "Ann Lee")).unwrap();
        let lower = text.to_lowercase();
        for word in never {
            assert!(!lower.contains(&word.to_lowercase()), "{}: {word}: {text}", template.id);
        }
        assert!(lower.matches("sorry").count() <= 1, "{}: {text}", template.id);
        if lower.contains("sorry") {
            assert_eq!(
                template.stance,
                Stance::MakeRight,
                "{}: apologises for what is not ours",
                template.id
            );
        }
    }
}

#[test]
fn every_concern_and_every_stance_has_its_templates() {
    let set = built_in();
    assert!(set.iter().count() >= 50, "{}", set.iter().count());
    for concern in Concern::ALL {
        let count = set.iter().filter(|template| template.concerns.contains(&concern)).count();
        assert!(count >= 7, "{}: {count}", concern.word());
    }
    for stance in Stance::ALL {
        assert!(set.iter().any(|template| template.stance == stance), "{stance:?}");
    }
    // Each signal lifts some template.
    for signal in Signal::ALL {
        let used =
            set.iter().any(|template| template.when.contains(&signal) || template.unless.contains(&signal));
        assert!(used, "{signal:?}");
    }
}

#[test]
fn every_built_in_template_passes_the_check_whoever_it_goes_to() {
    let (config, load, now) = crate::check::owner();
    let mut wrong: Vec<String> = Vec::new();
    for template in built_in().iter() {
        for client in ["Ann Lee", "", "Acme Ltd", "Dr. Lee", "LEE, ANN"] {
            let text = template.render(&answered(template, client)).unwrap();
            let to = [Address::new(client, "ann@example.com")];
            let found = check(&Checked {
                private: &[],
                body: &text,
                to: &to,
                cc: &[],
                attachments: 0,
                original: None,
                own: &[owner()],
                policy: &config.policy,
                calendar: &config.calendar,
                load: &load,
                now: &now,
            });
            wrong.extend(found.iter().map(|finding| {
                format!(
                    "{}: {} \u{201c}{}\u{201d} {}",
                    template.id,
                    finding.id.word(),
                    finding.quote,
                    finding.why
                )
            }));
        }
    }
    wrong.dedup();
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn every_promise_of_a_template_stands_in_its_letter() {
    let (config, _, now) = crate::check::owner();
    for template in built_in().iter() {
        let values = answered(template, "Ann Lee");
        let text = template.render(&values).unwrap();
        let known = template.promises(&values);
        let owed = known.iter().filter(|promise| {
            promise.who == Party::Owner
                || promise.condition.as_ref().is_none_or(|c| !c.starts_with("only if"))
        });
        let found = promised(&text, &known, &now, &config.calendar);
        for promise in owed {
            assert!(
                found.iter().any(|(other, _)| other == promise),
                "{}: {promise:?} in {text}",
                template.id
            );
        }
    }
}

#[test]
fn every_fault_of_a_template_is_reported_with_its_line_and_the_rest_still_loads() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/templates/faulty");
    let mut cases: Vec<PathBuf> =
        std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.retain(|path| path.extension().is_some_and(|ext| ext == "md"));
    assert!(cases.len() >= 15);
    for case in cases {
        let name = case.file_name().unwrap().to_str().unwrap().to_owned();
        let (set, faults) = TemplateSet::with_own([(name.clone(), std::fs::read(&case).unwrap())]);
        let said: Vec<String> =
            faults.iter().map(|fault| format!("{}: {}", fault.line, fault.what)).collect();
        let expected = std::fs::read_to_string(case.with_extension("expected")).unwrap();
        for line in expected.lines() {
            let (at, words) = line.split_once(": ").unwrap();
            let is_said =
                said.iter().any(|fault| fault.starts_with(&format!("{at}: ")) && fault.contains(words));
            assert!(is_said, "{name}: expected {line:?} in {said:#?}");
        }
        assert_eq!(said.len(), expected.lines().count(), "{name}: {said:#?}");
        assert!(faults.iter().all(|fault| fault.to_string().starts_with(&format!("{name}:"))), "{faults:?}");
        assert_eq!(set.iter().count(), built_in().iter().count(), "{name}");
    }
}

fn own_template(id: &str, text: &str) -> (String, Vec<u8>) {
    let front = format!(
        "+++\nid = \"{id}\"\ntitle = \"T\"\nstance = \"accept\"\nconcerns = [\"unusual\"]\nsituation = \"S\"\n+++\n"
    );
    (format!("{id}.md"), format!("{front}{text}").into_bytes())
}

#[test]
fn the_owners_folder_overrides_and_adds() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in [own_template("any-clarify", "Mine."), own_template("brand-new", "New.")] {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    std::fs::write(folder.path().join("notes.txt"), "no template").unwrap();
    std::fs::write(folder.path().join(".hidden.md"), "no template").unwrap();
    let (set, faults) = TemplateSet::load(Some(folder.path()));
    assert_eq!(faults, []);
    assert_eq!(set.get("any-clarify").unwrap().render(&Values::default()), Ok("Mine.".to_owned()));
    assert!(set.get("brand-new").unwrap().own && !set.get("refund-full").unwrap().own);
}

#[test]
fn a_folder_that_is_not_there_is_said_and_the_built_in_templates_remain() {
    let (set, faults) = TemplateSet::load(Some(Path::new("/nowhere/templates")));
    assert!(
        faults[0].to_string().starts_with("/nowhere/templates: the templates folder can't be read"),
        "{faults:?}"
    );
    assert!(set.get("refund-full").is_some());
}

#[test]
fn windows_files_are_read_like_others() {
    let (name, bytes) = own_template("crlf", "Hello {{ client_first_name }},\n\nYes.\n");
    let crlf = format!("\u{feff}{}", String::from_utf8(bytes).unwrap().replace('\n', "\r\n"));
    let (set, faults) = TemplateSet::with_own([(name, crlf.into_bytes())]);
    assert_eq!(faults, []);
    assert_eq!(set.get("crlf").unwrap().render(&Values::default()), Ok("Hello,\n\nYes.".to_owned()));
}

#[test]
fn a_text_closes_over_a_name_that_can_not_be_told() {
    let rows = [
        ("Hello {{ client_first_name }},", "Hello,"),
        ("Dear {{ client_name }},", "Hello,"),
        ("{{ client_first_name }},", "Hello,"),
        ("{{ client_first_name }}, thank you for waiting.", "Thank you for waiting."),
        ("Thank you, {{ client_first_name }}.", "Thank you."),
        ("Thank you, {{ client_first_name }}, for waiting.", "Thank you for waiting."),
        ("It is about {{ client_name }}'s order.", "It is about your order."),
        ("{% if client_first_name %}Hi {{ client_first_name }}{% else %}Good day{% endif %},", "Good day,"),
    ];
    for (text, expected) in rows {
        let (set, faults) = TemplateSet::with_own([own_template("row", text)]);
        assert_eq!(faults, [], "{text}");
        assert_eq!(set.get("row").unwrap().render(&Values::default()), Ok(expected.to_owned()), "{text}");
    }
}

#[test]
fn what_is_missing_is_asked_in_order_and_nothing_is_rendered_before() {
    let set = built_in();
    let template = set.get("emergency-acknowledge").unwrap();
    let mut values = Values::known(None, &owner(), &original(), &berlin(), &Tone::default());
    let asked: Vec<&str> = template.missing(&values).iter().map(|ask| ask.name.as_str()).collect();
    assert_eq!(asked, ["answer_time", "answer_day"]);
    assert_eq!(template.missing(&values)[1].default.as_deref(), Some("today"));
    values.set("answer_time", "15:00");
    values.set("answer_day", "   ");
    assert_eq!(template.render(&values), Err(RenderFault::Missing(vec!["answer_day".to_owned()])));
    values.set("answer_day", "today");
    assert!(template.render(&values).unwrap().contains("You will have my answer by 15:00 today:"));
}

#[test]
fn what_is_usually_known_is_asked_for_where_it_is_not() {
    let set = built_in();
    let template = set.get("any-acknowledge").unwrap();
    let undated = Message { date: None, ..original() };
    let values =
        Values::known(None, &Address::new("", "kim@example.org"), &undated, &berlin(), &Tone::default());
    let asked: Vec<&str> = template.missing(&values).iter().map(|ask| ask.name.as_str()).collect();
    assert_eq!(asked, ["answer_day", "owner_first_name", "received"]);
    let values = Values::known(None, &owner(), &original(), &berlin(), &Tone::default());
    assert_eq!(values.get("received"), Some("Friday 20 November"));
}

#[test]
fn answers_that_can_not_stand_in_a_letter_are_refused() {
    let rows = [
        (AskKind::Text, "  ", "an answer is needed"),
        (AskKind::Date, "", "an answer is needed"),
        (AskKind::Text, "by [DATE]", "\"[DATE]\" is itself a placeholder"),
        (AskKind::Text, "a\0b", "a control character"),
        (AskKind::Money, "a little", "names no amount: write it with its currency"),
    ];
    for (kind, answer, words) in rows {
        let why = kind.accepts(answer).expect_err(words);
        assert!(why.contains(words), "{answer}: {why}");
    }
    let good = [
        (AskKind::Text, "two\nlines"),
        (AskKind::Time, "noon"),
        (AskKind::Money, "80 EUR"),
        (AskKind::Number, "two"),
    ];
    for (kind, answer) in good {
        assert_eq!(kind.accepts(answer), Ok(()), "{answer}");
    }
}

#[test]
fn a_value_is_never_taken_for_a_placeholder() {
    let (set, _) = TemplateSet::with_own([own_template("row", "About {{ subject }}.")]);
    let mut values = Values::default();
    values.set("subject", "{{ owner_name }} & <b>");
    assert_eq!(set.get("row").unwrap().render(&values), Ok("About {{ owner_name }} & <b>.".to_owned()));
}

/// A row of the table of situations.
#[derive(serde::Deserialize)]
struct Situated {
    id: String,
    concerns: Vec<String>,
    text: String,
    facts: Vec<String>,
    expect: String,
}

#[test]
fn the_reply_that_fits_the_situation_is_offered_first() {
    let set = built_in();
    let table = include_str!("../fixtures/ranking.jsonl");
    let (mut all, mut first, mut among) = (0, 0, 0);
    for line in table.lines() {
        let row: Situated = serde_json::from_str(line).unwrap();
        let concerns: Vec<Concern> =
            Concern::ALL.into_iter().filter(|c| row.concerns.iter().any(|word| word == c.word())).collect();
        let mut heard = heard_in(&row.text);
        for fact in &row.facts {
            let signal = Signal::of_word(fact).unwrap_or_else(|| panic!("{}: {fact}", row.id));
            heard.push(Heard { signal, says: fact.clone() });
        }
        let ranked = rank(&set, &concerns, &heard);
        assert_eq!(ranked.len(), set.iter().count(), "none is hidden");
        let ids: Vec<&str> = ranked.iter().take(3).map(|ranked| ranked.template.id.as_str()).collect();
        all += 1;
        first += usize::from(ids[0] == row.expect);
        among += usize::from(ids.contains(&row.expect.as_str()));
        if ids[0] != row.expect {
            let words: Vec<&str> = heard.iter().map(|heard| heard.signal.word()).collect();
            println!(
                "{} {:?} expects {}, got {ids:?}; heard {words:?}: {}",
                row.id, row.concerns, row.expect, row.text
            );
        }
    }
    println!("first: {first} of {all}; among the first three: {among}");
    assert!(all >= 120);
    assert!(first * 100 >= all * 90, "{first} of {all}");
    assert!(among * 100 >= all * 97, "{among} of {all}");
}

#[test]
fn people_are_called_what_they_call_themselves() {
    let rows = [
        ("Ann Lee", Some("Ann"), Some("Ann Lee")),
        ("Lee, Ann", Some("Ann"), Some("Ann Lee")),
        ("ANN LEE", Some("Ann"), Some("Ann Lee")),
        ("ann o'neil-lee", Some("Ann"), Some("Ann O'Neil-Lee")),
        ("\"Ann Lee\"", Some("Ann"), Some("Ann Lee")),
        ("Ann Lee (Acme)", Some("Ann"), Some("Ann Lee")),
        ("Ann Lee via Forms", Some("Ann"), Some("Ann Lee")),
        ("Ann Lee, PhD", Some("Ann"), Some("Ann Lee")),
        ("van der Berg, Jo", Some("Jo"), Some("Jo van der Berg")),
        ("Dr. Ann Lee", Some("Ann"), Some("Dr. Ann Lee")),
        ("Mr Lee", Some("Mr Lee"), Some("Mr Lee")),
        ("Ann & Tom Lee", Some("Ann and Tom"), Some("Ann & Tom Lee")),
        ("Jörg Müller", Some("Jörg"), Some("Jörg Müller")),
        ("李 明", Some("李"), Some("李 明")),
        ("Ann", Some("Ann"), Some("Ann")),
        ("A. Lee", None, Some("A. Lee")),
        ("Acme Ltd.", None, Some("Acme Ltd.")),
        ("The Corner Shop", None, Some("The Corner Shop")),
        ("Support Team", None, Some("Support Team")),
        ("ann@example.com", None, None),
        ("+49 170 1234567", None, None),
        ("", None, None),
    ];
    for (display, first, full) in rows {
        assert_eq!(first_name(display).as_deref(), first, "{display}");
        assert_eq!(full_name(display).as_deref(), full, "{display}");
    }
}

#[test]
fn leftover_placeholders_are_found_with_their_place() {
    let rows = [
        ("Dear {{ client_first_name }},", "{{ client_first_name }}"),
        ("Dear {{ client_first_name", "{{ client_first_name"),
        ("{% if x %}", "{% if x %}"),
        ("Dear {name},", "{name}"),
        ("Dear ${first_name},", "${first_name}"),
        ("by [DATE] then", "[DATE]"),
        ("Dear [your name],", "[your name]"),
        ("order [order number]", "[order number]"),
        ("[INSERT PRICE HERE]", "[INSERT PRICE HERE]"),
        ("Dear <your name>,", "<your name>"),
        ("Dear <<NAME>>,", "<<NAME>>"),
        ("TODO: ask Jo", "TODO"),
        ("I will send it by TODO.", "TODO"),
        ("ready by XX", "XX"),
        ("for XXX euros", "XXX"),
        ("it costs €XX", "XX"),
        ("at XX:XX", "XX:XX"),
        ("on XX.XX.XXXX", "XX.XX.XXXX"),
        ("in XX days", "XX"),
    ];
    for (text, quote) in rows {
        let found = leftovers(text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert_eq!(found[0].quote, quote, "{text}");
        assert_eq!(&text[found[0].start..found[0].end], quote, "{text}");
    }
}

#[test]
fn ordinary_words_are_no_leftover_placeholders() {
    let rows = [
        "> Dear {{ name }}, by [DATE]",
        "  > TODO: XX",
        "Love, Ann XX",
        "Ann xxx",
        "size XXL",
        "chapter XX of the book",
        "your TODO list",
        "the todo app",
        "as the press wrote [sic]",
        "see the note [1] and [link](https://example.com)",
        "[your name](https://example.com/name)",
        "[x] paid [ ] delivered",
        "write to <ann@example.com>",
        "<https://example.com/your>",
        "the set {1, 2, 3}",
        "a {} b",
        "",
    ];
    for text in rows {
        assert_eq!(leftovers(text), [], "{text}");
    }
}

#[test]
fn a_reply_has_one_re() {
    let rows = [
        ("Menu", "Re: Menu"),
        ("Re: Menu", "Re: Menu"),
        ("RE: re: Re: Menu", "Re: Menu"),
        ("Re[2]: Menu", "Re: Menu"),
        ("Re(3): Menu", "Re: Menu"),
        ("RE : Menu", "Re: Menu"),
        ("AW: Re: Menu", "Re: Menu"),
        ("SV: Menu", "Re: Menu"),
        ("回复：Menu", "Re: Menu"),
        ("Fwd: Menu", "Re: Fwd: Menu"),
        ("Re: Fwd: Re: Menu", "Re: Fwd: Menu"),
        ("[EXTERNAL] Re: Menu", "Re: [EXTERNAL] Menu"),
        ("[EXTERNAL] [#12] AW: Menu", "Re: [EXTERNAL] [#12] Menu"),
        ("[Menu] for two", "Re: [Menu] for two"),
        ("[Menu", "Re: [Menu"),
        ("Regarding: Menu", "Re: Regarding: Menu"),
        ("Re Menu", "Re: Re Menu"),
        ("Ratio 3:1", "Re: Ratio 3:1"),
        ("Re[x]: Menu", "Re: Re[x]: Menu"),
        ("", "Re: your message"),
        ("Re:", "Re: your message"),
        ("  ", "Re: your message"),
    ];
    for (subject, expected) in rows {
        assert_eq!(reply_subject(subject), expected, "{subject:?}");
        assert_eq!(reply_subject(expected), expected, "answered again: {expected:?}");
    }
    assert_eq!(bare_subject("Re: Fwd: AW: Menu"), "Menu");
}

fn ids(text: &str) -> Vec<MessageId> {
    text.split_whitespace().filter_map(MessageId::new).collect()
}

fn reply_to(message: &Message, reply_all: bool) -> Draft {
    Draft::reply(message, &[owner()], reply_all, "Yes.", "", &berlin())
}

#[test]
fn references_follow_the_standard() {
    // Message-ID, In-Reply-To and References of the original; In-Reply-To and References of the reply.
    let rows = [
        ("c", "b", "a b", "c", "a b c"),
        ("c", "b", "", "c", "b c"),
        ("c", "a b", "", "c", "c"),
        ("c", "", "", "c", "c"),
        ("", "b", "a b", "", "a b"),
        ("", "b", "", "", "b"),
        ("", "", "", "", ""),
        ("c", "b", "a b b a c", "c", "a b c"),
    ];
    for (id, parents, references, expected_parent, expected) in rows {
        let message = Message {
            id: MessageId::new(id),
            in_reply_to: ids(parents),
            references: ids(references),
            ..original()
        };
        let draft = reply_to(&message, false);
        assert_eq!(draft.in_reply_to, MessageId::new(expected_parent), "{id}|{parents}|{references}");
        assert_eq!(draft.references, ids(expected), "{id}|{parents}|{references}");
    }
}

#[test]
fn long_references_keep_the_root_and_the_newest() {
    let many: Vec<String> = (0..100).map(|n| format!("m{n}@example.com")).collect();
    let message = Message { references: ids(&many.join(" ")), ..original() };
    let kept = reply_to(&message, false).references;
    assert_eq!(kept.len(), 21);
    assert_eq!(kept[0].as_str(), "m0@example.com");
    assert_eq!(kept[1].as_str(), "m81@example.com");
    assert_eq!(kept[20].as_str(), "m1@example.com");
    let endless = "x".repeat(980);
    let message =
        Message { references: ids(&format!("{endless} ü@example.com a@example.com")), ..original() };
    assert_eq!(reply_to(&message, false).references, ids("a@example.com m1@example.com"));
}

fn list(text: &str) -> Vec<Address> {
    parse_recipients(text).unwrap()
}

#[test]
fn a_reply_goes_to_those_who_expect_it() {
    // From, Reply-To, To, Cc, reply to all -> To, Cc
    let rows = [
        ("ann@example.com", "", "kim@example.org", "", false, "ann@example.com", ""),
        ("ann@example.com", "office@example.com", "kim@example.org", "", false, "office@example.com", ""),
        ("ann@example.com", "kim@example.org", "kim@example.org", "", false, "ann@example.com", ""),
        (
            "ann@example.com",
            "",
            "kim@example.org, bo@example.com",
            "cy@example.com",
            false,
            "ann@example.com",
            "",
        ),
        (
            "ann@example.com",
            "",
            "KIM@example.org, bo@example.com",
            "cy@example.com, BO@example.com, ann@example.com",
            true,
            "ann@example.com",
            "bo@example.com, cy@example.com",
        ),
        ("ann@example.com", "a@example.com, A@example.com", "", "", true, "a@example.com", ""),
        ("kim@example.org", "", "ann@example.com", "bo@example.com", false, "ann@example.com", ""),
        (
            "kim@example.org",
            "",
            "ann@example.com",
            "bo@example.com",
            true,
            "ann@example.com",
            "bo@example.com",
        ),
        ("Kim@example.org", "kim@example.org", "kim@example.org", "", true, "", ""),
    ];
    for (from, reply_to_field, to, cc, all, expected_to, expected_cc) in rows {
        let message = Message {
            from: list(from),
            reply_to: list(reply_to_field),
            to: list(to),
            cc: list(cc),
            ..original()
        };
        let draft = reply_to(&message, all);
        assert_eq!(
            (draft.to, draft.cc),
            (list(expected_to), list(expected_cc)),
            "{from}|{reply_to_field}|{to}|{cc}"
        );
    }
}

#[test]
fn an_address_that_can_not_be_written_to_is_passed_over() {
    let broken = vec![Address::new("Ann", "undisclosed recipients")];
    let message = Message { reply_to: broken.clone(), cc: broken, ..original() };
    let draft = reply_to(&message, true);
    assert_eq!((draft.to, draft.cc), (vec![Address::new("Ann Lee", "ann@example.com")], vec![]));
}

#[test]
fn the_original_stands_below_the_reply_and_the_signature_between() {
    let draft = Draft::reply(&original(), &[owner()], false, "Yes.\n", "Kim Winter\nPrinter", &berlin());
    assert_eq!(
        draft.body,
        "Yes.\n\n-- \nKim Winter\nPrinter\n\n\
         On 20 November 2026 at 09:12, Ann Lee wrote:\n> Could I have them tomorrow?\n>\n> Ann\n"
    );
}

#[test]
fn quoting_keeps_what_was_newly_written_and_short_history() {
    let long = "> line\n".repeat(30);
    let rows = [
        (vec![(ZoneKind::New, "Yes"), (ZoneKind::Signature, "--\nAnn")], "> Yes"),
        (
            vec![(ZoneKind::Quoted, "> Red?\n> > old\n>> older"), (ZoneKind::New, "Blue.")],
            ">> Red?\n>\n> Blue.",
        ),
        (vec![(ZoneKind::New, "Yes"), (ZoneKind::Quoted, long.as_str())], "> Yes"),
        (vec![(ZoneKind::New, "Yes"), (ZoneKind::Disclaimer, "Confidential")], "> Yes"),
    ];
    for (zones, expected) in rows {
        let message = Message { body: body(&zones), ..original() };
        let text = reply_to(&message, false).body;
        let quote = text.split_once("wrote:\n").unwrap().1;
        assert_eq!(quote.trim_end(), expected);
    }
}

#[test]
fn long_lines_are_wrapped_and_long_originals_cut() {
    let paragraph = "word ".repeat(60);
    let message = Message { body: body(&[(ZoneKind::New, paragraph.trim())]), ..original() };
    let text = reply_to(&message, false).body;
    assert!(text.lines().all(|line| line.len() <= 78), "{text}");
    let message = Message { body: body(&[(ZoneKind::New, &"ü".repeat(2_000_000))]), ..original() };
    assert!(reply_to(&message, false).body.len() < 40_000);
    let endless = "line\n".repeat(5000);
    let message = Message { body: body(&[(ZoneKind::New, endless.trim())]), ..original() };
    let text = reply_to(&message, false).body;
    assert!(text.trim_end().ends_with("> [...]") && text.lines().count() < 220);
}

#[test]
fn an_original_without_text_date_or_author_is_still_answered() {
    let message = Message { date: None, ..original() };
    assert!(reply_to(&message, false).body.contains("\n\nAnn Lee wrote:\n> Could"));
    let message = Message { date: None, from: vec![], ..original() };
    assert!(reply_to(&message, false).body.contains("\n\nYou wrote:\n> Could"));
    let message = Message { body: Body::default(), ..original() };
    assert_eq!(reply_to(&message, false).body, "Yes.\n");
}

#[test]
fn typed_recipients_are_read() {
    let rows: [(&str, &[(&str, &str)]); 8] = [
        ("ann@example.com", &[("", "ann@example.com")]),
        ("Ann Lee <ann@example.com>", &[("Ann Lee", "ann@example.com")]),
        ("\"Lee, Ann\" <ann@example.com>", &[("Lee, Ann", "ann@example.com")]),
        (r#""Ann \"Bo\" Lee" <ann@example.com>"#, &[("Ann \"Bo\" Lee", "ann@example.com")]),
        ("a@example.com, Bo <b@example.com>,", &[("", "a@example.com"), ("Bo", "b@example.com")]),
        ("a@example.com, A@EXAMPLE.com", &[("", "a@example.com")]),
        ("<o'neil+x@sub.example.co>", &[("", "o'neil+x@sub.example.co")]),
        ("  ", &[]),
    ];
    for (text, expected) in rows {
        let expected: Vec<Address> =
            expected.iter().map(|(name, address)| Address::new(*name, *address)).collect();
        assert_eq!(parse_recipients(text), Ok(expected), "{text}");
    }
}

#[test]
fn typed_recipients_that_can_not_be_read_are_named() {
    let rows = [
        ("ann", "\"ann\" is no mail address: it has no @"),
        ("ann@", "something is missing before or after the @"),
        ("@example.com", "something is missing before or after the @"),
        ("ann@example..com", "the part after the @ is no domain"),
        ("ann@-example.com", "the part after the @ is no domain"),
        ("a..nn@example.com", "a misplaced dot"),
        ("a@b@example.com", "a character that can't stand there"),
        ("ann@example.com bo@example.com", "it holds a space"),
        ("ann@exämple.com", "xn--"),
        ("Ann <ann@example.com> <bo@example.com>", "separate recipients with commas"),
        ("\"Ann <ann@example.com>", "double quote that is never closed"),
        ("Lee, Ann <ann@example.com>", "\"Lee\" is no mail address"),
        ("ann@example.com\r\nBcc: x@example.com", "U+000D"),
        ("ann@example.com\nbo@example.com", "U+000A"),
        ("An\u{1b}n <ann@example.com>", "U+001B"),
        ("ann@example.com\0", "U+0000"),
    ];
    for (text, words) in rows {
        let fault = parse_recipients(text).expect_err(text);
        assert!(fault.contains(words), "{text}: {fault}");
    }
}

proptest! {
    #[test]
    fn any_typed_recipients_are_read_or_refused(text in any::<String>()) {
        if let Ok(addresses) = parse_recipients(&text) {
            for address in addresses {
                prop_assert!(!address.to_string().contains(char::is_control));
                prop_assert!(address.address.is_ascii() && address.address.contains('@'));
            }
        }
    }

    #[test]
    fn any_subject_gets_one_re(subject in "(?i)((re|aw|fwd)(\\[[0-9]\\])?: ?){0,4}[a-z :\\[\\]]{0,12}") {
        let once = reply_subject(&subject);
        prop_assert!(once.starts_with("Re: "));
        prop_assert_eq!(reply_subject(&once), once);
    }

    #[test]
    fn leftovers_are_quotes_in_order(text in "[\\[\\]{}<>A-Za-z%$€ \n>:ü]{0,80}|[^\\x00]{0,60}") {
        let mut reached = 0;
        for leftover in leftovers(&text) {
            prop_assert!(leftover.start >= reached);
            prop_assert_eq!(&text[leftover.start..leftover.end], &leftover.quote);
            reached = leftover.end;
        }
    }
}

#[test]
fn every_letter_that_the_program_names_is_there() {
    let kinds = "any|complaint|conflict|emergency|refund|relationship|unusual|absence|follow-up";
    let named = regex::Regex::new(&format!("\"((?:{kinds})-[a-z0-9-]+)\"")).unwrap();
    let templates = built_in();
    let mut found = std::collections::BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if entry.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&entry).unwrap();
                found.extend(named.captures_iter(&text).map(|captures| captures[1].to_owned()));
            }
        }
    }
    // Words of other kinds that look alike.
    found.retain(|id| !matches!(id.as_str(), "refund-open" | "refund-closed" | "refund-due"));
    assert!(found.len() > 15, "{found:?}");
    for id in found {
        assert!(templates.get(&id).is_some(), "there is no letter {id}");
    }
}
