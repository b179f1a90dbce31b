//! The command line of the service.

use std::process::ExitCode;

use clap::Parser as _;
use tokio::net::TcpListener;
use verifier::{Error, Options, Service};

#[tokio::main]
async fn main() -> ExitCode {
    match run(Options::parse()).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("verifier: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<ExitCode, Error> {
    if options.rotate_key {
        println!(
            "verifier: {} signs from the next start on",
            verifier::rotate_key(&options)?.display()
        );
        return Ok(ExitCode::SUCCESS);
    }
    let service = Service::open(&options).await?;
    if options.doctor {
        let findings = service.doctor().await?;
        for finding in &findings {
            println!("{finding}");
        }
        return Ok(if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    let listener = TcpListener::bind(options.listen).await?;
    println!("verifier: {} listens on {}", service.did(), listener.local_addr()?);
    service.serve(listener).await?;
    Ok(ExitCode::SUCCESS)
}
