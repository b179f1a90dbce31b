//! The receiving trust's portal: its pages for the person, and its addresses for the wallet.

mod asker;
mod wallet_side;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::routing::{get, post};
use chrono::{DateTime, TimeDelta, Utc};
use rand::RngExt as _;
use staffpass::aws_lc::{AwsLc, SigningKey};
use staffpass::did::Did;
use staffpass::disclosure::{AskedSet, Catalogue, Completeness, CredentialSet, SetRow};
use staffpass::fetch::{FetchOptions, Fetcher};
use staffpass::otp::{Channel, CodeKey, KeyedIn, Verdict};
use staffpass::request::{Expectation, HandleDigest, RequestIdDigest, RequestObject};
use staffpass::share::{
    CodeToSend, EmailAddress, Invitation, InvitedPerson, MobileNumber, Moved, Receipt, Refusal,
    Role, Rules, Scanned, SessionDigest, Share, State, VerifiedShare,
};
use staffpass::verify::{Rejection, Verifier};

use crate::host::Host;
use crate::{Dialect, Error, person};
use asker::Asker;

/// The trust to which the person moves.
pub(crate) const NAME: &str = "Northfield NHS Trust (fictional)";

/// Its id in shares and requests.
pub(crate) const TENANT: &str = "northfield";

/// The portal, being served.
pub(crate) struct Portal {
    pub(crate) did: Did,
    desk: Arc<Desk>,
}

/// What the pages for the person and the addresses for the wallet both work with.
struct Desk {
    asker: Asker,
    key: SigningKey,
    issuer: Did,
    catalogue: Catalogue,
    rules: Rules,
    code_key: CodeKey,
    verifier: Verifier,
    fetcher: Fetcher,
    files: Mutex<Files>,
}

/// What a real portal keeps in its store.
struct Files {
    share: Share,
    objects: HashMap<RequestIdDigest, (RequestObject, HandleDigest)>,
    expectations: HashMap<HandleDigest, Expectation>,
    scanned: Option<Scanned>,
    receipt: Option<Receipt>,
    rejection: Option<Rejection>,
    asked: HashMap<HandleDigest, AskedSet>,
    rows: Vec<SetRow>,
}

impl Portal {
    /// Opens the portal, with an invitation of the person that is sent now.
    pub(crate) async fn open(dialect: Dialect, issuer: &Did) -> Result<Self, Error> {
        let host = Host::new().await?;
        let (did, asker) = (host.did.clone(), Asker::new(dialect, &host)?);
        let (listener, who, key) = host.into_parts()?;
        let desk = Arc::new(Desk {
            asker,
            key,
            issuer: issuer.clone(),
            catalogue: Catalogue::staff(),
            rules: Rules::default(),
            code_key: CodeKey::new(&rand::rng().random::<[u8; 32]>())?,
            verifier: Verifier::new(wallet_side::policy(issuer)?, Arc::new(AwsLc)),
            fetcher: Fetcher::new(&FetchOptions::default().allow_loopback_http())?,
            files: Mutex::new(Files::new(invitation(Utc::now())?)),
        });
        let pages = Router::new()
            .route("/request/{id}", get(wallet_side::request_object))
            .route("/response/{handle}", post(wallet_side::response))
            .with_state(desk.clone());
        Host::serve(listener, who, pages);
        Ok(Self { did, desk })
    }

    /// What may be ticked.
    pub(crate) fn catalogue(&self) -> &Catalogue {
        &self.desk.catalogue
    }

    /// The person comes from the invitation.
    pub(crate) fn open_session(&self) -> Result<(), Error> {
        let session = SessionDigest::of(&rand::rng().random::<[u8; 32]>());
        self.act(|share, now| share.open(session, &self.desk.rules, now))
    }

    /// The person does something on a page.
    pub(crate) fn act(
        &self,
        action: impl FnOnce(&mut Share, DateTime<Utc>) -> Result<Moved, Refusal>,
    ) -> Result<(), Error> {
        // A real portal writes these events to its audit log.
        let _events = action(&mut self.desk.files().share, Utc::now())?;
        Ok(())
    }

    /// The person ticks, and goes on.
    pub(crate) fn select(&self, set: &CredentialSet) -> Result<(), Error> {
        self.act(|share, now| share.select(set, &self.desk.rules, now))
    }

    /// The set as it was confirmed is frozen into a request: all of it, or an error. The link to it.
    pub(crate) fn connect(&self, set: &CredentialSet) -> Result<String, Error> {
        let asked = set.freeze(&self.desk.catalogue, Completeness::Strict)?;
        let request = self.desk.asker.ask(&asked, &self.desk.issuer)?.sign(&self.desk.key)?;
        let (expectation, mut files) = (request.expectation(), self.desk.files());
        let handle = *expectation.handle_digest().ok_or("a request has an address")?;
        let _events = files.share.connect(expectation, Utc::now())?;
        files.expectations.insert(handle, expectation.clone());
        files.asked.insert(handle, asked);
        files.objects.insert(*request.request_id_digest(), (request.object().clone(), handle));
        Ok(request.link().to_owned())
    }

    /// Which page the browser shows now.
    pub(crate) fn state(&self) -> State {
        let files = self.desk.files();
        files.share.state_with(files.scanned.as_ref(), Utc::now())
    }

    /// What was received and accepted.
    pub(crate) fn receipt(&self) -> Option<Receipt> {
        self.desk.files().receipt.clone()
    }

    /// What could be ticked, what was, what was asked for and what came, side by side.
    pub(crate) fn rows(&self) -> Vec<SetRow> {
        self.desk.files().rows.clone()
    }

    /// What was refused since this was last asked.
    pub(crate) fn take_rejection(&self) -> Option<Rejection> {
        self.desk.files().rejection.take()
    }

    /// A code, to be sent to the address that was entered.
    pub(crate) fn send_code(&self, channel: Channel) -> Result<CodeToSend, Error> {
        let (desk, rng) = (&self.desk, &mut rand::rng());
        let share = &mut desk.files().share;
        Ok(share.send_code(channel, &desk.code_key, &desk.rules, rng, Utc::now())?)
    }

    /// Judges a code that the person keyed in. A real portal stores the share between the two.
    pub(crate) fn check_code(&self, channel: Channel, keyed_in: &str) -> Result<Verdict, Error> {
        let keyed_in = KeyedIn::parse(keyed_in)?;
        let share = &mut self.desk.files().share;
        let counted = share.count_code(channel, Utc::now())?;
        let key = &self.desk.code_key;
        let judged = share.judge_code(channel, counted.attempt, &keyed_in, key, Utc::now())?;
        Ok(judged.verdict)
    }

    /// The role, as the page shows it.
    pub(crate) fn role(&self) -> String {
        let files = self.desk.files();
        let role = files.share.invitation().role();
        let job = role.job_role.as_deref().unwrap_or("no job role given");
        format!("{job}; {}; {}", role.staff_group, role.employment_status)
    }

    /// The details go to the trust.
    pub(crate) fn submit(&self) -> Result<VerifiedShare, Error> {
        let mut files = self.desk.files();
        let receipt = files.receipt.take().ok_or("nothing was received")?;
        Ok(files.share.submit(&receipt, Utc::now())?.share)
    }
}

impl Desk {
    fn files(&self) -> MutexGuard<'_, Files> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Files {
    fn new(invitation: Invitation) -> Self {
        Self {
            share: Share::new(invitation, Utc::now()),
            objects: HashMap::new(),
            expectations: HashMap::new(),
            scanned: None,
            receipt: None,
            rejection: None,
            asked: HashMap::new(),
            rows: Vec::new(),
        }
    }
}

/// What the recruitment team entered.
fn invitation(now: DateTime<Utc>) -> Result<Invitation, Error> {
    let person = InvitedPerson::new(person::FAMILY_NAME)
        .with_given_name(person::FIRST_NAME)
        .with_birthdate(person::BIRTHDATE.parse()?);
    let email = EmailAddress::parse(person::EMAIL)?;
    let role = Role::new("Medical and dental", "Fixed term").with_job_role("Specialty registrar");
    let until = now + TimeDelta::days(14);
    let invitation = Invitation::new(TENANT, "invitation-1", person, email, role, until);
    Ok(invitation.with_mobile(MobileNumber::parse(person::MOBILE)?))
}
