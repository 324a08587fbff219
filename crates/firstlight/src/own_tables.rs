//! A user's own tables of names: the option that names their folder, and reading them.

use std::fs;
use std::path::Path;

use clap::Args;
use firstlight_knowledge::check::Problem;
use firstlight_knowledge::networks::MAX_DATABASE_BYTES;
use firstlight_knowledge::overlay::MAX_BYTES;
use firstlight_knowledge::{Database, Knowledge};

use crate::outcome::plainly;

/// Own tables.
#[derive(Debug, Clone, Args)]
pub struct OwnTables {
    /// A folder of your own tables of names, whose rules win (see firstlight knowledge --help)
    #[arg(long = "knowledge", value_name = "DIR", value_parser = with_own)]
    own: Option<Knowledge>,
    /// A database of networks or countries (.mmdb) of yours: who runs an address, and where; may be repeated
    #[arg(long = "networks", value_name = "FILE", value_parser = database)]
    networks: Vec<&'static Database>,
}

impl OwnTables {
    /// What is known, with them where there are some.
    pub fn knowledge(&self) -> Knowledge {
        self.own.unwrap_or_default().with_networks(&self.networks)
    }
}

/// What is known, with the tables of a folder.
fn with_own(folder: &str) -> Result<Knowledge, String> {
    let files = read(Path::new(folder))?;
    Knowledge::with_own(&files).map_err(|problems| in_words(&problems, folder))
}

/// A database of networks.
fn database(file: &str) -> Result<&'static Database, String> {
    let said = |error: std::io::Error| plainly(&error.to_string());
    if fs::metadata(file).map_err(said)?.len() > MAX_DATABASE_BYTES {
        return Err(format!("it has more than {MAX_DATABASE_BYTES} bytes"));
    }
    let database = Database::open(fs::read(file).map_err(said)?).map_err(|error| plainly(&error))?;
    Ok(Box::leak(Box::new(database)))
}

/// The first problem and how to see the others.
fn in_words(problems: &[Problem], folder: &str) -> String {
    let first = problems.first().map_or_else(String::new, ToString::to_string);
    match problems.len() {
        0 | 1 => first,
        more => format!("{first}, and {} more: firstlight knowledge check {folder}", more - 1),
    }
}

/// The tables of a folder and its folders `rules` and `kinds`, by their path below it, in order.
///
/// # Errors
/// When the folder cannot be read, holds no table, or is too large.
pub fn read(folder: &Path) -> Result<Vec<(String, String)>, String> {
    let mut files = Vec::new();
    let mut bytes = 0;
    for below in ["", "kinds", "rules"] {
        let inside = folder.join(below);
        if !below.is_empty() && !inside.is_dir() {
            continue;
        }
        let said = |path: &Path, error: &std::io::Error| format!("{}: {}", path.display(), plainly(&error.to_string()));
        for entry in fs::read_dir(&inside).map_err(|error| said(&inside, &error))? {
            let path = entry.map_err(|error| said(&inside, &error))?.path();
            if path.extension().is_none_or(|extension| extension != "tsv") || !path.is_file() {
                continue;
            }
            bytes += fs::metadata(&path).map_err(|error| said(&path, &error))?.len();
            if bytes > MAX_BYTES {
                return Err(format!("{}: own tables have more than {MAX_BYTES} bytes", folder.display()));
            }
            let text = fs::read_to_string(&path).map_err(|error| said(&path, &error))?;
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.push((if below.is_empty() { name } else { format!("{below}/{name}") }, text));
        }
    }
    if files.is_empty() {
        return Err(format!("{}: holds no table, such as rules/office.tsv", folder.display()));
    }
    files.sort();
    Ok(files)
}
