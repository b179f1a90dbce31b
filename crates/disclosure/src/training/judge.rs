//! What the table says of the records that arrived.

use chrono::{DateTime, Days, Months, NaiveDate, Utc};
use staffpass_credentials::{AttainmentStatus, TrainingCredential, london_date};

use super::{TrainingPolicy, TrainingRule};

/// What a trust's table says of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TrainingVerdict {
    /// It counts.
    Accepted {
        /// The last day on which it does.
        until: NaiveDate,
    },
    /// It counts, and not for long.
    ExpiringSoon {
        /// The last day on which it does.
        until: NaiveDate,
    },
    /// It is older than the table allows, whatever its issuer says.
    ExpiredByPolicy {
        /// The last day on which it counted.
        until: NaiveDate,
    },
    /// The table does not judge it.
    Unknown(UnknownTraining),
}

/// Why a table does not judge a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnknownTraining {
    /// No line is about it.
    NoRule,
    /// It was not achieved.
    NotAchieved,
    /// It says that it will be awarded on a day to come.
    AwardedLater,
}

impl TrainingVerdict {
    /// Whether it counts today.
    #[must_use]
    pub const fn counts(&self) -> bool {
        matches!(self, Self::Accepted { .. } | Self::ExpiringSoon { .. })
    }

    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Accepted { .. } => "training_accepted",
            Self::ExpiringSoon { .. } => "training_expiring_soon",
            Self::ExpiredByPolicy { .. } => "training_expired_by_policy",
            Self::Unknown(UnknownTraining::NoRule) => "training_no_rule",
            Self::Unknown(UnknownTraining::NotAchieved) => "training_not_achieved",
            Self::Unknown(UnknownTraining::AwardedLater) => "training_awarded_later",
        }
    }

    const fn until(&self) -> Option<NaiveDate> {
        match self {
            Self::Accepted { until }
            | Self::ExpiringSoon { until }
            | Self::ExpiredByPolicy { until } => Some(*until),
            Self::Unknown(_) => None,
        }
    }
}

/// A line of the table, and the record that satisfies it best.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TrainingCover<'p> {
    /// The line.
    pub rule: &'p TrainingRule,
    /// The position of the record that counts for it longest, and what this line says of it.
    pub best: Option<(usize, TrainingVerdict)>,
}

impl TrainingCover<'_> {
    /// Whether a record counts for it today.
    #[must_use]
    pub fn is_satisfied(&self) -> bool {
        self.best.is_some_and(|(_, verdict)| verdict.counts())
    }
}

impl TrainingPolicy {
    /// Judges a record by the line that is most particular about it: its own variant before any
    /// variant, then its own level before the next lower one, then one about any level.
    #[must_use]
    pub fn judge(&self, training: &TrainingCredential, now: DateTime<Utc>) -> TrainingVerdict {
        let today = london_date(now);
        let about = self.rules.iter().filter(|rule| rule.is_satisfied_by(training));
        match about.max_by_key(|rule| (rule.variant.is_some(), rule.level)) {
            Some(rule) => rule.verdict(training, today, self.expiring_soon_days),
            None => unjudged(training, today).unwrap_or(UnknownTraining::NoRule).into(),
        }
    }

    /// For each line, in order, the record that satisfies it longest.
    #[must_use]
    pub fn cover(&self, held: &[TrainingCredential], now: DateTime<Utc>) -> Vec<TrainingCover<'_>> {
        let today = london_date(now);
        let best = |rule: &TrainingRule| {
            let about = held.iter().enumerate().filter(|(_, one)| rule.is_satisfied_by(one));
            let judged =
                about.map(|(at, one)| (at, rule.verdict(one, today, self.expiring_soon_days)));
            judged.max_by_key(|(_, verdict)| verdict.until())
        };
        self.rules.iter().map(|rule| TrainingCover { rule, best: best(rule) }).collect()
    }
}

impl TrainingRule {
    /// Whether a record is about this line's subject, at its level or, unless the line says
    /// otherwise, at a higher one. How old it is does not matter here.
    #[must_use]
    pub fn is_satisfied_by(&self, training: &TrainingCredential) -> bool {
        let level = self.level.is_none_or(|asked| {
            let high = |level| level == asked || (self.higher_levels && level > asked);
            training.level.is_some_and(high)
        });
        let variant =
            self.variant.is_none() || self.variant.as_deref() == training.variant.as_deref();
        level && variant && self.framework == training.framework && self.subject == training.subject
    }

    fn verdict(
        &self,
        training: &TrainingCredential,
        today: NaiveDate,
        notice_days: u32,
    ) -> TrainingVerdict {
        if let Some(unjudged) = unjudged(training, today) {
            return unjudged.into();
        }
        let months = Months::new(self.max_age_months);
        // Beyond the calendar a record counts as long as dates are written.
        let until = training.awarded_on.checked_add_months(months).unwrap_or(NaiveDate::MAX);
        let soon = today.checked_add_days(Days::new(notice_days.into())).unwrap_or(NaiveDate::MAX);
        if until < today {
            TrainingVerdict::ExpiredByPolicy { until }
        } else if until <= soon {
            TrainingVerdict::ExpiringSoon { until }
        } else {
            TrainingVerdict::Accepted { until }
        }
    }
}

/// What no line can judge.
fn unjudged(training: &TrainingCredential, today: NaiveDate) -> Option<UnknownTraining> {
    if training.attainment_status != AttainmentStatus::Achieved {
        return Some(UnknownTraining::NotAchieved);
    }
    (training.awarded_on > today).then_some(UnknownTraining::AwardedLater)
}

impl From<UnknownTraining> for TrainingVerdict {
    fn from(why: UnknownTraining) -> Self {
        Self::Unknown(why)
    }
}
