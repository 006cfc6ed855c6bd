//! Values that remember where they were written.

use std::{cell::Cell, ops::Deref, sync::Arc};

use facts::Place;
use serde::{Deserialize, Deserializer, de::Error};
use serde_saphyr::Spanned;

thread_local! {
    /// The lines of the file before the text that is being parsed; none while JSON is read, which tells no places.
    static LINES_BEFORE: Cell<Option<u32>> = const { Cell::new(Some(0)) };
}

/// A value and where it stands, for messages about values that are well-formed but wrong.
///
/// Inside of `#[serde(flatten)]` and untagged enums the place is lost: line and column are 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// 1-based line in the file.
    pub line: u32,
    /// 1-based column in characters.
    pub column: u32,
}

impl<T> Located<T> {
    /// The place, in the file that was read.
    pub fn place(&self, file: &Arc<str>) -> Place {
        Place::new(Arc::clone(file), self.line, self.column)
    }
}

impl<T> Deref for Located<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Located<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let before = LINES_BEFORE.get().ok_or_else(|| D::Error::custom("no places here"))?;
        let Spanned { value, referenced, .. } = Spanned::deserialize(deserializer)?;
        let line = small(referenced.line());
        let line = if line == 0 { 0 } else { line.saturating_add(before) };
        Ok(Self { value, line, column: small(referenced.column()) })
    }
}

/// Runs a deserialization whose text begins after so many lines of the file.
pub(crate) fn after_lines<R>(before: Option<u32>, run: impl FnOnce() -> R) -> R {
    struct Restore(Option<u32>);
    impl Drop for Restore {
        fn drop(&mut self) {
            LINES_BEFORE.set(self.0);
        }
    }
    let _restore = Restore(LINES_BEFORE.replace(before));
    run()
}

pub(crate) fn small(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
