//! The same credential in each of the three encodings, made by hand: nothing here is shared with the
//! crates under test.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use flate2::{Compression, write::ZlibEncoder};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use staffpass_jose::base64url;
use staffpass_jose_aws_lc::SigningKey;

use crate::{Holder, Token};

/// How a credential and its presentation are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Encoding {
    /// A VC-JWT in a VP-JWT (VC data model 1.1 §6.3.1).
    VcJwt,
    /// VC-JOSE-COSE (VC data model 2.0).
    VcJose,
    /// SD-JWT VC with a KB-JWT, every claim of the subject concealed.
    SdJwtVc,
}

impl Encoding {
    /// Every encoding.
    pub const ALL: [Self; 3] = [Self::VcJwt, Self::VcJose, Self::SdJwtVc];
}

/// The base context of the VC data model 2.0.
const CONTEXT_V2: &str = "https://www.w3.org/ns/credentials/v2";

/// A VC-JWT 1.1 as a credential by VC-JOSE-COSE: the payload is the credential.
pub(crate) fn to_vc_jose(mut token: Token) -> Token {
    let of_jwt = std::mem::take(&mut token.claims);
    let mut credential = of_jwt["vc"].as_object().cloned().unwrap();
    for name in ["issuanceDate", "expirationDate", "@context"] {
        credential.remove(name);
    }
    credential.insert("@context".to_owned(), json!([CONTEXT_V2]));
    credential.insert("id".to_owned(), of_jwt["jti"].clone());
    credential.insert("issuer".to_owned(), of_jwt["iss"].clone());
    credential.insert("credentialSubject".to_owned(), {
        let mut subject = of_jwt["vc"]["credentialSubject"].clone();
        subject["id"] = of_jwt["sub"].clone();
        subject
    });
    for (member, claim) in [("validFrom", "nbf"), ("validUntil", "exp")] {
        if let Some(seconds) = of_jwt.get(claim).and_then(Value::as_i64) {
            let date = DateTime::from_timestamp(seconds, 0).unwrap();
            credential.insert(member.to_owned(), date.to_rfc3339().into());
        }
    }
    token.claims = credential;
    token.header.insert("typ".to_owned(), "vc+jwt".into());
    token
}

/// A VC-JWT 1.1 as an SD-JWT VC by `issuer`, whose status is in a Status List Token at `list`.
#[must_use]
pub fn sd_jwt_vc(
    mut token: Token,
    issuer: &str,
    vct: &str,
    holder: &Holder,
    list: Option<(u64, &str)>,
) -> Token {
    let of_jwt = std::mem::take(&mut token.claims);
    let mut claims = json!({
        "iss": issuer, "iat": of_jwt["nbf"], "exp": of_jwt["exp"], "vct": vct,
        "cnf": {"jwk": holder.key().public_key().to_jwk()}, "_sd_alg": "sha-256",
    });
    if let Some((index, uri)) = list {
        claims["status"] = json!({"status_list": {"idx": index, "uri": uri}});
    }
    let subject = of_jwt["vc"]["credentialSubject"].as_object().unwrap();
    let hidden = subject.iter().filter(|(name, _)| *name != "id");
    for (place, (name, value)) in hidden.enumerate() {
        token.disclosures.push(json!([format!("salt-{place}-0123456789abcdef"), name, value]));
    }
    claims["_sd"] = token.disclosures.iter().map(|d| digest(&disclosure(d))).collect();
    token.claims = claims.as_object().cloned().unwrap();
    token.header.insert("typ".to_owned(), "dc+sd-jwt".into());
    token
}

/// A disclosure as it stands between the tildes (RFC 9901 §4.2.1).
pub(crate) fn disclosure(value: &Value) -> String {
    base64url::encode(value.to_string())
}

/// The digest of what stands in an SD-JWT, as text.
pub(crate) fn digest(text: &str) -> Value {
    base64url::encode(Sha256::digest(text)).into()
}

/// A Status List Token (Token Status List §5.1) with one bit an entry.
pub(crate) fn status_list_token(
    (key, kid): (&Arc<SigningKey>, &str),
    issuer: &str,
    uri: &str,
    revoked: &BTreeSet<u64>,
    at: DateTime<Utc>,
) -> Token {
    let mut bytes = vec![0_u8; 16_384];
    for index in revoked {
        bytes[usize::try_from(index / 8).unwrap()] |= 1 << (index % 8);
    }
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&bytes).unwrap();
    let list = base64url::encode(encoder.finish().unwrap());
    let claims = json!({
        "iss": issuer, "sub": uri, "iat": at.timestamp(),
        "exp": (at + TimeDelta::days(1)).timestamp(), "ttl": 3600,
        "status_list": {"bits": 1, "lst": list},
    });
    let mut token = Token::new(key, kid, claims);
    token.header.insert("typ".to_owned(), "statuslist+jwt".into());
    token
}

/// The domain linkage credential of a DID for an origin.
pub(crate) fn domain_linkage(
    (key, kid): (&Arc<SigningKey>, &str),
    did: &str,
    origin: &str,
    at: DateTime<Utc>,
) -> Token {
    let (from, until) = (at - TimeDelta::days(30), at + TimeDelta::days(365));
    let claims = json!({
        "iss": did, "sub": did, "nbf": from.timestamp(), "exp": until.timestamp(),
        "vc": {
            "@context": [
                "https://www.w3.org/2018/credentials/v1",
                "https://identity.foundation/.well-known/contexts/did-configuration-v0.0.jsonld",
            ],
            "issuer": did, "issuanceDate": from.to_rfc3339(), "expirationDate": until.to_rfc3339(),
            "type": ["VerifiableCredential", "DomainLinkageCredential"],
            "credentialSubject": {"id": did, "origin": origin},
        },
    });
    let mut token = Token::new(key, kid, claims);
    token.header.remove("typ");
    token
}

/// A presentation's claims by VC-JOSE-COSE, from those of a VP-JWT 1.1.
pub(crate) fn to_vp_jose(mut token: Token) -> Token {
    let vp = json!({
        "@context": [CONTEXT_V2], "type": ["VerifiablePresentation"],
        "holder": token.claims["iss"],
    });
    token.claims.remove("vp");
    token.claims.remove("jti");
    token.claims.extend(vp.as_object().cloned().unwrap());
    token.header.insert("typ".to_owned(), "vp+jwt".into());
    token
}

/// A KB-JWT's claims, from those of a VP-JWT 1.1; `sd_hash` comes when it is signed.
pub(crate) fn to_key_binding(mut token: Token) -> Token {
    let kept = |name: &String| matches!(name.as_str(), "aud" | "nonce" | "iat");
    let claims = std::mem::take(&mut token.claims);
    token.claims = claims.into_iter().filter(|(name, _)| kept(name)).collect::<Map<_, _>>();
    token.header.insert("typ".to_owned(), "kb+jwt".into());
    token.header.remove("kid");
    token
}
