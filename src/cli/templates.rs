//! `amicable templates`: list, show, begin and check reply templates.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};

use super::classify::settings;
use super::exit::{Exit, Stop};
use crate::reply::TemplateSet;

/// Reply templates: list them, show one, begin your own, check yours
#[derive(Debug, Args)]
pub struct TemplatesArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// All templates: the built-in ones and yours over them
    List,
    /// One template as its file has it
    Show {
        /// Its name, such as emergency-decline
        id: String,
    },
    /// Begin a template of your own: a copy of a built-in one, or a small one to fill in
    New {
        /// The name of your template; that of a built-in one takes its place
        id: String,
        /// The template to copy
        #[arg(long, value_name = "ID")]
        from: Option<String>,
    },
    /// Say every fault of your templates, with its line
    #[command(after_help = "Exit status: 0 no fault, 2 faults.")]
    Check {
        /// A template file, or a folder of them; without it the configured folder
        path: Option<PathBuf>,
    },
}

/// More is no template, in bytes.
const LARGEST: u64 = 64 * 1024;

/// What a new template begins with.
const NEW: &str = include_str!("../../assets/new-template.md");

/// Runs it.
pub fn run(args: &TemplatesArgs, config: Option<&Path>) -> Result<Exit> {
    let folder = settings(config, false)?.and_then(|config| config.templates);
    match &args.command {
        Command::List => list(folder.as_deref()),
        Command::Show { id } => show(id, folder.as_deref()),
        Command::New { id, from } => new(id, from.as_deref(), folder.as_deref()),
        Command::Check { path } => check(path.as_deref().or(folder.as_deref())),
    }
}

fn list(folder: Option<&Path>) -> Result<Exit> {
    let (set, faults) = TemplateSet::load(folder);
    let mut out = io::stdout().lock();
    for template in set.iter() {
        let mark = if template.own { "*" } else { " " };
        writeln!(
            out,
            "{mark} {:<28} {:<11} {}",
            template.id,
            template.stance.word(),
            plain(&template.title)
        )?;
    }
    for fault in &faults {
        eprintln!("amicable: template {}", plain(&fault.to_string()));
    }
    if set.iter().any(|template| template.own) {
        eprintln!("* is yours");
    }
    Ok(Exit::Done)
}

fn show(id: &str, folder: Option<&Path>) -> Result<Exit> {
    let text = source(id, folder)?;
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(Exit::Done)
}

/// The same template under another name.
fn with_id(text: &str, id: &str) -> String {
    let is_id = |line: &str| {
        line.trim_start().strip_prefix("id").is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    let mut renamed = false;
    text.split_inclusive('\n')
        .map(|line| {
            if !renamed && is_id(line) {
                renamed = true;
                return format!("id = \"{id}\"\n");
            }
            line.to_owned()
        })
        .collect()
}

/// A file name and nothing else: no path.
fn is_name(id: &str) -> bool {
    !id.is_empty() && id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// Text for a terminal, whatever a file holds.
fn plain(text: &str) -> String {
    crate::parse::wash_text(text).replace('\n', " ")
}

/// The file of a template: the owner's, else the built-in one.
fn source(id: &str, folder: Option<&Path>) -> Result<String> {
    let folder = folder.filter(|_| is_name(id));
    let own = folder.map(|folder| folder.join(format!("{id}.md"))).filter(|path| path.is_file());
    match own {
        Some(path) => fs::read_to_string(&path).with_context(|| format!("can't read {}", path.display())),
        None => TemplateSet::built_in_source(id).map(str::to_owned).ok_or_else(|| {
            Stop::usage(format!("there is no template '{id}'; `amicable templates list` names them")).into()
        }),
    }
}

fn new(id: &str, from: Option<&str>, folder: Option<&Path>) -> Result<Exit> {
    let Some(folder) = folder else {
        return Err(Stop::usage(
            "name a folder for your templates first: `templates` under [reply] in config.toml",
        )
        .into());
    };
    let is_name =
        !id.is_empty() && id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !is_name {
        return Err(Stop::usage(format!(
            "'{id}' can't name a template; use a-z, 0-9 and -, as in my-thanks"
        ))
        .into());
    }
    let path = folder.join(format!("{id}.md"));
    if path.exists() {
        bail!("{} is there already; edit it, or choose another name", path.display());
    }
    let copied = from.or(TemplateSet::built_in_source(id).map(|_| id));
    let text = match copied {
        Some(from) => with_id(&source(from, Some(folder))?, id),
        None => NEW.replace("my-template", id),
    };
    // Never over what is there, be it a link to nowhere.
    let mut file = fs::File::create_new(&path).with_context(|| format!("can't write {}", path.display()))?;
    file.write_all(text.as_bytes()).with_context(|| format!("can't write {}", path.display()))?;
    writeln!(io::stdout(), "{}", path.display())?;
    Ok(Exit::Done)
}

fn check(path: Option<&Path>) -> Result<Exit> {
    let Some(path) = path else {
        return Err(Stop::usage("name a file or folder, or `templates` under [reply] in config.toml").into());
    };
    let faults = if path.is_dir() {
        TemplateSet::load(Some(path)).1
    } else {
        let name = path.file_name().and_then(|name| name.to_str()).context("that path names no file")?;
        let mut bytes = Vec::new();
        // One byte more than a template may have is enough to say so.
        let file = fs::File::open(path)
            .map_err(|error| Stop::usage(format!("can't read {}: {error}", path.display())))?;
        file.take(LARGEST + 1)
            .read_to_end(&mut bytes)
            .with_context(|| format!("can't read {}", path.display()))?;
        TemplateSet::with_own([(name.to_owned(), bytes)]).1
    };
    let mut out = io::stdout().lock();
    for fault in &faults {
        writeln!(out, "{}", plain(&fault.to_string()))?;
    }
    if faults.is_empty() {
        eprintln!("No fault in {}", path.display());
        return Ok(Exit::Done);
    }
    Ok(Exit::Usage)
}
