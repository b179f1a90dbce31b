//! The receiving trust's own table of training: how old a record may be, and what is asked for.
//!
//! No period is built in. Published frameworks contradict each other, and the credential's own period and
//! end are its issuer's: what counts here is what this table says.

mod judge;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use staffpass_credentials::{Framework, Subject};

pub use judge::{TrainingCover, TrainingVerdict, UnknownTraining};

use crate::DisclosureError;
use crate::toml_text;

/// The highest level that there is.
const MAX_LEVEL: u8 = 5;
/// The longest age that a table may allow, in months: ten years, as a credential may state.
const MAX_AGE_MONTHS: u32 = 120;
/// The longest notice that a table may ask for, in days.
const MAX_NOTICE_DAYS: u32 = 366;

/// One line of the table: records of a subject, at a level and in a variant, and how old they may be.
///
/// ```toml
/// [[training]]
/// subject = "fire-safety"     # a word of the framework's subjects, or the trust's own
/// level = 1                   # 1 to 5; without it any level
/// variant = "ward"            # without it any variant
/// framework = "cstf"          # "cstf" unless said
/// max_age_months = 12         # 1 to 120, from the day of the award
/// mandatory = true            # false unless said
/// higher_levels = false       # true unless said: a higher level satisfies this one
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TrainingRule {
    /// The framework that the record belongs to.
    #[serde(default = "cstf", with = "framework_word")]
    pub framework: Framework,
    /// The subject.
    #[serde(with = "subject_word")]
    pub subject: Subject,
    /// The level, 1 to 5; any where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<u8>,
    /// The variant; any where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// How many months after its award a record counts, to the end of that day.
    pub max_age_months: u32,
    /// Whether the trust wants it of everybody.
    #[serde(default)]
    pub mandatory: bool,
    /// Whether a record of a higher level satisfies this line.
    #[serde(default = "yes")]
    pub higher_levels: bool,
}

impl TrainingRule {
    /// A subject of the Core Skills Training Framework, any level and variant, not mandatory.
    #[must_use]
    pub const fn new(subject: Subject, max_age_months: u32) -> Self {
        Self {
            framework: Framework::Cstf,
            subject,
            level: None,
            variant: None,
            max_age_months,
            mandatory: false,
            higher_levels: true,
        }
    }

    /// Sets the level, 1 to 5.
    #[must_use]
    pub const fn at_level(mut self, level: u8) -> Self {
        self.level = Some(level);
        self
    }

    /// Sets the variant.
    #[must_use]
    pub fn in_variant(mut self, variant: &str) -> Self {
        self.variant = Some(variant.to_owned());
        self
    }

    /// Wants it of everybody.
    #[must_use]
    pub const fn mandatory(mut self) -> Self {
        self.mandatory = true;
        self
    }

    /// Wants this very level: a higher one does not satisfy it.
    #[must_use]
    pub const fn this_level_alone(mut self) -> Self {
        self.higher_levels = false;
        self
    }

    /// The levels that satisfy it; none where any does.
    #[must_use]
    pub fn levels(&self) -> Vec<u8> {
        match self.level {
            None => Vec::new(),
            Some(level) if self.higher_levels => (level..=MAX_LEVEL).collect(),
            Some(level) => vec![level],
        }
    }

    /// Words for a person: subject, level, variant.
    #[must_use]
    pub fn title(&self) -> String {
        let mut title = self.subject.as_str().replace('-', " ");
        if let Some(level) = self.level {
            title = format!("{title}, level {level}");
        }
        if let Some(variant) = &self.variant {
            title = format!("{title}, {}", variant.replace('-', " "));
        }
        title
    }

    /// The first member that is outside its range.
    fn fault(&self) -> Option<&'static str> {
        let outside = |text: &str| text.is_empty() || text.chars().count() > 200;
        if outside(self.subject.as_str()) {
            return Some("subject");
        }
        if self.level.is_some_and(|level| !(1..=MAX_LEVEL).contains(&level)) {
            return Some("level");
        }
        if self.variant.as_deref().is_some_and(outside) {
            return Some("variant");
        }
        let in_range = (1..=MAX_AGE_MONTHS).contains(&self.max_age_months);
        (!in_range).then_some("max_age_months")
    }
}

/// The table, and how long before its end a record is said to expire soon.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Table", into = "Table")]
pub struct TrainingPolicy {
    rules: Vec<TrainingRule>,
    expiring_soon_days: u32,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(default = "notice")]
    expiring_soon_days: u32,
    #[serde(default)]
    training: Vec<TrainingRule>,
}

impl TrainingPolicy {
    /// A table of these lines, with notice of 60 days.
    ///
    /// # Errors
    /// [`DisclosureError::TrainingRule`] for a member outside its range;
    /// [`DisclosureError::TrainingRuleTwice`].
    pub fn new(rules: impl IntoIterator<Item = TrainingRule>) -> Result<Self, DisclosureError> {
        let rules = rules.into_iter().collect();
        Self { rules, expiring_soon_days: notice() }.checked()
    }

    /// Reads a table: `expiring_soon_days`, 60 unless said, and a `[[training]]` for each
    /// [`TrainingRule`].
    ///
    /// # Errors
    /// [`DisclosureError::Toml`] with the line, and as [`new`](Self::new).
    pub fn from_toml(text: &str) -> Result<Self, DisclosureError> {
        toml_text::read::<Table>(text)?.try_into()
    }

    /// Says that a record expires soon so many days before its end: 366 at most.
    ///
    /// # Errors
    /// [`DisclosureError::TrainingRule`].
    pub fn with_notice_days(mut self, days: u32) -> Result<Self, DisclosureError> {
        self.expiring_soon_days = days;
        self.checked()
    }

    /// The lines, in order.
    #[must_use]
    pub fn rules(&self) -> &[TrainingRule] {
        &self.rules
    }

    /// The lines that are wanted of everybody.
    pub fn mandatory(&self) -> impl Iterator<Item = &TrainingRule> {
        self.rules.iter().filter(|rule| rule.mandatory)
    }

    /// The lines about some subjects, in the table's order.
    pub fn about<'p>(&'p self, subjects: &'p [Subject]) -> impl Iterator<Item = &'p TrainingRule> {
        self.rules.iter().filter(|rule| subjects.contains(&rule.subject))
    }

    fn checked(self) -> Result<Self, DisclosureError> {
        if self.expiring_soon_days > MAX_NOTICE_DAYS {
            let member = "expiring_soon_days";
            return Err(DisclosureError::TrainingRule { rule: None, member });
        }
        let mut seen = BTreeSet::new();
        for (at, rule) in self.rules.iter().enumerate() {
            if let Some(member) = rule.fault() {
                return Err(DisclosureError::TrainingRule { rule: Some(at), member });
            }
            let (framework, subject) = (rule.framework.as_str(), rule.subject.as_str());
            if !seen.insert((framework, subject, rule.level, rule.variant.as_deref())) {
                return Err(DisclosureError::TrainingRuleTwice { rule: at });
            }
        }
        Ok(self)
    }
}

impl TryFrom<Table> for TrainingPolicy {
    type Error = DisclosureError;

    fn try_from(table: Table) -> Result<Self, DisclosureError> {
        let Table { expiring_soon_days, training } = table;
        Self { rules: training, expiring_soon_days }.checked()
    }
}

impl From<TrainingPolicy> for Table {
    fn from(policy: TrainingPolicy) -> Self {
        Self { expiring_soon_days: policy.expiring_soon_days, training: policy.rules }
    }
}

/// A framework by its word, which may be one that nobody here knows.
mod framework_word {
    use serde::{Deserialize, Deserializer, Serializer};
    use staffpass_credentials::Framework;

    pub(super) fn serialize<S: Serializer>(word: &Framework, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(word.as_str())
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Framework, D::Error> {
        String::deserialize(from).map(|word| Framework::from_word(&word))
    }
}

/// A subject by its word, which may be the trust's own.
mod subject_word {
    use serde::{Deserialize, Deserializer, Serializer};
    use staffpass_credentials::Subject;

    pub(super) fn serialize<S: Serializer>(word: &Subject, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(word.as_str())
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Subject, D::Error> {
        String::deserialize(from).map(|word| Subject::from_word(&word))
    }
}

const fn cstf() -> Framework {
    Framework::Cstf
}

const fn yes() -> bool {
    true
}

/// Two months: time to find a course and attend it.
const fn notice() -> u32 {
    60
}
