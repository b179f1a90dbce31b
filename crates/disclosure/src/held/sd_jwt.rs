//! SD-JWT VC: read with every disclosure in its place.

use serde::Deserialize;
use serde_json::{Map, Value};
use staffpass_jose::NumericDate;
use staffpass_sd_jwt::{
    HeldSdJwt, LEGACY_SD_JWT_VC_TYPE, Limits, Presentation, SD_JWT_VC_TYPE, UnverifiedSdJwt,
};

use super::{Dates, Encoding, HeldCredential, claims_of, holder_of_key, jws, missing, payload};
use crate::DisclosureError;

#[derive(Deserialize)]
struct Claims {
    iss: Option<String>,
    vct: Option<String>,
    nbf: Option<NumericDate>,
    iat: Option<NumericDate>,
    exp: Option<NumericDate>,
}

pub(super) fn parse(compact: &str) -> Result<HeldCredential, DisclosureError> {
    let limits = Limits::default();
    let issuer = jws(UnverifiedSdJwt::parse(compact, &limits)?.issuer_jwt())?;
    let typ = issuer.header().typ.as_deref();
    if typ != Some(SD_JWT_VC_TYPE) && typ != Some(LEGACY_SD_JWT_VC_TYPE) {
        return Err(DisclosureError::CredentialType);
    }
    let certified = issuer.header().x5c().is_some();
    let sd_jwt = HeldSdJwt::receive(compact, &payload::<Map<_, _>>(&issuer)?, &limits)?;
    let holder = sd_jwt.holder_key().map(holder_of_key).ok_or(missing("cnf"))?;
    let credential = Value::Object(sd_jwt.claims().clone());
    let claims: Claims = claims_of(&credential)?;
    let issuer = claims.iss.clone().or(certified.then(String::new)).ok_or(missing("iss"))?;
    Ok(HeldCredential {
        compact: compact.to_owned(),
        encoding: Encoding::SdJwtVc,
        issuer,
        holder,
        dates: claims.dates(),
        types: vec![claims.vct.ok_or(missing("vct"))?],
        payload: Value::Null,
        credential,
        sd_jwt: Some(Box::new(sd_jwt)),
    })
}

impl Claims {
    fn dates(&self) -> Dates {
        Dates {
            issued_at: self.iat.or(self.nbf).map(NumericDate::ceil),
            valid_from: self.nbf.or(self.iat).map(NumericDate::ceil),
            expires_at: self.exp.map(NumericDate::floor),
        }
    }
}

/// The claims of a presentation, as its verifier will read them.
pub(super) fn shown(presentation: &Presentation) -> Result<Value, DisclosureError> {
    let sd_jwt = UnverifiedSdJwt::parse(presentation.as_str(), &Limits::default())?;
    let issued = payload::<Map<_, _>>(&jws(sd_jwt.issuer_jwt())?)?;
    Ok(Value::Object(sd_jwt.reveal(&issued)?.into_claims()))
}
