//! Answers in the form in which the AWS CLI prints them: times in ISO 8601 with the zone as an offset, and nothing where there is nothing.

use aws_smithy_types::{DateTime, date_time::Format};
use serde_json::Value;

/// Times are seconds since 1970 in a service's JSON, in fields called `…At` (EKS) and `…Date` (Secrets Manager). A field may be null
/// there, which the AWS CLI leaves out.
pub(super) fn print(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(print),
        Value::Object(fields) => {
            fields.retain(|_, field| !field.is_null());
            for (key, field) in fields {
                let is_time = key.ends_with("At") || key.ends_with("Date");
                match field.as_f64().filter(|_| is_time) {
                    Some(seconds) => *field = iso(&to_micros(seconds)).into(),
                    None => print(field),
                }
            }
        }
        _ => {}
    }
}

/// A binary fraction is never quite the decimal one that was meant.
#[expect(clippy::cast_possible_truncation, reason = "microseconds of all years that AWS writes fit")]
fn to_micros(seconds: f64) -> DateTime {
    let micros = (seconds * 1e6).round() as i64;
    let below = u32::try_from(micros.rem_euclid(1_000_000)).unwrap_or_default();
    DateTime::from_secs_and_nanos(micros.div_euclid(1_000_000), below * 1_000)
}

/// `2025-06-02T13:05:51.207000+00:00`: microseconds, unless there are none.
pub(crate) fn iso(time: &DateTime) -> String {
    let whole = DateTime::from_secs(time.secs());
    // Years outside of what ISO 8601 writes in four digits aren't AWS's.
    let text = whole.fmt(Format::DateTime).unwrap_or_default();
    let text = text.trim_end_matches('Z');
    match time.subsec_nanos() / 1_000 {
        0 => format!("{text}+00:00"),
        micros => format!("{text}.{micros:06}+00:00"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn seconds_become_times_and_null_nothing() {
        let mut value = json!({"entry": {"createdAt": 1_748_869_551.207, "count": 3, "tags": null}, "all": [{"modifiedAt": 0}]});
        print(&mut value);
        let expected = json!({
            "entry": {"createdAt": "2025-06-02T13:05:51.207000+00:00", "count": 3},
            "all": [{"modifiedAt": "1970-01-01T00:00:00+00:00"}],
        });
        assert_eq!(value, expected);
    }
}
