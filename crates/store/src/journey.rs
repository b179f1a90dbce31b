//! The steps of a share that touch more than the share: each one transaction, each with one winner.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use sqlx::Row as _;
use staffpass_request::entra::Exchange;
use staffpass_request::{
    Expectation, HandleDigest, Request, RequestIdDigest, ResponseCode, ResponseCodeDigest,
};
use staffpass_share::{
    Arrival, Moved, Received, RecordedShare, Refusal, Rules, Scanned, SealedRecord, SessionDigest,
    Share,
};
use staffpass_verify::VerifiedResponse;
use zeroize::Zeroizing;

use crate::database::Tx;
use crate::error::{StoreError, is_duplicate};
use crate::store::{
    Change, Locked, Store, TokenDigest, delete_receipt, delete_session, instant, micros, place,
};

/// A request as it was kept.
#[derive(Clone)]
#[non_exhaustive]
pub struct StoredRequest {
    /// The tenant of the share.
    pub tenant: String,
    /// The reference of its invitation.
    pub reference: String,
    /// What the answer is held against.
    pub expectation: Expectation,
    /// The signed request object, to be served to the wallet.
    pub object: String,
    /// What else the portal has kept with it, for example the private key of an encrypted response.
    pub secret: Zeroizing<Vec<u8>>,
}

/// A request through a service as it was kept.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StoredExchange {
    /// The tenant of the share.
    pub tenant: String,
    /// The reference of its invitation.
    pub reference: String,
    /// What the service's callbacks are held against.
    pub exchange: Exchange,
    /// What else the portal has kept with it, for example the link that the person is shown.
    pub secret: Zeroizing<Vec<u8>>,
}

/// What stands in `requests.body`, sealed.
#[derive(Deserialize)]
#[serde(untagged)]
enum Body {
    /// The expectation, the request object and the secret.
    Direct(Box<Expectation>, String, Vec<u8>),
    /// The exchange and the secret.
    Service(Box<Exchange>, Vec<u8>),
}

/// A row of `requests`.
struct Row {
    tenant: String,
    reference: String,
    body: Body,
}

/// A new row of `requests`.
struct NewRow<'r> {
    handle: &'r HandleDigest,
    request_id: [u8; 32],
    nonce: [u8; 32],
    expires_at: DateTime<Utc>,
    body: Result<Vec<u8>, serde_json::Error>,
}

impl std::fmt::Debug for StoredRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredRequest")
            .field("tenant", &self.tenant)
            .field("reference", &self.reference)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// The person comes from the invitation's link, by a POST ([`Share::open`]): her session has the
    /// share from here on, and the one before has ended. The link stays good until the share is
    /// submitted. Gives the reference of the invitation.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`] for a token that is unknown, superseded, or of before a restore: the
    /// same for all; [`StoreError::InvitationUsed`]; and what [`Share::open`] refuses.
    pub async fn open_invitation(
        &self,
        tenant: &str,
        token: &TokenDigest,
        session: SessionDigest,
        rules: &Rules,
        now: DateTime<Utc>,
    ) -> Result<String, StoreError> {
        let reference = self.invitation(tenant, token).await?;
        let mut locked = self.lock(tenant, &reference, now).await?;
        let live = "SELECT 1 FROM invitations \
            WHERE tenant = $1 AND token = $2 AND state = 0 AND epoch = $3";
        let live = sqlx::query(live).bind(tenant).bind(&token.as_bytes()[..]).bind(locked.epoch);
        live.fetch_optional(&mut *locked.tx).await?.ok_or(StoreError::NotFound)?;
        let moved = locked.share.open(session, rules, now)?;
        delete_receipt(&mut locked.tx, tenant, &reference).await?;
        put_session(&mut locked.tx, tenant, &reference, &session).await?;
        self.save(locked, moved.events, now).await?;
        Ok(reference)
    }

    /// Whose invitation a link's token is, without changing anything: for the GET of the link.
    ///
    /// # Errors
    ///
    /// As [`open_invitation`](Self::open_invitation).
    pub async fn invitation(
        &self,
        tenant: &str,
        token: &TokenDigest,
    ) -> Result<String, StoreError> {
        let select = "SELECT i.reference, i.state FROM invitations i, installation n \
            WHERE i.tenant = $1 AND i.token = $2 AND i.epoch = n.epoch";
        let row = sqlx::query(select).bind(tenant).bind(&token.as_bytes()[..]);
        let row = row.fetch_optional(&self.database.pool).await?.ok_or(StoreError::NotFound)?;
        match row.try_get::<i64, _>(1)? {
            0 => Ok(row.try_get(0)?),
            1 => Err(StoreError::InvitationUsed),
            _ => Err(StoreError::NotFound),
        }
    }

    /// Whose share a session has: for each request of a browser. It says nothing of whether the
    /// session has timed out: the share's state does.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`].
    pub async fn session(
        &self,
        tenant: &str,
        session: &SessionDigest,
    ) -> Result<String, StoreError> {
        let select = "SELECT reference FROM sessions WHERE tenant = $1 AND session = $2";
        let row = sqlx::query(select).bind(tenant).bind(&session.as_bytes()[..]);
        let row = row.fetch_optional(&self.database.pool).await?.ok_or(StoreError::NotFound)?;
        Ok(row.try_get(0)?)
    }

    /// The session has another secret ([`Share::rotate_session`]).
    ///
    /// # Errors
    ///
    /// As [`update`](Self::update).
    pub async fn rotate_session(
        &self,
        tenant: &str,
        reference: &str,
        from: &SessionDigest,
        to: SessionDigest,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut locked = self.lock(tenant, reference, now).await?;
        let moved = locked.share.rotate_session(from, to, now)?;
        put_session(&mut locked.tx, tenant, reference, &to).await?;
        self.save(locked, moved.events, now).await
    }

    /// A request was made ([`Share::connect`]): keeps it, with what else the portal needs to answer
    /// to it, sealed.
    ///
    /// # Errors
    ///
    /// What [`Share::connect`] refuses, among it [`Refusal::RequestReused`] for a nonce or an address
    /// that the trust has used for any share; and as [`update`](Self::update).
    pub async fn connect(
        &self,
        tenant: &str,
        reference: &str,
        request: &Request,
        secret: &[u8],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let connect = |share: &mut Share| share.connect(request.expectation(), now);
        self.connect_by(connect, (tenant, reference), request, secret, now).await
    }

    /// The same for a wallet on the same device ([`Share::connect_on_same_device`]).
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect).
    pub async fn connect_on_same_device(
        &self,
        (tenant, reference): (&str, &str),
        request: &Request,
        awaited: ResponseCodeDigest,
        secret: &[u8],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let expectation = request.expectation();
        let connect = |share: &mut Share| share.connect_on_same_device(expectation, awaited, now);
        self.connect_by(connect, (tenant, reference), request, secret, now).await
    }

    async fn connect_by(
        &self,
        connect: impl FnOnce(&mut Share) -> Result<Moved, Refusal> + Send,
        (tenant, reference): (&str, &str),
        request: &Request,
        secret: &[u8],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut locked = self.lock(tenant, reference, now).await?;
        let moved = connect(&mut locked.share)?;
        delete_receipt(&mut locked.tx, tenant, reference).await?;
        let expectation = request.expectation();
        let incomplete = Refusal::RequestIncomplete { member: "response address" };
        let row = NewRow {
            handle: expectation.handle_digest().ok_or(incomplete)?,
            request_id: *request.request_id_digest().as_bytes(),
            nonce: Sha256::digest(expectation.nonce().as_str()).into(),
            expires_at: expectation.expires_at(),
            body: serde_json::to_vec(&(expectation, request.object().as_str(), secret)),
        };
        self.insert_request(&mut locked, row).await?;
        self.save(locked, moved.events, now).await
    }

    /// A request was made through a service ([`Share::connect_through_service`]), which has
    /// [answered](Exchange::created): keeps the exchange, with what else the portal needs, sealed.
    ///
    /// # Errors
    ///
    /// What [`Share::connect_through_service`] refuses; [`Refusal::RequestIncomplete`] where the
    /// service has not answered; and as [`connect`](Self::connect).
    pub async fn connect_through_service(
        &self,
        (tenant, reference): (&str, &str),
        exchange: &Exchange,
        secret: &[u8],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut locked = self.lock(tenant, reference, now).await?;
        let moved = locked.share.connect_through_service(exchange, now)?;
        delete_receipt(&mut locked.tx, tenant, reference).await?;
        let incomplete = Refusal::RequestIncomplete { member: "request id" };
        let row = NewRow {
            handle: exchange.handle_digest(),
            request_id: service_request_id(exchange.request_id().ok_or(incomplete)?),
            nonce: exchange.digest(),
            expires_at: exchange.expires_at(),
            body: serde_json::to_vec(&(exchange, secret)),
        };
        self.insert_request(&mut locked, row).await?;
        self.save(locked, moved.events, now).await
    }

    /// The person is back from a wallet on the same device ([`Share::returned`]). Of any number of
    /// calls one is taken.
    ///
    /// # Errors
    ///
    /// As [`update`](Self::update).
    pub async fn returned(
        &self,
        (tenant, reference): (&str, &str),
        code: &ResponseCode,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let returned = |share: &mut Share| share.returned(code, now).map(Change::from);
        self.update(tenant, reference, now, returned).await
    }

    async fn insert_request(&self, locked: &mut Locked, row: NewRow<'_>) -> Result<(), StoreError> {
        let invitation = locked.share.invitation();
        let (tenant, reference) = (invitation.tenant(), invitation.reference());
        let body = self.seal_request((tenant, reference), row.handle, row.body)?;
        let insert = "INSERT INTO requests (tenant, handle, request_id, nonce, reference, epoch, \
            state, expires_at, scanned_at, body) VALUES ($1, $2, $3, $4, $5, $6, 0, $7, 0, $8)";
        let insert = sqlx::query(insert)
            .bind(tenant)
            .bind(&row.handle.as_bytes()[..])
            .bind(&row.request_id[..])
            .bind(&row.nonce[..])
            .bind(reference)
            .bind(locked.epoch)
            .bind(micros(row.expires_at))
            .bind(body);
        match insert.execute(&mut *locked.tx).await {
            Err(error) if is_duplicate(&error) => Err(Refusal::RequestReused.into()),
            done => Ok(done.map(drop)?),
        }
    }

    fn seal_request(
        &self,
        (tenant, reference): (&str, &str),
        handle: &HandleDigest,
        body: Result<Vec<u8>, serde_json::Error>,
    ) -> Result<Vec<u8>, StoreError> {
        let body = body.map(Zeroizing::new).map_err(|_| UNREADABLE_REQUEST)?;
        let place = request_place(tenant, reference, handle.as_bytes());
        Ok(self.keys.sealing.seal(&body, &place, &mut rand::rng())?)
    }

    /// The request at a response address, by the digest of its handle: for the wallet's POST. That it
    /// is found does not say that it may be answered.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`] for an address that is unknown, of before a restore, or of a request
    /// through a service.
    pub async fn request(&self, handle: &HandleDigest) -> Result<StoredRequest, StoreError> {
        self.select_request("handle", handle.as_bytes()).await?.direct()
    }

    /// The request through a service at a callback's address, by the digest of its handle. That it is
    /// found does not say that it may be answered.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`] for an address that is unknown, of before a restore, or of a request
    /// that the wallet answers to the portal itself.
    pub async fn exchange(&self, handle: &HandleDigest) -> Result<StoredExchange, StoreError> {
        self.select_request("handle", handle.as_bytes()).await?.through_service()
    }

    /// The request of this id: for the wallet's GET of the request object.
    ///
    /// # Errors
    ///
    /// As [`request`](Self::request).
    pub async fn request_of_id(&self, id: &RequestIdDigest) -> Result<StoredRequest, StoreError> {
        self.select_request("request_id", id.as_bytes()).await?.direct()
    }

    async fn select_request(
        &self,
        column: &'static str,
        digest: &[u8; 32],
    ) -> Result<Row, StoreError> {
        let select = format!(
            "SELECT r.tenant, r.reference, r.handle, r.body FROM requests r, installation n \
             WHERE r.{column} = $1 AND r.epoch = n.epoch"
        );
        let row = sqlx::query(&select).bind(&digest[..]);
        let row = row.fetch_optional(&self.database.pool).await?.ok_or(StoreError::NotFound)?;
        let (tenant, reference): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        let (handle, sealed): (Vec<u8>, Vec<u8>) = (row.try_get(2)?, row.try_get(3)?);
        let place = request_place(&tenant, &reference, &handle);
        let body = self.keys.sealing.open(&sealed, &place)?;
        let body = serde_json::from_slice(&body).map_err(|_| UNREADABLE_REQUEST)?;
        Ok(Row { tenant, reference, body })
    }

    /// A wallet has fetched the request: telemetry, beside the share and outside its version. The
    /// first time counts.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`].
    pub async fn note_scanned(
        &self,
        handle: &HandleDigest,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let update = "UPDATE requests SET scanned_at = $2 WHERE handle = $1 AND scanned_at = 0";
        let update = sqlx::query(update).bind(&handle.as_bytes()[..]).bind(micros(now));
        update.execute(&self.database.pool).await?;
        Ok(())
    }

    /// The wallet's fetching of the share's current request, for [`Share::state_with`].
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`].
    pub async fn scanned(&self, share: &Share) -> Result<Option<Scanned>, StoreError> {
        let invitation = share.invitation();
        let select = "SELECT handle, scanned_at FROM requests \
            WHERE tenant = $1 AND reference = $2 AND scanned_at > 0 ORDER BY scanned_at DESC LIMIT 1";
        let row = sqlx::query(select).bind(invitation.tenant()).bind(invitation.reference());
        let Some(row) = row.fetch_optional(&self.database.pool).await? else { return Ok(None) };
        let handle: Vec<u8> = row.try_get(0)?;
        let handle = handle.try_into().map_err(|_| UNREADABLE_REQUEST)?;
        let at = instant(row.try_get(1)?);
        Ok(share.retrieved(&HandleDigest::from_bytes(handle), at).map(|seen| seen.scanned))
    }

    /// A verified response came to an address ([`Share::receive`]). Of any number of posts at once,
    /// to any number of portals, one is accepted. What came is kept as a sealed record.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`]; [`Refusal::AlreadyAnswered`] and what else [`Share::receive`]
    /// refuses; [`StoreError::Unavailable`].
    pub async fn receive(
        &self,
        handle: &HandleDigest,
        response: &VerifiedResponse,
        rules: &Rules,
        now: DateTime<Utc>,
    ) -> Result<Arrival, StoreError> {
        let StoredRequest { tenant, reference, .. } = self.request(handle).await?;
        let mut locked = self.lock(&tenant, &reference, now).await?;
        let received = locked.share.receive(response, handle, rules, now)?;
        consume_request(&mut locked, handle).await?;
        self.keep_received((&tenant, &reference), locked, received, now).await
    }

    /// The receipt of a presentation was verified and confirmed ([`Share::receive_receipt`]): `stored`
    /// is what [`exchange`](Self::exchange) gave, with the exchange as it is now. Of any number of
    /// calls at once, in any number of portals, one is accepted, and no receipt is accepted for two
    /// requests of a trust (attack P24).
    ///
    /// # Errors
    ///
    /// [`Refusal::ResponseToAnother`] for a receipt that was taken before, and what else
    /// [`Share::receive_receipt`] refuses; [`StoreError::NotFound`]; [`StoreError::Unavailable`].
    pub async fn receive_receipt(
        &self,
        stored: &StoredExchange,
        response: &VerifiedResponse,
        rules: &Rules,
        now: DateTime<Utc>,
    ) -> Result<Arrival, StoreError> {
        let exchange = &stored.exchange;
        let whose = (&*stored.tenant, &*stored.reference);
        let mut locked = self.lock(whose.0, whose.1, now).await?;
        let received = locked.share.receive_receipt(response, exchange, rules, now)?;
        consume_request(&mut locked, exchange.handle_digest()).await?;
        self.put_exchange(&mut locked, stored).await?;
        self.keep_received(whose, locked, received, now).await
    }

    /// The nonce stands but once, so that of two requests with one receipt the second is refused.
    async fn put_exchange(
        &self,
        locked: &mut Locked,
        StoredExchange { tenant, reference, exchange, secret }: &StoredExchange,
    ) -> Result<(), StoreError> {
        let confirmed = exchange.confirmed().ok_or(Refusal::ResponseToAnother)?;
        let body = serde_json::to_vec(&(exchange, secret.as_slice()));
        let (handle, nonce) = (exchange.handle_digest(), confirmed.nonce_digest());
        let body = self.seal_request((tenant, reference), handle, body)?;
        let update = "UPDATE requests SET nonce = $2, body = $3 WHERE handle = $1";
        let update =
            sqlx::query(update).bind(&handle.as_bytes()[..]).bind(&nonce.as_bytes()[..]).bind(body);
        match update.execute(&mut *locked.tx).await {
            Err(error) if is_duplicate(&error) => Err(Refusal::ResponseToAnother.into()),
            done => Ok(done.map(drop)?),
        }
    }

    async fn keep_received(
        &self,
        whose: (&str, &str),
        mut locked: Locked,
        received: Received,
        now: DateTime<Utc>,
    ) -> Result<Arrival, StoreError> {
        let (Arrival::Complete(receipt) | Arrival::WithGaps(receipt)) = &received.arrival else {
            self.save(locked, received.events, now).await?;
            return Ok(received.arrival);
        };
        let record = receipt.record(&self.keys.sealing, now, &mut rand::rng())?;
        put_record(&mut locked.tx, whose, 0, &record, now).await?;
        self.save(locked, received.events, now).await?;
        Ok(received.arrival)
    }

    /// A response to this address was refused ([`Share::refuse`]), with these codes.
    ///
    /// # Errors
    ///
    /// As [`update`](Self::update).
    pub async fn refuse(
        &self,
        handle: &HandleDigest,
        codes: &[&str],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let Row { tenant, reference, .. } =
            self.select_request("handle", handle.as_bytes()).await?;
        let refuse =
            |share: &mut Share| share.refuse(handle, codes.iter().copied(), now).map(Change::from);
        self.update(&tenant, &reference, now, refuse).await
    }

    /// Submits ([`Share::submit_recorded`]): the details are with the trust, the invitation is used,
    /// and the session has ended, all or nothing. Of any number of calls one submits.
    ///
    /// # Errors
    ///
    /// [`StoreError::InvitationUsed`]; [`StoreError::NotFound`] where nothing was received; what
    /// [`Share::submit`] refuses; [`StoreError::Record`] where the record was changed or moved.
    pub async fn submit(
        &self,
        tenant: &str,
        reference: &str,
        now: DateTime<Utc>,
    ) -> Result<RecordedShare, StoreError> {
        let mut locked = self.lock(tenant, reference, now).await?;
        refuse_finished(&locked.share, now)?;
        let record = select_record(&mut locked.tx, (tenant, reference), 0).await?;
        let receipt = record.open_receipt(&self.keys.sealing, &locked.share)?;
        let submitted = locked.share.submit_recorded(&receipt, now)?;
        consume_invitation(&mut locked.tx, tenant, reference, locked.epoch).await?;
        delete_receipt(&mut locked.tx, tenant, reference).await?;
        delete_session(&mut locked.tx, tenant, reference).await?;
        let record = submitted.share.record(&self.keys.sealing, &mut rand::rng())?;
        put_record(&mut locked.tx, (tenant, reference), 1, &record, now).await?;
        self.save(locked, submitted.events, now).await?;
        Ok(submitted.share)
    }

    /// What was submitted.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`]; [`StoreError::Record`] where the record was changed, moved, or put
    /// back.
    pub async fn submitted(
        &self,
        tenant: &str,
        reference: &str,
    ) -> Result<RecordedShare, StoreError> {
        let share = self.share(tenant, reference).await?;
        let mut tx = self.database.pool.begin().await?;
        let record = select_record(&mut tx, (tenant, reference), 1).await?;
        Ok(record.open_share(&self.keys.sealing, &share)?)
    }

    /// The trust withdraws the invitation ([`Share::withdraw`]).
    ///
    /// # Errors
    ///
    /// As [`update`](Self::update).
    pub async fn withdraw(
        &self,
        tenant: &str,
        reference: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut locked = self.lock(tenant, reference, now).await?;
        let Moved { events, .. } = locked.share.withdraw(now)?;
        delete_session(&mut locked.tx, tenant, reference).await?;
        delete_receipt(&mut locked.tx, tenant, reference).await?;
        self.save(locked, events, now).await
    }
}

impl Row {
    fn direct(self) -> Result<StoredRequest, StoreError> {
        let Self { tenant, reference, body } = self;
        match body {
            Body::Direct(expectation, object, secret) => {
                let (expectation, secret) = (*expectation, secret.into());
                Ok(StoredRequest { tenant, reference, expectation, object, secret })
            }
            Body::Service(..) => Err(StoreError::NotFound),
        }
    }

    fn through_service(self) -> Result<StoredExchange, StoreError> {
        let Self { tenant, reference, body } = self;
        match body {
            Body::Service(exchange, secret) => {
                let (exchange, secret) = (*exchange, secret.into());
                Ok(StoredExchange { tenant, reference, exchange, secret })
            }
            Body::Direct(..) => Err(StoreError::NotFound),
        }
    }
}

/// The digest of the service's id for the request, apart from those under which wallets fetch objects.
fn service_request_id(id: &str) -> [u8; 32] {
    Sha256::new_with_prefix("service request id").chain_update(id).finalize().into()
}

const UNREADABLE_REQUEST: StoreError = StoreError::Unreadable { column: "requests.body" };

/// A request goes with its share: its body does not open beside another.
pub(crate) fn request_place<'p>(
    tenant: &'p str,
    reference: &'p str,
    handle: &'p [u8],
) -> [&'p [u8]; 5] {
    let [table, column, tenant, reference] = place("requests", tenant, reference);
    [table, column, tenant, reference, handle]
}

/// A submitted share has no receipt any more: say why, rather than that there is none. (Any share
/// that is not finished could be extended.)
pub(crate) fn refuse_finished(share: &Share, now: DateTime<Utc>) -> Result<(), StoreError> {
    share.clone().extend(now).map(drop).map_err(StoreError::from)
}

/// The one winner: of any number of statements like this, one changes the row.
async fn consume_request(locked: &mut Locked, handle: &HandleDigest) -> Result<(), StoreError> {
    let update = "UPDATE requests SET state = 1 WHERE handle = $1 AND state = 0 AND epoch = $2";
    let update = sqlx::query(update).bind(&handle.as_bytes()[..]).bind(locked.epoch);
    match update.execute(&mut *locked.tx).await?.rows_affected() {
        1 => Ok(()),
        _ => Err(Refusal::AlreadyAnswered.into()),
    }
}

/// The same for the invitation.
pub(crate) async fn consume_invitation(
    tx: &mut Tx,
    tenant: &str,
    reference: &str,
    epoch: i64,
) -> Result<(), StoreError> {
    let update = "UPDATE invitations SET state = 1 \
        WHERE tenant = $1 AND reference = $2 AND state = 0 AND epoch = $3";
    let update = sqlx::query(update).bind(tenant).bind(reference).bind(epoch);
    match update.execute(&mut **tx).await?.rows_affected() {
        1 => Ok(()),
        _ => Err(StoreError::InvitationUsed),
    }
}

async fn put_session(
    tx: &mut Tx,
    tenant: &str,
    reference: &str,
    session: &SessionDigest,
) -> Result<(), StoreError> {
    let put = "INSERT INTO sessions (tenant, reference, session) VALUES ($1, $2, $3) \
        ON CONFLICT (tenant, reference) DO UPDATE SET session = excluded.session";
    let put = sqlx::query(put).bind(tenant).bind(reference).bind(&session.as_bytes()[..]);
    put.execute(&mut **tx).await?;
    Ok(())
}

pub(crate) async fn put_record(
    tx: &mut Tx,
    (tenant, reference): (&str, &str),
    kind: i64,
    record: &SealedRecord,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let put = "INSERT INTO records (tenant, reference, kind, recorded_at, body) \
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant, reference, kind) \
        DO UPDATE SET recorded_at = excluded.recorded_at, body = excluded.body";
    let put = sqlx::query(put)
        .bind(tenant)
        .bind(reference)
        .bind(kind)
        .bind(micros(now))
        .bind(record.as_bytes());
    put.execute(&mut **tx).await?;
    Ok(())
}

pub(crate) async fn select_record(
    tx: &mut Tx,
    (tenant, reference): (&str, &str),
    kind: i64,
) -> Result<SealedRecord, StoreError> {
    let select = "SELECT body FROM records WHERE tenant = $1 AND reference = $2 AND kind = $3";
    let row = sqlx::query(select).bind(tenant).bind(reference).bind(kind);
    let row = row.fetch_optional(&mut **tx).await?.ok_or(StoreError::NotFound)?;
    Ok(SealedRecord::from_bytes(row.try_get(0)?))
}
