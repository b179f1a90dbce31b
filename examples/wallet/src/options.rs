//! The command line.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand, ValueEnum};
use url::Url;

use crate::Error;

/// A wallet on the command line: keeps credentials, and presents exactly what was chosen.
#[derive(Clone, Debug, Parser)]
#[command(version, about)]
#[non_exhaustive]
pub struct Options {
    /// The wallet's file, encrypted with a passphrase (age, scrypt).
    #[arg(long, global = true, default_value = "wallet.age")]
    pub file: PathBuf,

    /// The passphrase is the first line of this file; without it that of the variable
    /// WALLET_PASSPHRASE; without either it is asked for.
    #[arg(long, global = true, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,

    /// How much work it is to try a passphrase: the base-2 logarithm of scrypt's N. Less than the
    /// default is for tests.
    #[arg(long, global = true, value_name = "LOG2", default_value_t = 17,
          value_parser = clap::value_parser!(u8).range(1..=20))]
    pub work_factor: u8,

    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What a wallet does.
#[derive(Clone, Debug, Subcommand)]
#[non_exhaustive]
pub enum Command {
    /// Makes a new wallet with two keys.
    Init,
    /// Prints the identifiers to which issuers issue.
    Holders,
    /// Lists what is held.
    List,
    /// Shows everything that one credential says.
    Show {
        /// Its number in the list.
        number: usize,
    },
    /// Adds the credentials of a file: compact tokens with blanks or line ends between them.
    Add {
        /// The file; `-` for standard input.
        #[arg(value_name = "FILE")]
        tokens: PathBuf,
    },
    /// Receives what an issuer offers (OpenID4VCI 1.0, pre-authorised code).
    Receive(Receive),
    /// Answers a request, after showing who asks and what would leave.
    Present(Present),
    /// Removes the wallet.
    Reset {
        /// Does not ask.
        #[arg(long)]
        yes: bool,
    },
}

/// What is received, and from whom.
#[derive(Args, Clone, Debug)]
#[non_exhaustive]
pub struct Receive {
    /// The link of the offer: what its QR code says.
    pub link: String,

    /// An issuer whose offers are taken, by its URL; without it you are asked whether you know whoever
    /// the offer says it is from.
    #[arg(long, value_name = "URL")]
    pub issuer: Vec<String>,

    /// The code that the issuer sent by another channel, where it asks for one; without it you are
    /// asked.
    #[arg(long, value_name = "DIGITS")]
    pub tx_code: Option<String>,

    /// The key that the credential is issued to.
    #[arg(long, value_enum, default_value_t = KeyKind::Jwk)]
    pub key: KeyKind,

    /// Admits plain http on localhost, 127.0.0.1 and ::1. For development.
    #[arg(long)]
    pub allow_loopback_http: bool,
}

/// A key of the wallet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[non_exhaustive]
pub enum KeyKind {
    /// The did:jwk on P-256.
    Jwk,
    /// The long-form did:ion on secp256k1.
    Ion,
}

/// How a request is answered.
#[derive(Args, Clone, Debug)]
#[non_exhaustive]
pub struct Present {
    /// The link of the request: what its QR code says.
    pub link: String,

    /// Shares without asking: the newest credential that answers each part, unless --choose says
    /// another.
    #[arg(long)]
    pub yes: bool,

    /// Which credential answers a part, by its number in the list (identity=2); several where the part
    /// takes them (training=3,4); none, where it can be left out (training=).
    #[arg(long, value_name = "PART=N")]
    pub choose: Vec<Pick>,

    /// Declines, after showing who asks.
    #[arg(long, conflicts_with = "yes")]
    pub decline: bool,

    /// Admits plain http on localhost, 127.0.0.1 and ::1. For development.
    #[arg(long)]
    pub allow_loopback_http: bool,

    /// Authorities (PEM) whose certificates are believed of verifiers (x509_san_dns, x509_hash).
    #[arg(long, value_name = "FILE")]
    pub authorities: Option<PathBuf>,

    /// Answers a verifier whose domain has not confirmed it (did-configuration.json), and says so.
    #[arg(long)]
    pub unconfirmed_domain: bool,

    /// The origin of the verifier, where neither its identifier (did:ion) nor a domain that confirms
    /// it names one, and you know it.
    #[arg(long, value_name = "URL")]
    pub verifier_origin: Option<Url>,
}

/// Which credentials answer a part.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pick {
    /// The part's id in the request.
    pub part: String,
    /// Their numbers in the list, from 1.
    pub numbers: Vec<usize>,
}

impl FromStr for Pick {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (part, numbers) = text.split_once('=').ok_or("not PART=N")?;
        let numbers = numbers.split(',').filter(|number| !number.is_empty());
        let numbers = numbers.map(str::parse).collect::<Result<_, _>>()?;
        Ok(Self { part: part.to_owned(), numbers })
    }
}
