//! Calendar dates: full-dates (RFC 3339), and the day that it is in London.

use chrono::{DateTime, Datelike, Days, FixedOffset, NaiveDate, NaiveTime, SecondsFormat};
use chrono::{TimeDelta, Utc, Weekday};

use crate::error::Rule;

/// The calendar date in Europe/London at an instant: UTC, and one hour on in summer time, which
/// since 1996 runs from 01:00 UTC on the last Sunday of March to 01:00 UTC on that of October.
///
/// For showing dates, and for comparing a full-date with an instant. What expires expires at its
/// instant.
#[must_use]
pub fn london_date(instant: DateTime<Utc>) -> NaiveDate {
    let summer = |year: i32| -> Option<bool> {
        let from = last_sunday(year, 3)?.and_hms_opt(1, 0, 0)?.and_utc();
        let until = last_sunday(year, 10)?.and_hms_opt(1, 0, 0)?.and_utc();
        Some(from <= instant && instant < until)
    };
    let offset = TimeDelta::hours(i64::from(summer(instant.year()).unwrap_or(false)));
    instant.checked_add_signed(offset).unwrap_or(instant).date_naive()
}

/// March and October both have 31 days.
fn last_sunday(year: i32, month: u32) -> Option<NaiveDate> {
    let last = NaiveDate::from_ymd_opt(year, month, 31)?;
    last.checked_sub_days(Days::new(last.weekday().days_since(Weekday::Sun).into()))
}

/// A full-date, exactly `YYYY-MM-DD`, from 1900-01-01 on.
pub(crate) fn full_date(text: &str) -> Result<NaiveDate, Rule> {
    // chrono alone would also take `2026-3-2`, ` 2026-03-02` and `+2026-03-02`.
    let shaped = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    let date = shaped.then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()).flatten();
    let date = date.ok_or(Rule::NotADate)?;
    if date.year() < 1900 { Err(Rule::BeforeFirstDate) } else { Ok(date) }
}

/// The last second of a day, UTC.
pub(crate) fn end_of_day(date: NaiveDate) -> DateTime<Utc> {
    let last = NaiveTime::from_hms_opt(23, 59, 59).unwrap_or(NaiveTime::MIN);
    date.and_time(last).and_utc()
}

/// A day, or a moment: what `last_refresh` may be.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DateOrTime {
    /// A full-date.
    Date(NaiveDate),
    /// A date-time with its offset (RFC 3339).
    Time(DateTime<FixedOffset>),
}

impl DateOrTime {
    /// Reads a full-date or a date-time.
    ///
    /// # Errors
    ///
    /// [`Rule::NotADate`] or [`Rule::BeforeFirstDate`].
    pub fn parse(text: &str) -> Result<Self, Rule> {
        if text.len() <= 10 {
            return full_date(text).map(Self::Date);
        }
        let time = DateTime::parse_from_rfc3339(text).map_err(|_| Rule::NotADate)?;
        if time.year() < 1900 { Err(Rule::BeforeFirstDate) } else { Ok(Self::Time(time)) }
    }

    /// The calendar date in Europe/London.
    #[must_use]
    pub fn date(&self) -> NaiveDate {
        match self {
            Self::Date(date) => *date,
            Self::Time(time) => london_date(time.to_utc()),
        }
    }

    pub(crate) fn is_after(&self, instant: DateTime<Utc>) -> bool {
        match self {
            Self::Date(date) => *date > london_date(instant),
            Self::Time(time) => time.to_utc() > instant,
        }
    }
}

impl core::fmt::Display for DateOrTime {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Date(date) => write!(f, "{date}"),
            Self::Time(time) => f.write_str(&time.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
        }
    }
}

impl core::fmt::Debug for DateOrTime {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Date(_) => "Date(_)",
            Self::Time(_) => "Time(_)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(instant: &str) -> String {
        london_date(instant.parse().unwrap()).to_string()
    }

    #[test]
    fn london_is_an_hour_ahead_in_summer_only() {
        assert_eq!(day("2026-07-01T22:59:59Z"), "2026-07-01");
        assert_eq!(day("2026-07-01T23:00:00Z"), "2026-07-02");
        assert_eq!(day("2026-01-01T23:59:59Z"), "2026-01-01");
    }

    #[test]
    fn summer_time_turns_on_the_last_sundays() {
        // 29 March and 25 October 2026.
        assert_eq!(day("2026-03-28T23:30:00Z"), "2026-03-28");
        assert_eq!(day("2026-03-29T23:30:00Z"), "2026-03-30");
        assert_eq!(day("2026-10-24T23:30:00Z"), "2026-10-25");
        assert_eq!(day("2026-10-25T23:30:00Z"), "2026-10-25");
    }

    #[test]
    fn full_dates_have_one_spelling() {
        assert_eq!(full_date("2026-03-02"), Ok(NaiveDate::from_ymd_opt(2026, 3, 2).unwrap()));
        for wrong in ["2026-3-2", " 2026-03-02", "2026-02-30", "20260302", "2026-03-02T00:00:00Z"] {
            assert_eq!(full_date(wrong), Err(Rule::NotADate), "{wrong}");
        }
        assert_eq!(full_date("1899-12-31"), Err(Rule::BeforeFirstDate));
    }

    #[test]
    fn the_extremes_of_time_have_a_date() {
        assert_eq!(london_date(DateTime::<Utc>::MAX_UTC), DateTime::<Utc>::MAX_UTC.date_naive());
        assert_eq!(london_date(DateTime::<Utc>::MIN_UTC), DateTime::<Utc>::MIN_UTC.date_naive());
    }
}
