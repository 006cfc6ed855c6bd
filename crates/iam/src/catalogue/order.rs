//! The order of names, in which case makes no difference.

use std::cmp::Ordering;

pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let folded = |byte: u8| byte.to_ascii_lowercase();
    a.bytes().map(folded).cmp(b.bytes().map(folded))
}

/// The one of that name, among some that are in the order of their names.
pub(super) fn find<'s, T>(sorted: &'s [T], name: &str, of: impl Fn(&T) -> &str) -> Option<&'s T> {
    sorted.binary_search_by(|one| compare(of(one), name)).ok().and_then(|at| sorted.get(at))
}
