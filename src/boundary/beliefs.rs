//! Beliefs that drive people who run a business alone beyond their boundaries, with questions that loosen them, and lines of
//! policy that may follow (`assets/beliefs.toml`). For `amicable reflect`.

use std::sync::LazyLock;

use serde::Deserialize;

/// A belief.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Belief {
    /// Names it.
    pub id: String,
    /// As one says it to oneself.
    pub belief: String,
    /// What it cost.
    pub question_cost: String,
    /// What would be so without it.
    pub question_without: String,
    /// Turned round, three times.
    pub turnarounds: [String; 3],
    /// The figure of a week that speaks of it.
    pub sign: Sign,
    /// What may follow.
    #[serde(rename = "line")]
    pub lines: Vec<Line>,
}

/// A line of policy.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// In the owner's words.
    pub says: String,
    /// The key of the configuration that makes it real: `policy.response`; empty where there is none.
    pub key: String,
    /// What it becomes, as TOML.
    pub value: String,
}

/// A figure of a week that may speak of a belief.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "as the figures of the report")]
pub enum Sign {
    Evenings,
    Weekends,
    Emergencies,
    Complaints,
    Unusual,
    Refunds,
    LatePromises,
    SlowAnswers,
    OneClient,
    None,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Book {
    belief: Vec<Belief>,
}

static BOOK: LazyLock<Vec<Belief>> = LazyLock::new(|| {
    let book: Book = toml::from_str(include_str!("../../assets/beliefs.toml"))
        .expect("it is compiled in, and a test reads it");
    book.belief
});

/// All of them.
pub fn beliefs() -> &'static [Belief] {
    &BOOK
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_belief_is_read_and_leads_to_a_line() {
        let beliefs = beliefs();
        assert!(beliefs.len() >= 12);
        for belief in beliefs {
            assert!(!belief.lines.is_empty() && belief.belief.len() < 70, "{}", belief.id);
            let both = belief.lines.iter().all(|line| line.key.is_empty() == line.value.is_empty());
            assert!(both, "{}: a key without a value", belief.id);
        }
    }
}
