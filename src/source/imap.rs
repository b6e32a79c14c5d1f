//! stub until merge
#![expect(missing_docs, reason = "stub")]
use crate::config::Server;
use crate::mail::{MessageId, RawMessage};
use secrecy::SecretString;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, atomic::AtomicBool};
#[derive(Debug)]
pub struct Connection;
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    Login,
}
#[derive(Debug)]
pub struct Fault {
    pub kind: FaultKind,
}
impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("x")
    }
}
impl std::error::Error for Fault {}
pub enum Flag {
    Seen,
    Answered,
}
pub enum SpecialUse {
    Sent,
}
pub struct Folder {
    pub name: String,
}
pub struct Selected {
    pub uid_validity: u32,
}
impl Connection {
    pub fn open(_: &Server, _: &SecretString, _: Option<&Path>) -> Result<Self, Fault> {
        Ok(Self)
    }
    pub fn cancel_with(&mut self, _: Arc<AtomicBool>) {}
    pub fn examine(&mut self, _: &str) -> Result<Selected, Fault> {
        Ok(Selected { uid_validity: 1 })
    }
    pub fn select(&mut self, _: &str) -> Result<Selected, Fault> {
        Ok(Selected { uid_validity: 1 })
    }
    pub fn fetch_newer(
        &mut self,
        _: &Selected,
        _: u32,
        _: u32,
        _: &mut dyn FnMut(RawMessage) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        Ok(())
    }
    pub fn find_by_message_id(&mut self, _: &str, _: &MessageId) -> Result<Vec<u32>, Fault> {
        Ok(vec![])
    }
    pub fn append(&mut self, _: &str, _: &[u8], _: &[Flag]) -> Result<(), Fault> {
        Ok(())
    }
    pub fn add_flag(&mut self, _: &str, _: u32, _: Flag) -> Result<(), Fault> {
        Ok(())
    }
    pub fn special(&mut self, _: SpecialUse) -> Result<Option<Folder>, Fault> {
        Ok(None)
    }
    pub fn close(self) {}
}
