//! Where and as what the person works.

use chrono::{DateTime, Months, NaiveDate, Utc};

use crate::assurance::Assurance;
use crate::dates::end_of_day;
use crate::error::{Rule, Warning, WarningReason};
use crate::ids::{IdentityId, OdsCode};
use crate::reader::{
    ClaimsContext, Reader, boolean, date, list, object, parsed, shaped, text, word,
};
use crate::table::claims;
use crate::vocabulary::{AssignmentCategory, AssignmentStatus, RegistrationBody, StaffGroup};

claims! {
    /// One assignment of a person at one employer.
    ///
    /// `area_of_work` and `job_role` have lists in the National Workforce Data Set; they are taken
    /// as free text here.
    pub struct EmploymentCredential (Draft, check) {
        required {
            /// The identity id of the person's identity credential.
            identity_id: IdentityId = parsed(IdentityId::parse),
            /// The employer.
            employer: Employer = object(Employer::read),
            /// Staff group.
            staff_group: StaffGroup = word,
            /// Job title; 1 to 200 characters.
            job_title: String = text(1, 200),
            /// The contract under which the person works.
            assignment_category: AssignmentCategory = word,
            /// How the assignment stands.
            assignment_status: AssignmentStatus = word,
            /// The first day.
            start_date: NaiveDate = date,
            /// Where the statements come from.
            assurance: Assurance = object(Assurance::read),
        }
        optional {
            /// Department; 1 to 120 characters.
            department: String = text(1, 120),
            /// Area of work; 1 to 200 characters.
            area_of_work: String = text(1, 200),
            /// Job role; 1 to 200 characters.
            job_role: String = text(1, 200),
            /// The last day; after `start_date`. Required for a fixed term and a rotation.
            end_date: NaiveDate = date,
            /// Occupation code; an unusual form is a warning only.
            occupation_code: String = text(1, 200),
            /// Agenda for Change band (1 to 7, 8a to 8d, 9) or a scale such as MN37.
            pay_band: String = shaped(is_pay_band),
            /// Numbers of the Electronic Staff Record.
            esr: Esr = object(Esr::read),
            /// Contracted fraction of full time, a decimal from 0 to 1 with up to five places.
            fte: String = shaped(is_fraction),
            /// Professional registrations; 1 to 10.
            registrations: Vec<Registration> = list(10, object(Registration::read)),
            /// Whether the person has a licence to attend (temporary moves).
            licence_to_attend: bool = boolean,
        }
    }
}

impl EmploymentCredential {
    /// When the credential should expire: at the end of `end_date` (the last second of that day,
    /// UTC), else 12 months after issue.
    #[must_use]
    pub fn default_expiry(&self, issued_at: DateTime<Utc>) -> DateTime<Utc> {
        let in_a_year = || issued_at.checked_add_months(Months::new(12)).unwrap_or(issued_at);
        self.end_date.map_or_else(in_a_year, end_of_day)
    }

    /// What a person should look at. No rule here depends on time.
    #[must_use]
    pub fn warnings(&self, _context: &ClaimsContext) -> Vec<Warning> {
        let odd_code =
            self.occupation_code.as_deref().is_some_and(|code| !is_occupation_code(code));
        let odd_licence = self.licence_to_attend == Some(true)
            && self.assignment_category == AssignmentCategory::Permanent;
        let code = || Warning::new(&["occupation_code"], WarningReason::OccupationCodeForm);
        let licence =
            || Warning::new(&["licence_to_attend"], WarningReason::LicenceToAttendWithPermanent);
        odd_code.then(code).into_iter().chain(odd_licence.then(licence)).collect()
    }
}

fn check(draft: &Draft, reader: &mut Reader) {
    let category = draft.assignment_category.as_ref();
    let ends = matches!(
        category,
        Some(AssignmentCategory::FixedTerm | AssignmentCategory::TrainingRotation)
    );
    if ends && draft.end_date.is_none() && !reader.has_fault("end_date") {
        reader.fault("end_date", Rule::MissingBecause { because: "assignment_category" });
    }
    if draft.start_date.zip(draft.end_date).is_some_and(|(start, end)| end <= start) {
        reader.fault("end_date", Rule::Before { other: "start_date" });
    }
}

claims! {
    /// An employer.
    pub struct Employer (EmployerDraft, |_, _| ()) {
        required {
            /// Name as issued; 1 to 200 characters.
            name: String = text(1, 200),
            /// ODS code. A credential speaks only for its issuer's own code: that is for the trust
            /// policy to check.
            ods_code: OdsCode = parsed(OdsCode::parse),
        }
        optional {}
    }
}

claims! {
    /// Numbers of the Electronic Staff Record.
    pub struct Esr (EsrDraft, |_, _| ()) {
        required {}
        optional {
            /// The organisation's database number: 3 digits.
            vpd: String = shaped(|text| is_digits(text, 3, 3)),
            /// Assignment number: 8 digits, and for further posts a hyphen and 1 or 2 digits. It
            /// changes with every employer.
            assignment_number: String = shaped(is_assignment_number),
        }
    }
}

claims! {
    /// An entry in a professional register.
    pub struct Registration (RegistrationDraft, check_number) {
        required {
            /// The body that keeps the register.
            body: RegistrationBody = word,
            /// The number, in the body's form; else 1 to 20 letters, digits, `/` and `-`.
            number: String = text(1, 20),
        }
        optional {
            /// How the registration stands, in the body's words; 1 to 120 characters.
            status: String = text(1, 120),
            /// When it expires.
            expires_on: NaiveDate = date,
        }
    }
}

fn check_number(draft: &RegistrationDraft, reader: &mut Reader) {
    let Some((body, number)) = draft.body.as_ref().zip(draft.number.as_deref()) else { return };
    let known = match body {
        RegistrationBody::Gmc => is_gmc_number(number),
        RegistrationBody::Nmc => is_nmc_pin(number),
        RegistrationBody::Hcpc => is_hcpc_number(number),
        RegistrationBody::Gphc => is_digits(number, 7, 7),
        RegistrationBody::Other(_) => {
            number.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'/' || byte == b'-')
        }
    };
    if !known {
        reader.fault("number", Rule::Form);
    }
}

fn is_digits(text: &str, min: usize, max: usize) -> bool {
    (min..=max).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// 7 digits, `C` and 7 digits (consultant), or `L` and 6 digits (limited registration).
fn is_gmc_number(text: &str) -> bool {
    match (text.strip_prefix('C'), text.strip_prefix('L')) {
        (Some(rest), _) => is_digits(rest, 7, 7),
        (_, Some(rest)) => is_digits(rest, 6, 6),
        _ => is_digits(text, 7, 7),
    }
}

/// `[0-9]{2}[A-Z][0-9]{4}[A-Z]`.
fn is_nmc_pin(text: &str) -> bool {
    text.len() == 8
        && text.bytes().enumerate().all(|(at, byte)| match at {
            2 | 7 => byte.is_ascii_uppercase(),
            _ => byte.is_ascii_digit(),
        })
}

/// `[A-Z]{2}[0-9]{1,6}`.
fn is_hcpc_number(text: &str) -> bool {
    let rest = text.trim_start_matches(|character: char| character.is_ascii_uppercase());
    text.len() == rest.len() + 2 && is_digits(rest, 1, 6)
}

/// `[0-9]{8}(?:-[0-9]{1,2})?`.
fn is_assignment_number(text: &str) -> bool {
    match text.split_once('-') {
        Some((number, post)) => is_digits(number, 8, 8) && is_digits(post, 1, 2),
        None => is_digits(text, 8, 8),
    }
}

/// `[1-9]` but 8, `8[a-d]`, or `[A-Z]{2}[0-9]{2}`.
fn is_pay_band(text: &str) -> bool {
    match text.as_bytes() {
        [band] => (b'1'..=b'9').contains(band) && *band != b'8',
        [b'8', letter] => (b'a'..=b'd').contains(letter),
        [a, b, c, d] => {
            [a, b].iter().all(|byte| byte.is_ascii_uppercase())
                && [c, d].iter().all(|byte| byte.is_ascii_digit())
        }
        _ => false,
    }
}

/// 0 to 1 with up to five decimal places.
fn is_fraction(text: &str) -> bool {
    let (whole, places) = text.split_once('.').unwrap_or((text, "0"));
    is_digits(places, 1, 5)
        && (whole == "0" || (whole == "1" && places.bytes().all(|byte| byte == b'0')))
}

/// Medical and dental: 3 digits. Others: a letter and 2 letters or digits.
fn is_occupation_code(text: &str) -> bool {
    let rest = text.strip_prefix(|first: char| first.is_ascii_uppercase());
    is_digits(text, 3, 3)
        || rest.is_some_and(|rest| {
            rest.len() == 2 && rest.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        })
}
