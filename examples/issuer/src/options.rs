//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use staffpass::credentials::CredentialKind;
use staffpass::did::LoopbackHttp;
use url::Url;

use crate::Error;

/// An issuing trust: its DID, its status lists, and its credentials.
#[derive(Clone, Debug, Parser)]
#[command(version, about)]
#[non_exhaustive]
pub struct Options {
    /// What all commands share.
    #[command(flatten)]
    pub common: Common,

    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What all commands share.
#[derive(Clone, Debug, Args)]
#[non_exhaustive]
pub struct Common {
    /// Where the trust keeps its key, its registers and its ledger; made on the first use.
    #[arg(long, global = true, value_name = "DIRECTORY", default_value = "issuer-data")]
    pub data_dir: PathBuf,

    /// The origin at which `issuer serve` can be reached: the DID and the status lists are named
    /// after it.
    #[arg(long, global = true, value_name = "URL", default_value = "http://localhost:8090")]
    pub public_url: Url,

    /// The name of the trust, for people.
    #[arg(long, global = true, default_value = "Eastmoor Hospitals (fictional)")]
    pub name: String,

    /// Names the issuer of SD-JWT VCs and of their status list by the public URL, whose key is in
    /// /.well-known/jwt-vc-issuer, in place of the DID. Choose once: it is written into credentials.
    #[arg(long, global = true)]
    pub https_issuer: bool,

    /// Plain http on localhost, 127.0.0.1 and ::1, any port, for the public URL. For development.
    #[arg(long, global = true)]
    pub allow_loopback_http: bool,
}

/// What to do.
#[derive(Clone, Debug, Subcommand)]
#[non_exhaustive]
pub enum Command {
    /// Serve did.json, did-configuration.json, the status lists, and OpenID4VCI.
    Serve(Serve),
    /// Issue credentials to holders whose DIDs are known.
    Issue(Issue),
    /// Offer a credential to whoever scans a QR code and keys in a transaction code.
    Offer(Offer),
    /// Revoke a credential, for good.
    Revoke {
        /// The id that `issue` gave it. (Those of earlier versions may begin with a hyphen.)
        #[arg(allow_hyphen_values = true)]
        id: String,
        /// Why, for the trust's own ledger.
        #[arg(long)]
        reason: String,
    },
    /// Say how a credential stands.
    Status {
        /// The id that `issue` gave it. (Those of earlier versions may begin with a hyphen.)
        #[arg(allow_hyphen_values = true)]
        id: String,
    },
}

/// How to serve.
#[derive(Clone, Debug, Args)]
#[non_exhaustive]
pub struct Serve {
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:8090")]
    pub listen: SocketAddr,
}

/// What to issue.
#[derive(Clone, Debug, Args)]
#[non_exhaustive]
pub struct Issue {
    /// Many credentials: a header of `kind`, `holder`, perhaps `format`, and claims by their paths
    /// (`employer.ods_code`), then a credential a row. `-` is the standard input.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["kind", "claims", "holder"])]
    pub csv: Option<PathBuf>,

    /// What it says.
    #[arg(long, value_enum, required_unless_present = "csv")]
    pub kind: Option<Kind>,

    /// A JSON file of its claims. `-` is the standard input.
    #[arg(long, value_name = "FILE", required_unless_present = "csv")]
    pub claims: Option<PathBuf>,

    /// For whom: did:jwk, did:key or long-form did:ion.
    #[arg(long, value_name = "DID", required_unless_present = "csv")]
    pub holder: Option<String>,

    /// In what format, where the CSV file does not say.
    #[arg(long, value_enum, default_value_t = Format::JwtVcJson)]
    pub format: Format,
}

/// What to offer.
#[derive(Clone, Debug, Args)]
#[non_exhaustive]
pub struct Offer {
    /// What it says.
    #[arg(long, value_enum)]
    pub kind: Kind,

    /// A JSON file of its claims. `-` is the standard input.
    #[arg(long, value_name = "FILE")]
    pub claims: PathBuf,

    /// In what format: jwt_vc_json or dc+sd-jwt.
    #[arg(long, value_enum, default_value_t = Format::DcSdJwt)]
    pub format: Format,

    /// How you will send the person the transaction code.
    #[arg(long, value_enum, default_value_t = TxCode::Email)]
    pub tx_code: TxCode,
}

/// What a credential says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[expect(clippy::exhaustive_enums, reason = "there are three kinds of staff credentials")]
pub enum Kind {
    /// Who somebody is.
    Identity,
    /// Where and as what somebody works.
    Employment,
    /// What somebody learnt.
    Training,
}

impl From<Kind> for CredentialKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Identity => Self::Identity,
            Kind::Employment => Self::Employment,
            Kind::Training => Self::Training,
        }
    }
}

/// The format of a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[non_exhaustive]
pub enum Format {
    /// VC-JWT of VC Data Model 1.1.
    #[value(name = "jwt_vc_json")]
    JwtVcJson,
    /// VC Data Model 2.0, secured as VC-JOSE-COSE says.
    #[value(name = "vc+jwt")]
    VcJwt,
    /// SD-JWT VC.
    #[value(name = "dc+sd-jwt")]
    DcSdJwt,
}

impl Format {
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::JwtVcJson => "jwt_vc_json",
            Self::VcJwt => "vc+jwt",
            Self::DcSdJwt => "dc+sd-jwt",
        }
    }
}

/// How the transaction code reaches the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[non_exhaustive]
pub enum TxCode {
    /// By email.
    Email,
    /// By text message.
    Mobile,
    /// Not at all: whoever scans the QR code first gets the credential.
    Waived,
}

impl Common {
    pub(crate) const fn loopback(&self) -> LoopbackHttp {
        if self.allow_loopback_http { LoopbackHttp::Allow } else { LoopbackHttp::Refuse }
    }

    /// The origin as OpenID4VCI's issuer identifier, and before every path: without a closing slash.
    pub(crate) fn origin(&self) -> Result<String, Error> {
        let url = &self.public_url;
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err("the public URL is an origin, without a path".into());
        }
        Ok(url.as_str().trim_end_matches('/').to_owned())
    }
}
