//! What was written, as serde reads it: the shape of the file and nothing of its meaning. The bridge from here
//! to [`super::Config`] is [`super::decide`].

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) account: BTreeMap<String, Account>,
    #[serde(default)]
    pub(super) triage: Triage,
    #[serde(default)]
    pub(super) hours: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) calendar: Calendar,
    #[serde(default)]
    pub(super) policy: Policy,
    #[serde(default)]
    pub(super) reply: Reply,
    #[serde(default)]
    pub(super) fetch: Fetch,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Account {
    pub(super) email: String,
    #[serde(default)]
    pub(super) name: String,
    #[serde(default)]
    pub(super) aliases: Vec<String>,
    pub(super) imap: Server,
    pub(super) smtp: Server,
    pub(super) password_command: Option<Command>,
    pub(super) password_env: Option<String>,
    pub(super) password_file: Option<String>,
    pub(super) password: Option<Secret>,
    pub(super) ca_file: Option<String>,
    pub(super) inbox: Option<String>,
    pub(super) sent: Option<String>,
    #[serde(default)]
    pub(super) signature: String,
}

/// A secret from its first moment on: it is never shown by `Debug`.
#[derive(Deserialize)]
#[serde(from = "String")]
pub(super) struct Secret(pub(super) SecretString);

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(SecretString::from(text))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Server {
    pub(super) host: String,
    pub(super) port: Option<u16>,
    #[serde(default)]
    pub(super) security: Security,
    pub(super) login: Option<String>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Security {
    #[default]
    Tls,
    Starttls,
    None,
}

/// One text, to be split as a shell would, or the words as they are.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Command {
    Text(String),
    Words(Vec<String>),
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Triage {
    #[serde(default)]
    pub(super) thresholds: Thresholds,
    #[serde(default)]
    pub(super) engine: Engine,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Engine {
    #[default]
    Auto,
    Fast,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Thresholds {
    pub(super) emergency: Option<f32>,
    pub(super) refund: Option<f32>,
    pub(super) complaint: Option<f32>,
    pub(super) unusual: Option<f32>,
    pub(super) client: Option<f32>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Calendar {
    #[serde(default)]
    pub(super) holidays: Vec<String>,
    pub(super) holidays_file: Option<String>,
    #[serde(default)]
    pub(super) absences: Vec<Absence>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Absence {
    pub(super) from: String,
    pub(super) until: String,
    pub(super) stand_in: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Policy {
    pub(super) response: Option<String>,
    pub(super) response_for: BTreeMap<String, String>,
    pub(super) lead_time: Option<String>,
    pub(super) lead_times: BTreeMap<String, String>,
    pub(super) rush: Option<Rush>,
    pub(super) cut_offs: BTreeMap<String, String>,
    pub(super) revisions: Option<u16>,
    pub(super) refund: Refund,
    pub(super) deposit: Option<Deposit>,
    pub(super) discount: Option<Discount>,
    pub(super) payment: Payment,
    pub(super) channels: BTreeMap<String, String>,
    pub(super) partners: BTreeMap<String, String>,
    pub(super) promises_a_day: Option<u16>,
    pub(super) reminder_after: Option<String>,
    pub(super) principles: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rush {
    pub(super) offer: String,
    pub(super) notice: Option<String>,
    pub(super) surcharge: Option<String>,
    pub(super) slots_a_week: Option<u16>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Refund {
    pub(super) within_days: Option<u16>,
    pub(super) most: Option<String>,
    pub(super) first: Option<String>,
    pub(super) return_postage: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Deposit {
    pub(super) share: String,
    pub(super) kept_within_days: Option<u16>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Discount {
    pub(super) most: String,
    pub(super) r#for: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Payment {
    pub(super) within_days: Option<u16>,
    pub(super) late_fee: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reply {
    pub(super) templates: Option<String>,
    pub(super) undo_window: Option<Seconds>,
    pub(super) editor: Option<Command>,
    pub(super) names: Option<String>,
    pub(super) sign_off: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Seconds {
    Number(u64),
    Text(String),
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fetch {
    pub(super) window: Option<u32>,
}
