//! Changes of the configuration file that the owner asked for: only `[policy]`, with all else and every comment left as it
//! is. What would not be read again is not written.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context, Result, bail};
use toml_edit::{Array, DocumentMut, Item, Table, Value};

use super::{Config, Environment};

/// A change of the policy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicyChange {
    /// A principle in the owner's words, added to `principles`.
    pub principle: Option<String>,
    /// A key of `[policy]` and the TOML that it becomes.
    pub set: Option<(String, String)>,
}

impl PolicyChange {
    /// The text of a configuration file with the change in it.
    pub fn apply(&self, text: &str) -> Result<String> {
        // The marks of other systems stay as they are.
        let (mark, plain) = text.strip_prefix('\u{feff}').map_or(("", text), |plain| ("\u{feff}", plain));
        let changed = self.applied(plain)?;
        let changed = if plain.contains("\r\n") {
            changed.replace("\r\n", "\n").replace('\n', "\r\n")
        } else {
            changed
        };
        Ok(format!("{mark}{changed}"))
    }

    fn applied(&self, text: &str) -> Result<String> {
        let mut document: DocumentMut = text.parse().context("the configuration can't be read")?;
        let policy = document.entry("policy").or_insert_with(|| Item::Table(Table::new()));
        let Some(policy) = policy.as_table_like_mut() else {
            bail!("`policy` is no table in the configuration")
        };
        if let Some((key, value)) = &self.set {
            let value: Value = value.parse().with_context(|| format!("`{value}` is no TOML value"))?;
            // A comment behind the old value is about the old value's line, and stays.
            let decor = policy.get(key).and_then(Item::as_value).map(|old| old.decor().clone());
            let mut value = value;
            if let Some(decor) = decor {
                *value.decor_mut() = decor;
            }
            // In its place, so that what stands above it stays there.
            match policy.get_mut(key) {
                Some(old) => *old = Item::Value(value),
                None => drop(policy.insert(key, Item::Value(value))),
            }
        }
        if let Some(principle) = &self.principle {
            let list = policy.entry("principles").or_insert_with(|| Item::Value(Value::Array(Array::new())));
            let Some(list) = list.as_array_mut() else {
                bail!("`principles` is no list in the configuration")
            };
            if !list.iter().any(|known| known.as_str() == Some(principle)) {
                list.push(principle.as_str());
            }
        }
        Ok(document.to_string())
    }

    /// What the key says now, as it stands in the file.
    pub fn now(&self, text: &str) -> Option<String> {
        let (key, _) = self.set.as_ref()?;
        let document: DocumentMut = text.trim_start_matches('\u{feff}').parse().ok()?;
        let item = document.get("policy")?.get(key)?;
        Some(item.as_value().map_or_else(
            || "a table of its own".to_owned(),
            |value| value.clone().decorated("", "").to_string(),
        ))
    }

    /// Writes the change into the configuration file. The old file stays until the new one is whole and was read again.
    pub fn write(&self, path: &Path) -> Result<()> {
        // Behind a link lies the file that is meant.
        let path = fs::canonicalize(path).with_context(|| format!("can't find {}", path.display()))?;
        let text = fs::read_to_string(&path).with_context(|| format!("can't read {}", path.display()))?;
        let changed = self.apply(&text)?;
        if let Err(faults) = Config::from_toml(&changed, &path, &Environment::of_process()) {
            bail!("nothing was written, since the configuration would not be whole any more:\n{faults}");
        }
        let folder = path.parent().unwrap_or(Path::new("."));
        let mut file = tempfile::NamedTempFile::new_in(folder)
            .with_context(|| format!("can't write into {}", folder.display()))?;
        file.write_all(changed.as_bytes())?;
        file.as_file().sync_all()?;
        let permissions = fs::metadata(&path)?.permissions();
        fs::set_permissions(file.path(), permissions)?;
        file.persist(&path).with_context(|| format!("can't write {}", path.display()))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str = "# Mine.\n[account.a]\nemail = \"a@example.com\" # me\n\n[policy]\n# By when.\nresponse = \"4 hours\" # too soon\n\n[reply]\n";

    fn change(principle: Option<&str>, set: Option<(&str, &str)>) -> PolicyChange {
        PolicyChange {
            principle: principle.map(str::to_owned),
            set: set.map(|(key, value)| (key.to_owned(), value.to_owned())),
        }
    }

    #[test]
    fn a_change_leaves_all_else_and_every_comment() {
        let change = change(Some("Not at once."), Some(("response", "\"1 working day\"")));
        assert_eq!(change.now(BEFORE).as_deref(), Some("\"4 hours\""));
        let after = change.apply(BEFORE).unwrap();
        let wanted = BEFORE.replace(
            "response = \"4 hours\" # too soon\n",
            "response = \"1 working day\" # too soon\nprinciples = [\"Not at once.\"]\n",
        );
        assert_eq!(after, wanted);
        assert_eq!(change.apply(&after).unwrap(), after, "once is enough");
        let elsewhere = format!("\u{feff}{}", BEFORE.replace('\n', "\r\n"));
        let wanted = format!("\u{feff}{}", wanted.replace('\n', "\r\n"));
        assert_eq!(change.apply(&elsewhere).unwrap(), wanted);
    }

    #[test]
    fn a_file_without_a_policy_gets_one() {
        let after =
            change(Some("Rest is work."), None).apply("[account.a]\nemail = \"a@example.com\"\n").unwrap();
        assert!(after.ends_with("[policy]\nprinciples = [\"Rest is work.\"]\n"), "{after}");
    }

    #[test]
    fn what_would_not_be_read_again_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        let text = "[account.a]\nemail = \"a@example.com\"\nimap = { host = \"imap.example.com\" }\nsmtp = { host = \"smtp.example.com\" }\npassword_env = \"X\"\n";
        fs::write(&path, text).unwrap();
        let fault = change(None, Some(("response", "\"whenever\""))).write(&path).unwrap_err();
        assert!(fault.to_string().contains("nothing was written"), "{fault:#}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
        change(Some("No."), Some(("revisions", "2"))).write(&path).unwrap();
        let config = Config::load(&path).unwrap();
        assert_eq!((config.policy.revisions, config.policy.principles), (Some(2), vec!["No.".to_owned()]));
    }
}
