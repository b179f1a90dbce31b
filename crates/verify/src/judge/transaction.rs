//! What the holder's key was asked to authorise beside the presentation (OpenID4VP 1.0 §8.4, B.3.3):
//! a KB-JWT has the hashes of it. No W3C presentation has a place for them.

use serde::Deserialize;
use staffpass_jose::{VerifiedJws, base64url, json};
use staffpass_sd_jwt::HashAlgorithm;

use super::{Judge, Stop};
use crate::Code;
use crate::report::{Check, Subject};

/// What a KB-JWT says of transaction data (B.3.3).
#[derive(Deserialize)]
struct Hashes {
    transaction_data_hashes: Option<Vec<String>>,
    transaction_data_hashes_alg: Option<String>,
}

/// What is read of an entry that was sent.
#[derive(Deserialize)]
struct Entry {
    credential_ids: Vec<String>,
}

impl Judge<'_> {
    /// P16: the hashes are of entries that this credential was to authorise, over the text that was
    /// sent, and there is one at least where there are such entries. Notes which entries they are of.
    pub(super) fn authorises(
        &mut self,
        about: Subject,
        part: Option<&str>,
        signed: &VerifiedJws<'_>,
    ) {
        if self.expectation.transaction_data().is_empty() {
            return;
        }
        let authorised = self.entries_hashed_in(part, signed);
        if let Some(entries) = self.sentence(about, Check::TransactionData, authorised) {
            self.authorised.extend(entries);
        }
    }

    fn entries_hashed_in(
        &self,
        part: Option<&str>,
        signed: &VerifiedJws<'_>,
    ) -> Result<Vec<usize>, Stop> {
        let own = self.entries_of(part)?;
        let json::Object(said): json::Object<Hashes> =
            json::parse(signed.payload(), &self.limits.json())
                .map_err(|_| Stop::Fail(Code::ClaimsMalformed))?;
        let hashes = said.transaction_data_hashes.unwrap_or_default();
        let sha_256 = said
            .transaction_data_hashes_alg
            .is_none_or(|name| name == HashAlgorithm::Sha256.name());
        let found = hashes.iter().map(|hash| own.iter().find(|(_, own)| own == hash));
        let found: Option<Vec<usize>> = found.map(|entry| entry.map(|(place, _)| *place)).collect();
        match found.filter(|found| sha_256 && found.is_empty() == own.is_empty()) {
            Some(entries) => Ok(entries),
            None => Err(Code::TransactionDataMismatch.into()),
        }
    }

    /// The entries that a part may authorise: their places, and their hashes.
    fn entries_of(&self, part: Option<&str>) -> Result<Vec<(usize, String)>, Stop> {
        let mut own = Vec::new();
        for (place, text) in self.expectation.transaction_data().iter().enumerate() {
            let entry = base64url::decode(text).ok();
            let entry = entry.and_then(|bytes| serde_json::from_slice::<Entry>(&bytes).ok());
            let entry = entry.ok_or(Code::TransactionDataMismatch)?;
            if part.is_some_and(|part| entry.credential_ids.iter().any(|id| id == part)) {
                own.push((place, HashAlgorithm::Sha256.digest(text)));
            }
        }
        Ok(own)
    }

    /// Every entry was authorised by one of the credentials that could.
    pub(super) fn all_is_authorised(&mut self) {
        let entries = 0..self.expectation.transaction_data().len();
        if entries.is_empty() {
            return;
        }
        let all = entries.into_iter().all(|place| self.authorised.contains(&place));
        let verdict = if all { Ok(()) } else { Err(Code::TransactionDataMismatch.into()) };
        self.sentence(Subject::Response, Check::TransactionData, verdict);
    }
}
