//! One handing over, from the offer to the credentials.

use std::collections::BTreeSet;
use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use staffpass_otp::{Binding, Channel, Code, CodeKey, Confirmation, KeyedIn, Lifetime, Verdict};

use super::messages::{AccessToken, CredentialRequest, TokenRequest, TokenResponse};
use super::nonce::Nonces;
use super::proof::{HolderKey, ProofRules};
use super::refusal::Refusal;
use super::secret::{Hashed, draw};

/// How long an access token is good: time to make keys and proofs, and a retry.
const TOKEN_LIFETIME: TimeDelta = TimeDelta::minutes(10);

/// How the person who may redeem an offer proves to be that person (§3.5, §13.6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransactionCode {
    /// By six digits that reach them over this channel, which is not the one of the offer.
    By(Channel),
    /// Not at all: whoever sees the offer first may take the credential.
    Waived,
}

/// What is offered, and how.
#[derive(Clone, Debug)]
pub struct OfferTerms {
    configurations: Vec<String>,
    transaction_code: TransactionCode,
    lifetime: Lifetime,
}

impl OfferTerms {
    /// An offer of some credential configurations, good for 10 minutes, with a transaction code that
    /// goes by email.
    pub fn new<'c>(configurations: impl IntoIterator<Item = &'c str>) -> Self {
        Self {
            configurations: configurations.into_iter().map(str::to_owned).collect(),
            transaction_code: TransactionCode::By(Channel::Email),
            lifetime: Lifetime::MAX,
        }
    }

    /// Sends the transaction code another way, or waives it.
    #[must_use]
    pub fn transaction_code(self, transaction_code: TransactionCode) -> Self {
        Self { transaction_code, ..self }
    }

    /// Sets how long the offer is good: never more than 10 minutes.
    #[must_use]
    pub fn lifetime(self, lifetime: Lifetime) -> Self {
        Self { lifetime, ..self }
    }

    fn check(&self) -> Result<(), Refusal> {
        let unique: BTreeSet<_> = self.configurations.iter().collect();
        if unique.is_empty() || unique.len() != self.configurations.len() {
            return Err(Refusal::OfferTerms);
        }
        Ok(())
    }
}

/// A new issuance, with what leaves the house once and is kept nowhere: the code for the offer, the
/// transaction code for the other channel.
#[must_use]
pub struct Offered {
    /// To be stored.
    pub issuance: Issuance,
    code: String,
    tx_code: Option<Code>,
}

impl Offered {
    /// The pre-authorised code: 256 random bits.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The transaction code, unless it was waived.
    #[must_use]
    pub fn tx_code(&self) -> Option<&Code> {
        self.tx_code.as_ref()
    }
}

impl fmt::Debug for Offered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Offered").field("issuance", &self.issuance).finish_non_exhaustive()
    }
}

/// One handing over: which credentials, until when, and how far it has come.
///
/// It keeps hashes of the secrets. Each call that takes `&mut self` may change it even where it
/// refuses: store it before the answer goes out, and only over the value that was read.
#[derive(Clone, Serialize, Deserialize)]
pub struct Issuance {
    code: Hashed,
    expires_at: DateTime<Utc>,
    configurations: Vec<String>,
    tx_code: Option<TxCode>,
    token: Option<Token>,
}

#[derive(Clone, Serialize, Deserialize)]
struct TxCode {
    channel: Channel,
    confirmation: Confirmation,
}

#[derive(Clone, Serialize, Deserialize)]
struct Token {
    hashed: Hashed,
    expires_at: DateTime<Utc>,
    issued: BTreeSet<String>,
}

impl Issuance {
    /// Makes an offer.
    ///
    /// # Errors
    /// [`Refusal::OfferTerms`].
    pub fn offer(
        terms: &OfferTerms,
        key: &CodeKey,
        now: DateTime<Utc>,
        rng: &mut impl CryptoRng,
    ) -> Result<Offered, Refusal> {
        terms.check()?;
        let code = draw(rng);
        let hashed = Hashed::of(&code);
        let (sent, tx_code) = match terms.transaction_code {
            TransactionCode::Waived => (None, None),
            TransactionCode::By(channel) => {
                let sent = Code::generate(rng);
                let confirmation = expect(&sent, &hashed, channel, terms.lifetime, key, now)?;
                (Some(sent), Some(TxCode { channel, confirmation }))
            }
        };
        let issuance = Self {
            code: hashed,
            expires_at: now + TimeDelta::seconds(terms.lifetime.seconds()),
            configurations: terms.configurations.clone(),
            tx_code,
            token: None,
        };
        Ok(Offered { issuance, code, tx_code: sent })
    }

    /// What an issuance is stored under: [`TokenRequest::issuance_id`] and
    /// [`AccessToken::issuance_id`] lead here. It is no secret, and gives no access.
    #[must_use]
    pub fn id(&self) -> &str {
        self.code.as_str()
    }

    /// The id of the issuance of a code.
    #[must_use]
    pub fn id_of_code(code: &str) -> String {
        Hashed::of(code).as_str().to_owned()
    }

    /// The credential configurations that are offered.
    pub fn configurations(&self) -> impl ExactSizeIterator<Item = &str> {
        self.configurations.iter().map(String::as_str)
    }

    /// Over which channel the transaction code goes; `None` where it was waived.
    #[must_use]
    pub fn tx_code_channel(&self) -> Option<Channel> {
        self.tx_code.as_ref().map(|tx_code| tx_code.channel)
    }

    /// Until when the offer may be redeemed.
    #[must_use]
    pub fn expires_at(&self) -> DateTime<Utc> {
        self.expires_at
    }

    /// Whether the code may still be redeemed, and so the offer be shown.
    #[must_use]
    pub fn is_redeemable(&self, now: DateTime<Utc>) -> bool {
        self.token.is_none() && self.expires_at > now
    }

    /// Whether nothing can come of it any more: expired, or all given out.
    #[must_use]
    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        match &self.token {
            None => self.expires_at <= now,
            Some(token) => {
                token.expires_at <= now || token.issued.len() == self.configurations.len()
            }
        }
    }

    /// Redeems the code for an access token (§6.1).
    ///
    /// # Errors
    /// [`Refusal`]; a wrong transaction code has counted, and the fifth ends the offer.
    pub fn redeem(
        &mut self,
        request: &TokenRequest,
        key: &CodeKey,
        now: DateTime<Utc>,
        rng: &mut impl CryptoRng,
    ) -> Result<TokenResponse, Refusal> {
        self.check_code(request, now)?;
        self.check_tx_code(request, key, now)?;
        let token = AccessToken::new(self.id(), rng);
        self.token = Some(Token {
            hashed: Hashed::of(token.as_str()),
            expires_at: now + TOKEN_LIFETIME,
            issued: BTreeSet::new(),
        });
        Ok(TokenResponse::new(token, TOKEN_LIFETIME))
    }

    /// Whether a credential may be issued under a token, and to which keys: one credential for each.
    ///
    /// The nonce of the proofs is used up, and the credential counts as issued, once all is in order.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn accept(
        &mut self,
        token: &AccessToken,
        request: &CredentialRequest,
        rules: &ProofRules<'_>,
        nonces: &mut Nonces,
        now: DateTime<Utc>,
    ) -> Result<Vec<HolderKey>, Refusal> {
        let configuration = request.configuration_id();
        self.check_token(token, now)?;
        self.check_offered(configuration)?;
        let keys = rules.check(request.proofs(), nonces, now)?;
        if let Some(token) = &mut self.token {
            token.issued.insert(configuration.to_owned());
        }
        Ok(keys)
    }

    /// The code is this one, in time, for the first time.
    fn check_code(&self, request: &TokenRequest, now: DateTime<Utc>) -> Result<(), Refusal> {
        if !self.code.matches(request.code()) {
            return Err(Refusal::CodeUnknown);
        }
        if self.token.is_some() {
            return Err(Refusal::CodeUsed);
        }
        if self.expires_at <= now { Err(Refusal::CodeExpired) } else { Ok(()) }
    }

    /// §6.3: neither missing nor unexpected, and right within five tries.
    fn check_tx_code(
        &mut self,
        request: &TokenRequest,
        key: &CodeKey,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        let (expected, keyed_in) = match (&mut self.tx_code, request.tx_code()) {
            (None, None) => return Ok(()),
            (None, Some(_)) => return Err(Refusal::TxCodeUnexpected),
            (Some(_), None) => return Err(Refusal::TxCodeMissing),
            (Some(expected), Some(keyed_in)) => (expected, keyed_in),
        };
        let keyed_in = KeyedIn::parse(keyed_in).map_err(|_| Refusal::TxCodeWrong)?;
        let binding = binding(&self.code, expected.channel);
        match expected.confirmation.attempt(&keyed_in, &binding, key, now) {
            Verdict::Confirmed => Ok(()),
            Verdict::Wrong { left: 1.. } => Err(Refusal::TxCodeWrong),
            _ => Err(Refusal::TxCodeExhausted),
        }
    }

    fn check_token(&self, token: &AccessToken, now: DateTime<Utc>) -> Result<(), Refusal> {
        let known = self.token.as_ref().filter(|known| known.hashed.matches(token.as_str()));
        let known = known.ok_or(Refusal::TokenUnknown)?;
        if known.expires_at <= now { Err(Refusal::TokenExpired) } else { Ok(()) }
    }

    fn check_offered(&self, configuration: &str) -> Result<(), Refusal> {
        if !self.configurations().any(|offered| offered == configuration) {
            return Err(Refusal::ConfigurationUnknown);
        }
        match &self.token {
            Some(token) if token.issued.contains(configuration) => Err(Refusal::AlreadyIssued),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Issuance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issuance")
            .field("expires_at", &self.expires_at)
            .field("configurations", &self.configurations)
            .field("redeemed", &self.token.is_some())
            .finish_non_exhaustive()
    }
}

fn expect(
    sent: &Code,
    hashed: &Hashed,
    channel: Channel,
    lifetime: Lifetime,
    key: &CodeKey,
    now: DateTime<Utc>,
) -> Result<Confirmation, Refusal> {
    let mut confirmation = Confirmation::new();
    let binding = binding(hashed, channel);
    confirmation
        .add_code(sent, &binding, key, lifetime, now)
        .map_err(|_| Refusal::TxCodeExhausted)?;
    Ok(confirmation)
}

/// A transaction code is good for one offer only.
fn binding(code: &Hashed, channel: Channel) -> Binding<'_> {
    Binding::new("openid4vci/tx_code", channel, code.as_str())
}
