//! A trust on the web: a did:web on loopback, the key that its document lists, a domain that confirms
//! it, and a listener.

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use chrono::{TimeDelta, Utc};
use staffpass::aws_lc::SigningKey;
use staffpass::did::publish::DocumentBuilder;
use staffpass::did::{Did, DidUrl, LoopbackHttp, Relationships, web};
use staffpass::issue::{IssuerKey, UnsignedDidConfiguration};
use staffpass::jose::Algorithm;
use tokio::net::TcpListener;
use url::Url;

use crate::Error;

/// How long the domain's statement is good; the program ends sooner.
const LINKAGE: TimeDelta = TimeDelta::days(1);

/// A trust that has an address and a DID there, and is not served yet.
pub(crate) struct Host {
    listener: TcpListener,
    origin: Url,
    pub(crate) did: Did,
    pub(crate) key_id: DidUrl,
    pub(crate) key: SigningKey,
}

impl Host {
    /// Takes a free port, and makes the DID that belongs to it.
    pub(crate) async fn new() -> Result<Self, Error> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let origin = Url::parse(&format!("http://localhost:{port}"))?;
        let did = web::did_of_origin(&origin, LoopbackHttp::Allow)?;
        let key_id = DidUrl::new(&did, "key-1")?;
        let key = SigningKey::generate(Algorithm::Es256)?;
        Ok(Self { listener, origin, did, key_id, key })
    }

    /// An address of this trust.
    pub(crate) fn address(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// Serves the pages, and who the trust is beside them, until the program ends.
    pub(crate) fn serve(listener: TcpListener, who: WhoItIs, pages: Router) {
        let file = |text: String| get(move || async move { body("application/json", text) });
        let pages = pages
            .route("/.well-known/did.json", file(who.document))
            .route("/.well-known/did-configuration.json", file(who.configuration));
        tokio::spawn(async move { axum::serve(listener, pages).await });
    }

    /// Who the trust is, and what is left when the listener is taken out to be served.
    pub(crate) fn into_parts(self) -> Result<(TcpListener, WhoItIs, SigningKey), Error> {
        let document = DocumentBuilder::new(&self.did)
            .key(self.key_id.fragment(), self.key.public_key(), Relationships::SIGNING)
            .linked_domain(&self.origin, LoopbackHttp::Allow)?
            .build()?
            .to_string();
        let issuer = IssuerKey::new(self.key_id, Algorithm::Es256);
        let (now, domain) = (Utc::now(), self.origin.as_str());
        let configuration = UnsignedDidConfiguration::new(&issuer, domain, now, now + LINKAGE)?;
        let configuration = configuration.sign(&self.key)?;
        Ok((self.listener, WhoItIs { document, configuration }, self.key))
    }
}

/// The two files by which a trust is known.
pub(crate) struct WhoItIs {
    document: String,
    configuration: String,
}

/// A reply with a body of this type.
pub(crate) fn body(media_type: &'static str, text: String) -> axum::response::Response {
    ([(CONTENT_TYPE, media_type)], text).into_response()
}
