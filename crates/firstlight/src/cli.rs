//! The command line as a whole: its declaration, and what happens with what was typed.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use clap::Command;
use clap::error::ErrorKind;
use firstlight_report::escape::visible_bytes;

use crate::command;
use crate::outcome::{Exit, Failure};
use crate::surroundings::Surroundings;

/// The program.
pub const NAME: &str = "firstlight";

const EXAMPLES: &str = "\
Examples:
  firstlight report laptop.pcapng              what is in a capture
  firstlight report install.pcap boot.pcap     one phase a file
  firstlight report --format json x.pcap       for another program
  firstlight help report                       all that a command can do

Nothing is sent anywhere: Firstlight reads the captures that you name and asks no network.";

/// The declaration from which parsing, help, completions and manual pages are made.
pub fn declare() -> Command {
    Command::new(NAME)
        .version(env!("CARGO_PKG_VERSION"))
        .about("Tells what a machine's network traffic normally is, and what of a new capture is not")
        .after_help(EXAMPLES)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .propagate_version(false)
        .infer_subcommands(false)
        .subcommands(command::ALL.iter().map(|entry| (entry.declare)()))
}

/// Does what was typed.
pub fn run(arguments: Vec<OsString>) -> ExitCode {
    let matches = match declare().try_get_matches_from(&arguments) {
        Ok(matches) => matches,
        Err(error) => return usage(&error, &arguments),
    };
    let surroundings = Surroundings::look();
    let result = match matches.subcommand() {
        Some((name, matches)) => match command::ALL.iter().find(|entry| (entry.declare)().get_name() == name) {
            Some(entry) => (entry.run)(matches, &surroundings),
            None => Err(Failure::new(format!("there is no command {name}"))),
        },
        None => Err(Failure::hinted("no command was given", "see firstlight --help")),
    };
    match result {
        Ok(exit) => exit.into(),
        Err(failure) => {
            failure.print();
            Exit::Failed.into()
        }
    }
}

/// Help and version are answers; the rest is said with what to try.
fn usage(error: &clap::Error, arguments: &[OsString]) -> ExitCode {
    if let (ErrorKind::InvalidSubcommand | ErrorKind::UnknownArgument, Some(first)) = (error.kind(), arguments.get(1))
        && Path::new(first).exists()
    {
        let shown = visible_bytes(first.as_encoded_bytes());
        let quoted = if shown.contains(|c: char| !c.is_ascii_alphanumeric() && !"/._-+=:,@%".contains(c)) {
            format!("'{}'", shown.replace('\'', r"'\''"))
        } else {
            shown.clone()
        };
        Failure::hinted(format!("{shown} is no command"), format!("to read it: {NAME} report {quoted}")).print();
        return Exit::Failed.into();
    }
    if !error.use_stderr() || error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        // A reader that went away has seen enough of the help.
        let _ = error.print();
        return if error.use_stderr() { Exit::Failed.into() } else { Exit::Clean.into() };
    }
    let (message, hint) = in_our_words(&error.render().to_string(), arguments);
    Failure { message, hint: Some(hint) }.print();
    Exit::Failed.into()
}

/// The first sentence of the parser's message, and what to try: its tip where it has one, else the help.
fn in_our_words(text: &str, arguments: &[OsString]) -> (String, String) {
    let mut paragraphs = text.split("\n\n").map(str::trim);
    let first = paragraphs.next().unwrap_or_default().trim_start_matches("error: ");
    let message = first.lines().map(str::trim).collect::<Vec<_>>().join(" ");
    let tip = paragraphs.find_map(|p| p.strip_prefix("tip: ")).map(|tip| tip.lines().next().unwrap_or(tip));
    let command = arguments.get(1).and_then(|first| first.to_str()).unwrap_or_default();
    let command = command::ALL.iter().map(|entry| (entry.declare)()).find(|c| c.get_name() == command);
    let help = command.map_or_else(|| format!("see {NAME} --help"), |c| format!("see {NAME} {} --help", c.get_name()));
    (message, tip.map_or(help, str::to_owned))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_declaration_holds_together() {
        super::declare().debug_assert();
    }

    #[test]
    fn every_command_shows_examples() {
        for entry in super::command::ALL {
            let mut command = (entry.declare)();
            let name = command.get_name().to_owned();
            assert!(command.render_help().to_string().contains("Examples:"), "{name}");
            assert!(command.render_long_help().to_string().contains("Examples:"), "{name}");
        }
    }
}
