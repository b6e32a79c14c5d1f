//! The client over time: what a person does and sees, on the demo inbox with the year before it.

use super::*;
use crate::cli::demo;
use crate::ledger::ladder::Step;
use crate::ledger::{Errand, parting};
use crate::tui::state::{Group, Mode};

/// The demo with its year, made once.
static YEAR_STORE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let now = NOW.parse().unwrap();
    let engine = crate::triage::Engine::new(demo::configured(&now).unwrap().triage());
    drop(demo::furnished(folder.path(), &engine, &now).unwrap());
    std::fs::read(folder.path().join("amicable.db")).unwrap()
});

fn sit_in_year() -> Sitting {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("amicable.db"), &*YEAR_STORE).unwrap();
    sit_with(folder, SMALL, demo::configured(&NOW.parse().unwrap()).unwrap())
}

impl Sitting {
    /// Moves the cursor of a list down to the line with these words.
    fn down_to(&mut self, words: &str) {
        for _ in 0..80 {
            if self.screen().lines().any(|line| line.contains('▌') && line.contains(words)) {
                return;
            }
            self.press("j");
        }
        panic!("{words:?} is not in the list:\n{}", self.screen());
    }

    /// The page of the client of this name.
    fn client(&mut self, name: &str) {
        self.press("C");
        self.down_to(name);
        self.press("enter");
    }

    /// The words on the screen, wherever a line breaks.
    fn words(&self) -> String {
        self.screen().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Sends what is under review, whatever the check finds.
    fn send_it(&mut self) {
        self.press("y");
        if matches!(self.state.mode, Mode::Review(_)) {
            self.press("y");
        }
        assert!(!matches!(self.state.mode, Mode::Review(_)), "{}", self.screen());
    }
}

#[test]
fn clients_are_listed_with_what_stands_out() {
    let mut sitting = sit_in_year();
    sitting.press("C");
    insta::assert_snapshot!("clients", sitting.screen());
    sitting.down_to("Dot Fenwick");
    sitting.press("enter");
    insta::assert_snapshot!("client", sitting.screen());
    sitting.press("esc");
    assert!(matches!(sitting.state.mode, Mode::Clients(_)));
}

#[test]
fn the_ladder_leads_to_the_letter_of_the_next_step() {
    let mut sitting = sit_in_year();
    sitting.client("Dot Fenwick");
    sitting.press("r");
    let Mode::Pick(pick) = &sitting.state.mode else { panic!("no choice of letters") };
    let state::Choice::Template(first, _) = &pick.choices[0] else { panic!("no template first") };
    assert_eq!(first, "emergency-surcharge");
    // Back on the page of the client, and the card beside the message says the same.
    sitting.press("esc");
    assert!(matches!(sitting.state.mode, Mode::Client(_)), "{}", sitting.screen());
    sitting.press("enter");
    let card = sitting.screen();
    assert!(
        card.contains("Often") && card.contains("Next      surcharge (6 emergencies since August"),
        "{card}"
    );
}

#[test]
fn what_the_owner_notes_of_a_client_is_taken_back_as_if_it_never_was() {
    let mut sitting = sit_in_year();
    sitting.client("Len Garside");
    let before = sitting.screen();
    sitting.press("n");
    sitting.write("likes to talk");
    sitting.press("enter");
    assert!(sitting.screen().contains("note: likes to talk"), "{}", sitting.screen());
    sitting.press("p");
    sitting.write("invoice 7");
    sitting.press("enter");
    assert!(sitting.screen().contains("1 late payment"), "{}", sitting.screen());
    sitting.press("u u");
    sitting.state.notice = None;
    assert_eq!(sitting.screen(), before);
    // A line that says nothing is not kept.
    sitting.press("n enter");
    assert!(sitting.screen().contains("A few words are needed"), "{}", sitting.screen());
    sitting.press("esc");
    assert_eq!(sitting.desk.store.entries().unwrap(), sit_in_year().desk.store.entries().unwrap());
}

#[test]
fn addresses_are_joined_split_and_shared_on_the_page_of_a_client() {
    let mut sitting = sit_in_year();
    sitting.client("Len Garside");
    sitting.press("a");
    sitting.write("Ann");
    sitting.press("enter");
    assert!(sitting.screen().contains("\"Ann\" is no mail address"), "{}", sitting.screen());
    sitting.press("home ctrl+k");
    sitting.write("ines@kaurpots.example.com");
    sitting.press("enter");
    let joined = sitting.screen();
    assert!(joined.contains("ines@kaurpots.example.com") && joined.contains("len@garsidesweeps"), "{joined}");
    sitting.press("s");
    assert!(
        !sitting.screen().contains("len@garsidesweeps"),
        "the newest address is a client of its own: {}",
        sitting.screen()
    );
    sitting.press("h");
    assert!(sitting.screen().contains("is shared: each name is a client"), "{}", sitting.screen());
}

#[test]
fn a_question_waits_and_is_asked_again_kindly() {
    let mut sitting = sit_in_year();
    sitting.press("w");
    insta::assert_snapshot!("waiting", sitting.screen());
    sitting.press("r");
    insta::assert_snapshot!("reminder", sitting.screen());
    sitting.send_it();
    assert!(matches!(sitting.state.mode, Mode::Waiting(_)), "on with the next");
    sitting.down_to("Saoirse Flynn");
    assert!(sitting.words().contains("reminded once"), "{}", sitting.screen());
    // Taken back, it was never reminded of.
    sitting.press("u");
    let Mode::Review(review) = &sitting.state.mode else { panic!("not taken back") };
    assert!(matches!(review.reply.errand, Errand::Nudge(_)));
    sitting.press("esc esc w");
    sitting.down_to("Saoirse Flynn");
    assert!(!sitting.words().contains("reminded once"), "{}", sitting.screen());
    // What does not wait any more is out of the list, until that is taken back.
    sitting.press("d");
    assert!(!sitting.screen().contains("Saoirse Flynn"), "{}", sitting.screen());
    sitting.press("u");
    assert!(sitting.screen().contains("Saoirse Flynn"), "{}", sitting.screen());
}

#[test]
fn a_reply_that_asks_something_waits_unless_the_owner_says_otherwise() {
    let mut sitting = sit_in_year();
    let waiting = |sitting: &Sitting| sitting.state.outlook.waiting.len();
    let before = waiting(&sitting);
    sitting.press("r");
    let blank = |sitting: &Sitting| match &sitting.state.mode {
        Mode::Pick(pick) => pick.choices[pick.selected] == state::Choice::Blank,
        _ => false,
    };
    while !blank(&sitting) {
        sitting.press("j");
    }
    sitting.press("enter");
    sitting.write("Which of the two would you like?");
    sitting.press("ctrl+s");
    assert!(sitting.screen().contains("It waits for an answer"), "{}", sitting.screen());
    sitting.press("w");
    assert!(!sitting.screen().contains("It waits for an answer"), "{}", sitting.screen());
    sitting.press("w");
    sitting.send_it();
    assert_eq!(waiting(&sitting), before + 1);
    let asked = sitting.state.outlook.waiting.iter().find_map(|found| found.follow_up.question.clone());
    assert!(asked.is_some());
}

#[test]
fn a_message_is_put_off_until_a_moment_and_comes_back() {
    let mut sitting = sit_in_year();
    let id = sitting.state.current().unwrap().id;
    let group = |sitting: &Sitting| {
        sitting.state.queue().iter().find(|(_, row)| row.id == id).map(|(group, _)| *group)
    };
    assert_eq!(group(&sitting), Some(Group::NeedsYou));
    sitting.press("s");
    sitting.write("whenever");
    sitting.press("enter");
    assert!(sitting.screen().contains("No day is named"), "{}", sitting.screen());
    sitting.press("home ctrl+k");
    sitting.write("tomorrow 9:00");
    sitting.press("enter");
    assert_eq!(group(&sitting), Some(Group::Later), "{}", sitting.screen());
    assert!(sitting.screen().contains("Put off until"), "{}", sitting.screen());
    sitting.press("w");
    assert!(sitting.screen().contains("until Sat 21 Nov 09:00"), "{}", sitting.screen());
    sitting.press("esc u");
    assert_eq!(group(&sitting), Some(Group::NeedsYou));
    sitting.state.selected = Some(id);
    sitting.press("s");
    sitting.write("tomorrow 9:00");
    sitting.press("enter");
    sitting.wait(24 * 3600);
    assert_eq!(group(&sitting), Some(Group::NeedsYou), "its time has come");
    // Until they write again: nothing but that brings it back.
    sitting.state.selected = Some(id);
    sitting.press("s enter");
    assert_eq!(group(&sitting), Some(Group::Later), "{}", sitting.screen());
    sitting.wait(90 * 24 * 3600);
    assert_eq!(group(&sitting), Some(Group::Later), "{}", sitting.screen());
    // The same key takes it out.
    sitting.state.selected = Some(id);
    sitting.press("s");
    assert_eq!(group(&sitting), Some(Group::NeedsYou));
}

#[test]
fn who_is_told_of_an_absence_what_and_when_is_seen_before_and_sent_one_by_one() {
    let mut sitting = sit_in_year();
    sitting.press("n");
    insta::assert_snapshot!("notices", sitting.screen());
    sitting.down_to("Marco Bellini");
    sitting.press("r");
    insta::assert_snapshot!("notice", sitting.screen());
    sitting.send_it();
    assert!(matches!(sitting.state.mode, Mode::Notices(_)), "on with the next");
    sitting.send_by(|| "2026-11-20T11:00[Europe/London]".parse().unwrap());
    let landed = sitting.landed();
    assert_eq!(landed.len(), 1, "{}\n{:?}", sitting.screen(), sitting.state.outbox.first());
    assert!(landed[0].contains("Auto-Submitted: auto-generated\r\n"), "{}", landed[0]);
    assert!(!landed[0].contains("In-Reply-To"), "it begins a conversation of its own: {}", landed[0]);
    // The old promise is gone, the new day stands.
    let open: Vec<_> = sitting
        .state
        .commitments
        .iter()
        .filter(|owed| owed.is_open() && owed.client.name == "Marco Bellini")
        .collect();
    assert_eq!(open.len(), 1, "{open:#?}");
    assert_eq!(
        open[0].moved,
        1,
        "{:#?}",
        sitting
            .state
            .commitments
            .iter()
            .filter(|owed| owed.client.name == "Marco Bellini")
            .collect::<Vec<_>>()
    );
    // Once is enough; and what was said is no answer to their last message.
    sitting.down_to("Marco Bellini");
    assert!(sitting.screen().contains("told"), "{}", sitting.screen());
    sitting.press("r");
    assert!(sitting.screen().contains("has been told already"), "{}", sitting.screen());
    let marco = sitting.state.rows.iter().find(|row| row.from.name == "Marco Bellini").unwrap();
    assert_eq!(marco.reply, None, "{marco:?}");
}

#[test]
fn a_notice_in_the_owners_own_words_is_no_automatic_mail() {
    let mut sitting = sit_in_year();
    sitting.press("n");
    sitting.down_to("Ines Kaur");
    sitting.press("r e");
    sitting.write(" See you in the new week!");
    sitting.press("ctrl+s");
    assert!(sitting.screen().contains("in your own words"), "{}", sitting.screen());
    sitting.send_it();
    sitting.send_by(|| "2026-11-20T11:00[Europe/London]".parse().unwrap());
    let landed = sitting.landed();
    assert!(!landed[0].contains("Auto-Submitted"), "{}", landed[0]);
    assert!(landed[0].contains("See you in the new week!"), "{}", landed[0]);
}

#[test]
fn a_parting_goes_letter_by_letter_to_the_last_word() {
    let mut sitting = sit_in_year();
    sitting.client("Callum Reeve");
    let page = sitting.screen();
    for words in ["Parting", "[x] what would have to change", "[ ] the last word", "still open: 1 promise"] {
        assert!(page.contains(words), "{words}\n{page}");
    }
    insta::assert_snapshot!("parting", page);
    sitting.press("e");
    assert!(sitting.words().contains("The last day is 5 December"), "it is early: {}", sitting.screen());
    sitting.press("e");
    let Mode::Pick(pick) = &sitting.state.mode else { panic!("no letter: {}", sitting.screen()) };
    let state::Choice::Template(first, _) = &pick.choices[0] else { panic!("no template first") };
    assert_eq!(first, "relationship-part-final");
    sitting.press("enter");
    while matches!(sitting.state.mode, Mode::Ask(_)) {
        sitting.press("x enter");
        if sitting.screen().contains("names no day") {
            sitting.press("home ctrl+k");
            sitting.write("Friday 18 December");
            sitting.press("enter");
        }
    }
    sitting.send_it();
    let writes = |sitting: &Sitting| {
        let row = sitting.state.rows.iter().find(|row| row.from.name == "Callum Reeve").unwrap();
        sitting.state.parting(row.id)
    };
    assert!(matches!(writes(&sitting), Some(parting::Stage::Parted { .. })), "{:?}", writes(&sitting));
    // Called off, all is as before but for the letter.
    assert!(matches!(sitting.state.mode, Mode::Client(_)), "back on the page: {}", sitting.screen());
    sitting.press("b");
    assert_eq!(writes(&sitting), None);
}

#[test]
fn mail_of_those_with_whom_the_work_has_ended_is_marked_and_never_hidden() {
    let mut sitting = sit_in_year();
    let verity = sitting.state.rows.iter().find(|row| row.from.name == "Verity Holt").unwrap().id;
    sitting.state.selected = Some(verity);
    assert!(sitting.screen().contains("parted"), "{}", sitting.screen());
    sitting.press("enter");
    assert!(sitting.screen().contains("Parted"), "{}", sitting.screen());
}

#[test]
fn the_report_has_its_charts_in_eighty_columns() {
    let mut sitting = sit_in_year();
    sitting.press("t t t t");
    for page in 1..=6 {
        insta::assert_snapshot!(format!("report {page}"), sitting.screen());
        sitting.press("n");
    }
    sitting.press("n n");
    assert!(sitting.screen().contains("page 6 of 6"), "{}", sitting.screen());
    sitting.press("p");
    assert!(sitting.screen().contains("page 5 of 6"), "{}", sitting.screen());
}

#[test]
fn nothing_of_the_ledger_stands_in_any_letter() {
    let mut sitting = sit_in_year();
    // A note that could not come from anywhere else, beside all that the year holds of her.
    sitting.client("Dot Fenwick");
    sitting.press("n");
    sitting.write("zebra crossing at midnight");
    sitting.press("enter esc esc");
    // One of whom much is noted, one with a question that waits, one with a promise that falls into an absence.
    let mut looked_at = 0;
    for name in ["Dot Fenwick", "Saoirse Flynn", "Marco Bellini", "Graham Pell"] {
        let id = sitting.state.rows.iter().find(|row| row.from.name == name).unwrap().id;
        sitting.state.selected = Some(id);
        sitting.press("enter");
        looked_at += letters_without_secrets(&sitting);
        sitting.press("esc");
    }
    assert!(looked_at > 4 * 60, "{looked_at}");
    let id = sitting.state.rows.iter().find(|row| row.from.name == "Dot Fenwick").unwrap().id;
    sitting.state.selected = Some(id);
    sitting.press("enter");
    // What the owner pastes from a note by mistake is pointed out.
    sitting.press("r");
    while !matches!(&sitting.state.mode, Mode::Pick(pick) if pick.choices[pick.selected] == state::Choice::Blank)
    {
        sitting.press("j");
    }
    sitting.press("enter");
    sitting.write("Yes, zebra crossing at midnight.");
    sitting.press("ctrl+s");
    assert!(sitting.screen().contains("private notes"), "{}", sitting.screen());
}

/// Composes every letter to the writer of the opened message, for every errand there may be, with all that is proposed, and
/// looks for what the ledger knows in the bytes that would go out. Gives their number.
fn letters_without_secrets(sitting: &Sitting) -> usize {
    let Mode::Reader(reader) = &sitting.state.mode else { panic!("not opened") };
    let (state, opened) = (&sitting.state, &reader.opened);
    let client = state.writer(opened.id).unwrap();
    let mut secrets: Vec<String> = client.private_words().map(str::to_owned).collect();
    let advice = state.outlook.advice.get(&client.person());
    assert!(client.name() != "Dot Fenwick" || advice.is_some_and(|advice| advice.step > Step::Note));
    secrets.extend(advice.iter().flat_map(|advice| &advice.habits).map(crate::ledger::ladder::Habit::says));
    secrets.extend(advice.map(|advice| advice.why.clone()));
    secrets.extend(crate::ledger::client::Kind::ALL.map(|kind| kind.count(client.dates(kind).len())));
    secrets.extend(["others have", "ledger", "verdict", "zebra"].map(str::to_owned));
    let waiting =
        state.records.follow_ups.iter().filter(|found| found.to.same_mailbox(client.address().unwrap()));
    let notices = state.outlook.plan.notices.iter().filter(|notice| notice.client == client.person());
    let mut errands = vec![Errand::Reply];
    errands.extend(waiting.map(|found| Errand::Nudge(found.outbox)));
    errands.extend(notices.map(|notice| Errand::Notice(notice.occasion.clone())));
    let account = state.accounts.values().next().unwrap();
    let mut looked_at = 0;
    for (template, errand) in
        state.templates.iter().flat_map(|template| errands.iter().map(move |e| (template, e)))
    {
        let mut values = update::known_values(state, opened);
        for ask in &template.asks {
            let answer = ask
                .suggest
                .and_then(|suggest| state.situation(opened, errand, |situation| suggest.answer(situation)));
            let answer = answer.or_else(|| ask.default.clone()).or_else(|| ask.example.clone());
            values.set(&ask.name, answer.unwrap_or_else(|| "tomorrow".to_owned()));
        }
        let text = template.render(&values).unwrap();
        let draft = match template.subject(&values) {
            Some(subject) => crate::reply::Draft::anew(&opened.message, &account.own, &subject, &text, ""),
            None => crate::reply::Draft::reply(
                &opened.message,
                &account.own,
                false,
                &text,
                "",
                state.now.time_zone(),
            ),
        };
        let id = crate::deliver::new_message_id("example.com", 7, state.now.timestamp());
        let sent = crate::deliver::compose(&draft, &account.owner, id, &state.now).unwrap();
        let parsed = crate::parse::parse(&sent.bytes);
        // What they wrote themselves stands below, and is theirs.
        let own = crate::reply::own_text_end(&parsed.body.text);
        let gone = format!("{}\n{}", parsed.subject, &parsed.body.text[..own]).to_lowercase();
        for secret in secrets.iter().filter(|secret| secret.len() > 3) {
            assert!(!gone.contains(&secret.to_lowercase()), "{}: {secret}", template.id);
        }
        looked_at += 1;
    }
    looked_at
}
