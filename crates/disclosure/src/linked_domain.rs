//! Whether the domain that a verifier names as its own says the same (DIF Well-Known DID
//! Configuration).

use std::fmt;

use chrono::{DateTime, Utc};
use staffpass_did::linked_domain::{DidConfiguration, DomainLinkage, configuration_url};
use staffpass_did::{Did, DidDocument, DidUrl, LoopbackHttp, Relationship, web};
use staffpass_jose::{CryptoProvider, UnverifiedJws, VerificationKey, jws};
use url::{Origin, Url};

use crate::DisclosureError;
use crate::review::CLOCK_LEEWAY;

/// When a verifier that is known by a DID must be confirmed by a domain.
///
/// Microsoft Authenticator reads the verifier's linked domain. In the public code of 2024 a domain that
/// does not confirm is a warning to the person; a change to its library that was open in 2026 refuses to
/// post without one. Which builds do what is not published, so the default is the stricter reading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a switch")]
pub enum DomainRule {
    /// In the JWT VC Presentation Profile always; in other protocols where the DID document names a
    /// domain, which must then confirm it.
    #[default]
    Confirmed,
    /// Not at all. Show the person that nobody has confirmed the verifier.
    Waived,
}

/// The domain that a verifier's DID document names, which has not confirmed it yet.
/// [`RequestReview::domain_claimed`](crate::RequestReview::domain_claimed) hands it out once the
/// request's signature is good, so that nothing is fetched for a stranger.
#[derive(Clone)]
#[must_use]
pub struct ClaimedDomain {
    document: DidDocument,
    origin: Url,
}

impl ClaimedDomain {
    /// The first origin of the first `LinkedDomains` service: the phone apps look at no other.
    pub(crate) fn of(
        document: &DidDocument,
        loopback: LoopbackHttp,
    ) -> Result<Option<Self>, DisclosureError> {
        let mut services = document.services().iter();
        let Some(service) = services.find(|service| service.is("LinkedDomains")) else {
            return Ok(None);
        };
        let endpoint = service.endpoint();
        let named = endpoint.origins().chain(endpoint.uris()).next();
        let named = named.ok_or(DisclosureError::DomainAbsent)?;
        let origin = Url::parse(named).map_err(|_| DisclosureError::DomainAbsent)?;
        // A host and a port at https, as a did:web has them: nothing else is fetched.
        web::did_of_origin(&origin, loopback)?;
        Ok(Some(Self { document: document.clone(), origin }))
    }

    /// The domain: scheme, host and port.
    #[must_use]
    pub fn origin(&self) -> String {
        self.origin.origin().ascii_serialization()
    }

    /// What to fetch from it, without following redirects.
    #[must_use]
    pub fn configuration_url(&self) -> Url {
        configuration_url(&self.origin)
    }

    /// Reads what was fetched: one statement at least is signed by a key for assertions of this DID,
    /// says that the DID and this very origin belong together, and is in time ("DID Configuration
    /// Resource Verification").
    ///
    /// # Errors
    /// [`DisclosureError::DomainUnconfirmed`].
    pub fn confirm(
        &self,
        configuration: &[u8],
        provider: &dyn CryptoProvider,
        now: DateTime<Utc>,
    ) -> Result<LinkedDomain, DisclosureError> {
        let limits = jws::Limits::default();
        let configuration = DidConfiguration::parse(configuration, &limits);
        let configuration = configuration.map_err(|_| DisclosureError::DomainUnconfirmed)?;
        let good = |statement| self.is_good(statement, provider, &limits, now).is_some();
        if configuration.statements().iter().any(good) {
            let did = self.document.id().clone();
            Ok(LinkedDomain { did, origin: self.origin.origin() })
        } else {
            Err(DisclosureError::DomainUnconfirmed)
        }
    }

    fn is_good(
        &self,
        statement: &UnverifiedJws,
        provider: &dyn CryptoProvider,
        limits: &jws::Limits,
        now: DateTime<Utc>,
    ) -> Option<()> {
        let key = self.key(statement.header().kid.as_deref()?, provider)?;
        let verified = statement.verify(&key).ok()?;
        let linkage = DomainLinkage::read(&verified, &limits.json).ok()?;
        let says = linkage.says(self.document.id().as_str(), &self.origin());
        let in_time = linkage.valid_from() <= now + CLOCK_LEEWAY && linkage.expires_at() > now;
        (says && in_time).then_some(())
    }

    fn key(&self, kid: &str, provider: &dyn CryptoProvider) -> Option<VerificationKey> {
        let id = DidUrl::parse_relative_to(self.document.id(), kid).ok()?;
        let method = self.document.method(id.as_str())?;
        let asserts = method.relationships().contains(Relationship::AssertionMethod);
        provider.prepare(method.key()).ok().filter(|_| asserts)
    }
}

impl fmt::Debug for ClaimedDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClaimedDomain").field("origin", &self.origin()).finish_non_exhaustive()
    }
}

/// A domain that has confirmed a DID as its own. [`ClaimedDomain::confirm`] alone makes one.
#[derive(Clone, PartialEq, Eq)]
#[must_use]
pub struct LinkedDomain {
    did: Did,
    origin: Origin,
}

impl LinkedDomain {
    /// Whom it has confirmed.
    #[must_use]
    pub const fn did(&self) -> &Did {
        &self.did
    }

    /// The domain: scheme, host and port.
    #[must_use]
    pub fn origin(&self) -> String {
        self.origin.ascii_serialization()
    }

    /// What is an origin for comparison.
    pub(crate) const fn as_origin(&self) -> &Origin {
        &self.origin
    }
}

impl fmt::Debug for LinkedDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkedDomain").field("origin", &self.origin()).finish_non_exhaustive()
    }
}
