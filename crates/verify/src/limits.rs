//! How much work one response may cause, counted, never timed.

use staffpass_jose::{json, jws};

/// Counts and sizes beyond which a response is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of the whole body. Default 4 MiB: two credentials with the 1 MB photo that Entra
    /// allows, encoded twice, and room for the rest.
    pub body_bytes: usize,
    /// Fields of the form, known or not. Default 32: ten presentations and a few others.
    pub form_fields: usize,
    /// Presentations in one response. Default 10, as Microsoft's own verifier had it.
    pub presentations: usize,
    /// Credentials in all presentations together. Default 50: identity, employment, and a training
    /// record for each of the eleven subjects at several levels.
    pub credentials: usize,
    /// Status entries of one credential. Default 4: revocation, suspension, refresh, message.
    pub status_entries: usize,
    /// Calls of `step` that may ask for evidence. Default 4: issuer keys, what they point to,
    /// status, its signer.
    pub rounds: usize,
    /// Signature checks. Default 128: each credential, its list, each presentation, the ID token.
    pub signatures: usize,
    /// Each token and its JSON. Values default to 2,000 a token: a staff credential has some 60. All the
    /// tokens of a response together are read in less than 100 ms and 64 MiB (docs/performance.md).
    pub token: jws::Limits,
    /// Each SD-JWT and its disclosures.
    pub sd_jwt: staffpass_sd_jwt::Limits,
    /// Status lists.
    pub status: staffpass_status::Limits,
}

impl Default for Limits {
    fn default() -> Self {
        let mut token = jws::Limits::default();
        token.json.max_values = 2_000;
        Self {
            body_bytes: 4 * 1024 * 1024,
            form_fields: 32,
            presentations: 10,
            credentials: 50,
            status_entries: 4,
            rounds: 4,
            signatures: 128,
            token,
            sd_jwt: staffpass_sd_jwt::Limits::default(),
            status: staffpass_status::Limits::default(),
        }
    }
}

impl Limits {
    pub(crate) fn json(&self) -> json::Limits {
        self.token.json
    }

    /// JSON around whole tokens may be as long as the body.
    pub(crate) fn body_json(&self) -> json::Limits {
        let mut limits = self.token.json;
        limits.max_bytes = self.body_bytes;
        limits
    }
}

/// What is left of the limits while one response is judged.
#[derive(Debug)]
pub(crate) struct Budget {
    signatures: usize,
}

impl Budget {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self { signatures: limits.signatures }
    }

    /// Takes one signature check, if one is left.
    pub(crate) fn signature(&mut self) -> Result<(), crate::Code> {
        self.signatures = self.signatures.checked_sub(1).ok_or(crate::Code::BudgetExhausted)?;
        Ok(())
    }
}
