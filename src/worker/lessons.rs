//! From the store to the engine and back: what the owner taught, and what it changes. Decides nothing itself.

use anyhow::Result;

use crate::store::Store;
use crate::triage::Engine;

/// Teaches the engine what the owner taught, and says anew what the messages in the store are that are not put away.
pub fn apply_lessons(store: &mut Store, engine: &Engine) -> Result<()> {
    engine.teach(store.lessons()?.into_iter().map(|kept| kept.lesson).collect());
    let mut changed = Vec::new();
    for (id, judged) in store.judged()? {
        let verdict = engine.judge_again(&judged.verdict, &judged.basis);
        if verdict != judged.verdict {
            changed.push((id, verdict));
        }
    }
    store.renew_verdicts(&changed)
}
