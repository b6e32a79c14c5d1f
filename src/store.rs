//! SQLite: messages, verdicts, corrections, drafts, outbox, sync cursor.
