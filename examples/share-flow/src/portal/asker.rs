//! How the portal asks: one of the two protocols.

use chrono::Utc;
use rand::RngExt as _;
use staffpass::did::Did;
use staffpass::disclosure::AskedSet;
use staffpass::jose::{Algorithm, base64url};
use staffpass::query::Format;
use staffpass::request::{Endpoints, Transport, UnsignedRequest, microsoft, openid4vp};

use super::{NAME, TENANT};
use crate::host::Host;
use crate::{Dialect, Error};

/// The portal as wallets of one protocol see it.
pub(super) enum Asker {
    Microsoft(Box<microsoft::Party>),
    OpenId4Vp(Box<openid4vp::Party>),
}

impl Asker {
    pub(super) fn new(dialect: Dialect, host: &Host) -> Result<Self, Error> {
        let (request, response) = (host.address("request"), host.address("response"));
        let transport = Transport::HttpsOrLoopbackHttp;
        let endpoints = Endpoints::with_transport(&request, &response, transport)?;
        let key_id = host.key_id.as_str();
        Ok(match dialect {
            Dialect::Microsoft => {
                let party = microsoft::Party::new(key_id, Algorithm::Es256, NAME, endpoints)?;
                Self::Microsoft(Box::new(party.with_purpose("To make your staff passport")?))
            }
            Dialect::Openid4vp => {
                let party = openid4vp::Party::new(key_id, Algorithm::Es256, endpoints)?;
                Self::OpenId4Vp(Box::new(party))
            }
        })
    }

    /// A request for a set, of credentials of this issuer's, to be signed.
    pub(super) fn ask(&self, asked: &AskedSet, issuer: &Did) -> Result<UnsignedRequest, Error> {
        let (now, rng) = (Utc::now(), &mut rand::rng());
        Ok(match self {
            Self::Microsoft(party) => {
                let id = base64url::encode(rand::rng().random::<[u8; 16]>());
                let definition = asked.to_definition(&id, |_| vec![issuer.as_str()])?;
                let builder = microsoft::RequestBuilder::for_definition(party, definition);
                builder.tenant(TENANT).build(now, rng)?
            }
            Self::OpenId4Vp(party) => {
                let query = asked.to_dcql(&Format::JwtVcJson)?;
                let builder = openid4vp::RequestBuilder::for_query(party, query);
                builder.tenant(TENANT).build(now, rng)?
            }
        })
    }
}
