//! The owner's own editor on a text. The text is on the disk before it starts, and stays there if it fails.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

/// Runs the editor on the text and gives back what it left, with the file that still holds it. Without a configured one, `$VISUAL` or
/// `$EDITOR`, else `vi`. No shell is involved.
///
/// Fails, with the path of the file that still holds the text, if the editor can't be started, ends with a
/// fault, or leaves something that is no UTF-8.
pub(super) fn edit(text: &str, configured: Option<&[String]>) -> Result<(String, PathBuf)> {
    let mut file = tempfile::Builder::new()
        .prefix("amicable-reply-")
        .suffix(".txt")
        .tempfile()
        .context("can't write a temporary file for the editor")?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.as_file().sync_all())
        .context("can't write a temporary file")?;
    let (_, path) = file.keep().context("can't keep the temporary file")?;
    let command = configured.map_or_else(from_environment, <[String]>::to_vec);
    let (program, arguments) = command.split_first().context("no editor is configured")?;
    let status =
        Command::new(program).args(arguments).arg(&path).status().with_context(|| {
            format!("can't start the editor {program}; your text is in {}", path.display())
        })?;
    if !status.success() {
        bail!("the editor {program} ended with {status}; your text is in {}", path.display());
    }
    let edited = fs::read(&path).with_context(|| format!("can't read {}", path.display()))?;
    let edited = String::from_utf8(edited)
        .with_context(|| format!("{} is no UTF-8 any more; your text is still in it", path.display()))?;
    Ok((edited, path))
}

fn from_environment() -> Vec<String> {
    let named = ["VISUAL", "EDITOR"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    named.as_deref().unwrap_or("vi").split_whitespace().map(str::to_owned).collect()
}
