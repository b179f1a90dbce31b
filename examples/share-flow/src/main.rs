//! One share, from invitation to verified. `--help` says what else it plays.

use std::process::ExitCode;

use clap::Parser as _;
use share_flow::{Options, Terminal, play};

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let mut terminal = Terminal::new(options.json);
    let ending = play(&options, &mut terminal).await;
    match ending {
        Ok(ending) => {
            terminal.end(&ending);
            ExitCode::SUCCESS
        }
        Err(error) => {
            terminal.fail(&options, error.as_ref());
            ExitCode::FAILURE
        }
    }
}
