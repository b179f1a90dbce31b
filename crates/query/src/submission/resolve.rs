//! Resolving an entry of a descriptor map, in every dialect that wallets speak. There is no JSONPath here: a
//! path is one of a few fixed forms, or refused.
//!
//! | dialect | `path` | `path_nested.path` |
//! |---|---|---|
//! | A (the profile; Android) | `$` | `$.verifiableCredential[j]` |
//! | B (Android with several definitions; iOS, older) | `$[k]`, also where there is one | `$.verifiableCredential[j]` |
//! | C (iOS) | `$[k]` | `$[k].verifiableCredential[j]` |
//! | D (by the letter of the specification) | `$` or `$[k]` | `$.vp.verifiableCredential[j]` |
//! | E (others), where the presentation holds one credential | `$` or `$[k]` | none, or `$.verifiableCredential` |

use super::{DescriptorMapEntry, PathNested, SubmissionError};

/// A credential in a response, by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(clippy::exhaustive_structs, reason = "two positions say it all")]
pub struct Location {
    /// Position of the presentation in the response, from 0.
    pub presentation: usize,
    /// Position of the credential in the presentation, from 0.
    pub credential: usize,
}

impl DescriptorMapEntry {
    /// Resolves the entry to a credential. `presentations` holds the number of credentials of each
    /// presentation, in the order of the response.
    ///
    /// # Errors
    /// [`SubmissionError`] when the entry is of none of the dialects, or points to nothing.
    pub fn resolve(&self, presentations: &[usize]) -> Result<Location, SubmissionError> {
        self.check_format()?;
        let presentation = self.presentation(presentations.len())?;
        let credentials = presentations.get(presentation).copied();
        let credentials = credentials.ok_or(SubmissionError::NoSuchPresentation)?;
        let credential = match &self.path_nested {
            None => only(credentials)?,
            Some(nested) => nested.credential(&self.id, presentation, credentials)?,
        };
        Ok(Location { presentation, credential })
    }

    /// With a nested path the entry is a presentation; without, wallets name either.
    fn check_format(&self) -> Result<(), SubmissionError> {
        let is_vp = is_one_of(&self.format, ["jwt_vp", "jwt_vp_json"]);
        let is_vc = is_one_of(&self.format, ["jwt_vc", "jwt_vc_json"]);
        if is_vp || (is_vc && self.path_nested.is_none()) {
            return Ok(());
        }
        Err(SubmissionError::Format)
    }

    /// `$`, if there is one presentation; `$[k]`, if there are more than k.
    fn presentation(&self, presentations: usize) -> Result<usize, SubmissionError> {
        match (self.path.as_str(), presentations) {
            ("$", 0) => Err(SubmissionError::NoSuchPresentation),
            ("$", 1) => Ok(0),
            ("$", _) => Err(SubmissionError::AmbiguousPresentation),
            (path, _) => {
                let rest = path.strip_prefix('$').ok_or(SubmissionError::PresentationPath)?;
                let (k, rest) = bracketed(rest).ok_or(SubmissionError::PresentationPath)?;
                if !rest.is_empty() {
                    return Err(SubmissionError::PresentationPath);
                }
                if k < presentations { Ok(k) } else { Err(SubmissionError::NoSuchPresentation) }
            }
        }
    }
}

impl PathNested {
    fn credential(
        &self,
        id: &str,
        presentation: usize,
        credentials: usize,
    ) -> Result<usize, SubmissionError> {
        if self.id.as_ref().is_some_and(|nested| nested != id) {
            return Err(SubmissionError::IdsDiffer);
        }
        if !is_one_of(&self.format, ["jwt_vc", "jwt_vc_json"]) {
            return Err(SubmissionError::Format);
        }
        match index_of(&self.path, presentation)? {
            None => only(credentials),
            Some(j) if j < credentials => Ok(j),
            Some(_) => Err(SubmissionError::NoSuchCredential),
        }
    }
}

/// `$` or nothing; `[k]` or nothing; `.vp` or nothing; then `.verifiableCredential`, and its index, if it has one.
fn index_of(path: &str, presentation: usize) -> Result<Option<usize>, SubmissionError> {
    let rest = path.strip_prefix('$').unwrap_or(path);
    let rest = match bracketed(rest) {
        Some((k, _)) if k != presentation => return Err(SubmissionError::PresentationsDiffer),
        Some((_, rest)) => rest,
        None => rest,
    };
    let rest = rest.strip_prefix(".vp").unwrap_or(rest);
    let rest = rest.strip_prefix(".verifiableCredential").ok_or(SubmissionError::CredentialPath)?;
    match bracketed(rest) {
        Some((j, "")) => Ok(Some(j)),
        None if rest.is_empty() => Ok(None),
        _ => Err(SubmissionError::CredentialPath),
    }
}

/// The one credential of a presentation that holds one.
const fn only(credentials: usize) -> Result<usize, SubmissionError> {
    if credentials == 1 { Ok(0) } else { Err(SubmissionError::AmbiguousCredential) }
}

/// `[n]`, and what follows it.
fn bracketed(text: &str) -> Option<(usize, &str)> {
    let (digits, rest) = text.strip_prefix('[')?.split_once(']')?;
    Some((position(digits)?, rest))
}

/// A position: decimal digits without a leading zero, nine at most.
pub(crate) fn position(digits: &str) -> Option<usize> {
    let is_plain = digits.len() <= 9
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && (digits == "0" || !digits.starts_with('0'));
    if is_plain { digits.parse().ok() } else { None }
}

fn is_one_of(format: &str, names: [&str; 2]) -> bool {
    names.iter().any(|name| format.eq_ignore_ascii_case(name))
}
