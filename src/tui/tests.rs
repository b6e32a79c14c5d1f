//! Keys in, screen out: what a person does in a session, and what they see. On the demo inbox, with the real
//! parser, engine, store and composer; the clock stands still unless a test moves it.

mod clients;

use std::fmt::Write as _;
use std::path::Path;
use std::sync::{LazyLock, mpsc};
use std::time::Duration;

use jiff::ToSpan;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::keys::Key;
use super::*;
use crate::config::Environment;
use crate::source::demo;
use crate::worker::{self, Outbox, Report, Route, Setup};

/// The day of every test: a Friday morning.
const NOW: &str = "2026-11-20T10:30:00[Europe/London]";

struct Sitting {
    desk: Desk,
    state: State,
    setup: Setup,
    folder: tempfile::TempDir,
    /// What the owner's own editor makes of a text; nothing for a broken editor.
    editor: fn(&str) -> Result<String>,
}

/// A store with the demo inbox in it, made once: reading all of it takes a second in a debug build.
static DEMO_STORE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let sitting = sit_at(SMALL, demo::inbox(&NOW.parse().unwrap()));
    let Sitting { desk, folder, .. } = sitting;
    // The last to close brings all that was written into the one file.
    drop(desk);
    std::fs::read(folder.path().join("amicable.db")).unwrap()
});

/// A sitting at the demo inbox.
fn sit(size: (u16, u16)) -> Sitting {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("amicable.db"), &*DEMO_STORE).unwrap();
    sit_in(folder, size)
}

/// A sitting at an inbox with these messages.
fn sit_at(size: (u16, u16), inbox: Vec<crate::mail::RawMessage>) -> Sitting {
    let folder = tempfile::tempdir().unwrap();
    let sitting = sit_in(folder, size);
    let Sitting { mut desk, setup, folder, .. } = sitting;
    worker::take_in_all(&mut desk.store, &setup.engine, "studio", &[demo::owner()], inbox).unwrap();
    drop(desk);
    sit_in(folder, size)
}

/// A sitting at the store in a folder.
fn sit_in(folder: tempfile::TempDir, size: (u16, u16)) -> Sitting {
    let text = include_str!("../../assets/demo/config.toml");
    let config = Config::from_toml(text, Path::new("config.toml"), &Environment::default()).unwrap();
    sit_with(folder, size, config)
}

/// The same with this configuration.
fn sit_with(folder: tempfile::TempDir, size: (u16, u16), config: Config) -> Sitting {
    let config = Arc::new(config);
    let engine = Arc::new(crate::triage::Engine::new(config.triage()));
    let store = Store::open(folder.path()).unwrap();
    let setup = Setup {
        config: Arc::clone(&config),
        data: folder.path().to_owned(),
        route: Route::Folder(folder.path().join("outbox")),
        engine,
    };
    let desk = Desk { config, engine: Arc::clone(&setup.engine), store, wake: false, opened: None };
    let shown = Some("/tmp/amicable-demo/outbox".to_owned());
    let templates = TemplateSet::load(None).0;
    let state = desk.state(templates, shown, size, NOW.parse().unwrap(), Theme::new(true)).unwrap();
    Sitting { desk, state, setup, folder, editor: |_| anyhow::bail!("no editor here") }
}

impl Sitting {
    /// Presses keys, written as in the table and separated by spaces. True when the session ended.
    fn press(&mut self, keys: &str) -> bool {
        let mut ended = false;
        for name in keys.split(' ') {
            let key = Key::parse(name).unwrap_or_else(|| panic!("'{name}' is no key"));
            ended |= self.happen(Event::Key(key));
        }
        ended
    }

    /// Types a text letter by letter.
    fn write(&mut self, text: &str) {
        for letter in text.chars() {
            let name = if letter == ' ' { "space".to_owned() } else { letter.to_string() };
            self.press(&name);
        }
    }

    fn happen(&mut self, event: Event) -> bool {
        let effects = update(&mut self.state, event);
        let editor = self.editor;
        self.desk.perform_all(&mut self.state, effects, &mut |text| editor(text))
    }

    /// Lets time go on.
    fn wait(&mut self, seconds: i64) -> bool {
        let later = self.state.now.checked_add(seconds.seconds()).unwrap();
        self.happen(Event::Tick(later))
    }

    /// Lets the sender work, as if its clock were far ahead, and takes in what it says.
    fn send(&mut self) {
        self.send_by(|| "2099-01-01T00:00[UTC]".parse().unwrap());
    }

    /// The same by this clock.
    fn send_by(&mut self, clock: worker::Clock) {
        let (say, said) = mpsc::channel();
        Outbox::open(&self.setup, Arc::default(), Arc::default()).unwrap().work(&say, clock);
        drop(say);
        let reports: Vec<Report> = said.into_iter().collect();
        self.desk.take_reports(&mut self.state, reports).unwrap();
    }

    /// The texts in the folder that the demo's replies land in.
    fn landed(&self) -> Vec<String> {
        let Ok(files) = std::fs::read_dir(self.folder.path().join("outbox")) else { return Vec::new() };
        files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()).collect()
    }

    /// The screen as text.
    fn screen(&self) -> String {
        let (width, height) = self.state.size;
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| view::view(&self.state, frame)).unwrap();
        let buffer = terminal.backend().buffer();
        let mut text = String::new();
        for row in buffer.content().chunks(usize::from(width)) {
            let line: String = row.iter().map(ratatui::buffer::Cell::symbol).collect();
            writeln!(text, "{}", line.trim_end()).unwrap();
        }
        text
    }
}

const SMALL: (u16, u16) = (80, 24);

#[test]
fn the_queue_shows_first_who_needs_an_answer() {
    insta::assert_snapshot!(sit(SMALL).screen());
}

#[test]
fn the_queue_uses_a_large_window() {
    insta::assert_snapshot!(sit((140, 40)).screen());
}

#[test]
fn the_other_groups_follow() {
    let mut sitting = sit(SMALL);
    sitting.press("tab");
    insta::assert_snapshot!("routine", sitting.screen());
    sitting.press("tab");
    insta::assert_snapshot!("others", sitting.screen());
}

#[test]
fn the_reader_shows_the_words_that_speak_for_the_label() {
    let mut sitting = sit(SMALL);
    sitting.press("enter");
    insta::assert_snapshot!(sitting.screen());
}

#[test]
fn earlier_mail_is_folded_until_asked_for() {
    let mut sitting = sit(SMALL);
    let with_history = sitting.state.rows.iter().find(|row| {
        let raw = sitting.desk.store.raw(row.id).unwrap().unwrap();
        crate::parse::parse(&raw).body.zones_of(crate::mail::ZoneKind::Quoted).count() > 0
    });
    sitting.state.selected = Some(with_history.unwrap().id);
    sitting.press("enter G");
    assert!(sitting.screen().contains("of earlier mail: z unfolds"));
    sitting.press("z G");
    assert!(!sitting.screen().contains("of earlier mail: z unfolds"));
}

#[test]
fn all_headers_are_shown_on_demand() {
    let mut sitting = sit(SMALL);
    sitting.press("enter");
    assert!(!sitting.screen().contains("Message-ID"));
    sitting.press("h");
    assert!(sitting.screen().contains("Message-ID"), "{}", sitting.screen());
}

#[test]
fn a_label_is_corrected_and_the_correction_taken_back() {
    let mut sitting = sit(SMALL);
    let id = sitting.state.current().unwrap().id;
    let before = sitting.state.row(id).unwrap().concerns().to_vec();
    sitting.press("c");
    insta::assert_snapshot!("label", sitting.screen());
    sitting.press("o enter");
    assert_eq!(sitting.state.row(id).unwrap().sender(), crate::triage::Sender::Other);
    // It teaches: the engine itself would say so now, and does not any more once the word is taken back.
    assert_eq!(sitting.state.row(id).unwrap().verdict.sender, crate::triage::Sender::Other);
    assert_eq!(sitting.desk.store.lessons().unwrap().len(), 1);
    sitting.press("u");
    assert_eq!(sitting.state.row(id).unwrap().verdict.sender, crate::triage::Sender::Client);
    assert_eq!(sitting.desk.store.lessons().unwrap(), []);
    assert_eq!(sitting.state.row(id).unwrap().concerns(), before);
    assert_eq!(sitting.state.row(id).unwrap().correction, None);
}

#[test]
fn a_reply_is_chosen_answered_reviewed_and_lands_in_the_folder() {
    let mut sitting = sit(SMALL);
    let to = sitting.state.current().unwrap().from.address.clone();
    sitting.press("r");
    insta::assert_snapshot!("pick", sitting.screen());
    sitting.press("enter");
    insta::assert_snapshot!("ask", sitting.screen());
    answer_all(&mut sitting);
    insta::assert_snapshot!("review", sitting.screen());
    sitting.press("y");
    insta::assert_snapshot!("queued", sitting.screen());
    assert_eq!(sitting.landed().len(), 0);
    sitting.wait(11);
    sitting.send();
    insta::assert_snapshot!("sent", sitting.screen());
    let landed = sitting.landed();
    assert_eq!(landed.len(), 1);
    assert!(landed[0].contains(&to) && landed[0].contains("In-Reply-To: <"), "{}", landed[0]);
    sitting.press("o");
    insta::assert_snapshot!("outbox", sitting.screen());
}

/// Gives each question an answer of its kind.
fn answer_all(sitting: &mut Sitting) {
    while let state::Mode::Ask(asking) = &sitting.state.mode {
        let ask = &asking.asks[asking.at];
        let answer = ask.example.clone().or(ask.default.clone()).unwrap_or_else(|| "Tuesday".to_owned());
        if asking.line.lines().join("").is_empty() {
            sitting.write(&answer);
        }
        sitting.press("enter");
    }
}

#[test]
fn an_offered_answer_is_taken_by_enter_and_replaced_by_typing() {
    let mut sitting = sit(SMALL);
    sitting.press("r enter");
    let state::Mode::Ask(asking) = &sitting.state.mode else { panic!("nothing is asked") };
    let offered = |ask: &crate::reply::Ask| ask.default.is_some() || ask.suggest.is_some();
    let at = asking.asks.iter().position(offered).expect("one has an offer");
    for _ in 0..at {
        sitting.write("15:00");
        sitting.press("enter");
    }
    let text = |sitting: &Sitting| match &sitting.state.mode {
        state::Mode::Ask(asking) => asking.line.lines().join(""),
        _ => String::new(),
    };
    assert!(!text(&sitting).is_empty(), "the offer stands there");
    sitting.write("Friday");
    assert_eq!(text(&sitting), "Friday");
}

/// Goes to the review of the first template on the first message.
fn review(sitting: &mut Sitting) {
    sitting.press("r enter");
    answer_all(sitting);
    assert!(matches!(sitting.state.mode, state::Mode::Review(_)));
}

#[test]
fn a_reply_is_taken_back_within_its_time() {
    let mut sitting = sit(SMALL);
    review(&mut sitting);
    sitting.press("y");
    sitting.wait(5);
    assert!(sitting.screen().contains("in 5 s; u takes it back"), "{}", sitting.screen());
    sitting.press("u");
    assert!(sitting.screen().contains("nothing was sent"), "{}", sitting.screen());
    assert!(matches!(sitting.state.mode, state::Mode::Review(_)));
    sitting.send();
    assert_eq!(sitting.landed(), Vec::<String>::new());
}

#[test]
fn a_reply_that_was_sent_can_not_be_taken_back() {
    let mut sitting = sit(SMALL);
    review(&mut sitting);
    sitting.press("y");
    sitting.wait(11);
    sitting.send();
    sitting.press("u");
    assert!(matches!(sitting.state.mode, state::Mode::Queue));
    assert_eq!(sitting.landed().len(), 1);
}

#[test]
fn the_text_is_edited_and_kept_while_it_is_written() {
    let mut sitting = sit(SMALL);
    let id = sitting.state.current().unwrap().id;
    review(&mut sitting);
    sitting.press("e");
    sitting.write(" See you there.");
    insta::assert_snapshot!("edit", sitting.screen());
    sitting.wait(2);
    let kept = sitting.desk.store.draft(id).unwrap().unwrap();
    assert!(kept.draft.body.contains("See you there."), "{}", kept.draft.body);
    sitting.press("ctrl+s");
    assert!(matches!(sitting.state.mode, state::Mode::Review(_)));
}

#[test]
fn a_draft_is_found_again() {
    let mut sitting = sit(SMALL);
    review(&mut sitting);
    sitting.press("e");
    sitting.write("Kept words.");
    sitting.press("esc");
    sitting.press("esc r");
    assert!(sitting.screen().contains("Go on with your draft"), "{}", sitting.screen());
    sitting.press("enter");
    let state::Mode::Review(review) = &sitting.state.mode else { panic!("not reviewed") };
    assert!(review.reply.draft.body.contains("Kept words."));
}

#[test]
fn another_reply_never_takes_the_place_of_a_kept_draft() {
    let mut sitting = sit(SMALL);
    let id = sitting.state.current().unwrap().id;
    review(&mut sitting);
    sitting.press("e");
    sitting.write("Kept words.");
    sitting.press("esc r j enter");
    assert!(sitting.screen().contains("You have a draft"), "{}", sitting.screen());
    assert!(sitting.desk.store.draft(id).unwrap().unwrap().draft.body.contains("Kept words."));
    sitting.press("x j enter");
    assert!(
        !matches!(sitting.state.mode, state::Mode::Pick(_)),
        "after throwing it away another can be chosen"
    );
}

#[test]
fn the_owners_own_editor_takes_over() {
    let mut sitting = sit(SMALL);
    sitting.editor = |text| Ok(format!("From my editor.\n{text}"));
    review(&mut sitting);
    sitting.press("e ctrl+o");
    let state::Mode::Review(review) = &sitting.state.mode else { panic!("not reviewed") };
    assert!(review.reply.draft.body.starts_with("From my editor.\n"));
}

#[test]
fn a_broken_editor_loses_nothing() {
    let mut sitting = sit(SMALL);
    review(&mut sitting);
    sitting.press("e");
    sitting.write("Mine.");
    sitting.press("ctrl+o");
    assert!(sitting.screen().contains("no editor here"), "{}", sitting.screen());
    assert!(matches!(&sitting.state.mode, state::Mode::Edit(editing)
        if editing.area.lines().join("\n").contains("Mine.")));
}

#[test]
fn what_is_not_filled_in_can_not_be_sent() {
    let mut sitting = sit(SMALL);
    review(&mut sitting);
    sitting.press("e");
    sitting.write(" by [DATE]");
    sitting.press("ctrl+s");
    insta::assert_snapshot!("hindered", sitting.screen());
    sitting.press("y");
    assert!(matches!(sitting.state.mode, state::Mode::Review(_)));
    assert_eq!(sitting.desk.store.outbox().unwrap().len(), 0);
}

#[test]
fn a_new_recipient_is_pointed_out_and_a_wrong_one_refused() {
    let mut sitting = sit(SMALL);
    review(&mut sitting);
    sitting.press("t");
    insta::assert_snapshot!("recipients", sitting.screen());
    sitting.write(", stranger@example.net");
    sitting.press("enter");
    assert!(sitting.screen().contains("stranger@example.net was not in this conversation"));
    sitting.press("t");
    sitting.write(", nonsense");
    sitting.press("enter");
    assert!(sitting.screen().contains("nonsense"), "{}", sitting.screen());
    assert!(matches!(sitting.state.mode, state::Mode::Field(_)), "{}", sitting.screen());
}

#[test]
fn putting_away_goes_on_to_the_next_and_can_be_taken_back() {
    let mut sitting = sit(SMALL);
    let first = sitting.state.current().unwrap().id;
    sitting.press("d");
    assert_ne!(sitting.state.current().unwrap().id, first);
    assert!(sitting.state.row(first).unwrap().done);
    sitting.press("u");
    assert!(!sitting.state.row(first).unwrap().done);
    assert_eq!(sitting.state.current().unwrap().id, first);
}

#[test]
fn leaving_with_a_waiting_reply_asks_first() {
    let mut sitting = sit(SMALL);
    review(&mut sitting);
    sitting.press("y");
    assert!(!sitting.press("q"));
    insta::assert_snapshot!("leaving", sitting.screen());
    assert!(!sitting.press("w"));
    sitting.wait(11);
    sitting.send();
    assert!(sitting.wait(1), "the session ends once all is sent");
    assert_eq!(sitting.landed().len(), 1);
}

#[test]
fn a_reply_left_in_its_undo_window_goes_out_at_the_next_start() {
    let mut sitting = sit(SMALL);
    review(&mut sitting);
    sitting.press("y q");
    assert!(sitting.press("l"), "the session ends at once");
    assert_eq!(sitting.landed().len(), 0);
    // Another start on the same store.
    sitting.send();
    assert_eq!(sitting.landed().len(), 1);
}

#[test]
fn leaving_from_the_editor_keeps_the_text() {
    let mut sitting = sit(SMALL);
    let id = sitting.state.current().unwrap().id;
    review(&mut sitting);
    sitting.press("e");
    sitting.write("Last words.");
    assert!(sitting.press("ctrl+q"));
    assert!(sitting.desk.store.draft(id).unwrap().unwrap().draft.body.contains("Last words."));
}

#[test]
fn help_begins_with_the_keys_of_the_screen() {
    let mut sitting = sit(SMALL);
    sitting.press("?");
    insta::assert_snapshot!(sitting.screen());
    sitting.press("esc");
    assert!(matches!(sitting.state.mode, state::Mode::Queue));
}

#[test]
fn help_scrolls_to_its_last_line() {
    let mut sitting = sit(SMALL);
    sitting.press("?");
    for _ in 0..20 {
        sitting.press("pgdn");
    }
    let last = keys::TABLE.iter().rfind(|binding| binding.scope == keys::Scope::Leaving).unwrap();
    assert!(sitting.screen().contains(last.help), "{}", sitting.screen());
    assert!(!sitting.screen().contains(" more "), "{}", sitting.screen());
}

#[test]
fn an_unknown_reply_waits_for_the_owners_word() {
    let mut sitting = sit(SMALL);
    review(&mut sitting);
    sitting.press("y");
    let item = sitting.state.outbox[0].id;
    let now = sitting.state.now.timestamp();
    let later = "2099-01-01T00:00:00Z".parse().unwrap();
    assert_eq!(sitting.desk.store.begin_sending(later).unwrap().unwrap().0.id, item);
    let words = "the line was cut";
    sitting.desk.store.set_outbox_state(item, crate::store::OutboxState::Unknown, words, now, now).unwrap();
    sitting.desk.take_reports(&mut sitting.state, vec![Report::OutboxChanged]).unwrap();
    insta::assert_snapshot!("unknown in the queue", sitting.screen());
    sitting.press("o");
    insta::assert_snapshot!("unknown in the outbox", sitting.screen());
    sitting.send();
    assert_eq!(sitting.landed().len(), 0, "never sent again by itself");
    sitting.press("a");
    sitting.send();
    assert_eq!(sitting.landed().len(), 1, "sent again at the owner's word");
}

#[test]
fn an_empty_inbox_says_what_to_do() {
    let mut sitting = sit_at(SMALL, Vec::new());
    insta::assert_snapshot!(sitting.screen());
    // No key does harm.
    for binding in keys::TABLE.iter().filter(|binding| binding.scope == keys::Scope::Queue) {
        sitting.press(binding.keys[0]);
        sitting.state.mode = state::Mode::Queue;
    }
}

#[test]
fn every_screen_fits_every_size() {
    let few: Vec<_> = demo::inbox(&NOW.parse().unwrap()).into_iter().rev().take(6).collect();
    for size in [(1, 1), (20, 5), (40, 10), (60, 16), (80, 24), (300, 90)] {
        for keys in ["j", "enter", "enter h", "c", "r", "r enter", "r e", "o", "?", "r G enter"] {
            let mut sitting = sit_at(size, few.clone());
            sitting.press(keys);
            sitting.screen();
        }
    }
}

#[test]
fn a_resize_keeps_the_place() {
    let mut sitting = sit(SMALL);
    sitting.press("j j enter");
    let before = sitting.screen();
    sitting.happen(Event::Resize(30, 6));
    sitting.screen();
    sitting.happen(Event::Resize(SMALL.0, SMALL.1));
    assert_eq!(sitting.screen(), before);
}

#[test]
fn pasted_text_is_text_whatever_keys_it_looks_like() {
    let mut sitting = sit(SMALL);
    review(&mut sitting);
    sitting.press("e");
    sitting.happen(Event::Paste("y\nq\u{1b}[31m".to_owned()));
    let state::Mode::Edit(editing) = &sitting.state.mode else { panic!("left the editor") };
    let text = editing.area.lines().join("\n");
    assert!(text.contains("y\nq") && !text.contains('\u{1b}'), "{text}");
}

#[test]
fn the_undo_window_is_ten_seconds_unless_configured() {
    assert_eq!(sit(SMALL).desk.config.undo_window, Duration::from_secs(10));
}

/// `BLESS=1` writes the picture into the README.
#[test]
fn the_picture_in_the_readme_is_the_real_screen() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = readme.split_once("<!-- screen -->\n").unwrap();
    let (within, after) = rest.split_once("<!-- /screen -->").unwrap();
    let picture = format!("```text\n{}\n```\n", sit(SMALL).screen().trim_end());
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, format!("{before}<!-- screen -->\n{picture}<!-- /screen -->{after}")).unwrap();
    } else {
        assert_eq!(within, picture, "run this test with BLESS=1");
    }
}

/// Writes a reply of its own to the first message and goes to its review.
fn own_reply(sitting: &mut Sitting, text: &str) {
    sitting.press("r");
    while !matches!(&sitting.state.mode, state::Mode::Pick(pick) if pick.choices[pick.selected] == state::Choice::Blank)
    {
        sitting.press("down");
    }
    sitting.press("enter");
    sitting.happen(Event::Paste(text.to_owned()));
    sitting.press("ctrl+s");
}

#[test]
fn what_the_check_finds_is_shown_and_sent_only_at_the_second_word() {
    let mut sitting = sit(SMALL);
    own_reply(
        &mut sitting,
        "You should have told me earlier!! I'll send it on Saturday at 20:00, as soon as possible.",
    );
    insta::assert_snapshot!("findings", sitting.screen());
    sitting.press("y");
    assert!(sitting.screen().contains("y once more sends it as it is"), "{}", sitting.screen());
    assert_eq!(sitting.desk.store.outbox().unwrap().len(), 0);
    sitting.press("y");
    assert_eq!(sitting.desk.store.outbox().unwrap().len(), 1);
}

#[test]
fn promises_are_recorded_kept_moved_and_released() {
    let mut sitting = sit(SMALL);
    own_reply(
        &mut sitting,
        "I'll send you the new cards by Monday 23 November at 12:00. Please send me the text by Friday at 14:00.",
    );
    sitting.press("y y");
    sitting.wait(11);
    sitting.send();
    assert_eq!(sitting.state.commitments.len(), 2, "{}", sitting.screen());
    insta::assert_snapshot!("due today", sitting.screen());
    sitting.press("p");
    insta::assert_snapshot!("promises", sitting.screen());
    sitting.press("m");
    sitting.happen(Event::Key(Key::parse("ctrl+u").unwrap()));
    sitting.write(" nothing");
    sitting.press("home ctrl+k");
    sitting.write("whenever");
    sitting.press("enter");
    assert!(sitting.screen().contains("No day is named"), "{}", sitting.screen());
    sitting.press("home ctrl+k");
    sitting.write("yesterday");
    sitting.press("home ctrl+k");
    sitting.write("Tuesday 1 December 12:00");
    sitting.press("enter");
    assert!(sitting.screen().contains("Moved"), "{}", sitting.screen());
    sitting.press("d");
    let state = |sitting: &Sitting, word: &str| {
        sitting.desk.store.commitments().unwrap().iter().filter(|c| c.state.word() == word).count()
    };
    assert_eq!((state(&sitting, "kept"), state(&sitting, "open")), (1, 1));
    sitting.press("k x");
    assert_eq!((state(&sitting, "kept"), state(&sitting, "released")), (1, 1));
    sitting.press("q u");
    assert_eq!((state(&sitting, "kept"), state(&sitting, "open")), (1, 1), "the last change is taken back");
}

#[test]
fn a_promise_goes_with_its_reply_when_that_is_taken_back() {
    let mut sitting = sit(SMALL);
    review(&mut sitting);
    sitting.press("y");
    assert!(!sitting.state.commitments.is_empty());
    sitting.press("u");
    assert_eq!(sitting.state.commitments, []);
    // And it is not recorded where the owner says so.
    sitting.press("p y");
    assert_eq!(sitting.state.commitments, []);
}

#[test]
fn a_promise_that_is_late_is_told_to_the_client_with_the_letter_for_it() {
    let mut sitting = sit(SMALL);
    review(&mut sitting);
    sitting.press("y p r");
    let state::Mode::Pick(pick) = &sitting.state.mode else { panic!("no choice: {}", sitting.screen()) };
    assert!(
        matches!(&pick.choices[0], state::Choice::Template(id, _) if id == "relationship-later"),
        "{:?}",
        pick.choices[0]
    );
}

#[test]
fn the_card_tells_of_policy_history_and_promises() {
    let mut sitting = sit((100, 40));
    let third = sitting
        .state
        .rows
        .iter()
        .filter(|row| row.from.address.starts_with("dot@"))
        .max_by_key(|row| row.sent_at);
    sitting.state.selected = Some(third.unwrap().id);
    sitting.press("enter");
    insta::assert_snapshot!("card", sitting.screen());
}
