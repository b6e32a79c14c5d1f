//! Black box: drives the built program and the library's public face, against real servers where it can.

mod classify;
mod config;
mod demo;
mod deliver;
mod imap;
mod parse;
mod reply;
mod servers;
mod triage;
