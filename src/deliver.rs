//! [`crate::reply::Draft`] -> MIME -> SMTP or a local folder. The only exit of the program.
//!
//! Composes once, when a reply is queued, and sends those bytes. Never retries, never decides whether an
//! unclear attempt went out, and keeps nothing: that is the outbox's.

pub mod compose;
pub mod folder;
pub mod smtp;

pub use compose::{ComposeFault, compose, new_message_id};

pub use crate::mail::Outgoing;

/// How an attempt to send ended. The difference that matters is whether the body had been handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The server took it; its words.
    Accepted(String),
    /// The server refused it for good (5yz); its words. Nothing was sent.
    Refused(String),
    /// Nothing was sent and a later attempt may go through: no connection, 4yz, wrong password.
    NotSent(String),
    /// The line was lost after the body had been handed over: it may or may not have gone out.
    Unknown(String),
}
