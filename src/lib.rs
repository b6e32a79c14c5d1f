//! The map of the house (see the finished version).

pub mod cli;
pub mod config;
pub mod deliver;
pub mod mail;
pub mod parse;
pub mod reply;
pub mod source;
pub mod store;
pub mod triage;
pub mod tui;
pub mod worker;
