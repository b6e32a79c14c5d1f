//! `amicable classify`: judges the messages of files, folders, standard input or the configured inbox and prints a line
//! for each. Data goes to standard output, everything else to standard error. It changes nothing anywhere.

use std::io::{self, IsTerminal as _, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, Zoned};

use super::exit::{Exit, Stop};
use super::in_order::in_order;
use super::table::Table;
use super::verdict_row::{self, Row};
use crate::config::{Account, Config};
use crate::mail::Message;
use crate::source::RawMessage;
use crate::source::files::{self, SourceFault};
use crate::source::imap::{Connection, Fault};
use crate::store::Store;
use crate::triage::{Acquaintance, Choice, Concern, Depth, Engine};

/// Where standard output is no terminal there is no width to fit; this one holds a subject of the usual length.
const WIDTH_OF_A_PIPE: usize = 120;

/// Say what each message is asking, without a screen
#[derive(Debug, Args)]
#[command(
    after_help = "Exit status: 0 done, 1 failed, 2 wrong usage or configuration, 3 found (--fail-on), \
                        75 no connection, try again."
)]
pub struct ClassifyArgs {
    /// A Maildir or a folder of .eml files, an mbox file, one message, FILE:N for the N-th message of an mbox, or - for
    /// standard input. Without any: the inbox of the configured accounts. Nothing is changed
    #[arg(value_name = "SOURCE")]
    pub sources: Vec<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
    /// Only messages from then on: 7d, "3 weeks", or a date such as 2026-11-01. One without a date is kept
    #[arg(long, value_name = "WHEN", value_parser = since)]
    pub since: Option<Timestamp>,
    /// Stop after this many lines
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub limit: Option<u64>,
    /// Only messages with one of these
    #[arg(long, value_enum, value_name = "CONCERN", value_delimiter = ',')]
    pub only: Vec<Wanted>,
    /// Below each message of the table, the reasons
    #[arg(long)]
    pub explain: bool,
    /// Exit status 3 if a message has one of these
    #[arg(long, value_enum, value_name = "CONCERN", value_delimiter = ',')]
    pub fail_on: Vec<Wanted>,
    /// Print the JSON Schema of a line of --format jsonl, and nothing else
    #[arg(long)]
    pub schema: bool,
    /// auto: as configured, else the careful reader for all that may ask for something; fast: the quick pass alone, for
    /// very small machines and huge archives
    #[arg(long, value_enum, default_value_t = EngineChoice::Auto)]
    pub engine: EngineChoice,
}

/// How to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Columns, for people
    Table,
    /// One array
    Json,
    /// One object a line
    Jsonl,
}

/// What messages are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Wanted {
    /// A last-minute emergency
    Emergency,
    /// A complaint
    Complaint,
    /// An unusual request
    Unusual,
    /// A refund demand
    Refund,
    /// Any of the four
    Any,
    /// None of the four
    None,
}

impl Wanted {
    fn is_in(self, concerns: &[Concern]) -> bool {
        match self {
            Wanted::Emergency => concerns.contains(&Concern::Emergency),
            Wanted::Complaint => concerns.contains(&Concern::Complaint),
            Wanted::Unusual => concerns.contains(&Concern::Unusual),
            Wanted::Refund => concerns.contains(&Concern::Refund),
            Wanted::Any => !concerns.is_empty(),
            Wanted::None => concerns.is_empty(),
        }
    }
}

/// Which engine judges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum EngineChoice {
    /// The careful reader for all that may ask for something
    Auto,
    /// The quick pass alone
    Fast,
}

/// Runs the command. `config` is the file that the owner named, if one was named.
pub fn run(args: &ClassifyArgs, config: Option<&Path>) -> anyhow::Result<Exit> {
    if args.schema {
        io::stdout().write_all(verdict_row::SCHEMA.as_bytes())?;
        return Ok(Exit::Done);
    }
    let settings = settings(config, args.sources.is_empty())?;
    let origin = origin(args, settings.as_ref())?;
    let engine = engine(settings.as_ref(), args.engine);
    teach(&engine)?;
    let depth = if args.explain { Depth::Full } else { Depth::Brief };
    let zone = TimeZone::system();
    let mut printer = Printer::new(args, zone.clone());
    printer.begin()?;
    let mut wrong = None;
    let read = in_order(
        move |sink| feed(origin, sink),
        move |given| {
            let judge = |message: &Message| engine.judge(message, Acquaintance::default(), depth).verdict;
            verdict_row::read(given, &zone, judge).row
        },
        |row| match printer.take(&row) {
            Ok(flow) => flow,
            Err(e) => {
                wrong = Some(e);
                ControlFlow::Break(())
            }
        },
    )?;
    printer.end(wrong)?;
    read.transpose()?;
    Ok(match (printer.found, printer.unread) {
        (true, _) => Exit::Found,
        (false, true) => Exit::Failed,
        (false, false) => Exit::Done,
    })
}

/// The configuration: the named one, else the one at the usual place if there is one. Files can be judged without
/// any; an inbox can't.
pub(super) fn settings(named: Option<&Path>, needed: bool) -> Result<Option<Config>, Stop> {
    let usual = Config::default_path();
    let path = match (named, usual) {
        (Some(path), _) => path.to_owned(),
        (None, Ok(path)) if needed || path.exists() => path,
        (None, Err(why)) if needed => return Err(Stop::usage(why)),
        _ => return Ok(None),
    };
    Config::load(&path).map(Some).map_err(|faults| {
        let count = faults.faults.len();
        let intro = if count == 1 { "the configuration".to_owned() } else { format!("{count} faults") };
        Stop::usage(format!("{intro}:\n{faults}"))
    })
}

/// The engine as the owner set it up, or as they ask for it now.
pub(super) fn engine(settings: Option<&Config>, choice: EngineChoice) -> Engine {
    let mut settings = settings.map(Config::triage).unwrap_or_default();
    if choice == EngineChoice::Fast {
        settings.choice = Choice::Fast;
    }
    Engine::new(settings)
}

/// The engine as the owner set it up, with what they taught it.
pub(super) fn taught_engine(settings: Option<&Config>) -> anyhow::Result<Engine> {
    let engine = engine(settings, EngineChoice::Auto);
    teach(&engine)?;
    Ok(engine)
}

/// Teaches what the owner taught; no store is made for it.
fn teach(engine: &Engine) -> anyhow::Result<()> {
    let data = Config::data_dir().map_err(Stop::usage)?;
    if Store::is_there(&data) {
        let lessons = Store::open(&data)?.lessons()?;
        engine.teach(lessons.into_iter().map(|kept| kept.lesson).collect());
    }
    Ok(())
}

/// Where the messages come from.
enum Origin {
    Files(Vec<PathBuf>),
    /// Each account with the number of messages to look at.
    Inboxes(Vec<Account>, u32),
}

/// Settles where to read, and refuses names that lead nowhere before anything is printed.
fn origin(args: &ClassifyArgs, settings: Option<&Config>) -> Result<Origin, Stop> {
    if let (true, Some(config)) = (args.sources.is_empty(), settings) {
        let wanted = args.limit.and_then(|limit| u32::try_from(limit).ok()).unwrap_or_default();
        return Ok(Origin::Inboxes(config.accounts.clone(), config.window.max(wanted)));
    }
    if args.sources.iter().filter(|source| source.as_os_str() == "-").count() > 1 {
        return Err(Stop::usage("standard input (-) can be read once; name it once"));
    }
    let faults: Vec<String> = args
        .sources
        .iter()
        .filter(|source| source.as_os_str() != "-")
        .filter_map(|source| files::look(source).err())
        .map(|fault| crate::parse::wash_line(&fault.to_string()))
        .collect();
    if faults.is_empty() {
        Ok(Origin::Files(args.sources.clone()))
    } else {
        Err(Stop::usage(faults.join("\n")))
    }
}

type Given = Result<RawMessage, SourceFault>;

/// Hands every message of the origin to `sink`, until it has enough.
fn feed(origin: Origin, sink: &mut dyn FnMut(Given) -> ControlFlow<()>) -> Result<(), Stop> {
    match origin {
        Origin::Files(sources) => {
            for source in sources {
                // It could be opened a moment ago; if it is gone now that is a line like any other.
                let flow = match files::open(&source) {
                    Ok(messages) => messages.into_iter().try_for_each(&mut *sink),
                    Err(fault) => sink(Err(fault)),
                };
                if flow.is_break() {
                    return Ok(());
                }
            }
            Ok(())
        }
        Origin::Inboxes(accounts, window) => {
            let mut faults: Vec<Stop> = Vec::new();
            for account in accounts {
                let mut flow = ControlFlow::Continue(());
                let read = imap_messages(&account, window, &mut |raw| {
                    flow = sink(Ok(raw));
                    flow
                });
                // The other accounts may well be there.
                faults.extend(read.err());
                if flow.is_break() {
                    return Ok(());
                }
            }
            all_of(faults)
        }
    }
}

/// All faults as one; it is passing only if each of them is.
fn all_of(faults: Vec<Stop>) -> Result<(), Stop> {
    let Some(exit) = faults.iter().map(|fault| fault.exit).min_by_key(|exit| *exit as u8) else {
        return Ok(());
    };
    let what: Vec<String> = faults.into_iter().map(|fault| fault.what).collect();
    Err(Stop { exit, what: what.join("\n") })
}

/// Hands the newest `window` messages of the account's inbox to `sink`, the newest first, until it has enough.
/// The folder is examined, not selected, so that nothing on the server changes.
fn imap_messages(
    account: &Account,
    window: u32,
    sink: &mut dyn FnMut(RawMessage) -> ControlFlow<()>,
) -> Result<(), Stop> {
    let password = account
        .password()
        .map_err(|what| Stop { exit: Exit::Failed, what: format!("account {}: {what}", account.name) })?;
    let mut read = || {
        let mut connection = Connection::open(&account.imap, &password, account.ca_file.as_deref())?;
        let selected = connection.examine(&account.inbox)?;
        let taken = connection.fetch_newer(&selected, 0, window, sink)?;
        if taken.cursor.is_some() && selected.exists > window {
            eprintln!(
                "amicable: account {}: looked at the newest {window} of {} messages (`window` in the configuration)",
                account.name, selected.exists
            );
        }
        connection.close();
        Ok(())
    };
    read().map_err(|fault: Fault| Stop {
        exit: if fault.is_passing() { Exit::TryAgain } else { Exit::Failed },
        what: format!("account {}: {fault}", account.name),
    })
}

/// The moment meant by `--since`.
pub(super) fn since(text: &str) -> Result<Timestamp, String> {
    let now = Zoned::now();
    let date = || text.parse::<jiff::civil::Date>().ok()?.to_zoned(now.time_zone().clone()).ok();
    let ago = || now.checked_sub(text.parse::<Span>().ok()?.abs()).ok();
    let moment =
        text.parse::<Timestamp>().ok().or_else(|| date().or_else(ago).map(|zoned| zoned.timestamp()));
    match moment {
        Some(moment) if moment > now.timestamp() => Err("that is in the future".to_owned()),
        Some(moment) => Ok(moment),
        None => {
            Err("expected a length of time such as 7d or \"3 weeks\", or a date such as 2026-11-01"
                .to_owned())
        }
    }
}

/// Prints rows as they come.
struct Printer<'a> {
    args: &'a ClassifyArgs,
    table: Table,
    progress: ProgressBar,
    printed: u64,
    /// Whether a message had a concern of `--fail-on`, printed or not.
    found: bool,
    /// Whether the source could not give a message.
    unread: bool,
}

impl<'a> Printer<'a> {
    fn new(args: &'a ClassifyArgs, zone: TimeZone) -> Self {
        let on_screen = io::stdout().is_terminal();
        let width = if on_screen { textwrap::termwidth() } else { WIDTH_OF_A_PIPE };
        // Without a terminal on standard error indicatif draws nothing.
        let progress = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {human_pos} messages read, {per_sec}") {
            progress.set_style(style);
        }
        Self { args, table: Table::new(width, zone), progress, printed: 0, found: false, unread: false }
    }

    fn begin(&self) -> io::Result<()> {
        match self.args.format {
            Format::Table => io::stdout().write_all(self.table.head().as_bytes()),
            Format::Json | Format::Jsonl => Ok(()),
        }
    }

    fn take(&mut self, row: &Row) -> anyhow::Result<ControlFlow<()>> {
        self.progress.inc(1);
        let in_time = self.args.since.is_none_or(|since| row.moment.is_none_or(|moment| moment >= since));
        let has = |wanted: &[Wanted]| wanted.iter().any(|wanted| wanted.is_in(&row.concerns));
        self.found |= in_time && has(&self.args.fail_on);
        self.unread |= row.unread;
        let shown = in_time && (self.args.only.is_empty() || has(&self.args.only));
        if row.unread && !(shown && self.args.format == Format::Table) {
            self.warn(row);
        }
        if !shown {
            return Ok(ControlFlow::Continue(()));
        }
        let text = self.text(row)?;
        self.progress.suspend(|| io::stdout().write_all(text.as_bytes()))?;
        self.printed += 1;
        let enough = self.args.limit.is_some_and(|limit| self.printed >= limit);
        Ok(if enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }

    /// A message that could not be read is told even where its row is not.
    fn warn(&self, row: &Row) {
        let why = row.notes.first().map_or("", String::as_str);
        // Where standard error is closed nobody can be told.
        self.progress.suspend(|| drop(writeln!(io::stderr(), "amicable: {}: {why}", row.source)));
    }

    fn text(&self, row: &Row) -> anyhow::Result<String> {
        Ok(match self.args.format {
            Format::Table => self.table.row(row, self.args.explain),
            Format::Jsonl => serde_json::to_string(row)? + "\n",
            Format::Json => {
                let before = if self.printed == 0 { "[\n" } else { ",\n" };
                before.to_owned() + &serde_json::to_string(row)?
            }
        })
    }

    /// Ends the output. A reader that went away (`| head`) has had what it wanted.
    fn end(&self, wrong: Option<anyhow::Error>) -> anyhow::Result<()> {
        self.progress.finish_and_clear();
        let closed = match (wrong, self.args.format) {
            (Some(error), _) => Err(error),
            (None, Format::Json) => {
                let end = if self.printed == 0 { "[]\n" } else { "\n]\n" };
                io::stdout().write_all(end.as_bytes()).map_err(Into::into)
            }
            (None, Format::Table | Format::Jsonl) => Ok(()),
        };
        match closed {
            Err(error) if super::exit::is_broken_pipe(&error) => Ok(()),
            other => other,
        }
    }
}
