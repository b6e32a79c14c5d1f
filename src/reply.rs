//! Verdict and template -> [`Draft`]: kind to the person, clear about the request.

use serde::{Deserialize, Serialize};

use crate::mail::{Address, MessageId};

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
