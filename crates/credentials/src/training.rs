//! One subject learned, at one level.

use chrono::{Months, NaiveDate, TimeDelta};

use crate::assurance::Assurance;
use crate::error::{Rule, Warning, WarningReason};
use crate::esr::EsrCompetence;
use crate::ids::{IdentityId, OdsCode};
use crate::reader::{
    ClaimsContext, Reader, date, date_by_issue, integer, object, parsed, text, word,
};
use crate::table::claims;
use crate::vocabulary::{
    AttainmentStatus, Framework, LearningMethod, PeriodUnit, ProficiencyLevel, Subject,
};

claims! {
    /// One subject at one level; a person holds many of these.
    ///
    /// How long training counts is the receiving trust's decision: the credential carries the
    /// issuer's period and end date, and no period is built in.
    pub struct TrainingCredential (Draft, check) {
        required {
            /// The identity id of the person's identity credential.
            identity_id: IdentityId = parsed(IdentityId::parse),
            /// The framework that the record belongs to.
            framework: Framework = word,
            /// The subject.
            subject: Subject = word,
            /// The name of the competency; 1 to 200 characters.
            competency_name: String = text(1, 200),
            /// Whether the training was completed.
            attainment_status: AttainmentStatus = word,
            /// When it was last awarded; at most a day after issue.
            awarded_on: NaiveDate = date_by_issue(1),
            /// Where the statements come from.
            assurance: Assurance = object(Assurance::read),
        }
        optional {
            /// The edition of the framework, for example "2025" of the Care Certificate; 1 to 40
            /// characters.
            edition: String = text(1, 40),
            /// Level, 1 to 5; required for the Core Skills Training Framework.
            level: u8 = integer(1, 5),
            /// Variant of the subject, for example "adult-basic-life-support"; 1 to 200 characters.
            variant: String = text(1, 200),
            /// The competence string of the Electronic Staff Record; one that disagrees is a warning.
            esr_competence: String = text(1, 200),
            /// Whether it was assessed.
            proficiency_level: ProficiencyLevel = word,
            /// After how long it is to be renewed, as the issuer states it.
            renewal_period: RenewalPeriod = object(RenewalPeriod::read),
            /// Until when it counts, as the issuer states it; not before `awarded_on`.
            valid_to: NaiveDate = date,
            /// How it was learned.
            learning_method: LearningMethod = word,
            /// Who trained.
            training_provider: TrainingProvider = object(TrainingProvider::read),
        }
    }
}

impl TrainingCredential {
    /// Whether it may be shared: only achieved training is.
    #[must_use]
    pub fn is_shareable(&self) -> bool {
        self.attainment_status == AttainmentStatus::Achieved
    }

    /// What a person should look at. No rule here depends on time.
    #[must_use]
    pub fn warnings(&self, _context: &ClaimsContext) -> Vec<Warning> {
        let esr = self.esr_reasons().map(|reason| Warning::new(&["esr_competence"], reason));
        let valid_to = Warning::new(&["valid_to"], WarningReason::ValidToPeriod);
        esr.chain(self.valid_to_is_odd().then_some(valid_to)).collect()
    }

    fn esr_reasons(&self) -> impl Iterator<Item = WarningReason> {
        let text = self.esr_competence.as_deref();
        let read = text.and_then(EsrCompetence::parse);
        let form = text.is_some() && read.is_none();
        let subject = read.as_ref().is_some_and(|esr| !esr.is_about(self.subject.as_str()));
        let periods = read.and_then(|esr| esr.period).zip(self.renewal_period.as_ref());
        let period = periods.is_some_and(|(esr, own)| esr.months() != own.months());
        let reasons = [
            (form, WarningReason::EsrCompetenceForm),
            (subject, WarningReason::EsrCompetenceSubject),
            (period, WarningReason::EsrCompetencePeriod),
        ];
        reasons.into_iter().filter_map(|(is, reason)| is.then_some(reason))
    }

    fn valid_to_is_odd(&self) -> bool {
        let months = self.renewal_period.as_ref().map(|period| Months::new(period.months()));
        let due = months.and_then(|months| self.awarded_on.checked_add_months(months));
        due.zip(self.valid_to)
            .is_some_and(|(due, to)| to.signed_duration_since(due).abs() > TimeDelta::days(31))
    }
}

fn check(draft: &Draft, reader: &mut Reader) {
    let levelled = draft.framework == Some(Framework::Cstf);
    if levelled && draft.level.is_none() && !reader.has_fault("level") {
        reader.fault("level", Rule::MissingBecause { because: "framework" });
    }
    if draft.awarded_on.zip(draft.valid_to).is_some_and(|(from, to)| to < from) {
        reader.fault("valid_to", Rule::Before { other: "awarded_on" });
    }
}

claims! {
    /// A number of months or years.
    pub struct RenewalPeriod (RenewalPeriodDraft, |_, _| ()) {
        required {
            /// 1 to 120.
            value: u8 = integer(1, 120),
            /// Months or years.
            unit: PeriodUnit = word,
        }
        optional {}
    }
}

impl RenewalPeriod {
    /// The period in months.
    #[must_use]
    pub fn months(&self) -> u32 {
        let each = match self.unit {
            PeriodUnit::Month => 1,
            PeriodUnit::Year => 12,
        };
        u32::from(self.value) * each
    }
}

claims! {
    /// Who trained the person.
    pub struct TrainingProvider (TrainingProviderDraft, |_, _| ()) {
        required {
            /// Name; 1 to 200 characters.
            name: String = text(1, 200),
        }
        optional {
            /// ODS code.
            ods_code: OdsCode = parsed(OdsCode::parse),
        }
    }
}
