//! Manifests: read every object of a file, then decode it as what it says it is.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use oarlock_fuzz::{assert_place, assert_problem};

fuzz_target!(|bytes: &[u8]| {
    let file: Arc<str> = "fuzz.yaml".into();
    manifest::read(&file, bytes, &mut |read| match read {
        Err(problem) => assert_problem(&problem, &file, bytes),
        Ok(object) => {
            assert_place(&object.place, &file, bytes);
            assert!(object.place.line > 0, "an object without a line");
            assert!(!object.kind.is_empty(), "an object without kind");
            assert!(
                object.api_version.ends_with(object.version())
                    && object.api_version.starts_with(object.group())
            );
            // Reading has parsed the whole object once, so decoding it into anything can't fail on its syntax; into
            // a type that asks for more it may, at a place.
            if let Err(problem) = object.decode::<serde_json::Value>() {
                assert_problem(&problem, &file, bytes);
            }
            if let Err(problem) = object.decode::<Vec<rbac::PolicyRule>>() {
                assert_problem(&problem, &file, bytes);
            }
        }
    });
});
