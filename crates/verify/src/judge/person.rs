//! One person across the credentials, where the policy says how a person is recognised.

use staffpass_jose::json::Node;

use super::{Believed, Judge, Stop};
use crate::Code;
use crate::policy::PersonLink;
use crate::report::{Check, PolicyKey, Subject};

impl<'a> Judge<'a> {
    /// V22: every credential repeats the claim that the anchor asserts. Bindings to holders' keys
    /// are another matter, judged for each credential by itself (P7).
    pub(super) fn person(&mut self, believed: &[Believed<'a>]) {
        if self.ledger.any_failed() || !self.needs.is_empty() {
            return;
        }
        match self.policy.person_link() {
            None => self.waive(Subject::Response, Check::Person, PolicyKey::PersonLink),
            Some(link) => {
                let verdict = speak_of_one_person(believed, link);
                self.sentence(Subject::Response, Check::Person, verdict);
            }
        }
    }
}

fn speak_of_one_person(believed: &[Believed<'_>], link: &PersonLink) -> Result<(), Stop> {
    let anchors = believed.iter().filter(|credential| is_anchor(credential, link));
    let mut persons = anchors.map(|credential| claim(credential, link));
    let person = persons.next().flatten().ok_or(Code::PersonsDiffer)?;
    let all = believed.iter().all(|credential| claim(credential, link) == Some(person));
    if all { Ok(()) } else { Err(Code::PersonsDiffer.into()) }
}

fn is_anchor(credential: &Believed<'_>, link: &PersonLink) -> bool {
    credential.types.contains(&link.anchor.as_str())
        || credential.parts.contains(&link.anchor.as_str())
}

fn claim<'a>(credential: &Believed<'a>, link: &PersonLink) -> Option<&'a str> {
    credential.subject.get(&link.claim).and_then(Node::as_str)
}
