//! Instants as conditions write them (IAM User Guide, "Date condition operators"; W3C, "Date and Time Formats").

use jiff::{Timestamp, civil, tz::Offset};

/// A point in time.
pub(crate) type Instant = Timestamp;

/// Reads instants.
pub(crate) trait ParseInstant: Sized {
    /// Seconds since 1970, or a date, or a date with a time and a zone.
    fn parse(text: &str) -> Option<Self>;
}

impl ParseInstant for Instant {
    fn parse(text: &str) -> Option<Self> {
        if let Ok(seconds) = text.parse() {
            return Self::from_second(seconds).ok();
        }
        if let Ok(instant) = text.parse() {
            return Some(instant);
        }
        let date: civil::Date = match text.len() {
            7 => format!("{text}-01").parse().ok()?,
            10 => text.parse().ok()?,
            // The parser would take a time without a zone for its date.
            _ => return None,
        };
        Offset::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok()
    }
}
