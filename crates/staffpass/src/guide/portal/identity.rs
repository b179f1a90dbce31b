use chrono::{DateTime, TimeDelta, Utc};
use staffpass::aws_lc::SigningKey;
use staffpass::did::publish::DocumentBuilder;
use staffpass::did::{DidUrl, LoopbackHttp, Relationships, web};
use staffpass::issue::{IssuerKey, UnsignedDidConfiguration};
use staffpass::jose::Algorithm;

/// Who the portal is to wallets.
pub struct Identity {
    /// Signs requests. It stays with the portal.
    pub key: SigningKey,
    /// `did:web:portal.example#key-1`.
    pub key_id: DidUrl,
    /// To be served at `/.well-known/did.json`.
    pub did_json: String,
    /// To be served at `/.well-known/did-configuration.json`.
    pub did_configuration: String,
}

/// Of a portal at an origin such as `https://portal.example`, with an ES256 key.
pub fn identity(
    origin: &str,
    key: SigningKey,
    now: DateTime<Utc>,
) -> Result<Identity, Box<dyn std::error::Error>> {
    let url = origin.parse()?;
    let did = web::did_of_origin(&url, LoopbackHttp::Refuse)?;
    let key_id = DidUrl::new(&did, "key-1")?;
    let document = DocumentBuilder::new(&did)
        .key(key_id.fragment(), key.public_key(), Relationships::SIGNING)
        .linked_domain(&url, LoopbackHttp::Refuse)?
        .build()?;

    // The statement names the origin exactly as the document writes it.
    let origin = document["service"][0]["serviceEndpoint"]["origins"][0].as_str();
    let issuer = IssuerKey::new(key_id.clone(), Algorithm::Es256);
    let until = now + TimeDelta::days(365);
    let configuration = UnsignedDidConfiguration::new(&issuer, origin.unwrap_or(""), now, until)?;
    let did_configuration = configuration.sign(&key)?;
    Ok(Identity { key, key_id, did_json: document.to_string(), did_configuration })
}
