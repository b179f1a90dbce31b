//! The command line.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Args, Parser, Subcommand, ValueEnum};

/// For reviewers: bytes, policy and evidence in, a report out. It opens no connection, and writes
/// no file but an archive that it is asked for.
#[derive(Debug, Parser)]
#[command(version, about)]
pub(crate) struct Options {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Judges one presentation, or one wallet's response, and prints the report of every check.
    Verify(VerifyOptions),
    /// Judges an archived response again, and compares the reports byte for byte.
    Replay(ReplayOptions),
    /// Shows any token, and believes nothing of it.
    Decode(DecodeOptions),
    /// Explains a trust policy, and prints its digest.
    Policy(PolicyOptions),
    /// Judges presentations: one JSON case a line on stdin, one JSON verdict a line on stdout.
    Batch,
    /// Reads and resolves DIDs, in the same way.
    BatchDid,
    /// Holds credentials against DCQL queries, in the same way.
    BatchDcql,
    /// Computes HOTP and TOTP values, in the same way.
    BatchOtp,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyOptions {
    /// The trust policy, as TOML.
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: PathBuf,
    /// DID documents, status lists and issuer metadata, as JSON; none without it.
    #[arg(long, value_name = "FILE")]
    pub(crate) evidence: Option<PathBuf>,
    /// What was asked, as JSON: audience, nonce and the like, or a stored expectation.
    #[arg(long, value_name = "FILE")]
    pub(crate) expect: PathBuf,
    /// When it is judged (RFC 3339): else as the expectation says, else now.
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<DateTime<Utc>>,
    /// The private JWK of the request, where the response came encrypted (`direct_post.jwt`): it
    /// opens the response, and is written nowhere.
    #[arg(long, value_name = "FILE")]
    pub(crate) response_key: Option<PathBuf>,
    /// Writes everything that the verdict rests on into a new file, for `inspect replay`.
    #[arg(long, value_name = "FILE")]
    pub(crate) archive: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) provider: ProviderOption,
    #[command(flatten)]
    pub(crate) form: FormOptions,
    /// The presentation, or the body of the wallet's POST where the expectation names a protocol;
    /// `-` is stdin.
    #[arg(value_name = "PRESENTATION")]
    pub(crate) presentation: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct ReplayOptions {
    #[command(flatten)]
    pub(crate) provider: ProviderOption,
    #[command(flatten)]
    pub(crate) form: FormOptions,
    /// What `inspect verify --archive` wrote.
    #[arg(value_name = "ARCHIVE")]
    pub(crate) archive: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct DecodeOptions {
    #[command(flatten)]
    pub(crate) form: FormOptions,
    /// The token itself; `-` is stdin.
    #[arg(value_name = "TOKEN")]
    pub(crate) token: String,
}

#[derive(Debug, Args)]
pub(crate) struct PolicyOptions {
    #[command(flatten)]
    pub(crate) form: FormOptions,
    /// The trust policy, as TOML.
    #[arg(value_name = "POLICY")]
    pub(crate) policy: PathBuf,
}

/// Text on a terminal, JSON elsewhere, unless one of these says.
#[derive(Debug, Args)]
pub(crate) struct FormOptions {
    /// JSON, on a terminal too.
    #[arg(long)]
    json: bool,
    /// Text, in a pipe or a file too.
    #[arg(long, conflicts_with = "json")]
    text: bool,
}

impl FormOptions {
    /// Whether to print JSON.
    pub(crate) fn is_json(&self) -> bool {
        use std::io::IsTerminal as _;
        self.json || !(self.text || std::io::stdout().is_terminal())
    }
}

#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct ProviderOption {
    /// Who checks the signatures.
    #[arg(long, value_enum, default_value_t = ProviderName::AwsLc)]
    pub(crate) provider: ProviderName,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ProviderName {
    /// aws-lc-rs and libsecp256k1.
    AwsLc,
    /// josekit and OpenSSL.
    #[cfg(feature = "josekit")]
    Josekit,
}
