//! `POST /requests`: what the portal wants, and the request that says so to a wallet.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use staffpass::aws_lc::{AwsLc, SigningKey};
use staffpass::jose::{Algorithm, CryptoProvider as _};
use staffpass::query::{DcqlQuery, Format};
use staffpass::request::openid4vp::{Party, RequestBuilder, ResponseKey};
use staffpass::request::{
    Expectation, Request, RequestIdDigest, RequestObject, RequestUriMethod, RequestedCredential,
    ReturnAddress, microsoft, openid4vp_draft,
};

use crate::problem::Problem;
use crate::service::Service;

/// The body of `POST /requests`. A member that is not known is refused: it may be one that matters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ask {
    dialect: Dialect,
    response_mode: Option<ResponseMode>,
    request_uri_method: Option<Method>,
    client_id_prefix: Option<Prefix>,
    format: Option<CredentialFormat>,
    credentials: Option<Vec<Credential>>,
    dcql_query: Option<Value>,
    flow: Option<Flow>,
    return_url: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Dialect {
    Openid4vp,
    Microsoft,
    Haip,
    /// OpenID4VP before 1.0, with Presentation Exchange.
    #[serde(rename = "openid4vp_draft_pe")]
    Openid4vpDraftPe,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
enum ResponseMode {
    #[serde(rename = "direct_post")]
    DirectPost,
    #[serde(rename = "direct_post.jwt")]
    DirectPostJwt,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Method {
    Get,
    Post,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
enum Prefix {
    #[serde(rename = "decentralized_identifier")]
    DecentralizedIdentifier,
    #[serde(rename = "x509_san_dns")]
    X509SanDns,
    #[serde(rename = "x509_hash")]
    X509Hash,
    #[serde(rename = "redirect_uri")]
    RedirectUri,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
enum CredentialFormat {
    #[serde(rename = "jwt_vc_json")]
    JwtVcJson,
    #[serde(rename = "dc+sd-jwt")]
    DcSdJwt,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Flow {
    CrossDevice,
    SameDevice,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Credential {
    id: String,
    r#type: Option<String>,
    vct: Option<String>,
    #[serde(default)]
    claims: Vec<String>,
}

/// A request that was made: what is shown, served and kept.
pub(crate) struct Asked {
    pub(crate) link: String,
    pub(crate) object: Option<SignedObject>,
    pub(crate) expectation: Expectation,
    pub(crate) response_key: Option<ResponseKey>,
    pub(crate) return_url: Option<String>,
}

/// A request object, the digest of the id under which it is served, and the key that signed it.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct SignedObject {
    pub(crate) id: RequestIdDigest,
    pub(crate) object: RequestObject,
    /// The thumbprint of that key.
    pub(crate) signer: String,
}

/// What an [`Ask`] comes to, with the defaults of its dialect.
struct Settled {
    encrypted: bool,
    method: RequestUriMethod,
    prefix: Prefix,
    format: CredentialFormat,
}

impl Ask {
    pub(crate) fn into_request(
        self,
        service: &Service,
        now: DateTime<Utc>,
    ) -> Result<Asked, Problem> {
        self.check_return_url(service)?;
        let return_url = self.return_url.clone();
        let settled = self.settle()?;
        let asked = match self.dialect {
            Dialect::Microsoft => self.microsoft(service, now)?,
            Dialect::Openid4vpDraftPe => self.openid4vp_draft(service, now)?,
            Dialect::Openid4vp | Dialect::Haip => self.openid4vp(&settled, service, now)?,
        };
        Ok(Asked { return_url, ..asked })
    }

    fn check_return_url(&self, service: &Service) -> Result<(), Problem> {
        match (self.flow.unwrap_or(Flow::CrossDevice), &self.return_url) {
            (Flow::CrossDevice, None) => Ok(()),
            (Flow::SameDevice, Some(url)) => {
                Ok(ReturnAddress::parse_with(url, service.transport()).map(drop)?)
            }
            (Flow::CrossDevice, Some(_)) => Err(choice("return_url", "the same_device flow only")),
            (Flow::SameDevice, None) => Err(choice("return_url", "the same_device flow needs it")),
        }
    }

    /// What is not said is the dialect's own; what is said and not the dialect's is a fault.
    fn settle(&self) -> Result<Settled, Problem> {
        let (mode, prefix, format) = match self.dialect {
            Dialect::Haip => {
                (ResponseMode::DirectPostJwt, Prefix::X509Hash, CredentialFormat::DcSdJwt)
            }
            Dialect::Openid4vp | Dialect::Openid4vpDraftPe | Dialect::Microsoft => (
                ResponseMode::DirectPost,
                Prefix::DecentralizedIdentifier,
                CredentialFormat::JwtVcJson,
            ),
        };
        let fixed = self.dialect != Dialect::Openid4vp;
        let mode = chosen(self.response_mode, mode, fixed, "response_mode")?;
        let prefix = chosen(self.client_id_prefix, prefix, fixed, "client_id_prefix")?;
        let format = chosen(self.format, format, fixed, "format")?;
        let by_value = prefix == Prefix::RedirectUri;
        let only_get =
            by_value || matches!(self.dialect, Dialect::Microsoft | Dialect::Openid4vpDraftPe);
        let method = chosen(self.request_uri_method, Method::Get, only_get, "request_uri_method")?;
        let method = match method {
            Method::Get => RequestUriMethod::Get,
            Method::Post => RequestUriMethod::Post,
        };
        Ok(Settled { encrypted: mode == ResponseMode::DirectPostJwt, method, prefix, format })
    }

    fn microsoft(self, service: &Service, now: DateTime<Utc>) -> Result<Asked, Problem> {
        if self.dcql_query.is_some() {
            return Err(choice("dcql_query", "Microsoft's wallet is asked by credentials"));
        }
        let credentials = self.credentials.unwrap_or_default().into_iter();
        let credentials: Vec<_> =
            credentials.map(|credential| credential.of_type(service)).collect::<Result<_, _>>()?;
        let builder = microsoft::RequestBuilder::new(service.microsoft()?, credentials);
        let signer = &service.identity().newest().key;
        let request = builder.build(now, &mut rand::rng())?.sign(signer)?;
        Ok(Asked::signed(&request, signer))
    }

    fn openid4vp_draft(self, service: &Service, now: DateTime<Utc>) -> Result<Asked, Problem> {
        if self.dcql_query.is_some() {
            return Err(choice("dcql_query", "the drafts are asked by credentials"));
        }
        let own = service.identity().newest();
        let party =
            openid4vp_draft::Party::new(own.id.as_str(), Algorithm::Es256, service.endpoints())?;
        let credentials = self.credentials.unwrap_or_default().into_iter();
        let credentials: Vec<_> =
            credentials.map(|credential| credential.of_type(service)).collect::<Result<_, _>>()?;
        let builder = openid4vp_draft::RequestBuilder::new(&party, credentials);
        let request = builder.build(now, &mut rand::rng())?.sign(&own.key)?;
        Ok(Asked::signed(&request, &own.key))
    }

    fn openid4vp(
        self,
        settled: &Settled,
        service: &Service,
        now: DateTime<Utc>,
    ) -> Result<Asked, Problem> {
        let (party, signer) = self.party(settled.prefix, service)?;
        let mut builder = match (self.credentials, self.dcql_query) {
            (Some(credentials), None) => {
                let credentials = credentials.into_iter();
                let format = settled.format;
                let asked: Vec<_> = credentials
                    .map(|credential| credential.in_format(format))
                    .collect::<Result<_, _>>()?;
                RequestBuilder::new(&party, asked)?
            }
            (None, Some(query)) => {
                let query = DcqlQuery::from_value(&query);
                let query = query.map_err(|error| Problem::bad_request(error.code(), error))?;
                RequestBuilder::for_query(&party, query)
            }
            _ => return Err(choice("credentials", "either credentials or dcql_query")),
        };
        builder = builder.request_uri_method(settled.method);
        if settled.encrypted {
            let key = AwsLc.agreement_key().map_err(|error| Problem::internal(error.code()))?;
            builder = builder.encrypted_to(key);
        }
        if settled.prefix == Prefix::RedirectUri {
            let request = builder.build_by_value(now, &mut rand::rng())?;
            return Ok(Asked {
                link: request.link().to_owned(),
                object: None,
                expectation: request.expectation().clone(),
                response_key: request.response_key().cloned(),
                return_url: None,
            });
        }
        let request = builder.build(now, &mut rand::rng())?.sign(signer)?;
        Ok(Asked::signed(&request, signer))
    }

    /// Who asks, and with which key.
    fn party<'s>(
        &self,
        prefix: Prefix,
        service: &'s Service,
    ) -> Result<(Party, &'s SigningKey), Problem> {
        let (identity, endpoints) = (service.identity(), service.endpoints());
        let chain = &identity.chain;
        let party = match prefix {
            _ if self.dialect == Dialect::Haip => Party::haip(chain, endpoints)?,
            Prefix::DecentralizedIdentifier => {
                Party::new(identity.newest().id.as_str(), Algorithm::Es256, endpoints)?
            }
            Prefix::X509SanDns => {
                Party::x509_san_dns(&identity.host, chain, Algorithm::Es256, endpoints)?
            }
            Prefix::X509Hash => Party::x509_hash(chain, Algorithm::Es256, endpoints)?,
            Prefix::RedirectUri if service.allows_unsigned() => {
                Party::unsigned_for_tests(endpoints)
            }
            Prefix::RedirectUri => {
                return Err(choice("client_id_prefix", "unsigned requests are not allowed here"));
            }
        };
        let key = match prefix {
            Prefix::X509SanDns | Prefix::X509Hash => identity.certified_key(),
            Prefix::DecentralizedIdentifier | Prefix::RedirectUri => &identity.newest().key,
        };
        Ok((party, key))
    }
}

impl Credential {
    /// For OpenID4VP: the name of the type is the format's own.
    fn in_format(self, format: CredentialFormat) -> Result<RequestedCredential, Problem> {
        let claims = self.claims.iter().map(String::as_str);
        match (format, &self.r#type, &self.vct) {
            (CredentialFormat::JwtVcJson, Some(r#type), _) => {
                Ok(RequestedCredential::new(&self.id, r#type).with_claims(claims))
            }
            (CredentialFormat::DcSdJwt, _, Some(vct)) => {
                let asked = RequestedCredential::new(&self.id, vct).with_vct(vct);
                Ok(asked.with_format(Format::DcSdJwt).with_claims(claims))
            }
            (CredentialFormat::JwtVcJson, None, _) => Err(choice("type", "a VC needs one")),
            (CredentialFormat::DcSdJwt, _, None) => Err(choice("vct", "an SD-JWT VC needs one")),
        }
    }

    /// By Presentation Exchange: with the issuers that the policy trusts for the type.
    fn of_type(self, service: &Service) -> Result<RequestedCredential, Problem> {
        let r#type = self.r#type.ok_or_else(|| choice("type", "a VC needs one"))?;
        let issuers = service.issuers_of(&r#type);
        let asked = RequestedCredential::new(&self.id, &r#type).with_issuers(issuers);
        Ok(asked.with_claims(self.claims.iter().map(String::as_str)))
    }
}

impl Asked {
    pub(crate) fn signed(request: &Request, signer: &SigningKey) -> Self {
        let object = SignedObject {
            id: *request.request_id_digest(),
            object: request.object().clone(),
            signer: signer.public_key().thumbprint().to_string(),
        };
        Self {
            link: request.link().to_owned(),
            object: Some(object),
            expectation: request.expectation().clone(),
            response_key: request.response_key().cloned(),
            return_url: None,
        }
    }
}

fn chosen<T: Copy + PartialEq>(
    said: Option<T>,
    default: T,
    fixed: bool,
    member: &'static str,
) -> Result<T, Problem> {
    match said {
        Some(said) if fixed && said != default => Err(choice(member, "the dialect has its own")),
        said => Ok(said.unwrap_or(default)),
    }
}

fn choice(member: &str, message: &str) -> Problem {
    Problem::bad_request("choice", format!("{member}: {message}"))
}
