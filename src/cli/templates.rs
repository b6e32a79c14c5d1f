//! `amicable templates`: list, show, begin and check reply templates.

use std::fs;
use std::io::{self, Write as _};
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
        writeln!(out, "{mark} {:<28} {:<11} {}", template.id, template.stance.word(), template.title)?;
    }
    for fault in &faults {
        eprintln!("amicable: template {fault}");
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

/// The file of a template: the owner's, else the built-in one.
fn source(id: &str, folder: Option<&Path>) -> Result<String> {
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
        Some(from) => {
            source(from, Some(folder))?.replace(&format!("id = \"{from}\""), &format!("id = \"{id}\""))
        }
        None => NEW.replace("my-template", id),
    };
    fs::write(&path, text).with_context(|| format!("can't write {}", path.display()))?;
    println!("{}", path.display());
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
        let bytes = fs::read(path).with_context(|| format!("can't read {}", path.display()))?;
        TemplateSet::with_own([(name.to_owned(), bytes)]).1
    };
    for fault in &faults {
        println!("{fault}");
    }
    if faults.is_empty() {
        eprintln!("No fault in {}", path.display());
        return Ok(Exit::Done);
    }
    Ok(Exit::Usage)
}
