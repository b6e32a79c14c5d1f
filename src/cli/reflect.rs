//! `amicable reflect`: five minutes for the owner alone at the end of a week. Which belief drove it, what it cost, what would
//! be so without it, the belief turned round three times, and what of that becomes policy. Nothing is kept and nothing is
//! changed unless the owner says so.

use std::io::{self, BufRead, IsTerminal as _, Write};
use std::path::Path;

use anyhow::{Context, Result};
use clap::Args;
use jiff::Timestamp;

use super::book::Book;
use super::exit::{Exit, Stop};
use crate::boundary::beliefs::{Belief, Line, Sign, beliefs};
use crate::config::Config;
use crate::config::edit::PolicyChange;
use crate::ledger::counted;
use crate::report::Report;
use crate::store::{Reflection, Store};

/// Five minutes for yourself at the end of a week: a belief, what it costs, what would be so without it
#[derive(Debug, Args)]
pub struct ReflectArgs {
    /// Show what you kept
    #[arg(long)]
    list: bool,
    /// Forget what you kept under this number
    #[arg(long, value_name = "NUMBER", conflicts_with = "list")]
    forget: Option<i64>,
}

/// Runs it.
pub fn run(args: &ReflectArgs, config: Option<&Path>) -> Result<Exit> {
    if args.list || args.forget.is_some() {
        let store = Store::open(&Config::data_dir().map_err(Stop::usage)?)?;
        if let Some(number) = args.forget {
            store.forget_reflection(number)?;
        }
        list(&store, &mut io::stdout().lock())?;
        return Ok(Exit::Done);
    }
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(
            Stop::usage("`amicable reflect` asks questions and needs a terminal; --list does not").into()
        );
    }
    let book = Book::open(config)?;
    let path =
        config.map(Path::to_owned).or_else(|| Config::default_path().ok()).filter(|path| path.exists());
    let mut talk = Talk { input: io::stdin().lock(), out: io::stdout().lock() };
    exercise(&book, path.as_deref(), &mut talk)?;
    Ok(Exit::Done)
}

fn list(store: &Store, out: &mut impl Write) -> Result<()> {
    for (number, at, kept) in store.reflections()? {
        let at: Timestamp = at;
        let day = at.to_zoned(jiff::tz::TimeZone::system()).strftime("%-d %B %Y").to_string();
        writeln!(out, "{number}  {day}  {}", kept.belief)?;
        writeln!(out, "   it cost: {}", kept.cost)?;
        writeln!(out, "   without it: {}", kept.without)?;
        for (turned, example) in &kept.turnarounds {
            writeln!(out, "   {turned}: {example}")?;
        }
        if let Some(line) = &kept.line {
            writeln!(out, "   now policy: {line}")?;
        }
    }
    Ok(())
}

/// Columns of the texts.
const WIDTH: usize = 78;

/// Questions and answers, a line each.
struct Talk<I, O> {
    input: I,
    out: O,
}

impl<I: BufRead, O: Write> Talk<I, O> {
    fn say(&mut self, text: &str) -> Result<()> {
        for line in text.lines() {
            let indent = " ".repeat(line.len() - line.trim_start().len());
            let options = textwrap::Options::new(WIDTH).initial_indent(&indent).subsequent_indent(&indent);
            for line in textwrap::wrap(line.trim_start(), options) {
                writeln!(self.out, "{line}")?;
            }
            if line.is_empty() {
                writeln!(self.out)?;
            }
        }
        Ok(())
    }

    /// An answer; none where there is nobody any more.
    fn ask(&mut self, question: &str) -> Result<Option<String>> {
        write!(self.out, "\n{question}\n> ")?;
        self.out.flush()?;
        let mut line = Vec::new();
        let read = self.input.read_until(b'\n', &mut line).context("can't read your answer")?;
        let text = crate::parse::wash_text(&String::from_utf8_lossy(&line)).trim().to_owned();
        Ok((read > 0).then_some(text))
    }

    fn yes(&mut self, question: &str) -> Result<bool> {
        let answer = self.ask(&format!("{question} [y/N]"))?;
        Ok(answer
            .is_some_and(|answer| answer.eq_ignore_ascii_case("y") || answer.eq_ignore_ascii_case("yes")))
    }
}

/// The exercise. Whoever stops in the middle has changed nothing and kept nothing.
fn exercise(book: &Book, config: Option<&Path>, talk: &mut Talk<impl BufRead, impl Write>) -> Result<()> {
    talk.say(
        "Five minutes for you alone. Nothing is kept or changed unless you say so; an empty line goes on.",
    )?;
    let week = book.report(book.days_back(7));
    talk.say(&said(&week))?;
    let Some(chosen) = choose(&week, talk)? else { return Ok(()) };
    let mut kept = Reflection { belief: chosen.belief().to_owned(), ..Reflection::default() };
    let (cost, without) = chosen.questions();
    let Some(answer) = talk.ask(&cost)? else { return Ok(()) };
    kept.cost = answer;
    let Some(answer) = talk.ask(&without)? else { return Ok(()) };
    kept.without = answer;
    talk.say(
        "\nNow turn it round, three times. Is it as true, or truer? One example of this week is enough.",
    )?;
    for number in 0..3 {
        let turned = match &chosen {
            Chosen::Known(belief) => belief.turnarounds.get(number).cloned().unwrap_or_default(),
            Chosen::Own(_) => {
                const WAYS: [&str; 3] =
                    ["Say the opposite of it:", "Say it of yourself:", "Say it the other way round:"];
                let way = WAYS.get(number).copied().unwrap_or_default();
                let Some(turned) = talk.ask(way)? else { return Ok(()) };
                turned
            }
        };
        if turned.is_empty() {
            continue;
        }
        let Some(example) = talk.ask(&format!("{turned}. Where was that so?"))? else { return Ok(()) };
        kept.turnarounds.push((turned, example));
    }
    kept.line = policy(&chosen, config, talk)?;
    if talk.yes("Keep this, for yourself alone? (`amicable reflect --list` shows it)")? {
        let number = book.store.reflect(&kept, book.now.timestamp())?;
        talk.say(&format!("Kept; `amicable reflect --forget {number}` forgets it."))?;
    } else {
        talk.say("Nothing is kept.")?;
    }
    Ok(())
}

/// The belief that was chosen.
enum Chosen {
    Known(&'static Belief),
    Own(String),
}

impl Chosen {
    fn belief(&self) -> &str {
        match self {
            Chosen::Known(belief) => &belief.belief,
            Chosen::Own(text) => text,
        }
    }

    fn questions(&self) -> (String, String) {
        match self {
            Chosen::Known(belief) => (belief.question_cost.clone(), belief.question_without.clone()),
            Chosen::Own(_) => (
                "What did believing that cost you this week: time, sleep, money, other clients?".to_owned(),
                "What would this week have been like if you could not think it?".to_owned(),
            ),
        }
    }

    fn lines(&self) -> &[Line] {
        match self {
            Chosen::Known(belief) => &belief.lines,
            Chosen::Own(_) => &[],
        }
    }
}

/// Those of which this week speaks come first.
fn choose(week: &Report, talk: &mut Talk<impl BufRead, impl Write>) -> Result<Option<Chosen>> {
    let mut offered: Vec<&'static Belief> = beliefs().iter().collect();
    offered.sort_by_key(|belief| !speaks(week, belief.sign));
    talk.say("\nWhich belief drove this week?")?;
    for (number, belief) in (1..).zip(&offered) {
        let sign = if speaks(week, belief.sign) { "*" } else { " " };
        talk.say(&format!("{number:>3} {sign} {}", belief.belief))?;
    }
    loop {
        let Some(answer) = talk.ask("A number, or the belief in your own words (empty: not this week)")?
        else {
            return Ok(None);
        };
        if answer.is_empty() {
            return Ok(None);
        }
        let Ok(number) = answer.parse::<usize>() else { return Ok(Some(Chosen::Own(answer))) };
        match number.checked_sub(1).and_then(|at| offered.get(at)) {
            Some(belief) => return Ok(Some(Chosen::Known(belief))),
            None => talk.say(&format!("{number} is not in the list: 1 to {}", offered.len()))?,
        }
    }
}

/// The week in one line.
fn said(week: &Report) -> String {
    let sum = |of: fn(&crate::report::Week) -> u32| week.weeks.iter().map(of).sum::<u32>();
    let outside = week.outside.evenings + week.outside.weekends + week.outside.days_off;
    let say = |count: u32, one, several| counted(usize::try_from(count).unwrap_or(usize::MAX), one, several);
    format!(
        "Your week: {} of clients, {}, {}; {}, {outside} of them outside your hours; {} late.",
        say(sum(|week| week.messages), "message", "messages"),
        say(sum(|week| week.emergency), "emergency", "emergencies"),
        say(sum(|week| week.complaint), "complaint", "complaints"),
        say(week.outside.replies, "reply", "replies"),
        say(week.promises.kept_late + week.promises.overdue, "promise", "promises"),
    )
}

/// Whether the week speaks of a belief.
fn speaks(week: &Report, sign: Sign) -> bool {
    let sum = |of: fn(&crate::report::Week) -> u32| week.weeks.iter().map(of).sum::<u32>();
    match sign {
        Sign::Evenings => week.outside.evenings >= 2,
        Sign::Weekends => week.outside.weekends + week.outside.days_off >= 1,
        Sign::Emergencies => sum(|week| week.emergency) >= 2,
        Sign::Complaints => sum(|week| week.complaint) >= 2,
        Sign::Unusual => sum(|week| week.unusual) >= 2,
        Sign::Refunds => sum(|week| week.refund) >= 1,
        Sign::LatePromises => week.promises.kept_late + week.promises.overdue >= 1,
        Sign::SlowAnswers => week.answers.overdue >= 2,
        Sign::OneClient => {
            week.clients.first().is_some_and(|first| first.messages >= 3 && first.share >= 0.4)
        }
        Sign::None => false,
    }
}

/// What becomes policy; the line that did.
fn policy(
    chosen: &Chosen,
    config: Option<&Path>,
    talk: &mut Talk<impl BufRead, impl Write>,
) -> Result<Option<String>> {
    talk.say("\nWhich of that becomes a line of your policy?")?;
    for (number, line) in (1..).zip(chosen.lines()) {
        let change =
            if line.key.is_empty() { String::new() } else { format!("  ({} = {})", line.key, line.value) };
        talk.say(&format!("{number:>3}   {}{change}", line.says))?;
    }
    let (answer, known) = loop {
        let answer = talk.ask("A number, or a line in your own words (empty: none)")?;
        let Some(answer) = answer.filter(|answer| !answer.is_empty()) else { return Ok(None) };
        let Ok(number) = answer.parse::<usize>() else { break (answer, None) };
        match number.checked_sub(1).and_then(|at| chosen.lines().get(at)) {
            Some(line) => break (answer, Some(line)),
            None => talk.say(&format!("{number} is not in the list"))?,
        }
    };
    let line = known.map_or(answer.clone(), |line| line.says.clone());
    let set = known.and_then(|line| Some((line.key.strip_prefix("policy.")?.to_owned(), line.value.clone())));
    let change = PolicyChange { principle: Some(line.clone()), set };
    let Some(path) = config else {
        talk.say(&format!(
            "There is no configuration yet. Write into its [policy]: principles = [\"{line}\"]"
        ))?;
        return Ok(None);
    };
    if let Some((key, value)) = &change.set {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        match change.now(&text) {
            Some(now) => talk.say(&format!("`{key}` is {now} now, and would become {value}."))?,
            None => {
                talk.say(&format!("`{key}` is not decided in your file yet, and would become {value}."))?;
            }
        }
    }
    if talk.yes(&format!("Write it into {}?", path.display()))? {
        change.write(path)?;
        talk.say("Written. `amicable policy` says what holds now.")?;
    } else {
        talk.say("Nothing is changed.")?;
        return Ok(None);
    }
    Ok(Some(line))
}

#[cfg(test)]
mod tests {
    use jiff::Zoned;

    use super::*;
    use crate::boundary::{Calendar, Policy};

    fn talk(answers: &str, config: Option<&Path>) -> (String, Store) {
        let folder = tempfile::tempdir().unwrap();
        let now: Zoned = "2026-11-27T17:30[Europe/London]".parse().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let book = Book::of(store, Calendar::default(), Policy::default(), Vec::new(), &now).unwrap();
        let mut talk = Talk { input: answers.as_bytes(), out: Vec::new() };
        exercise(&book, config, &mut talk).unwrap();
        // The folder is gone with the next line; the open store keeps its file.
        (String::from_utf8(talk.out).unwrap(), book.store)
    }

    #[test]
    fn an_exercise_is_kept_only_if_wanted() {
        let answers = "1\nsleep\nan evening off\na\nb\nc\n\n";
        let (said, store) = talk(&format!("{answers}n\n"), None);
        assert!(said.contains("Nothing is kept."), "{said}");
        assert!(store.reflections().unwrap().is_empty());
        let (said, store) = talk(&format!("{answers}y\n"), None);
        assert!(said.contains("Kept;"), "{said}");
        let kept = store.reflections().unwrap();
        assert_eq!((kept.len(), kept[0].2.cost.as_str(), kept[0].2.turnarounds.len()), (1, "sleep", 3));
        // Whoever leaves in the middle leaves nothing.
        let (_, store) = talk("1\nsleep\n", None);
        assert!(store.reflections().unwrap().is_empty());
    }

    #[test]
    fn what_becomes_policy_is_written_only_if_wanted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        let text = "[account.a]\nemail = \"a@example.com\"\nimap = { host = \"imap.example.com\" }\nsmtp = { host = \"smtp.example.com\" }\npassword_env = \"X\"\n";
        std::fs::write(&path, text).unwrap();
        let own = "I must be there for everyone\ncost\nwithout\nno\nx\nme\ny\nthey\nz\nI am there from nine to five.\n";
        talk(&format!("{own}n\nn\n"), Some(&path));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        let (said, _) = talk(&format!("{own}y\nn\n"), Some(&path));
        assert!(said.contains("Written."), "{said}");
        let config = Config::load(&path).unwrap();
        assert_eq!(config.policy.principles, ["I am there from nine to five."]);
    }

    #[test]
    fn every_line_that_is_offered_can_be_written() {
        let text = "[account.a]\nemail = \"a@example.com\"\nimap = { host = \"imap.example.com\" }\nsmtp = { host = \"smtp.example.com\" }\npassword_env = \"X\"\n";
        for line in beliefs().iter().flat_map(|belief| &belief.lines).filter(|line| !line.key.is_empty()) {
            let key = line.key.strip_prefix("policy.").unwrap().to_owned();
            let change =
                PolicyChange { principle: Some(line.says.clone()), set: Some((key, line.value.clone())) };
            let changed = change.apply(text).unwrap();
            let read =
                Config::from_toml(&changed, Path::new("config.toml"), &crate::config::Environment::default());
            assert!(read.is_ok(), "{}: {}", line.key, read.unwrap_err());
        }
    }
}
