//! The competence string of the Electronic Staff Record.

use core::fmt;

use crate::training::RenewalPeriod;
use crate::vocabulary::PeriodUnit;

/// A competence as the Electronic Staff Record writes it: `NHS|CSTF|Fire Safety - 2 Years|`.
///
/// ```
/// use staffpass_credentials::EsrCompetence;
///
/// let competence = EsrCompetence::parse("NHS|CSTF|Fire Safety - 2 Years|").unwrap();
/// assert_eq!(competence.title, "Fire Safety");
/// assert_eq!(competence.period.unwrap().months(), 24);
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EsrCompetence {
    /// `NHS`, or the database number of a trust: 2 to 6 upper-case letters and digits.
    pub namespace: String,
    /// `CSTF`, `LOCAL` or another: 2 to 12 upper-case letters.
    pub framework: String,
    /// The title, without a period that could be read. ("No Specified Renewal" stays in it.)
    pub title: String,
    /// The period, where the string ends in one.
    pub period: Option<RenewalPeriod>,
}

impl EsrCompetence {
    /// Reads a competence string; none where it is not one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.strip_suffix('|')?.splitn(3, '|');
        let (namespace, framework, rest) = (parts.next()?, parts.next()?, parts.next()?);
        let upper_or_digit = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        let shaped = (2..=6).contains(&namespace.len())
            && namespace.bytes().all(upper_or_digit)
            && (2..=12).contains(&framework.len())
            && framework.bytes().all(|byte| byte.is_ascii_uppercase())
            && !rest.is_empty();
        let (title, period) = split_period(rest);
        shaped.then(|| Self {
            namespace: namespace.to_owned(),
            framework: framework.to_owned(),
            title: title.to_owned(),
            period,
        })
    }

    /// Whether the title begins with the subject, letter case and punctuation aside.
    pub(crate) fn is_about(&self, subject: &str) -> bool {
        kebab(&self.title).starts_with(&kebab(subject))
    }
}

impl fmt::Debug for EsrCompetence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EsrCompetence(_)")
    }
}

/// `<title> - <1 or 2 digits> <Year, Years, Month or Months>`, else the title alone.
fn split_period(text: &str) -> (&str, Option<RenewalPeriod>) {
    let split = text.rsplit_once(" - ").filter(|(title, _)| !title.is_empty());
    let period = split.and_then(|(title, period)| Some((title, read_period(period)?)));
    period.map_or((text, None), |(title, period)| (title, Some(period)))
}

fn read_period(text: &str) -> Option<RenewalPeriod> {
    let (number, unit) = text.split_once(' ')?;
    let digits = (1..=2).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    let value = digits.then(|| number.parse().ok()).flatten()?;
    let unit = match unit {
        "Year" | "Years" => PeriodUnit::Year,
        "Month" | "Months" => PeriodUnit::Month,
        _ => return None,
    };
    Some(RenewalPeriod::new(value, unit))
}

/// Lower-case words joined by hyphens: `Health, Safety and Welfare` is `health-safety-and-welfare`.
pub(crate) fn kebab(text: &str) -> String {
    let words = text.split(|character: char| !character.is_alphanumeric());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_that_only_looks_like_a_period_stays_a_title() {
        for title in
            ["Fire Safety - No Specified Renewal", "Level 1", "Fire - 100 Years", " - 2 Years"]
        {
            let competence = EsrCompetence::parse(&format!("NHS|CSTF|{title}|")).unwrap();
            assert_eq!((competence.title.as_str(), competence.period), (title, None));
        }
    }

    #[test]
    fn what_is_not_a_competence_is_refused() {
        for wrong in
            ["", "|", "NHS|CSTF|Fire Safety", "N|CSTF|x|", "NHS|cstf|x|", "NHS|CSTF||", "NHS|CSTF|"]
        {
            assert_eq!(EsrCompetence::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_last_period_counts_and_words_are_compared_without_punctuation() {
        let read = |text| EsrCompetence::parse(text).unwrap();
        let competence = read("218|LOCAL|Moving and Handling - Level 2 - 18 Months|");
        assert_eq!(competence.title, "Moving and Handling - Level 2");
        assert_eq!(competence.period.as_ref().unwrap().months(), 18);
        assert!(competence.is_about("moving-and-handling"));
        assert!(!competence.is_about("fire-safety"));
        assert!(
            read("NHS|CSTF|Health, Safety and Welfare - 3 Years|")
                .is_about("health-safety-and-welfare")
        );
    }
}
