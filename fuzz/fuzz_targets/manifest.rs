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
            match object.decode::<serde_json::Value>() {
                Err(problem) => assert_problem(&problem, &file, bytes),
                // The header is read apart from the body, by a shorter way where there is one: both must agree.
                Ok(whole) => {
                    let metadata = whole.get("metadata");
                    let name = metadata.and_then(|metadata| metadata.get("name"));
                    if let Some(name) = name.and_then(|name| name.as_str()).filter(|name| !name.is_empty()) {
                        assert_eq!(object.metadata.name.as_deref(), Some(name));
                    }
                    if let Some(kind) =
                        whole.get("kind").and_then(|kind| kind.as_str()).filter(|k| !k.is_empty())
                    {
                        assert_eq!(object.kind, kind);
                    }
                }
            }
            if let Err(problem) = object.decode::<Vec<rbac::PolicyRule>>() {
                assert_problem(&problem, &file, bytes);
            }
        }
    });
});
