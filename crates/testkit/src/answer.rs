//! A wallet's answer, still open to any change, and the body that it is posted as.

use serde_json::{Map, Value, json};
use staffpass_request::Protocol;
use url::form_urlencoded;

use crate::Token;
use crate::encoding::{self, Encoding};

/// How a wallet answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dialect {
    /// The JWT VC Presentation Profile, all credentials in one presentation (`$`).
    MicrosoftTogether,
    /// The same profile, a presentation for each credential (`$[i]`).
    MicrosoftEach,
    /// OpenID4VP 1.0 `direct_post`.
    OpenId4Vp,
    /// OpenID4VP before 1.0, with Presentation Exchange and a presentation for each credential.
    OpenId4VpDraft,
}

impl Dialect {
    /// Those of today. [`OpenId4VpDraft`](Self::OpenId4VpDraft) has tests of its own.
    pub const ALL: [Self; 3] = [Self::MicrosoftTogether, Self::MicrosoftEach, Self::OpenId4Vp];

    /// The protocol that it is a dialect of.
    #[must_use]
    pub fn protocol(self) -> Protocol {
        match self {
            Self::OpenId4Vp => Protocol::OpenId4Vp,
            Self::OpenId4VpDraft => Protocol::OpenId4VpDraftPe,
            _ => Protocol::JwtVcPresentationProfile,
        }
    }
}

/// An answer in the making.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Answer {
    /// How it is written.
    pub dialect: Dialect,
    /// The ID token of the Microsoft profile, with the submission in it.
    pub id_token: Option<Token>,
    /// The submission that stands beside the presentations in the drafts of OpenID4VP.
    pub submission: Option<Value>,
    /// The presentations.
    pub presentations: Vec<Presentation>,
    /// The state.
    pub state: Option<String>,
    /// More fields of the form, after the others.
    pub extra: Vec<(String, String)>,
}

/// A presentation in the making. Its credentials are put in when it is signed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Presentation {
    /// How it is written.
    pub encoding: Encoding,
    /// The query id that it stands under in OpenID4VP.
    pub part: String,
    /// The presentation's own claims.
    pub token: Token,
    /// Its credentials.
    pub credentials: Vec<Token>,
}

impl Presentation {
    /// Signs the credentials, and then the presentation with them in it.
    #[must_use]
    pub fn compact(&self) -> String {
        let mut token = self.token.clone();
        let credentials = self.credentials.iter().map(Token::compact);
        match self.encoding {
            Encoding::VcJwt => {
                let credentials: Vec<String> = credentials.collect();
                token.claims["vp"]["verifiableCredential"] = credentials.into();
                token.compact()
            }
            Encoding::VcJose => {
                let enveloped: Vec<Value> = credentials.map(enveloped).collect();
                token.claims.insert("verifiableCredential".to_owned(), enveloped.into());
                token.compact()
            }
            Encoding::SdJwtVc => self.key_bound(token),
        }
    }

    /// The SD-JWT with its disclosures, and the KB-JWT behind it. A `sd_hash` that stands already is
    /// left as it is.
    fn key_bound(&self, mut token: Token) -> String {
        let sd_jwt = self.without_key_binding();
        let hash = encoding::digest(&sd_jwt);
        token.claims.entry("sd_hash").or_insert(hash);
        format!("{sd_jwt}{}", token.compact())
    }

    /// The SD-JWT with its disclosures alone.
    #[must_use]
    pub fn without_key_binding(&self) -> String {
        let credential = &self.credentials[0];
        let disclosures = credential.disclosures.iter().map(encoding::disclosure);
        disclosures.fold(credential.compact() + "~", |text, one| text + &one + "~")
    }
}

impl Answer {
    /// The body of the wallet's POST.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        if let Some(id_token) = &self.id_token {
            form.append_pair("id_token", &id_token.compact());
        }
        match self.dialect {
            Dialect::OpenId4Vp => {
                form.append_pair("vp_token", &self.by_part().to_string());
            }
            Dialect::OpenId4VpDraft => {
                let tokens: Vec<String> =
                    self.presentations.iter().map(Presentation::compact).collect();
                match tokens.as_slice() {
                    [one] => form.append_pair("vp_token", one),
                    several => form.append_pair("vp_token", &json!(several).to_string()),
                };
            }
            _ => {
                form.extend_pairs(self.presentations.iter().map(|vp| ("vp_token", vp.compact())));
            }
        }
        let submission = self.submission.iter().map(Value::to_string);
        form.extend_pairs(submission.map(|json| ("presentation_submission", json)));
        form.extend_pairs(self.state.iter().map(|state| ("state", state)));
        form.extend_pairs(&self.extra);
        form.finish().into_bytes()
    }

    /// What is encrypted of it in `direct_post.jwt`.
    #[must_use]
    pub fn parameters(&self) -> Value {
        match &self.state {
            Some(state) => json!({"vp_token": self.by_part(), "state": state}),
            None => json!({"vp_token": self.by_part()}),
        }
    }

    fn by_part(&self) -> Value {
        let mut parts: Map<String, Value> = Map::new();
        for presentation in &self.presentations {
            let tokens = parts.entry(&presentation.part).or_insert_with(|| Value::Array(vec![]));
            tokens.as_array_mut().unwrap().push(presentation.compact().into());
        }
        parts.into()
    }
}

/// A credential as an `EnvelopedVerifiableCredential` (VC data model 2.0 §4.13).
fn enveloped(compact: String) -> Value {
    json!({
        "@context": "https://www.w3.org/ns/credentials/v2",
        "type": "EnvelopedVerifiableCredential",
        "id": format!("data:application/vc+jwt,{compact}"),
    })
}
