//! What a Secret holds, in one shape for `data` and `stringData`.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};

/// Decoded values by key; `stringData` wins, as the API server has it (pkg/apis/core/v1/conversion.go). Argo CD's
/// `config` is JSON, and compared as such.
pub(super) fn content(body: &Value) -> Value {
    let mut content = Map::new();
    for (key, value) in fields(body, "data") {
        content.insert(key.clone(), decoded(value));
    }
    for (key, value) in fields(body, "stringData") {
        content.insert(key.clone(), value.clone());
    }
    if let Some(config) = content.get_mut("config") {
        let parsed = config.as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
        if let Some(mut parsed) = parsed.filter(Value::is_object) {
            drop_zero_values(&mut parsed);
            *config = parsed;
        }
    }
    Value::Object(content)
}

fn fields<'b>(body: &'b Value, field: &str) -> impl Iterator<Item = (&'b String, &'b Value)> {
    body.get(field).and_then(Value::as_object).into_iter().flatten()
}

/// What isn't base64 of text stays as it is written.
fn decoded(value: &Value) -> Value {
    let text = value.as_str().map(|text| text.split_whitespace().collect::<String>());
    let bytes = text.and_then(|text| STANDARD.decode(text).ok());
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).map_or_else(|| value.clone(), Value::String)
}

/// To Go a field that is absent and one that is `false`, empty or null are the same.
fn drop_zero_values(value: &mut Value) {
    let Some(fields) = value.as_object_mut() else { return };
    fields.values_mut().for_each(drop_zero_values);
    fields.retain(|_, value| !matches!(value, Value::Null | Value::Bool(false)) && value != "");
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn data_and_string_data_mean_the_same() {
        let config = json!({"awsAuthConfig": {"roleARN": "r"}, "tlsClientConfig": {"insecure": false}});
        let written = json!({"stringData": {"name": "prod", "config": config.to_string()}});
        let stored = json!({"data": {
            "name": STANDARD.encode("prod"),
            "config": STANDARD.encode(r#"{ "tlsClientConfig": {}, "awsAuthConfig": {"roleARN": "r", "profile": ""} }"#),
        }});
        assert_eq!(content(&written), content(&stored));
    }

    #[test]
    fn what_is_no_text_is_compared_as_it_stands() {
        let binary = STANDARD.encode([0xff, 0xfe]);
        assert_eq!(content(&json!({"data": {"x": binary}})), json!({"x": binary}));
        assert_eq!(content(&json!({"data": {"config": STANDARD.encode("[")}})), json!({"config": "["}));
    }
}
