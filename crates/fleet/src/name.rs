//! The forms that names must have.

/// RFC 1123 label, the form of namespaces (k8s.io/apimachinery, `IsDNS1123Label`).
pub(crate) fn is_label(text: &str) -> bool {
    let alphanumeric = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let ends = |b: Option<&u8>| b.is_some_and(|b| alphanumeric(*b));
    let bytes = text.as_bytes();
    bytes.len() <= 63
        && ends(bytes.first())
        && ends(bytes.last())
        && bytes.iter().all(|b| alphanumeric(*b) || *b == b'-')
}

/// Labels joined by dots, the form of service accounts and AppProjects (`IsDNS1123Subdomain`).
pub(crate) fn is_subdomain(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(is_label)
}

/// The value of a Kubernetes label (`IsValidLabelValue`); may be empty.
pub(crate) fn is_label_value(text: &str) -> bool {
    let ends = |c: Option<char>| c.is_none_or(|c| c.is_ascii_alphanumeric());
    text.len() <= 63
        && ends(text.chars().next())
        && ends(text.chars().next_back())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

/// The key of a Kubernetes label: a name, perhaps after a DNS prefix (`IsQualifiedName`).
pub(crate) fn is_label_key(text: &str) -> bool {
    let (prefix, name) = text.split_once('/').map_or((None, text), |(prefix, name)| (Some(prefix), name));
    prefix.is_none_or(is_subdomain) && !name.is_empty() && is_label_value(name)
}

/// The name of an RBAC object: anything that can be one segment of a URL's path (`IsValidPathSegmentName`).
pub(crate) fn is_path_segment(text: &str) -> bool {
    !text.is_empty() && text != "." && text != ".." && !text.contains(['/', '%'])
}

/// The id of an AWS organisation (Organizations API, `OrganizationId`).
pub(crate) fn is_organization(text: &str) -> bool {
    text.strip_prefix("o-").is_some_and(|id| {
        (10..=32).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_lowercase_and_short() {
        for good in ["a", "argocd", "team-1", &"x".repeat(63)] {
            assert!(is_label(good), "{good}");
        }
        for bad in ["", "-a", "a-", "A", "a.b", "a_b", "ns*", &"x".repeat(64)] {
            assert!(!is_label(bad), "{bad}");
        }
    }

    #[test]
    fn subdomains_may_have_dots_but_no_empty_label() {
        assert!(is_subdomain("a.b-c.d"));
        assert!(!is_subdomain("a..b"));
        assert!(!is_subdomain(""));
    }

    #[test]
    fn label_keys_may_have_one_prefix() {
        assert!(is_label_key("env"));
        assert!(is_label_key("argocd.argoproj.io/auto-label-cluster-info"));
        assert!(!is_label_key("a/b/c"));
        assert!(!is_label_key("a/"));
    }

    #[test]
    fn organization_ids_start_with_o() {
        assert!(is_organization("o-a1b2c3d4e5"));
        assert!(!is_organization("a1b2c3d4e5"));
        assert!(!is_organization("o-short"));
    }
}
