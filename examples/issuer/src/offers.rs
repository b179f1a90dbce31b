//! Offers: made on the command line, redeemed at the service.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use staffpass::credentials::{CredentialKind, TypeNames};
use staffpass::issue::openid4vci::{
    CredentialConfiguration, Issuance, IssuerMetadata, OfferTerms, Offered, TransactionCode,
    offer_link,
};
use staffpass::jose::Algorithm;
use staffpass::otp::Channel;

use crate::Error;
use crate::credential::read_claims;
use crate::identity::Identity;
use crate::options::{Format, Offer, TxCode};
use crate::store::{OpenOffer, Store};

/// What can be handed over: each kind as VC-JWT and as SD-JWT VC.
pub(crate) fn metadata(identity: &Identity, name: &str) -> Result<IssuerMetadata, Error> {
    let names = TypeNames::default();
    let configurations = CredentialKind::ALL.into_iter().flat_map(|kind| {
        let shown = match kind {
            CredentialKind::Identity => "Staff identity",
            CredentialKind::Employment => "Staff employment",
            _ => "Staff training",
        };
        CredentialConfiguration::staff(kind, &names, shown)
    });
    let metadata = IssuerMetadata::new(&identity.origin, name, Algorithm::Es256)?;
    Ok(metadata.configurations(configurations).batch_size(BATCH))
}

/// Keys of one wallet that may get a credential in one request.
pub(crate) const BATCH: usize = 5;

/// A new offer, with its link.
pub(crate) struct NewOffer {
    pub(crate) offered: Offered,
    pub(crate) link: String,
}

/// Makes an offer and keeps it for the service. Claims that could not be issued are not offered.
pub(crate) fn offer(
    identity: &Identity,
    store: &Store,
    wanted: &Offer,
    claims: Map<String, Value>,
    now: DateTime<Utc>,
) -> Result<NewOffer, Error> {
    let kind = CredentialKind::from(wanted.kind);
    read_claims(kind, &claims, now)?;
    let id = configuration_id(kind, wanted.format)?;
    let terms = OfferTerms::new([id.as_str()]).transaction_code(match wanted.tx_code {
        TxCode::Email => TransactionCode::By(Channel::Email),
        TxCode::Mobile => TransactionCode::By(Channel::Mobile),
        TxCode::Waived => TransactionCode::Waived,
    });
    let offered = Issuance::offer(&terms, &identity.code_key, now, &mut rand::rng())?;
    let open = OpenOffer { issuance: offered.issuance.clone(), kind: kind.id().to_owned(), claims };
    store.with(|books| {
        books.forget_offers(now)?;
        books.keep_offer(&open, now)
    })?;
    // The address of the offer is its code: whoever can read the one may read the other.
    let address = format!("{}/offers/{}", identity.origin, offered.code());
    Ok(NewOffer { link: offer_link(&address.parse()?), offered })
}

fn configuration_id(kind: CredentialKind, format: Format) -> Result<String, Error> {
    match format {
        Format::JwtVcJson => Ok(format!("{}_jwt_vc_json", kind.id())),
        Format::DcSdJwt => Ok(format!("{}_dc_sd_jwt", kind.id())),
        Format::VcJwt => Err("OpenID4VCI hands over jwt_vc_json and dc+sd-jwt".into()),
    }
}
