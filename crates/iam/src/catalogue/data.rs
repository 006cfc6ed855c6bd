//! The embedded files, each unpacked once.

use std::{io::Read, sync::OnceLock};

use flate2::read::GzDecoder;

static ACTIONS: &[u8] = include_bytes!("../../data/actions.tsv.gz");
static MANAGED_POLICIES: &[u8] = include_bytes!("../../data/managed-policies.tsv.gz");

/// The text of `actions.tsv.gz`: its head, then after an empty line each the services.
pub(super) fn actions() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| unpacked(ACTIONS))
}

/// The text of `managed-policies.tsv.gz`: its head, then after an empty line one policy a line.
pub(super) fn managed_policies() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| unpacked(MANAGED_POLICIES))
}

pub(super) fn version() -> &'static str {
    actions().lines().find_map(|line| line.strip_prefix("version\t")).unwrap_or_default()
}

/// Nothing where the file is broken; the tests of the catalogue say that it isn't.
fn unpacked(file: &[u8]) -> String {
    let mut text = String::new();
    match GzDecoder::new(file).read_to_string(&mut text) {
        Ok(_) => text,
        Err(_) => String::new(),
    }
}
