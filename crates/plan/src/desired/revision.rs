//! Which revisions make Argo CD ask an OCI registry for all the tags of a repository.

/// Whether Argo CD lists tags to find a revision.
///
/// A chart's revision that is no version (reposerver/repository/repository.go, newHelmClientResolveRevision); of other OCI
/// artifacts one that can be read as a range, once no tag of that very name was found (util/oci/client.go, resolveRevision).
pub(super) fn lists_tags(chart: bool, revision: &str) -> bool {
    !is_version(revision) && (chart || is_range(revision))
}

/// As `semver.NewVersion` of Masterminds/semver takes it: `1`, `v1.2`, `1.2.3-rc.1+build`.
fn is_version(text: &str) -> bool {
    is_version_of(text, |number| number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// As `semver.NewConstraint` takes it: `1.x`, `>=1.2 <2`, `^1 || ~2.1`, `1.2 - 1.4`. Where in doubt, it is one: without
/// the permission to list, Argo CD couldn't look.
fn is_range(text: &str) -> bool {
    text.split("||").flat_map(|any| any.split([',', ' '])).all(|word| {
        let version = word.trim_matches(|c: char| c.is_whitespace() || "=!<>~^".contains(c));
        let is_wild =
            |number: &str| number.bytes().all(|byte| byte.is_ascii_digit() || b"xX*".contains(&byte));
        version.is_empty() || version == "-" || is_version_of(version, is_wild)
    })
}

fn is_version_of(text: &str, is_number: impl Fn(&str) -> bool) -> bool {
    let text = text.strip_prefix('v').unwrap_or(text);
    let (text, build) = text.split_once('+').map_or((text, None), |(text, build)| (text, Some(build)));
    let (numbers, pre) = text.split_once('-').map_or((text, None), |(text, pre)| (text, Some(pre)));
    let is_identifier =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    numbers.split('.').count() <= 3
        && numbers.split('.').all(|number| !number.is_empty() && is_number(number))
        && [build, pre].into_iter().flatten().all(|part| part.split('.').all(is_identifier))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charts_with_a_version_need_no_list() {
        for version in ["1.2.3", "v1.2.3", "1.2", "1", "1.2.3-rc.1", "1.2.3+build.5", "1.2-alpha"] {
            assert!(!lists_tags(true, version), "{version}");
            assert!(!lists_tags(false, version), "{version}");
        }
    }

    #[test]
    fn ranges_need_one() {
        for range in
            ["*", "1.x", "1.2.*", ">=1.2.0 <2.0.0", "^1.2", "~> 1.2, != 1.2.5", "1 - 3", "^1 || ^2", ""]
        {
            assert!(lists_tags(true, range), "{range}");
            assert!(lists_tags(false, range), "{range}");
        }
    }

    #[test]
    fn a_name_is_looked_for_among_all_tags_of_a_chart_and_taken_as_it_is_of_an_artifact() {
        for name in ["latest", "main", "sha256:0c1d", "1.2.3.4", "release-1"] {
            assert!(lists_tags(true, name), "{name}");
            assert!(!lists_tags(false, name), "{name}");
        }
    }
}
