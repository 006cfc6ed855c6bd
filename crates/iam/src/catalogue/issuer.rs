//! Claims of OpenID Connect providers as condition keys: `<issuer without https://>:<claim>`.
//!
//! Each provider has its own, so no list has them. The claims are those that the IAM User Guide's page "IAM and AWS STS
//! condition context keys", "Available keys for AWS OIDC federation", has for every provider (its tab "Default").

use super::{KeyType, ValueType, nearest};

const CLAIMS: [(&str, KeyType); 5] = [
    ("sub", KeyType::one(ValueType::String)),
    ("aud", KeyType::one(ValueType::String)),
    ("amr", KeyType::many(ValueType::String)),
    ("email", KeyType::one(ValueType::String)),
    ("oaud", KeyType::one(ValueType::String)),
];

/// The type of a claim, where the key is one.
pub(super) fn claim(key: &str) -> Option<KeyType> {
    let (issuer, claim) = key.rsplit_once(':')?;
    let (_, key_type) = CLAIMS.iter().find(|(name, _)| name.eq_ignore_ascii_case(claim))?;
    is_issuer(issuer).then_some(*key_type)
}

/// The claim that somebody most probably meant, with its issuer as keys have it.
pub(super) fn nearest_claim(key: &str) -> Option<String> {
    let (issuer, claim) = key.strip_prefix("https://").unwrap_or(key).rsplit_once(':')?;
    let claim = nearest::nearest(claim, CLAIMS.iter().map(|(name, _)| *name))?;
    let issuer = issuer.trim_end_matches('/');
    is_issuer(issuer).then(|| format!("{issuer}:{claim}"))
}

/// A host, whose name has a dot, and maybe a path. No service's prefix has a dot.
fn is_issuer(text: &str) -> bool {
    let (host, path) = text.split_once('/').map_or((text, None), |(host, path)| (host, Some(path)));
    let label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let segment = |segment: &str| !segment.is_empty() && !segment.contains([':', ' ', '*', '?']);
    host.contains('.') && host.split('.').all(label) && path.is_none_or(|path| path.split('/').all(segment))
}

#[cfg(test)]
mod tests {
    use super::is_issuer;

    #[test]
    fn an_issuer_is_a_host_with_a_dot_and_maybe_a_path() {
        for issuer in
            ["oidc.eks.eu-west-1.amazonaws.com/id/0123ABCD", "accounts.google.com", "s3.amazonaws.com/a/b"]
        {
            assert!(is_issuer(issuer), "{issuer}");
        }
        for other in ["eks", "", "https://accounts.google.com", "a..b", "a.b/", "a.b//c", "*.amazonaws.com"] {
            assert!(!is_issuer(other), "{other}");
        }
    }
}
