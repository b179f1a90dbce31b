//! How the portal asks: in the language of the wallet that the person has.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use staffpass::aws_lc::SigningKey;
use staffpass::disclosure::{Completeness, CredentialSet};
use staffpass::fetch::entra::{ClientSecret, EntraClient, EntraOptions};
use staffpass::jose::Algorithm;
use staffpass::query::Format;
use staffpass::request::entra::{CredentialRequest, Exchange, RequestedCredential};
use staffpass::request::{Endpoints, Request, UnsignedRequest, entra, microsoft, openid4vp};

use crate::certified::Certified;
use crate::identity::Identity;
use crate::service::Portal;
use crate::{Config, Error};

/// A wallet that people may choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Wallet {
    Microsoft,
    OpenId4Vp,
    Haip,
    /// Microsoft Authenticator through Microsoft's Request Service.
    Entra,
}

impl Wallet {
    pub(crate) fn parse(id: &str) -> Option<Self> {
        let all = [Self::Microsoft, Self::OpenId4Vp, Self::Haip, Self::Entra];
        all.into_iter().find(|wallet| wallet.id() == id)
    }

    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::Microsoft => "microsoft",
            Self::OpenId4Vp => "openid4vp",
            Self::Haip => "haip",
            Self::Entra => "entra",
        }
    }

    /// What the person calls it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Microsoft | Self::Entra => "Microsoft Authenticator",
            Self::OpenId4Vp => "another wallet (OpenID4VP)",
            Self::Haip => "a high assurance wallet (HAIP)",
        }
    }

    /// Whether it is Microsoft's app, however it is asked.
    pub(crate) const fn is_microsofts(self) -> bool {
        matches!(self, Self::Microsoft | Self::Entra)
    }

    /// Whether it brings the person back to the browser, where both are on one device.
    pub(crate) const fn leads_back(self) -> bool {
        matches!(self, Self::OpenId4Vp | Self::Haip)
    }
}

/// The portal as the wallets see it.
pub(crate) struct Asker {
    microsoft: microsoft::Party,
    openid4vp: openid4vp::Party,
    haip: Option<(openid4vp::Party, SigningKey)>,
    entra: Option<Entra>,
    format: Format,
    is_encrypted: bool,
    pub(crate) wallets: Vec<Wallet>,
}

impl Asker {
    pub(crate) fn new(config: &Config, identity: &Identity) -> Result<Self, Error> {
        let url = |path| config.server.public_url.join(path).map(String::from);
        let (request, response) = (url("/request")?, url("/response")?);
        let endpoints = Endpoints::with_transport(&request, &response, config.transport())?;
        let (key_id, name) = (identity.key_id.as_str(), &config.trust.name);
        let microsoft = microsoft::Party::new(key_id, Algorithm::Es256, name, endpoints.clone())?;
        Ok(Self {
            microsoft: microsoft.with_purpose("To share your staff credentials")?,
            openid4vp: openid4vp::Party::new(key_id, Algorithm::Es256, endpoints.clone())?,
            haip: match Certified::of(config)? {
                Some(Certified { chain, key }) => {
                    Some((openid4vp::Party::haip(&chain, endpoints)?, key))
                }
                None => None,
            },
            entra: config.has_entra().then(|| Entra::new(config)).transpose()?,
            format: match &*config.wallets.openid4vp_format {
                "dc+sd-jwt" => Format::DcSdJwt,
                _ => Format::JwtVcJson,
            },
            is_encrypted: config.wallets.openid4vp_encrypted,
            wallets: config.wallets.dialects.iter().filter_map(|id| Wallet::parse(id)).collect(),
        })
    }
}

/// The portal as Microsoft's Request Service knows it.
pub(crate) struct Entra {
    party: entra::Party,
    pub(crate) client: EntraClient,
}

impl Entra {
    fn new(config: &Config) -> Result<Self, Error> {
        let own = &config.entra;
        let callback = config.server.public_url.join("/entra")?;
        let (name, transport) = (&config.trust.name, config.transport());
        let party =
            entra::Party::with_transport(&own.authority, name, callback.as_str(), transport)?;
        let mut options = EntraOptions::new(&own.tenant, &own.client_id);
        (options.login, options.service) = (own.login.clone(), own.service.clone());
        let secret = ClientSecret::new(own.client_secret.clone());
        Ok(Self {
            party: party.with_purpose("To share your staff credentials")?,
            client: EntraClient::new(&options, &config.fetching(), secret)?,
        })
    }
}

impl Asker {
    pub(crate) fn entra(&self) -> Result<&Entra, Error> {
        self.entra.as_ref().ok_or_else(|| "the Request Service is not configured".into())
    }
}

impl Portal {
    /// A signed request for the set, of the issuers that the policy trusts for each type.
    pub(crate) fn request(
        &self,
        wallet: Wallet,
        set: &CredentialSet,
        now: DateTime<Utc>,
    ) -> Result<Request, Error> {
        let own = &self.keys().signing;
        let asker = self.asker();
        Ok(match wallet {
            Wallet::Microsoft => self.ask_microsoft(set, now)?.sign(own)?,
            Wallet::OpenId4Vp => {
                let how = (&asker.format, asker.is_encrypted);
                self.ask_openid4vp(&asker.openid4vp, how, set, now)?.sign(own)?
            }
            Wallet::Haip => {
                let (party, key) = asker.haip.as_ref().ok_or("there is no certificate")?;
                self.ask_openid4vp(party, (&Format::DcSdJwt, true), set, now)?.sign(key)?
            }
            Wallet::Entra => return Err("the service asks this wallet".into()),
        })
    }

    /// What the service is asked to ask for, of the issuers that the policy trusts for each type.
    pub(crate) fn ask_service(
        &self,
        set: &CredentialSet,
        now: DateTime<Utc>,
    ) -> Result<(CredentialRequest, Exchange), Error> {
        let Entra { party, .. } = self.asker().entra()?;
        let asked = set.parts().map(|part| self.service_part(part.as_str()));
        let asked = asked.collect::<Option<Vec<_>>>().ok_or("a credential has no type")?;
        let builder = entra::RequestBuilder::new(party, asked).tenant(self.tenant());
        Ok(builder.with_receipt().build(now, &mut rand::rng())?)
    }

    fn service_part(&self, part: &str) -> Option<RequestedCredential> {
        let name = self.rules().catalogue().entry(part)?.type_name.as_deref()?;
        Some(RequestedCredential::new(name, self.issuers_of(name)).with_part(part))
    }

    fn ask_microsoft(
        &self,
        set: &CredentialSet,
        now: DateTime<Utc>,
    ) -> Result<UnsignedRequest, Error> {
        let catalogue = self.rules().catalogue();
        let asked = set.to_requested(catalogue, |part| {
            let entry = catalogue.entry(part.as_str());
            let name = entry.and_then(|entry| entry.type_name.as_deref());
            name.map(|name| self.issuers_of(name)).unwrap_or_default()
        })?;
        let builder = microsoft::RequestBuilder::new(&self.asker().microsoft, asked);
        Ok(builder.tenant(self.tenant()).build(now, &mut rand::rng())?)
    }

    /// By DCQL, which alone can ask for less than all.
    fn ask_openid4vp(
        &self,
        party: &openid4vp::Party,
        (format, is_encrypted): (&Format, bool),
        set: &CredentialSet,
        now: DateTime<Utc>,
    ) -> Result<UnsignedRequest, Error> {
        let asked = set.freeze(self.rules().catalogue(), self.completeness())?;
        let query = asked.to_dcql(format)?;
        let mut builder = openid4vp::RequestBuilder::for_query(party, query);
        if is_encrypted {
            builder = builder.encrypted_to(self.provider().agreement_key()?);
        }
        Ok(builder.tenant(self.tenant()).build(now, &mut rand::rng())?)
    }

    fn completeness(&self) -> Completeness {
        match &*self.config().journey.completeness {
            "lenient" => Completeness::Lenient,
            _ => Completeness::Strict,
        }
    }

    fn issuers_of(&self, type_name: &str) -> Vec<&str> {
        let issuers = self.verifier().policy().issuers();
        issuers
            .filter(|issuer| issuer.may_assert.contains(type_name))
            .map(|issuer| issuer.id.as_str())
            .collect()
    }
}
