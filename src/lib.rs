//! The map of the house.
//!
//! `amicable` says what each client is really asking, shows why, and offers a kind and firm reply, which the
//! owner edits and sends. The owner keeps the authority: nothing is sent, deleted, moved or marked as read by
//! itself, and no label hides a message.
//!
//! # The path of a message
//!
//! ```text
//!   IMAP, Maildir, mbox, .eml, stdin, demo        source     raw bytes
//!        |
//!   MIME, charsets, HTML, zones, washing          parse      -> Message
//!        |
//!   sender and concerns, with evidence            triage     -> Verdict
//!        |
//!   kept with drafts, outbox, cursor              store
//!        |
//!   policy, calendar, history                     boundary   the card, the order of replies
//!        |                                        ledger     who is who, what waits, the next step
//!        |                                        report     what a week or a year was like
//!   queue, reader, choice, editor, review         tui        the owner decides
//!        |
//!   template -> text -> frame, and the check      reply      -> Draft, promises
//!        |
//!   queued, taken back or sent, filed             worker     the states of the outbox
//!        |
//!   MIME -> SMTP                                  deliver    the only exit
//! ```
//!
//! # The screen, and where its parts are drawn
//!
//! ```text
//!  amicable  Queue                          9 need you  ·  last checked 14:02    view.rs: title_line
//!   Needs you  9                                                                 state.rs: Group
//! ▌ emergency, unusual  Ann Lee       The marquee is in a tree          1 h      view/queue.rs: message
//!                       “before noon”  deadline tomorrow 12:00                   triage: Evidence
//!   ...
//!  The reply to Ann Lee goes out in 8 s; u takes it back                         view.rs: status_line
//!  enter read  r reply  c label  d done  u undo  o outbox  ? keys                keys.rs: TABLE
//! ```
//!
//! # Rooms
//!
//! Downward only; `tests/all/house.rs` keeps it, and the doors of the foreign crates.
//!
//! | layer | room | what it owns |
//! |---|---|---|
//! | 6 | `src/main.rs` | nothing |
//! | 5 | [`cli`] `src/cli.rs` | arguments, subcommands, exit statuses; a file for each in `src/cli` |
//! | 4 | [`tui`] `src/tui.rs` | the loop and the terminal; `src/tui/desk.rs` does what `src/tui/update.rs` asks for, `src/tui/view.rs` draws `src/tui/state.rs`, `src/tui/keys.rs` is the one table of keys |
//! | 3 | [`worker`] `src/worker.rs` | the network threads: `src/worker/fetch.rs`, `src/worker/outbox.rs`; lessons to the engine: `src/worker/lessons.rs` |
//! | 2 | [`source`] `src/source.rs` | where mail comes from: `src/source/imap.rs`, `src/source/files.rs`, `src/source/demo.rs` |
//! | 2 | [`store`] `src/store.rs` | SQLite; the schema and its history in `src/store/schema.rs` |
//! | 2 | [`deliver`] `src/deliver.rs` | composing and sending: `src/deliver/compose.rs`, `src/deliver/smtp.rs` |
//! | 1 | [`parse`] `src/parse.rs` | bytes to [`mail::Message`], never fails; washes all foreign text |
//! | 1 | [`triage`] `src/triage.rs` | the one engine: a fast and a careful reader (`assets/model`, trained on `assets/corpus`), facts (`assets/phrasebook`), reasons, lessons |
//! | 1 | [`boundary`] `src/boundary.rs` | when the owner works (`src/boundary/calendar.rs`), what they decided (`src/boundary/policy.rs`), the days that a text speaks of (`src/boundary/moments.rs`) |
//! | 1 | [`ledger`] `src/ledger.rs` | who is who and what happened (`src/ledger/client.rs`), promises, the next step (`src/ledger/ladder.rs`), what waits (`src/ledger/follow_up.rs`), whom to tell (`src/ledger/notice.rs`), parting (`src/ledger/parting.rs`) |
//! | 1 | [`reply`] `src/reply.rs` | templates (`assets/templates`), their order (`src/reply/rank.rs`), the situation and its card (`src/reply/situation.rs`), the check before sending (`src/reply/check.rs`), drafts, recipients |
//! | 1 | [`report`] `src/report.rs` | what a stretch of time was like: the figures (`src/report/figures.rs`), as pages of text (`src/report/text.rs`) and one HTML file (`src/report/html.rs`) |
//! | 1 | [`config`] `src/config.rs` | `config.toml`, all faults at once; config.example.toml shows every key; `src/config/edit.rs` changes what the owner asked for |
//! | 0 | [`mail`] `src/mail.rs` | the nouns |
//!
//! What is decided and why: `docs/design.md`. Everything CI runs: `script/test`.

pub mod boundary;
pub mod cli;
pub mod config;
pub mod deliver;
pub mod ledger;
pub mod mail;
pub mod parse;
pub mod reply;
pub mod report;
pub mod source;
pub mod store;
pub mod triage;
pub mod tui;
pub mod worker;
