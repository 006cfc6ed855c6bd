//! All names at a glance: services, actions as policies have them, and condition keys, each once and in lower case.

use std::{borrow::Borrow, collections::HashSet, sync::OnceLock};

use super::{GLOBAL_KEYS, data};

/// A name that AWS publishes, in lower case. There is one of each, so that two are the same where they are in the same place.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct Published(Box<str>);

/// The published name that is this text, which is in lower case.
pub(crate) fn published(lower: &str) -> Option<&'static Published> {
    static NAMES: OnceLock<HashSet<Published>> = OnceLock::new();
    NAMES.get_or_init(names).get(lower)
}

impl Published {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Published {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// Read from the rows themselves: parsing all services would take ten times as long.
fn names() -> HashSet<Published> {
    let of_services = data::actions().split("\n\n").skip(1).flat_map(|service| {
        let prefix = service.split('\t').next().unwrap_or_default();
        let names = service.lines().filter_map(move |row| name(prefix, row));
        names.chain([prefix.to_owned()])
    });
    let global = GLOBAL_KEYS.iter().map(|key| key.name.to_lowercase());
    of_services.chain(global).map(|name| Published(name.into())).collect()
}

fn name(prefix: &str, row: &str) -> Option<String> {
    let mut columns = row.split('\t');
    match (columns.next()?, columns.next()?) {
        ("A", action) => Some(format!("{prefix}:{action}").to_lowercase()),
        ("K", key) => Some(key.to_lowercase()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_keys_of_services_and_global_keys_are_published_in_lower_case() {
        for name in ["s3", "s3:getobject", "eks:createaccessentry", "kms:viaservice", "aws:sourcearn"] {
            assert_eq!(published(name).map(Published::as_str), Some(name));
        }
        for name in ["s3:GetObject", "s3:nosuchaction", "aws:principaltag/team", ""] {
            assert_eq!(published(name), None, "{name}");
        }
    }
}
