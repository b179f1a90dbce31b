//! Inviting: one person by a form, or a list as CSV with its errors by line.

use axum::extract::State;
use axum::response::Response;
use chrono::NaiveDate;
use staffpass::share::{EmailAddress, InvitedPerson, MobileNumber, Role};
use staffpass_notify::address;
use staffpass_store::StoreError;

use crate::browser::Posted;
use crate::invite::Invited;
use crate::pages::{self, Fault, Frame};
use crate::service::Portal;
use crate::start::see;

use super::staff::Staff;

/// The staff groups of the staff passport.
pub(crate) const STAFF_GROUPS: [&str; 10] = [
    "Additional Clinical Services",
    "Additional Professional Scientific and Technical",
    "Administrative and Clerical",
    "Allied Health Professionals",
    "Estates and Ancillary",
    "Healthcare Scientists",
    "Medical and Dental",
    "Nursing and Midwifery Registered",
    "Students (medical undergraduate)",
    "Students (non-medical)",
];

pub(crate) const EMPLOYMENT: [&str; 2] = ["Permanent or fixed term", "Temporary mover"];

/// The columns of a list, in any order; the last three may be left out.
const COLUMNS: [&str; 8] = [
    "family_name",
    "given_name",
    "email",
    "staff_group",
    "employment_status",
    "mobile",
    "birthdate",
    "job_role",
];

/// What was typed, to be shown again.
#[derive(Clone, Default)]
pub(crate) struct Typed {
    pub(crate) family_name: String,
    pub(crate) given_name: String,
    pub(crate) email: String,
    pub(crate) mobile: String,
    pub(crate) birthdate: String,
    pub(crate) staff_group: String,
    pub(crate) employment_status: String,
    pub(crate) job_role: String,
}

/// `GET /recruitment/invite`.
pub(crate) async fn page(State(portal): State<Portal>, staff: Staff) -> Response {
    show(&portal, &staff, Typed::default(), String::new(), Vec::new())
}

fn show(
    portal: &Portal,
    staff: &Staff,
    typed: Typed,
    list: String,
    faults: Vec<Fault>,
) -> Response {
    let frame = Frame::of(portal, &staff.secret, "").with_faults(faults.clone());
    let staff = staff.name.clone();
    pages::show(
        &pages::Invite {
            frame,
            staff,
            typed,
            list,
            groups: STAFF_GROUPS.into(),
            statuses: EMPLOYMENT.into(),
        },
        &faults,
    )
}

/// `POST /recruitment/invite`.
pub(crate) async fn invite(State(portal): State<Portal>, staff: Staff, posted: Posted) -> Response {
    let text = |name: &str| posted.text(name).to_owned();
    let typed = Typed {
        family_name: text("family_name"),
        given_name: text("given_name"),
        email: text("email"),
        mobile: text("mobile"),
        birthdate: text("birthdate"),
        staff_group: text("staff_group"),
        employment_status: text("employment_status"),
        job_role: text("job_role"),
    };
    let invited = match typed.read(&portal) {
        Ok(invited) => invited,
        Err(faults) => return show(&portal, &staff, typed, String::new(), faults),
    };
    match portal.invite(invited).await {
        Ok((reference, _)) => see(&format!("/recruitment/people/{reference}")),
        Err(error) => match taken(&error) {
            Some(fault) => show(&portal, &staff, typed, String::new(), vec![fault]),
            None => pages::of_store_error(&portal, &error),
        },
    }
}

/// `POST /recruitment/invite-list`: all of the list, or nothing of it but what is wrong, by line.
pub(crate) async fn invite_list(
    State(portal): State<Portal>,
    staff: Staff,
    posted: Posted,
) -> Response {
    let list = posted.text("list").to_owned();
    let invited = match read_list(&portal, &list) {
        Ok(invited) => invited,
        Err(faults) => return show(&portal, &staff, Typed::default(), list, faults),
    };
    let mut faults = Vec::new();
    for (line, invited) in invited {
        match portal.invite(invited).await {
            Ok(_) => {}
            Err(error) => match taken(&error) {
                Some(fault) => {
                    faults.push(Fault::new("list", format!("Line {line}: {}", fault.message)));
                }
                None => return pages::of_store_error(&portal, &error),
            },
        }
    }
    if faults.is_empty() {
        return see("/recruitment");
    }
    show(&portal, &staff, Typed::default(), list, faults)
}

/// A person once in a trust: the old record is deleted first.
fn taken(error: &StoreError) -> Option<Fault> {
    let StoreError::ContactTaken { channel } = error else { return None };
    let field = if channel.id() == "email" { "email" } else { "mobile" };
    Some(Fault::new(
        field,
        format!("Somebody with this {field} was invited already. Withdraw that invitation first"),
    ))
}

fn read_list(portal: &Portal, list: &str) -> Result<Vec<(usize, Invited)>, Vec<Fault>> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(list.as_bytes());
    let whole = |message: &str| vec![Fault::new("list", message)];
    let header = reader.headers().map_err(|_| whole("Enter a list as CSV"))?.clone();
    if let Some(missing) =
        COLUMNS.iter().take(5).find(|column| header.iter().all(|h| h != **column))
    {
        return Err(whole(&format!("Line 1: there is no column {missing}")));
    }
    let (mut read, mut faults) = (Vec::new(), Vec::new());
    for (row, record) in reader.records().enumerate() {
        let line = row + 2;
        let Ok(record) = record else {
            faults.push(Fault::new(
                "list",
                format!("Line {line}: it has not as many cells as line 1"),
            ));
            continue;
        };
        let cell = |name: &str| {
            let place = header.iter().position(|column| column == name);
            place.and_then(|place| record.get(place)).unwrap_or_default().to_owned()
        };
        let typed = Typed {
            family_name: cell("family_name"),
            given_name: cell("given_name"),
            email: cell("email"),
            mobile: cell("mobile"),
            birthdate: cell("birthdate"),
            staff_group: cell("staff_group"),
            employment_status: cell("employment_status"),
            job_role: cell("job_role"),
        };
        match typed.read(portal) {
            Ok(invited) => read.push((line, invited)),
            Err(found) => faults.extend(
                found
                    .into_iter()
                    .map(|fault| Fault::new("list", format!("Line {line}: {}", fault.message))),
            ),
        }
    }
    if read.is_empty() && faults.is_empty() {
        faults = whole("Enter a list with at least one person");
    }
    if faults.is_empty() { Ok(read) } else { Err(faults) }
}

impl Typed {
    fn read(&self, portal: &Portal) -> Result<Invited, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut fault = |field, message: &str| faults.push(Fault::new(field, message));
        if !is_name(&self.family_name) {
            fault("family_name", "Enter a family name of 1 to 100 characters");
        }
        if !self.given_name.is_empty() && !is_name(&self.given_name) {
            fault("given_name", "First names must be 100 characters or fewer");
        }
        let email = EmailAddress::parse(&self.email).ok();
        let email = email.filter(|_| address::email(&self.email).is_ok());
        if email.is_none() {
            fault("email", "Enter an email address in the correct format, like name@example.com");
        }
        let mobile = MobileNumber::parse(&self.mobile).ok();
        let mobile = mobile.filter(|_| portal.numbers().mobile(&self.mobile).is_ok());
        if !self.mobile.is_empty() && mobile.is_none() {
            fault("mobile", "Enter a mobile number that we can send to, or leave it out");
        }
        let birthdate = NaiveDate::parse_from_str(&self.birthdate, "%Y-%m-%d").ok();
        if !self.birthdate.is_empty() && birthdate.is_none() {
            fault("birthdate", "Date of birth must be like 1991-08-10, or left out");
        }
        if !STAFF_GROUPS.contains(&&*self.staff_group) {
            fault("staff_group", "Select a staff group");
        }
        if !EMPLOYMENT.contains(&&*self.employment_status) {
            fault("employment_status", "Select an employment status");
        }
        if !self.job_role.is_empty() && !is_name(&self.job_role) {
            fault("job_role", "Job role must be 100 characters or fewer");
        }
        match (email, faults.is_empty()) {
            (Some(email), true) => Ok(self.invited(email, mobile, birthdate)),
            _ => Err(faults),
        }
    }

    fn invited(
        &self,
        email: EmailAddress,
        mobile: Option<MobileNumber>,
        birthdate: Option<NaiveDate>,
    ) -> Invited {
        let mut person = InvitedPerson::new(&self.family_name);
        if !self.given_name.is_empty() {
            person = person.with_given_name(&self.given_name);
        }
        if let Some(birthdate) = birthdate {
            person = person.with_birthdate(birthdate);
        }
        let mut role = Role::new(&self.staff_group, &self.employment_status);
        if !self.job_role.is_empty() {
            role = role.with_job_role(&self.job_role);
        }
        Invited { person, email, mobile, role }
    }
}

/// Every script and every mark, and nothing that controls or turns text (attacks B18, B20).
fn is_name(text: &str) -> bool {
    let unfit = |c: char| {
        c.is_control()
            || matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}')
    };
    (1..=100).contains(&text.chars().count()) && !text.chars().any(unfit)
}
