//! Instants as the AWS CLI prints them.

use inventory::AFTER_APPLY;
use jiff::Timestamp;

/// When something was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Instant {
    /// It is there.
    At(Timestamp),
    /// A plan makes it.
    AfterApply,
}

/// ISO 8601 with an offset, or seconds since 1970 (AWS CLI User Guide, `cli_timestamp_format`).
pub(super) fn instant(text: &str) -> Option<Instant> {
    let text = text.trim();
    if text == AFTER_APPLY {
        return Some(Instant::AfterApply);
    }
    text.parse().ok().or_else(|| epoch(text)).map(Instant::At)
}

fn epoch(text: &str) -> Option<Timestamp> {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if ![seconds, fraction].iter().all(|digits| digits.bytes().all(|b| b.is_ascii_digit())) {
        return None;
    }
    let nanoseconds = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
    Timestamp::new(seconds.parse().ok()?, nanoseconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_the_same_instant() {
        let forms = [
            "2024-05-01T12:00:00.5+00:00",
            "2024-05-01T14:00:00.500000+02:00",
            "2024-05-01T12:00:00.5Z",
            "1714564800.5",
        ];
        assert!(forms.iter().all(|text| instant(text) == instant(forms[0]) && instant(text).is_some()));
        assert_eq!(instant("1714564800"), instant("2024-05-01T12:00:00Z"));
    }

    #[test]
    fn what_a_plan_makes_is_younger_than_all_that_is_there() {
        assert!(instant(AFTER_APPLY) > instant("9999-01-01T00:00:00Z"));
        assert_eq!(instant(AFTER_APPLY), Some(Instant::AfterApply));
    }

    #[test]
    fn a_time_without_zone_is_no_instant() {
        for text in ["2024-05-01T12:00:00", "2024-05-01", "", "yesterday", "-5", "1.2.3", "1e9"] {
            assert_eq!(instant(text), None, "{text}");
        }
    }
}
