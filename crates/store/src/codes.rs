//! Codes: how often one may be sent, what may be spent, and the counting of what is keyed in.

use chrono::{DateTime, Utc};
use sqlx::Row as _;
use staffpass_otp::{Channel, CodeKey, KeyedIn, SendLimits, SendWindow, Verdict};
use staffpass_share::{CodeToSend, Rules, Share};

use crate::database::Tx;
use crate::error::StoreError;
use crate::keys::international;
use crate::store::{Change, Locked, Store, micros};

/// How often codes may be sent, and how many text messages a day. The default: 3 in 15 minutes and 6
/// in 24 hours to an address and for a share, 30 and 200 from a network block, 500 text messages a
/// day for a trust and 5,000 in all.
#[derive(Clone, Copy, Debug)]
pub struct SendRules {
    address: SendLimits,
    share: SendLimits,
    network: SendLimits,
    spend_of_tenant: u32,
    spend_of_all: u32,
}

impl Default for SendRules {
    fn default() -> Self {
        let few = SendLimits::default();
        // A hospital may have one address for all its staff.
        let many = SendLimits::new(30, 200).unwrap_or(few);
        Self { address: few, share: few, network: many, spend_of_tenant: 500, spend_of_all: 5_000 }
    }
}

impl SendRules {
    /// Other limits to one address and for one share.
    #[must_use]
    pub const fn with_limits(mut self, address: SendLimits, share: SendLimits) -> Self {
        (self.address, self.share) = (address, share);
        self
    }

    /// Other limits from one network block.
    #[must_use]
    pub const fn with_network_limits(mut self, network: SendLimits) -> Self {
        self.network = network;
        self
    }

    /// So many text messages a day (UTC) for one trust, and for all of them together. None is sent
    /// beyond (attack B16).
    #[must_use]
    pub const fn with_spend_caps(mut self, of_tenant: u32, of_all: u32) -> Self {
        (self.spend_of_tenant, self.spend_of_all) = (of_tenant, of_all);
        self
    }
}

impl Store {
    /// Makes a code to be sent ([`Share::send_code`]), and counts the sending: for the address, the
    /// share and the network block that the person comes from (in whatever spelling the portal has
    /// for it), and a text message in what is spent. All or nothing, before anything is sent.
    ///
    /// # Errors
    ///
    /// [`StoreError::Otp`] with the time from which another may be sent;
    /// [`StoreError::SpendCapReached`]; what [`Share::send_code`] refuses; and as
    /// [`update`](Self::update).
    #[expect(clippy::too_many_arguments, reason = "whose, how, from where; and what counts")]
    pub async fn send_code(
        &self,
        (tenant, reference): (&str, &str),
        channel: Channel,
        network: &str,
        key: &CodeKey,
        rules: &Rules,
        limits: &SendRules,
        now: DateTime<Utc>,
    ) -> Result<CodeToSend, StoreError> {
        let mut locked = self.lock(tenant, reference, now).await?;
        let code = locked.share.send_code(channel, key, rules, &mut rand::rng(), now)?;
        self.count_send(&mut locked, &code, network, limits, now).await?;
        self.save(locked, code.events.clone(), now).await?;
        Ok(code)
    }

    /// Always in this order, so that no two transactions wait for each other.
    async fn count_send(
        &self,
        locked: &mut Locked,
        code: &CodeToSend,
        network: &str,
        limits: &SendRules,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let invitation = locked.share.invitation();
        let (tenant, reference) = (invitation.tenant().to_owned(), invitation.reference());
        // A number is one address however it is written.
        let address = match code.channel {
            Channel::Mobile => international(&code.address, &self.home),
            _ => code.address.to_lowercase(),
        };
        let windows = [
            (code.channel.id(), address, limits.address),
            ("network", network.to_owned(), limits.network),
            ("share", reference.to_owned(), limits.share),
        ];
        for (scope, value, limits) in windows {
            let index = self.keys.blind(&tenant, scope, &value);
            self.count_in_window(&mut locked.tx, (&tenant, scope, &index), &limits, now).await?;
        }
        if code.channel == Channel::Mobile {
            spend(&mut locked.tx, &tenant, limits.spend_of_tenant, now).await?;
            spend(&mut locked.tx, "", limits.spend_of_all, now).await?;
        }
        Ok(())
    }

    async fn count_in_window(
        &self,
        tx: &mut Tx,
        (tenant, scope, index): (&str, &str, &[u8]),
        limits: &SendLimits,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let begin = "INSERT INTO send_windows (tenant, scope, idx, touched_at, sends) \
            VALUES ($1, $2, $3, $4, '') ON CONFLICT (tenant, scope, idx) DO NOTHING";
        let begin = sqlx::query(begin).bind(tenant).bind(scope).bind(index).bind(micros(now));
        begin.execute(&mut **tx).await?;
        let select = "SELECT sends FROM send_windows WHERE tenant = $1 AND scope = $2 AND idx = $3";
        let select = format!("{select}{}", self.database.for_update());
        let row = sqlx::query(&select).bind(tenant).bind(scope).bind(index);
        let mut window = read_window(row.fetch_one(&mut **tx).await?.try_get(0)?)?;
        window.count(limits, now)?;
        let update = "UPDATE send_windows SET touched_at = $4, sends = $5 \
            WHERE tenant = $1 AND scope = $2 AND idx = $3";
        let sends = serde_json::to_string(&window).map_err(|_| UNREADABLE)?;
        let update = sqlx::query(update).bind(tenant).bind(scope).bind(index);
        update.bind(micros(now)).bind(sends).execute(&mut **tx).await?;
        Ok(())
    }

    /// Judges what a person keyed in, in two transactions: the first counts the try, whatever happens
    /// then; the second compares, and stores what follows before the verdict is given (attack B7). Of
    /// any number of tries at once each is counted, and a right code confirms once.
    ///
    /// # Errors
    ///
    /// [`StoreError::Refused`] where no try may be made, and nothing is counted then; and as
    /// [`update`](Self::update).
    pub async fn try_code(
        &self,
        tenant: &str,
        reference: &str,
        channel: Channel,
        keyed_in: &KeyedIn,
        key: &CodeKey,
        now: DateTime<Utc>,
    ) -> Result<Verdict, StoreError> {
        let count = |share: &mut Share| {
            let counted = share.count_code(channel, now)?;
            Ok(Change { value: counted.attempt, events: counted.events })
        };
        let attempt = self.update(tenant, reference, now, count).await?;
        let judge = |share: &mut Share| {
            let judged = share.judge_code(channel, attempt, keyed_in, key, now)?;
            Ok(Change { value: judged.verdict, events: judged.events })
        };
        self.update_once(tenant, reference, now, judge).await
    }

    /// How many text messages were sent on the day of `now` (UTC): of a trust, or, with none named,
    /// of all. For an alarm before the cap.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`].
    pub async fn spent(&self, tenant: Option<&str>, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let select = "SELECT sent FROM spend WHERE tenant = $1 AND day = $2";
        let row = sqlx::query(select).bind(tenant.unwrap_or_default()).bind(day(now));
        let row = row.fetch_optional(&self.database.pool).await?;
        let sent = row.map(|row| row.try_get::<i64, _>(0)).transpose()?;
        Ok(crate::store::unsigned(sent.unwrap_or(0)))
    }
}

const UNREADABLE: StoreError = StoreError::Unreadable { column: "send_windows.sends" };

fn read_window(sends: String) -> Result<SendWindow, StoreError> {
    if sends.is_empty() {
        return Ok(SendWindow::new());
    }
    serde_json::from_str(&sends).map_err(|_| UNREADABLE)
}

/// One statement that cannot pass the cap, however many run at once.
async fn spend(tx: &mut Tx, tenant: &str, cap: u32, now: DateTime<Utc>) -> Result<(), StoreError> {
    let begin = "INSERT INTO spend (tenant, day, sent) VALUES ($1, $2, 0) \
        ON CONFLICT (tenant, day) DO NOTHING";
    sqlx::query(begin).bind(tenant).bind(day(now)).execute(&mut **tx).await?;
    let update = "UPDATE spend SET sent = sent + 1 WHERE tenant = $1 AND day = $2 AND sent < $3";
    let update = sqlx::query(update).bind(tenant).bind(day(now)).bind(i64::from(cap));
    match update.execute(&mut **tx).await?.rows_affected() {
        1 => Ok(()),
        _ => Err(StoreError::SpendCapReached { of_all: tenant.is_empty() }),
    }
}

/// Days since 1970-01-01.
pub(crate) const fn day(now: DateTime<Utc>) -> i64 {
    now.timestamp().div_euclid(86_400)
}
