//! The client over time, between real mail servers: from the first emergency to the surcharge, a parting to its last word,
//! an absence, and a reminder that an answer stops.

#![expect(clippy::unwrap_used, reason = "tests may fail loudly")]

use amicable::config::Security;
use amicable::store::OutboxState;
use jiff::{Span, Zoned};
use mailparse::{MailHeaderMap, parse_mail};

use super::super::terminal::{Terminal, words};
use super::real_loop::{CLIENT, DECIDED, OWNER, Town, choose, date};
use super::{Office, SMALL, answer_questions};

impl Town {
    /// A mail of somebody's comes in.
    fn comes(&self, from: &str, subject: &str, id: &str, more: &str, text: &str) {
        let mail = format!(
            "From: {from}\r\nTo: {OWNER}\r\nSubject: {subject}\r\nDate: {}\r\nMessage-ID: <{id}@example.org>\r\n{more}\r\n{text}\r\n",
            date()
        );
        let address = from.rsplit('<').next().unwrap().trim_end_matches('>');
        self.postfix.deliver(address, OWNER, mail.as_bytes());
        self.dovecot.wait_for(OWNER, "INBOX", |messages| {
            messages.iter().any(|message| message.message_id == format!("<{id}@example.org>"))
        });
    }

    /// Waits until somebody has so many mails, and gives them in order.
    fn mails_of(&self, who: &str, count: usize) -> Vec<String> {
        self.dovecot.wait_for(who, "INBOX", |messages| messages.len() >= count);
        let messages = self.dovecot.messages(who, "INBOX");
        assert_eq!(messages.len(), count, "{who}");
        let text = |uid| String::from_utf8_lossy(&self.dovecot.message(who, "INBOX", uid)).into_owned();
        messages.iter().map(|message| text(message.uid)).collect()
    }
}

/// Sends what is under review, whatever the check finds.
fn send(terminal: &mut Terminal) {
    terminal.wait_for("amicable Review");
    terminal.press("y");
    let asked = |words: &str| words.contains("y once more");
    terminal.wait_until("another screen, or a word of warning", |words| {
        asked(words) || !words.contains("amicable Review")
    });
    if asked(&words(&terminal.screen())) {
        terminal.press("y");
        terminal.wait_until("another screen", |words| !words.contains("amicable Review"));
    }
}

/// Takes the letter under the cursor, with the examples as answers, and sends it.
fn write_letter(terminal: &mut Terminal) {
    terminal.press("enter");
    answer_questions(terminal);
    send(terminal);
    terminal.wait_for("filed in Sent");
}

/// Looks for mail until the message of this subject is there, and reads it.
fn read(terminal: &mut Terminal, subject: &str) {
    terminal.press("f");
    terminal.wait_for(subject);
    terminal.press("g");
    for _ in 0..20 {
        std::thread::sleep(std::time::Duration::from_millis(150));
        if terminal.screen().lines().any(|line| line.starts_with('▌') && line.contains(subject)) {
            break;
        }
        terminal.press("j");
    }
    terminal.press("enter");
    terminal.wait_for("amicable Reader");
}

#[test]
fn the_ladder_leads_from_the_first_emergency_to_the_surcharge_over_four_mails() {
    let town = Town::start();
    let policy = "rush = { offer = \"on terms\", notice = \"1 hour\", surcharge = \"50 %\" }\n";
    let settings = format!("{DECIDED}{policy}");
    let office = Office::new(&town.account(Security::Tls, Security::Starttls), &settings);
    let emergency = |number: usize, subject: &str, what: &str| {
        let text = format!(
            "Hello,\r\n\r\nthis is an emergency again, I am so sorry. {what} I need it by tonight, please help!\r\n\r\nAnn"
        );
        town.comes(&format!("Ann Lee <{CLIENT}>"), subject, &format!("e{number}"), "", &text);
    };
    emergency(1, "The menu", "The menu for the fair tomorrow has the wrong prices.");
    let mut terminal = office.start(&[], SMALL);

    // The first is an emergency like any other.
    read(&mut terminal, "The menu");
    let card = terminal.screen();
    assert!(!card.contains("Often") && !card.contains("Next"), "{card}");
    terminal.press("r");
    choose(&mut terminal, "Heard you");
    write_letter(&mut terminal);
    town.mails_of(CLIENT, 1);

    // The second is noted.
    emergency(2, "The banner", "The banner for the stall tomorrow is torn in two.");
    read(&mut terminal, "The banner");
    terminal.wait_for("2 emergencies in 122 days, others have none");
    assert!(!terminal.screen().contains("Next "), "{}", terminal.screen());
    terminal.press("r");
    choose(&mut terminal, "Heard you");
    write_letter(&mut terminal);
    town.mails_of(CLIENT, 2);

    // The third leads to a rule.
    emergency(3, "The flyers", "The flyers for the party tomorrow are gone, all of them.");
    read(&mut terminal, "The flyers");
    terminal.wait_for("rule (3 emergencies since");
    terminal.press("r");
    terminal.wait_for("amicable Choose a reply");
    terminal.wait_for("\u{258c} Yes this time, and a rule for the next");
    write_letter(&mut terminal);
    town.mails_of(CLIENT, 3);

    // The fourth costs what the rule says.
    emergency(4, "The tickets", "The tickets for the raffle tomorrow were never printed.");
    read(&mut terminal, "The tickets");
    terminal.wait_for("surcharge (4 emergencies since");
    terminal.press("r");
    terminal.wait_for("amicable Choose a reply");
    terminal.wait_for("\u{258c} Yes, on the terms that they know");
    write_letter(&mut terminal);
    let mails = town.mails_of(CLIENT, 4);
    terminal.press("q");
    terminal.wait_for_end().assert_restored();

    let text = |at: usize| parse_mail(mails[at].as_bytes()).unwrap().get_body().unwrap();
    assert!(text(2).contains("from"), "{}", text(2));
    assert!(text(3).contains("50 percent"), "{}", text(3));
    for mail in &mails {
        for private in ["others have", "in 122 days", "emergencies since", "Next step"] {
            assert!(!mail.contains(private), "{private}:\n{mail}");
        }
    }
    // The same without a screen.
    let (status, shown, said) = office.run(&["clients", "show", "Ann"]);
    assert_eq!(status, 0, "{said}");
    assert!(
        shown.contains("4 emergencies:") && shown.contains("the last step, surcharge, was on"),
        "{shown}"
    );
}

#[test]
fn a_parting_goes_to_its_last_word_and_further_mail_is_marked() {
    let town = Town::start();
    let office = Office::new(&town.account(Security::Tls, Security::Starttls), DECIDED);
    town.comes(
        &format!("Ann Lee <{CLIENT}>"),
        "The tone",
        "tone",
        "",
        "You are the worst designer I ever had. I want everything new, and for nothing.",
    );
    let mut terminal = office.start(&[], SMALL);
    read(&mut terminal, "The tone");
    terminal.press("i");
    terminal.wait_for("amicable Client");
    // What they still owe is noted, for the owner alone.
    terminal.press("o");
    terminal.wait_for("What have they not paid?");
    terminal.type_text("invoice 17");
    terminal.press("enter");
    terminal.wait_for("unpaid: invoice 17");

    terminal.press("e");
    terminal.wait_for("\u{258c} What has to change for us to go on");
    write_letter(&mut terminal);

    terminal.wait_for("amicable Client ");
    terminal.press("e");
    terminal.wait_for("What is the last day of your work for them?");
    let last = Zoned::now().date().saturating_add(Span::new().days(20));
    terminal.type_text(&last.strftime("%A %-d %B").to_string());
    terminal.press("enter");
    terminal.wait_for(&format!("the last day is {}", last.strftime("%A %-d %B %Y")));
    terminal.press("e");
    terminal.wait_for("\u{258c} Notice: our last day");
    write_letter(&mut terminal);

    terminal.wait_for("amicable Client ");
    terminal.wait_for("still open: ");
    terminal.wait_for("1 unpaid item");
    terminal.press("x");
    terminal.wait_for("Paid (unpaid: invoice 17)");
    // It is early: the last day is to come, and promises are open.
    terminal.press("e");
    terminal.wait_for("e again writes the last word all the same");
    terminal.press("e");
    terminal.wait_for("\u{258c} The final word, and who can carry on");
    write_letter(&mut terminal);

    let mails = town.mails_of(CLIENT, 3);
    let order = ["would like us to go on working together", "My last day for you is", "has come to its end"];
    for (mail, words) in mails.iter().zip(order) {
        let text = parse_mail(mail.as_bytes()).unwrap().get_body().unwrap().replace("\r\n", " ");
        assert!(text.contains(words), "{words}:\n{text}");
        assert!(!text.contains("invoice 17"), "{text}");
    }

    // They write once more: it is there, and marked.
    town.comes(
        &format!("Ann Lee <{CLIENT}>"),
        "One more thing",
        "more",
        "",
        "Could you do one more thing for me?",
    );
    terminal.wait_for("amicable Client ");
    terminal.press("q");
    terminal.wait_for("amicable Reader");
    terminal.press("q");
    terminal.wait_for("amicable Queue");
    terminal.press("f");
    terminal.wait_for("One more thing");
    let screen = terminal.screen();
    let row = screen.lines().find(|line| line.contains("One more thing")).unwrap();
    assert!(row.contains("parted"), "{screen}");
    terminal.press("q");
    terminal.wait_for_end().assert_restored();
    let (_, listed, _) = office.run(&["clients", "--format", "json"]);
    let rows: serde_json::Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(rows[0]["parting"], "parted", "{listed}");
}

#[test]
fn of_an_absence_two_clients_are_told_once_and_a_robot_never() {
    let town = Town::start();
    let today = Zoned::now().date();
    let day = |days: i64| today.saturating_add(Span::new().days(days)).to_string();
    let settings = format!(
        "{DECIDED}[calendar]\nabsences = [{{ from = \"{}\", until = \"{}\", stand_in = \"Jo Linden, jo@example.net\" }}]\n",
        day(-1),
        day(3)
    );
    let office = Office::new(&town.account(Security::Tls, Security::Starttls), &settings);
    let second = "ben@example.org";
    town.comes(
        &format!("Ann Lee <{CLIENT}>"),
        "The cards",
        "cards",
        "",
        "Could you send me the cards? I need them soon.",
    );
    town.comes(
        &format!("Ben Oak <{second}>"),
        "The photos",
        "photos",
        "",
        "When will our photos be ready? We can't wait.",
    );
    town.comes(
        "Booking desk <noreply@example.org>",
        "Your booking",
        "booking",
        "Auto-Submitted: auto-generated\r\n",
        "A client has booked. Please confirm the order.",
    );
    let mut terminal = office.start(&[], SMALL);
    terminal.wait_for("The photos");
    terminal.wait_for("The cards");
    terminal.wait_for("2 clients to tell (n)");
    // Beforehand it is seen who would be told what.
    terminal.press("n");
    terminal.wait_for("Not told");
    let screen = terminal.screen();
    assert!(screen.contains("Booking desk") && screen.contains("a machine"), "{screen}");
    let (_, planned, _) = office.run(&["notices", "--format", "json"]);
    assert!(
        planned.contains("\"letter\":\"absence-reply\"") && planned.contains("noreply@example.org"),
        "{planned}"
    );
    for _ in 0..2 {
        terminal.press("r");
        terminal.wait_for("marked as automatic");
        send(&mut terminal);
        terminal.wait_for("amicable Notices");
        // The one that is told now stands behind those who are not.
        terminal.wait_for("filed in Sent");
        terminal.press("k k");
    }
    terminal.wait_until("both are told", |words| words.matches("told now").count() == 2);
    terminal.press("r");
    terminal.wait_for("has been told already");
    for who in [CLIENT, second] {
        let mail = town.mails_of(who, 1).remove(0);
        let parsed = parse_mail(mail.as_bytes()).unwrap();
        assert_eq!(
            parsed.headers.get_first_value("Auto-Submitted").as_deref(),
            Some("auto-replied"),
            "{mail}"
        );
        assert!(parsed.headers.get_first_value("In-Reply-To").is_some(), "{mail}");
        let text = parsed.get_body().unwrap();
        assert!(text.contains("Jo Linden, jo@example.net"), "{text}");
    }
    assert!(town.dovecot.messages("noreply@example.org", "INBOX").is_empty());
    // What they wrote is still to be answered.
    let rows = office.store().rows().unwrap();
    assert!(rows.iter().all(|row| row.reply.is_none() && !row.answered), "{rows:#?}");
    let inbox = town.dovecot.messages(OWNER, "INBOX");
    assert!(inbox.iter().all(|message| !message.flags.iter().any(|flag| flag == "\\Answered")), "{inbox:?}");
    terminal.press("q q");
    terminal.wait_for_end().assert_restored();
}

#[test]
fn a_reminder_is_stopped_by_an_answer_that_comes_before_it_goes_out() {
    let town = Town::start();
    let settings =
        DECIDED.replace("undo_window = 1\n", "undo_window = 12\n") + "reminder_after = \"0 minutes\"\n";
    let office = Office::new(&town.account(Security::Tls, Security::Starttls), &settings);
    town.comes(
        &format!("Ann Lee <{CLIENT}>"),
        "The cards",
        "cards",
        "",
        "Could you print the cards again, please?",
    );
    let mut terminal = office.start(&[], SMALL);
    read(&mut terminal, "The cards");
    terminal.press("r");
    choose(&mut terminal, "An empty page");
    terminal.press("enter");
    terminal.wait_for("amicable Editor");
    terminal.type_text("Gladly. Which of the two would you like?");
    terminal.press("ctrl+s");
    terminal.wait_for("It waits for an answer");
    send(&mut terminal);
    terminal.wait_for("filed in Sent");
    let asked = town.mails_of(CLIENT, 1).remove(0);
    let id = parse_mail(asked.as_bytes()).unwrap().headers.get_first_value("Message-ID").unwrap();

    // An out-of-office notice is no answer.
    town.comes(
        &format!("Ann Lee <{CLIENT}>"),
        "Automatic reply: The cards",
        "away",
        &format!("Auto-Submitted: auto-replied\r\nIn-Reply-To: {id}\r\nReferences: {id}\r\n"),
        "I am out of the office and will reply when I am back.",
    );
    terminal.press("f");
    terminal.wait_for("Automatic reply");
    terminal.press("w");
    terminal.wait_for("remind (asked");
    terminal.wait_for("an automatic answer came");
    terminal.press("r");
    terminal.wait_for("A reminder: it is stopped if they answer");
    assert!(
        terminal.screen().contains("\u{201c}Which of the two would you like?\u{201d}"),
        "{}",
        terminal.screen()
    );
    send(&mut terminal);
    terminal.wait_for("goes out in");

    // They answer while it waits.
    town.comes(
        &format!("Ann Lee <{CLIENT}>"),
        "Re: The cards",
        "answer",
        &format!("In-Reply-To: {id}\r\nReferences: {id}\r\n"),
        "The blue ones, please.",
    );
    terminal.press("q");
    terminal.press("f");
    terminal.wait_for("they have answered meanwhile; nothing was sent");
    terminal.press("w");
    terminal.wait_for("Nothing waits");
    terminal.press("q");
    terminal.press("q");
    terminal.wait_for_end().assert_restored();
    assert_eq!(town.mails_of(CLIENT, 1).len(), 1, "the reminder did not go out");
    let outbox = office.store().outbox().unwrap();
    assert_eq!(outbox[0].state, OutboxState::Failed);
    assert!(outbox[0].words.contains("answered meanwhile"), "{}", outbox[0].words);
}
