//! The command line of the issuing trust.

use std::process::ExitCode;

use clap::Parser as _;
use issuer::{Command, Error, Options, Service};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let done = match &options.command {
        Command::Serve(serve) => self::serve(&options, serve.listen).await.map(|()| true),
        _ => issuer::run(&options),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(2),
        Err(error) => {
            eprintln!("issuer: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(options: &Options, listen: std::net::SocketAddr) -> Result<(), Error> {
    let service = Service::open(&options.common)?;
    let listener = TcpListener::bind(listen).await?;
    println!("issuer: {} listens on {}", service.did(), listener.local_addr()?);
    service.serve(listener).await
}
