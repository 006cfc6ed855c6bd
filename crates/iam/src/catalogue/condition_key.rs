//! Condition keys, and what the values of each are.

use std::borrow::Cow;

use super::{GLOBAL_KEYS, Service, glob, issuer, order, row, service, service::elsewhere};

/// A condition key and the type of its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConditionKey {
    /// As AWS spells it; what stands for a parameter is in `${}` or `<>`, such as in `aws:RequestTag/${TagKey}`.
    pub name: &'static str,
    /// The type of its values.
    pub key_type: KeyType,
}

/// What the values of a condition key are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyType {
    /// Which condition operators compare them.
    pub values: ValueType,
    /// Whether a request can have several at once, so that `ForAnyValue` or `ForAllValues` is needed (IAM User Guide,
    /// "Single-valued vs. multivalued context keys").
    pub multivalued: bool,
}

/// Which condition operators compare a value (IAM User Guide, "IAM JSON policy elements: Condition operators").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the operators' names say it")]
pub enum ValueType {
    String,
    Arn,
    Numeric,
    Date,
    Bool,
    IpAddress,
    Binary,
}

/// The type of a key: a global one, a service's, or a claim of an identity provider.
///
/// A key with a parameter is known with any, such as `aws:RequestTag/team`. Of every OpenID Connect provider, an EKS
/// issuer too, `sub`, `aud`, `amr`, `email` and `oaud` are known, which no list has; of some, further claims that AWS
/// publishes.
pub fn condition_key(name: &str) -> Option<KeyType> {
    let (prefix, _) = name.split_once(':')?;
    let global = GLOBAL_KEYS.iter().find(|key| key.is(name)).map(|key| key.key_type);
    global.or_else(|| issuer::claim(name)).or_else(|| {
        let mut keys = services_with(prefix).flat_map(|service| &service.condition_keys);
        keys.find(|key| key.is(name)).map(|key| key.key_type)
    })
}

/// Whether AWS says of any action of its service that its requests can have that key.
pub fn has_actions(key: &str) -> bool {
    let (prefix, _) = key.split_once(':').unwrap_or_default();
    services_with(prefix).flat_map(|service| &service.actions).any(|action| action.has_key(key))
}

/// The services that have condition keys of that prefix: the one of that name first.
pub(super) fn services_with(prefix: &str) -> impl Iterator<Item = &'static Service> {
    let others = elsewhere().filter(move |(of, _)| glob::matches(&as_glob(of), prefix));
    service(prefix).into_iter().chain(others.filter_map(|(_, has)| service(has)))
}

impl KeyType {
    pub(super) const fn one(values: ValueType) -> Self {
        Self { values, multivalued: false }
    }

    pub(super) const fn many(values: ValueType) -> Self {
        Self { values, multivalued: true }
    }

    /// As the Service Authorization Reference writes it: `ARN`, `ArrayOfString`.
    fn parse(text: &str) -> Option<Self> {
        let (text, multivalued) = text.strip_prefix("ArrayOf").map_or((text, false), |text| (text, true));
        let values = match text {
            "String" => ValueType::String,
            "ARN" => ValueType::Arn,
            "Numeric" => ValueType::Numeric,
            "Date" => ValueType::Date,
            "Bool" => ValueType::Bool,
            "IPAddress" => ValueType::IpAddress,
            "Binary" => ValueType::Binary,
            _ => return None,
        };
        Some(Self { values, multivalued })
    }
}

impl ConditionKey {
    /// A key's row, without its first column.
    pub(super) fn parse(mut columns: row::Columns) -> Option<Self> {
        Some(Self { name: columns.next()?, key_type: KeyType::parse(columns.next()?)? })
    }

    /// Whether that is this key, with any parameter.
    pub fn is(&self, name: &str) -> bool {
        is(self.name, name)
    }
}

/// Whether that is the key that AWS spells so, with any parameter.
pub(super) fn is(own: &str, name: &str) -> bool {
    match as_glob(own) {
        Cow::Borrowed(own) => order::compare(own, name).is_eq(),
        Cow::Owned(pattern) => glob::matches(&pattern, name),
    }
}

/// A name's parameters as wildcards, each for one character or more.
fn as_glob(name: &str) -> Cow<'_, str> {
    let Some(start) = name.find(['$', '<']) else { return Cow::Borrowed(name) };
    let (before, rest) = name.split_at(start);
    match rest.find(['}', '>']).and_then(|end| rest.get(end + 1..)) {
        Some(after) => Cow::Owned(format!("{before}?*{}", as_glob(after))),
        None => Cow::Borrowed(name),
    }
}

#[cfg(test)]
mod tests {
    use super::{ConditionKey, KeyType, ValueType};

    #[test]
    fn a_parameter_is_any_text_but_none() {
        let key = |name| ConditionKey { name, key_type: KeyType::one(ValueType::String) };
        assert!(key("s3:ExistingObjectTag/<key>").is("s3:existingobjecttag/Team"));
        assert!(!key("s3:ExistingObjectTag/<key>").is("s3:ExistingObjectTag/"));
        assert!(key("events:Metadata/${Key}/Matcher").is("events:Metadata/a/b/Matcher"));
        assert!(!key("events:Metadata/${Key}/Matcher").is("events:Metadata/a"));
    }
}
