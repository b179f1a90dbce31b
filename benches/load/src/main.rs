//! Walks whole shares through several portals on one PostgreSQL: `benches/load/run`.
//!
//! People come from networks of their own (addresses of 127.0.0.0/8), are invited by the recruitment
//! team's page, read their links and codes from the outbox, and have a wallet each time. Each call goes
//! to the next portal. What is counted at the end is what the database holds.

#![expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a command that prints figures"
)]

mod figures;
mod messages;
mod person;
mod site;
mod stage;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Parser;
use rand::RngExt as _;
use tokio::task::JoinSet;

use crate::figures::Figures;
use crate::stage::Stage;

pub(crate) type Error = Box<dyn std::error::Error + Send + Sync>;

/// Whole shares through several portals on PostgreSQL.
#[derive(Clone, Parser)]
pub(crate) struct Options {
    /// The portal's program.
    #[arg(long)]
    portal: PathBuf,
    /// The PostgreSQL server, without a database: a new one is made in it.
    #[arg(long, env = "STAFFPASS_POSTGRES")]
    postgres: String,
    #[arg(long, default_value_t = 2)]
    portals: usize,
    /// People who are under way at once.
    #[arg(long, default_value_t = 16)]
    people: usize,
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Shares that are walked before anything is counted.
    #[arg(long, default_value_t = 50)]
    warm_up: usize,
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let options = Options::parse();
    let stage = Arc::new(Stage::open(&options).await?);
    walk(&stage, options.people, options.warm_up, None).await?;
    stage.figures.clear();
    stage.note_memory()?;
    let began = Instant::now();
    let end = began + Duration::from_secs(options.seconds);
    let memory = tokio::spawn(memory(Arc::clone(&stage), end));
    walk(&stage, options.people, usize::MAX, Some(end)).await?;
    let took = began.elapsed();
    memory.await??;
    let kept = stage.submitted().await?;
    print!("{}", stage.figures.report(&options, took, kept));
    stage.close().await?;
    let walked = stage.figures.walked() + options.warm_up as u64;
    if kept == walked {
        Ok(())
    } else {
        Err(format!("{walked} were walked, {kept} are kept").into())
    }
}

/// So many people at once, each followed by the next, until so many have been or until the end.
async fn walk(
    stage: &Arc<Stage>,
    people: usize,
    most: usize,
    end: Option<Instant>,
) -> Result<(), Error> {
    let (mut under_way, mut begun) = (JoinSet::new(), 0);
    loop {
        let goes_on = begun < most && end.is_none_or(|end| Instant::now() < end);
        while goes_on && under_way.len() < people && begun < most {
            under_way.spawn(person::share(Arc::clone(stage), rand::rng().random()));
            begun += 1;
        }
        match under_way.join_next().await {
            Some(done) => stage.figures.share(done??),
            None => return Ok(()),
        }
    }
}

async fn memory(stage: Arc<Stage>, end: Instant) -> Result<(), Error> {
    while Instant::now() < end {
        tokio::time::sleep(Duration::from_secs(5)).await;
        stage.note_memory()?;
    }
    Ok(())
}

impl Figures {
    fn report(&self, options: &Options, took: Duration, kept: u64) -> String {
        self.text(options.portals, options.people, took, kept)
    }
}
