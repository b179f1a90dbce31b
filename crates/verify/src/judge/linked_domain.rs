//! The issuer's domain, where the policy asks for one.

use staffpass_did::linked_domain::{DidConfiguration, DomainLinkage};
use staffpass_jose::UnverifiedJws;

use super::{Believed, Judge, Loosenings, Stop, credential, dates};
use crate::evidence::Absence;
use crate::policy::{IssuerRules, LinkedDomain};
use crate::report::Check;
use crate::{Code, Source};

impl<'a> Judge<'a> {
    /// Each believed credential's issuer has a statement of its domain, where the policy asks for
    /// one; where it does not, the report has no such line.
    pub(super) fn linked_domains(&mut self, believed: &[Believed<'a>]) {
        let refused = self.ledger.any_failed();
        for credential in believed {
            let about = credential::subject(credential.location);
            let Some(domain) = &credential.rules.linked_domain else { continue };
            if refused {
                self.ledger.close(about, &[Check::LinkedDomain]);
                continue;
            }
            let verdict = self.domain_names_issuer(domain, credential.rules);
            let verdict = verdict.map(|loosenings| ((), loosenings));
            self.sentence_or_waived(about, Check::LinkedDomain, verdict);
        }
    }

    fn domain_names_issuer(
        &mut self,
        domain: &'a LinkedDomain,
        rules: &'a IssuerRules,
    ) -> Result<Loosenings, Stop> {
        let configuration = self.configuration_of(domain)?;
        let mut waits = false;
        for statement in configuration.statements() {
            match self.statement_is_good(statement, domain, rules) {
                Ok(loosenings) => return Ok(loosenings),
                Err(Stop::Wait) => waits = true,
                Err(Stop::Fail(_)) => {}
            }
        }
        if waits { Err(Stop::Wait) } else { Err(Code::LinkedDomainInvalid.into()) }
    }

    fn configuration_of(&mut self, domain: &LinkedDomain) -> Result<&'a DidConfiguration, Stop> {
        let source = Source::DidConfiguration(domain.configuration.clone());
        let found = self.evidence.configuration(&source, self.moment());
        match found {
            Err(Absence::Missing) => return self.wait_for(source),
            _ => self.used.insert(source),
        };
        found.map_err(|absence| match absence {
            Absence::Malformed => Code::LinkedDomainInvalid.into(),
            _ => Code::LinkedDomainUnavailable.into(),
        })
    }

    /// Signed by the DID that it speaks of, with a key for assertions, within its dates
    /// ("DID Configuration Resource Verification").
    fn statement_is_good(
        &mut self,
        statement: &UnverifiedJws,
        domain: &LinkedDomain,
        rules: &IssuerRules,
    ) -> Result<Loosenings, Stop> {
        self.algorithm_is_allowed(statement)?;
        let (key, loosenings) = self.issuer_key(statement, rules)?;
        let verified = self.signature(statement, &key)?;
        let linkage = DomainLinkage::read(&verified, &self.limits.json());
        let linkage = linkage.map_err(|_| Code::LinkedDomainInvalid)?;
        if !linkage.says(&rules.issuer.id, &domain.origin) {
            return Err(Code::LinkedDomainInvalid.into());
        }
        let (now, leeway) = (self.now, self.policy.leeway());
        dates::has_begun(Some(linkage.valid_from()), now, leeway)?;
        dates::not_expired(Some(linkage.expires_at()), now, leeway)?;
        Ok(loosenings)
    }
}
