use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Why a string is not the ARN or account id that it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArnError {
    /// Not six fields separated by colons, starting with `arn`.
    #[error("`{0}` is not an ARN: it should look like `arn:aws:service:region:account:resource`")]
    Shape(String),
    /// The second field is no partition of AWS.
    #[error("`{partition}` in `{arn}` is not a partition: use `aws`, `aws-cn` or `aws-us-gov`")]
    Partition {
        /// The ARN as written.
        arn: String,
        /// Its second field.
        partition: String,
    },
    /// Not twelve digits.
    #[error("`{0}` is not an account id: it has {digits} digits, AWS account ids have 12", digits = .0.chars().filter(char::is_ascii_digit).count())]
    Account(String),
    /// An ARN, but of something else.
    #[error("`{arn}` is not the ARN of {wanted}: it should look like `{example}`")]
    Kind {
        /// The ARN as written.
        arn: String,
        /// What it should have been.
        wanted: &'static str,
        /// How such an ARN looks.
        example: &'static str,
    },
}

/// An AWS partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Partition {
    /// `aws`
    Aws,
    /// `aws-cn`
    AwsCn,
    /// `aws-us-gov`
    AwsUsGov,
    /// `aws-iso`
    AwsIso,
    /// `aws-iso-b`
    AwsIsoB,
    /// `aws-iso-e`
    AwsIsoE,
    /// `aws-iso-f`
    AwsIsoF,
    /// `aws-eusc`
    AwsEusc,
}

impl Partition {
    const ALL: [Self; 8] = [
        Self::Aws,
        Self::AwsCn,
        Self::AwsUsGov,
        Self::AwsIso,
        Self::AwsIsoB,
        Self::AwsIsoE,
        Self::AwsIsoF,
        Self::AwsEusc,
    ];

    /// The partition of a region, by the region's prefix (AWS General Reference, "Amazon Resource Names").
    pub fn of_region(region: &str) -> Self {
        let prefixes = [
            ("cn-", Self::AwsCn),
            ("us-gov-", Self::AwsUsGov),
            ("us-iso-", Self::AwsIso),
            ("us-isob-", Self::AwsIsoB),
            ("eu-isoe-", Self::AwsIsoE),
            ("us-isof-", Self::AwsIsoF),
            ("eusc-", Self::AwsEusc),
        ];
        prefixes
            .iter()
            .find(|(prefix, _)| region.starts_with(prefix))
            .map_or(Self::Aws, |(_, partition)| *partition)
    }

    /// As written in ARNs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::AwsCn => "aws-cn",
            Self::AwsUsGov => "aws-us-gov",
            Self::AwsIso => "aws-iso",
            Self::AwsIsoB => "aws-iso-b",
            Self::AwsIsoE => "aws-iso-e",
            Self::AwsIsoF => "aws-iso-f",
            Self::AwsEusc => "aws-eusc",
        }
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Twelve digits. Always text: an account id may start with a zero.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(Box<str>);

impl AccountId {
    /// Whether a text is an account id.
    pub fn is(text: &str) -> bool {
        text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
    }

    /// The twelve digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AccountId {
    type Err = ArnError;

    fn from_str(text: &str) -> Result<Self, ArnError> {
        if Self::is(text) { Ok(Self(text.into())) } else { Err(ArnError::Account(text.to_owned())) }
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Any Amazon Resource Name, split into its fields (IAM User Guide, "Amazon Resource Names").
///
/// Region and account may be empty, as in `arn:aws:s3:::bucket`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Arn {
    /// Second field.
    pub partition: Partition,
    /// Third field, for example `iam`.
    pub service: String,
    /// Fourth field, empty for global services.
    pub region: String,
    /// Fifth field, empty where the resource belongs to no account.
    pub account: String,
    /// The rest; may itself contain colons.
    pub resource: String,
}

impl FromStr for Arn {
    type Err = ArnError;

    fn from_str(text: &str) -> Result<Self, ArnError> {
        let mut fields = text.splitn(6, ':');
        let mut next = || fields.next().ok_or_else(|| ArnError::Shape(text.to_owned()));
        let (arn, partition, service, region, account, resource) =
            (next()?, next()?, next()?, next()?, next()?, next()?);
        if arn != "arn" || service.is_empty() || resource.is_empty() {
            return Err(ArnError::Shape(text.to_owned()));
        }
        let partition = Partition::ALL
            .into_iter()
            .find(|p| p.as_str() == partition)
            .ok_or_else(|| ArnError::Partition { arn: text.to_owned(), partition: partition.to_owned() })?;
        Ok(Self {
            partition,
            service: service.to_owned(),
            region: region.to_owned(),
            account: account.to_owned(),
            resource: resource.to_owned(),
        })
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { partition, service, region, account, resource } = self;
        write!(f, "arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}

/// The ARN of an EKS cluster.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClusterArn {
    /// AWS partition.
    pub partition: Partition,
    /// AWS region, for example `eu-west-1`.
    pub region: String,
    /// The account that owns the cluster.
    pub account: AccountId,
    /// The cluster's name.
    pub name: String,
}

impl FromStr for ClusterArn {
    type Err = ArnError;

    fn from_str(text: &str) -> Result<Self, ArnError> {
        let arn: Arn = text.parse()?;
        let kind = || ArnError::Kind {
            arn: text.to_owned(),
            wanted: "an EKS cluster",
            example: "arn:aws:eks:eu-west-1:111122223333:cluster/name",
        };
        let name = arn.resource.strip_prefix("cluster/").ok_or_else(kind)?;
        // EKS API reference, CreateCluster: ^[0-9A-Za-z][A-Za-z0-9\-_]*, 1 to 100 characters.
        let legal = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        let starts = name.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric);
        if arn.service != "eks"
            || arn.region.is_empty()
            || !starts
            || name.len() > 100
            || !name.bytes().all(legal)
        {
            return Err(kind());
        }
        Ok(Self {
            partition: arn.partition,
            region: arn.region,
            account: arn.account.parse()?,
            name: name.to_owned(),
        })
    }
}

impl fmt::Display for ClusterArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { partition, region, account, name } = self;
        write!(f, "arn:{partition}:eks:{region}:{account}:cluster/{name}")
    }
}

macro_rules! iam_arn {
    ($name:ident, $kind:literal, $wanted:literal) => {
        #[doc = concat!("The ARN of ", $wanted, ".")]
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name {
            /// AWS partition.
            pub partition: Partition,
            /// The account that owns it.
            pub account: AccountId,
            /// Its path, `/` unless somebody chose one; starts and ends with a slash.
            pub path: String,
            /// Its name, without its path.
            pub name: String,
        }

        impl FromStr for $name {
            type Err = ArnError;

            fn from_str(text: &str) -> Result<Self, ArnError> {
                let arn: Arn = text.parse()?;
                let kind = || ArnError::Kind {
                    arn: text.to_owned(),
                    wanted: $wanted,
                    example: concat!("arn:aws:iam::111122223333:", $kind, "/name"),
                };
                let full = arn.resource.strip_prefix($kind).filter(|r| r.starts_with('/'));
                let (path, name) = full.and_then(|full| full.rsplit_once('/')).ok_or_else(kind)?;
                if arn.service != "iam" || !arn.region.is_empty() || name.is_empty() {
                    return Err(kind());
                }
                let (path, name) = (format!("{path}/"), name.to_owned());
                Ok(Self { partition: arn.partition, account: arn.account.parse()?, path, name })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let Self { partition, account, path, name } = self;
                write!(f, concat!("arn:{}:iam::{}:", $kind, "{}{}"), partition, account, path, name)
            }
        }
    };
}

iam_arn!(RoleArn, "role", "an IAM role");
iam_arn!(UserArn, "user", "an IAM user");

macro_rules! as_text {
    ($($name:ty),*) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }
    )*};
}

as_text!(AccountId, Arn, ClusterArn, RoleArn, UserArn);

impl Serialize for Partition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cluster_arn_round_trips() {
        let text = "arn:aws-us-gov:eks:us-gov-west-1:012345678901:cluster/prod_1";
        assert_eq!(text.parse::<ClusterArn>().unwrap().to_string(), text);
    }

    #[test]
    fn role_arn_keeps_its_path() {
        let arn: RoleArn = "arn:aws:iam::111122223333:role/team/x/deployer".parse().unwrap();
        assert_eq!((arn.path.as_str(), arn.name.as_str()), ("/team/x/", "deployer"));
        assert_eq!(arn.to_string(), "arn:aws:iam::111122223333:role/team/x/deployer");
    }

    #[test]
    fn a_user_is_no_role() {
        let text = "arn:aws:iam::111122223333:user/team/ann";
        assert_eq!(text.parse::<UserArn>().unwrap().to_string(), text);
        assert!(matches!(text.parse::<RoleArn>(), Err(ArnError::Kind { .. })));
        assert!(text.replace("user", "role").parse::<UserArn>().is_err());
    }

    #[test]
    fn account_with_eleven_digits_is_refused_with_the_count() {
        let error = "11112222333".parse::<AccountId>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "`11112222333` is not an account id: it has 11 digits, AWS account ids have 12"
        );
    }

    #[test]
    fn other_kinds_of_arn_are_refused() {
        for text in [
            "arn:aws:iam::111122223333:user/x",
            "arn:aws:iam::111122223333:roles/x",
            "arn:aws:eks:eu-west-1:111122223333:cluster/x",
        ] {
            assert!(matches!(text.parse::<RoleArn>(), Err(ArnError::Kind { .. })), "{text}");
        }
        assert!(matches!("prod-eu".parse::<ClusterArn>(), Err(ArnError::Shape(_))));
        assert!(matches!("arn:amazon:eks:a:b:c".parse::<Arn>(), Err(ArnError::Partition { .. })));
    }
}
