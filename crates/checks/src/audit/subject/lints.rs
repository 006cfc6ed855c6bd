//! What `iam`'s lint says of policies: of equal texts it is asked once, since platforms write the same document for thousands of roles.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// What was said so far, by text and kind.
#[derive(Debug, Default)]
pub(crate) struct Lints(Mutex<HashMap<(iam::Kind, Arc<str>), Remarks>>);

type Remarks = Arc<[iam::Remark]>;

impl Lints {
    /// All remarks on a document.
    pub(crate) fn of(&self, text: &str, kind: iam::Kind) -> Remarks {
        let key = (kind, Arc::from(text));
        if let Some(known) = self.known(&key) {
            return known;
        }
        // Others may ask the same meanwhile: the answer is the same.
        let remarks: Remarks = iam::lint(text, kind).into();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key, Arc::clone(&remarks));
        remarks
    }

    fn known(&self, key: &(iam::Kind, Arc<str>)) -> Option<Remarks> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_of_one_kind_are_read_once() {
        let lints = Lints::default();
        let text = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObjects", "Resource": "*"}}"#;
        let first = lints.of(text, iam::Kind::Identity);
        assert!(Arc::ptr_eq(&first, &lints.of(text, iam::Kind::Identity)));
        assert_eq!(&*first, iam::lint(text, iam::Kind::Identity));
        assert_eq!(&*lints.of(text, iam::Kind::Trust), iam::lint(text, iam::Kind::Trust));
    }
}
