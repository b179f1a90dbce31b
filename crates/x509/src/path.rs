//! Path validation (RFC 5280 §6): webpki's, and what webpki leaves to others.

use std::time::Duration;

use chrono::{DateTime, Utc};
use rustls_pki_types::{CertificateDer, UnixTime};
use staffpass_jose::CryptoProvider;
use webpki::{EndEntityCert, Error, ExtendedKeyUsageValidator, KeyPurposeIdIter};
use x509_cert::ext::pkix::{ExtendedKeyUsage, KeyUsage};

use crate::certificate::Certificate;
use crate::{KeyPurpose, TrustAnchors, X509Error};

/// Signatures, dates, authorities, path lengths, name constraints, critical extensions.
pub(crate) fn validate(
    leaf: &Certificate,
    issuers: &[Certificate],
    anchors: &TrustAnchors,
    provider: &dyn CryptoProvider,
    now: DateTime<Utc>,
) -> Result<(), X509Error> {
    let time = unix_time(now)?;
    let issuers: Vec<CertificateDer<'_>> = issuers.iter().map(|one| one.der().clone()).collect();
    let leaf = EndEntityCert::try_from(leaf.der()).map_err(|error| refusal(&error, now))?;
    let path = leaf.verify_for_usage(
        provider.certificate_algorithms(),
        anchors.anchors(),
        &issuers,
        time,
        JudgedElsewhere,
        None,
        None,
    );
    path.map(|_| ()).map_err(|error| refusal(&error, now))
}

/// RFC 5280 §4.2.1.3, where the extension is there: the leaf signs, an issuer signs certificates.
pub(crate) fn check_key_usage(
    leaf: &Certificate,
    issuers: &[Certificate],
) -> Result<(), X509Error> {
    if leaf.extension::<KeyUsage>()?.is_some_and(|usage| !usage.digital_signature()) {
        return Err(X509Error::KeyUsage);
    }
    for issuer in issuers {
        if issuer.extension::<KeyUsage>()?.is_some_and(|usage| !usage.key_cert_sign()) {
            return Err(X509Error::NotACa);
        }
    }
    Ok(())
}

/// RFC 5280 §4.2.1.12.
pub(crate) fn check_purpose(
    leaf: &Certificate,
    issuers: &[Certificate],
    purpose: KeyPurpose,
) -> Result<(), X509Error> {
    purpose.check_leaf(leaf.extension::<ExtendedKeyUsage>()?.as_ref())?;
    for issuer in issuers {
        purpose.check_issuer(issuer.extension::<ExtendedKeyUsage>()?.as_ref())?;
    }
    Ok(())
}

/// Extended key usage is judged by [`check_purpose`], after the path.
struct JudgedElsewhere;

impl ExtendedKeyUsageValidator for JudgedElsewhere {
    fn validate(&self, _: KeyPurposeIdIter<'_, '_>) -> Result<(), Error> {
        Ok(())
    }
}

fn unix_time(now: DateTime<Utc>) -> Result<UnixTime, X509Error> {
    let seconds = u64::try_from(now.timestamp()).map_err(|_| X509Error::Path)?;
    Ok(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
}

fn date(time: UnixTime) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(i64::try_from(time.as_secs()).ok()?, 0)
}

fn refusal(error: &Error, now: DateTime<Utc>) -> X509Error {
    match error {
        Error::CertExpired { not_after, .. } => match date(*not_after) {
            Some(until) => X509Error::Expired { now, until },
            None => X509Error::Path,
        },
        Error::CertNotValidYet { not_before, .. } => match date(*not_before) {
            Some(from) => X509Error::NotYetValid { now, from },
            None => X509Error::Path,
        },
        Error::UnknownIssuer => X509Error::UnknownIssuer,
        Error::InvalidSignatureForPublicKey => X509Error::SignatureMismatch,
        Error::UnsupportedSignatureAlgorithmContext(_)
        | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_)
        | Error::SignatureAlgorithmMismatch => X509Error::UnsupportedAlgorithm,
        Error::CaUsedAsEndEntity => X509Error::CaAsLeaf,
        Error::EndEntityUsedAsCa => X509Error::NotACa,
        Error::PathLenConstraintViolated | Error::MaximumPathDepthExceeded => X509Error::PathLength,
        Error::NameConstraintViolation => X509Error::NameConstraint,
        Error::UnsupportedCriticalExtension => X509Error::CriticalExtension,
        Error::BadDer | Error::BadDerTime | Error::ExtensionValueInvalid => X509Error::Malformed,
        _ => X509Error::Path,
    }
}
