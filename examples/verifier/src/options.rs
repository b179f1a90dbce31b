//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Parser;
use staffpass::did::LoopbackHttp;
use staffpass::request::Transport;
use url::{Host, Url};

use crate::Error;

/// A JSON API for portals in any language: make a request, watch it, get the verified result.
#[derive(Clone, Debug, Parser)]
#[command(version, about)]
#[non_exhaustive]
pub struct Options {
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,

    /// The origin at which portal and wallets reach this service.
    #[arg(long, default_value = "http://localhost:8080")]
    pub public_url: Url,

    /// Which issuer may assert which types.
    #[arg(long)]
    pub policy: PathBuf,

    /// Where requests are kept: `sqlite::memory:`, or `sqlite:` and the path of a file, so that they
    /// outlive a restart.
    #[arg(long, value_name = "URL", default_value = "sqlite::memory:")]
    pub database_url: String,

    /// Plain http on localhost, 127.0.0.1 and ::1, any port: for the public URL, issuers and status
    /// lists. For development.
    #[arg(long)]
    pub allow_loopback_http: bool,

    /// Unsigned requests (client_id_prefix redirect_uri): for tests of wallets. Implied by
    /// --allow-loopback-http.
    #[arg(long)]
    pub allow_unsigned_requests: bool,

    /// The key that portals present as a bearer token. Required off loopback.
    #[arg(long, value_name = "FILE")]
    pub api_key_file: Option<PathBuf>,

    /// Where the service keeps what it makes on its first start: its key and its certificates.
    #[arg(long, value_name = "DIRECTORY", default_value = "verifier-data")]
    pub data_dir: PathBuf,

    /// Its signing key, a private JWK for ES256, in place of those that it makes. Several, from the
    /// oldest to the newest: all are published, and the last one signs.
    #[arg(long, value_name = "FILE")]
    pub key_file: Vec<PathBuf>,

    /// Make a new signing key beside those in the data directory, and end. It signs from the next
    /// start on; the older ones stay published until their files are taken away.
    #[arg(long, conflicts_with_all = ["key_file", "doctor"])]
    pub rotate_key: bool,

    /// The certificates for x509_san_dns, x509_hash and haip, as PEM, the leaf first and no anchor; in
    /// place of those that it makes.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_chain: Option<PathBuf>,

    /// The key of the first certificate: PKCS #8 as PEM, on P-256.
    #[arg(long, value_name = "FILE", requires = "tls_chain")]
    pub tls_key: Option<PathBuf>,

    /// Look at what stands at the public URL as Microsoft's two phone apps would, say what they would
    /// not take, and end. The service must be running there.
    #[arg(long)]
    pub doctor: bool,

    /// Who may ask by the routes of Microsoft's Request Service: tenant, clients and their secrets, as
    /// TOML. Without it there are no such routes.
    #[arg(long, value_name = "FILE")]
    pub entra_file: Option<PathBuf>,

    /// What Microsoft's wallet calls the asker.
    #[arg(long, default_value = "Verifier")]
    pub client_name: String,
}

impl Options {
    pub(crate) const fn loopback(&self) -> LoopbackHttp {
        if self.allow_loopback_http { LoopbackHttp::Allow } else { LoopbackHttp::Refuse }
    }

    pub(crate) const fn transport(&self) -> Transport {
        if self.allow_loopback_http { Transport::HttpsOrLoopbackHttp } else { Transport::Https }
    }

    pub(crate) const fn unsigned(&self) -> bool {
        self.allow_unsigned_requests || self.allow_loopback_http
    }

    /// The origin under which the service is known.
    pub(crate) fn origin(&self) -> Result<&Url, Error> {
        let url = &self.public_url;
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err("the public URL is an origin, without a path".into());
        }
        Ok(url)
    }

    /// An address of the service.
    pub(crate) fn address(&self, path: &str) -> Result<String, Error> {
        Ok(self.origin()?.join(path)?.into())
    }

    /// Whether nobody but this machine can come: neither by the port nor through a proxy.
    pub(crate) fn on_loopback(&self) -> bool {
        let public = match self.public_url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        public && self.listen.ip().is_loopback()
    }
}
