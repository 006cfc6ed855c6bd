//! Changing a question: its statements, its conditions, and the variables in both.

use serde_json::{Map, Value, json};

use super::question::Question;

/// Matches no resource of any question.
pub(super) const NOWHERE: &str = "arn:aws:none:::nothing";

/// Equals no value of any question.
pub(super) const NOTHING: &str = "\u{2205}";

/// One statement of a question.
pub(super) struct Place<'q> {
    /// Whether its policy is of the version that has variables.
    pub(super) has_variables: bool,
    pub(super) statement: &'q mut Map<String, Value>,
}

/// One condition.
pub(super) struct Condition {
    pub(super) operator: String,
    pub(super) key: String,
    pub(super) values: Vec<String>,
    pub(super) has_variables: bool,
}

/// What becomes of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Becomes {
    Itself,
    /// It is met, whatever the values.
    Met,
    /// It isn't met, whatever the values.
    Unmet,
}

impl Question {
    /// Calls for each statement.
    pub(super) fn each_statement(&mut self, mut change: impl FnMut(Place<'_>)) {
        for policy in self.policies_mut() {
            let has_variables = policy.get("Version").is_some_and(|version| version == "2012-10-17");
            let statements = policy.get_mut("Statement").and_then(Value::as_array_mut);
            for statement in statements.into_iter().flatten().filter_map(Value::as_object_mut) {
                change(Place { has_variables, statement });
            }
        }
    }

    /// Calls for each condition, which may change its values or its outcome.
    pub(super) fn each_condition(&mut self, mut change: impl FnMut(&mut Condition) -> Becomes) {
        self.each_statement(|place| {
            let has_variables = place.has_variables;
            let mut is_unmet = false;
            if let Some(Value::Object(operators)) = place.statement.get_mut("Condition") {
                for (operator, keys) in operators.iter_mut() {
                    let Some(keys) = keys.as_object_mut() else { continue };
                    keys.retain(|key, values| {
                        let becomes = changed(operator, key, values, has_variables, &mut change);
                        is_unmet |= becomes == Becomes::Unmet;
                        becomes == Becomes::Itself
                    });
                }
                operators.retain(|_, keys| keys.as_object().is_some_and(|keys| !keys.is_empty()));
            }
            if is_unmet {
                never(place.statement);
            } else if place.statement.get("Condition").is_some_and(|all| *all == json!({})) {
                place.statement.shift_remove("Condition");
            }
        });
    }

    /// Calls for each list of resources with its place, and whether it is `NotResource`.
    pub(super) fn each_resource(&mut self, mut change: impl FnMut(&mut Vec<String>, bool, bool) -> Becomes) {
        self.each_statement(|place| {
            for name in ["Resource", "NotResource"] {
                let Some(value) = place.statement.get_mut(name) else { continue };
                let mut resources = texts(value);
                let becomes = change(&mut resources, name == "NotResource", place.has_variables);
                if resources != texts(value) {
                    *value = json!(resources);
                }
                if becomes == Becomes::Unmet {
                    never(place.statement);
                }
            }
        });
    }
}

/// A list of texts, or one.
pub(super) fn texts(value: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match value {
        Value::Array(values) => values.iter().map(text).collect(),
        one => vec![text(one)],
    }
}

/// Has a statement mean no request.
pub(super) fn never(statement: &mut Map<String, Value>) {
    statement.insert("Condition".to_owned(), json!({ "Null": { "oarlock:nothing": "false" } }));
}

fn changed(
    operator: &str,
    key: &str,
    values: &mut Value,
    has_variables: bool,
    change: &mut impl FnMut(&mut Condition) -> Becomes,
) -> Becomes {
    let before = texts(values);
    let mut condition = Condition {
        operator: operator.to_owned(),
        key: key.to_owned(),
        values: before.clone(),
        has_variables,
    };
    let becomes = change(&mut condition);
    if condition.values != before {
        *values = json!(condition.values);
    }
    becomes
}

/// An operator without what stands before and behind it, in lower case.
pub(super) fn base(operator: &str) -> String {
    let lower = operator.to_lowercase();
    let base = lower.split_once(':').map_or(&*lower, |(_, base)| base);
    base.strip_suffix("ifexists").unwrap_or(base).to_owned()
}

impl Condition {
    pub(super) fn base(&self) -> String {
        base(&self.operator)
    }

    pub(super) fn has_prefix(&self, prefix: &str) -> bool {
        self.operator.to_lowercase().starts_with(&format!("{}:", prefix.to_lowercase()))
    }

    pub(super) fn is_if_exists(&self) -> bool {
        self.operator.to_lowercase().ends_with("ifexists")
    }

    /// Whether it is met by what its operator doesn't find.
    pub(super) fn is_negated(&self) -> bool {
        self.base().contains("not")
    }

    /// Whether `*` and `?` are wildcards in its values.
    pub(super) fn has_wildcards(&self) -> bool {
        self.base().contains("like") || self.base().starts_with("arn")
    }

    /// Whether `${…}` is a variable in its values.
    pub(super) fn takes_variables(&self) -> bool {
        self.has_variables && (self.base().starts_with("string") || self.base().starts_with("arn"))
    }
}
