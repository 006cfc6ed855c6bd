//! Texts with gaps that an account or a cluster fills: `arn:{partition}:iam::{account}:role/oarlock`.

use std::{fmt, str::FromStr};

use facts::{AccountId, ClusterArn, Partition};

/// A text with placeholders in braces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Field(Field),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Account,
    Arn,
    Name,
    Partition,
    Region,
}

/// What can stand in braces.
const FIELDS: [(&str, Field); 5] = [
    ("account", Field::Account),
    ("arn", Field::Arn),
    ("name", Field::Name),
    ("partition", Field::Partition),
    ("region", Field::Region),
];

/// Why a text is no pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// A brace without its other.
    #[error("`{0}` has a brace that isn't closed")]
    Open(String),
    /// A placeholder that nobody fills.
    #[error(
        "`{{{0}}}` stands for nothing: there are {{account}}, {{arn}}, {{name}}, {{partition}} and {{region}}"
    )]
    Unknown(String),
    /// One that only a cluster fills, where an account is meant.
    #[error(
        "`{{{0}}}` differs from cluster to cluster, and this is said of accounts: use {{account}} and {{partition}}"
    )]
    OfCluster(&'static str),
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or_else(|| PatternError::Open(text.to_owned()))?;
            let known = FIELDS.iter().find(|(known, _)| *known == name);
            let (_, field) = known.ok_or_else(|| PatternError::Unknown(name.to_owned()))?;
            parts.extend([Part::Text(before.to_owned()), Part::Field(*field)]);
            rest = after;
        }
        parts.push(Part::Text(rest.to_owned()));
        Ok(Self { parts })
    }
}

impl Pattern {
    /// The same, if an account fills it without a cluster.
    ///
    /// # Errors
    /// The placeholder that only a cluster fills.
    pub fn of_accounts(self) -> Result<Self, PatternError> {
        let of_cluster = |part: &Part| match part {
            Part::Field(field @ (Field::Arn | Field::Name | Field::Region)) => Some(field.name()),
            _ => None,
        };
        self.parts.iter().find_map(of_cluster).map_or(Ok(()), |name| Err(PatternError::OfCluster(name)))?;
        Ok(self)
    }

    pub(crate) fn for_account(&self, partition: Partition, account: &AccountId) -> String {
        self.filled(|field| match field {
            Field::Account => account.to_string(),
            Field::Partition => partition.to_string(),
            Field::Arn | Field::Name | Field::Region => String::new(),
        })
    }

    pub(crate) fn for_cluster(&self, arn: &ClusterArn) -> String {
        self.filled(|field| match field {
            Field::Account => arn.account.to_string(),
            Field::Arn => arn.to_string(),
            Field::Name => arn.name.clone(),
            Field::Partition => arn.partition.to_string(),
            Field::Region => arn.region.clone(),
        })
    }

    /// With `*` for every placeholder, as IAM has it in `Resource`.
    pub(crate) fn for_any(&self) -> String {
        self.filled(|_| "*".to_owned())
    }

    fn filled(&self, fill: impl Fn(Field) -> String) -> String {
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Field(field) => fill(*field),
        };
        self.parts.iter().map(part).collect()
    }
}

impl Field {
    fn name(self) -> &'static str {
        FIELDS.iter().find(|(_, field)| *field == self).map_or("", |(name, _)| name)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts.iter().try_for_each(|part| match part {
            Part::Text(text) => f.write_str(text),
            Part::Field(field) => write!(f, "{{{}}}", field.name()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_and_clusters_fill_a_pattern() {
        let arn: ClusterArn = "arn:aws-cn:eks:cn-north-1:012345678901:cluster/prod".parse().unwrap();
        let role: Pattern = "arn:{partition}:iam::{account}:role/reader".parse().unwrap();
        let filled = role.for_account(arn.partition, &arn.account);
        assert_eq!(filled, "arn:aws-cn:iam::012345678901:role/reader");
        assert_eq!(role.for_any(), "arn:*:iam::*:role/reader");
        let context: Pattern = "{name}.{region}/{arn}".parse().unwrap();
        assert_eq!(context.for_cluster(&arn), format!("prod.cn-north-1/{arn}"));
        assert_eq!(context.to_string(), "{name}.{region}/{arn}");
    }

    #[test]
    fn what_nobody_fills_is_refused() {
        let parse = |text: &str| text.parse::<Pattern>().and_then(Pattern::of_accounts).unwrap_err();
        assert_eq!(parse("{acount}"), PatternError::Unknown("acount".to_owned()));
        assert_eq!(parse("role/{account"), PatternError::Open("role/{account".to_owned()));
        assert_eq!(parse("role/{name}"), PatternError::OfCluster("name"));
    }
}
