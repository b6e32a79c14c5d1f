//! Verdict and template -> [`Draft`]: kind to the person, clear about the request.
//!
//! Pure: the owner's answers, the clock's zone and the original message are arguments; the one thing read
//! from disk is the owner's folder of templates ([`TemplateSet::load`]). Nothing in here sends.

use serde::{Deserialize, Serialize};

use crate::mail::{Address, MessageId};

pub mod check;
pub mod draft;
mod frame;
mod front;
pub mod leftover;
pub mod rank;
pub mod recipients;
pub mod signal;
pub mod situation;
pub mod suggestion;
pub mod template;
pub mod values;

pub use check::promised;
pub use draft::recipients;
pub use frame::{greeting, own_text_end};
pub use leftover::{Leftover, leftovers};
pub use rank::{Ranked, rank};
pub use recipients::{address_fault, parse_recipients};
pub use situation::{CardLine, Situation};
pub use template::{Ask, AskKind, RenderFault, Stance, Template, TemplateFault, TemplateSet};
pub use values::Values;

/// A reply in the making.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// `To`.
    pub to: Vec<Address>,
    /// `Cc`.
    pub cc: Vec<Address>,
    /// `Subject`, with one `Re:`.
    pub subject: String,
    /// `In-Reply-To`.
    pub in_reply_to: Option<MessageId>,
    /// `References`, oldest first.
    pub references: Vec<MessageId>,
    /// The whole text, quoted original included.
    pub body: String,
}
