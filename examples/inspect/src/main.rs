//! The reviewers' tool: bytes, policy and evidence in, a report out. It opens no connection.

mod archive;
mod batch;
mod decode;
mod documents;
mod lines;
mod options;
mod policy;
mod provider;
mod replay;
mod terminal;
mod verify;

use std::process::ExitCode;

use clap::Parser as _;
use options::{Command, Options};

/// What a command comes to, beside what it prints.
enum Ending {
    /// Judged, and good: exit 0.
    Good,
    /// Judged, and not good, or not every line could be judged: exit 1.
    Bad,
}

/// Why a command could not do its work: exit 2.
type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let ending = match &Options::parse().command {
        Command::Verify(options) => verify::run(options),
        Command::Replay(options) => replay::run(options),
        Command::Decode(options) => decode::run(options),
        Command::Policy(options) => policy::run(options),
        Command::Batch => batch::presentations(),
        Command::BatchDid => batch::dids(),
        Command::BatchDcql => batch::queries(),
        Command::BatchOtp => batch::one_time_codes(),
    };
    match ending {
        Ok(Ending::Good) => ExitCode::SUCCESS,
        Ok(Ending::Bad) => ExitCode::from(1),
        Err(failure) => {
            anstream::eprintln!("inspect: {failure}");
            ExitCode::from(2)
        }
    }
}
