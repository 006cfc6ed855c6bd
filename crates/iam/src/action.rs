//! Actions as statements list them, and a quick look at which statements can't be about one.

use crate::{
    Element, Values,
    catalogue::{Published, published},
    name::Name,
    pattern::{Pattern, Reading},
};

/// The action of a request.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// `service:action`
    pub(crate) name: Name,
    pub(crate) service: Name,
    sieve: Sieve,
}

/// Actions, compared without case.
#[derive(Clone, Debug)]
pub(crate) enum ActionPattern {
    All,
    Exactly(&'static Published),
    /// `service:*`
    AllOf(&'static Published),
    /// All others, also what AWS doesn't publish.
    Like(Box<Pattern>),
}

/// Which actions a statement may be about: a bit for the hash of each service, and one for that of each action. A bit that isn't
/// there rules them out; one that is there proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sieve {
    services: u32,
    actions: u32,
}

/// Of actions, which are in lower case by then.
const READING: Reading = Reading { wildcards: true, variables: false, ignores_case: false };

impl Asked {
    pub(crate) fn new(action: &str) -> Self {
        let name = Name::new(action.to_ascii_lowercase());
        let sieve = Sieve::of_name(name.as_str());
        let service = Name::new(service(name.as_str()).to_owned());
        Self { name, service, sieve }
    }
}

impl ActionPattern {
    pub(crate) fn new(text: &str) -> Self {
        let lower = text.to_ascii_lowercase();
        if lower == "*" || lower == "*:*" {
            return Self::All;
        }
        let known = match lower.strip_suffix(":*") {
            Some(service) => published(service).filter(|_| !service.contains(':')).map(Self::AllOf),
            None => published(&lower).map(Self::Exactly),
        };
        known.unwrap_or_else(|| Self::Like(Box::new(Pattern::new(&lower, READING))))
    }

    /// Its form.
    pub(crate) fn pattern(&self) -> Pattern {
        match self {
            Self::All => Pattern::new("*", READING),
            Self::Exactly(name) => Pattern::new(name.as_str(), READING),
            Self::AllOf(service) => Pattern::new(&format!("{}:*", service.as_str()), READING),
            Self::Like(pattern) => Pattern::clone(pattern),
        }
    }

    pub(crate) fn matches(&self, asked: &Asked) -> bool {
        match self {
            Self::All => true,
            Self::Exactly(own) => asked.name.is(own),
            Self::AllOf(own) => asked.service.is(own),
            Self::Like(pattern) => pattern.is_like(asked.name.as_str()),
        }
    }
}

impl Sieve {
    const ALL: Self = Self { services: u32::MAX, actions: u32::MAX };
    const NONE: Self = Self { services: 0, actions: 0 };

    /// Of a statement's actions.
    pub(crate) fn of(actions: &Element<Values>) -> Self {
        match actions {
            Element::AllBut(_) => Self::ALL,
            Element::Only(patterns) => {
                patterns.iter().fold(Self::NONE, |all, one| all.or(Self::of_pattern(one)))
            }
        }
    }

    /// Whether such an action can pass.
    pub(crate) fn passes(self, asked: &Asked) -> bool {
        self.services & asked.sieve.services != 0 && self.actions & asked.sieve.actions != 0
    }

    fn of_pattern(pattern: &str) -> Self {
        match (pattern.find(':'), pattern.find(['*', '?'])) {
            (_, None) => Self::of_name(&pattern.to_ascii_lowercase()),
            (Some(colon), Some(wildcard)) if colon < wildcard => {
                Self { actions: u32::MAX, ..Self::of_name(&pattern.to_ascii_lowercase()) }
            }
            _ => Self::ALL,
        }
    }

    /// Of one action, in lower case.
    fn of_name(action: &str) -> Self {
        Self { services: bit(service(action)), actions: bit(action) }
    }

    fn or(self, other: Self) -> Self {
        Self { services: self.services | other.services, actions: self.actions | other.actions }
    }
}

/// One of 32, by FNV-1a.
fn bit(text: &str) -> u32 {
    let hash =
        text.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    1 << (hash >> 27)
}

fn service(action: &str) -> &str {
    action.split_once(':').map_or("", |(service, _)| service)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACTIONS: [&str; 8] = [
        "s3:GetObject",
        "S3:getobject",
        "s3:PutObject",
        "sts:AssumeRole",
        "own:Thing",
        "own:a:b",
        "s3:",
        "bare",
    ];
    const PATTERNS: [&str; 13] = [
        "*",
        "*:*",
        "s3:*",
        "S3:Get*",
        "s3:getobject",
        "s?:GetObject",
        "*Object",
        "own:*",
        "own:Thing",
        ":*",
        "own:a:*",
        "bare",
        "b*",
    ];

    #[test]
    fn a_sieve_keeps_back_no_action_that_the_pattern_matches() {
        for (pattern, action) in PATTERNS.iter().flat_map(|pattern| ACTIONS.map(|action| (pattern, action))) {
            let asked = Asked::new(action);
            let listed = Element::Only(Values::from([(*pattern).to_owned()]));
            assert!(
                !ActionPattern::new(pattern).matches(&asked) || Sieve::of(&listed).passes(&asked),
                "{pattern} {action}"
            );
            assert!(Sieve::of(&Element::AllBut(Values::new())).passes(&asked), "{action}");
        }
    }

    #[test]
    fn patterns_match_as_a_glob_does_without_case() {
        let reading = Reading { wildcards: true, variables: false, ignores_case: true };
        for (pattern, action) in PATTERNS.iter().flat_map(|pattern| ACTIONS.map(|action| (pattern, action))) {
            let glob = if *pattern == "*:*" { "*" } else { pattern };
            let wanted = Pattern::new(glob, reading).is_like(action);
            assert_eq!(
                ActionPattern::new(pattern).matches(&Asked::new(action)),
                wanted,
                "{pattern} {action}"
            );
        }
    }

    #[test]
    fn a_sieve_keeps_back_actions_of_other_services() {
        let listed = Element::Only(Values::from(["s3:Get*".to_owned()]));
        assert!(!Sieve::of(&listed).passes(&Asked::new("sts:AssumeRole")));
    }
}
