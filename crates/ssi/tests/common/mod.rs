//! What the agreement tests share: the two sides, and what each says.
#![allow(dead_code, reason = "each test uses its part")]

use proptest::prelude::*;
use ssi::claims::VerificationParameters;
use ssi::claims::jws::JwsStr;
use ssi::claims::jwt::ToDecodedJwt as _;
use ssi::dids::resolution::{self, DIDMethodResolver as _, Error, Options, Output};
use ssi::dids::{DID, DIDJWK, DIDKey, DIDResolver};
use ssi::verification_methods::AnyJwkMethod;
use staffpass_did::{Did, DidDocument, Relationship, ResolveOptions, resolve_in_place};
use staffpass_jose::{Algorithm, CryptoProvider as _, PublicKey, base64url};
use staffpass_jose_aws_lc::{AwsLc, SigningKey};
use staffpass_ssi::{DidWeb, document, key};

pub(crate) const ALGORITHMS: [Algorithm; 4] =
    [Algorithm::Es256, Algorithm::Es384, Algorithm::Es256k, Algorithm::EdDsa];

/// A public key of any algorithm.
pub(crate) fn any_key() -> impl Strategy<Value = PublicKey> {
    (0..ALGORITHMS.len(), any::<u64>()).prop_map(|(algorithm, seed)| {
        staffpass_testkit::signing_key(ALGORITHMS[algorithm], seed).public_key().clone()
    })
}

/// A private key, for tokens that the test kit does not make.
pub(crate) fn signing_key(algorithm: Algorithm) -> std::sync::Arc<SigningKey> {
    staffpass_testkit::signing_key(algorithm, 7)
}

pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// What a resolver makes of a DID: the one key of its document, and what that is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) id: String,
    pub(crate) key: PublicKey,
    pub(crate) relationships: Vec<Relationship>,
}

/// Our reading of a did:key or did:jwk, its key prepared as a verifier does.
pub(crate) fn ours(did: &str) -> Option<Reading> {
    let did = Did::parse(did).ok()?;
    reading(&resolve_in_place(&did, &ResolveOptions::default()).ok()??)
}

fn reading(document: &DidDocument) -> Option<Reading> {
    let method = document.verification_methods().first()?;
    let key = match method.key() {
        // A key for encryption is not prepared: it verifies nothing.
        staffpass_jose::KeyMaterial::Public(key) if key.algorithm().is_none() => key.clone(),
        material => AwsLc.prepare(material).ok()?.public_key().clone(),
    };
    let relationships = method.relationships().iter().collect();
    Some(Reading { id: method.id().to_string(), key, relationships })
}

/// What `ssi` resolves, as it is.
pub(crate) fn theirs(did: &str) -> Option<ssi::dids::Document> {
    let did = DID::new(did).ok()?;
    let mut options = Options::default();
    options.parameters.public_key_format = Some("JsonWebKey2020".to_owned());
    let output = run(async {
        match did.method_name() {
            "key" => DIDKey.resolve_with(did, options).await,
            _ => DIDJWK.resolve_with(did, options).await,
        }
    });
    Some(output.ok()?.document.into_document())
}

/// `ssi`'s reading of a did:key or did:jwk; none where its key is not one that can be prepared.
pub(crate) fn their_reading(did: &str) -> Option<Reading> {
    let theirs = theirs(did)?;
    let method = theirs.verification_method.first()?;
    let jwk: ssi::JWK =
        serde_json::from_value(method.properties.get("publicKeyJwk")?.clone()).ok()?;
    let key = key::from_ssi(&jwk).ok()?;
    let key = AwsLc.prepare(&key.into()).ok()?.public_key().clone();
    let read = document::from_ssi(&Did::parse(did).ok()?, &theirs).ok()?;
    let relationships = read.verification_methods().first()?.relationships().iter().collect();
    Some(Reading { id: method.id.to_string(), key, relationships })
}

/// The resolver for `ssi`'s verification: its own did:jwk and did:key, and our did:web with the
/// documents at hand.
#[derive(Clone)]
pub(crate) struct Documents(DidWeb);

impl Documents {
    pub(crate) fn new(did: &Did, document: Vec<u8>) -> Self {
        let did = did.clone();
        Self(DidWeb::new(move |asked| {
            let found = (asked == did).then(|| document.clone());
            Box::pin(async move { found })
        }))
    }
}

impl DIDResolver for Documents {
    async fn resolve_representation<'a>(
        &'a self,
        did: &'a DID,
        options: Options,
    ) -> Result<Output<Vec<u8>>, resolution::Error> {
        let id = did.method_specific_id();
        let mut jwk = Options::default();
        jwk.parameters.public_key_format = Some("JsonWebKey2020".to_owned());
        match did.method_name() {
            "web" => self.0.resolve_method_representation(id, options).await,
            "jwk" => DIDJWK.resolve_method_representation(id, jwk).await,
            "key" => DIDKey.resolve_method_representation(id, jwk).await,
            other => Err(Error::MethodNotSupported(other.to_owned())),
        }
    }
}

/// Whether `ssi` accepts a JWT at a time: its signature, under the key that its `kid` names, and its
/// own checks of the claims.
pub(crate) fn ssi_accepts(
    token: &str,
    documents: &Documents,
    now: chrono::DateTime<chrono::Utc>,
) -> bool {
    let Ok(token) = JwsStr::new(token) else { return false };
    let resolver = documents.clone().into_vm_resolver::<AnyJwkMethod>();
    let mut parameters = VerificationParameters::from_resolver(resolver);
    parameters.date_time = Some(now);
    matches!(run(token.verify_jwt(&parameters)), Ok(Ok(())))
}

/// The DID that is this text, base64url.
pub(crate) fn did_jwk(jwk: &str) -> String {
    format!("did:jwk:{}", base64url::encode(jwk))
}
