//! Where mail comes from: IMAP, Maildir, mbox, single files, standard input, the demo inbox.
//! Sources hand out raw bytes; they never parse, judge or change a message.

pub mod demo;
pub mod files;
pub mod imap;
mod maildir;
mod mbox;

pub use crate::mail::RawMessage;
