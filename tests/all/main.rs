//! Black box: drives the built program and the library's public face, against real servers where it can.

mod check;
mod classify;
mod clients;
mod config;
mod corpus;
mod deliver;
mod demo;
mod documents;
mod five_sources;
mod house;
mod imap;
mod ledger;
mod model;
mod parse;
mod policy;
mod readers;
mod reply;
mod servers;
mod session;
mod smtp;
mod terminal;
mod triage;
