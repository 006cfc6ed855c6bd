//! Values of conditions: which are of an operator's kind, and the same ones written otherwise.

use std::net::IpAddr;

use super::edit::{Becomes, Condition, NOTHING};

/// Whether a value is of the kind that an operator compares (IAM User Guide, "IAM JSON policy elements: Condition operators").
pub(super) fn is_of_kind(base: &str, value: &str) -> bool {
    match base {
        _ if base.starts_with("numeric") => is_number(value),
        _ if base.starts_with("date") => is_epoch(value) || is_date(value),
        "bool" => ["true", "false"].contains(&&*value.to_lowercase()),
        "binaryequals" => base64::Engine::decode(&base64::engine::general_purpose::STANDARD, value).is_ok(),
        "ipaddress" | "notipaddress" => {
            let (address, length) = value.split_once('/').unwrap_or((value, "0"));
            address.parse::<IpAddr>().is_ok() && length.parse::<u8>().is_ok()
        }
        _ => true,
    }
}

/// What becomes of a condition when nothing but values of its operator's kind may count: it can't be met by another of the
/// request, nor, where it is negated, beside another of the policy.
pub(super) fn without_strangers(condition: &mut Condition, of_request: &[String]) -> Becomes {
    let base = condition.base();
    let mut strangers = of_request.iter().map(|value| !is_of_kind(&base, value));
    let is_hopeless = match condition.has_prefix("ForAnyValue") {
        true => !of_request.is_empty() && strangers.all(|is_stranger| is_stranger),
        false => strangers.any(|is_stranger| is_stranger),
    };
    let strangers = condition.values.iter_mut().filter(|value| !is_of_kind(&base, value));
    let count = strangers.map(|value| *value = NOTHING.to_owned()).count();
    let is_barred = count > 0 && condition.is_negated() && !of_request.is_empty();
    if is_hopeless || is_barred {
        return Becomes::Unmet;
    }
    Becomes::Itself
}

pub(super) fn is_epoch(value: &str) -> bool {
    value.parse::<i64>().is_ok()
}

fn is_number(value: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let text = value.strip_prefix('-').unwrap_or(value);
    text.split_once('.').map_or_else(|| digits(text), |(whole, part)| digits(whole) && digits(part))
}

/// A date, or a date with a time and a zone (W3C, "Date and Time Formats").
fn is_date(value: &str) -> bool {
    let (date, time) = value.split_once('T').map_or((value, None), |(date, time)| (date, Some(time)));
    let shape =
        |text: &str| -> String { text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect() };
    let has_zone = |time: &str| {
        let zone = time.trim_start_matches(|c: char| c.is_ascii_digit() || ":.".contains(c));
        ["Z", "+00:00", "-00:00"].contains(&&*shape(zone)) && time.len() > zone.len()
    };
    match (&*shape(date), time) {
        ("0000-00-00", Some(time)) => has_zone(time),
        (date, None) => ["0000-00-00", "0000-00"].contains(&date),
        _ => false,
    }
}

/// An address as a range of one, in the one form of addresses; what is none stays as it is.
pub(super) fn as_range(value: &str) -> String {
    let (address, length) =
        value.split_once('/').map_or((value, None), |(address, length)| (address, Some(length)));
    match address.parse::<IpAddr>() {
        Ok(address) => {
            let whole = if address.is_ipv4() { "32" } else { "128" };
            format!("{address}/{}", length.unwrap_or(whole))
        }
        Err(_) => value.to_owned(),
    }
}

/// A range of all addresses of a family as its two halves.
pub(super) fn halves(value: &str) -> Vec<String> {
    match value.strip_suffix("/0").map(str::parse::<IpAddr>) {
        Some(Ok(IpAddr::V4(_))) => vec!["0.0.0.0/1".to_owned(), "128.0.0.0/1".to_owned()],
        Some(Ok(IpAddr::V6(_))) => vec!["::/1".to_owned(), "8000::/1".to_owned()],
        _ => vec![value.to_owned()],
    }
}

/// Seconds since 1970 as a date; what are none stay as they are.
pub(super) fn as_date(value: &str) -> String {
    let Ok(seconds) = value.parse::<i64>() else { return value.to_owned() };
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_since_1970_are_the_dates_that_they_stand_for() {
        assert_eq!(as_date("0"), "1970-01-01T00:00:00Z");
        assert_eq!(as_date("951782400"), "2000-02-29T00:00:00Z");
        assert_eq!(as_date("1795600801"), "2026-11-25T10:00:01Z");
        assert_eq!(as_date("2026-11-25"), "2026-11-25");
    }

    #[test]
    fn a_time_without_a_zone_is_no_date() {
        assert!(is_of_kind("dateequals", "2026-11-25T10:00:00Z"));
        assert!(is_of_kind("dateequals", "2026-11-25T10:00:00.5+02:00"));
        assert!(is_of_kind("dateequals", "2026-11"));
        assert!(!is_of_kind("dateequals", "2026-11-25T10:00:00"));
    }
}
