//! The command line of the portal.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use portal::{Config, Error, Portal};
use tokio::net::TcpListener;

/// The web portal of a receiving trust.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Options {
    /// The configuration: what differs from the defaults that `portal default-config` prints.
    #[arg(long, global = true, value_name = "FILE", env = "PORTAL_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves the portal; also where no command is given.
    Serve {
        /// Writes a demonstration invitation and prints its link.
        #[arg(long)]
        demo: bool,
    },
    /// Says whether the configuration holds together, and what is wrong with it.
    CheckConfig,
    /// Prints every setting with its default and what it means.
    DefaultConfig,
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .json()
        .with_max_level(tracing::Level::INFO)
        .with_writer(std::io::stderr)
        .init();
    match run(Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("portal: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<(), Error> {
    let file = options.config.as_deref();
    match options.command.unwrap_or(Command::Serve { demo: file.is_none() }) {
        Command::DefaultConfig => print!("{}", portal::DEFAULTS),
        Command::CheckConfig => {
            let _ = Config::read(file)?;
            println!("the configuration holds together");
        }
        Command::Serve { demo } => serve(Config::read(file)?, demo).await?,
    }
    Ok(())
}

async fn serve(config: Config, demo: bool) -> Result<(), Error> {
    let (listen, address) = (config.server.listen, config.server.public_url.clone());
    let outbox = (config.notify.backend == "outbox").then(|| config.notify.outbox.clone());
    let portal = Portal::open(config).await?;
    let listener = TcpListener::bind(listen).await?;
    println!("portal: {address} (listens on {})", listener.local_addr()?);
    if demo {
        println!("a demonstration invitation: {}", portal.demo_invitation().await?);
    }
    if let Some(outbox) = outbox {
        println!("messages and codes arrive as files in {}", outbox.display());
    }
    portal.serve(listener, ended()).await
}

/// Ctrl-C, or the signal that a service manager sends.
async fn ended() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        let terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
        if let Ok(mut terminated) = terminated {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
            return;
        }
    }
    let _ = interrupted.await;
}
