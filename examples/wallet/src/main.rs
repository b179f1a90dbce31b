//! The command line of the wallet.

use std::io::{BufReader, stderr, stdin, stdout};
use std::process::ExitCode;

use clap::Parser as _;
use wallet::{Options, Terminal};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let options = Options::parse();
    let mut terminal = Terminal::new(BufReader::new(stdin()), stdout(), stderr());
    match wallet::run(&options, &mut terminal).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("wallet: {error}");
            ExitCode::FAILURE
        }
    }
}
