//! The command line of the portal.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use portal::{Config, Error, Portal};
use staffpass_store::AuditHead;
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
    /// Checks the chain of the audit, and prints its end as JSON.
    CheckAudit {
        /// The end that was printed before: the chain must still hold it.
        #[arg(long, value_name = "FILE")]
        head: Option<PathBuf>,
    },
    /// To be run after the database was restored from a backup: kills what was unfinished.
    Restored,
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
        Command::CheckAudit { head } => check_audit(Config::read(file)?, head).await?,
        Command::Restored => {
            let portal = Portal::open(Config::read(file)?).await?;
            println!("epoch {}", portal.store().begin_epoch().await?);
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

async fn check_audit(config: Config, head: Option<PathBuf>) -> Result<(), Error> {
    let tenant = config.trust.id.clone();
    let head = head.map(std::fs::read).transpose()?;
    let head: Option<AuditHead> = head.map(|text| serde_json::from_slice(&text)).transpose()?;
    let portal = Portal::open(config).await?;
    let entries = portal.store().check_audit(&tenant, head.as_ref()).await??;
    eprintln!("the chain of {entries} entries holds");
    let head = portal.store().audit_head(&tenant).await?;
    println!("{}", serde_json::to_string(&head)?);
    Ok(())
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
