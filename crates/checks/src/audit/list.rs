//! The only list of checks.

use super::{check::Check, trust};

macro_rules! checks {
    ($($family:ident: [$($check:ident),* $(,)?],)*) => {
        /// All checks, family by family.
        pub const CHECKS: &[Check] = &[$($(
            Check { about: &$family::$check::ABOUT, look: $family::$check::look },
        )*)*];
    };
}

checks! {
    trust: [
        irsa_without_sub,
        irsa_without_aud,
        anybody_may_assume,
        missing_tag_session,
        web_identity_for_service,
    ],
}
