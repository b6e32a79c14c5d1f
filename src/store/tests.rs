//! What the store keeps, and what it refuses.

use jiff::civil::date;

use super::*;
use crate::ledger::{CommitmentState, Errand, Occasion, Party, Promise};
use crate::mail::{Address, Message, MessageId, Outgoing, RawMessage};
use crate::reply::Draft;
use crate::triage::{Acquaintance, Concern, Depth, Engine, Lesson, Sender, Settings};

struct Home {
    _folder: tempfile::TempDir,
    store: Store,
    now: Timestamp,
}

fn home() -> Home {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    Home { _folder: folder, store, now: "2026-11-20T09:00:00Z".parse().unwrap() }
}

fn id(text: &str) -> MessageId {
    MessageId::new(text).unwrap()
}

impl Home {
    /// Takes in a message `me` that refers to `references`.
    fn arrive(&mut self, uid_validity: u32, uid: u32, me: &str, references: &[&str]) -> TakenIn {
        let message = Message {
            id: Some(id(me)),
            references: references.iter().map(|text| id(text)).collect(),
            from: vec![Address::new("Ann Lee", "ann@example.org")],
            subject: "Photos".to_owned(),
            date: Some(self.now),
            ..Message::default()
        };
        let raw = RawMessage {
            place: "test".to_owned(),
            uid: Some(uid),
            received: None,
            flags: vec!["\\Seen".to_owned()],
            bytes: format!("Message-ID: {me}").into_bytes(),
        };
        let engine = Engine::new(Settings::default());
        let judged = engine.judge(&message, Acquaintance::default(), Depth::Brief);
        let arrival = Arrival {
            account: "studio",
            folder: "INBOX",
            uid_validity,
            raw: &raw,
            message: &message,
            judged: &judged,
            reader: "test",
            signs: &crate::ledger::Signs::default(),
        };
        self.store.take_in(&[arrival], self.now).unwrap()[0]
    }

    fn queue(&mut self, reply_to: i64) -> i64 {
        self.queue_with(reply_to, "only", &Pledges::default())
    }

    fn queue_with(&mut self, reply_to: i64, name: &str, pledges: &Pledges) -> i64 {
        let draft = Draft { body: "Hello Ann".to_owned(), ..Draft::default() };
        let saved = SavedDraft {
            account: "studio".to_owned(),
            template: None,
            draft,
            promises: Vec::new(),
            errand: Errand::Reply,
        };
        self.store.save_draft(reply_to, &saved, self.now).unwrap();
        let outgoing = Outgoing {
            message_id: id(&format!("reply-{name}-to-{reply_to}@example.com")),
            from: "me@example.com".to_owned(),
            recipients: vec!["ann@example.org".to_owned()],
            bytes: b"Subject: x\r\n\r\nHello Ann\r\n".to_vec(),
        };
        self.store.queue(&saved, Some(reply_to), &outgoing, pledges, self.now, self.now).unwrap()
    }
}

fn new_id(taken: TakenIn) -> i64 {
    match taken {
        TakenIn::New(id) => id,
        TakenIn::Known(id) => panic!("message {id} was known already"),
    }
}

#[test]
fn a_message_taken_in_twice_is_there_once() {
    let mut home = home();
    let first = new_id(home.arrive(1, 7, "a@example.org", &[]));
    assert_eq!(home.arrive(1, 7, "a@example.org", &[]), TakenIn::Known(first));
    assert_eq!(home.store.rows().unwrap().len(), 1);
}

#[test]
fn a_new_uidvalidity_keeps_what_was_done_and_corrected() {
    let mut home = home();
    let first = new_id(home.arrive(1, 7, "a@example.org", &[]));
    let correction = Correction { sender: Sender::Client, concerns: vec![Concern::Refund] };
    home.store.correct(first, Some(&correction), home.now).unwrap();
    home.store.set_done(first, true).unwrap();
    assert_eq!(home.arrive(2, 90, "a@example.org", &[]), TakenIn::Known(first));
    let rows = home.store.rows().unwrap();
    assert_eq!((rows.len(), rows[0].done, rows[0].concerns()), (1, true, &[Concern::Refund][..]));
    assert_eq!(home.store.location(first).unwrap(), Some(("studio".into(), "INBOX".into(), 2, 90)));
}

#[test]
fn threads_join_whatever_the_order_of_arrival() {
    // The middle message comes last and links the two ends.
    let mut home = home();
    home.arrive(1, 1, "first@example.org", &[]);
    home.arrive(1, 2, "third@example.org", &["second@example.org"]);
    home.arrive(1, 3, "second@example.org", &["first@example.org"]);
    home.arrive(1, 4, "other@example.org", &[]);
    let rows = home.store.rows().unwrap();
    let threads: std::collections::BTreeSet<_> = rows.iter().map(|row| row.thread.0.as_str()).collect();
    assert_eq!(threads.into_iter().collect::<Vec<_>>(), ["first@example.org", "other@example.org"]);
}

#[test]
fn a_correction_can_be_taken_back() {
    let mut home = home();
    let message = new_id(home.arrive(1, 1, "a@example.org", &[]));
    let correction = Correction { sender: Sender::Other, concerns: Vec::new() };
    home.store.correct(message, Some(&correction), home.now).unwrap();
    assert_eq!(home.store.rows().unwrap()[0].sender(), Sender::Other);
    home.store.correct(message, None, home.now).unwrap();
    assert_eq!(home.store.rows().unwrap()[0].correction, None);
}

#[test]
fn queueing_removes_the_draft_and_taking_back_restores_it() {
    let mut home = home();
    let message = new_id(home.arrive(1, 1, "a@example.org", &[]));
    let item = home.queue(message);
    assert_eq!(home.store.draft(message).unwrap(), None);
    assert_eq!(home.store.rows().unwrap()[0].reply, Some(OutboxState::Queued));
    home.store.take_back(item, home.now).unwrap();
    assert_eq!(home.store.draft(message).unwrap().unwrap().draft.body, "Hello Ann");
    assert!(home.store.outbox().unwrap().is_empty());
}

#[test]
fn a_reply_begins_to_be_sent_only_once_and_then_stays() {
    let mut home = home();
    let message = new_id(home.arrive(1, 1, "a@example.org", &[]));
    let item = home.queue(message);
    let (begun, outgoing) = home.store.begin_sending(home.now).unwrap().unwrap();
    assert_eq!((begun.id, begun.state, begun.attempts), (item, OutboxState::Sending, 1));
    assert_eq!(outgoing.bytes, b"Subject: x\r\n\r\nHello Ann\r\n");
    assert_eq!(home.store.begin_sending(home.now).unwrap(), None);
    let fault = home.store.take_back(item, home.now).unwrap_err().to_string();
    assert!(fault.contains("is sending and can't be taken back"), "{fault}");
}

#[test]
fn what_was_being_sent_when_the_program_ended_is_unknown() {
    let mut home = home();
    let message = new_id(home.arrive(1, 1, "a@example.org", &[]));
    let item = home.queue(message);
    home.store.begin_sending(home.now).unwrap().unwrap();
    assert_eq!(home.store.interrupt_sending(home.now).unwrap(), 1);
    let item = home.store.outbox_item(item).unwrap().unwrap();
    assert_eq!(item.state, OutboxState::Unknown);
    assert!(!home.store.has_due(home.now).unwrap(), "an unknown reply is never due");
}

#[cfg(unix)]
#[test]
fn nobody_else_can_read_the_store() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("data");
    let store = Store::open(&inner).unwrap();
    store.set_cursor("a", "INBOX", Cursor { uid_validity: 1, last_uid: 2 }, Timestamp::UNIX_EPOCH).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&inner), 0o700);
    for file in fs::read_dir(&inner).unwrap() {
        let path = file.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[test]
fn a_store_of_a_later_version_is_refused_with_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    drop(Store::open(folder.path()).unwrap());
    let db = Connection::open(folder.path().join(FILE)).unwrap();
    db.pragma_update(None, "user_version", 999).unwrap();
    let fault = format!("{:#}", Store::open(folder.path()).unwrap_err());
    assert!(fault.contains("later version of amicable") && fault.contains("update amicable"), "{fault}");
}

#[test]
fn a_file_that_is_no_database_is_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(FILE), b"not a database, but long enough to look like one".repeat(30))
        .unwrap();
    let fault = format!("{:#}", Store::open(folder.path()).unwrap_err());
    assert!(fault.contains("amicable.db") && fault.contains("move that file away"), "{fault}");
}

#[test]
fn taking_back_never_replaces_another_draft() {
    let mut home = home();
    let message = new_id(home.arrive(1, 1, "a@example.org", &[]));
    let item = home.queue(message);
    let draft = Draft { body: "A second thought".to_owned(), ..Draft::default() };
    let saved = SavedDraft {
        account: "studio".to_owned(),
        template: None,
        draft,
        promises: Vec::new(),
        errand: Errand::Reply,
    };
    home.store.save_draft(message, &saved, home.now).unwrap();
    let fault = home.store.take_back(item, home.now).unwrap_err().to_string();
    assert!(fault.contains("another draft"), "{fault}");
    assert_eq!(home.store.draft(message).unwrap(), Some(saved));
    assert_eq!(home.store.outbox().unwrap().len(), 1);
}

#[test]
fn the_number_of_a_reply_that_was_taken_back_is_never_given_again() {
    // The sender may hold the old one in mind.
    let mut home = home();
    let message = new_id(home.arrive(1, 1, "a@example.org", &[]));
    let first = home.queue(message);
    home.store.take_back(first, home.now).unwrap();
    assert!(home.queue(message) > first);
}

#[test]
fn a_clock_set_back_does_not_hold_a_reply_for_hours() {
    let mut home = home();
    let message = new_id(home.arrive(1, 1, "a@example.org", &[]));
    home.queue(message);
    let minutes_before = home.now - jiff::SignedDuration::from_mins(5);
    assert!(!home.store.has_due(minutes_before).unwrap(), "an undo window holds");
    let hours_before = home.now - jiff::SignedDuration::from_hours(3);
    assert!(home.store.has_due(hours_before).unwrap());
}

#[test]
fn only_an_unknown_reply_is_settled_by_the_owners_word() {
    let mut home = home();
    let message = new_id(home.arrive(1, 1, "a@example.org", &[]));
    let item = home.queue(message);
    home.store.begin_sending(home.now).unwrap();
    home.store.set_outbox_state(item, OutboxState::Sent, "", home.now, home.now).unwrap();
    home.store.settle(item, OutboxState::Queued, home.now).unwrap();
    assert_eq!(home.store.outbox_item(item).unwrap().unwrap().state, OutboxState::Sent);
}

#[test]
fn two_writers_wait_for_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let write = |account: &'static str| {
        let mut home = Home {
            store: Store::open(folder.path()).unwrap(),
            now: "2026-11-20T09:00:00Z".parse().unwrap(),
            _folder: tempfile::tempdir().unwrap(),
        };
        move || {
            for uid in 0..60 {
                home.arrive(1, uid, &format!("{account}-{uid}@example.org"), &[]);
            }
        }
    };
    let both = [std::thread::spawn(write("one")), std::thread::spawn(write("two"))];
    for thread in both {
        thread.join().unwrap();
    }
}

fn lesson(text: &str) -> Lesson {
    Lesson {
        id: 0,
        address: "ann@example.org".to_owned(),
        known: 0.0,
        subject: String::new(),
        body: text.to_owned(),
        sender: Sender::Client,
        concerns: vec![Concern::Unusual],
    }
}

#[test]
fn lessons_are_events_and_what_is_in_force_is_their_replay() {
    let mut setup = home();
    let message = new_id(setup.arrive(1, 1, "one@example.org", &[]));
    let store = &mut setup.store;
    let first = store.teach(Some(message), lesson("one"), setup.now).unwrap();
    let second = store.teach(None, lesson("two"), setup.now).unwrap();
    assert_eq!((first, second), (1, 2));
    // The same message again: the same lesson, said anew.
    assert_eq!(store.teach(Some(message), lesson("one, mended"), setup.now).unwrap(), first);
    let bodies = |store: &Store| -> Vec<String> {
        store.lessons().unwrap().into_iter().map(|kept| kept.lesson.body).collect()
    };
    assert_eq!(bodies(store), ["one, mended", "two"]);
    assert_eq!(store.lesson_of(message).unwrap(), Some(first));
    assert!(store.forget(first, setup.now).unwrap());
    assert!(!store.forget(first, setup.now).unwrap(), "it is forgotten already");
    assert!(!store.forget(99, setup.now).unwrap());
    assert_eq!((bodies(store), store.lesson_of(message).unwrap()), (vec!["two".to_owned()], None));
    let third = store.teach(Some(message), lesson("three"), setup.now).unwrap();
    assert_eq!(third, 3, "a number is never given again");
    assert_eq!(bodies(store), ["two", "three"]);
}

#[test]
fn what_a_verdict_rests_on_is_kept_with_it_and_a_known_client_is_known() {
    let mut setup = home();
    let message = new_id(setup.arrive(1, 1, "one@example.org", &[]));
    let judged = setup.store.judged().unwrap();
    assert_eq!(judged.len(), 1);
    assert_eq!(judged[0].0, message);
    let mut verdict = judged[0].1.verdict.clone();
    verdict.concerns = vec![Concern::Refund];
    setup.store.renew_verdicts(&[(message, verdict)]).unwrap();
    assert_eq!(setup.store.judged().unwrap()[0].1.verdict.concerns, [Concern::Refund]);
    assert_eq!(setup.store.read_by_another("studio", "test").unwrap(), Vec::<i64>::new());
    assert_eq!(setup.store.read_by_another("studio", "another").unwrap(), [message]);
}

#[test]
fn a_promise_follows_the_fate_of_its_reply() {
    let mut home = home();
    let message = new_id(home.arrive(1, 7, "a@example.org", &[]));
    let promise = Promise {
        who: Party::Owner,
        what: "the photos".to_owned(),
        by: "Friday".to_owned(),
        condition: Some("their yes".to_owned()),
    };
    let given = vec![Given { promise: promise.clone(), due: Some(home.now) }];
    let first = home.queue_with(message, "one", &Pledges { given, ..Pledges::default() });
    let open = home.store.commitments().unwrap();
    assert_eq!(
        (open.len(), open[0].client.address.as_str(), open[0].due),
        (1, "ann@example.org", Some(home.now))
    );
    let ledger = home.store.records().unwrap().ledger;
    assert_eq!(ledger.writer(message).unwrap().commitments, open);

    // The next reply keeps it; taken back, it is open again.
    let kept = Pledges { kept: vec![open[0].id], ..Pledges::default() };
    let second = home.queue_with(message, "two", &kept);
    assert_eq!(home.store.commitments().unwrap()[0].state, CommitmentState::Kept);
    home.store.take_back(second, home.now).unwrap();
    assert_eq!(home.store.commitments().unwrap()[0].state, CommitmentState::Open);
    home.store.discard_draft(message).unwrap();

    // A reply that was refused for good has promised nothing; one that is taken back never did.
    home.store.set_outbox_state(first, OutboxState::Failed, "no", home.now, home.now).unwrap();
    assert_eq!(home.store.commitments().unwrap(), []);
    home.store.take_back(first, home.now).unwrap();
    assert_eq!(home.store.commitments().unwrap(), []);
}

#[test]
fn a_promise_is_moved_released_and_opened_again() {
    let mut home = home();
    let message = new_id(home.arrive(1, 7, "a@example.org", &[]));
    let promise =
        Promise { who: Party::Client, what: "the text".to_owned(), by: "Friday".to_owned(), condition: None };
    home.store.promise(message, &[Given { promise, due: None }], home.now).unwrap();
    let id = home.store.commitments().unwrap()[0].id;
    home.store.move_commitment(id, "Monday", Some(home.now)).unwrap();
    let moved = &home.store.commitments().unwrap()[0];
    assert_eq!((moved.by.as_str(), moved.due, moved.moved), ("Monday", Some(home.now), 1));
    for state in [CommitmentState::Released, CommitmentState::Kept, CommitmentState::Open] {
        home.store.set_commitment(id, state, home.now).unwrap();
        assert_eq!(home.store.commitments().unwrap()[0].state, state);
    }
    assert!(home.store.set_commitment(99, CommitmentState::Kept, home.now).is_err());
}

#[test]
fn what_is_said_of_clients_is_taken_back_as_if_it_never_was_said() {
    use crate::ledger::{Deed, Mark, Person};
    let (mut home, mut other) = (home(), self::home());
    for home in [&mut home, &mut other] {
        home.arrive(1, 7, "a@example.org", &[]);
    }
    let person = |text: &str| Person::parse(text).unwrap();
    let note = |text: &str| Deed::Mark {
        person: person("ann@example.org"),
        mark: Mark::Note { text: text.to_owned() },
    };
    let deeds = [
        note("first"),
        Deed::Join { one: person("ann@example.org"), other: person("ann@work.example.org") },
        Deed::Share { address: "ann@example.org".to_owned(), shared: true },
        Deed::Split { person: person("ann@work.example.org") },
        note("last"),
    ];
    for back in 0..deeds.len() {
        // In one store all is said and one thing taken back; in the other that was never said.
        let said: Vec<i64> = deeds.iter().map(|deed| home.store.add_entry(deed, home.now).unwrap()).collect();
        home.store.remove_entry(said[back]).unwrap();
        for (_, deed) in deeds.iter().enumerate().filter(|(at, _)| *at != back) {
            other.store.add_entry(deed, other.now).unwrap();
        }
        let without_numbers = |home: &Home| {
            let mut clients = home.store.records().unwrap().ledger.clients().to_vec();
            for mark in clients.iter_mut().flat_map(|client| &mut client.marks) {
                mark.0 = 0;
            }
            clients
        };
        assert_eq!(without_numbers(&home), without_numbers(&other), "{back}");
        for home in [&home, &other] {
            for entry in home.store.entries().unwrap() {
                home.store.remove_entry(entry.id).unwrap();
            }
        }
    }
    assert!(home.store.remove_entry(99).is_err());
}

#[test]
fn a_notice_goes_to_nobody_twice_unless_it_was_refused() {
    let mut home = home();
    let message = new_id(home.arrive(1, 7, "a@example.org", &[]));
    let occasion = Occasion::Absence { from: date(2026, 12, 7), until: date(2026, 12, 11) };
    let tell = |home: &mut Home, name: &str| {
        let draft = Draft {
            to: vec![Address::new("Ann", "Ann@example.org")],
            body: "Away".to_owned(),
            ..Draft::default()
        };
        let errand = Errand::Notice(occasion.clone());
        let saved =
            SavedDraft { account: "studio".to_owned(), template: None, draft, promises: Vec::new(), errand };
        let outgoing = Outgoing {
            message_id: id(&format!("{name}@example.com")),
            from: "me@example.com".to_owned(),
            recipients: vec!["ann@example.org".to_owned()],
            bytes: b"Subject: x\r\n\r\nAway\r\n".to_vec(),
        };
        home.store.queue(&saved, Some(message), &outgoing, &Pledges::default(), home.now, home.now)
    };
    let first = tell(&mut home, "one").unwrap();
    let fault = tell(&mut home, "two").unwrap_err();
    assert!(fault.to_string().contains("has been told already"), "{fault:#}");
    // It answers nothing: the message is still to be answered.
    assert_eq!(home.store.rows().unwrap()[0].reply, None);
    home.store.set_outbox_state(first, OutboxState::Failed, "no", home.now, home.now).unwrap();
    assert_eq!(home.store.rows().unwrap()[0].reply, Some(OutboxState::Failed), "what got stuck is shown");
    tell(&mut home, "three").unwrap();
}

#[test]
fn a_stopped_mail_has_kept_and_replaced_nothing_and_one_that_went_out_is_not_stopped() {
    let mut home = home();
    let message = new_id(home.arrive(1, 7, "a@example.org", &[]));
    let promise = Promise {
        who: Party::Owner,
        what: "the photos".to_owned(),
        by: "Friday".to_owned(),
        condition: None,
    };
    home.store
        .promise(message, &[Given { promise: promise.clone(), due: Some(home.now) }], home.now)
        .unwrap();
    let old = home.store.commitments().unwrap()[0].id;
    let pledges = Pledges {
        given: vec![Given { promise, due: Some(home.now) }],
        replaced: vec![old],
        awaits: true,
        ..Pledges::default()
    };
    let open = |home: &Home| -> Vec<(i64, u32)> {
        let all = home.store.commitments().unwrap();
        all.iter().filter(|owed| owed.is_open()).map(|owed| (owed.id, owed.moved)).collect()
    };
    let item = home.queue_with(message, "one", &pledges);
    assert_eq!(open(&home), [(old + 1, 1)], "the new day stands, and counts as moved");
    let records = home.store.records().unwrap();
    assert_eq!(records.follow_ups.len(), 1);
    let stopped = home.store.stop(&[(item, "pointless".to_owned())], home.now).unwrap();
    assert_eq!((stopped, open(&home)), (1, vec![(old, 0)]));
    assert!(home.store.records().unwrap().follow_ups.is_empty(), "nothing was asked");
    let sent = home.queue_with(message, "two", &pledges);
    home.store.set_outbox_state(sent, OutboxState::Sent, "", home.now, home.now).unwrap();
    assert_eq!(home.store.stop(&[(sent, "late".to_owned())], home.now).unwrap(), 0);
    let still = open(&home);
    assert!(still.len() == 1 && still[0].0 != old && still[0].1 == 1, "what went out holds: {still:?}");
    home.store.set_awaits(sent, false).unwrap();
    assert!(home.store.records().unwrap().follow_ups.is_empty());
}

#[test]
fn messages_are_put_off_and_exercises_kept_and_forgotten() {
    use crate::ledger::Snooze;
    let mut home = home();
    let message = new_id(home.arrive(1, 7, "a@example.org", &[]));
    home.store.snooze(message, None, home.now).unwrap();
    home.store.snooze(message, Some(home.now), home.now).unwrap();
    let snooze = Snooze { until: Some(home.now), since: home.now };
    assert_eq!(home.store.rows().unwrap()[0].snooze, Some(snooze));
    assert_eq!(home.store.records().unwrap().snoozes, [(message, snooze)]);
    home.store.wake(message).unwrap();
    assert_eq!(home.store.rows().unwrap()[0].snooze, None);

    let thought = super::Reflection { belief: "I must".to_owned(), ..super::Reflection::default() };
    let number = home.store.reflect(&thought, home.now).unwrap();
    assert_eq!(home.store.reflections().unwrap(), [(number, home.now, thought)]);
    home.store.forget_reflection(number).unwrap();
    assert!(home.store.reflections().unwrap().is_empty());
    assert!(home.store.forget_reflection(number).is_err());
}

#[test]
fn a_store_of_the_third_version_is_taken_over_with_all_that_is_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let db = rusqlite::Connection::open(folder.path().join("amicable.db")).unwrap();
    schema::build(&db, 3).unwrap();
    let verdict = serde_json::to_string(
        &Engine::new(Settings::default())
            .judge(&Message::default(), Acquaintance::default(), Depth::Brief)
            .verdict,
    )
    .unwrap();
    db.execute_batch(&format!(
        "INSERT INTO message (id, account, folder, uid_validity, uid, message_id, thread, sent_at, from_name, from_address, \
         subject, flags, raw, arrived_at) VALUES (1, 'a', 'INBOX', 1, 1, 'm@example.org', 'm@example.org', 1, 'Ann', \
         'ann@example.org', 'Hello', '', CAST('From: ann@example.org\r\n\r\nHello' AS BLOB), 2); \
         INSERT INTO verdict (message, reader, json) VALUES (1, 'r', '{verdict}'); \
         INSERT INTO draft (account, reply_to, json, updated_at) VALUES ('a', 1, '{{\"to\":[],\"cc\":[],\"subject\":\"Re\",\"in_reply_to\":null,\"references\":[],\"body\":\"mine\"}}', 3);"
    ))
    .unwrap();
    drop(db);
    let mut store = Store::open(folder.path()).unwrap();
    let draft = store.draft(1).unwrap().unwrap();
    assert_eq!((draft.draft.body.as_str(), draft.errand), ("mine", Errand::Reply));
    assert_eq!(store.without_signs().unwrap(), [1]);
    store.set_signs(&[(1, crate::ledger::Signs::default())]).unwrap();
    assert!(store.without_signs().unwrap().is_empty());
    assert_eq!(store.records().unwrap().messages.len(), 1);
}
